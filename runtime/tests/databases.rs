//! Rows straight into SQLite and PostgreSQL, and scripts that make their tables: read back by the databases, with every constraint on.
//!
//! PostgreSQL is asked where `NDSL_TEST_POSTGRES` says (a URL of somebody who may make databases), or at the socket of this machine; each
//! test makes a database of its own there.
#![cfg(feature = "databases")]
// A test that is left out says so.
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::Path;

use ndsl_compiler::schema::convert;
use ndsl_runtime::databases::{self, Address};
use ndsl_runtime::operations::Error;
use ndsl_runtime::operations::generate::{self, Dialect, Form, Output, Request, Response};
use ndsl_runtime::train::Cancel;
use postgres::{Client, NoTls, SimpleQueryMessage};
use rusqlite::Connection;
use rusqlite::types::Value;

/// Columns of every type, names that are words of SQL, circles, and what is hard for a database.
const WIDE: &str = include_str!("databases/wide.ndsl");

fn request(output: Output, form: Form) -> Request {
    let request = serde_json::json!({ "name": "wide.ndsl", "text": WIDE, "rows": 700, "seed": 7, "output": output });
    Request { form, ..serde_json::from_value(request).unwrap() }
}

fn into(address: &Address) -> Request {
    request(Output::Database(address.clone()), Form::Csv)
}

fn run(request: &Request) -> Result<Response, Error> {
    generate::run(request, None, &mut |_| {}, &Cancel::default())
}

/// What went wrong, and what remains to be said of it.
fn refused(request: &Request) -> String {
    run(request).unwrap_err().to_string()
}

/// A script of the rows.
fn script(dialect: Dialect, append: bool) -> String {
    let request = Request { dialect, append, ..request(Output::Stream, Form::Sql) };
    let mut text = Vec::new();
    generate::run(&request, Some(&mut text), &mut |_| {}, &Cancel::default()).unwrap();
    String::from_utf8(text).unwrap()
}

const TABLES: [&str; 4] = ["User", "Visit", "Seat", "Badge"];

/// The sums of columns by their names.
type Sums = Vec<(String, f64)>;

/// The rows of each table, as CSV files of the same seed have them: how many there are, and the sum of each column that is a number.
fn of_files() -> BTreeMap<&'static str, (usize, Sums)> {
    let folder = tempfile::tempdir().unwrap();
    run(&request(Output::Folder(folder.path().to_owned()), Form::Csv)).unwrap();
    let read = |table: &'static str| {
        let mut reader = csv::Reader::from_path(folder.path().join(format!("{table}.csv"))).unwrap();
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let sum = |place: usize| {
            let cells = rows.iter().map(|row| &row[place]).filter(|cell| !cell.is_empty());
            cells.map(|cell| cell.parse::<f64>().ok()).sum::<Option<f64>>()
        };
        let sums = names.iter().enumerate().filter_map(|(place, name)| Some((name.clone(), sum(place)?)));
        (table, (rows.len(), sums.collect()))
    };
    TABLES.into_iter().map(read).collect()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1.0)
}

/// Every row of every table of SQLite.
fn in_sqlite(connection: &Connection) -> BTreeMap<&'static str, Vec<Vec<Value>>> {
    let rows = |table: &'static str| {
        let mut all = connection.prepare(&format!("SELECT * FROM \"{table}\" ORDER BY rowid")).unwrap();
        let columns = all.column_count();
        let rows = all.query_map([], |row| (0..columns).map(|place| row.get(place)).collect()).unwrap();
        (table, rows.map(Result::unwrap).collect())
    };
    TABLES.into_iter().map(rows).collect()
}

