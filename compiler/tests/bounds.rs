//! Short texts that say a great deal: each is answered with one fault at the right place, and holds little when it is.

use std::fmt::Write;

use ndsl_compiler::diagnostics::Code;
use ndsl_compiler::{Analysis, Source, analyze};

/// That `text` has one fault, of `code`, which starts at `at`; and that little was made of it.
fn one(text: &str, code: Code, at: &str) -> Analysis {
    let analysis = analyze(&Source::new("bounds.ndsl", text));
    let found: Vec<_> = analysis.diagnostics.iter().map(|found| (found.code, &found.message)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, code, "{found:?}");
    let start = analysis.diagnostics[0].label.span.start as usize;
    assert!(text[start..].starts_with(at), "at {:?}", text[start..].lines().next());
    for model in analysis.models() {
        assert!(!model.complete);
        assert!(model.graph.values.len() < 50_000, "{} values", model.graph.values.len());
    }
    analysis
}

fn model(body: &str) -> String {
    format!("model M {{\n    input x: f32[4]\n    {body}\n}}\n")
}

#[test]
fn a_count_beyond_reason_is_refused_before_a_round_is_made() {
    let analysis = one(&model("repeat 1000000000 { Dense(4) }"), Code::TooManySteps, "1000000000");
    assert!(analysis.models()[0].graph.layers.is_empty());
    one(&model("repeat 9223372036854775807 {}"), Code::TooManySteps, "9223372036854775807");
    one(&model("repeat 0..9223372036854775807 { it + 1 }"), Code::TooManySteps, "0..");
}

#[test]
fn rounds_in_rounds_are_counted_together() {
    one(&model("repeat 1000 { repeat 1000 { repeat 1000 { Dense(4) } } }"), Code::TooManySteps, "1000 {");
    one(&model("n = 100000\n    repeat n { Dense(4) }"), Code::TooManySteps, "n { Dense");
    one(&model("repeat 100000 { it + 1 as y }\n    y[0]"), Code::TooManySteps, "100000");
    one(&model("repeat 500000 { _y = 3 * 3 }\n    Dense(1)"), Code::TooManySteps, "500000");
}

#[test]
fn a_fault_in_rounds_counts_for_more_than_an_expression() {
    let start = std::time::Instant::now();
    let text = model("repeat 1000 { repeat 1000 { repeat 1000 { nothing } } }");
    let analysis = analyze(&Source::new("faults.ndsl", text));
    let found: Vec<_> = analysis.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(found, [Code::TooManySteps, Code::UnknownName]);
    // Without the count it takes some twenty times as long.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_circle_of_blocks_is_shown_once() {
    let text = format!("block A {{ B() }}\nblock B {{ C() }}\nblock C {{ A() }}\n{}", model("A()"));
    let analysis = one(&text, Code::Recursion, "A");
    assert_eq!(analysis.diagnostics[0].related.len(), 3, "every use of the circle");
    one(&format!("block A(n: int) {{ if n > 0 {{ A(n - 1) }} }}\n{}", model("A(3)")), Code::Recursion, "A");
}

#[test]
fn a_chain_that_doubles_is_refused_where_it_becomes_too_large() {
    for first in ["block b0 { relu(it) }\n", "block b0 { input x: f32[4]; Dense(4) }\n"] {
        let mut text = String::from(first);
        for number in 1..=60 {
            writeln!(text, "block b{number} {{ b{0}(); b{0}() }}", number - 1).unwrap();
        }
        one(&(text + &model("b60()")), Code::TooManySteps, "b1");
    }
}

#[test]
fn a_chain_that_multiplies_by_a_parameter_is_followed_no_further_than_the_bound() {
    let mut text = String::from("block B0(n: int) { Dense(n) }\n");
    for number in 1..=60 {
        writeln!(text, "block B{number}(n: int) {{ repeat n {{ B{}(n) }} }}", number - 1).unwrap();
    }
    one(&(text + &model("B60(2)")), Code::TooManySteps, "n {");
}

#[test]
fn blocks_stand_inside_one_another_only_so_deep() {
    let chain = |length: usize, around: (&str, &str)| {
        let mut text = String::from("block B0 { Dense(4) }\n");
        for number in 1..length {
            writeln!(text, "block B{number} {{ {}B{}(){} }}", around.0, number - 1, around.1).unwrap();
        }
        text + &model(&format!("B{}()", length - 1))
    };
    let analysis = analyze(&Source::new("deep.ndsl", chain(120, ("", ""))));
    assert!(!analysis.has_errors() && analysis.models()[0].complete);
    one(&chain(3000, ("", "")), Code::TooDeep, "B");
    // Braces count too: what follows them recurses.
    let (open, close) = ("residual { ".repeat(60), " }".repeat(60));
    let analysis = analyze(&Source::new("deep.ndsl", chain(100, (&open, &close))));
    let found: Vec<_> = analysis.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(found, [Code::TooDeep]);
}

#[test]
fn the_models_of_a_file_share_a_bound() {
    let mut text = String::from("block Long { repeat 2000 { relu(it) } }\n");
    for number in 0..200 {
        writeln!(text, "model M{number} {{ input x: f32[4]; repeat 6 {{ Long() }} }}").unwrap();
    }
    let analysis = analyze(&Source::new("many.ndsl", text));
    let found: Vec<_> = analysis.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(found, [Code::TooManySteps]);
    let values: usize = analysis.models().iter().map(|model| model.graph.values.len()).sum();
    assert!(values < 100_000, "{values} values");
}

#[test]
fn values_that_hold_values_do_not_grow_without_end() {
    let text = model("repeat 100 { branch { a: { it } b: { it } } }\n    it[0]");
    let analysis = analyze(&Source::new("arms.ndsl", text));
    assert_eq!(analysis.diagnostics[0].code, Code::TooDeep);
}
