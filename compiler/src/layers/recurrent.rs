//! `SimpleRNN`, `LSTM` and `GRU`.

use super::apply::{Direction, Weight};
use super::settings::{
    BIAS_INITIALIZER, BIAS_REGULARIZER, KERNEL_INITIALIZER, KERNEL_REGULARIZER, NAME, TRAINABLE, USE_BIAS, initializer,
    rate, regularizer,
};
use super::{Apply, LayerDef, mask};
use crate::check::LayerPart;
use crate::diagnostics::{Code, Diagnostic};
use crate::initializers::Start;
use crate::ir::{Answer, Cell, Dim, Initializer, Op, Recurrent, Unary, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const UNITS: Parameter =
    Parameter::new("units", Kind::Int { min: 1 }, Default::Required, "How many numbers the state has.")
        .also(&["hidden_size", "size"]);

const ACTIVATION: Parameter =
    Parameter::new("activation", Kind::Activation, Default::Word("tanh"), "Applied to the new state.")
        .also(&["nonlinearity"]);

const RECURRENT_ACTIVATION: Parameter =
    Parameter::new("recurrent_activation", Kind::Activation, Default::Word("sigmoid"), "Applied to the gates.");

const RECURRENT_INITIALIZER: Parameter =
    initializer("recurrent_initializer", "orthogonal", "How the weights of the state start.");

const RECURRENT_REGULARIZER: Parameter =
    regularizer("recurrent_regularizer", "What the weights of the state add to the loss.");

const DROPOUT: Parameter =
    rate("dropout", Default::Float(0.0), "In training, each feature is zero in all steps with this probability.");

const RETURN_SEQUENCES: Parameter = Parameter::new(
    "return_sequences",
    Kind::Bool,
    Default::Bool(false),
    "Whether the state after each step is handed on, [steps, units], or the last alone, [units].",
);

const GO_BACKWARDS: Parameter = Parameter::new(
    "go_backwards",
    Kind::Bool,
    Default::Bool(false),
    "Whether it goes from the last step to the first; a sequence is then handed on in that order.",
);

const INITIAL_STATE: Parameter = Parameter::new(
    "initial_state",
    Kind::Tensors,
    Default::Absent("zeros"),
    "The first state: [units]; of an LSTM a list of the state and the memory.",
);

const ZERO_OUTPUT_FOR_MASK: Parameter = Parameter::new(
    "zero_output_for_mask",
    Kind::Bool,
    Default::Bool(false),
    "Whether zeros are handed on for a step that does not count, or the state, which is still that of the step before.",
);

const DETAILS: &str = "`as rnn` makes its last state `rnn.state`: of an LSTM a list of the state and the memory. `mask=tokens != 0` leaves \
                       padding out; masks are never implied. There is no `recurrent_dropout`.";

/// `SimpleRNN(units, …)`
pub const SIMPLE_RNN: LayerDef = LayerDef {
    signature: Signature {
        name: "SimpleRNN",
        summary: "A recurrent layer over a sequence [steps, features]: `h = activation(x @ kernel + h @ recurrent_kernel + bias)`.",
        details: DETAILS,
        parameters: &[
            UNITS,
            ACTIVATION,
            USE_BIAS,
            KERNEL_INITIALIZER,
            RECURRENT_INITIALIZER,
            BIAS_INITIALIZER,
            KERNEL_REGULARIZER,
            RECURRENT_REGULARIZER,
            BIAS_REGULARIZER,
            DROPOUT,
            RETURN_SEQUENCES,
            GO_BACKWARDS,
            INITIAL_STATE,
            mask::STEPS,
            ZERO_OUTPUT_FOR_MASK,
            NAME,
            TRAINABLE,
        ],
        example: "SimpleRNN(32)",
    },
    aliases: &["RNN"],
    build: |layer| build(layer, Cell::Simple),
};

/// `LSTM(units, …)`
pub const LSTM: LayerDef = LayerDef {
    signature: Signature {
        name: "LSTM",
        summary: "A long short-term memory over a sequence [steps, features].",
        details: DETAILS,
        parameters: &[
            UNITS,
            ACTIVATION,
            RECURRENT_ACTIVATION,
            USE_BIAS,
            KERNEL_INITIALIZER,
            RECURRENT_INITIALIZER,
            BIAS_INITIALIZER,
            Parameter::new(
                "unit_forget_bias",
                Kind::Bool,
                Default::Bool(true),
                "Whether the bias of the forget gate starts at one.",
            ),
            KERNEL_REGULARIZER,
            RECURRENT_REGULARIZER,
            BIAS_REGULARIZER,
            DROPOUT,
            RETURN_SEQUENCES,
            GO_BACKWARDS,
            INITIAL_STATE,
            mask::STEPS,
            ZERO_OUTPUT_FOR_MASK,
            NAME,
            TRAINABLE,
        ],
        example: "LSTM(64, return_sequences=true)",
    },
    aliases: &["Lstm"],
    build: |layer| build(layer, Cell::Lstm),
};

/// `GRU(units, …)`
pub const GRU: LayerDef = LayerDef {
    signature: Signature {
        name: "GRU",
        summary: "A gated recurrent unit over a sequence [steps, features].",
        details: DETAILS,
        parameters: &[
            UNITS,
            ACTIVATION,
            RECURRENT_ACTIVATION,
            USE_BIAS,
            KERNEL_INITIALIZER,
            RECURRENT_INITIALIZER,
            BIAS_INITIALIZER,
            KERNEL_REGULARIZER,
            RECURRENT_REGULARIZER,
            BIAS_REGULARIZER,
            DROPOUT,
            RETURN_SEQUENCES,
            GO_BACKWARDS,
            Parameter::new(
                "reset_after",
                Kind::Bool,
                Default::Bool(true),
                "Whether the reset gate comes after the product with the state, as in PyTorch, or before it.",
            ),
            INITIAL_STATE,
            mask::STEPS,
            ZERO_OUTPUT_FOR_MASK,
            NAME,
            TRAINABLE,
        ],
        example: "GRU(64)",
    },
    aliases: &["Gru"],
    build: |layer| build(layer, Cell::Gru { reset_after: layer.arguments.bool("reset_after") }),
};

fn build(layer: &mut Apply<'_, '_, '_>, cell: Cell) -> Option<ValueId> {
    layer.float()?;
    let [steps, features] = layer.sequence()?;
    let units = layer.arguments.int("units").map_or(Dim::Unknown, Dim::Known);
    let sequences = layer.arguments.bool("return_sequences");
    let activation = gate(layer, "activation")?;
    let recurrent_activation = match cell {
        Cell::Simple => Unary::Sigmoid,
        _ => gate(layer, "recurrent_activation")?,
    };
    let unknown = |layer: &mut Apply<'_, '_, '_>| match sequences {
        true => layer.unknown([steps.clone(), units.clone()]),
        false => layer.unknown([units.clone()]),
    };
    let Some(mut operands) = weights(layer, cell, &features, &units)? else { return Some(unknown(layer)) };
    let biases = operands.len() - 2;
    let initial = first_state(layer, cell, &units)?;
    let mask = match layer.direction {
        Some(Direction { mask: Some(mask), .. }) => Some(mask),
        _ => mask::of_steps(layer, &steps)?,
    };
    let rate = layer.arguments.float("dropout");
    let x = match rate > 0.0 {
        true => layer.node(Op::Dropout { rate, shared: vec![1] }, vec![layer.input]),
        false => layer.input,
    };
    operands.insert(0, x);
    operands.extend(initial.iter().copied().chain(mask));
    let mirrored = layer.direction.is_some_and(|direction| direction.backwards);
    let reverse = layer.arguments.bool("go_backwards") != mirrored;
    let recurrent = Recurrent {
        cell,
        activation,
        recurrent_activation,
        biases,
        initial: !initial.is_empty(),
        masked: mask.is_some(),
        reverse,
        answer: Answer::States,
    };
    let states = layer.node(Op::Recurrent(recurrent), operands.clone());
    let memory = Recurrent { answer: Answer::LastMemory, ..recurrent };
    let last = last_state(layer, states, &steps, reverse);
    let part = LayerPart::State { state: last, memory: (cell == Cell::Lstm).then_some((memory, operands)) };
    layer.cx.layer_parts.entry(layer.name.clone()).or_default().push(("state", part));
    // Keras has a `Bidirectional` put zeros together where a step does not count, never states.
    let zeros = match layer.direction {
        Some(_) => sequences,
        None => layer.arguments.bool("zero_output_for_mask"),
    };
    let states = match mask.filter(|_| zeros) {
        Some(mask) => mask::zeroed(layer, states, mask),
        None => states,
    };
    if !sequences {
        return Some(if zeros { last_state(layer, states, &steps, reverse) } else { last });
    }
    // Keras hands a sequence that was gone through backwards on in that order; `Bidirectional` turns it back.
    Some(match reverse && !mirrored {
        true => layer.node(Op::Slice { axis: 1, start: Dim::Known(0), end: steps, step: -1 }, vec![states]),
        false => states,
    })
}

