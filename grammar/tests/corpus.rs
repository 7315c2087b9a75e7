//! What fuzzing found and what it starts from, replayed: split, read and laid out, whole and cut off anywhere.

#[path = "sound/files.rs"]
mod files;
#[path = "sound/layout.rs"]
mod layout;
#[path = "sound/lexing.rs"]
mod lexing;
#[path = "sound/reading.rs"]
mod reading;

use std::time::{Duration, Instant};

/// What no text of this size may take, on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(120);

/// Every stage of `text`.
fn replay(text: &str) {
    let start = Instant::now();
    lexing::split(text);
    reading::read(text);
    layout::lay_out(text);
    assert!(start.elapsed() < LONGEST, "{:?} for\n{text}", start.elapsed());
}

#[test]
fn the_corpus_holds_whole_and_cut_off_anywhere() {
    let every = std::env::var_os("NDSL_EVERY_PREFIX").is_some();
    let folders = ["fuzz/corpus/seeds", "grammar/tests", "compiler/tests", "compiler/src/std", "examples"];
    let paths = files::below(&folders, "ndsl");
    assert!(paths.len() > 100, "only {} files of the corpus are found", paths.len());
    for path in paths {
        let bytes = std::fs::read(&path).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        replay(&text);
        // Without optimisation, so many of them take as long as a test may.
        let step = if every { 1 } else { 1 + text.len() / 200 };
        text.char_indices().step_by(step).for_each(|(end, _)| replay(&text[..end]));
    }
}
