//! The types of columns, from what was written.

use std::sync::Arc;

use foldhash::HashMap;
use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, ColumnTypeKind, Expr};

use super::Checker;
use crate::check::{Meaning, SymbolKind};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::datum::Datum;
use crate::schema::expression::Type;
use crate::schema::form::{ColumnType, Detail, Enum, EnumLabel};
use crate::schema::types::{self, TypeDef};
use crate::suggest::{either, listed, nearest};

/// The most digits a decimal may have after its point.
const MAX_PLACES: i64 = 12;

/// The most labels an enum may have.
const MAX_LABELS: usize = 4096;

impl<'a> Checker<'a> {
    fn unknown_kind(&self) -> ColumnType {
        ColumnType { def: types::UNKNOWN, detail: Detail::Unknown }
    }

    /// The type of a column or of a list's items, references left out.
    pub(super) fn kind(&mut self, kind: &'a ast::ColumnType) -> ColumnType {
        match &kind.kind {
            ColumnTypeKind::Named { name, arguments } => self.named(kind, name, arguments),
            ColumnTypeKind::List { item } => {
                if let Some(def) = types::find("list") {
                    self.type_fact(Span { end: kind.span.start + 4, ..kind.span }, def);
                }
                if let ColumnTypeKind::Reference { .. } = item.kind {
                    self.report(
                        Diagnostic::new(Code::UnknownType, item.span, "a list cannot hold references")
                            .label("rows of another table")
                            .help("many rows for one are a table of their own, with a `ref` to each side"),
                    );
                    return self.unknown_kind();
                }
                let item_kind = self.kind(item);
                match types::find("list") {
                    Some(def) => ColumnType { def, detail: Detail::Item(Box::new(item_kind), item.optional) },
                    None => self.unknown_kind(),
                }
            }
            ColumnTypeKind::Enum { labels } => self.labels(kind, labels),
            ColumnTypeKind::Reference { .. } | ColumnTypeKind::Error => self.unknown_kind(),
        }
    }

    fn named(&mut self, kind: &'a ast::ColumnType, name: &'a ast::Path, arguments: &'a [Expr]) -> ColumnType {
        let text = name.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join(".");
        let form = match text.as_str() {
            "list" => Some("`list(text)`"),
            "enum" => Some("`enum { free, pro }`"),
            "ref" => Some("`ref Customer`"),
            _ => None,
        };
        if let Some(form) = form {
            let fault = Diagnostic::new(Code::UnknownType, name.span, format!("`{text}` alone is not a whole type"))
                .label(format!("written {form}"));
            self.report(match text.as_str() {
                "list" => fault.fix("write `list(text)`", name.span, "list(text)", Applicability::Guess),
                _ => fault,
            });
            return self.unknown_kind();
        }
        let Some(def) = types::find(&text) else {
            self.no_type(kind, name, &text, arguments);
            return self.unknown_kind();
        };
        if text == "decimal" {
            self.findings.means(name.span, Meaning::ColumnType(&def.signature));
            self.described(name.span, &def.signature);
            return self.decimal(def, kind, name.span, arguments);
        }
        self.type_fact(name.span, def);
        if let Some(argument) = arguments.first() {
            let mut fault =
                Diagnostic::new(Code::ExtraArgument, argument.span, format!("`{text}` takes nothing in brackets"))
                    .label("one too many");
            if def.clauses.contains(&types::ClauseName::Length) {
                fault = fault.help("`length ..=80` after the type says how long a text may be");
            }
            self.report(fault);
        }
        ColumnType { def, detail: Detail::None }
    }

    fn decimal(
        &mut self,
        def: &'static TypeDef,
        kind: &ast::ColumnType,
        name: Span,
        arguments: &'a [Expr],
    ) -> ColumnType {
        let unknown = ColumnType { def, detail: Detail::Unknown };
        let Some(first) = arguments.first() else {
            let fault = Diagnostic::new(Code::MissingArgument, name, "`decimal` needs `places`")
                .label("how many digits after the point?")
                .help("an amount of money mostly has two: `decimal(2)`");
            self.report(fault.fix("write `decimal(2)`", name, "decimal(2)", Applicability::Guess));
            return unknown;
        };
        if let Some(second) = arguments.get(1) {
            let places = self.text(second.span);
            let whole = Span { start: name.end, end: kind.span.end - u32::from(kind.optional), ..name };
            let fault =
                Diagnostic::new(Code::ExtraArgument, second.span, "`decimal` takes the digits after the point alone")
                    .label("one too many")
                    .fix(format!("write `decimal({places})`"), whole, format!("({places})"), Applicability::Guess);
            self.report(fault);
            return unknown;
        }
        match self.constant(first, &Type::Int) {
            Some(Datum::Int(places)) if (0..=MAX_PLACES).contains(&places) => {
                ColumnType { def, detail: Detail::Places(places as u8) }
            }
            Some(_) => {
                let message = format!("a decimal has from 0 to {MAX_PLACES} digits after its point");
                self.report(Diagnostic::new(Code::OutOfRange, first.span, message).label("too many or too few"));
                unknown
            }
            None => unknown,
        }
    }

