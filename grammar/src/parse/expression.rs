//! Expressions.

use super::advice;
use super::control;
use super::fault::Problem;
use super::reader::Reader;
use crate::Span;
use crate::ast::{Argument, BinaryOperator, Expr, ExprKind, Ident, UnaryOperator};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use crate::{literal, moment};
use chumsky::span::SimpleSpan;

/// An expression where one has to stand: reports a fault and answers an `Error` node where none begins.
pub(crate) fn required(reader: &mut Reader<'_, '_, '_>) -> Expr {
    if reader.begins_expression() {
        return expression(reader);
    }
    if reader.is(TokenKind::LeftBrace) {
        let start = reader.at();
        reader.advise(start, &advice::BRACES_AS_VALUE);
        skip_braces(reader);
        return Expr { span: reader.since(start), kind: ExprKind::Error };
    }
    reader.expected("a value", None);
    reader.missing()
}

/// An expression, where one is known to begin.
pub(crate) fn expression(reader: &mut Reader<'_, '_, '_>) -> Expr {
    climb(reader, power::PIPE)
}

/// The expression that begins with a name that has been read already.
pub(crate) fn expression_after(reader: &mut Reader<'_, '_, '_>, name: Ident) -> Expr {
    let base = suffixes(reader, Expr { span: name.span, kind: ExprKind::Name(name.text) });
    climb_from(reader, base, power::PIPE)
}

/// Passes over braces and what they hold.
pub(crate) fn skip_braces(reader: &mut Reader<'_, '_, '_>) {
    reader.skip();
    reader.pass_over(|_| false);
    reader.take(TokenKind::RightBrace);
}

/// How tightly operators bind, the loosest first.
mod power {
    pub(super) const PIPE: u8 = 1;
    pub(super) const OR: u8 = 2;
    pub(super) const AND: u8 = 3;
    pub(super) const NOT: u8 = 4;
    pub(super) const COMPARISON: u8 = 5;
    pub(super) const RANGE: u8 = 6;
    pub(super) const SUM: u8 = 7;
    pub(super) const PRODUCT: u8 = 8;
    pub(super) const NEGATE: u8 = 9;
    pub(super) const POWER: u8 = 10;
}

/// Operands with the operators between them that bind at least as tightly as `least`.
fn climb(reader: &mut Reader<'_, '_, '_>, least: u8) -> Expr {
    let left = signed(reader);
    climb_from(reader, left, least)
}

/// The same, where the first operand has been read.
fn climb_from(reader: &mut Reader<'_, '_, '_>, mut left: Expr, least: u8) -> Expr {
    while let Some(operator) = reader.peek() {
        let Some(infix) = infix_operator(operator) else { break };
        let named = operator.is_word() && reader.second_is(TokenKind::Colon);
        if infix.power() < least || named {
            break;
        }
        left = match infix {
            Infix::Range { inclusive } => range(reader, Some(left), inclusive),
            Infix::Percent if share_apart(reader, &mut left) => left,
            _ => binary(reader, left, operator, infix),
        };
    }
    left
}

/// `left`, an operator, and what it takes on its right.
fn binary<'t>(reader: &mut Reader<'t, '_, '_>, left: Expr, operator: &'t Lexeme<'t>, infix: Infix) -> Expr {
    let at = reader.at();
    reader.skip();
    let joined = |reader: &mut Reader<'_, '_, '_>, kind: TokenKind| {
        reader.peek().is_some_and(|next| next.is(kind) && next.span.start == operator.span.end)
    };
    // `x -> Dense(1)`
    if operator.is(TokenKind::Minus) && joined(reader, TokenKind::Greater) {
        reader.skip();
        reader.advise(at, &advice::ARROW);
        let right = if reader.begins_expression() { climb(reader, power::OR) } else { reader.missing() };
        let span = left.span.to(right.span);
        let kind = match right.kind {
            ExprKind::Call { .. } => ExprKind::Pipe { value: Box::new(left), call: Box::new(right) },
            _ => ExprKind::Error,
        };
        return Expr { span, kind };
    }
    // `x += 1`
    if infix.operator().is_some() && joined(reader, TokenKind::Assign) {
        reader.skip();
        reader.advise(at, &advice::AUGMENTED);
    }
    let right = if reader.begins_expression() {
        let tighter = infix.power() + u8::from(infix.power() != power::POWER);
        climb(reader, tighter)
    } else {
        // An operator with nothing after it still has its left side.
        required(reader)
    };
    let span = left.span.to(right.span);
    let operator_span = reader.span(operator);
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match infix.operator() {
        Some(operator) => ExprKind::Binary { operator, operator_span, left, right },
        None => {
            if !matches!(right.kind, ExprKind::Call { .. } | ExprKind::Error) {
                let callable = matches!(right.kind, ExprKind::Name(_) | ExprKind::Field { .. });
                reader.fault_at(at, Problem::NotACall(SimpleSpan::from(right.span.range()), callable));
            }
            ExprKind::Pipe { value: left, call: right }
        }
    };
    Expr { span, kind }
}

