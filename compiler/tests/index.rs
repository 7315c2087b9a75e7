//! What every name of a program means: held against all examples and the standard library, word by word.

#[path = "../../grammar/tests/sound/files.rs"]
mod files;

use std::fmt::Write;

use ndsl_compiler::check::{Meaning, SymbolKind};
use ndsl_compiler::files::{Memory, NoFiles};
use ndsl_compiler::{Analysis, Source, Texts, analyze_with, standard};
use ndsl_grammar::{FileId, KEYWORDS, TokenKind, lex};

fn of(text: &str) -> Analysis {
    analyze_with(&Source::new("test.ndsl", text), &NoFiles)
}

/// The words of a text that mean nothing: neither a keyword nor a name that was resolved.
fn unresolved(name: &str, analysis: &Analysis, out: &mut String) {
    let text = &analysis.source.text;
    for (number, line) in text.lines().enumerate() {
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        for token in lex(line) {
            let word = &line[token.range()];
            // Types have no declaration, and nothing to be said of them.
            let types = ["int", "float", "bool", "string", "list", "f32", "i64", "u8", "activation"];
            let known = types.contains(&word)
                || KEYWORDS.iter().any(|keyword| keyword.word == word)
                || matches!(word, "it" | "true" | "false" | "null");
            if token.kind == TokenKind::Word && !known {
                let at = start + token.range().start;
                if analysis.index().at(FileId::default(), at).is_none_or(|it| it.span.range().end <= at) {
                    let _ = writeln!(out, "{name}:{}: {word}: {}", number + 1, line.trim());
                }
            }
        }
    }
}

#[test]
fn every_word_of_the_examples_and_the_library_means_something() {
    let mut out = String::new();
    for path in files::below(&["examples"], "ndsl") {
        let text = std::fs::read_to_string(&path).unwrap();
        unresolved(path.file_name().unwrap().to_str().unwrap(), &of(&text), &mut out);
    }
    for file in standard::FILES {
        let analysis = analyze_with(&Source::new(file.path, file.text).at(file.path), &NoFiles);
        assert!(analysis.diagnostics.is_empty(), "{:?}", analysis.diagnostics);
        unresolved(file.path, &analysis, &mut out);
    }
    insta::assert_snapshot!(out);
}

/// Each name of `text` with what it means, and the statements with what they leave.
fn listed(text: &str) -> String {
    let analysis = of(text);
    let mut out = String::new();
    for it in analysis.index().in_file(FileId::default()) {
        let place = analysis.source.position(it.span.start as usize);
        let word = analysis.sources.text(it.span);
        let _ = write!(out, "{}:{} {word} ", place.line, place.column);
        let _ = match it.meaning {
            _ if it.is_definition() => match it.meaning {
                Meaning::Symbol { kind, .. } => writeln!(out, "declares a {}", kind.noun()),
                _ => unreachable!(),
            },
            Meaning::Symbol { kind, definition } => {
                let source = analysis.sources.source(definition.file);
                let at = source.position(definition.start as usize);
                writeln!(out, "is the {} of {}:{}:{}", kind.noun(), source.name, at.line, at.column)
            }
            Meaning::BuiltIn(signature) => writeln!(out, "is the built-in {}", signature.name),
            Meaning::ColumnType(signature) => writeln!(out, "is the column type {}", signature.name),
            Meaning::Parameter(signature, parameter) => writeln!(out, "is {}.{}", signature.name, parameter.name),
            Meaning::Choice(parameter) => writeln!(out, "is a choice of {}", parameter.name),
        };
    }
    for flow in analysis.index().flows(FileId::default()) {
        let line = analysis.source.position(flow.span.start as usize).line;
        let by = flow.by.map(|by| format!(", by line {}", analysis.source.position(by.start as usize).line));
        let _ = writeln!(out, "line {line} leaves {}{}", flow.kind, by.unwrap_or_default());
    }
    out
}

#[test]
fn names_of_a_body() {
    insta::assert_snapshot!(listed(
        "const width = 8
block Gate(units: int) {
    gate = it |> Dense(units, activation=sigmoid)
    Dense(units)
    it * gate
}
model Net(deep: bool = true) {
    input x: f32[T, 16]
    share tower = Dense(units=width)
    x |> tower() as left
    Gate(units=width) as gated
    if deep { Dense(width) } else { Dense(width * 2) }
    repeat 2 as i { Dense(width + i) as inner }
    branch { a: { Dense(4) } b: { Dense(4, use_bias=false) } } as arms
    it + inner[-1] @ tower.kernel
    output y = TransformerEncoder(2, 4)
}
"
    ));
}

#[test]
fn names_of_settings_and_schemas() {
    insta::assert_snapshot!(listed(
        "schema Shop {
    table Customer {
        id:   int key
        plan: enum { free: 70%, pro }
        age:  int in 18..=95 ~ normal(41, 14)
        paid: bool ~ bernoulli(if plan == free { 0.1 } else { 0.9 })
        unique (plan, age)
    }
    table Order {
        id:    int key
        buyer: ref Customer
        total: decimal(2) in 0..
        check buyer.age > 18 or total < 10
    }
    correlate Customer(age, id) = 0.4
}
dataset Buyers: Shop.Customer = csv(\"buyers.csv\", target=paid)
dataset Rows = csv(\"rows.csv\", columns=[a, \"b\"], target=label)
model Guess { input age: f32 reshape(age, [1]) Dense(2) as out }
train guess {
    model: Guess()
    dataset: Buyers
    inputs: { age: cast(age, f32) }
    loss: cross_entropy(out, paid)
    optimizer: Adam(learning_rate=1e-3)
}
train rows {
    model: Guess()
    dataset: Rows
    inputs: { age: mean(columns) }
    loss: cross_entropy(out, label)
    from: guess.best
}
"
    ));
}

#[test]
fn a_declaration_that_is_half_written_keeps_the_names_it_has() {
    insta::assert_snapshot!(listed(
        "const width = 8
model Net {
    input x: f32[4]
    Dense(width, activation=
    it + wid
}
train net {
    model: Net(
    dataset: Rows
"
    ));
}

#[test]
fn a_name_of_another_file_is_that_of_its_declaration() {
    let parts = "block Part(units: int) { Dense(units) }\nconst size = 4\n";
    let files = Memory::new([("parts.ndsl", parts)]);
    let main = Source::new(
        "main.ndsl",
        "use Part as Piece, size from \"parts.ndsl\"\nmodel M { input x: f32[size] Piece(units=2) }\n",
    );
    let analysis = analyze_with(&main.at("main.ndsl"), &files);
    let piece = analysis.source.text.rfind("Piece").unwrap();
    let Some(Meaning::Symbol { kind: SymbolKind::Block, definition }) =
        analysis.index().at(FileId::default(), piece).map(|it| it.meaning)
    else {
        panic!("{:?}", analysis.index().at(FileId::default(), piece));
    };
    assert_eq!(analysis.sources.text(definition), "Part");
    assert_eq!(definition.file, FileId(1));
    let units = analysis.source.text.rfind("units").unwrap();
    let meaning = analysis.index().at(FileId::default(), units).map(|it| it.meaning);
    assert!(
        matches!(meaning, Some(Meaning::Symbol { kind: SymbolKind::Parameter, definition }) if definition.file == FileId(1))
    );
}
