//! Room on the stack: the checker recurses as deep as expressions are nested and constants lead to one another.

use ndsl_grammar::ast::{DeclarationKind, Expr, File, Record, StatementKind};

use super::unused::children;

/// Nesting and chains up to here fit on any thread's stack.
const SHALLOW: usize = 12;

/// Levels of expressions that may be evaluated inside one another, those of the constants they lead to counted.
pub const MAX_LEVELS: usize = 1024;

/// Runs `work`, which checks `file`, on a stack that is large enough; nothing where the system has none.
pub fn with_room<T: Send>(file: &File, work: impl FnOnce() -> T + Send) -> Option<T> {
    let constants = file.declarations.iter().filter(|item| matches!(item.kind, DeclarationKind::Const { .. })).count();
    match constants > SHALLOW || depth(file) > SHALLOW {
        true => ndsl_grammar::on_large_stack(work).ok(),
        false => Some(work()),
    }
}

/// How deep the deepest expression is nested.
fn depth(file: &File) -> usize {
    let declarations = file.declarations.iter().map(|declaration| match &declaration.kind {
        DeclarationKind::Const { value, .. } => of(value),
        DeclarationKind::Dataset { source, .. } => of(source),
        DeclarationKind::Train { settings, .. } => record(settings),
        DeclarationKind::Model(model) => {
            let defaults = model.parameters.iter().filter_map(|parameter| parameter.default.as_ref()).map(of);
            let statements = model.body.statements.iter().map(|statement| match &statement.kind {
                StatementKind::Input { kind, .. } => kind.dims.iter().map(of).max().unwrap_or(0),
                StatementKind::Bind { value, .. } | StatementKind::Flow { value, .. } => of(value),
                StatementKind::Reserved { .. } | StatementKind::Error => 0,
            });
            defaults.chain(statements).max().unwrap_or(0)
        }
        DeclarationKind::Reserved { .. } | DeclarationKind::Error { .. } => 0,
    });
    declarations.max().unwrap_or(0)
}

fn record(record: &Record) -> usize {
    record.entries.iter().map(|entry| of(&entry.value)).max().unwrap_or(0)
}

fn of(expr: &Expr) -> usize {
    let mut below = 0;
    children(expr, &mut |child| below = below.max(of(child)));
    below + 1
}
