//! Where the parsers read from, and the small ones the others are made of.
//!
//! The grammar is total and looks only a few lexemes ahead: each part either reads what it wants or reports one fault and
//! yields an `Error` node, so nothing around it is lost and nothing is ever read twice. What is left over in an
//! item is passed over up to the next separator. Brackets are in balance here, so passing over never leaves the item.

use super::advice::{self, Advice};
use super::fault::{Fault, Problem};
use crate::ast::{Expr, ExprKind, Ident, Path};
use crate::docs::DocsInOrder;
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::TokenKind;
use crate::{FileId, Span};
use chumsky::input::InputRef;
use chumsky::prelude::*;

/// The lexemes of one declaration.
type Lexemes<'t> = &'t [Lexeme<'t>];
/// Faults, no state, no context.
type Extra = extra::Err<Fault>;

/// Runs `rule` over the lexemes of one declaration: what it makes of them, and the faults it found.
pub(crate) fn run<'t, O>(
    lexemes: Lexemes<'t>,
    file: FileId,
    docs: &DocsInOrder<'_>,
    rule: impl Fn(&mut Reader<'t, '_, '_>) -> O,
) -> (Option<O>, Vec<Fault>) {
    let parser = custom(|input: &mut InputRef<'t, '_, Lexemes<'t>, Extra>| {
        Ok(rule(&mut Reader { input, all: lexemes, file, docs, faults: 0, open_ends: false, tuple_at: None }))
    });
    parser.parse(lexemes).into_output_errors()
}

/// A place in the lexemes of one declaration.
pub(crate) struct Reader<'t: 'p, 'p, 'i> {
    input: &'i mut InputRef<'t, 'p, Lexemes<'t>, Extra>,
    all: Lexemes<'t>,
    file: FileId,
    docs: &'i DocsInOrder<'i>,
    faults: usize,
    /// Whether a word after `..` and a space says something new, as in `in 0.. unique`.
    pub(crate) open_ends: bool,
    /// Where an item of a list begins: there round brackets may hold several values.
    pub(crate) tuple_at: Option<usize>,
}

impl<'t> Reader<'t, '_, '_> {
    /// The place of the next lexeme.
    pub(crate) fn at(&self) -> usize {
        *self.input.cursor().inner()
    }

    /// The next lexeme.
    pub(crate) fn peek(&mut self) -> Option<&'t Lexeme<'t>> {
        self.input.peek_ref()
    }

    /// The lexeme so many after the next.
    pub(crate) fn peek_at(&self, ahead: usize) -> Option<&'t Lexeme<'t>> {
        self.all.get(self.at() + ahead)
    }

    /// Reads a lexeme.
    pub(crate) fn next(&mut self) -> Option<&'t Lexeme<'t>> {
        self.input.next_ref()
    }

    /// Passes over a lexeme that has been looked at.
    pub(crate) fn skip(&mut self) {
        self.input.skip();
    }

    /// Whether the next lexeme is of a kind.
    pub(crate) fn is(&mut self, kind: TokenKind) -> bool {
        self.peek().is_some_and(|next| next.is(kind))
    }

    /// Whether the one after the next is of a kind.
    pub(crate) fn second_is(&self, kind: TokenKind) -> bool {
        self.peek_at(1).is_some_and(|next| next.is(kind))
    }

    /// Whether the next lexeme is the word `text`.
    pub(crate) fn is_word(&mut self, text: &str) -> bool {
        self.peek().is_some_and(|next| next.is(TokenKind::Word) && next.text == text)
    }

    /// Whether an expression begins here.
    pub(crate) fn begins_expression(&mut self) -> bool {
        self.peek().is_some_and(Lexeme::begins_expression)
    }

    /// Whether a name with a colon stands here: the next entry, column or arm.
    pub(crate) fn begins_entry(&mut self) -> bool {
        self.peek().is_some_and(Lexeme::is_word) && self.second_is(TokenKind::Colon)
    }

