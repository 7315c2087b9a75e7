//! Checks the body of a model and builds its graph.

use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Argument, Expr, ExprKind, Ident, InputType, Statement, StatementKind};

use super::arguments::{Given, Site};
use super::context::{Binding, Context};
use super::facts::FactKind;
use super::names::{keyword_at, reserved};
use super::settings::{Feed, Feeds};
use super::typed::element_meant;
use super::value::Value;
use crate::activations;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit};
use crate::ir::{Dim, ElementType, Op, Shape, ValueId};
use crate::layers;
use crate::signature::{Default, Kind, Parameter, Signature};
use crate::suggest::{either, nearest};

/// Whether an expression is `Input(…)`.
pub fn is_input(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call { callee, .. } if matches!(&callee.kind, ExprKind::Name(name) if name == "Input"))
}

/// The most elements an input may have in one row.
const MAX_INPUT: usize = 1 << 31;

/// What a body answered.
#[derive(Clone, Debug)]
pub struct Built {
    /// The declared input.
    pub input: Option<Input>,
    /// The output's name.
    pub output_name: String,
    /// The output; nothing where a fault keeps it from being known.
    pub output: Option<ValueId>,
    /// How a `Flatten()` would be written before the `Dense` that makes an output of several axes.
    pub flatten: Option<Edit>,
    /// Whether a statement could not be read, so that it may hold any name.
    pub unread: bool,
}

/// A declared input.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Its value in the graph.
    pub value: ValueId,
}

/// `Input(shape=[28, 28, 1])`, the other spelling of `input`.
pub const INPUT: Signature = Signature {
    name: "Input",
    summary: "Another spelling of `input`: declares what goes into the model.",
    details: "`Input(shape=[28, 28, 1])` is `input input: f32[28, 28, 1]`. The batch is left out of the shape.",
    parameters: &[
        Parameter::new("shape", Kind::Dims, Default::Required, "The dimensions of one row."),
        Parameter::new(
            "dtype",
            Kind::Choice(&["f32", "i64", "u8", "bool"]),
            Default::Word("f32"),
            "The kind of numbers.",
        ),
        Parameter::new("name", Kind::Text, Default::Absent("input"), "Its name."),
    ],
    example: "Input(shape=[28, 28, 1])",
};

