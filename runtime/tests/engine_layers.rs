//! Gradients of the operations that layers are made of, against finite differences, and what only a run shows of them.
#![cfg(feature = "burn")]

mod support;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{
    Answer, Binary, Builder, Cell, Comparison, Constraint, Dim, ElementType, Interpolation, Op, Recurrent, Reduction,
    Role, Shape, Unary, ValueId,
};
use ndsl_compiler::plan::{LOSS_OUTPUT, Optimizer};
use ndsl_compiler::{Weight, ir::Initializer};
use ndsl_runtime::{Tensor, TensorData};
use support::*;

const ROWS: usize = 2;
const PLAIN: Optimizer = Optimizer::sgd(1.0);

/// Checks the gradient of a weighted mean of what `operation` makes of parameters of these shapes.
#[track_caller]
fn check(what: &str, operands: &[&[usize]], operation: impl Fn(&mut Builder, &[ValueId]) -> ValueId) {
    let mut builder = Builder::new(what);
    let parameter = |(index, shape): (usize, &&[usize])| {
        builder.parameter(format!("p{index}"), shape.to_vec(), Initializer::Zeros, Role::Trainable, span())
    };
    let ids: Vec<ValueId> = operands.iter().enumerate().map(parameter).collect();
    let y = operation(&mut builder, &ids);
    let shape = builder.shape(y).at_batch(ROWS).expect("known");
    let factors = builder.tensor(ElementType::F32, shape.clone(), factors(&shape), span());
    let weighted = builder.binary(Binary::Multiply, y, factors, span());
    let axes = (0..shape.len()).collect();
    let loss = builder.node(Op::Reduce { reduction: Reduction::Mean, axes, keep: false }, vec![weighted], span());
    let rows = builder.input("rows", ElementType::F32, rows_of(&[]), span());
    let losses = builder.binary(Binary::Add, rows, loss, span());
    builder.output(LOSS_OUTPUT, losses);
    let graph = builder.finish();
    let weight = |(index, shape): (usize, &&[usize])| {
        let data = numbers(shape.iter().product(), 10 + index as u64);
        (format!("p{index}"), Weight { shape: shape.to_vec(), data })
    };
    let weights = Weights(operands.iter().enumerate().map(weight).collect());
    let input = || vec![Tensor::f32([ROWS], vec![0.0; ROWS])];
    let mut session = load(&graph, &weights, 3);
    session.train_step(input(), &PLAIN).expect(what);
    let moved = session.weights().expect("weights");
    const STEP: f32 = 4e-3;
    for (name, weight) in &weights.0 {
        for index in 0..weight.data.len() {
            let gradient = f64::from(weight.data[index] - moved.get(name).expect("moved").data[index]);
            let at = |shift: f32| {
                let mut shifted = weights.clone();
                shifted.0.get_mut(name).expect("there").data[index] += shift;
                f64::from(load(&graph, &shifted, 3).train_step(input(), &PLAIN).expect(what).loss)
            };
            let difference = (at(STEP) - at(-STEP)) / f64::from(2.0 * STEP);
            let error = (gradient - difference).abs();
            assert!(error < 2e-3 + 1e-2 * difference.abs(), "{what}: {name}[{index}]: {gradient} against {difference}");
        }
    }
}

/// Numbers so large that the mean's gradient is not lost in its rounding.
fn factors(shape: &[usize]) -> Vec<f64> {
    let count = shape.iter().product::<usize>();
    numbers(count, 99).into_iter().map(|number| f64::from(number) * (count as f64).sqrt()).collect()
}

fn node(op: Op) -> impl Fn(&mut Builder, &[ValueId]) -> ValueId {
    move |builder, operands| builder.node(op.clone(), operands.to_vec(), span())
}

#[test]
fn element_wise() {
    let smooth = [
        Unary::Square,
        Unary::Sin,
        Unary::Cos,
        Unary::Erf,
        Unary::Expm1,
        Unary::LogSigmoid,
        Unary::TanhShrink,
        Unary::Squareplus { b: 4.0 },
        Unary::Celu { alpha: 1.5 },
        Unary::HardSilu,
        Unary::SparsePlus,
        Unary::SoftShrink { threshold: 0.5 },
        Unary::HardShrink { threshold: 0.5 },
        Unary::HardTanh,
        Unary::SparseSigmoid,
        Unary::BoundedRelu { slope: 0.1, max_value: 1.5, threshold: 0.5 },
        Unary::Threshold { threshold: 0.5, value: -1.0 },
        Unary::Identity,
    ];
    for unary in smooth {
        check(unary.name(), &[&[ROWS, 6]], node(Op::Unary(unary)));
    }
    for unary in [Unary::Rsqrt, Unary::Reciprocal, Unary::Log1p] {
        check(unary.name(), &[&[ROWS, 6]], |builder, x| {
            let positive = builder.unary(Unary::Exp, x[0], span());
            builder.unary(unary, positive, span())
        });
    }
    check("remainder", &[&[ROWS, 6]], |builder, x| {
        let by = builder.tensor(ElementType::F32, vec![1], [0.7], span());
        builder.binary(Binary::Remainder, x[0], by, span())
    });
    check("where", &[&[ROWS, 3], &[3]], |builder, x| {
        let positive = builder.binary(Binary::Greater, x[0], x[1], span());
        builder.node(Op::Where, vec![positive, x[0], x[1]], span())
    });
}

