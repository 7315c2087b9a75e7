//! Recurrent layers, step by step; what a step takes of its input is computed for all steps at once.

use ndsl_compiler::ir::{Cell, Recurrent, Unary};

use ::burn::backend::ops::{BoolTensorOps, FloatTensorOps, ModuleOps};
use ::burn::backend::{Slice, TensorMetadata};

use super::arithmetic::apply;
use super::transfer::{Device, dims};
use super::{Backend, Primitive, fused};
use crate::engine::EngineError;

/// From floats and truth values in the order the operation reads them: the states `[N, T, u]`, and the memory `[N, u]` after the last step, which only an LSTM has.
pub(super) fn run(
    recurrent: &Recurrent,
    read: Vec<Primitive>,
    mask: Option<Primitive>,
    device: &Device,
) -> Result<(Primitive, Primitive), EngineError> {
    let wanted = 3 + recurrent.biases;
    if read.len() < wanted {
        return Err(EngineError::Internal(format!("a recurrent layer reads {} values only", read.len())));
    }
    let mut read = read.into_iter();
    let mut next = || read.next().ok_or_else(|| EngineError::Internal("a recurrent layer lacks a value".to_owned()));
    let (x, input, hidden) = (next()?, next()?, next()?);
    let input_bias = if recurrent.biases > 0 { Some(next()?) } else { None };
    let hidden_bias = if recurrent.biases > 1 { Some(next()?) } else { None };
    let [n, steps, _] = x.shape().dims();
    let [rows, units] = hidden.shape().dims();
    let mut state = || -> Result<Primitive, EngineError> {
        if recurrent.initial { next() } else { Ok(device.full(&[n, units], 0.0)) }
    };
    let (mut h, mut c) =
        (state()?, if recurrent.cell == Cell::Lstm { state()? } else { device.full(&[n, units], 0.0) });
    let hidden = Backend::float_swap_dims(hidden, 0, 1);
    let taken = Backend::linear(x, Backend::float_swap_dims(input, 0, 1), input_bias);
    let mut states: Vec<Primitive> = Vec::with_capacity(steps);
    for step in 0..steps {
        let step = if recurrent.reverse { steps - 1 - step } else { step };
        let slices = [Slice::from(0..n), Slice::from(step..step + 1), Slice::from(0..rows)];
        let taken = Backend::float_reshape(Backend::float_slice(taken.clone(), &slices), dims(&[n, rows]));
        let weights = Weights { hidden: hidden.clone(), bias: hidden_bias.clone(), n, units };
        let (next, memory) = advance(recurrent, &weights, taken, h.clone(), c.clone(), device);
        (h, c) = match &mask {
            Some(mask) => {
                let counts = Backend::bool_slice(mask.clone(), &[Slice::from(0..n), Slice::from(step..step + 1)]);
                let counts = Backend::bool_expand(counts, dims(&[n, units]));
                let memory = match recurrent.cell {
                    Cell::Lstm => Backend::float_mask_where(c, counts.clone(), memory),
                    _ => memory,
                };
                (Backend::float_mask_where(h, counts, next), memory)
            }
            None => (next, memory),
        };
        states.push(Backend::float_reshape(h.clone(), dims(&[n, 1, units])));
    }
    if recurrent.reverse {
        states.reverse();
    }
    Ok((Backend::float_cat(states, 1), c))
}

/// Whether it is an LSTM as everyone has it.
pub(super) fn is_usual_lstm(recurrent: &Recurrent) -> bool {
    recurrent.cell == Cell::Lstm
        && recurrent.activation == Unary::Tanh
        && recurrent.recurrent_activation == Unary::Sigmoid
}

/// The states of such a layer that reads every step.
pub(super) fn lstm(recurrent: &Recurrent, read: Vec<Primitive>, device: &Device) -> Result<Primitive, EngineError> {
    let mut read = read.into_iter();
    let mut next = || read.next().ok_or_else(|| EngineError::Internal("a recurrent layer lacks a value".to_owned()));
    let (x, input, hidden) = (next()?, next()?, next()?);
    let mut biases = [None, None];
    for bias in biases.iter_mut().take(recurrent.biases) {
        *bias = Some(next()?);
    }
    let state = [x.shape()[0], hidden.shape()[1]];
    let mut first = || if recurrent.initial { next() } else { Ok(device.full(&state, 0.0)) };
    let first = [first()?, first()?];
    Ok(fused::lstm(x, fused::Lstm { input, hidden, biases, first }, recurrent.reverse))
}

struct Weights {
    /// `[u, rows]`
    hidden: Primitive,
    bias: Option<Primitive>,
    n: usize,
    units: usize,
}

impl Weights {
    /// What the state gives to every gate.
    fn of_state(&self, h: Primitive) -> Primitive {
        Backend::linear(h, self.hidden.clone(), self.bias.clone())
    }

    /// What the state gives to one gate.
    fn of_state_to(&self, gate: usize, h: Primitive) -> Primitive {
        let columns = gate * self.units..(gate + 1) * self.units;
        let hidden = [Slice::from(0..self.units), Slice::from(columns.clone())];
        let bias = self.bias.clone().map(|bias| Backend::float_slice(bias, &[Slice::from(columns)]));
        Backend::linear(h, Backend::float_slice(self.hidden.clone(), &hidden), bias)
    }

    /// The numbers of one gate.
    fn gate(&self, all: &Primitive, gate: usize) -> Primitive {
        let columns = Slice::from(gate * self.units..(gate + 1) * self.units);
        Backend::float_slice(all.clone(), &[Slice::from(0..self.n), columns])
    }
}

fn advance(
    recurrent: &Recurrent,
    weights: &Weights,
    taken: Primitive,
    h: Primitive,
    c: Primitive,
    device: &Device,
) -> (Primitive, Primitive) {
    let act = |x| apply(recurrent.activation, x, device);
    let gate = |x| apply(recurrent.recurrent_activation, x, device);
    match recurrent.cell {
        Cell::Simple => (act(Backend::float_add(taken, weights.of_state(h))), c),
        Cell::Gru { reset_after } => {
            let given = |gate| weights.gate(&taken, gate);
            let (reset, update, new) = if reset_after {
                let held = weights.of_state(h.clone());
                let reset = gate(Backend::float_add(given(0), weights.gate(&held, 0)));
                let update = gate(Backend::float_add(given(1), weights.gate(&held, 1)));
                let kept = Backend::float_mul(reset.clone(), weights.gate(&held, 2));
                (reset, update, act(Backend::float_add(given(2), kept)))
            } else {
                let reset = gate(Backend::float_add(given(0), weights.of_state_to(0, h.clone())));
                let update = gate(Backend::float_add(given(1), weights.of_state_to(1, h.clone())));
                let kept = weights.of_state_to(2, Backend::float_mul(reset.clone(), h.clone()));
                (reset, update, act(Backend::float_add(given(2), kept)))
            };
            drop(reset);
            // (1 - z) * n + z * h
            let towards = Backend::float_mul(update, Backend::float_sub(h, new.clone()));
            (Backend::float_add(new, towards), c)
        }
        Cell::Lstm => {
            let all = Backend::float_add(taken, weights.of_state(h));
            let [input, forget, output] = [0, 1, 3].map(|index| gate(weights.gate(&all, index)));
            let new = act(weights.gate(&all, 2));
            let memory = Backend::float_add(Backend::float_mul(forget, c), Backend::float_mul(input, new));
            (Backend::float_mul(output, act(memory.clone())), memory)
        }
    }
}
