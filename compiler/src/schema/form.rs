//! The checked form of schemas: plain data that generation, conversion and models read without looking at the tree.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndsl_grammar::{FileId, Span};

use super::datum::Datum;
use super::distributions::Draw;
use super::expression::{Expression, Type};
use super::types::{Base, TypeDef};
use crate::suggest::Compared;

/// The share of an optional column's rows that are null where no `null` clause says otherwise.
pub const NULL_SHARE: f64 = 0.1;

/// A table, by its place in [`Schemas::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u32);

/// A column, by its place in [`Table::columns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

/// Every schema of a program.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// The schemas, in the order of the file.
    pub schemas: Vec<Schema>,
    /// The tables of all of them, in the order of the file.
    pub tables: Vec<Table>,
    /// An order in which columns can be made: what a column reads comes before it. References that had to wait, because
    /// they are part of a circle that a null breaks, stand after the tables they refer to. Columns in a circle that was
    /// reported are left out.
    pub order: Vec<(TableId, ColumnId)>,
    /// What each file calls the schemas it declares or takes from others, by their places.
    pub local: BTreeMap<(FileId, String), usize>,
    /// What was spent on finding out what unknown names meant.
    pub compared: Compared,
    /// Whether schemas that nothing refers to were left out.
    pub(super) partial: bool,
    /// Whether the names of all were asked for.
    pub(super) asked: Asked,
}

/// Whether something was asked for.
#[derive(Debug, Default)]
pub struct Asked(AtomicBool);

impl Clone for Asked {
    fn clone(&self) -> Self {
        Self(AtomicBool::new(self.0.load(Ordering::Relaxed)))
    }
}

impl Schemas {
    /// The names of all schemas are asked for.
    pub(super) fn ask(&self) {
        self.asked.0.store(true, Ordering::Relaxed);
    }

    /// Whether the names of all schemas were asked for, and some left out.
    pub(crate) fn lacked(&self) -> bool {
        self.partial && self.asked.0.load(Ordering::Relaxed)
    }
}

/// One schema.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// The doc comment above it.
    pub docs: Option<String>,
    /// What its rows are made from.
    pub source: Option<Source>,
    /// Its tables, in order.
    pub tables: Vec<TableId>,
    /// Its tables by their names.
    pub places: BTreeMap<String, TableId>,
    /// Whether it is one table, of its own name, whose columns stand in it directly.
    pub is_table: bool,
}

/// `from "interviews.csv" using writer`
#[derive(Clone, Debug)]
pub struct Source {
    /// The file, relative to the program's.
    pub path: String,
    /// Where it stands.
    pub span: Span,
    /// The provider that reads it.
    pub provider: Option<String>,
}

/// One table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name: `Customer`.
    pub name: String,
    /// Its name from outside: `Shop.Customer`, or only `Customer` where it is a schema by itself.
    pub path: String,
    /// Where its name stands.
    pub span: Span,
    /// The doc comment above it.
    pub docs: Option<String>,
    /// The schema it belongs to, by its place.
    pub schema: usize,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns that together tell its rows apart; empty where nothing is declared a key.
    pub key: Vec<ColumnId>,
    /// Columns whose values, taken together, differ in every row; a key of several columns is one of them.
    pub together: Vec<Together>,
    /// What holds of every row.
    pub checks: Vec<Check>,
    /// How numbers go together.
    pub correlations: Vec<Correlation>,
    /// Whether part of it could not be understood, so that nothing more is proved of it.
    pub faulty: bool,
}

/// `unique (a, b)`, `key (a, b)`
#[derive(Clone, Debug)]
pub struct Together {
    /// The columns.
    pub columns: Vec<ColumnId>,
    /// The whole of it.
    pub span: Span,
}

/// `check shipped >= placed`: a row must not make it false; one that makes it null is allowed, as in SQL.
#[derive(Clone, Debug)]
pub struct Check {
    /// What must not be false.
    pub condition: Expression,
    /// The condition.
    pub span: Span,
    /// The doc comment above it.
    pub docs: Option<String>,
}

/// `correlate Customer(age, income) = 0.4`
#[derive(Clone, Debug)]
pub struct Correlation {
    /// The columns, each with each.
    pub columns: Vec<ColumnId>,
    /// The correlation of their ranks, from -1 to 1.
    pub strength: f64,
    /// The whole of it.
    pub span: Span,
}

