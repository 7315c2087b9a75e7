//! What other readers find in the files.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType, TimestampSecondType};
use ndsl_generate::output::{Compression, Format, arrow, parquet};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::rows::{TEXTS, rows, written};

const ROWS: usize = 500;

#[test]
fn csv_reads_back() {
    let batch = rows(ROWS);
    let text = written(Format::Csv, &batch, 64);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let names: Vec<&str> = batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(header.iter().collect::<Vec<_>>(), names);
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(records.len(), ROWS);
    for (row, record) in records.iter().enumerate() {
        assert_eq!(&record[0], (row as i64 * 37 - 5).to_string());
        assert_eq!(&record[1], if row % 5 == 4 { "" } else { TEXTS[row % TEXTS.len()] });
        let scores = batch.column(2).as_primitive::<Float64Type>();
        assert_eq!(record[2].parse().ok(), scores.iter().nth(row).unwrap());
    }
}

#[test]
fn json_reads_back() {
    let batch = rows(ROWS);
    let lines = written(Format::JsonLines, &batch, 64);
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let array: Vec<serde_json::Value> = serde_json::from_str(&written(Format::Json, &batch, 64)).unwrap();
    assert_eq!(lines, array);
    for (row, value) in lines.iter().enumerate() {
        assert_eq!(value["id"], row as i64 * 37 - 5);
        let name = if row % 5 == 4 { serde_json::Value::Null } else { TEXTS[row % TEXTS.len()].into() };
        assert_eq!(value["name"], name);
        if row % 3 != 2 {
            assert_eq!(value["settings"]["a"][0], row);
        }
        let goals = value["goals"].as_array();
        assert_eq!(goals.map(Vec::len), (row % 4 != 3).then_some(row % 3));
    }
}

#[test]
fn copy_reads_back_as_postgres_says() {
    let text = written(Format::Copy, &rows(ROWS), 64);
    let lines: Vec<&str> = text.split('\n').collect();
    assert!(lines[0].starts_with("COPY Customer (id, ") && lines[ROWS + 1..] == ["\\.", ""]);
    for (row, line) in lines[1..=ROWS].iter().enumerate() {
        let cell = line.split('\t').nth(1).unwrap();
        let name = (cell != "\\N").then(|| {
            let unescaped = cell.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r");
            unescaped.replace("\\\\", "\\")
        });
        assert_eq!(name.as_deref(), (row % 5 != 4).then_some(TEXTS[row % TEXTS.len()]));
    }
}

/// What Parquet and Arrow files hold of the rows.
fn assert_held(read: &RecordBatch, batch: &RecordBatch) {
    assert_eq!(read.num_rows(), batch.num_rows());
    assert_eq!(read.column(0).as_primitive::<Int64Type>(), batch.column(0).as_primitive::<Int64Type>());
    assert_eq!(read.column(1).as_string::<i32>(), batch.column(1).as_string::<i32>());
    for (read, steps) in read.column(3).as_primitive::<Decimal128Type>().iter().zip(0i128..) {
        assert_eq!(read, (steps % 6 != 5).then_some(steps * 1234 - 99));
    }
    let moments = batch.column(7).as_primitive::<TimestampSecondType>();
    let read_moments = read.column(7).as_primitive::<TimestampMicrosecondType>();
    assert!(read_moments.iter().eq(moments.iter().map(|second| second.map(|second| second * 1_000_000))));
    assert_eq!(read.column(9).as_any_dictionary().keys().len(), batch.num_rows());
    assert_eq!(read.column(11).as_list::<i32>(), batch.column(11).as_list::<i32>());
    assert_eq!(read.schema().field(10).metadata(), batch.schema().field(10).metadata());
}

#[test]
fn parquet_reads_back() {
    let batch = rows(ROWS);
    for compression in [Compression::None, Compression::Snappy, Compression::Zstd] {
        let encoder = parquet::Encoder::new(&batch, compression).unwrap();
        let mut file = encoder.begin(tempfile::tempfile().unwrap()).unwrap();
        file.add(encoder.encode(0, &batch).unwrap()).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file.finish().unwrap());
        let read: Vec<RecordBatch> = reader.unwrap().build().unwrap().collect::<Result<_, _>>().unwrap();
        assert_held(&read[0], &batch);
    }
}

#[test]
fn arrow_reads_back() {
    let batch = rows(ROWS);
    for compression in [Compression::None, Compression::Zstd] {
        let mut file = arrow::File::begin(batch.schema_ref(), compression, Vec::new()).unwrap();
        file.add(&batch).unwrap();
        file.add(&batch).unwrap();
        let bytes = file.finish().unwrap();
        let reader = arrow_ipc::reader::FileReader::try_new(std::io::Cursor::new(bytes), None).unwrap();
        let read: Vec<RecordBatch> = reader.collect::<Result<_, _>>().unwrap();
        assert_eq!(read.len(), 2);
        assert_held(&read[1], &batch);
    }
}
