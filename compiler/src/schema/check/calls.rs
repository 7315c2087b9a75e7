//! Calls in expressions over columns: functions, aggregates, texts with holes.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Argument, Expr, ExprKind};

use super::Checker;
use super::references::chain;
use super::typing::{Scope, joined};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::Found;
use crate::schema::datum::Datum;
use crate::schema::distributions;
use crate::schema::expression::{Aggregate, Expression, ExpressionKind, Type};
use crate::schema::form::{ColumnId, TableId};
use crate::schema::functions::{self, Function, FunctionDef};
use crate::suggest::{either, nearest};

impl<'a> Checker<'a> {
    pub(super) fn call(
        &mut self,
        span: Span,
        callee: &'a Expr,
        arguments: &'a [Argument],
        brackets: Span,
        scope: Scope,
        expected: Option<&Type>,
    ) -> Expression {
        let ExprKind::Name(name) = &callee.kind else {
            return match callee.kind {
                ExprKind::Error => Expression::unknown(span),
                _ => self.refuse(callee.span, "only a function can be called, by its name"),
            };
        };
        if let Some(found) = self.aggregate(span, name, callee.span, arguments, scope) {
            return found;
        }
        if name == functions::FORMAT.name {
            return self.format(span, callee.span, arguments, brackets, scope);
        }
        let Some(def) = functions::find(name) else {
            self.unknown_function(name, callee.span);
            return Expression::unknown(span);
        };
        self.described(callee.span, &def.signature);
        let mut values: Vec<&'a Expr> = Vec::new();
        for argument in arguments {
            match &argument.name {
                Some(given) if def.function == Function::Round && given.text == "places" && values.len() == 1 => {}
                Some(given) => {
                    let message = format!("`{name}` takes its arguments by place");
                    let fault = Diagnostic::new(Code::UnknownParameter, given.span, message).label("not a parameter");
                    self.report(fault.help(format!("it is written `{}`", def.signature.example)));
                    return Expression::unknown(span);
                }
                None => {}
            }
            values.push(&argument.value);
        }
        if !self.counted(def, &values, callee.span, arguments) {
            return Expression::unknown(span);
        }
        let expected = if def.function == Function::Coalesce { expected } else { None };
        let values: Vec<Expression> = values.into_iter().map(|value| self.expression(value, scope, expected)).collect();
        if values.iter().any(|value| value.ty == Type::Unknown) {
            return Expression::unknown(span);
        }
        match typed(def.function, &values) {
            Ok(ty) => Expression { kind: ExpressionKind::Function { function: def, arguments: values }, ty, span },
            Err((index, wants)) => {
                let value = &values[index];
                let message = format!("`{name}` takes {wants}, not {}", value.ty);
                let fault =
                    Diagnostic::new(Code::WrongType, value.span, message).label(format!("this is {}", value.ty));
                let fault = match (def.function, &value.ty) {
                    (Function::Lower | Function::Upper | Function::Trim | Function::Concat, _) => {
                        let written = format!("text({})", self.text(value.span));
                        fault.fix("write it out as a text", value.span, written, Applicability::Guess)
                    }
                    _ => fault,
                };
                self.report(fault);
                Expression::unknown(span)
            }
        }
    }

    /// Whether there are as many arguments as the function takes; reported where not.
    fn counted(&mut self, def: &FunctionDef, values: &[&Expr], head: Span, arguments: &[Argument]) -> bool {
        let (least, most) = def.arity;
        let name = def.signature.name;
        if values.len() < least {
            let wants = if least == 1 { "an argument".to_owned() } else { format!("at least {least} arguments") };
            let fault = Diagnostic::new(Code::MissingArgument, head, format!("`{name}` needs {wants}"));
            self.report(fault.label("not enough given").help(format!("it is written `{}`", def.signature.example)));
            return false;
        }
        if let Some(extra) = most.and_then(|most| arguments.get(most)) {
            let most = most.unwrap_or_default();
            let takes = if most == 1 { "one argument".to_owned() } else { format!("at most {most} arguments") };
            let fault = Diagnostic::new(Code::ExtraArgument, extra.span, format!("`{name}` takes {takes}"));
            self.report(fault.label("one too many").help(format!("it is written `{}`", def.signature.example)));
            return false;
        }
        true
    }

