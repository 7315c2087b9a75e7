//! Between which numbers a picture is black and white.

use ndsl_compiler::ir::{Binary, ElementType, Graph, Op, Unary, ValueId};

/// The most operations that are looked back.
const MAX_STEPS: usize = 64;

/// The numbers between which a value lies, so far as what makes it tells: bytes are from 0 to 255, what is added to them or multiplied with them moves that, and a sigmoid
/// or a hyperbolic tangent has a range of its own.
pub fn range(graph: &Graph, value: ValueId) -> Option<(f64, f64)> {
    within(graph, value, MAX_STEPS)
}

fn within(graph: &Graph, value: ValueId, steps: usize) -> Option<(f64, f64)> {
    match graph.value(value).element {
        ElementType::U8 => return Some((0.0, 255.0)),
        ElementType::Bool => return Some((0.0, 1.0)),
        ElementType::F32 | ElementType::I64 => {}
    }
    let node = graph.producer(value)?;
    let steps = steps.checked_sub(1)?;
    let of = |place: usize| node.inputs.get(place).and_then(|input| within(graph, *input, steps));
    let number = |place: usize| node.inputs.get(place).and_then(|input| constant(graph, *input));
    let moved = |of: (f64, f64), by: &dyn Fn(f64) -> f64| {
        let (a, b) = (by(of.0), by(of.1));
        (a.min(b), a.max(b))
    };
    match &node.op {
        Op::Unary(Unary::Sigmoid | Unary::HardSigmoid) | Op::Softmax { .. } => Some((0.0, 1.0)),
        Op::Unary(Unary::Tanh | Unary::HardTanh) => Some((-1.0, 1.0)),
        Op::Unary(Unary::Negate) => of(0).map(|range| moved(range, &|x| -x)),
        Op::Cast(_) | Op::Reshape(_) | Op::Transpose { .. } | Op::Slice { .. } | Op::Expand(_) | Op::StopGradient => {
            of(0)
        }
        Op::Binary(binary) => {
            let by: fn(f64, f64) -> f64 = match binary {
                Binary::Add => |a, b| a + b,
                Binary::Subtract => |a, b| a - b,
                Binary::Multiply => |a, b| a * b,
                Binary::Divide => |a, b| a / b,
                _ => return None,
            };
            let found = match (number(0), number(1)) {
                (_, Some(number)) if *binary != Binary::Divide || number != 0.0 => moved(of(0)?, &|x| by(x, number)),
                (Some(number), None) if *binary != Binary::Divide => moved(of(1)?, &|x| by(number, x)),
                _ => return None,
            };
            (found.0.is_finite() && found.1.is_finite()).then_some(found)
        }
        _ => None,
    }
}

/// The number that a value is, wherever it is written out.
fn constant(graph: &Graph, value: ValueId) -> Option<f64> {
    match &graph.producer(value)?.op {
        Op::Constant(number) => Some(*number),
        Op::ConstantTensor { data, .. } if data.len() == 1 => data.first().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ndsl_compiler::ir::{Builder, Dim, Shape};
    use ndsl_grammar::Span;

    use super::*;

    #[test]
    fn a_range_is_what_is_made_of_bytes() {
        let (mut builder, at) = (Builder::new("range"), Span::default());
        let bytes = builder.input("image", ElementType::U8, Shape::batched([Dim::Known(4)]), at);
        let floats = builder.node(Op::Cast(ElementType::F32), vec![bytes], at);
        let half = builder.constant(127.5, at);
        let one = builder.constant(1.0, at);
        let scaled = builder.binary(Binary::Divide, floats, half, at);
        let centred = builder.binary(Binary::Subtract, scaled, one, at);
        let turned = builder.binary(Binary::Subtract, one, scaled, at);
        let zero = builder.constant(0.0, at);
        let lost = builder.binary(Binary::Divide, scaled, zero, at);
        let squashed = builder.unary(Unary::Sigmoid, lost, at);
        let other = builder.input("x", ElementType::F32, Shape::batched([Dim::Known(4)]), at);
        let graph = builder.finish();
        let found = |value| range(&graph, value);
        assert_eq!(found(floats), Some((0.0, 255.0)));
        assert_eq!(found(centred), Some((-1.0, 1.0)));
        assert_eq!(found(turned), Some((-1.0, 1.0)));
        assert_eq!(found(squashed), Some((0.0, 1.0)));
        assert_eq!((found(lost), found(other)), (None, None));
    }
}
