//! Binds what a call gives to what a signature takes, and reports everything that does not fit.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Entry, Expr, ExprKind, Ident};

use super::context::Context;
use super::facts::FactKind;
use super::habits;
use super::settings::Settings;
use super::value::Value;
use crate::activations::{self, Activation};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::ValueId;
use crate::signature::{Default, Kind, Method, Parameter, Signature};
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
    /// What a call would give that is written nowhere.
    pub fn of_values<const COUNT: usize>(signature: &'static Signature, given: [(&str, Value); COUNT]) -> Self {
        let mut bound = Self { signature, slots: vec![None; signature.parameters.len()], faulty: false };
        for (name, value) in given {
            let index = bound.index(name);
            bound.slots[index] = Some((None, value));
        }
        bound
    }

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

    pub(super) fn default(&self, name: &str) -> Default {
        self.signature.parameters[self.index(name)].default
    }

    /// The parameter called `name`, where there is one.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.signature.parameter(name)
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

    /// Everything that was given, without the expressions.
    pub(super) fn settled(self, span: Span) -> Settings {
        let given = |(expr, value): (Option<&Expr>, Value)| (expr.map_or(span, |expr| expr.span), value);
        let values = self.slots.into_iter().map(|slot| slot.map(given)).collect();
        Settings { signature: self.signature, span, values }
    }

    /// Whether anything was given for `name`.
    pub fn given(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Where a tensor is given, if one is.
    pub(super) fn first_tensor(&self) -> Option<Span> {
        let tensor = |value: &Value| match value {
            Value::List(values) => values.iter().any(|value| matches!(value, Value::Tensor(_))),
            value => matches!(value, Value::Tensor(_)),
        };
        let given = self.slots.iter().flatten().find(|(_, value)| tensor(value));
        given.map(|(expr, _)| expr.map_or_else(Span::default, |expr| expr.span))
    }

    /// The activation of `name`; `linear` while it is not known.
    pub fn activation(&self, name: &str) -> Activation {
        match (self.value(name), self.default(name)) {
            (Some(Value::Activation(activation)), _) => *activation,
            (None, Default::Word(word)) => default_activation(word),
            _ => Activation::Linear,
        }
    }

    /// The numbers of an activation's parameters; truth values are 0 and 1.
    pub(super) fn activation_numbers(&self) -> impl Fn(&'static str) -> f64 {
        |name| match self.default(name) {
            Default::Bool(_) => f64::from(u8::from(self.bool(name))),
            _ => self.float(name),
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

/// A signature with more parameters than this is not repeated in a message.
const MAX_SETTINGS: usize = 24;

/// The setting inside which `name` would be one, and how it is written there.
fn inner(signature: &Signature, name: &str) -> Option<(&'static str, String)> {
    let is_name = |parameter: &Parameter| parameter.name == name;
    let is_alias = |parameter: &Parameter| parameter.aliases.contains(&name);
    inner_where(signature, &is_name).or_else(|| inner_where(signature, &is_alias))
}

fn inner_where(signature: &Signature, wanted: &dyn Fn(&Parameter) -> bool) -> Option<(&'static str, String)> {
    let known =
        |nested: &Signature| nested.parameters.iter().find(|parameter| wanted(parameter)).map(|inner| inner.name);
    let methods = |default_only: bool| {
        signature.parameters.iter().find_map(|parameter| {
            let Kind::Method(methods) = parameter.kind else { return None };
            let stands = |method: &&Method| match parameter.default {
                Default::Word(word) => word.trim_end_matches("()") == method.signature.name,
                _ => false,
            };
            let mut methods = methods.all.iter().filter(|method| !default_only || stands(method));
            methods.find_map(|method| {
                known(&method.signature).map(|inner| (parameter.name, format!("{}({inner}=…)", method.signature.name)))
            })
        })
    };
    let records = || {
        signature.parameters.iter().find_map(|parameter| match parameter.kind {
            Kind::Record(nested) => known(nested).map(|inner| (parameter.name, format!("{{ {inner}: … }}"))),
            _ => None,
        })
    };
    // What stands anyway is the likeliest to be meant.
    methods(true).or_else(records).or_else(|| methods(false))
}

/// Whether `value` is what stands where nothing is given.
fn is_default(default: Default, value: &Value) -> bool {
    match (default, value) {
        (Default::Int(default), Value::Int(value)) => default == *value,
        (Default::Float(default), value) => value.number() == Some(default),
        (Default::Bool(default), Value::Bool(value)) => default == *value,
        (Default::Word(default), Value::Text(value)) => default == &**value,
        _ => false,
    }
}

/// The fault of asking for what is defined, checked, and not carried out by this version.
pub(super) fn cannot_run(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::Reserved, span, format!("this version of ndsl cannot run {what} yet"))
        .label("checked, and not carried out yet")
}

/// The activation called `name`, with its own defaults.
pub(super) fn default_activation(name: &str) -> Activation {
    let Some(def) = activations::find(name) else { return Activation::Linear };
    (def.make)(&|parameter| match def.signature.parameter(parameter).map(|p| p.default) {
        Some(Default::Float(number)) => number,
        Some(Default::Int(number)) => number as f64,
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
        let variadic =
            signature.parameters.first().is_some_and(|first| matches!(first.kind, Kind::Tensors | Kind::Operands));
        let mut several: Vec<Value> = Vec::new();
        if let (Some(value), false) = (piped, signature.parameters.is_empty()) {
            bound.faulty = value == Value::Unknown;
            spans[0] = Some(site.head);
            match (variadic, value) {
                (true, Value::List(values)) => several.extend(values.iter().cloned()),
                (true, Value::Record(values)) => several.extend(values.iter().map(|(_, value)| value.clone())),
                (true, value) => several.push(value),
                (false, value) => {
                    bound.slots[0] = Some((None, value));
                    next = 1;
                }
            }
        }
        let given: Vec<Given<'e>> = given.into_iter().collect();
        let mut place = 0;
        while let Some(Given { name, value, span }) = given.get(place).copied() {
            place += 1;
            if variadic && name.is_none() && bound.slots[0].is_none() {
                bound.faulty |= !self.one_of_several(signature, value, &mut several);
                unread |= matches!(value.kind, ExprKind::Error);
                spans[0] = Some(spans[0].map_or(span, |before| before.to(span)));
                continue;
            }
            let index = match name {
                Some(name) => match signature.parameters.iter().position(|parameter| parameter.name == name.text) {
                    Some(index) => index,
                    None => {
                        let next = given.get(place).map(|next| next.name.map_or(next.span, |name| name.span));
                        let before =
                            place.checked_sub(2).and_then(|before| given.get(before)).map(|before| before.value.span);
                        let around = Around { given: &given, before, value: value.span, next };
                        // What is given for the parameter that was meant is checked in the same run.
                        match self.unknown_parameter(signature, name, site, &spans, &around) {
                            Some(meant) => meant,
                            None => {
                                self.evaluate_quietly(value);
                                unread = true;
                                continue;
                            }
                        }
                    }
                },
                None => {
                    next += 1;
                    next - 1
                }
            };
            let given_place = |parameter: &&Parameter| name.is_some() || !parameter.by_name;
            let Some(parameter) = signature.parameters.get(index).filter(given_place) else {
                let takes = match signature.by_place().count() {
                    0 => "takes no arguments".to_owned(),
                    1 => "takes one argument".to_owned(),
                    count => format!("takes at most {count} arguments"),
                };
                self.report(
                    Diagnostic::new(Code::ExtraArgument, span, format!("`{}` {takes}", signature.name))
                        .label("one too many")
                        .help(format!("it is written `{}`", signature.synopsis())),
                );
                self.evaluate_quietly(value);
                bound.faulty = true;
                continue;
            };
            let listed = matches!(value.kind, ExprKind::List(_) | ExprKind::Error);
            if let (Kind::Dims | Kind::OpenDims, None, None, false) = (parameter.kind, name, spans[index], listed) {
                let loose = given[place - 1..].iter().take_while(|given| given.name.is_none());
                let loose: Vec<&Expr> = loose.map(|given| given.value).collect();
                if let Some(dims) = self.loose_dims(parameter, signature, &loose) {
                    place += loose.len() - 1;
                    next += loose.len() - 1;
                    spans[index] = Some(span);
                    bound.slots[index] = Some((Some(value), dims));
                    continue;
                }
            }
            if name.is_none()
                && let Some(before) = place.checked_sub(2).and_then(|before| given.get(before))
                && before.name.is_some_and(|name| name.text == parameter.name)
                && parameter.kind == Kind::Columns
            {
                let loose = given[place - 1..].iter().take_while(|given| given.name.is_none());
                let last = loose.clone().last().map_or(span, |last| last.span);
                place += loose.count() - 1;
                let several = before.value.span.to(last);
                let list = format!("[{}]", self.names.text(several));
                self.report(
                    Diagnostic::new(
                        Code::ExtraArgument,
                        several,
                        format!("several {} stand in a list", parameter.name),
                    )
                    .label("expected a list")
                    .fix(format!("write `{list}`"), several, list, Applicability::Safe),
                );
                bound.faulty = true;
                continue;
            }
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
                Some(checked) => {
                    self.refuse_later(parameter, site, name, value, &checked);
                    (Some(value), checked)
                }
                None => {
                    bound.faulty = true;
                    (Some(value), Value::Unknown)
                }
            };
            bound.slots[index] = Some(value);
        }
        if variadic && !several.is_empty() {
            bound.slots[0] = Some((None, Value::List(several.into())));
        }
        // Settings are read one by one; what is lost in a call may be any of its arguments.
        unread |= site.noun != "setting" && self.findings.lost_in(site.head.to(site.end));
        // A misspelt name or a value that cannot be read is one mistake: what it hides is not reported as missing too.
        bound.faulty |= unread;
        if !unread {
            self.missing(signature, &mut bound, site);
        }
        bound
    }

    /// Takes one more of the tensors that stand one after the other; whether it is one.
    fn one_of_several(&mut self, signature: &Signature, expr: &Expr, several: &mut Vec<Value>) -> bool {
        let Some(parameter) = signature.parameters.first() else { return false };
        match self.typed(parameter, signature, expr) {
            Some(Value::Record(values)) => {
                several.extend(values.iter().map(|(_, value)| value.clone()));
                values.iter().all(|(_, value)| *value != Value::Unknown)
            }
            Some(Value::List(values)) => {
                several.extend(values.iter().cloned());
                values.iter().all(|value| *value != Value::Unknown)
            }
            Some(value) => {
                let known = value != Value::Unknown;
                several.push(value);
                known
            }
            None => false,
        }
    }

    /// Remembers what was given and cannot be carried out in this version.
    fn refuse_later(&mut self, parameter: &Parameter, site: Site, name: Option<&Ident>, value: &Expr, given: &Value) {
        if parameter.later && !is_default(parameter.default, given) {
            let span = name.map_or(value.span, |name| name.span);
            self.refusals.push(cannot_run(span, &format!("the {} `{}`", site.noun, parameter.name)));
        }
    }

    fn missing(&mut self, signature: &'static Signature, bound: &mut Arguments<'_>, site: Site) {
        let absent = signature.parameters.iter().zip(&bound.slots);
        let given = |name: &str| {
            let index = signature.parameters.iter().position(|parameter| parameter.name == name);
            index.is_some_and(|index| bound.slots[index].is_some())
        };
        let wanted = |default: Default| match default {
            Default::Required => true,
            Default::RequiredWithout(other) => !given(other),
            _ => false,
        };
        let missing: Vec<&Parameter> = absent
            .filter(|(parameter, slot)| wanted(parameter.default) && slot.is_none())
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

    /// Reports a name that no parameter has; answers the parameter that was meant, where that is told.
    fn unknown_parameter(
        &mut self,
        signature: &Signature,
        name: &Ident,
        site: Site,
        spans: &[Option<Span>],
        around: &Around<'_, '_>,
    ) -> Option<usize> {
        let mut diagnostic = Diagnostic::new(
            Code::UnknownParameter,
            name.span,
            format!("`{}` has no {} `{}`", signature.name, site.noun, name.text),
        );
        let alias = signature.parameters.iter().find(|parameter| parameter.aliases.contains(&name.text.as_str()));
        let free = signature.parameters.iter().zip(spans).filter(|(_, span)| span.is_none());
        let near = nearest(&name.text, free.map(|(parameter, _)| parameter.name));
        let size = site.noun == "parameter" && habits::is_size(&name.text);
        let meant = alias.map(|parameter| parameter.name).or(near).filter(|_| !size);
        match meant {
            _ if size => {
                let (start, end) = match (around.before, around.next) {
                    (_, Some(next)) => (name.span.start, next.start),
                    (Some(before), None) => (before.end, around.value.end),
                    (None, None) => (name.span.start, around.value.end),
                };
                diagnostic =
                    diagnostic.label("not needed").help("the size of what goes in is known, and not written").fix(
                        format!("leave `{}` out", name.text),
                        Span { start, end, ..name.span },
                        "",
                        Applicability::Safe,
                    );
            }
            None if habits::setting(&name.text).is_some() => {
                diagnostic = diagnostic.label("not known").help(habits::setting(&name.text).unwrap_or_default());
            }
            Some(meant) => {
                diagnostic = diagnostic.label(format!("did you mean `{meant}`?")).fix(
                    format!("replace `{}` with `{meant}`", name.text),
                    name.span,
                    meant,
                    Applicability::Safe,
                );
            }
            None if inner(signature, &name.text).is_some() => {
                let (owner, example) = inner(signature, &name.text).unwrap_or_default();
                diagnostic = diagnostic.label(format!("belongs to `{owner}`"));
                let given = around.given.iter().any(|given| given.name.is_some_and(|name| name.text == owner));
                diagnostic = match given {
                    true => diagnostic.help(format!("write `{owner}: {example}`")),
                    false => {
                        let written = format!("{owner}: {}", example.replace('…', self.names.text(around.value)));
                        let entry = name.span.to(around.value);
                        diagnostic.fix(format!("write `{written}`"), entry, written, Applicability::Guess)
                    }
                };
            }
            None if signature.parameters.len() > MAX_SETTINGS => {
                let count = signature.parameters.len();
                diagnostic = diagnostic
                    .label("not known")
                    .help(format!("the reference lists the {count} {}s of `{}`", site.noun, signature.name));
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
        let meant = signature.parameters.iter().position(|parameter| Some(parameter.name) == meant)?;
        spans[meant].is_none().then_some(meant)
    }
}

/// What stands around an argument.
struct Around<'g, 'e> {
    /// All that is given.
    given: &'g [Given<'e>],
    /// The value before it.
    before: Option<Span>,
    /// Its own value.
    value: Span,
    /// What comes after the comma behind it.
    next: Option<Span>,
}
