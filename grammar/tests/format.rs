//! The formatter: fixtures under `format`, and what holds for every text that it takes.

#[path = "sound/layout.rs"]
mod layout;
mod programs;

use layout::lay_out;
use ndsl_grammar::{FileId, format, lex, parse};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

#[test]
fn messy_programs_are_laid_out() {
    insta::glob!("format/*.ndsl", |path| {
        let text = std::fs::read_to_string(path).expect("a fixture is text");
        let formatted = lay_out(&text).unwrap_or_else(|| panic!("{} has syntax errors", path.display()));
        insta::assert_snapshot!(formatted);
    });
}

#[test]
fn good_programs_stay_what_they_are() {
    insta::glob!("ok/*.ndsl", |path| {
        let text = std::fs::read_to_string(path).expect("a fixture is text");
        assert!(lay_out(&text).is_some(), "{} has syntax errors", path.display());
    });
}

#[test]
fn a_text_with_mistakes_is_left_alone() {
    insta::glob!("err/*.ndsl", |path| {
        let text = std::fs::read_to_string(path).expect("a fixture is text");
        assert_eq!(format(&text), Err(parse(&text, FileId(0)).errors));
    });
}

#[test]
fn what_editors_leave_behind_goes() {
    let left = "\u{feff}const a = 1  \r\n\r\n\r\n\r\nmodel M {\t// a note \t\r\n\tinput x: f32[4]\r\n\t}  ";
    let tidy = "const a = 1\n\nmodel M {  // a note\n    input x: f32[4]\n}\n";
    assert_eq!(lay_out(left).as_deref(), Some(tidy));
    assert_eq!(lay_out("\u{feff} \r\n\t\n").as_deref(), Some(""));
    assert_eq!(lay_out("// alone").as_deref(), Some("// alone\n"));
}

#[test]
fn a_word_that_could_begin_a_declaration_begins_none() {
    let text = "model M { x = use; use; use\nOne(2)\nmodel // a note\nTwo(3) }\n";
    let tidy = "model M {\n    x = use; use; use;\n    One(2)\n    model;  // a note\n    Two(3)\n}\n";
    assert_eq!(lay_out(text).as_deref(), None);
    assert_eq!(lay_out(tidy).as_deref(), Some(tidy));
    // The comment breaks what stood on one line.
    let one_line = "model M {\n    dataset input x: f32[4,  // height\n    5]\n    Two(3)\n}\n";
    let tidy = "model M {\n    dataset;\n    input x: f32[\n        4,  // height\n        5,\n    ]\n    Two(3)\n}\n";
    assert_eq!(lay_out(one_line).as_deref(), Some(tidy));
}

#[test]
fn an_empty_line_behind_a_doc_comment_parts_no_columns() {
    let text =
        "schema S {\n    table T {\n        id:    uuid key\n        /// In years.\n\n        months: int\n    }\n}\n";
    let tidy =
        "schema S {\n    table T {\n        id:     uuid key\n        /// In years.\n        months: int\n    }\n}\n";
    assert_eq!(lay_out(text).as_deref(), Some(tidy));
    // One between comments parts them, be the comma where it likes.
    let text = "schema S {\n    table T {\n        id: uuid key // One.\n\n// In years.\n, months: int\n    }\n}\n";
    let tidy = "schema S {\n    table T {\n        id: uuid key  // One.\n\n        // In years.\n        months: int\n    }\n}\n";
    assert_eq!(lay_out(text).as_deref(), Some(tidy));
}

#[test]
fn a_key_may_be_derived_from_what_begins_with_true() {
    let text = "schema S { a: int, b: bool key = true != (a > 2) }\n";
    assert_eq!(lay_out(text).as_deref(), Some(text));
}

/// The programs from which others are made: every fixture that can be read.
static FIXTURES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folders = ["ok", "format"].map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name));
    let mut paths: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("a folder of fixtures"))
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("a fixture is text")).collect()
});

