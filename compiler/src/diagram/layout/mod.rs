//! Where the boxes of a diagram stand and how its lines run: a layered drawing of boxes that hold others.
//!
//! The method is that of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system structures",
//! 1981): boxes stand in ranks ([`rank`]), the order in each is chosen so that few lines cross ([`order`]), then what belongs
//! together is put in one line ([`place`]), and lines run in the channels between ranks ([`route`]). A box that holds others is
//! laid out first, by itself, and is one box from there on; a line that goes into it meets its border at a port, as in
//! Sander ("Layout of compound directed graphs", 1996). A program nests as its author thinks of it, so what is inside a
//! box is small, and the main flow of each can be kept straight.
//!
//! Coordinates here run along the flow (`down`) and across it (`across`); whoever draws may turn them.

mod level;
mod order;
mod place;
mod rank;
mod route;

use std::collections::BTreeMap;

use level::{Level, Link, Slot};

/// The most points that lines may pass on their way along other boxes: what is more tangled is not drawn.
pub const MAX_PASSED: usize = 60_000;

/// A box.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The box it stands in: one before it.
    pub parent: Option<usize>,
    /// Its size across the flow; of one that holds others, the least.
    pub across: f64,
    /// Its size along the flow; of one that holds others, that of its head.
    pub down: f64,
    /// The room across the flow for what is written behind it, on both sides of its middle.
    pub label: f64,
    /// Whether it holds others.
    pub holds: bool,
    /// How much it stands back from the boxes around it, where it holds others.
    pub padding: f64,
}

/// A line from one box to another, neither of which holds others. It goes to one that comes later, unless it is turned round.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it carries: lines of the same from the same box run together as far as they can.
    pub value: usize,
    /// Whether it passes by what others go through: the others are kept straight.
    pub minor: bool,
    /// Where on the border it begins and ends, if that is a fixed place.
    pub ports: Option<[f64; 2]>,
}

/// Distances, in the unit of the boxes.
#[derive(Clone, Copy, Debug)]
pub struct Spacing {
    /// Between boxes beside each other.
    pub boxes: f64,
    /// Between a box and a line that passes it.
    pub lines: f64,
    /// From a box to the first turn of its lines: there what is written behind it stands.
    pub behind: f64,
    /// From the last turn of a line to its box.
    pub before: f64,
    /// Between lines that run across beside each other.
    pub track: f64,
}

/// A point: across the flow, and along it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Across the flow.
    pub across: f64,
    /// Along the flow.
    pub down: f64,
}

/// Where a box stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Where it begins across the flow.
    pub across: f64,
    /// Where it begins along the flow.
    pub down: f64,
    /// How wide it is across the flow.
    pub width: f64,
    /// How long it is along the flow.
    pub length: f64,
}

/// A drawing.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Its size across the flow.
    pub width: f64,
    /// Its size along the flow.
    pub length: f64,
    /// Where each box stands.
    pub areas: Vec<Area>,
    /// The points each line runs through, in straight pieces along or across the flow.
    pub routes: Vec<Vec<Point>>,
}

/// Why nothing was drawn: lines pass too many boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tangled;

/// Lays out `nodes` and `edges`.
///
/// # Errors
/// When lines pass more than [`MAX_PASSED`] boxes together.
pub fn layout(nodes: &[Node], edges: &[Edge], spacing: &Spacing) -> Result<Layout, Tangled> {
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); nodes.len() + 1];
    for (at, node) in nodes.iter().enumerate() {
        inside[node.parent.unwrap_or(nodes.len())].push(at);
    }
    let mut work = Work { nodes, edges, spacing, inside, around: Vec::new(), laid: BTreeMap::new(), passed: 0 };
    work.around = (0..nodes.len()).map(|at| around(nodes, at)).collect();
    let all: Vec<usize> = (0..edges.len()).filter(|edge| edges[*edge].from != edges[*edge].to).collect();
    work.boxed(nodes.len(), &all)?;
    Ok(work.finish())
}

/// The boxes around one, the outermost first, itself last.
fn around(nodes: &[Node], at: usize) -> Vec<usize> {
    let mut around = vec![at];
    while let Some(parent) = nodes[around[around.len() - 1]].parent {
        around.push(parent);
    }
    around.reverse();
    around
}

