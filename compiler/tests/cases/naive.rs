//! What a graph computes, in plain loops over plain numbers: nothing clever, so that it can be seen to be right.

use std::collections::BTreeMap;

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Binary, Dim, ElementType, Graph, Node, Op, Reduction, Unary};

/// Numbers in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) element: ElementType,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<f64>,
}

impl Tensor {
    /// A tensor whose element at each index is what `at` answers.
    fn build(element: ElementType, shape: Vec<usize>, at: impl FnMut(Vec<usize>) -> f64) -> Self {
        let data = indices(&shape).into_iter().map(at).collect();
        Self { element, shape, data }
    }

    fn at(&self, index: &[usize]) -> f64 {
        let mut offset = 0;
        for (axis, position) in index.iter().enumerate() {
            assert!(*position < self.shape[axis], "{index:?} in {:?}", self.shape);
            offset = offset * self.shape[axis] + position;
        }
        self.data[offset]
    }

    fn map(&self, function: impl Fn(f64) -> f64) -> Self {
        Self { data: self.data.iter().map(|x| function(*x)).collect(), ..self.clone() }
    }
}

/// Every index of a tensor of that shape, in row-major order.
fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for size in shape {
        all = all.iter().flat_map(|index| (0..*size).map(|i| [&index[..], &[i]].concat())).collect();
    }
    all
}

/// The outputs of `graph` by name.
pub(crate) fn evaluate(
    graph: &Graph,
    weights: &Weights,
    inputs: &BTreeMap<String, Tensor>,
) -> BTreeMap<String, Tensor> {
    let mut values: Vec<Option<Tensor>> = vec![None; graph.values.len()];
    for id in &graph.inputs {
        values[id.index()] = Some(inputs[&graph.value(*id).name].clone());
    }
    for parameter in &graph.parameters {
        let weight = weights.get(&parameter.name).expect("a weight");
        let data = weight.data.iter().map(|x| f64::from(*x)).collect();
        let tensor = Tensor { element: ElementType::F32, shape: weight.shape.clone(), data };
        values[parameter.value.index()] = Some(tensor);
    }
    for node in &graph.nodes {
        let read: Vec<Tensor> = node.inputs.iter().map(|id| values[id.index()].clone().expect("made before")).collect();
        values[node.output.index()] = Some(apply(node, &read));
    }
    let output = |id: usize| values[id].clone().expect("made");
    graph.outputs.iter().map(|out| (out.name.clone(), output(out.value.index()))).collect()
}

fn apply(node: &Node, read: &[Tensor]) -> Tensor {
    match &node.op {
        Op::Constant(number) => Tensor { element: ElementType::F32, shape: vec![], data: vec![*number] },
        Op::Unary(kind) => read[0].map(|x| unary(*kind, x)),
        Op::Binary(kind) => broadcast(&read[0], &read[1], |a, b| binary(*kind, a, b)),
        Op::Cast(element) => cast(&read[0], *element),
        Op::Reshape(target) => {
            let shape = target.at_batch(read[0].shape[0]).expect("a known shape");
            assert_eq!(shape.iter().product::<usize>(), read[0].data.len());
            Tensor { shape, ..read[0].clone() }
        }
        Op::Linear => linear(read),
        Op::Conv { strides, dilation, padding, groups } => {
            convolution(read, two(strides), two(dilation), two(padding), *groups)
        }
        Op::MaxPool { size, strides, padding } => pool(&read[0], two(size), two(strides), two(padding), |window| {
            window.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        }),
        Op::AveragePool { size, strides, padding } => pool(&read[0], two(size), two(strides), two(padding), |window| {
            window.iter().sum::<f64>() / window.len() as f64
        }),
        Op::Reduce { reduction, axes, keep } => reduce(&read[0], *reduction, axes, *keep),
        Op::BatchNorm { epsilon, .. } => {
            let [x, scale, offset, mean, variance] = read else { panic!("five inputs") };
            Tensor::build(x.element, x.shape.clone(), |index| {
                let c = index[index.len() - 1];
                (x.at(&index) - mean.data[c]) / (variance.data[c] + epsilon).sqrt() * scale.data[c] + offset.data[c]
            })
        }
        Op::Dropout { .. } => read[0].clone(),
        Op::Softmax { axis } => over_axis(&read[0], *axis, |x, sum| x.exp() / sum),
        Op::LogSoftmax { axis } => over_axis(&read[0], *axis, |x, sum| x - sum.ln()),
        other => panic!("`{}` is in no case", other.name()),
    }
}

