//! Cells of a column: whether each is a value that its column may have, and which.

use std::collections::HashSet;
use std::sync::Arc;

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::evaluate::written;
use ndsl_compiler::schema::{Allowed, Type};
use ndsl_generate::column::{Column, Values};
use ndsl_generate::text::Texts;

use super::forms::{Form, Value, Word};
use super::matcher::Matcher;
use super::tally::Why;
use crate::data::cell::Cell;
use crate::data::typed::NULLS;
use crate::data::{closest, shown};

/// What of a column a cell is at odds with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is no value of the column's type.
    Type,
    /// It is no value where there must be one.
    Null,
    Range,
    Length,
    Pattern,
}

impl Broken {
    pub(super) const ALL: [Self; 5] = [Self::Type, Self::Null, Self::Range, Self::Length, Self::Pattern];
}

/// The values a column is limited to.
enum Limit {
    None,
    /// Whole numbers from one to another.
    Whole(i64, i64),
    /// Points from one to another, the last one among them or not.
    Points(f64, f64, bool),
    Words(HashSet<Box<str>>),
    Listed(Vec<Datum>),
}

/// Reads a column.
pub(super) struct Cells {
    form: Form,
    optional: bool,
    limit: Limit,
    /// The closer ends of the type itself.
    ends: Option<(f64, f64)>,
    /// The fewest and the most characters, or items.
    length: Option<(u64, u64)>,
    pattern: Option<Matcher>,
    /// The texts that mean that there is no value, beside an empty cell.
    nulls: Arc<[String]>,
    /// Whether an empty text is no value, since the file has no other way to write one.
    is_alone: bool,
    /// Whether the values are kept.
    kept: bool,
    values: Values,
    missing: Vec<bool>,
    /// Whether a value is missing that should be there, of the rows so far.
    broken: Vec<usize>,
}

impl Limit {
    fn of(allowed: Option<&Allowed>) -> Self {
        match allowed {
            None => Self::None,
            Some(Allowed::Listed(values)) if values.iter().all(|value| matches!(value, Datum::Text(_))) => {
                let text = |value: &Datum| match value {
                    Datum::Text(text) => Some(Box::from(&**text)),
                    _ => None,
                };
                Self::Words(values.iter().filter_map(text).collect())
            }
            Some(Allowed::Listed(values)) => Self::Listed(values.clone()),
            Some(Allowed::Between { low, high, inclusive }) => match (low, high) {
                (None | Some(Datum::Int(_)), None | Some(Datum::Int(_))) => {
                    let whole = |end: &Option<Datum>, none: i64| match end {
                        Some(Datum::Int(number)) => *number,
                        _ => none,
                    };
                    let last = whole(high, i64::MAX);
                    let last = if *inclusive || high.is_none() { last } else { last.saturating_sub(1) };
                    Self::Whole(whole(low, i64::MIN), last)
                }
                _ => {
                    let point = |end: &Option<Datum>, none: f64| end.as_ref().and_then(Datum::point).unwrap_or(none);
                    let inclusive = *inclusive || high.is_none();
                    Self::Points(point(low, f64::NEG_INFINITY), point(high, f64::INFINITY), inclusive)
                }
            },
        }
    }

    /// Whether a value is one of them.
    #[inline]
    fn takes(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::None, _) => true,
            (Self::Whole(low, high), Value::Int(number)) => (*low..=*high).contains(&number),
            (Self::Whole(low, high), value) => value.point().is_none_or(|at| *low as f64 <= at && at <= *high as f64),
            (Self::Points(low, high, inclusive), value) => {
                value.point().is_none_or(|at| *low <= at && if *inclusive { at <= *high } else { at < *high })
            }
            (Self::Words(words), Value::Text(text)) => words.contains(text),
            (Self::Words(_), _) => true,
            (Self::Listed(values), value) => {
                let value = value.datum();
                let same =
                    |other: &Datum| *other == value || other.point().is_some_and(|point| Some(point) == value.point());
                values.iter().any(same)
            }
        }
    }
}

impl Cells {
    /// Of a column, whose values are kept where something else asks for them.
    pub(super) fn new(
        column: &ndsl_compiler::schema::Column,
        nulls: Arc<[String]>,
        is_alone: bool,
        kept: bool,
    ) -> Self {
        let form = Form::of(&column.kind);
        let of_type = column.kind.def.length().filter(|_| matches!(form, Form::Text(Word::Any)));
        let length = column.length.map(|length| (length.value.min, length.value.max.unwrap_or(u64::MAX))).or(of_type);
        let mut limit = Limit::of(column.allowed.as_ref().map(|allowed| &allowed.value));
        // Of other numbers than whole ones an end that is left out is no nearer to the one before it.
        if let (Limit::Whole(..), false, Some(allowed)) = (&limit, matches!(form, Form::Int), &column.allowed)
            && let Allowed::Between { low, high, inclusive } = &allowed.value
        {
            let point = |end: &Option<Datum>, none: f64| end.as_ref().and_then(Datum::point).unwrap_or(none);
            let inclusive = *inclusive || high.is_none();
            limit = Limit::Points(point(low, f64::NEG_INFINITY), point(high, f64::INFINITY), inclusive);
        }
        let mut cells = Self {
            form,
            optional: column.optional,
            limit,
            ends: column.kind.def.limits(),
            length,
            pattern: column.pattern.as_ref().and_then(|pattern| Matcher::new(&pattern.value.text)),
            nulls,
            is_alone,
            kept,
            values: Values::Int(Vec::new()),
            missing: Vec::new(),
            broken: Vec::new(),
        };
        cells.values = cells.room(0);
        cells
    }

