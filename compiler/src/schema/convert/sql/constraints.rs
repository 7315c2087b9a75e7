//! Keys, checks and references, within a `CREATE TABLE` and added to one.

use std::ops::Range;

use sqlparser::ast::{Expr, ForeignKeyConstraint, Ident, IndexColumn, TableConstraint};

use super::super::Fault;
use super::super::outline::Rule;
use super::elements::{Element, docs};
use super::read::{Reader, Reference, last_name, remark_text};
use super::{condition, limits};

impl Reader {
    pub(super) fn constraint(
        &mut self,
        table: usize,
        constraint: &TableConstraint,
        element: &Element,
        at: &Range<usize>,
    ) {
        let above = docs(&element.docs);
        if let Some(remark) = &element.remark {
            return self.rules(table, remark_text(remark), above, &remark.at);
        }
        match constraint {
            TableConstraint::PrimaryKey(key) => self.together(table, "key", &key.columns, at),
            TableConstraint::Unique(unique) => self.together(table, "unique", &unique.columns, at),
            TableConstraint::ForeignKey(key) => {
                let Some(columns) = self.columns(table, &key.columns, at) else { return };
                self.reference(table, columns, key, at);
            }
            TableConstraint::Check(check) => self.check(table, &check.expr, above, Some(()), at),
            TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => {}
            other => {
                let note = self.left_out(at, format!("in SQL it has {other}"));
                self.table(table).notes.push(note);
            }
        }
    }

    /// The words for columns of a table; a fault where one is not there.
    pub(super) fn columns(&mut self, table: usize, names: &[Ident], at: &Range<usize>) -> Option<Vec<String>> {
        let mut found = Vec::new();
        for name in names {
            match condition::named(name, &self.read.outline.tables[table]) {
                Some(column) => found.push(column.name.clone()),
                None => {
                    let table = &self.read.outline.tables[table].name;
                    let message = format!("the table `{table}` has no column `{}`", name.value);
                    self.read.faults.push(Fault::new(at.clone(), message));
                    return None;
                }
            }
        }
        Some(found)
    }

    pub(super) fn together(&mut self, table: usize, word: &str, columns: &[IndexColumn], at: &Range<usize>) {
        let names: Option<Vec<Ident>> = columns
            .iter()
            .map(|column| match &column.column.expr {
                Expr::Identifier(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        let Some(names) = names else {
            let listed = columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let note = self.left_out(at, format!("unique in SQL: {listed}"));
            return self.table(table).notes.push(note);
        };
        let Some(names) = self.columns(table, &names, at) else { return };
        let table = self.table(table);
        if word == "key" {
            for column in table.columns.iter_mut().filter(|column| names.contains(&column.name)) {
                column.optional = false;
            }
        }
        if let [only] = &names[..]
            && let Some(column) = table.columns.iter_mut().find(|column| column.name == *only)
        {
            let is_key = word == "key" || column.key;
            (column.key, column.unique) = (is_key, !is_key);
            return;
        }
        table.rules.push(Rule { text: format!("{word} ({})", names.join(", ")), at: at.clone(), ..Rule::default() });
    }

    /// `CHECK (…)`: limits of columns where it is some, else a check, else a comment.
    pub(super) fn check(
        &mut self,
        table: usize,
        expr: &Expr,
        docs: Option<String>,
        own_line: Option<()>,
        at: &Range<usize>,
    ) {
        // A condition with words of its own is meant to stay one.
        if docs.is_none() && limits::lift(expr, self.table(table)) {
            return;
        }
        let own = &self.read.outline.tables[table];
        match condition::text(expr, own) {
            Some(text) => self.table(table).rules.push(Rule {
                docs,
                text: format!("check {text}"),
                at: at.clone(),
                ..Rule::default()
            }),
            None => {
                let note = self.left_out(at, format!("in SQL: CHECK ({expr})"));
                let table = self.table(table);
                match (own_line, table.columns.last_mut()) {
                    (None, Some(column)) => column.notes.push(note),
                    _ => table.notes.push(note),
                }
            }
        }
    }

    pub(super) fn reference(
        &mut self,
        table: usize,
        columns: Vec<String>,
        key: &ForeignKeyConstraint,
        at: &Range<usize>,
    ) {
        let Some(target) = last_name(&key.foreign_table) else { return };
        let known = &self.read.outline.tables[table].columns;
        let place = |name: &String| known.iter().position(|column| column.name == *name);
        self.references.push(Reference {
            table,
            columns: columns.iter().filter_map(place).collect(),
            target: target.value.to_lowercase(),
            referred: key.referred_columns.clone(),
            at: at.clone(),
            written: format!("REFERENCES {}", key.foreign_table),
        });
    }

    /// Makes references of the columns that are some, once every table is known.
    pub(super) fn refer(&mut self) {
        for reference in std::mem::take(&mut self.references) {
            let Some(place) = self.tables.get(&reference.target).copied() else {
                self.fault(&reference.at, format!("there is no table `{}`", reference.target));
                continue;
            };
            let own = &self.read.outline.tables[reference.table].columns;
            let [column] = reference.columns[..] else {
                let names: Vec<&str> = reference.columns.iter().map(|place| own[*place].name.as_str()).collect();
                let text = format!("in SQL ({}) {}: a reference holds one value", names.join(", "), reference.written);
                let note = self.left_out(&reference.at, text);
                self.table(reference.table).notes.push(note);
                continue;
            };
            let target = &self.read.outline.tables[place];
            let found = match &reference.referred[..] {
                [] => target.columns.iter().find(|column| column.key),
                [name] => condition::named(name, target),
                _ => None,
            };
            let kind = match found {
                Some(found) if found.key => format!("ref {}", target.name),
                Some(found) if found.unique => format!("ref {}.{}", target.name, found.name),
                _ => {
                    let (from, to) = (&own[column].name, &target.name);
                    let message = format!("`{from}` refers to rows of `{to}` by what is not known to differ in each");
                    let fault = Fault::new(reference.at.clone(), message);
                    self.read
                        .faults
                        .push(fault.help("what is referred to is a primary key or a unique column of its own"));
                    continue;
                }
            };
            let column = &mut self.table(reference.table).columns[column];
            // What the values are like is said where they come from.
            (column.kind, column.length, column.allowed, column.pattern) = (kind, None, None, None);
        }
    }
}
