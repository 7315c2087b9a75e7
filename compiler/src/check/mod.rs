//! The checker: from a tree to a program in which every name is resolved and every value has a type, and all faults found on the way.
//!
//! `modules` reads the files of a program, `names` collects their declarations; `model` checks models, `settings` the
//! declarations that are made of settings; `flow`, `layer` and `evaluate` build the graph of a model while they check it,
//! `scope` has its names and `solve` its symbols; `arguments` is the one place where what is given meets what is taken, `typed`
//! says what each kind of parameter takes; `index` keeps what every name means and `notes` what is said of values, for editors; `given` what calls give, for diagrams; `memory` keeps what was sound; `weights` finds those of a layer; `unused` looks for names that nothing reads, `squashed` for a softmax of a softmax.
//! [`Analysis`] holds what came of it.

mod analysis;
mod arguments;
mod arithmetic;
mod asserts;
mod context;
mod declarations;
mod dims;
mod evaluate;
mod facts;
mod flow;
mod given;
mod habits;
mod index;
mod layer;
mod memory;
mod model;
mod modules;
mod names;
mod notes;
mod penalties;
mod read;
mod room;
mod scope;
mod settings;
mod solve;
mod squashed;
mod typed;
mod unused;
mod value;
mod weights;

pub use analysis::{Analysis, Selection, analyze, analyze_sources, analyze_with};
pub use arguments::Arguments;
pub(crate) use arguments::{Given, Site};
pub(crate) use arithmetic::{Failure, element, elements};
pub(crate) use context::Findings;
pub use context::{Context, LayerPart, MAX_PARAMETERS};
pub use facts::{Fact, FactKind, LayerReport};
pub use flow::{Row, RowColumn};
pub use index::{Flow, Index, Meaning, Occurrence, SymbolKind};
pub use layer::Inner;
pub use memory::Analyzer;
pub use model::ModelInstance;
pub use modules::declared_name;
pub(crate) use modules::{Modules, uses};
pub(crate) use names::{Declared, Names};
pub use settings::{Choice, Choices, DeclaredInstance, SearchSpace, Settings, TrainInstance, Variable};
pub use value::Value;
pub use weights::{KerasWeight, NameOfLayer};
