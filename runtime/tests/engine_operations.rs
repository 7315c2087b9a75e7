//! What each operation answers, against numbers worked out by hand or by the plainest loop.
#![cfg(feature = "burn")]

mod support;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Binary, Builder, ElementType, Op, Reduction, Unary};
use ndsl_runtime::engine::burn::BurnEngine;
use ndsl_runtime::engine::{Engine, EngineError, EngineOptions};
use ndsl_runtime::{Tensor, TensorData};
use support::*;

type OfOne = fn(f64) -> f64;
type OfTwo = fn(f32, f32) -> f32;

/// Every unary operation with its definition, in f64.
fn unaries() -> Vec<(Unary, OfOne)> {
    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }
    fn softplus(x: f64) -> f64 {
        x.max(0.0) + (-x.abs()).exp().ln_1p()
    }
    fn elu(x: f64, alpha: f64) -> f64 {
        if x > 0.0 { x } else { alpha * x.exp_m1() }
    }
    /// By its series, which converges fast near zero; further out it is one to every digit that counts.
    fn erf(x: f64) -> f64 {
        if x.abs() > 4.0 {
            return x.signum();
        }
        let mut term = x;
        let mut sum = x;
        for n in 1..60 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }
    vec![
        (Unary::Negate, |x| -x),
        (Unary::Abs, f64::abs),
        (Unary::Exp, f64::exp),
        (Unary::Relu, |x| x.max(0.0)),
        (Unary::LeakyRelu { slope: 0.2 }, |x| if x > 0.0 { x } else { 0.2 * x }),
        (Unary::Elu { alpha: 0.7 }, |x| elu(x, 0.7)),
        (Unary::Selu, |x| 1.0507009873554805 * elu(x, 1.6732632423543772)),
        (Unary::Relu6, |x| (2.0 * x / 2.0).clamp(0.0, 6.0)),
        (Unary::Sigmoid, sigmoid),
        (Unary::HardSigmoid, |x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        (Unary::Tanh, f64::tanh),
        (Unary::Gelu { approximate: false }, |x| 0.5 * x * (1.0 + erf(x / 2f64.sqrt()))),
        (Unary::Gelu { approximate: true }, |x| {
            0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
        }),
        (Unary::Silu, |x| x * sigmoid(x)),
        (Unary::Softplus, softplus),
        (Unary::Softsign, |x| x / (1.0 + x.abs())),
        (Unary::Mish, |x| x * softplus(x).tanh()),
    ]
}

#[test]
fn every_unary_operation_follows_its_definition() {
    let x: Vec<f32> = (-40..=40).map(|step| step as f32 / 10.0).chain([7.5, -7.5]).collect();
    for (operation, definition) in unaries() {
        let (_, y) = forward(Op::Unary(operation), &[(&[x.len()], x.clone())]);
        let expected: Vec<f32> = x.iter().map(|x| definition(f64::from(*x)) as f32).collect();
        // `erf` is the least exact of them, in Burn and in the series above.
        let tolerance = if matches!(operation, Unary::Gelu { .. }) { 2e-5 } else { 2e-6 };
        assert_close_in(operation.name(), &y, &expected, tolerance);
    }
}

#[test]
fn roots_and_logarithms_are_of_positive_numbers() {
    let x = vec![0.25, 1.0, 9.0];
    assert_close(&forward(Op::Unary(Unary::Sqrt), &[(&[3], x.clone())]).1, &[0.5, 1.0, 3.0], 1e-6);
    let expected: Vec<f32> = x.iter().map(|x| x.ln()).collect();
    assert_close(&forward(Op::Unary(Unary::Log), &[(&[3], x)]).1, &expected, 1e-6);
}

#[test]
fn activations_do_not_overflow() {
    let x = vec![-200.0, 200.0];
    for operation in [Unary::Softplus, Unary::Mish, Unary::Sigmoid, Unary::Selu, Unary::Silu, Unary::Tanh] {
        let (_, y) = forward(Op::Unary(operation), &[(&[2], x.clone())]);
        assert!(y.iter().all(|y| y.is_finite()), "{}: {y:?}", operation.name());
    }
}

