//! Databases that rows go straight into: one file a database.
//!
//! A database is given tables and their rows, piece by piece, and takes all of them or none: a new file of SQLite is written beside its place,
//! everything else is one transaction.

mod address;
#[cfg(feature = "databases")]
mod postgres;
#[cfg(feature = "databases")]
mod sqlite;

pub use address::Address;

/// A table that rows are put into.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it is called.
    pub name: String,
    /// The same as a statement names it.
    pub identifier: String,
    /// The table with its columns, as a statement names them.
    pub target: String,
    /// How many columns it has.
    pub columns: usize,
    /// The statements that make it.
    pub create: String,
    /// The statements that say what it refers to, once all rows are there.
    pub references: Vec<String>,
    /// How many pieces of rows it gets.
    pub pieces: usize,
}

/// What may become of what is there already.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// It may be replaced.
    pub replace: bool,
    /// Rows go into tables that are there, and none are made.
    pub append: bool,
    /// The schema of PostgreSQL in which tables stand; the first of the search path where none is named.
    pub schema: Option<String>,
}

/// Why a database did not take what it was given. It is then as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", table.as_ref().map(|table| format!("table `{table}`: ")).unwrap_or_default())]
pub struct Refusal {
    /// The table it was about.
    pub table: Option<String>,
    /// What the database said, or what is in the way.
    pub reason: String,
}

impl Refusal {
    /// One that is about no table.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { table: None, reason: reason.into() }
    }

    #[cfg(not(feature = "databases"))]
    fn no_databases() -> Self {
        Self::new("this build of ndsl has no databases: it was made without the feature `databases`")
    }

    /// The same about a table.
    pub fn of(self, table: &Table) -> Self {
        Self { table: self.table.or_else(|| Some(table.name.clone())), ..self }
    }
}

/// Puts rows into tables of a database, all of them or none. `pieces` are those of the tables, one after another; the first that is a fault ends
/// it.
///
/// # Errors
/// What `pieces` says, and what the database does.
#[cfg(feature = "databases")]
pub fn put<E: From<Refusal>>(
    address: &Address,
    tables: &[Table],
    leave: &Leave,
    pieces: &mut dyn Iterator<Item = Result<Piece, E>>,
) -> Result<(), E> {
    match address {
        Address::Sqlite(path) => sqlite::put(path, tables, leave, pieces),
        Address::Postgres(url) => postgres::put(url, tables, leave, pieces),
    }
}

/// The statements that make the tables of a database, of one of its schemas where it has such: what `CREATE TABLE` and its like say of them.
///
/// # Errors
/// Why the database cannot be read.
#[cfg(feature = "databases")]
pub fn statements(address: &Address, schema: Option<&str>) -> Result<String, Refusal> {
    match address {
        Address::Sqlite(path) => sqlite::statements(path, schema),
        Address::Postgres(url) => postgres::statements(url, schema),
    }
}

/// The same where no database is part of the build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "databases"))]
pub fn statements(_: &Address, _: Option<&str>) -> Result<String, Refusal> {
    Err(Refusal::no_databases())
}

/// The same where no database is part of the build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "databases"))]
pub fn put<E: From<Refusal>>(
    _: &Address,
    _: &[Table],
    _: &Leave,
    _: &mut dyn Iterator<Item = Result<Piece, E>>,
) -> Result<(), E> {
    Err(Refusal::no_databases().into())
}

/// Rows of a table.
pub enum Piece {
    /// As they are, for SQLite.
    Rows(arrow_array::RecordBatch),
    /// As PostgreSQL's `COPY` reads them.
    Copy(ndsl_generate::output::Page),
}
