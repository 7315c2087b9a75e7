//! What was measured, epoch by epoch, as lines.

use maud::{Markup, html};

use super::judged::number;
use crate::train::{Epoch, History};

/// The size of a picture, and where its axes stand.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 30.0;

/// A line: what it is called, how it is drawn, and its points.
struct Line {
    label: &'static str,
    class: &'static str,
    points: Vec<(f64, f64)>,
}

/// A picture for the loss, one for each metric, and one of the learning rate where that moved.
pub(super) fn curves(history: &History) -> Markup {
    let Some(first) = history.epochs.first() else { return html! {} };
    let names: Vec<&str> = std::iter::once("loss").chain(first.training.metrics.keys().map(String::as_str)).collect();
    let moved = history.epochs.iter().any(|epoch| epoch.learning_rate != first.learning_rate);
    let best = history.best_epoch.map(|epoch| epoch as f64);
    let line = |label, class, value: &dyn Fn(&Epoch) -> f64| {
        let points = history.epochs.iter().map(|epoch| (epoch.epoch as f64, value(epoch)));
        Line { label, class, points: points.filter(|(_, value)| value.is_finite()).collect() }
    };
    html! {
        div.curves {
            @for name in names {
                (chart(name, &[
                    line("training", "training", &|epoch| epoch.measure(name)),
                    line("validation", "validation", &|epoch| epoch.measure(&format!("val_{name}"))),
                ], best))
            }
            @if moved {
                (chart("learning_rate", &[line("learning rate", "training", &|epoch| epoch.learning_rate)], best))
            }
        }
    }
}

fn chart(name: &str, lines: &[Line], best: Option<f64>) -> Markup {
    let lines: Vec<&Line> = lines.iter().filter(|line| !line.points.is_empty()).collect();
    let all = || lines.iter().flat_map(|line| &line.points);
    let span = |pick: fn(&(f64, f64)) -> f64| {
        all().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((first, last), (low, high)) = (span(|point| point.0), span(|point| point.1));
    if lines.is_empty() {
        return html! {};
    }
    let ticks = ticks(low, high);
    let (low, high) = (low.min(ticks[0]), high.max(ticks[ticks.len() - 1]));
    let x = |value: f64| match last > first {
        true => LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT),
        false => (LEFT + WIDTH - RIGHT) / 2.0,
    };
    let y = |value: f64| match high > low {
        true => HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM),
        false => (TOP + HEIGHT - BOTTOM) / 2.0,
    };
    let path = |line: &Line| {
        let point = |(index, (at, value)): (usize, &(f64, f64))| {
            format!("{}{:.1} {:.1}", if index == 0 { 'M' } else { 'L' }, x(*at), y(*value))
        };
        line.points.iter().enumerate().map(point).collect::<Vec<_>>().join("")
    };
    // A mark for each epoch only where they stand apart.
    let marks = last - first < 60.0;
    html! {
        figure.chart {
            figcaption {
                strong { (name) }
                @if lines.len() > 1 { @for line in &lines { span.key.(line.class) { (line.label) } } }
            }
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(format!("{name} by epoch")) {
                @for tick in &ticks {
                    line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(tenth(y(*tick))) y2=(tenth(y(*tick))) {}
                    text.tick x=(LEFT - 6.0) y=(tenth(y(*tick) + 3.5)) text-anchor="end" { (short(*tick)) }
                }
                @if let Some(best) = best.filter(|_| last > first) {
                    line.best x1=(tenth(x(best))) x2=(tenth(x(best))) y1=(TOP) y2=(HEIGHT - BOTTOM) { title { "the epoch that was kept" } }
                }
                @for epoch in epochs(first, last) {
                    text.tick x=(tenth(x(epoch))) y=(HEIGHT - BOTTOM + 16.0) text-anchor="middle" { (epoch) }
                }
                @for line in &lines {
                    path class=(format!("line {}", line.class)) d=(path(line)) {}
                    @if marks || line.points.len() == 1 {
                        @for (at, value) in &line.points {
                            circle class=(format!("mark {}", line.class)) cx=(tenth(x(*at))) cy=(tenth(y(*value))) r="2.6" {
                                title { "epoch " (at) ", " (line.label) ": " (number(*value)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Some round numbers from about `low` to about `high`: at least two.
pub(super) fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = if high > low { high - low } else { low.abs().max(1e-9) };
    let rough = span / 4.0;
    let size = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * size).into_iter().find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(size * 10.0);
    let (first, last) = ((low / step).floor(), (high / step).ceil().max((low / step).floor() + 1.0));
    let count = (last - first).clamp(1.0, 20.0) as i32;
    (0..=count).map(|index| (first + f64::from(index)) * step).collect()
}

/// Which epochs are written below.
fn epochs(first: f64, last: f64) -> Vec<f64> {
    let stride = ((last - first) / 8.0).ceil().max(1.0);
    let count = ((last - first) / stride).floor() as i32;
    (0..=count).map(|index| first + f64::from(index) * stride).collect()
}

/// A tick's number, without what stands behind it for nothing.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e5).contains(&size) => {
            let text = format!("{value:.1e}");
            text.replace(".0e", "e")
        }
        _ => {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// A place in the picture, as exactly as a screen shows it.
pub(super) fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_what_is_between_them() {
        for (low, high, expected) in [
            (0.13, 2.31, vec![0.0, 1.0, 2.0, 3.0]),
            (0.9, 0.98, vec![0.9, 0.92, 0.94, 0.96, 0.98]),
            (3.0, 3.0, vec![3.0, 4.0]),
            (0.0, 0.0, vec![0.0, 2.5e-10]),
        ] {
            let found = ticks(low, high);
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
            }
        }
    }
}
