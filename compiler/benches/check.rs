//! How fast large files are checked: `cargo bench -p ndsl-compiler --bench check`.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ndsl_compiler::diagnostics::json::json;
use ndsl_compiler::diagnostics::render::{Style, concise, render};
use ndsl_compiler::{Analysis, Source, analyze};

/// So many models and trainings as people write them, in about 23 lines each.
fn programs(count: usize) -> String {
    let mut text = String::from("dataset Mnist = idx(images=\"images.gz\", labels=\"labels.gz\")\n");
    for number in 0..count {
        write!(
            text,
            "/// Model {number}.\nconst w{number} = {number} % 7 + 1\nmodel M{number}(width: int = w{number}) {{\n    \
             input image: f32[28, 28, 1]\n    Conv2D(width * 2, 3, activation=relu) as first\n    BatchNormalization()\n    \
             MaxPooling2D(2)\n    half = it * 0.5\n    it + half\n    Flatten()\n    Dropout(0.25)\n    \
             Dense(width//2 + 1, activation=gelu)\n    Dense(10) as logits\n}}\n\n\
             train t{number} {{\n    model: M{number}(width=16), dataset: Mnist\n    inputs: {{ image: image / 255 }}\n    \
             loss: cross_entropy(logits, label)\n    optimizer: AdamW(learning_rate=1e-3)\n    epochs: 10, seed: 42\n}}\n\n"
        )
        .expect("a string takes all");
    }
    text
}

/// `count` lines made of their numbers, between a head and a tail.
fn lines(head: &str, count: usize, line: impl Fn(usize) -> String, tail: &str) -> String {
    let body: String = (0..count).map(line).collect();
    format!("{head}{body}{tail}")
}

fn best(work: &dyn Fn() -> usize) -> Duration {
    let time = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..3).map(|_| time()).min().unwrap_or_default()
}

fn row(name: &str, text: &str, work: &dyn Fn(&Analysis) -> usize) {
    let source = Source::new("bench.ndsl", text);
    let analysis = analyze(&source);
    let check = best(&|| analyze(&source).diagnostics.len());
    let after = best(&|| work(&analysis));
    let [check, after] = [check, after].map(|time| time.as_secs_f64() * 1e3);
    let (lines, faults) = (source.line_count(), analysis.diagnostics.len());
    println!("{name:<44} {lines:>8} {faults:>8} {check:>10.1} {after:>10.1}");
}

