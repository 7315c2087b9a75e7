//! What can be read is laid out in one way, loses no comment, has the same tree, and means the same to the checker.
#![no_main]

#[path = "../../grammar/tests/sound/layout.rs"]
mod layout;
#[path = "../../compiler/tests/sound/meaning.rs"]
mod meaning;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(tidy) = layout::lay_out(text) {
        meaning::keep_meaning(text, &tidy, "a text");
    }
});
