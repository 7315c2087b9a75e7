//! A scene as SVG: one element that stands alone, its text real text, its colours custom properties.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::layout::{Area, Layout, Point};
use super::scene::{
    BETWEEN, Class, Count, DETAIL, EDGE, HEAD, Line, MARKS, ROW, Role, SIDE, SIGN, Scene, Shape, TABLE_HEAD, TITLE,
};
use super::text::{Font, escaped, length};
use super::{Heading, Options, Theme};

/// The rules of a picture; what is the same in several is written once.
const STYLE: &str = include_str!("style.css");

/// What closes and opens blocks where scripts run.
const SCRIPT: &str = include_str!("fold.js");

const LIGHT: &str = "--nd-background: #ffffff; --nd-ink: #1d2430; --nd-muted: #5b6676; --nd-line: #77828f; --nd-node: #ffffff; \
    --nd-border: #b9c2cd; --nd-accent: #2560ad; --nd-weighted: #edf3fb; --nd-weighted-border: #8fb0d8; --nd-block: #f5f6f8; \
    --nd-input: #e7f4ec; --nd-input-border: #7fb795; --nd-skip: #b8651b;";

const DARK: &str = "--nd-background: #16191f; --nd-ink: #e3e7ed; --nd-muted: #9aa5b4; --nd-line: #818c9a; --nd-node: #1f242c; \
    --nd-border: #49525f; --nd-accent: #7fb2f5; --nd-weighted: #1d2b3f; --nd-weighted-border: #46699a; --nd-block: #1b1f26; \
    --nd-input: #1b3125; --nd-input-border: #4b8362; --nd-skip: #e39a52;";

/// Around the picture.
const MARGIN: f64 = 24.0;
/// What the heading takes.
const HEADING: f64 = 30.0;
/// What each line below it takes.
const SUBHEADING: f64 = 17.0;
/// Between the heading and the picture.
const BELOW: f64 = 16.0;
/// How round corners of lines are.
const ROUND: f64 = 6.0;
/// How long and how wide half an arrow's head is.
const ARROW: [f64; 2] = [7.0, 3.2];

/// A picture as SVG.
pub fn svg(scene: &Scene, layout: &Layout, heading: &Heading, options: &Options) -> String {
    let (width, height) = if scene.across { (layout.length, layout.width) } else { (layout.width, layout.length) };
    let top = MARGIN + HEADING + heading.lines.len() as f64 * SUBHEADING + BELOW;
    let said = heading.lines.iter().map(|line| Font::Note.width(line) * 1.12);
    let said = said.fold(Font::Heading.width(&heading.name), f64::max);
    let whole = width.max(said);
    let origin = [MARGIN + (whole - width) / 2.0, top];
    let mut picture = Picture { out: String::with_capacity(64 * 1024), scene, layout, origin };
    let (full_width, full_height) = ((whole + 2.0 * MARGIN).ceil(), (top + height + MARGIN).ceil());
    picture.head(heading, options.theme, full_width, full_height);
    picture.inside(None);
    picture.lines();
    picture.heads();
    if options.script && scene.shapes.iter().any(|shape| shape.class == Class::Block { open: true }) {
        let _ = writeln!(picture.out, "<script><![CDATA[\n{SCRIPT}]]></script>");
    }
    picture.out.push_str("</svg>\n");
    picture.out
}

struct Picture<'a> {
    out: String,
    scene: &'a Scene,
    layout: &'a Layout,
    origin: [f64; 2],
}

