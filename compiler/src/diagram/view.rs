//! Which blocks of a model are open, and what is seen of it then.
//!
//! Rounds of a `repeat` that are alike are drawn once, `× 12`, as papers draw them; those that differ, such as the stages of
//! a network that widens, stand one after the other.

use foldhash::{HashMap, HashSet};

use super::outline::{Kind, Outline, Wire};

/// How many boxes a picture has by default, at most: more are hardly read.
const READABLE: usize = 30;

/// And how many it may have for all rounds to be seen.
const LONG: usize = 100;

/// What is asked of a view.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'w> {
    /// What is closed, by id or by what it is a use of.
    pub collapse: &'w [String],
    /// What is open, likewise.
    pub expand: &'w [String],
    /// How deep blocks are open; nothing for as deep as can be read.
    pub depth: Option<usize>,
}

/// How a group is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As one box.
    Closed,
    /// With what is in it.
    Open,
}

/// A part that is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The part.
    pub part: usize,
    /// The part seen that it stands in.
    pub parent: Option<usize>,
    /// How it is drawn.
    pub state: State,
    /// How often, counted in what is around it.
    pub times: usize,
}

/// What is seen of a model.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The parts that are drawn, each before what is inside it.
    pub seen: Vec<Seen>,
    /// What flows between them, by their places among those, each once.
    pub wires: Vec<Wire>,
    /// Which of the wires pass by others that lead to the same part.
    pub skips: Vec<bool>,
    /// What was named and is nowhere in the model.
    pub unknown: Vec<String>,
}

/// What a model is, as far as a view asks.
pub struct Parts<'a> {
    /// Its parts.
    pub outline: &'a Outline,
    /// What each part is called by others than its id: the block it is a use of, `repeat`.
    pub of: &'a dyn Fn(usize) -> String,
    /// What two parts have in common that are drawn alike.
    pub look: &'a dyn Fn(usize) -> String,
}

/// What is seen of a model.
pub fn view(parts: &Parts<'_>, wanted: &Wanted<'_>) -> View {
    let alike = Alike::of(parts);
    let at = |depth: Depth| {
        let mut walk = Walk { parts, wanted, alike: &alike, depth, seen: Vec::new(), drawn: Vec::new() };
        walk.drawn = vec![None; parts.outline.parts.len()];
        walk.within(0..parts.outline.parts.len(), None, Level::default());
        walk
    };
    let best = match wanted.depth {
        Some(depth) => at(Depth::All(depth)),
        None => {
            let mut best = at(Depth::All(0));
            // Rounds are what a `repeat` says of a model, so they are seen first, and then what is in the blocks.
            let rounds = at(Depth::Uses(0));
            if rounds.boxes() <= LONG {
                best = rounds;
            }
            for depth in 1.. {
                let next = at(Depth::Uses(depth));
                if next.boxes() > READABLE || next.seen.len() == best.seen.len() {
                    break;
                }
                best = next;
            }
            best
        }
    };
    let Walk { seen, drawn, .. } = best;
    let mut view = View { seen, ..View::default() };
    let mut known: HashSet<(usize, usize, u32)> = HashSet::default();
    for wire in &parts.outline.wires {
        let (Some(from), Some(to)) = (drawn[wire.from], drawn[wire.to]) else { continue };
        // What goes from one round to the next is not seen where they are drawn once.
        if from < to && known.insert((from, to, wire.value.0)) {
            view.wires.push(Wire { from, to, ..*wire });
        }
    }
    once(&mut view.wires);
    view.skips = skips(view.seen.len(), &view.wires);
    let names = wanted.collapse.iter().chain(wanted.expand);
    let groups: Vec<usize> =
        (0..parts.outline.parts.len()).filter(|at| matches!(parts.outline.parts[*at].kind, Kind::Group(_))).collect();
    let is_known =
        |name: &&String| groups.iter().any(|at| parts.outline.parts[*at].id == **name || (parts.of)(*at) == **name);
    view.unknown = names.filter(|name| !is_known(name)).cloned().collect();
    view
}

