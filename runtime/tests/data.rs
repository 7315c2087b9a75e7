//! Files of data: what they offer, and what each way of being broken says.

use std::io::Write;
use std::path::Path;

use ndsl_compiler::ir::{ElementType, Shape};
use ndsl_compiler::plan::{DataField, DataSource, DatasetPlan, Dialect, Files, Format, Located};
use ndsl_grammar::{FileId, Span};
use ndsl_runtime::TensorData;
use ndsl_runtime::data::{DataError, Dataset, Fault, Reading, Target, open, open_inputs, read};
use tempfile::TempDir;

fn located(text: &str, start: usize) -> Located {
    Located { text: text.to_owned(), span: Span::new(FileId::default(), start..start + 1) }
}

fn csv_plan(columns: Option<&[&str]>, target: &str) -> DatasetPlan {
    let columns = columns.map(|list| list.iter().enumerate().map(|(i, text)| located(text, 100 + i)).collect());
    let format = Format::Csv(Dialect::default());
    let files = Files::of(located("table.csv", 10), format);
    let source = DataSource::Columns { files, columns, target: Some(located(target, 200)) };
    DatasetPlan { name: "Table".into(), span: Span::default(), folder: String::new(), source }
}

fn folder(text: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("table.csv"), text).unwrap();
    folder
}

fn table(text: impl AsRef<[u8]>, columns: Option<&[&str]>, target: &str) -> Result<Dataset, DataError> {
    open(&csv_plan(columns, target), folder(text).path())
}

fn fault(text: impl AsRef<[u8]>, columns: Option<&[&str]>) -> (u32, String) {
    let error = table(text, columns, "label").unwrap_err();
    assert!(error.to_string().contains("table.csv"), "{error}");
    (error.span.start, error.fault.to_string())
}

#[test]
fn a_table_becomes_one_field_of_columns_and_the_target() {
    let data = table("a,label,b\n1,0,2.5\n -3 , 1 ,4e2\n", None, "label").unwrap();
    assert_eq!(data.rows, 2);
    assert_eq!(data.columns.as_deref().unwrap(), ["a", "b"]);
    let columns = data.field("columns").unwrap();
    assert_eq!(
        (columns.shape.as_slice(), columns.data.held()),
        (&[2][..], Some(&TensorData::F32(vec![1.0, 2.5, -3.0, 400.0])))
    );
    let label = data.field("label").unwrap();
    assert_eq!((label.shape.len(), label.data.held(), &label.classes), (0, Some(&TensorData::I64(vec![0, 1])), &None));
    assert_eq!(data.place(1), "row 2 (line 3)");
}

#[test]
fn columns_come_in_the_order_of_the_patterns_and_then_of_the_file() {
    let text = "p_2,x,label,p_1\n1,2,0,3\n";
    let names = |columns: &[&str]| table(text, Some(columns), "label").unwrap().columns.unwrap();
    assert_eq!(names(&["p_*"]), ["p_2", "p_1"]);
    assert_eq!(names(&["p_1", "*"]), ["p_1", "p_2", "x"]);
}

#[test]
fn a_target_is_integers_numbers_or_labels() {
    let target = |cells: [&str; 3]| {
        let text = format!("a,label\n1,{}\n1,{}\n1,{}\n", cells[0], cells[1], cells[2]);
        let field = table(text, None, "label").unwrap().fields.remove(1);
        (field.data.held().unwrap().clone(), field.classes)
    };
    assert_eq!(target(["3", "-1", "2"]), (TensorData::I64(vec![3, -1, 2]), None));
    assert_eq!(target(["3", "-1.5", "2"]), (TensorData::F32(vec![3.0, -1.5, 2.0]), None));
    let (data, classes) = target(["dog", "cat", "dog"]);
    assert_eq!(data, TensorData::I64(vec![1, 0, 1]));
    assert_eq!(classes.unwrap(), ["cat", "dog"]);
    assert_eq!(target(["1", "cat", "2"]).1.unwrap(), ["1", "2", "cat"]);
}

#[test]
fn a_stray_word_in_a_column_of_numbers_is_a_bad_cell() {
    let mut text = "a,label\n".to_owned();
    for row in 0..30 {
        text.push_str(&format!("1,{}\n", if row == 7 { "n/a".into() } else { format!("{row}.5") }));
    }
    assert_eq!(fault(text, None).1, "line 9, column `label`: \"n/a\" is not a number, as the others are");
}

#[test]
fn every_bad_cell_is_named_in_one_run() {
    let (span, message) = fault("a,b,label\n1,x,0\n,2,0\nnan,3,1\n4,5,\n", None);
    assert_eq!(span, 10);
    assert_eq!(
        message,
        "4 cells cannot be used\n  line 2, column `b`: \"x\" is not a number\n  line 3, column `a`: the cell is empty\n  \
         line 4, column `a`: \"nan\" is not a finite number\n  line 5, column `label`: the cell is empty"
    );
}

