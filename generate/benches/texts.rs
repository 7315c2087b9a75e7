//! What a text costs, on one thread: `cargo bench -p ndsl-generate --bench texts` prints the nanoseconds of processor time a value, the best of three runs
//! over a million rows, for each type as it is drawn and where all must differ, and the bytes it has.
//! With `-- unique`, it makes 100 million unique values of each kind that has so many and counts those that came twice.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use ndsl_compiler::schema::Length;
use ndsl_compiler::schema::pattern;
use ndsl_compiler::schema::types::{self, Base, TYPES};
use ndsl_generate::rows::Rows;
use ndsl_generate::text::{self, Locale, Texts, Wanted, maker};

/// Rows a batch, as the command makes them.
const BATCH: u64 = 16_384;

fn wanted(kind: &str) -> Wanted<'static> {
    Wanted {
        kind: types::find(kind).unwrap(),
        column: "value",
        table: "Bench",
        seed: 1,
        locale: Locale::En,
        length: None,
        pattern: None,
        unique: None,
    }
}

/// The time this thread was computing: what else runs on the machine does not count.
fn now() -> Duration {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap();
    Duration::new(now.tv_sec() as u64, now.tv_nsec() as u32)
}

/// Nanoseconds a value: the best of some runs.
fn time(wanted: &Wanted) -> Option<(f64, f64)> {
    let maker = maker(wanted).ok()?;
    let rows = 64 * BATCH;
    let mut best = f64::INFINITY;
    let mut bytes = 0;
    for _ in 0..3 {
        let start = now();
        bytes = 0;
        let mut texts = Texts::with_capacity(BATCH as usize, 64);
        for batch in 0..rows / BATCH {
            texts.clear();
            maker.make(&Rows::Range(batch * BATCH..(batch + 1) * BATCH), &mut texts);
            bytes += texts.bytes();
            black_box(&texts);
        }
        best = best.min((now() - start).as_secs_f64() / rows as f64 * 1e9);
    }
    Some((best, bytes as f64 / rows as f64))
}

fn show(name: &str, wanted: &Wanted) {
    let unique = Wanted { unique: Some(1_000_000), ..*wanted };
    let cell = |time: Option<(f64, f64)>| time.map_or("-".to_owned(), |(time, _)| format!("{time:.1}"));
    let drawn = time(wanted);
    let bytes = drawn.map_or(0.0, |(_, bytes)| bytes);
    println!("{name:34} {:>8} {:>8} {bytes:>8.1}", cell(drawn), cell(time(&unique)));
}

fn main() {
    if std::env::args().any(|argument| argument == "unique") {
        return every_value_differs();
    }
    println!("{:34} {:>8} {:>8} {:>8}", "type", "drawn ns", "unique", "bytes");
    for kind in TYPES.iter().filter(|kind| kind.base == Base::Text) {
        show(kind.signature.name, &wanted(kind.signature.name));
    }
    for text in ["[A-Z]{3}-[0-9]{4}", "(a|ab)(c|bc)[0-9]{6}", "[a-z]+@[a-z]+\\.example"] {
        let pattern = pattern::read(text).unwrap();
        show(text, &Wanted { pattern: Some(&pattern), ..wanted("string") });
    }
    for (kind, min, max) in [("text", 20, 400), ("string", 3, 12), ("email", 0, 24)] {
        let length = Some(Length { min, max: Some(max) });
        show(&format!("{kind} length {min}..={max}"), &Wanted { length, ..wanted(kind) });
    }
    let place = Wanted { column: "lat", ..wanted("address.latitude") };
    let coordinate = text::coordinate(&place).unwrap();
    let start = now();
    let mut degrees = Vec::new();
    coordinate.make(&Rows::Range(0..1_000_000), &mut degrees);
    println!("{:34} {:>8.1}", "address.latitude", (now() - start).as_secs_f64() * 1e3);
}

/// Two texts with the same 64 bits are looked at again; so many bits are not the same by chance but once in 3,700 runs.
fn every_value_differs() {
    const ROWS: u64 = 100_000_000;
    let pattern = pattern::read("[A-Z]{4}-[0-9]{4}|[a-z]{1,12}").unwrap();
    for name in ["uuid", "email", "person.username", "string", "url", "phone", "pattern"] {
        let start = now();
        let base =
            if name == "pattern" { Wanted { pattern: Some(&pattern), ..wanted("string") } } else { wanted(name) };
        let maker = maker(&Wanted { unique: Some(ROWS), ..base }).unwrap();
        let mut hashes: Vec<u64> = Vec::with_capacity(ROWS as usize);
        let mut texts = Texts::with_capacity(BATCH as usize, 64);
        for from in (0..ROWS).step_by(BATCH as usize) {
            texts.clear();
            maker.make(&Rows::Range(from..(from + BATCH).min(ROWS)), &mut texts);
            hashes.extend(texts.iter().map(hash));
        }
        let made = now() - start;
        hashes.sort_unstable();
        let twice = hashes.windows(2).filter(|pair| pair[0] == pair[1]).count();
        println!("{name:20} {twice} of {ROWS} came twice; made and hashed in {:.1} s", made.as_secs_f64());
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::quality::FixedState::with_seed(7).build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}
