//! Checked expressions, draws and values in the language's words: each reads as the very same again.

use ndsl_grammar::ast::BinaryOperator;

use super::words;
use crate::schema::datum::{DAY, Datum};
use crate::schema::distributions::{Draw, DrawKind, Family, Given};
use crate::schema::expression::{Aggregate, ColumnPath, Expression, ExpressionKind, Piece, Type, Within};
use crate::schema::form::{Enum, Schemas, TableId};
use crate::signature::{Default, Kind, Parameter};

/// How tightly an expression holds its parts together, the loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

/// What writes the expressions of one table.
pub(super) struct Writer<'s> {
    pub schemas: &'s Schemas,
    /// The table whose rows they are of.
    pub table: TableId,
}

impl Writer<'_> {
    /// An expression.
    pub fn expression(&self, expression: &Expression) -> String {
        self.within(expression, Tightness::Or)
    }

    /// An expression as a part of one that holds it as tightly as `least`.
    fn within(&self, expression: &Expression, least: Tightness) -> String {
        let (text, tightness) = self.written(expression);
        if tightness < least { format!("({text})") } else { text }
    }

    fn written(&self, expression: &Expression) -> (String, Tightness) {
        use Tightness as T;
        match &expression.kind {
            ExpressionKind::Constant(datum) => {
                let text = self.constant(datum, &expression.ty);
                let tightness = if text.starts_with('-') { T::Sign } else { T::Atom };
                (text, tightness)
            }
            ExpressionKind::Column(path) => (self.path(path), T::Atom),
            ExpressionKind::Source(column) => (format!("source.{column}"), T::Atom),
            ExpressionKind::Aggregate { what, table, via, column } => {
                let name = Aggregate::ALL.iter().find(|(_, known)| known == what).map_or("count", |(name, _)| name);
                let rows = self.schemas.at(*table);
                let of = column.map_or_else(String::new, |column| format!(".{}", rows.at(column).name));
                let ways = rows.columns.iter().filter_map(|column| column.reference());
                let several = ways.filter(|way| way.table == self.table).count() > 1;
                let via = if several { format!(", via={}", rows.at(*via).name) } else { String::new() };
                (format!("{name}({}{of}{via})", rows.name), T::Atom)
            }
            ExpressionKind::Negate(value) => (format!("-{}", self.within(value, T::Power)), T::Sign),
            ExpressionKind::Not(value) => (format!("not {}", self.within(value, T::Comparison)), T::Not),
            ExpressionKind::Binary { operator, left, right } => self.binary(*operator, left, right),
            ExpressionKind::IsNull { value, negated } => {
                let sign = if *negated { "!=" } else { "==" };
                (format!("{} {sign} null", self.within(value, T::Sum)), T::Comparison)
            }
            ExpressionKind::Within { value, set } => {
                let set = match set {
                    Within::List(items) => {
                        let items: Vec<String> = items.iter().map(|item| self.expression(item)).collect();
                        format!("[{}]", items.join(", "))
                    }
                    Within::Range { low, high, inclusive } => {
                        let end = |end: &Option<Box<Expression>>| {
                            end.as_ref().map_or_else(String::new, |end| self.within(end, T::Sign))
                        };
                        range(&end(low), &end(high), *inclusive)
                    }
                };
                (format!("{} in {set}", self.within(value, T::Sum)), T::Comparison)
            }
            ExpressionKind::Function { function, arguments } => {
                let arguments: Vec<String> = arguments.iter().map(|argument| self.expression(argument)).collect();
                (format!("{}({})", function.signature.name, arguments.join(", ")), T::Atom)
            }
            ExpressionKind::Format(pieces) => (format!("format({})", self.template(pieces)), T::Atom),
            ExpressionKind::If { branches, otherwise } => {
                let mut out = String::new();
                for (place, (condition, value)) in branches.iter().enumerate() {
                    let word = if place > 0 { " else if" } else { "if" };
                    out += &format!("{word} {} {{ {} }}", self.expression(condition), self.expression(value));
                }
                if let Some(otherwise) = otherwise {
                    out += &format!(" else {{ {} }}", self.expression(otherwise));
                }
                (out, T::Or)
            }
            ExpressionKind::Unknown => ("null".to_owned(), T::Atom),
        }
    }

    fn binary(&self, operator: BinaryOperator, left: &Expression, right: &Expression) -> (String, Tightness) {
        use BinaryOperator as B;
        use Tightness as T;
        let (own, before, after) = match operator {
            B::Or => (T::Or, T::Or, T::And),
            B::And => (T::And, T::And, T::Not),
            B::Add | B::Subtract => (T::Sum, T::Sum, T::Product),
            B::Multiply | B::Divide | B::FloorDivide | B::Remainder | B::MatMul => (T::Product, T::Product, T::Power),
            B::Power => (T::Power, T::Atom, T::Atom),
            _ => (T::Comparison, T::Sum, T::Sum),
        };
        let symbol = operator.symbol();
        // `//` divides only where it touches what stands on both sides.
        if operator == B::FloorDivide {
            return (format!("{}{symbol}{}", self.within(left, T::Atom), self.within(right, T::Atom)), own);
        }
        (format!("{} {symbol} {}", self.within(left, before), self.within(right, after)), own)
    }

    fn path(&self, path: &ColumnPath) -> String {
        let mut here = path.from;
        let mut names = Vec::new();
        for column in &path.through {
            let column = self.schemas.at(here).at(*column);
            names.push(column.name.as_str());
            here = column.reference().map_or(here, |reference| reference.table);
        }
        names.push(&self.schemas.at(path.table).at(path.column).name);
        names.join(".")
    }

    fn constant(&self, datum: &Datum, ty: &Type) -> String {
        let of_column = |name: &str| self.schemas.at(self.table).column(name).is_some();
        match (datum, ty) {
            (Datum::Label(label), Type::Enum(labels)) => match labels.labels.get(*label as usize) {
                Some(label) if words::is_name(&label.name) && !of_column(&label.name) => label.name.clone(),
                Some(label) => words::quoted(&label.name),
                None => "null".to_owned(),
            },
            // A whole number of the type of fractions stays one.
            (Datum::Float(number), Type::Float) => format!("{number:?}"),
            (datum, _) => value(datum, None),
        }
    }

    /// A text with holes, between quotes.
    fn template(&self, pieces: &[Piece]) -> String {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text += &piece.replace('{', "{{").replace('}', "}}"),
                Piece::Hole(value) => text += &format!("{{{}}}", self.expression(value)),
            }
        }
        words::quoted(&text)
    }

    /// How a column with these labels, if it has any, is drawn.
    pub fn draw(&self, draw: &Draw, labels: Option<&Enum>) -> String {
        match &draw.kind {
            DrawKind::From { def, given } => {
                let mut arguments = Vec::new();
                for (name, given) in given {
                    let Some(parameter) = def.signature.parameters.iter().find(|known| known.name == *name) else {
                        continue;
                    };
                    if self.is_default(parameter, given, def.family) {
                        continue;
                    }
                    let value = self.given(parameter, given, labels);
                    match parameter.default {
                        Default::Required => arguments.push(value),
                        _ => arguments.push(format!("{name}={value}")),
                    }
                }
                format!("{}({})", def.signature.name, arguments.join(", "))
            }
            DrawKind::If { branches, otherwise } => {
                let mut out = String::new();
                for (place, (condition, draw)) in branches.iter().enumerate() {
                    let word = if place > 0 { " else if" } else { "if" };
                    out += &format!("{word} {} {{ {} }}", self.expression(condition), self.draw(draw, labels));
                }
                format!("{out} else {{ {} }}", self.draw(otherwise, labels))
            }
            DrawKind::Unknown => "constant(null)".to_owned(),
        }
    }

    /// Whether a parameter has what it would have anyway.
    fn is_default(&self, parameter: &Parameter, given: &Given, family: Family) -> bool {
        match (given, parameter.default) {
            (Given::Value(value), Default::Float(number)) => value.as_constant() == Some(&Datum::Float(number)),
            (Given::Word(word), Default::Word(default)) => word == default,
            (Given::Word(word), _) if family == Family::Llm => {
                let schema = &self.schemas.schemas[self.schemas.at(self.table).schema];
                schema.source.as_ref().and_then(|source| source.provider.as_ref()) == Some(word)
            }
            _ => false,
        }
    }

    fn given(&self, parameter: &Parameter, given: &Given, labels: Option<&Enum>) -> String {
        let list = |items: Vec<String>| format!("[{}]", items.join(", "));
        match given {
            Given::Value(value) => match value.as_constant() {
                Some(Datum::Float(number)) => words::number(*number),
                _ => self.expression(value),
            },
            Given::Draw(draw) => self.draw(draw, labels),
            Given::Draws(draws) => list(draws.iter().map(|draw| self.draw(draw, labels)).collect()),
            Given::Values(values) => list(values.iter().map(|datum| value(datum, labels)).collect()),
            Given::Shares(shares) => list(shares.iter().map(|share| words::share(*share)).collect()),
            Given::Range(low, high, inclusive) => {
                let end = |end: &Option<Datum>| end.as_ref().map_or_else(String::new, |end| value(end, labels));
                range(&end(low), &end(high), *inclusive)
            }
            Given::Word(word) if parameter.kind == Kind::Text || !words::is_name(word) => words::quoted(word),
            Given::Word(word) => word.clone(),
            Given::Template(pieces) => self.template(pieces),
        }
    }
}

/// A value of a column, which may have labels.
pub(super) fn value(datum: &Datum, labels: Option<&Enum>) -> String {
    match datum {
        Datum::Float(number) => words::number(*number),
        Datum::Text(text) => words::quoted(text),
        // A date stands for its first moment.
        Datum::DateTime(second) if second % DAY == 0 => Datum::Date((second / DAY) as i32).to_string(),
        Datum::Label(place) => match labels.and_then(|labels| labels.labels.get(*place as usize)) {
            Some(label) => self::label(&label.name),
            None => "null".to_owned(),
        },
        other => other.to_string(),
    }
}

/// A label of an enum: a word, or a text between quotes.
pub(super) fn label(name: &str) -> String {
    if words::is_name(name) { name.to_owned() } else { words::quoted(name) }
}

/// `18..=95`, `0..`, `..10`
pub(super) fn range(low: &str, high: &str, inclusive: bool) -> String {
    let dots = if inclusive && !high.is_empty() { "..=" } else { ".." };
    format!("{low}{dots}{high}")
}
