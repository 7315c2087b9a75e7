//! What must be made before what: circles of references and of derived columns, and an order for everything else.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use ndsl_grammar::Span;

use super::Checker;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::expression::{Expression, ExpressionKind};
use crate::schema::form::{ColumnId, TableId};

/// How many links of a circle are shown.
const MAX_LINKS: usize = 6;

type Node = (TableId, ColumnId);

/// That one column is needed for another, and where that is said.
type Needs = BTreeMap<Node, BTreeMap<Node, Span>>;

impl<'a> Checker<'a> {
    /// Reports circles, and puts the columns that are in none into an order.
    pub(super) fn circles(&mut self) {
        let circle = self.reference_circles();
        let needs = self.needs(&circle);
        let mut left: BTreeMap<Node, BTreeMap<Node, Span>> = needs;
        // Whatever needs nothing that is left comes next.
        let mut users: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
        let mut missing: BTreeMap<Node, usize> = BTreeMap::new();
        for (node, needed) in &left {
            missing.insert(*node, needed.len());
            for other in needed.keys() {
                users.entry(*other).or_default().push(*node);
            }
        }
        let mut ready: BTreeSet<Node> =
            missing.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
        let mut order = Vec::new();
        while let Some(node) = ready.pop_first() {
            order.push(node);
            for user in users.remove(&node).unwrap_or_default() {
                if let Some(count) = missing.get_mut(&user) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(user);
                    }
                }
            }
        }
        self.schemas.order = order;
        for node in &self.schemas.order {
            left.remove(node);
        }
        self.column_circles(left);
    }

    /// Each table's references that must not be null; a circle of them leaves no first row. Answers the tables in one.
    fn reference_circles(&mut self) -> BTreeSet<TableId> {
        let mut links: BTreeMap<TableId, Vec<(TableId, ColumnId)>> = BTreeMap::new();
        for (table, form) in self.schemas.tables() {
            for (id, column) in form.columns() {
                if let (Some(reference), false) = (column.reference(), column.optional) {
                    links.entry(table).or_default().push((reference.table, id));
                }
            }
        }
        // Tables from which every way ends are in no circle, and neither are those to which every way has a beginning.
        let mut steps: Vec<(TableId, TableId)> = Vec::new();
        for (table, targets) in &links {
            steps.extend(targets.iter().map(|(target, _)| (*table, *target)));
        }
        let ends = ending(&steps);
        steps.retain(|(from, to)| !ends.contains(from) && !ends.contains(to));
        steps.iter_mut().for_each(|(from, to)| std::mem::swap(from, to));
        let begins = ending(&steps);
        links.retain(|table, _| !ends.contains(table) && !begins.contains(table));
        let mut in_circle = BTreeSet::new();
        for start in links.keys().copied().collect::<Vec<_>>() {
            if in_circle.contains(&start) {
                continue;
            }
            if let Some(way) = circle(start, &links) {
                in_circle.extend(way.iter().map(|(table, _, _)| *table));
                self.reference_circle(&way);
            }
        }
        in_circle
    }

    fn reference_circle(&mut self, way: &[(TableId, ColumnId, TableId)]) {
        let [(table, id, _), ..] = way else { return };
        let column = self.column(*table, *id);
        let message = match way.len() {
            1 => format!("every row of `{}` needs another one before it", self.table(*table).name),
            count => format!("{count} tables need each other's rows, so none can have a first one"),
        };
        let mut fault = Diagnostic::new(Code::ReferenceCycle, column.kind_span, message).label("never null");
        for (index, (table, id, target)) in way.iter().enumerate() {
            let column = self.column(*table, *id);
            if index < MAX_LINKS - 1 || index + 1 == way.len() {
                let text = format!("`{}` needs a row of `{}`", self.table(*table).name, self.table(*target).name);
                fault = fault.related(column.kind_span, text);
            }
        }
        let name = &column.name;
        fault = fault.help("a reference that may be null breaks the circle: some rows then refer to none").fix(
            format!("let `{name}` be null"),
            column.kind_span.after(),
            "?",
            Applicability::Guess,
        );
        self.report(fault);
    }

    /// For every column those it needs before it.
    fn needs(&self, circle: &BTreeSet<TableId>) -> Needs {
        let mut needs: Needs = BTreeMap::new();
        for (table, id) in self.all_columns() {
            let column = self.column(table, id);
            let mut needed: BTreeMap<Node, Span> = BTreeMap::new();
            if let Some(reference) = column.reference() {
                // A reference that may be null can be filled in once all rows are there.
                let key = (reference.table, reference.column);
                if key != (table, id) && !(circle.contains(&table) && circle.contains(&reference.table)) {
                    needed.insert(key, column.kind_span);
                }
            }
            let mut read = |expression: &Expression, own: bool| {
                expression.each(&mut |part| match &part.kind {
                    ExpressionKind::Column(path) => {
                        let mut here = path.from;
                        for (place, step) in path.through.iter().enumerate() {
                            // How many rows refer to a row is drawn from that row, which needs no reference to it.
                            if own && place == 0 && *step == id {
                                here = column.reference().map_or(here, |reference| reference.table);
                                continue;
                            }
                            needed.entry((here, *step)).or_insert(part.span);
                            match self.column(here, *step).reference() {
                                Some(reference) => here = reference.table,
                                None => break,
                            }
                        }
                        needed.entry((path.table, path.column)).or_insert(part.span);
                    }
                    ExpressionKind::Aggregate { table, via, column, .. } => {
                        needed.entry((*table, *via)).or_insert(part.span);
                        if let Some(column) = column {
                            needed.entry((*table, *column)).or_insert(part.span);
                        }
                    }
                    _ => {}
                });
            };
            if let Some(derived) = &column.derived {
                read(derived, false);
            }
            if let Some(draw) = &column.draw {
                draw.each_expression(&mut |expression| read(expression, true));
            }
            needs.insert((table, id), needed);
        }
        needs
    }

    /// Reports the circles among columns that could not be put into an order, each once.
    fn column_circles(&mut self, left: Needs) {
        let mut seen: BTreeSet<Node> = BTreeSet::new();
        for start in left.keys().copied().collect::<Vec<_>>() {
            if seen.contains(&start) {
                continue;
            }
            // Everything that is left needs something that is left, so going on from it ends in a circle.
            let mut way: Vec<(Node, Span)> = Vec::new();
            let mut places: HashMap<Node, usize> = HashMap::default();
            let mut at = start;
            let circle = loop {
                if let Some(first) = places.insert(at, way.len()) {
                    break way.split_off(first);
                }
                if seen.contains(&at) {
                    break Vec::new();
                }
                let Some((next, span)) =
                    left.get(&at).and_then(|needed| needed.iter().find(|(next, _)| left.contains_key(next)))
                else {
                    break Vec::new();
                };
                way.push((at, *span));
                at = *next;
            };
            seen.extend(way.iter().map(|(node, _)| *node));
            seen.extend(circle.iter().map(|(node, _)| *node));
            self.column_circle(circle);
        }
    }

    fn column_circle(&mut self, mut circle: Vec<(Node, Span)>) {
        // The circle begins where it is said first in the file.
        let Some(first) = (0..circle.len()).min_by_key(|index| circle[*index].1.start) else { return };
        circle.rotate_left(first);
        // A circle of nothing but references has been reported as one.
        let computed = circle.iter().any(|((table, id), _)| {
            let column = self.column(*table, *id);
            column.derived.is_some() || column.draw.is_some()
        });
        if !computed {
            return;
        }
        let ((table, id), _) = circle[0];
        let name = |node: &Node| {
            let (table, id) = *node;
            let column = &self.column(table, id).name;
            if circle.iter().all(|((other, _), _)| *other == circle[0].0.0) {
                column.clone()
            } else {
                format!("{}.{column}", self.table(table).name)
            }
        };
        let message = format!("`{}` depends on itself", name(&circle[0].0));
        let mut fault = Diagnostic::new(Code::ColumnCycle, self.column(table, id).span, message);
        fault = fault.label(match circle.len() {
            1..=MAX_LINKS => "its value leads back to it".to_owned(),
            count => format!("its value leads back to it, through {count} columns"),
        });
        for (index, (node, span)) in circle.iter().enumerate() {
            if index < MAX_LINKS - 1 || index + 1 == circle.len() {
                let next = circle[(index + 1) % circle.len()].0;
                let to = if next == *node { "itself".to_owned() } else { format!("`{}`", name(&next)) };
                fault = fault.related(*span, format!("`{}` needs {to}", name(node)));
            }
        }
        self.report(fault);
    }
}

