//! Conditions of SQL in the language's words.

use ndsl_grammar::{TokenKind, lex};
use sqlparser::ast::{
    BinaryOperator, CastKind, DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    UnaryOperator, Value,
};

use super::super::outline::{ColumnOutline, TableOutline};
use super::super::{expression, words};

/// How deep an expression may nest.
const MAX_DEPTH: usize = 120;

/// How tightly a text holds its parts together, the loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Atom,
}

type Written = Option<(String, Tightness)>;

/// A condition on the rows of a table; nothing where the language has no words for it.
pub(super) fn text(expr: &Expr, table: &TableOutline) -> Option<String> {
    Reader { table }.expression(expr, None, 0).map(|(text, _)| text)
}

/// A value that stands in a condition or a default, for a column; nothing where it is no constant of its type.
pub(super) fn constant(expr: &Expr, column: &ColumnOutline) -> Option<String> {
    let table = TableOutline::default();
    let (text, _) = Reader { table: &table }.constant(expr, Some(column))?;
    Some(text)
}

/// The column that an expression is.
pub(super) fn column<'t>(expr: &Expr, table: &'t TableOutline) -> Option<&'t ColumnOutline> {
    match bare(expr) {
        Expr::Identifier(name) => named(name, table),
        Expr::CompoundIdentifier(names) => named(names.last()?, table),
        _ => None,
    }
}

/// The column of a name: that name itself, or one that only differs in its capitals.
pub(super) fn named<'t>(name: &Ident, table: &'t TableOutline) -> Option<&'t ColumnOutline> {
    let exact = table.columns.iter().find(|column| column.outside_name() == name.value);
    let alike = |column: &&ColumnOutline| column.outside_name().eq_ignore_ascii_case(&name.value);
    exact.or_else(|| table.columns.iter().find(alike).filter(|_| name.quote_style.is_none()))
}

/// An expression without its brackets, and without casts that change nothing of what it is compared with.
pub(super) fn bare(expr: &Expr) -> &Expr {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Nested(inner) => inner,
            Expr::Cast { kind: CastKind::DoubleColon | CastKind::Cast, expr: inner, data_type, .. }
                if widens(&data_type.to_string()) || matches!(**inner, Expr::Value(_) | Expr::Array(_)) =>
            {
                inner
            }
            Expr::Collate { expr: inner, .. } => inner,
            Expr::Function(call) if is_moment(call) => match arguments(call).as_deref() {
                Some([only]) => only,
                _ => return expr,
            },
            _ => return expr,
        }
    }
}

/// Whether a cast to a type changes no value that can be cast to it.
fn widens(kind: &str) -> bool {
    let name = kind.split('(').next().unwrap_or_default().trim_end_matches("[]");
    kind.find('(').is_none()
        && ["TEXT", "VARCHAR", "CHARACTER VARYING", "NUMERIC", "DOUBLE PRECISION"]
            .contains(&name.to_uppercase().as_str())
}

/// `datetime(placed)`, which brings moments of SQLite into one form.
fn is_moment(call: &Function) -> bool {
    call.name.to_string().eq_ignore_ascii_case("datetime")
}

/// The arguments of a call, where they are plain.
pub(super) fn arguments(call: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &call.args else { return None };
    let plain = list.clauses.is_empty() && list.duplicate_treatment.is_none() && call.over.is_none();
    let arguments = list.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    arguments.collect::<Option<Vec<_>>>().filter(|_| plain && call.filter.is_none())
}

/// What a list of values is: `(1, 2)`, or of Postgres `ARRAY[1, 2]` with its casts.
pub(super) fn items(expr: &Expr) -> Option<&[Expr]> {
    match bare(expr) {
        Expr::Array(array) => Some(&array.elem),
        Expr::Tuple(items) => Some(items),
        _ => None,
    }
}

struct Reader<'t> {
    table: &'t TableOutline,
}

impl<'t> Reader<'t> {
    fn within(&self, expr: &Expr, least: Tightness, beside: Option<&ColumnOutline>, depth: usize) -> Option<String> {
        let (text, tightness) = self.expression(expr, beside, depth + 1)?;
        Some(if tightness < least { format!("({text})") } else { text })
    }

