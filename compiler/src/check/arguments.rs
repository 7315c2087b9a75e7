//! Binds what a call gives to what a signature takes, and reports everything that does not fit.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Entry, Expr, ExprKind, Ident};

use super::context::Context;
use super::facts::FactKind;
use super::value::Value;
use crate::activations::{self, Activation};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::ValueId;
use crate::signature::{Default, Kind, Parameter, Signature};
use crate::suggest::{either, nearest};

/// One thing given: by name or by place.
#[derive(Clone, Copy)]
pub struct Given<'e> {
    /// Its name, unless it is given by place.
    pub name: Option<&'e Ident>,
    /// Its expression.
    pub value: &'e Expr,
    /// The whole of it.
    pub span: Span,
}

impl<'e> From<&'e Argument> for Given<'e> {
    fn from(argument: &'e Argument) -> Self {
        Self { name: argument.name.as_ref(), value: &argument.value, span: argument.span }
    }
}

impl<'e> From<&'e Entry> for Given<'e> {
    fn from(entry: &'e Entry) -> Self {
        Self { name: Some(&entry.key), value: &entry.value, span: entry.span }
    }
}

/// Where the things given stand, and what they are called in messages.
#[derive(Clone, Copy)]
pub struct Site {
    /// The name of what is called or declared: where a missing argument is reported.
    pub head: Span,
    /// Just before the closing bracket: where a missing argument would be written.
    pub end: Span,
    /// `parameter` or `setting`.
    pub noun: &'static str,
}

/// A call's arguments by the names of its signature.
pub struct Arguments<'e> {
    signature: &'static Signature,
    /// The expression, unless the value was piped in, and the value.
    slots: Vec<Option<(Option<&'e Expr>, Value)>>,
    /// Whether something given was refused, so that what follows from the values may not be what was meant.
    pub faulty: bool,
}

impl<'e> Arguments<'e> {
    fn index(&self, name: &str) -> usize {
        let index = self.signature.parameters.iter().position(|parameter| parameter.name == name);
        debug_assert!(index.is_some(), "`{}` has no parameter `{name}`", self.signature.name);
        index.unwrap_or(0)
    }

    /// The expression given for `name`.
    pub fn expr(&self, name: &str) -> Option<&'e Expr> {
        self.slots[self.index(name)].as_ref().and_then(|(expr, _)| *expr)
    }

    /// Where the value of `name` was given, or `otherwise`.
    pub fn span(&self, name: &str, otherwise: Span) -> Span {
        self.expr(name).map_or(otherwise, |expr| expr.span)
    }

    /// The value given for `name`.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.slots[self.index(name)].as_ref().map(|(_, value)| value)
    }

    fn default(&self, name: &str) -> Default {
        self.signature.parameters[self.index(name)].default
    }

    /// The whole number of `name`; nothing while it is not known.
    pub fn int(&self, name: &str) -> Option<usize> {
        match (self.value(name), self.default(name)) {
            (Some(Value::Int(number)), _) => usize::try_from(*number).ok(),
            (None, Default::Int(number)) => usize::try_from(number).ok(),
            _ => None,
        }
    }

    /// The seed-like whole number of `name`.
    pub fn unsigned(&self, name: &str) -> u64 {
        self.int(name).map_or(0, |number| number as u64)
    }

    /// The number of `name`; its default while it is not known.
    pub fn float(&self, name: &str) -> f64 {
        self.value(name).and_then(Value::number).unwrap_or(match self.default(name) {
            Default::Float(number) => number,
            Default::Int(number) => number as f64,
            _ => 0.0,
        })
    }

    /// The truth value of `name`; its default while it is not known.
    pub fn bool(&self, name: &str) -> bool {
        match (self.value(name), self.default(name)) {
            (Some(Value::Bool(truth)), _) => *truth,
            (_, Default::Bool(truth)) => truth,
            _ => false,
        }
    }

    /// The word of `name`; its default while it is not known.
    pub fn word(&self, name: &str) -> &str {
        match (self.value(name), self.default(name)) {
            (Some(Value::Text(word)), _) => word,
            (_, Default::Word(word)) => word,
            _ => "",
        }
    }

    /// The text of `name`, if one was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The two whole numbers of `name`; nothing while they are not known, or where nothing is given and nothing is the default.
    pub fn pair(&self, name: &str) -> Option<[usize; 2]> {
        let whole = |value: &Value| match value {
            Value::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        };
        match (self.value(name), self.default(name)) {
            (Some(Value::List(values)), _) => match values.as_slice() {
                [a, b] => Some([whole(a)?, whole(b)?]),
                _ => None,
            },
            (Some(value), _) => whole(value).map(|number| [number, number]),
            (None, Default::Int(number)) => usize::try_from(number).ok().map(|number| [number, number]),
            (None, _) => None,
        }
    }

    /// Whether anything was given for `name`.
    pub fn given(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The activation of `name`; `linear` while it is not known.
    pub fn activation(&self, name: &str) -> Activation {
        match (self.value(name), self.default(name)) {
            (Some(Value::Activation(activation)), _) => *activation,
            (None, Default::Word(word)) => default_activation(word),
            _ => Activation::Linear,
        }
    }

    /// The tensor of `name`; nothing while it is not known.
    pub fn tensor(&self, name: &str) -> Option<ValueId> {
        match self.value(name) {
            Some(Value::Tensor(id)) => Some(*id),
            _ => None,
        }
    }
}

