//! What a Rust program does without us: structures filled by `fake`, written by `csv` with serde.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use fake::Fake;
use fake::faker::address::en::CityName;
use fake::faker::internet::en::SafeEmail;
use fake::faker::name::en::Name;
use fake::rand::rngs::SmallRng;
use fake::rand::{Rng, RngExt, SeedableRng};
use ndsl_compiler::schema::datum::civil;
use serde::Serialize;

/// 2019-01-01, in days from 1970.
const FIRST_DAY: i64 = 17_897;

/// Days of seven years.
const DAYS: i64 = 2557;

#[derive(Serialize)]
struct User {
    id: String,
    name: String,
    email: String,
    age: u8,
    income: f64,
    city: String,
    signup: String,
    active: bool,
}

impl User {
    fn new(random: &mut SmallRng) -> Self {
        let mut bytes = [0; 16];
        random.fill_bytes(&mut bytes);
        let (year, month, day) = civil(FIRST_DAY + random.random_range(0..DAYS));
        Self {
            id: uuid::Builder::from_random_bytes(bytes).into_uuid().to_string(),
            name: Name().fake_with_rng(random),
            email: SafeEmail().fake_with_rng(random),
            age: random.random_range(18..=95),
            income: f64::from(random.random_range(0..20_000_000u32)) / 100.0,
            city: CityName().fake_with_rng(random),
            signup: format!("{year:04}-{month:02}-{day:02}"),
            active: random.random_bool(0.7),
        }
    }
}

/// Makes the rows of `csv null`: a form and where they go.
pub(crate) fn make(work: &str, rows: u64, folder: &Path) -> u64 {
    let path = if work.ends_with("null") { "/dev/null".into() } else { folder.join("fakes.csv") };
    let mut random = SmallRng::seed_from_u64(1);
    let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 18, File::create(path).expect("a file")));
    for _ in 0..rows {
        writer.serialize(User::new(&mut random)).expect("a row");
    }
    let mut file = writer.into_inner().expect("all of it is written");
    file.flush().expect("all of it is written");
    // As durable as what we write.
    file.get_ref().sync_all().ok();
    rows
}
