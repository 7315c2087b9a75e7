//! Draws that are put together: a few values with their shares, frequent values beside a law, and pieces in which values lie evenly.

use super::laws::Fitted;
use super::points::Points;

/// Values that are listed with their shares, at most.
pub const LISTED: usize = 24;

/// The shares of values up to which each piece goes: narrower at the ends, where values are far apart.
const EDGES: [f64; 24] = [
    0.002, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85,
    0.9, 0.94, 0.97, 0.99,
];

/// Values of a piece, at least.
const INSIDE: u64 = 8;

/// The share of values that are there so often that they are a piece alone.
const ALONE: f64 = 0.04;

/// Shares, as counts of something, as percentages that sum to a hundred.
pub fn percentages(counts: &[u64]) -> Vec<String> {
    let all: u64 = counts.iter().sum::<u64>().max(1);
    let least = counts.iter().copied().filter(|count| *count > 0).min().unwrap_or(all) as f64 / all as f64;
    // As many digits as the smallest share needs to be told from nothing.
    let places = (2..=7).find(|places| least * 100.0 * 10f64.powi(*places) >= 3.0).unwrap_or(7) as u32;
    let whole = 100 * 10u64.pow(places);
    let exact = |count: u64| u128::from(count) * u128::from(whole);
    let mut parts: Vec<u64> =
        counts.iter().map(|count| ((exact(*count) / u128::from(all)) as u64).max(u64::from(*count > 0))).collect();
    // What is left of the hundred goes to those that lost most, or comes from the largest.
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse((exact(counts[*place]) % u128::from(all), counts[*place])));
    let sum: u64 = parts.iter().sum();
    match whole.checked_sub(sum) {
        Some(left) => order.iter().take(left as usize).for_each(|place| parts[*place] += 1),
        None => {
            if let Some(largest) = (0..parts.len()).max_by_key(|place| parts[*place]) {
                parts[largest] -= sum - whole;
            }
        }
    }
    parts.iter().map(|part| percent(*part, places)).collect()
}

fn percent(part: u64, places: u32) -> String {
    let power = 10u64.pow(places);
    let text = format!("{}.{:0width$}", part / power, part % power, width = places as usize);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Each value with its share.
pub fn listed(points: &Points) -> String {
    let values: Vec<String> = points.iter().map(|(point, _)| points.unit.written(point)).collect();
    let counts: Vec<u64> = points.iter().map(|(_, count)| count).collect();
    format!("categorical([{}], weights=[{}])", values.join(", "), percentages(&counts).join(", "))
}

/// Frequent values, and a law for the others.
pub fn beside(points: &Points, frequent: &[(f64, u64)], others: &Points, fitted: &Fitted) -> String {
    // A share of a law is of the whole of it, of which what lies beyond the ends is not drawn.
    let inside = fitted.share(others, points.ends).max(1e-6);
    let scale = |count: u64, part: f64| ((count as f64 / points.count() as f64) / part * 1e9).round().max(1.0) as u64;
    let mut parts: Vec<String> =
        frequent.iter().map(|(point, _)| format!("constant({})", points.unit.written(*point))).collect();
    let mut counts: Vec<u64> = frequent.iter().map(|(_, count)| scale(*count, 1.0)).collect();
    parts.push(fitted.written(others));
    counts.push(scale(others.count(), inside));
    format!("mixture([{}], weights=[{}])", parts.join(", "), percentages(&counts).join(", "))
}

/// Frequent values, and pieces of the others; with how many pieces these are.
pub fn histogram(points: &Points, frequent: &[(f64, u64)]) -> (String, usize) {
    let is_frequent = |point: f64| frequent.iter().any(|(other, _)| *other == point);
    let rest: u64 = points.iter().filter(|(point, _)| !is_frequent(*point)).map(|(_, count)| count).sum();
    let edge = |share: f64| {
        let passed = EDGES.iter().filter(|edge| **edge <= share).count();
        EDGES.get(passed).copied().unwrap_or(1.0)
    };
    let (mut before, mut end) = (0u64, 0.0);
    // From where, to where and how many.
    let mut pieces: Vec<(f64, f64, u64)> = Vec::new();
    let mut open = false;
    for (point, count) in points.iter() {
        // What is frequent by itself ends a piece.
        if is_frequent(point) {
            pieces.push((point, point, count));
            open = false;
            continue;
        }
        before += count;
        let share = before as f64 / rest.max(1) as f64;
        if count as f64 >= ALONE * rest as f64 {
            pieces.push((point, point, count));
            open = false;
            continue;
        }
        match pieces.last_mut().filter(|_| open) {
            Some((_, to, inside)) => {
                *to = point;
                *inside += count;
                open = share < end || *inside < INSIDE;
            }
            None => {
                end = edge((before - count) as f64 / rest.max(1) as f64);
                pieces.push((point, point, count));
                open = share < end || count < INSIDE;
            }
        }
    }
    let written = |(from, to, _): &(f64, f64, u64)| match from == to {
        true => format!("constant({})", points.unit.written(*from)),
        false => format!("uniform({}, {})", points.unit.written(*from), points.unit.written(*to)),
    };
    let parts: Vec<String> = pieces.iter().map(written).collect();
    let counts: Vec<u64> = pieces.iter().map(|(_, _, count)| *count).collect();
    (format!("mixture([{}], weights=[{}])", parts.join(", "), percentages(&counts).join(", ")), pieces.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_have_the_digits_they_need() {
        assert_eq!(percentages(&[1, 1]), ["50%", "50%"]);
        assert_eq!(percentages(&[1, 1, 1]), ["33.34%", "33.33%", "33.33%"]);
        assert_eq!(percentages(&[9167, 833]), ["91.67%", "8.33%"]);
        assert_eq!(percentages(&[32_554, 7]), ["99.979%", "0.021%"]);
    }

    proptest! {
        #[test]
        fn shares_sum_to_a_hundred(counts in prop::collection::vec(1u64..2_000_000_000, 1..60)) {
            let sum: f64 = percentages(&counts).iter().map(|share| share.trim_end_matches('%').parse::<f64>().unwrap()).sum();
            prop_assert!((sum - 100.0).abs() < 1e-7, "{sum}");
        }
    }
}
