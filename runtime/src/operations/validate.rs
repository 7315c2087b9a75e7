//! Holds files of rows to the tables of a program's schemas: which file is of which table, and what is at odds with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndsl_compiler::analyze_with;
use ndsl_compiler::plan::Format;
use ndsl_compiler::schema::{Schemas, TableId};
use ndsl_compiler::suggest::either;
use serde::{Deserialize, Serialize};

use super::{Error, sound};
use crate::files::Disk;
use crate::memory;
use crate::train::Cancel;
pub use crate::validate::{Each, Found, Kind, NotChecked, Progress, Rule, TableReport, Validation};
use crate::validate::{Given, Options, validate};

/// The memory that is taken where the system does not say what is free.
const MEMORY: u64 = 1 << 30;

/// What is held to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What messages call the program.
    pub name: String,
    /// The program.
    pub text: String,
    /// The folder it stands in, if it may use the programs of the project around it.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The files.
    pub files: Vec<DataFile>,
    /// The table that files are of whose names do not say.
    #[serde(default)]
    pub table: Option<String>,
    /// Of text files: what means that there is no value, beside an empty cell.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// How many places of each rule are answered.
    pub first: usize,
    /// The bytes that may be held; by default half of what the system has left.
    #[serde(default)]
    pub memory: Option<u64>,
}

/// A file, or a folder of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// The table it is of; by default as its name says.
    #[serde(default)]
    pub table: Option<String>,
    /// Where it is.
    pub path: PathBuf,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// How many violations there are in all.
    pub violations: u64,
    /// The tables, the rules, and what was not checked.
    #[serde(flatten)]
    pub found: Validation,
}

/// Told how far it is.
pub type Watch<'w> = dyn FnMut(&Progress) + 'w;

/// Holds files to tables; `each` takes every violation as it is found.
///
/// # Errors
/// What is at fault with the program or the request, and files that cannot be read.
pub fn run(
    request: &Request,
    each: Option<&mut Each<'_>>,
    watch: &mut Watch<'_>,
    cancel: &Cancel,
) -> Result<Response, Error> {
    let folder = request.folder.as_deref().unwrap_or(Path::new(""));
    let (source, disk) = Disk::program(folder, &request.name, request.text.as_str());
    let analysis = sound(analyze_with(&source, &disk))?;
    let schemas = analysis.schemas();
    let given = matched(schemas, request)?;
    let mut watch = |progress: &Progress| {
        watch(progress);
        !cancel.is_cancelled()
    };
    let memory = request.memory.unwrap_or_else(|| memory::available().map_or(MEMORY, |free| free / 2));
    let nulls = request.nulls.clone();
    let each = each.map(|each| each as &mut Each<'_>);
    let options = Options { nulls, first: request.first, memory, each, watch: &mut watch };
    let found = validate(schemas, &analysis.sources, &given, options).map_err(Error::GivenData)?;
    let found = found.ok_or(Error::Cancelled)?;
    Ok(Response { violations: found.rules.iter().map(|rule| rule.count).sum(), found })
}

/// Which files are of which table.
fn matched(schemas: &Schemas, request: &Request) -> Result<Vec<Given>, Error> {
    if schemas.tables.is_empty() {
        return Err(Error::Request(format!("{} declares no schema that data could be held to", request.name)));
    }
    let mut given: BTreeMap<TableId, Vec<(PathBuf, Format)>> = BTreeMap::new();
    let mut faults = Vec::new();
    let only = match (&request.table, &schemas.tables[..]) {
        (Some(name), _) => Some(named(schemas, name).map_err(Error::Request)?),
        (None, [_]) => schemas.tables().next().map(|(id, _)| id),
        (None, _) => None,
    };
    for DataFile { table, path } in &request.files {
        let of = match table {
            Some(name) => named(schemas, name).map(Some),
            None => Ok(None),
        };
        match of.and_then(|table| files(schemas, path, table, only)) {
            Ok(files) => files.into_iter().for_each(|(id, file)| given.entry(id).or_default().push(file)),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.is_empty() {
        true => Ok(given.into_iter().map(|(table, files)| Given { table, files }).collect()),
        false => Err(Error::Request(faults.join("\n"))),
    }
}

/// A table by its name, or by its name from outside.
fn named(schemas: &Schemas, name: &str) -> Result<TableId, String> {
    let is_it = |id: &TableId| {
        let table = schemas.at(*id);
        table.path.eq_ignore_ascii_case(name) || table.name.eq_ignore_ascii_case(name)
    };
    let mut found = schemas.tables().map(|(id, _)| id).filter(is_it);
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => {
            let paths = either(schemas.tables().filter(|(id, _)| is_it(id)).map(|(_, table)| table.path.as_str()));
            Err(format!("several tables are called `{name}`: say {paths}"))
        }
        (None, _) => {
            let names = either(schemas.tables().map(|(_, table)| table.path.as_str()));
            Err(format!("there is no table `{name}`; there is {names}"))
        }
    }
}

type Files = Vec<(TableId, (PathBuf, Format))>;

/// The files of a path: itself, or those of a folder, each of a table or all of one.
fn files(schemas: &Schemas, path: &Path, table: Option<TableId>, only: Option<TableId>) -> Result<Files, String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let by_name = table.or_else(|| named(schemas, &stem).ok());
    if !path.is_dir() {
        let format = format(path)?;
        let why = || {
            let names = either(schemas.tables().map(|(_, table)| table.path.as_str()));
            format!("nothing says which table `{}` is of: write {names} in front, with `=`", path.display())
        };
        return Ok(vec![(by_name.or(only).ok_or_else(why)?, (path.to_owned(), format))]);
    }
    let cannot = |error: std::io::Error| format!("`{}` cannot be read: {error}", path.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        entries.push(entry.map_err(cannot)?.path());
    }
    entries.sort();
    let mut all = Vec::new();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        // What `ndsl generate` writes beside, and what is hidden, are no tables.
        if name.starts_with('.') || !entry.is_dir() && Format::by_name(&name).is_none() {
            continue;
        }
        match by_name {
            Some(id) if entry.is_file() => all.push((id, (entry.clone(), format(&entry)?))),
            Some(_) => {}
            None => all.extend(files(schemas, &entry, None, only)?),
        }
    }
    if all.is_empty() { Err(format!("`{}` has no files of rows", path.display())) } else { Ok(all) }
}

fn format(path: &Path) -> Result<Format, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Format::by_name(&name).filter(|_| !name.ends_with(".gz")).ok_or_else(|| {
        format!(
            "`{name}` is of no kind that its ending tells: `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.parquet`, `.arrow` and `.feather` are"
        )
    })
}
