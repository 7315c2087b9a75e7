//! What data are like, and the page that shows it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ndsl_runtime::operations::profile::{Measure, Request, Response, page, run};

fn profiled(folder: &Path, files: &[(&str, String)]) -> Response {
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let files = files.iter().map(|(name, _)| folder.join(name)).collect();
    run(&Request { files }).unwrap_or_else(|error| panic!("{error}"))
}

/// Rows of a number, another that follows from it, labels that follow from it, days, and a text of its own for each row.
fn rows(count: usize) -> String {
    let mut text = "x,y,kind,day,name,same\n".to_owned();
    for row in 0..count {
        let kind = ["low", "high"][usize::from(row % 100 >= 50)];
        let y = if row % 10 == 3 { String::new() } else { (-3 * (row as i64 % 100)).to_string() };
        writeln!(text, "{},{y},{kind},2020-01-{:02},row {row},1", row % 100, 1 + row % 28).unwrap();
    }
    text
}

#[test]
fn columns_that_go_together_are_found_by_the_measure_that_fits_them() {
    let folder = tempfile::tempdir().unwrap();
    let found = profiled(folder.path(), &[("a.csv", rows(500))]);
    let between = |one: &str, other: &str| {
        let place = |name: &str| found.data.columns.iter().position(|column| column.name == name).unwrap();
        found.relations.iter().find(|relation| (relation.one, relation.other) == (place(one), place(other)))
    };
    let (of_numbers, of_labels) = (between("x", "y").unwrap(), between("x", "kind").unwrap());
    assert_eq!((of_numbers.measure, of_numbers.rows), (Measure::Pearson, 450));
    assert!(
        (of_numbers.value + 1.0).abs() < 1e-9 && (of_numbers.of_ranks.unwrap() + 1.0).abs() < 1e-9,
        "{of_numbers:?}"
    );
    // Of numbers that lie evenly, three quarters of the variance is between their two halves.
    assert_eq!(of_labels.measure, Measure::CorrelationRatio);
    assert!((of_labels.value - 0.866).abs() < 1e-3, "{of_labels:?}");
    assert_eq!((found.compared, found.left_out), (500, vec!["name".to_owned(), "same".to_owned()]));
}

#[test]
fn of_many_rows_some_are_compared_evenly_from_all_files() {
    let folder = tempfile::tempdir().unwrap();
    let found = profiled(folder.path(), &[("a.csv", rows(40_000)), ("b.csv", rows(40_000))]);
    assert_eq!((found.data.rows, found.compared), (80_000, 50_000));
    assert!((found.relations[0].value + 1.0).abs() < 1e-9, "{:?}", found.relations[0]);
}

#[test]
fn a_page_says_what_data_say_and_does_nothing_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "<script>alert(1)</script>";
    let mut text = format!("\"{evil}\",\"a \"\"quoted\"\" name & more\",b,empty\n");
    (0..20).for_each(|row| writeln!(text, "{evil}{},\"\"\"x\"\" & {}\",{},", row % 3, row % 2, row * row).unwrap());
    let found = profiled(folder.path(), &[("evil.csv", text)]);
    let page = page(&found);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;2"), "{page}");
    assert!(page.contains("a &quot;quoted&quot; name &amp; more") && page.contains("There is no value."), "{page}");
    assert!(!page.contains("http") && !page.contains(" src="), "it loads nothing");
    assert!(page.matches("role=\"img\" aria-label=\"").count() >= 2, "pictures say what they show");
}

#[test]
fn a_page_of_hundreds_of_columns_shows_the_strongest_pairs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..300).map(|column| format!("column_{column}")).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..60usize {
        let cells: Vec<String> = (0..300usize).map(|column| ((row * (column + 7)) % 61).to_string()).collect();
        text += &(cells.join(",") + "\n");
    }
    let found = profiled(folder.path(), &[("wide.csv", text)]);
    let page = page(&found);
    assert_eq!(page.matches("<article").count(), 300);
    assert!(page.contains("The 40 columns that go with some other most strongly"));
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}
