//! Schemas of data: what is found in files, that all of it holds, and that rows made by it are like those that were read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ndsl_runtime::operations::infer::{self, Kind, Response, TableFile};
use ndsl_runtime::operations::{Error, generate};
use ndsl_runtime::train::Cancel;
use proptest::prelude::*;

/// Two tables with something of everything.
const SHOP: &str = r#"schema shop {
    table customers {
        customer_id: uuid key
        email:       email unique
        name:        person.name
        age:         int in 18..=95 ~ normal(41, 14)
        plan:        enum { free: 70%, pro: 25%, team: 5% }
        phone:       phone? null 30%
        city:        address.city
        signup:      date in 2019-01-01..=2026-01-01
        bonus:       decimal(2) in 0..=5000 ~ mixture([constant(0), lognormal(4, 0.7)], weights=[80%, 20%])
        active:      bool ~ bernoulli(0.8)
        level:       int in [1, 10, 100] ~ categorical([1, 10, 100], weights=[60%, 30%, 10%])
    }
    table orders {
        order_no:    string matches "[A-Z]{2}-[0-9]{6}" key
        customer_id: ref customers ~ per_parent(poisson(3))
        placed:      datetime in 2024-01-01..2026-07-01
        shipped:     datetime?
        quantity:    int in 1..=20 ~ geometric(0.4)
        price:       decimal(2) in 0.5..=900 ~ lognormal(3, 0.8)
        door:        time in 08:00..=18:00
        note:        text? length 10..=120 null 60%

        check shipped == null or shipped >= placed
    }
}
"#;

/// Makes rows of a program in a folder.
fn rows(program: &str, folder: &Path, form: generate::Form, rows: u64, rows_of: &[(&str, u64)]) {
    let request = generate::Request {
        name: "rows.ndsl".into(),
        text: program.into(),
        folder: None,
        schema: None,
        tables: Vec::new(),
        rows,
        rows_of: rows_of.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect::<BTreeMap<_, _>>(),
        seed: 0,
        locale: "en".into(),
        form,
        dialect: generate::Dialect::Standard,
        output: generate::Output::Folder(folder.to_owned()),
        append: false,
        database_schema: None,
        chunk: None,
        only_chunk: None,
        partitions: None,
        threads: Some(1),
        compression: None,
        resume: false,
        force: true,
    };
    generate::run(&request, None, &mut |_| {}, &Cancel::new()).expect("the rows are made");
}

fn request(files: &[PathBuf]) -> infer::Request {
    infer::Request {
        name: "found".into(),
        files: files.iter().map(|path| TableFile { name: None, path: path.clone() }).collect(),
        kind: None,
        delimiter: None,
        header: true,
        threads: Some(2),
    }
}

fn run(request: &infer::Request) -> Result<Response, Error> {
    infer::run(request, &mut |_| {}, &Cancel::new())
}

/// The schema of one CSV text.
fn of(text: &[u8]) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, text).unwrap();
    let shown = format!("{}/", folder.path().display());
    run(&request(&[path])).map(|found| found.text).map_err(|error| error.to_string().replace(&shown, ""))
}

/// The line of a column.
fn line<'t>(schema: &'t str, column: &str) -> &'t str {
    let begins = |line: &&str| line.trim_start().strip_prefix(column).is_some_and(|rest| rest.starts_with(':'));
    schema.lines().find(begins).unwrap_or_else(|| panic!("no `{column}` in\n{schema}")).trim()
}

#[test]
fn two_tables_are_found_with_what_is_between_them() {
    let folder = tempfile::tempdir().unwrap();
    rows(SHOP, folder.path(), generate::Form::Csv, 200, &[]);
    let found = run(&request(&["customers.csv", "orders.csv"].map(|name| folder.path().join(name)))).unwrap();
    assert_eq!((found.tables[0].rows, found.tables[1].references), (200, 1));
    insta::assert_snapshot!(found.text);
}

