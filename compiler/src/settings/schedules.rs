//! The schedules: how the learning rate goes on from step to step. Each is one entry here.

use super::{absent, float, int, later, required, signature};
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
            &[WARMUP.later()],
            "schedule: constant",
        ))
        .also(&["none", "fixed"]),
        later(
            "step",
            "Times `factor` after every so many epochs.",
            &[
                required("every", Kind::Int { min: 1 }, "Epochs from one drop to the next.").also(&["step_size"]),
                float("factor", Bounds::BETWEEN, 0.1, "What the rate is multiplied by.").also(&["gamma"]),
                WARMUP,
            ],
            "schedule: step(every=10, factor=0.5)",
        )
        .also(&["StepLR", "step_decay"]),
        later(
            "exponential",
            "Times `factor` after every epoch.",
            &[
                required("factor", Kind::Float(Bounds::BETWEEN), "What the rate is multiplied by.")
                    .also(&["gamma", "decay_rate"]),
                WARMUP,
            ],
            "schedule: exponential(factor=0.95)",
        )
        .also(&["ExponentialLR", "ExponentialDecay"]),
        later(
            "linear",
            "In a straight line down to `final` of the rate at the last step.",
            &[float("final", Bounds::UNIT, 0.0, "The share of the rate that is left at the end."), WARMUP],
            "schedule: linear(warmup=100)",
        )
        .also(&["LinearLR"]),
        later(
            "cosine",
            "Half a cosine down to `final` of the rate at the last step (Loshchilov and Hutter, 2017).",
            &[
                WARMUP,
                float("final", Bounds::UNIT, 0.0, "The share of the rate that is left at the end.").also(&["alpha"]),
                int("restarts", 0, 0, "How often it starts again from the top."),
            ],
            "schedule: cosine(warmup=200)",
        )
        .also(&["CosineDecay", "CosineAnnealingLR", "cosine_decay"]),
        later(
            "one_cycle",
            "Up from `rate / start` to the rate, then down to `rate / end` (Smith and Topin, 2018).",
            &[
                float("rise", Bounds::BETWEEN, 0.3, "The share of all steps that goes up.").also(&["pct_start"]),
                float("start", Bounds::AT_LEAST_ONE, 25.0, "What the rate is divided by at the first step."),
                float("end", Bounds::AT_LEAST_ONE, 10_000.0, "What the rate is divided by at the last step."),
            ],
            "schedule: one_cycle(rise=0.25)",
        )
        .also(&["OneCycleLR", "onecycle"]),
        later(
            "plateau",
            "Times `factor` when what is watched has not become better for `patience` epochs.",
            &[
                super::train::MONITOR,
                super::train::MODE,
                float("factor", Bounds::BETWEEN, 0.1, "What the rate is multiplied by."),
                int("patience", 0, 10, "Epochs without a better value that are waited for."),
                float("min_delta", Bounds::NON_NEGATIVE, 1e-4, "How much better counts as better."),
                absent("floor", Kind::Float(Bounds::NON_NEGATIVE), "none", "The least rate.").also(&["min_lr"]),
            ],
            "schedule: plateau(patience=3)",
        )
        .also(&["ReduceLROnPlateau"]),
        later(
            "polynomial",
            "Down to `final` of the rate, by a power of the share of steps left.",
            &[
                float("power", Bounds::POSITIVE, 1.0, "The power; 1 is a straight line."),
                float("final", Bounds::UNIT, 0.0, "The share of the rate that is left at the end."),
                WARMUP,
            ],
            "schedule: polynomial(power=2)",
        )
        .also(&["PolynomialDecay", "PolynomialLR"]),
        later(
            "inverse_sqrt",
            "By one over the root of the step, after the warm-up (Vaswani and others, 2017).",
            &[int("warmup", 1, 4000, "Steps in which the rate first rises in a straight line.")],
            "schedule: inverse_sqrt(warmup=4000)",
        )
        .also(&["noam"]),
    ],
};
