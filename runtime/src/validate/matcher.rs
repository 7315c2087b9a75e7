//! Whether whole texts match a pattern: a lazy automaton, whose time is that of the text and whose memory is bounded.

use std::cell::RefCell;

use ndsl_compiler::schema::pattern;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Hir, Look};

/// The most bytes of an automaton before it is made lazily.
const NFA_BYTES: usize = 16 << 20;

/// A pattern that texts are held to.
pub(super) enum Matcher {
    /// What is found out once for each state that a text leads to.
    Automaton(Box<(DFA, RefCell<Cache>)>),
    /// The pattern itself, where it is too large for that.
    Pattern(Box<Hir>),
}

impl Matcher {
    /// Of a pattern of a checked schema.
    pub(super) fn new(text: &str) -> Option<Self> {
        let hir = pattern::read(text).ok()?;
        let whole = Hir::concat(vec![Hir::look(Look::Start), hir.clone(), Hir::look(Look::End)]);
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new().nfa_size_limit(Some(NFA_BYTES)).which_captures(thompson::WhichCaptures::None),
            )
            .build_from_hir(&whole);
        Some(match nfa.ok().and_then(|nfa| DFA::builder().build_from_nfa(nfa).ok()) {
            Some(automaton) => {
                let cache = RefCell::new(automaton.create_cache());
                Self::Automaton(Box::new((automaton, cache)))
            }
            None => Self::Pattern(Box::new(hir)),
        })
    }

    /// Whether a whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Automaton(found) => {
                let (automaton, cache) = &**found;
                let input = Input::new(text).anchored(Anchored::Yes).earliest(true);
                // Without quitting bytes or a limit on clearing there is nothing that fails.
                automaton.try_search_fwd(&mut cache.borrow_mut(), &input).is_ok_and(|found| found.is_some())
            }
            Self::Pattern(hir) => pattern::matches(hir, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_automaton_and_the_obvious_way_agree(text in "[abé1\n]{0,8}", which in 0usize..9) {
            let patterns = ["a*b?", "(a|bé)+", "[^a]{2,3}", ".*1", "", "(?i)A+", "^a$|b", "\\w+", "(?s).{3}"];
            let matcher = Matcher::new(patterns[which]).unwrap();
            let hir = pattern::read(patterns[which]).unwrap();
            prop_assert!(matches!(matcher, Matcher::Automaton(..)));
            prop_assert_eq!(matcher.matches(&text), pattern::matches(&hir, &text));
        }
    }
}