#[test]
fn every_format_and_any_number_of_threads_find_the_same() {
    let mut found = Vec::new();
    for (form, ending) in [
        (generate::Form::Csv, "csv"),
        (generate::Form::Jsonl, "jsonl"),
        (generate::Form::Parquet, "parquet"),
        (generate::Form::Arrow, "arrow"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        rows(SHOP, folder.path(), form, 300, &[]);
        let files = ["customers", "orders"].map(|name| folder.path().join(format!("{name}.{ending}")));
        for threads in [1, 4] {
            let request = infer::Request { threads: Some(threads), ..request(&files) };
            found.push(run(&request).unwrap().text.replace(&format!(".{ending}: "), ": "));
        }
    }
    found.iter().for_each(|other| assert_eq!(other, &found[0]));
}

/// The numbers of a column of a CSV file, in rising order.
fn numbers(path: &Path, column: &str) -> Vec<f64> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let place = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
    let mut all: Vec<f64> = reader.records().filter_map(|row| row.unwrap()[place].parse().ok()).collect();
    all.sort_by(f64::total_cmp);
    all
}

/// The distance of Kolmogorov and Smirnov between two samples.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let share = |all: &[f64], number: f64| all.partition_point(|one| *one <= number) as f64 / all.len() as f64;
    one.iter().chain(other).map(|number| (share(one, *number) - share(other, *number)).abs()).fold(0.0, f64::max)
}

#[test]
fn rows_that_are_made_by_a_schema_are_like_those_it_was_found_in() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    rows(SHOP, first.path(), generate::Form::Csv, 3000, &[]);
    let names = ["customers.csv", "orders.csv"];
    let found = run(&request(&names.map(|name| first.path().join(name)))).unwrap();
    rows(&found.text, second.path(), generate::Form::Csv, 3000, &[("customers", 3000)]);
    for (file, column) in [
        ("customers.csv", "age"),
        ("customers.csv", "bonus"),
        ("customers.csv", "level"),
        ("orders.csv", "quantity"),
        ("orders.csv", "price"),
    ] {
        let (real, made) = (numbers(&first.path().join(file), column), numbers(&second.path().join(file), column));
        let distance = distance(&real, &made);
        assert!(distance < 0.06, "{column}: {distance}");
        assert!(made[0] >= real[0] && made[made.len() - 1] <= real[real.len() - 1], "{column} keeps its ends");
    }
    // What is found in those rows is the same again, but for the figures.
    let again = run(&request(&names.map(|name| second.path().join(name)))).unwrap();
    for column in ["customer_id", "email", "plan", "active", "level", "order_no", "placed", "quantity", "price"] {
        let kind = |schema: &str| line(schema, column).split_whitespace().nth(1).map(str::to_owned);
        assert_eq!(kind(&again.text), kind(&found.text), "{column}");
    }
    let rows = again.tables[1].rows as f64 / found.tables[1].rows as f64;
    assert!((0.9..1.1).contains(&rows), "{rows} as many orders");
}

#[test]
fn what_is_no_table_is_told_with_its_places() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "`table.csv`: the file is empty"),
        (b"a,b\n", "`table.csv`: it has no rows"),
        (b"a,a\n1,2\n", "`table.csv`: the header names the column `a` twice: it is column 1 and column 2"),
        (b"a,b\n1,2\n3\n4,5\n6,7,8\n", "line 3 has 1 cell, the header has 2\n  line 5 has 3 cells, the header has 2"),
        (b"a,b\n1,2\n3,\xff\xfe\n", "`table.csv`: line 3, column `b`: it is not UTF-8 text"),
        (b"a\xff,b\n1,2\n", "`table.csv`: line 1 is not UTF-8 text"),
    ];
    for (text, said) in cases {
        let error = of(text).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "x\n").unwrap();
    let files = ["a.csv", "b.csv"].map(|name| folder.path().join(name));
    let missing = run(&request(&files)).unwrap_err().to_string();
    assert!(missing.contains("b.csv`: there is no such file"), "{missing}");
    fs::write(folder.path().join("b.csv"), "x,y\n1\n").unwrap();
    let both = run(&request(&files)).unwrap_err().to_string();
    assert!(both.contains("a.csv`: it has no rows") && both.contains("b.csv`: line 2 has 1 cell"), "{both}");
    let unknown = run(&request(&[folder.path().join("u.data")])).unwrap_err();
    assert!(matches!(&unknown, Error::Request(why) if why.contains("--format")), "{unknown}");
}

