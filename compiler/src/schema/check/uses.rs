//! Where other declarations name schemas: datasets, the inputs of models, and what they predict.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, DeclarationKind, Ident, InputType, StatementKind};

use super::Checker;
use crate::check::{FactKind, SymbolKind};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::Found;
use crate::schema::form::TableId;

impl<'a> Checker<'a> {
    /// Finds every table and column that another declaration names.
    pub(super) fn uses(&mut self, file: &'a ast::File) {
        // A name that could not be taken from another file has been reported.
        let names = self.names;
        let known = |path: &ast::Path| {
            let entry = path.segments.first().and_then(|name| names.home(name.span).get(&name.text));
            entry.is_none_or(|entry| entry.kind != SymbolKind::Declaration)
        };
        let plan = self.names.all.plan;
        for declaration in file.declarations.iter().filter(|piece| plan.verdict(piece).is_none()) {
            match &declaration.kind {
                DeclarationKind::Dataset { schema: Some(path), .. } if known(path) => self.of_dataset(path),
                DeclarationKind::Model(model) | DeclarationKind::Block(model) => {
                    for statement in &model.body.statements {
                        match &statement.kind {
                            StatementKind::Input { kind: InputType::Table { table, except }, .. } if known(table) => {
                                self.of_input(table, except);
                            }
                            StatementKind::Flow { column: Some(path), .. } if known(path) => self.of_output(path),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn of_dataset(&mut self, path: &ast::Path) {
        // A dataset of several tables goes with a whole schema.
        if let [name] = &path.segments[..]
            && let Some(schema) = self.schemas.schema(name.span.file, &name.text)
        {
            if !self.findings.notes() {
                return;
            }
            let (tables, definition, docs) = (schema.tables.clone(), schema.span, schema.docs.clone());
            let names: Vec<&str> = tables.iter().map(|id| self.table(*id).name.as_str()).collect();
            let kind = format!("schema of {}", names.join(", "));
            self.findings.names(name.span, definition);
            let docs = docs.as_deref().map(Into::into);
            self.fact(name.span, FactKind::Value { name: name.text.clone(), kind, docs, definition });
            return;
        }
        match self.schemas.table(path) {
            Ok(table) => {
                self.note_path(path, Found::Table(table));
                self.table_fact(path.span, table);
            }
            Err(missing) => self.report(missing.diagnostic()),
        }
    }

    fn of_input(&mut self, path: &ast::Path, except: &'a [Ident]) {
        let table = match self.schemas.table(path) {
            Ok(table) => table,
            Err(missing) => return self.report(missing.diagnostic()),
        };
        self.note_path(path, Found::Table(table));
        self.table_fact(path.span, table);
        let left_out = self.columns_named(table, except);
        let all = self.table(table).columns.len();
        if left_out.is_some_and(|columns| columns.len() == all) && !except.is_empty() {
            let message = format!("no column of `{}` is left to go into the model", self.table(table).name);
            let span = except[0].span.to(except[except.len() - 1].span);
            self.report(Diagnostic::new(Code::NoValueLeft, span, message).label("leaves out all of them"));
        }
    }

    fn of_output(&mut self, path: &ast::Path) {
        match self.schemas.find(path, None) {
            Ok(Found::Column(table, column)) => {
                self.note_path(path, Found::Column(table, column));
                let span = path.segments.last().map_or(path.span, |name| name.span);
                self.column_fact(span, table, column);
            }
            Ok(Found::Table(table)) => {
                let form = self.table(table);
                let message = format!("`{}` is a table, and a value predicts one column", form.path);
                let fault = Diagnostic::new(Code::UnknownColumn, path.span, message).label("of which column?");
                let fault = fault.related(form.span, "the table").help(format!("write `{}.column`", form.path));
                self.report(fault);
            }
            Err(missing) => self.report(missing.diagnostic()),
        }
    }

    fn table_fact(&mut self, span: Span, table: TableId) {
        if !self.findings.notes() {
            return;
        }
        let kind = self.table_summary(table);
        let form = self.table(table);
        let fact = FactKind::Value {
            name: form.path.clone(),
            kind,
            docs: form.docs.as_deref().map(Into::into),
            definition: form.span,
        };
        self.fact(span, fact);
    }
}
