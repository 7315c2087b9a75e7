//! Nodes, initializers and the graph around them, as they are written.

use std::collections::BTreeMap;

use super::ExportError;
use super::layout::{Held, Layout, has_layouts};
use super::names::Names;
use super::plan::Plan;
use super::proto::attribute_proto::AttributeType;
use super::proto::tensor_proto::DataType;
use super::proto::tensor_shape_proto::{Dimension, dimension};
use super::proto::{
    AttributeProto, GraphProto, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};
use super::recurrent::Made;
use crate::ir::{Dim, ElementType, Graph, Node, Op, ValueId, ValueSource};
use crate::weights::{Weight, Weights};

/// An ONNX graph under construction.
pub(super) struct Writer<'a> {
    pub(super) graph: &'a Graph,
    pub(super) weights: &'a Weights,
    pub(super) plan: &'a Plan,
    names: Names,
    /// The tensors that hold each value.
    held: Vec<Held>,
    /// The output that a node's own result can carry, by the value.
    output_names: BTreeMap<ValueId, String>,
    /// Numbers that operations take as tensors, each kept once, by their bits.
    scalars: BTreeMap<u32, String>,
    /// Parameters as MatMul wants them.
    transposed: BTreeMap<ValueId, String>,
    /// Whole numbers that operations take as tensors without axes.
    whole_scalars: BTreeMap<i64, String>,
    /// Dimensions that are tensors by now.
    pub(super) sizes: BTreeMap<Dim, String>,
    /// What attention hides of the future, by the numbers of queries and keys.
    pub(super) causal: BTreeMap<(Dim, Dim), String>,
    /// What a recurrent layer makes, by what it reads and how it works.
    pub(super) recurrent: BTreeMap<(Vec<ValueId>, String), Made>,
    out: GraphProto,
}

impl<'a> Writer<'a> {
    /// A graph with its inputs and outputs declared.
    pub(super) fn new(graph: &'a Graph, weights: &'a Weights, plan: &'a Plan) -> Result<Self, ExportError> {
        let mut writer = Self {
            graph,
            weights,
            plan,
            names: Names::default(),
            held: vec![Held::default(); graph.values.len()],
            output_names: BTreeMap::new(),
            scalars: BTreeMap::new(),
            transposed: BTreeMap::new(),
            whole_scalars: BTreeMap::new(),
            sizes: BTreeMap::new(),
            causal: BTreeMap::new(),
            recurrent: BTreeMap::new(),
            out: GraphProto::default(),
        };
        let name = if graph.name.is_empty() { "model" } else { &graph.name };
        writer.out.name = Some(name.to_owned());
        for id in &graph.inputs {
            let name = &graph.value(*id).name;
            writer.take("an input", name)?;
            writer.held[id.index()].set(Layout::ChannelsLast, name.to_string());
            writer.out.input.push(value_info(name, graph, *id, Layout::ChannelsLast));
        }
        for output in &graph.outputs {
            writer.take("an output", &output.name)?;
            writer.out.output.push(value_info(&output.name, graph, output.value, Layout::ChannelsLast));
            let root = plan.root(output.value);
            let constant = |op: &Op| matches!(op, Op::Constant(_) | Op::ConstantTensor { .. });
            let computed = graph.producer(root).is_some_and(|node| !constant(&node.op));
            if computed {
                writer.output_names.entry(root).or_insert_with(|| output.name.clone());
            }
        }
        for parameter in &graph.parameters {
            writer.take("a parameter", &parameter.name)?;
        }
        Ok(writer)
    }

    fn take(&mut self, what: &'static str, name: &str) -> Result<(), ExportError> {
        let reason = match name.is_empty() {
            true => "it has no name",
            false if self.names.take(name) => return Ok(()),
            false => "an input, output or parameter has that name already",
        };
        Err(ExportError::Name { what, name: name.to_owned(), reason })
    }

    /// The graph, with every output under its name.
    pub(super) fn finish(mut self) -> Result<GraphProto, ExportError> {
        for output in &self.graph.outputs {
            let tensor = self.tensor(output.value, Layout::ChannelsLast);
            if tensor != output.name {
                self.emit("Identity", &[&tensor], &output.name, Vec::new());
            }
        }
        Ok(self.out)
    }

