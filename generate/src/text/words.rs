//! Words that are copied as blocks.

/// Bytes of a block: most words of a list are shorter.
const BLOCK: usize = 32;

/// A list of words, each at the beginning of a block of its own. Copying all of a block, and taking back what is too much, is several times as
/// fast as finding out how to copy just seven bytes.
#[derive(Debug)]
pub(super) struct Words {
    blocks: Box<str>,
    lengths: Box<[u8]>,
    /// The bytes of each block, as many as the longest word needs.
    width: usize,
}

impl Words {
    /// A list of words of at most 255 bytes each.
    pub fn new<'t>(words: impl Iterator<Item = &'t str> + Clone) -> Self {
        let longest = words.clone().map(str::len).max().unwrap_or_default();
        debug_assert!(longest <= usize::from(u8::MAX), "a word of a list is short");
        let width = longest.next_multiple_of(BLOCK).max(BLOCK);
        let lengths = words.clone().map(|word| word.len() as u8).collect();
        let mut blocks = String::new();
        for word in words {
            let end = blocks.len() + width;
            blocks.push_str(word);
            blocks.extend(std::iter::repeat_n(' ', end - blocks.len()));
        }
        Self { blocks: blocks.into(), lengths, width }
    }

    /// A word by its place.
    #[inline(always)]
    pub fn at(&self, place: usize) -> &str {
        let start = place * self.width;
        &self.blocks[start..start + usize::from(self.lengths[place])]
    }

    /// Writes a word.
    #[inline(always)]
    pub fn write(&self, place: usize, out: &mut String) {
        if self.width == BLOCK {
            let (start, end) = (place * BLOCK, out.len() + usize::from(self.lengths[place]));
            out.push_str(&self.blocks[start..start + BLOCK]);
            out.truncate(end);
        } else {
            out.push_str(self.at(place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_as_they_are() {
        let long = "x".repeat(33);
        for list in [&["a", "", "für", "東京", &long[..32]][..], &["b", &long, "é"]] {
            let words = Words::new(list.iter().copied());
            let mut out = "> ".to_owned();
            (0..list.len()).for_each(|place| words.write(place, &mut out));
            assert_eq!(out, format!("> {}", list.concat()));
            assert!((0..list.len()).all(|place| words.at(place) == list[place]));
        }
    }
}
