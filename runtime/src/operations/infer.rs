//! Makes a schema of files: what their columns are, how they belong together and how their values are drawn.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use ndsl_compiler::plan::{Dialect, Format};
use ndsl_compiler::schema::convert::words;
use ndsl_compiler::{Source as Program, analyze};
use ndsl_grammar::Span;
use serde::Serialize;

use super::Error;
use crate::data::{DataError, Fault, Named, Opened, Table, open_table};
use crate::infer::{self, Given, Source, Watch};
use crate::train::Cancel;

/// How often it is told how far it is.
const TOLD: Duration = Duration::from_millis(100);

/// Bytes of a text file that are looked at for what stands between its cells.
const LOOKED_AT: usize = 1 << 16;

/// What may stand between the cells of a text file, the likeliest first.
const BETWEEN: [u8; 4] = *b",;\t|";

/// A file that is a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    /// What the table is called; by default what the file is.
    pub name: Option<String>,
    /// Where it is.
    pub path: PathBuf,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A table of text.
    Csv,
    /// A JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Arrow's format.
    Arrow,
}

/// Which files to make a schema of.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the schema is called.
    pub name: String,
    /// The tables.
    pub files: Vec<TableFile>,
    /// What the files are; by default what their endings say.
    pub kind: Option<Kind>,
    /// What stands between two cells of a text file; by default what the file's first lines say.
    pub delimiter: Option<u8>,
    /// Whether a text file's first line has the names of its columns.
    pub header: bool,
    /// Threads at most, one a table; by default one for each processor.
    pub threads: Option<usize>,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// The program that declares the schema, laid out.
    pub text: String,
    /// Its tables.
    pub tables: Vec<TableFound>,
}

/// A table of the schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableFound {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many columns.
    pub columns: usize,
    /// How many of them refer to other tables.
    pub references: usize,
}

/// A file of a table.
struct FileSource {
    file: Named,
    format: Format,
    /// What the file was like when it was first opened, to find out whether it changed.
    first: Opened,
}

impl Source for FileSource {
    type Rows = Table;

    fn open(&self) -> Result<Table, DataError> {
        let opened = self.file.open()?;
        opened.is_still(&self.first.stamp()).map_err(|fault| self.file.fail(fault))?;
        open_table(&self.format, opened, &[]).map_err(|fault| self.file.fail(fault))
    }

    fn fail(&self, fault: Fault) -> DataError {
        self.file.fail(fault)
    }

    fn unchanged(&self) -> Result<(), DataError> {
        self.first.unchanged().map_err(|fault| self.file.fail(fault))
    }
}

