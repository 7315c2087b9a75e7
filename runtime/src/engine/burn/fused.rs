//! The operations that take most of a step, by [`ndsl_kernels`]: each one step on Burn's record.

use ::burn::backend::TensorMetadata;
use ::burn::backend::flex::FlexTensor;

use super::Primitive;
use super::record::{Numbers, absent, record, tensor};
use ndsl_kernels::activation::{self, Function, Kept};
use ndsl_kernels::attention::{self, Heads};
use ndsl_kernels::batch_normalization as batch;
use ndsl_kernels::convolution::{self, Sliding};
use ndsl_kernels::layer_normalization as layer;
use ndsl_kernels::lstm;
use ndsl_kernels::matrix::{Matrix, Threads, affine, product};
use ndsl_kernels::{cross_entropy, pooling, sum_of_rows};

/// A tensor of two axes as a matrix, whichever way it lies.
fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let layout = tensor.layout();
    let ([rows, columns], strides) = (layout.shape().dims(), layout.strides());
    let numbers = tensor.storage::<f32>().get(layout.start_offset()..).unwrap_or_default();
    Matrix::strided(numbers, [rows, columns], [0, 1].map(|axis| strides[axis].unsigned_abs()))
}

/// A tensor that nothing turns around; a copy that lies in order if something does.
fn forwards(tensor: FlexTensor) -> FlexTensor {
    if tensor.layout().has_positive_strides() { tensor } else { tensor.to_contiguous() }
}

/// Numbers that may be none at all.
fn some(numbers: &Numbers) -> Option<&[f32]> {
    (!numbers.is_empty()).then_some(&numbers[..])
}

/// `x w + bias`, `w [in, out]`.
pub(super) fn linear(x: Primitive, weight: Primitive, bias: Option<Primitive>) -> Primitive {
    let run = |[x, w, bias]: [FlexTensor; 3]| {
        let (shape, w) = (x.shape().to_vec(), forwards(w));
        let [size, made] = w.shape().dims();
        let rows = shape.iter().product::<usize>() / size.max(1);
        let (x, bias) = (Numbers::of(x), Numbers::of(bias));
        let y = affine(Matrix::new(&x, rows, size), matrix(&w), some(&bias));
        let mut out = shape.clone();
        out.pop();
        out.push(made);
        let backward = move |gradient: FlexTensor, [of_x, of_w, of_bias]: [bool; 3]| {
            let gradient = Numbers::of(gradient);
            let given = Matrix::new(&gradient, rows, made);
            let dx = of_x.then(|| tensor(product(given, matrix(&w).transposed(), Threads::All), &shape));
            let whole = Matrix::new(&x, rows, size).transposed();
            let dw = of_w.then(|| tensor(product(whole, given, Threads::All), &[size, made]));
            [dx, dw, of_bias.then(|| tensor(sum_of_rows(&gradient, made), &[made]))]
        };
        (tensor(y, &out), backward, ())
    };
    record([x, weight, bias.unwrap_or_else(absent)], run).0
}

/// A function of each element.
pub(super) fn map(x: Primitive, function: Function) -> Primitive {
    let run = |[x]: [FlexTensor; 1]| {
        let shape = x.shape().to_vec();
        let x = Numbers::of(x);
        let keeps_input = function.kept() == Kept::Input;
        let (mut y, input) = if keeps_input { (x.to_vec(), Some(x)) } else { (x.into_vec(), None) };
        activation::apply(function, &mut y);
        let y = tensor(y, &shape);
        let kept = input.unwrap_or_else(|| Numbers::of(y.clone()));
        let backward = move |gradient: FlexTensor, _: [bool; 1]| {
            let mut gradient = Numbers::of(gradient).into_vec();
            activation::slope(function, &mut gradient, &kept);
            [Some(tensor(gradient, &shape))]
        };
        (y, backward, ())
    };
    record([x], run).0
}

