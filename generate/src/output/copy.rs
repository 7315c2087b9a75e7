//! What PostgreSQL's `COPY … FROM stdin` reads, in its text format, so that `psql` reads it with the rest of a script:
//! <https://www.postgresql.org/docs/current/sql-copy.html>.

use arrow_schema::{Fields, Schema};

use super::Dialect;
use super::cells::Notation;
use super::page::{Page, Pen};
use super::sheet::Layout;
use super::sql::target;

/// How `COPY` has rows.
pub(super) struct Copy {
    /// The command that reads the rows behind it.
    command: String,
}

/// The command that takes a table's rows from the client.
pub fn command(table: &str, schema: &Schema) -> String {
    format!("COPY {} FROM stdin", target(Dialect::Postgres, table, schema))
}

/// What PostgreSQL calls numbers that are none.
pub(super) fn not_finite(number: f64) -> &'static [u8] {
    if number.is_nan() {
        b"NaN"
    } else if number > 0.0 {
        b"Infinity"
    } else {
        b"-Infinity"
    }
}

impl Copy {
    pub(super) fn new(table: &str, schema: &Schema) -> Self {
        Self { command: command(table, schema) }
    }
}

impl Notation for Copy {
    const MOMENT: u8 = b' ';
    const HAS_JSON: bool = false;
    const TEXT: [&'static [u8]; 2] = [b"", b""];
    const EMPTY: &'static [u8] = b"";
    const TRUTH: [&'static [u8]; 2] = [b"f", b"t"];

    fn has_arrays(&self) -> bool {
        true
    }

    fn null(&self) -> &'static [u8] {
        b"\\N"
    }

    fn not_finite(number: f64) -> &'static [u8] {
        not_finite(number)
    }

    #[inline(always)]
    fn is_special(byte: u8) -> bool {
        matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')
    }

    fn special(&self, text: &[u8], page: &mut Page) {
        for byte in text {
            match byte {
                b'\\' => page.put(b"\\\\"),
                b'\t' => page.put(b"\\t"),
                b'\n' => page.put(b"\\n"),
                b'\r' => page.put(b"\\r"),
                byte => page.put(&[*byte]),
            }
        }
    }
}

impl Layout for Copy {
    fn head(&self, _: &Fields, page: &mut Page) {
        page.put(self.command.as_bytes());
        page.put(b";\n");
    }

    #[inline(always)]
    fn before_row(&self, _: u64, _: &mut Pen) {}

    fn before_cell(&self, place: usize, _: &str) -> Vec<u8> {
        if place == 0 { Vec::new() } else { b"\t".to_vec() }
    }

    #[inline(always)]
    fn after_row(&self, _: u64, _: u64, pen: &mut Pen) {
        pen.byte(b'\n');
    }

    fn foot(&self, page: &mut Page) {
        page.put(b"\\.\n");
    }
}
