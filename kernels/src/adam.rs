//! The rule by which most move their weights.

use super::vectored;

/// The numbers of a step, of the mean of gradients and of that of their squares.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// The share of each mean that stays.
    pub kept: [f32; 2],
    /// The share of what is added.
    pub added: [f32; 2],
    /// The learning rate, corrected for a mean that began at zero.
    pub rate: f32,
    /// What the root of the second mean is multiplied by, likewise.
    pub root: f32,
    /// Added to that.
    pub epsilon: f32,
}

vectored! {
    /// Moves weights and both means by a gradient.
    pub fn adam(weight: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32], step: Adam) {
        for (((w, g), m), v) in weight.iter_mut().zip(gradient).zip(mean).zip(square) {
            *m = step.kept[0] * *m + step.added[0] * g;
            *v = step.kept[1] * *v + step.added[1] * (g * g);
            *w -= step.rate * *m / (v.sqrt() * step.root + step.epsilon);
        }
    }
}
