//! Where the rows of a dataset stood in its files, for messages.

use super::error::Place;

/// The file and the line, or the row, of every row.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// The name of each file and the number of rows before it.
    files: Vec<(String, usize)>,
    /// The line on which each row begins, where the files are texts; otherwise nothing.
    lines: Vec<u64>,
}

impl Places {
    /// Goes on with the rows of another file.
    pub(super) fn begin_file(&mut self, name: &str, rows: usize) {
        self.files.push((name.to_owned(), rows));
    }

    /// Adds the next row.
    #[inline]
    pub(super) fn add(&mut self, place: Place) {
        if let Place::Line(line) = place {
            self.lines.push(line);
        }
    }

    /// The name of the current file, where there are several.
    pub(super) fn file(&self) -> Option<String> {
        self.files.last().filter(|_| self.files.len() > 1).map(|(name, _)| name.clone())
    }

    /// The bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.lines.len() * size_of::<u64>()
    }

    /// The file of a row, where there are several, and its place there.
    pub(super) fn at(&self, row: usize) -> (Option<String>, Place) {
        let after = self.files.partition_point(|(_, before)| *before <= row);
        let file = after.checked_sub(1).and_then(|place| self.files.get(place));
        let before = file.map_or(0, |(_, before)| *before);
        let place = match self.lines.get(row) {
            Some(line) => Place::Line(*line),
            None => Place::Row((row - before) as u64 + 1),
        };
        (file.filter(|_| self.files.len() > 1).map(|(name, _)| name.clone()), place)
    }

    /// Where a row stands: `row 3 (line 4)`, counted from 1, with its file where there are several.
    pub(super) fn named(&self, row: usize) -> String {
        let number = row + 1;
        match self.at(row) {
            (Some(file), place) => format!("row {number} (`{file}`, {place})"),
            (None, Place::Line(line)) => format!("row {number} (line {line})"),
            (None, Place::Row(_)) => format!("row {number}"),
        }
    }
}
