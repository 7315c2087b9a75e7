//! Where an operation computes.

use ndsl_compiler::Sources;
use ndsl_compiler::check::TrainInstance;
use ndsl_compiler::diagnostics::{Code, Diagnostic};

use super::Error;
use crate::engine::{Device, DeviceChoice, EngineError, engine};

/// The device of a training: the one that is asked for, or else the one that its program names.
///
/// # Errors
/// Where there is no such device: on the program's line where that names it, and otherwise by itself.
pub(super) fn of_training(
    asked: Option<DeviceChoice>,
    instance: &TrainInstance,
    sources: &Sources,
) -> Result<Device, Error> {
    let engine = engine()?;
    let program = instance.device;
    let found = engine.device(asked.unwrap_or(program.value));
    found.map_err(|fault| match (asked, program.at) {
        (None, Some(at)) => {
            let diagnostic = Diagnostic::new(Code::Device, at, fault.to_string())
                .label("not here")
                .help("`--device cpu` computes on the processor, without a change of the program");
            Error::Program { sources: sources.clone(), diagnostics: vec![diagnostic] }
        }
        _ => fault.into(),
    })
}

/// The device that a request asks for, with the engine that computes on it.
///
/// # Errors
/// Where there is no such device.
pub(super) fn of_request(choice: DeviceChoice) -> Result<(Box<dyn crate::engine::Engine>, Device), EngineError> {
    let engine = engine()?;
    let device = engine.device(choice)?;
    Ok((engine, device))
}
