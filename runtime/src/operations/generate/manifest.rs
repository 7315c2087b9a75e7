//! What is written down of a run: what its bytes follow from, and what came of it.

use ndsl_generate::Generator;
use serde_json::{Value, json};

use super::Request;
use super::form::Compression;
use super::journal::Written;
use super::parts::{Section, Sections};

/// The name of the file in which it stands.
pub const MANIFEST: &str = "manifest.json";

/// What the bytes of all files follow from; where the same of two runs is equal, so are their files.
pub fn identity(request: &Request, program: &str, compression: Compression) -> Value {
    json!({
        "ndsl": env!("CARGO_PKG_VERSION"),
        "program": { "name": request.name, "sha256": program },
        "schema": request.schema,
        "tables": request.tables,
        "rows": request.rows,
        "rows_of": request.rows_of,
        "seed": request.seed,
        "locale": request.locale,
        "format": request.form,
        "dialect": request.dialect,
        "append": request.append,
        "compression": compression,
        "chunk": request.chunk,
        "only_chunk": request.only_chunk,
        "partitions": request.partitions,
    })
}

/// The manifest of a run. It has no time in it, so that two runs of the same have the same.
pub fn text(identity: &Value, generator: &Generator, sections: &Sections, files: &[Written]) -> String {
    let mut tables: Vec<(String, u64)> = Vec::new();
    for section in sections.all() {
        let path = &generator.schemas().at(section.table).path;
        match tables.last_mut() {
            Some((last, rows)) if last == path => *rows += Section::len(section),
            _ => tables.push((path.clone(), section.len())),
        }
    }
    let tables: Vec<Value> = tables.iter().map(|(table, rows)| json!({ "table": table, "rows": rows })).collect();
    let manifest = json!({ "of": identity, "tables": tables, "files": files });
    format!("{manifest:#}\n")
}
