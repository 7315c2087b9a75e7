//! What a name is: shown when the pointer rests on it.

use std::fmt::Write;
use std::ops::Range;

use ndsl_compiler::check::{Fact, FactKind, LayerReport, Meaning, SymbolKind, declared_name};
use ndsl_compiler::ir::{ElementType, Node, Op};
use ndsl_compiler::schema::{Column, ColumnId, EnumLabel, NULL_SHARE, TableId, distributions};
use ndsl_compiler::settings::tune::TUNE;
use ndsl_compiler::signature::{Default, Parameter, Signature};
use ndsl_compiler::{Analysis, Texts};
use ndsl_grammar::ast::{DeclarationKind, ExprKind};
use ndsl_grammar::{KEYWORDS, Span, lex};

use super::callee::Callee;
use super::target::{is_known, occurrence_at, use_of};

/// More labels of an enum are not listed.
const MAX_LABELS: usize = 12;

/// What there is to say about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name's place.
    pub range: Range<usize>,
    /// What it is, in Markdown.
    pub markdown: String,
}

/// What stands at `offset`, if anything is known of it. What a model takes is told for batches of `batch` rows, unless a
/// training of it says how many.
pub fn hover(analysis: &Analysis, offset: usize, batch: usize) -> Option<Hover> {
    let analysis = &analysis.near(&(offset..offset));
    if let Some(column) = column_at(analysis, offset) {
        return Some(column);
    }
    let Some(fact) = fact_at(analysis.own_facts(), offset) else { return declared_word(analysis, offset) };
    let markdown = match &fact.kind {
        FactKind::Layer { signature, applied } => layer(signature, applied.as_ref()),
        FactKind::Signature(signature) if signature.name == TUNE.name => tune(analysis, fact.span, signature),
        FactKind::Signature(signature) => described(signature),
        FactKind::Parameter { signature, parameter } => of_parameter(signature, parameter),
        FactKind::Model { noun, name, parameters, docs, summary } => {
            model(noun, name, parameters, docs.as_deref(), summary.as_deref()) + &memory(analysis, name, batch)
        }
        // The name is a value's, too, and stands before it.
        FactKind::Used(report) => applied(report),
        FactKind::Value { name, kind, docs, definition } => {
            // Where a declaration only names a model, the model itself has more to say.
            let declared = analysis.facts().iter().find(|fact| fact.span == *definition && is_model(fact));
            let text = match declared.map(|fact| &fact.kind) {
                Some(FactKind::Model { noun, name, parameters, docs, summary }) => {
                    model(noun, name, parameters, docs.as_deref(), summary.as_deref()) + &memory(analysis, name, batch)
                }
                _ => of_library(analysis, fact.span).unwrap_or_else(|| value(name, kind, docs.as_deref())),
            };
            text + &use_of(analysis, fact.span).map(applied).unwrap_or_default()
        }
    };
    Some(Hover { range: fact.span.range(), markdown })
}

/// A block of the standard library, which is checked where it is used and not by itself.
fn of_library(analysis: &Analysis, name: Span) -> Option<String> {
    let callee @ Callee::Declared(declaration, _) = Callee::at(analysis, name)? else { return None };
    let source = analysis.sources.source(declaration.span.file);
    let parameters: Vec<String> = callee.parameters().into_iter().map(|parameter| parameter.written).collect();
    let head = code(&format!("block {}({})", callee.name(), parameters.join(", ")));
    let from = match source.standard {
        true => "\n\nFrom the standard library.".to_owned(),
        false => String::new(),
    };
    Some(with_docs(head, declaration.docs.as_deref()) + &from)
}

/// A name that stands where nothing is said of it yet, or a word of the language.
fn declared_word(analysis: &Analysis, offset: usize) -> Option<Hover> {
    let text = &*analysis.source.text;
    if text.len() > ndsl_grammar::MAX_SOURCE_BYTES {
        return None;
    }
    if let Some(occurrence) = occurrence_at(analysis, offset) {
        let range = occurrence.span.range();
        if let Meaning::Choice(parameter) = occurrence.meaning {
            let markdown = format!("`{}` of `{}`: {}", &text[range.clone()], parameter.name, parameter.summary);
            return Some(Hover { range, markdown });
        }
        if let Meaning::Symbol { kind, .. } = occurrence.meaning {
            let markdown = code(&format!("{} {}", kind.noun(), &text[range.clone()]));
            return Some(Hover { range, markdown });
        }
    }
    let token = lex(text).into_iter().find(|token| token.range().contains(&offset))?;
    let word = &text[token.range()];
    let keyword = KEYWORDS.iter().find(|keyword| keyword.word == word)?;
    let markdown = format!("{}\n\n{}", code(word), keyword.docs);
    Some(Hover { range: token.range(), markdown })
}

