//! What `Features` makes of the values of a table, against what its page says.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use ndsl_compiler::ir::{Column, ElementType, Encoding, Graph, Null};
use ndsl_compiler::reference::{Mode, Seeded, Tensor, evaluate};
use ndsl_compiler::schema::datum::{DAY, civil};
use ndsl_compiler::{Source, Weight, Weights, analyze};

/// The graph of a model of one table of these columns, which is its `Features` alone.
fn features(columns: &str, arguments: &str) -> Graph {
    let text = format!("schema T {{\n{columns}\n}}\nmodel M {{\n    input row: T\n    Features({arguments})\n}}\n");
    let analysis = analyze(&Source::new("m.ndsl", text));
    assert!(!analysis.has_errors(), "{:#?}", analysis.diagnostics);
    analysis.model(None).expect("one model").graph.clone()
}

/// What comes out, a row after the other, with weights that `weight` makes of a parameter's name and place.
fn run(graph: &Graph, rows: &[(&str, Vec<f64>)], weight: impl Fn(&str, usize) -> f32) -> Vec<Vec<f64>> {
    let weights = graph.parameters.iter().map(|parameter| {
        let data = (0..parameter.shape.iter().product()).map(|place| weight(&parameter.name, place)).collect();
        (parameter.name.clone(), Weight { shape: parameter.shape.clone(), data })
    });
    let weights = Weights(weights.collect());
    let inputs: BTreeMap<String, Tensor> = rows
        .iter()
        .map(|(name, data)| {
            let value = graph.inputs.iter().map(|id| graph.value(*id)).find(|value| value.name == *name);
            let element = value.expect("a column").element;
            (name.to_string(), Tensor::new(element, [data.len()], data.clone()).expect("one number a row"))
        })
        .collect();
    let outcome = evaluate(graph, &inputs, &weights, Mode::Inference, &mut Seeded::new(0)).expect("it runs");
    let out = &outcome.outputs["output"];
    assert_eq!(out.element, ElementType::F32);
    out.data.chunks(out.shape[1]).map(<[f64]>::to_vec).collect()
}

fn near(found: &[f64], expected: &[f64]) {
    let close = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(close, "{found:?} is not {expected:?}");
}

fn null(column: &Column) -> f64 {
    match column.encoding.null() {
        Null::NotANumber => f64::NAN,
        Null::Whole(number) => number as f64,
    }
}

