//! The statements of a body.

use super::advice::{self, Advice};
use super::control::stray_braces;
use super::expression::{expression, expression_after, required};
use super::fault::Problem;
use super::reader::{Reader, opens};
use crate::ast::{Body, Expr, ExprKind, Ident, InputType, Statement, StatementKind, TensorType};
use crate::keyword::{self, Place};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use chumsky::span::SimpleSpan;

/// `{ statements }`, from its brace on.
pub(crate) fn body(reader: &mut Reader<'_, '_, '_>) -> Body {
    let at = reader.at();
    let mut statements = Vec::new();
    reader.skip();
    loop {
        while reader.take_if(Lexeme::is_separator).is_some() {}
        if reader.at_end() {
            break;
        }
        statements.push(statement(reader));
        end_of_statement(reader);
    }
    reader.expect(TokenKind::RightBrace, "`}`");
    Body { span: reader.since(at), statements }
}

/// One statement, without what ends it.
pub(crate) fn statement(reader: &mut Reader<'_, '_, '_>) -> Statement {
    let docs = reader.docs();
    let at = reader.at();
    let kind = kind(reader);
    Statement { span: reader.since(at), docs, kind }
}

fn kind(reader: &mut Reader<'_, '_, '_>) -> StatementKind {
    let at = reader.at();
    let Some(first) = reader.peek() else { return StatementKind::Error };
    match first.kind {
        LexemeKind::Plain(TokenKind::Word) => return word(reader, first),
        LexemeKind::Plain(TokenKind::Minus) => reader.fault(Problem::LeadingOperator),
        LexemeKind::Plain(TokenKind::Else) if reader.second_is(TokenKind::Colon) => {
            reader.skip();
            reader.fault(Problem::ColonBody(false));
            reader.skip();
            return StatementKind::Error;
        }
        LexemeKind::Plain(TokenKind::Else) => {
            reader.fault_at(at, Problem::Advice(&advice::LONELY_ELSE, 1));
            abandon(reader);
            return StatementKind::Error;
        }
        _ if !first.begins_expression() => {
            reader.expected("a statement", None);
            abandon(reader);
            return StatementKind::Error;
        }
        _ => {}
    }
    flow(reader)
}

/// A statement that begins with a word.
fn word<'t>(reader: &mut Reader<'t, '_, '_>, first: &'t Lexeme<'t>) -> StatementKind {
    let at = reader.at();
    let Some(second) = reader.peek_at(1) else { return flow(reader) };
    if second.is(TokenKind::Assign) {
        return bind(reader, first);
    }
    // `y: Dense(3)`
    if second.is(TokenKind::Colon) && first.text != "input" && reader.peek_at(2).is_some_and(Lexeme::begins_expression)
    {
        let name = reader.ident(first);
        reader.skip();
        reader.fault(Problem::Instead("=", "a name"));
        reader.skip();
        return StatementKind::Bind { name, value: required(reader) };
    }
    match first.text {
        "input" if !goes_on(second) => return input(reader),
        "output" if second.is(TokenKind::Word) => return output(reader),
        "share" if second.is(TokenKind::Word) => return share(reader),
        "check" if second.begins_expression() && second.kind != LexemeKind::Index => {
            reader.skip();
            return StatementKind::Check { condition: required(reader) };
        }
        "self" if second.is(TokenKind::Dot) => {
            reader.skip();
            reader.skip();
            reader.advise(at, &advice::SELF);
            return if reader.at_end() { StatementKind::Error } else { kind(reader) };
        }
        "residual" | "branch" | "repeat" if ends(second) => {
            reader.skip();
            match first.text {
                "repeat" => reader.fault_at(at, Problem::Advice(&advice::NO_COUNT, 1)),
                _ => reader.expected("`{`", None),
            }
            return StatementKind::Error;
        }
        _ => {}
    }
    // A call is the most frequent statement; what has no bracket may be a word of another language, or misspelt.
    if second.kind != LexemeKind::Call
        && !goes_on(second)
        && !matches!(first.text, "residual" | "branch" | "repeat" | "if")
        && let Some(kind) = mistaken(reader, first, second)
    {
        return kind;
    }
    flow(reader)
}

/// Whether a name before this lexeme is part of an expression that goes on.
fn goes_on(lexeme: &Lexeme<'_>) -> bool {
    match lexeme.kind {
        LexemeKind::Index | LexemeKind::Call => true,
        LexemeKind::Plain(kind) => kind.is_infix() || matches!(kind, TokenKind::Dot | TokenKind::As),
        LexemeKind::Newline | LexemeKind::Bad => false,
    }
}

/// Whether a statement ends before this lexeme.
fn ends(lexeme: &Lexeme<'_>) -> bool {
    lexeme.is_separator() || lexeme.is_closer()
}