/// The column that is named at `offset`, and its name's place.
pub(super) fn column_named(analysis: &Analysis, offset: usize) -> Option<(Span, TableId, ColumnId)> {
    let occurrence = occurrence_at(analysis, offset)?;
    let Meaning::Symbol { kind: SymbolKind::Column, definition } = occurrence.meaning else { return None };
    analysis.schemas().tables().find_map(|(id, table)| {
        let place = table.columns.iter().position(|column| column.span == definition)?;
        Some((occurrence.span, id, ColumnId(place as u32)))
    })
}

/// A column: its type, what limits it, how it is drawn.
fn column_at(analysis: &Analysis, offset: usize) -> Option<Hover> {
    let (name, table, column) = column_named(analysis, offset)?;
    let table = analysis.schemas().at(table);
    let column = table.at(column);
    let mut markdown = code(&format!("{}: {}", column.name, column.written));
    let _ = write!(markdown, "\n\nColumn of `{}`.", table.path);
    if let Some(docs) = &column.docs {
        let _ = write!(markdown, " {}", docs.trim());
    }
    let mut say = |line: String| {
        let _ = write!(markdown, "\n- {line}");
    };
    say(format!("Type: `{}`, {}", column.kind.def.signature.name, first_down(column.kind.def.signature.summary)));
    match (column.key.is_some(), column.unique.is_some()) {
        (true, _) => say("Rows are known by it: it differs in every row and is never null".to_owned()),
        (false, true) => say("It differs in every row that has a value".to_owned()),
        _ => {}
    }
    if let Some(reference) = column.reference() {
        let target = analysis.schemas().at(reference.table);
        say(format!("Refers to `{}` by `{}`", target.path, target.at(reference.column).name));
    }
    if let Some(labels) = column.labels() {
        let label = |label: &EnumLabel| format!("`{}` {}", label.name, percent(label.weight));
        let shown: Vec<String> = labels.labels.iter().take(MAX_LABELS).map(label).collect();
        let more = labels.labels.len().saturating_sub(MAX_LABELS);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        say(format!("Labels: {}{more}", shown.join(", ")));
    }
    if column.optional {
        let share = column.null.map_or(NULL_SHARE, |null| null.value);
        say(format!("Null in {} of the rows", percent(share)));
    }
    if let Some(pattern) = &column.pattern {
        match pattern.value.count {
            Some(count) => say(format!("{count} texts match")),
            None => say("Any number of texts match".to_owned()),
        }
    }
    if let Some(default) = &column.default {
        say(format!("Where a row gives none: `{}`", analysis.sources.text(default.span)));
    }
    if column.derived.is_some() {
        say("It follows from other columns".to_owned());
    } else if let Some(drawn) = drawn(analysis, column) {
        say(drawn);
    }
    Some(Hover { range: name.range(), markdown })
}

/// How a column's values are drawn.
fn drawn(analysis: &Analysis, column: &Column) -> Option<String> {
    column.draw.as_ref()?;
    let own = analysis.index().in_file(column.span.file);
    let behind = own.iter().filter(|it| it.span.start > column.kind_span.end);
    let found = behind.take_while(|it| !it.is_definition()).find_map(|it| match it.meaning {
        Meaning::BuiltIn(signature) if distributions::find(signature.name).is_some() => Some(signature),
        _ => None,
    })?;
    Some(format!("Drawn by `{}`: {}", found.name, first_down(found.summary)))
}

