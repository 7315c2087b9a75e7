//! What a program says beside its loss and its optimizer, from its text to the model folder.
#![cfg(feature = "burn")]

use std::fs;
use std::path::PathBuf;

use ndsl_compiler::Weights;
use ndsl_runtime::model;
use ndsl_runtime::operations::{Error, evaluate, train};
use ndsl_runtime::train::{Cancel, Silent};

const PROGRAM: &str = r#"dataset Rows = csv("rows.csv", columns=["x*"], target=kind)

model Net() {
    input x: f32[2]

    Dense(4) as first
    BatchNormalization() as norm
    Activation(relu)
    Dense(2) as logits
}

train net {
    model: Net(), dataset: Rows, inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    epochs: 2, batch_size: 8, validation_split: 0.25, seed: 1
}
"#;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// Forty rows: a quarter of them `rare`; the first ten count nothing.
    fn new() -> Self {
        let mut text = "x1,x2,kind,importance\n".to_owned();
        for row in 0..40u32 {
            let kind = if row % 4 == 0 { "rare" } else { "usual" };
            let (x, y) = (f64::from(row * 37 % 20) / 10.0 - 1.0, f64::from(row * 53 % 17) / 8.0 - 1.0);
            text.push_str(&format!("{x},{y},{kind},{}\n", if row < 10 { 0.0 } else { 2.0 }));
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rows.csv"), text).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn request(&self, text: String) -> train::Request {
        train::Request {
            name: "net.ndsl".into(),
            text,
            folder: self.folder.path().to_path_buf(),
            train: None,
            set: Vec::new(),
            output: self.path("run"),
            resume: false,
            memory: None,
            device: Default::default(),
        }
    }

    /// Trains with these settings besides.
    fn with(&self, settings: &str) -> Result<train::Response, Error> {
        let text = PROGRAM.replace("seed: 1", &format!("seed: 1\n    {settings}"));
        train::run(&self.request(text), &mut Silent, &Cancel::new())
    }

    fn weights(&self) -> Weights {
        model::load(&self.path("run")).unwrap().weights
    }
}

/// The first message, and what of the program it points at.
fn fault(result: Result<train::Response, Error>) -> (String, String) {
    let error = result.expect_err("refused");
    let (sources, diagnostics) = error.diagnostics().expect("a place in the program");
    let place = &sources.main().text[diagnostics[0].label.span.range()];
    (diagnostics[0].message.clone(), place.to_owned())
}

#[test]
fn what_is_frozen_stays_as_it_starts() {
    let place = Place::new();
    place.with("freeze: [first, norm]").unwrap();
    let (frozen, text) = (place.weights(), fs::read_to_string(place.path("run/model.ndsl")).unwrap());
    assert!(text.contains("freeze: [first, norm]"));
    place.with("").unwrap();
    let moved = place.weights();
    for (name, weight) in &frozen.0 {
        // A frozen normalization works by its running mean and variance, and leaves them too, as in Keras.
        let stays = name.starts_with("first.") || name.starts_with("norm.");
        let starts = match name.as_str() {
            "norm.running_mean" | "norm.bias" | "first.bias" => weight.data.iter().all(|number| *number == 0.0),
            "norm.running_var" | "norm.weight" => weight.data.iter().all(|number| *number == 1.0),
            _ => stays,
        };
        assert!(!stays || starts, "{name} is {:?}", weight.data);
        assert_ne!(*weight, moved.0[name], "{name}");
    }
    assert_eq!(fault(place.with("freeze: [\"frst*\"]")).1, "\"frst*\"");
}

