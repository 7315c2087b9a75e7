//! The fields of a dataset: in scope where a training reads them, and what each of their names means.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::super::context::Context;
use super::super::index::{Meaning, SymbolKind};
use super::super::names::Names;
use super::super::scope::Binding;
use super::super::value::Value;
use super::Rows;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{ElementType, Shape};
use crate::plan::DataSignature;
use crate::suggest::either;

impl Context<'_> {
    /// Puts the fields of the dataset in scope: as the files have them, or as far as the declaration tells. Of a dataset with
    /// fields that are not known yet, every word that `readers` name and nothing else explains may be one.
    pub(super) fn fields(&mut self, rows: &Rows, data: Option<&DataSignature>, readers: &[&Expr]) {
        self.dataset = Some(rows.span);
        for field in data.map_or(&rows.fields, |data| &data.fields) {
            let shape = Shape::batched(field.shape.0.iter().cloned());
            let value = self.builder.input(field.name.clone(), field.element, shape, rows.span);
            let definition = column_at(self.names, rows, &field.name).unwrap_or(rows.span);
            self.field(&field.name, Value::Tensor(value), definition);
        }
        if data.is_none() {
            for name in &rows.unshaped {
                // The files alone say how many axes it has.
                let definition = column_at(self.names, rows, name).unwrap_or(rows.span);
                self.field(name, Value::Unknown, definition);
            }
        }
        if let Some(target) = rows.target.as_deref().filter(|target| !self.scope.contains_key(target)) {
            // Predicting from rows without labels: the loss is built all the same, and pruned.
            let value = self.builder.input(target.to_owned(), ElementType::I64, Shape::batched([]), rows.span);
            self.field(target, Value::Tensor(value), rows.span);
        }
        if rows.open {
            let mut words = Vec::new();
            readers.iter().for_each(|reader| each_name(reader, &mut |name| words.push(name.to_owned())));
            // The types of `cast(x, f32)` are no fields.
            for word in words.into_iter().filter(|word| ElementType::from_name(word).is_none()) {
                if word != "it" && !self.scope.contains_key(&word) && self.names.get(&word).is_none() {
                    self.field(&word, Value::Unknown, rows.span);
                }
            }
        }
    }

    pub(super) fn field(&mut self, name: &str, value: Value, definition: Span) {
        self.define(name, Binding { value, definition, docs: None });
    }

    /// Whether a column may be one of the dataset's; reported where it cannot.
    pub(super) fn column_of(&mut self, rows: &Rows, column: &str, span: Span, setting: &str) {
        // What a file has is not known before it is read; what another source offers is.
        let known: Vec<&str> = rows
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .chain(rows.unshaped.iter().map(String::as_str))
            .collect();
        let closed = !rows.open && (rows.files.is_none() || rows.table.is_some());
        if !closed || known.contains(&column) {
            self.note_column(rows, column, span);
            return;
        }
        if let (Some(table), Some(schemas)) = (rows.table, self.names.all.schemas.get()) {
            if schemas.at(table).column(column).is_some() {
                self.note_column(rows, column, span);
                return;
            }
            self.report(schemas.no_column(table, column, span).diagnostic());
            return;
        }
        let message = format!("`{}` has no column `{column}`", rows.name);
        let fault = Diagnostic::new(Code::UnknownName, span, message).related(rows.span, "declared here");
        let fault = fault.label(format!("`{setting}` takes {}", either(known)));
        self.report(fault);
    }

    /// Keeps which column a word means: one of a table, or one that a file has.
    pub(super) fn note_column(&mut self, rows: &Rows, name: &str, span: Span) {
        match column_at(self.names, rows, name) {
            Some(definition) => self.findings.names(span, definition),
            None => self.findings.means(span, Meaning::Symbol { kind: SymbolKind::Field, definition: rows.span }),
        }
    }
}

/// Where a schema declares the column of that name.
fn column_at(names: Names<'_>, rows: &Rows, name: &str) -> Option<Span> {
    let table = names.all.schemas.get()?.at(rows.table?);
    table.column(name).map(|(_, column)| column.span)
}

/// Every bare word of an expression.
pub(super) fn each_name(expr: &Expr, each: &mut dyn FnMut(&str)) {
    if let ExprKind::Name(name) = &expr.kind {
        each(name);
    }
    expr.each_child(&mut |child| each_name(child, each));
}
