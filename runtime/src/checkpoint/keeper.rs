//! When a state is kept, and how many of them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ndsl_compiler::plan;

use super::file::{self, About};
use super::folder::{list, make, place};
use super::{CheckpointError, FOLDER};
use crate::files::{sync_folder, write_whole};
use crate::train::{Keeper, Reached, State};

/// How long a run goes on without a checkpoint where its program says nothing of them.
const EVERY: Duration = Duration::from_secs(30);

/// And at least so many times as long as the last took to be written.
const SHARE: u32 = 50;

/// Keeps the states of one run in its folder.
#[derive(Debug)]
pub struct Checkpoints {
    run: PathBuf,
    about: About,
    policy: Option<plan::Checkpoints>,
    /// Whether those that are there are of this run.
    own: bool,
    /// The step at which the last one was kept, or the run begun.
    last: usize,
    at: Instant,
    took: Duration,
    kept: Option<PathBuf>,
}

impl Checkpoints {
    /// For the run in the folder `run`, as `policy` says; `resumed` is the step where it goes on.
    ///
    /// What another run left there is removed when the first of this one is kept.
    ///
    /// # Errors
    /// Where the folder cannot be written in.
    pub fn new(
        run: PathBuf,
        about: About,
        policy: Option<plan::Checkpoints>,
        resumed: Option<usize>,
    ) -> Result<Self, CheckpointError> {
        make(&run)?;
        if let Some(reached) = resumed {
            // What is newer than the newest that is whole is damaged.
            for (_, path) in list(&run)?.into_iter().filter(|(step, _)| *step > reached) {
                fs::remove_file(&path).map_err(|error| CheckpointError::Io { path, error })?;
            }
        }
        let (at, took, own) = (Instant::now(), Duration::ZERO, resumed.is_some());
        Ok(Self { run, about, policy, own, last: resumed.unwrap_or_default(), at, took, kept: None })
    }

    /// The file of the last state that was kept.
    pub fn kept(&self) -> Option<&PathBuf> {
        self.kept.as_ref()
    }

    fn write(&mut self, reached: Reached, state: &State) -> Result<PathBuf, CheckpointError> {
        let path = place(&self.run, reached.steps);
        let failed = |error| CheckpointError::Io { path: path.clone(), error };
        let bytes = file::encode(&self.about, state).map_err(|reason| failed(std::io::Error::other(reason)))?;
        let before = list(&self.run)?;
        write_whole(&path, &bytes).map_err(failed)?;
        sync_folder(&self.run.join(FOLDER)).map_err(failed)?;
        // Only now that there is a newer one.
        let others: Vec<PathBuf> = before.into_iter().map(|(_, other)| other).filter(|other| *other != path).collect();
        let keep = self.policy.as_ref().map_or(1, |policy| policy.keep.max(1)) - 1;
        let kept = if self.own { keep.min(others.len()) } else { 0 };
        for other in &others[..others.len() - kept] {
            // One that cannot be removed takes room and does no harm.
            let _ = fs::remove_file(other);
        }
        Ok(path)
    }
}

impl Keeper for Checkpoints {
    fn is_due(&mut self, reached: Reached) -> bool {
        let since = self.at.elapsed();
        let Some(policy) = &self.policy else { return since >= EVERY.max(self.took * SHARE) };
        let steps = reached.steps.saturating_sub(self.last);
        reached.ends_epoch && reached.epochs.is_multiple_of(policy.every.max(1))
            || policy.every_steps.is_some_and(|every| steps >= every)
            || policy.every_time.is_some_and(|every| since.as_secs_f64() >= every)
    }

    fn keeps_end(&self) -> bool {
        self.policy.is_some()
    }

    fn keep(&mut self, reached: Reached, state: &State) -> Result<(), String> {
        let began = Instant::now();
        let written = self.write(reached, state);
        (self.last, self.at, self.took) = (reached.steps, Instant::now(), began.elapsed());
        let before = self.kept.clone();
        match written {
            Ok(path) => {
                (self.kept, self.own) = (Some(path), true);
                Ok(())
            }
            Err(error) => Err(match before {
                Some(before) => format!("no checkpoint was kept here: {error}; the last one is `{}`", before.display()),
                None => format!("no checkpoint was kept here: {error}"),
            }),
        }
    }
}
