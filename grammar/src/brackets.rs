//! The brackets that are open at some place.

use crate::token::TokenKind;

/// Open brackets, the innermost last, each with what is known of it.
///
/// It counts them by kind, so asking for one in vain takes no time, however many are open.
pub(crate) struct Brackets<T> {
    open: Vec<(TokenKind, T)>,
    counts: [usize; 3],
}

impl<T> Brackets<T> {
    pub(crate) fn new() -> Self {
        Self { open: Vec::new(), counts: [0; 3] }
    }

    /// Opens a bracket that `closer` closes.
    pub(crate) fn push(&mut self, closer: TokenKind, known: T) {
        self.counts[slot(closer)] += 1;
        self.open.push((closer, known));
    }

    /// Closes the innermost bracket.
    pub(crate) fn pop(&mut self) -> Option<(TokenKind, T)> {
        let popped = self.open.pop()?;
        self.counts[slot(popped.0)] -= 1;
        Some(popped)
    }

    /// The innermost bracket's closer and what is known of it.
    pub(crate) fn last_mut(&mut self) -> Option<(TokenKind, &mut T)> {
        self.open.last_mut().map(|(closer, known)| (*closer, known))
    }

    /// The brackets' closers and what is known of them, from the innermost out.
    pub(crate) fn innermost_first(&mut self) -> impl Iterator<Item = (TokenKind, &mut T)> {
        self.open.iter_mut().rev().map(|(closer, known)| (*closer, known))
    }

    /// The same, only to be looked at.
    pub(crate) fn look(&self) -> impl Iterator<Item = (TokenKind, &T)> {
        self.open.iter().rev().map(|(closer, known)| (*closer, known))
    }

    /// Whether `closer` closes any of them.
    pub(crate) fn holds(&self, closer: TokenKind) -> bool {
        self.counts[slot(closer)] > 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.counts = [0; 3];
    }
}

fn slot(closer: TokenKind) -> usize {
    match closer {
        TokenKind::RightParen => 0,
        TokenKind::RightBracket => 1,
        _ => 2,
    }
}