#[test]
fn a_line_of_too_few_cells_hides_no_bad_cell() {
    let (_, message) = fault("a,b,label\n1,2\n1,x,0\n1,2,3\n1\n", None);
    assert_eq!(
        message,
        "2 lines and 1 cell cannot be used\n  line 2 has 2 cells, the header has 3\n  line 3, column `b`: \"x\" is not a \
         number\n  line 5 has 1 cell, the header has 3"
    );
}

#[test]
fn a_file_full_of_bad_cells_is_not_read_to_its_end() {
    let text = format!("a,label\n{}", "x,1\n".repeat(100_000));
    let error = table(text, None, "label").unwrap_err();
    let Fault::Cells { cells, more } = error.fault else { panic!("{error}") };
    assert_eq!((cells.len(), more), (20, true));
    let diagnostic = table("a,label\nx,1\ny,1\n", None, "label").unwrap_err().diagnostic();
    assert_eq!(diagnostic.help.len(), 2);
}

#[test]
fn lines_are_counted_through_quoted_line_breaks() {
    assert_eq!(fault("\"a\nb\",label\n1,0\nx,0\n", None).1, "line 4, column `a\nb`: \"x\" is not a number");
}

#[test]
fn every_fault_of_form_says_what_it_is() {
    let message = |text: &[u8]| fault(text, None).1;
    assert_eq!(message(b""), "the file is empty");
    assert_eq!(message(b"a,label\n"), "it has no rows");
    assert_eq!(message(b"a,label\n1,2,3\n"), "line 2 has 3 cells, the header has 2");
    assert_eq!(message(b"a,label\n\xff,1\n"), "line 2, column `a`: it is not UTF-8 text");
    assert_eq!(message(b"\xff\xfea,label\n1,1\n"), "line 1 is not UTF-8 text");
    assert_eq!(message(b"a,b,a,label\n"), "the header names the column `a` twice: it is column 1 and column 3");
    assert_eq!(message(b"label\n1\n"), "it has no columns besides the target `label`");
    let missing = open(&csv_plan(None, "label"), Path::new("/nowhere")).unwrap_err();
    assert_eq!(missing.to_string(), "`/nowhere/table.csv`: there is no such file");
    let inside = tempfile::tempdir().unwrap();
    std::fs::create_dir(inside.path().join("table.csv")).unwrap();
    let error = open(&csv_plan(None, "label"), inside.path()).unwrap_err();
    assert!(error.to_string().contains("it is a folder"), "{error}");
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_first_name() {
    assert_eq!(table("\u{feff}a,label\n1,1\n", None, "label").unwrap().columns.unwrap(), ["a"]);
}

#[test]
fn a_column_that_is_not_there_is_named_at_its_place_with_the_one_meant() {
    let text = "width,height,label\n1,2,0\n";
    let place = |columns: &[&str]| fault(text, Some(columns));
    assert_eq!(place(&["height", "widht"]), (101, "it has no column `widht`; did you mean `width`?".into()));
    assert_eq!(place(&["depth_*"]).0, 100);
    assert_eq!(place(&["depth_*"]).1, "no column matches `depth_*`; it has `width`, `height`, `label`");
    assert_eq!(place(&["label"]).1, "the target `label` cannot be one of the inputs too");
    let error = table(text, None, "lable").unwrap_err();
    assert_eq!(
        (error.span.start, error.fault.to_string().as_str()),
        (200, "it has no column `lable`; did you mean `label`?")
    );
}

#[test]
fn inputs_are_read_by_name_and_without_a_target() {
    let folder = folder("b,extra,a\n1,x,2\n");
    let columns = ["a".to_owned(), "b".to_owned()];
    let data = open_inputs(&csv_plan(None, "label"), folder.path(), Some(&columns)).unwrap();
    assert_eq!(data.fields.len(), 1);
    assert_eq!(data.fields[0].data, TensorData::F32(vec![2.0, 1.0]));
}

#[test]
fn a_target_is_read_as_the_model_was_trained_on_it() {
    let folder = folder("a,label\n1,dog\n1,cat\n1,dgo\n");
    let classes = Some(vec!["bird".to_owned(), "cat".to_owned(), "dog".to_owned()]);
    let shape = Shape(Vec::new());
    let field = DataField { name: "label".into(), element: ElementType::I64, shape: shape.clone(), classes };
    let read_as = |field: &DataField| {
        read(&csv_plan(None, "label"), folder.path(), Reading { target: Target::As(field), ..Reading::default() })
    };
    let message = read_as(&field).unwrap_err().fault.to_string();
    assert_eq!(
        message,
        "line 4, column `label`: \"dgo\" is none of the classes the model was trained on; did you mean `dog`?"
    );
    std::fs::write(folder.path().join("table.csv"), "a,label\n1,dog\n1,cat\n").unwrap();
    assert_eq!(read_as(&field).unwrap().fields[1].data, TensorData::I64(vec![2, 1]));
    // Integers where the model learnt numbers stay numbers.
    std::fs::write(folder.path().join("table.csv"), "a,label\n1,3\n1,4\n").unwrap();
    let field = DataField { name: "label".into(), element: ElementType::F32, shape, classes: None };
    assert_eq!(read_as(&field).unwrap().fields[1].data, TensorData::F32(vec![3.0, 4.0]));
}

fn idx(kind: u8, dims: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn images(images: &[u8], labels: &[u8]) -> Result<Dataset, DataError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("images"), images).unwrap();
    std::fs::write(folder.path().join("labels"), labels).unwrap();
    let source = DataSource::Idx { images: located("images", 10), labels: located("labels", 20) };
    open(&DatasetPlan { name: "Images".into(), span: Span::default(), folder: String::new(), source }, folder.path())
}

