//! Every case that holds the ONNX exporter to ONNX Runtime, here held to the reference.
#![cfg(feature = "burn")]

#[path = "../../compiler/tests/cases/mod.rs"]
#[allow(dead_code, reason = "the exporter's tests use more of it")]
mod cases;

use std::collections::BTreeMap;

use ndsl_compiler::ir::ElementType;
use ndsl_compiler::reference;
use ndsl_runtime::engine::burn::BurnEngine;
use ndsl_runtime::engine::{Engine, EngineError, EngineOptions};
use ndsl_runtime::{Tensor, TensorData};

fn given(tensor: &reference::Tensor) -> Tensor {
    let data = &tensor.data;
    let data = match tensor.element {
        ElementType::F32 => TensorData::F32(data.iter().map(|number| *number as f32).collect()),
        ElementType::I64 => TensorData::I64(data.iter().map(|number| *number as i64).collect()),
        ElementType::U8 => TensorData::U8(data.iter().map(|number| *number as u8).collect()),
        ElementType::Bool => TensorData::Bool(data.iter().map(|number| *number != 0.0).collect()),
    };
    Tensor { shape: tensor.shape.clone(), data }
}

/// The largest difference between what the engine and the reference answer.
fn difference(case: &cases::Case, batch: usize) -> Result<f64, String> {
    let inputs = case.inputs(batch);
    let expected: BTreeMap<String, reference::Tensor> = case.outputs(&inputs);
    let said = |fault: EngineError| fault.to_string();
    let mut session = BurnEngine.load(&case.graph, &case.weights(), EngineOptions::default()).map_err(said)?;
    let tensors = case.graph.inputs.iter().map(|id| given(&inputs[&case.graph.value(*id).name])).collect();
    let found = session.forward(tensors).map_err(said)?;
    let mut largest = 0f64;
    for (output, found) in case.graph.outputs.iter().zip(found) {
        let expected = &expected[&output.name];
        if (&found.shape, found.data.element()) != (&expected.shape, expected.element) {
            return Err(format!("{:?} for {:?}", found.shape, expected.shape));
        }
        for (index, expected) in expected.data.iter().enumerate() {
            let number = found.data.number(index).unwrap_or(f64::NAN);
            let apart = if number == *expected || expected.is_nan() { 0.0 } else { (number - expected).abs() };
            largest = largest.max(if apart.is_nan() { f64::INFINITY } else { apart / expected.abs().max(1.0) });
        }
    }
    Ok(largest)
}

#[test]
fn every_case_computes_what_the_reference_does() {
    let mut faults = Vec::new();
    for case in cases::all() {
        for batch in [1, 3] {
            match difference(&case, batch) {
                Ok(apart) if apart < 2e-5 => {}
                Ok(apart) => faults.push(format!("{} at {batch}: {apart:.3e} apart", case.name)),
                Err(fault) => faults.push(format!("{} at {batch}: {fault}", case.name)),
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
