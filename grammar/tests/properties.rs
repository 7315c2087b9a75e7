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
        error.fix.iter().flat_map(|fix| &fix.edits).for_each(|(span, _)| inside(*span));
        assert!(!error.message.is_empty() && !error.label.is_empty(), "{error:?}");
    }
    let mut end = 0;
    for declaration in &parse.file.declarations {
        inside(declaration.span);
        assert!(declaration.span.start >= end, "declarations overlap in {text:?}");
        end = declaration.span.end;
        inside_all(declaration, &inside);
    }
    parse
}

/// Every part of a declaration that has a place is shown to `inside`.
fn inside_all(declaration: &Declaration, inside: &dyn Fn(Span)) {
    match &declaration.kind {
        DeclarationKind::Model(model) | DeclarationKind::Block(model) => {
            model.parameters.iter().for_each(|parameter| inside(parameter.span));
            body(&model.body, inside);
        }
        DeclarationKind::Schema(schema) => {
            inside(schema.body_span);
            items(&schema.items, inside);
        }
        DeclarationKind::Use(import) => inside(import.path_span),
        DeclarationKind::Train { settings, .. }
        | DeclarationKind::Synthesizer { settings, .. }
        | DeclarationKind::Deploy { settings, .. }
        | DeclarationKind::Provider { settings, .. } => record(settings, inside),
        DeclarationKind::Const { .. }
        | DeclarationKind::Dataset { .. }
        | DeclarationKind::Assert { .. }
        | DeclarationKind::Error { .. } => {}
    }
    declaration.each_expr(&mut |value| expr(value, inside));
}

fn body(body: &Body, inside: &dyn Fn(Span)) {
    inside(body.span);
    body.statements.iter().for_each(|statement| inside(statement.span));
}

fn items(items: &[SchemaItem], inside: &dyn Fn(Span)) {
    for item in items {
        inside(item.span);
        match &item.kind {
            SchemaItemKind::Table(table) => {
                inside(table.body_span);
                self::items(&table.items, inside);
            }
            SchemaItemKind::Column(column) => {
                inside(column.kind.span);
                column.clauses.iter().for_each(|clause| inside(clause.span));
            }
            _ => {}
        }
    }
}

fn record(record: &Record, inside: &dyn Fn(Span)) {
    inside(record.span);
    record.entries.iter().for_each(|entry| inside(entry.span));
}

fn expr(value: &Expr, inside: &dyn Fn(Span)) {
    inside(value.span);
    match &value.kind {
        ExprKind::Record(own) => record(own, inside),
        ExprKind::Call { brackets, arguments, .. } => {
            inside(*brackets);
            arguments.iter().for_each(|argument| inside(argument.span));
        }
        ExprKind::Binary { operator_span, .. } => inside(*operator_span),
        ExprKind::If { branches, otherwise } => {
            branches.iter().map(|(_, own)| own).chain(otherwise).for_each(|own| body(own, inside));
        }
        ExprKind::Repeat { body: own, .. } | ExprKind::Residual { body: own } | ExprKind::Body(own) => {
            body(own, inside);
        }
        ExprKind::Branch { arms } => arms.iter().for_each(|arm| body(&arm.body, inside)),
        _ => {}
    }
    value.each_child(&mut |child| expr(child, inside));
}

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
            check(&program[..at]);
        }
    }
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
