//! Schemas in and out of the language: JSON Schema, SQL and the `DataSchema` of the REST interface.
//!
//! [`write()`] makes a text of a checked schema, [`read()`] a program of a text; neither reads a file. A foreign format is two
//! files: `write`, from the checked form, and `read`, to an [`Outline`], which is what a schema says in the language's own words.
//! `describe` makes an outline of a checked form. What a format cannot say stands beside it in a `remark`, so that nothing is
//! lost on the way there and back.

mod anchors;
mod data_schema;
mod describe;
mod expression;
mod json;
mod json_schema;
pub mod outline;
mod remark;
mod sound;
mod sql;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ndsl_grammar::ast::DeclarationKind;

pub use describe::describe;
pub use outline::{ColumnOutline, Outline, Rule, TableOutline};
pub use sql::{Declaration, Dialect, declare, identifier};

use super::distributions::{Family, Given};
use super::form::{Schema, Schemas};
use crate::check::Analysis;
use crate::sources::Texts;

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// The most columns and rules that a table which is read may have.
const MAX_COLUMNS: usize = 4096;

/// A format that schemas are converted from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON Schema: written as draft 2020-12, and read as that or draft 7.
    JsonSchema,
    /// The `CREATE TABLE` statements of SQL.
    Sql,
    /// The `DataSchema` of the REST interface.
    DataSchema,
}

/// Something in a text that cannot be read, or has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its bytes in the text.
    pub at: Range<usize>,
    /// What is wrong: one sentence, lower case, no full stop.
    pub message: String,
    /// Why, or what to do.
    pub help: Option<String>,
}

impl Fault {
    /// A fault without help.
    pub(crate) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    /// A table of more columns than any has.
    fn too_many(at: Range<usize>) -> Self {
        Self::new(at, format!("a table has at most {MAX_COLUMNS} columns and rules"))
    }

    /// The same with help.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Why a schema cannot be written in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A program that was made of another text.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The program, laid out as `ndsl fmt` does.
    pub text: String,
    /// What of the text is not in the schema, or only in a comment; in the order of the places.
    pub left_out: Vec<Fault>,
}

/// What a reader makes of a text.
#[derive(Debug, Default)]
struct Read {
    outline: Outline,
    /// What cannot be read.
    faults: Vec<Fault>,
    /// What has no counterpart.
    left_out: Vec<Fault>,
}

/// Makes a program of a text. `name` is what the schema is called where the text does not say; `dialect` that of SQL, where it is
/// known.
///
/// # Errors
/// Every fault of the text, in the order of their places.
pub fn read(from: Format, text: &str, name: &str, dialect: Option<Dialect>) -> Result<Converted, Vec<Fault>> {
    let mut read = read_outline(from, text, name, dialect)?;
    let text = sound::checked(&read.outline)?;
    read.left_out.sort_by_key(|left| left.at.start);
    Ok(Converted { text, left_out: read.left_out })
}

fn read_outline(from: Format, text: &str, name: &str, dialect: Option<Dialect>) -> Result<Read, Vec<Fault>> {
    if text.len() > MAX_BYTES {
        let fault = Fault::new(0..0, format!("the text is longer than {} MiB", MAX_BYTES >> 20));
        return Err(vec![fault.help("leave the rows out, such as with `pg_dump --schema-only`")]);
    }
    let name = words::word_of(name, "Schema");
    let read = || match from {
        Format::JsonSchema => json_schema::read(text, &name),
        Format::Sql => Ok(sql::read(text, &name, dialect)),
        Format::DataSchema => data_schema::read(text, &name),
    };
    // The parser of SQL goes as deep as brackets do, on more stack than a thread of a test or a server may have.
    let read = ndsl_grammar::on_large_stack(read);
    let mut read =
        read.unwrap_or_else(|error| Err(vec![Fault::new(0..0, format!("the system gives no thread: {error}"))]))?;
    if read.faults.is_empty() && read.outline.tables.iter().all(|table| table.columns.is_empty()) {
        let what = match from {
            Format::Sql => "no `CREATE TABLE` stands here",
            Format::JsonSchema => "no object with `properties` stands here",
            Format::DataSchema => "no `fields` stand here",
        };
        read.faults.push(Fault::new(0..0, what));
    }
    if read.faults.is_empty() {
        return Ok(read);
    }
    read.faults.sort_by_key(|fault| fault.at.start);
    read.faults.dedup();
    Err(read.faults)
}

