//! What people write who come from Keras or PyTorch, and what it is here.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind, Ident};

use super::context::Context;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit, Fix};
use crate::{activations, functions, layers};

/// Calls of other libraries that no function stands for here, and what does.
const CALLS: &[(&[&str], &str)] = &[
    (
        &["compile", "fit", "evaluate", "predict"],
        "a model is trained by a `train` declaration of its own: `train digits { model: Digits, … }`",
    ),
    (&["add", "subtract", "multiply", "divide"], "arithmetic has its signs: `a + b`, `a - b`, `a * b`, `a / b`"),
    (
        &["view", "unsqueeze", "squeeze", "expand_dims"],
        "`reshape(x, [28, 28, 1])` gives other dimensions; the batch is left out",
    ),
    (&["flatten"], "`Flatten()` is a layer: it stands on a line of its own, or as `x |> Flatten()`"),
    (&["cat", "concatenate"], "`concat(a, b, axis=-1)` puts tensors together"),
    (
        &["print", "len", "enumerate", "zip", "map"],
        "a model is described, not run: `repeat 3 as i { … }` is the one loop there is",
    ),
];

/// Layers of PyTorch that are told what goes into them, and with how many values by their places that is the first.
const TOLD: &[(&[&str], usize)] = &[
    (&["Linear"], 2),
    (&["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"], 3),
    (&["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm2d", "LayerNorm"], 1),
];

/// Parameters and settings of other libraries that no one parameter stands for here, and what does.
const SETTINGS: &[(&[&str], &str)] = &[
    (&["betas"], "the two are parameters of their own: `beta_1=0.9, beta_2=0.999`"),
    (
        &["callbacks"],
        "each has a setting of its own: `early_stopping: { monitor: val_loss, patience: 3 }`, `schedule: cosine()`",
    ),
    (&["verbose", "progress"], "`ndsl train` shows every epoch by itself"),
    (
        &["num_workers", "workers", "pin_memory", "device_map"],
        "data are read as fast as they are used; nothing is set for it",
    ),
];

/// Parameters that tell a layer elsewhere the size of what goes in.
const SIZES: &[&str] = &[
    "in_channels",
    "in_features",
    "num_features",
    "num_channels",
    "normalized_shape",
    "input_size",
    "input_dim",
    "input_shape",
    "input_length",
    "batch_input_shape",
    "batch_first",
];

/// What to say of a parameter or setting of another library.
pub fn setting(name: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|(names, _)| names.contains(&name)).map(|(_, help)| *help)
}

/// Whether a parameter tells elsewhere what is known here: the size of what goes in.
pub fn is_size(name: &str) -> bool {
    SIZES.contains(&name)
}

/// What Python's word for a value is here; nothing stands for `None`.
pub fn value(name: &str) -> Option<Option<&'static str>> {
    match name {
        "True" | "TRUE" => Some(Some("true")),
        "False" | "FALSE" => Some(Some("false")),
        "None" | "NULL" | "nil" | "undefined" => Some(None),
        _ => None,
    }
}

/// What to say of a call of another library's function.
pub fn foreign(name: &str) -> Option<&'static str> {
    CALLS.iter().find(|(names, _)| names.contains(&name)).map(|(_, help)| *help)
}

/// Offers to leave out what PyTorch's layer `name` is told and ours knows: the size of what goes in.
pub fn without_size(fault: Diagnostic, name: &str, arguments: &[Argument]) -> Diagnostic {
    let placed: Vec<&Argument> = arguments.iter().take_while(|argument| argument.name.is_none()).collect();
    let told = TOLD.iter().find(|(names, least)| names.contains(&name) && placed.len() >= *least);
    let (Some(_), Some(first)) = (told, placed.first()) else { return fault };
    let mut fault = fault.help("the size of what goes in is known, and not written");
    let end = arguments.get(1).map_or(first.span.end, |second| second.span.start);
    // With three numbers it could be ours too, its name misspelt.
    let sure = !name.starts_with("Conv");
    for fix in &mut fault.fixes {
        fix.applicability = if sure { fix.applicability } else { Applicability::Guess };
        fix.edits.push(Edit { span: Span { end, ..first.span }, text: String::new() });
        fix.title += ", without the size of what goes in";
    }
    fault
}