#[test]
fn binary_operations_broadcast_as_numpy_does() {
    let a = (&[2usize, 2, 3][..], vec![1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.]);
    let b = (&[2usize, 1, 3][..], vec![3., 2., 1., 9., 9., 9.]);
    let cases: Vec<(Binary, OfTwo)> = vec![
        (Binary::Add, |a, b| a + b),
        (Binary::Subtract, |a, b| a - b),
        (Binary::Multiply, |a, b| a * b),
        (Binary::Divide, |a, b| a / b),
        (Binary::Power, f32::powf),
        (Binary::Maximum, f32::max),
        (Binary::Minimum, f32::min),
    ];
    for (operation, definition) in cases {
        let (shape, y) = forward(Op::Binary(operation), &[a.clone(), b.clone()]);
        let expected: Vec<f32> = (0..12).map(|i| definition(a.1[i], b.1[i / 6 * 3 + i % 3])).collect();
        assert_eq!(shape, [2, 2, 3]);
        assert_close(&y, &expected, 1e-5);
    }
}

#[test]
fn a_number_of_the_program_stands_on_either_side() {
    let cases: Vec<(Binary, OfTwo)> = vec![
        (Binary::Add, |a, b| a + b),
        (Binary::Subtract, |a, b| a - b),
        (Binary::Multiply, |a, b| a * b),
        (Binary::Divide, |a, b| a / b),
        (Binary::Power, f32::powf),
        (Binary::Maximum, f32::max),
        (Binary::Minimum, f32::min),
    ];
    let x = vec![0.5, 2.0, 3.0];
    for (operation, definition) in cases {
        for left in [true, false] {
            let mut builder = Builder::new("number");
            let input = builder.input("x", ElementType::F32, rows_of(&[]), span());
            let two = builder.constant(2.0, span());
            let (a, b) = if left { (two, input) } else { (input, two) };
            let y = builder.binary(operation, a, b, span());
            builder.output("y", y);
            let mut session = load(&builder.finish(), &Weights::default(), 0);
            let y = session.forward(vec![Tensor::f32([3], x.clone())]).unwrap().remove(0);
            let expected: Vec<f32> =
                x.iter().map(|x| if left { definition(2.0, *x) } else { definition(*x, 2.0) }).collect();
            assert_close(y.as_f32().unwrap(), &expected, 1e-6);
        }
    }
}

#[test]
fn a_linear_operation_works_on_the_last_axis() {
    let (x, w, b) = (numbers(2 * 5 * 3, 1), numbers(4 * 3, 2), numbers(4, 3));
    let mut builder = Builder::new("linear");
    let input = builder.input("x", ElementType::F32, rows_of(&[5, 3]), span());
    let y = dense(&mut builder, input, "dense", 3, 4);
    builder.output("y", y);
    let weights = weights(&[("dense.weight", &[4, 3], w.clone()), ("dense.bias", &[4], b.clone())]);
    let y = load(&builder.finish(), &weights, 0).forward(vec![Tensor::f32([2, 5, 3], x.clone())]).unwrap().remove(0);
    let mut expected = Vec::new();
    for row in 0..10 {
        for out in 0..4 {
            expected.push(b[out] + (0..3).map(|i| x[row * 3 + i] * w[out * 3 + i]).sum::<f32>());
        }
    }
    assert_eq!(y.shape, [2, 5, 4]);
    assert_close(y.as_f32().unwrap(), &expected, 1e-5);
}

/// A window over an image of `[n, h, w, c]`, padded cells being `None`.
struct Image<'a> {
    dims: [usize; 4],
    data: &'a [f32],
}

impl Image<'_> {
    fn at(&self, n: usize, y: isize, x: isize, c: usize) -> Option<f32> {
        let [_, h, w, channels] = self.dims;
        let inside = y >= 0 && x >= 0 && (y as usize) < h && (x as usize) < w;
        inside.then(|| self.data[((n * h + y as usize) * w + x as usize) * channels + c])
    }
}

const SAME: [(usize, usize); 2] = [(0, 1), (1, 2)];
const AROUND: [(usize, usize); 2] = [(1, 1), (1, 1)];

