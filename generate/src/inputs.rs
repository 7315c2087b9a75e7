//! What a schema draws from files, handed in by whoever can read them.

use ndsl_compiler::schema::Type;
use ndsl_compiler::schema::datum::Datum;

use crate::column::Column;

/// The columns of files that a schema names.
pub trait Inputs: Sync {
    /// The values of a column of a file, in order, as values of a type; a missing one is null. The path is as it was written.
    ///
    /// # Errors
    /// Why it cannot be read: one sentence, lower case, no full stop.
    fn column(&self, path: &str, column: &str, ty: &Type) -> Result<Vec<Datum>, String>;
}

/// For schemas that name no file.
pub struct NoInputs;

impl Inputs for NoInputs {
    fn column(&self, path: &str, _: &str, _: &Type) -> Result<Vec<Datum>, String> {
        Err(format!("`{path}` was not handed in"))
    }
}

/// The columns of the files that rows are made from, as texts, by the file's path and the column's name.
pub type Sources = std::collections::BTreeMap<(String, String), Column>;
