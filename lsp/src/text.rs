//! A text under edit, and the positions editors use in it.
//!
//! An editor counts lines from 0 and characters within a line in an agreed [`Encoding`]; a line ends at `\n`, `\r\n` or
//! `\r`. A position beyond its line is the line's end, one beyond the text is the text's end, and one inside a character
//! is the character's start: no position is an error.

use std::ops::Range;

/// What a position counts within its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: what every editor understands.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// How long `text` is.
    pub fn len(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            // Every character has one leading byte, and those from U+10000 up, whose leading byte is at least 0xF0, are two
            // units.
            Self::Utf16 => text.bytes().map(|byte| usize::from(is_leading(byte)) + usize::from(byte >= 0xF0)).sum(),
            Self::Utf32 => text.bytes().filter(|byte| is_leading(*byte)).count(),
        }
    }

    /// The byte in `text` that is `units` after its start.
    fn offset(self, text: &str, units: usize) -> usize {
        if self == Self::Utf8 {
            return text.floor_char_boundary(units);
        }
        let mut passed = 0;
        for (at, character) in text.char_indices() {
            passed += if self == Self::Utf16 { character.len_utf16() } else { 1 };
            if passed > units {
                return at;
            }
        }
        text.len()
    }
}

fn is_leading(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// A place as an editor says it: both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// What stands before it on the line, counted in the agreed encoding.
    pub character: u32,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of `text`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        push_starts(&mut starts, text.as_bytes(), 0..text.len());
        Self { starts }
    }

    /// The byte of `text`, whose lines these are, at a position.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        match self.content(text, position.line as usize) {
            Some(line) => line.start + encoding.offset(&text[line], position.character as usize),
            None => text.len(),
        }
    }

    /// The position of a byte of `text`, whose lines these are.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.line_of(offset);
        let content = self.content(text, line).unwrap_or(text.len()..text.len());
        let before = &text[content.start..offset.min(content.end)];
        Position { line: line as u32, character: encoding.len(before) as u32 }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line without its line break.
    fn content(&self, text: &str, line: usize) -> Option<Range<usize>> {
        let start = *self.starts.get(line)?;
        let Some(next) = self.starts.get(line + 1) else { return Some(start..text.len()) };
        let line = &text[start..*next];
        let content = line.strip_suffix("\r\n").or(line.strip_suffix(['\n', '\r'])).unwrap_or(line);
        Some(start..start + content.len())
    }

    /// Follows an edit that put `inserted` bytes in place of `replaced` and made `text`.
    fn edit(&mut self, text: &str, replaced: &Range<usize>, inserted: usize) {
        // Whether a `\r` ends a line depends on the byte behind it, so the byte before the edit is looked at again.
        let first = self.line_of(replaced.start.saturating_sub(1));
        let end = replaced.start + inserted;
        let after = self.starts.partition_point(|start| *start <= replaced.end + 1);
        let rest = self.starts.split_off(after);
        self.starts.truncate(first + 1);
        let from = self.starts[first];
        push_starts(&mut self.starts, text.as_bytes(), from..(end + 1).min(text.len()));
        self.starts.extend(rest.into_iter().map(|start| start - replaced.end + end));
    }
}

/// Adds the starts of the lines that follow a line break within `range`.
fn push_starts(starts: &mut Vec<usize>, text: &[u8], range: Range<usize>) {
    for at in range {
        if text[at] == b'\n' || (text[at] == b'\r' && text.get(at + 1) != Some(&b'\n')) {
            starts.push(at + 1);
        }
    }
}

/// A text that an editor changes piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    content: String,
    lines: Lines,
}

impl Text {
    /// A text as it was opened.
    pub fn new(content: String) -> Self {
        Self { lines: Lines::new(&content), content }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// Where its lines begin.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Puts `replacement` in place of what stands from `start` to `end`; the two may come in either order.
    pub fn replace(&mut self, start: Position, end: Position, encoding: Encoding, replacement: &str) {
        let (start, end) = (start.min(end), start.max(end));
        let range = self.lines.offset(&self.content, start, encoding)..self.lines.offset(&self.content, end, encoding);
        self.content.replace_range(range.clone(), replacement);
        self.lines.edit(&self.content, &range, replacement.len());
    }
}
