//! JSON (RFC 8259): an object a row, one a line or all in an array. Values that are JSON themselves stand as they are.

use arrow_schema::Fields;

use super::cells::Notation;
use super::page::{Page, Pen};
use super::sheet::Layout;

/// How JSON writes a value.
pub(super) struct Json;

impl Notation for Json {
    const MOMENT: u8 = b'T';
    const HAS_JSON: bool = true;
    const TEXT: [&'static [u8]; 2] = [b"\"", b"\""];
    const EMPTY: &'static [u8] = b"\"\"";
    const TRUTH: [&'static [u8]; 2] = [b"false", b"true"];

    fn date_marks(&self) -> [&'static [u8]; 2] {
        Self::TEXT
    }

    fn null(&self) -> &'static [u8] {
        b"null"
    }

    fn not_finite(_: f64) -> &'static [u8] {
        b"null"
    }

    #[inline(always)]
    fn is_special(byte: u8) -> bool {
        byte < b' ' || byte == b'"' || byte == b'\\'
    }

    fn special(&self, text: &[u8], page: &mut Page) {
        page.put(b"\"");
        for byte in text {
            match byte {
                b'"' => page.put(b"\\\""),
                b'\\' => page.put(b"\\\\"),
                b'\n' => page.put(b"\\n"),
                b'\r' => page.put(b"\\r"),
                b'\t' => page.put(b"\\t"),
                0..b' ' => page.put(format!("\\u{byte:04x}").as_bytes()),
                byte => page.put(&[*byte]),
            }
        }
        page.put(b"\"");
    }
}

impl Json {
    /// What stands before a member of an object.
    fn before_cell(&self, place: usize, name: &str) -> Vec<u8> {
        let mut page = Page::default();
        page.put(if place == 0 { b"{" } else { b"," });
        self.special(name.as_bytes(), &mut page);
        page.put(b":");
        page.written().to_vec()
    }
}

/// Hands on what a layout has in common with JSON as such.
macro_rules! as_json {
    ($layout:ty) => {
        impl Notation for $layout {
            const MOMENT: u8 = Json::MOMENT;
            const HAS_JSON: bool = Json::HAS_JSON;
            const TEXT: [&'static [u8]; 2] = Json::TEXT;
            const EMPTY: &'static [u8] = Json::EMPTY;
            const TRUTH: [&'static [u8]; 2] = Json::TRUTH;

            fn date_marks(&self) -> [&'static [u8]; 2] {
                Json.date_marks()
            }

            fn null(&self) -> &'static [u8] {
                Json.null()
            }

            fn not_finite(number: f64) -> &'static [u8] {
                Json::not_finite(number)
            }

            #[inline(always)]
            fn is_special(byte: u8) -> bool {
                Json::is_special(byte)
            }

            fn special(&self, text: &[u8], page: &mut Page) {
                Json.special(text, page);
            }
        }
    };
}

/// An object a line.
pub(super) struct Lines;

as_json!(Lines);

impl Layout for Lines {
    fn head(&self, _: &Fields, _: &mut Page) {}

    #[inline(always)]
    fn before_row(&self, _: u64, _: &mut Pen) {}

    fn before_cell(&self, place: usize, name: &str) -> Vec<u8> {
        Json.before_cell(place, name)
    }

    #[inline(always)]
    fn after_row(&self, _: u64, _: u64, pen: &mut Pen) {
        pen.put(b"}\n");
    }

    fn foot(&self, _: &mut Page) {}
}

/// One array of objects.
pub(super) struct Array;

as_json!(Array);

impl Layout for Array {
    fn head(&self, _: &Fields, page: &mut Page) {
        page.put(b"[");
    }

    #[inline(always)]
    fn before_row(&self, before: u64, pen: &mut Pen) {
        pen.put(if before == 0 { b"\n" } else { b",\n" });
    }

    fn before_cell(&self, place: usize, name: &str) -> Vec<u8> {
        Json.before_cell(place, name)
    }

    #[inline(always)]
    fn after_row(&self, _: u64, _: u64, pen: &mut Pen) {
        pen.byte(b'}');
    }

    fn foot(&self, page: &mut Page) {
        page.put(b"\n]\n");
    }
}