/// Several values from one part to another are one wire, if they are not told apart by where they come from.
fn once(wires: &mut Vec<Wire>) {
    let mut known: HashSet<(usize, usize)> = HashSet::default();
    wires.retain(|wire| known.insert((wire.from, wire.to)));
}

/// Which wires lead where others lead too, past more parts.
fn skips(count: usize, wires: &[Wire]) -> Vec<bool> {
    let (mut out, mut into) = (vec![Vec::new(); count], vec![0_usize; count]);
    for wire in wires {
        out[wire.from].push(wire.to);
        into[wire.to] += 1;
    }
    let mut reached = vec![usize::MAX; count];
    let is_skip = |(at, wire): (usize, &Wire)| {
        if out[wire.from].len() < 2 || into[wire.to] < 2 {
            return false;
        }
        // Whether the end is reached by another way.
        let mut open: Vec<usize> = out[wire.from].iter().copied().filter(|next| *next < wire.to).collect();
        while let Some(part) = open.pop() {
            if std::mem::replace(&mut reached[part], at) == at {
                continue;
            }
            for next in &out[part] {
                match next.cmp(&wire.to) {
                    std::cmp::Ordering::Equal => return true,
                    std::cmp::Ordering::Less => open.push(*next),
                    std::cmp::Ordering::Greater => {}
                }
            }
        }
        false
    };
    wires.iter().enumerate().map(is_skip).collect()
}

/// Which `repeat`s have rounds that are all alike.
struct Alike {
    repeats: HashMap<usize, usize>,
}

impl Alike {
    fn of(parts: &Parts<'_>) -> Self {
        let all = &parts.outline.parts;
        let looks: Vec<String> = (0..all.len()).map(|at| (parts.look)(at)).collect();
        let mut repeats = HashMap::default();
        for (at, part) in all.iter().enumerate() {
            if !matches!(part.kind, Kind::Group(_)) || (parts.of)(at) != "repeat" {
                continue;
            }
            let rounds = children(parts.outline, at + 1..part.end);
            let Some((first, others)) = rounds.split_first() else { continue };
            let same = |round: &usize| {
                let (a, b) = (*first..all[*first].end, *round..all[*round].end);
                a.len() == b.len()
                    && a.zip(b).skip(1).all(|(a, b)| {
                        let depth = |part: usize, round: usize| all[part].parent.map(|parent| parent - round);
                        looks[a] == looks[b] && depth(a, *first) == depth(b, *round)
                    })
            };
            if others.iter().all(same) {
                repeats.insert(at, rounds.len());
            }
        }
        Self { repeats }
    }
}

/// The parts directly in a range.
fn children(outline: &Outline, range: std::ops::Range<usize>) -> Vec<usize> {
    let mut out = Vec::new();
    let mut at = range.start;
    while at < range.end {
        out.push(at);
        at = outline.parts[at].end;
    }
    out
}

/// How deep blocks are open.
#[derive(Clone, Copy)]
enum Depth {
    /// So many in one another, whatever they are.
    All(usize),
    /// So many uses of blocks in one another; a `repeat` is open.
    Uses(usize),
}

/// How many open blocks are around.
#[derive(Clone, Copy, Default)]
struct Level {
    all: usize,
    uses: usize,
}

impl Level {
    fn within(self, is_use: bool) -> Self {
        Self { all: self.all + 1, uses: self.uses + usize::from(is_use) }
    }
}

struct Walk<'a> {
    parts: &'a Parts<'a>,
    wanted: &'a Wanted<'a>,
    alike: &'a Alike,
    depth: Depth,
    seen: Vec<Seen>,
    /// For each part what is seen of it, by its place.
    drawn: Vec<Option<usize>>,
}

