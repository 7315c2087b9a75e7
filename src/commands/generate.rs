//! `ndsl generate`: makes rows of a program's schemas.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ndsl::runtime::operations::generate::{self, Compression, Dialect, Form, Output, Progress, Request, Response};

use ndsl::runtime::databases::Address;

use super::summary::{bytes, grouped};
use super::{Failure, Format, interrupt, progress, report};
use crate::terminal;

/// Rows of a table of which nothing else is said.
const ROWS: u64 = 1000;

/// How long a run goes on without a bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Make rows of a schema: tables that fit together, in files, in databases or on stdout
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl generate shop.ndsl                                 1000 rows of each table, as CSV files in shop/
  ndsl generate shop.ndsl --rows 1M --format parquet --out data/
  ndsl generate shop.ndsl --rows 10k --rows Product=500   500 products and 10,000 of everything else
  ndsl generate shop.ndsl --table Customer --out - | head
  ndsl generate shop.ndsl --out shop.sql --dialect sqlite && sqlite3 -bail shop.db < shop.sql
  ndsl generate shop.ndsl --out sqlite:shop.db
  ndsl generate shop.ndsl --out postgres://ada@localhost/shop --rows 1M --schema-name test
  ndsl generate shop.ndsl --rows 1G --partitions 64 --format parquet --out data/ --resume
  ndsl generate shop.ndsl --rows 100M --chunk 1M --only-chunk 7 --out data/

