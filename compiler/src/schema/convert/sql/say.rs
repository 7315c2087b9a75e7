//! Conditions of the language in SQL, as far as it can say them and means the same.
//!
//! Left out is what databases disagree on or the language means otherwise: quotients (cut off or not), rounding, texts in
//! small letters, lengths of time, and whatever reads another row.

use ndsl_grammar::ast::BinaryOperator;

use super::Dialect;
use crate::schema::datum::Datum;
use crate::schema::expression::{Expression, ExpressionKind, Type, Within};
use crate::schema::form::{Enum, Schemas, TableId};
use crate::schema::functions::Function;

/// What says the conditions of a table.
pub(super) struct Sayer<'s> {
    pub schemas: &'s Schemas,
    pub table: TableId,
    pub dialect: Dialect,
}

impl Sayer<'_> {
    /// A condition; nothing where SQL has no words for it.
    pub fn condition(&self, expression: &Expression) -> Option<String> {
        Some(match &expression.kind {
            ExpressionKind::Constant(datum) => constant(datum, &expression.ty)?,
            ExpressionKind::Column(path) if path.through.is_empty() => {
                let name = identifier(self.schemas.at(self.table).at(path.column).outside_name(), self.dialect);
                self.moment(name, &expression.ty)
            }
            ExpressionKind::Negate(value) if value.ty.is_number() => format!("-{}", self.part(value)?),
            ExpressionKind::Not(value) => format!("NOT {}", self.part(value)?),
            ExpressionKind::Binary { operator, left, right } => self.binary(*operator, left, right)?,
            ExpressionKind::IsNull { value, negated } => {
                format!("{} IS {}NULL", self.part(value)?, if *negated { "NOT " } else { "" })
            }
            ExpressionKind::Within { value, set } => self.within(value, set)?,
            ExpressionKind::Function { function, arguments } => {
                let name = match function.function {
                    Function::Abs => "abs",
                    Function::Coalesce => "coalesce",
                    Function::Len if arguments.iter().all(|argument| argument.ty == Type::Text) => length(self.dialect),
                    _ => return None,
                };
                let arguments = arguments.iter().map(|argument| self.condition(argument));
                format!("{name}({})", arguments.collect::<Option<Vec<_>>>()?.join(", "))
            }
            ExpressionKind::If { branches, otherwise } => {
                let mut out = "CASE".to_owned();
                for (condition, value) in branches {
                    out += &format!(" WHEN {} THEN {}", self.condition(condition)?, self.condition(value)?);
                }
                if let Some(otherwise) = otherwise {
                    out += &format!(" ELSE {}", self.condition(otherwise)?);
                }
                out + " END"
            }
            _ => return None,
        })
    }

    /// A condition within another: in brackets, unless it is a single thing.
    fn part(&self, expression: &Expression) -> Option<String> {
        let text = self.condition(expression)?;
        Some(match &expression.kind {
            ExpressionKind::Column(_) | ExpressionKind::Function { .. } | ExpressionKind::If { .. } => text,
            ExpressionKind::Constant(_) if !text.starts_with('-') => text,
            _ => format!("({text})"),
        })
    }

    /// Moments of SQLite are texts, whose form is brought into one.
    fn moment(&self, text: String, ty: &Type) -> String {
        if self.dialect == Dialect::Sqlite && *ty == Type::DateTime { format!("datetime({text})") } else { text }
    }

    fn binary(&self, operator: BinaryOperator, left: &Expression, right: &Expression) -> Option<String> {
        use BinaryOperator as B;
        let symbol = match operator {
            B::And => "AND",
            B::Or => "OR",
            B::Equal => "=",
            B::NotEqual => "<>",
            B::Less => "<",
            B::LessEqual => "<=",
            B::Greater => ">",
            B::GreaterEqual => ">=",
            B::Add => "+",
            B::Subtract => "-",
            B::Multiply => "*",
            _ => return None,
        };
        let arithmetic = matches!(operator, B::Add | B::Subtract | B::Multiply);
        if arithmetic && !(left.ty.is_number() && right.ty.is_number()) {
            return None;
        }
        let compares = operator.symbol().starts_with(['=', '!', '<', '>']);
        if compares && !self.comparable(left, right, symbol) {
            return None;
        }
        Some(format!("{} {symbol} {}", self.sided(left, right)?, self.sided(right, left)?))
    }

    /// One side of a comparison; the first moment of a day stands for it where it is compared with a moment.
    fn sided(&self, side: &Expression, other: &Expression) -> Option<String> {
        match (side.as_constant(), &other.ty) {
            (Some(Datum::Date(day)), Type::DateTime) => {
                constant(&Datum::DateTime(i64::from(*day) * crate::schema::datum::DAY), &Type::DateTime)
            }
            _ => self.part(side),
        }
    }

    /// Whether databases order two values as the language does.
    fn comparable(&self, left: &Expression, right: &Expression, symbol: &str) -> bool {
        let both = |ty: &Type| left.ty == *ty && right.ty == *ty;
        let constants = left.as_constant().is_some() || right.as_constant().is_some();
        match (&left.ty, &right.ty) {
            // Texts stand in the order of a collation.
            (Type::Text, _) | (_, Type::Text) => matches!(symbol, "=" | "<>"),
            (Type::Date, Type::DateTime) | (Type::DateTime, Type::Date) => self.dialect != Dialect::Sqlite || constants,
            (Type::Duration, _) | (_, Type::Duration) => false,
            // Money of SQLite is a binary fraction, so only its order can be told.
            (Type::Decimal(_), _) | (_, Type::Decimal(_)) => {
                self.dialect != Dialect::Sqlite || !matches!(symbol, "=" | "<>") || constants && !both(&Type::Float)
            }
            _ => true,
        }
    }

    fn within(&self, value: &Expression, set: &Within) -> Option<String> {
        if matches!(value.ty, Type::Duration) {
            return None;
        }
        let own = self.part(value)?;
        let end = |end: &Option<Box<Expression>>| end.as_ref().map(|end| self.sided(end, value));
        match set {
            Within::List(items) => {
                let items = items.iter().map(|item| self.sided(item, value));
                Some(format!("{own} IN ({})", items.collect::<Option<Vec<_>>>()?.join(", ")))
            }
            Within::Range { .. } if value.ty == Type::Text => None,
            Within::Range { low, high, inclusive } => {
                let (low, high) = (end(low), end(high));
                let low = match low {
                    Some(low) => Some(low?),
                    None => None,
                };
                let high = match high {
                    Some(high) => Some(high?),
                    None => None,
                };
                range(&own, low.as_deref(), high.as_deref(), *inclusive)
            }
        }
    }
}

