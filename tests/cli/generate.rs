//! `ndsl generate` and `ndsl preview`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::project::{Project, ndsl};

const SHOP: &str = r#"/// A shop.
schema Shop {
    table Customer {
        id:      int key
        email:   email unique
        age:     int in 18..=95 ~ normal(41, 14)
        plan:    enum { free: 70%, pro: 25%, team: 5% }
        income:  decimal(2) in 0.. ~ lognormal(10.4, 0.5)
        score:   float?
        signup:  date in 2019-01-01..=2026-01-01
        churned: bool
    }
    table Order {
        id:       int key
        customer: ref Customer ~ per_parent(poisson(3))
        placed:   datetime in 2019-01-01..2026-07-01
        quantity: int in 1..=20
    }
}
"#;

const ONE: &str =
    "schema Row {\n    id: int key\n    code: string matches \"[A-Z]{8}\"\n    x: float\n    day: date\n}\n";

fn shop() -> Project {
    let project = Project::new();
    project.write("shop.ndsl", SHOP);
    project.write("row.ndsl", ONE);
    project
}

/// Everything in a folder, by its path there.
fn files(project: &Project, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![project.path(folder)];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(project.path(folder)).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_schema_becomes_a_folder_of_tables() {
    let project = shop();
    let ended = ndsl().args(["generate", "shop.ndsl"]).within(&project).succeeds();
    assert!(ended.stderr.contains("Shop.Customer") && ended.stderr.contains("seed 0"), "{}", ended.stderr);
    let made = files(&project, "shop");
    assert_eq!(made.keys().collect::<Vec<_>>(), ["Customer.csv", "Order.csv", "manifest.json"]);
    let customers = project.read("shop/Customer.csv");
    assert!(customers.starts_with("id,email,age,plan,income,score,signup,churned\n"), "{customers}");
    assert_eq!(customers.lines().count(), 1001);

    let manifest: serde_json::Value = serde_json::from_slice(&made["manifest.json"]).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let bytes = &made[file["path"].as_str().unwrap()];
        assert_eq!(
            (file["bytes"].as_u64(), file["sha256"].as_str()),
            (Some(bytes.len() as u64), Some(&*sha256(bytes)))
        );
        assert_eq!(file["rows"].as_u64(), Some(bytes.iter().filter(|byte| **byte == b'\n').count() as u64 - 1));
    }
    assert_eq!(manifest["of"]["program"]["sha256"], sha256(SHOP.as_bytes()));
}

