//! The automaton of an expression: at each place in a text one way on for each character, so that a text is one path.
//!
//! Thompson's construction over characters, then the subset construction (Rabin and Scott, "Finite automata and their decision problems",
//! IBM J. Res. Dev. 3, 1959), both within bounds: an expression that would go beyond them is refused.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use regex_syntax::hir::Look;

use super::super::Impossible;
use super::node::{Characters, Node};

/// As many places the expression may have once its repetitions are written out.
const MAX_PLACES: usize = 20_000;

/// As many states the automaton may have.
const MAX_STATES: usize = 10_000;

/// As many ways there may be between its states, and as many steps may be taken to find them.
const MAX_STEPS: usize = 2_000_000;

/// The automaton; it begins at its first state.
#[derive(Debug)]
pub(super) struct Automaton {
    pub states: Vec<State>,
}

/// How a text can go on.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether it may end here.
    pub ends: bool,
    /// Which characters lead on, and where to. No character leads to two.
    pub ways: Vec<Way>,
}

#[derive(Debug)]
pub(super) struct Way {
    pub characters: Characters,
    pub to: usize,
}

/// A place in the expression.
#[derive(Debug)]
enum Place<'n> {
    /// One of several ranges of characters, then another place.
    Step(Step<'n>, usize),
    /// Any of several places, without a character.
    Any(Vec<usize>),
    /// Another place, if the text begins or ends here.
    If(Look, usize),
    /// The end of the expression.
    End,
}

#[derive(Debug)]
enum Step<'n> {
    One(char),
    Of(&'n Characters),
}

impl Step<'_> {
    fn ranges(&self) -> impl Iterator<Item = (u32, u32)> {
        let (one, many) = match self {
            Self::One(char) => (Some((u32::from(*char), u32::from(*char))), &[][..]),
            Self::Of(characters) => (None, characters.ranges()),
        };
        one.into_iter().chain(many.iter().copied())
    }
}

/// The places of an expression.
struct Places<'n>(Vec<Place<'n>>);

const LARGE: Impossible = Impossible::Large { most: MAX_PLACES };

impl<'n> Places<'n> {
    fn add(&mut self, place: Place<'n>) -> Result<usize, Impossible> {
        if self.0.len() >= MAX_PLACES {
            return Err(LARGE);
        }
        self.0.push(place);
        Ok(self.0.len() - 1)
    }

    /// The place where a part begins that goes on at another place.
    fn part(&mut self, node: &'n Node, then: usize) -> Result<usize, Impossible> {
        match node {
            Node::Text(text) => {
                text.chars().rev().try_fold(then, |then, char| self.add(Place::Step(Step::One(char), then)))
            }
            Node::Class(characters) => self.add(Place::Step(Step::Of(characters), then)),
            Node::Look(look) => self.add(Place::If(*look, then)),
            Node::Row(parts) => parts.iter().rev().try_fold(then, |then, part| self.part(part, then)),
            Node::Either(parts) => {
                let begins = parts.iter().map(|part| self.part(part, then)).collect::<Result<_, _>>()?;
                self.add(Place::Any(begins))
            }
            Node::Repeat { node, least, most, .. } => {
                let mut begin = match most {
                    None => {
                        let again = self.add(Place::Any(vec![then]))?;
                        let round = self.part(node, again)?;
                        if let Place::Any(ways) = &mut self.0[again] {
                            ways.push(round);
                        }
                        again
                    }
                    Some(most) => (*least..*most).try_fold(then, |next, _| {
                        let round = self.part(node, next)?;
                        self.add(Place::Any(vec![round, then]))
                    })?,
                };
                for _ in 0..*least {
                    begin = self.part(node, begin)?;
                }
                Ok(begin)
            }
        }
    }