/// Reads a `%` that belongs to the number before it: `70 %` where no divisor follows.
fn share_apart(reader: &mut Reader<'_, '_, '_>, left: &mut Expr) -> bool {
    let number = match left.kind {
        ExprKind::Int(number) => number as f64,
        ExprKind::Float(number) => number,
        _ => return false,
    };
    let next_entry = reader.peek_at(1).is_some_and(Lexeme::is_word)
        && reader.peek_at(2).is_some_and(|next| next.is(TokenKind::Colon));
    if reader.peek_at(1).is_some_and(Lexeme::begins_expression) && !next_entry {
        return false;
    }
    let at = reader.at();
    reader.skip();
    reader.advise(at, &advice::SHARE_APART);
    *left = Expr { span: left.span.to(reader.since(at)), kind: ExprKind::Percent(number / 100.0) };
    true
}

/// The dots of a range, and the end that touches them; `0.. unique` is open.
fn range(reader: &mut Reader<'_, '_, '_>, start: Option<Expr>, inclusive: bool) -> Expr {
    let at = reader.at();
    let Some(dots) = reader.next() else { return reader.missing() };
    let chained = matches!(&start, Some(Expr { kind: ExprKind::Range { .. }, .. }));
    if chained {
        reader.fault_at(at, Problem::Expected("the end of the range", None));
    }
    let next = reader.peek().filter(|next| next.begins_expression() && !reader.begins_entry());
    let end = match next {
        Some(next) if next.span.start == dots.span.end => Some(climb(reader, power::SUM)),
        Some(next) if next.kind != LexemeKind::Bad && !(next.is_word() && reader.open_ends) => {
            let place = reader.at();
            let end = climb(reader, power::SUM);
            reader.fault_at(place, Problem::Advice(&advice::BOUND_APART, 1));
            Some(end)
        }
        _ if inclusive => {
            reader.expected("the last value", None);
            None
        }
        _ => None,
    };
    let begin = start.as_ref().map_or_else(|| reader.span(dots), |start| start.span);
    let span = begin.to(end.as_ref().map_or_else(|| reader.span(dots), |end| end.span));
    Expr { span, kind: ExprKind::Range { start: start.map(Box::new), end: end.map(Box::new), inclusive } }
}

/// An operand with its `-` and `not`.
fn signed(reader: &mut Reader<'_, '_, '_>) -> Expr {
    let at = reader.at();
    let (operator, power) = match reader.peek().map(|next| next.kind) {
        Some(LexemeKind::Plain(TokenKind::Minus)) => (UnaryOperator::Negate, power::NEGATE),
        Some(LexemeKind::Plain(TokenKind::Not)) => (UnaryOperator::Not, power::NOT),
        Some(LexemeKind::Plain(TokenKind::DotDot)) => return range(reader, None, false),
        Some(LexemeKind::Plain(TokenKind::DotDotEqual)) => return range(reader, None, true),
        // `!x`, which has been reported.
        Some(LexemeKind::Bad)
            if reader.peek().is_some_and(|next| next.text == "!")
                && reader.peek_at(1).is_some_and(Lexeme::begins_expression) =>
        {
            (UnaryOperator::Not, power::NOT)
        }
        _ => return suffixed(reader),
    };
    reader.skip();
    if !reader.begins_expression() {
        reader.expected("a value", None);
        return Expr { span: reader.since(at), kind: ExprKind::Error };
    }
    let operand = Box::new(climb(reader, power));
    Expr { span: reader.since(at), kind: ExprKind::Unary { operator, operand } }
}

