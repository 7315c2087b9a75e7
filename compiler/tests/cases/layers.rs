//! Cases of operations that are most of a layer: windows of any rank, products, normalisations, attention, recurrence.

use ndsl_compiler::ir::{
    Answer, Binary, Builder, Cell, Dim, ElementType, Interpolation, Op, Recurrent, Reduction, Shape, Unary, ValueId,
};

use super::{Case, batch_norm, case, nowhere, open, parameter, reduce, rows, unary};

pub(super) fn all() -> Vec<Case> {
    [products(), windows(), norms(), attention(), recurrent()].into_iter().flatten().collect()
}

fn t() -> Dim {
    Dim::symbol("T")
}

fn products() -> Vec<Case> {
    vec![
        case("matmul", &[2, 3], |b, x| {
            let weight = parameter(b, "weight", &[3, 4]);
            b.node(Op::MatMul, vec![x, weight], nowhere())
        }),
        open("matmul_of_two", ElementType::F32, vec![t(), Dim::Known(3)], |b, x| {
            let turned = b.node(Op::Transpose { permutation: vec![0, 2, 1] }, vec![x], nowhere());
            b.node(Op::MatMul, vec![x, turned], nowhere())
        }),
        case("matmul_broadcasts", &[1, 2, 3], |b, x| {
            let weight = parameter(b, "weight", &[4, 3, 2]);
            b.node(Op::MatMul, vec![x, weight], nowhere())
        }),
        open("linear_of_a_sequence", ElementType::F32, vec![t(), Dim::Known(6)], |b, x| {
            super::linear(b, "dense", x, 4, true)
        }),
    ]
}

/// A convolution of any rank.
fn conv(b: &mut Builder, name: &str, x: ValueId, weight: &[usize], op: Op) -> ValueId {
    let filters = match &op {
        Op::ConvTranspose { groups, .. } => weight[1] * groups,
        _ => weight[0],
    };
    let read =
        vec![x, parameter(b, &format!("{name}.weight"), weight), parameter(b, &format!("{name}.bias"), &[filters])];
    b.node(op, read, nowhere())
}

fn slide(strides: &[usize], dilation: &[usize], padding: &[(usize, usize)], groups: usize) -> Op {
    Op::Conv { strides: strides.to_vec(), dilation: dilation.to_vec(), padding: padding.to_vec(), groups }
}

fn back(strides: &[usize], padding: &[(usize, usize)], output_padding: &[usize], groups: usize) -> Op {
    Op::ConvTranspose {
        dilation: vec![1; strides.len()],
        strides: strides.to_vec(),
        padding: padding.to_vec(),
        output_padding: output_padding.to_vec(),
        groups,
    }
}

