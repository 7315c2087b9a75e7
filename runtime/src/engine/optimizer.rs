//! How gradients move weights: one pass over the numbers of a parameter, whatever engine made the gradient.
//!
//! Arithmetic is in f32 with the step's constants computed in f64, as PyTorch does it.

use ndsl_compiler::plan::Optimizer;

/// How many moments an optimizer keeps of each parameter.
pub fn moments(optimizer: &Optimizer) -> usize {
    match optimizer {
        Optimizer::Sgd { momentum, .. } => usize::from(*momentum != 0.0),
        Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 2,
    }
}

/// Moves one parameter. `step` counts from 1; `state` holds the parameter's [`moments`], zero before the first step.
pub fn apply(optimizer: &Optimizer, step: u64, weight: &mut [f32], gradient: &[f32], state: &mut [Vec<f32>]) {
    match (*optimizer, state) {
        (Optimizer::Sgd { learning_rate, momentum, nesterov }, [velocity]) => {
            let (rate, momentum) = (learning_rate as f32, momentum as f32);
            for ((w, g), v) in weight.iter_mut().zip(gradient).zip(velocity) {
                *v = momentum * *v - rate * g;
                *w += if nesterov { momentum * *v - rate * g } else { *v };
            }
        }
        (Optimizer::Sgd { learning_rate, .. }, _) => {
            let rate = learning_rate as f32;
            for (w, g) in weight.iter_mut().zip(gradient) {
                *w -= rate * g;
            }
        }
        (Optimizer::Adam { learning_rate, beta_1, beta_2, epsilon }, [mean, square]) => {
            Adam::new(learning_rate, beta_1, beta_2, epsilon, step).apply(1.0, weight, gradient, mean, square);
        }
        (Optimizer::AdamW { learning_rate, beta_1, beta_2, epsilon, weight_decay }, [mean, square]) => {
            let kept = (1.0 - learning_rate * weight_decay) as f32;
            Adam::new(learning_rate, beta_1, beta_2, epsilon, step).apply(kept, weight, gradient, mean, square);
        }
        // The moments are made by `moments`, so there is nothing else.
        (Optimizer::Adam { .. } | Optimizer::AdamW { .. }, _) => {}
    }
}

/// The constants of one step of Adam: `w -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
struct Adam {
    rate: f32,
    beta_1: f32,
    beta_2: f32,
    rest_1: f32,
    rest_2: f32,
    root: f32,
    epsilon: f32,
}

impl Adam {
    fn new(learning_rate: f64, beta_1: f64, beta_2: f64, epsilon: f64, step: u64) -> Self {
        let power = |beta: f64| 1.0 - beta.powf(step as f64);
        Self {
            rate: (learning_rate / power(beta_1)) as f32,
            beta_1: beta_1 as f32,
            beta_2: beta_2 as f32,
            rest_1: (1.0 - beta_1) as f32,
            rest_2: (1.0 - beta_2) as f32,
            root: (1.0 / power(beta_2).sqrt()) as f32,
            epsilon: epsilon as f32,
        }
    }

    fn apply(&self, kept: f32, weight: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32]) {
        for (((w, g), m), v) in weight.iter_mut().zip(gradient).zip(mean).zip(square) {
            *m = self.beta_1 * *m + self.rest_1 * g;
            *v = self.beta_2 * *v + self.rest_2 * g * g;
            *w = kept * *w - self.rate * *m / (v.sqrt() * self.root + self.epsilon);
        }
    }
}
