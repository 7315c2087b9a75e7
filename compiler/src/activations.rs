//! Activations: each is one entry here, read by `activation=`, by calls such as `relu(x)`, by hover and by the docs.

use crate::by_name::ByName;
use crate::ir::{Builder, Op, Unary, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};
use ndsl_grammar::Span;

/// An activation with its own parameters filled in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// Leaves its input as it is.
    Linear,
    /// Works on each element alone.
    Unary(Unary),
    /// Over an axis, counted from the last: -1 is that.
    Softmax(i64),
    /// The logarithm of the softmax over an axis.
    LogSoftmax(i64),
}

impl Activation {
    /// Applies it to `x`.
    pub fn apply(self, builder: &mut Builder, x: ValueId, span: Span) -> ValueId {
        match self {
            Self::Linear => x,
            Self::Unary(unary) => builder.unary(unary, x, span),
            Self::Softmax(axis) => {
                let axis = from_front(axis, builder.shape(x).rank());
                builder.node(Op::Softmax { axis }, vec![x], span)
            }
            Self::LogSoftmax(axis) => {
                let axis = from_front(axis, builder.shape(x).rank());
                builder.node(Op::LogSoftmax { axis }, vec![x], span)
            }
        }
    }

    /// The word for it, its parameters left out.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Unary(unary) => unary.name(),
            Self::Softmax(_) => "softmax",
            Self::LogSoftmax(_) => "log_softmax",
        }
    }

    /// The axis it works over, if it does not work on each element alone.
    pub fn axis(self) -> Option<i64> {
        match self {
            Self::Softmax(axis) | Self::LogSoftmax(axis) => Some(axis),
            Self::Linear | Self::Unary(_) => None,
        }
    }

    /// The operation of each element alone; nothing of those that work over an axis.
    pub fn element_wise(self) -> Option<Unary> {
        match self {
            Self::Linear => Some(Unary::Identity),
            Self::Unary(unary) => Some(unary),
            Self::Softmax(_) | Self::LogSoftmax(_) => None,
        }
    }
}

/// An axis counted from the last as one counted from the first.
fn from_front(axis: i64, rank: usize) -> usize {
    usize::try_from(axis.unsigned_abs()).map_or(0, |back| rank.saturating_sub(back))
}

