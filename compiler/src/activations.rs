//! Activations: each is one entry here, read by `activation=`, by calls such as `relu(x)`, by hover and by the docs.

use crate::ir::{Builder, Unary, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};
use ndsl_grammar::Span;

/// An activation with its own parameters filled in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// Leaves its input as it is.
    Linear,
    /// Works on each element alone.
    Unary(Unary),
    /// Over the last axis.
    Softmax,
    /// The logarithm of the softmax over the last axis.
    LogSoftmax,
}

impl Activation {
    /// Applies it to `x`.
    pub fn apply(self, builder: &mut Builder, x: ValueId, span: Span) -> ValueId {
        match self {
            Self::Linear => x,
            Self::Unary(unary) => builder.unary(unary, x, span),
            Self::Softmax => builder.softmax(x, span),
            Self::LogSoftmax => builder.log_softmax(x, span),
        }
    }
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

/// Every activation, in the order the docs list them. Names, formulas and defaults are Keras 3's.
pub const ACTIVATIONS: &[ActivationDef] = &[
    ActivationDef { signature: plain("linear", "Leaves the value as it is."), make: |_| Activation::Linear },
    ActivationDef { signature: plain("relu", "`max(x, 0)`"), make: |_| Activation::Unary(Unary::Relu) },
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
        signature: plain("softmax", "`exp(x)` divided by its sum over the last axis: a distribution over classes."),
        make: |_| Activation::Softmax,
    },
    ActivationDef {
        signature: plain("log_softmax", "The logarithm of the softmax over the last axis."),
        make: |_| Activation::LogSoftmax,
    },
];

/// The activation called `name`.
pub fn find(name: &str) -> Option<&'static ActivationDef> {
    ACTIVATIONS.iter().find(|activation| activation.signature.name == name)
}
