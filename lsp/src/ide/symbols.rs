//! What a file declares: as an outline, and to be searched for across a project.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{FactKind, SymbolKind, declared_name};
use ndsl_grammar::ast::{
    Body, Declaration, DeclarationKind, Expr, ExprKind, Ident, Model, Record, SchemaItem, SchemaItemKind, Statement,
    StatementKind,
};

use super::target::{fact_of, kind_of};

/// Something that is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// What else there is to say of it on the same line: its type, what goes in and comes out.
    pub detail: Option<String>,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole of it.
    pub range: Range<usize>,
    /// Its name's place.
    pub selection: Range<usize>,
    /// What is declared in it.
    pub children: Vec<Symbol>,
}

/// The most symbols of one file: an outline of more is of no use, and slow.
const MAX_SYMBOLS: usize = 20_000;

/// The outline of the given text.
pub fn symbols(analysis: &Analysis) -> Vec<Symbol> {
    let mut left = MAX_SYMBOLS;
    let mut out = Vec::new();
    for declaration in &analysis.file.declarations {
        let Some(mut symbol) = declared(analysis, declaration) else { continue };
        let inside = 1 + count(&symbol.children);
        if inside > left {
            symbol.children.clear();
        }
        left = left.saturating_sub(inside.min(1 + count(&symbol.children)));
        out.push(symbol);
        if left == 0 {
            break;
        }
    }
    out
}

fn count(symbols: &[Symbol]) -> usize {
    symbols.iter().map(|symbol| 1 + count(&symbol.children)).sum()
}

/// The symbols whose names hold the letters of `query` in its order, whatever their case, each with what it stands in.
pub fn matching<'s>(symbols: &'s [Symbol], query: &str) -> Vec<(&'s Symbol, Option<&'s str>)> {
    let mut found = Vec::new();
    for symbol in symbols {
        if holds(&symbol.name, query) {
            found.push((symbol, None));
        }
        // What is local to a body is of no use to anybody outside.
        let tables =
            symbol.children.iter().filter(|child| matches!(child.kind, SymbolKind::Table | SymbolKind::Column));
        for child in tables.filter(|child| holds(&child.name, query)) {
            found.push((child, Some(symbol.name.as_str())));
        }
    }
    found
}

fn holds(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}

fn declared(analysis: &Analysis, declaration: &Declaration) -> Option<Symbol> {
    let name = declared_name(declaration)?;
    let (kind, children) = match &declaration.kind {
        DeclarationKind::Const { .. } => (SymbolKind::Constant, Vec::new()),
        DeclarationKind::Block(model) => (SymbolKind::Block, of_model(analysis, model)),
        DeclarationKind::Model(model) => (SymbolKind::Model, of_model(analysis, model)),
        DeclarationKind::Schema(schema) => (SymbolKind::Schema, of_items(analysis, &schema.items)),
        DeclarationKind::Dataset { .. } => (SymbolKind::Dataset, Vec::new()),
        DeclarationKind::Train { settings, .. } => (SymbolKind::Train, of_settings(settings)),
        DeclarationKind::Synthesizer { settings, .. } => (SymbolKind::Synthesizer, of_settings(settings)),
        DeclarationKind::Deploy { settings, .. } => (SymbolKind::Deploy, of_settings(settings)),
        DeclarationKind::Provider { settings, .. } => (SymbolKind::Provider, of_settings(settings)),
        DeclarationKind::Error { .. } => (SymbolKind::Declaration, Vec::new()),
        DeclarationKind::Use(_) | DeclarationKind::Assert { .. } => return None,
    };
    let detail = match fact_of(analysis, name.span).map(|fact| &fact.kind) {
        Some(FactKind::Model { summary, .. }) => summary.as_ref().map(|summary| summary.replace("->", "→")),
        Some(FactKind::Value { kind, .. }) => Some(kind.clone()),
        _ => None,
    };
    let range = declaration.span.range();
    Some(Symbol { name: name.text.clone(), detail, kind, range, selection: name.span.range(), children })
}

