//! The metrics: each is one entry here.

use super::{float, int, later, signature, word};
use crate::plan::Metric;
use crate::settings::losses::Teaches;
use crate::signature::{Bounds, Kind, Method, Methods, Parameter};

const AVERAGE: Parameter = word(
    "average",
    &["macro", "micro", "weighted"],
    "macro",
    "How the classes' values become one: each counting the same, each row counting the same, or by how many rows a class has.",
);
const THRESHOLD: Parameter = float("threshold", Bounds::BETWEEN, 0.5, "The probability from which on it is a yes.");
const K: Parameter = int("k", 1, 10, "How many of the best are looked at.");

const CLASSES: &[Teaches] = &[Teaches::Classes, Teaches::Tokens];
const ANSWERS: &[Teaches] = &[Teaches::Classes, Teaches::Tokens, Teaches::Binary, Teaches::Labels];
const NUMBERS: &[Teaches] = &[Teaches::Numbers];
const RANKS: &[Teaches] = &[Teaches::Ranking, Teaches::Classes];

/// Every metric, in the order the docs list them.
pub const METRICS: Methods = Methods {
    noun: "metric",
    all: &[
        Method::new(signature(
            "accuracy",
            "The share of rows whose label was found.",
            "With `cross_entropy` by the largest output, with `binary_cross_entropy` by a probability above one half.",
            &[],
            "metrics: [accuracy]",
        ))
        .also(&["acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy"]),
        later(
            "top_k_accuracy",
            "The share of rows whose label is among the `k` largest outputs.",
            &[int("k", 1, 5, "How many of the largest are looked at.")],
            "metrics: [top_k_accuracy(k=3)]",
        )
        .also(&["top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "top5"]),
        later("precision", "The share of a class's answers that are right.", &[AVERAGE, THRESHOLD], "metrics: [precision]"),
        later("recall", "The share of a class's rows that are found.", &[AVERAGE, THRESHOLD], "metrics: [recall]")
            .also(&["sensitivity"]),
        later("f1", "The harmonic mean of precision and recall.", &[AVERAGE, THRESHOLD], "metrics: [f1(average=weighted)]")
            .also(&["f1_score", "F1Score"]),
        later(
            "auc",
            "The area under the curve of true against false positives; of several classes, the mean of each against the rest.",
            &[],
            "metrics: [auc]",
        )
        .also(&["AUC", "roc_auc", "auroc"]),
        later("average_precision", "The area under the curve of precision against recall.", &[], "metrics: [average_precision]")
            .also(&["pr_auc", "auprc"]),
        later("perplexity", "`e` to the mean cross-entropy: among how many tokens the model hesitates.", &[], "metrics: [perplexity]")
            .also(&["ppl"]),
        Method::new(signature(
            "mae",
            "The mean absolute difference between output and target.",
            "",
            &[],
            "metrics: [mae]",
        ))
        .also(&["mean_absolute_error", "l1"]),
        later("mse", "The mean square of the difference.", &[], "metrics: [mse]").also(&["mean_squared_error", "l2"]),
        later("rmse", "The root of the mean square of the difference.", &[], "metrics: [rmse]")
            .also(&["root_mean_squared_error"]),
        later("mape", "The mean absolute difference as a share of the target.", &[], "metrics: [mape]")
            .also(&["mean_absolute_percentage_error"]),
        later("r2", "The share of the target's variance that is explained.", &[], "metrics: [r2]")
            .also(&["r2_score", "R2Score", "r_squared"]),
        later("ndcg", "The gain of the first `k` against the best order there is.", &[K], "metrics: [ndcg(k=10)]")
            .also(&["NDCG"]),
        later("mrr", "One over the place of the first right one, on average.", &[K], "metrics: [mrr]"),
        later("hit_rate", "The share of rows with a right one among the first `k`.", &[K], "metrics: [hit_rate(k=20)]")
            .also(&["recall_at_k", "hits"]),
        later("iou", "The overlap of what is marked with what should be, by what either marks.", &[THRESHOLD], "metrics: [iou]")
            .also(&["mean_iou", "MeanIoU", "jaccard"]),
    ],
};

/// What a metric can measure, by what the loss teaches.
pub fn measures(name: &str) -> &'static [Teaches] {
    match name {
        "accuracy" | "precision" | "recall" | "f1" | "auc" | "average_precision" => ANSWERS,
        "top_k_accuracy" => CLASSES,
        "perplexity" => &[Teaches::Tokens, Teaches::Classes],
        "ndcg" | "mrr" | "hit_rate" => RANKS,
        "iou" => &[Teaches::Tokens, Teaches::Labels, Teaches::Binary],
        _ => NUMBERS,
    }
}

/// What the runtime is asked for; nothing for a metric it does not have.
pub fn plan(name: &str) -> Option<Metric> {
    match name {
        "accuracy" => Some(Metric::Accuracy),
        "mae" => Some(Metric::Mae),
        _ => None,
    }
}

/// Whether less of a metric is better.
pub fn falls(name: &str) -> bool {
    matches!(name, "mae" | "mse" | "rmse" | "mape" | "perplexity")
}

/// Where metrics are named.
pub const LIST: Kind = Kind::Special("a list of metrics, such as `[accuracy]`");
