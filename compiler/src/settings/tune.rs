//! `tune(…)`: a constant that is to be searched for.

use super::{absent, word};
use crate::signature::{Bounds, Kind, Parameter, Signature};

/// `tune(16, 32, 64)`, `tune(16..=128, step=16)`, `tune(1e-4..1e-2, scale=log)`
pub const TUNE: Signature = Signature {
    name: "tune",
    summary: "A constant that a search is to find: one of those listed, or one of a range.",
    details: "Stands wherever a constant may, and is one variable for each place it is written. `tune(16, 32, 64)` lists the \
              choices, which may be numbers, truth values, words or calls. `tune(16..=128, step=16)` goes in steps; \
              `tune(1e-4..1e-2, scale=log)` takes any number between, as likely to be small as large. Wherever one value is \
              wanted, in `check` or in compiling, the first choice stands.",
    parameters: &[STEP, SCALE],
    example: "model: Digits(width=tune(16, 32, 64))",
};

const STEP: Parameter = absent(
    "step",
    Kind::Float(Bounds::POSITIVE),
    "1 for whole numbers, any number between for others",
    "From one choice of a range to the next.",
);

const SCALE: Parameter = word(
    "scale",
    &["linear", "log"],
    "linear",
    "Whether a step is a difference or a factor: `log` for what spans orders of magnitude.",
);
