//! What a `train` feeds into the inputs of its model.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, ExprKind, Record};

use super::super::arguments::Arguments;
use super::super::context::Context;
use super::super::flow::{Row, RowColumn, RowPlace, input_named};
use super::super::model::{declared_inputs, declared_rows};
use super::super::value::Value;
use super::Rows;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Encoding, Shape};

/// Longer expressions are not repeated in messages.
const MAX_REPEATED: usize = 40;

/// What the inputs of a model are fed with, by their names.
pub type Feeds = BTreeMap<String, Feed>;

/// What one input is fed with.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The value.
    pub value: Value,
    /// Where the program says so.
    pub span: Span,
    /// How it would be written in `inputs`.
    pub written: String,
    /// Where to write something else; nothing where there is no one place for it.
    place: Option<Place>,
}

/// Where `inputs` says, or would say, what is fed into an input.
#[derive(Clone, Debug)]
enum Place {
    /// In place of this expression.
    Instead(Span),
    /// In a setting of its own, put in here after this text.
    Setting(Span, String),
}

impl Feed {
    /// Says of `fault` that feeding `conversion` into `input` mends it, and offers to write that.
    pub fn convert(&self, fault: Diagnostic, input: &str, conversion: &str, condition: &str) -> Diagnostic {
        let setting = format!("inputs: {{ {input}: {conversion} }}");
        match &self.place {
            Some(Place::Instead(span)) => {
                let fault = fault.help(format!("`{conversion}` makes it fit{condition}"));
                fault.fix(format!("write `{conversion}`"), *span, conversion, Applicability::Guess)
            }
            Some(Place::Setting(span, before)) => {
                let fault = fault.help(format!("`{setting}` makes it fit{condition}"));
                fault.fix("add the setting `inputs`", *span, format!("{before}{setting}"), Applicability::Guess)
            }
            None => fault.help(format!("`{setting}` makes it fit{condition}")),
        }
    }
}

