//! What an editor shows between the letters of a text: the shape each layer leaves, the names of parameters given by place,
//! the sizes of symbols.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Flow, Meaning, SymbolKind};
use ndsl_grammar::ast::{Argument, Expr, ExprKind, Statement, StatementKind};
use ndsl_grammar::{FileId, Span};

use super::callee::Callee;
use super::nodes::{self, Node};
use super::target::{kind_of, own};

/// Which hints are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The type of what a statement leaves.
    pub shapes: bool,
    /// The names of parameters given by place.
    pub parameters: bool,
    /// The sizes that a use gives to the symbols of a block.
    pub dimensions: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { shapes: true, parameters: true, dimensions: true }
    }
}

/// What a hint is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A type or size.
    Type,
    /// The name of a parameter.
    Parameter,
}

/// A text shown between others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where it is shown.
    pub at: usize,
    /// What is shown.
    pub label: String,
    /// What it is of.
    pub kind: Kind,
    /// What else there is to say.
    pub tooltip: Option<String>,
    /// Whether a space stands before it, rather than behind it.
    pub padded_left: bool,
}

/// The hints within `range` of the given text, in their order.
pub fn hints(analysis: &Analysis, range: &Range<usize>, wanted: Wanted) -> Vec<Hint> {
    let analysis = &analysis.near(range);
    let mut out = Vec::new();
    let overlaps = |span: Span| (span.start as usize) <= range.end && range.start <= span.end as usize;
    nodes::each_within(&analysis.file, range, &mut |node| {
        if !overlaps(node.span()) {
            return false;
        }
        match node {
            Node::Statement(statement) if wanted.shapes => out.extend(shape(analysis, statement)),
            Node::Expr(Expr { kind: ExprKind::Call { callee, arguments, .. }, .. }) if wanted.parameters => {
                parameters(analysis, callee, arguments, &mut out);
            }
            _ => {}
        }
        if let (Node::Statement(statement), true) = (node, wanted.dimensions) {
            out.extend(dimensions(analysis, statement));
        }
        true
    });
    out.retain(|hint| range.start <= hint.at && hint.at <= range.end);
    out.sort_by_key(|hint| hint.at);
    out
}

/// The type of what a statement leaves, or of what it names.
fn shape(analysis: &Analysis, statement: &Statement) -> Option<Hint> {
    let flows = analysis.index().flows(FileId::default());
    let place = flows
        .binary_search_by_key(&(statement.span.start, statement.span.end), |flow| (flow.span.start, flow.span.end));
    let flow = flows.get(place.ok()?).filter(|flow| flow.kind != "unknown")?;
    let (at, label) = match &statement.kind {
        StatementKind::Bind { name, .. } | StatementKind::Output { name, .. } => {
            (name.span.end as usize, format!(": {}", flow.kind))
        }
        StatementKind::Flow { .. } => (statement.span.end as usize, format!("→ {}", flow.kind)),
        _ => return None,
    };
    let padded_left = matches!(statement.kind, StatementKind::Flow { .. });
    // Of several statements on a line the last says what the line leaves.
    if padded_left && !ends_line(&analysis.source.text[at..]) {
        return None;
    }
    Some(Hint { at, label, kind: Kind::Type, tooltip: by(analysis, flow), padded_left })
}

/// Whether nothing but a comment follows on the line.
fn ends_line(rest: &str) -> bool {
    let rest = rest.lines().next().unwrap_or_default().trim_start();
    rest.is_empty() || rest.starts_with("//")
}

/// Which use of a block the type is of.
fn by(analysis: &Analysis, flow: &Flow) -> Option<String> {
    let by = flow.by?;
    let source = ndsl_compiler::Texts::source(&analysis.sources, by.file);
    let line = source.position(by.start as usize).line;
    let file = if by.file == FileId::default() { String::new() } else { format!(" of {}", source.name) };
    Some(format!("where line {line}{file} uses it"))
}

/// The names of parameters that are given by place, where the argument does not say it itself.
fn parameters(analysis: &Analysis, callee: &Expr, arguments: &[Argument], out: &mut Vec<Hint>) {
    // Of one value alone it is told by what is called: `Dense(16)`.
    if arguments.iter().filter(|argument| argument.name.is_none()).count() < 2 {
        return;
    }
    let Some(called) = Callee::at(analysis, callee.span) else { return };
    let names = called.by_place();
    // What a function works on is told by where it stands, as is the only thing that a call takes.
    let skipped = usize::from(called.takes_tensor());
    if names.len() <= 1 {
        return;
    }
    for (argument, name) in arguments.iter().zip(&names).skip(skipped) {
        if argument.name.is_some() {
            break;
        }
        let said = match &argument.value.kind {
            ExprKind::Name(word) => word == name || word.ends_with(&format!("_{name}")),
            ExprKind::Field { name: field, .. } => field.text == *name,
            ExprKind::Error => true,
            _ => false,
        };
        if !said {
            let at = argument.span.start as usize;
            let label = format!("{name}=");
            out.push(Hint { at, label, kind: Kind::Parameter, tooltip: None, padded_left: false });
        }
    }
}

/// What the symbols of a block's input are in its first use.
fn dimensions(analysis: &Analysis, statement: &Statement) -> Option<Hint> {
    let StatementKind::Input { .. } = &statement.kind else { return None };
    let inside = |span: Span| statement.span.start <= span.start && span.end <= statement.span.end;
    let symbols = own(analysis).iter().filter(|it| {
        inside(it.span)
            && it.is_definition()
            && matches!(it.meaning, Meaning::Symbol { kind: SymbolKind::Dimension, .. })
    });
    let known = symbols.filter_map(|it| {
        let name = ndsl_compiler::Texts::text(&analysis.sources, it.span);
        let kind = super::target::sizes_of(analysis, it.span).or_else(|| kind_of(analysis, it.span))?;
        let size = kind.strip_prefix("int = ")?;
        Some(format!("{name} = {size}"))
    });
    let known: Vec<String> = known.collect();
    let label = known.join(", ");
    let tooltip = Some("in the first use of the block".to_owned());
    let at = statement.span.end as usize;
    (!known.is_empty()).then_some(Hint { at, label, kind: Kind::Type, tooltip, padded_left: true })
}
