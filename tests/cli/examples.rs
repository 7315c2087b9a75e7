//! Every example is checked, compiled and, where it trains, trained.

use std::path::PathBuf;

use crate::project::{Project, ndsl};

/// Every program under `examples/`.
fn programs() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "ndsl")).collect()
}

#[test]
fn every_example_is_sound_and_compiles() {
    let project = Project::new();
    let programs = programs();
    assert!(programs.len() >= 2, "{programs:?}");
    for program in programs {
        let path = program.to_str().unwrap();
        ndsl().args(["check", path]).within(&project).succeeds();
        let text = std::fs::read_to_string(&program).unwrap();
        let models = text.lines().filter_map(|line| line.strip_prefix("model ").or(line.strip_prefix("Model ")));
        for model in models {
            let name = model.split([' ', '(', '{']).next().unwrap();
            ndsl().args(["compile", path, "--model", name, "-o", "out.onnx"]).within(&project).succeeds();
        }
    }
}

#[test]
fn the_digits_learn() {
    let project = Project::new();
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/digits.ndsl");
    for train in ["cnn", "mlp"] {
        let run = ["train", digits, "--train", train, "--set", "epochs=3", "-o", train];
        ndsl().args(run).within(&project).succeeds();
        let measured = ndsl().args(["evaluate", train, "--message-format", "json"]).within(&project).succeeds();
        let measures: serde_json::Value = serde_json::from_str(measured.stdout.trim()).unwrap();
        assert!(measures["measures"]["metrics"]["accuracy"].as_f64().unwrap() > 0.85, "{train}: {measures}");
    }
}

#[test]
fn the_churn_of_customers_is_learnt_and_answered_by_name() {
    let project = Project::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/churn");
    let (program, customers) = (format!("{folder}/churn.ndsl"), format!("{folder}/customers.csv"));
    ndsl().args(["train", &program, "-o", "churn"]).within(&project).succeeds();
    let measured = ndsl().args(["evaluate", "churn", "--message-format", "json"]).within(&project).succeeds();
    let measures: serde_json::Value = serde_json::from_str(measured.stdout.trim()).unwrap();
    // Whoever says that all stay is right for 55% of them.
    assert!(measures["measures"]["metrics"]["accuracy"].as_f64().unwrap() > 0.7, "{measures}");
    // The page shows rows as the table has them.
    let page = project.read("churn/report.html");
    for cell in ["<td>free</td>", "<td>null</td>", "<td>12:30:00</td>", "<td>2019-03-15</td>"] {
        assert!(page.contains(cell), "{cell}");
    }
    let answers = ndsl().args(["predict", "churn", &customers]).within(&project).succeeds();
    let mut lines = answers.stdout.lines();
    assert_eq!(lines.next(), Some("prediction,probability"));
    assert!(lines.all(|line| line.starts_with("true,") || line.starts_with("false,")));
}

#[test]
fn the_sonnets_go_on() {
    let project = Project::new();
    let sonnets = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/sonnets/sonnets.ndsl");
    ndsl()
        .args(["train", sonnets, "--set", "epochs=1", "--set", "max_steps=4", "-o", "gpt"])
        .within(&project)
        .succeeds();
    let sample = ["sample", "gpt", "--prompt", "Shall I", "--tokens", "70", "--seed", "7"];
    let text = ndsl().args(sample).within(&project).succeeds().stdout;
    assert!(text.starts_with("Shall I") && text.chars().count() >= 77, "{text}");
    assert_eq!(ndsl().args(sample).within(&project).succeeds().stdout, text);
}

#[test]
fn digits_that_nobody_wrote_are_drawn() {
    let project = Project::new();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/vae/vae.ndsl");
    let digits = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/digits.csv");
    ndsl().args(["train", program, "--set", "epochs=1", "-o", "vae"]).within(&project).succeeds();
    let drawn = ndsl().args(["sample", "vae", "--count", "5", "-o", "pictures/"]).within(&project).succeeds();
    assert_eq!(
        drawn.stderr,
        "`code`, f32[4], drawn from the normal distribution of mean 0 and variance 1\n\
         wrote 5 pictures of pixels to pictures/, side by side in sheet.png; black is 0 and white 1\n"
    );
    assert!(project.path("pictures/004.png").exists() && project.path("pictures/sheet.png").exists());
    // The codes of given rows, and the pictures that they are the codes of.
    ndsl().args(["predict", "vae", digits, "--values", "mean", "-o", "codes.csv"]).within(&project).succeeds();
    let decode = ["sample", "vae", "--from", "code", "--given", "codes.csv", "-o", "decoded.npy"];
    let decoded = ndsl().args(decode).within(&project).succeeds();
    assert_eq!(decoded.stderr, "wrote 1,797 rows to decoded.npy\n");
    let listed = ndsl().args(["predict", "vae", "--list-values"]).within(&project).succeeds();
    assert!(listed.stdout.contains("encoded.log_variance"), "{}", listed.stdout);
}
