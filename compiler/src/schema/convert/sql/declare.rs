//! How tables are declared: their columns and what must hold of them, as far as SQL can say it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::anchors;
use super::Dialect;
use super::lines::{Line, doc_lines, print};
use super::say::{Sayer, identifier, length, quoted, range, value};
use crate::schema::datum::Datum;
use crate::schema::form::{Allowed, Check, Column, ColumnType, Detail, Schemas, TableId};
use crate::schema::pattern;
use crate::schema::types::Base;

/// The most characters a column of limited texts may have in every database.
const MAX_CHARACTERS: u64 = 10_485_760;

/// A table, as a database is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The statements that make it.
    pub create: String,
    /// The statements that say what it refers to, for when all tables are there, and their rows. SQLite, which has none such, takes
    /// references to tables that are made later.
    pub references: Vec<String>,
}

/// Tables by what databases are to call them, in the order of their ids. What refers to none of them is declared without saying so.
pub fn declare(
    schemas: &Schemas,
    names: &BTreeMap<TableId, String>,
    dialect: Dialect,
) -> BTreeMap<TableId, Declaration> {
    let declarer = Declarer { schemas, dialect, names };
    let declared = |id: &TableId| {
        let form = schemas.at(*id);
        let docs = |docs: &Option<String>| docs.clone().filter(|docs| !docs.trim().is_empty());
        let (mut create, mut references) = (String::new(), Vec::new());
        let mut lines = Vec::new();
        for column in &form.columns {
            let mut text = declarer.column(column);
            match declarer.references(column) {
                Some(inline) if dialect == Dialect::Sqlite => text += &format!(" {inline}"),
                _ => references.extend(declarer.reference(*id, column)),
            }
            let docs = docs(&column.docs).filter(|_| !declarer.has_comments());
            lines.push(Line::Element { docs, text, remark: None });
        }
        let rules = declarer.rules(*id).into_iter().flatten();
        lines.extend(rules.map(|text| Line::Element { docs: None, text, remark: None }));
        let about = docs(&form.docs);
        if !declarer.has_comments() {
            doc_lines(&mut create, "", about.as_deref());
        }
        declarer.create(&mut create, *id, &lines, about.as_deref());
        (*id, Declaration { create, references })
    };
    names.keys().map(declared).collect()
}

/// Declares tables, each by the name it has in a database.
pub(super) struct Declarer<'d> {
    pub schemas: &'d Schemas,
    pub dialect: Dialect,
    pub names: &'d BTreeMap<TableId, String>,
}

