//! `if … { … } else { … }`: one body is unrolled, the others are read for their names alone.

use ndsl_grammar::ast::{Body, Expr};

use crate::check::context::Context;
use crate::check::value::Value;
use crate::diagnostics::{Code, Diagnostic};

impl Context<'_> {
    /// The value of the body whose condition holds first; the flow, where none does and nothing else is said.
    pub(in crate::check) fn condition(&mut self, branches: &[(Expr, Body)], otherwise: Option<&Body>) -> Value {
        let mut chosen: Option<&Body> = None;
        let mut undecided = false;
        for (condition, body) in branches {
            if chosen.is_some() {
                self.dry(|cx| cx.evaluate(condition));
                self.dry(|cx| cx.braces(body, true));
                continue;
            }
            match self.truth(condition) {
                Some(true) if !undecided => chosen = Some(body),
                Some(_) => {
                    self.dry(|cx| cx.braces(body, true));
                }
                None => {
                    undecided = true;
                    self.dry(|cx| cx.braces(body, true));
                }
            }
        }
        match (chosen, otherwise) {
            (Some(body), otherwise) => {
                if let Some(otherwise) = otherwise {
                    self.dry(|cx| cx.braces(otherwise, true));
                }
                self.braces(body, true)
            }
            (None, Some(otherwise)) if undecided => {
                self.dry(|cx| cx.braces(otherwise, true));
                self.given_up()
            }
            (None, Some(otherwise)) => self.braces(otherwise, true),
            (None, None) if undecided => self.given_up(),
            (None, None) => self.flow.clone().unwrap_or(Value::Unknown),
        }
    }

    /// Whether a condition holds; nothing while that is not known.
    fn truth(&mut self, condition: &Expr) -> Option<bool> {
        match self.evaluate(condition) {
            Value::Bool(truth) => Some(truth),
            Value::Unknown => None,
            Value::Tensor(_) => {
                let message = "a condition is `true` or `false` when compiling, and only a run knows a tensor";
                self.report(
                    Diagnostic::new(Code::WrongType, condition.span, message)
                        .label("a tensor")
                        .help("`where(condition, a, b)` chooses element by element in a run"),
                );
                None
            }
            other => {
                let message = format!("a condition is `true` or `false`, not {}", other.describe());
                self.report(Diagnostic::new(Code::WrongType, condition.span, message).label("neither of them"));
                None
            }
        }
    }

    /// Reads something that is not run: names and arguments are checked, and what follows from values is not.
    pub(in crate::check) fn dry<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let dry = std::mem::replace(&mut self.dry, true);
        let flow = self.flow.replace(Value::Unknown);
        let answer = read(self);
        self.flow = flow;
        self.dry = dry;
        answer
    }
}
