//! Expressions over columns: names found, types given, labels understood where their enum is expected.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, Expr, ExprKind, StatementKind, UnaryOperator};

use super::Checker;
use super::literals::{unit_meant, unit_seconds};
use super::references::chain;
use crate::check::{Declared, FactKind, Value};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::datum::{Datum, day_number, second_of_day};
use crate::schema::expression::{ColumnPath, Expression, ExpressionKind, Type};
use crate::schema::form::{ColumnId, Enum, TableId};
use crate::suggest::{nearest, quoted};

/// What an expression may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Nothing of a row: constants only.
    Constants,
    /// The columns of a table's row.
    Row(TableId),
}

impl<'a> Checker<'a> {
    /// The typed form of an expression; `expected` lets bare words and texts be labels.
    pub(super) fn expression(&mut self, expr: &'a Expr, scope: Scope, expected: Option<&Type>) -> Expression {
        let constant = |datum, ty| Expression::constant(datum, ty, expr.span);
        match &expr.kind {
            ExprKind::Int(number) => constant(Datum::Int(*number), Type::Int),
            ExprKind::Float(number) => constant(Datum::Float(*number), Type::Float),
            ExprKind::Percent(share) => constant(Datum::Float(*share), Type::Float),
            ExprKind::Bool(truth) => constant(Datum::Bool(*truth), Type::Bool),
            ExprKind::Date(date) => constant(Datum::Date(day_number(*date)), Type::Date),
            ExprKind::DateTime(date, time) => constant(Datum::moment(*date, *time), Type::DateTime),
            ExprKind::Time(time) => constant(Datum::Time(second_of_day(*time)), Type::Time),
            ExprKind::Null => constant(Datum::Null, Type::Null),
            ExprKind::Quantity { number, unit } => self.quantity(*number, unit, expr.span),
            ExprKind::Str(text) => match expected {
                Some(Type::Enum(_)) => self.label(text, expr.span, expected),
                _ => constant(Datum::Text(text.as_str().into()), Type::Text),
            },
            ExprKind::Name(name) => self.word(name, expr.span, scope, expected),
            ExprKind::Field { .. } => self.field(expr, scope),
            ExprKind::Unary { operator, operand } => self.unary(*operator, operand, expr.span, scope),
            ExprKind::Binary { operator, operator_span, left, right } => {
                self.binary(*operator, *operator_span, left, right, expr.span, scope)
            }
            ExprKind::Call { callee, arguments, brackets } => {
                self.call(expr.span, callee, arguments, *brackets, scope, expected)
            }
            ExprKind::If { branches, otherwise } => {
                self.choice(branches, otherwise.as_ref(), expr.span, scope, expected)
            }
            ExprKind::Error => Expression::unknown(expr.span),
            ExprKind::Range { .. } => self.refuse(expr.span, "a range stands after `in`"),
            ExprKind::List(_) => self.refuse(expr.span, "a list stands after `in`"),
            ExprKind::Index { .. } => self.refuse(expr.span, "parts of a value cannot be taken here"),
            ExprKind::Pipe { .. } => self.refuse(expr.span, "`|>` is for models; write the value in the brackets"),
            _ => self.refuse(expr.span, "this cannot stand in an expression over columns"),
        }
    }

    pub(super) fn refuse(&mut self, span: Span, message: &str) -> Expression {
        self.report(Diagnostic::new(Code::WrongType, span, message).label("cannot stand here"));
        Expression::unknown(span)
    }

    fn quantity(&mut self, number: f64, unit: &ast::Ident, span: Span) -> Expression {
        if let Some(seconds) = unit_seconds(&unit.text) {
            return Expression::constant(Datum::Duration(number * seconds), Type::Duration, span);
        }
        let message = format!("`{}` is no unit of time", unit.text);
        let mut fault = Diagnostic::new(Code::WrongType, unit.span, message).label("not known here");
        fault = match unit_meant(&unit.text) {
            Some(meant) => fault.fix(format!("write `{meant}`"), unit.span, meant, Applicability::Safe),
            None => fault.help("the units are `ms`, `s`, `min`, `h`, `d` and `w`"),
        };
        self.report(fault);
        Expression::unknown(span)
    }

