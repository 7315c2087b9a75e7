//! Cuts a text into records, and records into cells.
//!
//! Most lines of most files have no quotation mark: they are cut where the separators stand, found 64 bytes at a time. A record with one is
//! read by `csv-core`, whose rules these are: a separator or the end of a line between quotation marks is of the cell, a doubled quotation mark is
//! one, and one within a cell that did not begin with it means nothing. Lines end with a line feed, a carriage return or both, and empty ones are passed over.

use std::io::Read;

use csv_core::ReadRecordResult;

use super::super::error::Fault;

/// What is read at once.
const BUFFER: usize = 1 << 18;

/// The longest record that is read.
const MAX_RECORD: usize = 64 << 20;

/// A record: the cells of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'r> {
    /// The line on which it begins, counted from 1.
    pub(super) line: u64,
    bytes: &'r [u8],
    /// Where each cell ends.
    ends: &'r [usize],
    /// The bytes between two cells.
    gap: usize,
    /// What it was read from where it has quotation marks, and what is between its cells there.
    quoted: Option<(&'r [u8], u8)>,
}

impl<'r> Record<'r> {
    /// How many cells it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Which of its cells begin with a quotation mark; nothing where none does.
    pub(super) fn marks<'m>(&self, marks: &'m mut Vec<bool>) -> Option<&'m [bool]> {
        let (bytes, delimiter) = self.quoted?;
        marks.clear();
        let mut rest = bytes;
        loop {
            marks.push(rest.first() == Some(&b'"'));
            if let Some(inside) = rest.strip_prefix(b"\"") {
                rest = inside;
                // A doubled mark is one of the text: what stands behind it is still between marks, as is all where none closes.
                loop {
                    let Some(mark) = memchr::memchr(b'"', rest) else { break rest = &[] };
                    rest = &rest[mark + 1..];
                    match rest.strip_prefix(b"\"") {
                        Some(inside) => rest = inside,
                        None => break,
                    }
                }
            }
            match memchr::memchr(delimiter, rest) {
                Some(end) => rest = &rest[end + 1..],
                None => return Some(marks),
            }
        }
    }

    /// One of its cells; an empty one where it has none there.
    #[inline]
    pub(super) fn cell(&self, place: usize) -> &'r [u8] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + self.gap);
        self.ends.get(place).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default()
    }
}

/// Where a record was found.
enum Found {
    /// In the buffer, as it is.
    Plain { start: usize, end: usize },
    /// Among what was unquoted: so many bytes of it.
    Quoted { length: usize },
}

