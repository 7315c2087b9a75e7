//! Operations element by element.

use ndsl_compiler::ir::{Binary, ElementType, Unary};

use ::burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps};
use ::burn::backend::{BoolDType, TensorMetadata};

use super::transfer::{Device, dims};
use super::value::{Activation, Value};
use super::{Backend, Primitive, composed, fused};
use crate::engine::EngineError;
use ndsl_kernels::activation::Function;

/// The two constants of self-normalising networks (Klambauer et al., 2017).
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

pub(super) fn unary(operation: Unary, x: Value, device: &Device) -> Result<Value, EngineError> {
    match (operation, x) {
        (Unary::Identity, x) => Ok(x),
        (Unary::Not, Value::Bool(x)) => Ok(Value::Bool(Backend::bool_not(x))),
        (Unary::Not, Value::Int(_, element)) => Err(EngineError::Unsupported { operation: "not", element }),
        (Unary::Not, _) => Err(EngineError::Unsupported { operation: "not", element: ElementType::F32 }),
        (Unary::Sign, Value::Int(x, element)) => Ok(Value::Int(Backend::int_sign(x), element)),
        (Unary::Square, Value::Int(x, element)) => Ok(Value::Int(Backend::int_mul(x.clone(), x), element)),
        (Unary::Negate, Value::Number(number)) => Ok(Value::Number(-number)),
        (Unary::Negate, Value::Int(x, element)) => Ok(Value::Int(Backend::int_neg(x), element)),
        (Unary::Abs, Value::Int(x, element)) => Ok(Value::Int(Backend::int_abs(x), element)),
        (_, x) => Ok(Value::Float(x.float(operation.name(), device)?.map(|x| apply(operation, x, device)))),
    }
}

/// An operation on floats alone.
pub(super) fn apply(operation: Unary, x: Primitive, device: &Device) -> Primitive {
    let mask = device.truth;
    let map = |x, function| if device.has_kernels { fused::map(x, function) } else { composed::map(x, function) };
    match operation {
        Unary::Negate => Backend::float_neg(x),
        Unary::Abs => Backend::float_abs(x),
        Unary::Exp => map(x, Function::Exp),
        Unary::Log => Backend::float_log(x),
        Unary::Sqrt => Backend::float_sqrt(x),
        Unary::Relu => map(x, Function::Relu),
        Unary::LeakyRelu { slope } => Backend::leaky_relu(x, slope.into()),
        Unary::Elu { alpha } => elu(x, alpha, mask),
        Unary::Selu => scale(elu(x, SELU_ALPHA, mask), SELU_SCALE),
        // By way of relu, whose slope at zero is zero, as it is in the definition's framework.
        Unary::Relu6 => Backend::float_clamp_max(map(x, Function::Relu), 6f32.into()),
        Unary::Sigmoid => map(x, Function::Sigmoid),
        Unary::HardSigmoid => Backend::float_clamp(shift(scale(x, 1.0 / 6.0), 0.5), 0f32.into(), 1f32.into()),
        Unary::Tanh => map(x, Function::Tanh),
        Unary::Gelu { approximate: false } => map(x, Function::Gelu),
        Unary::Gelu { approximate: true } => map(x, Function::GeluTanh),
        Unary::Silu => map(x, Function::Silu),
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
            let reached = Backend::float_greater_equal_elem(x.clone(), threshold.into(), mask);
            let below = scale(shift(x.clone(), -threshold), slope);
            let chosen = Backend::float_mask_where(below, reached, x.clone());
            match max_value.is_finite() {
                true => {
                    let full = Backend::float_greater_equal_elem(x, max_value.into(), mask);
                    Backend::float_mask_fill(chosen, full, max_value.into())
                }
                false => chosen,
            }
        }
        Unary::Threshold { threshold, value } => {
            let below = Backend::float_lower_equal_elem(x.clone(), threshold.into(), mask);
            Backend::float_mask_fill(x, below, value.into())
        }
        Unary::Celu { alpha } => scale(elu(scale(x, 1.0 / alpha), 1.0, mask), alpha),
        Unary::LogSigmoid => Backend::log_sigmoid(x),
        Unary::SparseSigmoid => Backend::float_clamp(shift(scale(x, 0.5), 0.5), 0f32.into(), 1f32.into()),
        Unary::HardTanh => Backend::float_clamp(x, (-1f32).into(), 1f32.into()),
        Unary::TanhShrink => Backend::float_sub(x.clone(), Backend::float_tanh(x)),
        Unary::HardShrink { threshold } => {
            let near = Backend::float_lower_equal_elem(Backend::float_abs(x.clone()), threshold.into(), mask);
            Backend::float_mask_fill(x, near, 0f32.into())
        }
        Unary::SoftShrink { threshold } => {
            let above = map(shift(x.clone(), -threshold), Function::Relu);
            let below = map(shift(Backend::float_neg(x), -threshold), Function::Relu);
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
            Backend::float_add(Backend::float_mul(half.clone(), half), map(shift(x, -1.0), Function::Relu))
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

fn elu(x: Primitive, alpha: f64, mask: BoolDType) -> Primitive {
    let positive = Backend::float_greater_elem(x.clone(), 0f32.into(), mask);
    // Cut at zero first: where `e^x` overflows, zero times its slope would not be zero.
    let below = Backend::float_clamp_max(x.clone(), 0f32.into());
    let negative = scale(shift(Backend::float_exp(below), -1.0), alpha);
    Backend::float_mask_where(negative, positive, x)
}

/// What is done with two numbers.
enum Kind {
    /// The outcome is of their type.
    Arithmetic(Arithmetic),
    /// The quotient rounded down, or what it leaves.
    Rounded { remainder: bool },
    /// Which of them is the larger.
    Comparison(Comparison),
    /// Of booleans.
    Logic { both: bool },
}

#[derive(Clone, Copy)]
enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Maximum,
    Minimum,
}

#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Kind {
    fn of(operation: Binary) -> Self {
        match operation {
            Binary::Add => Self::Arithmetic(Arithmetic::Add),
            Binary::Subtract => Self::Arithmetic(Arithmetic::Subtract),
            Binary::Multiply => Self::Arithmetic(Arithmetic::Multiply),
            Binary::Divide => Self::Arithmetic(Arithmetic::Divide),
            Binary::Power => Self::Arithmetic(Arithmetic::Power),
            Binary::Maximum => Self::Arithmetic(Arithmetic::Maximum),
            Binary::Minimum => Self::Arithmetic(Arithmetic::Minimum),
            Binary::FloorDivide => Self::Rounded { remainder: false },
            Binary::Remainder => Self::Rounded { remainder: true },
            Binary::Equal => Self::Comparison(Comparison::Equal),
            Binary::NotEqual => Self::Comparison(Comparison::NotEqual),
            Binary::Less => Self::Comparison(Comparison::Less),
            Binary::LessEqual => Self::Comparison(Comparison::LessEqual),
            Binary::Greater => Self::Comparison(Comparison::Greater),
            Binary::GreaterEqual => Self::Comparison(Comparison::GreaterEqual),
            Binary::And => Self::Logic { both: true },
            Binary::Or => Self::Logic { both: false },
        }
    }
}

