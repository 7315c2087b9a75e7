//! Declarations.

use super::advice;
use super::expression::required;
use super::fault::Problem;
use super::reader::{Reader, opens};
use super::record::record;
use super::schema::schema;
use super::statement::body;
use crate::ast::{DeclarationKind, Expr, ExprKind, Ident, Import, Model, Parameter, Record, Use};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::literal;
use crate::token::TokenKind;

/// The declaration that begins with `keyword`, which is the next lexeme, perhaps misspelt; and all that is left of it.
pub(crate) fn declaration(reader: &mut Reader<'_, '_, '_>, keyword: &str) -> DeclarationKind {
    reader.skip();
    let before = reader.faults();
    let kind = match keyword {
        "use" => import(reader),
        "const" => constant(reader),
        "block" => model(reader, "the block's name", DeclarationKind::Block),
        "schema" => schema(reader),
        "dataset" => dataset(reader),
        "train" => {
            settings(reader, "the name of the training", |name, settings| DeclarationKind::Train { name, settings })
        }
        "synthesizer" => {
            settings(reader, "the synthesizer's name", |name, settings| DeclarationKind::Synthesizer { name, settings })
        }
        "deploy" => {
            settings(reader, "the name of the deployment", |name, settings| DeclarationKind::Deploy { name, settings })
        }
        "provider" => {
            settings(reader, "the provider's name", |name, settings| DeclarationKind::Provider { name, settings })
        }
        "assert" => DeclarationKind::Assert { condition: required(reader) },
        _ => model(reader, "the model's name", DeclarationKind::Model),
    };
    rest(reader, matches!(kind, DeclarationKind::Error { .. }) && reader.faults() > before);
    kind
}

/// What is left after a declaration; nothing is said of it where the declaration could not be read.
fn rest(reader: &mut Reader<'_, '_, '_>, reported: bool) {
    let at = reader.at();
    if reader.peek().is_some() && !reported {
        if reader.take(TokenKind::Semicolon).is_some() || reader.take(TokenKind::Comma).is_some() {
            reader.advise(at, &advice::AFTER_DECLARATION);
        } else {
            let kind = match reader.peek().map(|next| next.kind) {
                Some(LexemeKind::Plain(kind)) => kind,
                _ => TokenKind::Word,
            };
            reader.fault_at(at, Problem::Advice(advice::of_mark(kind), 1));
        }
    }
    while reader.next().is_some() {}
}

/// `A, B as C from "path"`
fn import(reader: &mut Reader<'_, '_, '_>) -> DeclarationKind {
    let failed = DeclarationKind::Error { name: None };
    if reader.peek().is_some_and(|next| next.is(TokenKind::Text) || next.is(TokenKind::Star)) {
        let at = reader.at();
        reader.fault_at(at, Problem::Advice(&advice::USE_NAMES, 1));
        return failed;
    }
    // `use { A, B } from "path"`
    let open = reader.at();
    let bracketed = reader.take_if(Lexeme::is_opener).is_some();
    let mut imports = Vec::new();
    loop {
        if reader.is_word("from") && reader.second_is(TokenKind::Text) {
            // After a last comma, or without any name.
            if imports.is_empty() {
                reader.expected("a name of the other file", None);
            }
            break;
        }
        let Some(name) = reader.expect_name("a name of the other file") else { return failed };
        let mut alias = None;
        if reader.take(TokenKind::As).is_some() {
            if reader.is_word("from") && reader.second_is(TokenKind::Text) {
                reader.expected("its name here", None);
            } else {
                alias = reader.expect_name("its name here");
            }
        }
        imports.push(Import { name, alias });
        if reader.take(TokenKind::Comma).is_some() && !(bracketed && reader.at_end()) {
            continue;
        }
        if !reader.is_word("from") && reader.is(TokenKind::Word) {
            reader.expected("`,` or `from`", Some(","));
            continue;
        }
        break;
    }
    if bracketed && let Some(close) = reader.take_if(Lexeme::is_closer) {
        reader.fault_at(open, Problem::NoBrackets(close.span));
    }
    if reader.is(TokenKind::Dot) {
        reader.advise(open, &advice::USE_NAMES);
        return failed;
    }
    if reader.take_word("from").is_none() {
        if !reader.peek().is_some_and(|next| next.is(TokenKind::Text)) {
            reader.expected("`from` and the other file's name", None);
            return from_nowhere(imports);
        }
        reader.expected("`from`", Some(" from"));
    }
    let Some(path) = reader.take_if(|next| next.is(TokenKind::Text) || next.kind == LexemeKind::Bad) else {
        reader.expected("the other file's name between quotes", None);
        return from_nowhere(imports);
    };
    let (path, path_span) = (literal::string(path.text), reader.span(path));
    DeclarationKind::Use(Use { imports, path, path_span })
}

