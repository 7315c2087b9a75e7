//! A model as its author thinks of it: inputs, layers, expressions and outputs in the order of the flow, in the blocks and
//! `repeat`s they stand in, and what flows from which to which.

use std::cmp::Reverse;

use foldhash::HashMap;
use ndsl_grammar::{FileId, Span};

use super::operations::{self, Belongs, Shown, belonging};
use crate::ir::{Graph, GroupKind, ValueId, ValueSource};
use crate::source::Source;
use crate::sources::{Sources, Texts};

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something fed from outside: these values.
    Input(Vec<ValueId>),
    /// A layer, by its place.
    Layer(usize),
    /// What is computed between layers.
    Expression {
        /// What is shown of it.
        shown: Shown,
        /// What it makes.
        value: ValueId,
    },
    /// An output, by its place.
    Output(usize),
    /// A use of a block, a `repeat` or a round, by the place of its group.
    Group(usize),
}

/// A part of a model.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it stands in: one before it.
    pub parent: Option<usize>,
    /// What is inside it ends before this one.
    pub end: usize,
    /// A name that no other part has.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is written.
    pub span: Span,
    /// The line of the given text it is written in, or that leads to it.
    pub line: usize,
}

/// What flows from one part to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wire {
    /// The part that makes it.
    pub from: usize,
    /// The part that takes it.
    pub to: usize,
    /// What it is.
    pub value: ValueId,
    /// Whether it is a weight.
    pub weight: bool,
}

/// A model in parts.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The parts, each before what is inside it, in the order of the flow.
    pub parts: Vec<Part>,
    /// What flows, from earlier parts to later ones.
    pub wires: Vec<Wire>,
}

/// What is not inside a group.
const OUTSIDE: usize = usize::MAX;

/// A model in parts.
pub fn outline(graph: &Graph, sources: &Sources) -> Outline {
    let texts = |span: Span| sources.source(span.file).text.get(span.range()).unwrap_or_default();
    let scopes = Scopes::of(graph);
    let belongs = belonging(graph, &scopes.of_values, &texts);
    let mut builder = Builder {
        graph,
        source: sources.main(),
        scopes,
        outline: Outline::default(),
        open: Vec::new(),
        taken: HashMap::default(),
        counts: HashMap::default(),
    };
    let leaves = builder.leaves(&belongs, &texts);
    let place = builder.emit(leaves);
    builder.wires(&belongs, &place);
    builder.outline
}

/// In which group everything stands, innermost.
struct Scopes {
    of_layers: Vec<usize>,
    of_values: Vec<usize>,
    /// The group around each group.
    around: Vec<usize>,
}

impl Scopes {
    fn of(graph: &Graph) -> Self {
        let (mut of_layers, mut of_values) = (vec![OUTSIDE; graph.layers.len()], vec![OUTSIDE; graph.values.len()]);
        let mut around = vec![OUTSIDE; graph.groups.len()];
        // Each comes after those inside it, which are the last ones that have none around them yet.
        let mut open: Vec<usize> = Vec::new();
        for (at, group) in graph.groups.iter().enumerate() {
            while let Some(last) = open.last() {
                let inner = &graph.groups[*last];
                let inside = group.values.start <= inner.values.start && group.layers.start <= inner.layers.start;
                if !inside {
                    break;
                }
                around[*last] = at;
                open.pop();
            }
            open.push(at);
        }
        for (at, group) in graph.groups.iter().enumerate().rev() {
            let layers = group.layers.start as usize..group.layers.end as usize;
            let values = group.values.start as usize..group.values.end as usize;
            of_layers.get_mut(layers).into_iter().flatten().for_each(|scope| *scope = at);
            of_values.get_mut(values).into_iter().flatten().for_each(|scope| *scope = at);
        }
        Self { of_layers, of_values, around }
    }

    /// The groups around something in `scope`, the outermost first.
    fn path(&self, mut scope: usize) -> Vec<usize> {
        let mut path = Vec::new();
        while scope != OUTSIDE {
            path.push(scope);
            scope = self.around[scope];
        }
        path.reverse();
        path
    }
}

/// A part that holds no others, and where it stands.
struct Leaf {
    kind: Kind,
    span: Span,
    scope: usize,
    /// Where it stands among all: values there were before it, and layers.
    at: (u32, Reverse<bool>, u32),
    name: String,
}

/// Where parts stand, by what they are of.
#[derive(Default)]
struct Places {
    inputs: HashMap<ValueId, usize>,
    layers: Vec<usize>,
    expressions: HashMap<usize, usize>,
}

struct Builder<'a> {
    graph: &'a Graph,
    source: &'a Source,
    scopes: Scopes,
    outline: Outline,
    /// The groups that are open, with their parts.
    open: Vec<(usize, usize)>,
    taken: HashMap<String, usize>,
    counts: HashMap<String, usize>,
}

