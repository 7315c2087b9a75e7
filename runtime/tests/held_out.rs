//! Which rows are held out, from the program to the measures of a trained model.
#![cfg(feature = "burn")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use ndsl_runtime::operations::{Error, evaluate, train};
use ndsl_runtime::train::{Cancel, Silent, hold_out};

/// 60 readings of six sensors on sixty days; of the third part the label is 1.
fn readings(folder: &Path) {
    let mut text = "a,b,sensor,day,label\n".to_owned();
    for row in 0..60 {
        let (month, day) = (1 + row * 7 % 60 / 28, 1 + row * 7 % 60 % 28);
        let label = u8::from(row % 3 == 0);
        writeln!(text, "{row},{},s{},2019-{month:02}-{day:02},{label}", row % 7, row % 6).unwrap();
    }
    fs::write(folder.join("rows.csv"), &text).unwrap();
    let others: Vec<&str> = text.lines().take(11).collect();
    fs::write(folder.join("others.csv"), others.join("\n")).unwrap();
}

fn program(validation: &str) -> String {
    format!(
        "dataset Rows = csv(\"rows.csv\", columns=[a, b], target=label)\ndataset Others = csv(\"others.csv\", columns=[a, b], \
         target=label)\nmodel M {{\n    input x: f32[2]\n    Dense(2) as logits\n}}\ntrain t {{\n    model: M()\n    dataset: Rows\n    \
         inputs: {{ x: columns / 60 }}\n    loss: cross_entropy(logits, label)\n    epochs: 1, batch_size: 8, seed: 3\n    validation: \
         {validation}\n}}\n"
    )
}

fn request(folder: &Path, text: String) -> train::Request {
    train::Request {
        name: "rows.ndsl".into(),
        text,
        folder: folder.to_path_buf(),
        train: None,
        set: Vec::new(),
        output: folder.join("run"),
        resume: false,
        memory: None,
        device: Default::default(),
    }
}

fn held(folder: &Path, validation: &str) -> Vec<usize> {
    let prepared = train::prepare(&request(folder, program(validation))).unwrap();
    hold_out(&prepared.plan.validation, &prepared.data, prepared.plan.seed).unwrap().1
}

fn fault(folder: &Path, validation: &str) -> String {
    let request = request(folder, program(validation));
    match train::run(&request, &mut Silent, &Cancel::new()).unwrap_err() {
        error @ (Error::Program { .. } | Error::Data { .. }) => {
            error.diagnostics().unwrap().1.iter().map(|it| it.message.clone()).collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    }
}

#[test]
fn rows_are_held_out_as_the_program_says() {
    let folder = tempfile::tempdir().unwrap();
    readings(folder.path());
    assert_eq!(held(folder.path(), "random(0.2)").len(), 12);
    let stratified = held(folder.path(), "stratified(0.2)");
    assert_eq!((stratified.len(), stratified.iter().filter(|row| *row % 3 == 0).count()), (12, 4));
    let by_sensor = held(folder.path(), "stratified(0.2, by=sensor)");
    assert!((0..6).all(|sensor| by_sensor.iter().filter(|row| *row % 6 == sensor).count() == 2), "{by_sensor:?}");
    let groups = held(folder.path(), "group(0.3, by=sensor)");
    assert_eq!(groups.len() % 10, 0, "{groups:?}");
    assert!(groups.iter().all(|row| (0..60).filter(|other| other % 6 == row % 6).all(|other| groups.contains(&other))));
    let mut last = held(folder.path(), "time(0.1, by=day)");
    last.sort_by_key(|row| row * 7 % 60);
    assert_eq!(last.iter().map(|row| row * 7 % 60).collect::<Vec<_>>(), [54, 55, 56, 57, 58, 59]);
    assert_eq!(held(folder.path(), "rows(Others)"), (60..70).collect::<Vec<_>>());
}

#[test]
fn a_trained_model_is_measured_on_the_rows_that_were_held_out() {
    let folder = tempfile::tempdir().unwrap();
    readings(folder.path());
    for (validation, rows) in
        [("stratified(0.2)", 12), ("group(0.3, by=sensor)", 20), ("time(0.1, by=day)", 6), ("rows(Others)", 10)]
    {
        let trained = train::run(&request(folder.path(), program(validation)), &mut Silent, &Cancel::new()).unwrap();
        let model = folder.path().join("run");
        let request =
            evaluate::Request { model: model.clone(), data: Vec::new(), part: None, device: Default::default() };
        let measured = evaluate::run(&request, &Cancel::new()).unwrap();
        assert_eq!(measured.rows, rows, "{validation}");
        let epoch = &trained.history.epochs[0];
        let before = epoch.validation.as_ref().unwrap().loss;
        assert!(
            (measured.measures.loss - before).abs() < 1e-6,
            "{validation}: {} and {before}",
            measured.measures.loss
        );
        fs::remove_dir_all(model).unwrap();
    }
}

#[test]
fn what_cannot_be_held_out_so_says_why() {
    let folder = tempfile::tempdir().unwrap();
    readings(folder.path());
    assert_eq!(
        fault(folder.path(), "time(0.1, by=sensor)"),
        "`sensor` says no order of the rows: they are neither all numbers nor all days or moments such as 2019-01-31T08:30:00"
    );
    assert!(fault(folder.path(), "group(0.1, by=sensr)").ends_with("it has no column `sensr`; did you mean `sensor`?"));
    assert_eq!(
        fault(folder.path(), "stratified(0.001)"),
        "a validation split of 0.001 of 60 rows leaves no rows to validate on"
    );
    fs::write(folder.path().join("others.csv"), "a,b,label\n1,2,0.5\n").unwrap();
    assert!(fault(folder.path(), "rows(Others)").ends_with("\"0.5\" is not an integer"));
}
