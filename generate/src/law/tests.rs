//! Every law against its definition: quantiles are the inverse of chances, and what is drawn has the moments it should.

use super::*;
use crate::random::Stream;

fn laws() -> Vec<(&'static str, Law)> {
    vec![
        ("normal", Law::Normal { mean: 41.0, deviation: 14.0 }),
        ("uniform", Law::Uniform { min: -3.0, max: 8.0 }),
        ("lognormal", Law::LogNormal { mean: 10.4, deviation: 0.5 }),
        ("exponential", Law::Exponential { rate: 0.2 }),
        ("gamma 2", Law::gamma(2.0, 3.5)),
        ("gamma 0.2", Law::gamma(0.2, 1.0)),
        ("gamma 900", Law::gamma(900.0, 0.1)),
        ("beta 2 5", Law::beta(2.0, 5.0)),
        ("beta 0.3 0.4", Law::beta(0.3, 0.4)),
        ("pareto", Law::Pareto { minimum: 1.0, shape: 3.5 }),
        ("poisson 4", Law::poisson(4.0)),
        ("poisson 4000", Law::poisson(4000.0)),
        ("binomial", Law::binomial(10.0, 0.3)),
        ("binomial many", Law::binomial(100_000.0, 0.02)),
        ("geometric", Law::geometric(0.4)),
        ("zipf", Law::zipf(4.5)),
        ("points", Law::points(vec![(5.0, 0.2), (1.0, 0.5), (2.0, 0.3)]).unwrap()),
        (
            "mixture",
            Law::Mixture {
                parts: vec![
                    (0.5, Law::Normal { mean: 165.0, deviation: 7.0 }),
                    (0.5, Law::Normal { mean: 178.0, deviation: 8.0 }),
                ]
                .into(),
            },
        ),
    ]
}

/// A quantile has at most the chance asked for before it, and at least that up to it.
#[test]
fn quantiles_are_the_inverse_of_chances() {
    for (name, law) in laws().into_iter().flat_map(|(name, law)| [(name, law.clone()), (name, law.prepared())]) {
        let mut last = f64::NEG_INFINITY;
        for step in 1..400 {
            let p = f64::from(step) / 400.0;
            let x = law.quantile(p);
            let (below, up_to) = (law.below(x), 1.0 - law.above(x));
            assert!(below <= p + 1e-8 && up_to >= p - 1e-8, "{name} at {p}: {x} has {below} to {up_to}");
            assert!(x >= last, "{name} falls at {p}");
            last = x;
        }
        let (small, large) = (law.quantile(1e-9), law.quantile(1.0 - 1e-9));
        // Between the last numbers below 1 and 1 itself lies more of this one than that.
        let above = if name == "beta 0.3 0.4" { law.above(large.max(1.0)) } else { law.above(large) };
        assert!(law.below(small) <= 1.1e-9 && above <= 1.1e-9, "{name}: {small} {large}");
    }
}

/// The mean and variance of each law, as textbooks have them, within five standard errors at a million draws.
#[test]
fn draws_have_the_mean_and_variance_of_their_law() {
    let known: &[(&str, f64, f64)] = &[
        ("normal", 41.0, 196.0),
        ("uniform", 2.5, 121.0 / 12.0),
        ("exponential", 5.0, 25.0),
        ("gamma 2", 7.0, 24.5),
        ("gamma 0.2", 0.2, 0.2),
        ("beta 2 5", 2.0 / 7.0, 10.0 / (49.0 * 8.0)),
        ("pareto", 1.4, 3.5 / (2.5f64.powi(2) * 1.5)),
        ("poisson 4", 4.0, 4.0),
        ("poisson 4000", 4000.0, 4000.0),
        ("binomial", 3.0, 2.1),
        ("geometric", 2.5, 3.75),
        ("points", 2.1, 0.5 + 1.2 + 5.0 - 4.41),
        ("mixture", 171.5, 56.5 + 6.5f64.powi(2)),
    ];
    for (name, law) in laws() {
        let Some((_, mean, variance)) = known.iter().find(|known| known.0 == name) else { continue };
        let law = law.prepared();
        let stream = Stream::new(1, &["law", name]);
        let count = if name == "mixture" { 50_000u64 } else { 1_000_000 };
        let (mut sum, mut squares) = (0.0, 0.0);
        for row in 0..count {
            let x = law.quantile(stream.unit(row)) - mean;
            sum += x;
            squares += x * x;
        }
        let count = count as f64;
        let error = sum / count / (variance / count).sqrt();
        assert!(error.abs() < 5.0, "{name}: the mean is {error} standard errors away");
        // Variances of heavy tails settle slowly.
        let apart = squares / count / variance - 1.0;
        assert!(apart.abs() < if name == "pareto" { 0.2 } else { 0.03 }, "{name}: variance apart by {apart}");
    }
}

/// Kolmogorov and Smirnov: a million draws of what is continuous lie along their chances.
#[test]
fn draws_lie_along_their_chances() {
    for (name, law) in laws() {
        if matches!(law, Law::Counts(_) | Law::Points { .. } | Law::Mixture { .. }) {
            continue;
        }
        let law = law.prepared();
        let stream = Stream::new(5, &["chances", name]);
        let mut draws: Vec<f64> = (0..1_000_000).map(|row| law.quantile(stream.unit(row))).collect();
        draws.sort_by(f64::total_cmp);
        let far = |(place, x): (usize, &f64)| (law.below(*x) - place as f64 / 1e6).abs();
        let distance = draws.iter().enumerate().step_by(97).map(far).fold(0.0, f64::max);
        // 1.95 over the root of the count is passed once in a thousand seeds.
        assert!(distance < 1.95e-3, "{name}: {distance}");
    }
}

