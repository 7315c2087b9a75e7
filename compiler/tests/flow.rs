//! What bodies unroll to: every `tests/flow/*.ndsl` has no fault, and its models are the layers, weights and outputs of its snapshot.

use std::fmt::Write;

use ndsl_compiler::check::ModelInstance;
use ndsl_compiler::diagnostics::render::concise;
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
        writeln!(out, "  input {}: {}", graph.value(*id).name, kind(*id)).unwrap();
    }
    for constraint in &graph.constraints {
        writeln!(out, "  wants {} {:?} {}", constraint.left, constraint.comparison, constraint.right).unwrap();
    }
    for (at, layer) in graph.layers.iter().enumerate() {
        for group in
            graph.groups.iter().rev().filter(|group| group.layers.start as usize == at && !group.layers.is_empty())
        {
            writeln!(out, "  {}: {} of {} layers", group.name, group.kind, group.layers.len()).unwrap();
        }
        writeln!(out, "  {}: {} {} -> {}", layer.name, layer.kind, kind(layer.input), kind(layer.output)).unwrap();
    }
    for parameter in &graph.parameters {
        writeln!(out, "  {} {:?}", parameter.name, parameter.shape).unwrap();
    }
    for output in &graph.outputs {
        writeln!(out, "  output {}: {}", output.name, kind(output.value)).unwrap();
    }
    out
}

#[test]
fn bodies_unroll() {
    insta::glob!("flow/*.ndsl", |path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let source = Source::new(name, std::fs::read_to_string(path).unwrap());
        let analysis = analyze(&source);
        let found: Vec<String> = analysis.diagnostics.iter().map(|found| concise(found, &source)).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert!(analysis.models.iter().all(|model| model.complete), "everything is known");
        for model in &analysis.models {
            let mut names: Vec<&str> = model.graph.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), model.graph.parameters.len(), "every weight has a name of its own");
        }
        insta::assert_snapshot!(analysis.models.iter().map(listing).collect::<Vec<_>>().join("\n"));
    });
}
