//! The reference as Markdown, made of the definitions that the checker reads.

use std::fmt::Write;

use crate::activations::ACTIVATIONS;
use crate::functions::FUNCTIONS;
use crate::initializers::INITIALIZERS;
use crate::layers::LAYERS;
use crate::regularizers::REGULARIZERS;
use crate::settings::augmentations::AUGMENTATIONS;
use crate::settings::deploy::DEPLOY;
use crate::settings::losses;
use crate::settings::metrics::METRICS;
use crate::settings::optimizers::OPTIMIZERS;
use crate::settings::provider::PROVIDER;
use crate::settings::schedules::SCHEDULES;
use crate::settings::sources::{SOURCES, TOKENS};
use crate::settings::synthesizer::{MEASURES, METHODS, SYNTHESIZER};
use crate::settings::train::{STEP, TRAIN, VALIDATIONS};
use crate::settings::tune::TUNE;
use crate::settings::units::UNITS;
use crate::signature::{Default, Kind, Methods, Signature};

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
    /// It stands in the text, not as a program.
    None,
}

/// What is said of a part that is checked and not carried out.
const NOT_YET: &str = "This version checks it and cannot run it yet.";

/// Every page of the reference.
pub fn pages() -> Vec<Page> {
    let plain = |signature: &'static Signature| (signature, &[][..]);
    let mut pages = vec![
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
             it is averaged too. Losses may be weighted and added, `mse(out, image) + 0.1 * kl_normal(mean, log_variance)`, and \
             any expression over outputs and columns is one: `(output - price) ** 2`.",
            Example::Fragment,
            losses::all().map(|loss| (&loss.signature, loss.aliases)),
        ),
        methods(
            "metrics",
            "Metrics",
            "The `metrics` of a `train` declaration, named in a list. They are measured after each epoch and move no weights.",
            Example::Fragment,
            &METRICS,
        ),
        methods(
            "optimizers",
            "Optimizers",
            "The `optimizer` of a `train` declaration. Names and defaults are Keras's.",
            Example::Fragment,
            &OPTIMIZERS,
        ),
        methods(
            "schedules",
            "Schedules",
            "The `schedule` of a `train` declaration: how the learning rate goes on from step to step.",
            Example::Fragment,
            &SCHEDULES,
        ),
        methods(
            "augmentations",
            "Augmentations",
            "What `augment` of a `train` declaration does to images, in the order it is listed.",
            Example::Fragment,
            &AUGMENTATIONS,
        ),
        methods(
            "datasets",
            "Sources of data",
            "What stands after the `=` of a `dataset` declaration.",
            Example::Program,
            &SOURCES,
        )
        .and(nested_methods(&TOKENS)),
        page("train", "Training", "The settings of a `train` declaration.", Example::Fragment, [plain(&TRAIN)])
            .and(records(&TRAIN))
            .and(nested_methods(&VALIDATIONS))
            .and(section(&STEP, &[], Example::None, false))
            .and(section(&TUNE, &[], Example::Fragment, false)),
        page(
            "synthesizer",
            "Synthesizing",
            "The settings of a `synthesizer` declaration. This version checks them, and draws nothing yet.",
            Example::Fragment,
            [plain(&SYNTHESIZER)],
        )
        .and(records(&SYNTHESIZER))
        .and(nested_methods(&METHODS))
        .and(nested_methods(&MEASURES)),
        page(
            "deploy",
            "Serving",
            "The settings of a `deploy` declaration. This version checks them, and serves nothing yet.",
            Example::Fragment,
            [plain(&DEPLOY)],
        )
        .and(records(&DEPLOY)),
        page(
            "provider",
            "Providers",
            "The settings of a `provider` declaration. This version checks them, and asks nothing yet.",
            Example::Fragment,
            [plain(&PROVIDER)],
        )
        .and(records(&PROVIDER)),
        units(),
    ];
    pages.extend(crate::schema::reference::pages());
    pages
}