/// The cross-entropy of the labels of each row, averaged over its places.
pub(super) fn cross_entropy(logits: Primitive, labels: Vec<i64>) -> Primitive {
    let run = |[logits]: [FlexTensor; 1]| {
        let shape = logits.shape().to_vec();
        let (rows, classes) = (shape[0], shape[shape.len() - 1]);
        let places = (labels.len() / rows.max(1)).max(1);
        let share = 1.0 / places as f32;
        let logits = Numbers::of(logits);
        let (losses, mut shares) = cross_entropy::forward(&logits, classes, &labels);
        let losses = losses.chunks(places).map(|losses| losses.iter().sum::<f32>() * share).collect();
        let backward = move |gradient: FlexTensor, _: [bool; 1]| {
            let given = Numbers::of(gradient);
            let each: Vec<f32> = given.iter().flat_map(|g| std::iter::repeat_n(g * share, places)).collect();
            cross_entropy::backward(&mut shares, classes, &labels, &each);
            [Some(tensor(shares, &shape))]
        };
        (tensor(losses, &[rows]), backward, ())
    };
    record([logits], run).0
}

/// Each row of `width` numbers normalised, then scaled and moved by what is learnt.
pub(super) fn layer_norm(
    x: Primitive,
    scale: Option<Primitive>,
    offset: Option<Primitive>,
    settings: layer::Settings,
) -> Primitive {
    let run = |[x, scale, offset]: [FlexTensor; 3]| {
        let (shape, of_scale, of_offset) = (x.shape().to_vec(), scale.shape().to_vec(), offset.shape().to_vec());
        let (x, scale, offset) = (Numbers::of(x), Numbers::of(scale), Numbers::of(offset));
        let (y, statistics) = layer::forward(&x, some(&scale), some(&offset), settings);
        let y = tensor(y, &shape);
        let backward = move |gradient: FlexTensor, [_, by_scale, by_offset]: [bool; 3]| {
            let mut gradient = Numbers::of(gradient).into_vec();
            let learnt = by_scale || by_offset;
            let learnt = layer::backward(&mut gradient, &x, &statistics, some(&scale), settings, learnt);
            let [ds, db] = learnt.map_or([None, None], |both| both.map(Some));
            let ds = ds.filter(|_| by_scale).map(|ds| tensor(ds, &of_scale));
            [Some(tensor(gradient, &shape)), ds, db.filter(|_| by_offset).map(|db| tensor(db, &of_offset))]
        };
        (y, backward, ())
    };
    record([x, scale.unwrap_or_else(absent), offset.unwrap_or_else(absent)], run).0
}

/// Each channel, which is last, normalised by the batch's own statistics; answers those too.
pub(super) fn batch_norm(
    x: Primitive,
    scale: Primitive,
    offset: Primitive,
    epsilon: f32,
) -> (Primitive, batch::Statistics) {
    record([x, scale, offset], |[x, scale, offset]: [FlexTensor; 3]| {
        let shape = x.shape().to_vec();
        let made = shape.clone();
        let (x, scale, offset) = (Numbers::of(x), Numbers::of(scale), Numbers::of(offset));
        let statistics = batch::statistics(&x, scale.len());
        let y = batch::forward(&x, &scale, &offset, &statistics, epsilon);
        let own = statistics.clone();
        let backward = move |gradient: FlexTensor, [of_x, of_scale, of_offset]: [bool; 3]| {
            let mut gradient = Numbers::of(gradient).into_vec();
            let [ds, db] = batch::backward(&mut gradient, &x, &scale, &own, epsilon);
            let channels = [scale.len()];
            let dx = of_x.then(|| tensor(gradient, &shape));
            [dx, of_scale.then(|| tensor(ds, &channels)), of_offset.then(|| tensor(db, &channels))]
        };
        (tensor(y, &made), backward, statistics)
    })
}

