//! Files held to schemas: what is generated has no violation in any format, and every fault that is put in is found, once and at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ndsl_runtime::operations::generate::{self, Dialect, Form, Output};
use ndsl_runtime::operations::validate::{DataFile, Found, Kind, Request, Response, Rule, run};
use ndsl_runtime::train::Cancel;
use proptest::prelude::*;

fn request(program: &str, folder: &Path, files: &[&str]) -> Request {
    let file = |name: &&str| DataFile { table: None, path: folder.join(name) };
    Request {
        name: "rows.ndsl".to_owned(),
        text: program.to_owned(),
        folder: None,
        files: files.iter().map(file).collect(),
        table: None,
        nulls: Vec::new(),
        first: 100,
        memory: None,
    }
}

fn validated(request: &Request) -> Response {
    run(request, None, &mut |_| {}, &Cancel::new()).unwrap_or_else(|error| panic!("{error}"))
}

fn generate(program: &str, rows: u64, form: Form, folder: &Path) {
    let request = generate::Request {
        name: "rows.ndsl".to_owned(),
        text: program.to_owned(),
        folder: None,
        schema: None,
        tables: Vec::new(),
        rows,
        rows_of: BTreeMap::new(),
        seed: 7,
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
        force: true,
    };
    generate::run(&request, None, &mut |_| {}, &Cancel::new()).unwrap_or_else(|error| panic!("{error}"));
}

/// Every violation on a line: its table, where it is, its columns and rule, and why.
fn lines(response: &Response, folder: &Path) -> String {
    let mut text = String::new();
    let at = |found: &Found| match (found.line, found.row) {
        (Some(line), _) => format!("line {line}"),
        (None, Some(row)) => format!("row {row}"),
        (None, None) => "header".to_owned(),
    };
    for rule in &response.found.rules {
        for found in &rule.first {
            let columns = rule.columns.join(", ");
            _ = writeln!(text, "{} {}: {columns} [{}] {}", rule.table, at(found), rule.rule, found.reason);
        }
    }
    for left in &response.found.not_checked {
        _ = writeln!(text, "not checked: {} {}: {}", left.table, left.rule, left.reason);
    }
    text.replace(&folder.display().to_string(), "…")
}

/// Every type of column, and what is hard for a format: quotation marks, commas, empty texts beside no value, lists and JSON.
const TYPES: &str = r#"schema Types {
    table Every {
        id:      uuid key
        count:   int in -5..=5
        large:   int? in -9_000_000_000_000_000_000..=9_000_000_000_000_000_000
        score:   float? ~ normal(0, 1000)
        income:  decimal(2) in 0.. ~ lognormal(10.4, 0.5)
        fine:    decimal(12)? in -1..=1
        active:  bool?
        word:    string? in ["", "a", "with, a comma", "\"quoted\"", "two\nlines", "NA", " "]
        note:    text? length 0..=200
        said:    enum { plain, "", "with, a comma", "with \"quotes\"", "null" }?
        code:    string matches "[A-Z]{2}[,;'\"\\\\ ][0-9]{2}" unique
        born:    date? in 0001-01-01..=9999-12-31
        seen:    datetime? in 2019-01-01..2026-07-01
        opens:   time?
        mail:    email unique
        site:    url?
        from_ip: ip
        country: country
        pays:    currency_code
        phone:   phone?
        lat:     address.latitude
        lon:     address.longitude?
        where:   address.full
        other:   json?
        goals:   list(text)? length 0..=3
        days:    list(date)
        prices:  list(decimal(2)?)
        things:  list(json)
        like:    ref Every?
    }
    table Alone { word: string? in ["", "a", "b"] }
    table Bare { number: int? in 0..=3 }
}
"#;

#[test]
fn what_is_generated_has_no_violation_in_any_format() {
    let shop = include_str!("../../examples/shop/shop.ndsl");
    let rows = include_str!("../../.ci/rows.ndsl");
    for (name, program) in [("types", TYPES), ("shop", shop), ("rows", rows)] {
        for form in [Form::Csv, Form::Jsonl, Form::Parquet, Form::Arrow] {
            let folder = tempfile::tempdir().unwrap();
            generate(program, 300, form, folder.path());
            let response = validated(&request(program, folder.path(), &[""]));
            let found = lines(&response, folder.path());
            assert_eq!((response.violations, found.as_str()), (0, ""), "{name} as {form:?}");
            assert!(response.found.tables.iter().all(|table| table.rows > 0), "{:?}", response.found.tables);
        }
    }
}

