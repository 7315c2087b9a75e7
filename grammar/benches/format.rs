//! How fast a file of 50,000 lines is laid out: `cargo bench -p ndsl-grammar --bench format`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use ndsl_grammar::{FileId, format, lex, parse};
use std::fmt::Write;
use std::time::{Duration, Instant};

const LINES: usize = 50_000;
const RUNS: usize = 15;

/// A file as people write them, laid out as `ndsl fmt` has it.
fn tidy() -> String {
    let mut text = String::new();
    let mut lines = 0;
    for number in 0.. {
        let before = text.len();
        write!(
            text,
            "/// Model {number}.\nmodel M{number}(width: int = 32, rate: float = 0.25) {{\n    \
             input image: f32[28, 28, 1]  // the batch is implicit\n\n    \
             Conv2D(filters=width * 2, kernel_size=3, activation=relu) as first\n    MaxPooling2D(2)\n    \
             hidden = (first + it * 0.5) |> Dense(width//2 + 1, activation=relu)\n    Flatten()\n    \
             // Some of it is forgotten.\n    Dropout(rate)\n    Dense(10) as logits\n}}\n\n\
             const c{number} = {number} ** 2 + 1\n\n\
             train t{number} {{\n    model: M{number}(width=16)\n    dataset: Mnist\n    \
             inputs: {{ image: image / 255 }}\n    loss: cross_entropy(logits, label)\n    \
             optimizer: AdamW(learning_rate=1e-3)\n    epochs: 10\n    seed: 42\n}}\n\n"
        )
        .expect("a string takes all");
        lines += text[before..].matches('\n').count();
        if lines > LINES {
            break;
        }
    }
    text.pop();
    text
}

/// The same in disorder: tabs, no spaces, line ends of Windows.
fn untidy(tidy: &str) -> String {
    tidy.replace("    ", "\t\t").replace(", ", ",").replace(" = ", "=").replace('\n', "\r\n")
}

/// The median and the best of several runs.
fn time(work: &dyn Fn() -> usize) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    (times[RUNS / 2], times[0])
}

fn main() {
    let tidy = tidy();
    let untidy = untidy(&tidy);
    assert_eq!(format(&tidy).as_deref(), Ok(tidy.as_str()));
    assert!(format(&untidy).is_ok());
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{} lines, {:.2} MB; median and best of {RUNS} runs", tidy.lines().count(), tidy.len() as f64 / 1e6);
    println!("{:<28} {:>10} {:>10} {:>10}", "", "median", "best", "MB/s");
    let row = |name: &str, text: &str, work: &dyn Fn(&str) -> usize| {
        let (median, best) = time(&|| work(text));
        let speed = text.len() as f64 / 1e6 / median.as_secs_f64();
        println!("{name:<28} {:>7.1} ms {:>7.1} ms {speed:>10.1}", milliseconds(median), milliseconds(best));
    };
    row("lex", &tidy, &|text| lex(text).len());
    row("parse", &tidy, &|text| parse(text, FileId(0)).file.declarations.len());
    row("format, already laid out", &tidy, &|text| format(text).map_or(0, |text| text.len()));
    row("format, in disorder", &untidy, &|text| format(text).map_or(0, |text| text.len()));
}
