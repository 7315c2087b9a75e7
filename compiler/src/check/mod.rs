//! The checker: from a tree to a program in which every name is resolved and every value has a type, and all faults found on the way.
//!
//! `names` collects the declarations; `model`, `dataset` and `train` check one kind each; `body`, `layer` and
//! `evaluate` build the graph of a model while they check it; `arguments` is the one place where what is given meets
//! what is taken, `typed` says what each kind of parameter takes; `feeds` and `objective` read the settings of a `train`;
//! `unused` looks for names that nothing reads. [`Analysis`] holds what came of it.

mod analysis;
mod arguments;
mod arithmetic;
mod body;
mod context;
mod dataset;
mod evaluate;
mod facts;
mod feeds;
mod layer;
mod model;
mod names;
mod objective;
mod room;
mod train;
mod typed;
mod unused;
mod value;

pub use analysis::{Analysis, Selection, analyze};
pub use arguments::Arguments;
pub(crate) use arguments::{Given, Site};
pub(crate) use context::Findings;
pub use context::{Context, MAX_PARAMETERS};
pub use facts::{Fact, FactKind, LayerReport};
pub use model::ModelInstance;
pub(crate) use names::{Declared, Names};
pub use train::TrainInstance;
pub use value::Value;
