//! What fuzzing found and what it starts from, replayed: checked and laid out, whole and cut off anywhere.

#[path = "sound/checking.rs"]
mod checking;
#[path = "../../grammar/tests/sound/files.rs"]
mod files;
#[path = "sound/meaning.rs"]
mod meaning;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What no text of this size may take, on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(120);

/// The programs below a folder of the project.
fn programs(folder: &str) -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a file");
        (path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())
    };
    files::below(&[folder], "ndsl").into_iter().map(read).collect()
}

fn replay(name: &str, text: &str) {
    let start = Instant::now();
    checking::check(text);
    if let Ok(tidy) = ndsl_grammar::format(text) {
        meaning::keep_meaning(text, &tidy, name);
    }
    assert!(start.elapsed() < LONGEST, "{:?} for the first {} bytes of {name}", start.elapsed(), text.len());
}

#[test]
fn the_corpus_holds() {
    let folders = ["fuzz/corpus/seeds", "grammar/tests", "compiler/tests"];
    let programs: Vec<_> = folders.iter().flat_map(|folder| programs(folder)).collect();
    assert!(programs.len() > 100, "only {} programs are found", programs.len());
    for (name, text) in programs {
        replay(&name, &text);
    }
}

/// `NDSL_EVERY_PREFIX=1` takes all of them; without, so many as a test may take without optimisation.
#[test]
fn every_beginning_of_an_example_and_of_the_library_holds() {
    let every = std::env::var_os("NDSL_EVERY_PREFIX").is_some();
    let programs: Vec<_> =
        ["examples", "compiler/src/std", "fuzz/corpus/seeds"].iter().flat_map(|folder| programs(folder)).collect();
    assert!(programs.len() > 20, "only {} programs are found", programs.len());
    for (name, text) in programs {
        let step = if every { 1 } else { 1 + text.len() / 12 };
        replay(&name, &text);
        text.char_indices().step_by(step).for_each(|(end, _)| replay(&name, &text[..end]));
    }
}
