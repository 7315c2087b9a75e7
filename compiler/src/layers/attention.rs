//! `Attention` and `AdditiveAttention`: each step of a sequence looks at the steps of a sequence, without heads.

use super::apply::Weight;
use super::multi_head_attention::{DROPOUT, KEY, MASK, USE_CAUSAL_MASK, VALUE, mask, other_sequence, same_steps};
use super::settings::{NAME, TRAINABLE};
use super::{Apply, LayerDef};
use crate::diagnostics::{Code, Diagnostic};
use crate::initializers;
use crate::ir::{Binary, Dim, ElementType, Op, Reduction, Shape, Unary, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

const DETAILS: &str = "It looks at the sequence itself, or at another: `Attention(value=memory)`. Keras gives it a list; here `value`, \
                       `key` and `mask` are arguments of the layer.";

/// `Attention(use_scale=false, score_mode=dot, …)`
pub const ATTENTION: LayerDef = LayerDef {
    signature: Signature {
        name: "Attention",
        summary: "The mean of the steps of `value`, weighted by how alike the steps of the query and of the key are (Luong's attention).",
        details: DETAILS,
        parameters: &[
            Parameter::new(
                "use_scale",
                Kind::Bool,
                Default::Bool(false),
                "Whether how alike they are is multiplied by a learnt number.",
            ),
            Parameter::new(
                "score_mode",
                Kind::Choice(&["dot", "concat"]),
                Default::Word("dot"),
                "How alike two steps are: their product, or the sum of the tanh of their sum times a learnt number.",
            ),
            DROPOUT,
            VALUE,
            KEY,
            MASK,
            USE_CAUSAL_MASK,
            NAME,
            TRAINABLE,
        ],
        example: "Attention(use_causal_mask=true)",
    },
    aliases: &["DotProductAttention"],
    build: |layer| {
        let scaled = layer.arguments.bool("use_scale");
        let dot = layer.arguments.word("score_mode") == "dot";
        build(layer, |layer, query, key| {
            let scale = match scaled {
                true => Some(number(layer, "scale")?),
                false => None,
            };
            if dot {
                let key = layer.transpose(key, &[0, 2, 1]);
                let scores = layer.node(Op::MatMul, vec![query, key]);
                return Some(match scale {
                    Some(scale) => layer.cx.builder.binary(Binary::Multiply, scores, scale, layer.span),
                    None => scores,
                });
            }
            let weight = number(layer, "concat_score_weight")?;
            let sums = sums(layer, query, key);
            let builder = &mut layer.cx.builder;
            let sums = match scale {
                Some(scale) => builder.binary(Binary::Multiply, sums, scale, layer.span),
                None => sums,
            };
            let bent = builder.unary(Unary::Tanh, sums, layer.span);
            let scores = summed(layer, bent);
            Some(layer.cx.builder.binary(Binary::Multiply, scores, weight, layer.span))
        })
    },
};

/// `AdditiveAttention(use_scale=true, …)`
pub const ADDITIVE_ATTENTION: LayerDef = LayerDef {
    signature: Signature {
        name: "AdditiveAttention",
        summary: "The mean of the steps of `value`, weighted by the sum of the tanh of query and key (Bahdanau's attention).",
        details: DETAILS,
        parameters: &[
            Parameter::new(
                "use_scale",
                Kind::Bool,
                Default::Bool(true),
                "Whether each feature of that sum is multiplied by a learnt number.",
            ),
            DROPOUT,
            VALUE,
            KEY,
            MASK,
            USE_CAUSAL_MASK,
            NAME,
            TRAINABLE,
        ],
        example: "AdditiveAttention()",
    },
    aliases: &["BahdanauAttention"],
    build: |layer| {
        let scaled = layer.arguments.bool("use_scale");
        build(layer, |layer, query, key| {
            let sums = sums(layer, query, key);
            let mut bent = layer.cx.builder.unary(Unary::Tanh, sums, layer.span);
            if scaled {
                let features = layer.cx.builder.shape(query).0.last().cloned().unwrap_or(Dim::Unknown);
                let start = initializers::find("glorot_uniform")?;
                let none = |_: &'static str| 0.0;
                let start = (start.make)(initializers::Given { number: &none, word: &|_| String::new() });
                let scale = layer.weight(Weight::new("scale", "scale", [features]).start(start))?;
                bent = layer.cx.builder.binary(Binary::Multiply, bent, scale, layer.span);
            }
            Some(summed(layer, bent))
        })
    },
};

/// One learnt number that starts at one.
fn number(layer: &mut Apply<'_, '_, '_>, name: &'static str) -> Option<ValueId> {
    layer.weight(Weight::new(name, name, []).kept([Dim::Known(1)]).ones())
}

/// `[N, T, S, features]`: every step of the query and every step of the key.
fn sums(layer: &mut Apply<'_, '_, '_>, query: ValueId, key: ValueId) -> ValueId {
    let with_one = |shape: &Shape, at: usize| {
        let mut dims = shape.0.clone();
        dims.insert(at, Dim::Known(1));
        Shape(dims)
    };
    let (queries, keys) = (with_one(layer.cx.builder.shape(query), 2), with_one(layer.cx.builder.shape(key), 1));
    let (query, key) = (layer.reshape(query, queries), layer.reshape(key, keys));
    layer.cx.builder.binary(Binary::Add, query, key, layer.span)
}

fn summed(layer: &mut Apply<'_, '_, '_>, x: ValueId) -> ValueId {
    layer.node(Op::Reduce { reduction: Reduction::Sum, axes: vec![3], keep: false }, vec![x])
}

fn build(
    layer: &mut Apply<'_, '_, '_>,
    scores: impl Fn(&mut Apply<'_, '_, '_>, ValueId, ValueId) -> Option<ValueId>,
) -> Option<ValueId> {
    layer.float()?;
    let [steps, features] = layer.sequence()?;
    let query = layer.input;
    let value = other_sequence(layer, "value", query)?;
    let key = other_sequence(layer, "key", value)?;
    same_steps(layer, key, value)?;
    let keys = layer.cx.row(key);
    if !keys.0[1].agrees(&features) {
        let name = if layer.arguments.given("key") { "key" } else { "value" };
        let span = layer.arguments.span(name, layer.span);
        let message = format!(
            "`{}` compares steps of equally many features, and {keys} is not [{}, {features}]",
            layer.kind(),
            keys.0[0]
        );
        let fault = Diagnostic::new(Code::ShapeMismatch, span, message).label(format!("{keys}"));
        layer.cx.report_with_origin(fault, query);
        return None;
    }
    let Some(mut scores) = scores(layer, query, key) else {
        let made = layer.cx.builder.shape(value).0.last().cloned().unwrap_or(Dim::Unknown);
        return Some(layer.unknown([steps, made]));
    };
    let mut seen = mask(layer, query, key, None)?;
    if layer.arguments.bool("use_causal_mask") {
        let before = causal(layer, &steps, &keys.0[0]);
        seen = Some(match seen {
            Some(seen) => layer.cx.builder.binary(Binary::And, seen, before, layer.span),
            None => before,
        });
    }
    if let Some(seen) = seen {
        let builder = &mut layer.cx.builder;
        let far = builder.constant(1e9, layer.span);
        let hidden = builder.binary(Binary::Subtract, scores, far, layer.span);
        scores = builder.node(Op::Where, vec![seen, scores, hidden], layer.span);
    }
    let mut weights = layer.cx.builder.softmax(scores, layer.span);
    let rate = layer.arguments.float("dropout");
    if rate > 0.0 {
        weights = layer.node(Op::Dropout { rate, shared: Vec::new() }, vec![weights]);
    }
    Some(layer.node(Op::MatMul, vec![weights, value]))
}

/// `[T, S]`: whether the second step is not after the first.
fn causal(layer: &mut Apply<'_, '_, '_>, steps: &Dim, looked_at: &Dim) -> ValueId {
    let span = layer.span;
    let builder = &mut layer.cx.builder;
    let rows = builder.node(Op::Range(steps.clone()), Vec::new(), span);
    let rows = builder.node(Op::Reshape(Shape(vec![steps.clone(), Dim::Known(1)])), vec![rows], span);
    let columns = builder.node(Op::Range(looked_at.clone()), Vec::new(), span);
    debug_assert_eq!(builder.value(columns).element, ElementType::I64);
    builder.binary(Binary::GreaterEqual, rows, columns, span)
}
