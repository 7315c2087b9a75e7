//! The layers of a graph as they stand inside one another: what a summary shows.

use super::cost::{self, LayerCost};
use super::{Graph, GroupKind, ValueId};

/// A layer, or a use of a block with what is inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Its dotted name.
    pub name: String,
    /// What it is: `Dense`, or the name of a block.
    pub kind: String,
    /// What it was applied to, if that is one value.
    pub input: Option<ValueId>,
    /// What came out, if that is one value.
    pub output: Option<ValueId>,
    /// What it costs, all inside it counted.
    pub cost: LayerCost,
    /// What is inside it, in order; nothing in a layer.
    pub children: Vec<Branch>,
}

/// The layers and blocks of a graph, in the order they were applied.
pub fn tree(graph: &Graph) -> Vec<Branch> {
    let costs = cost::by_layer(graph);
    let uses = graph.groups.iter().enumerate().filter_map(|(at, group)| match &group.kind {
        // A block without layers has nothing to show in a tree of them.
        GroupKind::Use { name, of, .. } if !group.layers.is_empty() => Some((at, group, name, of)),
        _ => None,
    });
    let mut groups: Vec<_> = uses.collect();
    // Each before those inside it, which were noted earlier.
    groups.sort_by_key(|(at, group, ..)| (group.layers.start, std::cmp::Reverse((group.layers.end, *at))));
    let mut groups = groups.into_iter().peekable();
    // The blocks that are open, each with the layer it ends before.
    let mut open: Vec<(u32, Branch)> = Vec::new();
    let mut roots = Vec::new();
    for (at, layer) in graph.layers.iter().enumerate() {
        let at = at as u32;
        close(&mut open, &mut roots, at);
        while let Some((_, group, name, of)) = groups.next_if(|(_, group, ..)| group.layers.start <= at) {
            close(&mut open, &mut roots, at);
            let cost = LayerCost { parameters: 0, flops: Some(0) };
            let (name, kind) = (name.clone(), of.clone());
            let (input, output) = (group.input, group.output);
            open.push((group.layers.end, Branch { name, kind, input, output, cost, children: Vec::new() }));
        }
        close(&mut open, &mut roots, at);
        let leaf = Branch {
            name: layer.name.clone(),
            kind: layer.kind.to_owned(),
            input: Some(layer.input),
            output: Some(layer.output),
            cost: costs[at as usize],
            children: Vec::new(),
        };
        add(&mut open, &mut roots, leaf);
    }
    close(&mut open, &mut roots, u32::MAX);
    roots
}

/// Closes the blocks that end before layer `at`.
fn close(open: &mut Vec<(u32, Branch)>, roots: &mut Vec<Branch>, at: u32) {
    while open.last().is_some_and(|(end, _)| *end <= at) {
        if let Some((_, branch)) = open.pop() {
            add(open, roots, branch);
        }
    }
}

/// Puts a branch into the innermost open block.
fn add(open: &mut [(u32, Branch)], roots: &mut Vec<Branch>, branch: Branch) {
    match open.last_mut() {
        None => roots.push(branch),
        Some((_, around)) => {
            around.cost.parameters = around.cost.parameters.saturating_add(branch.cost.parameters);
            around.cost.flops = cost::sum([around.cost.flops, branch.cost.flops].into_iter());
            around.children.push(branch);
        }
    }
}
