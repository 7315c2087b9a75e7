//! Rows from schemas beside what else makes such rows: Rust's `fake` with `csv`, polars with NumPy, mimesis and Faker.
//!
//! `NDSL_BENCH_PYTHON=… cargo bench -p ndsl-runtime --no-default-features --bench generate` starts a process for each of them and has them make some rows each by
//! turns, so that what else the machine does falls on all alike. It prints the medians of rows a second of processor time, all threads
//! together. `-- 10M` says how many rows ours are, by default a million; the slower ones make a share of that. Without a Python that has
//! `polars`, `mimesis` and `faker` their rows are left out, and that is said.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]

mod clock;
mod fakes;
mod ours;
mod side;

use std::path::Path;

use side::{Answer, Side};

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 5;

/// Rows of ours and of those that are as fast, where none are asked for.
const ROWS: u64 = 1_000_000;

/// Rows that are made to get ready.
const FIRST: u64 = 20_000;

/// The command's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first().map(String::as_str) {
        Some(side::OURS) => return side::serve(ours::make),
        Some(side::FAKE) => return side::serve(fakes::make),
        _ => {}
    }
    let rows = words.iter().find_map(|word| count(word)).unwrap_or(ROWS);
    let folder = tempfile::tempdir().expect("a temporary folder");
    users(rows, folder.path());
    tables(rows, folder.path());
}

/// `10M` as a number.
fn count(word: &str) -> Option<u64> {
    let (digits, factor) = match word.strip_suffix('M') {
        Some(digits) => (digits, 1_000_000),
        None => (word.strip_suffix('k')?, 1_000),
    };
    Some(digits.parse::<u64>().ok()? * factor)
}

/// One that is compared, and what it is asked for.
struct Row {
    name: &'static str,
    side: Side,
    /// What it is to do, and of how many rows.
    work: &'static str,
    rows: u64,
    answers: Vec<Answer>,
}

impl Row {
    fn new(name: &'static str, side: Side, work: &'static str, rows: u64) -> Self {
        Self { name, side, work, rows, answers: Vec::new() }
    }

    /// The median of rows a second: of processor time, and of the clock.
    fn speeds(&self) -> (f64, f64) {
        let median = |of: &dyn Fn(&Answer) -> f64| {
            let mut all: Vec<f64> = self.answers.iter().map(|answer| answer.rows as f64 / of(answer)).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        (median(&|answer| answer.processor), median(&|answer| answer.clock))
    }
}

/// Has all make their rows by turns, and prints what came of it beside the first of the same kind.
fn compare(mut rows: Vec<Row>, folder: &Path) {
    for row in &mut rows {
        row.side.make(row.work, FIRST.min(row.rows), folder);
    }
    for _ in 0..ROUNDS {
        for row in &mut rows {
            let answer = row.side.make(row.work, row.rows, folder);
            row.answers.push(answer);
        }
    }
    let ours = rows.first().map(Row::speeds).unwrap_or((1.0, 1.0));
    for row in &mut rows {
        let (processor, clock) = row.speeds();
        let memory = row.side.memory() as f64 / 1e6;
        println!(
            "{:<34} {:>9.0} {:>9.0} {:>7.2} {:>7.2} {:>7.0} MB",
            row.name,
            processor / 1e3,
            clock / 1e3,
            ours.0 / processor,
            ours.1 / clock,
            memory
        );
    }
}

fn heading(what: &str) {
    println!("\n{what}\n{:<34} {:>9} {:>9} {:>7} {:>7} {:>10}", "", "k/CPU-s", "k/s", "CPU:", "clock:", "at most");
}

/// The table of eight columns.
fn users(rows: u64, folder: &Path) {
    let python = side::has_python();
    if !python {
        println!("polars, mimesis and Faker are left out: {} names no Python that has them", side::PYTHON);
    }
    for (what, ours, two, work) in [
        ("eight columns, CSV to /dev/null", "users csv null 1", "users csv null 2", "csv null"),
        ("eight columns, CSV to a file", "users csv file 1", "users csv file 2", "csv file"),
        ("eight columns, Parquet (Snappy) to a file", "users parquet file 1", "users parquet file 2", "parquet file"),
    ] {
        heading(what);
        let mut all = vec![
            Row::new("ndsl, one thread", Side::ours(), ours, rows),
            Row::new("ndsl, two threads", Side::ours(), two, rows),
        ];
        if work.starts_with("csv") {
            all.push(Row::new("fake and csv (Rust)", Side::fake(), work, rows / 2));
        }
        if python {
            all.push(Row::new("polars and NumPy", Side::python("polars"), work, rows));
            if work.starts_with("csv") {
                all.push(Row::new("mimesis", Side::python("mimesis"), work, rows / 50));
                all.push(Row::new("Faker", Side::python("faker"), work, rows / 500));
            }
        }
        compare(all, folder);
    }
}

/// Tables that refer to each other beside the same columns alone.
fn tables(rows: u64, folder: &Path) {
    heading("orders of customers and products, CSV to /dev/null, one thread");
    compare(
        vec![
            Row::new("without references", Side::ours(), "alone csv null 1", rows),
            Row::new("with references to both", Side::ours(), "shop csv null 1", rows),
        ],
        folder,
    );
    println!("\nCPU: and clock: are the time of a row over that of the first line's; medians of {ROUNDS} rounds");
}
