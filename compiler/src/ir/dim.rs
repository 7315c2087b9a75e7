//! Dimensions: numbers, and what is known of those that only a run knows.
//!
//! A dimension that depends on symbols is a polynomial in them with rational coefficients, brought to one form, so that two
//! dimensions are equal exactly where they are written the same: `T - 1 + 1` is `T`. A division rounds down ([`Atom::Floor`])
//! unless the [`Facts`] say that it comes out even: with `H` a multiple of 16, `H // 4 * 4` is `H`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Sizes by the names of their symbols.
pub type Sizes = BTreeMap<Arc<str>, usize>;

/// One dimension of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dim {
    /// A number known when compiling.
    Known(usize),
    /// A number known when running. `N` is the batch.
    Symbolic(Arc<Polynomial>),
    /// Not known because a fault was already reported, or because a parameter has no value yet; agrees with everything.
    Unknown,
}

/// A sum of products of symbols over a common denominator, in one form: terms in order, none zero, nothing left to cancel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Polynomial {
    /// Products and how often each is taken; the empty product is the number itself and stands last.
    terms: BTreeMap<Product, i64>,
    /// What the sum is divided by; at least 1.
    denominator: i64,
}

/// Factors and their powers. Products without factors order last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Product(BTreeMap<Atom, u32>);

/// What a product is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Atom {
    /// A dimension by its name.
    Symbol(Arc<str>),
    /// A quotient rounded down.
    Floor(Arc<Polynomial>, i64),
}

/// The most terms a dimension may have; one that would have more is [`Dim::Unknown`].
const MAX_TERMS: usize = 32;

/// What is known of symbols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    multiples: BTreeMap<Arc<str>, i64>,
}

impl Facts {
    /// Notes that a symbol is a multiple of `factor`.
    pub fn multiple(&mut self, symbol: &str, factor: usize) {
        let Ok(factor) = i64::try_from(factor.max(1)) else { return };
        let known = self.multiples.entry(symbol.into()).or_insert(1);
        *known = (*known / gcd(*known, factor)).checked_mul(factor).unwrap_or(*known);
    }

    /// The largest number every value of the symbol is known to be a multiple of.
    pub fn multiple_of(&self, symbol: &str) -> usize {
        self.multiples.get(symbol).map_or(1, |factor| *factor as usize)
    }

    /// The symbols of which something is known, each with what it is a multiple of.
    pub fn multiples(&self) -> impl Iterator<Item = (&str, usize)> {
        self.multiples.iter().map(|(symbol, factor)| (&**symbol, *factor as usize))
    }

    /// Whether `dim` is known to be a multiple of `factor`.
    pub fn divides(&self, dim: &Dim, factor: usize) -> bool {
        let Ok(factor) = i64::try_from(factor) else { return false };
        match dim {
            Dim::Known(size) => *size as i64 % factor.max(1) == 0,
            Dim::Symbolic(sum) => sum.terms.iter().all(|(product, count)| self.even(sum, product, *count, factor)),
            Dim::Unknown => false,
        }
    }

