//! Plain text, cut into rows of so many tokens, each with the tokens that come next.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;

use ndsl_compiler::plan::{Files, TextShape, Tokens};

use super::byte_pairs::BytePairs;
use super::error::{DataError, Fault, shown};
use super::files::{Named, expand, named, verify};
use super::places::Places;
use super::{Dataset, Field, Reading, Target};
use crate::memory;
use crate::tensor::TensorData;

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
    let all = expand(files, folder)?;
    let stamps = verify(files, &all)?;
    let mut text = String::new();
    for (index, file) in all.iter().enumerate() {
        let read = (|| {
            let mut opened = file.open().map_err(|error| error.fault)?;
            stamps.get(index).map_or(Ok(()), |stamp| opened.is_still(stamp))?;
            let room = memory::available().unwrap_or(u64::MAX);
            // Every byte may become two numbers.
            if opened.len().saturating_mul(24) > room {
                return Err(Fault::TooLarge { rows: 0, room });
            }
            let mut bytes = Vec::new();
            opened.read_to_end(&mut bytes).map_err(Fault::io)?;
            opened.unchanged()?;
            let added = std::str::from_utf8(&bytes).map_err(|error| {
                let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
                Fault::NotText { line }
            })?;
            text.push_str(added.strip_prefix('\u{feff}').unwrap_or(added));
            Ok(())
        })();
        read.map_err(|fault| file.fail(fault))?;
    }
    let Some(first) = all.first() else {
        return Err(DataError { path: folder.to_path_buf(), span: Default::default(), fault: Fault::NoFiles });
    };
    if text.is_empty() {
        return Err(first.fail(Fault::Empty));
    }
    let known = reading.vocabulary.or(match reading.target {
        Target::As(field) => field.classes.as_deref(),
        _ => None,
    });
    let tokens = tokenized(&text, &shape.tokens, known, first, folder)?;
    rows(tokens, shape, reading).map_err(|fault| first.fail(fault))
}

/// The tokenizer of a `tokenizer.json`.
fn tokenizer(file: &Named) -> Result<BytePairs, Fault> {
    let mut opened = file.open().map_err(|error| error.fault)?;
    if opened.len() > MAX_TOKENIZER {
        return Err(Fault::Tokenizer(format!("it has more than the {} MB that are read", MAX_TOKENIZER >> 20)));
    }
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(Fault::io)?;
    opened.unchanged()?;
    BytePairs::read(&text).map_err(Fault::Tokenizer)
}

