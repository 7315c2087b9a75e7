//! How much may be unrolled.
//!
//! A short text can say a great deal: a `repeat` of a billion rounds, a chain of blocks that each use the one before twice. What
//! stands in the text itself is bounded by its size, so only what is unrolled is counted: an expression as one step, what
//! becomes a node of the graph as more.

use ndsl_grammar::Span;

use crate::check::context::Context;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};

/// The steps a block or model may unroll to: some 3,500 layers, more than the deepest networks have.
pub const MAX_STEPS: u64 = 1 << 20;

/// The steps of one layer or of one use of a block, beside its values.
pub const LAYER_STEPS: u64 = 96;

/// The steps of a fault: to word it takes as long as many expressions.
pub const FAULT_STEPS: u64 = 32;

/// The steps of a value of the graph.
const VALUE_STEPS: u64 = 64;

/// The steps that all bodies of a program may unroll to together, beside [`STEPS_A_BYTE`] for its text.
const MAX_FILE_STEPS: u64 = 2 * MAX_STEPS;

/// The columns that all rows of a program may bring into models, blocks and layers together: a short word stands for all of a table's.
pub const MAX_COLUMNS: usize = 1 << 17;

/// A file of many models unrolls to more, and is larger.
const STEPS_A_BYTE: u64 = 32;

/// A call or a round of a `repeat` that is being unrolled.
#[derive(Clone, Copy, Debug)]
pub struct Unrolled {
    /// The call, or what says how often.
    pub at: Span,
    /// What is unrolled.
    pub body: Span,
    /// Which round it is, from 0; nothing of a call.
    pub round: Option<usize>,
    /// Whether it is a call that gives arguments.
    pub given: bool,
}

impl Unrolled {
    /// What to say of it to explain a fault at `fault`, if that lies in the body.
    pub fn explain(&self, fault: Span) -> Option<(Span, String)> {
        let inside = self.body.file == fault.file && (self.body.start..self.body.end).contains(&fault.start);
        if !inside {
            return None;
        }
        match self.round {
            None if self.given => Some((self.at, "called with these arguments here".to_owned())),
            None => Some((self.at, "applied here".to_owned())),
            // What is wrong in the first round is wrong with the body.
            Some(0) => None,
            Some(round) => Some((self.at, format!("in round {round}, the first being 0"))),
        }
    }
}

/// The fault of a body that unrolls to more than may be checked.
pub fn too_many_steps(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Code::TooManySteps, at, format!("`{name}` unrolls to more than can be checked"))
        .label(format!("with this, more than {MAX_STEPS} steps"))
        .help("an expression takes one step, a layer some 300: there is room for about 3,500 layers")
}

/// The steps that all bodies of a program of so many bytes may unroll to.
pub fn most_steps(bytes: usize) -> u64 {
    MAX_FILE_STEPS + STEPS_A_BYTE * bytes as u64
}

impl Context<'_> {
    /// Counts `steps`, if anything is being unrolled; whether there is still room. Passing the bound is reported once.
    pub fn spend(&mut self, steps: u64) -> bool {
        let values = self.builder.graph().values.len();
        let steps = steps + VALUE_STEPS * values.saturating_sub(self.counted) as u64;
        self.counted = values;
        let (Some(outermost), Some(innermost)) = (self.unrolled.first(), self.unrolled.last()) else { return true };
        let file = most_steps(self.names.all.bytes);
        let room = |steps: u64, of_file: u64| steps <= MAX_STEPS && of_file <= file;
        let before = room(self.steps, self.findings.unrolled);
        self.steps = self.steps.saturating_add(steps);
        self.findings.unrolled = self.findings.unrolled.saturating_add(steps);
        if room(self.steps, self.findings.unrolled) {
            return true;
        }
        self.incomplete = true;
        if before {
            let fault = if self.steps > MAX_STEPS {
                // The round that goes on and on is the innermost one; a call only leads there.
                let at = self.unrolled.iter().rev().find(|unrolled| unrolled.round.is_some()).unwrap_or(outermost).at;
                too_many_steps(&self.builder.graph().name, at)
            } else {
                let message = "the blocks and models of this file unroll to more than can be checked together";
                Diagnostic::new(Code::TooManySteps, innermost.at, message)
                    .label("here the file's bound is passed")
                    .help("put some of the models into a file of their own")
            };
            // Whatever keeps quiet about details does not keep quiet about this.
            self.findings.report(fault);
        }
        false
    }

    /// Counts the columns of a row that goes into a model or a block or becomes numbers; whether there is still room. Passing the bound is
    /// reported once.
    pub fn spend_columns(&mut self, count: usize, at: Span) -> bool {
        let before = self.findings.columns;
        self.findings.columns = before.saturating_add(count);
        if self.findings.columns <= MAX_COLUMNS {
            return true;
        }
        self.incomplete = true;
        if before <= MAX_COLUMNS {
            let message = "the models of this file take too many columns to be checked together";
            let fault = Diagnostic::new(Code::TooManySteps, at, message)
                .label(format!("with these {count}, more than {MAX_COLUMNS} columns"))
                .help("put some of the models into a file of their own");
            self.findings.report(fault);
        }
        false
    }

    /// Whether `rounds` rounds of something that takes `steps` steps at least can be unrolled; where not, that is reported.
    pub fn may_repeat(&mut self, rounds: u64, steps: u64, at: Span) -> bool {
        let fits = rounds.saturating_mul(steps) <= MAX_STEPS;
        if !fits {
            self.incomplete = true;
            let most = MAX_STEPS / steps.max(1);
            self.report(
                Diagnostic::new(Code::TooManySteps, at, format!("{rounds} rounds are more than can be unrolled"))
                    .label(format!("at most {most} of this body"))
                    .help("`repeat` writes its body out that often: each round has layers and weights of its own"),
            );
        }
        fits
    }

    /// A value nothing is known of, as its making is not followed.
    pub fn given_up(&mut self) -> Value {
        self.incomplete |= !self.dry;
        Value::Unknown
    }
}
