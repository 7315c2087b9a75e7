//! `Embedding`: a learnt vector for each of some whole numbers.

use super::apply::Weight;
use super::settings::{NAME, TRAINABLE, initializer, regularizer};
use super::{Apply, LayerDef};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Dim, ElementType, Op, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `Embedding(input_dim, output_dim, …)`
pub const EMBEDDING: LayerDef = LayerDef {
    signature: Signature {
        name: "Embedding",
        summary: "A learnt vector of `output_dim` numbers for each whole number below `input_dim`.",
        details: "`i64[T]` becomes `f32[T, output_dim]`. A number that is not from 0 to `input_dim - 1` is an error in a run. \
                  Masks are never implied: `mask=` is given to the layers that take one.",
        parameters: &[
            Parameter::new("input_dim", Kind::Int { min: 1 }, Default::Required, "How many numbers there are.")
                .also(&["num_embeddings", "vocab_size"]),
            Parameter::new("output_dim", Kind::Int { min: 1 }, Default::Required, "How long each vector is.")
                .also(&["embedding_dim"]),
            initializer("embeddings_initializer", "random_uniform", "How the vectors start."),
            regularizer("embeddings_regularizer", "What the vectors add to the loss."),
            NAME,
            TRAINABLE,
        ],
        example: "Embedding(1000, 64)",
    },
    aliases: &[],
    build,
};

fn build(layer: &mut Apply<'_, '_, '_>) -> Option<ValueId> {
    let value = layer.cx.builder.value(layer.input);
    let (element, row) = (value.element, value.shape.row());
    if !matches!(element, ElementType::I64 | ElementType::U8) {
        let kind = layer.cx.type_of(layer.input);
        let message = format!("`Embedding` looks up whole numbers, this is {kind}");
        let before = layer.cx.names.source.text.get(..layer.span.start as usize).unwrap_or("");
        let cast = if before.trim_end().ends_with("|>") { "cast(i64) |> " } else { "cast(it, i64) |> " };
        let fault = Diagnostic::new(Code::ElementType, layer.span, message).label(kind).fix(
            "cast it to i64",
            layer.span.before(),
            cast,
            Applicability::Guess,
        );
        layer.cx.report_with_origin(fault, layer.input);
        return None;
    }
    let size = |name: &str| layer.arguments.int(name).map_or(Dim::Unknown, Dim::Known);
    let (count, width) = (size("input_dim"), size("output_dim"));
    let table = layer.started(Weight::new("embeddings", "weight", [count, width.clone()]), "embeddings");
    let Some(table) = layer.weight(table) else {
        return Some(layer.unknown(row.0.into_iter().chain([width])));
    };
    let indices = match element {
        ElementType::I64 => layer.input,
        _ => layer.node(Op::Cast(ElementType::I64), vec![layer.input]),
    };
    let out = layer.node(Op::Gather { axis: 0 }, vec![table, indices]);
    debug_assert!(layer.cx.builder.shape(out).agrees(&Shape(layer.rows(row.0.into_iter().chain([width])).0)));
    Some(out)
}