/// `shape` is the shape the graph gives the outcome.
pub(super) fn binary(
    operation: Binary,
    a: Value,
    b: Value,
    shape: &[usize],
    device: &Device,
) -> Result<Value, EngineError> {
    let name = operation.name();
    let (a, b) = alike(a, b, device)?;
    let mask = device.truth;
    match Kind::of(operation) {
        Kind::Arithmetic(operation) => match (a, b) {
            (Value::Int(a, element), Value::Int(b, _)) => {
                let [a, b] = [a, b].map(|x| spread(x, shape));
                Ok(Value::Int(integers(operation, a, b, mask), element))
            }
            (a, b) => arithmetic(operation, name, a, b, shape.len(), device),
        },
        Kind::Rounded { remainder } => match (a, b) {
            (Value::Int(a, element), Value::Int(b, _)) => {
                let [a, b] = [a, b].map(|x| spread(x, shape));
                let rest = Backend::int_remainder(a.clone(), b.clone());
                let even = |rest| Backend::int_div(Backend::int_sub(a, rest), b);
                Ok(Value::Int(if remainder { rest } else { even(rest) }, element))
            }
            (a, b) => {
                let quotient = arithmetic(Arithmetic::Divide, name, a.clone(), b.clone(), shape.len(), device)?;
                let floor = unary(Unary::Floor, quotient, device)?;
                if !remainder {
                    return Ok(floor);
                }
                let product = arithmetic(Arithmetic::Multiply, name, b, floor, shape.len(), device)?;
                arithmetic(Arithmetic::Subtract, name, a, product, shape.len(), device)
            }
        },
        Kind::Comparison(comparison) => match (a, b) {
            (Value::Int(a, _), Value::Int(b, _)) => {
                let [a, b] = [a, b].map(|x| spread(x, shape));
                Ok(Value::Bool(compare_integers(comparison, a, b, mask)))
            }
            (Value::Bool(a), Value::Bool(b)) => {
                let [a, b] = [a, b].map(|x| spread_truths(x, shape));
                match comparison {
                    Comparison::Equal => Ok(Value::Bool(Backend::bool_equal(a, b))),
                    Comparison::NotEqual => Ok(Value::Bool(Backend::bool_not_equal(a, b))),
                    _ => Err(EngineError::Unsupported { operation: name, element: ElementType::Bool }),
                }
            }
            (a, b) => {
                let [a, b] = [a.float(name, device)?, b.float(name, device)?].map(|x| spread_floats(x.last(), shape));
                Ok(Value::Bool(compare_floats(comparison, a, b, mask)))
            }
        },
        Kind::Logic { both } => match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => {
                let [a, b] = [a, b].map(|x| spread_truths(x, shape));
                Ok(Value::Bool(if both { Backend::bool_and(a, b) } else { Backend::bool_or(a, b) }))
            }
            (Value::Int(_, element), _) => Err(EngineError::Unsupported { operation: name, element }),
            _ => Err(EngineError::Unsupported { operation: name, element: ElementType::F32 }),
        },
    }
}

