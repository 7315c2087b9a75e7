//! Tokens to lexemes: brackets brought into balance, line ends made explicit.
//!
//! The parser never meets a bracket without its partner. A missing one is reported and put in where the line, read by
//! itself, would have needed it; a superfluous one is reported and left out.

use crate::brackets::Brackets;
use crate::lexeme::{Lexeme, LexemeKind};
use crate::token::{Token, TokenKind};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, SyntaxFix, division, literal};
use chumsky::span::SimpleSpan;
use std::collections::BTreeMap;

/// What is said of a brace that closes nothing.
pub(crate) const UNOPENED: &str = "`}` closes nothing";

/// How many open brackets are looked at for the one that was meant.
const MAX_LOOK: usize = 64;

/// A change to the tokens before the parser sees them.
enum Edit {
    /// Closing brackets to put in before the token, and what they close, inside out.
    Insert(Vec<(TokenKind, Token)>),
    /// Read this closing bracket as that one.
    Replace(TokenKind),
    /// Leave the token out.
    Drop,
}

/// A bracket that is not yet closed.
struct Open {
    token: Token,
    /// How far its line is indented.
    indent: usize,
    /// The first token of the line before which it would be closed, were the lines up to there read by themselves.
    gap: Option<usize>,
}

/// Appends the lexemes of one declaration's `tokens` to `lexemes`.
pub(crate) fn balance<'s>(
    text: &'s str,
    file: FileId,
    tokens: &[Token],
    lexemes: &mut Vec<Lexeme<'s>>,
    errors: &mut Vec<SyntaxError>,
) {
    let count = |kind| tokens.iter().filter(|token| token.kind == kind).count() as isize;
    let unclosed = count(TokenKind::LeftBrace) - count(TokenKind::RightBrace);
    let opened = count(TokenKind::LeftBrace) > 0;
    let (inserts, others) = (BTreeMap::new(), BTreeMap::new());
    let mut edits = Edits { text, file, tokens, unclosed, opened, inserts, others, errors };
    edits.find();
    let (mut inserts, others) = (edits.inserts, edits.others);
    let mut open: Vec<TokenKind> = Vec::new();
    let mut previous: Option<TokenKind> = None;
    let mut push = |kind, text, span| {
        lexemes.push(Lexeme { kind, index: lexemes.len() as u32, text, span });
    };
    for index in 0..=tokens.len() {
        if !inserts.is_empty()
            && let Some(Edit::Insert(closers)) = inserts.remove(&index)
        {
            let at = end_before(tokens, index);
            for (closer, _) in closers {
                push(LexemeKind::Plain(closer), "", SimpleSpan::from(at..at));
                open.pop();
                previous = Some(closer);
            }
        }
        let Some(token) = tokens.get(index) else { break };
        let mut kind = token.kind;
        match others.get(&index) {
            Some(Edit::Drop) => continue,
            Some(Edit::Replace(closer)) => kind = *closer,
            _ => {}
        }
        let ends_line = token.first_on_line
            && open.last() == Some(&TokenKind::LeftBrace)
            && (!kind.continues_line() || is_key(tokens, index))
            && !kind.is_closer()
            // A brace may stand on the line after `repeat 3`, but an arm of a `branch` may begin with one too.
            && (kind != TokenKind::LeftBrace || previous == Some(TokenKind::RightBrace))
            && !previous.is_some_and(|previous| {
                matches!(previous, TokenKind::LeftBrace | TokenKind::Comma | TokenKind::Semicolon)
            });
        if ends_line {
            let at = end_before(tokens, index);
            push(LexemeKind::Newline, "", SimpleSpan::from(at..at));
            previous = None;
        }
        let touches =
            token.glued && previous.is_some_and(|kind| kind.ends_expression() && kind != TokenKind::RightBrace);
        let lexeme = match kind {
            TokenKind::LeftParen if touches => LexemeKind::Call,
            TokenKind::LeftBracket if touches => LexemeKind::Index,
            _ if literal::is_faulty(kind, &text[token.range()]) => LexemeKind::Bad,
            _ => LexemeKind::Plain(kind),
        };
        if kind.closer().is_some() {
            open.push(kind);
        } else if kind.is_closer() {
            open.pop();
        }
        push(lexeme, &text[token.range()], SimpleSpan::from(token.range()));
        previous = Some(kind);
    }
}

/// Whether the token at `index` is a word before a colon, and so names a setting or a column whatever else it means.
fn is_key(tokens: &[Token], index: usize) -> bool {
    tokens[index].kind.is_word() && tokens.get(index + 1).is_some_and(|next| next.kind == TokenKind::Colon)
}

/// Where the token before `index` ends.
fn end_before(tokens: &[Token], index: usize) -> usize {
    index.checked_sub(1).and_then(|index| tokens.get(index)).map_or(0, |token| token.end as usize)
}

impl Brackets<Open> {
    /// Should the brackets inside the innermost brace never be closed, they were meant to be before the token at `index`.
    fn suppose_end(&mut self, index: usize) {
        for (closer, open) in self.innermost_first() {
            if closer == TokenKind::RightBrace || open.gap.is_some() {
                return;
            }
            open.gap = Some(index);
        }
    }
}

