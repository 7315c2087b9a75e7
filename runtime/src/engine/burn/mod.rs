//! The engine on Burn. This folder is the only place that names it.
//!
//! A graph is interpreted on Burn's rank-free primitives, so that the rank of a value stays a fact of the graph; Burn
//! records the operations and differentiates them.

mod arithmetic;
mod arrange;
mod attention;
mod composed;
mod convolution;
mod devices;
mod fused;
mod height;
mod interpreter;
mod normalization;
mod parameters;
mod program;
mod record;
mod recurrent;
mod reduce;
mod session;
mod transfer;
mod value;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Graph, Sizes};

use super::{Device, DeviceChoice, Engine, EngineError, EngineOptions, Session};

/// The backend that chooses its device at run time.
type Backend = ::burn::backend::Dispatch;
/// A tensor of that backend.
type Primitive = ::burn::backend::DispatchTensor;

/// Burn, on the device of the options, with kernels of our own on the processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct BurnEngine;

/// Burn with its own operations alone, on every device: what a GPU computes, to be held to what the processor does.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainBurn;

impl Engine for BurnEngine {
    fn name(&self) -> &'static str {
        "burn"
    }

    fn device(&self, choice: DeviceChoice) -> Result<Device, EngineError> {
        guarded(|| devices::chosen(choice))
    }

    fn device_name(&self, device: Device) -> Option<String> {
        guarded(|| Ok(devices::name(device))).ok().flatten()
    }

    fn load(&self, graph: &Graph, weights: &Weights, options: EngineOptions) -> Result<Box<dyn Session>, EngineError> {
        load(graph, weights, options, true)
    }

    fn height(&self, graph: &Graph, sizes: &Sizes, training: bool) -> Result<u64, EngineError> {
        height::height(graph, sizes, training)
    }
}

impl Engine for PlainBurn {
    fn name(&self) -> &'static str {
        "burn"
    }

    fn device(&self, choice: DeviceChoice) -> Result<Device, EngineError> {
        BurnEngine.device(choice)
    }

    fn device_name(&self, device: Device) -> Option<String> {
        BurnEngine.device_name(device)
    }

    fn load(&self, graph: &Graph, weights: &Weights, options: EngineOptions) -> Result<Box<dyn Session>, EngineError> {
        load(graph, weights, options, false)
    }

    fn height(&self, graph: &Graph, sizes: &Sizes, training: bool) -> Result<u64, EngineError> {
        height::height(graph, sizes, training)
    }
}

/// `fuses` says whether our own kernels are wanted, where they can be had.
fn load(
    graph: &Graph,
    weights: &Weights,
    options: EngineOptions,
    fuses: bool,
) -> Result<Box<dyn Session>, EngineError> {
    let session = guarded(|| {
        let device = transfer::Device::new(devices::opened(options.device)?, fuses);
        session::BurnSession::new(graph, weights, device, options.seed)
    })?;
    Ok(Box::new(session))
}

/// Runs `work`, a panic below it becoming an error: Burn panics where it is handed what does not fit.
fn guarded<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(EngineError::Internal(reason(&*panic))))
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "an unknown fault".to_owned())
}
