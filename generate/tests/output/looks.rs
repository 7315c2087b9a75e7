//! Each format of text, to be looked at.

use insta::assert_snapshot;
use ndsl_generate::output::{Dialect, Format};

use crate::rows::{rows, written};

#[test]
fn csv() {
    assert_snapshot!(written(Format::Csv, &rows(12), 12));
}

#[test]
fn json_lines() {
    assert_snapshot!(written(Format::JsonLines, &rows(12), 12));
}

#[test]
fn json() {
    assert_snapshot!(written(Format::Json, &rows(3), 3));
    assert_eq!(written(Format::Json, &rows(0), 1), "[\n]\n");
}

#[test]
fn inserts() {
    assert_snapshot!("inserts", written(Format::Sql(Dialect::Sqlite), &rows(12), 12));
    assert_snapshot!("standard_inserts", written(Format::Sql(Dialect::Standard), &rows(3), 3));
}

#[test]
fn a_statement_of_many_rows_ends_and_another_begins() {
    let text = written(Format::Sql(Dialect::Postgres), &rows(1001), 1001);
    assert_eq!(text.matches("INSERT INTO Customer (").count(), 3);
    assert_eq!(text.matches(";\n").count(), 3);
}

#[test]
fn copy() {
    assert_snapshot!(written(Format::Copy, &rows(12), 12));
}

#[test]
fn a_row_of_one_column_without_a_value_is_still_a_row() {
    let column = rows(10).project(&[1]).unwrap();
    assert_eq!(written(Format::Csv, &column, 10).lines().filter(|line| line.is_empty()).count(), 0);
}
