//! Where a loss that is no number came from.

use ndsl_compiler::ir::{Binary, Graph, Node, Op, Role, Unary, ValueId, ValueSource};
use ndsl_compiler::plan::LOSS_OUTPUT;
use ndsl_grammar::Span;

use crate::engine::Session;
use crate::tensor::Tensor;

/// Where a number came from that is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// Where it stands in the program that ran.
    pub span: Span,
    /// What happened there.
    pub what: String,
    /// What helps against it.
    pub help: &'static str,
}

/// Numbers that are infinite, or none.
#[derive(Clone, Copy, PartialEq)]
enum Broken {
    Infinite,
    NotANumber,
}

impl Broken {
    fn of(numbers: &[f32]) -> Option<Self> {
        if numbers.iter().any(|number| number.is_nan()) {
            return Some(Self::NotANumber);
        }
        numbers.iter().any(|number| number.is_infinite()).then_some(Self::Infinite)
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Infinite => "infinity",
            Self::NotANumber => "NaN",
        }
    }
}

/// Follows a loss that is no number back to the first operation that made such of numbers, to the weights or to the data; nothing where
/// it cannot be found.
pub(super) fn found(graph: &Graph, session: &mut dyn Session, inputs: Vec<Tensor>) -> Option<Trouble> {
    let mut broken: Vec<Option<Broken>> = vec![None; graph.values.len()];
    let weights = session.weights().ok()?;
    for parameter in &graph.parameters {
        broken[parameter.value.index()] = weights.get(&parameter.name).and_then(|weight| Broken::of(&weight.data));
    }
    for (id, tensor) in graph.inputs.iter().zip(&inputs) {
        broken[id.index()] = tensor.as_f32().and_then(Broken::of);
    }
    session.inspect(inputs, &mut |id, numbers| broken[id.index()] = Broken::of(numbers)).ok()?;
    let loss = graph.outputs.iter().find(|output| output.name == LOSS_OUTPUT)?;
    let (mut at, mut kind) = (loss.value, broken[loss.value.index()]?);
    // Every step leads to a node that stands before.
    loop {
        match graph.value(at).source {
            ValueSource::Node(index) => {
                let node = &graph.nodes[index as usize];
                let before = node.inputs.iter().find_map(|input| Some((*input, broken[input.index()]?)));
                match before {
                    Some(before) => (at, kind) = before,
                    None => return Some(made(graph, node, at, kind)),
                }
            }
            ValueSource::Parameter(index) => {
                let parameter = &graph.parameters[index as usize];
                let reader = graph.nodes.iter().find(|node| node.inputs.contains(&at));
                let span = reader.map_or(graph.value(at).span, |node| place(graph, node));
                let statistic = parameter.role == Role::Statistic;
                let what = format!("its `{}` has become {}", short(&parameter.name), kind.noun());
                let help = match statistic {
                    true => {
                        "what is normalised here grew beyond what f32 holds: scale the inputs, or take a smaller learning rate"
                    }
                    false => {
                        "the gradients grew beyond bounds: a smaller learning rate helps, or `clip_norm: 1.0` in the training"
                    }
                };
                return Some(Trouble { span, what, help });
            }
            ValueSource::Input(_) => {
                let value = graph.value(at);
                let what = format!("`{}` holds {} in these rows", value.name, kind.noun());
                return Some(Trouble {
                    span: value.span,
                    what,
                    help: "leave such rows out, or fill in what is missing before training",
                });
            }
            ValueSource::Unknown => return None,
        }
    }
}

/// What a node did that made it of numbers.
fn made(graph: &Graph, node: &Node, at: ValueId, kind: Broken) -> Trouble {
    let noun = kind.noun();
    let (why, help) = match &node.op {
        Op::Unary(Unary::Log | Unary::Log1p) => {
            ("the logarithm of 0, or of what is below", "add a small number before: `log(x + 1e-6)`")
        }
        Op::Unary(Unary::Sqrt) => ("the root of a number below 0", "`relu` before it keeps what is below 0 out"),
        Op::Unary(Unary::Exp | Unary::Expm1) => {
            ("a power of e beyond what f32 holds", "bound what goes in: `minimum(x, 20)`")
        }
        Op::Binary(Binary::Divide) | Op::Unary(Unary::Reciprocal | Unary::Rsqrt) => {
            ("a division by 0", "add a small number to what is divided by")
        }
        Op::Binary(Binary::Power) => ("a power that is no number, or beyond what f32 holds", "bound what goes in"),
        _ => (
            "numbers beyond what f32 holds",
            "scale the inputs, take a smaller learning rate, or put a normalisation before this",
        ),
    };
    let layer = node.layer.map(|layer| graph.layers[layer.0 as usize].kind);
    let what = match layer {
        Some(layer) => format!("`{layer}` makes {noun} of numbers here: {why}"),
        None => format!("{noun} first comes up here: {why}"),
    };
    let span = match node.layer {
        Some(_) => place(graph, node),
        None => graph.value(at).span,
    };
    Trouble { span, what, help }
}

/// Where a node was written: its layer, where it is part of one.
fn place(graph: &Graph, node: &Node) -> Span {
    node.layer.map_or_else(|| graph.value(node.output).span, |layer| graph.layers[layer.0 as usize].span)
}

/// A parameter's name within its layer.
fn short(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, short)| short)
}
