//! Small graphs that together hold every operation, with numbers for their weights and inputs.

mod arranged;
mod layers;
pub(crate) mod models;
pub(crate) mod programs;

use std::collections::BTreeMap;

use ndsl_compiler::ir::{
    Binary, Builder, Column, Dim, ElementType, Encoding, Graph, Initializer, Null, Op, Reduction, Role, Shape, Sizes,
    Unary, ValueId,
};
use ndsl_compiler::reference::{Mode, Seeded, Tensor, evaluate};
use ndsl_compiler::{Weight, Weights};
use ndsl_grammar::Span;

/// A graph and the range its inputs are drawn from.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) graph: Graph,
    range: [f64; 2],
    /// Whole numbers are drawn from 0 up to this, without it, if it is given.
    below: Option<usize>,
}

impl Case {
    /// Weights of which none is zero or one by chance, and no variance is negative.
    pub(crate) fn weights(&self) -> Weights {
        let weight = |parameter: &ndsl_compiler::ir::Parameter| {
            let count = parameter.shape.iter().product();
            // Small enough that sums stay near 1, where an absolute tolerance means something.
            let taps: usize = parameter.shape.iter().skip(1).product();
            let limit = (3.0 / taps.max(1) as f64).sqrt().min(0.7);
            let mut data = Initializer::Uniform { limit }.sample(1, &parameter.name, count);
            if parameter.name.ends_with("running_var") || parameter.name.ends_with(".variance") {
                data.iter_mut().for_each(|number| *number = number.abs() + 0.3);
            }
            (parameter.name.clone(), Weight { shape: parameter.shape.clone(), data })
        };
        Weights(self.graph.parameters.iter().map(weight).collect())
    }

    /// Inputs of so many rows.
    pub(crate) fn inputs(&self, batch: usize) -> BTreeMap<String, Tensor> {
        let [low, high] = self.range;
        let input = |id: &ValueId| {
            let value = self.graph.value(*id);
            let shape = value.shape.at(&sizes(batch)).expect("a symbol of the cases");
            let drawn = Initializer::Uniform { limit: 1.0 }.sample(batch as u64, &value.name, shape.iter().product());
            if let Some(column) = self.graph.column(*id) {
                let data = drawn.into_iter().enumerate().map(|(row, x)| cell(column, row, f64::from(x))).collect();
                return (value.name.to_string(), Tensor { element: value.element, shape, data });
            }
            let number = |x: f32| match value.element {
                // What an f32 can hold, so that both sides start from equal numbers.
                ElementType::F32 => f64::from((low + (high - low) * (f64::from(x) + 1.0) / 2.0) as f32),
                ElementType::I64 => match self.below {
                    Some(below) => ((f64::from(x) + 1.0) / 2.0 * below as f64).floor().min(below as f64 - 1.0),
                    None => (f64::from(x) * 9.0).round(),
                },
                ElementType::U8 => ((f64::from(x) + 1.0) * 127.5).round(),
                ElementType::Bool => f64::from(x > 0.0),
            };
            let data = drawn.into_iter().map(number).collect();
            (value.name.to_string(), Tensor { element: value.element, shape, data })
        };
        self.graph.inputs.iter().map(input).collect()
    }

    /// What those inputs give.
    pub(crate) fn outputs(&self, inputs: &BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
        let outcome = evaluate(&self.graph, inputs, &self.weights(), Mode::Inference, &mut Seeded::new(0));
        outcome.unwrap_or_else(|fault| panic!("{}: {fault}", self.name)).outputs
    }
}

/// A value of a column as a number, by a number from -1 to 1; that of the second row is null where one may be.
fn cell(column: &Column, row: usize, x: f64) -> f64 {
    if column.optional && row == 1 {
        return match column.encoding.null() {
            Null::NotANumber => f64::NAN,
            Null::Whole(number) => number as f64,
        };
    }
    let share = (x + 1.0) / 2.0;
    match &column.encoding {
        Encoding::Number => f64::from((3.0 * x) as f32),
        Encoding::Whole => (9.0 * x).round(),
        Encoding::Truth => f64::from(x > 0.0),
        Encoding::Label(labels) => (share * labels.len() as f64).floor().min(labels.len() as f64 - 1.0),
        // Around 1970, so that what is learnt of a day stays near 1.
        Encoding::Day => (400.0 * x).round(),
        Encoding::Moment => (400.0 * 86_400.0 * x).round(),
        Encoding::Clock => (share * 86_399.0).round(),
    }
}

