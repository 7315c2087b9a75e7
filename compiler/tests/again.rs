//! A program that is checked after another is found to be what it is by itself, edit by edit.

#[path = "../../grammar/tests/sound/files.rs"]
mod files;

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use ndsl_compiler::files::Memory;
use ndsl_compiler::{Analysis, Analyzer, Source, analyze_with};
use ndsl_grammar::lex;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Real programs: the examples, the pieces of the bench, and one in which everything refers to something.
static PROGRAMS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut paths = files::below(&["examples"], "ndsl");
    paths.extend(files::below(&["compiler/benches/pace/texts"], "txt"));
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a program is text").replace('#', "1");
    let mut programs: Vec<String> = paths.iter().map(read).collect();
    programs.push(REFERRING.to_owned());
    programs
});

const REFERRING: &str = r#"use Wide as Broad from "parts.ndsl"

const width = 8
const day = 2020-01-01
const twice = 2 * width
const _spare = twice

block Inner(n: int = width) { Dense(n); Dropout(0.1) }
block Outer(n: int) { residual { Inner(n) } }

schema Shop {
    table Customer { id: int key; age: int in 18..=95; born: date in 1900-01-01..=day; paid: bool }
    table Order { id: int key; customer: ref Customer; total: float in 0..=100; check total < 90 }
}
schema Other { a: int in 0..=9; b: int = a + 1 }

model First { input x: f32[8]; Outer(twice//2
) ; Dense(width); Dense(1) as out }
model Second(n: int = 4) { input x: f32[8, 8, 3]; Conv2D(n, 3); Flatten(); Broad(); Dense(1) as z }
model Third { input row: Shop.Customer except (id, paid); Features(); Inner(); Dense(1) as paid: Shop.Customer.paid }

dataset Rows = csv("rows.csv", columns=["x*"], target=y)
dataset People: Shop.Customer = csv("people.csv", target=paid)

train one { model: First, dataset: Rows, inputs: { x: reshape(columns, [8]) }, loss: mse(out, y), epochs: width }
train two { model: Third, dataset: People, epochs: 3 }
train three { model: Second(n=5), dataset: Rows, inputs: { x: reshape(columns, [8, 8, 3]) }, loss: mse(z, y) }
train four { model: Second(n=tune(2, 4)), dataset: Rows, inputs: { x: reshape(columns, [8, 8, 3]) }, loss: mse(z, y) }
synthesizer Twin { dataset: People, method: ctgan(epochs=3) }
deploy api { model: First, from: one.best }
assert First.parameters < 1000
assert Second.parameters > 10
"#;

const PARTS: &str = "block Wide(n: int = 4) { Dense(n); Dense(n) }\nblock Narrow { Dense(1) }\n";

/// Changes that mean something, beside those of any letters.
const TYPED: [&str; 28] = [
    " ",
    "\n",
    "x",
    "0",
    "1",
    "9999",
    "width",
    "twice",
    "Inner(3)",
    "Outer",
    "Shop.Customer",
    "Broad()",
    "Narrow",
    "{",
    "}",
    ")",
    "\"",
    "// w\n",
    "Dense(3)\n",
    "\nconst width = 3\n",
    "\nconst more = width\n",
    "check x == 1\n",
    "day",
    "\nblock Inner { Inner() }\n",
    "\nmodel ",
    "\nblock ",
    "Dense",
    "Features",
];

#[derive(Clone, Debug)]
enum Edit {
    /// Something is typed at a place, or between two tokens.
    Type(Index, bool, &'static str),
    /// So many letters are taken out.
    Delete(Index, usize),
    /// A token gives its place to another of the same text.
    Copy(Index, Index),
    /// A token is taken out.
    Drop(Index),
    /// A line goes to another place.
    Move(Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), any::<bool>(), select(&TYPED[..])).prop_map(|(at, between, typed)| Edit::Type(at, between, typed)),
        1 => (at(), 1..30_usize).prop_map(|(at, count)| Edit::Delete(at, count)),
        3 => (at(), at()).prop_map(|(to, from)| Edit::Copy(to, from)),
        2 => at().prop_map(Edit::Drop),
        1 => (at(), at()).prop_map(|(from, to)| Edit::Move(from, to)),
    ]
}

