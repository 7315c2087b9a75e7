//! The logits after a text, by a model that was trained on rows of one length.
//!
//! A dataset of text has rows of `context` tokens, and with each token the one that follows it. So a model has an answer at every place of a row, and what it says of
//! the last token of a text is what comes next. A longer text is seen by its last `context` tokens. A shorter one goes in as it is where the model's input is of any
//! length (`i64[T]`); otherwise it is filled up behind its end and the answer is read at its last token. That is exact for a model that sees no place after
//! the one it answers at, since nothing that was filled in reaches that answer; and a model that does see them was shown in training what it
//! was to say, so that there is nothing to be read from it. Which of the two a model is, is tried before the first token: [`Window::new`].

use ndsl_compiler::Weights;
use ndsl_compiler::ir::{Graph, Op, ValueId};
use ndsl_compiler::passes::at_the_end;
use ndsl_compiler::plan::PREDICTION_OUTPUT;

use crate::engine::{Engine, EngineError, EngineOptions, Session};
use crate::tensor::Tensor;

/// By how much of the largest number two answers may differ that should be equal: they are computed in rows of the same length, so they are equal to the
/// last bit or a few.
const TOLERANCE: f32 = 1e-4;

/// Where in a row the model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// At every place, of what follows it: `[N, T, tokens]`.
    EachPlace,
    /// Once, of what follows the whole row: `[N, tokens]`.
    WholeRow,
}

/// Why a model cannot go on with a text.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// An answer that depends on what comes after it.
    #[error(
        "the model's answer at place {place} changes with the token at place {changed}, which comes after it: in training it saw what it was to say, and nothing \
         can be read from it of what comes next. Attention that answers for each place needs `causal=true`; `Bidirectional` and convolutions with \
         `padding=same` see what follows, too"
    )]
    SeesAhead {
        /// The place of the answer, counted from 1.
        place: usize,
        /// The first place that was changed.
        changed: usize,
    },
    /// A row that cannot be filled up.
    #[error(
        "the model answers once for a row of {context} tokens, so the text it is to go on with has at least as many; this one has {found}. A model whose input is \
         of any length, `i64[T]`, takes shorter ones"
    )]
    TooShort {
        /// Tokens a row.
        context: usize,
        /// Tokens that were given.
        found: usize,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A model of the next token, and the rows it takes.
pub struct Window {
    /// Answers at every place; none where no row is filled up.
    places: Option<Box<dyn Session>>,
    /// Answers at the last place alone.
    end: Box<dyn Session>,
    reading: Reading,
    context: usize,
    /// Whether rows may be of any length.
    any_length: bool,
    /// Whether the answers are probabilities rather than their logarithms, but for a constant.
    probabilities: bool,
    /// How many tokens there are; a model may answer for more, which have no text.
    tokens: usize,
}

/// What a [`Window`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct Model<'m> {
    /// From the one input, the tokens, to [`PREDICTION_OUTPUT`], a distribution over its last axis.
    pub graph: &'m Graph,
    /// Its weights.
    pub weights: &'m Weights,
    /// Tokens a row in training.
    pub context: usize,
    /// Whether the input is of any length.
    pub any_length: bool,
    /// How many tokens have a text.
    pub tokens: usize,
    /// Where it answers.
    pub reading: Reading,
}

impl Window {
    /// Loads a model, and tries whether it looks ahead: rows that are equal up to a place, and differ in every token behind it, must have equal answers up to
    /// there. Four such places are tried, in one run.
    ///
    /// # Errors
    /// [`WindowError::SeesAhead`] where it does, and what loading and running it may say.
    pub fn new(engine: &dyn Engine, model: Model<'_>, options: EngineOptions) -> Result<Self, WindowError> {
        let Model { weights, context, any_length, tokens, reading, .. } = model;
        let (graph, probabilities) = logits(model.graph);
        let last = if reading == Reading::EachPlace { at_the_end(&graph) } else { None };
        let end = engine.load(last.as_ref().unwrap_or(&graph), weights, options.clone())?;
        let mut window = Self { places: None, end, reading, context, any_length, probabilities, tokens };
        if reading == Reading::EachPlace {
            window.places = Some(engine.load(&graph, weights, options)?);
            window.look_ahead()?;
            // Where every text goes in as it is, only its end is asked for from here on.
            window.places = window.places.filter(|_| !any_length);
        }
        Ok(window)
    }

    /// Tokens that are seen of a text at most.
    pub fn context(&self) -> usize {
        self.context
    }