/// A name with its type, inside `whole`.
fn named(analysis: &Analysis, name: &Ident, kind: SymbolKind, whole: Range<usize>) -> Symbol {
    Symbol {
        name: name.text.clone(),
        detail: kind_of(analysis, name.span).filter(|detail| *detail != "unknown").map(str::to_owned),
        kind,
        // A name lies in what it names, also where an outline is made of a broken text.
        range: whole.start.min(name.span.start as usize)..whole.end.max(name.span.end as usize),
        selection: name.span.range(),
        children: Vec::new(),
    }
}

fn of_model(analysis: &Analysis, model: &Model) -> Vec<Symbol> {
    let parameter = |parameter: &ndsl_grammar::ast::Parameter| {
        named(analysis, &parameter.name, SymbolKind::Parameter, parameter.span.range())
    };
    let mut out: Vec<Symbol> = model.parameters.iter().map(parameter).collect();
    of_body(analysis, &model.body, &mut out);
    out
}

fn of_body(analysis: &Analysis, body: &Body, out: &mut Vec<Symbol>) {
    for statement in &body.statements {
        let Statement { span, kind, .. } = statement;
        let (name, symbol) = match kind {
            StatementKind::Input { name, .. } => (Some(name), SymbolKind::Input),
            StatementKind::Output { name, .. } => (Some(name), SymbolKind::Output),
            StatementKind::Bind { name, .. } => (Some(name), SymbolKind::Local),
            StatementKind::Share { name, .. } => (Some(name), SymbolKind::Shared),
            StatementKind::Flow { name, .. } => (name.as_ref(), SymbolKind::Local),
            StatementKind::Check { .. } | StatementKind::Error => (None, SymbolKind::Local),
        };
        let mut inner = Vec::new();
        statement.each_expr(&mut |value| of_expression(analysis, value, &mut inner));
        match name {
            Some(name) => {
                let mut own = named(analysis, name, symbol, span.range());
                own.children = inner;
                out.push(own);
            }
            None => out.append(&mut inner),
        }
    }
}

/// What is named inside the braces of an expression.
fn of_expression(analysis: &Analysis, value: &Expr, out: &mut Vec<Symbol>) {
    match &value.kind {
        ExprKind::If { branches, otherwise } => {
            branches.iter().map(|(_, body)| body).chain(otherwise).for_each(|body| of_body(analysis, body, out));
        }
        ExprKind::Repeat { body, .. } | ExprKind::Residual { body } | ExprKind::Body(body) => {
            of_body(analysis, body, out);
        }
        ExprKind::Branch { arms } => {
            for arm in arms {
                let mut inner = Vec::new();
                of_body(analysis, &arm.body, &mut inner);
                match &arm.name {
                    Some(name) => {
                        let mut own = named(analysis, name, SymbolKind::Arm, arm.body.span.range());
                        own.children = inner;
                        out.push(own);
                    }
                    None => out.append(&mut inner),
                }
            }
        }
        _ => value.each_child(&mut |child| of_expression(analysis, child, out)),
    }
}

fn of_items(analysis: &Analysis, items: &[SchemaItem]) -> Vec<Symbol> {
    let one = |item: &SchemaItem| match &item.kind {
        SchemaItemKind::Table(table) => {
            let mut own = named(analysis, &table.name, SymbolKind::Table, item.span.range());
            own.children = of_items(analysis, &table.items);
            Some(own)
        }
        SchemaItemKind::Column(column) => {
            let mut own = named(analysis, &column.name, SymbolKind::Column, item.span.range());
            // The type alone: what else is said of a column does not fit beside its name.
            own.detail =
                Some(analysis.source.text[column.kind.span.range()].split_whitespace().collect::<Vec<_>>().join(" "));
            Some(own)
        }
        _ => None,
    };
    items.iter().filter_map(one).collect()
}

/// The settings of a declaration; what stands in them is not followed.
fn of_settings(settings: &Record) -> Vec<Symbol> {
    let one = |entry: &ndsl_grammar::ast::Entry| Symbol {
        name: entry.key.text.clone(),
        detail: None,
        kind: SymbolKind::Field,
        range: entry.span.range(),
        selection: entry.key.span.range(),
        children: Vec::new(),
    };
    settings.entries.iter().filter(|entry| !entry.key.text.is_empty()).map(one).collect()
}
