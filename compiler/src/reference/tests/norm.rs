use super::*;

#[test]
fn by_given_statistics() {
    let x = floats(&[2, 2], &[1.0, 10.0, 3.0, 20.0]);
    let [scale, offset, mean, variance] = [[2.0, 1.0], [0.5, 0.0], [1.0, 10.0], [3.0, 24.0]].map(|n| floats(&[2], &n));
    let op = || Op::BatchNorm { epsilon: 1.0, momentum: 0.9 };
    let read = [&x, &scale, &offset, &mean, &variance];
    close(&run(op(), &read), &[2, 2], &[0.5, 0.0, 2.5, 2.0]);
    // In training the means are 2 and 15, the variances 1 and 25.
    let y = trained(Op::BatchNorm { epsilon: 0.0, momentum: 0.9 }, &read, &mut Seeded::new(0));
    close(&y, &[2, 2], &[-1.5, -1.0, 2.5, 1.0]);
}

#[test]
fn over_the_last_axes() {
    let x = floats(&[2, 2], &[1.0, 3.0, -5.0, 5.0]);
    let op = |axes| Op::LayerNorm { axes, epsilon: 0.0 };
    close(&run(op(1), &[&x]), &[2, 2], &[-1.0, 1.0, -1.0, 1.0]);
    let (scale, offset) = (floats(&[2], &[1.0, 10.0]), floats(&[2], &[0.5, 0.0]));
    close(&run(op(1), &[&x, &scale]), &[2, 2], &[-1.0, 10.0, -1.0, 10.0]);
    close(&run(op(1), &[&x, &scale, &offset]), &[2, 2], &[-0.5, 10.0, -0.5, 10.0]);
    let both = run(op(2), &[&drawn(1, &[3, 4, 5])]);
    for row in both.data.chunks(20) {
        let mean: f64 = row.iter().sum::<f64>() / 20.0;
        let variance: f64 = row.iter().map(|number| number * number).sum::<f64>() / 20.0;
        assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-9, "{mean} {variance}");
    }
    assert_eq!(fails(op(1), &[&x, &floats(&[3], &[1.0; 3])]), "learnt numbers of [3] for [2]");
}

#[test]
fn by_the_root_of_the_mean_square() {
    let x = floats(&[1, 2], &[1.0, 7.0]);
    let op = |epsilon| Op::RmsNorm { axes: 1, epsilon };
    close(&run(op(0.0), &[&x]), &[1, 2], &[0.2, 1.4]);
    close(&run(op(75.0), &[&x, &floats(&[2], &[10.0, 1.0])]), &[1, 2], &[1.0, 0.7]);
}

#[test]
fn over_groups() {
    // Channels 0 and 1 are one group over both places, 2 and 3 the other.
    let x = floats(&[1, 2, 4], &[1.0, 3.0, 0.0, 20.0, 3.0, 1.0, 20.0, 0.0]);
    let op = |groups| Op::GroupNorm { groups, epsilon: 0.0 };
    close(&run(op(2), &[&x]), &[1, 2, 4], &[-1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0]);
    let image = drawn(2, &[2, 3, 2, 4]);
    // One group is a layer normalisation of everything but the batch.
    same(&run(op(1), &[&image]), &run(Op::LayerNorm { axes: 3, epsilon: 0.0 }, &[&image]));
    let scale = floats(&[4], &[1.0, 2.0, 3.0, 4.0]);
    let scaled = run(op(4), &[&x, &scale]);
    close(&scaled, &[1, 2, 4], &[-1.0, 2.0, -3.0, 4.0, 1.0, -2.0, 3.0, -4.0]);
}
