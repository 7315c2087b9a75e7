//! Generates `src/` from `grammar.js`, which Node evaluates.

use std::path::Path;

mod parser;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    parser::generate(&root.join("grammar.js"), &root.join("src"))
}
