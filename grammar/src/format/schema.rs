//! Schemas.
//!
//! Columns are a table to the eye too: their types stand under each other, and so does how their values are drawn. What is
//! lined up is a run of columns without an empty line between them, so a change moves the lines of its run and no others; and
//! what is exceptionally long is left out of it, so one long name or type does not push all others away.

use super::cursor::{COMMA, Printer};
use super::layout::{Line, Pad};
use crate::ast::{
    Clause, ClauseKind, Column, ColumnType, ColumnTypeKind, Label, Schema, SchemaItem, SchemaItemKind, Table,
};
use crate::token::TokenKind;

/// A name wider than this does not move the types of the other columns.
const MAX_NAME: u32 = 24;
/// A type with its clauses wider than this does not move the distributions of the other columns.
const MAX_TYPE: u32 = 44;

/// The columns of a run, to be lined up when it ends.
#[derive(Default)]
struct Run {
    /// Where the spaces between name and type are to go, and how wide the name is.
    names: Vec<(Pad, u32)>,
    /// Where the spaces before `~` or `=` are to go, and how wide what is before them is, from the type on; nothing where it
    /// takes several lines.
    draws: Vec<(Pad, Option<u32>)>,
}

impl<'s> Printer<'s> {
    pub(super) fn schema(&mut self, schema: &Schema) {
        self.token();
        self.space();
        self.token();
        if let Some(from) = &schema.from {
            self.space();
            self.token();
            self.space();
            self.token();
            if from.using.is_some() {
                self.space();
                self.token();
                self.space();
                self.token();
            }
        }
        self.space();
        self.schema_items(&schema.items);
    }

    fn table(&mut self, table: &Table) {
        self.token();
        self.space();
        self.token();
        self.space();
        self.schema_items(&table.items);
    }

    fn schema_items(&mut self, items: &[SchemaItem]) {
        self.layout.group();
        self.braces(items.is_empty(), |printer, one_line| {
            let mut run = Run::default();
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    if printer.keeps_blank_before_next() {
                        printer.line_up(&mut run);
                    }
                    printer.line_between(if one_line { Line::COMMA } else { Line::HARD });
                }
                printer.schema_item(item, &mut run);
                printer.separators(COMMA);
            }
            printer.line_up(&mut run);
        });
        self.layout.end();
    }

    /// Prints an item; a table ends the run of columns, while what is checked of columns may stand between them.
    fn schema_item(&mut self, item: &SchemaItem, run: &mut Run) {
        match &item.kind {
            SchemaItemKind::Column(column) => self.column(column, run),
            SchemaItemKind::Table(table) => {
                self.line_up(run);
                self.table(table);
            }
            SchemaItemKind::Check { condition } => {
                self.token();
                self.space();
                self.expr(condition);
            }
            SchemaItemKind::Together { columns, .. } => {
                self.token();
                self.space();
                self.names(columns);
            }
            SchemaItemKind::Correlate { table, columns, strength } => {
                self.token();
                self.space();
                if table.is_some() {
                    self.token();
                    self.glue();
                }
                self.names(columns);
                self.space();
                self.token();
                self.space();
                self.expr(strength);
            }
            SchemaItemKind::Error => self.as_written(item.span.end),
        }
    }

    /// `name: type clauses  ~ distribution`
    fn column(&mut self, column: &Column, run: &mut Run) {
        let start = self.layout.mark();
        self.token();
        self.glue();
        self.token();
        let name = self.layout.width_since(start);
        match name {
            Some(width) if !self.meets_comment() => {
                let pad = self.layout.pad(false);
                run.names.push((pad, width));
            }
            _ => self.space(),
        }
        self.layout.group();
        let start = self.layout.mark();
        self.column_type(&column.kind);
        let mut indented = false;
        for clause in &column.clauses {
            let draws = matches!(clause.kind, ClauseKind::Drawn(_) | ClauseKind::Derived(_));
            if draws && !indented && !self.meets_comment() {
                // What does not fit goes on in the next line, since a line that begins with `~` or `=` goes on.
                let width = self.layout.width_since(start);
                self.layout.indent();
                indented = true;
                let pad = self.layout.pad(true);
                run.draws.push((pad, width));
            } else {
                self.space();
            }
            self.clause(clause);
        }
        if indented {
            self.layout.end();
        }
        self.layout.end();
    }

    /// Sets the spaces between the parts of the columns of a run, which ends.
    fn line_up(&mut self, run: &mut Run) {
        let widest = |widths: &mut dyn Iterator<Item = u32>, most: u32| widths.filter(|width| *width <= most).max();
        let name = widest(&mut run.names.iter().map(|(_, width)| *width), MAX_NAME).unwrap_or(0);
        for (pad, width) in run.names.drain(..) {
            self.layout.set_pad(pad, name.saturating_sub(width) + 1);
        }
        let kind = widest(&mut run.draws.iter().filter_map(|(_, width)| *width), MAX_TYPE).unwrap_or(0);
        for (pad, width) in run.draws.drain(..) {
            self.layout.set_pad(pad, width.map_or(0, |width| kind.saturating_sub(width)) + 2);
        }
    }

    fn column_type(&mut self, kind: &ColumnType) {
        match &kind.kind {
            ColumnTypeKind::Named { arguments, .. } => {
                self.path();
                if self.is_at(TokenKind::LeftParen) && self.touches() {
                    self.glue();
                    self.items(arguments, true, false, Self::expr);
                }
            }
            ColumnTypeKind::List { item } => {
                self.token();
                self.glue();
                self.token();
                self.glue();
                self.column_type(item);
                self.glue();
                self.token();
            }
            ColumnTypeKind::Reference { .. } => {
                self.token();
                self.space();
                self.path();
            }
            ColumnTypeKind::Enum { labels } => {
                self.token();
                self.space();
                self.labels(labels);
            }
            ColumnTypeKind::Error => self.as_written(kind.span.end),
        }
        if kind.optional {
            self.glue();
            self.token();
        }
    }

    /// `{ free: 70%, pro: 25%, "<=50K" }`
    fn labels(&mut self, labels: &[Label]) {
        if labels.is_empty() {
            return self.nothing_between();
        }
        let weights = labels.iter().any(|label| label.weight.is_some());
        self.layout.group();
        self.token();
        self.layout.indent();
        self.drop_separators();
        self.line(Line::SPACE);
        for (at, label) in labels.iter().enumerate() {
            if at > 0 {
                self.layout.text(",");
                self.line_between(if weights { Line::SPACE } else { Line::FILL });
            }
            self.token();
            if let Some(weight) = &label.weight {
                self.glue();
                self.token();
                self.space();
                self.expr(weight);
            }
            self.drop_separators();
        }
        self.layout.if_broken(",");
        self.line_before_closer(Line::SPACE);
        self.token();
        self.layout.end();
    }

    fn clause(&mut self, clause: &Clause) {
        self.token();
        match &clause.kind {
            ClauseKind::Key | ClauseKind::Unique => {}
            ClauseKind::Matches { .. } | ClauseKind::From { .. } => {
                self.space();
                self.token();
            }
            ClauseKind::In(expr)
            | ClauseKind::Length(expr)
            | ClauseKind::Null(expr)
            | ClauseKind::Default(expr)
            | ClauseKind::Drawn(expr)
            | ClauseKind::Derived(expr) => {
                self.space();
                self.expr(expr);
            }
        }
    }
}
