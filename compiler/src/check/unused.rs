//! Names that nothing reads: bindings and parameters of models, and constants.
//!
//! A name is read where it stands in an expression, whatever becomes of that expression: so a fault elsewhere never makes
//! a name look forgotten.

use std::collections::HashSet;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Body, DeclarationKind, Expr, ExprKind, File, Ident, Model, StatementKind};

use super::body::is_input;
use super::context::Findings;
use crate::diagnostics::{Code, Diagnostic};

/// The names that stand in expressions.
#[derive(Default)]
struct Reads<'a> {
    names: HashSet<&'a str>,
    /// Something could not be read, and may hold any name.
    anything: bool,
}

/// Warns of every constant, and of every parameter and binding of a model, that nothing reads.
pub fn report(file: &File, findings: &mut Findings) {
    let mut all = Reads::default();
    for declaration in &file.declarations {
        match &declaration.kind {
            DeclarationKind::Model(model) => {
                let mut own = Reads::default();
                own.body(&model.body);
                own.report_model(model, findings);
                all.names.extend(own.names);
                all.anything |= own.anything;
                for parameter in &model.parameters {
                    parameter.default.iter().for_each(|default| all.expr(default));
                }
            }
            DeclarationKind::Use(_) | DeclarationKind::Error { .. } => all.anything = true,
            _ => declaration.each_expr(&mut |expr| all.expr(expr)),
        }
    }
    // A file of nothing but constants is one that has only been begun.
    if !file.declarations.iter().any(|declaration| !matches!(declaration.kind, DeclarationKind::Const { .. })) {
        return;
    }
    for declaration in &file.declarations {
        if let DeclarationKind::Const { name, .. } = &declaration.kind
            && all.misses(name)
        {
            let message = format!("nothing reads the constant `{}`", name.text);
            findings.report(Diagnostic::new(Code::Unused, name.span, message).label("used nowhere in this file"));
        }
    }
}

impl<'a> Reads<'a> {
    /// Whether nothing reads `name`; one that begins with `_` says that itself.
    fn misses(&self, name: &Ident) -> bool {
        !self.anything && !self.names.contains(name.text.as_str()) && !name.text.starts_with('_')
    }

    fn report_model(&self, model: &Model, findings: &mut Findings) {
        for parameter in model.parameters.iter().filter(|parameter| self.misses(&parameter.name)) {
            let name = &parameter.name;
            findings.report(
                Diagnostic::new(Code::Unused, name.span, format!("nothing reads the parameter `{}`", name.text))
                    .label("changes nothing in the model"),
            );
        }
        for statement in &model.body.statements {
            // `x = Input(…)` is refused for what it is.
            if let StatementKind::Bind { name, value } = &statement.kind
                && self.misses(name)
                && !is_input(value)
            {
                findings.report(
                    Diagnostic::new(Code::Unused, name.span, format!("nothing reads `{}`", name.text))
                        .label("its value is computed and dropped")
                        .help("a statement without `name =` moves the flow instead"),
                );
            }
        }
    }

    fn body(&mut self, body: &'a Body) {
        let lost = |kind: &StatementKind| matches!(kind, StatementKind::Error);
        self.anything |= body.statements.iter().any(|statement| lost(&statement.kind));
        body.each_expr(&mut |expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &'a Expr) {
        self.anything |= matches!(expr.kind, ExprKind::Error);
        if let ExprKind::Name(name) = &expr.kind {
            self.names.insert(name);
        }
        expr.each_child(&mut |child| self.expr(child));
    }
}

/// The first name in `expr` of which `wanted` holds.
pub fn find_name<'e>(expr: &'e Expr, wanted: &dyn Fn(&str) -> bool) -> Option<(&'e str, Span)> {
    if let ExprKind::Name(name) = &expr.kind
        && wanted(name)
    {
        return Some((name, expr.span));
    }
    let mut found = None;
    expr.each_child(&mut |child| found = found.or_else(|| find_name(child, wanted)));
    found
}