    /// What is wrong with `node`, as an error.
    pub(super) fn unsupported(&self, node: &Node, reason: impl Into<String>) -> ExportError {
        let span = self.graph.value(node.output).span;
        let layer =
            node.layer.and_then(|layer| self.graph.layers.get(layer.0 as usize)).map(|layer| layer.name.clone());
        ExportError::Unsupported { operation: node.op.name(), layer, reason: reason.into(), span }
    }

    /// The node's input at `index`.
    pub(super) fn input(&self, node: &Node, index: usize) -> Result<ValueId, ExportError> {
        let missing = || self.unsupported(node, format!("it reads {} values only", node.inputs.len()));
        node.inputs.get(index).copied().ok_or_else(missing)
    }

    /// How many dimensions a value has.
    pub(super) fn rank(&self, id: ValueId) -> usize {
        self.graph.value(id).shape.rank()
    }

    /// Whether the value can be had in that layout without a conversion when running. What no tensor holds yet is an
    /// initializer, which runtimes convert once.
    pub(super) fn holds(&self, id: ValueId, layout: Layout) -> bool {
        let held = &self.held[self.plan.root(id).index()];
        held.get(layout).is_some() || (held.channels_last.is_none() && held.channels_first.is_none())
    }

    /// The layout in which an operation that works in either should read `id`, to make `output`.
    pub(super) fn layout_of(&self, id: ValueId, output: ValueId) -> Layout {
        let held = &self.held[self.plan.root(id).index()];
        match (&held.channels_last, &held.channels_first) {
            (None, Some(_)) => Layout::ChannelsFirst,
            (Some(_), Some(_)) if self.plan.prefers_channels_first(output) => Layout::ChannelsFirst,
            _ => Layout::ChannelsLast,
        }
    }

    /// The tensor that holds a value in that layout, converted where it is not there yet.
    pub(super) fn tensor(&mut self, id: ValueId, layout: Layout) -> String {
        let id = self.plan.root(id);
        let layout = if has_layouts(self.rank(id)) { layout } else { Layout::ChannelsLast };
        if let Some(name) = self.held[id.index()].get(layout) {
            return name.clone();
        }
        let other = match layout {
            Layout::ChannelsLast => Layout::ChannelsFirst,
            Layout::ChannelsFirst => Layout::ChannelsLast,
        };
        let Some(source) = self.held[id.index()].get(other).cloned() else {
            let name = self.initializer_of(id);
            self.held[id.index()].set(Layout::ChannelsLast, name.clone());
            return if layout == Layout::ChannelsLast { name } else { self.tensor(id, layout) };
        };
        let name = self.define(id, layout);
        self.emit("Transpose", &[&source], &name, vec![ints("perm", &layout.permutation(self.rank(id)))]);
        name
    }

    /// The initializer for a value that no node makes.
    fn initializer_of(&mut self, id: ValueId) -> String {
        if let Some(parameter) = self.graph.parameter(id) {
            let data = self.weights.get(&parameter.name).map_or(&[][..], |weight| &weight.data);
            self.out.initializer.push(floats(&parameter.name, &parameter.shape, data, None));
            return parameter.name.clone();
        }
        match self.graph.producer(id).map(|node| &node.op) {
            Some(Op::Constant(number)) => self.scalar(*number as f32),
            Some(Op::ConstantTensor { element, shape, data }) => {
                let name = self.unique(&format!("constant/{}", self.natural_name(id)));
                let (element, data) = (*element, data.clone());
                self.out.initializer.push(numbers(&name, element, shape, &data));
                name
            }
            // Nodes come in order, so what they read has been made.
            _ => self.natural_name(id),
        }
    }

    /// A name for a tensor that a node is about to make to hold `id` in that layout.
    pub(super) fn define(&mut self, id: ValueId, layout: Layout) -> String {
        let id = self.plan.root(id);
        let name = match self.output_names.get(&id).filter(|_| layout == Layout::ChannelsLast) {
            Some(name) => name.clone(),
            None => {
                let natural = self.natural_name(id);
                let held = &self.held[id.index()];
                let first = held.channels_last.is_none() && held.channels_first.is_none();
                let is_output = self.output_names.get(&id) == Some(&natural);
                let name = if first && !is_output { natural } else { format!("{natural}/{}", layout.suffix()) };
                let name = self.names.unique(&name);
                self.out.value_info.push(value_info(&name, self.graph, id, layout));
                name
            }
        };
        self.held[id.index()].set(layout, name.clone());
        name
    }

