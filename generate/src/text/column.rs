//! Many texts, one after another in one piece of memory.

use arrow_array::StringArray;
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

/// The texts of a column's rows, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The text of all, without anything between.
    bytes: String,
    /// Where each ends.
    ends: Vec<i32>,
}

impl Texts {
    /// Room for so many texts of about so many bytes each.
    pub fn with_capacity(count: usize, bytes: usize) -> Self {
        Self { bytes: String::with_capacity(count * bytes), ends: Vec::with_capacity(count) }
    }

    /// Where the next text is written; [`Self::end`] ends it.
    #[inline(always)]
    pub fn open(&mut self) -> &mut String {
        &mut self.bytes
    }

    /// What was written since the last text is one.
    #[inline(always)]
    pub fn end(&mut self) {
        self.ends.push(self.bytes.len() as i32);
    }

    /// One more text.
    #[inline(always)]
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.end();
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Leaves none, and the room there is.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// How many bytes all texts have.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The text at a place.
    pub fn get(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.bytes[start..self.ends[place] as usize]
    }

    /// Each text, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.get(place))
    }

    /// The same as an Arrow array.
    pub fn into_arrow(self, nulls: Option<NullBuffer>) -> StringArray {
        let mut offsets = self.ends;
        offsets.insert(0, 0);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        StringArray::new(offsets, Buffer::from_vec(self.bytes.into_bytes()), nulls)
    }
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Self {
        let mut all = Self::default();
        texts.into_iter().for_each(|text| all.push(text));
        all
    }
}
