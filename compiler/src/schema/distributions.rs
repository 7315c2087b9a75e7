//! How the values of a column are drawn: each distribution is one entry here, read by the checker, generation, hover and the docs.

use ndsl_grammar::Span;

use super::datum::Datum;
use super::expression::{Expression, Piece};
use super::types::Base;
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// Which distribution it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The bell curve.
    Normal,
    /// Any between two numbers, each as likely.
    Uniform,
    /// A number whose logarithm is normal.
    LogNormal,
    /// Waiting for something that comes at a steady rate.
    Exponential,
    /// A sum of waits.
    Gamma,
    /// A share.
    Beta,
    /// A heavy tail above a least value.
    Pareto,
    /// How often something rare happens.
    Poisson,
    /// How many of some trials succeed.
    Binomial,
    /// How many trials until one succeeds.
    Geometric,
    /// Ranks, the first by far the most frequent.
    Zipf,
    /// `true` with a probability.
    Bernoulli,
    /// One of some values.
    Categorical,
    /// One of some distributions.
    Mixture,
    /// Another distribution, cut off at two ends.
    Truncated,
    /// A column of a file.
    Empirical,
    /// Always the same.
    Constant,
    /// Counting up.
    Sequence,
    /// How many rows refer to each row.
    PerParent,
    /// Moments at which offices are open.
    BusinessHours,
    /// Moments that come more often at one part of a period.
    Seasonal,
    /// Moments that come more often as years pass.
    Trend,
    /// Written by a language model.
    Llm,
}

/// One distribution.
#[derive(Debug)]
pub struct DistributionDef {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// Which it is.
    pub family: Family,
    /// The columns it can fill.
    pub takes: &'static [Base],
    /// What other tools call it.
    pub aliases: &'static [&'static str],
}

impl PartialEq for DistributionDef {
    fn eq(&self, other: &Self) -> bool {
        self.family == other.family
    }
}

/// A way to draw, with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// What is done.
    pub kind: DrawKind,
    /// Where it stands.
    pub span: Span,
}

/// What is done to draw a value.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawKind {
    /// A distribution with its parameters.
    From {
        /// Which.
        def: &'static DistributionDef,
        /// Its parameters by name: those given, and those with a default.
        given: Vec<(&'static str, Given)>,
    },
    /// `if plan == free { … } else { … }`: one distribution or another, row by row.
    If {
        /// The conditions with what is drawn from; the first that is true counts.
        branches: Vec<(Expression, Draw)>,
        /// What is drawn from where none is true.
        otherwise: Box<Draw>,
    },
    /// Not known, because a fault was reported.
    Unknown,
}

/// What a parameter of a distribution was given.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A value that may depend on the row's other columns.
    Value(Expression),
    /// Another distribution.
    Draw(Box<Draw>),
    /// Several distributions.
    Draws(Vec<Draw>),
    /// Several values of the column's type.
    Values(Vec<Datum>),
    /// Shares that sum to 1.
    Shares(Vec<f64>),
    /// A range in the column's own unit; none for no end on that side. Whether the largest is in it.
    Range(Option<Datum>, Option<Datum>, bool),
    /// A word, or a text.
    Word(String),
    /// A text with columns in it.
    Template(Vec<Piece>),
}