    /// `dim / divisor`, rounded down.
    pub fn floor_div(&self, dim: &Dim, divisor: usize) -> Dim {
        let Ok(divisor) = i64::try_from(divisor) else { return Dim::Unknown };
        let sum = match dim {
            _ if divisor == 0 => return Dim::Unknown,
            Dim::Known(size) => return Dim::Known(size / divisor as usize),
            Dim::Symbolic(sum) => sum,
            Dim::Unknown => return Dim::Unknown,
        };
        // What comes out even leaves the rounding: floor((k * a + b) / k) is a + floor(b / k).
        let (even, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = (sum.terms.iter())
            .map(|(product, count)| (product.clone(), *count))
            .partition(|(product, count)| self.even(sum, product, *count, divisor));
        let Some(denominator) = sum.denominator.checked_mul(divisor) else { return Dim::Unknown };
        let even = Polynomial { terms: even, denominator }.reduced();
        let rest = Polynomial { terms: rest, denominator: sum.denominator }.reduced();
        let rounded = match rest.constant() {
            // Whole numbers alone: the denominator has been cancelled.
            Some(number) => Polynomial::number(number.div_euclid(divisor)),
            None if rest.terms.is_empty() => Polynomial::number(0),
            None => Polynomial::of(Atom::Floor(Arc::new(rest), divisor)),
        };
        even.plus(&rounded, 1).map_or(Dim::Unknown, Dim::from)
    }

    /// `dim / divisor`, rounded up.
    pub fn ceil_div(&self, dim: &Dim, divisor: usize) -> Dim {
        match divisor.checked_sub(1) {
            Some(less) => self.floor_div(&dim.plus(&Dim::Known(less)), divisor),
            None => Dim::Unknown,
        }
    }

    /// The remainder of `dim / divisor`.
    pub fn remainder(&self, dim: &Dim, divisor: usize) -> Dim {
        dim.minus(&self.floor_div(dim, divisor).times(&Dim::Known(divisor)))
    }

    /// Whether one term of a sum, divided by its denominator, is a multiple of `factor`.
    fn even(&self, sum: &Polynomial, product: &Product, count: i64, factor: i64) -> bool {
        let Some(wanted) = sum.denominator.checked_mul(factor) else { return false };
        let mut known = count % wanted;
        for (atom, power) in &product.0 {
            let Atom::Symbol(symbol) = atom else { continue };
            let factor = self.multiples.get(symbol).copied().unwrap_or(1) % wanted;
            for _ in 0..*power {
                known = ((i128::from(known) * i128::from(factor)) % i128::from(wanted)) as i64;
            }
        }
        known % wanted == 0
    }
}

impl Dim {
    /// The batch dimension.
    pub fn batch() -> Self {
        Self::Symbolic(batch().clone())
    }

    /// Whether it is the batch dimension.
    pub fn is_batch(&self) -> bool {
        matches!(self, Self::Symbolic(sum) if sum == batch())
    }

    /// The dimension of that name.
    pub fn symbol(name: impl Into<Arc<str>>) -> Self {
        Self::Symbolic(Arc::new(Polynomial::of(Atom::Symbol(name.into()))))
    }

    /// The number, when it is known.
    pub fn known(&self) -> Option<usize> {
        match self {
            Self::Known(size) => Some(*size),
            _ => None,
        }
    }

