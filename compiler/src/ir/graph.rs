//! The graph itself: values, the nodes that make them, and the parameters they read.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use ndsl_grammar::Span;

use super::{Column, Dim, ElementType, Facts, Head, Initializer, Op, Shape, Sizes, Standardized};

/// Names a value of a graph: an index into [`Graph::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

impl ValueId {
    /// The index into [`Graph::values`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names a layer of a graph: an index into [`Graph::layers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(pub u32);

/// What a program computes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The model's name.
    pub name: String,
    /// What the sizes of a run must meet: the shapes were inferred with it.
    pub facts: Facts,
    /// The values fed from outside, in order.
    pub inputs: Vec<ValueId>,
    /// The values handed back, in order.
    pub outputs: Vec<Output>,
    /// The weights and statistics, in the order their layers were applied.
    pub parameters: Vec<Parameter>,
    /// The operations, each after those it reads.
    pub nodes: Vec<Node>,
    /// Every value there is.
    pub values: Vec<Value>,
    /// The layers of the source, in the order they were applied.
    pub layers: Vec<Layer>,
    /// What was unrolled, each after what is inside it; what makes nothing is left out.
    pub groups: Vec<Group>,
    /// What the sizes of a run must meet, as the program says it.
    pub constraints: Vec<Constraint>,
    /// The inputs that are columns of a table, in order.
    pub columns: Vec<Column>,
    /// What is fitted to the training rows before the first step, in the order it can be.
    pub standardized: Vec<Standardized>,
    /// What the program calls its values, in the order in which it names them; of a whole training alone, and of no part of one.
    pub names: Vec<Named>,
}

/// A name that the program gives to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name, behind that of the block it is in: `encoder.mean`; the rounds of a `repeat` stand behind it.
    pub name: String,
    /// The value.
    pub value: ValueId,
    /// Whether it is what a model hands back.
    pub is_output: bool,
}

/// A part of the source that was unrolled: what summaries and diagrams show as a branch of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What it is.
    pub kind: GroupKind,
    /// Where it stands in the source.
    pub span: Span,
    /// Its layers, those of the groups inside it among them: indices into [`Graph::layers`].
    pub layers: Range<u32>,
    /// What was made in it, likewise: indices into [`Graph::values`].
    pub values: Range<u32>,
    /// What it was applied to, if that is one value.
    pub input: Option<ValueId>,
    /// What came out, if that is one value.
    pub output: Option<ValueId>,
}

/// What was unrolled.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupKind {
    /// A use of a block or model inside another.
    Use {
        /// Its dotted name, with which the names of its layers begin.
        name: String,
        /// The name of the block or model.
        of: String,
        /// What the call gives.
        given: Vec<GivenValue>,
    },
    /// A `repeat`, whose rounds are the groups in it.
    Repeat,
    /// One round of a `repeat`.
    Round {
        /// Which it is, from 0.
        number: usize,
        /// What the `repeat` names in it.
        items: Vec<GivenValue>,
    },
}

/// What a call gives for a parameter, as it was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenValue {
    /// The parameter.
    pub parameter: Cow<'static, str>,
    /// Whether it is given by its place, so that readers do not see its name.
    pub by_place: bool,
    /// The value as the language writes it.
    pub value: String,
}

/// `check T <= 1024`: a condition on the sizes of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The left side.
    pub left: Dim,
    /// How the two compare.
    pub comparison: Comparison,
    /// The right side.
    pub right: Dim,
    /// The condition in the source.
    pub span: Span,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Comparison {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.comparison.symbol(), self.right)
    }
}

impl Constraint {
    /// Whether it holds for these sizes; nothing where one is missing or a side is no number of elements.
    pub fn holds(&self, sizes: &Sizes) -> Option<bool> {
        let (left, right) = (self.left.at(sizes)?, self.right.at(sizes)?);
        Some(match self.comparison {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::LessEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterEqual => left >= right,
        })
    }
}

/// A value handed back under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The name the user gave, or `output`.
    pub name: String,
    /// The value.
    pub value: ValueId,
    /// The column it predicts, if it was said to predict one.
    pub head: Option<Head>,
}

/// A tensor that flows through the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The user's name for it, or one made from what made it; not unique.
    pub name: Cow<'static, str>,
    /// Its kind of numbers.
    pub element: ElementType,
    /// Its shape; of an input, of an activation: batch first.
    pub shape: Shape,
    /// What makes it.
    pub source: ValueSource,
    /// The piece of program it comes from.
    pub span: Span,
}

/// What makes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// Fed from outside: an index into [`Graph::inputs`].
    Input(u32),
    /// An index into [`Graph::parameters`].
    Parameter(u32),
    /// An index into [`Graph::nodes`].
    Node(u32),
    /// Not known, because it depends on a parameter that has no value yet or on a fault that was reported.
    Unknown,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it does.
    pub op: Op,
    /// What it reads, in the operation's order.
    pub inputs: Vec<ValueId>,
    /// What it makes.
    pub output: ValueId,
    /// The layer it belongs to; none for arithmetic written between layers.
    pub layer: Option<LayerId>,
}

/// Whether training moves a parameter by its gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Moved by the optimizer.
    Trainable,
    /// Kept by the operation itself, such as batch normalisation's mean.
    Statistic,
    /// Left as it is, since its layer says `trainable=false`.
    Frozen,
}

/// What a parameter adds to the loss: `l1 * sum(|w|) + l2 * sum(w ** 2)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regularizer {
    /// The factor of the absolute values.
    pub l1: f64,
    /// The factor of the squares.
    pub l2: f64,
}

