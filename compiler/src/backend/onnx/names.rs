//! Names that no two tensors share.

use std::collections::{BTreeMap, BTreeSet};

/// The names that are taken.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// The next number to try after a name, so that a thousand equal names take a thousand steps.
    next: BTreeMap<String, usize>,
}

impl Names {
    /// Takes exactly `name`; false when it is taken already.
    pub(super) fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// Takes `wanted`, with a number behind it if it is taken already.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        let wanted = if wanted.is_empty() { "value" } else { wanted };
        if self.take(wanted) {
            return wanted.to_owned();
        }
        let mut number = self.next.get(wanted).copied().unwrap_or(1);
        let name = loop {
            let name = format!("{wanted}_{number}");
            number += 1;
            if self.take(&name) {
                break name;
            }
        };
        self.next.insert(wanted.to_owned(), number);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_taken_name_gets_a_number_that_is_free() {
        let mut names = Names::default();
        assert!(names.take("relu_1"));
        assert_eq!(["relu", "relu", "relu", ""].map(|name| names.unique(name)), ["relu", "relu_2", "relu_3", "value"]);
    }
}
