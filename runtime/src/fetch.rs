//! Files that a program names by their addresses: fetched once into the user's cache, and known there by their hash.
//!
//! What is fetched stands in a file beside the others until its hash is known to be right, and has its name there from then on. What broke off
//! goes on where it was, as long as the server lets it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
#[cfg(feature = "fetch")]
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

/// Longer without a byte is taken for the end of a connection.
const IDLE: Duration = Duration::from_secs(60);

/// What is read at once.
#[cfg(feature = "fetch")]
const BUFFER: usize = 1 << 16;

/// A file of another machine.
#[derive(Clone, Debug)]
pub struct Remote<'a> {
    /// Its address: `https://…` or `http://…`.
    pub address: &'a str,
    /// The SHA-256 that it must have, in hexadecimal.
    pub sha256: Option<&'a str>,
    /// Where files are kept.
    pub cache: PathBuf,
    /// How long a server may say nothing.
    pub idle: Duration,
}

/// A file that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where.
    pub path: PathBuf,
    /// Its SHA-256.
    pub sha256: String,
    /// Whether it was here before.
    pub was_here: bool,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes that are here.
    pub bytes: u64,
    /// All of them, where the server says so.
    pub whole: Option<u64>,
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no folder for it.
    #[error("there is no folder to keep it in: `XDG_CACHE_HOME` names one")]
    NoCache,
    /// The command cannot fetch.
    #[error("this `ndsl` was built without `fetch`; fetch the file otherwise, and name it by its path")]
    Unavailable,
    /// The server answers with something else.
    #[error("the server answers {status}{meaning}", status = .0, meaning = meaning(*.0))]
    Status(u16),
    /// The server cannot be reached, or says nothing.
    #[error("it cannot be fetched: {0}")]
    Unreachable(String),
    /// It came in part.
    #[error("it broke off after {} of {} bytes; the next run goes on from there", fetched.bytes, whole(*fetched))]
    BrokeOff {
        /// How far it came.
        fetched: Fetched,
    },
    /// It is another file.
    #[error("its SHA-256 is {found}")]
    Differs {
        /// What it is.
        found: String,
    },
    /// It cannot be kept.
    #[error("it cannot be written to `{}`: {error}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The fault.
        error: io::Error,
    },
    /// It was asked to stop.
    #[error("it was stopped")]
    Stopped,
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 => ": it may not be read without an account",
        404 | 410 => ": there is no such file",
        429 => ": it was asked too often",
        500.. => ": it is in trouble itself",
        _ => "",
    }
}

fn whole(fetched: Fetched) -> String {
    fetched.whole.map_or_else(|| "an unknown number of".to_owned(), |whole| whole.to_string())
}

/// The user's folder for data that can be fetched again.
pub fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home =
        || set("HOME").map(|home| home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }));
    let folder = set("XDG_CACHE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(home)?;
    Some(folder.join("ndsl").join("data"))
}

impl<'a> Remote<'a> {
    /// A file that must have this hash.
    ///
    /// # Errors
    /// Where the user has no folder to keep it in, and none is given.
    pub fn new(address: &'a str, sha256: Option<&'a str>, folder: Option<&Path>) -> Result<Self, FetchError> {
        let cache = folder.map(Path::to_path_buf).or_else(cache).ok_or(FetchError::NoCache)?;
        Ok(Self { address, sha256, cache, idle: IDLE })
    }

    /// Where a file of that hash is kept.
    fn place(&self, sha256: &str) -> PathBuf {
        let address = self.address.split(['?', '#']).next().unwrap_or_default();
        let name = address.rsplit('/').next().unwrap_or_default();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let name: String = name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
        let name = if name.trim_matches('.').is_empty() { "data".to_owned() } else { name };
        self.cache.join(sha256).join(name)
    }

