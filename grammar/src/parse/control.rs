//! The expressions that hold a body: `if`, `repeat`, `residual` and `branch`.

use super::advice;
use super::expression::{required, skip_braces};
use super::fault::Problem;
use super::reader::{Reader, ends_entry, opens};
use super::statement::{body, statement};
use crate::ast::{Arm, BinaryOperator, Body, Expr, ExprKind, Ident, StatementKind};
use crate::lexeme::Lexeme;
use crate::token::TokenKind;
use chumsky::span::SimpleSpan;

/// The expression that `word`, the next lexeme, begins, if it begins one with a body.
pub(crate) fn expression<'t>(reader: &mut Reader<'t, '_, '_>, word: &'t Lexeme<'t>) -> Option<Expr> {
    if !matches!(word.text, "if" | "repeat" | "residual" | "branch") {
        return None;
    }
    // Where no body can follow, the word is a name like any other.
    let follows = reader.peek_at(1).is_some_and(|next| {
        next.is(TokenKind::LeftBrace)
            || next.begins_anew()
            || opens(next, TokenKind::LeftParen)
            || next.is(TokenKind::LeftBracket)
            || matches!(word.text, "if" | "repeat") && next.begins_expression()
    });
    if !follows {
        return None;
    }
    let at = reader.at();
    reader.skip();
    let kind = match word.text {
        "if" => if_else(reader),
        "repeat" => repeat(reader),
        "branch" => branch(reader),
        _ => residual(reader),
    };
    Some(Expr { span: reader.since(at), kind })
}

/// The statement that a misspelt `word`, the next lexeme, was meant to begin.
pub(crate) fn misspelt(reader: &mut Reader<'_, '_, '_>, word: &str) -> StatementKind {
    let at = reader.at();
    reader.skip();
    let kind = match word {
        "repeat" => repeat(reader),
        "branch" => branch(reader),
        _ => residual(reader),
    };
    StatementKind::Flow { value: Expr { span: reader.since(at), kind }, name: None, column: None }
}

/// A body, or a fault and an empty one.
fn expect_body(reader: &mut Reader<'_, '_, '_>) -> Body {
    reader.colon_before_brace();
    if reader.is(TokenKind::LeftBrace) {
        return body(reader);
    }
    let at = reader.at();
    if reader.is(TokenKind::Else) {
        reader.advise(at, &advice::TERNARY);
        reader.pass_over(Lexeme::is_separator);
    } else if reader.is(TokenKind::Colon) {
        reader.fault(Problem::ColonBody(false));
        reader.skip();
    } else {
        reader.expected("`{` and a body", None);
    }
    let at = reader.at();
    Body { span: reader.since(at), statements: Vec::new() }
}

/// What stands before a body, or a fault.
fn head(reader: &mut Reader<'_, '_, '_>, wanted: Problem) -> Expr {
    if reader.begins_expression() {
        return required(reader);
    }
    reader.fault(wanted);
    reader.missing()
}

/// From after `if` on.
fn if_else(reader: &mut Reader<'_, '_, '_>) -> ExprKind {
    let mut branches = Vec::new();
    loop {
        let condition = head(reader, Problem::Expected("a condition", None));
        branches.push((condition, expect_body(reader)));
        let at = reader.at();
        if reader.take_word("elif").is_some() || reader.take_word("elseif").is_some() {
            reader.advise(at, &advice::ELIF);
        } else if reader.take(TokenKind::Else).is_none() {
            return ExprKind::If { branches, otherwise: None };
        } else if reader.take_word("if").is_none() {
            return ExprKind::If { branches, otherwise: Some(expect_body(reader)) };
        }
    }
}

