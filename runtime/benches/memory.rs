//! What a training is said to take of memory beside what it took.
//!
//! `cargo bench -p ndsl-runtime --bench memory` trains each model for a few steps in a process of its own and prints what was estimated before the
//! first of them, and the most that the process had of memory.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]
#![cfg(feature = "burn")]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use ndsl_runtime::operations::train;
use ndsl_runtime::train::{Cancel, RunStart, Watcher};

/// What tells the process which model it is for.
const MODEL: &str = "NDSL_MEMORY_OF";

/// Each model: its name, what it is, its batch, and how many steps it makes.
const MODELS: [(&str, &str, usize, usize); 7] = [
    ("wide MLP", "Dense(2048, activation=relu)\n Dense(2048, activation=relu)\n Dense(10) as logits", 128, 8),
    ("MLP, large batch", "Dense(256, activation=relu)\n Dense(256, activation=relu)\n Dense(10) as logits", 4096, 4),
    ("CNN", CNN, 128, 4),
    ("CNN, large batch", CNN, 512, 2),
    ("GPT, 4 blocks of 128", "gpt 128", 32, 3),
    ("GPT, 4 blocks of 256", "gpt 256", 32, 2),
    ("LSTM", "lstm", 64, 3),
];

const CNN: &str = "reshape(it, [28, 28, 1])\n Conv2D(32, 3, activation=relu)\n Conv2D(64, 3, activation=relu)\n MaxPooling2D(2)\n Flatten()\n \
                   Dense(128, activation=relu)\n Dense(10) as logits";

fn main() {
    match std::env::var(MODEL) {
        Ok(name) => measured(&name),
        Err(_) => table(),
    }
}

fn table() {
    println!("| model | batch | said, MB | taken, MB | said of taken |\n|---|---|---|---|---|");
    for (name, _, batch, _) in MODELS {
        let own = std::env::current_exe().expect("a program knows where it stands");
        let output = Command::new(own).env(MODEL, name).output().expect("it runs once more");
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [said, taken] = numbers[..] else {
            println!("| {name} | {batch} | failed: {} | | |", String::from_utf8_lossy(&output.stderr).trim());
            continue;
        };
        println!("| {name} | {batch} | {:.0} | {:.0} | {:.2} |", said / 1e6, taken / 1e6, said / taken);
    }
}

/// Trains, and prints what was said and what was taken.
fn measured(name: &str) {
    let (_, body, batch, steps) = MODELS.into_iter().find(|(known, ..)| *known == name).expect("a model of the table");
    let folder = tempfile::tempdir().expect("a folder");
    let request = train::Request {
        name: "model.ndsl".into(),
        text: program(body, folder.path()),
        folder: folder.path().to_path_buf(),
        train: None,
        set: vec![("batch_size".into(), batch.to_string()), ("max_steps".into(), steps.to_string())],
        output: folder.path().join("run"),
        resume: false,
        device: Default::default(),
        memory: None,
    };
    let mut said = Said(0);
    train::run(&request, &mut said, &Cancel::new()).expect("it trains");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let taken = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    println!("{} {}", said.0, taken.unwrap_or_default() * 1024);
}

struct Said(u64);

impl Watcher for Said {
    fn on_start(&mut self, start: &RunStart) {
        self.0 = start.needs.map_or(0, |needs| needs.total());
    }
}

/// A program and its data: 784 columns and ten classes, or a text.
fn program(body: &str, folder: &Path) -> String {
    let text = |model: &str| {
        let letters: String = (0..600_000_usize).map(|at| char::from(b'a' + (at * at % 97 % 26) as u8)).collect();
        std::fs::write(folder.join("text.txt"), letters).expect("written");
        format!(
            "dataset Text = text(\"text.txt\", context=128)\n\
             model Net {{\n input tokens: i64[T]\n {model}\n Dense(26) as logits\n}}\n\
             train net {{\n model: Net\n dataset: Text\n loss: cross_entropy(logits, next)\n optimizer: Adam()\n validation_split: 0.02\n}}\n"
        )
    };
    match body.split_once(' ') {
        Some(("gpt", width)) => {
            let wide = 4 * width.parse::<usize>().unwrap_or(128);
            text(&format!(
                "Embedding(26, {width})\n PositionEmbedding(128)\n repeat 4 {{ TransformerEncoder(4, {wide}, causal=true, activation=gelu) }}\n \
                 LayerNormalization()"
            ))
        }
        _ if body == "lstm" => text("Embedding(26, 128)\n LSTM(128, return_sequences=true)"),
        _ => {
            let mut table = (0..784).map(|column| format!("x{column},")).collect::<String>() + "kind\n";
            for row in 0..5000_usize {
                (0..784).for_each(|column| _ = write!(table, "0.{},", (row * 31 + column * 17) % 100));
                _ = writeln!(table, "{}", row % 10);
            }
            std::fs::write(folder.join("rows.csv"), table).expect("written");
            format!(
                "dataset Rows = csv(\"rows.csv\", columns=[\"x*\"], target=kind)\n\
                 model Net {{\n input x: f32[784]\n {body}\n}}\n\
                 train net {{\n model: Net\n dataset: Rows\n inputs: {{ x: columns }}\n loss: cross_entropy(logits, kind)\n optimizer: Adam()\n \
                 validation_split: 0.02\n}}\n"
            )
        }
    }
}