/// A statement that begins with a word that begins none, though it is plain what was meant.
fn mistaken<'t>(
    reader: &mut Reader<'t, '_, '_>,
    first: &'t Lexeme<'t>,
    second: &'t Lexeme<'t>,
) -> Option<StatementKind> {
    let at = reader.at();
    let body = second.is(TokenKind::LeftBrace);
    if !ends(second)
        && let Some(advice) = advice::of_statement(first.text)
    {
        reader.skip();
        reader.advise(at, advice);
        return Some(after_advice(reader, advice));
    }
    if !body && !second.begins_anew() {
        return None;
    }
    // `resdual { … }`, `inptu image: f32[4]`; a keyword that stands as it should is no mistake.
    let meant = keyword::nearest(first.text, |keyword| keyword.place == Place::Statement && keyword.word.len() > 2);
    match meant.filter(|meant| meant.word != first.text && first.text.len() > 2) {
        Some(meant) => {
            let takes_body = matches!(meant.word, "residual" | "branch" | "repeat");
            if body && !takes_body {
                return None;
            }
            reader.fault_at(at, Problem::Misspelt(meant.word));
            if takes_body {
                return Some(super::control::misspelt(reader, meant.word));
            }
            Some(match meant.word {
                "input" => input(reader),
                "output" => output(reader),
                "share" => share(reader),
                _ => {
                    reader.skip();
                    StatementKind::Check { condition: required(reader) }
                }
            })
        }
        None if body => {
            reader.skip();
            stray_braces(reader);
            Some(StatementKind::Error)
        }
        None => None,
    }
}

/// What is left of a statement after its first word has been reported.
fn after_advice(reader: &mut Reader<'_, '_, '_>, advice: &'static Advice) -> StatementKind {
    match advice.mend {
        advice::Mend::Remove if !reader.at_end() => kind(reader),
        advice::Mend::Replace(_) if reader.begins_expression() => StatementKind::Check { condition: required(reader) },
        _ => {
            abandon(reader);
            StatementKind::Error
        }
    }
}

/// A layer or an expression whose value becomes the flow.
fn flow(reader: &mut Reader<'_, '_, '_>) -> StatementKind {
    let value = expression(reader);
    let (mut name, mut column) = (None, None);
    if reader.take(TokenKind::As).is_some() {
        name = reader.expect_name("a name");
        if name.is_none() {
            abandon(reader);
        } else if reader.take(TokenKind::Colon).is_some() {
            column = reader.expect_path("the column that the value predicts");
            if column.is_none() {
                abandon(reader);
            }
        }
    }
    StatementKind::Flow { value, name, column }
}

/// `name = value`
fn bind<'t>(reader: &mut Reader<'t, '_, '_>, name: &'t Lexeme<'t>) -> StatementKind {
    if keyword::KEYWORDS.iter().any(|keyword| keyword.place == Place::Statement && keyword.word == name.text) {
        let at = reader.at();
        let advice = if name.text == "output" { &advice::OUTPUT_VALUE } else { &advice::KEYWORD_BOUND };
        reader.fault_at(at, Problem::Advice(advice, 1));
    }
    reader.skip();
    reader.skip();
    let share = reader.is_word("share")
        && reader.peek_at(1).is_some_and(|next| next.is(TokenKind::Word) || next.is(TokenKind::LeftBrace));
    if share {
        let at = reader.at();
        reader.skip();
        reader.advise(at, &advice::SHARE_BEHIND);
        let name = reader.ident(name);
        if reader.is(TokenKind::LeftBrace) {
            let layer = reader.missing();
            reader.pass_over(ends);
            return StatementKind::Share { name, layer };
        }
        return StatementKind::Share { name, layer: required(reader) };
    }
    StatementKind::Bind { name: reader.ident(name), value: required(reader) }
}

/// `output name = value`
fn output(reader: &mut Reader<'_, '_, '_>) -> StatementKind {
    let at = reader.at();
    reader.skip();
    let first = reader.at();
    let Some(name) = reader.expect_name("the output's name") else { return StatementKind::Error };
    if ends_here(reader) {
        reader.fault_at(at, Problem::BareOutput(SimpleSpan::from(name.span.range())));
        let value = Expr { span: name.span, kind: ExprKind::Name(name.text.clone()) };
        return StatementKind::Output { name, value };
    }
    // `output z * 2`
    if reader.peek().is_some_and(goes_on) {
        reader.fault_at(first, Problem::Advice(&advice::OUTPUT_VALUE, 1));
        let value = expression_after(reader, name);
        return StatementKind::Flow { value, name: None, column: None };
    }
    equals(reader, "an output");
    StatementKind::Output { name, value: required(reader) }
}

/// `share name = Layer(…)`
fn share(reader: &mut Reader<'_, '_, '_>) -> StatementKind {
    reader.skip();
    let Some(name) = reader.expect_name("the layer's name") else { return StatementKind::Error };
    if ends_here(reader) {
        reader.expected("`=` and a layer", None);
        return StatementKind::Error;
    }
    equals(reader, "a shared layer");
    StatementKind::Share { name, layer: required(reader) }
}

/// Whether nothing more of the statement follows.
fn ends_here(reader: &mut Reader<'_, '_, '_>) -> bool {
    reader.peek().is_none_or(ends)
}

