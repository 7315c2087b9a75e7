//! `input row: Shop.Customer except (id)`: a row of a table goes in as one value for each of its columns.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Ident};

use super::apply::Supply;
use crate::check::context::Context;
use crate::check::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Column, Encoding, Shape, ValueId};
use crate::schema::{TableId, Unfit};
use crate::suggest::either;

/// The most columns that a message or an editor names.
const MAX_LISTED: usize = 6;

/// A row of a table, as a body sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The table.
    pub table: TableId,
    /// Its name from outside: `Shop.Customer`.
    pub path: String,
    /// The columns that went in, in the table's order.
    pub columns: Vec<RowColumn>,
    /// The place of each among them, by its name.
    places: HashMap<String, usize>,
    /// The column that a training learns, which is not among them.
    pub learnt: Option<String>,
    /// Where its columns are chosen.
    pub place: RowPlace,
}

/// Where an input that is a row says which columns it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowPlace {
    /// Where the table is named.
    pub span: Span,
    /// Where a column that is left out is written, and what stands before it and behind it.
    left_out: Option<(Span, &'static str, &'static str)>,
}

impl RowPlace {
    /// Adds to `fault` the change that leaves columns out.
    pub fn leave_out(&self, fault: Diagnostic, columns: &[&str]) -> Diagnostic {
        let Some((span, before, after)) = self.left_out else { return fault };
        let names = columns.join(", ");
        let title = format!("leave out {}", either(columns.iter().copied()).replace(" or ", " and "));
        fault.fix(title, span, format!("{before}{names}{after}"), Applicability::Safe)
    }
}

/// One column of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowColumn {
    /// Its name.
    pub name: String,
    /// One number a row.
    pub value: ValueId,
    /// How its values are numbers.
    pub encoding: Encoding,
    /// Whether it may be null.
    pub optional: bool,
}

impl Row {
    /// A row of these columns.
    pub fn new(table: TableId, path: String, columns: Vec<RowColumn>, learnt: Option<String>, place: RowPlace) -> Self {
        let places = columns.iter().enumerate().map(|(place, column)| (column.name.clone(), place)).collect();
        Self { table, path, columns, places, learnt, place }
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&RowColumn> {
        self.places.get(name).and_then(|place| self.columns.get(*place))
    }

    /// What it is, as editors show it: `Shop.Customer (age, plan, income)`.
    pub fn described(&self) -> String {
        let names: Vec<&str> = self.columns.iter().take(MAX_LISTED).map(|column| column.name.as_str()).collect();
        let more = if self.columns.len() > MAX_LISTED { ", …" } else { "" };
        format!("{} ({}{more})", self.path, names.join(", "))
    }
}

/// A table as an input declares it.
pub(super) struct DeclaredRow {
    place: RowPlace,
    table: TableId,
    path: String,
    columns: Vec<DeclaredColumn>,
}

struct DeclaredColumn {
    name: String,
    encoding: Encoding,
    optional: bool,
}

impl Context<'_> {
    /// The columns of an input that is a row of a table; those that are no numbers are reported and left out.
    pub(super) fn declared_row(&mut self, path: &ast::Path, except: &[Ident]) -> Option<DeclaredRow> {
        let schemas = self.names.all.schemas.get()?;
        // What the path does not name was reported with the schemas.
        let id = schemas.table(path).ok()?;
        let table = schemas.at(id);
        let left_out = match except.last() {
            Some(last) => Some((last.span.after(), ", ", "")),
            None => {
                let rest = self.names.source.text.get(path.span.end as usize..).unwrap_or_default();
                (!rest.trim_start().starts_with("except")).then(|| (path.span.after(), " except (", ")"))
            }
        };
        let place = RowPlace { span: path.span, left_out };
        let mut declared = DeclaredRow { place, table: id, path: table.path.clone(), columns: Vec::new() };
        let mut unfit = Vec::new();
        // A name that is misspelt was reported with the schemas; it leaves out the column it was meant for.
        let names = || table.columns.iter().map(|column| column.name.as_str());
        let mut meant = |name| match table.column(name) {
            Some(_) => Some(name),
            None => self.findings.nearest(name, names()),
        };
        let left: HashSet<&str> = except.iter().filter_map(|name| meant(&name.text)).collect();
        for column in table.columns.iter().filter(|column| !left.contains(column.name.as_str())) {
            match column.feature() {
                Ok(encoding) => {
                    let (name, optional) = (column.name.clone(), column.optional);
                    declared.columns.push(DeclaredColumn { name, encoding, optional });
                }
                Err(Unfit::Unknown) => self.incomplete = true,
                Err(reason) => unfit.push((column, reason)),
            }
        }
        if !unfit.is_empty() {
            let names: Vec<&str> = unfit.iter().map(|(column, _)| column.name.as_str()).collect();
            let message = match unfit.as_slice() {
                [(column, reason)] => format!("`{}` is {}, which no model can learn from", column.name, reason.noun()),
                several => format!("{} columns of `{}` are nothing a model can learn from", several.len(), table.path),
            };
            let mut fault = Diagnostic::new(Code::NotAFeature, path.span, message)
                .label(format!("with {}", either(names.iter().copied()).replace(" or ", " and ")));
            for (column, reason) in unfit.iter().take(MAX_LISTED) {
                fault = fault.related(column.span, format!("`{}` is {}", column.name, reason.noun()));
            }
            if unfit.iter().any(|(_, reason)| *reason == Unfit::Text) {
                fault = fault.help("a text with few values can be declared as an `enum` of them");
            }
            let fault = declared.place.leave_out(fault, &names);
            self.report(fault);
            self.incomplete = true;
        }
        Some(declared)
    }

