//! Metrics against scikit-learn's and Keras's; `peers/metrics.py` makes the fixture.
#![cfg(feature = "burn")]

use std::collections::BTreeMap;

use ndsl_compiler::ir::{ElementType, Shape};
use ndsl_compiler::plan::{DataField, DataSignature, TrainPlan};
use ndsl_compiler::{Source, analyze};
use ndsl_runtime::train::{Cancel, Silent, Tally};
use ndsl_runtime::{Tensor, TensorData, operations};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Peers {
    sets: BTreeMap<String, Set>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Set {
    prediction: Value,
    target: Value,
}

#[derive(Deserialize)]
struct Case {
    peer: String,
    of: String,
    /// As a program says it.
    written: String,
    value: f64,
}

/// The numbers of nested lists, and how these are nested.
fn numbers(value: &Value, shape: &mut Vec<usize>, depth: usize) -> Vec<f64> {
    let Value::Array(items) = value else { return vec![value.as_f64().unwrap()] };
    if shape.len() == depth {
        shape.push(items.len());
    }
    items.iter().flat_map(|item| numbers(item, shape, depth + 1)).collect()
}

fn floats(value: &Value) -> Tensor {
    let mut shape = Vec::new();
    let numbers = numbers(value, &mut shape, 0);
    Tensor::f32(shape, numbers.iter().map(|number| *number as f32).collect())
}

/// Some rows of a tensor.
fn rows(tensor: &Tensor, from: usize, to: usize) -> Tensor {
    let width: usize = tensor.shape[1..].iter().product();
    let which: Vec<usize> = (from..to).collect();
    let shape: Vec<usize> = std::iter::once(to - from).chain(tensor.shape[1..].iter().copied()).collect();
    Tensor { shape, data: tensor.data.gather(&which, width) }
}

/// A training that measures a metric of predictions and targets of these shapes.
fn plan(loss: &str, metric: &str, prediction: &[usize], target: &[usize]) -> TrainPlan {
    let units: usize = prediction.iter().product();
    let reshape = if prediction.len() > 1 { format!("Reshape({prediction:?})\n") } else { String::new() };
    let text = format!(
        "model M {{\n input x: f32[1]\n Dense({units})\n {reshape} it as out\n}}\ndataset D = npy(\"x.npy\", y=\"y.npy\")\n\
         train T {{\n model: M\n dataset: D\n loss: {loss}\n metrics: [{metric}]\n}}\n"
    );
    let element = if loss.starts_with("cross") { ElementType::I64 } else { ElementType::F32 };
    let field = |name: &str, element, shape: &[usize]| {
        let shape = Shape::known(shape.iter().copied());
        DataField { name: name.to_owned(), element, shape, classes: None }
    };
    let data = DataSignature { fields: vec![field("x", ElementType::F32, &[1]), field("y", element, target)] };
    let analysis = analyze(&Source::new("test.ndsl", text.clone()));
    analysis.plan_train("T", &data).unwrap_or_else(|faults| panic!("{text}\n{faults:?}"))
}

#[test]
fn metrics_measure_what_their_peers_do() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/metrics.json");
    let peers: Peers = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(peers.cases.len() > 80);
    for Case { peer, of, written, value } in &peers.cases {
        let set = &peers.sets[of];
        let (prediction, mut target) = (floats(&set.prediction), floats(&set.target));
        let loss = match of.as_str() {
            "classes" | "tokens" => "cross_entropy(out, y)",
            "binary" | "labels" => "binary_cross_entropy(out, y)",
            _ => "mse(out, y)",
        };
        if loss.starts_with("cross") {
            let labels = (0..target.data.len()).map(|index| target.data.number(index).unwrap() as i64).collect();
            target.data = TensorData::I64(labels);
        }
        let plan = plan(loss, written, prediction.shape.get(1..).unwrap_or(&[1]), &target.shape[1..]);
        let mut tally = Tally::new(plan.task, &plan.metrics);
        // In batches that are not all of one size, since no metric may depend on them.
        let all = prediction.rows();
        for from in (0..all).step_by(7) {
            let to = (from + 7).min(all);
            let losses = Tensor::f32([to - from], vec![0.0; to - from]);
            tally.add(&losses, &rows(&prediction, from, to), Some(&rows(&target, from, to)));
        }
        let measured = *tally.measures().metrics.values().next().unwrap();
        assert!(
            (measured - value).abs() < 2e-6 * value.abs().max(1.0),
            "{written} of {of}: {measured}, {peer} {value}"
        );
    }
}

#[test]
fn what_is_measured_is_compared_with_what_the_loss_compares_with() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "x,y\n1.5,5\n2,1\n3,2.5\n4,8\n").unwrap();
    let text = "dataset D = csv(\"d.csv\", target=y)\nmodel M {\n input columns: f32[1]\n Dense(1) as out\n}\n\
                train T {\n model: M\n dataset: D\n loss: mae(out, 100 * y - 3)\n metrics: [mae, r2]\n epochs: 1\n}\n";
    let request = operations::train::Request {
        name: "t.ndsl".into(),
        text: text.into(),
        folder: folder.path().to_path_buf(),
        train: None,
        set: vec![("batch_size".into(), "2".into())],
        output: folder.path().join("run"),
        resume: false,
        memory: None,
        device: Default::default(),
    };
    let response = operations::train::run(&request, &mut Silent, &Cancel::new()).unwrap();
    let measures = &response.history.epochs[0].training;
    assert!(measures.loss > 100.0 && (measures.loss - measures.metrics["mae"]).abs() < 1e-3, "{measures:?}");
}
