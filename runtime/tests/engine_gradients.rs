//! What a step of training does, against finite differences and against the optimizers' formulas.
#![cfg(feature = "burn")]

mod support;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Binary, Builder, ElementType, Graph, Initializer, Op, Reduction, Role, Unary, ValueId};
use ndsl_compiler::plan::{LOSS_OUTPUT, Optimizer};
use ndsl_runtime::Tensor;
use support::*;

const ROWS: usize = 2;
const PLAIN: Optimizer = Optimizer::sgd(1.0);

/// A graph whose parameters are the operands of `operation`, and whose loss weighs every element of the outcome
/// differently.
fn graph_of(
    operands: &[&[usize]],
    operation: impl Fn(&mut Builder, &[ValueId]) -> ValueId,
) -> (Graph, Weights, Tensor) {
    let mut builder = Builder::new("gradient");
    let ids: Vec<ValueId> = operands
        .iter()
        .enumerate()
        .map(|(i, shape)| {
            builder.parameter(format!("p{i}"), shape.to_vec(), Initializer::Zeros, Role::Trainable, span())
        })
        .collect();
    let y = operation(&mut builder, &ids);
    let shape = builder.shape(y).at_batch(ROWS).unwrap();
    assert_eq!(shape[0], ROWS);
    let factors = builder.input("factors", ElementType::F32, rows_of(&shape[1..]), span());
    let weighted = builder.binary(Binary::Multiply, y, factors, span());
    let loss = mean_per_row(&mut builder, weighted);
    builder.output(LOSS_OUTPUT, loss);
    let names: Vec<String> = (0..operands.len()).map(|i| format!("p{i}")).collect();
    let list: Vec<(&str, &[usize], Vec<f32>)> = operands
        .iter()
        .enumerate()
        .map(|(i, shape)| (names[i].as_str(), *shape, numbers(shape.iter().product(), 10 + i as u64)))
        .collect();
    let factors = Tensor::f32(shape.clone(), numbers(shape.iter().product(), 99));
    let graph = builder.finish();
    let mut all = Weights::initial(&graph, 0);
    all.0.extend(weights(&list).0);
    (graph, all, factors)
}

fn loss(graph: &Graph, weights: &Weights, input: &Tensor) -> f64 {
    f64::from(load(graph, weights, 3).train_step(vec![input.clone()], &PLAIN).unwrap().loss)
}

/// Compares the step that plain gradient descent makes with central differences of the loss.
#[track_caller]
fn check(what: &str, graph: &Graph, weights: &Weights, input: &Tensor) {
    let mut session = load(graph, weights, 3);
    session.train_step(vec![input.clone()], &PLAIN).unwrap();
    let moved = session.weights().unwrap();
    const STEP: f32 = 4e-3;
    for parameter in graph.parameters.iter().filter(|parameter| parameter.role == Role::Trainable) {
        let (name, weight) = (&parameter.name, weights.get(&parameter.name).unwrap());
        for index in 0..weight.data.len() {
            let gradient = f64::from(weight.data[index] - moved.get(name).unwrap().data[index]);
            let at = |shift: f32| {
                let mut shifted = weights.clone();
                shifted.0.get_mut(name).unwrap().data[index] += shift;
                loss(graph, &shifted, input)
            };
            let difference = (at(STEP) - at(-STEP)) / f64::from(2.0 * STEP);
            let error = (gradient - difference).abs();
            assert!(error < 2e-3 + 1e-2 * difference.abs(), "{what}: {name}[{index}]: {gradient} against {difference}");
        }
    }
}

fn check_operation(what: &str, operands: &[&[usize]], operation: impl Fn(&mut Builder, &[ValueId]) -> ValueId) {
    let (graph, weights, input) = graph_of(operands, operation);
    check(what, &graph, &weights, &input);
}

fn node(op: Op) -> impl Fn(&mut Builder, &[ValueId]) -> ValueId {
    move |builder, operands| builder.node(op.clone(), operands.to_vec(), span())
}

#[test]
fn unary_operations() {
    let all = [
        Unary::Negate,
        Unary::Abs,
        Unary::Exp,
        Unary::Relu,
        Unary::LeakyRelu { slope: 0.2 },
        Unary::Elu { alpha: 0.7 },
        Unary::Selu,
        Unary::Relu6,
        Unary::Sigmoid,
        Unary::HardSigmoid,
        Unary::Tanh,
        Unary::Gelu { approximate: false },
        Unary::Gelu { approximate: true },
        Unary::Silu,
        Unary::Softplus,
        Unary::Softsign,
        Unary::Mish,
    ];
    for unary in all {
        check_operation(unary.name(), &[&[ROWS, 6]], node(Op::Unary(unary)));
    }
    for unary in [Unary::Log, Unary::Sqrt] {
        check_operation(unary.name(), &[&[ROWS, 4]], |builder, x| {
            let positive = builder.unary(Unary::Exp, x[0], span());
            builder.unary(unary, positive, span())
        });
    }
}

