//! Tables of built-in things, by their names: the checker asks for every word of a program whether it is one of them.

use std::sync::OnceLock;

use foldhash::HashMap;

/// A table that is made when it is first looked into.
pub(crate) struct ByName<T: 'static> {
    all: fn() -> Vec<(&'static str, &'static T)>,
    table: OnceLock<HashMap<&'static str, &'static T>>,
}

impl<T> ByName<T> {
    /// The table of `all`, whose names differ.
    pub(crate) const fn new(all: fn() -> Vec<(&'static str, &'static T)>) -> Self {
        Self { all, table: OnceLock::new() }
    }

    /// The one called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&'static T> {
        self.table.get_or_init(|| (self.all)().into_iter().collect()).get(name).copied()
    }
}
