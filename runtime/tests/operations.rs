//! The operations from end to end: a program and its data to a model folder, and the folder to answers.
#![cfg(feature = "burn")]

use std::fs;
use std::path::{Path, PathBuf};

use ndsl_runtime::operations::{Error, compile, evaluate, predict, train};
use ndsl_runtime::train::{Cancel, Silent};

const PROGRAM: &str = r#"dataset Flowers = csv("flowers.csv", target=kind)

model Net(width: int = 8) {
    input x: f32[2]

    Dense(width, activation=tanh)
    Dense(3) as logits
}

train net {
    model: Net()
    dataset: Flowers
    inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    metrics: [accuracy]
    optimizer: Adam(learning_rate=0.05)
    epochs: 15, batch_size: 8, validation_split: 0.2, seed: 1
}
"#;

/// Three clouds of points, named.
fn flowers() -> String {
    let mut text = "length,width,kind\n".to_owned();
    for row in 0..90u32 {
        let kind = row % 3;
        let wobble = f64::from(row * 37 % 20) / 40.0;
        let (x, y) = [(0.0, 3.0), (3.0, 0.0), (-3.0, -3.0)][kind as usize];
        let name = ["rose", "a \"wild\", one", "iris"][kind as usize];
        text.push_str(&format!("{},{},\"{}\"\n", x + wobble, y - wobble, name.replace('"', "\"\"")));
    }
    text
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("flowers.csv"), flowers()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn request(&self) -> train::Request {
        train::Request {
            name: "flowers.ndsl".into(),
            text: PROGRAM.into(),
            folder: self.folder.path().to_path_buf(),
            train: None,
            set: Vec::new(),
            output: self.path("run"),
            resume: false,
            memory: None,
            device: Default::default(),
        }
    }

    fn train(&self) -> train::Response {
        train::run(&self.request(), &mut Silent, &Cancel::new()).unwrap()
    }
}

