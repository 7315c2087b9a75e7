//! What the definitions of the language want at a place: which setting or parameter it is the value of.

use ndsl_compiler::settings::deploy::DEPLOY;
use ndsl_compiler::settings::provider::PROVIDER;
use ndsl_compiler::settings::sources::SOURCES;
use ndsl_compiler::settings::synthesizer::{MEASURES, SYNTHESIZER};
use ndsl_compiler::settings::train::TRAIN;
use ndsl_compiler::settings::{losses, metrics};
use ndsl_compiler::signature::{Kind, Parameter, Signature};

use super::callee::built_in;
use super::context::{Bracket, Context, Frame};

/// What wants a value at a place.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What takes it.
    pub signature: &'static Signature,
    /// For which of its parameters; nothing where that is still to be said.
    pub parameter: Option<&'static Parameter>,
}

/// What a declaration of settings takes.
fn declared(keyword: &str) -> Option<&'static Signature> {
    Some(match keyword {
        "train" => &TRAIN,
        "synthesizer" => &SYNTHESIZER,
        "deploy" => &DEPLOY,
        "provider" => &PROVIDER,
        _ => return None,
    })
}

/// What wants the value, or the name of the setting, that is being written.
pub fn wanted(context: &Context, text: &str) -> Option<Wanted> {
    wanted_in(context, text, &context.frames)
}

/// What stands before the opening bracket of a call, where the language itself says what may.
pub fn called(context: &Context, text: &str, frame: &Frame) -> Option<&'static Signature> {
    let place = context.frames.iter().position(|known| known.open == frame.open)?;
    let outside = wanted_in(context, text, &context.frames[..place]);
    of_call(context, text, outside, &text[frame.head.clone()?], place == 0)
}

fn wanted_in(context: &Context, text: &str, frames: &[Frame]) -> Option<Wanted> {
    let keyword = context.keyword(text)?;
    let mut wanted: Option<Wanted> = None;
    for (place, frame) in frames.iter().enumerate() {
        let name = frame.name.as_ref().map(|name| &text[name.clone()]);
        wanted = match (frame.bracket, &frame.head) {
            (Bracket::Curly, _) => {
                let signature = match wanted {
                    None if place == 0 => declared(keyword),
                    None => None,
                    Some(outer) => match outer.parameter.map(|parameter| parameter.kind) {
                        Some(Kind::Record(signature)) => Some(signature),
                        _ => None,
                    },
                };
                signature
                    .map(|signature| Wanted { signature, parameter: name.and_then(|name| signature.parameter(name)) })
            }
            // A list holds what its setting takes.
            (Bracket::Square, _) | (Bracket::Round, None) => wanted,
            (Bracket::Round, Some(head)) if text[head.clone()] == *"tune" && name.is_none() => wanted,
            (Bracket::Round, Some(head)) => {
                of_call(context, text, wanted, &text[head.clone()], place == 0).map(|signature| {
                    let parameter = match name {
                        Some(name) => signature.parameter(name),
                        None => signature.by_place().nth(frame.index),
                    };
                    Wanted { signature, parameter }
                })
            }
        };
    }
    wanted
}

/// What a name means where a certain value is wanted.
fn of_call(
    context: &Context,
    text: &str,
    outside: Option<Wanted>,
    name: &str,
    is_outermost: bool,
) -> Option<&'static Signature> {
    if is_outermost && context.keyword(text) == Some("dataset") {
        return SOURCES.find(name).map(|method| &method.signature);
    }
    let parameter = outside.and_then(|outside| outside.parameter);
    let chosen = match parameter.map(|parameter| (parameter.name, parameter.kind)) {
        Some((_, Kind::Method(methods) | Kind::Several(methods))) => methods.find(name).map(|method| &method.signature),
        Some(("loss", Kind::Special(_))) => losses::find(name).map(|def| &def.signature),
        Some(("metrics", Kind::Special(_))) => metrics::METRICS.find(name).map(|method| &method.signature),
        Some(("require", Kind::Special(_))) => MEASURES.find(name).map(|method| &method.signature),
        Some((_, Kind::Initializer)) => ndsl_compiler::initializers::find(name).map(|def| &def.signature),
        Some((_, Kind::Regularizer)) => ndsl_compiler::regularizers::find(name).map(|def| &def.signature),
        _ => None,
    };
    chosen.or_else(|| built_in(name))
}

/// Whether a call stands where an activation is wanted, and not where it is applied to a tensor.
pub fn is_activation(context: &Context, text: &str, frame: &Frame) -> bool {
    let Some(place) = context.frames.iter().position(|known| known.open == frame.open) else { return false };
    let wanted = wanted_in(context, text, &context.frames[..place]);
    wanted.and_then(|wanted| wanted.parameter).is_some_and(|parameter| parameter.kind == Kind::Activation)
}
