//! The loop: what it learns, what it reports, how it stops, and that it is the same every time.
#![cfg(feature = "burn")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Binary, Builder, ElementType, Graph, Initializer, Op, Reduction, Role, Unary};
use ndsl_compiler::plan::{
    ClassWeights, Course, EarlyStopping, Ema, LOSS_OUTPUT, Metric, Monitor, Optimizer, PREDICTION_OUTPUT,
    ROW_WEIGHT_INPUT, Schedule, TARGET_OUTPUT, TableColumn, Task, TrainPlan, Validation, Weighting,
};
use ndsl_runtime::TensorData;
use ndsl_runtime::data::{Dataset, Field};
use ndsl_runtime::engine::Device;
use ndsl_runtime::engine::burn::BurnEngine;
use ndsl_runtime::train::{
    Beginning, Cancel, Epoch, EpochProgress, History, Job, Keeper, Outcome, Reached, RunStart, Silent, State,
    StepProgress, Stop, Subject, TrainError, Unkept, Watcher, assess, train, train_from,
};
use support::*;

const ADAM: Optimizer = Optimizer::adam(0.01);

fn plan(graph: Graph) -> TrainPlan {
    TrainPlan {
        name: "run".into(),
        model: "M".into(),
        graph,
        task: Task::Classification,
        loss: "cross_entropy".into(),
        metrics: vec![Metric::Accuracy],
        optimizer: ADAM,
        schedule: Schedule::CONSTANT,
        epochs: 3,
        max_steps: None,
        batch_size: 16,
        gradient_accumulation: 1,
        validation: Validation::Random { share: 0.2 },
        augment: Vec::new(),
        shuffle: true,
        weighting: Weighting::default(),
        ema: None,
        monitor: Monitor::loss(true),
        keeps_best: true,
        early_stopping: None,
        checkpoints: None,
        origin: None,
        seed: 7,
    }
}

/// Rows of `width` numbers, their label decided by the first two.
fn rows(count: usize, width: usize) -> Dataset {
    let text = {
        let names: Vec<String> = (0..width).map(|i| format!("x{i}")).collect();
        let mut text = format!("{},label\n", names.join(","));
        let numbers = numbers(count * width, 40);
        for row in numbers.chunks(width) {
            let cells: Vec<String> = row.iter().map(f32::to_string).collect();
            let label = i32::from(row[0] > 0.0) + 2 * i32::from(row[1] > 0.0);
            text.push_str(&format!("{},{label}\n", cells.join(",")));
        }
        text
    };
    csv(&text)
}

fn csv(text: &str) -> Dataset {
    use ndsl_compiler::plan::{DataSource, DatasetPlan, Dialect, Files, Format, Located};
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), text).unwrap();
    let located = |text: &str| Located { text: text.into(), span: span() };
    let format = Format::Csv(Dialect::default());
    let files = Files::of(located("d.csv"), format);
    let source = DataSource::Columns { files, columns: None, target: Some(located("label")) };
    ndsl_runtime::data::open(
        &DatasetPlan { name: "D".into(), span: span(), folder: String::new(), source },
        folder.path(),
    )
    .unwrap()
}

fn finish(mut builder: Builder, logits: ndsl_compiler::ir::ValueId) -> Graph {
    let labels = builder.input("label", ElementType::I64, rows_of(&[]), span());
    let loss = builder.node(Op::SoftmaxCrossEntropy, vec![logits, labels], span());
    let prediction = builder.softmax(logits, span());
    builder.output(PREDICTION_OUTPUT, prediction);
    builder.output(LOSS_OUTPUT, loss);
    builder.finish()
}

fn mlp(width: usize) -> Graph {
    let mut builder = Builder::new("Mlp");
    let x = builder.input("columns", ElementType::F32, rows_of(&[width]), span());
    let hidden = dense(&mut builder, x, "a", width, 32);
    let hidden = builder.unary(Unary::Relu, hidden, span());
    let hidden = builder.node(Op::Dropout { rate: 0.2, shared: vec![] }, vec![hidden], span());
    let logits = dense(&mut builder, hidden, "b", 32, 4);
    finish(builder, logits)
}

