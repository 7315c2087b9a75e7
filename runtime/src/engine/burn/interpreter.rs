//! Runs a program node by node.

use ndsl_compiler::ir::{Answer, Cell, Dim, ElementType, Node, Op, Recurrent, Sizes, ValueId};

use ::burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps, ModuleOps};
use ::burn::backend::{FloatDType, TensorMetadata};

use super::arithmetic::{binary, unary};
use super::convolution::Slide;
use super::normalization::{self, BatchStatistic, Learnt};
use super::program::{Layout, Program};
use super::transfer::{Device, dims, read_floats};
use super::value::{Activation, Value, float, last};
use super::{Backend, Primitive, arrange, attention, convolution, fused, recurrent, reduce};
use crate::engine::{EngineError, See, random};
use crate::tensor::Tensor;

/// What a run is known by.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// The sizes of the symbols.
    pub(super) sizes: Sizes,
    /// Whether it is a step of training.
    pub(super) training: bool,
    /// Where drawn numbers come from.
    pub(super) seed: u64,
    /// Which of the session's runs of its kind it is.
    pub(super) step: u64,
}

/// One run of a program on one batch.
pub(super) struct Interpreter<'a> {
    program: &'a Program,
    device: &'a Device,
    run: Run,
    values: Vec<Option<Value>>,
    /// How often each value is still to be read.
    remaining: Vec<u32>,
    statistics: Vec<BatchStatistic>,
    /// The states and the last memory of recurrent layers that several nodes ask.
    recurrent: Vec<(Vec<ValueId>, Recurrent, Primitive, Primitive)>,
    /// Who is shown what nodes make.
    seer: Option<See<'a>>,
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(program: &'a Program, device: &'a Device, run: Run) -> Interpreter<'a> {
        let values = vec![None; program.graph.values.len()];
        let remaining = program.uses.clone();
        Self { program, device, run, values, remaining, statistics: Vec::new(), recurrent: Vec::new(), seer: None }
    }

    /// Has what every node makes shown.
    pub(super) fn seen_by(mut self, see: See<'a>) -> Self {
        self.seer = Some(see);
        self
    }

    /// The graph's outputs, and in training what the batch's own statistics were.
    pub(super) fn run(
        mut self,
        inputs: Vec<Tensor>,
        parameters: Vec<Primitive>,
    ) -> Result<(Vec<Value>, Vec<BatchStatistic>), EngineError> {
        let graph = &self.program.graph;
        for (id, tensor) in graph.inputs.iter().zip(inputs) {
            self.values[id.index()] = Some(self.device.upload(tensor)?);
        }
        for (parameter, tensor) in graph.parameters.iter().zip(parameters) {
            self.values[parameter.value.index()] = Some(Value::Float(Activation::Last(tensor)));
        }
        for index in &self.program.live {
            let node = &graph.nodes[*index];
            let value = self.node(node, *index).map_err(|fault| match node.layer {
                Some(layer) => fault.in_layer(&graph.layers[layer.0 as usize].name),
                None => fault,
            })?;
            if let Some(see) = &mut self.seer {
                match &value {
                    Value::Float(activation) => see(node.output, &read_floats(activation.clone().last())?),
                    Value::Number(number) => see(node.output, &[*number as f32]),
                    _ => {}
                }
            }
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
        self.program.graph.value(node.output).shape.at(&self.run.sizes).unwrap_or_default()
    }

    fn node(&mut self, node: &Node, index: usize) -> Result<Value, EngineError> {
        let (name, device) = (node.op.name(), self.device);
        match &node.op {
            Op::Constant(number) => Ok(Value::Number(*number)),
            Op::ConstantTensor { element, shape, data } => device.constant(*element, shape, data),
            Op::DimValue(dim) => Ok(Value::Int(device.indices(vec![self.size(dim)? as i64])?, ElementType::I64)),
            Op::Range(length) => {
                let length = self.size(length)? as i64;
                Ok(Value::Int(device.indices((0..length).collect())?, ElementType::I64))
            }
            Op::Unary(operation) => {
                let x = self.input(node, 0)?;
                unary(*operation, x, device)
            }
            Op::Binary(operation) => {
                let (a, b) = (self.input(node, 0)?, self.input(node, 1)?);
                binary(*operation, a, b, &self.shape(node), device)
            }
            Op::Where => self.choose(node),
            Op::Cast(element) => Ok(cast(self.input(node, 0)?, *element, device)),
            Op::StopGradient => Ok(self.input(node, 0)?.detached()),
            Op::Reshape(_) => Ok(arrange::reshape(self.input(node, 0)?, &self.shape(node), device)),
            Op::Transpose { permutation } => Ok(arrange::transpose(self.input(node, 0)?, permutation, device)),
            Op::Expand(_) => Ok(arrange::expand(self.input(node, 0)?, &self.shape(node), device)),
            Op::Slice { axis, start, end, step } => {
                let range = [self.size(start)?, self.size(end)?];
                arrange::slice(self.input(node, 0)?, *axis, range, *step, device)
            }
            Op::Concat { axis } => {
                let values = (0..node.inputs.len()).map(|at| self.input(node, at)).collect::<Result<_, _>>()?;
                Ok(arrange::concat(values, *axis, device))
            }
            Op::Pad { padding, value } => arrange::pad_value(self.input(node, 0)?, padding, *value, device),
            Op::Gather { axis } => {
                let (x, indices) = (self.input(node, 0)?, self.input(node, 1)?);
                arrange::gather(x, *axis, indices, &self.shape(node), device)
            }
            Op::GatherElements { axis } => {
                let (x, indices) = (self.input(node, 0)?, self.input(node, 1)?);
                arrange::gather_elements(x, *axis, indices, device)
            }
            Op::OneHot { .. } => arrange::one_hot(self.input(node, 0)?, &self.shape(node), device),
            Op::ArgMax { axis, .. } => Ok(reduce::argmax(self.input(node, 0)?, *axis, &self.shape(node), device)),
            Op::CumSum { axis, exclusive, reverse } => {
                Ok(reduce::cumsum(self.input(node, 0)?, *axis, *exclusive, *reverse, device))
            }
            Op::Reduce { reduction, axes, .. } => {
                reduce::reduce(self.input(node, 0)?, *reduction, axes, &self.shape(node), device)
            }
            Op::Softmax { axis } => Ok(last(Backend::softmax(self.float(node, 0)?.last(), *axis))),
            Op::LogSoftmax { axis } => Ok(last(Backend::log_softmax(self.float(node, 0)?.last(), *axis))),
            Op::MatMul => self.matmul(node),
            Op::Linear => self.linear(node),
            Op::Conv { strides, dilation, padding, groups } => {
                let (x, weight) = (self.float(node, 0)?, self.float(node, 1)?.last());
                let bias = self.bias(node)?;
                let slide = Slide { strides, dilation, padding };
                if device.has_kernels && *groups == 1 && strides.len() == 2 {
                    let stored = self.layout(node, 1) == Layout::Windows;
                    let weight = if stored { weight } else { Backend::float_permute(weight, &Layout::WINDOWS) };
                    return Ok(last(convolution::of_images(x.last(), weight, bias, &slide)?));
                }
                Ok(first(convolution::convolve(x.first(), weight, bias, &slide, *groups, device)?))
            }
            Op::ConvTranspose { strides, dilation, padding, output_padding, groups } => {
                let (x, weight) = (self.float(node, 0)?.first(), self.float(node, 1)?.last());
                let (bias, slide) = (self.bias(node)?, Slide { strides, dilation, padding });
                let y = convolution::convolve_transposed(x, weight, bias, &slide, output_padding, *groups, device);
                Ok(first(y?))
            }
            Op::MaxPool { size, strides, padding } => {
                let x = self.float(node, 0)?;
                if let Some(sliding) = convolution::pooled(&x, size, strides, padding).filter(|_| device.has_kernels) {
                    return Ok(last(fused::max_pool(x.last(), sliding)));
                }
                Ok(first(convolution::max_pool(x.first(), size, strides, padding, device)?))
            }
            Op::AveragePool { size, strides, padding } => {
                let x = self.float(node, 0)?;
                if let Some(sliding) = convolution::pooled(&x, size, strides, padding).filter(|_| device.has_kernels) {
                    return Ok(last(fused::average_pool(x.last(), sliding)));
                }
                Ok(first(convolution::average_pool(x.first(), size, strides, padding, device)?))
            }
            Op::Resize { scale, interpolation } => {
                let x = self.float(node, 0)?.last();
                Ok(last(convolution::resize(x, scale, *interpolation, device)?))
            }
            Op::BatchNorm { epsilon, momentum } => self.batch_norm(node, *epsilon, *momentum),
            Op::LayerNorm { axes, epsilon } | Op::RmsNorm { axes, epsilon } => {
                let centred = matches!(node.op, Op::LayerNorm { .. });
                let x = self.float(node, 0)?.last();
                let shape = x.shape().to_vec();
                let width = shape[shape.len().saturating_sub(*axes)..].iter().product();
                let learnt = self.learnt(node)?;
                Ok(last(normalization::layer(x, width, learnt, *epsilon, centred, device)))
            }
            Op::GroupNorm { groups, epsilon } => {
                let x = self.float(node, 0)?.last();
                let learnt = self.learnt(node)?;
                Ok(last(normalization::group(x, *groups, learnt, *epsilon, device)))
            }
            Op::Dropout { rate, shared } => {
                let x = self.float(node, 0)?;
                if !self.run.training || *rate == 0.0 {
                    return Ok(Value::Float(x));
                }
                match shared.is_empty() {
                    true => {
                        let factors = self.dropout(index, *rate, &x.stored_shape());
                        Ok(Value::Float(x.map(|x| Backend::float_mul(x, factors))))
                    }
                    false => {
                        let x = x.last();
                        let mut shape = x.shape().to_vec();
                        shared.iter().for_each(|axis| shape[*axis] = 1);
                        Ok(last(Backend::float_mul(x, self.dropout(index, *rate, &shape))))
                    }
                }
            }
            Op::GaussianNoise { deviation } => {
                let x = self.float(node, 0)?;
                if !self.run.training {
                    return Ok(Value::Float(x));
                }
                let shape = x.stored_shape();
                let noise = Backend::float_mul_scalar(self.drawn(index, random::normal, &shape), (*deviation).into());
                Ok(Value::Float(x.map(|x| Backend::float_add(x, noise))))
            }
            Op::RandomNormal | Op::RandomUniform => {
                self.input(node, 0)?;
                let draw = if node.op == Op::RandomNormal { random::normal } else { random::uniform };
                Ok(last(self.drawn(index, draw, &self.shape(node))))
            }
            Op::Attention { causal, scale, dropout } => self.attention(node, index, *causal, *scale, *dropout),
            Op::Recurrent(recurrent) => self.recurrent(node, recurrent),
            Op::SoftmaxCrossEntropy => {
                let logits = self.float(node, 0)?.last();
                let labels = arrange::whole(self.input(node, 1)?, name, device)?;
                Ok(last(reduce::cross_entropy(logits, labels, device)?))
            }
        }
    }

    /// The size of a dimension in this run.
    fn size(&self, dim: &Dim) -> Result<usize, EngineError> {
        dim.at(&self.run.sizes).ok_or_else(|| EngineError::Size { dim: dim.to_string() })
    }

    fn choose(&mut self, node: &Node) -> Result<Value, EngineError> {
        let (condition, a, b) = (self.input(node, 0)?, self.input(node, 1)?, self.input(node, 2)?);
        let shape = self.shape(node);
        let [condition, a, b] = [condition, a, b].map(|value| arrange::expand(value, &shape, self.device));
        let Value::Bool(condition) = condition else {
            return Err(EngineError::Unsupported { operation: "where", element: ElementType::F32 });
        };
        Ok(match (a, b) {
            (Value::Int(a, element), Value::Int(b, _)) => Value::Int(Backend::int_mask_where(b, condition, a), element),
            (Value::Bool(a), Value::Bool(b)) => Value::Bool(Backend::bool_mask_where(b, condition, a)),
            (a, b) => last(Backend::float_mask_where(float(b, self.device), condition, float(a, self.device))),
        })
    }

    /// How an input lies where it is a parameter.
    fn layout(&self, node: &Node, input: usize) -> Layout {
        let parameter = node.inputs.get(input).and_then(|id| self.program.parameter(*id));
        parameter.map_or(Layout::Given, |parameter| self.program.layouts[parameter])
    }

    fn linear(&mut self, node: &Node) -> Result<Value, EngineError> {
        let (x, weight) = (self.float(node, 0)?.last(), self.float(node, 1)?.last());
        let turned = self.layout(node, 1) == Layout::Turned;
        let weight = if turned { weight } else { Backend::float_swap_dims(weight, 0, 1) };
        let bias = self.bias(node)?;
        Ok(last(match self.device.has_kernels {
            true => fused::linear(x, weight, bias),
            false => Backend::linear(x, weight, bias),
        }))
    }

    fn matmul(&mut self, node: &Node) -> Result<Value, EngineError> {
        let rank = self.shape(node).len();
        let [a, b] = [0, 1].map(|index| self.float(node, index));
        let aligned = |x: Primitive| {
            let shape = x.shape().to_vec();
            let missing = rank.saturating_sub(shape.len());
            match missing {
                0 => x,
                _ => Backend::float_reshape(x, dims(&[vec![1; missing], shape].concat())),
            }
        };
        Ok(last(Backend::float_matmul(aligned(a?.last()), aligned(b?.last()))))
    }

    fn learnt(&mut self, node: &Node) -> Result<Learnt, EngineError> {
        let mut learnt =
            |at: usize| if at < node.inputs.len() { self.float(node, at).map(|x| Some(x.last())) } else { Ok(None) };
        Ok(Learnt { scale: learnt(1)?, offset: learnt(2)? })
    }

    fn dropout(&self, index: usize, rate: f64, shape: &[usize]) -> Primitive {
        let Run { seed, step, .. } = self.run;
        self.device.floats(random::dropout_factors(seed, step, index as u64, rate, shape.iter().product()), shape)
    }

    /// Numbers drawn for the node at `index`.
    fn drawn(&self, index: usize, draw: fn(u64, u64, u64, usize) -> Vec<f32>, shape: &[usize]) -> Primitive {
        let Run { seed, step, .. } = self.run;
        let shape = if shape.is_empty() { &[1] } else { shape };
        self.device.floats(draw(seed, step, index as u64, shape.iter().product()), shape)
    }

    fn attention(
        &mut self,
        node: &Node,
        index: usize,
        causal: bool,
        scale: f64,
        dropout: f64,
    ) -> Result<Value, EngineError> {
        let read = [self.float(node, 0)?.last(), self.float(node, 1)?.last(), self.float(node, 2)?.last()];
        let mask = match node.inputs.get(3) {
            Some(_) => match arrange::with_rank(self.input(node, 3)?, 4, self.device) {
                Value::Bool(mask) => Some(mask),
                _ => return Err(EngineError::Unsupported { operation: "attention", element: ElementType::F32 }),
            },
            None => None,
        };
        let drop = |shape: &[usize]| (self.run.training && dropout > 0.0).then(|| self.dropout(index, dropout, shape));
        Ok(last(attention::attend(read, attention::Sight { causal, mask, scale }, drop, self.device)?))
    }

    fn recurrent(&mut self, node: &Node, recurrent: &Recurrent) -> Result<Value, EngineError> {
        let same = Recurrent { answer: Answer::States, ..*recurrent };
        let floats = recurrent.mask().unwrap_or(node.inputs.len());
        let read = (0..floats).map(|at| Ok(self.float(node, at)?.last()));
        let read = read.collect::<Result<Vec<Primitive>, EngineError>>()?;
        let mask = match recurrent.mask().map(|place| self.input(node, place)).transpose()? {
            None => None,
            Some(Value::Bool(mask)) => Some(mask),
            Some(_) => {
                return Err(EngineError::Unsupported { operation: node.op.name(), element: ElementType::F32 });
            }
        };
        let known = self.recurrent.iter().find(|(inputs, layer, ..)| *inputs == node.inputs && *layer == same);
        let (states, memory) = match known {
            Some((_, _, states, memory)) => (states.clone(), memory.clone()),
            None => {
                // Whether another node asks the same layer for something else.
                let again = |other: &Node| match &other.op {
                    Op::Recurrent(layer) => layer.answer != recurrent.answer && other.inputs == node.inputs,
                    _ => false,
                };
                let asks_memory = recurrent.answer == Answer::LastMemory || self.program.graph.nodes.iter().any(again);
                let usual = mask.is_none() && !asks_memory && recurrent::is_usual_lstm(recurrent);
                if usual && self.device.has_kernels {
                    return Ok(last(recurrent::lstm(recurrent, read, self.device)?));
                }
                let (states, memory) = recurrent::run(recurrent, read, mask, self.device)?;
                if recurrent.cell == Cell::Lstm && asks_memory {
                    self.recurrent.push((node.inputs.clone(), same, states.clone(), memory.clone()));
                }
                (states, memory)
            }
        };
        Ok(last(match recurrent.answer {
            Answer::States => states,
            Answer::LastMemory => memory,
        }))
    }

    fn batch_norm(&mut self, node: &Node, epsilon: f64, momentum: f64) -> Result<Value, EngineError> {
        let x = self.float(node, 0)?;
        let (scale, offset) = (self.float(node, 1)?.last(), self.float(node, 2)?.last());
        let (mean, variance) = (self.float(node, 3)?.last(), self.float(node, 4)?.last());
        if !self.run.training {
            return Ok(Value::Float(normalization::given(x, scale, offset, mean, variance, epsilon)));
        }
        let (y, batch) = normalization::of_batch(x, scale, offset, epsilon, self.device)?;
        for (input, batch) in [(3, batch.mean), (4, batch.variance)] {
            if let Some(parameter) = self.program.parameter(node.inputs[input]) {
                self.statistics.push(BatchStatistic { parameter, batch, momentum });
            }
        }
        Ok(Value::Float(y))
    }
}

