//! Folders of pictures: what is read of them, what is refused, and training, going on and predicting with them.
#![cfg(feature = "burn")]

use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageEncoder, Luma, Rgb, RgbImage};
use ndsl_compiler::plan::{DataSource, DatasetPlan, Files, Fit, Format, ImageShape, Interpolation, Located};
use ndsl_runtime::data::{DataError, Dataset, open, open_inputs};
use ndsl_runtime::operations::{evaluate, predict, train};
use ndsl_runtime::tensor::TensorData;
use ndsl_runtime::train::{Cancel, Silent, StepProgress, Watcher};

fn plan(folder: &str, labelled: bool, channels: usize) -> DatasetPlan {
    let shape = ImageShape { height: 4, width: 4, channels, fit: Fit::Crop, interpolation: Interpolation::Bilinear };
    let paths = vec![Located { text: folder.into(), span: Default::default() }];
    let source = DataSource::Images { paths, shape, labelled };
    DatasetPlan { name: "Pets".into(), span: Default::default(), folder: String::new(), source }
}

fn pixels(data: &Dataset, rows: &[usize]) -> Result<Vec<u8>, DataError> {
    match data.batch(data.field("image").unwrap(), rows)?.data {
        TensorData::U8(pixels) => Ok(pixels),
        other => panic!("{other:?}"),
    }
}

/// A picture of one colour, of a size that is not that of the dataset.
fn plain(path: &Path, colour: [u8; 3]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(9, 6, Rgb(colour)).save(path).unwrap();
}

#[test]
fn a_table_names_the_pictures_and_what_is_learnt_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join("pets").join(name);
    plain(&at("a.png"), [40, 50, 60]);
    plain(&at("young/b.png"), [10, 20, 30]);
    let table = |text: &str| fs::write(at("pets.csv"), text).unwrap();
    let located = |text: &str| Located { text: text.into(), span: Default::default() };
    let shape = ImageShape { height: 4, width: 4, channels: 3, fit: Fit::Crop, interpolation: Interpolation::Bilinear };
    let files = Files::of(located("pets/pets.csv"), Format::Csv(Default::default()));
    let source = DataSource::Pictures { files, column: located("file"), target: Some(located("weight")), shape };
    let plan = DatasetPlan { name: "Pets".into(), span: Default::default(), folder: String::new(), source };
    table("weight,file,colour\n2.5,young/b.png,dark\n7.5,a.png,light\n2.0,young/b.png,dark\n");
    let data = open(&plan, folder.path()).unwrap();
    assert_eq!((data.rows, data.target.as_str(), data.file(0)), (3, "weight", Some("young/b.png")));
    assert_eq!(data.field("weight").unwrap().data, TensorData::F32(vec![2.5, 7.5, 2.0]));
    assert_eq!(pixels(&data, &[1, 2]).unwrap(), [[40, 50, 60].repeat(16), [10, 20, 30].repeat(16)].concat());
    // Words are labels, as in any table; and where nothing is learnt, nothing is asked for.
    table("weight,file\nlight,young/b.png\nheavy,a.png\n");
    assert_eq!(
        open(&plan, folder.path()).unwrap().field("weight").unwrap().classes.as_deref().unwrap(),
        ["heavy", "light"]
    );
    table("file\na.png\n");
    assert_eq!(open_inputs(&plan, folder.path(), None).unwrap().fields.len(), 1);
    let error = open(&plan, folder.path()).unwrap_err().to_string();
    assert!(error.contains("it has no column `weight`"), "{error}");
    table("file,weight\na.png,1\nnowhere.png,2\npets.csv,3\n");
    let error = open(&plan, folder.path()).unwrap_err().to_string();
    assert!(error.contains("`nowhere.png`: there is no such file, row 2 (line 3)"), "{error}");
    assert!(error.contains("`pets.csv`: it cannot be read as a picture"), "{error}");
}

