//! What stands in the body of a model or block.

use ndsl_grammar::TokenKind;
use ndsl_grammar::keyword::Place as Where;

use super::catalogue::Part;
use super::{Item, Kind, Place, declarations, names, rows, values};
use crate::ide::context::Bracket;

/// How a statement is begun.
const BEGINNINGS: [(&str, &str); 8] = [
    ("input", "input ${1:x}: f32[$2]$0"),
    ("output", "output ${1:name} = $0"),
    ("share", "share ${1:name} = $0"),
    ("repeat", "repeat ${1:2} {\n\t$0\n}"),
    ("residual", "residual {\n\t$0\n}"),
    ("branch", "branch {\n\t${1:a}: { $2 }\n\t${3:b}: { $4 }\n}$0"),
    ("if", "if ${1:condition} {\n\t$0\n}"),
    ("check", "check $0"),
];

/// What can stand at the place.
pub(super) fn offered(place: &Place<'_>) -> Vec<Item> {
    let context = &place.context;
    // A name is being given.
    if matches!(context.word_before(place.text), Some("input" | "output" | "share" | "as")) {
        return Vec::new();
    }
    let in_type = context.frames.last().is_some_and(|frame| frame.bracket == Bracket::Square)
        && line(place).trim_start().starts_with("input ");
    if context.is_behind(TokenKind::Colon) && line(place).trim_start().starts_with("input ") {
        let mut items: Vec<Item> = ["f32", "i64", "u8", "bool"]
            .map(|word| Item::new(word, Kind::Type).snippet(format!("{word}[$1]$0")))
            .into();
        items.extend(rows::tables(place));
        return items;
    }
    if let Some(items) = rows::left_out(place) {
        return items;
    }
    if in_type {
        let mut items = names::locals(place);
        items.retain(|item| item.label != "it");
        items.extend(names::constants(place));
        return items;
    }
    if context.is_behind(TokenKind::Pipe) {
        let mut items = layers(place);
        items.extend(Part::Function.calls(place.has_bracket));
        items.extend(Part::Activation.calls(place.has_bracket).into_iter().map(|item| item.rank(6)));
        items.extend(names::locals(place).into_iter().filter(is_shared));
        return items;
    }
    if begins_statement(place) {
        let mut items = layers(place);
        items.extend(declarations::of_place(Where::Statement, &BEGINNINGS));
        items.extend(names::locals(place));
        items.extend(Part::Function.calls(place.has_bracket).into_iter().map(|item| item.rank(7)));
        return items;
    }
    values::expression(place)
}

fn is_shared(item: &Item) -> bool {
    item.detail.as_ref().is_some_and(|detail| detail.starts_with("the shared"))
}

/// The layers of the language, then blocks and models.
fn layers(place: &Place<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = Part::Layer.calls(place.has_bracket).into_iter().map(|item| item.rank(4)).collect();
    items.extend(names::blocks(place));
    items
}

/// Whether a new statement could begin here.
fn begins_statement(place: &Place<'_>) -> bool {
    let context = &place.context;
    let in_braces = context.frames.last().is_some_and(|frame| frame.bracket == Bracket::Curly);
    let behind = [TokenKind::LeftBrace, TokenKind::RightBrace, TokenKind::RightParen, TokenKind::Semicolon];
    in_braces && (context.begins_line || behind.iter().any(|kind| context.is_behind(*kind)))
}

/// The line up to the place.
fn line<'a>(place: &Place<'a>) -> &'a str {
    let before = &place.text[..place.offset];
    &before[before.rfind('\n').map_or(0, |at| at + 1)..]
}
