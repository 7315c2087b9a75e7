//! Builds a graph node by node and infers every shape.
//!
//! The builder takes what it is given: whoever calls it has checked that the operation makes sense and has reported it if
//! not. Where something is unknown, what follows from it is [`Dim::Unknown`].

use std::sync::Arc;

use ndsl_grammar::Span;

use super::infer::infer;
use super::{
    Binary, Column, Constraint, Dim, ElementType, Facts, GivenValue, Graph, Group, GroupKind, Head, Initializer, Layer,
    LayerId, Named, Node, Op, Output, Parameter, Regularizer, Role, Shape, Standardized, Unary, Value, ValueId,
    ValueSource,
};

/// The most elements a value may have for one row, every symbol counted as 1; a parameter's bound is another.
pub const MAX_ELEMENTS: usize = 1 << 31;

/// A graph under construction.
#[derive(Debug, Default)]
pub struct Builder {
    graph: Graph,
    layer: Option<LayerId>,
    oversized: Option<Oversized>,
}

/// What there was when something began to be unrolled.
#[derive(Clone, Copy, Debug)]
pub struct GroupStart {
    layers: u32,
    values: u32,
}

/// A value that would have more than [`MAX_ELEMENTS`] elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oversized {
    /// The value, whose dimensions are unknown from now on so that nothing follows from it.
    pub value: ValueId,
    /// The shape it would have had.
    pub shape: Shape,
}

