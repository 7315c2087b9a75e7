//! A declaration as a piece of a text: what is known of it without looking at its tree, which is read when it is looked at.

use std::fmt;
use std::hash::BuildHasher;
use std::ops::{Deref, Range};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use super::again;
use crate::Span;
use crate::ast::{Declaration, Ident};
use crate::keyword::Keyword;

/// A declaration of a file.
///
/// Of a text that was read after another only what differs is read at once ([`super::parse_again`]). A piece that is the same
/// at another place has places of its own in its tree, so that is read again, but not before somebody looks at it.
#[derive(Clone)]
pub struct Piece {
    /// From the keyword to the last token, as in the tree.
    pub span: Span,
    /// The name it gives, as in the tree.
    pub name: Option<Ident>,
    /// From the end of the piece before it to its own, the comments behind it on its line among them.
    pub(super) region: Range<usize>,
    pub(super) own: Arc<Own>,
    pub(super) tree: Arc<OnceLock<Declaration>>,
    /// The whole text, while the tree has not been read.
    pub(super) text: Option<Arc<str>>,
}

/// What a piece is, wherever it stands.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) key: u64,
    pub(super) keyword: Option<&'static Keyword>,
    pub(super) misspelt: bool,
    pub(super) starts_line: bool,
    pub(super) depth: usize,
    pub(super) words: Arc<[u64]>,
    /// Whether nothing was wrong with it.
    pub(super) sound: bool,
    /// Whether what is wrong with it follows from itself alone.
    pub(super) settled: bool,
}

/// The next key: no two pieces of a process share one, but for copies and for those that stand in several readings of a text.
static KEYS: AtomicU64 = AtomicU64::new(0);

pub(super) fn next_key() -> u64 {
    KEYS.fetch_add(1, Ordering::Relaxed)
}

/// A number for a word: equal words have equal ones, and no text can know which others do.
pub fn word(text: &str) -> u64 {
    static HASHER: LazyLock<foldhash::fast::RandomState> = LazyLock::new(foldhash::fast::RandomState::default);
    HASHER.hash_one(text)
}

impl Piece {
    /// What tells it apart: the same in the next reading of the text while nothing in it has changed.
    pub fn key(&self) -> u64 {
        self.own.key
    }

    /// From the end of the piece before it to its own end: its comments, its docs and itself.
    pub fn region(&self) -> Range<usize> {
        self.region.clone()
    }

    /// The keyword that it begins with, or was meant to begin with.
    pub fn keyword(&self) -> Option<&'static str> {
        self.own.keyword.map(|keyword| keyword.word)
    }

    /// Every word in it as its number ([`word`]), as often as it stands there.
    pub fn words(&self) -> &[u64] {
        &self.own.words
    }

    /// How deep its tree goes at most.
    pub fn depth(&self) -> usize {
        self.own.depth
    }

    /// Whether nothing is wrong with its form.
    pub fn is_sound(&self) -> bool {
        self.own.sound
    }

    /// Whether its tree has been read.
    pub(super) fn is_read(&self) -> bool {
        self.tree.get().is_some()
    }

    /// The same piece at another place of the next text.
    pub(super) fn moved(&self, text: &Arc<str>, by: isize) -> Self {
        if by == 0 && self.is_read() {
            return self.clone();
        }
        let place = |at: usize| at.wrapping_add_signed(by);
        let span = |span: Span| Span::new(span.file, place(span.range().start)..place(span.range().end));
        Self {
            span: span(self.span),
            name: self.name.as_ref().map(|name| Ident { text: name.text.clone(), span: span(name.span) }),
            region: place(self.region.start)..place(self.region.end),
            own: self.own.clone(),
            tree: Arc::default(),
            text: Some(text.clone()),
        }
    }
}

impl Deref for Piece {
    type Target = Declaration;

    fn deref(&self) -> &Declaration {
        // A piece whose tree was not read has the text.
        self.tree.get_or_init(|| again::read_one(self.text.as_deref().unwrap_or_default(), self))
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
