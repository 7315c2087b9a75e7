//! The metrics: each is one entry here.

use super::{float, int, signature, word};
use crate::check::Settings;
use crate::plan::{Average, Averaged, Metric};
use crate::settings::losses::Teaches;
use crate::signature::{Bounds, Kind, Method, Methods, Parameter};

const AVERAGE: Parameter = word(
    "average",
    &["macro", "micro", "weighted"],
    "macro",
    "How the classes' values become one: each class counting the same, each row counting the same, or by how many rows a class has.",
);
const THRESHOLD: Parameter = float(
    "threshold",
    Bounds::BETWEEN,
    0.5,
    "The probability above which it is a yes, where each answer is yes or no.",
);
const K: Parameter = int("k", 1, 10, "How many of the best are looked at.");

/// What is said of every measure of classes.
const OF_CLASSES: &str = "Of yes or no it is that of yes; of several labels, and of several classes, `average` makes one of theirs. A class that \
                          neither occurs nor is answered counts for nothing, and what would be divided by zero is 0, as in scikit-learn.";

/// What is said of every measure that orders outputs.
const OF_ORDER: &str = "Of classes, the label is the one that is right, and the outputs are what is put in order; of labels, and of rows of numbers, each \
                        target says how much its output is worth. Of outputs that are equal the first goes first. Of a loss of two scores, the \
                        right one and the wrong one are put in order, and equal ones are taken for wrong. Of a loss of vectors, as `triplet`, \
                        `contrastive` and `cosine` are, each row looks for what belongs to it among what belongs to the rows of its batch \
                        (of those held out, among up to 256), and what it says does not; the nearest goes first. With one right one, \
                        `hit_rate` is what is called recall at `k`.";

const CLASSES: &[Teaches] = &[Teaches::Classes, Teaches::Tokens];
const ANSWERS: &[Teaches] = &[Teaches::Classes, Teaches::Tokens, Teaches::Binary, Teaches::Labels];
const ONE_ANSWER: &[Teaches] = &[Teaches::Classes, Teaches::Tokens, Teaches::Binary];
const NUMBERS: &[Teaches] = &[Teaches::Numbers];
const RANKS: &[Teaches] = &[Teaches::Ranking, Teaches::Classes, Teaches::Tokens, Teaches::Labels, Teaches::Numbers];

/// A metric that its summary says all of.
const fn metric(
    name: &'static str,
    summary: &'static str,
    details: &'static str,
    parameters: &'static [Parameter],
    example: &'static str,
) -> Method {
    Method::new(signature(name, summary, details, parameters, example))
}

