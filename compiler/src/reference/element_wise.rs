//! Operations element by element.

use super::tensor::{Tensor, broadcast};
use crate::ir::{Binary, ElementType, Unary};

/// Whole numbers are exact up to here.
const LARGEST: f64 = 9_007_199_254_740_992.0;

pub(super) fn unary(kind: Unary, x: &Tensor) -> Tensor {
    x.map(|number| apply(kind, number))
}

/// `kind` of one number.
pub(super) fn apply(kind: Unary, x: f64) -> f64 {
    match kind {
        Unary::Identity => x,
        Unary::Negate => -x,
        Unary::Abs => x.abs(),
        Unary::Sign if x == 0.0 || x.is_nan() => x,
        Unary::Sign => x.signum(),
        Unary::Square => x * x,
        Unary::Sqrt => x.sqrt(),
        Unary::Rsqrt => 1.0 / x.sqrt(),
        Unary::Reciprocal => 1.0 / x,
        Unary::Exp => x.exp(),
        Unary::Expm1 => x.exp_m1(),
        Unary::Log => x.ln(),
        Unary::Log1p => x.ln_1p(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Tanh => x.tanh(),
        Unary::Erf => erf(x),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::Round => x.round_ties_even(),
        Unary::Not => f64::from(x == 0.0),
        Unary::Relu => larger(x, 0.0),
        Unary::LeakyRelu { slope } => choose(x > 0.0, x, slope * x),
        Unary::BoundedRelu { slope, max_value, threshold } => {
            choose(x >= max_value, max_value, choose(x >= threshold, x, slope * (x - threshold)))
        }
        Unary::Threshold { threshold, value } => choose(x > threshold, x, value),
        Unary::Elu { alpha } => choose(x > 0.0, x, alpha * x.exp_m1()),
        Unary::Celu { alpha } => choose(x > 0.0, x, alpha * (x / alpha).exp_m1()),
        Unary::Selu => {
            let (scale, alpha) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
            scale * choose(x > 0.0, x, alpha * x.exp_m1())
        }
        Unary::Relu6 => clipped(x, 0.0, 6.0),
        Unary::Sigmoid => sigmoid(x),
        Unary::LogSigmoid => -softplus(-x),
        Unary::HardSigmoid => clipped(x / 6.0 + 0.5, 0.0, 1.0),
        Unary::SparseSigmoid => clipped((x + 1.0) / 2.0, 0.0, 1.0),
        Unary::HardTanh => clipped(x, -1.0, 1.0),
        Unary::TanhShrink => x - x.tanh(),
        Unary::HardShrink { threshold } => choose(x.abs() > threshold, x, 0.0),
        Unary::SoftShrink { threshold } => {
            choose(x > threshold, x - threshold, choose(x < -threshold, x + threshold, 0.0))
        }
        Unary::Gelu { approximate: false } => x * (1.0 + erf(x / 2f64.sqrt())) / 2.0,
        Unary::Gelu { approximate: true } => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
            x / 2.0 * (1.0 + inner.tanh())
        }
        Unary::Silu => x * sigmoid(x),
        Unary::HardSilu => x * clipped(x / 6.0 + 0.5, 0.0, 1.0),
        Unary::Softplus => softplus(x),
        Unary::Squareplus { b } => (x + (x * x + b).sqrt()) / 2.0,
        Unary::SparsePlus => choose(x <= -1.0, 0.0, choose(x >= 1.0, x, (x + 1.0) * (x + 1.0) / 4.0)),
        Unary::Softsign => x / (1.0 + x.abs()),
        Unary::Mish => x * softplus(x).tanh(),
    }
}

fn choose(condition: bool, a: f64, b: f64) -> f64 {
    if condition { a } else { b }
}

/// The larger; what is not a number stays so.
fn larger(a: f64, b: f64) -> f64 {
    choose(a > b || a.is_nan(), a, b)
}

fn smaller(a: f64, b: f64) -> f64 {
    choose(a < b || a.is_nan(), a, b)
}

fn clipped(x: f64, low: f64, high: f64) -> f64 {
    smaller(larger(x, low), high)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    larger(x, 0.0) + (-x.abs()).exp().ln_1p()
}