/// The numbers an activation was called with; its defaults elsewhere.
pub type Numbers<'a> = &'a dyn Fn(&'static str) -> f64;

/// One activation: what it takes and what it makes of that.
#[derive(Clone, Copy)]
pub struct ActivationDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// The activation of the given parameters; truth values are 0 and 1.
    pub make: fn(Numbers<'_>) -> Activation,
}

const fn plain(name: &'static str, summary: &'static str) -> Signature {
    Signature { name, summary, details: "", parameters: &[], example: "" }
}

const fn with(
    name: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    example: &'static str,
) -> Signature {
    Signature { name, summary, details: "", parameters, example }
}

/// Those that are used most: what a message names.
pub const COMMON: [&str; 7] = ["relu", "gelu", "silu", "tanh", "sigmoid", "softmax", "linear"];

const AXIS: Parameter = Parameter::new("axis", Kind::Axis, Default::Int(-1), "The axis.").also(&["dim"]);

/// Every activation, in the order the docs list them. Names, formulas and defaults are Keras 3's.
pub const ACTIVATIONS: &[ActivationDef] = &[
    ActivationDef { signature: plain("linear", "Leaves the value as it is."), make: |_| Activation::Linear },
    ActivationDef {
        signature: with(
            "relu",
            "`max(x, 0)`; with its parameters `max_value` where `x >= max_value`, `x` where `x >= threshold`, \
             `negative_slope * (x - threshold)` elsewhere.",
            &[
                Parameter::new(
                    "negative_slope",
                    Kind::Float(Bounds::NON_NEGATIVE),
                    Default::Float(0.0),
                    "The slope below.",
                ),
                Parameter::new(
                    "max_value",
                    Kind::Float(Bounds::NON_NEGATIVE),
                    Default::Float(f64::INFINITY),
                    "The largest.",
                ),
                Parameter::new("threshold", Kind::Float(Bounds::ANY), Default::Float(0.0), "What `x` must reach."),
            ],
            "Dense(64, activation=relu(max_value=6.0))",
        ),
        make: |number| {
            let (slope, max_value, threshold) = (number("negative_slope"), number("max_value"), number("threshold"));
            Activation::Unary(match (slope == 0.0, max_value.is_infinite(), threshold == 0.0) {
                (true, true, true) => Unary::Relu,
                (false, true, true) => Unary::LeakyRelu { slope },
                _ => Unary::BoundedRelu { slope, max_value, threshold },
            })
        },
    },
    ActivationDef {
        signature: with(
            "leaky_relu",
            "`x` where positive, `negative_slope * x` elsewhere.",
            &[Parameter::new(
                "negative_slope",
                Kind::Float(Bounds::NON_NEGATIVE),
                Default::Float(0.2),
                "The slope where `x` is negative.",
            )],
            "Dense(64, activation=leaky_relu(negative_slope=0.01))",
        ),
        make: |number| Activation::Unary(Unary::LeakyRelu { slope: number("negative_slope") }),
    },
    ActivationDef { signature: plain("relu6", "`min(max(x, 0), 6)`"), make: |_| Activation::Unary(Unary::Relu6) },
    ActivationDef {
        signature: with(
            "elu",
            "`x` where positive, `alpha * (exp(x) - 1)` elsewhere.",
            &[Parameter::new(
                "alpha",
                Kind::Float(Bounds::NON_NEGATIVE),
                Default::Float(1.0),
                "The limit below, negated.",
            )],
            "Dense(64, activation=elu(alpha=0.5))",
        ),
        make: |number| Activation::Unary(Unary::Elu { alpha: number("alpha") }),
    },
    ActivationDef {
        signature: plain("selu", "The scaled ELU of self-normalizing networks."),
        make: |_| Activation::Unary(Unary::Selu),
    },
    ActivationDef {
        signature: with(
            "gelu",
            "`x * Phi(x)`, where `Phi` is the normal distribution function.",
            &[Parameter::new(
                "approximate",
                Kind::Bool,
                Default::Bool(false),
                "Whether `Phi` is approximated by tanh.",
            )],
            "Dense(64, activation=gelu(approximate=true))",
        ),
        make: |number| Activation::Unary(Unary::Gelu { approximate: number("approximate") != 0.0 }),
    },
    ActivationDef {
        signature: plain("silu", "`x * sigmoid(x)`, also called swish."),
        make: |_| Activation::Unary(Unary::Silu),
    },
    ActivationDef { signature: plain("mish", "`x * tanh(softplus(x))`"), make: |_| Activation::Unary(Unary::Mish) },
    ActivationDef { signature: plain("sigmoid", "`1 / (1 + exp(-x))`"), make: |_| Activation::Unary(Unary::Sigmoid) },
    ActivationDef {
        signature: plain("hard_sigmoid", "`min(max(x / 6 + 1/2, 0), 1)`"),
        make: |_| Activation::Unary(Unary::HardSigmoid),
    },
    ActivationDef { signature: plain("tanh", "The hyperbolic tangent."), make: |_| Activation::Unary(Unary::Tanh) },
    ActivationDef { signature: plain("softplus", "`log(1 + exp(x))`"), make: |_| Activation::Unary(Unary::Softplus) },
    ActivationDef { signature: plain("softsign", "`x / (1 + |x|)`"), make: |_| Activation::Unary(Unary::Softsign) },
    ActivationDef {
        signature: with(
            "celu",
            "`x` where positive, `alpha * (exp(x / alpha) - 1)` elsewhere.",
            &[Parameter::new("alpha", Kind::Float(Bounds::POSITIVE), Default::Float(1.0), "The limit below, negated.")],
            "Dense(64, activation=celu(alpha=0.5))",
        ),
        make: |number| Activation::Unary(Unary::Celu { alpha: number("alpha") }),
    },
    ActivationDef { signature: plain("exponential", "`exp(x)`"), make: |_| Activation::Unary(Unary::Exp) },
    ActivationDef {
        signature: plain("hard_silu", "`x * hard_sigmoid(x)`, also called hard swish."),
        make: |_| Activation::Unary(Unary::HardSilu),
    },
    ActivationDef {
        signature: plain("hard_tanh", "`min(max(x, -1), 1)`"),
        make: |_| Activation::Unary(Unary::HardTanh),
    },
    ActivationDef {
        signature: plain("log_sigmoid", "`log(1 / (1 + exp(-x)))`"),
        make: |_| Activation::Unary(Unary::LogSigmoid),
    },
    ActivationDef {
        signature: plain("sparse_plus", "0 below -1, `x` above 1, `(x + 1) ** 2 / 4` between."),
        make: |_| Activation::Unary(Unary::SparsePlus),
    },
    ActivationDef {
        signature: plain("sparse_sigmoid", "`min(max((x + 1) / 2, 0), 1)`"),
        make: |_| Activation::Unary(Unary::SparseSigmoid),
    },
    ActivationDef {
        signature: with(
            "squareplus",
            "`(x + sqrt(x ** 2 + b)) / 2`",
            &[Parameter::new("b", Kind::Float(Bounds::NON_NEGATIVE), Default::Float(4.0), "How smooth the corner is.")],
            "Dense(64, activation=squareplus(b=1.0))",
        ),
        make: |number| Activation::Unary(Unary::Squareplus { b: number("b") }),
    },
    ActivationDef { signature: plain("tanh_shrink", "`x - tanh(x)`"), make: |_| Activation::Unary(Unary::TanhShrink) },
    ActivationDef {
        signature: with(
            "hard_shrink",
            "`x` where `|x| > threshold`, 0 elsewhere.",
            &[Parameter::new(
                "threshold",
                Kind::Float(Bounds::NON_NEGATIVE),
                Default::Float(0.5),
                "How far from zero `x` must be.",
            )],
            "Dense(64, activation=hard_shrink(threshold=0.1))",
        ),
        make: |number| Activation::Unary(Unary::HardShrink { threshold: number("threshold") }),
    },
    ActivationDef {
        signature: with(
            "soft_shrink",
            "`x` brought nearer to zero by `threshold`, 0 where it is not farther than that.",
            &[Parameter::new("threshold", Kind::Float(Bounds::NON_NEGATIVE), Default::Float(0.5), "By how much.")],
            "Dense(64, activation=soft_shrink(threshold=0.1))",
        ),
        make: |number| Activation::Unary(Unary::SoftShrink { threshold: number("threshold") }),
    },
    ActivationDef {
        signature: with(
            "threshold",
            "`x` where `x > threshold`, `default_value` elsewhere.",
            &[
                Parameter::new("threshold", Kind::Float(Bounds::ANY), Default::Required, "What `x` must exceed."),
                Parameter::new(
                    "default_value",
                    Kind::Float(Bounds::ANY),
                    Default::Required,
                    "What stands where it does not.",
                ),
            ],
            "Dense(64, activation=threshold(threshold=0.5, default_value=0.0))",
        ),
        make: |number| {
            Activation::Unary(Unary::Threshold { threshold: number("threshold"), value: number("default_value") })
        },
    },
    ActivationDef {
        signature: with(
            "softmax",
            "`exp(x)` divided by its sum over an axis: a distribution over classes.",
            &[AXIS],
            "Dense(10, activation=softmax)",
        ),
        make: |number| Activation::Softmax(number("axis") as i64),
    },
    ActivationDef {
        signature: with("log_softmax", "The logarithm of the softmax.", &[AXIS], "log_softmax(it, axis=-1)"),
        make: |number| Activation::LogSoftmax(number("axis") as i64),
    },
];

/// What other libraries call an activation.
pub fn find_alias(name: &str) -> Option<&'static str> {
    Some(match name {
        "swish" => "silu",
        "hard_swish" | "hardswish" => "hard_silu",
        "hardtanh" => "hard_tanh",
        "logsigmoid" => "log_sigmoid",
        "softshrink" => "soft_shrink",
        "hardshrink" => "hard_shrink",
        "exp" => "exponential",
        "LeakyReLU" => "leaky_relu",
        _ => return None,
    })
}

/// The activation called `name`.
pub fn find(name: &str) -> Option<&'static ActivationDef> {
    static BY_NAME: ByName<ActivationDef> =
        ByName::new(|| ACTIVATIONS.iter().map(|activation| (activation.signature.name, activation)).collect());
    BY_NAME.find(name)
}
