//! What is trained: programs, and batches that are the same everywhere.

use std::collections::BTreeMap;
use std::path::Path;

use ndsl_compiler::ir::{ElementType, Graph, Shape};
use ndsl_compiler::plan::{DataField, DataSignature, TrainPlan};
use ndsl_compiler::{Source, Weights, analyze};
use ndsl_runtime::tensor::{Tensor, TensorData};
use safetensors::tensor::TensorView;

/// A program and the size of its batches.
pub(crate) struct Model {
    /// The name of its training.
    pub(crate) name: &'static str,
    text: &'static str,
    /// One row that goes in; words where `words` says of how many.
    row: &'static [usize],
    words: Option<u64>,
    /// The classes of a label, and of how many places a row has labels.
    classes: u64,
    places: usize,
    /// Steps of a round.
    pub(crate) steps: usize,
}

/// All of them.
pub(crate) const ALL: &[Model] = &[
    Model {
        name: "mlp",
        text: include_str!("programs/mlp.ndsl"),
        row: &[784],
        words: None,
        classes: 10,
        places: 1,
        steps: 100,
    },
    Model {
        name: "cnn",
        text: include_str!("programs/cnn.ndsl"),
        row: &[28, 28, 1],
        words: None,
        classes: 10,
        places: 1,
        steps: 5,
    },
    Model {
        name: "resnet18",
        text: include_str!("programs/resnet18.ndsl"),
        row: &[64, 64, 3],
        words: None,
        classes: 10,
        places: 1,
        steps: 2,
    },
    Model {
        name: "gpt",
        text: include_str!("programs/gpt.ndsl"),
        row: &[128],
        words: Some(65),
        classes: 65,
        places: 128,
        steps: 3,
    },
    Model {
        name: "lstm",
        text: include_str!("programs/lstm.ndsl"),
        row: &[64],
        words: Some(1000),
        classes: 10,
        places: 1,
        steps: 10,
    },
];

/// Different batches, which come again and again.
const BATCHES: usize = 4;

/// The model of that name.
pub(crate) fn named(name: &str) -> Option<&'static Model> {
    ALL.iter().find(|model| model.name == name)
}

/// What training the program means.
pub(crate) fn plan(model: &Model) -> TrainPlan {
    let whole = |name: &str, element, shape| DataField { name: name.to_owned(), element, shape, classes: None };
    let x = if model.words.is_some() { ElementType::I64 } else { ElementType::F32 };
    let labels = if model.places == 1 { Shape::known([]) } else { Shape::known([model.places]) };
    let fields = vec![whole("x", x, Shape::known(model.row.iter().copied())), whole("y", ElementType::I64, labels)];
    let analysis = analyze(&Source::new(format!("{}.ndsl", model.name), model.text));
    analysis.plan_train(model.name, &DataSignature { fields }).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// Numbers that look random and are the same everywhere (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The rows and labels of a step.
pub(crate) fn batch(model: &Model, step: usize) -> [Tensor; 2] {
    let rows = plan_rows(model);
    let mut draw = Draw((step % BATCHES) as u64);
    let shape: Vec<usize> = std::iter::once(rows).chain(model.row.iter().copied()).collect();
    let count: usize = shape.iter().product();
    let x = match model.words {
        Some(words) => TensorData::I64((0..count).map(|_| (draw.next() % words) as i64).collect()),
        None => TensorData::F32((0..count).map(|_| (draw.next() >> 40) as f32 / (1 << 24) as f32).collect()),
    };
    let labels = (0..rows * model.places).map(|_| (draw.next() % model.classes) as i64).collect();
    let places = if model.places == 1 { vec![rows] } else { vec![rows, model.places] };
    [Tensor { shape, data: x }, Tensor { shape: places, data: TensorData::I64(labels) }]
}

fn plan_rows(model: &Model) -> usize {
    let line = model.text.lines().find_map(|line| line.trim().strip_prefix("batch_size: "));
    line.and_then(|size| size.parse().ok()).expect("the program says how many rows a batch has")
}

/// A batch in the order of the graph's inputs.
pub(crate) fn fed(graph: &Graph, [x, y]: &[Tensor; 2]) -> Vec<Tensor> {
    graph.inputs.iter().map(|id| if &*graph.value(*id).name == "x" { x.clone() } else { y.clone() }).collect()
}

/// Writes the first weights and the batches for another framework: `weights.safetensors` and `batches.safetensors`.
pub(crate) fn write(model: &Model, folder: &Path) {
    let plan = plan(model);
    let weights = Weights::initial(&plan.graph, plan.seed);
    let floats = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let mut all = BTreeMap::new();
    for (name, weight) in &weights.0 {
        all.insert(name.clone(), (safetensors::Dtype::F32, weight.shape.clone(), floats(&weight.data)));
    }
    save(&all, &folder.join("weights.safetensors"));
    let mut all = BTreeMap::new();
    for step in 0..BATCHES {
        for (name, tensor) in ["x", "y"].into_iter().zip(batch(model, step)) {
            let (kind, bytes) = match &tensor.data {
                TensorData::F32(data) => (safetensors::Dtype::F32, floats(data)),
                TensorData::I64(data) => {
                    (safetensors::Dtype::I64, data.iter().flat_map(|number| number.to_le_bytes()).collect())
                }
                _ => unreachable!("batches are of floats and whole numbers"),
            };
            all.insert(format!("{name}.{step}"), (kind, tensor.shape, bytes));
        }
    }
    save(&all, &folder.join("batches.safetensors"));
}

fn save(tensors: &BTreeMap<String, (safetensors::Dtype, Vec<usize>, Vec<u8>)>, path: &Path) {
    let view =
        |(kind, shape, bytes): &'_ (safetensors::Dtype, Vec<usize>, Vec<u8>)| (*kind, shape.clone(), bytes.len());
    let views = tensors.iter().map(|(name, tensor)| {
        let (kind, shape, _) = view(tensor);
        (name.as_str(), TensorView::new(kind, shape, &tensor.2).expect("as many bytes as the shape says"))
    });
    let bytes = safetensors::serialize(views, None).expect("tensors of their own names");
    std::fs::write(path, bytes).expect("there is room for the file");
}
