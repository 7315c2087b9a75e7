//! What is computed between layers, as its author thinks of it: an expression is one thing, and not the operations it becomes.

use std::ops::Range;

use ndsl_grammar::Span;

use super::text::on_one_line;
use crate::ir::{Graph, Node, Op};

/// For every node what it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// A layer, by its place.
    Layer(usize),
    /// The expression whose last operation is that node.
    Expression(usize),
    /// A number that several read, or what nothing reads: not shown.
    Nothing,
}

/// What every node of a graph belongs to; `scope` says which part of the source a value was made in.
pub fn belonging<'t>(graph: &Graph, scope: &[usize], texts: &dyn Fn(Span) -> &'t str) -> Vec<Belongs> {
    let place: Vec<Option<usize>> = producers(graph);
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (reader, node) in graph.nodes.iter().enumerate() {
        for made in node.inputs.iter().filter_map(|input| place[input.index()]) {
            readers[made].push(reader);
        }
    }
    let mut given_out = vec![false; graph.nodes.len()];
    for made in graph.outputs.iter().filter_map(|output| place[output.value.index()]) {
        given_out[made] = true;
    }
    let mut belongs: Vec<Belongs> = vec![Belongs::Nothing; graph.nodes.len()];
    for at in (0..graph.nodes.len()).rev() {
        let node = &graph.nodes[at];
        if let Some(layer) = node.layer {
            belongs[at] = Belongs::Layer(layer.0 as usize);
            continue;
        }
        let mut reading: Vec<Belongs> = readers[at].iter().map(|reader| belongs[*reader]).collect();
        reading.dedup();
        // What was made for its shape alone flows nowhere.
        let read = given_out[at] || reading.iter().any(|belongs| *belongs != Belongs::Nothing);
        if !read && !graph.outputs.is_empty() {
            continue;
        }
        let part_of = match reading.as_slice() {
            [Belongs::Expression(root)] if !given_out[at] => {
                let (root_value, own) = (graph.nodes[*root].output, node.output);
                let [outer, inner] = [root_value, own].map(|id| graph.value(id).span);
                let same = scope[root_value.index()] == scope[own.index()];
                let inside = outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end;
                // What a `residual` adds is not part of its body.
                let body = outer != inner && is_residual(texts(outer));
                (same && inside && !body).then_some(*root)
            }
            _ => None,
        };
        belongs[at] = match part_of {
            Some(root) => Belongs::Expression(root),
            None if is_number(node) => Belongs::Nothing,
            None => Belongs::Expression(at),
        };
    }
    belongs
}

/// For every value the node that makes it.
pub fn producers(graph: &Graph) -> Vec<Option<usize>> {
    let mut place = vec![None; graph.values.len()];
    for (at, node) in graph.nodes.iter().enumerate() {
        place[node.output.index()] = Some(at);
    }
    place
}

fn is_number(node: &Node) -> bool {
    matches!(node.op, Op::Constant(_) | Op::ConstantTensor { .. } | Op::DimValue(_))
}

/// Whether it is only there so that shapes or types go together.
fn is_glue(node: &Node) -> bool {
    is_number(node) || matches!(node.op, Op::Reshape(_) | Op::Cast(_) | Op::Expand(_))
}

fn is_residual(text: &str) -> bool {
    text.strip_prefix("residual").is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// How an expression is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// By its operator alone.
    Operator(&'static str),
    /// By the name of a function, and what it is given by name.
    Function(String, String),
    /// As it is written.
    Written(String),
}

/// How the expression is shown whose operations are `parts`, the last being its root.
pub fn shown<'t>(graph: &Graph, parts: &[usize], texts: &dyn Fn(Span) -> &'t str) -> Shown {
    let root = &graph.nodes[parts[parts.len() - 1]];
    let made: Vec<&Node> = parts.iter().map(|part| &graph.nodes[*part]).collect();
    let own = |id| made.iter().any(|node| node.output == id && is_number(node));
    let single = made.iter().filter(|node| !is_glue(node)).count() == 1;
    if let (Op::Binary(binary), true) = (&root.op, single)
        && !root.inputs.iter().any(|input| own(*input))
        && let Some(symbol) = symbol(*binary)
    {
        return Shown::Operator(symbol);
    }
    let written = on_one_line(texts(graph.value(root.output).span));
    if matches!(root.op, Op::MatMul) && single && call(&written).is_none() {
        return Shown::Operator("@");
    }
    match call(&written) {
        Some((name, inside)) => {
            let named = arguments(&written[inside]).into_iter().filter(|argument| is_named(argument));
            Shown::Function(name, named.collect::<Vec<_>>().join(", "))
        }
        None => Shown::Written(written),
    }
}

fn symbol(binary: crate::ir::Binary) -> Option<&'static str> {
    use crate::ir::Binary as B;
    Some(match binary {
        B::Add => "+",
        B::Subtract => "−",
        B::Multiply => "×",
        B::Divide => "÷",
        _ => return None,
    })
}

/// The name of what is called, and where its arguments stand, where the whole text is one call.
fn call(text: &str) -> Option<(String, Range<usize>)> {
    let open = text.find('(')?;
    let name = &text[..open];
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (at + 1 == text.len()).then(|| (name.to_owned(), open + 1..at));
        }
    }
    None
}

/// What stands between the commas.
fn arguments(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut out = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(text[start..].trim());
    out
}

fn is_named(argument: &str) -> bool {
    let name = argument.split('=').next().unwrap_or_default();
    name.len() < argument.len() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_by_its_name_and_what_it_names() {
        assert_eq!(call("concat(it, skip[0], axis=-1)"), Some(("concat".to_owned(), 7..27)));
        assert_eq!(call("exp(a) * exp(b)"), None);
        assert_eq!(call("(a + b)"), None);
        let named: Vec<&str> =
            arguments("it, f(a, b=1), axis=-1, x == y").into_iter().filter(|it| is_named(it)).collect();
        assert_eq!(named, ["axis=-1"]);
    }

    #[test]
    fn only_the_word_makes_a_residual() {
        assert!(is_residual("residual { Dense(8) }") && is_residual("residual{}"));
        assert!(!is_residual("residuals + it"));
    }
}
