//! Texts drawn from the rules.

use super::rules::{Part, Rules};
use ndsl_grammar::lex;
use std::collections::BTreeMap;

/// Draws texts; the same seed draws the same.
pub(crate) struct Generator<'r> {
    rules: &'r Rules,
    /// How many rules deep the shallowest text of each is.
    depths: BTreeMap<&'r str, usize>,
    random: u64,
    text: String,
    /// What is asked of the next token.
    asked: Vec<&'static str>,
}

/// A text could not be finished, since two tokens cannot follow one another.
struct DeadEnd;

impl<'r> Generator<'r> {
    pub(crate) fn new(rules: &'r Rules, seed: u64) -> Self {
        let mut depths = BTreeMap::new();
        let known = rules.all().count();
        while depths.len() < known {
            let before = depths.len();
            for (name, part) in rules.all() {
                if !depths.contains_key(name)
                    && let Some(depth) = depth(rules, &depths, part)
                {
                    depths.insert(name, depth + 1);
                }
            }
            assert!(depths.len() > before, "some rules have no end: only {:?} have one", depths.keys());
        }
        Self {
            rules,
            depths,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            text: String::new(),
            asked: Vec::new(),
        }
    }

    /// A text of so many levels of rules, more or less.
    pub(crate) fn draw(&mut self, rule: &'r str, depth: usize) -> String {
        loop {
            self.text.clear();
            self.asked.clear();
            if self.rule(rule, depth).is_ok() {
                return std::mem::take(&mut self.text);
            }
        }
    }

    fn below(&mut self, count: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % count as u64) as usize
    }

    fn rule(&mut self, name: &'r str, depth: usize) -> Result<(), DeadEnd> {
        match self.rules.rule(name) {
            Some(part) => self.part(part, depth.saturating_sub(1)),
            None => self.token(name),
        }
    }

    fn part(&mut self, part: &'r Part, left: usize) -> Result<(), DeadEnd> {
        match part {
            Part::Text(text) => self.put(text),
            Part::Name(name) => self.rule(name, left),
            Part::All(parts) => parts.iter().try_for_each(|part| self.part(part, left)),
            Part::One(parts) => {
                let depths: Vec<usize> = parts
                    .iter()
                    .map(|part| depth(self.rules, &self.depths, part).expect("every rule has an end"))
                    .collect();
                let least = depths.iter().min().copied().unwrap_or(0);
                let fitting: Vec<&'r Part> = parts
                    .iter()
                    .zip(&depths)
                    .filter(|(_, depth)| **depth <= left.max(least))
                    .map(|(part, _)| part)
                    .collect();
                let chosen = self.below(fitting.len());
                self.part(fitting[chosen], left)
            }
            Part::Many(part) => {
                let fits = depth(self.rules, &self.depths, part).expect("every rule has an end") < left;
                let count = if fits { [0, 0, 1, 1, 2, 3][self.below(6)] } else { 0 };
                (0..count).try_for_each(|_| self.part(part, left))
            }
        }
    }

    /// Draws a token that is described in words.
    fn token(&mut self, name: &'r str) -> Result<(), DeadEnd> {
        let texts: &[&str] = match name {
            "touching" => return self.ask("touching"),
            "unsigned" => return self.ask("unsigned"),
            "closed" => return self.ask("closed"),
            "anew" => return self.ask("anew"),
            "newline" => {
                self.text.push('\n');
                return Ok(());
            }
            "name" => &["a", "b2", "Dense", "relu", "_", "été"],
            "capital" => &["Shop", "Été"],
            "small" => &["f32", "i64"],
            "word" => &["a", "model", "table", "key", "if", "null", "true", "check", "repeat", "from", "schema"],
            "int" => &["0", "12", "1_000"],
            "float" => &["0.5", "1e-3", "2.5E+1"],
            "share of one" => &["30%", "0.5%"],
            "quantity" => &["30s", "2.00usd"],
            "date" => &["2019-01-31"],
            "time" => &["08:30", "23:59:59"],
            "date time" => &["2019-01-31T08:30", "2019-01-31T08:30:00"],
            "text" => &["\"a\"", "\"\\n é \\u{e9}\"", "\"\""],
            "pattern" => &["\"[A-Z]\\d+\""],
            _ => panic!("{name} is no token"),
        };
        let chosen = self.below(texts.len());
        self.put(texts[chosen])
    }

    fn ask(&mut self, what: &'static str) -> Result<(), DeadEnd> {
        self.asked.push(what);
        Ok(())
    }

    /// Adds a token, with a space before it unless it is to touch the one before.
    fn put(&mut self, token: &str) -> Result<(), DeadEnd> {
        let touching = self.asked.contains(&"touching");
        let kind = lex(&format!("a{token}b")).get(1).map(|token| token.kind).filter(|_| token == "//");
        let kind = kind.or_else(|| lex(token).first().map(|token| token.kind)).expect("a token");
        let bracket = ["-", "(", "[", "..", "..="].contains(&token);
        let fits = self.asked.drain(..).all(|asked| match asked {
            "unsigned" => token != "-",
            "closed" => !kind.begins_expression(),
            "anew" => kind.begins_expression() && !bracket,
            _ => true,
        });
        if token == "//" && !self.text.ends_with(|c: char| c == '_' || c == ')' || c == ']' || c.is_alphanumeric()) {
            return Err(DeadEnd);
        }
        if !touching {
            self.text.push(' ');
        }
        self.text.push_str(token);
        if fits { Ok(()) } else { Err(DeadEnd) }
    }
}

/// How many rules deep the shallowest text of `part` is, where that is known.
fn depth(rules: &Rules, depths: &BTreeMap<&str, usize>, part: &Part) -> Option<usize> {
    match part {
        Part::Text(_) | Part::Many(_) => Some(0),
        Part::Name(name) if rules.rule(name).is_none() => Some(0),
        Part::Name(name) => depths.get(name.as_str()).copied(),
        Part::All(parts) => {
            parts.iter().map(|part| depth(rules, depths, part)).try_fold(0, |most, depth| Some(most.max(depth?)))
        }
        Part::One(parts) => parts.iter().filter_map(|part| depth(rules, depths, part)).min(),
    }
}
