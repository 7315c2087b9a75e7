//! Writes an ONNX file for every model of `examples/models`, and beside it what the Burn engine makes of drawn inputs, with
//! two batch sizes and two sizes of every dimension that only a run knows:
//! `cargo run --release -p ndsl-runtime --example onnx_models -- FOLDER`, then `.ci/onnx_check.py FOLDER`.
//!
//! The models are made small, by their parameters and, where an input is fixed, by its size. `--whole` takes them as they are
//! published.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use ndsl_compiler::backend::onnx::{OnnxOptions, export};
use ndsl_compiler::diagnostics::render::concise;
use ndsl_compiler::files::Memory;
use ndsl_compiler::ir::{Dim, ElementType, Graph, Initializer, Op, Parameter, Sizes, ValueId};
use ndsl_compiler::{Source, Weight, Weights, analyze_with};
use ndsl_runtime::engine::burn::BurnEngine;
use ndsl_runtime::engine::{Engine, EngineOptions};
use ndsl_runtime::{Tensor, TensorData};
use serde_json::{Value, json};

/// How far a number may be from the engine's, as a part of the largest number of its output.
const TOLERANCE: f64 = 1e-4;

/// One of the examples' models, and how it is tried.
struct Trial {
    /// The file of `examples/models`, without its ending.
    file: &'static str,
    /// The model.
    model: &'static str,
    /// What makes it small: the parameters, and what else of the text is replaced.
    small: (&'static str, &'static [(&'static str, &'static str)]),
    /// Two sizes for each of its symbols.
    sizes: &'static [(&'static str, [usize; 2])],
    /// What whole numbers stay below.
    below: usize,
}

const IMAGE: &[(&str, &str)] = &[("f32[224, 224, 3]", "f32[64, 64, 3]")];

const TRIALS: [Trial; 12] = [
    trial("char_gpt", "CharGpt", ("depth=2, width=32", &[]), &[("T", [1, 9])], 65),
    trial("gpt2", "GPT2", ("vocab=101, context=32, width=48, depth=2, heads=4", &[]), &[("T", [1, 7])], 101),
    trial("mobilenet_v2", "MobileNetV2", ("classes=10", IMAGE), &[], 1),
    trial("resnet50", "ResNet50", ("classes=10", IMAGE), &[], 1),
    trial("text_classifier", "TextClassifier", ("vocab=5, width=12", &[]), &[("T", [1, 11])], 5),
    trial("two_tower", "TwoTower", ("users=50, films=50", &[]), &[], 50),
    trial("unet", "UNet", ("width=4, depth=3", &[]), &[("H", [16, 48]), ("W", [32, 16])], 1),
    trial("vae", "Vae", ("latent=2", &[]), &[], 1),
    trial("vae", "Encoder", ("latent=3", &[]), &[], 1),
    trial("vae", "Decoder", ("latent=3", &[]), &[], 1),
    trial("vgg16", "VGG16", ("classes=10", &[("224, 224", "32, 32"), ("4096", "64")]), &[], 1),
    trial("vit_b16", "ViTB16", ("classes=10, width=48, depth=2, heads=4", IMAGE), &[], 1),
];

const fn trial(
    file: &'static str,
    model: &'static str,
    small: (&'static str, &'static [(&'static str, &'static str)]),
    sizes: &'static [(&'static str, [usize; 2])],
    below: usize,
) -> Trial {
    Trial { file, model, small, sizes, below }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (options, folders): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == "--whole");
    let [folder] = folders.as_slice() else { return Err("usage: onnx_models [--whole] FOLDER".into()) };
    let (folder, whole) = (Path::new(folder), !options.is_empty());
    fs::create_dir_all(folder)?;
    let models = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/models"));
    let mut missing: Vec<String> = Vec::new();
    for entry in fs::read_dir(&models)? {
        let name = entry?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        missing.extend((!TRIALS.iter().any(|trial| trial.file == name)).then_some(name));
    }
    if !missing.is_empty() {
        return Err(format!("no trial of {}", missing.join(", ")).into());
    }
    for trial in &TRIALS {
        let text = fs::read_to_string(models.join(format!("{}.ndsl", trial.file)))?;
        let graph = trial.graph(text, whole)?;
        let weights = Weights(graph.parameters.iter().map(|one| (one.name.clone(), weight(one))).collect());
        let path = folder.join(format!("{}.{}.onnx", trial.file, trial.model));
        let options = OnnxOptions { metadata: BTreeMap::new(), ..OnnxOptions::default() };
        fs::write(&path, export(&graph, &weights, &options)?)?;
        let mut session = BurnEngine.load(&graph, &weights, EngineOptions::default())?;
        let mut runs = Vec::new();
        for (batch, which) in [(1, 0), (3, 1)] {
            let sizes = trial.sizes.iter().map(|(symbol, sizes)| ((*symbol).into(), sizes[which]));
            let sizes: Sizes = sizes.chain([("N".into(), batch)]).collect();
            let inputs: Vec<Tensor> = graph.inputs.iter().map(|id| drawn(&graph, *id, &sizes, trial.below)).collect();
            let made = session.forward(inputs.clone())?;
            let given = graph.inputs.iter().map(|id| graph.value(*id).name.clone()).zip(&inputs);
            let random = random(&graph);
            let outputs = graph.outputs.iter().zip(&made).map(|(output, made)| {
                let mut tensor = described(made);
                // Of what is drawn anew there is the shape to compare.
                if random[output.value.index()] {
                    tensor.as_object_mut().map(|tensor| tensor.remove("data"));
                }
                (output.name.clone(), tensor)
            });
            runs.push(json!({
                "sizes": sizes.iter().map(|(symbol, size)| (symbol.to_string(), size)).collect::<BTreeMap<_, _>>(),
                "inputs": given.map(|(name, tensor)| (name, described(tensor))).collect::<BTreeMap<_, _>>(),
                "outputs": outputs.collect::<BTreeMap<_, _>>(),
            }));
        }
        fs::write(path.with_extension("json"), json!({ "runs": runs, "relative": TOLERANCE }).to_string())?;
    }
    Ok(())
}