    /// The name, of a dimension that is a symbol and nothing more.
    pub fn name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Symbolic(sum) => sum.symbol(),
            _ => None,
        }
    }

    /// Whether the two can be the same number.
    pub fn agrees(&self, other: &Self) -> bool {
        *self == Self::Unknown || *other == Self::Unknown || self == other
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, usize::checked_add, |a, b| a.plus(b, 1))
    }

    /// The difference; [`Dim::Unknown`] where it is a negative number.
    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, usize::checked_sub, |a, b| a.plus(b, -1))
    }

    /// The product.
    pub fn times(&self, other: &Self) -> Self {
        self.with(other, usize::checked_mul, Polynomial::times)
    }

    /// What times `other` this is, where `other` is one product and nothing is left over: of `4 * H * W` by `H` it is `4 * W`.
    pub fn quotient(&self, other: &Self) -> Option<Self> {
        let (sum, divisor) = (self.polynomial()?, other.polynomial()?);
        let mut terms = divisor.terms.iter();
        let ((by, count), None) = (terms.next()?, terms.next()) else { return None };
        let mut quotient = BTreeMap::new();
        for (product, times) in &sum.terms {
            quotient.insert(product.without(by)?, times.checked_mul(divisor.denominator)?);
        }
        let denominator = sum.denominator.checked_mul(*count)?;
        let whole = Polynomial { terms: quotient, denominator }.reduced();
        (denominator > 0 && whole.denominator == 1).then(|| Self::from(whole))
    }

    /// `self - other`, where that is a number whatever the symbols are; it may be negative.
    pub fn difference(&self, other: &Self) -> Option<i64> {
        if let (Self::Known(a), Self::Known(b)) = (self, other) {
            return i64::try_from(*a).ok()?.checked_sub(i64::try_from(*b).ok()?);
        }
        self.polynomial()?.plus(&*other.polynomial()?, -1)?.constant()
    }

    /// The symbols it depends on, in order, each once.
    pub fn symbols(&self) -> Vec<Arc<str>> {
        let mut symbols = Vec::new();
        if let Self::Symbolic(sum) = self {
            sum.symbols(&mut symbols);
            symbols.sort();
            symbols.dedup();
        }
        symbols
    }

    /// The number it is for these sizes; nothing where a size is missing or the number is negative or no whole one.
    pub fn at(&self, sizes: &Sizes) -> Option<usize> {
        match self {
            Self::Known(size) => Some(*size),
            Self::Symbolic(sum) => usize::try_from(sum.at(sizes)?).ok(),
            Self::Unknown => None,
        }
    }

    /// The dimension with other dimensions in place of symbols; those not named stay.
    pub fn substitute(&self, dims: &BTreeMap<Arc<str>, Dim>) -> Self {
        match self {
            Self::Symbolic(sum) => sum.substitute(dims),
            other => other.clone(),
        }
    }

    /// What a symbol must be so that this dimension is `value`, where this dimension is one symbol times a number plus a
    /// number, as in `2 * T - 1`.
    pub fn solve(&self, value: &Self) -> Option<(Arc<str>, Dim)> {
        let Self::Symbolic(sum) = self else { return None };
        let (symbol, factor, offset) = sum.linear()?;
        let value = value.polynomial()?;
        // (factor * symbol + offset) / denominator = value
        let scaled = value.times(&Polynomial::number(sum.denominator))?.plus(&Polynomial::number(offset), -1)?;
        let denominator = scaled.denominator.checked_mul(factor.abs())?;
        let sign = factor.signum();
        let terms = scaled.terms.into_iter().map(|(product, count)| (product, count * sign)).collect();
        let solved = Polynomial { terms, denominator }.reduced();
        // A number must come out whole; of symbols nobody knows that.
        let dim = Dim::from(solved);
        (dim != Dim::Unknown).then_some((symbol, dim))
    }

    fn polynomial(&self) -> Option<std::borrow::Cow<'_, Polynomial>> {
        use std::borrow::Cow;
        match self {
            Self::Known(size) => i64::try_from(*size).ok().map(|size| Cow::Owned(Polynomial::number(size))),
            Self::Symbolic(sum) => Some(Cow::Borrowed(sum)),
            Self::Unknown => None,
        }
    }

    fn with(
        &self,
        other: &Self,
        of_numbers: impl Fn(usize, usize) -> Option<usize>,
        of_sums: impl Fn(&Polynomial, &Polynomial) -> Option<Polynomial>,
    ) -> Self {
        if let (Self::Known(a), Self::Known(b)) = (self, other) {
            return of_numbers(*a, *b).filter(|size| i64::try_from(*size).is_ok()).map_or(Self::Unknown, Self::Known);
        }
        match (self.polynomial(), other.polynomial()) {
            (Some(a), Some(b)) => of_sums(&a, &b).map_or(Self::Unknown, Self::from),
            _ => Self::Unknown,
        }
    }
}

/// The polynomial of the batch dimension. Every shape has one, so it is made once, and most are that one.
fn batch() -> &'static Arc<Polynomial> {
    static BATCH: std::sync::OnceLock<Arc<Polynomial>> = std::sync::OnceLock::new();
    BATCH.get_or_init(|| Arc::new(Polynomial::of(Atom::Symbol("N".into()))))
}

impl From<Polynomial> for Dim {
    fn from(sum: Polynomial) -> Self {
        match sum.constant() {
            Some(number) => usize::try_from(number).map_or(Self::Unknown, Self::Known),
            None if sum.terms.keys().all(|product| product.0.is_empty()) => Self::Unknown,
            None if sum.terms.len() > MAX_TERMS => Self::Unknown,
            None => Self::Symbolic(Arc::new(sum)),
        }
    }
}

impl Polynomial {
    /// The terms of the sum: how often each product is taken, and its factors with their powers.
    pub fn terms(&self) -> impl Iterator<Item = (i64, impl Iterator<Item = (&Atom, u32)>)> {
        self.terms.iter().map(|(product, count)| (*count, product.0.iter().map(|(atom, power)| (atom, *power))))
    }

