//! Trainings that begin with the weights of others.
#![cfg(feature = "burn")]

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use ndsl_runtime::model;
use ndsl_runtime::operations::Error;
use ndsl_runtime::operations::train::{Request, Response, run};
use ndsl_runtime::train::{Cancel, Watcher};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

const PROGRAM: &str = r#"dataset Rows = csv("rows.csv", columns=["x*"], target=kind)

model Net(classes: int = 2) {
    input x: f32[2]

    Dense(4, activation=tanh) as encoder
    Dense(classes) as logits
}

train base {
    model: Net(), dataset: Rows, inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    checkpoints: { best: false }
    epochs: 3, batch_size: 8
}

train fine {
    model: Net(), dataset: Rows, inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    from: base.best
    freeze: [encoder]
    epochs: 1, batch_size: 8, seed: 9
}
"#;

#[derive(Default)]
struct Notes(Vec<String>);

impl Watcher for Notes {
    fn on_note(&mut self, note: &str) {
        self.0.push(note.to_owned());
    }
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let mut text = "x1,x2,kind\n".to_owned();
        for row in 0..40u32 {
            let (x, y) = (f64::from(row * 37 % 40) / 20.0 - 1.0, f64::from(row * 53 % 37) / 18.0 - 1.0);
            text.push_str(&format!("{x},{y},{}\n", if x > y { "above" } else { "below" }));
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rows.csv"), text).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn train(&self, text: &str, train: &str) -> Result<(Response, Vec<String>), Error> {
        let request = Request {
            name: "net.ndsl".into(),
            text: text.into(),
            folder: self.folder.path().to_path_buf(),
            train: Some(train.into()),
            set: Vec::new(),
            output: self.path("runs").join(train),
            resume: false,
            memory: None,
            device: Default::default(),
        };
        let mut notes = Notes::default();
        run(&request, &mut notes, &Cancel::new()).map(|response| (response, notes.0))
    }

    /// The fault's message, help, and what of the program it is about.
    fn fault(&self, text: &str) -> (String, Vec<String>, String) {
        let error = self.train(text, "fine").map(|_| ()).unwrap_err();
        let (sources, diagnostics) = error.diagnostics().expect("a place in the program");
        let one = diagnostics[0].clone();
        (one.message, one.help, sources.main().text[one.label.span.range()].to_owned())
    }
}

#[test]
fn a_training_begins_with_the_weights_of_another() {
    let place = Place::new();
    let (message, help, at) = place.fault(PROGRAM);
    assert!(message.starts_with("there is no model at `") && at == "base.best", "{message} {at}");
    assert_eq!(help, ["train it first: `ndsl train <FILE> --train base`"]);

    place.train(PROGRAM, "base").unwrap();
    let base = model::load(&place.path("runs/base")).unwrap().weights;
    for from in ["base.best", "base.last", "\"runs/base\"", "\"runs/base/model.safetensors\""] {
        let (_, notes) = place.train(&PROGRAM.replace("base.best", from), "fine").unwrap();
        assert!(
            notes.len() == 1 && notes[0].starts_with("4 of 4 parameters, 22 numbers, come from `"),
            "{from}: {notes:?}"
        );
        let fine = model::load(&place.path("runs/fine")).unwrap().weights;
        // What is frozen is the other's to the bit, and the rest went on from it.
        assert_eq!(fine.get("encoder.weight"), base.get("encoder.weight"), "{from}");
        assert_ne!(fine.get("logits.weight"), base.get("logits.weight"));
    }
    fs::remove_dir_all(place.path("runs/base/checkpoints")).unwrap();
    let (message, ..) = place.fault(&PROGRAM.replace("base.best", "base.last"));
    assert!(message.ends_with("`checkpoints: {}` in a training keeps its last weights"), "{message}");
}

#[test]
fn what_does_not_match_is_said_and_starts_afresh() {
    let place = Place::new();
    let half =
        |numbers: &[f32]| numbers.iter().flat_map(|n| half::f16::from_f32(*n).to_le_bytes()).collect::<Vec<u8>>();
    let double = |numbers: &[f64]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let (weight, bias) = (half(&[0.5, -1.5, 2.0, 0.25, -0.125, 3.0, 1.0, -2.0]), double(&[0.1, 0.2, 0.3, 0.4]));
    let (head, count) = (half(&[1.0; 12]), 7i64.to_le_bytes());
    let write = |list: &[(&str, Dtype, Vec<usize>, &[u8])]| {
        let views = list
            .iter()
            .map(|(name, dtype, shape, data)| (*name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
        let bytes = safetensors::serialize(views, None::<HashMap<String, String>>).unwrap();
        fs::write(place.path("foreign.safetensors"), bytes).unwrap();
    };
    let text = PROGRAM.replace("base.best", "\"foreign.safetensors\"");
    write(&[
        ("encoder.weight", Dtype::F16, vec![4, 2], &weight),
        ("encoder.bias", Dtype::F64, vec![4], &bias),
        ("logits.weight", Dtype::F16, vec![3, 4], &head),
        ("norm.num_batches_tracked", Dtype::I64, vec![], &count),
    ]);
    let (_, notes) = place.train(&text, "fine").unwrap();
    assert!(notes[0].starts_with("2 of 4 parameters, 12 numbers, come from `"), "{notes:?}");
    assert_eq!(
        notes[1..],
        [
            "of another shape, so these are fresh: `logits.weight`, [3, 4] there and [2, 4] here",
            "not there, so these are fresh: `logits.bias`",
            "there, and not in the model: `norm.num_batches_tracked`",
        ]
    );
    let fine = model::load(&place.path("runs/fine")).unwrap().weights;
    assert_eq!(fine.get("encoder.weight").unwrap().data, [0.5, -1.5, 2.0, 0.25, -0.125, 3.0, 1.0, -2.0]);
    assert_eq!(fine.get("encoder.bias").unwrap().data, [0.1, 0.2, 0.3, 0.4]);

    // Nothing fits; a number that is none; no file of weights; no file.
    write(&[("other", Dtype::F64, vec![4], &bias)]);
    let (message, help, at) = place.fault(&text);
    assert!(message.starts_with("nothing of `") && at == "\"foreign.safetensors\"", "{message}");
    assert_eq!(help.last().unwrap(), "there, and not in the model: `other`");
    write(&[("encoder.bias", Dtype::F64, vec![4], &double(&[1.0, f64::NAN, 0.0, 0.0]))]);
    assert!(place.fault(&text).0.ends_with("is damaged: `encoder.bias` holds NaN"));
    fs::write(place.path("foreign.safetensors"), [255; 40]).unwrap();
    assert!(place.fault(&text).0.contains("foreign.safetensors` is damaged: "));
    fs::remove_file(place.path("foreign.safetensors")).unwrap();
    assert!(place.fault(&text).0.contains("foreign.safetensors`: No such file"));
}
