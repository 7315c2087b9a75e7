//! `Dense(1) as churned: Shop.Customer.churned`: a value that predicts a column, whose type says what the value looks like, what is
//! minimised and how it is read.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind};

use crate::check::context::Context;
use crate::check::value::Value;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Dim, ElementType, Encoding, Head, Shape, ValueId};
use crate::schema::{Found, TableId, Unfit};

/// A value that predicts a column.
#[derive(Clone, Debug)]
pub struct Predicted {
    /// What the artifact says of it.
    pub head: Head,
    /// The table.
    pub table: TableId,
    /// The column's name.
    pub column: String,
    /// Where the program names it.
    pub span: Span,
}

impl Predicted {
    /// The loss that its type asks for.
    pub fn loss(&self) -> &'static str {
        match self.head.encoding {
            Encoding::Truth => "binary_cross_entropy",
            Encoding::Label(_) => "cross_entropy",
            _ => "mse",
        }
    }
}

impl Context<'_> {
    /// Notes that `value`, which `expr` makes, predicts the column at `path`; what does not fit is reported.
    pub(super) fn predicts(&mut self, value: &Value, path: &ast::Path, expr: &Expr) {
        let Some(schemas) = self.names.all.schemas.get() else { return };
        // What the path does not name was reported with the schemas.
        let Ok(Found::Column(table, id)) = schemas.find(path, None) else { return };
        let column = schemas.at(table).at(id);
        let (name, declared) = (column.name.clone(), column.span);
        let refused = |what: &str| {
            let message = format!("`{name}` is {what}, which no output predicts");
            let fault = Diagnostic::new(Code::WrongHead, path.span, message).label("a number, a `bool` or an `enum`");
            fault.related(declared, "declared here")
        };
        let encoding = match column.feature() {
            Ok(Encoding::Day) => return self.report(refused("a date")),
            Ok(Encoding::Moment) => return self.report(refused("a moment")),
            Ok(Encoding::Clock) => return self.report(refused("a time of day")),
            Ok(encoding) => encoding,
            Err(Unfit::Unknown) => return,
            Err(reason) => return self.report(refused(reason.noun())),
        };
        let head = Head { path: format!("{}.{name}", schemas.at(table).path), encoding };
        self.not_among_inputs(table, &name, path.span);
        let id = match value {
            Value::Tensor(id) => *id,
            Value::Unknown => return,
            other => {
                let message = format!("a column is predicted by a tensor, not by {}", other.describe());
                return self.report(Diagnostic::new(Code::WrongType, expr.span, message).label("expected a tensor"));
            }
        };
        if self.head_fits(id, &head.encoding, &name, declared, expr) {
            self.heads.insert(id, Predicted { head, table, column: name, span: path.span });
        }
    }

    /// Whether a value has as many numbers as its column's type asks for.
    fn head_fits(&mut self, id: ValueId, encoding: &Encoding, name: &str, declared: Span, expr: &Expr) -> bool {
        let (width, wanted) = match encoding {
            Encoding::Label(labels) => (labels.len(), format!("one number for each of its {} labels", labels.len())),
            Encoding::Truth => (1, "one number".to_owned()),
            _ => (1, "one number".to_owned()),
        };
        let element = self.builder.value(id).element;
        let row = self.row(id);
        if element == ElementType::F32 && row.agrees(&Shape::known([width])) {
            return true;
        }
        let kind = self.type_of(id);
        let message = format!("`{name}` is predicted by {wanted}, f32[{width}], and this is {kind}");
        let mut fault = Diagnostic::new(Code::WrongHead, expr.span, message).label(kind);
        fault = fault.related(declared, "the column");
        match (row.dims(), units(expr)) {
            ([_], Some(units)) => {
                let written = self.names.text(units).to_owned();
                let title = format!("replace `{written}` with `{width}`");
                fault = fault.fix(title, units, width.to_string(), Applicability::Safe);
            }
            ([_, _, ..], _) => {
                fault = fault.help(format!("`Flatten()` and `Dense({width})` make it of a value of several axes"));
            }
            ([Dim::Known(_)], None) => fault = fault.help(format!("the last layer would be `Dense({width})`")),
            _ => {}
        }
        self.report_with_origin(fault, id);
        false
    }

    /// Reports a row that goes into the model with the column that is predicted.
    fn not_among_inputs(&mut self, table: TableId, column: &str, at: Span) {
        let rows = self.scope.keys().filter_map(|name| match &self.scope.get(name)?.value {
            Value::Row(row) if row.table == table && row.column(column).is_some() => Some(row.clone()),
            _ => None,
        });
        for row in rows.collect::<Vec<_>>() {
            let message = format!("`{column}` is what the model predicts, so it cannot go in too");
            let fault = Diagnostic::new(Code::NotAFeature, at, message).label("predicted here");
            let fault = fault.related(row.place.span, format!("goes in here, with `{column}`"));
            let fault = row.place.leave_out(fault, &[column]);
            self.report(fault);
        }
    }
}

/// Where the call of a `Dense` says how many units it has.
fn units(expr: &Expr) -> Option<Span> {
    match &expr.kind {
        ExprKind::Call { callee, arguments, .. } => {
            let dense = matches!(&callee.kind, ExprKind::Name(name) if name == "Dense");
            let units =
                arguments.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name.text == "units"));
            let units = units.or_else(|| arguments.first().filter(|first| first.name.is_none()));
            units.filter(|_| dense).map(|units| units.value.span)
        }
        ExprKind::Pipe { call, .. } => units(call),
        _ => None,
    }
}
