//! The order in each rank, so that few lines cross: sweeps by the mean of the neighbours' places, the best kept.
//!
//! Eades and Wormald ("Edge crossings in drawings of bipartite graphs", 1994) say how far such sweeps are from the best.

use super::level::{Kind, Level};

/// How often ranks are gone through from both ends.
const SWEEPS: usize = 8;

/// Levels with more places are swept less: what is that large is read in parts anyway.
const LARGE: usize = 4_000;

/// Orders every rank.
pub fn arrange(level: &mut Level) {
    let mut down: Vec<Vec<usize>> = vec![Vec::new(); level.slots.len()];
    let mut up = down.clone();
    for (at, segment) in level.segments.iter().enumerate() {
        down[segment.from].push(at);
        up[segment.to].push(at);
    }
    // Lines that pass begin beside the boxes.
    for rank in &mut level.ranks {
        rank.sort_by_key(|at| level.slots[*at].kind == Kind::Passed);
    }
    let mut places = vec![0.0; level.slots.len()];
    number(&level.ranks, &mut places);
    let mut best = (crossings(level, &down), level.ranks.clone());
    let sweeps = if level.slots.len() > LARGE { 1 } else { SWEEPS };
    for sweep in 0..sweeps {
        if best.0 == 0 {
            break;
        }
        let count = level.ranks.len();
        for step in 1..count {
            let (rank, near) = if sweep % 2 == 0 { (step, &up) } else { (count - 1 - step, &down) };
            let mean = |at: usize| {
                let ends = near[at].iter().map(|segment| {
                    let segment = &level.segments[*segment];
                    let (other, port) = match sweep % 2 == 0 {
                        true => (segment.from, segment.from_at),
                        false => (segment.to, segment.to_at),
                    };
                    // Where on a wide box a line begins tells lines of one box apart.
                    let within = port / level.slots[other].width.max(1.0);
                    places[other] + within.clamp(0.0, 0.9)
                });
                let (sum, count) = ends.fold((0.0, 0), |(sum, count), place| (sum + place, count + 1));
                if count == 0 { places[at] } else { sum / f64::from(count) }
            };
            let mut keyed: Vec<(f64, usize)> = level.ranks[rank].iter().map(|at| (mean(*at), *at)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            level.ranks[rank] = keyed.into_iter().map(|(_, at)| at).collect();
            for (place, at) in level.ranks[rank].iter().enumerate() {
                places[*at] = place as f64;
            }
        }
        let now = crossings(level, &down);
        if now < best.0 {
            best = (now, level.ranks.clone());
        }
    }
    level.ranks = best.1;
}

fn number(ranks: &[Vec<usize>], places: &mut [f64]) {
    for rank in ranks {
        for (place, at) in rank.iter().enumerate() {
            places[*at] = place as f64;
        }
    }
}

/// How many lines cross, counted from rank to rank as inversions (Barth, Mutzel and Jünger, 2004).
fn crossings(level: &Level, down: &[Vec<usize>]) -> u64 {
    let mut places = vec![0.0; level.slots.len()];
    number(&level.ranks, &mut places);
    let mut total = 0;
    for pair in level.ranks.windows(2) {
        let mut ends: Vec<(f64, f64)> = Vec::new();
        for at in &pair[0] {
            for segment in &down[*at] {
                let segment = &level.segments[*segment];
                let within = |slot: usize, port: f64| (port / level.slots[slot].width.max(1.0)).clamp(0.0, 0.9);
                let (from, to) = (segment.from, segment.to);
                ends.push((places[from] + within(from, segment.from_at), places[to] + within(to, segment.to_at)));
            }
        }
        ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut tree = vec![0u64; pair[1].len() * 2 + 2];
        for (seen, (_, to)) in (0..).zip(ends) {
            // Halves of a place are told apart.
            let at = (to * 2.0) as usize + 1;
            let mut before = 0;
            let mut walk = at;
            while walk > 0 {
                before += tree[walk];
                walk &= walk - 1;
            }
            total += seen - before;
            let mut walk = at;
            while walk < tree.len() {
                tree[walk] += 1;
                walk += walk & walk.wrapping_neg();
            }
        }
    }
    total
}
