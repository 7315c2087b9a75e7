//! The same rows in every format of rows and columns: they mean the same, and none that is cut or damaged does harm.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::*;
use arrow_schema::{DataType, Field as Column, Fields, Schema, TimeUnit};
use ndsl_compiler::ir::Encoding;
use ndsl_compiler::plan::{DataSource, DatasetPlan, Dialect, Files, Format, Located, TableColumn};
use ndsl_grammar::{FileId, Span};
use ndsl_runtime::TensorData;
use ndsl_runtime::data::{DataError, Dataset, open};
use proptest::prelude::*;

fn at(start: usize) -> Span {
    Span::new(FileId::default(), start..start + 1)
}

fn located(text: &str, start: usize) -> Located {
    Located { text: text.to_owned(), span: at(start) }
}

fn files(paths: &[&str], format: Format) -> Files {
    let paths = paths.iter().enumerate().map(|(place, path)| located(path, 10 + place)).collect();
    Files { paths, format, limit: None, key: None, sha256: None }
}

fn plan(source: DataSource) -> DatasetPlan {
    DatasetPlan { name: "Rows".into(), span: Span::default(), folder: String::new(), source }
}

fn columns(files: Files, columns: Option<&[&str]>, target: &str) -> DatasetPlan {
    let columns = columns.map(|list| list.iter().enumerate().map(|(i, text)| located(text, 100 + i)).collect());
    plan(DataSource::Columns { files, columns, target: Some(located(target, 200)) })
}

const CSV: &str = "\
age,income,plan,member,born,seen,wakes,user.score,kind
39,1500.5,free,true,1980-02-29,2024-01-02T03:04:05,08:30:00,0.5,a
28,2500,pro,false,1995-12-31,1969-12-31T23:59:59,00:00:00,-1.25,b
61,,team,,,,,,a
";

fn json() -> String {
    [
        r#"{"age": 39, "income": 1500.5, "plan": "free", "member": true, "born": "1980-02-29", "seen": "2024-01-02T03:04:05", "wakes": "08:30", "user": {"score": 0.5}, "kind": "a"}"#,
        "",
        r#"{"kind": "b", "plan": "pro", "age": 28, "income": 2500, "member": false, "born": "1995-12-31", "seen": "1969-12-31T23:59:59", "wakes": "00:00:00", "user": {"score": -1.25}}"#,
        r#"{"age": 61, "income": null, "plan": "team", "kind": "a"}"#,
    ]
    .join("\n")
}

fn batch() -> RecordBatch {
    let score = Arc::new(Float32Array::from(vec![Some(0.5), Some(-1.25), None])) as ArrayRef;
    let user_fields = Fields::from(vec![Column::new("score", DataType::Float32, true)]);
    let user = StructArray::new(user_fields.clone(), vec![score], None);
    let plans: DictionaryArray<Int32Type> = vec!["free", "pro", "team"].into_iter().collect();
    let schema = Schema::new(vec![
        Column::new("age", DataType::UInt8, false),
        Column::new("income", DataType::Float64, true),
        Column::new("plan", plans.data_type().clone(), false),
        Column::new("member", DataType::Boolean, true),
        Column::new("born", DataType::Date32, true),
        Column::new("seen", DataType::Timestamp(TimeUnit::Millisecond, None), true),
        Column::new("wakes", DataType::Time64(TimeUnit::Microsecond), true),
        Column::new("user", DataType::Struct(user_fields), true),
        Column::new("kind", DataType::Utf8, false),
        Column::new("list", DataType::new_list(DataType::Int32, true), false),
    ]);
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)]), Some(vec![]), Some(vec![])]);
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(UInt8Array::from(vec![39, 28, 61])),
        Arc::new(Float64Array::from(vec![Some(1500.5), Some(2500.0), Some(f64::NAN)])),
        Arc::new(plans),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        Arc::new(Date32Array::from(vec![Some(3_711), Some(9_495), None])),
        Arc::new(TimestampMillisecondArray::from(vec![Some(1_704_164_645_999), Some(-1), None])),
        Arc::new(Time64MicrosecondArray::from(vec![Some(30_600_000_000), Some(0), None])),
        Arc::new(user),
        Arc::new(StringArray::from(vec!["a", "b", "a"])),
        Arc::new(list),
    ];
    RecordBatch::try_new(Arc::new(schema), arrays).unwrap()
}

