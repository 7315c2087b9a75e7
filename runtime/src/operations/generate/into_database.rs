//! Rows straight into a database.

use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;

use arrow_schema::Schema;
use ndsl_compiler::schema::TableId;
use ndsl_compiler::schema::convert::{declare, identifier};
use ndsl_generate::output::{self, Dialect, Format, sql};

use super::making::{Made, Making, Writing};
use super::{Meter, Request, pipeline};
use crate::databases::{self, Address, Leave, Piece, Refusal, Table};
use crate::operations::Error;

/// Pieces that wait for the database.
const WAITING: usize = 2;

/// How the rows of a table are handed to a database; none where the form has no room for a column.
pub fn writing(address: &Address, name: &str, schema: &Schema) -> Option<Writing> {
    match address {
        Address::Sqlite(_) => Some(Writing::Rows),
        Address::Postgres(_) => output::sheet(Format::Copy, name, schema).map(Writing::Lines),
    }
}

/// Why rows are not in a database.
enum Fault {
    /// They could not be made.
    Made(Error),
    /// It did not take them.
    Refused(Refusal),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Puts all rows into a database: threads make them, this one hands them over.
///
/// # Errors
/// What making rows says, and what the database does, which is then as it was.
pub fn put(
    request: &Request,
    address: &Address,
    making: &Making<'_>,
    names: &BTreeMap<TableId, String>,
    threads: usize,
    meter: &mut Meter<'_, '_>,
) -> Result<(), Error> {
    let dialect = match address {
        Address::Sqlite(_) => Dialect::Sqlite,
        Address::Postgres(_) => Dialect::Postgres,
    };
    let mut declarations = declare(making.generator.schemas(), names, dialect.of_schemas());
    let tables = making.sections.all().iter().filter_map(|section| {
        let (name, schema) = (&names[&section.table], making.generator.shape(section.table));
        let declaration = declarations.remove(&section.table)?;
        Some(Table {
            identifier: identifier(name, dialect.of_schemas()),
            target: sql::target(dialect, name, &schema),
            columns: schema.fields().len(),
            create: declaration.create,
            references: declaration.references,
            pieces: section.pieces(),
            name: name.clone(),
        })
    });
    let tables: Vec<Table> = tables.collect();
    let leave = Leave { replace: request.force, append: request.append, schema: request.database_schema.clone() };
    let (sender, receiver) = sync_channel(WAITING);
    let all = making.sections.pieces();
    let put = std::thread::scope(|scope| {
        scope.spawn(move || {
            // Nobody listens any more where the database took no more.
            let gone = || Error::Request("the database took no more rows".to_owned());
            let take = |_, made| sender.send(Ok(made)).map_err(|_| gone());
            if let Err(fault) = pipeline::in_order(0..all, threads, |number| making.make(number), take) {
                let _gone = sender.send(Err(fault));
            }
        });
        let lost = || Err(Error::Request("a thread that makes rows ended early".to_owned()));
        let mut pieces = (0..all).map(|number| {
            if making.cancel.is_cancelled() {
                return Err(Fault::Made(Error::Cancelled));
            }
            let made = receiver.recv().unwrap_or_else(|_| lost()).map_err(Fault::Made)?;
            meter.tell(number);
            match made {
                Made::Text(page) => Ok(Piece::Copy(page)),
                Made::Rows(rows) => Ok(Piece::Rows(rows)),
                Made::Group(_) => Err(Fault::Refused(Refusal::new("a piece of another format"))),
            }
        });
        let put = databases::put(address, &tables, &leave, &mut pieces);
        drop(pieces);
        // Whoever waits to hand on a piece is told that nobody takes it.
        drop(receiver);
        put
    });
    put.map_err(|fault| match fault {
        Fault::Made(error) => error,
        Fault::Refused(refusal) => Error::Database { address: address.to_string(), refusal },
    })
}
