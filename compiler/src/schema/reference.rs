//! The pages of the reference on columns, distributions and functions of columns, made of their definitions.

use std::fmt::Write;

use super::distributions::FAMILIES;
use super::functions::{AGGREGATES, FORMAT, FUNCTIONS};
use super::types::{Base, TYPES, TypeDef};
use crate::docs::{Page, body};
use crate::signature::{Default, Signature};
use crate::suggest::either;

/// The pages on schemas.
pub fn pages() -> Vec<Page> {
    vec![columns(), distributions(), functions()]
}

/// `a`, `b` and `c`, each between backticks.
fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    either(names).replace(" or ", " and ")
}

fn elsewhere(out: &mut String, aliases: &[&str]) {
    if !aliases.is_empty() {
        let names: Vec<String> = aliases.iter().map(|name| format!("`{name}`")).collect();
        // Writing to a string does not fail.
        _ = write!(out, "\nElsewhere: {}.\n", names.join(", "));
    }
}

fn columns() -> Page {
    let mut out = String::from(
        "# Column types\n\nWhat stands after the colon of a column. `?` after the type lets it be null. `null`, `default`, `from`, `~` \
         and `=` go with every type; which of the other clauses do stands with each. The names that SQL, pandas and Faker use are \
         errors that carry the right name as their fix.\n",
    );
    for def in TYPES {
        let signature = &def.signature;
        _ = write!(out, "\n## {}\n\n{}", signature.name, signature.summary);
        if !signature.details.is_empty() {
            _ = write!(out, " {}", signature.details);
        }
        for parameter in signature.parameters {
            let default = match parameter.default {
                Default::Required => String::new(),
                default => format!(" (without it: {default})"),
            };
            _ = write!(out, " `{}` is {}{default}: {}", parameter.name, parameter.kind, parameter.summary);
        }
        _ = write!(out, "\n\nValues: {}. Clauses: {}.\n", literals(def), clauses(def));
        _ = write!(out, "\n```ndsl fragment\n{}\n```\n", signature.example);
        elsewhere(&mut out, def.aliases);
    }
    Page { name: "columns", markdown: out }
}

fn literals(def: &TypeDef) -> String {
    match def.literals {
        "none" => "not written in a program".to_owned(),
        literals => literals.to_owned(),
    }
}

fn clauses(def: &TypeDef) -> String {
    match def.clauses {
        [] => "none of its own".to_owned(),
        clauses => listed(clauses.iter().map(|clause| clause.word())),
    }
}

/// The kind of column a distribution fills, in a word.
fn base_word(base: Base) -> &'static str {
    match base {
        Base::Int => "int",
        Base::Float => "float",
        Base::Decimal => "decimal",
        Base::Bool => "bool",
        Base::Text => "string",
        Base::Date => "date",
        Base::DateTime => "datetime",
        Base::Time => "time",
        Base::Json => "json",
        Base::Enum => "enum",
        Base::List => "list",
        Base::Reference => "ref",
    }
}

fn distributions() -> Page {
    let mut out = String::from(
        "# Distributions\n\nWhat stands after the `~` of a column: how its values are drawn. A number may be computed from the row's other \
         columns, and from those of rows it refers to; `if plan == free { … } else { … }` draws from one distribution or another. \
         What is drawn for a column of whole numbers is rounded, and what lies outside of `in` is drawn again.\n",
    );
    for def in FAMILIES {
        _ = write!(out, "\n## {}\n\n{}\n", def.signature.name, body(&def.signature));
        let fills = def.takes.iter().map(|base| base_word(*base));
        let texts = if def.takes.contains(&Base::Text) { " and every type of text" } else { "" };
        _ = write!(out, "\nFills {}{texts}.\n", listed(fills));
        _ = write!(out, "\n```ndsl fragment\n{}\n```\n", def.signature.example);
        elsewhere(&mut out, def.aliases);
    }
    Page { name: "distributions", markdown: out }
}

fn functions() -> Page {
    let mut out = String::from(
        "# Functions of columns\n\nWhat can be called in an expression over columns: after `=`, in a `check`, and in the parameters of a \
         distribution. A function of a null is null, but for `coalesce` and `format`.\n",
    );
    let mut section = |signature: &Signature, several: bool| {
        _ = write!(out, "\n## {}\n\n{}", signature.name, signature.summary);
        if !signature.details.is_empty() {
            _ = write!(out, " {}", signature.details);
        }
        let takes: Vec<String> = signature.parameters.iter().map(|parameter| format!("{}", parameter.kind)).collect();
        let dots = if several { ", in any number" } else { "" };
        _ = write!(out, "\n\nTakes {}{dots}.\n\n```ndsl fragment\n{}\n```\n", takes.join("; then "), signature.example);
    };
    for def in FUNCTIONS {
        section(&def.signature, def.arity.1.is_none());
    }
    section(&FORMAT, false);
    out += "\n# Of the rows that refer to a row\n\nThey take a table or a column of it, and `via=`, the reference by which its rows are found, \
            where there are several.\n";
    for signature in AGGREGATES {
        _ = write!(
            out,
            "\n## {} of rows\n\n{}\n\n```ndsl fragment\n{}\n```\n",
            signature.name, signature.summary, signature.example
        );
    }
    Page { name: "column-functions", markdown: out }
}