    /// A label of the enum that is expected.
    fn label(&mut self, text: &str, span: Span, expected: Option<&Type>) -> Expression {
        let Some(ty @ Type::Enum(labels)) = expected else { return Expression::unknown(span) };
        if let Some(index) = labels.find(text) {
            self.note_label(span, labels, index);
            return Expression::constant(Datum::Label(index), ty.clone(), span);
        }
        let mut fault =
            Diagnostic::new(Code::UnknownLabel, span, format!("`{text}` is none of the labels")).label("not known");
        if let Some(first) = labels.labels.first() {
            let last = labels.labels.last().map_or(first.span, |label| label.span);
            fault = fault.related(first.span.to(last), format!("the labels are {}", labels.listed()));
        }
        if let Some(meant) = nearest(text, labels.labels.iter().map(|label| label.name.as_str())) {
            let quoted = self.text(span).starts_with('"') || !is_word(meant);
            let written = if quoted { format!("\"{meant}\"") } else { meant.to_owned() };
            fault = fault.label(format!("did you mean `{meant}`?")).fix(
                format!("write `{written}`"),
                span,
                written,
                Applicability::Safe,
            );
        }
        self.report(fault);
        Expression::unknown(span)
    }

    /// Keeps which label a word means.
    fn note_label(&mut self, span: Span, labels: &Enum, index: u32) {
        if let Some(label) = labels.labels.get(index as usize) {
            self.findings.names(span, label.span);
        }
    }

    /// A bare word: a label where its enum is expected, else a column, else a constant.
    fn word(&mut self, name: &str, span: Span, scope: Scope, expected: Option<&Type>) -> Expression {
        if let Some(ty @ Type::Enum(labels)) = expected
            && let Some(index) = labels.find(name)
        {
            self.note_label(span, labels, index);
            return Expression::constant(Datum::Label(index), ty.clone(), span);
        }
        if let Scope::Row(table) = scope
            && let Some((id, column)) = self.column_named(table, name)
        {
            let ty = column.kind.value();
            self.column_fact(span, table, id);
            let path = ColumnPath { from: table, through: Vec::new(), table, column: id };
            return match ty {
                Type::Unknown => Expression::unknown(span),
                ty => Expression { kind: ExpressionKind::Column(path), ty, span },
            };
        }
        if let Some(entry) = self.names.home(span).get(name) {
            self.findings.names(span, entry.name.span);
            return self.declared(entry.declared(), name, entry.name.span, span, scope);
        }
        if let Some(Type::Enum(_)) = expected {
            return self.label(name, span, expected);
        }
        self.unknown_word(name, span, scope);
        Expression::unknown(span)
    }

    fn declared(
        &mut self,
        declared: Declared<'a>,
        name: &str,
        definition: Span,
        span: Span,
        scope: Scope,
    ) -> Expression {
        let Declared::Const(value) = declared else {
            if !matches!(declared, Declared::Broken) {
                let message = format!("the {} `{name}` is not a value", declared.noun());
                let mut fault = Diagnostic::new(Code::WrongType, span, message).label("a value is expected here");
                fault = fault.related(definition, format!("`{name}` is declared here"));
                self.report(fault);
            }
            return Expression::unknown(span);
        };
        let literal = matches!(
            value.kind,
            ExprKind::Date(_)
                | ExprKind::DateTime(..)
                | ExprKind::Time(_)
                | ExprKind::Quantity { .. }
                | ExprKind::Percent(_)
        );
        let expression = match literal {
            true => Expression { span, ..self.expression(value, Scope::Constants, None) },
            false => {
                let names = self.names.home(span);
                let Some(entry) = names.get(name) else { return Expression::unknown(span) };
                let constant = |datum, ty| Expression::constant(datum, ty, span);
                match names.constant(entry, Some(span), self.findings) {
                    Value::Int(number) => constant(Datum::Int(number), Type::Int),
                    Value::Float(number) => constant(Datum::Float(number), Type::Float),
                    Value::Bool(truth) => constant(Datum::Bool(truth), Type::Bool),
                    Value::Text(text) => constant(Datum::Text(text), Type::Text),
                    Value::List(_) | Value::Activation(_) | Value::Tensor(_) => {
                        self.refuse(span, "only a single value can stand here")
                    }
                    _ => Expression::unknown(span),
                }
            }
        };
        _ = scope;
        if let Some(datum) = expression.as_constant().filter(|_| self.findings.notes()) {
            let kind = format!("const = {datum}");
            self.fact(span, FactKind::Value { name: name.to_owned(), kind, docs: None, definition });
        }
        expression
    }

