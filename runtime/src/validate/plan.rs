//! What the rows of each table are held to, found out before a file is opened.

use std::collections::{BTreeMap, BTreeSet};

use ndsl_compiler::schema::{Column, ColumnId, Expression, ExpressionKind, Schemas, TableId, Type};
use ndsl_compiler::{Sources, Texts as _};
use ndsl_grammar::Span;

use super::cells::Broken;
use super::keys::Twice;
use super::known::GatherId;
use super::reading::CellRules;
use super::tally::{Kind, RuleId, Tally};
use super::tasks::{Need, Task, What};
use super::{Given, NotChecked};

/// What the rows of a table are held to.
pub(super) struct TablePlan<'s> {
    /// Of each column, the rules of its cells.
    pub(super) cells: Vec<CellRules>,
    /// Of each column, the rule that it is there.
    pub(super) missing: Vec<RuleId>,
    /// That there are no other columns.
    pub(super) unknown: RuleId,
    /// That a row is one.
    pub(super) row: RuleId,
    /// What goes beyond a cell.
    pub(super) tasks: Vec<Task<'s>>,
    /// Columns by whose values rows are looked up.
    pub(super) indexed: Vec<ColumnId>,
    /// Columns that checks of other tables read.
    pub(super) stored: Vec<ColumnId>,
    /// The columns whose values JSON files hold as they are written.
    pub(super) whole: Vec<String>,
}

/// The tables that files were given for, those that others refer to first.
pub(super) fn in_order(schemas: &Schemas, given: &[Given]) -> Vec<TableId> {
    fn visit(schemas: &Schemas, id: TableId, open: &mut BTreeSet<TableId>, order: &mut Vec<TableId>) {
        if !open.remove(&id) {
            return;
        }
        for (_, column) in schemas.at(id).columns() {
            if let Some(reference) = column.reference() {
                visit(schemas, reference.table, open, order);
            }
        }
        order.push(id);
    }
    let mut open: BTreeSet<TableId> = given.iter().map(|given| given.table).collect();
    let mut order = Vec::new();
    while let Some(id) = open.first().copied() {
        visit(schemas, id, &mut open, &mut order);
    }
    order
}

/// What the tables' rows are held to. What cannot be is told.
pub(super) fn plans<'s>(
    schemas: &'s Schemas,
    sources: &Sources,
    tables: &[TableId],
    memory: u64,
    tally: &mut Tally<'_>,
    not_checked: &mut Vec<NotChecked>,
) -> BTreeMap<TableId, TablePlan<'s>> {
    let mut planning = Planning {
        schemas,
        sources,
        tables,
        memory,
        indexed: BTreeSet::new(),
        stored: BTreeSet::new(),
        gathered: BTreeSet::new(),
    };
    let mut plans: BTreeMap<TableId, TablePlan<'s>> =
        tables.iter().map(|id| (*id, planning.table(*id, tally, not_checked))).collect();
    for id in &planning.gathered {
        let (table, via, column) = *id;
        let Some(plan) = plans.get_mut(&table) else { continue };
        let columns = [via].into_iter().chain(column).collect();
        plan.tasks.push(Task { what: What::Gather(*id), columns, needs: BTreeSet::new() });
    }
    for (id, plan) in &mut plans {
        let of = |all: &BTreeSet<(TableId, ColumnId)>| -> Vec<ColumnId> {
            all.iter().filter(|(table, _)| table == id).map(|(_, column)| *column).collect()
        };
        (plan.indexed, plan.stored) = (of(&planning.indexed), of(&planning.stored));
    }
    plans
}

struct Planning<'s, 'p> {
    schemas: &'s Schemas,
    sources: &'p Sources,
    /// Those that files were given for.
    tables: &'p [TableId],
    memory: u64,
    indexed: BTreeSet<(TableId, ColumnId)>,
    stored: BTreeSet<(TableId, ColumnId)>,
    gathered: BTreeSet<GatherId>,
}

