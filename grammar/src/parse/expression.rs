//! Expressions.

use super::basic::*;
use super::fault::{Fault, Problem};
use crate::Span;
use crate::ast::{Argument, BinaryOperator, Expr, ExprKind, Ident, UnaryOperator};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::literal;
use crate::token::TokenKind;
use chumsky::pratt::{infix, left, postfix, prefix, right};
use chumsky::prelude::*;

/// An expression, from its first lexeme on total; fails only where none begins.
pub(crate) fn expression<'t>(place: Place) -> Rule<'t, Expr> {
    recursive(|expression| {
        let expression = expression.boxed();
        let required = required(place, expression);
        let operand = operand(place, required.clone());
        simple(place).or(operators(place, operand, required)).boxed()
    })
    .boxed()
}

/// An expression where one has to stand: emits a fault and yields an `Error` node where none begins.
pub(crate) fn required<'t>(place: Place, expression: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let missing = fault(Problem::Expected("a value", None))
        .map_with(move |(), extra| Expr { span: place.span(extra.span()).before(), kind: ExprKind::Error });
    let begins = ahead(|found| found.is_some_and(Lexeme::begins_expression));
    begins.ignore_then(expression).boxed().or(missing).boxed()
}

/// A value that nothing is done with: most of them, so they are spared the way through all operators.
fn simple<'t>(place: Place) -> impl Parser<'t, Lexemes<'t>, Expr, Extra> + Clone {
    one_before(|first, next| {
        matches!(first.kind, LexemeKind::Plain(kind) if kind.ends_expression() && !kind.is_closer())
            && next.is_none_or(|next| !goes_on(next))
    })
    .map(move |lexeme| Expr { span: place.span(lexeme.span), kind: value(lexeme).unwrap_or(ExprKind::Error) })
}

/// Whether an operand before this lexeme is part of something larger.
fn goes_on(lexeme: &Lexeme<'_>) -> bool {
    match lexeme.kind {
        LexemeKind::Call | LexemeKind::Index => true,
        LexemeKind::Plain(kind) => kind == TokenKind::Dot || kind.continues_line() && kind != TokenKind::As,
        LexemeKind::Newline | LexemeKind::Bad => false,
    }
}

/// What stands between operators.
fn operand<'t>(place: Place, required: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let literal = custom(move |reader: &mut chumsky::input::InputRef<'t, '_, Lexemes<'t>, Extra>| {
        let found = reader.peek_ref();
        let kind = found.and_then(|lexeme| value(lexeme).map(|kind| (lexeme, kind)));
        match kind {
            Some((lexeme, kind)) => {
                reader.skip();
                Ok(Expr { span: place.span(lexeme.span), kind })
            }
            None => Err(Fault::at(found, Problem::Other)),
        }
    });
    let list = one(opens_bracket)
        .ignore_then(items(required.clone(), Lexeme::begins_anew, "`,` or `]`"))
        .then_ignore(expect(TokenKind::RightBracket, "`]`", None))
        .map_with(move |values, extra| Expr { span: place.span(extra.span()), kind: ExprKind::List(values) });
    // `(28, 28, 1)`, as other languages write a list.
    let tuple = token(TokenKind::Comma)
        .ignore_then(items(required.clone(), Lexeme::begins_anew, "`,` or `)`"))
        .then(token(TokenKind::RightParen))
        .map(Some);
    let end_of_paren = choice((
        token(TokenKind::RightParen).to(None).boxed(),
        tuple.boxed(),
        fault(Problem::Expected("`)`", None))
            .then(pass_over(|_, _| false))
            .then(token(TokenKind::RightParen).or_not())
            .to(None)
            .boxed(),
    ));
    let paren =
        one(opens_paren).then(required).then(end_of_paren.boxed()).map_with(move |((open, first), rest), extra| {
            let span = place.span(extra.span());
            let Some((others, close)) = rest else { return Expr { span, kind: first.kind } };
            let close: &Lexeme<'t> = close;
            // `(, 1)` lacks a value, which is said there.
            if !matches!(first.kind, ExprKind::Error) {
                extra.emit(Fault::at(Some(open), Problem::Tuple(close.span)));
            }
            Expr { span, kind: ExprKind::List(std::iter::once(first).chain(others).collect()) }
        });
    // `-` or `not` with nothing after it.
    let lonely = one_before(|first, next| is_prefix(first) && !next.is_some_and(Lexeme::begins_expression))
        .then_ignore(fault(Problem::Expected("a value", None)))
        .map(move |sign| Expr { span: place.span(sign.span), kind: ExprKind::Error });
    choice((literal.boxed(), paren.boxed(), list.boxed(), lonely.boxed())).boxed()
}

