//! Keeps a library that panics on a damaged file from doing harm: that is a fault of the file.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::Fault;

/// Runs the work of a library that may panic on a damaged file.
pub(super) fn guarded<T>(noun: &'static str, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let reason = |panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    };
    quiet::while_running(|| catch_unwind(AssertUnwindSafe(work)))
        .unwrap_or_else(|panic| Err(Fault::Form { noun, reason: format!("it is damaged ({})", reason(panic)) }))
}

/// Keeps a panic that is caught from being told on the terminal.
mod quiet {
    use std::cell::Cell;
    use std::sync::Once;

    thread_local! {
        static QUIET: Cell<bool> = const { Cell::new(false) };
    }

    static HOOK: Once = Once::new();

    /// Runs `work`; what panics in it on this thread is not printed. Other threads are left alone.
    pub(super) fn while_running<T>(work: impl FnOnce() -> T) -> T {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                if !QUIET.get() {
                    before(info);
                }
            }));
        });
        QUIET.set(true);
        let done = work();
        QUIET.set(false);
        done
    }
}