impl Draw {
    /// What a parameter was given.
    pub fn given(&self, name: &str) -> Option<&Given> {
        match &self.kind {
            DrawKind::From { given, .. } => given.iter().find(|(key, _)| *key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The expression a parameter was given.
    pub fn value(&self, name: &str) -> Option<&Expression> {
        match self.given(name) {
            Some(Given::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// Hands on what each parameter was given, those of the distributions within it too.
    pub fn each_given<'d>(&'d self, each: &mut dyn FnMut(&'static DistributionDef, &'static str, &'d Given)) {
        match &self.kind {
            DrawKind::From { def, given } => {
                for (name, given) in given {
                    each(def, name, given);
                    match given {
                        Given::Draw(draw) => draw.each_given(each),
                        Given::Draws(draws) => draws.iter().for_each(|draw| draw.each_given(each)),
                        _ => {}
                    }
                }
            }
            DrawKind::If { branches, otherwise } => {
                branches.iter().for_each(|(_, draw)| draw.each_given(each));
                otherwise.each_given(each);
            }
            DrawKind::Unknown => {}
        }
    }

    /// Hands on every expression its parameters and conditions hold.
    pub fn each_expression<'d>(&'d self, each: &mut dyn FnMut(&'d Expression)) {
        match &self.kind {
            DrawKind::From { given, .. } => {
                for (_, given) in given {
                    match given {
                        Given::Value(value) => each(value),
                        Given::Draw(draw) => draw.each_expression(each),
                        Given::Draws(draws) => draws.iter().for_each(|draw| draw.each_expression(each)),
                        Given::Template(pieces) => pieces.iter().for_each(|piece| {
                            if let Piece::Hole(value) = piece {
                                each(value);
                            }
                        }),
                        Given::Values(_) | Given::Shares(_) | Given::Range(..) | Given::Word(_) => {}
                    }
                }
            }
            DrawKind::If { branches, otherwise } => {
                for (condition, draw) in branches {
                    each(condition);
                    draw.each_expression(each);
                }
                otherwise.each_expression(each);
            }
            DrawKind::Unknown => {}
        }
    }
}

/// A value of the column's own type.
pub const OF_COLUMN: Kind = Kind::Special("a value of the column's type");
/// How far values spread.
pub const SPREAD: Kind = Kind::Special("a number above 0, or a length of time such as `30d` for dates");
/// Another distribution.
pub const DISTRIBUTION: Kind = Kind::Special("a distribution");
/// Several distributions.
pub const DISTRIBUTIONS: Kind = Kind::Special("a list of distributions");
/// Several values.
pub const VALUES: Kind = Kind::Special("a list of values of the column's type");
/// Shares.
pub const SHARES: Kind = Kind::Special("a list of shares that sum to 100%");
/// A range.
pub const RANGE: Kind = Kind::Special("a range of values of the column's type");
/// A text with holes.
pub const TEMPLATE: Kind = Kind::Special("a text between quotes; `{column}` stands for a value of the row");
/// A day.
pub const MOMENT: Kind = Kind::Special("a date or a datetime");
/// A time of day.
pub const CLOCK: Kind = Kind::Special("a time such as `09:00`");
/// The name of a provider.
pub const PROVIDER: Kind = Kind::Special("the name of a provider");

const CHANCE: Bounds = Bounds { min: 0.0, min_included: true, max: 1.0, max_included: true };
const ABOVE_ZERO_TO_ONE: Bounds = Bounds { min: 0.0, min_included: false, max: 1.0, max_included: true };
const ABOVE_ONE: Bounds = Bounds { min: 1.0, min_included: false, max: f64::INFINITY, max_included: false };
const ABOVE_MINUS_ONE: Bounds = Bounds { min: -1.0, min_included: false, max: f64::INFINITY, max_included: false };

const NUMBERS: &[Base] = &[Base::Int, Base::Float, Base::Decimal];
const MEASURED: &[Base] = &[Base::Int, Base::Float, Base::Decimal, Base::Date, Base::DateTime, Base::Time];
const MOMENTS: &[Base] = &[Base::Date, Base::DateTime];
const ALL: &[Base] = &[
    Base::Int,
    Base::Float,
    Base::Decimal,
    Base::Bool,
    Base::Text,
    Base::Date,
    Base::DateTime,
    Base::Time,
    Base::Enum,
];

const fn number(name: &'static str, bounds: Bounds, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Computed(bounds), Default::Required, summary)
}

const fn required(name: &'static str, kind: Kind, summary: &'static str) -> Parameter {
    Parameter::new(name, kind, Default::Required, summary)
}

macro_rules! def {
    ($name:literal, $family:ident, $takes:expr, $parameters:expr, $summary:literal, $details:literal, $example:literal,
     [$($alias:literal),*]) => {
        DistributionDef {
            signature: Signature {
                name: $name,
                summary: $summary,
                details: $details,
                parameters: $parameters,
                example: $example,
            },
            family: Family::$family,
            takes: $takes,
            aliases: &[$($alias),*],
        }
    };
}

/// Every distribution, in the order the docs list them.
pub const FAMILIES: &[DistributionDef] = &[
    def!(
        "normal",
        Normal,
        MEASURED,
        &[
            required("mean", OF_COLUMN, "The middle.").also(&["mu", "loc"]),
            required("deviation", SPREAD, "The standard deviation.").also(&["sigma", "std", "stddev", "scale"]),
        ],
        "The bell curve around a mean.",
        "",
        "age: int in 18..=95 ~ normal(41, 14)",
        ["gaussian", "gauss", "norm"]
    ),
    def!(
        "uniform",
        Uniform,
        MEASURED,
        &[
            required("min", OF_COLUMN, "The least.").also(&["low", "a"]),
            required("max", OF_COLUMN, "The largest.").also(&["high", "b"]),
        ],
        "Any value between two, each as likely, both ends included.",
        "",
        "score: float ~ uniform(0, 1)",
        ["randint", "random", "between"]
    ),
    def!(
        "lognormal",
        LogNormal,
        NUMBERS,
        &[
            number("mean", Bounds::ANY, "The mean of the logarithm.").also(&["mu"]),
            number("deviation", Bounds::POSITIVE, "The standard deviation of the logarithm.").also(&["sigma", "std"]),
        ],
        "A number whose logarithm is normal: incomes, sizes, durations.",
        "",
        "income: decimal(2) in 0.. ~ lognormal(10.4, 0.5)",
        ["log_normal"]
    ),
    def!(
        "exponential",
        Exponential,
        NUMBERS,
        &[number("rate", Bounds::POSITIVE, "How many come in one unit; the mean is its inverse.")
            .also(&["lambda", "lambd"])],
        "The wait for something that comes at a steady rate.",
        "",
        "wait: float ~ exponential(0.2)",
        ["expon", "exp"]
    ),
    def!(
        "gamma",
        Gamma,
        NUMBERS,
        &[
            number("shape", Bounds::POSITIVE, "How many waits are summed.").also(&["alpha", "k"]),
            number("scale", Bounds::POSITIVE, "The mean of one.").also(&["theta"]),
        ],
        "A sum of waits; its mean is `shape * scale`.",
        "",
        "duration: float ~ gamma(2, 3.5)",
        ["erlang"]
    ),
    def!(
        "beta",
        Beta,
        NUMBERS,
        &[
            number("alpha", Bounds::POSITIVE, "The weight near 1.").also(&["a"]),
            number("beta", Bounds::POSITIVE, "The weight near 0.").also(&["b"]),
        ],
        "A share between 0 and 1; its mean is `alpha / (alpha + beta)`.",
        "",
        "open_rate: float in 0.0..=1.0 ~ beta(2, 5)",
        []
    ),
    def!(
        "pareto",
        Pareto,
        NUMBERS,
        &[
            number("minimum", Bounds::POSITIVE, "The least value.").also(&["scale", "xm"]),
            number("shape", Bounds::POSITIVE, "How fast the tail falls; the smaller, the heavier.").also(&["alpha"]),
        ],
        "A heavy tail above a least value: wealth, file sizes, followers.",
        "",
        "followers: int ~ pareto(1, 1.2)",
        ["powerlaw"]
    ),
    def!(
        "poisson",
        Poisson,
        NUMBERS,
        &[number("mean", Bounds::POSITIVE, "How many on average.").also(&["lambda", "lam", "rate", "mu"])],
        "How often something happens that is rare at any moment.",
        "",
        "visits: int ~ poisson(4)",
        []
    ),
    def!(
        "binomial",
        Binomial,
        NUMBERS,
        &[
            number("trials", Bounds::NON_NEGATIVE, "How many are tried.").also(&["n"]),
            number("probability", CHANCE, "The chance of each, from 0 to 1.").also(&["p", "prob"]),
        ],
        "How many of some trials succeed.",
        "",
        "opened: int ~ binomial(10, 30%)",
        []
    ),
    def!(
        "geometric",
        Geometric,
        NUMBERS,
        &[number("probability", ABOVE_ZERO_TO_ONE, "The chance of each trial.").also(&["p", "prob"])],
        "How many trials it takes until one succeeds, from 1.",
        "",
        "quantity: int in 1..=20 ~ geometric(0.4)",
        []
    ),
    def!(
        "zipf",
        Zipf,
        NUMBERS,
        &[number("exponent", ABOVE_ONE, "How much rarer each rank is than the one before.").also(&["a", "s", "alpha"])],
        "Ranks from 1, where rank `k` has a weight of `1 / k ** exponent`.",
        "",
        "rank: int in 1..=1000 ~ zipf(1.1)",
        ["zeta"]
    ),
    def!(
        "bernoulli",
        Bernoulli,
        &[Base::Bool],
        &[number("probability", CHANCE, "The chance of `true`.").also(&["p", "prob"])],
        "`true` with a probability, which may depend on other columns.",
        "",
        "churned: bool ~ bernoulli(if plan == free { 0.3 } else { 0.05 })",
        ["coin", "flip"]
    ),
    def!(
        "categorical",
        Categorical,
        ALL,
        &[
            required("values", VALUES, "What is drawn.").also(&["labels", "choices"]),
            Parameter::new("weights", SHARES, Default::Absent("all as likely"), "The share of each.")
                .also(&["p", "probabilities"]),
        ],
        "One of a few values.",
        "The labels of an enum have their shares in its type instead.",
        "size: int ~ categorical([1, 2, 5], weights=[50%, 30%, 20%])",
        ["choice", "choices", "discrete", "weighted"]
    ),
    def!(
        "mixture",
        Mixture,
        ALL,
        &[
            required("parts", DISTRIBUTIONS, "What is drawn from."),
            Parameter::new("weights", SHARES, Default::Absent("all as likely"), "The share of each.").also(&["p"]),
        ],
        "One of several distributions, drawn for each row.",
        "",
        "height: float ~ mixture([normal(165, 7), normal(178, 8)], weights=[50%, 50%])",
        ["mix"]
    ),
    def!(
        "truncated",
        Truncated,
        MEASURED,
        &[
            required("distribution", DISTRIBUTION, "What is drawn from."),
            required("range", RANGE, "What may come of it."),
        ],
        "Another distribution with its tails cut off.",
        "`in` on the column does the same and is also checked in data.",
        "latency: float ~ truncated(lognormal(3, 1), 0.0..=500.0)",
        ["truncnorm", "truncated_normal", "clipped"]
    ),
    def!(
        "empirical",
        Empirical,
        ALL,
        &[
            required("path", Kind::Text, "A CSV, JSON or Parquet file, relative to the program."),
            required("column", Kind::Column, "Its column."),
        ],
        "The values of a column of a file, as often as they stand there.",
        "",
        "price: decimal(2) ~ empirical(\"prices.csv\", price)",
        ["histogram", "from_file", "sample"]
    ),
    def!(
        "constant",
        Constant,
        ALL,
        &[required("value", OF_COLUMN, "The value.")],
        "Always the same value.",
        "",
        "version: int ~ constant(3)",
        ["fixed"]
    ),
    def!(
        "sequence",
        Sequence,
        MEASURED,
        &[
            Parameter::new(
                "start",
                OF_COLUMN,
                Default::Absent("1; a date starts at its range's least"),
                "The first row's value."
            ),
            Parameter::new(
                "step",
                SPREAD,
                Default::Absent("1; a day for dates, a second for datetimes and times"),
                "What each row adds."
            ),
        ],
        "Counting up, row by row.",
        "",
        "id: int key ~ sequence(start=1000)",
        ["autoincrement", "counter", "increment", "serial"]
    ),
    def!(
        "per_parent",
        PerParent,
        &[Base::Reference],
        &[required("count", DISTRIBUTION, "How many rows refer to each row of the other table.")],
        "How many rows of this table each row of the other one has; this table's rows follow from it.",
        "",
        "customer: ref Customer ~ per_parent(poisson(3))",
        ["per", "children", "fanout"]
    ),
    def!(
        "business_hours",
        BusinessHours,
        &[Base::DateTime, Base::Time],
        &[
            Parameter::new("open", CLOCK, Default::Absent("09:00"), "When the day begins.").also(&["start"]),
            Parameter::new("close", CLOCK, Default::Absent("17:00"), "When it ends.").also(&["end"]),
            Parameter::new(
                "outside",
                Kind::Computed(CHANCE),
                Default::Float(0.0),
                "The share outside these hours and at weekends."
            ),
        ],
        "Moments from Monday to Friday between two times of day.",
        "",
        "opened: datetime in 2025-01-01.. ~ business_hours(open=08:00, close=18:00)",
        ["working_hours", "office_hours"]
    ),
    def!(
        "seasonal",
        Seasonal,
        MOMENTS,
        &[
            required("peak", MOMENT, "A moment at which most come; only its place in the period counts."),
            Parameter::new(
                "period",
                Kind::Choice(&["year", "month", "week", "day"]),
                Default::Word("year"),
                "How long it takes to come round."
            ),
            Parameter::new(
                "strength",
                Kind::Computed(CHANCE),
                Default::Float(0.5),
                "From 0, always as many, to 1, none half a period away."
            ),
        ],
        "Moments that come more often around one part of a period.",
        "",
        "placed: datetime in 2024-01-01..2026-01-01 ~ seasonal(2024-12-15, strength=0.8)",
        ["cyclic", "periodic"]
    ),
    def!(
        "trend",
        Trend,
        MOMENTS,
        &[number("growth", ABOVE_MINUS_ONE, "How many more come a year later: 0.2 is a fifth more.").also(&["rate"])],
        "Moments that come more often, or more rarely, as years pass.",
        "",
        "placed: datetime in 2024-01-01..2026-01-01 ~ trend(20%)",
        ["growth"]
    ),
    def!(
        "llm",
        Llm,
        &[Base::Text, Base::List, Base::Json, Base::Enum, Base::Int, Base::Float, Base::Bool],
        &[
            required("prompt", TEMPLATE, "What is asked for."),
            Parameter::new("using", PROVIDER, Default::Absent("the schema's own"), "The provider that writes it.")
                .also(&["provider", "model"]),
        ],
        "Written by a language model.",
        "`{source.quote}` stands for a column of the file the schema's rows are made from.",
        "goals: list(text) length 2..=5 ~ llm(\"Goals of a {age}-year-old.\", using=writer)",
        ["ai", "gpt", "generate"]
    ),
];

/// The distribution called `name`.
pub fn find(name: &str) -> Option<&'static DistributionDef> {
    FAMILIES.iter().find(|def| def.signature.name == name)
}

/// The distribution that others call `name`.
pub fn find_alias(name: &str) -> Option<&'static DistributionDef> {
    let plain = name.to_lowercase();
    let known = |def: &&DistributionDef| def.aliases.contains(&plain.as_str()) || def.signature.name == plain;
    FAMILIES.iter().find(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_and_alias_means_one_distribution() {
        let mut seen = HashSet::new();
        for def in FAMILIES {
            for name in std::iter::once(&def.signature.name).chain(def.aliases) {
                assert!(seen.insert(*name), "`{name}` means two distributions");
            }
            assert!(!def.takes.is_empty() && !def.signature.example.is_empty());
        }
    }
}