    /// What the sum is divided by; it comes out even.
    pub fn denominator(&self) -> i64 {
        self.denominator
    }

    fn number(number: i64) -> Self {
        let terms = if number == 0 { BTreeMap::new() } else { BTreeMap::from([(Product(BTreeMap::new()), number)]) };
        Self { terms, denominator: 1 }
    }

    fn of(atom: Atom) -> Self {
        Self { terms: BTreeMap::from([(Product(BTreeMap::from([(atom, 1)])), 1)]), denominator: 1 }
    }

    /// The whole number it is, if it depends on nothing.
    fn constant(&self) -> Option<i64> {
        let mut terms = self.terms.iter();
        match (terms.next(), terms.next()) {
            (None, _) => Some(0),
            (Some((product, number)), None) if product.0.is_empty() && self.denominator == 1 => Some(*number),
            _ => None,
        }
    }

    fn symbol(&self) -> Option<&Arc<str>> {
        match self.linear()? {
            (_, 1, 0) if self.denominator == 1 => self.terms.keys().next().and_then(|product| product.symbol()),
            _ => None,
        }
    }

    /// The symbol, what it is taken times and what is added, before the division.
    fn linear(&self) -> Option<(Arc<str>, i64, i64)> {
        let mut terms = self.terms.iter();
        let (product, factor) = terms.next()?;
        let symbol = product.symbol()?.clone();
        match (terms.next(), terms.next()) {
            (None, _) => Some((symbol, *factor, 0)),
            (Some((product, offset)), None) if product.0.is_empty() => Some((symbol, *factor, *offset)),
            _ => None,
        }
    }

    /// `self + sign * other`
    fn plus(&self, other: &Self, sign: i64) -> Option<Self> {
        let shared = gcd(self.denominator, other.denominator);
        let (own, its) = (other.denominator / shared, self.denominator / shared);
        let denominator = self.denominator.checked_mul(own)?;
        let mut terms = BTreeMap::new();
        for (product, count) in &self.terms {
            terms.insert(product.clone(), count.checked_mul(own)?);
        }
        for (product, count) in &other.terms {
            let term: &mut i64 = terms.entry(product.clone()).or_default();
            *term = term.checked_add(count.checked_mul(its)?.checked_mul(sign)?)?;
        }
        Some(Self { terms, denominator }.reduced())
    }

    fn times(&self, other: &Self) -> Option<Self> {
        if self.terms.len() * other.terms.len() > MAX_TERMS * MAX_TERMS {
            return None;
        }
        let mut terms: BTreeMap<Product, i64> = BTreeMap::new();
        for (a, count) in &self.terms {
            for (b, times) in &other.terms {
                let term = terms.entry(a.times(b)).or_default();
                *term = term.checked_add(count.checked_mul(*times)?)?;
            }
        }
        Some(Self { terms, denominator: self.denominator.checked_mul(other.denominator)? }.reduced())
    }

    /// Without terms that are zero and factors that cancel.
    fn reduced(mut self) -> Self {
        self.terms.retain(|_, count| *count != 0);
        let shared = self.terms.values().fold(self.denominator, |shared, count| gcd(shared, *count));
        if shared > 1 {
            self.denominator /= shared;
            self.terms.values_mut().for_each(|count| *count /= shared);
        }
        if self.terms.is_empty() {
            self.denominator = 1;
        }
        self
    }

    fn symbols(&self, all: &mut Vec<Arc<str>>) {
        for atom in self.terms.keys().flat_map(|product| product.0.keys()) {
            match atom {
                Atom::Symbol(name) => all.push(name.clone()),
                Atom::Floor(sum, _) => sum.symbols(all),
            }
        }
    }

    fn at(&self, sizes: &Sizes) -> Option<i64> {
        let mut sum = 0_i64;
        for (product, count) in &self.terms {
            let mut term = *count;
            for (atom, power) in &product.0 {
                let size = match atom {
                    Atom::Symbol(name) => i64::try_from(*sizes.get(name)?).ok()?,
                    Atom::Floor(sum, divisor) => sum.at(sizes)?.div_euclid(*divisor),
                };
                term = term.checked_mul(size.checked_pow(*power)?)?;
            }
            sum = sum.checked_add(term)?;
        }
        (sum % self.denominator == 0).then(|| sum / self.denominator)
    }

