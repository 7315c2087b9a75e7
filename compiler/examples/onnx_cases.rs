//! Writes an ONNX file for every case in `tests/cases`, each with inputs and the outputs it must give beside it:
//! `cargo run -p ndsl-compiler --example onnx_cases -- FOLDER`, then `.ci/onnx_check.py FOLDER`.

#[path = "../tests/cases/mod.rs"]
mod cases;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use ndsl_compiler::backend::onnx::{OnnxOptions, export};
use ndsl_compiler::reference::Tensor;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: onnx_cases FOLDER")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for case in cases::all() {
        let weights = case.weights();
        let runs: Vec<Value> = [1, 3]
            .into_iter()
            .map(|batch| {
                let inputs = case.inputs(batch);
                let outputs = case.outputs(&inputs);
                json!({ "inputs": tensors(&inputs), "outputs": tensors(&outputs) })
            })
            .collect();
        for opset in [20, 23] {
            let options = OnnxOptions { opset, metadata: BTreeMap::from([("case".to_owned(), case.name.clone())]) };
            let name = format!("{}.opset{opset}", case.name);
            fs::write(folder.join(format!("{name}.onnx")), export(&case.graph, &weights, &options)?)?;
            fs::write(folder.join(format!("{name}.json")), json!({ "runs": runs }).to_string())?;
        }
    }
    Ok(())
}

fn tensors(tensors: &BTreeMap<String, Tensor>) -> Value {
    let tensor = |tensor: &Tensor| json!({ "type": tensor.element, "shape": tensor.shape, "data": tensor.data });
    tensors.iter().map(|(name, value)| (name.clone(), tensor(value))).collect()
}
