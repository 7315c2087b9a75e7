//! `ndsl dataset`: what data are like, and data of other machines.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use sha2::{Digest, Sha256};

use crate::project::{Project, ndsl};

const ROWS: &str =
    "age,spends,day,kind\n30,1.5,2019-01-31,a\n41,,2019-03-01,b\n52,2.5,2018-12-24,a\n63,9.5,2020-02-29,a\n";

/// A program on rows that stand at `place`, which may be followed by other settings.
fn program(place: &str) -> String {
    format!(
        "dataset People = csv({place}, columns=[age], target=kind)\n\nmodel Net {{\n    input x: f32[1]\n    Dense(2) as logits\n}}\n\n\
         train net {{\n    model: Net(), dataset: People, inputs: {{ x: columns / 100 }}\n    loss: cross_entropy(logits, kind)\n    \
         epochs: 2, batch_size: 2, seed: 1\n}}\n"
    )
}

#[test]
fn a_file_is_shown_by_its_columns() {
    let project = Project::new();
    project.write("people.csv", ROWS);
    let shown = ndsl().args(["dataset", "show", "people.csv"]).within(&project).succeeds().stdout;
    assert!(shown.starts_with("people.csv: 4 rows of 4 columns, CSV file, 97 bytes\n"), "{shown}");
    for part in [
        "30 to 63, median 46.500, mean 46.500 ± 12.298",
        "1 (25.0%)",
        "2018-12-24 to 2020-02-29",
        "a 75.0%, b 25.0%",
        "the first rows:",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // Several files are one.
    project.write("more.csv", "age,spends,day,kind\n7,1,2019-01-01,c\n");
    let shown = ndsl().args(["dataset", "show", "people.csv", "more.csv"]).within(&project).succeeds().stdout;
    assert!(shown.starts_with("people.csv: 5 rows of 4 columns"), "{shown}");
    let told = ["dataset", "show", "people.csv", "--message-format", "json"];
    let told = ndsl().args(told).within(&project).succeeds().stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((told["rows"].as_u64(), told["columns"][1]["missing"].as_u64()), (Some(4), Some(1)));
    assert_eq!(told["columns"][0]["spread"]["histogram"].as_array().unwrap().len(), 36);
}

#[test]
fn a_dataset_of_a_program_is_shown_with_what_is_learnt() {
    let project = Project::new();
    project.write("people.csv", ROWS);
    project.write("net.ndsl", &program("\"people.csv\""));
    let shown = ndsl().args(["dataset", "show", "net.ndsl"]).within(&project).succeeds().stdout;
    assert!(shown.contains("kind (target)") && shown.contains("kind: 2 classes\n  a  3   75.0%  ███"), "{shown}");
    let unknown = ndsl().args(["dataset", "show", "net.ndsl", "Others"]).within(&project).ends_with(2).stderr;
    assert!(unknown.contains("the program has no dataset `Others`; it has `People`"), "{unknown}");
    let unknown = ndsl().args(["dataset", "show", "people.doc"]).within(&project).ends_with(2).stderr;
    assert!(unknown.contains("`people.doc` is of no kind that its ending tells"), "{unknown}");
    project.write("broken.csv", "a,b\n1\n");
    let broken = ndsl().args(["dataset", "show", "broken.csv"]).within(&project).ends_with(1).stderr;
    assert!(broken.contains("line 2 has 1 cell, the header has 2"), "{broken}");
}

#[test]
fn data_of_another_machine_are_fetched_once_and_held_to_their_hash() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/people.csv", listener.local_addr().unwrap());
    // Two answers, and then there is no server any more.
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{ROWS}", ROWS.len())
                .unwrap();
        }
    });
    let project = Project::new();
    let hash: String = Sha256::digest(ROWS).iter().map(|byte| format!("{byte:02x}")).collect();
    project.write("net.ndsl", &program(&format!("\"{address}\"")));
    let train = || ndsl().args(["train", "net.ndsl", "-o", "run"]).within(&project).with_cache(&project);
    let unsaid = train().ends_with(1).stderr;
    assert!(unsaid.contains("nothing says which file it must be"), "{unsaid}");
    assert!(unsaid.contains(&format!("sha256=\"{hash}\"")), "{unsaid}");

    project.write("net.ndsl", &program(&format!("\"{address}\", sha256=\"{hash}\"")));
    let fetch = || ndsl().args(["dataset", "fetch", "net.ndsl"]).within(&project).with_cache(&project);
    // It came when it was refused, and is known by its hash.
    assert!(fetch().succeeds().stdout.contains(": was here, 97 bytes"));
    std::fs::remove_dir_all(project.path("cache")).unwrap();
    let fetched = fetch().succeeds().stdout;
    assert!(fetched.starts_with(&format!("{address}: fetched, 97 bytes in ")), "{fetched}");
    server.join().unwrap();
    let trained = train().succeeds().stderr;
    assert!(trained.contains("kept epoch"), "{trained}");
    let measured = ndsl().args(["evaluate", "run"]).within(&project).with_cache(&project).succeeds().stdout;
    assert!(measured.contains("accuracy"), "{measured}");
}
