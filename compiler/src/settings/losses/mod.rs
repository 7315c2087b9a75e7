//! The losses: each is one entry here, with what it asks of what it compares and how it is computed.
//!
//! A loss makes one number of every row; the batch's mean is minimised. A loss may stand alone, be weighted and added to
//! others, or be any expression over outputs and columns.

mod classification;
mod ranking;
mod regression;

pub use ranking::{Lists, Ranked};

use ndsl_grammar::Span;

use crate::check::{Arguments, Context};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Binary, Dim, Op, Reduction, Shape, Unary, ValueId};
use crate::plan::Task;
use crate::signature::{Default, Kind, Parameter, Signature};

/// One loss.
pub struct LossDef {
    /// Its name, parameters and docs. What it compares are its tensors.
    pub signature: Signature,
    /// Names it is known by elsewhere: a use of one is an error whose fix is the name here.
    pub aliases: &'static [&'static str],
    /// What it teaches where that does not depend on what it compares.
    pub teaches: Teaches,
    /// Computes the loss of every row, `[N]`, and the prediction; reports what it cannot judge.
    pub build: fn(&mut Context<'_>, &Compared<'_>) -> Option<Losses>,
}

/// What a loss teaches a model to answer: which metrics can measure it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teaches {
    /// One of several classes.
    Classes,
    /// One of several classes at every place of a row: the next token, the class of a pixel.
    Tokens,
    /// Yes or no.
    Binary,
    /// Several answers of yes or no.
    Labels,
    /// Numbers.
    Numbers,
    /// Which of several goes first.
    Ranking,
}

impl Teaches {
    /// How predictions are read.
    pub fn task(self) -> Task {
        match self {
            Self::Classes | Self::Tokens => Task::Classification,
            Self::Binary | Self::Labels => Task::Binary,
            Self::Numbers | Self::Ranking => Task::Regression,
        }
    }
}

/// What a loss compares.
pub struct Compared<'a> {
    /// What was given.
    pub arguments: &'a Arguments<'a>,
    /// The loss's name.
    pub name: &'static str,
    /// The whole loss.
    pub span: Span,
}

impl Compared<'_> {
    /// Where the program names what is compared.
    fn at(&self, name: &str) -> Span {
        self.arguments.span(name, self.span)
    }

    /// A tensor of `f32`; other elements are refused.
    fn float(&self, cx: &mut Context<'_>, name: &str) -> Option<ValueId> {
        let x = self.arguments.tensor(name)?;
        cx.require_float(x, self.name, self.at(name))
    }
}

/// What a loss computed.
#[derive(Clone, Copy, Debug)]
pub struct Losses {
    /// The loss of every row: `[N]`.
    pub rows: ValueId,
    /// Probabilities or numbers.
    pub prediction: ValueId,
    /// What the prediction is compared with; nothing where the loss compares outputs with each other.
    pub target: Option<ValueId>,
    /// What was taught.
    pub teaches: Teaches,
    /// What is put in order, of losses that say what goes before what.
    pub ranked: Option<Ranked>,
}

const OUTPUT: Parameter = Parameter::new("output", Kind::Tensor, Default::Required, "The model's output, by its name.")
    .also(&["logits", "y_pred"]);
const TARGET: Parameter =
    Parameter::new("target", Kind::Tensor, Default::Required, "The dataset's target, by its name.")
        .also(&["label", "y_true"]);

const fn tensor(name: &'static str, summary: &'static str) -> Parameter {
    Parameter::new(name, Kind::Tensor, Default::Required, summary)
}

const fn loss(
    signature: Signature,
    aliases: &'static [&'static str],
    teaches: Teaches,
    build: fn(&mut Context<'_>, &Compared<'_>) -> Option<Losses>,
) -> LossDef {
    LossDef { signature, aliases, teaches, build }
}

/// `batch(x)`
pub const BATCH: Signature = Signature {
    name: "batch",
    summary: "The values of all rows of a batch, the batch as the first axis: for losses that compare rows with each other.",
    details: "`batch(u) @ transpose(batch(m))` has a number for every two rows. Only a `loss` may use it.",
    parameters: &[tensor("x", "A value of one row.")],
    example: "cross_entropy(batch(u) @ transpose(batch(m)) / 0.05, range(N))",
};

