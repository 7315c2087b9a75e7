//! `ndsl validate`.

use crate::project::{Project, ndsl};

const SHOP: &str = "schema Shop {
    table Customer { id: int key, age: int? in 18..=95 }
    table Order { id: int key, customer: ref Customer, check customer.age == null or customer.age >= 18 }
}
";

fn shop() -> Project {
    let project = Project::new();
    project.write("shop.ndsl", SHOP);
    project.write("customer.csv", "id,age\n1,39\n2,17\n3,96\n1,NA\n");
    project.write("order.csv", "id,customer\n1,1\n2,7\n");
    project
}

/// What does not depend on the machine.
fn settled(text: &str) -> String {
    let time = text.rfind(", ").filter(|_| text.ends_with(" s\n"));
    time.map_or(text, |end| &text[..end]).to_owned()
}

#[test]
fn violations_are_shown_by_rule_and_end_with_1() {
    let found =
        ndsl().args(["validate", "customer.csv", "order.csv", "--schema", "shop.ndsl"]).within(&shop()).ends_with(1);
    insta::assert_snapshot!(settled(&found.stdout));
    assert_eq!(found.stderr, "");
}

#[test]
fn all_are_written_a_line_each() {
    let project = shop();
    let arguments = ["validate", "customer.csv", "order.csv", "--schema", "shop.ndsl", "--all"];
    let found = ndsl().args(arguments).within(&project).ends_with(1);
    insta::assert_snapshot!(settled(&found.stdout));
    let found = ndsl().args(arguments).args(["--json"]).within(&project).ends_with(1);
    let lines: Vec<serde_json::Value> = found.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [each @ .., whole] = &lines[..] else { panic!("{}", found.stdout) };
    assert_eq!(whole["violations"], each.len());
    assert!(each.iter().all(|line| line["kind"].is_string() && line["reason"].is_string()));
}

#[test]
fn good_data_end_with_0_and_what_was_not_checked_is_said() {
    let project = shop();
    project.write("good.csv", "id,age\n1,39\n2,NA\n3,\n");
    let arguments = ["validate", "good.csv", "--schema", "shop.ndsl", "--table", "Customer", "--null", "NA"];
    let found = ndsl().args(arguments).within(&project).succeeds();
    assert_eq!(settled(&found.stdout), "Shop.Customer: 3 rows of good.csv, no violations\n0 violations in 3 rows");
    project.write("order.csv", "id,customer\n1,1\n");
    let found = ndsl().args(["validate", "order.csv", "--schema", "shop.ndsl"]).within(&project).succeeds();
    assert!(
        found.stdout.contains("not checked: Shop.Order, customer: ref Customer: no file for `Customer`\n"),
        "{}",
        found.stdout
    );
}

#[test]
fn what_cannot_be_carried_out_ends_with_2() {
    let project = shop();
    let found = ndsl().args(["validate", "customer.xlsx", "--schema", "shop.ndsl"]).within(&project).ends_with(2);
    assert!(found.stderr.contains("of no kind that its ending tells"), "{}", found.stderr);
    let found = ndsl().args(["validate", "Customer=gone.csv", "--schema", "shop.ndsl"]).within(&project).ends_with(1);
    assert!(found.stderr.contains("there is no such file"), "{}", found.stderr);
}

#[test]
fn what_is_generated_is_valid() {
    let project = Project::new();
    project.write("shop.ndsl", include_str!("../../examples/shop/shop.ndsl"));
    for format in ["csv", "jsonl", "parquet", "arrow"] {
        ndsl().args(["generate", "shop.ndsl", "--format", format, "--out", format]).within(&project).succeeds();
        ndsl().args(["validate", format, "--schema", "shop.ndsl"]).within(&project).succeeds();
    }
}