/// The fault of a list of dimensions, on the first of them that is none.
fn dimension(parameter: &Parameter, signature: &Signature, expr: &Expr, values: &[Value]) -> Diagnostic {
    let index = values.iter().position(|value| !matches!(value, Value::Int(1..) | Value::Unknown)).unwrap_or(0);
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

/// The activation called `name`, with its own defaults.
fn default_activation(name: &str) -> Activation {
    let Some(def) = activations::find(name) else { return Activation::Linear };
    (def.make)(&|parameter| match def.signature.parameter(parameter).map(|p| p.default) {
        Some(Default::Float(number)) => number,
        Some(Default::Bool(true)) => 1.0,
        _ => 0.0,
    })
}

impl Context<'_> {
    /// Binds `given` to the parameters of `signature` and reports what does not fit.
    pub fn bind<'e>(
        &mut self,
        signature: &'static Signature,
        given: impl IntoIterator<Item = Given<'e>>,
        site: Site,
    ) -> Arguments<'e> {
        self.bind_from(signature, None, given, site)
    }

    /// Binds `given` to the parameters of `signature`, the first of which may already be `piped` in.
    pub fn bind_from<'e>(
        &mut self,
        signature: &'static Signature,
        piped: Option<Value>,
        given: impl IntoIterator<Item = Given<'e>>,
        site: Site,
    ) -> Arguments<'e> {
        let mut bound = Arguments { signature, slots: vec![None; signature.parameters.len()], faulty: false };
        let mut spans: Vec<Option<Span>> = vec![None; signature.parameters.len()];
        let mut next = 0;
        let mut unread = false;
        if let (Some(value), false) = (piped, signature.parameters.is_empty()) {
            bound.faulty = value == Value::Unknown;
            bound.slots[0] = Some((None, value));
            spans[0] = Some(site.head);
            next = 1;
        }
        for Given { name, value, span } in given {
            let index = match name {
                Some(name) => match signature.parameters.iter().position(|parameter| parameter.name == name.text) {
                    Some(index) => index,
                    None => {
                        self.unknown_parameter(signature, name, site, &spans);
                        self.evaluate_quietly(value);
                        unread = true;
                        continue;
                    }
                },
                None => {
                    next += 1;
                    next - 1
                }
            };
            let Some(parameter) = signature.parameters.get(index) else {
                let takes = match signature.parameters.len() {
                    0 => "takes no arguments".to_owned(),
                    1 => "takes one argument".to_owned(),
                    count => format!("takes at most {count} arguments"),
                };
                self.report(
                    Diagnostic::new(Code::ExtraArgument, span, format!("`{}` {takes}", signature.name))
                        .label("one too many")
                        .help(format!("it is written `{}`", signature.synopsis())),
                );
                bound.faulty = true;
                continue;
            };
            if let Some(first) = spans[index] {
                let at = name.map_or(span, |name| name.span);
                self.report(
                    Diagnostic::new(
                        Code::ExtraArgument,
                        at,
                        format!("the {} `{}` is given twice", site.noun, parameter.name),
                    )
                    .label("given again here")
                    .related(first, "first given here"),
                );
                bound.faulty = true;
                continue;
            }
            spans[index] = Some(span);
            // A string that is not closed takes the arguments after it along.
            unread |= matches!(value.kind, ExprKind::Error);
            if let Some(name) = name {
                self.fact(name.span, FactKind::Parameter { signature, parameter });
            }
            let value = match self.typed(parameter, signature, value) {
                Some(checked) => (Some(value), checked),
                None => {
                    bound.faulty = true;
                    (Some(value), Value::Unknown)
                }
            };
            bound.slots[index] = Some(value);
        }
        // A misspelt name or a value that cannot be read is one mistake: what it hides is not reported as missing too.
        bound.faulty |= unread;
        if !unread {
            self.missing(signature, &mut bound, site);
        }
        bound
    }

    fn missing(&mut self, signature: &'static Signature, bound: &mut Arguments<'_>, site: Site) {
        let absent = signature.parameters.iter().zip(&bound.slots);
        let missing: Vec<&Parameter> = absent
            .filter(|(parameter, slot)| parameter.default == Default::Required && slot.is_none())
            .map(|(parameter, _)| parameter)
            .collect();
        if missing.is_empty() {
            return;
        }
        let names = either(missing.iter().map(|parameter| parameter.name)).replace(" or ", " and ");
        let mut diagnostic =
            Diagnostic::new(Code::MissingArgument, site.head, format!("`{}` needs {names}", signature.name))
                .label(format!("{names} not given"));
        for parameter in &missing {
            diagnostic = diagnostic.help(format!(
                "`{}` is {}: {}",
                parameter.name,
                crate::suggest::phrase(parameter.summary),
                parameter.kind
            ));
        }
        self.report(diagnostic);
        bound.faulty = true;
    }

    fn unknown_parameter(&mut self, signature: &Signature, name: &Ident, site: Site, spans: &[Option<Span>]) {
        let mut diagnostic = Diagnostic::new(
            Code::UnknownParameter,
            name.span,
            format!("`{}` has no {} `{}`", signature.name, site.noun, name.text),
        );
        let alias = signature.parameters.iter().find(|parameter| parameter.aliases.contains(&name.text.as_str()));
        let free = signature.parameters.iter().zip(spans).filter(|(_, span)| span.is_none());
        let near = nearest(&name.text, free.map(|(parameter, _)| parameter.name));
        match alias.map(|parameter| parameter.name).or(near) {
            Some(meant) => {
                diagnostic = diagnostic.label(format!("did you mean `{meant}`?")).fix(
                    format!("replace `{}` with `{meant}`", name.text),
                    name.span,
                    meant,
                    Applicability::Safe,
                );
            }
            None if signature.parameters.is_empty() => {
                diagnostic = diagnostic.label("not known").help(format!("`{}` takes nothing", signature.name));
            }
            None => {
                let names: Vec<&str> = signature.parameters.iter().map(|parameter| parameter.name).collect();
                diagnostic = diagnostic.label("not known").help(format!(
                    "the {}s of `{}` are {}",
                    site.noun,
                    signature.name,
                    either(names).replace(" or ", " and ")
                ));
            }
        }
        self.report(diagnostic);
    }

    /// The value of an expression where `parameter` decides what may stand; nothing where it was refused.
    fn typed(&mut self, parameter: &Parameter, signature: &Signature, expr: &Expr) -> Option<Value> {
        if matches!(expr.kind, ExprKind::Error) {
            return None;
        }
        match (parameter.kind, &expr.kind) {
            (Kind::Special(_), _) => return Some(Value::Unknown),
            (Kind::Choice(words), ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                return self.choice(parameter, words, word, expr);
            }
            (Kind::Activation, ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                return self.activation_named(word, expr);
            }
            (Kind::Activation, ExprKind::Call { callee, arguments, brackets }) => {
                return self.activation_called(callee, arguments, *brackets);
            }
            (Kind::Column, ExprKind::Name(word) | ExprKind::Str(word)) => return Some(Value::Text(word.clone())),
            (Kind::Columns, ExprKind::List(items)) => return self.columns(items),
            (Kind::Columns, ExprKind::Name(word) | ExprKind::Str(word)) => {
                return Some(Value::List(vec![Value::Text(word.clone())]));
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
            (Kind::Int { .. }, Value::Float(number)) => {
                Some(self.whole_number_hint(expr, wrong(format!("{number:?}"))))
            }
            (Kind::Float(bounds), Value::Int(_) | Value::Float(_)) => {
                let number = value.number().unwrap_or_default();
                (!bounds.contains(number)).then(|| out_of_range(&number))
            }
            (Kind::Bool, Value::Bool(_)) | (Kind::Text, Value::Text(_)) | (Kind::Tensor, Value::Tensor(_)) => None,
            (Kind::Choice(words), Value::Text(word)) if words.contains(&word.as_str()) => None,
            (Kind::Activation, Value::Activation(_)) => None,
            (Kind::Pair { min }, Value::Int(number)) => (*number < min).then(|| out_of_range(number)),
            (Kind::Pair { min }, Value::List(values)) => match values.as_slice() {
                [Value::Int(a), Value::Int(b)] if *a >= min && *b >= min => None,
                [Value::Int(a), Value::Int(b)] => Some(out_of_range(&format!("[{a}, {b}]"))),
                [a, b] if *a == Value::Unknown || *b == Value::Unknown => None,
                _ => Some(wrong(value.describe())),
            },
            (Kind::Dims, Value::List(values))
                if values.iter().all(|value| matches!(value, Value::Int(1..) | Value::Unknown)) =>
            {
                None
            }
            (Kind::Dims, Value::List(values)) => Some(dimension(parameter, signature, expr, values)),
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

    fn choice(&mut self, parameter: &Parameter, words: &[&'static str], word: &str, expr: &Expr) -> Option<Value> {
        if words.contains(&word) {
            return Some(Value::Text(word.to_owned()));
        }
        let mut diagnostic = Diagnostic::new(
            Code::OutOfRange,
            expr.span,
            format!("`{}` takes {}, not `{word}`", parameter.name, parameter.kind),
        )
        .label("not one of them");
        if let Some(meant) = nearest(word, words.iter().copied()) {
            diagnostic =
                diagnostic.fix(format!("replace `{word}` with `{meant}`"), expr.span, meant, Applicability::Safe);
        }
        self.report(diagnostic);
        None
    }

    fn columns(&mut self, items: &[Expr]) -> Option<Value> {
        let mut names = Vec::new();
        let mut whole = true;
        for item in items {
            match &item.kind {
                ExprKind::Name(word) | ExprKind::Str(word) => names.push(Value::Text(word.clone())),
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
        whole.then_some(Value::List(names))
    }

    fn activation_named(&mut self, word: &str, expr: &Expr) -> Option<Value> {
        let Some(def) = activations::find(word) else {
            self.unknown_activation(word, expr.span);
            return None;
        };
        self.fact(expr.span, FactKind::Signature(&def.signature));
        Some(Value::Activation(default_activation(word)))
    }

    fn activation_called(&mut self, callee: &Expr, arguments: &[Argument], brackets: Span) -> Option<Value> {
        let ExprKind::Name(word) = &callee.kind else {
            self.report(
                Diagnostic::new(Code::WrongType, callee.span, "an activation is called by its name")
                    .label("expected an activation such as `relu`"),
            );
            return None;
        };
        let Some(def) = activations::find(word) else {
            self.unknown_activation(word, callee.span);
            return None;
        };
        self.fact(callee.span, FactKind::Signature(&def.signature));
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&def.signature, arguments.iter().map(Given::from), site);
        Some(Value::Activation((def.make)(&|name| match bound.default(name) {
            Default::Bool(_) => f64::from(u8::from(bound.bool(name))),
            _ => bound.float(name),
        })))
    }

    fn unknown_activation(&mut self, word: &str, span: Span) {
        let mut diagnostic =
            Diagnostic::new(Code::UnknownFunction, span, format!("there is no activation `{word}`")).label("not known");
        let names = activations::ACTIVATIONS.iter().map(|def| def.signature.name);
        let known = match word {
            "swish" => Some("silu"),
            "LeakyReLU" => Some("leaky_relu"),
            _ => nearest(word, names.clone()),
        };
        diagnostic = match known {
            Some(meant) => diagnostic.fix(format!("replace `{word}` with `{meant}`"), span, meant, Applicability::Safe),
            None => diagnostic.help(format!("the activations are {}", either(names).replace(" or ", " and "))),
        };
        self.report(diagnostic);
    }
}
