//! What checks ask of a row, taken apart: every clause must hold, and a clause holds where one of its parts does.
//!
//! Everything is meant as SQL means it: a clause is met unless all of its parts are false. The laws used (De Morgan's, and that
//! `and` and `or` distribute) hold with null as the third truth value too.

use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::functions::Function;
use ndsl_compiler::schema::{ColumnPath, Expression, ExpressionKind, TableId, Type, Within};
use ndsl_grammar::Span;
use ndsl_grammar::ast::BinaryOperator;

/// Parts and clauses that a check may come apart into; what leads to more is met by drawing again.
const MAX_CLAUSES: usize = 64;

/// One part of a clause.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A comparison; the operator is never `!=`'s opposite written otherwise.
    Compare {
        /// One of `==`, `!=`, `<`, `<=`, `>`, `>=`.
        operator: BinaryOperator,
        /// The left side.
        left: Expression,
        /// The right side.
        right: Expression,
    },
    /// Whether something is null, or is not.
    IsNull {
        /// What is asked about.
        value: Expression,
        /// Whether it must not be null.
        negated: bool,
    },
    /// Whether something is one of some values, or is none.
    Among {
        /// What is asked about.
        value: Expression,
        /// The values.
        values: Vec<Datum>,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// Anything else with a truth value.
    Other(Expression),
}

impl Part {
    /// The same as an expression.
    pub fn expression(&self, span: Span) -> Expression {
        let kind = match self {
            Self::Compare { operator, left, right } => ExpressionKind::Binary {
                operator: *operator,
                left: Box::new(left.clone()),
                right: Box::new(right.clone()),
            },
            Self::IsNull { value, negated } => {
                ExpressionKind::IsNull { value: Box::new(value.clone()), negated: *negated }
            }
            Self::Among { value, values, negated } => {
                let item = |datum: &Datum| Expression::constant(datum.clone(), value.ty.clone(), span);
                let set = Within::List(values.iter().map(item).collect());
                let within = ExpressionKind::Within { value: Box::new(value.clone()), set };
                match negated {
                    true => ExpressionKind::Not(Box::new(Expression { kind: within, ty: Type::Bool, span })),
                    false => within,
                }
            }
            Self::Other(expression) => return expression.clone(),
        };
        Expression { kind, ty: Type::Bool, span }
    }

    /// Hands on each expression in it.
    pub fn each<'p>(&'p self, each: &mut dyn FnMut(&'p Expression)) {
        match self {
            Self::Compare { left, right, .. } => {
                left.each(each);
                right.each(each);
            }
            Self::IsNull { value, .. } | Self::Among { value, .. } | Self::Other(value) => value.each(each),
        }
    }

    /// The columns it reads, and whether it reads anything else that is no constant.
    pub fn reads(&self) -> Reads<'_> {
        let mut reads = Reads::default();
        self.each(&mut |part| reads.note(part));
        reads
    }
}

/// What an expression reads.
#[derive(Debug, Default)]
pub struct Reads<'e> {
    /// Columns.
    pub paths: Vec<&'e ColumnPath>,
    /// Whether also what is computed from other rows, or read from a file.
    pub others: bool,
}

impl<'e> Reads<'e> {
    fn note(&mut self, part: &'e Expression) {
        match &part.kind {
            ExpressionKind::Column(path) => self.paths.push(path),
            ExpressionKind::Aggregate { .. } | ExpressionKind::Source(_) | ExpressionKind::Unknown => {
                self.others = true;
            }
            _ => {}
        }
    }

    /// What an expression reads.
    pub fn of(expression: &'e Expression) -> Self {
        let mut reads = Self::default();
        expression.each(&mut |part| reads.note(part));
        reads
    }

    /// Whether it reads a column of the row itself.
    pub fn has(&self, table: TableId, column: ndsl_compiler::schema::ColumnId) -> bool {
        self.paths.iter().any(|path| path.through.is_empty() && path.table == table && path.column == column)
    }
}