    fn unknown_word(&mut self, name: &str, span: Span, scope: Scope) {
        let constants = self.names.home(span).constants.clone();
        let Scope::Row(table) = scope else {
            let mut fault = Diagnostic::new(Code::UnknownName, span, format!("nothing here is called `{name}`"))
                .label("not known")
                .help("this must be known before any row is, so it cannot read a column");
            if let Some(meant) = self.findings.nearest(name, constants.into_iter()) {
                let title = format!("replace `{name}` with `{meant}`");
                fault = fault.label(format!("did you mean `{meant}`?")).fix(title, span, meant, Applicability::Guess);
            }
            self.report(fault);
            return;
        };
        let missing = self.schemas.no_column(table, name, span);
        let enums = self
            .table(table)
            .columns
            .iter()
            .filter_map(|column| column.labels().and_then(|labels| labels.find(name)).map(|_| column.name.clone()));
        let enums: Vec<String> = enums.collect();
        let mut fault = missing.diagnostic();
        let other = self.table(table).columns.iter().find_map(|column| {
            let target = self.schemas.at(column.reference()?.table);
            target.column(name).map(|_| format!("{}.{name}", column.name))
        });
        if let (Some(written), true) = (other, fault.fixes.is_empty()) {
            fault.help.clear();
            fault = fault.label("a column of the table it refers to");
            fault = fault.fix(format!("write `{written}`"), span, written, Applicability::Guess);
        } else if let (Some(column), true) = (enums.first(), fault.fixes.is_empty()) {
            fault = fault.help(format!(
                "as a label of `{column}` it stands only where that enum is expected: `{column} == {name}`"
            ));
        } else if fault.fixes.is_empty()
            && let Some(meant) = nearest(name, constants)
        {
            fault.help.clear();
            let title = format!("replace `{name}` with `{meant}`");
            fault = fault.label(format!("did you mean `{meant}`?")).fix(title, span, meant, Applicability::Guess);
        }
        self.report(fault);
    }

    /// `customer.signup`, `source.quote`
    fn field(&mut self, expr: &'a Expr, scope: Scope) -> Expression {
        let Some(names) = chain(expr) else { return self.refuse(expr.span, "only a reference has columns to take") };
        match scope {
            Scope::Constants => {
                let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
                let message = format!("`{}` is not known before a row is", names.join("."));
                self.report(
                    Diagnostic::new(Code::UnknownName, expr.span, message)
                        .label("depends on a row")
                        .help("this must be known before any row is, so it cannot read a column"),
                );
                Expression::unknown(expr.span)
            }
            Scope::Row(table) => self.path(table, &names, expr.span),
        }
    }

    /// A column of the row, or of one it refers to, by its path.
    pub(super) fn path(&mut self, table: TableId, names: &[ast::Ident], span: Span) -> Expression {
        let [first, rest @ ..] = names else { return Expression::unknown(span) };
        if self.column_named(table, &first.text).is_none() && !rest.is_empty() {
            return self.not_from_row(table, first, rest, span);
        }
        let mut through = Vec::new();
        let mut here = table;
        let mut names = names.iter().peekable();
        while let Some(name) = names.next() {
            let Some((id, column)) = self.column_named(here, &name.text) else {
                let missing = self.schemas.no_column(here, &name.text, name.span);
                self.report(missing.diagnostic());
                return Expression::unknown(span);
            };
            let (target, ty) = (column.reference().map(|reference| reference.table), column.kind.value());
            self.column_fact(name.span, here, id);
            match (names.peek(), target) {
                (None, _) => {
                    let path = ColumnPath { from: table, through, table: here, column: id };
                    return match ty {
                        Type::Unknown => Expression::unknown(span),
                        ty => Expression { kind: ExpressionKind::Column(path), ty, span },
                    };
                }
                (Some(_), Some(target)) => {
                    through.push(id);
                    here = target;
                }
                (Some(next), None) => {
                    self.no_parts(here, id, next);
                    return Expression::unknown(span);
                }
            }
        }
        Expression::unknown(span)
    }

