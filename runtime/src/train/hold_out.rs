//! Which rows are held out of training, and measured after every epoch.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::plan::Validation;

use super::TrainError;
use super::batches::{shuffle, split};
use crate::data::{Dataset, Keys};
use crate::tensor::TensorData;

/// The rows to train on and those held out, each in the order of the dataset.
///
/// What is drawn is drawn by the seed, so that the same rows are found again when a model is measured.
///
/// # Errors
/// [`TrainError::EmptySplit`] where one side would have no rows, and what says that the column does not tell them apart.
pub fn hold_out(validation: &Validation, data: &Dataset, seed: u64) -> Result<(Vec<usize>, Vec<usize>), TrainError> {
    let own = data.own_rows();
    let share = validation.share();
    let held_out = match validation {
        Validation::None | Validation::Random { .. } => return split(own, share, seed),
        Validation::Rows { .. } => return Ok(((0..own).collect(), (own..data.rows).collect())),
        Validation::Stratified { by, .. } => stratified(&strata(data, by.as_deref())?, share, seed),
        Validation::Group { by, .. } => groups(by, keys(data, by)?, share, seed)?,
        Validation::Time { by, .. } => last(by, keys(data, by)?, share)?,
    };
    let count = held_out.iter().filter(|held| **held).count();
    let empty = |side| TrainError::EmptySplit { share, rows: own, side };
    match count {
        0 => return Err(empty("no rows to validate on")),
        count if count == own => return Err(empty("no rows to train on")),
        _ => {}
    }
    Ok((0..own).partition(|row| !held_out[*row]))
}

/// The values of the column that rows are held out by.
fn keys<'d>(data: &'d Dataset, by: &str) -> Result<&'d Keys, TrainError> {
    data.keys.as_ref().ok_or_else(|| TrainError::NoField { name: by.to_owned() })
}

/// The value of each row by which shares are kept.
fn strata(data: &Dataset, by: Option<&str>) -> Result<Vec<i64>, TrainError> {
    if let (Some(_), Some(keys)) = (by, &data.keys) {
        return Ok(keys.values.clone());
    }
    let name = by.unwrap_or(&data.target);
    let field = data.field(name).ok_or_else(|| TrainError::NoField { name: name.to_owned() })?;
    if field.width() != 1 || field.pictures.is_some() || field.data.element() == ElementType::F32 {
        return Err(TrainError::NotLabels { name: name.to_owned() });
    }
    let mut labels = Vec::with_capacity(data.rows);
    _ = field.data.pieces(&mut |_, numbers| {
        match numbers {
            TensorData::I64(numbers) => labels.extend_from_slice(numbers),
            TensorData::U8(numbers) => labels.extend(numbers.iter().map(|number| i64::from(*number))),
            TensorData::Bool(truths) => labels.extend(truths.iter().map(|truth| i64::from(*truth))),
            TensorData::F32(_) => {}
        }
        ControlFlow::Continue(())
    })?;
    labels.truncate(data.own_rows());
    Ok(labels)
}

/// The same share of each value: what rounding leaves goes to the values whose part is cut most, so that the whole is the share of
/// all rows (the method of the largest remainder).
fn stratified(values: &[i64], share: f64, seed: u64) -> Vec<bool> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    values.iter().for_each(|value| *counts.entry(*value).or_default() += 1);
    let wanted = (values.len() as f64 * share).round() as usize;
    let mut quotas: BTreeMap<i64, usize> =
        counts.iter().map(|(value, count)| (*value, (*count as f64 * share).floor() as usize)).collect();
    let mut cut: Vec<(f64, i64)> =
        counts.iter().map(|(value, count)| ((*count as f64 * share).fract(), *value)).collect();
    cut.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let given: usize = quotas.values().sum();
    for (_, value) in cut.iter().take(wanted.saturating_sub(given)) {
        *quotas.entry(*value).or_default() += 1;
    }
    let mut order: Vec<usize> = (0..values.len()).collect();
    shuffle(&mut order, seed, "split", 0);
    let mut held = vec![false; values.len()];
    for row in order {
        if let Some(left @ 1..) = quotas.get_mut(&values[row]) {
            *left -= 1;
            held[row] = true;
        }
    }
    held
}

