//! What is answered about a place by checking what that has to do with is what is answered by checking the whole program.

use std::path::{Path, PathBuf};

use ndsl_compiler::files::NoFiles;
use ndsl_compiler::{Analysis, Source, analyze_with};
use ndsl_grammar::lex;
use ndsl_lsp::ide::completion::{self, Folders};
use ndsl_lsp::ide::hints;
use ndsl_lsp::ide::hover::hover;
use ndsl_lsp::ide::signature_help::signature_help;

/// There is no folder beside the text.
struct Nothing;

impl Folders for Nothing {
    fn list(&self, _: &str) -> Vec<(String, bool)> {
        Vec::new()
    }

    fn first_line(&self, _: &str) -> Option<String> {
        None
    }
}

fn programs() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders = vec![examples];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of examples") {
            let path = entry.expect("a file").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "ndsl") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// The program alone and with another behind it, so that some of it is beside what is asked about.
fn texts() -> Vec<String> {
    let texts: Vec<String> = programs().iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect();
    let longest = texts.iter().max_by_key(|text| text.len()).expect("there are examples").clone();
    let with_another = |text: &String| if *text == longest { longest.clone() } else { format!("{text}\n{longest}") };
    texts.iter().map(with_another).collect()
}

fn whole(text: &str) -> Analysis {
    let analysis = analyze_with(&Source::new("a.ndsl", text), &NoFiles);
    let _ = (analysis.index(), analysis.models());
    analysis
}

#[test]
fn what_is_known_near_a_place_is_what_the_whole_program_says_of_it() {
    let mut asked = 0;
    for text in texts() {
        let (near, whole) = (analyze_with(&Source::new("a.ndsl", &*text), &NoFiles), whole(&text));
        let tokens = lex(&text);
        for token in tokens.iter().filter(|token| !token.kind.is_comment()).step_by(17) {
            let at = token.start as usize;
            let (line, shown) = (text[..at].lines().count(), &text[token.range()]);
            assert_eq!(hover(&near, at, 32), hover(&whole, at, 32), "line {line}, {shown}, of\n{text}");
            let (a, b) = (signature_help(&near, at), signature_help(&whole, at));
            assert_eq!(a, b, "line {line}, {shown}, of\n{text}");
            let (a, b) = (completion::completion(&near, at, &Nothing), completion::completion(&whole, at, &Nothing));
            assert_eq!(a, b, "line {line}, {shown}, of\n{text}");
            asked += 1;
        }
        for piece in &whole.file.declarations {
            let (range, all) = (piece.span.range(), hints::Wanted::default());
            assert_eq!(hints::hints(&near, &range, all), hints::hints(&whole, &range, all), "{}", &text[range.clone()]);
        }
    }
    assert!(asked > 150, "{asked}");
}
