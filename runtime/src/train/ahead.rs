//! Batches that are made while the one before is computed: where pictures are unpacked or changed, that takes a good part of a step.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use super::TrainError;
use super::pass::Pass;
use crate::tensor::Tensor;

/// Where the batches of an epoch come from.
pub(super) enum Batches<'p> {
    /// Each is made when it is wanted.
    Now(&'p Pass<'p>, usize),
    /// Each is made by another thread, one batch before it is wanted.
    Ahead(&'p Pass<'p>, usize, Receiver<Result<Vec<Tensor>, TrainError>>),
}

impl<'p> Batches<'p> {
    /// Those of an epoch, whose rows will be asked for in the order of `batches`.
    pub(super) fn of<'s>(
        pass: &'s Pass<'s>,
        epoch: usize,
        batches: Vec<&'s [usize]>,
        scope: &'s Scope<'s, '_>,
    ) -> Batches<'s> {
        if !pass.takes_time() {
            return Batches::Now(pass, epoch);
        }
        let (sender, receiver) = sync_channel(1);
        scope.spawn(move || {
            for rows in batches {
                // Nobody waits for them any more where the run has stopped.
                if sender.send(pass.to_train(rows, epoch)).is_err() {
                    break;
                }
            }
        });
        Batches::Ahead(pass, epoch, receiver)
    }

    /// The next batch, which is that of `rows`.
    pub(super) fn next(&mut self, rows: &[usize]) -> Result<Vec<Tensor>, TrainError> {
        match self {
            Self::Now(pass, epoch) => pass.to_train(rows, *epoch),
            Self::Ahead(pass, epoch, receiver) => receiver.recv().unwrap_or_else(|_| pass.to_train(rows, *epoch)),
        }
    }
}
