//! What a layer, function, optimizer, loss, dataset or declaration takes: its parameters with their kinds, defaults and docs.
//!
//! One [`Signature`] is read by the checker, by hover and completion, and by the documentation.

use std::fmt;

use crate::plan::DeviceChoice;
use crate::settings::units::Measure;

/// The parameters of something that can be called, or the settings of a declaration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signature {
    /// Its name in the language.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What else there is to know, in Markdown; may be empty.
    pub details: &'static str,
    /// The parameters, in the order arguments without names are given to them.
    pub parameters: &'static [Parameter],
    /// A program fragment that uses it.
    pub example: &'static str,
}

/// One parameter or setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is when nothing is given.
    pub default: Default,
    /// One sentence.
    pub summary: &'static str,
    /// Names other tools give it: a use of one is an error whose fix is the name here.
    pub aliases: &'static [&'static str],
    /// Whether it is given by its name alone, never by place.
    pub by_name: bool,
    /// Checked like any other, but this version's runtime can carry out its default alone: planning refuses any other value.
    pub later: bool,
}

/// Several things one of which is chosen by its name, with parameters of its own: the optimizers, the schedules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Methods {
    /// What one of them is called: `schedule`.
    pub noun: &'static str,
    /// All of them, in the order the docs list them.
    pub all: &'static [Method],
}

