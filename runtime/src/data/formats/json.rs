//! A row of a file of JSON lines: the keys and values of its object one after another, those of an object inside it behind its own key.
//!
//! Rows of a file mostly have their keys in one order, so where the wanted columns stand is found once and remembered as a [`Layout`]; a
//! row of the same layout costs a comparison of its keys, and one of another is looked through once, however many columns are wanted.

use std::borrow::Cow;
use std::fmt;

use foldhash::HashMap;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::cell::Cell;

/// How many of a column's dots are tried as the end of an object's key.
const MAX_DOTS: usize = 256;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Truth(bool),
    /// A whole number that an `i64` holds.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// A text.
    Text(Cow<'t, str>),
    /// Any value, of a key that is asked for as a whole.
    Written(&'t str),
    /// A list, whatever is in it.
    List,
    /// An object: the place behind the last of what is in it.
    Object(usize),
}

impl Json<'_> {
    /// What it is, for messages.
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Truth(_) => "a truth value",
            Self::Whole(_) | Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Written(_) => "a value",
            Self::List => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// It as a cell.
    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Truth(truth) => Cell::Truth(*truth),
            Self::Whole(number) => Cell::Whole(*number),
            Self::Number(number) => Cell::Number(*number),
            Self::Text(text) => Cell::Text(text),
            Self::Written("null") => Cell::Null,
            Self::Written(text) => Cell::Json(text),
            Self::List | Self::Object(_) => Cell::Other(self.kind()),
        }
    }

    /// The place behind an object's last entry; nothing for what is none.
    fn end(&self) -> Option<usize> {
        match self {
            Self::Object(end) => Some(*end),
            _ => None,
        }
    }
}

/// The object of a line. Of a key that is there twice, the last counts.
#[derive(Debug)]
pub(super) struct Row<'t> {
    entries: Vec<(Cow<'t, str>, Json<'t>)>,
}

impl<'t> Row<'t> {
    /// Reads a line, or says why it is no object. `likely` is how many keys it may have; what stands under those of `whole` is not
    /// taken apart.
    pub(super) fn read(line: &'t [u8], likely: usize, whole: &[String]) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(likely);
        let mut deserializer = serde_json::Deserializer::from_slice(line);
        let read = Value { entries: &mut entries, whole }.deserialize(&mut deserializer);
        match read.and_then(|value| deserializer.end().map(|()| value)) {
            Ok(Json::Object(_)) => Ok(Self { entries }),
            Ok(other) => Err(format!("is {}, where each is an object such as {{\"age\": 39}}", other.kind())),
            Err(error) => Err(format!("is no JSON: {} at character {}", what(&error), error.column())),
        }
    }

    /// How many keys it has, with those of the objects inside.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The cell at a place of its layout.
    #[inline]
    pub(super) fn cell(&self, place: Option<usize>) -> Cell<'_> {
        place.and_then(|place| self.entries.get(place)).map_or(Cell::Null, |(_, value)| value.cell())
    }

    /// The path of every value that is no object itself, or one without keys.
    pub(super) fn paths(&self, each: &mut dyn FnMut(&str)) {
        let mut path = String::new();
        // Where each object around ends, and how long the path was before it.
        let mut around: Vec<(usize, usize)> = Vec::new();
        for (place, (key, value)) in self.entries.iter().enumerate() {
            while let Some((_, before)) = around.pop_if(|(end, _)| *end <= place) {
                path.truncate(before);
            }
            let before = path.len();
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
            match value.end().filter(|end| *end > place + 1) {
                Some(end) => around.push((end, before)),
                None => {
                    each(&path);
                    path.truncate(before);
                }
            }
        }
    }
}

/// The keys of a row, and where the wanted columns stand among them.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// All keys, one after another.
    keys: String,
    /// Of each key where it ends in `keys`, and where its object ends, if it has one.
    shape: Vec<(usize, Option<usize>)>,
    /// Of each column its place.
    places: Vec<Option<usize>>,
}

impl Layout {
    /// Whether a row has the same keys in the same order.
    pub(super) fn fits(&self, row: &Row<'_>) -> bool {
        let mut start = 0;
        self.shape.len() == row.entries.len()
            && self.shape.iter().zip(&row.entries).all(|((end, object), (key, value))| {
                let same = self.keys.as_bytes()[start..*end] == *key.as_bytes() && *object == value.end();
                start = *end;
                same
            })
    }

    /// Becomes that of a row. Under a column's name stands a key of its own first, then one inside an object, dots between.
    pub(super) fn learn(&mut self, row: &Row<'_>, columns: &[&str]) {
        self.keys.clear();
        self.shape.clear();
        for (key, value) in &row.entries {
            self.keys.push_str(key);
            self.shape.push((self.keys.len(), value.end()));
        }
        // By the place where what is in its object begins, and its key; the row itself begins at 0.
        let mut known: HashMap<(usize, &str), usize> = HashMap::default();
        let mut around: Vec<(usize, usize)> = Vec::new();
        for (place, (key, value)) in row.entries.iter().enumerate() {
            while around.pop_if(|(end, _)| *end <= place).is_some() {}
            let object = around.last().map_or(0, |(_, inside)| *inside);
            known.insert((object, key), place);
            if let Some(end) = value.end() {
                around.push((end, place + 1));
            }
        }
        self.places.clear();
        self.places.extend(columns.iter().map(|column| find(row, &known, 0, column)));
    }

