//! Writes the body of a block out where it is used.

use std::ops::Range;

use ndsl_compiler::check::{Meaning, SymbolKind};
use ndsl_compiler::{Analysis, Texts};
use ndsl_grammar::ast::{Expr, ExprKind, Model, Statement, StatementKind};

use super::{Action, Kind, indent};
use crate::ide::callee::Callee;
use crate::ide::format::Change;
use crate::ide::nodes::{self, Node};
use crate::ide::rename::applied;

/// Writes out the block that the statement at the selection uses, where it has no inputs and outputs of its own.
pub fn inline(analysis: &Analysis, selection: &Range<usize>) -> Option<Action> {
    if !selection.is_empty() {
        return None;
    }
    let around = nodes::around(&analysis.file, selection.start);
    let statement = around.iter().rev().find_map(|node| match node {
        Node::Statement(statement) => Some(*statement),
        _ => None,
    })?;
    let StatementKind::Flow { value, name, column: None } = &statement.kind else { return None };
    let ExprKind::Call { callee, arguments, .. } = &value.kind else { return None };
    if !callee.span.touches(selection.start) {
        return None;
    }
    let Callee::Declared(declaration, block) = Callee::at(analysis, callee.span)? else { return None };
    if !matches!(declaration.kind, ndsl_grammar::ast::DeclarationKind::Block(_))
        || !block.body.statements.iter().all(may_move)
    {
        return None;
    }
    let given = |place: usize, name: &str| -> Option<&Expr> {
        let named = arguments.iter().find(|it| it.name.as_ref().is_some_and(|own| own.text == name));
        let placed = arguments.get(place).filter(|it| it.name.is_none());
        named.or(placed).map(|argument| &argument.value)
    };
    let values: Option<Vec<String>> = block
        .parameters
        .iter()
        .enumerate()
        .map(|(place, parameter)| {
            let value = given(place, &parameter.name.text).or(parameter.default.as_ref())?;
            let text = analysis.sources.text(value.span);
            let is_whole =
                !matches!(value.kind, ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::If { .. });
            Some(if is_whole { text.to_owned() } else { format!("({text})") })
        })
        .collect();
    let body = written_out(analysis, block, &values?)?;
    let own = &*analysis.source.text;
    let margin = indent(own, statement.span.start as usize);
    let mut lines = body.join(&format!("\n{margin}"));
    if let Some(name) = name {
        // The name is that of the last value.
        let last = block.body.statements.last()?;
        if !matches!(last.kind, StatementKind::Flow { name: None, .. }) {
            return None;
        }
        lines = format!("{lines} as {}", name.text);
    }
    let title = format!("Write out the block `{}`", block.name.text);
    Some(Action { title, kind: Kind::Inline, changes: vec![Change { range: statement.span.range(), text: lines }] })
}

fn may_move(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Flow { .. } | StatementKind::Bind { .. } | StatementKind::Share { .. })
}

/// The body of a block with values in the place of its parameters, the comments in it with it.
fn written_out(analysis: &Analysis, block: &Model, values: &[String]) -> Option<Vec<String>> {
    let file = block.name.span.file;
    let source = analysis.sources.source(file);
    let (first, last) = (block.body.statements.first()?, block.body.statements.last()?);
    let span = first.span.to(last.span);
    let inside =
        analysis.index().in_file(file).iter().filter(|it| span.start <= it.span.start && it.span.end <= span.end);
    let changes = inside.filter_map(|it| {
        let Meaning::Symbol { kind: SymbolKind::Parameter, definition } = it.meaning else { return None };
        let place = block.parameters.iter().position(|parameter| parameter.name.span == definition)?;
        let start = (it.span.start - span.start) as usize;
        Some(Change { range: start..start + it.span.range().len(), text: values[place].clone() })
    });
    let text = applied(&source.text[span.range()], &changes.collect::<Vec<_>>());
    // What goes over several lines keeps its form, from wherever it came.
    let margin = indent(&source.text, span.start as usize);
    Some(text.lines().map(|line| line.strip_prefix(margin).unwrap_or(line).to_owned()).collect())
}
