//! How a run goes, as lines on a terminal: the loss step by step, and what else is measured epoch by epoch.

use console::Style as Ink;
use ndsl::runtime::train::{EpochProgress, StepProgress};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Style};
use ratatui_core::symbols::Marker;
use ratatui_core::text::Span;
use ratatui_core::widgets::Widget;
use ratatui_widgets::chart::{Axis, Chart, Dataset, GraphType};

/// Rows of a chart, its heading and its axis included.
pub const HEIGHT: u16 = 11;

/// The narrowest terminal that a chart says something on, and the narrowest for two beside each other.
pub const NARROWEST: u16 = 50;
const NARROWEST_FOR_TWO: u16 = 96;

/// The widest a chart becomes: a line that is a metre long is no easier to read.
const WIDEST: u16 = 72;

/// The most points of a line: twice what the widest chart can tell apart.
const POINTS: usize = 4 * WIDEST as usize;

/// What the loss is smoothed by: the share that each step keeps of the steps before it.
const KEPT: f64 = 0.9;

const TRAINING: Color = Color::Cyan;
const VALIDATION: Color = Color::Yellow;
const FAINT: Color = Color::DarkGray;

/// What was measured so far.
#[derive(Debug, Default)]
pub struct Curves {
    steps: Thinned,
    loss: Smoothed,
    validation: Vec<(f64, f64)>,
    metric: Option<Metric>,
    /// How far the run is, in epochs.
    reached: f64,
}

/// What is measured besides the loss.
#[derive(Debug)]
struct Metric {
    name: String,
    training: Vec<(f64, f64)>,
    validation: Vec<(f64, f64)>,
}

/// A line of so many points that neighbours are taken together as it grows.
#[derive(Debug)]
struct Thinned {
    points: Vec<(f64, f64)>,
    /// How many of what is added make a point.
    stride: usize,
    sum: (f64, f64),
    count: usize,
}

impl Default for Thinned {
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1, sum: (0.0, 0.0), count: 0 }
    }
}

impl Thinned {
    fn add(&mut self, (x, y): (f64, f64)) {
        self.sum = (self.sum.0 + x, self.sum.1 + y);
        self.count += 1;
        if self.count < self.stride {
            return;
        }
        let count = self.count as f64;
        self.points.push((self.sum.0 / count, self.sum.1 / count));
        (self.sum, self.count) = ((0.0, 0.0), 0);
        if self.points.len() >= POINTS {
            let mean = |pair: &[(f64, f64)]| ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
            self.points = self.points.chunks_exact(2).map(mean).collect();
            self.stride *= 2;
        }
    }
}

/// A running mean, and the line that it draws.
#[derive(Debug, Default)]
struct Smoothed {
    line: Thinned,
    mean: f64,
    /// How much of the mean is of anything: at first it is of nothing.
    weight: f64,
}

impl Smoothed {
    fn add(&mut self, (x, y): (f64, f64)) {
        self.mean = KEPT * self.mean + (1.0 - KEPT) * y;
        self.weight = KEPT * self.weight + (1.0 - KEPT);
        self.line.add((x, self.mean / self.weight));
    }
}

impl Curves {
    /// Adds a step.
    pub fn step(&mut self, progress: &StepProgress) {
        self.reached = (progress.epoch - 1) as f64 + progress.step as f64 / progress.steps.max(1) as f64;
        if progress.loss.is_finite() {
            self.steps.add((self.reached, progress.loss));
            self.loss.add((self.reached, progress.loss));
        }
    }