fn parquet_bytes(batch: &RecordBatch, compression: parquet::basic::Compression) -> Vec<u8> {
    let properties = parquet::file::properties::WriterProperties::builder().set_compression(compression).build();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn arrow_bytes(batch: &RecordBatch, compression: Option<arrow_ipc::CompressionType>, stream: bool) -> Vec<u8> {
    let options = arrow_ipc::writer::IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut bytes = Vec::new();
    if stream {
        let mut writer =
            arrow_ipc::writer::StreamWriter::try_new_with_options(&mut bytes, &batch.schema(), options).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
        drop(writer);
    } else {
        let mut writer =
            arrow_ipc::writer::FileWriter::try_new_with_options(&mut bytes, &batch.schema(), options).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
        drop(writer);
    }
    bytes
}

/// The rows in every format and way of packing, each with what reads it.
fn every_format() -> Vec<(&'static str, Format, Vec<u8>)> {
    static MADE: std::sync::OnceLock<Vec<(&str, Format, Vec<u8>)>> = std::sync::OnceLock::new();
    MADE.get_or_init(made).clone()
}

fn made() -> Vec<(&'static str, Format, Vec<u8>)> {
    use arrow_ipc::CompressionType as Packed;
    use parquet::basic::{Compression, GzipLevel, ZstdLevel};
    let batch = batch();
    vec![
        ("csv", Format::Csv(Dialect::default()), CSV.into()),
        ("jsonl", Format::JsonLines, json().into()),
        ("parquet", Format::Parquet, parquet_bytes(&batch, Compression::UNCOMPRESSED)),
        ("snappy", Format::Parquet, parquet_bytes(&batch, Compression::SNAPPY)),
        ("gzip", Format::Parquet, parquet_bytes(&batch, Compression::GZIP(GzipLevel::default()))),
        ("zstd", Format::Parquet, parquet_bytes(&batch, Compression::ZSTD(ZstdLevel::default()))),
        ("lz4", Format::Parquet, parquet_bytes(&batch, Compression::LZ4_RAW)),
        ("arrow", Format::Arrow, arrow_bytes(&batch, None, false)),
        ("stream", Format::Arrow, arrow_bytes(&batch, None, true)),
        ("feather", Format::Arrow, arrow_bytes(&batch, Some(Packed::LZ4_FRAME), false)),
        ("feather-zstd", Format::Arrow, arrow_bytes(&batch, Some(Packed::ZSTD), true)),
    ]
}

fn table_plan(path: &str, format: Format) -> DatasetPlan {
    let labels = |labels: &[&str]| Encoding::Label(labels.iter().map(|label| (*label).to_owned()).collect());
    let column = |name: &str, outside: &str, encoding| TableColumn {
        name: name.into(),
        outside: outside.into(),
        encoding,
        optional: !matches!(name, "age" | "kind"),
        span: at(300),
    };
    let columns = vec![
        column("age", "age", Encoding::Whole),
        column("income", "income", Encoding::Number),
        column("plan", "plan", labels(&["pro", "team", "free"])),
        column("member", "member", Encoding::Truth),
        column("born", "born", Encoding::Day),
        column("seen", "seen", Encoding::Moment),
        column("wakes", "wakes", Encoding::Clock),
        column("score", "user.score", Encoding::Number),
        column("kind", "kind", labels(&["a", "b"])),
    ];
    plan(DataSource::Table { files: files(&[path], format), columns, target: Some(located("kind", 5)) })
}

/// The numbers of a field; a float that is missing as the largest.
fn numbers(data: &Dataset, name: &str) -> Vec<i64> {
    match data.field(name).unwrap().data.held().unwrap() {
        TensorData::I64(numbers) => numbers.clone(),
        TensorData::F32(numbers) => {
            numbers.iter().map(|number| if number.is_nan() { i64::MAX } else { (number * 100.0) as i64 }).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_of_a_schema_means_the_same_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format, bytes) in every_format() {
        fs::write(folder.path().join(name), bytes).unwrap();
        let data = open(&table_plan(name, format), folder.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let missing = i64::MIN;
        assert_eq!(data.rows, 3, "{name}");
        assert_eq!(numbers(&data, "age"), [39, 28, 61], "{name}");
        assert_eq!(numbers(&data, "income"), [150_050, 250_000, i64::MAX], "{name}");
        assert_eq!(numbers(&data, "plan"), [2, 0, 1], "{name}");
        assert_eq!(numbers(&data, "member"), [1, 0, -1], "{name}");
        assert_eq!(numbers(&data, "born"), [3_711, 9_495, missing], "{name}");
        assert_eq!(numbers(&data, "seen"), [1_704_164_645, -1, missing], "{name}");
        assert_eq!(numbers(&data, "wakes"), [30_600, 0, missing], "{name}");
        assert_eq!(numbers(&data, "score"), [50, -125, i64::MAX], "{name}");
        assert_eq!(numbers(&data, "kind"), [0, 1, 0], "{name}");
    }
}

#[test]
fn chosen_columns_mean_the_same_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format, bytes) in every_format() {
        fs::write(folder.path().join(name), bytes).unwrap();
        let mut files = files(&[name], format);
        // The third row has no score.
        files.limit = Some(2);
        let data = open(&columns(files.clone(), Some(&["user.*", "age"]), "kind"), folder.path()).unwrap();
        let chosen = data.columns.clone().unwrap();
        let (score, width) = (chosen.iter().position(|name| name == "user.score").unwrap(), chosen.len());
        assert_eq!(chosen[width - 1], "age", "{name}");
        let Some(TensorData::F32(numbers)) = data.field("columns").unwrap().data.held() else { panic!("{name}") };
        assert_eq!([numbers[score], numbers[width - 1], numbers[width + score]], [0.5, 39.0, -1.25], "{name}");
        let kind = data.field("kind").unwrap();
        assert_eq!(
            (kind.data.held(), kind.classes.as_deref().unwrap().len()),
            (Some(&TensorData::I64(vec![0, 1])), 2),
            "{name}"
        );
        // A whole row of text files is missed there, one value of it elsewhere.
        files.limit = None;
        let error = open(&columns(files, Some(&["user.score"]), "kind"), folder.path()).unwrap_err().fault.to_string();
        let wanted = match name {
            "csv" => "line 4, column `user.score`: the cell is empty",
            "jsonl" => "line 4, column `user.score`: there is no value",
            _ => "row 3, column `user.score`: there is no value",
        };
        assert_eq!(error, wanted, "{name}");
    }
}

#[test]
fn a_column_that_is_no_value_a_row_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows"), parquet_bytes(&batch(), parquet::basic::Compression::SNAPPY)).unwrap();
    let error = open(&columns(files(&["rows"], Format::Parquet), Some(&["list"]), "kind"), folder.path()).unwrap_err();
    assert!(error.fault.to_string().contains("row 1, column `list`: it is a list, where one value is read"), "{error}");
    let error = open(&columns(files(&["rows"], Format::Parquet), Some(&["agee"]), "kind"), folder.path()).unwrap_err();
    assert_eq!(
        (error.span, error.fault.to_string().as_str()),
        (at(100), "it has no column `agee`; did you mean `age`?")
    );
}

