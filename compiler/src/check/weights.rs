//! The weights of a body by their names. Few programs name one, so they are put in order when the first is asked for.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::ir::{Graph, ValueId};

/// A weight by Keras's name, and how it is kept.
#[derive(Clone, Debug)]
pub struct KerasWeight {
    /// Keras's name.
    pub name: &'static str,
    /// The weight as it is kept.
    pub value: ValueId,
    /// The name of its layer.
    pub layer: NameOfLayer,
    /// Keras's shape.
    pub shape: Vec<usize>,
    /// Which of Keras's axes stands at each place of the order they are kept in.
    pub order: Vec<usize>,
}

/// The name of a weight's layer: the weight's own begins with it.
#[derive(Clone, Copy, Debug)]
pub struct NameOfLayer {
    /// The place of the weight among the graph's parameters.
    pub parameter: usize,
    /// How many bytes of its name are the layer's.
    pub bytes: usize,
}

/// The weights of one body.
#[derive(Debug, Default)]
pub struct Weights {
    keras: Vec<KerasWeight>,
    /// Places in `keras`, as far as they are known.
    by_layer: HashMap<String, Vec<usize>>,
    sorted: usize,
    /// The parameters of the graph, as far as they are known.
    by_name: BTreeMap<String, ValueId>,
    named: usize,
}

impl Weights {
    /// Keeps a weight that the program can name.
    pub fn keep(&mut self, weight: KerasWeight) {
        self.keras.push(weight);
    }

    /// The weights of the layer called `path` that the program can name.
    pub fn of_layer(&mut self, graph: &Graph, path: &str) -> impl Iterator<Item = &KerasWeight> {
        for (at, weight) in self.keras.iter().enumerate().skip(self.sorted) {
            let layer = &graph.parameters[weight.layer.parameter].name[..weight.layer.bytes];
            match self.by_layer.get_mut(layer) {
                Some(places) => places.push(at),
                None => _ = self.by_layer.insert(layer.to_owned(), vec![at]),
            }
        }
        self.sorted = self.keras.len();
        self.by_layer.get(path).into_iter().flatten().map(|at| &self.keras[*at])
    }

    /// The parameter called `name`.
    pub fn named(&mut self, graph: &Graph, name: &str) -> Option<ValueId> {
        self.all(graph).get(name).copied()
    }

    /// Whether the layer called `path` has made any parameter.
    pub fn has_made(&mut self, graph: &Graph, path: &str) -> bool {
        let prefix = format!("{path}.");
        self.all(graph).range(prefix.clone()..).next().is_some_and(|(name, _)| name.starts_with(&prefix))
    }

    fn all(&mut self, graph: &Graph) -> &BTreeMap<String, ValueId> {
        let new = &graph.parameters[self.named..];
        self.by_name.extend(new.iter().map(|parameter| (parameter.name.clone(), parameter.value)));
        self.named = graph.parameters.len();
        &self.by_name
    }
}
