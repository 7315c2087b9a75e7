//! Shares that must sum to 100%.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind};

use super::Checker;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::datum::Datum;
use crate::schema::expression::Type;

/// Shares may miss 100% by this much, since they are read as binary fractions.
const TOLERANCE: f64 = 1e-9;

impl<'a> Checker<'a> {
    /// The share of each of some things, from 0 to 1. Those without one divide what the others leave.
    ///
    /// `part` is set where something that had a share was left out, so that nothing can be said of the sum.
    pub(super) fn shares(&mut self, written: &[(Span, Option<&'a Expr>)], part: bool) -> Vec<f64> {
        let equal = vec![1.0 / written.len().max(1) as f64; written.len()];
        let given: Vec<(Span, Option<f64>)> =
            written.iter().filter_map(|(_, expr)| expr.map(|expr| (expr.span, self.share(expr)))).collect();
        if given.is_empty() || part || given.iter().any(|(_, share)| share.is_none()) {
            return equal;
        }
        let sum: f64 = given.iter().filter_map(|(_, share)| *share).sum();
        let free = written.len() - given.len();
        let [(first, _), ..] = given[..] else { return equal };
        let (last, last_share) = given[given.len() - 1];
        let all = first.to(last);
        let complete = (sum - 1.0).abs() <= TOLERANCE;
        if free == 0 && !complete {
            let message = format!("the shares sum to {}, not to 100%", percent(sum));
            let mut fault = Diagnostic::new(Code::Weights, all, message).label(format!("together {}", percent(sum)));
            let rest = 1.0 - (sum - last_share.unwrap_or_default());
            if rest > TOLERANCE {
                let rest = percent(rest);
                fault = fault.fix(format!("make the last one {rest}"), last, rest, Applicability::Guess);
            }
            self.report(fault);
            return equal;
        }
        if free > 0 && sum >= 1.0 - TOLERANCE {
            let lacking = written.iter().find(|(_, expr)| expr.is_none()).map_or(all, |(span, _)| *span);
            let message = format!("the shares that are given sum to {}, so nothing is left for this one", percent(sum));
            let fault = Diagnostic::new(Code::Weights, lacking, message).label("it would never come");
            self.report(fault.related(all, format!("together {}", percent(sum))));
            return equal;
        }
        let rest = if free == 0 { 0.0 } else { (1.0 - sum) / free as f64 };
        let mut given = given.into_iter();
        let shares = written.iter().map(|(_, expr)| match expr {
            Some(_) => given.next().and_then(|(_, share)| share).unwrap_or(rest),
            None => rest,
        });
        shares.collect()
    }

    /// One share: a percentage, or a number from 0 to 1.
    pub(super) fn share(&mut self, expr: &'a Expr) -> Option<f64> {
        let share = match self.constant(expr, &Type::Float)? {
            Datum::Float(share) => share,
            Datum::Int(share) => share as f64,
            _ => return None,
        };
        if (0.0..=1.0).contains(&share) {
            return Some(share);
        }
        let is_percentage = matches!(expr.kind, ExprKind::Percent(_));
        let shown = if is_percentage { percent(share) } else { share.to_string() };
        let mut fault = Diagnostic::new(Code::Weights, expr.span, format!("a share is from 0% to 100%, not {shown}"))
            .label("not a share");
        if !is_percentage && share > 1.0 && share <= 100.0 {
            let text = format!("{share}%");
            fault = fault.fix(format!("write `{text}`"), expr.span, text, Applicability::Guess);
        }
        self.report(fault);
        None
    }
}

/// A share as a percentage, without the dust of binary fractions.
pub(super) fn percent(share: f64) -> String {
    let rounded = (share * 100.0 * 1e9).round() / 1e9;
    format!("{rounded}%")
}