/// A whole number beside integers is one of them.
fn alike(a: Value, b: Value, device: &Device) -> Result<(Value, Value), EngineError> {
    let integer = |number: f64, element: ElementType| device.constant(element, &[], &[number]);
    Ok(match (a, b) {
        (Value::Number(a), Value::Int(b, element)) if a.fract() == 0.0 => {
            (integer(a, element)?, Value::Int(b, element))
        }
        (Value::Int(a, element), Value::Number(b)) if b.fract() == 0.0 => {
            (Value::Int(a, element), integer(b, element)?)
        }
        both => both,
    })
}

/// Broadcasts integers.
fn spread(x: Primitive, shape: &[usize]) -> Primitive {
    let aligned = aligned(&x, shape);
    Backend::int_expand(Backend::int_reshape(x, aligned), dims(if shape.is_empty() { &[1] } else { shape }))
}

/// Broadcasts truth values.
fn spread_truths(x: Primitive, shape: &[usize]) -> Primitive {
    let aligned = aligned(&x, shape);
    Backend::bool_expand(Backend::bool_reshape(x, aligned), dims(if shape.is_empty() { &[1] } else { shape }))
}

/// Broadcasts floats.
fn spread_floats(x: Primitive, shape: &[usize]) -> Primitive {
    let aligned = aligned(&x, shape);
    Backend::float_expand(Backend::float_reshape(x, aligned), dims(if shape.is_empty() { &[1] } else { shape }))
}

/// The shape of a tensor with axes of 1 in front, so that there are as many as in another.
fn aligned(x: &Primitive, shape: &[usize]) -> ::burn::backend::Shape {
    let own = x.shape().to_vec();
    let missing = shape.len().saturating_sub(own.len());
    dims(&[vec![1; missing], own].concat())
}

/// `rank` is the rank the graph gives the outcome.
fn arithmetic(
    operation: Arithmetic,
    name: &'static str,
    a: Value,
    b: Value,
    rank: usize,
    device: &Device,
) -> Result<Value, EngineError> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Ok(Value::Number(numbers(operation, a, b))),
        (Value::Number(a), b) => {
            let b = b.float(name, device)?;
            Ok(Value::Float(b.map(|b| number_left(operation, a, b))))
        }
        (a, Value::Number(b)) => {
            let a = a.float(name, device)?;
            Ok(Value::Float(a.map(|a| number_right(operation, a, b))))
        }
        (a, b) => {
            let (a, b) = (a.float(name, device)?, b.float(name, device)?);
            Ok(Value::Float(match (a, b) {
                (Activation::First(a), Activation::First(b)) => {
                    Activation::First(floats(operation, a, b, rank, device.truth))
                }
                (a, b) => Activation::Last(floats(operation, a.last(), b.last(), rank, device.truth)),
            }))
        }
    }
}

fn numbers(operation: Arithmetic, a: f64, b: f64) -> f64 {
    match operation {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Power => a.powf(b),
        Arithmetic::Maximum => a.max(b),
        Arithmetic::Minimum => a.min(b),
    }
}

fn number_right(operation: Arithmetic, a: Primitive, b: f64) -> Primitive {
    match operation {
        Arithmetic::Add => shift(a, b),
        Arithmetic::Subtract => shift(a, -b),
        Arithmetic::Multiply => scale(a, b),
        Arithmetic::Divide => Backend::float_div_scalar(a, b.into()),
        Arithmetic::Power => Backend::float_powf_scalar(a, b.into()),
        Arithmetic::Maximum => Backend::float_clamp_min(a, b.into()),
        Arithmetic::Minimum => Backend::float_clamp_max(a, b.into()),
    }
}

