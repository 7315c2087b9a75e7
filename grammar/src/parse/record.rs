//! Settings between braces.

use super::basic::*;
use super::expression::required;
use super::fault::Problem;
use crate::ast::{Entry, Expr, ExprKind, Record};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use chumsky::prelude::*;

/// `{ key: value, … }`; fails only where no brace opens.
pub(crate) fn record<'t>(place: Place, expression: Rule<'t, Expr>) -> Rule<'t, Record> {
    recursive(|record| {
        let nested = record.map(|record: Record| Expr { span: record.span, kind: ExprKind::Record(record) }).boxed();
        let value = nested.or(required(place, expression)).boxed();
        let separators = || one(|lexeme| lexeme.kind == LexemeKind::Newline || lexeme.is(TokenKind::Comma)).repeated();
        token(TokenKind::LeftBrace)
            .then(separators())
            .ignore_then(
                ahead(|found| !at_end(found))
                    .ignore_then(entry(place, value))
                    .then_ignore(after_entry().then(separators()).boxed())
                    .repeated()
                    .collect::<Vec<Option<Entry>>>(),
            )
            .then_ignore(expect(TokenKind::RightBrace, "`}`", None))
            .map_with(move |entries, extra| Record {
                span: place.span(extra.span()),
                entries: entries.into_iter().flatten().collect(),
            })
            .boxed()
    })
    .boxed()
}

/// `key: value`, or nothing where no key stands.
fn entry<'t>(place: Place, value: Rule<'t, Expr>) -> Rule<'t, Option<Entry>> {
    let colon = choice((
        token(TokenKind::Colon).ignored().boxed(),
        fault(Problem::Instead(":", "a setting")).then(token(TokenKind::Assign)).ignored().boxed(),
        fault(Problem::Expected("`:`", Some(":"))).ignored().boxed(),
    ));
    // `epochs` alone has one fault, not a second for its missing value.
    let with_value = one_before(|key, next| {
        key.is_word()
            && next
                .is_some_and(|next| next.is(TokenKind::Colon) || next.is(TokenKind::Assign) || next.begins_expression())
    })
    .then_ignore(colon.boxed())
    .then(value)
    .map(move |(key, value)| {
        let key = place.ident(key);
        Some(Entry { span: key.span.to(value.span), docs: None, key, value })
    });
    let key_alone =
        one(Lexeme::is_word).then_ignore(fault(Problem::Expected("`:` and a value", None))).map(move |key| {
            let key = place.ident(key);
            Some(Entry {
                span: key.span,
                docs: None,
                value: Expr { span: key.span.after(), kind: ExprKind::Error },
                key,
            })
        });
    let other = fault(Problem::Expected("a setting: `key: value`", None)).to(None);
    choice((with_value.boxed(), key_alone.boxed(), other.boxed())).boxed()
}

/// A comma, a line's end, or the next key; anything else is passed over.
fn after_entry<'t>() -> Rule<'t, ()> {
    let begins_entry = one_before(|key, next| key.is_word() && next.is_some_and(|next| next.is(TokenKind::Colon)));
    choice((
        ahead(|found| {
            at_end(found)
                || found.is_some_and(|lexeme| lexeme.kind == LexemeKind::Newline || lexeme.is(TokenKind::Comma))
        })
        .boxed(),
        begins_entry.rewind().ignored().boxed(),
        fault(Problem::Expected("`,` or a line's end", None))
            .then(pass_over(|_, next| {
                next.is_some_and(|next| next.kind == LexemeKind::Newline || next.is(TokenKind::Comma))
            }))
            .ignored()
            .boxed(),
    ))
    .boxed()
}
