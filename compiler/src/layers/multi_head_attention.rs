//! `MultiHeadAttention`: each step of a sequence looks at the steps of a sequence, in several ways at once.

use super::apply::Weight;
use super::mask::of_truth_values;
use super::settings::{
    BIAS_INITIALIZER, BIAS_REGULARIZER, KERNEL_INITIALIZER, KERNEL_REGULARIZER, NAME, TRAINABLE, USE_BIAS, rate,
};
use super::{Apply, LayerDef};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, ElementType, Op, Shape, Unary, ValueId};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

pub(super) const VALUE: Parameter = Parameter::new(
    "value",
    Kind::Tensor,
    Default::Absent("what it is applied to"),
    "The sequence that is looked at, [steps, features].",
);

pub(super) const KEY: Parameter = Parameter::new(
    "key",
    Kind::Tensor,
    Default::Absent("value"),
    "What tells where to look, if that is another sequence.",
);

pub(super) const MASK: Parameter = Parameter::new(
    "mask",
    Kind::Tensor,
    Default::Absent("all true"),
    "Truth values: which steps of `value` may be looked at, [value steps], or which by which step, [steps, value steps].",
)
.also(&["attention_mask", "key_padding_mask", "attn_mask"]);

pub(super) const USE_CAUSAL_MASK: Parameter = Parameter::new(
    "use_causal_mask",
    Kind::Bool,
    Default::Bool(false),
    "Whether a step sees only itself and those before it.",
)
.also(&["is_causal", "causal"]);

pub(super) const DROPOUT: Parameter =
    rate("dropout", Default::Float(0.0), "In training, each weight of attention is zero with this probability.");

/// `MultiHeadAttention(num_heads, key_dim=…, …)`
pub const MULTI_HEAD_ATTENTION: LayerDef = LayerDef {
    signature: Signature {
        name: "MultiHeadAttention",
        summary: "Each step of a sequence [steps, features] looks at the steps of a sequence, in `num_heads` ways at once.",
        details: "It looks at the sequence itself, or at another: `MultiHeadAttention(8, value=memory)`. Two departures from Keras: \
                  `key_dim` need not be given, and `value`, `key` and `mask` are arguments of the layer. `num_kv_heads` shares each key \
                  and value head among several query heads (Keras's `GroupedQueryAttention`); `rope=true` turns queries and keys by their \
                  positions.",
        parameters: &[
            Parameter::new("num_heads", Kind::Int { min: 1 }, Default::Required, "How many ways there are.")
                .also(&["heads", "nhead"]),
            Parameter::new(
                "key_dim",
                Kind::Int { min: 1 },
                Default::Absent("features // num_heads"),
                "How many numbers a query and a key have in one head.",
            )
            .also(&["head_dim", "kdim"]),
            Parameter::new(
                "value_dim",
                Kind::Int { min: 1 },
                Default::Absent("key_dim"),
                "How many numbers a value has in one head.",
            )
            .also(&["vdim"]),
            DROPOUT,
            USE_BIAS,
            Parameter::new(
                "output_shape",
                Kind::Int { min: 1 },
                Default::Absent("features"),
                "How many features it makes.",
            ),
            VALUE,
            KEY,
            MASK,
            USE_CAUSAL_MASK,
            Parameter::new(
                "sliding_window",
                Kind::Int { min: 1 },
                Default::Absent("none"),
                "A step sees those less than so many steps away.",
            ),
            Parameter::new(
                "num_kv_heads",
                Kind::Int { min: 1 },
                Default::Absent("num_heads"),
                "How many heads keys and values have.",
            )
            .also(&["num_key_value_heads"]),
            Parameter::new(
                "rope",
                Kind::Bool,
                Default::Bool(false),
                "Whether queries and keys are turned by their positions (rotary positions).",
            ),
            Parameter::new(
                "rope_base",
                Kind::Float(Bounds::POSITIVE),
                Default::Float(10_000.0),
                "How slowly the slowest of the rotary positions turns.",
            )
            .also(&["rope_theta"]),
            Parameter::new(
                "use_gate",
                Kind::Bool,
                Default::Bool(false),
                "Whether what is seen is multiplied by a learnt gate of the query.",
            ),
            KERNEL_INITIALIZER,
            BIAS_INITIALIZER,
            KERNEL_REGULARIZER,
            BIAS_REGULARIZER,
            NAME,
            TRAINABLE,
        ],
        example: "MultiHeadAttention(8, use_causal_mask=true)",
    },
    aliases: &["MultiheadAttention", "GroupedQueryAttention", "GroupQueryAttention"],
    build,
};

