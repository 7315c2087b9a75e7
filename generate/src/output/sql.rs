//! SQL: `INSERT` statements of several rows each. The tables themselves are declared by whoever knows the schema.

use arrow_schema::{Fields, Schema};
use ndsl_compiler::schema::convert::identifier;

use super::Dialect;
use super::cells::Notation;
use super::page::{Page, Pen};
use super::sheet::Layout;

/// Rows of one statement. SQLite takes long ones, but reads them whole before the first row.
const ROWS: u64 = 500;

/// A table with its columns, as a statement that puts rows into it names them.
pub fn target(dialect: Dialect, table: &str, schema: &Schema) -> String {
    let name = |name: &str| identifier(name, dialect.of_schemas());
    let columns: Vec<String> = schema.fields().iter().map(|field| name(field.name())).collect();
    format!("{} ({})", name(table), columns.join(", "))
}

/// How `INSERT` has rows.
pub(super) struct Inserts {
    dialect: Dialect,
    /// What every statement begins with.
    begin: String,
}

impl Inserts {
    pub(super) fn new(dialect: Dialect, table: &str, schema: &Schema) -> Self {
        Self { dialect, begin: format!("INSERT INTO {} VALUES\n", target(dialect, table, schema)) }
    }

    /// Standard SQL says of each literal what it is; SQLite knows no such words.
    fn marks(&self, typed: &'static [u8]) -> [&'static [u8]; 2] {
        [if self.dialect == Dialect::Standard { typed } else { b"'" }, b"'"]
    }
}

impl Notation for Inserts {
    const MOMENT: u8 = b' ';
    const HAS_JSON: bool = false;
    const TEXT: [&'static [u8]; 2] = [b"'", b"'"];
    const EMPTY: &'static [u8] = b"''";
    const TRUTH: [&'static [u8]; 2] = [b"FALSE", b"TRUE"];

    fn date_marks(&self) -> [&'static [u8]; 2] {
        self.marks(b"DATE '")
    }

    fn time_marks(&self) -> [&'static [u8]; 2] {
        self.marks(b"TIME '")
    }

    fn moment_marks(&self) -> [&'static [u8]; 2] {
        self.marks(b"TIMESTAMP '")
    }

    fn has_arrays(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    fn null(&self) -> &'static [u8] {
        b"NULL"
    }

    fn not_finite(_: f64) -> &'static [u8] {
        b"NULL"
    }

    #[inline(always)]
    fn is_special(byte: u8) -> bool {
        byte == b'\''
    }

    fn special(&self, text: &[u8], page: &mut Page) {
        page.put(b"'");
        page.doubled(text, b'\'');
        page.put(b"'");
    }
}

impl Layout for Inserts {
    fn head(&self, _: &Fields, _: &mut Page) {}

    #[inline(always)]
    fn before_row(&self, before: u64, pen: &mut Pen) {
        if before.is_multiple_of(ROWS) {
            pen.page(|page| page.put(self.begin.as_bytes()));
        }
    }

    fn before_cell(&self, place: usize, _: &str) -> Vec<u8> {
        if place == 0 { b"(".to_vec() } else { b", ".to_vec() }
    }

    #[inline(always)]
    fn after_row(&self, before: u64, all: u64, pen: &mut Pen) {
        let is_last = before % ROWS == ROWS - 1 || before + 1 == all;
        pen.put(if is_last { b");\n" } else { b"),\n" });
    }

    fn foot(&self, _: &mut Page) {}
}
