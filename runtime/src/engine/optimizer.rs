//! How gradients move weights: one pass over the numbers of a parameter, whatever engine made the gradient.
//!
//! Arithmetic is in f32 with the step's constants computed in f64, as PyTorch does it.

use ndsl_compiler::plan::{Optimizer, Rule};
use ndsl_kernels::adam::{Adam, adam};

/// How many numbers an optimizer keeps of each number of a parameter.
pub fn moments(rule: &Rule) -> usize {
    match rule {
        Rule::Sgd { momentum, .. } => usize::from(*momentum != 0.0),
        Rule::Adagrad { .. } | Rule::Lion { .. } => 1,
        Rule::Adam { amsgrad, .. } => 2 + usize::from(*amsgrad),
        Rule::Adamax { .. } | Rule::Nadam { .. } | Rule::Adadelta { .. } => 2,
        Rule::RmsProp { momentum, centered, .. } => 1 + usize::from(*momentum != 0.0) + usize::from(*centered),
    }
}

/// What these numbers are before the first step.
pub fn initial(rule: &Rule) -> f32 {
    match rule {
        Rule::Adagrad { initial_accumulator_value, .. } => *initial_accumulator_value as f32,
        _ => 0.0,
    }
}

/// Makes gradients no longer, all of them together, and no larger, each number, than the optimizer lets them be.
///
/// Their length is 0 or not a number only where it says nothing of them; they stay as they are then.
pub fn clip<'a>(optimizer: &Optimizer, gradients: impl Iterator<Item = &'a mut Vec<f32>>) {
    let mut gradients: Vec<&mut Vec<f32>> = gradients.collect();
    if let Some(longest) = optimizer.clip_norm {
        let squares = |gradient: &Vec<f32>| gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>();
        let length = gradients.iter().map(|gradient| squares(gradient)).sum::<f64>().sqrt();
        if length > longest {
            let kept = (longest / length) as f32;
            gradients.iter_mut().flat_map(|gradient| gradient.iter_mut()).for_each(|g| *g *= kept);
        }
    }
    if let Some(largest) = optimizer.clip_value {
        let largest = largest as f32;
        // What is not a number stays none.
        gradients.iter_mut().flat_map(|gradient| gradient.iter_mut()).for_each(|g| *g = g.clamp(-largest, largest));
    }
}

/// Moves a running mean towards numbers, of which each update takes one less `decay`.
pub fn average(decay: f64, mean: &mut [f32], numbers: &[f32]) {
    let running = Mean::new(decay);
    mean.iter_mut().zip(numbers).for_each(|(mean, number)| running.add(mean, *number));
}

