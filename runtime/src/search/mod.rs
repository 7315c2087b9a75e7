//! Searching for the values of `tune(…)`: what is tried next, which trial ends early, what mattered, and how that looks.
//!
//! Nothing here trains: a trial's values go out, and what it measured comes in. The same seed and the same measures give the same
//! trials.

mod grid;
mod importance;
mod next;
mod parzen;
mod picture;
mod prune;
mod space;
mod trial;

pub use importance::{Importance, importance};
pub use next::Next;
pub use picture::picture;
pub use prune::ends_early;
pub use space::{Point, Space};
pub use trial::{End, Trial, ranked};