fn cnn() -> Graph {
    let mut builder = Builder::new("Cnn");
    let x = builder.input("columns", ElementType::F32, rows_of(&[64]), span());
    let x = builder.node(Op::Reshape(rows_of(&[8, 8, 1])), vec![x], span());
    let x = conv(&mut builder, x, "a", 1, 8);
    let x = builder.unary(Unary::Relu, x, span());
    let parameter =
        |builder: &mut Builder, name: &str, init, role| builder.parameter(name, vec![8], init, role, span());
    let scale = parameter(&mut builder, "n.weight", Initializer::Ones, Role::Trainable);
    let offset = parameter(&mut builder, "n.bias", Initializer::Zeros, Role::Trainable);
    let mean = parameter(&mut builder, "n.running_mean", Initializer::Zeros, Role::Statistic);
    let variance = parameter(&mut builder, "n.running_var", Initializer::Ones, Role::Statistic);
    let norm = Op::BatchNorm { epsilon: 1e-3, momentum: 0.9 };
    let x = builder.node(norm, vec![x, scale, offset, mean, variance], span());
    let pool = Op::MaxPool { size: vec![2, 2], strides: vec![2, 2], padding: vec![(0, 0); 2] };
    let x = builder.node(pool, vec![x], span());
    let x = conv(&mut builder, x, "b", 8, 16);
    let x = builder.unary(Unary::Relu, x, span());
    let x = builder.node(Op::Dropout { rate: 0.25, shared: vec![] }, vec![x], span());
    let x = builder.node(Op::Reshape(rows_of(&[16])), vec![x], span());
    let logits = dense(&mut builder, x, "c", 16, 4);
    finish(builder, logits)
}

fn run(plan: &TrainPlan, data: &Dataset) -> Result<Outcome, TrainError> {
    train(plan, data, &BurnEngine, Device::Cpu, &mut Silent, &Cancel::new())
}

#[test]
fn it_learns_and_the_best_epoch_is_kept() {
    let (data, plan) = (rows(400, 4), TrainPlan { epochs: 30, ..plan(mlp(4)) });
    let outcome = run(&plan, &data).unwrap();
    assert_eq!((outcome.stop, outcome.history.epochs.len()), (Stop::Finished, 30));
    let best = outcome.best.unwrap();
    assert_eq!(outcome.history.monitor, "val_loss");
    assert_eq!(outcome.history.best_epoch, Some(best.epoch));
    let losses: Vec<f64> = outcome.history.epochs.iter().map(|epoch| epoch.validation.as_ref().unwrap().loss).collect();
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses[best.epoch - 1], lowest);
    let accuracy = outcome.history.epochs[best.epoch - 1].validation.as_ref().unwrap().metrics["accuracy"];
    assert!(accuracy > 0.9, "{accuracy}");

    // The weights handed back are that epoch's: they have its validation loss on its rows.
    let (_, held_out) = ndsl_runtime::train::split(data.rows, 0.2, plan.seed).unwrap();
    let measures = assess(
        Subject {
            plan: &plan,
            data: &data,
            rows: &held_out,
            weights: &best.weights,
            engine: &BurnEngine,
            device: Device::Cpu,
        },
        &Cancel::new(),
    );
    let measures = measures.unwrap().unwrap();
    assert_eq!(measures.measures, *outcome.history.epochs[best.epoch - 1].validation.as_ref().unwrap());
}

#[test]
fn without_a_split_the_training_loss_decides() {
    let outcome =
        run(&TrainPlan { validation: Validation::None, monitor: Monitor::loss(false), ..plan(mlp(4)) }, &rows(50, 4))
            .unwrap();
    assert_eq!(outcome.history.monitor, "loss");
    assert!(outcome.history.epochs.iter().all(|epoch| epoch.validation.is_none()));
    assert_eq!(outcome.history.best_epoch, Some(3));
}

