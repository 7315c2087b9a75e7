//! The tree and the errors in a form to read in a snapshot.

use ndsl_grammar::ast::*;
use ndsl_grammar::{Parse, Span};
use std::fmt::Write;

/// One line for each declaration, statement, setting and column; expressions with all their brackets.
pub(crate) fn tree(parse: &Parse) -> String {
    let mut out = String::new();
    for declaration in &parse.file.declarations {
        docs(&mut out, "", declaration.docs.as_deref());
        let mut settings = |what: &str, name: &Ident, settings: &Record| {
            line(&mut out, &format!("{what} {}", name.text));
            record(&mut out, "  ", settings);
        };
        match &declaration.kind {
            DeclarationKind::Train { name, settings: own } => settings("train", name, own),
            DeclarationKind::Synthesizer { name, settings: own } => settings("synthesizer", name, own),
            DeclarationKind::Deploy { name, settings: own } => settings("deploy", name, own),
            DeclarationKind::Provider { name, settings: own } => settings("provider", name, own),
            DeclarationKind::Const { name, value } => line(&mut out, &format!("const {} = {}", name.text, expr(value))),
            DeclarationKind::Dataset { name, schema, source } => {
                let schema = schema.as_ref().map(|schema| format!(": {}", path(schema))).unwrap_or_default();
                line(&mut out, &format!("dataset {}{schema} = {}", name.text, expr(source)));
            }
            DeclarationKind::Model(model) => self::model(&mut out, "model", model),
            DeclarationKind::Block(model) => self::model(&mut out, "block", model),
            DeclarationKind::Use(import) => {
                let names = import.imports.iter().map(|import| match &import.alias {
                    Some(alias) => format!("{} as {}", import.name.text, alias.text),
                    None => import.name.text.clone(),
                });
                line(&mut out, &format!("use {} from {:?}", names.collect::<Vec<_>>().join(", "), import.path));
            }
            DeclarationKind::Schema(schema) => {
                let from = schema.from.as_ref().map(|from| {
                    let using = from.using.as_ref().map(|using| format!(" using {}", using.text)).unwrap_or_default();
                    format!(" from {:?}{using}", from.path)
                });
                line(&mut out, &format!("schema {}{}", schema.name.text, from.unwrap_or_default()));
                items(&mut out, "  ", &schema.items);
            }
            DeclarationKind::Assert { condition } => line(&mut out, &format!("assert {}", expr(condition))),
            DeclarationKind::Error { name } => {
                line(&mut out, &format!("error {}", name.as_ref().map_or("-", |name| &name.text)));
            }
        }
    }
    out
}

fn model(out: &mut String, what: &str, model: &Model) {
    let parameters: Vec<String> = model.parameters.iter().map(parameter).collect();
    line(out, &format!("{what} {}({})", model.name.text, parameters.join(", ")));
    for statement in &model.body.statements {
        docs(out, "  ", statement.docs.as_deref());
        line(out, &format!("  {}", self::statement(&statement.kind)));
    }
}

fn items(out: &mut String, indent: &str, items: &[SchemaItem]) {
    for item in items {
        docs(out, indent, item.docs.as_deref());
        let text = match &item.kind {
            SchemaItemKind::Table(table) => {
                line(out, &format!("{indent}table {}", table.name.text));
                self::items(out, &format!("{indent}  "), &table.items);
                continue;
            }
            SchemaItemKind::Column(column) => {
                let clauses: Vec<String> = column.clauses.iter().map(|clause| clause_text(&clause.kind)).collect();
                format!("{}: {}{}", column.name.text, column_type(&column.kind), clauses.concat())
            }
            SchemaItemKind::Check { condition } => format!("check {}", expr(condition)),
            SchemaItemKind::Together { what, columns } => format!("{} ({})", what.text, names(columns)),
            SchemaItemKind::Correlate { table, columns, strength } => {
                let table = table.as_ref().map_or("", |table| &table.text);
                format!("correlate {table}({}) = {}", names(columns), expr(strength))
            }
            SchemaItemKind::Error => "error".to_owned(),
        };
        line(out, &format!("{indent}{text}"));
    }
}

fn column_type(kind: &ColumnType) -> String {
    let text = match &kind.kind {
        ColumnTypeKind::Named { name, arguments } if arguments.is_empty() => path(name),
        ColumnTypeKind::Named { name, arguments } => format!("{}({})", path(name), list(arguments)),
        ColumnTypeKind::List { item } => format!("list({})", column_type(item)),
        ColumnTypeKind::Reference { target } => format!("ref {}", path(target)),
        ColumnTypeKind::Enum { labels } => {
            let labels = labels.iter().map(|label| match &label.weight {
                Some(weight) => format!("{:?}: {}", label.name.text, expr(weight)),
                None => format!("{:?}", label.name.text),
            });
            format!("enum {{ {} }}", labels.collect::<Vec<_>>().join(", "))
        }
        ColumnTypeKind::Error => "<error>".to_owned(),
    };
    format!("{text}{}", if kind.optional { "?" } else { "" })
}

