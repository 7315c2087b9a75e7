//! The items of PostgreSQL's arrays: <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>. What stands around an array is
//! written like any text.

use super::cells::Notation;
use super::page::Page;

/// How an array writes an item.
pub(super) struct Items;

impl Notation for Items {
    const MOMENT: u8 = b' ';
    const HAS_JSON: bool = false;
    const TEXT: [&'static [u8]; 2] = [b"\"", b"\""];
    const EMPTY: &'static [u8] = b"\"\"";
    const TRUTH: [&'static [u8]; 2] = [b"f", b"t"];

    fn date_marks(&self) -> [&'static [u8]; 2] {
        Self::TEXT
    }

    fn null(&self) -> &'static [u8] {
        b"NULL"
    }

    fn not_finite(number: f64) -> &'static [u8] {
        super::copy::not_finite(number)
    }

    #[inline(always)]
    fn is_special(byte: u8) -> bool {
        matches!(byte, b'"' | b'\\')
    }

    fn special(&self, text: &[u8], page: &mut Page) {
        page.put(b"\"");
        for byte in text {
            if Self::is_special(*byte) {
                page.put(b"\\");
            }
            page.put(&[*byte]);
        }
        page.put(b"\"");
    }
}
