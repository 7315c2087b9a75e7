//! The values of arguments: what each kind of parameter makes of an expression, and what it refuses.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind};

use super::arguments::{Given, Site, default_activation};
use super::context::Context;
use super::facts::FactKind;
use super::value::Value;
use crate::activations;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::signature::{Default, Kind, Parameter, Signature};
use crate::suggest::{either, nearest};

/// The element type that other languages and libraries call `word`.
pub fn element_meant(word: &str) -> Option<&'static str> {
    Some(match word {
        "float" | "float32" | "f16" | "float16" | "f64" | "float64" | "double" | "number" => "f32",
        "int" | "integer" | "int64" | "i32" | "int32" | "long" => "i64",
        "uint8" | "byte" => "u8",
        "boolean" => "bool",
        _ => return None,
    })
}

/// The fault of a list of dimensions, on the first of them that is none.
fn dimension(parameter: &Parameter, signature: &Signature, expr: &Expr, values: &[Value]) -> Diagnostic {
    let index =
        values.iter().position(|value| !matches!(value, Value::Int(1..) | Value::Dim(_) | Value::Unknown)).unwrap_or(0);
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

impl Context<'_> {
    /// The value of an expression where `parameter` decides what may stand; nothing where it was refused.
    pub(super) fn typed(&mut self, parameter: &Parameter, signature: &Signature, expr: &Expr) -> Option<Value> {
        if matches!(expr.kind, ExprKind::Error) {
            return None;
        }
        match (parameter.kind, &expr.kind) {
            (Kind::Special(_) | Kind::Computed(_), _) => return Some(Value::Unknown),
            (Kind::Choice(words), ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                return self.choice(parameter, words, word, expr);
            }
            (Kind::Activation, ExprKind::Name(word) | ExprKind::Str(word)) if !self.names_a_value(word, expr) => {
                return self.activation_named(word, expr);
            }
            (Kind::Activation, ExprKind::Call { callee, arguments, brackets }) => {
                return self.activation_called(callee, arguments, *brackets);
            }
            (Kind::Column, ExprKind::Name(word) | ExprKind::Str(word)) => {
                return Some(Value::Text(word.as_str().into()));
            }
            (Kind::Columns, ExprKind::List(items)) => return self.columns(items),
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
            (Kind::Int { .. } | Kind::Pair { .. } | Kind::Float(_), Value::Dim(dim)) => {
                let what = format!("`{}` of `{}`", parameter.name, signature.name);
                self.only_a_run_knows(dim, &what, expr.span);
                return if self.open { Some(Value::Unknown) } else { None };
            }
            (Kind::Int { .. }, Value::Float(number)) => {
                Some(self.whole_number_hint(expr, wrong(format!("{number:?}"))))
            }
            (Kind::Float(bounds), Value::Int(_) | Value::Float(_)) => {
                let number = value.number().unwrap_or_default();
                (!bounds.contains(number)).then(|| out_of_range(&number))
            }
            (Kind::Bool, Value::Bool(_)) | (Kind::Text, Value::Text(_)) | (Kind::Tensor, Value::Tensor(_)) => None,
            (Kind::Choice(words), Value::Text(word)) if words.contains(&&**word) => None,
            (Kind::Activation, Value::Activation(_)) => None,
            (Kind::Pair { min }, Value::Int(number)) => (*number < min).then(|| out_of_range(number)),
            (Kind::Pair { min }, Value::List(values)) => match &**values {
                [Value::Int(a), Value::Int(b)] if *a >= min && *b >= min => None,
                [Value::Int(a), Value::Int(b)] => Some(out_of_range(&format!("[{a}, {b}]"))),
                [a, b] if *a == Value::Unknown || *b == Value::Unknown => None,
                _ => Some(wrong(value.describe())),
            },
            (Kind::Dims, Value::List(values))
                if values.iter().all(|value| matches!(value, Value::Int(1..) | Value::Dim(_) | Value::Unknown)) =>
            {
                None
            }
            (Kind::Dims, Value::List(values)) => Some(dimension(parameter, signature, expr, values)),
            (Kind::Dims, Value::Int(1..) | Value::Dim(_)) => Some(self.in_list(expr, wrong(value.describe()))),
            (Kind::Choice(words), Value::Int(_)) if words.contains(&"same") => Some(wrong(value.describe()).help(
                "`same` adds the border that keeps the size with strides of 1, `valid` adds none; another one is a layer of its own",
            )),
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
        if let Some(meant) = element.or_else(|| nearest(word, words.iter().copied())) {
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
            None => diagnostic.help(format!(
                "the most used are {}; `docs/reference/activations.md` lists all {}",
                either(activations::COMMON).replace(" or ", " and "),
                activations::ACTIVATIONS.len()
            )),
        };
        self.report(diagnostic);
    }
}
