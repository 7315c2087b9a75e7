//! The values of arguments: what each kind of parameter makes of an expression, and what it refuses.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind};

use super::arguments::{Given, Site, default_activation};
use super::context::Context;
use super::facts::FactKind;
use super::index::Meaning;
use super::settings::Chosen;
use super::value::Value;
use crate::activations;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::plan::DeviceChoice;
use crate::signature::{Default, Kind, Parameter, Signature};
use crate::suggest::{either, nearest};
use crate::{functions, initializers, regularizers};

/// The element type that other languages and libraries call `word`.
pub fn element_meant(word: &str) -> Option<&'static str> {
    Some(match word {
        "float" | "float32" | "number" => "f32",
        "int" | "integer" | "int64" | "long" => "i64",
        "uint8" | "byte" => "u8",
        "boolean" => "bool",
        _ => return other_width(word),
    })
}

/// The element type that stands for numbers of a width which programs do not choose: it is for the run to say.
pub fn other_width(word: &str) -> Option<&'static str> {
    match word {
        "f16" | "float16" | "bf16" | "bfloat16" | "f64" | "float64" | "double" => Some("f32"),
        "i8" | "int8" | "i16" | "int16" | "i32" | "int32" => Some("i64"),
        _ => None,
    }
}

/// The fault of a list of dimensions, on the first of them that is none.
fn dimension(parameter: &Parameter, signature: &Signature, expr: &Expr, values: &[Value]) -> Diagnostic {
    let open = parameter.kind == Kind::OpenDims;
    let fits = |value: &Value| {
        matches!(value, Value::Int(1..) | Value::Dim(_) | Value::Unknown) || open && *value == Value::Int(-1)
    };
    let index = values.iter().position(|value| !fits(value)).unwrap_or(0);
    let span = match &expr.kind {
        ExprKind::List(items) => items.get(index).map_or(expr.span, |item| item.span),
        _ => expr.span,
    };
    let (code, found) = match values.get(index) {
        Some(Value::Int(number)) => (Code::OutOfRange, number.to_string()),
        other => (Code::WrongType, other.map_or_else(String::new, Value::describe)),
    };
    let message = format!("`{}` of `{}` takes {}, not {found}", parameter.name, signature.name, parameter.kind);
    Diagnostic::new(code, span, message).label("expected a whole number of at least 1")
}

/// Whether a list has a whole number for each of so many axes, and the first of them that is below `min`; nothing where it
/// is no such list.
fn sizes(values: &[Value], axes: usize, min: i64) -> Option<Option<i64>> {
    let mut small = None;
    for value in values {
        match value {
            Value::Int(number) if *number < min => small = small.or(Some(*number)),
            Value::Int(_) | Value::Unknown => {}
            _ => return None,
        }
    }
    (values.len() == axes).then_some(small)
}

/// The same of what stands before and after each of so many axes.
fn margins(values: &[Value], axes: usize) -> Option<Option<i64>> {
    if axes == 1 {
        return sizes(values, 2, 0);
    }
    let mut small = None;
    for value in values {
        let found = match value {
            Value::List(both) => sizes(both, 2, 0)?,
            value => sizes(std::slice::from_ref(value), 1, 0)?,
        };
        small = small.or(found);
    }
    (values.len() == axes).then_some(small)
}

/// Offers the number or truth value that a text between quotes was meant as.
fn unquoted(fault: Diagnostic, kind: Kind, expr: &Expr, text: &str) -> Diagnostic {
    let number =
        text.parse::<f64>().is_ok_and(f64::is_finite) && text.starts_with(|first: char| first.is_ascii_digit());
    let meant = match kind {
        Kind::Int { .. } | Kind::Sizes { .. } | Kind::Margins { .. } => number && !text.contains(['.', 'e', 'E']),
        Kind::Float(_) | Kind::Operand | Kind::Numbers => number,
        Kind::Bool => matches!(text, "true" | "false"),
        _ => false,
    };
    match (&expr.kind, meant) {
        (ExprKind::Str(_), true) => {
            fault.fix(format!("write `{text}`, without quotes"), expr.span, text, Applicability::Safe)
        }
        _ => fault,
    }
}

