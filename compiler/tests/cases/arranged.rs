//! Cases of operations that move elements, and of those along an axis.

use ndsl_compiler::ir::{Binary, Builder, Dim, ElementType, Op, Reduction, Shape, Unary, ValueId};

use super::{Case, PLAIN, case, convolution, nowhere, open, parameter, reduce, rows, typed, unary};

pub(super) fn all() -> Vec<Case> {
    [moves(), lookups(), sizes(), along()].into_iter().flatten().collect()
}

fn t() -> Dim {
    Dim::symbol("T")
}

fn slice(b: &mut Builder, x: ValueId, axis: usize, start: Dim, end: Dim, step: isize) -> ValueId {
    b.node(Op::Slice { axis, start, end, step }, vec![x], nowhere())
}

fn moves() -> Vec<Case> {
    let known = Dim::Known;
    let mut all = vec![
        case("transpose", &[2, 3, 4], |b, x| {
            b.node(Op::Transpose { permutation: vec![0, 3, 1, 2] }, vec![x], nowhere())
        }),
        case("transpose_nothing", &[2, 3], |b, x| {
            b.node(Op::Transpose { permutation: vec![0, 1, 2] }, vec![x], nowhere())
        }),
        case("transpose_of_image", &[4, 4, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            b.node(Op::Transpose { permutation: vec![0, 2, 1, 3] }, vec![image], nowhere())
        }),
        typed("transpose_truths", ElementType::Bool, &[2, 3], |b, x| {
            b.node(Op::Transpose { permutation: vec![0, 2, 1] }, vec![x], nowhere())
        }),
        case("expand", &[2, 1], |b, x| {
            let shape = Shape(vec![Dim::Known(5), Dim::batch(), Dim::Known(2), Dim::Known(3)]);
            b.node(Op::Expand(shape), vec![x], nowhere())
        }),
        open("expand_to_a_symbol", ElementType::F32, vec![t()], |b, x| {
            let one = b.constant(2.5, nowhere());
            let spread = b.node(Op::Expand(Shape::batched([t()])), vec![one], nowhere());
            b.binary(Binary::Multiply, spread, x, nowhere())
        }),
        case("slice_crops_an_image", &[6, 5, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            let rows = slice(b, image, 1, known(1), known(4), 1);
            let columns = slice(b, rows, 2, known(0), known(3), 2);
            convolution(b, "last", columns, 2, [1, 2], PLAIN)
        }),
        open("slice_all_but_the_first", ElementType::F32, vec![t(), known(2)], |b, x| slice(b, x, 1, known(1), t(), 1)),
        open("slice_the_last", ElementType::F32, vec![t(), known(2)], |b, x| {
            let last = slice(b, x, 1, t().minus(&known(1)), t(), 1);
            b.node(Op::Reshape(rows(&[2])), vec![last], nowhere())
        }),
        open("slice_backwards", ElementType::F32, vec![t(), known(2)], |b, x| slice(b, x, 1, known(0), t(), -1)),
        open("slice_backwards_by_two", ElementType::I64, vec![t()], |b, x| slice(b, x, 1, known(1), t(), -2)),
        case("slice_every_third", &[8], |b, x| slice(b, x, 1, known(1), known(8), 3)),
        case("slice_everything", &[8], |b, x| slice(b, x, 1, known(0), known(8), 1)),
        case("concat", &[2, 3], |b, x| {
            let squared = unary(b, Unary::Square, x);
            b.node(Op::Concat { axis: 1 }, vec![x, squared, x], nowhere())
        }),
        case("concat_of_images", &[4, 4, 2], |b, x| {
            let a = convolution(b, "a", x, 3, [2, 2], PLAIN);
            let c = convolution(b, "c", x, 2, [2, 2], PLAIN);
            let both = b.node(Op::Concat { axis: 3 }, vec![a, c], nowhere());
            convolution(b, "last", both, 2, [2, 2], PLAIN)
        }),
        open("concat_a_row", ElementType::F32, vec![t(), known(2)], |b, x| {
            let first = parameter(b, "first", &[1, 1, 2]);
            let shape = Shape::batched([known(1), known(2)]);
            let first = b.node(Op::Expand(shape), vec![first], nowhere());
            b.node(Op::Concat { axis: 1 }, vec![first, x], nowhere())
        }),
        case("pad", &[2, 3], |b, x| {
            let op = Op::Pad { padding: vec![(0, 0), (1, 0), (2, 1)], value: -1.5 };
            b.node(op, vec![x], nowhere())
        }),
        case("pad_of_image", &[4, 5, 2], |b, x| {
            let image = convolution(b, "conv", x, 3, [2, 2], PLAIN);
            let op = Op::Pad { padding: vec![(0, 0), (1, 2), (0, 1), (0, 1)], value: 0.0 };
            let padded = b.node(op, vec![image], nowhere());
            convolution(b, "last", padded, 2, [2, 2], PLAIN)
        }),
        typed("pad_whole", ElementType::I64, &[3], |b, x| {
            b.node(Op::Pad { padding: vec![(0, 0), (0, 2)], value: 7.0 }, vec![x], nowhere())
        }),
        case("stop_gradient", &[3], |b, x| {
            let stopped = b.node(Op::StopGradient, vec![x], nowhere());
            unary(b, Unary::Negate, stopped)
        }),
        case("gaussian_noise", &[3], |b, x| b.node(Op::GaussianNoise { deviation: 0.5 }, vec![x], nowhere())),
    ];
    for (name, element) in [("truths", ElementType::Bool), ("bytes", ElementType::U8)] {
        all.push(typed(&format!("slice_{name}"), element, &[6], |b, x| slice(b, x, 1, known(1), known(6), 2)));
        all.push(typed(&format!("concat_{name}"), element, &[6], |b, x| {
            b.node(Op::Concat { axis: 1 }, vec![x, x], nowhere())
        }));
    }
    all
}

