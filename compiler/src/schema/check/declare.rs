//! Collects the tables and columns of every schema.

use std::collections::BTreeMap;

use foldhash::HashMap;
use ndsl_grammar::ast::{self, DeclarationKind, Ident, SchemaItem, SchemaItemKind};
use ndsl_grammar::{FileId, Span};

use super::{Checker, TableTree};
use crate::check::{FactKind, Modules, SymbolKind, uses};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::form::{Column, ColumnId, ColumnType, Detail, Schema, Source, Table, TableId};
use crate::schema::types;

/// Longer descriptions of a column are cut.
const MAX_WRITTEN: usize = 160;

/// The names that may be providers in a file: those it declares, and whatever it takes from others.
pub(super) fn providers(at: FileId, file: &ast::File) -> Vec<(FileId, &str)> {
    let mut names = Vec::new();
    let providers = file.declarations.iter().filter(|piece| piece.keyword() == Some("provider"));
    for piece in providers {
        if let DeclarationKind::Provider { name, .. } = &piece.kind {
            names.push((at, name.text.as_str()));
        }
    }
    let taken = uses(file).flat_map(|(used, _)| &used.imports);
    names.extend(taken.map(|import| (at, import.local().text.as_str())));
    names
}

/// The names of the tables of every schema of a file.
fn table_names(file: &ast::File) -> Vec<&str> {
    let mut names = Vec::new();
    for declaration in &file.declarations {
        let DeclarationKind::Schema(schema) = &declaration.kind else { continue };
        let before = names.len();
        names.extend(schema.items.iter().filter_map(|item| match &item.kind {
            SchemaItemKind::Table(table) => Some(table.name.text.as_str()),
            _ => None,
        }));
        if names.len() == before {
            names.push(&schema.name.text);
        }
    }
    names
}

impl<'a> Checker<'a> {
    /// Whether any schema has a table called `name`.
    pub(super) fn is_table(&self, name: &str) -> bool {
        self.schemas.ask();
        self.files.iter().any(|file| table_names(file).contains(&name))
    }

    /// Collects what the schemas of a file hold; those declared twice only once.
    pub(super) fn declare(&mut self, file: &'a ast::File) {
        let plan = self.names.all.plan;
        let schemas = file.declarations.iter().filter(|piece| piece.keyword() == Some("schema"));
        for declaration in schemas.filter(|piece| plan.wants(piece)) {
            let DeclarationKind::Schema(schema) = &declaration.kind else { continue };
            // The names of the file have reported one that is declared twice.
            if self
                .names
                .home(schema.name.span)
                .get(&schema.name.text)
                .is_some_and(|entry| entry.name.span == schema.name.span)
            {
                self.schema(schema, declaration.docs.as_deref());
            }
        }
    }

    /// What each file calls the schemas that it declares or takes from others.
    pub(super) fn local_names(&mut self, modules: &Modules) {
        let places: HashMap<Span, usize> =
            self.schemas.schemas.iter().enumerate().map(|(place, schema)| (schema.span, place)).collect();
        for module in &modules.all {
            let names = self.names.home(Span { file: module.source.file, ..Span::default() });
            let own = names.entries.iter().map(|entry| (&entry.name.text, *entry));
            let taken = names.imported.iter().map(|(local, entry)| (&local.text, *entry));
            for (local, entry) in own.chain(taken) {
                if let (SymbolKind::Schema, Some(&place)) = (entry.kind, places.get(&entry.name.span)) {
                    self.schemas.local.insert((module.source.file, local.clone()), place);
                }
            }
        }
    }

    fn schema(&mut self, schema: &'a ast::Schema, docs: Option<&str>) {
        let place = self.schemas.schemas.len();
        let first_table = schema.items.iter().find(|item| matches!(item.kind, SchemaItemKind::Table(_)));
        let is_table = first_table.is_none();
        let source = schema.from.as_ref().map(|from| {
            let provider = from.using.as_ref().filter(|using| self.provider(using));
            Source { path: from.path.clone(), span: from.path_span, provider: provider.map(|name| name.text.clone()) }
        });
        self.schemas.schemas.push(Schema {
            name: schema.name.text.clone(),
            span: schema.name.span,
            docs: docs.map(str::to_owned),
            source,
            tables: Vec::new(),
            places: BTreeMap::new(),
            is_table,
        });
        let from = schema.from.as_ref().map(|from| (from.path_span, from.using.is_some()));
        if is_table {
            let items: Vec<&'a SchemaItem> = schema.items.iter().collect();
            self.declare_table(place, &schema.name, schema.name.text.clone(), docs, items, schema.body_span, from);
            return;
        }
        let mut loose = Vec::new();
        for item in &schema.items {
            match &item.kind {
                SchemaItemKind::Table(table) => {
                    let path = format!("{}.{}", schema.name.text, table.name.text);
                    let items: Vec<&'a SchemaItem> = table.items.iter().collect();
                    self.declare_table(place, &table.name, path, item.docs.as_deref(), items, table.body_span, from);
                }
                SchemaItemKind::Correlate { table: Some(_), .. } | SchemaItemKind::Error => {}
                _ => loose.push(item),
            }
        }
        let named =
            schema.items.iter().filter(|item| matches!(item.kind, SchemaItemKind::Correlate { table: Some(_), .. }));
        self.correlates.extend(named.map(|item| (place, item)));
        let first_table = self.schemas.schemas[place].tables.first().map(|id| self.table(*id).span);
        self.loose(&schema.name, first_table.unwrap_or(schema.name.span), &loose);
    }