/// The tables from which every way along `steps` ends.
fn ending(steps: &[(TableId, TableId)]) -> HashSet<TableId> {
    let mut before: HashMap<TableId, Vec<TableId>> = HashMap::default();
    let mut open: HashMap<TableId, usize> = HashMap::default();
    for (from, to) in steps {
        before.entry(*to).or_default().push(*from);
        open.entry(*to).or_default();
        *open.entry(*from).or_default() += 1;
    }
    let mut ended: Vec<TableId> = open.iter().filter(|(_, left)| **left == 0).map(|(table, _)| *table).collect();
    let mut all = HashSet::default();
    while let Some(table) = ended.pop() {
        all.insert(table);
        for from in before.remove(&table).unwrap_or_default() {
            if let Some(left) = open.get_mut(&from) {
                *left -= 1;
                if *left == 0 {
                    ended.push(from);
                }
            }
        }
    }
    all
}

/// A shortest way from a table back to it, each step with the column that leads on.
fn circle(
    start: TableId,
    links: &BTreeMap<TableId, Vec<(TableId, ColumnId)>>,
) -> Option<Vec<(TableId, ColumnId, TableId)>> {
    let mut from: BTreeMap<TableId, (TableId, ColumnId)> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(table) = queue.pop_front() {
        for (target, column) in links.get(&table).into_iter().flatten() {
            if *target == start {
                let mut way = vec![(table, *column, start)];
                let mut here = table;
                while here != start {
                    let (before, column) = from[&here];
                    way.push((before, column, here));
                    here = before;
                }
                way.reverse();
                return Some(way);
            }
            if !from.contains_key(target) {
                from.insert(*target, (table, *column));
                queue.push_back(*target);
            }
        }
    }
    None
}
