//! Text to tokens.
//!
//! `//` both begins a comment and divides whole numbers. It divides when it touches what stands on both sides of it, as in
//! `width//2` or `(a + b)//2`; with a space, a line's start or a line's end on either side it begins a comment. So no
//! comment that is set off by a space is ever read as code, and no code needs knowledge of brackets or context to be read.
//! `///` at the start of a line is a doc comment; block comments do not exist.
//!
//! A comment that was probably meant as a division is reported where reading it as a comment would quietly drop a divisor:
//! one that follows a value and holds nothing but a number (`half = width // 2`), or a name that the file uses elsewhere.

use logos::Logos;
use std::ops::Range;

/// What a token is.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[logos(skip r"[ \t\r\n\x0c]+")]
pub enum TokenKind {
    /// A name or a keyword; keywords are reserved only where they mean something.
    #[regex(r"[\p{XID_Start}_]\p{XID_Continue}*", priority = 3)]
    Word,
    /// `12`, `1_000`
    #[regex(r"[0-9][0-9_]*", priority = 5)]
    Int,
    /// `0.5`, `1e-3`
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*([eE][+-]?[0-9]+)?", priority = 6)]
    #[regex(r"[0-9][0-9_]*[eE][+-]?[0-9]+", priority = 7)]
    Float,
    /// `30%`, `2.5%`: glued, unlike the operator.
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?%", priority = 4)]
    Share,
    /// `30s`, `2.00usd`: a number with a unit.
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?\p{XID_Start}\p{XID_Continue}*", priority = 4)]
    Quantity,
    /// `2019-01-01`
    #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", priority = 9)]
    Date,
    /// `2019-01-01T08:30:00`, with or without the seconds
    #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9](:[0-9][0-9])?", priority = 9)]
    DateTime,
    /// `08:30:00`, with or without the seconds
    #[regex(r"[0-9][0-9]:[0-9][0-9](:[0-9][0-9])?", priority = 9)]
    Time,
    /// Something that begins as a number and is none: `1.`, `.5`, `0xff`, `7%2`.
    #[regex(r"\.[0-9][0-9_]*", priority = 4)]
    BadNumber,
    /// `"text"`
    #[regex(r#""([^"\\\n\r]|\\[^\n\r])*""#, priority = 9)]
    Text,
    /// A string that does not end on its line.
    #[regex(r#""([^"\\\n\r]|\\[^\n\r])*\\?"#, priority = 8)]
    OpenText,
    /// `'text'` or `“text”`, which are not strings.
    #[regex("“[^”\"\n\r]*[”\"]?", priority = 8)]
    #[regex(r"'[^'\n\r]*'?", priority = 8)]
    SingleQuoted,
    /// `// …`
    Comment,
    /// `/// …`
    DocComment,
    /// `/* … */`, which is reported, and otherwise passed over.
    #[token("/*")]
    BlockComment,
    /// `# …`, which is reported, and otherwise passed over.
    #[token("#")]
    HashComment,
    /// Characters that belong to no token.
    #[token("...")]
    Unknown,

    /// `true`
    #[token("true")]
    True,
    /// `false`
    #[token("false")]
    False,
    /// `and`
    #[token("and")]
    And,
    /// `or`
    #[token("or")]
    Or,
    /// `not`
    #[token("not")]
    Not,
    /// `in`
    #[token("in")]
    In,
    /// `as`
    #[token("as")]
    As,
    /// `else`
    #[token("else")]
    Else,
    /// `null`
    #[token("null")]
    Null,

