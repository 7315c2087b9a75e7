//! The text of files, piece by piece, as often as it is wanted.

use std::io::Read;

use super::error::{DataError, Fault};
use super::files::{Named, Opened, Stamp};

/// The bytes of a piece, about.
const PIECE: usize = 8 << 20;

/// Texts are read once and held where they have fewer bytes, so that what is no file can be read, too.
const HELD: u64 = 64 << 20;

/// The files of a text.
pub(super) struct Pieces<'a> {
    files: &'a [Named],
    /// What the files were like when they were read first, or hashed.
    stamps: Vec<Stamp>,
    /// All pieces, where they are few.
    held: Option<Vec<String>>,
    most: u64,
    piece: usize,
}

impl<'a> Pieces<'a> {
    /// Of files that were like `stamps` when they were hashed; `most` bytes may be held.
    pub(super) fn new(files: &'a [Named], stamps: Vec<Stamp>, most: u64) -> Self {
        Self { files, stamps, held: None, most: most.min(HELD), piece: PIECE }
    }

    /// Hands over each piece. All but the last end where a space stands behind what is none, so that no word, however it is cut, is in
    /// two.
    ///
    /// # Errors
    /// Where a file cannot be read, is no text, has changed, or where `each` says so; and where all of them are empty.
    pub(super) fn each(&mut self, each: &mut dyn FnMut(&str) -> Result<(), Fault>) -> Result<(), DataError> {
        let Some(first) = self.files.first() else { return Ok(()) };
        if let Some(held) = &self.held {
            return held.iter().try_for_each(|piece| each(piece)).map_err(|fault| first.fail(fault));
        }
        let (mut keep, mut size) = (Some(Vec::new()), 0);
        let mut text = String::new();
        let mut hand_over = |piece: &str| {
            size += piece.len() as u64;
            match &mut keep {
                Some(pieces) if size <= self.most => pieces.push(piece.to_owned()),
                keep => *keep = None,
            }
            each(piece)
        };
        for (index, file) in self.files.iter().enumerate() {
            let fail = |fault: Fault| file.fail(fault);
            let mut opened = file.open()?;
            match self.stamps.get(index) {
                Some(stamp) => opened.is_still(stamp).map_err(fail)?,
                None => self.stamps.push(opened.stamp()),
            }
            let mut decoder = Decoder::default();
            while decoder.more(&mut opened, self.piece, &mut text).map_err(fail)? {
                if text.len() >= self.piece
                    && let Some(end) = end(&text)
                {
                    hand_over(&text[..end]).map_err(|fault| first.fail(fault))?;
                    text.drain(..end);
                }
            }
            opened.unchanged().map_err(fail)?;
        }
        if !text.is_empty() {
            hand_over(&text).map_err(|fault| first.fail(fault))?;
        }
        self.held = keep;
        if size == 0 { Err(first.fail(Fault::Empty)) } else { Ok(()) }
    }
}

/// The last place in a text where a space stands behind what is none.
fn end(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().rev().peekable();
    while let Some((place, letter)) = letters.next() {
        if letter.is_whitespace() && letters.peek().is_some_and(|(_, before)| !before.is_whitespace()) {
            return Some(place);
        }
    }
    None
}

/// Reads a file as UTF-8.
#[derive(Default)]
struct Decoder {
    /// The bytes of a letter that has begun.
    begun: Vec<u8>,
    /// Whether the mark that some files begin with was looked for.
    underway: bool,
    lines: u64,
}

impl Decoder {
    /// Adds so many bytes' worth of text; whether there may be more.
    fn more(&mut self, file: &mut Opened, count: usize, text: &mut String) -> Result<bool, Fault> {
        let mut bytes = std::mem::take(&mut self.begun);
        let before = bytes.len();
        file.take(count as u64).read_to_end(&mut bytes).map_err(Fault::io)?;
        let ended = bytes.len() == before;
        let valid = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            // A letter may have been cut where the bytes end, but for the last of them.
            Err(error) if error.error_len().is_none() && !ended => error.valid_up_to(),
            Err(error) => {
                let line = self.lines + lines(&bytes[..error.valid_up_to()]) + 1;
                return Err(Fault::NotText { line });
            }
        };
        self.begun = bytes.split_off(valid);
        self.lines += lines(&bytes);
        let added = String::from_utf8(bytes).unwrap_or_default();
        let mark = if self.underway { None } else { added.strip_prefix('\u{feff}') };
        self.underway |= !added.is_empty();
        text.push_str(mark.unwrap_or(&added));
        Ok(!ended)
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(files: &[&[u8]], piece: usize, most: u64) -> Result<(Vec<String>, Vec<String>), String> {
        let folder = tempfile::tempdir().unwrap();
        let named = |(place, bytes): (usize, &&[u8])| {
            let path = folder.path().join(place.to_string());
            std::fs::write(&path, bytes).unwrap();
            Named { path, span: Default::default(), address: None }
        };
        let files: Vec<Named> = files.iter().enumerate().map(named).collect();
        let mut pieces = Pieces { piece, ..Pieces::new(&files, Vec::new(), most) };
        let mut all = || {
            let mut all = Vec::new();
            pieces.each(&mut |piece| {
                all.push(piece.to_owned());
                Ok(())
            })?;
            Ok(all)
        };
        let found = all().and_then(|first| Ok((first, all()?)));
        found.map_err(|error: DataError| error.fault.to_string())
    }

    #[test]
    fn pieces_end_before_a_space_and_lose_nothing() {
        let text = "der  Bär\n\nißt  süß und viel";
        for piece in 1..40 {
            for most in [0, 1000] {
                let (first, second) = pieces(&[text.as_bytes(), b" - X"], piece, most).unwrap();
                assert_eq!(first.concat(), format!("{text} - X"));
                assert_eq!(first, second);
                assert!(first.iter().skip(1).all(|piece| piece.starts_with(char::is_whitespace)), "{first:?}");
            }
        }
        assert_eq!(pieces(&["\u{feff}ab".as_bytes(), "\u{feff}c".as_bytes()], 2, 0).unwrap().0.concat(), "abc");
    }

    #[test]
    fn what_is_no_text_is_told_by_its_line() {
        for piece in 1..12 {
            assert_eq!(pieces(&[b"ab\ncd\n\xffe"], piece, 0).unwrap_err(), "line 3 is not UTF-8 text");
            assert_eq!(
                pieces(&["aé".as_bytes().split_last().unwrap().1], piece, 0).unwrap_err(),
                "line 1 is not UTF-8 text"
            );
        }
        assert_eq!(pieces(&[b"", b""], 4, 0).unwrap_err(), "the file is empty");
    }
}
