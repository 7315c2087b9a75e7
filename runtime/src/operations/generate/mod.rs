//! Makes the rows of a program's tables and writes them: into files, onto a stream, or straight into a database.
//!
//! `chosen` says which tables, `parts` which rows go into which file and in which pieces they are made, `making` makes a piece, `pipeline`
//! has many threads make them and takes them in order, `files` and `drain` write them, `journal` keeps what a killed run goes on
//! with.

mod chosen;
mod drain;
mod files;
mod form;
mod inputs;
mod into_database;
mod journal;
mod making;
mod manifest;
mod parts;
mod pipeline;
mod preview;
mod script;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use ndsl_compiler::analyze_with;
use ndsl_compiler::schema::TableId;
use ndsl_generate::text::{Locale, UnknownLocale};
use ndsl_generate::{Generator, Options};
use serde::{Deserialize, Serialize};

use self::drain::Drain;
use self::files::{Files, Paper, Plan};
use self::inputs::FileInputs;
use self::journal::{Journal, Refused};
use self::making::{Made, Making, Writing, at_once, writing};
use self::parts::{Section, Sections, share};
use super::{Error, sound};
use crate::databases::Address;
use crate::files::Disk;
use crate::model::{program_sha256, texts};
use crate::train::Cancel;

pub use form::{Compression, Dialect, Form};
pub use journal::Written;
pub use manifest::MANIFEST;
pub use preview::{Preview, examples, preview};

/// What to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What messages call the program.
    pub name: String,
    /// The program.
    pub text: String,
    /// The folder it stands in, if it may use the programs of the project around it.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The schema whose tables are made; all where none is named.
    #[serde(default)]
    pub schema: Option<String>,
    /// The tables that are made, by their names; all where none is named.
    #[serde(default)]
    pub tables: Vec<String>,
    /// How many rows a table has of which nothing else is said.
    #[serde(default = "thousand")]
    pub rows: u64,
    /// How many rows these tables have.
    #[serde(default)]
    pub rows_of: BTreeMap<String, u64>,
    /// What everything random follows from.
    #[serde(default)]
    pub seed: u64,
    /// Whose names and language texts have.
    #[serde(default = "english")]
    pub locale: String,
    /// What rows are written as.
    #[serde(default)]
    pub form: Form,
    /// Whose SQL a script is written in.
    #[serde(default)]
    pub dialect: Dialect,
    /// Where they go.
    pub output: Output,
    /// Whether rows go into tables that are there, so that a script or a database is not told to make any.
    #[serde(default)]
    pub append: bool,
    /// The schema of PostgreSQL in which tables stand; the first of the search path where none is named.
    #[serde(default)]
    pub database_schema: Option<String>,
    /// How many rows are a chunk.
    #[serde(default)]
    pub chunk: Option<u64>,
    /// The one chunk of each table that is made, counted from 0.
    #[serde(default)]
    pub only_chunk: Option<u64>,
    /// How many files a table is divided into.
    #[serde(default)]
    pub partitions: Option<u64>,
    /// How many threads make rows; as many as there are processors where it is not said.
    #[serde(default)]
    pub threads: Option<usize>,
    /// How Parquet and Arrow files are packed.
    #[serde(default)]
    pub compression: Option<Compression>,
    /// Whether to go on with a run that was broken off.
    #[serde(default)]
    pub resume: bool,
    /// Whether what stands there may be replaced.
    #[serde(default)]
    pub force: bool,
}

fn thousand() -> u64 {
    1000
}

fn english() -> String {
    Locale::default().to_string()
}

/// Where rows go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// A folder with a file for each table, or one for all where the form is a script.
    Folder(PathBuf),
    /// One file.
    File(PathBuf),
    /// The stream that is handed in.
    Stream,
    /// The tables of a database.
    Database(Address),
}

