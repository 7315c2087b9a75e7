//! What writing rows costs in each format, on one thread, without making them and without a file.
//!
//! `cargo bench -p ndsl-generate --bench output` prints the median of nanoseconds of processor time a row, and the megabytes a second that this is, of a table
//! of eight columns: a uuid, a name, an address of mail, an age, an income, a city, a day, a truth value.
#![allow(clippy::print_stdout, reason = "a benchmark's numbers are its output")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal64Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
};
use ndsl_generate::output::{Compression, Dialect, Format, Page, Span, arrow, parquet, sheet};
use ndsl_generate::random::{Stream, below};

const ROWS: usize = parquet::GROUP as usize;
const ROUNDS: usize = 9;

fn users() -> RecordBatch {
    let stream = |name: &str| Stream::new(1, &["users", name]);
    let rows = 0..ROWS as u64;
    let pick = |name: &'static str, end: u64| {
        let stream = stream(name);
        rows.clone().map(move |row| below(stream.word(row), end))
    };
    let words =
        ["Ada", "Grace Hopper", "Jean", "Margaret Hamilton", "Linus", "Barbara Liskov", "Edsger", "Donald Knuth"];
    let cities = ["Leeds", "Munich", "San Francisco", "Kyoto", "Lyon", "Rio de Janeiro"];
    let uuid = stream("id");
    let id = rows.clone().map(|row| {
        let (high, low) = (uuid.word(row), uuid.lane(1).word(row));
        let (a, b, c, d) = (high >> 32, high >> 16 & 0xffff, high & 0xfff, low >> 48 & 0x3fff | 0x8000);
        Some(format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{:012x}", low & 0xffff_ffff_ffff))
    });
    let columns: [(&str, ArrayRef); 8] = [
        ("id", Arc::new(id.collect::<StringArray>())),
        ("name", Arc::new(pick("name", 8).map(|at| Some(words[at as usize])).collect::<StringArray>())),
        (
            "email",
            Arc::new(
                pick("email", 1 << 20)
                    .map(|at| Some(format!("{}{at}@example.com", words[at as usize % 8])))
                    .collect::<StringArray>(),
            ),
        ),
        ("age", Arc::new(Int64Array::from_iter_values(pick("age", 78).map(|age| 18 + age as i64)))),
        (
            "income",
            Arc::new(
                Decimal64Array::from_iter_values(pick("income", 20_000_000).map(|cents| cents as i64))
                    .with_precision_and_scale(18, 2)
                    .expect("18 digits"),
            ),
        ),
        ("city", Arc::new(pick("city", 6).map(|at| Some(cities[at as usize])).collect::<DictionaryArray<Int32Type>>())),
        ("signup", Arc::new(Date32Array::from_iter_values(pick("signup", 2557).map(|day| 17_900 + day as i32)))),
        ("active", Arc::new(pick("active", 2).map(|truth| Some(truth == 1)).collect::<BooleanArray>())),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

/// The time that this thread has had of a processor.
fn processor() -> Duration {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).expect("a clock of the thread");
    Duration::new(now.tv_sec() as u64, now.tv_nsec() as u32)
}

/// The median of seconds, after a round that is not counted.
fn seconds(mut work: impl FnMut() -> usize) -> (f64, usize) {
    let bytes = work();
    let mut all: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = processor();
            black_box(work());
            (processor() - began).as_secs_f64()
        })
        .collect();
    all.sort_by(f64::total_cmp);
    (all[ROUNDS / 2], bytes)
}

fn print(name: &str, (seconds, bytes): (f64, usize)) {
    let row = seconds / ROWS as f64 * 1e9;
    println!(
        "{name:<18} {row:>8.1} ns a row {:>8.0} MB/s {:>6.1} bytes a row",
        bytes as f64 / seconds / 1e6,
        bytes as f64 / ROWS as f64
    );
}

fn main() {
    let users = users();
    let texts = [
        ("CSV", Format::Csv),
        ("JSON lines", Format::JsonLines),
        ("JSON", Format::Json),
        ("INSERT", Format::Sql(Dialect::Postgres)),
        ("COPY", Format::Copy),
    ];
    for (name, format) in texts {
        let sheet = sheet(format, "users", users.schema_ref()).expect("a format of text");
        let mut page = Page::default();
        let write = || {
            page.clear();
            // So many at once as are made at once.
            for before in (0..ROWS).step_by(8192) {
                let span = Span { before: before as u64, all: ROWS as u64 };
                sheet.rows(&users.slice(before, 8192.min(ROWS - before)), span, &mut page).expect("types of schemas");
            }
            page.written().len()
        };
        print(name, seconds(write));
    }
    for (place, field) in users.schema_ref().fields().iter().enumerate() {
        let column = users.project(&[place]).expect("a column");
        let sheet = sheet(Format::Csv, "users", column.schema_ref()).expect("a format of text");
        let mut page = Page::default();
        let write = || {
            page.clear();
            sheet.rows(&column, Span { before: 0, all: ROWS as u64 }, &mut page).expect("types of schemas");
            page.written().len()
        };
        print(&format!("CSV, only {}", field.name()), seconds(write));
    }
    for (name, compression) in [
        ("Parquet, plain", Compression::None),
        ("Parquet, Snappy", Compression::Snappy),
        ("Parquet, zstd", Compression::Zstd),
    ] {
        let write = || {
            let sample = users.slice(0, parquet::SAMPLE as usize);
            let encoder = parquet::Encoder::new(&sample, compression).expect("types of schemas");
            let mut file = encoder.begin(Vec::new()).expect("a file in memory");
            file.add(encoder.encode(0, &users).expect("a group")).expect("memory");
            file.finish().expect("memory").len()
        };
        print(name, seconds(write));
    }
    let write = || {
        let mut file = arrow::File::begin(users.schema_ref(), Compression::None, Vec::new()).expect("a file in memory");
        for before in (0..ROWS).step_by(arrow::BATCH as usize) {
            file.add(&users.slice(before, (arrow::BATCH as usize).min(ROWS - before))).expect("memory");
        }
        file.finish().expect("memory").len()
    };
    print("Arrow", seconds(write));
}
