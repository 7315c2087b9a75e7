//! Rows of which nothing else is learnt than they are themselves, and rows that say how much they count.
#![cfg(feature = "burn")]

use std::fs;
use std::path::{Path, PathBuf};

use ndsl_runtime::operations::{Error, dataset, evaluate, predict, train};
use ndsl_runtime::train::{Cancel, Silent};

const MODEL: &str = "
model Autoencoder {
    input x: f32[3]

    Dense(2, activation=tanh) as code
    Dense(3) as out
}

train autoencoder {
    model: Autoencoder(), dataset: Rows
    loss: mse(out, FIELD)
    metrics: [mae], optimizer: Adam(0.05)
    epochs: 30, batch_size: 8, validation_split: 0.2, seed: 1
}
";

/// Rows of a plane, which two numbers say all of.
fn rows() -> impl Iterator<Item = [f32; 3]> {
    (0..60u16).map(|row| {
        let (a, b) = (f32::from(row * 37 % 20) / 10.0 - 1.0, f32::from(row * 53 % 17) / 8.0 - 1.0);
        [a, b, 0.5 * a - 0.5 * b]
    })
}

/// An array of NumPy's.
fn npy(shape: &str, numbers: impl Iterator<Item = f32>) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    header += &" ".repeat(64 - (header.len() + 11) % 64);
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    numbers.for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes
}

fn train(folder: &Path, dataset: &str, model: &str) -> Result<train::Response, Error> {
    let request = train::Request {
        name: "autoencoder.ndsl".into(),
        text: format!("{dataset}\n{model}"),
        folder: folder.to_path_buf(),
        train: None,
        set: Vec::new(),
        output: folder.join("run"),
        resume: false,
        memory: None,
        device: Default::default(),
    };
    train::run(&request, &mut Silent, &Cancel::new())
}

/// The messages and helps of a program that is refused.
fn refused(result: Result<train::Response, Error>) -> String {
    let error = result.expect_err("refused");
    let (_, diagnostics) = error.diagnostics().expect("a place in the program");
    diagnostics.iter().map(|fault| format!("{}; {}", fault.message, fault.help.join("; "))).collect()
}

fn measured(folder: &Path, data: Vec<PathBuf>) -> evaluate::Response {
    let request = evaluate::Request { model: folder.join("run"), data, part: None, device: Default::default() };
    evaluate::run(&request, &Cancel::new()).unwrap()
}

