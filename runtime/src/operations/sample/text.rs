//! Goes on with a text, by a model that was trained on what follows each token.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use ndsl_compiler::ir::bind::bind;
use ndsl_compiler::ir::{Dim, Graph, Shape, Sizes};
use ndsl_compiler::plan::{DataSignature, DataSource, LOSS_OUTPUT, PREDICTION_OUTPUT, Task, TextShape, WholePlan};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use super::Sampler;
use crate::engine::{Device, DeviceChoice, EngineOptions};
use crate::memory;
use crate::operations::trained::Trained;
use crate::operations::{Error, place};
use crate::sampling::{Choice, Model, Reading, Spelling, Stops, Vocabulary, Window, WindowError};
use crate::train::Cancel;

/// What the length of a row is called where it is not fixed.
const LENGTH: &str = "T";

/// The most texts that are made side by side.
const MAX_COUNT: usize = 4096;

/// What to write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The model folder.
    pub model: PathBuf,
    /// What the text goes on from; nothing for the beginning of a line.
    pub prompt: Option<String>,
    /// How many tokens are added at most.
    pub tokens: usize,
    /// See [`Choice::temperature`].
    pub temperature: f64,
    /// See [`Choice::top_k`].
    pub top_k: Option<usize>,
    /// See [`Choice::top_p`].
    pub top_p: Option<f64>,
    /// A text ends before the first of these that it would hold.
    pub stop: Vec<String>,
    /// How many texts are made, each drawn from a stream of its own.
    pub count: usize,
    /// What every draw comes from: the same seed makes the same texts, however many.
    pub seed: u64,
    /// What computes.
    pub device: DeviceChoice,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            model: PathBuf::new(),
            prompt: None,
            tokens: 256,
            temperature: 1.0,
            top_k: None,
            top_p: None,
            stop: Vec::new(),
            count: 1,
            seed: 0,
            device: DeviceChoice::default(),
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The model's name.
    pub model: String,
    /// What the texts go on from.
    pub prompt: String,
    /// The texts.
    pub samples: Vec<Sample>,
    /// Seconds that writing them took, the model loaded before.
    pub seconds: f64,
}

/// One text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// What was added to the prompt. A letter of which the last bytes were not reached is left out.
    pub text: String,
    /// How many tokens were chosen for it, those of the stop among them.
    pub tokens: usize,
    /// Why it ends.
    pub ended: Ended,
}

/// Why a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It has as many tokens as were asked for.
    Length,
    /// It came to a stop.
    Stop,
    /// It was asked to end, or nobody reads it any more.
    Cancelled,
}

