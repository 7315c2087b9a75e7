//! How a program gets at the other files it uses. The compiler itself reads none: whoever runs it gives it [`Files`].
//!
//! A path here is folders and a name between `/`, from the program's root; it never leaves the root, holds no `.` and no
//! `..`, and ends in `.ndsl`. What the root is, whoever reads the files decides; see [`crate::files::ROOT_MARKS`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::source::Source;

/// How the files of programs end.
pub const EXTENSION: &str = ".ndsl";

/// What marks the root of a program: the nearest folder at or above it that holds one of these. What is checked out or
/// sent together is what may be used together; a file outside would not be there for the next person. A program without
/// such a folder has its own as its root.
pub const ROOT_MARKS: [&str; 2] = ["ndsl.toml", ".git"];

/// The most files that a program may use, beside those of the standard library.
pub const MAX_FILES: usize = 256;

/// The most bytes that the files of a program may have together: 64 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// How many files may use one another in a row.
pub const MAX_DEPTH: usize = 64;

/// The files a program may use.
pub trait Files {
    /// The text at `path`, from the program's root.
    ///
    /// # Errors
    /// Why there is none.
    fn read(&self, path: &str) -> Result<Arc<str>, FileError>;

    /// The paths of the programs in a folder, to find the one that was meant; nothing where that cannot be told.
    fn in_folder(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }

    /// The standard library in place of the compiler's own: what a saved program was checked with.
    fn standard(&self) -> Option<Vec<Source>> {
        None
    }
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// It is not there.
    Missing,
    /// It lies outside the program's root, by a link.
    Outside,
    /// It is larger than a program may be.
    TooLarge,
    /// It is not UTF-8 text; the line with the first byte that is none, from 1.
    NotText(usize),
    /// There are no files: the program came as a text alone.
    None,
    /// What the system says.
    Other(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Outside => f.write_str("it is a link that leads out of the project"),
            Self::TooLarge => f.write_str("it is too large to be a program"),
            Self::NotText(line) => {
                write!(f, "it is not UTF-8 text: line {line} has a byte that belongs to no character")
            }
            Self::None => f.write_str("this program came as a text alone"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

/// The text of a program from its bytes.
///
/// # Errors
/// When they are too many or not UTF-8.
pub fn text_of(bytes: Vec<u8>) -> Result<Arc<str>, FileError> {
    text_within(bytes, MAX_BYTES)
}

/// The text that at most so many bytes are.
///
/// # Errors
/// When they are too many or not UTF-8.
pub fn text_within(bytes: Vec<u8>, most: usize) -> Result<Arc<str>, FileError> {
    if bytes.len() > most {
        return Err(FileError::TooLarge);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Err(FileError::NotText(valid.iter().filter(|byte| **byte == b'\n').count() + 1))
        }
    }
}

/// No files: a program given as a text alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Arc<str>, FileError> {
        Err(FileError::None)
    }
}

/// Files in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(BTreeMap<String, Arc<str>>);

impl Memory {
    /// These files, by their paths.
    pub fn new<P: Into<String>, T: Into<Arc<str>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        self.0.get(path).cloned().ok_or(FileError::Missing)
    }

    fn in_folder(&self, folder: &str) -> Vec<String> {
        self.0.keys().filter(|path| folder_of(path) == folder).cloned().collect()
    }
}

/// What is wrong with a path as a program writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPath {
    /// It is empty, or has a part that is.
    Empty,
    /// It begins at the root of the file system, or is a URL.
    Absolute,
    /// It has a `\`.
    Backslash,
    /// It leads out of the program's root.
    Outside,
    /// It does not end in `.ndsl`.
    NoProgram,
}

/// The folder of a path; empty at the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The way from the folder `from` to the folder `to`, both from the program's root: `../data`; empty where they are one.
pub fn way(from: &str, to: &str) -> String {
    let parts = |folder: &str| folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    up.chain(to[common..].iter().cloned()).collect::<Vec<_>>().join("/")
}

