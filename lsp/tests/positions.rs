//! Offsets and positions, in each encoding.

use ndsl_lsp::text::{Encoding, Lines, Position, Text};
use proptest::prelude::*;

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

fn at(line: u32, character: u32) -> Position {
    Position { line, character }
}

fn offset(text: &str, position: Position, encoding: Encoding) -> usize {
    Lines::new(text).offset(text, position, encoding)
}

#[test]
fn characters_count_in_the_agreed_encoding() {
    let text = "a\né😀語b";
    for (encoding, before_b) in [(Encoding::Utf8, 9), (Encoding::Utf16, 4), (Encoding::Utf32, 3)] {
        assert_eq!(Lines::new(text).position(text, 11, encoding), at(1, before_b), "{encoding:?}");
        assert_eq!(offset(text, at(1, before_b), encoding), 11, "{encoding:?}");
    }
}

#[test]
fn a_position_inside_a_character_is_its_start() {
    let text = "😀b";
    for inside in 1..4 {
        assert_eq!(offset(text, at(0, inside), Encoding::Utf8), 0);
    }
    assert_eq!(offset(text, at(0, 1), Encoding::Utf16), 0);
    assert_eq!(Lines::new(text).position(text, 2, Encoding::Utf16), at(0, 0));
}

#[test]
fn a_position_beyond_its_line_is_the_end_of_the_line() {
    for text in ["ab\ncd", "ab\r\ncd", "ab\rcd"] {
        for encoding in ENCODINGS {
            assert_eq!(offset(text, at(0, 99), encoding), 2, "{text:?}");
            assert_eq!(offset(text, at(0, u32::MAX), encoding), 2, "{text:?}");
            assert_eq!(offset(text, at(1, 1), encoding), text.len() - 1, "{text:?}");
        }
    }
    assert_eq!(Lines::new("ab\r\ncd").position("ab\r\ncd", 3, Encoding::Utf16), at(0, 2), "inside the line break");
}

#[test]
fn a_position_beyond_the_text_is_the_end_of_the_text() {
    for encoding in ENCODINGS {
        assert_eq!(offset("ab\n", at(7, 0), encoding), 3);
        assert_eq!(offset("", at(u32::MAX, u32::MAX), encoding), 0);
        assert_eq!(Lines::new("ab").position("ab", usize::MAX, encoding), at(0, 2));
    }
}

#[test]
fn an_edit_may_be_written_backwards_or_reach_beyond_the_text() {
    let mut text = Text::new("one two".to_owned());
    text.replace(at(0, 7), at(0, 4), Encoding::Utf16, "2");
    assert_eq!(text.as_str(), "one 2");
    text.replace(at(0, 3), at(9, 9), Encoding::Utf16, "");
    assert_eq!(text.as_str(), "one");
}

#[test]
fn an_edit_that_joins_or_splits_a_line_break_moves_the_lines() {
    let mut text = Text::new("a\rb".to_owned());
    text.replace(at(1, 0), at(1, 0), Encoding::Utf16, "\n");
    assert_eq!(text.as_str(), "a\r\nb");
    assert_eq!(*text.lines(), Lines::new("a\r\nb"));
    text.replace(at(0, 1), at(1, 0), Encoding::Utf16, "");
    assert_eq!(*text.lines(), Lines::new("ab"));
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec!["a", "bc", "é", "語", "😀", "\n", "\r\n", "\r", " ", "\u{301}"]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(ENCODINGS.to_vec())
}

fn positions() -> impl Strategy<Value = Position> {
    (0u32..12, 0u32..30).prop_map(|(line, character)| at(line, character))
}

proptest! {
    #[test]
    fn every_character_has_a_position_that_leads_back_to_it(text in texts(), encoding in encodings()) {
        let lines = Lines::new(&text);
        for (start, _) in text.char_indices() {
            // The second half of a line break is no place of its own.
            if text[..start].ends_with('\r') && text[start..].starts_with('\n') {
                continue;
            }
            let position = lines.position(&text, start, encoding);
            prop_assert_eq!(lines.offset(&text, position, encoding), start);
        }
    }

    #[test]
    fn every_position_is_a_place_in_the_text(text in texts(), position in positions(), encoding in encodings()) {
        let lines = Lines::new(&text);
        let offset = lines.offset(&text, position, encoding);
        prop_assert!(text.is_char_boundary(offset));
        let back = lines.position(&text, offset, encoding);
        prop_assert!(back <= position);
        prop_assert_eq!(lines.offset(&text, back, encoding), offset);
    }

    #[test]
    fn edits_keep_the_lines_of_the_text(
        text in texts(),
        edits in prop::collection::vec((positions(), positions(), texts()), 1..8),
        encoding in encodings(),
    ) {
        let mut edited = Text::new(text.clone());
        let mut expected = text;
        for (start, end, replacement) in edits {
            let (first, last) = (start.min(end), start.max(end));
            let range = offset(&expected, first, encoding)..offset(&expected, last, encoding);
            expected.replace_range(range, &replacement);
            edited.replace(start, end, encoding, &replacement);
            prop_assert_eq!(edited.as_str(), &expected);
            prop_assert_eq!(edited.lines(), &Lines::new(&expected));
        }
    }
}