/// `range(N)`
pub const RANGE: Signature = Signature {
    name: "range",
    summary: "The number of each row in its batch, from 0: the label of a row that belongs to itself.",
    details: "In a `loss` alone; in a model, `range(8)` is a [function](functions.md#range).",
    parameters: &[Parameter::new("N", Kind::Special("`N`, the batch"), Default::Required, "The batch.")],
    example: "range(N)",
};

/// Every loss, by what it is for.
const GROUPS: [&[LossDef]; 3] = [classification::LOSSES, regression::LOSSES, ranking::LOSSES];

/// Every loss, in the order the docs list them. Each is computed for every row and averaged over the batch.
pub fn all() -> impl Iterator<Item = &'static LossDef> + Clone {
    GROUPS.into_iter().flatten()
}

/// The loss called `name`.
pub fn find(name: &str) -> Option<&'static LossDef> {
    all().find(|loss| loss.signature.name == name)
}

/// The loss that is called `name` elsewhere.
pub fn find_alias(name: &str) -> Option<&'static LossDef> {
    all().find(|loss| loss.aliases.contains(&name))
}

/// The value that `op` was applied to, if `id` is such a value: a loss prefers it, as it is computed without rounding to 0 or 1.
fn before(cx: &Context<'_>, id: ValueId, op: &Op) -> Option<ValueId> {
    cx.builder.graph().producer(id).filter(|node| node.op == *op).and_then(|node| node.inputs.first().copied())
}

/// Warns where what `loss` takes for logits has been through a softmax or a sigmoid already.
fn warn_if_squashed(cx: &mut Context<'_>, logits: ValueId, at: Span, loss: &str, own: &str) {
    let squashed = cx.builder.graph().producer(logits).and_then(|node| match node.op {
        Op::Softmax { .. } => Some("softmax"),
        Op::Unary(Unary::Sigmoid) => Some("sigmoid"),
        _ => None,
    });
    let Some(function) = squashed else { return };
    let origin = cx.builder.value(logits).span;
    cx.report(
        Diagnostic::new(
            Code::DoubleActivation,
            at,
            format!("`{loss}` applies a {own} to an output that has been through a {function}"),
        )
        .label(format!("a {function} already"))
        .related(origin, format!("the {function} is applied here"))
        .help(format!("`{loss}` takes the value before any activation, or one {own} of it")),
    );
}

