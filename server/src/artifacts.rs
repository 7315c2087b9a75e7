//! Files that operations made, each under the hash of its bytes.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::database::StoreError;

/// The folder of artifacts.
#[derive(Clone, Debug)]
pub(crate) struct Artifacts {
    folder: PathBuf,
}

impl Artifacts {
    /// The artifacts of a data folder, whose folder is made if need be.
    pub(crate) fn open(data: &Path) -> Result<Self, StoreError> {
        let folder = data.join("artifacts");
        fs::create_dir_all(&folder).map_err(|error| StoreError::file(&folder, error))?;
        Ok(Self { folder })
    }

    /// The name of `bytes`: their SHA-256, in hexadecimal.
    pub(crate) fn name(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Where the artifact called `name` is, or would be.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Keeps `bytes` under `name`: all of them on the disk, or nothing.
    pub(crate) fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(name);
        // A name is a hash, so a file of the right length is the same file.
        if fs::metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) {
            return Ok(());
        }
        self.write(&path, bytes).map_err(|error| StoreError::file(&path, error))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let mut beside = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
        beside.write_all(bytes)?;
        beside.as_file().sync_all()?;
        beside.persist(path).map_err(|error| error.error)?;
        // The rename itself reaches the disk with its folder.
        #[cfg(unix)]
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    /// Removes the artifact called `name`; one that is gone already is no error.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file(&path, error)),
            _ => Ok(()),
        }
    }

    /// Removes every file that is not in `kept`: what a process left behind when it was killed.
    pub(crate) fn sweep(&self, kept: &HashSet<String>) -> Result<usize, StoreError> {
        let fail = |error| StoreError::file(&self.folder, error);
        let mut removed = 0;
        for entry in fs::read_dir(&self.folder).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name().to_string_lossy().into_owned();
            if !kept.contains(&name) {
                self.remove(&name)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_kept_once_and_swept_when_nothing_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        let name = Artifacts::name(b"abc");
        assert_eq!(name, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        artifacts.keep(&name, b"abc").unwrap();
        artifacts.keep(&name, b"abc").unwrap();
        fs::write(artifacts.path(".new-left"), b"half").unwrap();
        assert_eq!(fs::read(artifacts.path(&name)).unwrap(), b"abc");
        assert_eq!(artifacts.sweep(&HashSet::from([name.clone()])).unwrap(), 1);
        assert!(artifacts.path(&name).exists());
        assert_eq!(artifacts.sweep(&HashSet::new()).unwrap(), 1);
        assert!(!artifacts.path(&name).exists());
    }

    #[test]
    fn a_file_cut_short_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        let name = Artifacts::name(b"whole");
        fs::write(artifacts.path(&name), b"who").unwrap();
        artifacts.keep(&name, b"whole").unwrap();
        assert_eq!(fs::read(artifacts.path(&name)).unwrap(), b"whole");
    }
}
