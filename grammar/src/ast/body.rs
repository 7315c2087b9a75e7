//! What stands between the braces of a model or a block.

use super::{Expr, Ident, Path};
use crate::Span;

/// `model Name(parameters) { body }`, or `Model Name { Input(shape=[…]) … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its statements.
    pub body: Body,
}

/// A parameter of a model or a block: `width: int = 32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The whole of it.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// `int`, `float`, `bool`, `string`, `activation` or `list`; the checker refuses others.
    pub kind: Ident,
    /// The value when a use gives none.
    pub default: Option<Expr>,
}

/// The braces of a model and the statements between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// From brace to brace.
    pub span: Span,
    /// The statements in order.
    pub statements: Vec<Statement>,
}

/// One statement of a model's body.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The whole of it.
    pub span: Span,
    /// The `///` lines above it.
    pub docs: Option<String>,
    /// What it does.
    pub kind: StatementKind,
}

/// The kinds of statements.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `input name: f32[28, 28, 1]`, `input row: Shop.Customer except (id, churned)`
    Input {
        /// Its name.
        name: Ident,
        /// What it takes.
        kind: InputType,
    },
    /// `output mean = value`: what the model answers under that name.
    Output {
        /// Its name.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `name = value`: binds without moving the flow.
    Bind {
        /// The name bound.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `share tok = Embedding(vocab, d)`: a layer or block whose weights all its uses have in common.
    Share {
        /// Its name.
        name: Ident,
        /// The call, not yet applied to anything.
        layer: Expr,
    },
    /// A layer applied to the flow, or an expression whose value becomes the flow; `as name` names it.
    ///
    /// `residual { … }`, `branch { … }`, `repeat … { … }` and `if … { … }` are expressions too.
    Flow {
        /// The call or expression.
        value: Expr,
        /// The name after `as`.
        name: Option<Ident>,
        /// The column the value predicts: `Dense(1) as churned: Shop.Customer.churned`.
        column: Option<Path>,
    },
    /// `check T <= context`: a condition on the dimensions and parameters that must hold.
    Check {
        /// What must hold.
        condition: Expr,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error,
}

/// What an input takes.
#[derive(Clone, Debug, PartialEq)]
pub enum InputType {
    /// `f32[28, 28, 1]`
    Tensor(TensorType),
    /// `Shop.Customer except (id, churned)`: a row of a table. Its name is capitalised, that of an element type is not.
    Table {
        /// The table.
        table: Path,
        /// The columns left out.
        except: Vec<Ident>,
    },
}

/// `f32[28, 28, 1]`
#[derive(Clone, Debug, PartialEq)]
pub struct TensorType {
    /// The whole of it.
    pub span: Span,
    /// `f32`, `i64`, …; the checker refuses others.
    pub element: Ident,
    /// The dimensions, the batch left out; `f32` alone has none.
    pub dims: Vec<Expr>,
}
