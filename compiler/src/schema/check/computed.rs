//! What is computed of a row: derived columns, checks, and how values are drawn.

use ndsl_grammar::ast::{ClauseKind, Expr, ExprKind, SchemaItemKind};

use super::Checker;
use super::clauses::clause;
use super::typing::Scope;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::expression::Type;
use crate::schema::form::{Check, ColumnId, TableId};

impl<'a> Checker<'a> {
    /// Reads every expression over columns.
    pub(super) fn computed(&mut self) {
        for (table, id) in self.all_columns() {
            let tree = self.trees[table.0 as usize].columns[id.0 as usize];
            let derived = clause(tree, |kind| match kind {
                ClauseKind::Derived(expr) => Some(expr),
                _ => None,
            });
            let drawn = clause(tree, |kind| match kind {
                ClauseKind::Drawn(expr) => Some(expr),
                _ => None,
            });
            match (derived, drawn) {
                (Some((expr, _)), _) => self.derived(table, id, expr),
                (None, Some((expr, span))) => {
                    let draw = self.draw(expr, span, table, id);
                    self.column_mut(table, id).draw = draw;
                }
                (None, None) => {}
            }
        }
        for table in (0..self.schemas.tables.len()).map(|index| TableId(index as u32)) {
            let items = self.trees[table.0 as usize].items.clone();
            for item in items {
                if let SchemaItemKind::Check { condition } = &item.kind {
                    self.check(table, condition, item.docs.as_deref());
                }
            }
        }
    }

    fn derived(&mut self, table: TableId, id: ColumnId, expr: &'a Expr) {
        let column = self.column(table, id);
        let ty = column.kind.value();
        if let ExprKind::Call { callee, .. } = &expr.kind
            && let ExprKind::Name(name) = &callee.kind
            && crate::schema::distributions::find(name).is_some()
            && crate::schema::functions::find(name).is_none()
        {
            let fault = Diagnostic::new(
                Code::UnknownFunction,
                callee.span,
                format!("`{name}` is a distribution, not a function"),
            )
            .label("nothing is drawn after `=`");
            let written = self.text(expr.span);
            let tree = self.trees[table.0 as usize].columns[id.0 as usize];
            let clause = clause(tree, |kind| matches!(kind, ClauseKind::Derived(_)).then_some(()));
            let span = clause.map_or(expr.span, |((), span)| span);
            self.report(fault.fix(
                "draw it with `~`",
                span,
                format!("~ {written}"),
                crate::diagnostics::Applicability::Safe,
            ));
            return;
        }
        let expression = self.expression(expr, Scope::Row(table), Some(&ty));
        if expression.is_faulty() || ty == Type::Unknown {
            return;
        }
        if !ty.takes(&expression.ty) {
            self.wrong_type(&expression, expr, &ty, Some((table, id)));
            return;
        }
        self.column_mut(table, id).derived = Some(expression);
    }

    fn check(&mut self, table: TableId, condition: &'a Expr, docs: Option<&str>) {
        let expression = self.condition(condition, Scope::Row(table));
        if expression.is_faulty() {
            return;
        }
        let check = Check { span: condition.span, condition: expression, docs: docs.map(str::to_owned) };
        self.schemas.tables[table.0 as usize].checks.push(check);
    }
}
