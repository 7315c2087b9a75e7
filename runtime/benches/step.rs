//! The time of a training step, and of a row in inference.
//!
//! `cargo bench -p ndsl-runtime` prints the median of each in milliseconds.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]
#![cfg(feature = "burn")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Builder, ElementType, Graph, Op, Unary};
use ndsl_compiler::plan::Optimizer;
use ndsl_runtime::Tensor;
use support::*;

const ADAM: Optimizer = Optimizer::adam(1e-3);

/// 784-256-128-10.
fn mlp() -> Graph {
    let mut builder = Builder::new("Mlp");
    let mut x = builder.input("x", ElementType::F32, rows_of(&[784]), span());
    for (name, from, to) in [("a", 784, 256), ("b", 256, 128)] {
        x = dense(&mut builder, x, name, from, to);
        x = builder.unary(Unary::Relu, x, span());
    }
    let logits = dense(&mut builder, x, "c", 128, 10);
    classify(&mut builder, logits);
    builder.finish()
}

/// Two convolutions of 32 and 64 filters, a pool, 128, 10, on 28 by 28 pixels.
fn cnn() -> Graph {
    let mut builder = Builder::new("Cnn");
    let mut x = builder.input("x", ElementType::F32, rows_of(&[28, 28, 1]), span());
    for (name, from, to) in [("a", 1, 32), ("b", 32, 64)] {
        x = conv(&mut builder, x, name, from, to);
        x = builder.unary(Unary::Relu, x, span());
    }
    let pool = Op::MaxPool { size: vec![2, 2], strides: vec![2, 2], padding: vec![(0, 0); 2] };
    x = builder.node(pool, vec![x], span());
    x = builder.node(Op::Reshape(rows_of(&[12 * 12 * 64])), vec![x], span());
    x = dense(&mut builder, x, "c", 12 * 12 * 64, 128);
    x = builder.unary(Unary::Relu, x, span());
    let logits = dense(&mut builder, x, "d", 128, 10);
    classify(&mut builder, logits);
    builder.finish()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn measure(name: &str, graph: &Graph, shape: &[usize], rows: usize, steps: usize) {
    let mut session = load(graph, &Weights::initial(graph, 0), 0);
    let width: usize = shape.iter().product();
    let dims: Vec<usize> = std::iter::once(rows).chain(shape.iter().copied()).collect();
    let labels: Vec<i64> = (0..rows as i64).map(|row| row % 10).collect();
    let batch = || vec![Tensor::f32(dims.clone(), numbers(rows * width, 1)), Tensor::i64([rows], labels.clone())];
    let time = |run: &mut dyn FnMut(Vec<Tensor>)| {
        let times = (0..steps).map(|_| {
            let batch = batch();
            let began = Instant::now();
            run(batch);
            began.elapsed().as_secs_f64() * 1e3
        });
        median(times.collect())
    };
    let step = time(&mut |batch| {
        session.train_step(batch, &ADAM).unwrap();
    });
    let forward = time(&mut |batch| {
        session.forward(batch).unwrap();
    });
    println!("{name}, {rows} rows: {step:.2} ms a step, {forward:.2} ms forward");
}

fn main() {
    measure("MLP 784-256-128-10", &mlp(), &[784], 128, 200);
    measure("CNN conv32 conv64 fc128", &cnn(), &[28, 28, 1], 64, 20);
    measure("MLP 784-256-128-10", &mlp(), &[784], 1, 200);
}