/// The labels of an enum.
#[derive(Clone, Debug)]
pub struct Enum {
    /// The labels, in order.
    pub labels: Vec<EnumLabel>,
    /// The places of the labels, in the order of their names.
    sorted: Vec<u32>,
}

/// One label.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumLabel {
    /// Its text.
    pub name: String,
    /// Its share of the rows, from 0 to 1; the shares of all labels sum to 1.
    pub weight: f64,
    /// Whether the share was written, and is not just what was left.
    pub weighted: bool,
    /// Where it stands.
    pub span: Span,
}

/// Two enums are one type where they have the same labels in the same order, whatever their shares.
impl PartialEq for Enum {
    fn eq(&self, other: &Self) -> bool {
        self.labels.len() == other.labels.len() && self.labels.iter().zip(&other.labels).all(|(a, b)| a.name == b.name)
    }
}

impl Enum {
    /// One of these labels, none of which has the name of another.
    pub fn new(labels: Vec<EnumLabel>) -> Self {
        let mut sorted: Vec<u32> = (0..labels.len() as u32).collect();
        sorted.sort_by_key(|place| labels[*place as usize].name.as_str());
        Self { labels, sorted }
    }

    /// The place of a label.
    pub fn find(&self, name: &str) -> Option<u32> {
        let label = |place: &u32| self.labels[*place as usize].name.as_str();
        self.sorted.binary_search_by_key(&name, label).ok().map(|at| self.sorted[at])
    }

    /// The labels as a sentence lists them.
    pub fn listed(&self) -> String {
        let names = self.labels.iter().map(|label| label.name.as_str());
        crate::suggest::listed(names).unwrap_or_else(|| format!("{} labels", self.labels.len()))
    }
}

/// The type of a column, without what is said about it after.
#[derive(Clone, Debug)]
pub struct ColumnType {
    /// Its definition.
    pub def: &'static TypeDef,
    /// What the definition leaves open.
    pub detail: Detail,
}

/// What the definition of a type leaves open.
#[derive(Clone, Debug)]
pub enum Detail {
    /// Nothing.
    None,
    /// The digits after a decimal's point.
    Places(u8),
    /// The labels of an enum.
    Labels(Arc<Enum>),
    /// The type of a list's items, and whether an item may be null.
    Item(Box<ColumnType>, bool),
    /// What a reference refers to.
    Target(Reference),
    /// Not known, because a fault was reported.
    Unknown,
}

/// What a reference refers to.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The table.
    pub table: TableId,
    /// The column whose values it holds: the table's key, or the unique column that was named.
    pub column: ColumnId,
    /// The type of its values.
    pub value: Type,
    /// Where the target is named.
    pub span: Span,
}

/// How many rows refer to one row, and whether each must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Every row refers to another one: `ref Customer unique`.
    OneToOne,
    /// A row refers to one of its own, or to none: `ref Customer? unique`.
    ZeroOrOneToOne,
    /// Any number of rows refer to one: `ref Customer`.
    ManyToOne,
    /// Any number of rows refer to one, and some to none: `ref Customer?`.
    ManyToZeroOrOne,
}

/// The values a column is limited to.
#[derive(Clone, Debug, PartialEq)]
pub enum Allowed {
    /// Those between two ends, in the column's own unit.
    Between {
        /// The least; none for no end on that side.
        low: Option<Datum>,
        /// The largest.
        high: Option<Datum>,
        /// Whether the largest is allowed; the least always is.
        inclusive: bool,
    },
    /// Those listed.
    Listed(Vec<Datum>),
}

/// A limit with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located<T> {
    /// What it is.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// How long a text or a list may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// The least, in characters of a text or items of a list.
    pub min: u64,
    /// The most; none for no limit.
    pub max: Option<u64>,
}

