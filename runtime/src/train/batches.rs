//! Which rows are trained on, in which order, and how they become a batch.

use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::{PARTNER_TARGET_INPUT, PARTNER_WEIGHT_INPUT, ROW_WEIGHT_INPUT};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::TrainError;
use crate::data::{Dataset, Field};
use crate::tensor::Tensor;

/// The rows to train on and those held out, drawn by the seed: a share of them, rounded.
pub fn split(rows: usize, share: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>), TrainError> {
    let held_out = (rows as f64 * share).round() as usize;
    let empty = |side| TrainError::EmptySplit { share, rows, side };
    match (share > 0.0, held_out) {
        (true, 0) => return Err(empty("no rows to validate on")),
        (true, held_out) if held_out >= rows => return Err(empty("no rows to train on")),
        _ => {}
    }
    let mut order: Vec<usize> = (0..rows).collect();
    if held_out > 0 {
        shuffle(&mut order, seed, "split", 0);
    }
    let mut validation = order.split_off(rows - held_out);
    // Both in the order of the file: what shuffles the training rows is the epoch, not the split.
    order.sort_unstable();
    validation.sort_unstable();
    Ok((order, validation))
}

/// Puts the rows in the order of an epoch.
pub(super) fn order(rows: &[usize], seed: u64, epoch: usize) -> Vec<usize> {
    let mut rows = rows.to_vec();
    shuffle(&mut rows, seed, "order", epoch as u64);
    rows
}

/// Fisher and Yates's shuffle, by a stream of its own for every seed, purpose and number.
pub(super) fn shuffle(rows: &mut [usize], seed: u64, purpose: &str, number: u64) {
    let mut random = stream(seed, purpose, number);
    for last in (1..rows.len()).rev() {
        // The high half of a product draws evenly to within 2^-64 a row, and always the same.
        let chosen = (u128::from(random.next_u64()) * (last as u128 + 1)) >> 64;
        rows.swap(last, chosen as usize);
    }
}

/// A stream of its own for every seed, purpose and number.
pub(super) fn stream(seed: u64, purpose: &str, number: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&number.to_le_bytes());
    for (byte, letter) in key[16..].iter_mut().zip(purpose.bytes()) {
        *byte = letter;
    }
    ChaCha8Rng::from_seed(key)
}

/// What is fed into an input of a graph.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fed<'d> {
    /// A field of the dataset.
    Field(&'d Field),
    /// How much each row counts.
    RowWeight,
    /// The target of the row that each is mixed with: of the field to learn.
    PartnerTarget(&'d Field),
    /// How much that counts.
    PartnerWeight,
}

impl<'d> Fed<'d> {
    /// The field, if it is one.
    pub(super) fn field(self) -> Option<&'d Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::RowWeight | Self::PartnerTarget(_) | Self::PartnerWeight => None,
        }
    }

    /// Its numbers of some rows, where none is mixed with another; `weights` are those of all rows, 1 where there are none.
    pub(super) fn batch(self, data: &Dataset, rows: &[usize], weights: Option<&[f32]>) -> Result<Tensor, TrainError> {
        Ok(match self {
            Self::Field(field) | Self::PartnerTarget(field) => data.batch(field, rows)?,
            Self::PartnerWeight => Tensor::f32([rows.len()], vec![0.0; rows.len()]),
            Self::RowWeight => {
                let weight = |row: &usize| weights.and_then(|weights| weights.get(*row)).copied().unwrap_or(1.0);
                Tensor::f32([rows.len()], rows.iter().map(weight).collect())
            }
        })
    }
}

/// What is behind a graph's inputs, in the graph's order.
pub(super) fn fed<'d>(graph: &Graph, data: &'d Dataset) -> Result<Vec<Fed<'d>>, TrainError> {
    let fed = |id: &ndsl_compiler::ir::ValueId| {
        let name = &graph.value(*id).name;
        match data.field(name) {
            _ if name == ROW_WEIGHT_INPUT => Ok(Fed::RowWeight),
            _ if name == PARTNER_WEIGHT_INPUT => Ok(Fed::PartnerWeight),
            None if name == PARTNER_TARGET_INPUT => {
                let target = data.field(&data.target).map(Fed::PartnerTarget);
                target.ok_or_else(|| TrainError::NoField { name: data.target.clone() })
            }
            Some(field) => Ok(Fed::Field(field)),
            None => Err(TrainError::NoField { name: name.to_string() }),
        }
    };
    graph.inputs.iter().map(fed).collect()
}

/// A graph's inputs for the given rows of a dataset, every row counting the same.
pub fn batch(graph: &Graph, data: &Dataset, rows: &[usize]) -> Result<Vec<Tensor>, TrainError> {
    fed(graph, data)?.into_iter().map(|fed| fed.batch(data, rows, None)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_the_seeds_and_loses_no_row() {
        let (training, validation) = split(100, 0.2, 5).unwrap();
        assert_eq!((training.len(), validation.len()), (80, 20));
        let mut all: Vec<usize> = training.iter().chain(&validation).copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(split(100, 0.2, 5).unwrap(), (training, validation.clone()));
        assert_ne!(split(100, 0.2, 6).unwrap().1, validation);
        assert_eq!(split(3, 0.0, 5).unwrap(), (vec![0, 1, 2], vec![]));
    }

    #[test]
    fn a_split_with_an_empty_side_is_an_error() {
        let message = |rows, share| split(rows, share, 0).unwrap_err().to_string();
        assert_eq!(message(3, 0.1), "a validation split of 0.1 of 3 rows leaves no rows to validate on");
        assert_eq!(message(1, 0.9), "a validation split of 0.9 of 1 rows leaves no rows to train on");
    }

    #[test]
    fn every_epoch_has_its_own_order_of_the_same_rows() {
        let rows: Vec<usize> = (10..40).collect();
        let (first, second) = (order(&rows, 1, 1), order(&rows, 1, 2));
        assert_ne!(first, second);
        assert_eq!(first, order(&rows, 1, 1));
        let mut sorted = second;
        sorted.sort_unstable();
        assert_eq!(sorted, rows);
    }
}
