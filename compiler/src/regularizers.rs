//! Regularizers: what a weight adds to the loss. Each is one entry here, read by `kernel_regularizer=` and its like, by hover and by the docs.

use crate::ir::Regularizer;
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// One regularizer: what it takes and what it makes of that.
pub struct RegularizerDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// The regularizer of the given numbers.
    pub make: fn(&dyn Fn(&'static str) -> f64) -> Regularizer,
}

const FACTOR: Kind = Kind::Float(Bounds::NON_NEGATIVE);

/// Every regularizer, in the order the docs list them. Names, formulas and defaults are Keras 3's.
pub const REGULARIZERS: &[RegularizerDef] = &[
    RegularizerDef {
        signature: Signature {
            name: "l1",
            summary: "Adds `l1` times the sum of the weight's absolute values to the loss.",
            details: "",
            parameters: &[Parameter::new("l1", FACTOR, Default::Float(0.01), "The factor.")],
            example: "Dense(8, kernel_regularizer=l1(0.001))",
        },
        make: |number| Regularizer { l1: number("l1"), l2: 0.0 },
    },
    RegularizerDef {
        signature: Signature {
            name: "l2",
            summary: "Adds `l2` times the sum of the weight's squares to the loss.",
            details: "",
            parameters: &[Parameter::new("l2", FACTOR, Default::Float(0.01), "The factor.")],
            example: "Dense(8, kernel_regularizer=l2(0.0001))",
        },
        make: |number| Regularizer { l1: 0.0, l2: number("l2") },
    },
    RegularizerDef {
        signature: Signature {
            name: "l1_l2",
            summary: "Both: `l1` times the sum of the absolute values and `l2` times that of the squares.",
            details: "",
            parameters: &[
                Parameter::new("l1", FACTOR, Default::Float(0.0), "The factor of the absolute values."),
                Parameter::new("l2", FACTOR, Default::Float(0.0), "The factor of the squares."),
            ],
            example: "Dense(8, kernel_regularizer=l1_l2(l1=0.001, l2=0.0001))",
        },
        make: |number| Regularizer { l1: number("l1"), l2: number("l2") },
    },
];

/// The regularizer called `name`.
pub fn find(name: &str) -> Option<&'static RegularizerDef> {
    REGULARIZERS.iter().find(|regularizer| regularizer.signature.name == name)
}
