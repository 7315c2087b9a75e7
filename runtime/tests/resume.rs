//! Runs that go on: what is written, what is read back, what is refused, and that the weights are those of a run that never
//! stopped.
#![cfg(feature = "burn")]

use std::fs;
use std::path::PathBuf;

use ndsl_runtime::checkpoint;
use ndsl_runtime::operations::train::{Request, Response, run};
use ndsl_runtime::operations::{Error, evaluate};
use ndsl_runtime::train::{Cancel, Silent, StepProgress, Watcher};

const PROGRAM: &str = r#"dataset Rows = csv("rows.csv", columns=["x*"], target=kind)

model Net(width: int = 4) {
    input x: f32[2]

    Dense(width, activation=relu)
    BatchNormalization()
    Dropout(0.2)
    Dense(2) as logits
}

train net {
    model: Net(), dataset: Rows, inputs: { x: columns }
    loss: cross_entropy(logits, kind)
    metrics: [accuracy]
    optimizer: AdamW(1e-2)
    schedule: exponential(factor=0.9)
    ema: { decay: 0.8 }
    epochs: 4, batch_size: 8, validation_split: 0.2, seed: 1
}
"#;

struct Place {
    folder: tempfile::TempDir,
}

/// Stops after so many steps, and keeps what was noted.
#[derive(Default)]
struct Stopping {
    steps: usize,
    after: Option<(usize, Cancel)>,
    notes: Vec<String>,
}

impl Watcher for Stopping {
    fn on_step(&mut self, _: &StepProgress) {
        self.steps += 1;
        if let Some((_, cancel)) = self.after.as_ref().filter(|(steps, _)| *steps == self.steps) {
            cancel.cancel();
        }
    }

    fn on_note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }
}

