//! PostgreSQL: in one transaction, with `COPY`.

use std::io::Write;
use std::time::Duration;

use postgres::config::Host;
use postgres::error::Error;
use postgres::{Client, Config, NoTls, Transaction};

use super::{Leave, Piece, Refusal, Table};

/// How long a server is waited for where its URL does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts rows into tables, all of them or none.
///
/// # Errors
/// What `pieces` says, and what the server does.
pub fn put<E: From<Refusal>>(
    url: &str,
    tables: &[Table],
    leave: &Leave,
    pieces: &mut dyn Iterator<Item = Result<Piece, E>>,
) -> Result<(), E> {
    let mut client = connect(url)?;
    // What is not committed is taken back when the connection is closed.
    let mut transaction = client.transaction().map_err(said)?;
    prepare(&mut transaction, tables, leave)?;
    for table in tables {
        copy(&mut transaction, table, pieces)?;
    }
    for table in tables.iter().filter(|_| !leave.append) {
        for statement in &table.references {
            transaction.batch_execute(statement).map_err(|error| said(error).of(table))?;
        }
    }
    Ok(transaction.commit().map_err(said)?)
}

/// The statements that make the tables of a schema, of the first of the search path where none is named.
///
/// # Errors
/// What the server says.
pub fn statements(url: &str, schema: Option<&str>) -> Result<String, Refusal> {
    let mut client = connect(url)?;
    let mut transaction = client.build_transaction().read_only(true).start().map_err(said)?;
    if let Some(schema) = schema {
        transaction.batch_execute(&format!("SET LOCAL search_path = {}", quoted(schema))).map_err(said)?;
    }
    let mut out = String::new();
    for query in CATALOGUE {
        for row in transaction.query(query, &[]).map_err(said)? {
            out += row.try_get(0).map_err(said)?;
            out.push('\n');
        }
    }
    Ok(out)
}

/// What the catalogue says of the schema that is searched first, as statements: types, tables, what holds of them, and what they are about.
const CATALOGUE: [&str; 6] = [
    "SELECT format('CREATE TYPE %I AS ENUM (%s);', typname, string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)) \
     FROM pg_type t JOIN pg_enum ON enumtypid = t.oid JOIN pg_namespace n ON n.oid = typnamespace \
     WHERE nspname = current_schema() GROUP BY t.oid, typname ORDER BY typname",
    // That a domain is never null is said of its columns.
    "SELECT format('CREATE DOMAIN %I AS %s%s;', typname, format_type(typbasetype, typtypmod), \
       (SELECT string_agg(' ' || pg_get_constraintdef(k.oid), '' ORDER BY conname) FROM pg_constraint k WHERE contypid = t.oid)) \
     FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace \
     WHERE nspname = current_schema() AND typtype = 'd' ORDER BY typname",
    "SELECT format(E'CREATE TABLE %I (\\n%s\\n);', relname, string_agg(format('    %I %s%s%s', attname, \
       format_type(atttypid, atttypmod), CASE WHEN attnotnull OR typnotnull THEN ' NOT NULL' ELSE '' END, \
       CASE WHEN adbin IS NULL THEN '' WHEN attgenerated <> '' \
         THEN ' GENERATED ALWAYS AS (' || pg_get_expr(adbin, adrelid) || ') STORED' \
         ELSE ' DEFAULT ' || pg_get_expr(adbin, adrelid) END), E',\\n' ORDER BY attnum)) \
     FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
       JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped JOIN pg_type t ON t.oid = atttypid \
       LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum \
     WHERE nspname = current_schema() AND relkind IN ('r', 'p') AND NOT relispartition GROUP BY c.oid, relname ORDER BY c.oid",
    "SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s;', relname, conname, pg_get_constraintdef(k.oid)) \
     FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace \
     WHERE nspname = current_schema() AND NOT relispartition AND contype IN ('p', 'u', 'c', 'f') \
     ORDER BY array_position(ARRAY['p', 'u', 'c', 'f'], contype::text), c.oid, conname",
    "SELECT pg_get_indexdef(indexrelid) || ';' \
     FROM pg_index JOIN pg_class c ON c.oid = indrelid JOIN pg_namespace n ON n.oid = relnamespace \
     WHERE nspname = current_schema() AND indisunique AND indpred IS NULL AND indexprs IS NULL AND NOT relispartition \
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid",
    "SELECT CASE WHEN objsubid = 0 THEN format('COMMENT ON TABLE %I IS %L;', relname, description) \
       ELSE format('COMMENT ON COLUMN %I.%I IS %L;', relname, attname, description) END \
     FROM pg_description JOIN pg_class c ON c.oid = objoid AND classoid = 'pg_class'::regclass \
       JOIN pg_namespace n ON n.oid = relnamespace LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum = objsubid \
     WHERE nspname = current_schema() AND relkind IN ('r', 'p') AND NOT relispartition AND (objsubid = 0 OR objsubid = attnum) \
     ORDER BY c.oid, objsubid",
];

