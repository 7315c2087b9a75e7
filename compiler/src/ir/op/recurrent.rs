//! Recurrent layers over a whole sequence.

use super::Unary;

/// A recurrent layer over a whole sequence.
///
/// Inputs, in this order: `x [N, T, in]`, `weight_ih [g * u, in]`, `weight_hh [g * u, u]`; then `bias_ih [g * u]` if
/// `biases >= 1` and `bias_hh [g * u]` if `biases == 2`; then, if `initial`, the first state `h [N, u]` and of an LSTM `c
/// [N, u]`, which are zero otherwise; then, if `masked`, `mask bool [N, T]`. `u` is the number of units and `g` that of the cell's gates, whose rows stand in
/// PyTorch's order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recurrent {
    /// What computes a step.
    pub cell: Cell,
    /// Of the new state: tanh, unless chosen otherwise.
    pub activation: Unary,
    /// Of the gates: sigmoid, unless chosen otherwise. A simple cell has none.
    pub recurrent_activation: Unary,
    /// How many biases there are: none, one added to `weight_ih @ x`, or also one added to `weight_hh @ h`.
    pub biases: usize,
    /// Whether the first state is given.
    pub initial: bool,
    /// Whether it is told which steps count. One that does not leaves the state, and an LSTM's memory, as it was.
    pub masked: bool,
    /// Whether it goes from the last step to the first. Answers stay with their steps: what is answered for step 0 is then
    /// the last state.
    pub reverse: bool,
    /// What is handed back.
    pub answer: Answer,
}

/// What computes one step of a recurrent layer from `x [in]` and the state. `act` is the activation, `gate` the recurrent
/// one; `W`, `R`, `b`, `c` are the rows of `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh` for each gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `h' = act(W x + b + R h + c)`; one gate.
    Simple,
    /// Rows `r, z, n`: `r = gate(…)`, `z = gate(…)`, `h' = (1 - z) * n + z * h`.
    Gru {
        /// Whether the reset gate comes after the product, `n = act(W x + b + r * (R h + c))`, as PyTorch and Keras have
        /// it by default, or before: `n = act(W x + b + R (r * h) + c)`.
        reset_after: bool,
    },
    /// Rows `i, f, g, o`: `c' = gate(f) * c + gate(i) * act(g)`, `h' = gate(o) * act(c')`.
    Lstm,
}

/// What a recurrent layer hands back. The last state is the step of [`Answer::States`] it ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The state `h` after each step: `[N, T, u]`.
    States,
    /// The memory `c` of an LSTM after its last step: `[N, u]`.
    LastMemory,
}

impl Cell {
    /// How many gates it has.
    pub fn gates(self) -> usize {
        match self {
            Self::Simple => 1,
            Self::Gru { .. } => 3,
            Self::Lstm => 4,
        }
    }

    /// The name in messages and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple_rnn",
            Self::Gru { .. } => "gru",
            Self::Lstm => "lstm",
        }
    }
}

impl Recurrent {
    /// Where the first state `h` is among the inputs, if it is given.
    pub fn initial_state(&self) -> Option<usize> {
        self.initial.then_some(3 + self.biases)
    }

    /// Where the mask is among the inputs, if there is one.
    pub fn mask(&self) -> Option<usize> {
        self.masked.then_some(3 + self.biases + self.states())
    }

    /// How many inputs there are.
    pub fn inputs(&self) -> usize {
        3 + self.biases + self.states() + usize::from(self.masked)
    }

    /// How many of the inputs are the first state.
    pub fn states(&self) -> usize {
        match (self.initial, self.cell) {
            (false, _) => 0,
            (true, Cell::Lstm) => 2,
            (true, _) => 1,
        }
    }
}