impl Builder {
    /// An empty graph of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { graph: Graph { name: name.into(), ..Graph::default() }, layer: None, oversized: None }
    }

    /// What has been built so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What is known of the symbols.
    pub fn facts(&self) -> &Facts {
        &self.graph.facts
    }

    /// To note what is known of the symbols; what was inferred before stays as it is.
    pub fn facts_mut(&mut self) -> &mut Facts {
        &mut self.graph.facts
    }

    /// The first value too large to be computed since the last call: a fault for the caller to report.
    pub fn take_oversized(&mut self) -> Option<Oversized> {
        self.oversized.take()
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

    /// Gives a value the name the user wrote for it; an input and a weight keep the one they have.
    pub fn name(&mut self, id: ValueId, name: impl Into<String>) {
        let value = &mut self.graph.values[id.index()];
        if !matches!(value.source, ValueSource::Input(_) | ValueSource::Parameter(_)) {
            value.name = name.into().into();
        }
    }

    /// A value fed from outside.
    pub fn input(&mut self, name: impl Into<String>, element: ElementType, shape: Shape, span: Span) -> ValueId {
        let source = ValueSource::Input(self.graph.inputs.len() as u32);
        let id = self.add(Value { name: name.into().into(), element, shape, source, span });
        self.graph.inputs.push(id);
        id
    }

    /// Hands `value` back under `name`.
    pub fn output(&mut self, name: impl Into<String>, value: ValueId) {
        self.graph.outputs.push(Output { name: name.into(), value, head: None });
    }

    /// Says that the output made last predicts a column.
    pub fn predicts(&mut self, head: Head) {
        if let Some(output) = self.graph.outputs.last_mut() {
            output.head = Some(head);
        }
    }

    /// Says that an input is a column of a table.
    pub fn column(&mut self, column: Column) {
        self.graph.columns.push(column);
    }

    /// Notes what the program calls a value.
    pub fn called(&mut self, name: String, value: ValueId, is_output: bool) {
        self.graph.names.push(Named { name, value, is_output });
    }

    /// Notes what is fitted to the training rows before the first step.
    pub fn standardize(&mut self, fitted: Standardized) {
        self.graph.standardized.push(fitted);
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
        let value =
            self.add(Value { name: name.clone().into(), element: ElementType::F32, shape: known, source, span });
        let layer = self.layer;
        self.graph.parameters.push(Parameter { name, shape, initializer, role, regularizer: None, value, layer });
        value
    }

    /// Notes what the parameter made last adds to the loss.
    pub fn regularize(&mut self, regularizer: Regularizer) {
        if let Some(parameter) = self.graph.parameters.last_mut() {
            parameter.regularizer = Some(regularizer);
        }
    }

    /// A value of which only the type and the shape are known, as what makes it depends on something unknown.
    pub fn unknown(&mut self, element: ElementType, shape: Shape, span: Span) -> ValueId {
        self.add(Value { name: "unknown".into(), element, shape, source: ValueSource::Unknown, span })
    }

    /// Starts a layer: the nodes made until [`Builder::end_layer`] belong to it.
    pub fn begin_layer(&mut self, name: String, kind: &'static str, input: ValueId, span: Span) {
        self.layer = Some(LayerId(self.graph.layers.len() as u32));
        let at = self.graph.values.len() as u32;
        self.graph.layers.push(Layer { name, kind, span, given: Vec::new(), at, input, output: input });
    }

    /// Notes what the call of the layer gives that was begun last.
    pub fn gives(&mut self, given: Vec<GivenValue>) {
        if let Some(layer) = self.graph.layers.last_mut() {
            layer.given = given;
        }
    }

    /// Ends the layer that was begun; `output` is what it answers.
    pub fn end_layer(&mut self, output: ValueId) {
        if let Some(LayerId(index)) = self.layer.take() {
            self.graph.layers[index as usize].output = output;
        }
    }

    /// Where what is unrolled from here on begins.
    pub fn begin_group(&self) -> GroupStart {
        GroupStart { layers: self.graph.layers.len() as u32, values: self.graph.values.len() as u32 }
    }

    /// Notes what was unrolled since `start`; what made nothing is not kept.
    pub fn end_group(
        &mut self,
        start: GroupStart,
        kind: impl FnOnce() -> GroupKind,
        span: Span,
        [input, output]: [Option<ValueId>; 2],
    ) {
        let layers = start.layers..self.graph.layers.len() as u32;
        let values = start.values..self.graph.values.len() as u32;
        if !(layers.is_empty() && values.is_empty()) {
            self.graph.groups.push(Group { kind: kind(), span, layers, values, input, output });
        }
    }

    /// Notes what the sizes of a run must meet.
    pub fn constrain(&mut self, constraint: Constraint) {
        self.graph.constraints.push(constraint);
    }

    /// Applies `op` to `inputs`.
    pub fn node(&mut self, op: Op, inputs: Vec<ValueId>, span: Span) -> ValueId {
        let (element, shape) = {
            let values: Vec<&Value> = inputs.iter().map(|id| self.graph.value(*id)).collect();
            infer(&op, &values, &self.graph.facts)
        };
        let name = op.name().into();
        let source = ValueSource::Node(self.graph.nodes.len() as u32);
        let (held, oversized) = match fits(&shape) {
            true => (shape, None),
            false => (Shape(vec![Dim::Unknown; shape.rank()]), Some(shape)),
        };
        let output = self.add(Value { name, element, shape: held, source, span });
        if self.oversized.is_none() {
            self.oversized = oversized.map(|shape| Oversized { value: output, shape });
        }
        self.graph.nodes.push(Node { op, inputs, output, layer: self.layer });
        output
    }

    /// One number.
    pub fn constant(&mut self, number: f64, span: Span) -> ValueId {
        self.node(Op::Constant(number), Vec::new(), span)
    }

    /// One number of that type.
    pub fn scalar(&mut self, element: ElementType, number: f64, span: Span) -> ValueId {
        match element {
            ElementType::F32 => self.constant(number, span),
            _ => self.tensor(element, Vec::new(), [number], span),
        }
    }

    /// Numbers of that type and shape, in row-major order; their count is the caller's to check.
    pub fn tensor(
        &mut self,
        element: ElementType,
        shape: Vec<usize>,
        data: impl Into<Arc<[f64]>>,
        span: Span,
    ) -> ValueId {
        self.node(Op::ConstantTensor { element, shape, data: data.into() }, Vec::new(), span)
    }

    /// The softmax over the last axis.
    pub fn softmax(&mut self, x: ValueId, span: Span) -> ValueId {
        let axis = self.shape(x).rank().saturating_sub(1);
        self.node(Op::Softmax { axis }, vec![x], span)
    }

    /// The logarithm of the softmax over the last axis.
    pub fn log_softmax(&mut self, x: ValueId, span: Span) -> ValueId {
        let axis = self.shape(x).rank().saturating_sub(1);
        self.node(Op::LogSoftmax { axis }, vec![x], span)
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

/// Whether a value of that shape can be held, as far as its numbers say.
fn fits(shape: &Shape) -> bool {
    let sizes = shape.dims().iter().filter_map(Dim::known);
    let mut elements = sizes.clone().filter(|size| *size > 0);
    let counted = elements.try_fold(1usize, |product, size| product.checked_mul(size));
    counted.is_some_and(|count| count <= MAX_ELEMENTS)
}
