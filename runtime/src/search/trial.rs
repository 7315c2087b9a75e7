//! What came of a trial.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One trial, as it is kept on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Counted from 1.
    pub trial: usize,
    /// What it tried: the values that meant something, by the names of their variables, as they would be written.
    #[serde(with = "in_order")]
    pub values: Vec<(String, String)>,
    /// How it ended.
    #[serde(flatten)]
    pub end: End,
    /// What is watched, at its best epoch; nothing where it measured nothing.
    pub value: Option<f64>,
    /// That epoch, counted from 1.
    pub best_epoch: Option<usize>,
    /// What is watched, epoch by epoch; nothing where it was no number.
    pub epochs: Vec<Option<f64>>,
    /// What the best epoch measured, as histories call it.
    pub measures: BTreeMap<String, Option<f64>>,
    /// How long it took.
    pub seconds: f64,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// All its epochs were done, or it stopped early by itself.
    Finished,
    /// It was worse than others.
    Pruned,
    /// It could not be trained.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Names and values as one object, in their order.
mod in_order {
    use std::fmt;

    use serde::de::{MapAccess, Visitor};
    use serde::{Deserializer, Serializer};

    type Pairs = Vec<(String, String)>;

    pub(super) fn serialize<S: Serializer>(values: &Pairs, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(values.iter().map(|(name, value)| (name, value)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Pairs, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        from.deserialize_map(Read)
    }
}

impl Trial {
    /// Whether it comes before another: finished ones by their value, then those that ended early by theirs, then the others.
    fn against(&self, other: &Self, rises: bool) -> Ordering {
        let group = |trial: &Self| match (&trial.end, trial.value) {
            (End::Finished, Some(_)) => 0,
            (End::Pruned, Some(_)) => 1,
            _ => 2,
        };
        let value = |trial: &Self| trial.value.map_or(f64::INFINITY, |value| if rises { -value } else { value });
        let by_value = || value(self).total_cmp(&value(other));
        group(self).cmp(&group(other)).then_with(by_value).then(self.trial.cmp(&other.trial))
    }
}

/// The trials, the best first; of equal ones the earlier.
pub fn ranked(trials: &[Trial], rises: bool) -> Vec<&Trial> {
    let mut ranked: Vec<&Trial> = trials.iter().collect();
    ranked.sort_by(|a, b| a.against(b, rises));
    ranked
}