/// Every metric, in the order the docs list them.
pub const METRICS: Methods = Methods {
    noun: "metric",
    all: &[
        metric(
            "accuracy",
            "The share of rows whose label was found.",
            "With `cross_entropy` by the largest output, with `binary_cross_entropy` by a probability above one half. Where a row has several \
             answers, the share of these.",
            &[],
            "metrics: [accuracy]",
        )
        .also(&["acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy"]),
        metric(
            "exact_match",
            "The share of rows all of whose labels were found.",
            "Where a row has one label this is its accuracy; of several it is what scikit-learn calls so.",
            &[],
            "metrics: [exact_match]",
        )
        .also(&["subset_accuracy"]),
        metric(
            "top_k_accuracy",
            "The share of rows whose label is among the `k` largest outputs.",
            "Of outputs that are equal the first goes first.",
            &[int("k", 1, 5, "How many of the largest are looked at.")],
            "metrics: [top_k_accuracy(k=3)]",
        )
        .also(&["top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "top5"]),
        metric(
            "precision",
            "The share of a class's answers that are right.",
            OF_CLASSES,
            &[AVERAGE, THRESHOLD],
            "metrics: [precision]",
        ),
        metric("recall", "The share of a class's rows that are found.", OF_CLASSES, &[AVERAGE, THRESHOLD], "metrics: [recall]")
            .also(&["sensitivity", "true_positive_rate"]),
        metric(
            "f1",
            "The harmonic mean of precision and recall.",
            OF_CLASSES,
            &[AVERAGE, THRESHOLD],
            "metrics: [f1(average=weighted)]",
        )
        .also(&["f1_score", "F1Score"]),
        metric(
            "specificity",
            "The share of the rows without a class that are not taken for it.",
            OF_CLASSES,
            &[AVERAGE, THRESHOLD],
            "metrics: [specificity]",
        )
        .also(&["true_negative_rate", "selectivity"]),
        metric(
            "balanced_accuracy",
            "The mean of every class's recall, each class counting the same.",
            "Of yes or no, both are classes. A class that does not occur counts for nothing.",
            &[THRESHOLD],
            "metrics: [balanced_accuracy]",
        )
        .also(&["balanced_accuracy_score"]),
        metric(
            "matthews",
            "The correlation of answers and labels: 1 where all are right, 0 for chance (Matthews, 1975; Gorodkin, 2004, of several classes).",
            "Where all answers or all labels are one class it is 0.",
            &[THRESHOLD],
            "metrics: [matthews]",
        )
        .also(&["mcc", "matthews_corrcoef", "MatthewsCorrelation"]),
        metric(
            "kappa",
            "The agreement of answers and labels beyond what chance would give (Cohen, 1960).",
            "Where chance would give all of it, it is 0.",
            &[THRESHOLD],
            "metrics: [kappa]",
        )
        .also(&["cohen_kappa", "cohen_kappa_score"]),
        metric(
            "auc",
            "The area under the curve of true against false positives; of several classes or labels, the mean of each against the rest.",
            "Exact for up to 65 536 different scores of all classes together; of more, scores that agree in their first digits count as equal, \
             so that no number of rows takes more memory. Equal scores count half. A class of which there are no rows, or nothing else, is \
             left out; where that leaves none, the area is no number.",
            &[],
            "metrics: [auc]",
        )
        .also(&["AUC", "roc_auc", "auroc", "roc_auc_score"]),
        metric(
            "average_precision",
            "The area under the curve of precision against recall, in steps: the mean of the precision at every row that is found.",
            "What scikit-learn calls so; Keras's `AUC(curve=\"PR\")` draws lines between fewer points. Scores are kept as for `auc`.",
            &[],
            "metrics: [average_precision]",
        )
        .also(&["pr_auc", "auprc", "average_precision_score"]),
        metric(
            "perplexity",
            "`e` to the mean cross-entropy: among how many tokens the model hesitates.",
            "Of the probabilities as they are, whatever is smoothed or added to the loss.",
            &[],
            "metrics: [perplexity]",
        )
        .also(&["ppl", "Perplexity"]),
        metric("mae", "The mean absolute difference between output and target.", "", &[], "metrics: [mae]")
            .also(&["mean_absolute_error", "l1"]),
        metric("mse", "The mean square of the difference.", "", &[], "metrics: [mse]").also(&["mean_squared_error", "l2"]),
        metric("rmse", "The root of the mean square of the difference.", "", &[], "metrics: [rmse]")
            .also(&["root_mean_squared_error", "RootMeanSquaredError"]),
        metric(
            "mape",
            "The mean absolute difference as a share of the target.",
            "A share as in scikit-learn, where Keras has a hundred times as much. Targets nearer to 0 than 1e-7 count as 1e-7.",
            &[],
            "metrics: [mape]",
        )
        .also(&["mean_absolute_percentage_error"]),
        metric(
            "msle",
            "The mean square of the difference of `log(1 + x)`.",
            "Numbers below 0 count as 0.",
            &[],
            "metrics: [msle]",
        )
        .also(&["mean_squared_logarithmic_error"]),
        metric(
            "r2",
            "The share of the target's variance that is explained: 1 where every output is right, 0 for answering the mean.",
            "Of several numbers a row, the mean of each of them. Of a target that never varies it is 1 where all outputs are right and 0 \
             otherwise.",
            &[],
            "metrics: [r2]",
        )
        .also(&["r2_score", "R2Score", "r_squared"]),
        metric(
            "cosine_similarity",
            "The mean cosine of the angle between output and target, over the last axis.",
            "",
            &[],
            "metrics: [cosine_similarity]",
        )
        .also(&["CosineSimilarity"]),
        metric("ndcg", "The gain of the first `k` against the best order there is.", OF_ORDER, &[K], "metrics: [ndcg(k=10)]")
            .also(&["NDCG", "ndcg_score"]),
        metric(
            "mrr",
            "One over the place of the first right one, on average; 0 where it is not among the first `k`.",
            OF_ORDER,
            &[K],
            "metrics: [mrr]",
        )
        .also(&["mean_reciprocal_rank", "MRR"]),
        metric("hit_rate", "The share of rows with a right one among the first `k`.", OF_ORDER, &[K], "metrics: [hit_rate(k=20)]")
            .also(&["recall_at_k", "hits"]),
        metric(
            "iou",
            "The overlap of what is marked with what should be, by what either marks; of several classes or labels, the mean.",
            "A class that neither occurs nor is answered counts for nothing.",
            &[THRESHOLD],
            "metrics: [iou]",
        )
        .also(&["mean_iou", "MeanIoU", "jaccard", "jaccard_score"]),
    ],
};

/// What a metric can measure, by what the loss teaches.
pub fn measures(name: &str) -> &'static [Teaches] {
    match name {
        "accuracy" | "exact_match" | "precision" | "recall" | "f1" | "specificity" | "auc" | "average_precision" => {
            ANSWERS
        }
        "balanced_accuracy" | "matthews" | "kappa" => ONE_ANSWER,
        "top_k_accuracy" => CLASSES,
        "perplexity" => &[Teaches::Tokens, Teaches::Classes],
        "ndcg" | "mrr" | "hit_rate" => RANKS,
        "iou" => &[Teaches::Tokens, Teaches::Labels, Teaches::Binary],
        _ => NUMBERS,
    }
}

/// Whether a metric is of an order, for which one number a row is not enough.
pub fn orders(name: &str) -> bool {
    matches!(name, "ndcg" | "mrr" | "hit_rate")
}

/// What the runtime is asked for; nothing where a value is not known.
pub fn plan(given: &Settings) -> Option<Metric> {
    let k = || given.int("k").and_then(|k| usize::try_from(k).ok());
    let threshold = || given.float("threshold");
    let averaged = || {
        let average = match given.word("average") {
            "micro" => Average::Micro,
            "weighted" => Average::Weighted,
            _ => Average::Macro,
        };
        Averaged { average, threshold: threshold() }
    };
    Some(match given.signature.name {
        "accuracy" => Metric::Accuracy,
        "exact_match" => Metric::ExactMatch,
        "top_k_accuracy" => Metric::TopKAccuracy { k: k()? },
        "precision" => Metric::Precision(averaged()),
        "recall" => Metric::Recall(averaged()),
        "f1" => Metric::F1(averaged()),
        "specificity" => Metric::Specificity(averaged()),
        "balanced_accuracy" => Metric::BalancedAccuracy { threshold: threshold() },
        "matthews" => Metric::Matthews { threshold: threshold() },
        "kappa" => Metric::Kappa { threshold: threshold() },
        "iou" => Metric::Iou { threshold: threshold() },
        "auc" => Metric::Auc,
        "average_precision" => Metric::AveragePrecision,
        "perplexity" => Metric::Perplexity,
        "mae" => Metric::Mae,
        "mse" => Metric::Mse,
        "rmse" => Metric::Rmse,
        "mape" => Metric::Mape,
        "msle" => Metric::Msle,
        "r2" => Metric::R2,
        "cosine_similarity" => Metric::CosineSimilarity,
        "ndcg" => Metric::Ndcg { k: k()? },
        "mrr" => Metric::Mrr { k: k()? },
        "hit_rate" => Metric::HitRate { k: k()? },
        _ => return None,
    })
}

/// Whether less of a metric is better.
pub fn falls(name: &str) -> bool {
    matches!(name, "mae" | "mse" | "rmse" | "mape" | "msle" | "perplexity")
}

/// Where metrics are named.
pub const LIST: Kind = Kind::Special("a list of metrics, such as `[accuracy]`");
