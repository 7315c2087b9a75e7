//! The bytes of a file follow from its rows, however many are made at once.

use ndsl_generate::output::{Compression, Dialect, Format, parquet};
use proptest::prelude::*;

use crate::rows::{rows, written};

const TEXTS: [Format; 7] = [
    Format::Csv,
    Format::JsonLines,
    Format::Json,
    Format::Sql(Dialect::Sqlite),
    Format::Sql(Dialect::Postgres),
    Format::Sql(Dialect::Standard),
    Format::Copy,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn texts_are_the_same_in_pieces_of_any_size(count in 0usize..1200, at_once in 1usize..1300) {
        let batch = rows(count);
        for format in TEXTS {
            prop_assert_eq!(written(format, &batch, at_once), written(format, &batch, count.max(1)));
        }
    }
}

#[test]
fn groups_of_rows_may_be_encoded_in_any_order() {
    let batch = rows(3000);
    let file = |order: [usize; 3]| {
        let encoder = parquet::Encoder::new(&batch, Compression::Zstd).unwrap();
        let mut file = encoder.begin(Vec::new()).unwrap();
        let mut groups: [Option<parquet::Group>; 3] = [None, None, None];
        for place in order {
            groups[place] = Some(encoder.encode(place, &batch.slice(place * 1000, 1000)).unwrap());
        }
        groups.into_iter().flatten().for_each(|group| file.add(group).unwrap());
        file.finish().unwrap()
    };
    assert_eq!(file([0, 1, 2]), file([2, 0, 1]));
}
