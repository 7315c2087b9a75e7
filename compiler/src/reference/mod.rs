//! What a graph computes, in plain loops over plain numbers: slow, and nothing clever, so that it can be seen to be right.
//!
//! It is what every backend and every layer is held against, and what constants are folded with. Floats are computed as
//! `f64` and never rounded to `f32` between operations; whole numbers are exact up to 2^53, and beyond that refused.
//!
//! One file a family of operations, each a function from tensors to a tensor or to why there is none.

mod arrange;
mod attention;
mod element_wise;
mod error;
mod noise;
mod norm;
mod product;
mod recurrent;
mod reduce;
mod tensor;
#[cfg(test)]
mod tests;
mod window;

use std::collections::BTreeMap;

pub use error::EvaluateError;
pub use noise::{Draws, Seeded};
pub use tensor::Tensor;

use crate::ir::bind::bind;
use crate::ir::{Dim, Graph, Node, Op, Shape, Sizes, Unary, ValueId};
use crate::weights::Weights;

/// Whether a graph is run as in training: with dropout and noise, and normalised by the batch's own statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As a model answers.
    Inference,
    /// As a step of training computes.
    Training,
}

/// `op` of one number.
#[must_use]
pub fn element(op: Unary, x: f64) -> f64 {
    element_wise::apply(op, x)
}

/// What a graph answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The outputs, by name.
    pub outputs: BTreeMap<String, Tensor>,
    /// In training, the statistics after the step, by the parameter's name.
    pub statistics: BTreeMap<String, Tensor>,
}

/// The outputs of `graph` for these inputs, by name.
///
/// # Errors
/// Where inputs or weights do not fit the graph, and where an operation cannot work on what it is given.
pub fn evaluate(
    graph: &Graph,
    inputs: &BTreeMap<String, Tensor>,
    weights: &Weights,
    mode: Mode,
    draws: &mut dyn Draws,
) -> Result<Outcome, EvaluateError> {
    if !graph.is_complete() {
        return Err(EvaluateError::Incomplete { name: graph.name.clone() });
    }
    if let Some(reason) = weights.mismatch(graph) {
        return Err(EvaluateError::Weights(reason));
    }
    let mut values: Vec<Option<Tensor>> = vec![None; graph.values.len()];
    for id in &graph.inputs {
        let value = graph.value(*id);
        let missing = || EvaluateError::MissingInput { name: value.name.to_string() };
        let given = inputs.get(&*value.name).ok_or_else(missing)?;
        if given.element != value.element {
            let (expected, found) = (value.element, given.element);
            return Err(EvaluateError::InputType { name: value.name.to_string(), expected, found });
        }
        values[id.index()] = Some(given.clone());
    }
    let given = graph.inputs.iter().filter_map(|id| values[id.index()].as_ref());
    let sizes = bind(graph, given.map(|tensor| &tensor.shape[..]))?;
    for parameter in &graph.parameters {
        values[parameter.value.index()] = weights.get(&parameter.name).map(Tensor::of_weight);
    }
    let mut statistics = BTreeMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let fault = |reason: String| EvaluateError::Operation {
            operation: node.op.name(),
            layer: node.layer.map(|layer| graph.layers[layer.0 as usize].name.clone()),
            reason,
            span: graph.value(node.output).span,
        };
        let read: Option<Vec<&Tensor>> = node.inputs.iter().map(|id| values[id.index()].as_ref()).collect();
        let read = read.ok_or_else(|| fault("it reads what is not made yet".to_owned()))?;
        let mut step = Step { sizes: &sizes, mode, draws, index };
        let made = step.apply(&node.op, &read).map_err(fault)?;
        let declared = graph.value(node.output);
        if (made.element, Some(&made.shape)) != (declared.element, declared.shape.at(&sizes).as_ref()) {
            let made = format!("{}{:?}", made.element, made.shape);
            return Err(fault(format!("it makes {made} of what should be {}{}", declared.element, declared.shape)));
        }
        if mode == Mode::Training {
            update(graph, node, &read, &mut statistics);
        }
        values[node.output.index()] = Some(made);
    }
    let unmade = |id: ValueId| EvaluateError::MissingInput { name: graph.value(id).name.to_string() };
    let outputs = graph.outputs.iter().map(|output| {
        let tensor = values[output.value.index()].clone().ok_or_else(|| unmade(output.value))?;
        Ok((output.name.clone(), tensor))
    });
    Ok(Outcome { outputs: outputs.collect::<Result<_, EvaluateError>>()?, statistics })
}

