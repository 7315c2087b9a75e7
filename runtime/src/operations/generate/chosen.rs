//! Which tables are made, how many rows each has, and what their files are called.

use std::collections::{BTreeMap, BTreeSet};

use ndsl_compiler::schema::{Schemas, TableId};
use ndsl_compiler::suggest::either;

use super::Request;
use crate::operations::Error;

/// The tables that a request names, all where it names none.
///
/// # Errors
/// Where there is none, or none of a name.
pub fn tables(schemas: &Schemas, request: &Request) -> Result<BTreeSet<TableId>, Error> {
    if schemas.tables.is_empty() {
        return Err(Error::Request(format!(
            "{} declares no schema, so there is nothing to make rows of",
            request.name
        )));
    }
    let mut chosen: BTreeSet<TableId> = schemas.tables().map(|(id, _)| id).collect();
    if let Some(name) = &request.schema {
        let Some(schema) = schemas.schemas.iter().find(|schema| schema.name == *name) else {
            let names = either(schemas.schemas.iter().map(|schema| schema.name.as_str()));
            return Err(Error::Request(format!("there is no schema `{name}`; there is {names}")));
        };
        chosen = schema.tables.iter().copied().collect();
    }
    if request.tables.is_empty() {
        return Ok(chosen);
    }
    request.tables.iter().map(|name| named(schemas, &chosen, name)).collect()
}

/// How many rows are wanted of tables by their names.
///
/// # Errors
/// Where there is no table of a name.
pub fn rows_of(schemas: &Schemas, rows: &BTreeMap<String, u64>) -> Result<BTreeMap<TableId, u64>, Error> {
    let all = schemas.tables().map(|(id, _)| id).collect();
    rows.iter().map(|(name, rows)| Ok((named(schemas, &all, name)?, *rows))).collect()
}

/// A table by its name, or by its name from outside.
fn named(schemas: &Schemas, among: &BTreeSet<TableId>, name: &str) -> Result<TableId, Error> {
    let is_it = |id: &&TableId| schemas.at(**id).path == name || schemas.at(**id).name == name;
    let mut found = among.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(*id),
        (Some(_), Some(_)) => {
            let paths = either(among.iter().filter(is_it).map(|id| schemas.at(*id).path.as_str()));
            Err(Error::Request(format!("several tables are called `{name}`: say {paths}")))
        }
        (None, _) => {
            let names = either(among.iter().map(|id| schemas.at(*id).path.as_str()));
            Err(Error::Request(format!("there is no table `{name}`; there is {names}")))
        }
    }
}

/// What the files of tables are called, without an ending: their names, or those from outside where two have the same.
pub fn names(schemas: &Schemas, tables: &[TableId]) -> BTreeMap<TableId, String> {
    let folded = |id: &TableId| schemas.at(*id).name.to_lowercase();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    tables.iter().for_each(|id| *counts.entry(folded(id)).or_default() += 1);
    let name = |id: &TableId| match counts[&folded(id)] {
        1 => schemas.at(*id).name.clone(),
        _ => schemas.at(*id).path.clone(),
    };
    tables.iter().map(|id| (*id, name(id))).collect()
}
