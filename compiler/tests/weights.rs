//! How weights start, what they add to the loss, and which of them training moves.

use std::collections::BTreeMap;

use ndsl_compiler::ir::{Dim, ElementType, Graph, Initializer, Role, Shape};
use ndsl_compiler::plan::{DataField, DataSignature, LOSS_OUTPUT};
use ndsl_compiler::reference::{Mode, Seeded, Tensor, evaluate};
use ndsl_compiler::{Source, Weight, Weights, analyze};

fn model(body: &str) -> Graph {
    let source = Source::new("model", format!("model Net {{\n{body}\n}}\n"));
    let analysis = analyze(&source);
    assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics);
    analysis.models()[0].graph.clone()
}

/// How the parameter of that name starts.
fn start(graph: &Graph, name: &str) -> Initializer {
    let found = graph.parameters.iter().find(|parameter| parameter.name == name);
    found.unwrap_or_else(|| panic!("no `{name}` in {:?}", graph.parameters)).initializer
}

#[test]
fn weights_start_as_keras_starts_them() {
    let limit = |fans: f64| Initializer::Uniform { limit: (6.0 / fans).sqrt() };
    let graph = model("input x: f32[8, 6, 4]\nConv2D(10, 3)\nDense(5)");
    // Keras's fans: the kernel's area times the channels on each side.
    assert_eq!(start(&graph, "conv2d.weight"), limit(9.0 * 4.0 + 9.0 * 10.0));
    assert_eq!(start(&graph, "dense.weight"), limit(10.0 + 5.0));
    assert_eq!(start(&graph, "dense.bias"), Initializer::Zeros);

    let graph = model("input x: f32[8, 6, 4]\nDepthwiseConv2D(3, depth_multiplier=2)");
    assert_eq!(start(&graph, "depthwise_conv2d.weight"), limit(9.0 * 4.0 + 9.0 * 2.0));
    let graph = model("input x: f32[8, 6, 4]\nConv2DTranspose(10, 3)");
    assert_eq!(start(&graph, "conv2d_transpose.weight"), limit(9.0 * 10.0 + 9.0 * 4.0));
    let graph = model("input x: f32[8, 6, 4]\nConv2D(8, 3, groups=2)");
    assert_eq!(start(&graph, "conv2d.weight"), limit(9.0 * 2.0 + 9.0 * 8.0));

    let graph = model("input x: f32[8, 6]\nMultiHeadAttention(2)\nLSTM(5)");
    assert_eq!(start(&graph, "multi_head_attention.query.weight"), limit(6.0 + 6.0));
    assert_eq!(start(&graph, "lstm.weight_ih"), limit(6.0 + 20.0));
    assert_eq!(start(&graph, "lstm.weight_hh"), Initializer::Orthogonal { rows: 20, columns: 5, gain: 1.0 });
    assert_eq!(start(&graph, "lstm.bias_ih"), Initializer::ForgetGate { units: 5, others: 0.0 });

    let graph = model("input x: i64[8]\nEmbedding(20, 6)");
    assert_eq!(start(&graph, "embedding.weight"), Initializer::Between { low: -0.05, high: 0.05 });
}

#[test]
fn an_initializer_may_be_chosen() {
    let dense = |initializer: &str| {
        let graph = model(&format!("input x: f32[4]\nDense(3, kernel_initializer={initializer})"));
        start(&graph, "dense.weight")
    };
    assert_eq!(dense("\"ones\""), Initializer::Ones);
    assert_eq!(dense("constant(0.5)"), Initializer::Constant(0.5));
    assert_eq!(dense("random_normal(stddev=0.02)"), Initializer::Normal { mean: 0.0, deviation: 0.02 });
    assert_eq!(dense("random_uniform(-1, 1)"), Initializer::Between { low: -1.0, high: 1.0 });
    assert_eq!(dense("he_normal"), Initializer::truncated((2.0f64 / 4.0).sqrt()));
    assert_eq!(dense("lecun_uniform"), Initializer::Uniform { limit: (3.0f64 / 4.0).sqrt() });
    assert_eq!(dense("orthogonal(gain=2)"), Initializer::Orthogonal { rows: 3, columns: 4, gain: 2.0 });
    assert_eq!(dense("identity"), Initializer::Identity { columns: 4, gain: 1.0 });
    assert_eq!(
        dense("variance_scaling(scale=2, mode=fan_out, distribution=uniform)"),
        Initializer::Uniform { limit: (3.0f64 * 2.0 / 3.0).sqrt() }
    );
}

#[test]
fn frozen_weights_are_parameters_that_training_leaves() {
    let graph = model("input x: f32[4]\nDense(3, trainable=false)\nBatchNormalization(trainable=false)\nDense(2)");
    assert_eq!(graph.parameter_counts(), (15 + 12 + 8, 8));
    let role = |name: &str| graph.parameters.iter().find(|parameter| parameter.name == name).map(|p| p.role);
    assert_eq!(role("dense.weight"), Some(Role::Frozen));
    assert_eq!(role("dense_1.weight"), Some(Role::Trainable));
    assert_eq!(role("batch_normalization.running_mean"), Some(Role::Statistic));
}

const REGULARIZED: &str = "
dataset Rows = csv(\"rows.csv\", columns=[a, b], target=price)
model Net {
    input columns: f32[2]
    Dense(2, kernel_regularizer=l2(0.5), bias_regularizer=l1_l2(l1=0.25, l2=2)) as hidden
    Dense(1, trainable=false, kernel_regularizer=l1) as estimate
}
train net {
    model: Net()
    dataset: Rows
    loss: mse(estimate, price)
}
";

#[test]
fn regularizers_are_part_of_the_loss() {
    let analysis = analyze(&Source::new("train", REGULARIZED));
    assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics);
    let field = |name: &str, shape: Vec<Dim>| DataField {
        name: name.into(),
        element: ElementType::F32,
        shape: Shape(shape),
        classes: None,
    };
    let data = DataSignature { fields: vec![field("columns", vec![Dim::Known(2)]), field("price", vec![])] };
    let plan = analysis.plan_train("net", &data).unwrap();
    let weight = |shape: &[usize], data: &[f32]| Weight { shape: shape.to_vec(), data: data.to_vec() };
    let weights = Weights(BTreeMap::from([
        ("hidden.weight".to_owned(), weight(&[2, 2], &[1.0, -2.0, 0.0, 3.0])),
        ("hidden.bias".to_owned(), weight(&[2], &[-1.0, 2.0])),
        ("estimate.weight".to_owned(), weight(&[1, 2], &[100.0, -100.0])),
        ("estimate.bias".to_owned(), weight(&[1], &[0.0])),
    ]));
    let row = |shape: &[usize], data: &[f64]| Tensor::new(ElementType::F32, shape, data.to_vec()).unwrap();
    let inputs = BTreeMap::from([
        ("columns".to_owned(), row(&[2, 2], &[0.0, 0.0, 1.0, 0.0])),
        ("price".to_owned(), row(&[2], &[-300.0, -199.0])),
    ]);
    let made = evaluate(&plan.graph, &inputs, &weights, Mode::Training, &mut Seeded::new(0)).unwrap();
    // 100 * (-1) - 100 * 2 is -300; of the second row 100 * 0 - 200 is -200: errors of 0 and 1.
    let penalty = 0.5 * (1.0 + 4.0 + 9.0) + 0.25 * 3.0 + 2.0 * 5.0;
    assert_eq!(made.outputs[LOSS_OUTPUT].data, [penalty, 1.0 + penalty]);
}
