//! Finding tables and columns by their names.

use ndsl_grammar::ast::{Ident, Path};
use ndsl_grammar::{FileId, Span};

use super::form::{ColumnId, Schema, Schemas, Table, TableId};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::suggest::listed;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A table: `Shop.Customer`.
    Table(TableId),
    /// A column of one: `Shop.Customer.churned`.
    Column(TableId, ColumnId),
}

/// Why a path names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The part that is not known.
    pub span: Span,
    /// What is wrong with it: one sentence, lower case, no full stop.
    pub message: String,
    /// The name that was probably meant.
    pub meant: Option<String>,
    /// Where what was found before it is declared, and its name.
    pub within: Option<(Span, String)>,
    /// The names there are, where they are few.
    pub known: Option<String>,
    /// Whether a column is missing, and not a table or a schema.
    pub column: bool,
}

impl Missing {
    /// The same as a diagnostic.
    pub fn diagnostic(&self) -> Diagnostic {
        let code = if self.column { Code::UnknownColumn } else { Code::UnknownTable };
        let mut fault = Diagnostic::new(code, self.span, self.message.clone()).label("not known");
        if let Some((span, name)) = &self.within {
            fault = fault.related(*span, format!("`{name}` is declared here"));
        }
        match (&self.meant, &self.known) {
            (Some(meant), _) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("write `{meant}`"),
                self.span,
                meant.as_str(),
                Applicability::Safe,
            ),
            (None, Some(known)) => fault.help(known.clone()),
            (None, None) => fault,
        }
    }
}

impl Schemas {
    /// A table by its place.
    pub fn at(&self, id: TableId) -> &Table {
        &self.tables[id.0 as usize]
    }

    /// Every table with its place.
    pub fn tables(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.tables.iter().enumerate().map(|(index, table)| (TableId(index as u32), table))
    }

    /// The schema that a file calls `name`.
    pub fn schema(&self, file: FileId, name: &str) -> Option<&Schema> {
        self.local.get(&(file, name.to_owned())).and_then(|place| self.schemas.get(*place))
    }

    /// What a file calls its schemas.
    fn schema_names(&self, file: FileId) -> impl Iterator<Item = &str> {
        let from = self.local.range((file, String::new())..);
        from.map(|((known, name), _)| (known, name.as_str()))
            .take_while(move |(known, _)| **known == file)
            .map(|(_, name)| name)
    }

    /// The table of a schema called `name`.
    fn table_in(schema: &Schema, name: &str) -> Option<TableId> {
        schema.places.get(name).copied()
    }

    /// The table a path names from outside: `Shop.Customer`, or `Customer` where that is a schema of one table.
    ///
    /// # Errors
    /// What part of the path is not known, or names no table.
    pub fn table(&self, path: &Path) -> Result<TableId, Box<Missing>> {
        match self.find(path, None)? {
            Found::Table(table) => Ok(table),
            Found::Column(table, column) => Err(Box::new(Missing {
                span: path.span,
                message: format!("a table is expected, and this is the column `{}`", self.at(table).at(column).name),
                meant: Some(self.at(table).path.clone()),
                within: Some((self.at(table).span, self.at(table).path.clone())),
                known: None,
                column: false,
            })),
        }
    }

    /// What a path names in the file it stands in, seen from outside or from a table of the schema with the place `inside`.
    ///
    /// # Errors
    /// What part of the path is not known.
    pub fn find(&self, path: &Path, inside: Option<usize>) -> Result<Found, Box<Missing>> {
        let [first, rest @ ..] = &path.segments[..] else { return Err(self.unknown(path.span, "", inside)) };
        let here = inside.and_then(|schema| self.schemas.get(schema));
        if let Some(table) = here.and_then(|schema| Self::table_in(schema, &first.text)) {
            return self.column_of(table, rest);
        }
        let Some(schema) = self.schema(first.span.file, &first.text) else {
            return Err(self.unknown(first.span, &first.text, inside));
        };
        if schema.is_table {
            return match schema.tables.first() {
                Some(table) => self.column_of(*table, rest),
                None => Err(self.unknown(first.span, &first.text, inside)),
            };
        }
        let names = || schema.tables.iter().map(|id| self.at(*id).name.as_str());
        let within = Some((schema.span, schema.name.clone()));
        let known = listed(names()).map(|names| format!("its tables are {names}"));
        let Some((second, rest)) = rest.split_first() else {
            let message = format!("`{}` is a schema of several tables", schema.name);
            let meant = match &schema.tables[..] {
                [only] => Some(self.at(*only).path.clone()),
                _ => None,
            };
            return Err(Box::new(Missing { span: first.span, message, meant, within, known, column: false }));
        };
        match Self::table_in(schema, &second.text) {
            Some(table) => self.column_of(table, rest),
            None => {
                let message = format!("the schema `{}` has no table `{}`", schema.name, second.text);
                let meant = self.compared.nearest(&second.text, names()).map(str::to_owned);
                Err(Box::new(Missing { span: second.span, message, meant, within, known, column: false }))
            }
        }
    }

    fn column_of(&self, table: TableId, rest: &[Ident]) -> Result<Found, Box<Missing>> {
        match rest {
            [] => Ok(Found::Table(table)),
            [name] => match self.at(table).column(&name.text) {
                Some((column, _)) => Ok(Found::Column(table, column)),
                None => Err(self.no_column(table, &name.text, name.span)),
            },
            [name, more, ..] => {
                let found = self.at(table).column(&name.text);
                let Some((_, column)) = found else { return Err(self.no_column(table, &name.text, name.span)) };
                Err(Box::new(Missing {
                    span: more.span,
                    message: format!("the column `{}` has no parts", column.name),
                    meant: None,
                    within: Some((column.span, column.name.clone())),
                    known: None,
                    column: true,
                }))
            }
        }
    }

    /// That a table has no column of a name.
    pub fn no_column(&self, table: TableId, name: &str, span: Span) -> Box<Missing> {
        let table = self.at(table);
        let names = || table.columns.iter().map(|column| column.name.as_str());
        Box::new(Missing {
            span,
            message: format!("the table `{}` has no column `{name}`", table.name),
            meant: self.compared.nearest(name, names()).map(str::to_owned),
            within: Some((table.span, table.name.clone())),
            known: listed(names()).map(|names| format!("its columns are {names}")),
            column: true,
        })
    }

    fn unknown(&self, span: Span, name: &str, inside: Option<usize>) -> Box<Missing> {
        self.ask();
        let here = inside.and_then(|schema| self.schemas.get(schema));
        let tables = || here.into_iter().flat_map(|schema| &schema.tables).map(|id| self.at(*id).name.as_str());
        // A schema of one table goes by the table's name.
        let is_table = |name: &&str| here.is_some_and(|schema| schema.places.contains_key(*name));
        let names = || tables().chain(self.schema_names(span.file).filter(move |name| !is_table(name)));
        let what = if inside.is_some() { "table" } else { "schema" };
        Box::new(Missing {
            span,
            message: format!("there is no {what} `{name}`"),
            meant: self.compared.nearest(name, names()).map(str::to_owned),
            within: None,
            known: match names().next() {
                None => Some("the file declares no schema".to_owned()),
                Some(_) => listed(names()).map(|names| format!("there is {names}")),
            },
            column: false,
        })
    }
}
