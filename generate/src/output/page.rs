//! Bytes that are written one cell after another.

/// Short texts are copied as so many bytes at once, whatever their length: the next cell is written over what was too much. That is
/// several times as fast as finding out how to copy just eleven bytes.
const BLOCK: usize = 32;

/// Memory that grows, is written from its beginning, and can be used again.
#[derive(Debug, Default)]
pub struct Page {
    /// More than what is written.
    bytes: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
}

impl Page {
    /// What is written.
    pub fn written(&self) -> &[u8] {
        &self.bytes[..self.at]
    }

    /// Begins anew, in the same memory.
    pub fn clear(&mut self) {
        self.at = 0;
    }

    /// Writes a text of another hand.
    pub fn write(&mut self, text: &str) {
        self.put(text.as_bytes());
    }

    /// Goes on with a pen, at which the page is then.
    #[inline(always)]
    pub(super) fn with_pen(&mut self, write: impl FnOnce(&mut Pen)) {
        let mut pen = Pen { bytes: &mut self.bytes, at: self.at };
        write(&mut pen);
        self.at = pen.at;
    }

    /// Writes a text of any length.
    pub(super) fn put(&mut self, text: &[u8]) {
        let end = self.at + text.len();
        if self.bytes.len() < end {
            grow(&mut self.bytes, end);
        }
        self.bytes[self.at..end].copy_from_slice(text);
        self.at = end;
    }

    /// Writes a text with one of its bytes twice wherever it comes.
    pub(super) fn doubled(&mut self, text: &[u8], byte: u8) {
        for (place, piece) in text.split(|other| *other == byte).enumerate() {
            if place > 0 {
                self.put(&[byte, byte]);
            }
            self.put(piece);
        }
    }
}

#[cold]
#[inline(never)]
fn grow(bytes: &mut Vec<u8>, wanted: usize) {
    bytes.resize(wanted.max(bytes.len() * 2).max(4096), 0);
}

/// What writes on a page cell by cell. The place it is at stays in a register: each cell begins where the one before ends, so waiting
/// for memory to have the place would be most of what a row costs. For this no call that is not compiled in place may be given
/// the pen; such calls are given the page.
pub(super) struct Pen<'a> {
    bytes: &'a mut Vec<u8>,
    at: usize,
}

impl Pen<'_> {
    /// Has something long or rare written.
    #[cold]
    #[inline(always)]
    pub(super) fn page(&mut self, write: impl FnOnce(&mut Page)) {
        let mut page = Page { bytes: std::mem::take(self.bytes), at: self.at };
        write(&mut page);
        *self.bytes = page.bytes;
        self.at = page.at;
    }

    /// Writes the first `length` bytes of a block.
    #[inline(always)]
    pub(super) fn block<const N: usize>(&mut self, block: [u8; N], length: usize) {
        let end = self.at + N;
        if self.bytes.len() < end {
            grow(self.bytes, end);
        }
        self.bytes[self.at..end].copy_from_slice(&block);
        self.at += length;
    }

    /// Writes one byte.
    #[inline(always)]
    pub(super) fn byte(&mut self, byte: u8) {
        self.block([byte], 1);
    }

    /// Writes a few bytes that are known as the program is compiled.
    #[inline(always)]
    pub(super) fn put(&mut self, text: &'static [u8]) {
        let end = self.at + text.len();
        if self.bytes.len() < end {
            grow(self.bytes, end);
        }
        self.bytes[self.at..end].copy_from_slice(text);
        self.at = end;
    }

    /// Writes what stands between two places of a text that may go on behind it.
    #[inline(always)]
    pub(super) fn part(&mut self, text: &[u8], start: usize, end: usize) {
        let length = end - start;
        let rest = &text[start..];
        if let Some(first) = rest.first_chunk::<BLOCK>()
            && length <= BLOCK
        {
            self.block(*first, length);
        } else if let Some(both) = rest.first_chunk::<{ 2 * BLOCK }>()
            && length <= 2 * BLOCK
        {
            self.block(*both, length);
        } else {
            self.page(|page| page.put(&rest[..length]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_what_was_given(parts in proptest::collection::vec((0usize..150, 0usize..150), 0..60)) {
            let text: Vec<u8> = (0..150).collect();
            let (mut page, mut expected) = (Page::default(), Vec::new());
            for (one, other) in parts {
                let (start, end) = (one.min(other), one.max(other));
                page.with_pen(|pen| {
                    pen.part(&text, start, end);
                    pen.byte(b',');
                });
                expected.extend_from_slice(&text[start..end]);
                expected.push(b',');
            }
            prop_assert_eq!(page.written(), &expected[..]);
        }
    }
}