/// The error function: by its series near zero, by the continued fraction of its complement beyond.
fn erf(x: f64) -> f64 {
    let z = x.abs();
    if z.is_nan() || z < 2.5 {
        let (mut sum, mut power) = (0.0, x);
        for n in 0..80 {
            sum += power / f64::from(2 * n + 1);
            power *= -x * x / f64::from(n + 1);
        }
        return sum * 2.0 / std::f64::consts::PI.sqrt();
    }
    if z > 6.0 {
        return x.signum();
    }
    let fraction = (1..=120).rev().fold(z, |below, n| z + f64::from(n) / 2.0 / below);
    x.signum() * (1.0 - (-z * z).exp() / (std::f64::consts::PI.sqrt() * fraction))
}

pub(super) fn binary(kind: Binary, a: &Tensor, b: &Tensor) -> Result<Tensor, String> {
    let whole = a.element != ElementType::F32;
    let element = if kind.compares() { ElementType::Bool } else { a.element };
    let mut fault = None;
    let shape = broadcast(&a.shape, &b.shape)?;
    let result = Tensor::build(element, shape, |index| {
        let (a, b) = (a.broadcast_at(index), b.broadcast_at(index));
        match whole {
            true => integers(kind, a, b).unwrap_or_else(|reason| {
                fault.get_or_insert(reason);
                f64::NAN
            }),
            false => floats(kind, a, b),
        }
    });
    match fault {
        Some(reason) => Err(reason),
        None => held(result),
    }
}

fn floats(kind: Binary, a: f64, b: f64) -> f64 {
    match kind {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::FloorDivide => (a / b).floor(),
        Binary::Remainder => a - b * (a / b).floor(),
        Binary::Power => a.powf(b),
        Binary::Maximum => choose(b.is_nan(), b, larger(a, b)),
        Binary::Minimum => choose(b.is_nan(), b, smaller(a, b)),
        Binary::Equal => f64::from(a == b),
        Binary::NotEqual => f64::from(a != b),
        Binary::Less => f64::from(a < b),
        Binary::LessEqual => f64::from(a <= b),
        Binary::Greater => f64::from(a > b),
        Binary::GreaterEqual => f64::from(a >= b),
        Binary::And => f64::from(a != 0.0 && b != 0.0),
        Binary::Or => f64::from(a != 0.0 || b != 0.0),
    }
}

fn integers(kind: Binary, a: f64, b: f64) -> Result<f64, String> {
    match kind {
        Binary::Divide | Binary::FloorDivide | Binary::Remainder if b == 0.0 => Err("a division by zero".to_owned()),
        Binary::Divide => Ok((a / b).trunc()),
        Binary::Power if b < 0.0 => Err("a whole number to a negative power is no whole number".to_owned()),
        Binary::Power => {
            // Repeated multiplication; what is beyond the exact numbers is refused in any case.
            let mut product = 1.0;
            for _ in 0..(b as u64).min(1 << 12) {
                product *= a;
                if product.abs() > LARGEST || product == 0.0 {
                    break;
                }
            }
            Ok(choose(a.abs() == 1.0 && b % 2.0 == 0.0, 1.0, choose(a.abs() == 1.0, a, product)))
        }
        _ => Ok(floats(kind, a, b)),
    }
}

/// The tensor, unless a whole number in it is none that its type and this evaluator hold.
pub(super) fn held(x: Tensor) -> Result<Tensor, String> {
    let range = match x.element {
        ElementType::F32 => return Ok(x),
        ElementType::I64 => -LARGEST..=LARGEST,
        ElementType::U8 => 0.0..=255.0,
        ElementType::Bool => 0.0..=1.0,
    };
    match x.data.iter().find(|number| !range.contains(number)) {
        Some(number) => Err(format!("{number} is no {}", x.element)),
        None => Ok(x),
    }
}

pub(super) fn choose_where(condition: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor, String> {
    let shape = broadcast(&condition.shape, &broadcast(&a.shape, &b.shape)?)?;
    Ok(Tensor::build(a.element, shape, |index| {
        choose(condition.broadcast_at(index) != 0.0, a.broadcast_at(index), b.broadcast_at(index))
    }))
}

pub(super) fn cast(x: &Tensor, element: ElementType) -> Result<Tensor, String> {
    let number = |x: f64| match element {
        ElementType::F32 => x,
        ElementType::I64 | ElementType::U8 => x.trunc(),
        ElementType::Bool => f64::from(x != 0.0),
    };
    held(Tensor { element, ..x.map(number) })
}
