//! JSON with the places of its values, and JSON that keeps the order it is made in.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Fault;

/// Levels of lists and objects a document may have.
const MAX_DEPTH: usize = 64;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Its bytes.
    pub at: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// The members in order; a name that stands twice is two of them.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a document.
    ///
    /// # Errors
    /// Where it is no JSON, nests too deep, or names a member twice.
    pub fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| vec![syntax(text, text, &error)])?;
        let mut faults = Vec::new();
        let node = node(text, raw, 0, &mut faults);
        if faults.is_empty() { Ok(node) } else { Err(faults) }
    }

    /// The members of an object.
    pub fn members(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text it is.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number it is.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => number.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// The whole number it is, however it is written: `3`, `3.0`.
    pub fn whole(&self) -> Option<i64> {
        match &self.value {
            Value::Number(number) => number.parse().ok().or_else(|| {
                let number = self.number().filter(|number| number.fract() == 0.0 && number.abs() < 9e15)?;
                Some(number as i64)
            }),
            _ => None,
        }
    }

    /// The same value, to be written.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(truth) => Json::Bool(*truth),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::Text(text.clone()),
            Value::List(items) => Json::List(items.iter().map(Self::to_json).collect()),
            Value::Object(members) => {
                Json::Object(members.iter().map(|(name, node)| (name.clone(), node.to_json())).collect())
            }
        }
    }
}

/// A list or an object with its parts as they are written.
enum Parts<'t> {
    List(Vec<&'t RawValue>),
    Object(Vec<(String, &'t RawValue)>),
}

impl<'de: 't, 't> Deserialize<'de> for Parts<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Parts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or an object")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Parts::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Parts::Object(members))
            }
        }
        deserializer.deserialize_any(Whole)
    }
}

fn node(text: &str, raw: &RawValue, depth: usize, faults: &mut Vec<Fault>) -> Node {
    let own = raw.get();
    // A raw value is a slice of the text that it was read from.
    let start = own.as_ptr() as usize - text.as_ptr() as usize;
    let at = start..start + own.len();
    let value = match own.as_bytes().first() {
        Some(b'{' | b'[') if depth >= MAX_DEPTH => {
            faults.push(Fault::new(at.start..at.start + 1, format!("this nests deeper than {MAX_DEPTH} levels")));
            Value::Null
        }
        Some(b'{' | b'[') => match serde_json::from_str::<Parts<'_>>(own) {
            Ok(Parts::List(items)) => {
                Value::List(items.into_iter().map(|item| node(text, item, depth + 1, faults)).collect())
            }
            Ok(Parts::Object(members)) => {
                let mut names = std::collections::HashSet::new();
                let mut read = Vec::with_capacity(members.len());
                for (name, member) in members {
                    let member = node(text, member, depth + 1, faults);
                    if !names.insert(name.clone()) {
                        faults.push(Fault::new(member.at.clone(), format!("`{name}` stands twice in this object")));
                    }
                    read.push((name, member));
                }
                Value::Object(read)
            }
            Err(error) => {
                faults.push(syntax(text, own, &error));
                Value::Null
            }
        },
        Some(b'"') => match serde_json::from_str(own) {
            Ok(text) => Value::Text(text),
            Err(error) => {
                faults.push(syntax(text, own, &error));
                Value::Null
            }
        },
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'n') => Value::Null,
        _ => Value::Number(own.to_owned()),
    };
    Node { at, value }
}

/// A fault of form in `part`, a slice of `text`.
fn syntax(text: &str, part: &str, error: &serde_json::Error) -> Fault {
    let before = part.as_ptr() as usize - text.as_ptr() as usize;
    let line: usize = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // What ends too early does so behind its last letter.
    let at = if error.is_eof() { before + part.len() } else { before + line + error.column().saturating_sub(1) };
    let at = text.floor_char_boundary(at.min(text.len()));
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    Fault::new(at..at, format!("this is no JSON: {message}"))
}

/// JSON to be written, its members in the order they were given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The document, indented.
    pub fn written(&self) -> String {
        let mut out = serde_json::to_string_pretty(self).unwrap_or_default();
        out.push('\n');
        out
    }

    /// The value on one line.
    pub fn short(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Number(number) => match RawValue::from_string(number.clone()) {
                Ok(raw) => raw.serialize(serializer),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    object.serialize_entry(name, value)?;
                }
                object.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_places() {
        let text = "{\"a\": [1, \"é\"],\n \"b\": {\"c\": null}}";
        let node = Node::read(text).unwrap();
        let list = node.get("a").and_then(Node::items).unwrap();
        assert_eq!(&text[list[1].at.clone()], "\"é\"");
        assert_eq!(node.get("b").map(|b| &text[b.at.clone()]), Some("{\"c\": null}"));
        assert_eq!(Node::read(&node.to_json().written()).unwrap().to_json(), node.to_json());
    }

    #[test]
    fn faults_have_their_places() {
        let place = |text: &str| Node::read(text).unwrap_err()[0].at.start;
        assert_eq!(place("{\"a\": 1,\n  oops}"), 11);
        assert_eq!(place("{\"a\": 1, \"a\": 2}"), 14);
        assert_eq!(place("[1, [\"\\q\"]]"), 7);
        assert_eq!(place(&"[".repeat(100_000)), 100_000);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(place(&deep), 64);
    }
}
