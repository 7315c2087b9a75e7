use super::*;
use crate::ir::Interpolation;

fn conv(strides: &[usize], dilation: &[usize], padding: &[(usize, usize)], groups: usize) -> Op {
    Op::Conv { strides: strides.to_vec(), dilation: dilation.to_vec(), padding: padding.to_vec(), groups }
}

#[test]
fn one_axis() {
    let x = floats(&[1, 4, 1], &[1.0, 2.0, 3.0, 4.0]);
    let weight = floats(&[1, 1, 2], &[10.0, 1.0]);
    close(&run(conv(&[1], &[1], &[(0, 0)], 1), &[&x, &weight]), &[1, 3, 1], &[12.0, 23.0, 34.0]);
    close(&run(conv(&[1], &[1], &[(1, 0)], 1), &[&x, &weight]), &[1, 4, 1], &[1.0, 12.0, 23.0, 34.0]);
    close(&run(conv(&[2], &[1], &[(0, 1)], 1), &[&x, &weight]), &[1, 2, 1], &[12.0, 34.0]);
    close(&run(conv(&[1], &[2], &[(0, 0)], 1), &[&x, &weight]), &[1, 2, 1], &[13.0, 24.0]);
    let bias = floats(&[1], &[0.5]);
    close(&run(conv(&[3], &[1], &[(0, 0)], 1), &[&x, &weight, &bias]), &[1, 1, 1], &[12.5]);
    let fault = fails(conv(&[1], &[4], &[(0, 0)], 1), &[&x, &weight]);
    assert_eq!(fault, "a window of [2] does not fit in [4]");
}

#[test]
fn an_image() {
    // A kernel that takes the corner above and left ten times and the one below and right once.
    let x = counted(&[1, 3, 3, 1]);
    let weight = floats(&[1, 1, 2, 2], &[10.0, 0.0, 0.0, 1.0]);
    let y = run(conv(&[1, 1], &[1, 1], &[(0, 0), (0, 0)], 1), &[&x, &weight]);
    close(&y, &[1, 2, 2, 1], &[4.0, 15.0, 37.0, 48.0]);
}

#[test]
fn groups_do_not_see_each_other() {
    let x = floats(&[1, 1, 4], &[1.0, 2.0, 3.0, 4.0]);
    let weight = floats(&[2, 2, 1], &[1.0, 10.0, 1.0, 10.0]);
    close(&run(conv(&[1], &[1], &[(0, 0)], 2), &[&x, &weight]), &[1, 1, 2], &[21.0, 43.0]);
    let depthwise = floats(&[4, 1, 1], &[1.0, 2.0, 3.0, 4.0]);
    close(&run(conv(&[1], &[1], &[(0, 0)], 4), &[&x, &depthwise]), &[1, 1, 4], &[1.0, 4.0, 9.0, 16.0]);
    assert!(fails(conv(&[1], &[1], &[(0, 0)], 3), &[&x, &weight]).contains("in 3 groups"));
}

#[test]
fn a_kernel_of_one_is_a_linear_map() {
    let (x, weight, bias) = (drawn(1, &[2, 3, 2, 4]), drawn(2, &[5, 4, 1, 1]), drawn(3, &[5]));
    let linear = run(Op::Linear, &[&x, &floats(&[5, 4], &weight.data), &bias]);
    same(&run(conv(&[1, 1], &[1, 1], &[(0, 0), (0, 0)], 1), &[&x, &weight, &bias]), &linear);
}

/// A kernel as large as the value is a linear map of the whole, in three axes as in one.
#[test]
fn a_kernel_of_the_whole_is_a_product() {
    let (x, weight) = (drawn(4, &[1, 2, 3, 2, 2]), drawn(5, &[3, 2, 2, 3, 2]));
    let y = run(conv(&[1, 1, 1], &[1, 1, 1], &[(0, 0), (0, 0), (0, 0)], 1), &[&x, &weight]);
    let last = run(Op::Transpose { permutation: vec![0, 2, 3, 4, 1] }, &[&weight]);
    let product = run(Op::Linear, &[&floats(&[1, 24], &x.data), &floats(&[3, 24], &last.data)]);
    close(&y, &[1, 1, 1, 1, 3], &product.data);
}

fn transposed(strides: &[usize], padding: &[(usize, usize)], output_padding: &[usize], groups: usize) -> Op {
    let (strides, padding, output_padding) = (strides.to_vec(), padding.to_vec(), output_padding.to_vec());
    Op::ConvTranspose { dilation: vec![1; strides.len()], strides, padding, output_padding, groups }
}

#[test]
fn a_transposed_convolution_spreads_the_kernel() {
    let x = floats(&[1, 2, 1], &[1.0, 10.0]);
    let weight = floats(&[1, 1, 3], &[1.0, 2.0, 3.0]);
    let y = |op| run(op, &[&x, &weight]);
    close(&y(transposed(&[1], &[(0, 0)], &[0], 1)), &[1, 4, 1], &[1.0, 12.0, 23.0, 30.0]);
    close(&y(transposed(&[2], &[(0, 0)], &[0], 1)), &[1, 5, 1], &[1.0, 2.0, 13.0, 20.0, 30.0]);
    close(&y(transposed(&[2], &[(1, 0)], &[1], 1)), &[1, 5, 1], &[2.0, 13.0, 20.0, 30.0, 0.0]);
    close(&y(transposed(&[4], &[(0, 0)], &[0], 1)), &[1, 7, 1], &[1.0, 2.0, 3.0, 0.0, 10.0, 20.0, 30.0]);
}

