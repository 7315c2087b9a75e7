//! Units that are dead: a `relu` that lets nothing through, whatever row comes in, has no gradient, and so never does again.
//!
//! See Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013), which names the leak as the remedy.

use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_compiler::ir::{Graph, LayerId, Node, Op, Unary, ValueId};

use super::named;
use crate::engine::Session;
use crate::tensor::Tensor;
use crate::train::TrainError;

/// So many looks, at a batch each, are taken together: few rows say little of a unit that answers to rare ones.
const LOOKS: usize = 4;

/// At least so many rows, or as many as there are.
const ROWS: usize = 256;

/// A layer is spoken of where this share of its units is dead.
const SHARE: f64 = 0.5;

/// What the units of a run were.
pub(super) struct Units {
    layers: Vec<Rectified>,
    looks: usize,
    rows: usize,
    /// How many rows it takes.
    enough: usize,
}

/// A layer whose answers a `relu` rectifies.
struct Rectified {
    layer: LayerId,
    value: ValueId,
    /// For each unit, whether any row of these looks had it answer; empty before the first.
    answered: Vec<bool>,
}

impl Units {
    pub(super) fn new(graph: &Graph, rows: usize) -> Self {
        // What is rectified outside of layers may be a loss, which is 0 where nothing is wrong.
        let rectified = |node: &Node| match (&node.op, node.layer) {
            (Op::Unary(Unary::Relu), Some(layer)) => {
                Some(Rectified { layer, value: node.output, answered: Vec::new() })
            }
            _ => None,
        };
        Self { layers: graph.nodes.iter().filter_map(rectified).collect(), looks: 0, rows: 0, enough: rows.min(ROWS) }
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Looks at what a batch makes of them; answers what is wrong.
    ///
    /// # Errors
    /// Faults of the engine.
    pub(super) fn look(
        &mut self,
        graph: &Graph,
        session: &mut dyn Session,
        inputs: Vec<Tensor>,
    ) -> Result<Vec<Diagnostic>, TrainError> {
        self.rows += inputs.first().map_or(0, Tensor::rows);
        self.looks += 1;
        let layers = &mut self.layers;
        session.inspect(inputs, &mut |id, numbers| {
            if let Some(one) = layers.iter_mut().find(|one| one.value == id) {
                one.add(graph, numbers);
            }
        })?;
        if self.looks < LOOKS || self.rows < self.enough {
            return Ok(Vec::new());
        }
        (self.looks, self.rows) = (0, 0);
        Ok(self.layers.iter_mut().filter_map(|one| one.verdict(graph)).collect())
    }
}

impl Rectified {
    /// Counts in what a batch made of the units, which are on the last axis.
    fn add(&mut self, graph: &Graph, numbers: &[f32]) {
        let Some(units) = graph.value(self.value).shape.dims().last().and_then(|dim| dim.known()) else { return };
        self.answered.resize(units, false);
        for row in numbers.chunks(units.max(1)) {
            for (answered, number) in self.answered.iter_mut().zip(row) {
                *answered |= *number > 0.0;
            }
        }
    }

    /// What these looks say, and begins anew.
    fn verdict(&mut self, graph: &Graph) -> Option<Diagnostic> {
        let answered = std::mem::take(&mut self.answered);
        let (units, dead) = (answered.len(), answered.iter().filter(|answered| !**answered).count());
        if dead < 2 || (dead as f64) < units as f64 * SHARE {
            return None;
        }
        let (name, span) = named(graph, self.layer);
        let which = if dead == units { "every unit" } else { "most units" };
        let message = format!("{which} of {name} answered 0 to every row: what is dead learns nothing more");
        let label = format!("{dead} of {units} units answered to none of the rows that were looked at");
        let help = "a unit that answers to nothing has no gradient and stays so: a smaller learning rate, `leaky_relu` or `gelu` in place of \
                    `relu`, or inputs that are scaled";
        Some(Diagnostic::new(Code::DeadUnits, span, message).label(label).help(help))
    }
}