fn is_sound(connection: &Connection) {
    let integrity: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    assert!(!connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
}

fn sqlite_at(folder: &Path) -> (Address, std::path::PathBuf) {
    let path = folder.join("wide.db");
    (Address::Sqlite(path.clone()), path)
}

#[test]
fn sqlite_has_the_rows_of_the_files_and_of_the_script() {
    let folder = tempfile::tempdir().unwrap();
    let (address, path) = sqlite_at(folder.path());
    let made = run(&into(&address)).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else stands there");
    let connection = Connection::open(path).unwrap();
    is_sound(&connection);
    for (table, (rows, sums)) in of_files() {
        assert!(made.tables.iter().any(|made| made.table.ends_with(table) && made.rows == rows as u64));
        let one = |what: &str| connection.query_row(&format!("SELECT {what} FROM \"{table}\""), [], |row| row.get(0));
        assert_eq!(one("count(*)"), Ok(rows as f64), "{table}");
        for (column, sum) in sums {
            let found: f64 = one(&format!("total(\"{column}\")")).unwrap();
            assert!(close(found, sum), "{table}.{column}: {found} and {sum}");
        }
    }
    let scripted = Connection::open_in_memory().unwrap();
    scripted.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    scripted.execute_batch(&script(Dialect::Sqlite, false)).unwrap();
    is_sound(&scripted);
    assert!(in_sqlite(&connection) == in_sqlite(&scripted), "the script has other rows");
}

#[test]
fn what_stands_in_sqlite_is_kept_unless_it_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (address, path) = sqlite_at(folder.path());
    run(&into(&address)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(refused(&Request { seed: 8, ..into(&address) }).contains("`--force`"));
    // The same keys do not go in twice, and then nothing does.
    let twice = refused(&Request { append: true, ..into(&address) });
    assert!(twice.contains("table `") && twice.contains("UNIQUE constraint failed"), "{twice}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    run(&Request { seed: 8, force: true, ..into(&address) }).unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), before);

    // Into tables that are there and empty, by the command and by a script of rows alone.
    let rows = in_sqlite(&Connection::open(&path).unwrap());
    let empty =
        "PRAGMA foreign_keys = OFF; DELETE FROM Badge; DELETE FROM Visit; DELETE FROM \"User\"; DELETE FROM Seat";
    Connection::open(&path).unwrap().execute_batch(empty).unwrap();
    run(&Request { seed: 8, append: true, ..into(&address) }).unwrap();
    let connection = Connection::open(&path).unwrap();
    assert!(in_sqlite(&connection) == rows);
    connection.execute_batch(empty).unwrap();
    connection.execute_batch(&script(Dialect::Sqlite, true)).unwrap();
    is_sound(&connection);
}

#[test]
fn what_sqlite_does_not_take_is_said_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (address, path) = sqlite_at(folder.path());
    let append = || Request { append: true, ..into(&address) };
    assert!(refused(&append()).contains("unable to open database file"));
    std::fs::write(&path, "no database at all, but a text that is long enough to be told from one: ".repeat(20))
        .unwrap();
    assert!(refused(&append()).contains("file is not a database"));
    std::fs::remove_file(&path).unwrap();

    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE \"user\" (id INTEGER, x); CREATE TABLE seat (a)")
        .unwrap();
    let gone = refused(&append());
    assert!(gone.ends_with("there is no table `Visit`, `Badge`"), "{gone}");
    let more = "CREATE TABLE visit (a); CREATE TABLE badge (a)";
    Connection::open(&path).unwrap().execute_batch(more).unwrap();
    let gone = refused(&append());
    assert!(gone.contains("table `") && gone.contains("has no column named"), "{gone}");

    // Another program has changes of the old file that it would take for changes of the new one.
    std::fs::write(folder.path().join("wide.db-wal"), "").unwrap();
    assert!(refused(&Request { force: true, ..into(&address) }).contains("`wide.db-wal` stands beside it"));
    std::fs::remove_file(folder.path().join("wide.db-wal")).unwrap();

    assert!(refused(&into(&Address::Sqlite(folder.path().to_owned()))).contains("it is a folder"));
    assert!(refused(&into(&Address::Sqlite(folder.path().join("no/wide.db")))).contains("No such file"));
    let schema =
        Request { database_schema: Some("a".to_owned()), ..into(&Address::Sqlite(folder.path().join("b.db"))) };
    assert!(refused(&schema).contains("SQLite has no schemas"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_row_that_refers_to_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (address, path) = sqlite_at(folder.path());
    run(&into(&address)).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM Visit; DELETE FROM Badge; DELETE FROM \"User\"")
        .unwrap();
    let only = Request { tables: vec!["Visit".to_owned()], append: true, ..into(&address) };
    let gone = refused(&only);
    assert!(gone.contains("table `Visit`: row 1 refers to a row of `User` that is not there"), "{gone}");
    assert!(in_sqlite(&connection)["Visit"].is_empty());
}

#[test]
fn who_stops_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (address, path) = sqlite_at(folder.path());
    let cancel = Cancel::default();
    let mut watch = |_: &generate::Progress| cancel.cancel();
    let rows_of = BTreeMap::from([("User".to_owned(), 50_000)]);
    let request = Request { rows_of, tables: vec!["User".to_owned()], ..into(&address) };
    assert!(matches!(generate::run(&request, None, &mut watch, &cancel), Err(Error::Cancelled)));
    assert!(!path.exists() && std::fs::read_dir(folder.path()).unwrap().count() == 0);
}

