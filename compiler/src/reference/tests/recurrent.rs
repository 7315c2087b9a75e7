use super::*;
use crate::ir::{Answer, Cell, Recurrent, Unary};

/// A layer without activations, so that its numbers can be worked out by hand.
fn plain(cell: Cell) -> Recurrent {
    let identity = Unary::Identity;
    Recurrent {
        cell,
        activation: identity,
        recurrent_activation: identity,
        biases: 0,
        initial: false,
        masked: false,
        reverse: false,
        answer: Answer::States,
    }
}

#[test]
fn a_simple_cell_sums() {
    let x = floats(&[1, 3, 1], &[1.0, 2.0, 3.0]);
    let (input, hidden) = (floats(&[1, 1], &[10.0]), floats(&[1, 1], &[0.5]));
    let layer = plain(Cell::Simple);
    let read = [&x, &input, &hidden];
    close(&run(Op::Recurrent(layer), &read), &[1, 3, 1], &[10.0, 25.0, 42.5]);
    let reverse = Recurrent { reverse: true, ..layer };
    close(&run(Op::Recurrent(reverse), &read), &[1, 3, 1], &[27.5, 35.0, 30.0]);
    let (bias, state) = (floats(&[1], &[1.0]), floats(&[1, 1], &[100.0]));
    let full = Recurrent { biases: 2, initial: true, ..layer };
    let read = [&x, &input, &hidden, &bias, &bias, &state];
    close(&run(Op::Recurrent(full), &read), &[1, 3, 1], &[62.0, 53.0, 58.5]);
    assert_eq!(fails(Op::Recurrent(full), &read[..5]), "it reads 6 values, not 5");
}

#[test]
fn a_gru_blends() {
    let x = floats(&[1, 2, 1], &[1.0, 2.0]);
    // r = x, z = 0.5 * x, n = 3 * x + (state through the reset gate) * 4
    let (input, hidden) = (floats(&[3, 1], &[1.0, 0.5, 3.0]), floats(&[3, 1], &[0.0, 0.0, 4.0]));
    let gru = |reset_after| Op::Recurrent(plain(Cell::Gru { reset_after }));
    let read = [&x, &input, &hidden];
    // h1 = 0.5 * 3 + 0.5 * 0; then r = 2 and z = 1, so h2 = h1.
    close(&run(gru(true), &read), &[1, 2, 1], &[1.5, 1.5]);
    // With a bias on the state's side, the two differ: r * (4 h + 1) against 4 (r * h) + 1, with z = 0.
    let input = floats(&[3, 1], &[1.0, 0.0, 0.0]);
    let (own, its) = (floats(&[3], &[0.0; 3]), floats(&[3], &[0.0, 0.0, 1.0]));
    let read = [&x, &input, &hidden, &own, &its];
    let biased = |reset_after| Recurrent { biases: 2, ..plain(Cell::Gru { reset_after }) };
    close(&run(Op::Recurrent(biased(true)), &read), &[1, 2, 1], &[1.0, 10.0]);
    close(&run(Op::Recurrent(biased(false)), &read), &[1, 2, 1], &[1.0, 9.0]);
}

#[test]
fn an_lstm_remembers() {
    let x = floats(&[1, 2, 1], &[1.0, 2.0]);
    // i = x, f = 0.5, g = 3 * x, o = 2; c1 = 3, c2 = 0.5 * 3 + 2 * 6; h = 2 * c
    let (input, hidden) = (floats(&[4, 1], &[1.0, 0.0, 3.0, 0.0]), floats(&[4, 1], &[0.0; 4]));
    let bias = floats(&[4], &[0.0, 0.5, 0.0, 2.0]);
    let layer = Recurrent { biases: 1, ..plain(Cell::Lstm) };
    let read = [&x, &input, &hidden, &bias];
    close(&run(Op::Recurrent(layer), &read), &[1, 2, 1], &[6.0, 27.0]);
    let memory = Recurrent { answer: Answer::LastMemory, ..layer };
    close(&run(Op::Recurrent(memory), &read), &[1, 1], &[13.5]);
    let (h, c) = (floats(&[1, 1], &[1.0]), floats(&[1, 1], &[4.0]));
    let continued = Recurrent { initial: true, ..layer };
    close(&run(Op::Recurrent(continued), &[&x, &input, &hidden, &bias, &h, &c]), &[1, 2, 1], &[10.0, 29.0]);
    let simple = Recurrent { answer: Answer::LastMemory, ..plain(Cell::Simple) };
    let (one, weight) = (floats(&[1, 1], &[1.0]), floats(&[1, 1], &[1.0]));
    assert!(fails(Op::Recurrent(simple), &[&x, &one, &weight]).contains("only an LSTM"));
}