/// `sum(conv(x) * y)` is `sum(x * conv_transpose(y))`: that is what transposed means.
#[test]
fn a_transposed_convolution_is_the_other_way_round() {
    for (strides, dilation, padding, groups) in [
        ([1, 1], [1, 1], [(0, 0), (0, 0)], 1),
        ([2, 1], [1, 2], [(1, 0), (1, 2)], 1),
        ([3, 2], [1, 1], [(1, 1), (0, 1)], 2),
    ] {
        let (x, weight) = (drawn(6, &[2, 6, 5, 4]), drawn(7, &[6, 4 / groups, 3, 2]));
        let there = run(conv(&strides, &dilation, &padding, groups), &[&x, &weight]);
        let y = drawn(8, &there.shape);
        // What the windows leave over at the end comes back as padding of the answer.
        let left = |axis: usize| {
            let reach = dilation[axis] * ([3, 2][axis] - 1) + 1;
            (x.shape[axis + 1] + padding[axis].0 + padding[axis].1 - reach) % strides[axis]
        };
        let op = Op::ConvTranspose {
            strides: strides.to_vec(),
            dilation: dilation.to_vec(),
            padding: padding.to_vec(),
            output_padding: vec![left(0), left(1)],
            groups,
        };
        // The weight [out, in / groups, …] of one is that of the other as it is.
        let back = run(op, &[&y, &weight]);
        assert_eq!(back.shape, x.shape);
        let product = |a: &Tensor, b: &Tensor| a.data.iter().zip(&b.data).map(|(a, b)| a * b).sum::<f64>();
        assert!((product(&there, &y) - product(&x, &back)).abs() < 1e-9);
    }
}

fn pools(size: &[usize], strides: &[usize], padding: &[(usize, usize)]) -> [Op; 2] {
    let (size, strides, padding) = (size.to_vec(), strides.to_vec(), padding.to_vec());
    let largest = Op::MaxPool { size: size.clone(), strides: strides.clone(), padding: padding.clone() };
    [largest, Op::AveragePool { size, strides, padding }]
}

#[test]
fn pools_take_windows() {
    let x = floats(&[1, 4, 1], &[-4.0, -1.0, -2.0, -3.0]);
    let [largest, mean] = pools(&[2], &[2], &[(0, 0)]);
    close(&run(largest, &[&x]), &[1, 2, 1], &[-1.0, -2.0]);
    close(&run(mean, &[&x]), &[1, 2, 1], &[-2.5, -2.5]);
    // A border counts neither as a largest nor in a mean.
    let [largest, mean] = pools(&[2], &[2], &[(1, 1)]);
    close(&run(largest, &[&x]), &[1, 3, 1], &[-4.0, -1.0, -3.0]);
    close(&run(mean, &[&x]), &[1, 3, 1], &[-4.0, -1.5, -3.0]);
    let [largest, mean] = pools(&[2, 1], &[1, 2], &[(0, 0), (0, 0)]);
    let image = counted(&[1, 2, 3, 2]);
    close(&run(largest, &[&image]), &[1, 1, 2, 2], &[6.0, 7.0, 10.0, 11.0]);
    close(&run(mean, &[&image]), &[1, 1, 2, 2], &[3.0, 4.0, 7.0, 8.0]);
}

#[test]
fn images_are_made_larger() {
    let nearest = |scale: &[usize]| Op::Resize { scale: scale.to_vec(), interpolation: Interpolation::Nearest };
    let linear = |scale: &[usize]| Op::Resize { scale: scale.to_vec(), interpolation: Interpolation::Linear };
    let x = floats(&[1, 2, 1], &[0.0, 8.0]);
    close(&run(nearest(&[3]), &[&x]), &[1, 6, 1], &[0.0, 0.0, 0.0, 8.0, 8.0, 8.0]);
    close(&run(linear(&[2]), &[&x]), &[1, 4, 1], &[0.0, 2.0, 6.0, 8.0]);
    close(&run(linear(&[4]), &[&x]), &[1, 8, 1], &[0.0, 0.0, 1.0, 3.0, 5.0, 7.0, 8.0, 8.0]);
    let image = floats(&[1, 2, 2, 1], &[0.0, 4.0, 8.0, 12.0]);
    let y = run(linear(&[2, 1]), &[&image]);
    close(&y, &[1, 4, 2, 1], &[0.0, 4.0, 2.0, 6.0, 6.0, 10.0, 8.0, 12.0]);
    same(&run(linear(&[1, 1]), &[&image]), &image);
    let y = run(nearest(&[1, 2]), &[&image]);
    close(&y, &[1, 2, 4, 1], &[0.0, 0.0, 4.0, 4.0, 8.0, 8.0, 12.0, 12.0]);
}
