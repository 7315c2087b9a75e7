//! The files a document may use: those open in the editor as they are there, the others as they are on disk.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndsl_compiler::Source;
use ndsl_compiler::files::{EXTENSION, FileError, Files, MAX_BYTES, ROOT_MARKS, text_of};
use tower_lsp_server::ls_types::Uri;

/// The texts of the open documents that are files, by where those are.
pub type Open = Arc<HashMap<PathBuf, Arc<str>>>;

/// The files around a document.
#[derive(Debug)]
pub struct Project {
    /// Nothing where the document is no file.
    root: Option<PathBuf>,
    open: Open,
}

/// Entries of a folder that are looked at to find the file that was meant.
const MAX_ENTRIES: usize = 1000;

/// Where a document is on disk, links followed as far as it exists.
pub fn place(uri: &Uri) -> Option<PathBuf> {
    let path = uri.to_file_path()?;
    let (folder, name) = (path.parent()?, path.file_name()?);
    Some(fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf()).join(name))
}

impl Project {
    /// A document as a program, and the files around it.
    pub fn of(uri: &Uri, text: Arc<str>, open: Open) -> (Source, Self) {
        let name = uri.as_str().rsplit('/').next().unwrap_or_default();
        let source = |name: &str| Source::new(name, text.clone());
        let Some(file) = place(uri) else { return (source(name), Self { root: None, open }) };
        let folder = file.parent().unwrap_or(Path::new("/"));
        let marked = |folder: &&Path| ROOT_MARKS.iter().any(|mark| folder.join(mark).exists());
        let root = folder.ancestors().find(marked).unwrap_or(folder).to_path_buf();
        let below = file.strip_prefix(&root).unwrap_or(&file).components();
        let path: Vec<_> = below.map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = path.last().map_or(name, |name| &**name);
        (source(name).at(path.join("/")), Self { root: Some(root), open })
    }

    /// Its root; nothing where the document is no file.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The address of a file of the project.
    pub fn uri(&self, path: &str) -> Option<Uri> {
        Uri::from_file_path(self.root.as_ref()?.join(path))
    }
}

impl Files for Project {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        let root = self.root.as_ref().ok_or(FileError::None)?;
        if let Some(text) = self.open.get(&root.join(path)) {
            return Ok(text.clone());
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Other(error.to_string()),
        };
        let file = fs::canonicalize(root.join(path)).map_err(failed)?;
        if !file.starts_with(root) {
            return Err(FileError::Outside);
        }
        if !file.is_file() {
            return Err(FileError::Other("it is not a file".to_owned()));
        }
        let mut bytes = Vec::new();
        File::open(file).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(failed)?;
        text_of(bytes)
    }

    fn in_folder(&self, folder: &str) -> Vec<String> {
        let Some(entries) = self.root.as_ref().and_then(|root| fs::read_dir(root.join(folder)).ok()) else {
            return Vec::new();
        };
        let names = entries.take(MAX_ENTRIES).flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let slash = if folder.is_empty() { "" } else { "/" };
        names.filter(|name| name.ends_with(EXTENSION)).map(|name| format!("{folder}{slash}{name}")).collect()
    }
}
