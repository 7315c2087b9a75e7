//! The checker: from a tree to a program in which every name is resolved and every value has a type, and all faults found on the way.
//!
//! `names` collects the declarations; `model`, `dataset` and `train` check one kind each; `flow`, `layer` and
//! `evaluate` build the graph of a model while they check it, `scope` has its names and `solve` its symbols; `arguments` is the one place where what is given meets
//! what is taken, `typed` says what each kind of parameter takes; `feeds` and `objective` read the settings of a `train`;
//! `unused` looks for names that nothing reads. [`Analysis`] holds what came of it.

mod analysis;
mod arguments;
mod arithmetic;
mod asserts;
mod context;
mod dataset;
mod dims;
mod evaluate;
mod facts;
mod feeds;
mod flow;
mod layer;
mod model;
mod names;
mod objective;
mod penalties;
mod read;
mod room;
mod scope;
mod solve;
mod train;
mod typed;
mod unused;
mod value;

pub use analysis::{Analysis, Selection, analyze};
pub use arguments::Arguments;
pub use context::{Context, KerasWeight, LayerPart, MAX_PARAMETERS};
pub use facts::{Fact, FactKind, LayerReport};
pub use layer::Inner;
pub use model::ModelInstance;
pub use train::TrainInstance;
pub use value::Value;