/// The records of a text.
pub(super) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    /// What of the buffer is still to be cut, and how much of it is known to be within one record.
    start: usize,
    filled: usize,
    searched: usize,
    /// Whether the source has no more.
    ended: bool,
    /// Whether the last line ended with a carriage return, which a line feed may follow.
    after_return: bool,
    line: u64,
    delimiter: u8,
    quotes: csv_core::Reader,
    unquoted: Vec<u8>,
    /// What a record with quotation marks was read from.
    raw: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> Records<R> {
    /// Begins with a text, whose byte-order mark is passed over.
    pub(super) fn new(source: R, delimiter: u8) -> Result<Self, Fault> {
        let mut records = Self {
            source,
            buffer: vec![0; BUFFER],
            start: 0,
            filled: 0,
            searched: 0,
            ended: false,
            after_return: false,
            line: 1,
            delimiter,
            quotes: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            unquoted: Vec::new(),
            raw: Vec::new(),
            ends: Vec::new(),
        };
        while records.filled < 3 && !records.ended {
            records.fill()?;
        }
        if records.buffer[..records.filled].starts_with(b"\xef\xbb\xbf") {
            records.start = 3;
        }
        Ok(records)
    }

    /// The next record; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Fault> {
        let found = self.find()?;
        Ok(match found {
            None => None,
            Some((line, Found::Plain { start, end })) => {
                let bytes = &self.buffer[start..end];
                split(bytes, self.delimiter, &mut self.ends);
                Some(Record { line, bytes, ends: &self.ends, gap: 1, quoted: None })
            }
            Some((line, Found::Quoted { length })) => {
                let quoted = Some((&self.raw[..], self.delimiter));
                Some(Record { line, bytes: &self.unquoted[..length], ends: &self.ends, gap: 0, quoted })
            }
        })
    }

    /// Finds the next record that is not an empty line, and the line on which it begins.
    fn find(&mut self) -> Result<Option<(u64, Found)>, Fault> {
        loop {
            let rest = &self.buffer[self.start..self.filled];
            if self.after_return && !rest.is_empty() {
                self.after_return = false;
                self.start += usize::from(rest[0] == b'\n');
                continue;
            }
            let Some(length) = memchr::memchr3(b'\n', b'\r', b'"', &rest[self.searched..]).map(|at| at + self.searched)
            else {
                self.searched = rest.len();
                if !self.ended {
                    self.fill()?;
                    continue;
                }
                let (start, end) = (self.start, self.filled);
                (self.start, self.searched) = (end, 0);
                return Ok((start < end).then_some((self.line, Found::Plain { start, end })));
            };
            if rest[length] == b'"' {
                return self.quoted().map(Some);
            }
            self.after_return = rest[length] == b'\r';
            let (start, line) = (self.start, self.line);
            (self.start, self.searched) = (start + length + 1, 0);
            self.line += 1;
            if length > 0 {
                return Ok(Some((line, Found::Plain { start, end: start + length })));
            }
        }
    }

    /// Reads the next record by the rules of quotation marks.
    fn quoted(&mut self) -> Result<(u64, Found), Fault> {
        let line = self.line;
        let (mut length, mut count, mut last) = (0, 0, 0);
        self.searched = 0;
        self.raw.clear();
        // As many as there is room for; what is not used is cut off at the end.
        self.ends.resize(self.ends.capacity().max(64), 0);
        loop {
            let input = &self.buffer[self.start..self.filled];
            let (result, read, written, ended) =
                self.quotes.read_record(input, &mut self.unquoted[length..], &mut self.ends[count..]);
            let taken = &input[..read];
            self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
            self.raw.extend_from_slice(taken);
            last = taken.last().copied().unwrap_or(last);
            self.start += read;
            (length, count) = (length + written, count + ended);
            match result {
                ReadRecordResult::InputEmpty if self.ended => {}
                ReadRecordResult::InputEmpty => self.fill()?,
                ReadRecordResult::OutputFull if self.unquoted.len() < MAX_RECORD => {
                    self.unquoted.resize((2 * self.unquoted.len()).max(BUFFER), 0);
                }
                ReadRecordResult::OutputFull => return Err(self.too_long(line)),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record | ReadRecordResult::End => {
                    self.after_return = last == b'\r';
                    self.line += u64::from(self.after_return);
                    self.ends.truncate(count);
                    return Ok((line, Found::Quoted { length }));
                }
            }
        }
    }

    /// Reads more behind what is still to be cut.
    fn fill(&mut self) -> Result<(), Fault> {
        self.buffer.copy_within(self.start..self.filled, 0);
        (self.start, self.filled) = (0, self.filled - self.start);
        if self.filled >= MAX_RECORD {
            return Err(self.too_long(self.line));
        }
        if 2 * self.filled > self.buffer.len() {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        let read = loop {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read.map_err(Fault::io)?,
            }
        };
        self.filled += read;
        self.ended = read == 0;
        Ok(())
    }

    fn too_long(&self, line: u64) -> Fault {
        let size = MAX_RECORD >> 20;
        let reason =
            format!("the row of line {line} is longer than the {size} MB that are read; is a quotation mark missing?");
        Fault::Form { noun: "CSV file", reason }
    }
}

