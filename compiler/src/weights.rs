//! The numbers of a model's parameters, by name.

use std::collections::BTreeMap;

use crate::ir::Graph;

/// One parameter's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Its shape, in PyTorch's layout.
    pub shape: Vec<usize>,
    /// Its numbers in row-major order.
    pub data: Vec<f32>,
}

/// Every parameter's numbers, by the parameter's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(pub BTreeMap<String, Weight>);

impl Weights {
    /// The numbers a graph's parameters start from, the same for the same seed.
    pub fn initial(graph: &Graph, seed: u64) -> Self {
        let weight = |parameter: &crate::ir::Parameter| {
            let count = parameter.shape.iter().product();
            let data = parameter.initializer.sample(seed, &parameter.name, count);
            (parameter.name.clone(), Weight { shape: parameter.shape.clone(), data })
        };
        Self(graph.parameters.iter().map(weight).collect())
    }

    /// The weight called `name`.
    pub fn get(&self, name: &str) -> Option<&Weight> {
        self.0.get(name)
    }

    /// What keeps these weights from being those of `graph`: the first parameter that is missing or of another shape.
    pub fn mismatch(&self, graph: &Graph) -> Option<String> {
        graph.parameters.iter().find_map(|parameter| match self.get(&parameter.name) {
            None => Some(format!("there is no `{}`", parameter.name)),
            Some(weight) if weight.shape != parameter.shape => {
                Some(format!("`{}` is {:?}, the model's is {:?}", parameter.name, weight.shape, parameter.shape))
            }
            Some(_) => None,
        })
    }
}
