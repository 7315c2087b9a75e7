//! Recurrent layers, whose gates ONNX has in another order than PyTorch.

use super::ExportError;
use super::layout::Layout;
use super::masked::Masked;
use super::proto::AttributeProto;
use super::writer::{Writer, floats_of, int, ints, word, words};
use crate::ir::{Answer, Cell, Dim, Node, Recurrent, Unary, ValueId};
use crate::weights::Weight;

/// What a recurrent layer makes, as ONNX has it.
#[derive(Clone)]
pub(super) struct Made {
    /// `[T, 1, N, u]`, the second axis being the direction.
    states: String,
    /// `[1, N, u]`
    memory: String,
    /// The first state and memory, `[N, u]`; no name where they are zeros.
    first: [String; 2],
    /// Which steps they are of, where not all count.
    masked: Option<Masked>,
}

pub(super) fn lower(writer: &mut Writer<'_>, node: &Node, recurrent: &Recurrent) -> Result<(), ExportError> {
    let made = layer(writer, node, recurrent)?;
    let output = writer.define(node.output, Layout::ChannelsLast);
    match recurrent.answer {
        Answer::States => {
            let direction = writer.whole_numbers(&output, "direction", &[1]);
            let flat = writer.made(&output, "steps", "Squeeze", &[&made.states, &direction], vec![]);
            let by_row = vec![ints("perm", &[1, 0, 2])];
            match made.masked {
                Some(masked) => {
                    let states = writer.made(&output, "states", "Transpose", &[&flat], by_row);
                    masked.spread(writer, &output, &states, &made.first[0]);
                }
                None => writer.emit("Transpose", &[&flat], &output, by_row),
            }
        }
        Answer::LastMemory => {
            let direction = writer.whole_numbers(&output, "direction", &[0]);
            match made.masked {
                Some(masked) => {
                    let memory = writer.made(&output, "last", "Squeeze", &[&made.memory, &direction], vec![]);
                    masked.kept(writer, &output, &memory, &made.first[1]);
                }
                None => writer.emit("Squeeze", &[&made.memory, &direction], &output, vec![]),
            }
        }
    }
    Ok(())
}

/// The states and the last memory: one node for all that ask for the same layer.
fn layer(writer: &mut Writer<'_>, node: &Node, recurrent: &Recurrent) -> Result<Made, ExportError> {
    let same = Recurrent { answer: Answer::States, ..*recurrent };
    let key = (node.inputs.clone(), format!("{same:?}"));
    if let Some(made) = writer.recurrent.get(&key) {
        return Ok(made.clone());
    }
    let activations = activations(writer, node, recurrent)?;
    writer.input(node, recurrent.inputs() - 1)?;
    let units = writer.graph.value(node.inputs[2]).shape.dims().get(1).and_then(Dim::known).unwrap_or(0);
    let to = writer.unique(&format!("{}/steps", writer.label(node.output)));
    // Each gate's rows, where ONNX wants them.
    let order: &[usize] = match recurrent.cell {
        Cell::Simple => &[0],
        Cell::Gru { .. } => &[1, 0, 2],
        Cell::Lstm => &[0, 3, 1, 2],
    };
    let rows: Vec<usize> = order.iter().flat_map(|gate| gate * units..(gate + 1) * units).collect();
    let mask = recurrent.mask().and_then(|place| node.inputs.get(place));
    let masked = mask.map(|mask| Masked::new(writer, node, &to, *mask, recurrent.reverse)).transpose()?;
    let x = writer.tensor(node.inputs[0], Layout::ChannelsLast);
    let x = match &masked {
        Some(masked) => masked.gathered(writer, &to, &x),
        None => x,
    };
    let x = writer.made(&to, "by_time", "Transpose", &[&x], vec![ints("perm", &[1, 0, 2])]);
    let input = arranged(writer, &to, node.inputs[1], &rows);
    let hidden = arranged(writer, &to, node.inputs[2], &rows);
    let biases = &node.inputs[3..3 + recurrent.biases];
    let bias = both_biases(writer, &to, biases, &rows);
    let place = recurrent.initial_state();
    let first = [place, place.filter(|_| recurrent.cell == Cell::Lstm).map(|place| place + 1)];
    let first = first.map(|place| {
        place
            .and_then(|place| node.inputs.get(place))
            .map_or_else(String::new, |id| writer.tensor(*id, Layout::ChannelsLast))
    });
    let front = writer.whole_numbers(&to, "front", &[0]);
    let [h, c] = [0, 1].map(|at: usize| match first[at].as_str() {
        "" => String::new(),
        state => writer.made(&to, "first", "Unsqueeze", &[state, &front], vec![]),
    });
    let lengths = masked.as_ref().map_or("", |masked| masked.lengths.as_str());
    let mut inputs = vec![x.as_str(), &input, &hidden, &bias, lengths, &h, &c];
    while inputs.last() == Some(&"") {
        inputs.pop();
    }
    let mut attributes = activations;
    attributes.push(int("hidden_size", units as i64));
    attributes.push(word("direction", if recurrent.reverse { "reverse" } else { "forward" }));
    if let Cell::Gru { reset_after } = recurrent.cell {
        attributes.push(int("linear_before_reset", reset_after.into()));
    }
    let states = writer.step(&to, "states");
    let memory = writer.step(&to, "memory");
    let (kind, outputs) = match recurrent.cell {
        Cell::Simple => ("RNN", vec![states.as_str()]),
        Cell::Gru { .. } => ("GRU", vec![states.as_str()]),
        Cell::Lstm => ("LSTM", vec![states.as_str(), "", &memory]),
    };
    writer.emit_several(kind, &inputs, &outputs, attributes);
    let made = Made { states, memory, first, masked };
    writer.recurrent.insert(key, made.clone());
    Ok(made)
}

