//! `ndsl report`: the page that shows a trained model.

use std::path::PathBuf;

use ndsl::runtime::operations::report::{self, Request};

use super::device::DeviceArgument;
use super::evaluate::PartArgument;
use super::{Failure, Format, interrupt, summary};

/// Write a page that shows how a training went and where its model is wrong
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl report runs/digits                       runs/digits/report.html, by the rows held out in training\n  ndsl report runs/digits new.csv -o new.html   the same model on other rows\n\n`ndsl train` writes the page when it ends. It is one HTML file that loads nothing."
)]
pub struct Arguments {
    /// The model's folder
    model: PathBuf,
    /// The data it is judged on, with answers; by default what the model was trained on
    data: Vec<PathBuf>,
    /// Which rows of the data the model was trained on; by default those held out, or all where none were
    #[arg(long, value_enum, conflicts_with = "data")]
    part: Option<PartArgument>,
    /// The page to write; by default `report.html` in the model's folder
    #[arg(short, long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceArgument,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let part = self.part.map(Into::into);
        let Self { model, data, output, device, .. } = self;
        let request = Request { model, data, part, output, device: device.choice() };
        let response = report::run(&request, &interrupt::cancel()?)
            .map_err(|error| Failure::operation(error, self.message_format))?;
        if self.message_format == Format::Json {
            println!("{}", super::report::to_json(&response));
        } else {
            let rows = summary::grouped(response.rows as u64);
            println!("{}: {} on {rows} {}rows", response.output.display(), response.model, response.part.adjective());
        }
        Ok(())
    }
}