/// Finds where the cells of a line end.
fn split(line: &[u8], delimiter: u8, ends: &mut Vec<usize>) {
    /// A byte in each place of a word.
    const EACH: u64 = 0x0101_0101_0101_0101;
    ends.clear();
    let wanted = u64::from(delimiter) * EACH;
    let (blocks, rest) = line.as_chunks::<64>();
    for (place, block) in blocks.iter().enumerate() {
        let mut found = 0u64;
        for (place, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
            let other = u64::from_le_bytes(*bytes) ^ wanted;
            // The highest bit of each byte that is the delimiter, and these bits side by side.
            let same = !(((other & (EACH * 0x7f)) + EACH * 0x7f) | other) & (EACH << 7);
            found |= (same.wrapping_mul(0x0002_0408_1020_4081) >> 56) << (8 * place);
        }
        while found != 0 {
            ends.push(64 * place + found.trailing_zeros() as usize);
            found &= found - 1;
        }
    }
    let before = line.len() - rest.len();
    ends.extend(rest.iter().enumerate().filter(|(_, byte)| **byte == delimiter).map(|(place, _)| before + place));
    ends.push(line.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Drops<'t>(&'t [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn records(text: &[u8], drop: usize) -> Vec<(u64, Vec<Vec<u8>>)> {
        let mut records = Records::new(Drops(text, drop), b',').unwrap();
        let mut all = Vec::new();
        while let Some(record) = records.next().unwrap() {
            all.push((record.line, (0..record.len()).map(|place| record.cell(place).to_vec()).collect()));
        }
        all
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        let text = b"\xef\xbb\xbfa,b\r\n\r\n1,\"two\nlines\"\r\n3,\"say \"\"x\"\"\"\n\n5,x\"y\r6,";
        let cells: Vec<(u64, Vec<String>)> = records(text, 1)
            .into_iter()
            .map(|(line, cells)| (line, cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()))
            .collect();
        let row = |line, cells: [&str; 2]| (line, cells.map(str::to_owned).to_vec());
        assert_eq!(
            cells,
            [
                row(1, ["a", "b"]),
                row(3, ["1", "two\nlines"]),
                row(5, ["3", "say \"x\""]),
                row(7, ["5", "x\"y"]),
                row(8, ["6", ""]),
            ]
        );
    }

    #[test]
    fn a_long_line_is_cut_at_every_separator() {
        let line: Vec<String> = (0..500).map(|number| number.to_string()).collect();
        let cells: Vec<Vec<u8>> = line.iter().map(|cell| cell.clone().into_bytes()).collect();
        assert_eq!(records(line.join(",").as_bytes(), 1 << 20), [(1, cells)]);
    }

    #[test]
    fn an_empty_cell_between_quotation_marks_is_told_from_an_empty_one() {
        let text = b"a,\"\",,\"x,\"\"\",\"\"\n\"\",b\n\"\"\n1,2\r\n,\"\"x,\"\"\"\"";
        let mut records = Records::new(Drops(text, 3), b',').unwrap();
        let (mut all, mut marks) = (Vec::new(), Vec::new());
        while let Some(record) = records.next().unwrap() {
            all.push(record.marks(&mut marks).map(<[bool]>::to_vec));
        }
        let (no, yes) = (false, true);
        assert_eq!(
            all,
            [Some(vec![no, yes, no, yes, yes]), Some(vec![yes, no]), Some(vec![yes]), None, Some(vec![no, yes, yes])]
        );
    }

    proptest! {
        #[test]
        fn every_cell_has_its_mark(text in "[a,\"\n]{0,200}", drop in 1usize..40) {
            let mut records = Records::new(Drops(text.as_bytes(), drop), b',').unwrap();
            let mut marks = Vec::new();
            while let Some(record) = records.next().unwrap() {
                if let Some(marks) = record.marks(&mut marks) {
                    prop_assert_eq!(marks.len(), record.len());
                }
            }
        }

        #[test]
        fn records_are_those_of_the_csv_crate(text in "[a,\"\n\r ]{0,200}", drop in 1usize..40) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<Vec<u8>>> =
                reader.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect();
            let ours: Vec<Vec<Vec<u8>>> = records(text.as_bytes(), drop).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
