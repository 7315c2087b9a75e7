//! Numbers that were answered beside the right ones.

use maud::{Markup, html};

use super::curves::{tenth, ticks};
use super::judged::number;

const SIZE: f64 = 380.0;
const LEFT: f64 = 62.0;
const BOTTOM: f64 = 40.0;
const EDGE: f64 = 12.0;

pub(super) fn scatter(points: &[(f64, f64)]) -> Markup {
    let all = || points.iter().flat_map(|(right, answered)| [*right, *answered]).filter(|value| value.is_finite());
    let (low, high) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return html! {};
    }
    let ticks = ticks(low, high);
    let (low, high) = (ticks[0].min(low), ticks[ticks.len() - 1].max(high));
    let x = |value: f64| tenth(LEFT + (value - low) / (high - low) * (SIZE - LEFT - EDGE));
    let y = |value: f64| tenth(SIZE - BOTTOM - (value - low) / (high - low) * (SIZE - BOTTOM - EDGE));
    html! {
        figure.chart.scatter {
            svg viewBox=(format!("0 0 {SIZE} {SIZE}")) role="img" aria-label="the answers beside the right numbers" {
                @for tick in &ticks {
                    line.grid x1=(LEFT) x2=(SIZE - EDGE) y1=(y(*tick)) y2=(y(*tick)) {}
                    text.tick x=(LEFT - 6.0) y=(y(*tick) + 3.5) text-anchor="end" { (number(*tick)) }
                    text.tick x=(x(*tick)) y=(SIZE - BOTTOM + 16.0) text-anchor="middle" { (number(*tick)) }
                }
                line.best x1=(x(low)) y1=(y(low)) x2=(x(high)) y2=(y(high)) { title { "as it should be" } }
                @for (right, answered) in points.iter().filter(|(right, answered)| right.is_finite() && answered.is_finite()) {
                    circle.mark.training cx=(x(*right)) cy=(y(*answered)) r="2" {}
                }
                text.axis x=((LEFT + SIZE - EDGE) / 2.0) y=(SIZE - 6.0) text-anchor="middle" { "right" }
                text.axis x="14" y=((SIZE - BOTTOM + EDGE) / 2.0) text-anchor="middle"
                    transform=(format!("rotate(-90 14 {})", (SIZE - BOTTOM + EDGE) / 2.0)) { "answered" }
            }
        }
    }
}
