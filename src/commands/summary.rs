//! The table of a model's layers.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::compiler::Analysis;
use ndsl::compiler::check::ModelInstance;
use ndsl::compiler::ir::{ValueId, cost};
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
        let name = &graph.value(*input).name;
        table.add_row([
            Cell::new("input"),
            Cell::new(name),
            Cell::new(shape(*input)),
            number("".into()),
            number("".into()),
        ]);
    }
    for row in &summary.layers {
        table.add_row([
            Cell::new(row.kind),
            Cell::new(row.name),
            Cell::new(&row.output),
            number(grouped(row.parameters as u64)),
            number(row.flops.map_or_else(|| "?".to_owned(), grouped)),
        ]);
    }
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

/// What a sound program holds: `2 models, 1 dataset, 1 train`.
pub fn contents(analysis: &Analysis) -> String {
    let parts = [
        (analysis.models.len(), "model"),
        (analysis.schemas.schemas.len(), "schema"),
        (analysis.datasets.len(), "dataset"),
        (analysis.trains.len(), "train"),
    ];
    let some = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> =
        some.map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" })).collect();
    if parts.is_empty() { "nothing is declared".to_owned() } else { parts.join(", ") }
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
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