fn clause_text(clause: &ClauseKind) -> String {
    match clause {
        ClauseKind::Key => " key".to_owned(),
        ClauseKind::Unique => " unique".to_owned(),
        ClauseKind::In(value) => format!(" in {}", expr(value)),
        ClauseKind::Length(value) => format!(" length {}", expr(value)),
        ClauseKind::Matches { pattern, .. } => format!(" matches /{pattern}/"),
        ClauseKind::Null(value) => format!(" null {}", expr(value)),
        ClauseKind::Default(value) => format!(" default {}", expr(value)),
        ClauseKind::From { name, .. } => format!(" from {name:?}"),
        ClauseKind::Drawn(value) => format!(" ~ {}", expr(value)),
        ClauseKind::Derived(value) => format!(" = {}", expr(value)),
    }
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
        docs(out, indent, entry.docs.as_deref());
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
        StatementKind::Input { name, kind: InputType::Tensor(kind) } => {
            format!("input {}: {}[{}]", name.text, kind.element.text, list(&kind.dims))
        }
        StatementKind::Input { name, kind: InputType::Table { table, except } } => {
            format!("input {}: table {} except ({})", name.text, path(table), names(except))
        }
        StatementKind::Output { name, value } => format!("output {} = {}", name.text, expr(value)),
        StatementKind::Bind { name, value } => format!("{} = {}", name.text, expr(value)),
        StatementKind::Share { name, layer } => format!("share {} = {}", name.text, expr(layer)),
        StatementKind::Check { condition } => format!("check {}", expr(condition)),
        StatementKind::Flow { value, name, column } => {
            let name = name.as_ref().map(|name| format!(" as {}", name.text)).unwrap_or_default();
            let column = column.as_ref().map(|column| format!(": {}", path(column))).unwrap_or_default();
            format!("{}{name}{column}", expr(value))
        }
        StatementKind::Error => "error".to_owned(),
    }
}

fn body(body: &Body) -> String {
    let statements: Vec<String> = body.statements.iter().map(|own| statement(&own.kind)).collect();
    format!("{{ {} }}", statements.join("; "))
}

fn names(names: &[Ident]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ")
}

fn path(path: &Path) -> String {
    path.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join(".")
}

fn date(date: &Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn time(time: &Time) -> String {
    format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second)
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
        ExprKind::Percent(share) => format!("share({share:?})"),
        ExprKind::Quantity { number, unit } => format!("{number:?}'{}", unit.text),
        ExprKind::Date(day) => date(day),
        ExprKind::DateTime(day, clock) => format!("{}T{}", date(day), time(clock)),
        ExprKind::Time(clock) => time(clock),
        ExprKind::Null => "null".to_owned(),
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
        ExprKind::Range { start, end, inclusive } => {
            let bound = |bound: &Option<Box<Expr>>| bound.as_deref().map(expr).unwrap_or_default();
            format!("({}..{}{})", bound(start), if *inclusive { "=" } else { "" }, bound(end))
        }
        ExprKind::If { branches, otherwise } => {
            let branches: Vec<String> =
                branches.iter().map(|(condition, own)| format!("if {} {}", expr(condition), body(own))).collect();
            let otherwise = otherwise.as_ref().map(|own| format!(" else {}", body(own))).unwrap_or_default();
            format!("{}{otherwise}", branches.join(" else "))
        }
        ExprKind::Repeat { over, names: own, destructured, body: inner } => {
            let own = match (own.is_empty(), destructured) {
                (true, _) => String::new(),
                (false, false) => format!(" as {}", names(own)),
                (false, true) => format!(" as ({})", names(own)),
            };
            format!("repeat {}{own} {}", expr(over), body(inner))
        }
        ExprKind::Residual { body: inner } => format!("residual {}", body(inner)),
        ExprKind::Branch { arms } => {
            let arms = arms.iter().map(|arm| match &arm.name {
                Some(name) => format!("{}: {}", name.text, body(&arm.body)),
                None => body(&arm.body),
            });
            format!("branch {{ {} }}", arms.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Body(inner) => format!("body {}", body(inner)),
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
        if let Some(fix) = &error.fix {
            let edits = fix.edits.iter().map(|(span, replacement)| {
                let (number, column, _) = place(text, *span);
                format!("{number}:{column} {:?} -> {replacement:?}", &text[span.range()])
            });
            line(&mut out, &format!("    fix: {}: {}", fix.title, edits.collect::<Vec<_>>().join(", ")));
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
