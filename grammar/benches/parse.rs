//! How fast a large file is read, in megabytes a second: `cargo bench -p ndsl-grammar`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use ndsl_grammar::{FileId, lex, parse};
use std::fmt::Write;
use std::time::Instant;

/// A file of about 1.5 MB: models, trainings and constants as people write them.
fn program() -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < 1_500_000 {
        write!(
            text,
            "/// Model {number}.\nmodel M{number}(width: int = 32, rate: float = 0.25) {{\n    \
             input image: f32[28, 28, 1]            // the batch is implicit\n    \
             Conv2D(filters=width * 2, kernel_size=3, activation=relu) as first\n    MaxPooling2D(2)\n    \
             hidden = (first + it * 0.5) |> Dense(width//2 + 1, activation=\"relu\")\n    Flatten()\n    \
             Dropout(rate)\n    Dense(10) as logits\n}}\n\nconst c{number} = {number} ** 2 + 1\n\n\
             train t{number} {{\n    model: M{number}(width=16), dataset: Mnist\n    inputs: {{ image: image / 255 }}\n    \
             loss: cross_entropy(logits, label)\n    optimizer: AdamW(learning_rate=1e-3)\n    epochs: 10, seed: 42\n}}\n\n"
        )
        .expect("a string takes all");
        number += 1;
    }
    text
}

fn main() {
    let good = program();
    let bad = good.replace("Flatten()", "Flatten( 3 4");
    let megabytes = good.len() as f64 / 1e6;
    assert!(parse(&good, FileId(0)).errors.is_empty());
    assert!(!parse(&bad, FileId(0)).errors.is_empty());
    let time = |name: &str, work: &dyn Fn() -> usize| {
        let best = (0..10)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(work());
                start.elapsed()
            })
            .min()
            .unwrap_or_default();
        println!("{name:<24} {:>7.1} ms {:>7.1} MB/s", best.as_secs_f64() * 1e3, megabytes / best.as_secs_f64());
    };
    println!("{megabytes:.2} MB, {} lines", good.lines().count());
    time("lex", &|| lex(&good).len());
    time("parse", &|| parse(&good, FileId(0)).file.declarations.len());
    time("parse, a fault in each", &|| parse(&bad, FileId(0)).errors.len());
}
