//! Settings between braces.

use super::advice;
use super::expression::required;
use super::fault::Problem;
use super::reader::{Reader, ends_entry};
use super::statement::body;
use crate::ast::{Entry, Expr, ExprKind, Ident, Record};
use crate::lexeme::Lexeme;
use crate::literal;
use crate::token::TokenKind;

/// `{ key: value, … }`, from its brace on.
pub(crate) fn record(reader: &mut Reader<'_, '_, '_>) -> Record {
    let at = reader.at();
    let mut entries = Vec::new();
    reader.skip();
    loop {
        while reader.take_if(|next| ends_entry(next) && !next.is(TokenKind::Semicolon)).is_some() {}
        if reader.at_end() {
            break;
        }
        entries.extend(entry(reader));
        end_of_entry(reader, "`,` or a line's end");
    }
    reader.expect(TokenKind::RightBrace, "`}`");
    Record { span: reader.since(at), entries }
}

/// `key: value`, or nothing where no key stands.
fn entry(reader: &mut Reader<'_, '_, '_>) -> Option<Entry> {
    let docs = reader.docs();
    let at = reader.at();
    let key = key(reader)?;
    match reader.peek() {
        Some(next) if next.is(TokenKind::Colon) => reader.skip(),
        Some(next) if next.is(TokenKind::Assign) => {
            reader.fault(Problem::Instead(":", "a setting"));
            reader.skip();
        }
        Some(next) if next.begins_expression() || next.is(TokenKind::LeftBrace) => reader.expected("`:`", Some(":")),
        _ => {
            // `epochs` alone has one fault, not a second for its missing value.
            reader.expected("`:` and a value", None);
            let value = Expr { span: key.span.after(), kind: ExprKind::Error };
            return Some(Entry { span: key.span, docs, key, value });
        }
    }
    let value = value(reader);
    Some(Entry { span: reader.since(at).to(value.span), docs, key, value })
}

/// A key; one between quotes is reported and read.
fn key(reader: &mut Reader<'_, '_, '_>) -> Option<Ident> {
    if let Some(word) = reader.take_if(Lexeme::is_word) {
        return Some(reader.ident(word));
    }
    let at = reader.at();
    let follows = reader.second_is(TokenKind::Colon) || reader.second_is(TokenKind::Assign);
    match reader.take_if(|next| next.is(TokenKind::Text) && follows) {
        Some(text) => {
            reader.fault_at(at, Problem::QuotedKey);
            Some(Ident { text: literal::string(text.text), span: reader.span(text) })
        }
        None => {
            reader.expected("a setting: `key: value`", None);
            reader.pass_over(ends_entry);
            None
        }
    }
}

/// What a key has: an expression, or braces that hold settings or a body.
fn value(reader: &mut Reader<'_, '_, '_>) -> Expr {
    if !reader.is(TokenKind::LeftBrace) {
        return required(reader);
    }
    match braces(reader) {
        Braces::Settings => {
            let record = record(reader);
            Expr { span: record.span, kind: ExprKind::Record(record) }
        }
        Braces::Body => {
            let body = body(reader);
            Expr { span: body.span, kind: ExprKind::Body(body) }
        }
        Braces::Values => {
            let at = reader.at();
            reader.skip();
            let values = reader.items("`,` or `]`", Lexeme::begins_anew, required);
            if let Some(close) = reader.expect(TokenKind::RightBrace, "`]`") {
                reader.fault_at(at, Problem::BracedList(close.span));
            }
            Expr { span: reader.since(at), kind: ExprKind::List(values) }
        }
    }
}

/// What braces after `key:` hold.
enum Braces {
    Settings,
    Body,
    /// Values between commas, which make no body.
    Values,
}

/// What the brace that comes next holds: settings are none, or some that begin with `word:`.
///
/// `{ max = 32, wait = 2ms }` is meant so too: bindings would not end in a comma.
fn braces(reader: &mut Reader<'_, '_, '_>) -> Braces {
    let mut ahead = 1;
    while reader.peek_at(ahead).is_some_and(|next| next.is_separator() || next.is(TokenKind::Comma)) {
        ahead += 1;
    }
    let Some(first) = reader.peek_at(ahead) else { return Braces::Settings };
    let is = |ahead: usize, kind| reader.peek_at(ahead).is_some_and(|next: &Lexeme<'_>| next.is(kind));
    let key = first.is_word() || first.is(TokenKind::Text);
    if first.is_closer() || key && is(ahead + 1, TokenKind::Colon) {
        return Braces::Settings;
    }
    let bound = key && is(ahead + 1, TokenKind::Assign);
    // One line of it will tell.
    let mut depth = 0_usize;
    while let Some(next) = reader.peek_at(ahead) {
        if depth == 0 && (next.is_separator() || next.is_closer() || next.is(TokenKind::Comma)) {
            return match (next.is(TokenKind::Comma), bound) {
                (true, true) => Braces::Settings,
                (true, false) => Braces::Values,
                (false, _) => Braces::Body,
            };
        }
        depth += usize::from(next.is_opener());
        depth -= usize::from(next.is_closer());
        ahead += 1;
    }
    Braces::Body
}

/// A comma, a line's end or the next key; anything else is passed over.
pub(crate) fn end_of_entry(reader: &mut Reader<'_, '_, '_>, wanted: &'static str) {
    if reader.at_end() || reader.begins_entry() {
        return;
    }
    let at = reader.at();
    if reader.take(TokenKind::Semicolon).is_some() {
        reader.advise(at, &advice::SEMICOLON);
    } else if !reader.peek().is_some_and(ends_entry) {
        reader.expected(wanted, None);
        reader.pass_over(ends_entry);
    }
}
