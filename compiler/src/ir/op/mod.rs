//! The primitive operations.
//!
//! Axes are counted from the front, the batch being 0 where there is one. Operations that only read a shape (`reshape`,
//! `expand`, `range`, …) hold dimensions, which become numbers when the symbols of a run are known.

mod binary;
mod recurrent;
mod unary;

use std::sync::Arc;

pub use binary::Binary;
pub use recurrent::{Answer, Cell, Recurrent};
pub use unary::Unary;

use super::{Dim, ElementType, Shape};

/// How several elements become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// Their product.
    Product,
    /// Whether one is true; of booleans.
    Any,
    /// Whether all are true; of booleans.
    All,
}

/// How an image is made larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// Every element is repeated.
    Nearest,
    /// Linear along each axis between the middles of the elements, the outermost repeated beyond them; Keras's `bilinear`.
    Linear,
}

/// A primitive operation. Inputs are listed in the order [`super::Node::inputs`] has them; `[…]` is an optional one.
///
/// Windows slide over the spatial axes of a channels-last value `[N, …, c]`, of which there are one to three; their
/// settings have one entry an axis. `padding` is what is added before and after each: it counts as zero for a convolution,
/// as minus infinity for a maximum, and not at all for a mean.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// No inputs: one `f32`, of rank 0.
    Constant(f64),
    /// No inputs: numbers that are written in the program, in row-major order. Booleans are 0 and 1.
    ConstantTensor {
        /// Their type. Whole numbers are exact up to 2^53.
        element: ElementType,
        /// Their dimensions.
        shape: Vec<usize>,
        /// The numbers.
        data: Arc<[f64]>,
    },
    /// No inputs: a dimension as an `i64` of rank 0.
    DimValue(Dim),
    /// No inputs: `0, 1, …` up to the dimension, without it: `i64 [length]`.
    Range(Dim),
    /// `x`: element by element.
    Unary(Unary),
    /// `a`, `b` of one type: element by element, broadcasting.
    Binary(Binary),
    /// `condition bool`, `a`, `b` of one type: `a` where true, `b` elsewhere, all three broadcasting.
    Where,
    /// `x`: the same numbers as another element type; floats are cut towards zero, what is not 0 is true.
    Cast(ElementType),
    /// `x`: itself; no gradient flows back through it.
    StopGradient,

    /// `x`: the same elements in row-major order under another shape.
    Reshape(Shape),
    /// `x`: axis `i` of the answer is axis `permutation[i]` of `x`.
    Transpose {
        /// Every axis once.
        permutation: Vec<usize>,
    },
    /// `x`: broadcast to a shape as NumPy does: missing axes in front are added, axes of 1 repeated.
    Expand(Shape),
    /// `x`: the elements from `start` up to `end` (without it) of an axis. With `step > 1`, every so many-th of them from the
    /// first on; with `step < 0`, from the last on backwards: `0..T` by -1 reverses.
    Slice {
        /// The axis.
        axis: usize,
        /// The first of them.
        start: Dim,
        /// What follows the last of them.
        end: Dim,
        /// Not 0.
        step: isize,
    },
    /// `a`, `b`, … of one type: one after the other along an axis, equal on the others.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// `x`: with `value` around it.
    Pad {
        /// How many before and after, for every axis, the batch's too.
        padding: Vec<(usize, usize)>,
        /// What is added.
        value: f64,
    },
    /// `x [a…, rows, b…]`, `indices i64 [i…]`: the rows of those numbers along the axis, `[a…, i…, b…]`. An embedding is a
    /// gather of its table's axis 0. A number that is not one of 0 to `rows - 1` is an error.
    Gather {
        /// The axis.
        axis: usize,
    },
    /// `x`, `indices i64` of its rank: of each row along the axis the elements of those numbers, as NumPy's
    /// `take_along_axis`. The answer has the indices' shape; they have `x`'s on the other axes.
    GatherElements {
        /// The axis.
        axis: usize,
    },
    /// `indices`, of integers: a last axis of `depth` that is 1 at the index and 0 elsewhere; all 0 for an index out of it.
    OneHot {
        /// How many classes.
        depth: usize,
    },
    /// `x`: where the largest stands along an axis, the first of equals: `i64`.
    ArgMax {
        /// The axis.
        axis: usize,
        /// Whether it stays, with size 1.
        keep: bool,
    },
    /// `x`: the sum of the elements up to each along an axis.
    CumSum {
        /// The axis.
        axis: usize,
        /// Whether the element itself is left out.
        exclusive: bool,
        /// Whether it sums from the end.
        reverse: bool,
    },
    /// `x`: over `axes`, which are removed, or kept with size 1 where `keep`.
    Reduce {
        /// How.
        reduction: Reduction,
        /// Ascending.
        axes: Vec<usize>,
        /// Whether the axes stay, with size 1.
        keep: bool,
    },
    /// `x`: over an axis.
    Softmax {
        /// The axis.
        axis: usize,
    },
    /// `x`: the logarithm of the softmax over an axis.
    LogSoftmax {
        /// The axis.
        axis: usize,
    },

    /// `a [x…, m, k]`, `b [y…, k, n]`: the products of the matrices, `[z…, m, n]`, where `x…` and `y…` broadcast to `z…`.
    MatMul,
    /// `x [N, …, in]`, `weight [out, in]`, `[bias [out]]`: `x @ weight^T + bias` on the last axis.
    Linear,
    /// `x [N, …, in]`, `weight [out, in / groups, …size]`, `[bias [out]]`: `[N, …, out]`.
    Conv {
        /// Steps from one window to the next.
        strides: Vec<usize>,
        /// Steps from one element of the kernel to the next.
        dilation: Vec<usize>,
        /// What is added around.
        padding: Vec<(usize, usize)>,
        /// Channels are split in so many independent groups.
        groups: usize,
    },
    /// `x [N, …, in]`, `weight [in, out / groups, …size]`, `[bias [out]]`: what a convolution of the same settings makes
    /// of a gradient. Each axis becomes `(length - 1) * stride + dilation * (size - 1) + 1 + output_padding - before - after`.
    ConvTranspose {
        /// Steps from one window of the answer to the next.
        strides: Vec<usize>,
        /// Steps from one element of the kernel to the next.
        dilation: Vec<usize>,
        /// What is cut off the answer.
        padding: Vec<(usize, usize)>,
        /// What is added after the answer, where no window may reach.
        output_padding: Vec<usize>,
        /// Channels are split in so many independent groups.
        groups: usize,
    },
    /// `x [N, …, c]`: the largest of each window.
    MaxPool {
        /// Of a window.
        size: Vec<usize>,
        /// Steps from one window to the next.
        strides: Vec<usize>,
        /// What is added around.
        padding: Vec<(usize, usize)>,
    },
    /// `x [N, …, c]`: the mean of each window, padding left out of it.
    AveragePool {
        /// Of a window.
        size: Vec<usize>,
        /// Steps from one window to the next.
        strides: Vec<usize>,
        /// What is added around.
        padding: Vec<(usize, usize)>,
    },
    /// `x [N, …, c]`: each spatial axis made larger by a whole factor.
    Resize {
        /// The factors.
        scale: Vec<usize>,
        /// What stands between.
        interpolation: Interpolation,
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
    /// `x [N, …, d…]`, `[scale [d…]]`, `[offset [d…]]`: over the last `axes` axes together to mean 0 and (biased) variance 1,
    /// then scaled and moved.
    LayerNorm {
        /// How many of the last axes.
        axes: usize,
        /// Added to the variance.
        epsilon: f64,
    },
    /// `x [N, …, d…]`, `[scale [d…]]`: divided by the root of the mean of the squares over the last `axes` axes together.
    RmsNorm {
        /// How many of the last axes.
        axes: usize,
        /// Added to the mean of the squares.
        epsilon: f64,
    },
    /// `x [N, …, c]`, `[scale [c]]`, `[offset [c]]`: as [`Op::LayerNorm`], over all axes but the batch together, for each
    /// of so many groups of neighbouring channels.
    GroupNorm {
        /// How many groups.
        groups: usize,
        /// Added to the variance.
        epsilon: f64,
    },

    /// `x`: in training, each element is zero with probability `rate` and scaled by `1 / (1 - rate)` otherwise.
    Dropout {
        /// From 0 to below 1.
        rate: f64,
        /// Along these axes all elements have one fate; ascending.
        shared: Vec<usize>,
    },
    /// `x`: in training, with normal noise around zero added.
    GaussianNoise {
        /// Its standard deviation.
        deviation: f64,
    },
    /// `x`: numbers in its shape drawn from the unit normal distribution, in training and in inference. What `x` holds does
    /// not matter.
    RandomNormal,
    /// `x`: numbers in its shape drawn evenly from 0 up to 1, in training and in inference.
    RandomUniform,

    /// `q [N, h, T, d]`, `k [N, g, S, d]`, `v [N, g, S, e]`, `[mask bool, broadcasting to [N, h, T, S]]`:
    /// `softmax(scale * q @ k^T) @ v`, `[N, h, T, e]`. `g` divides `h`: so many query heads in a row share a key head.
    /// Where the mask is false, a query does not see a key; one that sees none answers 0.
    Attention {
        /// Query `t` sees only the keys `0` to `t`.
        causal: bool,
        /// What products are multiplied by.
        scale: f64,
        /// In training, weights are dropped with this probability.
        dropout: f64,
    },
    /// A recurrent layer over a sequence.
    Recurrent(Recurrent),

    /// `logits [N, …, c]`, `labels i64 [N, …]`: `-log(softmax(logits))[label]`, averaged over all axes but the batch: `[N]`.
    SoftmaxCrossEntropy,
}

