//! `ndsl profile`.

use crate::project::{Project, ndsl};

#[test]
fn data_are_shown_on_the_terminal_as_json_and_as_a_page() {
    let project = Project::new();
    let rows: String = (0..40).map(|row| format!("{row},{},{}\n", row * 2, ["a", "b"][row % 2])).collect();
    project.write("rows.csv", &format!("x,y,kind\n{rows}"));
    let shown = ndsl().args(["profile", "rows.csv"]).within(&project).succeeds().stdout;
    assert!(shown.starts_with("rows.csv: 40 rows of 3 columns, CSV file"), "{shown}");
    assert!(shown.contains("Pearson's correlation ┆  1.00 ┆     1.00 │"), "{shown}");
    let told = ndsl().args(["profile", "rows.csv", "--json"]).within(&project).succeeds().stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((told["rows"].as_u64(), told["relations"][0]["measure"].as_str()), (Some(40), Some("pearson")));
    ndsl().args(["profile", "rows.csv", "-o", "rows.html"]).within(&project).succeeds();
    let page = std::fs::read_to_string(project.path("rows.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("How they go together"), "{page}");
    let gone = ndsl().args(["profile", "gone.csv"]).within(&project).ends_with(1).stderr;
    assert!(gone.contains("there is no such file"), "{gone}");
    let unknown = ndsl().args(["profile", "x.doc"]).within(&project).ends_with(2).stderr;
    assert!(unknown.contains("of no kind that its ending tells"), "{unknown}");
}