#[test]
fn a_model_of_a_table_of_pictures_is_measured_by_tables_and_answers_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = "file,weight\n".to_owned();
    for row in 0..12u8 {
        plain(&folder.path().join(format!("img/{row}.png")), [20 * row, 0, 0]);
        rows += &format!("img/{row}.png,{row}.5\n");
    }
    fs::write(folder.path().join("pets.csv"), rows).unwrap();
    let text = "dataset Pets = images(\"pets.csv\", size=4, column=file, target=weight)\n\nmodel Net {\n    input image: f32[4, 4, 3]\n    \
                Flatten()\n    Dense(1) as y\n}\n\ntrain net {\n    model: Net(), dataset: Pets, inputs: { image: image / 255 }\n    \
                loss: mse(y, weight), epochs: 2, batch_size: 4, validation: random(0.25), seed: 1\n}\n";
    train::run(&request(folder.path(), "run", text), &mut Silent, &Cancel::new()).unwrap();
    let model = folder.path().join("run");
    let measured = evaluate::Request { model: model.clone(), data: Vec::new(), part: None, device: Default::default() };
    assert_eq!(evaluate::run(&measured, &Cancel::new()).unwrap().rows, 3);
    let alone = evaluate::Request { data: vec![folder.path().join("img")], ..measured };
    let error = evaluate::run(&alone, &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("what pictures are is in a table"), "{error}");
}

#[test]
fn the_folders_are_the_classes_and_what_is_in_them_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join("pets").join(name);
    plain(&at("dog/b.png"), [10, 20, 30]);
    plain(&at("dog/a.png"), [40, 50, 60]);
    plain(&at("cat/young/c.JPG"), [200, 200, 200]);
    fs::write(at("cat/notes.txt"), "not a picture").unwrap();
    fs::write(at("dog/.hidden.png"), "not a picture").unwrap();
    let data = open(&plan("pets", true, 3), folder.path()).unwrap();
    assert_eq!((data.rows, data.target.as_str()), (3, "label"));
    let label = data.field("label").unwrap();
    assert_eq!(label.data, TensorData::I64(vec![0, 1, 1]));
    assert_eq!(label.classes.as_deref().unwrap(), ["cat", "dog"]);
    assert_eq!(data.field("image").unwrap().shape, [4, 4, 3]);
    let files: Vec<_> = (0..3).filter_map(|row| data.file(row)).collect();
    assert_eq!(files, ["cat/young/c.JPG", "dog/a.png", "dog/b.png"]);
    assert_eq!(pixels(&data, &[2, 1]).unwrap(), [[10, 20, 30].repeat(16), [40, 50, 60].repeat(16)].concat());
    assert!(pixels(&data, &[0]).unwrap().iter().all(|pixel| pixel.abs_diff(200) < 4), "a JPEG is nearly what it was");
    // Without labels, and as a prediction reads it, the folders say nothing.
    let data = open(&plan("pets", false, 1), folder.path()).unwrap();
    assert_eq!((data.rows, data.fields.len(), pixels(&data, &[0, 1]).unwrap().len()), (3, 1, 32));
    let data = open_inputs(&plan("pets/dog/a.png", true, 4), folder.path(), None).unwrap();
    assert_eq!((data.rows, data.file(0)), (1, Some("a.png")));
    assert_eq!(pixels(&data, &[0]).unwrap(), [40, 50, 60, 255].repeat(16));
}

