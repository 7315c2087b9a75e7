//! `ndsl predict`: answers new rows with a trained model.

use std::io::Write;
use std::path::PathBuf;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, ContentArrangement, Table};
use ndsl::runtime::operations::predict::{self, Request};
use ndsl::runtime::operations::values::{self, NamedValue};

use super::device::DeviceArgument;
use super::{Failure, Format, interrupt, report, summary};
use crate::terminal;

/// Answer new rows with a trained model: labels and probabilities, numbers, or any value of the model
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl predict runs/digits new.csv -o answers.csv
  ndsl predict runs/mnist images.gz | head
  ndsl predict runs/digits new.csv --raw -o logits.npy
  ndsl predict runs/digits new.csv --device cuda -o answers.csv
  ndsl predict runs/digits 'https://example.org/new.csv#sha256=9f86…'
  ndsl predict runs/digits --list-values                          the values that have a name
  ndsl predict runs/digits new.csv --values hidden -o hidden.npy  what a layer makes of each row")]
pub struct Arguments {
    /// The model's folder
    model: PathBuf,
    /// The data, in any format that a dataset like the model's may have, with the target or without; or one address, with `#sha256=` and the hash that
    /// the file must have
    #[arg(required_unless_present = "list_values")]
    data: Vec<PathBuf>,
    /// The file to write: .csv, .jsonl, .parquet or .npy; CSV on stdout where none is given
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Write the model's own output, such as logits, one column a number
    #[arg(long)]
    raw: bool,
    /// Write these values of the model: what the program names with `as` or `=`, or the names of layers, behind those of their blocks
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with = "raw")]
    values: Vec<String>,
    /// Show the values that have a name, and answer nothing
    #[arg(long, conflicts_with_all = ["data", "output", "raw", "values"])]
    list_values: bool,
    #[command(flatten)]
    device: DeviceArgument,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let failed = |error| Failure::operation(error, self.message_format);
        if self.list_values {
            let listed = values::run(&values::Request { model: self.model }).map_err(failed)?;
            match self.message_format {
                Format::Json => println!("{}", report::to_json(&listed)),
                _ => println!("{}", table(&listed.values)),
            }
            return Ok(());
        }
        let request = Request {
            model: self.model,
            data: self.data,
            output: self.output.clone(),
            raw: self.raw,
            values: self.values,
            device: self.device.choice(),
        };
        let response = predict::run(&request, &interrupt::cancel()?).map_err(failed)?;
        match (response.table, self.output) {
            (Some(table), _) => {
                // A reader that has seen enough, such as `head`, is no fault.
                let _closed = std::io::stdout().lock().write_all(&table);
            }
            (None, Some(path)) => {
                eprintln!("wrote {} rows to {}", summary::grouped(response.rows as u64), path.display());
            }
            (None, None) => {}
        }
        Ok(())
    }
}

/// The values that have a name, a line each.
fn table(values: &[NamedValue]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    let heading = |text: &str| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    };
    table.set_header(["Name", "Of each row", "Made by", ""].map(heading));
    for value in values {
        let shape = if value.shape.is_empty() { String::new() } else { format!("{:?}", value.shape) };
        let remarks = [(value.is_output, "output"), (value.is_drawn, "drawn")];
        let remarks: Vec<&str> = remarks.iter().filter(|(is, _)| *is).map(|(_, remark)| *remark).collect();
        let kind = format!("{}{shape}", value.element);
        table.add_row([value.name.as_str(), &kind, &value.made_by, &remarks.join(", ")].map(Cell::new));
    }
    table
}