/// The value of a lexeme that is one by itself.
fn value(lexeme: &Lexeme<'_>) -> Option<ExprKind> {
    let LexemeKind::Plain(kind) = lexeme.kind else {
        return (lexeme.kind == LexemeKind::Bad).then_some(ExprKind::Error);
    };
    Some(match kind {
        TokenKind::Word => ExprKind::Name(lexeme.text.to_owned()),
        TokenKind::Int => literal::int(lexeme.text).map_or(ExprKind::Error, ExprKind::Int),
        TokenKind::Float => literal::float(lexeme.text).map_or(ExprKind::Error, ExprKind::Float),
        TokenKind::Text => ExprKind::Str(literal::string(lexeme.text)),
        TokenKind::True => ExprKind::Bool(true),
        TokenKind::False => ExprKind::Bool(false),
        _ => return None,
    })
}

fn is_prefix(lexeme: &Lexeme<'_>) -> bool {
    lexeme.is(TokenKind::Minus) || lexeme.is(TokenKind::Not)
}

/// How tightly operators bind, the loosest first.
mod power {
    pub(super) const PIPE: u16 = 1;
    pub(super) const OR: u16 = 2;
    pub(super) const AND: u16 = 3;
    pub(super) const NOT: u16 = 4;
    pub(super) const COMPARISON: u16 = 5;
    pub(super) const SUM: u16 = 6;
    pub(super) const PRODUCT: u16 = 7;
    pub(super) const NEGATE: u16 = 8;
    pub(super) const POWER: u16 = 9;
    pub(super) const POSTFIX: u16 = 10;
}

/// What an operand is followed by without a space.
enum Suffix {
    Call(Vec<Argument>, Span),
    Index(Vec<Expr>, Span),
    Field(Option<Ident>, Span),
}