#[test]
fn a_picture_stands_as_its_camera_noted() {
    let folder = tempfile::tempdir().unwrap();
    // Light on the left; the note says that its left side is the top.
    let picture = GrayImage::from_fn(8, 8, |x, _| Luma([if x < 4 { 240 } else { 10 }]));
    let note = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(note).unwrap();
    encoder.encode_image(&picture).unwrap();
    fs::write(folder.path().join("a.jpg"), bytes).unwrap();
    let data = open(&plan("a.jpg", false, 1), folder.path()).unwrap();
    let pixels = pixels(&data, &[0]).unwrap();
    assert!(pixels[..8].iter().all(|pixel| *pixel > 200) && pixels[8..].iter().all(|pixel| *pixel < 60), "{pixels:?}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join("pets").join(name);
    let message = |labelled: bool| {
        let error = open(&plan("pets", labelled, 3), folder.path()).unwrap_err().to_string();
        error.split_once("pets`: ").unwrap().1.to_owned()
    };
    assert_eq!(message(true), "there is no such file");
    fs::create_dir_all(at("cat")).unwrap();
    assert_eq!(message(true), "its folder `cat` has no PNG or JPEG pictures");
    assert_eq!(message(false), "it has no PNG or JPEG pictures");
    plain(&at("cat/a.png"), [1, 2, 3]);
    fs::write(at("cat/b.png"), "text").unwrap();
    fs::write(at("cat/c.jpg"), "").unwrap();
    let found = message(true);
    assert!(found.starts_with("2 pictures cannot be used\n  `cat/b.png`: "), "{found}");
    assert!(found.contains("it is neither PNG nor JPEG\n  `cat/c.jpg`: the file is empty"), "{found}");
    fs::write(at("cat/b.png"), b"GIF89a\x01\0\x01\0\0\0\0").unwrap();
    fs::remove_file(at("cat/c.jpg")).unwrap();
    assert!(message(true).contains("it is Gif; PNG and JPEG are read"), "{}", message(true));
    fs::rename(at("cat/b.png"), at("cat/b.gif")).unwrap();
    assert_eq!(message(true), "the picture `cat/b.gif` is of a format that is not read; PNG and JPEG are");
    fs::remove_file(at("cat/b.gif")).unwrap();
    fs::copy(at("cat/a.png"), at("stray.png")).unwrap();
    assert!(message(true).starts_with("the picture `stray.png` lies beside the folders of the classes"));
    fs::remove_file(at("stray.png")).unwrap();
    // What is damaged behind its head is found when it is unpacked, and so is what has changed.
    let whole = fs::read(at("cat/a.png")).unwrap();
    fs::write(at("cat/a.png"), &whole[..whole.len() - 20]).unwrap();
    let data = open(&plan("pets", true, 3), folder.path()).unwrap();
    let error = pixels(&data, &[0]).unwrap_err().to_string();
    assert!(error.contains("a.png`: it cannot be read as a picture: "), "{error}");
    fs::write(at("cat/a.png"), &whole).unwrap();
    let error = pixels(&data, &[0]).unwrap_err().to_string();
    assert!(error.ends_with("a.png`: it changed while it was read"), "{error}");
}

#[test]
fn all_pictures_are_named_that_are_damaged_behind_their_heads() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["cat/a", "cat/b", "cat/c", "dog/d"] {
        plain(&folder.path().join(format!("pets/{name}.png")), [40, 50, 60]);
    }
    for name in ["cat/b", "dog/d"] {
        let path = folder.path().join(format!("pets/{name}.png"));
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    }
    let data = open(&plan("pets", true, 3), folder.path()).unwrap();
    let error = pixels(&data, &[3]).unwrap_err().to_string();
    assert!(error.contains("pets`: ") && error.contains("`cat/b.png`") && error.contains("`dog/d.png`"), "{error}");
    assert!(!error.contains("a.png"), "{error}");
}

const PROGRAM: &str = r#"dataset Pets = images("pets", size=[6, 6])

model Net {
    input image: f32[6, 6, 3]

    Conv2D(4, 3, activation=relu)
    Flatten()
    Dense(2) as logits
}

train net {
    model: Net(), dataset: Pets, inputs: { image: image / 255 }
    loss: cross_entropy(logits, label)
    metrics: [accuracy]
    optimizer: Adam(1e-2)
    epochs: 4, batch_size: 4, validation: stratified(0.25), seed: 3
    augment: [flip(both), shift(0.2, 0.2), brightness(0.1), noise(0.02), erase(area=0.2)]
}
"#;

struct Stopping(usize, Cancel);

impl Watcher for Stopping {
    fn on_step(&mut self, _: &StepProgress) {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 {
            self.1.cancel();
        }
    }
}

/// Warm and cold pictures.
fn pets(folder: &Path) {
    for number in 0..16u8 {
        let (class, colour) = match number % 2 {
            0 => ("warm", [200 + number, 60, 40]),
            _ => ("cold", [40, 60, 200 + number]),
        };
        plain(&folder.join(format!("pets/{class}/{number:02}.png")), colour);
    }
}

fn request(folder: &Path, output: &str, text: &str) -> train::Request {
    train::Request {
        name: "net.ndsl".into(),
        text: text.into(),
        folder: folder.to_path_buf(),
        train: None,
        set: Vec::new(),
        output: folder.join(output),
        resume: false,
        memory: None,
        device: Default::default(),
    }
}

