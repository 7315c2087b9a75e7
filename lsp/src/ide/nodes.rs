//! The parts of a tree around a place, from the whole declaration down to the smallest expression.

use std::ops::Range;

use ndsl_grammar::ast::{
    Argument, Arm, Body, Clause, ColumnType, ColumnTypeKind, Declaration, DeclarationKind, Entry, Expr, ExprKind, File,
    Ident, InputType, Label, Model, Parameter, Record, SchemaItem, SchemaItemKind, Statement, StatementKind,
};
use ndsl_grammar::{Piece, Span};

/// A part of a tree.
#[derive(Clone, Copy, Debug)]
pub enum Node<'t> {
    /// A declaration.
    Declaration(&'t Declaration),
    /// A parameter of a model or block.
    Parameter(&'t Parameter),
    /// The braces of a model, block or construct.
    Body(&'t Body),
    /// A statement.
    Statement(&'t Statement),
    /// An arm of a `branch`.
    Arm(&'t Arm),
    /// Settings between braces.
    Record(&'t Record),
    /// A setting.
    Entry(&'t Entry),
    /// Something in a schema or table.
    Item(&'t SchemaItem),
    /// The type of a column.
    ColumnType(&'t ColumnType),
    /// A label of an enum.
    Label(&'t Label),
    /// What is said of a column after its type.
    Clause(&'t Clause),
    /// An argument of a call.
    Argument(&'t Argument),
    /// An expression.
    Expr(&'t Expr),
    /// Anything else that stands between brackets or braces.
    Brackets(Span),
}

impl<'t> Node<'t> {
    /// Where it stands.
    pub fn span(self) -> Span {
        match self {
            Self::Declaration(node) => node.span,
            Self::Parameter(node) => node.span,
            Self::Body(node) => node.span,
            Self::Statement(node) => node.span,
            Self::Arm(node) => node.name.as_ref().map_or(node.body.span, |name| name.span.to(node.body.span)),
            Self::Record(node) => node.span,
            Self::Entry(node) => node.span,
            Self::Item(node) => node.span,
            Self::ColumnType(node) => node.span,
            Self::Label(node) => node.span,
            Self::Clause(node) => node.span,
            Self::Argument(node) => node.span,
            Self::Expr(node) => node.span,
            Self::Brackets(span) => span,
        }
    }

    /// Whether it gives the name that stands at `name`.
    pub fn names(self, name: Span) -> bool {
        let is = |ident: &Ident| ident.span == name;
        match self {
            Self::Declaration(node) => ndsl_compiler::check::declared_name(node).is_some_and(is),
            Self::Parameter(node) => is(&node.name),
            Self::Statement(node) => match &node.kind {
                StatementKind::Input { name, .. }
                | StatementKind::Output { name, .. }
                | StatementKind::Bind { name, .. }
                | StatementKind::Share { name, .. }
                | StatementKind::Flow { name: Some(name), .. } => is(name),
                _ => false,
            },
            Self::Arm(node) => node.name.as_ref().is_some_and(is),
            Self::Item(node) => match &node.kind {
                SchemaItemKind::Table(table) => is(&table.name),
                SchemaItemKind::Column(column) => is(&column.name),
                _ => false,
            },
            Self::Label(node) => is(&node.name),
            _ => false,
        }
    }

    /// Hands on every part directly in this one.
    pub fn each_child(self, each: &mut dyn FnMut(Node<'t>)) {
        match self {
            Self::Declaration(node) => declaration(node, each),
            Self::Parameter(node) => node.default.iter().for_each(|default| each(Self::Expr(default))),
            Self::Body(node) => node.statements.iter().for_each(|statement| each(Self::Statement(statement))),
            Self::Statement(node) => statement(node, each),
            Self::Arm(node) => each(Self::Body(&node.body)),
            Self::Record(node) => node.entries.iter().for_each(|entry| each(Self::Entry(entry))),
            Self::Entry(node) => each(Self::Expr(&node.value)),
            Self::Item(node) => item(node, each),
            Self::ColumnType(node) => column_type(node, each),
            Self::Label(node) => node.weight.iter().for_each(|weight| each(Self::Expr(weight))),
            Self::Clause(node) => clause(node, each),
            Self::Argument(node) => each(Self::Expr(&node.value)),
            Self::Expr(node) => expression(node, each),
            Self::Brackets(_) => {}
        }
    }
}

/// Hands on every part that `enter` goes into, those around others first, of the declarations that a range touches; the trees
/// of others are not looked at.
pub fn each_within<'t>(file: &'t File, range: &Range<usize>, enter: &mut dyn FnMut(Node<'t>) -> bool) {
    fn walk<'t>(node: Node<'t>, enter: &mut dyn FnMut(Node<'t>) -> bool) {
        if enter(node) {
            node.each_child(&mut |child| walk(child, enter));
        }
    }
    let touched = |it: &&Piece| it.span.start as usize <= range.end && range.start <= it.span.end as usize;
    file.declarations.iter().filter(touched).for_each(|declaration| walk(Node::Declaration(declaration), enter));
}

/// The parts around a place, the innermost last.
pub fn around(file: &File, offset: usize) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    each_within(file, &(offset..offset), &mut |node| {
        let is_around = node.span().touches(offset);
        if is_around {
            found.push(node);
        }
        is_around
    });
    found
}

fn declaration<'t>(node: &'t Declaration, each: &mut dyn FnMut(Node<'t>)) {
    match &node.kind {
        DeclarationKind::Block(body) | DeclarationKind::Model(body) => model(body, each),
        DeclarationKind::Const { value, .. }
        | DeclarationKind::Dataset { source: value, .. }
        | DeclarationKind::Assert { condition: value } => each(Node::Expr(value)),
        DeclarationKind::Train { settings, .. }
        | DeclarationKind::Synthesizer { settings, .. }
        | DeclarationKind::Deploy { settings, .. }
        | DeclarationKind::Provider { settings, .. } => each(Node::Record(settings)),
        DeclarationKind::Schema(schema) => {
            each(Node::Brackets(schema.body_span));
            schema.items.iter().for_each(|item| each(Node::Item(item)));
        }
        DeclarationKind::Use(_) | DeclarationKind::Error { .. } => {}
    }
}

fn model<'t>(node: &'t Model, each: &mut dyn FnMut(Node<'t>)) {
    node.parameters.iter().for_each(|parameter| each(Node::Parameter(parameter)));
    each(Node::Body(&node.body));
}

fn statement<'t>(node: &'t Statement, each: &mut dyn FnMut(Node<'t>)) {
    match &node.kind {
        StatementKind::Input { kind: InputType::Tensor(kind), .. } => {
            each(Node::Brackets(kind.span));
            kind.dims.iter().for_each(|dim| each(Node::Expr(dim)));
        }
        _ => node.each_expr(&mut |value| each(Node::Expr(value))),
    }
}

fn item<'t>(node: &'t SchemaItem, each: &mut dyn FnMut(Node<'t>)) {
    match &node.kind {
        SchemaItemKind::Table(table) => {
            each(Node::Brackets(table.body_span));
            table.items.iter().for_each(|item| each(Node::Item(item)));
        }
        SchemaItemKind::Column(column) => {
            each(Node::ColumnType(&column.kind));
            column.clauses.iter().for_each(|clause| each(Node::Clause(clause)));
        }
        SchemaItemKind::Check { condition: value } | SchemaItemKind::Correlate { strength: value, .. } => {
            each(Node::Expr(value));
        }
        SchemaItemKind::Together { .. } | SchemaItemKind::Error => {}
    }
}

fn column_type<'t>(node: &'t ColumnType, each: &mut dyn FnMut(Node<'t>)) {
    match &node.kind {
        ColumnTypeKind::Named { arguments, .. } => arguments.iter().for_each(|value| each(Node::Expr(value))),
        ColumnTypeKind::List { item } => each(Node::ColumnType(item)),
        ColumnTypeKind::Enum { labels } => labels.iter().for_each(|label| each(Node::Label(label))),
        ColumnTypeKind::Reference { .. } | ColumnTypeKind::Error => {}
    }
}

fn clause<'t>(node: &'t Clause, each: &mut dyn FnMut(Node<'t>)) {
    use ndsl_grammar::ast::ClauseKind as Kind;
    match &node.kind {
        Kind::In(value)
        | Kind::Length(value)
        | Kind::Null(value)
        | Kind::Default(value)
        | Kind::Drawn(value)
        | Kind::Derived(value) => each(Node::Expr(value)),
        Kind::Key | Kind::Unique | Kind::Matches { .. } | Kind::From { .. } => {}
    }
}

fn expression<'t>(node: &'t Expr, each: &mut dyn FnMut(Node<'t>)) {
    match &node.kind {
        ExprKind::Record(record) => each(Node::Record(record)),
        ExprKind::Call { callee, arguments, brackets } => {
            each(Node::Expr(callee));
            each(Node::Brackets(*brackets));
            arguments.iter().for_each(|argument| each(Node::Argument(argument)));
        }
        ExprKind::If { branches, otherwise } => {
            for (condition, body) in branches {
                each(Node::Expr(condition));
                each(Node::Body(body));
            }
            otherwise.iter().for_each(|body| each(Node::Body(body)));
        }
        ExprKind::Repeat { over, body, .. } => {
            each(Node::Expr(over));
            each(Node::Body(body));
        }
        ExprKind::Residual { body } | ExprKind::Body(body) => each(Node::Body(body)),
        ExprKind::Branch { arms } => arms.iter().for_each(|arm| each(Node::Arm(arm))),
        _ => node.each_child(&mut |child| each(Node::Expr(child))),
    }
}
