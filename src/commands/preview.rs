//! `ndsl preview`: the first rows of each table, without writing any.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::runtime::operations::generate::{self, Preview};

use super::summary::grouped;
use super::{Failure, Format, generate as command};
use crate::terminal;

/// Characters of a cell that are shown.
const CHARACTERS: usize = 32;

/// Characters a column takes at the least, with its border.
const NARROWEST: usize = 10;

/// Show the first rows of each table of a schema, as `ndsl generate` would make them
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl preview shop.ndsl
  ndsl preview shop.ndsl --table Customer --count 20 --seed 7 --locale de
  ndsl preview shop.ndsl --json | jq .email")]
pub struct Arguments {
    #[command(flatten)]
    wanted: command::Wanted,
    /// How many rows of each table
    #[arg(short, long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    count: u64,
    /// Write a JSON object for each row instead
    #[arg(long)]
    json: bool,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let request = self.wanted.request()?;
        let format = if self.json { Format::Json } else { self.message_format };
        let previews = generate::preview(&request, self.count).map_err(|error| Failure::operation(error, format))?;
        for (place, preview) in previews.iter().enumerate() {
            if self.json {
                print!("{}", preview.json);
                continue;
            }
            if place > 0 {
                println!();
            }
            show(preview);
        }
        Ok(())
    }
}

/// A table, as many of its columns as fit.
fn show(preview: &Preview) {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    let width = table.width().map_or(usize::MAX, usize::from);
    let columns = preview.columns.len().min((width / NARROWEST).max(1));
    let heading = |text: &String| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    };
    table.set_header(preview.columns.iter().take(columns).map(heading));
    for row in &preview.cells {
        table.add_row(row.iter().take(columns).map(|cell| match cell {
            Some(text) => Cell::new(shortened(text)),
            None if terminal::colours() => Cell::new("null").add_attribute(Attribute::Dim),
            None => Cell::new("null"),
        }));
    }
    for column in 0..columns {
        let mut cells = preview.cells.iter().filter_map(|row| row[column].as_deref()).peekable();
        if cells.peek().is_some()
            && cells.all(|cell| cell.parse::<f64>().is_ok())
            && let Some(column) = table.column_mut(column)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{}: {} of {} rows", preview.table, preview.cells.len(), grouped(preview.rows));
    println!("{table}");
    let hidden = &preview.columns[columns..];
    if !hidden.is_empty() {
        println!("and {}", hidden.join(", "));
    }
}

/// The beginning of a text, on one line.
fn shortened(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ");
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
