//! No text is too much: the parser answers in time and on a small stack, whatever it reads.

use ndsl_grammar::ast::DeclarationKind;
use ndsl_grammar::{FileId, MAX_NESTING, MAX_SOURCE_BYTES, Parse, SyntaxErrorKind, parse};
use std::time::{Duration, Instant};

/// Parses on the small stack of a test's thread, in seconds at the most even without optimisation.
fn in_time(text: &str) -> Parse {
    let start = Instant::now();
    let parse = parse(text, FileId(0));
    assert!(start.elapsed() < Duration::from_secs(120), "took {:?}", start.elapsed());
    parse
}

fn kinds(parse: &Parse) -> Vec<SyntaxErrorKind> {
    parse.errors.iter().map(|error| error.kind).collect()
}

#[test]
fn a_source_over_the_limit_is_refused_unread() {
    let text = "x".repeat(10_000_000);
    assert!(text.len() > MAX_SOURCE_BYTES);
    assert_eq!(kinds(&in_time(&text)), [SyntaxErrorKind::TooLarge]);
}

#[test]
fn deep_brackets_of_any_kind_are_one_error_and_cost_only_their_declaration() {
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("a[", "]"), ("{ a: ", "}"), ("(", "")] {
        let text = format!("const x = {}1{}\nconst y = 2", open.repeat(10_000), close.repeat(10_000));
        let parse = in_time(&text);
        assert_eq!(kinds(&parse), [SyntaxErrorKind::TooDeep], "{open}");
        assert!(matches!(&parse.file.declarations[1].kind, DeclarationKind::Const { name, .. } if name.text == "y"));
    }
    let unopened = format!("const x = 1{}", ")".repeat(1_000));
    assert!(kinds(&in_time(&unopened)).iter().all(|kind| *kind == SyntaxErrorKind::Unbalanced));
}

#[test]
fn long_chains_of_operators_are_one_error() {
    let many = 100_000;
    for chain in ["- ", "not ", "1 ** ", "1 + ", "x |> ", "a.", "a or "] {
        let parse = in_time(&format!("const x = {}1", chain.repeat(many)));
        assert_eq!(kinds(&parse)[0], SyntaxErrorKind::TooDeep, "{chain}");
        assert_eq!(parse.errors.len(), 1, "{chain}");
    }
    for chain in ["()", "[0]", "(1)[0]"] {
        assert_eq!(
            kinds(&in_time(&format!("const x = f{}", chain.repeat(many)))),
            [SyntaxErrorKind::TooDeep],
            "{chain}"
        );
    }
}

#[test]
fn trees_up_to_the_limit_are_read() {
    let levels = MAX_NESTING - 2;
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("- ", ""), ("not ", ""), ("1 ** ", ""), ("1 + ", "")] {
        let parse = in_time(&format!("const x = {}1{}", open.repeat(levels), close.repeat(levels)));
        assert_eq!(kinds(&parse), [], "{open}");
        let copy = parse.file.clone();
        assert_eq!(copy, parse.file);
    }
    let settings = format!("train t {}1{}", "{ a: ".repeat(levels), "}".repeat(levels));
    assert_eq!(kinds(&in_time(&settings)), []);
}

#[test]
fn bodies_in_bodies_stay_within_the_limits() {
    for (open, close) in [
        ("residual { ", " }"),
        ("repeat 2 { ", " }"),
        ("if a { ", " } else { b }"),
        ("branch { a: { ", " } }"),
        ("x = if a { ", " }"),
        ("f(residual { ", " })"),
    ] {
        let nested =
            |levels: usize| format!("model M {{ {}it{} }}\nconst y = 2", open.repeat(levels), close.repeat(levels));
        let parse = in_time(&nested(MAX_NESTING / 3));
        assert_eq!(kinds(&parse), [], "{open}");
        assert_eq!(parse.file.clone(), parse.file);
        let parse = in_time(&nested(20_000));
        assert_eq!(kinds(&parse), [SyntaxErrorKind::TooDeep], "{open}");
        assert!(matches!(&parse.file.declarations[1].kind, DeclarationKind::Const { name, .. } if name.text == "y"));
    }
    let types = format!("schema S {{ a: {}int{} }}", "list(".repeat(20_000), ")".repeat(20_000));
    assert_eq!(kinds(&in_time(&types)), [SyntaxErrorKind::TooDeep]);
    let tables = format!("schema S {{ {}a: int{} }}", "table T { ".repeat(20_000), "}".repeat(20_000));
    assert_eq!(kinds(&in_time(&tables)), [SyntaxErrorKind::TooDeep]);
    let chain = format!("model M {{ if a {{ b }} {} }}", "else if a { b } ".repeat(200));
    assert_eq!(kinds(&in_time(&chain)), []);
}

#[test]
fn width_has_no_limit() {
    let layers = format!("model A {{ {} }}", "Dense(1) ".repeat(20_000));
    assert_eq!(kinds(&in_time(&layers)), []);
    let list = format!("const x = [{}]", "-1, ".repeat(50_000));
    assert_eq!(kinds(&in_time(&list)), []);
    let settings = format!("train t {{ {} }}", "a: -1\n".repeat(20_000));
    assert_eq!(kinds(&in_time(&settings)), []);
    let columns = format!("schema S {{ {} }}", "a: int in 1..=2 unique ~ f(1) b: enum { x: 1%, y }\n".repeat(10_000));
    assert_eq!(kinds(&in_time(&columns)), []);
    let bodies = format!("model A {{ {} }}", "repeat 2 { Dense(1) } if a { b } else { c }\n".repeat(10_000));
    assert_eq!(kinds(&in_time(&bodies)), []);
}

#[test]
fn many_mistakes_take_no_longer_than_many_lines() {
    for line in [
        "Dense(\n",
        "repeat {\n",
        "resdual {\n",
        "x: { y\n",
        "table T {\n",
        "a: int b\n",
        "  }\n",
        "Dense(1 2\n",
        "} ) ]\n",
        "x = =\n",
        "\"open\n",
        "model A {\n",
        "?? // 2\n",
        "{{{\n",
        "'\n",
    ] {
        in_time(&format!("model M {{\n{}\n}}", line.repeat(10_000)));
    }
}

#[test]
fn brackets_that_do_not_match_stay_within_the_limits() {
    let many = 100_000;
    for (first, then) in [("(", "]"), ("[", ")"), ("{", ")"), ("([)", ""), ("a: { )", ""), ("(1\nx {\n)\n", "")] {
        in_time(&format!("train t {{ {}{}", first.repeat(many), then.repeat(many)));
        in_time(&format!("{}{}", first.repeat(many), then.repeat(many)));
    }
    in_time(&format!("model M {{\n{}\n}}", "repeat 2 { 1. }\n1.\n".repeat(10_000)));
    in_time(&"const x = 1.\nmodel M { if 1. }\n".repeat(5_000));
}

#[test]
fn long_tokens_take_no_stack() {
    let many = 200_000;
    for (token, length) in
        [("é", 2), ("x", 1), ("1", 1), (" ", 1), ("\\n", 2), ("\"\\é", 4), ("🙂", 4), ("'é", 3), ("1_", 2)]
    {
        in_time(&token.repeat(many / length));
        in_time(&format!("const x = \"{}\"", token.repeat(many / length)));
    }
}
