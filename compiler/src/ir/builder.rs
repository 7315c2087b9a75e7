//! Builds a graph node by node and infers every shape.
//!
//! The builder takes what it is given: whoever calls it has checked that the operation makes sense and has reported it if
//! not. Where something is unknown, what follows from it is [`Dim::Unknown`].

use ndsl_grammar::Span;

use super::{
    Binary, Dim, ElementType, Graph, Initializer, Layer, LayerId, Node, Op, Output, Padding, Parameter, Role, Shape,
    Unary, Value, ValueId, ValueSource,
};

/// A graph under construction.
#[derive(Debug, Default)]
pub struct Builder {
    graph: Graph,
    layer: Option<LayerId>,
}

impl Builder {
    /// An empty graph of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { graph: Graph { name: name.into(), ..Graph::default() }, layer: None }
    }

    /// What has been built so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The finished graph.
    pub fn finish(self) -> Graph {
        self.graph
    }

    /// The value behind `id`.
    pub fn value(&self, id: ValueId) -> &Value {
        self.graph.value(id)
    }

    /// The shape of `id`, batch first.
    pub fn shape(&self, id: ValueId) -> &Shape {
        &self.graph.value(id).shape
    }

    /// Gives a value the name the user wrote for it.
    pub fn name(&mut self, id: ValueId, name: impl Into<String>) {
        self.graph.values[id.index()].name = name.into();
    }

    /// A value fed from outside.
    pub fn input(&mut self, name: impl Into<String>, element: ElementType, shape: Shape, span: Span) -> ValueId {
        let source = ValueSource::Input(self.graph.inputs.len() as u32);
        let id = self.add(Value { name: name.into(), element, shape, source, span });
        self.graph.inputs.push(id);
        id
    }

    /// Hands `value` back under `name`.
    pub fn output(&mut self, name: impl Into<String>, value: ValueId) {
        self.graph.outputs.push(Output { name: name.into(), value });
    }

    /// A parameter called `name`, in PyTorch's layout.
    pub fn parameter(
        &mut self,
        name: impl Into<String>,
        shape: Vec<usize>,
        initializer: Initializer,
        role: Role,
        span: Span,
    ) -> ValueId {
        let name = name.into();
        let source = ValueSource::Parameter(self.graph.parameters.len() as u32);
        let known = Shape::known(shape.iter().copied());
        let value = self.add(Value { name: name.clone(), element: ElementType::F32, shape: known, source, span });
        self.graph.parameters.push(Parameter { name, shape, initializer, role, value, layer: self.layer });
        value
    }

    /// A value of which only the type and the shape are known, as what makes it depends on something unknown.
    pub fn unknown(&mut self, element: ElementType, shape: Shape, span: Span) -> ValueId {
        self.add(Value { name: "unknown".into(), element, shape, source: ValueSource::Unknown, span })
    }

    /// Starts a layer: the nodes made until [`Builder::end_layer`] belong to it.
    pub fn begin_layer(&mut self, name: String, kind: &'static str, input: ValueId, span: Span) {
        self.layer = Some(LayerId(self.graph.layers.len() as u32));
        self.graph.layers.push(Layer { name, kind, span, input, output: input });
    }

    /// Ends the layer that was begun; `output` is what it answers.
    pub fn end_layer(&mut self, output: ValueId) {
        if let Some(LayerId(index)) = self.layer.take() {
            self.graph.layers[index as usize].output = output;
        }
    }

    /// Applies `op` to `inputs`.
    pub fn node(&mut self, op: Op, inputs: Vec<ValueId>, span: Span) -> ValueId {
        let (element, shape) = {
            let values: Vec<&Value> = inputs.iter().map(|id| self.graph.value(*id)).collect();
            infer(&op, &values)
        };
        let name = op.name().to_owned();
        let source = ValueSource::Node(self.graph.nodes.len() as u32);
        let output = self.add(Value { name, element, shape, source, span });
        self.graph.nodes.push(Node { op, inputs, output, layer: self.layer });
        output
    }

    /// One number.
    pub fn constant(&mut self, number: f64, span: Span) -> ValueId {
        self.node(Op::Constant(number), Vec::new(), span)
    }

    /// An element-by-element operation of one value.
    pub fn unary(&mut self, unary: Unary, x: ValueId, span: Span) -> ValueId {
        self.node(Op::Unary(unary), vec![x], span)
    }

    /// An element-by-element operation of two values that broadcast.
    pub fn binary(&mut self, binary: Binary, a: ValueId, b: ValueId, span: Span) -> ValueId {
        self.node(Op::Binary(binary), vec![a, b], span)
    }

    fn add(&mut self, value: Value) -> ValueId {
        let id = ValueId(self.graph.values.len() as u32);
        self.graph.values.push(value);
        id
    }
}

