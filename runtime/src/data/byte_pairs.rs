//! Byte-pair encoding (Sennrich and others, 2016; on bytes: Radford and others, 2019): a text is cut into words, a word into its bytes, and neighbours
//! are joined that often stand together.
//!
//! A token is written as `tokenizer.json` and GPT-2 write it, each byte as a letter that can be shown (a space is `Ġ`). The tokens are in the order in which
//! they were learnt, so they are all there is to be kept: of all pairs in a word the one whose token comes first is joined first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex_syntax::hir::{Class, HirKind};

/// The most bytes that a token is made of; longer runs are several.
const MAX_TOKEN: usize = 256;

/// The words of tokens that are remembered with what they are made of.
const REMEMBERED: usize = 1 << 16;

/// A tokenizer.
#[derive(Clone, Debug)]
pub(crate) struct BytePairs {
    tokens: Vec<String>,
    /// The place of each token that joining makes, by the bytes that it is.
    places: HashMap<Vec<u8>, u32>,
    /// The places of those that joining does not make, in their order.
    added: Vec<u32>,
    /// What finds these in a text, where there are some.
    finder: Option<AhoCorasick>,
}

impl BytePairs {
    /// Of tokens in the order in which they are joined. One that no joining makes, such as `<|endoftext|>`, is found in a text as it is
    /// written, before anything is joined.
    ///
    /// # Errors
    /// Where a byte has no token, since a text could not be written then.
    pub(crate) fn new(tokens: Vec<String>) -> Result<Self, String> {
        let mut places = HashMap::with_capacity(tokens.len());
        for (place, token) in tokens.iter().enumerate() {
            if let Some(bytes) = bytes_of(token) {
                places.entry(bytes).or_insert(place as u32);
            }
        }
        let missing = letters().iter().enumerate().find(|(byte, _)| !places.contains_key(&[*byte as u8][..]));
        if let Some((byte, letter)) = missing {
            return Err(format!("it has no token for the byte {byte} (`{letter}`)"));
        }
        let mut pairs = Self { tokens, places, added: Vec::new(), finder: None };
        let is_added = |place: &u32| {
            let token = &pairs.tokens[*place as usize];
            let made = bytes_of(token).is_some_and(|bytes| pairs.joined(&bytes, &|_, _| true) == [*place]);
            !made && !token.is_empty()
        };
        pairs.added = (0..pairs.tokens.len() as u32).filter(is_added).collect();
        if !pairs.added.is_empty() {
            let added: Vec<&str> = pairs.added.iter().map(|place| pairs.tokens[*place as usize].as_str()).collect();
            let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(added);
            pairs.finder = Some(finder.map_err(|error| format!("its added tokens: {error}"))?);
            let added: HashSet<u32> = pairs.added.iter().copied().collect();
            pairs.places.retain(|_, place| !added.contains(place));
        }
        Ok(pairs)
    }

