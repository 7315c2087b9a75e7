//! Where the rows of a dataset stood in its files, for messages.

use super::error::Place;

/// The file and the line, or the row, of every row.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// The name of each file and the number of rows before it.
    files: Vec<(String, usize)>,
    /// Where the files are texts, the rows that do not begin on the line after that of the row before, each with its line. In most
    /// files that is the first alone.
    lines: Vec<(usize, u64)>,
    /// How many rows there are.
    rows: usize,
}

impl Places {
    /// Goes on with the rows of another file.
    pub(super) fn begin_file(&mut self, name: &str, rows: usize) {
        self.files.push((name.to_owned(), rows));
    }

    /// Adds the next row.
    #[inline]
    pub(super) fn add(&mut self, place: Place) {
        if let Place::Line(line) = place
            && self.lines.last().is_none_or(|(row, first)| first + (self.rows - row) as u64 != line)
        {
            self.lines.push((self.rows, line));
        }
        self.rows += 1;
    }

    /// The name of the current file, where there are several.
    pub(super) fn file(&self) -> Option<String> {
        self.files.last().filter(|_| self.files.len() > 1).map(|(name, _)| name.clone())
    }

    /// The bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.lines.len() * size_of::<(usize, u64)>()
    }

    /// The file of a row, where there are several, and its place there.
    pub(super) fn at(&self, row: usize) -> (Option<String>, Place) {
        let after = self.files.partition_point(|(_, before)| *before <= row);
        let file = after.checked_sub(1).and_then(|place| self.files.get(place));
        let before = file.map_or(0, |(_, before)| *before);
        let run = self.lines.partition_point(|(first, _)| *first <= row).checked_sub(1);
        let place = match run.and_then(|run| self.lines.get(run)) {
            Some((first, line)) => Place::Line(line + (row - first) as u64),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_over_empty_ones_and_other_files() {
        let mut places = Places::default();
        places.begin_file("a.csv", 0);
        [2, 3, 6, 7].into_iter().for_each(|line| places.add(Place::Line(line)));
        places.begin_file("b.csv", 4);
        [2, 3].into_iter().for_each(|line| places.add(Place::Line(line)));
        let lines: Vec<Place> = (0..6).map(|row| places.at(row).1).collect();
        assert_eq!(lines, [2, 3, 6, 7, 2, 3].map(Place::Line));
        assert_eq!(places.named(4), "row 5 (`b.csv`, line 2)");
        assert_eq!(places.lines.len(), 3);
    }
}
