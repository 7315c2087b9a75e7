//! Whether a schema that was made of something else can be used: what is wrong with it is said of the place it came from.

use std::ops::Range;

use ndsl_grammar::MAX_SOURCE_BYTES;

use super::Fault;
use super::outline::Outline;
use crate::analyze;
use crate::source::Source;

/// The program that declares a schema.
///
/// # Errors
/// Every fault of the program, at the place of what was read that it came from.
pub(super) fn checked(outline: &Outline) -> Result<String, Vec<Fault>> {
    let (written, places) = outline.written();
    if written.len() > MAX_SOURCE_BYTES {
        let message = format!("the schema would be larger than a program can be, {} MiB", MAX_SOURCE_BYTES >> 20);
        return Err(vec![Fault::new(0..0, message)]);
    }
    let analysis = analyze(&Source::new("schema", written.as_str()));
    let whole = outline.tables.first().map_or(0..0, |table| table.at.clone());
    let from = |at: usize| -> Range<usize> {
        let next = places.partition_point(|place| place.made.start <= at);
        let found = next.checked_sub(1).map(|place| &places[place]).filter(|place| place.made.contains(&at));
        found.map_or_else(|| whole.clone(), |place| place.from.clone())
    };
    let mut faults: Vec<Fault> = Vec::new();
    for found in analysis.diagnostics.iter().filter(|found| found.is_error()) {
        let span = found.label.span;
        let mut fault = Fault::new(from(span.start as usize), format!("as a schema: {}", found.message));
        fault.help = match written.get(span.range()) {
            Some(part) if !part.is_empty() && part.len() < 80 => {
                Some(format!("it is made `{part}`: {}", found.label.text))
            }
            _ => found.help.first().cloned(),
        };
        faults.push(fault);
    }
    faults.sort_by_key(|fault| fault.at.start);
    faults.dedup();
    if !faults.is_empty() {
        return Err(faults);
    }
    outline.text().map_err(|_| vec![Fault::new(whole, "the schema cannot be laid out".to_owned())])
}
