//! Plain text, cut into rows of so many tokens, each with the tokens that come next.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ndsl_compiler::plan::{Files, TextShape, Tokens};

use super::aside::{Block, Writer};
use super::byte_pairs::{BytePairs, Words};
use super::error::{DataError, Fault, shown};
use super::files::{Named, expand, named, verify};
use super::numbers::{Kind, Numbers, View};
use super::pieces::Pieces;
use super::places::Places;
use super::{Dataset, Field, Reading, Target, tokenizer_json};

/// What stands for a word that is not known.
const UNKNOWN: &str = "<unknown>";

/// The longest `tokenizer.json` that is read.
const MAX_TOKENIZER: u64 = 256 << 20;

/// How many tokens that were not there in training a message names.
const NAMED: usize = 5;

/// Reads the files one after another and cuts them into rows.
pub(super) fn read(
    files: &Files,
    shape: &TextShape,
    folder: &Path,
    reading: Reading<'_>,
) -> Result<Dataset, DataError> {
    let all = expand(files, folder, reading.cache)?;
    let stamps = verify(files, &all)?;
    let Some(first) = all.first() else {
        return Err(DataError { path: folder.to_path_buf(), span: Default::default(), fault: Fault::NoFiles });
    };
    let known = reading.vocabulary.or(match reading.target {
        Target::As(field) => field.classes.as_deref(),
        _ => None,
    });
    let mut pieces = Pieces::new(&all, stamps, reading.most());
    let tokenizer = tokenizer(&mut pieces, &shape.tokens, known, first, folder)?;
    let tokens = tokenized(&mut pieces, &tokenizer, reading.most(), first)?;
    rows(tokens, tokenizer.vocabulary(), shape, reading, first).map_err(|fault| first.fail(fault))
}

/// What makes tokens of a text, piece by piece.
enum Tokenizer {
    Bytes,
    /// The characters, or the words, in the order of their numbers; words perhaps in small letters.
    Listed {
        vocabulary: Vec<String>,
        words: bool,
        lower: bool,
    },
    Pairs(BytePairs),
}

impl Tokenizer {
    /// What each number stands for, where that is not known from elsewhere.
    fn vocabulary(&self) -> Option<Vec<String>> {
        match self {
            Self::Bytes => None,
            Self::Listed { vocabulary, .. } => Some(vocabulary.clone()),
            Self::Pairs(pairs) => Some(pairs.tokens().to_vec()),
        }
    }
}

/// What makes tokens of the text: as its model knows it, or else learnt of the text or read.
fn tokenizer(
    pieces: &mut Pieces<'_>,
    tokens: &Tokens,
    known: Option<&[String]>,
    first: &Named,
    folder: &Path,
) -> Result<Tokenizer, DataError> {
    let trained = |known: &[String]| {
        BytePairs::new(known.to_vec())
            .map_err(|reason| first.fail(Fault::Tokenizer(format!("its model's tokens: {reason}"))))
    };
    Ok(match (tokens, known) {
        (Tokens::Bytes, _) => Tokenizer::Bytes,
        (Tokens::Characters, Some(known)) => {
            Tokenizer::Listed { vocabulary: known.to_vec(), words: false, lower: false }
        }
        (Tokens::Characters, None) => {
            let mut letters = BTreeSet::new();
            pieces.each(&mut |text| {
                letters.extend(text.chars());
                Ok(())
            })?;
            let vocabulary = letters.into_iter().map(String::from).collect();
            Tokenizer::Listed { vocabulary, words: false, lower: false }
        }
        (Tokens::Words { lower, .. }, Some(known)) => {
            Tokenizer::Listed { vocabulary: known.to_vec(), words: true, lower: *lower }
        }
        (Tokens::Words { vocabulary, lower }, None) => {
            let mut counts = HashMap::new();
            pieces.each(&mut |text| {
                count(&lowered(text, *lower), &mut counts);
                Ok(())
            })?;
            Tokenizer::Listed { vocabulary: commonest(counts, *vocabulary), words: true, lower: *lower }
        }
        (Tokens::Pairs { .. } | Tokens::Tokenizer { .. }, Some(known)) => Tokenizer::Pairs(trained(known)?),
        (Tokens::Pairs { vocabulary }, None) => {
            let mut words = Words::default();
            pieces.each(&mut |text| {
                words.count(text);
                Ok(())
            })?;
            Tokenizer::Pairs(BytePairs::learn(&words, *vocabulary))
        }
        (Tokens::Tokenizer { path }, None) => {
            let file = named(path, folder);
            Tokenizer::Pairs(of_file(&file).map_err(|fault| file.fail(fault))?)
        }
    })
}

/// The tokenizer of a `tokenizer.json`.
fn of_file(file: &Named) -> Result<BytePairs, Fault> {
    let mut opened = file.open().map_err(|error| error.fault)?;
    if opened.len() > MAX_TOKENIZER {
        return Err(Fault::Tokenizer(format!("it has more than the {} MB that are read", MAX_TOKENIZER >> 20)));
    }
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(Fault::io)?;
    opened.unchanged()?;
    tokenizer_json::read(&text).map_err(Fault::Tokenizer)
}

