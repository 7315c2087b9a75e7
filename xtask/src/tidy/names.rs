//! A file is named after what it holds.

use super::{Finding, Tree};

/// Names that say nothing, so that anything may gather there.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "misc", "common"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.files().filter_map(|(path, _)| {
        let named = path.split('/').map(|part| part.split_once('.').map_or(part, |(stem, _)| stem));
        let empty = named.into_iter().find(|name| is_empty(name))?;
        Some(Finding::new(path, 1, says_nothing(empty)))
    });
    files.collect()
}

/// Whether a module may not be called so.
pub(super) fn is_empty(name: &str) -> bool {
    EMPTY_NAMES.contains(&name)
}

pub(super) fn says_nothing(name: &str) -> String {
    format!("`{name}` says nothing about what is in it: name it after its idea")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found_in_files_and_folders() {
        let tree = Tree::from([("a/utils.rs", ""), ("b/helpers/mod.rs", ""), ("c/utility.rs", ""), ("misc.py", "")]);
        let files: Vec<String> = check(&tree).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["a/utils.rs", "b/helpers/mod.rs", "misc.py"]);
    }
}
