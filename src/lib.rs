//! ndsl