#[test]
fn a_convolution_is_channels_last_outside_and_pytorchs_inside() {
    let dims = [2, 6, 7, 4];
    let x = numbers(2 * 6 * 7 * 4, 1);
    for (strides, dilation, padding, groups) in [
        ([1, 1], [1, 1], [(0, 0); 2], 1),
        ([2, 1], [1, 1], AROUND, 1),
        ([2, 2], [1, 1], SAME, 1),
        ([1, 1], [2, 1], AROUND, 2),
        ([1, 1], [1, 1], SAME, 4),
    ] {
        let (outs, per_group) = (4, 4 / groups);
        let (w, b) = (numbers(outs * per_group * 6, 2), numbers(outs, 3));
        let mut builder = Builder::new("conv");
        let input = builder.input("x", ElementType::F32, rows_of(&dims[1..]), span());
        let init = ndsl_compiler::ir::Initializer::Zeros;
        let role = ndsl_compiler::ir::Role::Trainable;
        let weight = builder.parameter("w", vec![outs, per_group, 3, 2], init, role, span());
        let bias = builder.parameter("b", vec![outs], init, role, span());
        let y = builder.node(
            Op::Conv { strides: strides.to_vec(), dilation: dilation.to_vec(), padding: padding.to_vec(), groups },
            vec![input, weight, bias],
            span(),
        );
        builder.output("y", y);
        let weights = weights(&[("w", &[outs, per_group, 3, 2], w.clone()), ("b", &[outs], b.clone())]);
        let y = load(&builder.finish(), &weights, 0).forward(vec![Tensor::f32(dims, x.clone())]).unwrap().remove(0);

        let image = Image { dims, data: &x };
        let mut expected = Vec::new();
        for n in 0..2 {
            for row in 0..y.shape[1] {
                for column in 0..y.shape[2] {
                    for out in 0..outs {
                        let mut sum = b[out];
                        for (i, ky, kx) in (0..per_group).flat_map(|i| (0..6).map(move |k| (i, k / 2, k % 2))) {
                            let top = (row * strides[0] + ky * dilation[0]) as isize - padding[0].0 as isize;
                            let left = (column * strides[1] + kx * dilation[1]) as isize - padding[1].0 as isize;
                            let channel = out / (outs / groups) * per_group + i;
                            let pixel = image.at(n, top, left, channel).unwrap_or(0.0);
                            sum += pixel * w[((out * per_group + i) * 3 + ky) * 2 + kx];
                        }
                        expected.push(sum);
                    }
                }
            }
        }
        assert_close(y.as_f32().unwrap(), &expected, 1e-5);
    }
}

#[test]
fn padding_is_left_out_of_a_pools_maximum_and_mean() {
    let dims = [2, 5, 6, 3];
    // All negative, so that a maximum that took padding for zero would show.
    let x: Vec<f32> = numbers(2 * 5 * 6 * 3, 4).iter().map(|x| x - 3.0).collect();
    for (strides, padding) in [([2, 2], [(0, 0); 2]), ([1, 2], AROUND), ([2, 1], SAME)] {
        let size = [2, 3];
        for maximum in [true, false] {
            let op = match maximum {
                true => Op::MaxPool { size: size.to_vec(), strides: strides.to_vec(), padding: padding.to_vec() },
                false => Op::AveragePool { size: size.to_vec(), strides: strides.to_vec(), padding: padding.to_vec() },
            };
            let (shape, y) = forward(op, &[(&dims, x.clone())]);
            let image = Image { dims, data: &x };
            let mut expected = Vec::new();
            for (n, row, column, c) in (0..shape.iter().product::<usize>()).map(|i| {
                let (c, i) = (i % shape[3], i / shape[3]);
                let (column, i) = (i % shape[2], i / shape[2]);
                (i / shape[1], i % shape[1], column, c)
            }) {
                let cells: Vec<f32> = (0..6)
                    .filter_map(|k| {
                        let top = (row * strides[0] + k / 3) as isize - padding[0].0 as isize;
                        let left = (column * strides[1] + k % 3) as isize - padding[1].0 as isize;
                        image.at(n, top, left, c)
                    })
                    .collect();
                expected.push(match maximum {
                    true => cells.iter().copied().fold(f32::NEG_INFINITY, f32::max),
                    false => cells.iter().sum::<f32>() / cells.len() as f32,
                });
            }
            assert_close(&y, &expected, 1e-5);
        }
    }
}