    /// The name that steps on the way to a value begin with.
    pub(super) fn label(&self, id: ValueId) -> String {
        self.natural_name(id)
    }

    /// The user's name for a value, or its layer's.
    fn natural_name(&self, id: ValueId) -> String {
        let id = self.plan.label(self.plan.root(id));
        let value = self.graph.value(id);
        let ValueSource::Node(index) = value.source else { return value.name.to_string() };
        let node = &self.graph.nodes[index as usize];
        if value.name != node.op.name() {
            return value.name.to_string();
        }
        match node.layer.and_then(|layer| self.graph.layers.get(layer.0 as usize)) {
            Some(layer) if self.plan.root(layer.output) == self.plan.root(id) => layer.name.clone(),
            Some(layer) => format!("{}/{}", layer.name, value.name),
            None => value.name.to_string(),
        }
    }

    /// A name for a tensor that is one step on the way to `to`.
    pub(super) fn step(&mut self, to: &str, what: &str) -> String {
        self.names.unique(&format!("{to}/{what}"))
    }

    /// A name that nothing has.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        self.names.unique(wanted)
    }

    /// Writes a node.
    pub(super) fn emit(&mut self, kind: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) {
        self.emit_several(kind, inputs, &[output], attribute);
    }

    /// Writes a node that is one step on the way to `to`, and answers what it makes.
    pub(super) fn made(
        &mut self,
        to: &str,
        what: &str,
        kind: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = self.step(to, what);
        self.emit(kind, inputs, &name, attribute);
        name
    }

    /// Writes a node of several outputs; one without a name is not wanted.
    pub(super) fn emit_several(
        &mut self,
        kind: &str,
        inputs: &[&str],
        outputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        let name = outputs.iter().find(|name| !name.is_empty()).map(|name| (*name).to_owned());
        self.out.node.push(NodeProto {
            name,
            op_type: Some(kind.to_owned()),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: outputs.iter().map(|name| (*name).to_owned()).collect(),
            attribute,
            ..NodeProto::default()
        });
    }

    /// An initializer of one number.
    pub(super) fn scalar(&mut self, number: f32) -> String {
        if let Some(name) = self.scalars.get(&number.to_bits()) {
            return name.clone();
        }
        let name = self.names.unique(&format!("constant/{number:?}"));
        self.out.initializer.push(floats(&name, &[], &[number], None));
        self.scalars.insert(number.to_bits(), name.clone());
        name
    }

    /// An initializer of one whole number.
    pub(super) fn whole_scalar(&mut self, number: i64) -> String {
        if let Some(name) = self.whole_scalars.get(&number) {
            return name.clone();
        }
        let name = self.names.unique(&format!("constant/{number}"));
        self.out.initializer.push(numbers(&name, ElementType::I64, &[], &[number as f64]));
        self.whole_scalars.insert(number, name.clone());
        name
    }

    /// An initializer of whole numbers, such as a shape, for the node that makes `to`.
    pub(super) fn whole_numbers(&mut self, to: &str, what: &str, numbers: &[i64]) -> String {
        let name = self.step(to, what);
        self.out.initializer.push(TensorProto {
            name: Some(name.clone()),
            dims: vec![numbers.len() as i64],
            data_type: Some(DataType::Int64 as i32),
            raw_data: Some(numbers.iter().flat_map(|number| number.to_le_bytes()).collect()),
            ..TensorProto::default()
        });
        name
    }

    /// An initializer made of parameters; `said` tells how.
    pub(super) fn derived(&mut self, wanted: &str, weight: &Weight, said: &str) -> String {
        let name = self.names.unique(wanted);
        self.out.initializer.push(floats(&name, &weight.shape, &weight.data, Some(said)));
        name
    }

    /// An initializer in a parameter's place, under its very name; the parameter itself must not be written then.
    pub(super) fn replaced(&mut self, parameter: &str, weight: &Weight, said: &str) -> String {
        self.out.initializer.push(floats(parameter, &weight.shape, &weight.data, Some(said)));
        parameter.to_owned()
    }

    /// A matrix with its axes exchanged: written so if it is a parameter, else by a node.
    pub(super) fn transposed(&mut self, id: ValueId, to: &str) -> String {
        let id = self.plan.root(id);
        if let Some(name) = self.transposed.get(&id) {
            return name.clone();
        }
        let weight = self.graph.parameter(id).and_then(|parameter| self.weights.get(&parameter.name));
        let name = match (self.graph.parameter(id), weight.and_then(transpose)) {
            (Some(parameter), Some(weight)) => {
                self.derived(&format!("{}/transposed", parameter.name), &weight, "transposed")
            }
            _ => {
                let matrix = self.tensor(id, Layout::ChannelsLast);
                let name = self.step(to, "transposed");
                self.emit("Transpose", &[&matrix], &name, vec![ints("perm", &[1, 0])]);
                name
            }
        };
        self.transposed.insert(id, name.clone());
        name
    }
}