/// Some parts, one of which must not be false.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The parts.
    pub parts: Vec<Part>,
    /// Where the check it comes from stands.
    pub span: Span,
}

/// The clauses of a check; nothing where there would be too many.
pub fn clauses(check: &Expression) -> Option<Vec<Clause>> {
    let parts = take_apart(check, true)?;
    Some(parts.into_iter().map(|parts| Clause { parts, span: check.span }).collect())
}

type Parts = Vec<Vec<Part>>;

/// The clauses of a condition, or of its opposite.
fn take_apart(condition: &Expression, wanted: bool) -> Option<Parts> {
    match &condition.kind {
        ExpressionKind::Not(inner) => take_apart(inner, !wanted),
        ExpressionKind::Binary { operator: BinaryOperator::And, left, right } => {
            let (left, right) = (take_apart(left, wanted)?, take_apart(right, wanted)?);
            if wanted { all(left, right) } else { any(left, right) }
        }
        ExpressionKind::Binary { operator: BinaryOperator::Or, left, right } => {
            let (left, right) = (take_apart(left, wanted)?, take_apart(right, wanted)?);
            if wanted { any(left, right) } else { all(left, right) }
        }
        // Two truth values are alike where neither holds without the other.
        ExpressionKind::Binary {
            operator: operator @ (BinaryOperator::Equal | BinaryOperator::NotEqual),
            left,
            right,
        } if left.ty == Type::Bool && left.as_constant().is_none() && right.as_constant().is_none() => {
            let alike = (*operator == BinaryOperator::Equal) == wanted;
            let first = any(take_apart(left, false)?, take_apart(right, alike)?)?;
            let second = any(take_apart(left, true)?, take_apart(right, !alike)?)?;
            all(first, second)
        }
        ExpressionKind::Binary { operator, left, right } if opposite(*operator).is_some() => {
            if let (Type::Bool, Some(Datum::Bool(truth))) = (&left.ty, right.as_constant()) {
                return take_apart(left, (*operator == BinaryOperator::Equal) == (*truth == wanted));
            }
            let operator = if wanted { *operator } else { opposite(*operator)? };
            compared(operator, left, right)
        }
        ExpressionKind::IsNull { value, negated } => {
            Some(vec![vec![Part::IsNull { value: Expression::clone(value), negated: *negated == wanted }]])
        }
        ExpressionKind::Within { value, set: Within::Range { low, high, inclusive } } => {
            let upper = if *inclusive { BinaryOperator::LessEqual } else { BinaryOperator::Less };
            let ends = [(BinaryOperator::GreaterEqual, low), (upper, high)];
            let mut parts = None;
            for (operator, end) in ends.into_iter().filter_map(|(operator, end)| Some((operator, end.as_deref()?))) {
                let operator = if wanted { operator } else { opposite(operator)? };
                let here = compared(operator, value, end)?;
                parts = Some(match parts {
                    None => here,
                    Some(before) if wanted => all(before, here)?,
                    Some(before) => any(before, here)?,
                });
            }
            parts
        }
        ExpressionKind::Within { value, set: Within::List(items) } => {
            let values: Option<Vec<Datum>> = items.iter().map(|item| item.as_constant().cloned()).collect();
            Some(vec![vec![match values {
                Some(values) => Part::Among { value: Expression::clone(value), values, negated: !wanted },
                None => Part::Other(turned(condition, wanted)),
            }]])
        }
        ExpressionKind::If { branches, otherwise: Some(otherwise) } if condition.ty == Type::Bool => {
            // `if a { x } else { y }`: a false or x, and a true or y.
            let mut rest = take_apart(otherwise, wanted)?;
            for (test, value) in branches.iter().rev() {
                let yes = any(take_apart(test, false)?, take_apart(value, wanted)?)?;
                let no = any(take_apart(test, true)?, rest)?;
                rest = all(yes, no)?;
            }
            Some(rest)
        }
        ExpressionKind::Column(_) if condition.ty == Type::Bool => Some(vec![vec![Part::Among {
            value: condition.clone(),
            values: vec![Datum::Bool(wanted)],
            negated: false,
        }]]),
        _ => Some(vec![vec![Part::Other(turned(condition, wanted))]]),
    }
}