fn unary(kind: Unary, x: f64) -> f64 {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let softplus = |x: f64| (1.0 + x.exp()).ln();
    match kind {
        Unary::Negate => -x,
        Unary::Abs => x.abs(),
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Sqrt => x.sqrt(),
        Unary::Relu => x.max(0.0),
        Unary::LeakyRelu { slope } => {
            if x > 0.0 {
                x
            } else {
                slope * x
            }
        }
        Unary::Elu { alpha } => {
            if x > 0.0 {
                x
            } else {
                alpha * (x.exp() - 1.0)
            }
        }
        Unary::Selu => {
            let (scale, alpha) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
            scale * if x > 0.0 { x } else { alpha * (x.exp() - 1.0) }
        }
        Unary::Relu6 => x.clamp(0.0, 6.0),
        Unary::Sigmoid => sigmoid(x),
        Unary::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Unary::Tanh => x.tanh(),
        Unary::Gelu { approximate: false } => x * (1.0 + erf(x / 2f64.sqrt())) / 2.0,
        Unary::Gelu { approximate: true } => {
            x / 2.0 * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
        }
        Unary::Silu => x * sigmoid(x),
        Unary::Softplus => softplus(x),
        Unary::Softsign => x / (1.0 + x.abs()),
        Unary::Mish => x * softplus(x).tanh(),
        other => panic!("`{}` is in no case", other.name()),
    }
}

