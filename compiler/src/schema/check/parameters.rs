//! The parameters of distributions.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind, Ident};

use super::Checker;
use super::draws::Target;
use super::typing::Scope;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::datum::Datum;
use crate::schema::distributions::{
    CLOCK, DISTRIBUTION, DISTRIBUTIONS, DistributionDef, Draw, DrawKind, Family, Given, MOMENT, OF_COLUMN, PROVIDER,
    RANGE, SHARES, SPREAD, TEMPLATE, VALUES,
};
use crate::schema::expression::{Expression, Type};
use crate::schema::types::Base;
use crate::signature::{Default, Kind, Parameter};
use crate::suggest::quoted;

impl<'a> Checker<'a> {
    /// What a parameter was given; nothing where it was not; an error where a fault was reported.
    pub(super) fn parameter(
        &mut self,
        def: &'static DistributionDef,
        parameter: &Parameter,
        expr: Option<&'a Expr>,
        target: &Target,
    ) -> Result<Option<Given>, ()> {
        let Some(expr) = expr else {
            if def.family == Family::Llm && parameter.name == "using" {
                return self.own_provider(target);
            }
            return Ok(match (parameter.kind, parameter.default) {
                (Kind::Computed(_), Default::Float(number)) => {
                    Some(Given::Value(Expression::constant(Datum::Float(number), Type::Float, Span::default())))
                }
                (_, Default::Word(word)) => Some(Given::Word(word.to_owned())),
                _ => None,
            });
        };
        let given = match parameter.kind {
            Kind::Computed(_) => {
                let value = self.expression(expr, Scope::Row(target.table), None);
                Some(Given::Value(self.fitting(value, expr, &Type::Float, parameter, def)?))
            }
            Kind::Text | Kind::Column | Kind::Choice(_) => match &expr.kind {
                ExprKind::Str(word) | ExprKind::Name(word) => Some(Given::Word(word.clone())),
                _ => None,
            },
            kind if kind == OF_COLUMN => {
                // How far a sequence or a curve lies is not limited by whole numbers or days.
                let ty = match (def.family, &target.ty) {
                    (Family::Normal, Type::Int) => Type::Float,
                    (Family::Normal, Type::Date) => Type::DateTime,
                    (_, ty) => ty.clone(),
                };
                let value = self.expression(expr, Scope::Row(target.table), Some(&ty));
                Some(Given::Value(self.fitting(value, expr, &ty, parameter, def)?))
            }
            kind if kind == SPREAD => {
                let ty = match target.base {
                    Base::Date | Base::DateTime | Base::Time => Type::Duration,
                    _ => Type::Float,
                };
                let value = self.expression(expr, Scope::Row(target.table), Some(&ty));
                Some(Given::Value(self.fitting(value, expr, &ty, parameter, def)?))
            }
            kind if kind == DISTRIBUTION => {
                let counted = Target { base: Base::Int, ty: Type::Int, ..target.clone() };
                let target = if def.family == Family::PerParent { &counted } else { target };
                let draw = self.draw_for(expr, target);
                if draw.kind == DrawKind::Unknown {
                    return Err(());
                }
                Some(Given::Draw(Box::new(draw)))
            }
            kind if kind == DISTRIBUTIONS => {
                let ExprKind::List(items) = &expr.kind else { return self.not_a_list(expr, "distributions") };
                let draws: Vec<Draw> = items.iter().map(|item| self.draw_for(item, target)).collect();
                if draws.iter().any(|draw| draw.kind == DrawKind::Unknown) {
                    return Err(());
                }
                self.some(expr, draws.len())?;
                Some(Given::Draws(draws))
            }
            kind if kind == VALUES => {
                let ExprKind::List(items) = &expr.kind else { return self.not_a_list(expr, "values") };
                let column = target.column();
                let mut values = Vec::new();
                for item in items {
                    let Some(value) = self.constant_for(item, &target.ty, column) else { return Err(()) };
                    values.push(value);
                }
                self.some(expr, values.len())?;
                Some(Given::Values(values))
            }
            kind if kind == SHARES => {
                let ExprKind::List(items) = &expr.kind else { return self.not_a_list(expr, "shares") };
                let written: Vec<(Span, Option<&'a Expr>)> = items.iter().map(|item| (item.span, Some(item))).collect();
                let before = self.findings.errors;
                let shares = self.shares(&written, false);
                if self.findings.errors > before {
                    return Err(());
                }
                Some(Given::Shares(shares))
            }
            kind if kind == RANGE => return self.range(expr, target).map(Some),
            kind if kind == TEMPLATE => match &expr.kind {
                ExprKind::Str(text) => Some(Given::Template(self.template(text, expr.span, target.table).ok_or(())?)),
                _ => {
                    self.refuse(expr.span, "a prompt is a text between quotes");
                    return Err(());
                }
            },
            kind if kind == MOMENT => Some(self.known(expr, &Type::DateTime)?),
            kind if kind == CLOCK => Some(self.known(expr, &Type::Time)?),
            kind if kind == PROVIDER => match &expr.kind {
                ExprKind::Name(name) => {
                    let name = Ident { text: name.clone(), span: expr.span };
                    if !self.provider(&name) {
                        return Err(());
                    }
                    Some(Given::Word(name.text))
                }
                _ => {
                    self.refuse(expr.span, "a provider is named by a bare word");
                    return Err(());
                }
            },
            _ => None,
        };
        Ok(given)
    }

    fn known(&mut self, expr: &'a Expr, ty: &Type) -> Result<Given, ()> {
        let value = self.constant(expr, ty).ok_or(())?;
        Ok(Given::Value(Expression::constant(value, ty.clone(), expr.span)))
    }

    /// The provider of the schema, for a text that names none.
    fn own_provider(&mut self, target: &Target) -> Result<Option<Given>, ()> {
        let schema = &self.schemas.schemas[self.table(target.table).schema];
        let named = schema.source.as_ref().map(|source| source.provider.clone());
        match named {
            Some(Some(provider)) => Ok(Some(Given::Word(provider))),
            // One that is named and not known has been reported.
            _ if self.trees[target.table.0 as usize].names_provider => Err(()),
            _ => {
                let column = self.column(target.table, target.id);
                let message = format!("nothing says which provider writes `{}`", column.name);
                let mut fault = Diagnostic::new(Code::MissingArgument, column.span, message).label("drawn with `llm`");
                fault = match self.providers.iter().find(|(file, _)| *file == column.span.file) {
                    Some((_, provider)) => fault.help(format!("name it: `llm(\"…\", using={provider})`")),
                    None => fault.help(
                        "declare one, `provider writer { kind: openai, … }`, and name it: `llm(\"…\", using=writer)`",
                    ),
                };
                self.report(fault);
                Err(())
            }
        }
    }

    fn not_a_list(&mut self, expr: &Expr, what: &str) -> Result<Option<Given>, ()> {
        let mut fault =
            Diagnostic::new(Code::WrongType, expr.span, format!("a list of {what} is expected")).label("not a list");
        if let ExprKind::Record(_) = expr.kind {
            fault = fault.help("the values and their shares are two lists: `categorical([1, 2], weights=[70%, 30%])`");
        }
        self.report(fault);
        Err(())
    }

    fn some(&mut self, expr: &Expr, count: usize) -> Result<(), ()> {
        if count > 0 {
            return Ok(());
        }
        let fault = Diagnostic::new(Code::NoValueLeft, expr.span, "nothing is in this list");
        self.report(fault.label("nothing to draw"));
        Err(())
    }

    /// A value of the type a parameter wants.
    fn fitting(
        &mut self,
        value: Expression,
        expr: &'a Expr,
        ty: &Type,
        parameter: &Parameter,
        def: &DistributionDef,
    ) -> Result<Expression, ()> {
        if value.is_faulty() {
            return Err(());
        }
        if ty.takes(&value.ty) && value.ty != Type::Null {
            return Ok(value);
        }
        let message = format!("`{}` of `{}` is {ty} here, not {}", parameter.name, def.signature.name, value.ty);
        let fault = Diagnostic::new(Code::WrongType, expr.span, message).label(format!("this is {}", value.ty));
        let fault = self.retyped(fault, expr, ty);
        self.report(fault);
        Err(())
    }

    fn range(&mut self, expr: &'a Expr, target: &Target) -> Result<Given, ()> {
        let ExprKind::Range { start, end, inclusive } = &expr.kind else {
            let fault = Diagnostic::new(Code::WrongType, expr.span, "a range is expected").label("not a range");
            self.report(fault.help("a range is written `0..=100`"));
            return Err(());
        };
        let mut ends = [None, None];
        for (place, end) in [start, end].into_iter().enumerate() {
            if let Some(end) = end {
                ends[place] = Some(self.constant_for(end, &target.ty, target.column()).ok_or(())?);
            }
        }
        let [low, high] = ends;
        let points = low.as_ref().and_then(Datum::point).zip(high.as_ref().and_then(Datum::point));
        if points.is_some_and(|(low, high)| low > high || (low == high && !inclusive)) {
            let fault = Diagnostic::new(
                Code::NoValueLeft,
                expr.span,
                format!("no value is in `{}`", quoted(self.text(expr.span))),
            );
            self.report(fault.label("leaves nothing to draw"));
            return Err(());
        }
        Ok(Given::Range(low, high, *inclusive))
    }

    /// Whether parameters that belong together do.
    pub(super) fn parameters_agree(&mut self, def: &DistributionDef, draw: &Draw, span: Span) -> bool {
        let constant =
            |name: &str| draw.value(name).and_then(|value| Some((value.as_constant()?.point()?, value.span)));
        let order = match def.family {
            Family::Uniform => Some(("min", "max")),
            Family::BusinessHours => Some(("open", "close")),
            _ => None,
        };
        if let Some((low, high)) = order
            && let (Some((a, first)), Some((b, second))) = (constant(low), constant(high))
            && a > b
        {
            let message = format!("`{low}` lies above `{high}`, so there is nothing to draw");
            let fault = Diagnostic::new(Code::NoValueLeft, second, message).label(format!("`{high}`"));
            let (one, other) = (self.text(first), self.text(second));
            let mut fault = fault.related(first, format!("`{low}`"));
            if first.end <= second.start {
                let between = Span { start: first.end, end: second.start, ..first };
                let turned = format!("{other}{}{one}", self.text(between));
                fault = fault.fix("exchange them", first.to(second), turned, Applicability::Guess);
            }
            self.report(fault);
            return false;
        }
        let counts = (draw.given("weights"), draw.given("values").or(draw.given("parts")));
        let (Some(Given::Shares(shares)), Some(things)) = counts else { return true };
        let count = match things {
            Given::Values(values) => values.len(),
            Given::Draws(draws) => draws.len(),
            _ => return true,
        };
        if shares.len() == count {
            return true;
        }
        let message = format!("{} shares are given for {count} values", shares.len());
        self.report(Diagnostic::new(Code::Weights, span, message).label("each needs one"));
        false
    }
}