/// What `op` makes of constants in inference; `sizes` are those of the symbols in it.
///
/// # Errors
/// Why it makes nothing of them.
pub fn apply(op: &Op, read: &[&Tensor], sizes: &Sizes) -> Result<Tensor, String> {
    let mut none = Seeded::new(0);
    Step { sizes, mode: Mode::Inference, draws: &mut none, index: 0 }.apply(op, read)
}

/// Notes the statistics of a batch normalisation after a step.
fn update(graph: &Graph, node: &Node, read: &[&Tensor], statistics: &mut BTreeMap<String, Tensor>) {
    let (Op::BatchNorm { momentum, .. }, [x, _, _, mean, variance]) = (&node.op, read) else { return };
    let (batch_mean, batch_variance) = norm::channel_moments(x);
    for (place, given, batch) in [(3, mean, batch_mean), (4, variance, batch_variance)] {
        let Some(parameter) = graph.parameter(node.inputs[place]) else { continue };
        let blended = given.data.iter().zip(batch).map(|(given, batch)| momentum * given + (1.0 - momentum) * batch);
        let tensor = Tensor { data: blended.collect(), ..(*given).clone() };
        statistics.insert(parameter.name.clone(), tensor);
    }
}

/// One node of a run.
struct Step<'a> {
    sizes: &'a Sizes,
    mode: Mode,
    draws: &'a mut dyn Draws,
    index: usize,
}