impl Walk<'_> {
    fn boxes(&self) -> usize {
        self.seen.iter().filter(|seen| seen.state != State::Open).count()
    }

    /// Whether a group is open where nothing is said of it.
    fn opens(&self, at: usize, level: Level) -> bool {
        match self.depth {
            Depth::All(depth) => level.all < depth,
            Depth::Uses(depth) => !self.is_use(at) || level.uses < depth,
        }
    }

    fn is_use(&self, at: usize) -> bool {
        !matches!((self.parts.of)(at).as_str(), "repeat" | "round")
    }

    /// Whether a name that was given says that a group is open or closed; an id goes before what it is a use of.
    fn said(&self, at: usize) -> Option<bool> {
        let (id, of) = (&self.parts.outline.parts[at].id, (self.parts.of)(at));
        let named = |names: &[String], name: &String| names.contains(name);
        match (named(self.wanted.expand, id), named(self.wanted.collapse, id)) {
            (true, _) => return Some(true),
            (false, true) => return Some(false),
            (false, false) => {}
        }
        match (named(self.wanted.expand, &of), named(self.wanted.collapse, &of)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    fn within(&mut self, range: std::ops::Range<usize>, parent: Option<usize>, level: Level) {
        for at in children(self.parts.outline, range) {
            self.part(at, parent, level, 1);
        }
    }

    fn part(&mut self, at: usize, parent: Option<usize>, level: Level, times: usize) {
        let part = &self.parts.outline.parts[at];
        if !matches!(part.kind, Kind::Group(_)) {
            self.see(at, parent, State::Closed, times);
            return;
        }
        let inside = at + 1..part.end;
        let said = self.said(at);
        if let Some(rounds) = self.alike.repeats.get(&at).copied().filter(|_| said.is_none()) {
            return self.folded(at, rounds, parent, level, times);
        }
        let held = children(self.parts.outline, inside.clone());
        // A round of one part is that part.
        if let ([only], true, None) = (held.as_slice(), self.is_round(at), said) {
            return self.part(*only, parent, level, times);
        }
        match said.unwrap_or_else(|| self.opens(at, level)) {
            true => {
                let place = self.see(at, parent, State::Open, times);
                self.within(inside, Some(place), level.within(self.is_use(at)));
            }
            false => self.closed(at, parent, times),
        }
    }

    fn is_round(&self, at: usize) -> bool {
        let parent = self.parts.outline.parts[at].parent;
        parent.is_some_and(|parent| (self.parts.of)(parent) == "repeat")
    }

    fn closed(&mut self, at: usize, parent: Option<usize>, times: usize) {
        let place = self.see(at, parent, State::Closed, times);
        let inside = at..self.parts.outline.parts[at].end;
        self.drawn[inside].fill(Some(place));
    }

    /// A `repeat` whose rounds are alike, drawn once.
    fn folded(&mut self, at: usize, rounds: usize, parent: Option<usize>, level: Level, times: usize) {
        let outline = self.parts.outline;
        let all = children(outline, at + 1..outline.parts[at].end);
        let first = all[0];
        // A layer or block alone says itself how often it stands there; an expression would not.
        let counts = |part: usize| matches!(outline.parts[part].kind, Kind::Layer(_) | Kind::Group(_));
        match children(outline, first + 1..outline.parts[first].end).as_slice() {
            [only] if counts(*only) || rounds == 1 => self.part(*only, parent, level, times * rounds),
            _ if self.opens(at, level) => {
                let place = self.see(at, parent, State::Open, times * rounds);
                self.within(first + 1..outline.parts[first].end, Some(place), level.within(false));
            }
            _ => return self.closed(at, parent, times * rounds),
        }
        for round in all.into_iter().skip(1) {
            for step in 0..outline.parts[round].end - round {
                self.drawn[round + step] = self.drawn[first + step];
            }
        }
    }

    fn see(&mut self, part: usize, parent: Option<usize>, state: State, times: usize) -> usize {
        let place = self.seen.len();
        self.seen.push(Seen { part, parent, state, times });
        if state == State::Closed {
            self.drawn[part] = Some(place);
        }
        place
    }
}