fn lookups() -> Vec<Case> {
    let indices = |name: &str, dims: Vec<Dim>, below: usize, build: fn(&mut Builder, ValueId) -> ValueId| {
        let mut case = open(name, ElementType::I64, dims, build);
        case.below = Some(below);
        case
    };
    let fixed = || vec![Dim::Known(4)];
    vec![
        indices("gather_embeddings", vec![t()], 5, |b, x| {
            let table = parameter(b, "table", &[5, 3]);
            b.node(Op::Gather { axis: 0 }, vec![table, x], nowhere())
        }),
        indices("gather_columns", fixed(), 3, |b, x| {
            let table = parameter(b, "table", &[5, 3]);
            let column = slice(b, x, 1, Dim::Known(0), Dim::Known(1), 1);
            b.node(Op::Gather { axis: 1 }, vec![table, column], nowhere())
        }),
        indices("gather_elements", fixed(), 3, |b, x| {
            let row = b.input("row", ElementType::F32, rows(&[3]), nowhere());
            b.node(Op::GatherElements { axis: 1 }, vec![row, x], nowhere())
        }),
        open("one_hot", ElementType::I64, fixed(), |b, x| b.node(Op::OneHot { depth: 6 }, vec![x], nowhere())),
        typed("one_hot_bytes", ElementType::U8, &[4], |b, x| b.node(Op::OneHot { depth: 200 }, vec![x], nowhere())),
    ]
}

