//! What can be a value: what a parameter takes, or anything an expression may hold.

use ndsl_compiler::check::SymbolKind;
use ndsl_compiler::plan::DeviceChoice;
use ndsl_compiler::settings::metrics::METRICS;
use ndsl_compiler::settings::synthesizer::MEASURES;
use ndsl_compiler::signature::Kind as Takes;
use ndsl_grammar::ast::{Argument, DeclarationKind, Expr, ExprKind};

use super::catalogue::{Part, methods};
use super::{Item, Kind, Place, names};
use crate::ide::expected::Wanted;

/// What the parameter that is being given takes.
pub(super) fn of_parameter(place: &Place<'_>, wanted: Wanted) -> Vec<Item> {
    let Some(parameter) = wanted.parameter else { return Vec::new() };
    let words = |words: &[&str]| -> Vec<Item> {
        words.iter().map(|word| Item::new(*word, Kind::EnumMember).detail(parameter.name).rank(1)).collect()
    };
    let mut items = match parameter.kind {
        Takes::Bool => words(&["true", "false"]),
        Takes::Choice(choices) => words(choices),
        Takes::Device => words(DeviceChoice::WORDS),
        Takes::Activation => Part::Activation.words(),
        Takes::Initializer => Part::Initializer.words(),
        Takes::Regularizer => Part::Regularizer.calls(place.has_bracket),
        Takes::Layer => Part::Layer.calls(place.has_bracket),
        Takes::Method(all) | Takes::Several(all) => methods(all, place.has_bracket),
        Takes::Column | Takes::Columns => return columns(place),
        Takes::Secret => return vec![env()],
        Takes::Place => return vec![env()],
        Takes::Special(_) => return special(place, parameter.name),
        Takes::Text | Takes::Paths | Takes::Texts | Takes::Quantity(_) | Takes::Record(_) => return Vec::new(),
        Takes::Tensor | Takes::Tensors | Takes::Operand | Takes::Operands => return expression(place),
        Takes::Int { .. }
        | Takes::Float(_)
        | Takes::Computed(_)
        | Takes::Sizes { .. }
        | Takes::Margins { .. }
        | Takes::Dim
        | Takes::Dims
        | Takes::OpenDims
        | Takes::Numbers
        | Takes::Axis
        | Takes::Axes
        | Takes::Order => Vec::new(),
    };
    // Of what is named, numbers alone will do.
    items.extend(
        names::locals(place).into_iter().filter(|item| item.detail.as_ref().is_some_and(|it| it.contains(" = "))),
    );
    items.extend(names::constants(place));
    items
}

fn env() -> Item {
    Item::new("env", Kind::Function).snippet("env(\"${1:NAME}\")").detail("read from the environment when it is used")
}

/// What a setting that reads its value itself takes.
fn special(place: &Place<'_>, name: &str) -> Vec<Item> {
    match name {
        "model" => names::declared(place, SymbolKind::Model),
        "dataset" => names::declared(place, SymbolKind::Dataset),
        "from" => names::declared(place, SymbolKind::Train),
        "using" => names::declared(place, SymbolKind::Provider),
        "metrics" => methods(&METRICS, place.has_bracket),
        "require" => methods(&MEASURES, place.has_bracket),
        "loss" => {
            let mut items = Part::Loss.calls(place.has_bracket);
            items.extend(fields(place));
            items.extend(outputs(place));
            items.extend(Part::Function.calls(place.has_bracket).into_iter().map(|item| item.rank(7)));
            items
        }
        "inputs" | "where" => {
            let mut items = fields(place);
            items.extend(Part::Function.calls(place.has_bracket).into_iter().map(|item| item.rank(7)));
            items
        }
        _ => Vec::new(),
    }
}

/// Anything an expression of a body may hold.
pub(super) fn expression(place: &Place<'_>) -> Vec<Item> {
    let mut items = match place.context.keyword(place.text) {
        // Of a training, what its model answers and what its dataset has.
        Some("train") => outputs(place).into_iter().chain(fields(place)).collect(),
        _ => names::locals(place),
    };
    items.extend(names::constants(place));
    items.extend(Part::Function.calls(place.has_bracket).into_iter().map(|item| item.rank(5)));
    items.extend(Part::Activation.calls(place.has_bracket).into_iter().map(|item| item.rank(6)));
    items.extend(["true", "false"].map(|word| Item::new(word, Kind::Keyword).rank(7)));
    items
}

/// The settings of the `train` around the place.
fn setting<'a>(place: &Place<'a>, name: &str) -> Option<&'a str> {
    let around = place.analysis.file.declarations.iter().find(|it| it.span.touches(place.offset))?;
    let (DeclarationKind::Train { settings, .. }
    | DeclarationKind::Synthesizer { settings, .. }
    | DeclarationKind::Deploy { settings, .. }) = &around.kind
    else {
        return None;
    };
    let entry = settings.entries.iter().find(|entry| entry.key.text == name)?;
    match &entry.value.kind {
        ExprKind::Name(word) => Some(word),
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Name(word) => Some(word),
            _ => None,
        },
        _ => None,
    }
}