/// What is inside a box, laid out by itself.
#[derive(Debug, Default)]
struct Laid {
    level: Level,
    /// The boxes in it, by their places among the slots.
    slots: Vec<usize>,
    /// For every line that runs in it, its slots and ports.
    lines: Vec<(usize, usize)>,
    /// Where values come in and go out.
    entries: BTreeMap<(usize, usize), usize>,
    exits: BTreeMap<(usize, usize), usize>,
    width: f64,
    length: f64,
    /// How far what is in it is moved across, for the box to be wide enough.
    shift: f64,
}

struct Work<'a> {
    nodes: &'a [Node],
    edges: &'a [Edge],
    spacing: &'a Spacing,
    /// What each box holds; the last is the picture.
    inside: Vec<Vec<usize>>,
    around: Vec<Vec<usize>>,
    laid: BTreeMap<usize, Laid>,
    passed: usize,
}

impl Work<'_> {
    /// The box in `outer` (or the picture) that holds `node`; nothing where it is not inside.
    fn child(&self, outer: usize, node: usize) -> Option<usize> {
        let around = &self.around[node];
        match outer == self.nodes.len() {
            true => around.first().copied(),
            false => around.iter().position(|at| *at == outer).and_then(|at| around.get(at + 1)).copied(),
        }
    }

    /// Lays out what is inside `outer`, given the lines that run in it.
    fn boxed(&mut self, outer: usize, lines: &[usize]) -> Result<(), Tangled> {
        let held = self.inside[outer].clone();
        // What runs within each, or through its border.
        let mut within: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for line in lines {
            let Edge { from, to, .. } = self.edges[*line];
            let (a, b) = (self.child(outer, from), self.child(outer, to));
            for end in [a, b].into_iter().flatten().filter(|end| self.nodes[*end].holds) {
                let lines = within.entry(end).or_default();
                if lines.last() != Some(line) {
                    lines.push(*line);
                }
            }
        }
        for node in &held {
            if self.nodes[*node].holds {
                self.boxed(*node, within.get(node).map_or(&[][..], Vec::as_slice))?;
            }
        }

        let mut laid = Laid::default();
        let mut slot_of: BTreeMap<usize, usize> = BTreeMap::new();
        for node in held {
            slot_of.insert(node, laid.slots.len());
            laid.slots.push(node);
            laid.level.slots.push(self.slot(node));
        }
        // A value that comes in from outside does so in one place, and one that goes out likewise.
        for line in lines {
            let edge = self.edges[*line];
            let key = (edge.from, edge.value);
            let end = |node| self.child(outer, node).map(|child| (child, slot_of[&child]));
            if end(edge.from).is_some() && end(edge.from) == end(edge.to) {
                continue;
            }
            let (from, from_port) = match end(edge.from) {
                Some((child, slot)) => (slot, self.port(child, edge, true)),
                None => {
                    let slot = *laid.entries.entry(key).or_insert_with(|| {
                        laid.slots.push(usize::MAX);
                        laid.level.slots.push(Slot::entry(self.head(outer)));
                        laid.level.slots.len() - 1
                    });
                    (slot, Some(0.0))
                }
            };
            let (to, to_port) = match end(edge.to) {
                Some((child, slot)) => (slot, self.port(child, edge, false)),
                None => {
                    let slot = *laid.exits.entry(key).or_insert_with(|| {
                        laid.slots.push(usize::MAX);
                        laid.level.slots.push(Slot::exit(self.padding(outer) / 4.0));
                        laid.level.slots.len() - 1
                    });
                    (slot, Some(0.0))
                }
            };
            let link = Link { from, to, value: key, minor: edge.minor, from_port, to_port };
            laid.lines.push((*line, laid.level.add(link)));
        }
        laid.level.lay(self.spacing, MAX_PASSED.saturating_sub(self.passed))?;
        self.passed += laid.level.passed;
        let padding = self.padding(outer);
        let least = self.nodes.get(outer).map_or(0.0, |node| node.across);
        laid.width = (laid.level.width + 2.0 * padding).max(least);
        laid.shift = (laid.width - laid.level.width) / 2.0;
        // Without lines from outside there is nothing that keeps the head and the border free.
        let (head, foot) = (laid.level.head, laid.level.foot);
        laid.length = laid.level.length + if head { 0.0 } else { self.head(outer) } + if foot { 0.0 } else { padding };
        self.laid.insert(outer, laid);
        Ok(())
    }

    fn head(&self, outer: usize) -> f64 {
        self.nodes.get(outer).map_or(0.0, |node| node.down)
    }

    fn padding(&self, outer: usize) -> f64 {
        self.nodes.get(outer).map_or(0.0, |node| node.padding)
    }

    fn slot(&self, node: usize) -> Slot {
        match self.laid.get(&node) {
            Some(laid) => Slot::sized(laid.width, laid.length, 0.0),
            None => {
                let Node { across, down, label, .. } = self.nodes[node];
                Slot::sized(across, down, label)
            }
        }
    }

    /// Where on the border of `child` a line begins or ends, if that is known by now.
    fn port(&self, child: usize, edge: Edge, begins: bool) -> Option<f64> {
        if let Some(laid) = self.laid.get(&child) {
            let key = (edge.from, edge.value);
            let slot = if begins { laid.exits.get(&key) } else { laid.entries.get(&key) };
            return slot.map(|slot| laid.shift + laid.level.slots[*slot].across);
        }
        edge.ports.map(|ports| ports[usize::from(!begins)])
    }

    fn finish(self) -> Layout {
        let root = self.nodes.len();
        let mut layout = Layout { areas: vec![Area::default(); root], ..Layout::default() };
        let Some(laid) = self.laid.get(&root) else { return layout };
        (layout.width, layout.length) = (laid.width, laid.length);
        let mut pieces: Vec<Vec<Vec<Point>>> = vec![Vec::new(); self.edges.len()];
        self.put(root, Point { across: 0.0, down: 0.0 }, &mut layout.areas, &mut pieces);
        layout.routes = pieces.into_iter().map(joined).collect();
        layout
    }

    /// Moves what is inside `outer` to where that stands.
    fn put(&self, outer: usize, at: Point, areas: &mut [Area], pieces: &mut [Vec<Vec<Point>>]) {
        let Some(laid) = self.laid.get(&outer) else { return };
        let head = if laid.level.head { 0.0 } else { self.head(outer) };
        let origin = Point { across: at.across + laid.shift, down: at.down + head };
        for (slot, node) in laid.level.slots.iter().zip(&laid.slots) {
            let Some(known) = self.nodes.get(*node) else { continue };
            let (width, length) = match self.laid.get(node) {
                Some(inner) => (inner.width, inner.length),
                None => (known.across, known.down),
            };
            let area = Area {
                across: origin.across + slot.across + (slot.width - width) / 2.0,
                down: origin.down + slot.down,
                width,
                length,
            };
            areas[*node] = area;
            self.put(*node, Point { across: area.across, down: area.down }, areas, pieces);
        }
        for (line, link) in &laid.lines {
            let route = laid.level.routes[*link].iter();
            let moved = route.map(|p| Point { across: origin.across + p.across, down: origin.down + p.down });
            pieces[*line].push(moved.collect());
        }
    }
}

/// The pieces of a line as one: each begins where another ends.
fn joined(mut pieces: Vec<Vec<Point>>) -> Vec<Point> {
    pieces.sort_by(|a, b| a[0].down.total_cmp(&b[0].down));
    let mut route: Vec<Point> = Vec::new();
    for point in pieces.into_iter().flatten() {
        let same = |a: f64, b: f64| (a - b).abs() < 1e-6;
        if route.last().is_some_and(|last| same(last.across, point.across) && same(last.down, point.down)) {
            continue;
        }
        // Points on the way straight on say nothing.
        if let [.., before, last] = route.as_slice()
            && (same(before.across, last.across) && same(last.across, point.across)
                || same(before.down, last.down) && same(last.down, point.down))
        {
            route.pop();
        }
        route.push(point);
    }
    route
}