    /// Learns so many tokens from the words of a text, the 256 bytes counted; fewer where no pair stands together twice. Of equally common
    /// pairs that of the earlier tokens is joined first.
    pub(super) fn learn(words: &Words, most: usize) -> Self {
        let mut bytes: Vec<u8> = (0..=255).collect();
        bytes.sort_by_key(|byte| letters()[usize::from(*byte)]);
        let mut first = [0; 256];
        bytes.iter().enumerate().for_each(|(place, byte)| first[usize::from(*byte)] = place as u32);
        let mut tokens: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).collect();
        let mut words: Vec<(Vec<u32>, i64)> = words
            .0
            .iter()
            .map(|(word, count)| (word.bytes().map(|byte| first[usize::from(byte)]).collect(), *count))
            .collect();
        let mut pairs = Pairs::default();
        for (place, (word, count)) in words.iter().enumerate() {
            word.windows(2).for_each(|pair| pairs.add((pair[0], pair[1]), *count, place));
        }
        while tokens.len() < most {
            let Some((pair, within)) = pairs.commonest() else { break };
            let joined = [tokens[pair.0 as usize].as_slice(), &tokens[pair.1 as usize]].concat();
            if joined.len() > MAX_TOKEN {
                continue;
            }
            let token = tokens.len() as u32;
            tokens.push(joined);
            for place in within {
                let (word, count) = &mut words[place];
                let before = std::mem::take(word);
                before.windows(2).for_each(|pair| pairs.add((pair[0], pair[1]), -*count, place));
                *word = join(&before, pair, token);
                word.windows(2).for_each(|pair| pairs.add((pair[0], pair[1]), *count, place));
            }
            pairs.settle();
        }
        let places = tokens.iter().enumerate().map(|(place, bytes)| (bytes.clone(), place as u32)).collect();
        Self { tokens: tokens.iter().map(|bytes| written(bytes)).collect(), places, added: Vec::new(), finder: None }
    }

    /// What each number stands for.
    pub(super) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Those that joining does not make.
    pub(super) fn added(&self) -> &[u32] {
        &self.added
    }

    /// The token that is these bytes, of those that joining makes.
    pub(super) fn place(&self, bytes: &[u8]) -> Option<u32> {
        self.places.get(bytes).copied()
    }

    /// The bytes that a token is; of one that joining does not make, those of its letters.
    pub(crate) fn bytes(&self, token: usize) -> Vec<u8> {
        let letters = self.tokens.get(token).map(String::as_str).unwrap_or_default();
        let is_added = self.added.binary_search(&(token as u32)).is_ok();
        bytes_of(letters).filter(|_| !is_added).unwrap_or_else(|| letters.as_bytes().to_vec())
    }

    /// The tokens of a text, or of a piece of one that ends before a space.
    pub(crate) fn encode(&self, text: &str) -> Vec<u32> {
        let mut known = HashMap::new();
        let mut numbers = Vec::with_capacity(text.len() / 3);
        let mut done = 0;
        for found in self.finder.iter().flat_map(|finder| finder.find_iter(text)) {
            self.add_words(&text[done..found.start()], &mut known, &mut numbers);
            numbers.push(self.added[found.pattern().as_usize()]);
            done = found.end();
        }
        self.add_words(&text[done..], &mut known, &mut numbers);
        numbers
    }

    /// Adds the tokens of words between two that joining does not make; `known` are those of words that were there.
    fn add_words<'t>(&self, text: &'t str, known: &mut HashMap<&'t str, Vec<u32>>, numbers: &mut Vec<u32>) {
        for word in words(text) {
            if let Some(tokens) = known.get(word) {
                numbers.extend_from_slice(tokens);
                continue;
            }
            let tokens = self.joined(word.as_bytes(), &|_, _| true);
            numbers.extend_from_slice(&tokens);
            if known.len() < REMEMBERED {
                known.insert(word, tokens);
            }
        }
    }

    /// The tokens of a word: neighbours are joined, those first whose token was learnt first. Long words take no longer than in proportion (times a
    /// logarithm): what may be joined waits in a heap, and what has been joined since is passed over there. `may` says whether a token may
    /// be joined of a first piece of so many bytes.
    pub(super) fn joined(&self, word: &[u8], may: &dyn Fn(u32, usize) -> bool) -> Vec<u32> {
        // Each piece is the bytes from its place to the next piece's; `next` and `before` lead from one to another.
        let length = word.len();
        let mut end: Vec<usize> = (1..=length).collect();
        let mut before: Vec<Option<usize>> = (0..length).map(|place| place.checked_sub(1)).collect();
        let mut alive = vec![true; length];
        let mut waiting = BinaryHeap::new();
        let offer = |waiting: &mut BinaryHeap<Reverse<(u32, usize, usize)>>, from: usize, middle: usize, to: usize| {
            if to - from <= MAX_TOKEN
                && let Some(token) = self.places.get(&word[from..to])
                && may(*token, middle - from)
            {
                waiting.push(Reverse((*token, from, to)));
            }
        };
        for place in 1..length {
            offer(&mut waiting, place - 1, place, place + 1);
        }
        while let Some(Reverse((_, from, to))) = waiting.pop() {
            let second = end[from];
            if !alive[from] || second >= length || end[second] != to || !alive[second] {
                continue;
            }
            alive[second] = false;
            end[from] = to;
            if to < length {
                before[to] = Some(from);
                offer(&mut waiting, from, to, end[to]);
            }
            if let Some(earlier) = before[from] {
                offer(&mut waiting, earlier, from, to);
            }
        }
        let pieces = (0..length).filter(|place| alive[*place]);
        pieces.map(|place| self.places.get(&word[place..end[place]]).copied().unwrap_or_default()).collect()
    }
}

/// How often each word of a text is there, in their order.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeMap<String, i64>);

impl Words {
    /// Counts those of a text, or of a piece of one that ends before a space.
    pub(super) fn count(&mut self, text: &str) {
        for word in words(text) {
            match self.0.get_mut(word) {
                Some(count) => *count += 1,
                None => _ = self.0.insert(word.to_owned(), 1),
            }
        }
    }
}

