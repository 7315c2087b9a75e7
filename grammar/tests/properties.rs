//! What holds for every text.

#[path = "sound/lexing.rs"]
mod lexing;
#[path = "sound/reading.rs"]
mod reading;

use lexing::split;
use ndsl_grammar::ast::DeclarationKind;
use ndsl_grammar::lex;
use proptest::prelude::*;
use reading::read;

/// The good programs, by which broken ones are made.
const PROGRAMS: &[&str] = &[
    include_str!("ok/digits.ndsl"),
    include_str!("ok/flow.ndsl"),
    include_str!("ok/programs.ndsl"),
    include_str!("ok/schema.ndsl"),
    include_str!("ok/settings.ndsl"),
    include_str!("ok/values.ndsl"),
    include_str!("ok/expressions.ndsl"),
    include_str!("ok/keys.ndsl"),
    include_str!("ok/my_model.ndsl"),
    include_str!("ok/one_line.ndsl"),
    include_str!("ok/whole.ndsl"),
    include_str!("ok/unicode.ndsl"),
];

const PIECES: &[&str] = &[
    "model",
    "Model",
    "const",
    "train",
    "dataset",
    "schema",
    "input",
    "repeat",
    "if",
    "x",
    "Dense",
    "f32",
    "1",
    "2.5",
    "use",
    "block",
    "table",
    "deploy",
    "provider",
    "synthesizer",
    "assert",
    "output",
    "share",
    "check",
    "residual",
    "branch",
    "else",
    "in",
    "null",
    "key",
    "unique",
    "enum",
    "list",
    "ref",
    "matches",
    "length",
    "default",
    "from",
    "using",
    "correlate",
    "except",
    "30s",
    "2019-01-01",
    "2019-02-30",
    "08:30",
    "..=",
    "key:",
    "a: {",
    "self.",
    "for",
    "\"s\"",
    "\"open",
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    ".",
    "..",
    "=",
    "==",
    "<",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    "///",
    "%",
    "@",
    "|>",
    "~",
    "?",
    "#",
    "/*",
    "and",
    "or",
    "not",
    "as",
    "true",
    "🙂",
    "é",
    "\\",
    "&",
    "1.",
    "30%",
    "\n",
    "\n",
    "\n    ",
    " ",
    " ",
    "\r\n",
    "\t",
    "\u{feff}",
];

/// A place in the text where a character begins, from a fraction of its length.
fn boundary(text: &str, fraction: f64) -> usize {
    let mut at = (text.len() as f64 * fraction) as usize;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[test]
fn every_beginning_of_a_program_is_read() {
    for program in PROGRAMS {
        let places = program.char_indices().map(|(at, _)| at);
        // A token at a time is enough of the long ones, where a character at a time takes too long without optimisation.
        let starts: Vec<usize> = lex(program).iter().map(|token| token.start as usize + 1).collect();
        for at in places.filter(|at| program.len() < 1500 || starts.contains(at)) {
            read(&program[..at]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        read(&pieces.concat());
        read(&format!("model A {{ {} }}", pieces.join(" ")));
        read(&format!("train t {{ {} }}", pieces.concat()));
    }

    #[test]
    fn a_program_cut_off_or_changed_is_read(
        program in prop::sample::select(PROGRAMS), at in 0.0..1.0, to in 0.0..1.0, piece in prop::sample::select(PIECES),
    ) {
        let (at, to) = (boundary(program, at), boundary(program, to));
        read(&program[..at]);
        read(&program[at..]);
        read(&format!("{}{piece}{}", &program[..at], &program[at..]));
        let (first, last) = (at.min(to), at.max(to));
        read(&format!("{}{}", &program[..first], &program[last..]));
        read(&format!("{}{piece}{}", &program[..first], &program[last..]));
    }

    #[test]
    fn a_good_declaration_survives_what_stands_before_it(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..20),
    ) {
        // A block comment takes the rest of the file with it.
        prop_assume!(!pieces.concat().contains("/*"));
        let text = format!("model A {{ {}\nconst good = 1\n", pieces.concat());
        let found = read(&text).file.declarations.into_iter().any(|declaration| {
            matches!(&declaration.kind, DeclarationKind::Const { name, .. } if name.text == "good")
        });
        prop_assert!(found, "in {:?}", text);
    }

    #[test]
    fn tokens_and_white_space_make_up_the_text(text in "[ -~\n🙂é]{0,80}") {
        split(&text);
    }
}