/// Reads `=`, or reports what stands in its place.
fn equals(reader: &mut Reader<'_, '_, '_>, what: &'static str) {
    if reader.take(TokenKind::Assign).is_some() {
        return;
    }
    if reader.is(TokenKind::Colon) {
        reader.fault(Problem::Instead("=", what));
        reader.skip();
    } else {
        reader.expected("`=`", Some(" ="));
    }
}

/// `input name: type`
fn input(reader: &mut Reader<'_, '_, '_>) -> StatementKind {
    reader.skip();
    let name = reader.take(TokenKind::Word).map(|name| reader.ident(name));
    let kind = match (name, reader.peek()) {
        (Some(name), Some(next)) if next.is(TokenKind::Colon) || next.is(TokenKind::Assign) => {
            if next.is(TokenKind::Assign) {
                reader.fault(Problem::Instead(":", "an input"));
            }
            reader.skip();
            input_type(reader).map(|kind| (name, kind))
        }
        (Some(name), Some(next)) if next.is(TokenKind::Word) => {
            reader.expected("`:`", Some(":"));
            input_type(reader).map(|kind| (name, kind))
        }
        (name, _) => {
            if name.is_none() {
                reader.take(TokenKind::Colon);
            }
            None
        }
    };
    let Some((name, kind)) = kind else {
        reader.expected("a name, `:` and a type such as `f32[28, 28, 1]`", None);
        abandon(reader);
        return StatementKind::Error;
    };
    StatementKind::Input { name, kind }
}

/// `f32[28, 28, 1]`, or `Shop.Customer except (id, churned)`.
fn input_type(reader: &mut Reader<'_, '_, '_>) -> Option<InputType> {
    let first = reader.peek().filter(|next| next.is(TokenKind::Word))?;
    if first.text.starts_with(char::is_uppercase) || reader.second_is(TokenKind::Dot) {
        let table = reader.expect_path("a table")?;
        let except = if reader.take_word("except").is_some() { except(reader) } else { Vec::new() };
        return Some(InputType::Table { table, except });
    }
    let at = reader.at();
    reader.skip();
    let element = reader.ident(first);
    let mut dims = Vec::new();
    if reader.take_opener(TokenKind::LeftBracket).is_some() {
        dims = reader.items("`,` or `]`", Lexeme::begins_anew, required);
        reader.expect(TokenKind::RightBracket, "`]`");
    } else if reader.peek().is_some_and(|next| opens(next, TokenKind::LeftParen)) {
        let open = reader.at();
        reader.skip();
        dims = reader.items("`,` or `)`", Lexeme::begins_anew, required);
        if let Some(close) = reader.expect(TokenKind::RightParen, "`)`") {
            reader.fault_at(open, Problem::Dimensions(close.span));
        }
    }
    Some(InputType::Tensor(TensorType { span: reader.since(at), element, dims }))
}

/// The columns after `except`.
fn except(reader: &mut Reader<'_, '_, '_>) -> Vec<Ident> {
    if reader.take_opener(TokenKind::LeftParen).is_some() {
        return super::schema::columns_to_bracket(reader);
    }
    let at = reader.at();
    reader.fault_at(at, Problem::Advice(&advice::EXCEPT_BRACKETS, 1));
    let mut columns = Vec::new();
    while let Some(column) = reader.take_if(Lexeme::is_word) {
        columns.push(reader.ident(column));
        if reader.take(TokenKind::Comma).is_none() {
            break;
        }
    }
    columns
}

/// A separator, or what can only be the next statement; anything else is passed over.
fn end_of_statement(reader: &mut Reader<'_, '_, '_>) {
    let at = reader.at();
    let Some(next) = reader.peek() else { return };
    let advice = match next.kind {
        _ if ends(next) || next.begins_anew() || next.is(TokenKind::Else) => return,
        LexemeKind::Plain(TokenKind::LeftParen | TokenKind::LeftBracket) => return reader.fault(Problem::Ambiguous),
        LexemeKind::Plain(TokenKind::Comma) => {
            reader.skip();
            let last = ends_here(reader);
            let advice = if last { &advice::COMMA_AFTER_STATEMENT } else { &advice::COMMA_BETWEEN_STATEMENTS };
            return reader.advise(at, advice);
        }
        LexemeKind::Plain(TokenKind::LeftBrace) => return stray_braces(reader),
        LexemeKind::Plain(TokenKind::Assign) => Some(&advice::ONE_NAME),
        LexemeKind::Plain(TokenKind::Question) => Some(&advice::TERNARY),
        LexemeKind::Plain(TokenKind::Minus) => {
            // What goes on with a value cannot go on with a type.
            reader.fault(Problem::LeadingOperator);
            return abandon(reader);
        }
        _ => None,
    };
    match advice {
        Some(advice) => reader.fault_at(at, Problem::Advice(advice, 1)),
        None => reader.expected("the end of the statement", None),
    }
    abandon(reader);
}

/// Passes over what is left of a statement that has its fault already.
fn abandon(reader: &mut Reader<'_, '_, '_>) {
    reader.pass_over(Lexeme::is_separator);
}