#[test]
fn a_reduction_takes_any_axes_and_keeps_them_where_asked() {
    let x: Vec<f32> = (0..24).map(|i| i as f32).collect();
    let reduce = |reduction, axes: &[usize], keep| {
        forward(Op::Reduce { reduction, axes: axes.to_vec(), keep }, &[(&[2, 3, 2, 2], x.clone())])
    };
    assert_eq!(reduce(Reduction::Mean, &[1, 2], false), (vec![2, 2], vec![5., 6., 17., 18.]));
    assert_eq!(reduce(Reduction::Sum, &[1, 3], true), (vec![2, 1, 2, 1], vec![27., 39., 99., 111.]));
    assert_eq!(reduce(Reduction::Max, &[1, 2, 3], false), (vec![2], vec![11., 23.]));
    assert_eq!(reduce(Reduction::Mean, &[3], false).1[..3], [0.5, 2.5, 4.5]);
}

#[test]
fn the_mean_of_an_image_after_a_pool_needs_no_turning() {
    // A pool leaves its outcome channels-first; the mean over the pixels must be of the right axes all the same.
    let mut builder = Builder::new("global");
    let x = builder.input("x", ElementType::F32, rows_of(&[4, 6, 2]), span());
    let pool = Op::MaxPool { size: vec![1, 1], strides: vec![1, 1], padding: vec![(0, 0); 2] };
    let pooled = builder.node(pool, vec![x], span());
    for (name, axes) in [("pixels", vec![1, 2]), ("channels", vec![3]), ("columns", vec![2])] {
        let y = builder.node(Op::Reduce { reduction: Reduction::Mean, axes, keep: false }, vec![pooled], span());
        builder.output(name, y);
    }
    let x: Vec<f32> = (0..48).map(|i| (i * i % 17) as f32).collect();
    let out =
        load(&builder.finish(), &Weights::default(), 0).forward(vec![Tensor::f32([1, 4, 6, 2], x.clone())]).unwrap();
    let mean = |pick: &dyn Fn(usize) -> bool| {
        let chosen: Vec<f32> = (0..48).filter(|i| pick(*i)).map(|i| x[i]).collect();
        chosen.iter().sum::<f32>() / chosen.len() as f32
    };
    let pixels: Vec<f32> = (0..2).map(|c| mean(&|i| i % 2 == c)).collect();
    let channels: Vec<f32> = (0..24).map(|p| mean(&|i| i / 2 == p)).collect();
    let columns: Vec<f32> = (0..8).map(|k| mean(&|i| i / 12 == k / 2 && i % 2 == k % 2)).collect();
    for (tensor, expected) in out.iter().zip([pixels, channels, columns]) {
        assert_close(tensor.as_f32().unwrap(), &expected, 1e-6);
    }
}

#[test]
fn softmax_and_its_logarithm_are_over_the_last_axis() {
    let x = vec![1.0, 2.0, 3.0, 1000.0, 1000.0, -1000.0];
    let (_, y) = forward(Op::Softmax { axis: 1 }, &[(&[2, 3], x.clone())]);
    let e = [1f32.exp(), 2f32.exp(), 3f32.exp()];
    let sum: f32 = e.iter().sum();
    assert_close(&y, &[e[0] / sum, e[1] / sum, e[2] / sum, 0.5, 0.5, 0.0], 1e-6);
    let (_, y) = forward(Op::LogSoftmax { axis: 1 }, &[(&[2, 3], x)]);
    let half = 0.5f32.ln();
    assert_close(&y, &[1. - sum.ln(), 2. - sum.ln(), 3. - sum.ln(), half, half, -2000. + half], 1e-6);
}

#[test]
fn cross_entropy_is_the_mean_of_all_axes_but_the_batch() {
    let mut builder = Builder::new("loss");
    let logits = builder.input("logits", ElementType::F32, rows_of(&[2, 3]), span());
    let labels = builder.input("labels", ElementType::I64, rows_of(&[2]), span());
    let loss = builder.node(Op::SoftmaxCrossEntropy, vec![logits, labels], span());
    builder.output("loss", loss);
    let graph = builder.finish();
    let x = numbers(12, 5);
    let labels = [2i64, 0, 1, 1];
    let inputs = vec![Tensor::f32([2, 2, 3], x.clone()), Tensor::i64([2, 2], labels.to_vec())];
    let out = load(&graph, &Weights::default(), 0).forward(inputs).unwrap().remove(0);
    let place = |p: usize| {
        let row = &x[p * 3..p * 3 + 3];
        row.iter().map(|x| x.exp()).sum::<f32>().ln() - row[labels[p] as usize]
    };
    assert_eq!(out.shape, [2]);
    assert_close(out.as_f32().unwrap(), &[(place(0) + place(1)) / 2.0, (place(2) + place(3)) / 2.0], 1e-6);

    let beyond = vec![Tensor::f32([2, 2, 3], x), Tensor::i64([2, 2], vec![0, 1, 3, 0])];
    let error = load(&graph, &Weights::default(), 0).forward(beyond).unwrap_err();
    assert_eq!(error.to_string(), "label 3 in row 2 of the batch is not one of 0 to 2");
}

