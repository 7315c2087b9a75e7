//! Any text is read, and every place that its tree or an error names lies in it.
#![no_main]

#[path = "../../grammar/tests/sound/reading.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    reading::read(text);
});