/// A case of one input `x` of any dimensions.
fn open(
    name: &str,
    element: ElementType,
    dims: Vec<Dim>,
    build: impl FnOnce(&mut Builder, ValueId) -> ValueId,
) -> Case {
    let mut builder = Builder::new(name);
    let x = builder.input("x", element, Shape::batched(dims), nowhere());
    let y = build(&mut builder, x);
    builder.output("y", y);
    Case { name: name.to_owned(), graph: builder.finish(), range: [-4.0, 4.0], below: None }
}

/// The sizes of the symbols for so many rows.
pub(crate) fn sizes(batch: usize) -> Sizes {
    Sizes::from([("N".into(), batch), ("T".into(), batch + 4), ("H".into(), 4 * batch)])
}

/// Where nothing in a source is meant.
pub(crate) fn nowhere() -> Span {
    Span::default()
}

/// `[N, …dims]`
pub(crate) fn rows(dims: &[usize]) -> Shape {
    Shape::batched(dims.iter().copied().map(Dim::Known))
}

/// A case of one input `x`, whose output is called `y`.
fn case(name: &str, dims: &[usize], build: impl FnOnce(&mut Builder, ValueId) -> ValueId) -> Case {
    typed(name, ElementType::F32, dims, build)
}

fn typed(
    name: &str,
    element: ElementType,
    dims: &[usize],
    build: impl FnOnce(&mut Builder, ValueId) -> ValueId,
) -> Case {
    let mut builder = Builder::new(name);
    let x = builder.input("x", element, rows(dims), nowhere());
    let y = build(&mut builder, x);
    builder.output("y", y);
    Case { name: name.to_owned(), graph: builder.finish(), range: [-4.0, 4.0], below: None }
}

/// A parameter.
pub(crate) fn parameter(builder: &mut Builder, name: &str, shape: &[usize]) -> ValueId {
    builder.parameter(name, shape.to_vec(), Initializer::Zeros, Role::Trainable, nowhere())
}

/// A linear map to `units`.
pub(crate) fn linear(builder: &mut Builder, layer: &str, x: ValueId, units: usize, bias: bool) -> ValueId {
    let inputs = builder.shape(x).dims().last().and_then(Dim::known).expect("a known last axis");
    let mut read = vec![x, parameter(builder, &format!("{layer}.weight"), &[units, inputs])];
    if bias {
        read.push(parameter(builder, &format!("{layer}.bias"), &[units]));
    }
    builder.node(Op::Linear, read, nowhere())
}

/// How a convolution slides.
#[derive(Clone, Copy)]
pub(crate) struct Slide {
    pub(crate) strides: [usize; 2],
    pub(crate) dilation: [usize; 2],
    pub(crate) padding: [(usize, usize); 2],
    pub(crate) groups: usize,
}

/// One step at a time, without padding.
pub(crate) const PLAIN: Slide = Slide { strides: [1, 1], dilation: [1, 1], padding: [(0, 0), (0, 0)], groups: 1 };

/// A convolution by a kernel of `size`.
pub(crate) fn convolution(
    builder: &mut Builder,
    layer: &str,
    x: ValueId,
    filters: usize,
    size: [usize; 2],
    slide: Slide,
) -> ValueId {
    let channels = builder.shape(x).dims().last().and_then(Dim::known).expect("known channels");
    let weight = parameter(builder, &format!("{layer}.weight"), &[filters, channels / slide.groups, size[0], size[1]]);
    let bias = parameter(builder, &format!("{layer}.bias"), &[filters]);
    let Slide { strides, dilation, padding, groups } = slide;
    builder.node(
        Op::Conv { strides: strides.to_vec(), dilation: dilation.to_vec(), padding: padding.to_vec(), groups },
        vec![x, weight, bias],
        nowhere(),
    )
}

/// A normalisation of the last axis.
pub(crate) fn batch_norm(builder: &mut Builder, layer: &str, x: ValueId) -> ValueId {
    let channels = builder.shape(x).dims().last().and_then(Dim::known).expect("known channels");
    let mut read = vec![x];
    for name in ["weight", "bias", "running_mean", "running_var"] {
        read.push(parameter(builder, &format!("{layer}.{name}"), &[channels]));
    }
    builder.node(Op::BatchNorm { epsilon: 1e-3, momentum: 0.99 }, read, nowhere())
}

/// An element-by-element operation.
pub(crate) fn unary(builder: &mut Builder, kind: Unary, x: ValueId) -> ValueId {
    builder.unary(kind, x, nowhere())
}