/// A comparison; what is compared with the least or the largest of some, or without a sign, is compared with each.
fn compared(operator: BinaryOperator, left: &Expression, right: &Expression) -> Option<Parts> {
    use BinaryOperator as B;
    let one = |operator, left: &Expression, right: &Expression| {
        vec![vec![match (operator, right.as_constant()) {
            (B::Equal | B::NotEqual, Some(value)) if is_listed(&left.ty) => {
                Part::Among { value: left.clone(), values: vec![value.clone()], negated: operator == B::NotEqual }
            }
            _ => Part::Compare { operator, left: left.clone(), right: right.clone() },
        }]]
    };
    if is_listed(&right.ty) && left.as_constant().is_some() && right.as_constant().is_none() {
        return Some(one(operator, right, left));
    }
    for (function, other, operator) in [(left, right, operator), (right, left, mirrored(operator))] {
        let ExpressionKind::Function { function: def, arguments } = &function.kind else { continue };
        let each_must = match (def.function, operator) {
            (Function::Max, B::Less | B::LessEqual) | (Function::Min, B::Greater | B::GreaterEqual) => true,
            (Function::Max, B::Greater | B::GreaterEqual) | (Function::Min, B::Less | B::LessEqual) => false,
            (Function::Abs, B::Less | B::LessEqual) => {
                let inner = arguments.first()?;
                let negative = Expression { kind: ExpressionKind::Negate(Box::new(other.clone())), ..other.clone() };
                return all(compared(operator, inner, other)?, compared(mirrored(operator), inner, &negative)?);
            }
            _ => continue,
        };
        let mut parts: Option<Parts> = None;
        for argument in arguments {
            let here = compared(operator, argument, other)?;
            parts = Some(match parts {
                None => here,
                Some(before) if each_must => all(before, here)?,
                Some(before) => any(before, here)?,
            });
        }
        return parts;
    }
    Some(one(operator, left, right))
}

/// Whether values of a type are told apart and not ordered, so that a set of them is kept.
fn is_listed(ty: &Type) -> bool {
    matches!(ty, Type::Enum(_) | Type::Bool | Type::Text)
}

fn turned(condition: &Expression, wanted: bool) -> Expression {
    match wanted {
        true => condition.clone(),
        false => {
            Expression { kind: ExpressionKind::Not(Box::new(condition.clone())), ty: Type::Bool, span: condition.span }
        }
    }
}

fn all(mut left: Parts, right: Parts) -> Option<Parts> {
    left.extend(right);
    (left.len() <= MAX_CLAUSES).then_some(left)
}

fn any(left: Parts, right: Parts) -> Option<Parts> {
    if left.len() * right.len() > MAX_CLAUSES {
        return None;
    }
    let both = left.iter().flat_map(|a| right.iter().map(|b| a.iter().chain(b).cloned().collect()));
    Some(both.collect())
}

/// The operator that holds where this one does not.
pub fn opposite(operator: BinaryOperator) -> Option<BinaryOperator> {
    use BinaryOperator as B;
    Some(match operator {
        B::Equal => B::NotEqual,
        B::NotEqual => B::Equal,
        B::Less => B::GreaterEqual,
        B::LessEqual => B::Greater,
        B::Greater => B::LessEqual,
        B::GreaterEqual => B::Less,
        _ => return None,
    })
}

/// The operator with its sides exchanged.
pub fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    use BinaryOperator as B;
    match operator {
        B::Less => B::Greater,
        B::LessEqual => B::GreaterEqual,
        B::Greater => B::Less,
        B::GreaterEqual => B::LessEqual,
        other => other,
    }
}
