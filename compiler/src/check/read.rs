//! The arguments of a call as what they stand for: sizes, margins, axes, tensors, layers.

use ndsl_grammar::ast::{Expr, ExprKind};

use super::arguments::Arguments;
use super::context::Context;
use super::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::initializers::{self, Start};
use crate::ir::{Dim, Regularizer, ValueId};
use crate::signature::{Default, Kind};
use ndsl_grammar::Span;

impl Arguments<'_> {
    /// The whole numbers of `name`, one for each axis; nothing while they are not known, or where nothing is given and
    /// nothing is the default.
    pub fn sizes(&self, name: &str) -> Option<Vec<usize>> {
        let Kind::Sizes { axes, .. } = self.kind(name) else { return None };
        match (self.value(name), self.default(name)) {
            (Some(Value::List(values)), _) => values.iter().map(Value::whole).collect(),
            (Some(value), _) => value.whole().map(|number| vec![number; axes]),
            (None, Default::Int(number)) => usize::try_from(number).ok().map(|number| vec![number; axes]),
            (None, _) => None,
        }
    }

    /// How much `name` says before and after each axis.
    pub fn margins(&self, name: &str) -> Option<Vec<(usize, usize)>> {
        let Kind::Margins { axes } = self.kind(name) else { return None };
        let both = |value: &Value| match value {
            Value::List(values) => match &**values {
                [before, after] => Some((before.whole()?, after.whole()?)),
                _ => None,
            },
            value => value.whole().map(|number| (number, number)),
        };
        match (self.value(name), self.default(name)) {
            (Some(value @ Value::List(_)), _) if axes == 1 => Some(vec![both(value)?]),
            (Some(Value::List(values)), _) => values.iter().map(both).collect(),
            (Some(value), _) => both(value).map(|margin| vec![margin; axes]),
            (None, Default::Int(number)) => usize::try_from(number).ok().map(|number| vec![(number, number); axes]),
            (None, _) => None,
        }
    }

    /// The numbers of `name`: one or several.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        match self.value(name)? {
            Value::List(values) => values.iter().map(Value::number).collect(),
            value => value.number().map(|number| vec![number]),
        }
    }

    /// The tensors of `name`; nothing while one of them is not known.
    pub fn tensors(&self, name: &str) -> Option<Vec<ValueId>> {
        let tensor = |value: &Value| match value {
            Value::Tensor(id) => Some(*id),
            _ => None,
        };
        match self.value(name)? {
            Value::List(values) => values.iter().map(tensor).collect(),
            value => tensor(value).map(|id| vec![id]),
        }
    }

    /// The dimensions of `name`; -1 is nothing.
    pub fn dims(&self, name: &str) -> Option<Vec<Option<Dim>>> {
        let dim = |value: &Value| match value {
            Value::Int(-1) => None,
            value => Some(value.dim().unwrap_or(Dim::Unknown)),
        };
        match self.value(name)? {
            Value::List(values) => Some(values.iter().map(dim).collect()),
            value => Some(vec![dim(value)]),
        }
    }

    /// How `name` says that a weight starts.
    pub fn start(&self, name: &str) -> Start {
        match (self.value(name), self.default(name)) {
            (Some(Value::Initializer(start)), _) => *start,
            (_, Default::Word(word)) => default_start(word),
            _ => Start::Fixed(crate::ir::Initializer::Zeros),
        }
    }

    /// What `name` adds to the loss.
    pub fn regularizer(&self, name: &str) -> Option<Regularizer> {
        match self.value(name) {
            Some(Value::Regularizer(regularizer)) => Some(*regularizer),
            _ => None,
        }
    }

    /// Where each of the values of a list stands.
    pub fn item_spans(&self, name: &str, count: usize, otherwise: Span) -> Vec<Span> {
        match self.expr(name).map(|expr| &expr.kind) {
            Some(ExprKind::List(items)) if items.len() == count => items.iter().map(|item| item.span).collect(),
            _ => vec![self.span(name, otherwise); count],
        }
    }

    fn kind(&self, name: &str) -> Kind {
        self.parameter(name).map_or(Kind::Bool, |parameter| parameter.kind)
    }
}

/// The initializer called `name`, with its own defaults.
pub(super) fn default_start(name: &str) -> Start {
    let zeros = Start::Fixed(crate::ir::Initializer::Zeros);
    let Some(def) = initializers::find(name) else { return zeros };
    let default = |name: &str| def.signature.parameter(name).map(|parameter| parameter.default);
    (def.make)(initializers::Given {
        number: &|name| match default(name) {
            Some(Default::Float(number)) => number,
            _ => 0.0,
        },
        word: &|name| match default(name) {
            Some(Default::Word(word)) => word.to_owned(),
            _ => String::new(),
        },
    })
}

