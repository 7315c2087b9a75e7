//! The `DataSchema` of the REST interface: the fields of one table, or under `tables` several such.
//!
//! What it says and the language does not, such as `generation_hint`, stands in the doc comment, a line each:
//! `@generation_hint "two words"`; it is written from there again.

mod read;
mod tags;
mod write;

pub(super) use read::read;
pub(super) use write::write;

/// What a DataSchema cannot say of a field or a table.
const REMARK: &str = "x-ndsl";
/// What a DataSchema cannot say of the whole.
const HEAD: &str = "x-ndsl-schema";

/// The types of fields with the types of columns they are read as.
const TYPES: &[(&str, &str)] = &[
    ("string", "string"),
    ("integer", "int"),
    ("float", "float"),
    ("boolean", "bool"),
    ("date", "date"),
    ("datetime", "datetime"),
    ("email", "email"),
    ("phone", "phone"),
    ("uuid", "uuid"),
    ("enum", "enum"),
    ("json", "json"),
    ("array", "list(string)"),
];

/// What `format` may say of a string, with the type of column that it is.
const FORMATS: &[(&str, &str)] = &[("time", "time"), ("uri", "url"), ("ipv4", "ip"), ("text", "text")];
