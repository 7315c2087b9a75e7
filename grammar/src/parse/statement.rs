//! The statements of a model's body.

use super::basic::*;
use super::expression::required;
use super::fault::Problem;
use crate::ast::{Body, Expr, InputType, Statement, StatementKind, TensorType};
use crate::keyword::is_reserved_statement;
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use chumsky::prelude::*;

/// `{ statements }`; fails only where no brace opens.
pub(crate) fn block<'t>(place: Place, expression: Rule<'t, Expr>) -> Rule<'t, Body> {
    let separators = || one(Lexeme::is_separator).repeated();
    token(TokenKind::LeftBrace)
        .then(separators())
        .ignore_then(
            ahead(|found| !at_end(found))
                .ignore_then(statement(place, expression))
                .then_ignore(after_statement().then(separators()).boxed())
                .repeated()
                .collect(),
        )
        .then_ignore(expect(TokenKind::RightBrace, "`}`", None))
        .map_with(move |statements, extra| Body { span: place.span(extra.span()), statements })
        .boxed()
}

fn statement<'t>(place: Place, expression: Rule<'t, Expr>) -> Rule<'t, Statement> {
    let required = required(place, expression.clone());
    let reserved = one(|lexeme| lexeme.is(TokenKind::Word) && is_reserved_statement(lexeme.text))
        .then_ignore(
            ahead(|found| !found.is_some_and(Lexeme::is_separator))
                .then(pass_over(|last, next| next.is_some_and(|next| ends_reserved(last, next))))
                .or_not(),
        )
        .map(move |keyword| StatementKind::Reserved { keyword: place.ident(keyword) });
    let colon = token(TokenKind::Colon).ignored().or(ahead(|found| found.is_some_and(|next| next.is(TokenKind::Word)))
        .then(fault(Problem::Expected("`:`", Some(":"))))
        .ignored());
    let input = keyword("input")
        .ignore_then(choice((
            token(TokenKind::Word)
                .then_ignore(colon)
                .then(tensor_type(place, required.clone()))
                .map(move |(name, kind)| StatementKind::Input {
                    name: place.ident(name),
                    kind: InputType::Tensor(kind),
                })
                .boxed(),
            token(TokenKind::Word)
                .or_not()
                .then(token(TokenKind::Colon).or_not())
                .then(fault(Problem::Expected("a name, `:` and a type such as `f32[28, 28, 1]`", None)))
                .then(abandon())
                .to(StatementKind::Error)
                .boxed(),
        )))
        .boxed();
    let bind =
        one_before(|first, next| first.is(TokenKind::Word) && next.is_some_and(|next| next.is(TokenKind::Assign)))
            .then_ignore(token(TokenKind::Assign))
            .then(required)
            .map(move |(name, value)| StatementKind::Bind { name: place.ident(name), value });
    let leading = ahead(|found| found.is_some_and(|lexeme| lexeme.is(TokenKind::Minus)))
        .then(fault(Problem::LeadingOperator))
        .or_not();
    let name = choice((
        token(TokenKind::Word).map(move |name| Some(place.ident(name))).boxed(),
        fault(Problem::Expected("a name", None)).then(abandon()).to(None).boxed(),
    ));
    let flow = leading
        .ignore_then(expression)
        .then(token(TokenKind::As).ignore_then(name).or_not())
        .map(|(value, name)| StatementKind::Flow { value, name: name.flatten(), column: None });
    let other = fault(Problem::Expected("a statement", None))
        .then(pass_over(|_, next| next.is_some_and(Lexeme::is_separator)))
        .to(StatementKind::Error);
    choice((reserved.boxed(), input, bind.boxed(), flow.boxed(), other.boxed()))
        .map_with(move |kind, extra| Statement { span: place.span(extra.span()), docs: None, kind })
        .boxed()
}

/// Whether a reserved statement ends between `last` and `next`: at a separator, or after its body.
fn ends_reserved(last: &Lexeme<'_>, next: &Lexeme<'_>) -> bool {
    let goes_on = matches!(next.kind, LexemeKind::Plain(kind) if kind.continues_line())
        || next.is(TokenKind::Word) && matches!(next.text, "else" | "as");
    next.is_separator() || last.is(TokenKind::RightBrace) && !goes_on
}

/// A separator, or what can only be the next statement; anything else is passed over.
fn after_statement<'t>() -> Rule<'t, ()> {
    choice((
        ahead(|found| at_end(found) || found.is_some_and(|next| next.is_separator() || next.begins_anew())).boxed(),
        ahead(|found| found.is_some_and(|lexeme| lexeme.is(TokenKind::LeftParen) || lexeme.is(TokenKind::LeftBracket)))
            .then(fault(Problem::Ambiguous))
            .ignored()
            .boxed(),
        fault(Problem::Expected("the end of the statement", None))
            .then(pass_over(|_, next| next.is_some_and(Lexeme::is_separator)))
            .ignored()
            .boxed(),
    ))
    .boxed()
}

/// Passes over what is left of a statement that has its fault already.
fn abandon<'t>() -> Rule<'t, ()> {
    ahead(|found| !at_end(found) && !found.is_some_and(Lexeme::is_separator))
        .then(pass_over(|_, next| next.is_some_and(Lexeme::is_separator)))
        .or_not()
        .ignored()
        .boxed()
}

/// `f32[28, 28, 1]`
fn tensor_type<'t>(place: Place, required: Rule<'t, Expr>) -> Rule<'t, TensorType> {
    let dims = one(opens_bracket).ignore_then(items(required, Lexeme::begins_anew, "`,` or `]`")).then_ignore(expect(
        TokenKind::RightBracket,
        "`]`",
        None,
    ));
    token(TokenKind::Word)
        .then(dims.or_not())
        .map_with(move |(element, dims), extra| TensorType {
            span: place.span(extra.span()),
            element: place.ident(element),
            dims: dims.unwrap_or_default(),
        })
        .boxed()
}
