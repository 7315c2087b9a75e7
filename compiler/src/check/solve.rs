//! What the symbols of a block's or model's inputs must be for what goes in to fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;

use crate::ir::{Dim, Shape};

/// Stands before a symbol that is to be solved, so that it is none of those that what goes in is made of.
const WANTED: &str = "?";

/// The sizes of symbols, as far as they are known.
#[derive(Debug, Default)]
pub struct Solution {
    /// A declared dimension and what stands in its place, with the input and where that is given.
    pending: Vec<(Dim, Dim, String, Span)>,
    sizes: BTreeMap<Arc<str>, Dim>,
    sources: BTreeMap<Arc<str>, (Dim, String, Span)>,
    faulty: bool,
}

impl Solution {
    /// The symbol to solve for where a program says `name`.
    pub fn wanted(name: &str) -> String {
        format!("{WANTED}{name}")
    }

    /// What the program calls a symbol that is to be solved; nothing of others.
    pub fn name(symbol: &str) -> Option<&str> {
        symbol.strip_prefix(WANTED)
    }

    /// Notes that an input declared as `row` is given a value of the row `given` at `span`.
    pub fn add(&mut self, row: &Shape, given: &Shape, input: &str, span: Span) {
        if row.rank() != given.rank() {
            self.faulty = true;
            return;
        }
        for (declared, given) in row.dims().iter().zip(given.dims()) {
            if *given != Dim::Unknown {
                self.pending.push((declared.clone(), given.clone(), input.to_owned(), span));
            }
        }
    }

    /// Solves for one symbol after the other until nothing more can be said.
    pub fn solve(&mut self) {
        loop {
            let before = self.sizes.len();
            for (declared, given, input, span) in &self.pending {
                let known = declared.substitute(&self.sizes);
                let open = known.symbols().iter().filter(|symbol| Self::name(symbol).is_some()).count();
                // The others of its symbols are of the caller: a sum of both cannot be told apart.
                if open != 1 || known.symbols().len() != 1 {
                    continue;
                }
                if let Some((symbol, size)) = known.solve(given) {
                    self.sources.insert(symbol.clone(), (size.clone(), input.clone(), *span));
                    self.sizes.insert(symbol, size);
                }
            }
            if self.sizes.len() == before {
                return;
            }
        }
    }

    /// What a symbol turned out to be.
    pub fn of(&self, symbol: &str) -> Option<&Dim> {
        self.sizes.get(symbol)
    }

    /// What a symbol turned out to be, by which input, given where.
    pub fn source(&self, symbol: &str) -> Option<(&Dim, &str, Span)> {
        self.sources.get(symbol).map(|(dim, input, span)| (dim, input.as_str(), *span))
    }

    /// A declared dimension with its symbols solved; unknown while one is not.
    pub fn apply(&self, declared: &Dim) -> Dim {
        let dim = declared.substitute(&self.sizes);
        match dim.symbols().iter().any(|symbol| Self::name(symbol).is_some()) {
            true => Dim::Unknown,
            false => dim,
        }
    }

    /// The dimension from which `symbol` was to be solved by itself, with what stands in its place, and where that is given.
    pub fn unsolved(&self, symbol: &str) -> Option<(&Dim, Span)> {
        let alone = |dim: &Dim| dim.symbols().iter().map(|name| &**name).eq([symbol]);
        self.pending.iter().find(|(declared, ..)| alone(declared)).map(|(_, given, _, span)| (given, *span))
    }

    /// Whether something given has another rank than it is declared with.
    pub fn faulty(&self) -> bool {
        self.faulty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str) -> Dim {
        Dim::symbol(Solution::wanted(name))
    }

    #[test]
    fn symbols_are_solved_for_in_any_order() {
        let mut solution = Solution::default();
        let declared = Shape(vec![wanted("T").plus(&wanted("S")), wanted("T")]);
        let given = Shape(vec![Dim::Known(10), Dim::symbol("T")]);
        solution.add(&declared, &given, "x", Span::default());
        solution.solve();
        assert_eq!(solution.apply(&wanted("T")), Dim::symbol("T"), "the caller's `T` is another");
        assert_eq!(solution.apply(&wanted("S")), Dim::Unknown);
        solution.add(
            &Shape(vec![wanted("S").times(&Dim::Known(2))]),
            &Shape(vec![Dim::Known(6)]),
            "y",
            Span::default(),
        );
        solution.solve();
        assert_eq!(solution.apply(&wanted("S")), Dim::Known(3));
    }
}
