//! The way through the tokens: what is printed is what is read, token by token, and every comment on the way.
//!
//! The tree says how tokens belong together; the tokens themselves, and the comments between them, come from here in the
//! order of the source. So nothing can be left out or change places by mistake: what is dropped on purpose (separators at a
//! line's end) is dropped by name.

use super::layout::{Layout, Line};
use super::word::Names;
use crate::ast::File;
use crate::token::{Token, TokenKind};

/// Brackets nested deeper than this are printed on a stack of their own.
const DEEP: usize = 12;

/// What may stand between statements, and what between settings or columns.
pub(super) const SEMICOLON: &[(TokenKind, &str)] = &[(TokenKind::Semicolon, ";")];
pub(super) const COMMA: &[(TokenKind, &str)] = &[(TokenKind::Comma, ","), (TokenKind::Semicolon, ";")];

/// A printer of one file.
pub(super) struct Printer<'s> {
    pub(super) text: &'s str,
    pub(super) layout: Layout<'s>,
    pub(super) names: Names<'s>,
    tokens: Vec<Token>,
    /// How many lines have begun up to each token.
    lines: Vec<u32>,
    /// The place of the bracket that closes each opening one.
    closers: Vec<u32>,
    /// The next token, a comment perhaps.
    at: usize,
    /// Comments before separators that were dropped.
    carried: Vec<Token>,
    /// Where the last token ended.
    end: u32,
    /// Its line.
    line: u32,
    /// Whether it opened a bracket and nothing came since.
    opened: bool,
    /// A separator that was dropped since, to be printed if a comment follows that would otherwise read as a divisor.
    dropped: &'static str,
    /// Whether the tree is deeper than a small stack has room for.
    pub(super) deep: bool,
}

impl<'s> Printer<'s> {
    /// Brackets of `tokens` have to be in balance.
    pub(super) fn new(text: &'s str, tokens: Vec<Token>, file: &File) -> Self {
        let mut lines = Vec::with_capacity(tokens.len());
        let mut closers = vec![0; tokens.len()];
        let mut open = Vec::new();
        let mut line = 0;
        let (mut prefixes, mut deep) = (0, false);
        for (at, token) in tokens.iter().enumerate() {
            line += u32::from(token.first_on_line);
            lines.push(line);
            if token.kind.closer().is_some() {
                open.push(at);
            } else if token.kind.is_closer()
                && let Some(opener) = open.pop()
            {
                closers[opener] = at as u32;
            }
            prefixes = if matches!(token.kind, TokenKind::Minus | TokenKind::Not) { prefixes + 1 } else { 0 };
            deep |= open.len() + prefixes > DEEP;
        }
        Self {
            text,
            layout: Layout::default(),
            names: Names::new(text, &tokens, file),
            tokens,
            lines,
            closers,
            at: 0,
            carried: Vec::new(),
            end: 0,
            line: 0,
            opened: true,
            dropped: "",
            deep,
        }
    }

    /// The place of the next token that is no comment.
    fn next(&self) -> usize {
        let comments = self.tokens[self.at..].iter().take_while(|token| token.kind.is_comment()).count();
        self.at + comments
    }

