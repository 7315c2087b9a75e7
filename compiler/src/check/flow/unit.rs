//! The names of layers: dotted, readable, and the same however often a program is checked.
//!
//! A layer is named by its `as`, or after its kind (`dense`, `dense_1`, …); inside a block behind the block's own name
//! (`encoder.dense`), inside `repeat` with the round after it (`dense.0`, `dense.1`), as PyTorch names the layers of a list.

use foldhash::{HashMap, HashSet};
use ndsl_grammar::Span;
use ndsl_grammar::ast::{Body, Expr, ExprKind, StatementKind};

/// One model or one use of a block, while its layers are named.
#[derive(Debug, Default)]
pub struct Unit {
    /// What stands before each name: `encoder.`, or nothing.
    prefix: String,
    /// The name each call in a `repeat` got, so that it is the same in every round.
    sites: HashMap<Span, String>,
    /// How often each kind was named.
    counts: HashMap<String, usize>,
    /// The words after `as`, which stay the user's, and the names taken.
    taken: HashSet<String>,
    /// Names with their rounds.
    used: HashSet<String>,
    /// How often each of those was asked for again.
    again: HashMap<String, usize>,
    /// The rounds of the `repeat`s around, the innermost last.
    rounds: Vec<usize>,
}

impl Unit {
    /// The body of a block or model whose own name is `name`; a model that stands alone has none.
    pub fn new(name: Option<&str>, body: &Body) -> Self {
        let mut unit = Self { prefix: name.map_or_else(String::new, |name| format!("{name}.")), ..Self::default() };
        unit.reserve(body);
        unit
    }

    fn reserve(&mut self, body: &Body) {
        for statement in &body.statements {
            if let StatementKind::Flow { value, name, .. } = &statement.kind {
                if let Some(name) = name {
                    self.taken.insert(name.text.clone());
                }
                self.reserve_in(value);
            }
            if let StatementKind::Share { name, .. } | StatementKind::Output { name, .. } = &statement.kind {
                self.taken.insert(name.text.clone());
            }
        }
    }

    fn reserve_in(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Residual { body } | ExprKind::Repeat { body, .. } => self.reserve(body),
            ExprKind::Branch { arms } => arms.iter().for_each(|arm| self.reserve(&arm.body)),
            ExprKind::If { branches, otherwise } => {
                branches.iter().map(|(_, body)| body).chain(otherwise).for_each(|body| self.reserve(body));
            }
            ExprKind::Pipe { value, call } => {
                self.reserve_in(value);
                self.reserve_in(call);
            }
            _ => {}
        }
    }

    /// The name of the layer or block called at `site`: `hint` if the user gave one, or one made from `kind`.
    pub fn name(&mut self, kind: &str, hint: Option<&str>, site: Span) -> String {
        if !self.repeats() && hint.is_none() && !self.sites.contains_key(&site) {
            // What is made from a kind is no other's.
            let base = self.fresh(kind);
            return if self.prefix.is_empty() { base } else { [&*self.prefix, &base].concat() };
        }
        let base = match (self.sites.get(&site), hint) {
            (Some(base), _) => base.clone(),
            (None, Some(hint)) => hint.to_owned(),
            (None, None) => self.fresh(kind),
        };
        if self.repeats() {
            self.sites.insert(site, base.clone());
        }
        let rounds = self.round_numbers();
        let mut name = [&self.prefix, base.as_str(), &rounds].concat();
        // Two arms of a branch may use one word.
        if !self.used.insert(name.clone()) {
            let again = self.again.entry(name.clone()).or_default();
            while !self.used.insert(name.clone()) {
                *again += 1;
                name = format!("{}{base}_{again}{rounds}", self.prefix);
            }
        }
        name
    }

    /// What a value is called that the body names: behind the block's name, and before the rounds.
    pub fn path(&self, name: &str) -> String {
        [&self.prefix, name, &self.round_numbers()].concat()
    }

    fn round_numbers(&self) -> String {
        self.rounds.iter().map(|round| format!(".{round}")).collect()
    }

    /// Takes a name for the layer called at `site`; whether no other has it.
    pub fn take(&mut self, name: &str, site: Span) -> bool {
        self.sites.get(&site).is_some_and(|base| base == name) || self.taken.insert(name.to_owned())
    }

    fn fresh(&mut self, kind: &str) -> String {
        let word = snake_case(kind);
        let count = self.counts.entry(word.clone()).or_default();
        loop {
            let name = if *count == 0 { word.clone() } else { format!("{word}_{count}") };
            *count += 1;
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Goes into a `repeat`.
    pub fn enter_rounds(&mut self) {
        self.rounds.push(0);
    }

    /// Begins a round.
    pub fn round(&mut self, round: usize) {
        if let Some(last) = self.rounds.last_mut() {
            *last = round;
        }
    }

    /// Leaves a `repeat`.
    pub fn leave_rounds(&mut self) {
        self.rounds.pop();
    }

    /// Whether it is in the first round of every `repeat` around, or in none.
    pub fn first_round(&self) -> bool {
        self.rounds.iter().all(|round| *round == 0)
    }

    /// Whether it is in any `repeat`.
    pub fn repeats(&self) -> bool {
        !self.rounds.is_empty()
    }
}

/// `MaxPooling2D` as `max_pooling2d`: a word begins at a capital after a small letter, or before one.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if let (Some(before), true) = (before, letter.is_uppercase())
            && (before.is_lowercase() || letters.peek().is_some_and(|next| next.is_lowercase()))
        {
            out.push('_');
        }
        match letter.is_ascii() {
            true => out.push(letter.to_ascii_lowercase()),
            false => out.extend(letter.to_lowercase()),
        }
        before = Some(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use ndsl_grammar::FileId;

    use super::*;

    fn site(at: usize) -> Span {
        Span::new(FileId::default(), at..at + 1)
    }

    #[test]
    fn layers_are_named_as_keras_names_them() {
        assert_eq!(snake_case("Dense"), "dense");
        assert_eq!(snake_case("Conv2D"), "conv2d");
        assert_eq!(snake_case("MaxPooling2D"), "max_pooling2d");
        assert_eq!(snake_case("Conv2DTranspose"), "conv2d_transpose");
        assert_eq!(snake_case("RMSNormalization"), "rms_normalization");
        assert_eq!(snake_case("SimpleRNN"), "simple_rnn");
        assert_eq!(snake_case("LSTM"), "lstm");
        assert_eq!(snake_case("GlobalAveragePooling2D"), "global_average_pooling2d");
    }

    #[test]
    fn rounds_stand_behind_the_name_and_calls_keep_theirs() {
        let mut unit = Unit { prefix: "body.".into(), ..Unit::default() };
        assert_eq!(unit.name("Dense", None, site(1)), "body.dense");
        unit.enter_rounds();
        for round in 0..2 {
            unit.round(round);
            assert_eq!(unit.name("Dense", None, site(2)), format!("body.dense_1.{round}"));
            assert_eq!(unit.name("Dense", Some("skip"), site(3)), format!("body.skip.{round}"));
        }
        unit.leave_rounds();
        assert_eq!(unit.name("Dense", None, site(4)), "body.dense_2");
        assert_eq!(unit.name("Dense", Some("skip"), site(5)), "body.skip");
        assert_eq!(unit.name("Dense", Some("skip"), site(6)), "body.skip_1");
    }
}