    /// The value of an input that is a row of a table.
    pub(super) fn row_input(
        &mut self,
        name: &Ident,
        declared: &DeclaredRow,
        given: Option<(Value, Span)>,
        supply: &Supply<'_>,
    ) -> Value {
        let columns = match (supply, given) {
            (Supply::Outside | Supply::Open, _) => {
                match self.spend_columns(declared.columns.len(), declared.place.span) {
                    true => self.row_from_outside(name, declared),
                    false => return self.given_up(),
                }
            }
            (_, Some((Value::Row(row), at))) => match self.row_fits(name, declared, &row, at, supply) {
                Some(columns) => columns,
                None => return self.given_up(),
            },
            (Supply::Use { name: used, .. }, Some((value, at))) if value != Value::Unknown => {
                let what = match &value {
                    Value::Tensor(id) => self.type_of(*id),
                    other => other.describe(),
                };
                let message = format!("`{used}` takes a row of `{}` for `{}`, not {what}", declared.path, name.text);
                let fault = Diagnostic::new(Code::WrongType, at, message).label(what);
                self.report(fault.related(declared.place.span, format!("`{}` is declared here", name.text)));
                return self.given_up();
            }
            _ => return self.given_up(),
        };
        let row = Row::new(declared.table, declared.path.clone(), columns, None, declared.place);
        Value::Row(Arc::new(row))
    }

    /// An input of the graph for each column.
    fn row_from_outside(&mut self, name: &Ident, declared: &DeclaredRow) -> Vec<RowColumn> {
        let graph = self.builder.graph();
        let known: HashSet<&str> = graph.inputs.iter().map(|input| &*graph.value(*input).name).collect();
        let taken = |column: &&DeclaredColumn| known.contains(column.name.as_str());
        let twice: Vec<&str> = declared.columns.iter().filter(taken).map(|column| column.name.as_str()).collect();
        if !twice.is_empty() {
            let names = either(twice.iter().copied()).replace(" or ", " and ");
            let message = format!("two inputs would be called {names}");
            let fault = Diagnostic::new(Code::Duplicate, declared.place.span, message)
                .label(format!("each column of `{}` is an input of its own name", name.text));
            let fault = declared.place.leave_out(fault, &twice);
            self.report(fault);
            self.incomplete = true;
        }
        let mut columns = Vec::new();
        for column in &declared.columns {
            let DeclaredColumn { name, encoding, optional } = column;
            let shape = Shape::batched([]);
            let input = self.builder.input(name.clone(), encoding.element(), shape, declared.place.span);
            let path = format!("{}.{name}", declared.path);
            self.builder.column(Column { input, path, encoding: encoding.clone(), optional: *optional });
            columns.push(RowColumn {
                name: name.clone(),
                value: input,
                encoding: encoding.clone(),
                optional: *optional,
            });
        }
        columns
    }

    /// The declared columns of a row that is given; one that does not go with the declaration is reported.
    fn row_fits(
        &mut self,
        name: &Ident,
        declared: &DeclaredRow,
        row: &Row,
        at: Span,
        supply: &Supply<'_>,
    ) -> Option<Vec<RowColumn>> {
        if row.table != declared.table {
            let message =
                format!("`{}` takes a row of `{}`, and this is one of `{}`", name.text, declared.path, row.path);
            let code = if matches!(supply, Supply::Feeds(_)) { Code::DataMismatch } else { Code::WrongType };
            let fault = Diagnostic::new(code, at, message).label(format!("rows of `{}`", row.path));
            self.report(fault.related(declared.place.span, format!("`{}` is declared here", name.text)));
            return None;
        }
        if !self.spend_columns(declared.columns.len(), at) {
            return None;
        }
        let mut columns = Vec::new();
        let mut missing = Vec::new();
        for column in &declared.columns {
            match row.column(&column.name) {
                Some(given) => columns.push(given.clone()),
                None => missing.push(column.name.as_str()),
            }
        }
        let learnt = row.learnt.as_deref().filter(|learnt| missing.contains(learnt));
        if let Some(learnt) = learnt {
            self.learnt_goes_in(declared, learnt, at);
            return None;
        }
        if !missing.is_empty() {
            let names = either(missing.iter().copied()).replace(" or ", " and ");
            let message = format!("`{}` takes {names} too, which this row was left without", name.text);
            let fault = Diagnostic::new(Code::WrongType, at, message).label(format!("without {names}"));
            let fault = fault.related(declared.place.span, format!("`{}` is declared here", name.text));
            let fault = declared.place.leave_out(fault, &missing);
            self.report(fault);
            return None;
        }
        Some(columns)
    }

    /// Reports that the column to learn is one of those it is learnt from.
    fn learnt_goes_in(&mut self, declared: &DeclaredRow, learnt: &str, at: Span) {
        let message = format!("`{learnt}` is what is learnt, so it cannot go into the model too");
        let fault = Diagnostic::new(Code::NotAFeature, at, message).label(format!("where `{learnt}` is learnt"));
        let fault = fault.related(declared.place.span, format!("goes in here, with `{learnt}`"));
        let fault = declared.place.leave_out(fault, &[learnt]);
        self.report(fault);
    }
}