#[test]
fn binary_operations_with_broadcasting() {
    let all = [Binary::Add, Binary::Subtract, Binary::Multiply, Binary::Maximum, Binary::Minimum];
    for binary in all {
        check_operation(binary.name(), &[&[ROWS, 2, 3], &[3]], node(Op::Binary(binary)));
        check_operation(binary.name(), &[&[ROWS, 1, 3], &[ROWS, 2, 1]], node(Op::Binary(binary)));
    }
    for binary in [Binary::Divide, Binary::Power] {
        check_operation(binary.name(), &[&[ROWS, 3], &[3]], |builder, operands| {
            let half = builder.constant(0.5, span());
            let scaled = builder.binary(Binary::Multiply, operands[1], half, span());
            let positive = builder.unary(Unary::Exp, scaled, span());
            let base = builder.unary(Unary::Softplus, operands[0], span());
            builder.binary(binary, base, positive, span())
        });
    }
    for (binary, left) in
        [(Binary::Divide, true), (Binary::Power, true), (Binary::Power, false), (Binary::Subtract, true)]
    {
        check_operation(binary.name(), &[&[ROWS, 3]], |builder, operands| {
            let positive = builder.unary(Unary::Softplus, operands[0], span());
            let shifted = builder.constant(0.5, span());
            let x = builder.binary(Binary::Add, positive, shifted, span());
            let number = builder.constant(2.0, span());
            match left {
                true => builder.binary(binary, number, x, span()),
                false => builder.binary(binary, x, number, span()),
            }
        });
    }
}

#[test]
fn linear() {
    check_operation("linear", &[&[ROWS, 2, 3], &[4, 3], &[4]], node(Op::Linear));
    check_operation("linear", &[&[ROWS, 3], &[4, 3]], node(Op::Linear));
}

#[test]
fn a_weight_that_is_read_twice() {
    // Tied weights: once as a linear operation's weight and once as a value.
    check_operation("tied", &[&[ROWS, 3], &[3, 3]], |builder, operands| {
        let y = builder.node(Op::Linear, operands.to_vec(), span());
        let square = builder.node(
            Op::Reduce { reduction: Reduction::Sum, axes: vec![0], keep: true },
            vec![operands[1]],
            span(),
        );
        builder.binary(Binary::Add, y, square, span())
    });
}

#[test]
fn convolutions() {
    let uneven = [(0, 1), (1, 2)];
    let even = [(1, 1), (1, 1)];
    for (strides, dilation, padding, groups) in [
        ([1, 1], [1, 1], [(0, 0); 2], 1),
        ([2, 2], [1, 1], uneven, 1),
        ([2, 1], [1, 1], even, 2),
        ([1, 1], [2, 1], even, 1),
    ] {
        let op = Op::Conv { strides: strides.to_vec(), dilation: dilation.to_vec(), padding: padding.to_vec(), groups };
        let weight = [4, 2 / groups, 2, 3];
        check_operation("conv2d", &[&[ROWS, 4, 5, 2], &weight, &[4]], node(op));
    }
}

#[test]
fn pools_and_reductions() {
    let uneven = [(0, 1), (1, 2)];
    let even = [(1, 1), (1, 1)];
    for padding in [[(0, 0); 2], even, uneven] {
        let (size, strides) = ([2, 3], [2, 2]);
        check_operation(
            "max",
            &[&[ROWS, 4, 5, 2]],
            node(Op::MaxPool { size: size.to_vec(), strides: strides.to_vec(), padding: padding.to_vec() }),
        );
        check_operation(
            "average",
            &[&[ROWS, 4, 5, 2]],
            node(Op::AveragePool { size: size.to_vec(), strides: strides.to_vec(), padding: padding.to_vec() }),
        );
    }
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::Max] {
        for axes in [vec![1], vec![1, 2], vec![2, 3], vec![1, 3]] {
            let op = Op::Reduce { reduction, axes, keep: true };
            check_operation("reduce", &[&[ROWS, 2, 3, 2]], node(op));
        }
    }
}

