//! Functions of each element, and their slopes.

use std::f32::consts::FRAC_1_SQRT_2;

use super::math::{erf, exp, normal_density, sigmoid, tanh};
use super::{each_rows, vectored};

/// What is done to each element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// What is below zero is zero.
    Relu,
    /// Half the element and its error function.
    Gelu,
    /// The same by the hyperbolic tangent.
    GeluTanh,
    /// The element times its sigmoid.
    Silu,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `e^x`.
    Exp,
}

/// Which numbers the slope of a function is found from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// What went in.
    Input,
    /// What came out, so that the function may be applied in place.
    Output,
}

/// `√(2 / π)`.
const ROOT: f32 = 0.797_884_6;
/// How much of the cube is added.
const CUBIC: f32 = 0.044_715;

impl Function {
    /// What must be kept for [`slope`].
    pub fn kept(self) -> Kept {
        match self {
            Self::Relu | Self::Sigmoid | Self::Tanh | Self::Exp => Kept::Output,
            Self::Gelu | Self::GeluTanh | Self::Silu => Kept::Input,
        }
    }
}

/// Applies the function to every element.
pub fn apply(function: Function, numbers: &mut [f32]) {
    each_rows(numbers, 1, 1, |_, part| apply_to(function, part));
}

/// Multiplies gradients by the slope at every element; `kept` is what [`Function::kept`] says.
pub fn slope(function: Function, gradient: &mut [f32], kept: &[f32]) {
    each_rows(gradient, 1, 1, |from, part| slope_of(function, part, &kept[from..]));
}

vectored! {
    fn apply_to(function: Function, numbers: &mut [f32]) {
        match function {
            Function::Relu => {
                // What is no number is none afterwards.
                for x in numbers { *x = if *x < 0.0 { 0.0 } else { *x } }
            }
            Function::Gelu => {
                for x in numbers { *x = 0.5 * *x * (1.0 + erf(*x * FRAC_1_SQRT_2)) }
            }
            Function::GeluTanh => {
                for x in numbers { *x = 0.5 * *x * (1.0 + tanh(ROOT * (*x + CUBIC * *x * *x * *x))) }
            }
            Function::Silu => {
                for x in numbers { *x *= sigmoid(*x) }
            }
            Function::Sigmoid => {
                for x in numbers { *x = sigmoid(*x) }
            }
            Function::Tanh => {
                for x in numbers { *x = tanh(*x) }
            }
            Function::Exp => {
                for x in numbers { *x = exp(*x) }
            }
        }
    }

    fn slope_of(function: Function, gradient: &mut [f32], kept: &[f32]) {
        let pairs = gradient.iter_mut().zip(kept);
        match function {
            Function::Relu => {
                for (g, y) in pairs { *g = if *y > 0.0 { *g } else { 0.0 } }
            }
            Function::Gelu => {
                for (g, x) in pairs { *g *= 0.5 * (1.0 + erf(*x * FRAC_1_SQRT_2)) + *x * normal_density(*x) }
            }
            Function::GeluTanh => {
                for (g, x) in pairs {
                    let t = tanh(ROOT * (*x + CUBIC * *x * *x * *x));
                    let inner = ROOT * (1.0 + 3.0 * CUBIC * *x * *x);
                    *g *= 0.5 * (1.0 + t + *x * (1.0 - t * t) * inner);
                }
            }
            Function::Silu => {
                for (g, x) in pairs {
                    let s = sigmoid(*x);
                    *g *= s * (1.0 + *x * (1.0 - s));
                }
            }
            Function::Sigmoid => {
                for (g, y) in pairs { *g *= *y * (1.0 - *y) }
            }
            Function::Tanh => {
                for (g, y) in pairs { *g *= 1.0 - *y * *y }
            }
            Function::Exp => {
                for (g, y) in pairs { *g *= *y }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_what_differences_say() {
        let all = [
            Function::Relu,
            Function::Gelu,
            Function::GeluTanh,
            Function::Silu,
            Function::Sigmoid,
            Function::Tanh,
            Function::Exp,
        ];
        for function in all {
            let inputs: Vec<f32> = (-40..40).map(|at| at as f32 * 0.1 + 0.03).collect();
            let at = |by: f32| {
                let mut numbers: Vec<f32> = inputs.iter().map(|x| x + by).collect();
                apply(function, &mut numbers);
                numbers
            };
            let kept = if function.kept() == Kept::Input { inputs.clone() } else { at(0.0) };
            let mut slopes = vec![1.0; inputs.len()];
            slope(function, &mut slopes, &kept);
            for (index, (below, above)) in at(-1e-2).into_iter().zip(at(1e-2)).enumerate() {
                let difference = (above - below) / 2e-2;
                let allowed = 2e-3 * (1.0 + difference.abs());
                assert!((slopes[index] - difference).abs() < allowed, "{function:?} at {}", inputs[index]);
            }
        }
    }
}
