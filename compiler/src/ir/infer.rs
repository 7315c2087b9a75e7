//! The type and the shape of what an operation makes.
//!
//! Nothing is reported here: whoever builds a node has checked that it makes sense. Where it does not, or where something is
//! unknown, the answer has [`Dim::Unknown`] in it.

use super::{Answer, Dim, ElementType, Facts, Op, Reduction, Shape, Value};

/// The type and the shape of what `op` makes of `inputs`.
pub(super) fn infer(op: &Op, inputs: &[&Value], facts: &Facts) -> (ElementType, Shape) {
    let shape = |index: usize| inputs.get(index).map_or(Shape(Vec::new()), |value| value.shape.clone());
    let element = |index: usize| inputs.get(index).map_or(ElementType::F32, |value| value.element);
    let known = |dims: &[usize]| Shape::known(dims.iter().copied());
    match op {
        Op::Constant(_) => (ElementType::F32, Shape(Vec::new())),
        Op::ConstantTensor { element, shape, .. } => (*element, known(shape)),
        Op::DimValue(_) => (ElementType::I64, Shape(Vec::new())),
        Op::Range(length) => (ElementType::I64, Shape(vec![length.clone()])),
        Op::Binary(binary) => {
            let element = if binary.compares() { ElementType::Bool } else { element(0) };
            (element, broadcast(&shape(0), &shape(1)).unwrap_or_else(|| shape(0)))
        }
        Op::Where => {
            let sides = broadcast(&shape(1), &shape(2)).unwrap_or_else(|| shape(1));
            (element(1), broadcast(&shape(0), &sides).unwrap_or(sides))
        }
        Op::Cast(element) => (*element, shape(0)),
        Op::Reshape(target) | Op::Expand(target) => (element(0), target.clone()),
        Op::Transpose { permutation } => {
            let from = shape(0);
            let dims = permutation.iter().map(|axis| from.0.get(*axis).cloned().unwrap_or(Dim::Unknown));
            (element(0), Shape(dims.collect()))
        }
        Op::Slice { axis, start, end, step } => {
            let length = facts.ceil_div(&end.minus(start), step.unsigned_abs());
            (element(0), with_axis(shape(0), *axis, length))
        }
        Op::Concat { axis } => {
            let lengths = (0..inputs.len()).map(|index| dim(&shape(index), *axis));
            let length = lengths.reduce(|sum, length| sum.plus(&length)).unwrap_or(Dim::Unknown);
            (element(0), with_axis(agreed(inputs), *axis, length))
        }
        Op::Pad { padding, .. } => {
            let dims = shape(0).0.into_iter().enumerate().map(|(axis, dim)| match padding.get(axis) {
                Some((before, after)) => dim.plus(&Dim::Known(before.saturating_add(*after))),
                None => dim,
            });
            (element(0), Shape(dims.collect()))
        }
        Op::Gather { axis } => {
            let mut dims = shape(0).0;
            if *axis < dims.len() {
                dims.splice(*axis..=*axis, shape(1).0);
            }
            (element(0), Shape(dims))
        }
        Op::GatherElements { .. } => (element(0), shape(1)),
        Op::OneHot { depth } => {
            let mut dims = shape(0).0;
            dims.push(Dim::Known(*depth));
            (ElementType::F32, Shape(dims))
        }
        Op::ArgMax { axis, keep } => (ElementType::I64, without(shape(0), &[*axis], *keep)),
        Op::Reduce { reduction, axes, keep } => {
            let element = match reduction {
                Reduction::Any | Reduction::All => ElementType::Bool,
                _ => element(0),
            };
            (element, without(shape(0), axes, *keep))
        }
        Op::MatMul => (element(0), matrices(&shape(0), &shape(1))),
        Op::Linear => {
            let mut dims = shape(0).0;
            dims.pop();
            dims.push(dim(&shape(1), 0));
            (element(0), Shape(dims))
        }
        Op::Conv { strides, dilation, padding, .. } => {
            let weight = shape(1);
            let lengths = |axis: usize, length: &Dim| {
                let size = weight.0.get(axis + 2).and_then(Dim::known)?;
                Some(windows(facts, length, size, at(strides, axis, 1), at(dilation, axis, 1), around(padding, axis)))
            };
            (element(0), spatial(&shape(0), strides.len(), Some(dim(&weight, 0)), lengths))
        }
        Op::ConvTranspose { strides, dilation, padding, output_padding, groups } => {
            let weight = shape(1);
            let lengths = |axis: usize, length: &Dim| {
                let size = weight.0.get(axis + 2).and_then(Dim::known)?;
                let reach = reach(size, at(dilation, axis, 1)).saturating_add(at(output_padding, axis, 0));
                let between = length.minus(&Dim::Known(1)).times(&Dim::Known(at(strides, axis, 1)));
                Some(between.plus(&Dim::Known(reach)).minus(&Dim::Known(around(padding, axis))))
            };
            let channels = dim(&weight, 1).times(&Dim::Known(*groups));
            (element(0), spatial(&shape(0), strides.len(), Some(channels), lengths))
        }
        Op::MaxPool { size, strides, padding } | Op::AveragePool { size, strides, padding } => {
            let lengths = |axis: usize, length: &Dim| {
                Some(windows(facts, length, at(size, axis, 1), at(strides, axis, 1), 1, around(padding, axis)))
            };
            (element(0), spatial(&shape(0), strides.len(), None, lengths))
        }
        Op::Resize { scale, .. } => {
            let lengths = |axis: usize, length: &Dim| Some(length.times(&Dim::Known(at(scale, axis, 1))));
            (element(0), spatial(&shape(0), scale.len(), None, lengths))
        }
        Op::Attention { .. } => {
            let mut dims = shape(0).0;
            dims.pop();
            dims.push(shape(2).0.last().cloned().unwrap_or(Dim::Unknown));
            (element(0), Shape(dims))
        }
        Op::Recurrent(recurrent) => {
            let (x, units) = (shape(0), dim(&shape(2), 1));
            let dims = match recurrent.answer {
                Answer::States => vec![dim(&x, 0), dim(&x, 1), units],
                Answer::LastMemory => vec![dim(&x, 0), units],
            };
            (element(0), Shape(dims))
        }
        Op::SoftmaxCrossEntropy => (element(0), Shape(shape(0).0.into_iter().take(1).collect())),
        Op::RandomNormal | Op::RandomUniform => (ElementType::F32, shape(0)),
        Op::Unary(_)
        | Op::StopGradient
        | Op::CumSum { .. }
        | Op::Softmax { .. }
        | Op::LogSoftmax { .. }
        | Op::BatchNorm { .. }
        | Op::LayerNorm { .. }
        | Op::RmsNorm { .. }
        | Op::GroupNorm { .. }
        | Op::Dropout { .. }
        | Op::GaussianNoise { .. } => (element(0), shape(0)),
    }
}

