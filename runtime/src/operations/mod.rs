//! The operations of the runtime, one file each: what is asked, what comes back, and the work between.
//!
//! The command and the server are thin views of these functions.

mod answers;
mod chosen;
pub mod compile;
pub mod dataset;
mod error;
pub mod evaluate;
pub mod fetch;
pub mod generate;
pub mod infer;
mod origin;
mod place;
pub mod predict;
pub mod profile;
pub mod report;
mod row_weights;
pub mod sample;
pub mod train;
mod trained;
pub mod tune;
pub mod validate;
pub mod values;

pub use error::Error;
use ndsl_compiler::Analysis;

/// The analysis of a program without errors.
fn sound(analysis: Analysis) -> Result<Analysis, Error> {
    match analysis.has_errors() {
        true => Err(Error::Program { sources: analysis.sources, diagnostics: analysis.diagnostics }),
        false => Ok(analysis),
    }
}
