//! NumPy's arrays: what they offer, and what each way of being broken says.

use std::fs;
use std::io::Write;
use std::path::Path;

use ndsl_compiler::ir::{ElementType, Shape};
use ndsl_compiler::plan::{DataField, DataSource, DatasetPlan, Located};
use ndsl_grammar::Span;
use ndsl_runtime::TensorData;
use ndsl_runtime::data::{DataError, Dataset, Reading, Target, open, open_inputs, read};
use proptest::prelude::*;

fn located(text: &str) -> Located {
    Located { text: text.to_owned(), span: Span::default() }
}

fn plan(source: DataSource) -> DatasetPlan {
    DatasetPlan { name: "Arrays".into(), span: Span::default(), folder: String::new(), source }
}

/// As `numpy.save` writes it.
fn npy(kind: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(numbers);
    bytes
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn npz(arrays: &[(&str, Vec<u8>)], packed: bool) -> Vec<u8> {
    let method = if packed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn pair(folder: &Path, x: &[u8], y: &[u8]) -> Result<Dataset, DataError> {
    fs::write(folder.join("x.npy"), x).unwrap();
    fs::write(folder.join("y.npy"), y).unwrap();
    open(&plan(DataSource::Npy { x: located("x.npy"), y: Some(located("y.npy")) }), folder)
}

fn archive(folder: &Path, bytes: &[u8]) -> Result<Dataset, DataError> {
    fs::write(folder.join("a.npz"), bytes).unwrap();
    open(&plan(DataSource::Npz { path: located("a.npz"), target: Some(located("y")) }), folder)
}

#[test]
fn arrays_offer_a_row_for_each_of_their_first_axis() {
    let folder = tempfile::tempdir().unwrap();
    let x = npy("<f4", "(2, 3)", &floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    let data = pair(folder.path(), &x, &npy("|u1", "(2,)", &[1, 0])).unwrap();
    let field = data.field("x").unwrap();
    assert_eq!((data.rows, field.shape.as_slice()), (2, &[3][..]));
    assert_eq!(field.data, TensorData::F32(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    assert_eq!(data.field("y").unwrap().data, TensorData::I64(vec![1, 0]), "what is learnt are labels");

    for packed in [false, true] {
        let arrays =
            [("image.npy", npy("|u1", "(2, 1, 2)", &[1, 2, 3, 4])), ("y.npy", npy(">i2", "(2,)", &[1, 0, 0, 7]))];
        let data = archive(folder.path(), &npz(&arrays, packed)).unwrap();
        assert_eq!(data.field("image").unwrap().data, TensorData::U8(vec![1, 2, 3, 4]));
        assert_eq!(data.field("y").unwrap().data, TensorData::I64(vec![256, 7]));
    }
    let source = DataSource::Npz { path: located("a.npz"), target: Some(located("y")) };
    assert_eq!(open_inputs(&plan(source), folder.path(), None).unwrap().fields.len(), 1);
}

#[test]
fn every_kind_of_number_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = |kind: &str, bytes: &[u8]| {
        pair(folder.path(), &npy(kind, "(1,)", bytes), &npy("|b1", "(1,)", &[1])).unwrap().fields.remove(0).data
    };
    assert_eq!(data("<f2", &[0x00, 0x3e]), TensorData::F32(vec![1.5]));
    assert_eq!(data(">f4", &1.5f32.to_be_bytes()), TensorData::F32(vec![1.5]));
    assert_eq!(data("<f8", &1.5f64.to_le_bytes()), TensorData::F32(vec![1.5]));
    assert_eq!(data("|i1", &[255]), TensorData::I64(vec![-1]));
    assert_eq!(data("<u2", &[1, 1]), TensorData::I64(vec![257]));
    assert_eq!(data("<i4", &(-5i32).to_le_bytes()), TensorData::I64(vec![-5]));
    assert_eq!(data(">u4", &7u32.to_be_bytes()), TensorData::I64(vec![7]));
    assert_eq!(data("<i8", &(-9i64).to_le_bytes()), TensorData::I64(vec![-9]));
    assert_eq!(data("|b1", &[1]), TensorData::Bool(vec![true]));
}

#[test]
fn labels_are_floats_where_a_model_learnt_floats() {
    let folder = tempfile::tempdir().unwrap();
    pair(folder.path(), &npy("|u1", "(2,)", &[1, 2]), &npy("<i4", "(2,)", &[3, 0, 0, 0, 4, 0, 0, 0])).unwrap();
    let field = DataField { name: "y".into(), element: ElementType::F32, shape: Shape(Vec::new()), classes: None };
    let source = DataSource::Npy { x: located("x.npy"), y: Some(located("y.npy")) };
    let data =
        read(&plan(source), folder.path(), Reading { target: Target::As(&field), ..Reading::default() }).unwrap();
    assert_eq!(data.field("y").unwrap().data, TensorData::F32(vec![3.0, 4.0]));
}

#[test]
fn a_broken_array_says_how() {
    let folder = tempfile::tempdir().unwrap();
    let labels = npy("|u1", "(2,)", &[1, 0]);
    let message = |x: &[u8]| pair(folder.path(), x, &labels).unwrap_err().fault.to_string();
    assert_eq!(message(b""), "the file is empty");
    assert_eq!(message(b"PK\x03\x04more"), "it is not an NPY file: it begins with [50, 4b, 03, 04, 6d, 6f]");
    assert_eq!(message(b"\x93NUMPY\x01"), "it ends within its header");
    assert_eq!(message(b"\x93NUMPY\x07\x00\x00\x00"), "it is of NPY's version 7, and 1 to 3 are read");
    assert_eq!(message(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"), "its header has 4294967295 bytes, and 65536 are read");
    assert!(message(b"\x93NUMPY\x01\x00\x02\x00{}").starts_with("its header is none of NPY's"));
    assert_eq!(message(&npy("|O", "(2,)", b"")), "its numbers are of the kind `|O`, which is not read");
    assert_eq!(message(&npy("|u1", "()", &[1])), "it is a single number, and has no rows");
    assert_eq!(message(&npy("|u1", "(0, 3)", &[])), "it has no rows");
    assert_eq!(message(&npy("|u1", "(2, 0)", &[])), "its rows are empty: its shape is (2, 0)");
    assert_eq!(message(&npy("<f4", "(2, 1)", &[0; 7])), "its shape (2, 1) is 8 bytes of `<f4`, but it has 7");
    assert_eq!(message(&npy("<f4", "(2, 1)", &[0; 9])), "its shape (2, 1) is 8 bytes of `<f4`, but it has more");
    assert_eq!(message(&npy("|u1", "(3,)", &[0; 3])), "it has 2 rows, and `x.npy` has 3");
    let huge = message(&npy("<f8", "(4611686018427387904, 2)", &[]));
    assert_eq!(huge, "its shape (4611686018427387904, 2) is more than the 1024 GB that are read");
    let fortran = npy("|u1", "(2, 2)", &[0; 4]);
    let fortran = String::from_utf8_lossy(&fortran[8..]).replace("False", "True ").into_bytes();
    let fortran = [b"\x93NUMPY\x01\x00".to_vec(), fortran].concat();
    assert!(message(&fortran).starts_with("it is in Fortran's order"));
}

#[test]
fn a_broken_archive_says_how() {
    let folder = tempfile::tempdir().unwrap();
    let message = |bytes: &[u8]| archive(folder.path(), bytes).unwrap_err().fault.to_string();
    let one = npy("|u1", "(1,)", &[1]);
    assert_eq!(message(b""), "the file is empty");
    assert!(message(b"not a zip").starts_with("it cannot be read as an NPZ archive"));
    assert_eq!(message(&npz(&[], false)), "it has no rows");
    assert_eq!(message(&npz(&[("readme.txt", vec![1])], false)), "its entry \"readme.txt\" is no array");
    assert_eq!(message(&npz(&[("x.npy", one.clone())], true)), "it has no column `y`; did you mean `x`?");
    let two = npy("|u1", "(2,)", &[1, 2]);
    assert_eq!(message(&npz(&[("x.npy", one), ("y.npy", two)], true)), "`y` has 2 rows, and `x` has 1");
    // Two hundred kilobytes that unpack to two hundred megabytes, where the header announces one byte.
    let mut bomb = npy("|u1", "(1,)", &[1]);
    bomb.extend(vec![0; 200 << 20]);
    assert_eq!(
        message(&npz(&[("y.npy", bomb)], true)),
        "its array `y`: its shape (1) is 1 bytes of `|u1`, but it has more"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3_000 }))]

    #[test]
    fn damage_is_no_harm(
        packed: bool,
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let array = npy("<f4", "(2, 2)", &floats(&[1.0, 2.0, 3.0, 4.0]));
        let labels = npy("|u1", "(2,)", &[1, 0]);
        for bytes in [array.clone(), npz(&[("x.npy", array), ("y.npy", labels.clone())], packed)] {
            let mut bytes = bytes;
            for (place, byte) in &flips {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            if flips.is_empty() {
                bytes.truncate(cut.index(bytes.len()));
            }
            let _ = pair(folder.path(), &bytes, &labels);
            let _ = archive(folder.path(), &bytes);
        }
    }
}
