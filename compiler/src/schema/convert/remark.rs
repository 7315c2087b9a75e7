//! What a foreign format cannot say of a schema: a remark beside it, in the language's own words.
//!
//! What a remark has to hold is not listed anywhere. A writer writes what its format can say, reads that back as anybody
//! would, and compares: whatever is not the same stands in the remark. So what is read with its remarks is what was written,
//! whatever a format learns to say later.

use std::collections::BTreeMap;

use ndsl_grammar::ast::{ClauseKind, Column, DeclarationKind, ExprKind, Schema, SchemaItem, SchemaItemKind};
use ndsl_grammar::{FileId, Span, TokenKind, lex, parse};

use super::outline::{ColumnOutline, Outline, Rule};

/// Begins a remark that says all there is of a column, where what the format says is not so.
const ONLY: &str = "only ";

/// The remarks on one schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Remarks {
    /// The providers it names and its first line, without the bracket: what stands beside the whole.
    pub head: Option<String>,
    /// What stands beside a column, by the places of its table and its own.
    columns: BTreeMap<(usize, usize), String>,
}

impl Remarks {
    /// What is lacking in `read`, which came of reading `outline` back from a format that keeps its tables and columns.
    pub fn of(outline: &Outline, read: &Outline) -> Self {
        let same = outline.name == read.name && outline.is_table == read.is_table;
        let plain = outline.source.is_none() && outline.providers.is_empty();
        let names = |outline: &Outline| outline.tables.iter().map(|table| table.name.clone()).collect::<Vec<_>>();
        let ordered = names(outline) == names(read);
        let head = (!(same && plain && ordered)).then(|| {
            let mut lines = outline.providers.clone();
            // A table that is called like its schema stands in it all the same, and tables have an order.
            let inside = matches!(&outline.tables[..], [only] if !outline.is_table && only.name == outline.name);
            let tables = if inside || !ordered { tables_in_order(outline) } else { String::new() };
            lines.push(format!("{}{tables}", outline.head()));
            lines.join("\n")
        });
        let mut columns = BTreeMap::new();
        for (at, table) in outline.tables.iter().enumerate() {
            for (place, column) in table.columns.iter().enumerate() {
                let other = read.tables.iter().find(|other| other.name == table.name);
                let found = other.and_then(|table| table.columns.get(place));
                if let Some(remark) = on_column(column, found) {
                    columns.insert((at, place), remark);
                }
            }
        }
        Self { head, columns }
    }

    /// What stands beside a column.
    pub fn column(&self, table: usize, column: usize) -> Option<&str> {
        self.columns.get(&(table, column)).map(String::as_str)
    }
}

/// ` { table Customer {} table Order {} }`
fn tables_in_order(outline: &Outline) -> String {
    let tables = outline.tables.iter().map(|table| format!("table {} {{}}", table.name));
    format!(" {{ {} }}", tables.collect::<Vec<_>>().join(" "))
}

/// What is lacking of a column that was read as `found`.
fn on_column(column: &ColumnOutline, found: Option<&ColumnOutline>) -> Option<String> {
    let name = match found {
        Some(found) if found.name == column.name => String::new(),
        _ => format!("{}: ", column.name),
    };
    let Some(found) = found else { return Some(format!("{name}{ONLY}{}", column.text())) };
    let clauses = column.clauses();
    let known = found.clauses();
    // The name outside is what the format calls the column, unless it is called like itself.
    let kept = |clause: &&String| !known.contains(clause);
    let mut words: Vec<String> = Vec::new();
    words.extend((column.kind != found.kind).then(|| column.kind.clone()));
    words.extend(clauses.iter().filter(kept).cloned());
    let text = words.join(" ");
    let mut again = found.clone();
    again.name.clone_from(&column.name);
    if again.outside.as_ref() == Some(&column.name) {
        again.outside = None;
    }
    let said = text.is_empty() || add(&text, &mut again).is_ok();
    let same = said && again.text() == column.text();
    let text = if same { text } else { format!("{ONLY}{}", column.text()) };
    let whole = format!("{name}{text}");
    (!whole.trim().is_empty()).then(|| whole.trim_end().to_owned())
}

/// Takes up the remark on a column.
///
/// # Errors
/// Why it is none.
pub(super) fn on(remark: &str, column: &mut ColumnOutline) -> Result<(), String> {
    let tokens = lex(remark);
    let mut text = remark;
    if let [name, colon, ..] = &tokens[..]
        && name.kind.is_word()
        && colon.kind == TokenKind::Colon
    {
        let called = remark[name.range()].to_owned();
        if column.name != called {
            let outside = std::mem::replace(&mut column.name, called);
            column.outside.get_or_insert(outside);
        }
        if column.outside.as_ref() == Some(&column.name) {
            column.outside = None;
        }
        text = &remark[colon.range().end..];
    }
    let text = text.trim();
    match text.strip_prefix(ONLY) {
        _ if text.is_empty() => Ok(()),
        Some(whole) => {
            let kept = ColumnOutline {
                name: column.name.clone(),
                docs: column.docs.take(),
                notes: std::mem::take(&mut column.notes),
                at: column.at.clone(),
                ..ColumnOutline::default()
            };
            *column = kept;
            add(whole, column)
        }
        None => add(text, column),
    }
}