impl Context<'_> {
    /// `x.flatten()`, `F.relu(x)`: what is called stands behind a dot.
    pub fn behind_a_dot(&self, fault: Diagnostic, base: &Expr, name: &Ident, whole: Span) -> Diagnostic {
        let value = self.names.text(base.span);
        let layer = layers::LAYERS.iter().map(|def| def.signature.name);
        let layer = layer.into_iter().find(|known| known.eq_ignore_ascii_case(&name.text));
        let function = functions::find(&name.text).is_some() || activations::find(&name.text).is_some();
        let a_value = matches!(&base.kind, ExprKind::Name(word) if word == "it" || self.scope.contains_key(word));
        if matches!(&base.kind, ExprKind::Name(word) if word == "self") {
            let mut fault = fault;
            fault.message = "there is no `self`: a layer is applied where it stands".to_owned();
            return fault.label("not a layer").help(format!(
                "`Dense(64)` on a line of its own is applied to the current value; `share {0} = Dense(64)` names one that is used \
                 several times: `x |> {0}()`",
                name.text
            ));
        }
        // `nn.Linear`, `torch.cat`: both the prefix and the name are another library's.
        let elsewhere =
            layers::find_alias(&name.text).map(|def| def.signature.name).or(functions::find_alias(&name.text));
        if let (None, false, false, Some(meant)) = (layer, function, a_value, elsewhere) {
            let written = self.names.text(whole);
            let noun = if name.text.starts_with(char::is_uppercase) { "layer" } else { "function" };
            let mut fault = Diagnostic::new(Code::UnknownLayer, whole, format!("there is no {noun} `{written}`"));
            if noun == "function" {
                fault = Diagnostic::new(Code::UnknownFunction, whole, fault.message);
            }
            return fault.label(format!("called `{meant}` here")).help("layers and functions have no prefix").fix(
                format!("replace `{written}` with `{meant}`"),
                whole,
                meant,
                Applicability::Safe,
            );
        }
        if let (ExprKind::Call { .. }, true) = (&base.kind, layer.is_some() || function) {
            let called = layer.unwrap_or(&name.text);
            let dot = Span { start: base.span.end, end: name.span.end, ..whole };
            return fault.help("a value goes on by `|>`").fix(
                format!("write `|> {called}`"),
                dot,
                format!(" |> {called}"),
                Applicability::Guess,
            );
        }
        match (layer, function) {
            (Some(layer), _) if a_value => {
                let fault = fault.help("a layer is applied by `|>`, or by standing on a line of its own");
                let from = Span { start: base.span.start, end: name.span.end, ..whole };
                fault.fix(
                    format!("write `{value} |> {layer}(…)`"),
                    from,
                    format!("{value} |> {layer}"),
                    Applicability::Guess,
                )
            }
            (_, true) if a_value => {
                fault.help(format!("a function has its values between its brackets: `{}({value})`", name.text))
            }
            (_, true) | (Some(_), _) => fault.help("layers and functions have no prefix").fix(
                format!("write `{}(…)`", name.text),
                Span { start: base.span.start, end: name.span.start, ..whole },
                "",
                Applicability::Guess,
            ),
            _ => fault.help(format!("layers and functions have no prefix: `{}(…)`", name.text)),
        }
    }

    /// `Dense(64)(x)`, the layer and then what it is applied to; `rebinds` is the whole statement `x = Dense(64)(x)`.
    pub fn applied_behind(
        &self,
        layer: &Expr,
        arguments: &[Argument],
        whole: Span,
        rebinds: Option<Span>,
    ) -> Diagnostic {
        let written = self.names.text(layer.span);
        let mut fault = Diagnostic::new(
            Code::WrongType,
            Span { start: layer.span.end, ..whole },
            "a layer is not called with what it is applied to",
        )
        .label("stands before the layer, or is the current value");
        let (title, span, text) = match (rebinds, arguments) {
            (Some(statement), [_]) => {
                (format!("write `{written}` on a line of its own"), statement, written.to_owned())
            }
            (None, [one]) => {
                let text = format!("{} |> {written}", self.names.text(one.value.span));
                (format!("write `{text}`"), whole, text)
            }
            _ => return fault.help("`x |> Dense(10)` gives a layer another value than the current one"),
        };
        if text.contains('\n') {
            return fault;
        }
        fault.fixes.push(Fix { title, edits: vec![Edit { span, text }], applicability: Applicability::Guess });
        fault
    }
}

/// The layer in `Dense(64)(x)` and what stands behind it.
pub fn behind(value: &Expr) -> Option<(&Expr, &[Argument])> {
    let ExprKind::Call { callee, arguments, .. } = &value.kind else { return None };
    let ExprKind::Call { callee: layer, .. } = &callee.kind else { return None };
    matches!(&layer.kind, ExprKind::Name(name) if name.starts_with(char::is_uppercase)).then_some((callee, arguments))
}
