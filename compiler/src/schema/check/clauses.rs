//! What is said of a column beside its type: limits, keys, nulls, defaults.

use foldhash::HashMap;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Clause, ClauseKind, Expr, ExprKind, SchemaItemKind};

use super::Checker;
use super::literals::word;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::domain::Values;
use crate::schema::expression::Type;
use crate::schema::form::{Allowed, ColumnId, Length, Located, TableId, Together};
use crate::schema::limits::{limits, of_datum};
use crate::schema::pattern;
use crate::schema::types::{Base, ClauseName};
use crate::suggest::quoted;

/// The word a clause begins with, and which of the clauses it is that only some types take.
fn name_of(kind: &ClauseKind) -> (&'static str, Option<ClauseName>) {
    match kind {
        ClauseKind::Key => ("key", Some(ClauseName::Key)),
        ClauseKind::Unique => ("unique", Some(ClauseName::Unique)),
        ClauseKind::In(_) => ("in", Some(ClauseName::In)),
        ClauseKind::Length(_) => ("length", Some(ClauseName::Length)),
        ClauseKind::Matches { .. } => ("matches", Some(ClauseName::Matches)),
        ClauseKind::Null(_) => ("null", None),
        ClauseKind::Default(_) => ("default", None),
        ClauseKind::From { .. } => ("from", None),
        ClauseKind::Drawn(_) => ("~", None),
        ClauseKind::Derived(_) => ("=", None),
    }
}

/// The first clause of a column that is of the kind asked for.
pub(super) fn clause<'c, T>(column: &'c ast::Column, pick: impl Fn(&'c ClauseKind) -> Option<T>) -> Option<(T, Span)> {
    column.clauses.iter().find_map(|clause| Some((pick(&clause.kind)?, clause.span)))
}