#[test]
fn a_column_of_several_types_is_one_of_texts_and_says_where() {
    let mut text = "n,day,odd\n".to_owned();
    for row in 0..30 {
        let (n, day) = (if row == 20 { "many".to_owned() } else { row.to_string() }, row + 1);
        let day = if row == 25 { "soon".to_owned() } else { format!("2024-01-{day:02}") };
        text.push_str(&format!("{n},{day},{}\n", ["1", "x", "2024-01-01"][row % 3]));
    }
    let found = of(text.as_bytes()).unwrap();
    assert!(found.contains("all are whole numbers before line 22, which has \"many\""), "{found}");
    assert!(found.contains("all are days before line 27, which has \"soon\""), "{found}");
    assert!(line(&found, "n").starts_with("n:   string") && line(&found, "day").starts_with("day: string"));
    assert!(line(&found, "odd").starts_with("odd: enum {"), "{found}");
}

#[test]
fn what_means_no_value_is_none_and_is_said() {
    let text = "id,a,b,c\n1,?,,1\n2,x,NA,\n3,x,,nan\n4,x,n/a,4\n5,x,null,5\n6,y,,6\n7,y,None,7\n8,,,8\n";
    let found = of(text.as_bytes()).unwrap();
    assert!(line(&found, "a").contains("}? null 25%"), "{found}");
    assert!(found.contains("once `?`, read as no value"), "{found}");
    assert!(line(&found, "b").contains("text? null 100%"), "{found}");
    assert!(line(&found, "c").contains("int? in 1..=8 null 25%"), "{found}");
}

#[test]
fn identifiers_that_count_are_keys_and_codes_keep_their_zeros() {
    let mut text = "nr;code;zip;half\n".to_owned();
    (0..40).for_each(|row| text.push_str(&format!("{};KT-{row:04};{:05};{},5\n", 1000 + row, 3 * row, row)));
    let found = of(text.as_bytes()).unwrap();
    assert_eq!(line(&found, "nr"), "nr:   int key  ~ sequence(start=1000)");
    assert!(line(&found, "code").starts_with("code: string unique matches \"KT-[0-9]{4}\""), "{found}");
    assert!(line(&found, "zip").starts_with("zip:  string matches \"[0-9]{5}\""), "{found}");
    assert!(
        line(&found, "half").contains("matches \"[0-9]{1,2},5\"") || line(&found, "half").contains("matches"),
        "{found}"
    );
}

#[test]
fn a_reference_that_nearly_holds_is_only_said() {
    let folder = tempfile::tempdir().unwrap();
    let (users, visits) = (folder.path().join("users.csv"), folder.path().join("visits.csv"));
    let ids: String = (1..=50).map(|id| format!("{id}\n")).collect();
    fs::write(&users, format!("id\n{ids}")).unwrap();
    let lines: String = (0..500).map(|row| format!("{},{}\n", row % 50 + 1, row * 7 % 11)).collect();
    fs::write(&visits, format!("user_id,minutes\n{lines}")).unwrap();
    let found = run(&request(&[visits.clone(), users.clone()])).unwrap().text;
    assert!(line(&found, "user_id").contains("ref users"), "{found}");
    fs::write(&visits, format!("user_id,minutes\n{lines}99,1\n")).unwrap();
    let found = run(&request(&[visits, users])).unwrap().text;
    assert!(line(&found, "user_id").contains("int in 1..=99"), "{found}");
    assert!(found.contains("nearly `ref users`: 1 of 501 values are none of its, the first in line 502"), "{found}");
}

