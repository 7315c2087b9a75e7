//! What stands around the rows of a script: all is done, or nothing.

use std::collections::BTreeMap;

use ndsl_compiler::schema::convert::declare;
use ndsl_compiler::schema::{Schemas, TableId};

use super::Request;
use super::form::{Dialect, Form};

/// What stands before the first row of a script and behind the last; nothing where what is written is none.
pub fn around(
    request: &Request,
    schemas: &Schemas,
    order: &[TableId],
    names: &BTreeMap<TableId, String>,
) -> Option<(String, String)> {
    let (begin, dialect) = match (request.form, request.dialect) {
        (Form::Sql, Dialect::Standard) => ("START TRANSACTION;\n", Dialect::Standard),
        // Rows may refer to rows that come later.
        (Form::Sql, Dialect::Sqlite) => ("BEGIN;\nPRAGMA defer_foreign_keys = ON;\n", Dialect::Sqlite),
        (Form::Sql, Dialect::Postgres) | (Form::Copy, _) => ("BEGIN;\n", Dialect::Postgres),
        _ => return None,
    };
    let (mut before, mut behind) = (begin.to_owned(), String::new());
    if !request.append {
        let declarations = declare(schemas, names, dialect.output().of_schemas());
        for id in order {
            before += &declarations[id].create;
            // What rows refer to need not be there before they are.
            declarations[id].references.iter().for_each(|statement| behind += &format!("{statement}\n"));
        }
    }
    Some((before, behind + "COMMIT;\n"))
}