    fn no_parts(&mut self, table: TableId, id: ColumnId, next: &ast::Ident) {
        let column = self.column(table, id);
        let unread = column.kind.value() == Type::Unknown;
        if unread {
            return;
        }
        let message = format!("`{}` refers to no other table, so it has no `{}`", column.name, next.text);
        let fault = Diagnostic::new(Code::UnknownColumn, next.span, message)
            .label("a column of nothing")
            .related(column.kind_span, format!("`{}` is {}", column.name, column.kind.value()));
        self.report(fault);
    }

    /// `source.quote`, or the name of a table where a column of the row is expected.
    fn not_from_row(&mut self, table: TableId, first: &ast::Ident, rest: &[ast::Ident], span: Span) -> Expression {
        if let ("source", [column]) = (first.text.as_str(), rest) {
            if self.trees[table.0 as usize].from.is_none() {
                let schema = &self.schemas.schemas[self.table(table).schema];
                let message = "there is no `source`: the schema is made from no file";
                let fault = Diagnostic::new(Code::UnknownColumn, first.span, message)
                    .label("not known")
                    .related(schema.span, "declared without `from`")
                    .help(format!("`schema {} from \"rows.csv\" {{ … }}` makes its rows from a file", schema.name));
                self.report(fault);
                return Expression::unknown(span);
            }
            let kind = ExpressionKind::Source(column.text.clone());
            return Expression { kind, ty: Type::Text, span };
        }
        let schema = self.table(table).schema;
        let path = ast::Path { span, segments: std::iter::once(first.clone()).chain(rest.iter().cloned()).collect() };
        let fault = match self.schemas.find(&path, Some(schema)) {
            Ok(_) => {
                let written = quoted(self.text(span));
                let references: Vec<String> = self
                    .table(table)
                    .columns
                    .iter()
                    .filter_map(|column| {
                        let target = self.schemas.at(column.reference()?.table);
                        (target.name == first.text).then(|| column.name.clone())
                    })
                    .collect();
                let fault = Diagnostic::new(Code::UnknownColumn, span, format!("`{written}` is a column of many rows"))
                    .label("which row is meant?");
                match (references.first(), rest) {
                    (Some(reference), [column]) => {
                        let meant = format!("{reference}.{}", column.text);
                        fault.fix(format!("write `{meant}`"), span, meant, Applicability::Guess)
                    }
                    _ => fault.help(format!("`sum({written})` is taken over the rows that refer to this one")),
                }
            }
            Err(_) => self.schemas.no_column(table, &first.text, first.span).diagnostic(),
        };
        self.report(fault);
        Expression::unknown(span)
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &'a Expr, span: Span, scope: Scope) -> Expression {
        let value = self.expression(operand, scope, None);
        let (fits, kind): (bool, fn(Box<Expression>) -> ExpressionKind) = match operator {
            UnaryOperator::Negate => (value.ty.is_number() || value.ty == Type::Duration, ExpressionKind::Negate),
            UnaryOperator::Not => (value.ty == Type::Bool, ExpressionKind::Not),
        };
        if value.ty == Type::Unknown {
            return Expression::unknown(span);
        }
        if !fits {
            let (symbol, wants) = match operator {
                UnaryOperator::Negate => ("-", "a number"),
                UnaryOperator::Not => ("not", "a truth value"),
            };
            let message = format!("`{symbol}` takes {wants}, not {}", value.ty);
            self.report(Diagnostic::new(Code::WrongType, operand.span, message).label(format!("this is {}", value.ty)));
            return Expression::unknown(span);
        }
        // A literal with its sign is one value.
        let negative = match (operator, value.as_constant()) {
            (UnaryOperator::Negate, Some(Datum::Int(number))) => number.checked_neg().map(Datum::Int),
            (UnaryOperator::Negate, Some(Datum::Float(number))) => Some(Datum::Float(-number)),
            (UnaryOperator::Negate, Some(Datum::Duration(seconds))) => Some(Datum::Duration(-seconds)),
            _ => None,
        };
        let ty = value.ty.clone();
        match negative {
            Some(datum) => Expression::constant(datum, ty, span),
            None => Expression { kind: kind(Box::new(value)), ty, span },
        }
    }