/// Where a definition stands in `pages`: its page, and the line of its heading, from 0.
pub fn place<'p>(pages: &'p [Page], signature: &Signature) -> Option<(&'p Page, usize)> {
    let of_rows = format!("{} of rows", signature.name);
    pages.iter().find_map(|page| {
        let mut at = 0;
        // Two things of one name, such as an activation and a column's function, are told apart by what they do.
        for section in page.markdown.split("\n## ") {
            let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
            if (heading == signature.name || heading == of_rows) && body.contains(signature.summary) {
                return Some((page, at));
            }
            at += section.matches('\n').count() + 1;
        }
        None
    })
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
        markdown += &section(signature, aliases, example, false);
    }
    Page { name, markdown }
}

/// A page of things one of which is chosen.
fn methods(name: &'static str, title: &str, introduction: &str, example: Example, methods: &'static Methods) -> Page {
    let mut markdown = format!("# {title}\n\n{introduction}\n");
    for method in methods.all {
        markdown.push('\n');
        // That nothing of a page runs is said at its head, if at all.
        markdown += &section(&method.signature, method.aliases, example, !method.runs);
    }
    Page { name, markdown }
}

/// Things one of which is chosen inside another setting.
fn nested_methods(methods: &'static Methods) -> String {
    let all = methods.all.iter().map(|method| section(&method.signature, method.aliases, Example::None, false));
    all.collect::<Vec<_>>().join("\n")
}

/// The settings between braces that a declaration's settings take.
fn records(signature: &'static Signature) -> String {
    let nested = signature.parameters.iter().filter_map(|parameter| match parameter.kind {
        Kind::Record(nested) => Some(section(nested, &[], Example::None, false)),
        _ => None,
    });
    nested.collect::<Vec<_>>().join("\n")
}

fn units() -> Page {
    let mut markdown = "# Units\n\nA number with its unit glued to it, `30s`, is a quantity. Percents are shares of one: `30%` is `0.3`.\n\n\
                        | Unit | Measures | Elsewhere |\n|---|---|---|"
        .to_owned();
    for unit in UNITS {
        _ = write!(markdown, "\n| `{}` | {} | {} |", unit.name, unit.measure.noun(), names(unit.aliases));
    }
    markdown.push('\n');
    Page { name: "units", markdown }
}

impl Page {
    /// The same with more sections.
    fn and(mut self, sections: String) -> Self {
        _ = write!(self.markdown, "\n{sections}");
        self
    }
}

/// A definition as a section: its name, what it does, its parameters, an example and the names that others give it.
fn section(signature: &Signature, aliases: &[&str], example: Example, later: bool) -> String {
    let mut out = format!("## {}\n\n{}\n", signature.name, body(signature));
    if later {
        _ = write!(out, "\n{NOT_YET}\n");
    }
    if !signature.example.is_empty() {
        // Writing to a string does not fail.
        _ = match example {
            Example::Program => write!(out, "\n```ndsl\n{}\n```\n", signature.example),
            Example::Fragment => write!(out, "\n```ndsl fragment\n{}\n```\n", signature.example),
            Example::None => write!(out, "\nFor example `{}`.\n", signature.example.replace('\n', " ")),
        };
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
    if !is_settings(signature) {
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
                Default::RequiredWithout(other) => format!("required without `{other}`"),
                Default::Absent(meaning) => meaning.to_owned(),
                given => format!("`{}`", parameter.written(&given)),
            };
            let mut summary = parameter.summary.to_owned();
            if !parameter.aliases.is_empty() {
                _ = write!(summary, " Elsewhere: {}.", names(parameter.aliases));
            }
            if parameter.later {
                let later = match parameter.default {
                    Default::Absent(_) => NOT_YET,
                    _ => "This version checks it and can run the default alone.",
                };
                _ = write!(summary, " {later}");
            }
            let cells = [format!("`{}`", parameter.name), parameter.kind.to_string(), default, summary];
            _ = write!(out, "\n| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
    }
    out
}

/// Whether something is written between braces, one setting a line.
fn is_settings(signature: &Signature) -> bool {
    let declarations = [&TRAIN, &SYNTHESIZER, &DEPLOY, &PROVIDER];
    let nested = |declaration: &&Signature| {
        let mut kinds = declaration.parameters.iter().map(|parameter| parameter.kind);
        kinds.any(|kind| matches!(kind, Kind::Record(nested) if nested == signature))
    };
    *signature == STEP || declarations.contains(&signature) || declarations.iter().any(nested)
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
