//! Declarations.

use super::basic::*;
use super::expression::{expression, required};
use super::fault::Problem;
use super::import::import;
use super::record::record;
use super::statement::block;
use crate::ast::{Body, DeclarationKind, Expr, ExprKind, Ident, Model, Parameter, Record};
use crate::lexeme::Lexeme;
use crate::token::TokenKind;
use chumsky::prelude::*;

/// The parsers of the declarations, each from after its keyword to the declaration's end.
pub(crate) struct Rules<'t> {
    pub(crate) constant: Rule<'t, DeclarationKind>,
    pub(crate) dataset: Rule<'t, DeclarationKind>,
    pub(crate) train: Rule<'t, DeclarationKind>,
    pub(crate) model: Rule<'t, DeclarationKind>,
    pub(crate) import: Rule<'t, DeclarationKind>,
}

impl<'t> Rules<'t> {
    pub(crate) fn new(place: Place) -> Self {
        let expression = expression(place);
        let required = required(place, expression.clone());
        Self {
            constant: binding(place, "the constant's name", required.clone(), |name, value| DeclarationKind::Const {
                name,
                value,
            }),
            dataset: binding(place, "the dataset's name", required.clone(), |name, source| DeclarationKind::Dataset {
                name,
                schema: None,
                source,
            }),
            train: train(place, expression.clone()),
            model: model(place, expression, required),
            import: import(place),
        }
    }
}

/// The declaration's keyword, already known.
pub(super) fn keyword<'t>() -> impl Parser<'t, Lexemes<'t>, &'t Lexeme<'t>, Extra> + Clone {
    one(|_| true)
}

/// What is left after a declaration.
pub(super) fn rest<'t>() -> Rule<'t, ()> {
    let junk = fault(Problem::Expected("a declaration", None)).then(pass_over(|_, _| false)).ignored();
    end().or(junk.then_ignore(any().repeated())).boxed()
}

/// `name = value`
fn binding<'t>(
    place: Place,
    wanted: &'static str,
    value: Rule<'t, Expr>,
    make: fn(Ident, Expr) -> DeclarationKind,
) -> Rule<'t, DeclarationKind> {
    let mended = choice((
        fault(Problem::Instead("=", "a declaration")).then(token(TokenKind::Colon)).ignored().boxed(),
        ahead(|found| found.is_some_and(Lexeme::begins_expression))
            .then(fault(Problem::Expected("`=`", Some(" ="))))
            .ignored()
            .boxed(),
    ));
    let assign = choice((
        token(TokenKind::Assign).ignore_then(value.clone()).map(Some).boxed(),
        mended.ignore_then(value).then_ignore(any().repeated()).map(Some).boxed(),
        fault(Problem::Expected("`=` and a value", None)).then(any().repeated()).to(None).boxed(),
    ))
    .boxed();
    let named = token(TokenKind::Word).then(assign).map(move |(name, value)| {
        let name = place.ident(name);
        match value {
            Some(value) => make(name, value),
            None => DeclarationKind::Error { name: Some(name) },
        }
    });
    let nameless = fault(Problem::Expected(wanted, None)).to(DeclarationKind::Error { name: None });
    keyword().ignore_then(named.boxed().or(nameless)).then_ignore(rest()).boxed()
}

/// `name { settings }`
fn train<'t>(place: Place, expression: Rule<'t, Expr>) -> Rule<'t, DeclarationKind> {
    let settings = record(place, expression)
        .map(Some)
        .or(fault(Problem::Expected("`{` and settings", None)).to(None::<Record>))
        .boxed();
    keyword()
        .ignore_then(expect_name(place, "the name of the training"))
        .then(settings)
        .then_ignore(rest())
        .map(|parts| match parts {
            (Some(name), Some(settings)) => DeclarationKind::Train { name, settings },
            (name, _) => DeclarationKind::Error { name },
        })
        .boxed()
}

/// `Name(parameters) { body }`
fn model<'t>(place: Place, expression: Rule<'t, Expr>, required: Rule<'t, Expr>) -> Rule<'t, DeclarationKind> {
    let parameters = one(opens_paren)
        .ignore_then(items(parameter(place, required), |lexeme| lexeme.is(TokenKind::Word), "`,` or `)`"))
        .then_ignore(expect(TokenKind::RightParen, "`)`", None))
        .map(|parameters| parameters.into_iter().flatten().collect::<Vec<Parameter>>())
        .or_not();
    let body = block(place, expression)
        .map(Some)
        .or(fault(Problem::Expected("`{` and the model's body", None)).to(None::<Body>))
        .boxed();
    keyword()
        .ignore_then(expect_name(place, "the model's name"))
        .then(parameters.boxed())
        .then(body)
        .then_ignore(rest())
        .map(|parts| match parts {
            ((Some(name), parameters), Some(body)) => {
                DeclarationKind::Model(Model { name, parameters: parameters.unwrap_or_default(), body })
            }
            ((name, _), _) => DeclarationKind::Error { name },
        })
        .boxed()
}

/// `name: int = 32`; one whose type is missing has that of its default.
fn parameter<'t>(place: Place, required: Rule<'t, Expr>) -> Rule<'t, Option<Parameter>> {
    let default = || token(TokenKind::Assign).ignore_then(required.clone()).or_not().boxed();
    let typed =
        one_before(|first, next| first.is(TokenKind::Word) && next.is_some_and(|next| next.is(TokenKind::Colon)))
            .then_ignore(token(TokenKind::Colon))
            .then(expect_name(place, "a type: `int`, `float`, `bool` or `string`"))
            .then(default())
            .map_with(move |((name, kind), default), extra| {
                let name = place.ident(name);
                let kind = kind.unwrap_or_else(|| guess(&name, default.as_ref()));
                Some(Parameter { span: place.span(extra.span()), name, kind, default })
            });
    let untyped = |kind: &'static str, holds: fn(&Lexeme<'_>) -> bool| {
        let value = one_before(move |first, next| first.is(TokenKind::Assign) && next.is_some_and(holds));
        token(TokenKind::Word)
            .then_ignore(value.rewind())
            .then_ignore(fault(Problem::NoType(kind)))
            .then(default())
            .boxed()
    };
    let untyped = choice((
        untyped("float", |lexeme| lexeme.is(TokenKind::Float)),
        untyped("bool", |lexeme| lexeme.is(TokenKind::True) || lexeme.is(TokenKind::False)),
        untyped("string", |lexeme| lexeme.is(TokenKind::Text)),
        token(TokenKind::Word).then_ignore(fault(Problem::NoType("int"))).then(default()).boxed(),
    ))
    .map_with(move |(name, default), extra| {
        let name = place.ident(name);
        let kind = guess(&name, default.as_ref());
        Some(Parameter { span: place.span(extra.span()), name, kind, default })
    });
    let other = fault(Problem::Expected("a parameter: `name: int = 1`", None)).to(None);
    choice((typed.boxed(), untyped.boxed(), other.boxed())).boxed()
}

/// The type of a parameter by its default.
fn guess(name: &Ident, default: Option<&Expr>) -> Ident {
    let text = match default.map(|default| &default.kind) {
        Some(ExprKind::Float(_)) => "float",
        Some(ExprKind::Bool(_)) => "bool",
        Some(ExprKind::Str(_)) => "string",
        _ => "int",
    };
    Ident { text: text.to_owned(), span: name.span.after() }
}
