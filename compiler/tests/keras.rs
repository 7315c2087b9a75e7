//! Every layer, with every setting that changes numbers, makes what Keras 3 makes of equal weights and inputs.
//!
//! `tests/keras/*.json` hold what Keras answered; `tests/keras/make.py` asks it.

use std::collections::{BTreeMap, BTreeSet};

use ndsl_compiler::diagnostics::render::concise;
use ndsl_compiler::ir::{ElementType, Graph};
use ndsl_compiler::reference::{Mode, Outcome, Seeded, Tensor, evaluate};
use ndsl_compiler::{Source, Weight, Weights, analyze};
use serde_json::Value;

/// How far a number may be from Keras's, which are of 32 bits.
const TOLERANCE: f64 = 1e-5;

fn cases() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keras");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: &std::path::PathBuf| -> Vec<Value> {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    paths.iter().flat_map(read).collect()
}

fn shape(value: &Value) -> Vec<usize> {
    value["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value["data"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Numbers that are kept as sixteenths where they are floats.
fn tensor(value: &Value) -> Tensor {
    let element = ElementType::from_name(value["element"].as_str().unwrap()).unwrap();
    let by = if element == ElementType::F32 { 1.0 / 16.0 } else { 1.0 };
    let data = numbers(value).into_iter().map(|number| number * by).collect();
    Tensor::new(element, shape(value), data).unwrap()
}

fn graph(case: &Value) -> Result<Graph, String> {
    let source = Source::new("case", case["program"].as_str().unwrap());
    let analysis = analyze(&source);
    let errors: Vec<String> =
        analysis.diagnostics.iter().filter(|found| found.is_error()).map(|found| concise(found, &source)).collect();
    match errors.is_empty() && analysis.models()[0].complete {
        true => Ok(analysis.models()[0].graph.clone()),
        false => Err(format!("does not check: {}", errors.join("; "))),
    }
}

fn run(graph: &Graph, case: &Value, mode: Mode) -> Result<Outcome, String> {
    let object = |name: &str| case[name].as_object().unwrap();
    let inputs: BTreeMap<String, Tensor> =
        object("inputs").iter().map(|(name, value)| (name.clone(), tensor(value))).collect();
    let weight = |value: &Value| {
        let Tensor { shape, data, .. } = tensor(value);
        Weight { shape, data: data.into_iter().map(|number| number as f32).collect() }
    };
    let weights = Weights(object("weights").iter().map(|(name, value)| (name.clone(), weight(value))).collect());
    let names: BTreeSet<&str> = graph.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let keras: BTreeSet<&str> = weights.0.keys().map(String::as_str).collect();
    if names != keras {
        return Err(format!("has the weights {names:?}, Keras {keras:?}"));
    }
    evaluate(graph, &inputs, &weights, mode, &mut Seeded::new(1)).map_err(|error| error.to_string())
}

/// Why what was made is not what Keras made.
fn difference(made: &Tensor, keras: &Value) -> Option<String> {
    if made.shape != shape(keras) {
        return Some(format!("is {:?}, in Keras {:?}", made.shape, shape(keras)));
    }
    let far = |(a, b): (&f64, f64)| ((a - b).abs() > TOLERANCE * (1.0 + b.abs())).then_some((*a, b));
    let found = made.data.iter().zip(numbers(keras)).filter_map(far).collect::<Vec<_>>();
    let (first, keras) = found.first()?;
    Some(format!("{} of {} numbers differ: {first} is {keras} in Keras", found.len(), made.data.len()))
}

fn fault(case: &Value) -> Option<String> {
    let graph = match graph(case) {
        Ok(graph) => graph,
        Err(fault) => return Some(fault),
    };
    case.get("inputs")?;
    let wanted: Vec<usize> =
        case["parameters"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap() as usize).collect();
    let (all, trainable) = graph.parameter_counts();
    if [all, trainable] != *wanted {
        return Some(format!("has {all} parameters, {trainable} trainable; in Keras {wanted:?}"));
    }
    // What the checker says the shape is, for as many rows.
    let declared = graph.value(graph.outputs[0].value).shape.at_batch(2);
    if declared != Some(shape(&case["output"])) {
        return Some(format!("is {declared:?} by its shape rule, in Keras {:?}", shape(&case["output"])));
    }
    let only = |outcome: &Outcome| outcome.outputs.values().next().cloned();
    let inference = match run(&graph, case, Mode::Inference) {
        Ok(outcome) => outcome,
        Err(fault) => return Some(fault),
    };
    if let Some(fault) = difference(&only(&inference)?, &case["output"]) {
        return Some(fault);
    }
    let training = case.get("training")?;
    let outcome = match run(&graph, case, Mode::Training) {
        Ok(outcome) => outcome,
        Err(fault) => return Some(format!("in training {fault}")),
    };
    if let Some(fault) = difference(&only(&outcome)?, training) {
        return Some(format!("in training {fault}"));
    }
    case["statistics"].as_object().unwrap().iter().find_map(|(name, keras)| {
        let unmoved = || Tensor::new(ElementType::F32, shape(keras), tensor(&case["weights"][name]).data);
        let made = outcome.statistics.get(name).cloned().or_else(unmoved)?;
        difference(&made, keras).map(|fault| format!("after a step `{name}` {fault}"))
    })
}

#[test]
fn layers_make_what_keras_makes() {
    let mut faults = Vec::new();
    for case in cases() {
        if let Some(fault) = fault(&case) {
            faults.push(format!("{}: {fault}\n{}", case["name"].as_str().unwrap(), case["program"].as_str().unwrap()));
        }
    }
    assert!(faults.is_empty(), "{} cases differ\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_layer_has_a_case() {
    let programs: String = cases().iter().map(|case| case["program"].as_str().unwrap().to_owned()).collect();
    // What works on a table is no layer of Keras; `tests/features.rs` holds what it makes.
    for layer in ndsl_compiler::layers::LAYERS.iter().filter(|layer| !layer.takes_a_row()) {
        let name = layer.signature.name;
        assert!(applies(&programs, name), "{name}");
    }
}

/// Parameters that change no number of a layer with given weights.
const OF_WEIGHTS: [&str; 5] = ["_initializer", "_regularizer", "unit_forget_bias", "name", "trainable"];

/// Whether a program applies a layer.
fn applies(program: &str, layer: &str) -> bool {
    let call = format!("{layer}(");
    program.match_indices(&call).any(|(at, _)| !program[..at].ends_with(|before: char| before.is_alphanumeric()))
}

#[test]
fn every_setting_has_a_case() {
    let programs: Vec<String> = cases().iter().map(|case| case["program"].as_str().unwrap().to_owned()).collect();
    let mut missing = Vec::new();
    for layer in ndsl_compiler::layers::LAYERS.iter().filter(|layer| !layer.takes_a_row()) {
        let name = layer.signature.name;
        let own: Vec<&String> = programs.iter().filter(|program| applies(program, name)).collect();
        for parameter in layer.signature.parameters.iter().skip(1) {
            let counts = !OF_WEIGHTS.iter().any(|part| parameter.name.ends_with(part));
            let required = parameter.default == ndsl_compiler::signature::Default::Required;
            let given = format!("{}=", parameter.name);
            if counts && !required && !own.iter().any(|program| program.contains(&given)) {
                missing.push(format!("{name}({given}…)"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_frozen_layer_has_the_parameters_and_trains_none() {
    let mut frozen = 0;
    for layer in ndsl_compiler::layers::LAYERS.iter().filter(|layer| layer.signature.parameter("trainable").is_some()) {
        let name = layer.signature.name;
        for case in cases().iter().filter(|case| case.get("parameters").is_some()) {
            let program = case["program"].as_str().unwrap();
            let Some(line) = program.lines().find(|line| line.trim_start().starts_with(&format!("{name}("))) else {
                continue;
            };
            let Some(call) = line.strip_suffix(") as out").filter(|call| !call.contains("trainable")) else { continue };
            let comma = if call.ends_with('(') { "" } else { ", " };
            let mut case = case.clone();
            case["program"] = program.replace(line, &format!("{call}{comma}trainable=false) as out")).into();
            let (all, trainable) = graph(&case).unwrap().parameter_counts();
            assert_eq!(all as u64, case["parameters"][0].as_u64().unwrap(), "{}", case["program"]);
            assert_eq!(trainable, 0, "{}", case["program"]);
            frozen += 1;
        }
    }
    assert!(frozen > 150, "{frozen}");
}

/// A case whose sequences and images have a first axis of any length, where it has one.
fn of_any_length(case: &Value) -> Option<Value> {
    let mut case = case.clone();
    let inputs = case.get("inputs")?.as_object()?.clone();
    let mut program = case["program"].as_str()?.to_owned();
    let length = inputs.get("x").and_then(|x| shape(x).get(1).copied());
    for (at, (name, value)) in inputs.iter().enumerate() {
        let dims = shape(value);
        let element = value["element"].as_str()?;
        match dims.as_slice() {
            [_, first, _, ..] => {
                let (fixed, open) = (format!("{element}[{first},"), format!("{element}[{},", ["T", "S", "R", "Q"][at]));
                program = program.replace(&format!("{name}: {fixed}"), &format!("{name}: {open}"));
            }
            // A mask has as many steps as what it is a mask of.
            [_, steps] if element == "bool" && Some(*steps) == length => {
                let symbol = ["T", "S", "R", "Q"][inputs.keys().position(|name| name == "x")?];
                program = program.replace(&format!("{name}: bool[{steps}]"), &format!("{name}: bool[{symbol}]"));
            }
            _ => {}
        }
    }
    let changed = program != case["program"].as_str()?;
    case["program"] = Value::String(program);
    changed.then_some(case)
}

#[test]
fn a_length_that_only_a_run_knows_changes_no_number() {
    let (mut same, mut unknown, mut faults) = (0, 0, Vec::new());
    for case in cases().iter().filter_map(of_any_length) {
        let Ok(graph) = graph(&case) else {
            // Weights, windows with `same` and the like need a number; that they say so is another test's business.
            unknown += 1;
            continue;
        };
        let only = |outcome: Outcome| outcome.outputs.into_values().next().expect("an output");
        let difference = match run(&graph, &case, Mode::Inference) {
            Ok(outcome) => difference(&only(outcome), &case["output"]),
            Err(fault) => Some(fault),
        };
        match difference {
            None => same += 1,
            Some(fault) => faults.push(format!("{fault}\n{}", case["program"].as_str().unwrap())),
        }
    }
    assert!(faults.is_empty(), "{} cases differ\n{}", faults.len(), faults.join("\n"));
    assert!(same > 200 && unknown < 80, "{same} are the same, {unknown} do not check");
}

/// The figures of what training makes of ones.
fn figures(case: &Value) -> Result<Tensor, String> {
    let graph = graph(case)?;
    let row = graph.value(graph.inputs[0]).shape.at_batch(64).unwrap();
    let ones = Tensor::new(ElementType::F32, row.clone(), vec![1.0; row.iter().product()]).unwrap();
    let inputs = BTreeMap::from([("x".to_owned(), ones)]);
    let outcome = evaluate(&graph, &inputs, &Weights::initial(&graph, 7), Mode::Training, &mut Seeded::new(7));
    let outcome = outcome.map_err(|error| error.to_string())?;
    outcome.outputs.into_values().next().ok_or_else(|| "answers nothing".to_owned())
}

/// Whether all elements along an axis are the same.
fn constant_along(tensor: &Tensor, axis: usize) -> bool {
    let inner: usize = tensor.shape[axis + 1..].iter().product();
    let length = tensor.shape[axis];
    (0..tensor.data.len()).all(|at| {
        let first = at - (at / inner % length) * inner;
        tensor.data[at] == tensor.data[first]
    })
}

#[test]
fn noise_is_drawn_as_keras_draws_it() {
    let mut drawn = 0;
    for case in cases().iter().filter(|case| case.get("mean").is_some()) {
        let name = case["name"].as_str().unwrap();
        let made = figures(case).unwrap();
        let count = made.data.len() as f64;
        let mean = made.data.iter().sum::<f64>() / count;
        let deviation = (made.data.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        for (what, made, keras) in [("mean", mean, &case["mean"]), ("deviation", deviation, &case["deviation"])] {
            let keras = keras.as_f64().unwrap();
            assert!((made - keras).abs() < 0.06, "{name}: the {what} is {made}, in Keras {keras}");
        }
        if let Some(keras) = case["values"].as_array() {
            let distinct: BTreeSet<String> = made.data.iter().map(|number| format!("{number:.4}")).collect();
            let keras: BTreeSet<String> =
                keras.iter().map(|number| format!("{:.4}", number.as_f64().unwrap())).collect();
            assert_eq!(distinct, keras, "{name}");
        }
        let axes: Vec<usize> = (1..made.shape.len()).filter(|axis| constant_along(&made, *axis)).collect();
        let keras: Vec<usize> =
            case["constant_along"].as_array().unwrap().iter().map(|axis| axis.as_u64().unwrap() as usize).collect();
        assert_eq!(axes, keras, "{name}: shared along other axes");
        drawn += 1;
    }
    assert!(drawn >= 10, "{drawn}");
}

#[test]
fn every_function_and_activation_has_a_case() {
    let programs: String = cases().iter().map(|case| case["program"].as_str().unwrap().to_owned()).collect();
    // Of numbers that are drawn there is nothing to compare.
    let drawn = ["random_normal", "random_uniform"];
    let functions = ndsl_compiler::functions::FUNCTIONS.iter().map(|function| function.signature.name);
    for name in functions.filter(|name| !drawn.contains(name)) {
        assert!(applies(&programs, name), "{name}");
    }
    for activation in ndsl_compiler::activations::ACTIVATIONS {
        let name = activation.signature.name;
        assert!(programs.contains(&format!("Activation({name}")), "{name}");
    }
}
