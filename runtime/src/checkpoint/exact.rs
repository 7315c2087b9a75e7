//! JSON in which numbers come back to the last bit: a float is the bits of it, since what is decided by it must be decided the
//! same way.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// What begins the text that stands for a float.
const MARK: &str = "f64:";

/// The text of a value.
pub(super) fn write(value: &impl Serialize) -> Result<String, Error> {
    let mut value = serde_json::to_value(value)?;
    each(&mut value, &|value| {
        let float = match value {
            Value::Number(number) if number.is_f64() => number.as_f64(),
            _ => None,
        };
        if let Some(float) = float {
            *value = Value::String(format!("{MARK}{:016x}", float.to_bits()));
        }
    });
    serde_json::to_string(&value)
}

/// The value of a text.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut value: Value = serde_json::from_str(text)?;
    each(&mut value, &|value| {
        let bits = value.as_str().and_then(|text| text.strip_prefix(MARK));
        let bits = bits.and_then(|bits| u64::from_str_radix(bits, 16).ok());
        if let Some(number) = bits.and_then(|bits| serde_json::Number::from_f64(f64::from_bits(bits))) {
            *value = Value::Number(number);
        }
    });
    serde_json::from_value(value)
}

fn each(value: &mut Value, change: &dyn Fn(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        Value::Object(entries) => entries.values_mut().for_each(|item| each(item, change)),
        one => change(one),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn floats_come_back_to_the_last_bit(numbers in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 0..20)) {
            let text = write(&numbers).unwrap();
            let back: Vec<f64> = read(&text).unwrap();
            let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&back), bits(&numbers));
        }
    }

    #[test]
    fn whole_numbers_and_words_stay_what_they_are() {
        let given = BTreeMap::from([("a", serde_json::json!([1, "f64", u64::MAX])), ("b", serde_json::json!(null))]);
        let back: BTreeMap<String, Value> = read(&write(&given).unwrap()).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), serde_json::to_value(given).unwrap());
    }
}
