//! `docs/grammar.ebnf` and the parser say the same.

mod ebnf {
    pub(crate) mod generator;
    pub(crate) mod recogniser;
    pub(crate) mod rules;
}
#[path = "sound/files.rs"]
mod files;

use ebnf::generator::Generator;
use ebnf::recogniser::Recogniser;
use ebnf::rules::Rules;
use ndsl_grammar::{FileId, lex, parse};
use std::path::PathBuf;

/// Programs drawn from the rules.
const DRAWN: u64 = 600;

/// Every program of the examples, and every fixture without a mistake.
fn programs() -> Vec<PathBuf> {
    files::below(&["grammar/tests/ok", "examples"], "ndsl")
}

/// The first errors of a text, in words.
fn errors(text: &str) -> Vec<String> {
    let parse = parse(text, FileId(0));
    let shown = |error: &ndsl_grammar::SyntaxError| format!("{}: {}", error.span.start, error.message);
    parse.errors.iter().take(3).map(shown).collect()
}

#[test]
fn every_program_is_derived_from_the_rules() {
    let rules = Rules::read();
    for path in programs() {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        assert_eq!(errors(&text), [""; 0], "in {}", path.display());
        assert!(Recogniser::new(&rules, &text).accepts(), "{} does not follow the grammar", path.display());
    }
}

#[test]
fn what_the_rules_derive_is_read_without_an_error() {
    let rules = Rules::read();
    for seed in 0..DRAWN {
        let text = Generator::new(&rules, seed).draw("file", 12 + seed as usize % 24);
        assert_eq!(errors(&text), [""; 0], "of seed {seed}:\n{text}");
        assert!(Recogniser::new(&rules, &text).accepts(), "the recogniser refuses seed {seed}:\n{text}");
    }
}

#[test]
fn what_lacks_a_token_is_read_without_an_error_only_where_the_rules_derive_it() {
    let rules = Rules::read();
    for seed in 0..DRAWN {
        let text = Generator::new(&rules, seed).draw("declaration", 12 + seed as usize % 16);
        let tokens = lex(&text);
        for step in 0..4 {
            let Some(token) = tokens.get((seed as usize * 31 + step * 17) % tokens.len().max(1)) else { continue };
            let lacking = format!("{}{}", &text[..token.start as usize], &text[token.end as usize..]);
            let read = errors(&lacking).is_empty();
            let derived = !read || Recogniser::new(&rules, &lacking).accepts();
            assert!(derived, "without {:?} this is read, though no rule derives it:\n{lacking}", &text[token.range()]);
        }
    }
}
