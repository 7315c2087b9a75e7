//! A graph's parameters on the device, and how they come in and go out in PyTorch's layout.

use std::collections::BTreeMap;

use ndsl_compiler::ir::Role;
use ndsl_compiler::{Weight, Weights};

use super::Primitive;
use super::program::Program;
use super::transfer::{Device, read_floats};
use crate::engine::{EngineError, OptimizerState};

/// One parameter.
#[derive(Debug)]
pub(super) struct Stored {
    name: String,
    /// PyTorch's shape.
    shape: Vec<usize>,
    /// Whether it is stored as `[in, out]` where PyTorch's is `[out, in]`.
    transposed: bool,
    pub(super) role: Role,
    /// Its numbers; missing only while a step moves them.
    pub(super) tensor: Option<Primitive>,
    /// What the optimizer remembers of it, in the stored layout.
    pub(super) moments: Vec<Vec<f32>>,
}

/// The parameters of the program, with the numbers of `weights`.
pub(super) fn upload(program: &Program, weights: &Weights, device: &Device) -> Result<Vec<Stored>, EngineError> {
    if let Some(mismatch) = weights.mismatch(&program.graph) {
        return Err(EngineError::Weights(mismatch));
    }
    let mut stored = Vec::with_capacity(program.graph.parameters.len());
    for (parameter, transposed) in program.graph.parameters.iter().zip(&program.transposed) {
        let Some(weight) = weights.get(&parameter.name) else { continue };
        if Some(weight.data.len()) != weight.shape.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim)) {
            return Err(EngineError::Weights(format!(
                "`{}` has {} numbers for {:?}",
                parameter.name,
                weight.data.len(),
                weight.shape
            )));
        }
        let mut one = Stored {
            name: parameter.name.clone(),
            shape: parameter.shape.clone(),
            transposed: *transposed,
            role: parameter.role,
            tensor: None,
            moments: Vec::new(),
        };
        one.tensor = Some(device.floats(one.to_stored(&weight.data), &one.stored_shape()));
        stored.push(one);
    }
    Ok(stored)
}

/// The parameters' numbers in PyTorch's layout.
pub(super) fn download(stored: &[Stored]) -> Result<Weights, EngineError> {
    let weight = |one: &Stored| {
        let data = read_floats(one.current()?)?;
        Ok((one.name.clone(), Weight { shape: one.shape.clone(), data: one.to_pytorch(data) }))
    };
    stored.iter().map(weight).collect::<Result<BTreeMap<_, _>, EngineError>>().map(Weights)
}

/// What the optimizer remembers of them, in PyTorch's layout.
pub(super) fn state(stored: &[Stored], steps: u64) -> OptimizerState {
    let moments = |one: &Stored| one.moments.iter().map(|moment| one.to_pytorch(moment.clone())).collect();
    let kept = stored.iter().filter(|one| !one.moments.is_empty());
    OptimizerState { steps, moments: kept.map(|one| (one.name.clone(), moments(one))).collect() }
}

/// Takes over what an optimizer remembered.
pub(super) fn set_state(stored: &mut [Stored], state: &OptimizerState) -> Result<(), EngineError> {
    for (name, moments) in &state.moments {
        let Some(one) = stored.iter().find(|one| one.name == *name) else {
            return Err(EngineError::OptimizerState(format!("there is no parameter `{name}`")));
        };
        let expected = one.shape.iter().product::<usize>();
        if let Some(moment) = moments.iter().find(|moment| moment.len() != expected) {
            let found = moment.len();
            return Err(EngineError::OptimizerState(format!(
                "`{name}` has {expected} numbers, its moment has {found}"
            )));
        }
    }
    for one in stored {
        let moments = state.moments.get(&one.name);
        one.moments = moments.map(|all| all.iter().map(|moment| one.to_stored(moment)).collect()).unwrap_or_default();
    }
    Ok(())
}

impl Stored {
    /// The tensor as it is now.
    pub(super) fn current(&self) -> Result<Primitive, EngineError> {
        self.tensor.clone().ok_or_else(|| EngineError::Internal(format!("`{}` was lost in a failed step", self.name)))
    }

    /// The shape it is stored under.
    pub(super) fn stored_shape(&self) -> Vec<usize> {
        match (self.transposed, &self.shape[..]) {
            (true, [rows, columns]) => vec![*columns, *rows],
            _ => self.shape.clone(),
        }
    }

    fn to_stored(&self, data: &[f32]) -> Vec<f32> {
        match (self.transposed, &self.shape[..]) {
            (true, [rows, columns]) => transpose(data, *rows, *columns),
            _ => data.to_vec(),
        }
    }

    fn to_pytorch(&self, data: Vec<f32>) -> Vec<f32> {
        match (self.transposed, &self.shape[..]) {
            (true, [rows, columns]) => transpose(&data, *columns, *rows),
            _ => data,
        }
    }
}

fn transpose(data: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0.0; data.len()];
    for row in 0..rows {
        for column in 0..columns {
            out[column * rows + row] = data[row * columns + column];
        }
    }
    out
}