/// How many windows of `size` fit along an axis of `length`; [`Dim::Unknown`] if none does.
pub fn windows(facts: &Facts, length: &Dim, size: usize, stride: usize, dilation: usize, padding: usize) -> Dim {
    let reach = reach(size, dilation);
    match length {
        Dim::Known(length) => match length.saturating_add(padding).checked_sub(reach) {
            Some(room) => Dim::Known(room / stride.max(1) + 1),
            None => Dim::Unknown,
        },
        Dim::Symbolic(_) => {
            let room = length.plus(&Dim::Known(padding)).minus(&Dim::Known(reach));
            facts.floor_div(&room, stride.max(1)).plus(&Dim::Known(1))
        }
        Dim::Unknown => Dim::Unknown,
    }
}

/// What `same` adds before and after an axis, so that `ceil(length / stride)` windows fit: the odd one after, as Keras and
/// TensorFlow do. Nothing where it depends on a size that only a run knows.
pub fn same_padding(
    facts: &Facts,
    length: &Dim,
    size: usize,
    stride: usize,
    dilation: usize,
) -> Option<(usize, usize)> {
    let (reach, stride) = (i64::try_from(reach(size, dilation)).ok()?, stride.max(1));
    let covered = facts.ceil_div(length, stride).times(&Dim::Known(stride));
    let needed = covered.difference(length)?.checked_sub(i64::try_from(stride).ok()?)?.checked_add(reach)?;
    let total = usize::try_from(needed.max(0)).ok()?;
    Some((total / 2, total - total / 2))
}

/// How far a window reaches.
pub fn reach(size: usize, dilation: usize) -> usize {
    dilation.saturating_mul(size.saturating_sub(1)).saturating_add(1)
}

/// The shape of two values broadcast together as NumPy does, or nothing if they do not go together.
pub fn broadcast(a: &Shape, b: &Shape) -> Option<Shape> {
    let rank = a.rank().max(b.rank());
    let dim = |shape: &Shape, axis: usize| match (axis + shape.rank()).checked_sub(rank) {
        Some(index) => shape.0[index].clone(),
        None => Dim::Known(1),
    };
    let dims = (0..rank).map(|axis| match (dim(a, axis), dim(b, axis)) {
        (Dim::Known(1), other) | (other, Dim::Known(1)) => Some(other),
        (Dim::Unknown, other) | (other, Dim::Unknown) => Some(other),
        (left, right) => (left == right).then_some(left),
    });
    dims.collect::<Option<Vec<_>>>().map(Shape)
}

