//! Texts that look real: names, addresses, companies, identifiers, sentences, and whatever matches a pattern.
//!
//! A row's text follows from the seed, the names of its table and column and the number of its row. Columns that tell of one thing read
//! the same numbers (`group`), so a row's name, user name and e-mail address agree, and so do its city, postal code and telephone,
//! although no column reads another and each can be left out. Where all texts of a column must differ, they do so by how they are
//! made: a row has its own number (`permutation`), and every number its own text (`choose`).

mod account;
mod choose;
mod code;
mod column;
mod company;
mod digits;
mod form;
mod group;
mod locale;
mod mask;
mod pattern;
mod people;
mod phrase;
mod places;
mod prose;
mod words;

use ndsl_compiler::schema::Length;
use ndsl_compiler::schema::types::TypeDef;
use regex_syntax::hir::Hir;

use crate::random::Stream;
use crate::rows::Rows;

pub use column::Texts;
pub use locale::{Locale, UnknownLocale};
pub use places::{Coordinate, coordinate};

/// What is wanted of a column's texts.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The column's type.
    pub kind: &'static TypeDef,
    /// The column's name, which says what it belongs to: `billing_city`.
    pub column: &'a str,
    /// The table's name.
    pub table: &'a str,
    /// What everything random follows from.
    pub seed: u64,
    /// Whose names, places and language they have.
    pub locale: Locale,
    /// The least and the most characters.
    pub length: Option<Length>,
    /// What each must match as a whole.
    pub pattern: Option<&'a Hir>,
    /// The rows from 0 on whose texts must all differ, if they must.
    pub unique: Option<u64>,
}

impl Wanted<'_> {
    /// The numbers that are this column's alone.
    fn own(&self) -> Stream {
        Stream::new(self.seed, &[self.table, self.column, "text"])
    }
}

/// Makes the texts of a column.
pub trait TextMaker: Send + Sync {
    /// A text for each row, behind those that are there.
    fn make(&self, rows: &Rows, out: &mut Texts);

    /// How many texts there are that differ; none where there is no end to them.
    fn count(&self) -> Option<u128>;
}

/// Why no texts can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// No text has the length that is asked for.
    #[error("no such text has {}", characters(*.min, *.max))]
    Length {
        /// The least characters.
        min: u64,
        /// The most.
        max: Option<u64>,
    },
    /// More must differ than there are.
    #[error("{rows} rows must all differ, and there are only {count} such texts")]
    Few {
        /// The rows that must all differ.
        rows: u64,
        /// The texts there are.
        count: u128,
    },
    /// So few of those that were looked at have the length that it would take too long to find enough.
    #[error("{rows} rows must all differ, and of {of} such texts only {found} have the length that is asked for")]
    Rare {
        /// The rows that must all differ.
        rows: u64,
        /// The texts of that length that were found.
        found: u64,
        /// The texts that were looked at.
        of: u64,
    },
    /// A pattern that no text matches.
    #[error("no text matches the pattern")]
    Unmatched,
    /// A pattern that would take too much to count the texts of.
    #[error("the pattern is too large to count its texts: written out, it may have {most} places")]
    Large {
        /// The most places it may have.
        most: usize,
    },
    /// A pattern whose texts are all very long.
    #[error("each text that matches the pattern has {least} characters or more, and at most {most} are made")]
    Long {
        /// The characters of the shortest.
        least: u64,
        /// The most it may have.
        most: u64,
    },
    /// A type whose values are not texts.
    #[error("`{0}` is not a type of texts")]
    NotText(&'static str),
}

fn characters(min: u64, max: Option<u64>) -> String {
    match max {
        Some(max) if max == min => format!("{min} characters"),
        Some(max) => format!("from {min} to {max} characters"),
        None => format!("{min} characters or more"),
    }
}

/// What makes the texts of a column.
///
/// # Errors
/// If no text has the length or matches the pattern, or fewer differ than rows are wanted.
pub fn maker(wanted: &Wanted) -> Result<Box<dyn TextMaker>, Impossible> {
    if let Some(pattern) = wanted.pattern {
        return pattern::maker(pattern, wanted);
    }
    let name = wanted.kind.signature.name;
    match name.split_once('.').unwrap_or((name, "")) {
        ("string", _) => prose::string(wanted),
        ("text", _) => prose::text(wanted),
        ("uuid" | "ip" | "currency_code", _) => code::maker(wanted),
        ("email" | "url", _) | ("person", "username") => account::maker(wanted),
        ("person", _) => people::maker(wanted),
        ("address", "latitude" | "longitude") => Err(Impossible::NotText(name)),
        ("country" | "phone" | "address", _) => places::maker(wanted),
        ("company" | "product", _) => company::maker(wanted),
        _ => Err(Impossible::NotText(name)),
    }
}
