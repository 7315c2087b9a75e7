//! A search as a picture: what came of each trial, in their order and by the values of each variable.

use std::fmt::Write;

use ndsl_compiler::check::{Choice, Choices};

use super::importance::Importance;
use super::space::Space;
use super::trial::{End, Trial};

const WIDTH: f64 = 880.0;
/// The panel of all trials.
const TALL: f64 = 250.0;
/// The panel of one variable.
const SMALL: (f64, f64) = (280.0, 190.0);
/// Around the plotted part of a panel: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (58.0, 34.0, 14.0, 34.0);
const ACROSS: usize = 3;
/// The most variables that are shown.
const SHOWN: usize = 12;
/// Choices that are named one by one below a panel.
const NAMED: u64 = 5;

const STYLE: &str = "<style>
  svg { --paper: #fff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --mark: #0969da; --best: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --mark: #4493f8; --best: #f0883e; }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--faint); }
  .title { font-weight: 600; fill: var(--ink); }
  .frame { fill: none; stroke: var(--line); }
  .grid { stroke: var(--line); stroke-dasharray: 2 3; }
  .finished { fill: var(--mark); fill-opacity: .75; }
  .pruned { fill: var(--paper); stroke: var(--mark); }
  .failed { stroke: var(--faint); stroke-width: 1.5; }
  .best { fill: var(--best); }
  .record { fill: none; stroke: var(--best); stroke-width: 1.5; }
</style>";

/// One part of the picture.
struct Panel {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Panel {
    /// The panel whose outer edges are these.
    fn within(left: f64, top: f64, width: f64, height: f64) -> Self {
        let (before, above, behind, below) = MARGIN;
        Self { left: left + before, top: top + above, width: width - before - behind, height: height - above - below }
    }

    fn x(&self, share: f64) -> f64 {
        self.left + self.width * (0.02 + 0.96 * share)
    }

    fn y(&self, share: f64) -> f64 {
        self.top + self.height * (0.97 - 0.94 * share)
    }
}

/// From what to what the values go that were measured to the end; what lies far out is put on the edge, so that the others can be told
/// apart.
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn of(trials: &[&Trial]) -> Self {
        let of = |which: &dyn Fn(&Trial) -> bool| -> Vec<f64> {
            trials.iter().filter(|trial| which(trial)).filter_map(|trial| trial.value).collect()
        };
        let finished = of(&|trial| trial.end == End::Finished);
        let mut values = if finished.len() > 2 { finished } else { of(&|_| true) };
        values.sort_by(f64::total_cmp);
        let at =
            |share: f64| values.get((share * (values.len() as f64 - 1.0)).round() as usize).copied().unwrap_or(0.0);
        let reach = 3.0 * (at(0.75) - at(0.25));
        let (low, high) = (at(0.0).max(at(0.25) - reach), at(1.0).min(at(0.75) + reach));
        if high > low { Self { low, high } } else { Self { low: low - 0.5, high: low + 0.5 } }
    }

    fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// The picture of a search, as SVG that is light or dark as its reader is; `ranked` are its trials, the best first.
pub fn picture(
    train: &str,
    space: &Space,
    ranked: &[&Trial],
    importance: &[Importance],
    watched: &str,
    rises: bool,
) -> String {
    let range = Range::of(ranked);
    let mut order: Vec<usize> = (0..space.variables.len()).collect();
    let place = |variable: &usize| importance.iter().position(|it| it.name == space.variables[*variable].name);
    order.sort_by_key(|variable| place(variable).unwrap_or(*variable));
    order.truncate(SHOWN);
    let height = TALL + SMALL.1 * order.len().div_ceil(ACROSS) as f64 + 16.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n\
         <title>The search of {}</title>\n{STYLE}\n<rect width=\"100%\" height=\"100%\" fill=\"var(--paper)\"/>\n",
        escaped(train)
    );
    let better = if rises { "more" } else { "less" };
    let title = format!("{train}: {watched} of each trial, {better} is better");
    let panel = Panel::within(0.0, 0.0, WIDTH, TALL);
    frame(&mut svg, &panel, &title, &range);
    in_order(&mut svg, &panel, &range, ranked, rises);
    for (index, variable) in order.into_iter().enumerate() {
        let (left, top) = ((index % ACROSS) as f64 * (WIDTH / ACROSS as f64), TALL + (index / ACROSS) as f64 * SMALL.1);
        let panel = Panel::within(left, top, SMALL.0, SMALL.1);
        let name = &space.variables[variable].name;
        let share =
            importance.iter().find(|it| it.name == *name).map(|it| format!(" · mattered {:.0}%", it.share * 100.0));
        frame(&mut svg, &panel, &format!("{name}{}", share.unwrap_or_default()), &range);
        by_value(&mut svg, &panel, &range, space, variable, ranked);
    }
    svg + "</svg>\n"
}

fn frame(svg: &mut String, panel: &Panel, title: &str, range: &Range) {
    let Panel { left, top, width, height } = panel;
    _ = writeln!(svg, "<text class=\"title\" x=\"{left:.1}\" y=\"{:.1}\">{}</text>", top - 12.0, escaped(title));
    _ = writeln!(
        svg,
        "<rect class=\"frame\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\"/>"
    );
    for share in [0.0, 0.5, 1.0] {
        let (y, value) = (panel.y(share), range.low + (range.high - range.low) * share);
        _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{left:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            left + width,
            left - 8.0,
            y + 4.0,
            short(value)
        );
    }
}

/// The trials in their order, and the best so far.
fn in_order(svg: &mut String, panel: &Panel, range: &Range, ranked: &[&Trial], rises: bool) {
    let mut trials: Vec<&Trial> = ranked.to_vec();
    trials.sort_by_key(|trial| trial.trial);
    let count = trials.len();
    let x = |index: usize| panel.x(if count > 1 { index as f64 / (count - 1) as f64 } else { 0.5 });
    let (mut best, mut path): (Option<f64>, String) = (None, String::new());
    for (index, trial) in trials.iter().enumerate() {
        let value = trial.value.filter(|_| trial.end == End::Finished);
        let before = best;
        if let Some(value) = value
            && best.is_none_or(|best| if rises { value > best } else { value < best })
        {
            best = Some(value);
        }
        let y = |value: f64| panel.y(range.share(value));
        match (before, best) {
            (None, Some(best)) => _ = write!(path, "M{:.1} {:.1}", x(index), y(best)),
            (Some(_), Some(best)) => _ = write!(path, "H{:.1}V{:.1}", x(index), y(best)),
            _ => {}
        }
    }
    _ = writeln!(svg, "<path class=\"record\" d=\"{path}\"/>");
    let first = ranked.first().map(|trial| trial.trial);
    for (index, trial) in trials.iter().enumerate() {
        mark(svg, panel, range, x(index), trial, first == Some(trial.trial));
    }
    let (ends, below) = ([(0, "start"), (count.saturating_sub(1), "end")], panel.top + panel.height + 16.0);
    for (index, anchor) in ends.into_iter().take(count) {
        let trial = index + 1;
        _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{below:.1}\" text-anchor=\"{anchor}\">trial {trial}</text>", x(index));
    }
    let middle = panel.left + panel.width / 2.0;
    _ = writeln!(
        svg,
        "<text x=\"{middle:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">filled: finished · hollow: ended early · cross: failed · \
         line: the best so far · on the edge: beyond it</text>"
    );
}

