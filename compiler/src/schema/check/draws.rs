//! How the values of a column are drawn: what stands after `~`.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Argument, Expr, ExprKind};

use super::Checker;
use super::typing::{Scope, single};
use crate::check::{Context, Given as GivenArgument, Site};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::distributions::{self, DistributionDef, Draw, DrawKind, FAMILIES, Family};
use crate::schema::expression::Type;
use crate::schema::form::{ColumnId, TableId};
use crate::schema::types::Base;
use crate::suggest::{listed, nearest};

/// What is drawn: values of a column, or how many rows refer to another.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub table: TableId,
    pub id: ColumnId,
    /// What the values are.
    pub base: Base,
    /// Their type in expressions.
    pub ty: Type,
}

impl Target {
    /// The column that is drawn for, if its own values are.
    pub fn column(&self) -> Option<(TableId, ColumnId)> {
        (self.base != Base::Reference && self.ty != Type::Int).then_some((self.table, self.id))
    }
}

impl<'a> Checker<'a> {
    /// The distribution of a column; nothing where a fault was reported.
    pub(super) fn draw(&mut self, expr: &'a Expr, clause: Span, table: TableId, id: ColumnId) -> Option<Draw> {
        let kind = &self.column(table, id).kind;
        let (base, ty) = (kind.def.base, kind.value());
        let target = Target { table, id, base, ty };
        if let Some(fault) = self.not_drawn(expr, clause) {
            self.report(fault);
            return None;
        }
        let unread = target.ty == Type::Unknown;
        let draw = self.draw_for(expr, &target);
        (draw.kind != DrawKind::Unknown && !unread).then_some(draw)
    }

    /// An expression that computes a value, where one is to be drawn.
    fn not_drawn(&self, expr: &Expr, clause: Span) -> Option<Diagnostic> {
        let computes = match &expr.kind {
            ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::Field { .. } => true,
            ExprKind::Call { callee, .. } => match &callee.kind {
                ExprKind::Name(name) => {
                    distributions::find(name).is_none()
                        && (crate::schema::functions::find(name).is_some() || name == "format")
                }
                _ => false,
            },
            _ => false,
        };
        if !computes {
            return None;
        }
        let fault =
            Diagnostic::new(Code::Distribution, expr.span, "`~` draws from a distribution, and this computes a value");
        let tilde = Span { end: clause.start + 1, ..clause };
        Some(fault.label("not a distribution").fix("derive it with `=`", tilde, "=", Applicability::Safe))
    }

    /// The distribution an expression names, for values of `target`.
    pub(super) fn draw_for(&mut self, expr: &'a Expr, target: &Target) -> Draw {
        let unknown = Draw { kind: DrawKind::Unknown, span: expr.span };
        match &expr.kind {
            ExprKind::Call { callee, arguments, brackets } => match &callee.kind {
                ExprKind::Name(name) => self.family(expr.span, name, callee.span, arguments, *brackets, target),
                _ => {
                    self.refuse(callee.span, "a distribution is called by its name");
                    unknown
                }
            },
            ExprKind::If { branches, otherwise } => self.draw_if(expr.span, branches, otherwise.as_ref(), target),
            ExprKind::Name(name) if distributions::find(name).is_some() => {
                let signature = distributions::find(name).map(|def| &def.signature);
                let mut fault =
                    Diagnostic::new(Code::Distribution, expr.span, format!("`{name}` needs its parameters"))
                        .label("named, not called");
                if let Some(signature) = signature {
                    fault = fault.help(format!("it is written `{}`", signature.synopsis()));
                }
                self.report(fault);
                unknown
            }
            ExprKind::Name(name) if distributions::find_alias(name).is_some() || self.is_near(name) => {
                self.no_family(name, expr.span);
                unknown
            }
            ExprKind::Error => unknown,
            _ => {
                let mut fault = Diagnostic::new(Code::Distribution, expr.span, "`~` takes a distribution")
                    .label("not a distribution");
                let constant = matches!(
                    expr.kind,
                    ExprKind::Int(_)
                        | ExprKind::Float(_)
                        | ExprKind::Str(_)
                        | ExprKind::Bool(_)
                        | ExprKind::Date(_)
                        | ExprKind::Name(_)
                );
                if constant {
                    let written = format!("constant({})", self.text(expr.span));
                    fault = fault.fix(format!("write `{written}`"), expr.span, written, Applicability::Guess);
                } else {
                    fault = fault.help("such as `normal(41, 14)`, `uniform(0, 1)` or `categorical([1, 2, 5])`");
                }
                self.report(fault);
                unknown
            }
        }
    }

    fn is_near(&self, name: &str) -> bool {
        nearest(name, FAMILIES.iter().map(|def| def.signature.name)).is_some()
    }

