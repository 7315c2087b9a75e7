//! Files: programs and what they use, read; results, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndsl_compiler::Source;
use ndsl_compiler::files::{EXTENSION, FileError, Files, MAX_BYTES, ROOT_MARKS, text_of};

/// The files of a project on disk.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

/// Entries of a folder that are looked at to find the file that was meant.
const MAX_ENTRIES: usize = 1000;

impl Disk {
    /// The program called `name`, which stands in `folder`, and the files it may use.
    pub fn program(folder: &Path, name: &str, text: impl Into<Arc<str>>) -> (Source, Self) {
        let source = Source::new(name, text);
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // A folder that is not there holds nothing to use.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        let marked = |folder: &&Path| ROOT_MARKS.iter().any(|mark| folder.join(mark).exists());
        let root = folder.ancestors().find(marked).unwrap_or(&folder).to_path_buf();
        let below = folder.strip_prefix(&root).unwrap_or(Path::new("")).components();
        let mut path: String = below.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect();
        path += &source.path;
        (source.at(path), Self { root })
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Other(error.to_string()),
        };
        let file = fs::canonicalize(self.root.join(path)).map_err(failed)?;
        if !file.starts_with(&self.root) {
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
        let Ok(entries) = fs::read_dir(self.root.join(folder)) else { return Vec::new() };
        let names = entries.take(MAX_ENTRIES).flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let slash = if folder.is_empty() { "" } else { "/" };
        let mut paths: Vec<String> =
            names.filter(|name| name.ends_with(EXTENSION)).map(|name| format!("{folder}{slash}{name}")).collect();
        paths.sort_unstable();
        paths
    }
}

/// How the names of files begin that are being written.
pub(crate) const BESIDE: &str = ".ndsl-";

/// Makes the names in a folder last.
#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes `bytes` beside `path`, makes them durable and renames them into place.
///
/// # Errors
/// What the file system says; `path` is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Beside::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// A file that is written beside its place, and stands there when it is whole. One that is dropped before leaves nothing.
#[derive(Debug)]
pub struct Beside {
    file: tempfile::NamedTempFile,
    place: PathBuf,
}

impl Beside {
    /// Begins a file that is to stand at `path`.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(BESIDE).tempfile_in(parent)?;
        Ok(Self { file, place: path.to_path_buf() })
    }

    /// Where it is written.
    #[cfg(feature = "databases")]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Makes it durable and renames it into its place.
    ///
    /// # Errors
    /// What the file system says; what stood there is then as it was.
    pub fn finish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        make_readable(self.file.as_file())?;
        self.file.persist(&self.place).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Puts `bytes` in place of a file that is there, as [`write_whole`] does; a link stays a link, and who may read it may still.
///
/// # Errors
/// What the file system says, or that the file no longer holds `before`; it is then as it was.
pub fn replace_whole(path: &Path, before: &[u8], bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let mut file = tempfile::Builder::new().prefix(BESIDE).tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    if fs::read(&path)? != before {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are for their owner alone; what is written for people is an ordinary file.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &std::fs::File) -> io::Result<()> {
    Ok(())
}
