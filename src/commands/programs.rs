//! The programs that files and folders on the command line stand for.

use std::path::{Path, PathBuf};

use ndsl::runtime::model::{METADATA_FILE, WEIGHTS_FILE};

use super::Failure;

/// Folders deeper than this are not looked into, so that links in a circle come to an end.
const MAX_DEPTH: usize = 64;

/// Every program under `path`, in order; `path` itself if it is no folder.
///
/// Hidden folders are left out, and so are the folders of trained models: their program is what was trained, to the byte.
pub fn programs(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    walk(path, 0, &mut found)?;
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if depth > MAX_DEPTH || folder.join(METADATA_FILE).is_file() && folder.join(WEIGHTS_FILE).is_file() {
        return Ok(());
    }
    let io = |error: std::io::Error| Failure::io("read", folder, &error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        entries.push(entry.map_err(io)?.path());
    }
    entries.sort();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden {
            continue;
        }
        if entry.is_dir() {
            walk(&entry, depth + 1, found)?;
        } else if entry.extension().is_some_and(|extension| extension == "ndsl") {
            // `./model.ndsl` is what people call `model.ndsl`.
            found.push(entry.strip_prefix(".").map_or(entry.clone(), Path::to_path_buf));
        }
    }
    Ok(())
}