/// Moves one parameter. `step` counts from 1; `state` holds the parameter's [`moments`], [`initial`] before the first step.
pub fn apply(optimizer: &Optimizer, step: u64, weight: &mut [f32], gradient: &[f32], state: &mut [Vec<f32>]) {
    let lr = optimizer.learning_rate;
    if optimizer.weight_decay != 0.0 {
        let kept = (1.0 - lr * optimizer.weight_decay) as f32;
        weight.iter_mut().for_each(|w| *w *= kept);
    }
    let rate = lr as f32;
    match (optimizer.rule, state) {
        (Rule::Sgd { momentum, nesterov }, [velocity]) => {
            let momentum = momentum as f32;
            for ((w, g), v) in weight.iter_mut().zip(gradient).zip(velocity) {
                *v = momentum * *v - rate * g;
                *w += if nesterov { momentum * *v - rate * g } else { *v };
            }
        }
        (Rule::Sgd { .. }, _) => {
            for (w, g) in weight.iter_mut().zip(gradient) {
                *w -= rate * g;
            }
        }
        (Rule::Adam { beta_1, beta_2, epsilon, .. }, [mean, square, rest @ ..]) => {
            let (mean_of, square_of) = (Mean::new(beta_1), Mean::new(beta_2));
            let rate = (lr / corrected(beta_1, step)) as f32;
            let root = (1.0 / corrected(beta_2, step).sqrt()) as f32;
            let epsilon = epsilon as f32;
            match rest {
                [] => {
                    let (kept, added) = ([mean_of.kept, square_of.kept], [mean_of.added, square_of.added]);
                    adam(weight, gradient, mean, square, Adam { kept, added, rate, root, epsilon });
                }
                [largest, ..] => {
                    let numbers = weight.iter_mut().zip(gradient).zip(mean).zip(square);
                    for ((((w, g), m), v), most) in numbers.zip(largest) {
                        mean_of.add(m, *g);
                        square_of.add(v, g * g);
                        *most = most.max(*v);
                        *w -= rate * *m / (most.sqrt() * root + epsilon);
                    }
                }
            }
        }
        (Rule::Adamax { beta_1, beta_2, epsilon }, [mean, largest]) => {
            let (mean_of, beta_2, epsilon) = (Mean::new(beta_1), beta_2 as f32, epsilon as f32);
            let rate = (lr / corrected(beta_1, step)) as f32;
            for (((w, g), m), u) in weight.iter_mut().zip(gradient).zip(mean).zip(largest) {
                mean_of.add(m, *g);
                *u = (beta_2 * *u).max(g.abs());
                *w -= rate * *m / (*u + epsilon);
            }
        }
        (Rule::Nadam { beta_1, beta_2, epsilon }, [mean, square]) => {
            let (mean_of, square_of, epsilon) = (Mean::new(beta_1), Mean::new(beta_2), epsilon as f32);
            let (now, next) = (nesterov_decay(beta_1, step), nesterov_decay(beta_1, step + 1));
            let product = nesterov_product(beta_1, step);
            let of_mean = (lr * next / (1.0 - product * next)) as f32;
            let of_gradient = (lr * (1.0 - now) / (1.0 - product)) as f32;
            let root = (1.0 / corrected(beta_2, step).sqrt()) as f32;
            for (((w, g), m), v) in weight.iter_mut().zip(gradient).zip(mean).zip(square) {
                mean_of.add(m, *g);
                square_of.add(v, g * g);
                *w -= (of_mean * *m + of_gradient * g) / (v.sqrt() * root + epsilon);
            }
        }
        (Rule::RmsProp { rho, momentum, epsilon, centered }, [square, rest @ ..]) => {
            let (running, momentum, epsilon) = (Mean::new(rho), momentum as f32, epsilon as f32);
            let (mut velocity, mut mean) = match (rest, centered) {
                ([velocity, mean, ..], _) => (Some(velocity), Some(mean)),
                ([mean], true) => (None, Some(mean)),
                ([velocity], false) => (Some(velocity), None),
                ([], _) => (None, None),
            };
            for (index, ((w, g), v)) in weight.iter_mut().zip(gradient).zip(square).enumerate() {
                running.add(v, g * g);
                let spread = match &mut mean {
                    Some(mean) => {
                        running.add(&mut mean[index], *g);
                        *v - mean[index] * mean[index]
                    }
                    None => *v,
                };
                let moved = rate * g / (spread + epsilon).sqrt();
                *w -= match &mut velocity {
                    Some(velocity) => {
                        velocity[index] = momentum * velocity[index] + moved;
                        velocity[index]
                    }
                    None => moved,
                };
            }
        }
        (Rule::Adagrad { epsilon, .. }, [sum]) => {
            let epsilon = epsilon as f32;
            for ((w, g), a) in weight.iter_mut().zip(gradient).zip(sum) {
                *a += g * g;
                *w -= rate * g / (*a + epsilon).sqrt();
            }
        }
        (Rule::Adadelta { rho, epsilon }, [square, steps]) => {
            let (running, epsilon) = (Mean::new(rho), epsilon as f32);
            for (((w, g), a), d) in weight.iter_mut().zip(gradient).zip(square).zip(steps) {
                running.add(a, g * g);
                let moved = g * ((*d + epsilon) / (*a + epsilon)).sqrt();
                running.add(d, moved * moved);
                *w -= rate * moved;
            }
        }
        (Rule::Lion { beta_1, beta_2 }, [mean]) => {
            let (into_step, kept) = (Mean::new(beta_1), Mean::new(beta_2));
            for ((w, g), m) in weight.iter_mut().zip(gradient).zip(mean) {
                let mut direction = *m;
                into_step.add(&mut direction, *g);
                // The sign of zero is zero, and a weight stays.
                *w -= rate * if direction == 0.0 { 0.0 } else { direction.signum() };
                kept.add(m, *g);
            }
        }
        // The moments are made by `moments`, so there is nothing else.
        _ => {}
    }
}

/// A running mean of which each step keeps a share.
#[derive(Clone, Copy)]
struct Mean {
    kept: f32,
    added: f32,
}

impl Mean {
    fn new(kept: f64) -> Self {
        Self { kept: kept as f32, added: (1.0 - kept) as f32 }
    }

    #[inline(always)]
    fn add(self, mean: &mut f32, number: f32) {
        *mean = self.kept * *mean + self.added * number;
    }
}

/// How much of a mean that began at zero is there after some steps.
fn corrected(decay: f64, step: u64) -> f64 {
    1.0 - decay.powf(step as f64)
}

/// Nadam's decay of the mean at a step.
fn nesterov_decay(beta_1: f64, step: u64) -> f64 {
    beta_1 * (1.0 - 0.5 * 0.96f64.powf(step as f64))
}

/// The product of all these decays up to a step.
fn nesterov_product(beta_1: f64, step: u64) -> f64 {
    let mut product = 1.0;
    for step in 1..=step {
        product *= nesterov_decay(beta_1, step);
        // What comes after changes nothing any more.
        if product < f64::EPSILON * f64::EPSILON {
            return 0.0;
        }
    }
    product
}
