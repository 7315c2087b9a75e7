//! Schemas: tables, their columns, and what must hold between them.

use super::{Expr, Ident, Path};
use crate::Span;

/// `schema Shop { tables }`, `schema Customer { columns }`, `schema Persona from "interviews.csv" using writer { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its name.
    pub name: Ident,
    /// What its rows are made from.
    pub from: Option<SchemaSource>,
    /// From brace to brace.
    pub body_span: Span,
    /// What stands in it, in order. Columns outside any table make one table of the schema's name.
    pub items: Vec<SchemaItem>,
}

/// `from "interviews.csv" using writer`
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaSource {
    /// The file, as written.
    pub path: String,
    /// Where the file's name stands, quotes included.
    pub path_span: Span,
    /// The provider that reads it.
    pub using: Option<Ident>,
}

/// Something in a schema or in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaItem {
    /// The whole of it, doc comments left out.
    pub span: Span,
    /// The `///` lines above it.
    pub docs: Option<String>,
    /// What it is.
    pub kind: SchemaItemKind,
}

/// What may stand in a schema or in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemaItemKind {
    /// `table Order { … }`; not in another table.
    Table(Table),
    /// `age: int in 18..=95 ~ normal(41, 14)`
    Column(Column),
    /// `check shipped == null or shipped >= placed`
    Check {
        /// What must hold of every row.
        condition: Expr,
    },
    /// `unique (first, last)`, `key (order, line)`: several columns together.
    Together {
        /// `unique` or `key`.
        what: Ident,
        /// The columns.
        columns: Vec<Ident>,
    },
    /// `correlate Customer(age, income) = 0.4`; in a table: `correlate (age, income) = 0.4`
    Correlate {
        /// The table, unless it stands in one.
        table: Option<Ident>,
        /// The columns.
        columns: Vec<Ident>,
        /// How strongly, from -1 to 1.
        strength: Expr,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error,
}

/// `table Order { columns }`
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: Ident,
    /// From brace to brace.
    pub body_span: Span,
    /// Its columns and what must hold of them, in order.
    pub items: Vec<SchemaItem>,
}

/// `name: type clauses`
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name; any word may be one.
    pub name: Ident,
    /// Its type.
    pub kind: ColumnType,
    /// What else is said of it, in order.
    pub clauses: Vec<Clause>,
}

/// `int`, `decimal(2)`, `person.name`, `list(text)`, `ref Customer`, `enum { free: 70%, pro }`, `phone?`
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnType {
    /// The whole of it.
    pub span: Span,
    /// What it is.
    pub kind: ColumnTypeKind,
    /// Whether a `?` follows, so that it may be null.
    pub optional: bool,
}

/// The forms of column types.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnTypeKind {
    /// `int`, `person.name`, `decimal(2)`
    Named {
        /// Its name.
        name: Path,
        /// What stands in its brackets.
        arguments: Vec<Expr>,
    },
    /// `list(text)`
    List {
        /// The type of an item.
        item: Box<ColumnType>,
    },
    /// `ref Customer`, `ref Customer.email`
    Reference {
        /// The table, or a column of it.
        target: Path,
    },
    /// `enum { free: 70%, pro: 25%, "<=50K" }`
    Enum {
        /// Its labels, in order.
        labels: Vec<Label>,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error,
}

/// `free: 70%`, `"<=50K"`
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The whole of it.
    pub span: Span,
    /// The label; of a quoted one the text between the quotes.
    pub name: Ident,
    /// Its share of the rows.
    pub weight: Option<Expr>,
}

/// One thing said of a column after its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The whole of it.
    pub span: Span,
    /// What is said.
    pub kind: ClauseKind,
}

/// What may be said of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `key`
    Key,
    /// `unique`
    Unique,
    /// `in 18..=95`, `in [1, 2, 4]`
    In(Expr),
    /// `length 2..=5`
    Length(Expr),
    /// `matches "[A-Z]{3}"`: the text between the quotes, nothing in it read as an escape.
    Matches {
        /// The regular expression.
        pattern: String,
        /// Where it stands, quotes included.
        span: Span,
    },
    /// `null 30%`: the share of rows without a value.
    Null(Expr),
    /// `default 0`
    Default(Expr),
    /// `from "hours-per-week"`: its name outside.
    From {
        /// The other name.
        name: String,
        /// Where it stands, quotes included.
        span: Span,
    },
    /// `~ normal(41, 14)`: how a value is drawn.
    Drawn(Expr),
    /// `= quantity * price`: how a value follows from others.
    Derived(Expr),
}
