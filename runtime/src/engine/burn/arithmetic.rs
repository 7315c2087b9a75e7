//! Operations element by element.

use ndsl_compiler::ir::{Binary, ElementType, Unary};

use ::burn::backend::ops::{ActivationOps, FloatTensorOps, IntTensorOps};
use ::burn::backend::{BoolDType, TensorMetadata};

use super::transfer::{Device, dims};
use super::value::{Activation, Value};
use super::{Backend, Primitive};
use crate::engine::EngineError;

/// How masks are stored.
pub(super) const MASK: BoolDType = BoolDType::Native;

/// The two constants of self-normalising networks (Klambauer et al., 2017).
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

pub(super) fn unary(operation: Unary, x: Value, device: &Device) -> Result<Value, EngineError> {
    match (operation, x) {
        (Unary::Not, _) => Err(EngineError::Missing { operation: operation.name() }),
        (Unary::Negate, Value::Number(number)) => Ok(Value::Number(-number)),
        (Unary::Negate, Value::Int(x, element)) => Ok(Value::Int(Backend::int_neg(x), element)),
        (Unary::Abs, Value::Int(x, element)) => Ok(Value::Int(Backend::int_abs(x), element)),
        (_, x) => Ok(Value::Float(x.float(operation.name(), device)?.map(|x| apply(operation, x)))),
    }
}

fn apply(operation: Unary, x: Primitive) -> Primitive {
    match operation {
        Unary::Negate => Backend::float_neg(x),
        Unary::Abs => Backend::float_abs(x),
        Unary::Exp => Backend::float_exp(x),
        Unary::Log => Backend::float_log(x),
        Unary::Sqrt => Backend::float_sqrt(x),
        Unary::Relu => Backend::relu(x),
        Unary::LeakyRelu { slope } => Backend::leaky_relu(x, slope.into()),
        Unary::Elu { alpha } => elu(x, alpha),
        Unary::Selu => scale(elu(x, SELU_ALPHA), SELU_SCALE),
        // By way of relu, whose slope at zero is zero, as it is in the definition's framework.
        Unary::Relu6 => Backend::float_clamp_max(Backend::relu(x), 6f32.into()),
        Unary::Sigmoid => Backend::sigmoid(x),
        Unary::HardSigmoid => Backend::float_clamp(shift(scale(x, 1.0 / 6.0), 0.5), 0f32.into(), 1f32.into()),
        Unary::Tanh => Backend::float_tanh(x),
        Unary::Gelu { approximate: false } => Backend::gelu(x),
        Unary::Gelu { approximate: true } => {
            let cube = Backend::float_mul(Backend::float_mul(x.clone(), x.clone()), x.clone());
            let inner = Backend::float_add(x.clone(), scale(cube, 0.044_715));
            let tanh = Backend::float_tanh(scale(inner, (2.0 / std::f64::consts::PI).sqrt()));
            scale(Backend::float_mul(x, shift(tanh, 1.0)), 0.5)
        }
        Unary::Silu => Backend::float_mul(x.clone(), Backend::sigmoid(x)),
        Unary::Softplus => softplus(x),
        Unary::Softsign => Backend::float_div(x.clone(), shift(Backend::float_abs(x), 1.0)),
        Unary::Mish => Backend::float_mul(x.clone(), Backend::float_tanh(softplus(x))),
        // Of booleans, which never come here.
        Unary::Identity | Unary::Not => x,
        Unary::Sign => Backend::float_sign(x),
        Unary::Square => Backend::float_mul(x.clone(), x),
        Unary::Rsqrt => Backend::float_recip(Backend::float_sqrt(x)),
        Unary::Reciprocal => Backend::float_recip(x),
        Unary::Expm1 => shift(Backend::float_exp(x), -1.0),
        Unary::Log1p => Backend::float_log1p(x),
        Unary::Sin => Backend::float_sin(x),
        Unary::Cos => Backend::float_cos(x),
        Unary::Erf => Backend::float_erf(x),
        Unary::Floor => Backend::float_floor(x),
        Unary::Ceil => Backend::float_ceil(x),
        Unary::Round => Backend::float_round(x),
        Unary::BoundedRelu { slope, max_value, threshold } => {
            let reached = Backend::float_greater_equal_elem(x.clone(), threshold.into(), MASK);
            let below = scale(shift(x.clone(), -threshold), slope);
            let chosen = Backend::float_mask_where(below, reached, x.clone());
            match max_value.is_finite() {
                true => {
                    let full = Backend::float_greater_equal_elem(x, max_value.into(), MASK);
                    Backend::float_mask_fill(chosen, full, max_value.into())
                }
                false => chosen,
            }
        }
        Unary::Threshold { threshold, value } => {
            let below = Backend::float_lower_equal_elem(x.clone(), threshold.into(), MASK);
            Backend::float_mask_fill(x, below, value.into())
        }
        Unary::Celu { alpha } => scale(elu(scale(x, 1.0 / alpha), 1.0), alpha),
        Unary::LogSigmoid => Backend::log_sigmoid(x),
        Unary::SparseSigmoid => Backend::float_clamp(shift(scale(x, 0.5), 0.5), 0f32.into(), 1f32.into()),
        Unary::HardTanh => Backend::float_clamp(x, (-1f32).into(), 1f32.into()),
        Unary::TanhShrink => Backend::float_sub(x.clone(), Backend::float_tanh(x)),
        Unary::HardShrink { threshold } => {
            let near = Backend::float_lower_equal_elem(Backend::float_abs(x.clone()), threshold.into(), MASK);
            Backend::float_mask_fill(x, near, 0f32.into())
        }
        Unary::SoftShrink { threshold } => {
            let above = Backend::relu(shift(x.clone(), -threshold));
            let below = Backend::relu(shift(Backend::float_neg(x), -threshold));
            Backend::float_sub(above, below)
        }
        Unary::HardSilu => {
            let gate = Backend::float_clamp(shift(scale(x.clone(), 1.0 / 6.0), 0.5), 0f32.into(), 1f32.into());
            Backend::float_mul(x, gate)
        }
        Unary::Squareplus { b } => {
            let root = Backend::float_sqrt(shift(Backend::float_mul(x.clone(), x.clone()), b));
            scale(Backend::float_add(x, root), 0.5)
        }
        Unary::SparsePlus => {
            let clipped = Backend::float_clamp(x.clone(), (-1f32).into(), 1f32.into());
            let half = scale(shift(clipped, 1.0), 0.5);
            Backend::float_add(Backend::float_mul(half.clone(), half), Backend::relu(shift(x, -1.0)))
        }
    }
}

