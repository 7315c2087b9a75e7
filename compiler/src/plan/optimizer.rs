//! How gradients move the weights.

use std::fmt;

/// An optimizer with its settings, whose names and defaults are Keras's.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Optimizer {
    /// How a gradient becomes a step.
    #[serde(flatten)]
    pub rule: Rule,
    /// The size of a step, before a schedule changes it.
    pub learning_rate: f64,
    /// The share of each weight that is taken away before a step, times the learning rate; it takes no part in the gradient (Loshchilov
    /// and Hutter, 2019).
    pub weight_decay: f64,
    /// Gradients that are longer, all weights together, are shortened to this.
    pub clip_norm: Option<f64>,
    /// Each number of a gradient is kept between minus this and this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,
}

/// What becomes of a gradient `g`; `lr` is the learning rate and `t` counts steps from 1.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum Rule {
    /// Gradient descent: `v = momentum * v - lr * g`; `w += v`, or with Nesterov `w += momentum * v - lr * g`.
    Sgd {
        /// How much of the last step goes on; 0 for none.
        momentum: f64,
        /// Whether the gradient is taken a step ahead.
        nesterov: bool,
    },
    /// Kingma and Ba, 2015, algorithm 1: `w -= lr * m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon)`.
    Adam {
        /// Decay of the gradient's mean.
        beta_1: f64,
        /// Decay of the gradient's square.
        beta_2: f64,
        /// Added to the root of the second moment.
        epsilon: f64,
        /// Whether the largest second moment so far stands for the current one (Reddi and others, 2018).
        amsgrad: bool,
    },
    /// Kingma and Ba, 2015, algorithm 2: `u = max(beta_2 * u, |g|)`; `w -= lr / (1 - beta_1^t) * m / (u + epsilon)`.
    Adamax {
        /// Decay of the gradient's mean.
        beta_1: f64,
        /// Decay of the largest gradient.
        beta_2: f64,
        /// Added to the largest gradient.
        epsilon: f64,
    },
    /// Dozat, 2016: Adam with Nesterov's momentum, whose decay at step `t` is `beta_1 * (1 - 0.96^t / 2)`.
    Nadam {
        /// Decay of the gradient's mean.
        beta_1: f64,
        /// Decay of the gradient's square.
        beta_2: f64,
        /// Added to the root of the second moment.
        epsilon: f64,
    },
    /// Hinton, 2012: `v = rho * v + (1 - rho) * g^2`; the step is `lr * g / sqrt(v + epsilon)`.
    RmsProp {
        /// Decay of the gradient's square.
        rho: f64,
        /// How much of the last step goes on; 0 for none.
        momentum: f64,
        /// Added to the second moment, below the root.
        epsilon: f64,
        /// Whether the square of the gradient's mean is taken from the second moment.
        centered: bool,
    },
    /// Duchi and others, 2011: `a += g^2`; `w -= lr * g / sqrt(a + epsilon)`.
    Adagrad {
        /// What the sum of squares starts from.
        initial_accumulator_value: f64,
        /// Added to the sum, below the root.
        epsilon: f64,
    },
    /// Zeiler, 2012: the step is `lr * g * sqrt(d + epsilon) / sqrt(a + epsilon)`, of running squares of steps `d` and of gradients `a`.
    Adadelta {
        /// Decay of both squares.
        rho: f64,
        /// Added to each square, below its root.
        epsilon: f64,
    },
    /// Chen and others, 2023: `w -= lr * sign(beta_1 * m + (1 - beta_1) * g)`; `m = beta_2 * m + (1 - beta_2) * g`.
    Lion {
        /// How much of the mean goes into a step.
        beta_1: f64,
        /// Decay of the mean.
        beta_2: f64,
    },
}

impl Optimizer {
    /// An optimizer without weight decay and clipping.
    pub const fn new(rule: Rule, learning_rate: f64) -> Self {
        Self { rule, learning_rate, weight_decay: 0.0, clip_norm: None, clip_value: None }
    }

    /// Gradient descent and nothing else.
    pub const fn sgd(learning_rate: f64) -> Self {
        Self::new(Rule::Sgd { momentum: 0.0, nesterov: false }, learning_rate)
    }

    /// Adam with Keras's defaults.
    pub const fn adam(learning_rate: f64) -> Self {
        Self::new(Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }, learning_rate)
    }
}

/// As a program writes it, with every setting.
impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, learning_rate, weight_decay, clip_norm: _, clip_value: _ } = self;
        let decays = *weight_decay != 0.0;
        let name = match rule {
            Rule::Sgd { .. } => "SGD",
            Rule::Adam { .. } if decays => "AdamW",
            Rule::Adam { .. } => "Adam",
            Rule::Adamax { .. } => "Adamax",
            Rule::Nadam { .. } => "Nadam",
            Rule::RmsProp { .. } => "RMSprop",
            Rule::Adagrad { .. } => "Adagrad",
            Rule::Adadelta { .. } => "Adadelta",
            Rule::Lion { .. } => "Lion",
        };
        write!(f, "{name}(learning_rate={learning_rate:?}")?;
        if decays {
            write!(f, ", weight_decay={weight_decay:?}")?;
        }
        match rule {
            Rule::Sgd { momentum, nesterov } => write!(f, ", momentum={momentum:?}, nesterov={nesterov}")?,
            Rule::Adam { beta_1, beta_2, epsilon, amsgrad } => {
                write!(f, ", beta_1={beta_1:?}, beta_2={beta_2:?}, epsilon={epsilon:?}")?;
                if *amsgrad {
                    f.write_str(", amsgrad=true")?;
                }
            }
            Rule::Adamax { beta_1, beta_2, epsilon } | Rule::Nadam { beta_1, beta_2, epsilon } => {
                write!(f, ", beta_1={beta_1:?}, beta_2={beta_2:?}, epsilon={epsilon:?}")?;
            }
            Rule::RmsProp { rho, momentum, epsilon, centered } => {
                write!(f, ", rho={rho:?}, momentum={momentum:?}, epsilon={epsilon:?}, centered={centered}")?;
            }
            Rule::Adagrad { initial_accumulator_value, epsilon } => {
                write!(f, ", initial_accumulator_value={initial_accumulator_value:?}, epsilon={epsilon:?}")?;
            }
            Rule::Adadelta { rho, epsilon } => write!(f, ", rho={rho:?}, epsilon={epsilon:?}")?,
            Rule::Lion { beta_1, beta_2 } => write!(f, ", beta_1={beta_1:?}, beta_2={beta_2:?}")?,
        }
        f.write_str(")")
    }
}
