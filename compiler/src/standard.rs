//! The standard library: blocks written in the language itself, part of the compiler and known everywhere without `use`.
//!
//! To add a file: put it into `std/`, name it and what it declares in [`FILES`]; a test holds the names against the text. A
//! file is read only by programs that hold one of its names.

use crate::source::Source;

/// One file of the standard library.
#[derive(Clone, Copy, Debug)]
pub struct StandardFile {
    /// Its path, as an editor shows it: `std/transformer.ndsl`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
    /// The names it declares.
    pub names: &'static [&'static str],
}

/// Every file of the standard library.
pub const FILES: &[StandardFile] = &[
    StandardFile { path: "std/dense.ndsl", text: include_str!("std/dense.ndsl"), names: &["MLP"] },
    StandardFile {
        path: "std/convolution.ndsl",
        text: include_str!("std/convolution.ndsl"),
        names: &["ConvBlock", "DoubleConv", "SqueezeExcite"],
    },
    StandardFile {
        path: "std/residual.ndsl",
        text: include_str!("std/residual.ndsl"),
        names: &["ResidualBlock", "BottleneckBlock", "InvertedResidual"],
    },
    StandardFile {
        path: "std/transformer.ndsl",
        text: include_str!("std/transformer.ndsl"),
        names: &["FeedForward", "TransformerEncoder", "TransformerDecoder", "PositionEmbedding"],
    },
];

impl StandardFile {
    /// It as a source.
    pub fn source(&self) -> Source {
        Source::new(self.path, self.text).at(self.path).of_the_library()
    }
}

/// The file that declares `name`.
pub fn find(name: &str) -> Option<&'static StandardFile> {
    FILES.iter().find(|file| file.names.contains(&name))
}

/// The name of everything the standard library declares.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().flat_map(|file| file.names).copied()
}

#[cfg(test)]
mod tests {
    use ndsl_grammar::{FileId, parse};

    use super::*;
    use crate::check::analyze;

    #[test]
    fn the_names_are_those_the_texts_declare() {
        for file in FILES {
            let parse = parse(file.text, FileId(0));
            assert!(parse.errors.is_empty(), "{}: {:?}", file.path, parse.errors);
            let declared: Vec<&str> = parse
                .file
                .declarations
                .iter()
                .filter_map(|piece| piece.name())
                .map(|name| name.text.as_str())
                .collect();
            assert_eq!(declared, file.names, "{}", file.path);
        }
    }

    #[test]
    fn no_name_is_declared_twice() {
        let mut all: Vec<&str> = names().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn every_file_is_sound() {
        for file in FILES {
            // As a file of its own it would shadow itself.
            let analysis = analyze(&file.source());
            assert!(analysis.diagnostics.is_empty(), "{}: {:?}", file.path, analysis.diagnostics);
        }
    }
}
