use ndsl_generate::law::Law;

use super::*;

/// Values of a law, one in the middle of each of so many equal parts of its chances.
fn points_of(law: &Law, unit: Unit, count: usize) -> Points {
    let mut all: Vec<(f64, u64)> = Vec::new();
    for place in 0..count {
        let value = law.quantile((place as f64 + 0.5) / count as f64);
        let value = match unit {
            Unit::Whole => value.round(),
            Unit::Day => (value / 86_400.0).floor() * 86_400.0,
            _ => value,
        };
        match all.last_mut() {
            Some((last, times)) if *last == value => *times += 1,
            _ => all.push((value, 1)),
        }
    }
    let ends = (all[0].0, all[all.len() - 1].0);
    Points::new(unit, ends, all)
}

fn draw_of(law: &Law, unit: Unit) -> String {
    drawn(&points_of(law, unit, 5000)).unwrap().draw.unwrap_or_default()
}

#[test]
fn values_of_a_law_are_told_to_be_of_it() {
    let cases = [
        (Law::Normal { mean: 41.0, deviation: 14.0 }, Unit::Real, "normal(41"),
        (Law::LogNormal { mean: 10.4, deviation: 0.5 }, Unit::Real, "lognormal(10.4, 0.5"),
        (Law::Exponential { rate: 0.2 }, Unit::Real, "exponential(0.2"),
        (Law::gamma(2.0, 3.5), Unit::Real, "gamma("),
        (Law::beta(2.0, 5.0), Unit::Real, "beta("),
        (Law::poisson(40.0), Unit::Whole, "poisson(40"),
        (Law::zipf(1.5), Unit::Whole, "zipf(1.5"),
        (Law::Normal { mean: 1.7e9, deviation: 30.0 * 86_400.0 }, Unit::Day, "normal(2023-11-1"),
    ];
    for (law, unit, draw) in cases {
        let found = draw_of(&law, unit);
        assert!(found.starts_with(draw), "{found}, and not {draw}");
    }
    assert_eq!(draw_of(&Law::Uniform { min: -3.0, max: 8.0 }, Unit::Real), "", "even values need no law");
}

#[test]
fn frequent_values_stand_beside_the_law_of_the_others() {
    let others = points_of(&Law::LogNormal { mean: 5.0, deviation: 0.7 }, Unit::Real, 1000);
    let all: Vec<(f64, u64)> = std::iter::once((0.0, 9000)).chain(others.iter()).collect();
    let found = drawn(&Points::new(Unit::Real, (0.0, others.ends.1), all)).unwrap();
    let draw = found.draw.unwrap();
    assert!(draw.starts_with("mixture([constant(0), lognormal(5"), "{draw}");
    assert!(draw.ends_with("weights=[89.99%, 10.01%])") || draw.ends_with("weights=[90%, 10%])"), "{draw}");
    assert!(found.why.starts_with("90.0% are 0; of the others lognormal fits"), "{}", found.why);
}

#[test]
fn what_no_law_fits_is_put_together_of_pieces() {
    let two = [(100.0, 5.0), (500.0, 10.0), (900.0, 2.0)];
    let mut all: Vec<(f64, u64)> = two
        .iter()
        .flat_map(|(mean, deviation)| {
            points_of(&Law::Normal { mean: *mean, deviation: *deviation }, Unit::Real, 1000).iter().collect::<Vec<_>>()
        })
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let points = Points::new(Unit::Real, (all[0].0, all[all.len() - 1].0), all);
    let found = drawn(&points).unwrap();
    assert!(found.draw.is_some_and(|draw| draw.starts_with("mixture([uniform(")));
    assert!(found.why.starts_with("no law fits ("), "{}", found.why);
}

#[test]
fn a_few_values_are_listed_with_their_shares() {
    let points = Points::new(Unit::Whole, (1.0, 5.0), vec![(1.0, 10), (2.0, 700), (5.0, 290)]);
    let found = drawn(&points).unwrap().draw.unwrap();
    assert_eq!(found, "categorical([1, 2, 5], weights=[1%, 70%, 29%])");
    assert_eq!(drawn(&Points::new(Unit::Whole, (1.0, 2.0), vec![(1.0, 3), (2.0, 4)])), None, "too few to tell");
}
