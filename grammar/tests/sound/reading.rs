//! What holds of every text that is parsed.

use ndsl_grammar::ast::*;
use ndsl_grammar::{FileId, Parse, Span, parse};

/// Parses `text`, and every place that is named lies in it.
pub fn read(text: &str) -> Parse {
    let parse = parse(text, FileId(0));
    let inside = |span: Span| {
        assert!(text.get(span.range()).is_some(), "{span:?} is no place in {text:?}");
    };
    for error in &parse.errors {
        inside(error.span);
        error.related.iter().for_each(|(span, _)| inside(*span));
        error.fix.iter().flat_map(|fix| &fix.edits).for_each(|(span, _)| inside(*span));
        assert!(!error.message.is_empty() && !error.label.is_empty(), "{error:?}");
    }
    let mut end = 0;
    for declaration in &parse.file.declarations {
        inside(declaration.span);
        assert!(declaration.span.start >= end, "declarations overlap in {text:?}");
        end = declaration.span.end;
        inside_all(declaration, &inside);
    }
    parse
}

/// Every part of a declaration that has a place is shown to `inside`.
fn inside_all(declaration: &Declaration, inside: &dyn Fn(Span)) {
    match &declaration.kind {
        DeclarationKind::Model(model) | DeclarationKind::Block(model) => {
            model.parameters.iter().for_each(|parameter| inside(parameter.span));
            body(&model.body, inside);
        }
        DeclarationKind::Schema(schema) => {
            inside(schema.body_span);
            items(&schema.items, inside);
        }
        DeclarationKind::Use(import) => inside(import.path_span),
        DeclarationKind::Train { settings, .. }
        | DeclarationKind::Synthesizer { settings, .. }
        | DeclarationKind::Deploy { settings, .. }
        | DeclarationKind::Provider { settings, .. } => record(settings, inside),
        DeclarationKind::Const { .. }
        | DeclarationKind::Dataset { .. }
        | DeclarationKind::Assert { .. }
        | DeclarationKind::Error { .. } => {}
    }
    declaration.each_expr(&mut |value| expr(value, inside));
}

fn body(body: &Body, inside: &dyn Fn(Span)) {
    inside(body.span);
    body.statements.iter().for_each(|statement| inside(statement.span));
}

fn items(items: &[SchemaItem], inside: &dyn Fn(Span)) {
    for item in items {
        inside(item.span);
        match &item.kind {
            SchemaItemKind::Table(table) => {
                inside(table.body_span);
                self::items(&table.items, inside);
            }
            SchemaItemKind::Column(column) => {
                inside(column.kind.span);
                column.clauses.iter().for_each(|clause| inside(clause.span));
            }
            _ => {}
        }
    }
}

fn record(record: &Record, inside: &dyn Fn(Span)) {
    inside(record.span);
    record.entries.iter().for_each(|entry| inside(entry.span));
}

fn expr(value: &Expr, inside: &dyn Fn(Span)) {
    inside(value.span);
    match &value.kind {
        ExprKind::Record(own) => record(own, inside),
        ExprKind::Call { brackets, arguments, .. } => {
            inside(*brackets);
            arguments.iter().for_each(|argument| inside(argument.span));
        }
        ExprKind::Binary { operator_span, .. } => inside(*operator_span),
        ExprKind::If { branches, otherwise } => {
            branches.iter().map(|(_, own)| own).chain(otherwise).for_each(|own| body(own, inside));
        }
        ExprKind::Repeat { body: own, .. } | ExprKind::Residual { body: own } | ExprKind::Body(own) => {
            body(own, inside);
        }
        ExprKind::Branch { arms } => arms.iter().for_each(|arm| body(&arm.body, inside)),
        _ => {}
    }
    value.each_child(&mut |child| expr(child, inside));
}
