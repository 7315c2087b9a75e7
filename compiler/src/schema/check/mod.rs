//! Makes the checked form of schemas from the tree, and proves what can be proved before a row is made.
//!
//! In passes over all tables, since each may refer to any: `declare` collects tables, columns and their types (`kinds`);
//! `references` finds what references refer to; `clauses` reads what limits values, `computed` what is computed and `draws`
//! how values are drawn, all through `typing`, `operators` and `calls`; `circles` orders the columns; `proofs` and
//! `correlations` say what no row can satisfy.

mod calls;
mod circles;
mod clauses;
mod computed;
mod correlations;
mod declare;
mod draws;
mod kinds;
mod literals;
mod operators;
mod parameters;
mod proofs;
mod references;
mod shares;
mod templates;
mod typing;
mod uses;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, SchemaItem};

use super::form::{Column, ColumnId, Schemas, Table, TableId};
use crate::check::{Fact, FactKind, Findings, Names};
use crate::diagnostics::Diagnostic;
use crate::signature::Signature;

/// The state of checking the schemas of a file.
pub(super) struct Checker<'a> {
    names: Names<'a>,
    findings: &'a mut Findings,
    schemas: Schemas,
    /// What each table was declared with, by its place.
    trees: Vec<TableTree<'a>>,
    /// The names of the providers of the file.
    providers: Vec<&'a str>,
    /// The names of all tables, known before any is read.
    table_names: Vec<&'a str>,
}

/// What a table was declared with.
struct TableTree<'a> {
    /// Its items, in order.
    items: Vec<&'a SchemaItem>,
    /// Its columns in the tree, by their places in the form.
    columns: Vec<&'a ast::Column>,
    /// Where its schema names what it is made from.
    from: Option<Span>,
    /// Whether its schema names a provider, known or not.
    names_provider: bool,
}

/// Checks every schema of a file.
pub(crate) fn check(names: Names<'_>, file: &ast::File, findings: &mut Findings) -> Schemas {
    let mut checker = Checker {
        names,
        findings,
        schemas: Schemas::default(),
        trees: Vec::new(),
        providers: declare::providers(file),
        table_names: declare::table_names(file),
    };
    checker.declare(file);
    checker.references();
    checker.clauses();
    checker.computed();
    checker.circles();
    checker.correlations();
    checker.proofs();
    checker.uses(file);
    checker.schemas
}

impl<'a> Checker<'a> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.findings.report(diagnostic);
    }

    fn fact(&mut self, span: Span, kind: FactKind) {
        self.findings.facts.push(Fact { span, kind });
    }

    fn described(&mut self, span: Span, signature: &'static Signature) {
        self.fact(span, FactKind::Signature(signature));
    }

    fn table(&self, id: TableId) -> &Table {
        self.schemas.at(id)
    }

    fn column(&self, table: TableId, column: ColumnId) -> &Column {
        self.table(table).at(column)
    }

    fn column_mut(&mut self, table: TableId, column: ColumnId) -> &mut Column {
        &mut self.schemas.tables[table.0 as usize].columns[column.0 as usize]
    }

    /// A table of which not everything is known: nothing more is proved of it.
    fn faulty(&mut self, table: TableId) {
        self.schemas.tables[table.0 as usize].faulty = true;
    }

    /// Every column there is.
    fn all_columns(&self) -> Vec<(TableId, ColumnId)> {
        let tables = self.schemas.tables();
        tables.flat_map(|(table, form)| form.columns().map(move |(column, _)| (table, column))).collect()
    }

    /// The text of the source at `span`.
    fn text(&self, span: Span) -> &'a str {
        self.names.source.text.get(span.range()).unwrap_or("")
    }

    /// The name of a column as hover shows it, noted where it stands.
    fn column_fact(&mut self, span: Span, table: TableId, id: ColumnId) {
        let column = self.column(table, id);
        let kind = FactKind::Value {
            name: column.name.clone(),
            kind: column.written.clone(),
            docs: column.docs.as_deref().map(Into::into),
            definition: column.span,
        };
        self.fact(span, kind);
    }
}