/// Names without the file they come from: they are known all the same, so that their uses are not reported too.
fn from_nowhere(imports: Vec<Import>) -> DeclarationKind {
    match imports.last().map(|last: &Import| last.local().span.after()) {
        Some(path_span) => DeclarationKind::Use(Use { imports, path: String::new(), path_span }),
        None => DeclarationKind::Error { name: None },
    }
}

/// `name = value`
fn constant(reader: &mut Reader<'_, '_, '_>) -> DeclarationKind {
    let Some(name) = reader.expect_name("the constant's name") else { return DeclarationKind::Error { name: None } };
    let at = reader.at();
    // `const b: int = 5`
    if reader.is(TokenKind::Colon) && reader.peek_at(2).is_some_and(|third| third.is(TokenKind::Assign)) {
        reader.skip();
        reader.skip();
        reader.advise(at, &advice::TYPED_CONSTANT);
    }
    bound(reader, name, |name, value| DeclarationKind::Const { name, value })
}

/// `Name = source(…)`, `Name: Shop.Customer = source(…)`
fn dataset(reader: &mut Reader<'_, '_, '_>) -> DeclarationKind {
    let Some(name) = reader.expect_name("the dataset's name") else { return DeclarationKind::Error { name: None } };
    let mut schema = None;
    if reader.is(TokenKind::Colon) && reader.second_is(TokenKind::Assign) {
        reader.skip();
        reader.expected("the schema or the table of its rows", None);
    }
    // `D: csv(…)` has the wrong mark.
    let path = reader.peek_at(1).is_some_and(|next| next.is(TokenKind::Word))
        && !reader.peek_at(2).is_some_and(|next| next.kind == LexemeKind::Call);
    if path && reader.take(TokenKind::Colon).is_some() {
        schema = reader.expect_path("the schema or the table of its rows");
    }
    bound(reader, name, |name, source| DeclarationKind::Dataset { name, schema, source })
}

/// `= value`, and what is made of it and the name before.
fn bound(
    reader: &mut Reader<'_, '_, '_>,
    name: Ident,
    make: impl FnOnce(Ident, Expr) -> DeclarationKind,
) -> DeclarationKind {
    match reader.peek() {
        Some(next) if next.is(TokenKind::Assign) => reader.skip(),
        Some(next) if next.is(TokenKind::Colon) => {
            reader.fault(Problem::Instead("=", "a declaration"));
            reader.skip();
        }
        Some(next) if next.begins_expression() => reader.expected("`=`", Some(" =")),
        _ => {
            reader.expected("`=` and a value", None);
            return DeclarationKind::Error { name: Some(name) };
        }
    }
    let value = required(reader);
    make(name, value)
}

/// `name { settings }`
fn settings(
    reader: &mut Reader<'_, '_, '_>,
    wanted: &'static str,
    make: fn(Ident, Record) -> DeclarationKind,
) -> DeclarationKind {
    if reader.is(TokenKind::Colon) {
        return nameless(reader);
    }
    let name = reader.expect_name(wanted);
    reader.colon_before_brace();
    if reader.is(TokenKind::Colon) {
        reader.fault(Problem::ColonBody(true));
        return DeclarationKind::Error { name };
    }
    let settings = if reader.is(TokenKind::LeftBrace) { Some(record(reader)) } else { None };
    match (name, settings) {
        (Some(name), Some(settings)) => make(name, settings),
        (name, None) => {
            reader.expected("`{` and settings", None);
            DeclarationKind::Error { name }
        }
        (name, _) => DeclarationKind::Error { name },
    }
}

/// `Name(parameters) { body }`
fn model(reader: &mut Reader<'_, '_, '_>, wanted: &'static str, make: fn(Model) -> DeclarationKind) -> DeclarationKind {
    let at = reader.at();
    match reader.peek() {
        Some(next) if next.is(TokenKind::Assign) => {
            reader.fault_at(at, Problem::Advice(&advice::ASSIGNED_MODEL, 1));
            return DeclarationKind::Error { name: None };
        }
        Some(next) if next.is(TokenKind::Dot) => {
            reader.fault_at(at, Problem::Advice(&advice::CALLED_MODEL, 1));
            return DeclarationKind::Error { name: None };
        }
        Some(next) if next.is(TokenKind::Colon) => return nameless(reader),
        _ => {}
    }
    let name = reader.expect_name(wanted);
    let mut parameters = Vec::new();
    let open = reader.at();
    if reader.take_opener(TokenKind::LeftParen).is_some() {
        if begins_body(reader) {
            reader.pass_over(|_| false);
            if let Some(close) = reader.expect(TokenKind::RightParen, "`)`") {
                reader.fault_at(open, Problem::BodyBrackets(close.span));
            }
            return DeclarationKind::Error { name };
        }
        parameters = reader.items("`,` or `)`", |next| next.is(TokenKind::Word), parameter);
        reader.expect(TokenKind::RightParen, "`)`");
    }
    result_type(reader);
    reader.colon_before_brace();
    if !reader.is(TokenKind::LeftBrace) {
        match reader.is(TokenKind::Colon) {
            true => reader.fault(Problem::ColonBody(true)),
            false => reader.expected("`{` and a body", None),
        }
        return DeclarationKind::Error { name };
    }
    let body = body(reader);
    match name {
        Some(name) => make(Model { name, parameters: parameters.into_iter().flatten().collect(), body }),
        None => DeclarationKind::Error { name },
    }
}