impl Declarer<'_> {
    fn name(&self, name: &str) -> String {
        identifier(name, self.dialect)
    }

    /// A table's name.
    fn table(&self, id: TableId) -> String {
        self.name(self.names.get(&id).unwrap_or(&self.schemas.at(id).name))
    }

    /// Whether a database keeps comments by statements of their own.
    pub fn has_comments(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// `age bigint NOT NULL CHECK (age BETWEEN 18 AND 95)`
    pub fn column(&self, form: &Column) -> String {
        let name = self.name(form.outside_name());
        let mut out = format!("{name} {}", self.kind(form, &form.kind));
        if form.key.is_some() {
            out += " PRIMARY KEY";
        }
        if !form.optional && (form.key.is_none() || self.dialect == Dialect::Sqlite) {
            // In SQLite a primary key may be null, unless it says otherwise.
            out += " NOT NULL";
        }
        if form.unique.is_some() {
            out += " UNIQUE";
        }
        if let Some(default) = form.default.as_ref().and_then(|datum| value(&datum.value, form.labels())) {
            out += &format!(" DEFAULT {default}");
        }
        for check in self.limits(form, &name) {
            out += &format!(" CHECK ({check})");
        }
        out
    }

    fn kind(&self, form: &Column, kind: &ColumnType) -> String {
        let is_sqlite = self.dialect == Dialect::Sqlite;
        let by_dialect = |sqlite: &str, other: &str| if is_sqlite { sqlite.to_owned() } else { other.to_owned() };
        match (&kind.detail, kind.def.base) {
            (Detail::Target(reference), _) => {
                let target = self.schemas.at(reference.table).at(reference.column);
                self.kind(target, &target.kind)
            }
            (Detail::Places(places), _) => format!("numeric(18, {places})"),
            (Detail::Item(item, _), _) => match (self.dialect, item.def.base) {
                (Dialect::Postgres, Base::List | Base::Json) => "jsonb".to_owned(),
                (Dialect::Postgres, _) => format!("{}[]", self.item(item)),
                _ => "json".to_owned(),
            },
            (_, Base::Int) => by_dialect("integer", "bigint"),
            (_, Base::Float | Base::Decimal) => by_dialect("real", "double precision"),
            (_, Base::Bool) => "boolean".to_owned(),
            (_, Base::Date) => "date".to_owned(),
            (_, Base::DateTime) => "timestamp".to_owned(),
            (_, Base::Time) => "time".to_owned(),
            (_, Base::Json) => if self.dialect == Dialect::Postgres { "jsonb" } else { "json" }.to_owned(),
            (_, Base::Text) => match kind.def.signature.name {
                "uuid" if self.dialect == Dialect::Standard => "char(36)".to_owned(),
                "uuid" => "uuid".to_owned(),
                "string" => {
                    let most = form.length.map_or(Some(255), |length| length.value.max);
                    match most.filter(|most| (1..=MAX_CHARACTERS).contains(most)) {
                        Some(most) => format!("varchar({most})"),
                        None => "text".to_owned(),
                    }
                }
                _ => "text".to_owned(),
            },
            _ => "text".to_owned(),
        }
    }

    /// The type of a list's items in Postgres.
    fn item(&self, item: &ColumnType) -> &'static str {
        match item.def.base {
            Base::Int => "bigint",
            Base::Float => "double precision",
            Base::Decimal => "numeric",
            Base::Bool => "boolean",
            Base::Date => "date",
            Base::DateTime => "timestamp",
            Base::Time => "time",
            _ if item.def.signature.name == "string" => "varchar(255)",
            _ if item.def.signature.name == "uuid" => "uuid",
            _ => "text",
        }
    }

    /// What a column's values are limited to, as far as SQL can say it.
    fn limits(&self, form: &Column, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        let labels = form.labels();
        let list = |values: Vec<String>| format!("{name} IN ({})", values.join(", "));
        if let Some(labels) = labels {
            let names: Option<Vec<String>> = labels.labels.iter().map(|label| quoted(&label.name)).collect();
            all.extend(names.map(list));
        }
        // Moments of SQLite are texts, whose form is brought into one.
        let moment = self.dialect == Dialect::Sqlite && form.kind.def.base == Base::DateTime;
        let own = if moment { format!("datetime({name})") } else { name.to_owned() };
        match form.allowed.as_ref().map(|allowed| &allowed.value) {
            Some(Allowed::Between { low, high, inclusive }) => {
                let end = |end: &Option<Datum>| end.as_ref().and_then(|end| value(end, labels));
                all.extend(range(&own, end(low).as_deref(), end(high).as_deref(), *inclusive));
            }
            Some(Allowed::Listed(values)) => {
                let values: Option<Vec<String>> = values.iter().map(|datum| value(datum, labels)).collect();
                all.extend(values.map(|values| format!("{own} IN ({})", values.join(", "))));
            }
            None => {}
        }
        if let Some(length) = form.length.map(|length| length.value) {
            let function = match form.kind.def.base {
                Base::List if self.dialect == Dialect::Postgres && self.kind(form, &form.kind).ends_with("[]") => {
                    "cardinality"
                }
                Base::List => return all,
                _ => self::length(self.dialect),
            };
            let own = format!("{function}({name})");
            let (min, max) = (length.min.to_string(), length.max.map(|max| max.to_string()));
            let limited = form.kind.def.signature.name == "string" && self.dialect != Dialect::Sqlite;
            let check = match (length.min, &max) {
                // The type says how long a text may be at most.
                (0, Some(_)) if limited && length.max.is_some_and(|max| (1..=MAX_CHARACTERS).contains(&max)) => None,
                (0, max) => range(&own, None, max.as_deref(), true),
                (least, Some(most)) if *most == least.to_string() => Some(format!("{own} = {most}")),
                (_, max) => range(&own, Some(&min), max.as_deref(), true),
            };
            all.extend(check);
        }
        let pattern = form.pattern.as_ref().map(|pattern| pattern.value.text.replace("\\\"", "\""));
        if let Some(pattern) = pattern.filter(|text| self.dialect == Dialect::Postgres && pattern::is_plain(text))
            && let Some(text) = quoted(&anchors::anchored(&pattern))
        {
            all.push(format!("{name} ~ {text}"));
        }
        all
    }

    /// `REFERENCES Customer (id)`; nothing for what refers to no table that is declared.
    pub fn references(&self, form: &Column) -> Option<String> {
        let reference = form.reference()?;
        let table = self.names.get(&reference.table)?;
        let column = self.name(self.schemas.at(reference.table).at(reference.column).outside_name());
        Some(format!("REFERENCES {} ({column})", self.name(table)))
    }

    /// A reference as a statement of its own, for when both tables are there.
    pub fn reference(&self, table: TableId, form: &Column) -> Option<String> {
        let (references, column) = (self.references(form)?, self.name(form.outside_name()));
        Some(format!("ALTER TABLE {} ADD FOREIGN KEY ({column}) {references};", self.table(table)))
    }

    /// What is said of several columns at once, and then of whole rows; nothing where SQL has no words for it.
    pub fn rules(&self, id: TableId) -> Vec<Option<String>> {
        let form = self.schemas.at(id);
        let sayer = Sayer { schemas: self.schemas, table: id, dialect: self.dialect };
        let key = form.key_together();
        let together = form.together.iter().enumerate().map(|(place, together)| {
            let names = together.columns.iter().map(|column| self.name(form.at(*column).outside_name()));
            let word = if key == Some(place) { "PRIMARY KEY" } else { "UNIQUE" };
            Some(format!("{word} ({})", names.collect::<Vec<_>>().join(", ")))
        });
        let check = |check: &Check| sayer.condition(&check.condition).map(|said| format!("CHECK ({said})"));
        together.chain(form.checks.iter().map(check)).collect()
    }

    /// The statement that makes a table of its columns and constraints, and those that say what it is about.
    pub fn create(&self, out: &mut String, id: TableId, lines: &[Line], docs: Option<&str>) {
        let name = self.table(id);
        let _ = writeln!(out, "CREATE TABLE {name} (");
        print(out, lines);
        out.push_str(");\n");
        if self.has_comments() {
            let mut comment = |what: &str, docs: Option<&str>| {
                if let Some(text) = docs.filter(|docs| !docs.trim().is_empty()).and_then(quoted) {
                    let _ = writeln!(out, "COMMENT ON {what} IS {text};");
                }
            };
            comment(&format!("TABLE {name}"), docs);
            for column in &self.schemas.at(id).columns {
                comment(&format!("COLUMN {name}.{}", self.name(column.outside_name())), column.docs.as_deref());
            }
        }
    }
}