fn scale(x: Primitive, factor: f64) -> Primitive {
    Backend::float_mul_scalar(x, factor.into())
}

fn shift(x: Primitive, by: f64) -> Primitive {
    Backend::float_add_scalar(x, by.into())
}

/// `log(1 + e^x)` as `-log(sigmoid(-x))`, which does not overflow.
fn softplus(x: Primitive) -> Primitive {
    Backend::float_neg(Backend::log_sigmoid(Backend::float_neg(x)))
}

fn elu(x: Primitive, alpha: f64) -> Primitive {
    let positive = Backend::float_greater_elem(x.clone(), 0f32.into(), MASK);
    // Cut at zero first: where `e^x` overflows, zero times its slope would not be zero.
    let below = Backend::float_clamp_max(x.clone(), 0f32.into());
    let negative = scale(shift(Backend::float_exp(below), -1.0), alpha);
    Backend::float_mask_where(negative, positive, x)
}

/// `rank` is the rank the graph gives the outcome.
pub(super) fn binary(
    operation: Binary,
    a: Value,
    b: Value,
    rank: usize,
    device: &Device,
) -> Result<Value, EngineError> {
    if !is_arithmetic(operation) {
        return Err(EngineError::Missing { operation: operation.name() });
    }
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Ok(Value::Number(numbers(operation, a, b))),
        (Value::Int(a, element), b) => integers(operation, a, b, element, rank),
        (Value::Number(a), b) => {
            let b = b.float(operation.name(), device)?;
            Ok(Value::Float(b.map(|b| number_left(operation, a, b))))
        }
        (a, Value::Number(b)) => {
            let a = a.float(operation.name(), device)?;
            Ok(Value::Float(a.map(|a| number_right(operation, a, b))))
        }
        (a, b) => {
            let (a, b) = (a.float(operation.name(), device)?, b.float(operation.name(), device)?);
            Ok(Value::Float(match (a, b) {
                (Activation::First(a), Activation::First(b)) => Activation::First(floats(operation, a, b, 4)),
                (a, b) => Activation::Last(floats(operation, a.last(), b.last(), rank)),
            }))
        }
    }
}

/// Whether the outcome is of the operands' type and the operation is one of those below.
fn is_arithmetic(operation: Binary) -> bool {
    !operation.compares() && !matches!(operation, Binary::FloorDivide | Binary::Remainder)
}

fn numbers(operation: Binary, a: f64, b: f64) -> f64 {
    match operation {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => a.powf(b),
        Binary::Maximum => a.max(b),
        Binary::Minimum => a.min(b),
        _ => f64::NAN,
    }
}

