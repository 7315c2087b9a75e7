//! The files a dataset names: patterns become paths, a hash is compared, and a file that changes while it is read is noticed.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ndsl_compiler::plan::{Files, Located, Place};
use ndsl_grammar::Span;
use sha2::{Digest, Sha256};

use super::error::{DataError, Fault};
use crate::fetch::{FetchError, Remote};

/// A file to be read, and the piece of program that names it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Where the program names it.
    pub(crate) span: Span,
    /// The address it was fetched from.
    pub(crate) address: Option<String>,
}

impl Named {
    /// The fault of this file.
    pub(crate) fn fail(&self, fault: Fault) -> DataError {
        DataError { path: self.shown(), span: self.span, fault }
    }

    /// What messages call it: its address, if it has one.
    fn shown(&self) -> PathBuf {
        self.address.as_ref().map_or_else(|| self.path.clone(), PathBuf::from)
    }

    /// Its name without its folders, for messages.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<Opened, DataError> {
        Opened::open(&self.path).map_err(|fault| self.fail(fault))
    }
}

/// The file that a path leads to from `folder`.
pub(super) fn named(path: &Located, folder: &Path) -> Named {
    Named { path: folder.join(&path.text), span: path.span, address: None }
}

/// The file of an address, which is fetched into `cache` where it is not there.
fn fetched(address: &Located, sha256: Option<&Located>, cache: Option<&Path>) -> Result<Named, DataError> {
    let fail = |span: Span, fault: Fault| DataError { path: PathBuf::from(&address.text), span, fault };
    let remote = Remote::new(&address.text, sha256.map(|hash| hash.text.as_str()), cache);
    let local = remote.and_then(|remote| remote.fetch(&mut |_| ControlFlow::Continue(())));
    match (local, sha256) {
        (Ok(local), Some(_)) => Ok(Named { path: local.path, span: address.span, address: Some(address.text.clone()) }),
        (Ok(local), None) => Err(fail(address.span, Fault::NoHash { found: local.sha256 })),
        (Err(FetchError::Differs { found }), Some(expected)) => {
            Err(fail(expected.span, Fault::Hash { expected: expected.text.clone(), found }))
        }
        (Err(error), _) => Err(fail(address.span, Fault::Fetch(error))),
    }
}

/// The path of `file://…`, whose escaped letters are as they are meant.
fn of_this_machine(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.strip_prefix("localhost").unwrap_or(path).as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &rest[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Every file of a dataset, in the order of the program; those of a pattern in the order of their names. What is fetched is kept in
/// `cache`, or else where the user's cache is.
pub(super) fn expand(files: &Files, folder: &Path, cache: Option<&Path>) -> Result<Vec<Named>, DataError> {
    let mut all = Vec::new();
    for path in &files.paths {
        match path.place() {
            Place::Here(_) => {}
            Place::File(local) => {
                all.push(Named { path: of_this_machine(local).into(), span: path.span, address: None });
                continue;
            }
            Place::Web(_) | Place::Other(_) => {
                all.push(fetched(path, files.sha256.as_ref(), cache)?);
                continue;
            }
        }
        let one = named(path, folder);
        // A file that has a `*` or brackets in its name is that file.
        if !path.text.contains(['*', '?', '[']) || one.path.exists() {
            all.push(one);
            continue;
        }
        let fault = |error: glob::PatternError| Fault::Pattern(format!("{} at character {}", error.msg, error.pos + 1));
        glob::Pattern::new(&path.text).map_err(|error| one.fail(fault(error)))?;
        // What stands before the pattern is a path and no pattern.
        let pattern = match folder.to_str() {
            Some(folder) if !Path::new(&path.text).is_absolute() && !folder.is_empty() => {
                format!("{}/{}", glob::Pattern::escape(folder), path.text)
            }
            _ => path.text.clone(),
        };
        let options = glob::MatchOptions {
            require_literal_leading_dot: true,
            require_literal_separator: true,
            ..Default::default()
        };
        let found = glob::glob_with(&pattern, options).map_err(|error| one.fail(fault(error)))?;
        let mut paths = Vec::new();
        for entry in found {
            let entry = entry.map_err(|error| DataError {
                path: error.path().to_path_buf(),
                span: path.span,
                fault: Fault::io(error.into()),
            })?;
            if !entry.is_dir() {
                paths.push(entry);
            }
        }
        if paths.is_empty() {
            return Err(one.fail(Fault::NoFiles));
        }
        paths.sort();
        all.extend(paths.into_iter().map(|found| Named { path: found, span: path.span, address: None }));
    }
    Ok(all)
}

/// Compares the hash of all files together with that of the program, before any is read. Answers what each was like, so that it
/// can be told whether what is read is what was hashed.
pub(super) fn verify(files: &Files, all: &[Named]) -> Result<Vec<Stamp>, DataError> {
    let Some(expected) = &files.sha256 else { return Ok(Vec::new()) };
    let mut hash = Sha256::new();
    let mut stamps = Vec::new();
    for named in all {
        let mut file = named.open()?;
        io::copy(&mut file, &mut hash).map_err(|error| named.fail(Fault::io(error)))?;
        file.unchanged().map_err(|fault| named.fail(fault))?;
        stamps.push(file.before);
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    match (found == expected.text, all.first()) {
        (false, Some(named)) => {
            // What was damaged since it was fetched is fetched anew the next time.
            if named.address.is_some() {
                _ = std::fs::remove_file(&named.path);
            }
            let fault = Fault::Hash { expected: expected.text.clone(), found };
            Err(DataError { path: named.shown(), span: expected.span, fault })
        }
        _ => Ok(stamps),
    }
}

/// A file that is read from its start to its end, and must be the same at both.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    before: Stamp,
}

/// What tells that a file was written to. What is no file, such as a pipe, tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        match metadata.is_file() {
            true => Self { length: metadata.len(), modified: metadata.modified().ok() },
            false => Self { length: 0, modified: None },
        }
    }
}

impl Opened {
    /// Opens a file; a folder is an error here, not on the first byte.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path).map_err(Fault::io)?;
        let metadata = file.metadata().map_err(Fault::io)?;
        if metadata.is_dir() {
            return Err(Fault::Io(io::Error::other("it is a folder")));
        }
        Ok(Self { file, before: Stamp::of(&metadata) })
    }

    /// Its length when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.before.length
    }

    /// What it was like when it was opened.
    pub(crate) fn stamp(&self) -> Stamp {
        self.before
    }

    /// The file itself.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The same file once more, to find out at the end whether it changed.
    pub(crate) fn twin(&self) -> Result<Self, Fault> {
        Ok(Self { file: self.file.try_clone().map_err(Fault::io)?, before: self.before })
    }

    /// Fails where it is not as it was when it was hashed.
    pub(crate) fn is_still(&self, stamp: &Stamp) -> Result<(), Fault> {
        if self.before == *stamp { Ok(()) } else { Err(Fault::Changed) }
    }

    /// Reads from a place, and goes back to where reading stood.
    pub(crate) fn read_at(&self, bytes: &mut [u8], place: u64) -> io::Result<()> {
        let mut file = &self.file;
        let stood = file.stream_position()?;
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(bytes)?;
        file.seek(SeekFrom::Start(stood)).map(|_| ())
    }

    /// Fails where the file was written to since it was opened.
    pub(crate) fn unchanged(&self) -> Result<(), Fault> {
        let now = Stamp::of(&self.file.metadata().map_err(Fault::io)?);
        if now == self.before { Ok(()) } else { Err(Fault::Changed) }
    }
}

impl Read for Opened {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
