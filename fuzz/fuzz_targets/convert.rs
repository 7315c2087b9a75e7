//! Any text is SQL, a JSON Schema and a DataSchema: a sound program comes of it, or faults at its places.
#![no_main]

#[path = "../../compiler/tests/sound/converting.rs"]
mod converting;

use libfuzzer_sys::fuzz_target;
use ndsl_compiler::schema::convert::Format;

fuzz_target!(|text: &str| {
    let json = text.trim_start().starts_with(['{', '[']);
    let formats = if json { &[Format::JsonSchema, Format::DataSchema][..] } else { &[Format::Sql] };
    formats.iter().for_each(|format| converting::survives(*format, text));
});
