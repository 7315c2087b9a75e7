//! How much rows count in the loss of a training: by their class, and by a column.

use ndsl_grammar::Span;
use ndsl_grammar::ast::{Expr, ExprKind, Ident};

use super::super::arguments::Arguments;
use super::super::context::Context;
use super::super::value::Value;
use super::Rows;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::ir::{Binary, ElementType, Encoding, Shape, ValueId};
use crate::plan::{ClassWeights, DataField, DataSignature, DataSource, ROW_WEIGHT_INPUT, TableColumn, Weighting};
use crate::settings::losses::{Losses, Teaches};
use crate::suggest::{either, nearest};

/// The classes of a training, as far as they are known.
#[derive(Default)]
struct Classes {
    /// How many there are.
    count: Option<usize>,
    /// What they are called; nothing where the data has numbers for them.
    names: Option<Vec<String>>,
    /// Whether the data was read.
    read: bool,
}

impl Context<'_> {
    /// The loss of each row times how much the row counts.
    pub(super) fn counted(&mut self, weighted: bool, rows: ValueId) -> ValueId {
        if !weighted {
            return rows;
        }
        let span = self.builder.value(rows).span;
        let weight = self.builder.input(ROW_WEIGHT_INPUT, ElementType::F32, Shape::batched([]), span);
        self.builder.binary(Binary::Multiply, rows, weight, span)
    }

    /// How much each row counts; nothing where what is said of it was refused.
    pub(super) fn weighting(
        &mut self,
        bound: &Arguments<'_>,
        losses: Option<Losses>,
        rows: &Rows,
        data: Option<&DataSignature>,
    ) -> Option<Weighting> {
        let teaches = losses.map(|losses| losses.teaches);
        let count = match (teaches, losses) {
            (Some(Teaches::Binary), _) => Some(2),
            (Some(Teaches::Classes), Some(losses)) => {
                self.builder.shape(losses.prediction).dims().last().and_then(|dim| dim.known())
            }
            _ => None,
        };
        let fields = data.map_or(&rows.fields, |data| &data.fields);
        let target = fields.iter().find(|field| Some(&field.name) == rows.target.as_ref());
        let names = target.and_then(|field| field.classes.clone());
        let classes = Classes { count, names, read: data.is_some() };
        let weights = bound.expr("class_weights").map(|expr| self.class_weights(expr, teaches, &classes));
        let column = match bound.value("sample_weight") {
            Some(Value::Text(column)) => {
                let (column, span) = (column.to_string(), bound.span("sample_weight", rows.span));
                Some(self.weight_column(&column, span, rows, fields))
            }
            _ => None,
        };
        // Nothing where one of them was refused.
        match (weights, column) {
            (Some(None), _) | (_, Some(None)) => None,
            (weights, column) => Some(Weighting { classes: weights.flatten(), column: column.flatten() }),
        }
    }

    /// The column that says how much a row counts; that it is there was checked before. `fields` are what a row has, as far as is known.
    fn weight_column(&mut self, name: &str, span: Span, rows: &Rows, fields: &[DataField]) -> Option<TableColumn> {
        let plain = || TableColumn {
            name: name.to_owned(),
            outside: name.to_owned(),
            encoding: Encoding::Number,
            optional: false,
            span,
        };
        let (what, declared) = match rows.plan.as_ref().map(|plan| &plan.source) {
            Some(DataSource::Columns { .. } | DataSource::Pictures { .. }) => return Some(plain()),
            Some(DataSource::Table { .. }) => {
                // Also a column that was not chosen to go in.
                let (_, column) = self.names.all.schemas.get()?.at(rows.table?).column(name)?;
                match column.encoding() {
                    Ok(encoding @ (Encoding::Number | Encoding::Whole)) => {
                        let outside = column.outside_name().to_owned();
                        return Some(TableColumn { outside, encoding, optional: column.optional, ..plain() });
                    }
                    Ok(encoding) => (encoding.name().to_owned(), column.span),
                    Err(unfit) => (unfit.noun().to_owned(), column.span),
                }
            }
            Some(_) => match fields.iter().find(|field| field.name == name) {
                Some(DataField { classes: Some(_), .. }) => ("a class".to_owned(), rows.span),
                Some(field) if field.shape.rank() > 0 => (format!("{} of them", field.shape), rows.span),
                // What an array holds is known when it has been read.
                _ => return Some(plain()),
            },
            // That these rows cannot be read is said elsewhere.
            None => return None,
        };
        let message = format!("`{name}` is {what}, and a weight is one number a row");
        let fault = Diagnostic::new(Code::WrongType, span, message).label("no number");
        self.report(fault.related(declared, "declared here"));
        None
    }

    /// What `class_weights` gives, for a loss that has classes.
    fn class_weights(&mut self, expr: &Expr, teaches: Option<Teaches>, classes: &Classes) -> Option<ClassWeights> {
        let expr = self.choice_of(expr);
        let given = match &expr.kind {
            ExprKind::Name(word) | ExprKind::Str(word) if word == "balanced" => Some(ClassWeights::Balanced),
            ExprKind::Record(record) => {
                let mut weights = vec![1.0; classes.count.unwrap_or_default()];
                let mut whole = true;
                for entry in &record.entries {
                    let weight = self.class_weight(&entry.value);
                    let place = self.class_named(&entry.key, classes);
                    whole &= weight.is_some() && place.is_some();
                    if let (Some(weight), Some(place)) = (weight, place) {
                        weights.resize(weights.len().max(place + 1), 1.0);
                        weights[place] = weight;
                    }
                }
                whole.then_some(ClassWeights::Given(weights))
            }
            ExprKind::List(items) => {
                let weights: Vec<Option<f64>> = items.iter().map(|item| self.class_weight(item)).collect();
                let count = classes.count.filter(|count| *count != items.len());
                if let Some(count) = count {
                    let message = format!("{} weights are given for {count} classes", items.len());
                    let fault = Diagnostic::new(Code::OutOfRange, expr.span, message);
                    self.report(fault.label("one for each class, in the order of their numbers"));
                }
                let weights: Option<Vec<f64>> = weights.into_iter().collect();
                weights.filter(|_| count.is_none()).map(ClassWeights::Given)
            }
            ExprKind::Error => return None,
            _ => {
                let fault = Diagnostic::new(
                    Code::WrongType,
                    expr.span,
                    "`class_weights` takes `balanced`, or a weight for each class",
                );
                let fault = fault.label("expected `balanced` or `{ class: weight }`");
                let word = matches!(&expr.kind, ExprKind::Name(word) | ExprKind::Str(word) if nearest(word, ["balanced"]).is_some());
                self.report(match word {
                    true => fault.fix("replace it with `balanced`", expr.span, "balanced", Applicability::Safe),
                    false => fault,
                });
                return None;
            }
        };
        let fault = match teaches {
            Some(Teaches::Numbers | Teaches::Ranking) => {
                Diagnostic::new(Code::LossMismatch, expr.span, "a loss of numbers has no classes to weigh")
            }
            Some(Teaches::Tokens | Teaches::Labels) => {
                let message = "a row has several answers here, so it has no class to be weighed by";
                Diagnostic::new(Code::LossMismatch, expr.span, message)
            }
            _ => return given,
        };
        self.report(fault.label("means nothing with this loss").help("`sample_weight` weighs rows"));
        None
    }

    /// The number of the class that a key names; where nothing can be said yet, the first.
    fn class_named(&mut self, key: &Ident, classes: &Classes) -> Option<usize> {
        let Some(names) = &classes.names else {
            if classes.read {
                let message = format!("the classes of this data are numbers, and none is called `{}`", key.text);
                let fault = Diagnostic::new(Code::UnknownName, key.span, message).label("not known");
                self.report(fault.help("a list has a weight for each, in the order of their numbers: `[1, 2.5]`"));
                return None;
            }
            return Some(0);
        };
        let place = names.iter().position(|name| *name == key.text);
        if place.is_none() {
            let known = names.iter().map(String::as_str);
            let fault = Diagnostic::new(Code::UnknownName, key.span, format!("the data has no class `{}`", key.text));
            let fault = match nearest(&key.text, known.clone()) {
                Some(meant) => fault.label(format!("did you mean `{meant}`?")),
                None => {
                    fault.label("not known").help(format!("the classes are {}", either(known).replace(" or ", " and ")))
                }
            };
            self.report(fault);
        }
        place
    }

    fn class_weight(&mut self, expr: &Expr) -> Option<f64> {
        let value = self.evaluate(expr);
        let fault = match value.number() {
            Some(number) if number > 0.0 => return Some(number),
            Some(number) => Diagnostic::new(Code::OutOfRange, expr.span, format!("a weight is above 0, not {number}")),
            None if value == Value::Unknown => return None,
            None => {
                Diagnostic::new(Code::WrongType, expr.span, format!("a weight is a number, not {}", value.describe()))
            }
        };
        self.report(fault.label("expected a number above 0"));
        None
    }
}