impl Edit {
    fn make(&self, text: &str) -> String {
        let tokens = lex(text);
        let token = |at: &Index| if tokens.is_empty() { 0..0 } else { tokens[at.index(tokens.len())].range() };
        match self {
            Self::Type(at, between, typed) => {
                let at = if *between { token(at).start } else { text.floor_char_boundary(at.index(text.len() + 1)) };
                [&text[..at], typed, &text[at..]].concat()
            }
            Self::Delete(at, count) => {
                let start = text.floor_char_boundary(at.index(text.len() + 1));
                let end = text.floor_char_boundary((start + count).min(text.len())).max(start);
                [&text[..start], &text[end..]].concat()
            }
            Self::Copy(to, from) => {
                let to = token(to);
                [&text[..to.start], &text[token(from)], &text[to.end..]].concat()
            }
            Self::Drop(at) => {
                let range = token(at);
                [&text[..range.start], &text[range.end..]].concat()
            }
            Self::Move(from, to) => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                if lines.is_empty() {
                    return text.to_owned();
                }
                let line = lines.remove(from.index(lines.len()));
                lines.insert(to.index(lines.len() + 1), line);
                lines.concat()
            }
        }
    }
}

/// All that is found: faults with every word and place, then what is known of places.
fn found(analysis: &Analysis, whole: bool) -> String {
    let mut out = String::new();
    for fault in &analysis.diagnostics {
        writeln!(out, "{fault:?}").expect("a string takes all");
    }
    if whole {
        for fact in analysis.facts() {
            writeln!(out, "{fact:?}").expect("a string takes all");
        }
        writeln!(out, "{:?}", analysis.index().occurrences()).expect("a string takes all");
        let models = analysis.models().iter().map(|model| (&model.name, model.span, model.complete, &model.graph));
        models.for_each(|model| writeln!(out, "{model:?}").expect("a string takes all"));
    }
    out
}

fn follow(programs: &[usize], edits: &[Edit]) -> Result<(), TestCaseError> {
    let files = Memory::new([("parts.ndsl", PARTS)]);
    let mut text: String = programs.iter().map(|program| PROGRAMS[*program].as_str()).collect::<Vec<_>>().join("\n");
    let mut analyzer = Analyzer::default();
    analyzer.analyze(&Source::new("main.ndsl", text.as_str()), &files);
    for (at, edit) in edits.iter().enumerate() {
        text = edit.make(&text);
        let source = Source::new("main.ndsl", text.as_str());
        let (again, cold) = (analyzer.analyze(&source, &files), analyze_with(&source, &files));
        let whole = at + 1 == edits.len();
        let (again, cold) = (found(&again, whole), found(&cold, whole));
        if again != cold {
            let differ = again.lines().zip(cold.lines()).find(|(a, b)| a != b);
            return Err(TestCaseError::fail(format!(
                "after edit {at} of {edits:?}: {differ:#?}; {} and {} lines\n{text}",
                again.lines().count(),
                cold.lines().count()
            )));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_after_an_edit_is_what_is_found_without_a_memory(
        program in 0..PROGRAMS.len(), edits in prop::collection::vec(edit(), 1..8),
    ) {
        follow(&[program], &edits)?;
    }

    #[test]
    fn what_is_found_where_everything_refers_to_something_is_found_again(
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        follow(&[PROGRAMS.len() - 1], &edits)?;
    }
}

#[test]
fn the_program_in_which_everything_refers_to_something_is_sound() {
    let files = Memory::new([("parts.ndsl", PARTS)]);
    let analysis = analyze_with(&Source::new("main.ndsl", REFERRING), &files);
    let said: Vec<_> = analysis.diagnostics.iter().map(|fault| (fault.code.as_str(), &fault.message)).collect();
    assert!(said.is_empty(), "{said:#?}");
}