/// A database of PostgreSQL that is gone at the end.
struct Postgres {
    server: String,
    name: String,
}

impl Postgres {
    /// Makes one, where a server can be reached.
    fn make(name: &str) -> Option<Self> {
        let given = std::env::var("NDSL_TEST_POSTGRES");
        let server =
            given.clone().unwrap_or_else(|_| "postgres://postgres@%2Fvar%2Frun%2Fpostgresql/postgres".to_owned());
        let mut client = match Client::connect(&server, NoTls) {
            Ok(client) => client,
            Err(error) if given.is_ok() => panic!("{server}: {error}"),
            Err(error) => {
                eprintln!(
                    "SKIPPED: PostgreSQL, since no server can be reached ({error}); NDSL_TEST_POSTGRES says where one is"
                );
                return None;
            }
        };
        let name = format!("ndsl_test_{}_{name}", std::process::id());
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Some(Self { server, name })
    }

    fn url(&self) -> String {
        let (before, _) = self.server.rsplit_once('/').unwrap();
        format!("{before}/{}", self.name)
    }

    fn address(&self) -> Address {
        Address::Postgres(self.url())
    }

    fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(mut client) = Client::connect(&self.server, NoTls) {
            client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).unwrap();
        }
    }
}

/// The one cell of a query.
fn one(client: &mut Client, query: &str) -> String {
    let rows = client.simple_query(query).unwrap();
    let cells = rows.iter().find_map(|row| match row {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
        _ => None,
    });
    cells.unwrap()
}

/// A hash of every row of every table of PostgreSQL.
fn in_postgres(client: &mut Client) -> Vec<String> {
    let tables = ["\"User\"", "visit", "seat", "badge"];
    let hash = |table| one(client, &format!("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"));
    tables.map(hash).to_vec()
}

#[test]
fn postgres_has_the_rows_of_the_files_and_of_the_scripts() {
    let Some(database) = Postgres::make("rows") else { return };
    run(&into(&database.address())).unwrap();
    let mut client = database.client();
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated";
    assert_eq!(one(&mut client, keys), "4");
    for (table, (rows, sums)) in of_files() {
        let table = if table == "User" { "\"User\"".to_owned() } else { table.to_owned() };
        assert_eq!(one(&mut client, &format!("SELECT count(*) FROM {table}")), rows.to_string(), "{table}");
        for (column, sum) in sums {
            let found = one(&mut client, &format!("SELECT coalesce(sum(\"{column}\"), 0) FROM {table}"));
            assert!(close(found.parse().unwrap(), sum), "{table}.{column}: {found} and {sum}");
        }
    }
    let direct = in_postgres(&mut client);
    for (schema, dialect) in [("of_postgres", Dialect::Postgres), ("of_all", Dialect::Standard)] {
        client.batch_execute(&format!("CREATE SCHEMA {schema}; SET search_path TO {schema}")).unwrap();
        client.batch_execute(&script(dialect, false)).unwrap();
        let hashes = in_postgres(&mut client);
        assert_eq!(hashes[1..], direct[1..], "{schema}");
        // Lists are arrays of PostgreSQL, and JSON elsewhere.
        assert_eq!(hashes[0] == direct[0], dialect == Dialect::Postgres);
    }
}