    /// The file, fetched where it is not here. `each` is told how far it is, and may stop it.
    ///
    /// # Errors
    /// Why it could not be fetched, or that it is not the file it should be.
    pub fn fetch(&self, each: &mut dyn FnMut(Fetched) -> ControlFlow<()>) -> Result<Local, FetchError> {
        let here = |sha256: &str| Local { path: self.place(sha256), sha256: sha256.to_owned(), was_here: true };
        if let Some(known) = self.sha256.map(here).filter(|known| known.path.is_file()) {
            return Ok(known);
        }
        let key = self.sha256.map_or_else(|| hexadecimal(&Sha256::digest(self.address)), str::to_owned);
        let part = self.cache.join(format!("{key}.part"));
        let failed = |error: io::Error| FetchError::Write { path: part.clone(), error };
        fs::create_dir_all(&self.cache).map_err(failed)?;
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&part).map_err(failed)?;
        // Another process may be fetching the same file.
        file.lock().map_err(failed)?;
        if let Some(known) = self.sha256.map(here).filter(|known| known.path.is_file()) {
            return Ok(known);
        }
        // What has no hash may have changed since.
        if self.sha256.is_none() {
            file.set_len(0).map_err(failed)?;
        }
        self.receive(&mut file, &part, each)?;
        file.sync_all().map_err(failed)?;
        let found = hash(&mut file).map_err(failed)?;
        if self.sha256.is_some_and(|expected| expected != found) {
            // Going on with it would only come to the same.
            fs::remove_file(&part).map_err(failed)?;
            return Err(FetchError::Differs { found });
        }
        let path = self.place(&found);
        let failed = |error: io::Error| FetchError::Write { path: path.clone(), error };
        fs::create_dir_all(path.parent().unwrap_or(&self.cache)).map_err(failed)?;
        fs::rename(&part, &path).map_err(failed)?;
        Ok(Local { path, sha256: found, was_here: false })
    }

    #[cfg(not(feature = "fetch"))]
    fn receive(&self, _: &mut File, _: &Path, _: &mut dyn FnMut(Fetched) -> ControlFlow<()>) -> Result<(), FetchError> {
        Err(FetchError::Unavailable)
    }

    /// Adds to `file`, which stands at `part`, what it lacks.
    #[cfg(feature = "fetch")]
    fn receive(
        &self,
        file: &mut File,
        part: &Path,
        each: &mut dyn FnMut(Fetched) -> ControlFlow<()>,
    ) -> Result<(), FetchError> {
        let failed = |error: io::Error| FetchError::Write { path: part.to_path_buf(), error };
        let mut bytes = file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut response = match (self.ask(bytes), bytes) {
            // What is here may be all there is, or too much.
            (Err(FetchError::Status(416)), 1..) => {
                bytes = 0;
                self.ask(0)?
            }
            (response, _) => response?,
        };
        let number = |name: &str| response.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
        let length = number("content-length");
        // A server that does not go on begins anew.
        if response.status().as_u16() != 206 {
            bytes = 0;
        }
        file.set_len(bytes).map_err(failed)?;
        file.seek(SeekFrom::Start(bytes)).map_err(failed)?;
        let whole = length.map(|length| bytes + length);
        let mut fetched = Fetched { bytes, whole };
        let mut reader = response.body_mut().as_reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            if each(fetched).is_break() {
                return Err(FetchError::Stopped);
            }
            let count = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(FetchError::BrokeOff { fetched }),
            };
            file.write_all(&buffer[..count]).map_err(failed)?;
            fetched.bytes += count as u64;
        }
        match whole.is_some_and(|whole| fetched.bytes < whole) {
            true => Err(FetchError::BrokeOff { fetched }),
            false => Ok(()),
        }
    }

    /// Asks the server for the file, from this byte on.
    #[cfg(feature = "fetch")]
    fn ask(&self, from: u64) -> Result<ureq::http::Response<ureq::Body>, FetchError> {
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .timeout_connect(Some(self.idle))
                .timeout_recv_response(Some(self.idle))
                .timeout_per_read(Some(self.idle))
                .max_redirects(10)
                .user_agent(concat!("ndsl/", env!("CARGO_PKG_VERSION")))
                .build(),
        );
        let mut request = agent.get(self.address);
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        request.call().map_err(|error| match error {
            ureq::Error::StatusCode(status) => FetchError::Status(status),
            ureq::Error::Timeout(_) => {
                FetchError::Unreachable(format!("the server said nothing for {} seconds", self.idle.as_secs_f32()))
            }
            ureq::Error::HostNotFound => FetchError::Unreachable("there is no such machine, or no network".to_owned()),
            ureq::Error::Io(error) => FetchError::Unreachable(error.to_string()),
            other => FetchError::Unreachable(other.to_string()),
        })
    }
}

fn hash(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    io::copy(file, &mut hash)?;
    Ok(hexadecimal(&hash.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_by_its_hash_and_under_a_plain_name() {
        let place = |address: &str| {
            let remote = Remote { address, sha256: None, cache: "c".into(), idle: IDLE };
            remote.place("ab").to_string_lossy().into_owned()
        };
        assert_eq!(place("https://example.org/data/adult.csv?v=2#top"), "c/ab/adult.csv");
        assert_eq!(place("https://example.org/a%20b.csv"), "c/ab/a_20b.csv");
        assert_eq!(place("https://example.org/.."), "c/ab/data");
        assert_eq!(place("https://example.org/"), "c/ab/data");
    }
}
