//! Work in pieces on several threads, taken in order.
//!
//! There is no thread that only writes: whoever has made a piece looks whether the next one to be taken is there and nobody is taking, and
//! takes it then. So as many threads are busy as were asked for, and one needs no other. Pieces that are made and not yet taken are bounded.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Pieces a thread that are made or held at once, so that one slow piece does not stop the others.
const AHEAD: usize = 3;

struct State<T, E, F> {
    /// The next piece that nobody makes yet.
    next: usize,
    /// The next piece that is to be taken.
    due: usize,
    /// Where the pieces end; behind the first that has a fault, once there is one.
    end: usize,
    /// What is made and not yet taken.
    made: BTreeMap<usize, Result<T, E>>,
    /// What takes pieces; gone while a thread is at it.
    take: Option<F>,
    fault: Option<E>,
    /// Whether a thread came to an end that it should not have.
    is_lost: bool,
}

/// Makes the pieces of a range on so many threads, each alone, and takes them in order, all before the first that has a fault.
///
/// # Errors
/// The fault of making or of taking that comes first in the order of the pieces.
///
/// # Panics
/// Where making or taking does.
pub(super) fn in_order<T: Send, E: Send>(
    pieces: Range<usize>,
    threads: usize,
    make: impl Fn(usize) -> Result<T, E> + Sync,
    take: impl FnMut(usize, T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let ahead = threads.max(1) * AHEAD;
    let state = Mutex::new(State {
        next: pieces.start,
        due: pieces.start,
        end: pieces.end,
        made: BTreeMap::new(),
        take: Some(take),
        fault: None,
        is_lost: false,
    });
    let changed = Condvar::new();
    let work = || {
        let lost = Lost { state: &state, changed: &changed };
        let mut held = lock(&state);
        while held.due < held.end && !held.is_lost {
            let due = held.due;
            if held.made.contains_key(&due) && held.take.is_some() {
                let (piece, take) = (held.made.remove(&due), held.take.take());
                let (Some(piece), Some(mut take)) = (piece, take) else { break };
                drop(held);
                let taken = piece.and_then(|piece| take(due, piece));
                held = lock(&state);
                held.take = Some(take);
                held.due += 1;
                if let Err(fault) = taken {
                    held.end = held.due;
                    held.fault = Some(fault);
                }
            } else if held.next < held.end && held.next < due + ahead {
                let next = held.next;
                held.next += 1;
                drop(held);
                let made = make(next);
                held = lock(&state);
                if made.is_err() {
                    held.end = held.end.min(next + 1);
                }
                held.made.insert(next, made);
            } else {
                held = changed.wait(held).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            changed.notify_all();
        }
        drop(held);
        std::mem::forget(lost);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    lock(&state).fault.take().map_or(Ok(()), Err)
}

fn lock<S>(state: &Mutex<S>) -> MutexGuard<'_, S> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Dropped where a thread panics: the others must not wait for what it was to make.
struct Lost<'s, T, E, F> {
    state: &'s Mutex<State<T, E, F>>,
    changed: &'s Condvar,
}

impl<T, E, F> Drop for Lost<'_, T, E, F> {
    fn drop(&mut self) {
        lock(self.state).is_lost = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn pieces_are_taken_in_order_however_long_each_takes() {
        for threads in [1, 2, 5] {
            let mut taken = Vec::new();
            let make = |piece: usize| {
                std::thread::sleep(Duration::from_micros((piece as u64 * 7919) % 300));
                Ok::<usize, ()>(piece * 2)
            };
            in_order(3..120, threads, make, |piece, made| {
                taken.push((piece, made));
                Ok(())
            })
            .unwrap();
            assert_eq!(taken, (3..120).map(|piece| (piece, piece * 2)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_more_pieces_are_held_than_may_be() {
        let (made, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let make = |_| {
            let ahead = made.fetch_add(1, Ordering::SeqCst) - taken.load(Ordering::SeqCst);
            assert!(ahead <= 4 * AHEAD, "{ahead}");
            Ok::<(), ()>(())
        };
        in_order(0..500, 4, make, |_, ()| {
            std::thread::sleep(Duration::from_micros(50));
            taken.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn the_first_fault_ends_it_and_what_comes_before_is_taken() {
        for threads in [1, 3] {
            let mut taken = Vec::new();
            let make = |piece: usize| {
                // The later fault is found first.
                std::thread::sleep(Duration::from_millis(if piece == 17 { 5 } else { 0 }));
                if piece == 17 || piece == 18 { Err(piece) } else { Ok(()) }
            };
            let ended = in_order(0..100, threads, make, |piece, ()| {
                taken.push(piece);
                Ok(())
            });
            assert_eq!((ended, taken.len()), (Err(17), 17));
            let ended = in_order(0..100, threads, |_| Ok(()), |piece, ()| if piece == 5 { Err(piece) } else { Ok(()) });
            assert_eq!(ended, Err(5));
        }
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_gone() {
        let make = |piece: usize| if piece == 7 { panic!("gone") } else { Ok::<(), ()>(()) };
        let ended = std::panic::catch_unwind(|| in_order(0..100, 3, make, |_, ()| Ok(())));
        assert!(ended.is_err());
    }
}
