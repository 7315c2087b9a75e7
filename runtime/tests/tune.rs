//! Searches: what is tried, what is kept of it, and how one that was cut off goes on.
#![cfg(feature = "burn")]

use std::fs;
use std::path::PathBuf;

use ndsl_runtime::operations::tune::{self, Ended, Existing, Observer, Request, Response};
use ndsl_runtime::operations::{evaluate, train};
use ndsl_runtime::search::{End, Trial};
use ndsl_runtime::train::{Cancel, Silent, StepProgress, Watcher};

const PROGRAM: &str = r#"dataset Clouds = csv("clouds.csv", target=kind)
const hidden = tune(4, 8, 16)
model Net(width: int) {
    input columns: f32[2]
    Dense(hidden, activation=tune(relu, tanh))
    Dense(width)
    Dense(3) as logits
}
train clouds {
    model: Net(width=tune(3, 5))
    dataset: Clouds
    loss: cross_entropy(logits, kind)
    metrics: [accuracy, auc]
    optimizer: tune(SGD(0.1), Adam(learning_rate=tune(1e-3..1e-1, scale=log)))
    epochs: 4, batch_size: 16, validation_split: 0.25, seed: 3
    search: { trials: 9, prune: median, warmup: 3 }
}
"#;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = "x,y,kind\n".to_owned();
        for row in 0..120u32 {
            let kind = row % 3;
            let wobble = f64::from(row * 37 % 40) / 15.0;
            let (x, y) = [(0.0, 2.0), (2.0, 0.0), (-2.0, -2.0)][kind as usize];
            text.push_str(&format!("{},{},{}\n", x + wobble, y - wobble, ["a", "b", "c"][kind as usize]));
        }
        fs::write(folder.path().join("clouds.csv"), text).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn request(&self, output: &str, text: &str) -> Request {
        Request {
            name: "clouds.ndsl".into(),
            text: text.into(),
            folder: self.0.path().to_path_buf(),
            train: None,
            set: Vec::new(),
            output: self.path(output),
            trials: None,
            existing: Existing::Refuse,
            device: Default::default(),
            memory: None,
        }
    }
}

/// Cancels at a step of the whole search.
struct Stopping {
    at: usize,
    steps: usize,
    cancel: Cancel,
}

impl Observer for Stopping {
    fn training(&mut self) -> &mut dyn Watcher {
        self
    }
}

impl Watcher for Stopping {
    fn on_step(&mut self, _progress: &StepProgress) {
        self.steps += 1;
        if self.steps == self.at {
            self.cancel.cancel();
        }
    }
}

fn search(request: &Request) -> Result<Response, ndsl_runtime::operations::Error> {
    tune::run(request, &mut Stopping { at: usize::MAX, steps: 0, cancel: Cancel::new() }, &Cancel::new())
}

/// All but what a clock says.
fn timeless(trials: &[Trial]) -> Vec<Trial> {
    trials.iter().map(|trial| Trial { seconds: 0.0, ..trial.clone() }).collect()
}

#[test]
fn the_best_of_a_search_is_an_ordinary_model_and_its_values_make_it_again() {
    let place = Place::new();
    let response = search(&place.request("first", PROGRAM)).unwrap();
    assert_eq!((response.trials.len(), response.end), (9, Ended::Done));
    assert_eq!(response.monitor.as_ref().map(|watched| watched.name.as_str()), Some("val_loss"));
    let values: Vec<f64> =
        response.trials.iter().filter(|trial| trial.end == End::Finished).filter_map(|trial| trial.value).collect();
    assert!(values.len() > 3 && values.is_sorted(), "{values:?}");
    let shares: f64 = response.importance.iter().map(|importance| importance.share).sum();
    assert!((shares - 1.0).abs() < 1e-9);

    let best = &response.trials[0];
    let model = response.best.clone().unwrap();
    let request = evaluate::Request { model, data: Vec::new(), part: None, device: Default::default() };
    let measured = evaluate::run(&request, &Cancel::new()).unwrap();
    assert!((measured.measures.loss - best.value.unwrap()).abs() < 1e-12, "{measured:?}");
    let kept = fs::read_to_string(place.path("first/best/model.ndsl")).unwrap();
    assert!(!kept.contains("tune(") && !kept.contains("search"), "{kept}");

    let again = train::Request {
        name: "clouds.ndsl".into(),
        text: PROGRAM.into(),
        folder: place.0.path().to_path_buf(),
        train: None,
        set: best.values.clone(),
        output: place.path("again"),
        resume: false,
        memory: None,
        device: Default::default(),
    };
    train::run(&again, &mut Silent, &Cancel::new()).unwrap();
    for file in ["model.safetensors", "model.ndsl"] {
        assert!(
            fs::read(place.path("first/best").join(file)).unwrap() == fs::read(place.path("again").join(file)).unwrap()
        );
    }
    // The picture is one file that names every variable.
    let picture = fs::read_to_string(response.picture.unwrap()).unwrap();
    assert!(["hidden", "width", "optimizer", "learning_rate"].iter().all(|name| picture.contains(name)));
}

