//! Our side: the operation that the command calls.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use ndsl_runtime::operations::generate::{self, Dialect, Form, Output, Request};
use ndsl_runtime::train::Cancel;

const USERS: &str = include_str!("users.ndsl");
const SHOP: &str = include_str!("shop.ndsl");

/// Orders of a customer, in the mean.
const ORDERS: u64 = 10;

/// Makes the rows of `users csv null 1`: a program, a form, where they go and how many threads make them.
pub(crate) fn make(work: &str, rows: u64, folder: &Path) -> u64 {
    let words: Vec<&str> = work.split(' ').collect();
    let [program, form, place, threads] = words[..] else { panic!("`{work}` is no work") };
    let (text, schema, rows_of) = match program {
        "users" => (USERS, "Users", BTreeMap::new()),
        "alone" => (SHOP, "Alone", BTreeMap::new()),
        _ => {
            let of = |name: &str, rows: u64| (name.to_owned(), rows.max(1));
            (SHOP, "Shop", BTreeMap::from([of("Customer", rows / ORDERS), of("Product", rows / 100)]))
        }
    };
    let form = if form == "parquet" { Form::Parquet } else { Form::Csv };
    let path = folder.join(if form == Form::Parquet { "ours.parquet" } else { "ours.csv" });
    // The orders alone: what they refer to is found without being made.
    let tables = if program == "users" { Vec::new() } else { vec!["Order".to_owned()] };
    let request = Request {
        name: format!("{program}.ndsl"),
        text: text.to_owned(),
        folder: None,
        schema: Some(schema.to_owned()),
        tables,
        rows,
        rows_of,
        seed: 1,
        locale: "en".to_owned(),
        form,
        dialect: Dialect::Standard,
        output: if place == "null" { Output::Stream } else { Output::File(path) },
        append: false,
        database_schema: None,
        chunk: None,
        only_chunk: None,
        partitions: None,
        threads: Some(threads.parse().expect("a number of threads")),
        compression: None,
        resume: false,
        force: true,
    };
    let mut null = File::create("/dev/null").expect("there is a /dev/null");
    let made = generate::run(&request, Some(&mut null), &mut |_| {}, &Cancel::default()).expect("rows");
    made.tables.iter().map(|table| table.rows).sum()
}