    /// Puts every `correlate Customer(…)` among the items of that table.
    pub(super) fn correlated(&mut self) {
        for (schema, item) in std::mem::take(&mut self.correlates) {
            let SchemaItemKind::Correlate { table: Some(name), .. } = &item.kind else { continue };
            let path = ast::Path { span: name.span, segments: vec![name.clone()] };
            match self.schemas.find(&path, Some(schema)) {
                Ok(crate::schema::Found::Table(table)) => {
                    let definition = self.table(table).span;
                    self.findings.names(name.span, definition);
                    self.trees[table.0 as usize].items.push(item);
                }
                Ok(_) => {}
                Err(missing) => self.report(missing.diagnostic()),
            }
        }
    }

    /// What stands beside the tables of a schema although it belongs into one.
    fn loose(&mut self, schema: &Ident, table: Span, items: &[&SchemaItem]) {
        let Some(first) = items.first() else { return };
        let what = match &first.kind {
            SchemaItemKind::Column(column) => format!("the column `{}`", column.name.text),
            SchemaItemKind::Check { .. } => "a `check`".to_owned(),
            SchemaItemKind::Together { what, .. } => format!("`{}`", what.text),
            _ => "a `correlate` without a table's name".to_owned(),
        };
        let message = format!("{what} of the schema `{}` stands in no table", schema.text);
        self.report(
            Diagnostic::new(Code::TableForm, first.span, message)
                .label("beside the tables")
                .related(table, "with this table the schema is one of tables")
                .help("a schema holds either tables or the columns of a single one"),
        );
    }

    #[expect(clippy::too_many_arguments, reason = "each is another part of one declaration")]
    fn declare_table(
        &mut self,
        schema: usize,
        name: &'a Ident,
        path: String,
        docs: Option<&str>,
        items: Vec<&'a SchemaItem>,
        body: Span,
        from: Option<(Span, bool)>,
    ) {
        self.findings.declares(name.span, SymbolKind::Table);
        let known = self.schemas.schemas[schema].places.get(&name.text);
        if let Some(first) = known.map(|id| self.table(*id).span) {
            let message = format!("the table `{}` is declared twice", name.text);
            let fault = Diagnostic::new(Code::Duplicate, name.span, message).label("declared again here");
            self.report(fault.related(first, "first declared here"));
            return;
        }
        let id = TableId(self.schemas.tables.len() as u32);
        self.schemas.schemas[schema].tables.push(id);
        self.schemas.schemas[schema].places.insert(name.text.clone(), id);
        self.schemas.tables.push(Table {
            name: name.text.clone(),
            path,
            span: name.span,
            docs: docs.map(str::to_owned),
            schema,
            columns: Vec::new(),
            key: Vec::new(),
            together: Vec::new(),
            checks: Vec::new(),
            correlations: Vec::new(),
            faulty: items.iter().any(|item| matches!(item.kind, SchemaItemKind::Error)),
        });
        self.trees.push(TableTree {
            items: items.clone(),
            columns: Vec::new(),
            places: HashMap::default(),
            from: from.map(|(span, _)| span),
            names_provider: from.is_some_and(|(_, names)| names),
        });
        for item in &items {
            let SchemaItemKind::Column(column) = &item.kind else { continue };
            let name = &column.name;
            self.findings.declares(name.span, SymbolKind::Column);
            if let Some(known) = self.column_named(id, &name.text).map(|(_, known)| known.span) {
                let message = format!("the column `{}` is declared twice", name.text);
                let fault = Diagnostic::new(Code::Duplicate, name.span, message).label("declared again here");
                self.report(fault.related(known, "first declared here"));
                continue;
            }
            self.declare_column(id, column, item.docs.as_deref());
        }
        if self.table(id).columns.is_empty() && !self.table(id).faulty && !self.findings.lost_in(body) {
            let message = format!("the table `{}` has no columns", name.text);
            let fault = Diagnostic::new(Code::TableForm, name.span, message).label("nothing to make rows of");
            self.report(fault.help("a column is written `name: type`, such as `age: int in 18..=95`"));
            self.faulty(id);
        }
        self.outside_names(id);
        self.together(id);
        if self.findings.notes() {
            let kind = self.table_summary(id);
            let docs = docs.map(Into::into);
            self.fact(name.span, FactKind::Value { name: name.text.clone(), kind, docs, definition: name.span });
        }
    }

