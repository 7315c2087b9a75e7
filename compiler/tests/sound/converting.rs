//! What holds of every text of another language that is made a program.

use ndsl_compiler::schema::convert::{self, Format};
use ndsl_compiler::{Source, analyze};

/// Reads a text as one of a format: what comes of it is a sound program, or faults at places of the text.
pub fn survives(format: Format, text: &str) {
    match convert::read(format, text, "name", None) {
        Ok(converted) => assert!(!analyze(&Source::new("test.ndsl", converted.text.as_str())).has_errors()),
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(fault.at.end <= text.len() && text.is_char_boundary(fault.at.start), "{fault:?}");
            }
        }
    }
}