fn answered(folder: &Path, data: &str) -> Vec<String> {
    let request = predict::Request {
        model: folder.join("run"),
        data: vec![folder.join(data)],
        output: None,
        raw: false,
        values: Vec::new(),
        device: Default::default(),
    };
    let table = predict::run(&request, &Cancel::new()).unwrap().table.unwrap();
    String::from_utf8(table).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_file_without_a_target_is_what_is_learnt_itself() {
    let folder = tempfile::tempdir().unwrap();
    let line = |[a, b, c]: [f32; 3]| format!("{a},{b},{c}\n");
    let text = format!("a,b,c\n{}", rows().map(line).collect::<String>());
    fs::write(folder.path().join("rows.csv"), text).unwrap();
    fs::write(folder.path().join("rows.npy"), npy("(60, 3)", rows().flatten())).unwrap();
    for (dataset, field, file) in [
        ("dataset Rows = csv(\"rows.csv\")", "columns", "rows.csv"),
        ("dataset Rows = csv(\"rows.csv\", columns=[c, a, b])", "columns", "rows.csv"),
        ("dataset Rows = npy(\"rows.npy\")", "x", "rows.npy"),
    ] {
        let trained = train(folder.path(), dataset, &MODEL.replace("FIELD", field)).unwrap();
        let epochs = &trained.history.epochs;
        let (first, last) = (epochs[0].training.loss, epochs[epochs.len() - 1].training.loss);
        assert!(last < 0.1 * first, "{dataset}: {first} to {last}");
        let all = measured(folder.path(), vec![folder.path().join(file)]);
        assert_eq!(all.rows, 60);
        assert!(all.measures.metrics["mae"] > 0.0 && all.measures.loss < 0.1 * first, "{dataset}");
        assert_eq!(answered(folder.path(), file).len(), 61);
        assert!(folder.path().join("run/report.html").exists());
    }
    let told = refused(train(folder.path(), "dataset Rows = csv(\"rows.csv\")", &MODEL.replace("FIELD", "c")));
    assert!(
        told.contains("nothing here is called `c`") && told.contains("the `target` alone has its own name"),
        "{told}"
    );
    let one =
        refused(train(folder.path(), "dataset Rows = csv(\"rows.csv\")", &MODEL.replace("mse(out, FIELD)", "mse")));
    assert!(one.contains("`mse` needs what it compares"), "{one}");
    fs::write(folder.path().join("none.csv"), "\n").unwrap();
    let error =
        train(folder.path(), "dataset Rows = csv(\"none.csv\")", &MODEL.replace("FIELD", "columns")).unwrap_err();
    assert!(!error.to_string().contains("target"), "{error}");
}

#[test]
fn the_columns_that_are_chosen_of_a_table_are_those_of_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let line = |[a, b, c]: [f32; 3]| format!("{a},{b},{c},{}\n", if a > 0.0 { 0 } else { 2 });
    let text = format!("a,b,c,importance\n{}", rows().map(line).collect::<String>());
    fs::write(folder.path().join("rows.csv"), text).unwrap();
    let of = |columns: &str, more: &str| {
        let program = format!(
            "schema S {{ table Row {{ a: float, b: float, c: float, importance: int }} }}\n\
             dataset Rows: S.Row = csv(\"rows.csv\", columns=[{columns}], target=c)\n\
             model Net {{\n input row: S.Row except (c, importance)\n Features()\n Dense(1) as c_found\n}}\n\
             train net {{\n model: Net(), dataset: Rows, loss: mse(c_found, c)\n epochs: 2, batch_size: 8, seed: 1\n {more}\n}}\n"
        );
        train(folder.path(), "", &program)
    };
    of("a, b", "").unwrap();
    // What says how much a row counts need not go in.
    of("a, b", "sample_weight: importance").unwrap();
    let told = refused(of("a", ""));
    assert!(told.contains("`row` takes `b` too, which this row was left without"), "{told}");
    let told = refused(of("a, b, \"d*\"", ""));
    assert!(told.contains("no column of `S.Row` is like `d*`"), "{told}");
}

#[test]
fn an_array_says_how_much_each_row_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipWriter::new(fs::File::create(folder.path().join("rows.npz")).unwrap());
    let mut array = |name: &str, bytes: Vec<u8>| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, &bytes).unwrap();
    };
    array("x.npy", npy("(60, 3)", rows().flatten()));
    array("w.npy", npy("(60,)", (0..60u8).map(|row| f32::from(row % 2))));
    array("pair.npy", npy("(60, 2)", (0..120u8).map(f32::from)));
    archive.finish().unwrap();
    let weighted = |weight: &str| MODEL.replace("FIELD", "x").replace("seed: 1", &format!("seed: 1, {weight}"));
    let with = |weight: &str| {
        let model = weighted(weight).replace("dataset: Rows", "dataset: Rows, inputs: { x: x }");
        train(folder.path(), "dataset Rows = npz(\"rows.npz\")", &model)
    };
    let (all, half) = (with("").unwrap().history, with("sample_weight: w").unwrap().history);
    assert_ne!(all.epochs[0].training, half.epochs[0].training);
    let told = refused(with("sample_weight: pair"));
    assert!(told.contains("`pair` is [2] of them, and a weight is one number a row"), "{told}");
}

#[test]
fn tokens_are_no_quantities() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("play.txt"), "to be or not to be, that is the question").unwrap();
    let request = dataset::Request::Declared {
        name: "play.ndsl".into(),
        text: "dataset Play = text(\"play.txt\", context=8)\n".into(),
        folder: folder.path().to_path_buf(),
        dataset: None,
    };
    let shown = dataset::run(&request).unwrap();
    assert!(shown.fields.iter().all(|field| field.spread.is_none()), "{:?}", shown.fields);
}