    fn substitute(&self, dims: &BTreeMap<Arc<str>, Dim>) -> Dim {
        let mut sum = Dim::Known(0);
        for (product, count) in &self.terms {
            let Some(mut term) = Self::number(*count).times(&Self::number(1)) else { return Dim::Unknown };
            for (atom, power) in &product.0 {
                let dim = match atom {
                    Atom::Symbol(name) => dims.get(name).cloned().unwrap_or_else(|| Dim::symbol(name.clone())),
                    Atom::Floor(inner, divisor) => {
                        Facts::default().floor_div(&inner.substitute(dims), *divisor as usize)
                    }
                };
                for _ in 0..*power {
                    let Some(product) = dim.polynomial().and_then(|dim| term.times(&dim)) else { return Dim::Unknown };
                    term = product;
                }
            }
            let Some(whole) = sum.polynomial().and_then(|whole| whole.plus(&term, 1)) else { return Dim::Unknown };
            // Kept as a polynomial until the end: a part of a sum may be negative.
            sum = Dim::Symbolic(Arc::new(whole));
        }
        let Some(whole) = sum.polynomial() else { return Dim::Unknown };
        let Some(denominator) = whole.denominator.checked_mul(self.denominator) else { return Dim::Unknown };
        Dim::from(Self { terms: whole.terms.clone(), denominator }.reduced())
    }
}

impl Product {
    fn times(&self, other: &Self) -> Self {
        let mut factors = self.0.clone();
        for (atom, power) in &other.0 {
            *factors.entry(atom.clone()).or_default() += power;
        }
        Self(factors)
    }

    /// The factors that are left when those of another are taken out; nothing where one of them is not there.
    fn without(&self, other: &Self) -> Option<Self> {
        let mut factors = self.0.clone();
        for (atom, power) in &other.0 {
            let left = factors.get(atom)?.checked_sub(*power)?;
            match left {
                0 => factors.remove(atom),
                left => factors.insert(atom.clone(), left),
            };
        }
        Some(Self(factors))
    }

    fn symbol(&self) -> Option<&Arc<str>> {
        match self.0.iter().next() {
            Some((Atom::Symbol(name), 1)) if self.0.len() == 1 => Some(name),
            _ => None,
        }
    }

    fn degree(&self) -> u32 {
        self.0.values().sum()
    }
}

impl Ord for Product {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.degree().cmp(&self.degree()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Product {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(1).max(1)
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(size) => write!(f, "{size}"),
            Self::Symbolic(sum) => sum.fmt(f),
            Self::Unknown => f.write_str("?"),
        }
    }
}

