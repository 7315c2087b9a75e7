//! Where in its rank each box stands: what follows on one another in one line, everything else as near to its neighbours as
//! there is room.
//!
//! Slots that are each other's main neighbour form a block that is kept straight, as in Brandes and Köpf ("Fast and simple
//! horizontal coordinate assignment", 2001). Which one that is follows from what a line is: one that passes ranks goes
//! straight, then the main flow does, and what only passes by bends.

use super::Spacing;
use super::level::{Kind, Level, Segment};

/// How often blocks are drawn to their neighbours.
const PULLS: usize = 24;

/// Gives every slot its place across.
pub fn place(level: &mut Level, spacing: &Spacing) {
    let blocks = Blocks::of(level);
    let mut at = blocks.packed(level, spacing);
    blocks.pull(level, spacing, &mut at);
    for (slot, placed) in level.slots.iter_mut().enumerate() {
        placed.across = at[blocks.block[slot]] + blocks.offset[slot];
    }
    let first = level.slots.iter().map(|slot| slot.across).fold(f64::INFINITY, f64::min);
    let first = if first.is_finite() { first } else { 0.0 };
    level.slots.iter_mut().for_each(|slot| slot.across -= first);
    level.width = level.slots.iter().map(|slot| slot.across + slot.width).fold(0.0, f64::max);
}

/// How much a line is to be straight.
fn strength(level: &Level, segment: &Segment) -> u8 {
    let passes = |slot: usize| level.slots[slot].kind == Kind::Passed;
    match (passes(segment.from), passes(segment.to)) {
        (true, true) => 4,
        _ if segment.minor => 1,
        (false, false) => 3,
        _ => 2,
    }
}

/// What must be kept between two neighbours in a rank.
fn gap(level: &Level, left: usize, right: usize, spacing: &Spacing) -> f64 {
    match [left, right].iter().all(|slot| level.slots[*slot].kind == Kind::Box) {
        true => spacing.boxes,
        false => spacing.lines,
    }
}

/// Slots that stand in one line.
struct Blocks {
    block: Vec<usize>,
    /// Where a slot begins in its block.
    offset: Vec<f64>,
    count: usize,
    /// The blocks, each after those on its left.
    order: Vec<usize>,
    /// For each block its neighbours in all ranks: one of its slots, and that beside it.
    left: Vec<Vec<(usize, usize)>>,
    right: Vec<Vec<(usize, usize)>>,
}

impl Blocks {
    fn of(level: &Level) -> Self {
        let slots = level.slots.len();
        let mut places = vec![0; slots];
        for rank in &level.ranks {
            rank.iter().enumerate().for_each(|(place, slot)| places[*slot] = place);
        }
        let (mut down, mut up) = (vec![Vec::new(); slots], vec![Vec::new(); slots]);
        for (at, segment) in level.segments.iter().enumerate() {
            down[segment.from].push(at);
            up[segment.to].push(at);
        }
        // The one that goes before the others; of several that are alike the middle one, if there is one.
        let main = |ends: &[usize], other: &dyn Fn(&Segment) -> usize| {
            let best = ends.iter().map(|at| strength(level, &level.segments[*at])).max()?;
            let mut alike: Vec<usize> =
                ends.iter().copied().filter(|at| strength(level, &level.segments[*at]) == best).collect();
            alike.sort_by_key(|at| places[other(&level.segments[*at])]);
            (alike.len() % 2 == 1).then(|| alike[alike.len() / 2])
        };
        let mut block: Vec<usize> = (0..slots).collect();
        let mut offset = vec![0.0; slots];
        for rank in &level.ranks {
            let mut straight: Vec<usize> = Vec::new();
            for slot in rank {
                let below = main(&down[*slot], &|segment| segment.to);
                let mutual = |at: &usize| main(&up[level.segments[*at].to], &|segment| segment.from) == Some(*at);
                straight.extend(below.filter(mutual));
            }
            straight.sort_by_key(|at| std::cmp::Reverse(strength(level, &level.segments[*at])));
            let mut kept: Vec<(usize, usize)> = Vec::new();
            for at in straight {
                let Segment { from, to, from_at, to_at, .. } = level.segments[at];
                let (a, b) = (places[from], places[to]);
                if kept.iter().any(|(c, d)| (a < *c) != (b < *d)) {
                    continue;
                }
                kept.push((a, b));
                block[to] = block[from];
                offset[to] = offset[from] + from_at - to_at;
            }
        }
        let mut this = Self {
            block,
            offset,
            count: slots,
            order: Vec::new(),
            left: vec![Vec::new(); slots],
            right: vec![Vec::new(); slots],
        };
        for rank in &level.ranks {
            for pair in rank.windows(2) {
                this.right[this.block[pair[0]]].push((pair[0], pair[1]));
                this.left[this.block[pair[1]]].push((pair[1], pair[0]));
            }
        }
        this.sort();
        this
    }

