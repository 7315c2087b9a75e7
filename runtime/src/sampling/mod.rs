//! New texts and values from a trained model: what is drawn, and how it becomes something to look at.
//!
//! - [`Choice`]: the next token out of a model's logits;
//! - [`Vocabulary`] and [`Spelling`]: texts as tokens, and tokens as text while they come;
//! - [`Stops`]: where a text is to end;
//! - [`Window`]: the logits after a text, by a model that was trained on rows of one length;
//! - [`latents`]: the value in whose place a variational model's are drawn; [`drawn`]: the numbers;
//! - [`png`], [`sheet`]: rows of numbers as pictures, between the black and the white that [`range`] finds.

mod choice;
mod latent;
mod pictures;
mod range;
mod spelling;
mod stops;
mod vocabulary;
mod window;

pub use choice::{Choice, ChoiceError};
pub use latent::{drawn, latents};
pub use pictures::{MAX_ON_SHEET, PictureShape, png, sheet};
pub use range::range;
pub use spelling::Spelling;
pub use stops::Stops;
pub use vocabulary::{UnknownToken, Vocabulary};
pub use window::{Model, Reading, Window, WindowError};
