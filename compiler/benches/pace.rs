//! How fast the language is, in one table of one run: `cargo bench -p ndsl-compiler --bench pace`.
//!
//! Everything is measured once a round, so that what else the machine does falls on all alike; what is printed are medians
//! of processor time. `docs/benchmarks.md` says what is compared and what came of it. With a Python that has the package
//! `lark` (the variable `NDSL_BENCH_PYTHON` names it) Lark parses the same text in the same rounds; with a release build of
//! the command its start is measured too. With a word as its argument only the rows that have it in their name are measured.
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

#[path = "pace/clock.rs"]
mod clock;
#[path = "pace/lark.rs"]
mod lark;
#[path = "pace/texts.rs"]
mod texts;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use lark::Lark;
use ndsl_compiler::files::NoFiles;
use ndsl_compiler::{Analyzer, Source, analyze};
use ndsl_grammar::{FileId, format, lex, on_large_stack, parse};
use texts::{Broken, DATA, MODELS, SCHEMAS};

/// The command's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often everything is measured.
const ROUNDS: usize = 15;

/// Rounds in which Lark is measured too: one takes it seconds.
const LARK_ROUNDS: usize = 5;

/// One token in so many is taken out of the broken text.
const ONE_IN: u32 = 400;

/// One thing that is measured in every round.
struct Case<'t> {
    name: String,
    text: &'t str,
    work: Box<dyn FnMut() -> Duration + 't>,
    rounds: usize,
    times: Vec<Duration>,
    /// The case it is compared with, and how: `x parse`.
    against: Option<(usize, Against)>,
    note: String,
}

/// How two cases are compared.
#[derive(Clone, Copy)]
enum Against {
    /// So many times as long as the parser takes for the same text.
    Parse,
    /// So many times as long as the intact text takes.
    Intact,
    /// So many times slower than ours.
    Ours,
}

/// Everything that is measured.
#[derive(Default)]
struct Table<'t> {
    cases: Vec<Case<'t>>,
}

impl<'t> Table<'t> {
    fn add(&mut self, name: impl Into<String>, text: &'t str, work: impl FnMut() -> Duration + 't) -> usize {
        let (name, work) = (name.into(), Box::new(work));
        self.cases.push(Case {
            name,
            text,
            work,
            rounds: ROUNDS,
            times: Vec::new(),
            against: None,
            note: String::new(),
        });
        self.cases.len() - 1
    }

    fn parse(&mut self, name: &str, text: &'t str) -> usize {
        self.add(name, text, move || clock::time(|| parse(text, FileId(0))))
    }

    fn last(&mut self) -> &mut Case<'t> {
        self.cases.last_mut().expect("there is a case")
    }

    /// Leaves the rows that have `wanted` in their name, and those they are compared with.
    fn leave(&mut self, wanted: &str) {
        let compared: Vec<usize> = self
            .cases
            .iter()
            .filter(|case| case.name.contains(wanted))
            .filter_map(|case| case.against)
            .map(|(other, _)| other)
            .collect();
        for (place, case) in self.cases.iter_mut().enumerate() {
            if !case.name.contains(wanted) && !compared.contains(&place) {
                case.rounds = 0;
            }
        }
    }

    fn run(&mut self) {
        // The first round warms everything up and is not kept.
        for round in 0..=ROUNDS {
            for case in self.cases.iter_mut().filter(|case| 0 < case.rounds && round <= case.rounds) {
                let time = (case.work)();
                if round > 0 {
                    case.times.push(time);
                }
            }
        }
        self.cases.iter_mut().for_each(|case| case.times.sort());
    }

    fn print(&self) {
        println!("{:<44} {:>7} {:>7} {:>9} {:>8}", "", "lines", "MB", "ms", "MB/s");
        for case in self.cases.iter().filter(|case| !case.times.is_empty()) {
            let seconds = case.seconds();
            let (lines, megabytes) = (case.text.lines().count(), case.text.len() as f64 / 1e6);
            let speed = megabytes / seconds;
            print!("{:<44} {lines:>7} {megabytes:>7.2} {:>9.2} {speed:>8.1}", case.name, seconds * 1e3);
            let compared = case.against.map(|(other, how)| {
                let ratio = seconds / self.cases[other].seconds();
                match how {
                    Against::Parse => format!("{ratio:.2} x parse"),
                    Against::Intact => format!("{ratio:.2} x the intact text"),
                    Against::Ours => format!("{ratio:.0} x slower"),
                }
            });
            println!("  {}{}", compared.unwrap_or_default(), case.note);
        }
    }
}

impl Case<'_> {
    fn seconds(&self) -> f64 {
        self.times[self.times.len() / 2].as_secs_f64()
    }
}

/// A file of the bench, in the folder for what is built.
fn written(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the folder of the build takes files");
    path
}