/// The sizes of the heads.
struct Heads {
    queries: usize,
    keys: usize,
    key: usize,
    value: usize,
}

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    layer.float()?;
    let [steps, features] = layer.sequence()?;
    let value = other_sequence(layer, "value", layer.input)?;
    let key = other_sequence(layer, "key", value)?;
    same_steps(layer, key, value)?;
    let made = match layer.arguments.given("output_shape") {
        true => layer.arguments.int("output_shape").map_or(Dim::Unknown, Dim::Known),
        false => features.clone(),
    };
    let Some(heads) = heads(layer, &features)? else { return Some(layer.unknown([steps, made])) };
    let unknown = |layer: &mut Apply<'_, '_, '_>| Some(layer.unknown([steps.clone(), made.clone()]));
    let (queries, keys) = (heads.queries, heads.keys);
    let Some(mut query) = projected(layer, layer.input, "query", queries, heads.key) else { return unknown(layer) };
    let Some(mut key) = projected(layer, key, "key", keys, heads.key) else { return unknown(layer) };
    let gate = match layer.arguments.bool("use_gate") {
        true => Some(projected(layer, layer.input, "gate", queries, heads.value)?),
        false => None,
    };
    let Some(value) = projected(layer, value, "value", keys, heads.value) else { return unknown(layer) };
    if layer.arguments.bool("rope") {
        let angles = rotation(layer, &heads)?;
        query = turned(layer, query, &angles);
        key = turned(layer, key, &angles);
    }
    let mut operands = vec![query, key, value];
    let seen = mask(layer, query, key, Some(heads.queries))?;
    operands.extend(window(layer, query, key, seen));
    let op = Op::Attention {
        causal: layer.arguments.bool("use_causal_mask"),
        scale: 1.0 / (heads.key as f64).sqrt(),
        dropout: layer.arguments.float("dropout"),
    };
    let mut out = layer.node(op, operands);
    if let Some(gate) = gate {
        let gate = layer.cx.builder.unary(Unary::Sigmoid, gate, layer.span);
        out = layer.cx.builder.binary(Binary::Multiply, out, gate, layer.span);
    }
    // [N, heads, T, e] as [N, T, heads * e]
    let together = queries.checked_mul(heads.value)?;
    let out = layer.transpose(out, &[0, 2, 1, 3]);
    let shape = layer.rows([steps.clone(), Dim::Known(together)]);
    let out = layer.reshape(out, shape);
    let kernel = Weight::new(
        "attention_output/kernel",
        "output.weight",
        [queries, heads.value].map(Dim::Known).into_iter().chain([made.clone()]).collect::<Vec<_>>(),
    )
    .turned([2, 0, 1])
    .kept([made.clone(), Dim::Known(together)])
    .fans(together, made.known().unwrap_or(1));
    let Some(kernel) = layer.weight(layer.started(kernel, "kernel")) else { return unknown(layer) };
    let mut operands = vec![out, kernel];
    if layer.arguments.bool("use_bias") {
        let bias = Weight::new("attention_output/bias", "output.bias", [made.clone()]);
        operands.push(layer.weight(layer.started(bias, "bias"))?);
    }
    Some(layer.node(Op::Linear, operands))
}

/// The sequence that an argument gives, or another; what is none is reported.
pub(super) fn other_sequence(layer: &mut Apply<'_, '_, '_>, name: &str, otherwise: ValueId) -> Option<ValueId> {
    if !layer.arguments.given(name) {
        return Some(otherwise);
    }
    let Some(given) = layer.arguments.tensor(name) else {
        layer.cx.incomplete = true;
        return Some(otherwise);
    };
    let span = layer.arguments.span(name, layer.span);
    layer.cx.require_float(given, layer.kind(), span)?;
    let row = layer.cx.row(given);
    if row.rank() != 2 {
        let message = format!("`{name}` of `{}` is a sequence [steps, features], not {row}", layer.kind());
        let fault = Diagnostic::new(Code::Rank, span, message).label(format!("{row}"));
        layer.cx.report_with_origin(fault, given);
        return None;
    }
    Some(given)
}

/// Reports keys and values of different numbers of steps.
pub(super) fn same_steps(layer: &mut Apply<'_, '_, '_>, key: ValueId, value: ValueId) -> Option<()> {
    let (keys, values) = (layer.cx.row(key), layer.cx.row(value));
    if keys.0[0].agrees(&values.0[0]) {
        return Some(());
    }
    let span = layer.arguments.span("key", layer.span);
    let message = format!("`key` has {} steps and `value` has {}", keys.0[0], values.0[0]);
    let fault = Diagnostic::new(Code::ShapeMismatch, span, message).label(format!("{keys}"));
    layer.cx.report_with_origin(fault, value);
    None
}

