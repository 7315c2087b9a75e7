//! `ndsl evaluate`: measures a trained model.

use std::path::PathBuf;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, Table};
use ndsl::runtime::operations::evaluate::{self, Confused, Part, Request};

use super::device::DeviceArgument;
use super::progress::measures;
use super::{Failure, Format, interrupt, report, summary};
use crate::terminal;

/// The most classes of which a terminal has room to show what was taken for what; scripts are told of more.
const SHOWN: usize = 20;

/// Measure a trained model on rows with answers
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl evaluate runs/digits                          the rows held out in training\n  ndsl evaluate runs/digits new.csv                  another file\n  ndsl evaluate runs/mnist images.gz labels.gz       IDX files\n  ndsl evaluate runs/digits --device cpu\n  ndsl evaluate runs/digits --message-format json"
)]
pub struct Arguments {
    /// The model's folder
    model: PathBuf,
    /// The data: a CSV file, or IDX images and labels; by default what the model was trained on
    data: Vec<PathBuf>,
    /// Which rows of the data the model was trained on; by default those held out, or all where none were
    #[arg(long, value_enum, conflicts_with = "data")]
    part: Option<PartArgument>,
    #[command(flatten)]
    device: DeviceArgument,
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
        let request = Request { model: self.model, data: self.data, part, device: self.device.choice() };
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
            if let Some(confused) = response.confusion.filter(|confused| confused.classes.len() <= SHOWN) {
                println!("\nrows that are (down) and were taken for (across):\n{}", grid(&confused));
            }
        }
        Ok(())
    }
}

/// What was taken for what: those that are right stand on the diagonal.
fn grid(confused: &Confused) -> Table {
    let strong = |cell: Cell, strong: bool| match strong && terminal::colours() {
        true => cell.add_attribute(Attribute::Bold),
        false => cell,
    };
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    let heads = confused.classes.iter().map(|class| strong(Cell::new(class), true).set_alignment(CellAlignment::Right));
    table.set_header(std::iter::once(Cell::new("")).chain(heads));
    for (index, (class, counts)) in confused.classes.iter().zip(confused.counts.counts()).enumerate() {
        // What never happened is left empty, so that the eye finds what did.
        let shown = |count: &u64| if *count == 0 { String::new() } else { summary::grouped(*count) };
        let cells = counts.iter().enumerate().map(|(answer, count)| {
            strong(Cell::new(shown(count)), answer == index).set_alignment(CellAlignment::Right)
        });
        table.add_row(std::iter::once(strong(Cell::new(class), true)).chain(cells));
    }
    table
}
