//! What an object of a JSON Schema says, with what it takes from others by `$ref` and `allOf`.

use std::collections::HashSet;

use super::super::Fault;
use super::super::json::{Node, Value};

/// How many schemas a chain of references may go through.
const MAX_CHAIN: usize = 32;

/// A document in which references are followed.
pub(super) struct Document<'n> {
    pub root: &'n Node,
}

/// The members of a schema, the nearest first where a name stands in several.
#[derive(Default)]
pub(super) struct Members<'n> {
    all: Vec<(&'n str, &'n Node)>,
    /// What a part repeats, and thus says beside what is read.
    pub repeated: Vec<(&'n str, &'n Node)>,
    /// What the references that were followed lead to, by the last part of their names.
    pub names: Vec<String>,
}

impl<'n> Members<'n> {
    /// What stands under a name.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.all.iter().find(|(known, _)| *known == name).map(|(_, node)| *node)
    }

    /// Every member.
    pub fn iter(&self) -> impl Iterator<Item = (&'n str, &'n Node)> {
        self.all.iter().copied()
    }
}

/// The schemas that references led to, by where they begin.
#[derive(Default)]
struct Way {
    /// Those that lead to the one that is read.
    here: Vec<usize>,
    /// All of them.
    seen: HashSet<usize>,
}

impl<'n> Document<'n> {
    /// What a schema says, all in all.
    pub fn members(&self, schema: &'n Node, faults: &mut Vec<Fault>) -> Members<'n> {
        let mut members = Members::default();
        self.gather(schema, 0, &mut Way::default(), &mut members, faults);
        members
    }

    fn gather(
        &self,
        schema: &'n Node,
        depth: usize,
        way: &mut Way,
        members: &mut Members<'n>,
        faults: &mut Vec<Fault>,
    ) {
        for (name, node) in schema.members() {
            match name.as_str() {
                "$ref" | "allOf" => {}
                _ if members.get(name).is_none() => members.all.push((name, node)),
                // A text about the same thing that stands nearer is the one that is meant.
                "title" | "description" | "default" | "examples" | "$id" | "$schema" | "$comment" => {}
                _ => members.repeated.push((name, node)),
            }
        }
        if let Some(reference) = schema.get("$ref")
            && let Some(target) = self.target(reference, faults)
        {
            if way.here.contains(&target.at.start) || depth >= MAX_CHAIN {
                let fault = Fault::new(reference.at.clone(), "this reference leads back to itself");
                faults.push(fault.help("a schema that is only a reference to itself says nothing"));
                return;
            }
            members.names.extend(reference.text().and_then(|path| path.rsplit('/').next()).map(str::to_owned));
            // What was gone through says nothing new, and chains that double must not be gone through twice.
            if way.seen.insert(target.at.start) {
                way.here.push(target.at.start);
                self.gather(target, depth + 1, way, members, faults);
                way.here.pop();
            }
        }
        for part in schema.get("allOf").and_then(Node::items).into_iter().flatten() {
            if depth < MAX_CHAIN {
                self.gather(part, depth + 1, way, members, faults);
            }
        }
    }

    /// What a reference leads to, within the document.
    fn target(&self, reference: &Node, faults: &mut Vec<Fault>) -> Option<&'n Node> {
        let Some(path) = reference.text() else {
            faults.push(Fault::new(reference.at.clone(), "`$ref` is a text"));
            return None;
        };
        let Some(pointer) = path.strip_prefix('#') else {
            let fault = Fault::new(reference.at.clone(), format!("`{path}` leads out of this document"));
            faults.push(fault.help("put the definition under `$defs` and refer to it as `#/$defs/…`"));
            return None;
        };
        let mut here = Some(self.root);
        for part in pointer.split('/').skip(1) {
            let part = percent_decoded(part).replace("~1", "/").replace("~0", "~");
            here = here.and_then(|node| match &node.value {
                Value::List(items) => part.parse::<usize>().ok().and_then(|place| items.get(place)),
                _ => node.get(&part),
            });
        }
        let anchored = !pointer.is_empty() && !pointer.starts_with('/');
        if here.is_none() || anchored {
            faults.push(Fault::new(reference.at.clone(), format!("nothing in this document is `{path}`")));
            return None;
        }
        here
    }
}

/// `a%20b` as it is meant.
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        let code = (*first == b'%').then(|| rest.get(..2)).flatten();
        let code =
            code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(code.unwrap_or(*first));
        bytes = if code.is_some() { &rest[2..] } else { rest };
    }
    String::from_utf8_lossy(&out).into_owned()
}
