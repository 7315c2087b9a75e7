//! The parsers the others are made of.
//!
//! The grammar is total: once a declaration's keyword is read, each part either reads what it wants or emits one fault and
//! yields an `Error` node, so nothing around it is lost. What is left over in an item is passed over up to the next
//! separator. Brackets are in balance here, so passing over never leaves the item.

use super::fault::{Fault, Problem};
use crate::ast::Ident;
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use crate::{FileId, Span};
use chumsky::input::{InputRef, MappedInput};
use chumsky::prelude::*;

/// A view of one lexeme as a token and its span.
type View<'t> = fn(&'t Lexeme<'t>) -> (&'t Lexeme<'t>, &'t SimpleSpan);
/// The lexemes of one declaration.
pub(crate) type Lexemes<'t> = MappedInput<'t, Lexeme<'t>, SimpleSpan, &'t [Lexeme<'t>], View<'t>>;
/// Faults, no state, no context.
pub(crate) type Extra = extra::Err<Fault>;
/// A parser as it is passed around: boxed, since that keeps the time to compile the grammar low.
pub(crate) type Rule<'t, O> = Boxed<'t, 't, Lexemes<'t>, O, Extra>;
/// Where a parser written out by hand reads from.
type Reader<'t, 'p> = InputRef<'t, 'p, Lexemes<'t>, Extra>;

/// The lexemes as the parser's input; `end` is where the declaration ends.
pub(crate) fn input<'t>(lexemes: &'t [Lexeme<'t>], end: usize) -> Lexemes<'t> {
    let view: View<'t> = |lexeme| (lexeme, &lexeme.span);
    lexemes.map(SimpleSpan::from(end..end), view)
}

/// Where something stands, for the tree.
#[derive(Clone, Copy)]
pub(crate) struct Place(pub(crate) FileId);

impl Place {
    pub(crate) fn span(self, span: SimpleSpan) -> Span {
        Span::new(self.0, span.into_range())
    }

    pub(crate) fn ident(self, lexeme: &Lexeme<'_>) -> Ident {
        Ident { text: lexeme.text.to_owned(), span: self.span(lexeme.span) }
    }
}

/// Reads one lexeme that `wanted` takes.
pub(crate) fn one<'t, W>(wanted: W) -> impl Parser<'t, Lexemes<'t>, &'t Lexeme<'t>, Extra> + Clone
where
    W: Fn(&Lexeme<'t>) -> bool + Clone + 't,
{
    custom(move |reader: &mut Reader<'t, '_>| match reader.peek_ref() {
        Some(found) if wanted(found) => {
            reader.skip();
            Ok(found)
        }
        found => Err(Fault::at(found, Problem::Other)),
    })
}

/// Reads one lexeme of a kind.
pub(crate) fn token<'t>(kind: TokenKind) -> impl Parser<'t, Lexemes<'t>, &'t Lexeme<'t>, Extra> + Clone {
    one(move |lexeme| lexeme.is(kind))
}

/// Reads the word `text`.
pub(crate) fn keyword<'t>(text: &'static str) -> impl Parser<'t, Lexemes<'t>, &'t Lexeme<'t>, Extra> + Clone {
    one(move |lexeme| lexeme.is(TokenKind::Word) && lexeme.text == text)
}

/// Looks at the next lexeme, or at the end, and reads nothing.
pub(crate) fn ahead<'t, W>(wanted: W) -> impl Parser<'t, Lexemes<'t>, (), Extra> + Clone
where
    W: Fn(Option<&Lexeme<'t>>) -> bool + Clone + 't,
{
    custom(move |reader: &mut Reader<'t, '_>| {
        let found = reader.peek_ref();
        if wanted(found) { Ok(()) } else { Err(Fault::at(found, Problem::Other)) }
    })
}

/// Looks at the next two lexemes and reads the first.
pub(crate) fn one_before<'t, W>(wanted: W) -> impl Parser<'t, Lexemes<'t>, &'t Lexeme<'t>, Extra> + Clone
where
    W: Fn(&Lexeme<'t>, Option<&Lexeme<'t>>) -> bool + Clone + 't,
{
    custom(move |reader: &mut Reader<'t, '_>| {
        let before = reader.save();
        let found = reader.next_ref();
        let next = reader.peek_ref();
        match found {
            Some(first) if wanted(first, next) => Ok(first),
            _ => {
                reader.rewind(before);
                Err(Fault::at(found, Problem::Other))
            }
        }
    })
}

/// Emits `problem` at the next lexeme, which it does not read.
pub(crate) fn fault<'t>(problem: Problem) -> impl Parser<'t, Lexemes<'t>, (), Extra> + Clone {
    custom(move |reader: &mut Reader<'t, '_>| {
        let found = reader.peek_ref();
        reader.emit(Fault::at(found, problem));
        Ok(())
    })
}

/// Reads a lexeme of a kind, or emits that `wanted` was expected and reads nothing.
pub(crate) fn expect<'t>(
    kind: TokenKind,
    wanted: &'static str,
    insert: Option<&'static str>,
) -> impl Parser<'t, Lexemes<'t>, Option<&'t Lexeme<'t>>, Extra> + Clone {
    token(kind).map(Some).or(fault(Problem::Expected(wanted, insert)).to(None))
}