#[test]
fn the_same_seed_gives_the_same_weights_whatever_else_runs() {
    for (graph, data) in [(mlp(4), rows(200, 4)), (cnn(), rows(200, 64))] {
        let plan = plan(graph);
        let alone = run(&plan, &data).unwrap();
        let stop = AtomicBool::new(false);
        let beside = std::thread::scope(|scope| {
            scope.spawn(|| {
                let (other, data) = (TrainPlan { seed: 99, epochs: 1, ..crate::plan(cnn()) }, rows(100, 64));
                while !stop.load(Ordering::Relaxed) {
                    run(&other, &data).unwrap();
                }
            });
            let outcome = run(&plan, &data);
            stop.store(true, Ordering::Relaxed);
            outcome.unwrap()
        });
        let bits = |outcome: &Outcome| -> Vec<Vec<u32>> {
            let weights = &outcome.best.as_ref().unwrap().weights.0;
            weights.values().map(|weight| weight.data.iter().map(|number| number.to_bits()).collect()).collect()
        };
        assert_eq!(bits(&alone), bits(&beside));
        assert_eq!(alone.history.epochs[2].training, beside.history.epochs[2].training);
        let other = run(&TrainPlan { seed: 8, ..plan }, &data).unwrap();
        assert_ne!(bits(&alone), bits(&other));
    }
}

#[derive(Default)]
struct Recorder {
    start: Option<RunStart>,
    steps: Vec<StepProgress>,
    epochs: Vec<EpochProgress>,
    cancel_after: Option<(usize, Cancel)>,
}

impl Watcher for Recorder {
    fn on_start(&mut self, start: &RunStart) {
        self.start = Some(start.clone());
    }

    fn on_step(&mut self, progress: &StepProgress) {
        self.steps.push(progress.clone());
        if let Some((steps, cancel)) = &self.cancel_after
            && self.steps.len() == *steps
        {
            cancel.cancel();
        }
    }

    fn on_epoch(&mut self, progress: &EpochProgress) {
        self.epochs.push(progress.clone());
    }
}

#[test]
fn every_step_and_epoch_is_reported_the_last_partial_batch_too() {
    let mut watcher = Recorder::default();
    // 80 rows to train on are two batches of 32 and one of 16.
    let plan = TrainPlan { batch_size: 32, ..plan(mlp(4)) };
    train(&plan, &rows(100, 4), &BurnEngine, Device::Cpu, &mut watcher, &Cancel::new()).unwrap();
    let start = watcher.start.unwrap();
    assert_eq!((start.epochs, start.steps, start.training_rows, start.validation_rows), (3, 3, 80, 20));
    assert_eq!(start.trainable_parameters, 4 * 32 + 32 + 32 * 4 + 4);
    let places: Vec<(usize, usize)> = watcher.steps.iter().map(|step| (step.epoch, step.step)).collect();
    assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3)]);
    let last = &watcher.steps[8];
    assert!(last.measures.loss > 0.0 && last.rate > 0.0 && last.remaining == 0.0);
    assert!(watcher.steps[0].remaining > 0.0);
    assert_eq!(watcher.epochs.len(), 3);
    assert_eq!(watcher.epochs[2].epoch.training, last.measures);
}