fn reduce(builder: &mut Builder, reduction: Reduction, axes: &[usize], keep: bool, x: ValueId) -> ValueId {
    builder.node(Op::Reduce { reduction, axes: axes.to_vec(), keep }, vec![x], nowhere())
}

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    let mut all = element_wise();
    all.extend(shapes());
    all.extend(windows());
    all.extend(norms());
    all.extend(arranged::all());
    all.extend(layers::all());
    all.extend(models::all());
    all.extend(programs::all());
    all
}

fn element_wise() -> Vec<Case> {
    let mut all = Vec::new();
    for kind in Unary::ALL.into_iter().filter(|kind| *kind != Unary::Not) {
        let approximate = if kind == (Unary::Gelu { approximate: true }) { "_tanh" } else { "" };
        let mut case = case(&format!("unary_{}{approximate}", kind.name()), &[40], |b, x| unary(b, kind, x));
        case.range = match kind {
            Unary::Log | Unary::Sqrt | Unary::Rsqrt => [0.01, 9.0],
            Unary::Reciprocal => [0.1, 9.0],
            Unary::Log1p => [-0.9, 9.0],
            Unary::Relu6 => [-3.0, 9.0],
            _ => [-5.0, 5.0],
        };
        all.push(case);
    }
    all.push(case("unary_bounded_relu_without_bound", &[40], |b, x| {
        unary(b, Unary::BoundedRelu { slope: 0.3, max_value: f64::INFINITY, threshold: -1.0 }, x)
    }));
    for kind in [Unary::Negate, Unary::Abs, Unary::Sign, Unary::Square, Unary::Identity] {
        all.push(typed(&format!("unary_{}_whole", kind.name()), ElementType::I64, &[9], |b, x| unary(b, kind, x)));
    }
    all.push(typed("unary_not", ElementType::Bool, &[9], |b, x| unary(b, Unary::Not, x)));
    for kind in Binary::ALL {
        let element = if matches!(kind, Binary::And | Binary::Or) { ElementType::Bool } else { ElementType::F32 };
        let mut case = typed(&format!("binary_{}", kind.name()), element, &[4, 3], |b, x| {
            let other = b.input("other", element, rows(&[1, 3]), nowhere());
            b.binary(kind, x, other, nowhere())
        });
        case.range = match kind {
            Binary::Power => [0.2, 3.0],
            Binary::FloorDivide | Binary::Remainder => [-4.0, 4.0],
            _ => [0.5, 4.0],
        };
        all.push(case);
    }
    let whole = [
        Binary::Divide,
        Binary::FloorDivide,
        Binary::Remainder,
        Binary::Maximum,
        Binary::Equal,
        Binary::NotEqual,
        Binary::LessEqual,
        Binary::Greater,
    ];
    for kind in whole {
        all.push(typed(&format!("binary_{}_whole", kind.name()), ElementType::I64, &[12], |b, x| {
            let by = b.tensor(ElementType::I64, vec![3, 1], [4.0, -3.0, 1.0], nowhere());
            let x = b.node(Op::Reshape(rows(&[3, 4])), vec![x], nowhere());
            b.binary(kind, x, by, nowhere())
        }));
    }
    all.push(case("where", &[4, 3], |b, x| {
        let zero = b.constant(0.0, nowhere());
        let negative = b.binary(Binary::Less, x, zero, nowhere());
        let row = parameter(b, "row", &[3]);
        b.node(Op::Where, vec![negative, row, x], nowhere())
    }));
    all.push(case("where_in_an_image", &[4, 4, 2], |b, x| {
        let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
        let zero = b.constant(0.0, nowhere());
        let positive = b.binary(Binary::Greater, image, zero, nowhere());
        let chosen = b.node(Op::Where, vec![positive, image, zero], nowhere());
        convolution(b, "last", chosen, 2, [2, 2], PLAIN)
    }));
    all.push(case("binary_row", &[4, 3], |b, x| {
        let row = parameter(b, "row", &[3]);
        b.binary(Binary::Multiply, row, x, nowhere())
    }));
    all.push(case("binary_constants", &[5], |b, x| {
        let (two, three) = (b.constant(2.0, nowhere()), b.constant(-3.5, nowhere()));
        let scaled = b.binary(Binary::Multiply, two, x, nowhere());
        let moved = b.binary(Binary::Add, scaled, three, nowhere());
        b.binary(Binary::Maximum, moved, two, nowhere())
    }));
    all.push(typed("binary_whole", ElementType::I64, &[5], |b, x| {
        let squared = b.binary(Binary::Multiply, x, x, nowhere());
        unary(b, Unary::Negate, squared)
    }));
    all.push(typed("cast_bytes", ElementType::U8, &[4, 4, 1], |b, x| {
        let floats = b.node(Op::Cast(ElementType::F32), vec![x], nowhere());
        let most = b.constant(255.0, nowhere());
        b.binary(Binary::Divide, floats, most, nowhere())
    }));
    let casts = [
        (ElementType::F32, ElementType::I64),
        (ElementType::F32, ElementType::Bool),
        (ElementType::F32, ElementType::F32),
        (ElementType::I64, ElementType::F32),
        (ElementType::Bool, ElementType::F32),
        (ElementType::Bool, ElementType::I64),
    ];
    for (from, to) in casts {
        all.push(typed(&format!("cast_{from}_{to}"), from, &[9], |b, x| b.node(Op::Cast(to), vec![x], nowhere())));
    }
    for (name, log) in [("softmax", false), ("log_softmax", true)] {
        let over = |b: &mut Builder, x: ValueId, axis: usize| {
            let op = if log { Op::LogSoftmax { axis } } else { Op::Softmax { axis } };
            b.node(op, vec![x], nowhere())
        };
        all.push(case(name, &[7], |b, x| over(b, x, 1)));
        all.push(case(&format!("{name}_of_rows"), &[2, 7], |b, x| over(b, x, 2)));
        all.push(case(&format!("{name}_of_columns"), &[2, 7], |b, x| over(b, x, 1)));
        for axis in [1, 3] {
            all.push(case(&format!("{name}_of_image_axis_{axis}"), &[4, 4, 2], |b, x| {
                let image = convolution(b, "conv", x, 3, [3, 3], PLAIN);
                over(b, image, axis)
            }));
        }
    }
    all.push(case("dropout", &[6], |b, x| {
        let kept = b.node(Op::Dropout { rate: 0.5, shared: vec![] }, vec![x], nowhere());
        unary(b, Unary::Tanh, kept)
    }));
    all.push(case("dropout_alone", &[6], |b, x| b.node(Op::Dropout { rate: 0.5, shared: vec![] }, vec![x], nowhere())));
    all
}