/// An operand with its calls, indices and fields.
fn suffixed(reader: &mut Reader<'_, '_, '_>) -> Expr {
    let base = operand(reader);
    suffixes(reader, base)
}

/// The calls, indices and fields behind an operand.
fn suffixes(reader: &mut Reader<'_, '_, '_>, mut base: Expr) -> Expr {
    while let Some(next) = reader.peek() {
        let at = reader.at();
        base = match next.kind {
            LexemeKind::Call => {
                reader.skip();
                let arguments = reader.items("`,` or `)`", Lexeme::begins_anew, argument);
                reader.expect(TokenKind::RightParen, "`)`");
                let brackets = reader.since(at);
                Expr {
                    span: base.span.to(brackets),
                    kind: ExprKind::Call { callee: Box::new(base), arguments, brackets },
                }
            }
            LexemeKind::Index => {
                reader.skip();
                let indices = reader.items("`,` or `]`", Lexeme::begins_anew, index);
                reader.expect(TokenKind::RightBracket, "`]`");
                Expr { span: base.span.to(reader.since(at)), kind: ExprKind::Index { base: Box::new(base), indices } }
            }
            LexemeKind::Plain(TokenKind::Dot) => {
                reader.skip();
                let name = reader.take_if(Lexeme::is_word).map(|name| reader.ident(name));
                let star = reader.at();
                match &name {
                    Some(_) => {}
                    None if reader.take(TokenKind::Star).is_some() => reader.advise(star, &advice::UNQUOTED_PATTERN),
                    None => reader.expected("a field's name", None),
                }
                let span = base.span.to(reader.since(at));
                let kind = name.map_or(ExprKind::Error, |name| ExprKind::Field { base: Box::new(base), name });
                Expr { span, kind }
            }
            _ => break,
        };
    }
    base
}

/// What stands between operators.
fn operand(reader: &mut Reader<'_, '_, '_>) -> Expr {
    let at = reader.at();
    let Some(next) = reader.peek() else { return reader.missing() };
    match next.kind {
        LexemeKind::Plain(TokenKind::Word) => {
            if let Some(expr) = control::expression(reader, next) {
                return expr;
            }
            if let Some(expr) = foreign(reader, next) {
                return expr;
            }
            reader.skip();
            Expr { span: reader.span(next), kind: ExprKind::Name(next.text.to_owned()) }
        }
        LexemeKind::Plain(TokenKind::LeftParen) | LexemeKind::Call => paren(reader),
        LexemeKind::Plain(TokenKind::LeftBracket) | LexemeKind::Index => {
            reader.skip();
            let values = reader.items("`,` or `]`", begins_item, |reader| {
                reader.tuple_at = Some(reader.at());
                required(reader)
            });
            reader.expect(TokenKind::RightBracket, "`]`");
            Expr { span: reader.since(at), kind: ExprKind::List(values) }
        }
        LexemeKind::Plain(TokenKind::Quantity) => {
            reader.skip();
            let span = reader.span(next);
            let Some((number, unit)) = literal::quantity(next.text) else {
                return Expr { span, kind: ExprKind::Error };
            };
            let place = Span { start: span.end - unit.len() as u32, ..span };
            let unit = Ident { text: unit.to_owned(), span: place };
            Expr { span, kind: ExprKind::Quantity { number, unit } }
        }
        _ => match value(next) {
            Some(kind) => {
                reader.skip();
                Expr { span: reader.span(next), kind }
            }
            None => required(reader),
        },
    }
}

