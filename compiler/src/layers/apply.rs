//! A layer being applied: what it may ask of what it is applied to, and how it makes its weights.

use std::borrow::Cow;
use std::sync::Arc;

use ndsl_grammar::Span;

use super::LayerDef;
use crate::check::{Arguments, Context, Inner, KerasWeight, NameOfLayer, Row};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::initializers::{Fans, Start};
use crate::ir::{Dim, ElementType, Initializer, Op, Regularizer, Role, Shape, ValueId};

/// A layer being applied to a value.
pub struct Apply<'c, 'n, 'e> {
    /// Where it happens.
    pub cx: &'c mut Context<'n>,
    /// What the call gives.
    pub arguments: &'c Arguments<'e>,
    /// What it is applied to; of a row of a table, its first column.
    pub input: ValueId,
    /// The row of a table that it is applied to, if it is one.
    pub table: Option<Arc<Row>>,
    /// The call.
    pub span: Span,
    /// The layer's name in the model.
    pub name: String,
    /// What it is.
    pub def: &'static LayerDef,
    /// Which way it goes, where it is a layer of a `Bidirectional`.
    pub direction: Option<Direction>,
}

/// One of the two ways in which a `Bidirectional` goes through a sequence.
#[derive(Clone, Copy, Debug)]
pub struct Direction {
    /// Whether it is from the last step to the first.
    pub backwards: bool,
    /// Which steps count, if the `Bidirectional` says so.
    pub mask: Option<ValueId>,
}

/// A weight: as Keras has it, and as it is kept.
pub(super) struct Weight {
    /// Keras's name.
    keras: &'static str,
    /// Its name in a model file: PyTorch's.
    name: Cow<'static, str>,
    /// Keras's shape.
    shape: Vec<Dim>,
    /// The axes of Keras's shape in the order they are kept.
    order: Vec<usize>,
    /// The shape it is kept in, where that has other axes than Keras's.
    kept: Option<Vec<Dim>>,
    start: Start,
    fans: Option<Fans>,
    regularizer: Option<Regularizer>,
    role: Role,
    /// Whether its first axis by all others is the matrix that Keras's last axis by all others is.
    matrix: bool,
}

impl Weight {
    /// A weight that is kept as Keras has it, zero at first.
    pub(super) fn new(keras: &'static str, name: impl Into<Cow<'static, str>>, shape: impl Into<Vec<Dim>>) -> Self {
        let (name, shape) = (name.into(), shape.into());
        Self {
            keras,
            name,
            order: (0..shape.len()).collect(),
            shape,
            kept: None,
            start: Start::Fixed(Initializer::Zeros),
            fans: None,
            regularizer: None,
            role: Role::Trainable,
            matrix: true,
        }
    }

    /// Kept with its axes in another order.
    pub(super) fn turned(mut self, order: impl Into<Vec<usize>>) -> Self {
        self.order = order.into();
        self
    }

    /// Kept in another shape, after its axes are put in order.
    pub(super) fn kept(mut self, shape: impl Into<Vec<Dim>>) -> Self {
        self.kept = Some(shape.into());
        self.matrix = false;
        self
    }

    /// Starting so.
    pub(super) fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Starting at one.
    pub(super) fn ones(self) -> Self {
        self.start(Start::Fixed(Initializer::Ones))
    }

    /// With other fans than its shape would have.
    pub(super) fn fans(mut self, input: usize, output: usize) -> Self {
        self.fans = Some(Fans { input, output });
        self
    }

    /// Kept by the operation itself.
    pub(super) fn statistic(mut self) -> Self {
        self.role = Role::Statistic;
        self
    }
}

