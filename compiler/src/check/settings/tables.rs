//! Datasets of a schema: rows of one table, or of all of them, whose columns are fields of their own types.

use std::collections::HashMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind};

use super::super::arguments::cannot_run;
use super::super::context::Context;
use super::super::value::Value;
use super::Settings;
use super::dataset::{Rows, argument, columns};
use super::files::{address_refused, format_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::Shape;
use crate::plan::{DataField, DataSource, DatasetPlan, Files, Located, TableColumn};
use crate::schema::TableId;
use crate::suggest::either;

impl Context<'_> {
    /// Whether `csv(User="users.csv", …)` names the files of several tables, and all are well.
    pub(super) fn tables(&mut self, expr: &Expr, schema: Option<&ast::Path>) -> Option<bool> {
        let ExprKind::Call { arguments, .. } = &expr.kind else { return None };
        let table = |name: &ast::Ident| name.text.starts_with(|first: char| first.is_uppercase());
        if arguments.is_empty() || !arguments.iter().all(|argument| argument.name.as_ref().is_some_and(table)) {
            return None;
        }
        let mut sound = true;
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for argument in arguments {
            let Some(name) = &argument.name else { continue };
            if schema.is_none() {
                self.report(
                    Diagnostic::new(
                        Code::UnknownParameter,
                        name.span,
                        "several tables need a schema that says how they belong together",
                    )
                    .label("a table of no schema")
                    .help("write it after the dataset's name: `dataset Shop: Shop = csv(…)`"),
                );
                return Some(false);
            }
            if let Some(first) = seen.insert(&name.text, name.span) {
                let fault = Diagnostic::new(
                    Code::ExtraArgument,
                    name.span,
                    format!("the table `{}` is given twice", name.text),
                );
                self.report(fault.label("given again here").related(first, "first given here"));
                sound = false;
            }
            if !matches!(argument.value.kind, ExprKind::Str(_)) {
                sound = false;
                if !matches!(argument.value.kind, ExprKind::Error) {
                    let fault = Diagnostic::new(
                        Code::WrongType,
                        argument.value.span,
                        "a table's file is a text between quotes",
                    );
                    self.report(fault.label("expected a text between quotes"));
                }
            }
        }
        Some(sound)
    }

    /// Rows whose fields are the columns of the table that a dataset is said to be of.
    pub(super) fn of_schema(&mut self, rows: Rows, schema: &ast::Path, call: &Expr, given: &Settings) -> Option<Rows> {
        let names = self.names;
        let schemas = names.all.schemas.get()?;
        let rows = Rows { plan: None, ..rows };
        let Ok(table) = schemas.table(schema) else {
            // Of a schema of several tables, one file cannot be all; what is not found was reported where it is named.
            let whole =
                matches!(&schema.segments[..], [name] if schemas.schema(schema.span.file, &name.text).is_some());
            if whole {
                let tables: Vec<&str> = schemas
                    .schema(schema.span.file, &schema.segments[0].text)
                    .into_iter()
                    .flat_map(|schema| &schema.tables)
                    .map(|id| schemas.at(*id).name.as_str())
                    .collect();
                let fault = Diagnostic::new(
                    Code::DataMismatch,
                    schema.span,
                    "one file holds one table, and this schema has several",
                );
                let tables = tables.iter().map(|table| format!("{table}=\"…\"")).collect::<Vec<_>>().join(", ");
                self.report(
                    fault.label("several tables").help(format!("name a table, or give each its file: `csv({tables})`")),
                );
                return None;
            }
            return Some(Rows { open: true, fields: Vec::new(), ..rows });
        };
        let mut named: Vec<Located> = argument(call, given, "columns").and_then(columns).unwrap_or_default();
        named.retain(|column| !column.text.contains('*'));
        if let Some((span, Value::Text(target))) = given.given("target") {
            named.push(Located { text: target.to_string(), span });
        }
        for column in named {
            if schemas.at(table).column(&column.text).is_none() {
                self.report(schemas.no_column(table, &column.text, column.span).diagnostic());
            }
        }
        let mut rows = rows;
        if let Some((span, _)) = given.given("columns").filter(|_| rows.files.is_some()) {
            let fault = cannot_run(span, "a training on chosen `columns` of a table");
            rows.refusals
                .push(fault.help("the model says which columns go in: `input row: Shop.Customer except (id)`"));
        }
        let target = match given.given("target") {
            Some((span, Value::Text(target))) => Some(Located { text: target.to_string(), span }),
            _ => None,
        };
        let files = rows.files.clone();
        Some(self.of_table(rows, table, files, target))
    }

    /// Rows of a table: each column whose values are numbers is a field.
    pub(super) fn of_table(&self, rows: Rows, table: TableId, files: Option<Files>, target: Option<Located>) -> Rows {
        let mut rows = Rows {
            table: Some(table),
            fields: Vec::new(),
            unshaped: Vec::new(),
            open: false,
            several: Vec::new(),
            ..rows
        };
        let names = self.names;
        let Some(schemas) = names.all.schemas.get() else { return Rows { open: true, ..rows } };
        let mut columns = Vec::new();
        for column in &schemas.at(table).columns {
            let Ok(encoding) = column.encoding() else {
                rows.unshaped.push(column.name.clone());
                continue;
            };
            rows.fields.push(DataField {
                name: column.name.clone(),
                element: encoding.element(),
                shape: Shape(Vec::new()),
                classes: encoding.labels(),
            });
            columns.push(TableColumn {
                name: column.name.clone(),
                outside: column.outside_name().to_owned(),
                encoding,
                optional: column.optional,
                span: column.span,
            });
        }
        rows.plan = files.map(|files| DatasetPlan {
            name: rows.name.clone(),
            span: rows.span,
            folder: names.folder_of(rows.span),
            source: DataSource::Table { files, columns, target },
        });
        rows
    }

    /// Rows of several tables, of which a training takes one: `dataset: Ml.Rating`.
    pub(super) fn of_tables(
        &mut self,
        name: &str,
        span: Span,
        call: &Expr,
        schema: Option<&ast::Path>,
    ) -> Option<Rows> {
        let path = schema?;
        let ExprKind::Call { callee, arguments, .. } = &call.kind else { return None };
        let ExprKind::Name(source) = &callee.kind else { return None };
        let format = format_of(source);
        let mut refusals = match format {
            None => vec![cannot_run(call.span, &format!("tables of `{source}`"))],
            Some(_) => Vec::new(),
        };
        let rows = Rows {
            name: name.to_owned(),
            span,
            plan: None,
            target: None,
            fields: Vec::new(),
            unshaped: Vec::new(),
            open: true,
            table: None,
            several: Vec::new(),
            files: None,
            refusals: Vec::new(),
        };
        let names = self.names;
        let schemas = names.all.schemas.get()?;
        let Some(schema) = path.segments.first().and_then(|name| schemas.schema(name.span.file, &name.text)) else {
            return Some(Rows { refusals, ..rows });
        };
        if schemas.table(path).is_ok() && !schema.is_table {
            let fault =
                Diagnostic::new(Code::DataMismatch, path.span, "several files are given, and this is one table");
            self.report(fault.label("one table").help(format!("write `{}` for all of its tables", schema.name)));
            return None;
        }
        let tables: Vec<(&str, TableId)> =
            schema.tables.iter().map(|id| (schemas.at(*id).name.as_str(), *id)).collect();
        let mut several = Vec::new();
        for (given, value) in arguments.iter().filter_map(|argument| Some((argument.name.as_ref()?, &argument.value))) {
            match tables.iter().find(|(name, _)| *name == given.text) {
                Some((_, id)) => {
                    self.findings.names(given.span, schemas.at(*id).span);
                    let ExprKind::Str(text) = &value.kind else { continue };
                    let path = Located { text: text.clone(), span: value.span };
                    refusals.extend(address_refused(&path));
                    let files = format.clone().map(|format| Files::of(path, format));
                    several.push((*id, files));
                }
                None => {
                    let known: Vec<&str> = tables.iter().map(|(name, _)| *name).collect();
                    let message = format!("the schema `{}` has no table `{}`", schema.name, given.text);
                    let fault = Diagnostic::new(Code::UnknownParameter, given.span, message)
                        .related(schema.span, "declared here");
                    self.unknown_declaration(fault, &given.text, given.span, &known);
                }
            }
        }
        let missing: Vec<&str> = tables
            .iter()
            .filter(|(_, id)| !several.iter().any(|(known, _)| known == id))
            .map(|(name, _)| *name)
            .collect();
        if !missing.is_empty() && several.len() == arguments.len() {
            let names = either(missing).replace(" or ", " and ");
            let fault = Diagnostic::new(
                Code::MissingArgument,
                call.span,
                format!("`{}` has tables without a file", schema.name),
            );
            self.report(fault.label(format!("{names} not given")).related(schema.span, "declared here"));
        }
        Some(Rows { several, refusals, ..rows })
    }
}
