//! What holds of the rows of every program.

use std::sync::Arc;

use ndsl_compiler::{Source, analyze};
use ndsl_generate::text::Locale;
use ndsl_generate::{Generator, NoInputs, Options};

use super::{Made, hold, read};

/// Rows of a table where nothing else follows.
const ROWS: u64 = 20;

/// More rows in all are not made.
const MOST: u64 = 4000;

/// Makes rows of a program's schemas: they are what these say, as many as were asked for, and the same in other batches. Where a
/// program is at fault, or its rows cannot be made, that is said.
pub fn rows(text: &str) {
    let analysis = analyze(&Source::new("rows.ndsl", text));
    if analysis.has_errors() || analysis.schemas().tables.is_empty() {
        return;
    }
    let schemas = Arc::new(analysis.schemas().clone());
    let options =
        Options { seed: 1, locale: Locale::En, rows: ROWS, rows_of: Default::default(), inputs: &NoInputs, threads: 1 };
    let generator = match Generator::new(schemas.clone(), &options) {
        Ok(generator) => generator,
        Err(faults) => return assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.message.is_empty())),
    };
    if schemas.tables().map(|(id, _)| generator.rows(id)).fold(0, u64::saturating_add) > MOST {
        return;
    }
    let made =
        |batch: u64| -> Option<Vec<_>> { schemas.tables().map(|(id, _)| read(&generator, id, batch).ok()).collect() };
    // Where the checks of a row are met by none that is drawn, there is no whole.
    let (Some(tables), Some(again)) = (made(MOST), made(7)) else { return };
    assert_eq!(tables, again, "{text}");
    hold(&Made { schemas, tables });
}