fn first(tensor: Primitive) -> Value {
    Value::Float(Activation::First(tensor))
}

fn cast(value: Value, element: ElementType, device: &Device) -> Value {
    let int = |element| device.stored(element);
    match (value, element) {
        (Value::Number(number), ElementType::F32) => Value::Number(number),
        (Value::Number(number), _) => cast(last(device.number(number)), element, device),
        (Value::Float(x), ElementType::F32) => Value::Float(x),
        (Value::Float(x), ElementType::Bool) => {
            Value::Bool(Backend::float_not_equal_elem(x.last(), 0f32.into(), device.truth))
        }
        (Value::Float(x), element) => Value::Int(Backend::float_into_int(x.last(), int(element)), element),
        (Value::Int(x, _), ElementType::F32) => last(Backend::int_into_float(x, FloatDType::F32)),
        (Value::Int(x, _), ElementType::Bool) => Value::Bool(Backend::int_not_equal_elem(x, 0i64.into(), device.truth)),
        (Value::Int(x, from), element) if from == element => Value::Int(x, element),
        (Value::Int(x, _), element) => Value::Int(Backend::int_cast(x, int(element)), element),
        (Value::Bool(x), ElementType::F32) => last(Backend::bool_into_float(x, FloatDType::F32)),
        (Value::Bool(x), ElementType::Bool) => Value::Bool(x),
        (Value::Bool(x), element) => Value::Int(Backend::bool_into_int(x, int(element)), element),
    }
}
