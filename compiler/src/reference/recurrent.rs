//! Recurrent layers, step by step.

use super::element_wise::apply;
use super::tensor::Tensor;
use crate::ir::{Answer, Cell, ElementType, Recurrent};

/// The weights of a layer.
struct Weights<'a> {
    input: &'a Tensor,
    hidden: &'a Tensor,
    input_bias: Option<&'a Tensor>,
    hidden_bias: Option<&'a Tensor>,
    units: usize,
}

impl Weights<'_> {
    /// `W x + b` for one unit of a gate.
    fn of_input(&self, gate: usize, unit: usize, x: &[f64]) -> f64 {
        row(self.input, self.input_bias, gate * self.units + unit, x)
    }

    /// `R h + c` for one unit of a gate.
    fn of_state(&self, gate: usize, unit: usize, h: &[f64]) -> f64 {
        row(self.hidden, self.hidden_bias, gate * self.units + unit, h)
    }

    /// Both.
    fn of_both(&self, gate: usize, unit: usize, x: &[f64], h: &[f64]) -> f64 {
        self.of_input(gate, unit, x) + self.of_state(gate, unit, h)
    }
}

fn row(weight: &Tensor, bias: Option<&Tensor>, row: usize, x: &[f64]) -> f64 {
    let product: f64 = x.iter().enumerate().map(|(column, number)| weight.at(&[row, column]) * number).sum();
    product + bias.map_or(0.0, |bias| bias.at(&[row]))
}

pub(super) fn run(recurrent: &Recurrent, read: &[&Tensor]) -> Result<Tensor, String> {
    let wanted = recurrent.inputs();
    if read.len() != wanted || recurrent.biases > 2 {
        return Err(format!("it reads {wanted} values, not {}", read.len()));
    }
    let (x, input, hidden) = (read[0], read[1], read[2]);
    let ([n, steps, width], [_, units]) = (&x.shape[..], &hidden.shape[..]) else {
        return Err(format!("{:?} by {:?}", x.shape, hidden.shape));
    };
    let (n, steps, width, units) = (*n, *steps, *width, *units);
    let rows = recurrent.cell.gates() * units;
    let biases = &read[3..3 + recurrent.biases];
    if input.shape != [rows, width] || hidden.shape != [rows, units] || biases.iter().any(|bias| bias.shape != [rows]) {
        return Err(format!("weights of {:?} and {:?} for {:?}", input.shape, hidden.shape, x.shape));
    }
    let weights =
        Weights { input, hidden, input_bias: biases.first().copied(), hidden_bias: biases.get(1).copied(), units };
    let first = |which: usize| match recurrent.initial_state() {
        Some(place) if which < recurrent.states() => read.get(place + which).copied(),
        _ => None,
    };
    if [first(0), first(1)].into_iter().flatten().any(|state| state.shape != [n, units]) {
        return Err(format!("a first state that is not [{n}, {units}]"));
    }
    let mask = recurrent.mask().and_then(|place| read.get(place));
    if mask.is_some_and(|mask| mask.element != ElementType::Bool || mask.shape != [n, steps]) {
        return Err(format!("a mask that is not bool [{n}, {steps}]"));
    }
    let mut states = Tensor::build(x.element, vec![n, steps, units], |_| 0.0);
    let mut memories = Vec::with_capacity(n * units);
    for line in 0..n {
        let start = |which: usize| -> Vec<f64> {
            (0..units).map(|unit| first(which).map_or(0.0, |state| state.at(&[line, unit]))).collect()
        };
        let (mut h, mut c) = (start(0), start(1));
        for step in 0..steps {
            let step = if recurrent.reverse { steps - 1 - step } else { step };
            let numbers: Vec<f64> = (0..width).map(|i| x.at(&[line, step, i])).collect();
            if mask.is_none_or(|mask| mask.at(&[line, step]) != 0.0) {
                (h, c) = advance(recurrent, &weights, &numbers, &h, &c);
            }
            let offset = (line * steps + step) * units;
            states.data[offset..offset + units].copy_from_slice(&h);
        }
        memories.extend(c);
    }
    match recurrent.answer {
        Answer::States => Ok(states),
        Answer::LastMemory if recurrent.cell == Cell::Lstm => {
            Ok(Tensor { element: x.element, shape: vec![n, units], data: memories })
        }
        Answer::LastMemory => Err("only an LSTM has a memory beside its state".to_owned()),
    }
}

/// The state, and an LSTM's memory, after one step.
fn advance(recurrent: &Recurrent, weights: &Weights<'_>, x: &[f64], h: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let act = |number: f64| apply(recurrent.activation, number);
    let gate = |number: f64| apply(recurrent.recurrent_activation, number);
    let units = 0..weights.units;
    match recurrent.cell {
        Cell::Simple => (units.map(|unit| act(weights.of_both(0, unit, x, h))).collect(), c.to_vec()),
        Cell::Gru { reset_after } => {
            let reset: Vec<f64> = units.clone().map(|unit| gate(weights.of_both(0, unit, x, h))).collect();
            let kept: Vec<f64> = reset.iter().zip(h).map(|(reset, state)| reset * state).collect();
            let next = units.map(|unit| {
                let update = gate(weights.of_both(1, unit, x, h));
                let new = act(weights.of_input(2, unit, x)
                    + match reset_after {
                        true => reset[unit] * weights.of_state(2, unit, h),
                        false => weights.of_state(2, unit, &kept),
                    });
                (1.0 - update) * new + update * h[unit]
            });
            (next.collect(), c.to_vec())
        }
        Cell::Lstm => units
            .map(|unit| {
                let [input, forget, new, output] = [0, 1, 2, 3].map(|row| weights.of_both(row, unit, x, h));
                let memory = gate(forget) * c[unit] + gate(input) * act(new);
                (gate(output) * act(memory), memory)
            })
            .unzip(),
    }
}
