//! The metrics: each is one entry here.

use crate::plan::{Metric, Task};
use crate::signature::Signature;

/// One metric.
pub struct MetricDef {
    /// Its name and docs.
    pub signature: Signature,
    /// What the runtime is asked for.
    pub metric: Metric,
    /// The tasks it can measure.
    pub tasks: &'static [Task],
}

/// Every metric, in the order the docs list them.
pub const METRICS: &[MetricDef] = &[
    MetricDef {
        signature: Signature {
            name: "accuracy",
            summary: "The share of rows whose label was found.",
            details: "With `cross_entropy` by the largest output, with `binary_cross_entropy` by a probability above one half.",
            parameters: &[],
            example: "metrics: [accuracy]",
        },
        metric: Metric::Accuracy,
        tasks: &[Task::Classification, Task::Binary],
    },
    MetricDef {
        signature: Signature {
            name: "mae",
            summary: "The mean absolute difference between output and target.",
            details: "",
            parameters: &[],
            example: "metrics: [mae]",
        },
        metric: Metric::Mae,
        tasks: &[Task::Regression],
    },
];
