//! SQLite: into a new file that stands in its place when it is whole, or into the tables of one that is there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ndsl_generate::output::values::{Value, Values};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};

use super::{Leave, Piece, Refusal, Table};
use crate::files::Beside;

/// How long another program is waited for that is writing into the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// A file that nobody reads before it is whole needs nothing that keeps it whole meanwhile. What rows refer to is looked up at the end,
/// where it can be said which row it is.
const NEW: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; \
    PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF; BEGIN";

/// Rows may refer to rows that come later.
const THERE: &str = "PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON";

/// Puts rows into tables, all of them or none.
///
/// # Errors
/// What `pieces` says, and what SQLite or the file system does.
pub fn put<E: From<Refusal>>(
    path: &Path,
    tables: &[Table],
    leave: &Leave,
    pieces: &mut dyn Iterator<Item = Result<Piece, E>>,
) -> Result<(), E> {
    if leave.schema.is_some() {
        return Err(no_schemas().into());
    }
    if leave.append {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(said)?;
        connection.busy_timeout(PATIENCE).map_err(said)?;
        connection.execute_batch(THERE).map_err(said)?;
        are_there(&connection, tables)?;
        insert(&connection, tables, pieces)?;
        // What is not committed is taken back when the connection is closed.
        return connection.execute_batch("COMMIT").map_err(|error| {
            let dangling = dangling(&connection, tables);
            dangling.err().unwrap_or_else(|| said(error)).into()
        });
    }
    may_stand(path, leave.replace)?;
    let beside = Beside::create(path).map_err(|error| Refusal::new(error.to_string()))?;
    let connection = Connection::open(beside.path()).map_err(said)?;
    connection.execute_batch(NEW).map_err(said)?;
    for table in tables {
        connection.execute_batch(&table.create).map_err(|error| said(error).of(table))?;
    }
    insert(&connection, tables, pieces)?;
    dangling(&connection, tables)?;
    connection.execute_batch("COMMIT").map_err(said)?;
    connection.close().map_err(|(_, error)| said(error))?;
    may_stand(path, leave.replace)?;
    beside.finish().map_err(|error| Refusal::new(error.to_string()).into())
}

/// The statements that made the tables of a file.
///
/// # Errors
/// What SQLite says.
pub fn statements(path: &Path, schema: Option<&str>) -> Result<String, Refusal> {
    if schema.is_some() {
        return Err(no_schemas());
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(said)?;
    connection.busy_timeout(PATIENCE).map_err(said)?;
    // Tables before their indexes; what SQLite made for itself has no statement, or a name of its own.
    let query = "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL \
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC, rowid";
    let mut statement = connection.prepare(query).map_err(said)?;
    let all = statement.query_map([], |row| row.get::<_, String>(0)).map_err(said)?;
    // A comment may stand at the end of one.
    all.map(|sql| Ok(sql.map_err(said)? + "\n;\n")).collect()
}

fn no_schemas() -> Refusal {
    Refusal::new("SQLite has no schemas that tables stand in")
}

/// Whether a new file may stand at a place.
fn may_stand(path: &Path, replace: bool) -> Result<(), Refusal> {
    if path.is_dir() {
        return Err(Refusal::new("it is a folder"));
    }
    if path.exists() && !replace {
        return Err(Refusal::new("it is there already: `--force` replaces it, `--append` puts rows into its tables"));
    }
    for ending in ["-wal", "-journal"] {
        let mut log = path.as_os_str().to_owned();
        log.push(ending);
        let log = PathBuf::from(log);
        if log.exists() {
            // SQLite would take it for changes of the new file.
            let name = log.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(Refusal::new(format!(
                "`{name}` stands beside it, so a program has it open or did not close it"
            )));
        }
    }
    Ok(())
}

/// Whether all tables are there.
fn are_there(connection: &Connection, tables: &[Table]) -> Result<(), Refusal> {
    let mut known = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").map_err(said)?;
    let known = known.query_map([], |row| row.get::<_, String>(0)).map_err(said)?;
    let known: Vec<String> = known.collect::<Result<_, _>>().map_err(said)?;
    let is_gone = |table: &&Table| !known.iter().any(|name| name.eq_ignore_ascii_case(&table.name));
    let gone: Vec<String> = tables.iter().filter(is_gone).map(|table| format!("`{}`", table.name)).collect();
    match gone[..] {
        [] => Ok(()),
        _ => Err(Refusal::new(format!("there is no table {}", gone.join(", ")))),
    }
}

/// Puts all pieces in, table after table.
fn insert<E: From<Refusal>>(
    connection: &Connection,
    tables: &[Table],
    pieces: &mut dyn Iterator<Item = Result<Piece, E>>,
) -> Result<(), E> {
    let statement = |table: &Table| {
        let places = vec!["?"; table.columns].join(", ");
        let text = format!("INSERT INTO {} VALUES ({places})", table.target);
        connection.prepare(&text).map_err(|error| said(error).of(table))
    };
    // All are looked at before the first row.
    let mut statements = tables.iter().map(statement).collect::<Result<Vec<Statement<'_>>, Refusal>>()?;
    for (table, statement) in tables.iter().zip(&mut statements) {
        for piece in pieces.take(table.pieces) {
            let Piece::Rows(batch) = piece? else { continue };
            let mut values = Values::of(&batch).map_err(|error| Refusal::new(error.to_string()).of(table))?;
            for row in 0..batch.num_rows() {
                let mut execute = || -> rusqlite::Result<usize> {
                    for column in 0..table.columns {
                        statement.raw_bind_parameter(column + 1, Cell(values.at(row, column)))?;
                    }
                    statement.raw_execute()
                };
                execute().map_err(|error| said(error).of(table))?;
            }
        }
    }
    Ok(())
}

/// A cell as a statement takes it.
struct Cell<'v>(Value<'v>);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(number),
            Value::Float(number) => ValueRef::Real(number),
            Value::Text(text) => ValueRef::Text(text),
        }))
    }
}

/// Whether every row that is referred to is there; SQLite itself does not say which is not.
fn dangling(connection: &Connection, tables: &[Table]) -> Result<(), Refusal> {
    for table in tables {
        let mut check =
            connection.prepare("SELECT \"rowid\", parent FROM pragma_foreign_key_check(?)").map_err(said)?;
        let mut found = check.query([&table.name]).map_err(said)?;
        if let Some(row) = found.next().map_err(said)? {
            let (row, parent): (Option<i64>, String) = (row.get(0).map_err(said)?, row.get(1).map_err(said)?);
            let row = row.map(|row| format!("row {row}")).unwrap_or_else(|| "a row".to_owned());
            return Err(Refusal::new(format!("{row} refers to a row of `{parent}` that is not there")).of(table));
        }
    }
    Ok(())
}

/// What SQLite says.
fn said(error: rusqlite::Error) -> Refusal {
    Refusal::new(match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        other => other.to_string(),
    })
}