    /// `if a { x } else { y }`
    fn choice(
        &mut self,
        branches: &'a [(Expr, ast::Body)],
        otherwise: Option<&'a ast::Body>,
        span: Span,
        scope: Scope,
        expected: Option<&Type>,
    ) -> Expression {
        let mut known = true;
        let mut values = Vec::new();
        for (condition, body) in branches {
            let condition = self.condition(condition, scope);
            known &= !condition.is_faulty();
            values.push((condition, self.body(body, scope, expected)));
        }
        let otherwise = otherwise.map(|body| self.body(body, scope, expected));
        let mut ty = Type::Null;
        for value in values.iter().map(|(_, value)| value).chain(&otherwise) {
            known &= !value.is_faulty();
            match joined(&ty, &value.ty) {
                Some(both) => ty = both,
                None => {
                    let first = values.first().map_or(span, |(_, value)| value.span);
                    let message = format!("this is {}, and the first is {ty}", value.ty);
                    self.report(
                        Diagnostic::new(Code::WrongType, value.span, message)
                            .label(format!("{}", value.ty))
                            .related(first, format!("{ty}"))
                            .help("all values of an `if` are of one type"),
                    );
                    return Expression::unknown(span);
                }
            }
        }
        if !known {
            return Expression::unknown(span);
        }
        Expression { kind: ExpressionKind::If { branches: values, otherwise: otherwise.map(Box::new) }, ty, span }
    }

    /// A condition: what must be a truth value.
    pub(super) fn condition(&mut self, expr: &'a Expr, scope: Scope) -> Expression {
        let value = self.expression(expr, scope, Some(&Type::Bool));
        if matches!(value.ty, Type::Bool | Type::Unknown) {
            return value;
        }
        let mut fault = Diagnostic::new(
            Code::WrongType,
            expr.span,
            format!("a condition is true or false, and this is {}", value.ty),
        )
        .label(format!("this is {}", value.ty));
        if value.ty != Type::Null {
            let text = quoted(self.text(expr.span));
            fault = fault.help(format!("`{text} != null` asks whether it is there"));
        }
        self.report(fault);
        Expression::unknown(expr.span)
    }

    /// The one value between the braces of an `if`.
    fn body(&mut self, body: &'a ast::Body, scope: Scope, expected: Option<&Type>) -> Expression {
        match single(body) {
            Some(value) => self.expression(value, scope, expected),
            None => {
                let lost = body.statements.iter().any(|statement| matches!(statement.kind, StatementKind::Error));
                if !lost {
                    self.refuse(body.span, "between these braces stands one value");
                }
                Expression::unknown(body.span)
            }
        }
    }
}

/// The value of a body that is nothing but one.
pub(super) fn single(body: &ast::Body) -> Option<&Expr> {
    match &body.statements[..] {
        [ast::Statement { kind: StatementKind::Flow { value, name: None, column: None }, .. }] => Some(value),
        _ => None,
    }
}

/// The type that holds values of both types.
pub(super) fn joined(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
        (Type::Null, other) | (other, Type::Null) => other.clone(),
        (Type::Decimal(a), Type::Decimal(b)) => Type::Decimal(*a.max(b)),
        (Type::Int, Type::Decimal(places)) | (Type::Decimal(places), Type::Int) => Type::Decimal(*places),
        (a, b) if a == b => a.clone(),
        (a, b) if a.is_number() && b.is_number() => Type::Float,
        (a, b) if a.is_moment() && b.is_moment() => Type::DateTime,
        _ => return None,
    })
}

/// Whether a label can be written without quotes.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
