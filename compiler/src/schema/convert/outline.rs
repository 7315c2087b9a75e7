//! What a schema says, in the language's own words, before anything is checked.
//!
//! Whoever makes a schema of something else (a reader of a foreign format, a guess from data) fills one of these and asks for its
//! [`Outline::text`]; whoever writes a foreign format starts from the one that [`super::describe()`] makes of a checked schema. A type, a
//! limit or a condition is held as it is written in a program, so two outlines say the same where they are equal.

use std::fmt::Write as _;
use std::ops::Range;

use super::words;

/// One schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// The doc comment above it; of a single table's, that of the table.
    pub docs: Option<String>,
    /// What is said above it in comments, a paragraph each.
    pub notes: Vec<String>,
    /// The providers it names: whole declarations, as they are written.
    pub providers: Vec<String>,
    /// The file its rows are made from, and the provider that reads it.
    pub source: Option<(String, Option<String>)>,
    /// Whether it is one table of its own name, whose columns stand in it directly.
    pub is_table: bool,
    /// Its tables.
    pub tables: Vec<TableOutline>,
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOutline {
    /// Its name.
    pub name: String,
    /// The doc comment above it.
    pub docs: Option<String>,
    /// What is said above it in comments, a paragraph each.
    pub notes: Vec<String>,
    /// Its columns, in order.
    pub columns: Vec<ColumnOutline>,
    /// What is said of several columns at once, or of whole rows.
    pub rules: Vec<Rule>,
    /// Where it stands in what was read.
    pub at: Range<usize>,
}

/// `key (a, b)`, `unique (a, b)`, `check a < b`, `correlate (a, b) = 0.4`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// The doc comment above it.
    pub docs: Option<String>,
    /// What is said above it in comments, a paragraph each.
    pub notes: Vec<String>,
    /// As it is written.
    pub text: String,
    /// Where it stands in what was read.
    pub at: Range<usize>,
}

/// One column. Each text is what stands after the clause's word, as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnOutline {
    /// Its name.
    pub name: String,
    /// The doc comment above it.
    pub docs: Option<String>,
    /// What is said above it in comments, a paragraph each.
    pub notes: Vec<String>,
    /// Its type, without the `?`.
    pub kind: String,
    /// Whether it may be null.
    pub optional: bool,
    /// `key`
    pub key: bool,
    /// `unique`
    pub unique: bool,
    /// `in`
    pub allowed: Option<String>,
    /// `length`
    pub length: Option<String>,
    /// `matches`: what stands between the quotes.
    pub pattern: Option<String>,
    /// `null`
    pub null: Option<String>,
    /// `default`
    pub default: Option<String>,
    /// `from`: its name outside, where that is another.
    pub outside: Option<String>,
    /// `~`
    pub draw: Option<String>,
    /// `=`
    pub derived: Option<String>,
    /// Where it stands in what was read.
    pub at: Range<usize>,
}

/// What a part of a program that was made comes from.
pub(super) struct Place {
    /// The bytes of the program.
    pub made: Range<usize>,
    /// The bytes of what was read.
    pub from: Range<usize>,
}

impl Outline {
    /// The program that declares it, laid out as `ndsl fmt` does.
    ///
    /// # Errors
    /// What it would be, where that cannot be read: one of the parts is not as it is written in a program.
    pub fn text(&self) -> Result<String, String> {
        let (out, _) = self.written();
        ndsl_grammar::format(&out).map_err(|_| out)
    }

    /// The program before it is laid out, with what each of its places comes from.
    pub(super) fn written(&self) -> (String, Vec<Place>) {
        let mut places = Vec::new();
        let mut out = String::new();
        for provider in &self.providers {
            let _ = writeln!(out, "{provider}\n");
        }
        let mut notes = self.notes.clone();
        notes.extend(self.tables.iter().filter(|_| self.is_table).flat_map(|table| table.notes.iter().cloned()));
        comments(&mut out, "", &notes, self.docs.as_deref());
        let _ = writeln!(out, "{} {{", self.head());
        match &self.tables[..] {
            [table] if self.is_table => table.items(&mut out, &mut places),
            tables => {
                for (place, table) in tables.iter().enumerate() {
                    out.push_str(if place > 0 { "\n" } else { "" });
                    comments(&mut out, "    ", &table.notes, table.docs.as_deref());
                    let begin = out.len();
                    let _ = writeln!(out, "    table {} {{", table.name);
                    places.push(Place { made: begin..out.len(), from: table.at.clone() });
                    table.items(&mut out, &mut places);
                    out.push_str("    }\n");
                }
            }
        }
        out.push_str("}\n");
        (out, places)
    }

    /// `schema Persona from "interviews.csv" using writer`
    pub fn head(&self) -> String {
        let mut out = format!("schema {}", self.name);
        if let Some((path, provider)) = &self.source {
            let _ = write!(out, " from {}", words::quoted(path));
            if let Some(provider) = provider {
                let _ = write!(out, " using {provider}");
            }
        }
        out
    }
}

impl TableOutline {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ColumnOutline> {
        self.columns.iter().find(|column| column.name == name)
    }

    fn items(&self, out: &mut String, places: &mut Vec<Place>) {
        for column in &self.columns {
            comments(out, "    ", &column.notes, column.docs.as_deref());
            let begin = out.len();
            let _ = writeln!(out, "    {}: {}", column.name, column.text());
            places.push(Place { made: begin..out.len(), from: column.at.clone() });
        }
        for (place, rule) in self.rules.iter().enumerate() {
            out.push_str(if place == 0 && !self.columns.is_empty() { "\n" } else { "" });
            comments(out, "    ", &rule.notes, rule.docs.as_deref());
            let begin = out.len();
            let _ = writeln!(out, "    {}", rule.text);
            places.push(Place { made: begin..out.len(), from: rule.at.clone() });
        }
    }
}

impl ColumnOutline {
    /// Its type and what is said of it, on one line.
    pub fn text(&self) -> String {
        let mut out = format!("{}{}", self.kind, if self.optional { "?" } else { "" });
        for clause in self.clauses() {
            out.push(' ');
            out.push_str(&clause);
        }
        out
    }

    /// What is said of it after its type, a clause each, in the order in which they are written.
    pub(super) fn clauses(&self) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.key.then(|| "key".to_owned()));
        all.extend(self.unique.then(|| "unique".to_owned()));
        all.extend(self.allowed.as_ref().map(|values| format!("in {values}")));
        all.extend(self.length.as_ref().map(|length| format!("length {length}")));
        all.extend(self.pattern.as_ref().map(|pattern| format!("matches \"{pattern}\"")));
        all.extend(self.null.as_ref().map(|share| format!("null {share}")));
        all.extend(self.default.as_ref().map(|value| format!("default {value}")));
        all.extend(self.outside.as_ref().map(|name| format!("from {}", words::quoted(name))));
        all.extend(self.draw.as_ref().map(|draw| format!("~ {draw}")));
        all.extend(self.derived.as_ref().map(|value| format!("= {value}")));
        all
    }

    /// Its name outside.
    pub fn outside_name(&self) -> &str {
        self.outside.as_deref().unwrap_or(&self.name)
    }
}

/// Comments, and below them a doc comment, on lines of their own.
fn comments(out: &mut String, indent: &str, notes: &[String], docs: Option<&str>) {
    for line in notes.iter().flat_map(|note| note.lines()) {
        let _ = writeln!(out, "{indent}// {}", words::one_line(line));
    }
    for line in docs.into_iter().flat_map(|docs| docs.split('\n')) {
        let _ = writeln!(out, "{indent}/// {}", words::one_line(line));
    }
}
