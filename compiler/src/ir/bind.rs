//! From the shapes of a run's inputs to the sizes of its symbols.

use super::{Constraint, Dim, Facts, Graph, Sizes, Value};

/// Why inputs do not fit a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// An input of another shape than its declaration.
    #[error("`{name}` is {found:?}, and is declared as {declared}")]
    Shape {
        /// The input.
        name: String,
        /// Its shape in the graph.
        declared: String,
        /// What was given.
        found: Vec<usize>,
    },
    /// One symbol with two sizes.
    #[error("`{symbol}` is {first} by `{by}`, and {second} by `{name}`")]
    Symbol {
        /// The symbol.
        symbol: String,
        /// Its size by the first input.
        first: usize,
        /// The first input.
        by: String,
        /// Its size by this input.
        second: usize,
        /// This input.
        name: String,
    },
    /// A size that a `check` of the program excludes.
    #[error("`{symbol}` is {size}, and must be a multiple of {factor}")]
    Multiple {
        /// The symbol.
        symbol: String,
        /// Its size.
        size: usize,
        /// What it must be a multiple of.
        factor: usize,
    },
    /// Sizes that a `check` of the program excludes.
    #[error("`{condition}` does not hold: {left} and {right}")]
    Constraint {
        /// The condition.
        condition: String,
        /// What its left side came to; nothing where that is no size.
        left: String,
        /// What its right side came to.
        right: String,
    },
}

/// The sizes of a graph's symbols in a run, for inputs of these shapes in the graph's order: each must be a shape that its
/// declaration allows, and all together what the program checks. Every engine binds by this one rule.
///
/// # Errors
/// Where a shape does not fit its declaration, where two do not fit each other, and where what is checked does not hold.
pub fn bind<'a>(graph: &'a Graph, shapes: impl Iterator<Item = &'a [usize]> + Clone) -> Result<Sizes, BindError> {
    let inputs = graph.inputs.iter().map(|id| graph.value(*id)).zip(shapes);
    let sizes = solve(inputs, &graph.facts)?;
    meet(&graph.constraints, &sizes)?;
    Ok(sizes)
}

/// Whether sizes meet what a program says of them; the first condition that does not hold, or that says nothing of these sizes
/// as a side of it is below 0.
fn meet(constraints: &[Constraint], sizes: &Sizes) -> Result<(), BindError> {
    let shown = |dim: &Dim| dim.at(sizes).map_or_else(|| "no size".to_owned(), |size| size.to_string());
    match constraints.iter().find(|constraint| constraint.holds(sizes) != Some(true)) {
        None => Ok(()),
        Some(constraint) => Err(BindError::Constraint {
            condition: constraint.to_string(),
            left: shown(&constraint.left),
            right: shown(&constraint.right),
        }),
    }
}

/// The sizes of the symbols for inputs of these shapes.
fn solve<'a>(
    inputs: impl Iterator<Item = (&'a Value, &'a [usize])> + Clone,
    facts: &Facts,
) -> Result<Sizes, BindError> {
    let mut sizes = Sizes::new();
    let mut origins = std::collections::BTreeMap::new();
    for (value, found) in inputs.clone() {
        if found.len() != value.shape.rank() {
            return Err(mismatch(value, found));
        }
        for (dim, size) in value.shape.dims().iter().zip(found) {
            let Some((symbol, Dim::Known(solved))) = dim.solve(&Dim::Known(*size)) else { continue };
            let first = *sizes.entry(symbol.clone()).or_insert(solved);
            let by = origins.entry(symbol.clone()).or_insert(value);
            if first != solved {
                return Err(BindError::Symbol {
                    symbol: symbol.to_string(),
                    first,
                    by: by.name.to_string(),
                    second: solved,
                    name: value.name.to_string(),
                });
            }
        }
    }
    for (value, found) in inputs {
        let open = |dim: &Dim| *dim == Dim::Unknown;
        let fits = |(dim, size): (&Dim, &usize)| open(dim) || dim.at(&sizes) == Some(*size);
        if !value.shape.dims().iter().zip(found).all(fits) {
            return Err(mismatch(value, found));
        }
    }
    for (symbol, factor) in facts.multiples() {
        if let Some(size) = sizes.get(symbol).filter(|size| **size % factor != 0) {
            return Err(BindError::Multiple { symbol: symbol.to_owned(), size: *size, factor });
        }
    }
    Ok(sizes)
}

fn mismatch(value: &Value, found: &[usize]) -> BindError {
    BindError::Shape { name: value.name.to_string(), declared: value.shape.to_string(), found: found.to_vec() }
}

#[cfg(test)]
mod tests {
    use ndsl_grammar::Span;

    use super::*;
    use crate::ir::{ElementType, Shape, ValueSource};

    fn input(name: &str, dims: Vec<Dim>) -> Value {
        let shape = Shape::batched(dims);
        let source = ValueSource::Input(0);
        Value { name: name.to_owned().into(), element: ElementType::F32, shape, source, span: Span::default() }
    }

    fn bound(values: &[(Value, Vec<usize>)], facts: &Facts) -> Result<Sizes, String> {
        let inputs = values.iter().map(|(value, shape)| (value, &shape[..]));
        solve(inputs, facts).map_err(|error| error.to_string())
    }

    #[test]
    fn symbols_are_what_the_inputs_say() {
        let t = || Dim::symbol("T");
        let tokens = || input("tokens", vec![t()]);
        let next = || input("next", vec![t().times(&Dim::Known(2)).minus(&Dim::Known(1))]);
        let facts = Facts::default();
        let sizes = bound(&[(tokens(), vec![3, 5]), (next(), vec![3, 9])], &facts).expect("fit");
        assert_eq!(sizes, Sizes::from([("N".into(), 3), ("T".into(), 5)]));
        let fails = |values: &[(Value, Vec<usize>)]| bound(values, &facts).expect_err("do not fit");
        assert_eq!(fails(&[(tokens(), vec![3, 5]), (tokens(), vec![4, 5])]), "`N` is 3 by `tokens`, and 4 by `tokens`");
        assert_eq!(fails(&[(next(), vec![3, 8])]), "`next` is [3, 8], and is declared as [N, 2 * T - 1]");
        assert_eq!(fails(&[(tokens(), vec![3])]), "`tokens` is [3], and is declared as [N, T]");
        assert_eq!(
            fails(&[(input("row", vec![Dim::Known(4)]), vec![3, 5])]),
            "`row` is [3, 5], and is declared as [N, 4]"
        );
    }

    #[test]
    fn what_a_program_checks_holds_in_a_run() {
        let mut facts = Facts::default();
        facts.multiple("H", 16);
        let image = || input("image", vec![Dim::symbol("H"), Dim::Known(3)]);
        assert!(bound(&[(image(), vec![1, 32, 3])], &facts).is_ok());
        let fault = bound(&[(image(), vec![1, 30, 3])], &facts).expect_err("30 is none");
        assert_eq!(fault, "`H` is 30, and must be a multiple of 16");
    }

    #[test]
    fn conditions_hold_or_are_named() {
        let constraint = Constraint {
            left: Dim::symbol("T"),
            comparison: crate::ir::Comparison::LessEqual,
            right: Dim::Known(8),
            span: Span::default(),
        };
        let sizes = |size| Sizes::from([("T".into(), size)]);
        assert_eq!(meet(std::slice::from_ref(&constraint), &sizes(8)), Ok(()));
        let fault = meet(&[constraint], &sizes(9)).expect_err("9 is more");
        assert_eq!(fault.to_string(), "`T <= 8` does not hold: 9 and 8");
    }
}
