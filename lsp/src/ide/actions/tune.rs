//! Makes something to be searched for of a number.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_grammar::ast::{DeclarationKind, Expr, ExprKind};

use super::{Action, Kind};
use crate::ide::format::Change;
use crate::ide::nodes::{self, Node};

/// Writes `tune(…)` around the number at the selection: some near it, the number itself among them.
pub fn tune(analysis: &Analysis, selection: &Range<usize>) -> Option<Action> {
    let around = nodes::around(&analysis.file, selection.start);
    let searched = matches!(around.first()?, Node::Declaration(declaration) if matches!(
        declaration.kind,
        DeclarationKind::Const { .. } | DeclarationKind::Model(_) | DeclarationKind::Block(_) | DeclarationKind::Train { .. }
    ));
    let is_tuned = around.iter().any(|node| {
        matches!(node, Node::Expr(Expr { kind: ExprKind::Call { callee, .. }, .. })
        if matches!(&callee.kind, ExprKind::Name(name) if name == "tune"))
    });
    let in_value = around.iter().any(|node| matches!(node, Node::Argument(_) | Node::Entry(_)));
    let is_const = matches!(around.first()?, Node::Declaration(it) if matches!(it.kind, DeclarationKind::Const { .. }));
    if !searched || is_tuned || !(in_value || is_const) {
        return None;
    }
    let Node::Expr(number) = around.last()? else { return None };
    let text = match number.kind {
        // The number itself comes first, since the first stands where one value is wanted.
        ExprKind::Int(value @ 2..=1_000_000) => format!("tune({value}, {}, {})", value / 2, value * 2),
        ExprKind::Float(value) if value > 0.0 && value < 1.0 => {
            format!("tune({:?}..{:?}, scale=log)", rounded(value / 10.0), rounded((value * 10.0).min(1.0)))
        }
        _ => return None,
    };
    let written = &analysis.source.text[number.span.range()];
    let title = format!("Search for a value in place of `{written}`");
    Some(Action { title, kind: Kind::Rewrite, changes: vec![Change { range: number.span.range(), text }] })
}

/// A number as people write it: what ten times a tenth adds at its end is left out.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
