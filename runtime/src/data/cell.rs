//! A cell of a file of rows and columns, whatever its format: what it is before a column says what it means.

use std::borrow::Cow;
use std::fmt;

use ndsl_compiler::schema::datum::{DAY, civil};

/// A cell as a file has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// No value: what a format has of its own for that.
    Null,
    /// A cell of a text file, which may be a value of any kind; its bytes need not be UTF-8.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// A whole number.
    Whole(i64),
    /// Another number; it may be infinite or none.
    Number(f64),
    /// A truth value.
    Truth(bool),
    /// A day: counted from 1970-01-01.
    Day(i64),
    /// A moment: seconds from 1970-01-01T00:00:00, what is less cut off.
    Moment(i64),
    /// A time of day: seconds from midnight, what is less cut off.
    Clock(i64),
    /// A JSON value as it is written, of a key that is asked for as a whole.
    Json(&'a str),
    /// Several values.
    List(List<'a>),
    /// What is no single value otherwise: what it is.
    Other(&'static str),
}

/// The items of a cell that is a list.
#[derive(Clone, Copy)]
pub(crate) struct List<'a> {
    items: &'a dyn Items,
    from: usize,
    to: usize,
}

/// Where the items of lists stand.
pub(crate) trait Items {
    /// The item at a place.
    fn item(&self, place: usize) -> Cell<'_>;
}

impl<'a> List<'a> {
    /// Of the items at some places.
    pub(crate) fn new(items: &'a dyn Items, places: std::ops::Range<usize>) -> Self {
        Self { items, from: places.start, to: places.end }
    }

    /// Each item.
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = Cell<'a>> {
        (self.from..self.to.max(self.from)).map(move |place| self.items.item(place))
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a> Cell<'a> {
    /// What a text file would have in its place; nothing for a null, or why it is no single value.
    pub(crate) fn text(self) -> Result<Option<Cow<'a, str>>, String> {
        Ok(Some(match self {
            Self::Null => return Ok(None),
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text.trim()),
                Err(_) => return Err("it is not UTF-8 text".to_owned()),
            },
            Self::Text(text) => Cow::Borrowed(text.trim()),
            Self::Whole(number) => Cow::Owned(number.to_string()),
            // As pandas and Arrow write a number that is whole: `39.0`.
            Self::Number(number) => Cow::Owned(format!("{number:?}")),
            Self::Truth(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
            Self::Day(day) => Cow::Owned(date(day)),
            Self::Moment(second) => {
                Cow::Owned(format!("{}T{}", date(second.div_euclid(DAY)), time(second.rem_euclid(DAY))))
            }
            Self::Clock(second) => Cow::Owned(time(second)),
            Self::Json(_) => return Err("it is a JSON value, where one value is read".to_owned()),
            Self::List(_) => return Err("it is a list, where one value is read".to_owned()),
            Self::Other(what) => return Err(format!("it is {what}, where one value is read")),
        }))
    }
}

fn date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

fn time(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_cell_reads_as_a_text_file_would_have_it() {
        let text = |cell: Cell<'_>| cell.text().map(|text| text.map(Cow::into_owned));
        let some = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(text(Cell::Null), Ok(None));
        assert_eq!(text(Cell::Bytes(b" a ")), some("a"));
        assert_eq!(text(Cell::Whole(-3)), some("-3"));
        assert_eq!(text(Cell::Number(39.0)), some("39.0"));
        assert_eq!(text(Cell::Truth(true)), some("true"));
        assert_eq!(text(Cell::Day(17_897)), some("2019-01-01"));
        assert_eq!(text(Cell::Moment(-1)), some("1969-12-31T23:59:59"));
        assert_eq!(text(Cell::Clock(30_615)), some("08:30:15"));
        assert_eq!(text(Cell::Other("a list")), Err("it is a list, where one value is read".to_owned()));
        assert!(text(Cell::Bytes(b"\xff")).is_err());
    }
}
