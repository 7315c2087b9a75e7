//! The programs of a project, open or not, for what goes beyond one file.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ndsl_compiler::files::{EXTENSION, FileError, Files, MAX_BYTES};
use ndsl_compiler::{Source, analyze_with};
use tower_lsp_server::ls_types::Uri;

use super::check::{Moment, Snapshot};
use super::client::Client;
use super::files::{Open, Project, place};
use super::settings::Settings;
use crate::text::Lines;

/// The most files that are looked at.
const MAX_FILES: usize = 10_000;
/// The most folders inside one another that are looked into.
const MAX_DEPTH: usize = 32;
/// Folders that hold what programs made.
const PASSED_OVER: [&str; 4] = ["target", "node_modules", "__pycache__", "venv"];

/// What is open, and where the project is.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The folders the editor has open.
    pub folders: Vec<PathBuf>,
    /// The open documents: each address with its text and version.
    pub documents: Vec<(Uri, Arc<str>, i32)>,
    /// The texts of those that are files.
    pub open: Open,
    /// What the editor can do.
    pub client: Client,
    /// What the user has set.
    pub settings: Settings,
    /// Whether whoever asked does not want to know any more.
    pub cancelled: Arc<AtomicBool>,
}

impl Survey {
    /// Every program in the open folders and in `root`, open documents first, whose text is `wanted`.
    pub fn programs<'s>(
        &'s self,
        root: Option<&Path>,
        wanted: impl Fn(&str) -> bool + 's,
    ) -> impl Iterator<Item = Snapshot> + 's {
        let open = self.documents.iter().map(|(uri, text, version)| (uri.clone(), text.clone(), Some(*version)));
        let closed =
            self.closed(root).into_iter().filter_map(|path| Some((Uri::from_file_path(&path)?, read(&path)?, None)));
        open.chain(closed)
            .take_while(|_| !self.cancelled.load(Ordering::Relaxed))
            .filter(move |(_, text, _)| wanted(text))
            .map(|(uri, text, version)| self.checked(uri, text, version))
    }

    /// A file as it is open, or else as it is on disk.
    pub fn file(&self, uri: &Uri) -> Option<Snapshot> {
        let open = self.documents.iter().find(|(known, ..)| known == uri);
        match open {
            Some((uri, text, version)) => Some(self.checked(uri.clone(), text.clone(), Some(*version))),
            None => Some(self.checked(uri.clone(), read(&place(uri)?)?, None)),
        }
    }

    /// The programs that are not open, in the order of their paths.
    fn closed(&self, root: Option<&Path>) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in self.folders.iter().map(PathBuf::as_path).chain(root) {
            collect(folder, 0, &mut found);
        }
        found.sort();
        found.dedup();
        found.retain(|path| !self.open.contains_key(path));
        found
    }

    /// A text as it is now, checked.
    fn checked(&self, uri: Uri, text: Arc<str>, version: Option<i32>) -> Snapshot {
        let lines = Lines::new(&text);
        let (source, project) = Project::of(&uri, text, self.open.clone());
        let analysis = analyze_with(&source, &project);
        let newest = Arc::new(AtomicU64::new(0));
        let (client, settings) = (self.client, self.settings);
        let moment = Moment { uri, version, generation: 0, newest, client, settings };
        Snapshot { moment, lines, analysis, project }
    }
}

/// The files of a project some of which have other texts, by their paths from its root.
pub struct Overlay<'p> {
    /// The files as they are.
    pub project: &'p Project,
    /// The other texts.
    pub texts: HashMap<String, Arc<str>>,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        self.texts.get(path).map_or_else(|| self.project.read(path), |text| Ok(text.clone()))
    }
}

impl Overlay<'_> {
    /// A program of theirs, checked.
    pub fn analyze(&self, before: &Source) -> ndsl_compiler::Analysis {
        let text = self.texts.get(&*before.path).cloned().unwrap_or_else(|| before.text.clone());
        analyze_with(&before.with_text(text), self)
    }
}

/// The text of a file, if it may be a program.
fn read(path: &Path) -> Option<Arc<str>> {
    let small = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MAX_BYTES as u64);
    small.then(|| fs::read_to_string(path).ok()).flatten().map(Into::into)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if depth > MAX_DEPTH || found.len() >= MAX_FILES {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        // A link may lead back to a folder it is in, so none is followed.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && !name.starts_with('.') && !PASSED_OVER.contains(&&*name) {
            collect(&path, depth + 1, found);
        } else if kind.is_file() && name.ends_with(EXTENSION) && found.len() < MAX_FILES {
            found.push(path);
        }
    }
}

/// Where a folder of the editor's is.
pub fn folder(uri: &Uri) -> Option<PathBuf> {
    let path = place(uri)?;
    Some(fs::canonicalize(&path).unwrap_or(path))
}