fn message(folder: &Path, files: Files) -> String {
    match open(&columns(files, None, "y"), folder) {
        Ok(data) => panic!("{data:?}"),
        Err(DataError { fault, .. }) => fault.to_string(),
    }
}

#[test]
fn each_line_that_is_no_object_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "{\"a\": 1, \"y\": 0}\n[1]\n{\"a\": \"x\", \"y\": 1}\n{\"a\": 1, \"y\"\n\"text\"\n";
    fs::write(folder.path().join("rows"), text).unwrap();
    assert_eq!(
        message(folder.path(), files(&["rows"], Format::JsonLines)),
        "3 lines and 1 cell cannot be used\n  line 2 is a list, where each is an object such as {\"age\": 39}\n  line 3, column \
         `a`: \"x\" is not a number\n  line 4 is no JSON: EOF while parsing an object at character 12\n  line 5 is a text, \
         where each is an object such as {\"age\": 39}"
    );
    fs::write(folder.path().join("rows"), "[".repeat(100_000)).unwrap();
    let said = message(folder.path(), files(&["rows"], Format::JsonLines));
    assert!(
        said.contains("no line of it is an object with a value; line 1 is no JSON: EOF while parsing a list"),
        "{said}"
    );
}

#[test]
fn a_file_of_another_format_says_what_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows"), CSV.repeat(10)).unwrap();
    for format in [Format::Parquet, Format::Arrow] {
        let said = message(folder.path(), files(&["rows"], format.clone()));
        assert!(said.starts_with(&format!("it cannot be read as a {}", format.noun())), "{said}");
    }
    fs::write(folder.path().join("rows"), "").unwrap();
    for format in [Format::Csv(Dialect::default()), Format::JsonLines, Format::Parquet, Format::Arrow] {
        assert_eq!(message(folder.path(), files(&["rows"], format)), "the file is empty");
    }
}

#[test]
fn dialects_say_what_stands_between_cells_and_what_is_no_value() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows"), "1;2,5;-\n3;4;1\n").unwrap();
    let dialect = Dialect { delimiter: b';', header: false, nulls: Some(vec!["-".into()]) };
    let column = |name: &str, optional| TableColumn {
        name: name.into(),
        outside: name.into(),
        encoding: Encoding::Whole,
        optional,
        span: at(1),
    };
    let source = |columns| {
        plan(DataSource::Table { files: files(&["rows"], Format::Csv(dialect.clone())), columns, target: None })
    };
    let data = open(&source(vec![column("column_1", false), column("column_3", true)]), folder.path()).unwrap();
    assert_eq!(numbers(&data, "column_1"), [1, 3]);
    assert_eq!(numbers(&data, "column_3"), [i64::MIN, 1]);
    assert_eq!(data.place(1), "row 2 (line 2)");
    let error = open(&source(vec![column("column_3", false)]), folder.path()).unwrap_err().fault.to_string();
    assert_eq!(
        error,
        "line 1, column `column_3`: \"-\" is no value; a `?` behind the type of `column_3` lets it be missing"
    );
    fs::write(folder.path().join("rows"), "1;2;3\n4;5\n").unwrap();
    let error = open(&source(vec![column("column_1", false)]), folder.path()).unwrap_err().fault.to_string();
    assert_eq!(error, "line 2 has 2 cells, the first line has 3");
}