fn number_left(operation: Arithmetic, a: f64, b: Primitive) -> Primitive {
    match operation {
        Arithmetic::Add => shift(b, a),
        Arithmetic::Subtract => shift(Backend::float_neg(b), a),
        Arithmetic::Multiply => scale(b, a),
        Arithmetic::Divide => scale(Backend::float_recip(b), a),
        // a ** b = e ** (b ln a), but for the signs of a base that is not positive.
        Arithmetic::Power if a > 0.0 => Backend::float_exp(scale(b, a.ln())),
        Arithmetic::Power => {
            let base = Backend::float_add_scalar(scale(b.clone(), 0.0), a.into());
            Backend::float_powf(base, b)
        }
        Arithmetic::Maximum => Backend::float_clamp_min(b, a.into()),
        Arithmetic::Minimum => Backend::float_clamp_max(b, a.into()),
    }
}

fn floats(operation: Arithmetic, a: Primitive, b: Primitive, rank: usize, mask: BoolDType) -> Primitive {
    let (a, b) = (align(a, rank), align(b, rank));
    match operation {
        Arithmetic::Add => Backend::float_add(a, b),
        Arithmetic::Subtract => Backend::float_sub(a, b),
        Arithmetic::Multiply => Backend::float_mul(a, b),
        Arithmetic::Divide => Backend::float_div(a, b),
        Arithmetic::Power => Backend::float_powf(a, b),
        Arithmetic::Maximum => select(a, b, mask, Backend::float_greater_equal),
        Arithmetic::Minimum => select(a, b, mask, Backend::float_lower_equal),
    }
}

/// `a` where `better(a, b)`, else `b`.
fn select(
    a: Primitive,
    b: Primitive,
    mask: BoolDType,
    better: fn(Primitive, Primitive, BoolDType) -> Primitive,
) -> Primitive {
    let (left, right) = (a.shape().to_vec(), b.shape().to_vec());
    let shape: Vec<usize> = left.iter().zip(&right).map(|(a, b)| if *a == 1 { *b } else { *a }).collect();
    let spread = |x: Primitive, from: &[usize]| match from == shape {
        true => x,
        false => Backend::float_expand(x, dims(&shape)),
    };
    let (a, b) = (spread(a, &left), spread(b, &right));
    let chosen = better(a.clone(), b.clone(), mask);
    Backend::float_mask_where(b, chosen, a)
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

/// Of integers of one shape.
fn integers(operation: Arithmetic, a: Primitive, b: Primitive, mask: BoolDType) -> Primitive {
    match operation {
        Arithmetic::Add => Backend::int_add(a, b),
        Arithmetic::Subtract => Backend::int_sub(a, b),
        Arithmetic::Multiply => Backend::int_mul(a, b),
        Arithmetic::Divide => Backend::int_div(a, b),
        Arithmetic::Power => Backend::int_powi(a, b),
        Arithmetic::Maximum => Backend::int_mask_where(b.clone(), Backend::int_greater(a.clone(), b, mask), a),
        Arithmetic::Minimum => Backend::int_mask_where(b.clone(), Backend::int_lower(a.clone(), b, mask), a),
    }
}

fn compare_integers(comparison: Comparison, a: Primitive, b: Primitive, mask: BoolDType) -> Primitive {
    match comparison {
        Comparison::Equal => Backend::int_equal(a, b, mask),
        Comparison::NotEqual => Backend::int_not_equal(a, b, mask),
        Comparison::Less => Backend::int_lower(a, b, mask),
        Comparison::LessEqual => Backend::int_lower_equal(a, b, mask),
        Comparison::Greater => Backend::int_greater(a, b, mask),
        Comparison::GreaterEqual => Backend::int_greater_equal(a, b, mask),
    }
}

fn compare_floats(comparison: Comparison, a: Primitive, b: Primitive, mask: BoolDType) -> Primitive {
    match comparison {
        Comparison::Equal => Backend::float_equal(a, b, mask),
        Comparison::NotEqual => Backend::float_not_equal(a, b, mask),
        Comparison::Less => Backend::float_lower(a, b, mask),
        Comparison::LessEqual => Backend::float_lower_equal(a, b, mask),
        Comparison::Greater => Backend::float_greater(a, b, mask),
        Comparison::GreaterEqual => Backend::float_greater_equal(a, b, mask),
    }
}
