//! The intermediate representation: a graph of primitive operations on tensors, close to ONNX's.
//!
//! Conventions that every producer and consumer holds:
//! - Activations are **channels-last** (`[N, height, width, channels]`); a backend that wants another layout converts inside.
//! - The first dimension of every input is the batch, the symbol `N`.
//! - Weights are in **PyTorch's layout**: `[out, in]` for [`Op::Linear`], `[out, in / groups, …size]` for [`Op::Conv`].
//! - Nodes are in topological order, and every value is made once.

pub mod bind;
pub mod builder;
pub mod column;
pub mod cost;
pub mod dim;
pub mod graph;
pub mod infer;
pub mod initial;
pub mod named;
pub mod op;
pub mod shape;
pub mod tree;

pub use builder::{Builder, MAX_ELEMENTS, Oversized};
pub use column::{Column, Encoding, Head, Null, Standardized};
pub use dim::{Dim, Facts, Sizes};
pub use graph::{
    Comparison, Constraint, GivenValue, Graph, Group, GroupKind, Layer, LayerId, Named, Node, Output, Parameter,
    Regularizer, Role, Value, ValueId, ValueSource,
};
pub use infer::{broadcast, same_padding, windows};
pub use initial::Initializer;
pub use op::{Answer, Binary, Cell, Interpolation, Op, Recurrent, Reduction, Unary};
pub use shape::{ElementType, Shape};