impl Step<'_> {
    fn dim(&self, dim: &Dim) -> Result<usize, String> {
        dim.at(self.sizes).ok_or_else(|| format!("`{dim}` is no size here"))
    }

    fn shape(&self, shape: &Shape) -> Result<Vec<usize>, String> {
        shape.dims().iter().map(|dim| self.dim(dim)).collect()
    }

    fn apply(&mut self, op: &Op, read: &[&Tensor]) -> Result<Tensor, String> {
        let input =
            |index: usize| read.get(index).copied().ok_or_else(|| format!("it reads {} values only", read.len()));
        let training = self.mode == Mode::Training;
        match op {
            Op::Constant(number) => Ok(Tensor::scalar(crate::ir::ElementType::F32, *number)),
            Op::ConstantTensor { element, shape, data } => {
                let tensor = Tensor::new(*element, shape.clone(), data.to_vec());
                tensor.ok_or_else(|| format!("{} numbers are not {shape:?}", data.len()))
            }
            Op::DimValue(dim) => Ok(Tensor::scalar(crate::ir::ElementType::I64, self.dim(dim)? as f64)),
            Op::Range(length) => Ok(arrange::range(self.dim(length)?)),
            Op::Unary(kind) => element_wise::held(element_wise::unary(*kind, input(0)?)),
            Op::Binary(kind) => element_wise::binary(*kind, input(0)?, input(1)?),
            Op::Where => element_wise::choose_where(input(0)?, input(1)?, input(2)?),
            Op::Cast(element) => element_wise::cast(input(0)?, *element),
            Op::StopGradient => Ok(input(0)?.clone()),
            Op::Reshape(shape) => arrange::reshape(input(0)?, &self.shape(shape)?),
            Op::Transpose { permutation } => arrange::transpose(input(0)?, permutation),
            Op::Expand(shape) => arrange::expand(input(0)?, &self.shape(shape)?),
            Op::Slice { axis, start, end, step } => {
                arrange::slice(input(0)?, *axis, self.dim(start)?, self.dim(end)?, *step)
            }
            Op::Concat { axis } => arrange::concat(read, *axis),
            Op::Pad { padding, value } => arrange::pad(input(0)?, padding, *value),
            Op::Gather { axis } => arrange::gather(input(0)?, input(1)?, *axis),
            Op::GatherElements { axis } => arrange::gather_elements(input(0)?, input(1)?, *axis),
            Op::OneHot { depth } => Ok(arrange::one_hot(input(0)?, *depth)),
            Op::ArgMax { axis, keep } => reduce::argmax(input(0)?, *axis, *keep),
            Op::CumSum { axis, exclusive, reverse } => reduce::cumsum(input(0)?, *axis, *exclusive, *reverse),
            Op::Reduce { reduction, axes, keep } => reduce::reduce(input(0)?, *reduction, axes, *keep),
            Op::Softmax { axis } => reduce::softmax(input(0)?, *axis),
            Op::LogSoftmax { axis } => reduce::log_softmax(input(0)?, *axis),
            Op::MatMul => product::matmul(input(0)?, input(1)?),
            Op::Linear => product::linear(input(0)?, input(1)?, read.get(2).copied()),
            Op::Conv { strides, dilation, padding, groups } => {
                let slide = window::Slide { strides, dilation, padding };
                window::convolve(input(0)?, input(1)?, read.get(2).copied(), &slide, *groups)
            }
            Op::ConvTranspose { strides, dilation, padding, output_padding, groups } => {
                let slide = window::Slide { strides, dilation, padding };
                let bias = read.get(2).copied();
                window::convolve_transposed(input(0)?, input(1)?, bias, &slide, output_padding, *groups)
            }
            Op::MaxPool { size, strides, padding } => {
                let slide = window::Slide { strides, dilation: &vec![1; size.len()], padding };
                let largest = |numbers: &[f64]| numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                window::pool(input(0)?, size, &slide, largest)
            }
            Op::AveragePool { size, strides, padding } => {
                let slide = window::Slide { strides, dilation: &vec![1; size.len()], padding };
                let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
                window::pool(input(0)?, size, &slide, mean)
            }
            Op::Resize { scale, interpolation } => window::resize(input(0)?, scale, *interpolation),
            Op::BatchNorm { epsilon, .. } => {
                let learnt = norm::Learnt { scale: Some(input(1)?), offset: Some(input(2)?) };
                let (mean, variance) = match training {
                    true => norm::channel_moments(input(0)?),
                    false => (input(3)?.data.clone(), input(4)?.data.clone()),
                };
                norm::by_channel(input(0)?, &learnt, &mean, &variance, *epsilon)
            }
            Op::LayerNorm { axes, epsilon } => norm::layer(input(0)?, *axes, &learnt(read), *epsilon),
            Op::RmsNorm { axes, epsilon } => norm::root_mean_square(input(0)?, *axes, &learnt(read), *epsilon),
            Op::GroupNorm { groups, epsilon } => norm::group(input(0)?, *groups, &learnt(read), *epsilon),
            Op::Dropout { rate, shared } if training && *rate > 0.0 => {
                Ok(noise::dropout(input(0)?, *rate, shared, |count| self.draws.uniform(self.index, count)))
            }
            Op::GaussianNoise { deviation } if training => {
                Ok(noise::noise(input(0)?, *deviation, |count| self.draws.normal(self.index, count)))
            }
            Op::Dropout { .. } | Op::GaussianNoise { .. } => Ok(input(0)?.clone()),
            Op::RandomNormal => Ok(noise::drawn(input(0)?, |count| self.draws.normal(self.index, count))),
            Op::RandomUniform => Ok(noise::drawn(input(0)?, |count| self.draws.uniform(self.index, count))),
            Op::Attention { causal, scale, dropout } => {
                let (q, k, v) = (input(0)?, input(1)?, input(2)?);
                let sight = attention::Sight { causal: *causal, mask: read.get(3).copied() };
                let factors = match (&q.shape[..], &k.shape[..]) {
                    ([n, heads, queries, _], [.., keys, _]) if training && *dropout > 0.0 => {
                        let ones = Tensor::build(q.element, vec![*n, *heads, *queries, *keys], |_| 1.0);
                        Some(noise::dropout(&ones, *dropout, &[], |count| self.draws.uniform(self.index, count)))
                    }
                    _ => None,
                };
                attention::attend([q, k, v], &sight, *scale, factors.as_ref())
            }
            Op::Recurrent(recurrent) => recurrent::run(recurrent, read),
            Op::SoftmaxCrossEntropy => reduce::cross_entropy(input(0)?, input(1)?),
        }
    }
}

fn learnt<'a>(read: &[&'a Tensor]) -> norm::Learnt<'a> {
    norm::Learnt { scale: read.get(1).copied(), offset: read.get(2).copied() }
}
