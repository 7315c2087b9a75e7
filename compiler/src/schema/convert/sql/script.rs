//! A script of SQL as statements, each a row of tokens with their places.

use std::ops::Range;

use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::super::Fault;
use super::Dialect;

/// A token with its bytes in the text.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub token: TokenWithSpan,
    pub at: Range<usize>,
}

/// A comment of one line.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    /// What stands behind its marks.
    pub text: String,
    pub at: Range<usize>,
    /// The line it stands on, from 1.
    pub line: u64,
}

impl Placed {
    /// The comment it is.
    pub fn comment(&self) -> Option<Comment> {
        let Token::Whitespace(Whitespace::SingleLineComment { comment, .. }) = &self.token.token else { return None };
        let text = comment.trim_end().to_owned();
        Some(Comment { text, at: self.at.clone(), line: self.token.span.start.line })
    }

    /// Whether it says nothing.
    pub fn is_space(&self) -> bool {
        matches!(self.token.token, Token::Whitespace(_))
    }

    /// The word it is, in capitals; nothing where it stands between quotes.
    pub fn word(&self) -> Option<String> {
        match &self.token.token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
            _ => None,
        }
    }
}

/// The statements of a script, without those that are only space. Comments stand with the statement behind them.
///
/// # Errors
/// Where the text is cut off within a token.
pub(super) fn statements(text: &str, dialect: Dialect) -> Result<Vec<Vec<Placed>>, Fault> {
    let text = without_rows(text);
    let tokens = Tokenizer::new(dialect.syntax(), &text).tokenize_with_location();
    let tokens = tokens.map_err(|error| {
        let at = Cursor::new(&text).find(error.location);
        Fault::new(at..at, format!("this is no SQL: {}", said(&error.message)))
    })?;
    let mut cursor = Cursor::new(&text);
    let mut statements = Vec::new();
    let mut current: Vec<Placed> = Vec::new();
    for token in tokens {
        let at = cursor.find(token.span.start)..cursor.find(token.span.end);
        let ends = matches!(token.token, Token::SemiColon | Token::EOF);
        if !ends {
            current.push(Placed { token, at });
        } else if current.iter().any(|token| !token.is_space() || token.comment().is_some()) {
            statements.push(std::mem::take(&mut current));
        }
    }
    if current.iter().any(|token| !token.is_space() || token.comment().is_some()) {
        statements.push(current);
    }
    Ok(statements)
}

/// A message of the parser as a phrase.
pub(super) fn said(message: &str) -> String {
    let message = message.strip_prefix("sql parser error: ").unwrap_or(message);
    let message = message.split(" at Line: ").next().unwrap_or(message);
    let mut letters = message.chars();
    letters.next().map(|first| first.to_lowercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// The place a message of the parser names.
pub(super) fn place_in(message: &str) -> Option<Location> {
    let (line, column) = message.rsplit_once("at Line: ")?.1.split_once(", Column: ")?;
    Some(Location { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
}

/// Finds bytes by lines and columns that only go forward.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    column: u64,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, column: 1 }
    }

    fn find(&mut self, wanted: Location) -> usize {
        while (self.line, self.column) < (wanted.line, wanted.column) {
            let Some(letter) = self.text[self.at..].chars().next() else { break };
            self.at += letter.len_utf8();
            if letter == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.at
    }
}

/// The text without the rows and commands of a dump, which are no SQL: each of their bytes is a space, so that places stay.
fn without_rows(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_rows = false;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let ends_rows = in_rows && line.trim_end() == "\\.";
        let is_command = !in_rows
            && (line.starts_with('\\')
                || start.len() >= 9 && start.is_char_boundary(9) && start[..9].eq_ignore_ascii_case("delimiter"));
        if in_rows || is_command {
            out.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(line);
        }
        let upper = || line.trim_end().to_uppercase();
        if ends_rows {
            in_rows = false;
        } else if !in_rows && start.len() >= 4 && start.is_char_boundary(4) && start[..4].eq_ignore_ascii_case("copy") {
            in_rows = upper().ends_with("FROM STDIN;");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_dump_are_passed_over() {
        let text = "\\connect shop\nCOPY t (a) FROM stdin;\nit's\té;\n\\.\nCREATE TABLE t (a int);\n";
        let found = statements(text, Dialect::Postgres).unwrap();
        let begins: Vec<&str> = found
            .iter()
            .map(|one| {
                let first = one.iter().find(|token| !token.is_space()).unwrap();
                &text[first.at.clone()]
            })
            .collect();
        assert_eq!(begins, ["COPY", "CREATE"]);
    }

    #[test]
    fn a_text_that_is_cut_off_has_its_place() {
        let fault = statements("CREATE TABLE t (\n  a text DEFAULT 'oops\n);", Dialect::Postgres).unwrap_err();
        assert_eq!(fault.at.start, 34);
    }
}
