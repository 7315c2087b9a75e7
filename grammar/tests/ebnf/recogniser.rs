//! Whether a text can be derived from the rules.

use super::rules::{Part, Rules};
use ndsl_grammar::{TokenKind as T, lex};
use std::collections::{BTreeSet, HashMap};

/// A token as the rules see it.
struct Terminal<'t> {
    kind: Option<T>,
    text: &'t str,
    glued: bool,
}

/// How far a text can be derived.
pub(crate) struct Recogniser<'t> {
    rules: &'t Rules,
    terminals: Vec<Terminal<'t>>,
    ends: HashMap<(&'t str, usize), BTreeSet<usize>>,
}

impl<'t> Recogniser<'t> {
    pub(crate) fn new(rules: &'t Rules, text: &'t str) -> Self {
        Self { rules, terminals: terminals(text), ends: HashMap::new() }
    }

    /// Whether all of it is a file.
    pub(crate) fn accepts(&mut self) -> bool {
        self.rule("file", 0).contains(&self.terminals.len())
    }

    /// Where what `name` derives from `at` on may end.
    fn rule(&mut self, name: &'t str, at: usize) -> BTreeSet<usize> {
        if let Some(ends) = self.ends.get(&(name, at)) {
            return ends.clone();
        }
        let ends = match self.rules.rule(name) {
            Some(part) => self.part(part, at),
            None => self.token(name, at).into_iter().collect(),
        };
        self.ends.insert((name, at), ends.clone());
        ends
    }

    fn part(&mut self, part: &'t Part, at: usize) -> BTreeSet<usize> {
        match part {
            Part::Text(text) => {
                let fits = self.terminals.get(at).is_some_and(|next| next.kind != Some(T::Text) && next.text == text);
                fits.then_some(at + 1).into_iter().collect()
            }
            Part::Name(name) => self.rule(name, at),
            Part::All(parts) => parts.iter().fold(BTreeSet::from([at]), |starts, part| {
                starts.into_iter().flat_map(|start| self.part(part, start)).collect()
            }),
            Part::One(parts) => parts.iter().flat_map(|part| self.part(part, at)).collect(),
            Part::Many(part) => {
                let mut ends = BTreeSet::from([at]);
                let mut new = vec![at];
                while let Some(start) = new.pop() {
                    for end in self.part(part, start) {
                        if ends.insert(end) {
                            new.push(end);
                        }
                    }
                }
                ends
            }
        }
    }

    /// Where a token ends that is described in words.
    fn token(&self, name: &str, at: usize) -> Option<usize> {
        let next = self.terminals.get(at);
        let kind = next.and_then(|next| next.kind);
        let word = kind.is_some_and(T::is_word);
        let capital = next.is_some_and(|next| next.text.starts_with(char::is_uppercase));
        let (fits, length) = match name {
            "touching" => (next.is_some_and(|next| next.glued), 0),
            "unsigned" => (kind != Some(T::Minus), 0),
            "closed" => {
                let colon = self.terminals.get(at + 1).is_some_and(|next| next.kind == Some(T::Colon));
                (!kind.is_some_and(T::begins_expression) || word && colon, 0)
            }
            "anew" => {
                let other = [T::Minus, T::LeftParen, T::LeftBracket, T::DotDot, T::DotDotEqual];
                (kind.is_some_and(|kind| kind.begins_expression() && !other.contains(&kind)), 0)
            }
            "name" => (kind == Some(T::Word), 1),
            "capital" => (kind == Some(T::Word) && capital, 1),
            "small" => (kind == Some(T::Word) && !capital, 1),
            "word" => (word, 1),
            "int" => (kind == Some(T::Int), 1),
            "float" => (kind == Some(T::Float), 1),
            "share of one" => (kind == Some(T::Share), 1),
            "quantity" => (kind == Some(T::Quantity), 1),
            "date" => (kind == Some(T::Date), 1),
            "time" => (kind == Some(T::Time), 1),
            "date time" => (kind == Some(T::DateTime), 1),
            "text" | "pattern" => (kind == Some(T::Text), 1),
            "newline" => (next.is_some_and(|next| next.kind.is_none()), 1),
            _ => panic!("{name} is no token"),
        };
        fits.then_some(at + length)
    }
}

/// The tokens of a text, with the line ends that mean something.
fn terminals(text: &str) -> Vec<Terminal<'_>> {
    let mut terminals: Vec<Terminal<'_>> = Vec::new();
    let mut open = Vec::new();
    let mut line_end = false;
    let tokens = lex(text);
    let solid = |token: &&ndsl_grammar::Token| !token.kind.is_comment();
    let next_is_colon = |at: usize| tokens[at + 1..].iter().find(solid).is_some_and(|next| next.kind == T::Colon);
    for (at, token) in tokens.iter().enumerate() {
        line_end |= token.first_on_line;
        if token.kind.is_comment() {
            continue;
        }
        let previous = terminals.last().and_then(|last| last.kind);
        let goes_on = token.kind.continues_line() && !(token.kind.is_word() && next_is_colon(at))
            || token.kind.is_closer()
            || token.kind == T::LeftBrace && previous != Some(T::RightBrace)
            || matches!(previous, Some(T::LeftBrace | T::Comma | T::Semicolon));
        if line_end && open.last() == Some(&T::LeftBrace) && !goes_on {
            terminals.push(Terminal { kind: None, text: "", glued: false });
        }
        if token.kind.closer().is_some() {
            open.push(token.kind);
        } else if token.kind.is_closer() {
            open.pop();
        }
        // What opens a call or an index touches something; after a body nothing does.
        let glued = token.glued && !line_end && previous != Some(T::RightBrace);
        terminals.push(Terminal { kind: Some(token.kind), text: &text[token.range()], glued });
        line_end = false;
    }
    terminals
}
