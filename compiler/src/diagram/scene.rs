//! What a picture shows, before it is known where: boxes with their texts, and lines between them.

use super::layout::{Edge, Layout, Node, Spacing, Tangled, layout};
use super::text::Font;

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Something fed from outside.
    Input,
    /// Something handed back.
    Output,
    /// A layer with parameters of its own.
    Weighted,
    /// A layer without.
    Layer,
    /// A sum, product or the like: an operator alone.
    Operator,
    /// What is computed between layers.
    Operation,
    /// A block or a `repeat`.
    Block {
        /// Whether it is drawn with what is in it.
        open: bool,
    },
    /// A table of a schema.
    Table,
}

/// A box.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The open block it stands in: one before it.
    pub parent: Option<usize>,
    /// Its name, which no other has.
    pub id: String,
    /// What it is.
    pub class: Class,
    /// Where it is written: a line of the given text, from 1.
    pub line: usize,
    /// What stands in it first.
    pub title: String,
    /// What stands on the right of that.
    pub note: String,
    /// What stands below.
    pub details: Vec<String>,
    /// What is said of it when it is pointed at.
    pub tooltip: String,
    /// The columns of a table.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name from outside: `Shop.Customer.id`.
    pub id: String,
    /// Where it is written.
    pub line: usize,
    /// `PK`, `FK`, `U`
    pub marks: Vec<&'static str>,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Whether it may be null.
    pub optional: bool,
    /// What is said of it when it is pointed at.
    pub tooltip: String,
}

/// How many rows may stand at an end of a line between tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// One or none.
    OneOrNone,
    /// Any number.
    Any,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What one box makes and the next takes.
    Flow,
    /// The same, beside others that lead to the same box.
    Skip,
    /// A weight that two boxes share.
    Weights,
    /// A reference of a table's rows to another's, and how many stand at each end.
    Reference([Count; 2]),
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it carries: two lines with the same from the same box say so once.
    pub value: usize,
    /// What it is.
    pub role: Role,
    /// What stands beside its beginning: a shape.
    pub label: String,
    /// What is said of it when it is pointed at.
    pub tooltip: String,
    /// The rows of the tables at its ends; nothing for a table's head.
    pub rows: Option<[Option<usize>; 2]>,
}

/// A picture, before it is known where anything stands.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The boxes, each behind the one it stands in.
    pub shapes: Vec<Shape>,
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether the flow goes to the right, and not down.
    pub across: bool,
}

/// The sides of a box's text, left and right.
pub const SIDE: f64 = 12.0;
/// Above and below a box's text.
pub const EDGE: f64 = 8.0;
/// The first line of a box.
pub const TITLE: f64 = 16.0;
/// A further line.
pub const DETAIL: f64 = 14.0;
/// The head of an open block.
pub const HEAD: f64 = 28.0;
/// The head of a table, and each of its rows.
pub const TABLE_HEAD: f64 = 28.0;
/// A row of a table.
pub const ROW: f64 = 20.0;
/// The room of a row's marks.
pub const MARKS: f64 = 40.0;
/// What the sign before a block's name takes.
pub const SIGN: f64 = 14.0;
/// Between a title and its note.
pub const BETWEEN: f64 = 18.0;

const DOWN: Spacing = Spacing { boxes: 34.0, lines: 18.0, behind: 21.0, before: 13.0, track: 9.0 };
const ACROSS: Spacing = Spacing { boxes: 36.0, lines: 22.0, behind: 30.0, before: 30.0, track: 10.0 };

impl Shape {
    /// How wide and how high it is; of an open block the least width, and how high its head is.
    pub fn size(&self) -> [f64; 2] {
        let title = Font::Title.width(&self.title);
        // The type of an input stands as the program has it.
        let note = if self.class == Class::Input { Font::Code } else { Font::Note }.width(&self.note);
        let both = title + if self.note.is_empty() { 0.0 } else { BETWEEN + note };
        let details = self.details.iter().map(|line| Font::Code.width(line)).fold(0.0, f64::max);
        let lines = self.details.len() as f64 * DETAIL;
        match self.class {
            Class::Operator => [34.0, 28.0],
            Class::Operation if self.title.is_empty() => [details + 2.0 * SIDE, lines + 2.0 * EDGE],
            Class::Input | Class::Output | Class::Operation | Class::Layer | Class::Weighted => {
                let least = if matches!(self.class, Class::Layer | Class::Weighted) { 118.0 } else { 64.0 };
                [both.max(details).max(least - 2.0 * SIDE) + 2.0 * SIDE, TITLE + lines + 2.0 * EDGE]
            }
            Class::Block { open: false } => {
                [(both + SIGN).max(details).max(110.0) + 2.0 * SIDE, TITLE + lines + 2.0 * EDGE]
            }
            // The line that comes in runs between the two.
            Class::Block { open: true } => [2.0 * (title + SIGN).max(note) + 2.0 * SIDE + BETWEEN, HEAD],
            Class::Table => {
                let rows = self.rows.iter().map(|row| Font::Code.width(&row.name) + Font::Code.width(&row.kind));
                let rows = rows.fold(0.0, f64::max) + MARKS + BETWEEN;
                [rows.max(both) + 2.0 * SIDE, TABLE_HEAD + self.rows.len() as f64 * ROW]
            }
        }
    }
}

impl Scene {
    /// Puts everything in its place.
    ///
    /// # Errors
    /// When its lines are too many to be told apart.
    pub fn laid_out(&self) -> Result<Layout, Tangled> {
        let mut labels = vec![0.0; self.shapes.len()];
        for line in self.lines.iter().filter(|line| !self.across && !line.label.is_empty()) {
            let width: f64 = Font::Shape.width(&line.label) + 12.0;
            labels[line.from] = width.max(labels[line.from]);
        }
        let nodes = self.shapes.iter().zip(labels).map(|(shape, label)| {
            let [width, height] = shape.size();
            let (across, down) = if self.across { (height, width) } else { (width, height) };
            let holds = shape.class == Class::Block { open: true };
            Node { parent: shape.parent, across, down, label, holds, padding: if holds { 16.0 } else { 0.0 } }
        });
        let nodes: Vec<Node> = nodes.collect();
        let edges = self.lines.iter().map(|line| {
            let middle = |row: Option<usize>| match row {
                Some(row) => TABLE_HEAD + (row as f64 + 0.5) * ROW,
                None => TABLE_HEAD / 2.0,
            };
            let ports = line.rows.map(|rows| rows.map(middle));
            // What a table refers to stands behind it, whatever the order they are written in.
            let turned = line.from > line.to;
            let (from, to) = if turned { (line.to, line.from) } else { (line.from, line.to) };
            let ports = ports.map(|[a, b]| if turned { [b, a] } else { [a, b] });
            let minor = line.role != Role::Flow && !matches!(line.role, Role::Reference(_));
            Edge { from, to, value: line.value, minor, ports }
        });
        let edges: Vec<Edge> = edges.collect();
        let mut layout = layout(&nodes, &edges, if self.across { &ACROSS } else { &DOWN })?;
        for (line, route) in self.lines.iter().zip(&mut layout.routes) {
            if line.from > line.to {
                route.reverse();
            }
        }
        Ok(layout)
    }
}