impl fmt::Display for Polynomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let divided = self.denominator != 1;
        let brackets = divided && self.terms.len() > 1;
        if brackets {
            f.write_str("(")?;
        }
        for (place, (product, count)) in self.terms.iter().enumerate() {
            match (place, *count < 0) {
                (0, false) => {}
                (0, true) => f.write_str("-")?,
                (_, false) => f.write_str(" + ")?,
                (_, true) => f.write_str(" - ")?,
            }
            match (count.unsigned_abs(), product.0.is_empty()) {
                (count, true) => write!(f, "{count}")?,
                (1, false) => product.fmt(f)?,
                (count, false) => write!(f, "{count} * {product}")?,
            }
        }
        if brackets {
            f.write_str(")")?;
        }
        if divided { write!(f, " / {}", self.denominator) } else { Ok(()) }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (atom, power)) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" * ")?;
            }
            match atom {
                Atom::Symbol(name) => f.write_str(name)?,
                Atom::Floor(sum, divisor) if sum.symbol().is_some() => write!(f, "{sum}//{divisor}")?,
                Atom::Floor(sum, divisor) => write!(f, "({sum})//{divisor}")?,
            }
            if *power > 1 {
                write!(f, " ** {power}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t() -> Dim {
        Dim::symbol("T")
    }

    #[test]
    fn products_divide() {
        let (h, w) = (Dim::symbol("H"), Dim::symbol("W"));
        let area = h.times(&w).times(&Dim::Known(4));
        assert_eq!(area.quotient(&h), Some(w.times(&Dim::Known(4))));
        assert_eq!(area.quotient(&h.times(&w)), Some(Dim::Known(4)));
        assert_eq!(area.quotient(&Dim::Known(3)), None);
        assert_eq!(area.quotient(&h.times(&h)), None);
        assert_eq!(h.plus(&Dim::Known(1)).quotient(&h), None);
        assert_eq!(Dim::Known(12).quotient(&Dim::Known(4)), Some(Dim::Known(3)));
        assert_eq!(Dim::Known(12).quotient(&Dim::Known(0)), None);
    }

    #[test]
    fn sums_have_one_form() {
        let less = t().minus(&Dim::Known(1));
        assert_eq!(less.to_string(), "T - 1");
        assert_eq!(less.plus(&Dim::Known(1)), t());
        assert_eq!(t().times(&Dim::Known(4)).to_string(), "4 * T");
        assert_eq!(t().plus(&Dim::symbol("S")).times(&t()).to_string(), "S * T + T ** 2");
        assert_eq!(t().minus(&t()), Dim::Known(0));
        assert_eq!(Dim::Known(3).minus(&Dim::Known(4)), Dim::Unknown, "no dimension is negative");
        assert_eq!(t().difference(&t().plus(&Dim::Known(2))), Some(-2));
        assert_eq!(t().name().map(|name| &**name), Some("T"));
        assert_eq!(less.name(), None);
    }

    #[test]
    fn a_division_rounds_down_unless_it_is_known_to_come_out_even() {
        let mut facts = Facts::default();
        let half = facts.floor_div(&t(), 2);
        assert_eq!(half.to_string(), "T//2");
        assert_ne!(half.times(&Dim::Known(2)), t());
        assert_eq!(facts.floor_div(&t().times(&Dim::Known(2)).plus(&Dim::Known(3)), 2).to_string(), "T + 1");
        assert_eq!(facts.ceil_div(&t().plus(&Dim::Known(1)), 2).to_string(), "T//2 + 1");
        facts.multiple("T", 16);
        let quarter = facts.floor_div(&facts.floor_div(&t(), 2), 2);
        assert_eq!(quarter.to_string(), "T / 4");
        assert_eq!(quarter.times(&Dim::Known(4)), t());
        assert_eq!(facts.floor_div(&t().minus(&Dim::Known(2)), 2).to_string(), "(T - 2) / 2");
        assert!(facts.divides(&quarter, 4) && !facts.divides(&quarter, 8));
        assert_eq!(facts.remainder(&t(), 8), Dim::Known(0));
    }

    #[test]
    fn a_dimension_is_a_number_once_its_symbols_are() {
        let facts = Facts::default();
        let dim = facts.floor_div(&t().times(&Dim::Known(3)).minus(&Dim::Known(1)), 2);
        assert_eq!(dim.to_string(), "(3 * T - 1)//2");
        let sizes = |size| Sizes::from([("T".into(), size)]);
        assert_eq!(dim.at(&sizes(5)), Some(7));
        assert_eq!(t().minus(&Dim::Known(9)).at(&sizes(5)), None, "no dimension is negative");
        assert_eq!(dim.at(&Sizes::new()), None);
        assert_eq!(dim.substitute(&BTreeMap::from([("T".into(), Dim::Known(5))])), Dim::Known(7));
        assert_eq!(dim.substitute(&BTreeMap::from([("T".into(), Dim::symbol("S"))])).to_string(), "(3 * S - 1)//2");
    }

    #[test]
    fn a_symbol_is_solved_for() {
        let dim = t().times(&Dim::Known(2)).minus(&Dim::Known(1));
        assert_eq!(dim.solve(&Dim::Known(9)), Some(("T".into(), Dim::Known(5))));
        assert_eq!(dim.solve(&Dim::Known(8)), None, "not a whole number");
        assert_eq!(t().solve(&Dim::symbol("S")), Some(("T".into(), Dim::symbol("S"))));
        assert_eq!(t().times(&t()).solve(&Dim::Known(9)), None);
    }
}
