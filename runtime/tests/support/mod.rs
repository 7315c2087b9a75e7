//! Graphs built by hand, and numbers to feed them.
#![allow(dead_code, unreachable_pub, reason = "every test file uses its own part of it")]

use ndsl_compiler::ir::{Builder, Dim, ElementType, Graph, Initializer, Op, Reduction, Role, Shape, ValueId};
use ndsl_compiler::plan::LOSS_OUTPUT;
use ndsl_compiler::{Weight, Weights};
use ndsl_grammar::Span;
use ndsl_runtime::Tensor;
use ndsl_runtime::engine::{EngineOptions, Session};

mod both;

pub use both::Both;

pub fn span() -> Span {
    Span::default()
}

/// `[N, …dims]`
pub fn rows_of(dims: &[usize]) -> Shape {
    Shape::batched(dims.iter().map(|dim| Dim::Known(*dim)))
}

pub fn load(graph: &Graph, weights: &Weights, seed: u64) -> Box<dyn Session> {
    Box::new(Both::load(graph, weights, &EngineOptions { seed, ..EngineOptions::default() }).unwrap())
}

/// Numbers between -2 and 2 that look random and are the same everywhere.
pub fn numbers(count: usize, seed: u64) -> Vec<f32> {
    Initializer::Uniform { limit: 2.0 }.sample(seed, "numbers", count)
}

pub fn weights(list: &[(&str, &[usize], Vec<f32>)]) -> Weights {
    let weight = |(name, shape, data): &(&str, &[usize], Vec<f32>)| {
        ((*name).to_owned(), Weight { shape: shape.to_vec(), data: data.clone() })
    };
    Weights(list.iter().map(weight).collect())
}

/// Runs one operation on floats, all of them inputs.
pub fn forward(op: Op, inputs: &[(&[usize], Vec<f32>)]) -> (Vec<usize>, Vec<f32>) {
    let mut builder = Builder::new("one");
    let ids: Vec<ValueId> =
        inputs.iter().map(|(shape, _)| builder.input("x", ElementType::F32, rows_of(&shape[1..]), span())).collect();
    let y = builder.node(op, ids, span());
    builder.output("y", y);
    let mut session = load(&builder.finish(), &Weights::default(), 0);
    let tensors = inputs.iter().map(|(shape, data)| Tensor::f32(shape.to_vec(), data.clone())).collect();
    let out = session.forward(tensors).unwrap().remove(0);
    (out.shape.clone(), out.as_f32().unwrap().to_vec())
}

#[track_caller]
pub fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_close_in("outcome", found, expected, tolerance);
}

#[track_caller]
pub fn assert_close_in(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (found - expected).abs();
        let is_close = difference <= tolerance * expected.abs().max(1.0);
        assert!(is_close, "{what}: number {index} is {found}, expected {expected}");
    }
}

/// A dense layer with its activation's place left to the caller.
pub fn dense(builder: &mut Builder, x: ValueId, name: &str, from: usize, to: usize) -> ValueId {
    let glorot = Initializer::glorot_uniform(from, to);
    let weight = builder.parameter(format!("{name}.weight"), vec![to, from], glorot, Role::Trainable, span());
    let bias = builder.parameter(format!("{name}.bias"), vec![to], Initializer::Zeros, Role::Trainable, span());
    builder.node(Op::Linear, vec![x, weight, bias], span())
}

/// A 3x3 convolution without padding.
pub fn conv(builder: &mut Builder, x: ValueId, name: &str, from: usize, to: usize) -> ValueId {
    let glorot = Initializer::glorot_uniform(9 * from, 9 * to);
    let weight = builder.parameter(format!("{name}.weight"), vec![to, from, 3, 3], glorot, Role::Trainable, span());
    let bias = builder.parameter(format!("{name}.bias"), vec![to], Initializer::Zeros, Role::Trainable, span());
    let op = Op::Conv { strides: vec![1, 1], dilation: vec![1, 1], padding: vec![(0, 0); 2], groups: 1 };
    builder.node(op, vec![x, weight, bias], span())
}

/// Adds labels, the loss of classification and both outputs.
pub fn classify(builder: &mut Builder, logits: ValueId) {
    let labels = builder.input("label", ElementType::I64, rows_of(&[]), span());
    let loss = builder.node(Op::SoftmaxCrossEntropy, vec![logits, labels], span());
    builder.output("prediction", logits);
    builder.output(LOSS_OUTPUT, loss);
}

/// Ends in the mean of all axes but the batch.
pub fn mean_per_row(builder: &mut Builder, x: ValueId) -> ValueId {
    let axes: Vec<usize> = (1..builder.shape(x).rank()).collect();
    match axes.is_empty() {
        true => x,
        false => builder.node(Op::Reduce { reduction: Reduction::Mean, axes, keep: false }, vec![x], span()),
    }
}
