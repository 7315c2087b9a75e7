//! The expressions in a part of the tree, one level at a time.

use super::{
    Body, ClauseKind, ColumnType, ColumnTypeKind, Declaration, DeclarationKind, Expr, ExprKind, InputType, Model,
    Record, SchemaItem, SchemaItemKind, Statement, StatementKind,
};

impl Declaration {
    /// Hands on every expression that stands directly in the declaration or in a body of it.
    pub fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        match &self.kind {
            DeclarationKind::Const { value, .. } => each(value),
            DeclarationKind::Dataset { source, .. } => each(source),
            DeclarationKind::Train { settings, .. }
            | DeclarationKind::Synthesizer { settings, .. }
            | DeclarationKind::Deploy { settings, .. }
            | DeclarationKind::Provider { settings, .. } => settings.each_expr(each),
            DeclarationKind::Block(model) | DeclarationKind::Model(model) => model.each_expr(each),
            DeclarationKind::Schema(schema) => schema.items.iter().for_each(|item| item.each_expr(each)),
            DeclarationKind::Assert { condition } => each(condition),
            DeclarationKind::Use(_) | DeclarationKind::Error { .. } => {}
        }
    }
}

impl Model {
    /// Hands on the defaults of the parameters and every expression that stands directly in the body.
    pub fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        self.parameters.iter().filter_map(|parameter| parameter.default.as_ref()).for_each(&mut *each);
        self.body.each_expr(each);
    }
}

impl Body {
    /// Hands on every expression that stands directly in a statement of the body.
    pub fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        self.statements.iter().for_each(|statement| statement.each_expr(each));
    }
}

impl Statement {
    /// Hands on every expression that stands directly in the statement.
    pub fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        match &self.kind {
            StatementKind::Input { kind: InputType::Tensor(kind), .. } => kind.dims.iter().for_each(each),
            StatementKind::Output { value, .. }
            | StatementKind::Bind { value, .. }
            | StatementKind::Share { layer: value, .. }
            | StatementKind::Flow { value, .. }
            | StatementKind::Check { condition: value } => each(value),
            StatementKind::Input { kind: InputType::Table { .. }, .. } | StatementKind::Error => {}
        }
    }
}

impl Record {
    /// Hands on the value of every entry.
    pub fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        self.entries.iter().for_each(|entry| each(&entry.value));
    }
}

impl SchemaItem {
    /// Hands on every expression that stands directly in the item, and in the items of a table.
    pub fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        match &self.kind {
            SchemaItemKind::Table(table) => table.items.iter().for_each(|item| item.each_expr(each)),
            SchemaItemKind::Column(column) => {
                column.kind.each_expr(each);
                for clause in &column.clauses {
                    match &clause.kind {
                        ClauseKind::In(expr)
                        | ClauseKind::Length(expr)
                        | ClauseKind::Null(expr)
                        | ClauseKind::Default(expr)
                        | ClauseKind::Drawn(expr)
                        | ClauseKind::Derived(expr) => each(expr),
                        ClauseKind::Key | ClauseKind::Unique | ClauseKind::Matches { .. } | ClauseKind::From { .. } => {
                        }
                    }
                }
            }
            SchemaItemKind::Check { condition } => each(condition),
            SchemaItemKind::Correlate { strength, .. } => each(strength),
            SchemaItemKind::Together { .. } | SchemaItemKind::Error => {}
        }
    }
}

impl ColumnType {
    fn each_expr<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        match &self.kind {
            ColumnTypeKind::Named { arguments, .. } => arguments.iter().for_each(each),
            ColumnTypeKind::List { item } => item.each_expr(each),
            ColumnTypeKind::Enum { labels } => labels.iter().filter_map(|label| label.weight.as_ref()).for_each(each),
            ColumnTypeKind::Reference { .. } | ColumnTypeKind::Error => {}
        }
    }
}

impl Expr {
    /// Hands on every expression directly in this one, those of the statements of its bodies among them; the plain name of
    /// what is called is none.
    pub fn each_child<'t>(&'t self, each: &mut dyn FnMut(&'t Expr)) {
        match &self.kind {
            ExprKind::List(items) => items.iter().for_each(each),
            ExprKind::Record(record) => record.each_expr(each),
            ExprKind::Call { callee, arguments, .. } => {
                if !matches!(callee.kind, ExprKind::Name(_)) {
                    each(callee);
                }
                arguments.iter().for_each(|argument| each(&argument.value));
            }
            ExprKind::Field { base, .. } => each(base),
            ExprKind::Index { base, indices } => {
                each(base);
                indices.iter().for_each(each);
            }
            ExprKind::Unary { operand, .. } => each(operand),
            ExprKind::Binary { left, right, .. } => {
                each(left);
                each(right);
            }
            ExprKind::Pipe { value, call } => {
                each(value);
                each(call);
            }
            ExprKind::Range { start, end, .. } => start.iter().chain(end).for_each(|bound| each(bound)),
            ExprKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    each(condition);
                    body.each_expr(each);
                }
                otherwise.iter().for_each(|body| body.each_expr(each));
            }
            ExprKind::Repeat { over, body, .. } => {
                each(over);
                body.each_expr(each);
            }
            ExprKind::Residual { body } | ExprKind::Body(body) => body.each_expr(each),
            ExprKind::Branch { arms } => arms.iter().for_each(|arm| arm.body.each_expr(each)),
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Str(_)
            | ExprKind::Percent(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Date(_)
            | ExprKind::DateTime(..)
            | ExprKind::Time(_)
            | ExprKind::Null
            | ExprKind::Name(_)
            | ExprKind::Error => {}
        }
    }
}