    fn format(
        &mut self,
        span: Span,
        head: Span,
        arguments: &'a [Argument],
        brackets: Span,
        scope: Scope,
    ) -> Expression {
        self.described(head, &functions::FORMAT);
        let template = match arguments {
            [Argument { name: None, value, .. }] => value,
            [] => {
                let fault = Diagnostic::new(Code::MissingArgument, head, "`format` needs a text").label("none given");
                self.report(fault.help(format!("it is written `{}`", functions::FORMAT.example)));
                return Expression::unknown(span);
            }
            [_, extra, ..] => {
                let fault =
                    Diagnostic::new(Code::ExtraArgument, extra.span, "`format` takes one text").label("one too many");
                self.report(fault.help("what goes into the text stands in its braces: `format(\"{a} {b}\")`"));
                return Expression::unknown(span);
            }
            [named] => {
                let fault = Diagnostic::new(Code::UnknownParameter, named.span, "`format` takes its text by place");
                self.report(fault.label("not a parameter"));
                return Expression::unknown(span);
            }
        };
        _ = brackets;
        let (ExprKind::Str(text), Scope::Row(table)) = (&template.kind, scope) else {
            return match template.kind {
                ExprKind::Error => Expression::unknown(span),
                ExprKind::Str(_) => self.refuse(span, "`format` reads columns, and here there is no row"),
                _ => self.refuse(template.span, "`format` takes a text between quotes"),
            };
        };
        match self.template(text, template.span, table) {
            Some(pieces) => Expression { kind: ExpressionKind::Format(pieces), ty: Type::Text, span },
            None => Expression::unknown(span),
        }
    }