/// Heads as they lie: the numbers of a place must lie together.
fn heads(tensor: FlexTensor) -> FlexTensor {
    let layout = tensor.layout();
    let together = layout.strides().last() == Some(&1) && layout.has_positive_strides();
    if together { tensor } else { tensor.to_contiguous() }
}

/// What the kernels read of them.
fn read(tensor: &FlexTensor) -> Heads<'_> {
    let layout = tensor.layout();
    let strides = layout.strides();
    let numbers = tensor.storage::<f32>().get(layout.start_offset()..).unwrap_or_default();
    Heads { numbers, strides: [0, 1, 2].map(|axis| strides[axis].unsigned_abs()) }
}

/// `[rows, heads, places, width]` of numbers whose places are before their heads.
fn places_first(numbers: Vec<f32>, [rows, heads, places, width]: [usize; 4]) -> FlexTensor {
    tensor(numbers, &[rows, places, heads, width]).permute(&[0, 2, 1, 3])
}

/// What queries see of values by their keys, all `[rows, heads, places, width]`, with as many heads each.
pub(super) fn attend([q, k, v]: [Primitive; 3], settings: attention::Settings) -> Primitive {
    let run = |inputs: [FlexTensor; 3]| {
        let [q, k, v] = inputs.map(heads);
        let [rows, heads, queries, width] = q.shape().dims();
        let [_, _, keys, values] = v.shape().dims();
        let sizes = attention::Sizes { rows, heads, queries, keys, width, values };
        let (seen, shares) = attention::forward(read(&q), read(&k), read(&v), sizes, settings);
        let backward = move |gradient: FlexTensor, wanted: [bool; 3]| {
            let gradient = self::heads(gradient);
            let inputs = [read(&q), read(&k), read(&v)];
            let [dq, dk, dv] = attention::backward(read(&gradient), &shares, inputs, sizes, settings);
            let made = [
                places_first(dq, [rows, heads, queries, width]),
                places_first(dk, [rows, heads, keys, width]),
                places_first(dv, [rows, heads, keys, values]),
            ];
            let mut made = made.into_iter().zip(wanted).map(|(made, wanted)| wanted.then_some(made));
            std::array::from_fn(|_| made.next().flatten())
        };
        (places_first(seen, [rows, heads, queries, values]), backward, ())
    };
    record([q, k, v], run).0
}

/// A convolution of `x [n, height, width, channels]` by `weight [down, right, channels, filters]`.
pub(super) fn convolve(x: Primitive, weight: Primitive, bias: Option<Primitive>, sliding: Sliding) -> Primitive {
    let run = |[x, weight, bias]: [FlexTensor; 3]| {
        let (shape, weights) = (x.shape().to_vec(), weight.shape().to_vec());
        let (x, weight, bias) = (Numbers::of(x), Numbers::of(weight), Numbers::of(bias));
        let ([down, right], filters) = (sliding.windows(), weights[3]);
        let y = convolution::forward(&x, &weight, some(&bias), &sliding, filters);
        let out = [shape[0], down, right, filters];
        let backward = move |gradient: FlexTensor, [of_x, of_weight, of_bias]: [bool; 3]| {
            let gradient = Numbers::of(gradient);
            let learnt = (of_weight || of_bias).then(|| convolution::backward_weight(&gradient, &x, &sliding, filters));
            let [dw, db] = learnt.map_or([None, None], |both| both.map(Some));
            let dx = of_x.then(|| convolution::backward_input(&gradient, &weight, &sliding, filters));
            [
                dx.map(|dx| tensor(dx, &shape)),
                dw.filter(|_| of_weight).map(|dw| tensor(dw, &weights)),
                db.filter(|_| of_bias).map(|db| tensor(db, &[filters])),
            ]
        };
        (tensor(y, &out), backward, ())
    };
    record([x, weight, bias.unwrap_or_else(absent)], run).0
}

