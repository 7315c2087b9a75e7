//! Whole models, built as the compiler builds them: with layers and names.

use ndsl_compiler::ir::{Binary, Builder, ElementType, Graph, Op, Reduction, Unary, ValueId};

use super::{Case, PLAIN, Slide, batch_norm, convolution, linear, nowhere, rows, unary};

/// A case for each.
pub(crate) fn all() -> Vec<Case> {
    let graphs = [my_model(), my_model_flattened(), chain(), residual(), two_heads(), same_value_twice(), bytes()];
    graphs.map(|graph| Case { name: graph.name.clone(), graph, range: [-2.0, 2.0], below: None }).into()
}

/// What `build` makes of `x`, as one layer.
fn layer(
    builder: &mut Builder,
    name: &str,
    kind: &'static str,
    x: ValueId,
    build: impl FnOnce(&mut Builder, ValueId) -> ValueId,
) -> ValueId {
    builder.begin_layer(name.to_owned(), kind, x, nowhere());
    let output = build(builder, x);
    builder.end_layer(output);
    output
}

fn conv2d(builder: &mut Builder, name: &str, x: ValueId, filters: usize) -> ValueId {
    layer(builder, name, "Conv2D", x, |b, x| {
        let image = convolution(b, name, x, filters, [3, 3], PLAIN);
        unary(b, Unary::Relu, image)
    })
}

fn dense(builder: &mut Builder, name: &str, x: ValueId, units: usize) -> ValueId {
    layer(builder, name, "Dense", x, |b, x| {
        let logits = linear(b, name, x, units, true);
        b.softmax(logits, nowhere())
    })
}

fn flatten(builder: &mut Builder, x: ValueId) -> ValueId {
    let elements = builder.shape(x).row().elements().expect("a known shape");
    layer(builder, "flatten", "Flatten", x, |b, x| b.node(Op::Reshape(rows(&[elements])), vec![x], nowhere()))
}

/// `Input(shape=[28, 28, 1])`, `Conv2D(32, 3, activation=relu)`, `Dense(10, activation=softmax)`
pub(crate) fn my_model() -> Graph {
    let mut b = Builder::new("MyModel");
    let x = b.input("input", ElementType::F32, rows(&[28, 28, 1]), nowhere());
    let image = conv2d(&mut b, "conv2d", x, 32);
    let output = dense(&mut b, "dense", image, 10);
    b.output("output", output);
    b.finish()
}

/// The same with a flatten between.
pub(crate) fn my_model_flattened() -> Graph {
    let mut b = Builder::new("MyModelFlattened");
    let x = b.input("input", ElementType::F32, rows(&[28, 28, 1]), nowhere());
    let image = conv2d(&mut b, "conv2d", x, 32);
    let row = flatten(&mut b, image);
    let output = dense(&mut b, "dense", row, 10);
    b.output("output", output);
    b.finish()
}

/// Two convolutions with everything that keeps an image's layout between them.
pub(crate) fn chain() -> Graph {
    let mut b = Builder::new("Chain");
    let x = b.input("image", ElementType::F32, rows(&[12, 12, 3]), nowhere());
    let image = conv2d(&mut b, "conv2d", x, 4);
    let image = layer(&mut b, "batch_normalization", "BatchNormalization", image, |b, x| {
        batch_norm(b, "batch_normalization", x)
    });
    let image = layer(&mut b, "max_pooling2d", "MaxPooling2D", image, |b, x| {
        let op = Op::MaxPool { size: vec![2, 2], strides: vec![2, 2], padding: vec![(0, 0); 2] };
        b.node(op, vec![x], nowhere())
    });
    let image = layer(&mut b, "dropout", "Dropout", image, |b, x| {
        b.node(Op::Dropout { rate: 0.3, shared: vec![] }, vec![x], nowhere())
    });
    let image = conv2d(&mut b, "conv2d_1", image, 5);
    b.output("features", image);
    b.finish()
}

/// Values added to others in either layout, and a mean over the image.
pub(crate) fn residual() -> Graph {
    let mut b = Builder::new("Residual");
    let x = b.input("image", ElementType::F32, rows(&[6, 6, 3]), nowhere());
    let same = Slide { padding: [(1, 1), (1, 1)], ..PLAIN };
    let conv = convolution(&mut b, "conv", x, 3, [3, 3], same);
    let norm = batch_norm(&mut b, "norm", conv);
    let sum = b.binary(Binary::Add, norm, x, nowhere());
    b.name(sum, "sum");
    let half = b.constant(0.5, nowhere());
    let scaled = b.binary(Binary::Multiply, sum, half, nowhere());
    let gate = b.node(Op::Reduce { reduction: Reduction::Mean, axes: vec![1, 2], keep: true }, vec![scaled], nowhere());
    let gate = unary(&mut b, Unary::Sigmoid, gate);
    let gated = b.binary(Binary::Multiply, scaled, gate, nowhere());
    let pooled =
        b.node(Op::Reduce { reduction: Reduction::Mean, axes: vec![1, 2], keep: false }, vec![gated], nowhere());
    b.output("pooled", pooled);
    b.finish()
}

/// Two inputs, two outputs and names the user gave.
pub(crate) fn two_heads() -> Graph {
    let mut b = Builder::new("TwoHeads");
    let image = b.input("image", ElementType::F32, rows(&[4, 4, 1]), nowhere());
    let extra = b.input("extra", ElementType::F32, rows(&[16]), nowhere());
    let row = flatten(&mut b, image);
    let both = b.binary(Binary::Add, row, extra, nowhere());
    b.name(both, "both");
    let logits = linear(&mut b, "head", both, 3, true);
    b.name(logits, "logits");
    let probabilities = b.softmax(logits, nowhere());
    b.output("logits", logits);
    b.output("probabilities", probabilities);
    b.finish()
}

/// One value handed back under two names, an input handed back as it is, and a number.
pub(crate) fn same_value_twice() -> Graph {
    let mut b = Builder::new("SameValueTwice");
    let x = b.input("x", ElementType::F32, rows(&[3]), nowhere());
    let y = unary(&mut b, Unary::Exp, x);
    let left_out = b.node(Op::Dropout { rate: 0.5, shared: vec![] }, vec![y], nowhere());
    let number = b.constant(1.5, nowhere());
    b.output("first", y);
    b.output("second", left_out);
    b.output("unchanged", x);
    b.output("number", number);
    b.finish()
}

/// Bytes to floats inside the model.
pub(crate) fn bytes() -> Graph {
    let mut b = Builder::new("Bytes");
    let image = b.input("image", ElementType::U8, rows(&[8, 8, 1]), nowhere());
    let floats = b.node(Op::Cast(ElementType::F32), vec![image], nowhere());
    let most = b.constant(255.0, nowhere());
    let scaled = b.binary(Binary::Divide, floats, most, nowhere());
    let features = conv2d(&mut b, "conv2d", scaled, 2);
    let row = flatten(&mut b, features);
    let output = dense(&mut b, "dense", row, 4);
    b.output("output", output);
    b.finish()
}