/// The trials by the value of one variable.
fn by_value(svg: &mut String, panel: &Panel, range: &Range, space: &Space, variable: usize, ranked: &[&Trial]) {
    let points = ranked.iter().filter_map(|trial| Some((trial, space.read(&trial.values)?)));
    let active = points.filter(|(_, point)| space.is_active(variable, point));
    // The best is drawn last, on top of the others.
    let mut active: Vec<_> = active.collect();
    active.reverse();
    let first = ranked.first().map(|trial| trial.trial);
    for (trial, point) in active {
        let x = panel.x(space.unit(variable, point[variable]));
        mark(svg, panel, range, x, trial, first == Some(trial.trial));
    }
    let choices = &space.variables[variable].choices;
    let below = panel.top + panel.height + 16.0;
    let mut label = |share: f64, anchor: &str, text: &str| {
        let text =
            if text.chars().count() > 14 { text.chars().take(13).chain(['…']).collect() } else { text.to_owned() };
        let x = panel.x(share);
        _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{below:.1}\" text-anchor=\"{anchor}\">{}</text>", escaped(&text));
    };
    match choices {
        Choices::Between { low, high, .. } => {
            label(0.0, "start", &format!("{low:?}"));
            label(1.0, "end", &format!("{high:?}"));
        }
        counted => {
            let count = counted.count().unwrap_or(1).max(1);
            let shown = |index: &u64| count <= NAMED || *index == 0 || *index == count - 1;
            for index in (0..count).filter(shown) {
                label(space.unit(variable, Choice::Nth(index)), "middle", &counted.written(Choice::Nth(index)));
            }
        }
    }
}

fn mark(svg: &mut String, panel: &Panel, range: &Range, x: f64, trial: &Trial, is_best: bool) {
    let values: Vec<String> = trial.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let came = trial.value.map_or_else(|| "no value".to_owned(), short);
    let title = escaped(&format!("trial {}: {came}; {}", trial.trial, values.join(", ")));
    let (Some(value), true) = (trial.value, matches!(trial.end, End::Finished | End::Pruned)) else {
        let y = panel.top + panel.height - 7.0;
        _ = writeln!(
            svg,
            "<path class=\"failed\" d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\"><title>{title}</title></path>",
            x - 3.0,
            y - 3.0
        );
        return;
    };
    let class = match (&trial.end, is_best) {
        (End::Pruned, _) => "pruned",
        (_, true) => "best",
        _ => "finished",
    };
    let radius = if is_best { 5.5 } else { 4.0 };
    let y = panel.y(range.share(value));
    _ = writeln!(
        svg,
        "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{title}</title></circle>"
    );
}

/// A number in four digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if size != 0.0 && !(1e-3..1e5).contains(&size) => format!("{value:.2e}"),
        size if size < 10.0 => format!("{value:.4}"),
        _ => format!("{value:.1}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