/// `lambda x: x * 2` and `f"text"`, which are reported; nothing where the word is a name.
fn foreign<'t>(reader: &mut Reader<'t, '_, '_>, word: &'t Lexeme<'t>) -> Option<Expr> {
    let at = reader.at();
    let second = reader.peek_at(1)?;
    if word.text == "lambda" && (second.is(TokenKind::Word) || second.is(TokenKind::Colon)) {
        reader.fault_at(at, Problem::Advice(&advice::LAMBDA, 1));
        reader.pass_over(Lexeme::is_separator);
        return Some(Expr { span: reader.since(at), kind: ExprKind::Error });
    }
    let prefix = word.text.len() <= 2 && word.text.bytes().all(|byte| b"fFrRbBuU".contains(&byte));
    if prefix && second.is(TokenKind::Text) && second.span.start == word.span.end {
        reader.skip();
        reader.advise(at, &advice::STRING_PREFIX);
        return Some(operand(reader));
    }
    None
}

/// Whether an item of a list begins with it, even where the comma before is missing.
fn begins_item(lexeme: &Lexeme<'_>) -> bool {
    lexeme.begins_anew() || lexeme.is(TokenKind::LeftParen)
}

/// `(a + b)`; in a list also `(64, 3)`, several values together. Elsewhere these make no list.
fn paren(reader: &mut Reader<'_, '_, '_>) -> Expr {
    let at = reader.at();
    let in_list = reader.tuple_at == Some(at);
    reader.skip();
    let first = required(reader);
    let comma = reader.at();
    if reader.take(TokenKind::Comma).is_none() {
        if reader.take(TokenKind::RightParen).is_none() {
            reader.expected("`)`", None);
            reader.pass_over(|_| false);
            reader.take(TokenKind::RightParen);
        }
        return Expr { span: reader.since(at), kind: first.kind };
    }
    // `(, 1)` lacks a value, which is said there.
    let lacking = first.span.start == first.span.end && comma == at + 1;
    let mut values = vec![first];
    values.extend(reader.items("`,` or `)`", Lexeme::begins_anew, required));
    let close = reader.expect(TokenKind::RightParen, "`)`");
    if let (false, false, Some(close)) = (lacking, in_list, close) {
        reader.fault_at(at, Problem::Tuple(close.span));
    }
    Expr { span: reader.since(at), kind: ExprKind::List(values) }
}

/// The value of a lexeme that is one by itself.
fn value(lexeme: &Lexeme<'_>) -> Option<ExprKind> {
    let text = lexeme.text;
    let LexemeKind::Plain(kind) = lexeme.kind else {
        return (lexeme.kind == LexemeKind::Bad).then_some(ExprKind::Error);
    };
    // What cannot be read as what it looks like is `Bad`, so nothing is lost here.
    Some(match kind {
        TokenKind::Int => literal::int(text).map_or(ExprKind::Error, ExprKind::Int),
        TokenKind::Float => literal::float(text).map_or(ExprKind::Error, ExprKind::Float),
        TokenKind::Share => literal::share(text).map_or(ExprKind::Error, ExprKind::Percent),
        TokenKind::Date => moment::date(text).map_or(ExprKind::Error, ExprKind::Date),
        TokenKind::Time => moment::time(text).map_or(ExprKind::Error, ExprKind::Time),
        TokenKind::DateTime => {
            moment::date_time(text).map_or(ExprKind::Error, |(date, time)| ExprKind::DateTime(date, time))
        }
        TokenKind::Text => ExprKind::Str(literal::string(text)),
        TokenKind::True => ExprKind::Bool(true),
        TokenKind::False => ExprKind::Bool(false),
        TokenKind::Null => ExprKind::Null,
        _ => return None,
    })
}

/// `value` or `name=value`.
fn argument(reader: &mut Reader<'_, '_, '_>) -> Argument {
    let at = reader.at();
    let named = reader.peek().filter(|next| next.is_word());
    let mark = reader.peek_at(1).filter(|mark| mark.is(TokenKind::Assign) || mark.is(TokenKind::Colon));
    let name = match (named, mark) {
        (Some(name), Some(mark)) => {
            reader.skip();
            if mark.is(TokenKind::Colon) {
                reader.fault(Problem::Instead("=", "an argument"));
            }
            reader.skip();
            Some(reader.ident(name))
        }
        _ => None,
    };
    let value = required(reader);
    let span = if name.is_some() { reader.since(at).to(value.span) } else { value.span };
    Argument { span, name, value }
}

