//! The primitive operations.

use super::{ElementType, Shape};

/// An operation of one value, element by element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// `-x`
    Negate,
    /// `|x|`
    Abs,
    /// `e^x`
    Exp,
    /// The natural logarithm.
    Log,
    /// The square root.
    Sqrt,
    /// `max(x, 0)`
    Relu,
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// The factor of the negative side.
        slope: f64,
    },
    /// `x` where positive, `alpha * (e^x - 1)` elsewhere.
    Elu {
        /// The factor of the negative side.
        alpha: f64,
    },
    /// The scaled ELU of self-normalizing networks, with its two fixed constants.
    Selu,
    /// `min(max(x, 0), 6)`
    Relu6,
    /// `1 / (1 + e^-x)`
    Sigmoid,
    /// `min(max(x / 6 + 1/2, 0), 1)`, as Keras and PyTorch define it.
    HardSigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `x * Phi(x)`, by the error function, or by its tanh approximation.
    Gelu {
        /// Whether the tanh approximation is used.
        approximate: bool,
    },
    /// `x * sigmoid(x)`, also called swish.
    Silu,
    /// `log(1 + e^x)`, computed without overflow.
    Softplus,
    /// `x / (1 + |x|)`
    Softsign,
    /// `x * tanh(softplus(x))`
    Mish,
}

/// An operation of two values, element by element, broadcasting as NumPy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`
    Multiply,
    /// `a / b`
    Divide,
    /// `a ** b`
    Power,
    /// The larger.
    Maximum,
    /// The smaller.
    Minimum,
}

/// How several elements become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The largest.
    Max,
}

/// Rows and columns added around an image; for a maximum they count as minus infinity, for a mean they do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns before.
    pub left: usize,
    /// Columns after.
    pub right: usize,
}

/// A primitive operation. Inputs are listed in the order [`super::Node::inputs`] has them.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// No inputs: one number, of rank 0.
    Constant(f64),
    /// `x`: element by element.
    Unary(Unary),
    /// `a`, `b`: element by element, broadcasting.
    Binary(Binary),
    /// `x`: the same numbers as another element type; floats are cut towards zero.
    Cast(ElementType),
    /// `x`: the same elements in row-major order under another shape; the batch stays first.
    Reshape(Shape),
    /// `x [N, …, in]`, `weight [out, in]`, and `bias [out]` if there are three: `x @ weight^T + bias` on the last axis.
    Linear,
    /// `x [N, h, w, in]`, `weight [out, in / groups, kh, kw]`, and `bias [out]` if there are three.
    Conv2d {
        /// Rows and columns from one window to the next.
        strides: [usize; 2],
        /// Rows and columns from one element of the kernel to the next.
        dilation: [usize; 2],
        /// What is added around the image.
        padding: Padding,
        /// Channels are split in so many independent groups.
        groups: usize,
    },
    /// `x [N, h, w, c]`: the largest of each window.
    MaxPool2d {
        /// Rows and columns of a window.
        size: [usize; 2],
        /// Rows and columns from one window to the next.
        strides: [usize; 2],
        /// What is added around the image.
        padding: Padding,
    },
    /// `x [N, h, w, c]`: the mean of each window, padding left out of it.
    AveragePool2d {
        /// Rows and columns of a window.
        size: [usize; 2],
        /// Rows and columns from one window to the next.
        strides: [usize; 2],
        /// What is added around the image.
        padding: Padding,
    },
    /// `x`: over `axes`, which are removed, or kept with size 1 where `keep`.
    Reduce {
        /// How.
        reduction: Reduction,
        /// Counted from the front, the batch being 0; ascending.
        axes: Vec<usize>,
        /// Whether the axes stay, with size 1.
        keep: bool,
    },
    /// `x [N, …, c]`, `scale [c]`, `offset [c]`, `mean [c]`, `variance [c]`: normalises the last axis.
    ///
    /// In inference by the given mean and variance. In training by the batch's own (the variance biased), and the given
    /// ones become `momentum * given + (1 - momentum) * batch's`, as Keras does.
    BatchNorm {
        /// Added to the variance.
        epsilon: f64,
        /// How much of the given statistics stays after a training step.
        momentum: f64,
    },
    /// `x`: in training, each element is zero with probability `rate` and scaled by `1 / (1 - rate)` otherwise.
    Dropout {
        /// From 0 to below 1.
        rate: f64,
    },
    /// `x`: over the last axis.
    Softmax,
    /// `x`: the logarithm of the softmax over the last axis.
    LogSoftmax,
    /// `logits [N, …, c]`, `labels i64 [N, …]`: `-log(softmax(logits))[label]`, averaged over all axes but the batch: `[N]`.
    SoftmaxCrossEntropy,
}

impl Op {
    /// The name in messages and in artifacts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Constant(_) => "constant",
            Self::Unary(unary) => unary.name(),
            Self::Binary(binary) => binary.name(),
            Self::Cast(_) => "cast",
            Self::Reshape(_) => "reshape",
            Self::Linear => "linear",
            Self::Conv2d { .. } => "conv2d",
            Self::MaxPool2d { .. } => "max_pool2d",
            Self::AveragePool2d { .. } => "average_pool2d",
            Self::Reduce { reduction: Reduction::Mean, .. } => "mean",
            Self::Reduce { reduction: Reduction::Sum, .. } => "sum",
            Self::Reduce { reduction: Reduction::Max, .. } => "max",
            Self::BatchNorm { .. } => "batch_norm",
            Self::Dropout { .. } => "dropout",
            Self::Softmax => "softmax",
            Self::LogSoftmax => "log_softmax",
            Self::SoftmaxCrossEntropy => "softmax_cross_entropy",
        }
    }
}

impl Unary {
    /// The name in messages and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Negate => "negate",
            Self::Abs => "abs",
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Sqrt => "sqrt",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu { .. } => "elu",
            Self::Selu => "selu",
            Self::Relu6 => "relu6",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Tanh => "tanh",
            Self::Gelu { .. } => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::Mish => "mish",
        }
    }
}

impl Binary {
    /// The name in messages and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
            Self::Power => "power",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
        }
    }
}
