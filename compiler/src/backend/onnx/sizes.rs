//! Dimensions that only a run knows, as tensors.

use super::ExportError;
use super::writer::{Writer, int};
use crate::ir::dim::{Atom, Polynomial};
use crate::ir::{Dim, Node};

impl Writer<'_> {
    /// The dimensions as one tensor of whole numbers.
    pub(super) fn dims(&mut self, node: &Node, to: &str, what: &str, dims: &[Dim]) -> Result<String, ExportError> {
        let known: Option<Vec<i64>> = dims.iter().map(|dim| dim.known().map(|size| size as i64)).collect();
        if let Some(known) = known {
            return Ok(self.whole_numbers(to, what, &known));
        }
        let parts = dims.iter().map(|dim| self.dim(node, dim)).collect::<Result<Vec<String>, _>>()?;
        if let [one] = &parts[..] {
            return Ok(one.clone());
        }
        let name = self.step(to, what);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.emit("Concat", &parts, &name, vec![int("axis", 0)]);
        Ok(name)
    }

    /// A dimension as a tensor of one whole number and one axis, made once.
    pub(super) fn dim(&mut self, node: &Node, dim: &Dim) -> Result<String, ExportError> {
        if let Some(name) = self.sizes.get(dim) {
            return Ok(name.clone());
        }
        let name = match dim {
            Dim::Known(size) => self.whole_numbers("size", &size.to_string(), &[*size as i64]),
            Dim::Unknown => return Err(self.unsupported(node, "a size in it is not known")),
            Dim::Symbolic(sum) => match dim.name() {
                Some(symbol) => self.symbol(node, symbol)?,
                None => self.polynomial(node, sum, &format!("size/{dim}"))?,
            },
        };
        self.sizes.insert(dim.clone(), name.clone());
        Ok(name)
    }

    /// A dimension as a tensor of one whole number without axes.
    pub(super) fn dim_scalar(&mut self, node: &Node, to: &str, dim: &Dim) -> Result<String, ExportError> {
        if let Dim::Known(size) = dim {
            return Ok(self.whole_scalar(*size as i64));
        }
        let flat = self.dim(node, dim)?;
        let name = self.step(to, "size");
        self.emit("Squeeze", &[&flat], &name, vec![]);
        Ok(name)
    }

    /// The size of a symbol, from the first input that tells it.
    fn symbol(&mut self, node: &Node, symbol: &str) -> Result<String, ExportError> {
        let graph = self.graph;
        let found = graph.inputs.iter().find_map(|id| {
            let dims = graph.value(*id).shape.dims();
            // The size that is measured is `?`, and the symbol is what makes the dimension that size.
            let measured = Dim::symbol("?");
            dims.iter().enumerate().find_map(|(axis, dim)| {
                let (name, solved) = dim.solve(&measured)?;
                (*name == *symbol).then_some((*id, axis, solved))
            })
        });
        let Some((id, axis, solved)) = found else {
            return Err(self.unsupported(node, format!("no input's shape tells the size of `{symbol}`")));
        };
        let input = graph.value(id).name.clone();
        let wanted = format!("size/{symbol}");
        let plain = solved.name().is_some();
        let measured = if plain { self.unique(&wanted) } else { self.unique(&format!("{wanted}/measured")) };
        self.emit("Shape", &[&input], &measured, vec![int("start", axis as i64), int("end", axis as i64 + 1)]);
        match &solved {
            Dim::Symbolic(sum) if !plain => {
                self.sizes.insert(Dim::symbol("?"), measured);
                let name = self.polynomial(node, sum, &wanted);
                self.sizes.remove(&Dim::symbol("?"));
                name
            }
            _ => Ok(measured),
        }
    }

    fn polynomial(&mut self, node: &Node, sum: &Polynomial, wanted: &str) -> Result<String, ExportError> {
        let mut total: Option<String> = None;
        for (count, factors) in sum.terms() {
            let mut term: Option<String> = None;
            let atoms: Vec<(Atom, u32)> = factors.map(|(atom, power)| (atom.clone(), power)).collect();
            for (atom, power) in atoms {
                let size = match &atom {
                    Atom::Symbol(name) => self.dim(node, &Dim::symbol(name.clone()))?,
                    Atom::Floor(inner, divisor) => {
                        let inner = self.polynomial(node, inner, wanted)?;
                        self.floor(&inner, *divisor, wanted)
                    }
                };
                for _ in 0..power {
                    term = Some(self.combine("Mul", term, &size, wanted));
                }
            }
            let term = match term {
                Some(term) if count == 1 => term,
                term => {
                    let factor = self.whole_numbers(wanted, "factor", &[count]);
                    self.combine("Mul", term, &factor, wanted)
                }
            };
            total = Some(self.combine("Add", total, &term, wanted));
        }
        let total = match total {
            Some(total) => total,
            None => self.whole_numbers(wanted, "zero", &[0]),
        };
        match sum.denominator() {
            1 => Ok(total),
            divisor => Ok(self.floor(&total, divisor, wanted)),
        }
    }

    /// `kind` of what there is so far and one more; that one alone where there is nothing so far.
    fn combine(&mut self, kind: &str, so_far: Option<String>, more: &str, wanted: &str) -> String {
        let Some(so_far) = so_far else { return more.to_owned() };
        let name = self.unique(wanted);
        self.emit(kind, &[&so_far, more], &name, vec![]);
        name
    }

    /// The quotient rounded down, also of a number below zero.
    fn floor(&mut self, number: &str, divisor: i64, wanted: &str) -> String {
        let divisor = self.whole_numbers(wanted, "divisor", &[divisor]);
        let [rest, even, name] = ["rest", "even", "quotient"].map(|what| self.step(wanted, what));
        self.emit("Mod", &[number, &divisor], &rest, vec![]);
        self.emit("Sub", &[number, &rest], &even, vec![]);
        self.emit("Div", &[&even, &divisor], &name, vec![]);
        name
    }
}