/// Whole numbers by chi-square.
#[test]
fn counts_come_as_often_as_they_should() {
    for (name, law) in laws() {
        let Law::Counts(_) = law else { continue };
        let law = law.prepared();
        let stream = Stream::new(6, &["counts", name]);
        let mut seen = std::collections::BTreeMap::<i64, f64>::new();
        for row in 0..1_000_000 {
            *seen.entry(law.quantile(stream.unit(row)) as i64).or_default() += 1.0;
        }
        let (mut chi, mut cells) = (0.0, 0.0f64);
        for (k, count) in &seen {
            let k = *k as f64;
            let expected = 1e6 * (1.0 - law.above(k) - law.below(k));
            if expected > 20.0 {
                chi += (count - expected).powi(2) / expected;
                cells += 1.0;
            }
        }
        // As good as normal about the number of cells, with twice that for a variance.
        assert!(chi < cells + 4.0 * (2.0 * cells).sqrt(), "{name}: {chi} over {cells} cells");
    }
}

#[test]
fn tails_are_drawn_from_without_drawing_twice() {
    let far = Slice::new(Law::Normal { mean: 0.0, deviation: 1.0 }, 20.0, 21.0).unwrap();
    let values: Vec<f64> = [0.001, 0.5, 0.999].iter().map(|u| far.value(*u)).collect();
    assert!(values[0] > 20.0 && values[0] < 20.001 && values[1] > 20.03 && values[1] < 20.04, "{values:?}");
    assert!(values[2] > 20.3 && values[2] < 20.4, "{values:?}");
    assert!(Slice::new(Law::Normal { mean: 0.0, deviation: 1.0 }, 60.0, 61.0).is_none());
    let low = Slice::new(Law::Normal { mean: 0.0, deviation: 1.0 }, -21.0, -20.0).unwrap();
    assert!((low.value(0.5) + values[1]).abs() < 1e-9);
}

#[test]
fn a_slice_of_whole_numbers_has_both_its_ends() {
    let slice = Slice::new(Law::geometric(0.4).prepared(), 1.0, 3.0).unwrap();
    let mut counts = [0; 4];
    for step in 0..10_000 {
        counts[slice.value((f64::from(step) + 0.5) / 10_000.0) as usize] += 1;
    }
    // 0.4, 0.24 and 0.144 of what is left.
    assert_eq!(counts, [0, 5102, 3061, 1837]);
}

#[test]
fn moments_lie_where_they_should() {
    // 2024-01-01 was a Monday.
    let monday = 1_704_067_200.0;
    let hours = Hours { open: 9.0 * 3600.0, close: 17.0 * 3600.0, weekends_off: true, outside: false };
    let slice = Slice::new(Law::Hours(hours.clone()), monday, monday + 14.0 * 86_400.0).unwrap();
    assert_eq!(slice.share(), 80.0 * 3600.0);
    for step in 0..1000 {
        let at = slice.value((f64::from(step) + 0.5) / 1000.0) - monday;
        let (day, second) = ((at / 86_400.0).floor() % 7.0, at % 86_400.0);
        assert!(day < 5.0 && (9.0 * 3600.0..=17.0 * 3600.0).contains(&second), "{at}");
    }
    let shut = Hours { outside: true, ..hours };
    let outside = Slice::new(Law::Hours(shut.clone()), monday, monday + 7.0 * 86_400.0).unwrap();
    assert_eq!(outside.share(), (168.0 - 40.0) * 3600.0);
    for step in 0..1000 {
        let at = outside.value((f64::from(step) + 0.5) / 1000.0);
        assert!(
            (shut.before(at) - shut.before(monday) - outside.share() * (f64::from(step) + 0.5) / 1000.0).abs() < 1e-3
        );
        let (day, second) = (((at - monday) / 86_400.0).floor() % 7.0, (at - monday) % 86_400.0);
        assert!(day >= 5.0 || !(9.0 * 3600.0 + 1.0..17.0 * 3600.0 - 1.0).contains(&second), "{at}");
    }
    let year = 365.2425 * 86_400.0;
    let season = Law::Season(Season { peak: monday, period: year, strength: 1.0 });
    let slice = Slice::new(season, monday - year / 2.0, monday + year / 2.0).unwrap();
    // Half of the moments lie within the middle part where t + sin(t) is half of its end.
    assert!((slice.value(0.5) - monday).abs() < 1.0);
    let quarter = (monday - slice.value(0.25)) / year * std::f64::consts::TAU;
    assert!((quarter + libm::sin(quarter) - std::f64::consts::FRAC_PI_2).abs() < 1e-6, "{quarter}");
    let growth = libm::log(2.0) / year;
    let trend = Slice::new(Law::Trend { growth, origin: monday }, monday, monday + 2.0 * year).unwrap();
    // Twice as many in the second year as in the first.
    assert!((trend.value(1.0 / 3.0) - monday - year).abs() < 1.0);
}