    fn unknown_function(&mut self, name: &str, span: Span) {
        let mut fault =
            Diagnostic::new(Code::UnknownFunction, span, format!("there is no function `{name}` of columns"))
                .label("not known");
        let meant = functions::meant(name).or_else(|| nearest(name, functions::names()));
        fault = match meant {
            Some(meant) => fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{name}` with `{meant}`"),
                span,
                meant,
                Applicability::Safe,
            ),
            None if distributions::find(name).is_some() => {
                fault.label("a distribution").help("a value is drawn after `~`; an expression computes it from others")
            }
            None => {
                fault.help("among the functions are `round`, `len`, `concat`, `format`, `year`, `days` and `coalesce`")
            }
        };
        self.report(fault);
    }

    /// `count(Order)`, `sum(Order.total, via=buyer)`; nothing where the call is of something else.
    fn aggregate(
        &mut self,
        span: Span,
        name: &str,
        head: Span,
        arguments: &'a [Argument],
        scope: Scope,
    ) -> Option<Expression> {
        let (_, what) = Aggregate::ALL.iter().find(|(known, _)| *known == name)?;
        let always = matches!(what, Aggregate::Count | Aggregate::Sum | Aggregate::Mean);
        let of = arguments.iter().find(|argument| argument.name.is_none());
        let names = of.and_then(|of| chain(&of.value));
        let Scope::Row(here) = scope else {
            return always.then(|| self.refuse(span, "rows are not known before they are made"));
        };
        // `min(a, b)` is of columns; `min(Order.total)` is of rows.
        let of_rows = names.as_ref().is_some_and(|names| self.column_named(here, &names[0].text).is_none());
        if !always && (!of_rows || arguments.iter().filter(|argument| argument.name.is_none()).count() > 1) {
            return None;
        }
        if let Some(signature) = functions::AGGREGATES.iter().find(|signature| signature.name == name) {
            self.described(head, signature);
        }
        let (Some(of), Some(names)) = (of, names) else {
            let example =
                functions::AGGREGATES.iter().find(|signature| signature.name == name).map_or("", |s| s.example);
            let fault =
                Diagnostic::new(Code::MissingArgument, head, format!("`{name}` needs a table or a column of one"));
            self.report(fault.label("of which rows?").help(format!("it is written `{example}`")));
            return Some(Expression::unknown(span));
        };
        Some(self.aggregate_of(span, name, *what, here, of, &names, arguments))
    }

    #[expect(clippy::too_many_arguments, reason = "each is another part of one call")]
    fn aggregate_of(
        &mut self,
        span: Span,
        name: &str,
        what: Aggregate,
        here: TableId,
        of: &'a Argument,
        names: &[ndsl_grammar::ast::Ident],
        arguments: &'a [Argument],
    ) -> Expression {
        let unknown = Expression::unknown(span);
        let path = ndsl_grammar::ast::Path { span: of.value.span, segments: names.to_vec() };
        let found = self.schemas.find(&path, Some(self.table(here).schema));
        if let Ok(found) = &found {
            self.note_path(&path, *found);
        }
        let (table, column) = match found {
            Ok(Found::Table(table)) => (table, None),
            Ok(Found::Column(table, column)) => (table, Some(column)),
            Err(missing) => {
                let mut fault = missing.diagnostic();
                if self.column_named(here, &names[0].text).is_some() {
                    fault = Diagnostic::new(
                        Code::WrongType,
                        of.value.span,
                        format!("`{name}` is taken over the rows of another table"),
                    )
                    .label("a column of this row")
                    .help(format!("name the table: `{name}(Order.total)`"));
                }
                self.report(fault);
                return unknown;
            }
        };
        let mut via = None;
        for argument in arguments {
            match &argument.name {
                Some(given) if given.text == "via" => via = Some(&argument.value),
                Some(given) => {
                    let message = format!("`{name}` has no parameter `{}`", given.text);
                    let fault = Diagnostic::new(Code::UnknownParameter, given.span, message).label("not known");
                    self.report(fault.help("its only one is `via`, the reference by which rows are found"));
                    return unknown;
                }
                None if argument.span != of.span => {
                    let message = format!("`{name}` takes one table or column");
                    self.report(Diagnostic::new(Code::ExtraArgument, argument.span, message).label("one too many"));
                    return unknown;
                }
                None => {}
            }
        }
        if column.is_none() && what != Aggregate::Count {
            let columns = self.table(table).columns.iter().filter(|column| column.kind.value().is_number());
            let examples: Vec<String> =
                columns.take(3).map(|column| format!("{name}({}.{})", self.table(table).name, column.name)).collect();
            let mut fault = Diagnostic::new(Code::MissingArgument, of.value.span, format!("`{name}` needs a column"))
                .label("of which column?");
            if !examples.is_empty() {
                fault = fault.help(format!("such as {}", either(examples.iter().map(String::as_str))));
            }
            self.report(fault);
            return unknown;
        }
        let Some(via) = self.via(here, table, via, of.value.span) else { return unknown };
        let ty = match (what, column) {
            // `count(Order.buyer)` counts by that reference; any other column adds nothing.
            (Aggregate::Count, _) => Type::Int,
            (_, None) => return unknown,
            (_, Some(column)) => {
                let ty = self.column(table, column).kind.value();
                let fits = match what {
                    Aggregate::Sum | Aggregate::Mean => ty.is_number(),
                    _ => ty.is_ordered() && ty != Type::Text,
                };
                if ty == Type::Unknown {
                    return unknown;
                }
                if !fits {
                    let message =
                        format!("`{name}` is taken of numbers, and `{}` is {ty}", self.column(table, column).name);
                    let fault = Diagnostic::new(Code::WrongType, of.value.span, message).label(format!("this is {ty}"));
                    self.report(self.about(fault, Some((table, column))));
                    return unknown;
                }
                if what == Aggregate::Mean { Type::Float } else { ty }
            }
        };
        let column = if what == Aggregate::Count { None } else { column };
        Expression { kind: ExpressionKind::Aggregate { what, table, via, column }, ty, span }
    }

    /// The reference of `table` by which its rows refer to those of `here`.
    fn via(&mut self, here: TableId, table: TableId, given: Option<&'a Expr>, at: Span) -> Option<ColumnId> {
        let refers = |column: &crate::schema::form::Column| column.reference().is_some_and(|found| found.table == here);
        let form = self.table(table);
        let candidates: Vec<(ColumnId, String)> =
            form.columns().filter(|(_, column)| refers(column)).map(|(id, column)| (id, column.name.clone())).collect();
        let names = || candidates.iter().map(|(_, name)| name.as_str());
        if let Some(given) = given {
            let ExprKind::Name(name) = &given.kind else {
                self.refuse(given.span, "`via` takes the name of a reference");
                return None;
            };
            if let Some((id, _)) = candidates.iter().find(|(_, known)| known == name) {
                let definition = self.column(table, *id).span;
                self.findings.names(given.span, definition);
                return Some(*id);
            }
            let message = format!("`{name}` is no reference from `{}` to `{}`", form.name, self.table(here).name);
            let mut fault = Diagnostic::new(Code::UnknownColumn, given.span, message).label("not one of them");
            if let Some(meant) = nearest(name, names()) {
                fault = fault.fix(format!("replace `{name}` with `{meant}`"), given.span, meant, Applicability::Safe);
            } else if !candidates.is_empty() {
                fault = fault.help(format!("there is {}", either(names()).replace(" or ", " and ")));
            }
            self.report(fault);
            return None;
        }
        match &candidates[..] {
            [(only, _)] => Some(*only),
            [] => {
                // A reference that could not be understood may be the one.
                if form.columns.iter().any(|column| column.kind.value() == Type::Unknown) {
                    return None;
                }
                let (name, own) = (form.name.clone(), self.table(here).name.clone());
                let message = format!("no row of `{name}` refers to a row of `{own}`");
                let fault = Diagnostic::new(Code::UnknownColumn, at, message).label("not related");
                self.report(fault.related(self.table(table).span, format!("it has no `ref {own}`")));
                None
            }
            _ => {
                let message = format!("`{}` refers to `{}` in several ways", form.name, self.table(here).name);
                let fault = Diagnostic::new(Code::MissingArgument, at, message).label("by which reference?");
                let mut fault = fault;
                for name in names().take(3) {
                    let written = format!(", via={name}");
                    fault = fault.fix(
                        format!("count those whose `{name}` it is"),
                        at.after(),
                        written,
                        Applicability::Guess,
                    );
                }
                self.report(fault);
                None
            }
        }
    }
}

/// The type of a function of values, or which of them is of the wrong type and what is wanted.
fn typed(function: Function, values: &[Expression]) -> Result<Type, (usize, &'static str)> {
    let wrong = |wanted: &'static str, fits: fn(&Type) -> bool| {
        values.iter().position(|value| !fits(&value.ty) && value.ty != Type::Null).map(|index| (index, wanted))
    };
    let all = |wanted, fits| wrong(wanted, fits).map_or(Ok(()), Err);
    let first = values.first().map_or(Type::Unknown, |value| value.ty.clone());
    Ok(match function {
        Function::Min | Function::Max | Function::Coalesce => {
            if function != Function::Coalesce {
                all("values in an order", |ty| ty.is_ordered())?;
            }
            let mut ty = Type::Null;
            for (index, value) in values.iter().enumerate() {
                ty = joined(&ty, &value.ty).ok_or((index, "values of one type"))?;
            }
            ty
        }
        Function::Round => match values.get(1) {
            None => {
                all("a number", Type::is_number)?;
                Type::Int
            }
            Some(places) => match places.as_constant() {
                Some(Datum::Int(places)) if (0..=12).contains(places) && first.is_number() => {
                    if *places == 0 || first == Type::Float { first } else { Type::Decimal(*places as u8) }
                }
                Some(_) | None if first.is_number() => return Err((1, "a whole number of digits from 0 to 12")),
                _ => return Err((0, "a number")),
            },
        },
        Function::Floor | Function::Ceil => {
            all("a number", Type::is_number)?;
            Type::Int
        }
        Function::Abs => {
            all("a number", |ty| ty.is_number() || *ty == Type::Duration)?;
            first
        }
        Function::Sqrt | Function::Exp | Function::Log => {
            all("a number", Type::is_number)?;
            Type::Float
        }
        Function::Len => {
            all("a text or a list", |ty| matches!(ty, Type::Text | Type::List(_)))?;
            Type::Int
        }
        Function::Lower | Function::Upper | Function::Trim | Function::Concat => {
            all("texts", |ty| *ty == Type::Text)?;
            Type::Text
        }
        Function::Text => {
            all("a single value", |ty| !matches!(ty, Type::Json | Type::List(_)))?;
            Type::Text
        }
        Function::Year | Function::Month | Function::Day | Function::Weekday => {
            all("a date or a datetime", Type::is_moment)?;
            Type::Int
        }
        Function::Hour | Function::Minute => {
            all("a datetime or a time", |ty| matches!(ty, Type::DateTime | Type::Time))?;
            Type::Int
        }
        Function::Date => {
            all("a datetime", Type::is_moment)?;
            Type::Date
        }
        Function::Days | Function::Hours => {
            all("a length of time", |ty| *ty == Type::Duration)?;
            Type::Float
        }
    })
}