#[test]
fn the_loss_of_an_epoch_is_averaged_by_rows_not_by_batches() {
    // A weight that does not move: the loss of a row is its number.
    let mut builder = Builder::new("idle");
    let x = builder.input("columns", ElementType::F32, rows_of(&[1]), span());
    let w = builder.parameter("w", vec![1], Initializer::Ones, Role::Trainable, span());
    let y = builder.binary(Binary::Multiply, x, w, span());
    let loss = builder.node(Op::Reduce { reduction: Reduction::Sum, axes: vec![1], keep: false }, vec![y], span());
    builder.output(PREDICTION_OUTPUT, y);
    builder.output(LOSS_OUTPUT, loss);
    let still = Optimizer::sgd(0.0);
    let plan = TrainPlan {
        optimizer: still,
        batch_size: 2,
        validation: Validation::None,
        monitor: Monitor::loss(false),
        task: Task::Regression,
        metrics: vec![Metric::Mae],
        ..plan(builder.finish())
    };
    let outcome = run(&plan, &csv("a,label\n1,0\n2,0\n9,0\n")).unwrap();
    assert_eq!(outcome.history.epochs[0].training.loss, 4.0);
    assert_eq!(outcome.history.epochs[0].training.metrics["mae"], 4.0);
}

#[test]
fn the_rate_follows_its_schedule_and_steps_end_a_run_within_an_epoch() {
    // Five steps an epoch; the run ends after the second of the third.
    let schedule = Schedule { warmup: 2, course: Course::Polynomial { power: 1.0, last: 0.0 } };
    let plan = TrainPlan { schedule, max_steps: Some(12), epochs: 9, ..plan(mlp(4)) };
    let mut watcher = Recorder::default();
    let data = rows(100, 4);
    let outcome = train(&plan, &data, &BurnEngine, Device::Cpu, &mut watcher, &Cancel::new()).unwrap();
    assert_eq!((outcome.stop, watcher.steps.len()), (Stop::Finished, 12));
    let rates: Vec<f64> = outcome.history.epochs.iter().map(|epoch| epoch.learning_rate).collect();
    assert_eq!(rates, [0.01 * 0.8, 0.01 * (1.0 - 7.0 / 10.0), 0.01 * (1.0 - 9.0 / 10.0)]);
    let last = watcher.steps.last().unwrap();
    assert_eq!((last.epoch, last.epochs, last.step, last.steps, last.remaining), (3, 3, 2, 2, 0.0));
    assert!(outcome.history.epochs.iter().all(|epoch| epoch.validation.is_some()));
}

#[test]
fn a_stop_from_outside_keeps_the_best_epoch_so_far() {
    let data = rows(100, 4);
    let stopped_after = |steps| {
        let cancel = Cancel::new();
        let mut watcher = Recorder { cancel_after: Some((steps, cancel.clone())), ..Recorder::default() };
        let outcome = train(&plan(mlp(4)), &data, &BurnEngine, Device::Cpu, &mut watcher, &cancel).unwrap();
        assert_eq!(watcher.steps.len(), steps);
        outcome
    };
    // Five steps an epoch.
    let outcome = stopped_after(7);
    assert_eq!((outcome.stop, outcome.history.epochs.len()), (Stop::Cancelled, 1));
    assert_eq!(outcome.best.unwrap().epoch, 1);
    let outcome = stopped_after(2);
    assert_eq!(outcome.stop, Stop::Cancelled);
    assert!(outcome.best.is_none() && outcome.history.best_epoch.is_none());
}

#[test]
fn a_loss_that_is_lost_stops_the_run_and_keeps_the_best_before() {
    let explode = Optimizer::sgd(1e30);
    let outcome = run(&TrainPlan { optimizer: explode, ..plan(mlp(4)) }, &rows(100, 4)).unwrap();
    let Stop::Diverged { epoch: 1, step: Some(step), loss, trouble: Some(_) } = outcome.stop else {
        panic!("{:?}", outcome.stop)
    };
    assert!(step > 1 && !loss.is_finite());
    assert!(outcome.best.is_none());
}

