//! Training: epochs of steps over a dataset, watched, stoppable, and the same for the same seed.

mod batches;
mod error;
mod fit;
mod history;
mod hold_out;
mod labels;
mod memory;
mod metrics;
mod run;
mod watcher;

pub use batches::{batch, split};
pub use error::TrainError;
pub use history::{Epoch, History};
pub use hold_out::hold_out;
pub(crate) use metrics::largest;
pub use metrics::{Measures, Tally};
pub use run::{Best, Outcome, Stop, assess, train};
pub use watcher::{Cancel, EpochProgress, RunStart, Silent, StepProgress, Watcher};