#[test]
fn what_stands_in_postgres_is_kept_unless_it_may_be_replaced() {
    let Some(database) = Postgres::make("kept") else { return };
    let address = database.address();
    run(&into(&address)).unwrap();
    let mut client = database.client();
    let before = in_postgres(&mut client);
    let there = refused(&Request { seed: 8, ..into(&address) });
    assert!(there.contains("there are tables seat, \"User\"") || there.contains("there are tables Seat"), "{there}");
    assert!(there.contains("`--force`") && there.contains("`--append`"), "{there}");
    let twice = refused(&Request { append: true, ..into(&address) });
    assert!(twice.contains("table `Seat`: duplicate key value violates unique constraint"), "{twice}");
    assert_eq!(in_postgres(&mut client), before);
    run(&Request { seed: 8, force: true, ..into(&address) }).unwrap();
    assert_ne!(in_postgres(&mut client), before);

    // Tables in a schema of their own, whose name is none that needs no quotes.
    let apart = Request { database_schema: Some("My \"own\"".to_owned()), ..into(&address) };
    run(&apart).unwrap();
    client.batch_execute("SET search_path TO \"My \"\"own\"\"\"").unwrap();
    assert_eq!(in_postgres(&mut client), before);
    // Rows that refer to later ones go into tables whose references wait.
    client.batch_execute("DROP TABLE badge; TRUNCATE visit, \"User\"; TRUNCATE seat").unwrap();
    let gone = refused(&Request { append: true, ..apart.clone() });
    assert!(gone.ends_with("there is no table Badge"), "{gone}");
    let three = ["User", "Visit", "Seat"].map(str::to_owned).to_vec();
    let waiting = Request { append: true, tables: three, ..apart };
    let late = refused(&waiting);
    assert!(late.contains("violates foreign key constraint"), "{late}");
    let wait = "ALTER TABLE \"User\" ALTER CONSTRAINT \"User_boss_fkey\" DEFERRABLE, ALTER CONSTRAINT \"User_best_fkey\" DEFERRABLE";
    client.batch_execute(wait).unwrap();
    run(&waiting).unwrap();
    let [user, visit, seat, _] = &before[..] else { panic!() };
    let hash = |client: &mut Client, table: &str| {
        one(client, &format!("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"))
    };
    for (table, before) in [("\"User\"", user), ("visit", visit), ("seat", seat)] {
        assert_eq!(hash(&mut client, table), *before, "{table}");
    }
}