    /// `(`
    #[token("(")]
    LeftParen,
    /// `)`
    #[token(")")]
    RightParen,
    /// `[`
    #[token("[")]
    LeftBracket,
    /// `]`
    #[token("]")]
    RightBracket,
    /// `{`
    #[token("{")]
    LeftBrace,
    /// `}`
    #[token("}")]
    RightBrace,

    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `;`
    #[token(";")]
    Semicolon,
    /// `.`
    #[token(".")]
    Dot,
    /// `..`
    #[token("..")]
    DotDot,
    /// `..=`
    #[token("..=")]
    DotDotEqual,
    /// `=`
    #[token("=")]
    Assign,
    /// `==`
    #[token("==")]
    Equal,
    /// `!=`
    #[token("!=")]
    NotEqual,
    /// `<`
    #[token("<")]
    Less,
    /// `<=`
    #[token("<=")]
    LessEqual,
    /// `>`
    #[token(">")]
    Greater,
    /// `>=`
    #[token(">=")]
    GreaterEqual,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `**`
    #[token("**")]
    StarStar,
    /// `/`
    #[token("/")]
    Slash,
    /// `//` between two operands it touches.
    #[token("//")]
    SlashSlash,
    /// `%`
    #[token("%")]
    Percent,
    /// `@`
    #[token("@")]
    At,
    /// `|>`
    #[token("|>")]
    Pipe,
    /// `~`
    #[token("~")]
    Tilde,
    /// `?`
    #[token("?")]
    Question,
}

impl TokenKind {
    /// Whether the parser passes it over.
    pub fn is_comment(self) -> bool {
        matches!(self, Self::Comment | Self::DocComment | Self::BlockComment | Self::HashComment)
    }

    /// Whether it reads as a word, keyword or not.
    pub fn is_word(self) -> bool {
        matches!(
            self,
            Self::Word
                | Self::True
                | Self::False
                | Self::And
                | Self::Or
                | Self::Not
                | Self::In
                | Self::As
                | Self::Else
                | Self::Null
        )
    }

    /// Whether an expression may end with it.
    pub fn ends_expression(self) -> bool {
        self.is_literal()
            || matches!(self, Self::Word | Self::RightParen | Self::RightBracket | Self::RightBrace | Self::Unknown)
    }

    /// Whether an expression may begin with it.
    pub fn begins_expression(self) -> bool {
        self.is_literal()
            || matches!(
                self,
                Self::Word
                    | Self::Not
                    | Self::Minus
                    | Self::LeftParen
                    | Self::LeftBracket
                    | Self::DotDot
                    | Self::DotDotEqual
                    | Self::Unknown
            )
    }

    /// Whether no statement, setting or column begins with it: a line that begins with it goes on.
    pub fn continues_line(self) -> bool {
        self.is_infix() || matches!(self, Self::As | Self::Else | Self::Assign | Self::Tilde)
    }

    /// Whether it stands between two operands.
    pub fn is_infix(self) -> bool {
        matches!(
            self,
            Self::And
                | Self::Or
                | Self::In
                | Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessEqual
                | Self::Greater
                | Self::GreaterEqual
                | Self::Plus
                | Self::Minus
                | Self::Star
                | Self::StarStar
                | Self::Slash
                | Self::SlashSlash
                | Self::Percent
                | Self::At
                | Self::Pipe
        )
    }

    /// The bracket that closes this one.
    pub fn closer(self) -> Option<Self> {
        match self {
            Self::LeftParen => Some(Self::RightParen),
            Self::LeftBracket => Some(Self::RightBracket),
            Self::LeftBrace => Some(Self::RightBrace),
            _ => None,
        }
    }

    /// Whether it is a closing bracket.
    pub fn is_closer(self) -> bool {
        matches!(self, Self::RightParen | Self::RightBracket | Self::RightBrace)
    }

    /// Whether it is a value by itself, well written or not.
    fn is_literal(self) -> bool {
        matches!(
            self,
            Self::Int
                | Self::Float
                | Self::Share
                | Self::Quantity
                | Self::Date
                | Self::DateTime
                | Self::Time
                | Self::BadNumber
                | Self::Text
                | Self::OpenText
                | Self::SingleQuoted
                | Self::True
                | Self::False
                | Self::Null
        )
    }

    /// Whether it is a number, a date or a time.
    fn is_number(self) -> bool {
        matches!(
            self,
            Self::Int | Self::Float | Self::Share | Self::Quantity | Self::Date | Self::DateTime | Self::Time
        )
    }
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Whether it is the first token on its line.
    pub first_on_line: bool,
    /// Whether nothing stands between it and the token before it.
    pub glued: bool,
}