/// A word in which every such pair is one token.
fn join(word: &[u32], pair: (u32, u32), token: u32) -> Vec<u32> {
    let mut joined = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((first, after)) = rest.split_first() {
        let is_pair = *first == pair.0 && after.first() == Some(&pair.1);
        joined.push(if is_pair { token } else { *first });
        rest = if is_pair { &after[1..] } else { after };
    }
    joined
}

/// How often pairs of tokens stand together, and in which words.
#[derive(Default)]
struct Pairs {
    counts: HashMap<(u32, u32), (i64, HashSet<usize>)>,
    /// By their counts; one whose count has changed since is passed over.
    waiting: BinaryHeap<(i64, Reverse<(u32, u32)>)>,
    changed: HashSet<(u32, u32)>,
}

impl Pairs {
    fn add(&mut self, pair: (u32, u32), count: i64, word: usize) {
        let (known, words) = self.counts.entry(pair).or_default();
        *known += count;
        words.insert(word);
        self.changed.insert(pair);
    }

    /// Puts what has changed in its new place.
    fn settle(&mut self) {
        for pair in self.changed.drain() {
            match self.counts.get(&pair) {
                Some((count, _)) if *count > 0 => self.waiting.push((*count, Reverse(pair))),
                _ => _ = self.counts.remove(&pair),
            }
        }
    }

    /// The pair that stands together most often, at least twice, and the words that it may be in; it is told once.
    fn commonest(&mut self) -> Option<((u32, u32), Vec<usize>)> {
        self.settle();
        while let Some((count, Reverse(pair))) = self.waiting.pop() {
            if count < 2 {
                return None;
            }
            if self.counts.get(&pair).is_some_and(|(now, _)| *now == count) {
                let (_, words) = self.counts.get_mut(&pair)?;
                let mut words: Vec<usize> = words.drain().collect();
                words.sort_unstable();
                return Some((pair, words));
            }
        }
        None
    }
}

/// The letter that each byte is written as: itself where it can be seen, otherwise one of those from `Ā` on.
fn letters() -> &'static [char; 256] {
    static LETTERS: OnceLock<[char; 256]> = OnceLock::new();
    LETTERS.get_or_init(|| {
        let mut others = '\u{100}'..;
        std::array::from_fn(|byte| match byte {
            0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => byte as u8 as char,
            _ => others.next().unwrap_or_default(),
        })
    })
}

pub(super) fn written(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| letters()[usize::from(*byte)]).collect()
}

/// The bytes that a token is written for; nothing where it has other letters.
pub(super) fn bytes_of(token: &str) -> Option<Vec<u8>> {
    static BYTES: OnceLock<HashMap<char, u8>> = OnceLock::new();
    let bytes =
        BYTES.get_or_init(|| letters().iter().enumerate().map(|(byte, letter)| (*letter, byte as u8)).collect());
    token.chars().map(|letter| bytes.get(&letter).copied()).collect()
}

/// Whether a letter is of Unicode's category of letters, which is less than what is alphabetic.
fn is_letter(letter: char) -> bool {
    static LETTERS: OnceLock<Vec<(char, char)>> = OnceLock::new();
    if letter.is_ascii() {
        return letter.is_ascii_alphabetic();
    }
    let ranges = LETTERS.get_or_init(|| match regex_syntax::parse(r"\p{L}").map(|hir| hir.into_kind()) {
        Ok(HirKind::Class(Class::Unicode(class))) => class.iter().map(|range| (range.start(), range.end())).collect(),
        _ => Vec::new(),
    });
    let after = ranges.partition_point(|(start, _)| *start <= letter);
    after > 0 && letter <= ranges[after - 1].1
}

/// The words of a text as GPT-2 cuts it, nothing left out: letters, digits or signs, each with the space before them; spaces but the last
/// before a word; and `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` and `'d`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = word_length(rest)?;
        let (word, after) = rest.split_at(length);
        rest = after;
        Some(word)
    })
}

