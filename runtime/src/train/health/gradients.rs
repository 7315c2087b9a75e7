//! Gradients that vanish on their way to the first layers, or that explode.
//!
//! What is compared are root mean squares, so that a large layer is as a small one. See Pascanu, Mikolov and Bengio, "On the difficulty of
//! training recurrent neural networks" (2013), for both, and for shortening gradients as the remedy of the second.

use std::collections::VecDeque;

use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::ir::{Graph, LayerId, Role};

use super::named;

/// A layer's gradient has vanished where it is so much smaller than that of the layer with the largest.
const VANISHED: f64 = 1e-6;

/// Gradients have exploded where they are so many times as large as they usually were.
const EXPLODED: f64 = 1e3;

/// So many looks one after the other must find that a gradient has vanished.
const LOOKS: usize = 10;

/// So many looks it takes to know what is usual.
const KNOWN: usize = 5;

/// So many of the looks before say what is usual.
const USUAL: usize = 50;

/// What a run's gradients were.
pub(super) struct Gradients {
    /// The layers with weights that are trained, each with the places of these among the parameters.
    layers: Vec<(LayerId, Vec<usize>)>,
    /// For each, how many looks in a row found it vanished.
    vanished: Vec<usize>,
    /// How large the largest was, in looks where nothing was wrong.
    usual: VecDeque<f64>,
    exploded: usize,
    clips: bool,
}

impl Gradients {
    pub(super) fn new(graph: &Graph, clips: bool) -> Self {
        let mut layers: Vec<(LayerId, Vec<usize>)> = Vec::new();
        for node in &graph.nodes {
            let Some(layer) = node.layer else { continue };
            for (place, parameter) in graph.parameters.iter().enumerate() {
                // Offsets and scales have gradients of another size by their nature.
                let counts = parameter.role == Role::Trainable && parameter.shape.len() > 1;
                if !counts || !node.inputs.contains(&parameter.value) {
                    continue;
                }
                match layers.iter_mut().find(|(known, _)| *known == layer) {
                    Some((_, places)) if places.contains(&place) => {}
                    Some((_, places)) => places.push(place),
                    None => layers.push((layer, vec![place])),
                }
            }
        }
        Self { vanished: vec![0; layers.len()], layers, usual: VecDeque::new(), exploded: 0, clips }
    }

    /// Looks at the root mean square of each parameter's gradient; answers what is wrong.
    pub(super) fn look(&mut self, graph: &Graph, gradients: &[Option<f64>]) -> Vec<Diagnostic> {
        let of = |places: &[usize]| {
            places.iter().filter_map(|place| gradients.get(*place).copied().flatten()).fold(None, larger)
        };
        let sizes: Vec<Option<f64>> = self.layers.iter().map(|(_, places)| of(places)).collect();
        let Some((largest, size)) = largest(&sizes) else { return Vec::new() };
        self.vanishing(graph, &sizes, size).into_iter().chain(self.exploding(graph, largest, size)).collect()
    }

    fn vanishing(&mut self, graph: &Graph, sizes: &[Option<f64>], largest: f64) -> Option<Diagnostic> {
        for (count, size) in self.vanished.iter_mut().zip(sizes) {
            // Where nothing has a gradient there is nothing left to learn.
            let vanished = size.is_some_and(|size| largest > f64::from(f32::MIN_POSITIVE) && size < largest * VANISHED);
            *count = if vanished { *count + 1 } else { 0 };
        }
        if !self.vanished.contains(&LOOKS) {
            return None;
        }
        let which: Vec<usize> = (0..sizes.len()).filter(|place| self.vanished[*place] >= LOOKS).collect();
        let first = *which.first()?;
        let (name, span) = named(graph, self.layers[first].0);
        let size = sizes[first].unwrap_or_default();
        let others = match which.len() {
            1 => String::new(),
            count => format!(" and those of {} layers more", count - 1),
        };
        let (message, help) = match size {
            0.0 => (
                format!("no gradient reaches {name}{others}: nothing is learnt there"),
                "what lies between answers the same whatever comes in: dead units, an activation far in its flat part, or a \
                 value that is rounded or compared",
            ),
            _ => (
                format!("the gradients of {name}{others} vanish: hardly anything is learnt there"),
                "`relu` or `gelu` in place of `sigmoid` and `tanh`, a normalisation (`LayerNormalization`), a connection past the \
                 layers (`x + …`), or fewer layers",
            ),
        };
        let times = match size {
            0.0 => "its gradients are 0".to_owned(),
            size => format!("its gradients are {:.0e} of those of the layer with the largest", size / largest),
        };
        Some(Diagnostic::new(Code::VanishingGradients, span, message).label(times).help(help))
    }

    fn exploding(&mut self, graph: &Graph, place: usize, size: f64) -> Option<Diagnostic> {
        let usual = median(&self.usual);
        let exploded = usual.filter(|usual| *usual > 0.0 && self.usual.len() >= KNOWN && size > usual * EXPLODED);
        let Some(usual) = exploded else {
            self.exploded = 0;
            self.usual.push_back(size);
            if self.usual.len() > USUAL {
                self.usual.pop_front();
            }
            return None;
        };
        self.exploded += 1;
        // One batch may be an odd one; two are not.
        if self.clips || self.exploded != 2 {
            return None;
        }
        let (name, span) = named(graph, self.layers[place].0);
        let message =
            format!("the gradients explode: those of {name} are {:.0} times what they usually were", size / usual);
        let label = "here they are the largest";
        let help =
            "`clip_norm: 1.0` in the training shortens them; or a smaller learning rate, or `warmup` in the schedule";
        Some(Diagnostic::new(Code::ExplodingGradients, span, message).label(label).help(help))
    }
}

fn larger(known: Option<f64>, size: f64) -> Option<f64> {
    Some(known.map_or(size, |known: f64| known.max(size)))
}

/// The place and the size of the largest.
fn largest(sizes: &[Option<f64>]) -> Option<(usize, f64)> {
    let sizes = sizes.iter().enumerate().filter_map(|(place, size)| Some((place, (*size)?)));
    sizes.filter(|(_, size)| size.is_finite()).max_by(|(_, a), (_, b)| a.total_cmp(b))
}

fn median(sizes: &VecDeque<f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = sizes.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