/// Makes a schema of files; `told` hears now and then how many rows were read.
///
/// # Errors
/// What is wrong with the request or with the files: all that is found.
pub fn run(request: &Request, told: &mut dyn FnMut(u64), cancel: &Cancel) -> Result<Response, Error> {
    let tables = given(request)?;
    let threads = request.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let rows = AtomicU64::new(0);
    let watch = Watch { rows: &rows, cancel };
    let (done, waiting) = channel::<()>();
    let inferred = std::thread::scope(|scope| {
        let work = scope.spawn(move || {
            // The end of the channel says that it is done.
            let _done = done;
            infer::infer(&request.name, &tables, threads, watch)
        });
        while waiting.recv_timeout(TOLD) == Err(RecvTimeoutError::Timeout) {
            told(rows.load(Ordering::Relaxed));
        }
        work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    if cancel.is_cancelled() {
        return Err(Error::Cancelled);
    }
    let inferred = inferred.map_err(|faults| match faults.len() {
        1 => faults.into_iter().next().map_or(Error::Cancelled, |fault| Error::GivenData(Box::new(fault))),
        _ => Error::Files(faults),
    })?;
    let outline = inferred.outline;
    let text = outline.text().unwrap_or_else(|unread| unread);
    let analysis = analyze(&Program::new("schema", text.as_str()));
    if analysis.has_errors() {
        return Err(Error::Program { sources: analysis.sources, diagnostics: analysis.diagnostics });
    }
    let tables = outline.tables.iter().zip(inferred.rows).map(|(table, rows)| TableFound {
        name: table.name.clone(),
        rows,
        columns: table.columns.len(),
        references: table.columns.iter().filter(|column| column.kind.starts_with("ref ")).count(),
    });
    Ok(Response { tables: tables.collect(), text })
}

/// The tables that are asked for, each opened.
fn given(request: &Request) -> Result<Vec<Given<FileSource>>, Error> {
    if request.files.is_empty() {
        return Err(Error::Request("no file was given".to_owned()));
    }
    let stem = |path: &Path| path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let (mut given, mut faults) = (Vec::new(), Vec::new());
    for file in &request.files {
        let shown = file.path.file_name().unwrap_or(file.path.as_os_str()).to_string_lossy().into_owned();
        // Of `u.data` and `u.item` the ending is what tells them apart.
        let alike = request.files.iter().filter(|other| stem(&other.path) == stem(&file.path)).count() > 1;
        let name = file.name.clone().unwrap_or_else(|| if alike { shown.clone() } else { stem(&file.path) });
        let name = words::word_of(&name, "table");
        let named = Named { path: file.path.clone(), span: Span::default(), address: None };
        let format = format(request, &shown)?;
        match named.open().and_then(|first| Ok((format_of(format, request, &named)?, first))) {
            Ok((format, first)) => {
                given.push(Given { name, origin: shown, source: FileSource { file: named, format, first } });
            }
            Err(fault) => faults.push(fault),
        }
    }
    match faults.len() {
        0 => Ok(given),
        1 => faults.into_iter().next().map_or(Ok(given), |fault| Err(Error::GivenData(Box::new(fault)))),
        _ => Err(Error::Files(faults)),
    }
}

/// What a file is: as the request says, or by its ending.
fn format(request: &Request, shown: &str) -> Result<Format, Error> {
    match request.kind {
        Some(Kind::Csv) => Ok(Format::Csv(Dialect::default())),
        Some(Kind::JsonLines) => Ok(Format::JsonLines),
        Some(Kind::Parquet) => Ok(Format::Parquet),
        Some(Kind::Arrow) => Ok(Format::Arrow),
        None => Format::by_name(shown).filter(|format| !matches!(format, Format::Text)).ok_or_else(|| {
            Error::Request(format!(
                "what `{shown}` is cannot be told from its ending, as of `.csv`, `.tsv`, `.parquet`, `.jsonl`, `.arrow` and `.feather`: say it with \
                 `--format`"
            ))
        }),
    }
}

/// The format with what stands between the cells of a text file.
fn format_of(format: Format, request: &Request, file: &Named) -> Result<Format, DataError> {
    let Format::Csv(dialect) = format else { return Ok(format) };
    let delimiter = match request.delimiter {
        Some(delimiter) => delimiter,
        None => {
            let opened = file.open()?;
            let mut bytes = vec![0; LOOKED_AT.min(opened.len() as usize)];
            opened.read_at(&mut bytes, 0).map_err(|error| file.fail(Fault::io(error)))?;
            likely(&bytes).unwrap_or(dialect.delimiter)
        }
    };
    Ok(Format::Csv(Dialect { delimiter, header: request.header, ..dialect }))
}

/// What stands as often in each of the first lines, and most often.
fn likely(bytes: &[u8]) -> Option<u8> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // The last may be cut.
    if lines.len() > 1 {
        lines.pop();
    }
    let lines: Vec<&[u8]> = lines.into_iter().filter(|line| !line.is_empty()).take(20).collect();
    // What stands between quotation marks is no end of a cell.
    let count = |line: &[u8], wanted: u8| {
        let mut quoted = false;
        let ends = line.iter().filter(|byte| {
            quoted ^= **byte == b'"';
            !quoted && **byte == wanted
        });
        ends.count()
    };
    let steady = |wanted: &u8| {
        let first = count(lines.first()?, *wanted);
        let same = lines.iter().filter(|line| count(line, *wanted) == first).count();
        (first > 0 && 10 * same >= 9 * lines.len()).then_some((first, *wanted))
    };
    // Of those that stand as often, the likeliest.
    let found = BETWEEN.iter().rev().filter_map(steady);
    found.max_by_key(|(count, _)| *count).map(|(_, delimiter)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_cells_is_told_by_the_first_lines() {
        assert_eq!(likely(b"a,b,c\n1,2,3\n"), Some(b','));
        assert_eq!(likely(b"a;b;c\n1,5;2;3\n2,5;3;4\n"), Some(b';'));
        assert_eq!(likely(b"a|b\n1|2\n"), Some(b'|'));
        assert_eq!(likely(b"a\n1\n"), None);
        assert_eq!(likely(b"name,x\n\"a;b;c\",1\n"), Some(b','));
    }
}