    /// The logits of the token after each of some texts, which are equally long and not empty.
    ///
    /// # Errors
    /// [`WindowError::TooShort`], and what the engine may say.
    pub fn next(&mut self, texts: &[&[i64]]) -> Result<Vec<Vec<f32>>, WindowError> {
        let length = texts.first().map_or(0, |text| text.len());
        let seen = length.min(self.context);
        let row = if self.any_length { seen } else { self.context };
        if seen < row && self.reading == Reading::WholeRow {
            return Err(WindowError::TooShort { context: self.context, found: length });
        }
        let mut numbers = Vec::with_capacity(texts.len() * row);
        for text in texts {
            numbers.extend_from_slice(&text[text.len() - seen..]);
            // What stands behind the end is not seen from the last token, so any token will do.
            numbers.resize(numbers.len() + row - seen, 0);
        }
        let rows = vec![Tensor::i64([texts.len(), row], numbers)];
        let answers = match &mut self.places {
            Some(places) if seen < row => answered(places.forward(rows)?)?,
            _ => answered(self.end.forward(rows)?)?,
        };
        let place = seen.saturating_sub(1);
        Ok((0..texts.len()).map(|text| self.logits(&answers, text, place)).collect())
    }

    /// The logits of one row at a place; at the last one that there is, where there are fewer.
    fn logits(&self, answers: &Tensor, row: usize, place: usize) -> Vec<f32> {
        let width = answers.shape.last().copied().unwrap_or(1);
        let places = match (self.reading, &answers.shape[..]) {
            (Reading::EachPlace, [_, places, _]) => *places,
            _ => 1,
        };
        let start = (row * places + place.min(places.saturating_sub(1))) * width;
        let numbers = answers.as_f32().unwrap_or_default();
        let found = numbers.get(start..start + self.tokens.min(width)).unwrap_or_default();
        match self.probabilities {
            true => found.iter().map(|probability| probability.ln()).collect(),
            false => found.to_vec(),
        }
    }

    fn look_ahead(&mut self) -> Result<(), WindowError> {
        let (context, tokens) = (self.context, self.tokens);
        if context < 2 || tokens < 2 {
            return Ok(());
        }
        let mut cuts = vec![1, context / 4, context / 2, context - 1];
        cuts.retain(|cut| *cut > 0);
        cuts.dedup();
        // Any row will do, as long as its tokens are not all the same.
        let base = |place: usize| (place * 7 + place / 3) % tokens;
        let mut rows: Vec<i64> = (0..context).map(|place| base(place) as i64).collect();
        for cut in &cuts {
            rows.extend((0..context).map(|place| ((base(place) + usize::from(place >= *cut)) % tokens) as i64));
        }
        let Some(places) = &mut self.places else { return Ok(()) };
        let answers = answered(places.forward(vec![Tensor::i64([1 + cuts.len(), context], rows)])?)?;
        for (row, cut) in cuts.iter().enumerate() {
            for place in 0..*cut {
                let (first, second) = (self.logits(&answers, 0, place), self.logits(&answers, row + 1, place));
                let largest = first.iter().filter(|it| it.is_finite()).fold(1f32, |most, it| most.max(it.abs()));
                let differ = |(a, b): (&f32, &f32)| (a - b).abs() > TOLERANCE * largest;
                if first.iter().zip(&second).any(differ) {
                    return Err(WindowError::SeesAhead { place: place + 1, changed: cut + 1 });
                }
            }
        }
        Ok(())
    }
}

/// The one answer.
fn answered(mut outputs: Vec<Tensor>) -> Result<Tensor, EngineError> {
    match outputs.is_empty() {
        true => Err(EngineError::Internal("the model answered nothing".to_owned())),
        false => Ok(outputs.swap_remove(0)),
    }
}

/// The graph up to what the softmax is taken of, if the prediction is a softmax; otherwise as it is, and that its answers are probabilities.
fn logits(graph: &Graph) -> (Graph, bool) {
    let before = |value: ValueId| {
        let node = graph.producer(value)?;
        let last = graph.value(value).shape.rank().checked_sub(1)?;
        (node.op == Op::Softmax { axis: last }).then(|| node.inputs.first().copied()).flatten()
    };
    match graph.output(PREDICTION_OUTPUT).and_then(|output| before(output.value)) {
        Some(logits) => (graph.between(None, [("logits".to_owned(), logits)]), false),
        None => (graph.clone(), true),
    }
}
