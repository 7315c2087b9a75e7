//! Schemas and their tables.

use super::advice;
use super::column::column;
use super::expression::required;
use super::fault::Problem;
use super::reader::{Reader, ends_entry, opens};
use crate::ast::{DeclarationKind, Ident, Schema, SchemaItem, SchemaItemKind, SchemaSource, Table};
use crate::keyword::{self, Place};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::literal;
use crate::token::TokenKind;

/// The most lexemes between a table's name and its columns that are passed over to read these.
const MAX_ABOUT: usize = 8;

/// `Name from "file" using provider { items }`, from after `schema` on.
pub(crate) fn schema(reader: &mut Reader<'_, '_, '_>) -> DeclarationKind {
    let Some(name) = reader.expect_name("the schema's name") else { return DeclarationKind::Error { name: None } };
    let from = if reader.take_word("from").is_some() { source(reader) } else { None };
    let at = reader.at();
    match items(reader, false, "`{` and tables or columns") {
        Some(items) => DeclarationKind::Schema(Schema { name, from, body_span: reader.since(at), items }),
        None => DeclarationKind::Error { name: Some(name) },
    }
}

/// `"file" using provider`
fn source(reader: &mut Reader<'_, '_, '_>) -> Option<SchemaSource> {
    let Some(path) = reader.take_if(|next| next.is(TokenKind::Text) || next.kind == LexemeKind::Bad) else {
        reader.expected("the file's name between quotes", None);
        reader.pass_over(|next| next.is(TokenKind::LeftBrace));
        return None;
    };
    let (path, path_span) = (literal::string(path.text), reader.span(path));
    let using = reader.take_word("using").and_then(|_| reader.expect_name("the provider's name"));
    Some(SchemaSource { path, path_span, using })
}

/// The items between braces, or a fault where none open. Round brackets, as SQL has them, are reported and read.
fn items(reader: &mut Reader<'_, '_, '_>, in_table: bool, wanted: &'static str) -> Option<Vec<SchemaItem>> {
    reader.colon_before_brace();
    let open = reader.at();
    let paren = reader.peek().is_some_and(|next| opens(next, TokenKind::LeftParen));
    if !paren && !reader.is(TokenKind::LeftBrace) {
        reader.expected(wanted, None);
        return None;
    }
    reader.skip();
    let mut items = Vec::new();
    loop {
        while reader.take_if(ends_entry).is_some() {}
        if reader.at_end() {
            break;
        }
        items.push(item(reader, in_table));
        end_of_item(reader);
    }
    if paren {
        if let Some(close) = reader.expect(TokenKind::RightParen, "`)`") {
            reader.fault_at(open, Problem::Braces(close.span));
        }
    } else {
        reader.expect(TokenKind::RightBrace, "`}`");
    }
    Some(items)
}

fn item(reader: &mut Reader<'_, '_, '_>, in_table: bool) -> SchemaItem {
    let docs = reader.docs();
    let at = reader.at();
    let kind = kind(reader, in_table);
    SchemaItem { span: reader.since(at), docs, kind }
}