    fn room(&self, count: usize) -> Values {
        match &self.form {
            Form::Int => Values::Int(Vec::with_capacity(count)),
            Form::Float | Form::Decimal(_) => Values::Float(Vec::with_capacity(count)),
            Form::Bool => Values::Bool(Vec::with_capacity(count)),
            Form::Date => Values::Date(Vec::with_capacity(count)),
            Form::DateTime => Values::DateTime(Vec::with_capacity(count)),
            Form::Time => Values::Time(Vec::with_capacity(count)),
            Form::Label(_) => Values::Label(Vec::with_capacity(count)),
            Form::Text(_) | Form::Json => Values::Text(Texts::with_capacity(count, 16)),
            Form::List(..) => {
                let items = Column::whole(Values::Int(Vec::new()));
                Values::List(Vec::with_capacity(count), Box::new(items))
            }
        }
    }

    /// Whether a cell is none at all.
    #[inline]
    fn is_null(&self, cell: Cell<'_>) -> bool {
        match cell {
            Cell::Null => true,
            Cell::Bytes([]) => true,
            Cell::Bytes(bytes) => {
                let blank = !self.form.is_text() && bytes[0].is_ascii_whitespace() && bytes.trim_ascii().is_empty();
                // Many files have a space behind each comma.
                let is_named = || self.nulls.iter().any(|null| null.as_bytes() == bytes.trim_ascii());
                blank || !self.nulls.is_empty() && is_named()
            }
            Cell::Text(text) => match self.form.is_text() {
                true => text.is_empty() && self.is_alone && self.optional,
                false => {
                    text.trim_ascii().is_empty()
                        && !matches!(&self.form, Form::Label(labels) if labels.find(text).is_some())
                }
            },
            Cell::Number(number) => number.is_nan(),
            _ => false,
        }
    }

    /// Takes a cell, or says what it is at odds with.
    #[inline]
    pub(super) fn add(&mut self, cell: Cell<'_>) -> Result<(), Broken> {
        let read = if self.is_null(cell) { Some(Value::Null) } else { self.form.read(cell) };
        let (value, found) = match read {
            None => (Value::Null, Err(Broken::Type)),
            Some(Value::Null) if !self.optional => (Value::Null, Err(Broken::Null)),
            Some(value) => match self.meets(value) {
                Err(Broken::Type) => (Value::Null, Err(Broken::Type)),
                met => (value, met),
            },
        };
        if self.kept {
            if matches!(found, Err(Broken::Type | Broken::Null)) {
                self.broken.push(self.values.len());
            }
            self.push(value);
        }
        found
    }

    /// Whether a value meets what is said of the column.
    #[inline]
    fn meets(&self, value: Value<'_>) -> Result<(), Broken> {
        if matches!(value, Value::Null) {
            return Ok(());
        }
        if let (Some((low, high)), Some(at)) = (self.ends, value.point())
            && !(low..=high).contains(&at)
        {
            return Err(Broken::Type);
        }
        if !self.limit.takes(value) {
            return Err(Broken::Range);
        }
        if let Some((least, most)) = self.length {
            let fits = match value {
                Value::List(count) => (least..=most).contains(&count),
                Value::Text(text) => {
                    // A character has four bytes at most.
                    let bytes = text.len() as u64;
                    (bytes <= most && bytes / 4 >= least) || (least..=most).contains(&(text.chars().count() as u64))
                }
                _ => true,
            };
            if !fits {
                return Err(Broken::Length);
            }
        }
        match (&self.pattern, value) {
            (Some(pattern), Value::Text(text)) if !pattern.matches(text) => Err(Broken::Pattern),
            _ => Ok(()),
        }
    }

    #[inline]
    fn push(&mut self, value: Value<'_>) {
        self.missing.push(matches!(value, Value::Null));
        match (&mut self.values, value) {
            (Values::Int(values), Value::Int(value)) => values.push(value),
            (Values::Float(values), Value::Float(value)) => values.push(value),
            (Values::Bool(values), Value::Bool(value)) => values.push(value),
            (Values::Date(values), Value::Date(value)) => values.push(value),
            (Values::DateTime(values), Value::DateTime(value)) => values.push(value),
            (Values::Time(values), Value::Time(value)) => values.push(value),
            (Values::Label(values), Value::Label(value)) => values.push(value),
            (Values::Text(values), Value::Text(value)) => values.push(value),
            // What stands for a missing value says nothing; nor do the items of a list, which no expression reads.
            (Values::Int(values) | Values::DateTime(values), _) => values.push(0),
            (Values::Float(values) | Values::Duration(values), _) => values.push(0.0),
            (Values::Bool(values), _) => values.push(false),
            (Values::Date(values), _) => values.push(0),
            (Values::Time(values) | Values::Label(values), _) => values.push(0),
            (Values::Text(values), _) => values.push(""),
            (Values::List(ends, _), _) => ends.push(0),
        }
    }