impl Op {
    /// The name in messages and in artifacts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Constant(_) | Self::ConstantTensor { .. } => "constant",
            Self::DimValue(_) => "dimension",
            Self::Range(_) => "range",
            Self::Unary(unary) => unary.name(),
            Self::Binary(binary) => binary.name(),
            Self::Where => "where",
            Self::Cast(_) => "cast",
            Self::StopGradient => "stop_gradient",
            Self::Reshape(_) => "reshape",
            Self::Transpose { .. } => "transpose",
            Self::Expand(_) => "expand",
            Self::Slice { .. } => "slice",
            Self::Concat { .. } => "concat",
            Self::Pad { .. } => "pad",
            Self::Gather { .. } => "gather",
            Self::GatherElements { .. } => "gather_elements",
            Self::OneHot { .. } => "one_hot",
            Self::ArgMax { .. } => "argmax",
            Self::CumSum { .. } => "cumsum",
            Self::Reduce { reduction, .. } => reduction.name(),
            Self::Softmax { .. } => "softmax",
            Self::LogSoftmax { .. } => "log_softmax",
            Self::MatMul => "matmul",
            Self::Linear => "linear",
            Self::Conv { .. } => "conv",
            Self::ConvTranspose { .. } => "conv_transpose",
            Self::MaxPool { .. } => "max_pool",
            Self::AveragePool { .. } => "average_pool",
            Self::Resize { .. } => "resize",
            Self::BatchNorm { .. } => "batch_norm",
            Self::LayerNorm { .. } => "layer_norm",
            Self::RmsNorm { .. } => "rms_norm",
            Self::GroupNorm { .. } => "group_norm",
            Self::Dropout { .. } => "dropout",
            Self::GaussianNoise { .. } => "gaussian_noise",
            Self::RandomNormal => "random_normal",
            Self::RandomUniform => "random_uniform",
            Self::Attention { .. } => "attention",
            Self::Recurrent(recurrent) => recurrent.cell.name(),
            Self::SoftmaxCrossEntropy => "softmax_cross_entropy",
        }
    }

    /// Whether it draws numbers, in training or always: two runs may then differ.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Dropout { rate, .. } => *rate > 0.0,
            Self::Attention { dropout, .. } => *dropout > 0.0,
            Self::GaussianNoise { .. } | Self::RandomNormal | Self::RandomUniform => true,
            _ => false,
        }
    }
}

impl Reduction {
    /// Every one.
    pub const ALL: [Self; 7] = [Self::Mean, Self::Sum, Self::Max, Self::Min, Self::Product, Self::Any, Self::All];

    /// The name in messages and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Sum => "sum",
            Self::Max => "max",
            Self::Min => "min",
            Self::Product => "product",
            Self::Any => "any",
            Self::All => "all",
        }
    }
}
