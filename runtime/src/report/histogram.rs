//! Bars of how numbers and times are spread.

use maud::{Markup, html};
use ndsl_compiler::schema::datum::Datum;

use super::curves::tenth;
use crate::data::{Spread, readable};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 112.0;
const TOP: f64 = 4.0;
/// Room for the quantiles and the ends below the bars.
const BOTTOM: f64 = 32.0;

/// What stands below the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Number,
    /// Seconds from 1970.
    Moment,
    /// Seconds from midnight.
    Clock,
}

impl Axis {
    fn written(self, value: f64) -> String {
        match self {
            Self::Number => readable(value),
            Self::Moment => Datum::DateTime(value as i64).to_string().replace("T00:00:00", ""),
            Self::Clock => Datum::Time(value as u32).to_string(),
        }
    }
}

/// A histogram, with a line from the first twentieth to the last, a box of the middle half and a mark for the median.
pub(super) fn histogram(name: &str, spread: &Spread, axis: Axis) -> Markup {
    let most = spread.histogram.iter().copied().max().unwrap_or(0).max(1) as f64;
    let all: u64 = spread.histogram.iter().sum();
    let width = WIDTH / spread.histogram.len().max(1) as f64;
    let part = (spread.max - spread.min) / spread.histogram.len().max(1) as f64;
    let floor = HEIGHT - BOTTOM;
    let x = |value: f64| match spread.max > spread.min {
        true => tenth(((value - spread.min) / (spread.max - spread.min)).clamp(0.0, 1.0) * WIDTH),
        false => WIDTH / 2.0,
    };
    let quantile = |share: f64| {
        let found = spread.quantiles.iter().find(|quantile| quantile.share == share);
        x(found.map_or(spread.mean, |quantile| quantile.value))
    };
    let (low, first, half, third, high) =
        (quantile(0.05), quantile(0.25), quantile(0.5), quantile(0.75), quantile(0.95));
    let said = format!(
        "Histogram of {name}: from {} to {}, half of them below {}",
        axis.written(spread.min),
        axis.written(spread.max),
        axis.written(
            spread.quantiles.iter().find(|quantile| quantile.share == 0.5).map_or(spread.mean, |half| half.value)
        )
    );
    html! {
        svg.histogram viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(said) {
            @for (place, count) in spread.histogram.iter().enumerate().filter(|(_, count)| **count > 0) {
                @let height = (*count as f64 / most * (floor - TOP)).max(1.0);
                rect x=(tenth(place as f64 * width + 0.5)) y=(tenth(floor - height)) width=(tenth(width - 1.0)) height=(tenth(height)) {
                    title {
                        (axis.written(spread.min + place as f64 * part)) " to " (axis.written(spread.min + (place + 1) as f64 * part)) ": "
                        (format!("{:.1}%", 100.0 * *count as f64 / all.max(1) as f64))
                    }
                }
            }
            line.grid x1="0" x2=(WIDTH) y1=(floor) y2=(floor) {}
            line.whisker x1=(low) x2=(high) y1=(floor + 8.0) y2=(floor + 8.0) {}
            rect.middle x=(first) y=(floor + 5.0) width=((third - first).max(1.0)) height="6" {}
            line.median x1=(half) x2=(half) y1=(floor + 4.0) y2=(floor + 12.0) {}
            text.tick x="0" y=(HEIGHT - 5.0) { (axis.written(spread.min)) }
            text.tick x=(WIDTH) y=(HEIGHT - 5.0) text-anchor="end" { (axis.written(spread.max)) }
        }
    }
}
