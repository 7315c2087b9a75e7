//! A schema of what data are: types, limits, keys, references and how values are drawn, each with the reason in a comment.
//!
//! Rows are read once for what each column is like (`column`, by the exact counts of `counts` as long as few values differ, then by
//! what `traits` keeps in bounded memory), and those columns once more that may refer to each other or be ordered (`between`). From what was
//! learnt `decide` says what a column is, `fit` how it is drawn, `keys` what tells rows apart, and `outline` writes it down. Everything that is written
//! as a limit holds of every row that was read.

mod between;
mod column;
mod counts;
mod decide;
mod distinct;
mod fit;
mod keys;
mod names;
mod outline;
mod sample;
mod shape;
mod table;
mod texts;
mod traits;
mod value;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndsl_compiler::schema::convert::Outline;

use crate::data::DataError;
use between::{Between, Known};
pub(crate) use table::{Source, Watch};

/// A table to be looked at.
#[derive(Debug)]
pub(crate) struct Given<S> {
    /// What it is called.
    pub name: String,
    /// What is said of where it comes from.
    pub origin: String,
    /// Its rows.
    pub source: S,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Inferred {
    /// The schema.
    pub outline: Outline,
    /// How many rows each table has.
    pub rows: Vec<u64>,
}

/// Finds the schema of tables, on so many threads at most.
///
/// # Errors
/// What is wrong with each table.
pub(crate) fn infer<S: Source + Sync>(
    name: &str,
    tables: &[Given<S>],
    threads: usize,
    watch: Watch<'_>,
) -> Result<Inferred, Vec<DataError>> {
    let mut known = each(tables, threads, |_, given| {
        let learnt = table::learn(&given.source, watch)?;
        let (rows, lines) = (learnt.rows, learnt.lines);
        let (mut columns, hashes) = decide::decide(learnt, &given.name);
        keys::mark(&mut columns, &given.name);
        Ok(Known { name: given.name.clone(), columns, hashes, rows, lines })
    })?;
    let questions = between::questions(&mut known);
    let places = between::places(&mut known, &questions);
    let between = each(tables, threads, |place, given| match questions[place].is_empty() {
        true => Ok(Between::default()),
        false => between::answer(&given.source, &known[place], &questions[place], &places, watch),
    })?;
    let rows = known.iter().map(|table| table.rows).collect();
    let origins: Vec<&str> = tables.iter().map(|given| given.origin.as_str()).collect();
    Ok(Inferred { outline: outline::outline(name, known, between, &origins), rows })
}

/// Does something with each of some things on several threads; the answers, or all faults, in their order.
fn each<T: Sync, R: Send, E: Send>(
    all: &[T],
    threads: usize,
    work: impl Fn(usize, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, Vec<E>> {
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<Result<R, E>>>> = all.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, all.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(one), Some(slot)) = (all.get(place), done.get(place)) else { break };
                    let answer = work(place, one);
                    *slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(answer);
                }
            });
        }
    });
    let answers =
        done.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    answers.for_each(|answer| match answer {
        Ok(answer) => right.push(answer),
        Err(fault) => wrong.push(fault),
    });
    if wrong.is_empty() { Ok(right) } else { Err(wrong) }
}
