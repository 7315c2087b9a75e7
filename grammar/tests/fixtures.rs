//! Every program under `ok` is read without an error and every one under `err` as its snapshot says.

mod dump;

use ndsl_grammar::{FileId, parse};

#[test]
fn good_programs_have_their_tree_and_no_errors() {
    insta::glob!("ok/*.ndsl", |path| {
        let text = std::fs::read_to_string(path).expect("a fixture is text");
        let parse = parse(&text, FileId(0));
        assert_eq!(dump::errors(&text, &parse), "", "in {}", path.display());
        insta::assert_snapshot!(dump::tree(&parse));
    });
}

#[test]
fn each_mistake_has_one_error_and_leaves_the_rest_in_the_tree() {
    insta::glob!("err/*.ndsl", |path| {
        let text = std::fs::read_to_string(path).expect("a fixture is text");
        let parse = parse(&text, FileId(0));
        assert!(!parse.errors.is_empty(), "no errors in {}", path.display());
        insta::assert_snapshot!(format!("{}\n{}", dump::errors(&text, &parse), dump::tree(&parse)));
    });
}
