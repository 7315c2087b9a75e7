//! Writing a model folder whole or not at all, and reading it back with every doubt settled.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ndsl_compiler::Weights;
use ndsl_compiler::bundle;
use ndsl_compiler::files::resolve;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use super::metadata::{FORMAT, program_sha256, sha256};
use super::{HISTORY_FILE, METADATA_FILE, Metadata, Model, ModelError, SOURCE_FILE, TABLE_FILE, WEIGHTS_FILE, weights};
use crate::checkpoint;
use crate::files::{BESIDE, sync_folder};

/// The most bytes of a file of text in a model folder.
const MAX_TEXT: u64 = 256 << 20;

/// Writes `model` at `path`: beside it first, then in its place in one step.
///
/// A model that stands there is replaced; whoever reads meanwhile sees the old one or the new. Anything else is left alone.
pub fn save(model: &Model, path: &Path) -> Result<Metadata, ModelError> {
    // A link stays a link: what it points at is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    refuse_foreign(path)?;
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error: io::Error| ModelError::Io { path, error }
    };
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(at(parent))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = tempfile::Builder::new().prefix(&format!(".{name}.")).tempdir_in(parent).map_err(at(parent))?;
    let new = beside.path().join("new");
    fs::create_dir(&new).map_err(at(&new))?;

    let damaged = |file: &str, reason: String| ModelError::Damaged { path: path.join(file), reason };
    let mut metadata = model.metadata.clone();
    metadata.sources = model.sources.keys().cloned().collect();
    metadata.source_sha256 = program_sha256(&model.source, &model.sources);
    let about = serde_json::json!({
        "version": metadata.ndsl, "model": metadata.model, "train": metadata.train, "source_sha256": metadata.source_sha256,
    });
    let bytes = weights::encode(&model.weights, about.to_string()).map_err(|reason| damaged(WEIGHTS_FILE, reason))?;
    metadata.weights_sha256 = sha256(&bytes);

    let write = |file: &str, bytes: &[u8]| {
        let place = new.join(file);
        let written = File::create(&place).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        // The message names the place that was asked for, not the one beside it.
        written.map_err(at(&path.join(file)))
    };
    write(SOURCE_FILE, model.source.as_bytes())?;
    for (file, text) in &model.sources {
        place(file).map_err(|reason| damaged(file, reason))?;
        let folder = new.join(file).parent().map_or_else(|| new.clone(), Path::to_path_buf);
        fs::create_dir_all(&folder).map_err(at(&path.join(file)))?;
        write(file, text.as_bytes())?;
        sync_folder(&folder).map_err(at(&path.join(file)))?;
    }
    write(WEIGHTS_FILE, &bytes)?;
    write(HISTORY_FILE, &json(&model.history).map_err(|reason| damaged(HISTORY_FILE, reason))?)?;
    write(TABLE_FILE, model.history.csv().as_bytes())?;
    write(METADATA_FILE, &json(&metadata).map_err(|reason| damaged(METADATA_FILE, reason))?)?;
    carry_checkpoints(path, &new).map_err(at(&path.join(checkpoint::FOLDER)))?;
    sync_folder(&new).map_err(at(&new))?;
    put_in_place(&new, path, beside).map_err(at(path))?;
    sync_folder(parent).map_err(at(parent))?;
    Ok(metadata)
}

/// Gives the new folder the checkpoints of the run: the same files under a second name, so that at every moment one of the two
/// folders has them.
fn carry_checkpoints(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (from.join(checkpoint::FOLDER), to.join(checkpoint::FOLDER));
    let entries = match fs::read_dir(&from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    fs::create_dir(&to)?;
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(checkpoint::is_checkpoint) {
            let place = to.join(entry.file_name());
            // Where a file can have no second name, it is copied.
            if fs::hard_link(entry.path(), &place).is_err() {
                fs::copy(entry.path(), &place)?;
                File::open(&place)?.sync_all()?;
            }
        }
    }
    sync_folder(&to)
}

/// Whether a folder holds the checkpoints of a run that has not ended, and nothing else.
fn is_unfinished(path: &Path) -> io::Result<bool> {
    let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    let mut within = match &entries[..] {
        [entry] if entry.file_name() == checkpoint::FOLDER && entry.file_type()?.is_dir() => {
            fs::read_dir(entry.path())?
        }
        _ => return Ok(false),
    };
    let ours = |name: &str| checkpoint::is_checkpoint(name) || name.starts_with(BESIDE);
    within.try_fold(true, |all, entry| Ok(all && entry?.file_name().to_str().is_some_and(ours)))
}

/// Fails if writing a model at `path` would destroy something that is none.
pub fn refuse_foreign(path: &Path) -> Result<(), ModelError> {
    let failed = |error| ModelError::Io { path: path.to_path_buf(), error };
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed)?,
    };
    if !metadata.is_dir() {
        return Err(ModelError::WouldDestroy(path.to_path_buf()));
    }
    let is_empty = fs::read_dir(path).map_err(failed)?.next().is_none();
    match is_empty || read_format(path).is_ok() || is_unfinished(path).map_err(failed)? {
        true => Ok(()),
        false => Err(ModelError::WouldDestroy(path.to_path_buf())),
    }
}