/// A name that is found as it is written.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Connects as `psql` does: with `PGPASSWORD` where the URL has no password, and to the socket of this machine where it has no host.
fn connect(url: &str) -> Result<Client, Refusal> {
    let mut config: Config = url.parse().map_err(|error: Error| Refusal::new(reason(&error)))?;
    if config.get_hosts().is_empty() {
        config.host("/var/run/postgresql");
    }
    if let (None, Ok(password)) = (config.get_password(), std::env::var("PGPASSWORD")) {
        config.password(password);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("ndsl");
    }
    config.connect(NoTls).map_err(|error| {
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => format!("`{name}`"),
            #[cfg(unix)]
            Host::Unix(path) => format!("`{}`", path.display()),
        });
        let hosts = hosts.collect::<Vec<_>>().join(", ");
        match error.as_db_error() {
            Some(_) => said(error),
            None => Refusal::new(format!("no server answers at {hosts}: {}", reason(&error))),
        }
    })
}

/// Makes the tables, or sees that they are there.
fn prepare(transaction: &mut Transaction<'_>, tables: &[Table], leave: &Leave) -> Result<(), Refusal> {
    // A connection may have been set up to read texts otherwise.
    transaction.batch_execute("SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = ISO").map_err(said)?;
    if let Some(schema) = &leave.schema {
        let name = quoted(schema);
        let make = if leave.append { String::new() } else { format!("CREATE SCHEMA IF NOT EXISTS {name}; ") };
        transaction.batch_execute(&format!("{make}SET LOCAL search_path = {name}")).map_err(said)?;
    }
    if leave.append {
        // References that were declared so may lead to rows that come later.
        transaction.batch_execute("SET CONSTRAINTS ALL DEFERRED").map_err(said)?;
        let gone = those(transaction, tables, "SELECT to_regclass($1) IS NULL")?;
        return match gone[..] {
            [] => Ok(()),
            _ => Err(Refusal::new(format!("there is no table {}", gone.join(", ")))),
        };
    }
    let there = those(transaction, tables, THERE)?;
    if !there.is_empty() && leave.replace {
        transaction.batch_execute(&format!("DROP TABLE {}", there.join(", "))).map_err(said)?;
    } else if !there.is_empty() {
        let tables = if there.len() == 1 { "a table" } else { "tables" };
        return Err(Refusal::new(format!(
            "there {} {tables} {} already: `--force` replaces what is there, `--append` puts rows into it",
            if there.len() == 1 { "is" } else { "are" },
            there.join(", ")
        )));
    }
    for table in tables {
        transaction.batch_execute(&table.create).map_err(|error| said(error).of(table))?;
    }
    Ok(())
}

/// Whether the schema in which tables are made has one of a name.
const THERE: &str = "SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
    WHERE nspname = current_schema() AND relname = (parse_ident($1))[1])";

/// The tables of whose identifiers a query says so.
fn those<'t>(transaction: &mut Transaction<'_>, tables: &'t [Table], query: &str) -> Result<Vec<&'t str>, Refusal> {
    let mut found = Vec::new();
    for table in tables {
        let row = transaction.query_one(query, &[&table.identifier]).map_err(said)?;
        if row.try_get(0).map_err(said)? {
            found.push(table.identifier.as_str());
        }
    }
    Ok(found)
}

/// Copies the rows of a table.
fn copy<E: From<Refusal>>(
    transaction: &mut Transaction<'_>,
    table: &Table,
    pieces: &mut dyn Iterator<Item = Result<Piece, E>>,
) -> Result<(), E> {
    let refused = |error: Error| said(error).of(table);
    let mut writer = transaction.copy_in(&format!("COPY {} FROM STDIN", table.target)).map_err(refused)?;
    for piece in pieces.take(table.pieces) {
        let Piece::Copy(page) = piece? else { continue };
        if let Err(error) = writer.write_all(page.written()) {
            // What the server did not like is said when the copying ends.
            writer.finish().map_err(refused)?;
            return Err(Refusal::new(error.to_string()).of(table).into());
        }
    }
    writer.finish().map_err(refused)?;
    Ok(())
}

/// What the server says, or what became of the connection.
fn said(error: Error) -> Refusal {
    let Some(fault) = error.as_db_error() else { return Refusal::new(reason(&error)) };
    let mut reason = fault.message().to_owned();
    for (before, more) in [(": ", fault.detail()), ("; ", fault.hint()), (" (", fault.where_())] {
        if let Some(more) = more {
            reason += before;
            reason += more.lines().next().unwrap_or_default();
            reason += if before == " (" { ")" } else { "" };
        }
    }
    Refusal::new(reason)
}

/// An error with what lies below it.
fn reason(error: &Error) -> String {
    let mut reason = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(error) = below {
        let text = error.to_string();
        if !reason.contains(&text) {
            reason = format!("{reason}: {text}");
        }
        below = error.source();
    }
    reason
}
