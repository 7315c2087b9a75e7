//! The layers: one definition each, holding all there is to say about it.
//!
//! A layer is a [`LayerDef`]: the signature the checker, hover, completion and docs read, and a function that checks what
//! it is applied to and lowers it to the IR. Its output shape, its parameter count, its FLOPs and what every backend does
//! with it follow from the nodes it builds. To add a layer: a definition in a file of its family here and a line in [`LAYERS`].
//! `compiler/tests/keras/` holds what Keras makes of each.

mod activation;
mod apply;
mod attention;
mod batch_normalization;
mod convolution;
mod convolution_transpose;
mod dense;
mod depthwise;
mod dropout;
mod einsum_dense;
mod embedding;
mod features;
mod mask;
mod multi_head_attention;
mod normalization;
mod pooling;
pub(crate) mod recurrent;
mod reshaping;
mod resizing;
mod settings;
mod window;
mod wrappers;

pub use apply::{Apply, Direction};

use crate::by_name::ByName;
use crate::ir::ValueId;
use crate::signature::{Default, Kind, Parameter, Signature};

/// One layer of the language.
pub struct LayerDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// What PyTorch and others call it: a use of such a name is an error whose fix is the name here.
    pub aliases: &'static [&'static str],
    /// Applies it; answers nothing where a fault was reported.
    pub build: fn(&mut Apply<'_, '_, '_>) -> Option<ValueId>,
}

impl LayerDef {
    /// Whether it works on a row of a table, and not on a tensor.
    pub fn takes_a_row(&self) -> bool {
        self.signature.name == features::FEATURES.signature.name
    }
}

/// Every layer, in the order the docs list them.
pub const LAYERS: &[&LayerDef] = &[
    &dense::DENSE,
    &einsum_dense::EINSUM_DENSE,
    &embedding::EMBEDDING,
    &features::FEATURES,
    &convolution::CONV1D,
    &convolution::CONV2D,
    &convolution::CONV3D,
    &depthwise::SEPARABLE_CONV1D,
    &depthwise::SEPARABLE_CONV2D,
    &depthwise::DEPTHWISE_CONV1D,
    &depthwise::DEPTHWISE_CONV2D,
    &convolution_transpose::CONV1D_TRANSPOSE,
    &convolution_transpose::CONV2D_TRANSPOSE,
    &convolution_transpose::CONV3D_TRANSPOSE,
    &pooling::MAX_POOLING1D,
    &pooling::MAX_POOLING2D,
    &pooling::MAX_POOLING3D,
    &pooling::AVERAGE_POOLING1D,
    &pooling::AVERAGE_POOLING2D,
    &pooling::AVERAGE_POOLING3D,
    &pooling::GLOBAL_MAX_POOLING1D,
    &pooling::GLOBAL_MAX_POOLING2D,
    &pooling::GLOBAL_MAX_POOLING3D,
    &pooling::GLOBAL_AVERAGE_POOLING1D,
    &pooling::GLOBAL_AVERAGE_POOLING2D,
    &pooling::GLOBAL_AVERAGE_POOLING3D,
    &resizing::UP_SAMPLING1D,
    &resizing::UP_SAMPLING2D,
    &resizing::ZERO_PADDING1D,
    &resizing::ZERO_PADDING2D,
    &resizing::ZERO_PADDING3D,
    &resizing::CROPPING1D,
    &resizing::CROPPING2D,
    &resizing::CROPPING3D,
    &batch_normalization::BATCH_NORMALIZATION,
    &normalization::LAYER_NORMALIZATION,
    &normalization::GROUP_NORMALIZATION,
    &normalization::RMS_NORMALIZATION,
    &dropout::DROPOUT,
    &dropout::SPATIAL_DROPOUT1D,
    &dropout::SPATIAL_DROPOUT2D,
    &dropout::SPATIAL_DROPOUT3D,
    &dropout::GAUSSIAN_NOISE,
    &dropout::GAUSSIAN_DROPOUT,
    &recurrent::SIMPLE_RNN,
    &recurrent::LSTM,
    &recurrent::GRU,
    &wrappers::BIDIRECTIONAL,
    &wrappers::TIME_DISTRIBUTED,
    &multi_head_attention::MULTI_HEAD_ATTENTION,
    &attention::ATTENTION,
    &attention::ADDITIVE_ATTENTION,
    &reshaping::FLATTEN,
    &reshaping::RESHAPE,
    &reshaping::PERMUTE,
    &reshaping::REPEAT_VECTOR,
    &normalization::RESCALING,
    &normalization::NORMALIZATION,
    &activation::ACTIVATION,
    &activation::PRELU,
];

/// The layer called `name`.
pub fn find(name: &str) -> Option<&'static LayerDef> {
    static BY_NAME: ByName<LayerDef> =
        ByName::new(|| LAYERS.iter().map(|layer| (layer.signature.name, *layer)).collect());
    BY_NAME.find(name)
}

/// The layer that others call `name`.
pub fn find_alias(name: &str) -> Option<&'static LayerDef> {
    LAYERS.iter().copied().find(|layer| layer.aliases.contains(&name))
}

/// The function that does what a layer of Keras with several inputs does, as it would be written.
pub fn merging(name: &str) -> Option<&'static str> {
    Some(match name {
        "Add" => "a + b",
        "Subtract" => "a - b",
        "Multiply" => "a * b",
        "Concatenate" => "concat(a, b)",
        "Average" => "average(a, b)",
        "Maximum" => "maximum(a, b)",
        "Minimum" => "minimum(a, b)",
        "Dot" => "dot(a, b)",
        _ => return None,
    })
}

/// How what Keras has a layer for is written, where it is no layer in the language.
pub fn otherwise(name: &str) -> Option<&'static str> {
    Some(match name {
        "Masking" => "a mask is written where it is wanted: `LSTM(64, mask=any(it != 0, axis=-1))`",
        "UnitNormalization" => "it is a function: `l2_normalize(it)`",
        "Lambda" => "an expression is a statement by itself: `it * 2`",
        _ => return None,
    })
}

/// Layers of Keras that a later version may have: naming one is not a spelling mistake.
pub const LATER: &[&str] = &[
    "AlphaDropout",
    "CategoryEncoding",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Discretization",
    "Hashing",
    "HashedCrossing",
    "IntegerLookup",
    "Resizing",
    "SpectralNormalization",
    "StringLookup",
    "TextVectorization",
];

/// The axis of layers that work along one.
const AXIS: Parameter = Parameter::new("axis", Kind::Axis, Default::Int(-1), "The axis of the channels.");
