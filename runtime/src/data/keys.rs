//! The column by which rows are held out: its values as numbers that are equal, and in order, where the values are.

use super::learnt::Texts;
use super::moment::moment;

/// A number for the value of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Equal where the values are.
    pub values: Vec<i64>,
    /// Whether their order says what comes first: of numbers, days and moments it does, of words it does not.
    pub ordered: bool,
}

impl Keys {
    /// Of the texts of all rows.
    pub(super) fn of(texts: &Texts) -> Self {
        let all = |number: &dyn Fn(&str) -> Option<i64>| texts.iter().map(number).collect::<Option<Vec<i64>>>();
        let whole = |text: &str| text.parse().ok();
        let float = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite()).map(ordered);
        if let Some(values) = all(&whole).or_else(|| all(&float)).or_else(|| all(&moment)) {
            return Self { values, ordered: true };
        }
        let mut names: Vec<&str> = texts.iter().collect();
        names.sort_unstable();
        names.dedup();
        let place = |text: &str| names.binary_search(&text).map_or(0, |place| place as i64);
        Self { values: texts.iter().map(place).collect(), ordered: false }
    }
}

/// The whole number in whose place a float stands in their order (the order of their bits, the negative ones turned round).
fn ordered(number: f64) -> i64 {
    // The two zeros are one value.
    let bits = (number + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::super::cell::Cell;
    use super::*;

    fn keys(cells: &[&str]) -> Keys {
        let mut texts = Texts::default();
        cells.iter().for_each(|cell| texts.add(Cell::Text(cell)).unwrap());
        Keys::of(&texts)
    }

    #[test]
    fn values_are_numbers_moments_or_names() {
        assert_eq!(keys(&["3", "-1"]), Keys { values: vec![3, -1], ordered: true });
        let floats = keys(&["-2.5", "-0.0", "0.0", "1e-9", "7"]);
        assert!(floats.ordered && floats.values.is_sorted(), "{floats:?}");
        assert_eq!(floats.values[1], floats.values[2]);
        let days = keys(&["2019-02-01", "2019-01-31T23:00:00", "2019-02-01"]);
        assert!(days.ordered && days.values[1] < days.values[0] && days.values[0] == days.values[2]);
        assert_eq!(keys(&["b", "a", "b"]), Keys { values: vec![1, 0, 1], ordered: false });
    }
}
