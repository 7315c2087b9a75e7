//! How lines run from rank to rank: along the flow, and across it in tracks of the channel between two ranks.
//!
//! Tracks are given out as by the left-edge algorithm of channel routing (Hashimoto and Stevens, 1971), after those that must
//! turn before them.

use std::collections::BTreeMap;

use super::level::{Kind, Level, Net, Segment};
use super::{Point, Spacing};

/// Nearer places across are one.
const SAME: f64 = 0.01;

/// Two lines along the flow keep that much between them where they can.
const APART: f64 = 5.0;

/// Lines of one net in one channel.
struct Run {
    segments: Vec<usize>,
    top: f64,
    bottoms: Vec<f64>,
    low: f64,
    high: f64,
}

/// More lines than this in one channel are not compared with each other.
const MANY: usize = 300;

/// Between the border of a box and the first turn of what comes in there.
const CLOSE: f64 = 3.0;

/// Gives ranks their places along the flow, and segments the points they run through.
pub fn route(level: &mut Level, spacing: &Spacing) {
    let mut channels: Vec<BTreeMap<(usize, u64, Net), Run>> = Vec::new();
    channels.resize_with(level.ranks.len(), BTreeMap::new);
    for (at, segment) in level.segments.iter().enumerate() {
        let top = level.slots[segment.from].across + segment.from_at;
        let bottom = level.slots[segment.to].across + segment.to_at;
        let key = (segment.from, segment.from_at.to_bits(), segment.net);
        let run = channels[level.slots[segment.from].rank].entry(key).or_insert_with(|| Run {
            segments: Vec::new(),
            top,
            bottoms: Vec::new(),
            low: top,
            high: top,
        });
        run.segments.push(at);
        run.bottoms.push(bottom);
        (run.low, run.high) = (run.low.min(bottom), run.high.max(bottom));
    }
    let mut tracks: Vec<f64> = vec![0.0; level.segments.len()];
    let mut down = 0.0;
    for (rank, channel) in channels.into_iter().enumerate() {
        let length = level.ranks[rank].iter().map(|slot| level.slots[*slot].length).fold(0.0, f64::max);
        for slot in &level.ranks[rank] {
            level.slots[*slot].down = down;
        }
        down += length;
        if rank + 1 == level.ranks.len() {
            break;
        }
        let runs: Vec<Run> = channel.into_values().collect();
        let (given, count) = assign(&runs);
        let all = |rank: usize, kind| level.ranks[rank].iter().all(|slot| level.slots[*slot].kind == kind);
        // At the border nothing is written, and no line ends.
        let behind = if all(rank, Kind::Entry) { CLOSE } else { spacing.behind };
        let before = if all(rank + 1, Kind::Exit) { CLOSE } else { spacing.before };
        for (run, track) in runs.iter().zip(given) {
            for segment in &run.segments {
                tracks[*segment] = down + behind + track as f64 * spacing.track;
            }
        }
        down += behind + count.saturating_sub(1) as f64 * spacing.track + before;
    }
    level.length = down;
    level.tracks = tracks;
}

/// How much the two cross, or lie on one another, where `early` turns before `late`.
fn crossed(early: &Run, late: &Run) -> usize {
    let over = |place: f64, run: &Run| place > run.low - APART && place < run.high + APART;
    // What has turned goes on down through the track of the other; what has not yet comes down through the first.
    early.bottoms.iter().filter(|bottom| over(**bottom, late)).count() + usize::from(over(late.top, early))
}

/// A track for each run, and how many there are.
fn assign(runs: &[Run]) -> (Vec<usize>, usize) {
    let turns: Vec<usize> = (0..runs.len()).filter(|at| runs[*at].high - runs[*at].low > SAME).collect();
    let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waits = vec![0; runs.len()];
    // With very many there is no order that keeps them apart.
    let pairs = if turns.len() <= MANY { turns.as_slice() } else { &[] };
    for (at, a) in pairs.iter().enumerate() {
        for b in &pairs[at + 1..] {
            let (first, second) = (crossed(&runs[*a], &runs[*b]), crossed(&runs[*b], &runs[*a]));
            let (early, late) = if first < second { (*a, *b) } else { (*b, *a) };
            if first != second {
                after.entry(early).or_default().push(late);
                waits[late] += 1;
            }
        }
    }
    let mut given = vec![0; runs.len()];
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut left: Vec<usize> = turns;
    left.sort_by(|a, b| runs[*a].low.total_cmp(&runs[*b].low).then(runs[*b].high.total_cmp(&runs[*a].high)));
    let mut least = vec![0; runs.len()];
    while !left.is_empty() {
        // In a circle one has to go first.
        let next = left.iter().position(|at| waits[*at] == 0).unwrap_or(0);
        let at = left.remove(next);
        let (low, high) = (runs[at].low - APART, runs[at].high + APART);
        let free = |track: &Vec<(f64, f64)>| track.iter().all(|(from, to)| high <= *from || low >= *to);
        let track = (least[at]..taken.len()).find(|track| free(&taken[*track])).unwrap_or(taken.len().max(least[at]));
        taken.resize_with(taken.len().max(track + 1), Vec::new);
        taken[track].push((runs[at].low, runs[at].high));
        given[at] = track;
        for late in after.remove(&at).unwrap_or_default() {
            waits[late] -= 1;
            least[late] = least[late].max(track + 1);
        }
    }
    (given, taken.len())
}

/// The points a segment runs through.
pub fn points(level: &Level, at: usize) -> Vec<Point> {
    let Segment { from, to, from_at, to_at, .. } = level.segments[at];
    let (begin, end) = (&level.slots[from], &level.slots[to]);
    let (a, b) = (begin.across + from_at, end.across + to_at);
    let first = begin.down + if begin.kind == Kind::Box { begin.length } else { 0.0 };
    let last = end.down + if end.kind == Kind::Exit { end.length } else { 0.0 };
    let point = |across, down| Point { across, down };
    match (a - b).abs() <= SAME {
        true => vec![point(a, first), point(a, last)],
        false => vec![point(a, first), point(a, level.tracks[at]), point(b, level.tracks[at]), point(b, last)],
    }
}
