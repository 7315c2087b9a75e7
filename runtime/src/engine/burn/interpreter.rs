//! Runs a program node by node.

use ndsl_compiler::ir::{ElementType, Node, Op, Reduction, ValueId};

use ::burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps, ModuleOps};
use ::burn::backend::{FloatDType, IntDType, TensorMetadata};

use super::arithmetic::{binary, unary};
use super::convolution::{average_pool, convolve, max_pool};
use super::normalization::{self, BatchStatistic};
use super::program::Program;
use super::transfer::{Device, dims};
use super::value::{Activation, Value};
use super::{Backend, Primitive};
use crate::engine::{EngineError, random};
use crate::tensor::Tensor;

/// What a step of training is known by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Training {
    pub(super) seed: u64,
    pub(super) step: u64,
}

/// One run of a program on one batch.
pub(super) struct Interpreter<'a> {
    program: &'a Program,
    device: &'a Device,
    rows: usize,
    training: Option<Training>,
    values: Vec<Option<Value>>,
    /// How often each value is still to be read.
    remaining: Vec<u32>,
    statistics: Vec<BatchStatistic>,
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(
        program: &'a Program,
        device: &'a Device,
        rows: usize,
        training: Option<Training>,
    ) -> Interpreter<'a> {
        let values = vec![None; program.graph.values.len()];
        Self { program, device, rows, training, values, remaining: program.uses.clone(), statistics: Vec::new() }
    }

    /// The graph's outputs, and in training what the batch's own statistics were.
    pub(super) fn run(
        mut self,
        inputs: Vec<Tensor>,
        parameters: Vec<Primitive>,
    ) -> Result<(Vec<Value>, Vec<BatchStatistic>), EngineError> {
        let graph = &self.program.graph;
        for (id, tensor) in graph.inputs.iter().zip(inputs) {
            self.values[id.index()] = Some(self.device.upload(tensor));
        }
        for (parameter, tensor) in graph.parameters.iter().zip(parameters) {
            self.values[parameter.value.index()] = Some(Value::Float(Activation::Last(tensor)));
        }
        for index in &self.program.live {
            let node = &graph.nodes[*index];
            let value = self.node(node, *index)?;
            self.values[node.output.index()] = Some(value);
        }
        let outputs = graph.outputs.iter().map(|output| self.take(output.value)).collect::<Result<_, _>>()?;
        Ok((outputs, self.statistics))
    }

    /// A value: moved out where this is its last use, so that what follows may reuse its memory.
    fn take(&mut self, id: ValueId) -> Result<Value, EngineError> {
        let remaining = &mut self.remaining[id.index()];
        *remaining = remaining.saturating_sub(1);
        let slot = &mut self.values[id.index()];
        let value = if *remaining == 0 { slot.take() } else { slot.clone() };
        value.ok_or_else(|| {
            EngineError::Internal(format!("value {} is read before it is made", self.program.graph.value(id).name))
        })
    }

    fn input(&mut self, node: &Node, index: usize) -> Result<Value, EngineError> {
        match node.inputs.get(index) {
            Some(id) => self.take(*id),
            None => Err(EngineError::Internal(format!("`{}` lacks its input {index}", node.op.name()))),
        }
    }

    fn float(&mut self, node: &Node, index: usize) -> Result<Activation, EngineError> {
        self.input(node, index)?.float(node.op.name(), self.device)
    }

    fn bias(&mut self, node: &Node) -> Result<Option<Primitive>, EngineError> {
        match node.inputs.len() {
            3 => Ok(Some(self.float(node, 2)?.last())),
            _ => Ok(None),
        }
    }

    /// The shape that the graph gives a node's output.
    fn shape(&self, node: &Node) -> Vec<usize> {
        self.program.graph.value(node.output).shape.at_batch(self.rows).unwrap_or_default()
    }

    fn node(&mut self, node: &Node, index: usize) -> Result<Value, EngineError> {
        let name = node.op.name();
        match &node.op {
            Op::Constant(number) => Ok(Value::Number(*number)),
            Op::Unary(operation) => {
                let x = self.input(node, 0)?;
                unary(*operation, x, self.device)
            }
            Op::Binary(operation) => {
                let (a, b) = (self.input(node, 0)?, self.input(node, 1)?);
                binary(*operation, a, b, self.program.graph.value(node.output).shape.rank(), self.device)
            }
            Op::Cast(element) => Ok(cast(self.input(node, 0)?, *element, self.device)),
            Op::Reshape(_) => {
                let shape = dims(&self.shape(node));
                Ok(match self.input(node, 0)? {
                    Value::Int(tensor, element) => Value::Int(Backend::int_reshape(tensor, shape), element),
                    Value::Bool(tensor) => Value::Bool(Backend::bool_reshape(tensor, shape)),
                    other => last(Backend::float_reshape(other.float(name, self.device)?.last(), shape)),
                })
            }
            Op::Linear => {
                let (x, weight) = (self.float(node, 0)?.last(), self.float(node, 1)?.last());
                let stored = node.inputs.get(1).and_then(|id| self.program.parameter(*id));
                let transposed = stored.is_some_and(|parameter| self.program.transposed[parameter]);
                let weight = if transposed { weight } else { Backend::float_swap_dims(weight, 0, 1) };
                let bias = self.bias(node)?;
                Ok(last(Backend::linear(x, weight, bias)))
            }
            Op::Conv { strides, dilation, padding, groups } => {
                let (strides, dilation, padding) = (flat(strides, name)?, flat(dilation, name)?, flat(padding, name)?);
                let (x, weight) = (self.float(node, 0)?.first(), self.float(node, 1)?.last());
                let bias = self.bias(node)?;
                Ok(first(convolve(x, weight, bias, strides, dilation, padding, *groups)))
            }
            Op::MaxPool { size, strides, padding } => {
                let (size, strides, padding) = (flat(size, name)?, flat(strides, name)?, flat(padding, name)?);
                let x = self.float(node, 0)?.first();
                Ok(first(max_pool(x, size, strides, padding, self.device)))
            }
            Op::AveragePool { size, strides, padding } => {
                let (size, strides, padding) = (flat(size, name)?, flat(strides, name)?, flat(padding, name)?);
                let x = self.float(node, 0)?.first();
                Ok(first(average_pool(x, size, strides, padding, self.device)))
            }
            Op::Reduce { reduction, axes, .. } => {
                let shape = self.shape(node);
                let x = self.float(node, 0)?;
                Ok(last(reduce(x, *reduction, axes, &shape)))
            }
            Op::BatchNorm { epsilon, momentum } => self.batch_norm(node, *epsilon, *momentum),
            Op::Dropout { rate, .. } => {
                let x = self.float(node, 0)?;
                let (Some(Training { seed, step }), true) = (self.training, *rate > 0.0) else {
                    return Ok(Value::Float(x));
                };
                let shape = x.stored_shape();
                let factors = random::dropout_factors(seed, step, index as u64, *rate, shape.iter().product());
                let factors = self.device.floats(factors, &shape);
                Ok(Value::Float(x.map(|x| Backend::float_mul(x, factors))))
            }
            Op::Softmax { axis } => {
                let x = self.float(node, 0)?.last();
                Ok(last(Backend::softmax(x, *axis)))
            }
            Op::LogSoftmax { axis } => {
                let x = self.float(node, 0)?.last();
                Ok(last(Backend::log_softmax(x, *axis)))
            }
            Op::SoftmaxCrossEntropy => {
                let logits = self.float(node, 0)?.last();
                let Value::Int(labels, _) = self.input(node, 1)? else {
                    return Err(EngineError::Unsupported { operation: name, element: ElementType::F32 });
                };
                Ok(last(cross_entropy(logits, labels)))
            }
            _ => Err(EngineError::Missing { operation: name }),
        }
    }

    fn batch_norm(&mut self, node: &Node, epsilon: f64, momentum: f64) -> Result<Value, EngineError> {
        let x = self.float(node, 0)?;
        let (scale, offset) = (self.float(node, 1)?.last(), self.float(node, 2)?.last());
        let (mean, variance) = (self.float(node, 3)?.last(), self.float(node, 4)?.last());
        if self.training.is_none() {
            return Ok(Value::Float(normalization::given(x, scale, offset, mean, variance, epsilon)));
        }
        let (y, mean, variance) = normalization::of_batch(x, scale, offset, epsilon);
        for (input, batch) in [(3, mean), (4, variance)] {
            if let Some(parameter) = self.program.parameter(node.inputs[input]) {
                self.statistics.push(BatchStatistic { parameter, batch, momentum });
            }
        }
        Ok(Value::Float(y))
    }
}

