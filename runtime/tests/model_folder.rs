//! The model folder: written whole, replaced at once, read with every doubt settled.

use std::fs;
use std::path::{Path, PathBuf};

use ndsl_compiler::plan::{Metric, Optimizer, Schedule, Task};
use ndsl_compiler::{Weight, Weights};
use ndsl_runtime::model::{DatasetRecord, FieldRecord, Metadata, Model, ModelError, Settings, load, save};
use ndsl_runtime::signature::Signature;
use ndsl_runtime::train::{Epoch, History, Measures};

fn model(number: f32) -> Model {
    let weight = |shape: &[usize], data: Vec<f32>| Weight { shape: shape.to_vec(), data };
    Model {
        source: "model M {}\n".to_owned(),
        sources: Default::default(),
        weights: Weights(
            [
                ("dense.weight".to_owned(), weight(&[2, 3], vec![number, 1.0, -2.0, 1e-30, 5.5, f32::MIN_POSITIVE])),
                ("dense.bias".to_owned(), weight(&[2], vec![0.1, -0.0])),
            ]
            .into(),
        ),
        metadata: Metadata {
            format: 1,
            ndsl: "0.1.0".to_owned(),
            model: "M".to_owned(),
            train: "m".to_owned(),
            task: Task::Classification,
            signature: Signature { inputs: vec![], outputs: vec![] },
            classes: Some(vec!["a".to_owned(), "b".to_owned()]),
            dataset: DatasetRecord {
                name: "D".to_owned(),
                files: vec!["data.csv".into()],
                held_out: Vec::new(),
                rows: 10,
                sha256: String::new(),
                columns: Some(vec!["x".to_owned()]),
                target: "y".to_owned(),
                fields: vec![FieldRecord {
                    name: "y".to_owned(),
                    element: ndsl_compiler::ir::ElementType::I64,
                    shape: vec![],
                }],
            },
            settings: Settings {
                loss: "cross_entropy".to_owned(),
                metrics: vec![Metric::Accuracy],
                optimizer: Optimizer::sgd(0.1),
                schedule: Schedule::CONSTANT,
                max_steps: None,
                epochs: 1,
                batch_size: 2,
                validation_split: 0.25,
                validation: None,
                gradient_accumulation: 1,
                class_weights: None,
                sample_weight: None,
                ema: None,
                early_stopping: None,
                augment: Vec::new(),
                shuffle: true,
                seed: u64::MAX,
            },
            parameters: 8,
            best_epoch: 1,
            environment: Default::default(),
            sources: Vec::new(),
            source_sha256: String::new(),
            weights_sha256: String::new(),
        },
        history: History {
            warnings: Vec::new(),
            best_epoch: Some(1),
            monitor: "val_loss".to_owned(),
            epochs: vec![Epoch {
                epoch: 1,
                training: Measures { loss: 0.5, metrics: [("accuracy".to_owned(), 0.75)].into() },
                validation: Some(Measures::default()),
                seconds: 1.5,
                rows_per_second: 100.0,
                learning_rate: 0.1,
            }],
        },
    }
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/run");
    (folder, path)
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_is_what_is_read() {
    let (_folder, path) = place();
    let saved = save(&model(1.0), &path).unwrap();
    let read = load(&path).unwrap();
    assert_eq!(read.metadata, saved);
    assert_eq!(Model { metadata: model(1.0).metadata, ..read.clone() }, model(1.0));
    assert_eq!(read.metadata.weights_sha256.len(), 64);
    assert_eq!(names(&path), ["history.csv", "history.json", "metadata.json", "model.ndsl", "model.safetensors"]);
    // The same model is the same bytes.
    let again = path.with_file_name("again");
    save(&model(1.0), &again).unwrap();
    for file in names(&path) {
        assert_eq!(fs::read(path.join(&file)).unwrap(), fs::read(again.join(&file)).unwrap(), "{file}");
    }
}

#[test]
fn a_model_is_replaced_and_nothing_is_left_beside_it() {
    let (_folder, path) = place();
    save(&model(1.0), &path).unwrap();
    fs::write(path.join("notes.txt"), "of the old model").unwrap();
    save(&model(2.0), &path).unwrap();
    assert_eq!(load(&path).unwrap().weights.get("dense.weight").unwrap().data[0], 2.0);
    assert_eq!(names(path.parent().unwrap()), ["run"]);
    assert!(!path.join("notes.txt").exists());
}

#[test]
fn a_reader_sees_the_old_model_or_the_new_while_it_is_replaced() {
    let (_folder, path) = place();
    save(&model(0.0), &path).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                // The folder itself is always there and whole.
                assert!(path.join("model.safetensors").is_file() && path.join("metadata.json").is_file());
                reads += 1;
            }
            reads
        });
        for number in 1..50 {
            save(&model(number as f32), &path).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
}

