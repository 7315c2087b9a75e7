//! What is inside one box: slots in ranks, and the links between them.

use std::collections::BTreeMap;

use super::{Point, Spacing, Tangled, order, place, rank, route};

/// Which end of the box a slot is kept at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A box.
    Box,
    /// Where a value comes in: before everything else.
    Entry,
    /// Where a value goes out: behind everything else.
    Exit,
    /// Where a line passes a rank.
    Passed,
}

/// A box, or a place on the border, or one that a line passes.
#[derive(Clone, Debug)]
pub struct Slot {
    pub kind: Kind,
    /// Its size, room for what is written behind it counted.
    pub width: f64,
    pub length: f64,
    /// Which rank it stands in, from 0.
    pub rank: usize,
    /// Where it begins.
    pub across: f64,
    pub down: f64,
}

impl Slot {
    pub fn sized(width: f64, length: f64, label: f64) -> Self {
        let width = width.max(2.0 * label);
        Self { kind: Kind::Box, width, length, rank: 0, across: 0.0, down: 0.0 }
    }

    pub fn entry(head: f64) -> Self {
        Self { kind: Kind::Entry, ..Self::sized(0.0, head, 0.0) }
    }

    pub fn exit(foot: f64) -> Self {
        Self { kind: Kind::Exit, ..Self::sized(0.0, foot, 0.0) }
    }

    pub fn passed(rank: usize) -> Self {
        Self { kind: Kind::Passed, rank, ..Self::sized(0.0, 0.0, 0.0) }
    }
}

/// What a line carries and where from: those of one net run together.
pub type Net = (usize, usize);

/// What passes a rank in one place: where it comes from, what it is, and the rank.
type Passing = (usize, Option<u64>, Net, usize);

/// A line between two slots.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub from: usize,
    pub to: usize,
    pub value: Net,
    pub minor: bool,
    /// Where it begins and ends on the borders, if that is a fixed place.
    pub from_port: Option<f64>,
    pub to_port: Option<f64>,
}

/// A piece of a line, from one rank to the next.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub from: usize,
    pub to: usize,
    pub net: Net,
    pub minor: bool,
    /// Where it begins and ends, from the beginning of the slots.
    pub from_at: f64,
    pub to_at: f64,
    /// Whether these are fixed.
    pub fixed: [bool; 2],
}

#[derive(Debug, Default)]
pub struct Level {
    pub slots: Vec<Slot>,
    pub links: Vec<Link>,
    /// The slots of each rank, in their order across.
    pub ranks: Vec<Vec<usize>>,
    pub segments: Vec<Segment>,
    /// The segments of each link, the first from where it begins.
    paths: Vec<Vec<usize>>,
    /// Where each segment turns.
    pub tracks: Vec<f64>,
    /// The points of each link.
    pub routes: Vec<Vec<Point>>,
    pub width: f64,
    pub length: f64,
    /// Whether its first and last ranks are places on the border.
    pub head: bool,
    pub foot: bool,
    /// How many places are passed by lines.
    pub passed: usize,
}

impl Level {
    /// Adds a link, unless it is there; answers its place.
    pub fn add(&mut self, link: Link) -> usize {
        let same = |other: &Link| {
            other.from == link.from
                && other.to == link.to
                && other.value == link.value
                && other.from_port == link.from_port
                && other.to_port == link.to_port
        };
        if let Some(at) = self.links.iter().rev().take(64).position(same) {
            let at = self.links.len() - 1 - at;
            self.links[at].minor &= link.minor;
            return at;
        }
        self.links.push(link);
        self.links.len() - 1
    }

    /// Puts everything in its place.
    pub fn lay(&mut self, spacing: &Spacing, most: usize) -> Result<(), Tangled> {
        rank::assign(&mut self.slots, &self.links);
        self.cut(most)?;
        order::arrange(self);
        self.ports();
        place::place(self, spacing);
        // The order of the ends at a box follows from where their other ends have come to stand.
        self.ports();
        place::place(self, spacing);
        route::route(self, spacing);
        self.trace();
        Ok(())
    }