#[test]
fn idx_files_offer_images_and_labels_packed_or_not() {
    let (pixels, labels) = (idx(8, &[2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]), idx(8, &[2], &[7, 0]));
    for data in [images(&pixels, &labels).unwrap(), images(&gzip(&pixels), &gzip(&labels)).unwrap()] {
        let image = data.field("image").unwrap();
        assert_eq!((data.rows, image.shape.as_slice()), (2, &[2, 3, 1][..]));
        assert_eq!(image.data, TensorData::U8(vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]));
        assert_eq!(data.field("label").unwrap().data, TensorData::I64(vec![7, 0]));
        assert_eq!(data.batch(image, &[1]).unwrap().shape, [1, 2, 3, 1]);
    }
    let wide = images(&idx(8, &[1, 2], &[1, 2]), &idx(0x0c, &[1], &[0, 0, 1, 0])).unwrap();
    assert_eq!(wide.field("image").unwrap().shape, [2]);
    assert_eq!(wide.field("label").unwrap().data, TensorData::I64(vec![256]));
}

#[test]
fn a_broken_idx_file_says_how() {
    let labels = idx(8, &[2], &[0, 1]);
    let message = |pixels: &[u8]| images(pixels, &labels).unwrap_err().fault.to_string();
    assert_eq!(message(b""), "the file is empty");
    assert_eq!(message(b"PNG!more"), "it is not an IDX file: it begins with [50, 4e, 47, 21]");
    assert_eq!(message(&[0, 0, 8, 3, 0, 0]), "it ends within its header");
    assert_eq!(
        message(&idx(8, &[2, 2, 2], &[0; 7])),
        "its header says [2, 2, 2], which is 8 bytes of u8, but it has 7"
    );
    assert_eq!(
        message(&idx(8, &[2, 2, 2], &[0; 9])),
        "its header says [2, 2, 2], which is 8 bytes of u8, but it has more"
    );
    assert_eq!(
        message(&idx(8, &[u32::MAX, u32::MAX, u32::MAX], &[])),
        "its header says [4294967295, 4294967295, 4294967295], more than the 1024 GB that are read"
    );
    assert_eq!(message(&idx(8, &[0, 2, 2], &[])), "it has no rows");
    assert_eq!(message(&idx(0x0d, &[1], &[0; 4])), "it holds f32; only integers are read");
    assert_eq!(message(&idx(8, &[3, 1, 1], &[0; 3])), "it has 2 labels for the 3 images of `images`");
    let cut = gzip(&idx(8, &[2, 2, 2], &[0; 8]));
    assert!(message(&cut[..cut.len() - 6]).starts_with("its gzip stream is damaged"));
}

#[test]
fn a_header_that_lies_takes_no_memory_and_a_bomb_does_not_go_off() {
    // Four billion bytes announced, none there.
    let lying = images(&idx(8, &[1 << 16, 1 << 8, 1 << 8], &[]), &[]).unwrap_err();
    assert!(lying.fault.to_string().ends_with("but it has 0"), "{lying}");
    // 64 MB of zeros in a few kilobytes behind a header of four bytes: one byte too many is enough.
    let mut bomb = idx(8, &[1, 2, 2], &[]);
    bomb.extend(vec![0; 64 << 20]);
    let error = images(&gzip(&bomb), &[]).unwrap_err();
    assert!(error.fault.to_string().ends_with("but it has more"), "{error}");
}
