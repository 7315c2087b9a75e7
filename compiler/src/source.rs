//! A source text with its name, and where its lines begin.

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
    starts: Arc<[usize]>,
}

/// A place as people count: both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters (Unicode scalar values).
    pub column: usize,
}

impl Source {
    /// A source called `name`.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, file: FileId::default(), starts }
    }

    /// The same source with another text.
    pub fn with_text(&self, text: impl Into<Arc<str>>) -> Self {
        Self::new(self.name.clone(), text)
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
        let line = self.line_of(offset);
        let start = self.starts[line];
        let before = self.text.get(start..offset).unwrap_or("");
        Position { line: line + 1, column: before.chars().count() + 1 }
    }

    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }
}