    /// Adds an epoch; `monitor` is what the best is judged by.
    pub fn epoch(&mut self, progress: &EpochProgress) {
        let epoch = &progress.epoch;
        let x = epoch.epoch as f64;
        self.reached = x;
        let add = |points: &mut Vec<(f64, f64)>, value: f64| {
            if value.is_finite() {
                points.push((x, value));
            }
        };
        add(&mut self.validation, epoch.measure("val_loss"));
        let Some(name) = epoch.training.metrics.keys().next() else { return };
        let metric = self.metric.get_or_insert_with(|| Metric {
            name: name.clone(),
            training: Vec::new(),
            validation: Vec::new(),
        });
        add(&mut metric.training, epoch.measure(&metric.name));
        add(&mut metric.validation, epoch.measure(&format!("val_{}", metric.name)));
    }

    /// The charts as lines of a terminal of this width; none where there is nothing to draw yet.
    pub fn lines(&self, width: u16, colours: bool) -> Vec<String> {
        if self.loss.line.points.len() < 2 || width < NARROWEST {
            return Vec::new();
        }
        let metric = self.metric.as_ref().filter(|metric| metric.training.len() > 1 && width >= NARROWEST_FOR_TWO);
        let each = match metric {
            Some(_) => (width / 2 - 2).min(WIDEST),
            None => (width - 1).min(WIDEST),
        };
        let whole = if metric.is_some() { 2 * each + 3 } else { each };
        let mut buffer = Buffer::empty(Rect::new(0, 0, whole, HEIGHT));
        let mut loss = vec![Line::new("training", TRAINING, &self.loss.line.points)];
        loss.push(Line::new("validation", VALIDATION, &self.validation));
        let faint = colours.then_some(self.steps.points.as_slice());
        self.chart("loss", &loss, faint, Rect::new(0, 0, each, HEIGHT), &mut buffer);
        if let Some(metric) = metric {
            let lines = [
                Line::new("training", TRAINING, &metric.training),
                Line::new("validation", VALIDATION, &metric.validation),
            ];
            self.chart(&metric.name, &lines, None, Rect::new(each + 3, 0, each, HEIGHT), &mut buffer);
        }
        written(&buffer, colours)
    }

    /// Draws lines under a heading; behind them, `faint`ly, what they are the mean of.
    fn chart(&self, name: &str, lines: &[Line<'_>], faint: Option<&[(f64, f64)]>, area: Rect, buffer: &mut Buffer) {
        let lines: Vec<&Line<'_>> = lines.iter().filter(|line| !line.points.is_empty()).collect();
        let mut x = area.x;
        let mut put = |text: &str, style: Style| {
            let (end, _) = buffer.set_stringn(x, area.y, text, (area.x + area.width).saturating_sub(x).into(), style);
            x = end + 2;
        };
        put(name, Style::new());
        for line in &lines {
            put(&format!("─ {}", line.label), Style::new().fg(line.colour));
        }
        let values = || lines.iter().flat_map(|line| line.points).map(|(_, y)| *y);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let room = ((high - low) * 0.05).max(high.abs() * 1e-3).max(1e-9);
        // What is never below 0 has no axis that is.
        let bounds = [if low >= 0.0 { (low - room).max(0.0) } else { low - room }, high + room];
        let shown = |value: f64| Span::styled(short(value), Style::new().fg(FAINT));
        let mut sets = Vec::new();
        if let Some(points) = faint {
            let set = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Scatter);
            sets.push(set.style(Style::new().fg(FAINT)).data(points));
        }
        for line in &lines {
            let set = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line);
            sets.push(set.style(Style::new().fg(line.colour)).data(line.points));
        }
        let ends =
            [Span::styled("0", Style::new().fg(FAINT)), Span::styled(ends(self.reached), Style::new().fg(FAINT))];
        let axis = || Axis::default().style(Style::new().fg(FAINT));
        Chart::new(sets)
            .legend_position(None)
            .x_axis(axis().bounds([0.0, self.reached]).labels(ends))
            .y_axis(axis().bounds(bounds).labels([
                shown(bounds[0]),
                shown((bounds[0] + bounds[1]) / 2.0),
                shown(bounds[1]),
            ]))
            .render(Rect::new(area.x, area.y + 1, area.width, area.height - 1), buffer);
    }
}