/// The settings of two spatial axes.
fn flat<T: Copy>(settings: &[T], operation: &'static str) -> Result<[T; 2], EngineError> {
    settings.try_into().map_err(|_| EngineError::Missing { operation })
}

fn last(tensor: Primitive) -> Value {
    Value::Float(Activation::Last(tensor))
}

fn first(tensor: Primitive) -> Value {
    Value::Float(Activation::First(tensor))
}

fn cast(value: Value, element: ElementType, device: &Device) -> Value {
    let int = |element: ElementType| if element == ElementType::U8 { IntDType::U8 } else { IntDType::I64 };
    match (value, element) {
        (Value::Number(number), ElementType::F32) => Value::Number(number),
        (Value::Number(number), _) => cast(last(device.number(number)), element, device),
        (Value::Float(x), ElementType::F32) => Value::Float(x),
        (Value::Float(x), ElementType::Bool) => {
            Value::Bool(Backend::float_not_equal_elem(x.last(), 0f32.into(), super::arithmetic::MASK))
        }
        (Value::Float(x), element) => Value::Int(Backend::float_into_int(x.last(), int(element)), element),
        (Value::Int(x, _), ElementType::F32) => last(Backend::int_into_float(x, FloatDType::F32)),
        (Value::Int(x, _), ElementType::Bool) => {
            Value::Bool(Backend::int_not_equal_elem(x, 0i64.into(), super::arithmetic::MASK))
        }
        (Value::Int(x, from), element) if from == element => Value::Int(x, element),
        (Value::Int(x, _), element) => Value::Int(Backend::int_cast(x, int(element)), element),
        (Value::Bool(x), ElementType::F32) => last(Backend::bool_into_float(x, FloatDType::F32)),
        (Value::Bool(x), ElementType::Bool) => Value::Bool(x),
        (Value::Bool(x), element) => Value::Int(Backend::bool_into_int(x, int(element)), element),
    }
}