/// A regular expression that a whole value matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    /// At most so many texts match; none where there is no end to them.
    pub count: Option<u128>,
    /// The lengths in characters of what matches; no most where there is none.
    pub length: Length,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// The doc comment above it.
    pub docs: Option<String>,
    /// Its type.
    pub kind: ColumnType,
    /// Where its type stands, the `?` included.
    pub kind_span: Span,
    /// Whether it may be null.
    pub optional: bool,
    /// Where it is declared to be the key by itself.
    pub key: Option<Span>,
    /// Where it is declared to differ in every row; a null differs from everything.
    pub unique: Option<Span>,
    /// `in`: the values it is limited to.
    pub allowed: Option<Located<Allowed>>,
    /// `length`
    pub length: Option<Located<Length>>,
    /// `matches`
    pub pattern: Option<Located<Pattern>>,
    /// `null 30%`: the share of rows, from 0 to 1, without a value.
    pub null: Option<Located<f64>>,
    /// `default`: what a row that gives none has.
    pub default: Option<Located<Datum>>,
    /// `from "hours-per-week"`: its name outside.
    pub outside: Option<String>,
    /// `~`: how a value is drawn.
    pub draw: Option<Draw>,
    /// `=`: how it follows from other columns.
    pub derived: Option<Expression>,
    /// Its type and what is said of it, on one line as it was written.
    pub written: String,
}

impl ColumnType {
    /// The type of its values in an expression; of a reference, that of what it refers by.
    pub fn value(&self) -> Type {
        match (&self.detail, self.def.base) {
            (Detail::Unknown, _) => Type::Unknown,
            (Detail::Places(places), _) => Type::Decimal(*places),
            (Detail::Labels(labels), _) => Type::Enum(labels.clone()),
            (Detail::Item(item, _), _) => Type::List(Box::new(item.value())),
            (Detail::Target(reference), _) => reference.value.clone(),
            (Detail::None, base) => match base {
                Base::Int => Type::Int,
                Base::Float => Type::Float,
                Base::Bool => Type::Bool,
                Base::Text => Type::Text,
                Base::Date => Type::Date,
                Base::DateTime => Type::DateTime,
                Base::Time => Type::Time,
                Base::Json => Type::Json,
                Base::Decimal | Base::Enum | Base::List | Base::Reference => Type::Unknown,
            },
        }
    }

    /// What it refers to, if it is a reference.
    pub fn reference(&self) -> Option<&Reference> {
        match &self.detail {
            Detail::Target(reference) => Some(reference),
            _ => None,
        }
    }
}

impl Column {
    /// What it refers to, if it is a reference.
    pub fn reference(&self) -> Option<&Reference> {
        self.kind.reference()
    }

    /// Its labels, if it is an enum.
    pub fn labels(&self) -> Option<&Enum> {
        match &self.kind.detail {
            Detail::Labels(labels) => Some(labels),
            _ => None,
        }
    }

    /// How its rows and those it refers to go together, if it is a reference.
    pub fn cardinality(&self) -> Option<Cardinality> {
        self.reference()?;
        Some(match (self.is_distinct(), self.optional) {
            (true, false) => Cardinality::OneToOne,
            (true, true) => Cardinality::ZeroOrOneToOne,
            (false, false) => Cardinality::ManyToOne,
            (false, true) => Cardinality::ManyToZeroOrOne,
        })
    }

    /// Whether it alone differs in every row.
    pub fn is_distinct(&self) -> bool {
        self.key.is_some() || self.unique.is_some()
    }

    /// The share of rows, from 0 to 1, that have no value; a derived column's follows from what it is derived from.
    pub fn null_share(&self) -> f64 {
        match (&self.null, self.optional && self.derived.is_none()) {
            (Some(share), _) => share.value,
            (None, true) => NULL_SHARE,
            (None, false) => 0.0,
        }
    }

    /// Its name in data outside.
    pub fn outside_name(&self) -> &str {
        self.outside.as_deref().unwrap_or(&self.name)
    }
}

impl Table {
    /// Which of its `together` is the key, where that is one of several columns.
    pub fn key_together(&self) -> Option<usize> {
        let is_one_column = self.key.first().is_some_and(|first| self.at(*first).key.is_some());
        self.together.iter().position(|together| !is_one_column && together.columns == self.key)
    }

    /// Its columns with their places.
    pub fn columns(&self) -> impl Iterator<Item = (ColumnId, &Column)> {
        self.columns.iter().enumerate().map(|(index, column)| (ColumnId(index as u32), column))
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<(ColumnId, &Column)> {
        self.columns().find(|(_, column)| column.name == name)
    }

    /// A column by its place.
    pub fn at(&self, id: ColumnId) -> &Column {
        &self.columns[id.0 as usize]
    }
}
