//! A text is read after another: the declarations before and behind what differs are taken over.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::piece::{Own, Piece, next_key, word};
use super::{Parse, Read, ReadPiece, read, too_large};
use crate::ast::{Declaration, File};
use crate::split::{Chunk, split};
use crate::token::{Token, TokenKind, lex_from};
use crate::{FileId, MAX_SOURCE_BYTES, SyntaxError, division, literal};

/// How many declarations before the one that changed are read again: where one ends depends on two tokens behind it, each of
/// which may be a declaration.
const BEFORE: usize = 4;

/// How many declarations behind one are looked at to find its end.
const BEHIND: usize = 3;

/// Reads `text` after `before`, another text with what was read of it: the answer is that of [`super::parse`], and only what
/// differs takes time.
pub fn parse_again(text: &Arc<str>, file: FileId, before: Option<(&str, &File)>) -> Parse {
    if text.len() > MAX_SOURCE_BYTES {
        return Parse { file: File::default(), errors: vec![too_large(text, file)] };
    }
    let same_file = |(_, known): &(&str, &File)| known.declarations.iter().all(|piece| piece.span.file == file);
    let (old, known) = before.filter(same_file).map_or(("", &[][..]), |(old, known)| (old, &*known.declarations));
    let start = common(old.as_bytes().chunks(CHUNK).zip(text.as_bytes().chunks(CHUNK)), |a, b| {
        a.iter().zip(b).take_while(|(a, b)| a == b).count()
    });
    let most = old.len().min(text.len()) - start;
    let (old_rest, new_rest) = (&old.as_bytes()[old.len() - most..], &text.as_bytes()[text.len() - most..]);
    let end = common(old_rest.rchunks(CHUNK).zip(new_rest.rchunks(CHUNK)), |a, b| {
        a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
    });
    let by = text.len() as isize - old.len() as isize;

    let first = known.partition_point(|piece| piece.span.range().start < start).saturating_sub(BEFORE);
    let from = known.get(first).map_or(0, |piece| piece.region.start);
    let behind = known.partition_point(|piece| piece.region.start < old.len() - end).max(first);
    // From the first declaration behind what differs that is found again, everything is as it was.
    let mut ahead = 0;
    loop {
        let last = (behind + ahead..known.len()).find(|at| known.get(at + 1).is_none_or(|next| next.own.starts_line));
        let until = last.and_then(|last| known.get(last + 1 + BEHIND));
        let until = until.map_or(text.len(), |piece| piece.region.start.wrapping_add_signed(by));
        let tokens = lex_from(text, from, until);
        let mut chunks = split(text, &super::without_comments(&tokens));
        let rest = if until == text.len() {
            known.len()
        } else {
            let found = last.and_then(|last| Some((last + 1, again(&known[last], &tokens, &chunks, by)?)));
            let Some((rest, count)) = found else {
                ahead = 2 * ahead + BEHIND;
                continue;
            };
            chunks.truncate(count);
            rest
        };
        let taken = |piece: &Piece| piece.moved(text, by);
        let around = Around {
            before: known[..first].iter().map(|piece| piece.moved(text, 0)).collect(),
            after: known[rest..].iter().map(taken).collect(),
        };
        let read = read(text, file, &tokens, &chunks);
        let mut parse = put_together(text, file, &around, read, from, &tokens);
        keep_keys(text, &mut parse.file.declarations[first..], old, &known[first..rest]);
        return parse;
    }
}

/// How many declarations there are up to one that was known before, if it is among those of the new text.
fn again(known: &Piece, tokens: &[Token], chunks: &[Chunk], by: isize) -> Option<usize> {
    let start = known.span.range().start.wrapping_add_signed(by);
    let own = super::without_comments(tokens);
    let at = chunks.iter().position(|chunk| own[chunk.tokens.start].start as usize == start)?;
    let chunk = &chunks[at];
    let same = chunk.keyword == known.own.keyword && chunk.misspelt == known.own.misspelt;
    (same && at + 1 < chunks.len()).then_some(at + 1)
}

/// Bytes that are compared at once.
const CHUNK: usize = 256;

/// How many bytes two texts have in common, given piece by piece.
fn common<'b>(mut chunks: impl Iterator<Item = (&'b [u8], &'b [u8])>, within: impl Fn(&[u8], &[u8]) -> usize) -> usize {
    let mut count = 0;
    let other = chunks.find(|(a, b)| {
        let same = a == b;
        count += if same { a.len() } else { 0 };
        !same
    });
    count + other.map_or(0, |(a, b)| within(a, b))
}

/// The declarations around those that were read.
#[derive(Default)]
pub(super) struct Around {
    pub(super) before: Vec<Piece>,
    pub(super) after: Vec<Piece>,
}

