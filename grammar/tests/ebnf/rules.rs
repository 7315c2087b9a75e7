//! Reads `docs/grammar.ebnf`.

use std::collections::BTreeMap;

/// What a rule says.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// A text.
    Text(String),
    /// A rule, or a token that is described in words.
    Name(String),
    /// One after the other.
    All(Vec<Part>),
    /// One of them.
    One(Vec<Part>),
    /// Any number of it.
    Many(Box<Part>),
}

/// The rules above the heading of the tokens; what those are is told in words.
pub(crate) struct Rules {
    rules: BTreeMap<String, Part>,
}

impl Rules {
    pub(crate) fn read() -> Self {
        let text = include_str!("../../../docs/grammar.ebnf");
        let text = text.split("(* Tokens ---").next().expect("the tokens have a heading");
        let mut pieces = Pieces { rest: text };
        let mut rules = BTreeMap::new();
        while let Some(name) = pieces.next() {
            assert_eq!(pieces.next().as_deref(), Some("="), "after {name}");
            let part = pieces.choice();
            assert_eq!(pieces.next().as_deref(), Some(";"), "at the end of {name}");
            assert!(rules.insert(name.clone(), part).is_none(), "{name} is there twice");
        }
        Self { rules }
    }

    /// The rule of that name; none of a token.
    pub(crate) fn rule(&self, name: &str) -> Option<&Part> {
        self.rules.get(name)
    }

    /// Every rule.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Part)> {
        self.rules.iter().map(|(name, part)| (name.as_str(), part))
    }
}

/// The marks, texts and names of the file; a name may have several words.
struct Pieces<'t> {
    rest: &'t str,
}

impl Pieces<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        while let Some(comment) = self.rest.strip_prefix("(*") {
            self.rest = comment.split_once("*)").expect("comments end").1.trim_start();
        }
    }

    fn peek(&mut self) -> Option<String> {
        let before = self.rest;
        let next = self.next();
        self.rest = before;
        next
    }

    fn next(&mut self) -> Option<String> {
        self.skip();
        let first = self.rest.chars().next()?;
        let length = match first {
            '"' => self.rest[1..].find('"').expect("texts end") + 2,
            c if c.is_alphabetic() => {
                let name = |c: char| c.is_alphabetic() || c == ' ';
                self.rest[..self.rest.find(|c| !name(c)).unwrap_or(self.rest.len())].trim_end().len()
            }
            c => c.len_utf8(),
        };
        let (piece, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(piece.to_owned())
    }

    fn choice(&mut self) -> Part {
        let mut parts = vec![self.sequence()];
        while self.peek().as_deref() == Some("|") {
            self.next();
            parts.push(self.sequence());
        }
        if parts.len() == 1 { parts.remove(0) } else { Part::One(parts) }
    }

    fn sequence(&mut self) -> Part {
        let mut parts = Vec::new();
        while let Some(piece) = self.peek() {
            if matches!(piece.as_str(), "|" | ";" | ")" | "]" | "}") {
                break;
            }
            self.next();
            let close = |pieces: &mut Self, wanted: &str| assert_eq!(pieces.next().as_deref(), Some(wanted));
            match piece.as_str() {
                "(" => {
                    parts.push(self.choice());
                    close(self, ")");
                }
                "[" => {
                    parts.push(Part::One(vec![Part::All(Vec::new()), self.choice()]));
                    close(self, "]");
                }
                "{" => {
                    parts.push(Part::Many(Box::new(self.choice())));
                    close(self, "}");
                }
                _ => match piece.strip_prefix('"') {
                    Some(text) => parts.push(Part::Text(text.trim_end_matches('"').to_owned())),
                    None => parts.extend(self.names(&piece)),
                },
            }
        }
        Part::All(parts)
    }

    /// Names stand side by side, and some have several words.
    fn names(&mut self, words: &str) -> Vec<Part> {
        const SEVERAL: &[&str] =
            &["table row", "column type", "open range", "item of list", "share of one", "date time"];
        let mut names = Vec::new();
        let mut rest = words;
        while !rest.is_empty() {
            let several = SEVERAL.iter().find(|name| rest.starts_with(**name));
            let length = several.map_or_else(|| rest.find(' ').unwrap_or(rest.len()), |name| name.len());
            names.push(Part::Name(rest[..length].to_owned()));
            rest = rest[length..].trim_start();
        }
        names
    }
}