/// Whoever is shown the texts while they are made.
pub trait Reader {
    /// Something worth a line before the first token.
    fn on_note(&mut self, _note: &str) {}
    /// The texts begin, behind this.
    fn on_prompt(&mut self, _prompt: &str) {}
    /// A text goes on, counted from 0, by whole letters; to break ends all of them.
    fn on_text(&mut self, _sample: usize, _text: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Reads nothing.
impl Reader for () {}

/// What makes a model a language model.
#[derive(Clone, Debug)]
pub struct Language {
    shape: TextShape,
    vocabulary: Vocabulary,
    reading: Reading,
}

impl Language {
    /// What makes a model one.
    ///
    /// # Errors
    /// Why it is none, as the end of a sentence that begins with its name.
    pub(super) fn of(trained: &Trained, whole: &WholePlan) -> Result<Self, String> {
        let metadata = &trained.model.metadata;
        let DataSource::Text { shape, .. } = trained.source() else {
            let data = &metadata.dataset.name;
            return Err(format!("was trained on `{data}`, whose rows are no text"));
        };
        let graph = &whole.graph;
        let named = |name: &str| graph.inputs.iter().copied().find(|input| graph.value(*input).name == name);
        let learnt = graph.output(LOSS_OUTPUT).zip(named("next"));
        let is_next = learnt.is_some_and(|(loss, next)| graph.depending_on([next])[loss.value.index()]);
        if whole.task != Task::Classification || !is_next {
            return Err("was trained on text, and not on which token comes next: `cross_entropy(…, next)`".to_owned());
        }
        let predicting = graph.pruned(&[PREDICTION_OUTPUT]);
        let inputs: Vec<&str> = predicting.inputs.iter().map(|input| predicting.value(*input).name.as_ref()).collect();
        if inputs != ["tokens"] {
            return Err("reads more than the tokens before the one it says".to_owned());
        }
        let dims = predicting.outputs.first().map(|output| predicting.value(output.value).shape.dims());
        let reading = match dims.unwrap_or_default() {
            [_, _] => Reading::WholeRow,
            [_, places, _] if *places == Dim::Known(shape.context) => Reading::EachPlace,
            _ => return Err("does not answer for each of its tokens which comes next".to_owned()),
        };
        let vocabulary = Vocabulary::new(&shape.tokens, metadata.classes.as_deref())?;
        Ok(Self { shape: shape.clone(), vocabulary, reading })
    }
}

/// Goes on with a text.
///
/// # Errors
/// What reading the model and running the engine may say, and [`Error::Request`] for a model that is no language model, settings that mean nothing, and a
/// prompt it cannot read.
pub fn run(request: &Request, reader: &mut dyn Reader, cancel: &Cancel) -> Result<Response, Error> {
    Sampler::open(&request.model)?.write(request, reader, cancel)
}

impl Sampler {
    /// Goes on with a text; see [`run`].
    ///
    /// # Errors
    /// Those of [`run`], but for reading the model.
    pub fn write(&self, request: &Request, reader: &mut dyn Reader, cancel: &Cancel) -> Result<Response, Error> {
        let asked = |reason: String| Error::Request(reason);
        let language = self.language.as_ref().map_err(|reason| asked(self.no_language(reason)))?;
        let choice = Choice { temperature: request.temperature, top_k: request.top_k, top_p: request.top_p };
        choice.check().map_err(|fault| asked(fault.to_string()))?;
        if !(1..=MAX_COUNT).contains(&request.count) {
            return Err(asked(format!("{} texts were asked for; 1 to {MAX_COUNT} are made at once", request.count)));
        }
        let vocabulary = &language.vocabulary;
        let (prompt, start) = begin(vocabulary, request.prompt.as_deref(), reader).map_err(asked)?;
        let mut window = self.window(language, request)?;
        if start.len() > window.context() {
            reader.on_note(&format!(
                "the prompt has {} tokens; the model sees the last {} of a text",
                start.len(),
                window.context()
            ));
        }

        reader.on_prompt(&prompt);
        let began = Instant::now();
        let text = |sample| Text::new(vocabulary, &prompt, &start, request, sample);
        let mut texts: Vec<Text<'_>> = (0..request.count).map(text).collect();
        let mut stopped = false;
        for _ in 0..request.tokens {
            let open: Vec<usize> = (0..texts.len()).filter(|text| texts[*text].ended.is_none()).collect();
            stopped |= cancel.is_cancelled();
            if open.is_empty() || stopped {
                break;
            }
            let seen: Vec<&[i64]> = open.iter().map(|text| &texts[*text].tokens[..]).collect();
            let logits = window.next(&seen).map_err(failed)?;
            for (sample, logits) in open.iter().zip(logits) {
                let text = &mut texts[*sample];
                let token = choice.pick(&logits, text.draw()).map_err(|fault| asked(fault.to_string()))?;
                let added = text.add(token);
                stopped |= !added.is_empty() && reader.on_text(*sample, &added).is_break();
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        let mut samples = Vec::with_capacity(texts.len());
        for (sample, text) in texts.into_iter().enumerate() {
            let (rest, sample_made) = text.end(start.len(), stopped);
            if !rest.is_empty() && !stopped {
                let _ = reader.on_text(sample, &rest);
            }
            samples.push(sample_made);
        }
        Ok(Response { model: self.model().to_owned(), prompt, samples, seconds })
    }

    /// The model, ready to answer; with rows of any length where its input has no fixed one.
    fn window(&self, language: &Language, request: &Request) -> Result<Window, Error> {
        let context = language.shape.context;
        let any_length = self.any_length(context);
        let graph = match &any_length {
            Some(graph) => graph.clone(),
            None => self.whole.graph.pruned(&[PREDICTION_OUTPUT]),
        };
        let (engine, device) = place::of_request(request.device)?;
        let sizes = Sizes::from([("N".into(), request.count), (LENGTH.into(), context)]);
        let wanted = engine.height(&graph, &sizes, false)?;
        // Of a GPU's own nothing is known.
        let room = memory::available().filter(|_| device == Device::Cpu);
        if let Some(room) = room.filter(|room| wanted > *room) {
            return Err(Error::Request(format!(
                "{} texts side by side take about {} MB of memory, and {} MB are free: ask for fewer",
                request.count,
                wanted >> 20,
                room >> 20
            )));
        }
        let model = Model {
            graph: &graph,
            weights: &self.trained.model.weights,
            context,
            any_length: any_length.is_some(),
            tokens: language.vocabulary.len(),
            reading: language.reading,
        };
        let options = EngineOptions { device, seed: request.seed };
        Window::new(engine.as_ref(), model, options).map_err(failed)
    }

    /// The graph for rows of any length up to that of training, if the model takes them all.
    fn any_length(&self, context: usize) -> Option<Graph> {
        let mut signature: DataSignature = self.trained.model.metadata.data_signature();
        signature.fields.iter_mut().for_each(|field| field.shape = Shape(vec![Dim::symbol(LENGTH)]));
        let graph = self.trained.parts(&signature).ok()?.graph.pruned(&[PREDICTION_OUTPUT]);
        self.trained.match_weights(&graph).ok()?;
        // A `check` of the program may exclude some lengths.
        let fits = |length: usize| bind(&graph, std::iter::once(&[1, length][..])).is_ok();
        (1..=context).all(fits).then_some(graph)
    }

    fn no_language(&self, reason: &str) -> String {
        format!(
            "`{}` is no language model: it {reason}. `ndsl predict` answers rows; `ndsl sample --from` draws in the place of a value",
            self.model()
        )
    }
}

/// The prompt and its tokens.
fn begin(vocabulary: &Vocabulary, prompt: Option<&str>, reader: &mut dyn Reader) -> Result<(String, Vec<i64>), String> {
    match prompt {
        Some(prompt) => {
            let tokens = vocabulary.encode(prompt).map_err(|unknown| unknown.to_string())?;
            if tokens.is_empty() {
                return Err("the prompt is empty, and a text goes on from at least one token".to_owned());
            }
            let unknown = vocabulary.unknown_words(prompt);
            if !unknown.is_empty() {
                let named: Vec<String> = unknown.iter().take(5).map(|word| format!("{word:?}")).collect();
                let more = if unknown.len() > 5 { ", …" } else { "" };
                reader.on_note(&format!(
                    "not among the words the model knows, and taken for the unknown one: {}{more}",
                    named.join(", ")
                ));
            }
            Ok((prompt.to_owned(), tokens))
        }
        None => match vocabulary.encode("\n") {
            Ok(tokens) if !tokens.is_empty() => Ok((String::new(), tokens)),
            _ => Err("what does the text begin with? Its tokens have no line break to begin after".to_owned()),
        },
    }
}

fn failed(error: WindowError) -> Error {
    match error {
        WindowError::Engine(error) => error.into(),
        other => Error::Request(other.to_string()),
    }
}

/// A text that is being made.
struct Text<'v> {
    tokens: Vec<i64>,
    random: ChaCha8Rng,
    spelling: Spelling<'v>,
    stops: Stops,
    text: String,
    ended: Option<Ended>,
}

impl<'v> Text<'v> {
    fn new(vocabulary: &'v Vocabulary, prompt: &str, start: &[i64], request: &Request, sample: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&request.seed.to_le_bytes());
        key[8..16].copy_from_slice(&(sample as u64).to_le_bytes());
        key[16..22].copy_from_slice(b"tokens");
        Self {
            tokens: start.to_vec(),
            random: ChaCha8Rng::from_seed(key),
            spelling: Spelling::after(vocabulary, prompt),
            stops: Stops::new(request.stop.iter().cloned()),
            text: String::new(),
            ended: None,
        }
    }

    /// A number from 0 up to 1 of 53 bits.
    fn draw(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Adds a token; answers the text that is certain with it.
    fn add(&mut self, token: usize) -> String {
        self.tokens.push(token as i64);
        let (certain, stop) = self.stops.add(&self.spelling.add(token));
        self.ended = stop.map(|_| Ended::Stop);
        self.text.push_str(&certain);
        certain
    }

    /// The text as it is now, of which `start` tokens were there before, and what of it was held back.
    fn end(mut self, start: usize, cancelled: bool) -> (String, Sample) {
        let rest = if self.ended.is_none() { self.stops.end() } else { String::new() };
        self.text.push_str(&rest);
        let ended = self.ended.unwrap_or(if cancelled { Ended::Cancelled } else { Ended::Length });
        (rest, Sample { tokens: self.tokens.len() - start, text: self.text, ended })
    }
}
