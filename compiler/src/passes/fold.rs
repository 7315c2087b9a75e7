//! Constant folding: what depends on nothing but the program is computed once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ir::{ElementType, Graph, Op, Sizes, ValueId, cost};
use crate::reference::{Tensor, apply};

/// The most numbers one folded value may hold.
const MAX_NUMBERS: usize = 1 << 16;

/// The most operations one value may take.
const MAX_WORK: u64 = 1 << 18;

/// The most operations a whole graph may take: folding is never what a compilation waits for.
const MAX_TOTAL: u64 = 1 << 22;

/// The graph with a constant in the place of every node that depends on constants alone, where that is small.
///
/// Values keep their numbers, names and shapes. What a constant was made of stays behind where something else reads it, and
/// otherwise is read by nothing.
pub fn fold(graph: &Graph) -> Graph {
    let mut graph = graph.clone();
    let mut known: BTreeMap<ValueId, Tensor> = BTreeMap::new();
    let mut total = 0;
    for index in 0..graph.nodes.len() {
        let node = &graph.nodes[index];
        let is_constant = matches!(node.op, Op::Constant(_) | Op::ConstantTensor { .. });
        let read: Option<Vec<&Tensor>> = node.inputs.iter().map(|id| known.get(id)).collect();
        let Some(read) = read.filter(|_| !node.op.is_random()) else { continue };
        let count = graph.value(node.output).shape.elements().unwrap_or(usize::MAX);
        let work = work(&graph, index);
        if count > MAX_NUMBERS || work > MAX_WORK || total > MAX_TOTAL {
            continue;
        }
        // What fails here fails in a run too, where it is reported.
        let Ok(made) = apply(&node.op, &read, &Sizes::new()) else { continue };
        let output = node.output;
        if !is_constant {
            total += work;
            graph.nodes[index].op = constant(&made);
            graph.nodes[index].inputs = Vec::new();
        }
        known.insert(output, made);
    }
    graph
}

/// How much it takes to evaluate a node: what it costs to run, what it makes and what it reads.
fn work(graph: &Graph, index: usize) -> u64 {
    let node = &graph.nodes[index];
    let elements = |id: &ValueId| graph.value(*id).shape.elements().map_or(u64::MAX, |count| count as u64);
    let moved = node.inputs.iter().chain([&node.output]).map(elements).fold(0, u64::saturating_add);
    // These look at a whole axis for each element.
    let axis = match node.op {
        Op::Softmax { axis } | Op::LogSoftmax { axis } | Op::CumSum { axis, .. } => {
            graph.value(node.output).shape.dims().get(axis).and_then(crate::ir::Dim::known).unwrap_or(1) as u64
        }
        _ => 1,
    };
    cost::flops(graph, node).unwrap_or(u64::MAX).saturating_add(moved).saturating_mul(axis)
}

fn constant(tensor: &Tensor) -> Op {
    match (tensor.element, &tensor.data[..], tensor.shape.is_empty()) {
        (ElementType::F32, [number], true) => Op::Constant(*number),
        _ => Op::ConstantTensor {
            element: tensor.element,
            shape: tensor.shape.clone(),
            data: Arc::from(&tensor.data[..]),
        },
    }
}

#[cfg(test)]
mod tests {
    use ndsl_grammar::Span;

    use super::*;
    use crate::ir::{Binary, Builder, Dim, Shape, Unary};

    fn at() -> Span {
        Span::default()
    }

    fn folded(build: impl FnOnce(&mut Builder, ValueId) -> ValueId) -> Graph {
        let mut builder = Builder::new("fold");
        let x = builder.input("x", ElementType::F32, Shape::batched([Dim::symbol("T")]), at());
        let y = build(&mut builder, x);
        builder.output("y", y);
        fold(&builder.finish())
    }

    fn made(graph: &Graph) -> &Op {
        &graph.producer(graph.outputs[0].value).expect("a node").op
    }

    #[test]
    fn what_depends_on_constants_alone_is_one() {
        let graph = folded(|b, x| {
            let range = b.node(Op::Range(Dim::Known(3)), vec![], at());
            let floats = b.node(Op::Cast(ElementType::F32), vec![range], at());
            let two = b.constant(2.0, at());
            let doubled = b.binary(Binary::Multiply, floats, two, at());
            let row = b.binary(Binary::Add, x, doubled, at());
            b.node(Op::Slice { axis: 0, start: Dim::Known(0), end: Dim::Known(2), step: 1 }, vec![row], at());
            doubled
        });
        let data = [0.0, 2.0, 4.0].into();
        assert_eq!(*made(&graph), Op::ConstantTensor { element: ElementType::F32, shape: vec![3], data });
        let sum = graph.nodes.iter().find(|node| node.op == Op::Binary(Binary::Add)).expect("it reads an input");
        assert_eq!(sum.inputs.len(), 2);
    }

    #[test]
    fn one_number_is_one_number() {
        let graph = folded(|b, _| {
            let two = b.constant(2.0, at());
            b.unary(Unary::Square, two, at())
        });
        assert_eq!(*made(&graph), Op::Constant(4.0));
    }

    #[test]
    fn what_a_run_decides_stays() {
        let symbolic = folded(|b, _| b.node(Op::Range(Dim::symbol("T")), vec![], at()));
        assert_eq!(*made(&symbolic), Op::Range(Dim::symbol("T")));
        let random = folded(|b, _| {
            let zero = b.constant(0.0, at());
            b.node(Op::RandomNormal, vec![zero], at())
        });
        assert_eq!(*made(&random), Op::RandomNormal);
        let faulty = folded(|b, _| {
            let (one, zero) = (b.scalar(ElementType::I64, 1.0, at()), b.scalar(ElementType::I64, 0.0, at()));
            b.binary(Binary::Remainder, one, zero, at())
        });
        assert_eq!(*made(&faulty), Op::Binary(Binary::Remainder));
    }

    #[test]
    fn what_is_large_stays() {
        let large = folded(|b, _| b.node(Op::Range(Dim::Known(MAX_NUMBERS + 1)), vec![], at()));
        assert_eq!(*made(&large), Op::Range(Dim::Known(MAX_NUMBERS + 1)));
        // The numbers of the product fit, the sums that make them are too many.
        let product = folded(|b, _| {
            let column = b.node(Op::Range(Dim::Known(4096)), vec![], at());
            let floats = b.node(Op::Cast(ElementType::F32), vec![column], at());
            let square = b.node(Op::Reshape(Shape::known([64, 64])), vec![floats], at());
            b.node(Op::MatMul, vec![square, square], at())
        });
        assert_eq!(*made(&product), Op::MatMul);
    }

    #[test]
    fn a_long_program_is_folded_in_part() {
        let graph = folded(|b, _| {
            let mut last = b.node(Op::Range(Dim::Known(MAX_NUMBERS)), vec![], at());
            for _ in 0..5_000 {
                last = b.unary(Unary::Negate, last, at());
            }
            last
        });
        let constants = graph.nodes.iter().filter(|node| matches!(node.op, Op::ConstantTensor { .. })).count();
        assert!((2..100).contains(&constants), "{constants}");
    }
}