/// Reads a name, or emits that one was expected and reads nothing.
pub(crate) fn expect_name<'t>(
    place: Place,
    wanted: &'static str,
) -> impl Parser<'t, Lexemes<'t>, Option<Ident>, Extra> + Clone {
    expect(TokenKind::Word, wanted, None).map(move |name| name.map(|name| place.ident(name)))
}

/// Passes over lexemes, brackets with what they hold, up to one that `stop` takes or a closing bracket; at least one.
pub(crate) fn pass_over<'t, S>(stop: S) -> impl Parser<'t, Lexemes<'t>, (), Extra> + Clone
where
    S: Fn(&Lexeme<'t>, Option<&Lexeme<'t>>) -> bool + Clone + 't,
{
    custom(move |reader: &mut Reader<'t, '_>| {
        let mut depth = 0_usize;
        let mut last: Option<&Lexeme<'t>> = None;
        while let Some(found) = reader.peek_ref() {
            if depth == 0 && (found.is_closer() || last.is_some_and(|last| stop(last, Some(found)))) {
                break;
            }
            if found.is_opener() {
                depth += 1;
            } else if found.is_closer() {
                depth -= 1;
            }
            last = Some(found);
            reader.skip();
        }
        if last.is_some() { Ok(()) } else { Err(Fault::at(reader.peek_ref(), Problem::Other)) }
    })
}

/// Whether an item cannot begin here because the bracket around it closes.
pub(crate) fn at_end(found: Option<&Lexeme<'_>>) -> bool {
    found.is_none_or(Lexeme::is_closer)
}

/// Items between commas, up to the closing bracket. `wanted` names what may come after an item: "`,` or `)`".
///
/// A missing comma before something that `begins` an item, and nothing but an item, is put in; anything else up to the next
/// comma is passed over. `item` must read something wherever `begins` holds.
pub(crate) fn items<'t, O: 't>(
    item: Rule<'t, O>,
    begins: fn(&Lexeme<'t>) -> bool,
    wanted: &'static str,
) -> Rule<'t, Vec<O>> {
    let comma = || token(TokenKind::Comma).ignored();
    let after = choice((
        comma().boxed(),
        ahead(at_end).boxed(),
        ahead(move |found| found.is_some_and(begins))
            .then(fault(Problem::Expected(wanted, Some(","))))
            .ignored()
            .boxed(),
        fault(Problem::Expected(wanted, None))
            .then(pass_over(|_, next| next.is_some_and(|next| next.is(TokenKind::Comma))))
            .then(comma().or_not())
            .ignored()
            .boxed(),
    ));
    ahead(|found| !at_end(found)).ignore_then(item).then_ignore(after.boxed()).repeated().collect().boxed()
}

/// Whether a lexeme opens a list or an index.
pub(crate) fn opens_bracket(lexeme: &Lexeme<'_>) -> bool {
    lexeme.is(TokenKind::LeftBracket) || lexeme.kind == LexemeKind::Index
}

/// Whether a lexeme opens brackets or a call.
pub(crate) fn opens_paren(lexeme: &Lexeme<'_>) -> bool {
    lexeme.is(TokenKind::LeftParen) || lexeme.kind == LexemeKind::Call
}