    fn declare_column(&mut self, table: TableId, column: &'a ast::Column, docs: Option<&str>) {
        let kind = match column.kind.kind {
            // What it refers to may come later in the file.
            ast::ColumnTypeKind::Reference { .. } => {
                ColumnType { def: types::find("ref").unwrap_or(types::UNKNOWN), detail: Detail::Unknown }
            }
            _ => self.kind(&column.kind),
        };
        if matches!(column.kind.kind, ast::ColumnTypeKind::Error) {
            self.faulty(table);
        }
        let form = Column {
            name: column.name.text.clone(),
            span: column.name.span,
            docs: docs.map(str::to_owned),
            kind,
            kind_span: column.kind.span,
            optional: column.kind.optional,
            key: None,
            unique: None,
            allowed: None,
            length: None,
            pattern: None,
            null: None,
            default: None,
            outside: None,
            draw: None,
            derived: None,
            written: self.written(column),
        };
        let id = ColumnId(self.table(table).columns.len() as u32);
        self.schemas.tables[table.0 as usize].columns.push(form);
        let tree = &mut self.trees[table.0 as usize];
        tree.columns.push(column);
        tree.places.insert(&column.name.text, id);
        self.simple_clauses(table, id, column);
        self.column_fact(column.name.span, table, id);
    }

    /// The type of a column and what is said of it, on one line as it was written, not too long.
    fn written(&self, column: &ast::Column) -> String {
        let end = column.clauses.last().map_or(column.kind.span, |clause| clause.span);
        let lines = self.text(column.kind.span.to(end)).lines().map(|line| line.split(" //").next().unwrap_or(line));
        let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        let text = words.join(" ");
        match text.char_indices().nth(MAX_WRITTEN) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        }
    }

    /// `table of 8 columns, key id`
    pub(super) fn table_summary(&self, id: TableId) -> String {
        let table = self.table(id);
        let count = table.columns.len();
        let mut out = format!("table of {count} column{}", if count == 1 { "" } else { "s" });
        if !table.key.is_empty() {
            let names: Vec<&str> = table.key.iter().map(|column| table.at(*column).name.as_str()).collect();
            out += &format!(", key {}", names.join(", "));
        }
        out
    }

    /// Reports two columns that have one name outside.
    fn outside_names(&mut self, id: TableId) {
        let columns = &self.table(id).columns;
        if columns.iter().all(|column| column.outside.is_none()) {
            return;
        }
        let mut faults = Vec::new();
        let mut first: HashMap<&str, Span> = HashMap::default();
        for column in columns {
            if let Some(known) = first.insert(column.outside_name(), column.span) {
                let message = format!("two columns are called `{}` outside", column.outside_name());
                let fault = Diagnostic::new(Code::Duplicate, column.span, message).label("the same name again");
                faults.push(fault.related(known, "and this one"));
            }
        }
        faults.into_iter().for_each(|fault| self.report(fault));
    }

    /// Whether a provider of that name is declared; reported where not.
    pub(super) fn provider(&mut self, name: &Ident) -> bool {
        let here = self.providers.iter().filter(|(file, _)| *file == name.span.file).map(|(_, name)| *name);
        if here.clone().any(|known| known == name.text) {
            let declared = self.names.home(name.span).get(&name.text).map(|entry| entry.name.span);
            if let Some(declared) = declared {
                self.findings.names(name.span, declared);
            }
            return true;
        }
        let meant = self.findings.nearest(&name.text, here);
        let mut fault = Diagnostic::new(Code::UnknownName, name.span, format!("there is no provider `{}`", name.text))
            .label("not declared in this file");
        fault = match meant {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{}` with `{meant}`", name.text),
                name.span,
                meant,
                Applicability::Safe,
            ),
            None => fault.help(format!("a provider is declared with `provider {} {{ kind: openai, … }}`", name.text)),
        };
        self.report(fault);
        false
    }
}
