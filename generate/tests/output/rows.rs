//! Rows of every type there is, with what is hard for a format.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal64Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array,
    RecordBatch, StringArray, Time32SecondArray, TimestampSecondArray,
};
use arrow_schema::{Field, Schema};
use ndsl_generate::output::{EXTENSION, Format, Page, Span, sheet};

/// Texts that a format may stumble over.
pub const TEXTS: [&str; 12] = [
    "Ada Lovelace",
    "",
    "O'Brien",
    "says \"so\", twice",
    "two\nlines\r\nand more",
    "a\ttab and a back\\slash",
    "\\.",
    "\\N",
    "NULL",
    "東京, 日本",
    " spaces around ",
    "\u{1}\u{7f}",
];

/// So many rows, among them every kind of cell.
pub fn rows(count: usize) -> RecordBatch {
    let at = |row: usize| row as i64;
    let some = |row: usize, every: usize| row % every != every - 1;
    let plans = ["free", "pro", "Q&A, \"more\""];
    let mut lists = ListBuilder::new(StringBuilder::new());
    let mut numbers = ListBuilder::new(Float64Builder::new());
    for row in 0..count {
        for item in 0..row % 3 {
            lists.values().append_option(some(item, 2).then_some(TEXTS[(row + item) % TEXTS.len()]));
            numbers.values().append_value(item as f64 / 4.0);
        }
        lists.append(some(row, 4));
        numbers.append(true);
    }
    let each = 0..count;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(each.clone().map(|row| at(row) * 37 - 5)))),
        (
            "name",
            Arc::new(each.clone().map(|row| some(row, 5).then_some(TEXTS[row % TEXTS.len()])).collect::<StringArray>()),
        ),
        (
            "score",
            Arc::new(each.clone().map(|row| some(row, 7).then_some(row as f64 / 8.0 - 1e9)).collect::<Float64Array>()),
        ),
        (
            "price",
            Arc::new(
                each.clone()
                    .map(|row| some(row, 6).then_some(at(row) * 1234 - 99))
                    .collect::<Decimal64Array>()
                    .with_precision_and_scale(18, 2)
                    .unwrap(),
            ),
        ),
        (
            "weight",
            Arc::new(
                each.clone()
                    .map(|row| Some(i128::from(at(row)) * 1_000_003))
                    .collect::<Decimal128Array>()
                    .with_precision_and_scale(24, 3)
                    .unwrap(),
            ),
        ),
        ("churned", Arc::new(each.clone().map(|row| some(row, 9).then_some(row % 3 == 0)).collect::<BooleanArray>())),
        (
            "signup",
            Arc::new(each.clone().map(|row| some(row, 8).then_some(row as i32 * 91 - 800)).collect::<Date32Array>()),
        ),
        (
            "placed",
            Arc::new(
                each.clone()
                    .map(|row| some(row, 3).then_some(at(row) * 1_000_007 - 5_000_000))
                    .collect::<TimestampSecondArray>(),
            ),
        ),
        (
            "opens",
            Arc::new(
                each.clone()
                    .map(|row| some(row, 2).then_some((row as i32 * 4001) % 86_400))
                    .collect::<Time32SecondArray>(),
            ),
        ),
        (
            "the \"plan\", now",
            Arc::new(
                each.clone().map(|row| some(row, 4).then_some(plans[row % 3])).collect::<DictionaryArray<Int32Type>>(),
            ),
        ),
        (
            "settings",
            Arc::new(
                each.map(|row| some(row, 3).then(|| format!("{{\"a\": [{row}, \"x,y\"]}}"))).collect::<StringArray>(),
            ),
        ),
        ("goals", Arc::new(lists.finish())),
        ("marks", Arc::new(numbers.finish())),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| {
            let field = Field::new(*name, array.data_type().clone(), *name != "id");
            let json = [EXTENSION, ("ARROW:extension:metadata", "")];
            let metadata = json.map(|(key, value)| (key.to_owned(), value.to_owned()));
            if *name == "settings" { field.with_metadata(HashMap::from(metadata)) } else { field }
        })
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

/// A whole file of text, made in pieces of so many rows.
pub fn written(format: Format, batch: &RecordBatch, at_once: usize) -> String {
    let sheet = sheet(format, "Customer", batch.schema_ref()).unwrap();
    let mut page = Page::default();
    sheet.head(&mut page);
    let all = batch.num_rows();
    for before in (0..all).step_by(at_once) {
        let piece = batch.slice(before, at_once.min(all - before));
        sheet.rows(&piece, Span { before: before as u64, all: all as u64 }, &mut page).unwrap();
    }
    sheet.foot(&mut page);
    String::from_utf8(page.written().to_vec()).unwrap()
}