/// Trains a program at once and in parts, which must make the same weights; answers them.
fn at_once_and_in_parts(folder: &Path, text: &str) -> Vec<u8> {
    let weights = |name: &str| fs::read(folder.join(name).join("model.safetensors")).unwrap();
    train::run(&request(folder, "whole", text), &mut Silent, &Cancel::default()).unwrap();
    for after in [2, 5] {
        let mut parts = request(folder, "parts", text);
        let cancel = Cancel::default();
        assert!(train::run(&parts, &mut Stopping(after, cancel.clone()), &cancel).unwrap().cancelled);
        parts.resume = true;
        train::run(&parts, &mut Silent, &Cancel::default()).unwrap();
        assert!(weights("parts") == weights("whole"), "after {after} steps");
        fs::remove_dir_all(&parts.output).unwrap();
    }
    weights("whole")
}

#[test]
fn a_run_that_goes_on_changes_each_picture_as_one_that_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    pets(folder.path());
    let changed = at_once_and_in_parts(folder.path(), PROGRAM);
    let plainly = at_once_and_in_parts(folder.path(), &PROGRAM.replace("    augment", "    // augment"));
    assert!(changed != plainly, "what is changed makes another model");
}

#[test]
fn pictures_are_mixed_with_what_is_learnt_of_them() {
    let folder = tempfile::tempdir().unwrap();
    pets(folder.path());
    let with = |changes: &str| {
        let (before, _) = PROGRAM.split_once("    augment").unwrap();
        format!("{before}    augment: {changes}\n}}\n")
    };
    let train = |text: &str| train::run(&request(folder.path(), "run", text), &mut Silent, &Cancel::default()).unwrap();
    let mixed = at_once_and_in_parts(folder.path(), &with("[flip, mixup(alpha=0.4), cutmix, noise(0.02)]"));
    assert!(mixed != at_once_and_in_parts(folder.path(), &with("[flip, noise(0.02)]")));
    // Pictures that are half of one class and half of the other have no surer answer than one half, whose loss is ln 2.
    let halves = train(&with("mixup(alpha=1e6)").replace("epochs: 4", "epochs: 60"));
    let last = halves.history.epochs.last().unwrap();
    assert!(last.training.loss > 0.2, "{}: rows of two classes cannot be answered", last.training.loss);
    assert!(last.validation.as_ref().unwrap().loss < last.training.loss, "what is measured is not mixed");
    // Weights of classes count for each label by its share.
    let even = train(&with("mixup")).history;
    let weighted = train(&with("mixup\n    class_weights: { warm: 1.0, cold: 1.0 }")).history;
    assert_eq!(even.epochs[0].training, weighted.epochs[0].training);
    let doubled = train(&with("mixup\n    class_weights: { warm: 2.0, cold: 2.0 }")).history;
    let (one, two) = (even.epochs[0].training.loss, doubled.epochs[0].training.loss);
    assert!((two / one - 2.0).abs() < 0.1, "{two} for {one}");
}

#[test]
fn a_model_of_pictures_measures_and_predicts_folders_and_files() {
    let folder = tempfile::tempdir().unwrap();
    pets(folder.path());
    let output = folder.path().join("run");
    let text = PROGRAM.replace("epochs: 4", "epochs: 12");
    train::run(&request(folder.path(), "run", &text), &mut Silent, &Cancel::default()).unwrap();
    let evaluation =
        evaluate::Request { model: output.clone(), data: Vec::new(), part: None, device: Default::default() };
    let measured = evaluate::run(&evaluation, &Cancel::default()).unwrap();
    assert_eq!((measured.rows, measured.measures.metrics["accuracy"]), (4, 1.0));
    let predict = |data: &[PathBuf]| {
        let request = predict::Request {
            model: output.clone(),
            data: data.to_vec(),
            output: None,
            raw: false,
            values: Vec::new(),
            device: Default::default(),
        };
        predict::run(&request, &Cancel::default())
    };
    let table = predict(&[folder.path().join("pets/warm/00.png"), folder.path().join("pets/cold")]).unwrap();
    assert_eq!(table.columns, ["file", "prediction", "p_cold", "p_warm"]);
    let text = String::from_utf8(table.table.unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].starts_with("00.png,warm,") && lines[2].starts_with("01.png,cold,"), "{text}");
    assert_eq!(lines.len(), 10);
    // The folders of what is measured must be classes of the model.
    plain(&folder.path().join("others/lukewarm/a.png"), [100, 60, 100]);
    let others = evaluate::Request { data: vec![folder.path().join("others")], ..evaluation };
    let error = evaluate::run(&others, &Cancel::default()).unwrap_err().to_string();
    assert!(error.ends_with("the folder `lukewarm` is none of the classes the model was trained on"), "{error}");
}
