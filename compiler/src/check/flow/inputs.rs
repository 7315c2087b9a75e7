//! What goes into a block or model: its declared inputs, what they are given, and what that says of their symbols.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Argument, Expr, ExprKind, Ident, InputType, Statement, StatementKind, UnaryOperator};

use super::apply::Supply;
use super::rows::DeclaredRow;
use crate::check::arguments::{Given, Site};
use crate::check::context::Context;
use crate::check::facts::FactKind;
use crate::check::index::SymbolKind;
use crate::check::scope::Binding;
use crate::check::settings::Feed;
use crate::check::solve::Solution;
use crate::check::typed::{element_meant, other_width};
use crate::check::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic, Edit, Fix};
use crate::ir::{Dim, ElementType, Op, Shape, ValueId, ValueSource};
use crate::signature::{Default, Kind, Parameter, Signature};
use crate::suggest::{either, nearest};

/// Whether an expression is `Input(…)`.
pub fn is_input(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call { callee, .. } if matches!(&callee.kind, ExprKind::Name(name) if name == "Input"))
}

/// The most elements an input may have in one row.
const MAX_INPUT: usize = 1 << 31;

/// An input with its value.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: Ident,
    /// What it is here.
    pub value: Value,
    /// Whether it is that wherever the body is used.
    pub settled: bool,
}

/// An input as it is declared.
struct Declared {
    name: Ident,
    span: Span,
    element: ElementType,
    /// Its dimensions, the batch left out; nothing where they could not be read.
    row: Option<Shape>,
    /// Where each dimension is written.
    dims: Vec<Span>,
    /// The table that it is a row of, if it is one.
    table: Option<DeclaredRow>,
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
    /// The inputs of `model`, by the statements that declare them, with what `supply` gives them. Their symbols become names of
    /// the body.
    pub(super) fn inputs(&mut self, model: &ast::Model, supply: &Supply<'_>) -> Vec<Option<Input>> {
        let bound = matches!(supply, Supply::Feeds(_) | Supply::Use { .. });
        let declared: Vec<Option<Declared>> =
            model.body.statements.iter().map(|statement| self.declared_input(statement, bound)).collect();
        let given: Vec<Option<(Value, Span)>> = self.given_inputs(&declared, supply);
        let mut solution = Solution::default();
        for (declared, given) in declared.iter().zip(&given) {
            if let (Some(Declared { row: Some(row), name, .. }), Some((Value::Tensor(id), span))) = (declared, given) {
                solution.add(row, &self.row(*id), &name.text, *span);
            }
        }
        solution.solve();
        if bound {
            self.bind_symbols(&declared, &given, &solution);
        }
        let values = declared.into_iter().zip(given).map(|(declared, given)| {
            let declared = declared?;
            let value = self.input(&declared, given, supply, &solution);
            Some(Input { settled: self.is_settled(&declared, &value), name: declared.name, value })
        });
        values.collect()
    }

    /// Whether an input is what it would be for everyone: its size is written out, and it has that size here.
    fn is_settled(&self, declared: &Declared, value: &Value) -> bool {
        let Value::Tensor(id) = value else { return false };
        let value = self.builder.value(*id);
        let written = declared.row.as_ref().and_then(Shape::elements);
        written.is_some() && written == value.shape.row().elements() && !matches!(value.source, ValueSource::Unknown)
    }

