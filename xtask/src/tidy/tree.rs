//! The texts the rules look at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Folders that hold nothing of ours, wherever they stand.
const SKIPPED: [&str; 4] = ["target", "node_modules", "out", "runs"];
const EXTENSIONS: [&str; 8] = ["rs", "toml", "lock", "md", "py", "sh", "js", "ts"];

/// The workspace's text files by their path from the root, with `/` between the parts.
pub(super) struct Tree(BTreeMap<String, String>);

impl Tree {
    /// Reads the files below `root`.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut tree = Self(BTreeMap::new());
        tree.read_folder(root, "")?;
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), String> {
        let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type().map_err(|error| format!("{}: {error}", path.display()))?;
            let hidden = name.starts_with('.') && name != ".ci";
            if kind.is_dir() && !hidden && !SKIPPED.contains(&name.as_str()) {
                self.read_folder(&path, &format!("{prefix}{name}/"))?;
            } else if kind.is_file() && name.rsplit_once('.').is_some_and(|(_, end)| EXTENSIONS.contains(&end)) {
                let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                self.0.insert(format!("{prefix}{name}"), text);
            }
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Every file: its path and its text.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files whose names end so.
    pub(super) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.ends_with(end))
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}
