//! Warns of a softmax of a softmax: the second makes all answers nearly alike.

use super::context::Findings;
use super::names::Names;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Graph, Node, Op, ValueId};

/// Looks through what a model computes.
pub fn report(graph: &Graph, names: Names<'_>, findings: &mut Findings) {
    let is_softmax = |node: &&Node| matches!(node.op, Op::Softmax { .. } | Op::LogSoftmax { .. });
    for node in graph.nodes.iter().filter(is_softmax) {
        let Some(first) = node.inputs.first().and_then(|input| softmax_behind(graph, *input)) else { continue };
        let (again, before) = (graph.value(node.output).span, graph.value(first).span);
        let mut warning =
            Diagnostic::new(Code::DoubleActivation, again, "a softmax of a softmax makes all answers nearly alike")
                .label("softmax again")
                .related(before, "this is a softmax already")
                .help("leave one of them out");
        let written = names.text(again).replace(' ', "");
        if matches!(written.as_str(), "Softmax()" | "Activation(softmax)" | "Activation(\"softmax\")" | "softmax(it)") {
            warning = warning.fix("leave the second out", again, "it", Applicability::Guess);
        }
        findings.report(warning);
    }
}

/// The softmax that a value is, but for what changes nothing of it in inference.
fn softmax_behind(graph: &Graph, mut id: ValueId) -> Option<ValueId> {
    loop {
        let node = graph.producer(id)?;
        match node.op {
            Op::Softmax { .. } => return Some(id),
            Op::Dropout { .. } => id = *node.inputs.first()?,
            _ => return None,
        }
    }
}
