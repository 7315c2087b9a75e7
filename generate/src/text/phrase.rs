//! Texts that are put together of parts: a small grammar for each locale, `data/*/words.txt`.
//!
//! A line `name = a | b c *4` says what a part may be, the second four times as likely as the first; a line that begins with a space goes on
//! with the one before. `{name}` stands for another part, `{last}` for a family name, and `{}` for what is handed in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Locale;
use super::choose::{Choose, Number, Shares};
use super::people::{Names, People};

/// What the parts of a locale's texts may be.
#[derive(Debug)]
pub(super) struct Grammar {
    rules: Vec<Rule>,
    places: BTreeMap<&'static str, usize>,
    last: &'static Names,
}

#[derive(Debug)]
struct Rule {
    alternatives: Box<[Box<[Part]>]>,
    shares: Shares,
    /// How many texts each alternative leads to.
    counts: Box<[u64]>,
    /// The least and the most characters, without what is handed in.
    lengths: (u64, u64),
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Text(&'static str),
    Rule(usize),
    Last,
    Hole,
}

/// What one part may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase {
    grammar: &'static Grammar,
    rule: usize,
}

impl Grammar {
    /// That of a locale.
    pub fn of(locale: Locale) -> &'static Self {
        static ALL: [LazyLock<Grammar>; 4] = [
            LazyLock::new(|| Grammar::read(Locale::En, include_str!("data/en/words.txt"))),
            LazyLock::new(|| Grammar::read(Locale::De, include_str!("data/de/words.txt"))),
            LazyLock::new(|| Grammar::read(Locale::Fr, include_str!("data/fr/words.txt"))),
            LazyLock::new(|| Grammar::read(Locale::Ja, include_str!("data/ja/words.txt"))),
        ];
        &ALL[locale as usize]
    }

    /// A part by its name. One that no line says is empty; a test sees to it that there is none.
    pub fn phrase(&'static self, name: &str) -> Phrase {
        Phrase { grammar: self, rule: self.places.get(name).copied().unwrap_or_default() }
    }

    fn read(locale: Locale, text: &'static str) -> Self {
        let empty = Rule { alternatives: [].into(), shares: Shares::new(&[]), counts: [].into(), lengths: (0, 0) };
        let last = &People::of(locale).last;
        let mut grammar = Self { rules: vec![empty], places: BTreeMap::new(), last };
        let mut said: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
        for line in text.lines() {
            if let (Some(first), Some((_, lines))) = (line.strip_prefix(' '), said.last_mut()) {
                lines.push(first);
            } else if let Some((name, rest)) = line.split_once(" = ") {
                said.push((name, vec![rest]));
            }
        }
        // A part is read when those it is made of have been; what names itself or nothing is read last, without.
        while !said.is_empty() {
            let known = |lines: &[&'static str]| lines.iter().all(|line| names(line).all(|name| grammar.knows(name)));
            let ready = said.iter().position(|(_, lines)| known(lines)).unwrap_or_default();
            let (name, lines) = said.remove(ready);
            let alternatives =
                lines.iter().flat_map(|line| line.split('|')).map(str::trim).filter(|one| !one.is_empty());
            let rule = grammar.rule(alternatives);
            grammar.places.insert(name, grammar.rules.len());
            grammar.rules.push(rule);
        }
        grammar
    }

    fn knows(&self, name: &str) -> bool {
        name.is_empty() || name == "last" || self.places.contains_key(name)
    }

    fn rule(&self, texts: impl Iterator<Item = &'static str>) -> Rule {
        let (mut alternatives, mut weights) = (Vec::new(), Vec::new());
        for text in texts {
            let weighted = text.rsplit_once(" *").and_then(|(text, weight)| Some((text, weight.parse().ok()?)));
            let (text, weight) = weighted.unwrap_or((text, 1));
            alternatives.push(self.parts(text));
            weights.push(weight);
        }
        let counts = alternatives
            .iter()
            .map(|parts| parts.iter().fold(1, |all: u64, part| all.saturating_mul(self.count(*part))));
        let lengths = alternatives.iter().map(|parts| {
            parts.iter().map(|part| self.lengths(*part)).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
        });
        let lengths = lengths.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1))).unwrap_or_default();
        Rule { counts: counts.collect(), lengths, shares: Shares::new(&weights), alternatives: alternatives.into() }
    }

    /// An alternative's texts and the names between braces.
    fn parts(&self, text: &'static str) -> Box<[Part]> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?)))
        {
            if !before.is_empty() {
                parts.push(Part::Text(before));
            }
            parts.push(match name {
                "" => Part::Hole,
                "last" => Part::Last,
                _ => Part::Rule(self.places.get(name).copied().unwrap_or_default()),
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        parts.into()
    }

    fn count(&self, part: Part) -> u64 {
        match part {
            Part::Text(_) | Part::Hole => 1,
            Part::Last => self.last.len() as u64,
            Part::Rule(rule) => self.rules[rule].counts.iter().fold(0, |all: u64, count| all.saturating_add(*count)),
        }
    }

    fn lengths(&self, part: Part) -> (u64, u64) {
        match part {
            Part::Text(text) => (text.chars().count() as u64, text.chars().count() as u64),
            Part::Hole => (0, 0),
            Part::Last => self.last.lengths(),
            Part::Rule(rule) => self.rules[rule].lengths,
        }
    }

    fn write(&self, rule: usize, choose: &mut impl Choose, hole: &str, out: &mut String) {
        let rule = &self.rules[rule];
        if rule.alternatives.is_empty() {
            return;
        }
        for part in &rule.alternatives[choose.alternative(&rule.shares, &rule.counts)] {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Hole => out.push_str(hole),
                Part::Last => self.last.text.write(choose.pick(self.last.shares()), out),
                Part::Rule(rule) => self.write(*rule, choose, hole, out),
            }
        }
    }
}

/// The names between braces.
fn names(line: &'static str) -> impl Iterator<Item = &'static str> {
    line.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

impl Phrase {
    /// Writes one of its texts.
    #[inline]
    pub fn write(self, choose: &mut impl Choose, out: &mut String) {
        self.grammar.write(self.rule, choose, "", out);
    }

    /// Writes one of its texts around another.
    #[inline]
    pub fn write_around(self, choose: &mut impl Choose, hole: &str, out: &mut String) {
        self.grammar.write(self.rule, choose, hole, out);
    }

    /// How many texts there are.
    pub fn count(self) -> u64 {
        self.grammar.count(Part::Rule(self.rule))
    }

    /// The least and the most characters of a text.
    pub fn lengths(self) -> (u64, u64) {
        self.grammar.lengths(Part::Rule(self.rule))
    }

    /// Every text; only for parts of few.
    pub fn all(self) -> impl Iterator<Item = String> {
        (0..self.count()).map(move |rest| {
            let mut text = String::new();
            self.write(&mut Number { rest }, &mut text);
            text
        })
    }

    /// How likely each alternative is.
    pub fn shares(self) -> &'static Shares {
        &self.grammar.rules[self.rule].shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is read of the grammars in code.
    const READ: &[&str] = &[
        "title.women",
        "title.men",
        "job.women",
        "job.men",
        "industry",
        "company",
        "company.plain",
        "product",
        "line",
        "string",
        "word",
        "sentence",
        "path",
    ];

    #[test]
    fn every_part_is_said() {
        for locale in Locale::ALL {
            let grammar = Grammar::of(locale);
            for name in READ {
                assert!(grammar.places.contains_key(name), "{locale} lacks {name}");
            }
            for (name, place) in &grammar.places {
                let mut parts = grammar.rules[*place].alternatives.iter().flatten();
                assert!(grammar.rules[*place].counts.iter().all(|count| *count > 0), "{locale}: {name} is empty");
                assert!(!parts.any(|part| matches!(part, Part::Rule(0))), "{locale}: {name} names what is not said");
            }
        }
    }

    #[test]
    fn every_number_is_another_text() {
        for locale in Locale::ALL {
            for name in
                ["title.women", "title.men", "job.women", "job.men", "industry", "product", "line", "string", "path"]
            {
                let phrase = Grammar::of(locale).phrase(name);
                let mut texts: Vec<_> = phrase.all().collect();
                texts.sort_unstable();
                let twice: Vec<_> = texts.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
                assert!(twice.is_empty(), "{locale} {name}: {twice:?}");
            }
        }
    }
}