/// `age BETWEEN 18 AND 95`, `age >= 18`, `age >= 18 AND age < 95`; nothing without an end.
pub(super) fn range(value: &str, low: Option<&str>, high: Option<&str>, inclusive: bool) -> Option<String> {
    let upper = if inclusive { "<=" } else { "<" };
    Some(match (low, high) {
        (Some(low), Some(high)) if inclusive => format!("{value} BETWEEN {low} AND {high}"),
        (Some(low), Some(high)) => format!("{value} >= {low} AND {value} {upper} {high}"),
        (Some(low), None) => format!("{value} >= {low}"),
        (None, Some(high)) => format!("{value} {upper} {high}"),
        (None, None) => return None,
    })
}

/// The function for the characters of a text.
pub(super) fn length(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Sqlite { "length" } else { "char_length" }
}

fn constant(datum: &Datum, ty: &Type) -> Option<String> {
    let labels = match ty {
        Type::Enum(labels) => Some(&**labels),
        _ => None,
    };
    value(datum, labels)
}

/// A value, which may be a label; nothing for what SQL has no value for.
pub(super) fn value(datum: &Datum, labels: Option<&Enum>) -> Option<String> {
    Some(match datum {
        Datum::Null => "NULL".to_owned(),
        Datum::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Datum::Int(number) => number.to_string(),
        Datum::Float(number) => super::super::words::number(*number),
        Datum::Text(text) => quoted(text)?,
        Datum::Date(_) | Datum::Time(_) => format!("'{datum}'"),
        Datum::DateTime(_) => format!("'{}'", datum.to_string().replacen('T', " ", 1)),
        Datum::Label(place) => quoted(&labels?.labels.get(*place as usize)?.name)?,
        Datum::Duration(_) => return None,
    })
}

