//! Lexemes to the tree, with chumsky.
//!
//! One declaration is parsed at a time: see [`crate::split`]. Its brackets are in balance ([`crate::balance`]) and its tree
//! is known to be shallow enough ([`crate::depth`]) before it comes here.

pub(crate) mod advice;
mod again;
mod column;
mod control;
mod declaration;
mod expression;
mod fault;
mod piece;
mod reader;
mod record;
mod schema;
mod statement;

use crate::ast::{Declaration, DeclarationKind, File, Ident};
use crate::balance::{self, balance};
use crate::depth::{self, MAX_NESTING};
use crate::docs::Docs;
use crate::lexeme::Lexeme;
use crate::split::{self, Chunk};
use crate::stack::on_large_stack;
use crate::token::{Token, TokenKind, lex};
use crate::{FileId, Span, SyntaxError, SyntaxErrorKind, SyntaxFix, literal, open_string};
pub use again::parse_again;
use fault::{Fault, Problem};
pub use piece::{Piece, word};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// Bytes that a source may have: 8 MiB.
pub const MAX_SOURCE_BYTES: usize = 8 << 20;

/// Deeper trees are parsed on a thread with a stack of its own.
const DEEP: usize = 12;

/// What [`parse`] answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parse {
    /// The tree; what could not be read stands in it as `Error` nodes.
    pub file: File,
    /// The mistakes, in the order of their places.
    pub errors: Vec<SyntaxError>,
}

/// Reads `text`.
///
/// This never fails: every declaration that can be read is in the tree, and every mistake is in the errors. A text larger
/// than [`MAX_SOURCE_BYTES`] is refused unread, with [`SyntaxErrorKind::TooLarge`]; expressions deeper than [`MAX_NESTING`]
/// cost their declaration, with [`SyntaxErrorKind::TooDeep`]. So the time is linear in the text and the depth of the tree
/// is bounded.
pub fn parse(text: &str, file: FileId) -> Parse {
    if text.len() > MAX_SOURCE_BYTES {
        return Parse { file: File::default(), errors: vec![too_large(text, file)] };
    }
    let tokens = lex(text);
    let chunks = split::split(text, &without_comments(&tokens));
    let read = read(text, file, &tokens, &chunks);
    again::put_together(text, file, &again::Around::default(), read, 0, &tokens)
}

/// One declaration as it was read.
struct ReadPiece<'k> {
    declaration: Declaration,
    chunk: &'k Chunk,
    depth: usize,
    /// Its place among all tokens, from the comments before it to those behind it on its line.
    tokens: Range<usize>,
    errors: Vec<SyntaxError>,
}

/// Reads declarations that stand one after the other: `tokens` are theirs, comments among them, and `chunks` says which are whose.
fn read<'k>(text: &str, file: FileId, tokens: &[Token], chunks: &'k [Chunk]) -> Read<'k> {
    let docs = Docs::new(text, tokens);
    let own = without_comments(tokens);
    let mut lexemes = Vec::with_capacity(own.len() + own.len() / 8);
    let mut errors: Vec<Vec<SyntaxError>> = vec![Vec::new(); chunks.len()];
    let mut prepared: Vec<Prepared<'_>> = chunks
        .iter()
        .zip(&mut errors)
        .map(|(chunk, errors)| prepare(text, file, &own, chunk, &mut lexemes, errors))
        .collect();
    let declarations = if prepared.iter().any(|chunk| chunk.depth > DEEP) {
        match on_large_stack(|| declarations(text, &prepared, &lexemes, &docs, file, &mut errors)) {
            Ok(declarations) => declarations,
            Err(_) => {
                refuse_deep(&mut prepared, file, &mut errors);
                declarations(text, &prepared, &lexemes, &docs, file, &mut errors)
            }
        }
    } else {
        declarations(text, &prepared, &lexemes, &docs, file, &mut errors)
    };
    let mut next = 0;
    let depths = prepared.iter().map(|ready| ready.depth);
    let read = declarations.into_iter().zip(chunks).zip(depths).zip(errors);
    let pieces = read.map(|(((declaration, chunk), depth), errors)| {
        let first = next;
        let behind = |token: &Token| token.kind.is_comment() && !token.first_on_line;
        while tokens.get(next).is_some_and(|token| token.start < declaration.span.end || behind(token)) {
            next += 1;
        }
        ReadPiece { declaration, chunk, depth, tokens: first..next, errors }
    });
    let pieces = pieces.collect();
    Read { pieces, rest: next..tokens.len() }
}