#[test]
fn what_cannot_be_trained_is_said_before_the_first_step() {
    let message = |plan: TrainPlan, data: &Dataset| run(&plan, data).unwrap_err().to_string();
    let data = rows(10, 4);
    assert_eq!(
        message(plan(mlp(4)), &data),
        "the batch size 16 is larger than the 8 rows to train on; make it at most 8"
    );
    assert_eq!(
        message(TrainPlan { validation: Validation::Random { share: 0.01 }, ..plan(mlp(4)) }, &data),
        "a validation split of 0.01 of 10 rows leaves no rows to validate on"
    );
    let mut wrong = rows(40, 4);
    wrong.fields[1].data = TensorData::I64((0..40).map(|row| if row == 30 { 4 } else { 1 }).collect()).into();
    assert_eq!(
        message(plan(mlp(4)), &wrong),
        "`label` is 4 in row 31 (line 32), but the model tells 4 classes apart: labels go from 0 to 3"
    );
    wrong.fields[1].data = TensorData::I64((0..40).map(|row| -i64::from(row == 2)).collect()).into();
    assert!(message(plan(mlp(4)), &wrong).starts_with("`label` is -1 in row 3 (line 4)"));
    wrong.fields.remove(1);
    assert_eq!(message(plan(mlp(4)), &wrong), "the dataset has no field `label`");
}

#[test]
fn a_binary_target_is_yes_or_no() {
    let mut builder = Builder::new("Binary");
    let x = builder.input("columns", ElementType::F32, rows_of(&[1]), span());
    let label = builder.input("label", ElementType::I64, rows_of(&[]), span());
    let y = dense(&mut builder, x, "a", 1, 1);
    let target = builder.node(Op::Cast(ElementType::F32), vec![label], span());
    let flat = builder.node(Op::Reshape(rows_of(&[])), vec![y], span());
    let difference = builder.binary(Binary::Subtract, flat, target, span());
    let loss = builder.binary(Binary::Multiply, difference, difference, span());
    builder.output(PREDICTION_OUTPUT, flat);
    builder.output(TARGET_OUTPUT, target);
    builder.output(LOSS_OUTPUT, loss);
    let plan = TrainPlan {
        task: Task::Binary,
        batch_size: 1,
        validation: Validation::None,
        monitor: Monitor::loss(false),
        ..plan(builder.finish())
    };
    assert!(run(&plan, &csv("a,label\n1,0\n2,1\n")).is_ok());
    let message = run(&plan, &csv("a,label\n1,0\n2,2\n")).unwrap_err().to_string();
    assert_eq!(message, "`label` is 2 in row 2 (line 3), but a binary target is 0 or 1");
}

#[test]
fn initial_weights_are_the_seeds() {
    let graph = mlp(4);
    assert_eq!(Weights::initial(&graph, 7), Weights::initial(&graph, 7));
    let unmoved = Optimizer::sgd(0.0);
    let plan = TrainPlan { optimizer: unmoved, ..plan(graph.clone()) };
    assert_eq!(run(&plan, &rows(100, 4)).unwrap().best.unwrap().weights, Weights::initial(&graph, 7));
}

fn losses(outcome: &Outcome) -> Vec<f64> {
    outcome.history.epochs.iter().map(|epoch| epoch.training.loss).collect()
}

#[test]
fn accumulated_batches_are_a_step_of_one_batch_as_large() {
    // Without dropout, whose masks are those of batches.
    let graph = {
        let mut builder = Builder::new("Mlp");
        let x = builder.input("columns", ElementType::F32, rows_of(&[4]), span());
        let hidden = dense(&mut builder, x, "a", 4, 8);
        let hidden = builder.unary(Unary::Tanh, hidden, span());
        let logits = dense(&mut builder, hidden, "b", 8, 4);
        finish(builder, logits)
    };
    // The last step of an epoch has fewer rows: 80 are three steps of 24 and one of 8.
    let whole = TrainPlan { batch_size: 24, ..plan(graph) };
    let parts = TrainPlan { batch_size: 6, gradient_accumulation: 4, ..whole.clone() };
    let data = rows(100, 4);
    let mut watcher = Recorder::default();
    let (whole, parts) = (run(&whole, &data).unwrap(), {
        train(&parts, &data, &BurnEngine, Device::Cpu, &mut watcher, &Cancel::new()).unwrap()
    });
    assert_eq!((watcher.start.unwrap().steps, watcher.steps.len()), (4, 12));
    for (name, expected) in &whole.best.unwrap().weights.0 {
        assert_close_in(name, &parts.best.as_ref().unwrap().weights.get(name).unwrap().data, &expected.data, 2e-5);
    }
}

