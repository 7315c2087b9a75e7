//! How fast files are held to a schema, on one thread.
//!
//! `cargo bench -p ndsl-runtime --bench validate` makes tables of a schema as files of each kind in a temporary folder, validates them, and prints the median of the
//! megabytes a second of processor time of the thread. The size is that of the CSV files for all, so that the formats can be compared by what they hold. Words behind `--` choose
//! schemas: `-- users`.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use ndsl_runtime::operations::generate::{self, Dialect, Form, Output};
use ndsl_runtime::operations::validate::{DataFile, Request, run};
use ndsl_runtime::train::Cancel;

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 5;

/// Schemas, each with how many rows are made of a table of which nothing else follows.
const SCHEMAS: [(&str, u64, &str); 4] = [
    (
        "users",
        500_000,
        "schema Users {
            id: uuid key, name: person.name, email: email unique, age: int in 18..=95, income: decimal(2) in 0.., city: address.city,
            signup: date in 2019-01-01..=2026-01-01, active: bool
        }",
    ),
    (
        "users, without keys",
        500_000,
        "schema Users {
            id: uuid, name: person.name, email: email, age: int in 18..=95, income: decimal(2) in 0.., city: address.city,
            signup: date in 2019-01-01..=2026-01-01, active: bool
        }",
    ),
    (
        "numbers and patterns",
        500_000,
        "schema Numbers {
            id: int key, a: float, b: float in 0..=1, c: decimal(2)?, day: date, at: datetime, kind: enum { small, medium, large },
            code: string matches \"[A-Z]{3}-[0-9]{4}\", check at >= day
        }",
    ),
    ("shop", 100_000, include_str!("../../examples/shop/shop.ndsl")),
];

/// The processor time of this thread, where the system tells it; else the time of the clock.
fn thread_time(since: Instant) -> Duration {
    let ticks = || -> Option<u64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    ticks().map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn made(program: &str, rows: u64, form: Form, folder: &Path) -> u64 {
    let request = generate::Request {
        name: "bench.ndsl".to_owned(),
        text: program.to_owned(),
        folder: None,
        schema: None,
        tables: Vec::new(),
        rows,
        rows_of: BTreeMap::new(),
        seed: 0,
        locale: "en".to_owned(),
        form,
        dialect: Dialect::Standard,
        output: Output::Folder(folder.to_owned()),
        chunk: None,
        only_chunk: None,
        partitions: None,
        threads: None,
        compression: None,
        resume: false,
        append: false,
        database_schema: None,
        force: false,
    };
    let made = generate::run(&request, None, &mut |_| {}, &Cancel::new()).expect("the schema is sound");
    made.files.iter().map(|file| file.bytes).sum()
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:<22} {:<8} {:>9} {:>9} {:>9} {:>12}", "schema", "format", "MB", "ms", "MB/s", "rows/s");
    for (name, rows, program) in SCHEMAS {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        let mut bytes = 0;
        for (format, form) in
            [("csv", Form::Csv), ("jsonl", Form::Jsonl), ("parquet", Form::Parquet), ("arrow", Form::Arrow)]
        {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let size = made(program, rows, form, folder.path());
            if form == Form::Csv {
                bytes = size;
            }
            let request = Request {
                name: "bench.ndsl".to_owned(),
                text: program.to_owned(),
                folder: None,
                files: vec![DataFile { table: None, path: folder.path().to_owned() }],
                table: None,
                nulls: Vec::new(),
                first: 3,
                memory: None,
            };
            let (mut times, mut rows) = (Vec::new(), 0);
            for round in 0..=ROUNDS {
                let began = Instant::now();
                let before = thread_time(began);
                let response = run(&request, None, &mut |_| {}, &Cancel::new()).expect("the files are sound");
                assert_eq!(response.violations, 0);
                rows = response.found.tables.iter().map(|table| table.rows).sum();
                if round > 0 {
                    times.push(thread_time(began).saturating_sub(before));
                }
            }
            times.sort();
            let seconds = times[times.len() / 2].as_secs_f64();
            let megabytes = bytes as f64 / 1e6;
            println!(
                "{name:<22} {format:<8} {megabytes:>9.1} {:>9.0} {:>9.0} {:>12.0}",
                seconds * 1e3,
                megabytes / seconds,
                rows as f64 / seconds
            );
        }
    }
}