impl<'a> Checker<'a> {
    /// What needs no other table: which clauses there are, keys, and names outside.
    pub(super) fn simple_clauses(&mut self, table: TableId, id: ColumnId, tree: &'a ast::Column) {
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for clause in &tree.clauses {
            let (name, only) = name_of(&clause.kind);
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
                let message = format!("`{name}` is said twice of `{}`", tree.name.text);
                let fault = Diagnostic::new(Code::Clause, clause.span, message).label("again here");
                self.report(fault.related(*first, "first here"));
                continue;
            }
            seen.push((name, clause.span));
            self.goes_with_type(table, id, clause, only);
        }
        let column = self.column_mut(table, id);
        column.key = clause(tree, |kind| matches!(kind, ClauseKind::Key).then_some(())).map(|((), span)| span);
        column.unique = clause(tree, |kind| matches!(kind, ClauseKind::Unique).then_some(())).map(|((), span)| span);
        column.outside = clause(tree, |kind| match kind {
            ClauseKind::From { name, .. } => Some(name.clone()),
            _ => None,
        })
        .map(|(name, _)| name);
        self.key(table, id);
        self.at_odds(tree);
    }

    fn goes_with_type(&mut self, table: TableId, id: ColumnId, clause: &Clause, only: Option<ClauseName>) {
        let column = self.column(table, id);
        let Some(name) = only else { return };
        let def = column.kind.def;
        let unknown = column.kind.value() == Type::Unknown && def.base != Base::Reference;
        if unknown || def.clauses.contains(&name) {
            return;
        }
        let span = word(clause.span, name.word().len());
        let message = format!("`{}` does not go with `{}`", name.word(), def.signature.name);
        let mut fault = Diagnostic::new(Code::Clause, span, message)
            .label("says nothing of such values")
            .related(column.kind_span, format!("`{}` is of this type", column.name));
        fault = match (name, def.base) {
            (ClauseName::Length, Base::Int | Base::Float | Base::Decimal) => {
                fault.help("`in` says how large a number may be")
            }
            (ClauseName::In, Base::List) => fault.help("`length` says how many items a list may have"),
            (ClauseName::Matches, _) => fault.help("a pattern is for texts"),
            _ => fault,
        };
        self.report(fault);
    }

    fn key(&mut self, table: TableId, id: ColumnId) {
        let column = self.column(table, id);
        let Some(key) = column.key else { return };
        let (name, optional, kind_span, unique) =
            (column.name.clone(), column.optional, column.kind_span, column.unique);
        if optional {
            let mark = Span { start: kind_span.end - 1, ..kind_span };
            let message = format!("`{name}` is the key, so it cannot be null");
            let fault = Diagnostic::new(Code::Nullability, mark, message)
                .label("may be null")
                .related(key, "its rows are known by it")
                .fix("remove the `?`", mark, "", Applicability::Safe);
            self.report(fault);
        }
        if let Some(unique) = unique {
            let message = "a key is unique by itself";
            let fault = Diagnostic::new(Code::Clause, unique, message).label("says nothing new");
            self.report(fault.related(key, "the key").fix("remove `unique`", unique, "", Applicability::Safe));
            self.column_mut(table, id).unique = None;
        }
        let first = self.table(table).key.first().copied();
        match first {
            None => self.schemas.tables[table.0 as usize].key = vec![id],
            Some(first) => {
                let other = self.column(table, first);
                let message = format!("the table has the key `{}` already", other.name);
                let fault = Diagnostic::new(Code::TableForm, key, message)
                    .label("a second key")
                    .related(other.key.unwrap_or(other.span), "the first")
                    .help(format!("`key ({}, {name})` on a line of its own makes one key of both", other.name))
                    .fix("make it unique", key, "unique", Applicability::Guess);
                self.report(fault);
                let column = self.column_mut(table, id);
                (column.key, column.unique) = (None, Some(key));
            }
        }
    }

    /// Clauses that say two different things of where a value comes from.
    fn at_odds(&mut self, tree: &'a ast::Column) {
        let derived = clause(tree, |kind| matches!(kind, ClauseKind::Derived(_)).then_some(()));
        let Some(((), derived)) = derived else { return };
        for other in &tree.clauses {
            let (what, why) = match other.kind {
                ClauseKind::Drawn(_) => ("~", "a value is either drawn or derived"),
                ClauseKind::Default(_) => ("default", "a derived column is never left out"),
                ClauseKind::Null(_) => ("null", "a derived column is null where what it is derived from is"),
                _ => continue,
            };
            let message = format!("`{}` is derived, and so has no `{what}`", tree.name.text);
            let fault = Diagnostic::new(Code::Clause, other.span, message).label("at odds with `=`");
            self.report(fault.related(derived, "derived here").help(why));
        }
    }

    /// `key (a, b)` and `unique (a, b)`.
    pub(super) fn together(&mut self, table: TableId) {
        let items = self.trees[table.0 as usize].items.clone();
        for item in items {
            let SchemaItemKind::Together { what, columns } = &item.kind else { continue };
            let is_key = what.text == "key";
            let Some(ids) = self.columns_named(table, columns) else { continue };
            if is_key {
                for id in &ids {
                    let column = self.column(table, *id);
                    if column.optional {
                        let mark = Span { start: column.kind_span.end - 1, ..column.kind_span };
                        let message = format!("`{}` is part of the key, so it cannot be null", column.name);
                        let fault = Diagnostic::new(Code::Nullability, mark, message).label("may be null");
                        let fault = fault.related(item.span, "its rows are known by it");
                        self.report(fault.fix("remove the `?`", mark, "", Applicability::Safe));
                    }
                }
                let form = self.table(table);
                if let Some(first) = form.key.first() {
                    let first = form.at(*first);
                    let place = form.together.iter().find(|together| together.columns == form.key);
                    let place = place.map_or(first.key.unwrap_or(first.span), |together| together.span);
                    let fault = Diagnostic::new(Code::TableForm, item.span, "the table has a key already")
                        .label("a second key")
                        .related(place, "the first")
                        .fix("make them unique together", what.span, "unique", Applicability::Guess);
                    self.report(fault);
                } else {
                    self.schemas.tables[table.0 as usize].key = ids.clone();
                }
            }
            self.schemas.tables[table.0 as usize].together.push(Together { columns: ids, span: item.span });
        }
    }

    /// The columns of those names, each once; nothing where one is not known.
    pub(super) fn columns_named(&mut self, table: TableId, names: &'a [ast::Ident]) -> Option<Vec<ColumnId>> {
        let mut ids: Vec<ColumnId> = Vec::new();
        let mut first: HashMap<ColumnId, Span> = HashMap::default();
        let mut whole = true;
        for name in names {
            match self.column_named(table, &name.text).map(|(id, _)| (id, first.get(&id).copied())) {
                Some((_, Some(known))) => {
                    whole = false;
                    let message = format!("the column `{}` stands twice", name.text);
                    let fault = Diagnostic::new(Code::Duplicate, name.span, message).label("again here");
                    self.report(fault.related(known, "first here"));
                }
                Some((id, None)) => {
                    self.column_fact(name.span, table, id);
                    first.insert(id, name.span);
                    ids.push(id);
                }
                None => {
                    whole = false;
                    let missing = self.schemas.no_column(table, &name.text, name.span);
                    self.report(missing.diagnostic());
                }
            }
        }
        whole.then_some(ids)
    }

    /// The limits of every column, whose values may be of another table's type.
    pub(super) fn clauses(&mut self) {
        for (table, id) in self.all_columns() {
            let tree = self.trees[table.0 as usize].columns[id.0 as usize];
            for clause in &tree.clauses {
                let (_, only) = name_of(&clause.kind);
                if only.is_some_and(|name| !self.column(table, id).kind.def.clauses.contains(&name)) {
                    continue;
                }
                match &clause.kind {
                    ClauseKind::In(expr) => self.allowed(table, id, expr, clause.span),
                    ClauseKind::Length(expr) => self.length(table, id, expr, clause.span),
                    ClauseKind::Matches { pattern, span } => self.pattern(table, id, pattern, *span, clause.span),
                    ClauseKind::Null(expr) => self.null(table, id, expr, clause.span),
                    _ => {}
                }
            }
            self.limits_agree(table, id);
            let default = clause(tree, |kind| match kind {
                ClauseKind::Default(expr) => Some(expr),
                _ => None,
            });
            if let Some((expr, _)) = default {
                self.default(table, id, expr);
            }
        }
    }

    fn allowed(&mut self, table: TableId, id: ColumnId, expr: &'a Expr, span: Span) {
        if self.column(table, id).allowed.is_some() {
            return;
        }
        let ty = self.column(table, id).kind.value();
        let value = match &expr.kind {
            ExprKind::Range { start, end, inclusive } => {
                if !ty.is_ordered() || ty == Type::Text {
                    if ty != Type::Unknown {
                        let message =
                            format!("a range is of numbers or times, and `{}` is {ty}", self.column(table, id).name);
                        let fault = Diagnostic::new(Code::WrongType, expr.span, message).label("not in an order");
                        let help = match ty {
                            Type::Bool => "`in [true]` allows one of the two",
                            _ => "list the values instead: `in [a, b]`",
                        };
                        self.report(self.about(fault.help(help), Some((table, id))));
                    }
                    return;
                }
                let mut ends = [None, None];
                for (at, end) in [start, end].into_iter().enumerate() {
                    let Some(end) = end else { continue };
                    match self.constant_of(end, table, id) {
                        Some(value) => ends[at] = Some(value),
                        None => return,
                    }
                }
                let [low, high] = ends;
                Allowed::Between { low, high, inclusive: *inclusive }
            }
            ExprKind::List(items) => {
                if items.is_empty() {
                    let fault = Diagnostic::new(Code::NoValueLeft, expr.span, "nothing is in this list");
                    self.report(fault.label("leaves no value").help("write the values: `in [1, 2]`"));
                    return;
                }
                if let [Expr { kind: ExprKind::Range { .. }, span }] = items.as_slice() {
                    let fault = Diagnostic::new(Code::WrongType, *span, "a range stands by itself, in no list");
                    let range = self.text(*span);
                    self.report(fault.label("between brackets").fix(
                        format!("write `{range}`"),
                        expr.span,
                        range,
                        Applicability::Guess,
                    ));
                    return;
                }
                let mut values = Vec::new();
                let mut first: HashMap<String, Span> = HashMap::default();
                for item in items {
                    let Some(value) = self.constant_of(item, table, id) else { return };
                    if let Some(known) = first.insert(value.to_string(), item.span) {
                        let fault = Diagnostic::new(Code::Duplicate, item.span, "this value stands twice");
                        self.report(fault.label("again here").related(known, "first here"));
                        return;
                    }
                    values.push(value);
                }
                Allowed::Listed(values)
            }
            ExprKind::Error => return,
            ExprKind::Binary { operator: ast::BinaryOperator::In, operator_span, left, .. } => {
                let name = &self.column(table, id).name;
                let fault = Diagnostic::new(Code::Clause, *operator_span, format!("`in` is said twice of `{name}`"));
                self.report(fault.label("again here").related(left.span, "first here"));
                return;
            }
            _ => {
                let fault = Diagnostic::new(Code::WrongType, expr.span, "`in` takes a range or a list")
                    .label("neither a range nor a list")
                    .help("a range is written `18..=95`, a list `[1, 2, 4]`");
                let fault = match &expr.kind {
                    // `0.0-1.0`
                    ExprKind::Binary { operator: ast::BinaryOperator::Subtract, left, right, .. }
                        if is_number(left) && is_number(right) =>
                    {
                        let range = format!("{}..={}", self.text(left.span), self.text(right.span));
                        fault.fix(format!("write `{range}`"), expr.span, range, Applicability::Guess)
                    }
                    _ if is_number(expr) || matches!(expr.kind, ExprKind::Str(_)) => {
                        let list = format!("[{}]", self.text(expr.span));
                        fault.fix(format!("write `{list}`"), expr.span, list, Applicability::Guess)
                    }
                    _ => fault,
                };
                self.report(fault);
                return;
            }
        };
        let column = self.column(table, id);
        let all = limits(column).values;
        let left = all.clone().meet(crate::schema::limits::of_allowed(&value, &all));
        if left.is_empty() {
            let fault = Diagnostic::new(
                Code::NoValueLeft,
                expr.span,
                format!("no value is in `{}`", quoted(self.text(expr.span))),
            );
            let turned = match (&expr.kind, &value) {
                (
                    ExprKind::Range { start: Some(start), end: Some(end), .. },
                    Allowed::Between { low: Some(low), high: Some(high), .. },
                ) if low.point() > high.point() => Some(format!("{}..={}", self.text(end.span), self.text(start.span))),
                _ => None,
            };
            let fault = match turned {
                Some(turned) => fault.label("it ends before it begins").fix(
                    format!("write `{turned}`"),
                    expr.span,
                    turned,
                    Applicability::Guess,
                ),
                None => fault.label("leaves no value").help("`..=` has its end in it, `..` leaves it out"),
            };
            self.report(fault);
            return;
        }
        self.column_mut(table, id).allowed = Some(Located { value, span });
    }

    fn length(&mut self, table: TableId, id: ColumnId, expr: &'a Expr, span: Span) {
        if self.column(table, id).length.is_some() {
            return;
        }
        let whole = |this: &mut Self, expr: &'a Expr| match this.constant(expr, &Type::Int)? {
            crate::schema::datum::Datum::Int(number) if number >= 0 => Some(number as u64),
            _ => {
                let fault = Diagnostic::new(Code::OutOfRange, expr.span, "a length is a whole number from 0");
                this.report(fault.label("no length"));
                None
            }
        };
        let (min, max) = match &expr.kind {
            ExprKind::Range { start, end, inclusive } => {
                let min = match start {
                    Some(start) => whole(self, start),
                    None => Some(0),
                };
                let max = match end {
                    Some(end) => whole(self, end).map(Some),
                    None => Some(None),
                };
                let (Some(min), Some(max)) = (min, max) else { return };
                match (max, inclusive) {
                    (Some(0), false) => (1, Some(0)),
                    (Some(max), false) => (min, Some(max - 1)),
                    (max, _) => (min, max),
                }
            }
            ExprKind::Error => return,
            _ => match whole(self, expr) {
                Some(exactly) => (exactly, Some(exactly)),
                None => return,
            },
        };
        if max.is_some_and(|max| max < min) {
            let fault = Diagnostic::new(
                Code::NoValueLeft,
                expr.span,
                format!("no length is in `{}`", quoted(self.text(expr.span))),
            );
            let fault = match &expr.kind {
                ExprKind::Range { start: Some(start), end: Some(end), .. } => {
                    let turned = format!("{}..={}", self.text(end.span), self.text(start.span));
                    let title = format!("write `{turned}`");
                    fault.label("it ends before it begins").fix(title, expr.span, turned, Applicability::Guess)
                }
                _ => fault.label("leaves no value"),
            };
            self.report(fault);
            return;
        }
        self.column_mut(table, id).length = Some(Located { value: Length { min, max }, span });
    }

    fn pattern(&mut self, table: TableId, id: ColumnId, text: &str, at: Span, span: Span) {
        if self.column(table, id).pattern.is_some() {
            return;
        }
        match pattern::read(text) {
            Ok(hir) => {
                let value = pattern::measure(text, &hir);
                self.column_mut(table, id).pattern = Some(Located { value, span });
            }
            Err(fault) => {
                let (start, end) = (at.start + 1 + fault.at.start as u32, at.start + 1 + fault.at.end as u32);
                let place = if end < at.end { Span { start, end, ..at } } else { at };
                let mut diagnostic = Diagnostic::new(Code::Pattern, place, fault.message).label(fault.label);
                if let Some(help) = fault.help {
                    diagnostic = diagnostic.help(help);
                }
                self.report(diagnostic);
            }
        }
    }

    fn null(&mut self, table: TableId, id: ColumnId, expr: &'a Expr, span: Span) {
        let column = self.column(table, id);
        let (name, optional, kind_span) = (column.name.clone(), column.optional, column.kind_span);
        let Some(share) = self.share(expr) else { return };
        if !optional && share > 0.0 {
            let message = format!("`{name}` cannot be null, so no share of its rows can");
            let fault = Diagnostic::new(Code::Nullability, span, message)
                .label("says that it may be null")
                .related(kind_span, "this says that it never is")
                .fix("let it be null", kind_span.after(), "?", Applicability::Guess);
            self.report(fault);
            return;
        }
        self.column_mut(table, id).null = Some(Located { value: share, span });
    }

    /// Reports limits that leave no value together: a length, a pattern and a list.
    fn limits_agree(&mut self, table: TableId, id: ColumnId) {
        let column = self.column(table, id);
        if !limits(column).values.is_empty() {
            return;
        }
        let spans = [
            column.allowed.as_ref().map(|part| (part.span, "these are the values")),
            column.length.map(|part| (part.span, "this is the length")),
            column.pattern.as_ref().map(|part| (part.span, "this is the pattern")),
        ];
        let mut parts = spans.into_iter().flatten().collect::<Vec<_>>();
        parts.sort_by_key(|(span, _)| span.start);
        let Some((last, _)) = parts.pop() else { return };
        let message = format!("what is said of `{}` leaves no value", column.name);
        let mut fault = Diagnostic::new(Code::NoValueLeft, last, message).label("nothing satisfies this as well");
        for (span, text) in parts {
            fault = fault.related(span, text);
        }
        self.report(fault);
        let column = self.column_mut(table, id);
        (column.allowed, column.length, column.pattern) = (None, None, None);
    }

    fn default(&mut self, table: TableId, id: ColumnId, expr: &'a Expr) {
        let Some(value) = self.constant_of(expr, table, id) else { return };
        let column = self.column(table, id);
        let is_null = value == crate::schema::datum::Datum::Null;
        if is_null && !column.optional {
            let message = format!("`{}` cannot be null", column.name);
            let fault = Diagnostic::new(Code::Nullability, expr.span, message)
                .label("null")
                .related(column.kind_span, "this says that it never is")
                .fix("let it be null", column.kind_span.after(), "?", Applicability::Guess);
            self.report(fault);
            return;
        }
        let all = limits(column).values;
        let listed = match &column.allowed {
            Some(Located { value: Allowed::Listed(values), .. }) => values.contains(&value),
            _ => true,
        };
        let point = of_datum(&value);
        let matched = match (&column.pattern, &value) {
            (Some(wanted), crate::schema::datum::Datum::Text(text)) => {
                pattern::read(&wanted.value.text).is_ok_and(|hir| pattern::matches(&hir, text))
            }
            _ => true,
        };
        if !is_null && (!listed || !matched || all.meet(point.clone()).is_empty()) {
            let limit = match &point {
                Values::Points(_) | Values::Labels(_) => column.allowed.as_ref().map(|part| part.span),
                _ if !matched => column.pattern.as_ref().map(|part| part.span),
                _ => column.allowed.as_ref().map(|part| part.span).or(column.length.map(|part| part.span)),
            };
            let message = format!("the default of `{}` is not a value it may have", column.name);
            let fault = Diagnostic::new(Code::OutsideRange, expr.span, message).label("outside");
            let fault = fault.related(limit.unwrap_or(column.kind_span), "its values");
            self.report(fault);
            return;
        }
        self.column_mut(table, id).default = Some(Located { value, span: expr.span });
    }
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Int(_) | ExprKind::Float(_))
}