/// What may be put between two tokens without changing what they mean, mostly.
const SPACES: &[&str] = &[
    " ",
    "\n",
    "\n\n",
    "\n\n\n",
    "   ",
    "\t",
    "\r\n",
    " // a note\n",
    "\n// a note\n",
    "\n\n// a note\n\n// another\n\n",
    " // 2\n",
    "\n/// a doc comment\n",
    " /// not one\n",
    ";",
    ",",
    " //x\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_laid_out_or_refused(text in any::<String>()) {
        lay_out(&text);
    }

    #[test]
    fn any_spaces_and_comments_are_taken(
        program in prop::sample::select(FIXTURES.as_slice()),
        places in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(SPACES)), 1..4),
    ) {
        let mut text = program.clone();
        for (place, space) in places {
            let tokens = lex(&text);
            let token = tokens[place.index(tokens.len())];
            text.insert_str(token.start as usize, space);
        }
        lay_out(&text);
    }

    #[test]
    fn any_program_is_laid_out(declarations in prop::collection::vec(programs::declaration(), 1..4)) {
        let text = declarations.join("\n");
        prop_assert!(lay_out(&text).is_some(), "{:?} in\n{}", format(&text), text);
    }

    #[test]
    fn a_program_with_other_tokens_is_laid_out_or_refused(
        program in prop::sample::select(FIXTURES.as_slice()),
        from in any::<prop::sample::Index>(), gone in 0..3_usize, donor in prop::sample::select(FIXTURES.as_slice()),
        taken in any::<prop::sample::Index>(), count in 0..4_usize, space in prop::sample::select(&["", " ", "\n"][..]),
    ) {
        let (tokens, others) = (lex(&program), lex(&donor));
        let (from, taken) = (from.index(tokens.len()), taken.index(others.len()));
        let to = (from + gone).min(tokens.len() - 1);
        let last = (taken + count).min(others.len() - 1);
        let piece = &donor[others[taken].start as usize..others[last].start as usize];
        let (start, end) = (tokens[from].start as usize, tokens[to].start as usize);
        lay_out(&format!("{}{space}{piece}{space}{}", &program[..start], &program[end..]));
    }

    #[test]
    fn any_line_ends_are_taken(
        program in prop::sample::select(FIXTURES.as_slice()), keep in prop::collection::vec(any::<bool>(), 1..40),
    ) {
        // Joins lines where no comment ends them.
        let mut text = String::new();
        for (line, keep) in program.lines().zip(keep.iter().cycle()) {
            text.push_str(line);
            text.push_str(if *keep || line.contains("//") { "\n" } else { " " });
        }
        lay_out(&text);
    }
}

#[test]
fn deep_and_wide_programs_are_laid_out_in_time_and_on_a_small_stack() {
    let start = std::time::Instant::now();
    let levels = ndsl_grammar::MAX_NESTING - 2;
    for (open, close) in
        [("(", ")"), ("[", "]"), ("f(", ")"), ("- ", ""), ("not ", ""), ("1 ** ", ""), ("1 + ", ""), ("a.", "")]
    {
        let text = format!("const x = {}a{}\n", open.repeat(levels), close.repeat(levels));
        assert!(format(&text).is_ok(), "{open}");
    }
    let wide = [
        format!("const x = [{}]", "-1, ".repeat(50_000)),
        format!("const x = [{}]", "a, ".repeat(50_000)),
        format!("model A {{ {} }}", "Dense(1) ".repeat(20_000)),
        format!("model A {{\n{}}}", "// a note\n".repeat(50_000)),
        format!("const x = f({}a)", "// a note\n".repeat(50_000)),
        format!("train t {{\n{}}}", "a: 1 // a note\n".repeat(20_000)),
        format!("train t {{\n{}}}", "a: 1,,,;\n\n\n\n".replace(';', "").repeat(20_000)),
        "const a = 1 // a note\nconst long = 2 // a note\n".repeat(20_000),
    ];
    for text in wide {
        assert!(format(&text).is_ok(), "{}", &text[..40]);
    }
    assert!(start.elapsed().as_secs() < 120, "took {:?}", start.elapsed());
}