/// What an expression reads.
#[derive(Default)]
struct Reads {
    own: BTreeSet<ColumnId>,
    needs: BTreeSet<Need>,
    indexed: BTreeSet<(TableId, ColumnId)>,
    stored: BTreeSet<(TableId, ColumnId)>,
    gathered: BTreeSet<GatherId>,
    /// Why it cannot be evaluated.
    lacks: Option<String>,
}

impl<'s> Planning<'s, '_> {
    fn table(&mut self, id: TableId, tally: &mut Tally<'_>, not_checked: &mut Vec<NotChecked>) -> TablePlan<'s> {
        let schemas = self.schemas;
        let table = schemas.at(id);
        let name = |column: &Column| vec![column.outside_name().to_owned()];
        let mut plan = TablePlan {
            unknown: tally.rule(&table.path, Vec::new(), Kind::UnknownColumn, "the columns of the table".to_owned()),
            row: tally.rule(&table.path, Vec::new(), Kind::Row, "a row of the table".to_owned()),
            cells: Vec::new(),
            missing: Vec::new(),
            tasks: Vec::new(),
            indexed: Vec::new(),
            stored: Vec::new(),
            whole: Vec::new(),
        };
        for (column_id, column) in table.columns() {
            if matches!(column.kind.value(), Type::Json | Type::List(_)) {
                plan.whole.push(column.outside_name().to_owned());
            }
            let missing =
                tally.rule(&table.path, name(column), Kind::MissingColumn, "there is such a column".to_owned());
            plan.missing.push(missing);
            plan.cells.push(self.cells(&table.path, column, tally));
            if let Some(span) = column.key.or(column.unique) {
                let rule = tally.rule(&table.path, name(column), Kind::Unique, self.text(span));
                plan.tasks.push(self.twice(rule, vec![column_id]));
            }
            if let Some(reference) = column.reference() {
                let to = (reference.table, reference.column);
                let said = self.text(column.kind_span);
                if self.tables.contains(&reference.table) {
                    let rule = tally.rule(&table.path, name(column), Kind::Reference, said);
                    self.indexed.insert(to);
                    plan.tasks.push(Task {
                        what: What::Reference { rule, column: column_id, to },
                        columns: [column_id].into(),
                        needs: [Need::Rows(to.0)].into(),
                    });
                } else {
                    let rule = format!("{}: {said}", column.outside_name());
                    let reason = no_file(schemas, reference.table);
                    not_checked.push(NotChecked { table: table.path.clone(), rule, reason });
                }
            }
            if let Some(value) = &column.derived {
                let said = format!("= {}", self.text(value.span));
                let mut reads = self.reads(id, value);
                reads.own.insert(column_id);
                match reads.lacks.take() {
                    Some(reason) => {
                        let rule = format!("{} {said}", column.outside_name());
                        not_checked.push(NotChecked { table: table.path.clone(), rule, reason });
                    }
                    None => {
                        let rule = tally.rule(&table.path, name(column), Kind::Derived, said);
                        plan.tasks.push(self.task(What::Derived { rule, column: column_id, value }, reads));
                    }
                }
            }
        }
        for together in &table.together {
            let columns = together.columns.iter().map(|id| table.at(*id).outside_name().to_owned()).collect();
            let rule = tally.rule(&table.path, columns, Kind::Unique, self.text(together.span));
            plan.tasks.push(self.twice(rule, together.columns.clone()));
        }
        for check in &table.checks {
            let said = format!("check {}", self.text(check.span));
            let mut reads = self.reads(id, &check.condition);
            match reads.lacks.take() {
                Some(reason) => not_checked.push(NotChecked { table: table.path.clone(), rule: said, reason }),
                None => {
                    let columns = reads.own.iter().map(|id| table.at(*id).outside_name().to_owned()).collect();
                    let rule = tally.rule(&table.path, columns, Kind::Check, said);
                    plan.tasks.push(self.task(What::Check { rule, condition: &check.condition }, reads));
                }
            }
        }
        // How many numbers each of those that look for what repeats may hold.
        let twice = |task: &&mut Task<'_>| matches!(task.what, What::Twice { .. });
        let count = plan.tasks.iter_mut().filter(twice).count().max(1);
        let most = (self.memory / 4 / size_of::<u64>() as u64 / count as u64) as usize;
        for task in &mut plan.tasks {
            if let What::Twice { twice, .. } = &mut task.what {
                *twice = Twice::new(most);
            }
        }
        plan
    }

    /// The rules of a column's cells.
    fn cells(&self, table: &str, column: &Column, tally: &mut Tally<'_>) -> CellRules {
        let of_type = column.kind.def.length().filter(|_| column.reference().is_none());
        Broken::ALL.map(|broken| {
            let (kind, said) = match broken {
                Broken::Type => (Kind::Type, self.text(column.kind_span)),
                Broken::Null => (Kind::Null, (!column.optional).then(|| "there is a value".to_owned())?),
                Broken::Range => (Kind::Range, self.text(column.allowed.as_ref()?.span)),
                Broken::Length => (
                    Kind::Length,
                    match (column.length, of_type) {
                        (Some(length), _) => self.text(length.span),
                        (None, Some((_, most))) => format!("length ..={most}"),
                        (None, None) => return None,
                    },
                ),
                Broken::Pattern => (Kind::Pattern, self.text(column.pattern.as_ref()?.span)),
            };
            Some(tally.rule(table, vec![column.outside_name().to_owned()], kind, said))
        })
    }

    fn twice(&self, rule: RuleId, columns: Vec<ColumnId>) -> Task<'s> {
        let read = columns.iter().copied().collect();
        Task { what: What::Twice { rule, columns, twice: Twice::new(0) }, columns: read, needs: BTreeSet::new() }
    }

    /// A task that needs what its expression reads.
    fn task(&mut self, what: What<'s>, reads: Reads) -> Task<'s> {
        self.indexed.extend(reads.indexed);
        self.stored.extend(reads.stored);
        self.gathered.extend(reads.gathered);
        Task { what, columns: reads.own, needs: reads.needs }
    }

    /// What a piece of the program says, on one line.
    fn text(&self, span: Span) -> String {
        let source = self.sources.source(span.file);
        let text = source.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn reads(&self, table: TableId, expression: &Expression) -> Reads {
        let mut reads = Reads::default();
        expression.each(&mut |part| self.note(table, part, &mut reads));
        reads
    }

    fn note(&self, table: TableId, part: &Expression, reads: &mut Reads) {
        let schemas = self.schemas;
        match &part.kind {
            ExpressionKind::Column(path) => {
                let mut at = table;
                for (place, step) in path.through.iter().enumerate() {
                    match place {
                        0 => _ = reads.own.insert(*step),
                        _ => _ = reads.stored.insert((at, *step)),
                    }
                    let Some(reference) = schemas.at(at).at(*step).reference() else { return };
                    if !self.tables.contains(&reference.table) {
                        reads.lacks = Some(no_file(schemas, reference.table));
                        return;
                    }
                    at = reference.table;
                    reads.indexed.insert((at, reference.column));
                    reads.needs.insert(Need::Rows(at));
                }
                match path.through.is_empty() {
                    true => _ = reads.own.insert(path.column),
                    false => _ = reads.stored.insert((path.table, path.column)),
                }
            }
            ExpressionKind::Aggregate { table: other, via, column, .. } => {
                if !self.tables.contains(other) {
                    reads.lacks = Some(no_file(schemas, *other));
                    return;
                }
                if let Some(reference) = schemas.at(*other).at(*via).reference() {
                    reads.own.insert(reference.column);
                }
                reads.gathered.insert((*other, *via, *column));
                reads.needs.insert(Need::Gathered((*other, *via, *column)));
            }
            ExpressionKind::Source(name) => {
                reads.lacks = Some(format!("it reads `source.{name}`, what the rows were made from"));
            }
            _ => {}
        }
    }
}

fn no_file(schemas: &Schemas, table: TableId) -> String {
    format!("no file for `{}`", schemas.at(table).name)
}
