//! Sums of products that an equation describes: `einsum`, and what `EinsumDense` does.

use ndsl_grammar::Span;

use super::{Call, FunctionDef, tensor};
use crate::check::Value;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Builder, Dim, Op, Reduction, Shape, ValueId};
use crate::signature::{Default, Kind, Parameter, Signature};

/// `einsum(a, b, equation="ij,jk->ik")`
pub(super) const EINSUM: FunctionDef = FunctionDef {
    signature: Signature {
        name: "einsum",
        summary: "The sum of products of two tensors that an equation describes.",
        details: "Letters stand for the axes of the first, after a comma for those of the second, after the arrow for those of the \
                  result; the batch is left out. A letter that the result lacks is summed over.",
        parameters: &[
            Parameter::new("tensors", Kind::Tensors, Default::Required, "The two, one after the other, or a list."),
            Parameter::new("equation", Kind::Text, Default::Required, "The equation."),
        ],
        example: "einsum(it, it, equation=\"hwc,hwd->cd\")",
    },
    build: einsum,
};

/// The axes of two values and of what is made of them, by letters. Axes that `...` stands for have letters of their own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Equation {
    pub(crate) left: Vec<char>,
    pub(crate) right: Vec<char>,
    pub(crate) out: Vec<char>,
    /// How many axes `...` stands for.
    pub(crate) spread: usize,
}

/// Stands for the first axis of `...`; no one writes it.
const SPREAD: u32 = 0xE000;

/// Longer equations describe more axes than a value has.
const MAX_LENGTH: usize = 128;

impl Equation {
    /// Reads `ab,bc->ac` for values of these ranks; the right one's is not known of weights.
    pub(crate) fn read(text: &str, left: usize, right: Option<usize>) -> Result<Self, String> {
        let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        if plain.len() > MAX_LENGTH {
            return Err(format!("an equation has at most {MAX_LENGTH} characters"));
        }
        let parts = plain.split_once("->").and_then(|(given, out)| given.split_once(',').map(|(a, b)| [a, b, out]));
        let Some([a, b, out]) = parts else { return Err("an equation is written `ab,bc->ac`".into()) };
        let spread = match a.contains("...") {
            false => 0,
            true => {
                let letters = a.chars().filter(|letter| *letter != '.').count();
                left.checked_sub(letters).ok_or_else(|| too_many(left, letters))?
            }
        };
        let letters = |text: &str| -> Result<Vec<char>, String> {
            let spread: String = (0..spread).filter_map(|at| char::from_u32(SPREAD + at as u32)).collect();
            let letters: Vec<char> = text.replacen("...", &spread, 1).chars().collect();
            if let Some(stray) =
                letters.iter().find(|letter| !letter.is_ascii_alphabetic() && (**letter as u32) < SPREAD)
            {
                return Err(format!("`{stray}` is no letter"));
            }
            match letters.iter().enumerate().find(|(at, letter)| letters[..*at].contains(letter)) {
                Some((_, twice)) => Err(format!("`{twice}` stands twice for one value")),
                None => Ok(letters),
            }
        };
        let equation = Self { left: letters(a)?, right: letters(b)?, out: letters(out)?, spread };
        if equation.left.len() != left {
            return Err(too_many(left, equation.left.len()));
        }
        if let Some(right) = right.filter(|right| equation.right.len() != *right) {
            return Err(too_many(right, equation.right.len()));
        }
        let known = |letter: &&char| equation.left.contains(*letter) || equation.right.contains(*letter);
        match equation.out.iter().find(|letter| !known(letter)) {
            Some(stray) => Err(format!("`{stray}` of the result stands in neither value")),
            None => Ok(equation),
        }
    }
}

fn too_many(axes: usize, letters: usize) -> String {
    let plural = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let axes = match axes {
        1 => "1 axis".to_owned(),
        _ => format!("{axes} axes"),
    };
    format!("the value has {axes} and the equation {} for it", plural(letters, "letter"))
}

/// One side: summed over what is its alone, its axes in the order shared, own, summed, and how many of each.
struct Side {
    value: ValueId,
    dims: Vec<Dim>,
}

/// The sum of products that the equation describes; the sizes of one letter agree.
pub(crate) fn contract(builder: &mut Builder, equation: &Equation, a: ValueId, b: ValueId, span: Span) -> ValueId {
    let (left, right, out) = (&equation.left, &equation.right, &equation.out);
    let (a, left) = alone(builder, a, left, |letter| right.contains(&letter) || out.contains(&letter), span);
    let (b, right) = alone(builder, b, right, |letter| left.contains(&letter) || out.contains(&letter), span);
    let shared: Vec<char> = out.iter().copied().filter(|l| left.contains(l) && right.contains(l)).collect();
    let summed: Vec<char> = left.iter().copied().filter(|l| right.contains(l) && !out.contains(l)).collect();
    let own = |letters: &[char]| -> Vec<char> {
        out.iter().copied().filter(|l| letters.contains(l) && !shared.contains(l)).collect()
    };
    let (own_left, own_right) = (own(&left), own(&right));
    let (ranks, count) = (shared.len(), own_left.len());
    let a = side(builder, a, &left, [&shared, &own_left, &summed], span);
    let b = side(builder, b, &right, [&shared, &summed, &own_right], span);
    let made = builder.node(Op::MatMul, vec![a.value, b.value], span);
    let apart: Vec<Dim> = a.dims[..ranks + count].iter().chain(&b.dims[ranks + summed.len()..]).cloned().collect();
    let made = builder.node(Op::Reshape(Shape(apart)), vec![made], span);
    let order: Vec<char> = shared.iter().chain(&own_left).chain(&own_right).copied().collect();
    let permutation: Vec<usize> =
        out.iter().filter_map(|letter| order.iter().position(|other| other == letter)).collect();
    turned(builder, made, permutation, span)
}

