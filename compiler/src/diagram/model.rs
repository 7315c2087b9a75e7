//! The scene of a model: what is said of each of its parts.

use super::operations::Shown;
use super::outline::{Kind, Outline, Part, outline};
use super::scene::{Class, Line, Role, Scene, Shape};
use super::text::{counted, cut, rounded, wrapped};
use super::view::{Parts, Seen, State, View, Wanted, view};
use super::{Block, Options};
use crate::check::ModelInstance;
use crate::ir::cost::{self, LayerCost};
use crate::ir::{GivenValue, Graph, GroupKind, ValueId};
use crate::layers;
use crate::sources::{Sources, Texts};

/// The longest line of arguments in a box, in letters.
const ARGUMENTS: usize = 30;

/// How an expression is wrapped: letters a line, and lines.
const EXPRESSION: [usize; 2] = [34, 3];

/// The longest text in a tooltip, in letters.
const TOOLTIP: usize = 400;

/// A scene, the blocks in it, and the names that were asked for in vain.
pub struct Drawn {
    pub scene: Scene,
    pub blocks: Vec<Block>,
    pub unknown: Vec<String>,
}

/// The scene of a model.
pub fn scene(model: &ModelInstance, sources: &Sources, options: &Options) -> Drawn {
    let graph = &model.graph;
    let told = Told { graph, sources, outline: outline(graph, sources), costs: cost::by_layer(graph) };
    let of = |at: usize| told.of(at);
    let look = |at: usize| told.look(at);
    let parts = Parts { outline: &told.outline, of: &of, look: &look };
    let wanted = Wanted { collapse: &options.collapse, expand: &options.expand, depth: options.depth };
    let View { seen, wires, skips, unknown } = view(&parts, &wanted);
    let shapes = seen.iter().map(|seen| told.shape(seen));
    let mut scene = Scene { shapes: shapes.collect(), ..Scene::default() };
    for (wire, skip) in wires.iter().zip(skips) {
        let role = match (wire.weight, skip) {
            (true, _) => Role::Weights,
            (false, true) => Role::Skip,
            (false, false) => Role::Flow,
        };
        let kind = graph.type_of(wire.value);
        let given = scene.shapes[wire.from].class == Class::Input;
        scene.lines.push(Line {
            from: wire.from,
            to: wire.to,
            value: wire.value.index(),
            role,
            // An input says its own type, and the shape of a weight is a matter of its layer.
            label: if given || wire.weight {
                String::new()
            } else {
                cut(kind.strip_prefix("f32").unwrap_or(&kind), 28)
            },
            tooltip: kind,
            rows: None,
        });
    }
    let blocks = seen.iter().zip(&scene.shapes).filter_map(|(seen, shape)| match shape.class {
        Class::Block { open } => Some(Block { id: shape.id.clone(), of: told.of(seen.part), open, line: shape.line }),
        _ => None,
    });
    Drawn { blocks: blocks.collect(), scene, unknown }
}

/// What goes in and what comes out: `f32[224, 224, 3] -> f32[1000]`.
pub fn signature(graph: &Graph) -> String {
    let mut rows: Vec<&str> = graph.columns.iter().map(crate::ir::Column::table).collect();
    rows.dedup();
    let plain = graph.inputs.iter().filter(|id| graph.column(**id).is_none());
    let inputs: Vec<String> =
        rows.iter().map(|table| (*table).to_owned()).chain(plain.map(|id| graph.type_of(*id))).collect();
    let outputs: Vec<String> = graph.outputs.iter().map(|output| graph.type_of(output.value)).collect();
    format!("{} → {}", inputs.join(", "), outputs.join(", "))
}

struct Told<'a> {
    graph: &'a Graph,
    sources: &'a Sources,
    outline: Outline,
    costs: Vec<LayerCost>,
}

