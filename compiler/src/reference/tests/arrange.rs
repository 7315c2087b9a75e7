use super::*;
use crate::ir::{Dim, Shape};

#[test]
fn a_reshape_keeps_the_order() {
    let x = counted(&[2, 3]);
    let by = |dims: Vec<Dim>| Op::Reshape(Shape(dims));
    same(&run(by(vec![Dim::symbol("T"), Dim::Known(2)]), &[&x]), &counted(&[3, 2]));
    assert_eq!(fails(by(vec![Dim::Known(5)]), &[&x]), "[2, 3] cannot be reshaped to [5]");
    assert_eq!(fails(by(vec![Dim::symbol("S")]), &[&x]), "`S` is no size here");
}

#[test]
fn a_transpose_moves_axes() {
    let by = |permutation: &[usize]| Op::Transpose { permutation: permutation.to_vec() };
    close(&run(by(&[1, 0]), &[&counted(&[2, 3])]), &[3, 2], &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    let x = drawn(1, &[2, 3, 4]);
    let turned = run(by(&[2, 0, 1]), &[&x]);
    assert_eq!(turned.shape, [4, 2, 3]);
    assert_eq!(turned.at(&[3, 1, 2]), x.at(&[1, 2, 3]));
    // A permutation and its inverse.
    same(&run(by(&[1, 2, 0]), &[&turned]), &x);
    assert_eq!(fails(by(&[0, 0, 1]), &[&x]), "[0, 0, 1] does not name every axis of [2, 3, 4] once");
}

#[test]
fn an_expansion_repeats() {
    let to = |dims: &[usize]| Op::Expand(Shape::known(dims.iter().copied()));
    let x = floats(&[2, 1], &[1.0, 2.0]);
    close(&run(to(&[2, 2, 3]), &[&x]), &[2, 2, 3], &[1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    assert_eq!(fails(to(&[3, 3]), &[&x]), "[2, 1] does not broadcast to [3, 3]");
}

fn slice(axis: usize, start: usize, end: usize, step: isize) -> Op {
    Op::Slice { axis, start: Dim::Known(start), end: Dim::Known(end), step }
}

#[test]
fn a_slice_leaves_its_end_out() {
    let x = counted(&[6]);
    close(&run(slice(0, 1, 4, 1), &[&x]), &[3], &[1.0, 2.0, 3.0]);
    close(&run(slice(0, 1, 6, 2), &[&x]), &[3], &[1.0, 3.0, 5.0]);
    close(&run(slice(0, 0, 6, -1), &[&x]), &[6], &[5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
    close(&run(slice(0, 1, 6, -2), &[&x]), &[3], &[5.0, 3.0, 1.0]);
    close(&run(slice(0, 2, 2, 1), &[&x]), &[0], &[]);
    close(&run(slice(1, 1, 2, 1), &[&counted(&[2, 3])]), &[2, 1], &[1.0, 4.0]);
    let last = Op::Slice { axis: 0, start: Dim::symbol("T").minus(&Dim::Known(1)), end: Dim::symbol("T"), step: 1 };
    close(&run(last, &[&counted(&[3])]), &[1], &[2.0]);
    assert_eq!(fails(slice(0, 4, 7, 1), &[&x]), "4..7 by 1 is not in an axis of 6");
    // Reversed twice is the value itself.
    let y = drawn(2, &[2, 5]);
    same(&run(slice(1, 0, 5, -1), &[&run(slice(1, 0, 5, -1), &[&y])]), &y);
}

#[test]
fn what_is_cut_apart_joins_again() {
    let x = drawn(3, &[2, 5, 3]);
    let parts = [run(slice(1, 0, 2, 1), &[&x]), run(slice(1, 2, 2, 1), &[&x]), run(slice(1, 2, 5, 1), &[&x])];
    same(&run(Op::Concat { axis: 1 }, &[&parts[0], &parts[1], &parts[2]]), &x);
    assert_eq!(
        fails(Op::Concat { axis: 0 }, &[&counted(&[1, 2]), &counted(&[1, 3])]),
        "[1, 2] and [1, 3] do not join along axis 0"
    );
}

#[test]
fn padding_is_around() {
    let op = Op::Pad { padding: vec![(0, 1), (2, 0)], value: 9.0 };
    close(&run(op, &[&counted(&[1, 2])]), &[2, 4], &[9.0, 9.0, 0.0, 1.0, 9.0, 9.0, 9.0, 9.0]);
}

#[test]
fn rows_are_gathered() {
    let table = counted(&[3, 2]);
    let indices = whole(&[2, 2], &[2.0, 0.0, 1.0, 2.0]);
    let gathered = run(Op::Gather { axis: 0 }, &[&table, &indices]);
    close(&gathered, &[2, 2, 2], &[4.0, 5.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    close(&run(Op::Gather { axis: 1 }, &[&table, &whole(&[], &[1.0])]), &[3], &[1.0, 3.0, 5.0]);
    for wrong in [3.0, -1.0] {
        let fault = fails(Op::Gather { axis: 0 }, &[&table, &whole(&[1], &[wrong])]);
        assert_eq!(fault, format!("{wrong} is not one of 0 to 2"));
    }
    // One-hot rows times the table are the rows.
    let hot = run(Op::OneHot { depth: 3 }, &[&indices]);
    same(&run(Op::MatMul, &[&hot, &table]), &gathered);
}

#[test]
fn elements_are_gathered() {
    let x = counted(&[2, 3]);
    let along = run(Op::GatherElements { axis: 1 }, &[&x, &whole(&[2, 2], &[2.0, 0.0, 1.0, 1.0])]);
    close(&along, &[2, 2], &[2.0, 0.0, 4.0, 4.0]);
    let across = run(Op::GatherElements { axis: 0 }, &[&x, &whole(&[1, 3], &[1.0, 0.0, 1.0])]);
    close(&across, &[1, 3], &[3.0, 1.0, 5.0]);
    assert!(fails(Op::GatherElements { axis: 0 }, &[&x, &whole(&[1, 2], &[0.0, 0.0])]).contains("do not fit"));
}

#[test]
fn what_is_made_of_nothing() {
    let hot = run(Op::OneHot { depth: 3 }, &[&whole(&[3], &[2.0, -1.0, 3.0])]);
    close(&hot, &[3, 3], &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(run(Op::Range(Dim::symbol("T")), &[]), whole(&[3], &[0.0, 1.0, 2.0]));
    assert_eq!(run(Op::DimValue(Dim::symbol("T").times(&Dim::Known(2))), &[]), whole(&[], &[6.0]));
    let data = [1.0, 0.0].into();
    let constant = run(Op::ConstantTensor { element: ElementType::Bool, shape: vec![2, 1], data }, &[]);
    assert_eq!(constant, truths(&[2, 1], &[1.0, 0.0]));
    let data = [1.0].into();
    let fault = fails(Op::ConstantTensor { element: ElementType::F32, shape: vec![2], data }, &[]);
    assert_eq!(fault, "1 numbers are not [2]");
    close(&run(Op::StopGradient, &[&counted(&[2])]), &[2], &[0.0, 1.0]);
}
