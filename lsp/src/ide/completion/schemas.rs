//! What stands in a schema.

use ndsl_compiler::schema::Column;
use ndsl_grammar::TokenKind;
use ndsl_grammar::ast::{DeclarationKind, SchemaItemKind};
use ndsl_grammar::keyword::Place as Where;

use super::catalogue::Part;
use super::{Docs, Item, Kind, Place, declarations, names};
use crate::ide::context::Bracket;

/// How what stands in a schema is begun.
const BEGINNINGS: [(&str, &str); 8] = [
    ("table", "table ${1:Name} {\n\tid: int key\n\t$0\n}"),
    ("check", "check $0"),
    ("correlate", "correlate ${1:Table}(${2:a}, ${3:b}) = ${4:0.5}"),
    ("enum", "enum { $0 }"),
    ("list", "list($1)$0"),
    ("ref", "ref $0"),
    ("matches", "matches \"$1\"$0"),
    ("from", "from \"$1\"$0"),
];

/// What may be said of a column behind its type.
const CLAUSES: [&str; 6] = ["key", "unique", "length", "matches", "default", "from"];

/// A column of a table.
pub(super) fn column(column: &Column) -> Item {
    let docs = column.docs.clone().map_or(Docs::None, Docs::Text);
    Item::new(&column.name, Kind::Field).detail(column.written.clone()).docs(docs).rank(1)
}

/// What can stand at the place.
pub(super) fn offered(place: &Place<'_>) -> Vec<Item> {
    let context = &place.context;
    let Some(frame) = context.frame() else { return Vec::new() };
    let keywords = declarations::of_place(Where::Schema, &BEGINNINGS);
    let only = |words: &[&str]| -> Vec<Item> {
        keywords.iter().filter(|item| words.contains(&item.label.as_str())).cloned().collect()
    };
    let in_braces = frame.bracket == Bracket::Curly;
    if in_braces && context.begins_line && frame.name.is_none() {
        // The name of a column is for whoever writes it.
        return match in_table(place) {
            true => only(&["check", "unique", "key", "correlate"]),
            false => only(&["table", "check", "correlate"]),
        };
    }
    if context.word_before(place.text) == Some("ref") {
        return declarations::tables(place);
    }
    if context.is_behind(TokenKind::Tilde) {
        return Part::Distribution.calls(place.has_bracket);
    }
    if in_braces && frame.name.is_some() && context.is_behind(TokenKind::Colon) {
        let mut items = Part::ColumnType.words();
        items.iter_mut().for_each(|item| item.kind = Kind::Type);
        items.retain(|item| !matches!(item.label.as_str(), "enum" | "list" | "ref"));
        items.extend(only(&["enum", "list", "ref"]));
        return items;
    }
    let behind_value = match &context.before {
        Some((kind, _)) => {
            kind.is_word() || matches!(kind, TokenKind::RightParen | TokenKind::RightBrace | TokenKind::Question)
        }
        None => false,
    };
    if in_braces && frame.name.is_some() && behind_value && !context.begins_line {
        let mut items = only(&CLAUSES);
        items.extend([("in", "in $0"), ("null", "null ${1:10%}")].map(|(word, snippet)| {
            Item::new(word, Kind::Keyword).snippet(snippet).docs(Docs::Of(format!("keyword/{word}"))).rank(6)
        }));
        return items;
    }
    expression(place)
}

/// What an expression over columns may hold.
fn expression(place: &Place<'_>) -> Vec<Item> {
    let mut items = own_columns(place);
    items.extend(labels(place));
    items.extend(names::constants(place));
    items.extend(Part::ColumnFunction.calls(place.has_bracket).into_iter().map(|item| item.rank(6)));
    items.extend(["true", "false", "null"].map(|word| Item::new(word, Kind::Keyword).rank(7)));
    items
}

/// Whether the place is in a table, and not beside the tables of a schema.
fn in_table(place: &Place<'_>) -> bool {
    let braces = place.context.frames.iter().filter(|frame| frame.bracket == Bracket::Curly).count();
    let has_tables = place.analysis.file.declarations.iter().any(|declaration| match &declaration.kind {
        DeclarationKind::Schema(schema) if declaration.span.touches(place.offset) => {
            schema.items.iter().any(|item| matches!(item.kind, SchemaItemKind::Table(_)))
        }
        _ => false,
    });
    braces > 1 || !has_tables
}

/// The columns of the table around the place.
fn own_columns(place: &Place<'_>) -> Vec<Item> {
    let open: Vec<usize> = place.context.frames.iter().map(|frame| frame.open).collect();
    let tables = place.analysis.schemas().tables().map(|(_, table)| table);
    let own = tables.filter(|table| {
        table.span.file == ndsl_grammar::FileId::default()
            && table.columns.iter().any(|column| {
                let before = &place.text[..column.span.start as usize];
                before.rfind('{').is_some_and(|_| encloses(place, column.span.start as usize, &open))
            })
    });
    own.flat_map(|table| table.columns.iter().map(column)).collect()
}

/// Whether the braces that directly hold `offset` are among those open at the place.
fn encloses(place: &Place<'_>, offset: usize, open: &[usize]) -> bool {
    let there = super::Context::at(place.text, offset);
    there.frames.last().is_some_and(|frame| open.contains(&frame.open))
}

/// The labels of the column that is compared on the left of the place.
fn labels(place: &Place<'_>) -> Vec<Item> {
    let Some((TokenKind::Equal | TokenKind::NotEqual, operator)) = place.context.before.clone() else {
        return Vec::new();
    };
    let left = place.text[..operator.start].trim_end();
    let start = left.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    let tables = place.analysis.schemas().tables().map(|(_, table)| table);
    let column = tables.flat_map(|table| &table.columns).find(|column| left[start..] == column.name);
    let labels = column.and_then(Column::labels).into_iter().flat_map(|labels| &labels.labels);
    labels
        .map(|label| {
            let is_word = label.name.chars().all(|c| c.is_alphanumeric() || c == '_');
            let written = if is_word { label.name.clone() } else { format!("{:?}", label.name) };
            Item::new(written, Kind::EnumMember).detail(format!("label of `{}`", &left[start..])).rank(0)
        })
        .collect()
}