/// Declarations that were read, and the comments after the last.
struct Read<'k> {
    pieces: Vec<ReadPiece<'k>>,
    rest: Range<usize>,
}

/// A declaration made ready for its parser.
struct Prepared<'c> {
    chunk: &'c Chunk,
    span: Range<usize>,
    first: Token,
    /// Its second token, when that could be its name.
    name: Option<(Range<usize>, &'c str)>,
    depth: usize,
    /// Its lexemes, unless it is not to be parsed.
    lexemes: Option<Range<usize>>,
}

fn prepare<'s>(
    text: &'s str,
    file: FileId,
    tokens: &[Token],
    chunk: &'s Chunk,
    lexemes: &mut Vec<Lexeme<'s>>,
    errors: &mut Vec<SyntaxError>,
) -> Prepared<'s> {
    let own = &tokens[chunk.tokens.clone()];
    let first = own[0];
    let end = own.last().map_or(first.end, |token| token.end);
    let name = own.get(1).filter(|token| token.kind == TokenKind::Word).map(|t| (t.range(), &text[t.range()]));
    let mut prepared =
        Prepared { chunk, span: first.start as usize..end as usize, first, name, depth: 0, lexemes: None };
    let word = &text[first.range()];
    let Some(keyword) = chunk.keyword else {
        let next = own.get(1).map(|token| token.kind);
        let known = match first.kind {
            TokenKind::Word => advice::of_declaration(word)
                .or_else(|| advice::before_mark(next?, word.starts_with(char::is_uppercase)))
                .unwrap_or(&advice::NO_DECLARATION),
            kind => advice::of_mark(kind),
        };
        let mut error = at(file, &first, SyntaxErrorKind::Unexpected, known.message.replace("{}", &shown(word)));
        error.label = known.label.to_owned();
        error.help = known.help.map(str::to_owned);
        if matches!(word, "import" | "from" | "include" | "require") {
            // What is imported is no name of this file.
            prepared.name = None;
        }
        if literal::is_faulty(first.kind, word) {
            literal::faults(text, file, &first, errors);
        } else {
            errors.push(error);
        }
        return prepared;
    };
    if chunk.misspelt {
        let mut error = at(file, &first, SyntaxErrorKind::Unexpected, format!("`{word}` begins no declaration"));
        error.label = format!("did you mean `{}`?", keyword.word);
        let span = Span::new(file, first.range());
        error.fix = Some(SyntaxFix::new(format!("write `{}`", keyword.word), span, keyword.word));
        errors.push(error);
    }
    let (start, reported) = (lexemes.len(), errors.len());
    let mut open: Vec<TokenKind> = Vec::new();
    let mut previous = "";
    let mut cut_off = 0;
    for (index, token) in own.iter().enumerate() {
        let pattern = token.kind == TokenKind::Text && previous == "matches";
        previous = &text[token.range()];
        match token.kind {
            // A regular expression has escapes of its own.
            _ if pattern => {}
            // Quotes after one that was left open on the same line are read the wrong way round.
            TokenKind::OpenText | TokenKind::SingleQuoted if (token.start as usize) < cut_off => {}
            TokenKind::SingleQuoted if open_string::is_left_open(text, own, index) => {
                cut_off = text[token.range().end..].find('\n').map_or(text.len(), |at| token.range().end + at);
                errors.push(open_string::single(text, file, token, &open));
            }
            TokenKind::OpenText => errors.push(open_string::error(text, file, token, &open)),
            kind if kind.is_closer() => drop(open.pop()),
            kind => {
                open.extend(kind.closer());
                literal::faults(text, file, token, errors);
            }
        }
    }
    balance(text, file, own, lexemes, errors);
    match depth::depth(&lexemes[start..]) {
        Ok(depth) => prepared.depth = depth,
        Err(place) => {
            let span = lexemes[start + place].span.into_range();
            let message = format!("this goes deeper than {MAX_NESTING} levels of brackets and operators");
            let mut error = at(file, &first, SyntaxErrorKind::TooDeep, message);
            error.span = Span::new(file, span);
            error.label = "too deep".to_owned();
            error.help = Some("name parts of it in statements of their own".to_owned());
            errors.truncate(reported);
            errors.push(error);
            lexemes.truncate(start);
            return prepared;
        }
    }
    prepared.lexemes = Some(start..lexemes.len());
    prepared
}