/// The state after the step it ends with.
fn last_state(layer: &mut Apply<'_, '_, '_>, states: ValueId, steps: &Dim, reverse: bool) -> ValueId {
    let (start, end) = match reverse {
        true => (Dim::Known(0), Dim::Known(1)),
        false => (steps.minus(&Dim::Known(1)), steps.clone()),
    };
    let units = layer.cx.builder.shape(states).0.last().cloned().unwrap_or(Dim::Unknown);
    let one = layer.node(Op::Slice { axis: 1, start, end, step: 1 }, vec![states]);
    let shape = layer.rows([units]);
    layer.reshape(one, shape)
}

/// An activation that works on each element alone; another is reported.
fn gate(layer: &mut Apply<'_, '_, '_>, name: &str) -> Option<Unary> {
    let activation = layer.arguments.activation(name).element_wise();
    if activation.is_none() {
        let message = format!("`{name}` of `{}` works on each number alone", layer.kind());
        let fault = layer.refuse(Code::OutOfRange, name, message, "works along an axis");
        layer.cx.report(fault);
    }
    activation
}

/// The weights of the input, of the state, and the biases.
fn weights(layer: &mut Apply<'_, '_, '_>, cell: Cell, features: &Dim, units: &Dim) -> Option<Option<Vec<ValueId>>> {
    if *features == Dim::Unknown || *units == Dim::Unknown {
        layer.cx.incomplete = true;
        return Some(None);
    }
    let rows = units.times(&Dim::Known(cell.gates()));
    let kernel = Weight::new("kernel", "weight_ih", [features.clone(), rows.clone()]).turned([1, 0]);
    let kernel = layer.weight(layer.started(kernel, "kernel"))?;
    let recurrent = Weight::new("recurrent_kernel", "weight_hh", [units.clone(), rows.clone()]).turned([1, 0]);
    let recurrent = layer.weight(layer.started(recurrent, "recurrent"))?;
    let mut operands = vec![kernel, recurrent];
    if layer.arguments.bool("use_bias") {
        let bias = layer.started(Weight::new("bias", "bias_ih", [rows.clone()]), "bias");
        let bias = forgetting(layer, cell, bias, units)?;
        operands.push(layer.weight(bias)?);
        if cell == (Cell::Gru { reset_after: true }) {
            let second = layer.started(Weight::new("bias", "bias_hh", [rows]), "bias");
            operands.push(layer.weight(second)?);
        }
    }
    Some(Some(operands))
}

