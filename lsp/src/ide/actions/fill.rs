//! Fills in what a call must give and does not.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::signature::{Default, Kind as Takes, Parameter};
use ndsl_grammar::ast::{Expr, ExprKind};

use super::{Action, Kind};
use crate::ide::callee::{Callee, Shown};
use crate::ide::format::Change;
use crate::ide::nodes::{self, Node};

/// Gives the parameters that the innermost call around the selection must give and does not.
pub fn fill(analysis: &Analysis, selection: &Range<usize>) -> Option<Action> {
    let around = nodes::around(&analysis.file, selection.start);
    let calls = around.iter().rev().filter_map(|node| match node {
        Node::Expr(Expr { kind: ExprKind::Call { callee, arguments, brackets }, .. }) => {
            Some((callee, arguments, *brackets))
        }
        _ => None,
    });
    let (callee, arguments, brackets) = calls.into_iter().next()?;
    let text = &*analysis.source.text;
    if !text[brackets.range()].ends_with(')') {
        return None;
    }
    let called = Callee::at(analysis, callee.span)?;
    // What a function works on may come by `|>`, and is for whoever writes it.
    if called.takes_tensor() {
        return None;
    }
    let all = called.parameters();
    let by_place = arguments.iter().filter(|argument| argument.name.is_none()).count();
    let placed = all.iter().filter(|parameter| !parameter.by_name).take(by_place);
    let placed: Vec<&str> = placed.map(|parameter| parameter.name.as_str()).collect();
    let is_given = |parameter: &&Shown| {
        let named = arguments.iter().filter_map(|argument| argument.name.as_ref());
        placed.contains(&parameter.name.as_str()) || named.into_iter().any(|name| name.text == parameter.name)
    };
    let missing: Vec<String> = all
        .iter()
        .filter(|parameter| parameter.required && !is_given(parameter))
        .map(|parameter| Some(format!("{}={}", parameter.name, value(&called, parameter)?)))
        .collect::<Option<_>>()?;
    if missing.is_empty() {
        return None;
    }
    let end = brackets.end as usize - 1;
    let inside = text[brackets.start as usize + 1..end].trim_end();
    let separator = if inside.is_empty() || inside.ends_with(',') { "" } else { ", " };
    let title = match missing.len() {
        1 => "Fill in the required parameter".to_owned(),
        count => format!("Fill in the {count} required parameters"),
    };
    let at = brackets.start as usize + 1 + inside.len();
    let separator = if inside.ends_with(',') { " " } else { separator };
    let changes = vec![Change { range: at..end, text: format!("{separator}{}", missing.join(", ")) }];
    Some(Action { title, kind: Kind::Rewrite, changes })
}

/// A value that a parameter takes, to begin with; nothing where none can be told.
fn value(called: &Callee<'_>, shown: &Shown) -> Option<String> {
    let Callee::BuiltIn(signature) = called else {
        let kind = shown.written.split(": ").nth(1)?;
        return Some(
            match kind.split(" = ").next()? {
                "int" => "1",
                "float" => "0.1",
                "bool" => "true",
                "string" => "\"\"",
                "activation" => "relu",
                "list" => "[]",
                // An input is a tensor, and which is not for us to say.
                _ => return None,
            }
            .to_owned(),
        );
    };
    of_parameter(signature.parameter(&shown.name)?)
}

fn of_parameter(parameter: &Parameter) -> Option<String> {
    debug_assert_eq!(parameter.default, Default::Required);
    Some(match parameter.kind {
        Takes::Int { min } => min.max(1).to_string(),
        Takes::Float(bounds) | Takes::Computed(bounds) => {
            let middle = [0.1, 1.0, bounds.min, bounds.max].into_iter().find(|number| bounds.contains(*number))?;
            format!("{middle:?}")
        }
        Takes::Bool => "true".to_owned(),
        Takes::Choice(words) => (*words.first()?).to_owned(),
        Takes::Activation => "relu".to_owned(),
        Takes::Initializer => "zeros".to_owned(),
        Takes::Sizes { min, .. } => min.max(3).to_string(),
        Takes::Margins { .. } => "1".to_owned(),
        Takes::Dims | Takes::OpenDims => "[1]".to_owned(),
        Takes::Text | Takes::Paths | Takes::Place => "\"\"".to_owned(),
        Takes::Axis | Takes::Axes => "-1".to_owned(),
        Takes::Layer => "LSTM(64)".to_owned(),
        _ => return None,
    })
}
