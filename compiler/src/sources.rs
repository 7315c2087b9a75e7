//! The texts of a program: the one it was given, those it uses, and those of the standard library that it needs.

use std::sync::Arc;

use ndsl_grammar::{FileId, Span};

use crate::diagnostics::Edit;
use crate::files::{FileError, Files};
use crate::rewrite::apply;
use crate::source::Source;

/// Whatever knows the text that a span speaks of: one source, or all of a program.
pub trait Texts {
    /// The text of `file`.
    fn source(&self, file: FileId) -> &Source;

    /// What stands at `span`; nothing where that is no place of a text.
    fn text(&self, span: Span) -> &str {
        self.source(span.file).text.get(span.range()).unwrap_or_default()
    }
}

impl Texts for Source {
    fn source(&self, _: FileId) -> &Source {
        self
    }
}

/// Every text of a program, by its [`FileId`]; the one the program was given as is the first.
/// Copying it costs nothing.
#[derive(Clone, Debug)]
pub struct Sources(Arc<[Source]>);

impl Texts for Sources {
    fn source(&self, file: FileId) -> &Source {
        self.0.get(usize::from(file.0)).unwrap_or(self.main())
    }
}

impl From<Source> for Sources {
    fn from(main: Source) -> Self {
        Self::new(main, [])
    }
}

impl Sources {
    /// A program of these texts, numbered in their order.
    pub fn new(main: Source, others: impl IntoIterator<Item = Source>) -> Self {
        let all = std::iter::once(main).chain(others).enumerate();
        Self(all.map(|(index, source)| source.numbered(FileId(index as u16))).collect())
    }

    /// The text the program was given as.
    pub fn main(&self) -> &Source {
        &self.0[0]
    }

    /// Every text, the main one first.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// Every text but the main one.
    pub fn others(&self) -> &[Source] {
        &self.0[1..]
    }

    /// The texts with `edits` applied, each in the text it speaks of.
    pub fn edited(&self, edits: &[Edit]) -> Self {
        let edited = |source: &Source| {
            let own: Vec<Edit> = edits.iter().filter(|edit| edit.span.file == source.file).cloned().collect();
            match own.is_empty() {
                true => source.clone(),
                false => source.with_text(apply(&source.text, &own)),
            }
        };
        Self(self.0.iter().map(edited).collect())
    }
}

/// A program that was read once is read again from its own texts, its part of the standard library included.
impl Files for Sources {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        let found = self.iter().find(|source| !source.standard && *source.path == *path);
        found.map(|source| source.text.clone()).ok_or(FileError::Missing)
    }

    fn in_folder(&self, folder: &str) -> Vec<String> {
        let here = self.iter().filter(|source| !source.standard && crate::files::folder_of(&source.path) == folder);
        here.map(|source| source.path.to_string()).collect()
    }

    fn standard(&self) -> Option<Vec<Source>> {
        Some(self.others().iter().filter(|source| source.standard).cloned().collect())
    }
}