/// The bias of an LSTM, whose forget gate starts at one unless that is not wanted.
fn forgetting(layer: &mut Apply<'_, '_, '_>, cell: Cell, bias: Weight, units: &Dim) -> Option<Weight> {
    if cell != Cell::Lstm || !layer.arguments.bool("unit_forget_bias") {
        return Some(bias);
    }
    let others = match layer.arguments.start("bias_initializer") {
        Start::Fixed(Initializer::Zeros) => 0.0,
        Start::Fixed(Initializer::Ones) => 1.0,
        Start::Fixed(Initializer::Constant(number)) => number,
        _ => {
            let message = "a bias drawn at random and `unit_forget_bias` do not go together".to_owned();
            let fault = layer
                .refuse(Code::OutOfRange, "bias_initializer", message, "drawn at random")
                .help("`unit_forget_bias=false` draws the bias of the forget gate too");
            layer.cx.report(fault);
            return None;
        }
    };
    let units = units.known().unwrap_or(0);
    Some(bias.start(Start::Fixed(Initializer::ForgetGate { units, others })))
}

/// What `initial_state` gives: the state, and of an LSTM the memory; nothing where it is not given.
fn first_state(layer: &mut Apply<'_, '_, '_>, cell: Cell, units: &Dim) -> Option<Vec<ValueId>> {
    if !layer.arguments.given("initial_state") {
        return Some(Vec::new());
    }
    let Some(states) = layer.arguments.tensors("initial_state") else {
        layer.cx.incomplete = true;
        return Some(Vec::new());
    };
    let wanted = if cell == Cell::Lstm { 2 } else { 1 };
    if states.len() != wanted {
        let message = match wanted {
            1 => format!("the first state of `{}` is one tensor, not {}", layer.kind(), states.len()),
            _ => format!("the first state of `{}` is a list of the state and the memory", layer.kind()),
        };
        let mut fault = layer.refuse(Code::ShapeMismatch, "initial_state", message, &format!("{} given", states.len()));
        if wanted == 2 {
            fault = fault.help("such as `initial_state=encoder.state` of another LSTM");
        }
        layer.cx.report(fault);
        return None;
    }
    for state in &states {
        let row = layer.cx.row(*state);
        let fits = matches!(row.dims(), [size] if size.agrees(units));
        if !fits {
            let span = layer.arguments.span("initial_state", layer.span);
            let message = format!("a state of `{}` is [{units}], not {row}", layer.kind());
            let fault = Diagnostic::new(Code::ShapeMismatch, span, message).label(format!("{row}"));
            layer.cx.report_with_origin(fault, *state);
            return None;
        }
        let span = layer.arguments.span("initial_state", layer.span);
        layer.cx.require_float(*state, layer.kind(), span)?;
    }
    Some(states)
}

/// Whether a layer goes through a sequence, so that it can go through it both ways.
pub(super) fn is_recurrent(def: &LayerDef) -> bool {
    def.signature.parameter("go_backwards").is_some()
}
