//! The language server: ide (plain data in and out) and protocol (the loop over stdio).