impl Context<'_> {
    /// The axis that `name` says of `x`, counted from the front, the batch being 0. One that is not there is reported.
    pub fn axis(&mut self, arguments: &Arguments<'_>, name: &str, x: ValueId, otherwise: Span) -> Option<usize> {
        let span = arguments.span(name, otherwise);
        match (arguments.value(name).cloned(), arguments.default(name)) {
            (Some(value), _) => self.axis_of(&value, x, span),
            (None, Default::Int(axis)) => self.axis_of(&Value::Int(axis), x, otherwise),
            (None, _) => None,
        }
    }

    /// The axes that `name` says of `x`, ascending; all but the batch where nothing is given and nothing is the default.
    pub fn axes(&mut self, arguments: &Arguments<'_>, name: &str, x: ValueId, otherwise: Span) -> Option<Vec<usize>> {
        let mut axes = match (arguments.value(name).cloned(), arguments.default(name)) {
            (Some(Value::List(values)), _) => {
                let spans = arguments.item_spans(name, values.len(), otherwise);
                let found: Vec<Option<usize>> =
                    values.iter().zip(&spans).map(|(value, span)| self.axis_of(value, x, *span)).collect();
                let axes = found.into_iter().collect::<Option<Vec<usize>>>()?;
                if let Some(again) = (0..axes.len()).find(|at| axes[..*at].contains(&axes[*at])) {
                    self.report(
                        Diagnostic::new(Code::ExtraArgument, spans[again], "this axis is already named")
                            .label("the same axis again"),
                    );
                    return None;
                }
                axes
            }
            (None, Default::Absent(_)) => (self.lead(x)..self.builder.shape(x).rank()).collect(),
            _ => vec![self.axis(arguments, name, x, otherwise)?],
        };
        axes.sort_unstable();
        Some(axes)
    }

    /// The axis a value names: negative, or a symbolic dimension's name.
    pub fn axis_of(&mut self, value: &Value, x: ValueId, span: Span) -> Option<usize> {
        let (row, lead) = (self.row(x), self.lead(x));
        let rank = row.rank();
        match value {
            Value::Int(axis @ ..=-1) => {
                let at = usize::try_from(axis.unsigned_abs()).ok().and_then(|back| rank.checked_sub(back));
                if at.is_none() {
                    let fault = Diagnostic::new(
                        Code::Rank,
                        span,
                        match rank {
                            0 => "there is no axis in one number a row".to_owned(),
                            1 => format!("{row} has one axis, -1"),
                            _ => format!("{row} has the axes -{rank} to -1"),
                        },
                    )
                    .label("no such axis");
                    self.report_with_origin(fault, x);
                }
                at.map(|at| at + lead)
            }
            Value::Int(axis) => {
                let mut fault =
                    Diagnostic::new(Code::OutOfRange, span, "an axis is counted from the last: -1 is the last one")
                        .label("not negative")
                        .help("the batch is not counted, so that a program means the same with and without it");
                // Keras counts the batch.
                if let Some(from_last) = usize::try_from(*axis).ok().filter(|axis| (1..=rank).contains(axis)) {
                    let meant = format!("-{}", rank + 1 - from_last);
                    fault = fault.fix(
                        format!("write `{meant}`, if the batch was counted"),
                        span,
                        &meant,
                        Applicability::Guess,
                    );
                }
                self.report_with_origin(fault, x);
                None
            }
            Value::Text(name) => self.axis_of_size(&Dim::symbol(name.clone()), x, span),
            Value::Dim(size) => self.axis_of_size(size, x, span),
            _ => None,
        }
    }

    /// The one axis of `x` that has a symbolic size; that there is none, or several, is reported.
    fn axis_of_size(&mut self, size: &Dim, x: ValueId, span: Span) -> Option<usize> {
        let row = self.row(x);
        let found: Vec<usize> = (0..row.rank()).filter(|at| row.0[*at] == *size).collect();
        if let [at] = found.as_slice() {
            return Some(at + self.lead(x));
        }
        let what = if found.is_empty() { "no dimension" } else { "more than one dimension" };
        let fault =
            Diagnostic::new(Code::Rank, span, format!("{what} of {row} is `{size}`")).label("not the name of one axis");
        self.report_with_origin(fault, x);
        None
    }

    /// How many axes stand before those of a row: the batch's, where there is one.
    pub fn lead(&self, id: ValueId) -> usize {
        usize::from(self.is_batched(id))
    }

    /// A bare word where an axis is expected: the name of a symbolic dimension.
    pub(super) fn axis_word(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Name(word)
                if word.starts_with(|first: char| first.is_uppercase()) && !self.names_a_value(word, expr) =>
            {
                Some(Value::Text(word.as_str().into()))
            }
            _ => None,
        }
    }
}