fn shapes() -> Vec<Case> {
    let mut all = vec![
        case("reshape_flatten", &[3, 4, 2], |b, x| b.node(Op::Reshape(rows(&[24])), vec![x], nowhere())),
        case("reshape_split", &[12], |b, x| b.node(Op::Reshape(rows(&[3, 2, 2])), vec![x], nowhere())),
        case("reshape_same", &[12], |b, x| {
            let same = b.node(Op::Reshape(rows(&[12])), vec![x], nowhere());
            unary(b, Unary::Abs, same)
        }),
        // The order of the elements is the language's, whatever order the convolution left them in.
        case("reshape_of_image", &[4, 5, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            b.node(Op::Reshape(rows(&[36])), vec![image], nowhere())
        }),
        case("reshape_of_points", &[4, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 5, [4, 4], PLAIN);
            b.node(Op::Reshape(rows(&[5])), vec![image], nowhere())
        }),
        case("reshape_of_grey", &[4, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 1, [2, 2], PLAIN);
            b.node(Op::Reshape(rows(&[9])), vec![image], nowhere())
        }),
        case("linear", &[6], |b, x| linear(b, "dense", x, 4, true)),
        case("linear_without_bias", &[6], |b, x| linear(b, "dense", x, 4, false)),
        case("linear_of_rows", &[2, 6], |b, x| linear(b, "dense", x, 4, true)),
        case("linear_of_rows_without_bias", &[2, 6], |b, x| linear(b, "dense", x, 4, false)),
        case("linear_of_image", &[5, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            linear(b, "dense", image, 4, true)
        }),
        case("linear_by_computed_weight", &[2, 3], |b, x| {
            let weight = parameter(b, "weight", &[4, 3]);
            let weight = unary(b, Unary::Tanh, weight);
            b.node(Op::Linear, vec![x, weight], nowhere())
        }),
    ];
    for (name, reduction) in [("mean", Reduction::Mean), ("sum", Reduction::Sum), ("max", Reduction::Max)] {
        for (what, dims, axes, keep) in [
            ("rows", &[5][..], &[1][..], false),
            ("middle", &[4, 3], &[1], true),
            ("image", &[4, 3, 2], &[1, 2], false),
            ("channels", &[4, 3, 2], &[3], false),
            ("batch", &[4], &[0], false),
            ("nothing", &[4], &[], false),
        ] {
            all.push(case(&format!("{name}_{what}"), dims, |b, x| reduce(b, reduction, axes, keep, x)));
        }
    }
    for (what, axes, keep) in [
        ("image", &[1, 2][..], false),
        ("image_kept", &[1, 2], true),
        ("channels", &[3], false),
        ("height", &[1], false),
        ("width_kept", &[2], true),
        ("height_and_channels", &[1, 3], false),
    ] {
        all.push(case(&format!("mean_after_convolution_{what}"), &[5, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            reduce(b, Reduction::Mean, axes, keep, image)
        }));
    }
    all
}

