//! Functions of one number without a branch, so that a loop over them becomes vectors.
//!
//! All are within a few units of the last place of the true value where that is of ordinary size; the tests hold them to `f64`.

/// `e^x`, by `2^n · e^r` with `|r| ≤ ln 2 / 2` (Cephes, `expf`).
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Added and taken away again it rounds to a whole number, which is then in its lowest bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // Beyond these the outcome is 0 or infinite anyway; what is no number stays none.
    let x = if x < -104.0 { -104.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let e = p * r * r + r + 1.0;
    // In two factors, since `2^n` alone may be too large or too small for a number.
    let whole = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let half = whole >> 1;
    e * power_of_two(half) * power_of_two(whole.wrapping_sub(half))
}

/// `2^n` for `-126 ≤ n ≤ 127`.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent: near zero by a polynomial, elsewhere by `1 - 2 / (e^2x + 1)` (Cephes, `tanhf`).
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let far = (1.0 - 2.0 / (exp(2.0 * size) + 1.0)).copysign(x);
    let square = x * x;
    let mut p = -5.704_988_7e-3;
    p = p * square + 2.063_909e-2;
    p = p * square - 5.373_971_6e-2;
    p = p * square + 1.333_144_2e-1;
    p = p * square - 3.333_328e-1;
    let near = p * square * x + x;
    if size < 0.625 { near } else { far }
}

/// The error function, by a quotient of polynomials on `[-4, 4]`, beyond which it is ±1 (as Eigen and XLA have it).
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let x = if x < -4.0 { -4.0 } else { x };
    let x = if x > 4.0 { 4.0 } else { x };
    let square = x * x;
    let mut p = -2.726_142_3e-10;
    p = p * square + 2.770_681_4e-8;
    p = p * square - 2.101_024e-6;
    p = p * square - 5.692_506_4e-5;
    p = p * square - 7.349_906_3e-4;
    p = p * square - 2.954_6e-3;
    p = p * square - 1.609_603_3e-2;
    let mut q = -1.456_607_2e-5;
    q = q * square - 2.133_740_5e-4;
    q = q * square - 1.682_827e-3;
    q = q * square - 7.373_329e-3;
    q = q * square - 1.426_473_9e-2;
    x * p / q
}

/// The density of the standard normal distribution.
#[inline(always)]
pub fn normal_density(x: f32) -> f32 {
    const FACTOR: f32 = 0.398_942_3;
    FACTOR * exp(-0.5 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from `-limit` to `limit`, many of them near zero.
    fn numbers(limit: f64) -> impl Iterator<Item = f32> {
        (-20_000..=20_000).map(move |at| (limit * (f64::from(at) / 20_000.0).powi(3)) as f32)
    }

    /// The largest error in units of the last place of the true value.
    fn worst(limit: f64, ours: fn(f32) -> f32, truth: impl Fn(f64) -> f64) -> f64 {
        let error = |x: f32| {
            let truth = truth(f64::from(x));
            let unit = (truth.abs() as f32).max(f32::MIN_POSITIVE);
            let unit = f64::from(f32::from_bits(unit.to_bits() + 1)) - f64::from(unit);
            (f64::from(ours(x)) - truth).abs() / unit
        };
        numbers(limit).map(error).fold(0.0, f64::max)
    }

    /// `erf` by its series, and its continued fraction where that ends sooner.
    fn true_erf(x: f64) -> f64 {
        let size = x.abs();
        if size > 3.0 {
            let fraction = (1..=60).rev().fold(0.0, |below, k| f64::from(k) / 2.0 / (size + below));
            let tail = (-size * size).exp() / (size + fraction) / std::f64::consts::PI.sqrt();
            return (1.0 - tail).copysign(x);
        }
        let (mut term, mut sum) = (x, x);
        for k in 1..80 {
            term *= -x * x / f64::from(k);
            sum += term / f64::from(2 * k + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn functions_are_near_the_truth() {
        assert!(worst(87.0, exp, f64::exp) < 3.0, "{}", worst(87.0, exp, f64::exp));
        assert!(worst(20.0, tanh, f64::tanh) < 4.0, "{}", worst(20.0, tanh, f64::tanh));
        assert!(worst(5.0, erf, true_erf) < 8.0, "{}", worst(5.0, erf, true_erf));
        let sigmoids = worst(80.0, sigmoid, |x| 1.0 / (1.0 + (-x).exp()));
        assert!(sigmoids < 4.0, "{sigmoids}");
    }

    #[test]
    fn ends_are_what_they_should_be() {
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp(0.0), 1.0);
        assert!(
            exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan() && erf(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan()
        );
        assert_eq!((tanh(100.0), tanh(-100.0), tanh(0.0)), (1.0, -1.0, 0.0));
        assert_eq!((sigmoid(f32::NEG_INFINITY), sigmoid(f32::INFINITY)), (0.0, 1.0));
        // Numbers below the smallest normal one are still there.
        assert!(exp(-100.0) > 0.0 && exp(-100.0) < f32::MIN_POSITIVE);
    }
}