    /// Cuts links into segments from rank to rank.
    fn cut(&mut self, most: usize) -> Result<(), Tangled> {
        let count = self.slots.iter().map(|slot| slot.rank + 1).max().unwrap_or(0);
        self.head = self.slots.iter().any(|slot| slot.kind == Kind::Entry);
        self.foot = self.slots.iter().any(|slot| slot.kind == Kind::Exit);
        // What carries the same from the same place passes a rank in one place.
        let mut passing: BTreeMap<Passing, (usize, usize)> = BTreeMap::new();
        for link in &self.links {
            let (first, last) = (self.slots[link.from].rank, self.slots[link.to].rank);
            let port = link.from_port.map(f64::to_bits);
            let mut path = Vec::new();
            let mut before = link.from;
            for rank in first + 1..=last {
                let ends = rank == last;
                let key = (link.from, port, link.value, rank);
                if let (false, Some((slot, segment))) = (ends, passing.get(&key)) {
                    self.segments[*segment].minor &= link.minor;
                    path.push(*segment);
                    before = *slot;
                    continue;
                }
                let to = if ends { link.to } else { self.slots.len() };
                let begins = before == link.from;
                path.push(self.segments.len());
                self.segments.push(Segment {
                    from: before,
                    to,
                    net: link.value,
                    minor: link.minor,
                    from_at: if begins { link.from_port.unwrap_or(0.0) } else { 0.0 },
                    to_at: if ends { link.to_port.unwrap_or(0.0) } else { 0.0 },
                    fixed: [!begins || link.from_port.is_some(), !ends || link.to_port.is_some()],
                });
                if !ends {
                    self.passed += 1;
                    if self.passed > most {
                        return Err(Tangled);
                    }
                    self.slots.push(Slot::passed(rank));
                    passing.insert(key, (to, self.segments.len() - 1));
                    before = to;
                }
            }
            self.paths.push(path);
        }
        self.ranks = vec![Vec::new(); count];
        for (at, slot) in self.slots.iter().enumerate() {
            self.ranks[slot.rank].push(at);
        }
        Ok(())
    }

    /// Says where on the border of each box lines begin and end, where that is free: the main one in the middle.
    fn ports(&mut self) {
        let mut ends: BTreeMap<(usize, bool), Vec<usize>> = BTreeMap::new();
        for (at, segment) in self.segments.iter().enumerate() {
            if !segment.fixed[0] {
                ends.entry((segment.from, true)).or_default().push(at);
            }
            if !segment.fixed[1] {
                ends.entry((segment.to, false)).or_default().push(at);
            }
        }
        for ((slot, begins), segments) in ends {
            // Lines of one net leave and reach a box in one place.
            let mut nets: Vec<(Net, f64, bool)> = Vec::new();
            for at in &segments {
                let Segment { net, minor, from, to, from_at, to_at, .. } = self.segments[*at];
                let other = if begins { self.slots[to].across + to_at } else { self.slots[from].across + from_at };
                match nets.iter_mut().find(|(known, ..)| *known == net) {
                    Some((_, _, all)) => *all &= minor,
                    None => nets.push((net, other, minor)),
                }
            }
            nets.sort_by(|a, b| a.1.total_cmp(&b.1));
            let middle = self.slots[slot].width / 2.0;
            let mains: Vec<usize> = (0..nets.len()).filter(|at| !nets[*at].2).collect();
            // One that is the only one to go straight has the middle; otherwise they share the border evenly.
            let centre = match mains.as_slice() {
                [main] => *main as f64,
                _ => (nets.len() - 1) as f64 / 2.0,
            };
            let room = (self.slots[slot].width * 0.7 / nets.len() as f64).min(16.0);
            for at in segments {
                let place = nets.iter().position(|(net, ..)| *net == self.segments[at].net).unwrap_or(0);
                let port = middle + (place as f64 - centre) * room;
                match begins {
                    true => self.segments[at].from_at = port,
                    false => self.segments[at].to_at = port,
                }
            }
        }
    }

    /// The points of each link. from those of its segments.
    fn trace(&mut self) {
        for path in &self.paths {
            let mut points = Vec::new();
            for at in path {
                points.extend(route::points(self, *at));
            }
            self.routes.push(points);
        }
    }
}
