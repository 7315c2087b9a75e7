//! Every case that holds the ONNX exporter to ONNX Runtime, here held to the reference.
#![cfg(feature = "burn")]

#[path = "../../compiler/tests/cases/mod.rs"]
#[allow(dead_code, reason = "the exporter's tests use more of it")]
mod cases;

use std::collections::BTreeMap;

use ndsl_compiler::plan::Optimizer;
use ndsl_compiler::reference;
use ndsl_runtime::engine::burn::{BurnEngine, PlainBurn};
use ndsl_runtime::engine::reference::{ReferenceEngine, answered};
use ndsl_runtime::engine::{Device, Engine, EngineError, EngineOptions};

/// The largest difference between what the engine and the reference answer.
fn difference(engine: &dyn Engine, case: &cases::Case, batch: usize, device: Device) -> Result<f64, String> {
    let inputs = case.inputs(batch);
    let expected: BTreeMap<String, reference::Tensor> = case.outputs(&inputs);
    let said = |fault: EngineError| fault.to_string();
    let options = EngineOptions { device, ..EngineOptions::default() };
    let mut session = engine.load(&case.graph, &case.weights(), options).map_err(said)?;
    let tensors = case.graph.inputs.iter().map(|id| answered(&inputs[&*case.graph.value(*id).name])).collect();
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
        for (engine, which) in [(&BurnEngine as &dyn Engine, "our kernels"), (&PlainBurn, "Burn's own operations")] {
            for batch in [1, 3] {
                match difference(engine, &case, batch, Device::Cpu) {
                    Ok(apart) if apart < 2e-5 => {}
                    Ok(apart) => faults.push(format!("{} at {batch}: {apart:.3e} apart, {which}", case.name)),
                    Err(fault) => faults.push(format!("{} at {batch}: {fault}, {which}", case.name)),
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The reference as an engine answers what it answers by itself, and says that it cannot train.
#[test]
fn the_reference_is_an_engine() {
    for name in ["attention_masked", "u_net", "one_hot_bytes", "binary_less", "recurrent_lstm_both"] {
        let case = cases::all().into_iter().find(|case| case.name == name).expect("a case");
        assert_eq!(difference(&ReferenceEngine, &case, 3, Device::Cpu).map(|apart| apart < 1e-6), Ok(true), "{name}");
        let mut session =
            ReferenceEngine.load(&case.graph, &case.weights(), EngineOptions::default()).expect("it loads");
        let plain = Optimizer::sgd(1.0);
        let fault = session.train_step(Vec::new(), &plain).expect_err("it does not train");
        assert_eq!(fault.to_string(), "the engine `reference` does not train");
    }
}

/// Of each case a batch, on the first device of WebGPU; a line on stderr says where there is none. `NDSL_CASE` names one case alone.
#[test]
#[cfg(feature = "wgpu")]
fn every_case_on_wgpu() {
    let device = match BurnEngine.device("wgpu".parse().unwrap()) {
        Ok(device) => device,
        Err(fault) => return eprintln!("SKIPPED: {fault}"),
    };
    let only = std::env::var("NDSL_CASE").ok();
    let mut faults = Vec::new();
    for case in cases::all().into_iter().filter(|case| only.as_ref().is_none_or(|only| case.name.contains(only))) {
        // Sums are made in another order, and a driver may round functions more.
        match difference(&BurnEngine, &case, 3, device) {
            Ok(apart) if apart < 2e-4 => {}
            Ok(apart) => faults.push(format!("{}: {apart:.3e} apart", case.name)),
            Err(fault) => faults.push(format!("{}: {fault}", case.name)),
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