#[test]
fn moves() {
    let slice = |start, end, step| Op::Slice { axis: 1, start: Dim::Known(start), end: Dim::Known(end), step };
    check("transpose", &[&[ROWS, 2, 3]], node(Op::Transpose { permutation: vec![0, 2, 1] }));
    check("expand", &[&[2, 1]], node(Op::Expand(Shape::known([ROWS, 2, 3]))));
    check("slice", &[&[ROWS, 5]], node(slice(1, 4, 1)));
    check("slice by two", &[&[ROWS, 5]], node(slice(0, 5, 2)));
    check("slice backwards", &[&[ROWS, 5]], node(slice(1, 5, -1)));
    check("concat", &[&[ROWS, 2], &[ROWS, 3]], node(Op::Concat { axis: 1 }));
    check("pad", &[&[ROWS, 3]], node(Op::Pad { padding: vec![(0, 0), (2, 1)], value: 1.0 }));
    check("gather", &[&[4, 3]], |builder, x| {
        let indices = builder.tensor(ElementType::I64, vec![2, 2], [3.0, 0.0, 3.0, 1.0], span());
        builder.node(Op::Gather { axis: 0 }, vec![x[0], indices], span())
    });
    check("gather elements", &[&[2, 3]], |builder, x| {
        let indices = builder.tensor(ElementType::I64, vec![2, 2], [2.0, 0.0, 1.0, 1.0], span());
        builder.node(Op::GatherElements { axis: 1 }, vec![x[0], indices], span())
    });
    for (exclusive, reverse) in [(false, false), (true, true)] {
        check("cumsum", &[&[ROWS, 4]], node(Op::CumSum { axis: 1, exclusive, reverse }));
    }
    for reduction in [Reduction::Min, Reduction::Product, Reduction::Max] {
        check(reduction.name(), &[&[ROWS, 3, 2]], node(Op::Reduce { reduction, axes: vec![1], keep: false }));
    }
    check("softmax of columns", &[&[ROWS, 3, 2]], node(Op::Softmax { axis: 1 }));
}

/// With a zero among them, the product's gradient is the product of the others.
#[test]
fn a_product_with_a_zero_has_a_gradient() {
    check("product", &[&[ROWS, 3]], |builder, x| {
        let mask = builder.tensor(ElementType::F32, vec![3], [1.0, 0.0, 1.0], span());
        let some = builder.binary(Binary::Multiply, x[0], mask, span());
        builder.node(Op::Reduce { reduction: Reduction::Product, axes: vec![1], keep: false }, vec![some], span())
    });
}

#[test]
fn products_and_windows() {
    check("matmul", &[&[ROWS, 1, 2, 3], &[2, 3, 2]], node(Op::MatMul));
    let conv = |axes: usize, groups: usize| Op::Conv {
        strides: [2, 1, 1][..axes].to_vec(),
        dilation: [1, 2, 1][..axes].to_vec(),
        padding: [(1, 0), (1, 1), (0, 1)][..axes].to_vec(),
        groups,
    };
    check("conv1d of one group", &[&[ROWS, 5, 2], &[2, 2, 3]], node(conv(1, 1)));
    check("conv2d in groups", &[&[ROWS, 5, 4, 4], &[2, 2, 3, 2], &[2]], node(conv(2, 2)));
    check("conv1d in groups", &[&[ROWS, 5, 4], &[2, 2, 3], &[2]], node(conv(1, 2)));
    check("conv3d in groups", &[&[ROWS, 3, 4, 2, 2], &[2, 1, 2, 2, 2], &[2]], node(conv(3, 2)));
    check("conv3d", &[&[ROWS, 3, 4, 2, 2], &[2, 2, 2, 2, 2], &[2]], node(conv(3, 1)));
    let back = |axes: usize, groups: usize| Op::ConvTranspose {
        strides: [2, 3, 1][..axes].to_vec(),
        dilation: vec![1; axes],
        padding: [(1, 0), (0, 1), (0, 0)][..axes].to_vec(),
        output_padding: [1, 2, 0][..axes].to_vec(),
        groups,
    };
    check("conv_transpose1d", &[&[ROWS, 3, 2], &[2, 2, 3], &[2]], node(back(1, 1)));
    check("conv_transpose1d in groups", &[&[ROWS, 3, 4], &[4, 1, 3], &[2]], node(back(1, 2)));
    check("conv_transpose2d", &[&[ROWS, 2, 2, 4], &[4, 1, 3, 2], &[2]], node(back(2, 2)));
    check("conv_transpose3d", &[&[1, 2, 2, 1, 2], &[2, 1, 2, 2, 2], &[1]], node(back(3, 1)));
    for axes in [1, 3] {
        let (size, strides) = (vec![2; axes], [2, 1, 1][..axes].to_vec());
        let padding = [(1, 0), (0, 1), (0, 0)][..axes].to_vec();
        let shape: Vec<usize> = [&[ROWS], &[3, 4, 3][..axes], &[2]].concat();
        let largest = Op::MaxPool { size: size.clone(), strides: strides.clone(), padding: padding.clone() };
        check("max pool", &[&shape], node(largest));
        check("average pool", &[&shape], node(Op::AveragePool { size, strides, padding }));
    }
    for interpolation in [Interpolation::Nearest, Interpolation::Linear] {
        check("resize", &[&[ROWS, 3, 2, 2]], node(Op::Resize { scale: vec![2, 3], interpolation }));
    }
}