/// A search: what there is to choose from, and how many ways there are in all.
fn tune(analysis: &Analysis, head: Span, signature: &Signature) -> String {
    let around = |fact: &&Fact| fact.span.start == head.start && fact.span.end > head.end;
    let choices = analysis.own_facts().iter().find(around).and_then(|fact| match &fact.kind {
        FactKind::Value { name, kind, .. } => Some(format!("`{name}`: {}", kind.trim_start_matches("tune: "))),
        _ => None,
    });
    let spaces = analysis.trains().iter().filter_map(|train| Some((train, train.space.as_ref()?)));
    let spaces = spaces.filter(|(_, space)| space.variables.iter().any(|it| it.span.start == head.start));
    let mut out = heading(signature);
    if let Some(line) = choices {
        let _ = write!(out, "\n\n{line}");
    }
    for (train, space) in spaces {
        let _ = match space.combinations {
            Some(count) => write!(out, "\n\n`{}` searches {}.", train.name, counted(count, "combination")),
            None => {
                write!(out, "\n\n`{}` searches any combination of {} variables.", train.name, space.variables.len())
            }
        };
    }
    out
}

/// What a model takes in memory: its weights, and what a batch makes of them on the way.
fn memory(analysis: &Analysis, name: &str, batch: usize) -> String {
    let Some(instance) = analysis.models().iter().find(|model| model.name == name && model.complete) else {
        return String::new();
    };
    let graph = &instance.graph;
    let trained = analysis.file.declarations.iter().find_map(|declaration| match &declaration.kind {
        DeclarationKind::Train { settings, .. } => {
            let train = analysis.trains().iter().find(|train| train.model.as_deref() == Some(name))?;
            let own = declared_name(declaration).is_some_and(|own| own.text == train.name);
            let entry = settings.entries.iter().find(|entry| entry.key.text == "batch_size").filter(|_| own)?;
            match entry.value.kind {
                ExprKind::Int(size) => usize::try_from(size).ok(),
                _ => None,
            }
        }
        _ => None,
    });
    let batch = trained.unwrap_or(batch).max(1);
    let (parameters, _) = graph.parameter_counts();
    let made = |node: &Node| -> Option<u64> {
        // What only says the same numbers under another shape takes no room of its own.
        if matches!(node.op, Op::Reshape(_) | Op::Constant(_) | Op::DimValue(_)) {
            return Some(0);
        }
        let value = graph.value(node.output);
        let count = value.shape.at_batch(batch)?.into_iter().map(|size| size as u64).fold(1, u64::saturating_mul);
        Some(count.saturating_mul(bytes(value.element)))
    };
    let weights = human(4 * parameters as u64);
    match graph.nodes.iter().map(made).try_fold(0u64, |sum, made| Some(sum.saturating_add(made?))) {
        Some(activations) => format!(
            "\n\nMemory: weights {weights}; the values of a batch of {batch}, all kept as in training, {}.",
            human(activations)
        ),
        None => format!("\n\nMemory: weights {weights}."),
    }
}

fn bytes(element: ElementType) -> u64 {
    match element {
        ElementType::F32 => 4,
        ElementType::I64 => 8,
        ElementType::U8 | ElementType::Bool => 1,
    }
}

/// `97.5 MiB`
fn human(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    match unit {
        "B" => format!("{bytes} B"),
        unit => format!("{size:.1} {unit}"),
    }
}

/// `12.5%`
fn percent(share: f64) -> String {
    let percent = (share * 1000.0).round() / 10.0;
    format!("{percent}%")
}

/// A sentence that goes on another, without its full stop.
fn first_down(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
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
    // The first of equals: `min_by_key` keeps it. Facts are in the order of their beginnings.
    let end = facts.partition_point(|fact| fact.span.start as usize <= offset);
    facts[..end].iter().filter(|fact| fact.span.touches(offset)).min_by_key(|fact| rank(fact))
}

fn is_model(fact: &Fact) -> bool {
    matches!(fact.kind, FactKind::Model { .. })
}

fn layer(signature: &Signature, report: Option<&LayerReport>) -> String {
    heading(signature) + &report.map(applied).unwrap_or_default() + &parameters(signature)
}

/// What a layer or a block became where it was applied, as a paragraph of its own.
fn applied(report: &LayerReport) -> String {
    let LayerReport { name, input, output, parameters, .. } = report;
    let mut out = format!("\n\n`{name}`: `{input}` → `{output}`, {}", counted(*parameters as u64, "parameter"));
    if let Some(flops) = report.flops {
        let _ = write!(out, ", {} a row", counted(flops, "FLOP"));
    }
    out
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