The same program, seed and options make the same bytes, on any machine and any number of threads. `manifest.json` beside the
files says what they are of, with their hashes.")]
pub struct Arguments {
    #[command(flatten)]
    wanted: Wanted,
    /// What rows are written as; by default as the ending of --out says, else CSV
    #[arg(short, long, value_enum)]
    format: Option<FormName>,
    /// A folder, a file (.csv, .jsonl, .json, .parquet, .arrow, .sql, .copy), `-` for stdout, or a database (sqlite:shop.db, postgres://user@host/db);
    /// by default a folder with the program's name
    #[arg(short, long, value_name = "DIR|FILE|-|DATABASE")]
    out: Option<PathBuf>,
    /// Whose SQL a script is written in
    #[arg(long, value_enum, default_value = "standard")]
    dialect: DialectName,
    /// How Parquet and Arrow files are packed: by default Parquet with snappy, Arrow not at all
    #[arg(long, value_enum)]
    compression: Option<CompressionName>,
    /// Divide each table into so many files
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    partitions: Option<u64>,
    /// Rows of a chunk, such as 100k
    #[arg(long, value_name = "ROWS", value_parser = count)]
    chunk: Option<u64>,
    /// Make this chunk of each table alone, counted from 0: its rows are those it has in the whole
    #[arg(long, value_name = "CHUNK", requires = "chunk")]
    only_chunk: Option<u64>,
    /// Threads that make rows; by default one for each processor. The bytes do not depend on it
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Go on with a run that was broken off
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Replace what is there already
    #[arg(long, conflicts_with = "append")]
    force: bool,
    /// Put rows into tables that are there, and make none: in a database, or by a script
    #[arg(long)]
    append: bool,
    /// The schema of PostgreSQL in which tables stand; made where it is not there
    #[arg(long, value_name = "NAME")]
    schema_name: Option<String>,
    /// Write what was made as JSON on stdout
    #[arg(long)]
    json: bool,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

/// Which rows are made.
#[derive(clap::Args)]
pub struct Wanted {
    /// The program; `-` reads it from stdin
    file: PathBuf,
    /// How many rows a table has, such as 250k, 1M or 1_000; with a name in front, how many that table has: Order=5k
    #[arg(short, long, value_name = "[TABLE=]COUNT", value_parser = rows)]
    rows: Vec<(Option<String>, u64)>,
    /// What everything random follows from: the same seed makes the same rows
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Whose names and language texts have: en, de, fr or ja
    #[arg(long, default_value = "en")]
    locale: String,
    /// Make this table alone; may be given several times
    #[arg(short, long, value_name = "NAME")]
    table: Vec<String>,
    /// Make the tables of this schema alone
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
}

impl Wanted {
    /// The request for these rows.
    pub fn request(self) -> Result<Request, Failure> {
        let source = report::read_source(&self.file)?;
        let mut rows_of = BTreeMap::new();
        let mut all = ROWS;
        for (table, count) in self.rows {
            match table {
                Some(table) => _ = rows_of.insert(table, count),
                None => all = count,
            }
        }
        Ok(Request {
            name: source.name.clone(),
            text: source.text.to_string(),
            folder: Some(report::folder(&self.file).to_owned()),
            schema: self.schema,
            tables: self.table,
            rows: all,
            rows_of,
            seed: self.seed,
            locale: self.locale,
            form: Form::Csv,
            dialect: Dialect::Standard,
            output: Output::Stream,
            append: false,
            database_schema: None,
            chunk: None,
            only_chunk: None,
            partitions: None,
            threads: None,
            compression: None,
            resume: false,
            force: false,
        })
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FormName {
    Csv,
    /// A JSON object a line
    Jsonl,
    /// A JSON array
    Json,
    Parquet,
    /// Arrow's file format, which Feather is too
    Arrow,
    /// A script that makes the tables and inserts the rows
    Sql,
    /// The same for psql, with COPY
    Copy,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum DialectName {
    Standard,
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum CompressionName {
    None,
    Snappy,
    Zstd,
}

impl From<FormName> for Form {
    fn from(name: FormName) -> Self {
        match name {
            FormName::Csv => Self::Csv,
            FormName::Jsonl => Self::Jsonl,
            FormName::Json => Self::Json,
            FormName::Parquet => Self::Parquet,
            FormName::Arrow => Self::Arrow,
            FormName::Sql => Self::Sql,
            FormName::Copy => Self::Copy,
        }
    }
}

/// A number of rows: `1000`, `1_000`, `250k`, `2.5M`, `1G`.
fn count(text: &str) -> Result<u64, String> {
    let plain = text.replace('_', "");
    let (digits, factor) = match plain.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&plain[..at], 1_000u64),
        Some((at, 'm' | 'M')) => (&plain[..at], 1_000_000),
        Some((at, 'g' | 'G' | 'b' | 'B')) => (&plain[..at], 1_000_000_000),
        _ => (&plain[..], 1),
    };
    let said = || format!("`{text}` is no number of rows: write 1000, 1_000, 250k, 2.5M or 1G");
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    if !is_number(whole) || !is_number(part) || part.len() > 9 {
        return Err(said());
    }
    // Whole numbers throughout, so that every count is what was written.
    let whole: u64 = whole.parse().map_err(|_| said())?;
    let scale = 10u64.pow(part.len() as u32);
    let part = part.parse::<u64>().map_err(|_| said())? * (factor / scale.min(factor));
    if scale > factor && part != 0 {
        return Err(said());
    }
    whole.checked_mul(factor).and_then(|rows| rows.checked_add(part)).ok_or_else(said)
}

fn rows(text: &str) -> Result<(Option<String>, u64), String> {
    match text.split_once('=') {
        Some((table, rows)) => Ok((Some(table.trim().to_owned()), count(rows.trim())?)),
        None => Ok((None, count(text)?)),
    }
}

/// Where rows go, and as what.
fn output(out: Option<&Path>, format: Option<Form>, program: &str) -> Result<(Output, Form), Failure> {
    let Some(out) = out else {
        let stem = Path::new(program).file_stem().and_then(|stem| stem.to_str()).filter(|stem| !stem.starts_with('<'));
        return Ok((Output::Folder(PathBuf::from(stem.unwrap_or("rows"))), format.unwrap_or_default()));
    };
    if let Some(address) = out.to_str().and_then(Address::by_name) {
        return match format {
            None => Ok((Output::Database(address), Form::default())),
            Some(_) => Err(Failure::Command(format!("`{address}` is a database, which has rows in no other format"))),
        };
    }
    if out == Path::new("-") {
        return Ok((Output::Stream, format.unwrap_or_default()));
    }
    let is_folder = out.is_dir() || out.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    match (is_folder, Form::by_name(out), format) {
        (true, _, format) => Ok((Output::Folder(out.to_owned()), format.unwrap_or_default())),
        (false, Some(named), format) => Ok((Output::File(out.to_owned()), format.unwrap_or(named))),
        (false, None, _) if out.extension().is_none() => {
            Ok((Output::Folder(out.to_owned()), format.unwrap_or_default()))
        }
        (false, None, Some(format)) => Ok((Output::File(out.to_owned()), format)),
        (false, None, None) => Err(Failure::Command(format!(
            "`{}` ends in none of what rows are written as: .csv, .jsonl, .json, .parquet, .arrow, .sql and .copy; \
             `--format` says it too, and a folder ends in `/`",
            out.display()
        ))),
    }
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let format = if self.json { Format::Json } else { self.message_format };
        let mut request = self.wanted.request()?;
        (request.output, request.form) = output(self.out.as_deref(), self.format.map(Form::from), &request.name)?;
        if self.json && request.output == Output::Stream {
            return Err(Failure::Command("stdout has the rows or what is said of them, not both".to_owned()));
        }
        request.dialect = match self.dialect {
            DialectName::Standard => Dialect::Standard,
            DialectName::Sqlite => Dialect::Sqlite,
            DialectName::Postgres => Dialect::Postgres,
        };
        request.compression = self.compression.map(|name| match name {
            CompressionName::None => Compression::None,
            CompressionName::Snappy => Compression::Snappy,
            CompressionName::Zstd => Compression::Zstd,
        });
        request.partitions = self.partitions;
        request.chunk = self.chunk;
        request.only_chunk = self.only_chunk;
        request.threads = self.threads.map(usize::from);
        request.resume = self.resume;
        request.force = self.force;
        request.append = self.append;
        request.database_schema = self.schema_name;

        let mut bar = Bar::new(format);
        let mut stdout = io::stdout();
        let mut watch = |progress: &Progress| bar.show(progress);
        let made = generate::run(&request, Some(&mut stdout), &mut watch, &interrupt::cancel()?);
        bar.finish();
        let response = made.map_err(|error| Failure::operation(error, format))?;
        match (format, &request.output) {
            (_, Output::Stream) => {}
            (Format::Json, _) => println!("{}", report::to_json(&response)),
            _ => say(&request, &response),
        }
        Ok(())
    }
}

/// What was made, on stderr.
fn say(request: &Request, response: &Response) {
    let rows: u64 = response.tables.iter().map(|table| table.rows).sum();
    let width = response.tables.iter().map(|table| table.table.chars().count()).max().unwrap_or(0);
    for table in &response.tables {
        eprintln!("{:<width$}  {:>13} rows", table.table, grouped(table.rows));
    }
    let size: u64 = response.files.iter().map(|file| file.bytes).sum();
    let files = match response.files.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    let place = match &request.output {
        Output::Folder(folder) => folder.join("").display().to_string(),
        Output::File(path) => path.display().to_string(),
        Output::Database(address) => address.to_string(),
        Output::Stream => String::new(),
    };
    let speed = progress::rate(rows as f64 / response.seconds.max(1e-9));
    let what = match (&request.output, response.tables.len()) {
        (Output::Database(_), 1) => "1 table".to_owned(),
        (Output::Database(_), count) => format!("{count} tables"),
        _ => format!("{files} of {}", bytes(size)),
    };
    eprintln!(
        "wrote {} rows to {place}, {what} in {:.1} s, {speed} rows/s; seed {}",
        grouped(rows),
        response.seconds,
        response.seed
    );
    if response.acceptance < 1.0 {
        eprintln!(
            "note: {:.1}% of the rows that were drawn met their checks; the others were drawn again",
            response.acceptance * 100.0
        );
    }
}

/// The bar of a run that takes a while.
pub struct Bar {
    bar: ProgressBar,
    began: Instant,
    is_watched: bool,
}

impl Bar {
    /// One that is not shown yet.
    pub fn new(format: Format) -> Self {
        let bar = ProgressBar::hidden();
        let template = match terminal::style().colour {
            true => "{prefix} {bar:24.cyan/dim} {percent}%  {msg}",
            false => "{prefix} {bar:24} {percent}%  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self { bar, began: Instant::now(), is_watched: terminal::watched() && format != Format::Json }
    }

    /// Whether it is shown by now.
    fn is_shown(&self) -> bool {
        let shown = self.is_watched && self.began.elapsed() >= PATIENCE;
        if shown && self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        shown
    }

    /// Shows how many bytes of a table's file are read.
    pub fn bytes(&mut self, table: &str, rows: u64, read: u64, all: u64) {
        if self.is_shown() {
            self.bar.set_length(all.max(1));
            self.bar.set_prefix(table.to_owned());
            self.bar.set_position(read.min(all));
            self.bar.set_message(format!("{} rows", grouped(rows)));
        }
    }

    /// Takes it away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&mut self, progress: &Progress) {
        if !self.is_shown() {
            return;
        }
        self.bar.set_length(progress.all);
        self.bar.set_prefix(progress.table.clone());
        self.bar.set_position(progress.rows);
        self.bar.set_message(format!(
            "{} of {} rows  {} rows/s  {} left",
            grouped(progress.rows),
            grouped(progress.all),
            progress::rate(progress.rate),
            progress::duration(progress.remaining)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_people_write_them() {
        let cases =
            [("1000", 1000), ("1_000", 1000), ("250k", 250_000), ("2.5M", 2_500_000), ("1G", 1_000_000_000), ("0", 0)];
        for (text, expected) in cases {
            assert_eq!(count(text), Ok(expected), "{text}");
        }
        for text in
            ["", "k", "1.5", "-1", "1e6", "1.2.3", "99999999999999999999", "20000000000G", "1.0000000001k", "ten"]
        {
            assert!(count(text).is_err(), "{text}");
        }
        assert_eq!(rows("Order = 5k"), Ok((Some("Order".to_owned()), 5000)));
    }
}
