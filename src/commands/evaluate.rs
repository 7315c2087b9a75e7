//! `ndsl evaluate`: measures a trained model.

use std::path::PathBuf;

use ndsl::runtime::operations::evaluate::{self, Part, Request};

use super::progress::measures;
use super::{Failure, Format, interrupt, report, summary};

/// Measure a trained model on rows with answers
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl evaluate runs/digits                          the rows held out in training\n  ndsl evaluate runs/digits new.csv                  another file\n  ndsl evaluate runs/mnist images.gz labels.gz       IDX files\n  ndsl evaluate runs/digits --message-format json"
)]
pub struct Arguments {
    /// The model's folder
    model: PathBuf,
    /// The data: a CSV file, or IDX images and labels; by default what the model was trained on
    data: Vec<PathBuf>,
    /// Which rows of the data the model was trained on; by default those held out, or all where none were
    #[arg(long, value_enum, conflicts_with = "data")]
    part: Option<PartArgument>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

/// Which rows of a dataset.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum PartArgument {
    Held,
    Training,
    All,
}

impl From<PartArgument> for Part {
    fn from(part: PartArgument) -> Self {
        match part {
            PartArgument::Held => Self::Held,
            PartArgument::Training => Self::Training,
            PartArgument::All => Self::All,
        }
    }
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let part = self.part.map(Into::into);
        let request = Request { model: self.model, data: self.data, part, device: Default::default() };
        let response = evaluate::run(&request, &interrupt::cancel()?)
            .map_err(|error| Failure::operation(error, self.message_format))?;
        if self.message_format == Format::Json {
            println!("{}", report::to_json(&response));
        } else {
            let rows = summary::grouped(response.rows as u64);
            println!(
                "{} on {rows} {}rows: {}",
                response.model,
                response.part.adjective(),
                measures(&response.measures, "")
            );
        }
        Ok(())
    }
}
