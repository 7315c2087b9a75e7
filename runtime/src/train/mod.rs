//! Training: epochs of steps over a dataset, watched, stoppable, and the same for the same seed.

mod ahead;
mod augment;
mod batches;
mod error;
mod fit;
mod health;
mod history;
mod hold_out;
mod keep;
mod labels;
mod memory;
mod metrics;
mod pass;
mod patience;
mod run;
mod state;
mod tensorboard;
mod trouble;
mod watcher;
mod weighting;

pub use batches::{batch, split};
pub use error::TrainError;
pub use health::Warning;
pub use history::{Epoch, History};
pub use hold_out::hold_out;
pub use keep::{Keeper, Reached, Unkept};
pub use memory::{Needs, fits};
pub(crate) use metrics::largest;
pub use metrics::{Confusion, Measures, Tally};
pub use pass::{Assessment, Seen, Subject, assess, examine};
pub use patience::Patience;
pub use run::{Beginning, Job, Outcome, Stop, train, train_from};
pub use state::{Best, Standing, State};
pub use tensorboard::EventFiles;
pub use trouble::Trouble;
pub use watcher::{Cancel, EpochProgress, RunStart, Silent, StepProgress, Watcher};
