//! What holds of every program that is laid out, beyond its tree.

use ndsl_compiler::ir::Graph;
use ndsl_compiler::{Analysis, Source, analyze};

/// `tidy`, the layout of `text`, is found to be the same program: the same graphs, the same plans, the same faults.
pub fn keep_meaning(text: &str, tidy: &str, name: &str) {
    let [before, after] = [text, tidy].map(|text| analyze(&Source::new("program", text)));
    if text.contains("Input") && before.has_errors() {
        // `Input(…)` becomes `input`, and what is wrong in it is said of that.
        assert!(after.has_errors(), "{name}:\n{tidy}");
        return;
    }
    let [before, after] = [before, after].map(|analysis| meaning(&analysis));
    for (before, after) in before.iter().zip(&after) {
        if before != after {
            let at = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
            let [before, after] =
                [before, after].map(|text| String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(80)..]));
            panic!("{name} means something else once it is laid out: {before:.160} is {after:.160}\n{tidy}");
        }
    }
    assert_eq!(before.len(), after.len(), "{name}:\n{tidy}");
}

/// All that an analysis computes, part by part, without the places it comes from.
fn meaning(analysis: &Analysis) -> Vec<String> {
    // What a call gives is kept as it is written, and cut where that is long: its layout is part of it.
    let computed = |graph: &Graph| {
        let mut graph = graph.clone();
        graph.layers.iter_mut().for_each(|layer| layer.given.clear());
        format!("{graph:?}")
    };
    let graphs = analysis.models().iter().map(|model| computed(&model.graph));
    let trains = analysis.trains().iter().map(|train| {
        let graph = train.graph.as_ref().map(computed);
        format!("{} {graph:?} {}", train.name, train.complete)
    });
    let datasets = analysis.datasets().iter().map(|dataset| format!("{dataset:?}"));
    // What is quoted of the text is laid out as that is.
    let unquoted = |message: &str| message.split('`').step_by(2).collect::<String>();
    let faults =
        analysis.diagnostics.iter().map(|found| format!("{} {}", found.code.as_str(), unquoted(&found.message)));
    let mut faults: Vec<String> = faults.collect();
    faults.sort();
    graphs.chain(trains).chain(datasets).chain(faults).map(|part| without_layout(&part)).collect()
}

/// A text without places, nor what may differ where the text of a program is part of it: white space, separators, quotes.
fn without_layout(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find("..") {
        out.push_str(rest[..at].trim_end_matches(|c: char| c.is_ascii_digit()));
        rest = rest[at + 2..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out += rest;
    out.retain(|c| !c.is_whitespace() && !matches!(c, ',' | ';' | '"' | '\\'));
    out
}