    /// Sorts the blocks from left to right.
    fn sort(&mut self) {
        let mut waits: Vec<usize> = self.left.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..self.count).filter(|block| waits[*block] == 0).collect();
        ready.reverse();
        while let Some(block) = ready.pop() {
            self.order.push(block);
            for (_, beside) in &self.right[block] {
                let next = self.block[*beside];
                waits[next] -= 1;
                if waits[next] == 0 {
                    ready.push(next);
                }
            }
        }
    }

    /// How far left a block may stand.
    fn least(&self, block: usize, at: &[f64], level: &Level, spacing: &Spacing) -> f64 {
        let beside = self.left[block].iter().map(|(own, left)| {
            let end = at[self.block[*left]] + self.offset[*left] + level.slots[*left].width;
            end + gap(level, *left, *own, spacing) - self.offset[*own]
        });
        beside.fold(f64::NEG_INFINITY, f64::max)
    }

    /// How far right.
    fn most(&self, block: usize, at: &[f64], level: &Level, spacing: &Spacing) -> f64 {
        let beside = self.right[block].iter().map(|(own, right)| {
            let start = at[self.block[*right]] + self.offset[*right];
            start - gap(level, *own, *right, spacing) - level.slots[*own].width - self.offset[*own]
        });
        beside.fold(f64::INFINITY, f64::min)
    }

    /// Every block as far left as it may stand.
    fn packed(&self, level: &Level, spacing: &Spacing) -> Vec<f64> {
        let mut at = vec![0.0; self.count];
        for block in &self.order {
            let least = self.least(*block, &at, level, spacing);
            at[*block] = if least.is_finite() { least } else { 0.0 };
        }
        at
    }

    /// Draws every block to what it is joined to.
    fn pull(&self, level: &Level, spacing: &Spacing, at: &mut [f64]) {
        // What pulls at a block: its own end, and the other.
        let mut pulls: Vec<Vec<(f64, usize, f64)>> = vec![Vec::new(); self.count];
        let mut gentle = pulls.clone();
        for segment in &level.segments {
            let (a, b) = (self.block[segment.from], self.block[segment.to]);
            if a == b {
                continue;
            }
            let (own, other) = (self.offset[segment.from] + segment.from_at, self.offset[segment.to] + segment.to_at);
            // A line that passes by is drawn to boxes, and not they to it.
            let passes = |slot: usize| level.slots[slot].kind == Kind::Passed;
            let of = |slot| if segment.minor && !passes(slot) { 1 } else { 0 };
            [&mut pulls, &mut gentle][of(segment.from)][a].push((own, b, other));
            [&mut pulls, &mut gentle][of(segment.to)][b].push((other, a, own));
        }
        for (pulls, gentle) in pulls.iter_mut().zip(gentle) {
            if pulls.is_empty() {
                *pulls = gentle;
            }
        }
        for round in 0..PULLS {
            let step = |index: usize| match round % 2 {
                0 => self.order[self.order.len() - 1 - index],
                _ => self.order[index],
            };
            for index in 0..self.order.len() {
                let block = step(index);
                if pulls[block].is_empty() {
                    continue;
                }
                let mut wanted: Vec<f64> =
                    pulls[block].iter().map(|(own, block, other)| at[*block] + other - own).collect();
                wanted.sort_by(f64::total_cmp);
                let middle = (wanted[(wanted.len() - 1) / 2] + wanted[wanted.len() / 2]) / 2.0;
                let (least, most) = (self.least(block, at, level, spacing), self.most(block, at, level, spacing));
                at[block] = if least <= most { middle.clamp(least, most) } else { least };
            }
        }
        // A last time from the left, so that nothing overlaps whatever was rounded.
        for block in &self.order {
            let least = self.least(*block, at, level, spacing);
            at[*block] = at[*block].max(least);
        }
    }
}
