//! The tree: what a file says, before anything is known of what it means.
//!
//! Every node carries the [`Span`] of the text it was read from. A part that could not be read stands in the tree as an
//! `Error` node, so that what surrounds it keeps its place and its meaning.

use crate::Span;

/// A whole source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The declarations, in the order they were written.
    pub declarations: Vec<Declaration>,
}

/// One top-level declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// From the keyword to the last token; doc comments are not in it.
    pub span: Span,
    /// The `///` lines above, joined by newlines, without the slashes and one leading space.
    pub docs: Option<String>,
    /// What is declared.
    pub kind: DeclarationKind,
}

/// The kinds of declarations.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclarationKind {
    /// `const name = value`
    Const {
        /// Its name.
        name: Ident,
        /// A compile-time expression.
        value: Expr,
    },
    /// `model Name(parameters) { body }`
    Model(Model),
    /// `dataset Name = source(...)`
    Dataset {
        /// Its name.
        name: Ident,
        /// The call that says where the data comes from: `csv(...)` or `idx(...)`.
        source: Expr,
    },
    /// `train name { settings }`
    Train {
        /// Its name.
        name: Ident,
        /// Its settings.
        settings: Record,
    },
    /// A declaration whose keyword is reserved for a part of the language that this version does not have.
    Reserved {
        /// The keyword, e.g. `schema`.
        keyword: Ident,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error {
        /// Its name, when that much could be read, so that uses of it are not reported as unknown.
        name: Option<Ident>,
    },
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The name itself.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// `model Name(parameters) { body }`, or `Model Name { Input(shape=[…]) … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its statements.
    pub body: Block,
}

/// A parameter of a model: `width: int = 32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The whole of it.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// `int`, `float`, `bool` or `string`; the checker refuses others.
    pub kind: Ident,
    /// The value when a use gives none.
    pub default: Option<Expr>,
}

/// The braces of a model and the statements between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
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
    /// `input name: f32[28, 28, 1]`
    Input {
        /// Its name.
        name: Ident,
        /// Its element type and shape, the batch left out.
        kind: TensorType,
    },
    /// `name = value`: binds without moving the flow.
    Bind {
        /// The name bound.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// A layer applied to the flow, or an expression whose value becomes the flow; `as name` names it.
    Flow {
        /// The call or expression.
        value: Expr,
        /// The name after `as`.
        name: Option<Ident>,
    },
    /// A statement whose keyword is reserved for a part of the language that this version does not have.
    Reserved {
        /// The keyword, e.g. `repeat`.
        keyword: Ident,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error,
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

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// The whole of it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `12`, `1_000`
    Int(i64),
    /// `0.5`, `1e-3`
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// `"text"`, with its escapes read.
    Str(String),
    /// A bare word: a value, a constant, a parameter, an enum value, a column.
    Name(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ key: value, … }`
    Record(Record),
    /// `Dense(10, activation=relu)`
    Call {
        /// What is called: a name or a field.
        callee: Box<Expr>,
        /// The arguments in order.
        arguments: Vec<Argument>,
        /// From the opening bracket to the closing one.
        brackets: Span,
    },
    /// `base.name`
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field's name.
        name: Ident,
    },
    /// `base[index]`
    Index {
        /// What is indexed.
        base: Box<Expr>,
        /// The indices between the brackets.
        indices: Vec<Expr>,
    },
    /// `-x`, `not x`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it is applied to.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `x |> Dense(10)`
    Pipe {
        /// What is given to the call.
        value: Box<Expr>,
        /// The call it is given to.
        call: Box<Expr>,
    },
    /// Something that could not be read; a [`crate::SyntaxError`] says why.
    Error,
}

/// One argument of a call: `10` or `units=10`.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The whole of it.
    pub span: Span,
    /// Its name, unless it is given by place.
    pub name: Option<Ident>,
    /// Its value.
    pub value: Expr,
}

/// Settings between braces: `{ epochs: 10, seed: 42 }`; commas are optional between lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// From brace to brace.
    pub span: Span,
    /// The entries in order.
    pub entries: Vec<Entry>,
}

/// `key: value`
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The whole of it.
    pub span: Span,
    /// Its key; any word may be one.
    pub key: Ident,
    /// Its value.
    pub value: Expr,
}

/// Operators before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`: real division
    Divide,
    /// `//`: division of whole numbers, rounded down
    FloorDivide,
    /// `%`
    Remainder,
    /// `@`
    MatMul,
    /// `**`
    Power,
}

impl BinaryOperator {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::FloorDivide => "//",
            Self::Remainder => "%",
            Self::MatMul => "@",
            Self::Power => "**",
        }
    }
}