/// The rows of a text whose tokens, and perhaps the vocabulary, are known.
fn rows(
    (tokens, vocabulary): (Vec<i64>, Option<Vec<String>>),
    shape: &TextShape,
    reading: Reading<'_>,
) -> Result<Dataset, Fault> {
    let TextShape { context, stride, .. } = *shape;
    // Each row needs the token after its last.
    let Some(last) = tokens.len().checked_sub(context + 1) else {
        return Err(Fault::Short { tokens: tokens.len(), wanted: context + 1 });
    };
    let rows = last / stride + 1;
    let room = memory::available().unwrap_or(u64::MAX);
    if (rows as u64).saturating_mul(context as u64).saturating_mul(16) > room {
        return Err(Fault::TooLarge { rows: (room / 16) as usize / context, room });
    }
    let cut = |offset: usize| {
        let row = |row: usize| &tokens[row * stride + offset..][..context];
        TensorData::I64((0..rows).flat_map(row).copied().collect())
    };
    let field = |name: &str, data, classes| Field::new(name, vec![context], data, classes);
    let mut fields = vec![field("tokens", cut(0), None)];
    if !matches!(reading.target, Target::Leave) {
        fields.push(field("next", cut(1), vocabulary));
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

/// The tokens of a text as numbers, and what each number stands for, where that is not known from elsewhere.
type Tokenized = (Vec<i64>, Option<Vec<String>>);

fn tokenized(
    text: &str,
    tokens: &Tokens,
    known: Option<&[String]>,
    first: &Named,
    folder: &Path,
) -> Result<Tokenized, DataError> {
    let trained = |known: &[String]| {
        BytePairs::new(known.to_vec())
            .map_err(|reason| first.fail(Fault::Tokenizer(format!("its model's tokens: {reason}"))))
    };
    let pairs = match (tokens, known) {
        (Tokens::Bytes, _) => return Ok((text.bytes().map(i64::from).collect(), None)),
        (Tokens::Characters, known) => return characters(text, known).map_err(|fault| first.fail(fault)),
        (Tokens::Words { vocabulary, lower }, known) => return Ok(in_words(text, *vocabulary, *lower, known)),
        (Tokens::Pairs { .. } | Tokens::Tokenizer { .. }, Some(known)) => trained(known)?,
        (Tokens::Pairs { vocabulary }, None) => BytePairs::learn(text, *vocabulary),
        (Tokens::Tokenizer { path }, None) => {
            let file = named(path, folder);
            tokenizer(&file).map_err(|fault| file.fail(fault))?
        }
    };
    Ok((pairs.encode(text), Some(pairs.tokens().to_vec())))
}

fn characters(text: &str, known: Option<&[String]>) -> Result<Tokenized, Fault> {
    let vocabulary = match known {
        Some(known) => known.to_vec(),
        None => text.chars().collect::<BTreeSet<char>>().into_iter().map(String::from).collect(),
    };
    let places: HashMap<&str, i64> =
        vocabulary.iter().enumerate().map(|(place, token)| (token.as_str(), place as i64)).collect();
    let mut buffer = [0; 4];
    let mut unknown = BTreeSet::new();
    let mut number = |letter: char| {
        let place = places.get(&*letter.encode_utf8(&mut buffer)).copied();
        if place.is_none() {
            unknown.insert(letter);
        }
        place.unwrap_or_default()
    };
    let numbers = text.chars().map(&mut number).collect();
    if unknown.is_empty() {
        return Ok((numbers, Some(vocabulary)));
    }
    let named: Vec<String> = unknown.iter().take(NAMED).map(|letter| shown(&letter.to_string())).collect();
    let rest = if unknown.len() > NAMED { ", …" } else { "" };
    Err(Fault::UnknownTokens { named: format!("{}{rest}", named.join(", ")) })
}

fn in_words(text: &str, most: usize, lower: bool, known: Option<&[String]>) -> Tokenized {
    let lowered;
    let text = match lower {
        true => {
            lowered = text.to_lowercase();
            &lowered
        }
        false => text,
    };
    let vocabulary = known.map_or_else(|| commonest(text, most), <[String]>::to_vec);
    let places: HashMap<&str, i64> =
        vocabulary.iter().enumerate().map(|(place, token)| (token.as_str(), place as i64)).collect();
    let numbers = words(text).map(|word| places.get(word).copied().unwrap_or_default()).collect();
    (numbers, Some(vocabulary))
}

/// The unknown word, and the commonest words of a text; of equally common ones those that come first in the alphabet.
fn commonest(text: &str, most: usize) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    words(text).for_each(|word| *counts.entry(word).or_default() += 1);
    let mut counted: Vec<(&str, usize)> = counts.into_iter().collect();
    counted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let known = counted.into_iter().map(|(word, _)| word).take(most.saturating_sub(1));
    std::iter::once(UNKNOWN).chain(known).map(str::to_owned).collect()
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
        assert_eq!(commonest("b a b c a b", 3), ["<unknown>", "b", "a"]);
        assert_eq!(words(" \n").count(), 0);
    }

    #[test]
    fn characters_are_numbered_in_their_order() {
        let (numbers, vocabulary) = characters("caé a", None).unwrap();
        assert_eq!(vocabulary.unwrap(), [" ", "a", "c", "é"]);
        assert_eq!(numbers, [2, 1, 3, 0, 1]);
        let known = ["a".to_owned(), "b".to_owned()];
        let error = characters("abc!", Some(&known)).unwrap_err().to_string();
        assert_eq!(error, "it has characters that did not occur in training: \"!\", \"c\"");
    }
}
