//! A text that is read after another is read as it would be by itself, edit by edit.

use std::sync::Arc;

use ndsl_grammar::ast::File;
use ndsl_grammar::{FileId, parse, parse_again};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const PROGRAMS: [&str; 7] = [
    include_str!("ok/digits.ndsl"),
    include_str!("ok/flow.ndsl"),
    include_str!("ok/schema.ndsl"),
    include_str!("ok/settings.ndsl"),
    include_str!("ok/one_line.ndsl"),
    include_str!("ok/unicode.ndsl"),
    include_str!("ok/programs.ndsl"),
];

/// What is typed: whatever opens, closes, ends or begins something.
const TYPED: [&str; 36] = [
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "a",
    "x1",
    "Dense(3)",
    "1",
    ".5",
    "\"",
    "'",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    "/",
    "//",
    "/// doc\n",
    "/* c */",
    "#",
    "= w // w",
    "\nconst w = 3",
    "const",
    "model M { input x: f32[3] }",
    "\nmodel ",
    "\nuse A from \"a.ndsl\"\n",
    "schema",
    "from",
    "using",
    "def f():\n",
    "  model",
    "\u{feff}",
];

#[derive(Clone, Debug)]
struct Edit {
    at: Index,
    removed: usize,
    typed: &'static str,
}

fn edit() -> impl Strategy<Value = Edit> {
    let removed = prop_oneof![3 => Just(0), 2 => 1..3_usize, 1 => 1..60_usize];
    (any::<Index>(), removed, prop_oneof![1 => Just(""), 4 => select(&TYPED[..])])
        .prop_map(|(at, removed, typed)| Edit { at, removed, typed })
}

impl Edit {
    fn make(&self, text: &str) -> String {
        let start = text.floor_char_boundary(self.at.index(text.len() + 1));
        let end = text.floor_char_boundary((start + self.removed).min(text.len())).max(start);
        [&text[..start], self.typed, &text[end..]].concat()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_that_is_read_after_another_is_read_as_by_itself(
        programs in prop::collection::vec(0..PROGRAMS.len(), 1..4), edits in prop::collection::vec(edit(), 1..8),
    ) {
        let mut text: Arc<str> = programs.iter().map(|program| PROGRAMS[*program]).collect::<String>().into();
        let mut file: File = parse_again(&text, FileId(0), None).file;
        for (at, edit) in edits.iter().enumerate() {
            let edited: Arc<str> = edit.make(&text).into();
            let read = parse_again(&edited, FileId(0), Some((&text, &file)));
            let whole = parse(&edited, FileId(0));
            prop_assert_eq!(&read.errors, &whole.errors, "after edit {} of {:?}", at, edited);
            let places = |file: &File| -> Vec<_> {
                file.declarations.iter().map(|piece| (piece.span, piece.name.clone(), piece.keyword())).collect()
            };
            prop_assert_eq!(places(&read.file), places(&whole.file), "after edit {} of {:?}", at, edited);
            // Trees are looked at after some edits alone: what was not looked at is taken over unread.
            if at % 2 == 1 || at + 1 == edits.len() {
                prop_assert_eq!(&read.file, &whole.file, "after edit {} of {:?}", at, edited);
            }
            (text, file) = (edited, read.file);
        }
    }
}

#[test]
fn what_stands_behind_the_last_declaration_is_read_again() {
    let before: Arc<str> = format!("{}# a note\n", "const a = 1\n".repeat(40)).into();
    let after: Arc<str> = before.replacen("1", "2", 1).into();
    let known = parse_again(&before, FileId(0), None);
    let read = parse_again(&after, FileId(0), Some((&before, &known.file)));
    assert_eq!(read.errors, parse(&after, FileId(0)).errors);
    assert!(read.errors.iter().any(|error| error.span.range().start == after.len() - 9), "{:?}", read.errors);
}

#[test]
fn what_has_not_changed_is_known_again() {
    let text: Arc<str> = (0..40).map(|at| format!("/// Number {at}.\nconst c{at} = {at}\n")).collect::<String>().into();
    let before = parse_again(&text, FileId(0), None).file;
    let edited: Arc<str> = text.replace("c20 = 20", "c20 = 21").into();
    let after = parse_again(&edited, FileId(0), Some((&text, &before))).file;
    let keys = |file: &File| file.declarations.iter().map(|piece| piece.key()).collect::<Vec<_>>();
    let changed: Vec<usize> = (0..40).filter(|at| keys(&before)[*at] != keys(&after)[*at]).collect();
    assert_eq!(changed, [20]);
}