fn word_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first == '\'' {
        let ending = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].into_iter().find(|ending| text.starts_with(ending));
        if let Some(ending) = ending {
            return Some(ending.len());
        }
    }
    let body = text.strip_prefix(' ').unwrap_or(text);
    let space = text.len() - body.len();
    let is_sign = |letter: char| !letter.is_whitespace() && !is_letter(letter) && !letter.is_numeric();
    let run = |is: &dyn Fn(char) -> bool| body.find(|letter| !is(letter)).unwrap_or(body.len());
    for is in [&is_letter as &dyn Fn(char) -> bool, &char::is_numeric, &is_sign] {
        match run(is) {
            0 => {}
            length => return Some(space + length),
        }
    }
    let spaces = text.find(|letter: char| !letter.is_whitespace());
    Some(match spaces {
        None => text.len(),
        // The last goes with what follows, unless it is the only one.
        Some(end) => {
            let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
            if end > last { end - last } else { end }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        words(text).collect()
    }

    fn counted(text: &str) -> Words {
        let mut words = Words::default();
        words.count(text);
        words
    }

    #[test]
    fn words_are_those_of_gpt_2() {
        assert_eq!(cut("Hello world's 42 things!"), ["Hello", " world", "'s", " 42", " things", "!"]);
        assert_eq!(cut("a  b\n\nc \t"), ["a", " ", " b", "\n", "\n", "c", " \t"]);
        assert_eq!(cut("naïve—été²"), ["naïve", "—", "été", "²"]);
        assert_eq!(cut("don't they've 'quoted'"), ["don", "'t", " they", "'ve", " '", "quoted", "'"]);
    }

    #[test]
    fn the_commonest_pairs_are_joined_first() {
        let pairs = BytePairs::learn(&counted("low low low lower lowest"), 262);
        // All five words have `lo`, and then `low`.
        assert_eq!(pairs.tokens()[256..260], ["lo", "low", "Ġlow", "Ġlowe"]);
        let told: Vec<&str> =
            pairs.encode("lower low").iter().map(|token| pairs.tokens()[*token as usize].as_str()).collect();
        assert_eq!(told, ["low", "e", "r", "Ġlow"]);
        // The bytes are in the order of the letters they are written as.
        assert_eq!((pairs.tokens()[0].as_str(), pairs.tokens()[255].as_str()), ("!", "Ń"));
    }

    #[test]
    fn what_was_learnt_is_known_by_its_tokens_alone() {
        let text = "the cat sat on the mat, and the hat sat on the cat. ".repeat(3);
        let learnt = BytePairs::learn(&counted(&text), 300);
        let known = BytePairs::new(learnt.tokens().to_vec()).unwrap();
        let other = "that hat, über alles";
        assert_eq!(known.encode(other), learnt.encode(other));
        assert!(learnt.encode(&text).len() * 2 < text.len());
        assert!(BytePairs::new(learnt.tokens()[1..].to_vec()).unwrap_err().contains("no token for the byte 33"));
    }

    #[test]
    fn a_token_that_no_joining_makes_is_found_as_it_is_written() {
        let learnt = BytePairs::learn(&counted("low low low lower lowest"), 262);
        let mut tokens = learnt.tokens().to_vec();
        tokens.extend(["<|end|>", "<|end|><", "é||"].map(str::to_owned));
        let pairs = BytePairs::new(tokens).unwrap();
        let plain = |text: &str| learnt.encode(text);
        let first = learnt.tokens().len() as u32;
        assert_eq!(pairs.encode("low<|end|> lower"), [plain("low"), vec![first], plain(" lower")].concat());
        assert_eq!(pairs.encode("é||<|end|><|"), [vec![first + 2], vec![first + 1], plain("|")].concat());
        assert_eq!(pairs.bytes(first as usize + 2), "é||".as_bytes());
        assert_eq!(pairs.encode("<|end |>"), plain("<|end |>"));
    }

    proptest! {
        #[test]
        fn a_text_may_be_cut_before_a_space_that_stands_behind_a_word(text in "[a'1\\- \n\t]{0,40}") {
            for (place, _) in text.match_indices(char::is_whitespace) {
                if text[..place].ends_with(|letter: char| !letter.is_whitespace()) {
                    let (before, after) = text.split_at(place);
                    prop_assert_eq!([cut(before), cut(after)].concat(), cut(&text));
                }
            }
        }

        #[test]
        fn every_text_can_be_written_and_is_what_its_tokens_are(text in ".{0,60}", corpus in "[a-d ]{0,80}") {
            let pairs = BytePairs::learn(&counted(&corpus), 280);
            prop_assert!(BytePairs::new(pairs.tokens().to_vec()).unwrap().added().is_empty());
            let bytes: Vec<u8> = pairs
                .encode(&text)
                .iter()
                .flat_map(|token| bytes_of(&pairs.tokens()[*token as usize]).unwrap())
                .collect();
            prop_assert_eq!(bytes, text.as_bytes());
            prop_assert_eq!(cut(&text).concat(), text);
        }
    }
}
