//! Which rows go into which file, and in which pieces they are made.

use std::ops::Range;

use ndsl_compiler::schema::TableId;

/// Rows of one table that stand together in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The table.
    pub table: TableId,
    /// Its rows.
    pub rows: Range<u64>,
    /// The file, by its place among the files.
    pub file: usize,
    /// How many rows a piece has at most.
    pub at_once: u64,
}

impl Section {
    /// How many pieces it is made in: one where there are no rows, so that there is a file of none.
    pub fn pieces(&self) -> usize {
        usize::try_from((self.rows.end - self.rows.start).div_ceil(self.at_once).max(1)).unwrap_or(usize::MAX)
    }

    /// How many rows it has.
    pub fn len(&self) -> u64 {
        self.rows.end - self.rows.start
    }
}

/// All sections, in order, and their pieces one after another.
#[derive(Clone, Debug, Default)]
pub struct Sections {
    sections: Vec<Section>,
    /// The first piece of each, and where the last ends.
    starts: Vec<usize>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The section, by its place.
    pub section: usize,
    /// Its place among the section's pieces.
    pub place: usize,
    /// Its rows.
    pub rows: Range<u64>,
    /// Whether it is the last of its section.
    pub is_last: bool,
}

impl Sections {
    /// The pieces of some sections.
    pub fn new(sections: Vec<Section>) -> Self {
        let mut starts = vec![0usize];
        for section in &sections {
            starts.push(starts[starts.len() - 1].saturating_add(section.pieces()));
        }
        Self { sections, starts }
    }

    /// The sections.
    pub fn all(&self) -> &[Section] {
        &self.sections
    }

    /// How many pieces there are.
    pub fn pieces(&self) -> usize {
        self.starts[self.sections.len()]
    }

    /// The first piece of a file, by its place.
    pub fn first_of(&self, file: usize) -> usize {
        let section = self.sections.iter().position(|section| section.file == file);
        section.map_or(self.pieces(), |section| self.starts[section])
    }

    /// A piece by its number.
    pub fn piece(&self, number: usize) -> Piece {
        let section = self.starts.partition_point(|start| *start <= number) - 1;
        let (place, all) = (number - self.starts[section], &self.sections[section]);
        let start = all.rows.start + place as u64 * all.at_once;
        let rows = start..(start + all.at_once).min(all.rows.end);
        Piece { section, place, rows, is_last: number + 1 == self.starts[section + 1] }
    }
}

/// The rows of one of several parts that are as long as each other, but for one row.
pub fn share(rows: u64, part: u64, parts: u64) -> Range<u64> {
    let edge = |part: u64| (u128::from(rows) * u128::from(part) / u128::from(parts)) as u64;
    edge(part)..edge(part + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_section_without_rows_has_a_piece_without_rows() {
        let sections = Sections::new(vec![Section { table: TableId(0), rows: 5..5, file: 0, at_once: 10 }]);
        assert_eq!(sections.pieces(), 1);
        assert_eq!(sections.piece(0), Piece { section: 0, place: 0, rows: 5..5, is_last: true });
    }

    proptest! {
        #[test]
        fn pieces_are_all_rows_once(sizes in proptest::collection::vec((0u64..50, 0u64..400), 1..6), at_once in 1u64..90) {
            let sections: Vec<Section> = sizes
                .iter()
                .enumerate()
                .map(|(file, (start, count))| Section { table: TableId(0), rows: *start..start + count, file, at_once })
                .collect();
            let all = Sections::new(sections.clone());
            let mut ends: Vec<u64> = sections.iter().map(|section| section.rows.start).collect();
            for number in 0..all.pieces() {
                let piece = all.piece(number);
                prop_assert_eq!(piece.rows.start, ends[piece.section]);
                ends[piece.section] = piece.rows.end;
                prop_assert_eq!(piece.is_last, piece.rows.end == sections[piece.section].rows.end);
            }
            for (section, end) in sections.iter().zip(ends) {
                prop_assert_eq!(section.rows.end, end);
            }
        }

        #[test]
        fn shares_are_all_rows_once(rows: u64, parts in 1u64..50) {
            let mut end = 0;
            for part in 0..parts {
                let share = share(rows, part, parts);
                prop_assert_eq!(share.start, end);
                end = share.end;
                prop_assert!(share.end - share.start <= rows / parts + 1);
            }
            prop_assert_eq!(end, rows);
        }
    }
}
