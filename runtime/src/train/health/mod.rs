//! What goes wrong in a training long before its loss says so: gradients that vanish or explode, and units that are dead.
//!
//! What is looked at now and then while training: the size of every gradient before a step moves the weights by it
//! ([`gradients`]), and whether what a `relu` lets through is ever more than 0 ([`units`]). Neither changes what is trained. A warning
//! stands at the layer in the program, and each is given once.

mod gradients;
mod units;

use ndsl_compiler::diagnostics::Diagnostic;
use ndsl_compiler::ir::{Graph, LayerId};
use ndsl_grammar::Span;
use serde::{Deserialize, Serialize};

use super::{History, TrainError};
use crate::engine::Session;
use crate::tensor::Tensor;

use gradients::Gradients;
use units::Units;

/// A warning that a training gave, as it is kept with what came of each epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The step of the epoch, counted from 1.
    pub step: usize,
    /// The code of the diagnostic.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What was measured.
    pub measured: String,
    /// Why, and what helps.
    pub help: Vec<String>,
}

impl Warning {
    fn new(found: &Diagnostic, epoch: usize, step: usize) -> Self {
        Self {
            epoch,
            step,
            code: found.code.as_str().to_owned(),
            message: found.message.clone(),
            measured: found.label.text.clone(),
            help: found.help.clone(),
        }
    }
}

/// Gradients are looked at every so many steps, which costs less than a hundredth of them: a pass over as many numbers as there are weights.
const EVERY: usize = 4;

/// Units are looked at every so many steps, which costs what going forward once more does: at first, when most goes wrong, and afterwards.
const UNITS_EVERY: (usize, usize) = (20, 100);

/// What is at first, in steps.
const AT_FIRST: usize = 200;

/// How a run is watched over.
pub(super) struct Health<'a> {
    graph: &'a Graph,
    gradients: Gradients,
    units: Units,
}

impl<'a> Health<'a> {
    /// Of a run of a graph on so many rows; `clips` where gradients are shortened anyway before they move anything.
    pub(super) fn new(graph: &'a Graph, rows: usize, clips: bool) -> Self {
        Self { graph, gradients: Gradients::new(graph, clips), units: Units::new(graph, rows) }
    }

    /// Whether gradients are looked at before this step of the run, counted from 0.
    pub(super) fn is_due(&self, step: usize) -> bool {
        step.is_multiple_of(EVERY)
    }

    /// Whether units are looked at, which is only where gradients are, too.
    pub(super) fn looks_at_units(&self, step: usize) -> bool {
        let every = if step <= AT_FIRST { UNITS_EVERY.0 } else { UNITS_EVERY.1 };
        step.is_multiple_of(every) && !self.units.is_empty()
    }

    /// Looks at the gradients that wait for a step; answers what is wrong.
    pub(super) fn gradients(&mut self, session: &dyn Session) -> Vec<Diagnostic> {
        self.gradients.look(self.graph, &session.gradients())
    }

    /// Looks at what a batch makes of the units; answers what is wrong.
    ///
    /// # Errors
    /// Faults of the engine.
    pub(super) fn units(
        &mut self,
        session: &mut dyn Session,
        inputs: Vec<Tensor>,
    ) -> Result<Vec<Diagnostic>, TrainError> {
        self.units.look(self.graph, session, inputs)
    }
}

/// Adds what was found to the history; answers those that it had not.
pub(super) fn noted(history: &mut History, found: Vec<Diagnostic>, epoch: usize, step: usize) -> Vec<Diagnostic> {
    let mut new = Vec::new();
    for diagnostic in found {
        let warning = Warning::new(&diagnostic, epoch, step);
        let is_known = |known: &Warning| known.code == warning.code && known.message == warning.message;
        if !history.warnings.iter().any(is_known) {
            history.warnings.push(warning);
            new.push(diagnostic);
        }
    }
    new
}

/// How a layer is called, and where it was written.
fn named(graph: &Graph, layer: LayerId) -> (String, Span) {
    let layer = &graph.layers[layer.0 as usize];
    (format!("`{}`", layer.name), layer.span)
}
