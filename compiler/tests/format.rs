//! Laying out a program changes nothing that it means, and the documents' programs are laid out.

#[path = "../../grammar/tests/sound/files.rs"]
mod files;
#[path = "sound/meaning.rs"]
mod meaning;

use std::path::{Path, PathBuf};

use meaning::keep_meaning;
use ndsl_grammar::format;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The programs between the fences of a page, and where each begins.
fn snippets(markdown: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(fence) = markdown[at..].find("```ndsl\n").map(|found| at + found + "```ndsl\n".len()) {
        let length = markdown[fence..].find("```").unwrap_or(0);
        found.push((fence, &markdown[fence..fence + length]));
        at = fence + length;
    }
    found
}

#[test]
fn a_program_means_the_same_after_it_is_laid_out() {
    let paths = files::below(&["compiler/tests/check", "examples"], "ndsl");
    let mut programs: Vec<(String, String)> =
        paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect();
    for page in files::below(&["docs"], "md") {
        let text = std::fs::read_to_string(&page).unwrap();
        programs
            .extend(snippets(&text).into_iter().map(|(_, program)| (page.display().to_string(), program.to_owned())));
    }
    let mut laid_out = 0;
    for (name, text) in programs {
        let Ok(tidy) = format(&text) else { continue };
        laid_out += 1;
        keep_meaning(&text, &tidy, &name);
    }
    assert!(laid_out > 50, "only {laid_out} programs could be laid out");
}

/// `UPDATE_FORMAT=1 cargo test -p ndsl-compiler --test format` lays them out instead.
#[test]
fn every_program_in_the_documents_is_laid_out() {
    let update = std::env::var_os("UPDATE_FORMAT").is_some();
    let mut pages = vec![root().join("README.md")];
    pages.extend(files::below(&["docs"], "md"));
    let mut faults = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let mut fixed = text.clone();
        for (at, program) in snippets(&text).into_iter().rev() {
            // What shows the other spelling has to be written in it; what shows a mistake in form cannot be laid out.
            let Ok(tidy) = format(program) else { continue };
            if tidy != program && !program.contains("Input(") {
                faults.push(format!("{}:{}\n{tidy}", page.display(), text[..at].lines().count()));
                fixed.replace_range(at..at + program.len(), &tidy);
            }
        }
        if update && fixed != text {
            std::fs::write(&page, fixed).unwrap();
        }
    }
    assert!(update || faults.is_empty(), "run this test with UPDATE_FORMAT=1:\n{}", faults.join("\n"));
}