/// Writes a schema of a program in a format.
///
/// # Errors
/// Where the schema does not stand by itself, or the dialect is only read.
pub fn write(analysis: &Analysis, schema: &Schema, to: Format, dialect: Dialect) -> Result<String, Refusal> {
    if to == Format::Sql && dialect == Dialect::Mysql {
        let message = "SQL is not written in the dialect of MySQL".to_owned();
        return Err(Refusal { message, help: Some("that of the standard is what comes nearest to it".to_owned()) });
    }
    let schemas = analysis.schemas();
    let outline = describe(schemas, schema, providers(analysis, schema))?;
    if to == Format::Sql {
        names_differ(&outline)?;
    }
    let whole = Whole { schemas, schema, outline: &outline };
    let written = |remarks: &remark::Remarks| match to {
        Format::JsonSchema => json_schema::write(&whole, remarks),
        Format::Sql => sql::write(&whole, dialect, remarks),
        Format::DataSchema => data_schema::write(&whole, remarks),
    };
    let bare = written(&remark::Remarks::default());
    // What cannot be read back at all is remarked upon as a whole.
    let read = read_outline(to, &bare, UNNAMED, Some(dialect)).unwrap_or_default().outline;
    Ok(written(&remark::Remarks::of(&outline, &read)))
}

/// Names that differ in more than their capitals, as SQL needs them.
fn names_differ(outline: &Outline) -> Result<(), Refusal> {
    let tables = alike(outline.tables.iter().map(|table| table.name.as_str()));
    let tables = tables.map(|names| (names, "call one of them otherwise"));
    let columns =
        || outline.tables.iter().find_map(|table| alike(table.columns.iter().map(ColumnOutline::outside_name)));
    match tables.or_else(|| columns().map(|names| (names, "give one of them another name outside, with `from`"))) {
        None => Ok(()),
        Some(((one, other), help)) => Err(Refusal {
            message: format!("`{one}` and `{other}` differ only in their capitals, which SQL does not tell apart"),
            help: Some(help.to_owned()),
        }),
    }
}

/// The first two names that are one in small letters.
fn alike<'n>(names: impl Iterator<Item = &'n str>) -> Option<(&'n str, &'n str)> {
    let mut known = BTreeMap::new();
    names.into_iter().find_map(|name| known.insert(name.to_lowercase(), name).map(|other| (other, name)))
}

/// The declarations of the providers that a schema names, as its file has them.
pub fn providers(analysis: &Analysis, schema: &Schema) -> Vec<String> {
    let schemas = analysis.schemas();
    let mut named: BTreeSet<&str> = schema.source.iter().filter_map(|source| source.provider.as_deref()).collect();
    let columns = schema.tables.iter().flat_map(|table| &schemas.at(*table).columns);
    for draw in columns.filter_map(|column| column.draw.as_ref()) {
        draw.each_given(&mut |def, name, given| {
            if let (Family::Llm, "using", Given::Word(provider)) = (def.family, name, given) {
                named.insert(provider);
            }
        });
    }
    if named.is_empty() {
        return Vec::new();
    }
    let text = &analysis.sources.source(schema.span.file).text;
    let file = ndsl_grammar::parse(text, schema.span.file).file;
    let declared = file.declarations.iter().filter(|one| match &one.kind {
        DeclarationKind::Provider { name, .. } => named.contains(name.text.as_str()),
        _ => false,
    });
    declared.map(|one| text[one.span.range()].trim_end().to_owned()).collect()
}

/// The format of a file of that name, a JSON file by what stands in it; nothing where it cannot be told.
pub fn guess(name: &str, text: &str) -> Option<Format> {
    let name = name.to_lowercase();
    if name.ends_with(".sql") || name.ends_with(".ddl") {
        return Some(Format::Sql);
    }
    if !name.ends_with(".json") {
        return None;
    }
    let fields =
        |node: &json::Node| node.get("fields").or(node.get("tables")).is_some_and(|node| node.items().is_some());
    match json::Node::read(text) {
        Ok(node) if fields(&node) || node.get("schema").is_some_and(fields) => Some(Format::DataSchema),
        _ => Some(Format::JsonSchema),
    }
}

/// What a schema is called whose name the text does not say.
const UNNAMED: &str = "_unnamed";

/// A schema to be written.
struct Whole<'s> {
    schemas: &'s Schemas,
    schema: &'s Schema,
    outline: &'s Outline,
}