impl Builder<'_> {
    fn leaves<'t>(&self, belongs: &[Belongs], texts: &dyn Fn(Span) -> &'t str) -> Vec<Leaf> {
        let graph = self.graph;
        let mut leaves = Vec::new();
        // The columns of a row come in as one.
        let mut rows: HashMap<(Span, &str), usize> = HashMap::default();
        for id in &graph.inputs {
            let value = graph.value(*id);
            if let Some(column) = graph.column(*id) {
                let key = (value.span, column.table());
                if let Some(at) = rows.get(&key) {
                    let Leaf { kind: Kind::Input(values), .. } = &mut leaves[*at] else { continue };
                    values.push(*id);
                    continue;
                }
                rows.insert(key, leaves.len());
            }
            let name = match graph.column(*id) {
                Some(column) => column.table().to_owned(),
                None => value.name.to_string(),
            };
            let at = (id.0, Reverse(false), 0);
            leaves.push(Leaf { kind: Kind::Input(vec![*id]), span: value.span, scope: OUTSIDE, at, name });
        }
        for (at, layer) in graph.layers.iter().enumerate() {
            leaves.push(Leaf {
                kind: Kind::Layer(at),
                span: layer.span,
                scope: self.scopes.of_layers[at],
                at: (layer.at, Reverse(true), at as u32),
                name: layer.name.clone(),
            });
        }
        let mut parts: HashMap<usize, Vec<usize>> = HashMap::default();
        for (at, belongs) in belongs.iter().enumerate() {
            if let Belongs::Expression(root) = belongs {
                parts.entry(*root).or_default().push(at);
            }
        }
        for (root, parts) in parts {
            let value = graph.nodes[root].output;
            let shown = operations::shown(graph, &parts, texts);
            let name = match &shown {
                Shown::Function(name, _) => name.clone(),
                _ => graph.nodes[root].op.name().to_owned(),
            };
            leaves.push(Leaf {
                kind: Kind::Expression { shown, value },
                span: graph.value(value).span,
                scope: self.scopes.of_values[value.index()],
                at: (value.0, Reverse(false), u32::MAX),
                name,
            });
        }
        for (at, output) in graph.outputs.iter().enumerate() {
            let name = format!("output.{}", output.name);
            let span = graph.value(output.value).span;
            let at_end = (u32::MAX, Reverse(false), at as u32);
            leaves.push(Leaf { kind: Kind::Output(at), span, scope: OUTSIDE, at: at_end, name });
        }
        leaves.sort_by_key(|leaf| leaf.at);
        leaves
    }

    /// Adds the parts, the groups around them opened and closed on the way.
    fn emit(&mut self, leaves: Vec<Leaf>) -> Places {
        let mut places = Places { layers: vec![OUTSIDE; self.graph.layers.len()], ..Places::default() };
        for Leaf { kind, span, scope, name, .. } in leaves {
            let path = self.scopes.path(scope);
            let same = self.open.iter().zip(&path).take_while(|((open, _), wanted)| open == *wanted).count();
            self.close(same);
            for group in path.into_iter().skip(same) {
                let name = self.group_name(group);
                let at = self.add(Kind::Group(group), self.graph.groups[group].span, name);
                self.open.push((group, at));
            }
            let name = match kind {
                // Two expressions may be of one kind.
                Kind::Expression { .. } => self.fresh(&name),
                _ => name,
            };
            let at = self.add(kind.clone(), span, name);
            match kind {
                Kind::Input(values) => places.inputs.extend(values.into_iter().map(|id| (id, at))),
                Kind::Layer(layer) => places.layers[layer] = at,
                Kind::Expression { value, .. } => {
                    if let ValueSource::Node(node) = self.graph.value(value).source {
                        places.expressions.insert(node as usize, at);
                    }
                }
                Kind::Output(_) | Kind::Group(_) => {}
            }
        }
        self.close(0);
        places
    }

    fn close(&mut self, keep: usize) {
        let end = self.outline.parts.len();
        for (_, at) in self.open.drain(keep..) {
            self.outline.parts[at].end = end;
        }
    }

    /// The id of what is around a new part.
    fn outer(&self) -> Option<&str> {
        self.open.last().map(|(_, at)| self.outline.parts[*at].id.as_str())
    }

    fn group_name(&mut self, group: usize) -> String {
        match &self.graph.groups[group].kind {
            GroupKind::Use { name, .. } => name.clone(),
            GroupKind::Repeat => self.fresh("repeat"),
            GroupKind::Round { number, .. } => format!("{}.{number}", self.outer().unwrap_or("repeat")),
        }
    }

    /// A name for something that has none, below that of what is around it.
    fn fresh(&mut self, name: &str) -> String {
        let base = self.outer().map_or_else(|| name.to_owned(), |outer| format!("{outer}.{name}"));
        let count = self.counts.entry(base.clone()).or_default();
        *count += 1;
        if *count == 1 { base } else { format!("{base}_{}", *count - 1) }
    }

    fn add(&mut self, kind: Kind, span: Span, name: String) -> usize {
        let parent = self.open.last().map(|(_, at)| *at);
        let line = match (span.file == FileId::default(), parent) {
            (true, _) => self.source.line_of(span.start as usize) + 1,
            (false, Some(parent)) => self.outline.parts[parent].line,
            (false, None) => 1,
        };
        let again = self.taken.entry(name.clone()).or_default();
        *again += 1;
        // A shared layer has one name however often it is applied.
        let id = if *again == 1 { name } else { format!("{name}#{again}") };
        let at = self.outline.parts.len();
        self.outline.parts.push(Part { parent, end: at + 1, id, kind, span, line });
        at
    }

    fn wires(&mut self, belongs: &[Belongs], places: &Places) {
        let graph = self.graph;
        let mut nodes_of: HashMap<usize, Vec<usize>> = HashMap::default();
        for (at, belongs) in belongs.iter().enumerate() {
            let part = match belongs {
                Belongs::Layer(layer) => places.layers[*layer],
                Belongs::Expression(root) => places.expressions.get(root).copied().unwrap_or(OUTSIDE),
                Belongs::Nothing => OUTSIDE,
            };
            if part != OUTSIDE {
                nodes_of.entry(part).or_default().push(at);
            }
        }
        // A layer that leaves its input as it is stands in the flow all the same.
        let mut through: HashMap<ValueId, usize> = HashMap::default();
        let mut known: foldhash::HashSet<(usize, usize, ValueId)> = foldhash::HashSet::default();
        let mut wires = Vec::new();
        let part_of = |id: ValueId, through: &HashMap<ValueId, usize>| -> Option<(usize, bool)> {
            if let Some(part) = through.get(&id) {
                return Some((*part, false));
            }
            match graph.value(id).source {
                ValueSource::Input(_) => places.inputs.get(&id).map(|part| (*part, false)),
                ValueSource::Parameter(at) => {
                    let layer = graph.parameters[at as usize].layer?;
                    Some((places.layers[layer.0 as usize], true))
                }
                ValueSource::Node(at) => match belongs[at as usize] {
                    Belongs::Layer(layer) => Some((places.layers[layer], false)),
                    Belongs::Expression(root) => places.expressions.get(&root).map(|part| (*part, false)),
                    Belongs::Nothing => None,
                },
                ValueSource::Unknown => None,
            }
        };
        // The layers that have the weights of the same name are one.
        let name_of = |part: usize, parts: &[Part]| match parts[part].kind {
            Kind::Layer(layer) => Some(graph.layers[layer].name.as_str()),
            _ => None,
        };
        let parts = &self.outline.parts;
        let mut add = |from: Option<(usize, bool)>, to: usize, value: ValueId| {
            let Some((from, weight)) = from.filter(|(from, _)| *from < to) else { return };
            let own = weight && name_of(from, parts).is_some() && name_of(from, parts) == name_of(to, parts);
            // The columns of a row are one.
            let value = match &parts[from].kind {
                Kind::Input(values) => values[0],
                _ => value,
            };
            if !own && known.insert((from, to, value)) {
                wires.push(Wire { from, to, value, weight });
            }
        };
        for (at, part) in parts.iter().enumerate() {
            match &part.kind {
                Kind::Layer(layer) => {
                    let layer = &graph.layers[*layer];
                    add(part_of(layer.input, &through), at, layer.input);
                    let nodes = nodes_of.get(&at).map_or(&[][..], Vec::as_slice);
                    let inputs = nodes.iter().flat_map(|node| &graph.nodes[*node].inputs);
                    inputs.for_each(|input| add(part_of(*input, &through), at, *input));
                    if nodes.is_empty() && layer.output == layer.input {
                        through.insert(layer.input, at);
                    }
                }
                Kind::Expression { .. } => {
                    let nodes = nodes_of.get(&at).map_or(&[][..], Vec::as_slice);
                    let inputs = nodes.iter().flat_map(|node| &graph.nodes[*node].inputs);
                    inputs.for_each(|input| add(part_of(*input, &through), at, *input));
                }
                Kind::Output(output) => {
                    let value = graph.outputs[*output].value;
                    add(part_of(value, &through), at, value);
                }
                Kind::Input(_) | Kind::Group(_) => {}
            }
        }
        self.outline.wires = wires;
        debug_assert!(self.outline.wires.iter().all(|wire| wire.from < wire.to));
    }
}