fn at(settings: &[usize], axis: usize, default: usize) -> usize {
    settings.get(axis).copied().unwrap_or(default)
}

fn around(padding: &[(usize, usize)], axis: usize) -> usize {
    padding.get(axis).map_or(0, |(before, after)| before.saturating_add(*after))
}

fn dim(shape: &Shape, axis: usize) -> Dim {
    shape.0.get(axis).cloned().unwrap_or(Dim::Unknown)
}

fn with_axis(mut shape: Shape, axis: usize, length: Dim) -> Shape {
    if let Some(dim) = shape.0.get_mut(axis) {
        *dim = length;
    }
    shape
}

/// What is known of the dimensions of values of one shape.
fn agreed(values: &[&Value]) -> Shape {
    let mut dims = values.first().map_or(Vec::new(), |value| value.shape.0.clone());
    for (axis, dim) in dims.iter_mut().enumerate().filter(|(_, dim)| **dim == Dim::Unknown) {
        let known = values.iter().filter_map(|value| value.shape.0.get(axis)).find(|dim| **dim != Dim::Unknown);
        *dim = known.cloned().unwrap_or(Dim::Unknown);
    }
    Shape(dims)
}

fn without(shape: Shape, axes: &[usize], keep: bool) -> Shape {
    let dims = shape.0.into_iter().enumerate().filter_map(|(axis, dim)| match axes.contains(&axis) {
        true => keep.then_some(Dim::Known(1)),
        false => Some(dim),
    });
    Shape(dims.collect())
}

fn matrices(a: &Shape, b: &Shape) -> Shape {
    let ([x @ .., m, _], [y @ .., _, n]) = (a.dims(), b.dims()) else { return a.clone() };
    let (x, y) = (Shape(x.to_vec()), Shape(y.to_vec()));
    let mut dims = broadcast(&x, &y).unwrap_or(x).0;
    dims.extend([m.clone(), n.clone()]);
    Shape(dims)
}

/// The shape of `[N, …, c]` with every spatial axis as `length` says; `channels` replaces the last dimension where given.
fn spatial(input: &Shape, axes: usize, channels: Option<Dim>, length: impl Fn(usize, &Dim) -> Option<Dim>) -> Shape {
    let [n, sizes @ .., c] = input.dims() else { return input.clone() };
    if sizes.len() != axes {
        return input.clone();
    }
    let mut dims = vec![n.clone()];
    dims.extend(sizes.iter().enumerate().map(|(axis, size)| length(axis, size).unwrap_or(Dim::Unknown)));
    dims.push(channels.unwrap_or_else(|| c.clone()));
    Shape(dims)
}

#[cfg(test)]
mod tests {
    use ndsl_grammar::Span;

    use super::*;
    use crate::ir::{Builder, Initializer, MAX_ELEMENTS, Role, ValueId};

    fn t() -> Dim {
        Dim::symbol("T")
    }

    /// A graph in which `T` is a multiple of 4.
    fn builder() -> Builder {
        let mut builder = Builder::new("shapes");
        builder.facts_mut().multiple("T", 4);
        builder
    }

    fn input(builder: &mut Builder, dims: &[Dim]) -> ValueId {
        let shape = Shape::batched(dims.iter().cloned());
        builder.input("x", ElementType::F32, shape, Span::default())
    }

    /// The shape of `op` applied to values of these shapes, the batch left out of what is written here.
    #[track_caller]
    fn shape(op: Op, inputs: &[&[Dim]], expected: &str) {
        let mut builder = builder();
        let inputs = inputs.iter().map(|dims| input(&mut builder, dims)).collect();
        let made = builder.node(op, inputs, Span::default());
        assert_eq!(builder.shape(made).to_string(), expected);
    }

