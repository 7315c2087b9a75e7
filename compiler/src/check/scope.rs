//! The names a body sees: those of its own braces, then those of the braces around it, up to the block they stand in.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_grammar::Span;

use super::value::Value;

/// What a name stands for inside a body.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Its value.
    pub value: Value,
    /// Where it was named.
    pub definition: Span,
    /// The doc comment above it.
    pub docs: Option<Arc<str>>,
}

/// A chain of braces, the innermost last. Entering some copies nothing.
#[derive(Debug)]
pub struct Scope {
    frames: Vec<Frame>,
}

#[derive(Debug, Default)]
struct Frame {
    names: BTreeMap<String, Binding>,
    /// Whether what lies outside is not seen: a block sees its own names alone.
    walled: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { frames: vec![Frame::default()] }
    }
}

impl Scope {
    /// Goes into braces that see the names around them.
    pub fn enter(&mut self) {
        self.frames.push(Frame::default());
    }

    /// Goes into a block, which sees nothing of where it is called.
    pub fn enter_block(&mut self) {
        self.frames.push(Frame { names: BTreeMap::new(), walled: true });
    }

    /// Leaves the innermost braces and answers what was named in them.
    pub fn leave(&mut self) -> BTreeMap<String, Binding> {
        match self.frames.len() {
            1 => BTreeMap::new(),
            _ => self.frames.pop().map(|frame| frame.names).unwrap_or_default(),
        }
    }

    fn seen(&self) -> impl Iterator<Item = &Frame> {
        let wall = self.frames.iter().rposition(|frame| frame.walled).unwrap_or(0);
        self.frames.get(wall..).unwrap_or_default().iter().rev()
    }

    /// What `name` stands for here.
    pub fn get(&self, name: &str) -> Option<&Binding> {
        self.seen().find_map(|frame| frame.names.get(name))
    }

    /// Whether `name` stands for something here.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names something in the innermost braces.
    pub fn define(&mut self, name: &str, binding: Binding) {
        if let Some(frame) = self.frames.last_mut() {
            frame.names.insert(name.to_owned(), binding);
        }
    }

    /// Every name that is seen, those of the innermost braces first.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.seen().flat_map(|frame| frame.names.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: i64) -> Binding {
        Binding { value: Value::Int(number), definition: Span::default(), docs: None }
    }

    #[test]
    fn braces_see_outwards_and_blocks_do_not() {
        let mut scope = Scope::default();
        scope.define("a", number(1));
        scope.enter();
        scope.define("b", number(2));
        assert!(scope.contains_key("a") && scope.contains_key("b"));
        scope.enter_block();
        scope.define("c", number(3));
        assert!(!scope.contains_key("a") && scope.keys().eq(["c"]));
        scope.leave();
        assert_eq!(scope.leave().into_keys().collect::<Vec<_>>(), ["b"]);
        assert!(scope.contains_key("a") && !scope.contains_key("b"));
    }
}