/// A named tensor that belongs to the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The layer's name, a dot, and PyTorch's name: `conv2d.weight`.
    pub name: String,
    /// Its shape, in PyTorch's layout.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: Initializer,
    /// Whether training moves it by its gradient.
    pub role: Role,
    /// What it adds to the loss.
    pub regularizer: Option<Regularizer>,
    /// The value that stands for it.
    pub value: ValueId,
    /// The layer it belongs to.
    pub layer: Option<LayerId>,
}

/// A layer as it was applied: what summaries, hover and reports speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its unique name: the user's, or `conv2d`, `conv2d_1`, …
    pub name: String,
    /// Its kind: `Conv2D`.
    pub kind: &'static str,
    /// The call in the source.
    pub span: Span,
    /// What the call gives.
    pub given: Vec<GivenValue>,
    /// How many values there were before it: where it stands among them.
    pub at: u32,
    /// What it was applied to.
    pub input: ValueId,
    /// What came out.
    pub output: ValueId,
}

impl Graph {
    /// The value behind `id`.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// The parameter behind a value, if that is what it is.
    pub fn parameter(&self, id: ValueId) -> Option<&Parameter> {
        match self.value(id).source {
            ValueSource::Parameter(index) => Some(&self.parameters[index as usize]),
            _ => None,
        }
    }

    /// The node that makes a value, if one does.
    pub fn producer(&self, id: ValueId) -> Option<&Node> {
        match self.value(id).source {
            ValueSource::Node(index) => Some(&self.nodes[index as usize]),
            _ => None,
        }
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.name == name)
    }

    /// The column that an input is, if it is one.
    pub fn column(&self, input: ValueId) -> Option<&Column> {
        let place = self.columns.binary_search_by_key(&input, |column| column.input).ok()?;
        self.columns.get(place)
    }

    /// Whether a value has a row for every example; weights and numbers have none.
    pub fn is_batched(&self, id: ValueId) -> bool {
        let Some(first) = self.value(id).shape.dims().first() else { return false };
        // Of what is not known the first is the batch, as in nearly all there is. Steps that became rows are one too: `N * T`.
        *first == Dim::Unknown || first.is_batch() || first.symbols().iter().any(|symbol| **symbol == *"N")
    }

    /// The dimensions of a value as the language writes them, the batch left out.
    pub fn row(&self, id: ValueId) -> Shape {
        match self.is_batched(id) {
            true => self.value(id).shape.row(),
            false => self.value(id).shape.clone(),
        }
    }

    /// The type of a tensor as the language writes it, the batch left out: `f32[28, 28, 1]`.
    pub fn type_of(&self, id: ValueId) -> String {
        let element = self.value(id).element;
        match self.row(id) {
            row if row.rank() == 0 => element.to_string(),
            row => format!("{element}{row}"),
        }
    }

    /// How many numbers the parameters hold: all of them, and those that training moves.
    pub fn parameter_counts(&self) -> (usize, usize) {
        let count = |wanted: fn(&Parameter) -> bool| {
            self.parameters.iter().filter(|p| wanted(p)).map(|p| p.shape.iter().product::<usize>()).sum()
        };
        (count(|_| true), count(|p| p.role == Role::Trainable))
    }

    /// Whether everything is known, so that the graph can be run or exported.
    pub fn is_complete(&self) -> bool {
        let known = |id: &ValueId| {
            let value = self.value(*id);
            value.source != ValueSource::Unknown && value.shape.0.iter().all(|dim| *dim != Dim::Unknown)
        };
        let read = self.nodes.iter().flat_map(|node| node.inputs.iter().chain([&node.output]));
        self.inputs.iter().chain(self.outputs.iter().map(|output| &output.value)).chain(read).all(known)
    }

    /// The part of the graph that the outputs of these names need: what a loss added is left behind.
    ///
    /// Layers all stay, so that nodes keep their layer's number.
    pub fn pruned(&self, outputs: &[&str]) -> Graph {
        let mut needed = vec![false; self.values.len()];
        let kept: Vec<Output> =
            self.outputs.iter().filter(|output| outputs.contains(&output.name.as_str())).cloned().collect();
        for output in &kept {
            needed[output.value.index()] = true;
        }
        for node in self.nodes.iter().rev() {
            if needed[node.output.index()] {
                for input in &node.inputs {
                    needed[input.index()] = true;
                }
            }
        }
        let mut graph = Graph {
            name: self.name.clone(),
            facts: self.facts.clone(),
            values: self.values.clone(),
            layers: self.layers.clone(),
            groups: self.groups.clone(),
            constraints: self.constraints.clone(),
            outputs: kept,
            ..Graph::default()
        };
        for (value, needed) in graph.values.iter_mut().zip(&needed) {
            if !needed {
                value.source = ValueSource::Unknown;
            }
        }
        for id in self.inputs.iter().filter(|id| needed[id.index()]) {
            graph.values[id.index()].source = ValueSource::Input(graph.inputs.len() as u32);
            graph.inputs.push(*id);
        }
        for parameter in self.parameters.iter().filter(|parameter| needed[parameter.value.index()]) {
            graph.values[parameter.value.index()].source = ValueSource::Parameter(graph.parameters.len() as u32);
            graph.parameters.push(parameter.clone());
        }
        graph.columns = self.columns.iter().filter(|column| needed[column.input.index()]).cloned().collect();
        graph.standardized = self.standardized.iter().filter(|fitted| needed[fitted.mean.index()]).cloned().collect();
        for node in self.nodes.iter().filter(|node| needed[node.output.index()]) {
            graph.values[node.output.index()].source = ValueSource::Node(graph.nodes.len() as u32);
            graph.nodes.push(node.clone());
        }
        graph
    }
}
