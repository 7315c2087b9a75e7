//! What computes elsewhere than on the processor: whether it is there, and that it learns the same.
#![cfg(feature = "burn")]

mod support;

use ndsl_runtime::engine::burn::BurnEngine;
use ndsl_runtime::engine::{Device, DeviceChoice, Engine};

#[test]
fn the_processor_is_always_there() {
    assert_eq!(BurnEngine.device(DeviceChoice::One(Device::Cpu)).unwrap(), Device::Cpu);
    assert_eq!(BurnEngine.device_name(Device::Cpu), None);
}

#[test]
#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
fn a_build_without_gpus_says_what_it_has_and_how_to_get_one_that_has_more() {
    assert_eq!(BurnEngine.device(DeviceChoice::Auto).unwrap(), Device::Cpu);
    for device in [Device::Cuda(1), Device::Wgpu(0), Device::Vulkan(0)] {
        let fault = BurnEngine.device(DeviceChoice::One(device)).unwrap_err().to_string();
        let kind = device.kind();
        let expected = format!(
            "this build computes on `cpu`: built with `--features {kind}`, `ndsl` reaches `{device}` (docs/devices.md)"
        );
        assert_eq!(fault, expected);
    }
}

/// On a GPU, or on a driver that computes in its place; where there is neither, a line on stderr says so.
#[cfg(feature = "wgpu")]
mod on_wgpu {
    use ndsl_compiler::Weights;
    use ndsl_compiler::ir::{Builder, ElementType, Graph, Op, Unary};
    use ndsl_compiler::plan::Optimizer;
    use ndsl_runtime::Tensor;
    use ndsl_runtime::engine::{EngineError, EngineOptions, Session};

    use super::support::*;
    use super::*;

    /// The first device, if there is one.
    fn device() -> Option<Device> {
        match BurnEngine.device(DeviceChoice::One(Device::Wgpu(0))) {
            Ok(device) => Some(device),
            Err(fault) => {
                eprintln!("SKIPPED: {fault}");
                None
            }
        }
    }

    fn on(device: Device, graph: &Graph) -> Box<dyn Session> {
        let options = EngineOptions { device, seed: 5 };
        BurnEngine.load(graph, &Weights::initial(graph, 5), options).unwrap()
    }

    /// An image through a convolution, a pool, normalisation, dropout and two layers, to four classes.
    fn classifier() -> Graph {
        let mut builder = Builder::new("small");
        let x = builder.input("image", ElementType::F32, rows_of(&[8, 8, 1]), span());
        let x = conv(&mut builder, x, "conv", 1, 4);
        let x = builder.unary(Unary::Relu, x, span());
        let pool = Op::MaxPool { size: vec![2, 2], strides: vec![2, 2], padding: vec![(0, 0); 2] };
        let x = builder.node(pool, vec![x], span());
        let x = builder.node(Op::Reshape(rows_of(&[36])), vec![x], span());
        let x = dense(&mut builder, x, "hidden", 36, 16);
        let x = builder.unary(Unary::Gelu { approximate: false }, x, span());
        let x = builder.node(Op::Dropout { rate: 0.2, shared: Vec::new() }, vec![x], span());
        let logits = dense(&mut builder, x, "logits", 16, 4);
        classify(&mut builder, logits);
        builder.finish()
    }

    fn batch(rows: usize) -> Vec<Tensor> {
        let labels = (0..rows as i64).map(|row| row % 4).collect();
        vec![Tensor::f32([rows, 8, 8, 1], numbers(rows * 64, 3)), Tensor::i64([rows], labels)]
    }

    #[test]
    fn a_model_learns_what_it_learns_on_the_processor_and_answers_the_same() {
        let Some(device) = device() else { return };
        eprintln!("on {device}: {}", BurnEngine.device_name(device).unwrap_or_default());
        let graph = classifier();
        let [mut here, mut there] = [on(Device::Cpu, &graph), on(device, &graph)];
        let optimizer = Optimizer { clip_norm: Some(1.0), ..Optimizer::adam(0.01) };
        for step in 0..8 {
            let [a, b] = [&mut here, &mut there].map(|session| session.train_step(batch(12), &optimizer).unwrap());
            assert!((a.loss - b.loss).abs() < 1e-3 * a.loss.max(1.0), "step {step}: {} and {}", a.loss, b.loss);
        }
        for (name, weight) in &here.weights().unwrap().0 {
            assert_close_in(name, &there.weights().unwrap().get(name).unwrap().data, &weight.data, 2e-3);
        }
        let [a, b] = [&mut here, &mut there].map(|session| session.forward(batch(5)).unwrap().remove(0));
        assert_close(b.as_f32().unwrap(), a.as_f32().unwrap(), 2e-3);
        // What was learnt there goes on here.
        let (weights, state) = (there.weights().unwrap(), there.state());
        here.set_weights(&weights).unwrap();
        here.set_state(&state).unwrap();
        let [a, b] = [&mut here, &mut there].map(|session| session.train_step(batch(12), &optimizer).unwrap());
        assert!((a.loss - b.loss).abs() < 1e-3 * a.loss.max(1.0), "{} and {}", a.loss, b.loss);
    }

    #[test]
    fn a_device_beyond_the_last_is_answered_with_those_that_there_are() {
        let Some(first) = device() else { return };
        let fault = BurnEngine.device(DeviceChoice::One(Device::Wgpu(999))).unwrap_err();
        assert!(matches!(&fault, EngineError::NoDevice { there, .. } if there.contains(&first)));
        let said = fault.to_string();
        assert!(said.starts_with("there is no `wgpu:999` on this machine, which has `wgpu:0`"), "{said}");
    }

    #[test]
    fn the_best_there_is_is_never_a_driver_that_computes_on_the_processor() {
        let chosen = BurnEngine.device(DeviceChoice::Auto).unwrap();
        let name = BurnEngine.device_name(chosen).unwrap_or_default().to_lowercase();
        assert!(!["llvmpipe", "lavapipe", "swiftshader", "warp"].iter().any(|driver| name.contains(driver)), "{name}");
    }

    /// Whole numbers beyond what a device stores are refused; others come back as they went.
    #[test]
    fn whole_numbers_are_themselves_or_refused() {
        let Some(device) = device() else { return };
        let mut builder = Builder::new("whole");
        let x = builder.input("x", ElementType::I64, rows_of(&[2]), span());
        let y = builder.unary(Unary::Abs, x, span());
        builder.output("y", y);
        let mut session = on(device, &builder.finish());
        for number in [0, 7, i64::from(i32::MAX), i64::from(i32::MAX) + 1, 1 << 40] {
            match session.forward(vec![Tensor::i64([1, 2], vec![number, -number])]) {
                Ok(outputs) => assert_eq!(outputs[0], Tensor::i64([1, 2], vec![number, number])),
                Err(fault) => {
                    assert!(number > i64::from(i32::MAX), "{fault}");
                    assert!(fault.to_string().starts_with(&format!("{number} is no whole number of 32 bits")));
                }
            }
        }
    }
}
