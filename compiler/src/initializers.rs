//! Initializers: how weights start. Each is one entry here, read by `kernel_initializer=` and its like, by hover and by the docs.

use crate::ir::Initializer;
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// How a weight starts, before its shape is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// The same whatever the shape.
    Fixed(Initializer),
    /// Of a variance that follows from how many numbers go in and come out.
    Scaled {
        /// The variance times the fan.
        scale: f64,
        /// Which fan.
        fan: Fan,
        /// What is drawn from.
        distribution: Distribution,
    },
    /// An orthogonal matrix times a gain.
    Orthogonal {
        /// The gain.
        gain: f64,
    },
    /// The identity times a gain; of matrices alone.
    Identity {
        /// The gain.
        gain: f64,
    },
}

/// Which numbers a variance is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// Those that go in.
    In,
    /// Those that come out.
    Out,
    /// The mean of both.
    Average,
}

/// What a scaled initializer draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Normal, cut at two deviations.
    TruncatedNormal,
    /// Normal.
    Normal,
    /// Uniform around zero.
    Uniform,
}

/// The shape of a weight as Keras has it, and how many numbers go into and come out of one place of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fans {
    /// Numbers in.
    pub input: usize,
    /// Numbers out.
    pub output: usize,
}

impl Fans {
    /// What Keras takes for the fans of a weight of that shape: the last two axes and the area before them.
    pub fn of(shape: &[usize]) -> Self {
        match shape {
            [] => Self { input: 1, output: 1 },
            [only] => Self { input: *only, output: *only },
            [area @ .., input, output] => {
                let area = area.iter().fold(1usize, |area, size| area.saturating_mul(*size));
                Self { input: input.saturating_mul(area), output: output.saturating_mul(area) }
            }
        }
    }
}

impl Start {
    /// The initializer of a weight that is kept in `shape`, the outputs first; nothing for an identity that is no matrix.
    pub fn of(self, shape: &[usize], fans: &Fans) -> Option<Initializer> {
        Some(match self {
            Self::Fixed(initializer) => initializer,
            Self::Scaled { scale, fan, distribution } => {
                let fan = match fan {
                    Fan::In => fans.input as f64,
                    Fan::Out => fans.output as f64,
                    Fan::Average => (fans.input as f64 + fans.output as f64) / 2.0,
                };
                let variance = scale / fan.max(1.0);
                match distribution {
                    Distribution::TruncatedNormal => Initializer::truncated(variance.sqrt()),
                    Distribution::Normal => Initializer::Normal { mean: 0.0, deviation: variance.sqrt() },
                    Distribution::Uniform => Initializer::Uniform { limit: (3.0 * variance).sqrt() },
                }
            }
            // Turned around, an orthogonal matrix is as orthogonal and as random.
            Self::Orthogonal { gain } => {
                let (rows, columns) = shape.split_first()?;
                let columns = columns.iter().fold(1usize, |columns, size| columns.saturating_mul(*size));
                Initializer::Orthogonal { rows: *rows, columns, gain }
            }
            Self::Identity { gain } => match shape {
                [_, columns] => Initializer::Identity { columns: *columns, gain },
                _ => return None,
            },
        })
    }
}

/// The arguments an initializer was called with; its defaults elsewhere.
pub struct Given<'a> {
    /// Its numbers by name.
    pub number: &'a dyn Fn(&'static str) -> f64,
    /// Its words by name.
    pub word: &'a dyn Fn(&'static str) -> String,
}

/// One initializer: what it takes and what it makes of that.
pub struct InitializerDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// The initializer of the given arguments.
    pub make: fn(Given<'_>) -> Start,
}

const ANY: Kind = Kind::Float(Bounds::ANY);
const DEVIATION: Parameter =
    Parameter::new("stddev", Kind::Float(Bounds::NON_NEGATIVE), Default::Float(0.05), "The standard deviation.")
        .also(&["std"]);
const MEAN: Parameter = Parameter::new("mean", ANY, Default::Float(0.0), "The mean.");
const GAIN: Parameter = Parameter::new("gain", ANY, Default::Float(1.0), "What every number is multiplied by.");