    /// Whether no item can begin here because the bracket around it closes.
    pub(crate) fn at_end(&mut self) -> bool {
        self.peek().is_none_or(Lexeme::is_closer)
    }

    /// Reads a lexeme if it is of a kind.
    pub(crate) fn take(&mut self, kind: TokenKind) -> Option<&'t Lexeme<'t>> {
        self.take_if(|next| next.is(kind))
    }

    /// Reads a lexeme that `wanted` takes.
    pub(crate) fn take_if(&mut self, wanted: impl Fn(&Lexeme<'t>) -> bool) -> Option<&'t Lexeme<'t>> {
        let next = self.peek().filter(|next| wanted(next))?;
        self.input.skip();
        Some(next)
    }

    /// Reads the word `text` if it comes next.
    pub(crate) fn take_word(&mut self, text: &str) -> Option<&'t Lexeme<'t>> {
        self.take_if(|next| next.is(TokenKind::Word) && next.text == text)
    }

    /// Reads a bracket that opens, whether it touches what stands before it or not: `(` and a call's, `[` and an index's.
    pub(crate) fn take_opener(&mut self, kind: TokenKind) -> Option<&'t Lexeme<'t>> {
        self.take_if(|next| opens(next, kind))
    }

    /// Reports `problem` at the next lexeme.
    pub(crate) fn fault(&mut self, problem: Problem) {
        let at = self.at();
        self.fault_at(at, problem);
    }

    /// Reports `problem` at a place.
    pub(crate) fn fault_at(&mut self, at: usize, problem: Problem) {
        self.faults += 1;
        self.input.emit(Fault::at(self.all.get(at), problem));
    }

    /// Reports what `advice` says of the lexemes from `first` up to the next.
    pub(crate) fn advise(&mut self, first: usize, advice: &'static Advice) {
        let last = self.at().max(first + 1) - first;
        self.fault_at(first, Problem::Advice(advice, last as u32));
    }

    /// Reports that something else had to come, and what to put in where that mends it.
    pub(crate) fn expected(&mut self, wanted: &'static str, insert: Option<&'static str>) {
        self.fault(Problem::Expected(wanted, insert));
    }

    /// How many faults there were.
    pub(crate) fn faults(&self) -> usize {
        self.faults
    }

    /// Reads a lexeme of a kind, or reports that `wanted` was expected.
    pub(crate) fn expect(&mut self, kind: TokenKind, wanted: &'static str) -> Option<&'t Lexeme<'t>> {
        let found = self.take(kind);
        if found.is_none() {
            self.expected(wanted, None);
        }
        found
    }

    /// Reads a name, or reports that one was expected.
    pub(crate) fn expect_name(&mut self, wanted: &'static str) -> Option<Ident> {
        self.expect(TokenKind::Word, wanted).map(|name| self.ident(name))
    }

    /// Reads names between dots, or reports that `wanted` was expected.
    pub(crate) fn expect_path(&mut self, wanted: &'static str) -> Option<Path> {
        let start = self.at();
        let mut segments = vec![self.expect_name(wanted)?];
        while self.take(TokenKind::Dot).is_some() {
            match self.take_if(Lexeme::is_word) {
                Some(word) => segments.push(self.ident(word)),
                None => self.expected("a name", None),
            }
        }
        Some(Path { span: self.since(start), segments })
    }

    /// Reports and reads a colon before the brace of a body: `model A: {`.
    pub(crate) fn colon_before_brace(&mut self) {
        let at = self.at();
        if self.is(TokenKind::Colon) && self.second_is(TokenKind::LeftBrace) {
            self.skip();
            self.advise(at, &advice::COLON_BEFORE_BRACE);
        }
    }

    /// Passes over lexemes, brackets with what they hold, up to one that `stop` takes or a closing bracket.
    pub(crate) fn pass_over(&mut self, stop: impl Fn(&Lexeme<'t>) -> bool) {
        let mut depth = 0_usize;
        while let Some(next) = self.peek() {
            if depth == 0 && (next.is_closer() || stop(next)) {
                return;
            }
            if next.is_opener() {
                depth += 1;
            } else if next.is_closer() {
                depth -= 1;
            }
            self.skip();
        }
    }

    /// Items between commas, up to the closing bracket `closer`. `wanted` names what may come after an item: "`,` or `)`".
    ///
    /// A missing comma before something that `begins` an item, and nothing but an item, is put in; anything else up to the
    /// next comma is passed over. `item` must read something wherever `begins` holds.
    pub(crate) fn items<O>(
        &mut self,
        wanted: &'static str,
        begins: fn(&Lexeme<'t>) -> bool,
        mut item: impl FnMut(&mut Self) -> O,
    ) -> Vec<O> {
        if self.at_end() {
            return Vec::new();
        }
        // Room for one: most calls have one argument, and their trees are large.
        let mut items = Vec::with_capacity(1);
        while !self.at_end() {
            items.push(item(self));
            if self.take(TokenKind::Comma).is_some() || self.at_end() {
                continue;
            }
            if self.is_word("for") && self.peek_at(1).is_some_and(|next| next.is(TokenKind::Word)) {
                self.fault(Problem::Advice(&advice::COMPREHENSION, 1));
                self.pass_over(|_| false);
                // What it goes through has no name here.
                items.clear();
                break;
            }
            let choice = self.is_word("if");
            if !choice && self.peek().is_some_and(begins) {
                self.expected(wanted, Some(","));
            } else {
                // `a if c else b`
                match choice {
                    true => self.fault(Problem::Advice(&advice::TERNARY, 1)),
                    false => self.expected(wanted, None),
                }
                self.pass_over(|next| next.is(TokenKind::Comma));
                self.take(TokenKind::Comma);
            }
        }
        items
    }

    /// An `Error` node where something is missing.
    pub(crate) fn missing(&self) -> Expr {
        let at = self.at();
        Expr { span: self.since(at), kind: ExprKind::Error }
    }

    /// From the lexeme at `start` to the last one read; where none was, the empty place before the next.
    pub(crate) fn since(&self, start: usize) -> Span {
        let at = self.at();
        let last = at.checked_sub(1).and_then(|last| self.all.get(last));
        match (self.all.get(start), last) {
            (Some(first), Some(last)) if start < at => {
                Span::new(self.file, first.span.start..last.span.end.max(first.span.start))
            }
            (Some(next), _) => self.span(next).before(),
            (None, Some(last)) => self.span(last).after(),
            (None, None) => Span::new(self.file, 0..0),
        }
    }

    /// Where a lexeme stands.
    pub(crate) fn span(&self, lexeme: &Lexeme<'_>) -> Span {
        Span::new(self.file, lexeme.span.into_range())
    }

    /// A word as a name.
    pub(crate) fn ident(&self, lexeme: &Lexeme<'_>) -> Ident {
        Ident { text: lexeme.text.to_owned(), span: self.span(lexeme) }
    }

    /// The doc comment before the next lexeme.
    pub(crate) fn docs(&mut self) -> Option<String> {
        let start = self.peek()?.span.start;
        self.docs.before(start)
    }
}

/// Whether a lexeme opens brackets of a kind, apart from what stands before it or not.
pub(crate) fn opens(lexeme: &Lexeme<'_>, kind: TokenKind) -> bool {
    lexeme.is(kind)
        || lexeme.kind == LexemeKind::Call && kind == TokenKind::LeftParen
        || lexeme.kind == LexemeKind::Index && kind == TokenKind::LeftBracket
}

/// Whether a lexeme ends an entry of a record or an item of a schema.
pub(crate) fn ends_entry(lexeme: &Lexeme<'_>) -> bool {
    lexeme.is_separator() || lexeme.is(TokenKind::Comma)
}
