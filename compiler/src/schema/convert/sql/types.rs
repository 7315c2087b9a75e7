//! The types of SQL and those of columns.

use super::super::expression;
use crate::schema::types;

/// What a type of SQL says of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Kind {
    /// The type of column.
    pub kind: String,
    /// `length`
    pub length: Option<String>,
    /// `in`
    pub allowed: Option<String>,
    /// Whether the type is not known, and the column a text for want of a better one.
    pub unknown: bool,
}

/// The most labels that an enum may have.
const MAX_LABELS: usize = 4096;
/// The most digits after a decimal's point.
const MAX_PLACES: u64 = 12;

/// What a type as it is written says: `character varying(80)`, `numeric(10, 2)`, `ENUM('a', 'b')`, `text[]`.
pub(super) fn kind(written: &str) -> Kind {
    let named = |kind: &str| Kind { kind: kind.to_owned(), ..Kind::default() };
    let written = written.trim();
    let upper = written.to_uppercase();
    if let Some(item) = upper.strip_suffix("[]") {
        let item = kind(&written[..item.len()]);
        return Kind { kind: format!("list({})", item.kind), unknown: item.unknown, ..Kind::default() };
    }
    let name = upper.split('(').next().unwrap_or_default().trim().to_owned();
    let rest = upper.rsplit(')').next().filter(|rest| rest.len() < upper.len()).unwrap_or_default().trim().to_owned();
    let numbers: Vec<u64> = match (upper.find('('), upper.rfind(')')) {
        (Some(from), Some(to)) if from < to => {
            upper[from + 1..to].split(',').map_while(|number| number.trim().parse().ok()).collect()
        }
        _ => Vec::new(),
    };
    let unsigned = rest.contains("UNSIGNED") || name.contains("UNSIGNED");
    let whole = || Kind { allowed: unsigned.then(|| "0..".to_owned()), ..named("int") };
    let name = name.replace(" UNSIGNED", "");
    match name.as_str() {
        "ENUM" => {
            let labels = labels(written);
            let listed: Vec<String> = labels.iter().map(|label| expression::label(label)).collect();
            if labels.is_empty() || labels.len() > MAX_LABELS {
                return Kind { unknown: true, ..named("string") };
            }
            named(&format!("enum {{ {} }}", listed.join(", ")))
        }
        "TINYINT" if numbers == [1] && !unsigned => named("bool"),
        "BIT" if numbers.first().is_none_or(|bits| *bits == 1) => named("bool"),
        "BOOL" | "BOOLEAN" => named("bool"),
        "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "MEDIUMINT" | "INT2" | "INT4" | "INT8" | "SERIAL"
        | "BIGSERIAL" | "SMALLSERIAL" | "SERIAL2" | "SERIAL4" | "SERIAL8" | "YEAR" => whole(),
        "NUMERIC" | "DECIMAL" | "DEC" | "NUMBER" | "MONEY" => {
            let limited = |kind: &str| Kind { allowed: unsigned.then(|| "0..".to_owned()), ..named(kind) };
            match numbers[..] {
                [_, places] if (1..=MAX_PLACES).contains(&places) => limited(&format!("decimal({places})")),
                [_, 0] | [_] if name != "MONEY" => limited("decimal(0)"),
                [_, _, ..] => limited("float"),
                // Without digits a number of SQLite and Postgres has as many as it likes.
                _ if name == "MONEY" => limited("decimal(2)"),
                _ => limited("float"),
            }
        }
        "REAL" | "FLOAT" | "FLOAT4" | "FLOAT8" | "DOUBLE" | "DOUBLE PRECISION" => {
            Kind { allowed: unsigned.then(|| "0..".to_owned()), ..named("float") }
        }
        "CHAR" | "CHARACTER" if numbers == [36] => named("uuid"),
        "CHAR" | "CHARACTER" | "NCHAR" | "BPCHAR" if numbers.is_empty() => {
            Kind { length: Some("..=1".into()), ..named("string") }
        }
        "CHAR" | "CHARACTER" | "NCHAR" | "BPCHAR" | "VARCHAR" | "CHARACTER VARYING" | "CHAR VARYING" | "NVARCHAR"
        | "VARCHAR2" | "NVARCHAR2" | "STRING" => match numbers.first() {
            Some(255) => named("string"),
            Some(most) => Kind { length: Some(format!("..={most}")), ..named("string") },
            None if name == "STRING" || name == "NVARCHAR" => named("string"),
            None => named("text"),
        },
        "TEXT" | "CLOB" | "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" | "CITEXT" | "CHARACTER LARGE OBJECT" | "NTEXT" => {
            named("text")
        }
        "DATE" => named("date"),
        "DATETIME"
        | "DATETIME2"
        | "TIMESTAMP"
        | "TIMESTAMPTZ"
        | "TIMESTAMP WITHOUT TIME ZONE"
        | "TIMESTAMP WITH TIME ZONE"
        | "TIMESTAMP_NTZ" => named("datetime"),
        "TIME" | "TIMETZ" | "TIME WITHOUT TIME ZONE" | "TIME WITH TIME ZONE" => named("time"),
        "UUID" | "UNIQUEIDENTIFIER" => named("uuid"),
        "JSON" | "JSONB" | "HSTORE" => named("json"),
        "INET" => named("ip"),
        _ => match types::find_alias(&name).filter(|def| def.signature.parameters.is_empty()) {
            Some(def) if !matches!(def.signature.name, "enum" | "list" | "ref" | "decimal") => {
                named(def.signature.name)
            }
            _ => Kind { unknown: true, ..named("string") },
        },
    }
}

/// The texts between the quotes of `ENUM('a', 'b''c')`.
fn labels(written: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut rest = written;
    while let Some(from) = rest.find('\'') {
        let mut label = String::new();
        let mut letters = rest[from + 1..].char_indices().peekable();
        let mut end = rest.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                    letters.next();
                    label.push('\'');
                }
                '\'' => {
                    end = from + 1 + at + 1;
                    break;
                }
                letter => label.push(letter),
            }
        }
        labels.push(label);
        rest = &rest[end..];
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_databases_are_known() {
        let cases = [
            ("character varying(80)", "string", Some("..=80")),
            ("varchar(255)", "string", None),
            ("VARCHAR", "text", None),
            ("numeric(10, 2)", "decimal(2)", None),
            ("NUMERIC(12)", "decimal(0)", None),
            ("numeric", "float", None),
            ("timestamp without time zone", "datetime", None),
            ("TIMESTAMP(3) WITH TIME ZONE", "datetime", None),
            ("double precision", "float", None),
            ("tinyint(1)", "bool", None),
            ("bigint(20)", "int", None),
            ("text[]", "list(text)", None),
            ("integer[]", "list(int)", None),
            ("ENUM('a', 'it''s')", "enum { a, \"it's\" }", None),
        ];
        for (written, wanted, length) in cases {
            let found = kind(written);
            assert_eq!((found.kind.as_str(), found.length.as_deref()), (wanted, length), "{written}");
            assert!(!found.unknown, "{written}");
        }
        assert_eq!(kind("int(10) unsigned").allowed.as_deref(), Some("0.."));
        assert!(kind("geometry").unknown);
    }
}