#[test]
fn a_chain_that_changes_layout_on_its_way() {
    check_operation("chain", &[&[ROWS, 5, 5, 1], &[3, 1, 2, 2], &[4, 12]], |builder, operands| {
        let conv = Op::Conv { strides: vec![1, 1], dilation: vec![1, 1], padding: vec![(0, 0); 2], groups: 1 };
        let y = builder.node(conv, operands[..2].to_vec(), span());
        let y = builder.unary(Unary::Tanh, y, span());
        let pool = Op::AveragePool { size: vec![2, 2], strides: vec![2, 2], padding: vec![(0, 0); 2] };
        let y = builder.node(pool, vec![y], span());
        let flat = builder.node(Op::Reshape(rows_of(&[12])), vec![y], span());
        builder.node(Op::Linear, vec![flat, operands[2]], span())
    });
}

#[test]
fn softmax_and_losses() {
    check_operation("softmax", &[&[ROWS, 2, 3]], node(Op::Softmax { axis: 2 }));
    check_operation("log_softmax", &[&[ROWS, 2, 3]], node(Op::LogSoftmax { axis: 2 }));
    let mut builder = Builder::new("loss");
    let logits = builder.parameter("logits", vec![ROWS, 4], Initializer::Zeros, Role::Trainable, span());
    let labels = builder.input("labels", ElementType::I64, rows_of(&[]), span());
    let loss = builder.node(Op::SoftmaxCrossEntropy, vec![logits, labels], span());
    builder.output(LOSS_OUTPUT, loss);
    let weights = weights(&[("logits", &[ROWS, 4], numbers(ROWS * 4, 8))]);
    check("cross_entropy", &builder.finish(), &weights, &Tensor::i64([ROWS], vec![3, 0]));
}

#[test]
fn batch_normalisation_by_the_batchs_own_statistics() {
    for shape in [&[ROWS, 3, 2, 2][..], &[ROWS, 3, 2], &[ROWS, 2]] {
        check_operation("batch_norm", &[shape, &[2], &[2]], |builder, operands| {
            let mean = builder.parameter("mean", vec![2], Initializer::Zeros, Role::Statistic, span());
            let variance = builder.parameter("variance", vec![2], Initializer::Ones, Role::Statistic, span());
            let inputs = vec![operands[0], operands[1], operands[2], mean, variance];
            // A large epsilon, as the statistics of two numbers make a slope too steep for differences.
            let y = builder.node(Op::BatchNorm { epsilon: 0.5, momentum: 0.9 }, inputs, span());
            builder.unary(Unary::Tanh, y, span())
        });
    }
}

#[test]
fn batch_statistics_are_biased_and_taken_in_with_momentum() {
    let mut builder = Builder::new("norm");
    let x = builder.input("x", ElementType::F32, rows_of(&[2]), span());
    let parameter =
        |builder: &mut Builder, name: &str, init, role| builder.parameter(name, vec![2], init, role, span());
    let scale = parameter(&mut builder, "scale", Initializer::Ones, Role::Trainable);
    let offset = parameter(&mut builder, "offset", Initializer::Zeros, Role::Trainable);
    let mean = parameter(&mut builder, "mean", Initializer::Zeros, Role::Statistic);
    let variance = parameter(&mut builder, "variance", Initializer::Ones, Role::Statistic);
    let y =
        builder.node(Op::BatchNorm { epsilon: 1e-3, momentum: 0.9 }, vec![x, scale, offset, mean, variance], span());
    let loss = mean_per_row(&mut builder, y);
    builder.output("y", y);
    builder.output(LOSS_OUTPUT, loss);
    let graph = builder.finish();
    let mut session = load(&graph, &Weights::initial(&graph, 0), 0);
    let x = Tensor::f32([4, 2], vec![1., 10., 2., 10., 3., 30., 6., 30.]);
    // Means 3 and 20; biased variances 3.5 and 100.
    let still = Optimizer::sgd(0.0);
    let outcome = session.train_step(vec![x.clone()], &still).unwrap();
    let root = |variance: f32| (variance + 1e-3).sqrt();
    let expected = [-2. / root(3.5), -10. / root(100.), -1. / root(3.5), -10. / root(100.)];
    assert_close(&outcome.outputs[0].as_f32().unwrap()[..4], &expected, 1e-5);
    let weights = session.weights().unwrap();
    assert_close(&weights.get("mean").unwrap().data, &[0.3, 2.0], 1e-6);
    assert_close(&weights.get("variance").unwrap().data, &[0.9 + 0.35, 0.9 + 10.0], 1e-6);
    let inferred = session.forward(vec![x]).unwrap();
    let expected = [(1. - 0.3) / root(1.25), (10. - 2.) / root(10.9)];
    assert_close(&inferred[0].as_f32().unwrap()[..2], &expected, 1e-5);
}