/// The release build of the command, if there is one beside this program.
fn command() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let command = own.parent()?.parent()?.join(if cfg!(windows) { "ndsl.exe" } else { "ndsl" });
    command.exists().then_some(command)
}

/// What an editor's server does on a keystroke: the text with something typed in its middle is checked after the one before, as
/// it was or with something else typed.
fn again(text: &str) -> impl FnMut() -> Duration {
    let middle =
        text.len() / 2 + text[text.len() / 2..].find("Dense(").or(text[text.len() / 2..].find("int ")).unwrap_or(0);
    let typed = ["x", "", " ", "", "(", "", "}", "", "\n", "// ", ""];
    let edited = move |typed: &str| Source::new("bench.ndsl", [&text[..middle], typed, &text[middle..]].concat());
    let edited: Vec<Source> = typed.into_iter().map(edited).collect();
    let mut analyzer = Analyzer::default();
    let mut last = analyzer.analyze(&edited[1], &NoFiles);
    let mut next = 0;
    move || {
        next = (next + 1) % edited.len();
        let before = std::mem::replace(&mut last, analyze(&Source::new("bench.ndsl", "")));
        let time = clock::time(|| {
            last = analyzer.analyze(&edited[next], &NoFiles);
        });
        drop(before);
        time
    }
}

fn main() {
    // Where the command works, too.
    on_large_stack(table).expect("there is a thread");
}

fn table() {
    let everything = [SCHEMAS, MODELS, DATA];
    let sizes = [1_000, 10_000, 50_000];
    let kinds: [(&str, &[&str]); 3] = [("models", &[MODELS]), ("schemas", &[SCHEMAS]), ("everything", &everything)];
    let texts: Vec<(String, String)> = kinds
        .iter()
        .flat_map(|(kind, parts)| sizes.map(|size| (format!("{kind}, {size} lines"), texts::lines(parts, size))))
        .collect();
    for (name, text) in &texts {
        let found = analyze(&Source::new("bench.ndsl", text.as_str()));
        assert_eq!(found.counts(), (0, 0), "{name}: {:?}", found.diagnostics.first());
    }
    let large = &texts.last().expect("there are texts").1;
    let broken = Broken::without_tokens(large, ONE_IN);
    let tidy = format(large).expect("nothing is wrong with the text");
    let untidy = tidy.replace("    ", "\t\t").replace(", ", ",").replace(" = ", "=").replace('\n', "\r\n");
    let small = texts::lines(&[MODELS], 1);

    let mut table = Table::default();
    table.add("lex, everything", large, || clock::time(|| lex(large)));
    let whole = table.parse("parse, everything", large);
    table.parse(&format!("parse, one token in {ONE_IN} gone"), &broken.text);
    let read = parse(&broken.text, FileId(0));
    table.last().against = Some((whole, Against::Intact));
    table.last().note = format!(
        "; {} errors; {} of {} intact declarations lost",
        read.errors.len(),
        broken.lost(&read),
        broken.intact()
    );
    match Lark::start(&written("pace.ndsl", large)) {
        Some(mut lark) => {
            let version = lark.version.clone();
            table.add(version, large, move || lark.parse());
            table.last().rounds = LARK_ROUNDS;
            table.last().against = Some((whole, Against::Ours));
        }
        None => println!("Lark is left out: `{}` names no Python that has it", lark::PYTHON),
    }
    table.add("fmt, laid out already", &tidy, || clock::time(|| format(&tidy)));
    table.add("fmt, in disorder", &untidy, || clock::time(|| format(&untidy)));
    for (name, text) in &texts {
        let parsed = table.parse(&format!("parse {name}"), text);
        let source = Source::new("bench.ndsl", text.as_str());
        table.add(format!("check {name}"), text, move || clock::time(|| analyze(&source)));
        table.last().against = Some((parsed, Against::Parse));
        table.add(format!("check again {name}"), text, again(text));
        table.last().against = Some((parsed, Against::Parse));
    }
    match command() {
        Some(command) => {
            let path = written("small.ndsl", &small);
            table.add("`ndsl check`, the whole process", &small, move || {
                let before = clock::of_children();
                let mut check = Command::new(&command);
                let status = check.arg("check").arg(&path).stdout(Stdio::null()).stderr(Stdio::null()).status();
                assert!(status.is_ok_and(|status| status.success()), "`ndsl check` finds nothing wrong");
                clock::of_children().saturating_sub(before)
            });
        }
        None => println!("`ndsl check` is left out: `cargo build --release` makes it"),
    }
    if let Some(wanted) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        table.leave(&wanted);
    }
    table.run();
    println!("medians of {ROUNDS} rounds ({LARK_ROUNDS} with Lark), processor time");
    table.print();
}
