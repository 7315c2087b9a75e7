//! Datasets of a schema: rows of one table, or of all of them, whose columns are fields of their own types.

use std::collections::HashMap;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind};

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
        let source = given.signature.name;
        if format_of(source).is_none() {
            self.no_tables(source, schema.span, rows.span);
            return None;
        }
        let chosen = argument(call, given, "columns").and_then(columns);
        let target = match given.given("target") {
            Some((span, Value::Text(target))) => Some(Located { text: target.to_string(), span }),
            _ => None,
        };
        for column in chosen.iter().flatten().chain(&target) {
            let mut known = schemas.at(table).columns.iter();
            if known.any(|known| column.names_column(&known.name)) {
                continue;
            }
            self.report(match column.text.contains('*') {
                false => schemas.no_column(table, &column.text, column.span).diagnostic(),
                true => {
                    let message = format!("no column of `{}` is like `{}`", schemas.at(table).path, column.text);
                    let fault = Diagnostic::new(Code::UnknownName, column.span, message).label("chooses nothing");
                    fault.related(schemas.at(table).span, "the table is declared here")
                }
            });
        }
        let files = rows.files.clone();
        Some(self.of_table(Rows { chosen, ..rows }, table, files, target))
    }

    /// Reports a source that holds no tables.
    fn no_tables(&mut self, source: &str, at: Span, declared: Span) {
        let fault = Diagnostic::new(Code::DataMismatch, at, format!("`{source}` reads no tables of a schema"));
        let fault = fault.label("has columns").related(declared, "declared here");
        self.report(fault.help("`csv`, `parquet`, `jsonl` and `arrow` read tables"));
    }

    /// Rows of a table: each column whose values are numbers, and that was chosen where some were, is a field.
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
        let is_target = |name: &str| target.as_ref().is_some_and(|target| target.text == name);
        let is_chosen = |name: &str| match &rows.chosen {
            Some(chosen) => is_target(name) || chosen.iter().any(|column| column.names_column(name)),
            None => true,
        };
        for column in schemas.at(table).columns.iter().filter(|column| is_chosen(&column.name)) {
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
        if format.is_none() {
            self.no_tables(source, path.span, span);
            return None;
        }
        let mut refusals = Vec::new();
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
            chosen: None,
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