/// Makes one file of what was read from `from` on and what stands around it.
pub(super) fn put_together(
    text: &str,
    file: FileId,
    around: &Around,
    read: Read<'_>,
    from: usize,
    tokens: &[Token],
) -> Parse {
    let Read { pieces, rest } = read;
    let words = |own: &[Token]| -> Arc<[u64]> {
        own.iter().filter(|token| token.kind == TokenKind::Word).map(|token| word(&text[token.range()])).collect()
    };
    let new: Vec<Arc<[u64]>> = pieces.iter().map(|piece| words(&tokens[piece.tokens.clone()])).collect();
    let kept = || around.before.iter().chain(&around.after);
    // What was not settled may have become something else, with the rest of the text.
    let unsettled: Vec<Vec<Token>> =
        kept().filter(|piece| !piece.own.settled).map(|piece| tokens_of(text, piece)).collect();
    let mut all: Option<HashSet<u64>> = None;
    let mut uses = |name: &str| {
        let all = all.get_or_insert_with(|| {
            kept().flat_map(|piece| &*piece.own.words).chain(new.iter().flat_map(|words| &**words)).copied().collect()
        });
        all.contains(&word(name))
    };

    let mut errors: Vec<SyntaxError> = Vec::new();
    let mut unsettled = unsettled.into_iter();
    let mut again = |piece: &Piece| {
        let Some(tokens) = (!piece.own.settled).then(|| unsettled.next()).flatten() else { return piece.clone() };
        let chunk = piece.chunk(&tokens);
        let read = super::read(text, file, &tokens, std::slice::from_ref(&chunk)).pieces.pop();
        let words = piece.own.words.clone();
        let read =
            read.map(|read| piece_of(text, file, read, piece.region.start, &tokens, words, &mut uses, &mut errors));
        read.map_or_else(|| piece.clone(), |read| read.known_as(piece.key()))
    };
    let before: Vec<Piece> = around.before.iter().map(&mut again).collect();
    let after: Vec<Piece> = around.after.iter().map(&mut again).collect();
    let mut declarations = before;
    declarations.reserve(pieces.len() + after.len());
    for (piece, words) in pieces.into_iter().zip(&new) {
        declarations.push(piece_of(text, file, piece, from, tokens, words.clone(), &mut uses, &mut errors));
    }
    // What stands behind the last declaration belongs to none.
    let tail = after.last().map(|last| lex_from(text, last.region.end, text.len()));
    let tail = tail.as_deref().unwrap_or(&tokens[rest]);
    comments(text, file, tail, &mut errors);
    division::mistaken(text, file, tail, &mut uses, &mut errors);
    declarations.extend(after);
    errors.sort_by_key(|error| (error.span.start, error.span.end));
    Parse { file: File { declarations }, errors }
}

/// Makes a piece of what was read, the first from `from` on, and adds its errors.
#[expect(clippy::too_many_arguments, reason = "what is read and what of it is kept")]
fn piece_of(
    text: &str,
    file: FileId,
    read: ReadPiece<'_>,
    from: usize,
    tokens: &[Token],
    words: Arc<[u64]>,
    uses: &mut dyn FnMut(&str) -> bool,
    errors: &mut Vec<SyntaxError>,
) -> Piece {
    let ReadPiece { declaration, chunk, depth, tokens: range, errors: own_errors } = read;
    let own = &tokens[range.clone()];
    let before = errors.len();
    comments(text, file, own, errors);
    let asked = division::mistaken(text, file, own, uses, errors);
    errors.extend(own_errors);
    let sound = errors.len() == before;
    let start = range.start.checked_sub(1).map_or(from, |last| tokens[last].end as usize);
    let first = own.iter().find(|token| !token.kind.is_comment());
    Piece {
        span: declaration.span,
        name: declaration.name().cloned(),
        region: start..own.last().map_or(start, |last| last.end as usize),
        own: Arc::new(Own {
            key: next_key(),
            keyword: chunk.keyword,
            misspelt: chunk.misspelt,
            starts_line: first.is_some_and(|first| first.first_on_line),
            depth,
            words,
            sound,
            settled: sound && !asked,
        }),
        tree: Arc::new(OnceLock::from(declaration)),
        text: None,
    }
}

/// Reports comments as other languages have them.
fn comments(text: &str, file: FileId, tokens: &[Token], errors: &mut Vec<SyntaxError>) {
    for token in tokens.iter().filter(|token| matches!(token.kind, TokenKind::BlockComment | TokenKind::HashComment)) {
        literal::faults(text, file, token, errors);
    }
}

/// Keeps the keys of the pieces that were read again and are what they were.
fn keep_keys(text: &str, new: &mut [Piece], old: &str, known: &[Piece]) {
    let mut next = 0;
    for piece in new {
        let own = text[piece.region.clone()].trim();
        let same = |before: &Piece| {
            old[before.region.clone()].trim() == own && before.own.starts_line == piece.own.starts_line
        };
        let Some(found) = known.iter().skip(next).take(2 * BEFORE).position(same) else { continue };
        *piece = std::mem::replace(piece, known[next + found].clone()).known_as(known[next + found].key());
        next += found + 1;
    }
}

impl Piece {
    /// The same piece under a key.
    fn known_as(self, key: u64) -> Self {
        let Own { keyword, misspelt, starts_line, depth, sound, settled, .. } = *self.own;
        let words = self.own.words.clone();
        let own = Own { key, keyword, misspelt, starts_line, depth, words, sound, settled };
        Self { own: Arc::new(own), ..self }
    }

    fn chunk(&self, tokens: &[Token]) -> Chunk {
        let count = tokens.iter().filter(|token| !token.kind.is_comment()).count();
        Chunk { keyword: self.own.keyword, misspelt: self.own.misspelt, tokens: 0..count }
    }
}

/// The tokens of one piece, comments among them.
fn tokens_of(text: &str, piece: &Piece) -> Vec<Token> {
    lex_from(text, piece.region.start, piece.region.end)
}

/// Reads the tree of a piece.
pub(super) fn read_one(text: &str, piece: &Piece) -> Declaration {
    let tokens = tokens_of(text, piece);
    let chunk = piece.chunk(&tokens);
    let read = read(text, piece.span.file, &tokens, std::slice::from_ref(&chunk)).pieces.pop();
    read.map_or_else(
        || Declaration { span: piece.span, docs: None, kind: crate::ast::DeclarationKind::Error { name: None } },
        |read| read.declaration,
    )
}
