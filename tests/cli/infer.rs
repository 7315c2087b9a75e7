//! `ndsl infer`: a schema of files of data.

use crate::project::{Project, ndsl};

const CUSTOMERS: &str = "id,plan,joined\n1,free,2024-01-03\n2,pro,2024-02-01\n3,free,2024-05-05\n4,free,2024-03-09\n\
5,pro,2024-01-31\n6,free,2024-08-20\n";

const ORDERS: &str = "order_id,customer_id,total\n11,1,9.99\n12,1,5.00\n13,3,12.50\n14,6,1.25\n";

#[test]
fn files_become_a_schema_by_which_rows_are_made() {
    let project = Project::new();
    project.write("customers.csv", CUSTOMERS);
    project.write("orders.csv", ORDERS);
    let infer = ["infer", "customers.csv", "orders.csv", "-o", "shop.ndsl"];
    let made = ndsl().args(infer).within(&project).succeeds();
    assert_eq!(made.stdout, "");
    assert!(made.stderr.contains("orders                 4 rows, 3 columns, 1 reference"), "{}", made.stderr);
    let text = project.read("shop.ndsl");
    assert!(text.starts_with("schema shop {\n    // customers.csv: 6 rows\n    table customers {\n"), "{text}");
    assert!(text.contains("customer_id: ref customers"), "{text}");
    ndsl().args(["check", "shop.ndsl"]).within(&project).succeeds();
    ndsl().args(["fmt", "--check", "shop.ndsl"]).within(&project).succeeds();
    ndsl().args(["generate", "shop.ndsl", "--rows", "20", "--out", "made/"]).within(&project).succeeds();
    assert_eq!(project.read("made/customers.csv").lines().count(), 21);

    // What is there is kept unless it is to be replaced.
    let kept = ndsl().args(infer).within(&project).ends_with(2);
    assert!(kept.stderr.contains("shop.ndsl is there already: `--force` replaces it"), "{}", kept.stderr);
    ndsl().args(infer.iter().copied().chain(["--force"])).within(&project).succeeds();
}

#[test]
fn one_file_is_a_schema_of_one_table_on_stdout() {
    let project = Project::new();
    project.write("customers.csv", CUSTOMERS);
    let made = ndsl().args(["infer", "customers.csv"]).within(&project).succeeds();
    assert!(made.stdout.starts_with("// customers.csv: 6 rows\nschema customers {\n"), "{}", made.stdout);
    assert_eq!(made.stderr, "");
    let json = ndsl().args(["infer", "Buyer=customers.csv", "--json"]).within(&project).succeeds();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json["tables"][0]["name"].as_str(), json["tables"][0]["rows"].as_u64()), (Some("Buyer"), Some(6)));
    assert!(json["text"].as_str().is_some_and(|text| text.contains("schema Buyer {")));
}

#[test]
fn what_is_no_table_ends_with_one_and_writes_nothing() {
    let project = Project::new();
    project.write("bad.csv", "a,b\n1\n2,3\n4\n");
    let refused = ndsl().args(["infer", "bad.csv", "-o", "out.ndsl"]).within(&project).ends_with(1);
    assert!(
        refused.stderr.contains("2 lines cannot be used\n  line 2 has 1 cell, the header has 2"),
        "{}",
        refused.stderr
    );
    assert!(!project.path("out.ndsl").exists());
    ndsl().args(["infer", "missing.csv"]).within(&project).ends_with(1);
    let unknown = ndsl().args(["infer", "u.data"]).within(&project).ends_with(2);
    assert!(unknown.stderr.contains("say it with `--format`"), "{}", unknown.stderr);
    ndsl().args(["infer"]).within(&project).ends_with(2);
    ndsl().args(["infer", "bad.csv", "--delimiter", "ab"]).within(&project).ends_with(2);
}