const SHOP: &str = r#"schema Shop {
    table Customer {
        id:     int key
        name:   string length 2..=8
        age:    int in 18..=95
        plan:   enum { free, pro, team }
        code:   string? matches "[A-Z]{3}-[0-9]+" unique
        signup: date
        goals:  list(text)? length ..=2
        boss:   ref Customer?
        orders: int = count(Order)
        check boss == null or boss.age >= age
    }
    table Order {
        id:       int key
        customer: ref Customer
        placed:   datetime
        shipped:  datetime?
        quantity: int in 1..
        price:    decimal(2)
        total:    decimal(2) = quantity * price
        check shipped == null or shipped >= placed
        check placed >= customer.signup
        unique (customer, placed)
    }
}
"#;

const CUSTOMERS: &str = "\
id,name,age,plan,code,signup,goals,boss,orders
1,Ada,39,free,ABC-1,2020-01-01,,,2
2,\"\",17,pro,,2020-02-30,[],1,1
3,Bob,96,Pro,abc,2020-01-05,\"[\"\"a\"\",\"\"b\"\",\"\"c\"\"]\",2,0
1,Cyd,40,team,ABC-1,2021-01-01,\"[1]\",7,0
,Dee,thirty,team,ABC-2,2021-01-01,,1,0
6,Eve,40
";

const ORDERS: &str = "\
id,customer,placed,shipped,quantity,price,total
1,1,2020-01-02T08:00:00,2020-01-03,2,9.99,19.98
2,1,2019-12-31 08:00,2019-12-30,1,9.999,9.99
3,2,2020-01-02T08:00:00,,0,1.10,0.00
4,9,2020-01-02,,3,1.10,3.3
4,1,2020-01-02T08:00,NA,1,5,5.01
";

#[test]
fn every_fault_is_told_once_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("customer.csv"), CUSTOMERS).unwrap();
    fs::write(folder.path().join("order.csv"), ORDERS).unwrap();
    let response = validated(&request(SHOP, folder.path(), &["customer.csv", "order.csv"]));
    insta::assert_snapshot!(lines(&response, folder.path()));
    let told: usize = response.found.rules.iter().map(|rule| rule.first.len()).sum();
    assert_eq!(response.violations, told as u64);
}

#[test]
fn what_cannot_be_checked_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("order.csv"), ORDERS).unwrap();
    let mut request = request(SHOP, folder.path(), &["order.csv"]);
    request.nulls = vec!["NA".to_owned()];
    insta::assert_snapshot!(lines(&validated(&request), folder.path()));
}

#[test]
fn what_means_no_value_may_stand_behind_a_space() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), "x,y\na, ?\n ?,1\n").unwrap();
    let mut request = request("schema T {\n    x: enum { a, b }?\n    y: int?\n}\n", folder.path(), &["t.csv"]);
    assert_eq!(validated(&request).violations, 2);
    request.nulls = vec!["?".to_owned()];
    assert_eq!(validated(&request).violations, 0);
}

#[test]
fn columns_that_are_missing_or_unknown_are_told_with_what_may_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("order.csv"), "id,custmer,placed,quantity,price,total,x\n1,1,2020-01-02,1,1,1,\n")
        .unwrap();
    insta::assert_snapshot!(lines(&validated(&request(SHOP, folder.path(), &["order.csv"])), folder.path()));
}

#[test]
fn examples_are_bounded_and_counts_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..20_000).map(|row| format!("{}\n", row % 7)).collect();
    fs::write(folder.path().join("t.csv"), format!("x\n{rows}")).unwrap();
    let mut request = request("schema T { x: int key in 0..=5 }", folder.path(), &["t.csv"]);
    request.first = 3;
    let response = validated(&request);
    let counts: Vec<(Kind, u64, usize)> = response
        .found
        .rules
        .iter()
        .filter(|rule| rule.count > 0)
        .map(|rule| (rule.kind, rule.count, rule.first.len()))
        .collect();
    assert_eq!(counts, [(Kind::Range, 20_000 / 7, 3), (Kind::Unique, 20_000 - 7, 3)]);
    let mut all = 0;
    run(&request, Some(&mut |_: &Rule, _: &Found| all += 1), &mut |_| {}, &Cancel::new()).unwrap();
    assert_eq!(all, response.violations);
}

#[test]
fn what_repeats_is_found_in_little_memory_too() {
    let folder = tempfile::tempdir().unwrap();
    let value =
        |row: u64| if row.is_multiple_of(1000) { "same".to_owned() } else { format!("value {}", row * 7919 % 30_011) };
    let rows: String = (0..30_000).map(|row| format!("{}\n", value(row))).collect();
    fs::write(folder.path().join("t.csv"), format!("x\n{rows}")).unwrap();
    let mut request = request("schema T { x: string key }", folder.path(), &["t.csv"]);
    let found = validated(&request);
    // Room for a few thousand of thirty thousand numbers: the file is gone through again for the others.
    request.memory = Some(100_000);
    let mut little = validated(&request);
    assert_eq!((found.violations, little.violations), (29, 29));
    little.found.rules.iter_mut().for_each(|rule| rule.first.sort_by_key(|found| found.line));
    assert_eq!(little, found);
}