#[test]
fn a_run_stops_when_what_is_watched_does_not_become_better_and_the_best_is_kept() {
    // The rate is so large that the accuracy is no better after a while.
    let monitor = Monitor { name: "val_accuracy".into(), rises: true };
    let stopping = EarlyStopping { monitor: monitor.clone(), patience: 3, min_delta: 0.0, baseline: None, start: 0 };
    let plan = TrainPlan { monitor, early_stopping: Some(stopping), epochs: 200, ..plan(mlp(4)) };
    let outcome = run(&plan, &rows(200, 4)).unwrap();
    let done = outcome.history.epochs.len();
    assert_eq!(outcome.stop, Stop::Early { epoch: done });
    let values: Vec<f64> = outcome.history.epochs.iter().map(|epoch| epoch.measure("val_accuracy")).collect();
    let best = values.iter().copied().fold(0.0, f64::max);
    let first = values.iter().position(|value| *value == best).unwrap() + 1;
    assert_eq!((outcome.history.best_epoch, done), (Some(first), first + 3), "{values:?}");
    assert_eq!(outcome.history.monitor, "val_accuracy");
    let last = run(&TrainPlan { keeps_best: false, ..plan }, &rows(200, 4)).unwrap();
    assert_eq!(last.best.unwrap().epoch, done);
}

#[test]
fn a_plateau_makes_the_steps_smaller() {
    let monitor = Monitor::loss(true);
    let course = Course::Plateau { monitor, factor: 0.5, patience: 1, min_delta: 10.0, floor: 0.002 };
    let plan = TrainPlan { schedule: Schedule { warmup: 0, course }, epochs: 5, ..plan(mlp(4)) };
    let outcome = run(&plan, &rows(100, 4)).unwrap();
    let rates: Vec<f64> = outcome.history.epochs.iter().map(|epoch| epoch.learning_rate).collect();
    // No epoch is better by so much: the first sets the mark, every other halves the rate down to the floor.
    assert_eq!(rates, [0.01, 0.01, 0.005, 0.0025, 0.002]);
}

#[test]
fn the_mean_of_the_weights_is_measured_and_kept() {
    let data = rows(200, 4);
    let ema = Some(Ema { decay: 0.95, every: 1, start: 0 });
    let plan = TrainPlan { ema, keeps_best: false, ..plan(mlp(4)) };
    let mean = run(&plan, &data).unwrap();
    let plain = run(&TrainPlan { ema: None, ..plan.clone() }, &data).unwrap();
    // The mean moves nothing: the training losses are the same, what is measured on rows held out is not.
    assert_eq!(losses(&mean), losses(&plain));
    assert_ne!(mean.history.epochs[2].validation, plain.history.epochs[2].validation);
    let (_, held_out) = ndsl_runtime::train::split(data.rows, 0.2, plan.seed).unwrap();
    let weights = &mean.best.as_ref().unwrap().weights;
    let measures = assess(
        Subject { plan: &plan, data: &data, rows: &held_out, weights, engine: &BurnEngine, device: Device::Cpu },
        &Cancel::new(),
    )
    .unwrap();
    assert_eq!(measures.map(|assessed| assessed.measures), mean.history.epochs[2].validation);
    // A mean that has not begun is the weights themselves.
    let late = run(&TrainPlan { ema: Some(Ema { decay: 0.95, every: 1, start: 10_000 }), ..plan }, &data).unwrap();
    assert_eq!(late.best.unwrap().weights, plain.best.unwrap().weights);
}

