//! How fast files of rows become batches, on one thread.
//!
//! `cargo bench -p ndsl-runtime --bench rows` writes a file of each kind into a temporary folder, reads it as a dataset as training does,
//! gathers every row into shuffled batches, and prints the median of the megabytes a second of processor time of the thread. The size is that of the CSV file
//! for all, so that the formats can be compared by what they hold. Words behind `--` choose ways of reading: `-- jsonl`.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, Float32Array, Int64Array, RecordBatch};
use ndsl_compiler::ir::Encoding;
use ndsl_compiler::plan::{DataSource, DatasetPlan, Dialect, Files, Format, Located, TableColumn};
use ndsl_grammar::Span;
use ndsl_runtime::data::{Dataset, open};

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 5;

/// Rows of a batch.
const BATCH: usize = 256;

/// A table of numbers: its columns are whole where `whole` says so.
struct Table {
    name: &'static str,
    columns: usize,
    rows: usize,
    number: fn(u64) -> f64,
    digits: usize,
}

/// Numbers that look random and are the same everywhere (splitmix64).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn located(text: &str) -> Located {
    Located { text: text.to_owned(), span: Span::default() }
}

fn plan(files: Files) -> DatasetPlan {
    let source = DataSource::Columns { files, columns: None, target: Some(located("label")) };
    DatasetPlan { name: "Bench".into(), span: Span::default(), folder: String::new(), source }
}

/// The same columns, each by its own type.
fn typed(files: Files, columns: usize) -> DatasetPlan {
    let column = |name: String, encoding: Encoding| TableColumn {
        outside: name.clone(),
        name,
        encoding,
        optional: false,
        span: Span::default(),
    };
    let mut all: Vec<TableColumn> = (0..columns).map(|place| column(format!("x{place}"), Encoding::Number)).collect();
    all.push(column("label".into(), Encoding::Whole));
    let source = DataSource::Table { files, columns: all, target: Some(located("label")) };
    DatasetPlan { name: "Bench".into(), span: Span::default(), folder: String::new(), source }
}

fn files(path: &str, format: Format) -> Files {
    Files { paths: vec![located(path)], format, limit: None, key: None, sha256: None }
}

/// Every row of every field as batches of shuffled rows.
fn batches(data: &Dataset) -> usize {
    let mut order: Vec<usize> = (0..data.rows).collect();
    let mut state = 1;
    for last in (1..order.len()).rev() {
        order.swap(last, (draw(&mut state) % (last as u64 + 1)) as usize);
    }
    let batch = |rows: &[usize]| {
        data.fields.iter().map(|field| data.batch(field, rows).expect("rows in memory").data.len()).sum::<usize>()
    };
    order.chunks(BATCH).map(batch).sum()
}

/// The processor time of this thread, where the system tells it; else the time of the clock.
fn thread_time(since: Instant) -> Duration {
    let ticks = || -> Option<u64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    ticks().map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn write(table: &Table, folder: &Path) -> u64 {
    let mut state = 7;
    let mut text = String::new();
    for place in 0..table.columns {
        let _ = write!(text, "x{place},");
    }
    text.push_str("label\n");
    let mut columns: Vec<Vec<f32>> = vec![Vec::with_capacity(table.rows); table.columns];
    let mut labels = Vec::with_capacity(table.rows);
    let mut lines = String::new();
    for _ in 0..table.rows {
        lines.push('{');
        for (place, column) in columns.iter_mut().enumerate() {
            let number = (table.number)(draw(&mut state));
            let _ = write!(text, "{number:.0$},", table.digits);
            let _ = write!(lines, "\"x{place}\": {number:.0$}, ", table.digits);
            column.push(number as f32);
        }
        let label = (draw(&mut state) % 10) as i64;
        let _ = writeln!(text, "{label}");
        let _ = writeln!(lines, "\"label\": {label}}}");
        labels.push(label);
    }
    std::fs::write(folder.join("rows.csv"), &text).expect("there is room for the file");
    std::fs::write(folder.join("rows.jsonl"), &lines).expect("there is room for the file");
    let arrays = columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| (format!("x{place}"), Arc::new(Float32Array::from(column)) as ArrayRef));
    let label = ("label".to_owned(), Arc::new(Int64Array::from(labels)) as ArrayRef);
    let batch = RecordBatch::try_from_iter(arrays.chain([label])).expect("columns of one length");
    let file = |name: &str| std::fs::File::create(folder.join(name)).expect("there is room for the file");
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file("rows.parquet"), batch.schema(), None).expect("a writer");
    writer.write(&batch).and_then(|()| writer.close().map(drop)).expect("a Parquet file");
    let mut writer = arrow_ipc::writer::FileWriter::try_new(file("rows.arrow"), &batch.schema()).expect("a writer");
    writer.write(&batch).and_then(|()| writer.finish()).expect("an Arrow file");
    text.len() as u64
}

fn main() {
    let tables = [
        Table {
            name: "whole numbers of 0 to 255, 784 columns",
            columns: 784,
            rows: 30_000,
            number: |n| (n % 256) as f64,
            digits: 0,
        },
        Table {
            name: "four decimals, 20 columns",
            columns: 20,
            rows: 400_000,
            number: |n| (n % 2_000_000) as f64 / 1e5 - 10.0,
            digits: 4,
        },
        Table {
            name: "twelve decimals, 20 columns",
            columns: 20,
            rows: 200_000,
            number: |n| (n % (1 << 52)) as f64 / 1e15,
            digits: 12,
        },
    ];
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:<42} {:<18} {:>9} {:>9} {:>9}", "table", "read", "MB", "ms", "MB/s");
    for table in tables {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bytes = write(&table, folder.path());
        let csv = || Format::Csv(Dialect::default());
        let ways = [
            ("csv", plan(files("rows.csv", csv()))),
            ("csv, by a schema", typed(files("rows.csv", csv()), table.columns)),
            ("jsonl", plan(files("rows.jsonl", Format::JsonLines))),
            ("parquet", plan(files("rows.parquet", Format::Parquet))),
            ("arrow", plan(files("rows.arrow", Format::Arrow))),
        ];
        for (name, plan) in ways {
            if !words.is_empty() && !words.iter().any(|word| word == name) {
                continue;
            }
            let mut times = Vec::new();
            for round in 0..=ROUNDS {
                let began = Instant::now();
                let before = thread_time(began);
                let data = open(&plan, folder.path()).expect("the file is sound");
                assert!(batches(&data) > data.rows);
                if round > 0 {
                    times.push(thread_time(began).saturating_sub(before));
                }
            }
            times.sort();
            let seconds = times[times.len() / 2].as_secs_f64();
            let megabytes = bytes as f64 / 1e6;
            println!(
                "{:<42} {name:<18} {megabytes:>9.1} {:>9.0} {:>9.0}",
                table.name,
                seconds * 1e3,
                megabytes / seconds
            );
        }
    }
}
