//! What the declarations of training, synthesizing and serving take: every setting, method, loss and metric is defined once here.
//!
//! The checker, hover, completion and the reference read these tables. A setting that is defined and that this version's
//! runtime cannot carry out yet is marked so ([`crate::signature::Parameter::later`], [`crate::signature::Method::later`]):
//! it is checked to the last token, and refused when it is to be run, unless it asks for what happens anyway.

pub mod augmentations;
pub mod deploy;
pub mod losses;
pub mod metrics;
pub mod optimizers;
pub mod provider;
pub mod schedules;
pub mod sources;
pub mod synthesizer;
pub mod train;
pub mod tune;
pub mod units;

use crate::signature::{Bounds, Default, Kind, Method, Parameter, Signature};

/// `env("NAME")`
pub const ENV: Signature = Signature {
    name: "env",
    summary: "A variable of the environment, read when the declaration is used.",
    details: "What is secret, or differs from machine to machine, never stands in a file.",
    parameters: &[Parameter::new("name", Kind::Text, Default::Required, "The variable.")],
    example: "key: env(\"LLM_KEY\")",
};

const fn signature(
    name: &'static str,
    summary: &'static str,
    details: &'static str,
    parameters: &'static [Parameter],
    example: &'static str,
) -> Signature {
    Signature { name, summary, details, parameters, example }
}

/// A method that its summary says all of.
const fn method(
    name: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    example: &'static str,
) -> Method {
    Method::new(signature(name, summary, "", parameters, example))
}

/// A method that is checked and not carried out yet.
const fn later(
    name: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    example: &'static str,
) -> Method {
    Method::later(signature(name, summary, "", parameters, example))
}

const fn int(name: &'static str, min: i64, default: i64, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Int { min }, Default::Int(default), summary)
}

const fn float(name: &'static str, bounds: Bounds, default: f64, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Float(bounds), Default::Float(default), summary)
}

const fn truth(name: &'static str, default: bool, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Bool, Default::Bool(default), summary)
}

const fn word(
    name: &'static str,
    words: &'static [&'static str],
    default: &'static str,
    summary: &'static str,
) -> Parameter {
    Parameter::new(name, Kind::Choice(words), Default::Word(default), summary)
}

const fn absent(name: &'static str, kind: Kind, meaning: &'static str, summary: &'static str) -> Parameter {
    Parameter::new(name, kind, Default::Absent(meaning), summary)
}

const fn required(name: &'static str, kind: Kind, summary: &'static str) -> Parameter {
    Parameter::new(name, kind, Default::Required, summary)
}