/// Gives up the deep declarations where the system has no thread for them.
fn refuse_deep(prepared: &mut [Prepared<'_>], file: FileId, errors: &mut [Vec<SyntaxError>]) {
    for (deep, errors) in prepared.iter_mut().zip(errors).filter(|(chunk, _)| chunk.depth > DEEP) {
        deep.lexemes = None;
        let message = "this goes deeper than there is memory to read it".to_owned();
        errors.push(at(file, &deep.first, SyntaxErrorKind::TooDeep, message));
    }
}

/// Parses what was prepared.
fn declarations<'t>(
    text: &str,
    prepared: &[Prepared<'_>],
    lexemes: &'t [Lexeme<'t>],
    docs: &Docs,
    file: FileId,
    errors: &mut [Vec<SyntaxError>],
) -> Vec<Declaration> {
    let comments = docs.in_order();
    let mut declarations = Vec::with_capacity(prepared.len());
    for (ready, errors) in prepared.iter().zip(errors) {
        let mut unclosed: HashMap<Span, usize> = HashMap::new();
        for (place, error) in errors.iter().enumerate() {
            if error.kind == SyntaxErrorKind::Unbalanced {
                unclosed.entry(error.span).or_insert(place);
            }
        }
        let span = Span::new(file, ready.span.clone());
        let docs = comments.before(ready.span.start);
        let name = ready
            .name
            .as_ref()
            .map(|(range, text)| Ident { text: (*text).to_owned(), span: Span::new(file, range.clone()) });
        let failed = DeclarationKind::Error { name };
        let kind = match (ready.chunk.keyword, &ready.lexemes) {
            (Some(keyword), Some(range)) => {
                let own = &lexemes[range.clone()];
                let (kind, faults) =
                    reader::run(own, file, &comments, |reader| declaration::declaration(reader, keyword.word));
                report(&faults, text, file, own, ready.span.end, &unclosed, errors);
                kind.unwrap_or(failed)
            }
            _ => failed,
        };
        errors.sort_by_key(|error| (error.span.start, error.span.end));
        forget_closers(errors);
        declarations.push(Declaration { span, docs, kind });
    }
    declarations
}

/// Where the brace that opens a body is missing and has been reported, the one that closes it is no mistake of its own.
fn forget_closers(errors: &mut Vec<SyntaxError>) {
    let mut missing = 0_usize;
    errors.retain(|error| {
        missing += usize::from(error.kind == SyntaxErrorKind::Unexpected && error.label.starts_with("expected `{`"));
        let forgotten = missing > 0 && error.kind == SyntaxErrorKind::Unbalanced && error.message == balance::UNOPENED;
        missing -= usize::from(forgotten);
        !forgotten
    });
}

