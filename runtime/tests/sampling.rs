//! Texts from language models: what comes next, where a text ends, and what is no language model.
#![cfg(feature = "burn")]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ndsl_runtime::model;
use ndsl_runtime::operations::sample::Sampler;
use ndsl_runtime::operations::sample::text::{Ended, Reader, Request, Response};
use ndsl_runtime::operations::train;
use ndsl_runtime::train::{Cancel, Silent};
use tempfile::TempDir;

/// A program of one language model on `text.txt`.
fn program(dataset: &str, body: &str) -> String {
    format!(
        "dataset Text = text(\"text.txt\", {dataset})\n\nmodel Next {{\n{body}\n}}\n\ntrain next {{\n    model: Next()\n    dataset: Text\n    loss: cross_entropy(logits, next)\n    \
         optimizer: Adam(learning_rate=0.1)\n    epochs: 30, batch_size: 4, seed: 1\n}}\n"
    )
}

struct Trained(TempDir);

impl Trained {
    fn new(text: &str, program: &str, set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("text.txt"), text).unwrap();
        let request = train::Request {
            name: "next.ndsl".into(),
            text: program.into(),
            folder: folder.path().into(),
            train: None,
            set: set.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            output: folder.path().join("run"),
            resume: false,
            memory: None,
            device: Default::default(),
        };
        train::run(&request, &mut Silent, &Cancel::new()).unwrap();
        Self(folder)
    }

    fn run(&self) -> PathBuf {
        self.0.path().join("run")
    }

    fn ask(&self, request: Request) -> Result<Response, String> {
        let request = Request { model: self.run(), ..request };
        ndsl_runtime::operations::sample::text::run(&request, &mut (), &Cancel::new())
            .map_err(|error| error.to_string())
    }

    fn says(&self, request: Request) -> String {
        self.ask(request).unwrap().samples.swap_remove(0).text
    }
}

fn greedy(prompt: &str, tokens: usize) -> Request {
    Request { prompt: Some(prompt.into()), tokens, temperature: 0.0, ..Request::default() }
}

/// A table of which token follows which, with the logits of each.
const TABLE: &str = "    input tokens: i64[T]\n    Embedding(4, 4) as logits";

/// A table whose logits are these, whatever came before.
fn table(logits: [f32; 4]) -> Trained {
    let trained = Trained::new(&"abcd".repeat(8), &program("context=4", TABLE), &[("epochs", "1")]);
    let mut model = model::load(&trained.run()).unwrap();
    for weight in model.weights.0.values_mut() {
        assert_eq!(weight.shape, [4, 4]);
        weight.data = logits.repeat(4);
    }
    model::save(&model, &trained.run()).unwrap();
    trained
}

#[test]
fn what_was_learnt_goes_on() {
    let trained = Trained::new(&"abcd".repeat(20), &program("context=8", TABLE), &[]);
    assert_eq!(trained.says(greedy("ab", 7)), "cdabcda");
    // A prompt may be longer than the rows of training.
    assert_eq!(trained.says(greedy(&"abcd".repeat(9), 3)), "abc");
    // Without one a text begins at the beginning of a line, of which this vocabulary knows nothing.
    let error = trained.ask(Request::default()).unwrap_err();
    assert_eq!(error, "what does the text begin with? Its tokens have no line break to begin after");
    let error = trained.ask(greedy("", 3)).unwrap_err();
    assert_eq!(error, "the prompt is empty, and a text goes on from at least one token");
    let error = trained.ask(greedy("abx", 3)).unwrap_err();
    assert!(
        error.starts_with("the character \"x\" at character 3 did not occur in what the model was trained on"),
        "{error}"
    );
}

#[test]
fn a_short_text_is_seen_as_exactly_by_a_model_of_fixed_length() {
    let body = |length: &str| {
        format!(
            "    input tokens: i64[{length}]\n    Embedding(6, 12)\n    PositionEmbedding(16)\n    TransformerEncoder(2, 24, causal=true)\n    Conv1D(12, 3, padding=causal)\n    \
             BatchNormalization()\n    LSTM(12, return_sequences=true)\n    Dense(6) as logits"
        )
    };
    let text = "the cat sat, a hat at the tea. ".replace(|letter: char| !"theca ".contains(letter), "");
    let text = text.repeat(8);
    let set = [("epochs", "2")];
    let fixed = Trained::new(&text, &program("context=16", &body("16")), &set);
    let open = Trained::new(&text, &program("context=16", &body("T")), &set);
    let weights = |trained: &Trained| model::load(&trained.run()).unwrap().weights;
    assert_eq!(weights(&fixed), weights(&open));
    // From one token on to more than a row has.
    let request = Request { prompt: Some("t".into()), tokens: 40, seed: 3, ..Request::default() };
    let (first, second) = (fixed.says(request.clone()), open.says(request));
    assert_eq!(first, second);
    assert_eq!(first.chars().count(), 40);
}