fn kind(reader: &mut Reader<'_, '_, '_>, in_table: bool) -> SchemaItemKind {
    let at = reader.at();
    // Any word before a colon is a column.
    if reader.begins_entry() {
        return column(reader);
    }
    let Some(first) = reader.peek().filter(|first| first.is_word()) else {
        reader.expected("a column: `name: type`", None);
        reader.pass_over(ends_entry);
        return SchemaItemKind::Error;
    };
    let second = reader.peek_at(1);
    let bracket = second.is_some_and(|second| opens(second, TokenKind::LeftParen));
    let named = second.is_some_and(|second| second.is(TokenKind::Word));
    match first.text {
        "table" if named => return table(reader, in_table),
        "check" if second.is_some_and(Lexeme::begins_expression) => {
            reader.skip();
            return SchemaItemKind::Check { condition: required(reader) };
        }
        "unique" | "key" if bracket => {
            reader.skip();
            reader.skip();
            return SchemaItemKind::Together { what: reader.ident(first), columns: columns_to_bracket(reader) };
        }
        "primary" if second.is_some_and(|second| second.text == "key" && !ends_entry(second)) => {
            reader.skip();
            let what = reader.ident(second.unwrap_or(first));
            reader.skip();
            reader.advise(at, &advice::PRIMARY_KEY);
            if reader.take_opener(TokenKind::LeftParen).is_some() {
                return SchemaItemKind::Together { what, columns: columns_to_bracket(reader) };
            }
            reader.pass_over(ends_entry);
            return SchemaItemKind::Error;
        }
        "foreign" if second.is_some_and(|second| second.text == "key") => {
            reader.advise(at, &advice::REFERENCES);
            reader.pass_over(ends_entry);
            return SchemaItemKind::Error;
        }
        "correlate" if bracket || named => return correlate(reader),
        "unique" | "key" if named && reader.peek_at(2).is_some_and(|third| third.is(TokenKind::Comma)) => {
            return together(reader, first);
        }
        "class" | "struct" | "type" | "record" | "entity" | "model" if named => {
            let third = reader.peek_at(2);
            let body = third.is_some_and(|third| third.is(TokenKind::LeftBrace) || third.kind == LexemeKind::Call);
            if body || third.is_some_and(|third| third.is(TokenKind::Colon)) {
                reader.fault_at(at, Problem::Misspelt("table"));
                if body {
                    return table(reader, in_table);
                }
                reader.pass_over(ends_entry);
                return SchemaItemKind::Error;
            }
        }
        _ => {}
    }
    // `tabel Order {`, but not `name string`, which lacks a colon.
    let body = reader.peek_at(2).is_some_and(|third| third.is(TokenKind::LeftBrace));
    let brackets = body || bracket || reader.peek_at(2).is_some_and(|third| third.kind == LexemeKind::Call);
    let meant = keyword::nearest(first.text, |keyword| {
        matches!(keyword.word, "table" | "check" | "correlate" | "unique") && keyword.place == Place::Schema
    });
    match meant.filter(|meant| meant.word != first.text).map(|meant| meant.word) {
        Some("table") if named && body => {
            reader.fault_at(at, Problem::Misspelt("table"));
            table(reader, in_table)
        }
        Some("correlate") if brackets => {
            reader.fault_at(at, Problem::Misspelt("correlate"));
            correlate(reader)
        }
        Some("unique") if bracket => {
            reader.fault_at(at, Problem::Misspelt("unique"));
            reader.skip();
            reader.skip();
            let what = Ident { text: "unique".to_owned(), span: reader.span(first) };
            SchemaItemKind::Together { what, columns: columns_to_bracket(reader) }
        }
        Some("check") if second.is_some_and(|second| second.is(TokenKind::Word)) && is_condition(reader) => {
            reader.fault_at(at, Problem::Misspelt("check"));
            reader.skip();
            SchemaItemKind::Check { condition: required(reader) }
        }
        _ => column(reader),
    }
}

/// `unique a, b`, without brackets, up to the first word that is a column of its own.
fn together(reader: &mut Reader<'_, '_, '_>, what: &Lexeme<'_>) -> SchemaItemKind {
    let what = reader.ident(what);
    reader.skip();
    reader.fault(Problem::Advice(&advice::TOGETHER, 1));
    let mut columns = Vec::new();
    while !reader.begins_entry()
        && let Some(column) = reader.take_if(Lexeme::is_word)
    {
        columns.push(reader.ident(column));
        if reader.take(TokenKind::Comma).is_none() {
            break;
        }
    }
    SchemaItemKind::Together { what, columns }
}

/// Whether the third lexeme compares, so that no column stands here.
fn is_condition(reader: &mut Reader<'_, '_, '_>) -> bool {
    reader.peek_at(2).is_some_and(|third| matches!(third.kind, LexemeKind::Plain(kind) if kind.is_infix()))
}

