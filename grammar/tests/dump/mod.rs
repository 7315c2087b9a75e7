//! The tree and the errors in a form to read in a snapshot.

use ndsl_grammar::ast::*;
use ndsl_grammar::{Parse, Span};
use std::fmt::Write;

/// One line for each declaration, statement and setting; expressions with all their brackets.
pub(crate) fn tree(parse: &Parse) -> String {
    let mut out = String::new();
    for declaration in &parse.file.declarations {
        docs(&mut out, "", declaration.docs.as_deref());
        match &declaration.kind {
            DeclarationKind::Const { name, value } => line(&mut out, &format!("const {} = {}", name.text, expr(value))),
            DeclarationKind::Dataset { name, source } => {
                line(&mut out, &format!("dataset {} = {}", name.text, expr(source)));
            }
            DeclarationKind::Train { name, settings } => {
                line(&mut out, &format!("train {}", name.text));
                record(&mut out, "  ", settings);
            }
            DeclarationKind::Model(model) => {
                let parameters: Vec<String> = model.parameters.iter().map(parameter).collect();
                line(&mut out, &format!("model {}({})", model.name.text, parameters.join(", ")));
                for statement in &model.body.statements {
                    docs(&mut out, "  ", statement.docs.as_deref());
                    line(&mut out, &format!("  {}", self::statement(&statement.kind)));
                }
            }
            DeclarationKind::Reserved { keyword } => {
                line(&mut out, &format!("reserved {} @{:?}", keyword.text, declaration.span));
            }
            DeclarationKind::Error { name } => {
                line(&mut out, &format!("error {}", name.as_ref().map_or("-", |name| &name.text)));
            }
        }
    }
    out
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes all");
}

fn docs(out: &mut String, indent: &str, docs: Option<&str>) {
    for text in docs.into_iter().flat_map(str::lines) {
        line(out, &format!("{indent}/// {text}"));
    }
}

fn record(out: &mut String, indent: &str, record: &Record) {
    for entry in &record.entries {
        match &entry.value.kind {
            ExprKind::Record(nested) => {
                line(out, &format!("{indent}{}:", entry.key.text));
                self::record(out, &format!("{indent}  "), nested);
            }
            _ => line(out, &format!("{indent}{}: {}", entry.key.text, expr(&entry.value))),
        }
    }
}

fn parameter(parameter: &Parameter) -> String {
    let default = parameter.default.as_ref().map(|value| format!(" = {}", expr(value))).unwrap_or_default();
    format!("{}: {}{default}", parameter.name.text, parameter.kind.text)
}

fn statement(kind: &StatementKind) -> String {
    match kind {
        StatementKind::Input { name, kind } => {
            let dims: Vec<String> = kind.dims.iter().map(expr).collect();
            format!("input {}: {}[{}]", name.text, kind.element.text, dims.join(", "))
        }
        StatementKind::Bind { name, value } => format!("{} = {}", name.text, expr(value)),
        StatementKind::Flow { value, name } => {
            format!("{}{}", expr(value), name.as_ref().map(|name| format!(" as {}", name.text)).unwrap_or_default())
        }
        StatementKind::Reserved { keyword } => format!("reserved {}", keyword.text),
        StatementKind::Error => "error".to_owned(),
    }
}

fn list(values: &[Expr]) -> String {
    values.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn expr(value: &Expr) -> String {
    match &value.kind {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Str(value) => format!("{value:?}"),
        ExprKind::Name(name) => name.clone(),
        ExprKind::List(values) => format!("[{}]", list(values)),
        ExprKind::Record(record) => {
            let entries: Vec<String> =
                record.entries.iter().map(|entry| format!("{}: {}", entry.key.text, expr(&entry.value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        ExprKind::Call { callee, arguments, .. } => {
            let arguments: Vec<String> = arguments
                .iter()
                .map(|argument| match &argument.name {
                    Some(name) => format!("{}={}", name.text, expr(&argument.value)),
                    None => expr(&argument.value),
                })
                .collect();
            format!("{}({})", expr(callee), arguments.join(", "))
        }
        ExprKind::Field { base, name } => format!("{}.{}", expr(base), name.text),
        ExprKind::Index { base, indices } => format!("{}[{}]", expr(base), list(indices)),
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => format!("(-{})", expr(operand)),
        ExprKind::Unary { operator: UnaryOperator::Not, operand } => format!("(not {})", expr(operand)),
        ExprKind::Binary { operator, left, right, .. } => {
            format!("({} {} {})", expr(left), operator.symbol(), expr(right))
        }
        ExprKind::Pipe { value, call } => format!("({} |> {})", expr(value), expr(call)),
        ExprKind::Error => "<error>".to_owned(),
    }
}

/// Each error with its line, underlined.
pub(crate) fn errors(text: &str, parse: &Parse) -> String {
    let mut out = String::new();
    for error in &parse.errors {
        let (number, column, content) = place(text, error.span);
        line(&mut out, &format!("{number}:{column}: {:?}: {}", error.kind, error.message));
        let content = content.replace('\t', " ");
        line(&mut out, &format!("    {content}"));
        let width = text[error.span.range()].lines().next().map_or(0, |part| part.chars().count());
        line(&mut out, &format!("    {}{} {}", " ".repeat(column - 1), "^".repeat(width.max(1)), error.label));
        for (span, label) in &error.related {
            let (number, column, _) = place(text, *span);
            line(&mut out, &format!("    related {number}:{column} `{}`: {label}", &text[span.range()]));
        }
        if let Some(help) = &error.help {
            line(&mut out, &format!("    help: {help}"));
        }
        if let Some((name, span, replacement)) = &error.fix {
            let (number, column, _) = place(text, *span);
            line(&mut out, &format!("    fix: {name}: {number}:{column} {:?} -> {replacement:?}", &text[span.range()]));
        }
    }
    out
}

fn place(text: &str, span: Span) -> (usize, usize, &str) {
    let start = span.start as usize;
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let content = text[begin..].lines().next().unwrap_or("");
    (text[..start].matches('\n').count() + 1, text[begin..start].chars().count() + 1, content)
}