/// From after `repeat` on.
fn repeat(reader: &mut Reader<'_, '_, '_>) -> ExprKind {
    let at = reader.at();
    let over = head(reader, Problem::Advice(&advice::NO_COUNT, 1));
    if let ExprKind::Binary { operator: BinaryOperator::In, left, right, .. } = &over.kind {
        let [name, list] = [left, right].map(|side| SimpleSpan::from(side.span.range()));
        reader.fault_at(at, Problem::RepeatIn { name, list });
    }
    let mut names = Vec::new();
    let mut destructured = false;
    if reader.take(TokenKind::As).is_some() {
        destructured = reader.take_opener(TokenKind::LeftParen).is_some();
        if destructured {
            names = reader.items("`,` or `)`", Lexeme::is_word, name).into_iter().flatten().collect();
            reader.expect(TokenKind::RightParen, "`)`");
        } else {
            names.extend(reader.expect_name("a name"));
            let at = reader.at();
            while reader.take(TokenKind::Comma).is_some() {
                destructured = true;
                names.extend(name(reader));
            }
            if destructured {
                reader.fault_at(at, Problem::Advice(&advice::NAMES_APART, 1));
            }
        }
    }
    let body = expect_body(reader);
    ExprKind::Repeat { over: Box::new(over), names, destructured, body }
}

/// A name of a part of an item.
fn name(reader: &mut Reader<'_, '_, '_>) -> Option<Ident> {
    let name = reader.expect_name("a name");
    if name.is_none() {
        reader.pass_over(|next| next.is(TokenKind::Comma));
    }
    name
}

/// From after `residual` on.
fn residual(reader: &mut Reader<'_, '_, '_>) -> ExprKind {
    ExprKind::Residual { body: expect_body(reader) }
}

/// From after `branch` on.
fn branch(reader: &mut Reader<'_, '_, '_>) -> ExprKind {
    let mut arms = Vec::new();
    let open = reader.at() as u32;
    if reader.take(TokenKind::LeftBrace).is_none() {
        reader.expected("`{` and bodies", None);
        return ExprKind::Branch { arms };
    }
    loop {
        while reader.take_if(ends_entry).is_some() {}
        if reader.at_end() {
            break;
        }
        arms.extend(arm(reader, open));
    }
    reader.expect(TokenKind::RightBrace, "`}`");
    ExprKind::Branch { arms }
}

/// `a: { … }` or `{ … }`, of the arms that begin at the lexeme `open`
fn arm(reader: &mut Reader<'_, '_, '_>, open: u32) -> Option<Arm> {
    let mut name = None;
    if reader.peek().is_some_and(Lexeme::is_word) {
        match reader.peek_at(1) {
            Some(next) if next.is(TokenKind::Colon) => {
                name = reader.next().map(|word| reader.ident(word));
                reader.skip();
            }
            Some(next) if next.is(TokenKind::Assign) => {
                name = reader.next().map(|word| reader.ident(word));
                reader.fault(Problem::Instead(":", "an arm"));
                reader.skip();
            }
            Some(next) if next.is(TokenKind::LeftBrace) => {
                name = reader.next().map(|word| reader.ident(word));
                reader.expected("`:`", Some(":"));
            }
            _ => {}
        }
    }
    if reader.is(TokenKind::LeftBrace) {
        return Some(Arm { name, body: body(reader) });
    }
    let at = reader.at();
    if name.is_none() && reader.begins_expression() {
        let statement = statement(reader);
        let span = statement.span;
        reader.fault_at(at, Problem::BareArm(SimpleSpan::from(span.range()), open));
        if !reader.at_end() && !reader.peek().is_some_and(|next| ends_entry(next) || next.begins_anew()) {
            reader.pass_over(ends_entry);
        }
        return Some(Arm { name, body: Body { span, statements: vec![statement] } });
    }
    reader.fault_at(at, Problem::Advice(&advice::NO_ARM, 1));
    reader.pass_over(ends_entry);
    None
}

/// Passes over braces that no keyword takes, and says so.
pub(crate) fn stray_braces(reader: &mut Reader<'_, '_, '_>) {
    let at = reader.at();
    reader.fault_at(at, Problem::Advice(&advice::BRACE_AFTER_VALUE, 1));
    skip_braces(reader);
}