/// Where something stands, from the left and from above, and how large it is.
#[derive(Clone, Copy)]
struct Rect {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Picture<'_> {
    fn head(&mut self, heading: &Heading, theme: Theme, width: f64, height: f64) {
        let class = match theme {
            Theme::Auto => "ndsl-diagram",
            Theme::Light => "ndsl-diagram light",
            Theme::Dark => "ndsl-diagram dark",
        };
        let Heading { kind, name, title, complete, lines } = heading;
        let (name, title) = (escaped(name), escaped(title));
        let _ = writeln!(
            self.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" data-kind=\"{kind}\" data-name=\"{name}\" \
             data-complete=\"{complete}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">"
        );
        let _ = writeln!(self.out, "<title>{title}</title>");
        let style = STYLE.replace("DARK", DARK).replace("LIGHT", LIGHT);
        let _ = writeln!(self.out, "<style>\n{style}</style>");
        let _ = writeln!(self.out, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
        let mut y = MARGIN + 16.0;
        self.text("heading", MARGIN, y, "start", &name);
        y += 3.0;
        for line in lines {
            y += SUBHEADING;
            self.text("subheading", MARGIN, y, "start", &escaped(line));
        }
    }

    /// A point of the drawing in the picture.
    fn at(&self, point: Point) -> [f64; 2] {
        let [x, y] = self.origin;
        match self.scene.across {
            true => [x + point.down, y + point.across],
            false => [x + point.across, y + point.down],
        }
    }

    fn rect(&self, area: Area) -> Rect {
        let [x, y] = self.at(Point { across: area.across, down: area.down });
        match self.scene.across {
            true => Rect { x, y, width: area.length, height: area.width },
            false => Rect { x, y, width: area.width, height: area.length },
        }
    }

    /// The boxes that stand in `parent`.
    fn inside(&mut self, parent: Option<usize>) {
        let first = parent.map_or(0, |parent| parent + 1);
        // What is inside a box stands behind it, before the next beside it.
        let mut open: Vec<Option<usize>> = vec![parent];
        for at in first..self.scene.shapes.len() {
            let shape = &self.scene.shapes[at];
            while open.last().is_some_and(|last| *last != shape.parent) {
                open.pop();
                self.out.push_str("</g>\n");
            }
            self.shape(shape, self.rect(self.layout.areas[at]));
            match shape.class {
                Class::Block { open: true } => open.push(Some(at)),
                _ => self.out.push_str("</g>\n"),
            }
        }
        open.iter().skip(1).for_each(|_| self.out.push_str("</g>\n"));
    }

    /// A box, its element left open.
    fn shape(&mut self, shape: &Shape, rect: Rect) {
        let class = match shape.class {
            Class::Input => "node input",
            Class::Output => "node output",
            Class::Weighted => "node layer weighted",
            Class::Layer => "node layer",
            Class::Operator => "node operation operator",
            Class::Operation => "node operation",
            Class::Block { open: true } => "block open",
            Class::Block { open: false } => "node block closed",
            Class::Table => "node table",
        };
        let (id, line) = (escaped(&shape.id), shape.line);
        let _ = write!(self.out, "<g class=\"{class}\"");
        if shape.class != (Class::Block { open: true }) {
            let _ = write!(self.out, " data-node=\"{id}\"");
        }
        if matches!(shape.class, Class::Block { .. }) {
            let _ = write!(self.out, " data-block=\"{id}\"");
        }
        let _ = writeln!(self.out, " data-line=\"{line}\"><title>{}</title>", escaped(&shape.tooltip));
        match shape.class {
            Class::Block { open: true } => self.boxed("frame", rect, 8.0),
            Class::Block { open: false } => self.closed(shape, rect),
            Class::Table => self.table(shape, rect),
            _ => self.leaf(shape, rect),
        }
    }

    fn leaf(&mut self, shape: &Shape, rect: Rect) {
        let round = match shape.class {
            Class::Input | Class::Output | Class::Operator => rect.height / 2.0,
            _ => 5.0,
        };
        self.boxed("box", rect, round.min(15.0));
        let first = rect.y + EDGE + 12.0;
        let centre = rect.x + rect.width / 2.0;
        match shape.class {
            Class::Operator => {
                self.text("title", centre, rect.y + rect.height / 2.0 + 5.0, "middle", &escaped(&shape.title));
            }
            Class::Operation | Class::Output => {
                let mut y = first;
                if !shape.title.is_empty() {
                    self.text("title", centre, y, "middle", &escaped(&shape.title));
                    y += TITLE - 2.0;
                }
                self.details(shape, centre, y, "middle");
            }
            _ => {
                self.titled(shape, rect, 0.0);
                self.details(shape, rect.x + SIDE, first + TITLE - 2.0, "start");
            }
        }
    }

    /// A title on the left and its note on the right; both in the middle where there is nothing else.
    fn titled(&mut self, shape: &Shape, rect: Rect, indent: f64) {
        let y = rect.y + EDGE + 12.0;
        if shape.note.is_empty() && shape.details.is_empty() && indent == 0.0 {
            self.text("title", rect.x + rect.width / 2.0, y, "middle", &escaped(&shape.title));
            return;
        }
        self.text("title", rect.x + SIDE + indent, y, "start", &escaped(&shape.title));
        if !shape.note.is_empty() {
            let class = if shape.class == Class::Input { "code" } else { "note" };
            self.text(class, rect.x + rect.width - SIDE, y, "end", &escaped(&shape.note));
        }
    }

    fn details(&mut self, shape: &Shape, x: f64, first: f64, anchor: &str) {
        for (at, line) in shape.details.iter().enumerate() {
            self.text("code", x, first + at as f64 * DETAIL, anchor, &escaped(line));
        }
    }

    /// A block that holds what is hidden: a second sheet behind it.
    fn closed(&mut self, shape: &Shape, rect: Rect) {
        let behind = Rect { x: rect.x + 3.0, y: rect.y + 3.0, ..rect };
        self.boxed("box", behind, 5.0);
        self.boxed("box", rect, 5.0);
        let (x, y) = (rect.x + SIDE, rect.y + EDGE + 7.5);
        self.path("sign", &format!("M{} {}l6 4.5l-6 4.5z", number(x), number(y - 4.5)));
        self.titled(shape, rect, SIGN);
        self.details(shape, rect.x + SIDE, rect.y + EDGE + 10.0 + TITLE, "start");
    }

    /// The heads of open blocks, above the lines that come in beside them.
    fn heads(&mut self) {
        let all = self.scene.shapes.iter().zip(&self.layout.areas);
        for (shape, area) in all.filter(|(shape, _)| shape.class == Class::Block { open: true }) {
            let rect = self.rect(*area);
            let (id, line, said) = (escaped(&shape.id), shape.line, escaped(&shape.tooltip));
            let _ = writeln!(
                self.out,
                "<g class=\"head open\" data-block=\"{id}\" data-line=\"{line}\"><title>{said}</title>"
            );
            self.boxed("surface", Rect { height: HEAD, ..rect }, 8.0);
            let (x, y) = (rect.x + SIDE, rect.y + 14.0);
            self.path("sign", &format!("M{} {}h9l-4.5 6z", number(x - 1.0), number(y - 3.0)));
            self.text("title", x + SIGN, y + 4.5, "start", &escaped(&shape.title));
            if !shape.note.is_empty() {
                self.text("note", rect.x + rect.width - SIDE, y + 4.5, "end", &escaped(&shape.note));
            }
            self.out.push_str("</g>\n");
        }
    }

    fn table(&mut self, shape: &Shape, rect: Rect) {
        self.boxed("box", rect, 5.0);
        let (left, right) = (rect.x + 0.5, rect.x + rect.width - 0.5);
        let (top, rule) = (rect.y + 0.5, rect.y + TABLE_HEAD);
        let head = format!(
            "M{l} {b}V{c}Q{l} {t} {m} {t}H{n}Q{r} {t} {r} {c}V{b}z",
            l = number(left),
            r = number(right),
            t = number(top),
            b = number(rule),
            c = number(top + 4.5),
            m = number(left + 4.5),
            n = number(right - 4.5)
        );
        self.path("table-head", &head);
        self.text("title", rect.x + SIDE, rect.y + 18.5, "start", &escaped(&shape.title));
        if !shape.rows.is_empty() {
            self.path("rule", &format!("M{} {}H{}", number(rect.x), number(rule), number(rect.x + rect.width)));
        }
        for (at, row) in shape.rows.iter().enumerate() {
            let y = rule + at as f64 * ROW;
            let key = if row.marks.contains(&"PK") { " key" } else { "" };
            let optional = if row.optional { " optional" } else { "" };
            let (id, line) = (escaped(&row.id), row.line);
            let _ = writeln!(
                self.out,
                "<g class=\"column{key}{optional}\" data-column=\"{id}\" data-line=\"{line}\"><title>{}</title>",
                escaped(&row.tooltip)
            );
            self.boxed("surface", Rect { y, height: ROW, ..rect }, 0.0);
            self.text("marks", rect.x + SIDE, y + 13.5, "start", &row.marks.join(" "));
            self.text("code name", rect.x + SIDE + MARKS, y + 14.0, "start", &escaped(&row.name));
            self.text("code", rect.x + rect.width - SIDE, y + 14.0, "end", &escaped(&row.kind));
            self.out.push_str("</g>\n");
        }
    }

    /// Every line, with what it carries beside its beginning.
    fn lines(&mut self) {
        let labels = self.labels();
        let mut lines: Vec<_> = self.scene.lines.iter().zip(&self.layout.routes).enumerate().collect();
        // Where lines run together, the main flow lies above the others.
        lines.sort_by_key(|(_, (line, _))| line.role != Role::Skip);
        for (at, (line, route)) in lines {
            let (from, to) = (&self.scene.shapes[line.from], &self.scene.shapes[line.to]);
            let class = match line.role {
                Role::Flow => "edge",
                Role::Skip => "edge skip",
                Role::Weights => "edge weights",
                Role::Reference(_) => "edge reference",
            };
            let _ = writeln!(
                self.out,
                "<g class=\"{class}\" data-from=\"{}\" data-to=\"{}\"><title>{}</title>",
                escaped(&from.id),
                escaped(&to.id),
                escaped(&line.tooltip)
            );
            let points: Vec<[f64; 2]> = match route.is_empty() {
                true => self.loop_of(line),
                false => route.iter().map(|point| self.at(*point)).collect(),
            };
            match line.role {
                Role::Reference(ends) => self.reference(&points, ends),
                _ => self.arrow(&points),
            }
            if let Some((at, anchor)) = labels.get(&at) {
                let [x, y] = *at;
                self.text("shape", x, y + 13.0, anchor, &escaped(&line.label));
            }
            self.out.push_str("</g>\n");
        }
    }

    /// What is written beside the beginnings of lines, by their places, and where: once for each value of a box. Of two values
    /// one is written on each side, and between those there is no room.
    fn labels(&self) -> BTreeMap<usize, ([f64; 2], &'static str)> {
        let mut of_boxes: BTreeMap<usize, Vec<(usize, [f64; 2], usize)>> = BTreeMap::new();
        for (at, (line, route)) in self.scene.lines.iter().zip(&self.layout.routes).enumerate() {
            let (Some(begin), false) = (route.first(), line.label.is_empty()) else { continue };
            let values = of_boxes.entry(line.from).or_default();
            if !values.iter().any(|(value, ..)| *value == line.value) {
                values.push((line.value, self.at(*begin), at));
            }
        }
        let mut labels = BTreeMap::new();
        for (_, mut values) in of_boxes {
            values.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]));
            if let [(_, [x, y], at), _, ..] = values.as_slice() {
                labels.insert(*at, ([x - 6.0, *y], "end"));
            }
            if let [.., (_, [x, y], at)] = values.as_slice() {
                labels.insert(*at, ([x + 6.0, *y], "start"));
            }
        }
        labels
    }

    fn arrow(&mut self, points: &[[f64; 2]]) {
        let [.., before, end] = points else { return };
        let mut shaft = points.to_vec();
        let (dx, dy) = direction(*before, *end);
        let neck = [end[0] - dx * ARROW[0], end[1] - dy * ARROW[0]];
        let last = shaft.len() - 1;
        shaft[last] = [end[0] - dx * (ARROW[0] - 1.0), end[1] - dy * (ARROW[0] - 1.0)];
        self.path("", &rounded_path(&shaft));
        let (a, b) =
            ([neck[0] - dy * ARROW[1], neck[1] + dx * ARROW[1]], [neck[0] + dy * ARROW[1], neck[1] - dx * ARROW[1]]);
        let head = format!("M{}L{}L{}z", pair(*end), pair(a), pair(b));
        self.path("arrow", &head);
    }

    /// A line between tables, with a crow's foot where there may be many.
    fn reference(&mut self, points: &[[f64; 2]], ends: [Count; 2]) {
        let [first, second, ..] = points else { return };
        let [.., before, last] = points else { return };
        self.path("", &rounded_path(points));
        self.mark(*first, direction(*first, *second), ends[0]);
        self.mark(*last, direction(*last, *before), ends[1]);
    }

    /// How many rows there may be at an end: drawn from the table along the line.
    fn mark(&mut self, end: [f64; 2], (dx, dy): (f64, f64), count: Count) {
        let at = |along: f64, beside: f64| [end[0] + dx * along - dy * beside, end[1] + dy * along + dx * beside];
        let bar = |along: f64| format!("M{}L{}", pair(at(along, -5.0)), pair(at(along, 5.0)));
        let ring = |picture: &mut Self, along: f64| {
            let [x, y] = at(along, 0.0);
            let (x, y) = (number(x), number(y));
            let _ = writeln!(
                picture.out,
                "<path class=\"mark\" d=\"M{x} {y}m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z\"/>"
            );
        };
        match count {
            Count::One => {
                self.path("", &bar(7.0));
                self.path("", &bar(11.0));
            }
            Count::OneOrNone => {
                self.path("", &bar(7.0));
                ring(self, 14.5);
            }
            Count::Any => {
                let foot = format!("M{}L{}L{}", pair(at(0.0, -5.5)), pair(at(10.0, 0.0)), pair(at(0.0, 5.5)));
                self.path("", &foot);
                ring(self, 13.5);
            }
        }
    }

    /// A line from a table to itself.
    fn loop_of(&self, line: &Line) -> Vec<[f64; 2]> {
        let Some([Some(a), Some(b)]) = line.rows else { return Vec::new() };
        let rect = self.rect(self.layout.areas[line.from]);
        let y = |row: usize| rect.y + TABLE_HEAD + (row as f64 + 0.5) * ROW;
        // On the left nothing else ends at these rows.
        let (x, out) = (rect.x, rect.x - BETWEEN - 4.0);
        vec![[x, y(a)], [out, y(a)], [out, y(b)], [x, y(b)]]
    }

    fn boxed(&mut self, class: &str, rect: Rect, round: f64) {
        let Rect { x, y, width, height } = rect;
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        let _ = write!(self.out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        let _ = writeln!(self.out, " rx=\"{}\"/>", number(round));
    }

    fn path(&mut self, class: &str, path: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(self.out, "<path{class} d=\"{path}\"/>");
    }

    /// A text that is escaped already.
    fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let (x, y) = (number(x), number(y));
        let anchor = if anchor == "start" { String::new() } else { format!(" text-anchor=\"{anchor}\"") };
        let _ = writeln!(self.out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>");
    }
}

