//! Parameters that several layers share.

use crate::signature::{Bounds, Default, Kind, Parameter};

pub(super) const ACTIVATION: Parameter =
    Parameter::new("activation", Kind::Activation, Default::Word("linear"), "Applied to the result.")
        .also(&["act", "nonlinearity"]);

pub(super) const USE_BIAS: Parameter =
    Parameter::new("use_bias", Kind::Bool, Default::Bool(true), "Whether a learnt number is added to each output.")
        .also(&["bias"]);

pub(super) const KERNEL_INITIALIZER: Parameter =
    initializer("kernel_initializer", "glorot_uniform", "How the weights start.");

pub(super) const BIAS_INITIALIZER: Parameter = initializer("bias_initializer", "zeros", "How the bias starts.");

pub(super) const KERNEL_REGULARIZER: Parameter = regularizer("kernel_regularizer", "What the weights add to the loss.");

pub(super) const BIAS_REGULARIZER: Parameter = regularizer("bias_regularizer", "What the bias adds to the loss.");

pub(super) const NAME: Parameter =
    Parameter::new("name", Kind::Text, Default::Absent("its kind"), "Its name in the model and of its weights.")
        .named();

pub(super) const TRAINABLE: Parameter =
    Parameter::new("trainable", Kind::Bool, Default::Bool(true), "Whether training moves its weights.")
        .also(&["requires_grad"])
        .named();

pub(super) const EPSILON: Parameter = epsilon(1e-3);

pub(super) const CENTER: Parameter =
    Parameter::new("center", Kind::Bool, Default::Bool(true), "Whether a learnt number is added at the end.");

pub(super) const SCALE: Parameter =
    Parameter::new("scale", Kind::Bool, Default::Bool(true), "Whether it is multiplied by a learnt number at the end.")
        .also(&["affine", "elementwise_affine"]);

pub(super) const BETA_INITIALIZER: Parameter =
    initializer("beta_initializer", "zeros", "How the numbers that are added start.");

pub(super) const GAMMA_INITIALIZER: Parameter =
    initializer("gamma_initializer", "ones", "How the numbers that it is multiplied by start.");

pub(super) const BETA_REGULARIZER: Parameter =
    regularizer("beta_regularizer", "What the numbers that are added add to the loss.");

pub(super) const GAMMA_REGULARIZER: Parameter =
    regularizer("gamma_regularizer", "What the numbers that it is multiplied by add to the loss.");

pub(super) const fn initializer(name: &'static str, default: &'static str, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Initializer, Default::Word(default), summary)
}

pub(super) const fn regularizer(name: &'static str, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Regularizer, Default::Absent("nothing"), summary)
}

/// What is added to a variance, or to the like of it.
pub(super) const fn epsilon(default: f64) -> Parameter {
    Parameter::new(
        "epsilon",
        Kind::Float(Bounds::POSITIVE),
        Default::Float(default),
        "Added to what it divides by, under the root.",
    )
    .also(&["eps"])
}

/// A probability.
pub(super) const fn rate(name: &'static str, default: Default, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Float(Bounds::SHARE), default, summary)
}
