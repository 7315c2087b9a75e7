//! JSON Schema: one object is a table, and an object of lists of objects a schema of several.
//!
//! Beside a column stands what JSON Schema cannot say of it under `x-ndsl`, a text; beside a table, a list of rules; beside
//! the whole, under `x-ndsl-schema`, what its rows are made from.

mod bounds;
mod members;
mod read;
mod write;

pub(super) use read::{literal, read};
pub(super) use write::{json, write};

/// What JSON Schema cannot say of a column or a table.
const REMARK: &str = "x-ndsl";
/// What JSON Schema cannot say of the whole.
const HEAD: &str = "x-ndsl-schema";

/// The formats of texts that are types of columns, the one that is written first.
///
/// `date-time` and `time` have a time zone, which no column has; the other two are those of the registry of OpenAPI.
const FORMATS: &[(&str, &str)] = &[
    ("date", "date"),
    ("date-time-local", "datetime"),
    ("date-time", "datetime"),
    ("time-local", "time"),
    ("time", "time"),
    ("uuid", "uuid"),
    ("email", "email"),
    ("idn-email", "email"),
    ("uri", "url"),
    ("url", "url"),
    ("iri", "url"),
    ("uri-reference", "url"),
    ("ipv4", "ip"),
    ("ip", "ip"),
    ("phone", "phone"),
];
