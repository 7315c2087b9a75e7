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

use foldhash::HashMap;
use ndsl_grammar::ast::{self, SchemaItem};
use ndsl_grammar::{FileId, Span};

use super::find::Found;
use super::form::{Column, ColumnId, Schemas, Table, TableId};
use super::types::TypeDef;
use crate::check::{FactKind, Findings, Meaning, Modules, Names};
use crate::diagnostics::Diagnostic;
use crate::signature::Signature;

/// The state of checking the schemas of a file.
pub(super) struct Checker<'a> {
    /// The names of the file the program was given as; those of another file are at home there.
    names: Names<'a>,
    findings: &'a mut Findings,
    schemas: Schemas,
    /// What each table was declared with, by its place.
    trees: Vec<TableTree<'a>>,
    /// The names of the providers each file knows.
    providers: Vec<(FileId, &'a str)>,
    /// Every `correlate Customer(…)`, with the place of its schema, until all tables are known.
    correlates: Vec<(usize, &'a SchemaItem)>,
    files: Vec<&'a ast::File>,
}

/// What a table was declared with.
struct TableTree<'a> {
    /// Its items, in order.
    items: Vec<&'a SchemaItem>,
    /// Its columns in the tree, by their places in the form.
    columns: Vec<&'a ast::Column>,
    /// The places of its columns, by their names.
    places: HashMap<&'a str, ColumnId>,
    /// Where its schema names what it is made from.
    from: Option<Span>,
    /// Whether its schema names a provider, known or not.
    names_provider: bool,
}

/// Checks every schema of a program.
///
/// Answers how many steps the proofs took, too.
pub(crate) fn check<'a>(names: Names<'a>, modules: &'a Modules, findings: &mut Findings) -> (Schemas, usize) {
    let files = || modules.all.iter().filter(|module| !module.source.standard).map(|module| &*module.file);
    let mut checker = Checker {
        names,
        findings,
        schemas: Schemas { partial: names.all.plan.leaves_out(), ..Schemas::default() },
        trees: Vec::new(),
        correlates: Vec::new(),
        files: files().collect(),
        providers: modules.all.iter().flat_map(|module| declare::providers(module.source.file, &module.file)).collect(),
    };
    files().for_each(|file| checker.declare(file));
    checker.local_names(modules);
    checker.correlated();
    checker.references();
    checker.clauses();
    checker.computed();
    checker.circles();
    checker.correlations();
    let steps = checker.proofs();
    files().for_each(|file| checker.uses(file));
    (checker.schemas, steps)
}

impl<'a> Checker<'a> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.findings.report(diagnostic);
    }

    fn fact(&mut self, span: Span, kind: FactKind) {
        self.findings.note(span, kind);
    }

    fn described(&mut self, span: Span, signature: &'static Signature) {
        self.findings.means(span, Meaning::BuiltIn(signature));
        self.fact(span, FactKind::Signature(signature));
    }

    /// The name of a column type, noted where it stands.
    fn type_fact(&mut self, span: Span, def: &'static TypeDef) {
        if !self.findings.notes() {
            return;
        }
        let signature = &def.signature;
        self.findings.means(span, Meaning::ColumnType(signature));
        let docs = format!("{} {}", signature.summary, signature.details);
        let kind = FactKind::Value {
            name: signature.name.to_owned(),
            kind: "a column type".to_owned(),
            docs: Some(docs.trim().into()),
            definition: span,
        };
        self.fact(span, kind);
    }

    fn table(&self, id: TableId) -> &Table {
        self.schemas.at(id)
    }

    fn column(&self, table: TableId, column: ColumnId) -> &Column {
        self.table(table).at(column)
    }

    /// The column of a table that is called `name`.
    fn column_named(&self, table: TableId, name: &str) -> Option<(ColumnId, &Column)> {
        let id = *self.trees[table.0 as usize].places.get(name)?;
        Some((id, self.column(table, id)))
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
        self.names.text(span)
    }

    /// Keeps what each part of a path means, the last of which is what was found.
    fn note_path(&mut self, path: &ast::Path, found: Found) {
        let (table, column) = match found {
            Found::Table(table) => (table, None),
            Found::Column(table, column) => (table, Some(self.column(table, column).span)),
        };
        let schema = self.schemas.schemas[self.table(table).schema].span;
        let places = column.into_iter().chain([self.table(table).span, schema]);
        for (name, definition) in path.segments.iter().rev().zip(places) {
            self.findings.names(name.span, definition);
        }
    }

    /// The name of a column as hover shows it, noted where it stands.
    fn column_fact(&mut self, span: Span, table: TableId, id: ColumnId) {
        if !self.findings.notes() {
            return;
        }
        let definition = self.column(table, id).span;
        self.findings.names(span, definition);
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
