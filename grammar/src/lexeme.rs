//! What the parser reads: the tokens of one declaration with their brackets in balance and their line ends made explicit.

use crate::literal;
use crate::token::TokenKind;
use chumsky::span::SimpleSpan;

/// A token as the parser sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lexeme<'s> {
    pub(crate) kind: LexemeKind,
    /// Its place among the lexemes of the file.
    pub(crate) index: u32,
    /// Its text; nothing for what stands in no file.
    pub(crate) text: &'s str,
    pub(crate) span: SimpleSpan,
}

/// What a lexeme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LexemeKind {
    /// A token that means what it says.
    Plain(TokenKind),
    /// `(` that touches what is called.
    Call,
    /// `[` that touches what is indexed.
    Index,
    /// The end of a line that ends a statement or a setting.
    Newline,
    /// A token that has been reported already; it stands for some value.
    Bad,
}

impl Lexeme<'_> {
    pub(crate) fn is(&self, kind: TokenKind) -> bool {
        self.kind == LexemeKind::Plain(kind)
    }

    /// Whether it is a string that its line's end cut off.
    pub(crate) fn is_open_string(&self) -> bool {
        self.kind == LexemeKind::Bad && literal::is_cut_off(self.text)
    }

    pub(crate) fn is_word(&self) -> bool {
        matches!(self.kind, LexemeKind::Plain(kind) if kind.is_word())
    }

    pub(crate) fn is_opener(&self) -> bool {
        match self.kind {
            LexemeKind::Plain(kind) => kind.closer().is_some(),
            LexemeKind::Call | LexemeKind::Index => true,
            LexemeKind::Newline | LexemeKind::Bad => false,
        }
    }

    pub(crate) fn is_closer(&self) -> bool {
        matches!(self.kind, LexemeKind::Plain(kind) if kind.is_closer())
    }

    /// Whether it ends a statement.
    pub(crate) fn is_separator(&self) -> bool {
        self.kind == LexemeKind::Newline || self.is(TokenKind::Semicolon)
    }

    /// Whether an expression may begin with it where one is wanted.
    pub(crate) fn begins_expression(&self) -> bool {
        match self.kind {
            LexemeKind::Plain(kind) => kind.begins_expression(),
            LexemeKind::Bad | LexemeKind::Call | LexemeKind::Index => true,
            LexemeKind::Newline => false,
        }
    }

    /// Whether it can only be the start of something new after a complete expression on the same line.
    pub(crate) fn begins_anew(&self) -> bool {
        match self.kind {
            LexemeKind::Plain(kind) => {
                kind.begins_expression()
                    && !matches!(
                        kind,
                        TokenKind::Minus
                            | TokenKind::LeftParen
                            | TokenKind::LeftBracket
                            | TokenKind::DotDot
                            | TokenKind::DotDotEqual
                    )
            }
            LexemeKind::Bad => true,
            _ => false,
        }
    }

    /// What to call it in a message.
    pub(crate) fn describe(&self) -> String {
        use TokenKind as T;
        match self.kind {
            LexemeKind::Newline => "the end of the line".to_owned(),
            LexemeKind::Plain(kind) if kind.is_closer() && self.text.is_empty() => "the end".to_owned(),
            LexemeKind::Plain(T::Text) => "a string".to_owned(),
            LexemeKind::Plain(T::Int | T::Float) if self.text.len() > 24 => "a number".to_owned(),
            LexemeKind::Plain(T::Word) if self.text.len() > 48 => "a name".to_owned(),
            _ => format!("`{}`", self.text),
        }
    }
}
