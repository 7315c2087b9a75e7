//! What the values of a column are, and which of them a cell is.

use std::net::Ipv4Addr;
use std::sync::Arc;

use ndsl_compiler::schema::datum::{DAY, Datum};
use ndsl_compiler::schema::{ColumnType, Detail, Enum, Type};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::data::cell::Cell;
use crate::data::moment::{clock, day, moment};
use crate::data::number::digits;
use crate::data::typed::{integer, truth};

/// What a column's values are.
pub(crate) enum Form {
    Int,
    Float,
    /// With so many digits after the point.
    Decimal(u8),
    Bool,
    Date,
    DateTime,
    Time,
    Label(Arc<Enum>),
    Text(Word),
    Json,
    /// Items of another form, which may be null.
    List(Box<Form>, bool),
}

/// What is asked of a text beside being one.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    Any,
    Uuid,
    Email,
    Url,
    Ip,
    /// So many letters in capitals.
    Capitals(usize),
}

/// A value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'c> {
    Null,
    Int(i64),
    Float(f64),
    Bool(bool),
    Date(i32),
    DateTime(i64),
    Time(u32),
    Label(u32),
    Text(&'c str),
    /// So many items.
    List(u64),
}

impl Form {
    pub(crate) fn of(kind: &ColumnType) -> Self {
        if let Detail::Item(item, optional) = &kind.detail {
            return Self::List(Box::new(Self::of(item)), *optional);
        }
        let word = match kind.def.signature.name {
            "uuid" => Word::Uuid,
            "email" => Word::Email,
            "url" => Word::Url,
            "ip" => Word::Ip,
            "country" => Word::Capitals(2),
            "currency_code" => Word::Capitals(3),
            _ => Word::Any,
        };
        match Self::of_type(&kind.value()) {
            Self::Text(_) => Self::Text(word),
            form => form,
        }
    }

    /// Of values of a type of which nothing more is said.
    pub(crate) fn of_type(ty: &Type) -> Self {
        match ty {
            Type::Int => Self::Int,
            Type::Float | Type::Duration => Self::Float,
            Type::Decimal(places) => Self::Decimal(*places),
            Type::Bool => Self::Bool,
            Type::Date => Self::Date,
            Type::DateTime => Self::DateTime,
            Type::Time => Self::Time,
            Type::Enum(labels) => Self::Label(labels.clone()),
            Type::Json => Self::Json,
            Type::Text | Type::List(_) | Type::Null | Type::Unknown => Self::Text(Word::Any),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// The value of a text that is not empty.
    #[inline]
    fn parse<'c>(&self, bytes: &'c [u8]) -> Option<Value<'c>> {
        match self {
            Self::Int => {
                if let Some((number, 0)) = digits(bytes) {
                    return Some(Value::Int(number));
                }
            }
            Self::Float | Self::Decimal(_) => {
                if let Some((number, places)) = digits(bytes)
                    && let Some(float) = exact(number, places)
                {
                    return self.number(float, Some((number, places)));
                }
            }
            Self::Text(word) => {
                let text = std::str::from_utf8(bytes).ok()?;
                return word.takes(text).then_some(Value::Text(text));
            }
            _ => {}
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let trimmed = text.trim();
        Some(match self {
            Self::Int => Value::Int(integer(trimmed)?),
            Self::Float | Self::Decimal(_) => {
                let places = digits(trimmed.as_bytes());
                return self.number(trimmed.parse().ok()?, places);
            }
            Self::Bool => Value::Bool(truth(trimmed)? != 0),
            Self::Date => Value::Date(day(trimmed)? as i32),
            Self::DateTime => Value::DateTime(moment(trimmed)?),
            Self::Time => Value::Time(clock(trimmed)? as u32),
            Self::Label(labels) => Value::Label(labels.find(text).or_else(|| labels.find(trimmed))?),
            Self::Json => {
                serde_json::from_str::<IgnoredAny>(text).ok()?;
                Value::Text(text)
            }
            Self::List(item, optional) => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                let good = items.iter().all(|written| item.takes_json(written.get(), *optional));
                return good.then_some(Value::List(items.len() as u64));
            }
            Self::Text(_) => return None,
        })
    }

