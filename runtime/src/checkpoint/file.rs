//! One checkpoint as a file: safetensors, so that other tools can look into it. The header holds what is not tensors, and a hash
//! of everything.

use std::collections::{BTreeMap, HashMap};

use ndsl_compiler::{Weight, Weights};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Identity, exact};
use crate::engine::SessionState;
use crate::train::{Best, Standing, State};

/// The format of the file: raised when an older reader would misread it.
const FORMAT: u32 = 1;

/// The key of the header's one entry, as in a model's weights.
const HEADER_KEY: &str = "ndsl";

/// The groups of tensors: the weights, their running mean, those that would be kept, and the optimizer's moments, each behind
/// its number.
const WEIGHTS: &str = "weights/";
const MEAN: &str = "mean/";
const BEST: &str = "best/";
const MOMENT: &str = "moment.";

/// What a checkpoint says of its run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// What the run is: what must be the same for another to go on from here.
    pub identity: Identity,
    /// The program's file, from where the run was begun.
    pub program: std::path::PathBuf,
    /// The name of the `train` declaration.
    pub train: String,
    /// Settings that were overridden, as `epochs` and `3`.
    pub set: Vec<(String, String)>,
    /// How many epochs it was to have.
    pub epochs: usize,
    /// After how many steps it was to end at the latest.
    pub max_steps: Option<usize>,
    /// What it ran on: a fact of the run, none of its identity.
    pub environment: BTreeMap<String, String>,
}

/// A checkpoint that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The run.
    pub about: About,
    /// Its state.
    pub state: State,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    /// [`Inner`], as it was hashed.
    inner: String,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Inner {
    about: About,
    standing: Standing,
    /// The epoch of the weights that would be kept.
    best: Option<usize>,
    steps: u64,
    batches: u64,
    runs: u64,
}

/// The file of a state.
pub(super) fn encode(about: &About, state: &State) -> Result<Vec<u8>, String> {
    let State { standing, best, weights, session } = state;
    let inner = Inner {
        about: about.clone(),
        standing: standing.clone(),
        best: best.as_ref().map(|best| best.epoch),
        steps: session.steps,
        batches: session.batches,
        runs: session.runs,
    };
    let inner = exact::write(&inner).map_err(|error| error.to_string())?;
    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> = BTreeMap::new();
    let mut of = |group: &str, weights: &Weights| {
        for (name, weight) in &weights.0 {
            tensors.insert(format!("{group}{name}"), (weight.shape.clone(), bytes(&weight.data)));
        }
    };
    of(WEIGHTS, weights);
    if let Some(best) = best {
        of(BEST, &best.weights);
    }
    for (name, mean) in &session.averages {
        tensors.insert(format!("{MEAN}{name}"), (vec![mean.len()], bytes(mean)));
    }
    for (name, moments) in &session.moments {
        for (number, moment) in moments.iter().enumerate() {
            tensors.insert(format!("{MOMENT}{number}/{name}"), (vec![moment.len()], bytes(moment)));
        }
    }
    let parts = tensors.iter().map(|(name, (shape, data))| (name.as_str(), &shape[..], &data[..]));
    let header = Header { format: FORMAT, sha256: hash(&inner, parts), inner };
    let header = serde_json::to_string(&header).map_err(|error| error.to_string())?;
    let mut views = Vec::with_capacity(tensors.len());
    for (name, (shape, data)) in &tensors {
        let view = TensorView::new(Dtype::F32, shape.clone(), data).map_err(|error| error.to_string())?;
        views.push((name.as_str(), view));
    }
    safetensors::serialize(views, Some(HashMap::from([(HEADER_KEY.to_owned(), header)])))
        .map_err(|error| error.to_string())
}

/// The state of a file, or why it is none.
pub(super) fn decode(data: &[u8]) -> Result<Checkpoint, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let (_, metadata) = SafeTensors::read_metadata(data).map_err(|error| said(&error))?;
    let header = metadata.metadata().as_ref().and_then(|entries| entries.get(HEADER_KEY));
    let header: Header = serde_json::from_str(header.ok_or("it is no checkpoint")?).map_err(|error| said(&error))?;
    if header.format != FORMAT {
        return Err(format!("it is of format {}, this version of ndsl reads format {FORMAT}", header.format));
    }
    let file = SafeTensors::deserialize(data).map_err(|error| said(&error))?;
    let tensors: BTreeMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
    if let Some((name, view)) = tensors.iter().find(|(_, view)| view.dtype() != Dtype::F32) {
        return Err(format!("`{name}` is of {:?}", view.dtype()));
    }
    let parts = tensors.iter().map(|(name, view)| (name.as_str(), view.shape(), view.data()));
    if hash(&header.inner, parts) != header.sha256 {
        return Err("its numbers are not those that were written".to_owned());
    }
    let Inner { about, standing, best, steps, batches, runs } =
        exact::read(&header.inner).map_err(|error| said(&error))?;
    let (mut weights, mut kept) = (Weights::default(), Weights::default());
    let mut session = SessionState { steps, batches, runs, ..SessionState::default() };
    // In the order of their names, so that moments come in the order of their numbers.
    for (name, view) in &tensors {
        let numbers = numbers(view.data());
        let weight = |data| Weight { shape: view.shape().to_vec(), data };
        if let Some(name) = name.strip_prefix(WEIGHTS) {
            weights.0.insert(name.to_owned(), weight(numbers));
        } else if let Some(name) = name.strip_prefix(BEST) {
            kept.0.insert(name.to_owned(), weight(numbers));
        } else if let Some(name) = name.strip_prefix(MEAN) {
            session.averages.insert(name.to_owned(), numbers);
        } else if let Some((_, name)) = name.strip_prefix(MOMENT).and_then(|rest| rest.split_once('/')) {
            session.moments.entry(name.to_owned()).or_default().push(numbers);
        }
    }
    let best = best.map(|epoch| Best { epoch, weights: kept });
    Ok(Checkpoint { about, state: State { standing, best, weights, session } })
}

/// The hash of everything: each part after its length, so that none can take from the next.
fn hash<'a>(inner: &str, tensors: impl Iterator<Item = (&'a str, &'a [usize], &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{}\0{inner}", inner.len()));
    for (name, shape, data) in tensors {
        hash.update(format!("{name}\0{shape:?}\0{}\0", data.len()));
        hash.update(data);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 * numbers.len());
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    bytes
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}