/// Puts faults into words: one for each place, none where a token has been reported by itself. `unclosed` has the places in
/// `errors` of the brackets that are missing.
fn report(
    faults: &[Fault],
    text: &str,
    file: FileId,
    lexemes: &[Lexeme<'_>],
    end: usize,
    unclosed: &HashMap<Span, usize>,
    errors: &mut Vec<SyntaxError>,
) {
    let mut seen = HashSet::new();
    let mut lists: Vec<SyntaxError> = Vec::new();
    let mut arms: BTreeMap<u32, SyntaxError> = BTreeMap::new();
    for fault in faults {
        if fault.is_reported(lexemes) || !seen.insert(fault.index) {
            continue;
        }
        let error = fault.describe(text, file, lexemes, end);
        if matches!(fault.problem, Problem::Tuple(_)) {
            one_list(&mut lists, error);
            continue;
        }
        // Layers that stand in a `branch` without braces are one mistake, mended at once.
        if let Problem::BareArm(_, branch) = fault.problem {
            match arms.get_mut(&branch) {
                Some(known) => {
                    if let (Some(fix), Some(more)) = (&mut known.fix, error.fix) {
                        fix.edits.extend(more.edits);
                    }
                }
                None => drop(arms.insert(branch, error)),
            }
            continue;
        }
        let bracket = unclosed.get(&error.span).and_then(|place| errors.get_mut(*place));
        match (fault.problem, bracket) {
            // What is missing before a bracket that is missing too is one mistake.
            (Problem::Expected(wanted, _), Some(bracket)) => {
                bracket.message = bracket.message.replacen("expected ", &format!("expected {wanted} and "), 1);
                bracket.label = bracket.label.replacen("expected ", &format!("expected {wanted} and "), 1);
                bracket.fix = None;
            }
            _ => errors.push(error),
        }
    }
    errors.append(&mut lists);
    errors.extend(arms.into_values());
}

/// Adds the error of a list between round brackets; lists in one another are one mistake, mended at once.
fn one_list(lists: &mut Vec<SyntaxError>, mut error: SyntaxError) {
    let holds = |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
    let absorb = |outer: &mut SyntaxError, inner: Option<SyntaxFix>| {
        if let (Some(fix), Some(inner)) = (&mut outer.fix, inner) {
            fix.edits.extend(inner.edits);
            fix.edits.sort_by_key(|(span, _)| span.start);
        }
    };
    if let Some(outer) = lists.iter_mut().find(|outer| holds(outer.span, error.span)) {
        absorb(outer, error.fix);
        return;
    }
    let span = error.span;
    for inner in lists.extract_if(.., |inner| holds(span, inner.span)) {
        absorb(&mut error, inner.fix);
    }
    lists.push(error);
}

fn without_comments(all: &[Token]) -> Vec<Token> {
    let mut after_line_end = false;
    let mut tokens = Vec::with_capacity(all.len());
    for token in all {
        after_line_end |= token.first_on_line;
        if !token.kind.is_comment() {
            tokens.push(Token { first_on_line: after_line_end, ..*token });
            after_line_end = false;
        }
    }
    tokens
}

fn at(file: FileId, token: &Token, kind: SyntaxErrorKind, message: String) -> SyntaxError {
    let span = Span::new(file, token.range());
    SyntaxError { span, kind, message, label: String::new(), related: Vec::new(), help: None, fix: None }
}

fn too_large(text: &str, file: FileId) -> SyntaxError {
    SyntaxError {
        span: Span::new(file, 0..0),
        kind: SyntaxErrorKind::TooLarge,
        message: format!("the source has {} bytes; at most {MAX_SOURCE_BYTES} are read", text.len()),
        label: "too large".to_owned(),
        related: Vec::new(),
        help: Some("split it into several files; data belongs into data files".to_owned()),
        fix: None,
    }
}

/// A token's text for a message, cut where it is long.
fn shown(word: &str) -> String {
    let mut shown: String = word.chars().take(32).collect();
    if shown.len() < word.len() {
        shown.push('…');
    }
    shown
}
