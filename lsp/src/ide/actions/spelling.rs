//! Says `Model` and `Input(shape=[…])` as `model` and `input`.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_grammar::ast::{DeclarationKind, ExprKind, StatementKind};

use super::{Action, Kind};
use crate::ide::format::format_range;

/// Lays out the model at the selection anew, where it is written in the other spelling.
pub fn spelling(analysis: &Analysis, selection: &Range<usize>) -> Option<Action> {
    let text = &*analysis.source.text;
    let declaration = analysis.file.declarations.iter().find(|it| it.span.touches(selection.start))?;
    let DeclarationKind::Model(model) = &declaration.kind else { return None };
    let calls_input = model.body.statements.iter().any(|statement| match &statement.kind {
        StatementKind::Flow { value, .. } => matches!(&value.kind, ExprKind::Call { callee, .. }
            if matches!(&callee.kind, ExprKind::Name(name) if name == "Input")),
        _ => false,
    });
    if !calls_input && !text[declaration.span.range()].starts_with("Model") {
        return None;
    }
    let changes = format_range(text, &declaration.span.range()).ok()?;
    let title = "Write it with `model` and `input`".to_owned();
    (!changes.is_empty()).then_some(Action { title, kind: Kind::Rewrite, changes })
}
