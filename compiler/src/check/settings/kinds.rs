//! What each kind of setting takes beside the kinds that layers have: quantities, methods, records, places and secrets.

use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind, Ident};

use super::super::arguments::{Given, Site, cannot_run};
use super::super::context::Context;
use super::super::facts::FactKind;
use super::super::value::Value;
use super::Settings;
use super::tune::Chosen;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::settings::ENV;
use crate::settings::units::{self, Measure, Quantity, UNITS};
use crate::signature::{Kind, Method, Methods, Parameter, Signature};
use crate::suggest::{either, nearest};

impl Context<'_> {
    /// The value of an expression where a kind that only settings have decides; nothing where it is another kind.
    pub fn setting(&mut self, parameter: &Parameter, signature: &Signature, expr: &Expr) -> Option<Option<Value>> {
        let value = match (parameter.kind, &expr.kind) {
            (Kind::Quantity(measure), ExprKind::Quantity { number, unit }) => {
                match self.quantity(*number, unit, Some((measure, parameter))) {
                    Value::Unknown => None,
                    value => Some(value),
                }
            }
            (Kind::Quantity(measure), ExprKind::Int(_) | ExprKind::Float(_)) => {
                let unit = measure.usual();
                let fault = self.wrong_kind(parameter, signature, expr, "a number without a unit");
                let end = expr.span.after();
                self.report(fault.fix(format!("add the unit `{unit}`"), end, unit, Applicability::Guess));
                None
            }
            (Kind::Place, ExprKind::Str(text)) => Some(Value::Text(text.as_str().into())),
            (Kind::Place | Kind::Secret, ExprKind::Call { .. }) if is_env(expr) => self.environment(expr),
            (Kind::Secret, ExprKind::Str(_)) => {
                self.secret(parameter, expr);
                None
            }
            (Kind::Texts | Kind::Paths, ExprKind::List(items)) => self.texts(parameter, signature, items),
            (Kind::Method(methods), _) => {
                let value = self.method(methods, parameter, expr);
                value.map(|settings| Value::Settings(Arc::new(settings)))
            }
            (Kind::Several(methods), _) => self.several(methods, parameter, expr),
            (Kind::Record(nested), ExprKind::Record(record)) => {
                let site = Site { head: record.span, end: record.span.after(), noun: "setting" };
                let bound = self.bind(nested, record.entries.iter().map(Given::from), site);
                match bound.faulty {
                    true => None,
                    false => Some(Value::Settings(Arc::new(bound.settled(record.span)))),
                }
            }
            (Kind::Record(nested), _) => {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    expr.span,
                    format!("`{}` of `{}` takes settings between braces", parameter.name, signature.name),
                );
                self.evaluate_quietly(expr);
                self.report(fault.label("expected `{ … }`").help(format!("such as `{}`", nested.example)));
                None
            }
            (Kind::Place | Kind::Secret | Kind::Texts, _) => {
                // What it is, where that is known: a number between quotes would do.
                let before = std::mem::replace(&mut self.quiet, true);
                let value = self.evaluate(expr);
                self.quiet = before;
                let what = if value == Value::Unknown { "this".into() } else { value.describe() };
                let fault = self.wrong_kind(parameter, signature, expr, &what);
                self.report(fault);
                None
            }
            _ => return None,
        };
        Some(value)
    }

    fn wrong_kind(&self, parameter: &Parameter, signature: &Signature, expr: &Expr, what: &str) -> Diagnostic {
        Diagnostic::new(
            Code::WrongType,
            expr.span,
            format!("`{}` of `{}` takes {}, not {what}", parameter.name, signature.name, parameter.kind),
        )
        .label(format!("expected {}", parameter.kind))
    }

    /// A number with its unit, which must measure what is wanted.
    pub fn quantity(&mut self, number: f64, unit: &Ident, wanted: Option<(Measure, &Parameter)>) -> Value {
        let measure = wanted.map(|(measure, _)| measure);
        let known = units::find(&unit.text);
        let fault = match (known, wanted) {
            (Some(known), None) => return Value::Quantity(Quantity { number, unit: known }),
            (Some(known), Some((measure, _))) if known.measure == measure => {
                return Value::Quantity(Quantity { number, unit: known });
            }
            (Some(known), Some((measure, parameter))) => Diagnostic::new(
                Code::WrongUnit,
                unit.span,
                format!(
                    "`{}` takes {}, and `{}` measures {}",
                    parameter.name,
                    measure.noun(),
                    unit.text,
                    of(known.measure)
                ),
            ),
            (None, _) => Diagnostic::new(Code::WrongUnit, unit.span, format!("there is no unit `{}`", unit.text)),
        };
        let names: Vec<&str> = match measure {
            Some(measure) => measure.units().collect(),
            None => UNITS.iter().map(|unit| unit.name).collect(),
        };
        let meant = if known.is_some() { None } else { units::meant(&unit.text, measure) };
        let fault = match meant {
            Some(meant) => fault.label(format!("did you mean `{}`?", meant.name)).fix(
                format!("replace `{}` with `{}`", unit.text, meant.name),
                unit.span,
                meant.name,
                Applicability::Safe,
            ),
            None => fault.label(format!("expected {}", either(names))),
        };
        self.report(fault);
        Value::Unknown
    }

    /// `env("NAME")`
    fn environment(&mut self, expr: &Expr) -> Option<Value> {
        let ExprKind::Call { callee, arguments, brackets } = &expr.kind else { return None };
        self.fact(callee.span, FactKind::Signature(&ENV));
        let site = Site { head: callee.span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&ENV, arguments.iter().map(Given::from), site);
        if bound.faulty {
            return None;
        }
        let name = bound.text("name").unwrap_or_default();
        let sound = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
        if name.is_empty() || !name.chars().all(sound) || name.starts_with(|first: char| first.is_ascii_digit()) {
            let span = bound.span("name", expr.span);
            self.report(
                Diagnostic::new(Code::OutOfRange, span, "this cannot be the name of a variable of the environment")
                    .label("expected letters, digits and `_`"),
            );
            return None;
        }
        Some(Value::Settings(Arc::new(bound.settled(expr.span))))
    }

    fn secret(&mut self, parameter: &Parameter, expr: &Expr) {
        let variable = format!("env(\"{}\")", self.variable_for(parameter.name));
        self.report(
            Diagnostic::new(
                Code::Secret,
                expr.span,
                format!("`{}` is a secret, and a file is no place for one", parameter.name),
            )
            .label("whoever reads the file has it")
            .help("a key that stood in a file which others have seen should be replaced where it was issued")
            .fix(format!("write `{variable}`"), expr.span, variable.as_str(), Applicability::Guess),
        );
    }

    /// What a variable for a setting of this declaration would be called: `WRITER_KEY`.
    fn variable_for(&self, setting: &str) -> String {
        let name = &self.builder.graph().name;
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
        format!("{name}_{setting}").chars().map(letter).collect()
    }

    fn texts(&mut self, parameter: &Parameter, signature: &Signature, items: &[Expr]) -> Option<Value> {
        let mut texts = Vec::new();
        for item in items {
            match &item.kind {
                ExprKind::Str(text) => texts.push(Value::Text(text.as_str().into())),
                ExprKind::Error => return None,
                _ => {
                    let fault = self.wrong_kind(parameter, signature, item, "this");
                    self.report(fault.label("expected a text between quotes"));
                    return None;
                }
            }
        }
        Some(Value::List(texts.into()))
    }

    fn several(&mut self, methods: &'static Methods, parameter: &Parameter, expr: &Expr) -> Option<Value> {
        let items = match &expr.kind {
            ExprKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(expr),
        };
        let mut all = Vec::new();
        let mut whole = true;
        for item in items {
            let item = match self.chosen(item) {
                Chosen::Expr(item) => item,
                Chosen::Value(_) => item,
            };
            match self.method(methods, parameter, item) {
                Some(settings) => all.push(Value::Settings(Arc::new(settings))),
                None => whole = false,
            }
        }
        whole.then(|| Value::List(all.into()))
    }

    /// One of several methods, by its name or called.
    pub fn method(&mut self, methods: &'static Methods, parameter: &Parameter, expr: &Expr) -> Option<Settings> {
        let noun = methods.noun;
        let takes = || format!("`{}` takes a {noun}", parameter.name).replace(" a op", " an op");
        let (name, span, arguments, brackets) = match &expr.kind {
            ExprKind::Str(name) => {
                let fault = Diagnostic::new(Code::WrongType, expr.span, format!("{}, not a text", takes()));
                self.report(match meant(methods, name) {
                    Some(meant) => {
                        let call = called(meant);
                        fault.label(format!("called `{call}` here")).fix(
                            format!("write `{call}`"),
                            expr.span,
                            &call,
                            Applicability::Safe,
                        )
                    }
                    None => fault.label(format!("expected {}", methods.one())),
                });
                return None;
            }
            ExprKind::Name(name) => (name, expr.span, &[][..], expr.span.after()),
            ExprKind::Call { callee, arguments, brackets } => match &callee.kind {
                ExprKind::Name(name) => (name, callee.span, arguments.as_slice(), *brackets),
                ExprKind::Field { name, .. } => (&name.text, callee.span, arguments.as_slice(), *brackets),
                _ => (&String::new(), callee.span, &[][..], *brackets),
            },
            ExprKind::Error => return None,
            _ => {
                let fault =
                    Diagnostic::new(Code::WrongType, expr.span, takes()).label(format!("expected {}", methods.one()));
                let share =
                    matches!(expr.kind, ExprKind::Float(_) | ExprKind::Percent(_)) && parameter.name == "validation";
                self.report(match share {
                    true => fault
                        .help(format!("`validation_split: {}` holds out a share of the rows", self.written(expr.span))),
                    false => fault,
                });
                self.evaluate_quietly(expr);
                return None;
            }
        };
        let Some(method) = methods.find(name).filter(|_| !has_prefix(expr)) else {
            let shown = self.written(span).to_owned();
            let fault = Diagnostic::new(Code::UnknownFunction, span, format!("there is no {noun} `{shown}`"));
            let fault = match meant(methods, name) {
                Some(meant) => {
                    let meant = meant.signature.name;
                    fault.label(format!("did you mean `{meant}`?")).fix(
                        format!("replace `{shown}` with `{meant}`"),
                        span,
                        meant,
                        Applicability::Safe,
                    )
                }
                None => {
                    let names = methods.names().replace(" or ", " and ");
                    fault.label("not known").help(format!("the {noun}s are {names}"))
                }
            };
            self.report(fault);
            for argument in arguments {
                self.evaluate_quietly(&argument.value);
            }
            return None;
        };
        self.fact(span, FactKind::Signature(&method.signature));
        if !method.runs && !parameter.later {
            self.refusals.push(cannot_run(span, &format!("the {noun} `{name}`")));
        }
        let refused = self.refusals.len();
        let site = Site { head: span, end: brackets.after(), noun: "parameter" };
        let bound = self.bind(&method.signature, arguments.iter().map(Given::from), site);
        if !method.runs {
            // It is refused whole.
            self.refusals.truncate(refused);
        }
        (!bound.faulty).then(|| bound.settled(expr.span))
    }

    /// What stands at `span`, without the quotes of a text.
    pub fn written(&self, span: Span) -> &str {
        self.names.text(span).trim_matches('"')
    }
}

fn of(measure: Measure) -> &'static str {
    match measure {
        Measure::Duration => "time",
        Measure::Money => "money",
        Measure::Size => "sizes",
    }
}

/// The method that `name` was probably meant to be.
pub fn meant(methods: &Methods, name: &str) -> Option<&'static Method> {
    let alias = methods.all.iter().find(|method| method.aliases.contains(&name));
    let spelled = || methods.all.iter().find(|method| method.signature.name.eq_ignore_ascii_case(name));
    let near =
        || nearest(name, methods.all.iter().map(|method| method.signature.name)).and_then(|name| methods.find(name));
    alias.or_else(spelled).or_else(near)
}

/// As a method is written where its own parameters have defaults: `Adam()`, `cosine`.
fn called(method: &Method) -> String {
    let name = method.signature.name;
    match name.starts_with(|first: char| first.is_uppercase()) {
        true => format!("{name}()"),
        false => name.to_owned(),
    }
}

fn is_env(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call { callee, .. } if matches!(&callee.kind, ExprKind::Name(name) if name == "env"))
}

/// Whether an expression calls something with a prefix, as in `optim.Adam()`: names here have none.
pub fn has_prefix(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call { callee, .. } if matches!(callee.kind, ExprKind::Field { .. }))
}