fn windows() -> Vec<Case> {
    let none = (0, 0);
    let mut all = vec![
        case("conv1d", &[7, 3], |b, x| conv(b, "conv", x, &[4, 3, 3], slide(&[2], &[1], &[(1, 2)], 1))),
        open("conv1d_of_a_sequence", ElementType::F32, vec![t(), Dim::Known(2)], |b, x| {
            let causal = conv(b, "conv", x, &[4, 2, 3], slide(&[1], &[2], &[(4, 0)], 1));
            let active = unary(b, Unary::Relu, causal);
            conv(b, "last", active, &[2, 4, 1], slide(&[1], &[1], &[none], 1))
        }),
        case("conv1d_with_a_norm", &[7, 3], |b, x| {
            let conv = conv(b, "conv", x, &[4, 3, 3], slide(&[1], &[1], &[none], 1));
            let active = unary(b, Unary::Relu, conv);
            let norm = batch_norm(b, "norm", active);
            reduce(b, Reduction::Mean, &[1], false, norm)
        }),
        case("conv3d", &[4, 5, 4, 2], |b, x| {
            conv(b, "conv", x, &[4, 1, 2, 3, 2], slide(&[1, 2, 1], &[1, 1, 2], &[(1, 0), none, (0, 1)], 2))
        }),
        case("conv3d_to_a_row", &[3, 3, 3, 2], |b, x| {
            let volume = conv(b, "conv", x, &[4, 2, 2, 2, 2], slide(&[1; 3], &[1; 3], &[none; 3], 1));
            let most = reduce(b, Reduction::Max, &[1, 2, 3], false, volume);
            let rest = b.node(Op::Reshape(rows(&[32])), vec![volume], nowhere());
            b.node(Op::Concat { axis: 1 }, vec![most, rest], nowhere())
        }),
        case("conv_transpose", &[3, 4, 2], |b, x| {
            conv(b, "up", x, &[2, 3, 2, 2], back(&[2, 2], &[none; 2], &[0, 0], 1))
        }),
        case("conv_transpose_cut", &[3, 4, 4], |b, x| {
            conv(b, "up", x, &[4, 3, 3, 2], back(&[2, 3], &[(1, 0), (0, 1)], &[1, 2], 2))
        }),
        case("conv_transpose_of_a_sequence", &[5, 2], |b, x| {
            conv(b, "up", x, &[2, 3, 3], back(&[2], &[(0, 1)], &[0], 1))
        }),
        case("conv_transpose_of_a_volume", &[2, 3, 2, 2], |b, x| {
            conv(b, "up", x, &[2, 3, 2, 2, 3], back(&[2, 1, 2], &[none, (1, 0), none], &[0, 0, 1], 1))
        }),
        open("u_net", ElementType::F32, vec![Dim::symbol("H"), Dim::Known(8), Dim::Known(2)], |b, x| {
            b.facts_mut().multiple("H", 4);
            let skip = conv(b, "down", x, &[3, 2, 3, 3], slide(&[1, 1], &[1, 1], &[(1, 1), (1, 1)], 1));
            let size = vec![2, 2];
            let pool = Op::MaxPool { size: size.clone(), strides: size, padding: vec![none; 2] };
            let small = b.node(pool, vec![skip], nowhere());
            let large = conv(b, "up", small, &[3, 3, 2, 2], back(&[2, 2], &[none; 2], &[0, 0], 1));
            let both = b.node(Op::Concat { axis: 3 }, vec![large, skip], nowhere());
            conv(b, "last", both, &[2, 6, 1, 1], slide(&[1, 1], &[1, 1], &[none; 2], 1))
        }),
    ];
    for (name, dims, size, strides, padding) in [
        ("1d", &[7, 2][..], &[3][..], &[2][..], &[(1, 0)][..]),
        ("3d", &[4, 5, 4, 2], &[2, 2, 3], &[2, 1, 1], &[(0, 0), (1, 1), (0, 2)]),
    ] {
        let (size, strides, padding) = (size.to_vec(), strides.to_vec(), padding.to_vec());
        let largest = Op::MaxPool { size: size.clone(), strides: strides.clone(), padding: padding.clone() };
        for op in [largest, Op::AveragePool { size, strides, padding }] {
            let mut case = case(&format!("{}_{name}", op.name()), dims, |b, x| b.node(op, vec![x], nowhere()));
            case.range = [-4.0, -1.0];
            all.push(case);
        }
    }
    for interpolation in [Interpolation::Nearest, Interpolation::Linear] {
        for (dims, scale) in [(&[3, 2][..], &[3][..]), (&[3, 4, 2], &[2, 3]), (&[2, 3, 2, 2], &[2, 1, 2])] {
            let name = format!("resize_{interpolation:?}_{}d", scale.len()).to_lowercase();
            let op = Op::Resize { scale: scale.to_vec(), interpolation };
            all.push(case(&name, dims, |b, x| b.node(op, vec![x], nowhere())));
        }
    }
    all
}

