//! The generator as it is used here.

use std::path::Path;
use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// Neovim 0.7 reads trees of this version, and so does everything after it.
const ABI: usize = 14;

/// Writes into `folder` what follows from `grammar`: `grammar.js`, or the `grammar.json` it was made into.
pub fn generate(grammar: &Path, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = grammar.parent().unwrap_or(folder);
    let (mut notes, runtime) = (Vec::new(), Some("node"));
    let optimizations = OptLevel::default();
    generate_parser_in_directory(
        root,
        Some(folder),
        Some(grammar),
        ABI,
        None,
        runtime,
        true,
        optimizations,
        &mut notes,
    )?;
    match notes.first() {
        Some(note) => Err(note.to_string().into()),
        None => Ok(()),
    }
}