impl Output {
    /// Whether rows go into a database.
    pub fn is_database(&self) -> bool {
        matches!(self, Self::Database(_))
    }
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// The tables, in the order in which they were made.
    pub tables: Vec<MadeTable>,
    /// The files.
    pub files: Vec<Written>,
    /// Where it is written down what was made.
    pub manifest: Option<PathBuf>,
    /// What everything random followed from.
    pub seed: u64,
    /// The share of rows that met their checks as they were drawn; the others were drawn again.
    pub acceptance: f64,
    /// How long it took.
    pub seconds: f64,
    /// Whether the stream was closed before its end by whoever read it.
    #[serde(skip)]
    pub is_closed: bool,
}

/// A table that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MadeTable {
    /// Its name from outside.
    pub table: String,
    /// How many rows of it were made.
    pub rows: u64,
}

/// How far it is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The table that is written.
    pub table: String,
    /// Rows that are written, of all tables.
    pub rows: u64,
    /// Rows that will be.
    pub all: u64,
    /// Rows a second since it began.
    pub rate: f64,
    /// Seconds that are left.
    pub remaining: f64,
}

/// Is told how far it is, after every piece.
pub type Watch<'w> = dyn FnMut(&Progress) + Send + 'w;

/// Makes rows and writes them; `stream` is where they go where the request says so.
///
/// # Errors
/// What is at fault with the program or the request, rows that cannot be made, what the file system says, and [`Error::Cancelled`]. What was
/// to be replaced is then as it was.
pub fn run(
    request: &Request,
    stream: Option<&mut (dyn Write + Send)>,
    watch: &mut Watch<'_>,
    cancel: &Cancel,
) -> Result<Response, Error> {
    let began = Instant::now();
    let (source, disk) =
        Disk::program(request.folder.as_deref().unwrap_or(Path::new("")), &request.name, request.text.as_str());
    let analysis = sound(analyze_with(&source, &disk))?;
    let threads = request.threads.unwrap_or_else(processors).max(1);
    let generator = generator(&analysis, request, threads)?;
    let schemas = generator.schemas();
    let chosen = chosen::tables(schemas, request)?;
    let order: Vec<TableId> = generator.in_order().0.into_iter().filter(|id| chosen.contains(id)).collect();
    let names = chosen::names(schemas, &order);
    let (sections, plans) = divided(request, &generator, &order, &names)?;

    let compression = compression(request)?;
    if request.append && !request.form.is_script() && !request.output.is_database() {
        let said = "rows are put into tables that are there in databases and by scripts; files are made anew";
        return Err(Error::Request(said.to_owned()));
    }
    let mut how: BTreeMap<TableId, Writing> = BTreeMap::new();
    for id in &order {
        let (form, dialect) = (request.form, request.dialect);
        let into = match &request.output {
            Output::Database(address) => into_database::writing(address, &names[id], &generator.shape(*id)),
            _ => None,
        };
        let table = (*id, names[id].as_str());
        how.insert(
            *id,
            match into {
                Some(into) => into,
                None => writing(&generator, &analysis.sources, table, form, dialect, compression)?,
            },
        );
    }
    let making = Making {
        generator: &generator,
        sources: &analysis.sources,
        sections: &sections,
        writing: how,
        script: script::around(request, schemas, &order, &names),
        cancel,
        pages: Mutex::default(),
    };
    let mut meter = Meter::new(&making, watch, began);
    let (main, others) = texts(&analysis.sources);
    let identity = manifest::identity(request, &program_sha256(&main, &others), compression);
    let mut is_closed = false;
    let (files, manifest) = match (&request.output, stream) {
        (Output::Stream, Some(stream)) => {
            is_closed = to_stream(&making, stream, &order, compression, threads, &mut meter)?;
            (Vec::new(), None)
        }
        (Output::Stream, None) => return Err(Error::Request("there is no stream to write to".to_owned())),
        (Output::Database(address), _) => {
            into_database::put(request, address, &making, &names, threads, &mut meter)?;
            (Vec::new(), None)
        }
        (Output::Folder(folder), _) => {
            let files = to_files(request, &making, &plans, folder, &identity, threads, &mut meter)?;
            let path = folder.join(MANIFEST);
            let text = manifest::text(&identity, &generator, &sections, &files);
            crate::files::write_whole(&path, text.as_bytes())
                .map_err(|error| Error::Write { path: path.clone(), error })?;
            (files, Some(path))
        }
        (Output::File(path), _) => {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            (to_files(request, &making, &plans, folder, &identity, threads, &mut meter)?, None)
        }
    };
    let tables = order.iter().map(|id| {
        let rows = sections.all().iter().filter(|section| section.table == *id).map(Section::len).sum();
        MadeTable { table: schemas.at(*id).path.clone(), rows }
    });
    Ok(Response {
        tables: tables.collect(),
        files,
        manifest,
        seed: request.seed,
        acceptance: generator.accepted(),
        seconds: began.elapsed().as_secs_f64(),
        is_closed,
    })
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn generator(analysis: &ndsl_compiler::Analysis, request: &Request, threads: usize) -> Result<Generator, Error> {
    let schemas = analysis.schemas();
    // What is asked of tables by their names is looked up before anything is made of them.
    chosen::tables(schemas, request)?;
    let options = Options {
        seed: request.seed,
        locale: request.locale.parse().map_err(|error: UnknownLocale| Error::Request(error.to_string()))?,
        rows: request.rows,
        rows_of: chosen::rows_of(schemas, &request.rows_of)?,
        inputs: &FileInputs::new(request.folder.as_deref().unwrap_or(Path::new(""))),
        threads,
    };
    Generator::new(schemas.clone().into(), &options)
        .map_err(|diagnostics| Error::Program { sources: analysis.sources.clone(), diagnostics })
}

fn compression(request: &Request) -> Result<Compression, Error> {
    match (request.form, request.compression) {
        (Form::Parquet, compression) => Ok(compression.unwrap_or(Compression::Snappy)),
        (Form::Arrow, None | Some(Compression::None)) | (_, None) => Ok(Compression::None),
        (Form::Arrow, Some(Compression::Zstd)) => Ok(Compression::Zstd),
        (Form::Arrow, Some(Compression::Snappy)) => {
            Err(Error::Request("Arrow's files are packed with zstd or not at all".to_owned()))
        }
        (form, Some(_)) => Err(Error::Request(format!("{} files are not packed", form.extension()))),
    }
}

/// Which rows go into which file.
fn divided(
    request: &Request,
    generator: &Generator,
    order: &[TableId],
    names: &BTreeMap<TableId, String>,
) -> Result<(Sections, Vec<Plan>), Error> {
    let schemas = generator.schemas();
    let refused = |said: &str| Err(Error::Request(said.to_owned()));
    let is_divided = request.partitions.is_some() || request.only_chunk.is_some();
    match (&request.output, request.form) {
        _ if request.partitions.is_some() && request.only_chunk.is_some() => {
            return refused("a table is divided into partitions or into chunks, not both");
        }
        _ if request.only_chunk.is_some() && request.chunk.is_none() => {
            return refused(
                "one chunk alone needs to be told how many rows a chunk has: `--chunk 100k --only-chunk 7`",
            );
        }
        _ if request.partitions == Some(0) || request.chunk == Some(0) => {
            return refused("a table is divided into one part at least");
        }
        (_, form) if form.is_script() && is_divided => return refused("a script is not divided"),
        (Output::Database(_), _) if is_divided => return refused("the rows of a database are not divided"),
        (Output::Database(_), _) if request.resume => {
            return refused("nothing of a run that was broken off is in a database, so there is nothing to go on with");
        }
        (output, _) if request.database_schema.is_some() && !output.is_database() => {
            return refused("only a database has schemas that tables stand in");
        }
        (Output::File(_), _) if request.partitions.is_some_and(|parts| parts > 1) => {
            return refused("several files need a folder to stand in");
        }
        (Output::File(_) | Output::Stream, form) if order.len() > 1 && !form.is_script() => {
            let names = ndsl_compiler::suggest::either(order.iter().map(|id| schemas.at(*id).name.as_str()));
            return Err(Error::Request(format!(
                "{} tables do not fit into one {} file: choose {names} with `--table`, or give a folder",
                order.len(),
                request.form.extension()
            )));
        }
        _ => {}
    }
    let at_once = at_once(request.form, request.chunk);
    let extension = request.form.extension();
    let (mut sections, mut plans) = (Vec::new(), Vec::new());
    let mut add = |table: TableId, rows: std::ops::Range<u64>, name: String| {
        plans.push(Plan { name, tables: vec![schemas.at(table).path.clone()], rows: rows.end - rows.start });
        sections.push(Section { table, rows, file: plans.len() - 1, at_once });
    };
    for id in order {
        let (name, rows) = (&names[id], generator.rows(*id));
        let part = |number: u64| format!("{name}/part-{number:05}.{extension}");
        let alone = match &request.output {
            Output::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            _ => None,
        };
        match (request.partitions, request.only_chunk.zip(request.chunk)) {
            (Some(parts), _) => (0..parts).for_each(|number| add(*id, share(rows, number, parts), part(number))),
            (None, Some((number, chunk))) => {
                let start = number.saturating_mul(chunk);
                if start < rows || rows == 0 && number == 0 {
                    let end = start.saturating_add(chunk).min(rows);
                    add(*id, start..end, alone.unwrap_or_else(|| part(number)));
                }
            }
            (None, None) => add(*id, 0..rows, alone.unwrap_or_else(|| format!("{name}.{extension}"))),
        }
    }
    if sections.is_empty() {
        return refused("no table has a chunk of that number");
    }
    if request.form.is_script() {
        let name = match &request.output {
            Output::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            _ => format!("{}.{extension}", Path::new(&request.name).file_stem().unwrap_or_default().to_string_lossy()),
        };
        let rows = plans.iter().map(|plan| plan.rows).sum();
        let tables = plans.iter().flat_map(|plan| plan.tables.clone()).collect();
        plans = vec![Plan { name, tables, rows }];
        sections.iter_mut().for_each(|section| section.file = 0);
    }
    Ok((Sections::new(sections), plans))
}

/// Tells how far it is.
struct Meter<'m, 'w> {
    making: &'m Making<'m>,
    watch: &'m mut Watch<'w>,
    began: Instant,
    rows: u64,
    all: u64,
    /// Rows that were written by an earlier run.
    before: u64,
}

impl<'m, 'w> Meter<'m, 'w> {
    fn new(making: &'m Making<'m>, watch: &'m mut Watch<'w>, began: Instant) -> Self {
        let all = making.sections.all().iter().map(Section::len).sum();
        Self { making, watch, began, rows: 0, all, before: 0 }
    }

    /// Begins behind the pieces before one.
    fn begin(&mut self, number: usize) {
        let sections = self.making.sections;
        if number < sections.pieces() {
            let piece = sections.piece(number);
            let whole: u64 = sections.all()[..piece.section].iter().map(Section::len).sum();
            self.before = whole + piece.rows.start - sections.all()[piece.section].rows.start;
        } else {
            self.before = self.all;
        }
        self.rows = self.before;
    }

    fn tell(&mut self, number: usize) {
        let piece = self.making.sections.piece(number);
        self.rows += piece.rows.end - piece.rows.start;
        let table = self.making.sections.all()[piece.section].table;
        let rate = (self.rows - self.before) as f64 / self.began.elapsed().as_secs_f64().max(1e-9);
        (self.watch)(&Progress {
            table: self.making.generator.schemas().at(table).path.clone(),
            rows: self.rows,
            all: self.all,
            rate,
            remaining: (self.all - self.rows) as f64 / rate.max(1e-9),
        });
    }
}

/// Writes onto a stream; whether it was closed before its end.
fn to_stream(
    making: &Making<'_>,
    stream: &mut (dyn Write + Send),
    order: &[TableId],
    compression: Compression,
    threads: usize,
    meter: &mut Meter<'_, '_>,
) -> Result<bool, Error> {
    let failed = |error| Error::Write { path: PathBuf::from("<stdout>"), error };
    let schema = making.generator.shape(order[0]);
    let begun = Paper::begin(&making.writing[&order[0]], &schema, compression, Drain::stream(stream));
    let mut paper = begun.map_err(failed)?;
    let take = |number: usize, made: Made| {
        paper.add(made, making).map_err(failed)?;
        meter.tell(number);
        Ok(())
    };
    let ended = pipeline::in_order(0..making.sections.pieces(), threads, |number| making.make(number), take);
    match ended.and_then(|()| paper.finish().map(drop).map_err(failed)) {
        Err(Error::Write { error, .. }) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        other => other.map(|()| false),
    }
}

/// Writes into the files of a folder.
fn to_files(
    request: &Request,
    making: &Making<'_>,
    plans: &[Plan],
    folder: &Path,
    identity: &serde_json::Value,
    threads: usize,
    meter: &mut Meter<'_, '_>,
) -> Result<Vec<Written>, Error> {
    let name = match &request.output {
        Output::File(_) => plans[0].name.as_str(),
        _ => MANIFEST,
    };
    if folder.exists() && !folder.is_dir() {
        return Err(Error::Request(format!("`{}` is a file, not a folder", folder.display())));
    }
    let standing: Vec<&str> =
        plans.iter().map(|plan| plan.name.as_str()).filter(|name| folder.join(name).exists()).collect();
    if !standing.is_empty() && !request.force && !request.resume {
        let names = ndsl_compiler::suggest::listed(standing.iter().copied())
            .unwrap_or_else(|| format!("{} files", standing.len()));
        let said = format!("`{}` has {names} already: `--force` replaces what stands there", folder.display());
        return Err(Error::Request(said));
    }
    let journal = if request.resume {
        Journal::go_on(folder, name, identity.clone()).map_err(|refused| Error::Request(said(refused, folder)))?
    } else if Journal::path(folder, name).exists() && !request.force {
        let said = format!(
            "a run that was broken off is in `{}`: `--resume` goes on with it, `--force` begins anew",
            folder.display()
        );
        return Err(Error::Request(said));
    } else {
        Journal::begin(folder, name, identity.clone())
    };
    std::fs::create_dir_all(folder).map_err(|error| Error::Write { path: folder.to_owned(), error })?;
    let (mut files, first) = Files::begin(making, plans, making_compression(request), journal)?;
    meter.begin(first);
    let take = |number: usize, made: Made| {
        files.take(number, made)?;
        meter.tell(number);
        Ok(())
    };
    let ended = pipeline::in_order(first..making.sections.pieces(), threads, |number| making.make(number), take);
    match ended {
        Ok(()) => files.journal.finish().map_err(|(path, error)| Error::Write { path, error }),
        Err(fault) => {
            let may_go_on = matches!(fault, Error::Write { .. } | Error::Cancelled);
            let is_kept = files.leave(may_go_on);
            Err(match fault {
                Error::Write { path, error } if is_kept => Error::Write {
                    path,
                    error: io::Error::new(error.kind(), format!("{error}; `--resume` goes on from there")),
                },
                Error::Cancelled if is_kept => Error::Request("stopped; `--resume` goes on from there".to_owned()),
                other => other,
            })
        }
    }
}

/// As it was found to be possible before.
fn making_compression(request: &Request) -> Compression {
    compression(request).unwrap_or(Compression::None)
}

/// Why a run does not go on.
fn said(refused: Refused, folder: &Path) -> String {
    match refused {
        Refused::Nothing => format!("there is no run in `{}` that was broken off", folder.display()),
        Refused::Other(differing) => {
            let what: Vec<String> = differing.iter().map(|what| format!("`{what}`")).collect();
            format!(
                "the run in `{}` was of something else: {} differ{}; `--force` begins anew",
                folder.display(),
                what.join(", "),
                if what.len() == 1 { "s" } else { "" }
            )
        }
        Refused::Io(path, error) => format!("`{}` cannot be read: {error}", path.display()),
    }
}
