//! CSV as RFC 4180 describes it, with line feeds as everyone writes them: no value is an empty cell, an empty text is `""`.

use arrow_schema::Fields;

use super::cells::Notation;
use super::page::{Page, Pen};
use super::sheet::Layout;

/// How CSV writes rows.
pub(super) struct Csv {
    /// Whether there is one column only. A line without a character is skipped by those who read it, so there no value is `""` too.
    pub is_alone: bool,
}

impl Notation for Csv {
    const MOMENT: u8 = b'T';
    const HAS_JSON: bool = false;
    const TEXT: [&'static [u8]; 2] = [b"", b""];
    const EMPTY: &'static [u8] = b"\"\"";
    const TRUTH: [&'static [u8]; 2] = [b"false", b"true"];

    fn null(&self) -> &'static [u8] {
        if self.is_alone { b"\"\"" } else { b"" }
    }

    fn not_finite(number: f64) -> &'static [u8] {
        if number.is_nan() {
            b"NaN"
        } else if number > 0.0 {
            b"inf"
        } else {
            b"-inf"
        }
    }

    #[inline(always)]
    fn is_special(byte: u8) -> bool {
        matches!(byte, b'"' | b',' | b'\n' | b'\r')
    }

    fn special(&self, text: &[u8], page: &mut Page) {
        page.put(b"\"");
        page.doubled(text, b'"');
        page.put(b"\"");
    }
}

impl Layout for Csv {
    fn head(&self, fields: &Fields, page: &mut Page) {
        for (place, field) in fields.iter().enumerate() {
            page.put(&self.before_cell(place, field.name()));
            match field.name().as_bytes() {
                [] => page.put(Self::EMPTY),
                name if name.iter().any(|byte| Self::is_special(*byte)) => self.special(name, page),
                name => page.put(name),
            }
        }
        page.put(b"\n");
    }

    #[inline(always)]
    fn before_row(&self, _: u64, _: &mut Pen) {}

    fn before_cell(&self, place: usize, _: &str) -> Vec<u8> {
        if place == 0 { Vec::new() } else { b",".to_vec() }
    }

    #[inline(always)]
    fn after_row(&self, _: u64, _: u64, pen: &mut Pen) {
        pen.byte(b'\n');
    }

    fn foot(&self, _: &mut Page) {}
}