    fn no_type(&mut self, kind: &ast::ColumnType, name: &ast::Path, text: &str, arguments: &[Expr]) {
        let mut fault = Diagnostic::new(Code::UnknownType, name.span, format!("there is no column type `{text}`"))
            .label("not known");
        let optional = if kind.optional { "?" } else { "" };
        let group = listed(types::group(text));
        if matches!(text, "duration" | "interval" | "timedelta") {
            fault = fault
                .label("lengths of time are not stored")
                .help("a column holds the moments, or the length as a number: `took: float = days(shipped - placed)`");
        } else if self.is_table(text) {
            let meant = format!("ref {text}");
            fault = fault.label("a table").fix(format!("write `{meant}`"), name.span, meant, Applicability::Guess);
        } else if let Some(def) = types::find_alias(text) {
            let is_text = matches!(def.signature.name, "string" | "text");
            let (span, meant) = match (def.signature.name, arguments) {
                ("decimal", []) => (name.span, "decimal(2)".to_owned()),
                ("decimal", [.., places]) => (kind.span, format!("decimal({}){optional}", self.text(places.span))),
                ("enum", _) => (name.span, "enum { … }".to_owned()),
                ("list", _) => (name.span, "list(text)".to_owned()),
                ("ref", _) => (name.span, "ref".to_owned()),
                (meant, [size]) if is_text => {
                    (kind.span, format!("{meant}{optional} length ..={}", self.text(size.span)))
                }
                (meant, _) => (name.span, meant.to_owned()),
            };
            fault = fault.label(format!("it is called `{}` here", def.signature.name));
            let list = def.signature.name == "list";
            let applicability = if list { Applicability::Guess } else { Applicability::Safe };
            if !meant.contains('…') && meant != "ref" {
                fault = fault.fix(format!("write `{meant}`"), span, meant, applicability);
            } else {
                fault = fault.help(format!("it is written `{}`", def.signature.example));
            }
        } else if let Some(names) = group {
            fault = fault.label("the name of a group").help(format!("of `{text}` there is {names}"));
        } else if let Some(meant) = nearest(text, types::TYPES.iter().map(|def| def.signature.name)) {
            fault = fault.label(format!("did you mean `{meant}`?")).fix(
                format!("replace `{text}` with `{meant}`"),
                name.span,
                meant,
                Applicability::Safe,
            );
        } else {
            let common =
                ["int", "float", "decimal(2)", "bool", "string", "date", "datetime", "enum { … }", "ref Table"];
            fault = fault.help(format!("common types are {}", either(common).replace(" or ", " and ")));
        }
        self.report(fault);
    }

    fn labels(&mut self, kind: &ast::ColumnType, labels: &'a [ast::Label]) -> ColumnType {
        let Some(def) = types::find("enum") else { return self.unknown_kind() };
        self.type_fact(Span { end: kind.span.start + 4, ..kind.span }, def);
        if labels.is_empty() && !self.findings.lost_in(kind.span) {
            let fault = Diagnostic::new(Code::NoValueLeft, kind.span, "an enum without labels has no values");
            self.report(fault.label("nothing is in it").help("write its labels: `enum { free, pro }`"));
            return ColumnType { def, detail: Detail::Unknown };
        }
        if labels.len() > MAX_LABELS {
            let message = format!("an enum has at most {MAX_LABELS} labels");
            let fault = Diagnostic::new(Code::TooDeep, kind.span, message).label(format!("{} labels", labels.len()));
            self.report(fault.help("a table with a key holds any number, and a `ref` to it stands for one"));
            return ColumnType { def, detail: Detail::Unknown };
        }
        let mut first: HashMap<&str, Span> = HashMap::default();
        let mut kept: Vec<&'a ast::Label> = Vec::new();
        for label in labels {
            let name = &label.name;
            self.findings.declares(name.span, SymbolKind::Label);
            match first.get(name.text.as_str()) {
                Some(known) => {
                    let message = format!("the label `{}` stands twice", name.text);
                    let fault = Diagnostic::new(Code::Duplicate, name.span, message).label("again here");
                    self.report(fault.related(*known, "first here"));
                }
                None => {
                    first.insert(&name.text, name.span);
                    kept.push(label);
                }
            }
        }
        let duplicates = kept.len() < labels.len();
        let weights: Vec<(Span, Option<&Expr>)> =
            kept.iter().map(|label| (label.name.span, label.weight.as_ref())).collect();
        let shares = self.shares(&weights, duplicates);
        let labels = kept.iter().zip(shares).map(|(label, weight)| EnumLabel {
            name: label.name.text.clone(),
            weight,
            weighted: label.weight.is_some(),
            span: label.name.span,
        });
        ColumnType { def, detail: Detail::Labels(Arc::new(Enum::new(labels.collect()))) }
    }
}