#[test]
fn the_same_seed_tries_the_same_wherever_it_was_cut_off() {
    let place = Place::new();
    let whole = search(&place.request("whole", PROGRAM)).unwrap();
    let cancel = Cancel::new();
    let mut stopping = Stopping { at: 6 * 10 + 3, steps: 0, cancel: cancel.clone() };
    let stopped = tune::run(&place.request("parts", PROGRAM), &mut stopping, &cancel).unwrap();
    assert_eq!(stopped.end, Ended::Cancelled);
    assert!((1..9).contains(&stopped.trials.len()));
    assert!(place.path("parts/trials/current").is_dir(), "the run under way is kept");
    let resumed = search(&Request { existing: Existing::Resume, ..place.request("parts", PROGRAM) }).unwrap();
    for (resumed, whole) in timeless(&resumed.trials).iter().zip(&timeless(&whole.trials)) {
        assert_eq!(resumed, whole);
    }
    assert_eq!(resumed.trials.len(), whole.trials.len());
    let weights = |run: &str| fs::read(place.path(run).join("best/model.safetensors")).unwrap();
    assert!(weights("whole") == weights("parts"));
    assert!(!place.path("parts/trials/current").exists());

    // A search may go on for longer than it was meant to, and another one is not this one.
    let more = Request { existing: Existing::Resume, trials: Some(11), ..place.request("parts", PROGRAM) };
    assert_eq!(search(&more).unwrap().trials.len(), 11);
    let other = PROGRAM.replace("tune(4, 8, 16)", "tune(4, 8)");
    let error = search(&Request { existing: Existing::Resume, ..place.request("parts", &other) }).unwrap_err();
    assert!(
        error.to_string().ends_with("is not this search: the program, or what is set of it, has changed"),
        "{error}"
    );
    let error = search(&place.request("parts", PROGRAM)).unwrap_err();
    assert!(error.to_string().ends_with("`--resume` goes on with it, `--overwrite` begins anew"), "{error}");
    let anew = Request { existing: Existing::Overwrite, trials: Some(2), ..place.request("parts", PROGRAM) };
    assert_eq!(timeless(&search(&anew).unwrap().trials).len(), 2);
}

#[test]
fn a_grid_goes_through_all_that_is_allowed() {
    let place = Place::new();
    let text = PROGRAM
        .replace("tune(1e-3..1e-1, scale=log)", "tune(0.01, 0.02)")
        .replace("trials: 9, prune: median, warmup: 3", "method: grid, trials: 50, where: hidden > 4");
    let set = vec![
        ("epochs".to_owned(), "1".to_owned()),
        ("activation".to_owned(), "tanh".to_owned()),
        ("width".to_owned(), "3".to_owned()),
    ];
    let response = search(&Request { set, ..place.request("grid", &text) }).unwrap();
    assert_eq!(response.end, Ended::Exhausted);
    let mut tried = timeless(&response.trials);
    tried.sort_by_key(|trial| trial.trial);
    let written = |trial: &Trial| trial.values.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" ");
    let tried: Vec<String> = tried.iter().map(written).collect();
    let adam = "Adam(learning_rate=tune(0.01, 0.02))";
    // What stands in a choice that is not taken is tried once.
    let expected = ["8", "16"]
        .map(|hidden| [format!("{hidden} SGD(0.1)"), format!("{hidden} {adam} 0.01"), format!("{hidden} {adam} 0.02")]);
    assert_eq!(tried, expected.concat());
}

#[test]
fn a_trial_that_fails_is_one_of_the_trials() {
    let place = Place::new();
    let text = PROGRAM
        .replace("SGD(0.1)", "SGD(1e30)")
        .replace("trials: 9, prune: median, warmup: 3", "method: grid, trials: 2")
        .replace("tune(1e-3..1e-1, scale=log)", "0.01");
    let response = search(&place.request("failing", &text)).unwrap();
    assert_eq!(response.trials.len(), 2);
    let End::Failed { reason } = &response.trials[1].end else { panic!("{:?}", response.trials) };
    assert!(reason.starts_with("the loss became"), "{reason}");
    assert_eq!(response.trials[0].end, End::Finished);
}

#[test]
fn what_is_left_open_is_for_a_search_and_a_search_is_for_what_is_left_open() {
    let place = Place::new();
    let Request { name, text, folder, .. } = place.request("none", PROGRAM);
    let (train, set, output) =
        (None, vec![("activation".into(), "tanh".into()), ("width".into(), "3".into())], place.path("none"));
    let request = train::Request {
        name,
        text,
        folder,
        train,
        set,
        output,
        resume: false,
        device: Default::default(),
        memory: None,
    };
    let error = train::run(&request, &mut Silent, &Cancel::new()).unwrap_err().to_string();
    assert!(
        error.starts_with("`clouds` leaves `hidden`, `optimizer` and `learning_rate` open: `ndsl tune`"),
        "{error}"
    );
    let set = vec![("hidden".into(), "5".into())];
    let error = train::run(&train::Request { set, ..request }, &mut Silent, &Cancel::new()).unwrap_err().to_string();
    assert_eq!(error, "`hidden` is one of 3: 4, 8, 16, and not 5");

    let set =
        [("hidden", "4"), ("activation", "relu"), ("width", "3"), ("optimizer", "SGD(0.1)"), ("learning_rate", "0.01")];
    let set = set.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let error = search(&Request { set, ..place.request("settled", PROGRAM) }).unwrap_err().to_string();
    assert!(error.starts_with("`clouds` leaves nothing open to search for"), "{error}");
    fs::create_dir(place.path("mine")).unwrap();
    fs::write(place.path("mine/notes.txt"), "mine").unwrap();
    let error = search(&Request { existing: Existing::Overwrite, ..place.request("mine", PROGRAM) }).unwrap_err();
    assert!(error.to_string().contains("holds something else than a search"), "{error}");
    assert!(place.path("mine/notes.txt").is_file());
}
