//! How a search goes through what a training may be.

use serde::{Deserialize, Serialize};

use super::Monitor;

/// How the values of `tune(…)` are looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// By what the next combination is chosen.
    pub method: SearchMethod,
    /// Combinations that are tried at most.
    pub trials: usize,
    /// Whether a trial ends early.
    pub prune: Pruning,
    /// Trials before any is judged by the others.
    pub warmup: usize,
    /// What a trial is judged by; what its best epoch is judged by where nothing is said.
    pub monitor: Option<Monitor>,
    /// Seconds after which no further trial begins.
    pub timeout: Option<f64>,
    /// What every draw of the search comes from: the training's seed.
    pub seed: u64,
}

/// By what the next combination is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchMethod {
    /// By what was good so far: tree-structured Parzen estimators.
    Bayesian,
    /// By chance.
    Random,
    /// All combinations, in order.
    Grid,
}

/// Whether a trial ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pruning {
    /// Never.
    None,
    /// When it is worse than the median of the others.
    Median,
    /// By successive halving.
    Halving,
}
