//! Optimizers, schedules, and what is watched, against Keras's and PyTorch's, step by step; `peers/make.py` makes the fixtures.
#![cfg(feature = "burn")]

mod support;

use ndsl_compiler::ir::{Binary, Builder, ElementType, Graph, Initializer, Op, Reduction, Role, Shape};
use ndsl_compiler::plan::{DataField, DataSignature, LOSS_OUTPUT, TrainPlan};
use ndsl_compiler::{Source, Weights, analyze};
use ndsl_runtime::Tensor;
use ndsl_runtime::train::Patience;
use serde::Deserialize;
use support::*;

#[derive(Deserialize)]
struct Optimizers {
    /// Two weights before the first step.
    start: Vec<Vec<f32>>,
    /// Their gradients at each step.
    gradients: Vec<Vec<Vec<f32>>>,
    cases: Vec<Path>,
}

#[derive(Deserialize)]
struct Path {
    peer: String,
    /// The settings of a training.
    written: String,
    /// The weights after each of the gradients.
    path: Vec<Vec<Vec<f32>>>,
    /// Their running means.
    #[serde(default)]
    averages: Vec<Vec<Vec<f32>>>,
}

#[derive(Deserialize)]
struct Watching {
    /// What is watched, epoch by epoch.
    values: Vec<f64>,
    cases: Vec<Watched>,
}