#[test]
fn a_model_that_sees_what_follows_is_refused() {
    let refused = |layer: &str| {
        let body = format!("    input tokens: i64[8]\n    Embedding(4, 8)\n    {layer}\n    Dense(4) as logits");
        let trained = Trained::new(&"abcd".repeat(10), &program("context=8", &body), &[("epochs", "1")]);
        trained.ask(greedy("ab", 2)).unwrap_err()
    };
    for layer in [
        "TransformerEncoder(2, 8)",
        "Bidirectional(LSTM(4, return_sequences=true))",
        "Conv1D(8, 3, padding=same)",
        "it + mean(it, axis=-2)",
    ] {
        let error = refused(layer);
        assert!(error.starts_with("the model's answer at place "), "{layer}: {error}");
        assert!(error.contains("which comes after it: in training it saw what it was to say"), "{layer}: {error}");
    }
}

#[test]
fn a_model_that_answers_for_the_whole_row_has_it_whole() {
    let program = |length: &str| {
        program(
            "context=4, stride=1",
            &format!("    input tokens: i64[{length}]\n    Embedding(4, 8)\n    LSTM(8)\n    Dense(4) as logits"),
        )
        .replace("cross_entropy(logits, next)", "cross_entropy(logits, next[-1])")
    };
    let fixed = Trained::new(&"abcd".repeat(10), &program("4"), &[]);
    assert_eq!(fixed.says(greedy("abcd", 5)), "abcda");
    let error = fixed.ask(greedy("abc", 5)).unwrap_err();
    assert!(error.starts_with("the model answers once for a row of 4 tokens"), "{error}");
    let open = Trained::new(&"abcd".repeat(10), &program("T"), &[]);
    assert_eq!(open.says(greedy("abcd", 5)), "abcda");
    assert_eq!(open.says(greedy("abc", 1)).chars().count(), 1);
}