fn heads(layer: &mut Apply<'_, '_, '_>, features: &Dim) -> Option<Option<Heads>> {
    let arguments = layer.arguments;
    let Some(queries) = arguments.int("num_heads") else {
        layer.cx.incomplete = true;
        return Some(None);
    };
    let given = |name: &str| arguments.given(name).then(|| arguments.int(name));
    let key = match given("key_dim") {
        Some(key) => key,
        None if *features == Dim::Unknown => None,
        None => {
            let width = layer.fixed(features, "the number of features")?;
            if width % queries != 0 {
                let message = format!("{width} features cannot be split among {queries} heads");
                let fault = layer
                    .refuse(Code::OutOfRange, "num_heads", message, &format!("does not divide {width}"))
                    .help("`key_dim=` says how many numbers each head has, whatever the features are");
                layer.cx.report_with_origin(fault, layer.input);
                return None;
            }
            Some(width / queries)
        }
    };
    let value = given("value_dim").unwrap_or(key);
    let keys = given("num_kv_heads").unwrap_or(Some(queries));
    let (Some(key), Some(value), Some(keys)) = (key, value, keys) else {
        layer.cx.incomplete = true;
        return Some(None);
    };
    if queries % keys != 0 {
        let message = format!("{queries} query heads cannot be shared among {keys} key heads");
        let fault = layer.refuse(Code::OutOfRange, "num_kv_heads", message, &format!("does not divide {queries}"));
        layer.cx.report(fault);
        return None;
    }
    Some(Some(Heads { queries, keys, key, value }))
}

/// `x [N, T, d]` as `[N, heads, T, width]` by weights of its own.
fn projected(
    layer: &mut Apply<'_, '_, '_>,
    x: ValueId,
    part: &'static str,
    heads: usize,
    width: usize,
) -> Option<ValueId> {
    let row = layer.cx.row(x);
    let [steps, features] = row.dims() else { return None };
    let names = match part {
        "query" => ["query/kernel", "query.weight", "query/bias", "query.bias"],
        "key" => ["key/kernel", "key.weight", "key/bias", "key.bias"],
        "value" => ["value/kernel", "value.weight", "value/bias", "value.bias"],
        _ => ["gate/kernel", "gate.weight", "gate/bias", "gate.bias"],
    };
    let together = Dim::Known(heads.saturating_mul(width));
    let kernel = Weight::new(names[0], names[1], [features.clone(), Dim::Known(heads), Dim::Known(width)])
        .turned([1, 2, 0])
        .kept([together.clone(), features.clone()])
        .fans(features.known().unwrap_or(1), heads.saturating_mul(width));
    let kernel = layer.weight(layer.started(kernel, "kernel"))?;
    let mut operands = vec![x, kernel];
    if layer.arguments.bool("use_bias") {
        let bias = Weight::new(names[2], names[3], [Dim::Known(heads), Dim::Known(width)]).kept([together]);
        operands.push(layer.weight(layer.started(bias, "bias"))?);
    }
    let out = layer.node(Op::Linear, operands);
    let apart = layer.rows([steps.clone(), Dim::Known(heads), Dim::Known(width)]);
    let out = layer.reshape(out, apart);
    Some(layer.transpose(out, &[0, 2, 1, 3]))
}

/// Half the numbers of a head, and how far each pair of them turns from one step to the next.
struct Rotation {
    half: usize,
    speeds: ValueId,
}

fn rotation(layer: &mut Apply<'_, '_, '_>, heads: &Heads) -> Option<Rotation> {
    if !heads.key.is_multiple_of(2) {
        let message = format!("rotary positions turn pairs of numbers, and a head has {}", heads.key);
        let at = if layer.arguments.given("key_dim") { "key_dim" } else { "num_heads" };
        let fault = layer
            .refuse(Code::OutOfRange, at, message, "makes an odd number")
            .related(layer.arguments.span("rope", layer.span), "turned here");
        layer.cx.report(fault);
        return None;
    }
    let half = heads.key / 2;
    let base = layer.arguments.float("rope_base");
    let speeds: Vec<f64> = (0..half).map(|at| base.powf(-(at as f64) / half as f64)).collect();
    let speeds = layer.cx.builder.tensor(ElementType::F32, vec![half], speeds, layer.span);
    Some(Rotation { half, speeds })
}