    /// An expression; `beside` is the column that it is compared with.
    fn expression(&self, expr: &Expr, beside: Option<&ColumnOutline>, depth: usize) -> Written {
        use Tightness as T;
        if depth > MAX_DEPTH {
            return None;
        }
        let expr = bare(expr);
        if let Some(column) = column(expr, self.table) {
            return Some((column.name.clone(), T::Atom));
        }
        if let Some(constant) = self.constant(expr, beside) {
            return Some(constant);
        }
        let is_null = |value: &Expr, sign: &str| {
            let value = self.within(value, T::Sum, None, depth)?;
            Some((format!("{value} {sign} null"), T::Comparison))
        };
        match expr {
            Expr::IsNull(value) => is_null(value, "=="),
            Expr::IsNotNull(value) => is_null(value, "!="),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, depth),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Some((format!("not {}", self.within(expr, T::Comparison, None, depth)?), T::Not))
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                Some((format!("-{}", self.within(expr, T::Atom, None, depth)?), T::Sign))
            }
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.expression(expr, beside, depth + 1),
            Expr::Between { expr, negated, low, high } => {
                let beside = column(expr, self.table);
                let value = self.within(expr, T::Sum, None, depth)?;
                let low = self.within(low, T::Sign, beside, depth)?;
                let high = self.within(high, T::Sign, beside, depth)?;
                self.negated(format!("{value} in {low}..={high}"), *negated)
            }
            Expr::InList { expr, list, negated } => self.listed(expr, list, *negated, depth),
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
                self.listed(left, items(right)?, false, depth)
            }
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => {
                self.listed(left, items(right)?, true, depth)
            }
            Expr::Case { operand: None, conditions, else_result, .. } => {
                let mut out = String::new();
                for (place, branch) in conditions.iter().enumerate() {
                    let word = if place > 0 { " else if" } else { "if" };
                    let condition = self.within(&branch.condition, T::Or, None, depth)?;
                    out += &format!("{word} {condition} {{ {} }}", self.within(&branch.result, T::Or, beside, depth)?);
                }
                if let Some(otherwise) = else_result {
                    out += &format!(" else {{ {} }}", self.within(otherwise, T::Or, beside, depth)?);
                }
                Some((out, T::Or))
            }
            Expr::Extract { field, expr, .. } => {
                let name = match field {
                    DateTimeField::Year => "year",
                    DateTimeField::Month => "month",
                    DateTimeField::Day => "day",
                    DateTimeField::Hour => "hour",
                    DateTimeField::Minute => "minute",
                    _ => return None,
                };
                Some((format!("{name}({})", self.within(expr, T::Or, None, depth)?), T::Atom))
            }
            Expr::Trim { expr, trim_where: None, trim_what: None, trim_characters: None } => {
                Some((format!("trim({})", self.within(expr, T::Or, None, depth)?), T::Atom))
            }
            Expr::Ceil { expr, .. } => Some((format!("ceil({})", self.within(expr, T::Or, None, depth)?), T::Atom)),
            Expr::Floor { expr, .. } => Some((format!("floor({})", self.within(expr, T::Or, None, depth)?), T::Atom)),
            Expr::Function(call) => self.call(call, depth),
            _ => None,
        }
    }

    fn negated(&self, text: String, negated: bool) -> Written {
        match negated {
            true => Some((format!("not ({text})"), Tightness::Not)),
            false => Some((text, Tightness::Comparison)),
        }
    }

    fn listed(&self, expr: &Expr, list: &[Expr], negated: bool, depth: usize) -> Written {
        let beside = column(expr, self.table);
        let value = self.within(expr, Tightness::Sum, None, depth)?;
        let items = list.iter().map(|item| self.within(item, Tightness::Or, beside, depth));
        let items = items.collect::<Option<Vec<_>>>()?;
        self.negated(format!("{value} in [{}]", items.join(", ")), negated)
    }

    fn binary(&self, left: &Expr, op: &BinaryOperator, right: &Expr, depth: usize) -> Written {
        use Tightness as T;
        let (symbol, own, before, after) = match op {
            BinaryOperator::And => ("and", T::And, T::And, T::Not),
            BinaryOperator::Or => ("or", T::Or, T::Or, T::And),
            BinaryOperator::Eq => ("==", T::Comparison, T::Sum, T::Sum),
            BinaryOperator::NotEq => ("!=", T::Comparison, T::Sum, T::Sum),
            BinaryOperator::Lt => ("<", T::Comparison, T::Sum, T::Sum),
            BinaryOperator::LtEq => ("<=", T::Comparison, T::Sum, T::Sum),
            BinaryOperator::Gt => (">", T::Comparison, T::Sum, T::Sum),
            BinaryOperator::GtEq => (">=", T::Comparison, T::Sum, T::Sum),
            BinaryOperator::Plus => ("+", T::Sum, T::Sum, T::Product),
            BinaryOperator::Minus => ("-", T::Sum, T::Sum, T::Product),
            BinaryOperator::Multiply => ("*", T::Product, T::Product, T::Sign),
            BinaryOperator::Modulo => ("%", T::Product, T::Product, T::Sign),
            BinaryOperator::StringConcat => {
                let (left, right) = (self.within(left, T::Or, None, depth)?, self.within(right, T::Or, None, depth)?);
                return Some((format!("concat({left}, {right})"), T::Atom));
            }
            // A quotient of whole numbers is cut off in some databases and not in others.
            _ => return None,
        };
        let beside = |other: &Expr| (own == T::Comparison).then(|| column(other, self.table)).flatten();
        let one = self.within(left, before, beside(right), depth)?;
        let other = self.within(right, after, beside(left), depth)?;
        Some((format!("{one} {symbol} {other}"), own))
    }

    fn call(&self, call: &Function, depth: usize) -> Written {
        let name = match call.name.to_string().to_lowercase().as_str() {
            "length" | "char_length" | "character_length" | "cardinality" => "len",
            "lower" | "lcase" => "lower",
            "upper" | "ucase" => "upper",
            "trim" | "btrim" => "trim",
            "abs" => "abs",
            "round" => "round",
            "floor" => "floor",
            "ceil" | "ceiling" => "ceil",
            "sqrt" => "sqrt",
            "exp" => "exp",
            "ln" => "log",
            "coalesce" | "ifnull" => "coalesce",
            "year" => "year",
            "month" => "month",
            _ => return None,
        };
        let arguments = arguments(call)?;
        let beside = arguments.iter().find_map(|argument| column(argument, self.table));
        let arguments = arguments.into_iter().map(|argument| self.within(argument, Tightness::Or, beside, depth));
        let arguments = arguments.collect::<Option<Vec<_>>>()?;
        Some((format!("{name}({})", arguments.join(", ")), Tightness::Atom))
    }

    /// A value, as a program writes one of the type of the column that it is compared with.
    fn constant(&self, expr: &Expr, beside: Option<&ColumnOutline>) -> Written {
        use Tightness as T;
        let kind = beside.map_or("", |column| column.kind.as_str());
        let name = kind.split(['(', ' ']).next().unwrap_or_default();
        let value = match bare(expr) {
            Expr::Value(value) => &value.value,
            Expr::TypedString(typed) => &typed.value.value,
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let (text, _) = self.constant(expr, beside)?;
                let is_number = text.starts_with(|first: char| first.is_ascii_digit());
                return is_number.then(|| (format!("-{text}"), T::Sign));
            }
            _ => return None,
        };
        let text = match value {
            Value::Boolean(truth) => truth.to_string(),
            Value::Null if beside.is_none() => "null".to_owned(),
            Value::Number(number, _) if name == "bool" => match number.as_str() {
                "0" => "false".to_owned(),
                "1" => "true".to_owned(),
                _ => return None,
            },
            Value::Number(number, _) => match number.parse::<i64>() {
                Ok(whole) => whole.to_string(),
                Err(_) => match number.parse::<f64>() {
                    Ok(number) if number.is_finite() && name != "int" => words::number(number),
                    _ => return None,
                },
            },
            other => {
                let text = other.clone().into_string()?;
                let alone = |wanted| {
                    let tokens = lex(&text);
                    matches!(&tokens[..], [only] if only.kind == wanted).then(|| text.clone())
                };
                match name {
                    "date" => alone(TokenKind::Date)?,
                    "datetime" => words::moment(&text)?,
                    "time" => alone(TokenKind::Time)?,
                    "int" | "float" | "decimal" => {
                        let number: f64 = text.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
                        words::number(number)
                    }
                    "bool" => match text.to_lowercase().as_str() {
                        "t" | "true" | "1" => "true".to_owned(),
                        "f" | "false" | "0" => "false".to_owned(),
                        _ => return None,
                    },
                    "enum" => {
                        let of_column = |text: &str| self.table.column(text).is_some();
                        if of_column(&text) { words::quoted(&text) } else { expression::label(&text) }
                    }
                    "json" | "list" | "ref" => return None,
                    _ => words::quoted(&text),
                }
            }
        };
        let tightness = if text.starts_with('-') { T::Sign } else { T::Atom };
        Some((text, tightness))
    }
}
