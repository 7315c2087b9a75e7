//! `ndsl infer`: a schema of files of data.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ndsl::runtime::files::write_whole;
use ndsl::runtime::operations::infer::{self, Kind, Request, Response, TableFile};

use super::summary::grouped;
use super::{Failure, Format, interrupt, progress, report};
use crate::terminal;

/// How long it goes on without a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Make a schema of files: types, limits, keys, references, and how values are drawn, each with the reason in a comment
///
/// Everything that is written as a limit holds of every row. How things are told: docs/inferring.md.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl infer customers.csv                                        a schema of one table, on stdout
  ndsl infer customers.csv orders.parquet -o shop.ndsl            two tables, with what refers to what
  ndsl infer User=u.user Rating=u.data --format csv -o movies.ndsl   names for tables, of files whose endings say nothing
  ndsl infer export.csv --delimiter ';' --no-header
  ndsl infer customers.csv -o shop.ndsl && ndsl generate shop.ndsl --rows 10k   rows like those

Exit codes: 0 when a schema was made; 1 when a file cannot be read as a table, with every fault at its place; 2 when the command
could not be carried out.")]
pub struct Arguments {
    /// Files of rows: .csv, .tsv, .jsonl, .parquet, .arrow, .feather; with a name in front, what the table is called: User=u.user
    #[arg(required = true, value_name = "[TABLE=]FILE", value_parser = table)]
    files: Vec<TableFile>,
    /// Where the schema goes; `-` for stdout
    #[arg(short, long, default_value = "-", hide_default_value = true)]
    out: PathBuf,
    /// What the schema is called [default: by the file it goes to, or the only table]
    #[arg(long)]
    name: Option<String>,
    /// What the files are [default: by their endings]
    #[arg(short, long, value_enum)]
    format: Option<KindName>,
    /// What stands between two cells of a text file [default: as its first lines say]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The first line of a text file is a row, and columns are called column_1, column_2 and so on
    #[arg(long)]
    no_header: bool,
    /// Threads, one a table [default: one for each processor]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Replace the file that is there already
    #[arg(long)]
    force: bool,
    /// Write the schema and its tables as JSON on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum KindName {
    Csv,
    /// A JSON object a line
    Jsonl,
    Parquet,
    /// Arrow's file format, which Feather is too
    Arrow,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Csv => Self::Csv,
            KindName::Jsonl => Self::JsonLines,
            KindName::Parquet => Self::Parquet,
            KindName::Arrow => Self::Arrow,
        }
    }
}

/// `customers.csv`, `Customer=c.csv`
fn table(text: &str) -> Result<TableFile, String> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    Ok(match text.split_once('=') {
        // A file that has such a sign in its name is that file.
        Some((name, path)) if is_name(name) && !Path::new(text).exists() => {
            TableFile { name: Some(name.to_owned()), path: path.into() }
        }
        _ => TableFile { name: None, path: text.into() },
    })
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "\\t" || text == "tab" => Ok(b'\t'),
        [only] if only.is_ascii() && !only.is_ascii_alphanumeric() && !b"\"\r\n".contains(only) => Ok(*only),
        _ => Err("it is one character such as `;`, `|` or `\\t`".to_owned()),
    }
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let to_stdout = self.out == Path::new("-");
        if !to_stdout && !self.force && self.out.exists() {
            return Err(Failure::Command(format!("{} is there already: `--force` replaces it", self.out.display())));
        }
        let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let only = || match &self.files[..] {
            [TableFile { name: Some(name), .. }] => Some(name.clone()),
            [only] => stem(&only.path),
            _ => None,
        };
        let by_out = || if to_stdout { None } else { stem(&self.out) };
        let name = self.name.clone().or_else(by_out).or_else(only).unwrap_or_else(|| "Schema".to_owned());
        let request = Request {
            name,
            files: self.files.clone(),
            kind: self.format.map(Kind::from),
            delimiter: self.delimiter,
            header: !self.no_header,
            threads: self.threads.map(usize::from),
        };
        let format = if self.json { Format::Json } else { Format::Pretty };
        let bar = Bar::new(format);
        let made = infer::run(&request, &mut |rows| bar.show(rows), &interrupt::cancel()?);
        bar.bar.finish_and_clear();
        let response = made.map_err(|error| Failure::operation(error, format))?;
        if !to_stdout {
            let written = write_whole(&self.out, response.text.as_bytes());
            written.map_err(|error| Failure::io("write", &self.out, &error))?;
        }
        match (self.json, to_stdout) {
            (true, _) => println!("{}", report::to_json(&response)),
            (false, true) => {
                let written = std::io::stdout().lock().write_all(response.text.as_bytes());
                written.map_err(|error| Failure::io("write", Path::new("stdout"), &error))?;
            }
            (false, false) => self.say(&response),
        }
        Ok(())
    }

    /// What was found, on stderr.
    fn say(&self, response: &Response) {
        let width = response.tables.iter().map(|table| table.name.chars().count()).max().unwrap_or(0);
        for table in &response.tables {
            let references = match table.references {
                0 => String::new(),
                1 => ", 1 reference".to_owned(),
                count => format!(", {count} references"),
            };
            eprintln!(
                "{:<width$}  {:>13} rows, {} columns{references}",
                table.name,
                grouped(table.rows),
                table.columns
            );
        }
        eprintln!("wrote {}", self.out.display());
    }
}

/// What is shown of a run that takes a while.
struct Bar {
    bar: ProgressBar,
    began: Instant,
    is_watched: bool,
}

impl Bar {
    fn new(format: Format) -> Self {
        let bar = ProgressBar::hidden();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self { bar, began: Instant::now(), is_watched: terminal::watched() && format != Format::Json }
    }

    fn show(&self, rows: u64) {
        if !self.is_watched || self.began.elapsed() < PATIENCE {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        let speed = progress::rate(rows as f64 / self.began.elapsed().as_secs_f64());
        self.bar.set_message(format!("{} rows read  {speed} rows/s", grouped(rows)));
        self.bar.tick();
    }
}
