//! The page of a run: what was trained, how it went, and where it is wrong, in one HTML file that needs nothing else.
//!
//! `judged` goes over rows with the kept weights and counts; everything else turns what is known into parts of the page: `curves`,
//! `confusion`, `scatter` and `examples`, put together by `page`.

mod bitmap;
mod confusion;
mod curves;
mod examples;
mod judged;
mod page;
mod scatter;

pub use judged::{Answer, Judged, Wrong, judge};
pub use page::Report;
