//! What goes wrong in a training before its loss says so is told at the layer, once, and what goes well is left alone.
#![cfg(feature = "burn")]

use std::fmt::Write;
use std::fs;

use ndsl_compiler::diagnostics::{Code, Diagnostic};
use ndsl_runtime::operations::{Error, train};
use ndsl_runtime::train::{Cancel, Watcher};

/// Keeps what is warned of.
#[derive(Default)]
struct Warnings(Vec<Diagnostic>);

impl Watcher for Warnings {
    fn on_warning(&mut self, warning: &Diagnostic) {
        self.0.push(warning.clone());
    }
}

/// Two hundred houses whose price follows from their area and rooms.
fn houses() -> String {
    let mut table = String::from("area,rooms,price\n");
    for house in 0..200_u32 {
        let (area, rooms) = (f64::from(house * 37 % 101) / 50.0 - 1.0, f64::from(house * 17 % 7) / 3.0 - 1.0);
        writeln!(table, "{area},{rooms},{}", 3.0 * area + rooms + 2.0).unwrap();
    }
    table
}

/// Trains a program: what is warned of, as `code: text of the place: message`, and what the history keeps of it.
fn warnings(program: &str, settings: &[(&str, &str)]) -> (Vec<(Code, String, String)>, usize) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("houses.csv"), houses()).unwrap();
    let set = [("batch_size", "32"), ("epochs", "20")].iter().chain(settings);
    let request = train::Request {
        name: "model.ndsl".into(),
        text: program.into(),
        folder: folder.path().to_path_buf(),
        train: None,
        set: set.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        output: folder.path().join("run"),
        resume: false,
        memory: None,
        device: Default::default(),
    };
    let mut watcher = Warnings::default();
    let kept = match train::run(&request, &mut watcher, &Cancel::new()) {
        Ok(response) => response.history.warnings.len(),
        // What explodes may end so.
        Err(Error::Diverged { .. }) => watcher.0.len(),
        Err(other) => panic!("{other}: {:?}", other.diagnostics().map(|(_, diagnostics)| diagnostics)),
    };
    let told = |found: &Diagnostic| {
        (found.code, program.get(found.label.span.range()).unwrap_or("").to_owned(), found.message.clone())
    };
    (watcher.0.iter().map(told).collect(), kept)
}

/// The programs on the page of a code: one that has the fault, and one that has not.
fn page(code: Code) -> [String; 2] {
    let mut parts = code.page().split("```ndsl\n").skip(1).map(|part| part.split("```").next().unwrap());
    [parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned()]
}

#[test]
fn each_page_shows_what_it_is_about_and_mends_it() {
    for (code, place, message) in [
        (Code::VanishingGradients, "Dense(16, activation=sigmoid)", "the gradients of `dense.0` and those of "),
        (Code::ExplodingGradients, "Dense(", "the gradients explode: those of `"),
        (Code::DeadUnits, "Dense(16, activation=relu, ", "every unit of `dense` answered 0 to every row"),
    ] {
        let [failing, fixed] = page(code);
        let (found, kept) = warnings(&failing, &[]);
        assert_eq!(found.len(), kept);
        let of_code: Vec<_> = found.iter().filter(|(found, ..)| *found == code).collect();
        let [(_, at, said)] = &of_code[..] else { panic!("{}: {found:?}", code.as_str()) };
        assert!(at.starts_with(place), "{at}");
        assert!(said.starts_with(message), "{said}");
        assert_eq!(warnings(&fixed, &[]), (Vec::new(), 0), "{}", code.as_str());
    }
}

#[test]
fn what_no_gradient_reaches_is_told_apart_from_what_is_small() {
    let program =
        page(Code::DeadUnits)[1].replace("Dense(16, activation=relu)", "Dense(16)\n    floor(it)\n    Dense(4)");
    let (found, _) = warnings(&program, &[]);
    assert_eq!(
        found,
        [(
            Code::VanishingGradients,
            "Dense(16)".to_owned(),
            "no gradient reaches `dense`: nothing is learnt there".to_owned()
        )]
    );
}

#[test]
fn what_is_frozen_or_shortened_is_left_alone() {
    let [failing, _] = page(Code::ExplodingGradients);
    let (found, _) = warnings(&failing, &[("clip_norm", "1.0")]);
    assert_eq!(found, []);
    let frozen = page(Code::DeadUnits)[1].replace("relu)", "relu, trainable=false)");
    assert_eq!(warnings(&frozen, &[]).0, []);
}