/// The error function by its Taylor series, which is exact enough up to 5.
fn erf(x: f64) -> f64 {
    if x.abs() > 5.0 {
        return x.signum();
    }
    let (mut sum, mut power) = (0.0, x);
    for n in 0..200 {
        sum += power / f64::from(2 * n + 1);
        power *= -x * x / f64::from(n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

fn binary(kind: Binary, a: f64, b: f64) -> f64 {
    match kind {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => a.powf(b),
        Binary::Maximum => a.max(b),
        Binary::Minimum => a.min(b),
        other => panic!("`{}` is in no case", other.name()),
    }
}

fn broadcast(a: &Tensor, b: &Tensor, function: impl Fn(f64, f64) -> f64) -> Tensor {
    let rank = a.shape.len().max(b.shape.len());
    let padded = |tensor: &Tensor| [vec![1; rank - tensor.shape.len()], tensor.shape.clone()].concat();
    let (left, right) = (Tensor { shape: padded(a), ..a.clone() }, Tensor { shape: padded(b), ..b.clone() });
    let shape = left.shape.iter().zip(&right.shape).map(|(a, b)| if *a == 1 { *b } else { *a }).collect();
    let of = |tensor: &Tensor, index: &[usize]| -> f64 {
        let index: Vec<usize> =
            index.iter().zip(&tensor.shape).map(|(i, size)| if *size == 1 { 0 } else { *i }).collect();
        tensor.at(&index)
    };
    Tensor::build(a.element, shape, |index| function(of(&left, &index), of(&right, &index)))
}

fn cast(x: &Tensor, element: ElementType) -> Tensor {
    let number = |x: f64| match element {
        ElementType::F32 => x,
        ElementType::I64 | ElementType::U8 => x.trunc(),
        ElementType::Bool => f64::from(x != 0.0),
    };
    Tensor { element, ..x.map(number) }
}

fn linear(read: &[Tensor]) -> Tensor {
    let (x, weight) = (&read[0], &read[1]);
    let [units, inputs] = weight.shape[..] else { panic!("a matrix") };
    let mut shape = x.shape.clone();
    shape.pop();
    shape.push(units);
    Tensor::build(x.element, shape, |index| {
        let (unit, row) = index.split_last().expect("an axis");
        let mut sum = read.get(2).map_or(0.0, |bias| bias.data[*unit]);
        for i in 0..inputs {
            sum += x.at(&[row, &[i]].concat()) * weight.at(&[*unit, i]);
        }
        sum
    })
}

/// How many windows fit.
fn windows(length: usize, padding: usize, reach: usize, stride: usize) -> usize {
    (0..).map(|i| i * stride).take_while(|start| start + reach <= length + padding).count()
}

fn convolution(
    read: &[Tensor],
    strides: [usize; 2],
    dilation: [usize; 2],
    padding: [(usize, usize); 2],
    groups: usize,
) -> Tensor {
    let (x, weight) = (&read[0], &read[1]);
    let [n, h, w, _] = x.shape[..] else { panic!("an image") };
    let [out, inner, kh, kw] = weight.shape[..] else { panic!("a kernel") };
    let rows = windows(h, padding[0].0 + padding[0].1, dilation[0] * (kh - 1) + 1, strides[0]);
    let columns = windows(w, padding[1].0 + padding[1].1, dilation[1] * (kw - 1) + 1, strides[1]);
    Tensor::build(x.element, vec![n, rows, columns, out], |index| {
        let [n, row, column, o] = index[..] else { panic!("an image") };
        let mut sum = read.get(2).map_or(0.0, |bias| bias.data[o]);
        let group = o / (out / groups);
        for ky in 0..kh {
            for kx in 0..kw {
                let y = (row * strides[0] + ky * dilation[0]).checked_sub(padding[0].0).filter(|y| *y < h);
                let x_at = (column * strides[1] + kx * dilation[1]).checked_sub(padding[1].0).filter(|x| *x < w);
                let (Some(y), Some(x_at)) = (y, x_at) else { continue };
                for c in 0..inner {
                    sum += x.at(&[n, y, x_at, group * inner + c]) * weight.at(&[o, c, ky, kx]);
                }
            }
        }
        sum
    })
}

fn pool(
    x: &Tensor,
    size: [usize; 2],
    strides: [usize; 2],
    padding: [(usize, usize); 2],
    function: impl Fn(&[f64]) -> f64,
) -> Tensor {
    let [n, h, w, c] = x.shape[..] else { panic!("an image") };
    let rows = windows(h, padding[0].0 + padding[0].1, size[0], strides[0]);
    let columns = windows(w, padding[1].0 + padding[1].1, size[1], strides[1]);
    Tensor::build(x.element, vec![n, rows, columns, c], |index| {
        let [n, row, column, c] = index[..] else { panic!("an image") };
        let mut window = Vec::new();
        for ky in 0..size[0] {
            for kx in 0..size[1] {
                let y = (row * strides[0] + ky).checked_sub(padding[0].0).filter(|y| *y < h);
                let x_at = (column * strides[1] + kx).checked_sub(padding[1].0).filter(|x| *x < w);
                if let (Some(y), Some(x_at)) = (y, x_at) {
                    window.push(x.at(&[n, y, x_at, c]));
                }
            }
        }
        function(&window)
    })
}

fn reduce(x: &Tensor, reduction: Reduction, axes: &[usize], keep: bool) -> Tensor {
    let kept: Vec<usize> =
        x.shape.iter().enumerate().map(|(axis, size)| if axes.contains(&axis) { 1 } else { *size }).collect();
    let mut result = Tensor::build(x.element, kept, |index| {
        let mut taken = Vec::new();
        for other in indices(&x.shape) {
            if (0..index.len()).all(|axis| axes.contains(&axis) || other[axis] == index[axis]) {
                taken.push(x.at(&other));
            }
        }
        match reduction {
            Reduction::Mean => taken.iter().sum::<f64>() / taken.len() as f64,
            Reduction::Sum => taken.iter().sum(),
            Reduction::Max => taken.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            other => panic!("`{}` is in no case", other.name()),
        }
    });
    if !keep {
        let mut axis = 0;
        result.shape.retain(|_| {
            axis += 1;
            !axes.contains(&(axis - 1))
        });
    }
    result
}

/// `function` gets each number and the sum of the powers along the axis.
fn over_axis(x: &Tensor, axis: usize, function: impl Fn(f64, f64) -> f64) -> Tensor {
    Tensor::build(x.element, x.shape.clone(), |index| {
        let along = |place: usize| {
            let mut index = index.clone();
            index[axis] = place;
            x.at(&index)
        };
        function(x.at(&index), (0..x.shape[axis]).map(|place| along(place).exp()).sum())
    })
}

fn two<T: Copy + std::fmt::Debug>(settings: &[T]) -> [T; 2] {
    settings.try_into().expect("two axes")
}

/// The shape with every open dimension as `batch`.
pub(crate) fn at_batch(dims: &[Dim], batch: usize) -> Vec<usize> {
    dims.iter().map(|dim| dim.known().unwrap_or(batch)).collect()
}