#[test]
fn classes_count_by_their_names() {
    let place = Place::new();
    let loss = |settings: &str| place.with(settings).unwrap().history.epochs[0].clone();
    let even = loss("class_weights: { rare: 1, usual: 1 }");
    assert_eq!(even.training.loss, loss("").training.loss);
    let twice = loss("optimizer: SGD(1e-30), class_weights: { rare: 2.0, usual: 2.0 }");
    let once = loss("optimizer: SGD(1e-30)");
    assert!((twice.training.loss - 2.0 * once.training.loss).abs() < 1e-6, "{twice:?} {once:?}");
    assert_eq!(twice.validation, once.validation, "where a model is measured, classes count the same");
    assert_ne!(loss("class_weights: balanced").training.loss, once.training.loss);
    let metadata = fs::read_to_string(place.path("run/metadata.json")).unwrap();
    assert!(metadata.contains("\"class_weights\": \"balanced\""), "{metadata}");

    let (message, at) = fault(place.with("class_weights: { rear: 2 }"));
    assert_eq!((message.as_str(), at.as_str()), ("the data has no class `rear`", "rear"));
    let (message, at) = fault(place.with("class_weights: [1, 2, 3]"));
    assert_eq!((message.as_str(), at.as_str()), ("3 weights are given for 2 classes", "[1, 2, 3]"));
}

#[test]
fn rows_count_by_a_column_that_is_read_beside_the_others() {
    let place = Place::new();
    let response = place.with("optimizer: SGD(1e-30), sample_weight: importance").unwrap();
    let of = |data: Vec<PathBuf>| {
        let request = evaluate::Request { model: place.path("run"), data, part: None, device: Default::default() };
        evaluate::run(&request, &Cancel::new()).unwrap()
    };
    // What was measured while training is what the folder is measured as: on the rows held out, as they count.
    let best = response.history.best_epoch.unwrap();
    let held_out = response.history.epochs[best - 1].validation.clone().unwrap();
    assert!((of(Vec::new()).measures.loss - held_out.loss).abs() < 1e-6);
    // The same file without the column: every row counts the same.
    let text = fs::read_to_string(place.path("rows.csv")).unwrap();
    let plain: Vec<&str> = text.lines().map(|line| line.rsplit_once(',').unwrap().0).collect();
    fs::write(place.path("plain.csv"), plain.join("\n")).unwrap();
    let (weighted, even) = (of(vec![place.path("rows.csv")]), of(vec![place.path("plain.csv")]));
    assert_ne!(weighted.measures.loss, even.measures.loss);
    assert_eq!(weighted.rows, 40);

    let (message, at) = fault(place.with("sample_weight: imprtance"));
    assert!(message.contains("it has no column `imprtance`; did you mean `importance`?"), "{message}");
    assert_eq!(at, "imprtance");
    let text = PROGRAM.replace("columns=[\"x*\"], ", "").replace("f32[2]", "f32[3]");
    let text = text.replace("seed: 1", "seed: 1, sample_weight: importance");
    let refused = fault(train::run(&place.request(text), &mut Silent, &Cancel::new()));
    assert_eq!(refused.0, "`importance` is one of the columns that go into the model");
    fs::write(place.path("rows.csv"), fs::read_to_string(place.path("rows.csv")).unwrap().replacen(",2\n", ",\n", 1))
        .unwrap();
    let error = place.with("sample_weight: importance").unwrap_err().to_string();
    assert!(error.starts_with("`importance` is NaN in row 11 (line 12)"), "{error}");
}

#[test]
fn a_training_that_stops_early_says_so_and_keeps_what_it_watched() {
    let place = Place::new();
    let response = place
        .with("metrics: [accuracy], early_stopping: { monitor: val_accuracy, patience: 2 }, clip_value: 0.1")
        .unwrap();
    assert!(!response.early && response.history.monitor == "val_accuracy");
    let text =
        PROGRAM.replace("epochs: 2", "epochs: 300").replace("seed: 1", "seed: 1, early_stopping: { patience: 1 }");
    let response = train::run(&place.request(text), &mut Silent, &Cancel::new()).unwrap();
    let done = response.history.epochs.len();
    assert!(response.early && done < 300 && response.history.best_epoch == Some(done - 1), "{done}");
}
