//! The files that tests go through.

use std::path::{Path, PathBuf};

/// Every file with that extension below some folders of the project, in order.
pub fn below(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    // The tests of every room share this file, and each room lies in the project's root.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "the files are found");
    found.sort();
    found
}