#[test]
fn what_postgres_does_not_take_is_said_and_leaves_nothing() {
    let nobody = refused(&into(&Address::Postgres("postgres://ada:secret@127.0.0.1:1/db".to_owned())));
    assert!(nobody.contains("no server answers at `127.0.0.1`") && nobody.contains("refused"), "{nobody}");
    assert!(!nobody.contains("secret"), "{nobody}");
    let nowhere = refused(&into(&Address::Postgres("postgres://nowhere.invalid/db".to_owned())));
    assert!(nowhere.contains("no server answers at `nowhere.invalid`"), "{nowhere}");
    let wrong = refused(&into(&Address::Postgres("postgres://host:port/db".to_owned())));
    assert!(wrong.contains("port"), "{wrong}");

    let Some(database) = Postgres::make("refused") else { return };
    let gone = refused(&into(&Address::Postgres(format!("{}_not", database.url()))));
    assert!(gone.contains("does not exist"), "{gone}");
    let mut client = database.client();
    // What depends on a table stays, so the table does.
    client.batch_execute("CREATE TABLE seat (a int); CREATE VIEW seats AS SELECT a FROM seat").unwrap();
    let needed = refused(&Request { force: true, ..into(&database.address()) });
    assert!(needed.contains("cannot drop table seat because other objects depend on it"), "{needed}");
    assert_eq!(one(&mut client, "SELECT count(*) FROM pg_class WHERE relname IN ('User', 'visit')"), "0");
    client.batch_execute("DROP VIEW seats; DROP TABLE seat").unwrap();
    // A table that is there, but is another.
    client.batch_execute("CREATE TABLE seat (row smallint CHECK (row < 7), place char(1))").unwrap();
    let seats = Request { tables: vec!["Seat".to_owned()], append: true, ..into(&database.address()) };
    let check = refused(&seats);
    assert!(check.contains("table `Seat`: new row for relation \"seat\" violates check constraint"), "{check}");
    assert_eq!(one(&mut client, "SELECT count(*) FROM seat"), "0");
}

#[test]
fn words_of_postgres_are_quoted() {
    let Some(database) = Postgres::make("words") else { return };
    let mut client = database.client();
    let words = client.query("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')", &[]).unwrap();
    assert!(words.len() > 50);
    let columns: Vec<String> = words.iter().map(|row| format!("    {}: int\n", row.get::<_, String>(0))).collect();
    let text = format!("schema Words {{\n    id: int key\n{}}}\n", columns.concat());
    let request = Request { name: "words.ndsl".to_owned(), text, rows: 3, ..into(&database.address()) };
    run(&request).unwrap();
    assert_eq!(one(&mut client, "SELECT count(*) FROM words"), "3");
    let sqlite = tempfile::tempdir().unwrap();
    run(&Request { output: Output::Database(sqlite_at(sqlite.path()).0), ..request }).unwrap();
}

/// The program that the tables of a database are.
fn program(address: &Address, schema: Option<&str>, dialect: convert::Dialect) -> String {
    let statements = databases::statements(address, schema).unwrap();
    let read = convert::read(convert::Format::Sql, &statements, "Wide", Some(dialect));
    read.unwrap_or_else(|faults| panic!("{faults:#?}\n{statements}")).text
}

#[test]
fn tables_of_sqlite_are_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let (address, path) = sqlite_at(folder.path());
    run(&Request { rows: 0, ..into(&address) }).unwrap();
    let more =
        "CREATE UNIQUE INDEX one ON Visit (at, amount); CREATE VIEW v AS SELECT 1; CREATE TABLE t (a INTEGER) -- its";
    Connection::open(&path).unwrap().execute_batch(more).unwrap();
    insta::assert_snapshot!(program(&address, None, convert::Dialect::Sqlite));
    std::fs::write(&path, "no database").unwrap();
    assert!(databases::statements(&address, None).unwrap_err().to_string().contains("file is not a database"));
}

#[test]
fn tables_of_postgres_are_a_program() {
    let Some(database) = Postgres::make("program") else { return };
    let address = database.address();
    run(&Request { rows: 0, database_schema: Some("Wide one".to_owned()), ..into(&address) }).unwrap();
    let more = "SET search_path = \"Wide one\"; CREATE TYPE mood AS ENUM ('it''s', 'so so'); \
        CREATE DOMAIN age AS integer NOT NULL CHECK (VALUE BETWEEN 0 AND 150); \
        CREATE TABLE more (a age DEFAULT 7, mood mood, at timestamptz, twice bigint GENERATED ALWAYS AS (a * 2) STORED); \
        CREATE UNIQUE INDEX one ON more (mood, at); CREATE UNIQUE INDEX two ON more (a) WHERE a > 5";
    database.client().batch_execute(more).unwrap();
    insta::assert_snapshot!(program(&address, Some("Wide one"), convert::Dialect::Postgres));
}
