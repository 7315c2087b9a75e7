//! What files of rows hold: as they look, as others read them, and that their bytes do not depend on how they were made.

mod bytes;
mod looks;
mod read_back;
mod rows;