#[test]
fn numbers_are_standardised_and_a_missing_one_is_the_mean() {
    let graph = features("a: int\nb: float?\nc: bool?", "");
    let statistics = |name: &str, place: usize| match (name, place) {
        ("features.mean", 0) => 10.0,
        ("features.mean", _) => -2.0,
        ("features.variance", 0) => 4.0,
        _ => 0.25,
    };
    let nulls = graph.columns.iter().map(null).collect::<Vec<_>>();
    let rows = [("a", vec![14.0, 10.0]), ("b", vec![-1.0, nulls[1]]), ("c", vec![1.0, nulls[2]])];
    let found = run(&graph, &rows, statistics);
    near(&found[0], &[2.0, 2.0, 0.0, 1.0, 0.0]);
    near(&found[1], &[0.0, 0.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_number_may_be_its_logarithm_too() {
    let log = |x: f64| x.signum() * x.abs().ln_1p();
    let rows = |nulls: f64| [("a", vec![14.0, 0.0]), ("b", vec![-1000.0, nulls])];
    for (arguments, both) in [("numbers=log", false), ("numbers=both", true)] {
        let graph = features("a: int\nb: float?", arguments);
        let statistics = |name: &str, _| if name.ends_with("mean") { 0.5 } else { 4.0 };
        let found = run(&graph, &rows(null(&graph.columns[1])), statistics);
        let of = |x: f64| {
            let all = if both { vec![x, log(x)] } else { vec![log(x)] };
            all.into_iter().map(|x| (x - 0.5) / 2.0)
        };
        near(&found[0], &of(14.0).chain(of(-1000.0)).chain([0.0]).collect::<Vec<_>>());
        // A missing one is the mean of each.
        let missing = of(0.0).count();
        near(&found[1], &of(0.0).chain(std::iter::repeat_n(0.0, missing)).chain([1.0]).collect::<Vec<_>>());
    }
}

#[test]
fn a_label_is_one_hot_or_a_vector_and_a_null_is_one_more() {
    let graph = features("a: enum { x, y, z }?\nb: enum { p, q, r, s, t }?\nc: enum { u, v }", "embedding=3");
    assert_eq!(graph.parameters.len(), 1, "only the largest is embedded");
    assert_eq!((graph.parameters[0].name.as_str(), &graph.parameters[0].shape[..]), ("features.b.weight", &[6, 3][..]));
    let rows = [("a", vec![2.0, -1.0]), ("b", vec![1.0, -1.0]), ("c", vec![0.0, 1.0])];
    let found = run(&graph, &rows, |_, place| place as f32);
    near(&found[0], &[0.0, 0.0, 1.0, 0.0, 3.0, 4.0, 5.0, 1.0, 0.0]);
    near(&found[1], &[0.0, 0.0, 0.0, 1.0, 15.0, 16.0, 17.0, 0.0, 1.0]);
}

/// The angles of a day in the year, the month and the week, by the calendar and not as the layer computes them.
fn angles(day: i64) -> [f64; 3] {
    let (year, month, of_month) = civil(day);
    // The last 1 March.
    let march = (0..366).map(|back| day - back).find(|day| matches!(civil(*day), (_, 3, 1)));
    let of_year = day - march.unwrap_or_else(|| panic!("{year} has a 1 March"));
    assert!((1..=12).contains(&month));
    let of_week = (day + 3).rem_euclid(7);
    [of_year as f64 / 366.0, (of_month - 1) as f64 / 31.0, of_week as f64 / 7.0].map(|share| share * TAU)
}

#[test]
fn a_date_has_its_place_in_the_year_the_month_and_the_week() {
    let graph = features("a: date?", "");
    // Around the turns of years, leap years and centuries, and far from all of them.
    let days: Vec<i64> = [-719_162, -25_509, -1, 0, 58, 59, 789, 790, 10_956, 11_016, 11_017, 19_782, 2_932_896]
        .into_iter()
        .chain((-40_000..60_000).step_by(997))
        .collect();
    let statistics = |name: &str, _| if name.ends_with("mean") { 0.0 } else { 1e6 };
    let found = run(&graph, &[("a", days.iter().map(|day| *day as f64).collect())], statistics);
    for (row, day) in found.iter().zip(&days) {
        let angles = angles(*day);
        let mut expected = vec![*day as f64 / 1e3];
        expected.extend(angles.iter().map(|angle| angle.sin()));
        expected.extend(angles.iter().map(|angle| angle.cos()));
        expected.push(0.0);
        near(row, &expected);
    }
    let missing = run(&graph, &[("a", vec![null(&graph.columns[0])])], statistics);
    near(&missing[0], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn a_moment_is_its_day_and_its_place_in_it() {
    let graph = features("a: datetime\nb: time", "");
    let second = 12_345 * DAY + 6 * 3600;
    let statistics = |name: &str, _| if name.ends_with("mean") { 12_000.0 } else { 100.0 };
    let found = run(&graph, &[("a", vec![second as f64, -1.0]), ("b", vec![18.0 * 3600.0, 0.0])], statistics);
    let angles = angles(12_345);
    let mut expected = vec![34.5];
    expected.extend(angles.iter().map(|angle| angle.sin()).chain([1.0]));
    expected.extend(angles.iter().map(|angle| angle.cos()).chain([0.0]));
    expected.extend([-1.0, 0.0]);
    near(&found[0], &expected);
    // The last second of 1969 is of the day before the first.
    assert!((found[1][0] + 1200.1).abs() < 1e-3, "{:?}", found[1]);
}

#[test]
fn what_is_fitted_is_named_with_the_graph() {
    let graph = features("a: int\nb: float?\nc: date", "name=\"encoder\"");
    let [fitted] = &graph.standardized[..] else { panic!("one layer") };
    assert_eq!(graph.parameter(fitted.mean).expect("a parameter").name, "encoder.mean");
    assert_eq!(graph.parameter(fitted.variance).expect("a parameter").shape, [3]);
    assert_eq!(fitted.present.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(graph.parameter_counts(), (6, 0), "statistics are not trained");
    assert!(graph.pruned(&["output"]).standardized == graph.standardized);
    assert!(graph.pruned(&[]).standardized.is_empty());
}

#[test]
fn each_type_has_one_kind_of_number() {
    let graph = features("a: int?\nb: decimal(2)\nc: bool\nd: enum { x }\ne: date\nf: datetime\ng: time", "");
    let kinds: Vec<(ElementType, String)> =
        graph.columns.iter().map(|column| (column.encoding.element(), column.to_string())).collect();
    let names = ["int?", "float", "bool", "enum of 1", "date", "datetime", "time"];
    assert_eq!(kinds.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), names);
    let floats = kinds.iter().filter(|(element, _)| *element == ElementType::F32).count();
    assert_eq!(floats, 1, "whole numbers stay whole");
    assert_eq!(graph.columns[3].encoding, Encoding::Label(["x".to_owned()].into()));
}
