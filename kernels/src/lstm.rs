//! A long short-term memory over a whole sequence, and its gradient, step by step with everything of a step in one pass.
//!
//! Within, times are first, so that the numbers of a step lie together. Gates are in PyTorch's order: input, forget, new, output.

use super::math::{sigmoid, tanh};
use super::matrix::{Into, Matrix, Threads, affine, multiply, product};
use super::{each_rows_of_two, sum_of_rows, vectored};

/// Sizes of a layer and a batch.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Rows of the batch.
    pub rows: usize,
    /// Steps of the sequence.
    pub steps: usize,
    /// Numbers that go in at a step.
    pub features: usize,
    /// Numbers of the state.
    pub units: usize,
    /// Whether it goes from the last step to the first.
    pub reverse: bool,
}

/// What the layer has learnt, as PyTorch has it.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// `[4 units, features]`
    pub input: &'a [f32],
    /// `[4 units, units]`
    pub hidden: &'a [f32],
    /// The sum of its biases, `[4 units]`.
    pub bias: Option<&'a [f32]>,
}

/// What a run leaves behind for its gradient.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What went in, `[steps, rows, features]`.
    x: Vec<f32>,
    /// The gates after their functions, `[steps, rows, 4 units]`.
    gates: Vec<f32>,
    /// The memory, `[steps + 1, rows, units]`: at the end where the run began, that is at the other end where it goes backwards.
    memory: Vec<f32>,
    /// The states, likewise.
    pub states: Vec<f32>,
}

/// The gradients of what a run read.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[steps, rows, features]`
    pub x: Vec<f32>,
    /// As the weights.
    pub input: Vec<f32>,
    /// As the weights.
    pub hidden: Vec<f32>,
    /// Of every bias.
    pub bias: Vec<f32>,
    /// Of the first state and the first memory, `[rows, units]` each.
    pub first: [Vec<f32>; 2],
}

impl Sizes {
    /// Numbers of a state of the whole batch.
    fn state(self) -> usize {
        self.rows * self.units
    }

    /// Where the states after the steps are, in the order of times.
    pub fn own(self) -> std::ops::Range<usize> {
        let from = if self.reverse { 0 } else { self.state() };
        from..from + self.steps * self.state()
    }

    /// Where the states before the steps are, in the order of times.
    fn before(self) -> std::ops::Range<usize> {
        let from = if self.reverse { self.state() } else { 0 };
        from..from + self.steps * self.state()
    }

    /// The times in the order of the run.
    fn times(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.steps).map(move |step| if self.reverse { self.steps - 1 - step } else { step })
    }
}

/// Runs over `x [rows, steps, features]` from a first state and memory.
pub fn forward(x: &[f32], weights: Weights<'_>, first: [&[f32]; 2], sizes: Sizes) -> Trace {
    let Sizes { rows, steps, features, units, .. } = sizes;
    let state = sizes.state();
    let x = times_first(x, rows, steps, features);
    let input = Matrix::new(weights.input, 4 * units, features).transposed();
    let mut gates = affine(Matrix::new(&x, steps * rows, features), input, weights.bias);
    let hidden = Matrix::new(weights.hidden, 4 * units, units).transposed();
    let (mut memory, mut states) = (vec![0.0; (steps + 1) * state], vec![0.0; (steps + 1) * state]);
    let start = if sizes.reverse { steps * state } else { 0 };
    states[start..start + state].copy_from_slice(first[0]);
    memory[start..start + state].copy_from_slice(first[1]);
    for time in sizes.times() {
        let gates = &mut gates[time * 4 * state..(time + 1) * 4 * state];
        let (old_states, new_states) = neighbours(&mut states, time, state, sizes.reverse);
        let (old_memory, new_memory) = neighbours(&mut memory, time, state, sizes.reverse);
        multiply(gates, 4 * units, Matrix::new(old_states, rows, units), hidden, 1.0, Into::Sum, Threads::All);
        step_forward(gates, old_memory, new_memory, new_states, units);
    }
    Trace { x, gates, memory, states }
}

/// The state before a step and the state after it.
fn neighbours(states: &mut [f32], time: usize, state: usize, reverse: bool) -> (&[f32], &mut [f32]) {
    let (before, after) = states[time * state..(time + 2) * state].split_at_mut(state);
    if reverse { (after, before) } else { (before, after) }
}

/// `gradient [steps, rows, units]` is that of every state.
pub fn backward(gradient: &[f32], trace: Trace, weights: Weights<'_>, sizes: Sizes) -> Gradients {
    let Sizes { rows, steps, features, units, .. } = sizes;
    let state = sizes.state();
    let Trace { x, mut gates, memory, states } = trace;
    let hidden = Matrix::new(weights.hidden, 4 * units, units);
    let (mut of_state, mut of_memory) = (vec![0.0; state], vec![0.0; state]);
    let (own, before) = (&memory[sizes.own()], &memory[sizes.before()]);
    for time in sizes.times().rev() {
        let part = time * state..(time + 1) * state;
        super::add(&mut of_state, &gradient[part.clone()]);
        let gates = &mut gates[4 * part.start..4 * part.end];
        let (after, before) = (&own[part.clone()], &before[part]);
        each_rows_of_two([gates, &mut of_memory], [4 * units, units], 16 * units, |from, gates, of_memory| {
            let from = from * units;
            step_backward(gates, &of_state[from..], of_memory, &after[from..], &before[from..], units);
        });
        multiply(&mut of_state, units, Matrix::new(gates, rows, 4 * units), hidden, 1.0, Into::Fresh, Threads::All);
    }
    let all = Matrix::new(&gates, steps * rows, 4 * units);
    let before = Matrix::new(&states[sizes.before()], steps * rows, units);
    Gradients {
        x: product(all, Matrix::new(weights.input, 4 * units, features), Threads::All),
        input: product(all.transposed(), Matrix::new(&x, steps * rows, features), Threads::All),
        hidden: product(all.transposed(), before, Threads::All),
        bias: sum_of_rows(&gates, 4 * units),
        first: [of_state, of_memory],
    }
}