#[test]
fn a_cast_cuts_towards_zero() {
    let cast = |element, data: TensorData| {
        let mut builder = Builder::new("cast");
        let x = builder.input("x", data.element(), rows_of(&[]), span());
        let y = builder.node(Op::Cast(element), vec![x], span());
        builder.output("y", y);
        let tensor = Tensor { shape: vec![data.len()], data };
        load(&builder.finish(), &Weights::default(), 0).forward(vec![tensor]).unwrap().remove(0).data
    };
    use TensorData::{Bool, F32, I64, U8};
    assert_eq!(cast(ElementType::I64, F32(vec![-1.9, 1.9, 2.0])), I64(vec![-1, 1, 2]));
    assert_eq!(cast(ElementType::F32, U8(vec![0, 7, 255])), F32(vec![0., 7., 255.]));
    assert_eq!(cast(ElementType::F32, I64(vec![-3, 4])), F32(vec![-3., 4.]));
    assert_eq!(cast(ElementType::I64, U8(vec![255])), I64(vec![255]));
    assert_eq!(cast(ElementType::U8, I64(vec![200])), U8(vec![200]));
    assert_eq!(cast(ElementType::F32, Bool(vec![true, false])), F32(vec![1., 0.]));
    assert_eq!(cast(ElementType::Bool, F32(vec![0.0, -2.0])), Bool(vec![false, true]));
    assert_eq!(cast(ElementType::I64, Bool(vec![true])), I64(vec![1]));
}

#[test]
fn dropout_does_nothing_in_inference() {
    let x = numbers(12, 6);
    assert_eq!(forward(Op::Dropout { rate: 0.5, shared: vec![] }, &[(&[3, 4], x.clone())]).1, x);
}

#[test]
fn what_does_not_fit_the_graph_is_an_error() {
    let mut builder = Builder::new("small");
    let x = builder.input("x", ElementType::F32, rows_of(&[3]), span());
    let y = dense(&mut builder, x, "dense", 3, 2);
    builder.output("y", y);
    let graph = builder.finish();
    let load = |weights: &Weights| BurnEngine.load(&graph, weights, EngineOptions::default());

    let missing = weights(&[("dense.weight", &[2, 3], vec![0.0; 6])]);
    assert!(matches!(load(&missing), Err(EngineError::Weights(_))));
    let short = weights(&[("dense.weight", &[2, 3], vec![0.0; 5]), ("dense.bias", &[2], vec![0.0; 2])]);
    assert!(matches!(load(&short), Err(EngineError::Weights(_))));

    let mut session = load(&Weights::initial(&graph, 1)).unwrap();
    assert!(matches!(session.forward(vec![]), Err(EngineError::InputCount { expected: 1, found: 0 })));
    let wide = Tensor::f32([2, 4], vec![0.0; 8]);
    assert!(matches!(session.forward(vec![wide]), Err(EngineError::InputShape { .. })));
    let lying = Tensor::f32([2, 3], vec![0.0; 5]);
    assert!(matches!(session.forward(vec![lying]), Err(EngineError::InputShape { .. })));
    let empty = Tensor::f32([0, 3], vec![]);
    assert!(matches!(session.forward(vec![empty]), Err(EngineError::InputShape { .. })));
    let integers = Tensor::i64([1, 3], vec![0; 3]);
    assert!(matches!(session.forward(vec![integers]), Err(EngineError::InputType { .. })));
    let step = session.train_step(vec![Tensor::f32([1, 3], vec![0.0; 3])], &ndsl_compiler::plan::Optimizer::sgd(0.1));
    assert!(matches!(step, Err(EngineError::NoLoss { .. })));
}
