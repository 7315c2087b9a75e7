//! A checked schema as SQL.

use std::collections::BTreeSet;

use sqlparser::parser::Parser;
use sqlparser::tokenizer::Tokenizer;

use super::super::Whole;
use super::super::outline::{Rule, TableOutline};
use super::super::remark::Remarks;
use super::declare::Declarer;
use super::lines::{Line, doc_lines, remark_line};
use super::{Dialect, condition, limits};
use crate::schema::form::{Column, Table, TableId};

/// The script that makes the tables of a schema, in an order in which rows can be put into them.
pub(in super::super) fn write(whole: &Whole<'_>, dialect: Dialect, remarks: &Remarks) -> String {
    let names = whole.schema.tables.iter().map(|id| (*id, whole.schemas.at(*id).name.clone())).collect();
    let declarer = Declarer { schemas: whole.schemas, dialect, names: &names };
    let writer = Writer { whole, declarer, remarks };
    let order = writer.order();
    let mut out = String::new();
    if let Some(head) = &remarks.head {
        head.lines().for_each(|line| remark_line(&mut out, "", line));
        if !whole.outline.is_table {
            doc_lines(&mut out, "", whole.outline.docs.as_deref());
        }
        out.push('\n');
    }
    let mut made = BTreeSet::new();
    let mut later = Vec::new();
    for (place, table) in order.iter().enumerate() {
        out.push_str(if place > 0 { "\n" } else { "" });
        made.insert(*table);
        writer.table(&mut out, *table, &made, &mut later);
    }
    if !later.is_empty() {
        out.push('\n');
        later.into_iter().for_each(|line: String| out.push_str(&line));
    }
    out
}

struct Writer<'w> {
    whole: &'w Whole<'w>,
    declarer: Declarer<'w>,
    remarks: &'w Remarks,
}

impl Writer<'_> {
    fn form(&self, place: usize) -> &Table {
        self.whole.schemas.at(self.whole.schema.tables[place])
    }

    fn place_of(&self, table: TableId) -> Option<usize> {
        self.whole.schema.tables.iter().position(|known| *known == table)
    }

    /// The tables, those that are referred to first as far as there are no circles.
    fn order(&self) -> Vec<usize> {
        let count = self.whole.schema.tables.len();
        let needs: Vec<BTreeSet<usize>> = (0..count)
            .map(|place| {
                let references = self.form(place).columns.iter().filter_map(Column::reference);
                references.filter_map(|to| self.place_of(to.table)).filter(|to| *to != place).collect()
            })
            .collect();
        let mut order = Vec::new();
        let mut made = BTreeSet::new();
        while order.len() < count {
            let free = |place: &usize| !made.contains(place);
            let ready = (0..count).filter(free).find(|place| needs[*place].is_subset(&made));
            // In a circle the first table is as good as any.
            let Some(next) = ready.or_else(|| (0..count).find(free)) else { break };
            made.insert(next);
            order.push(next);
        }
        order
    }

    fn table(&self, out: &mut String, place: usize, made: &BTreeSet<usize>, later: &mut Vec<String>) {
        let (form, outline) = (self.form(place), &self.whole.outline.tables[place]);
        let docs = if self.whole.outline.is_table { &self.whole.outline.docs } else { &outline.docs };
        let id = self.whole.schema.tables[place];
        let declarer = &self.declarer;
        let comments = declarer.has_comments();
        if !comments {
            doc_lines(out, "", docs.as_deref());
        }
        let mut lines = Vec::new();
        for (at, (column, words)) in form.columns.iter().zip(&outline.columns).enumerate() {
            let mut text = declarer.column(column);
            if let Some(references) = declarer.references(column) {
                let to = column.reference().and_then(|to| self.place_of(to.table));
                // SQLite takes references to tables that are made later, and has no other way to add them.
                if declarer.dialect == Dialect::Sqlite || to.is_none_or(|to| made.contains(&to)) {
                    text += &format!(" {references}");
                } else {
                    later.extend(declarer.reference(id, column).map(|statement| format!("{statement}\n")));
                }
            }
            let remark = self.remarks.column(place, at).map(str::to_owned);
            lines.push(Line::Element { docs: words.docs.clone().filter(|_| !comments), text, remark });
        }
        let rules = self.rules(place, outline);
        lines.extend(rules);
        declarer.create(out, id, &lines, docs.as_deref());
    }

    /// What is said of several columns at once, or of whole rows.
    fn rules(&self, place: usize, outline: &TableOutline) -> Vec<Line> {
        let declared = self.declarer.rules(self.whole.schema.tables[place]);
        // What SQL has no words for, such as correlations, comes behind the rest.
        let said = declared.into_iter().chain(std::iter::repeat(None));
        let lines = outline.rules.iter().zip(said).map(|(rule, said)| match said {
            Some(text) => {
                let remark = (!self.comes_back(&text, rule, outline)).then(|| rule.text.clone());
                Line::Element { docs: rule.docs.clone(), text, remark }
            }
            None => Line::Remark { docs: rule.docs.clone(), text: rule.text.clone() },
        });
        lines.collect()
    }

    /// Whether a constraint is read as the very rule it was made of.
    fn comes_back(&self, constraint: &str, rule: &Rule, outline: &TableOutline) -> bool {
        let Some(expr) = constraint.strip_prefix("CHECK ") else { return rule.text.contains(',') };
        let tokens = Tokenizer::new(self.declarer.dialect.syntax(), expr).tokenize_with_location();
        let parsed = tokens.ok().and_then(|tokens| {
            Parser::new(self.declarer.dialect.syntax()).with_tokens_with_locations(tokens).parse_expr().ok()
        });
        let Some(parsed) = parsed else { return false };
        let lifted = rule.docs.is_none() && limits::lift(&parsed, &mut outline.clone());
        !lifted && condition::text(&parsed, outline).is_some_and(|text| format!("check {text}") == rule.text)
    }
}