fn norms() -> Vec<Case> {
    let mut all = vec![
        open("layer_norm_of_nothing_known", ElementType::F32, vec![t()], |b, x| {
            b.node(Op::LayerNorm { axes: 1, epsilon: 1e-3 }, vec![x], nowhere())
        }),
        case("layer_norm_after_convolution", &[4, 5, 2], |b, x| {
            let image = super::convolution(b, "conv", x, 3, [2, 2], super::PLAIN);
            let scale = parameter(b, "norm.weight", &[3]);
            b.node(Op::LayerNorm { axes: 1, epsilon: 1e-3 }, vec![image, scale], nowhere())
        }),
        case("group_norm_of_a_row", &[6], |b, x| {
            b.node(Op::GroupNorm { groups: 3, epsilon: 1e-3 }, vec![x], nowhere())
        }),
    ];
    for learnt in 0..3 {
        let read = |b: &mut Builder, x: ValueId, shape: &[usize]| {
            let names = ["norm.weight", "norm.bias"].into_iter().take(learnt);
            let mut read = vec![x];
            read.extend(names.map(|name| parameter(b, name, shape)));
            read
        };
        for axes in [1, 2] {
            let shape = &[3, 4][2 - axes..];
            all.push(case(&format!("layer_norm_{axes}_{learnt}"), &[2, 3, 4], |b, x| {
                let read = read(b, x, shape);
                b.node(Op::LayerNorm { axes, epsilon: 1e-3 }, read, nowhere())
            }));
            if learnt < 2 {
                all.push(case(&format!("rms_norm_{axes}_{learnt}"), &[2, 3, 4], |b, x| {
                    let read = read(b, x, shape);
                    b.node(Op::RmsNorm { axes, epsilon: 1e-3 }, read, nowhere())
                }));
            }
        }
        all.push(case(&format!("group_norm_{learnt}"), &[3, 2, 6], |b, x| {
            let read = read(b, x, &[6]);
            b.node(Op::GroupNorm { groups: 3, epsilon: 1e-3 }, read, nowhere())
        }));
        all.push(open(
            &format!("group_norm_of_a_sequence_{learnt}"),
            ElementType::F32,
            vec![t(), Dim::Known(4)],
            |b, x| {
                let read = read(b, x, &[4]);
                b.node(Op::GroupNorm { groups: 2, epsilon: 1e-3 }, read, nowhere())
            },
        ));
    }
    all
}

fn attention() -> Vec<Case> {
    let heads = |h: usize, t: Dim, d: usize| vec![Dim::Known(h), t, Dim::Known(d)];
    let with = |name: &str, groups: usize, causal: bool, masked: bool| {
        open(name, ElementType::F32, heads(4, t(), 3), |b, x| {
            let keys = t().plus(&Dim::Known(2));
            let float = |b: &mut Builder, name: &str, d: usize| {
                b.input(name, ElementType::F32, Shape::batched(heads(groups, keys.clone(), d)), nowhere())
            };
            let (k, v) = (float(b, "k", 3), float(b, "v", 2));
            let mut read = vec![x, k, v];
            if masked {
                let shape = Shape::batched([Dim::Known(1), t(), keys.clone()]);
                read.push(b.input("mask", ElementType::Bool, shape, nowhere()));
            }
            b.node(Op::Attention { causal, scale: 0.5, dropout: 0.1 }, read, nowhere())
        })
    };
    vec![
        with("attention", 4, false, false),
        with("attention_causal", 4, true, false),
        with("attention_masked", 4, false, true),
        with("attention_masked_and_causal", 4, true, true),
        with("attention_of_grouped_heads", 2, false, false),
        with("attention_of_one_head", 1, true, true),
        case("attention_to_itself", &[2, 5, 3], |b, x| {
            let once = b.node(Op::Attention { causal: true, scale: 0.6, dropout: 0.0 }, vec![x, x, x], nowhere());
            b.node(Op::Attention { causal: true, scale: 0.6, dropout: 0.0 }, vec![once, x, x], nowhere())
        }),
    ]
}

/// A recurrent layer over `x`, which is of 3 numbers a step, with 2 units.
fn layer(b: &mut Builder, x: ValueId, recurrent: Recurrent) -> ValueId {
    let rows = recurrent.cell.gates() * 2;
    let mut read = vec![x, parameter(b, "rnn.weight_ih", &[rows, 3]), parameter(b, "rnn.weight_hh", &[rows, 2])];
    let biases = ["rnn.bias_ih", "rnn.bias_hh"].into_iter().take(recurrent.biases);
    read.extend(biases.map(|name| parameter(b, name, &[rows])));
    if recurrent.initial {
        let states = if recurrent.cell == Cell::Lstm { &["h", "c"][..] } else { &["h"] };
        read.extend(states.iter().map(|name| b.input(*name, ElementType::F32, super::rows(&[2]), nowhere())));
    }
    if recurrent.masked {
        let steps = b.shape(x).dims()[1].clone();
        read.push(b.input("mask", ElementType::Bool, Shape::batched(vec![steps]), nowhere()));
    }
    b.node(Op::Recurrent(recurrent), read, nowhere())
}

