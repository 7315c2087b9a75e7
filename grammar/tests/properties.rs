//! What holds for every text.

use ndsl_grammar::ast::*;
use ndsl_grammar::{FileId, Parse, Span, lex, parse};
use proptest::prelude::*;

/// Parses and checks that every place that is named lies in the text.
fn check(text: &str) -> Parse {
    let parse = parse(text, FileId(0));
    let inside = |span: Span| {
        assert!(text.get(span.range()).is_some(), "{span:?} is no place in {text:?}");
    };
    for error in &parse.errors {
        inside(error.span);
        error.related.iter().for_each(|(span, _)| inside(*span));
        error.fix.iter().for_each(|(_, span, _)| inside(*span));
        assert!(!error.message.is_empty() && !error.label.is_empty(), "{error:?}");
    }
    let mut end = 0;
    for declaration in &parse.file.declarations {
        inside(declaration.span);
        assert!(declaration.span.start >= end, "declarations overlap in {text:?}");
        end = declaration.span.end;
        match &declaration.kind {
            DeclarationKind::Const { value, .. } => expr(value, &inside),
            DeclarationKind::Dataset { source, .. } => expr(source, &inside),
            DeclarationKind::Train { settings, .. } => record(settings, &inside),
            DeclarationKind::Model(model) => {
                inside(model.body.span);
                for parameter in &model.parameters {
                    inside(parameter.span);
                    parameter.default.iter().for_each(|value| expr(value, &inside));
                }
                for statement in &model.body.statements {
                    inside(statement.span);
                    match &statement.kind {
                        StatementKind::Input { kind, .. } => kind.dims.iter().for_each(|dim| expr(dim, &inside)),
                        StatementKind::Bind { value, .. } | StatementKind::Flow { value, .. } => expr(value, &inside),
                        StatementKind::Reserved { .. } | StatementKind::Error => {}
                    }
                }
            }
            DeclarationKind::Reserved { .. } | DeclarationKind::Error { .. } => {}
        }
    }
    parse
}

fn record(record: &Record, inside: &dyn Fn(Span)) {
    inside(record.span);
    for entry in &record.entries {
        inside(entry.span);
        expr(&entry.value, inside);
    }
}

fn expr(value: &Expr, inside: &dyn Fn(Span)) {
    inside(value.span);
    match &value.kind {
        ExprKind::List(values) => values.iter().for_each(|value| expr(value, inside)),
        ExprKind::Record(nested) => record(nested, inside),
        ExprKind::Call { callee, arguments, brackets } => {
            inside(*brackets);
            expr(callee, inside);
            for argument in arguments {
                inside(argument.span);
                expr(&argument.value, inside);
            }
        }
        ExprKind::Field { base, .. } => expr(base, inside),
        ExprKind::Index { base, indices } => {
            expr(base, inside);
            indices.iter().for_each(|value| expr(value, inside));
        }
        ExprKind::Unary { operand, .. } => expr(operand, inside),
        ExprKind::Binary { left, right, operator_span, .. } => {
            inside(*operator_span);
            expr(left, inside);
            expr(right, inside);
        }
        ExprKind::Pipe { value, call } => {
            expr(value, inside);
            expr(call, inside);
        }
        _ => {}
    }
}

/// The good programs, by which broken ones are made.
const PROGRAMS: &[&str] = &[
    include_str!("ok/digits.ndsl"),
    include_str!("ok/expressions.ndsl"),
    include_str!("ok/keys.ndsl"),
    include_str!("ok/my_model.ndsl"),
    include_str!("ok/one_line.ndsl"),
    include_str!("ok/reserved.ndsl"),
    include_str!("ok/unicode.ndsl"),
];

const PIECES: &[&str] = &[
    "model", "Model", "const", "train", "dataset", "schema", "input", "repeat", "if", "x", "Dense", "f32", "1", "2.5",
    "\"s\"", "\"open", "'", "(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "..", "=", "==", "<", "+", "-", "*",
    "**", "/", "//", "///", "%", "@", "|>", "~", "?", "#", "/*", "and", "or", "not", "as", "true", "🙂", "é", "\\",
    "&", "1.", "30%", "\n", "\n", "\n    ", " ", " ", "\r\n", "\t", "\u{feff}",
];

/// A place in the text where a character begins, from a fraction of its length.
fn boundary(text: &str, fraction: f64) -> usize {
    let mut at = (text.len() as f64 * fraction) as usize;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        check(&pieces.concat());
        check(&format!("model A {{ {} }}", pieces.join(" ")));
        check(&format!("train t {{ {} }}", pieces.concat()));
    }

    #[test]
    fn a_program_cut_off_or_changed_is_read(
        program in prop::sample::select(PROGRAMS), at in 0.0..1.0, to in 0.0..1.0, piece in prop::sample::select(PIECES),
    ) {
        let (at, to) = (boundary(program, at), boundary(program, to));
        check(&program[..at]);
        check(&program[at..]);
        check(&format!("{}{piece}{}", &program[..at], &program[at..]));
        let (first, last) = (at.min(to), at.max(to));
        check(&format!("{}{}", &program[..first], &program[last..]));
        check(&format!("{}{piece}{}", &program[..first], &program[last..]));
    }

    #[test]
    fn a_good_declaration_survives_what_stands_before_it(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..20),
    ) {
        // A block comment takes the rest of the file with it.
        prop_assume!(!pieces.concat().contains("/*"));
        let text = format!("model A {{ {}\nconst good = 1\n", pieces.concat());
        let found = check(&text).file.declarations.into_iter().any(|declaration| {
            matches!(declaration.kind, DeclarationKind::Const { name, .. } if name.text == "good")
        });
        prop_assert!(found, "in {:?}", text);
    }

    #[test]
    fn tokens_and_white_space_make_up_the_text(text in "[ -~\n🙂é]{0,80}") {
        let mut end = 0;
        for token in lex(&text) {
            prop_assert!(text[end..token.start as usize].chars().all(char::is_whitespace));
            prop_assert!(token.end > token.start);
            end = token.end as usize;
        }
        prop_assert!(text[end..].chars().all(char::is_whitespace));
    }
}