/// `axes` are those of the graph's layout, `shape` is what the graph makes of it.
fn reduce(x: Activation, reduction: Reduction, axes: &[usize], shape: &[usize]) -> Primitive {
    // The pixels of an image can be reduced in either layout with the same outcome.
    let (mut tensor, axes) = match x {
        Activation::First(tensor) if axes == [1, 2] => (tensor, vec![2, 3]),
        other => (other.last(), axes.to_vec()),
    };
    let mut sizes = tensor.shape().to_vec();
    let mut axes = axes;
    // Neighbouring axes are one, so that a whole image is one pass.
    while let Some(at) = axes.windows(2).position(|pair| pair[0] + 1 == pair[1]) {
        let axis = axes[at];
        sizes[axis] *= sizes.remove(axis + 1);
        axes.remove(at + 1);
        axes[at + 1..].iter_mut().for_each(|later| *later -= 1);
    }
    tensor = Backend::float_reshape(tensor, dims(&sizes));
    for axis in axes {
        tensor = match reduction {
            Reduction::Mean => Backend::float_mean_dim(tensor, axis),
            Reduction::Sum => Backend::float_sum_dim(tensor, axis),
            Reduction::Max => Backend::float_max_dim(tensor, axis),
            Reduction::Min => Backend::float_min_dim(tensor, axis),
            Reduction::Product => Backend::float_prod_dim(tensor, axis),
            // Of booleans, which never come here.
            Reduction::Any | Reduction::All => tensor,
        };
    }
    let shape = if shape.is_empty() { &[1] } else { shape };
    Backend::float_reshape(tensor, dims(shape))
}

/// `-log(softmax(logits))[label]`, averaged over all axes but the batch.
fn cross_entropy(logits: Primitive, labels: Primitive) -> Primitive {
    let shape = logits.shape().to_vec();
    let axis = shape.len() - 1;
    let mut places = shape.clone();
    places[axis] = 1;
    let labels = match labels.dtype() {
        ::burn::backend::DType::I64 => labels,
        _ => Backend::int_cast(labels, IntDType::I64),
    };
    let logs = Backend::log_softmax(logits, axis);
    let chosen = Backend::float_gather(axis, logs, Backend::int_reshape(labels, dims(&places)));
    let per_row: usize = places[1..].iter().product();
    let losses = Backend::float_neg(Backend::float_reshape(chosen, dims(&[shape[0], per_row])));
    let mean = if per_row == 1 { losses } else { Backend::float_mean_dim(losses, 1) };
    Backend::float_reshape(mean, dims(&[shape[0]]))
}
