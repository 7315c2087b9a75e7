//! The tokens a language model knows: texts as tokens, and what each token is as text.

use std::collections::HashMap;

use ndsl_compiler::plan::Tokens;

use crate::data::{BytePairs, shown, words};

/// The tokens a language model knows.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    kind: Kind,
    /// What each token is called; of bytes nothing.
    tokens: Vec<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    Bytes,
    Characters(HashMap<char, i64>),
    Words { places: HashMap<String, i64>, lower: bool },
    Pairs(BytePairs),
}

/// A piece of a text that the model has no token for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {noun} {piece} at {place} did not occur in what the model was trained on; {known}")]
pub struct UnknownToken {
    /// `character` or `word`.
    noun: &'static str,
    /// The piece, between quotation marks.
    piece: String,
    /// Where it stands.
    place: String,
    /// What the model knows instead.
    known: String,
}

/// The most characters that a message lists.
const LISTED: usize = 40;

impl Vocabulary {
    /// The tokens of a dataset, of which a trained model knows the names.
    ///
    /// # Errors
    /// Where the names are not those of such tokens.
    pub fn new(tokens: &Tokens, names: Option<&[String]>) -> Result<Self, String> {
        let names = names.unwrap_or_default().to_vec();
        let kind = match tokens {
            Tokens::Bytes => Kind::Bytes,
            Tokens::Characters => {
                let place = |(place, name): (usize, &String)| Some((name.chars().next()?, place as i64));
                Kind::Characters(names.iter().enumerate().filter_map(place).collect())
            }
            Tokens::Words { lower, .. } => {
                let place = |(place, name): (usize, &String)| (name.clone(), place as i64);
                Kind::Words { places: names.iter().enumerate().map(place).collect(), lower: *lower }
            }
            Tokens::Pairs { .. } | Tokens::Tokenizer { .. } => Kind::Pairs(BytePairs::new(names.clone())?),
        };
        match (&kind, names.is_empty()) {
            (Kind::Bytes, _) | (_, false) => Ok(Self { kind, tokens: names }),
            (_, true) => Err("the model does not say what its tokens are".to_owned()),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        if matches!(self.kind, Kind::Bytes) { 256 } else { self.tokens.len() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether tokens are words, which are written with spaces between them.
    pub fn is_of_words(&self) -> bool {
        matches!(self.kind, Kind::Words { .. })
    }

    /// The tokens of a text.
    ///
    /// # Errors
    /// The first piece that is none. A word that is not known is the unknown word where the model was trained with one.
    pub fn encode(&self, text: &str) -> Result<Vec<i64>, UnknownToken> {
        match &self.kind {
            Kind::Bytes => Ok(text.bytes().map(i64::from).collect()),
            Kind::Pairs(pairs) => Ok(pairs.encode(text).into_iter().map(i64::from).collect()),
            Kind::Characters(places) => {
                let number = |(at, letter): (usize, char)| {
                    places.get(&letter).copied().ok_or_else(|| UnknownToken {
                        noun: "character",
                        piece: shown(&letter.to_string()),
                        place: place(text, at),
                        known: self.known_characters(),
                    })
                };
                text.char_indices().map(number).collect()
            }
            Kind::Words { places, lower } => {
                let lowered = lower.then(|| text.to_lowercase());
                let text = lowered.as_deref().unwrap_or(text);
                Ok(words(text).map(|word| places.get(word).copied().unwrap_or_default()).collect())
            }
        }
    }

    /// The words of a text that go into the model as the unknown one, each once; none where tokens are something else.
    pub fn unknown_words<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let Kind::Words { places, lower } = &self.kind else { return Vec::new() };
        let is_known = |word: &str| match lower {
            true => places.contains_key(&word.to_lowercase()),
            false => places.contains_key(word),
        };
        let mut unknown: Vec<&str> = Vec::new();
        for word in words(text).filter(|word| !is_known(word)) {
            if !unknown.contains(&word) {
                unknown.push(word);
            }
        }
        unknown
    }

    /// The bytes that a token is written as, of a word without the spaces around it; none where there is no such token.
    pub fn bytes(&self, token: usize) -> Vec<u8> {
        match &self.kind {
            Kind::Bytes => u8::try_from(token).into_iter().collect(),
            Kind::Pairs(pairs) => pairs.bytes(token),
            Kind::Characters(_) | Kind::Words { .. } => {
                self.tokens.get(token).map(|name| name.clone().into_bytes()).unwrap_or_default()
            }
        }
    }

    fn known_characters(&self) -> String {
        let listed: String = self.tokens.iter().take(LISTED).map(String::as_str).collect();
        let rest = if self.tokens.len() > LISTED { " …" } else { "" };
        format!("it knows {} characters: {}{rest}", self.tokens.len(), shown(&listed))
    }
}

/// Where a place in a text is for people, all counted from 1: `character 7`, and of a text of several lines with the line.
fn place(text: &str, at: usize) -> String {
    let before = &text[..at];
    match before.rfind('\n') {
        None => format!("character {}", before.chars().count() + 1),
        Some(end) => {
            let line = before.matches('\n').count() + 1;
            format!("line {line}, character {}", before[end + 1..].chars().count() + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_character_that_is_not_known_is_named_with_its_place() {
        let known = Vocabulary::new(&Tokens::Characters, Some(&names(&["\n", "a", "é"]))).unwrap();
        assert_eq!(known.encode("éa\n"), Ok(vec![2, 1, 0]));
        assert_eq!(
            known.encode("aéb").unwrap_err().to_string(),
            "the character \"b\" at character 3 did not occur in what the model was trained on; it knows 3 characters: \"\\naé\""
        );
        assert!(known.encode("a\naé\ta").unwrap_err().to_string().contains("\"\\t\" at line 2, character 3"));
    }

    #[test]
    fn words_that_are_not_known_are_one() {
        let words = Tokens::Words { vocabulary: 3, lower: true };
        let known = Vocabulary::new(&words, Some(&names(&["<unknown>", "the", "cat"]))).unwrap();
        assert_eq!(known.encode("The dog, the Cat"), Ok(vec![1, 0, 0, 1, 2]));
        assert_eq!(known.unknown_words("The dog, the Cat, a dog"), ["dog", ",", "a"]);
        assert!(known.is_of_words());
    }

    #[test]
    fn bytes_are_their_own_names() {
        let known = Vocabulary::new(&Tokens::Bytes, None).unwrap();
        assert_eq!((known.len(), known.encode("é").unwrap()), (256, vec![0xc3, 0xa9]));
        assert_eq!((known.bytes(0xc3), known.bytes(256)), (vec![0xc3], vec![]));
        assert!(Vocabulary::new(&Tokens::Characters, None).is_err());
    }
}