#[derive(Deserialize)]
struct Watched {
    peer: String,
    written: String,
    /// The epoch after which the run stops.
    stopped: Option<usize>,
    /// The learning rate of each epoch.
    rates: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct Schedules {
    /// Steps of an epoch.
    epoch: usize,
    epochs: usize,
    cases: Vec<Factors>,
}

#[derive(Deserialize)]
struct Factors {
    peer: String,
    written: String,
    /// What the learning rate is multiplied by at each step.
    factors: Vec<f64>,
}

fn fixture<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What a training with these settings asks for.
fn plan(settings: &str) -> TrainPlan {
    let text = format!(
        "model M {{\n    input columns: f32[1]\n    Dense(1) as y\n}}\ndataset D = csv(\"d.csv\", columns=[x], \
         target=t)\ntrain T {{\n    model: M\n    dataset: D\n    loss: mse(y, t)\n    {settings}\n}}\n"
    );
    let field =
        |name: &str, shape: Shape| DataField { name: name.to_owned(), element: ElementType::F32, shape, classes: None };
    let data = DataSignature { fields: vec![field("columns", Shape::known([1])), field("t", Shape::known([]))] };
    let analysis = analyze(&Source::new("test.ndsl", text.clone()));
    analysis.plan_train("T", &data).unwrap_or_else(|faults| panic!("{text}\n{faults:?}"))
}

/// A graph whose loss is the sum of its weights, each times an input, so that the inputs are the gradients.
fn graph(start: &[Vec<f32>]) -> (Graph, Weights) {
    let mut builder = Builder::new("given");
    let mut parts = Vec::new();
    for (index, numbers) in start.iter().enumerate() {
        let size = numbers.len();
        let x = builder.input(format!("x{index}"), ElementType::F32, rows_of(&[size]), span());
        let w = builder.parameter(format!("w{index}"), vec![size], Initializer::Zeros, Role::Trainable, span());
        let product = builder.binary(Binary::Multiply, x, w, span());
        let op = Op::Reduce { reduction: Reduction::Sum, axes: vec![1], keep: false };
        parts.push(builder.node(op, vec![product], span()));
    }
    let loss = builder.binary(Binary::Add, parts[0], parts[1], span());
    builder.output(LOSS_OUTPUT, loss);
    let names = ["w0", "w1"];
    let list: Vec<(&str, &[usize], Vec<f32>)> = names
        .iter()
        .zip(start)
        .map(|(name, numbers)| (*name, if numbers.len() == 3 { &[3][..] } else { &[2][..] }, numbers.clone()))
        .collect();
    (builder.finish(), weights(&list))
}

#[test]
fn optimizers_move_weights_as_their_peers_do() {
    let Optimizers { start, gradients, cases } = fixture("optimizers.json");
    assert!(cases.len() > 30);
    let (graph, weights) = graph(&start);
    for case in cases {
        let plan = plan(&case.written);
        let batches = plan.gradient_accumulation;
        let mut session = load(&graph, &weights, 0);
        for (batch, (gradients, expected)) in gradients.iter().zip(&case.path).enumerate() {
            let inputs = gradients.iter().map(|g| Tensor::f32([1, g.len()], g.clone())).collect();
            session.differentiate(inputs, 1.0 / batches as f32).unwrap();
            if (batch + 1) % batches == 0 {
                session.step(&plan.optimizer).unwrap();
                if let Some(update) = plan.ema.and_then(|ema| ema.update((batch / batches + 1) as u64)) {
                    session.average(update).unwrap();
                }
            }
            let what = |index: usize| format!("{} by {}, weight {index} after {}", case.written, case.peer, batch + 1);
            let found = session.weights().unwrap();
            for (index, expected) in expected.iter().enumerate() {
                assert_close_in(&what(index), &found.get(&format!("w{index}")).unwrap().data, expected, 2e-5);
            }
            assert_eq!(case.averages.is_empty(), plan.ema.is_none());
            for (index, expected) in case.averages.get(batch).into_iter().flatten().enumerate() {
                assert_close_in(&what(index), &session.state().averages[&format!("w{index}")], expected, 2e-5);
            }
        }
    }
}

#[test]
fn what_is_watched_stops_a_run_and_makes_its_steps_smaller_when_a_peer_would() {
    let Watching { values, cases } = fixture("watching.json");
    assert!(cases.len() > 10);
    for Watched { peer, written, stopped, rates } in cases {
        let plan = plan(&written);
        let mut patience = Patience::default();
        if let Some(stopping) = &plan.early_stopping {
            assert_eq!(stopping.monitor.name, "loss");
            let found =
                values.iter().enumerate().position(|(index, value)| patience.stops(stopping, index + 1, *value));
            assert_eq!(found.map(|index| index + 1), stopped, "{written} by {peer}");
            continue;
        }
        let mut rate = 1.0;
        for (epoch, (value, expected)) in values.iter().zip(rates.unwrap()).enumerate() {
            assert!((rate / expected - 1.0).abs() < 1e-5, "{written} by {peer}, epoch {epoch}: {rate}, {expected}");
            rate = patience.rate(&plan.schedule, rate, *value);
        }
    }
}

#[test]
fn schedules_go_as_their_peers_do() {
    let Schedules { epoch, epochs, cases } = fixture("schedules.json");
    let total = epoch * epochs;
    for case in cases {
        let schedule = plan(&format!("schedule: {}", case.written)).schedule;
        for (step, expected) in case.factors.iter().enumerate() {
            let found = schedule.factor(step, total, epoch);
            assert!(
                (found - expected).abs() < 1e-6,
                "{} by {}, step {step}: {found}, {expected}",
                case.written,
                case.peer
            );
        }
    }
}

#[test]
fn a_warm_up_rises_to_the_whole_rate_and_what_follows_begins_there() {
    let factors = |written: &str| {
        let schedule = plan(&format!("schedule: {written}")).schedule;
        (0..20).map(|step| schedule.factor(step, 20, 5)).collect::<Vec<f64>>()
    };
    let constant = factors("constant(warmup=4)");
    assert_eq!(constant[..5], [0.25, 0.5, 0.75, 1.0, 1.0]);
    let linear = factors("linear(warmup=4)");
    assert_eq!(linear[..5], [0.25, 0.5, 0.75, 1.0, 1.0]);
    assert!((linear[19] - 1.0 / 16.0).abs() < 1e-12, "{linear:?}");
    let root = factors("inverse_sqrt(warmup=4)");
    assert_eq!(root[..4], [0.25, 0.5, 0.75, 1.0]);
    assert!((root[15] - 0.5).abs() < 1e-12, "{root:?}");
    let late = factors("cosine(warmup=30)");
    assert!(late.iter().all(|factor| *factor < 1.0), "a warm-up that is longer than the run: {late:?}");
}