/// One weight that stays: the loss of a row is its number times what the row counts.
fn weighted() -> Graph {
    let mut builder = Builder::new("idle");
    let x = builder.input("columns", ElementType::F32, rows_of(&[1]), span());
    let weight = builder.input(ROW_WEIGHT_INPUT, ElementType::F32, rows_of(&[]), span());
    let w = builder.parameter("w", vec![1], Initializer::Ones, Role::Trainable, span());
    let y = builder.binary(Binary::Multiply, x, w, span());
    let loss = builder.node(Op::Reduce { reduction: Reduction::Sum, axes: vec![1], keep: false }, vec![y], span());
    let loss = builder.binary(Binary::Multiply, loss, weight, span());
    builder.output(PREDICTION_OUTPUT, y);
    builder.output(LOSS_OUTPUT, loss);
    builder.finish()
}

#[test]
fn rows_count_by_their_class_and_by_a_column() {
    let still = TrainPlan {
        optimizer: Optimizer::sgd(0.0),
        batch_size: 2,
        epochs: 1,
        validation: Validation::None,
        monitor: Monitor::loss(false),
        metrics: vec![],
        ..plan(weighted())
    };
    let mut data = csv("a,label\n1,0\n2,0\n3,0\n10,1\n");
    data.fields.push(Field::new("importance", vec![], TensorData::F32(vec![1.0, 0.0, 2.0, 0.5]), None));
    let column = TableColumn {
        name: "importance".into(),
        outside: "importance".into(),
        encoding: ndsl_compiler::ir::Encoding::Number,
        optional: false,
        span: span(),
    };
    let loss = |classes: Option<ClassWeights>, column: Option<TableColumn>| {
        let plan = TrainPlan { weighting: Weighting { classes, column }, ..still.clone() };
        run(&plan, &data).unwrap().history.epochs[0].training.loss
    };
    // Means over the rows, whatever they count, as in Keras.
    assert_eq!(loss(Some(ClassWeights::Given(vec![1.0, 4.0])), None), (1.0 + 2.0 + 3.0 + 40.0) / 4.0);
    assert_eq!(loss(None, Some(column.clone())), (1.0 + 0.0 + 6.0 + 5.0) / 4.0);
    let both = loss(Some(ClassWeights::Given(vec![2.0])), Some(column.clone()));
    assert_eq!(both, (2.0 + 0.0 + 12.0 + 5.0) / 4.0);
    // 4 / (2 * 3) and 4 / (2 * 1).
    let balanced = loss(Some(ClassWeights::Balanced), None);
    assert!((balanced - ((1.0 + 2.0 + 3.0) * 2.0 / 3.0 + 10.0 * 2.0) / 4.0).abs() < 1e-6, "{balanced}");

    // Where a model is measured its classes count the same, and its rows as they do in training.
    let classes = Some(ClassWeights::Given(vec![1.0, 4.0]));
    let plan = TrainPlan { weighting: Weighting { classes, column: Some(column) }, ..still };
    let weights = Weights::initial(&plan.graph, 0);
    let of = |data: &Dataset| {
        let measures = assess(
            Subject {
                plan: &plan,
                data,
                rows: &[0, 1, 2, 3],
                weights: &weights,
                engine: &BurnEngine,
                device: Device::Cpu,
            },
            &Cancel::new(),
        );
        measures.map(|assessed| assessed.unwrap().measures.loss).map_err(|error| error.to_string())
    };
    assert_eq!(of(&data), Ok((1.0 + 0.0 + 6.0 + 5.0) / 4.0));
    data.fields[2].data = TensorData::F32(vec![1.0, 0.0, -2.0, 0.5]).into();
    let message = "`importance` is -2 in row 3 (line 4), but how much a row counts is a number of at least 0";
    assert_eq!(of(&data), Err(message.to_owned()));
    data.fields.pop();
    assert_eq!(of(&data), Ok(4.0));
}

/// Keeps every state there is.
#[derive(Default)]
struct Everything(Vec<(Reached, State)>);

