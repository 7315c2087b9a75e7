//! SQL: the `CREATE TABLE` statements of Postgres, SQLite, MySQL and the standard, and what belongs to them.
//!
//! What SQL cannot say stands in comments: `-- ndsl: ~ normal(41, 14)` behind a column, `-- ndsl: check …` on a line of its own,
//! `-- ndsl: schema Shop` at the top. Other comments within a table are doc comments of what they stand above or behind.

mod condition;
mod constraints;
mod declare;
mod elements;
mod limits;
mod lines;
mod read;
mod say;
mod script;
mod tables;
mod types;
mod write;

pub use declare::{Declaration, declare};
pub(super) use read::read;
pub use say::identifier;
pub(super) use write::write;

use sqlparser::dialect::{Dialect as Syntax, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB, which are only read.
    Mysql,
    /// What most databases understand.
    Standard,
}

impl Dialect {
    /// Every dialect, the likeliest first.
    pub const ALL: [Self; 4] = [Self::Postgres, Self::Mysql, Self::Sqlite, Self::Standard];

    fn syntax(self) -> &'static dyn Syntax {
        match self {
            Self::Postgres => &PostgreSqlDialect {},
            Self::Sqlite => &SQLiteDialect {},
            Self::Mysql => &MySqlDialect {},
            Self::Standard => &GenericDialect {},
        }
    }
}

/// Begins a comment that holds what SQL cannot say.
const REMARK: &str = " ndsl:";