/// A weight or a bias with its rows as ONNX has them, under an axis for the direction.
fn arranged(writer: &mut Writer<'_>, to: &str, id: ValueId, rows: &[usize]) -> String {
    let held = writer.graph.parameter(id).and_then(|parameter| {
        writer.weights.get(&parameter.name).map(|weight| (parameter.name.clone(), chosen(weight, rows)))
    });
    if let Some((name, weight)) = held {
        return writer.derived(&format!("{name}/gates"), &weight, "with its gates in ONNX's order");
    }
    let weight = writer.tensor(id, Layout::ChannelsLast);
    let places: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
    let places = writer.whole_numbers(to, "gates", &places);
    let sorted = writer.made(to, "sorted", "Gather", &[&weight, &places], vec![int("axis", 0)]);
    let front = writer.whole_numbers(to, "front", &[0]);
    writer.made(to, "weight", "Unsqueeze", &[&sorted, &front], vec![])
}

fn chosen(weight: &Weight, rows: &[usize]) -> Weight {
    let width: usize = weight.shape.iter().skip(1).product();
    let data = rows.iter().flat_map(|row| weight.data.get(row * width..(row + 1) * width).unwrap_or(&[]));
    Weight { shape: [1].iter().chain(&weight.shape).copied().collect(), data: data.copied().collect() }
}

/// The two biases one after the other, a missing one as zeros; no name where there is none.
fn both_biases(writer: &mut Writer<'_>, to: &str, biases: &[ValueId], rows: &[usize]) -> String {
    let Some(first) = biases.first() else { return String::new() };
    let first = arranged(writer, to, *first, rows);
    let second = match biases.get(1) {
        Some(second) => arranged(writer, to, *second, rows),
        None => {
            let zeros = Weight { shape: vec![1, rows.len()], data: vec![0.0; rows.len()] };
            writer.derived(&format!("{to}/zeros"), &zeros, "as there is one bias")
        }
    };
    writer.made(to, "biases", "Concat", &[&first, &second], vec![int("axis", 1)])
}

/// The activations of the cell's gates.
fn activations(writer: &Writer<'_>, node: &Node, recurrent: &Recurrent) -> Result<Vec<AttributeProto>, ExportError> {
    let (act, gate) = (recurrent.activation, recurrent.recurrent_activation);
    let all = match recurrent.cell {
        Cell::Simple => vec![act],
        Cell::Gru { .. } => vec![gate, act],
        Cell::Lstm => vec![gate, act, act],
    };
    let (mut names, mut alphas, mut betas) = (Vec::new(), Vec::new(), Vec::new());
    for unary in all {
        let (name, alpha, beta) = match unary {
            Unary::Tanh => ("Tanh", None, None),
            Unary::Sigmoid => ("Sigmoid", None, None),
            Unary::Relu => ("Relu", None, None),
            Unary::Softsign => ("Softsign", None, None),
            Unary::Softplus => ("Softplus", None, None),
            Unary::Identity => ("Affine", Some(1.0), Some(0.0)),
            Unary::LeakyRelu { slope } => ("LeakyRelu", Some(slope), None),
            Unary::Elu { alpha } => ("Elu", Some(alpha), None),
            Unary::HardSigmoid => ("HardSigmoid", Some(1.0 / 6.0), Some(0.5)),
            other => {
                let reason = format!("the recurrent layers of ONNX have no `{}`", other.name());
                return Err(writer.unsupported(node, reason));
            }
        };
        names.push(name);
        alphas.extend(alpha);
        betas.extend(beta);
    }
    let mut attributes = vec![words("activations", &names)];
    for (name, numbers) in [("activation_alpha", alphas), ("activation_beta", betas)] {
        if !numbers.is_empty() {
            attributes.push(floats_of(name, &numbers));
        }
    }
    Ok(attributes)
}
