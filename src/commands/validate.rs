//! `ndsl validate`: holds files of rows to the tables of a schema.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::runtime::operations::validate::{self, DataFile, Found, Progress, Request, Response, Rule};

use super::dataset::within;
use super::generate::Bar;
use super::summary::grouped;
use super::{Failure, Format, interrupt, report};
use crate::terminal;

/// Characters of a rule that are shown in a table: one of labels may have any number.
const CHARACTERS: usize = 48;

/// Hold data to a schema: every cell, every row, and all rows together
///
/// Types, nulls, ranges, lengths, patterns, labels, keys, references between files, checks within rows, across references and over the rows that refer to one,
/// and derived columns. What is not checked is said.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl validate customer.csv order.csv --schema shop.ndsl     each file is of the table that is called as it
  ndsl validate Customer=export-2026.csv --schema shop.ndsl
  ndsl validate shop/ --schema shop.ndsl                      all tables that are in a folder
  ndsl validate people.csv --schema shop.ndsl --table Customer --null NA --null -
  ndsl validate shop/ --schema shop.ndsl --all > violations.txt
  ndsl validate shop/ --schema shop.ndsl --json | jq '.rules[] | select(.count > 0)'

Exit codes: 0 when all rows are as the schema says; 1 when there are violations, or a file or the program is at fault; 2 when the command could not be carried out.")]
pub struct Arguments {
    /// Files of rows, or folders of them: .csv, .tsv, .jsonl, .parquet, .arrow; of the table that is called as the file, or `Table=path`
    #[arg(required = true, value_name = "[TABLE=]PATH")]
    data: Vec<String>,
    /// The program that says what rows look like; `-` reads it from stdin
    #[arg(short, long, value_name = "FILE")]
    schema: PathBuf,
    /// The table of files whose names do not say it
    #[arg(short, long, value_name = "NAME")]
    table: Option<String>,
    /// In CSV files a text that means no value, beside an empty cell; may be given several times
    #[arg(long = "null", value_name = "TEXT")]
    nulls: Vec<String>,
    /// How many places of each rule are shown
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000))]
    first: u16,
    /// Write every violation on a line of its own as it is found, with --json as an object
    #[arg(long)]
    all: bool,
    /// Write the result as JSON; with --all it is the last line
    #[arg(long)]
    json: bool,
    /// How faults of the program are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let format = if self.json { Format::Json } else { self.message_format };
        let source = report::read_source(&self.schema)?;
        let request = Request {
            name: source.name.clone(),
            text: source.text.to_string(),
            folder: Some(report::folder(&self.schema).to_owned()),
            files: self.data.iter().map(|text| data_file(text)).collect(),
            table: self.table,
            nulls: self.nulls,
            first: usize::from(self.first),
            memory: None,
        };
        let began = Instant::now();
        let mut bar = Bar::new(format);
        let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
        let json = self.json;
        let mut closed = false;
        let mut line = |rule: &Rule, found: &Found| {
            let written = match json {
                true => writeln!(stdout, "{}", object(rule, found)),
                false => writeln!(stdout, "{}", sentence(rule, found)),
            };
            closed |= written.is_err();
        };
        let mut watch = |progress: &Progress| bar.bytes(&progress.table, progress.rows, progress.read, progress.all);
        let each: Option<&mut validate::Each<'_>> = if self.all { Some(&mut line) } else { None };
        let done = validate::run(&request, each, &mut watch, &interrupt::cancel()?);
        bar.finish();
        stdout.flush().ok();
        drop(stdout);
        let response = done.map_err(|error| Failure::operation(error, format))?;
        match (json, self.all) {
            (true, true) => println!("{}", serde_json::json!(response)),
            (true, false) => println!("{}", report::to_json(&response)),
            (false, all) => show(&response, all, began.elapsed().as_secs_f64()),
        }
        if response.violations > 0 { Err(Failure::Faults) } else { Ok(()) }
    }
}

