//! What the lexer makes of a text.

use ndsl_grammar::{FileId, SyntaxErrorKind, TokenKind as T, ast, lex, parse};

fn kinds(text: &str) -> Vec<T> {
    lex(text).iter().map(|token| token.kind).collect()
}

fn texts(text: &str) -> Vec<&str> {
    lex(text).iter().map(|token| &text[token.range()]).collect()
}

fn messages(text: &str) -> Vec<(SyntaxErrorKind, String)> {
    parse(text, FileId(0)).errors.into_iter().map(|error| (error.kind, text[error.span.range()].to_owned())).collect()
}

fn constant(text: &str) -> ast::ExprKind {
    let parse = parse(&format!("const x = {text}"), FileId(0));
    assert_eq!(parse.errors, [], "in {text}");
    match parse.file.declarations.into_iter().next().map(|declaration| declaration.kind.clone()) {
        Some(ast::DeclarationKind::Const { value, .. }) => value.kind,
        other => panic!("{text} is {other:?}"),
    }
}

#[test]
fn two_slashes_divide_where_they_touch_both_operands() {
    assert_eq!(kinds("width//2"), [T::Word, T::SlashSlash, T::Int]);
    assert_eq!(
        kinds("(a)//(b)"),
        [T::LeftParen, T::Word, T::RightParen, T::SlashSlash, T::LeftParen, T::Word, T::RightParen]
    );
    assert_eq!(kinds("a[1]//-b"), [T::Word, T::LeftBracket, T::Int, T::RightBracket, T::SlashSlash, T::Minus, T::Word]);
}

#[test]
fn two_slashes_begin_a_comment_where_they_stand_apart() {
    assert_eq!(texts("width // two"), ["width", "// two"]);
    assert_eq!(texts("width //two"), ["width", "//two"]);
    assert_eq!(texts("width// two"), ["width", "// two"]);
    assert_eq!(texts("width//\n2"), ["width", "//", "2"]);
    assert_eq!(texts("//2"), ["//2"]);
    assert_eq!(texts("{//2"), ["{", "//2"]);
    assert_eq!(texts("a,//b"), ["a", ",", "//b"]);
    assert_eq!(kinds("a ///b"), [T::Word, T::Comment]);
}

#[test]
fn three_slashes_at_a_line_start_document_what_follows_and_four_do_not() {
    assert_eq!(kinds("/// a\n  /// b\n//// c\n// d"), [T::DocComment, T::DocComment, T::Comment, T::Comment]);
}

#[test]
fn a_comment_leaves_a_carriage_return_and_a_slash_in_a_string_alone() {
    assert_eq!(texts("a // b\r\nc"), ["a", "// b", "c"]);
    assert_eq!(texts("\"https://x//y\" z"), ["\"https://x//y\"", "z"]);
}

#[test]
fn numbers_are_read_whole() {
    assert_eq!(constant("1_000"), ast::ExprKind::Int(1000));
    assert_eq!(constant("9223372036854775807"), ast::ExprKind::Int(i64::MAX));
    assert_eq!(constant("1e-3"), ast::ExprKind::Float(1e-3));
    assert_eq!(constant("1_0.2_5E+2"), ast::ExprKind::Float(1025.0));
    assert_eq!(
        kinds("0..5 1..=2 a.b"),
        [T::Int, T::DotDot, T::Int, T::Int, T::DotDotEqual, T::Int, T::Word, T::Dot, T::Word]
    );
}

#[test]
fn what_only_begins_as_a_number_is_one_error_on_the_whole_of_it() {
    for bad in [
        "1.",
        ".5",
        "0xff",
        "99999999999999999999",
        "1e999",
        "1e999s",
        "7%2",
        "2019-02-30",
        "2019-13-01",
        "0000-01-01",
        "2019-01-011",
        "24:00",
        "12:30:00.5",
        "2019-01-01T25:00",
        "2019-01-01T8:30",
        "2019-01-01T08:30:00Z",
    ] {
        assert_eq!(messages(&format!("const x = {bad}")), [(SyntaxErrorKind::BadNumber, bad.to_owned())]);
    }
}

#[test]
fn strings_read_their_escapes() {
    let text = r#""a\n\t\r\0\"\\\u{1F642}é""#;
    assert_eq!(constant(text), ast::ExprKind::Str("a\n\t\r\0\"\\\u{1F642}é".to_owned()));
}

#[test]
fn each_unknown_escape_is_an_error_on_the_escape() {
    let text = r#"const x = "\q \é \u \u{} \u{110000} \\q""#;
    let found: Vec<String> = messages(text).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, [r"\q", r"\é", r"\u", r"\u", r"\u"]);
}

#[test]
fn spans_count_bytes_after_a_byte_order_mark_and_wide_characters() {
    let text = "\u{feff}const 数 = \"🙂\"\t+\r\n";
    assert_eq!(texts(text), ["const", "数", "=", "\"🙂\"", "+"]);
    assert_eq!(lex(text)[0].start, 3);
    assert!(lex(text)[0].first_on_line);
}

#[test]
fn a_run_of_unknown_characters_is_one_token() {
    assert_eq!(texts("a €$€ b"), ["a", "€$€", "b"]);
    assert_eq!(messages("const x = 🙂🙂"), [(SyntaxErrorKind::UnknownCharacter, "🙂🙂".to_owned())]);
}
