//! What the compiler cannot check: who may import whom, names, sizes, and that every diagnostic has its page.
//!
//! A rule is a function from the [`Tree`] to findings. All of them run, and every finding is shown, with its file and line.

mod direction;
mod names;
mod pages;
mod rust;
mod size;
mod tree;

use std::fmt;
use std::path::Path;

use tree::Tree;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(file: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.into(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

const RULES: [fn(&Tree) -> Vec<Finding>; 5] = [direction::check, rust::check, names::check, size::check, pages::check];

/// Runs every rule over the workspace at `root`.
pub(crate) fn run(root: &Path) -> Result<String, String> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    match findings.len() {
        0 => Ok(format!("{} files are tidy", tree.len())),
        count => {
            let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
            Err(format!("{}\n{count} findings", lines.join("\n")))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workspace_is_tidy() {
        if let Err(findings) = super::run(&crate::root()) {
            panic!("\n{findings}");
        }
    }
}