impl Context<'_> {
    /// Checks the statements of `model` with its parameters already in scope. Inputs come from `feeds`, or from outside.
    pub fn body(&mut self, model: &ast::Model, feeds: Option<&Feeds>) -> Built {
        let mut input: Option<Input> = None;
        let mut output_name = "output".to_owned();
        let mut values = 0;
        for statement in &model.body.statements {
            match &statement.kind {
                StatementKind::Input { name, kind: InputType::Tensor(kind) } => {
                    let (element, shape) = self.tensor_type(kind);
                    self.input(name, element, shape, statement, feeds, &mut input);
                }
                StatementKind::Bind { name, value } => {
                    if let ExprKind::Call { callee, arguments, brackets } = &value.kind
                        && is_input(value)
                    {
                        self.report(
                            Diagnostic::new(Code::NoEffect, callee.span, "`Input(…)` is a statement of its own")
                                .label("cannot be bound with `=`")
                                .help(format!("write `Input(…) as {0}`, or `input {0}: f32[…]`", name.text)),
                        );
                        self.input_call(callee, arguments, *brackets, Some(name), statement, feeds, &mut input);
                        continue;
                    }
                    let value = self.evaluate(value);
                    self.bind_name(name, value, statement.docs.as_deref());
                }
                StatementKind::Flow { value, name, .. } => {
                    if let ExprKind::Call { callee, arguments, brackets } = &value.kind
                        && is_input(value)
                    {
                        self.input_call(callee, arguments, *brackets, name.as_ref(), statement, feeds, &mut input);
                        continue;
                    }
                    values += 1;
                    let result = self.flow(value, name.as_ref());
                    output_name = name.as_ref().map_or_else(|| "output".to_owned(), |name| name.text.clone());
                    if let Some(name) = name {
                        self.bind_name(name, result.clone(), statement.docs.as_deref());
                    }
                    self.flow = Some(result);
                }
                kind => {
                    let keyword = match kind {
                        StatementKind::Output { .. } => Some("output"),
                        StatementKind::Share { .. } => Some("share"),
                        StatementKind::Check { .. } => Some("check"),
                        StatementKind::Input { .. } => Some("input"),
                        _ => None,
                    };
                    if let Some(keyword) = keyword {
                        self.report(reserved(&keyword_at(statement.span, keyword)));
                    }
                    // What it would have made is not known, and nothing more is said of it.
                    self.flow = Some(Value::Unknown);
                    values += 1;
                }
            }
        }
        self.whole(model, &input, values);
        let output = match &self.flow {
            Some(Value::Tensor(id)) if values > 0 => Some(*id),
            _ => None,
        };
        let flatten = output.and_then(|output| self.flatten_before(output));
        let lost = |statement: &Statement| matches!(statement.kind, StatementKind::Error);
        let unread = model.body.statements.iter().any(lost) || self.findings.lost_in(model.body.span);
        Built { input, output_name, output, flatten, unread }
    }

    /// Reports a model without an input, or one that does nothing with it.
    fn whole(&mut self, model: &ast::Model, input: &Option<Input>, values: usize) {
        let name = &model.name;
        if input.is_none() && values == 0 {
            self.report(
                Diagnostic::new(Code::NoValue, name.span, format!("the model `{}` is empty", name.text))
                    .label("no input and no layers")
                    .help("begin with an input, such as `input image: f32[28, 28, 1]`"),
            );
        } else if values == 0 {
            self.report(
                Diagnostic::new(
                    Code::NoValue,
                    name.span,
                    format!("the model `{}` does nothing with its input", name.text),
                )
                .label("no layers"),
            );
        }
    }

    fn flow(&mut self, value: &Expr, name: Option<&Ident>) -> Value {
        if let ExprKind::Name(word) = &value.kind
            && !self.names_a_value(word, value)
            && word != "it"
        {
            if activations::find(word).is_some() {
                self.report(
                    Diagnostic::new(Code::NoEffect, value.span, format!("`{word}` alone does nothing"))
                        .label("a function that is not called")
                        .fix("apply it to the current value", value.span, format!("{word}(it)"), Applicability::Safe),
                );
                return self.flow.clone().unwrap_or(Value::Unknown);
            }
            if layers::find(word).is_some() {
                self.report(
                    Diagnostic::new(Code::NoEffect, value.span, format!("`{word}` is not applied"))
                        .label("a layer needs its brackets")
                        .fix("add the brackets", value.span.after(), "()", Applicability::Guess),
                );
                return Value::Unknown;
            }
        }
        let result = match &value.kind {
            ExprKind::Call { callee, arguments, brackets } => {
                self.statement_call = Some(value.span);
                let result = self.call(value, callee, arguments, *brackets, None, name);
                self.statement_call = None;
                result
            }
            ExprKind::Pipe { value, call } => {
                let value = self.evaluate(value);
                self.pipe(value, call, name)
            }
            _ => self.evaluate(value),
        };
        self.report_oversized();
        match result {
            Value::Tensor(id) => {
                if let Some(name) = name {
                    self.builder.name(id, name.text.clone());
                }
                result
            }
            Value::Unknown => result,
            other => {
                self.report(
                    Diagnostic::new(Code::NoEffect, value.span, format!("{} is not a tensor", other.describe()))
                        .label("a statement's value becomes the current value")
                        .help("`name = value` gives a number a name"),
                );
                Value::Unknown
            }
        }
    }

    /// Puts a name in scope and reports one that is taken.
    fn bind_name(&mut self, name: &Ident, value: Value, docs: Option<&str>) {
        let taken = match self.scope.get(&name.text) {
            Some(binding) => Some((binding.definition, "first named here".to_owned())),
            None => self.names.get(&name.text).map(|entry| {
                (entry.name.span, format!("the {} `{}` is declared here", entry.declared.noun(), name.text))
            }),
        };
        if let Some((span, text)) = taken {
            self.report(
                Diagnostic::new(Code::Duplicate, name.span, format!("`{}` is already a name here", name.text))
                    .label("choose another name")
                    .related(span, text),
            );
            return;
        }
        if name.text == "it" || activations::find(&name.text).is_some() || crate::functions::find(&name.text).is_some()
        {
            self.report(
                Diagnostic::new(Code::Shadowing, name.span, format!("`{}` is a word of the language", name.text))
                    .label("choose another name"),
            );
            return;
        }
        let kind = self.describe(&value);
        let docs: Option<Arc<str>> = docs.map(Arc::from);
        let fact = FactKind::Value { name: name.text.clone(), kind, docs: docs.clone(), definition: name.span };
        self.fact(name.span, fact);
        self.define(&name.text, Binding { value, definition: name.span, docs });
    }

    fn tensor_type(&mut self, kind: &ast::TensorType) -> (ElementType, Shape) {
        let element = ElementType::from_name(&kind.element.text).unwrap_or_else(|| {
            let names = ElementType::ALL.map(ElementType::name);
            let mut fault = Diagnostic::new(
                Code::ElementType,
                kind.element.span,
                format!("there is no element type `{}`", kind.element.text),
            )
            .label(format!("expected {}", either(names)));
            let word = kind.element.text.as_str();
            if let Some(meant) = element_meant(word).or_else(|| nearest(word, names)) {
                fault = fault.fix(
                    format!("replace `{}` with `{meant}`", kind.element.text),
                    kind.element.span,
                    meant,
                    Applicability::Guess,
                );
            }
            self.report(fault);
            ElementType::F32
        });
        let dims: Vec<Dim> = kind.dims.iter().map(|dim| self.dim(dim)).collect();
        (element, Shape::batched(dims))
    }

    /// A dimension of an input: a whole number of at least 1.
    fn dim(&mut self, expr: &Expr) -> Dim {
        if let ExprKind::Name(name) = &expr.kind
            && !self.names_a_value(name, expr)
            && name.starts_with(|first: char| first.is_uppercase())
        {
            self.report(
                Diagnostic::new(Code::Reserved, expr.span, "symbolic dimensions are not in this version of ndsl")
                    .label("give a number")
                    .help("the batch is not written: every input has it"),
            );
            return Dim::Unknown;
        }
        match self.evaluate(expr) {
            Value::Int(size @ 1..) => Dim::Known(size as usize),
            Value::Int(size) => {
                self.report(
                    Diagnostic::new(Code::OutOfRange, expr.span, format!("a dimension is at least 1, not {size}"))
                        .label("too small"),
                );
                Dim::Unknown
            }
            Value::Unknown => {
                self.incomplete = true;
                Dim::Unknown
            }
            other => {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    expr.span,
                    format!("a dimension is a whole number, not {}", other.describe()),
                )
                .label("expected a whole number");
                let fault = self.whole_number_hint(expr, fault);
                self.report(fault);
                Dim::Unknown
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a call in the source has this many parts")]
    fn input_call(
        &mut self,
        callee: &Expr,
        arguments: &[Argument],
        brackets: Span,
        name: Option<&Ident>,
        statement: &Statement,
        feeds: Option<&Feeds>,
        input: &mut Option<Input>,
    ) {
        self.fact(callee.span, FactKind::Signature(&INPUT));
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&INPUT, arguments.iter().map(Given::from), site);
        let element = ElementType::from_name(bound.word("dtype")).unwrap_or(ElementType::F32);
        let dims: Vec<Dim> = match bound.value("shape") {
            Some(Value::List(values)) => values
                .iter()
                .map(|value| match value {
                    Value::Int(size) => Dim::Known(*size as usize),
                    _ => Dim::Unknown,
                })
                .collect(),
            // Without its shape nothing after it can be checked.
            _ => {
                self.flow = Some(Value::Unknown);
                *input = input.take().or(Some(Input {
                    name: "input".into(),
                    span: statement.span,
                    value: self.builder.unknown(element, Shape::batched([]), statement.span),
                }));
                return;
            }
        };
        let given = bound.text("name").unwrap_or("input").to_owned();
        let ident = name.cloned().unwrap_or(Ident { text: given, span: callee.span });
        self.input(&ident, element, Shape::batched(dims), statement, feeds, input);
    }

    fn input(
        &mut self,
        name: &Ident,
        element: ElementType,
        shape: Shape,
        statement: &Statement,
        feeds: Option<&Feeds>,
        input: &mut Option<Input>,
    ) {
        if let Some(first) = input {
            self.report(
                Diagnostic::new(Code::Reserved, name.span, "several inputs are not in this version of ndsl")
                    .label("a second input")
                    .related(first.span, "the first is here"),
            );
            self.bind_name(name, Value::Unknown, statement.docs.as_deref());
            return;
        }
        if shape.row().0.iter().any(|dim| dim.known().is_some_and(|size| size > MAX_INPUT))
            || (shape.row().elements().is_none() && shape.row().0.iter().all(|dim| dim.known().is_some()))
            || shape.row().elements().is_some_and(|count| count > MAX_INPUT)
        {
            self.report(
                Diagnostic::new(
                    Code::ModelTooLarge,
                    statement.span,
                    format!("one row of `{}` would hold more than {MAX_INPUT} numbers", name.text),
                )
                .label(format!("{}", shape.row())),
            );
            self.flow = Some(Value::Unknown);
            return;
        }
        let value = match feeds.and_then(|feeds| feeds.get(&name.text)) {
            None => self.builder.input(name.text.clone(), element, shape, statement.span),
            Some(feed) => match feed.value {
                Value::Tensor(id) => self.fed(name, element, shape, statement, id, feed),
                _ => self.builder.unknown(element, shape, statement.span),
            },
        };
        *input = Some(Input { name: name.text.clone(), span: statement.span, value });
        self.bind_name(name, Value::Tensor(value), statement.docs.as_deref());
        self.flow = Some(Value::Tensor(value));
    }

    /// Checks what is fed into an input against its declaration.
    fn fed(
        &mut self,
        name: &Ident,
        element: ElementType,
        shape: Shape,
        statement: &Statement,
        id: ValueId,
        feed: &Feed,
    ) -> ValueId {
        let span = feed.span;
        let given = self.builder.value(id);
        let (given_element, given_row) = (given.element, given.shape.row());
        let row = shape.row();
        let declared = format!("{element}{row}");
        if !given_row.agrees(&row) {
            let mut fault = Diagnostic::new(
                Code::DataMismatch,
                span,
                format!("the input `{}` is {declared}, but {given_element}{given_row} is fed into it", name.text),
            )
            .label(format!("{given_element}{given_row}"))
            .related(statement.span, format!("`{}` is declared as {declared}", name.text));
            let (given, wanted) = (given_row.elements(), row.elements());
            if wanted.is_some() && (given == wanted || given.is_none() && given_row.rank() != row.rank()) {
                let condition = if given.is_none() { ", if a row holds as many numbers" } else { "" };
                fault = feed.convert(fault, &name.text, &format!("reshape({}, {row})", feed.written), condition);
            }
            self.report(fault);
            return self.builder.unknown(element, shape, statement.span);
        }
        match (given_element, element) {
            (given, wanted) if given == wanted => {
                self.fed = Some((id, statement.span));
                id
            }
            // Every number of these is exact as f32, so nothing is lost and nothing need be said.
            (ElementType::U8 | ElementType::Bool, ElementType::F32) => {
                self.builder.node(Op::Cast(ElementType::F32), vec![id], span)
            }
            (given, wanted) => {
                let fault = Diagnostic::new(
                    Code::DataMismatch,
                    span,
                    format!("the input `{}` takes {wanted}, but {given} is fed into it", name.text),
                )
                .label(format!("{given}{given_row}"))
                .related(statement.span, format!("`{}` is declared as {declared}", name.text));
                self.report(feed.convert(fault, &name.text, &format!("cast({}, {wanted})", feed.written), ""));
                self.builder.unknown(element, shape, statement.span)
            }
        }
    }

    /// How a `Flatten()` would be written before the `Dense` that makes `output`, where that has several axes.
    fn flatten_before(&self, output: ValueId) -> Option<Edit> {
        let graph = self.builder.graph();
        let mut id = output;
        loop {
            let node = graph.producer(id)?;
            match node.op {
                Op::Unary(_) | Op::Softmax { .. } | Op::LogSoftmax { .. } | Op::Dropout { .. } => {
                    id = *node.inputs.first()?;
                }
                Op::Linear => {
                    let layer = &graph.layers[node.layer?.0 as usize];
                    return self.flatten_edits.get(&layer.span.start).cloned();
                }
                _ => return None,
            }
        }
    }
}