fn recurrent() -> Vec<Case> {
    let plain = |cell| Recurrent {
        cell,
        activation: Unary::Tanh,
        recurrent_activation: Unary::Sigmoid,
        biases: 2,
        initial: false,
        masked: false,
        reverse: false,
        answer: Answer::States,
    };
    let sequence = |name: String, recurrent: Recurrent| {
        open(&name, ElementType::F32, vec![t(), Dim::Known(3)], |b, x| layer(b, x, recurrent))
    };
    let mut all = Vec::new();
    let cells = [
        ("simple", Cell::Simple),
        ("gru", Cell::Gru { reset_after: true }),
        ("gru_before", Cell::Gru { reset_after: false }),
        ("lstm", Cell::Lstm),
    ];
    for (name, cell) in cells {
        for biases in 0..3 {
            all.push(sequence(format!("recurrent_{name}_{biases}"), Recurrent { biases, ..plain(cell) }));
        }
        all.push(sequence(format!("recurrent_{name}_backwards"), Recurrent { reverse: true, ..plain(cell) }));
        all.push(sequence(format!("recurrent_{name}_continued"), Recurrent { initial: true, ..plain(cell) }));
        for (reverse, initial) in [(false, false), (false, true), (true, false), (true, true)] {
            let name =
                format!("recurrent_{name}_masked_{}_{}", if reverse { "back" } else { "on" }, usize::from(initial));
            all.push(sequence(name, Recurrent { masked: true, reverse, initial, ..plain(cell) }));
        }
        let others =
            [(Unary::Relu, Unary::HardSigmoid), (Unary::Identity, Unary::Sigmoid), (Unary::Softsign, Unary::Tanh)];
        for (activation, recurrent_activation) in others {
            let name = format!("recurrent_{name}_{}", activation.name());
            all.push(sequence(name, Recurrent { activation, recurrent_activation, ..plain(cell) }));
        }
    }
    let memory = Recurrent { answer: Answer::LastMemory, ..plain(Cell::Lstm) };
    all.push(sequence("recurrent_lstm_memory".to_owned(), memory));
    // The states and the memory of one layer are one node.
    for (name, masked, initial) in [("both", false, false), ("both_masked", true, false), ("all_masked", true, true)] {
        all.push(open(&format!("recurrent_lstm_{name}"), ElementType::F32, vec![t(), Dim::Known(3)], |b, x| {
            let states = layer(b, x, Recurrent { masked, initial, ..plain(Cell::Lstm) });
            let read = b.graph().producer(states).expect("a node").inputs.clone();
            let memory = b.node(Op::Recurrent(Recurrent { masked, initial, ..memory }), read, nowhere());
            let sum = reduce(b, Reduction::Sum, &[1], false, states);
            b.node(Op::Concat { axis: 1 }, vec![sum, memory], nowhere())
        }));
    }
    // A sequence of which no step counts leaves the first state.
    all.push(open("recurrent_lstm_none_counts", ElementType::F32, vec![t(), Dim::Known(3)], |b, x| {
        let rnn = Recurrent { masked: true, initial: true, ..plain(Cell::Lstm) };
        let mut read = vec![x];
        for (name, shape) in [("w", &[8, 3][..]), ("r", &[8, 2]), ("b", &[8]), ("c", &[8])] {
            read.push(parameter(b, name, shape));
        }
        for name in ["h", "m"] {
            read.push(b.input(name, ElementType::F32, super::rows(&[2]), nowhere()));
        }
        let far = b.constant(100.0, nowhere());
        let first = b.node(Op::Reduce { reduction: Reduction::Max, axes: vec![2], keep: false }, vec![x], nowhere());
        read.push(b.binary(Binary::Greater, first, far, nowhere()));
        let states = b.node(Op::Recurrent(rnn), read.clone(), nowhere());
        let memory = b.node(Op::Recurrent(Recurrent { answer: Answer::LastMemory, ..rnn }), read, nowhere());
        let last = reduce(b, Reduction::Sum, &[1], false, states);
        b.node(Op::Concat { axis: 1 }, vec![last, memory], nowhere())
    }));
    all.push(open("recurrent_by_computed_weights", ElementType::F32, vec![t(), Dim::Known(3)], |b, x| {
        let mut read = vec![x];
        for (name, shape) in [("w", &[8, 3][..]), ("r", &[8, 2]), ("b", &[8])] {
            let weight = parameter(b, name, shape);
            read.push(unary(b, Unary::Tanh, weight));
        }
        b.node(Op::Recurrent(Recurrent { biases: 1, ..plain(Cell::Lstm) }), read, nowhere())
    }));
    all
}