#[test]
fn several_files_are_read_in_their_order_by_the_names_of_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("part-2.csv", "y,a\n1,3\n");
    write("part-1.csv", "a,y\n1,0\n2,1\n");
    write("more [1].csv", "a,y,extra\n9,0,7\n");
    write(".part-0.csv", "a,y\n100,0\n");
    let csv = |paths: &[&str]| files(paths, Format::Csv(Dialect::default()));
    let read = |paths: &[&str]| open(&columns(csv(paths), None, "y"), folder.path());
    let data = read(&["part-*.csv", "more [1].csv"]).unwrap();
    assert_eq!(data.field("columns").unwrap().data, TensorData::F32(vec![1.0, 2.0, 3.0, 9.0]));
    assert_eq!(
        (data.place(0), data.place(2)),
        ("row 1 (`part-1.csv`, line 2)".into(), "row 3 (`part-2.csv`, line 2)".into())
    );
    assert_eq!(read(&["none-*.csv"]).unwrap_err().fault.to_string(), "no file matches it");
    assert_eq!(
        read(&["part-[.csv"]).unwrap_err().fault.to_string(),
        "it is no pattern of files: invalid range pattern at character 6"
    );
    let limited = Files { limit: Some(1), ..csv(&["part-*.csv"]) };
    assert_eq!(open(&columns(limited, None, "y"), folder.path()).unwrap().rows, 1);

    write("part-3.csv", "a,y\nx,1\n");
    write("part-4.csv", "a,y\n1,1\n1,\n");
    let error = read(&["part-*.csv"]).unwrap_err();
    assert!(error.path.ends_with("part-*.csv"), "{error}");
    assert_eq!(
        error.fault.to_string(),
        "2 cells cannot be used\n  `part-3.csv`, line 2, column `a`: \"x\" is not a number\n  `part-4.csv`, line 3, column `y`: \
         the cell is empty"
    );
    write("part-3.csv", "b,y\n1,1\n");
    let error = read(&["part-*.csv"]).unwrap_err();
    assert!(
        error.path.ends_with("part-3.csv") && error.fault.to_string().starts_with("it has no column `a`"),
        "{error}"
    );
}

#[test]
fn a_hash_is_that_of_all_bytes_and_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1.csv"), "a,y\n1,0\n").unwrap();
    fs::write(folder.path().join("2.csv"), "a,y\n2,1\n").unwrap();
    let with = |hash: &str| {
        let files = files(&["*.csv"], Format::Csv(Dialect::default()));
        open(&columns(Files { sha256: Some(located(hash, 50)), ..files }, None, "y"), folder.path())
    };
    // printf 'a,y\n1,0\na,y\n2,1\n' | sha256sum
    let right = "6066704e15ce7d4a17fba71107ca08d6a6416349db3bf3b0ffcbe310b6174551";
    let error = with(&"0".repeat(64)).unwrap_err();
    assert_eq!(error.span, at(50));
    assert_eq!(error.fault.to_string(), format!("its SHA-256 is {right}, and the program says {}", "0".repeat(64)));
    assert_eq!(with(right).unwrap().rows, 2);
}

/// A file of the given bytes, read both as columns and as a table; whatever comes of it.
fn survives(folder: &Path, format: &Format, bytes: &[u8]) {
    fs::write(folder.join("hostile"), bytes).unwrap();
    let _ = open(&columns(files(&["hostile"], format.clone()), None, "kind"), folder);
    let _ = open(&table_plan("hostile", format.clone()), folder);
}

#[test]
fn a_file_cut_anywhere_is_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format, bytes) in every_format() {
        // Every place of the ends, where lengths and footers stand, and some between.
        let places = (0..bytes.len()).filter(|place| place % 61 == 0 || *place < 16 || place + 24 > bytes.len());
        for place in places {
            survives(folder.path(), &format, &bytes[..place]);
            let whole = place + 1 >= bytes.len() || matches!(name, "csv" | "jsonl" | "stream" | "feather-zstd");
            if !whole {
                let plan = table_plan("hostile", format.clone());
                assert!(open(&plan, folder.path()).is_err(), "{name} cut at {place} of {}", bytes.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3_000 }))]

    #[test]
    fn flipped_bytes_are_no_harm(
        which in 0usize..11,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (_, format, mut bytes) = every_format().swap_remove(which);
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        survives(folder.path(), &format, &bytes);
    }
}
