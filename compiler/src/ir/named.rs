//! What the values of a graph are called, and the part of a graph between some of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Graph, GroupKind, Named, Output, ValueId, ValueSource};

impl Graph {
    /// Every value that has a name, in the order in which they are made: what the program calls it (`as hidden`, `code = …`, `output mean = …`), and
    /// what layers and blocks answer, by their names. Where two values have one name, such as those of a layer that is applied twice, the
    /// second has `:2` behind it, and so on.
    pub fn named_values(&self) -> Vec<Named> {
        let is_output: BTreeSet<ValueId> =
            self.names.iter().filter(|named| named.is_output).map(|named| named.value).collect();
        let called = self.names.iter().map(|named| (named.value, named.name.as_str()));
        let layers = self.layers.iter().map(|layer| (layer.output, layer.name.as_str()));
        let uses = self.groups.iter().filter_map(|group| match &group.kind {
            GroupKind::Use { name, .. } => Some((group.output?, name.as_str())),
            _ => None,
        });
        let all: BTreeSet<(ValueId, &str)> = called.chain(layers).chain(uses).collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        let named = |(value, name): (ValueId, &str), time: usize| {
            let name = if time == 1 { name.to_owned() } else { format!("{name}:{time}") };
            Named { name, value, is_output: is_output.contains(&value) }
        };
        let count = |(value, name)| {
            let time = times.entry(name).or_default();
            *time += 1;
            named((value, name), *time)
        };
        all.into_iter().map(count).collect()
    }

    /// Which values depend on one of these, they themselves included: by the index of each.
    pub fn depending_on(&self, roots: impl IntoIterator<Item = ValueId>) -> Vec<bool> {
        let mut depends = vec![false; self.values.len()];
        roots.into_iter().for_each(|root| depends[root.index()] = true);
        for node in &self.nodes {
            if node.inputs.iter().any(|input| depends[input.index()]) {
                depends[node.output.index()] = true;
            }
        }
        depends
    }

    /// The part of the graph that makes `to`, under these names, where `from` is fed from outside instead of being computed.
    ///
    /// Values keep their numbers; the inputs that are still read stand in their order, and `from`, where it is read, behind them, under the name it is given.
    pub fn between(&self, from: Option<(ValueId, &str)>, to: impl IntoIterator<Item = (String, ValueId)>) -> Graph {
        let mut graph = self.clone();
        if let Some((value, name)) = from {
            let fed = &mut graph.values[value.index()];
            // An input is fed from outside already.
            if !matches!(fed.source, ValueSource::Input(_)) {
                fed.source = ValueSource::Input(graph.inputs.len() as u32);
                graph.inputs.push(value);
                graph.nodes.retain(|node| node.output != value);
            }
            fed.name = name.to_owned().into();
        }
        graph.outputs = to.into_iter().map(|(name, value)| Output { name, value, head: None }).collect();
        let names: Vec<String> = graph.outputs.iter().map(|output| output.name.clone()).collect();
        graph.pruned(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
