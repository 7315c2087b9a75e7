//! Room on the stack: trees are as deep as [`MAX_NESTING`](crate::depth::MAX_NESTING) allows, and whoever reads or walks one recurses as deep.

use std::cell::Cell;
use std::io;
use std::thread::{self, Builder};

/// What work on a deep tree is given at least.
const ROOM: usize = 64 << 20;

/// What a thread for such work has: a walk may come to need a parser. It is reserved, not used: pages are only taken where the
/// stack grows to.
const STACK: usize = 2 * ROOM;

thread_local! {
    /// Where the stack of this thread began, if it was made for such work.
    static BEGAN: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Runs `work` where there is room for deep trees: on the caller's thread, if that was made for it and has the room left, and
/// otherwise on a new one. Who calls this often should be on such a thread: each has memory of its own to give out,
/// which a new one has to take from the system first.
///
/// # Errors
/// When the system has no thread for it; `work` is not run then.
pub fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    if BEGAN.get().is_some_and(|began| began.abs_diff(here()) <= STACK - ROOM) {
        return Ok(work());
    }
    thread::scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, || begun(work))?;
        thread.join().map_err(|panic| std::panic::resume_unwind(panic))
    })
}

/// Starts a thread whose work finds room wherever it asks for it.
///
/// # Errors
/// When the system has no thread for it.
pub fn spawn_on_large_stack(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(name.to_owned()).stack_size(STACK).spawn(|| begun(work)).map(drop)
}

fn begun<T>(work: impl FnOnce() -> T) -> T {
    BEGAN.set(Some(here()));
    work()
}

/// About where the stack has grown to.
fn here() -> usize {
    let local = 0_u8;
    (&raw const local).addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_stays_on_a_thread_that_has_room_and_leaves_one_that_has_none_left() {
        fn deeper(used: usize, work: &mut (dyn FnMut() + Send)) {
            let filled = std::hint::black_box([1_u8; 1 << 16]);
            match used {
                0 => work(),
                used => deeper(used.saturating_sub(filled.len()), work),
            }
            std::hint::black_box(&filled);
        }
        let ids = |used| {
            on_large_stack(move || {
                let (outer, mut inner) = (thread::current().id(), None);
                deeper(used, &mut || inner = on_large_stack(|| thread::current().id()).ok());
                (outer, inner)
            })
        };
        let (outer, inner) = ids(1 << 20).expect("there are threads");
        assert_ne!(outer, thread::current().id());
        assert_eq!(inner, Some(outer));
        let (outer, inner) = ids(STACK - ROOM).expect("there are threads");
        assert_ne!(inner, Some(outer));
    }
}
