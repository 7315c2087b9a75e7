//! What a run is: all that must be the same for another process to go on with it.

use std::collections::BTreeMap;

use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::TrainPlan;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data::{DataError, Dataset, Pictures, pieces_of};
use crate::engine::{Device, Engine};
use crate::tensor::TensorData;

/// The settings, the model and the data of a run, each as a text by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity(BTreeMap<String, String>);

/// What is compared by hashes alone, and what is said where those differ.
const HASHED: [(&str, &str); 2] =
    [("model", "the model, its inputs or its loss are not what they were"), ("data", "the data has changed")];

impl Identity {
    /// Of a plan and its rows, whose hash is given.
    ///
    /// How many epochs and steps there are is not in it: a run may go on for longer than it was meant to. Nor is what is kept of it.
    pub fn new(plan: &TrainPlan, data: &Dataset, hash: &str) -> Self {
        let mut parts = BTreeMap::new();
        let mut part = |name: &str, text: String| _ = parts.insert(name.to_owned(), text);
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let optimizer = &plan.optimizer;
        part("ndsl", env!("CARGO_PKG_VERSION").to_owned());
        part("train", plan.name.clone());
        part("model", hash_of_graph(&plan.graph));
        part("data", hash.to_owned());
        part("rows", data.rows.to_string());
        part("loss", plan.loss.clone());
        part("metrics", plan.metrics.iter().map(|metric| format!("{metric:?}")).collect::<Vec<_>>().join(", "));
        part("optimizer", optimizer.to_string());
        part("clip_norm", or_none(optimizer.clip_norm.map(|norm| format!("{norm:?}"))));
        part("clip_value", or_none(optimizer.clip_value.map(|value| format!("{value:?}"))));
        part("schedule", plan.schedule.to_string());
        part("batch_size", plan.batch_size.to_string());
        part("gradient_accumulation", plan.gradient_accumulation.to_string());
        part("validation", plan.validation.to_string());
        part("shuffle", plan.shuffle.to_string());
        if !plan.augment.is_empty() {
            part("augment", format!("{:?}", plan.augment));
        }
        part("class_weights", or_none(plan.weighting.classes.as_ref().map(ToString::to_string)));
        part("sample_weight", or_none(plan.weighting.column.as_ref().map(|column| column.name.clone())));
        part("ema", or_none(plan.ema.map(|ema| format!("{ema:?}"))));
        part("early_stopping", or_none(plan.early_stopping.as_ref().map(|stopping| format!("{stopping:?}"))));
        part("monitor", format!("{}, {}", plan.monitor.name, if plan.monitor.rises { "max" } else { "min" }));
        part("best", plan.keeps_best.to_string());
        part("seed", plan.seed.to_string());
        Self(parts)
    }

    /// What is another in `now` than it was, a sentence each.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        let sentence = |name: &String| {
            let (before, after) = (self.0.get(name), now.0.get(name));
            if before == after {
                return None;
            }
            if let Some((_, sentence)) = HASHED.iter().find(|(hashed, _)| hashed == name) {
                return Some((*sentence).to_owned());
            }
            let text = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
            Some(format!("`{name}` was {} and is {}", text(before), text(after)))
        };
        names.into_iter().filter_map(sentence).collect()
    }
}

/// What a run runs on.
pub fn environment(engine: &dyn Engine, device: Device) -> BTreeMap<String, String> {
    let threads = std::env::var("RAYON_NUM_THREADS").ok().filter(|given| !given.is_empty());
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from).to_string());
    let mut environment = BTreeMap::from([
        ("ndsl".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("system".to_owned(), format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("threads".to_owned(), threads),
        ("device".to_owned(), device.to_string()),
    ]);
    environment.extend(engine.device_name(device).map(|name| ("gpu".to_owned(), name)));
    environment
}

/// The hash of what a graph computes: not of where its parts stand in the program.
fn hash_of_graph(graph: &Graph) -> String {
    let mut hash = Sha256::new();
    for input in &graph.inputs {
        let value = graph.value(*input);
        hash.update(format!("{:?}\0", (&value.name, value.element, &value.shape)));
    }
    for one in &graph.parameters {
        hash.update(format!(
            "{:?}\0",
            (&one.name, &one.shape, &one.initializer, one.role, &one.regularizer, one.value)
        ));
    }
    for node in &graph.nodes {
        hash.update(format!("{:?}\0", (&node.op, &node.inputs, node.output)));
    }
    for output in &graph.outputs {
        hash.update(format!("{:?}\0", (&output.name, output.value)));
    }
    hexadecimal(&hash.finalize())
}

/// The hash of the rows, as they are read: of each field by itself, then of all together, so that rows in a file are gone through once.
///
/// # Errors
/// Where rows stand in a file that cannot be read.
pub fn hash_of_data(data: &Dataset) -> Result<String, DataError> {
    let mut hashes: Vec<Sha256> = data.fields.iter().map(|_| Sha256::new()).collect();
    // Pictures are known by the bytes of their files, and have no numbers.
    let numbers = || data.fields.iter().enumerate().filter(|(_, field)| field.pictures.is_none());
    let size = numbers().map(|(_, field)| field.width() * field.data.element().size()).sum();
    for rows in pieces_of(0..data.rows, size) {
        let rows: Vec<usize> = rows.collect();
        for (place, field) in numbers() {
            let hash = &mut hashes[place];
            match field.data.batch(&rows, field.width())? {
                TensorData::F32(numbers) => pieces(hash, &numbers, |number| number.to_le_bytes()),
                TensorData::I64(numbers) => pieces(hash, &numbers, |number| number.to_le_bytes()),
                TensorData::U8(numbers) => hash.update(numbers),
                TensorData::Bool(truths) => pieces(hash, &truths, |truth| [u8::from(truth)]),
            }
        }
    }
    let mut whole = Sha256::new();
    for (field, hash) in data.fields.iter().zip(hashes) {
        whole.update(format!("{:?}\0", (&field.name, &field.shape, &field.classes, field.data.element())));
        whole.update(hash.finalize());
        field.pictures.iter().flat_map(Pictures::identity).for_each(|bytes| whole.update(bytes));
    }
    // Which rows are held out may be told by a column that is no field.
    if let Some(keys) = &data.keys {
        pieces(&mut whole, &keys.values, |key| key.to_le_bytes());
    }
    Ok(hexadecimal(&whole.finalize()))
}

fn pieces<T: Copy, const N: usize>(hash: &mut Sha256, numbers: &[T], bytes: impl Fn(T) -> [u8; N]) {
    for piece in numbers.chunks(1 << 14) {
        hash.update(piece.iter().flat_map(|number| bytes(*number)).collect::<Vec<u8>>());
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