#[test]
fn what_does_not_fit_into_memory_is_said() {
    let folder = tempfile::tempdir().unwrap();
    generate(include_str!("../../examples/shop/shop.ndsl"), 4_000, Form::Csv, folder.path());
    let mut request = request(include_str!("../../examples/shop/shop.ndsl"), folder.path(), &[""]);
    request.memory = Some(50_000);
    let response = validated(&request);
    assert_eq!(response.violations, 0);
    assert!(
        response.found.not_checked.iter().any(|left| left.reason.contains("do not fit")),
        "{:?}",
        response.found.not_checked
    );
}

#[test]
fn faults_of_the_request_are_all_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("other.csv"), "x\n1\n").unwrap();
    fs::write(folder.path().join("order.xlsx"), "").unwrap();
    let mut request = request(SHOP, folder.path(), &["other.csv", "order.xlsx"]);
    request.files.push(DataFile { table: Some("Oder".to_owned()), path: folder.path().join("other.csv") });
    let error = run(&request, None, &mut |_| {}, &Cancel::new()).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&folder.path().display().to_string(), "…"));
}

#[test]
fn parts_of_a_table_are_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("T")).unwrap();
    fs::write(folder.path().join("T/part-0.csv"), "id,up\n1,\n2,3\n").unwrap();
    fs::write(folder.path().join("T/part-1.csv"), "up,id\n1,3\n9,2\n").unwrap();
    let request = request("schema S { table T { id: int key, up: ref T? } table U { a: int } }", folder.path(), &["T"]);
    insta::assert_snapshot!(lines(&validated(&request), folder.path()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Keys, composite keys and references of random tables, held to what a set of all rows says.
    #[test]
    fn keys_and_references_are_those_of_the_obvious_way(
        parents in prop::collection::vec((0i64..12, "[ab]{0,2}"), 0..20),
        children in prop::collection::vec((prop::option::of(0i64..14), 0i64..4), 0..30),
        memory in prop::option::of(64u64..4096),
    ) {
        let program = "schema S { table P { id: int key, name: text unique } table C { p: ref P?, n: int, unique (p, n) } }";
        let folder = tempfile::tempdir().unwrap();
        let mut text = "id,name\n".to_owned();
        parents.iter().for_each(|(id, name)| writeln!(text, "{id},\"{name}\"").unwrap());
        fs::write(folder.path().join("P.csv"), text).unwrap();
        let mut text = "p,n\n".to_owned();
        children.iter().for_each(|(p, n)| writeln!(text, "{},{n}", p.map_or(String::new(), |p| p.to_string())).unwrap());
        fs::write(folder.path().join("C.csv"), text).unwrap();
        let mut request = request(program, folder.path(), &["P.csv", "C.csv"]);
        request.memory = memory;
        let response = validated(&request);
        let count = |kind: Kind, column: &str| {
            let rules = response.found.rules.iter().filter(|rule| rule.kind == kind && rule.columns[0] == column);
            rules.map(|rule| rule.count as usize).sum::<usize>()
        };
        let ids: BTreeSet<i64> = parents.iter().map(|(id, _)| *id).collect();
        let names: BTreeSet<&String> = parents.iter().map(|(_, name)| name).collect();
        let whole: Vec<(i64, i64)> = children.iter().filter_map(|(p, n)| Some(((*p)?, *n))).collect();
        let different: BTreeSet<&(i64, i64)> = whole.iter().collect();
        prop_assert_eq!(count(Kind::Unique, "id"), parents.len() - ids.len());
        prop_assert_eq!(count(Kind::Unique, "name"), parents.len() - names.len());
        prop_assert_eq!(count(Kind::Unique, "p"), whole.len() - different.len());
        if response.found.not_checked.is_empty() {
            let dangling = whole.iter().filter(|(p, _)| !ids.contains(p)).count();
            prop_assert_eq!(count(Kind::Reference, "p"), dangling);
        }
    }

    /// Nothing that a file says brings it down.
    #[test]
    fn no_file_brings_it_down(text in "(id|name|,|\"|\n|1|\\[|a|\\PC){0,60}", lines in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let name = if lines { "Customer.jsonl" } else { "Customer.csv" };
        fs::write(folder.path().join(name), text).unwrap();
        let _ = run(&request(SHOP, folder.path(), &[name]), None, &mut |_| {}, &Cancel::new());
    }
}
