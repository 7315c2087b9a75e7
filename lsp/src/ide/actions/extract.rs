//! Makes a block of the selected statements.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{Meaning, Occurrence, SymbolKind};
use ndsl_grammar::Span;
use ndsl_grammar::ast::{Body, Declaration, DeclarationKind, Statement, StatementKind};

use super::{Action, Kind, indent, indented};
use crate::ide::callee::model;
use crate::ide::format::Change;
use crate::ide::nodes::{self, Node};
use crate::ide::target::{kind_of, own, written};

/// What a block is called that nobody has named yet.
const NAME: &str = "Extracted";

/// Makes a block of the statements that `selection` covers, where what they read from outside are numbers and words, and
/// nothing they name is read outside.
pub fn extract(analysis: &Analysis, selection: &Range<usize>) -> Option<Action> {
    let text = &*analysis.source.text;
    let selected = text.get(selection.clone())?;
    let start = selection.start + (selected.len() - selected.trim_start().len());
    let selection = start..start + selected.trim().len();
    if selection.is_empty() {
        return None;
    }
    let declaration = analysis.file.declarations.iter().find(|it| it.span.range().contains(&selection.start))?;
    let owner = model(declaration)?;
    let statements = covered(analysis, &selection)?;
    let (first, last) = (statements.first()?, statements.last()?);
    let whole = first.span.to(last.span);
    if whole.range() != selection || !statements.iter().all(|statement| may_move(statement)) {
        return None;
    }
    let inside = |span: Span| whole.start <= span.start && span.end <= whole.end;
    let in_owner = |span: Span| declaration.span.start <= span.start && span.end <= declaration.span.end;
    let own_name = last_name(last);
    let mut given: Vec<(String, String)> = Vec::new();
    for it in own(analysis).iter().filter(|it| in_owner(it.span)) {
        let Meaning::Symbol { definition, kind } = it.meaning else { continue };
        if !in_owner(definition) || matches!(kind, SymbolKind::Part | SymbolKind::Field) {
            continue;
        }
        match (inside(it.span), inside(definition)) {
            // What is read of it from outside has to come in.
            (true, false) => {
                let name = written(analysis, it.span).to_owned();
                if !given.iter().any(|(known, _)| *known == name) {
                    let kind = parameter_kind(analysis, owner, it, definition)?;
                    given.push((name, kind));
                }
            }
            // What is named in it stays in it, but for the name of what it leaves.
            (false, true) if Some(definition) != own_name => return None,
            _ => {}
        }
    }
    let name = free_name(analysis);
    let parameters: Vec<String> = given.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
    let brackets = if parameters.is_empty() { String::new() } else { format!("({})", parameters.join(", ")) };
    let mut end = whole.end as usize;
    let mut behind = "";
    if let Some(named) = own_name {
        // `as name` stays where the name is read.
        let before = text[..named.start as usize].trim_end();
        end = before.len() - "as".len();
        behind = text[end..whole.end as usize].trim_end();
        end = text[..end].trim_end().len();
    }
    let body = indented(&text[whole.start as usize..end], indent(text, whole.start as usize), "    ");
    let arguments: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    let call = format!("{name}({}){}{behind}", arguments.join(", "), if behind.is_empty() { "" } else { " " });
    let place = above(text, declaration);
    Some(Action {
        title: format!("Extract into the block `{name}`"),
        kind: Kind::Extract,
        changes: vec![
            Change { range: place..place, text: format!("block {name}{brackets} {{\n    {body}\n}}\n\n") },
            Change { range: whole.range(), text: call },
        ],
    })
}

/// The statements of one body that a selection covers wholly.
fn covered<'a>(analysis: &'a Analysis, selection: &Range<usize>) -> Option<Vec<&'a Statement>> {
    let around = nodes::around(&analysis.file, selection.start);
    let bodies = around.iter().rev().filter_map(|node| match node {
        Node::Body(body) => Some(*body),
        _ => None,
    });
    let inside = |body: &'a Body| -> Vec<&'a Statement> {
        let is_in =
            |it: &&Statement| selection.start <= it.span.start as usize && it.span.end as usize <= selection.end;
        body.statements.iter().filter(is_in).collect()
    };
    bodies.map(inside).find(|statements| !statements.is_empty())
}

fn may_move(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Flow { .. } | StatementKind::Bind { .. } | StatementKind::Share { .. })
}

/// The name that the last statement gives to what it leaves.
fn last_name(statement: &Statement) -> Option<Span> {
    match &statement.kind {
        StatementKind::Flow { name: Some(name), .. } => Some(name.span),
        _ => None,
    }
}

/// The kind of parameter that brings a value into a block; nothing for a tensor.
fn parameter_kind(
    analysis: &Analysis,
    owner: &ndsl_grammar::ast::Model,
    it: &Occurrence,
    definition: Span,
) -> Option<String> {
    if let Some(declared) = owner.parameters.iter().find(|parameter| parameter.name.span == definition) {
        return Some(declared.kind.text.clone());
    }
    let kind = kind_of(analysis, it.span)?;
    let word = kind.split(" = ").next()?;
    match word {
        "int" | "float" | "bool" | "string" => Some(word.to_owned()),
        _ if kind.starts_with("a list of") => Some("list".to_owned()),
        _ => None,
    }
}

fn free_name(analysis: &Analysis) -> String {
    let is_taken = |name: &str| analysis.source.text.contains(name);
    let numbered = (2..).map(|number| format!("{NAME}{number}"));
    std::iter::once(NAME.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// The line on which a declaration begins, its doc comment with it.
fn above(text: &str, declaration: &Declaration) -> usize {
    let mut start = declaration.span.start as usize;
    debug_assert!(!matches!(declaration.kind, DeclarationKind::Error { .. }));
    while declaration.docs.is_some() {
        let before = text[..start].trim_end();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        if !before[line..].trim_start().starts_with("///") {
            break;
        }
        start = line;
    }
    start
}