#[test]
fn dropout_scales_what_it_keeps_and_hides_the_rest_from_the_gradient() {
    let (graph, weights, factors) = graph_of(&[&[ROWS, 50]], node(Op::Dropout { rate: 0.4, shared: vec![] }));
    let mut session = load(&graph, &weights, 3);
    session.train_step(vec![factors.clone()], &PLAIN).unwrap();
    let moved = session.weights().unwrap();
    let factors = factors.as_f32().unwrap();
    let mut dropped = 0;
    for (index, factor) in factors.iter().enumerate() {
        let gradient = weights.get("p0").unwrap().data[index] - moved.get("p0").unwrap().data[index];
        let kept = factor / 0.6 / (ROWS * 50) as f32;
        let is_dropped = gradient.abs() < 1e-7 && kept.abs() > 1e-6;
        dropped += usize::from(is_dropped);
        assert!(is_dropped || (gradient - kept).abs() < 1e-6, "{gradient} is neither 0 nor {kept}");
    }
    assert!((25..=55).contains(&dropped), "{dropped} of 100");
}

#[test]
fn the_loss_of_a_batch_is_the_mean_of_its_rows() {
    let mut builder = Builder::new("mean");
    let x = builder.input("x", ElementType::F32, rows_of(&[]), span());
    let w = builder.parameter("w", vec![1], Initializer::Ones, Role::Trainable, span());
    let loss = builder.binary(Binary::Multiply, x, w, span());
    builder.output(LOSS_OUTPUT, loss);
    let graph = builder.finish();
    let mut session = load(&graph, &Weights::initial(&graph, 0), 0);
    let outcome = session.train_step(vec![Tensor::f32([4], vec![1., 2., 3., 6.])], &PLAIN).unwrap();
    assert_eq!(outcome.loss, 3.0);
    assert_eq!(outcome.outputs[0].as_f32().unwrap(), [1., 2., 3., 6.]);
    assert_eq!(session.weights().unwrap().get("w").unwrap().data, [-2.0]);
}

#[test]
fn a_loss_that_depends_on_no_weight_moves_nothing() {
    let mut builder = Builder::new("idle");
    let x = builder.input("x", ElementType::F32, rows_of(&[]), span());
    builder.parameter("w", vec![1], Initializer::Ones, Role::Trainable, span());
    builder.output(LOSS_OUTPUT, x);
    let graph = builder.finish();
    let mut session = load(&graph, &Weights::initial(&graph, 0), 0);
    let outcome = session.train_step(vec![Tensor::f32([2], vec![1., 2.])], &PLAIN).unwrap();
    assert_eq!(outcome.loss, 1.5);
    assert_eq!(session.weights().unwrap().get("w").unwrap().data, [1.0]);
}

#[test]
fn a_resumed_run_makes_the_steps_the_first_would_have_made() {
    let (mut builder, adam) = (Builder::new("resume"), Optimizer::adam(0.01));
    let x = builder.input("x", ElementType::F32, rows_of(&[6]), span());
    let hidden = dense(&mut builder, x, "a", 6, 5);
    let hidden = builder.node(Op::Dropout { rate: 0.3, shared: vec![] }, vec![hidden], span());
    let logits = dense(&mut builder, hidden, "b", 5, 3);
    classify(&mut builder, logits);
    let graph = builder.finish();
    let batch =
        |step: u64| vec![Tensor::f32([4, 6], numbers(24, step)), Tensor::i64([4], vec![0, 1, 2, step as i64 % 3])];

    let mut whole = load(&graph, &Weights::initial(&graph, 1), 9);
    let mut first = load(&graph, &Weights::initial(&graph, 1), 9);
    for step in 0..3 {
        whole.train_step(batch(step), &adam).unwrap();
        first.train_step(batch(step), &adam).unwrap();
    }
    let mut second = load(&graph, &first.weights().unwrap(), 9);
    second.set_state(&first.state()).unwrap();
    for step in 3..6 {
        whole.train_step(batch(step), &adam).unwrap();
        second.train_step(batch(step), &adam).unwrap();
    }
    assert_eq!(whole.weights().unwrap(), second.weights().unwrap());
    assert_eq!(whole.state(), second.state());
}
