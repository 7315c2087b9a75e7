//! How often each value of a column stands there, exactly, as long as few are different.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// The most different values that are counted.
pub const MOST: usize = 4096;

/// The most bytes that these may have together.
const MOST_BYTES: usize = 256 << 10;

/// The hash of a value's bytes, the same in every run.
#[inline]
pub fn hash(bytes: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one(bytes)
}

/// The hash of a number.
#[inline]
pub fn hash_number(bits: u64) -> u64 {
    FixedState::with_seed(0).hash_one(bits)
}

/// A value that is counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'c> {
    /// What its bytes are.
    pub kind: u8,
    /// Its bytes.
    pub bytes: &'c [u8],
    /// How often it is there.
    pub count: u64,
    /// In which row it came first.
    pub first: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    count: u64,
    first: u64,
    start: u32,
    end: u32,
    kind: u8,
}

/// The values of a column with their counts.
#[derive(Debug)]
pub struct Counts {
    /// Places in `entries`, one more than they are; 0 where there is none.
    slots: Vec<u32>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

impl Default for Counts {
    fn default() -> Self {
        Self { slots: vec![0; 64], entries: Vec::new(), bytes: Vec::new() }
    }
}

impl Counts {
    /// Counts a value, which stands in row `row`; false where it is one too many, which is not counted then.
    #[inline]
    pub fn add(&mut self, kind: u8, bytes: &[u8], row: u64) -> bool {
        let hash = hash(bytes);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let place = self.slots[slot];
            if place == 0 {
                return self.insert(slot, Entry { hash, count: 1, first: row, start: 0, end: 0, kind }, bytes);
            }
            let entry = &mut self.entries[place as usize - 1];
            if entry.hash == hash
                && entry.kind == kind
                && self.bytes[entry.start as usize..entry.end as usize] == *bytes
            {
                entry.count += 1;
                return true;
            }
            slot = (slot + 1) & mask;
        }
    }

    #[cold]
    fn insert(&mut self, slot: usize, entry: Entry, bytes: &[u8]) -> bool {
        if self.entries.len() == MOST || self.bytes.len() + bytes.len() > MOST_BYTES {
            return false;
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.entries.push(Entry { start, end: self.bytes.len() as u32, ..entry });
        self.slots[slot] = self.entries.len() as u32;
        if 2 * self.entries.len() > self.slots.len() {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let mask = 2 * self.slots.len() - 1;
        self.slots = vec![0; mask + 1];
        for (place, entry) in self.entries.iter().enumerate() {
            let mut slot = entry.hash as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = place as u32 + 1;
        }
    }

    /// The values in the order of their first rows.
    pub fn iter(&self) -> impl Iterator<Item = Counted<'_>> {
        self.entries.iter().map(|entry| Counted {
            kind: entry.kind,
            bytes: &self.bytes[entry.start as usize..entry.end as usize],
            count: entry.count,
            first: entry.first,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_in_the_order_of_their_first_rows() {
        let mut counts = Counts::default();
        for (row, text) in ["b", "a", "b", "", "b"].iter().enumerate() {
            assert!(counts.add(0, text.as_bytes(), row as u64));
        }
        assert!(counts.add(1, b"b", 9));
        let all: Vec<(u8, &[u8], u64, u64)> =
            counts.iter().map(|one| (one.kind, one.bytes, one.count, one.first)).collect();
        assert_eq!(all, [(0, &b"b"[..], 3, 0), (0, b"a", 1, 1), (0, b"", 1, 3), (1, b"b", 1, 9)]);
    }

    #[test]
    fn what_is_one_too_many_is_not_counted() {
        let mut counts = Counts::default();
        for number in 0..MOST as u64 {
            assert!(counts.add(0, &number.to_le_bytes(), number));
        }
        assert!(!counts.add(0, b"another", 0) && counts.add(0, &7u64.to_le_bytes(), 0));
        assert_eq!(counts.iter().count(), MOST);
        assert!(!Counts::default().add(0, &vec![b'x'; MOST_BYTES + 1], 0));
    }
}
