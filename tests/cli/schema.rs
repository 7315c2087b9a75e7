//! `ndsl schema convert`: schemas in and out of the language.

use crate::project::{Project, ndsl};

const SHOP: &str =
    "schema Shop {\n    id:   int key\n    age:  int in 18..=95  ~ normal(41, 14)\n    plan: enum { free, pro }\n}\n";

#[test]
fn a_schema_goes_out_and_comes_back() {
    let project = Project::new();
    project.write("shop.ndsl", SHOP);
    for (to, file) in [("json-schema", "shop.json"), ("data-schema", "fields.json"), ("sql", "shop.sql")] {
        let out = ndsl().args(["schema", "convert", "shop.ndsl", "--to", to]).within(&project).succeeds();
        assert_eq!(out.stderr, "");
        ndsl().args(["schema", "convert", "shop.ndsl", "--to", to, "-o", file]).within(&project).succeeds();
        assert_eq!(project.read(file), out.stdout);
        // What the file is follows from its name and from what stands in it.
        let back = ndsl().args(["schema", "convert", file]).within(&project).succeeds();
        assert_eq!((back.stdout.as_str(), back.stderr.as_str()), (SHOP, ""), "{to}");
    }
    let direct = ndsl().args(["schema", "convert", "shop.sql", "--to", "json-schema"]).within(&project).succeeds();
    assert_eq!(direct.stdout, project.read("shop.json"));
}

#[test]
fn a_dialect_and_a_name_are_chosen() {
    let project = Project::new();
    project.write("shop.ndsl", &format!("{SHOP}schema Other {{ at: datetime in 2020-01-01.. }}\n"));
    let unsaid = ndsl().args(["schema", "convert", "shop.ndsl", "--to", "sql"]).within(&project).ends_with(2);
    assert!(unsaid.stderr.contains("several schemas, `Shop`, `Other`: choose one with `--name`"), "{}", unsaid.stderr);
    let convert = ["schema", "convert", "shop.ndsl", "--to", "sql", "--name", "Other"];
    let written = |dialect| {
        let arguments = convert.iter().copied().chain(["--dialect", dialect]);
        ndsl().args(arguments.collect::<Vec<_>>()).within(&project).succeeds().stdout
    };
    assert!(written("postgres").contains("CHECK (at >= '2020-01-01 00:00:00')"));
    assert!(written("sqlite").contains("CHECK (datetime(at) >= '2020-01-01 00:00:00')"));
    let mysql = ndsl().args(convert.iter().copied().chain(["--dialect", "mysql"]).collect::<Vec<_>>()).within(&project);
    assert!(mysql.ends_with(1).stderr.contains("not written in the dialect of MySQL"));
    let named = ndsl().args(["schema", "convert", "-", "--from", "sql", "--name", "Crew"]);
    let named = named.reads("CREATE TABLE a (x int); CREATE TABLE b (y int);").within(&project).succeeds();
    assert!(named.stdout.starts_with("schema Crew {\n    table a {"), "{}", named.stdout);
}

#[test]
fn every_fault_is_said_at_its_place_and_nothing_is_written() {
    let project = Project::new();
    project.write("bad.sql", "CREATE TABLE t (\n    a int,\n    a text,\n    b int REFERENCES gone (id)\n);\n");
    let ended = ndsl().args(["schema", "convert", "bad.sql", "-o", "out.ndsl"]).within(&project).ends_with(1);
    let said =
        "bad.sql:3:5: error: the column `a` stands twice\nbad.sql:4:5: error: there is no table `gone`\n2 errors\n";
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", said));
    assert!(!project.path("out.ndsl").exists());

    let json = ["schema", "convert", "bad.sql", "--message-format", "json"];
    let json = ndsl().args(json).within(&project).ends_with(1);
    let first: serde_json::Value = serde_json::from_str(json.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((first["severity"].as_str(), first["start"]["line"].as_u64()), (Some("error"), Some(3)));
    assert_eq!(json.stdout.lines().count(), 2);
}

#[test]
fn what_has_no_counterpart_is_said() {
    let project = Project::new();
    project.write(
        "t.sql",
        "CREATE TABLE t (\n    at timestamp DEFAULT now(),\n    n int\n);\nINSERT INTO t VALUES (1);\n",
    );
    let ended = ndsl().args(["schema", "convert", "t.sql"]).within(&project).succeeds();
    let said = "t.sql:2:5: note: in SQL its default is now()\nt.sql:5:1: note: INSERT is passed over: it is no part of a schema\n";
    assert_eq!(ended.stderr, said);
    assert!(ended.stdout.contains("    // in SQL its default is now()\n    at: datetime?\n"), "{}", ended.stdout);
    let json = ndsl().args(["schema", "convert", "t.sql", "--message-format", "json"]).within(&project).succeeds();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["text"].as_str(), Some(ended.stdout.as_str()));
    assert_eq!(json["left_out"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_cannot_be_converted_is_refused() {
    let project = Project::new();
    project.write("shop.ndsl", SHOP);
    project.write("faulty.ndsl", "schema A { a: itn }\n");
    project.write("two.ndsl", "schema A { id: int key }\nschema B { a: ref A }\n");
    project.write("note.txt", "CREATE TABLE t (a int);");
    let says = |arguments: &[&str], code, message: &str| {
        let given = ["schema", "convert"].iter().chain(arguments).copied();
        let ended = ndsl().args(given.collect::<Vec<_>>()).within(&project).ends_with(code);
        assert!(ended.stderr.contains(message) && ended.stdout.is_empty(), "{}", ended.stderr);
    };
    says(&["shop.ndsl"], 2, "said with `--to`");
    says(&["note.txt"], 2, "cannot be told from its name: say it with `--from`");
    says(&["faulty.ndsl", "--to", "sql"], 1, "there is no column type `itn`");
    says(&["two.ndsl", "--to", "sql", "--name", "B"], 1, "`B` refers to `A`, a table of another schema");
    says(&["shop.ndsl", "--to", "sql", "--name", "Nope"], 2, "has no schema `Nope`; there is `Shop`");
    says(&["missing.sql"], 2, "cannot read missing.sql");
}