/// `Customer=people.csv`, or a path alone.
fn data_file(text: &str) -> DataFile {
    match text.split_once('=') {
        // A file that has the sign in its name is that file.
        Some((table, path)) if !table.is_empty() && !table.contains(['/', '\\']) && !Path::new(text).exists() => {
            DataFile { table: Some(table.trim().to_owned()), path: path.trim().into() }
        }
        _ => DataFile { table: None, path: text.into() },
    }
}

/// Where a violation is.
fn place(found: &Found) -> String {
    match (found.line, found.row) {
        (Some(line), _) => format!("line {line}"),
        (None, Some(row)) => format!("row {row}"),
        (None, None) => "the header".to_owned(),
    }
}

/// `customer.csv:3: age: 17 is not in 18..=95`
fn sentence(rule: &Rule, found: &Found) -> String {
    let place = match (found.line, found.row) {
        (Some(line), _) => format!(":{line}"),
        (None, Some(row)) => format!(": row {row}"),
        (None, None) => String::new(),
    };
    let columns = match rule.kind {
        validate::Kind::Check => String::new(),
        _ if rule.columns.is_empty() => String::new(),
        _ => format!(" {}:", rule.columns.join(", ")),
    };
    format!("{}{place}:{columns} {}", found.file, plain(&told(rule, found)))
}

/// Why a place is at odds with a rule; of a check, which one.
fn told(rule: &Rule, found: &Found) -> String {
    match rule.kind {
        validate::Kind::Check if found.reason.is_empty() => rule.rule.clone(),
        validate::Kind::Check => format!("{}: {}", rule.rule, found.reason),
        _ => found.reason.clone(),
    }
}

fn object(rule: &Rule, found: &Found) -> String {
    #[derive(serde::Serialize)]
    struct Line<'l> {
        table: &'l str,
        columns: &'l [String],
        kind: validate::Kind,
        rule: &'l str,
        #[serde(flatten)]
        found: &'l Found,
    }
    let Rule { table, columns, kind, rule, .. } = rule;
    serde_json::json!(Line { table, columns, kind: *kind, rule, found }).to_string()
}

/// A text without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn show(response: &Response, all: bool, seconds: f64) {
    let found = &response.found;
    let rows: u64 = found.tables.iter().map(|table| table.rows).sum();
    for table in &found.tables {
        let broken: Vec<&Rule> =
            found.rules.iter().filter(|rule| rule.table == table.table && rule.count > 0).collect();
        let count: u64 = broken.iter().map(|rule| rule.count).sum();
        let files = match &table.files[..] {
            [only] => only.clone(),
            files => format!("{} files", files.len()),
        };
        let violations = match count {
            0 => "no violations".to_owned(),
            count => counted(count, "violation"),
        };
        println!("{}: {} of {files}, {violations}", table.table, counted(table.rows, "row"));
        if !broken.is_empty() && !all {
            print_rules(&broken, table.files.len() > 1);
        }
    }
    for left in &found.not_checked {
        println!("not checked: {}, {}: {}", left.table, left.rule, left.reason);
    }
    let rules = found.rules.iter().filter(|rule| rule.count > 0).count();
    let of = if rules == 0 { String::new() } else { format!(" of {}", counted(rules as u64, "rule")) };
    println!("{}{of} in {}, {seconds:.1} s", counted(response.violations, "violation"), counted(rows, "row"));
}

fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A table of the rules that are broken, each with its first places.
fn print_rules(rules: &[&Rule], files: bool) {
    let mut grid = Table::new();
    grid.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_header(["Column", "Rule", "Count", "First"].map(|text| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    }));
    for rule in rules {
        let first = rule.first.iter().map(|found| {
            let file = if files { format!("{}, ", found.file) } else { String::new() };
            format!("{file}{}: {}", place(found), plain(&found.reason))
        });
        grid.add_row([
            Cell::new(rule.columns.join(", ")),
            Cell::new(within(&rule.rule, CHARACTERS)),
            Cell::new(grouped(rule.count)).set_alignment(CellAlignment::Right),
            Cell::new(first.collect::<Vec<_>>().join("\n")),
        ]);
    }
    println!("{grid}");
}
