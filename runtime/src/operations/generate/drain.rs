//! Where the bytes of a file go, and what they come to.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// A file or a stream that counts what it is given.
pub struct Drain<'s> {
    target: Target<'s>,
    hash: Sha256,
    bytes: u64,
}

enum Target<'s> {
    File(File),
    Stream(&'s mut (dyn Write + Send)),
}

impl<'s> Drain<'s> {
    /// A new file.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { target: Target::File(File::create(path)?), hash: Sha256::new(), bytes: 0 })
    }

    /// A file that was begun, from so many of its bytes on; none where these are not what they were.
    ///
    /// # Errors
    /// What the file system says.
    pub fn go_on(path: &Path, bytes: u64, sha256: &str) -> io::Result<Option<Self>> {
        let mut file = File::options().read(true).write(true).open(path)?;
        let mut drain = Self { target: Target::File(file.try_clone()?), hash: Sha256::new(), bytes };
        let mut left = bytes;
        let mut buffer = vec![0; 1 << 18];
        while left > 0 {
            let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            match file.read(&mut buffer[..most])? {
                0 => return Ok(None),
                read => {
                    drain.hash.update(&buffer[..read]);
                    left -= read as u64;
                }
            }
        }
        if drain.sha256() != sha256 {
            return Ok(None);
        }
        // What was written after it was last noted is made again. The clone is at the same place of the file.
        file.set_len(bytes)?;
        Ok(Some(drain))
    }

    /// A stream, of which no hash is made.
    pub fn stream(stream: &'s mut (dyn Write + Send)) -> Self {
        Self { target: Target::Stream(stream), hash: Sha256::new(), bytes: 0 }
    }

    /// How many bytes were written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of what was written so far.
    pub fn sha256(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// What the file system says.
    pub fn finish(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::File(file) => file.sync_all(),
            Target::Stream(stream) => stream.flush(),
        }
    }
}

impl Write for Drain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.target {
            Target::File(file) => {
                let written = file.write(bytes)?;
                self.hash.update(&bytes[..written]);
                written
            }
            Target::Stream(stream) => stream.write(bytes)?,
        };
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::File(file) => file.flush(),
            Target::Stream(stream) => stream.flush(),
        }
    }
}
