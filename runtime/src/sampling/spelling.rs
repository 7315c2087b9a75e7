//! Tokens as text, while they come.

use super::Vocabulary;

/// Signs that stand right behind a word.
const CLOSING: &str = ".,;:!?%)]}”’»…";
/// Signs that stand right before a word.
const OPENING: &str = "([{“‘«";

/// What tokens are as text, as they come: a letter whose bytes are in two tokens comes with the second.
///
/// Of words it is not known what stood between them, since a text of words has none of it: they are written with a space before each, but before a sign that closes
/// and behind one that opens.
#[derive(Clone, Debug)]
pub struct Spelling<'v> {
    vocabulary: &'v Vocabulary,
    /// The bytes of a letter that is not whole yet.
    begun: Vec<u8>,
    /// What the text ended with so far.
    last: Option<char>,
}

impl<'v> Spelling<'v> {
    /// Behind a text.
    pub fn after(vocabulary: &'v Vocabulary, text: &str) -> Self {
        Self { vocabulary, begun: Vec::new(), last: text.chars().next_back() }
    }

    /// The text that is whole with one more token. Bytes that are no letter of UTF-8 are U+FFFD, as everywhere.
    pub fn add(&mut self, token: usize) -> String {
        self.begun.extend(self.vocabulary.bytes(token));
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.begun) {
                Ok(whole) => {
                    text.push_str(whole);
                    self.begun.clear();
                    break;
                }
                Err(error) => {
                    let valid = error.valid_up_to();
                    text.push_str(&String::from_utf8_lossy(&self.begun[..valid]));
                    let Some(wrong) = error.error_len() else {
                        self.begun.drain(..valid);
                        break;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.begun.drain(..valid + wrong);
                }
            }
        }
        if self.vocabulary.is_of_words() {
            let joins = |last: char| last.is_whitespace() || OPENING.contains(last);
            if self.last.is_some_and(|last| !joins(last)) && !text.starts_with(|first| CLOSING.contains(first)) {
                text.insert(0, ' ');
            }
        }
        self.last = text.chars().next_back().or(self.last);
        text
    }
}

#[cfg(test)]
mod tests {
    use ndsl_compiler::plan::Tokens;

    use super::*;

    fn pieces(vocabulary: &Vocabulary, after: &str, tokens: &[usize]) -> Vec<String> {
        let mut spelling = Spelling::after(vocabulary, after);
        tokens.iter().map(|token| spelling.add(*token)).collect()
    }

    #[test]
    fn half_a_letter_waits_for_the_other() {
        let bytes = Vocabulary::new(&Tokens::Bytes, None).unwrap();
        let tokens: Vec<usize> = "a€!".bytes().map(usize::from).collect();
        assert_eq!(pieces(&bytes, "", &tokens), ["a", "", "", "€", "!"]);
        // What can be no letter any more is shown to be none, and what follows is not lost.
        assert_eq!(pieces(&bytes, "", &[0xe2, 0x82, 0x41, 0xff, 0x42]), ["", "", "\u{fffd}A", "\u{fffd}", "B"]);
        assert_eq!(pieces(&bytes, "", &[0xe2]), [""]);
    }

    #[test]
    fn words_have_spaces_between_them() {
        let names: Vec<String> = ["<unknown>", "cat", ",", "(", ")", "it's"].map(str::to_owned).into();
        let words = Vocabulary::new(&Tokens::Words { vocabulary: 6, lower: false }, Some(&names)).unwrap();
        assert_eq!(pieces(&words, "the", &[1, 2, 3, 5, 4, 0]).concat(), " cat, (it's) <unknown>");
        assert_eq!(pieces(&words, "the ", &[1]).concat(), "cat");
        assert_eq!(pieces(&words, "", &[1, 1]).concat(), "cat cat");
    }
}