/// Whole groups in a drawn order, each taken where that brings what is held out nearer to the share.
fn groups(by: &str, keys: &Keys, share: f64, seed: u64) -> Result<Vec<bool>, TrainError> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    keys.values.iter().for_each(|value| *counts.entry(*value).or_default() += 1);
    if counts.len() < 2 {
        return Err(TrainError::OneGroup { by: by.to_owned() });
    }
    let sizes: Vec<(i64, usize)> = counts.into_iter().collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    shuffle(&mut order, seed, "groups", 0);
    let wanted = keys.values.len() as f64 * share;
    let (mut held, mut count) = (std::collections::BTreeSet::new(), 0);
    for (value, size) in order.iter().map(|group| sizes[*group]) {
        let distance = |count: usize| (count as f64 - wanted).abs();
        if held.len() + 1 < sizes.len() && (held.is_empty() || distance(count + size) < distance(count)) {
            held.insert(value);
            count += size;
        }
    }
    Ok(keys.values.iter().map(|value| held.contains(value)).collect())
}

/// The last rows by their values; of equal ones those that stand later.
fn last(by: &str, keys: &Keys, share: f64) -> Result<Vec<bool>, TrainError> {
    if !keys.ordered {
        return Err(TrainError::NoOrder { by: by.to_owned() });
    }
    let values = &keys.values;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|row| values[*row]);
    let mut held = vec![false; values.len()];
    let count = (values.len() as f64 * share).round() as usize;
    for row in order.into_iter().rev().take(count) {
        held[row] = true;
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn held(flags: &[bool]) -> Vec<usize> {
        (0..flags.len()).filter(|row| flags[*row]).collect()
    }

    fn keys_of(values: &[i64]) -> Keys {
        Keys { values: values.to_vec(), ordered: true }
    }

    #[test]
    fn every_value_keeps_its_share() {
        let values: Vec<i64> = (0..100).map(|row| i64::from(row % 10 == 0)).collect();
        let flags = stratified(&values, 0.2, 5);
        let rare = held(&flags).iter().filter(|row| values[**row] == 1).count();
        assert_eq!((held(&flags).len(), rare), (20, 2));
        assert_eq!(stratified(&values, 0.2, 5), flags);
        assert_ne!(stratified(&values, 0.2, 6), flags);
        // Three values of 5 rows: a fifth of each is one, a tenth of all is two.
        let values: Vec<i64> = (0..15).map(|row| row % 3).collect();
        assert_eq!(held(&stratified(&values, 0.1, 1)).len(), 2);
    }

    #[test]
    fn a_group_is_on_one_side() {
        let values: Vec<i64> = (0..60).map(|row| row * row % 17).collect();
        let flags = groups("user", &keys_of(&values), 0.25, 3).unwrap();
        for (row, value) in values.iter().enumerate() {
            let first = values.iter().position(|other| other == value).unwrap();
            assert_eq!(flags[row], flags[first]);
        }
        let count = held(&flags).len();
        assert!((10..=20).contains(&count), "{count}");
        let one = groups("user", &keys_of(&[7, 7, 7]), 0.5, 0).unwrap_err().to_string();
        assert_eq!(one, "`user` has one value in all rows, so no group of them can be held out");
    }

    #[test]
    fn the_last_rows_are_the_latest() {
        assert_eq!(held(&last("day", &keys_of(&[5, 1, 4, 2, 3, 5]), 0.5).unwrap()), [0, 2, 5]);
        assert_eq!(held(&last("day", &keys_of(&[1, 1, 1, 1]), 0.25).unwrap()), [3]);
        let unordered = Keys { values: vec![1, 2], ordered: false };
        assert!(last("day", &unordered, 0.5).unwrap_err().to_string().starts_with("`day` says no order"));
    }

    proptest! {
        #[test]
        fn the_share_is_that_of_all_rows_and_groups_stay_together(
            values in prop::collection::vec(0i64..6, 2..80),
            share in 0.05f64..0.95,
            seed: u64,
        ) {
            let wanted = (values.len() as f64 * share).round() as usize;
            let flags = stratified(&values, share, seed);
            prop_assert_eq!(held(&flags).len(), wanted);
            for value in 0..6 {
                let of = |flags: &[bool]| values.iter().zip(flags).filter(|(v, held)| **v == value && **held).count();
                let all = values.iter().filter(|v| **v == value).count() as f64;
                prop_assert!((of(&flags) as f64 - all * share).abs() < 1.0);
            }
            if let Ok(flags) = groups("g", &keys_of(&values), share, seed) {
                let count = held(&flags).len();
                prop_assert!(count > 0 && count < values.len());
                for (row, value) in values.iter().enumerate() {
                    let first = values.iter().position(|other| other == value).unwrap();
                    prop_assert_eq!(flags[row], flags[first]);
                }
            }
        }
    }
}