    /// The column of the rows so far, and which of them have none where there should be one; nothing where it is not kept.
    pub(super) fn taken(&mut self) -> Option<(Column, Option<Vec<bool>>)> {
        if !self.kept {
            return None;
        }
        let room = self.room(self.missing.len());
        let values = std::mem::replace(&mut self.values, room);
        let missing = std::mem::take(&mut self.missing);
        let broken = std::mem::take(&mut self.broken);
        let broken = (!broken.is_empty()).then(|| {
            let mut each = vec![false; missing.len()];
            broken.iter().for_each(|place| each[*place] = true);
            each
        });
        Some((Column { values, missing: missing.contains(&true).then_some(missing) }, broken))
    }

    /// The value of a cell, and why it is at odds with the column.
    pub(super) fn why(&self, cell: Cell<'_>, broken: Broken, rule: &str) -> Why {
        let text = match cell {
            Cell::Json(text) => Some(text.to_owned()),
            Cell::Other(what) => Some(what.to_owned()),
            Cell::List(items) => Some(format!("a list of {}", items.iter().len())),
            Cell::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Cell::Text(text) => Some(text.to_owned()),
            cell => cell.text().ok().flatten().map(|text| text.into_owned()),
        };
        let quoted = text.as_deref().map_or_else(String::new, shown);
        let reason = match broken {
            Broken::Null => match text.as_deref() {
                None => "there is no value".to_owned(),
                Some("") => "the cell is empty".to_owned(),
                Some(_) => format!("{quoted} is no value"),
            },
            Broken::Type => self.why_no_value(cell, text.as_deref().unwrap_or_default(), &quoted),
            Broken::Range => format!("{} is not {rule}", self.plainly(text.as_deref().unwrap_or_default(), &quoted)),
            Broken::Length => match self.form.read(cell) {
                Some(Value::List(count)) => {
                    format!("it has {count} items, where {} are allowed", rule.trim_start_matches("length "))
                }
                Some(Value::Text(text)) => {
                    let allowed = rule.trim_start_matches("length ");
                    format!("{quoted} has {} characters, where {allowed} are allowed", text.chars().count())
                }
                _ => format!("{quoted} is not {rule}"),
            },
            Broken::Pattern => format!("{quoted} does not match {}", rule.trim_start_matches("matches ")),
        };
        (text.map(|text| shortened(&text)), reason)
    }

    /// A value as a sentence has it: texts between quotation marks, all else as it is.
    fn plainly<'t>(&self, text: &'t str, quoted: &'t str) -> &'t str {
        if self.form.is_text() { quoted } else { text }
    }

    fn why_no_value(&self, cell: Cell<'_>, text: &str, quoted: &str) -> String {
        let hint = match cell {
            Cell::Bytes(_) if NULLS.iter().any(|null| text.trim().eq_ignore_ascii_case(null)) => {
                format!("; `--null {}` reads it as no value", text.trim())
            }
            _ => String::new(),
        };
        match (&self.form, cell) {
            (_, Cell::Bytes(bytes)) if std::str::from_utf8(bytes).is_err() => "it is not UTF-8 text".to_owned(),
            (Form::Label(labels), _) => {
                let names: Vec<String> = labels.labels.iter().map(|label| label.name.clone()).collect();
                let meant =
                    closest(text.trim(), &names).map_or(String::new(), |label| format!("; did you mean `{label}`?"));
                format!("{quoted} is none of the {} labels{meant}{hint}", names.len())
            }
            (Form::Decimal(places), _) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) => {
                format!("{text} has more than {places} digits after the point")
            }
            (Form::Text(_), Cell::Whole(_) | Cell::Number(_)) => format!("{text} is a number, where a text is read"),
            (Form::Text(_), Cell::Truth(_)) => format!("{text} is a truth value, where a text is read"),
            (form, Cell::Other(_) | Cell::List(_)) => format!("it is {text}, {}", form.noun()),
            (form, _) if self.ends.is_some() && form.read(cell).is_some() => {
                let (low, high) = self.ends.unwrap_or_default();
                format!("{text} is not from {low} to {high}")
            }
            (form, _) => format!("{quoted} is {}{hint}", form.noun()),
        }
    }
}

/// The most characters of a value that are told.
const TOLD: usize = 80;

/// A value, cut where it is long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(TOLD) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value of a column as it is told.
pub(super) fn told(value: &Datum, ty: &Type) -> String {
    match value {
        Datum::Null => "null".to_owned(),
        Datum::Text(text) => shown(text),
        value => written(value, ty),
    }
}