/// `x [N, heads, T, width]`, the first half of its numbers turned against the second by the step.
fn turned(layer: &mut Apply<'_, '_, '_>, x: ValueId, rotation: &Rotation) -> ValueId {
    let span = layer.span;
    let dims = layer.cx.builder.shape(x).0.clone();
    let steps = dims[2].clone();
    let builder = &mut layer.cx.builder;
    let positions = builder.node(Op::Range(steps.clone()), Vec::new(), span);
    let positions = builder.node(Op::Cast(ElementType::F32), vec![positions], span);
    let positions = builder.node(Op::Reshape(Shape(vec![steps, Dim::Known(1)])), vec![positions], span);
    let angles = builder.binary(Binary::Multiply, positions, rotation.speeds, span);
    let (cosine, sine) = (builder.unary(Unary::Cos, angles, span), builder.unary(Unary::Sin, angles, span));
    let mut part = |start: usize| {
        let (start, end) = (Dim::Known(start), Dim::Known(start + rotation.half));
        builder.node(Op::Slice { axis: 3, start, end, step: 1 }, vec![x], span)
    };
    let (first, second) = (part(0), part(rotation.half));
    let mut mixed = |how: Binary, a: ValueId, b: ValueId| {
        let a = builder.binary(Binary::Multiply, a, cosine, span);
        let b = builder.binary(Binary::Multiply, b, sine, span);
        builder.binary(how, a, b, span)
    };
    let (left, right) = (mixed(Binary::Subtract, first, second), mixed(Binary::Add, second, first));
    builder.node(Op::Concat { axis: 3 }, vec![left, right], span)
}

/// The mask the call gives as `[N, 1, T, S]` or what broadcasts to it, or without the heads' axis; one that does not fit is reported.
pub(super) fn mask(
    layer: &mut Apply<'_, '_, '_>,
    query: ValueId,
    key: ValueId,
    heads: Option<usize>,
) -> Option<Option<ValueId>> {
    let Some(given) = layer.arguments.tensor("mask") else { return Some(None) };
    of_truth_values(layer, given)?;
    let span = layer.arguments.span("mask", layer.span);
    let value = layer.cx.builder.value(given);
    let rows = value.shape.dims().first().cloned().unwrap_or_else(Dim::batch);
    let row = value.shape.row();
    let sequence = |id: ValueId| {
        let dims = layer.cx.builder.shape(id).0.clone();
        dims[dims.len() - 2].clone()
    };
    let (steps, looked_at) = (sequence(query), sequence(key));
    let one = Dim::Known(1);
    let fits = |dim: &Dim, wanted: &Dim| dim.agrees(wanted) || *dim == one;
    let head = match heads {
        Some(_) => vec![one.clone()],
        None => Vec::new(),
    };
    let dims = match row.dims() {
        [s] if fits(s, &looked_at) => Some(head.into_iter().chain([one.clone(), s.clone()]).collect::<Vec<_>>()),
        [t, s] if fits(t, &steps) && fits(s, &looked_at) => {
            Some(head.into_iter().chain([t.clone(), s.clone()]).collect())
        }
        [h, t, s]
            if heads.is_some_and(|heads| fits(h, &Dim::Known(heads))) && fits(t, &steps) && fits(s, &looked_at) =>
        {
            Some(vec![h.clone(), t.clone(), s.clone()])
        }
        _ => None,
    };
    let Some(dims) = dims else {
        let message = format!("a mask here is [{looked_at}] or [{steps}, {looked_at}], not {row}");
        let fault = Diagnostic::new(Code::ShapeMismatch, span, message).label(format!("{row}"));
        layer.cx.report_with_origin(fault, given);
        return None;
    };
    let shape = Shape(std::iter::once(rows).chain(dims).collect());
    Some(Some(layer.reshape(given, shape)))
}

/// The mask with that of a sliding window, if there is one.
fn window(layer: &mut Apply<'_, '_, '_>, query: ValueId, key: ValueId, mask: Option<ValueId>) -> Option<ValueId> {
    let Some(size) = layer.arguments.given("sliding_window").then(|| layer.arguments.int("sliding_window")).flatten()
    else {
        return mask;
    };
    let span = layer.span;
    let (steps, looked_at) = (layer.cx.builder.shape(query).0[2].clone(), layer.cx.builder.shape(key).0[2].clone());
    let builder = &mut layer.cx.builder;
    let rows = builder.node(Op::Range(steps.clone()), Vec::new(), span);
    let rows = builder.node(Op::Reshape(Shape(vec![steps, Dim::Known(1)])), vec![rows], span);
    let columns = builder.node(Op::Range(looked_at), Vec::new(), span);
    let apart = builder.binary(Binary::Subtract, rows, columns, span);
    let apart = builder.unary(Unary::Abs, apart, span);
    let size = builder.scalar(ElementType::I64, size as f64, span);
    let near = builder.binary(Binary::Less, apart, size, span);
    Some(match mask {
        Some(mask) => builder.binary(Binary::And, mask, near, span),
        None => near,
    })
}
