//! The schedules: how the learning rate goes on from step to step. Each is one entry here.

use super::{absent, float, int, required, signature};
use crate::check::Settings;
use crate::plan::{Course, Monitor, Schedule};
use crate::signature::{Bounds, Kind, Method, Methods, Parameter};

const WARMUP: Parameter = int(
    "warmup",
    0,
    0,
    "Steps in which the rate first rises in a straight line from 0 to the optimizer's `learning_rate`.",
);

/// Every schedule.
pub const SCHEDULES: Methods = Methods {
    noun: "schedule",
    all: &[
        Method::new(signature(
            "constant",
            "The optimizer's `learning_rate` at every step.",
            "",
            &[WARMUP],
            "schedule: constant",
        ))
        .also(&["none", "fixed"]),
        Method::new(signature(
            "step",
            "Times `factor` after every so many epochs.",
            "",
            &[
                required("every", Kind::Int { min: 1 }, "Epochs from one drop to the next.").also(&["step_size"]),
                float("factor", Bounds::BETWEEN, 0.1, "What the rate is multiplied by.").also(&["gamma"]),
                WARMUP,
            ],
            "schedule: step(every=10, factor=0.5)",
        ))
        .also(&["StepLR", "step_decay"]),
        Method::new(signature(
            "exponential",
            "Times `factor` after every epoch.",
            "",
            &[
                required("factor", Kind::Float(Bounds::BETWEEN), "What the rate is multiplied by.")
                    .also(&["gamma", "decay_rate"]),
                WARMUP,
            ],
            "schedule: exponential(factor=0.95)",
        ))
        .also(&["ExponentialLR", "ExponentialDecay"]),
        Method::new(signature(
            "linear",
            "In a straight line down to `final` of the rate at the end.",
            "",
            &[float("final", Bounds::UNIT, 0.0, "The share of the rate that is left at the end."), WARMUP],
            "schedule: linear(warmup=100)",
        ))
        .also(&["LinearLR"]),
        Method::new(signature(
            "cosine",
            "Half a cosine down to `final` of the rate at the end (Loshchilov and Hutter, 2017).",
            "",
            &[
                WARMUP,
                float("final", Bounds::UNIT, 0.0, "The share of the rate that is left at the end.").also(&["alpha"]),
                int("restarts", 0, 0, "How often it starts again from the top."),
            ],
            "schedule: cosine(warmup=200)",
        ))
        .also(&["CosineDecay", "CosineAnnealingLR", "cosine_decay"]),
        Method::new(signature(
            "one_cycle",
            "Up from `rate / start` to the rate, then down to `rate / end` (Smith and Topin, 2018).",
            "",
            &[
                float("rise", Bounds::BETWEEN, 0.3, "The share of all steps that goes up.").also(&["pct_start"]),
                float("start", Bounds::AT_LEAST_ONE, 25.0, "What the rate is divided by at the first step."),
                float("end", Bounds::AT_LEAST_ONE, 10_000.0, "What the rate is divided by at the last step."),
            ],
            "schedule: one_cycle(rise=0.25)",
        ))
        .also(&["OneCycleLR", "onecycle"]),
        Method::new(signature(
            "plateau",
            "Times `factor` when what is watched has not become better for `patience` epochs.",
            "As Keras's `ReduceLROnPlateau`: after each of these the epochs are counted anew, and what was best stays so. PyTorch waits for one \
             epoch more.",
            &[
                super::train::MONITOR,
                super::train::MODE,
                float("factor", Bounds::BETWEEN, 0.1, "What the rate is multiplied by."),
                int("patience", 0, 10, "Epochs without a better value that are waited for."),
                float("min_delta", Bounds::NON_NEGATIVE, 1e-4, "How much better counts as better."),
                absent("floor", Kind::Float(Bounds::NON_NEGATIVE), "none", "The least rate.").also(&["min_lr"]),
            ],
            "schedule: plateau(patience=3)",
        ))
        .also(&["ReduceLROnPlateau"]),
        Method::new(signature(
            "polynomial",
            "Down to `final` of the rate, by a power of the share of steps left.",
            "",
            &[
                float("power", Bounds::POSITIVE, 1.0, "The power; 1 is a straight line."),
                float("final", Bounds::UNIT, 0.0, "The share of the rate that is left at the end."),
                WARMUP,
            ],
            "schedule: polynomial(power=2)",
        ))
        .also(&["PolynomialDecay", "PolynomialLR"]),
        Method::new(signature(
            "inverse_sqrt",
            "By one over the root of the step, after the warm-up (Vaswani and others, 2017).",
            "",
            &[int("warmup", 1, 4000, "Steps in which the rate first rises in a straight line.")],
            "schedule: inverse_sqrt(warmup=4000)",
        ))
        .also(&["noam"]),
    ],
};

/// What the runtime is asked for; nothing for a schedule it does not have. `monitor` is what a plateau watches.
pub fn plan(given: &Settings, monitor: impl FnOnce() -> Monitor) -> Option<Schedule> {
    let whole = |name: &str| given.int(name).and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    let course = match given.signature.name {
        "constant" => Course::Constant,
        "step" => Course::Step { every: whole("every"), factor: given.float("factor") },
        "exponential" => Course::Exponential { factor: given.float("factor") },
        "linear" => Course::Polynomial { power: 1.0, last: given.float("final") },
        "polynomial" => Course::Polynomial { power: given.float("power"), last: given.float("final") },
        "cosine" => Course::Cosine { last: given.float("final"), restarts: whole("restarts") },
        "one_cycle" => {
            Course::OneCycle { rise: given.float("rise"), start: given.float("start"), end: given.float("end") }
        }
        "inverse_sqrt" => Course::InverseSqrt,
        "plateau" => Course::Plateau {
            monitor: monitor(),
            factor: given.float("factor"),
            patience: whole("patience"),
            min_delta: given.float("min_delta"),
            floor: given.float("floor"),
        },
        _ => return None,
    };
    let warms_up = given.signature.parameter("warmup").is_some();
    Some(Schedule { warmup: if warms_up { whole("warmup") } else { 0 }, course })
}