impl Told<'_> {
    fn part(&self, at: usize) -> &Part {
        &self.outline.parts[at]
    }

    fn group(&self, at: usize) -> Option<&GroupKind> {
        match self.part(at).kind {
            Kind::Group(group) => Some(&self.graph.groups[group].kind),
            _ => None,
        }
    }

    /// What a part is called by others than its id.
    fn of(&self, at: usize) -> String {
        match self.group(at) {
            Some(GroupKind::Use { of, .. }) => of.clone(),
            Some(GroupKind::Repeat) => "repeat".to_owned(),
            Some(GroupKind::Round { .. }) => "round".to_owned(),
            None => String::new(),
        }
    }

    /// What rounds have in common that are alike.
    fn look(&self, at: usize) -> String {
        let graph = self.graph;
        match &self.part(at).kind {
            Kind::Layer(layer) => {
                let layer = &graph.layers[*layer];
                format!("{}({}) {}", layer.kind, written(&layer.given), graph.type_of(layer.output))
            }
            Kind::Expression { shown, value } => format!("{shown:?} {}", graph.type_of(*value)),
            Kind::Group(group) => match &graph.groups[*group].kind {
                GroupKind::Use { of, given, .. } => format!("{of}({})", written(given)),
                GroupKind::Repeat => "repeat".to_owned(),
                GroupKind::Round { number, .. } => number.to_string(),
            },
            Kind::Input(_) | Kind::Output(_) => String::new(),
        }
    }

    /// What the layers inside a part cost together.
    fn cost(&self, at: usize) -> LayerCost {
        let mut total = LayerCost { parameters: 0, flops: Some(0) };
        for part in &self.outline.parts[at..self.part(at).end] {
            if let Kind::Layer(layer) = part.kind {
                let cost = &self.costs[layer];
                total.parameters = total.parameters.saturating_add(cost.parameters);
                total.flops = cost::sum([total.flops, cost.flops].into_iter());
            }
        }
        total
    }

    fn shape(&self, seen: &Seen) -> Shape {
        let part = self.part(seen.part);
        let shape = Shape {
            parent: seen.parent,
            id: part.id.clone(),
            class: Class::Layer,
            line: part.line,
            title: String::new(),
            note: String::new(),
            details: Vec::new(),
            tooltip: String::new(),
            rows: Vec::new(),
        };
        match &part.kind {
            Kind::Input(values) => self.input(shape, values),
            Kind::Layer(layer) => self.layer(shape, *layer, seen.times),
            Kind::Expression { shown, value } => self.expression(shape, shown, *value, part),
            Kind::Output(output) => {
                let output = &self.graph.outputs[*output];
                let kind = self.graph.type_of(output.value);
                let head = output.head.as_ref().map(|head| format!("\npredicts {}", head.path)).unwrap_or_default();
                let tooltip = format!("output {}: {kind}{head}", output.name);
                Shape { class: Class::Output, title: cut(&output.name, ARGUMENTS), tooltip, ..shape }
            }
            Kind::Group(group) => self.block(shape, *group, seen),
        }
    }

    fn input(&self, shape: Shape, values: &[ValueId]) -> Shape {
        let graph = self.graph;
        let first = values[0];
        let (title, note, tooltip) = match graph.column(first) {
            Some(column) => {
                let columns = values.iter().filter_map(|id| graph.column(*id));
                let listed: Vec<String> = columns
                    .map(|column| format!("{}: {column}", column.path.rsplit('.').next().unwrap_or_default()))
                    .collect();
                let count = counted(values.len() as u64, "column");
                (column.table().to_owned(), count, format!("a row of {}\n{}", column.table(), listed.join("\n")))
            }
            None => {
                let (name, kind) = (graph.value(first).name.to_string(), graph.type_of(first));
                let tooltip = format!("input {name}: {kind}");
                (name, kind, tooltip)
            }
        };
        let (title, note) = (cut(&title, ARGUMENTS), cut(&note, ARGUMENTS));
        Shape { class: Class::Input, title, note, tooltip: cut(&tooltip, TOOLTIP), ..shape }
    }

    fn layer(&self, shape: Shape, at: usize, times: usize) -> Shape {
        let layer = &self.graph.layers[at];
        let cost = &self.costs[at];
        let weighted = cost.parameters > 0;
        let mut said = vec![format!("{} · {}", layer.kind, layer.name)];
        said.extend(layers::find(layer.kind).map(|def| def.signature.summary.to_owned()));
        said.extend(layer.given.iter().map(|given| format!("{} = {}", given.parameter, given.value)));
        said.push(format!("{} → {}", self.graph.type_of(layer.input), self.graph.type_of(layer.output)));
        said.extend(costs(cost));
        said.extend(all(cost, times));
        Shape {
            class: if weighted { Class::Weighted } else { Class::Layer },
            title: multiplied(layer.kind, times),
            note: each(cost, times),
            details: lines(&written(&layer.given)),
            tooltip: cut(&said.join("\n"), TOOLTIP),
            ..shape
        }
    }

    fn expression(&self, shape: Shape, shown: &Shown, value: ValueId, part: &Part) -> Shape {
        let text = self.sources.source(part.span.file).text.get(part.span.range()).unwrap_or_default();
        let text: String = text.split_whitespace().take(TOOLTIP).collect::<Vec<_>>().join(" ");
        let tooltip = format!("{}\n{}", cut(&text, TOOLTIP), self.graph.type_of(value));
        let shape = Shape { class: Class::Operation, tooltip, ..shape };
        match shown {
            Shown::Operator(symbol) => Shape { class: Class::Operator, title: (*symbol).to_owned(), ..shape },
            Shown::Function(name, given) => Shape { title: cut(name, ARGUMENTS), details: lines(given), ..shape },
            Shown::Written(text) => Shape { details: wrapped(text, EXPRESSION[0], EXPRESSION[1]), ..shape },
        }
    }

    fn block(&self, shape: Shape, group: usize, seen: &Seen) -> Shape {
        let group = &self.graph.groups[group];
        let open = seen.state == State::Open;
        let cost = self.cost(seen.part);
        let (name, given) = match &group.kind {
            GroupKind::Use { of, given, .. } => (of.clone(), written(given)),
            GroupKind::Repeat => ("repeat".to_owned(), String::new()),
            GroupKind::Round { number, items } => {
                let counted = matches!(items.as_slice(), [item] if item.value == number.to_string());
                let named = items.iter().filter(|_| !counted).map(|it| format!("{}={}", it.parameter, it.value));
                (format!("round {number}"), named.collect::<Vec<_>>().join(", "))
            }
        };
        let rounds = match group.kind {
            GroupKind::Repeat => self.rounds(seen.part),
            _ => 1,
        };
        // Rounds that differ are counted, and not multiplied.
        let times = if seen.times > 1 { seen.times } else { rounds };
        let title = multiplied(&cut(&name, ARGUMENTS), times);
        let mut said = vec![format!("{title} · {}", shape.id)];
        if !given.is_empty() {
            said.push(given.clone());
        }
        if let (Some(input), Some(output)) = (group.input, group.output) {
            said.push(format!("{} → {}", self.graph.type_of(input), self.graph.type_of(output)));
        }
        said.extend(costs(&cost));
        // Of a `repeat` all rounds are counted already.
        let every = if group.kind == GroupKind::Repeat { (seen.times / rounds.max(1)).max(1) } else { seen.times };
        said.extend(all(&cost, every));
        let note = each(&cost, every);
        let details = if open { Vec::new() } else { lines(&given) };
        // What tells rounds apart stands in their heads.
        let title = match &group.kind {
            GroupKind::Round { items, .. } if open && !given.is_empty() => {
                let values: Vec<&str> = items.iter().map(|item| item.value.as_str()).collect();
                format!("{title} · {}", cut(&values.join(", "), ARGUMENTS))
            }
            _ => title,
        };
        Shape { class: Class::Block { open }, title, note, details, tooltip: cut(&said.join("\n"), TOOLTIP), ..shape }
    }

    /// How many rounds a `repeat` has.
    fn rounds(&self, at: usize) -> usize {
        let rounds = self.outline.parts[at + 1..self.part(at).end].iter();
        rounds.filter(|part| part.parent == Some(at)).count()
    }
}