impl Context<'_> {
    /// The value of an expression where `parameter` decides what may stand; nothing where it was refused.
    pub(super) fn typed(&mut self, parameter: &Parameter, signature: &Signature, expr: &Expr) -> Option<Value> {
        if matches!(expr.kind, ExprKind::Error) {
            return None;
        }
        let expr = match self.chosen(expr) {
            _ if matches!(parameter.kind, Kind::Special(_) | Kind::Layer | Kind::Computed(_)) => {
                return Some(Value::Unknown);
            }
            Chosen::Expr(expr) => expr,
            Chosen::Value(Value::Unknown) => return None,
            Chosen::Value(value) => return self.conforms(parameter, signature, expr, value),
        };
        if let Some(value) = self.setting(parameter, signature, expr) {
            return value;
        }
        match (parameter.kind, &expr.kind) {
            (Kind::Choice(words), ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                if let Some(parameter) = signature.parameter(parameter.name) {
                    self.findings.means(expr.span, Meaning::Choice(parameter));
                }
                return self.choice(parameter, words, word, expr);
            }
            (Kind::Device, ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                if let Some(parameter) = signature.parameter(parameter.name) {
                    self.findings.means(expr.span, Meaning::Choice(parameter));
                }
                return self.device(parameter, word, expr);
            }
            (Kind::Activation, ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                return self.activation_named(word, expr);
            }
            (Kind::Activation, ExprKind::Call { callee, arguments, brackets }) => {
                return self.activation_called(callee, arguments, *brackets);
            }
            (Kind::Initializer | Kind::Regularizer, ExprKind::Name(word) | ExprKind::Str(word))
                if !self.names_a_value(word, expr) =>
            {
                return self.start_or_penalty(parameter.kind, word, expr.span, &[], expr.span.after());
            }
            (Kind::Initializer | Kind::Regularizer, ExprKind::Call { callee, arguments, brackets }) => {
                if let ExprKind::Name(word) = &callee.kind {
                    return self.start_or_penalty(parameter.kind, word, callee.span, arguments, brackets.after());
                }
            }
            (Kind::Axis | Kind::Axes, ExprKind::Name(_)) => {
                if let Some(word) = self.axis_word(expr) {
                    return Some(word);
                }
            }
            (Kind::Axes | Kind::Order, ExprKind::List(items)) => {
                let axis = |cx: &mut Self, item: &Expr| match cx.axis_word(item) {
                    Some(word) => word,
                    None => cx.evaluate(item),
                };
                let values: Vec<Value> = items.iter().map(|item| axis(self, item)).collect();
                return self.conforms(parameter, signature, expr, Value::List(values.into()));
            }
            (Kind::Column, ExprKind::Name(word) | ExprKind::Str(word)) => {
                return Some(Value::Text(word.as_str().into()));
            }
            (Kind::Columns, ExprKind::List(items)) => return self.columns(items),
            (Kind::Text | Kind::Paths, ExprKind::Field { .. } | ExprKind::Binary { .. }) if self.is_bare_path(expr) => {
                let text = self.written(expr.span).to_owned();
                let message = format!("`{}` of `{}` takes {}", parameter.name, signature.name, parameter.kind);
                let fault = Diagnostic::new(Code::WrongType, expr.span, message).label("a path stands between quotes");
                let quoted = format!("\"{text}\"");
                self.report(fault.fix(format!("write `{quoted}`"), expr.span, quoted, Applicability::Safe));
                return None;
            }
            (Kind::Columns, ExprKind::Name(word) | ExprKind::Str(word)) => {
                return Some(Value::List([Value::Text(word.as_str().into())].into()));
            }
            (Kind::Column | Kind::Columns, _) => {
                let message = format!("`{}` of `{}` takes {}", parameter.name, signature.name, parameter.kind);
                self.report(
                    Diagnostic::new(Code::WrongType, expr.span, message).label(format!("expected {}", parameter.kind)),
                );
                return None;
            }
            _ => {}
        }
        let value = self.evaluate(expr);
        if value == Value::Unknown {
            return Some(value);
        }
        self.conforms(parameter, signature, expr, value)
    }

    /// Whether an expression reads like the path of a file that was written without quotes: `data/train.csv`.
    fn is_bare_path(&self, expr: &Expr) -> bool {
        let mut first = expr;
        loop {
            first = match &first.kind {
                ExprKind::Field { base, .. } => base,
                ExprKind::Binary { left, .. } => left,
                _ => break,
            };
        }
        let ExprKind::Name(word) = &first.kind else { return false };
        let text = self.written(expr.span);
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-' | '*');
        text.contains('.')
            && text.chars().all(plain)
            && !self.scope.contains_key(word)
            && self.names.get(word).is_none()
    }

    fn conforms(&mut self, parameter: &Parameter, signature: &Signature, expr: &Expr, value: Value) -> Option<Value> {
        let wrong = |what: String| {
            Diagnostic::new(
                Code::WrongType,
                expr.span,
                format!("`{}` of `{}` takes {}, not {what}", parameter.name, signature.name, parameter.kind),
            )
            .label(format!("expected {}", parameter.kind))
        };
        let out_of_range = |number: &dyn std::fmt::Display| {
            Diagnostic::new(
                Code::OutOfRange,
                expr.span,
                format!("`{}` of `{}` takes {}, not {number}", parameter.name, signature.name, parameter.kind),
            )
            .label(format!("expected {}", parameter.kind))
        };
        let fault = match (parameter.kind, &value) {
            (Kind::Int { min }, Value::Int(number)) if *number >= min => None,
            (Kind::Int { .. }, Value::Int(number)) => Some(out_of_range(number)),
            (Kind::Int { .. } | Kind::Sizes { .. } | Kind::Margins { .. } | Kind::Float(_), Value::Dim(dim)) => {
                let what = format!("`{}` of `{}`", parameter.name, signature.name);
                self.only_a_run_knows(dim, &what, expr.span);
                return if self.open { Some(Value::Unknown) } else { None };
            }
            (Kind::Int { .. }, Value::Float(number)) => {
                Some(self.whole_number_hint(expr, wrong(format!("{number:?}"))))
            }
            (Kind::Float(bounds), Value::Int(_) | Value::Float(_)) => {
                let number = value.number().unwrap_or_default();
                (!bounds.contains(number)).then(|| {
                    let fault = out_of_range(&number);
                    // `20` where a share of one is taken.
                    match (&expr.kind, bounds.contains(number / 100.0) && number > 1.0) {
                        (ExprKind::Int(_) | ExprKind::Float(_), true) => {
                            let share = format!("{}%", self.names.text(expr.span));
                            fault.fix(format!("write `{share}`"), expr.span, share, Applicability::Guess)
                        }
                        _ => fault,
                    }
                })
            }
            (Kind::Bool, Value::Bool(_)) | (Kind::Tensor, Value::Tensor(_)) => None,
            (Kind::Text | Kind::Paths, Value::Text(_)) => None,
            (Kind::Choice(words), Value::Text(word)) if words.contains(&&**word) => None,
            (Kind::Device, Value::Text(word)) if word.parse::<DeviceChoice>().is_ok() => None,
            (Kind::Activation, Value::Activation(_)) => None,
            (Kind::Initializer, Value::Initializer(_)) | (Kind::Regularizer, Value::Regularizer(_)) => None,
            (Kind::Operand, Value::Tensor(_) | Value::Int(_) | Value::Float(_)) => None,
            (Kind::Tensors, Value::Tensor(_)) => None,
            (Kind::Tensors | Kind::Operands, Value::Record(values))
                if values.iter().all(|(_, value)| matches!(value, Value::Tensor(_) | Value::Unknown)) =>
            {
                None
            }
            (Kind::Tensors, Value::List(values))
                if values.iter().all(|value| matches!(value, Value::Tensor(_) | Value::Unknown)) =>
            {
                None
            }
            (Kind::Operands, Value::Tensor(_) | Value::Int(_) | Value::Float(_)) => None,
            (Kind::Operands, Value::List(values))
                if values.iter().all(|value| {
                    matches!(value, Value::Tensor(_) | Value::Int(_) | Value::Float(_) | Value::Unknown)
                }) =>
            {
                None
            }
            (Kind::Numbers, Value::Int(_) | Value::Float(_)) => None,
            (Kind::Numbers, Value::List(values))
                if values.iter().all(|value| value.number().is_some() || *value == Value::Unknown) =>
            {
                None
            }
            (Kind::Axis | Kind::Axes, Value::Int(_) | Value::Dim(_)) => None,
            (Kind::Axes | Kind::Order, Value::List(values))
                if values
                    .iter()
                    .all(|value| matches!(value, Value::Int(_) | Value::Text(_) | Value::Dim(_) | Value::Unknown)) =>
            {
                None
            }
            (Kind::Sizes { min, .. }, Value::Int(number)) => (*number < min).then(|| out_of_range(number)),
            (Kind::Sizes { axes, min }, Value::List(values)) => sizes(values, axes, min).map_or_else(
                || Some(wrong(self.list_written(expr).unwrap_or_else(|| value.describe()))),
                |small| small.map(|number| out_of_range(&number)),
            ),
            (Kind::Margins { .. }, Value::Int(number)) => (*number < 0).then(|| out_of_range(number)),
            (Kind::Margins { axes }, Value::List(values)) => margins(values, axes).map_or_else(
                || Some(wrong(self.list_written(expr).unwrap_or_else(|| value.describe()))),
                |small| small.map(|number| out_of_range(&number)),
            ),
            (Kind::Dim, Value::Int(1..) | Value::Dim(_)) => None,
            (Kind::Dim, Value::Int(number)) => Some(out_of_range(number)),
            (Kind::Dim, Value::Float(number)) => Some(self.whole_number_hint(expr, wrong(format!("{number:?}")))),
            (Kind::OpenDims, Value::List(values))
                if values
                    .iter()
                    .all(|value| matches!(value, Value::Int(1.. | -1) | Value::Dim(_) | Value::Unknown)) =>
            {
                let open = values.iter().filter(|value| **value == Value::Int(-1)).count();
                (open > 1).then(|| wrong(self.list_written(expr).unwrap_or_else(|| value.describe())))
            }
            (Kind::OpenDims, Value::List(values)) => Some(dimension(parameter, signature, expr, values)),
            (Kind::OpenDims, Value::Int(1.. | -1) | Value::Dim(_)) => Some(self.in_list(expr, wrong(value.describe()))),
            (Kind::Dims, Value::List(values))
                if values.iter().all(|value| matches!(value, Value::Int(1..) | Value::Dim(_) | Value::Unknown)) =>
            {
                None
            }
            (Kind::Dims, Value::List(values)) => Some(dimension(parameter, signature, expr, values)),
            (Kind::Dims, Value::Int(1..) | Value::Dim(_)) => Some(self.in_list(expr, wrong(value.describe()))),
            (Kind::Choice(words), Value::Int(_)) if words.contains(&"same") => Some(wrong(value.describe()).help(
                "`same` adds the border that keeps the size with strides of 1, `valid` adds none; another is a layer of its own before it: `ZeroPadding2D(1)`",
            )),
            (kind, Value::Text(text)) => Some(unquoted(wrong(value.describe()), kind, expr, text)),
            (Kind::Tensor, Value::Int(_) | Value::Float(_) | Value::List(_)) => {
                let fault = wrong(value.describe());
                Some(match functions::of_several(signature.name) {
                    Some(other) => fault.help(format!(
                        "`{}` works along the axes of one tensor; of several values, `{other}(a, b)`",
                        signature.name
                    )),
                    None => fault,
                })
            }
            _ => Some(wrong(value.describe())),
        };
        match fault {
            None => Some(value),
            Some(fault) => {
                self.report(fault);
                None
            }
        }
    }

    /// Dimensions given one by one where one list is taken, as in `Input(28, 28, 1)`: reported, and read as that list.
    pub(super) fn loose_dims(
        &mut self,
        parameter: &Parameter,
        signature: &Signature,
        given: &[&Expr],
    ) -> Option<Value> {
        let values: Vec<Value> = given.iter().map(|expr| self.evaluate(expr)).collect();
        let (Some(first), Some(last)) = (given.first(), given.last()) else { return None };
        let whole = values.iter().all(|value| matches!(value, Value::Int(1..)));
        if !whole {
            return None;
        }
        let span = first.span.to(last.span);
        let fault = Diagnostic::new(
            Code::WrongType,
            span,
            format!("`{}` of `{}` is one list of dimensions", parameter.name, signature.name),
        );
        let source = self.names.text(span);
        let written = format!("{}=[{source}]", parameter.name);
        let label = if given.len() == 1 { "not between `[` and `]`" } else { "given one by one" };
        self.report(fault.label(label).fix(format!("write `{written}`"), span, &written, Applicability::Safe));
        Some(Value::List(values.into()))
    }

    /// A list as it stands in the source, if it is short.
    fn list_written(&self, expr: &Expr) -> Option<String> {
        let text = self.names.source.text.get(expr.span.range())?;
        (text.len() <= 32 && !text.contains('\n')).then(|| format!("`{text}`"))
    }

    /// Offers the list of one that a single dimension was meant as.
    fn in_list(&self, expr: &Expr, fault: Diagnostic) -> Diagnostic {
        let source = self.names.text(expr.span);
        fault.fix(format!("write `[{source}]`"), expr.span, format!("[{source}]"), Applicability::Safe)
    }

    fn choice(&mut self, parameter: &Parameter, words: &[&'static str], word: &str, expr: &Expr) -> Option<Value> {
        if words.contains(&word) {
            return Some(Value::Text(word.into()));
        }
        let mut diagnostic = Diagnostic::new(
            Code::OutOfRange,
            expr.span,
            format!("`{}` takes {}, not `{word}`", parameter.name, parameter.kind),
        )
        .label("not one of them");
        let element = element_meant(word).filter(|meant| words.contains(meant));
        // A word may be cut short where no other begins like it: `bayes`.
        let longer = || {
            let mut longer = words.iter().copied().filter(|known| word.len() > 2 && known.starts_with(word));
            longer.next().filter(|_| longer.next().is_none())
        };
        if let Some(meant) = element.or_else(|| nearest(word, words.iter().copied())).or_else(longer) {
            diagnostic =
                diagnostic.fix(format!("replace `{word}` with `{meant}`"), expr.span, meant, Applicability::Safe);
        }
        self.report(diagnostic);
        None
    }

    fn device(&mut self, parameter: &Parameter, word: &str, expr: &Expr) -> Option<Value> {
        if word.parse::<DeviceChoice>().is_ok() {
            return Some(Value::Text(word.into()));
        }
        let said = format!("`{}` takes {}, not `{word}`", parameter.name, parameter.kind);
        let fault = Diagnostic::new(Code::OutOfRange, expr.span, said).label("not one of them");
        // What others call a device is a guess; a number that is none is left for whoever knows which was meant.
        self.report(match DeviceChoice::meant(word).filter(|_| !word.contains(':')) {
            Some(meant) => {
                fault.fix(format!("replace `{word}` with `{meant}`"), expr.span, meant, Applicability::Guess)
            }
            None => fault,
        });
        None
    }

    fn columns(&mut self, items: &[Expr]) -> Option<Value> {
        let mut names = Vec::new();
        let mut whole = true;
        for item in items {
            match &item.kind {
                ExprKind::Name(word) | ExprKind::Str(word) => names.push(Value::Text(word.as_str().into())),
                ExprKind::Error => whole = false,
                _ => {
                    whole = false;
                    self.report(
                        Diagnostic::new(Code::WrongType, item.span, "a column is a bare word or a text between quotes")
                            .label("not a column's name"),
                    );
                }
            }
        }
        whole.then(|| Value::List(names.into()))
    }

    pub(super) fn activation_named(&mut self, word: &str, expr: &Expr) -> Option<Value> {
        let Some(def) = activations::find(word) else {
            self.unknown_activation(word, expr.span);
            return None;
        };
        self.fact(expr.span, FactKind::Signature(&def.signature));
        let required = def.signature.parameters.iter().filter(|parameter| parameter.default == Default::Required);
        let required: Vec<&str> = required.map(|parameter| parameter.name).collect();
        if !required.is_empty() {
            let names = either(required).replace(" or ", " and ");
            self.report(
                Diagnostic::new(Code::MissingArgument, expr.span, format!("`{word}` needs {names}"))
                    .label(format!("{names} not given"))
                    .help(format!("it is written `{}`", def.signature.synopsis())),
            );
            return None;
        }
        Some(Value::Activation(default_activation(word)))
    }

    pub(super) fn activation_called(&mut self, callee: &Expr, arguments: &[Argument], brackets: Span) -> Option<Value> {
        let ExprKind::Name(word) = &callee.kind else {
            self.report(
                Diagnostic::new(Code::WrongType, callee.span, "an activation is called by its name")
                    .label("expected an activation such as `relu`"),
            );
            return None;
        };
        let Some(def) = activations::find(word) else {
            self.unknown_activation(word, callee.span);
            for argument in arguments {
                self.evaluate_quietly(&argument.value);
            }
            return None;
        };
        self.fact(callee.span, FactKind::Signature(&def.signature));
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        if let Some(Value::Text(name)) = def.signature.parameter("axis").and_then(|_| bound.value("axis")) {
            let message = format!("`{name}` is the name of an axis of a value, and there is none here");
            self.report(
                Diagnostic::new(Code::WrongType, bound.span("axis", callee.span), message)
                    .label("expected a negative axis")
                    .help(format!("as a function, `{word}(it, axis={name})` works along a named axis")),
            );
            return None;
        }
        Some(Value::Activation((def.make)(&bound.activation_numbers())))
    }

    /// An initializer or a regularizer by its name, with what it is called with.
    fn start_or_penalty(
        &mut self,
        kind: Kind,
        word: &str,
        span: Span,
        arguments: &[Argument],
        end: Span,
    ) -> Option<Value> {
        let signature = match kind {
            Kind::Initializer => initializers::find(word).map(|def| &def.signature),
            _ => regularizers::find(word).map(|def| &def.signature),
        };
        let Some(signature) = signature else {
            self.unknown_start(kind, word, span);
            for argument in arguments {
                self.evaluate_quietly(&argument.value);
            }
            return None;
        };
        self.fact(span, FactKind::Signature(signature));
        let site = Site { head: span, end, noun: "parameter" };
        let bound = self.bind(signature, arguments.iter().map(Given::from), site);
        if bound.faulty {
            return None;
        }
        let number = |name: &'static str| bound.float(name);
        Some(match kind {
            Kind::Initializer => {
                let word = |name: &'static str| bound.word(name).to_owned();
                let def = initializers::find(signature.name)?;
                Value::Initializer((def.make)(initializers::Given { number: &number, word: &word }))
            }
            _ => Value::Regularizer((regularizers::find(signature.name)?.make)(&number)),
        })
    }

    fn unknown_start(&mut self, kind: Kind, word: &str, span: Span) {
        let (noun, names): (_, Vec<&str>) = match kind {
            Kind::Initializer => {
                ("initializer", initializers::INITIALIZERS.iter().map(|def| def.signature.name).collect())
            }
            _ => ("regularizer", regularizers::REGULARIZERS.iter().map(|def| def.signature.name).collect()),
        };
        let alias = initializers::find_alias(word).filter(|_| kind == Kind::Initializer);
        let fault =
            Diagnostic::new(Code::UnknownFunction, span, format!("there is no {noun} `{word}`")).label("not known");
        let fault = match alias.or_else(|| nearest(word, names.iter().copied())) {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{word}` with `{meant}`"),
                span,
                meant,
                Applicability::Safe,
            ),
            None => fault.help(format!("the {noun}s are {}", either(names).replace(" or ", " and "))),
        };
        self.report(fault);
    }

    fn unknown_activation(&mut self, word: &str, span: Span) {
        let mut diagnostic =
            Diagnostic::new(Code::UnknownFunction, span, format!("there is no activation `{word}`")).label("not known");
        let names = activations::ACTIVATIONS.iter().map(|def| def.signature.name);
        let none = matches!(word, "None" | "none" | "null" | "identity").then_some("linear");
        let known = none.or_else(|| activations::find_alias(word)).or_else(|| nearest(word, names.clone()));
        diagnostic = match known {
            Some(meant) => diagnostic.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{word}` with `{meant}`"),
                span,
                meant,
                Applicability::Safe,
            ),
            None => diagnostic.help(format!(
                "the most used are {}; `docs/reference/activations.md` lists all {}",
                either(activations::COMMON).replace(" or ", " and "),
                activations::ACTIVATIONS.len()
            )),
        };
        self.report(diagnostic);
    }
}
