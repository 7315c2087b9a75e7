//! Attention, step by step.

use super::ExportError;
use super::layout::Layout;
use super::writer::{Writer, int, ints};
use crate::ir::{Dim, Node};

/// The score of a key that is not seen, whose weight is then 0.
const HIDDEN: f32 = f32::MIN;

pub(super) fn lower(writer: &mut Writer<'_>, node: &Node, causal: bool, scale: f64) -> Result<(), ExportError> {
    let [q, k, v] = [0, 1, 2].map(|index| writer.input(node, index));
    let (q, k, v) = (q?, k?, v?);
    let dims = |id| writer.graph.value(id).shape.dims().to_vec();
    let ([_, heads, queries, depth], [_, groups, keys, _]) = (&dims(q)[..], &dims(k)[..]) else {
        return Err(writer.unsupported(node, "its queries are not [N, heads, T, d]"));
    };
    let width = dims(v).pop().unwrap_or(Dim::Unknown);
    let [query, mut key, mut value] = [q, k, v].map(|id| writer.tensor(id, Layout::ChannelsLast));
    let mask = node.inputs.get(3).map(|id| writer.tensor(*id, Layout::ChannelsLast));
    let output = writer.define(node.output, Layout::ChannelsLast);
    if heads != groups {
        let counts = [heads, groups, depth, &width].map(Dim::known);
        let [Some(heads), Some(groups), Some(depth), Some(width)] = counts else {
            return Err(writer.unsupported(node, "its heads are not numbers"));
        };
        key = spread(writer, &output, &key, [groups, heads, depth]);
        value = spread(writer, &output, &value, [groups, heads, width]);
    }
    let factor = writer.scalar(scale as f32);
    let scaled = writer.made(&output, "scaled", "Mul", &[&query, &factor], vec![]);
    let turned = writer.made(&output, "turned", "Transpose", &[&key], vec![ints("perm", &[0, 1, 3, 2])]);
    let mut scores = writer.made(&output, "scores", "MatMul", &[&scaled, &turned], vec![]);
    let hidden = writer.scalar(HIDDEN);
    let mut seen: Vec<String> = mask.iter().cloned().collect();
    if causal {
        seen.push(past(writer, node, queries, keys)?);
    }
    for seen in &seen {
        scores = writer.made(&output, "seen", "Where", &[seen, &scores, &hidden], vec![]);
    }
    let mut weights = writer.made(&output, "weights", "Softmax", &[&scores], vec![int("axis", -1)]);
    if mask.is_some() {
        // A query may see no key at all; the causal mask alone always leaves it one.
        let zero = writer.scalar(0.0);
        for seen in &seen {
            weights = writer.made(&output, "kept", "Where", &[seen, &weights, &zero], vec![]);
        }
    }
    writer.emit("MatMul", &[&weights, &value], &output, vec![]);
    Ok(())
}

/// Whether each key is not later than each query: `[T, S]`, made once.
fn past(writer: &mut Writer<'_>, node: &Node, queries: &Dim, keys: &Dim) -> Result<String, ExportError> {
    let both = (queries.clone(), keys.clone());
    if let Some(name) = writer.causal.get(&both) {
        return Ok(name.clone());
    }
    let name = writer.unique("causal");
    let (zero, one) = (writer.whole_scalar(0), writer.whole_scalar(1));
    let (rows, columns) = (writer.dim_scalar(node, &name, queries)?, writer.dim_scalar(node, &name, keys)?);
    let rows = writer.made(&name, "queries", "Range", &[&zero, &rows, &one], vec![]);
    let columns = writer.made(&name, "keys", "Range", &[&zero, &columns, &one], vec![]);
    let axis = writer.whole_numbers(&name, "axis", &[1]);
    let rows = writer.made(&name, "rows", "Unsqueeze", &[&rows, &axis], vec![]);
    writer.emit("LessOrEqual", &[&columns, &rows], &name, vec![]);
    writer.causal.insert(both, name.clone());
    Ok(name)
}

/// Every key head as often as query heads share it: `[N, groups, S, d]` to `[N, heads, S, d]`.
fn spread(writer: &mut Writer<'_>, to: &str, x: &str, [groups, heads, depth]: [usize; 3]) -> String {
    let each = heads / groups.max(1);
    let axis = writer.whole_numbers(to, "axis", &[2]);
    let apart = writer.made(to, "apart", "Unsqueeze", &[x, &axis], vec![]);
    let times = writer.whole_numbers(to, "times", &[1, 1, each as i64, 1, 1]);
    let repeated = writer.made(to, "repeated", "Expand", &[&apart, &times], vec![]);
    let shape = writer.whole_numbers(to, "heads", &[0, heads as i64, -1, depth as i64]);
    writer.made(to, "spread", "Reshape", &[&repeated, &shape], vec![])
}