impl Place {
    /// Fifty rows: five steps an epoch, of which ten rows are held out.
    fn new() -> Self {
        let mut text = "x1,x2,kind\n".to_owned();
        for row in 0..50u32 {
            let (x, y) = (f64::from(row * 37 % 50) / 25.0 - 1.0, f64::from(row * 53 % 47) / 23.0 - 1.0);
            text.push_str(&format!("{x},{y},{}\n", if x > y { "above" } else { "below" }));
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rows.csv"), text).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn request(&self, output: &str, text: &str) -> Request {
        Request {
            name: "net.ndsl".into(),
            text: text.into(),
            folder: self.folder.path().to_path_buf(),
            train: None,
            set: Vec::new(),
            output: self.path(output),
            resume: false,
            memory: None,
            device: Default::default(),
        }
    }

    /// Trains, stopping after so many steps.
    fn stopped(&self, output: &str, text: &str, steps: usize) -> (Response, Vec<String>) {
        let cancel = Cancel::new();
        let mut watcher = Stopping { after: Some((steps, cancel.clone())), ..Stopping::default() };
        let response = run(&self.request(output, text), &mut watcher, &cancel).unwrap();
        assert!(response.cancelled);
        (response, watcher.notes)
    }

    fn resumed(&self, output: &str, text: &str) -> Result<(Response, Vec<String>), Error> {
        let mut watcher = Stopping::default();
        let request = Request { resume: true, ..self.request(output, text) };
        run(&request, &mut watcher, &Cancel::new()).map(|response| (response, watcher.notes))
    }

    fn weights(&self, output: &str) -> Vec<u8> {
        fs::read(self.path(output).join("model.safetensors")).unwrap()
    }

    /// The names of a run's checkpoints.
    fn checkpoints(&self, output: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(output).join("checkpoints")) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The program with this among its settings.
fn with(settings: &str) -> String {
    PROGRAM.replace("seed: 1", &format!("seed: 1\n    {settings}"))
}

fn message(result: Result<(Response, Vec<String>), Error>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_bytes() {
    let place = Place::new();
    run(&place.request("whole", PROGRAM), &mut Silent, &Cancel::new()).unwrap();
    assert!(place.checkpoints("whole").is_empty(), "none is left of a run that has ended");
    // Before the first epoch is done, within one, and after its last step.
    for steps in [1, 7, 10] {
        let (response, _) = place.stopped("run", PROGRAM, steps);
        assert_eq!(place.checkpoints("run"), [format!("step-{steps:09}.safetensors")]);
        assert_eq!(
            response.checkpoint.unwrap(),
            place.path("run/checkpoints").join(format!("step-{steps:09}.safetensors"))
        );
        assert_eq!(response.output.is_some(), steps > 5);
        let (response, notes) = place.resumed("run", PROGRAM).unwrap();
        assert!(notes.is_empty() && !response.cancelled && response.history.epochs.len() == 4);
        assert!(place.weights("run") == place.weights("whole"), "after {steps} steps");
        assert!(place.checkpoints("run").is_empty());
        fs::remove_dir_all(place.path("run")).unwrap();
    }
}

#[test]
fn a_run_of_no_epoch_yet_is_no_model_and_says_what_it_is() {
    let place = Place::new();
    place.stopped("run", PROGRAM, 2);
    let model = place.path("run");
    let request = evaluate::Request { model, data: Vec::new(), part: None, device: Default::default() };
    let message = evaluate::run(&request, &Cancel::new()).unwrap_err().to_string();
    assert!(message.contains("is a run that") && message.contains("ndsl train --resume"), "{message}");
    // It may be begun anew all the same, and that is said.
    let (_, notes) = place.stopped("run", PROGRAM, 3);
    assert!(notes[0].starts_with("another run is there, after step 2 of epoch 1"), "{notes:?}");
    assert_eq!(place.checkpoints("run"), ["step-000000003.safetensors"]);
}

#[test]
fn what_the_program_asks_for_is_kept() {
    let place = Place::new();
    let names = |text: &str| {
        run(&place.request("run", text), &mut Silent, &Cancel::new()).unwrap();
        let steps = |name: &String| name["step-".len()..][..9].parse::<usize>().unwrap();
        place.checkpoints("run").iter().map(steps).collect::<Vec<_>>()
    };
    assert_eq!(names(&with("checkpoints: {}")), [10, 15, 20]);
    assert_eq!(names(&with("checkpoints: { every: 3, keep: 9 }")), [15, 20]);
    assert_eq!(names(&with("checkpoints: { every: 9, every_steps: 4, keep: 9 }")), [4, 8, 12, 16, 20]);
    assert_eq!(names(&with("checkpoints: { every: 9, every_time: 1h, keep: 1 }")), [20]);
    // Of another run nothing is left, and what nobody asks for is not kept.
    assert_eq!(names(PROGRAM), [0usize; 0]);
    assert_eq!(names(&with("checkpoints: { best: false }")), [10, 15, 20]);
    let history = fs::read_to_string(place.path("run/history.json")).unwrap();
    assert!(history.contains("\"best_epoch\": 4"), "{history}");
}

#[test]
fn a_run_that_has_ended_goes_on_for_more_epochs() {
    let place = Place::new();
    let kept = with("checkpoints: { keep: 1 }");
    let longer = kept.replace("epochs: 4", "epochs: 6");
    run(&place.request("whole", &longer), &mut Silent, &Cancel::new()).unwrap();
    run(&place.request("run", &kept), &mut Silent, &Cancel::new()).unwrap();
    let over = message(place.resumed("run", &kept));
    assert!(over.ends_with("is over: it has done its 4 epochs; `--set epochs=…` makes them more"), "{over}");
    let (_, notes) = place.resumed("run", &longer).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    assert!(place.weights("run") == place.weights("whole"));

    // A rate that goes by the end cannot be that of the longer run from the beginning.
    let cosine = |text: &str| text.replace("exponential(factor=0.9)", "cosine");
    run(&place.request("cosine", &cosine(&kept)), &mut Silent, &Cancel::new()).unwrap();
    let (_, notes) = place.resumed("cosine", &cosine(&longer)).unwrap();
    assert!(notes[0].starts_with("the schedule `cosine(final=0.0)` goes by the number of all steps"), "{notes:?}");
}

#[test]
fn another_program_or_other_data_is_refused_with_what_differs() {
    let place = Place::new();
    place.stopped("run", PROGRAM, 7);
    let before = fs::read(place.path("run/checkpoints/step-000000007.safetensors")).unwrap();
    let differs = |text: &str| {
        let text = message(place.resumed("run", text));
        text.split_once(" is not this run: ").unwrap_or_else(|| panic!("{text}")).1.to_owned()
    };
    assert_eq!(differs(&PROGRAM.replace("batch_size: 8", "batch_size: 4")), "`batch_size` was 8 and is 4");
    let two = PROGRAM.replace("seed: 1", "seed: 2").replace("width: int = 4", "width: int = 5");
    assert_eq!(differs(&two), "the model, its inputs or its loss are not what they were; `seed` was 1 and is 2");
    // What changes nothing of the run may change: a comment, another epoch, what is kept.
    let text =
        PROGRAM.replace("train net", "/// The same.\ntrain net").replace("epochs: 4", "epochs: 3, checkpoints: {}");
    let rows = fs::read_to_string(place.path("rows.csv")).unwrap();
    fs::write(place.path("rows.csv"), rows.replacen("-1,", "-0.5,", 1)).unwrap();
    assert_eq!(differs(&text), "the data has changed");
    fs::write(place.path("rows.csv"), format!("{rows}0,0,above\n")).unwrap();
    assert_eq!(differs(&text), "the data has changed; `rows` was 50 and is 51");
    fs::write(place.path("rows.csv"), rows).unwrap();
    assert!(fs::read(place.path("run/checkpoints/step-000000007.safetensors")).unwrap() == before);
    place.resumed("run", &text).unwrap();
}

#[test]
fn a_damaged_checkpoint_is_left_out_and_the_one_before_it_is_used() {
    let place = Place::new();
    let text = with("checkpoints: { every: 1, keep: 3 }");
    run(&place.request("whole", &text), &mut Silent, &Cancel::new()).unwrap();
    place.stopped("run", &text, 13);
    let file = |step: usize| place.path(&format!("run/checkpoints/step-{step:09}.safetensors"));
    assert_eq!(place.checkpoints("run").len(), 3);
    // Torn, and changed in one bit.
    let bytes = fs::read(file(13)).unwrap();
    fs::write(file(13), &bytes[..bytes.len() / 2]).unwrap();
    let mut bytes = fs::read(file(10)).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(file(10), &bytes).unwrap();
    let (_, notes) = place.resumed("run", &text).unwrap();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("step-000000013.safetensors` is damaged and left out"), "{notes:?}");
    assert!(notes[1].ends_with("its numbers are not those that were written"), "{notes:?}");
    assert!(place.weights("run") == place.weights("whole"));
    assert_eq!(place.checkpoints("run").len(), 3);

    for name in place.checkpoints("run") {
        fs::write(place.path("run/checkpoints").join(name), "no checkpoint").unwrap();
    }
    let none = message(place.resumed("run", &text));
    assert!(none.contains("no checkpoint in `") && none.contains("`step-000000020.safetensors`: "), "{none}");
    fs::remove_dir_all(place.path("run/checkpoints")).unwrap();
    assert!(message(place.resumed("run", &text)).starts_with("there is no checkpoint in `"));
    assert!(message(place.resumed("nowhere", &text)).starts_with("there is no checkpoint in `"));
}

#[test]
fn every_byte_of_a_checkpoint_is_under_its_hash() {
    let place = Place::new();
    place.stopped("run", PROGRAM, 1);
    let path = place.path("run/checkpoints/step-000000001.safetensors");
    let whole = fs::read(&path).unwrap();
    let first = checkpoint::newest(&place.path("run")).unwrap().checkpoint;
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        // A change is found, unless it is one of the spaces behind the header.
        if let Ok(found) = checkpoint::newest(&place.path("run")) {
            assert!(found.checkpoint == first, "byte {at}");
        }
    }
    for length in (0..whole.len()).step_by(97) {
        fs::write(&path, &whole[..length]).unwrap();
        checkpoint::newest(&place.path("run")).unwrap_err();
    }
}

#[test]
fn a_place_that_cannot_be_written_is_said_before_the_first_step() {
    let place = Place::new();
    fs::write(place.path("file"), "").unwrap();
    let request = place.request("file/run", PROGRAM);
    let mut watcher = Stopping::default();
    let message = run(&request, &mut watcher, &Cancel::new()).unwrap_err().to_string();
    assert!(message.contains("file/run") && watcher.steps == 0, "{message}");
    // A run that cannot begin leaves nothing behind.
    let error =
        run(&place.request("run", &PROGRAM.replace("batch_size: 8", "batch_size: 80")), &mut watcher, &Cancel::new());
    assert!(error.is_err() && !place.path("run").exists());
}
