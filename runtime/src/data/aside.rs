//! Rows that do not fit into memory stand in a file beside it, one after another, each of the same size; a batch reads its rows from there.
//!
//! The file has no name: it is gone with the last that reads it, however the process ends.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::{DataError, Fault};
use super::files::Named;

/// Where it stands unless `TMPDIR` says otherwise: what is in the usual folder for temporary files is memory on many systems.
const FOLDER: &str = "/var/tmp";

/// Rows that are read before it is known whether reading waits for a disk.
const FIRST: usize = 16;

/// Longer than a row takes that is in the system's memory.
const WAITED: Duration = Duration::from_micros(20);

/// Rows that are waited for at once: a disk answers many in little more time than one.
const THREADS: usize = 16;

/// The folder of such files.
fn folder() -> PathBuf {
    let usual = Path::new(FOLDER);
    match std::env::var_os("TMPDIR") {
        None if usual.is_dir() => usual.to_path_buf(),
        _ => std::env::temp_dir(),
    }
}

/// Writes rows of the file `at`.
pub(super) struct Writer {
    file: BufWriter<File>,
    folder: PathBuf,
    at: Named,
    bytes: u64,
}

impl Writer {
    /// Makes the file.
    pub(super) fn create(at: &Named) -> Result<Self, Fault> {
        let folder = folder();
        match tempfile::tempfile_in(&folder) {
            Ok(file) => Ok(Self::of(file, folder, at)),
            Err(error) => Err(Fault::Aside { folder, bytes: 0, error }),
        }
    }

    fn of(file: File, folder: PathBuf, at: &Named) -> Self {
        Self { file: BufWriter::with_capacity(1 << 18, file), folder, at: at.clone(), bytes: 0 }
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| self.failed(error))
    }

    /// The rows, each of so many bytes from one to the next.
    pub(super) fn finish(mut self, stride: usize) -> Result<Arc<Block>, Fault> {
        self.file.flush().map_err(|error| self.failed(error))?;
        let Self { file, folder, at, .. } = self;
        match file.into_inner() {
            Ok(file) => Ok(Block::new(Store::File(file), stride, folder, at)),
            Err(error) => Err(Fault::Aside { folder, bytes: 0, error: error.into_error() }),
        }
    }

    fn failed(&self, error: io::Error) -> Fault {
        Fault::Aside { folder: self.folder.clone(), bytes: self.bytes, error }
    }
}

/// Rows of bytes, in memory or in a file.
#[derive(Debug)]
pub(super) struct Block {
    store: Store,
    /// The bytes from the start of a row to that of the next.
    stride: usize,
    folder: PathBuf,
    /// What the rows were read from.
    at: Named,
    /// The whole rows that were read last: the columns of a table are asked for one after another.
    last: Mutex<Option<Last>>,
}

#[derive(Debug)]
enum Store {
    Memory(Vec<u8>),
    File(File),
}

#[derive(Debug)]
struct Last {
    rows: Vec<usize>,
    bytes: Arc<Vec<u8>>,
}

impl Block {
    fn new(store: Store, stride: usize, folder: PathBuf, at: Named) -> Arc<Self> {
        Arc::new(Self { store, stride: stride.max(1), folder, at, last: Mutex::new(None) })
    }

    /// Rows that are held.
    pub(super) fn held(bytes: Vec<u8>, stride: usize, at: &Named) -> Arc<Self> {
        Self::new(Store::Memory(bytes), stride, PathBuf::new(), at.clone())
    }