const fn scaled(name: &'static str, summary: &'static str, make: fn(Given<'_>) -> Start) -> InitializerDef {
    InitializerDef { signature: Signature { name, summary, details: "", parameters: &[], example: "" }, make }
}

macro_rules! scaled_by {
    ($scale:literal, $fan:ident, $distribution:ident) => {
        |_| Start::Scaled { scale: $scale, fan: Fan::$fan, distribution: Distribution::$distribution }
    };
}

/// Every initializer, in the order the docs list them. Names, formulas and defaults are Keras 3's.
pub const INITIALIZERS: &[InitializerDef] = &[
    scaled("zeros", "All zero.", |_| Start::Fixed(Initializer::Zeros)),
    scaled("ones", "All one.", |_| Start::Fixed(Initializer::Ones)),
    InitializerDef {
        signature: Signature {
            name: "constant",
            summary: "All the same number.",
            details: "",
            parameters: &[Parameter::new("value", ANY, Default::Float(0.0), "The number.")],
            example: "Dense(8, bias_initializer=constant(0.1))",
        },
        make: |given| Start::Fixed(Initializer::Constant((given.number)("value"))),
    },
    InitializerDef {
        signature: Signature {
            name: "random_normal",
            summary: "Drawn from a normal distribution.",
            details: "",
            parameters: &[MEAN, DEVIATION],
            example: "Dense(8, kernel_initializer=random_normal(stddev=0.02))",
        },
        make: |given| {
            let (mean, deviation) = ((given.number)("mean"), (given.number)("stddev"));
            Start::Fixed(Initializer::Normal { mean, deviation })
        },
    },
    InitializerDef {
        signature: Signature {
            name: "truncated_normal",
            summary: "Drawn from a normal distribution; what is further than two deviations from the mean is drawn again.",
            details: "",
            parameters: &[MEAN, DEVIATION],
            example: "Dense(8, kernel_initializer=truncated_normal(stddev=0.02))",
        },
        make: |given| {
            let (mean, deviation) = ((given.number)("mean"), (given.number)("stddev"));
            Start::Fixed(Initializer::TruncatedNormal { mean, deviation })
        },
    },
    InitializerDef {
        signature: Signature {
            name: "random_uniform",
            summary: "Drawn evenly from `minval` to `maxval`.",
            details: "",
            parameters: &[
                Parameter::new("minval", ANY, Default::Float(-0.05), "The least.").also(&["low", "min"]),
                Parameter::new("maxval", ANY, Default::Float(0.05), "The largest.").also(&["high", "max"]),
            ],
            example: "Embedding(1000, 16, embeddings_initializer=random_uniform(minval=-0.1, maxval=0.1))",
        },
        make: |given| {
            let (low, high) = ((given.number)("minval"), (given.number)("maxval"));
            Start::Fixed(Initializer::Between { low, high })
        },
    },
    InitializerDef {
        signature: Signature {
            name: "variance_scaling",
            summary: "Drawn with a variance of `scale` divided by a fan: how many numbers go into one output, or come out of one input.",
            details: "",
            parameters: &[
                Parameter::new(
                    "scale",
                    Kind::Float(Bounds::POSITIVE),
                    Default::Float(1.0),
                    "The variance times the fan.",
                ),
                Parameter::new(
                    "mode",
                    Kind::Choice(&["fan_in", "fan_out", "fan_avg"]),
                    Default::Word("fan_in"),
                    "Which fan.",
                ),
                Parameter::new(
                    "distribution",
                    Kind::Choice(&["truncated_normal", "untruncated_normal", "uniform"]),
                    Default::Word("truncated_normal"),
                    "What is drawn from.",
                ),
            ],
            example: "Dense(8, kernel_initializer=variance_scaling(scale=2.0, mode=fan_out))",
        },
        make: |given| Start::Scaled {
            scale: (given.number)("scale"),
            fan: match (given.word)("mode").as_str() {
                "fan_out" => Fan::Out,
                "fan_avg" => Fan::Average,
                _ => Fan::In,
            },
            distribution: match (given.word)("distribution").as_str() {
                "untruncated_normal" => Distribution::Normal,
                "uniform" => Distribution::Uniform,
                _ => Distribution::TruncatedNormal,
            },
        },
    },
    scaled(
        "glorot_uniform",
        "`variance_scaling(scale=1.0, mode=fan_avg, distribution=uniform)`, also called Xavier.",
        scaled_by!(1.0, Average, Uniform),
    ),
    scaled(
        "glorot_normal",
        "`variance_scaling(scale=1.0, mode=fan_avg)`, also called Xavier.",
        scaled_by!(1.0, Average, TruncatedNormal),
    ),
    scaled(
        "he_uniform",
        "`variance_scaling(scale=2.0, distribution=uniform)`, also called Kaiming.",
        scaled_by!(2.0, In, Uniform),
    ),
    scaled("he_normal", "`variance_scaling(scale=2.0)`, also called Kaiming.", scaled_by!(2.0, In, TruncatedNormal)),
    scaled("lecun_uniform", "`variance_scaling(scale=1.0, distribution=uniform)`.", scaled_by!(1.0, In, Uniform)),
    scaled("lecun_normal", "`variance_scaling(scale=1.0)`.", scaled_by!(1.0, In, TruncatedNormal)),
    InitializerDef {
        signature: Signature {
            name: "orthogonal",
            summary: "A random matrix whose rows, or columns where those are fewer, are at right angles.",
            details: "A weight of more than two axes is one matrix of its last axis by all others.",
            parameters: &[GAIN],
            example: "Dense(8, kernel_initializer=orthogonal(gain=1.4))",
        },
        make: |given| Start::Orthogonal { gain: (given.number)("gain") },
    },
    InitializerDef {
        signature: Signature {
            name: "identity",
            summary: "One on the diagonal, zero elsewhere; of weights that are a matrix.",
            details: "",
            parameters: &[GAIN],
            example: "Dense(8, kernel_initializer=identity)",
        },
        make: |given| Start::Identity { gain: (given.number)("gain") },
    },
];

/// The initializer called `name`.
pub fn find(name: &str) -> Option<&'static InitializerDef> {
    INITIALIZERS.iter().find(|initializer| initializer.signature.name == name)
}

/// What other libraries call an initializer.
pub fn find_alias(name: &str) -> Option<&'static str> {
    Some(match name {
        "glorot" | "xavier" | "xavier_uniform" | "xavier_uniform_" | "GlorotUniform" => "glorot_uniform",
        "xavier_normal" | "xavier_normal_" | "GlorotNormal" => "glorot_normal",
        "kaiming_uniform" | "kaiming_uniform_" | "HeUniform" => "he_uniform",
        "he" | "kaiming" | "kaiming_normal" | "kaiming_normal_" | "HeNormal" => "he_normal",
        "normal" | "RandomNormal" | "normal_" => "random_normal",
        "uniform" | "RandomUniform" | "uniform_" => "random_uniform",
        "trunc_normal_" | "TruncatedNormal" => "truncated_normal",
        "orthogonal_" | "Orthogonal" => "orthogonal",
        "eye" | "eye_" | "Identity" => "identity",
        "zero" | "Zeros" | "zeros_" => "zeros",
        "one" | "Ones" | "ones_" => "ones",
        "Constant" | "constant_" => "constant",
        "VarianceScaling" => "variance_scaling",
        _ => return None,
    })
}
