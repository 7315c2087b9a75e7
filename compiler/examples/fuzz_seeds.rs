//! Writes what fuzzing starts from: `cargo run -p ndsl-compiler --example fuzz_seeds -- FOLDER DICTIONARY`.
//!
//! The seeds are every program there is: the examples, the standard library, the fixtures of the tests, and those of the
//! documents, parts of programs completed. The dictionary has every token of theirs and every word that the reference names.

#[path = "../tests/documents/mod.rs"]
#[expect(dead_code, reason = "on which line a program stands, only the tests say")]
mod documents;
#[path = "../../grammar/tests/sound/files.rs"]
mod files;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use documents::{snippets, whole};
use ndsl_grammar::lex;

/// Longer tokens are not worth trying elsewhere.
const MAX_TOKEN: usize = 24;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, dictionary] = &arguments[..] else { return Err("usage: fuzz_seeds FOLDER DICTIONARY".into()) };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seeds = Vec::new();
    let folders = ["examples", "compiler/src/std", "compiler/tests", "grammar/tests", "fuzz/corpus/seeds"];
    for path in files::below(&folders, "ndsl") {
        seeds.push(String::from_utf8_lossy(&fs::read(&path)?).into_owned());
    }
    for project in fs::read_dir(root.join("compiler/tests/projects"))? {
        seeds.push(joined(&root, &project?.file_name().to_string_lossy())?);
    }
    let mut words = BTreeSet::new();
    for page in files::below(&["docs"], "md") {
        let text = fs::read_to_string(&page)?;
        let name = page.file_stem().unwrap_or_default().to_string_lossy();
        for program in snippets(&text) {
            match program.fence.as_str() {
                "ndsl" => seeds.push(with_files(program.text, program.files)),
                "ndsl fragment" => seeds.push(whole(&name, &program.text)),
                _ => {}
            }
        }
        let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
        words.extend(quoted.flat_map(tokens));
    }
    words.extend(seeds.iter().flat_map(|seed| tokens(seed)));
    seeds.sort();
    seeds.dedup();
    fs::create_dir_all(folder)?;
    for (index, seed) in seeds.iter().enumerate() {
        fs::write(Path::new(folder).join(format!("{index:04}.ndsl")), seed)?;
    }
    let mut lines = String::new();
    for word in &words {
        lines.push('"');
        for byte in word.bytes() {
            match byte {
                b'"' | b'\\' => write!(lines, "\\{}", byte as char)?,
                b' '..=b'~' => lines.push(byte as char),
                _ => write!(lines, "\\x{byte:02x}")?,
            }
        }
        lines.push_str("\"\n");
    }
    fs::write(dictionary, lines)?;
    Ok(())
}

/// A project as one text, its main file first.
fn joined(root: &Path, project: &str) -> std::io::Result<String> {
    let project = format!("compiler/tests/projects/{project}");
    let mut files = Vec::new();
    for path in files::below(&[&project], "ndsl") {
        let name = path.strip_prefix(root.join(&project)).unwrap_or(&path).to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(&path)?));
    }
    let main = files.iter().position(|(name, _)| name == "main.ndsl");
    let main = main.map_or_else(String::new, |main| files.remove(main).1);
    Ok(with_files(main, files))
}

/// A program and the files it uses as one text.
fn with_files(main: String, files: Vec<(String, String)>) -> String {
    files.into_iter().fold(main, |text, (name, file)| format!("{text}//// {name}\n{file}"))
}

fn tokens(text: &str) -> Vec<String> {
    let tokens = lex(text);
    let short = tokens.iter().filter(|token| !token.kind.is_comment() && token.range().len() <= MAX_TOKEN);
    short.map(|token| text[token.range()].to_owned()).collect()
}
