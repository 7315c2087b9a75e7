//! The lines of a source that a picture of a diagnostic shows.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{BYTE_ORDER_MARK, Source};

/// Some lines of a source, and where they stand in it.
pub(super) struct Excerpt {
    /// The text after as many empty lines as stand before it, so that its lines keep their numbers.
    pub(super) text: String,
    /// The lines, from 0.
    pub(super) lines: Range<usize>,
    start: usize,
}

impl Excerpt {
    /// The lines that hold all `places`.
    pub(super) fn new(source: &Source, places: &[Range<usize>]) -> Self {
        let first = places.iter().map(|place| source.line_of(place.start)).min().unwrap_or(0);
        let last = places.iter().map(|place| source.line_of(place.end)).max().unwrap_or(first);
        let mut start = source.line_range(first).start;
        let text = &source.text[start..source.line_range(last).end];
        let text = match text.strip_prefix(BYTE_ORDER_MARK).filter(|_| start == 0) {
            Some(rest) => {
                start = BYTE_ORDER_MARK.len_utf8();
                rest
            }
            None => text,
        };
        Self { text: "\n".repeat(first) + &printable(text), lines: first..last + 1, start }
    }

    /// A place of the source as a place of the excerpt.
    pub(super) fn shift(&self, place: &Range<usize>) -> Range<usize> {
        let shift = |offset: usize| (self.lines.start + offset.saturating_sub(self.start)).min(self.text.len());
        shift(place.start)..shift(place.end)
    }
}

/// `text` with every character that a terminal would obey, or that would be taken for a line's end, replaced by one that is
/// only seen and takes as many bytes.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| matches!(c, '\n' | '\t' | ' '..='~') || c >= '\u{a0}' && !is_format(c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(match (c, c.len_utf8()) {
            _ if harmless(c) => c,
            // The first half of a line's end as Windows writes it.
            ('\r', _) if rest.peek() == Some(&'\n') => c,
            ('\r' | '\u{b}' | '\u{c}', _) => ' ',
            (_, 1) => '?',
            (_, 2) => '\u{b7}',
            _ => '\u{fffd}',
        });
    }
    Cow::Owned(out)
}

/// Whether a character turns the direction of what follows, or ends a line or a paragraph.
fn is_format(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_only_seen() {
        let text = "a\u{1b}[31mb\rc\r\nd\u{85}e\u{2028}f\u{202e}g\0层";
        let shown = printable(text);
        assert_eq!(shown, "a?[31mb c\r\nd\u{b7}e\u{fffd}f\u{fffd}g?层");
        assert_eq!(shown.len(), text.len());
    }
}
