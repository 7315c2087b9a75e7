//! A checked schema as SQL.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sqlparser::parser::Parser;
use sqlparser::tokenizer::Tokenizer;

use super::super::outline::{ColumnOutline, Rule, TableOutline};
use super::super::remark::Remarks;
use super::super::{Whole, anchors};
use super::say::{Sayer, identifier, length, quoted, range, value};
use super::{Dialect, REMARK, condition, limits};
use crate::schema::datum::Datum;
use crate::schema::form::{Allowed, Column, ColumnType, Detail, Table, TableId};
use crate::schema::pattern;
use crate::schema::types::Base;

/// The most characters a column of limited texts may have in every database.
const MAX_CHARACTERS: u64 = 10_485_760;

/// The script that makes the tables of a schema, in an order in which rows can be put into them.
pub(in super::super) fn write(whole: &Whole<'_>, dialect: Dialect, remarks: &Remarks) -> String {
    let writer = Writer { whole, dialect, remarks };
    let order = writer.order();
    let mut out = String::new();
    if let Some(head) = &remarks.head {
        head.lines().for_each(|line| remark_line(&mut out, "", line));
        if !whole.outline.is_table {
            doc_lines(&mut out, "", whole.outline.docs.as_deref());
        }
        out.push('\n');
    }
    let mut made = BTreeSet::new();
    let mut later = Vec::new();
    for (place, table) in order.iter().enumerate() {
        out.push_str(if place > 0 { "\n" } else { "" });
        made.insert(*table);
        writer.table(&mut out, *table, &made, &mut later);
    }
    if !later.is_empty() {
        out.push('\n');
        later.into_iter().for_each(|line: String| out.push_str(&line));
    }
    out
}

struct Writer<'w> {
    whole: &'w Whole<'w>,
    dialect: Dialect,
    remarks: &'w Remarks,
}

/// A line between the brackets of a table.
enum Line {
    /// A column or a constraint, with the comments above it and the remark behind it.
    Element { docs: Option<String>, text: String, remark: Option<String> },
    /// What SQL cannot say.
    Remark { docs: Option<String>, text: String },
}