/// A name with how often it stands there.
fn multiplied(name: &str, times: usize) -> String {
    if times == 1 { name.to_owned() } else { format!("{name} × {times}") }
}

/// The parameters of each of several, in short.
fn each(cost: &LayerCost, times: usize) -> String {
    match (cost.parameters, times) {
        (0, _) => String::new(),
        (parameters, 1) => rounded(parameters as u64),
        (parameters, times) => format!("{times} × {}", rounded(parameters as u64)),
    }
}

/// The parameters of all of them.
fn all(cost: &LayerCost, times: usize) -> Option<String> {
    let all = cost.parameters.saturating_mul(times) as u64;
    (times > 1 && all > 0).then(|| format!("{} in all {times}", counted(all, "parameter")))
}

fn costs(cost: &LayerCost) -> Option<String> {
    let parameters = (cost.parameters > 0).then(|| counted(cost.parameters as u64, "parameter"));
    let flops = cost.flops.filter(|flops| *flops > 0).map(|flops| format!("{}FLOPs a row", unit(flops)));
    let said: Vec<String> = parameters.into_iter().chain(flops).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// A number before its unit: `7.8 G`, `12 `.
pub fn unit(number: u64) -> String {
    let text = rounded(number);
    if text.contains(' ') { text } else { format!("{text} ") }
}

/// What a call gives, as readers of the program see it.
fn written(given: &[GivenValue]) -> String {
    let one = |given: &GivenValue| match given.by_place {
        true => given.value.clone(),
        false => format!("{}={}", given.parameter, given.value),
    };
    given.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Arguments in at most two lines.
fn lines(text: &str) -> Vec<String> {
    wrapped(text, ARGUMENTS, 2)
}
