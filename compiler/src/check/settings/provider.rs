//! Checks a `provider`: a service with a language model.

use ndsl_grammar::ast::Record;

use super::super::arguments::{Given, Site};
use super::super::context::{Context, Findings};
use super::super::names::{Entry, Names};
use super::super::value::Value;
use super::{DeclaredInstance, Settings};
use crate::diagnostics::{Code, Diagnostic};
use crate::settings::provider::PROVIDER;

/// Checks a `provider` declaration.
pub fn check(names: Names<'_>, findings: &mut Findings, entry: Entry<'_>, record: &Record) -> DeclaredInstance {
    let mut cx = Context::new(names, findings, &entry.name.text);
    let site = Site { head: entry.name.span, end: record.span.after(), noun: "setting" };
    let bound = cx.without_tune("provider", |cx| cx.bind(&PROVIDER, record.entries.iter().map(Given::from), site));
    let faulty = bound.faulty;
    let settings = bound.settled(record.span);
    cx.provider(&settings, entry);
    DeclaredInstance { name: entry.name.text.clone(), span: entry.name.span, settings: (!faulty).then_some(settings) }
}

impl Context<'_> {
    fn provider(&mut self, settings: &Settings, entry: Entry<'_>) {
        self.positive(settings, &["budget", "timeout"]);
        if let Some((span, Value::Text(url))) = settings.given("url") {
            let fault = match url.split_once("://") {
                Some(("http" | "https", rest)) if !rest.is_empty() => None,
                Some((protocol, _)) => Some(format!("`{protocol}` is not how a service is asked")),
                None => Some("an address begins with `https://`".to_owned()),
            };
            if let Some(message) = fault {
                self.report(
                    Diagnostic::new(Code::OutOfRange, span, message).label("expected `https://…` or `http://…`"),
                );
            }
            if url.contains('@') || url.contains("key=") {
                self.report(
                    Diagnostic::new(Code::Secret, span, "this address holds a key, and a file is no place for one")
                        .label("whoever reads the file has it")
                        .help("`key: env(…)` sends it, or the whole address comes from `env(…)`"),
                );
            }
        }
        if settings.word("kind") == "custom" && settings.given("url").is_none() {
            let fault =
                Diagnostic::new(Code::MissingArgument, entry.name.span, "a provider of kind `custom` needs its `url`");
            let (at, _) = settings.given("kind").unwrap_or((settings.span, &Value::Unknown));
            self.report(fault.label("`url` not given").related(at, "no address is known of this kind"));
        }
        if let Some(rate) = settings.settings("rate") {
            self.rate(rate);
        }
    }

    /// A rate that limits something.
    pub(super) fn rate(&mut self, rate: &Settings) {
        self.positive(rate, &["per"]);
        if rate.given("requests").is_none() && rate.given("tokens").is_none() {
            let fault = Diagnostic::new(Code::NoEffectSetting, rate.span, "this rate limits nothing");
            self.report(fault.label("neither `requests` nor `tokens`"));
        }
    }

    /// Quantities that must be more than nothing.
    pub(super) fn positive(&mut self, settings: &Settings, names: &[&str]) {
        for name in names {
            if let Some(quantity) = settings.quantity(name).filter(|quantity| quantity.number <= 0.0) {
                let fault = Diagnostic::new(
                    Code::OutOfRange,
                    settings.at(name),
                    format!("`{name}` is more than nothing, not {quantity}"),
                );
                self.report(fault.label("too little"));
            }
        }
    }
}
