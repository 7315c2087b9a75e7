//! What of a text may be folded away: brackets over several lines, comments, the head of the file.

use ndsl_compiler::Analysis;
use ndsl_grammar::{Token, TokenKind, lex};

/// Why something may be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It stands between brackets.
    Region,
    /// It is a comment.
    Comment,
    /// It is a row of `use`s.
    Imports,
}

/// Lines that may be folded into their first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Where what is folded begins: behind an opening bracket, or at the end of a line.
    pub start: usize,
    /// Where it ends: before the closing bracket.
    pub end: usize,
    /// Why.
    pub kind: Kind,
}

/// What may be folded in the given text, in the order of its beginnings. It follows from the tokens, so a broken text
/// folds as well.
pub fn folds(analysis: &Analysis) -> Vec<Fold> {
    let text = &*analysis.source.text;
    if text.len() > ndsl_grammar::MAX_SOURCE_BYTES {
        return Vec::new();
    }
    let tokens = lex(text);
    let mut folds = brackets(text, &tokens);
    folds.extend(comments(text, &tokens));
    folds.extend(uses(text, &tokens));
    folds.sort_by_key(|fold| (fold.start, fold.end));
    folds
}

fn has_break(text: &str, start: usize, end: usize) -> bool {
    text[start..end].contains(['\n', '\r'])
}

fn brackets(text: &str, tokens: &[Token]) -> Vec<Fold> {
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    let mut folds = Vec::new();
    for token in tokens {
        if let Some(closing) = token.kind.closer() {
            open.push((closing, token.range().end));
        } else if matches!(token.kind, TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace) {
            // One that is never closed folds nothing; what is around it still may.
            let Some(place) = open.iter().rposition(|(closing, _)| *closing == token.kind) else { continue };
            let (_, start) = open[place];
            open.truncate(place);
            let end = token.range().start;
            if has_break(text, start, end) {
                folds.push(Fold { start, end, kind: Kind::Region });
            }
        }
    }
    folds
}

/// Rows of comments, each on a line of its own.
fn comments(text: &str, tokens: &[Token]) -> Vec<Fold> {
    let alone = |token: &Token| {
        let line = text[..token.range().start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        matches!(token.kind, TokenKind::Comment | TokenKind::DocComment)
            && text[line..token.range().start].trim().is_empty()
    };
    let mut folds = Vec::new();
    let mut run: Option<(usize, usize, TokenKind)> = None;
    let mut close = |run: Option<(usize, usize, TokenKind)>| {
        if let Some((start, end, _)) = run.filter(|(start, end, _)| has_break(text, *start, *end)) {
            folds.push(Fold { start: line_end(text, start), end, kind: Kind::Comment });
        }
    };
    for token in tokens {
        let range = token.range();
        match run {
            Some((start, end, kind)) if alone(token) && token.kind == kind && breaks(text, end, range.start) <= 1 => {
                run = Some((start, range.end, kind));
            }
            _ => {
                close(run.take());
                run = alone(token).then_some((range.start, range.end, token.kind));
            }
        }
    }
    close(run);
    folds
}

/// The row of `use`s at the head of a file.
fn uses(text: &str, tokens: &[Token]) -> Option<Fold> {
    let code = || tokens.iter().filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::DocComment));
    let is_use = |token: &Token| token.kind == TokenKind::Word && &text[token.range()] == "use";
    let first = code().next().filter(|token| is_use(token))?;
    let (mut end, mut ended) = (first.range().end, false);
    for token in code().skip(1) {
        // A `use` ends with its path; until then it may go over several lines.
        if ended && !is_use(token) {
            break;
        }
        ended = token.kind == TokenKind::Text;
        end = token.range().end;
    }
    has_break(text, first.range().start, end).then(|| Fold {
        start: line_end(text, first.range().start),
        end,
        kind: Kind::Imports,
    })
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find(['\n', '\r']).map_or(text.len(), |at| from + at)
}

fn breaks(text: &str, start: usize, end: usize) -> usize {
    text[start..end].bytes().filter(|byte| *byte == b'\n').count()
}
