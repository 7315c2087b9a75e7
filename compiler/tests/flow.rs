//! What bodies unroll to: every `tests/flow/*.ndsl` has no fault, and its models are the layers, weights and outputs of its snapshot.

use std::fmt::Write;

use ndsl_compiler::check::{Fact, FactKind, ModelInstance};
use ndsl_compiler::diagnostics::render::concise;
use ndsl_compiler::ir::tree::{Branch, tree};
use ndsl_compiler::ir::{Graph, ValueId};
use ndsl_compiler::{Source, analyze};

/// Everything a model became, a line each.
fn listing(model: &ModelInstance) -> String {
    let graph = &model.graph;
    let kind = |id| {
        let value = graph.value(id);
        format!("{}{}", value.element, value.shape)
    };
    let mut out = format!("model {}({})\n", model.name, model.parameters.join(", "));
    for id in &graph.inputs {
        let column = graph.column(*id).map_or_else(String::new, |column| format!(", {} ({column})", column.path));
        writeln!(out, "  input {}: {}{column}", graph.value(*id).name, kind(*id)).unwrap();
    }
    for constraint in &graph.constraints {
        writeln!(out, "  wants {} {:?} {}", constraint.left, constraint.comparison, constraint.right).unwrap();
    }
    for branch in tree(graph) {
        branches(graph, &branch, 1, &mut out);
    }
    for parameter in &graph.parameters {
        writeln!(out, "  {} {:?}", parameter.name, parameter.shape).unwrap();
    }
    for output in &graph.outputs {
        let head = output.head.as_ref().map_or_else(String::new, |head| format!(", predicts {}", head.path));
        writeln!(out, "  output {}: {}{head}", output.name, kind(output.value)).unwrap();
    }
    out
}

/// A layer or a block, a line each, with what is inside it.
fn branches(graph: &Graph, branch: &Branch, depth: usize, out: &mut String) {
    let kind = |id: Option<ValueId>| {
        id.map_or_else(|| "…".to_owned(), |id| format!("{}{}", graph.value(id).element, graph.value(id).shape))
    };
    let (name, parameters) = (&branch.name, branch.cost.parameters);
    let flops = branch.cost.flops.map_or_else(|| "?".to_owned(), |flops| flops.to_string());
    let (input, output) = (kind(branch.input), kind(branch.output));
    let indent = "  ".repeat(depth);
    writeln!(out, "{indent}{name}: {} {input} -> {output}, {parameters} parameters, {flops} FLOPs", branch.kind)
        .unwrap();
    branch.children.iter().for_each(|child| branches(graph, child, depth + 1, out));
}

#[test]
fn bodies_unroll() {
    insta::glob!("flow/*.ndsl", |path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let source = Source::new(name, std::fs::read_to_string(path).unwrap());
        let analysis = analyze(&source);
        let found: Vec<String> = analysis.diagnostics.iter().map(|found| concise(found, &source)).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert!(analysis.models().iter().all(|model| model.complete), "everything is known");
        for model in analysis.models() {
            let mut names: Vec<&str> = model.graph.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), model.graph.parameters.len(), "every weight has a name of its own");
        }
        insta::assert_snapshot!(analysis.models().iter().map(listing).collect::<Vec<_>>().join("\n"));
    });
}

/// What is known of the first place where `text` stands, as an editor would show it: facts with more to say come first.
fn known(program: &str, text: &str) -> Vec<String> {
    let analysis = analyze(&Source::new("facts.ndsl", program));
    let at = program.find(text).expect("stands there");
    let shown = |fact: &Fact| match &fact.kind {
        FactKind::Layer { applied, .. } => {
            applied.as_ref().map(|made| format!("{}: {} -> {}", made.name, made.input, made.output))
        }
        FactKind::Value { name, kind, .. } => Some(format!("{name}: {kind}")),
        FactKind::Model { noun, name, summary, .. } => {
            Some(format!("{noun} {name}: {}", summary.clone().unwrap_or_default()))
        }
        _ => None,
    };
    analysis.facts().iter().filter(|fact| fact.span.range().start == at).filter_map(shown).collect()
}

#[test]
fn an_editor_is_told_of_a_block_what_its_first_use_makes_of_it() {
    let program = "block Wide(n: int) {\n input x: f32[T, D]\n Dense(n * D) as hidden\n repeat 2 as i { Conv1D(n + i, 1) as inner }\n \
                   hidden + x[0, 0]\n}\n\
                   model M {\n input a: f32[5, 8]\n a |> Wide(4) as first\n a |> Wide(9) as second\n first[0] + second[0, 0]\n}\n";
    let of = |text: &str| known(program, text);
    // Alone nothing is known of `n`; the first use says the rest, and the second no more.
    assert!(of("Dense(").contains(&"first.hidden: f32[5, 8] -> f32[5, 32]".to_owned()), "{:?}", of("Dense("));
    assert!(!of("Dense(").iter().any(|fact| fact.contains("72")), "{:?}", of("Dense("));
    assert!(of("hidden + x").contains(&"hidden: f32[5, 32]".to_owned()), "{:?}", of("hidden + x"));
    assert!(of("i, 1)").contains(&"i: int = 0".to_owned()), "{:?}", of("i, 1)"));
    assert!(of("D) as").contains(&"D: int = 8".to_owned()), "{:?}", of("D) as"));
    assert!(of("Wide(4)").contains(&"Wide: block Wide".to_owned()), "{:?}", of("Wide(4)"));
}
