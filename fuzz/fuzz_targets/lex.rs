//! Tokens and the white space between them make up any text.
#![no_main]

#[path = "../../grammar/tests/sound/lexing.rs"]
mod lexing;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    lexing::split(text);
});
