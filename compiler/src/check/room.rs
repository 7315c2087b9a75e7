//! Room on the stack: the checker recurses as deep as expressions are nested and constants lead to one another.

use super::memory::pieces;
use super::modules::Modules;

/// Nesting and chains up to here fit on any thread's stack.
const SHALLOW: usize = 12;

/// Levels of expressions that may be evaluated inside one another, those of the constants they lead to counted.
pub const MAX_LEVELS: usize = 1024;

/// Runs `work`, which checks the files of `modules`, on a stack that is large enough; nothing where the system has none.
pub fn with_room<T: Send>(modules: &Modules, work: impl FnOnce() -> T + Send) -> Option<T> {
    let constants = pieces(modules).filter(|piece| piece.keyword() == Some("const")).count();
    let blocks = pieces(modules).any(|piece| piece.keyword() == Some("block"));
    match blocks || constants > SHALLOW || pieces(modules).any(|piece| piece.depth() > SHALLOW) {
        true => ndsl_grammar::on_large_stack(work).ok(),
        false => Some(work()),
    }
}
