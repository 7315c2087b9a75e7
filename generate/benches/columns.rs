//! What a value of each kind of column takes: `cargo bench -p ndsl-generate --bench columns`.
//!
//! Prints nanoseconds of processor time a value, without writing it anywhere; the median of some rounds. A column that is slow is seen here.

#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ndsl_compiler::{Source, analyze};
use ndsl_generate::text::Locale;
use ndsl_generate::{Generator, NoInputs, Options};

/// Rows made at once, and rounds of them.
const ROWS: u64 = 8192;
const ROUNDS: u64 = 41;

const COLUMNS: &[&str] = &[
    "int key",
    "int in 18..=95",
    "int in 18..=95 ~ normal(41, 14)",
    "int unique",
    "int in 0..=100000 ~ lognormal(5, 1)",
    "int ~ poisson(4)",
    "int in 1..=20 ~ geometric(0.4)",
    "int in 1..=1000 ~ zipf(1.1)",
    "int ~ binomial(10, 30%)",
    "float",
    "float in 0.0..=1.0",
    "float ~ normal(0, 1)",
    "float ~ exponential(0.2)",
    "float ~ gamma(2, 3.5)",
    "float ~ beta(2, 5)",
    "float ~ pareto(1, 1.2)",
    "float ~ mixture([normal(165, 7), normal(178, 8)], weights=[50%, 50%])",
    "float unique",
    "decimal(2) in 0.. ~ lognormal(10.4, 0.5)",
    "decimal(2) in 0..=1000",
    "bool",
    "bool ~ bernoulli(0.3)",
    "enum { free: 70%, pro: 25%, team: 5% }",
    "date in 2019-01-01..=2026-01-01",
    "datetime in 2019-01-01..2026-07-01",
    "datetime in 2025-01-01..2026-01-01 ~ business_hours(open=08:00, close=18:00)",
    "datetime in 2024-01-01..2026-01-01 ~ seasonal(2024-12-15, strength=0.8)",
    "time in 06:00..=10:00",
    "int? in 1..=9 null 30%",
    "int = base * 2 + 1",
    "float in 0.0..=100.0 ~ normal(base, 5)",
    "bool ~ bernoulli(if base < 50 { 0.3 } else { 0.05 })",
    "int in 0..=200",
    "list(int) length 3",
    "json",
    "uuid key",
    "uuid",
    "person.name",
    "person.first_name",
    "email",
    "email unique",
    "phone",
    "url",
    "ip",
    "country",
    "address.city",
    "address.full",
    "company.name",
    "product.name",
    "string",
    "string unique",
    "string matches \"[A-Z]{3}-[0-9]{4}\"",
    "string matches \"[A-Z]{3}-[0-9]{4}\" unique",
    "text length 20..=400",
    "string = format(\"{base}-x\")",
];

fn main() {
    println!("{:>9}  column", "ns/value");
    for column in COLUMNS {
        // What a value follows from is made too, and taken off.
        let beside = if column.contains("base") { cost("base: int in 0..=100") } else { 0.0 };
        let check = if *column == "int in 0..=200" { "check x >= base" } else { "" };
        let beside = if check.is_empty() { beside } else { cost("base: int in 0..=100") };
        let base = if column.contains("base") || !check.is_empty() { "base: int in 0..=100" } else { "" };
        let taken = cost(&format!("{base}\nx: {column}\n{check}")) - beside;
        println!("{taken:>9.1}  {column}{}", if check.is_empty() { String::new() } else { format!(", {check}") });
    }
}

/// Nanoseconds a row of these columns.
fn cost(columns: &str) -> f64 {
    let analysis = analyze(&Source::new("bench.ndsl", format!("schema Bench {{\n{columns}\n}}")));
    assert!(!analysis.has_errors(), "{:#?}", analysis.diagnostics);
    let schemas = Arc::new(analysis.schemas().clone());
    let options = Options {
        seed: 1,
        locale: Locale::En,
        rows: 1_000_000,
        rows_of: BTreeMap::new(),
        inputs: &NoInputs,
        threads: 1,
    };
    let generator = Generator::new(schemas.clone(), &options).unwrap_or_else(|faults| panic!("{columns}: {faults:#?}"));
    let table = schemas.tables().next().expect("a table").0;
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|round| {
            let start = Instant::now();
            let rows = generator.make(table, round * ROWS..(round + 1) * ROWS).expect("rows");
            assert_eq!(rows.num_rows() as u64, ROWS);
            start.elapsed().as_nanos() as f64 / ROWS as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