    /// The input a statement declares; where what goes in is given, symbols stand for what is to be solved.
    fn declared_input(&mut self, statement: &Statement, bound: bool) -> Option<Declared> {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Input { name, kind: InputType::Tensor(kind) } => {
                kind.dims.iter().filter(|dim| !is_batch(dim)).for_each(|dim| self.declare_symbols(dim, bound));
                let (element, row) = self.tensor_type(kind);
                let dims = kind.dims.iter().map(|dim| dim.span).collect();
                Some(Declared { name: name.clone(), span, element, row: Some(row), dims, table: None })
            }
            StatementKind::Input { name, kind: InputType::Table { table, except } } => {
                let table = self.declared_row(table, except);
                let (element, dims) = (ElementType::F32, Vec::new());
                Some(Declared { name: name.clone(), span, element, row: None, dims, table })
            }
            StatementKind::Bind { name, value } if is_input(value) => {
                let ExprKind::Call { callee, arguments, brackets } = &value.kind else { return None };
                let mut fault = Diagnostic::new(Code::NoEffect, callee.span, "`Input(…)` is a statement of its own")
                    .label("cannot be bound with `=`")
                    .help(format!("`input {}: f32[…]` says the same", name.text));
                let mark = Span { end: value.span.start, ..name.span };
                fault.fixes.push(Fix {
                    title: format!("write `Input(…) as {}`", name.text),
                    edits: vec![
                        Edit { span: mark, text: String::new() },
                        Edit { span: value.span.after(), text: format!(" as {}", name.text) },
                    ],
                    applicability: Applicability::Safe,
                });
                self.report(fault);
                Some(self.input_call(callee, arguments, *brackets, Some(name), span))
            }
            StatementKind::Flow { value, name, .. } if is_input(value) => {
                let ExprKind::Call { callee, arguments, brackets } = &value.kind else { return None };
                Some(self.input_call(callee, arguments, *brackets, name.as_ref(), span))
            }
            _ => None,
        }
    }

    /// Reports an `Input(…)` where none may stand.
    pub(super) fn misplaced_input(&mut self, value: &Expr) {
        self.report(
            Diagnostic::new(Code::NoEffect, value.span, "`Input(…)` is a statement of its own, before the layers")
                .label("cannot stand here"),
        );
    }

    fn input_call(
        &mut self,
        callee: &Expr,
        arguments: &[Argument],
        brackets: Span,
        name: Option<&Ident>,
        span: Span,
    ) -> Declared {
        self.fact(callee.span, FactKind::Signature(&INPUT));
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&INPUT, arguments.iter().map(Given::from), site);
        let element = ElementType::from_name(bound.word("dtype")).unwrap_or(ElementType::F32);
        // Without its shape nothing after it can be checked.
        let row = match bound.value("shape") {
            Some(Value::List(values)) => Some(Shape(values.iter().map(|v| v.dim().unwrap_or(Dim::Unknown)).collect())),
            _ => None,
        };
        let given = bound.text("name").unwrap_or("input").to_owned();
        let name = name.cloned().unwrap_or(Ident { text: given, span: callee.span });
        let shape = bound.span("shape", span);
        let dims = row.iter().flat_map(|row| row.dims()).map(|_| shape).collect();
        Declared { name, span, element, row, dims, table: None }
    }

    /// Makes names of the symbols in a dimension: capitalised words that nothing else is called.
    fn declare_symbols(&mut self, dim: &Expr, bound: bool) {
        if let ExprKind::Name(name) = &dim.kind
            && name.starts_with(|first: char| first.is_uppercase())
            && !self.scope.contains_key(name)
            && self.names.get(name).is_none()
        {
            let value = match name.as_str() {
                "N" => {
                    self.report(
                        Diagnostic::new(Code::OutOfRange, dim.span, "`N` is the batch, which is not written")
                            .label("every input has it, in front of these")
                            .help("another name, such as `T`, is a dimension of the row"),
                    );
                    Value::Unknown
                }
                name if bound => Value::Dim(Dim::symbol(Solution::wanted(name))),
                name => Value::Dim(Dim::symbol(name)),
            };
            self.findings.declares(dim.span, SymbolKind::Dimension);
            if !bound && self.notes() {
                let kind = self.describe(&value);
                let definition = dim.span;
                self.fact(dim.span, FactKind::Value { name: name.clone(), kind, docs: None, definition });
            }
            self.define(name, Binding { value, definition: dim.span, docs: None });
        }
        dim.each_child(&mut |child| self.declare_symbols(child, bound));
    }

    /// What each declared input is given; nothing of those fed from outside.
    fn given_inputs(&self, declared: &[Option<Declared>], supply: &Supply<'_>) -> Vec<Option<(Value, Span)>> {
        let mut is_first = true;
        let mut one = |declared: &Declared| {
            let first = std::mem::replace(&mut is_first, false);
            match supply {
                Supply::Outside | Supply::Open => None,
                Supply::Feeds(feeds) => feeds.get(&declared.name.text).map(|feed| (feed.value.clone(), feed.span)),
                Supply::Use { first: flow, named, head, .. } => match named.get(&declared.name.text) {
                    Some((value, span)) => Some((value.clone(), *span)),
                    None if first => Some((flow.clone().unwrap_or(Value::Unknown), *head)),
                    None => Some((Value::Unknown, *head)),
                },
            }
        };
        declared.iter().map(|declared| declared.as_ref().and_then(&mut one)).collect()
    }

    /// Gives the symbols of the body the sizes they turned out to be.
    fn bind_symbols(&mut self, declared: &[Option<Declared>], given: &[Option<(Value, Span)>], solution: &Solution) {
        let mut symbols: BTreeMap<String, Arc<str>> = BTreeMap::new();
        for row in declared.iter().flatten().filter_map(|declared| declared.row.as_ref()) {
            for wanted in row.dims().iter().flat_map(Dim::symbols) {
                if let Some(name) = Solution::name(&wanted) {
                    symbols.insert(name.to_owned(), wanted.clone());
                }
            }
        }
        let known = declared.iter().zip(given).all(|(declared, given)| match (declared, given) {
            (Some(Declared { table: Some(_), .. }), Some((Value::Row(_), _))) | (_, None) => true,
            (_, Some((Value::Tensor(id), _))) => !self.builder.shape(*id).dims().contains(&Dim::Unknown),
            _ => false,
        });
        for (name, wanted) in symbols {
            let Some(Binding { definition, .. }) = self.scope.get(&name).cloned() else { continue };
            let value = match solution.of(&wanted) {
                Some(dim) => Value::from_dim(dim.clone()),
                None => {
                    if known && !solution.faulty() {
                        self.unsolved(&name, &wanted, definition, solution);
                    }
                    self.given_up()
                }
            };
            if self.notes() {
                let kind = self.describe(&value);
                self.fact(definition, FactKind::Value { name: name.clone(), kind, docs: None, definition });
            }
            self.define(&name, Binding { value, definition, docs: None });
        }
    }

    /// Reports a symbol that nothing that goes in says the size of.
    fn unsolved(&mut self, name: &str, wanted: &str, definition: Span, solution: &Solution) {
        let fault = match solution.unsolved(wanted) {
            Some((given, span)) => {
                let message = format!("no size of `{name}` makes this dimension {given}");
                Diagnostic::new(Code::DimensionConflict, span, message)
                    .label(format!("{given} here"))
                    .related(definition, format!("`{name}` stands here"))
            }
            None => {
                let message = format!("`{name}` cannot be told from what goes in");
                Diagnostic::new(Code::DimensionConflict, definition, message)
                    .label("stands in no dimension by itself")
                    .help("a dimension of one symbol, such as `T` or `2 * T - 1`, says how large that is")
            }
        };
        self.report(fault);
    }

    fn input(
        &mut self,
        declared: &Declared,
        given: Option<(Value, Span)>,
        supply: &Supply<'_>,
        solution: &Solution,
    ) -> Value {
        let Declared { name, span, element, row, .. } = declared;
        if let Some(table) = &declared.table {
            return self.row_input(name, table, given, supply);
        }
        let Some(row) = row else { return Value::Unknown };
        let shape = Shape::batched(row.dims().iter().map(|dim| solution.apply(dim)));
        let row = shape.row();
        let known = || row.dims().iter().filter_map(Dim::known);
        let count = known().try_fold(1usize, usize::checked_mul);
        if count.is_none_or(|count| count > MAX_INPUT) {
            self.report(
                Diagnostic::new(
                    Code::ModelTooLarge,
                    *span,
                    format!("one row of `{}` would hold more than {MAX_INPUT} numbers", name.text),
                )
                .label(format!("{row}")),
            );
            return Value::Unknown;
        }
        let value = match (supply, given) {
            (Supply::Outside | Supply::Open, _) => self.builder.input(name.text.clone(), *element, shape, *span),
            (Supply::Feeds(feeds), given) => match (given, feeds.get(&name.text)) {
                (Some((Value::Tensor(id), _)), Some(feed)) => self.fed(name, *element, shape, *span, id, feed),
                (None, None) => self.builder.input(name.text.clone(), *element, shape, *span),
                _ => self.builder.unknown(*element, shape, *span),
            },
            (Supply::Use { name: used, .. }, Some((Value::Tensor(id), at))) => {
                match self.fits(used, declared, id, at, solution) {
                    true => id,
                    false => self.builder.unknown(*element, shape, at),
                }
            }
            (Supply::Use { name: used, .. }, Some((Value::Row(row), at))) => {
                let message =
                    format!("`{used}` takes {element}{} for `{}`, not a row of `{}`", shape.row(), name.text, row.path);
                let fault = Diagnostic::new(Code::WrongType, at, message).label(format!("a row of `{}`", row.path));
                self.report(fault.related(*span, "declared here").help("`Features()` makes numbers of a row"));
                self.builder.unknown(*element, shape, *span)
            }
            (Supply::Use { .. }, _) => self.builder.unknown(*element, shape, *span),
        };
        Value::Tensor(value)
    }

    /// Whether a value goes with an input of the block or model `used`; what does not is reported at `at`.
    fn fits(&mut self, used: &str, declared: &Declared, id: ValueId, at: Span, solution: &Solution) -> bool {
        let Declared { name, span, element, row: Some(row), dims, .. } = declared else { return true };
        let written = |span: Span| self.names.text(span);
        let wanted = self.written_type(declared);
        let kind = self.type_of(id);
        let given = self.row(id);
        let declared_here = format!("`{}` is declared as {wanted}", name.text);
        if self.builder.value(id).element != *element {
            let message = format!("`{used}` takes {element} for `{}`, and this is {kind}", name.text);
            let fault = Diagnostic::new(Code::ElementType, at, message).label(kind);
            let fault = fault.related(*span, declared_here).help(format!("`cast(x, {element})` converts"));
            self.report_with_origin(fault, id);
            return false;
        }
        if given.rank() != row.rank() {
            let message = format!("`{used}` takes {wanted} for `{}`, and this is {kind}", name.text);
            let fault = Diagnostic::new(Code::ShapeMismatch, at, message).label(kind).related(*span, declared_here);
            self.report_with_origin(fault, id);
            return false;
        }
        for ((pattern, dim), place) in row.dims().iter().zip(given.dims()).zip(dims) {
            let expected = solution.apply(pattern);
            if expected.agrees(dim) {
                continue;
            }
            let symbols: Vec<Arc<str>> =
                pattern.symbols().into_iter().filter(|s| Solution::name(s).is_some()).collect();
            let fault = match symbols.as_slice() {
                [] => {
                    let message = format!("`{used}` takes {wanted} for `{}`, and this is {kind}", name.text);
                    Diagnostic::new(Code::ShapeMismatch, at, message).label(kind.clone()).related(*span, declared_here)
                }
                _ => {
                    let text = written(*place);
                    let message = format!("`{text}` is {expected} by one input of `{used}` and {dim} by another");
                    let mut fault = Diagnostic::new(Code::DimensionConflict, at, message)
                        .label(format!("`{text}` is {dim} by `{}: {wanted}`", name.text));
                    for symbol in &symbols {
                        if let (Some((dim, input, from)), Some(symbol)) =
                            (solution.source(symbol), Solution::name(symbol))
                        {
                            fault = fault.related(from, format!("`{symbol}` is {dim} by `{input}`"));
                        }
                    }
                    fault.related(*place, format!("`{text}` is declared here"))
                }
            };
            self.report_with_origin(fault, id);
            return false;
        }
        true
    }

    /// The type of an input as it is declared: `f32[T, 64]`.
    fn written_type(&self, declared: &Declared) -> String {
        let element = declared.element;
        let dims: Vec<&str> = declared.dims.iter().map(|dim| self.names.text(*dim)).collect();
        if dims.is_empty() { element.to_string() } else { format!("{element}[{}]", dims.join(", ")) }
    }

    /// Where the type stands in `input name: type`; nothing of the other spelling.
    fn type_after(&self, name: &Ident, declaration: Span) -> Option<Span> {
        let rest = Span { start: name.span.end, ..declaration };
        let text = self.names.text(rest);
        let kind = text.trim_start().strip_prefix(':')?.trim_start();
        Some(Span { start: rest.end - kind.len() as u32, ..rest })
    }

    /// Checks what is fed into an input against its declaration.
    fn fed(
        &mut self,
        name: &Ident,
        element: ElementType,
        shape: Shape,
        declaration: Span,
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
            .related(declaration, format!("`{}` is declared as {declared}", name.text));
            let (given, wanted) = (given_row.elements(), row.elements());
            if wanted.is_some() && (given == wanted || given.is_none() && given_row.rank() != row.rank()) {
                let condition = if given.is_none() { ", if a row holds as many numbers" } else { "" };
                let conversion =
                    reshaped(&feed.written, &row).unwrap_or_else(|| format!("reshape({}, {row})", feed.written));
                fault = feed.convert(fault, &name.text, &conversion, condition);
                self.findings.fits(declaration);
                self.report(fault);
            } else if !self.quiet {
                let fed = format!("{given_element}{given_row}");
                let kind = self.type_after(name, declaration).filter(|_| given.is_some());
                let declare = kind.map(|span| Fix {
                    title: format!("declare `{}` as `{fed}`", name.text),
                    edits: vec![Edit { span, text: fed }],
                    applicability: Applicability::Guess,
                });
                self.findings.report_of_input(declaration, fault, declare);
            }
            return self.builder.unknown(element, shape, declaration);
        }
        self.findings.fits(declaration);
        match (given_element, element) {
            (given, wanted) if given == wanted => {
                self.fed.push((id, declaration));
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
                .related(declaration, format!("`{}` is declared as {declared}", name.text));
                self.report(feed.convert(fault, &name.text, &format!("cast({}, {wanted})", feed.written), ""));
                self.builder.unknown(element, shape, declaration)
            }
        }
    }

    /// The element type and the dimensions of one row.
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
            if other_width(word).is_some() {
                fault = fault.help(
                    "a program has one real type, `f32`, and one whole type, `i64`; how wide the numbers are that a run computes \
                     with is the `precision` of a `train`",
                );
            }
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
        let mut dims = kind.dims.as_slice();
        if let [first, rest @ ..] = dims
            && let Some(next) = rest.first()
            && is_batch(first)
        {
            let written = self.names.text(first.span);
            let gap = Span { end: next.span.start, ..first.span };
            self.report(
                Diagnostic::new(Code::UnknownName, first.span, format!("`{written}` is no dimension"))
                    .label("the batch is not written")
                    .help("a type has the dimensions of one row; any other size that varies has a name of its own, such as `T`")
                    .fix(format!("leave `{written}` out"), gap, "", Applicability::Safe),
            );
            dims = rest;
        }
        let dims: Vec<Dim> = dims.iter().map(|dim| self.dim(dim)).collect();
        (element, Shape(dims))
    }

    /// A dimension of an input: a whole number of at least 1.
    fn dim(&mut self, expr: &Expr) -> Dim {
        if matches!(&expr.kind, ExprKind::Name(name) if matches!(name.as_str(), "None" | "Batch" | "BATCH")) {
            let written = self.names.text(expr.span);
            self.report(
                Diagnostic::new(Code::UnknownName, expr.span, format!("`{written}` is no dimension"))
                    .label("the batch is not written")
                    .help("a type has the dimensions of one row; any other size that varies has a name of its own, such as `T`"),
            );
            return Dim::Unknown;
        }
        if let ExprKind::Name(name) = &expr.kind
            && !self.names_a_value(name, expr)
            && self.names.get(name).is_none()
        {
            let message = format!("nothing here is called `{name}`");
            let fault = Diagnostic::new(Code::UnknownName, expr.span, message);
            let known = self.scope.keys().map(String::as_str).chain(self.names.constants.iter().copied());
            let fault = match self.findings.nearest(name, known) {
                Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                    format!("replace `{name}` with `{meant}`"),
                    expr.span,
                    meant,
                    Applicability::Guess,
                ),
                None => fault.label("neither a parameter nor a constant"),
            };
            self.report(fault.help("a capitalised name, such as `T`, is a dimension of any size"));
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
            Value::Dim(dim) => dim,
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
}

/// Whether a dimension is how other libraries write the batch.
fn is_batch(dim: &Expr) -> bool {
    match &dim.kind {
        ExprKind::Name(name) => matches!(name.as_str(), "None" | "Batch" | "BATCH" | "batch_size"),
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => operand.kind == ExprKind::Int(1),
        ExprKind::Null => true,
        _ => false,
    }
}

/// `reshape(columns, [28, 28])` with another list of dimensions; nothing where `written` is not that call alone.
fn reshaped(written: &str, row: &Shape) -> Option<String> {
    let inner = written.strip_prefix("reshape(")?.strip_suffix("])")?;
    let (value, dims) = inner.rsplit_once(", [")?;
    let alone = !value.contains(['(', ')', '[', ']']) && !dims.contains(['(', ')', '[', ']']);
    alone.then(|| format!("reshape({value}, {row})"))
}
