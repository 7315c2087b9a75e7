//! Any program, or project of several files, is checked; what is said of it can be shown, lies in it and is said once.
#![no_main]

#[path = "../../compiler/tests/sound/checking.rs"]
mod checking;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    checking::check(text);
});
