//! States of a run that are kept while it goes on.

use super::State;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Steps that are done, of all epochs.
    pub steps: usize,
    /// Epochs that are done.
    pub epochs: usize,
    /// Whether the last step was the end of an epoch, what was held out measured.
    pub ends_epoch: bool,
}

/// Whoever keeps states of a run. Everything is called from the thread that trains, between two steps.
pub trait Keeper {
    /// Whether the state is to be kept here.
    fn is_due(&mut self, reached: Reached) -> bool;

    /// Whether the state at the end of the run is kept.
    fn keeps_end(&self) -> bool;

    /// Keeps a state.
    ///
    /// # Errors
    /// Why it is not kept, in a sentence; the run goes on, and what was kept before is still there.
    fn keep(&mut self, reached: Reached, state: &State) -> Result<(), String>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unkept;

impl Keeper for Unkept {
    fn is_due(&mut self, _: Reached) -> bool {
        false
    }

    fn keeps_end(&self) -> bool {
        false
    }

    fn keep(&mut self, _: Reached, _: &State) -> Result<(), String> {
        Ok(())
    }
}
