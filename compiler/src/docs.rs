//! The reference as Markdown, made of the definitions that the checker reads.

use std::fmt::Write;

use crate::activations::ACTIVATIONS;
use crate::datasets::SOURCES;
use crate::functions::FUNCTIONS;
use crate::initializers::INITIALIZERS;
use crate::layers::LAYERS;
use crate::losses::LOSSES;
use crate::metrics::METRICS;
use crate::optimizers::OPTIMIZERS;
use crate::regularizers::REGULARIZERS;
use crate::signature::{Default, Signature};
use crate::train::TRAIN;

/// One page of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its file's name without the ending.
    pub name: &'static str,
    /// Its text.
    pub markdown: String,
}

/// What an example is: a whole program, or a part of one.
#[derive(Clone, Copy)]
enum Example {
    Program,
    Fragment,
}

/// Every page of the reference.
pub fn pages() -> Vec<Page> {
    let plain = |signature: &'static Signature| (signature, &[][..]);
    vec![
        page(
            "layers",
            "Layers",
            "A layer is a capitalised call. As a statement it is applied to the current value, which it replaces; after `|>` \
             it is applied to the value before it. Names and defaults are Keras's, and images are channels-last: `[height, \
             width, channels]`. Shapes are written without the batch.",
            Example::Fragment,
            LAYERS.iter().map(|layer| (&layer.signature, layer.aliases)),
        ),
        page(
            "activations",
            "Activations",
            "An activation is named where one is expected, `Dense(64, activation=relu)`, also between quotes, or called there \
             with its own parameters. As a function it takes the tensor first: `relu(it)`, `leaky_relu(it, negative_slope=0.1)`, \
             `it |> relu()`. Names, formulas and defaults are those of Keras 3.",
            Example::Fragment,
            ACTIVATIONS.iter().map(|activation| plain(&activation.signature)),
        ),
        page(
            "initializers",
            "Initializers",
            "How a weight starts: the `kernel_initializer`, `bias_initializer` and so on of a layer, by name, or called with its \
             own parameters. Names, formulas and defaults are those of Keras 3. What is drawn follows from the `seed` of the training and the \
             weight's name.",
            Example::Fragment,
            INITIALIZERS.iter().map(|initializer| plain(&initializer.signature)),
        ),
        page(
            "regularizers",
            "Regularizers",
            "What a weight adds to the loss: the `kernel_regularizer`, `bias_regularizer` and so on of a layer, by name, or called \
             with its own parameters. Names, formulas and defaults are those of Keras 3.",
            Example::Fragment,
            REGULARIZERS.iter().map(|regularizer| plain(&regularizer.signature)),
        ),
        page(
            "functions",
            "Functions",
            "A function is a lower-case call with its arguments written out; `x |> f(…)` gives it the first one. The activations \
             are functions too.",
            Example::Fragment,
            FUNCTIONS.iter().map(|function| plain(&function.signature)),
        ),
        page(
            "losses",
            "Losses",
            "The `loss` of a `train` declaration. A loss is computed for every row and averaged over the batch; over other axes \
             it is averaged too.",
            Example::Fragment,
            LOSSES.iter().map(|loss| plain(&loss.signature)),
        ),
        page(
            "metrics",
            "Metrics",
            "The `metrics` of a `train` declaration, named in a list. They are measured after each epoch and move no weights.",
            Example::Fragment,
            METRICS.iter().map(|metric| plain(&metric.signature)),
        ),
        page(
            "optimizers",
            "Optimizers",
            "The `optimizer` of a `train` declaration. Names and defaults are Keras's.",
            Example::Fragment,
            OPTIMIZERS.iter().map(|optimizer| plain(&optimizer.signature)),
        ),
        page(
            "datasets",
            "Sources of data",
            "What stands after the `=` of a `dataset` declaration.",
            Example::Program,
            SOURCES.iter().map(|source| plain(source)),
        ),
        page("train", "Training", "The settings of a `train` declaration.", Example::Fragment, [plain(&TRAIN)]),
    ]
}

fn page(
    name: &'static str,
    title: &str,
    introduction: &str,
    example: Example,
    definitions: impl IntoIterator<Item = (&'static Signature, &'static [&'static str])>,
) -> Page {
    let mut markdown = format!("# {title}\n\n{introduction}\n");
    for (signature, aliases) in definitions {
        markdown.push('\n');
        markdown += &section(signature, aliases, example);
    }
    Page { name, markdown }
}

/// A definition as a section: its name, what it does, its parameters, an example and the names that others give it.
fn section(signature: &Signature, aliases: &[&str], example: Example) -> String {
    let mut out = format!("## {}\n\n{}\n", signature.name, body(signature));
    if !signature.example.is_empty() {
        let fence = match example {
            Example::Program => "ndsl",
            Example::Fragment => "ndsl fragment",
        };
        // Writing to a string does not fail.
        _ = write!(out, "\n```{fence}\n{}\n```\n", signature.example);
    }
    if !aliases.is_empty() {
        _ = write!(out, "\nElsewhere: {}.\n", names(aliases));
    }
    out
}

/// What there is to say of a definition, without its name as a heading: its form, what it does, and its parameters.
pub fn body(signature: &Signature) -> String {
    let mut out = String::new();
    // Settings stand one to a line between braces; everything else is called.
    if signature.name != TRAIN.name {
        _ = write!(out, "`{}`\n\n", signature.synopsis());
    }
    out += signature.summary;
    if !signature.details.is_empty() {
        _ = write!(out, " {}", signature.details);
    }
    if !signature.parameters.is_empty() {
        out += "\n\n| Name | Takes | Default | |\n|---|---|---|---|";
        for parameter in signature.parameters {
            let default = match parameter.default {
                Default::Required => "required".to_owned(),
                Default::Absent(meaning) => meaning.to_owned(),
                given => format!("`{given}`"),
            };
            let mut summary = parameter.summary.to_owned();
            if !parameter.aliases.is_empty() {
                _ = write!(summary, " Elsewhere: {}.", names(parameter.aliases));
            }
            let cells = [format!("`{}`", parameter.name), parameter.kind.to_string(), default, summary];
            _ = write!(out, "\n| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
    }
    out
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