/// Finds what has to change.
struct Edits<'a> {
    text: &'a str,
    file: FileId,
    tokens: &'a [Token],
    /// How many more braces open than close, as far as that has not been mended.
    unclosed: isize,
    /// Whether any brace opens.
    opened: bool,
    inserts: BTreeMap<usize, Edit>,
    others: BTreeMap<usize, Edit>,
    errors: &'a mut Vec<SyntaxError>,
}

impl Edits<'_> {
    fn find(&mut self) {
        let mut open: Brackets<Open> = Brackets::new();
        let mut indent = 0;
        for (index, token) in self.tokens.iter().enumerate() {
            if token.first_on_line {
                indent = self.indent(token);
                self.start_line(&mut open, index, indent);
            }
            if self.ends_item(index) {
                open.suppose_end(index);
            }
            if let Some(closer) = token.kind.closer() {
                open.push(closer, Open { token: *token, indent, gap: None });
            } else if token.kind.is_closer() {
                if token.kind == TokenKind::RightBrace && token.first_on_line {
                    self.close_inner(&mut open, index, indent);
                }
                self.close(&mut open, index, token.kind, indent);
            }
        }
        while let Some((closer, unclosed)) = open.pop() {
            self.insert(closer, &unclosed, self.tokens.len());
        }
        self.report_inserts();
    }

    /// Meets the first token of a line inside brackets.
    ///
    /// A word after a complete value is a mistake there: a comma is missing, or the bracket. It was the bracket where the
    /// line is indented no deeper than the one that opens it.
    fn start_line(&mut self, open: &mut Brackets<Open>, index: usize, indent: usize) {
        let kind = self.tokens[index].kind;
        let complete = index > 0 && self.tokens[index - 1].kind.ends_expression();
        if self.unclosed > 0 && !kind.is_closer() {
            self.suppose_brace(open, index, indent);
        }
        while let Some((closer, top)) = open.last_mut() {
            let goes_on = kind.continues_line() && !is_key(self.tokens, index);
            if closer == TokenKind::RightBrace || kind.is_closer() || goes_on {
                return;
            }
            let dedented = indent <= top.indent;
            if top.gap.is_none() && (complete || dedented) {
                top.gap = Some(index);
            }
            let anew = kind.begins_expression() && !matches!(kind, TokenKind::LeftParen | TokenKind::LeftBracket);
            if !(complete && dedented && anew) {
                return;
            }
            if let Some((closer, unclosed)) = open.pop() {
                self.insert(closer, &unclosed, index);
            }
        }
    }

    /// Should the innermost brace never be closed, it was meant to be before the first line that is indented no deeper than its own,
    /// given that bodies are indented here at all.
    fn suppose_brace(&self, open: &mut Brackets<Open>, index: usize, indent: usize) {
        let outer = {
            let mut braces = open.look().take(MAX_LOOK).filter(|(closer, _)| *closer == TokenKind::RightBrace);
            braces.nth(1).map(|(_, outer)| outer.indent)
        };
        let Some(outer) = outer else { return };
        let inner = open.innermost_first().take(MAX_LOOK).find(|(closer, _)| *closer == TokenKind::RightBrace);
        if let Some((_, inner)) = inner
            && inner.gap.is_none()
            && indent <= inner.indent
            && outer < inner.indent
        {
            inner.gap = Some(index);
        }
    }

    /// Closes the braces inside the one that the `}` at `index` was meant for by its indentation, where braces are missing.
    fn close_inner(&mut self, open: &mut Brackets<Open>, index: usize, indent: usize) {
        let meant = |open: &Brackets<Open>| {
            let braces = open.look().take(MAX_LOOK).take_while(|(closer, _)| *closer == TokenKind::RightBrace);
            let mut levels = braces.map(|(_, open)| open.indent);
            levels.next().is_some_and(|level| level > indent) && levels.any(|level| level == indent)
        };
        while self.unclosed > 0 && meant(open) {
            if let Some((closer, unclosed)) = open.pop() {
                self.insert(closer, &unclosed, index);
            }
            self.unclosed -= 1;
        }
    }

    /// Whether what begins at `index` stands in no brackets but braces: `as`, and in settings the next key.
    fn ends_item(&self, index: usize) -> bool {
        let kind = |ahead: usize| self.tokens.get(index + ahead).map(|token| token.kind);
        let settings = || {
            let first = self.tokens.first().map_or("", |token| &self.text[token.range()]);
            matches!(first, "train" | "synthesizer" | "deploy" | "provider" | "schema")
        };
        match kind(0) {
            Some(TokenKind::As) => true,
            Some(TokenKind::Comma) => {
                kind(1) == Some(TokenKind::Word) && kind(2) == Some(TokenKind::Colon) && settings()
            }
            _ => false,
        }
    }

    /// Whether the declaration is of a kind that has braces.
    fn takes_braces(&self) -> bool {
        let first = self.tokens.first().map_or("", |token| &self.text[token.range()]);
        !matches!(first, "const" | "dataset" | "use" | "assert")
    }

    fn indent(&self, token: &Token) -> usize {
        let before = &self.text[..token.start as usize];
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// Meets the closing bracket at `index`.
    fn close(&mut self, open: &mut Brackets<Open>, index: usize, kind: TokenKind, indent: usize) {
        // One that is indented deeper than what it would close closes something else, where there are too many.
        let too_deep = self.unclosed < 0
            && kind == TokenKind::RightBrace
            && self.tokens[index].first_on_line
            && open.last_mut().is_some_and(|(closer, top)| closer == kind && top.indent < indent);
        if open.holds(kind) && !too_deep {
            while let Some((closer, unclosed)) = open.pop().filter(|(closer, _)| *closer != kind) {
                self.insert(closer, &unclosed, index);
            }
            return;
        }
        let token = self.tokens[index];
        let span = self.span(&token);
        let found = &self.text[token.range()];
        let mut error = SyntaxError {
            span,
            kind: SyntaxErrorKind::Unbalanced,
            message: if found == "}" { UNOPENED.to_owned() } else { format!("`{found}` closes nothing") },
            label: "no bracket is open here".to_owned(),
            related: Vec::new(),
            help: None,
            fix: Some(SyntaxFix::new(format!("remove `{found}`"), span, "")),
        };
        let mut edit = Edit::Drop;
        if kind == TokenKind::RightBrace {
            self.unclosed += 1;
            if !self.opened && open.is_empty() && self.takes_braces() {
                // The brace before it is missing, and the parser says so.
                self.others.insert(index, edit);
                return;
            }
        }
        if let Some((closer, top)) = open.last_mut().filter(|(closer, _)| *closer != TokenKind::RightBrace) {
            let wanted = symbol(closer);
            let opener = &self.text[top.token.range()];
            error.message = format!("expected `{wanted}`, found `{found}`");
            error.label = format!("closes no `{opener}`");
            error.related = vec![(self.span(&top.token), format!("this `{opener}` is still open"))];
            error.fix = Some(SyntaxFix::new(format!("replace `{found}` with `{wanted}`"), span, wanted));
            edit = Edit::Replace(closer);
            open.pop();
        }
        self.errors.push(error);
        self.others.insert(index, edit);
    }

    /// Closes `unclosed` before the token at `index`, or before its own line's end.
    fn insert(&mut self, closer: TokenKind, unclosed: &Open, index: usize) {
        let at = unclosed.gap.unwrap_or(index);
        let edit = self.inserts.entry(at).or_insert_with(|| Edit::Insert(Vec::new()));
        if let Edit::Insert(closers) = edit {
            closers.push((closer, unclosed.token));
        }
    }

    /// One error for each gap, however many brackets it lacks.
    fn report_inserts(&mut self) {
        let mut found = Vec::new();
        for (&index, edit) in &self.inserts {
            let Edit::Insert(closers) = edit else { continue };
            // A string that runs to the end of its line took the bracket with it; that has its own error.
            let before = index.checked_sub(1).map(|index| self.tokens[index].kind);
            if matches!(before, Some(TokenKind::OpenText | TokenKind::SingleQuoted)) {
                continue;
            }
            let end = end_before(self.tokens, index);
            if let Some(error) = division::swallowed_bracket(self.text, self.file, end) {
                found.push(error);
                continue;
            }
            for closers in closers.chunk_by(|(_, inner), (_, outer)| self.same_line(outer, inner)) {
                let error = self.unclosed(closers, end);
                found.push(error);
            }
        }
        self.errors.append(&mut found);
    }

    /// The error for brackets that one line leaves open, the innermost first.
    fn unclosed(&self, closers: &[(TokenKind, Token)], end: usize) -> SyntaxError {
        let gap = Span::new(self.file, end..end);
        let wanted: String = closers.iter().map(|(closer, _)| symbol(*closer)).collect();
        let openers: String = closers.iter().rev().map(|(_, opener)| &self.text[opener.range()]).collect();
        let text = if wanted == "}" { "\n}".to_owned() } else { wanted.clone() };
        let related = closers
            .iter()
            .rev()
            .map(|(_, opener)| (self.span(opener), format!("this `{}` is never closed", &self.text[opener.range()])));
        SyntaxError {
            span: gap,
            kind: SyntaxErrorKind::Unbalanced,
            message: format!("expected `{wanted}` to close `{openers}`"),
            label: format!("expected `{wanted}`"),
            related: related.collect(),
            help: None,
            fix: Some(SyntaxFix::new(format!("insert `{wanted}`"), gap, text)),
        }
    }

    fn same_line(&self, first: &Token, second: &Token) -> bool {
        !self.text[first.start as usize..second.start as usize].contains('\n')
    }

    fn span(&self, token: &Token) -> Span {
        Span::new(self.file, token.range())
    }
}

fn symbol(closer: TokenKind) -> &'static str {
    match closer {
        TokenKind::RightParen => ")",
        TokenKind::RightBracket => "]",
        _ => "}",
    }
}