/// Operands with operators, calls, fields and indices.
fn operators<'t>(place: Place, operand: Rule<'t, Expr>, required: Rule<'t, Expr>) -> Rule<'t, Expr> {
    let call = one(|lexeme| lexeme.kind == LexemeKind::Call)
        .ignore_then(items(argument(place, required.clone()), Lexeme::begins_anew, "`,` or `)`"))
        .then_ignore(expect(TokenKind::RightParen, "`)`", None))
        .map_with(move |arguments, extra| Suffix::Call(arguments, place.span(extra.span())))
        .boxed();
    let index = one(|lexeme| lexeme.kind == LexemeKind::Index)
        .ignore_then(items(required, Lexeme::begins_anew, "`,` or `]`"))
        .then_ignore(expect(TokenKind::RightBracket, "`]`", None))
        .map_with(move |indices, extra| Suffix::Index(indices, place.span(extra.span())))
        .boxed();
    let field = token(TokenKind::Dot)
        .ignore_then(one(Lexeme::is_word).map(Some).or(fault(Problem::Expected("a field's name", None)).to(None)))
        .map_with(move |name, extra| Suffix::Field(name.map(|name| place.ident(name)), place.span(extra.span())))
        .boxed();
    let begins_suffix = ahead(|found| {
        found.is_some_and(|next| matches!(next.kind, LexemeKind::Call | LexemeKind::Index) || next.is(TokenKind::Dot))
    });
    let suffix = begins_suffix.ignore_then(choice((call, index, field)).boxed());
    // An operator with nothing after it still has its left side.
    let dangling =
        one_before(|first, next| infix_operator(first).is_some() && !next.is_some_and(Lexeme::begins_expression))
            .then_ignore(fault(Problem::Expected("a value", None)));

    let binary = move |left: Expr, operator: &Lexeme<'t>, right: Expr| {
        let span = left.span.to(right.span);
        let operator_span = place.span(operator.span);
        let kind = match infix_operator(operator) {
            Some(Infix::Binary(operator)) => {
                ExprKind::Binary { operator, operator_span, left: Box::new(left), right: Box::new(right) }
            }
            _ => ExprKind::Pipe { value: Box::new(left), call: Box::new(right) },
        };
        Expr { span, kind }
    };
    let level = |level: u16| one(move |lexeme| infix_operator(lexeme).is_some_and(|infix| infix.power() == level));
    let unary = move |operator, sign: &Lexeme<'t>, operand: Expr| Expr {
        span: place.span(sign.span).to(operand.span),
        kind: ExprKind::Unary { operator, operand: Box::new(operand) },
    };
    operand
        .pratt((
            postfix(power::POSTFIX, suffix, move |base: Expr, suffix, _| {
                let base = Box::new(base);
                match suffix {
                    Suffix::Call(arguments, brackets) => Expr {
                        span: base.span.to(brackets),
                        kind: ExprKind::Call { callee: base, arguments, brackets },
                    },
                    Suffix::Index(indices, brackets) => {
                        Expr { span: base.span.to(brackets), kind: ExprKind::Index { base, indices } }
                    }
                    Suffix::Field(name, span) => Expr {
                        span: base.span.to(span),
                        kind: name.map_or(ExprKind::Error, |name| ExprKind::Field { base, name }),
                    },
                }
            }),
            postfix(power::PIPE, dangling, move |left: Expr, operator: &'t Lexeme<'t>, _| {
                let missing = Expr { span: place.span(operator.span).after(), kind: ExprKind::Error };
                binary(left, operator, missing)
            }),
            infix(right(power::POWER), level(power::POWER), move |l, o, r, _| binary(l, o, r)),
            infix(left(power::PRODUCT), level(power::PRODUCT), move |l, o, r, _| binary(l, o, r)),
            infix(left(power::SUM), level(power::SUM), move |l, o, r, _| binary(l, o, r)),
            infix(left(power::COMPARISON), level(power::COMPARISON), move |l, o, r, _| binary(l, o, r)),
            infix(left(power::AND), level(power::AND), move |l, o, r, _| binary(l, o, r)),
            infix(left(power::OR), level(power::OR), move |l, o, r, _| binary(l, o, r)),
            infix(left(power::PIPE), level(power::PIPE), move |left, operator: &'t Lexeme<'t>, right: Expr, extra| {
                if !matches!(right.kind, ExprKind::Call { .. } | ExprKind::Error) {
                    let callable = matches!(right.kind, ExprKind::Name(_) | ExprKind::Field { .. });
                    let right = SimpleSpan::from(right.span.range());
                    extra.emit(Fault::at(Some(operator), Problem::NotACall(right, callable)));
                }
                binary(left, operator, right)
            }),
            prefix(power::NEGATE, token(TokenKind::Minus), move |sign, operand, _| {
                unary(UnaryOperator::Negate, sign, operand)
            }),
            prefix(power::NOT, token(TokenKind::Not), move |sign, operand, _| unary(UnaryOperator::Not, sign, operand)),
        ))
        .boxed()
}

/// `value` or `name=value`.
fn argument<'t>(place: Place, required: Rule<'t, Expr>) -> Rule<'t, Argument> {
    let name = one_before(|first, next| {
        first.is_word() && next.is_some_and(|next| next.is(TokenKind::Assign) || next.is(TokenKind::Colon))
    });
    let equals = token(TokenKind::Assign)
        .ignored()
        .or(fault(Problem::Instead("=", "an argument")).then(token(TokenKind::Colon)).ignored());
    name.then_ignore(equals)
        .boxed()
        .or_not()
        .then(required)
        .map(move |(name, value)| {
            let name = name.map(|name| place.ident(name));
            let span = name.as_ref().map_or(value.span, |name| name.span.to(value.span));
            Argument { span, name, value }
        })
        .boxed()
}

/// What stands between two values.
#[derive(Clone, Copy)]
enum Infix {
    Pipe,
    Binary(BinaryOperator),
}

impl Infix {
    fn power(self) -> u16 {
        use BinaryOperator as B;
        match self {
            Self::Pipe => power::PIPE,
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
}

fn infix_operator(lexeme: &Lexeme<'_>) -> Option<Infix> {
    use BinaryOperator as B;
    let LexemeKind::Plain(kind) = lexeme.kind else { return None };
    Some(Infix::Binary(match kind {
        TokenKind::Pipe => return Some(Infix::Pipe),
        TokenKind::Or => B::Or,
        TokenKind::And => B::And,
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
        TokenKind::Percent => B::Remainder,
        TokenKind::At => B::MatMul,
        TokenKind::StarStar => B::Power,
        _ => return None,
    }))
}