#[test]
fn what_stands_there_is_kept_unless_it_may_be_replaced() {
    let project = shop();
    ndsl().args(["generate", "shop.ndsl", "--rows", "50"]).within(&project).succeeds();
    let before = files(&project, "shop");
    let refused = ndsl().args(["generate", "shop.ndsl", "--rows", "60"]).within(&project).ends_with(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(files(&project, "shop"), before);
    ndsl().args(["generate", "shop.ndsl", "--rows", "60", "--force"]).within(&project).succeeds();
    assert_eq!(project.read("shop/Customer.csv").lines().count(), 61);
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_chunks() {
    for format in ["csv", "jsonl", "json", "sql", "copy", "parquet", "arrow"] {
        let project = shop();
        let make = |out: &str, more: &[&str]| {
            let all = ["generate", "shop.ndsl", "--rows", "3k", "--format", format, "--out", out];
            ndsl().args(all.into_iter().chain(more.iter().copied())).within(&project).succeeds();
            let mut made = files(&project, out);
            made.remove("manifest.json").unwrap();
            made
        };
        let one = make("one/", &["--seed", "7", "--threads", "1"]);
        assert_eq!(make("many/", &["--seed", "7", "--threads", "5", "--chunk", "170"]), one, "{format}");
        assert_ne!(make("other/", &["--seed", "8"]), one, "{format}");
    }
}

#[test]
fn parts_together_are_the_whole() {
    let project = shop();
    let make = |more: &[&str]| {
        let all = ["generate", "row.ndsl", "--rows", "1_003"];
        ndsl().args(all.into_iter().chain(more.iter().copied())).within(&project).succeeds();
    };
    make(&["--out", "whole/"]);
    make(&["--out", "parts/", "--partitions", "4"]);
    for chunk in 0..3 {
        make(&["--out", &format!("chunk{chunk}/"), "--chunk", "400", "--only-chunk", &chunk.to_string()]);
    }
    let rows = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let whole = rows(&project.read("whole/Row.csv"));
    let parts = (0..4).flat_map(|part| rows(&project.read(&format!("parts/Row/part-{part:05}.csv"))));
    assert_eq!(parts.collect::<Vec<_>>(), whole);
    let chunks = (0..3).flat_map(|chunk| rows(&project.read(&format!("chunk{chunk}/Row/part-{chunk:05}.csv"))));
    assert_eq!(chunks.collect::<Vec<_>>(), whole);
    let none =
        ndsl().args(["generate", "row.ndsl", "--chunk", "400", "--only-chunk", "3", "--out", "none/", "--rows", "1k"]);
    let none = none.within(&project).ends_with(2);
    assert!(none.stderr.contains("no table has a chunk of that number"), "{}", none.stderr);
}

#[test]
fn rows_go_to_stdout_and_whoever_reads_it_may_stop() {
    let project = shop();
    let all = ndsl().args(["generate", "shop.ndsl", "--table", "Customer", "--rows", "20", "--out", "-"]);
    assert_eq!(all.within(&project).succeeds().stdout.lines().count(), 21);
    let script = "\"$0\" generate row.ndsl --rows 3M --out - | head -n 3; echo \"${PIPESTATUS[0]}\"";
    let output = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_ndsl")])
        .current_dir(project.path("."))
        .output()
        .unwrap();
    let (said, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((said.lines().last(), said.lines().count(), &*stderr), (Some("0"), 4, ""));
}

#[test]
fn a_result_for_scripts_is_json() {
    let project = shop();
    let ended = ndsl().args(["generate", "shop.ndsl", "--rows", "Customer=5", "--json"]).within(&project).succeeds();
    let response: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(response["tables"][0], serde_json::json!({ "table": "Shop.Customer", "rows": 5 }));
    assert_eq!(response["files"][0]["path"], "Customer.csv");
    assert_eq!(ended.stderr, "");
}

#[test]
fn requests_that_cannot_be_are_refused_with_what_can_be() {
    let project = shop();
    let cases = [
        (vec!["--table", "Custmer"], "there is no table `Custmer`"),
        (vec!["--out", "-"], "`--table`"),
        (vec!["--out", "rows.xlsx"], ".parquet"),
        (vec!["--rows", "many"], "250k"),
        (vec!["--locale", "xx"], "en, de, fr and ja"),
        (vec!["--schema", "Bank"], "there is no schema `Bank`"),
        (vec!["--resume"], "no run"),
        (vec!["--compression", "zstd"], "csv files are not packed"),
        (vec!["--format", "sql", "--partitions", "3"], "a script is not divided"),
        (vec!["--only-chunk", "3"], "--chunk"),
    ];
    for (arguments, said) in cases {
        let all = ["generate", "shop.ndsl"].into_iter().chain(arguments.iter().copied());
        let ended = ndsl().args(all).within(&project).ends_with(2);
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    }
    project.write("none.ndsl", "model Net() {\n    input x: f32[4]\n    Dense(2) as y\n}\n");
    let none = ndsl().args(["generate", "none.ndsl"]).within(&project).ends_with(2);
    assert!(none.stderr.contains("declares no schema"), "{}", none.stderr);
    project.write("wrong.ndsl", "schema Row { id: int in 5..3 }\n");
    ndsl().args(["generate", "wrong.ndsl"]).within(&project).ends_with(1);
    assert_eq!(files(&project, ".").len(), 4, "nothing is begun that cannot be");
}

/// What a run that was broken off left goes on to the bytes of one that was not.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_goes_on_to_the_same_bytes() {
    for format in ["csv", "parquet"] {
        let project = shop();
        let all = |out: &'static str| {
            [
                "generate",
                "row.ndsl",
                "--rows",
                "600k",
                "--partitions",
                "3",
                "--format",
                format,
                "--threads",
                "2",
                "--out",
                out,
            ]
        };
        let began = std::time::Instant::now();
        ndsl().args(all("whole/")).within(&project).succeeds();
        let whole = u64::try_from(began.elapsed().as_millis()).unwrap();
        let mut kills = 0;
        for attempt in 1..=12u64 {
            let resumes = project.path("run/.ndsl-manifest.json.journal").exists();
            let more = if resumes { &["--resume"][..] } else { &["--force"] };
            let running = ndsl().args(all("run/").into_iter().chain(more.iter().copied())).within(&project).starts();
            std::thread::sleep(std::time::Duration::from_millis(whole * (attempt % 5 + 1) / 7));
            if !running.killed() {
                break;
            }
            kills += 1;
            let named = files(&project, "run").into_keys().filter(|name| !name.contains(".ndsl-")).count();
            assert_eq!(named, 0, "nothing stands under its name before all is whole");
        }
        assert!(kills > 0);
        if !project.path("run/manifest.json").exists() {
            let resumes = project.path("run/.ndsl-manifest.json.journal").exists();
            let more = if resumes { "--resume" } else { "--force" };
            ndsl().args(all("run/").into_iter().chain([more])).within(&project).succeeds();
        }
        assert_eq!(files(&project, "run"), files(&project, "whole"), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_said_with_the_place_and_nothing_stands_there() {
    let project = shop();
    // Files of more than 512 kB cannot be written.
    let script = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" generate row.ndsl --rows 200k --out full/";
    let output = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_ndsl")])
        .current_dir(project.path("."))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("rows of `Row`") && stderr.contains("cannot be written"), "{stderr}");
    assert!(!project.path("full/Row.csv").exists() && !project.path("full/manifest.json").exists());
    // What the disk took is gone on with once there is room.
    if stderr.contains("--resume") {
        ndsl()
            .args(["generate", "row.ndsl", "--rows", "200k", "--out", "full/", "--resume"])
            .within(&project)
            .succeeds();
    } else {
        ndsl().args(["generate", "row.ndsl", "--rows", "200k", "--out", "full/"]).within(&project).succeeds();
    }
    assert_eq!(project.read("full/Row.csv").lines().count(), 200_001);
}

#[cfg(feature = "databases")]
#[test]
fn rows_go_into_a_database_or_the_command_says_why_not() {
    let project = shop();
    let made = ndsl().args(["generate", "shop.ndsl", "--out", "sqlite:shop.db", "--json"]).within(&project).succeeds();
    let said: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(said["tables"][0], serde_json::json!({ "table": "Shop.Customer", "rows": 1000 }));
    assert!(project.bytes("shop.db").starts_with(b"SQLite format 3\0"));
    for (arguments, expected) in [
        (&["--out", "shop.db"] as &[&str], "--append"),
        (&["--out", "sqlite:shop.db", "--append"], "table `Customer`: UNIQUE constraint failed"),
        (&["--out", "sqlite:other.db", "--format", "csv"], "has rows in no other format"),
        (&["--out", "sqlite:other.db", "--partitions", "3"], "not divided"),
        (&["--out", "sqlite:other.db", "--resume"], "nothing to go on with"),
        (&["--out", "rows/", "--append"], "files are made anew"),
        (&["--out", "postgres://ada:secret@127.0.0.1:1/shop"], "`postgres://ada@127.0.0.1:1/shop`: no server answers"),
    ] {
        let all = ["generate", "shop.ndsl"].into_iter().chain(arguments.iter().copied());
        let refused = ndsl().args(all).within(&project).ends_with(2);
        assert!(refused.stderr.contains(expected), "{arguments:?}: {}", refused.stderr);
    }
    assert!(!project.path("other.db").exists());
}

#[cfg(all(unix, feature = "databases"))]
#[test]
fn a_database_that_does_not_fit_on_the_disk_leaves_nothing() {
    let project = shop();
    let script = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" generate row.ndsl --rows 200k --out full/row.db";
    std::fs::create_dir(project.path("full")).unwrap();
    let output = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_ndsl")])
        .current_dir(project.path("."))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("`full/row.db`: "), "{stderr}");
    assert!(files(&project, "full").is_empty());
}

#[test]
fn values_are_drawn_from_files_and_rows_made_of_theirs() {
    let project = Project::new();
    project.write("seen.csv", "city,price\nLeeds,1.50\nLeeds,2.25\n\"Łódź, PL\",\n");
    project.write(
        "drawn.ndsl",
        "schema Offer {\n    id: int key\n    city: string ~ empirical(\"seen.csv\", city)\n    price: decimal(2) ~ empirical(\"seen.csv\", price)\n}\n",
    );
    ndsl().args(["generate", "drawn.ndsl", "--rows", "3k", "--out", "rows/"]).within(&project).succeeds();
    let mut rows = csv::Reader::from_path(project.path("rows/Offer.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let count = |place: usize, text: &str| rows.iter().filter(|row| &row[place] == text).count();
    // Two of three, and each of those that have a value, within four deviations.
    assert!(count(1, "Leeds").abs_diff(2000) < 104 && count(1, "Leeds") + count(1, "Łódź, PL") == 3000);
    assert!(count(2, "1.50").abs_diff(1500) < 110 && count(2, "1.50") + count(2, "2.25") == 3000);

    project.write(
        "made.ndsl",
        "schema Line from \"seen.csv\" {\n    id: int key\n    city: text? = source.city\n    shout: text? = upper(source.city)\n}\n",
    );
    ndsl().args(["generate", "made.ndsl", "--out", "lines/"]).within(&project).succeeds();
    let lines = project.read("lines/Line.csv");
    assert_eq!(
        lines.lines().skip(1).map(|line| line.split_once(',').unwrap().1).collect::<Vec<_>>(),
        ["Leeds,LEEDS", "Leeds,LEEDS", "\"Łódź, PL\",\"ŁÓDŹ, PL\""]
    );

    for (from, to, expected) in [
        ("price)", "prices)", "`seen.csv` has no column `prices`; did you mean `price`?"),
        ("\"seen.csv\", price", "\"lost.csv\", price", "`lost.csv`: there is no such file"),
        ("\"seen.csv\", price", "\"seen.csv\", city", "`seen.csv`, line 2: \"Leeds\" is"),
    ] {
        project.write("other.ndsl", &project.read("drawn.ndsl").replace(from, to));
        let refused = ndsl().args(["generate", "other.ndsl"]).within(&project).ends_with(1);
        assert!(refused.stderr.contains(expected) && refused.stderr.contains("other.ndsl:4"), "{}", refused.stderr);
    }
}

#[test]
fn a_preview_shows_rows_and_writes_none() {
    let project = shop();
    let ended = ndsl().args(["preview", "shop.ndsl", "--count", "3"]).within(&project).succeeds();
    assert!(ended.stdout.contains("Shop.Customer: 3 of 1,000 rows"), "{}", ended.stdout);
    let json = ndsl().args(["preview", "shop.ndsl", "--table", "Customer", "--json"]).within(&project).succeeds();
    ndsl().args(["generate", "shop.ndsl", "--table", "Customer", "--format", "jsonl"]).within(&project).succeeds();
    let whole = project.read("shop/Customer.jsonl");
    assert_eq!(json.stdout.lines().collect::<Vec<_>>(), whole.lines().take(10).collect::<Vec<_>>());
}
