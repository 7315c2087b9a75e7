//! Holds files of rows to the tables of schemas: whether each cell, each row and all rows together are what is said of them.
//!
//! `forms` reads cells by the types of their columns, `cells` holds them to what is said of these, `reading` makes columns of a few thousand rows of them. `tasks` are what goes beyond a
//! cell: checks and derived columns are evaluated as they are when rows are made, `keys` finds what repeats, `known` holds what is asked of
//! other tables. `tally` counts. A file is gone through once, and once more where something has to wait for another file, or rows seem to be alike.

mod cells;
pub(crate) mod forms;
mod keys;
mod known;
mod matcher;
mod pass;
mod plan;
mod reading;
mod tally;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use ndsl_compiler::Sources;
use ndsl_compiler::plan::Format;
use ndsl_compiler::schema::{Schemas, TableId};
use serde::Serialize;

use crate::data::DataError;
use known::Known;
use pass::Pass;
use plan::TablePlan;
use tally::Tally;
pub use tally::{Each, Found, Kind, Rule};
use tasks::{Need, Task, What};

/// The files of a table.
#[derive(Clone, Debug)]
pub struct Given {
    /// The table.
    pub table: TableId,
    /// Its files, with what each is.
    pub files: Vec<(PathBuf, Format)>,
}

/// How files are held to tables.
pub struct Options<'o> {
    /// Of a text file: what means that there is no value, beside an empty cell.
    pub nulls: Vec<String>,
    /// How many places of each rule are answered.
    pub first: usize,
    /// The bytes that may be held.
    pub memory: u64,
    /// Takes every place, as it is found.
    pub each: Option<&'o mut Each<'o>>,
    /// Is told how far it is; answers whether to go on.
    pub watch: &'o mut dyn FnMut(&Progress) -> bool,
}

/// How far it is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The table.
    pub table: String,
    /// The rows of it so far.
    pub rows: u64,
    /// The bytes of the file that are read.
    pub read: u64,
    /// The bytes it has.
    pub all: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// Each table that a file was given for.
    pub tables: Vec<TableReport>,
    /// Every rule that rows were held to.
    pub rules: Vec<Rule>,
    /// What was not checked.
    pub not_checked: Vec<NotChecked>,
}

/// A table whose rows were looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableReport {
    /// Its name from outside.
    pub table: String,
    /// Its files.
    pub files: Vec<String>,
    /// How many rows there are, those that cannot be read included.
    pub rows: u64,
    /// How many of them cannot be read.
    pub unreadable: u64,
}

/// A rule that rows were not held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotChecked {
    /// The table's name from outside.
    pub table: String,
    /// The rule, as the schema writes it.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// Holds files to their tables; nothing where it was stopped.
///
/// # Errors
/// Where a file cannot be read.
pub fn validate(
    schemas: &Schemas,
    sources: &Sources,
    given: &[Given],
    options: Options<'_>,
) -> Result<Option<Validation>, Box<DataError>> {
    let Options { nulls, first, memory, each, watch } = options;
    let mut tally = Tally::new(first, each);
    let tables = plan::in_order(schemas, given);
    let mut not_checked = Vec::new();
    let mut plans = plan::plans(schemas, sources, &tables, memory, &mut tally, &mut not_checked);
    let mut known = Known::new(schemas, memory / 2);
    let nulls: Arc<[String]> = nulls.into();
    let mut reports: BTreeMap<TableId, TableReport> = BTreeMap::new();
    let mut done: BTreeSet<Need> = BTreeSet::new();
    loop {
        let mut any = false;
        for id in &tables {
            let Some(plan) = plans.get_mut(id) else { continue };
            let is_first = !reports.contains_key(id);
            let tasks = std::mem::take(&mut plan.tasks);
            let (mut ready, waiting): (Vec<Task<'_>>, Vec<Task<'_>>) =
                tasks.into_iter().partition(|task| task.needs.is_subset(&done));
            plan.tasks = waiting;
            leave_uncertain(schemas, *id, &mut ready, &reports, &tally, &mut not_checked);
            if !is_first && ready.is_empty() {
                continue;
            }
            any = true;
            let files = given.iter().filter(|given| given.table == *id).flat_map(|given| &given.files);
            let files: Vec<&(PathBuf, Format)> = files.collect();
            let table = schemas.at(*id);
            let pass = Pass { id: *id, table, plan, is_first, nulls: &nulls };
            let Some((rows, bad)) = pass.run(&files, &mut ready, &mut known, &mut tally, watch)? else {
                return Ok(None);
            };
            if is_first {
                let report = TableReport {
                    table: table.path.clone(),
                    files: files.iter().map(|(path, _)| path.display().to_string()).collect(),
                    rows: rows + bad,
                    unreadable: bad,
                };
                reports.insert(*id, report);
            }
            done.insert(Need::Rows(*id));
            let mut next = Vec::new();
            for task in ready {
                if let What::Gather(gathered) = task.what {
                    done.insert(Need::Gathered(gathered));
                }
                next.extend(task.next());
            }
            plan.tasks.extend(next);
            if known.is_full() {
                known.clear();
                give_up(schemas, &mut plans, memory, &tally, &mut not_checked);
            }
        }
        if !any {
            break;
        }
    }
    let tables = given.iter().map(|given| given.table).collect::<BTreeSet<_>>();
    Ok(Some(Validation {
        tables: tables.iter().filter_map(|id| reports.remove(id)).collect(),
        rules: tally.finish(),
        not_checked,
    }))
}

/// Leaves what is computed over rows some of which cannot be read.
fn leave_uncertain(
    schemas: &Schemas,
    id: TableId,
    tasks: &mut Vec<Task<'_>>,
    reports: &BTreeMap<TableId, TableReport>,
    tally: &Tally<'_>,
    not_checked: &mut Vec<NotChecked>,
) {
    tasks.retain(|task| {
        let unreadable = task.needs.iter().find_map(|need| match need {
            Need::Gathered((table, ..)) => {
                reports.get(table).filter(|report| report.unreadable > 0).map(|report| (*table, report.unreadable))
            }
            Need::Rows(_) => None,
        });
        if let (Some((table, count)), Some(rule)) = (unreadable, task.rule()) {
            not_checked.push(NotChecked {
                table: schemas.at(id).path.clone(),
                rule: tally.at(rule).rule.clone(),
                reason: format!("{count} rows of `{}` cannot be read", schemas.at(table).name),
            });
        }
        unreadable.is_none()
    });
}

/// Leaves what needs more memory than there is.
fn give_up(
    schemas: &Schemas,
    plans: &mut BTreeMap<TableId, TablePlan<'_>>,
    memory: u64,
    tally: &Tally<'_>,
    not_checked: &mut Vec<NotChecked>,
) {
    for (id, plan) in plans {
        let (left, kept) = std::mem::take(&mut plan.tasks).into_iter().partition(|task| !task.needs.is_empty());
        plan.tasks = kept;
        plan.indexed.clear();
        plan.stored.clear();
        let left: Vec<Task<'_>> = left;
        for rule in left.iter().filter_map(Task::rule) {
            not_checked.push(NotChecked {
                table: schemas.at(*id).path.clone(),
                rule: tally.at(rule).rule.clone(),
                reason: format!("the rows it asks about do not fit into {} MB of memory", memory >> 20),
            });
        }
    }
}
