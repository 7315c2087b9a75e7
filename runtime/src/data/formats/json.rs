//! JSON values as a row has them: objects keep the order of their keys, and what is in a list is not kept.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::cell::Cell;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Truth(bool),
    /// A whole number that an `i64` holds.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list, whatever is in it.
    List,
    /// Keys and values, in the order of the text; of a key that is there twice, the last counts.
    Object(Object),
}

/// The keys and values of an object.
pub(super) type Object = Vec<(String, Json)>;

impl Json {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Truth(_) => "a truth value",
            Self::Whole(_) | Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// It as a cell.
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Truth(truth) => Cell::Truth(*truth),
            Self::Whole(number) => Cell::Whole(*number),
            Self::Number(number) => Cell::Number(*number),
            Self::Text(text) => Cell::Text(text),
            Self::List | Self::Object(_) => Cell::Other(self.kind()),
        }
    }
}

/// The value under a path: a key of its own first, then one inside an object, dots between. `hint` is where it was found in the row
/// before, and becomes where it was found in this one: rows of a file mostly have their keys in one order.
pub(super) fn find<'o>(object: &'o Object, path: &str, hint: &mut usize) -> Option<&'o Json> {
    if let Some((key, value)) = object.get(*hint)
        && key == path
        && !object[*hint + 1..].iter().any(|(later, _)| later == path)
    {
        return Some(value);
    }
    if let Some(place) = object.iter().rposition(|(key, _)| key == path) {
        *hint = place;
        return Some(&object[place].1);
    }
    path.match_indices('.').find_map(|(dot, _)| match object.iter().rfind(|(key, _)| *key == path[..dot]) {
        Some((_, Json::Object(inner))) => find(inner, &path[dot + 1..], &mut 0),
        _ => None,
    })
}

/// The path of every value of an object that is no object itself.
pub(super) fn paths(object: &Object, path: &mut String, each: &mut dyn FnMut(&str)) {
    let before = path.len();
    for (key, value) in object {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        match value {
            Json::Object(inner) if !inner.is_empty() => paths(inner, path, each),
            _ => each(path),
        }
        path.truncate(before);
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Truth(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Number(number as f64), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object = Object::new();
        while let Some(entry) = entries.next_entry()? {
            object.push(entry);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        match serde_json::from_str(text).unwrap() {
            Json::Object(object) => object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_is_found_by_its_path_wherever_it_stands() {
        let row =
            object(r#"{"b": 1, "user": {"age": 39, "at": {"x": 2.5}}, "user.age": 40, "b": 2, "c": [1, {"d": 2}]}"#);
        let at = |path: &str| find(&row, path, &mut 0).cloned();
        assert_eq!(at("b"), Some(Json::Whole(2)), "the last of two counts");
        assert_eq!(at("user.at.x"), Some(Json::Number(2.5)));
        assert_eq!(at("user.age"), Some(Json::Whole(40)), "a key of its own comes first");
        assert_eq!((at("c"), at("c.d"), at("user.at.y")), (Some(Json::List), None, None));
        let mut all = Vec::new();
        paths(&row, &mut String::new(), &mut |path| all.push(path.to_owned()));
        assert_eq!(all, ["b", "user.age", "user.at.x", "user.age", "b", "c"]);
    }
}