impl Trial {
    /// The model, as small as it is to be.
    fn graph(&self, text: String, whole: bool) -> Result<Graph, Box<dyn Error>> {
        let (arguments, replaced) = if whole { ("", &[][..]) } else { self.small };
        let replaced = replaced.iter().try_fold(text, |text, (from, to)| match text.contains(from) {
            true => Ok(text.replace(from, to)),
            false => Err(format!("{}: no `{from}` to replace", self.file)),
        })?;
        // What is asserted of a model is asserted of its published size.
        let text: String = replaced
            .lines()
            .filter(|line| !line.starts_with("assert "))
            .fold(String::new(), |text, line| text + line + "\n");
        let at = text
            .find(&format!("model {}(", self.model))
            .ok_or_else(|| format!("{}: no model {}", self.file, self.model))?;
        let (before, from) = text.split_at(at);
        let mut own = from.to_owned();
        for argument in arguments.split(", ").filter(|argument| !argument.is_empty()) {
            own = with_default(&own, argument).ok_or_else(|| format!("{}: no parameter for {argument}", self.model))?;
        }
        let source = Source::new(format!("{}.ndsl", self.file), before.to_owned() + &own);
        let analysis = analyze_with(&source, &Memory::new(Vec::<(String, String)>::new()));
        let faults: Vec<String> =
            analysis.diagnostics.iter().filter(|found| found.is_error()).map(|found| concise(found, &source)).collect();
        if !faults.is_empty() {
            return Err(faults.join("\n").into());
        }
        let found = analysis.models().iter().find(|model| model.name == self.model && model.complete);
        Ok(found.ok_or_else(|| format!("{} is not complete", self.model))?.graph.clone())
    }
}

/// The text of a model with another default for a parameter, `width=48`.
fn with_default(text: &str, argument: &str) -> Option<String> {
    let (name, value) = argument.split_once('=')?;
    let start = text.find(&format!("{name}: int = "))? + name.len() + ": int = ".len();
    let length = text[start..].find(|letter: char| !letter.is_ascii_digit() && letter != '_')?;
    Some(format!("{}{value}{}", &text[..start], &text[start + length..]))
}

/// A weight of which no number is zero or one by chance, small enough for what it makes to stay near 1.
fn weight(parameter: &Parameter) -> Weight {
    let count = parameter.shape.iter().product();
    let taps: usize = parameter.shape.iter().skip(1).product();
    let limit = (3.0 / taps.max(1) as f64).sqrt().min(0.7);
    let mut data = Initializer::Uniform { limit }.sample(1, &parameter.name, count);
    // Variances and scales are near 1, so that the size of what goes through many layers stays as it is.
    let scale = parameter.name.ends_with(".weight") && parameter.shape.len() == 1;
    if scale || parameter.name.ends_with("running_var") {
        data.iter_mut().for_each(|number| *number = 1.0 + *number / 4.0);
    }
    Weight { shape: parameter.shape.clone(), data }
}

fn drawn(graph: &Graph, id: ValueId, sizes: &Sizes, below: usize) -> Tensor {
    let value = graph.value(id);
    let shape: Vec<usize> =
        value.shape.dims().iter().map(|dim: &Dim| dim.at(sizes).expect("every symbol has a size")).collect();
    let numbers = Initializer::Uniform { limit: 1.0 }.sample(sizes["N"] as u64, &value.name, shape.iter().product());
    let index = |number: &f32| ((f64::from(*number) + 1.0) / 2.0 * below as f64).floor().min(below as f64 - 1.0);
    let data = match value.element {
        ElementType::F32 => TensorData::F32(numbers),
        ElementType::I64 => TensorData::I64(numbers.iter().map(|number| index(number) as i64).collect()),
        ElementType::U8 => TensorData::U8(numbers.iter().map(|number| index(number) as u8).collect()),
        ElementType::Bool => TensorData::Bool(numbers.iter().map(|number| *number > 0.0).collect()),
    };
    Tensor { shape, data }
}

/// Which values depend on numbers that are drawn in inference too.
fn random(graph: &Graph) -> Vec<bool> {
    let mut random = vec![false; graph.values.len()];
    for node in &graph.nodes {
        let drawn = matches!(node.op, Op::RandomNormal | Op::RandomUniform);
        random[node.output.index()] = drawn || node.inputs.iter().any(|input| random[input.index()]);
    }
    random
}

fn described(tensor: &Tensor) -> Value {
    let data: Vec<f64> = (0..tensor.data.len()).map(|at| tensor.data.number(at).unwrap_or(f64::NAN)).collect();
    json!({ "type": tensor.data.element(), "shape": tensor.shape, "data": data })
}