#[test]
fn nothing_but_a_model_is_replaced() {
    let (_folder, path) = place();
    fs::create_dir_all(&path).unwrap();
    save(&model(1.0), &path).unwrap();

    let (_folder, path) = place();
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("thesis.tex"), "years of work").unwrap();
    assert!(matches!(save(&model(1.0), &path), Err(ModelError::WouldDestroy(_))));
    // Another program's metadata does not make it ours.
    fs::write(path.join("metadata.json"), r#"{"format": "flac"}"#).unwrap();
    assert!(matches!(save(&model(1.0), &path), Err(ModelError::WouldDestroy(_))));
    let file = path.join("thesis.tex");
    assert!(matches!(save(&model(1.0), &file), Err(ModelError::WouldDestroy(_))));
    assert_eq!(fs::read_to_string(file).unwrap(), "years of work");
}

#[test]
fn what_a_killed_run_left_beside_is_in_nobodys_way() {
    let (_folder, path) = place();
    save(&model(1.0), &path).unwrap();
    fs::create_dir_all(path.with_file_name(".run.killed").join("new")).unwrap();
    save(&model(2.0), &path).unwrap();
    assert_eq!(load(&path).unwrap().weights.get("dense.weight").unwrap().data[0], 2.0);
}

#[test]
#[cfg(unix)]
fn a_link_stays_a_link() {
    let (_folder, path) = place();
    save(&model(1.0), &path).unwrap();
    let link = path.with_file_name("latest");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    save(&model(3.0), &link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(load(&path).unwrap().weights.get("dense.weight").unwrap().data[0], 3.0);
}

#[test]
fn a_failed_write_leaves_the_old_model() {
    let (_folder, path) = place();
    save(&model(1.0), &path).unwrap();
    let mut broken = model(2.0);
    // A shape that its numbers do not fill cannot be written.
    broken.weights.0.get_mut("dense.bias").unwrap().shape = vec![3];
    assert!(matches!(save(&broken, &path), Err(ModelError::Damaged { .. })));
    assert_eq!(load(&path).unwrap().weights, model(1.0).weights);
    assert_eq!(names(path.parent().unwrap()), ["run"]);
}

#[test]
fn every_kind_of_damage_is_found_and_named() {
    let damage = |file: &str, change: &dyn Fn(Vec<u8>) -> Option<Vec<u8>>| {
        let (_folder, path) = place();
        save(&model(1.0), &path).unwrap();
        let place = path.join(file);
        match change(fs::read(&place).unwrap()) {
            Some(bytes) => fs::write(&place, bytes).unwrap(),
            None => fs::remove_file(&place).unwrap(),
        }
        load(&path).unwrap_err().to_string()
    };
    let truncated = damage("model.safetensors", &|bytes| Some(bytes[..bytes.len() - 4].to_vec()));
    assert!(truncated.contains("model.safetensors` is damaged"), "{truncated}");
    let empty = damage("model.safetensors", &|_| Some(Vec::new()));
    assert!(empty.contains("model.safetensors` is damaged"), "{empty}");
    let flipped = damage("model.safetensors", &|mut bytes| {
        *bytes.last_mut().unwrap() ^= 1;
        Some(bytes)
    });
    assert!(flipped.contains("its numbers are not those that were saved"), "{flipped}");
    let huge = damage("model.safetensors", &|mut bytes| {
        bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        Some(bytes)
    });
    assert!(huge.contains("is damaged"), "{huge}");
    assert!(damage("model.safetensors", &|_| None).contains("model.safetensors` is damaged: it is missing"));
    assert!(damage("model.ndsl", &|_| Some(b"model Other {}".to_vec())).contains("not the program"));
    assert!(damage("history.json", &|_| Some(b"[]".to_vec())).contains("history.json` is damaged"));
    assert!(damage("metadata.json", &|_| Some(b"{}".to_vec())).contains("is not a model folder"));
    assert!(damage("metadata.json", &|_| None).contains("is not a model folder"));
    let half = br#"{"format": 1, "ndsl": "0.1.0"}"#;
    assert!(damage("metadata.json", &|_| Some(half.to_vec())).contains("metadata.json` is damaged: missing field"));
    let later = br#"{"format": 2, "ndsl": "9.0.0"}"#;
    assert!(damage("metadata.json", &|_| Some(later.to_vec())).contains("is of format 2, this version of ndsl reads"));
    assert!(matches!(load(Path::new("/nowhere/at/all")), Err(ModelError::Missing(_))));
}

/// A model whose program uses two files, one of them of the standard library.
fn model_of_several_files() -> Model {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let sources = [file("sources/parts/net.ndsl", "const width = 2\n"), file("std/wide.ndsl", "const Wide = 4\n")];
    Model {
        source: "use width from \"sources/parts/net.ndsl\"\nmodel M { input x: f32[width]; Dense(Wide) }\n".to_owned(),
        sources: sources.into(),
        ..model(1.0)
    }
}

#[test]
fn a_model_of_several_files_is_saved_whole_and_is_the_same_program_again() {
    let (_folder, path) = place();
    let saved = save(&model_of_several_files(), &path).unwrap();
    assert_eq!(saved.sources, ["sources/parts/net.ndsl", "std/wide.ndsl"]);
    let read = load(&path).unwrap();
    assert_eq!((&read.source, &read.sources), (&model_of_several_files().source, &model_of_several_files().sources));
    let analysis = ndsl_compiler::analyze_sources(&read.program(&path));
    assert!(analysis.diagnostics.is_empty(), "{:?}", analysis.diagnostics);
    assert_eq!(analysis.models()[0].graph.parameter_counts().0, 2 * 4 + 4);
}

#[test]
fn a_used_file_that_was_changed_or_lost_is_noticed() {
    let (_folder, path) = place();
    save(&model_of_several_files(), &path).unwrap();
    for file in ["sources/parts/net.ndsl", "std/wide.ndsl", "model.ndsl"] {
        let whole = fs::read_to_string(path.join(file)).unwrap();
        fs::write(path.join(file), whole.replace('2', "3").replace('4', "5")).unwrap();
        if file == "model.ndsl" {
            fs::write(path.join(file), whole.clone() + "\n").unwrap();
        }
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("the weights were trained with"), "{file}: {error}");
        fs::write(path.join(file), whole).unwrap();
        load(&path).unwrap();
    }
    fs::remove_file(path.join("sources/parts/net.ndsl")).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("net.ndsl` is damaged: it is missing"));
}

#[test]
fn a_model_folder_names_no_file_outside_of_it() {
    let (_folder, path) = place();
    save(&model(1.0), &path).unwrap();
    let metadata = fs::read_to_string(path.join("metadata.json")).unwrap();
    for file in ["../../secret.ndsl", "/etc/secret.ndsl", "sources/../../secret.ndsl", "sources/data.csv", "other.ndsl"]
    {
        let named = metadata.replacen('{', &format!("{{\n  \"sources\": [\"{file}\"],"), 1);
        fs::write(path.join("metadata.json"), named).unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("no place for a file of the program"), "{file}: {error}");
    }
}
