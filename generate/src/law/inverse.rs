//! Values of distributions that have no formula for them: found by Newton's steps, and for many rows read from a curve.

/// The `t` at which a rising function is `wanted`. `chance` gives the function and its slope. Newton's steps, kept between ends
/// that close in.
pub fn solve(wanted: f64, guess: f64, mut low: f64, mut high: f64, chance: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut t = guess.clamp(low, high);
    for _ in 0..200 {
        let (value, slope) = chance(t);
        let error = value - wanted;
        if error == 0.0 {
            return t;
        }
        let end = if error > 0.0 { &mut high } else { &mut low };
        *end = t;
        let newton = t - error / slope;
        let next = if newton > low && newton < high { newton } else { low / 2.0 + high / 2.0 };
        if (next - t).abs() <= 1e-14 * t.abs().max(1e-300) || next == t {
            return next;
        }
        t = next;
    }
    t
}

/// Values at equally spaced chances with their slopes, and cubic pieces between: within a part in 10^9 of the exact value over the
/// middle fifteen sixteenths, for which it is used.
#[derive(Clone, Debug)]
pub struct Curve {
    values: Vec<f64>,
    slopes: Vec<f64>,
}

const PIECES: usize = 2048;
const MARGIN: f64 = 1.0 / 32.0;

impl Curve {
    /// A curve through what `exact` answers, where `density` is the density at a value.
    pub fn new(exact: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> Self {
        let values: Vec<f64> = (0..=PIECES).map(|knot| exact(Self::chance(knot))).collect();
        let slopes = values.iter().map(|value| 1.0 / density(*value)).collect();
        Self { values, slopes }
    }

    fn chance(knot: usize) -> f64 {
        MARGIN + (1.0 - 2.0 * MARGIN) * knot as f64 / PIECES as f64
    }

    /// The value at a chance; nothing near its ends.
    #[inline]
    pub fn at(&self, p: f64) -> Option<f64> {
        const STEP: f64 = (1.0 - 2.0 * MARGIN) / PIECES as f64;
        let place = (p - MARGIN) / STEP;
        if !(0.0..PIECES as f64).contains(&place) {
            return None;
        }
        let knot = place as usize;
        let t = place - knot as f64;
        let (from, to) = (self.values[knot], self.values[knot + 1]);
        let (out, into) = (self.slopes[knot] * STEP, self.slopes[knot + 1] * STEP);
        let rise = to - from;
        let (square, cube) = (t * t, t * t * t);
        Some(from + out * t + (3.0 * rise - 2.0 * out - into) * square + (out + into - 2.0 * rise) * cube)
    }
}