/// A matrix with rows and columns exchanged.
pub(super) fn transpose(weight: &Weight) -> Option<Weight> {
    let [rows, columns] = weight.shape[..] else { return None };
    let data = (0..columns).flat_map(|column| (0..rows).map(move |row| weight.data[row * columns + column])).collect();
    Some(Weight { shape: vec![columns, rows], data })
}

/// A whole number.
pub(super) fn int(name: &str, number: i64) -> AttributeProto {
    AttributeProto { i: Some(number), ..attribute(name, AttributeType::Int) }
}

/// Whole numbers.
pub(super) fn ints(name: &str, numbers: &[i64]) -> AttributeProto {
    AttributeProto { ints: numbers.to_vec(), ..attribute(name, AttributeType::Ints) }
}

/// A number.
pub(super) fn float(name: &str, number: f64) -> AttributeProto {
    AttributeProto { f: Some(number as f32), ..attribute(name, AttributeType::Float) }
}

/// A word.
pub(super) fn word(name: &str, text: &str) -> AttributeProto {
    AttributeProto { s: Some(text.as_bytes().to_vec()), ..attribute(name, AttributeType::String) }
}

/// Words.
pub(super) fn words(name: &str, texts: &[&str]) -> AttributeProto {
    let strings = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    AttributeProto { strings, ..attribute(name, AttributeType::Strings) }
}

/// Numbers.
pub(super) fn floats_of(name: &str, numbers: &[f64]) -> AttributeProto {
    let floats = numbers.iter().map(|number| *number as f32).collect();
    AttributeProto { floats, ..attribute(name, AttributeType::Floats) }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind as i32), ..AttributeProto::default() }
}

/// ONNX's number for an element type.
pub(super) fn data_type(element: ElementType) -> DataType {
    match element {
        ElementType::F32 => DataType::Float,
        ElementType::I64 => DataType::Int64,
        ElementType::U8 => DataType::Uint8,
        ElementType::Bool => DataType::Bool,
    }
}

fn floats(name: &str, shape: &[usize], data: &[f32], said: Option<&str>) -> TensorProto {
    let mut bytes = Vec::with_capacity(4 * data.len());
    data.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    TensorProto {
        name: Some(name.to_owned()),
        dims: shape.iter().map(|dim| *dim as i64).collect(),
        data_type: Some(DataType::Float as i32),
        raw_data: Some(bytes),
        doc_string: said.map(str::to_owned),
        ..TensorProto::default()
    }
}

/// Numbers of any element type.
fn numbers(name: &str, element: ElementType, shape: &[usize], data: &[f64]) -> TensorProto {
    let bytes = data.iter().flat_map(|number| match element {
        ElementType::F32 => (*number as f32).to_le_bytes().to_vec(),
        ElementType::I64 => (*number as i64).to_le_bytes().to_vec(),
        ElementType::U8 | ElementType::Bool => vec![*number as u8],
    });
    TensorProto {
        name: Some(name.to_owned()),
        dims: shape.iter().map(|dim| *dim as i64).collect(),
        data_type: Some(data_type(element) as i32),
        raw_data: Some(bytes.collect()),
        ..TensorProto::default()
    }
}

fn value_info(name: &str, graph: &Graph, id: ValueId, layout: Layout) -> ValueInfoProto {
    let value = graph.value(id);
    let dims = layout.arrange(value.shape.dims()).into_iter().map(|dim| Dimension {
        value: match dim {
            Dim::Known(size) => Some(dimension::Value::DimValue(size as i64)),
            Dim::Symbolic(_) => Some(dimension::Value::DimParam(dim.to_string())),
            Dim::Unknown => None,
        },
        ..Dimension::default()
    });
    let tensor = type_proto::Tensor {
        elem_type: Some(data_type(value.element) as i32),
        shape: Some(TensorShapeProto { dim: dims.collect() }),
    };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}
