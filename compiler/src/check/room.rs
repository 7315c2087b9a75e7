//! Room on the stack: the checker recurses as deep as expressions are nested and constants lead to one another.

use ndsl_grammar::ast::{DeclarationKind, Expr, File};

use super::modules::Modules;

/// Nesting and chains up to here fit on any thread's stack.
const SHALLOW: usize = 12;

/// Levels of expressions that may be evaluated inside one another, those of the constants they lead to counted.
pub const MAX_LEVELS: usize = 1024;

/// Runs `work`, which checks the files of `modules`, on a stack that is large enough; nothing where the system has none.
pub fn with_room<T: Send>(modules: &Modules, work: impl FnOnce() -> T + Send) -> Option<T> {
    let files = || modules.all.iter().map(|module| &*module.file);
    let declarations = || files().flat_map(|file| &file.declarations);
    let constants = declarations().filter(|item| matches!(item.kind, DeclarationKind::Const { .. })).count();
    let blocks = declarations().any(|item| matches!(item.kind, DeclarationKind::Block(_)));
    match blocks || constants > SHALLOW || files().any(|file| depth(file) > SHALLOW) {
        true => ndsl_grammar::on_large_stack(work).ok(),
        false => Some(work()),
    }
}

/// How deep the deepest expression is nested.
fn depth(file: &File) -> usize {
    let mut deepest = 0;
    for declaration in &file.declarations {
        declaration.each_expr(&mut |expr| deepest = deepest.max(of(expr)));
    }
    deepest
}

fn of(expr: &Expr) -> usize {
    let mut below = 0;
    expr.each_child(&mut |child| below = below.max(of(child)));
    below + 1
}
