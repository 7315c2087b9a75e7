//! What has to change in a file when files are moved: the paths of what it uses, and its own to others.

use ndsl_compiler::Analysis;

use super::format::Change;
use super::links::links;

/// A file, or a folder with all that is in it, that gets another path in the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Its path before.
    pub from: String,
    /// Its path afterwards.
    pub to: String,
}

/// The changes of the given text, at the place where it stands before, that keep every path in it leading where it led.
pub fn moved_paths(analysis: &Analysis, moves: &[Move]) -> Vec<Change> {
    let own = &*analysis.source.path;
    let now = after(own, moves);
    let mut changes = Vec::new();
    for link in links(analysis) {
        let Some(target) = joined(folder(own), &link.path) else { continue };
        let path = relative(folder(&now), &after(&target, moves));
        let before = relative(folder(own), &target);
        if path != before {
            changes.push(Change { range: link.range, text: path });
        }
    }
    changes
}

/// The path of a file after the moves.
fn after(path: &str, moves: &[Move]) -> String {
    for Move { from, to } in moves {
        if path == from {
            return to.clone();
        }
        if let Some(rest) = path.strip_prefix(from.as_str()).filter(|rest| rest.starts_with('/')) {
            return format!("{to}{rest}");
        }
    }
    path.to_owned()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path that is written in a file of `folder`, from the project's root; nothing for one that leads out of it.
fn joined(folder: &str, written: &str) -> Option<String> {
    if written.starts_with('/') || written.contains([':', '\\']) {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The way from a folder to a file.
fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let shared = from.iter().zip(&to[..to.len().saturating_sub(1)]).take_while(|(a, b)| a == b).count();
    let mut way = vec![".."; from.len() - shared];
    way.extend(&to[shared..]);
    way.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_led() {
        assert_eq!(joined("a/b", "../c/x.ndsl").as_deref(), Some("a/c/x.ndsl"));
        assert_eq!(joined("", "../x.ndsl"), None);
        assert_eq!(joined("a", "/x.ndsl"), None);
        assert_eq!(relative("a/b", "a/c/x.ndsl"), "../c/x.ndsl");
        assert_eq!(relative("", "x.ndsl"), "x.ndsl");
        assert_eq!(relative("a", "x.ndsl"), "../x.ndsl");
        let moves = [Move { from: "a".into(), to: "b/c".into() }];
        assert_eq!(after("a/x.ndsl", &moves), "b/c/x.ndsl");
        assert_eq!(after("ab/x.ndsl", &moves), "ab/x.ndsl");
    }
}
