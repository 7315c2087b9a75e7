//! How far files are that are fetched from other machines: a bar on a terminal, a line elsewhere.

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ndsl::compiler::Source;
use ndsl::runtime::operations::fetch::{self, Kept, Part, Request};
use ndsl::runtime::train::Cancel;

use super::{Failure, Format};

/// Fetches what a program names by an address and is not here.
pub fn fetch(source: &Source, folder: &Path, of: Part, format: Format, cancel: &Cancel) -> Result<Vec<Kept>, Failure> {
    let (name, text) = (source.name.clone(), source.text.to_string());
    let request = Request { name, text, folder: folder.to_owned(), of, cache: None };
    let target = if format == Format::Json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target);
    let with_whole = "{msg}  {wide_bar:.cyan/dim}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
    let style = |template: &str| ProgressStyle::with_template(template).map(|style| style.progress_chars("━╸─"));
    let (mut current, mut is_whole) = (String::new(), None);
    let kept = fetch::run(
        &request,
        &mut |address, fetched| {
            if is_whole != Some(fetched.whole.is_some()) {
                is_whole = Some(fetched.whole.is_some());
                let template = if fetched.whole.is_some() { with_whole } else { "{msg}  {bytes}  {bytes_per_sec}" };
                if let Ok(style) = style(template) {
                    bar.set_style(style);
                }
            }
            if current != address {
                address.clone_into(&mut current);
                if bar.is_hidden() && format != Format::Json {
                    eprintln!("fetching {address}");
                }
                let name = address.rsplit('/').next().unwrap_or(address);
                bar.set_message(name.to_owned());
                // What was here before is not counted into the rate.
                bar.reset();
                bar.set_position(fetched.bytes);
                bar.reset_eta();
            }
            bar.set_length(fetched.whole.unwrap_or(0));
            bar.set_position(fetched.bytes);
        },
        cancel,
    );
    bar.finish_and_clear();
    kept.map_err(|error| Failure::operation(error, format))
}