fn sizes() -> Vec<Case> {
    vec![
        open("range", ElementType::F32, vec![t()], |b, x| {
            let places = b.node(Op::Range(t()), vec![], nowhere());
            let places = b.node(Op::Cast(ElementType::F32), vec![places], nowhere());
            b.binary(Binary::Add, x, places, nowhere())
        }),
        open("range_of_twice_less_one", ElementType::F32, vec![t()], |b, x| {
            let double = t().times(&Dim::Known(2)).minus(&Dim::Known(1));
            let places = b.node(Op::Range(double), vec![], nowhere());
            let places = b.node(Op::Cast(ElementType::F32), vec![places], nowhere());
            let sum = reduce(b, Reduction::Sum, &[0], true, places);
            b.binary(Binary::Add, x, sum, nowhere())
        }),
        open(
            "range_of_what_is_solved_for",
            ElementType::F32,
            vec![t().times(&Dim::Known(2)).plus(&Dim::Known(3))],
            |b, x| {
                let places = b.node(Op::Range(t()), vec![], nowhere());
                let places = b.node(Op::Cast(ElementType::F32), vec![places], nowhere());
                let sum = reduce(b, Reduction::Sum, &[0], true, places);
                b.binary(Binary::Add, x, sum, nowhere())
            },
        ),
        open("dimension", ElementType::F32, vec![t()], |b, x| {
            let half = b.facts().floor_div(&t(), 2);
            let size = b.node(Op::DimValue(half), vec![], nowhere());
            let size = b.node(Op::Cast(ElementType::F32), vec![size], nowhere());
            b.binary(Binary::Divide, x, size, nowhere())
        }),
        open("dimension_of_a_product", ElementType::F32, vec![t()], |b, x| {
            let product = t().times(&t()).plus(&Dim::batch().times(&Dim::Known(3)));
            let size = b.node(Op::DimValue(product), vec![], nowhere());
            let size = b.node(Op::Cast(ElementType::F32), vec![size], nowhere());
            b.binary(Binary::Subtract, x, size, nowhere())
        }),
        open("reshape_with_two_symbols", ElementType::F32, vec![t(), Dim::Known(6)], |b, x| {
            let heads = Shape::batched([t(), Dim::Known(2), Dim::Known(3)]);
            let apart = b.node(Op::Reshape(heads), vec![x], nowhere());
            let turned = b.node(Op::Transpose { permutation: vec![0, 2, 1, 3] }, vec![apart], nowhere());
            let mixed = Shape(vec![Dim::batch().times(&Dim::Known(2)), t(), Dim::Known(3)]);
            b.node(Op::Reshape(mixed), vec![turned], nowhere())
        }),
        open("softmax_of_a_symbol", ElementType::F32, vec![t(), Dim::Known(2)], |b, x| {
            b.node(Op::Softmax { axis: 1 }, vec![x], nowhere())
        }),
        case("constants_are_folded", &[3], |b, x| {
            let places = b.node(Op::Range(Dim::Known(3)), vec![], nowhere());
            let places = b.node(Op::Cast(ElementType::F32), vec![places], nowhere());
            let angles = unary(b, Unary::Sin, places);
            b.binary(Binary::Add, x, angles, nowhere())
        }),
        case("constant_alone", &[3], |b, _| b.tensor(ElementType::I64, vec![2, 1], [3.0, -4.0], nowhere())),
        case("constant_truths", &[3], |b, x| {
            let mask = b.tensor(ElementType::Bool, vec![3], [1.0, 0.0, 1.0], nowhere());
            let zero = b.constant(0.0, nowhere());
            b.node(Op::Where, vec![mask, x, zero], nowhere())
        }),
    ]
}

fn along() -> Vec<Case> {
    let mut all = Vec::new();
    for (exclusive, reverse) in [(false, false), (true, false), (false, true), (true, true)] {
        let name = format!("cumsum_{exclusive}_{reverse}");
        all.push(case(&name, &[3, 4], |b, x| b.node(Op::CumSum { axis: 2, exclusive, reverse }, vec![x], nowhere())));
    }
    all.push(typed("cumsum_whole", ElementType::I64, &[3, 4], |b, x| {
        b.node(Op::CumSum { axis: 1, exclusive: false, reverse: false }, vec![x], nowhere())
    }));
    for keep in [false, true] {
        all.push(case(&format!("argmax_{keep}"), &[3, 4], |b, x| {
            b.node(Op::ArgMax { axis: 1, keep }, vec![x], nowhere())
        }));
    }
    for reduction in [Reduction::Any, Reduction::All] {
        for (axes, keep) in [(&[1][..], false), (&[1, 2][..], true)] {
            let name = format!("{}_{}_{keep}", reduction.name(), axes.len());
            all.push(typed(&name, ElementType::Bool, &[3, 2], |b, x| reduce(b, reduction, axes, keep, x)));
        }
    }
    for reduction in [Reduction::Sum, Reduction::Max, Reduction::Min, Reduction::Product] {
        all.push(typed(&format!("{}_whole", reduction.name()), ElementType::I64, &[3, 4], |b, x| {
            reduce(b, reduction, &[2], false, x)
        }));
    }
    for (name, reduction) in [("min", Reduction::Min), ("product", Reduction::Product)] {
        all.push(case(name, &[3, 4], |b, x| reduce(b, reduction, &[1], false, x)));
    }
    all
}
