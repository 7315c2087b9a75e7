//! What begins a declaration, and what stands in its head.

use ndsl_compiler::check::SymbolKind;
use ndsl_grammar::KEYWORDS;
use ndsl_grammar::ast::{DeclarationKind, SchemaItemKind};
use ndsl_grammar::keyword::Place as Where;

use super::catalogue::{Part, methods};
use super::{Docs, Item, Kind, Place, names, values};

/// How each declaration is begun.
const BEGINNINGS: [(&str, &str); 11] = [
    ("model", "model ${1:Name} {\n\tinput ${2:x}: ${3:f32[$4]}\n\n\t$0\n}"),
    ("block", "block ${1:Name}(${2:units: int}) {\n\t$0\n}"),
    ("const", "const ${1:name} = $0"),
    ("dataset", "dataset ${1:Name} = csv(\"$2\", target=${3:label})"),
    (
        "train",
        "train ${1:name} {\n\tmodel: ${2:Model}()\n\tdataset: ${3:Dataset}\n\tloss: ${4:cross_entropy(output, label)}$0\n}",
    ),
    ("use", "use $2 from \"$1\""),
    ("schema", "schema ${1:Name} {\n\ttable ${2:Table} {\n\t\tid: int key\n\t\t$0\n\t}\n}"),
    ("synthesizer", "synthesizer ${1:name} {\n\tdataset: ${2:Dataset}\n\tmethod: ${3:auto}$0\n}"),
    ("deploy", "deploy ${1:name} {\n\tmodel: ${2:Model}\n\tfrom: ${3:run.best}$0\n}"),
    ("provider", "provider ${1:name} {\n\tkind: ${2:openai}\n\turl: env(\"${3:LLM_URL}\")$0\n}"),
    ("assert", "assert ${1:Model.parameters < 1_000_000}"),
];

/// What begins a declaration.
pub(super) fn keywords() -> Vec<Item> {
    BEGINNINGS
        .iter()
        .map(|(word, snippet)| {
            Item::new(*word, Kind::Keyword).snippet(*snippet).docs(Docs::Of(format!("keyword/{word}")))
        })
        .collect()
}

/// What stands in the head of a declaration, outside of all brackets.
pub(super) fn outside(place: &Place<'_>, keyword: &str) -> Vec<Item> {
    let context = &place.context;
    if context.begins_line {
        return keywords();
    }
    let outer = &context.outer;
    match keyword {
        "const" if outer.assigned => values::expression(place),
        "assert" => {
            let mut items = names::declared(place, SymbolKind::Model);
            items.extend(values::expression(place));
            items
        }
        "dataset" if outer.assigned => methods(&ndsl_compiler::settings::sources::SOURCES, place.has_bracket),
        "dataset" if outer.colon => names::declared(place, SymbolKind::Schema),
        "schema" if outer.using => names::declared(place, SymbolKind::Provider),
        "use" if !outer.from => taken(place),
        _ => Vec::new(),
    }
}

/// What the file that a `use` names declares.
fn taken(place: &Place<'_>) -> Vec<Item> {
    let uses = place.analysis.file.declarations.iter().filter_map(|declaration| match &declaration.kind {
        DeclarationKind::Use(import) => Some((import, declaration.span)),
        _ => None,
    });
    let here = uses.zip(place.analysis.used_files()).find(|((_, span), _)| span.touches(place.offset));
    let Some(((import, _), Some(file))) = here else { return Vec::new() };
    let declared = place.analysis.tree(file).declarations.iter().filter_map(|declaration| {
        let name = ndsl_compiler::check::declared_name(declaration)?;
        let is_taken = import.imports.iter().any(|one| one.name.text == name.text);
        let docs = declaration.docs.clone().map_or(Docs::None, Docs::Text);
        (!is_taken).then(|| Item::new(&name.text, Kind::Reference).docs(docs))
    });
    declared.collect()
}

/// What stands between the brackets behind the name of a model or block: the kinds of parameters, and defaults.
pub(super) fn parameters(place: &Place<'_>) -> Vec<Item> {
    use ndsl_grammar::TokenKind;
    let context = &place.context;
    if context.is_behind(TokenKind::Colon) {
        let kinds = ["int", "float", "bool", "string", "activation", "list"];
        return kinds.into_iter().map(|kind| Item::new(kind, Kind::Type)).collect();
    }
    if context.is_behind(TokenKind::Assign) {
        let mut items = names::constants(place);
        items.extend(["true", "false"].map(|word| Item::new(word, Kind::Keyword)));
        items.extend(Part::Activation.words());
        return items;
    }
    Vec::new()
}

/// The keywords of a place, each with what it is begun with.
pub(super) fn of_place(wanted: Where, snippets: &[(&str, &str)]) -> Vec<Item> {
    KEYWORDS
        .iter()
        .filter(|keyword| keyword.place == wanted)
        .map(|keyword| {
            let item = Item::new(keyword.word, Kind::Keyword).docs(Docs::Text(keyword.docs.to_owned())).rank(6);
            match snippets.iter().find(|(word, _)| *word == keyword.word) {
                Some((_, snippet)) => item.snippet(*snippet),
                None => item,
            }
        })
        .collect()
}

/// The tables that can be referred to at the place.
pub(super) fn tables(place: &Place<'_>) -> Vec<Item> {
    let declarations = place.analysis.file.declarations.iter().filter_map(|declaration| match &declaration.kind {
        DeclarationKind::Schema(schema) => Some((declaration, schema)),
        _ => None,
    });
    let mut items = Vec::new();
    for (declaration, schema) in declarations {
        let is_own = declaration.span.touches(place.offset);
        let tables = schema.items.iter().filter_map(|item| match &item.kind {
            SchemaItemKind::Table(table) => Some((table, item.docs.clone())),
            _ => None,
        });
        for (table, docs) in tables {
            let name = match is_own {
                true => table.name.text.clone(),
                false => format!("{}.{}", schema.name.text, table.name.text),
            };
            items.push(Item::new(name, Kind::Type).detail("table").docs(docs.map_or(Docs::None, Docs::Text)));
        }
    }
    items
}