fn windows() -> Vec<Case> {
    let uneven = [(0, 2), (1, 2)];
    let slides = [
        ("plain", PLAIN),
        ("strided", Slide { strides: [2, 3], ..PLAIN }),
        ("dilated", Slide { dilation: [2, 1], ..PLAIN }),
        ("padded", Slide { padding: [(1, 1), (1, 1)], ..PLAIN }),
        ("unevenly_padded", Slide { padding: uneven, strides: [2, 2], ..PLAIN }),
        ("grouped", Slide { groups: 2, ..PLAIN }),
        ("depthwise", Slide { groups: 4, ..PLAIN }),
    ];
    let mut all: Vec<Case> = slides
        .into_iter()
        .map(|(name, slide)| {
            case(&format!("conv2d_{name}"), &[7, 8, 4], |b, x| convolution(b, "conv", x, 8, [3, 2], slide))
        })
        .collect();
    let pools = [
        ("plain", [2, 2], [2, 2], [(0, 0); 2]),
        ("overlapping", [3, 2], [1, 2], [(0, 0); 2]),
        ("leftover", [3, 3], [3, 3], [(0, 0); 2]),
        ("padded", [3, 3], [2, 2], [(1, 1), (1, 1)]),
        ("unevenly_padded", [3, 3], [2, 2], uneven),
    ];
    for (name, size, strides, padding) in pools {
        let pools = [
            Op::MaxPool { size: size.to_vec(), strides: strides.to_vec(), padding: padding.to_vec() },
            Op::AveragePool { size: size.to_vec(), strides: strides.to_vec(), padding: padding.to_vec() },
        ];
        for op in pools {
            let mut case = case(&format!("{}_{name}", op.name()), &[7, 8, 3], |b, x| b.node(op, vec![x], nowhere()));
            // Below zero, so that padding that counts as zero shows.
            case.range = [-4.0, -1.0];
            all.push(case);
        }
    }
    all
}

fn norms() -> Vec<Case> {
    vec![
        case("batch_norm_of_row", &[5], |b, x| batch_norm(b, "norm", x)),
        case("batch_norm_of_rows", &[3, 5], |b, x| batch_norm(b, "norm", x)),
        case("batch_norm_of_image", &[3, 4, 5], |b, x| batch_norm(b, "norm", x)),
        case("batch_norm_by_computed_statistics", &[3, 5], |b, x| {
            let mut read = vec![x];
            for name in ["weight", "bias", "running_mean", "running_var"] {
                let statistic = parameter(b, name, &[5]);
                read.push(unary(b, Unary::Abs, statistic));
            }
            b.node(Op::BatchNorm { epsilon: 1e-3, momentum: 0.99 }, read, nowhere())
        }),
        case("batch_norm_after_relu", &[5, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            let image = unary(b, Unary::Relu, image);
            batch_norm(b, "norm", image)
        }),
        case("batch_norm_folded_into_convolution", &[5, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            batch_norm(b, "norm", image)
        }),
        case("batch_norm_folded_into_linear", &[6], |b, x| {
            let dense = linear(b, "dense", x, 3, false);
            let dense = b.node(Op::Dropout { rate: 0.1, shared: vec![] }, vec![dense], nowhere());
            batch_norm(b, "norm", dense)
        }),
        case("batch_norm_folded_into_linear_of_rows", &[2, 6], |b, x| {
            let dense = linear(b, "dense", x, 3, true);
            batch_norm(b, "norm", dense)
        }),
        case("batch_norm_not_folded_where_another_reads", &[6], |b, x| {
            let dense = linear(b, "dense", x, 3, true);
            let norm = batch_norm(b, "norm", dense);
            b.binary(Binary::Add, norm, dense, nowhere())
        }),
        case("batch_norm_twice", &[6], |b, x| {
            let dense = linear(b, "dense", x, 3, true);
            let norm = batch_norm(b, "norm", dense);
            batch_norm(b, "norm_1", norm)
        }),
        case("batch_norm_folded_into_shared_weights", &[6], |b, x| {
            let weight = parameter(b, "dense.weight", &[6, 6]);
            let bias = parameter(b, "dense.bias", &[6]);
            let once = b.node(Op::Linear, vec![x, weight, bias], nowhere());
            let norm = batch_norm(b, "norm", once);
            b.node(Op::Linear, vec![norm, weight, bias], nowhere())
        }),
    ]
}