impl Keeper for Everything {
    fn is_due(&mut self, _: Reached) -> bool {
        true
    }

    fn keeps_end(&self) -> bool {
        true
    }

    fn keep(&mut self, reached: Reached, state: &State) -> Result<(), String> {
        self.0.push((reached, state.clone()));
        Ok(())
    }
}

#[test]
fn a_run_that_goes_on_from_any_state_is_the_run_that_never_stopped() {
    // All that is remembered: moments, a mean, dropout, running statistics, a plateau, batches that wait for a step.
    let course =
        Course::Plateau { monitor: Monitor::loss(true), factor: 0.5, patience: 1, min_delta: 10.0, floor: 0.0 };
    let stopping =
        EarlyStopping { monitor: Monitor::loss(true), patience: 2, min_delta: 0.1, baseline: None, start: 0 };
    let plan = TrainPlan {
        ema: Some(Ema { decay: 0.9, every: 2, start: 1 }),
        schedule: Schedule { warmup: 0, course },
        early_stopping: Some(stopping),
        gradient_accumulation: 2,
        epochs: 4,
        ..plan(cnn())
    };
    let data = rows(100, 64);
    let job = Job { plan: &plan, data: &data, engine: &BurnEngine, device: Device::Cpu };
    let cancel = Cancel::new();
    let mut states = Everything::default();
    let whole = train_from(job, Beginning::Fresh, &mut states, &mut Silent, &cancel).unwrap();
    let (last, end) = states.0.last().cloned().unwrap();
    let timeless = |history: &History| {
        let epoch = |epoch: &Epoch| Epoch { seconds: 0.0, rows_per_second: 0.0, ..epoch.clone() };
        history.epochs.iter().map(epoch).collect::<Vec<_>>()
    };
    assert!(states.0.len() > 5 && last.ends_epoch);
    for (reached, state) in &states.0 {
        let mut kept = Everything::default();
        let beginning = Beginning::State(Box::new(state.clone()));
        let outcome = train_from(job, beginning, &mut kept, &mut Silent, &cancel).unwrap();
        assert!(outcome.best == whole.best, "from {reached:?}");
        assert_eq!(timeless(&outcome.history), timeless(&whole.history), "from {reached:?}");
        let found = &kept.0.last().unwrap().1;
        assert!(found.weights == end.weights && found.session == end.session, "from {reached:?}");
    }

    // What is no state of this run is said to be none.
    let (_, mut wrong) = states.0[0].clone();
    wrong.session.moments.values_mut().for_each(|moments| moments[0].truncate(1));
    let fault = train_from(job, Beginning::State(Box::new(wrong)), &mut Unkept, &mut Silent, &cancel).unwrap_err();
    assert!(fault.to_string().starts_with("this state does not belong to the model"), "{fault}");
}

#[test]
fn a_run_that_is_cancelled_anywhere_keeps_where_it_is() {
    let plan = TrainPlan { epochs: 2, ..plan(mlp(4)) };
    let data = rows(100, 4);
    let job = Job { plan: &plan, data: &data, engine: &BurnEngine, device: Device::Cpu };
    let whole = run(&plan, &data).unwrap().best.unwrap();
    // After the fifth step comes what is held out.
    for steps in [1, 4, 5, 7] {
        let cancel = Cancel::new();
        let mut watcher = Recorder { cancel_after: Some((steps, cancel.clone())), ..Recorder::default() };
        let mut kept = Everything::default();
        let outcome = train_from(job, Beginning::Fresh, &mut kept, &mut watcher, &cancel).unwrap();
        let (reached, state) = kept.0.pop().unwrap();
        assert_eq!((outcome.stop, reached.steps, reached.ends_epoch), (Stop::Cancelled, steps, false));
        let rest = train_from(job, Beginning::State(Box::new(state)), &mut Unkept, &mut Silent, &Cancel::new());
        assert!(rest.unwrap().best.unwrap() == whole, "from step {steps}");
    }
}
