//! The optimizers: each is one entry here, read by the checker, hover and the docs.

use crate::check::Arguments;
use crate::plan::Optimizer;
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// One optimizer.
pub struct OptimizerDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// What the runtime is asked for.
    pub make: fn(&Arguments<'_>) -> Optimizer,
}

const fn learning_rate(default: f64) -> Parameter {
    Parameter::new("learning_rate", Kind::Float(Bounds::POSITIVE), Default::Float(default), "The size of a step.")
        .also(&["lr"])
}

const BETA_1: Parameter =
    Parameter::new("beta_1", Kind::Float(Bounds::SHARE), Default::Float(0.9), "Decay of the gradient's running mean.")
        .also(&["beta1"]);
const BETA_2: Parameter =
    Parameter::new("beta_2", Kind::Float(Bounds::SHARE), Default::Float(0.999), "Decay of its running square.")
        .also(&["beta2"]);
const EPSILON: Parameter = Parameter::new(
    "epsilon",
    Kind::Float(Bounds::POSITIVE),
    Default::Float(1e-7),
    "Added to the root of the running square.",
)
.also(&["eps"]);

/// Every optimizer, in the order the docs list them. Defaults are Keras's.
pub const OPTIMIZERS: &[OptimizerDef] = &[
    OptimizerDef {
        signature: Signature {
            name: "SGD",
            summary: "Gradient descent, with momentum if wanted.",
            details: "",
            parameters: &[
                learning_rate(0.01),
                Parameter::new(
                    "momentum",
                    Kind::Float(Bounds::SHARE),
                    Default::Float(0.0),
                    "How much of the last step goes on into this one.",
                ),
                Parameter::new(
                    "nesterov",
                    Kind::Bool,
                    Default::Bool(false),
                    "Whether the momentum is applied before the gradient is taken.",
                ),
            ],
            example: "SGD(0.1, momentum=0.9)",
        },
        make: |arguments| Optimizer::Sgd {
            learning_rate: arguments.float("learning_rate"),
            momentum: arguments.float("momentum"),
            nesterov: arguments.bool("nesterov"),
        },
    },
    OptimizerDef {
        signature: Signature {
            name: "Adam",
            summary: "Steps scaled by running means of the gradient and of its square (Kingma and Ba, 2015).",
            details: "",
            parameters: &[learning_rate(1e-3), BETA_1, BETA_2, EPSILON],
            example: "Adam(learning_rate=1e-3)",
        },
        make: |arguments| Optimizer::Adam {
            learning_rate: arguments.float("learning_rate"),
            beta_1: arguments.float("beta_1"),
            beta_2: arguments.float("beta_2"),
            epsilon: arguments.float("epsilon"),
        },
    },
    OptimizerDef {
        signature: Signature {
            name: "AdamW",
            summary: "Adam with the weights' decay apart from the gradient (Loshchilov and Hutter, 2019).",
            details: "",
            parameters: &[
                learning_rate(1e-3),
                Parameter::new(
                    "weight_decay",
                    Kind::Float(Bounds::NON_NEGATIVE),
                    Default::Float(0.004),
                    "The share of each weight taken away a step, times the learning rate.",
                ),
                BETA_1,
                BETA_2,
                EPSILON,
            ],
            example: "AdamW(learning_rate=1e-3, weight_decay=0.01)",
        },
        make: |arguments| Optimizer::AdamW {
            learning_rate: arguments.float("learning_rate"),
            beta_1: arguments.float("beta_1"),
            beta_2: arguments.float("beta_2"),
            epsilon: arguments.float("epsilon"),
            weight_decay: arguments.float("weight_decay"),
        },
    },
];

/// The optimizer called `name`.
pub fn find(name: &str) -> Option<&'static OptimizerDef> {
    OPTIMIZERS.iter().find(|optimizer| optimizer.signature.name == name)
}