/// A line of a chart.
struct Line<'a> {
    label: &'static str,
    colour: Color,
    points: &'a [(f64, f64)],
}

impl<'a> Line<'a> {
    fn new(label: &'static str, colour: Color, points: &'a [(f64, f64)]) -> Self {
        Self { label, colour, points }
    }
}

/// Where the axis of epochs ends.
fn ends(reached: f64) -> String {
    match reached.fract() {
        0.0 => format!("epoch {reached}"),
        _ => format!("epoch {reached:.2}"),
    }
}

/// A number of an axis, in few characters.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e4).contains(&size) => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.3}"),
        _ => format!("{value:.1}"),
    }
}

/// The rows of a buffer, with what a terminal takes for colours.
fn written(buffer: &Buffer, colours: bool) -> Vec<String> {
    let row = |y: u16| {
        let mut text = String::new();
        let mut run = (Color::Reset, String::new());
        let mut flush = |(colour, run): (Color, String)| match ink(colour).filter(|_| colours) {
            Some(ink) => text += &ink.force_styling(true).apply_to(run).to_string(),
            None => text += &run,
        };
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            // A blank has no colour that shows.
            let colour = if cell.symbol().trim().is_empty() { run.0 } else { cell.fg };
            if colour != run.0 {
                flush(std::mem::replace(&mut run, (colour, String::new())));
            }
            run.1 += cell.symbol();
        }
        run.1.truncate(run.1.trim_end().len());
        flush(run);
        text
    };
    (0..buffer.area.height).map(row).collect()
}

fn ink(colour: Color) -> Option<Ink> {
    match colour {
        Color::Cyan => Some(Ink::new().cyan()),
        Color::Yellow => Some(Ink::new().yellow()),
        Color::DarkGray => Some(Ink::new().black().bright()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ndsl::runtime::train::{Epoch, Measures};

    use super::*;

    /// A run of three epochs of so many steps, whose loss halves with each.
    fn run(steps: usize) -> Curves {
        let mut curves = Curves::default();
        for epoch in 1..=3 {
            let mut measures = Measures { loss: 1.0 / epoch as f64, ..Measures::default() };
            measures.metrics.insert("accuracy".into(), 0.5 + 0.1 * epoch as f64);
            for step in 1..=steps {
                let passed = (epoch - 1) as f64 + step as f64 / steps as f64;
                curves.step(&StepProgress {
                    epoch,
                    epochs: 3,
                    step,
                    steps,
                    loss: 2.0 * (-passed).exp2(),
                    measures: measures.clone(),
                    rate: 1.0,
                    elapsed: 1.0,
                    remaining: 1.0,
                });
            }
            let epoch = Epoch {
                epoch,
                training: measures.clone(),
                validation: Some(measures),
                seconds: 1.0,
                rows_per_second: 1.0,
                learning_rate: 0.1,
            };
            curves.epoch(&EpochProgress { epochs: 3, epoch, is_best: true });
        }
        curves
    }

    #[test]
    fn one_chart_or_two_by_what_there_is_room_for() {
        insta::assert_snapshot!("narrow", run(40).lines(60, false).join("\n"));
        insta::assert_snapshot!("wide", run(40).lines(120, false).join("\n"));
        assert!(run(40).lines(NARROWEST - 1, false).is_empty());
        assert!(Curves::default().lines(120, false).is_empty());
    }

    #[test]
    fn a_line_holds_no_more_points_than_can_be_seen_however_long_the_run() {
        let curves = run(10_000);
        assert!(curves.loss.line.points.len() < POINTS && curves.loss.line.points.len() > POINTS / 4);
        // Each point stands where what it is the mean of stood.
        assert!(curves.steps.points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1));
    }

    #[test]
    fn colours_are_written_only_where_they_are_welcome() {
        let plain = run(40).lines(60, false).join("\n");
        let coloured = run(40).lines(60, true).join("\n");
        assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
    }
}
