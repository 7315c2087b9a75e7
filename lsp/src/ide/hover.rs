//! What a name is: shown when the pointer rests on it.

use std::fmt::Write;
use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Fact, FactKind, LayerReport};
use ndsl_compiler::signature::{Default, Parameter, Signature};

/// What there is to say about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name's place.
    pub range: Range<usize>,
    /// What it is, in Markdown.
    pub markdown: String,
}

/// What the name at `offset` is, if anything is known of it.
pub fn hover(analysis: &Analysis, offset: usize) -> Option<Hover> {
    let fact = fact_at(analysis.own_facts(), offset)?;
    let markdown = match &fact.kind {
        FactKind::Layer { signature, applied } => layer(signature, applied.as_ref()),
        FactKind::Signature(signature) => described(signature),
        FactKind::Parameter { signature, parameter } => of_parameter(signature, parameter),
        FactKind::Model { noun, name, parameters, docs, summary } => {
            model(noun, name, parameters, docs.as_deref(), summary.as_deref())
        }
        FactKind::Value { name, kind, docs, definition } => {
            // Where a declaration only names a model, the model itself has more to say.
            let declared = analysis.facts().iter().find(|fact| fact.span == *definition && is_model(fact));
            match declared.map(|fact| &fact.kind) {
                Some(FactKind::Model { noun, name, parameters, docs, summary }) => {
                    model(noun, name, parameters, docs.as_deref(), summary.as_deref())
                }
                _ => value(name, kind, docs.as_deref()),
            }
        }
    };
    Some(Hover { range: fact.span.range(), markdown })
}

/// The fact that says most about `offset`: of the smallest place around it, the first that knows what became of it.
///
/// A caret right behind a name counts as on it, unless another name begins there. A model is checked alone and again in
/// each of its uses, so one place may have several facts.
fn fact_at(facts: &[Fact], offset: usize) -> Option<&Fact> {
    let rank = |fact: &Fact| {
        let range = fact.span.range();
        (!range.contains(&offset), range.len(), !is_known(&fact.kind))
    };
    // The first of equals: `min_by_key` keeps it.
    facts.iter().filter(|fact| fact.span.touches(offset)).min_by_key(|fact| rank(fact))
}

fn is_known(kind: &FactKind) -> bool {
    match kind {
        FactKind::Layer { applied, .. } => applied.is_some(),
        FactKind::Value { kind, .. } => kind != "unknown" && !kind.contains('?'),
        FactKind::Model { .. } | FactKind::Signature(_) | FactKind::Parameter { .. } => true,
    }
}

fn is_model(fact: &Fact) -> bool {
    matches!(fact.kind, FactKind::Model { .. })
}

fn layer(signature: &Signature, applied: Option<&LayerReport>) -> String {
    let mut out = heading(signature);
    if let Some(report) = applied {
        let LayerReport { name, input, output, parameters, .. } = report;
        let _ = write!(out, "\n\n`{name}`: `{input}` → `{output}`, {}", counted(*parameters as u64, "parameter"));
        if let Some(flops) = report.flops {
            let _ = write!(out, ", {} a row", counted(flops, "FLOP"));
        }
    }
    out + &parameters(signature)
}

fn described(signature: &Signature) -> String {
    heading(signature) + &parameters(signature)
}

/// The synopsis, the sentence and the details.
fn heading(signature: &Signature) -> String {
    let mut out = format!("{}\n\n{}", code(&signature.synopsis()), signature.summary);
    if !signature.details.is_empty() {
        let _ = write!(out, "\n\n{}", signature.details);
    }
    out
}

fn parameters(signature: &Signature) -> String {
    let mut out = String::new();
    for (index, parameter) in signature.parameters.iter().enumerate() {
        out += if index == 0 { "\n\n" } else { "\n" };
        let _ = write!(out, "- `{}`{}: {}", parameter.name, default(parameter), parameter.summary);
    }
    out
}

fn of_parameter(signature: &Signature, parameter: &Parameter) -> String {
    let owner = signature.name;
    format!(
        "`{}`{}: {}\n\n{}\n\nBelongs to `{owner}`.",
        parameter.name,
        default(parameter),
        parameter.kind,
        parameter.summary
    )
}

/// What a parameter is when nothing is given, behind its name.
fn default(parameter: &Parameter) -> String {
    match parameter.default {
        Default::Required => " (required)".to_owned(),
        Default::RequiredWithout(other) => format!(" (required without `{other}`)"),
        Default::Absent(meaning) => format!(" (without it: {meaning})"),
        default => format!(" = `{}`", parameter.written(&default)),
    }
}

fn model(noun: &str, name: &str, parameters: &str, docs: Option<&str>, summary: Option<&str>) -> String {
    let parameters = match parameters.is_empty() {
        true => String::new(),
        false => format!("({parameters})"),
    };
    let mut out = code(&format!("{noun} {name}{parameters}"));
    if let Some(summary) = summary {
        let _ = write!(out, "\n\n{}", summary.replace("->", "→"));
    }
    with_docs(out, docs)
}

fn value(name: &str, kind: &str, docs: Option<&str>) -> String {
    with_docs(code(&format!("{name}: {kind}")), docs)
}

fn with_docs(out: String, docs: Option<&str>) -> String {
    match docs.map(str::trim).filter(|docs| !docs.is_empty()) {
        Some(docs) => format!("{out}\n\n{docs}"),
        None => out,
    }
}

fn code(text: &str) -> String {
    format!("```ndsl\n{text}\n```")
}

/// `40,960 parameters`
fn counted(count: u64, noun: &str) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + " " + noun + if count == 1 { "" } else { "s" }
}
