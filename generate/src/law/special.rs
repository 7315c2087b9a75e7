//! The incomplete gamma and beta functions, on which gamma, beta, Poisson and binomial stand.
//!
//! They are written here, over `libm`, because those of other crates call the system's logarithms and exponentials, which differ
//! in the last digit from one system to the next; rows are to be the same on all.

use libm::{exp, lgamma, log, log1p};

/// Steps after which a sum is taken to be done; far more than any needs.
const MAX_STEPS: usize = 10_000;

/// From this shape on the sums are long, and Wilson and Hilferty's cube root of a normal is exact to 1e-8.
const LARGE: f64 = 1e6;

/// The chance that a gamma variable of this shape and scale 1 is below `x`: the regularised lower incomplete gamma function,
/// by its series or Lentz's continued fraction (Press et al., "Numerical Recipes", 6.2).
pub fn gamma_below(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if shape > LARGE {
        let z = (libm::cbrt(x / shape) - (1.0 - 1.0 / (9.0 * shape))) * (9.0 * shape).sqrt();
        super::normal::below(z)
    } else if x < shape + 1.0 {
        gamma_series(shape, x)
    } else {
        1.0 - gamma_fraction(shape, x)
    }
}

/// The chance of more than `x`.
pub fn gamma_above(shape: f64, x: f64) -> f64 {
    if x > 0.0 && x >= shape + 1.0 && shape <= LARGE { gamma_fraction(shape, x) } else { 1.0 - gamma_below(shape, x) }
}

/// The logarithm of a gamma variable's density at `x`.
pub fn gamma_density(shape: f64, x: f64) -> f64 {
    (shape - 1.0) * log(x) - x - lgamma(shape)
}

fn gamma_series(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    for step in 1..MAX_STEPS {
        term *= x / (shape + step as f64);
        sum += term;
        if term < sum * f64::EPSILON {
            break;
        }
    }
    sum * exp(shape * log(x) - x - lgamma(shape))
}

fn gamma_fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / f64::MIN_POSITIVE;
    let mut d = 1.0 / b;
    let mut h = d;
    for step in 1..MAX_STEPS {
        let step = step as f64;
        let a = -step * (step - shape);
        b += 2.0;
        d = 1.0 / away(a * d + b);
        c = away(b + a / c);
        let factor = d * c;
        h *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h * exp(shape * log(x) - x - lgamma(shape))
}

/// The chance that a beta variable is below `x`: the regularised incomplete beta function (Press et al., 6.4).
pub fn beta_below(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// The logarithm of a beta variable's density at `x`.
pub fn beta_density(a: f64, b: f64, x: f64) -> f64 {
    lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1.0) * log(x) + (b - 1.0) * log1p(-x)
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let (sum, more, less) = (a + b, a + 1.0, a - 1.0);
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - sum * x / more);
    let mut h = d;
    for step in 1..MAX_STEPS {
        let m = step as f64;
        let even = m * (b - m) * x / ((less + 2.0 * m) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (sum + m) * x / ((a + 2.0 * m) * (more + 2.0 * m));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let factor = d * c;
        h *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

/// Not so near to nothing that its inverse is infinite.
fn away(number: f64) -> f64 {
    if number.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { number }
}

/// The sum of `k ** -s` over all whole `k` from `from` on, by Euler and Maclaurin.
pub fn zeta_from(s: f64, from: f64) -> f64 {
    // The formula is exact to sixteen digits from ten on.
    let mut sum = 0.0;
    let mut k = from;
    while k < 10.0 {
        sum += libm::pow(k, -s);
        k += 1.0;
    }
    let first = libm::pow(k, -s);
    let mut term = s * first / k;
    let mut tail = first * k / (s - 1.0) + first / 2.0 + term / 12.0;
    for (j, bernoulli) in [(1.0, -1.0 / 720.0), (3.0, 1.0 / 30_240.0), (5.0, -1.0 / 1_209_600.0)] {
        term *= (s + j) * (s + j + 1.0) / (k * k);
        tail += term * bernoulli;
    }
    sum + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of R's `pgamma`, `pbeta` and of the zeta function.
    #[test]
    fn they_agree_with_known_values() {
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-10, "{a} {b}");
        near(gamma_below(1.0, 1.0), 1.0 - exp(-1.0));
        near(gamma_below(0.5, 0.1), libm::erf(0.1f64.sqrt()));
        near(gamma_above(3.0, 20.0), exp(-20.0) * (1.0 + 20.0 + 200.0));
        near(beta_below(2.0, 5.0, 0.3), 0.579_825);
        near(beta_below(1.0, 1.0, 0.25), 0.25);
        near(zeta_from(2.0, 1.0), std::f64::consts::PI.powi(2) / 6.0);
        near(zeta_from(1.1, 1.0), 10.584_448_464_950_8);
        near(zeta_from(3.0, 100.0), zeta_from(3.0, 99.0) - 99f64.powi(-3));
    }
}