fn main() {
    println!("{:<44} {:>8} {:>8} {:>10} {:>10}", "", "lines", "found", "check, ms", "show, ms");
    let input = "model M {\n input x: f32[4]\n";
    let shown = |analysis: &Analysis| {
        let found = analysis.diagnostics.iter();
        found.map(|found| concise(found, &analysis.source).len() + json(found, &analysis.source).message.len()).sum()
    };
    let pictures = |analysis: &Analysis| {
        let found = analysis.diagnostics.iter().take(1000);
        found.map(|found| render(found, &analysis.source, Style::default()).len()).sum()
    };
    let good = programs(870);
    row("models and trainings", &good, &shown);
    row("a fault in each, 1000 pictures", &good.replace("Flatten()", "Flaten()"), &pictures);
    row("one model of 50,000 layers", &lines(input, 50_000, |_| "Dense(4)\n".into(), "}\n"), &shown);
    row("100,000 unknown names", &lines(input, 100_000, |n| format!("it + n{n}\n"), "}\n"), &shown);
    let one_line = lines(input, 100_000, |n| format!("it + n{n}; "), "}\n");
    row("100,000 unknown names on one line", &one_line, &shown);
    row("100,000 unknown layers", &lines(input, 100_000, |n| format!("Layer{n}()\n"), "}\n"), &shown);
    row("100,000 errors of form", &lines(input, 100_000, |_| "Dense(1 2)\n".into(), "}\n"), &shown);
    let constants = |n: usize| format!("const name{n} = nome{n}\n");
    row("20,000 constants of unknown names", &lines("", 20_000, constants, ""), &shown);
    let trains = |n: usize| format!("train t{n} {{ model: N{n}, dataset: Deta{n}, loss: mse(a, b) }}\n");
    let models = lines("", 10_000, |n| format!("model Name{n} {{ input x: f32[4]; Dense(1) }}\n"), "");
    row("10,000 models, 10,000 trainings of unknown", &lines(&models, 10_000, trains, ""), &shown);
    let large = lines(input, 5_000, |_| "Dense(4)\n".into(), "}\ndataset D = csv(\"d.csv\", target=y)\n");
    let trains = |n: usize| format!("train t{n} {{ model: M, dataset: D, loss: mse(output, y) }}\n");
    row("5,000 trainings of 5,000 layers", &lines(&large, 5_000, trains, ""), &shown);
    let list = |n: usize| {
        let previous = n.saturating_sub(1);
        format!("const l{n} = [{}]\n", format!("l{previous}, ").repeat(10))
    };
    row("lists of lists, ten by ten", &lines("const l0 = 1\n", 100, |n| list(n + 1), ""), &shown);
    let table = |from: &str, line: &dyn Fn(usize) -> String| {
        lines(&format!("schema S {{\n id: int key\n{from}"), 20_000, line, "}\n")
    };
    row("a table of 20,000 columns", &table("", &|n| format!("c{n}: int in 0..=9\n")), &shown);
    let before = |n: usize| format!("c{}: int = c{n} + 1\n", n + 1);
    row("20,000 columns, each from the one before", &table("c0: int\n", &before), &shown);
    let ring = |n: usize| format!("c{n}: int = c{} + 1\n", (n + 1) % 20_000);
    row("20,000 columns in a circle", &table("", &ring), &shown);
    let check = |n: usize| format!("check a + {n} >= b\n");
    row("20,000 checks of one table", &table("a: int in 0..=9\nb: int in 0..=9\n", &check), &shown);
    row("20,000 unknown columns", &table("", &|n| format!("c{n}: int = d{n} + 1\n")), &shown);
    let one_of = (0..20_000).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    row("a column of 20,000 values", &table(&format!("c: int in [{one_of}]\n"), &|_| String::new()), &shown);
    let tables = |n: usize| format!("table T{n} {{\n id: int key\n other: ref T{}?\n}}\n", n * 7 % 20_000);
    row("a schema of 20,000 tables", &lines("schema S {\n", 20_000, tables, "}\n"), &shown);
    let schema = |n: usize| format!("schema S{n} {{\n id: int key\n other: ref S{}\n}}\n", n.saturating_sub(1));
    row("20,000 tables that lead into a circle", &lines("", 20_000, schema, ""), &shown);
    row("20,000 unknown tables", &lines("", 20_000, |n| format!("schema S{n} {{ other: ref Q{n} }}\n"), ""), &shown);
    let arms = |n: usize| format!("a{n}: {{ Dense(4) }}\n");
    row("a branch of 4,000 arms", &lines(&format!("{input}branch {{\n"), 4_000, arms, "} |> add()\n}\n"), &shown);
    row("20,000 layers of one name", &lines(input, 20_000, |_| "Dense(4) as same\n".into(), "}\n"), &shown);
    let choices = (1..20_000).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let search = format!(
        "dataset D = csv(\"d.csv\", target=y)\nmodel M(w: int = 4) {{ input x: f32[4]; Dense(w); Dense(1) }}\n\
         train t {{ model: M(w=tune({choices})), dataset: D, loss: mse(output, y) }}\n"
    );
    row("a search of 20,000 choices", &search, &shown);
    let text = format!("const text = \"{}\"\n", "x".repeat(1 << 20));
    row("a large text used often", &lines(&text, 50_000, |n| format!("const a{n} = text\n"), ""), &shown);
}
