//! Weights as safetensors: PyTorch's names and layout, f32, little-endian.

use std::collections::{BTreeMap, HashMap};

use ndsl_compiler::{Weight, Weights};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// The key of the header's one entry: with more than one, their order, and so the file, would differ from run to run.
const HEADER_KEY: &str = "ndsl";

/// The file's bytes; `about` goes into its header.
pub(super) fn encode(weights: &Weights, about: String) -> Result<Vec<u8>, String> {
    let bytes: Vec<(&String, &Weight, Vec<u8>)> = weights
        .0
        .iter()
        .map(|(name, weight)| (name, weight, weight.data.iter().flat_map(|number| number.to_le_bytes()).collect()))
        .collect();
    let mut views = Vec::with_capacity(bytes.len());
    for (name, weight, data) in &bytes {
        let view = TensorView::new(Dtype::F32, weight.shape.clone(), data).map_err(|error| error.to_string())?;
        views.push((name.as_str(), view));
    }
    let header = HashMap::from([(HEADER_KEY.to_owned(), about)]);
    safetensors::serialize(views, Some(header)).map_err(|error| error.to_string())
}

/// The weights in a file's bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<Weights, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut weights = BTreeMap::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("`{name}` is of {:?}, weights are of f32", view.dtype()));
        }
        let numbers = view.data().chunks_exact(4);
        let data: Vec<f32> =
            numbers.map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
        weights.insert(name, Weight { shape: view.shape().to_vec(), data });
    }
    Ok(Weights(weights))
}

/// The weights in a file from elsewhere, and the names of what are none: whole numbers, such as a count of batches.
pub(super) fn decode_foreign(bytes: &[u8]) -> Result<(Weights, Vec<String>), String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let (mut weights, mut others) = (BTreeMap::new(), Vec::new());
    for (name, view) in file.tensors() {
        let bytes = view.data();
        let data: Vec<f32> = match view.dtype() {
            Dtype::F32 => bytes.chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect(),
            Dtype::F16 => bytes.chunks_exact(2).map(|it| half::f16::from_le_bytes([it[0], it[1]]).to_f32()).collect(),
            Dtype::BF16 => bytes.chunks_exact(2).map(|it| half::bf16::from_le_bytes([it[0], it[1]]).to_f32()).collect(),
            Dtype::F64 => {
                let number =
                    |it: &[u8]| f64::from_le_bytes([it[0], it[1], it[2], it[3], it[4], it[5], it[6], it[7]]) as f32;
                bytes.chunks_exact(8).map(number).collect()
            }
            _ => {
                others.push(name);
                continue;
            }
        };
        if let Some(number) = data.iter().find(|number| !number.is_finite()) {
            return Err(format!("`{name}` holds {number}"));
        }
        weights.insert(name, Weight { shape: view.shape().to_vec(), data });
    }
    Ok((Weights(weights), others))
}