#[test]
fn tokens_come_as_often_as_they_are_likely() {
    // 0.5, 0.25, 0.125 and 0.125.
    let trained = table([0.5f32, 0.25, 0.125, 0.125].map(f32::ln));
    let shares = |request: Request| {
        let request = Request { prompt: Some("a".into()), tokens: 2000, seed: 5, ..request };
        let text = trained.says(request);
        "abcd".chars().map(|letter| text.matches(letter).count() as f64 / 2000.0).collect::<Vec<f64>>()
    };
    let near = |found: Vec<f64>, expected: [f64; 4]| {
        // Four standard deviations of a share of a half among 2000.
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 0.045), "{found:?}");
    };
    let plain = Request::default();
    near(shares(plain.clone()), [0.5, 0.25, 0.125, 0.125]);
    near(shares(Request { temperature: 0.5, ..plain.clone() }), [16.0 / 22.0, 4.0 / 22.0, 1.0 / 22.0, 1.0 / 22.0]);
    near(shares(Request { top_k: Some(2), ..plain.clone() }), [2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
    near(shares(Request { top_p: Some(0.8), ..plain.clone() }), [4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0, 0.0]);
    near(shares(Request { temperature: 0.0, ..plain }), [1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_seed_is_a_text() {
    let trained = table([0.0; 4]);
    let texts = |seed: u64, count: usize, tokens: usize| {
        let request = Request { prompt: Some("a".into()), tokens, seed, count, ..Request::default() };
        trained.ask(request).unwrap().samples.into_iter().map(|sample| sample.text).collect::<Vec<String>>()
    };
    let three = texts(7, 3, 30);
    assert_eq!(three, texts(7, 3, 30));
    assert!(three[0] != three[1] && three[1] != three[2]);
    assert_eq!(texts(7, 1, 30), three[..1]);
    // More tokens are the same text, further on.
    assert!(texts(7, 1, 60)[0].starts_with(&three[0]));
    assert_ne!(texts(8, 1, 30)[0], three[0]);
}

#[test]
fn a_text_ends_before_its_stop() {
    let trained = Trained::new(&"abcd".repeat(20), &program("context=8", TABLE), &[]);
    let stopped = |stop: &[&str]| {
        let stop = stop.iter().map(|stop| (*stop).to_owned()).collect();
        trained.ask(Request { stop, ..greedy("a", 12) }).unwrap().samples.swap_remove(0)
    };
    let sample = stopped(&["cda"]);
    assert_eq!((sample.text.as_str(), sample.tokens, sample.ended), ("b", 4, Ended::Stop));
    let sample = stopped(&["dd", "abcdx"]);
    assert_eq!((sample.text.as_str(), sample.tokens, sample.ended), ("bcdabcdabcda", 12, Ended::Length));
    // What is like the beginning of a stop is not lost where the text ends.
    assert_eq!(stopped(&["ax"]).text, "bcdabcdabcda");
}

/// What a reader was shown, piece by piece.
#[derive(Default)]
struct Pieces {
    notes: Vec<String>,
    all: Vec<(usize, String)>,
    enough: Option<usize>,
}

impl Reader for Pieces {
    fn on_note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    fn on_text(&mut self, sample: usize, text: &str) -> ControlFlow<()> {
        self.all.push((sample, text.to_owned()));
        match self.enough == Some(self.all.len()) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

fn shown(run: &Path, request: Request, mut pieces: Pieces) -> (Pieces, Response) {
    let response = Sampler::open(run).unwrap().write(&request, &mut pieces, &Cancel::new()).unwrap();
    (pieces, response)
}

#[test]
fn letters_are_shown_whole_and_as_they_come() {
    let body = "    input tokens: i64[T]\n    Embedding(256, 256) as logits";
    let trained = Trained::new(&"a€é".repeat(24), &program("context=16, tokens=bytes", body), &[]);
    let (pieces, response) = shown(&trained.run(), greedy("a", 10), Pieces::default());
    let all: Vec<&str> = pieces.all.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(all, ["€", "é", "a", "€"]);
    // The tenth token is the first byte of a letter that is not reached.
    assert_eq!((response.samples[0].text.as_str(), response.samples[0].tokens), ("€éa€", 10));
    let (pieces, response) = shown(&trained.run(), greedy("a", 10), Pieces { enough: Some(1), ..Pieces::default() });
    assert_eq!((pieces.all.len(), response.samples[0].ended), (1, Ended::Cancelled));
    // A stop of several tokens, and letters.
    let stop = Request { stop: vec!["éa€".into()], ..greedy("€", 20) };
    let (pieces, response) = shown(&trained.run(), stop, Pieces::default());
    assert_eq!((pieces.all.len(), response.samples[0].text.as_str(), response.samples[0].tokens), (0, "", 6));
}

#[test]
fn words_and_pairs_of_bytes_are_text_again() {
    let body = |tokens: usize| {
        format!(
            "    input tokens: i64[8]\n    Embedding({tokens}, 24)\n    LSTM(24, return_sequences=true)\n    Dense({tokens}) as logits"
        )
    };
    let text = "the cat, it sat. ".repeat(24);
    let words = Trained::new(&text, &program("context=8, tokens=words(vocab=7, lower=true)", &body(7)), &[]);
    assert_eq!(words.says(greedy("The cat", 5)), ", it sat. the");
    let (pieces, _) = shown(&words.run(), greedy("a dog, the cat", 1), Pieces::default());
    assert_eq!(
        pieces.notes.concat(),
        "not among the words the model knows, and taken for the unknown one: \"a\", \"dog\""
    );
    let pairs = Trained::new(&text, &program("context=8, tokens=bpe(vocab=262)", &body(262)), &[]);
    assert!(pairs.says(greedy("the cat", 12)).starts_with(", it sat. the"));
}

#[test]
fn what_is_asked_for_is_checked() {
    let trained = table([0.0; 4]);
    let error = |request: Request| trained.ask(Request { prompt: Some("a".into()), ..request }).unwrap_err();
    assert!(error(Request { temperature: -0.1, ..Request::default() }).starts_with("the temperature is -0.1"));
    assert!(error(Request { count: 0, ..Request::default() }).starts_with("0 texts were asked for"));
    assert_eq!(trained.says(Request { prompt: Some("a".into()), tokens: 0, ..Request::default() }), "");
    let other = "dataset Text = text(\"text.txt\", context=4)\nmodel Copy {\n    input tokens: i64[4]\n    Embedding(4, 4) as logits\n}\ntrain copy {\n    model: Copy()\n    dataset: Text\n    \
                 loss: cross_entropy(logits, tokens)\n    epochs: 1, batch_size: 4\n}\n";
    let copy = Trained::new(&"abcd".repeat(20), other, &[]);
    let error = copy.ask(greedy("a", 1)).unwrap_err();
    assert!(
        error.starts_with("`Copy` is no language model: it was trained on text, and not on which token comes next"),
        "{error}"
    );
}