/// A text between quotes; nothing where it holds what a script cannot.
pub(super) fn quoted(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| format!("'{}'", text.replace('\'', "''")))
}

/// A name, between quotes where it has to be.
pub fn identifier(name: &str, dialect: Dialect) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !RESERVED.contains(&name.to_uppercase().as_str()) {
        return name.to_owned();
    }
    if dialect == Dialect::Mysql {
        format!("`{}`", name.replace('`', "``"))
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Words that name nothing in one of the dialects.
const RESERVED: &[&str] = &[
    "ABORT",
    "ADD",
    "ALL",
    "ALTER",
    "ANALYSE",
    "ANALYZE",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "ASYMMETRIC",
    "AUTHORIZATION",
    "AUTOINCREMENT",
    "BETWEEN",
    "BINARY",
    "BOTH",
    "BY",
    "CASCADE",
    "CASE",
    "CAST",
    "CHECK",
    "COLLATE",
    "COLLATION",
    "COLUMN",
    "COMMIT",
    "CONCURRENTLY",
    "CONFLICT",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT",
    "CURRENT_CATALOG",
    "CURRENT_DATE",
    "CURRENT_ROLE",
    "CURRENT_SCHEMA",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "DATABASE",
    "DEFAULT",
    "DEFERRABLE",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DO",
    "DROP",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXPLAIN",
    "FALSE",
    "FETCH",
    "FILTER",
    "FOR",
    "FOREIGN",
    "FREEZE",
    "FROM",
    "FULL",
    "FULLTEXT",
    "GENERATED",
    "GLOB",
    "GRANT",
    "GROUP",
    "GROUPS",
    "HAVING",
    "IF",
    "ILIKE",
    "IN",
    "INDEX",
    "INDEXED",
    "INITIALLY",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "ISNULL",
    "JOIN",
    "KEY",
    "LATERAL",
    "LEADING",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "MATCH",
    "MATERIALIZED",
    "NATURAL",
    "NO",
    "NOT",
    "NOTHING",
    "NOTNULL",
    "NULL",
    "OF",
    "OFFSET",
    "ON",
    "ONLY",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "OVERLAPS",
    "PARTITION",
    "PLACING",
    "PRAGMA",
    "PRECEDING",
    "PRIMARY",
    "PROCEDURE",
    "RANGE",
    "RECURSIVE",
    "REFERENCES",
    "REGEXP",
    "RELEASE",
    "RENAME",
    "REPLACE",
    "RESTRICT",
    "RETURNING",
    "RIGHT",
    "ROLLBACK",
    "ROW",
    "ROWS",
    "SAVEPOINT",
    "SELECT",
    "SESSION_USER",
    "SET",
    "SIMILAR",
    "SOME",
    "SPATIAL",
    "SYMMETRIC",
    "SYSTEM_USER",
    "TABLE",
    "TABLESAMPLE",
    "THEN",
    "TIES",
    "TO",
    "TRAILING",
    "TRANSACTION",
    "TRIGGER",
    "TRUE",
    "UNBOUNDED",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USER",
    "USING",
    "VACUUM",
    "VALUES",
    "VARIADIC",
    "VERBOSE",
    "VIEW",
    "VIRTUAL",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHOUT",
    "INTERVAL",
    "DATE",
    "TIME",
    "TIMESTAMP",
    "EXTRACT",
    "TRIM",
    "POSITION",
    "OVERLAY",
    "SUBSTRING",
    "LIST",
    "ENUM",
    "STRUCT",
    "MAP",
];
