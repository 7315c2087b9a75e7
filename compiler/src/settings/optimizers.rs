//! The optimizers: each is one entry here, read by the checker, hover and the docs. Names and defaults are Keras's.

use super::{absent, float, signature, truth};
use crate::check::Settings;
use crate::plan::{Optimizer, Rule};
use crate::signature::{Bounds, Default, Kind, Method, Methods, Parameter};

const fn learning_rate(default: f64) -> Parameter {
    Parameter::new("learning_rate", Kind::Float(Bounds::POSITIVE), Default::Float(default), "The size of a step.")
        .also(&["lr"])
}

const fn decay(default: f64) -> Parameter {
    float(
        "weight_decay",
        Bounds::NON_NEGATIVE,
        default,
        "The share of each weight taken away a step, times the learning rate.",
    )
}

const BETA_1: Parameter = float("beta_1", Bounds::SHARE, 0.9, "Decay of the gradient's running mean.").also(&["beta1"]);
const BETA_2: Parameter = float("beta_2", Bounds::SHARE, 0.999, "Decay of its running square.").also(&["beta2"]);
const EPSILON: Parameter =
    float("epsilon", Bounds::POSITIVE, 1e-7, "Added to the root of the running square.").also(&["eps"]);
const BELOW_ROOT: Parameter =
    float("epsilon", Bounds::POSITIVE, 1e-7, "Added to the running square, below its root.").also(&["eps"]);
const AMSGRAD: Parameter =
    truth("amsgrad", false, "Whether the largest running square so far stands for the current one.");

/// Every optimizer, in the order the docs list them.
pub const OPTIMIZERS: Methods = Methods {
    noun: "optimizer",
    all: &[
        Method::new(signature(
            "SGD",
            "Gradient descent, with momentum if wanted.",
            "",
            &[
                learning_rate(0.01),
                float("momentum", Bounds::SHARE, 0.0, "How much of the last step goes on into this one."),
                truth("nesterov", false, "Whether the momentum is applied before the gradient is taken."),
                decay(0.0),
            ],
            "SGD(0.1, momentum=0.9)",
        )),
        Method::new(signature(
            "Adam",
            "Steps scaled by running means of the gradient and of its square (Kingma and Ba, 2015).",
            "",
            &[learning_rate(1e-3), BETA_1, BETA_2, EPSILON, AMSGRAD],
            "Adam(learning_rate=1e-3)",
        )),
        Method::new(signature(
            "AdamW",
            "Adam with the weights' decay apart from the gradient (Loshchilov and Hutter, 2019).",
            "",
            &[learning_rate(1e-3), decay(0.004), BETA_1, BETA_2, EPSILON, AMSGRAD],
            "AdamW(learning_rate=1e-3, weight_decay=0.01)",
        )),
        Method::new(signature(
            "Adamax",
            "Adam by the largest gradient in place of the running square (Kingma and Ba, 2015).",
            "",
            &[learning_rate(1e-3), BETA_1, BETA_2, EPSILON],
            "Adamax()",
        )),
        Method::new(signature(
            "Nadam",
            "Adam with Nesterov's momentum (Dozat, 2016).",
            "",
            &[learning_rate(1e-3), BETA_1, BETA_2, EPSILON],
            "Nadam()",
        )),
        Method::new(signature(
            "RMSprop",
            "Steps scaled by the running square of the gradient (Hinton, 2012).",
            "",
            &[
                learning_rate(1e-3),
                float("rho", Bounds::SHARE, 0.9, "Decay of the running square.").also(&["alpha", "decay"]),
                float("momentum", Bounds::SHARE, 0.0, "How much of the last step goes on into this one."),
                BELOW_ROOT,
                truth("centered", false, "Whether the running mean is taken from the running square."),
            ],
            "RMSprop(learning_rate=1e-3, rho=0.9)",
        ))
        .also(&["RMSProp"]),
        Method::new(signature(
            "Adagrad",
            "Steps scaled by the sum of all squares so far (Duchi and others, 2011).",
            "",
            &[
                learning_rate(1e-3),
                float("initial_accumulator_value", Bounds::NON_NEGATIVE, 0.1, "What the sum starts from."),
                BELOW_ROOT,
            ],
            "Adagrad(0.01)",
        )),
        Method::new(signature(
            "Adadelta",
            "Steps scaled by the running squares of gradients and of earlier steps (Zeiler, 2012).",
            "",
            &[learning_rate(1e-3), float("rho", Bounds::SHARE, 0.95, "Decay of the running squares."), BELOW_ROOT],
            "Adadelta(1.0)",
        )),
        Method::new(signature(
            "Lion",
            "Steps by the sign of a running mean alone (Chen and others, 2023).",
            "",
            &[
                learning_rate(1e-3),
                float("beta_1", Bounds::SHARE, 0.9, "How much of the running mean goes into a step."),
                float("beta_2", Bounds::SHARE, 0.99, "Decay of the running mean."),
                absent(
                    "weight_decay",
                    Kind::Float(Bounds::NON_NEGATIVE),
                    "none",
                    "The share of each weight taken away a step, times the learning rate.",
                ),
            ],
            "Lion(learning_rate=1e-4, weight_decay=0.1)",
        )),
    ],
};

/// The optimizer that stands where none is given.
pub const DEFAULT: Optimizer = Optimizer::adam(1e-3);

/// What the runtime is asked for; nothing for an optimizer it does not have.
pub fn plan(given: &Settings) -> Option<Optimizer> {
    let (beta_1, beta_2) = (|| given.float("beta_1"), || given.float("beta_2"));
    let epsilon = || given.float("epsilon");
    let rule = match given.signature.name {
        "SGD" => Rule::Sgd { momentum: given.float("momentum"), nesterov: given.bool("nesterov") },
        "Adam" | "AdamW" => {
            Rule::Adam { beta_1: beta_1(), beta_2: beta_2(), epsilon: epsilon(), amsgrad: given.bool("amsgrad") }
        }
        "Adamax" => Rule::Adamax { beta_1: beta_1(), beta_2: beta_2(), epsilon: epsilon() },
        "Nadam" => Rule::Nadam { beta_1: beta_1(), beta_2: beta_2(), epsilon: epsilon() },
        "RMSprop" => Rule::RmsProp {
            rho: given.float("rho"),
            momentum: given.float("momentum"),
            epsilon: epsilon(),
            centered: given.bool("centered"),
        },
        "Adagrad" => {
            Rule::Adagrad { initial_accumulator_value: given.float("initial_accumulator_value"), epsilon: epsilon() }
        }
        "Adadelta" => Rule::Adadelta { rho: given.float("rho"), epsilon: epsilon() },
        "Lion" => Rule::Lion { beta_1: beta_1(), beta_2: beta_2() },
        _ => return None,
    };
    let decays = given.signature.parameter("weight_decay").is_some();
    let weight_decay = if decays { given.float("weight_decay") } else { 0.0 };
    Some(Optimizer { weight_decay, ..Optimizer::new(rule, given.float("learning_rate")) })
}