/// Adds a type and clauses to a column; each takes the place of what was said before.
fn add(text: &str, column: &mut ColumnOutline) -> Result<(), String> {
    let first = lex(text).first().map(|token| (token.kind, &text[token.range()]));
    let clause = match first {
        Some((TokenKind::In | TokenKind::Null | TokenKind::Tilde | TokenKind::Assign, _)) => true,
        Some((TokenKind::Word, word)) => matches!(word, "key" | "unique" | "length" | "matches" | "default" | "from"),
        _ => false,
    };
    let whole = format!("schema Remark {{\n    column: {}{text}\n}}\n", if clause { "int " } else { "" });
    let items = items(&whole)?;
    let [SchemaItem { kind: SchemaItemKind::Column(read), .. }] = &items[..] else {
        return Err("a remark on a column is of one column".to_owned());
    };
    if !clause {
        let end = read.kind.span.end - u32::from(read.kind.optional);
        column.kind = whole[Span { end, ..read.kind.span }.range()].to_owned();
        column.optional |= read.kind.optional;
    }
    clauses(&whole, read, column);
    Ok(())
}

fn clauses(text: &str, read: &Column, column: &mut ColumnOutline) {
    for clause in &read.clauses {
        let written = |word: &str| Some(text[clause.span.range()][word.len()..].trim().to_owned());
        match &clause.kind {
            // A key is unique by itself.
            ClauseKind::Key => (column.key, column.unique) = (true, false),
            ClauseKind::Unique => column.unique = true,
            ClauseKind::In(_) => column.allowed = written("in"),
            ClauseKind::Length(_) => column.length = written("length"),
            ClauseKind::Matches { pattern, .. } => column.pattern = Some(pattern.clone()),
            ClauseKind::Null(_) => column.null = written("null"),
            ClauseKind::Default(_) => column.default = written("default"),
            ClauseKind::From { name, .. } => column.outside = Some(name.clone()),
            ClauseKind::Drawn(_) => column.draw = written("~"),
            ClauseKind::Derived(_) => column.derived = written("="),
        }
    }
}

/// The rules that stand beside a table.
///
/// # Errors
/// Why they are none.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, String> {
    let whole = format!("schema Remark {{\n    column: int\n{text}\n}}\n");
    let items = items(&whole)?;
    let mut rules = Vec::new();
    for item in &items[1..] {
        match &item.kind {
            SchemaItemKind::Check { .. } | SchemaItemKind::Together { .. } | SchemaItemKind::Correlate { .. } => {
                let text = whole[item.span.range()].trim_end().to_owned();
                rules.push(Rule { docs: item.docs.clone(), text, ..Rule::default() });
            }
            _ => return Err("beside a table stands a `check`, `key (…)`, `unique (…)` or `correlate (…)`".to_owned()),
        }
    }
    Ok(rules)
}

/// Takes up what stands beside the whole: providers, and the first line of the schema.
///
/// # Errors
/// Why it is no head of a schema.
pub(super) fn head(text: &str, outline: &mut Outline) -> Result<(), String> {
    let whole = if text.trim_end().ends_with('}') { format!("{text}\n") } else { format!("{text} {{}}\n") };
    let parsed = parse(&whole, FileId::default());
    if let Some(error) = parsed.errors.first() {
        return Err(error.message.clone());
    }
    let mut found = false;
    for declaration in &parsed.file.declarations {
        match &declaration.kind {
            DeclarationKind::Provider { .. } => {
                outline.providers.push(whole[declaration.span.range()].trim_end().to_owned());
            }
            DeclarationKind::Schema(Schema { name, from, items, .. }) if !found => {
                found = true;
                let is_table = matches!(&outline.tables[..], [only] if only.name == name.text);
                outline.is_table = is_table && items.is_empty();
                let order: Vec<&str> = items.iter().filter_map(table_name).collect();
                let place = |name: &str| order.iter().position(|known| *known == name).unwrap_or(order.len());
                outline.tables.sort_by_key(|table| place(&table.name));
                outline.name.clone_from(&name.text);
                outline.source = from
                    .as_ref()
                    .map(|from| (from.path.clone(), from.using.as_ref().map(|provider| provider.text.clone())));
            }
            _ => return Err("beside a schema stand its providers and its own first line".to_owned()),
        }
    }
    if found { Ok(()) } else { Err("a schema's first line is missing: `schema Shop`".to_owned()) }
}

fn table_name(item: &SchemaItem) -> Option<&str> {
    match &item.kind {
        SchemaItemKind::Table(table) => Some(&table.name.text),
        _ => None,
    }
}

/// What stands in the one schema of a text.
fn items(text: &str) -> Result<Vec<SchemaItem>, String> {
    let parsed = parse(text, FileId::default());
    if let Some(error) = parsed.errors.first() {
        return Err(error.message.clone());
    }
    match parsed.file.declarations.as_slice() {
        [only] => match &only.kind {
            DeclarationKind::Schema(schema) if !holds_errors(&schema.items) => Ok(schema.items.clone()),
            _ => Err("this is no part of a schema".to_owned()),
        },
        _ => Err("this is more than a part of one schema".to_owned()),
    }
}

fn holds_errors(items: &[SchemaItem]) -> bool {
    items.iter().any(|item| match &item.kind {
        SchemaItemKind::Error => true,
        SchemaItemKind::Check { condition } => matches!(condition.kind, ExprKind::Error),
        _ => false,
    })
}