    /// A number of the column; how it is written is known of a text.
    fn number(&self, number: f64, written: Option<(i64, u32)>) -> Option<Value<'static>> {
        if !number.is_finite() {
            return None;
        }
        if let Self::Decimal(places) = self {
            let places = u32::from(*places);
            let fits = match written {
                Some((_, found)) if found <= places => true,
                Some((number, found)) => 10i64.checked_pow(found - places).is_some_and(|more| number % more == 0),
                None => {
                    let scaled = number * 10f64.powi(places as i32);
                    // As near as a number of its size can be.
                    (scaled - scaled.round()).abs() <= 1e-6f64.max(scaled.abs() * 4.0 * f64::EPSILON)
                }
            };
            return fits.then_some(Value::Float(number));
        }
        Some(Value::Float(number))
    }

    /// The value of a cell that is not null.
    #[inline]
    pub(crate) fn read<'c>(&self, cell: Cell<'c>) -> Option<Value<'c>> {
        Some(match (cell, self) {
            (Cell::Bytes(bytes), _) => return self.parse(bytes),
            (Cell::Text(text), _) => return self.parse(text.as_bytes()),
            (Cell::Json(text), Self::Json) => Value::Text(text),
            (Cell::Json(text), Self::List(..)) => return self.parse(text.as_bytes()),
            (Cell::List(items), Self::List(item, optional)) => {
                let good = items.iter().all(|cell| match cell {
                    Cell::Null => *optional,
                    cell => item.read(cell).is_some(),
                });
                return good.then_some(Value::List(items.iter().len() as u64));
            }
            (Cell::Whole(number), Self::Int) => Value::Int(number),
            (Cell::Whole(number), Self::Float | Self::Decimal(_)) => Value::Float(number as f64),
            (Cell::Whole(number @ (0 | 1)), Self::Bool) => Value::Bool(number == 1),
            (Cell::Number(number), Self::Float | Self::Decimal(_)) => return self.number(number, None),
            // pandas keeps whole numbers as others where one of them is missing.
            (Cell::Number(number), Self::Int) if number.fract() == 0.0 && number.abs() < 9.0e15 => {
                Value::Int(number as i64)
            }
            (Cell::Truth(truth), Self::Bool) => Value::Bool(truth),
            (Cell::Day(day), Self::Date) => Value::Date(i32::try_from(day).ok()?),
            (Cell::Day(day), Self::DateTime) => Value::DateTime(day.checked_mul(DAY)?),
            (Cell::Moment(second), Self::DateTime) => Value::DateTime(second),
            (Cell::Moment(second), Self::Date) if second.rem_euclid(DAY) == 0 => {
                Value::Date(i32::try_from(second.div_euclid(DAY)).ok()?)
            }
            (Cell::Clock(second), Self::Time) => Value::Time(second as u32),
            // A JSON file hands these on as they are written; another has them as values.
            (Cell::Whole(_) | Cell::Number(_) | Cell::Truth(_), Self::Json) => Value::Text(""),
            _ => return None,
        })
    }

    /// Whether a JSON value, as it is written, is one.
    fn takes_json(&self, text: &str, optional: bool) -> bool {
        match text.as_bytes().first() {
            _ if matches!(self, Self::Json) => true,
            _ if text == "null" => optional,
            Some(b'"') => serde_json::from_str::<String>(text).is_ok_and(|text| self.read(Cell::Text(&text)).is_some()),
            Some(b't' | b'f') => self.read(Cell::Truth(text == "true")).is_some(),
            Some(b'[') => matches!(self, Self::List(..)) && self.parse(text.as_bytes()).is_some(),
            Some(b'{') => false,
            _ => !self.is_text() && self.parse(text.as_bytes()).is_some(),
        }
    }

    /// What a value is, for messages: `x is …`.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Int => "not a whole number",
            Self::Float => "not a number",
            Self::Decimal(_) => "no number with so many digits",
            Self::Bool => "neither true nor false",
            Self::Date => "no day such as 2019-01-31",
            Self::DateTime => "no moment such as 2019-01-31T08:30:00",
            Self::Time => "no time such as 08:30:00",
            Self::Label(_) => "none of the labels",
            Self::Json => "no JSON",
            Self::List(..) => "no list of such values, such as [\"a\", \"b\"]",
            Self::Text(word) => match word {
                Word::Any => "no text",
                Word::Uuid => "no UUID",
                Word::Email => "no e-mail address",
                Word::Url => "no address such as https://example.com",
                Word::Ip => "no address such as 192.0.2.1",
                Word::Capitals(2) => "no country of two capitals",
                Word::Capitals(_) => "no currency of three capitals",
            },
        }
    }
}

impl Word {
    fn takes(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Any => true,
            Self::Uuid => {
                let hyphen = |place: usize| matches!(place, 8 | 13 | 18 | 23);
                let fits = |(place, byte): (usize, &u8)| match hyphen(place) {
                    true => *byte == b'-',
                    false => byte.is_ascii_hexdigit(),
                };
                bytes.len() == 36 && bytes.iter().enumerate().all(fits)
            }
            Self::Email => {
                let at = memchr::memrchr(b'@', bytes);
                at.is_some_and(|at| at > 0 && at + 1 < bytes.len()) && !text.contains(char::is_whitespace)
            }
            Self::Url => {
                let scheme = text.find("://");
                scheme.is_some_and(|at| at > 0 && at + 3 < text.len()) && !text.contains(char::is_whitespace)
            }
            Self::Ip => text.parse::<Ipv4Addr>().is_ok(),
            Self::Capitals(count) => bytes.len() == count && bytes.iter().all(u8::is_ascii_uppercase),
        }
    }
}

/// A number of some digits, so many of them behind the point, where one division makes it.
fn exact(number: i64, places: u32) -> Option<f64> {
    const EXACT: i64 = 1 << 53;
    const POWERS: [f64; 19] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];
    let power = POWERS.get(places as usize)?;
    (-EXACT..=EXACT).contains(&number).then(|| number as f64 / power)
}

impl Value<'_> {
    pub(crate) fn datum(self) -> Datum {
        match self {
            Self::Null | Self::List(_) => Datum::Null,
            Self::Int(number) => Datum::Int(number),
            Self::Float(number) => Datum::Float(number),
            Self::Bool(truth) => Datum::Bool(truth),
            Self::Date(day) => Datum::Date(day),
            Self::DateTime(second) => Datum::DateTime(second),
            Self::Time(second) => Datum::Time(second),
            Self::Label(label) => Datum::Label(label),
            Self::Text(text) => Datum::Text(text.into()),
        }
    }

    #[inline]
    pub(crate) fn point(self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(number),
            Self::Text(_) => None,
            value => value.datum().point(),
        }
    }
}
