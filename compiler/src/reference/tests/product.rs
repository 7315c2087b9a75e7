use super::*;

#[test]
fn matrices_multiply() {
    let (a, b) = (counted(&[2, 3]), floats(&[3, 2], &[1.0, 0.0, 2.0, 1.0, 0.0, 3.0]));
    close(&run(Op::MatMul, &[&a, &b]), &[2, 2], &[2.0, 7.0, 11.0, 19.0]);
    assert_eq!(fails(Op::MatMul, &[&a, &a]), "[2, 3] @ [2, 3]: 3 is not 2");
}

/// The outer axes broadcast, and each pair of matrices is a product of its own.
#[test]
fn matrices_of_more_axes_broadcast() {
    let (a, b) = (drawn(1, &[2, 1, 3, 4]), drawn(2, &[5, 4, 2]));
    let product = run(Op::MatMul, &[&a, &b]);
    assert_eq!(product.shape, [2, 5, 3, 2]);
    for (i, j) in [(0, 0), (1, 4)] {
        let left = floats(&[3, 4], &a.data[i * 12..][..12]);
        let right = floats(&[4, 2], &b.data[j * 8..][..8]);
        let offset = (i * 5 + j) * 6;
        close(&run(Op::MatMul, &[&left, &right]), &[3, 2], &product.data[offset..][..6]);
    }
}

#[test]
fn a_linear_map_is_a_product_with_the_transposed_weight() {
    let (x, weight, bias) = (drawn(3, &[2, 3, 4]), drawn(4, &[5, 4]), drawn(5, &[5]));
    let turned = run(Op::Transpose { permutation: vec![1, 0] }, &[&weight]);
    let product = run(Op::MatMul, &[&x, &turned]);
    same(&run(Op::Linear, &[&x, &weight]), &product);
    let moved = run(Op::Binary(crate::ir::Binary::Add), &[&product, &bias]);
    same(&run(Op::Linear, &[&x, &weight, &bias]), &moved);
    close(&run(Op::Linear, &[&floats(&[1, 2], &[2.0, 3.0]), &floats(&[1, 2], &[10.0, 100.0])]), &[1, 1], &[320.0]);
}
