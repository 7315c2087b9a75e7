//! Operations of one value, element by element.

/// An operation of one value, element by element.
///
/// On floats, unless said otherwise; [`Unary::Negate`], [`Unary::Abs`], [`Unary::Sign`], [`Unary::Square`] and
/// [`Unary::Identity`] work on integers too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// `x` itself: the activation `linear` where one must be named.
    Identity,
    /// `-x`
    Negate,
    /// `|x|`
    Abs,
    /// -1, 0 or 1, as `x` is below, at or above zero.
    Sign,
    /// `x * x`
    Square,
    /// The square root.
    Sqrt,
    /// `1 / sqrt(x)`
    Rsqrt,
    /// `1 / x`
    Reciprocal,
    /// `e^x`
    Exp,
    /// `e^x - 1`, exact near zero.
    Expm1,
    /// The natural logarithm.
    Log,
    /// `log(1 + x)`, exact near zero.
    Log1p,
    /// The sine of an angle in radians.
    Sin,
    /// The cosine of an angle in radians.
    Cos,
    /// The hyperbolic tangent.
    Tanh,
    /// The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `x`.
    Erf,
    /// The largest whole number that is not above `x`.
    Floor,
    /// The smallest whole number that is not below `x`.
    Ceil,
    /// The nearest whole number, halves to the even one.
    Round,
    /// False where `x` is true; of booleans alone.
    Not,
    /// `max(x, 0)`
    Relu,
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// The factor of the negative side.
        slope: f64,
    },
    /// Keras's `relu` with all its settings: `max_value` where `x >= max_value`, else `x` where `x >= threshold`, else
    /// `slope * (x - threshold)`.
    BoundedRelu {
        /// The factor below the threshold.
        slope: f64,
        /// The largest answer; infinite where there is none.
        max_value: f64,
        /// What `x` must reach.
        threshold: f64,
    },
    /// `x` where `x > threshold`, `value` elsewhere.
    Threshold {
        /// What `x` must exceed.
        threshold: f64,
        /// What stands where it does not.
        value: f64,
    },
    /// `x` where positive, `alpha * (e^x - 1)` elsewhere.
    Elu {
        /// The factor of the negative side.
        alpha: f64,
    },
    /// `x` where positive, `alpha * (e^(x / alpha) - 1)` elsewhere.
    Celu {
        /// The limit below, negated.
        alpha: f64,
    },
    /// The scaled ELU of self-normalizing networks, with its two fixed constants.
    Selu,
    /// `min(max(x, 0), 6)`
    Relu6,
    /// `1 / (1 + e^-x)`
    Sigmoid,
    /// `log(1 / (1 + e^-x))`, computed without overflow.
    LogSigmoid,
    /// `min(max(x / 6 + 1/2, 0), 1)`, as Keras and PyTorch define it.
    HardSigmoid,
    /// `min(max((x + 1) / 2, 0), 1)`
    SparseSigmoid,
    /// `min(max(x, -1), 1)`
    HardTanh,
    /// `x - tanh(x)`
    TanhShrink,
    /// `x` where `|x| > threshold`, 0 elsewhere.
    HardShrink {
        /// How far from zero `x` must be.
        threshold: f64,
    },
    /// `x` brought nearer to zero by `threshold`, 0 where it is not farther than that.
    SoftShrink {
        /// By how much.
        threshold: f64,
    },
    /// `x * Phi(x)`, by the error function, or by its tanh approximation.
    Gelu {
        /// Whether the tanh approximation is used.
        approximate: bool,
    },
    /// `x * sigmoid(x)`, also called swish.
    Silu,
    /// `x * hard_sigmoid(x)`, also called hard swish.
    HardSilu,
    /// `log(1 + e^x)`, computed without overflow.
    Softplus,
    /// `(x + sqrt(x * x + b)) / 2`
    Squareplus {
        /// How smooth the corner is.
        b: f64,
    },
    /// 0 where `x <= -1`, `x` where `x >= 1`, `(x + 1)^2 / 4` between.
    SparsePlus,
    /// `x / (1 + |x|)`
    Softsign,
    /// `x * tanh(softplus(x))`
    Mish,
}

impl Unary {
    /// One of each, with the parameters Keras gives them: what tests and tables run through.
    pub const ALL: [Self; 45] = [
        Self::Identity,
        Self::Negate,
        Self::Abs,
        Self::Sign,
        Self::Square,
        Self::Sqrt,
        Self::Rsqrt,
        Self::Reciprocal,
        Self::Exp,
        Self::Expm1,
        Self::Log,
        Self::Log1p,
        Self::Sin,
        Self::Cos,
        Self::Tanh,
        Self::Erf,
        Self::Floor,
        Self::Ceil,
        Self::Round,
        Self::Not,
        Self::Relu,
        Self::LeakyRelu { slope: 0.2 },
        Self::BoundedRelu { slope: 0.1, max_value: 3.0, threshold: 0.5 },
        Self::Threshold { threshold: 0.5, value: -1.0 },
        Self::Elu { alpha: 1.0 },
        Self::Celu { alpha: 1.5 },
        Self::Selu,
        Self::Relu6,
        Self::Sigmoid,
        Self::LogSigmoid,
        Self::HardSigmoid,
        Self::SparseSigmoid,
        Self::HardTanh,
        Self::TanhShrink,
        Self::HardShrink { threshold: 0.5 },
        Self::SoftShrink { threshold: 0.5 },
        Self::Gelu { approximate: false },
        Self::Gelu { approximate: true },
        Self::Silu,
        Self::HardSilu,
        Self::Softplus,
        Self::Squareplus { b: 4.0 },
        Self::SparsePlus,
        Self::Softsign,
        Self::Mish,
    ];

    /// The name in messages and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Negate => "negate",
            Self::Abs => "abs",
            Self::Sign => "sign",
            Self::Square => "square",
            Self::Sqrt => "sqrt",
            Self::Rsqrt => "rsqrt",
            Self::Reciprocal => "reciprocal",
            Self::Exp => "exp",
            Self::Expm1 => "expm1",
            Self::Log => "log",
            Self::Log1p => "log1p",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tanh => "tanh",
            Self::Erf => "erf",
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::Round => "round",
            Self::Not => "not",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::BoundedRelu { .. } => "bounded_relu",
            Self::Threshold { .. } => "threshold",
            Self::Elu { .. } => "elu",
            Self::Celu { .. } => "celu",
            Self::Selu => "selu",
            Self::Relu6 => "relu6",
            Self::Sigmoid => "sigmoid",
            Self::LogSigmoid => "log_sigmoid",
            Self::HardSigmoid => "hard_sigmoid",
            Self::SparseSigmoid => "sparse_sigmoid",
            Self::HardTanh => "hard_tanh",
            Self::TanhShrink => "tanh_shrink",
            Self::HardShrink { .. } => "hard_shrink",
            Self::SoftShrink { .. } => "soft_shrink",
            Self::Gelu { .. } => "gelu",
            Self::Silu => "silu",
            Self::HardSilu => "hard_silu",
            Self::Softplus => "softplus",
            Self::Squareplus { .. } => "squareplus",
            Self::SparsePlus => "sparse_plus",
            Self::Softsign => "softsign",
            Self::Mish => "mish",
        }
    }
}
