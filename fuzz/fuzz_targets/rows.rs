//! The rows of any program's schemas are what these say, however they are made.
#![no_main]

#[path = "../../generate/tests/oracle/mod.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    oracle::sound::rows(text);
});
