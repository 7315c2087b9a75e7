//! One time through the files of a table.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndsl_compiler::plan::Format;
use ndsl_compiler::schema::{ColumnId, Table, TableId};
use ndsl_grammar::Span;

use super::Progress;
use super::cells::Cells;
use super::known::Known;
use super::plan::TablePlan;
use super::reading::{Purpose, Taking};
use super::tally::Tally;
use super::tasks::Task;
use crate::data::files::Named;
use crate::data::formats::{self, Reader as _};
use crate::data::{DataError, Fault, closest};

/// One time through the files of a table.
pub(super) struct Pass<'p, 's> {
    pub(super) id: TableId,
    pub(super) table: &'s Table,
    pub(super) plan: &'p TablePlan<'s>,
    pub(super) is_first: bool,
    pub(super) nulls: &'p Arc<[String]>,
}

/// What of a file is read.
struct Fit {
    /// The place of each column in the file, and what reads it.
    wanted: Vec<usize>,
    cells: Vec<(ColumnId, Cells)>,
    /// The columns it does not have, with whether that is a fault.
    lacking: Vec<(ColumnId, bool)>,
}

impl<'s> Pass<'_, 's> {
    /// Reads the files; answers how many rows there are and how many besides are none, or nothing where it was stopped.
    pub(super) fn run(
        &self,
        files: &[&(PathBuf, Format)],
        tasks: &mut [Task<'s>],
        known: &mut Known<'s>,
        tally: &mut Tally<'_>,
        watch: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<Option<(u64, u64)>, Box<DataError>> {
        let mut kept: BTreeSet<ColumnId> = tasks.iter().flat_map(|task| &task.columns).copied().collect();
        if self.is_first {
            kept.extend(self.plan.indexed.iter().chain(&self.plan.stored));
        }
        let now = RefCell::new(None);
        let mut goes_on = |rows: u64| {
            let (read, all) = match &mut *now.borrow_mut() {
                Some((file, all)) => (std::fs::File::stream_position(file).unwrap_or_default(), *all),
                None => (0, 0),
            };
            watch(&Progress { table: self.table.path.clone(), rows, read, all })
        };
        let purpose = Purpose {
            id: self.id,
            table: self.table,
            is_first: self.is_first,
            rules: &self.plan.cells,
            row: self.plan.row,
            indexed: &self.plan.indexed,
            stored: &self.plan.stored,
            tasks,
        };
        let mut taking = Taking::new(purpose, known, tally, &mut goes_on);
        for (path, format) in files {
            let file = Named { path: path.clone(), span: Span::default(), address: None };
            let opened = file.open().map_err(Box::new)?;
            let fail = |fault: Fault| Box::new(file.fail(fault));
            let twin = opened.twin().map_err(fail)?;
            *now.borrow_mut() = twin.file().try_clone().ok().map(|file| (file, twin.len()));
            let mut reader = match formats::open(format, opened, &self.plan.whole) {
                // A table without rows.
                Err(Fault::Empty) if *format == Format::JsonLines => continue,
                reader => reader.map_err(fail)?,
            };
            let fit = self.fit(path, format, reader.columns(), &kept, taking.tally());
            taking.begin_file(path.display().to_string(), fit.cells, fit.lacking);
            let read = reader.rows(&fit.wanted, &mut taking);
            // That it changed is the reason of whatever else was found in it.
            twin.unchanged().and(read).map_err(fail)?;
            taking.settle();
            if taking.is_stopped() {
                return Ok(None);
            }
        }
        Ok(Some((taking.rows, taking.bad)))
    }

    /// Finds the table's columns in a file; tells those that are missing, and those that are not the table's.
    fn fit(
        &self,
        path: &Path,
        format: &Format,
        header: &[String],
        kept: &BTreeSet<ColumnId>,
        tally: &mut Tally<'_>,
    ) -> Fit {
        let mut fit = Fit { wanted: Vec::new(), cells: Vec::new(), lacking: Vec::new() };
        let file = path.display().to_string();
        let is_alone = header.len() == 1 && matches!(format, Format::Csv(_));
        let mut known = vec![false; header.len()];
        let mut missing = Vec::new();
        for (id, column) in self.table.columns() {
            let is_kept = kept.contains(&id);
            match header.iter().position(|name| name == column.outside_name()) {
                Some(place) => {
                    known[place] = true;
                    if self.is_first || is_kept {
                        fit.wanted.push(place);
                        fit.cells.push((id, Cells::new(column, Arc::clone(self.nulls), is_alone, is_kept)));
                    }
                }
                None => {
                    // A JSON object need not name what it has no value for.
                    let is_fault = !(column.optional && *format == Format::JsonLines);
                    fit.lacking.push((id, is_fault));
                    if is_fault {
                        missing.push(id);
                    }
                }
            }
        }
        if !self.is_first {
            return fit;
        }
        let unknown: Vec<&String> =
            header.iter().zip(&known).filter(|(_, known)| !**known).map(|(name, _)| name).collect();
        for id in &missing {
            let name = self.table.at(*id).outside_name();
            let names: Vec<String> = unknown.iter().map(|name| (*name).clone()).collect();
            tally.broken(self.plan.missing[id.0 as usize], &file, None, || {
                let meant = closest(name, &names).map_or(String::new(), |other| format!("; is `{other}` meant?"));
                (None, format!("the file has no column `{name}`{meant}"))
            });
        }
        for name in unknown {
            tally.broken(self.plan.unknown, &file, None, || {
                (Some(name.clone()), format!("`{name}` is no column of `{}`", self.table.name))
            });
        }
        fit
    }
}
