//! Pages. That of a run: what was trained, how it went, and where it is wrong, in one HTML file that needs nothing else.
//!
//! `judged` goes over rows with the kept weights and counts; everything else turns what is known into parts of the page: `curves`,
//! `confusion`, `scatter` and `examples`, put together by `page`.
//! `profile` is the page of data: a card for each column, with `histogram`, and how columns go together, `related`.

mod bitmap;
mod confusion;
mod curves;
mod examples;
mod histogram;
mod judged;
mod page;
mod profile;
mod related;
mod scatter;

pub use judged::{Answer, Judged, Wrong, judge};
pub use page::Report;
pub(crate) use profile::page as profile;
