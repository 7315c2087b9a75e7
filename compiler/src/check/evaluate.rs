//! What expressions are: numbers are computed, tensors become nodes of the graph.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, BinaryOperator, Expr, ExprKind, Ident};

use super::arguments::{Arguments, Given, Site};
use super::context::Context;
use super::facts::FactKind;
use super::flow::{Call, Naming, Operation};
use super::habits;
use super::index::{Meaning, SymbolKind};
use super::layer::activation_name;
use super::names::Declared;
use super::room::MAX_LEVELS;
use super::settings::Chosen;
use super::value::{MAX_LIST, Value};
use crate::activations::{self, Activation};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::functions;
use crate::ir::{ElementType, ValueId, ValueSource};
use crate::layers;
use crate::signature::{Default, Kind, Signature};
use crate::suggest::{listed, nearest};

/// Longer texts are cut where a value is described.
pub(super) const MAX_SHOWN: usize = 64;

impl Context<'_> {
    /// The value of an expression; every fault in it is reported.
    pub fn evaluate(&mut self, expr: &Expr) -> Value {
        let levels = self.names.all.levels.get();
        self.names.all.levels.set(levels + 1);
        let value = match self.chosen(expr) {
            Chosen::Expr(expr) => self.whole_batch(expr).unwrap_or_else(|| self.value_of(expr)),
            Chosen::Value(value) => value,
        };
        self.names.all.levels.set(levels);
        value
    }

    fn value_of(&mut self, expr: &Expr) -> Value {
        if !self.spend(1) {
            return self.given_up();
        }
        if self.names.all.levels.get() > MAX_LEVELS {
            let message = "this goes deeper than can be checked";
            self.report(Diagnostic::new(Code::TooDeep, expr.span, message).label("not followed further"));
            return self.given_up();
        }
        match &expr.kind {
            ExprKind::Int(number) => Value::Int(*number),
            ExprKind::Float(number) => Value::Float(*number),
            ExprKind::Bool(truth) => Value::Bool(*truth),
            ExprKind::Str(text) => Value::Text(text.as_str().into()),
            ExprKind::Percent(share) => Value::Float(*share),
            ExprKind::Quantity { number, unit } => self.quantity(*number, unit, None),
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::List(items) => self.list(items, expr.span),
            ExprKind::Call { callee, arguments, brackets } => self.call(expr, callee, arguments, *brackets, None, None),
            ExprKind::Unary { operator, operand } => self.unary(*operator, operand, expr.span),
            ExprKind::Binary { operator, operator_span, left, right } => {
                self.binary(Operation { operator: *operator, at: *operator_span, span: expr.span }, left, right)
            }
            ExprKind::Pipe { value, call } => {
                let value = self.evaluate(value);
                self.pipe(value, call, None)
            }
            ExprKind::Field { base, name } => self.field_of(base, name, expr.span),
            ExprKind::Index { base, indices } => self.index(base, indices, expr.span),
            ExprKind::If { branches, otherwise } => self.condition(branches, otherwise.as_ref()),
            ExprKind::Repeat { over, names, destructured, body } => self.repeat(over, names, *destructured, body),
            ExprKind::Residual { body } => self.residual(body, expr.span),
            ExprKind::Branch { arms } => self.branch(arms, expr.span),
            ExprKind::Body(body) => self.braces(body, true),
            ExprKind::Record(_) => self.refuse(expr.span, "settings between braces cannot stand here"),
            ExprKind::Range { .. } => self.refuse(expr.span, "a range stands between the brackets of an index"),
            ExprKind::Null => self.refuse(expr.span, "`null` is a value of columns only"),
            ExprKind::Date(_) | ExprKind::DateTime(..) | ExprKind::Time(_) => {
                self.refuse(expr.span, "dates and times are values of columns only")
            }
            ExprKind::Error => Value::Unknown,
        }
    }

    fn list(&mut self, items: &[Expr], span: Span) -> Value {
        let values = Value::List(items.iter().map(|item| self.evaluate(item)).collect());
        if values.size() <= MAX_LIST {
            return values;
        }
        self.report(
            Diagnostic::new(Code::TooDeep, span, format!("a list holds at most {MAX_LIST} values"))
                .label("the lists in it counted, this holds more"),
        );
        Value::Unknown
    }

    /// The facts an expression would give are not kept, nor what is wrong with it.
    pub fn evaluate_quietly(&mut self, expr: &Expr) {
        let before = std::mem::replace(&mut self.quiet, true);
        self.evaluate(expr);
        self.quiet = before;
    }

    /// Whether a bare word stands for a value in scope rather than for itself.
    pub fn names_a_value(&self, word: &str, expr: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Name(_))
            && (self.scope.contains_key(word)
                || matches!(self.names.get(word), Some(entry) if entry.kind == SymbolKind::Constant))
    }

    /// Applies a call to `value`, as `value |> call` does; `hint` names the layer.
    pub fn pipe(&mut self, value: Value, call: &Expr, hint: Option<&Ident>) -> Value {
        match &call.kind {
            ExprKind::Call { callee, arguments, brackets } => {
                self.call(call, callee, arguments, *brackets, Some(value), hint)
            }
            // The grammar has reported anything that is not a call.
            _ => {
                self.evaluate_quietly(call);
                Value::Unknown
            }
        }
    }

    /// A call: of a layer, applied to `piped` or else to the flow, or of a function.
    pub fn call(
        &mut self,
        expr: &Expr,
        callee: &Expr,
        arguments: &[Argument],
        brackets: Span,
        piped: Option<Value>,
        hint: Option<&Ident>,
    ) -> Value {
        if let Some((layer, applied_to)) = habits::behind(expr) {
            let fault = self.applied_behind(layer, applied_to, expr.span, None);
            self.report(fault);
            return self.given_up();
        }
        let ExprKind::Name(name) = &callee.kind else {
            let mut fault =
                Diagnostic::new(Code::WrongType, callee.span, "only a layer or a function can be called, by its name")
                    .label("not the name of a layer or a function");
            match &callee.kind {
                ExprKind::Error => return Value::Unknown,
                ExprKind::Call { .. } => {
                    fault = fault.help("a layer works on the current value; `x |> Dense(10)` gives it another");
                }
                ExprKind::Field { base, name } if self.is_body(base) => {
                    let whole = self.names.text(base.span);
                    let message = format!("`{}` is a part of `{whole}`, and not a layer", name.text);
                    fault = Diagnostic::new(Code::WrongType, callee.span, message).label("a value in a body").help(format!(
                        "`{whole}() as whole` makes it the value `whole.{0}`; to be applied to something else, it has to be \
                         declared as a block or model of its own, which `{whole}` uses too",
                        name.text
                    ));
                }
                ExprKind::Field { base, name } => {
                    fault = self.behind_a_dot(fault, base, name, callee.span);
                    fault = habits::without_size(fault, &name.text, arguments);
                }
                _ => {}
            }
            self.report(fault);
            for argument in arguments {
                self.evaluate(&argument.value);
            }
            return Value::Unknown;
        };
        if let Some(Value::Shared(shared)) = self.scope.get(name).map(|binding| binding.value.clone()) {
            self.name(name, callee.span);
            return self.apply_shared(&shared, expr.span, callee.span, arguments, piped);
        }
        let call = Call { span: expr.span, name, head: callee.span, arguments, brackets };
        let block = self.names.get(name).is_some_and(|entry| entry.has_body());
        if block || name.starts_with(|first: char| first.is_uppercase()) {
            if self.refuse_layer_in_loss(name, callee.span) {
                return Value::Unknown;
            }
            return self.applied_call(call, piped, Naming::Hint(hint));
        }
        self.function(expr.span, name, callee.span, arguments, brackets, piped)
    }

    /// Whether an expression is the name of a block or model, or of a shared one.
    fn is_body(&self, expr: &Expr) -> bool {
        let ExprKind::Name(name) = &expr.kind else { return false };
        let shared = self.scope.get(name).is_some_and(|binding| matches!(binding.value, Value::Shared(_)));
        shared || self.names.get(name).is_some_and(|entry| entry.has_body())
    }

    /// A call of a layer, a block or a model, applied to `piped` or else to the flow.
    pub fn applied_call(&mut self, call: Call<'_>, piped: Option<Value>, naming: Naming<'_>) -> Value {
        // A declaration that takes the name of a layer is a fault of its own, and hides nothing.
        if let Some(def) = layers::find(call.name) {
            return self.layer(def, call, piped, naming);
        }
        let declared = self.names.get(call.name);
        if let Some((entry, model)) = declared.and_then(|entry| Some((entry, entry.declared().body()?))) {
            return self.apply(entry, model, call, piped, naming);
        }
        self.unknown_layer(call.name, call.head, call.span, call.arguments);
        for argument in call.arguments {
            self.evaluate_quietly(&argument.value);
        }
        self.given_up()
    }

    fn name(&mut self, name: &str, span: Span) -> Value {
        if name == "it" {
            self.note_current(span);
            return self.flow.clone().unwrap_or_else(|| {
                let help = self.how_to_begin("…");
                self.report(
                    Diagnostic::new(Code::NoValue, span, "there is no current value yet")
                        .label("`it` is the value of the statement before")
                        .help(help),
                );
                Value::Unknown
            });
        }
        if let Some(binding) = self.scope.get(name).cloned() {
            match self.dataset == Some(binding.definition) {
                true => self.findings.means(span, field_of(binding.definition)),
                false => self.findings.names(span, binding.definition),
            }
            if self.notes() {
                let kind = self.describe(&binding.value);
                let (docs, definition) = (binding.docs, binding.definition);
                self.fact(span, FactKind::Value { name: name.to_owned(), kind, docs, definition });
            }
            return if self.dry { Value::Unknown } else { binding.value };
        }
        if let Some(entry) = self.names.get(name) {
            self.findings.names(span, entry.name.span);
            return match entry.declared() {
                Declared::Const(_) => {
                    let value = self.names.constant(entry, Some(span), self.findings);
                    if self.notes() {
                        let kind = self.describe(&value);
                        let definition = entry.name.span;
                        self.fact(span, FactKind::Value { name: name.to_owned(), kind, docs: None, definition });
                    }
                    value
                }
                Declared::Broken => Value::Unknown,
                other => {
                    self.report(
                        Diagnostic::new(Code::WrongType, span, format!("the {} `{name}` is not a value", other.noun()))
                            .label("a number or a tensor is expected here")
                            .related(entry.name.span, format!("`{name}` is declared here")),
                    );
                    Value::Unknown
                }
            };
        }
        self.unknown_name(name, span);
        Value::Unknown
    }

    fn unknown_name(&mut self, name: &str, span: Span) {
        let diagnostic =
            Diagnostic::new(Code::UnknownName, span, format!("nothing here is called `{name}`")).label("not known");
        if self.quiet {
            return;
        }
        if let Some(meant) = habits::value(name) {
            let diagnostic = match meant {
                Some(meant) => diagnostic.label(format!("called `{meant}` here")).fix(
                    format!("replace `{name}` with `{meant}`"),
                    span,
                    meant,
                    Applicability::Safe,
                ),
                None => diagnostic
                    .label("no value")
                    .help("what is not wanted is left out, or has its own word: `linear`, `none`"),
            };
            return self.report(diagnostic);
        }
        let (mut diagnostic, elsewhere) = self.names.or_elsewhere(diagnostic, name);
        if elsewhere {
            return self.report(diagnostic);
        }
        if self.asserting.is_some() && name.starts_with(char::is_uppercase) {
            diagnostic.message = format!("there is no model `{name}`");
        }
        let names = self.names;
        let models: &[&str] = if self.asserting.is_some() { &names.models } else { &[] };
        let constants = names.constants.iter().chain(models).copied();
        let known = self.scope.keys().map(String::as_str).chain(constants);
        if let Some(meant) = self.findings.nearest(name, known) {
            diagnostic = diagnostic.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{name}` with `{meant}`"),
                span,
                meant,
                Applicability::Guess,
            );
        } else if activations::find(name).is_some() || functions::find(name).is_some() {
            diagnostic = diagnostic.label("a function").help(format!("call it: `{name}(it)`"));
        } else if layers::find(name).is_some() {
            diagnostic = diagnostic.label("a layer").help(format!("apply it, with round brackets: `{name}(…)`"));
        } else if let Some(def) = layers::find_alias(name) {
            let meant = def.signature.name;
            if meant == "Activation" {
                let written = format!("{meant}({})", activation_name(name));
                diagnostic = diagnostic.label(format!("called `{written}` here")).fix(
                    format!("replace `{name}` with `{written}`"),
                    span,
                    written,
                    Applicability::Guess,
                );
                return self.report(diagnostic);
            }
            diagnostic = diagnostic
                .label(format!("called `{meant}` here"))
                .help(format!("a layer has its brackets: `{}`", def.signature.example.lines().next().unwrap_or(meant)));
        } else if let Some(after) = self.unnamed_output.take() {
            diagnostic = diagnostic
                .label("the model's output has no name yet")
                .related(after, "the model's last value")
                .help("until then it is called `output`")
                .fix(format!("name it with `as {name}`"), after.after(), format!(" as {name}"), Applicability::Guess);
        } else if name == "training" {
            diagnostic = diagnostic.help(
                "`Dropout`, `BatchNormalization` and layers of noise know by themselves whether they are trained or used",
            );
        } else if let Some(names) = listed(self.scope.keys().map(String::as_str)) {
            let verb = if self.scope.keys().count() == 1 { "name here is" } else { "names here are" };
            diagnostic = diagnostic.help(format!("the {verb} {names}"));
            if self.scope.get("columns").is_some_and(|columns| Some(columns.definition) == self.dataset) {
                diagnostic =
                    diagnostic.help("of a file's columns the `target` alone has its own name, or those of a schema");
            }
        }
        self.report(diagnostic);
    }

    fn function(
        &mut self,
        span: Span,
        name: &str,
        name_span: Span,
        arguments: &[Argument],
        brackets: Span,
        piped: Option<Value>,
    ) -> Value {
        if self.refuse_batch(name, name_span, arguments) {
            arguments.iter().for_each(|argument| self.evaluate_quietly(&argument.value));
            return Value::Unknown;
        }
        if let Some(def) = functions::find(name) {
            self.fact(name_span, FactKind::Signature(&def.signature));
            let site = Site { head: name_span, end: brackets.after(), noun: "parameter" };
            let Some(bound) = self.bind_piped(&def.signature, arguments, site, piped) else { return Value::Unknown };
            if bound.faulty {
                return Value::Unknown;
            }
            let mut call = functions::Call { cx: self, arguments: &bound, span, def };
            let value = (def.build)(&mut call).unwrap_or(Value::Unknown);
            self.report_oversized();
            return value;
        }
        if let Some(def) = activations::find(name) {
            self.fact(name_span, FactKind::Signature(&def.signature));
            return self.activation_function(span, def, name_span, arguments, brackets, piped);
        }
        if let Some(value) = self.part_of_loss(span, name, name_span, arguments, brackets) {
            return value;
        }
        for argument in arguments {
            self.evaluate_quietly(&argument.value);
        }
        let mut diagnostic =
            Diagnostic::new(Code::UnknownFunction, name_span, format!("there is no function `{name}`"))
                .label("not known");
        let functions = functions::FUNCTIONS.iter().map(|def| def.signature.name);
        let activations = activations::ACTIVATIONS.iter().map(|def| def.signature.name);
        let declared = self.names.entries.iter().filter(|entry| entry.has_body());
        let layer = layers::LAYERS.iter().map(|def| def.signature.name);
        let layer = layer.chain(declared.map(|entry| entry.name.text.as_str()));
        let layer = layer.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        if let Some(meant) = functions::find_alias(name)
            .or_else(|| activations::find_alias(name))
            .or(layer)
            .or_else(|| nearest(name, functions.chain(activations)))
        {
            diagnostic = diagnostic.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{name}` with `{meant}`"),
                name_span,
                meant,
                Applicability::Safe,
            );
        } else if let Some(help) = habits::foreign(name) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
        Value::Unknown
    }

    /// `relu(x)`, `x |> gelu(approximate=true)`
    fn activation_function(
        &mut self,
        span: Span,
        def: &'static activations::ActivationDef,
        name_span: Span,
        arguments: &[Argument],
        brackets: Span,
        piped: Option<Value>,
    ) -> Value {
        let name = def.signature.name;
        let (x, rest) = match (piped, arguments.split_first()) {
            (Some(value), _) => (value, arguments),
            (None, Some((first, rest))) if first.name.is_none() => (self.evaluate(&first.value), rest),
            (None, _) => {
                self.report(
                    Diagnostic::new(Code::MissingArgument, name_span, format!("`{name}` needs the tensor it works on"))
                        .label("no tensor given")
                        .fix("apply it to the current value", at(brackets), "it", Applicability::Guess),
                );
                return Value::Unknown;
            }
        };
        let site = Site { head: name_span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&def.signature, rest.iter().map(Given::from), site);
        if bound.faulty {
            return Value::Unknown;
        }
        match x {
            Value::Tensor(x) => {
                let Some(x) = self.require_float(x, name, span) else { return Value::Unknown };
                let named = def.signature.parameter("axis").is_some_and(|_| bound.given("axis"));
                let activation = match named {
                    true => self.axis(&bound, "axis", x, span).map(|axis| {
                        let rank = self.builder.shape(x).rank();
                        let axis = axis as i64 - rank as i64;
                        (def.make)(&|name| if name == "axis" { axis as f64 } else { bound.float(name) })
                    }),
                    false => Some((def.make)(&bound.activation_numbers())),
                };
                let fits = activation.and_then(|activation| self.activation_fits(activation, x, span));
                let applied = activation.zip(fits).map(|(activation, ())| activation.apply(&mut self.builder, x, span));
                applied.map_or(Value::Unknown, Value::Tensor)
            }
            Value::Unknown => Value::Unknown,
            other => {
                self.not_a_tensor(name, &other, span);
                Value::Unknown
            }
        }
    }

    /// Whether an activation can be applied to `x`; an axis that is not there is reported.
    pub fn activation_fits(&mut self, activation: Activation, x: ValueId, span: Span) -> Option<()> {
        match activation.axis() {
            Some(axis) => self.axis_of(&Value::Int(axis), x, span).map(|_| ()),
            None => Some(()),
        }
    }

    /// Binds a function's arguments, the piped value standing for its first parameter.
    fn bind_piped<'e>(
        &mut self,
        signature: &'static Signature,
        arguments: &'e [Argument],
        site: Site,
        piped: Option<Value>,
    ) -> Option<Arguments<'e>> {
        let several = signature.parameters.first().is_some_and(|x| matches!(x.kind, Kind::Tensors | Kind::Operands));
        if let Some(value) = &piped
            && !matches!(value, Value::Tensor(_) | Value::Unknown)
            && !(several && matches!(value, Value::List(_) | Value::Record(_)))
        {
            self.not_a_tensor(signature.name, value, site.head);
            return None;
        }
        let piped = piped.or_else(|| self.without_tensor(signature, arguments, site));
        Some(self.bind_from(signature, piped, arguments.iter().map(Given::from), site))
    }

    /// Reports a call that gives anything but the tensor that comes first, as `reshape([4, 4])` does; what then stands for it.
    fn without_tensor(&mut self, signature: &Signature, arguments: &[Argument], site: Site) -> Option<Value> {
        let first = signature.parameters.first().filter(|first| first.kind == Kind::Tensor)?;
        let named = |argument: &Argument| argument.name.as_ref().is_some_and(|name| name.text == first.name);
        // What comes second can stand first by mistake where the function cannot do without it.
        let second = || signature.parameters.get(1).is_some_and(|second| second.default == Default::Required);
        let left_out = match arguments.first() {
            None => true,
            Some(argument) => match argument.value.kind {
                _ if arguments.iter().any(named) => false,
                _ if argument.name.is_some() => true,
                ExprKind::List(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) => second(),
                _ => false,
            },
        };
        if !left_out {
            return None;
        }
        let message = format!("`{}` needs the tensor it works on", signature.name);
        let mut fault = Diagnostic::new(Code::MissingArgument, site.head, message).label("no tensor given");
        if let Some(Value::Tensor(_) | Value::Unknown) = self.flow {
            let (written, place) = ("it |> ", Span { end: site.head.start, ..site.head });
            fault = fault.fix("apply it to the current value", place, written, Applicability::Guess);
        }
        self.report(fault);
        Some(Value::Unknown)
    }

    fn not_a_tensor(&mut self, name: &str, value: &Value, span: Span) {
        self.report(
            Diagnostic::new(Code::WrongType, span, format!("`{name}` works on a tensor, not on {}", value.describe()))
                .label("expected a tensor"),
        );
    }

    /// `x` as `f32`.
    pub fn to_float(&mut self, x: ValueId, span: Span) -> ValueId {
        match self.builder.value(x).element {
            ElementType::F32 => x,
            _ => self.builder.node(crate::ir::Op::Cast(ElementType::F32), vec![x], span),
        }
    }

    /// `x` if it is `f32`; otherwise `what` is reported to want that.
    pub fn require_float(&mut self, x: ValueId, what: &str, span: Span) -> Option<ValueId> {
        let written = self.names.text(span);
        let short = !written.is_empty() && written.len() <= MAX_SHOWN && !written.contains('\n');
        self.require_float_as(x, what, span, if short { written } else { "x" })
    }

    /// The same of a value that the program would write as `written`.
    pub fn require_float_as(&mut self, x: ValueId, what: &str, span: Span, written: &str) -> Option<ValueId> {
        if self.builder.value(x).element == ElementType::F32 {
            return Some(x);
        }
        let kind = self.type_of(x);
        let fault = Diagnostic::new(Code::ElementType, span, format!("`{what}` works on f32, this is {kind}"))
            .label(kind)
            .help(match self.builder.value(x).element {
                ElementType::Bool => format!("`cast({written}, f32)` makes 0 and 1 of it"),
                _ => format!("`cast({written}, f32)` makes it f32; so does dividing it: `{written} / 255`"),
            });
        self.report_with_origin(fault, x);
        None
    }

    /// The tensor of an argument, which must be `f32`.
    pub fn float_tensor(&mut self, arguments: &Arguments<'_>, name: &str, what: &str, span: Span) -> Option<ValueId> {
        let x = arguments.tensor(name)?;
        self.require_float(x, what, arguments.span(name, span))
    }

    /// Reports a fault with the place the value of `id` came from.
    pub fn report_with_origin(&mut self, fault: Diagnostic, id: ValueId) {
        let (span, text) = self.origin(id);
        self.report(match span == fault.label.span {
            true => fault,
            false => fault.related(span, text),
        });
    }

    /// Where a value came from and what to say there.
    pub fn origin(&self, id: ValueId) -> (Span, String) {
        let value = self.builder.value(id);
        let kind = self.type_of(id);
        if let Some((_, span)) = self.fed.iter().find(|(fed, _)| *fed == id) {
            return (*span, format!("the input is {kind}"));
        }
        match value.source {
            ValueSource::Input(_) if self.dataset == Some(value.span) => {
                (value.span, format!("the field `{}` is {kind}", value.name))
            }
            ValueSource::Input(_) => (value.span, format!("the input is {kind}")),
            _ => (value.span, format!("this makes {kind}")),
        }
    }

    /// Offers `//` where a division made a fraction of what must be whole.
    pub fn whole_number_hint(&self, expr: &Expr, fault: Diagnostic) -> Diagnostic {
        match &expr.kind {
            ExprKind::Binary { operator: BinaryOperator::Divide, left, right, .. } => {
                let fault = fault.help("`/` is real division; `//` divides whole numbers and rounds down");
                // With a space on either side `//` would begin a comment.
                let between = Span { start: left.span.end, end: right.span.start, ..expr.span };
                match self.names.text(between).trim() {
                    "/" => fault.fix("divide with `//`, without spaces", between, "//", Applicability::Guess),
                    _ => fault,
                }
            }
            _ => fault,
        }
    }

    fn refuse(&mut self, span: Span, message: &str) -> Value {
        self.report(Diagnostic::new(Code::WrongType, span, message).label("cannot stand here"));
        Value::Unknown
    }
}

/// A field of a dataset that no schema declares.
fn field_of(dataset: Span) -> Meaning {
    Meaning::Symbol { kind: SymbolKind::Field, definition: dataset }
}

/// The gap just after an opening bracket.
fn at(brackets: Span) -> Span {
    Span { end: brackets.start + 1, start: brackets.start + 1, ..brackets }
}