/// `[rows, steps, width]` with the steps first.
fn times_first(x: &[f32], rows: usize, steps: usize, width: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for step in 0..steps {
        for row in 0..rows {
            let from = (row * steps + step) * width;
            out.extend_from_slice(&x[from..from + width]);
        }
    }
    out
}

vectored! {
    fn step_forward(gates: &mut [f32], before: &[f32], memory: &mut [f32], states: &mut [f32], units: usize) {
        let rows = gates.chunks_exact_mut(4 * units).zip(before.chunks_exact(units));
        let made = memory.chunks_exact_mut(units).zip(states.chunks_exact_mut(units));
        for ((gates, before), (memory, states)) in rows.zip(made) {
            let (input, rest) = gates.split_at_mut(units);
            let (forget, rest) = rest.split_at_mut(units);
            let (new, output) = rest.split_at_mut(units);
            for gate in input.iter_mut() {
                *gate = sigmoid(*gate);
            }
            for gate in forget.iter_mut() {
                *gate = sigmoid(*gate);
            }
            for gate in new.iter_mut() {
                *gate = tanh(*gate);
            }
            for gate in output.iter_mut() {
                *gate = sigmoid(*gate);
            }
            let kept = memory.iter_mut().zip(before).zip(forget.iter()).zip(input.iter()).zip(new.iter());
            for ((((memory, before), forget), input), new) in kept {
                *memory = *forget * *before + *input * *new;
            }
            for ((state, memory), output) in states.iter_mut().zip(memory.iter()).zip(output.iter()) {
                *state = *output * tanh(*memory);
            }
        }
    }

    /// Gates become the gradients of what went into them, and the gradient of the memory that of the memory before.
    fn step_backward(
        gates: &mut [f32],
        of_state: &[f32],
        of_memory: &mut [f32],
        after: &[f32],
        before: &[f32],
        units: usize,
    ) {
        let rows = gates.chunks_exact_mut(4 * units).zip(of_memory.chunks_exact_mut(units));
        let read = of_state.chunks_exact(units).zip(after.chunks_exact(units)).zip(before.chunks_exact(units));
        for ((gates, of_memory), ((of_state, after), before)) in rows.zip(read) {
            let (input, rest) = gates.split_at_mut(units);
            let (forget, rest) = rest.split_at_mut(units);
            let (new, output) = rest.split_at_mut(units);
            let gates = input.iter_mut().zip(forget).zip(new).zip(output);
            let read = of_state.iter().zip(after).zip(before);
            for ((((i, f), n), o), (dc, ((dh, c), before))) in gates.zip(of_memory.iter_mut().zip(read)) {
                let bent = tanh(*c);
                let whole = *dc + *dh * *o * (1.0 - bent * bent);
                let (input, forget, new, output) = (*i, *f, *n, *o);
                *i = whole * new * input * (1.0 - input);
                *f = whole * *before * forget * (1.0 - forget);
                *n = whole * input * (1.0 - new * new);
                *o = *dh * bent * output * (1.0 - output);
                *dc = whole * forget;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differences::numbers;

    #[test]
    fn gradients_are_what_differences_say() {
        for reverse in [false, true] {
            let sizes = Sizes { rows: 2, steps: 3, features: 4, units: 5, reverse };
            let all = [numbers(24, 1), numbers(80, 2), numbers(100, 3), numbers(20, 4), numbers(10, 5), numbers(10, 6)];
            let weight = numbers(30, 7);
            let trace = |all: &[Vec<f32>; 6]| {
                let [x, input, hidden, bias, h, c] = all;
                forward(x, Weights { input, hidden, bias: Some(bias) }, [h, c], sizes)
            };
            let loss = |all: &[Vec<f32>; 6]| -> f64 {
                let states = trace(all).states;
                states[sizes.own()].iter().zip(&weight).map(|(y, w)| f64::from(*y) * f64::from(*w)).sum()
            };
            let weights = Weights { input: &all[1], hidden: &all[2], bias: Some(&all[3]) };
            let Gradients { x, input, hidden, bias, first: [h, c] } = backward(&weight, trace(&all), weights, sizes);
            // Back to rows first.
            let x = times_first(&x, sizes.steps, sizes.rows, sizes.features);
            for (which, found) in [x, input, hidden, bias, h, c].iter().enumerate() {
                for (place, found) in found.iter().enumerate() {
                    let [below, above] = [-1e-2, 1e-2].map(|by| {
                        let mut moved = all.clone();
                        moved[which][place] += by;
                        loss(&moved)
                    });
                    let difference = (above - below) / 2e-2;
                    assert!((f64::from(*found) - difference).abs() < 1e-3, "{which} {place}: {found}, {difference}");
                }
            }
        }
    }
}
