//! What is read anew after an edit is what would be read of the whole text.

mod reading;

use reading::{parser, programs, read};
use tree_sitter::{InputEdit, Point};

fn point(text: &str, at: usize) -> Point {
    let before = &text[..at];
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    Point { row: before.matches('\n').count(), column: at - line }
}

/// Types a text into a program, a character at a time, and takes it back.
#[test]
fn typing_leaves_the_tree_of_the_whole_text() {
    const TYPED: &str = "\n    y = x//2 // half\n    input: { a: 0.. unique } |> f(\"}\")\n";
    let mut parser = parser();
    let mut trees = 0;
    for (path, text) in programs().iter().filter(|(_, text)| (200..2500).contains(&text.len())).step_by(7) {
        let at = text.find("\n    ").unwrap_or(text.len() / 2);
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (mut now, mut tree) = (text.clone(), read(text));
        let inserted = TYPED.char_indices().map(|(place, c)| (at + place, None, Some(c)));
        let removed = TYPED.char_indices().rev().map(|(place, c)| (at + place, Some(c), None));
        for (start, old, new) in inserted.chain(removed) {
            let before = now.clone();
            let old_end = start + old.map_or(0, char::len_utf8);
            let new_text: String = new.into_iter().collect();
            now.replace_range(start..old_end, &new_text);
            let new_end = start + new_text.len();
            tree.edit(&InputEdit {
                start_byte: start,
                old_end_byte: old_end,
                new_end_byte: new_end,
                start_position: point(&before, start),
                old_end_position: point(&before, old_end),
                new_end_position: point(&now, new_end),
            });
            tree = parser.parse(&now, Some(&tree)).expect("no limit was set");
            if !tree.root_node().has_error() {
                // What a broken text is made into depends on what was there before; a whole one has one tree.
                let whole = read(&now).root_node().to_sexp();
                assert_eq!(tree.root_node().to_sexp(), whole, "of {} in\n{now}", path.display());
                trees += 1;
            }
        }
        assert_eq!(&now, text);
        assert_eq!(tree.root_node().to_sexp(), read(text).root_node().to_sexp());
    }
    assert!(trees > 300, "only {trees} texts were whole");
}