fn number_right(operation: Binary, a: Primitive, b: f64) -> Primitive {
    match operation {
        Binary::Add => shift(a, b),
        Binary::Subtract => shift(a, -b),
        Binary::Multiply => scale(a, b),
        Binary::Divide => Backend::float_div_scalar(a, b.into()),
        Binary::Power => Backend::float_powf_scalar(a, b.into()),
        Binary::Maximum => Backend::float_clamp_min(a, b.into()),
        Binary::Minimum => Backend::float_clamp_max(a, b.into()),
        _ => a,
    }
}

fn number_left(operation: Binary, a: f64, b: Primitive) -> Primitive {
    match operation {
        Binary::Add => shift(b, a),
        Binary::Subtract => shift(Backend::float_neg(b), a),
        Binary::Multiply => scale(b, a),
        Binary::Divide => scale(Backend::float_recip(b), a),
        // a ** b = e ** (b ln a), but for the signs of a base that is not positive.
        Binary::Power if a > 0.0 => Backend::float_exp(scale(b, a.ln())),
        Binary::Power => {
            let base = Backend::float_add_scalar(scale(b.clone(), 0.0), a.into());
            Backend::float_powf(base, b)
        }
        Binary::Maximum => Backend::float_clamp_min(b, a.into()),
        Binary::Minimum => Backend::float_clamp_max(b, a.into()),
        _ => b,
    }
}

fn floats(operation: Binary, a: Primitive, b: Primitive, rank: usize) -> Primitive {
    let (a, b) = (align(a, rank), align(b, rank));
    match operation {
        Binary::Add => Backend::float_add(a, b),
        Binary::Subtract => Backend::float_sub(a, b),
        Binary::Multiply => Backend::float_mul(a, b),
        Binary::Divide => Backend::float_div(a, b),
        Binary::Power => Backend::float_powf(a, b),
        Binary::Maximum => select(a, b, Backend::float_greater_equal),
        Binary::Minimum => select(a, b, Backend::float_lower_equal),
        _ => a,
    }
}

/// `a` where `better(a, b)`, else `b`.
fn select(a: Primitive, b: Primitive, better: fn(Primitive, Primitive, BoolDType) -> Primitive) -> Primitive {
    let (left, right) = (a.shape().to_vec(), b.shape().to_vec());
    let shape: Vec<usize> = left.iter().zip(&right).map(|(a, b)| if *a == 1 { *b } else { *a }).collect();
    let spread = |x: Primitive, from: &[usize]| match from == shape {
        true => x,
        false => Backend::float_expand(x, dims(&shape)),
    };
    let (a, b) = (spread(a, &left), spread(b, &right));
    let mask = better(a.clone(), b.clone(), MASK);
    Backend::float_mask_where(b, mask, a)
}

/// The tensor with as many dimensions as `rank`, those missing in front being 1.
fn align(x: Primitive, rank: usize) -> Primitive {
    let shape = x.shape().to_vec();
    match rank.checked_sub(shape.len()) {
        Some(missing) if missing > 0 => {
            let shape: Vec<usize> = std::iter::repeat_n(1, missing).chain(shape).collect();
            Backend::float_reshape(x, dims(&shape))
        }
        _ => x,
    }
}

fn integers(
    operation: Binary,
    a: Primitive,
    b: Value,
    element: ElementType,
    rank: usize,
) -> Result<Value, EngineError> {
    let unsupported = || EngineError::Unsupported { operation: operation.name(), element };
    let tensor = match b {
        Value::Number(number) if number.fract() == 0.0 => {
            let number = (number as i64).into();
            match operation {
                Binary::Add => Backend::int_add_scalar(a, number),
                Binary::Subtract => Backend::int_sub_scalar(a, number),
                Binary::Multiply => Backend::int_mul_scalar(a, number),
                Binary::Maximum => Backend::int_clamp_min(a, number),
                Binary::Minimum => Backend::int_clamp_max(a, number),
                _ => return Err(unsupported()),
            }
        }
        Value::Int(b, _) => {
            let align = |x: Primitive| {
                let shape = x.shape().to_vec();
                let missing = rank.saturating_sub(shape.len());
                let shape: Vec<usize> = std::iter::repeat_n(1, missing).chain(shape).collect();
                Backend::int_reshape(x, dims(&shape))
            };
            let (a, b) = (align(a), align(b));
            match operation {
                Binary::Add => Backend::int_add(a, b),
                Binary::Subtract => Backend::int_sub(a, b),
                Binary::Multiply => Backend::int_mul(a, b),
                _ => return Err(unsupported()),
            }
        }
        _ => return Err(unsupported()),
    };
    Ok(Value::Int(tensor, element))
}