/// Reads the model folder at `path`.
pub fn load(path: &Path) -> Result<Model, ModelError> {
    if !path.exists() {
        return Err(ModelError::Missing(path.to_path_buf()));
    }
    if is_unfinished(path).unwrap_or(false) {
        return Err(ModelError::Unfinished(path.to_path_buf()));
    }
    let format = read_format(path)?;
    if format != u64::from(FORMAT) {
        return Err(ModelError::Format { path: path.join(METADATA_FILE), expected: FORMAT, found: format });
    }
    let damaged = |file: &str, reason: String| ModelError::Damaged { path: path.join(file), reason };
    let metadata: Metadata = parse(path, METADATA_FILE)?;
    let text = |file: &str| {
        let bytes = read(path, file, MAX_TEXT)?;
        String::from_utf8(bytes).map_err(|_| damaged(file, "it is not UTF-8 text".to_owned()))
    };
    let source = text(SOURCE_FILE)?;
    let (mut sources, mut size) = (BTreeMap::new(), source.len());
    for file in &metadata.sources {
        place(file).map_err(|reason| damaged(METADATA_FILE, reason))?;
        let text = text(file)?;
        size = size.saturating_add(text.len());
        if size as u64 > MAX_TEXT {
            return Err(damaged(METADATA_FILE, format!("the program has more than {MAX_TEXT} bytes")));
        }
        sources.insert(file.clone(), text);
    }
    if program_sha256(&source, &sources) != metadata.source_sha256 {
        let reason = match sources.len() {
            0 => "it is not the program that the weights were trained with".to_owned(),
            _ => "it and the files it uses are not the program that the weights were trained with".to_owned(),
        };
        return Err(damaged(SOURCE_FILE, reason));
    }
    let bytes = read(path, WEIGHTS_FILE, u64::MAX)?;
    let weights = weights::decode(&bytes).map_err(|reason| damaged(WEIGHTS_FILE, reason))?;
    if sha256(&bytes) != metadata.weights_sha256 {
        return Err(damaged(WEIGHTS_FILE, "its numbers are not those that were saved".to_owned()));
    }
    Ok(Model { source, sources, weights, metadata, history: parse(path, HISTORY_FILE)? })
}

/// Reads the weights of a safetensors file, whoever wrote it: f16, bf16 and f64 become f32. Beside them come the names of tensors
/// that are no weights.
pub fn read_weights(path: &Path) -> Result<(Weights, Vec<String>), ModelError> {
    let bytes = fs::read(path).map_err(|error| ModelError::Io { path: path.to_path_buf(), error })?;
    weights::decode_foreign(&bytes).map_err(|reason| ModelError::Damaged { path: path.to_path_buf(), reason })
}

/// Fails unless `file` is where a text of the program may stand: a model folder from elsewhere must not name other files.
fn place(file: &str) -> Result<(), String> {
    let within = [bundle::USED, bundle::STANDARD].iter().any(|folder| file.starts_with(folder));
    match resolve(SOURCE_FILE, file) {
        Ok(path) if within && path == file => Ok(()),
        _ => Err(format!("`{file}` is no place for a file of the program")),
    }
}

/// The format that `metadata.json` states, if it is ndsl's at all.
fn read_format(path: &Path) -> Result<u64, ModelError> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: u64,
        ndsl: String,
    }
    let foreign = || ModelError::NotAModel(path.to_path_buf());
    if !path.join(METADATA_FILE).is_file() {
        return Err(foreign());
    }
    let bytes = read(path, METADATA_FILE, MAX_TEXT)?;
    let head: Head = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    if head.ndsl.is_empty() { Err(foreign()) } else { Ok(head.format) }
}

fn parse<T: DeserializeOwned>(path: &Path, file: &str) -> Result<T, ModelError> {
    let bytes = read(path, file, MAX_TEXT)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ModelError::Damaged { path: path.join(file), reason: error.to_string() })
}

fn read(path: &Path, file: &str, limit: u64) -> Result<Vec<u8>, ModelError> {
    let path: PathBuf = path.join(file);
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > limit => {
            Err(ModelError::Damaged { path, reason: format!("it is larger than {limit} bytes") })
        }
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(ModelError::Damaged { path, reason: "it is missing".to_owned() })
        }
        Err(error) => Err(ModelError::Io { path, error }),
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, String> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Puts `new`, which lies in `beside`, at `path`; what was there goes away with `beside`.
fn put_in_place(new: &Path, path: &Path, beside: TempDir) -> io::Result<()> {
    if !path.exists() {
        return fs::rename(new, path);
    }
    if exchange(new, path)? {
        return Ok(());
    }
    // Two steps where the system has not the one: between them the place is empty, but the old model is not lost.
    let old = beside.path().join("old");
    fs::rename(path, &old)?;
    fs::rename(new, path).inspect_err(|_| {
        if fs::rename(&old, path).is_err() {
            let _ = beside.keep();
        }
    })
}

/// Exchanges two folders in one step; false where the system cannot.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}
