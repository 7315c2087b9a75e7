//! How long an editor waits: `cargo bench -p ndsl-lsp --bench latency`.
//!
//! Times are of the processor, not of the clock, so that a busy machine says the same; the slowest of a hundred is shown
//! beside the middle one.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "latency/server.rs"]
mod server;

use ndsl_compiler::files::NoFiles;
use ndsl_compiler::{Analyzer, Source, analyze_with};
use ndsl_grammar::on_large_stack;
use ndsl_lsp::ide::{completion, diagnostics, folding, hints, hover, symbols, tokens};

/// Models and trainings as people write them, in about so many lines.
fn program(lines: usize) -> String {
    let mut text = String::from("dataset Mnist = idx(images=\"images.gz\", labels=\"labels.gz\")\n");
    for number in 0..lines / 23 {
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

/// The processor time of this process so far, all its threads together.
#[cfg(unix)]
fn on_processor() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// The time of the clock, where there is no other.
#[cfg(not(unix))]
fn on_processor() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// The middle and the 99th of a hundred times, in milliseconds; of what is slow, of fewer.
fn times(mut work: impl FnMut()) -> (f64, f64) {
    let mut all = Vec::new();
    let begun = Instant::now();
    while all.len() < 100 && (all.len() < 10 || begun.elapsed() < Duration::from_secs(10)) {
        let start = on_processor();
        work();
        all.push(on_processor().saturating_sub(start).as_secs_f64() * 1e3);
    }
    all.sort_by(f64::total_cmp);
    (all[all.len() / 2], all[(all.len() * 99).div_ceil(100) - 1])
}

/// What is typed at a layer in the middle of the text, each into the text as it was: into its name, before and behind it, into its
/// arguments, what breaks it and what breaks out of it.
const KEYSTROKES: [(usize, &str); 8] =
    [(3, "x"), (0, " "), (0, "\n"), (0, "// "), (7, "1 + "), (6, "("), (0, "}"), (0, "\nmodel ")];

struct NoFolders;

impl completion::Folders for NoFolders {
    fn list(&self, _: &str) -> Vec<(String, bool)> {
        Vec::new()
    }

    fn first_line(&self, _: &str) -> Option<String> {
        None
    }
}

/// How long a server process takes from its start to the first diagnostics of a small text, and what it holds of a large one.
fn process() {
    let broken = program(100).replacen("Flatten()", "Flaten()", 1);
    let mut starts: Vec<f64> = (0..20)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(server::Server::start().open(&broken), 1, "one layer is misspelt");
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    starts.sort_by(f64::total_cmp);
    println!("\nstart of a process to the first diagnostics: {:.0} ms, at most {:.0} ms", starts[10], starts[19]);
    let (text, mut server) = (program(50_000), server::Server::start());
    assert_eq!(server.open(&text), 0, "the text is sound");
    let opened = server.resident();
    for keystroke in 0..20 {
        server.type_at(25_000 + 23 * keystroke, "\n", 0);
    }
    if let Some((opened, typed)) = opened.zip(server.resident()) {
        println!("memory of it with 50,000 lines open: {opened:.0} MB, and {typed:.0} MB after 20 keystrokes");
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "process") {
        return process();
    }
    // On the kind of thread that the server checks on.
    on_large_stack(features).expect("there is a thread");
    process();
}

fn features() {
    println!("{:<40} {:>8} {:>10} {:>10}", "", "lines", "ms", "p99, ms");
    for lines in [1_000, 10_000, 50_000] {
        let text = program(lines);
        let count = text.lines().count();
        let row =
            |name: &str, (middle, worst): (f64, f64)| println!("{name:<40} {count:>8} {middle:>10.2} {worst:>10.2}");
        let source = Source::new("bench.ndsl", text.as_str());
        let place = text.len() / 2;
        row(
            "opened to diagnostics",
            times(|| {
                black_box(diagnostics(&Analyzer::default().analyze(&source, &NoFiles)));
            }),
        );
        let layer = place + text[place..].find("Conv2D(").expect("the text goes on");
        let mut analyzer = Analyzer::default();
        // The last is kept until the next is there, as an editor's server does.
        let mut last = analyzer.analyze(&source, &NoFiles);
        let mut keystrokes = KEYSTROKES.iter().cycle();
        row(
            "keystroke to diagnostics",
            times(|| {
                let (at, typed) = keystrokes.next().expect("there is always another");
                let edited = [&text[..layer + at], typed, &text[layer + at..]].concat();
                last = analyzer.analyze(&Source::new("bench.ndsl", edited), &NoFiles);
                black_box(diagnostics(&last));
            }),
        );
        row(
            "what the names mean, once asked",
            times(|| {
                black_box(analyze_with(&source, &NoFiles).index().occurrences().len());
            }),
        );
        let analysis = analyze_with(&source, &NoFiles);
        analysis.index();
        let at = |word: &str| place + text[place..].find(word).expect("the text goes on");
        let (layer, argument) = (at("Conv2D("), at("activation=gelu"));
        row("hover", times(|| drop(black_box(hover(&analysis, layer + 2, 32)))));
        row(
            "completion of a statement",
            times(|| drop(black_box(completion::completion(&analysis, layer, &NoFolders)))),
        );
        row(
            "completion of an argument",
            times(|| drop(black_box(completion::completion(&analysis, argument, &NoFolders)))),
        );
        let whole = 0..text.len();
        row("semantic tokens", times(|| drop(black_box(tokens::tokens(&analysis, &whole)))));
        let screen = layer..(layer + 4000).min(text.len());
        row(
            "inlay hints of a screen",
            times(|| drop(black_box(hints::hints(&analysis, &screen, hints::Wanted::default())))),
        );
        row("outline", times(|| drop(black_box(symbols::symbols(&analysis)))));
        row("folding", times(|| drop(black_box(folding::folds(&analysis)))));
    }
}