    fn no_family(&mut self, name: &str, span: Span) {
        let mut fault =
            Diagnostic::new(Code::Distribution, span, format!("there is no distribution `{name}`")).label("not known");
        let meant = distributions::find_alias(name).map(|def| def.signature.name);
        let meant = meant.or_else(|| nearest(name, FAMILIES.iter().map(|def| def.signature.name)));
        fault = match meant {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{name}` with `{meant}`"),
                span,
                meant,
                Applicability::Safe,
            ),
            None => {
                fault.help("common ones are `normal`, `uniform`, `lognormal`, `poisson`, `bernoulli` and `categorical`")
            }
        };
        self.report(fault);
    }

    fn draw_if(
        &mut self,
        span: Span,
        branches: &'a [(Expr, ast::Body)],
        otherwise: Option<&'a ast::Body>,
        target: &Target,
    ) -> Draw {
        let unknown = Draw { kind: DrawKind::Unknown, span };
        let mut known = true;
        let mut out = Vec::new();
        for (condition, body) in branches {
            let condition = self.condition(condition, Scope::Row(target.table));
            let draw = self.draw_body(body, target);
            known &= !condition.is_faulty() && draw.kind != DrawKind::Unknown;
            out.push((condition, draw));
        }
        let Some(otherwise) = otherwise else {
            let fault = Diagnostic::new(Code::Distribution, span, "an `if` that is drawn from needs an `else`");
            self.report(fault.label("nothing to draw from where no condition holds"));
            return unknown;
        };
        let otherwise = self.draw_body(otherwise, target);
        match known && otherwise.kind != DrawKind::Unknown {
            true => Draw { kind: DrawKind::If { branches: out, otherwise: Box::new(otherwise) }, span },
            false => unknown,
        }
    }

    fn draw_body(&mut self, body: &'a ast::Body, target: &Target) -> Draw {
        match single(body) {
            Some(value) => self.draw_for(value, target),
            None => {
                if !self.findings.lost_in(body.span) {
                    self.refuse(body.span, "between these braces stands one distribution");
                }
                Draw { kind: DrawKind::Unknown, span: body.span }
            }
        }
    }

    fn family(
        &mut self,
        span: Span,
        name: &str,
        head: Span,
        arguments: &'a [Argument],
        brackets: Span,
        target: &Target,
    ) -> Draw {
        let unknown = Draw { kind: DrawKind::Unknown, span };
        let Some(def) = distributions::find(name) else {
            self.no_family(name, head);
            return unknown;
        };
        self.described(head, &def.signature);
        if target.ty != Type::Unknown && !def.takes.contains(&target.base) {
            self.unsuited(def, head, target);
            return unknown;
        }
        let site = Site { head, end: brackets.after(), noun: "parameter" };
        let bound = {
            let mut cx = Context::new(self.names.home(head), &mut *self.findings, "");
            cx.bind(&def.signature, arguments.iter().map(GivenArgument::from), site)
        };
        if bound.faulty || target.ty == Type::Unknown {
            return unknown;
        }
        let mut given = Vec::new();
        let mut known = true;
        for parameter in def.signature.parameters {
            let expr = bound.expr(parameter.name);
            match self.parameter(def, parameter, expr, target) {
                Ok(Some(value)) => given.push((parameter.name, value)),
                Ok(None) => {}
                Err(()) => known = false,
            }
        }
        let draw = Draw { kind: DrawKind::From { def, given }, span };
        if known && self.parameters_agree(def, &draw, span) { draw } else { unknown }
    }

    /// A distribution that cannot fill the column.
    fn unsuited(&mut self, def: &DistributionDef, head: Span, target: &Target) {
        let column = self.column(target.table, target.id);
        let name = def.signature.name;
        let counted = target.base == Base::Int && target.column().is_none() && column.reference().is_some();
        let what = match (counted, target.base) {
            (true, _) => "how many rows there are is a whole number".to_owned(),
            (_, Base::Reference) => format!("`{}` refers to rows of another table", column.name),
            _ => format!("`{}` is {}", column.name, target.ty),
        };
        let message = format!("`{name}` cannot be drawn here: {what}");
        let mut fault = Diagnostic::new(Code::Distribution, head, message).label("draws other values");
        fault = fault.related(column.kind_span, format!("the type of `{}`", column.name));
        fault = match (target.base, def.family) {
            (Base::Enum, _) => {
                fault.help("the labels of an enum have their shares in its type: `enum { free: 70%, pro: 30% }`")
            }
            (Base::Reference, _) => {
                fault.help("`per_parent(poisson(3))` says how many rows refer to each row of the other table")
            }
            (_, Family::PerParent) => {
                fault.help("`per_parent` says of a reference how many rows refer to each row of the other table")
            }
            (Base::Bool, _) => fault.help("a truth value is drawn with `bernoulli(0.3)`"),
            _ => {
                let fitting =
                    FAMILIES.iter().filter(|def| def.takes.contains(&target.base)).map(|def| def.signature.name);
                let some: Vec<&str> = fitting.take(6).collect();
                match listed(some) {
                    Some(names) => fault.help(format!("among those that can be are {names}")),
                    None => fault,
                }
            }
        };
        self.report(fault);
    }
}
