//! A graph's parameters on the device, and how they come in and go out in PyTorch's layout.

use std::collections::BTreeMap;

use ndsl_compiler::ir::Role;
use ndsl_compiler::{Weight, Weights};

use super::Primitive;
use super::program::{Layout, Program};
use super::transfer::{Device, read_floats};
use crate::engine::{EngineError, SessionState};

/// One parameter.
#[derive(Debug)]
pub(super) struct Stored {
    name: String,
    /// PyTorch's shape.
    shape: Vec<usize>,
    /// How it is stored.
    layout: Layout,
    pub(super) role: Role,
    /// Its numbers; missing only while a step moves them.
    pub(super) tensor: Option<Primitive>,
    /// What the optimizer remembers of it, in the stored layout.
    pub(super) moments: Vec<Vec<f32>>,
    /// The gradient that waits for a step, likewise.
    pub(super) gradient: Option<Vec<f32>>,
    /// Its running mean, likewise.
    pub(super) average: Option<Vec<f32>>,
}

/// The parameters of the program, with the numbers of `weights`.
pub(super) fn upload(program: &Program, weights: &Weights, device: &Device) -> Result<Vec<Stored>, EngineError> {
    if let Some(mismatch) = weights.mismatch(&program.graph) {
        return Err(EngineError::Weights(mismatch));
    }
    let mut stored = Vec::with_capacity(program.graph.parameters.len());
    for (parameter, layout) in program.graph.parameters.iter().zip(&program.layouts) {
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
            layout: *layout,
            role: parameter.role,
            tensor: None,
            moments: Vec::new(),
            gradient: None,
            average: None,
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

/// Puts the numbers of `weights` in their places.
pub(super) fn replace(stored: &mut [Stored], weights: &Weights, device: &Device) -> Result<(), EngineError> {
    for one in stored.iter() {
        let found = weights.get(&one.name).map(|weight| (&weight.shape, weight.data.len()));
        if found != Some((&one.shape, one.shape.iter().product())) {
            return Err(EngineError::Weights(format!("`{}` is not there, or of another shape", one.name)));
        }
    }
    for one in stored {
        let Some(weight) = weights.get(&one.name) else { continue };
        one.tensor = Some(device.floats(one.to_stored(&weight.data), &one.stored_shape()));
    }
    Ok(())
}

/// What is remembered of them, in PyTorch's layout; the counts are left to the session.
pub(super) fn state(stored: &[Stored]) -> SessionState {
    let moments = |one: &Stored| one.moments.iter().map(|moment| one.to_pytorch(moment.clone())).collect();
    let kept = stored.iter().filter(|one| !one.moments.is_empty());
    let average = |one: &Stored| Some((one.name.clone(), one.to_pytorch(one.average.clone()?)));
    SessionState {
        moments: kept.map(|one| (one.name.clone(), moments(one))).collect(),
        averages: stored.iter().filter_map(average).collect(),
        ..SessionState::default()
    }
}

/// Takes over what was remembered.
pub(super) fn set_state(stored: &mut [Stored], state: &SessionState) -> Result<(), EngineError> {
    let moments = state.moments.iter().flat_map(|(name, all)| all.iter().map(move |one| (name, one)));
    for (name, numbers) in moments.chain(&state.averages) {
        let Some(one) = stored.iter().find(|one| one.name == *name) else {
            return Err(EngineError::State(format!("there is no parameter `{name}`")));
        };
        let (expected, found) = (one.shape.iter().product::<usize>(), numbers.len());
        if found != expected {
            return Err(EngineError::State(format!(
                "`{name}` has {expected} numbers, and {found} are remembered of it"
            )));
        }
    }
    for one in stored {
        let moments = state.moments.get(&one.name);
        one.moments = moments.map(|all| all.iter().map(|moment| one.to_stored(moment)).collect()).unwrap_or_default();
        one.average = state.averages.get(&one.name).map(|average| one.to_stored(average));
        one.gradient = None;
    }
    Ok(())
}

impl Stored {
    /// The tensor as it is now.
    pub(super) fn current(&self) -> Result<Primitive, EngineError> {
        self.tensor.clone().ok_or_else(|| EngineError::Internal(format!("`{}` was lost in a failed step", self.name)))
    }

    /// The root mean square of the gradient that waits.
    pub(super) fn gradient_size(&self) -> Option<f64> {
        let gradient = self.gradient.as_ref().filter(|gradient| !gradient.is_empty())?;
        // Sums that do not wait for each other, of so few numbers that f32 holds them.
        let mut sums = [0f64; 16];
        for numbers in gradient.chunks(4096) {
            let mut lanes = [0f32; 16];
            for chunk in numbers.chunks(16) {
                lanes.iter_mut().zip(chunk).for_each(|(lane, g)| *lane += g * g);
            }
            sums.iter_mut().zip(lanes).for_each(|(sum, lane)| *sum += f64::from(lane));
        }
        Some((sums.iter().sum::<f64>() / gradient.len() as f64).sqrt())
    }

    /// The shape it is stored under.
    pub(super) fn stored_shape(&self) -> Vec<usize> {
        self.layout.axes(self.shape.len()).into_iter().map(|axis| self.shape[axis]).collect()
    }

    fn to_stored(&self, data: &[f32]) -> Vec<f32> {
        permuted(data, &self.shape, &self.layout.axes(self.shape.len()))
    }

    fn to_pytorch(&self, data: Vec<f32>) -> Vec<f32> {
        if self.layout == Layout::Given {
            return data;
        }
        let axes = self.layout.axes(self.shape.len());
        let back: Vec<usize> =
            (0..axes.len()).map(|axis| axes.iter().position(|at| *at == axis).unwrap_or(axis)).collect();
        permuted(&data, &self.stored_shape(), &back)
    }
}

/// Numbers of that shape with its axes in another order.
fn permuted(data: &[f32], shape: &[usize], axes: &[usize]) -> Vec<f32> {
    if axes.is_sorted() {
        return data.to_vec();
    }
    let stride = |axis: usize| shape[axis + 1..].iter().product::<usize>();
    let mut places = vec![0];
    for axis in axes {
        let (size, stride) = (shape[*axis], stride(*axis));
        places = places.iter().flat_map(|place| (0..size).map(move |at| place + at * stride)).collect();
    }
    places.into_iter().map(|place| data[place]).collect()
}