/// One of several [`Methods`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Method {
    /// Its name, parameters and docs.
    pub signature: Signature,
    /// Names it is known by elsewhere: a use of one is an error whose fix is the name here.
    pub aliases: &'static [&'static str],
    /// Whether this version's runtime can carry it out.
    pub runs: bool,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number of at least `min`.
    Int {
        /// The least.
        min: i64,
    },
    /// A number in a range.
    Float(Bounds),
    /// A number in a range, which may be computed from the columns of a row.
    Computed(Bounds),
    /// `true` or `false`.
    Bool,
    /// One of a few words, bare or quoted.
    Choice(&'static [&'static str]),
    /// What computes: `cpu`, or `"cuda:1"` between quotes.
    Device,
    /// An activation by name, or called with its own parameters: `gelu(approximate=true)`.
    Activation,
    /// An initializer by name, or called with its own parameters: `random_normal(stddev=0.02)`.
    Initializer,
    /// A regularizer by name, or called with its own parameters: `l2(1e-4)`.
    Regularizer,
    /// A whole number of at least `min`, or a list of one for each axis.
    Sizes {
        /// How many axes.
        axes: usize,
        /// The least.
        min: i64,
    },
    /// How much before and after each axis: one number for all, one an axis, or one before and one after.
    Margins {
        /// How many axes.
        axes: usize,
    },
    /// A whole number of at least 1, or a symbolic dimension.
    Dim,
    /// A list of dimensions: `[28, 28, 1]`.
    Dims,
    /// A list of dimensions of which one may be -1: whatever is left.
    OpenDims,
    /// A number, or a list of numbers.
    Numbers,
    /// An axis: negative, counted from the last, or the name of a symbolic dimension.
    Axis,
    /// An axis or a list of axes.
    Axes,
    /// The axes in another order, each a negative number or the name of a symbolic dimension.
    Order,
    /// A text between quotes.
    Text,
    /// The path of a file as a text, or a list of such texts.
    Paths,
    /// A column: a bare word or a text.
    Column,
    /// A list of columns; a text may hold `*` for any characters.
    Columns,
    /// A tensor.
    Tensor,
    /// A tensor or a number.
    Operand,
    /// Tensors one after the other, or a list of them.
    Tensors,
    /// The same of tensors and numbers.
    Operands,
    /// A layer with its arguments, not applied to anything: `LSTM(64)`.
    Layer,
    /// A quantity with its unit: `30s`, `2.00usd`, `512MB`.
    Quantity(Measure),
    /// A text, or `env("NAME")` for one that is read from the environment when it is used.
    Place,
    /// `env("NAME")` alone: what must never stand in a file.
    Secret,
    /// A list of texts.
    Texts,
    /// One of several things by its name, or called with its own parameters.
    Method(&'static Methods),
    /// A list of such things, in order.
    Several(&'static Methods),
    /// Settings between braces.
    Record(&'static Signature),
    /// Something the declaration reads itself; the phrase says what.
    Special(&'static str),
}

/// The numbers a parameter allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least.
    pub min: f64,
    /// Whether the least itself is allowed.
    pub min_included: bool,
    /// The largest; infinity for none.
    pub max: f64,
    /// Whether the largest itself is allowed.
    pub max_included: bool,
}

impl Bounds {
    /// Any number.
    pub const ANY: Self = Self { min: f64::NEG_INFINITY, min_included: false, max: f64::INFINITY, max_included: false };
    /// Any number from 0 up, 0 in it.
    pub const NON_NEGATIVE: Self = Self { min: 0.0, min_included: true, max: f64::INFINITY, max_included: false };
    /// Any number above 0.
    pub const POSITIVE: Self = Self { min: 0.0, min_included: false, max: f64::INFINITY, max_included: false };
    /// From 0 to below 1.
    pub const SHARE: Self = Self { min: 0.0, min_included: true, max: 1.0, max_included: false };
    /// From 0 to 1, both in it.
    pub const UNIT: Self = Self { min: 0.0, min_included: true, max: 1.0, max_included: true };
    /// Above 0, up to 1.
    pub const FRACTION: Self = Self { min: 0.0, min_included: false, max: 1.0, max_included: true };
    /// Between 0 and 1, neither in it.
    pub const BETWEEN: Self = Self { min: 0.0, min_included: false, max: 1.0, max_included: false };
    /// From 1 up.
    pub const AT_LEAST_ONE: Self = Self { min: 1.0, min_included: true, max: f64::INFINITY, max_included: false };

    /// Whether `number` is allowed.
    pub fn contains(&self, number: f64) -> bool {
        let above = number > self.min || (self.min_included && number == self.min);
        let below = number < self.max || (self.max_included && number == self.max);
        above && below
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.min.is_finite() && !self.max.is_finite() {
            return Ok(());
        }
        f.write_str(" ")?;
        if !self.min_included && self.max.is_finite() {
            let max = if self.max_included { "at most" } else { "below" };
            return write!(f, "above {} and {max} {}", self.min, self.max);
        }
        match (self.min_included, self.max.is_finite()) {
            (true, true) => write!(f, "from {}", self.min)?,
            (true, false) => write!(f, "at least {}", self.min)?,
            (false, _) => write!(f, "above {}", self.min)?,
        }
        match (self.max.is_finite(), self.max_included) {
            (true, true) => write!(f, " to {}", self.max),
            (true, false) => write!(f, " to below {}", self.max),
            (false, _) => Ok(()),
        }
    }
}

/// What a parameter is when nothing is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It must be given.
    Required,
    /// A whole number; for a list, each of it.
    Int(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A word: a choice or an activation.
    Word(&'static str),
    /// Nothing is given, and that has a meaning of its own: the phrase says which.
    Absent(&'static str),
    /// It must be given where another is not.
    RequiredWithout(&'static str),
}

impl fmt::Display for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("required"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Word(word) => f.write_str(word),
            Self::Absent(meaning) => f.write_str(meaning),
            Self::RequiredWithout(other) => write!(f, "required without `{other}`"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int { min } => write!(f, "a whole number of at least {min}"),
            Self::Float(bounds) => write!(f, "a number{bounds}"),
            Self::Computed(bounds) if *bounds == Bounds::ANY => {
                f.write_str("a number, which may depend on other columns")
            }
            Self::Computed(bounds) => write!(f, "a number{bounds}, which may depend on other columns"),
            Self::Bool => f.write_str("`true` or `false`"),
            Self::Choice(words) => f.write_str(&crate::suggest::either(words.iter().copied())),
            Self::Device => {
                let words = crate::suggest::either(DeviceChoice::WORDS.iter().copied());
                write!(f, "{words}, or one of several GPUs such as `\"cuda:1\"`")
            }
            Self::Activation => f.write_str("an activation such as `relu`"),
            Self::Initializer => f.write_str("an initializer such as `he_normal`"),
            Self::Regularizer => f.write_str("a regularizer such as `l2(0.01)`"),
            Self::Sizes { axes: 1, min } => write!(f, "a whole number of at least {min}"),
            Self::Sizes { axes, min } => write!(f, "a whole number of at least {min}, or a list of {}", count(*axes)),
            Self::Margins { axes: 1 } => {
                f.write_str("a whole number of at least 0, or a list of two: before and after")
            }
            Self::Margins { axes } => {
                let axes = count(*axes);
                write!(
                    f,
                    "a whole number of at least 0, or a list of {axes}, each a whole number or a list of two: before and after"
                )
            }
            Self::Dim => f.write_str("a whole number of at least 1, or a dimension"),
            Self::Dims => f.write_str("a list of whole numbers of at least 1"),
            Self::OpenDims => f.write_str("a list of whole numbers of at least 1, of which one may be -1"),
            Self::Numbers => f.write_str("a number or a list of numbers"),
            Self::Axis => f.write_str("a negative axis or the name of a dimension"),
            Self::Axes => f.write_str("a negative axis or the name of a dimension, or a list of these"),
            Self::Order => f.write_str("a list of all axes, negative or by the names of their dimensions"),
            Self::Text => f.write_str("a text between quotes"),
            Self::Paths => f.write_str("a text between quotes, or a list of them"),
            Self::Column => f.write_str("the name of a column"),
            Self::Columns => f.write_str("a list of columns"),
            Self::Tensor => f.write_str("a tensor"),
            Self::Operand => f.write_str("a tensor or a number"),
            Self::Tensors => f.write_str("tensors"),
            Self::Operands => f.write_str("tensors or numbers"),
            Self::Layer => f.write_str("a layer such as `LSTM(64)`"),
            Self::Quantity(measure) => write!(f, "{measure}"),
            Self::Place => f.write_str("a text between quotes, or `env(\"NAME\")`"),
            Self::Secret => f.write_str("`env(\"NAME\")`"),
            Self::Texts => f.write_str("a list of texts"),
            Self::Method(methods) => f.write_str(&methods.one()),
            Self::Several(methods) => write!(f, "a list, each {}", methods.one()),
            Self::Record(signature) => {
                let keys = crate::suggest::either(signature.parameters.iter().map(|parameter| parameter.name));
                write!(f, "settings between braces: {}", keys.replace(" or ", " and "))
            }
            Self::Special(what) => f.write_str(what),
        }
    }
}

/// A small number as a word.
fn count(number: usize) -> String {
    match number {
        2 => "two".into(),
        3 => "three".into(),
        other => other.to_string(),
    }
}

impl Methods {
    /// The one called `name`.
    pub fn find(&self, name: &str) -> Option<&'static Method> {
        self.all.iter().find(|method| method.signature.name == name)
    }

    /// One of them, as a label asks for it: their names, or the first where there are more than anyone reads.
    pub fn one(&self) -> String {
        match crate::suggest::listed(self.all.iter().map(|method| method.signature.name)) {
            Some(_) => self.names(),
            None => {
                format!("a {} such as `{}`", self.noun, self.all.first().map_or("", |method| method.signature.name))
            }
        }
        .replace("a op", "an op")
        .replace("a au", "an au")
    }

    /// Their names as a sentence lists them.
    pub fn names(&self) -> String {
        crate::suggest::either(self.all.iter().map(|method| method.signature.name))
    }
}

impl Method {
    /// One that the runtime can carry out.
    pub const fn new(signature: Signature) -> Self {
        Self { signature, aliases: &[], runs: true }
    }

    /// One that is checked, and refused when it is to be run.
    pub const fn later(signature: Signature) -> Self {
        Self { signature, aliases: &[], runs: false }
    }

    /// The same, also known elsewhere as `aliases`.
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

impl Parameter {
    /// A parameter without other names.
    pub const fn new(name: &'static str, kind: Kind, default: Default, summary: &'static str) -> Self {
        Self { name, kind, default, summary, aliases: &[], by_name: false, later: false }
    }

    /// The same, given by its name alone.
    pub const fn named(mut self) -> Self {
        self.by_name = true;
        self
    }

    /// A default as a program would write it.
    pub fn written(&self, default: &Default) -> String {
        match (self.kind, default) {
            (Kind::Text | Kind::Place, Default::Word(text)) => format!("{text:?}"),
            _ => default.to_string(),
        }
    }

    /// The same, also known elsewhere as `aliases`.
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The same, which this version's runtime carries out for its default alone.
    pub const fn later(mut self) -> Self {
        self.later = true;
        self
    }
}

impl Signature {
    /// The parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The parameters that may be given by place.
    pub fn by_place(&self) -> impl Iterator<Item = &'static Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.by_name)
    }

    /// As it would be written in a reference: `Dense(units, activation=linear, …)`.
    pub fn synopsis(&self) -> String {
        let parameter = |parameter: &Parameter| match parameter.default {
            Default::Required | Default::RequiredWithout(_) => parameter.name.to_owned(),
            Default::Absent(_) => format!("{}=…", parameter.name),
            default => format!("{}={}", parameter.name, parameter.written(&default)),
        };
        format!("{}({})", self.name, self.parameters.iter().map(parameter).collect::<Vec<_>>().join(", "))
    }
}
