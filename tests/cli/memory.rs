//! A training says what it takes of memory, and does not begin where there is not so much.
#![cfg(target_os = "linux")]

use std::fmt::Write;

use crate::project::{Project, ndsl};

/// A row takes some megabytes on its way through.
const PROGRAM: &str = r#"dataset Rows = csv("rows.csv", columns=["x"], target=y)

model Wide() {
    input x: f32[1]

    Dense(400_000, activation=relu)
    Dense(1) as estimate
}

train wide {
    model: Wide()
    dataset: Rows
    inputs: { x: columns }
    loss: mse(estimate, y)
    epochs: 1
    batch_size: 1000
}
"#;

fn project() -> Project {
    let project = Project::new();
    let mut rows = "x,y\n".to_owned();
    for row in 0..1200 {
        writeln!(rows, "{}.5,{}.25", row % 7, row % 3).unwrap();
    }
    project.write("rows.csv", &rows);
    project.write("wide.ndsl", PROGRAM);
    project
}

#[test]
fn a_training_that_does_not_fit_is_refused_with_the_batch_that_would() {
    let project = project();
    // Five gigabytes of addresses, of which the command has one before it begins.
    let refused = |arguments: &[&str]| {
        ndsl().limited_to(5_000_000).args(arguments.iter().copied()).within(&project).ends_with(1).stderr
    };
    let said = refused(&["train", "wide.ndsl"]);
    assert!(said.contains("training with batches of 1000 would take about "), "{said}");
    let found = said.split("batches of at most ").nth(1).and_then(|rest| rest.split(' ').next());
    let found: usize = found.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    assert!((100..1000).contains(&found), "{said}");
    assert!(!project.path("runs").exists());
    // Asking does not change the answer.
    assert!(refused(&["train", "wide.ndsl", "--dry-run"]).contains("batches of at most "));
}

#[test]
fn what_it_will_take_is_said_before_it_begins() {
    let project = project();
    let memory = |batch: &str| -> u64 {
        let set = format!("batch_size={batch}");
        let arguments = ["train", "wide.ndsl", "--dry-run", "--message-format", "json", "--set", &set];
        let said = ndsl().args(arguments).within(&project).succeeds().stdout;
        let said: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        said["memory"]["batch"].as_u64().unwrap()
    };
    // What a row's 400 000 numbers take, kept and on their way back.
    let row = (memory("300") - memory("200")) / 100;
    assert!((400_000 * 4 * 2..400_000 * 4 * 5).contains(&row), "{row}");
    let said = ndsl().args(["train", "wide.ndsl", "--dry-run", "--set", "batch_size=4"]).within(&project).succeeds();
    assert!(said.stdout.contains("memory      about "), "{}", said.stdout);
}