    #[test]
    fn shapes_keep_their_symbols() {
        let (one, three) = (Dim::Known(1), Dim::Known(3));
        shape(Op::Transpose { permutation: vec![0, 2, 1] }, &[&[t(), Dim::Known(3)]], "[N, 3, T]");
        shape(Op::Slice { axis: 1, start: one.clone(), end: t(), step: 1 }, &[&[t()]], "[N, T - 1]");
        shape(Op::Slice { axis: 1, start: Dim::Known(0), end: t(), step: -2 }, &[&[t()]], "[N, T / 2]");
        shape(Op::Concat { axis: 1 }, &[&[t()], &[Dim::Known(3)], &[t()]], "[N, 2 * T + 3]");
        shape(Op::Pad { padding: vec![(0, 0), (2, 1)], value: 0.0 }, &[&[t()]], "[N, T + 3]");
        shape(Op::MatMul, &[&[t(), three.clone()], &[three.clone(), t()]], "[N, T, T]");
        shape(Op::OneHot { depth: 5 }, &[&[t()]], "[N, T, 5]");
        shape(Op::ArgMax { axis: 2, keep: false }, &[&[t(), three.clone()]], "[N, T]");
        shape(Op::Gather { axis: 1 }, &[&[three.clone(), t()], &[one]], "[N, N, 1, T]");
        shape(Op::Where, &[&[t()], &[t()], &[t()]], "[N, T]");
    }

    #[test]
    fn windows_divide_what_is_known_to_come_out_even() {
        let halves =
            |size, padding: (usize, usize)| Op::MaxPool { size: vec![size], strides: vec![2], padding: vec![padding] };
        shape(halves(2, (0, 0)), &[&[t(), Dim::Known(3)]], "[N, T / 2, 3]");
        shape(halves(3, (0, 1)), &[&[t(), Dim::Known(3)]], "[N, T / 2, 3]");
        shape(halves(2, (0, 0)), &[&[Dim::symbol("S"), Dim::Known(3)]], "[N, S//2, 3]");
        let resize = Op::Resize { scale: vec![2], interpolation: crate::ir::Interpolation::Nearest };
        shape(resize, &[&[t(), Dim::Known(3)]], "[N, 2 * T, 3]");
        let mut b = builder();
        let x = input(&mut b, &[Dim::Known(7), t(), Dim::Known(4)]);
        let weight = b.parameter("w", vec![6, 2, 3, 2], Initializer::Zeros, Role::Trainable, Span::default());
        let op = Op::Conv { strides: vec![2, 1], dilation: vec![1, 3], padding: vec![(1, 1), (0, 0)], groups: 2 };
        let y = b.node(op, vec![x, weight], Span::default());
        assert_eq!(b.shape(y).to_string(), "[N, 4, T - 3, 6]");
        let weight = b.parameter("v", vec![4, 3, 3, 2], Initializer::Zeros, Role::Trainable, Span::default());
        let op = Op::ConvTranspose {
            strides: vec![2, 2],
            dilation: vec![1, 1],
            padding: vec![(0, 1), (0, 0)],
            output_padding: vec![0, 0],
            groups: 2,
        };
        let y = b.node(op, vec![x, weight], Span::default());
        assert_eq!(b.shape(y).to_string(), "[N, 14, 2 * T, 6]");
    }

    #[test]
    fn what_same_adds() {
        let b = builder();
        let same = |length: Dim, size, stride, dilation| same_padding(b.facts(), &length, size, stride, dilation);
        assert_eq!(same(Dim::Known(28), 3, 1, 1), Some((1, 1)));
        assert_eq!(same(Dim::Known(28), 3, 2, 1), Some((0, 1)));
        assert_eq!(same(Dim::Known(27), 3, 2, 1), Some((1, 1)));
        assert_eq!(same(Dim::Known(5), 2, 1, 3), Some((1, 2)));
        assert_eq!(same(Dim::Known(4), 1, 2, 1), Some((0, 0)));
        assert_eq!(same(Dim::symbol("S"), 3, 1, 1), Some((1, 1)));
        assert_eq!(same(t(), 3, 2, 1), Some((0, 1)));
        assert_eq!(same(Dim::symbol("S"), 3, 2, 1), None, "even and odd sizes differ");
    }

    #[test]
    fn a_value_too_large_is_a_fault_once_and_unknown_from_then_on() {
        let mut b = builder();
        let x = input(&mut b, &[Dim::Known(1 << 16), t()]);
        let large = b.node(Op::OneHot { depth: 1 << 16 }, vec![x], Span::default());
        let again = b.node(Op::OneHot { depth: 1 << 16 }, vec![large], Span::default());
        let fault = b.take_oversized().expect("4 G numbers");
        assert_eq!((fault.value, fault.shape.to_string()), (large, "[N, 65536, T, 65536]".to_owned()));
        assert!(b.shape(large).dims().iter().all(|dim| *dim == Dim::Unknown));
        assert_eq!(b.shape(again).dims().last(), Some(&Dim::Known(1 << 16)));
        assert_eq!(b.take_oversized(), None);
        assert_eq!(MAX_ELEMENTS, 1 << 31);
    }
}
