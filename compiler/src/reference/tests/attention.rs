use super::*;
use crate::ir::Unary;

fn attention(causal: bool, scale: f64) -> Op {
    Op::Attention { causal, scale, dropout: 0.0 }
}

/// Scores of 0 and log 3, so that weights are 1/4 and 3/4.
#[test]
fn values_are_weighed_by_the_products() {
    let q = floats(&[1, 1, 2, 1], &[0.0, 1.0]);
    let k = floats(&[1, 1, 2, 1], &[0.0, 2.0 * 3f64.ln()]);
    let v = floats(&[1, 1, 2, 2], &[4.0, 0.0, 8.0, 40.0]);
    close(&run(attention(false, 0.5), &[&q, &k, &v]), &[1, 1, 2, 2], &[6.0, 20.0, 7.0, 30.0]);
    close(&run(attention(true, 0.5), &[&q, &k, &v]), &[1, 1, 2, 2], &[4.0, 0.0, 7.0, 30.0]);
    let mask = truths(&[1, 1, 2, 2], &[0.0, 1.0, 0.0, 0.0]);
    close(&run(attention(false, 0.5), &[&q, &k, &v, &mask]), &[1, 1, 2, 2], &[8.0, 40.0, 0.0, 0.0]);
    // Both together: what neither hides.
    close(&run(attention(true, 0.5), &[&q, &k, &v, &mask]), &[1, 1, 2, 2], &[0.0; 4]);
}

#[test]
fn heads_are_products_of_their_own() {
    let (q, k, v) = (drawn(1, &[2, 4, 3, 5]), drawn(2, &[2, 2, 6, 5]), drawn(3, &[2, 2, 6, 2]));
    let y = run(attention(false, 0.3), &[&q, &k, &v]);
    assert_eq!(y.shape, [2, 4, 3, 2]);
    // Query heads 0 and 1 share key head 0, 2 and 3 share 1.
    let shared = whole(&[4], &[0.0, 0.0, 1.0, 1.0]);
    let spread = |x: &Tensor| run(Op::Gather { axis: 1 }, &[x, &shared]);
    let turned = run(Op::Transpose { permutation: vec![0, 1, 3, 2] }, &[&spread(&k)]);
    let scores = run(Op::MatMul, &[&q, &turned]).map(|score| 0.3 * score);
    let weights = run(Op::Softmax { axis: 3 }, &[&scores]);
    same(&y, &run(Op::MatMul, &[&weights, &spread(&v)]));
    let fault = fails(attention(false, 1.0), &[&q, &v, &v]);
    assert!(fault.starts_with("queries [2, 4, 3, 5], keys [2, 2, 6, 2]"), "{fault}");
}

/// Draws that are written down.
struct Given(Vec<f64>);

impl Draws for Given {
    fn uniform(&mut self, _: usize, count: usize) -> Vec<f64> {
        assert_eq!(count, self.0.len());
        self.0.clone()
    }

    fn normal(&mut self, node: usize, count: usize) -> Vec<f64> {
        self.uniform(node, count)
    }
}

#[test]
fn noise_is_drawn_in_training_alone() {
    let x = floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let dropout = |shared: &[usize]| Op::Dropout { rate: 0.5, shared: shared.to_vec() };
    same(&run(dropout(&[]), &[&x]), &x);
    let draws = || Given(vec![0.4, 0.5, 0.9, 0.1]);
    close(&trained(dropout(&[]), &[&x], &mut draws()), &[2, 2], &[0.0, 4.0, 6.0, 0.0]);
    close(&trained(dropout(&[0]), &[&x], &mut Given(vec![0.1, 0.7])), &[2, 2], &[0.0, 4.0, 0.0, 8.0]);
    let noise = Op::GaussianNoise { deviation: 10.0 };
    same(&run(noise.clone(), &[&x]), &x);
    close(&trained(noise, &[&x], &mut draws()), &[2, 2], &[5.0, 7.0, 12.0, 5.0]);
    for op in [Op::RandomNormal, Op::RandomUniform] {
        close(&trained(op, &[&x], &mut draws()), &[2, 2], &draws().0);
    }
    let one = floats(&[1, 1, 1, 1], &[1.0]);
    let op = Op::Attention { causal: false, scale: 1.0, dropout: 0.75 };
    close(&trained(op.clone(), &[&one, &one, &one], &mut Given(vec![0.8])), &[1, 1, 1, 1], &[4.0]);
    close(&trained(op, &[&one, &one, &one], &mut Given(vec![0.7])), &[1, 1, 1, 1], &[0.0]);
}

#[test]
fn drawn_numbers_have_their_moments() {
    let many = floats(&[40_000], &vec![0.0; 40_000]);
    for (op, mean, variance) in [(Op::RandomNormal, 0.0, 1.0), (Op::RandomUniform, 0.5, 1.0 / 12.0)] {
        let y = run(op, &[&many]);
        let average = y.data.iter().sum::<f64>() / 40_000.0;
        let spread = run(Op::Unary(Unary::Square), &[&y.map(|number| number - average)]);
        assert!((average - mean).abs() < 0.02, "{average}");
        assert!((spread.data.iter().sum::<f64>() / 40_000.0 - variance).abs() < 0.03);
    }
}