impl Apply<'_, '_, '_> {
    /// The layer's name in the language.
    pub fn kind(&self) -> &'static str {
        self.def.signature.name
    }

    /// The shape it is applied to, batch left out.
    pub fn row(&self) -> Shape {
        self.cx.row(self.input)
    }

    /// The shape of as many rows as it is applied to.
    pub fn rows(&self, dims: impl IntoIterator<Item = Dim>) -> Shape {
        let batch = self.cx.builder.shape(self.input).0.iter().take(self.cx.lead(self.input)).cloned();
        Shape(batch.chain(dims).collect())
    }

    /// Whether what it is applied to is `f32`; anything else is reported.
    pub fn float(&mut self) -> Option<()> {
        self.cx.require_float_as(self.input, self.kind(), self.span, "it").map(|_| ())
    }

    /// The spatial dimensions and the channels it is applied to; another number of axes is reported.
    pub(super) fn spatial(&mut self, axes: usize) -> Option<(Vec<Dim>, Dim)> {
        let row = self.row();
        match row.0.split_last() {
            Some((channels, lengths)) if lengths.len() == axes => Some((lengths.to_vec(), channels.clone())),
            _ => {
                let shape = ["[steps, channels]", "[height, width, channels]", "[depth, height, width, channels]"];
                let noun = ["a sequence", "an image", "a volume"];
                let at = axes.clamp(1, 3) - 1;
                let message = format!("`{}` works on {} {}, not on {row}", self.kind(), noun[at], shape[at]);
                let mut fault = Diagnostic::new(Code::Rank, self.span, message).label(format!("applied to {row}"));
                if row.rank() == axes {
                    let with_one: Vec<String> = row.dims().iter().map(Dim::to_string).collect();
                    fault = fault.help(format!(
                        "{} with one channel is [{}, 1]: declare the input so, or `reshape` it",
                        noun[at],
                        with_one.join(", ")
                    ));
                } else if let Some(other) = self.sibling(row.rank()) {
                    let name = Span { end: self.span.start + self.kind().len() as u32, ..self.span };
                    fault = fault.fix(format!("on {row}, that is `{other}`"), name, other, Applicability::Guess);
                }
                self.cx.report_with_origin(fault, self.input);
                None
            }
        }
    }

    /// The layer of the same family for a value of that many axes.
    fn sibling(&self, rank: usize) -> Option<String> {
        let axes = rank.checked_sub(1).filter(|axes| (1..=3).contains(axes))?;
        let kind = self.kind();
        let digit = kind.find(['1', '2', '3'])?;
        let name = format!("{}{axes}{}", &kind[..digit], &kind[digit + 1..]);
        super::find(&name).map(|def| def.signature.name.to_owned())
    }

    /// The steps and features of a sequence; another number of axes is reported.
    pub(super) fn sequence(&mut self) -> Option<[Dim; 2]> {
        let row = self.row();
        match row.dims() {
            [steps, features] => Some([steps.clone(), features.clone()]),
            _ => {
                let message = format!("`{}` works on a sequence [steps, features], not on {row}", self.kind());
                let mut fault = Diagnostic::new(Code::Rank, self.span, message).label(format!("applied to {row}"));
                if row.rank() == 1 && self.def.signature.parameter("return_sequences").is_some() {
                    fault = fault.help("a recurrent layer before it hands on all steps with `return_sequences=true`");
                }
                self.cx.report_with_origin(fault, self.input);
                None
            }
        }
    }

    /// The last axis of what it is applied to; that there is none is reported.
    pub(super) fn last_axis(&mut self) -> Option<Dim> {
        let last = self.row().0.last().cloned();
        if last.is_none() {
            let message = format!("`{}` works on the last axis of a value, and a single number has none", self.kind());
            let fault = Diagnostic::new(Code::Rank, self.span, message)
                .label("applied to one number a row")
                .help("`reshape(x, [1])` gives it an axis");
            self.cx.report_with_origin(fault, self.input);
        }
        last
    }

    /// The size of a dimension that must be known when compiling; one that only a run knows is reported.
    pub(super) fn fixed(&mut self, dim: &Dim, what: &str) -> Option<usize> {
        match dim {
            Dim::Known(size) => Some(*size),
            Dim::Symbolic(_) => {
                let what = format!("{what} of `{}`", self.kind());
                self.cx.only_a_run_knows(dim, &what, self.span);
                None
            }
            Dim::Unknown => {
                self.cx.incomplete = true;
                None
            }
        }
    }

    /// With its initializer and regularizer as the call gives them: `kernel_initializer`, `kernel_regularizer`.
    pub(super) fn started(&self, weight: Weight, by: &str) -> Weight {
        let named = |end: &str| {
            let mut names = self.def.signature.parameters.iter().map(|parameter| parameter.name);
            // The lengths tell most names apart without looking into them.
            names.find(|name| name.len() == by.len() + end.len() && name.starts_with(by) && name.ends_with(end))
        };
        let start = named("_initializer").map_or(weight.start, |name| self.arguments.start(name));
        let regularizer = named("_regularizer").and_then(|name| self.arguments.regularizer(name));
        Weight { start, regularizer, ..weight }
    }

    /// Makes a weight; nothing while a dimension of it is not known, or where it cannot be made, which is reported.
    pub(super) fn weight(&mut self, weight: Weight) -> Option<ValueId> {
        let mut sizes = |dims: &[Dim]| -> Option<Vec<usize>> {
            let size = |dim: &Dim| match dim {
                Dim::Known(size) => Some(*size),
                dim => self.fixed(dim, &format!("the size of the `{}`", weight.keras)),
            };
            dims.iter().map(size).collect()
        };
        let keras = sizes(&weight.shape)?;
        let kept = match &weight.kept {
            Some(dims) => sizes(dims)?,
            None => weight.order.iter().map(|axis| keras[*axis]).collect(),
        };
        let name = [&self.name, ".", &weight.name].concat();
        if let Some(known) = self.cx.known_weight(&name, &kept, self.span) {
            return known;
        }
        let fans = weight.fans.clone().unwrap_or_else(|| Fans::of(&keras));
        let initializer = self.initializer(&weight, &keras, &kept, &fans)?;
        self.count(&weight.name, &kept)?;
        let frozen = weight.role == Role::Trainable && !self.trainable();
        let role = if frozen { Role::Frozen } else { weight.role };
        let layer = NameOfLayer { parameter: self.cx.builder.graph().parameters.len(), bytes: self.name.len() };
        let value = self.cx.builder.parameter(name, kept, initializer, role, self.span);
        // What only a part of a layer has, or what Keras keeps in another order, has no name in the language.
        if !weight.keras.contains('/') && !self.kind().starts_with("GRU") {
            let kept = KerasWeight { name: weight.keras, value, layer, shape: keras, order: weight.order };
            self.cx.weights.keep(kept);
        }
        if let Some(regularizer) = weight.regularizer.filter(|_| !frozen) {
            self.cx.builder.regularize(regularizer);
        }
        Some(value)
    }

    /// How a weight of that shape starts; an initializer that cannot start it is reported.
    fn initializer(&mut self, weight: &Weight, keras: &[usize], kept: &[usize], fans: &Fans) -> Option<Initializer> {
        let wrong = match weight.start {
            Start::Identity { .. } => kept.len() != 2 || keras.len() != 2,
            Start::Orthogonal { .. } => !weight.matrix || keras.len() < 2,
            _ => false,
        };
        if let (false, Some(initializer)) = (wrong, weight.start.of(kept, fans)) {
            return Some(initializer);
        }
        let parameter = self.def.signature.parameters.iter().map(|parameter| parameter.name).find(|name| {
            name.ends_with("_initializer") && self.arguments.given(name) && self.arguments.start(name) == weight.start
        });
        let at = parameter.map_or(self.span, |name| self.arguments.span(name, self.span));
        self.cx.report(
            Diagnostic::new(
                Code::OutOfRange,
                at,
                format!(
                    "the `{}` of `{}` is not one matrix, so this initializer cannot start it",
                    weight.keras,
                    self.kind()
                ),
            )
            .label("of a matrix alone")
            .help("`glorot_uniform` and the others start weights of any shape"),
        );
        None
    }

    /// Counts the numbers of a weight; too many are reported.
    fn count(&mut self, name: &str, dims: &[usize]) -> Option<()> {
        let count = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim));
        let total = count.and_then(|count| self.cx.parameter_count.checked_add(count));
        let Some(total) = total.filter(|total| *total <= crate::check::MAX_PARAMETERS) else {
            let shape = Shape::known(dims.iter().copied());
            let message =
                format!("the model's parameters would hold more than {} numbers", crate::check::MAX_PARAMETERS);
            let fault = Diagnostic::new(Code::ModelTooLarge, self.span, message)
                .label(format!("this `{name}` would be {shape}"));
            self.cx.report_with_origin(fault, self.input);
            return None;
        };
        self.cx.parameter_count = total;
        Some(())
    }

    /// Whether training moves its weights.
    pub(super) fn trainable(&self) -> bool {
        let said = self.def.signature.parameter("trainable").is_none_or(|_| self.arguments.bool("trainable"));
        said && !self.cx.is_frozen(&self.name)
    }

    /// Adds an operation.
    pub(super) fn node(&mut self, op: Op, inputs: Vec<ValueId>) -> ValueId {
        self.cx.builder.node(op, inputs, self.span)
    }

    /// A value of which only the shape is known.
    pub fn unknown(&mut self, dims: impl IntoIterator<Item = Dim>) -> ValueId {
        let shape = self.rows(dims);
        self.cx.builder.unknown(ElementType::F32, shape, self.span)
    }

    /// Applies the activation the call gives to `x`.
    pub fn activate(&mut self, x: ValueId) -> Option<ValueId> {
        let activation = self.arguments.activation("activation");
        self.cx.activation_fits(activation, x, self.arguments.span("activation", self.span))?;
        Some(activation.apply(&mut self.cx.builder, x, self.span))
    }

    /// Refuses what an argument says, on its place.
    pub(super) fn refuse(&mut self, code: Code, argument: &str, message: String, label: &str) -> Diagnostic {
        Diagnostic::new(code, self.arguments.span(argument, self.span), message).label(label)
    }

    /// `x` under another shape.
    pub(super) fn reshape(&mut self, x: ValueId, shape: Shape) -> ValueId {
        self.node(Op::Reshape(shape), vec![x])
    }

    /// `x` with its axes in another order, the batch among them.
    pub(super) fn transpose(&mut self, x: ValueId, permutation: &[usize]) -> ValueId {
        self.node(Op::Transpose { permutation: permutation.to_vec() }, vec![x])
    }
}

impl<'e> Apply<'_, '_, 'e> {
    /// The layer that an argument is.
    pub(super) fn inner(&mut self, argument: &str) -> Option<Inner<'e>> {
        let expr = self.arguments.expr(argument)?;
        self.cx.inner_layer(expr)
    }

    /// Applies a layer that was given as an argument, as a part of this one.
    pub(super) fn apply_inner(
        &mut self,
        inner: &Inner<'e>,
        input: ValueId,
        part: &str,
        direction: Option<Direction>,
    ) -> Option<ValueId> {
        let name = format!("{}.{part}", self.name);
        let quiet = self.cx.quiet;
        self.cx.quiet |= inner.arguments.faulty;
        let (arguments, span, def) = (&inner.arguments, inner.span, inner.def);
        let mut apply = Apply { cx: self.cx, arguments, input, table: None, span, name, def, direction };
        let out = (inner.def.build)(&mut apply);
        self.cx.quiet = quiet;
        out
    }
}
