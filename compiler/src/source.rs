//! Source texts with their names, and where their lines begin.

use std::sync::Arc;

use ndsl_grammar::FileId;

/// One source file: a name to show and the text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name shown in messages: a path, or something like `<request>`.
    pub name: String,
    /// The text.
    pub text: Arc<str>,
    /// What spans call it.
    pub file: FileId,
    /// Where it stands among the files of its program: folders and name between `/`, from the program's root.
    pub path: Arc<str>,
    /// Whether it is of the standard library.
    pub standard: bool,
    starts: Arc<[usize]>,
    /// How many characters stand before each block of [`BLOCK`] bytes, so that a column in a long line is found at once.
    characters: Arc<[usize]>,
}

/// Bytes between two counts of characters.
const BLOCK: usize = 1024;

/// What some editors put before a text; it is no part of the first line.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A place as people count: both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters (Unicode scalar values).
    pub column: usize,
}

/// How many characters begin in these bytes of a text.
fn characters_in(bytes: &[u8]) -> usize {
    // The bytes after a character's first begin with the bits 10.
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

impl Source {
    /// A source called `name`, at the root of its program.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let (name, text): (String, Arc<str>) = (name.into(), text.into());
        let path = name.rsplit(['/', '\\']).next().unwrap_or_default().into();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            characters.push(characters[characters.len() - 1] + characters_in(block));
        }
        let characters = characters.into();
        Self { name, text, file: FileId::default(), path, standard: false, starts, characters }
    }

    /// The same source at another place of its program.
    pub fn at(self, path: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The same source under another number.
    pub(crate) fn numbered(self, file: FileId) -> Self {
        Self { file, ..self }
    }

    /// The same source as a part of the standard library.
    pub fn of_the_library(self) -> Self {
        Self { standard: true, ..self }
    }

    /// The same source with another text.
    pub fn with_text(&self, text: impl Into<Arc<str>>) -> Self {
        let Self { file, path, standard, .. } = self.clone();
        Self { file, path, standard, ..Self::new(self.name.clone(), text) }
    }

    /// The line, from 0, that holds the byte at `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line counted from 0, without its line break.
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let text = &self.text[start..end];
        start..start + text.trim_end_matches(['\n', '\r']).len()
    }

    /// Where the byte at `offset` stands for people.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_of(offset);
        let before = self.characters_before(offset) - self.characters_before(self.starts[line]);
        let mark = usize::from(line == 0 && before > 0 && self.text.starts_with(BYTE_ORDER_MARK));
        Position { line: line + 1, column: before - mark + 1 }
    }

    /// The same with a column in UTF-16 code units, as some formats count.
    pub fn position_utf16(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let Position { line, column } = self.position(offset);
        // Characters of four bytes are two units; no other character has a byte like their first.
        let start = self.starts[line - 1];
        let pairs = self.text.as_bytes()[start..offset].iter().filter(|byte| **byte >= 0xF0).count();
        Position { line, column: column + pairs }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + characters_in(&self.text.as_bytes()[block * BLOCK..offset])
    }

    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_however_long_the_line() {
        let text = format!("ab\r\n{}x\ny", "层🙂".repeat(2000));
        let source = Source::new("test", text.as_str());
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
            let wanted = Position {
                line: text[..offset].matches('\n').count() + 1,
                column: text[start..offset].chars().count() + 1,
            };
            assert_eq!(source.position(offset), wanted);
            let column = text[start..offset].encode_utf16().count() + 1;
            assert_eq!(source.position_utf16(offset), Position { column, ..wanted });
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let source = Source::new("test", "\u{feff}model");
        assert_eq!(source.position(3), Position { line: 1, column: 1 });
        assert_eq!(source.position(4), Position { line: 1, column: 2 });
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
    }
}
