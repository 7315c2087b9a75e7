//! What a clause says of one column, given the others: `placed >= customer.signup` solved for `placed`.

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::{ColumnId, Expression, ExpressionKind, Known, Prover, TableId, Type};
use ndsl_grammar::ast::BinaryOperator;

use super::clauses::{Part, Reads, mirrored};

/// A limit of a column's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// At least, or above.
    From {
        /// The least.
        value: Expression,
        /// Whether it is not allowed itself.
        open: bool,
    },
    /// At most, or below.
    To {
        /// The largest.
        value: Expression,
        /// Whether it is not allowed itself.
        open: bool,
    },
    /// Equal.
    Same(Expression),
    /// One of these, or none of these.
    Among {
        /// The values.
        values: Vec<Datum>,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// Null, or not.
    Null {
        /// Whether it must be something.
        negated: bool,
    },
}

/// Solves parts for columns of one table.
pub struct Solver<'s> {
    /// What is known of the signs of what is multiplied by.
    pub prover: &'s Prover<'s>,
    /// The table.
    pub table: TableId,
}

impl Solver<'_> {
    /// What a part says of a column; nothing where it cannot be told.
    pub fn solve(&self, part: &Part, column: ColumnId) -> Option<Limit> {
        match part {
            Part::Compare { operator, left, right } => self.compared(*operator, left, right, column),
            Part::IsNull { value, negated } if self.is(value, column) => Some(Limit::Null { negated: *negated }),
            Part::Among { value, values, negated } if self.is(value, column) => {
                Some(Limit::Among { values: values.clone(), negated: *negated })
            }
            _ => None,
        }
    }

    /// Whether an expression is just the column.
    fn is(&self, expression: &Expression, column: ColumnId) -> bool {
        matches!(&expression.kind, ExpressionKind::Column(path)
            if path.through.is_empty() && path.table == self.table && path.column == column)
    }

    fn reads(&self, expression: &Expression, column: ColumnId) -> bool {
        Reads::of(expression).has(self.table, column)
    }

    fn compared(
        &self,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        column: ColumnId,
    ) -> Option<Limit> {
        match (self.reads(left, column), self.reads(right, column)) {
            (true, false) => self.isolate(operator, left.clone(), right.clone(), column),
            (false, true) => self.isolate(mirrored(operator), right.clone(), left.clone(), column),
            // `a < b - a` as `a - (b - a) < 0` would have the column twice; only sums of it are gathered.
            _ => None,
        }
    }

    /// Takes away what stands around the column, step by step.
    fn isolate(
        &self,
        mut operator: BinaryOperator,
        mut around: Expression,
        mut other: Expression,
        column: ColumnId,
    ) -> Option<Limit> {
        use BinaryOperator as B;
        loop {
            if self.is(&around, column) {
                return Some(match operator {
                    B::GreaterEqual | B::Greater => Limit::From { value: other, open: operator == B::Greater },
                    B::LessEqual | B::Less => Limit::To { value: other, open: operator == B::Less },
                    B::Equal => Limit::Same(other),
                    _ => return None,
                });
            }
            let (span, kind) = (around.span, around.kind);
            let build = |operator, left: Expression, right: Expression| -> Option<Expression> {
                let ty = result(operator, &left.ty, &right.ty)?;
                Some(Expression {
                    kind: ExpressionKind::Binary { operator, left: Box::new(left), right: Box::new(right) },
                    ty,
                    span,
                })
            };
            match kind {
                ExpressionKind::Negate(inner) => {
                    let ty = other.ty.clone();
                    other = Expression { kind: ExpressionKind::Negate(Box::new(other)), ty, span };
                    operator = mirrored(operator);
                    around = *inner;
                }
                ExpressionKind::Binary { operator: step, left, right } => {
                    let in_left = self.reads(&left, column);
                    if in_left && self.reads(&right, column) {
                        return None;
                    }
                    match (step, in_left) {
                        (B::Add, true) => (around, other) = (*left, build(B::Subtract, other, *right)?),
                        (B::Add, false) => (around, other) = (*right, build(B::Subtract, other, *left)?),
                        (B::Subtract, true) => (around, other) = (*left, build(B::Add, other, *right)?),
                        (B::Subtract, false) => {
                            (around, other) = (*right, build(B::Subtract, *left, other)?);
                            operator = mirrored(operator);
                        }
                        (B::Multiply, _) => {
                            let (inner, factor) = if in_left { (*left, *right) } else { (*right, *left) };
                            if !self.is_positive(&factor)? {
                                operator = mirrored(operator);
                            }
                            (around, other) = (inner, build(B::Divide, other, factor)?);
                        }
                        (B::Divide, true) => {
                            if !self.is_positive(&right)? {
                                operator = mirrored(operator);
                            }
                            (around, other) = (*left, build(B::Multiply, other, *right)?);
                        }
                        // `c / x <= r` is `x >= c / r` where x and r are both above 0, or both below.
                        (B::Divide, false) => {
                            if self.is_positive(&right)? != self.is_positive(&other)? {
                                return None;
                            }
                            operator = mirrored(operator);
                            (around, other) = (*right, build(B::Divide, *left, other)?);
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
    }

    /// Whether a number is always above 0, or always below; nothing where it may be either, or 0.
    fn is_positive(&self, factor: &Expression) -> Option<bool> {
        if !factor.ty.is_number() {
            return None;
        }
        let range = self.prover.evaluate(factor, &Known::default()).values.points();
        if range.low > 0.0 || (range.low == 0.0 && range.low_open) {
            Some(true)
        } else if range.high < 0.0 || (range.high == 0.0 && range.high_open) {
            Some(false)
        } else {
            None
        }
    }
}

/// The type of a sum, difference, product or quotient; nothing where there is none.
fn result(operator: BinaryOperator, left: &Type, right: &Type) -> Option<Type> {
    use BinaryOperator as B;
    Some(match (operator, left, right) {
        (B::Add | B::Subtract | B::Multiply, Type::Int, Type::Int) => Type::Int,
        (_, left, right) if left.is_number() && right.is_number() => Type::Float,
        (B::Subtract, left, right) if left.is_moment() && right.is_moment() => Type::Duration,
        (B::Subtract, Type::Time, Type::Time) => Type::Duration,
        // Ends of days are moments: a bound is not rounded before it is compared.
        (B::Add | B::Subtract, moment, Type::Duration) if moment.is_moment() => Type::DateTime,
        (B::Add, Type::Duration, moment) if moment.is_moment() => Type::DateTime,
        (B::Add | B::Subtract, Type::Time, Type::Duration) | (B::Add, Type::Duration, Type::Time) => Type::Time,
        (B::Add | B::Subtract, Type::Duration, Type::Duration) => Type::Duration,
        (B::Multiply | B::Divide, Type::Duration, number) if number.is_number() => Type::Duration,
        (B::Multiply, number, Type::Duration) if number.is_number() => Type::Duration,
        (B::Divide, Type::Duration, Type::Duration) => Type::Float,
        _ => return None,
    })
}