fn predict_request(model: &Path, data: PathBuf) -> predict::Request {
    predict::Request {
        model: model.to_path_buf(),
        data: vec![data],
        output: None,
        raw: false,
        values: Vec::new(),
        device: Default::default(),
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

/// The same program in three files, the main one in a folder of its own.
fn split(place: &Place) -> train::Request {
    let root = place.folder.path();
    for folder in ["parts", "data", "runs"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    fs::write(root.join("ndsl.toml"), "").unwrap();
    fs::rename(root.join("flowers.csv"), root.join("data/flowers.csv")).unwrap();
    fs::write(root.join("data/flowers.ndsl"), "dataset Flowers = csv(\"flowers.csv\", target=kind)\n").unwrap();
    let net = PROGRAM[PROGRAM.find("model").unwrap()..PROGRAM.find("train").unwrap()].replace("f32[2]", "f32[size]");
    fs::write(root.join("parts/net.ndsl"), format!("use size from \"size.ndsl\"\n{net}")).unwrap();
    fs::write(root.join("parts/size.ndsl"), "const size = 2\n").unwrap();
    let uses = "use Net from \"../parts/net.ndsl\"\nuse Flowers from \"../data/flowers.ndsl\"\n";
    train::Request {
        text: format!("{uses}{}", &PROGRAM[PROGRAM.find("train").unwrap()..]),
        folder: root.join("runs"),
        ..place.request()
    }
}

#[test]
fn a_model_of_several_files_is_trained_and_is_whole_in_its_folder() {
    let (whole, parted) = (Place::new(), Place::new());
    let request = split(&parted);
    let response = train::run(&request, &mut Silent, &Cancel::new()).unwrap();
    let folder = response.output.unwrap();
    // Where a declaration stands changes nothing in what is computed.
    assert_eq!(response.history.best_epoch, whole.train().history.best_epoch);
    let weights = |place: &Place| fs::read(place.path("run/model.safetensors")).unwrap().len();
    assert_eq!(weights(&parted), weights(&whole));

    let metadata = response.metadata.unwrap();
    assert_eq!(metadata.sources, ["sources/data/flowers.ndsl", "sources/parts/net.ndsl", "sources/parts/size.ndsl"]);
    // The files of the project are not needed any more, only the data.
    for gone in ["parts", "data/flowers.ndsl"] {
        let gone = parted.path(gone);
        if gone.is_dir() { fs::remove_dir_all(gone).unwrap() } else { fs::remove_file(gone).unwrap() }
    }
    let evaluation =
        evaluate::Request { model: folder.clone(), data: Vec::new(), part: None, device: Default::default() };
    assert!(evaluate::run(&evaluation, &Cancel::new()).unwrap().measures.metrics["accuracy"] > 0.9);
    fs::write(parted.path("new.csv"), "length,width\n0,3\n").unwrap();
    predict::run(&predict_request(&folder, parted.path("new.csv")), &Cancel::new()).unwrap();

    let program = compile::Program::Folder { path: folder };
    let compiled = compile::run(&compile::Request::new(program, compile::Backend::Onnx)).unwrap();
    assert!(compiled.trained);
    let holds = |text: &str| compiled.bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("ndsl.source/sources/parts/size.ndsl") && holds("const size = 2") && holds(&metadata.source_sha256));
}

#[test]
fn a_trained_model_is_measured_asked_and_compiled() {
    let place = Place::new();
    let response = place.train();
    let folder = response.output.unwrap();
    let metadata = response.metadata.unwrap();
    assert_eq!(metadata.classes.as_deref().unwrap(), ["a \"wild\", one", "iris", "rose"]);
    assert_eq!((metadata.model.as_str(), metadata.signature.inputs[0].name.as_str()), ("Net", "x"));
    assert_eq!(metadata.signature.outputs[0].name, "logits");
    assert_eq!(response.history.epochs.len(), 15);

    let evaluation = evaluate::Request {
        model: folder.clone(),
        data: vec![place.path("flowers.csv")],
        part: None,
        device: Default::default(),
    };
    let measured = evaluate::run(&evaluation, &Cancel::new()).unwrap();
    assert_eq!(measured.rows, 90);
    assert!(measured.measures.metrics["accuracy"] > 0.95, "{measured:?}");

    // Without other data, the rows held out in training: with the measures they had there.
    let own = evaluate::Request { data: Vec::new(), ..evaluation };
    let held = evaluate::run(&own, &Cancel::new()).unwrap();
    assert_eq!(held.part, evaluate::Part::Held);
    let best = response.history.epochs.iter().find(|epoch| Some(epoch.epoch) == response.history.best_epoch).unwrap();
    assert_eq!(&held.measures, best.validation.as_ref().unwrap());

    // New rows, their columns in another order, with one that nobody knows and without the target.
    fs::write(place.path("new.csv"), "note,width,length\nhello,3,0\n,0,3\n,-3,-3\n").unwrap();
    let answer = predict::run(&predict_request(&folder, place.path("new.csv")), &Cancel::new()).unwrap();
    let table = lines(&answer.table.unwrap());
    assert_eq!(table[0], "prediction,\"p_a \"\"wild\"\", one\",p_iris,p_rose");
    assert!(
        table[1].starts_with("rose,")
            && table[2].starts_with("\"a \"\"wild\"\", one\",")
            && table[3].starts_with("iris,")
    );
    let sum: f32 = table[1].split(',').skip(1).map(|cell| cell.parse::<f32>().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5);

    // The model's own numbers, to a file.
    let raw = predict::Request {
        output: Some(place.path("raw.csv")),
        raw: true,
        values: Vec::new(),
        ..predict_request(&folder, place.path("new.csv"))
    };
    let answer = predict::run(&raw, &Cancel::new()).unwrap();
    assert_eq!((answer.table, answer.columns), (None, vec!["output_0".into(), "output_1".into(), "output_2".into()]));
    assert_eq!(lines(&fs::read(place.path("raw.csv")).unwrap()).len(), 4);

    let program = compile::Program::Folder { path: folder };
    let artifact = compile::run(&compile::Request::new(program, compile::Backend::Onnx)).unwrap();
    assert!(artifact.trained && !artifact.bytes.is_empty());
    assert_eq!(artifact.signature, metadata.signature);
}

#[test]
fn a_setting_is_overridden_and_the_program_that_ran_is_kept() {
    let place = Place::new();
    let set = vec![("epochs".into(), "2".into()), ("model.width".into(), "5".into())];
    let response = train::run(&train::Request { set, ..place.request() }, &mut Silent, &Cancel::new()).unwrap();
    assert_eq!(response.history.epochs.len(), 2);
    let source = fs::read_to_string(place.path("run/model.ndsl")).unwrap();
    assert!(source.contains("epochs: 2") && source.contains("Net(width=5)"), "{source}");
    let wrong = vec![("epoch".into(), "2".into())];
    let error = train::run(&train::Request { set: wrong, ..place.request() }, &mut Silent, &Cancel::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is no setting `epoch`; did you mean `epochs`?");
}

#[test]
fn what_is_checked_and_cannot_be_run_yet_is_refused_before_the_data_is_read() {
    let place = Place::new();
    let fail = |from: &str, to: &str| {
        let text = PROGRAM.replace("flowers.csv", "nowhere.csv").replace(from, to);
        let error = train::run(&train::Request { text, ..place.request() }, &mut Silent, &Cancel::new()).unwrap_err();
        let (source, diagnostics) = error.diagnostics().unwrap();
        let [only] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
        assert_eq!(only.code.as_str(), "E0110");
        source.main().text[only.label.span.range()].to_owned()
    };
    assert_eq!(fail("epochs: 15", "precision: bf16, epochs: 15"), "bf16");
}

#[test]
fn an_optimizer_its_schedule_and_bounds_are_what_the_program_says() {
    let place = Place::new();
    let text = PROGRAM
        .replace("Adam(learning_rate=0.05)", "Lion(1e-3, weight_decay=0.1)")
        .replace("epochs: 15", "schedule: cosine(final=0.5), clip_norm: 1.0, max_steps: 7, epochs: 15");
    let response = train::run(&train::Request { text, ..place.request() }, &mut Silent, &Cancel::new()).unwrap();
    let last = response.history.epochs.last().unwrap();
    assert!(last.learning_rate > 0.5e-3 && last.learning_rate < 0.6e-3, "{}", last.learning_rate);
    let metadata = fs::read_to_string(place.path("run/metadata.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let settings = &settings["settings"];
    assert_eq!(
        settings["optimizer"],
        serde_json::json!({
            "name": "lion", "beta_1": 0.9, "beta_2": 0.99, "learning_rate": 1e-3, "weight_decay": 0.1, "clip_norm": 1.0
        })
    );
    assert_eq!(settings["schedule"]["name"], "cosine");
    assert_eq!(settings["max_steps"], 7);
}

#[test]
fn a_setting_that_asks_for_what_happens_anyway_is_no_reason_to_refuse() {
    let place = Place::new();
    let text = PROGRAM
        .replace("epochs: 15", "schedule: constant, precision: f32, device: auto, gradient_accumulation: 1, epochs: 1");
    train::run(&train::Request { text, ..place.request() }, &mut Silent, &Cancel::new()).unwrap();
}

#[test]
fn one_value_in_place_of_a_search_can_be_run() {
    let place = Place::new();
    let text = PROGRAM.replace("Net()", "Net(width=tune(4, 8))").replace("epochs: 15", "epochs: 1");
    let set = vec![("model.width".into(), "6".into())];
    train::run(&train::Request { text, set, ..place.request() }, &mut Silent, &Cancel::new()).unwrap();
    assert!(fs::read_to_string(place.path("run/model.ndsl")).unwrap().contains("Net(width=6)"));
}

#[test]
fn a_loss_that_is_an_expression_is_minimised() {
    let place = Place::new();
    let text =
        PROGRAM.replace("cross_entropy(logits, kind)", "2 * cross_entropy(logits, kind, label_smoothing=0.1) + 0.5");
    let response = train::run(&train::Request { text, ..place.request() }, &mut Silent, &Cancel::new()).unwrap();
    let losses: Vec<f64> = response.history.epochs.iter().map(|epoch| epoch.training.loss).collect();
    assert!(losses[0] > *losses.last().unwrap() && *losses.last().unwrap() > 0.5, "{losses:?}");
}

#[test]
fn the_same_run_writes_the_same_weights() {
    let place = Place::new();
    place.train();
    let first = fs::read(place.path("run/model.safetensors")).unwrap();
    place.train();
    assert_eq!(fs::read(place.path("run/model.safetensors")).unwrap(), first);
}

#[test]
fn faults_stand_on_the_lines_of_the_program() {
    let place = Place::new();
    let fail = |request: &train::Request| train::run(request, &mut Silent, &Cancel::new()).unwrap_err();
    let text = PROGRAM.replace("flowers.csv", "flours.csv");
    let error = fail(&train::Request { text, ..place.request() });
    let (source, diagnostics) = error.diagnostics().unwrap();
    assert_eq!(&source.main().text[diagnostics[0].label.span.range()], "\"flours.csv\"");
    assert!(diagnostics[0].message.ends_with("there is no such file"));

    fs::write(place.path("flowers.csv"), "length,width,kind\n1,x,rose\n").unwrap();
    let error = fail(&place.request());
    assert_eq!(error.diagnostics().unwrap().1[0].message.split("`: ").nth(1).unwrap(), "line 2, column `width");

    // A third column that the model has no place for.
    fs::write(place.path("flowers.csv"), "length,width,height,kind\n1,2,3,rose\n").unwrap();
    assert!(matches!(fail(&place.request()), Error::Program { .. }));

    let error = fail(&train::Request { text: PROGRAM.replace("Dense(3)", "Dens(3)"), ..place.request() });
    assert!(matches!(error, Error::Program { .. }));
    assert!(!place.path("run").exists());
}

#[test]
fn a_place_that_is_taken_is_found_before_training() {
    let place = Place::new();
    fs::create_dir(place.path("run")).unwrap();
    fs::write(place.path("run/other.txt"), "mine").unwrap();
    let error = train::run(&place.request(), &mut Silent, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("not a model folder"), "{error}");
}

#[test]
fn a_run_that_is_stopped_at_once_writes_nothing() {
    let place = Place::new();
    let cancel = Cancel::new();
    cancel.cancel();
    let response = train::run(&place.request(), &mut Silent, &cancel).unwrap();
    assert!(response.cancelled && response.output.is_none());
    assert!(!place.path("run").exists());
}

#[test]
fn data_that_does_not_fit_the_trained_model_is_named() {
    let place = Place::new();
    let folder = place.train().output.unwrap();
    let ask = |text: &str| {
        fs::write(place.path("new.csv"), text).unwrap();
        predict::run(&predict_request(&folder, place.path("new.csv")), &Cancel::new()).unwrap_err().to_string()
    };
    assert!(ask("length,widht\n1,2\n").ends_with("it has no column `width`; did you mean `widht`?"));
    assert!(ask("length,width\n1,wide\n").ends_with("line 2, column `width`: \"wide\" is not a number"));
    assert!(ask("length,width\n").ends_with("it has no rows"));
    let two = predict::Request {
        data: vec![place.path("new.csv"), place.path("new.csv")],
        ..predict_request(&folder, PathBuf::new())
    };
    fs::write(place.path("new.csv"), "length,width\n1,2\n").unwrap();
    assert_eq!(predict::run(&two, &Cancel::new()).unwrap().rows, 2, "files are read one after another");
    fs::write(place.path("new.csv"), "length,width,kind\n1,2,tulip\n").unwrap();
    let evaluation =
        evaluate::Request { model: folder, data: vec![place.path("new.csv")], part: None, device: Default::default() };
    let error = evaluate::run(&evaluation, &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("\"tulip\" is none of the classes"), "{error}");
}

#[test]
fn a_learning_rate_that_explodes_is_an_error_that_says_so() {
    let place = Place::new();
    let text = PROGRAM.replace("Adam(learning_rate=0.05)", "SGD(learning_rate=1e30)").replace("tanh", "linear");
    let error = train::run(&train::Request { text, ..place.request() }, &mut Silent, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("a smaller learning rate"), "{error}");
    assert!(!place.path("run").exists());
}