fn direction(from: [f64; 2], to: [f64; 2]) -> (f64, f64) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let long = dx.hypot(dy).max(1e-9);
    (dx / long, dy / long)
}

/// A line through points, its corners round.
fn rounded_path(points: &[[f64; 2]]) -> String {
    let mut path = format!("M{}", pair(points[0]));
    for at in 1..points.len() {
        let point = points[at];
        let Some(next) = points.get(at + 1) else {
            let _ = write!(path, "L{}", pair(point));
            break;
        };
        let before = points[at - 1];
        let half = |a: [f64; 2], b: [f64; 2]| (b[0] - a[0]).hypot(b[1] - a[1]) / 2.0;
        let round = ROUND.min(half(before, point)).min(half(point, *next));
        let ((ax, ay), (bx, by)) = (direction(before, point), direction(point, *next));
        let (begin, end) =
            ([point[0] - ax * round, point[1] - ay * round], [point[0] + bx * round, point[1] + by * round]);
        let _ = write!(path, "L{}Q{} {}", pair(begin), pair(point), pair(end));
    }
    path
}

fn number(value: f64) -> String {
    let mut out = String::new();
    length(&mut out, value);
    out
}

fn pair([x, y]: [f64; 2]) -> String {
    format!("{} {}", number(x), number(y))
}
