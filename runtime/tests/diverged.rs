//! A training whose loss is no longer a number says where that came from.
#![cfg(feature = "burn")]

use std::fs;

use ndsl_compiler::diagnostics::Code;
use ndsl_runtime::operations::{Error, train};
use ndsl_runtime::train::{Cancel, Silent};

const HOUSES: &str = "area,rooms,price\n3,1,10\n4,2,14\n2,0,7\n5,3,18\n";

/// Trains `program`; answers the line of what is at fault, and what is said of it.
fn fault(program: &str, houses: &str) -> Option<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("houses.csv"), houses).unwrap();
    let request = train::Request {
        name: "model.ndsl".into(),
        text: program.into(),
        folder: folder.path().to_path_buf(),
        train: None,
        set: vec![("batch_size".into(), "4".into()), ("epochs".into(), "40".into())],
        output: folder.path().join("run"),
        resume: false,
        memory: None,
        device: Default::default(),
    };
    let error = match train::run(&request, &mut Silent, &Cancel::new()) {
        Ok(_) => return None,
        Err(error @ Error::Diverged { .. }) => error,
        Err(other) => panic!("{other}: {:?}", other.diagnostics().map(|(_, diagnostics)| diagnostics)),
    };
    let (sources, diagnostics) = error.diagnostics().expect("it has a place");
    let [found] = &diagnostics[..] else { panic!("{diagnostics:?}") };
    assert_eq!(found.code, Code::Diverged);
    assert!(found.message.starts_with("the loss became "), "{}", found.message);
    let text = &sources.main().text[found.label.span.range()];
    Some((text.to_owned(), found.label.text.clone()))
}

/// The programs on the page of the code.
fn page() -> [String; 2] {
    let mut parts = Code::Diverged.page().split("```ndsl\n").skip(1).map(|part| part.split("```").next().unwrap());
    [parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned()]
}

#[test]
fn an_operation_that_has_no_answer_is_named_and_the_page_mends_it() {
    let [failing, fixed] = page();
    let (place, said) = fault(&failing, HOUSES).unwrap();
    assert_eq!(place, "log(x)");
    assert_eq!(said, "infinity first comes up here: the logarithm of 0, or of what is below");
    assert_eq!(fault(&fixed, HOUSES), None);
    // Without a row of that kind nothing is wrong.
    assert_eq!(fault(&failing, &HOUSES.replace("2,0,7", "2,1,7")), None);
}

#[test]
fn weights_that_gradients_carried_away_are_named_by_their_layer() {
    let [_, program] = page();
    let program = program
        .replace("log(x + 1e-6)", "Dense(3, activation=relu)")
        .replace("loss: mse", "optimizer: SGD(learning_rate=1e30)\n    loss: mse");
    let (place, said) = fault(&program, HOUSES).unwrap();
    assert!(place.starts_with("Dense("), "{place}");
    assert!(said.contains("infinity") || said.contains("NaN"), "{said}");
}

#[test]
fn a_division_by_nothing_within_a_block_is_found_through_what_follows_it() {
    let [_, program] = page();
    let block = "block Share {\n    input x: f32[2]\n\n    x / (x - x)\n}\n\nmodel Net";
    let program = program.replace("model Net", block).replace("log(x + 1e-6)", "Share()\n    tanh(it)\n    Dense(4)");
    let (place, said) = fault(&program, HOUSES).unwrap();
    assert_eq!(place, "x / (x - x)");
    assert!(said.ends_with("first comes up here: a division by 0"), "{said}");
}