#[test]
fn tables_that_refer_to_each_other_in_a_circle_have_a_first_row() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["users.csv", "teams.csv"].map(|name| folder.path().join(name));
    let users: String = (1..=30).map(|id| format!("{id},{},{}\n", id % 5 + 1, id % 29 + 1)).collect();
    fs::write(&files[0], format!("id,team_id,manager_id\n{users}")).unwrap();
    let teams: String = (1..=5).map(|id| format!("{id},{}\n", id * 3)).collect();
    fs::write(&files[1], format!("id,user_id\n{teams}")).unwrap();
    let found = run(&request(&files)).unwrap().text;
    assert!(line(&found, "team_id").contains("ref teams"), "{found}");
    assert!(line(&found, "user_id").contains("int"), "{found}");
    assert!(found.contains("refers to this table itself"), "{found}");
}

#[test]
fn lists_are_json_and_nulls_of_a_format_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.jsonl");
    let rows: String = (0..20)
        .map(|row| format!("{{\"n\": {row}, \"tags\": [1, 2], \"on\": {}, \"deep\": {{\"x\": null}}}}\n", row % 3 == 0))
        .collect();
    fs::write(&path, rows).unwrap();
    let found = run(&request(&[path])).unwrap().text;
    assert!(line(&found, "tags").contains("json") && line(&found, "on").contains("bool"), "{found}");
    assert!(line(&found, "deep_x").contains("text? null 100% from \"deep.x\""), "{found}");
}

#[test]
fn a_run_that_was_stopped_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, format!("a\n{}", "1\n".repeat(100_000))).unwrap();
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(matches!(infer::run(&request(&[path]), &mut |_| {}, &cancel), Err(Error::Cancelled)));
}

#[test]
fn what_a_file_is_may_be_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("u.data");
    fs::write(&path, "1|a\n2|b\n3|a\n").unwrap();
    let table = TableFile { name: Some("Pair".into()), path };
    let request = infer::Request { files: vec![table], kind: Some(Kind::Csv), header: false, ..request(&[]) };
    let found = run(&request).unwrap();
    assert_eq!((found.tables[0].rows, found.tables[0].columns), (3, 2));
    assert!(line(&found.text, "column_1").contains("int key"), "{}", found.text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever stands in a file, the program is sound, and rows can be made by it.
    #[test]
    fn any_table_has_a_schema_by_which_rows_are_made(
        header in prop::collection::hash_set("[a-zA-Z_ -]{1,8}", 1..5),
        kinds in prop::collection::vec(0usize..9, 5),
        seeds in prop::collection::vec((0i64..1000, -1e6f64..1e6, "[a-zA-Z0-9 é.\\\\{(|/-]{0,12}"), 1..60),
    ) {
        let header: Vec<String> = header.into_iter().filter(|name| !name.trim().is_empty()).collect();
        prop_assume!(!header.is_empty());
        let trimmed: std::collections::HashSet<&str> = header.iter().map(|name| name.trim()).collect();
        prop_assume!(trimmed.len() == header.len());
        let mut text = header.join(",");
        for (whole, number, word) in &seeds {
            text.push('\n');
            let cell = |kind: usize| match kind {
                0 => whole.to_string(),
                1 => format!("{number:.2}"),
                2 => number.to_string(),
                3 => word.clone(),
                4 => (whole % 3).to_string(),
                5 => format!("20{:02}-0{}-1{}", whole % 100, whole % 9 + 1, whole % 10),
                6 => format!("2024-01-1{}T{:02}:00:00", whole % 10, whole % 24),
                7 => ["", "red", "blue", "NA"][*whole as usize % 4].to_owned(),
                _ => format!("{}-{whole:03}", ["AB", "C"][*whole as usize % 2]),
            };
            let cells: Vec<String> = (0..header.len()).map(|place| format!("\"{}\"", cell(kinds[place % kinds.len()]))).collect();
            text.push_str(&cells.join(","));
        }
        let found = of(text.as_bytes()).map_err(TestCaseError::fail)?;
        let folder = tempfile::tempdir().unwrap();
        rows(&found, folder.path(), generate::Form::Csv, seeds.len() as u64, &[]);
    }
}
