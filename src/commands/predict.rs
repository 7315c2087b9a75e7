//! `ndsl predict`: answers new rows with a trained model.

use std::io::Write;
use std::path::PathBuf;

use ndsl::runtime::operations::predict::{self, Request};

use super::{Failure, Format, interrupt, summary};

/// Answer new rows with a trained model, as CSV: labels and probabilities, or numbers
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl predict runs/digits new.csv -o answers.csv\n  ndsl predict runs/mnist images.gz | head\n  ndsl predict runs/digits new.csv --raw"
)]
pub struct Arguments {
    /// The model's folder
    model: PathBuf,
    /// The data: a CSV file, with the target's column or without, or IDX images
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// The file to write; stdout where none is given
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Write the model's own output, such as logits, one column a number
    #[arg(long)]
    raw: bool,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let request = Request {
            model: self.model,
            data: self.data,
            output: self.output.clone(),
            raw: self.raw,
            device: Default::default(),
        };
        let response = predict::run(&request, &interrupt::cancel()?)
            .map_err(|error| Failure::operation(error, self.message_format))?;
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
