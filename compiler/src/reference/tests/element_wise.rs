use super::*;
use crate::ir::{Binary, Unary};

fn unary(kind: Unary, numbers: &[f64]) -> Vec<f64> {
    run(Op::Unary(kind), &[&floats(&[numbers.len()], numbers)]).data
}

#[track_caller]
fn near(found: &[f64], numbers: &[f64]) {
    close(&floats(&[found.len()], found), &[numbers.len()], numbers);
}

/// Of each operation the numbers at -2, 0 and 1, and where it turns, worked out by hand.
#[test]
fn one_value() {
    let e = std::f64::consts::E;
    let at = [-2.0, 0.0, 1.0];
    let cases: &[(Unary, [f64; 3])] = &[
        (Unary::Identity, at),
        (Unary::Negate, [2.0, 0.0, -1.0]),
        (Unary::Abs, [2.0, 0.0, 1.0]),
        (Unary::Sign, [-1.0, 0.0, 1.0]),
        (Unary::Square, [4.0, 0.0, 1.0]),
        (Unary::Exp, [1.0 / (e * e), 1.0, e]),
        (Unary::Expm1, [1.0 / (e * e) - 1.0, 0.0, e - 1.0]),
        (Unary::Sin, [-0.909_297_426_825_681_7, 0.0, 0.841_470_984_807_896_5]),
        (Unary::Cos, [-0.416_146_836_547_142_4, 1.0, 0.540_302_305_868_139_8]),
        (Unary::Tanh, [-0.964_027_580_075_816_9, 0.0, 0.761_594_155_955_764_9]),
        (Unary::Erf, [-0.995_322_265_018_952_7, 0.0, 0.842_700_792_949_714_9]),
        (Unary::Relu, [0.0, 0.0, 1.0]),
        (Unary::LeakyRelu { slope: 0.25 }, [-0.5, 0.0, 1.0]),
        (Unary::BoundedRelu { slope: 0.5, max_value: 0.75, threshold: 0.5 }, [-1.25, -0.25, 0.75]),
        (Unary::Threshold { threshold: 0.0, value: 7.0 }, [7.0, 7.0, 1.0]),
        (Unary::Elu { alpha: 2.0 }, [2.0 / (e * e) - 2.0, 0.0, 1.0]),
        (Unary::Celu { alpha: 2.0 }, [2.0 / e - 2.0, 0.0, 1.0]),
        (Unary::Selu, [-1.520_166_468_595_695_4, 0.0, 1.050_700_987_355_480_5]),
        (Unary::Relu6, [0.0, 0.0, 1.0]),
        (Unary::Sigmoid, [0.119_202_922_022_117_56, 0.5, 0.731_058_578_630_004_9]),
        (Unary::LogSigmoid, [-2.126_928_011_042_972_4, -std::f64::consts::LN_2, -0.313_261_687_518_222_8]),
        (Unary::HardSigmoid, [1.0 / 6.0, 0.5, 2.0 / 3.0]),
        (Unary::SparseSigmoid, [0.0, 0.5, 1.0]),
        (Unary::HardTanh, [-1.0, 0.0, 1.0]),
        (Unary::TanhShrink, [-1.035_972_419_924_183, 0.0, 0.238_405_844_044_235_1]),
        (Unary::HardShrink { threshold: 1.0 }, [-2.0, 0.0, 0.0]),
        (Unary::SoftShrink { threshold: 0.5 }, [-1.5, 0.0, 0.5]),
        (Unary::Gelu { approximate: false }, [-0.045_500_263_896_358_41, 0.0, 0.841_344_746_068_542_9]),
        (Unary::Gelu { approximate: true }, [-0.045_402_305_912_225_68, 0.0, 0.841_191_990_608_276_5]),
        (Unary::Silu, [-0.238_405_844_044_235_1, 0.0, 0.731_058_578_630_004_9]),
        (Unary::HardSilu, [-1.0 / 3.0, 0.0, 2.0 / 3.0]),
        (Unary::Softplus, [0.126_928_011_042_972_5, std::f64::consts::LN_2, 1.313_261_687_518_222_8]),
        (Unary::Squareplus { b: 4.0 }, [2f64.sqrt() - 1.0, 1.0, (1.0 + 5f64.sqrt()) / 2.0]),
        (Unary::SparsePlus, [0.0, 0.25, 1.0]),
        (Unary::Softsign, [-2.0 / 3.0, 0.0, 0.5]),
        (Unary::Mish, [-0.252_501_483_252_788_4, 0.0, 0.865_098_388_267_314_4]),
    ];
    for (kind, expected) in cases {
        near(&unary(*kind, &at), expected);
    }
    near(&unary(Unary::Sqrt, &[0.0, 2.25]), &[0.0, 1.5]);
    near(&unary(Unary::Rsqrt, &[4.0, 0.25]), &[0.5, 2.0]);
    near(&unary(Unary::Reciprocal, &[-4.0, 0.5]), &[-0.25, 2.0]);
    near(&unary(Unary::Log, &[1.0, e]), &[0.0, 1.0]);
    near(&unary(Unary::Log1p, &[0.0, e - 1.0]), &[0.0, 1.0]);
    near(&unary(Unary::Floor, &[-1.5, 1.5, 2.0]), &[-2.0, 1.0, 2.0]);
    near(&unary(Unary::Ceil, &[-1.5, 1.5, 2.0]), &[-1.0, 2.0, 2.0]);
    near(&unary(Unary::Round, &[-1.5, -0.5, 0.5, 1.5, 2.4]), &[-2.0, 0.0, 0.0, 2.0, 2.0]);
    near(&unary(Unary::SparsePlus, &[-1.0, 0.5, 3.0]), &[0.0, 0.5625, 3.0]);
    near(
        &unary(Unary::Erf, &[2.5, 3.0, -4.0]),
        &[0.999_593_047_982_555, 0.999_977_909_503_001_4, -0.999_999_984_582_742_1],
    );
    let truth = run(Op::Unary(Unary::Not), &[&truths(&[2], &[0.0, 1.0])]);
    assert_eq!((truth.element, truth.data), (ElementType::Bool, vec![1.0, 0.0]));
    // Whatever is not in the table above has been checked by a line of its own.
    let rest = [
        Unary::Sqrt,
        Unary::Rsqrt,
        Unary::Reciprocal,
        Unary::Log,
        Unary::Log1p,
        Unary::Floor,
        Unary::Ceil,
        Unary::Round,
        Unary::Not,
    ];
    let named: Vec<&str> = cases.iter().map(|(kind, _)| kind.name()).chain(rest.map(Unary::name)).collect();
    assert!(Unary::ALL.iter().all(|kind| named.contains(&kind.name())));
}