    /// The next token that is no comment.
    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.next()).copied()
    }

    /// Whether the next token that is no comment is of a kind.
    pub(super) fn is_at(&self, kind: TokenKind) -> bool {
        self.peek().is_some_and(|token| token.kind == kind)
    }

    /// Whether the next token that is no comment is this word.
    pub(super) fn is_at_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| &self.text[token.range()] == word)
    }

    /// Whether the next token begins before a byte of the text.
    pub(super) fn is_before(&self, end: u32) -> bool {
        self.peek().is_some_and(|token| token.start < end)
    }

    /// Whether a comment stands before the next token.
    pub(super) fn meets_comment(&self) -> bool {
        !self.carried.is_empty() || self.tokens.get(self.at).is_some_and(|token| token.kind.is_comment())
    }

    /// Whether the next token, no comment, stands on the line of the last.
    pub(super) fn same_line(&self) -> bool {
        !self.meets_comment() && self.lines.get(self.at).is_some_and(|line| *line == self.line)
    }

    /// Whether the bracket that comes next is closed on its own line.
    pub(super) fn closes_on_its_line(&self) -> bool {
        let at = self.next();
        let closer = self.closers.get(at).map_or(0, |closer| *closer as usize);
        closer > at && self.lines[at] == self.lines[closer]
    }

    /// Whether the bracket that comes next holds one pair of brackets and nothing else.
    pub(super) fn holds_brackets_alone(&self) -> bool {
        let at = self.next();
        let code = |at: &usize| self.tokens.get(*at).is_some_and(|token| !token.kind.is_comment());
        let closer = self.closers.get(at).map_or(0, |closer| *closer as usize);
        let Some(inner) = (at + 1..closer).find(code) else { return false };
        let Some(last) = (inner..closer).rev().find(code) else { return false };
        self.closers[inner] as usize == last && last > inner
    }

    /// Whether the tokens before this byte of the text, and no others, have been printed.
    pub(super) fn is_through(&self, end: u32) -> bool {
        self.end == end
    }

    /// Goes back or forth to the token after a byte of the text.
    pub(super) fn go_behind(&mut self, end: u32) {
        self.at = self.tokens.partition_point(|token| token.start < end);
        self.carried.clear();
        self.end = end;
        self.line = self.at.checked_sub(1).map_or(0, |last| self.lines[last]);
    }

    /// Whether a comment stands between two bytes of the text.
    pub(super) fn comment_in(&self, start: u32, end: u32) -> bool {
        let first = self.tokens.partition_point(|token| token.start < start);
        self.tokens[first..].iter().take_while(|token| token.start < end).any(|token| token.kind.is_comment())
    }

    /// Prints the next token as it is written.
    pub(super) fn token(&mut self) {
        if let Some(token) = self.advance() {
            self.layout.text(&self.text[token.range()]);
        }
    }

    /// Prints something else in place of the next token.
    pub(super) fn token_as(&mut self, text: &'s str) {
        if self.advance().is_some() {
            self.layout.text(text);
        }
    }

    /// Passes over the tokens up to a byte of the text; there are no comments among them.
    pub(super) fn skip_to(&mut self, end: u32) {
        while self.is_before(end) && self.advance().is_some() {}
    }

    /// Drops the next token if it is of a kind; `text` is what it is printed as should it be needed after all.
    pub(super) fn drop(&mut self, kind: TokenKind, text: &'static str) -> bool {
        let found = self.is_at(kind);
        if found {
            let opened = self.opened;
            self.advance();
            self.dropped = text;
            self.opened = opened;
        }
        found
    }

    /// Drops the separators between two items. One that a doc comment stands before is kept, for the comment would otherwise
    /// document the next item.
    pub(super) fn separators(&mut self, kinds: &[(TokenKind, &'static str)]) {
        while let Some((kind, text)) = kinds.iter().find(|(kind, _)| self.is_at(*kind)) {
            let documents = |token: &Token| token.kind == TokenKind::DocComment;
            if self.carried.iter().chain(&self.tokens[self.at..self.next()]).any(documents) {
                self.line_between(Line::HARD);
                self.token();
            } else {
                self.drop(*kind, text);
            }
        }
    }

    /// Drops separators for good.
    pub(super) fn drop_separators(&mut self) {
        while self.drop(TokenKind::Comma, "") || self.drop(TokenKind::Semicolon, "") {}
    }

    /// Goes past the next token; comments before it that are not yet printed come before the one after it.
    fn advance(&mut self) -> Option<Token> {
        let next = self.next();
        self.carried.extend(&self.tokens[self.at..next]);
        let token = *self.tokens.get(next)?;
        self.at = next + 1;
        self.end = token.end;
        self.line = self.lines[next];
        self.opened = token.kind.closer().is_some();
        self.dropped = "";
        Some(token)
    }

    /// Nothing between two tokens, or the comments that stand there.
    pub(super) fn glue(&mut self) {
        if self.meets_comment() {
            self.in_between();
        }
    }

    /// A space between two tokens, or the comments that stand there.
    pub(super) fn space(&mut self) {
        if self.meets_comment() {
            self.in_between();
        } else {
            self.layout.text(" ");
        }
    }

    /// Comments where no line would end.
    fn in_between(&mut self) {
        self.layout.indent();
        self.comments(false);
        self.layout.line(Line::HARD);
        self.layout.end();
    }

    /// A line that may end, after the comments that stand there; they make it end.
    pub(super) fn line(&mut self, line: Line) {
        if self.meets_comment() {
            self.comments(false);
            self.layout.line(Line::HARD);
        } else {
            self.dropped = "";
            self.layout.line(line);
        }
    }

    /// The same between two of many, where one empty line of the source is kept.
    pub(super) fn line_between(&mut self, line: Line) {
        if self.meets_comment() {
            let doc = self.comments(true);
            let blank = !doc && self.has_blank_before_next();
            self.layout.line(Line::HARD.blank(blank));
        } else {
            self.dropped = "";
            let blank = self.has_blank_before_next();
            self.layout.line(line.blank(blank));
        }
    }

    /// The line before a closing bracket, which ends what is indented; comments before the bracket are inside.
    pub(super) fn line_before_closer(&mut self, line: Line) {
        if self.meets_comment() {
            self.comments(true);
            self.layout.end();
            self.layout.line(Line::HARD);
        } else {
            self.dropped = "";
            self.layout.end();
            self.layout.line(line);
        }
    }

    /// Prints the comments before the next token; a line's end has to follow. Answers whether the last is a doc comment.
    pub(super) fn comments(&mut self, keep_blank: bool) -> bool {
        let next = self.next();
        let mut doc = false;
        for (at, comment) in self.take_comments(next).into_iter().enumerate() {
            self.comment(&comment, keep_blank, at == 0);
            doc = comment.kind == TokenKind::DocComment;
        }
        doc
    }

    /// Prints the comments before the next token, each on a line of its own, and begins a line after them.
    pub(super) fn own_lines(&mut self) {
        let next = self.next();
        let comments = self.take_comments(next);
        for (at, comment) in comments.iter().enumerate() {
            if at > 0 {
                self.layout.line(Line::HARD.blank(self.blank_before(comment)));
            }
            self.layout.text(self.text[comment.range()].trim_end());
            self.end = comment.end;
            self.opened = false;
        }
        if let (Some(last), Some(next)) = (comments.last(), self.peek()) {
            let doc = last.kind == TokenKind::DocComment;
            self.layout.line(Line::HARD.blank(!doc && self.blank_before(&next)));
        }
    }

    /// Whether an empty line stands before what comes next, be it a comment.
    pub(super) fn has_blank_ahead(&self) -> bool {
        self.tokens.get(self.at).is_some_and(|next| self.blank_before(next))
    }

    /// Whether an empty line stands anywhere before the next token, be it between comments.
    pub(super) fn has_blank_before_next(&self) -> bool {
        self.peek().is_some_and(|next| self.blank_before(&next))
    }

    /// The same of empty lines that [`Self::line_between`] keeps: none is between a doc comment and what it documents.
    pub(super) fn keeps_blank_before_next(&self) -> bool {
        let Some(next) = self.peek() else { return false };
        let (mut end, mut opened, mut doc) = (self.end, self.opened, false);
        for (at, comment) in self.carried.iter().chain(&self.tokens[self.at..self.next()]).enumerate() {
            if self.has_own_line(comment, at == 0) && !opened && self.blank_between(end, comment.start) {
                return true;
            }
            (end, opened, doc) = (comment.end, false, comment.kind == TokenKind::DocComment);
        }
        !doc && !opened && self.blank_between(end, next.start)
    }

    /// Whether nothing stands between the last token and the next.
    pub(super) fn touches(&self) -> bool {
        self.peek().is_some_and(|next| next.start == self.end)
    }

    /// Prints the comments that end the last token's line.
    pub(super) fn trailing_comments(&mut self) {
        let next = self.next();
        let own = self.tokens[self.at..next].iter().take_while(|token| !token.first_on_line).count();
        for (at, comment) in self.take_comments(self.at + own).into_iter().enumerate() {
            self.comment(&comment, false, at == 0);
        }
    }

    fn take_comments(&mut self, next: usize) -> Vec<Token> {
        let mut comments = std::mem::take(&mut self.carried);
        comments.extend(&self.tokens[self.at..next]);
        self.at = next;
        comments
    }

    fn comment(&mut self, comment: &Token, keep_blank: bool, first: bool) {
        let text = self.text[comment.range()].trim_end();
        if self.has_own_line(comment, first) {
            let blank = keep_blank && self.blank_before(comment);
            self.layout.line(Line::HARD.blank(blank));
            self.layout.text(text);
        } else {
            if reads_as_divisor(text) {
                self.layout.text(self.dropped);
            }
            self.layout.trailing(text);
        }
        self.dropped = "";
        self.end = comment.end;
        self.opened = false;
    }

    /// Whether a comment begins a line, the `first` of some or not. Where a separator between two was dropped, the second no
    /// longer has a line to end; at the start of one, three slashes would make it a doc comment.
    fn has_own_line(&self, comment: &Token, first: bool) -> bool {
        comment.first_on_line || !first && !self.text[comment.range()].starts_with("///")
    }

    /// Whether an empty line stands before a token, after what was printed last. None is kept after an opening brace.
    fn blank_before(&self, token: &Token) -> bool {
        !self.opened && self.blank_between(self.end, token.start)
    }

    /// Whether an empty line stands between two places; a separator that was dropped may stand there too.
    fn blank_between(&self, start: u32, end: u32) -> bool {
        let mut ends = 0;
        self.text.get(start as usize..end as usize).unwrap_or_default().bytes().any(|byte| {
            ends = if byte == b'\n' { ends + 1 } else { ends * u32::from(byte.is_ascii_whitespace()) };
            ends > 1
        })
    }
}

/// Whether a comment holds nothing but a number or a name, so that after a value it would be taken for a divisor.
fn reads_as_divisor(comment: &str) -> bool {
    let body = comment.trim_start_matches('/').trim();
    !body.is_empty() && body.chars().all(|c| c == '_' || c.is_alphanumeric())
}