#[test]
fn normalisations_and_attention() {
    check("layer norm", &[&[ROWS, 2, 3], &[2, 3], &[2, 3]], node(Op::LayerNorm { axes: 2, epsilon: 1e-2 }));
    check("rms norm", &[&[ROWS, 2, 3], &[3]], node(Op::RmsNorm { axes: 1, epsilon: 1e-2 }));
    check("group norm", &[&[ROWS, 3, 4], &[4], &[4]], node(Op::GroupNorm { groups: 2, epsilon: 1e-2 }));
    let attention = |causal| Op::Attention { causal, scale: 0.5, dropout: 0.0 };
    check("attention", &[&[1, 2, 3, 2], &[1, 1, 3, 2], &[1, 1, 3, 2]], node(attention(true)));
    check("masked attention", &[&[1, 1, 3, 2], &[1, 1, 3, 2], &[1, 1, 3, 2]], |builder, x| {
        let mask = [1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        let mask = builder.tensor(ElementType::Bool, vec![3, 3], mask, span());
        builder.node(attention(false), vec![x[0], x[1], x[2], mask], span())
    });
}

#[test]
fn recurrent_layers() {
    for cell in [Cell::Simple, Cell::Gru { reset_after: true }, Cell::Gru { reset_after: false }, Cell::Lstm] {
        let layer = Recurrent {
            cell,
            activation: Unary::Tanh,
            recurrent_activation: Unary::Sigmoid,
            biases: 2,
            initial: true,
            masked: false,
            reverse: cell == Cell::Simple,
            answer: Answer::States,
        };
        let rows = cell.gates() * 2;
        let shapes = [&[ROWS, 3, 2][..], &[rows, 2], &[rows, 2], &[rows], &[rows], &[ROWS, 2], &[ROWS, 2]];
        let count = if cell == Cell::Lstm { 7 } else { 6 };
        check(cell.name(), &shapes[..count], node(Op::Recurrent(layer)));
        let masked = Recurrent { masked: true, ..layer };
        check(&format!("masked {}", cell.name()), &shapes[..count], |builder, x| {
            let mask = builder.tensor(ElementType::Bool, vec![ROWS, 3], vec![1.0, 0.0, 1.0, 0.0, 1.0, 1.0], span());
            builder.node(Op::Recurrent(masked), [x, &[mask]].concat(), span())
        });
        if cell == Cell::Lstm {
            let memory = Recurrent { answer: Answer::LastMemory, ..layer };
            check("both answers", &shapes[..count], |builder, x| {
                let states = builder.node(Op::Recurrent(layer), x.to_vec(), span());
                let memory = builder.node(Op::Recurrent(memory), x.to_vec(), span());
                let reduction = Reduction::Sum;
                let sum = builder.node(Op::Reduce { reduction, axes: vec![1], keep: false }, vec![states], span());
                builder.binary(Binary::Multiply, sum, memory, span())
            });
        }
    }
}

#[test]
fn nothing_flows_through_a_stop() {
    let mut builder = Builder::new("stop");
    let x = builder.input("x", ElementType::F32, rows_of(&[]), span());
    let [kept, stopped] =
        ["kept", "stopped"].map(|name| builder.parameter(name, vec![1], Initializer::Ones, Role::Trainable, span()));
    let constant = builder.node(Op::StopGradient, vec![stopped], span());
    let sum = builder.binary(Binary::Add, kept, constant, span());
    let loss = builder.binary(Binary::Multiply, x, sum, span());
    builder.output(LOSS_OUTPUT, loss);
    let graph = builder.finish();
    let mut session = load(&graph, &Weights::initial(&graph, 0), 0);
    session.train_step(vec![Tensor::f32([2], vec![1.0, 3.0])], &PLAIN).expect("a step");
    let weights = session.weights().expect("weights");
    assert_eq!((weights.0["kept"].data[0], weights.0["stopped"].data[0]), (-1.0, 1.0));
}

/// The outputs of one operation on ones, in training and in inference.
fn both(op: Op, shape: &[usize]) -> [Vec<f32>; 2] {
    let mut builder = Builder::new("noise");
    let x = builder.input("x", ElementType::F32, rows_of(&shape[1..]), span());
    let y = builder.node(op, vec![x], span());
    let loss = mean_per_row(&mut builder, y);
    builder.output("y", y);
    builder.output(LOSS_OUTPUT, loss);
    let graph = builder.finish();
    let ones = || vec![Tensor::f32(shape.to_vec(), vec![1.0; shape.iter().product()])];
    let mut session = load(&graph, &Weights::default(), 5);
    let trained = session.train_step(ones(), &PLAIN).expect("a step").outputs.remove(0);
    let inferred = session.forward(ones()).expect("an answer").remove(0);
    [trained, inferred].map(|tensor| tensor.as_f32().expect("floats").to_vec())
}

#[test]
fn noise_is_drawn_where_it_belongs() {
    let [trained, inferred] = both(Op::GaussianNoise { deviation: 0.5 }, &[40, 100]);
    assert!(inferred.iter().all(|number| *number == 1.0));
    let mean = trained.iter().sum::<f32>() / 4000.0;
    let variance = trained.iter().map(|number| (number - mean).powi(2)).sum::<f32>() / 4000.0;
    assert!((mean - 1.0).abs() < 0.05 && (variance - 0.25).abs() < 0.03, "{mean} {variance}");
    let [trained, inferred] = both(Op::RandomNormal, &[4, 10]);
    assert!(trained != inferred && inferred.iter().any(|number| *number < 0.0));
    let [_, inferred] = both(Op::RandomUniform, &[4, 10]);
    assert!(inferred.iter().all(|number| (0.0..1.0).contains(number)));
}

/// All elements along a shared axis have one fate.
#[test]
fn dropout_may_drop_whole_channels() {
    let [trained, inferred] = both(Op::Dropout { rate: 0.5, shared: vec![1, 2] }, &[8, 3, 3, 6]);
    assert!(inferred.iter().all(|number| *number == 1.0));
    let mut fates = Vec::new();
    for image in trained.chunks(54) {
        for channel in 0..6 {
            let fate = image[channel];
            assert!(fate == 0.0 || fate == 2.0);
            assert!(image.iter().skip(channel).step_by(6).all(|number| *number == fate));
            fates.push(fate);
        }
    }
    assert!(fates.contains(&0.0) && fates.contains(&2.0));
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let mut builder = Builder::new("sequence");
    let tokens = builder.input("tokens", ElementType::I64, Shape::batched([Dim::symbol("T")]), span());
    builder.facts_mut().multiple("T", 2);
    let (left, right) = (Dim::symbol("T"), Dim::Known(4));
    builder.constrain(Constraint { left, comparison: Comparison::LessEqual, right, span: span() });
    let table = builder.parameter("table", vec![5, 2], Initializer::Ones, Role::Trainable, span());
    let rows = builder.node(Op::Gather { axis: 0 }, vec![table, tokens], span());
    builder.output("rows", rows);
    let graph = builder.finish();
    let mut session = load(&graph, &Weights::initial(&graph, 0), 0);
    let mut answer = |shape: [usize; 2], tokens: Vec<i64>| {
        let outcome = session.forward(vec![Tensor { shape: shape.to_vec(), data: TensorData::I64(tokens) }]);
        outcome.map(|mut outputs| outputs.remove(0).shape).map_err(|fault| fault.to_string())
    };
    assert_eq!(answer([1, 2], vec![0, 4]), Ok(vec![1, 2, 2]));
    assert_eq!(answer([1, 3], vec![0; 3]), Err("`T` is 3, and must be a multiple of 2".to_owned()));
    assert_eq!(answer([1, 6], vec![0; 6]), Err("`T <= 4` does not hold: 6 and 4".to_owned()));
    assert_eq!(answer([2, 2], vec![0, 0, 5, 0]), Err("index 5 in row 2 of the batch is not one of 0 to 4".to_owned()));
}