#[test]
fn nothing_overflows_that_need_not() {
    near(&unary(Unary::Softplus, &[-1000.0, 1000.0]), &[0.0, 1000.0]);
    near(&unary(Unary::LogSigmoid, &[-1000.0, 1000.0]), &[-1000.0, 0.0]);
    near(&unary(Unary::Elu { alpha: 1.0 }, &[1000.0]), &[1000.0]);
    near(&unary(Unary::Sigmoid, &[-1000.0, 1000.0]), &[0.0, 1.0]);
    near(&unary(Unary::Expm1, &[1e-12]), &[1e-12]);
    assert!(unary(Unary::Relu, &[f64::NAN])[0].is_nan());
}

fn binary(kind: Binary, a: &Tensor, b: &Tensor) -> Vec<f64> {
    run(Op::Binary(kind), &[a, b]).data
}

#[test]
fn two_values() {
    let (a, b) = (floats(&[4], &[7.0, -7.0, 7.0, 2.0]), floats(&[4], &[2.0, 2.0, -2.0, 2.0]));
    let cases: &[(Binary, [f64; 4])] = &[
        (Binary::Add, [9.0, -5.0, 5.0, 4.0]),
        (Binary::Subtract, [5.0, -9.0, 9.0, 0.0]),
        (Binary::Multiply, [14.0, -14.0, -14.0, 4.0]),
        (Binary::Divide, [3.5, -3.5, -3.5, 1.0]),
        (Binary::FloorDivide, [3.0, -4.0, -4.0, 1.0]),
        (Binary::Remainder, [1.0, 1.0, -1.0, 0.0]),
        (Binary::Power, [49.0, 49.0, 1.0 / 49.0, 4.0]),
        (Binary::Maximum, [7.0, 2.0, 7.0, 2.0]),
        (Binary::Minimum, [2.0, -7.0, -2.0, 2.0]),
        (Binary::Equal, [0.0, 0.0, 0.0, 1.0]),
        (Binary::NotEqual, [1.0, 1.0, 1.0, 0.0]),
        (Binary::Less, [0.0, 1.0, 0.0, 0.0]),
        (Binary::LessEqual, [0.0, 1.0, 0.0, 1.0]),
        (Binary::Greater, [1.0, 0.0, 1.0, 0.0]),
        (Binary::GreaterEqual, [1.0, 0.0, 1.0, 1.0]),
    ];
    for (kind, expected) in cases {
        assert_eq!(binary(*kind, &a, &b), expected, "{}", kind.name());
        let element = run(Op::Binary(*kind), &[&a, &b]).element;
        assert_eq!(element, if kind.compares() { ElementType::Bool } else { ElementType::F32 });
    }
    let (p, q) = (truths(&[4], &[0.0, 0.0, 1.0, 1.0]), truths(&[4], &[0.0, 1.0, 0.0, 1.0]));
    assert_eq!(binary(Binary::And, &p, &q), [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(binary(Binary::Or, &p, &q), [0.0, 1.0, 1.0, 1.0]);
    assert_eq!(cases.len() + 2, Binary::ALL.len());
}

#[test]
fn integers() {
    let (a, b) = (whole(&[3], &[7.0, -7.0, 3.0]), whole(&[3], &[2.0, 2.0, 4.0]));
    assert_eq!(binary(Binary::Divide, &a, &b), [3.0, -3.0, 0.0]);
    assert_eq!(binary(Binary::FloorDivide, &a, &b), [3.0, -4.0, 0.0]);
    assert_eq!(binary(Binary::Remainder, &a, &b), [1.0, 1.0, 3.0]);
    assert_eq!(binary(Binary::Power, &a, &b), [49.0, 49.0, 81.0]);
    let zero = whole(&[], &[0.0]);
    assert_eq!(fails(Op::Binary(Binary::Remainder), &[&a, &zero]), "a division by zero");
    let large = whole(&[], &[4e15]);
    assert_eq!(fails(Op::Binary(Binary::Multiply), &[&large, &large]), "16000000000000000000000000000000 is no i64");
    let byte = typed(ElementType::U8, &[], &[200.0]);
    assert_eq!(fails(Op::Binary(Binary::Add), &[&byte, &byte]), "400 is no u8");
}

#[test]
fn shapes_broadcast_as_numpys_do() {
    let column = floats(&[2, 1], &[10.0, 20.0]);
    let row = floats(&[3], &[1.0, 2.0, 3.0]);
    close(&run(Op::Binary(Binary::Add), &[&column, &row]), &[2, 3], &[11.0, 12.0, 13.0, 21.0, 22.0, 23.0]);
    let none = floats(&[2, 0], &[]);
    close(&run(Op::Binary(Binary::Add), &[&column, &none]), &[2, 0], &[]);
    assert_eq!(fails(Op::Binary(Binary::Add), &[&floats(&[2], &[1.0, 2.0]), &row]), "[2] and [3] do not broadcast");
    let condition = truths(&[2, 1], &[1.0, 0.0]);
    let chosen = run(Op::Where, &[&condition, &row, &floats(&[], &[0.0])]);
    close(&chosen, &[2, 3], &[1.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
}

#[test]
fn casts_cut_towards_zero() {
    let x = floats(&[4], &[-1.7, -0.2, 0.0, 1.7]);
    assert_eq!(run(Op::Cast(ElementType::I64), &[&x]).data, [-1.0, 0.0, 0.0, 1.0]);
    assert_eq!(run(Op::Cast(ElementType::Bool), &[&x]).data, [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(fails(Op::Cast(ElementType::U8), &[&floats(&[], &[300.0])]), "300 is no u8");
    assert_eq!(fails(Op::Cast(ElementType::I64), &[&floats(&[], &[f64::NAN])]), "NaN is no i64");
}