/// The tokens of a text: the bytes of their numbers, in memory until they are too many, and how many there are.
fn tokenized<'a>(
    pieces: &mut Pieces<'_>,
    tokenizer: &Tokenizer,
    most: u64,
    first: &'a Named,
) -> Result<(Store<'a>, usize), DataError> {
    let places: HashMap<&str, u32> = match tokenizer {
        Tokenizer::Listed { vocabulary, .. } => {
            vocabulary.iter().enumerate().map(|(place, token)| (token.as_str(), place as u32)).collect()
        }
        _ => HashMap::new(),
    };
    let mut store = Store::new(most, first);
    let (mut count, mut unknown) = (0, BTreeSet::new());
    pieces.each(&mut |text| {
        let numbers: Vec<u32> = match tokenizer {
            Tokenizer::Bytes => text.bytes().map(u32::from).collect(),
            Tokenizer::Pairs(pairs) => pairs.encode(text),
            Tokenizer::Listed { words: true, lower, .. } => {
                words(&lowered(text, *lower)).map(|word| places.get(word).copied().unwrap_or_default()).collect()
            }
            Tokenizer::Listed { words: false, .. } => {
                let mut buffer = [0; 4];
                let number = |letter: char| {
                    let place = places.get(&*letter.encode_utf8(&mut buffer)).copied();
                    if place.is_none() {
                        unknown.insert(letter);
                    }
                    place.unwrap_or_default()
                };
                text.chars().map(number).collect()
            }
        };
        count += numbers.len();
        store.add(&numbers)
    })?;
    if unknown.is_empty() {
        return Ok((store, count));
    }
    let named: Vec<String> = unknown.iter().take(NAMED).map(|letter| shown(&letter.to_string())).collect();
    let rest = if unknown.len() > NAMED { ", …" } else { "" };
    Err(first.fail(Fault::UnknownTokens { named: format!("{}{rest}", named.join(", ")) }))
}

/// The rows of a text whose tokens, and perhaps the vocabulary, are known. Both fields are views of the same tokens.
fn rows(
    (store, tokens): (Store<'_>, usize),
    vocabulary: Option<Vec<String>>,
    shape: &TextShape,
    reading: Reading<'_>,
    first: &Named,
) -> Result<Dataset, Fault> {
    let TextShape { context, stride, .. } = *shape;
    // Each row needs the token after its last.
    let Some(last) = tokens.checked_sub(context.saturating_add(1)) else {
        return Err(Fault::Short { tokens, wanted: context.saturating_add(1) });
    };
    let rows = last / stride + 1;
    let size = Kind::Token.size();
    let block = store.finish(stride.saturating_mul(size), first)?;
    let field = |name: &str, offset: usize, classes| {
        let view = View::new(&block, rows, offset * size, context, Kind::Token);
        Field::new(name, vec![context], Numbers::Kept(view), classes)
    };
    let mut fields = vec![field("tokens", 0, None)];
    if !matches!(reading.target, Target::Leave) {
        fields.push(field("next", 1, vocabulary));
    }
    Ok(Dataset {
        rows,
        fields,
        target: "next".to_owned(),
        columns: None,
        keys: None,
        places: Places::default(),
        own: None,
    })
}

/// Tokens that come piece by piece, each four bytes: held until they are too many, and then put aside.
struct Store<'a> {
    held: Vec<u8>,
    writer: Option<Writer>,
    most: u64,
    at: &'a Named,
}

impl<'a> Store<'a> {
    fn new(most: u64, at: &'a Named) -> Self {
        Self { held: Vec::new(), writer: None, most, at }
    }

    fn add(&mut self, numbers: &[u32]) -> Result<(), Fault> {
        self.held.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        // Growing takes as much again for a moment.
        if self.writer.is_none() && 2 * self.held.len() as u64 > self.most {
            self.writer = Some(Writer::create(self.at)?);
        }
        if let Some(writer) = &mut self.writer {
            writer.write(&self.held)?;
            self.held = Vec::new();
        }
        Ok(())
    }

    fn finish(self, stride: usize, at: &Named) -> Result<Arc<Block>, Fault> {
        match self.writer {
            Some(writer) => writer.finish(stride),
            None => Ok(Block::held(self.held, stride, at)),
        }
    }
}

/// The text, where it is wanted so in small letters.
fn lowered(text: &str, lower: bool) -> Cow<'_, str> {
    if lower { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
}

/// Counts the words of a text.
fn count(text: &str, counts: &mut HashMap<String, usize>) {
    for word in words(text) {
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => _ = counts.insert(word.to_owned(), 1),
        }
    }
}

/// The unknown word, and the commonest words of a text; of equally common ones those that come first in the alphabet.
fn commonest(counts: HashMap<String, usize>, most: usize) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = counts.into_iter().collect();
    counted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let known = counted.into_iter().map(|(word, _)| word).take(most.saturating_sub(1));
    std::iter::once(UNKNOWN.to_owned()).chain(known).collect()
}

/// The words of a text, and its signs one by one; spaces are left out. An apostrophe or a hyphen inside a word is of it.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let mut end = first.len_utf8();
        if first.is_alphanumeric() {
            let mut letters = rest.char_indices().skip(1).peekable();
            while let Some((at, letter)) = letters.next() {
                let inside = matches!(letter, '\'' | '’' | '-')
                    && letters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
                if !letter.is_alphanumeric() && !inside {
                    break;
                }
                end = at + letter.len_utf8();
            }
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_spaces_and_signs() {
        let found: Vec<&str> = words("Don't stop -- it's 3.5 o'clock,\n  café-bar!").collect();
        assert_eq!(found, ["Don't", "stop", "-", "-", "it's", "3", ".", "5", "o'clock", ",", "café-bar", "!"]);
        let mut counts = HashMap::new();
        count("b a b c a b", &mut counts);
        assert_eq!(commonest(counts, 3), ["<unknown>", "b", "a"]);
        assert_eq!(words(" \n").count(), 0);
    }
}
