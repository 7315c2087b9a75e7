//! Tokens and the white space between them make up any text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for token in ndsl_grammar::lex(text) {
        let range = token.range();
        assert!(range.start >= end && range.end > range.start);
        assert!(text[end..range.start].chars().all(|c| c.is_whitespace() || c == '\u{feff}'));
        end = range.end;
    }
    assert!(text[end..].chars().all(|c| c.is_whitespace() || c == '\u{feff}'));
});
