//! The measures beside the loss, with what each was given.

use serde::{Deserialize, Serialize};

/// A measure shown beside the loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of rows whose label was found: by the largest output, or by a probability above one half.
    Accuracy,
    /// The share of rows all of whose labels were found.
    ExactMatch,
    /// The share of rows whose label is among the largest outputs.
    TopKAccuracy {
        /// How many are looked at.
        k: usize,
    },
    /// The share of a class's answers that are right.
    Precision(Averaged),
    /// The share of a class's rows that are found.
    Recall(Averaged),
    /// The harmonic mean of both.
    F1(Averaged),
    /// The share of the rows of other classes that are not taken for it.
    Specificity(Averaged),
    /// The mean of every class's recall.
    BalancedAccuracy {
        /// The probability above which it is a yes.
        threshold: f64,
    },
    /// Matthews's correlation of answers and labels.
    Matthews {
        /// The probability above which it is a yes.
        threshold: f64,
    },
    /// Cohen's kappa: the agreement beyond what chance would give.
    Kappa {
        /// The probability above which it is a yes.
        threshold: f64,
    },
    /// The overlap of answers and labels, by what either marks.
    Iou {
        /// The probability above which it is a yes.
        threshold: f64,
    },
    /// The area under the curve of true against false positives.
    Auc,
    /// The area under the curve of precision against recall.
    AveragePrecision,
    /// `e` to the mean cross-entropy.
    Perplexity,
    /// The mean absolute difference between output and target.
    Mae,
    /// The mean square of the difference.
    Mse,
    /// The root of the mean square of the difference.
    Rmse,
    /// The mean absolute difference as a share of the target.
    Mape,
    /// The mean square of the difference of `log(1 + x)`.
    Msle,
    /// The share of the target's variance that is explained.
    R2,
    /// The mean cosine of the angle between output and target.
    CosineSimilarity,
    /// The gain of the first `k` against the best order there is.
    Ndcg {
        /// How many of the best are looked at.
        k: usize,
    },
    /// One over the place of the first right one.
    Mrr {
        /// How many of the best are looked at.
        k: usize,
    },
    /// The share of rows with a right one among the first `k`.
    HitRate {
        /// How many of the best are looked at.
        k: usize,
    },
}

/// What a measure of each class is given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Averaged {
    /// How the classes' values become one.
    pub average: Average,
    /// The probability above which it is a yes, where each answer is yes or no.
    pub threshold: f64,
}

/// How the values of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Average {
    /// Each class counts the same.
    Macro,
    /// Each row counts the same.
    Micro,
    /// By how many rows a class has.
    Weighted,
}

impl Average {
    fn name(self) -> &'static str {
        match self {
            Self::Macro => "macro",
            Self::Micro => "micro",
            Self::Weighted => "weighted",
        }
    }
}

impl Metric {
    /// The name in the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::ExactMatch => "exact_match",
            Self::TopKAccuracy { .. } => "top_k_accuracy",
            Self::Precision(_) => "precision",
            Self::Recall(_) => "recall",
            Self::F1(_) => "f1",
            Self::Specificity(_) => "specificity",
            Self::BalancedAccuracy { .. } => "balanced_accuracy",
            Self::Matthews { .. } => "matthews",
            Self::Kappa { .. } => "kappa",
            Self::Iou { .. } => "iou",
            Self::Auc => "auc",
            Self::AveragePrecision => "average_precision",
            Self::Perplexity => "perplexity",
            Self::Mae => "mae",
            Self::Mse => "mse",
            Self::Rmse => "rmse",
            Self::Mape => "mape",
            Self::Msle => "msle",
            Self::R2 => "r2",
            Self::CosineSimilarity => "cosine_similarity",
            Self::Ndcg { .. } => "ndcg",
            Self::Mrr { .. } => "mrr",
            Self::HitRate { .. } => "hit_rate",
        }
    }

    /// Its name with what it was given.
    fn whole_name(self) -> String {
        let name = self.name();
        match self {
            Self::TopKAccuracy { k } | Self::Ndcg { k } | Self::Mrr { k } | Self::HitRate { k } => {
                format!("{name}_{k}")
            }
            Self::Precision(averaged) | Self::Recall(averaged) | Self::F1(averaged) | Self::Specificity(averaged) => {
                format!("{name}_{}{}", averaged.average.name(), beyond(averaged.threshold))
            }
            Self::BalancedAccuracy { threshold }
            | Self::Matthews { threshold }
            | Self::Kappa { threshold }
            | Self::Iou { threshold } => format!("{name}{}", beyond(threshold)),
            _ => name.to_owned(),
        }
    }

    /// The names in histories, which are words and all different: of several metrics of one name each has what it was given
    /// behind it, as `f1_macro` and `f1_micro`.
    pub fn names(metrics: &[Self]) -> Vec<String> {
        let several = |metric: &Self| metrics.iter().filter(|other| other.name() == metric.name()).count() > 1;
        metrics
            .iter()
            .map(|metric| if several(metric) { metric.whole_name() } else { metric.name().to_owned() })
            .collect()
    }
}

/// A threshold that is not one half, as a part of a name.
fn beyond(threshold: f64) -> String {
    if threshold == 0.5 { String::new() } else { format!("_{threshold:?}").replace(['.', '-'], "_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_one_name_are_told_apart_by_what_they_were_given() {
        let f1 = |average, threshold| Metric::F1(Averaged { average, threshold });
        let several =
            [f1(Average::Macro, 0.5), Metric::Accuracy, f1(Average::Micro, 0.25), Metric::TopKAccuracy { k: 3 }];
        assert_eq!(Metric::names(&several), ["f1_macro", "accuracy", "f1_micro_0_25", "top_k_accuracy"]);
    }
}