impl Token {
    /// Its bytes, as a range that indexes the text.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// All tokens of `text`, comments included, white space left out.
///
/// Every byte that is not white space lies in exactly one token, so a text can be rebuilt from its tokens. The text may be
/// at most 4 GiB long; [`crate::parse`] refuses far smaller ones.
pub fn lex(text: &str) -> Vec<Token> {
    lex_from(text, 0, text.len())
}

/// The tokens of `text` that begin from `from`, where a token ends or the text begins, to before `until`.
pub(crate) fn lex_from(text: &str, from: usize, until: usize) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity((until - from) / 4);
    let mark = if from == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let offset = from + mark;
    let body = &text[offset..];
    let mut lexer = TokenKind::lexer(body);
    let mut last_end = 0;
    while let Some(result) = lexer.next() {
        let start = lexer.span().start;
        if start + offset >= until {
            break;
        }
        let between = &body[last_end..start];
        let first_on_line = tokens.is_empty() && from == 0 || between.contains('\n');
        let mut kind = result.unwrap_or(TokenKind::Unknown);
        match kind {
            TokenKind::SlashSlash if !divides(text, start + offset) => {
                lexer.bump(to_line_end(lexer.remainder()));
                let text = lexer.slice();
                let doc = first_on_line && text.starts_with("///") && !text.starts_with("////");
                kind = if doc { TokenKind::DocComment } else { TokenKind::Comment };
            }
            TokenKind::BlockComment => {
                let rest = lexer.remainder();
                lexer.bump(rest.find("*/").map_or(rest.len(), |at| at + 2));
            }
            TokenKind::HashComment => lexer.bump(to_line_end(lexer.remainder())),
            TokenKind::Int if ends_in_dot(lexer.remainder()) => {
                lexer.bump(1);
                kind = TokenKind::BadNumber;
            }
            _ => {}
        }
        if kind.is_number() {
            let more = glued_to_number(kind, lexer.remainder());
            if more > 0 {
                lexer.bump(more);
                kind = TokenKind::BadNumber;
            }
        }
        let end = lexer.span().end;
        let glued = !(tokens.is_empty() && from == 0) && between.is_empty();
        last_end = end;
        if let (TokenKind::Unknown, true, Some(last)) = (kind, glued, tokens.last_mut())
            && last.kind == TokenKind::Unknown
        {
            last.end = (end + offset) as u32;
            continue;
        }
        tokens.push(Token { kind, start: (start + offset) as u32, end: (end + offset) as u32, first_on_line, glued });
    }
    tokens
}

/// Whether the `//` at `start` touches an operand on both sides.
fn divides(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[start + 2..].chars().next();
    let operand = |c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']');
    before.is_some_and(operand) && after.is_some_and(|c| !c.is_whitespace() && c != '/')
}

/// The length of what is left of the line, its end (with any carriage return) left out.
fn to_line_end(rest: &str) -> usize {
    let line = rest.split('\n').next().unwrap_or(rest);
    line.trim_end_matches('\r').len()
}

/// The length of what follows a number without a space and makes it none: `2019-01-015`, `7%2`, `08:30:00.5`.
fn glued_to_number(kind: TokenKind, rest: &str) -> usize {
    let word = |rest: &str| rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
    match kind {
        TokenKind::Date if rest.starts_with('T') => {
            rest.find(|c: char| c != ':' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len())
        }
        TokenKind::Time | TokenKind::DateTime if rest.starts_with('.') && !rest.starts_with("..") => {
            1 + word(&rest[1..])
        }
        TokenKind::Date | TokenKind::Time | TokenKind::DateTime | TokenKind::Share => word(rest),
        _ => 0,
    }
}

/// Whether a whole number is followed by a dot that is neither a range nor a field.
fn ends_in_dot(rest: &str) -> bool {
    let mut rest = rest.chars();
    rest.next() == Some('.') && !rest.next().is_some_and(|c| c == '.' || c == '_' || c.is_alphanumeric())
}