/// `table Order { columns }`
fn table(reader: &mut Reader<'_, '_, '_>, in_table: bool) -> SchemaItemKind {
    let at = reader.at();
    if in_table {
        reader.fault_at(at, Problem::Advice(&advice::NESTED_TABLE, 1));
    }
    reader.skip();
    let Some(name) = reader.expect_name("the table's name") else { return SchemaItemKind::Error };
    about_the_table(reader);
    let at = reader.at();
    match items(reader, true, "`{` and columns") {
        Some(items) => SchemaItemKind::Table(Table { name, body_span: reader.since(at), items }),
        None => {
            reader.pass_over(ends_entry);
            SchemaItemKind::Error
        }
    }
}

/// What stands between a table's name and its columns, as in `table Order rows 1_000 { … }`: nothing belongs there.
fn about_the_table(reader: &mut Reader<'_, '_, '_>) {
    let begins = |lexeme: &Lexeme<'_>| lexeme.is(TokenKind::LeftBrace) || opens(lexeme, TokenKind::LeftParen);
    let colon = usize::from(reader.is(TokenKind::Colon));
    let length = (colon..colon + MAX_ABOUT)
        .find(|ahead| reader.peek_at(*ahead).is_none_or(|lexeme| begins(lexeme) || ends_entry(lexeme)));
    let Some(length) = length.filter(|length| *length > colon) else { return };
    if reader.peek_at(length).is_some_and(begins) {
        let at = reader.at();
        (0..length).for_each(|_| reader.skip());
        reader.advise(at, &advice::ABOUT_A_TABLE);
    }
}

/// `correlate Customer(age, income) = 0.4`; in a table: `correlate (age, income) = 0.4`
fn correlate(reader: &mut Reader<'_, '_, '_>) -> SchemaItemKind {
    reader.skip();
    let table = reader.take(TokenKind::Word).map(|table| reader.ident(table));
    if reader.take_opener(TokenKind::LeftParen).is_none() {
        reader.expected("`(` and two columns", None);
        reader.pass_over(ends_entry);
        return SchemaItemKind::Error;
    }
    let columns = columns_to_bracket(reader);
    match reader.peek() {
        Some(next) if next.is(TokenKind::Assign) => reader.skip(),
        Some(next) if next.is(TokenKind::Colon) => {
            reader.fault(Problem::Instead("=", "a correlation"));
            reader.skip();
        }
        Some(next) if next.begins_expression() => reader.expected("`=`", Some(" =")),
        _ => {
            reader.expected("`=` and a number from -1 to 1", None);
            return SchemaItemKind::Error;
        }
    }
    SchemaItemKind::Correlate { table, columns, strength: required(reader) }
}

/// Names of columns up to the closing bracket, which is read.
pub(crate) fn columns_to_bracket(reader: &mut Reader<'_, '_, '_>) -> Vec<Ident> {
    let columns = reader.items("`,` or `)`", Lexeme::is_word, |reader| {
        let column = reader.take_if(Lexeme::is_word).map(|column| reader.ident(column));
        if column.is_none() {
            reader.expected("a column's name", None);
            reader.pass_over(|next| next.is(TokenKind::Comma));
        }
        column
    });
    reader.expect(TokenKind::RightParen, "`)`");
    columns.into_iter().flatten().collect()
}

/// A line's end, a comma, or what can only be the next item; anything else is passed over.
fn end_of_item(reader: &mut Reader<'_, '_, '_>) {
    if reader.at_end() || reader.begins_entry() || reader.peek().is_some_and(ends_entry) {
        return;
    }
    if !begins_item(reader) {
        reader.expected("`,` or a line's end", None);
        reader.pass_over(ends_entry);
    }
}

/// Whether an item begins here that needs no line of its own.
pub(crate) fn begins_item(reader: &mut Reader<'_, '_, '_>) -> bool {
    let next = reader.peek_at(1);
    match reader.peek().map_or("", |word| word.text) {
        "table" => next.is_some_and(|next| next.is(TokenKind::Word)),
        "check" => next.is_some_and(Lexeme::begins_expression),
        "correlate" => next.is_some_and(|next| opens(next, TokenKind::LeftParen) || next.is(TokenKind::Word)),
        _ => false,
    }
}
