//! Quantities: numbers with a unit glued to them, and the units there are.

use std::fmt;

use crate::suggest::nearest;

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Time that passes.
    Duration,
    /// A price.
    Money,
    /// Memory, or the size of a file.
    Size,
}

/// One unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// As it is written: `ms`.
    pub name: &'static str,
    /// What it measures.
    pub measure: Measure,
    /// How much of the measure's base one of it is: seconds, bytes; of a currency 1.
    pub factor: f64,
    /// What others write for it.
    pub aliases: &'static [&'static str],
}

/// A number and its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// The number as it is written.
    pub number: f64,
    /// Its unit.
    pub unit: &'static Unit,
}

const fn unit(name: &'static str, measure: Measure, factor: f64, aliases: &'static [&'static str]) -> Unit {
    Unit { name, measure, factor, aliases }
}

/// Every unit, in the order the docs list them.
pub const UNITS: &[Unit] = &[
    unit("ms", Measure::Duration, 1e-3, &["msec", "msecs", "millis", "milliseconds", "millisecond"]),
    unit("s", Measure::Duration, 1.0, &["sec", "secs", "second", "seconds"]),
    unit("m", Measure::Duration, 60.0, &["min", "mins", "minute", "minutes"]),
    unit("h", Measure::Duration, 3600.0, &["hr", "hrs", "hour", "hours"]),
    unit("d", Measure::Duration, 86_400.0, &["day", "days"]),
    unit("usd", Measure::Money, 1.0, &["dollar", "dollars", "USD"]),
    unit("eur", Measure::Money, 1.0, &["euro", "euros", "EUR"]),
    unit("gbp", Measure::Money, 1.0, &["pound", "pounds", "GBP"]),
    unit("jpy", Measure::Money, 1.0, &["yen", "JPY"]),
    unit("chf", Measure::Money, 1.0, &["francs", "CHF"]),
    unit("B", Measure::Size, 1.0, &["byte", "bytes", "b"]),
    unit("KB", Measure::Size, 1e3, &["kb", "K", "k", "Kb"]),
    unit("MB", Measure::Size, 1e6, &["mb", "M", "Mb"]),
    unit("GB", Measure::Size, 1e9, &["gb", "G", "g", "Gb"]),
    unit("TB", Measure::Size, 1e12, &["tb", "T", "Tb"]),
    unit("KiB", Measure::Size, 1024.0, &["kib", "Ki"]),
    unit("MiB", Measure::Size, 1_048_576.0, &["mib", "Mi"]),
    unit("GiB", Measure::Size, 1_073_741_824.0, &["gib", "Gi"]),
];

/// The unit written as `name`.
pub fn find(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.name == name)
}

/// The unit that `name` was probably meant to be; where something is wanted, one that measures it.
pub fn meant(name: &str, wanted: Option<Measure>) -> Option<&'static Unit> {
    let fitting = || UNITS.iter().filter(|unit| wanted.is_none_or(|wanted| unit.measure == wanted));
    let near = || nearest(name, fitting().map(|unit| unit.name)).and_then(find);
    fitting().find(|unit| unit.aliases.contains(&name)).or_else(near)
}

impl Measure {
    /// What it is called in messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Duration => "a duration",
            Self::Money => "an amount of money",
            Self::Size => "a size",
        }
    }

    /// The names of its units.
    pub fn units(self) -> impl Iterator<Item = &'static str> {
        UNITS.iter().filter(move |unit| unit.measure == self).map(|unit| unit.name)
    }

    /// The unit that a number without one most probably has.
    pub fn usual(self) -> &'static str {
        match self {
            Self::Duration => "s",
            Self::Money => "usd",
            Self::Size => "MB",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Duration => "30s",
            Self::Money => "2.00usd",
            Self::Size => "512MB",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} such as `{}`", self.noun(), self.example())
    }
}

impl Quantity {
    /// In the base of its measure: seconds, bytes; of money in its currency.
    pub fn amount(&self) -> f64 {
        self.number * self.unit.factor
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, self.unit.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_write_is_understood_as_far_as_a_suggestion() {
        assert_eq!(meant("sec", None).map(|unit| unit.name), Some("s"));
        assert_eq!(meant("dollars", Some(Measure::Money)).map(|unit| unit.name), Some("usd"));
        assert_eq!(meant("gb", None).map(|unit| unit.name), Some("GB"));
        assert_eq!(meant("parsecs", Some(Measure::Money)), None);
    }

    #[test]
    fn an_amount_is_in_the_base_of_its_measure() {
        let of = |number, unit| Quantity { number, unit: find(unit).unwrap() }.amount();
        assert_eq!(of(2.0, "h"), 7200.0);
        assert_eq!(of(1.5, "KiB"), 1536.0);
    }

    #[test]
    fn no_name_or_alias_stands_for_two_units() {
        let all: Vec<_> = UNITS.iter().flat_map(|unit| unit.aliases.iter().chain([&unit.name])).collect();
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(all.len(), distinct.len());
    }
}
