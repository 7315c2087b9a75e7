use super::*;
use crate::ir::Reduction;

fn reduce(reduction: Reduction, axes: &[usize], keep: bool, x: &Tensor) -> Tensor {
    run(Op::Reduce { reduction, axes: axes.to_vec(), keep }, &[x])
}

#[test]
fn over_axes() {
    let x = floats(&[2, 3], &[1.0, 2.0, 3.0, -4.0, 5.0, 0.0]);
    close(&reduce(Reduction::Sum, &[1], false, &x), &[2], &[6.0, 1.0]);
    close(&reduce(Reduction::Mean, &[0], true, &x), &[1, 3], &[-1.5, 3.5, 1.5]);
    close(&reduce(Reduction::Max, &[0, 1], false, &x), &[], &[5.0]);
    close(&reduce(Reduction::Min, &[1], true, &x), &[2, 1], &[1.0, -4.0]);
    close(&reduce(Reduction::Product, &[1], false, &x), &[2], &[6.0, 0.0]);
    for reduction in Reduction::ALL.into_iter().take(5) {
        same(&reduce(reduction, &[], false, &x), &x);
    }
}

#[test]
fn of_nothing() {
    let x = floats(&[2, 0], &[]);
    close(&reduce(Reduction::Sum, &[1], false, &x), &[2], &[0.0, 0.0]);
    close(&reduce(Reduction::Product, &[1], false, &x), &[2], &[1.0, 1.0]);
    assert!(reduce(Reduction::Mean, &[1], false, &x).data.iter().all(|number| number.is_nan()));
    assert_eq!(fails(Op::ArgMax { axis: 1, keep: false }, &[&x]), "the largest of nothing stands nowhere");
}

#[test]
fn of_truths() {
    let x = truths(&[2, 2], &[1.0, 1.0, 0.0, 1.0]);
    assert_eq!(reduce(Reduction::All, &[1], false, &x), truths(&[2], &[1.0, 0.0]));
    assert_eq!(reduce(Reduction::Any, &[1], false, &x), truths(&[2], &[1.0, 1.0]));
    assert_eq!(reduce(Reduction::Any, &[1], false, &truths(&[1, 0], &[])), truths(&[1], &[0.0]));
}

#[test]
fn the_largest_stands_first() {
    let x = floats(&[2, 3], &[1.0, 5.0, 5.0, 7.0, 2.0, 3.0]);
    assert_eq!(run(Op::ArgMax { axis: 1, keep: false }, &[&x]), whole(&[2], &[1.0, 0.0]));
    assert_eq!(run(Op::ArgMax { axis: 0, keep: true }, &[&x]), whole(&[1, 3], &[1.0, 0.0, 0.0]));
}

#[test]
fn sums_up_to_each() {
    let x = floats(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let sums = |axis, exclusive, reverse| run(Op::CumSum { axis, exclusive, reverse }, &[&x]);
    close(&sums(1, false, false), &[2, 3], &[1.0, 3.0, 6.0, 4.0, 9.0, 15.0]);
    close(&sums(1, true, false), &[2, 3], &[0.0, 1.0, 3.0, 0.0, 4.0, 9.0]);
    close(&sums(1, false, true), &[2, 3], &[6.0, 5.0, 3.0, 15.0, 11.0, 6.0]);
    close(&sums(1, true, true), &[2, 3], &[5.0, 3.0, 0.0, 11.0, 6.0, 0.0]);
    close(&sums(0, false, false), &[2, 3], &[1.0, 2.0, 3.0, 5.0, 7.0, 9.0]);
}

#[test]
fn a_softmax_sums_to_one() {
    let logits = floats(&[3], &[0.0, 3f64.ln(), 4f64.ln()]);
    close(&run(Op::Softmax { axis: 0 }, &[&logits]), &[3], &[0.125, 0.375, 0.5]);
    let x = drawn(4, &[2, 3, 4]).map(|number| 900.0 * number);
    for axis in 0..3 {
        let y = run(Op::Softmax { axis }, &[&x]);
        let sums = reduce(Reduction::Sum, &[axis], false, &y);
        assert!(sums.data.iter().all(|sum| (sum - 1.0).abs() < 1e-12), "{sums:?}");
        let logs = run(Op::LogSoftmax { axis }, &[&x]);
        same(&logs.map(f64::exp), &y);
        assert!(logs.data.iter().all(|log| log.is_finite()));
    }
}

#[test]
fn a_loss_is_the_mean_of_a_rows_own() {
    // -log of 1/8 and of 1/2 in the first row, of 3/8 twice in the second.
    let logits = [0.0, 3f64.ln(), 4f64.ln()].repeat(4);
    let loss = run(Op::SoftmaxCrossEntropy, &[&floats(&[2, 2, 3], &logits), &whole(&[2, 2], &[0.0, 2.0, 1.0, 1.0])]);
    close(&loss, &[2], &[2.0 * std::f64::consts::LN_2, (8f64 / 3.0).ln()]);
    let label = whole(&[1], &[3.0]);
    assert_eq!(fails(Op::SoftmaxCrossEntropy, &[&counted(&[1, 3]), &label]), "label 3 is not one of 3 classes");
}
