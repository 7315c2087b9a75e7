//! What the regularizers of a model's weights add to its loss.

use ndsl_grammar::Span;

use super::context::Context;
use crate::ir::{Binary, Op, Reduction, Role, Unary, ValueId};

impl Context<'_> {
    /// The loss of each row with what the weights add to it: the same for every row, so that its mean over a batch is that
    /// of the losses and the penalty, as in Keras.
    pub fn regularized(&mut self, rows: ValueId) -> ValueId {
        let span = self.builder.value(rows).span;
        let moved = self.builder.graph().parameters.iter().filter(|parameter| parameter.role == Role::Trainable);
        let penalties: Vec<_> = moved.filter_map(|weight| Some((weight.value, weight.regularizer?))).collect();
        let mut loss = rows;
        for (weight, regularizer) in penalties {
            for (factor, unary) in [(regularizer.l1, Unary::Abs), (regularizer.l2, Unary::Square)] {
                if factor != 0.0 {
                    let penalty = self.penalty(weight, factor, unary, span);
                    loss = self.builder.binary(Binary::Add, loss, penalty, span);
                }
            }
        }
        loss
    }

    /// `factor * sum(unary(weight))`
    fn penalty(&mut self, weight: ValueId, factor: f64, unary: Unary, span: Span) -> ValueId {
        let each = self.builder.unary(unary, weight, span);
        let axes = (0..self.builder.shape(weight).rank()).collect();
        let sum = self.builder.node(Op::Reduce { reduction: Reduction::Sum, axes, keep: false }, vec![each], span);
        let factor = self.builder.constant(factor, span);
        self.builder.binary(Binary::Multiply, sum, factor, span)
    }
}
