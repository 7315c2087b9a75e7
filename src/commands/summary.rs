//! The table of a model's layers.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::compiler::Analysis;
use ndsl::compiler::check::ModelInstance;
pub use ndsl::compiler::diagram::grouped;
use ndsl::compiler::ir::tree::{Branch, tree};
use ndsl::compiler::ir::{ValueId, cost};
use ndsl::grammar::ast::DeclarationKind;
use serde::Serialize;

use super::{Format, report};
use crate::terminal;

/// A model's layers, as scripts read them.
#[derive(Serialize)]
struct Summary<'a> {
    model: &'a str,
    parameters: &'a [String],
    layers: Vec<Row<'a>>,
    total_parameters: usize,
    trainable_parameters: usize,
    flops: Option<u64>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    kind: &'a str,
    output: String,
    parameters: usize,
    flops: Option<u64>,
}

/// Prints the table, or the same as JSON.
pub fn print(model: &ModelInstance, format: Format) {
    let graph = &model.graph;
    let shape = |id: ValueId| {
        let value = graph.value(id);
        format!("{}{}", value.element, value.shape)
    };
    let costs = cost::by_layer(graph);
    let layers: Vec<Row<'_>> = graph
        .layers
        .iter()
        .zip(&costs)
        .map(|(layer, cost)| Row {
            name: &layer.name,
            kind: layer.kind,
            output: shape(layer.output),
            parameters: cost.parameters,
            flops: cost.flops,
        })
        .collect();
    let (total, trainable) = graph.parameter_counts();
    let summary = Summary {
        model: &model.name,
        parameters: &model.parameters,
        layers,
        total_parameters: total,
        trainable_parameters: trainable,
        flops: cost::total_flops(graph),
    };
    if format == Format::Json {
        println!("{}", report::to_json(&summary));
        return;
    }
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    let heading = |text: &str| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    };
    table.set_header(["Layer", "Name", "Output", "Parameters", "FLOPs"].map(heading));
    let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for input in &graph.inputs {
        let mut name = graph.value(*input).name.clone();
        if let Some(column) = graph.column(*input) {
            name = format!("{name}: {column}").into();
        }
        table.add_row([
            Cell::new("input"),
            Cell::new(name),
            Cell::new(shape(*input)),
            number("".into()),
            number("".into()),
        ]);
    }
    let mut row = |branch: &Branch, own: &str, depth: usize| {
        table.add_row([
            Cell::new(format!("{}{}", "  ".repeat(depth), branch.kind)),
            Cell::new(own),
            Cell::new(branch.output.map_or_else(String::new, shape)),
            number(grouped(branch.cost.parameters as u64)),
            number(branch.cost.flops.map_or_else(|| "?".to_owned(), grouped)),
        ]);
    };
    tree(graph).iter().for_each(|branch| rows(branch, "", 0, &mut row));
    let parameters = match model.parameters.is_empty() {
        true => String::new(),
        false => format!("({})", model.parameters.join(", ")),
    };
    println!("{}{parameters}", model.name);
    println!("{table}");
    let flops = summary.flops.map_or_else(|| "?".to_owned(), grouped);
    println!(
        "{} parameters ({} trainable), {} in f32; {flops} FLOPs a row\n",
        grouped(total as u64),
        grouped(trainable as u64),
        bytes(total as u64 * 4),
    );
}

/// Hands on a branch and what is inside it, each with its name without that of the block around it, and how deep it stands.
fn rows(branch: &Branch, around: &str, depth: usize, row: &mut dyn FnMut(&Branch, &str, usize)) {
    row(branch, branch.name.strip_prefix(around).unwrap_or(&branch.name), depth);
    let inside = format!("{}.", branch.name);
    branch.children.iter().for_each(|child| rows(child, &inside, depth + 1, row));
}

/// What a sound program holds: `2 models, 1 dataset, 1 train`.
pub fn contents(analysis: &Analysis) -> String {
    let own = &analysis.file.declarations;
    let count = |wanted: fn(&DeclarationKind) -> bool| own.iter().filter(|item| wanted(&item.kind)).count();
    let parts = [
        (count(|kind| matches!(kind, DeclarationKind::Model(_))), "model"),
        (count(|kind| matches!(kind, DeclarationKind::Schema(_))), "schema"),
        (count(|kind| matches!(kind, DeclarationKind::Dataset { .. })), "dataset"),
        (count(|kind| matches!(kind, DeclarationKind::Train { .. })), "train"),
    ];
    let some = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> =
        some.map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" })).collect();
    if parts.is_empty() { "nothing is declared".to_owned() } else { parts.join(", ") }
}

/// A size in the unit that suits it: `1.5 MB`.
pub fn bytes(count: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let mut size = count as f64;
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} bytes") } else { format!("{size:.1} {}", units[unit]) }
}