/// Sums over the axes that nothing else has.
fn alone(
    builder: &mut Builder,
    x: ValueId,
    letters: &[char],
    wanted: impl Fn(char) -> bool,
    span: Span,
) -> (ValueId, Vec<char>) {
    let axes: Vec<usize> = (0..letters.len()).filter(|at| !wanted(letters[*at])).collect();
    let kept = letters.iter().copied().filter(|letter| wanted(*letter)).collect();
    match axes.is_empty() {
        true => (x, kept),
        false => (builder.node(Op::Reduce { reduction: Reduction::Sum, axes, keep: false }, vec![x], span), kept),
    }
}

/// A value as matrices: its axes in three groups, of which the last two become one axis each.
fn side(builder: &mut Builder, x: ValueId, letters: &[char], groups: [&[char]; 3], span: Span) -> Side {
    let order: Vec<char> = groups.concat();
    let permutation = order.iter().filter_map(|letter| letters.iter().position(|other| other == letter)).collect();
    let x = turned(builder, x, permutation, span);
    let dims = builder.shape(x).0.clone();
    let (shared, rows) = (groups[0].len(), groups[0].len() + groups[1].len());
    let product = |dims: &[Dim]| dims.iter().fold(Dim::Known(1), |product, dim| product.times(dim));
    let mut matrices = dims[..shared].to_vec();
    matrices.extend([product(&dims[shared..rows]), product(&dims[rows..])]);
    let value = builder.node(Op::Reshape(Shape(matrices)), vec![x], span);
    Side { value, dims }
}

fn turned(builder: &mut Builder, x: ValueId, permutation: Vec<usize>, span: Span) -> ValueId {
    match permutation.iter().enumerate().all(|(at, axis)| at == *axis) {
        true => x,
        false => builder.node(Op::Transpose { permutation }, vec![x], span),
    }
}

fn einsum(call: &mut Call<'_, '_, '_>) -> Option<Value> {
    let tensors = call.several(2)?;
    let [a, b] = *tensors.as_slice() else {
        let message = format!("`einsum` works on two tensors, not on {}", tensors.len());
        call.cx.report(Diagnostic::new(Code::ExtraArgument, call.span, message).label("too many"));
        return None;
    };
    for id in [a, b] {
        call.cx.require_float(id, "einsum", call.span)?;
    }
    let text = call.arguments.text("equation")?.to_owned();
    let at = call.arguments.span("equation", call.span);
    let [left, right] = [a, b].map(|id| call.shape(id));
    let read = Equation::read(&text, left.rank() - 1, Some(right.rank() - 1));
    let mut equation = match read {
        Ok(equation) => equation,
        Err(message) => {
            let fault = Diagnostic::new(Code::OutOfRange, at, message).label("cannot be read");
            call.cx.report_with_origin(fault, a);
            return None;
        }
    };
    // The batch, which is not written.
    let batch = char::from_u32(SPREAD + MAX_LENGTH as u32)?;
    for letters in [&mut equation.left, &mut equation.right, &mut equation.out] {
        letters.insert(0, batch);
    }
    for (at_left, letter) in equation.left.iter().enumerate() {
        let Some(at_right) = equation.right.iter().position(|other| other == letter) else { continue };
        let (one, other) = (&left.0[at_left], &right.0[at_right]);
        if !one.agrees(other) {
            let message = format!("axis `{letter}` is {one} in the first tensor and {other} in the second");
            let (from, text) = call.cx.origin(a);
            let fault =
                Diagnostic::new(Code::ShapeMismatch, at, message).label(format!("`{letter}`")).related(from, text);
            call.cx.report_with_origin(fault, b);
            return None;
        }
    }
    tensor(contract(&mut call.cx.builder, &equation, a, b, call.span))
}

#[cfg(test)]
mod tests {
    use super::Equation;

    #[test]
    fn equations_are_read() {
        let equation = Equation::read("...x,xy->...y", 3, None).expect("an equation");
        assert_eq!((equation.left.len(), equation.right.len(), equation.out.len()), (3, 2, 3));
        assert_eq!(equation.spread, 2);
        assert!(Equation::read("ab,bc->ac", 3, None).is_err());
        assert!(Equation::read("aab,bc->ac", 3, None).is_err());
        assert!(Equation::read("ab,bc->ad", 2, None).is_err());
        assert!(Equation::read("ab->a", 2, None).is_err());
        assert!(Equation::read("a1,1c->ac", 2, None).is_err());
    }
}