/// Output and target as `f32[N, …]` of the same shape; a last axis of 1 in the output is dropped where the target has none.
fn aligned(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<(ValueId, ValueId)> {
    let target = compared.arguments.tensor("target");
    let output = compared.float(cx, "output")?;
    let target = cx.to_float(target?, compared.at("target"));
    let (row, wanted) = (cx.builder.shape(output).row(), cx.builder.shape(target).row());
    let aligned = match row.dims() {
        [Dim::Known(1)] if wanted.rank() == 0 => {
            cx.builder.node(Op::Reshape(Shape::batched([])), vec![output], compared.at("output"))
        }
        _ => output,
    };
    if cx.builder.shape(aligned).row().agrees(&wanted) {
        return Some((aligned, target));
    }
    let target_kind = match wanted.rank() {
        0 => "one number a row".to_owned(),
        _ => wanted.to_string(),
    };
    let fault = Diagnostic::new(
        Code::LossMismatch,
        compared.at("output"),
        format!(
            "`{}` compares the output with the target, which is {target_kind}, and the output is {row}",
            compared.name
        ),
    )
    .label(format!("{row}"))
    .help(match wanted.rank() {
        0 => "the last layer wants one unit: `Dense(1)`",
        _ => "both must have the same shape",
    });
    cx.report_with_origin(fault, output);
    None
}

/// Two or more tensors of `f32` that must have one shape.
fn same<const COUNT: usize>(
    cx: &mut Context<'_>,
    compared: &Compared<'_>,
    names: [&str; COUNT],
) -> Option<[ValueId; COUNT]> {
    let mut tensors = Vec::with_capacity(COUNT);
    for name in names {
        tensors.push(compared.float(cx, name));
    }
    let tensors: Vec<ValueId> = tensors.into_iter().collect::<Option<_>>()?;
    let first = cx.builder.shape(tensors[0]).row();
    for (name, tensor) in names.iter().zip(&tensors).skip(1) {
        let row = cx.builder.shape(*tensor).row();
        if !row.agrees(&first) {
            let message = format!(
                "`{}` wants `{}` and `{name}` of one shape, and they are {first} and {row}",
                compared.name, names[0]
            );
            let fault = Diagnostic::new(Code::LossMismatch, compared.at(name), message)
                .label(format!("{row}"))
                .related(compared.at(names[0]), format!("{first}"));
            cx.report_with_origin(fault, *tensor);
            return None;
        }
    }
    tensors.try_into().ok()
}

/// The mean over every axis but the batch.
pub fn per_row(cx: &mut Context<'_>, loss: ValueId, span: Span) -> ValueId {
    reduce(cx, Reduction::Mean, loss, 1, span)
}

/// One number for all axes from `first` on.
fn reduce(cx: &mut Context<'_>, reduction: Reduction, x: ValueId, first: usize, span: Span) -> ValueId {
    let rank = cx.builder.shape(x).rank();
    if rank <= first {
        return x;
    }
    cx.builder.node(Op::Reduce { reduction, axes: (first..rank).collect(), keep: false }, vec![x], span)
}

/// Arithmetic at one place of the program.
struct Maths<'a, 'c> {
    cx: &'a mut Context<'c>,
    span: Span,
}

impl Maths<'_, '_> {
    fn number(&mut self, number: f64) -> ValueId {
        self.cx.builder.constant(number, self.span)
    }

    fn unary(&mut self, op: Unary, x: ValueId) -> ValueId {
        self.cx.builder.unary(op, x, self.span)
    }

    fn binary(&mut self, op: Binary, a: ValueId, b: ValueId) -> ValueId {
        self.cx.builder.binary(op, a, b, self.span)
    }

    fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(Binary::Add, a, b)
    }

    fn subtract(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(Binary::Subtract, a, b)
    }

    fn multiply(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(Binary::Multiply, a, b)
    }

    fn divide(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(Binary::Divide, a, b)
    }

    fn plus(&mut self, x: ValueId, number: f64) -> ValueId {
        let number = self.number(number);
        self.add(x, number)
    }

    fn times(&mut self, x: ValueId, number: f64) -> ValueId {
        let number = self.number(number);
        self.multiply(x, number)
    }

    /// `number - x`
    fn from(&mut self, number: f64, x: ValueId) -> ValueId {
        let number = self.number(number);
        self.subtract(number, x)
    }

    fn square(&mut self, x: ValueId) -> ValueId {
        self.multiply(x, x)
    }

    /// One number a row.
    fn sum(&mut self, x: ValueId) -> ValueId {
        reduce(self.cx, Reduction::Sum, x, 1, self.span)
    }

    /// One number for the last axis.
    fn last(&mut self, reduction: Reduction, x: ValueId) -> ValueId {
        let rank = self.cx.builder.shape(x).rank();
        reduce(self.cx, reduction, x, rank.saturating_sub(1).max(1), self.span)
    }

    /// The losses of a prediction that is held against a target.
    fn against(&mut self, target: ValueId, loss: ValueId, prediction: ValueId, teaches: Teaches) -> Option<Losses> {
        Some(Losses {
            rows: per_row(self.cx, loss, self.span),
            prediction,
            target: Some(target),
            teaches,
            ranked: None,
        })
    }

    /// The losses of an output by itself.
    fn alone(&mut self, loss: ValueId, prediction: ValueId, teaches: Teaches) -> Option<Losses> {
        Some(Losses { rows: per_row(self.cx, loss, self.span), prediction, target: None, teaches, ranked: None })
    }

    /// The losses of outputs that are held against each other.
    fn among(&mut self, loss: ValueId, prediction: ValueId, ranked: Ranked) -> Option<Losses> {
        let losses = self.alone(loss, prediction, Teaches::Ranking)?;
        Some(Losses { ranked: Some(ranked), ..losses })
    }
}