/// The fields of the dataset that a `train` reads, as far as its declaration tells.
fn fields(place: &Place<'_>) -> Vec<Item> {
    let Some(DeclarationKind::Dataset { source, schema, .. }) = setting(place, "dataset")
        .and_then(|name| place.analysis.declaration(name))
        .map(|declaration| &declaration.kind)
    else {
        return Vec::new();
    };
    let mut items = Vec::new();
    if let Some(table) = schema.as_ref().and_then(|path| place.analysis.schemas().table(path).ok()) {
        items.extend(place.analysis.schemas().at(table).columns.iter().map(super::schemas::column));
        return items;
    }
    let ExprKind::Call { callee, arguments, .. } = &source.kind else { return items };
    let source = match &callee.kind {
        ExprKind::Name(name) => name.as_str(),
        _ => "",
    };
    let built_in: &[&str] = match source {
        "idx" | "images" => &["image", "label"],
        "text" => &["tokens", "next"],
        "npy" | "npz" => &["x", "y"],
        _ => &["columns"],
    };
    items.extend(built_in.iter().map(|name| Item::new(*name, Kind::Field).detail("field of the dataset").rank(1)));
    for argument in arguments {
        if argument.name.as_ref().is_some_and(|name| name.text == "target")
            && let ExprKind::Name(word) | ExprKind::Str(word) = &argument.value.kind
        {
            items.push(Item::new(word, Kind::Field).detail("target of the dataset").rank(1));
        }
    }
    items
}

/// The outputs of the model that a `train` trains.
fn outputs(place: &Place<'_>) -> Vec<Item> {
    let Some(name) = setting(place, "model") else { return Vec::new() };
    let Some(model) = place.analysis.models().iter().find(|model| model.name == name) else { return Vec::new() };
    let output = |output: &ndsl_compiler::ir::Output| {
        let value = model.graph.value(output.value);
        Item::new(&output.name, Kind::Variable)
            .detail(format!("{}{}, an output of `{name}`", value.element, value.shape.row()))
            .rank(1)
    };
    model.graph.outputs.iter().map(output).collect()
}

/// The columns of the file that a dataset reads, where its first line names them: that of a file of commas or of JSON lines. What
/// is packed (Parquet, Arrow) is not opened here.
fn of_file(place: &Place<'_>, source: &Expr) -> Vec<Item> {
    let ExprKind::Call { callee, arguments, .. } = &source.kind else { return Vec::new() };
    let is_json = match &callee.kind {
        ExprKind::Name(name) if name == "csv" => false,
        ExprKind::Name(name) if name == "jsonl" => true,
        _ => return Vec::new(),
    };
    let given = |wanted: &str| arguments.iter().find(|it| it.name.as_ref().is_some_and(|name| name.text == wanted));
    let text = |argument: &Argument| match &argument.value.kind {
        ExprKind::Str(text) => Some(text.clone()),
        // Of several files the first tells.
        ExprKind::List(items) => match items.first().map(|item| &item.kind) {
            Some(ExprKind::Str(text)) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    let path = given("path").or_else(|| arguments.first().filter(|it| it.name.is_none())).and_then(text);
    let delimiter = given("delimiter").and_then(text).and_then(|text| text.chars().next()).unwrap_or(',');
    let columns = path.map(|path| match is_json {
        true => super::files::keys(place.folders, &path),
        false => super::files::columns(place.folders, &path, delimiter),
    });
    columns
        .unwrap_or_default()
        .into_iter()
        .map(|name| {
            let is_word = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
                && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            let insert = if is_word { name.clone() } else { format!("{name:?}") };
            Item { insert, ..Item::new(name, Kind::Field).detail("column of the file").rank(2) }
        })
        .collect()
}

/// The columns that a setting may name.
pub(super) fn columns(place: &Place<'_>) -> Vec<Item> {
    let own = place.analysis.file.declarations.iter().find_map(|declaration| match &declaration.kind {
        DeclarationKind::Dataset { source, schema: None, .. } if declaration.span.touches(place.offset) => Some(source),
        _ => None,
    });
    if let Some(source) = own {
        return of_file(place, source);
    }
    let table = place.analysis.file.declarations.iter().find_map(|declaration| match &declaration.kind {
        DeclarationKind::Dataset { schema: Some(path), .. } if declaration.span.touches(place.offset) => {
            place.analysis.schemas().table(path).ok()
        }
        _ => None,
    });
    match table {
        Some(table) => place.analysis.schemas().at(table).columns.iter().map(super::schemas::column).collect(),
        None => match setting(place, "dataset").and_then(|name| place.analysis.declaration(name)).map(|it| &it.kind) {
            Some(DeclarationKind::Dataset { source, schema: None, .. }) => of_file(place, source),
            _ => fields(place),
        },
    }
}
