//! How the learning rate goes on from step to step.

use std::f64::consts::PI;
use std::fmt;

use super::Monitor;

/// A schedule with its settings.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Schedule {
    /// Steps in which the rate first rises in a straight line, the last of them at the whole rate.
    pub warmup: usize,
    /// How it goes on.
    #[serde(flatten)]
    pub course: Course,
}

/// The course of the learning rate behind the warm-up.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum Course {
    /// Always the same.
    Constant,
    /// Times `factor` after every so many epochs.
    Step {
        /// Epochs from one drop to the next.
        every: usize,
        /// What the rate is multiplied by.
        factor: f64,
    },
    /// Times `factor` after every epoch.
    Exponential {
        /// What the rate is multiplied by.
        factor: f64,
    },
    /// By a power of the share of steps left, down to `last` of the rate; 1 is a straight line.
    Polynomial {
        /// The power.
        power: f64,
        /// The share of the rate that is left at the end.
        last: f64,
    },
    /// Half a cosine down to `last` of the rate (Loshchilov and Hutter, 2017).
    Cosine {
        /// The share of the rate that is left at the end.
        last: f64,
        /// How often it starts again from the top, each time for as many steps.
        restarts: usize,
    },
    /// Half a cosine up and half a cosine down (Smith and Topin, 2018), as PyTorch's `OneCycleLR` has it.
    OneCycle {
        /// The share of all steps that goes up.
        rise: f64,
        /// What the rate is divided by at the first step.
        start: f64,
        /// What the rate is divided by at the last step.
        end: f64,
    },
    /// By one over the root of the step (Vaswani and others, 2017).
    InverseSqrt,
    /// Times `factor` after `patience` epochs in which the monitor was not better; as Keras's `ReduceLROnPlateau`.
    Plateau {
        /// What is watched.
        monitor: Monitor,
        /// What the rate is multiplied by.
        factor: f64,
        /// Epochs without a better value.
        patience: usize,
        /// How much better counts as better.
        min_delta: f64,
        /// The least rate; 0 for none.
        floor: f64,
    },
}

impl Schedule {
    /// The learning rate itself at every step.
    pub const CONSTANT: Self = Self { warmup: 0, course: Course::Constant };

    /// Whether it goes by how many steps there are in all, so that a longer run has other rates from the beginning.
    pub fn goes_by_the_end(&self) -> bool {
        matches!(self.course, Course::Polynomial { .. } | Course::Cosine { .. } | Course::OneCycle { .. })
    }

    /// What the learning rate is multiplied by at a step, counted from 0, of `total` with `epoch` of them an epoch.
    ///
    /// What a plateau makes of it depends on what comes of the epochs, and is not in it.
    pub fn factor(&self, step: usize, total: usize, epoch: usize) -> f64 {
        let whole = |count: usize| count as f64;
        if step < self.warmup {
            return whole(step + 1) / whole(self.warmup);
        }
        let (gone, length) = (step - self.warmup, total.saturating_sub(self.warmup).max(1));
        let done = (whole(gone) / whole(length)).min(1.0);
        let epochs = step / epoch.max(1);
        let fall = |from: f64, to: f64, share: f64| to + (from - to) / 2.0 * (1.0 + (PI * share).cos());
        match self.course {
            Course::Constant | Course::Plateau { .. } => 1.0,
            Course::Step { every, factor } => factor.powf(whole(epochs / every.max(1))),
            Course::Exponential { factor } => factor.powf(whole(epochs)),
            Course::Polynomial { power, last } => last + (1.0 - last) * (1.0 - done).powf(power),
            Course::Cosine { last, restarts } => {
                let cycles = done * whole(restarts + 1);
                // The end of the last cycle is no new beginning.
                let share = if done >= 1.0 { 1.0 } else { cycles.fract() };
                fall(1.0, last, share)
            }
            Course::OneCycle { rise, start, end } => {
                let (top, bottom) = (rise * whole(total) - 1.0, whole(total) - 1.0);
                let step = whole(step).min(bottom);
                match step <= top {
                    true => fall(1.0 / start, 1.0, step / top.max(f64::MIN_POSITIVE)),
                    false => fall(1.0, 1.0 / end, (step - top) / (bottom - top).max(f64::MIN_POSITIVE)),
                }
            }
            Course::InverseSqrt => (whole(self.warmup.max(1)) / whole(step + 1)).sqrt(),
        }
    }
}

/// As a program writes it.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings: Vec<String> = Vec::new();
        let name = match self.course {
            Course::Constant => "constant",
            Course::Step { every, factor } => {
                settings.extend([format!("every={every}"), format!("factor={factor:?}")]);
                "step"
            }
            Course::Exponential { factor } => {
                settings.push(format!("factor={factor:?}"));
                "exponential"
            }
            Course::Polynomial { power, last } => {
                settings.extend((power != 1.0).then(|| format!("power={power:?}")));
                settings.push(format!("final={last:?}"));
                if power == 1.0 { "linear" } else { "polynomial" }
            }
            Course::Cosine { last, restarts } => {
                settings.push(format!("final={last:?}"));
                settings.extend((restarts > 0).then(|| format!("restarts={restarts}")));
                "cosine"
            }
            Course::OneCycle { rise, start, end } => {
                settings.extend([format!("rise={rise:?}"), format!("start={start:?}"), format!("end={end:?}")]);
                "one_cycle"
            }
            Course::InverseSqrt => "inverse_sqrt",
            Course::Plateau { ref monitor, factor, patience, min_delta, floor } => {
                settings.extend([
                    format!("monitor={}", monitor.name),
                    format!("factor={factor:?}"),
                    format!("patience={patience}"),
                    format!("min_delta={min_delta:?}"),
                ]);
                settings.extend((floor > 0.0).then(|| format!("floor={floor:?}")));
                "plateau"
            }
        };
        settings.extend((self.warmup > 0).then(|| format!("warmup={}", self.warmup)));
        f.write_str(name)?;
        if settings.is_empty() { Ok(()) } else { write!(f, "({})", settings.join(", ")) }
    }
}