    /// The places that are reached from some without a character, in order; and whether one of them is the end, if the text ends
    /// there.
    fn reached(&self, from: &[usize], begins: bool, steps: &mut usize) -> Result<(Vec<usize>, bool), Impossible> {
        // The second time, the text is taken to end, which opens ways to the end alone.
        let mut found = [Vec::new(), Vec::new()];
        for (ends, found) in [false, true].into_iter().zip(&mut found) {
            let mut open = from.to_vec();
            let mut seen = vec![false; self.0.len()];
            while let Some(at) = open.pop() {
                *steps += 1;
                if std::mem::replace(&mut seen[at], true) {
                    continue;
                }
                match &self.0[at] {
                    Place::Any(ways) => open.extend(ways),
                    Place::If(Look::Start, then) if begins => open.push(*then),
                    Place::If(Look::End, then) if ends => open.push(*then),
                    Place::If(..) => {}
                    Place::Step(..) | Place::End => found.push(at),
                }
            }
        }
        // What is looked through to see what was seen counts too.
        *steps += self.0.len() / 8;
        if *steps > MAX_STEPS {
            return Err(LARGE);
        }
        let [mut places, ending] = found;
        places.sort_unstable();
        let ends = ending.iter().any(|at| matches!(self.0[*at], Place::End));
        Ok((places, ends))
    }
}

impl Automaton {
    /// The automaton of an expression.
    ///
    /// # Errors
    /// If it would be too large.
    pub fn new(node: &Node) -> Result<Self, Impossible> {
        let mut places = Places(Vec::new());
        let end = places.add(Place::End)?;
        let begin = places.part(node, end)?;
        let mut steps = 0;
        let first = places.reached(&[begin], true, &mut steps)?;
        let mut states = vec![State { ends: first.1, ways: Vec::new() }];
        // The first state is not met again: only there the text begins.
        let mut known: BTreeMap<(Vec<usize>, bool), usize> = BTreeMap::new();
        let mut sets = vec![first.0];
        let mut at = 0;
        while at < states.len() {
            for (ranges, next) in ways(&places, &sets[at], &mut steps)? {
                let reached = places.reached(&next, false, &mut steps)?;
                let to = match known.entry(reached) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => {
                        if states.len() >= MAX_STATES {
                            return Err(LARGE);
                        }
                        let (set, ends) = new.key().clone();
                        states.push(State { ends, ways: Vec::new() });
                        sets.push(set);
                        *new.insert(states.len() - 1)
                    }
                };
                states[at].ways.push(Way { characters: Characters::new(ranges), to });
            }
            at += 1;
        }
        Ok(Self { states })
    }
}

type Ranges = Vec<(u32, u32)>;

/// The characters that lead on from a set of places, by the places they lead to.
fn ways(places: &Places, set: &[usize], steps: &mut usize) -> Result<Vec<(Ranges, Vec<usize>)>, Impossible> {
    // Where a range begins, its place is one more that is led to; behind its end, one less.
    let mut borders: Vec<(u32, bool, usize)> = Vec::new();
    for at in set {
        if let Place::Step(step, then) = &places.0[*at] {
            borders.extend(step.ranges().flat_map(|(start, end)| [(start, true, *then), (end + 1, false, *then)]));
        }
    }
    borders.sort_unstable();
    let mut open: BTreeMap<usize, usize> = BTreeMap::new();
    let mut found: BTreeMap<Vec<usize>, Ranges> = BTreeMap::new();
    let mut rest = borders.iter().peekable();
    while let Some((start, opens, then)) = rest.next() {
        let count = open.entry(*then).or_default();
        *count = if *opens { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            open.remove(then);
        }
        match rest.peek() {
            Some((end, ..)) if end > start && !open.is_empty() => {
                *steps += open.len();
                if *steps > MAX_STEPS {
                    return Err(LARGE);
                }
                found.entry(open.keys().copied().collect()).or_default().push((*start, end - 1));
            }
            _ => {}
        }
    }
    let mut ways: Vec<_> = found.into_iter().map(|(next, ranges)| (ranges, next)).collect();
    ways.sort_unstable();
    Ok(ways)
}