/// How many windows of `size` fit along an axis of `length`; [`Dim::Unknown`] if none does.
pub fn windows(length: &Dim, size: usize, stride: usize, dilation: usize, padding: usize) -> Dim {
    let reach = dilation.saturating_mul(size.saturating_sub(1)).saturating_add(1);
    match length {
        Dim::Known(length) => match (length.saturating_add(padding)).checked_sub(reach) {
            Some(room) => Dim::Known(room / stride.max(1) + 1),
            None => Dim::Unknown,
        },
        _ => Dim::Unknown,
    }
}

/// The shape of two values broadcast together as NumPy does, or nothing if they do not go together.
pub fn broadcast(a: &Shape, b: &Shape) -> Option<Shape> {
    let rank = a.rank().max(b.rank());
    let dim = |shape: &Shape, axis: usize| match (axis + shape.rank()).checked_sub(rank) {
        Some(index) => shape.0[index].clone(),
        None => Dim::Known(1),
    };
    let dims = (0..rank).map(|axis| match (dim(a, axis), dim(b, axis)) {
        (Dim::Known(1), other) | (other, Dim::Known(1)) => Some(other),
        (Dim::Unknown, other) | (other, Dim::Unknown) => Some(other),
        (left, right) => (left == right).then_some(left),
    });
    dims.collect::<Option<Vec<_>>>().map(Shape)
}

fn infer(op: &Op, inputs: &[&Value]) -> (ElementType, Shape) {
    let shape = |index: usize| inputs.get(index).map_or(Shape(Vec::new()), |value| value.shape.clone());
    let element = inputs.first().map_or(ElementType::F32, |value| value.element);
    match op {
        Op::Constant(_) => (ElementType::F32, Shape(Vec::new())),
        Op::Cast(element) => (*element, shape(0)),
        Op::Reshape(target) => (element, target.clone()),
        Op::Binary(_) => (element, broadcast(&shape(0), &shape(1)).unwrap_or_else(|| shape(0))),
        Op::Linear => {
            let mut dims = shape(0).0;
            dims.pop();
            dims.extend(shape(1).0.first().cloned());
            (element, Shape(dims))
        }
        Op::Conv2d { strides, dilation, padding, .. } => {
            let weight = shape(1);
            let size = [2, 3].map(|axis| weight.0.get(axis).and_then(Dim::known).unwrap_or(1));
            (element, window_shape(&shape(0), size, *strides, *dilation, *padding, weight.0.first().cloned()))
        }
        Op::MaxPool2d { size, strides, padding } | Op::AveragePool2d { size, strides, padding } => {
            (element, window_shape(&shape(0), *size, *strides, [1, 1], *padding, None))
        }
        Op::Reduce { axes, keep, .. } => {
            let dims = shape(0).0.into_iter().enumerate().filter_map(|(axis, dim)| match axes.contains(&axis) {
                true => keep.then_some(Dim::Known(1)),
                false => Some(dim),
            });
            (element, Shape(dims.collect()))
        }
        Op::SoftmaxCrossEntropy => (element, Shape(shape(0).0.into_iter().take(1).collect())),
        Op::Unary(_) | Op::BatchNorm { .. } | Op::Dropout { .. } | Op::Softmax | Op::LogSoftmax => (element, shape(0)),
    }
}

/// The shape of sliding windows over `[N, h, w, c]`; `channels` replaces the last dimension where given.
fn window_shape(
    input: &Shape,
    size: [usize; 2],
    strides: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
    channels: Option<Dim>,
) -> Shape {
    let [n, h, w, c] = input.dims() else { return input.clone() };
    Shape(vec![
        n.clone(),
        windows(h, size[0], strides[0], dilation[0], padding.top + padding.bottom),
        windows(w, size[1], strides[1], dilation[1], padding.left + padding.right),
        channels.unwrap_or_else(|| c.clone()),
    ])
}
