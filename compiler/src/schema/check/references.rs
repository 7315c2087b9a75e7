//! What references refer to.

use foldhash::HashSet;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, ColumnTypeKind, ExprKind};

use super::Checker;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::Found;
use crate::schema::expression::Type;
use crate::schema::form::{ColumnId, Detail, Reference, TableId};
use crate::suggest::either;

impl<'a> Checker<'a> {
    /// Finds the target of every reference, then what its values are.
    pub(super) fn references(&mut self) {
        for (table, id) in self.all_columns() {
            let tree = self.trees[table.0 as usize].columns[id.0 as usize];
            let ColumnTypeKind::Reference { target } = &tree.kind.kind else { continue };
            let def = self.column(table, id).kind.def;
            self.type_fact(Span { end: tree.kind.span.start + 3, ..tree.kind.span }, def);
            if let Some(reference) = self.target(table, target) {
                self.column_mut(table, id).kind.detail = Detail::Target(reference);
            }
        }
        // A key may itself be a reference, so the types of values come last.
        for (table, id) in self.all_columns() {
            let value = self.referred_value(table, id);
            if let Detail::Target(reference) = &mut self.column_mut(table, id).kind.detail {
                reference.value = value;
            }
        }
    }

    fn referred_value(&self, table: TableId, id: ColumnId) -> Type {
        let mut seen = HashSet::default();
        let mut here = (table, id);
        while let Some(reference) = self.column(here.0, here.1).reference() {
            if !seen.insert(here) {
                return Type::Unknown;
            }
            here = (reference.table, reference.column);
        }
        self.column(here.0, here.1).kind.value()
    }

    fn target(&mut self, from: TableId, path: &ast::Path) -> Option<Reference> {
        let schema = self.table(from).schema;
        if let Ok(found) = self.schemas.find(path, Some(schema)) {
            self.note_path(path, found);
        }
        let (table, column) = match self.schemas.find(path, Some(schema)) {
            Ok(Found::Table(table)) => (table, None),
            Ok(Found::Column(table, column)) => (table, Some(column)),
            Err(missing) => {
                self.report(missing.diagnostic());
                return None;
            }
        };
        let column = match column {
            Some(column) => self.distinct_target(table, column, path)?,
            None => self.key_of(table, path)?,
        };
        if let Some(last) = path.segments.last().filter(|_| self.findings.notes()) {
            let target = self.table(table);
            let kind = crate::check::FactKind::Value {
                name: target.path.clone(),
                kind: self.column(table, column).written.clone(),
                docs: target.docs.as_deref().map(Into::into),
                definition: target.span,
            };
            self.fact(last.span, kind);
        }
        Some(Reference { table, column, value: Type::Unknown, span: path.span })
    }

    /// The column a table's rows are known by.
    fn key_of(&mut self, table: TableId, path: &ast::Path) -> Option<ColumnId> {
        let target = self.table(table);
        let name = target.name.clone();
        if let [only] = target.key[..] {
            return Some(only);
        }
        let fault = match target.key.len() {
            0 => {
                let message = format!("the table `{name}` has no key to refer to its rows by");
                let mut fault = Diagnostic::new(Code::ReferenceTarget, path.span, message)
                    .label("refers by the key")
                    .related(target.span, "none of its columns is a `key`");
                let distinct = target.columns.iter().filter(|column| column.unique.is_some());
                let distinct: Vec<String> = distinct.map(|column| format!("ref {name}.{}", column.name)).collect();
                if !distinct.is_empty() {
                    fault = fault
                        .help(format!("or refer by a unique column: {}", either(distinct.iter().map(String::as_str))));
                }
                let likely = ["id".to_owned(), format!("{}_id", name.to_lowercase()), "key".to_owned()];
                let index = target.columns.iter().position(|column| likely.contains(&column.name));
                if let Some(index) = index {
                    let column = &target.columns[index];
                    let title = format!("make `{}` the key", column.name);
                    fault = fault.fix(title, column.kind_span.after(), " key", Applicability::Guess);
                }
                fault
            }
            count => {
                let message =
                    format!("the table `{name}` has a key of {count} columns, and a reference holds one value");
                let fault = Diagnostic::new(Code::ReferenceTarget, path.span, message).label("refers by the key");
                let together = target.together.iter().find(|together| together.columns == target.key);
                let fault = match together {
                    Some(together) => fault.related(together.span, "its key"),
                    None => fault.related(target.span, "declared here"),
                };
                fault.help(
                    "give it a column that is the key by itself, such as `id: int key`, and make these `unique (…)`",
                )
            }
        };
        self.report(fault);
        None
    }

    fn distinct_target(&mut self, table: TableId, column: ColumnId, path: &ast::Path) -> Option<ColumnId> {
        let form = self.column(table, column);
        if form.is_distinct() {
            return Some(column);
        }
        let message = format!("`{}` may be the same in several rows, so it does not say which one is meant", form.name);
        let fault = Diagnostic::new(Code::ReferenceTarget, path.span, message)
            .label("refers by this column")
            .related(form.span, "neither `key` nor `unique`")
            .fix(format!("make `{}` unique", form.name), form.kind_span.after(), " unique", Applicability::Guess);
        self.report(fault);
        None
    }
}

/// The names of a chain such as `customer.signup`, if it is one.
pub(super) fn chain(expr: &ast::Expr) -> Option<Vec<ast::Ident>> {
    match &expr.kind {
        ExprKind::Name(text) => Some(vec![ast::Ident { text: text.clone(), span: expr.span }]),
        ExprKind::Field { base, name } => {
            let mut names = chain(base)?;
            names.push(name.clone());
            Some(names)
        }
        _ => None,
    }
}