    /// Where each column stands.
    pub(super) fn places(&self) -> &[Option<usize>] {
        &self.places
    }
}

/// The place of a path inside an object.
fn find(row: &Row<'_>, known: &HashMap<(usize, &str), usize>, object: usize, path: &str) -> Option<usize> {
    if let Some(place) = known.get(&(object, path)) {
        return Some(*place);
    }
    path.match_indices('.').take(MAX_DOTS).find_map(|(dot, _)| {
        let place = *known.get(&(object, &path[..dot]))?;
        row.entries[place].1.end()?;
        find(row, known, place + 1, &path[dot + 1..])
    })
}

/// What is wrong, without the line: the text that was read is one.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line").map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// Reads a value, and puts what is in an object behind it.
struct Value<'r, 't> {
    entries: &'r mut Vec<(Cow<'t, str>, Json<'t>)>,
    /// The keys whose values are not taken apart.
    whole: &'r [String],
}

impl<'de> DeserializeSeed<'de> for Value<'_, 'de> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, 'de> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json<'de>, E> {
        Ok(Json::Truth(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(number).map_or(Json::Number(number as f64), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json<'de>, A::Error> {
        while let Some(Key(key)) = entries.next_key()? {
            let place = self.entries.len();
            self.entries.push((key, Json::Null));
            let value = match self.whole.iter().any(|whole| *whole == self.entries[place].0) {
                true => Json::Written(entries.next_value::<&RawValue>()?.get()),
                false => entries.next_value_seed(Value { entries: &mut *self.entries, whole: &[] })?,
            };
            self.entries[place].1 = value;
        }
        Ok(Json::Object(self.entries.len()))
    }
}

/// A key, as it stands in the text where nothing in it is escaped.
struct Key<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row<'_> {
        Row::read(text.as_bytes(), 0, &[]).unwrap()
    }

    fn at<'r>(row: &'r Row<'_>, path: &str) -> Cell<'r> {
        let mut layout = Layout::default();
        layout.learn(row, &[path]);
        assert!(layout.fits(row));
        row.cell(layout.places()[0])
    }

    #[test]
    fn a_value_is_found_by_its_path_wherever_it_stands() {
        let row = row(
            r#"{"b": 1, "user": {"age": 39, "at": {"x": 2.5}}, "user.age": 40, "b": 2, "c": [1, {"d": 2}], "\u0065": {}}"#,
        );
        assert_eq!(at(&row, "b"), Cell::Whole(2), "the last of two counts");
        assert_eq!(at(&row, "user.at.x"), Cell::Number(2.5));
        assert_eq!(at(&row, "user.age"), Cell::Whole(40), "a key of its own comes first");
        assert_eq!(at(&row, "c"), Cell::Other("a list"));
        assert_eq!((at(&row, "user"), at(&row, "e")), (Cell::Other("an object"), Cell::Other("an object")));
        assert_eq!((at(&row, "c.d"), at(&row, "user.at.y"), at(&row, "x")), (Cell::Null, Cell::Null, Cell::Null));
        let mut all = Vec::new();
        row.paths(&mut |path| all.push(path.to_owned()));
        assert_eq!(all, ["b", "user.age", "user.at.x", "user.age", "b", "c", "e"]);
    }

    #[test]
    fn a_layout_is_the_keys_in_their_order_and_what_is_in_what() {
        let mut layout = Layout::default();
        layout.learn(&row(r#"{"a": 1, "b": {"c": 2}, "d": 3}"#), &["d", "b.c"]);
        let other = row(r#"{"a": null, "b": {"c": "x"}, "d": 4.5}"#);
        assert!(layout.fits(&other));
        assert_eq!(
            layout.places().iter().map(|place| other.cell(*place)).collect::<Vec<_>>(),
            [Cell::Number(4.5), Cell::Text("x")]
        );
        for text in [
            r#"{"a": 1, "b": {"c": 2, "d": 3}}"#,
            r#"{"a": 1, "b": {"c": 2}}"#,
            r#"{"a": 1, "b": 2, "c": 2, "d": 3}"#,
            r#"{"ab": 1, "": {"c": 2}, "d": 3}"#,
        ] {
            assert!(!layout.fits(&row(text)), "{text}");
        }
    }

    #[test]
    fn a_value_that_is_asked_for_as_a_whole_is_not_taken_apart() {
        let whole = ["settings".to_owned(), "goals".to_owned()];
        let text = r#"{"settings": {"a": [1, 2]}, "b": {"settings": 1}, "goals": null}"#;
        let row = Row::read(text.as_bytes(), 0, &whole).unwrap();
        assert_eq!(at(&row, "settings"), Cell::Json(r#"{"a": [1, 2]}"#));
        assert_eq!((at(&row, "b.settings"), at(&row, "goals")), (Cell::Whole(1), Cell::Null));
    }

    #[test]
    fn a_line_that_is_no_object_says_why() {
        let message = |text: &str| Row::read(text.as_bytes(), 0, &[]).unwrap_err();
        assert_eq!(message("[1]"), "is a list, where each is an object such as {\"age\": 39}");
        assert!(message("{\"a\": }").starts_with("is no JSON: expected value at character"));
        assert!(message("{} {}").starts_with("is no JSON: trailing characters"));
        assert!(Row::read("[".repeat(1000).as_bytes(), 0, &[]).is_err());
    }
}
