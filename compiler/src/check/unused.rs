//! Names that nothing reads: bindings and parameters of models, and constants.
//!
//! A name is read where it stands in an expression, whatever becomes of that expression: so a fault elsewhere never makes
//! a name look forgotten.

use std::collections::HashSet;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Body, DeclarationKind, Expr, ExprKind, File, Ident, Model, StatementKind};

use super::context::Findings;
use super::flow::is_input;
use crate::diagnostics::{Code, Diagnostic};

/// The names that stand in expressions.
#[derive(Default)]
struct Reads<'a> {
    names: HashSet<&'a str>,
    /// The names given in bodies, with whether each is that of a layer.
    given: Vec<(&'a Ident, bool)>,
    /// Something could not be read, and may hold any name.
    anything: bool,
}

/// Warns of every constant, and of every parameter and binding of a block or model, that nothing reads.
pub fn report(file: &File, findings: &mut Findings) {
    let mut all = Reads::default();
    for declaration in &file.declarations {
        match &declaration.kind {
            DeclarationKind::Block(model) | DeclarationKind::Model(model) => {
                let mut own = Reads::default();
                own.body(&model.body);
                let defaults = model.parameters.iter().filter_map(|parameter| parameter.default.as_ref());
                defaults.for_each(|default| own.expr(default));
                own.report_model(model, findings);
                all.names.extend(own.names);
                all.anything |= own.anything;
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
        for (name, layer) in self.given.iter().filter(|(name, _)| self.misses(name)) {
            let fault = Diagnostic::new(Code::Unused, name.span, format!("nothing reads `{}`", name.text));
            findings.report(match layer {
                true => fault.label("a layer that is never applied").help(format!("`x |> {}()` applies it", name.text)),
                false => fault
                    .label("its value is computed and dropped")
                    .help("a statement without `name =` moves the flow instead"),
            });
        }
    }

    fn body(&mut self, body: &'a Body) {
        for statement in &body.statements {
            match &statement.kind {
                // `x = Input(…)` is refused for what it is.
                StatementKind::Bind { name, value } if !is_input(value) => self.given.push((name, false)),
                StatementKind::Share { name, .. } => self.given.push((name, true)),
                StatementKind::Error => self.anything = true,
                _ => {}
            }
            statement.each_expr(&mut |expr| self.expr(expr));
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Error => self.anything = true,
            ExprKind::Name(name) => {
                self.names.insert(name);
            }
            ExprKind::Call { callee, arguments, .. } => {
                // A shared layer is read where it is called.
                self.expr(callee);
                return arguments.iter().for_each(|argument| self.expr(&argument.value));
            }
            ExprKind::Residual { body } | ExprKind::Body(body) => return self.body(body),
            ExprKind::Branch { arms } => return arms.iter().for_each(|arm| self.body(&arm.body)),
            ExprKind::Repeat { over, body, .. } => {
                self.expr(over);
                return self.body(body);
            }
            ExprKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.expr(condition);
                    self.body(body);
                }
                return otherwise.iter().for_each(|body| self.body(body));
            }
            _ => {}
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