/// A sequence cut in two, the second part begun with the state of the first, is the sequence.
#[test]
fn a_sequence_goes_on_from_a_state() {
    let tanh =
        |cell| Recurrent { activation: Unary::Tanh, recurrent_activation: Unary::Sigmoid, biases: 2, ..plain(cell) };
    for cell in [Cell::Simple, Cell::Gru { reset_after: true }, Cell::Gru { reset_after: false }, Cell::Lstm] {
        let layer = tanh(cell);
        let rows = cell.gates() * 3;
        let (x, input, hidden) = (drawn(1, &[2, 5, 4]), drawn(2, &[rows, 4]), drawn(3, &[rows, 3]));
        let biases = [drawn(4, &[rows]), drawn(5, &[rows])];
        let cut = |x: &Tensor, start, end| {
            let (start, end) = (crate::ir::Dim::Known(start), crate::ir::Dim::Known(end));
            run(Op::Slice { axis: 1, start, end, step: 1 }, &[x])
        };
        let (before, after) = (cut(&x, 0, 2), cut(&x, 2, 5));
        let weights = [&input, &hidden, &biases[0], &biases[1]];
        let whole = run(Op::Recurrent(layer), &[&[&x], &weights[..]].concat());
        let first = run(Op::Recurrent(layer), &[&[&before], &weights[..]].concat());
        let state = cut(&first, 1, 2);
        let state = floats(&[2, 3], &state.data);
        let memory = Recurrent { answer: Answer::LastMemory, ..layer };
        let mut read = [&[&after], &weights[..], &[&state]].concat();
        let kept;
        if cell == Cell::Lstm {
            kept = run(Op::Recurrent(memory), &[&[&before], &weights[..]].concat());
            read.push(&kept);
        }
        let second = run(Op::Recurrent(Recurrent { initial: true, ..layer }), &read);
        same(&run(Op::Concat { axis: 1 }, &[&first, &second]), &whole);
        // Backwards over the reversed sequence is forwards over the sequence.
        let turn = |x: &Tensor| {
            let (start, end) = (crate::ir::Dim::Known(0), crate::ir::Dim::Known(5));
            run(Op::Slice { axis: 1, start, end, step: -1 }, &[x])
        };
        let backwards = Recurrent { reverse: true, ..layer };
        let turned = turn(&x);
        let y = run(Op::Recurrent(backwards), &[&[&turned], &weights[..]].concat());
        same(&turn(&y), &whole);
    }
}

#[test]
fn a_step_that_does_not_count_leaves_the_state() {
    let x = floats(&[1, 4, 1], &[1.0, 2.0, 3.0, 4.0]);
    let (input, hidden) = (floats(&[1, 1], &[10.0]), floats(&[1, 1], &[0.25]));
    let mask = truths(&[1, 4], &[0.0, 1.0, 0.0, 1.0]);
    let layer = Recurrent { masked: true, ..plain(Cell::Simple) };
    let read = [&x, &input, &hidden, &mask];
    close(&run(Op::Recurrent(layer), &read), &[1, 4, 1], &[0.0, 20.0, 20.0, 45.0]);
    let reverse = Recurrent { reverse: true, ..layer };
    close(&run(Op::Recurrent(reverse), &read), &[1, 4, 1], &[30.0, 30.0, 40.0, 40.0]);
    let state = floats(&[1, 1], &[7.0]);
    let continued = Recurrent { initial: true, ..layer };
    let read = [&x, &input, &hidden, &state, &mask];
    close(&run(Op::Recurrent(continued), &read), &[1, 4, 1], &[7.0, 21.75, 21.75, 45.4375]);
    assert!(fails(Op::Recurrent(layer), &[&x, &input, &hidden, &state]).contains("a mask that is not bool [1, 4]"));

    // i = x, f = 0.5, g = 3 * x, o = 2, as above: the memory waits too.
    let (input, hidden) = (floats(&[4, 1], &[1.0, 0.0, 3.0, 0.0]), floats(&[4, 1], &[0.0; 4]));
    let bias = floats(&[4], &[0.0, 0.5, 0.0, 2.0]);
    let x = floats(&[1, 4, 1], &[1.0, 9.0, 2.0, 9.0]);
    let mask = truths(&[1, 4], &[1.0, 0.0, 1.0, 0.0]);
    let layer = Recurrent { masked: true, biases: 1, ..plain(Cell::Lstm) };
    let read = [&x, &input, &hidden, &bias, &mask];
    close(&run(Op::Recurrent(layer), &read), &[1, 4, 1], &[6.0, 6.0, 27.0, 27.0]);
    let memory = Recurrent { answer: Answer::LastMemory, ..layer };
    close(&run(Op::Recurrent(memory), &read), &[1, 1], &[13.5]);
}