    /// The bytes from one row to the next.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Whether its rows are in a file.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.store, Store::File(_))
    }

    /// The same part of some rows, one after another.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub(super) fn read(&self, offset: usize, size: usize, rows: &[usize]) -> Result<Vec<u8>, DataError> {
        let read = match &self.store {
            Store::Memory(bytes) => self.gather(bytes, offset, size, rows),
            // What overlaps the next row, or is all of one, is read as it stands.
            Store::File(file) if offset + size > self.stride || size == self.stride => {
                let mut bytes = vec![0; rows.len() * size];
                self.read_rows(file, offset, size, rows, &mut bytes).map(|()| bytes)
            }
            Store::File(file) => self.whole(file, rows).map(|whole| {
                let mut bytes = Vec::with_capacity(rows.len() * size);
                whole.chunks_exact(self.stride).for_each(|row| bytes.extend_from_slice(&row[offset..offset + size]));
                bytes
            }),
        };
        read.map_err(|error| self.at.fail(Fault::Aside { folder: self.folder.clone(), bytes: 0, error }))
    }

    fn gather(&self, bytes: &[u8], offset: usize, size: usize, rows: &[usize]) -> io::Result<Vec<u8>> {
        let mut all = Vec::with_capacity(rows.len() * size);
        for row in rows {
            let start = row * self.stride + offset;
            let part = bytes.get(start..start + size).ok_or(io::ErrorKind::UnexpectedEof)?;
            all.extend_from_slice(part);
        }
        Ok(all)
    }

    /// All of some rows; those of the last time are remembered.
    fn whole(&self, file: &File, rows: &[usize]) -> io::Result<Arc<Vec<u8>>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|last| last.rows == rows) {
            return Ok(Arc::clone(&known.bytes));
        }
        let mut bytes = vec![0; rows.len() * self.stride];
        self.read_rows(file, 0, self.stride, rows, &mut bytes)?;
        let bytes = Arc::new(bytes);
        *last = Some(Last { rows: rows.to_vec(), bytes: Arc::clone(&bytes) });
        Ok(bytes)
    }

    /// Reads a part of each row; where that waits for a disk, by several threads.
    fn read_rows(&self, file: &File, offset: usize, size: usize, rows: &[usize], into: &mut [u8]) -> io::Result<()> {
        let read = |rows: &[usize], into: &mut [u8]| -> io::Result<()> {
            let mut into = into;
            // Rows that stand one after another are read at once.
            for run in rows.chunk_by(|row, next| size == self.stride && row + 1 == *next) {
                let (part, rest) = into.split_at_mut(run.len() * size);
                into = rest;
                let start = run.first().map_or(0, |row| row * self.stride + offset);
                read_at(file, part, start as u64)?;
            }
            Ok(())
        };
        let first = rows.len().min(FIRST);
        let is_run = rows.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        if is_run || rows.len() == first {
            return read(rows, into);
        }
        let began = Instant::now();
        let (now, later) = into.split_at_mut(first * size);
        read(&rows[..first], now)?;
        let rows = &rows[first..];
        if began.elapsed() < WAITED * first as u32 {
            return read(rows, later);
        }
        let share = rows.len().div_ceil(THREADS);
        std::thread::scope(|scope| {
            let shares = rows.chunks(share).zip(later.chunks_mut(share * size));
            let running: Vec<_> = shares.map(|(rows, into)| scope.spawn(move || read(rows, into))).collect();
            running
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, place)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<()> {
    let (mut bytes, mut place) = (bytes, place);
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, place)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => (bytes, place) = (&mut bytes[read..], place + read as u64),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Named {
        Named { path: "rows.csv".into(), span: Default::default(), address: None }
    }

    fn block(rows: usize, stride: usize) -> Arc<Block> {
        let mut writer = Writer::create(&at()).unwrap();
        (0..rows).for_each(|row| writer.write(&vec![row as u8; stride]).unwrap());
        writer.finish(stride).unwrap()
    }

    #[test]
    fn rows_come_back_in_the_order_they_are_asked_for() {
        let block = block(200, 3);
        let rows: Vec<usize> = (0..150).map(|row| row * 37 % 200).collect();
        let expected: Vec<u8> = rows.iter().flat_map(|row| [*row as u8; 3]).collect();
        assert_eq!(block.read(0, 3, &rows).unwrap(), expected);
        assert_eq!(block.read(1, 1, &rows).unwrap(), rows.iter().map(|row| *row as u8).collect::<Vec<_>>());
        assert_eq!(block.read(0, 3, &[4, 5, 6]).unwrap(), [4, 4, 4, 5, 5, 5, 6, 6, 6]);
        assert_eq!(block.read(2, 3, &[4]).unwrap(), [4, 5, 5], "a part may reach into the next row");
        assert!(block.read(0, 3, &[200]).is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_said() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut writer = Writer::of(full, "/var/tmp".into(), &at());
        let fault = (0..100).find_map(|_| writer.write(&[0; 1 << 16]).err()).unwrap();
        let said = at().fail(fault).to_string();
        assert!(said.contains("`rows.csv`: its rows do not fit into memory"), "{said}");
        assert!(said.contains("`/var/tmp`") && said.contains("No space left"), "{said}");
    }
}
