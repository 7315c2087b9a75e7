//! How fast files become a schema, on one thread.
//!
//! `cargo bench -p ndsl-runtime --no-default-features --bench infer` writes tables into a temporary folder, makes a schema of each, and prints the median
//! of the megabytes a second of processor time of the process, with the most memory that it had. Words behind `--` choose tables.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use ndsl_runtime::operations::infer::{Request, TableFile, run};
use ndsl_runtime::train::Cancel;

/// Rounds that are measured, after one that is not.
const ROUNDS: usize = 3;

/// Bytes of a table, about.
const BYTES: usize = 64 << 20;

/// Numbers that look random and are the same everywhere (splitmix64).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Writes a row.
type Row = fn(&mut String, u64, &mut u64);

fn people(out: &mut String, row: u64, state: &mut u64) {
    const WORK: [&str; 4] = ["Private", "Self-emp-not-inc", "State-gov", "?"];
    const MARRIED: [&str; 3] = ["Married-civ-spouse", "Never-married", "Divorced"];
    let mut of = |count: u64| draw(state) % count;
    let (age, work, weight) = (17 + of(70), WORK[of(4) as usize], 12_000 + of(1_400_000));
    let (years, married, hours) = (1 + of(16), MARRIED[of(3) as usize], 1 + of(99));
    let gain = if of(10) == 0 { of(100_000) } else { 0 };
    let _ = writeln!(out, "{age}, {work}, {weight}, {years}, {married}, {gain}, {hours}, United-States, {}", row % 2);
}

fn sales(out: &mut String, row: u64, state: &mut u64) {
    let mut of = |count: u64| draw(state) % count;
    let (day, cents) = (1 + of(28), of(1_000_000));
    let _ = writeln!(
        out,
        "{row},{},2024-{:02}-{day:02},2024-03-{day:02}T{:02}:{:02}:00,{}.{:02},KT-{:05}",
        of(50_000),
        1 + of(12),
        of(24),
        of(60),
        cents / 100,
        cents % 100,
        of(100_000)
    );
}

fn numbers(out: &mut String, _: u64, state: &mut u64) {
    for place in 0..20 {
        let number = (draw(state) % 2_000_000) as f64 / 1e5 - 10.0;
        let _ = write!(out, "{}{number:.4}", if place > 0 { "," } else { "" });
    }
    out.push('\n');
}

fn identifiers(out: &mut String, row: u64, state: &mut u64) {
    let (a, b) = (draw(state), draw(state));
    let _ = writeln!(
        out,
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x},user{row}@lantern.example,https://lantern.example/p/{b:016x}",
        a >> 32,
        a & 0xffff,
        (a >> 16) & 0xfff,
        b & 0xfff,
        b >> 16
    );
}

fn written(folder: &Path, header: &str, row: Row) -> u64 {
    let mut text = format!("{header}\n");
    let mut state = 7;
    for number in 0.. {
        row(&mut text, number, &mut state);
        if text.len() >= BYTES {
            break;
        }
    }
    std::fs::write(folder.join("rows.csv"), &text).expect("there is room for the file");
    text.len() as u64
}

/// The processor time of all threads, where the system tells it.
fn process_time() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF);
    let time = usage.map_or(0, |usage| {
        let of = |time: nix::sys::time::TimeVal| (time.tv_sec() as u64) * 1_000_000 + time.tv_usec() as u64;
        of(usage.user_time()) + of(usage.system_time())
    });
    Duration::from_micros(time)
}

/// The most memory that the process had, in megabytes, where the system tells it.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kilobytes| kilobytes >> 10)
}

fn main() {
    let tables: [(&str, &str, Row); 4] = [
        ("people", "age,workclass,weight,years,married,gain,hours,country,label", people),
        ("sales", "id,customer,day,placed,price,code", sales),
        ("numbers", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t", numbers),
        ("identifiers", "id,email,page", identifiers),
    ];
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("{:<14} {:>7} {:>9} {:>7} {:>7} {:>12}", "table", "MB", "rows", "ms", "MB/s", "memory in MB");
    for (name, header, row) in tables {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bytes = written(folder.path(), header, row);
        let request = Request {
            name: name.to_owned(),
            files: vec![TableFile { name: None, path: folder.path().join("rows.csv") }],
            kind: None,
            delimiter: None,
            header: true,
            threads: Some(1),
        };
        let mut times = Vec::new();
        let mut rows = 0;
        for round in 0..=ROUNDS {
            let before = process_time();
            let found = run(&request, &mut |_| {}, &Cancel::new()).expect("the file is sound");
            rows = found.tables[0].rows;
            if round > 0 {
                times.push(process_time() - before);
            }
        }
        times.sort();
        let seconds = times[times.len() / 2].as_secs_f64();
        let megabytes = bytes as f64 / 1e6;
        let (speed, memory) = (megabytes / seconds, most_memory());
        println!("{name:<14} {megabytes:>7.1} {rows:>9} {:>7.0} {speed:>7.0} {memory:>12}", seconds * 1e3);
    }
}