/// The largest number of each window and channel of `x [n, height, width, channels]`.
pub(super) fn max_pool(x: Primitive, sliding: Sliding) -> Primitive {
    let run = |[x]: [FlexTensor; 1]| {
        let shape = x.shape().to_vec();
        let (y, places) = pooling::largest(&Numbers::of(x), &sliding);
        let [down, right] = sliding.windows();
        let out = [shape[0], down, right, shape[3]];
        let backward = move |gradient: FlexTensor, _: [bool; 1]| {
            [Some(tensor(pooling::largest_backward(&Numbers::of(gradient), &places, &sliding), &shape))]
        };
        (tensor(y, &out), backward, ())
    };
    record([x], run).0
}

/// The mean of what each window has of `x [n, height, width, channels]`, channel by channel.
pub(super) fn average_pool(x: Primitive, sliding: Sliding) -> Primitive {
    let run = |[x]: [FlexTensor; 1]| {
        let shape = x.shape().to_vec();
        let y = pooling::mean(&Numbers::of(x), &sliding);
        let [down, right] = sliding.windows();
        let out = [shape[0], down, right, shape[3]];
        let backward = move |gradient: FlexTensor, _: [bool; 1]| {
            [Some(tensor(pooling::mean_backward(&Numbers::of(gradient), &sliding), &shape))]
        };
        (tensor(y, &out), backward, ())
    };
    record([x], run).0
}

/// What a layer of [`lstm`] has learnt, and its first state and memory.
pub(super) struct Lstm {
    /// `[4 units, features]`
    pub(super) input: Primitive,
    /// `[4 units, units]`
    pub(super) hidden: Primitive,
    /// `[4 units]` each.
    pub(super) biases: [Option<Primitive>; 2],
    /// `[rows, units]` each.
    pub(super) first: [Primitive; 2],
}

/// The states `[rows, steps, units]` of an LSTM over `x [rows, steps, features]`.
pub(super) fn lstm(x: Primitive, Lstm { input, hidden, biases, first }: Lstm, reverse: bool) -> Primitive {
    let [a, b] = biases.map(|bias| bias.unwrap_or_else(absent));
    let [h, c] = first;
    let run = |inputs: [FlexTensor; 7]| {
        let shapes = inputs.each_ref().map(|input| input.shape().to_vec());
        let [x, input, hidden, a, b, h, c] = inputs.map(Numbers::of);
        let (rows, steps, features, units) = (shapes[0][0], shapes[0][1], shapes[0][2], shapes[2][1]);
        let sizes = lstm::Sizes { rows, steps, features, units, reverse };
        let mut bias = if a.is_empty() { b.to_vec() } else { a.to_vec() };
        if !a.is_empty() && !b.is_empty() {
            bias.iter_mut().zip(&b[..]).for_each(|(sum, b)| *sum += b);
        }
        let bias = (!bias.is_empty()).then_some(bias);
        let weights = lstm::Weights { input: &input, hidden: &hidden, bias: bias.as_deref() };
        let trace = lstm::forward(&x, weights, [&h, &c], sizes);
        let states = trace.states[sizes.own()].to_vec();
        let backward = move |gradient: FlexTensor, wanted: [bool; 7]| {
            // The kernels have the steps first.
            let gradient = Numbers::of(gradient.permute(&[1, 0, 2]));
            let weights = lstm::Weights { input: &input, hidden: &hidden, bias: None };
            let made = lstm::backward(&gradient, trace, weights, sizes);
            let lstm::Gradients { x, input, hidden, bias, first: [h, c] } = made;
            let x = tensor(x, &[steps, rows, features]).permute(&[1, 0, 2]);
            let of = |at: usize, numbers: Vec<f32>| wanted[at].then(|| tensor(numbers, &shapes[at]));
            [wanted[0].then_some(x), of(1, input), of(2, hidden), of(3, bias.clone()), of(4, bias), of(5, h), of(6, c)]
        };
        (tensor(states, &[steps, rows, units]).permute(&[1, 0, 2]), backward, ())
    };
    record([x, input, hidden, a, b, h, c], run).0
}