impl Writer<'_> {
    fn form(&self, place: usize) -> &Table {
        self.whole.schemas.at(self.whole.schema.tables[place])
    }

    fn place_of(&self, table: TableId) -> Option<usize> {
        self.whole.schema.tables.iter().position(|known| *known == table)
    }

    /// The tables, those that are referred to first as far as there are no circles.
    fn order(&self) -> Vec<usize> {
        let count = self.whole.schema.tables.len();
        let needs: Vec<BTreeSet<usize>> = (0..count)
            .map(|place| {
                let references = self.form(place).columns.iter().filter_map(Column::reference);
                references.filter_map(|to| self.place_of(to.table)).filter(|to| *to != place).collect()
            })
            .collect();
        let mut order = Vec::new();
        let mut made = BTreeSet::new();
        while order.len() < count {
            let free = |place: &usize| !made.contains(place);
            let ready = (0..count).filter(free).find(|place| needs[*place].is_subset(&made));
            // In a circle the first table is as good as any.
            let Some(next) = ready.or_else(|| (0..count).find(free)) else { break };
            made.insert(next);
            order.push(next);
        }
        order
    }

    fn name(&self, name: &str) -> String {
        identifier(name, self.dialect)
    }

    fn table(&self, out: &mut String, place: usize, made: &BTreeSet<usize>, later: &mut Vec<String>) {
        let (form, outline) = (self.form(place), &self.whole.outline.tables[place]);
        let docs = if self.whole.outline.is_table { &self.whole.outline.docs } else { &outline.docs };
        let comments = self.dialect == Dialect::Postgres;
        if !comments {
            doc_lines(out, "", docs.as_deref());
        }
        let name = self.name(&outline.name);
        let mut lines = Vec::new();
        for (at, (column, words)) in form.columns.iter().zip(&outline.columns).enumerate() {
            let mut text = self.column(column, words);
            if let Some(references) = self.references(column) {
                let to = column.reference().and_then(|to| self.place_of(to.table));
                // SQLite takes references to tables that are made later, and has no other way to add them.
                if self.dialect == Dialect::Sqlite || to.is_none_or(|to| made.contains(&to)) {
                    text += &format!(" {references}");
                } else {
                    let column = self.name(words.outside_name());
                    later.push(format!("ALTER TABLE {name} ADD FOREIGN KEY ({column}) {references};\n"));
                }
            }
            let remark = self.remarks.column(place, at).map(str::to_owned);
            lines.push(Line::Element { docs: words.docs.clone().filter(|_| !comments), text, remark });
        }
        let rules = self.rules(place, form, outline);
        lines.extend(rules);
        let _ = writeln!(out, "CREATE TABLE {name} (");
        print(out, &lines);
        out.push_str(");\n");
        if comments {
            let comment = |out: &mut String, what: &str, docs: &Option<String>| {
                if let Some(text) = docs.as_deref().and_then(quoted) {
                    let _ = writeln!(out, "COMMENT ON {what} IS {text};");
                }
            };
            comment(out, &format!("TABLE {name}"), docs);
            for column in &outline.columns {
                comment(out, &format!("COLUMN {name}.{}", self.name(column.outside_name())), &column.docs);
            }
        }
    }

    /// `age bigint NOT NULL CHECK (age BETWEEN 18 AND 95)`
    fn column(&self, form: &Column, words: &ColumnOutline) -> String {
        let name = self.name(words.outside_name());
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
                let target = self.whole.schemas.at(reference.table).at(reference.column);
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

    /// `REFERENCES Customer (id)`
    fn references(&self, form: &Column) -> Option<String> {
        let reference = form.reference()?;
        let target = self.whole.schemas.at(reference.table);
        let column = self.name(target.at(reference.column).outside_name());
        Some(format!("REFERENCES {} ({column})", self.name(&target.name)))
    }

    /// What is said of several columns at once, or of whole rows.
    fn rules(&self, place: usize, form: &Table, outline: &TableOutline) -> Vec<Line> {
        let id = self.whole.schema.tables[place];
        let sayer = Sayer { schemas: self.whole.schemas, table: id, dialect: self.dialect };
        let checks = form.together.len()..form.together.len() + form.checks.len();
        let lines = outline.rules.iter().enumerate().map(|(at, rule)| {
            let said = match form.together.get(at) {
                Some(together) => {
                    let names = together.columns.iter().map(|column| self.name(form.at(*column).outside_name()));
                    let word = if rule.text.starts_with("key") { "PRIMARY KEY" } else { "UNIQUE" };
                    Some(format!("{word} ({})", names.collect::<Vec<_>>().join(", ")))
                }
                None if checks.contains(&at) => {
                    let check = &form.checks[at - checks.start];
                    sayer.condition(&check.condition).map(|said| format!("CHECK ({said})"))
                }
                None => None,
            };
            match said {
                Some(text) => {
                    let remark = (!self.comes_back(&text, rule, outline)).then(|| rule.text.clone());
                    Line::Element { docs: rule.docs.clone(), text, remark }
                }
                None => Line::Remark { docs: rule.docs.clone(), text: rule.text.clone() },
            }
        });
        lines.collect()
    }

    /// Whether a constraint is read as the very rule it was made of.
    fn comes_back(&self, constraint: &str, rule: &Rule, outline: &TableOutline) -> bool {
        let Some(expr) = constraint.strip_prefix("CHECK ") else { return rule.text.contains(',') };
        let tokens = Tokenizer::new(self.dialect.syntax(), expr).tokenize_with_location();
        let parsed = tokens
            .ok()
            .and_then(|tokens| Parser::new(self.dialect.syntax()).with_tokens_with_locations(tokens).parse_expr().ok());
        let Some(parsed) = parsed else { return false };
        let lifted = rule.docs.is_none() && limits::lift(&parsed, &mut outline.clone());
        !lifted && condition::text(&parsed, outline).is_some_and(|text| format!("check {text}") == rule.text)
    }
}

/// Prints the lines between the brackets of a table.
fn print(out: &mut String, lines: &[Line]) {
    let last = lines.iter().rposition(|line| matches!(line, Line::Element { .. }));
    for (place, line) in lines.iter().enumerate() {
        match line {
            Line::Element { docs, text, remark } => {
                doc_lines(out, "    ", docs.as_deref());
                let comma = if Some(place) == last { "" } else { "," };
                let _ = write!(out, "    {text}{comma}");
                if let Some(remark) = remark {
                    let _ = write!(out, " --{REMARK} {remark}");
                }
                out.push('\n');
            }
            Line::Remark { docs, text } => {
                for line in docs.iter().flat_map(|docs| docs.split('\n')) {
                    remark_line(out, "    ", &format!("/// {line}"));
                }
                remark_line(out, "    ", text);
            }
        }
    }
}

fn remark_line(out: &mut String, indent: &str, text: &str) {
    let _ = writeln!(out, "{indent}--{REMARK} {text}");
}

/// A doc comment, as lines that are read as none else.
fn doc_lines(out: &mut String, indent: &str, docs: Option<&str>) {
    for line in docs.into_iter().flat_map(|docs| docs.split('\n')) {
        let escape = if line.starts_with("ndsl:") || line.starts_with('\\') { "\\" } else { "" };
        let line = format!("{indent}-- {escape}{line}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
}