/// What `written` means in the file at `from`, as a path from the program's root.
///
/// # Errors
/// When it is not relative, leaves the root or is not the name of a program.
pub fn resolve(from: &str, written: &str) -> Result<String, BadPath> {
    let drive = |text: &str| text.as_bytes().get(1) == Some(&b':');
    if written.is_empty() || written.contains('\0') {
        return Err(BadPath::Empty);
    } else if written.starts_with('/') || written.starts_with('~') || drive(written) || written.contains("://") {
        return Err(BadPath::Absolute);
    } else if written.contains('\\') {
        return Err(BadPath::Backslash);
    } else if !written.ends_with(EXTENSION) {
        return Err(BadPath::NoProgram);
    }
    let mut parts: Vec<&str> = folder_of(from).split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" => return Err(BadPath::Empty),
            "." => {}
            ".." => drop(parts.pop().ok_or(BadPath::Outside)?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The name to show for a file that the file called `name` writes as `written`: from where `name` is seen.
pub(crate) fn shown(name: &str, written: &str) -> String {
    let mut parts: Vec<&str> = match name.rsplit_once('/') {
        Some((folder, _)) => folder.split('/').collect(),
        None => Vec::new(),
    };
    for part in written.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "." | "..")) => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_writes_them() {
        assert_eq!(resolve("main.ndsl", "blocks.ndsl").as_deref(), Ok("blocks.ndsl"));
        assert_eq!(resolve("a/main.ndsl", "./b/x.ndsl").as_deref(), Ok("a/b/x.ndsl"));
        assert_eq!(resolve("a/b/main.ndsl", "../../x.ndsl").as_deref(), Ok("x.ndsl"));
        assert_eq!(resolve("a/main.ndsl", "../a/x.ndsl").as_deref(), Ok("a/x.ndsl"));
    }

    #[test]
    fn paths_stay_in_the_project() {
        assert_eq!(resolve("a/main.ndsl", "../../x.ndsl"), Err(BadPath::Outside));
        // Where a path goes out and comes in again it names folders that another copy of the project may not have.
        assert_eq!(resolve("main.ndsl", "../here/x.ndsl"), Err(BadPath::Outside));
        for path in ["/etc/x.ndsl", "~/x.ndsl", "C:/x.ndsl", "https://example.com/x.ndsl", "file:///x.ndsl"] {
            assert_eq!(resolve("main.ndsl", path), Err(BadPath::Absolute), "{path}");
        }
        assert_eq!(resolve("main.ndsl", r"b\x.ndsl"), Err(BadPath::Backslash));
        assert_eq!(resolve("main.ndsl", "b//x.ndsl"), Err(BadPath::Empty));
        assert_eq!(resolve("main.ndsl", "/"), Err(BadPath::Absolute));
        assert_eq!(resolve("main.ndsl", "data.csv"), Err(BadPath::NoProgram));
        assert_eq!(resolve("main.ndsl", ".."), Err(BadPath::NoProgram));
    }

    #[test]
    fn the_way_between_folders_goes_up_and_down() {
        assert_eq!(way("", ""), "");
        assert_eq!(way("", "data"), "data");
        assert_eq!(way("a/b", "a/c/d"), "../c/d");
        assert_eq!(way("a", ""), "..");
    }

    #[test]
    fn names_are_shown_as_the_given_one_is() {
        assert_eq!(shown("main.ndsl", "blocks.ndsl"), "blocks.ndsl");
        assert_eq!(shown("examples/main.ndsl", "../blocks.ndsl"), "blocks.ndsl");
        assert_eq!(shown("main.ndsl", "../blocks.ndsl"), "../blocks.ndsl");
        assert_eq!(shown("../a/main.ndsl", "../../b.ndsl"), "../../b.ndsl");
        assert_eq!(shown("/tmp/a/main.ndsl", "b/c.ndsl"), "/tmp/a/b/c.ndsl");
    }
}