impl Context<'_> {
    /// What is fed into the model's inputs; `known` says whether the files were read.
    pub fn feeds(
        &mut self,
        bound: &Arguments<'_>,
        settings: &Record,
        model: &ast::Model,
        rows: &Rows,
        known: bool,
    ) -> Feeds {
        let inputs = &declared_inputs(model)[..];
        let tables = declared_rows(model);
        let inputs_given = bound.expr("inputs").map(|expr| self.choice_of(expr));
        let mut feeds = match inputs_given.map(|expr| (&expr.kind, expr.span)) {
            Some((ExprKind::Record(record), _)) => self.written_feeds(record, inputs, &tables, model),
            Some((ExprKind::Error, _)) | None => Feeds::new(),
            Some((_, span)) => {
                self.report(
                    Diagnostic::new(Code::WrongType, span, "`inputs` takes settings between braces")
                        .label("expected `{ input: value }`"),
                );
                Feeds::new()
            }
        };
        let given = bound.expr("inputs").is_some();
        let place = if given { None } else { self.place_for_inputs(settings) };
        let target = rows.target.as_deref();
        for input in inputs {
            if feeds.contains_key(*input) {
                continue;
            }
            if let Some((_, table)) = tables.iter().find(|(name, _)| name == input) {
                let span = bound.span("dataset", rows.span);
                let value = self.row_of(rows, table, input, span);
                feeds.insert((*input).to_owned(), Feed { value, span, written: rows.name.clone(), place: None });
                continue;
            }
            let mut fields = self.scope.keys().filter(|name| Some(name.as_str()) != target);
            let only = fields.next().filter(|_| fields.next().is_none() && inputs.len() == 1);
            let field = match self.scope.contains_key(input) && Some(*input) != target {
                true => Some((*input).to_owned()),
                false => only.cloned(),
            };
            let value = field.as_ref().and_then(|field| self.scope.get(field)).map(|binding| binding.value.clone());
            // Until the files are read, what they hold is not said to be missing.
            let value = value.filter(|_| !given || known).unwrap_or(Value::Unknown);
            let span = bound.span("dataset", rows.span);
            let written = field.unwrap_or_else(|| "…".to_owned());
            feeds.insert((*input).to_owned(), Feed { value, span, written, place: place.clone() });
        }
        feeds
    }

    /// What `inputs: { … }` says.
    fn written_feeds(
        &mut self,
        record: &Record,
        inputs: &[&str],
        tables: &[(&str, &ast::Path)],
        model: &ast::Model,
    ) -> Feeds {
        let mut feeds = Feeds::new();
        for entry in &record.entries {
            let (key, span) = (&entry.key, entry.value.span);
            let value = self.evaluate(&entry.value);
            if let Some(declared) = input_named(model, &key.text) {
                self.findings.names(key.span, declared);
            }
            if !inputs.contains(&key.text.as_str()) {
                let message = format!("the model has no input `{}`", key.text);
                let fault = Diagnostic::new(Code::UnknownParameter, key.span, message);
                self.unknown_declaration(fault, &key.text, key.span, inputs);
                continue;
            }
            if tables.iter().any(|(name, _)| *name == key.text) {
                let message = format!("`{}` is a row of the dataset, and its columns go in by themselves", key.text);
                let fault = Diagnostic::new(Code::NoEffect, entry.span, message).label("leave this out");
                self.report(fault.help("what goes in is chosen where the model declares it: `except (…)`"));
                continue;
            }
            let value = match value {
                Value::Tensor(_) | Value::Unknown => value,
                other => {
                    self.report(
                        Diagnostic::new(
                            Code::WrongType,
                            span,
                            format!("an input is fed with a tensor, not with {}", other.describe()),
                        )
                        .label("expected a field of the dataset"),
                    );
                    Value::Unknown
                }
            };
            if let Some(first) = feeds.get(&key.text) {
                let message = format!("the input `{}` is given twice", key.text);
                let fault = Diagnostic::new(Code::ExtraArgument, key.span, message).label("given again here");
                let first: &Feed = first;
                self.report(fault.related(first.span, "first given here"));
                continue;
            }
            let source = self.names.text(span);
            let written = if source.len() <= MAX_REPEATED { source } else { "…" };
            let place = (written == source).then_some(Place::Instead(span));
            feeds.insert(key.text.clone(), Feed { value, span, written: written.to_owned(), place });
        }
        feeds
    }

    /// The row that a dataset feeds into an input of the table at `path`; a dataset of no table is reported.
    fn row_of(&mut self, rows: &Rows, path: &ast::Path, input: &str, at: Span) -> Value {
        let Some(schemas) = self.names.all.schemas.get() else { return Value::Unknown };
        let Some(id) = rows.table else {
            // What a faulty schema has is not known.
            if !rows.open {
                let written = self.names.text(path.span).to_owned();
                let message = format!("`{input}` takes rows of `{written}`, and of `{}` no table is known", rows.name);
                let fault = Diagnostic::new(Code::DataMismatch, at, message).label("a dataset without a schema");
                let title = format!("declare `{}` as rows of `{written}`", rows.name);
                self.report(fault.related(rows.span, "declared here").fix(
                    title,
                    rows.span.after(),
                    format!(": {written}"),
                    Applicability::Guess,
                ));
            }
            return Value::Unknown;
        };
        let table = schemas.at(id);
        if !self.spend_columns(table.columns.len(), at) {
            return Value::Unknown;
        }
        let (path, columns) = (table.path.clone(), table.columns.iter());
        let columns: Vec<(String, Encoding, bool)> = columns
            .filter(|column| rows.target.as_ref() != Some(&column.name))
            .filter(|column| match &rows.chosen {
                Some(chosen) => chosen.iter().any(|chosen| chosen.names_column(&column.name)),
                None => true,
            })
            .filter_map(|column| Some((column.name.clone(), column.encoding().ok()?, column.optional)))
            .collect();
        let columns = columns.into_iter().map(|(name, encoding, optional)| {
            let value = match self.scope.get(&name).map(|binding| &binding.value) {
                Some(Value::Tensor(id)) => *id,
                // A column that nothing reads was not read from the file either.
                _ => self.builder.unknown(encoding.element(), Shape::batched([]), at),
            };
            RowColumn { name, value, encoding, optional }
        });
        let columns = columns.collect();
        Value::Row(Arc::new(Row::new(id, path, columns, rows.target.clone(), RowPlace::default())))
    }

    /// Where `inputs` would be added: after the dataset, on a line of its own if that has one.
    fn place_for_inputs(&self, settings: &Record) -> Option<Place> {
        let entry = settings.entries.iter().find(|entry| entry.key.text == "dataset")?;
        let source = self.names.source;
        let start = entry.span.start as usize;
        let line = source.text.get(source.line_range(source.line_of(start)).start..start)?;
        let before = if line.trim().is_empty() { format!("\n{line}") } else { ", ".to_owned() };
        Some(Place::Setting(entry.span.after(), before))
    }
}