/// `train:`, as other formats begin what is indented below.
fn nameless(reader: &mut Reader<'_, '_, '_>) -> DeclarationKind {
    let keyword = reader.at() - 1;
    reader.skip();
    reader.advise(keyword, &advice::NAMELESS_DECLARATION);
    DeclarationKind::Error { name: None }
}

/// Whether a statement stands where parameters would: `input x`, `Dense(64)`.
fn begins_body(reader: &mut Reader<'_, '_, '_>) -> bool {
    let second_is = |wanted: fn(&Lexeme<'_>) -> bool| reader.peek_at(1).is_some_and(wanted);
    let input = second_is(|next| next.is(TokenKind::Word));
    let layer = second_is(|next| next.kind == LexemeKind::Call);
    reader.is_word("input") && input || reader.is(TokenKind::Word) && layer
}

/// `-> f32[1]` before a body, which is reported and passed over.
fn result_type(reader: &mut Reader<'_, '_, '_>) {
    let at = reader.at();
    if reader.is(TokenKind::Minus) && reader.second_is(TokenKind::Greater) {
        reader.pass_over(|next| next.is(TokenKind::LeftBrace) || next.is(TokenKind::Colon));
        reader.advise(at, &advice::RESULT_TYPE);
    }
}

/// `name: int = 32`; one whose type is missing has that of its default.
fn parameter(reader: &mut Reader<'_, '_, '_>) -> Option<Parameter> {
    let at = reader.at();
    let Some(name) = reader.take(TokenKind::Word).map(|name| reader.ident(name)) else {
        reader.expected("a parameter: `name: int = 1`", None);
        reader.pass_over(|next| next.is(TokenKind::Comma));
        return None;
    };
    let kind = if reader.take(TokenKind::Colon).is_some() {
        reader.expect_name("a type: `int`, `float`, `bool`, `string`, `activation` or `list`")
    } else {
        let kind = reader.peek_at(1).filter(|_| reader.is(TokenKind::Assign)).map_or("int", literal_type);
        reader.fault(Problem::NoType(kind));
        Some(Ident { text: kind.to_owned(), span: name.span.after() })
    };
    let shape = reader.at();
    if reader.peek().is_some_and(|next| next.kind == LexemeKind::Index) {
        reader.fault_at(shape, Problem::Advice(&advice::INPUT_AS_PARAMETER, 1));
        reader.pass_over(|next| next.is(TokenKind::Comma));
        return None;
    }
    // `width: int: 32`
    if reader.is(TokenKind::Colon) && reader.peek_at(1).is_some_and(Lexeme::begins_expression) {
        reader.fault(Problem::Instead("=", "a parameter"));
        reader.skip();
        let default = Some(required(reader));
        let kind = kind.unwrap_or_else(|| guess(&name, default.as_ref()));
        return Some(Parameter { span: reader.since(at), name, kind, default });
    }
    let default = reader.take(TokenKind::Assign).map(|_| required(reader));
    let kind = kind.unwrap_or_else(|| guess(&name, default.as_ref()));
    Some(Parameter { span: reader.since(at), name, kind, default })
}

/// The type of a parameter by the first lexeme of its default.
fn literal_type(lexeme: &Lexeme<'_>) -> &'static str {
    match lexeme.kind {
        LexemeKind::Plain(TokenKind::Float) => "float",
        LexemeKind::Plain(TokenKind::True | TokenKind::False) => "bool",
        LexemeKind::Plain(TokenKind::Text) => "string",
        _ if opens(lexeme, TokenKind::LeftBracket) => "list",
        _ => "int",
    }
}

/// The type of a parameter by its default.
fn guess(name: &Ident, default: Option<&Expr>) -> Ident {
    let text = match default.map(|default| &default.kind) {
        Some(ExprKind::Float(_)) => "float",
        Some(ExprKind::Bool(_)) => "bool",
        Some(ExprKind::Str(_)) => "string",
        Some(ExprKind::List(_)) => "list",
        _ => "int",
    };
    Ident { text: text.to_owned(), span: name.span.after() }
}