/// A value between the brackets of an index. `1:10` and `:`, as other languages write a slice, are reported.
fn index(reader: &mut Reader<'_, '_, '_>) -> Expr {
    let at = reader.at();
    let begin = (!reader.is(TokenKind::Colon)).then(|| required(reader));
    let colon = reader.at();
    if reader.take(TokenKind::Colon).is_none() {
        return begin.unwrap_or_else(|| reader.missing());
    }
    reader.fault_at(colon, Problem::Advice(&advice::COLON_SLICE, 1));
    let end = reader.begins_expression().then(|| Box::new(required(reader)));
    let kind = ExprKind::Range { start: begin.map(Box::new), end, inclusive: false };
    Expr { span: reader.since(at), kind }
}

/// What stands between two values.
#[derive(Clone, Copy)]
enum Infix {
    Pipe,
    Range { inclusive: bool },
    Percent,
    Binary(BinaryOperator),
}

impl Infix {
    fn power(self) -> u8 {
        use BinaryOperator as B;
        match self {
            Self::Pipe => power::PIPE,
            Self::Range { .. } => power::RANGE,
            Self::Percent => power::PRODUCT,
            Self::Binary(B::Or) => power::OR,
            Self::Binary(B::And) => power::AND,
            Self::Binary(B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual | B::In) => {
                power::COMPARISON
            }
            Self::Binary(B::Add | B::Subtract) => power::SUM,
            Self::Binary(B::Multiply | B::Divide | B::FloorDivide | B::Remainder | B::MatMul) => power::PRODUCT,
            Self::Binary(B::Power) => power::POWER,
        }
    }

    /// The operator, unless it is `|>` or dots.
    fn operator(self) -> Option<BinaryOperator> {
        match self {
            Self::Binary(operator) => Some(operator),
            Self::Percent => Some(BinaryOperator::Remainder),
            Self::Pipe | Self::Range { .. } => None,
        }
    }
}

fn infix_operator(lexeme: &Lexeme<'_>) -> Option<Infix> {
    use BinaryOperator as B;
    let kind = match lexeme.kind {
        LexemeKind::Plain(kind) => kind,
        // Other languages' operators, which have been reported.
        LexemeKind::Bad => return foreign_operator(lexeme.text).map(Infix::Binary),
        _ => return None,
    };
    Some(Infix::Binary(match kind {
        TokenKind::Pipe => return Some(Infix::Pipe),
        TokenKind::DotDot => return Some(Infix::Range { inclusive: false }),
        TokenKind::DotDotEqual => return Some(Infix::Range { inclusive: true }),
        TokenKind::Percent => return Some(Infix::Percent),
        TokenKind::Or => B::Or,
        TokenKind::And => B::And,
        TokenKind::In => B::In,
        TokenKind::Equal => B::Equal,
        TokenKind::NotEqual => B::NotEqual,
        TokenKind::Less => B::Less,
        TokenKind::LessEqual => B::LessEqual,
        TokenKind::Greater => B::Greater,
        TokenKind::GreaterEqual => B::GreaterEqual,
        TokenKind::Plus => B::Add,
        TokenKind::Minus => B::Subtract,
        TokenKind::Star => B::Multiply,
        TokenKind::Slash => B::Divide,
        TokenKind::SlashSlash => B::FloorDivide,
        TokenKind::At => B::MatMul,
        TokenKind::StarStar => B::Power,
        _ => return None,
    }))
}

/// What an operator of other languages is here.
fn foreign_operator(text: &str) -> Option<BinaryOperator> {
    match text {
        "^" => Some(BinaryOperator::Power),
        "&&" => Some(BinaryOperator::And),
        "||" => Some(BinaryOperator::Or),
        _ => None,
    }
}
