//! `ndsl profile`: what data are like, on the terminal and as a page.

use std::path::PathBuf;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use ndsl::runtime::files::write_whole;
use ndsl::runtime::operations::profile::{self, Measure, Request, Response};

use super::{Failure, Format, dataset, report};
use crate::terminal;

/// How many pairs of columns are shown.
const PAIRS: usize = 10;

/// Show what data are like: columns, types, missing and frequent values, spread, and how columns go together
#[derive(clap::Args)]
#[command(after_help = "Examples:
  ndsl profile people.csv
  ndsl profile rides/*.parquet                several files as one
  ndsl profile people.csv -o people.html      a page with histograms, which needs nothing else
  ndsl profile people.csv --json | jq '.columns[].name'

Every row is read twice, and memory does not grow with the rows.")]
pub struct Arguments {
    /// Files of rows, which are one table: .csv, .tsv, .jsonl, .parquet, .arrow
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write a page (HTML) here, instead of tables on the terminal
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let format = if self.json { Format::Json } else { Format::default() };
        let response =
            profile::run(&Request { files: self.files }).map_err(|error| Failure::operation(error, format))?;
        if let Some(out) = &self.out {
            write_whole(out, profile::page(&response).as_bytes()).map_err(|error| Failure::io("write", out, &error))?;
            eprintln!("wrote {}", out.display());
        }
        match (self.json, &self.out) {
            (true, _) => println!("{}", report::to_json(&response)),
            (false, Some(_)) => {}
            (false, None) => {
                dataset::print(&response.data);
                pairs(&response);
            }
        }
        Ok(())
    }
}

/// The columns that go together most strongly.
fn pairs(response: &Response) {
    let mut order: Vec<_> = response.relations.iter().collect();
    if order.is_empty() {
        return;
    }
    order.sort_by(|a, b| b.strength().total_cmp(&a.strength()).then((a.one, a.other).cmp(&(b.one, b.other))));
    let mut grid = Table::new();
    grid.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_header(["Columns", "By", "Value", "Of ranks"].map(|text| match terminal::colours() {
        true => Cell::new(text).add_attribute(Attribute::Bold),
        false => Cell::new(text),
    }));
    let number = |value: f64| Cell::new(format!("{value:.2}")).set_alignment(CellAlignment::Right);
    for relation in order.iter().take(PAIRS) {
        let [one, other] = [relation.one, relation.other].map(|column| response.data.columns[column].name.as_str());
        grid.add_row([
            Cell::new(dataset::within(&format!("{one}, {other}"), 48)),
            Cell::new(measure(relation.measure)),
            number(relation.value),
            relation.of_ranks.map_or_else(|| Cell::new(""), number),
        ]);
    }
    println!("\nwhat goes together most strongly:\n{grid}");
}

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Pearson => "Pearson's correlation",
        Measure::CramersV => "Cramér's V",
        Measure::CorrelationRatio => "correlation ratio",
    }
}
