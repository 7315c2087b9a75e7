//! Changes of the text itself: what the compiler inserts and what a command overrides.
//!
//! A program that ran is always a text that says what ran, so both are done as edits of the source, and the result is
//! checked like any other.

use std::collections::BTreeMap;
use std::ops::Range;

use ndsl_grammar::Span;
use ndsl_grammar::ast::{self, DeclarationKind, Expr, ExprKind, Record};

use crate::check::{Analysis, Choice, Choices, Variable};
use crate::diagnostics::Edit;
use crate::settings::optimizers::OPTIMIZERS;
use crate::settings::train::TRAIN;
use crate::signature::Kind;
use crate::sources::Sources;
use crate::suggest::nearest;

/// The text with the edits applied; where two overlap, the later one is left out.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        if range.start < at || range.end > text.len() {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&edit.text);
        at = range.end;
    }
    out + &text[at..]
}

/// The program with every `Flatten()` its data asks for, in whichever of its files, and a sentence for each; nothing when
/// none is asked for.
///
/// `train` names the one training that counts; otherwise all do.
pub fn flattened(analysis: &Analysis, train: Option<&str>) -> Option<(Sources, Vec<String>)> {
    let wanted = analysis.trains().iter().filter(|instance| train.is_none_or(|name| instance.name == name));
    let rewrites: Vec<_> = wanted.filter_map(|instance| instance.rewrite.as_ref()).collect();
    let mut edits: Vec<Edit> = Vec::new();
    for edit in rewrites.iter().flat_map(|rewrite| &rewrite.edits) {
        // Several trainings of one model ask for the same flatten.
        if !edits.contains(edit) {
            edits.push(edit.clone());
        }
    }
    if edits.is_empty() {
        return None;
    }
    let mut sentences: Vec<String> = rewrites.iter().map(|rewrite| format!("inserted {}", rewrite.title)).collect();
    sentences.dedup();
    Some((analysis.sources.edited(&edits), sentences))
}

/// The program with the output of `model` flattened, as a request may ask; nothing when the output has one axis or none.
pub fn flattened_output(analysis: &Analysis, model: &str) -> Option<(Sources, Vec<String>)> {
    let instance = analysis.models().iter().find(|instance| instance.name == model)?;
    let output = instance.graph.outputs.first()?;
    let edit = instance.flatten.clone().filter(|_| instance.graph.value(output.value).shape.row().rank() > 1)?;
    Some((analysis.sources.edited(&[edit]), vec!["inserted `Flatten()` before the last `Dense`".to_owned()]))
}

/// The program with one setting of training `train` overridden: `epochs`, `optimizer.learning_rate`, `model.width`.
///
/// Whether a parameter exists and the value fits is for checking the result to say.
///
/// # Errors
/// When there is no such setting, or the key has other parts than `optimizer` and `model` have.
pub fn set(analysis: &Analysis, train: &str, key: &str, value: &str) -> Result<Sources, String> {
    let settings = analysis.file.declarations.iter().find_map(|declaration| match &declaration.kind {
        DeclarationKind::Train { name, settings } if name.text == train => Some(settings),
        _ => None,
    });
    let settings = settings.ok_or_else(|| format!("there is no `train` called `{train}`"))?;
    let edit = match key.split('.').collect::<Vec<_>>().as_slice() {
        [key] => {
            if TRAIN.parameter(key).is_none() {
                return Err(unknown(key, TRAIN.parameters.iter().map(|setting| setting.name)));
            }
            set_entry(settings, key, value)
        }
        [outer, parameter] if let Some(Kind::Record(nested)) = TRAIN.parameter(outer).map(|setting| setting.kind) => {
            if nested.parameter(parameter).is_none() {
                return Err(unknown(parameter, nested.parameters.iter().map(|setting| setting.name)));
            }
            match settings.entries.iter().find(|entry| entry.key.text == *outer) {
                Some(ast::Entry { value: Expr { kind: ExprKind::Record(record), .. }, .. }) => {
                    match record.entries.iter().find(|entry| entry.key.text == *parameter) {
                        Some(entry) => Edit { span: entry.value.span, text: value.to_owned() },
                        None => insert_beside(record, parameter, value),
                    }
                }
                Some(_) => return Err(format!("`{outer}` is not settings between braces")),
                None => insert(settings, outer, &format!("{{ {parameter}: {value} }}")),
            }
        }
        [outer @ ("optimizer" | "model" | "schedule"), parameter] => {
            match settings.entries.iter().find(|e| e.key.text == *outer) {
                Some(entry) => set_argument(analysis, &entry.value, parameter, value)
                    .ok_or_else(|| format!("`{outer}` is not a call that could take `{parameter}`"))?,
                None if *outer == "optimizer" => insert(settings, "optimizer", &format!("Adam({parameter}={value})")),
                None => return Err(format!("`{train}` has no `{outer}`")),
            }
        }
        [outer, _] => {
            return Err(format!("`{outer}` has no parts; `optimizer.…`, `model.…` and `early_stopping.…` have"));
        }
        _ => {
            return Err(format!(
                "`{key}` is not a setting: write `epochs`, `optimizer.learning_rate` or `model.width`"
            ));
        }
    };
    Ok(analysis.sources.edited(&[edit]))
}

fn unknown<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(key, known) {
        Some(meant) => format!("there is no setting `{key}`; did you mean `{meant}`?"),
        None => format!("there is no setting `{key}`"),
    }
}

fn set_entry(settings: &Record, key: &str, value: &str) -> Edit {
    match settings.entries.iter().find(|entry| entry.key.text == key) {
        Some(entry) => Edit { span: entry.value.span, text: value.to_owned() },
        None => insert(settings, key, value),
    }
}

/// A new entry before the closing brace.
fn insert(settings: &Record, key: &str, value: &str) -> Edit {
    let brace =
        Span { start: settings.span.end.saturating_sub(1), end: settings.span.end.saturating_sub(1), ..settings.span };
    Edit { span: brace, text: format!("\n    {key}: {value}\n") }
}

/// A new entry on the line of the others.
fn insert_beside(record: &Record, key: &str, value: &str) -> Edit {
    let start = record.span.start + 1;
    let comma = if record.entries.is_empty() { "" } else { "," };
    Edit { span: Span { start, end: start, ..record.span }, text: format!(" {key}: {value}{comma}") }
}

/// The program of one trial of training `train`: every `tune(…)` replaced by its choice, the first where none is given, and `search` left
/// out, since nothing is left to search for.
///
/// # Errors
/// When a name is none of the training's variables.
pub fn tuned(analysis: &Analysis, train: &str, choices: &BTreeMap<String, Choice>) -> Result<Sources, String> {
    let instance = analysis.trains().iter().find(|instance| instance.name == train);
    let variables = instance.and_then(|instance| instance.space.as_ref()).map_or(&[][..], |space| &space.variables);
    let first = |variable: &Variable| (variable.name.clone(), variable.choices.first());
    let mut all: BTreeMap<String, Choice> = variables.iter().map(first).collect();
    all.extend(choices.iter().map(|(name, choice)| (name.clone(), *choice)));
    chosen_by(analysis, train, &all)
}

/// The program with some of the constants that training `train` searches for replaced by a choice each, by their names; the others go on
/// being searched for.
///
/// # Errors
/// When a name is none of the training's variables.
pub fn chosen_by(analysis: &Analysis, train: &str, choices: &BTreeMap<String, Choice>) -> Result<Sources, String> {
    let instance = analysis.trains().iter().find(|instance| instance.name == train);
    let instance = instance.ok_or_else(|| format!("there is no `train` called `{train}`"))?;
    let variables = instance.space.as_ref().map_or(&[][..], |space| &space.variables);
    if let Some(name) = choices.keys().find(|name| !variables.iter().any(|variable| variable.name == **name)) {
        let known = variables.iter().map(|variable| variable.name.as_str());
        return Err(match nearest(name, known) {
            Some(meant) => format!("`{train}` does not search for `{name}`; did you mean `{meant}`?"),
            None => format!("`{train}` does not search for `{name}`"),
        });
    }
    let mut choices = choices.clone();
    let settled = variables.iter().all(|variable| choices.contains_key(&variable.name));
    let search = analysis.file.declarations.iter().find_map(|declaration| match &declaration.kind {
        DeclarationKind::Train { name, settings } if settled && name.text == train => {
            left_out(analysis, settings, "search")
        }
        _ => None,
    });
    choices.extend(search.iter().map(|search| (search.name.clone(), Choice::Nth(0))));
    let named = if settled { Vec::new() } else { named_in_where(analysis, train, variables, &choices) };
    for (meant, copy) in &named {
        choices.extend(choices.get(meant).copied().map(|choice| (copy.name.clone(), choice)));
    }
    let others = analysis.sources.others().iter();
    let texts = std::iter::once(analysis.sources.main()).chain(others).map(|source| {
        let variables = variables.iter().chain(&search).chain(named.iter().map(|(_, copy)| copy));
        let mut own: Vec<Variable> = variables.filter(|it| it.span.file == source.file).cloned().collect();
        own.sort_by_key(|variable| variable.span.start);
        match own.is_empty() {
            true => source.clone(),
            false => source.with_text(chosen(&source.text, 0..source.text.len(), &own, &choices)),
        }
    });
    let mut texts = texts.collect::<Vec<_>>().into_iter();
    let main = texts.next().unwrap_or_else(|| analysis.source.clone());
    Ok(Sources::new(main, texts))
}

/// The names of chosen constants in `search.where`, where nothing is called so any more: each as a constant that is chosen as they are.
fn named_in_where(
    analysis: &Analysis,
    train: &str,
    variables: &[Variable],
    choices: &BTreeMap<String, Choice>,
) -> Vec<(String, Variable)> {
    let settings = analysis.file.declarations.iter().find_map(|declaration| match &declaration.kind {
        DeclarationKind::Train { name, settings } if name.text == train => Some(settings),
        _ => None,
    });
    let entry = |record: &'_ Record, key: &str| record.entries.iter().find(|entry| entry.key.text == key).cloned();
    let search = settings.and_then(|settings| entry(settings, "search")).map(|search| search.value.kind);
    let Some(ExprKind::Record(search)) = search else { return Vec::new() };
    let Some(condition) = entry(&search, "where") else { return Vec::new() };
    let mut named = Vec::new();
    each_expr(&condition.value, &mut |expr| {
        let ExprKind::Name(name) = &expr.kind else { return };
        let chosen = variables.iter().find(|it| it.name == *name && it.span.file == expr.span.file);
        if let Some(variable) = chosen.filter(|_| choices.contains_key(name)) {
            // No constant begins with a space.
            let copy = format!(" {name} {}", named.len());
            named.push((name.clone(), Variable { name: copy, span: expr.span, choices: variable.choices.clone() }));
        }
    });
    named
}

fn each_expr(expr: &Expr, each: &mut dyn FnMut(&Expr)) {
    each(expr);
    expr.each_child(&mut |child| each_expr(child, each));
}

/// A setting with its comma, and its line where it has one for itself, as a constant whose one choice is nothing.
fn left_out(analysis: &Analysis, settings: &Record, key: &str) -> Option<Variable> {
    let entry = settings.entries.iter().find(|entry| entry.key.text == key)?;
    let text = &analysis.sources.main().text;
    let (mut start, mut end) = (entry.key.span.range().start, entry.value.span.range().end);
    let blank = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    end += blank(&text[end..]);
    if text[end..].starts_with(',') {
        end += 1;
    }
    let indent = text[..start].len() - text[..start].trim_end_matches([' ', '\t']).len();
    let rest = blank(&text[end..]);
    if text[..start - indent].ends_with('\n') && text[end + rest..].starts_with('\n') {
        (start, end) = (start - indent, end + rest + 1);
    }
    let span = Span { start: start as u32, end: end as u32, ..entry.key.span };
    let nothing = Span { end: span.start, ..span };
    let choices = Choices::Listed(vec![(String::new(), nothing, None)]);
    // No constant is called nothing.
    Some(Variable { name: String::new(), span, choices })
}

/// A `tune(…)` that goes on being one, with what stands in it chosen.
fn within(text: &str, span: Range<usize>, variables: &[Variable], choices: &BTreeMap<String, Choice>) -> String {
    let inner: Vec<Variable> = variables.iter().filter(|it| it.span.range() != span).cloned().collect();
    chosen(text, span, &inner, choices)
}

/// A part of the text with the constants in it chosen; a choice may hold others.
fn chosen(text: &str, range: Range<usize>, variables: &[Variable], choices: &BTreeMap<String, Choice>) -> String {
    let mut out = String::new();
    let mut at = range.start;
    for variable in variables {
        let span = variable.span.range();
        if span.start < at || span.end > range.end {
            continue;
        }
        out += &text[at..span.start];
        match (&variable.choices, choices.get(&variable.name)) {
            // What stands in its choices may be chosen all the same.
            (_, None) => out += &within(text, span.clone(), variables, choices),
            (Choices::Listed(all), Some(Choice::Nth(index))) if (*index as usize) < all.len() => {
                out += &chosen(text, all[*index as usize].1.range(), variables, choices);
            }
            (other, Some(choice)) => out += &other.written(*choice),
        }
        at = span.end;
    }
    out + &text[at..range.end]
}

/// The argument of a call, by name or by its place; a bare name becomes a call.
fn set_argument(analysis: &Analysis, call: &Expr, parameter: &str, value: &str) -> Option<Edit> {
    let (callee, arguments, brackets) = match &call.kind {
        ExprKind::Name(_) => {
            return Some(Edit { span: call.span.after(), text: format!("({parameter}={value})") });
        }
        ExprKind::Call { callee, arguments, brackets } => (callee, arguments, brackets),
        _ => return None,
    };
    let ExprKind::Name(callee) = &callee.kind else { return None };
    let named = arguments.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name.text == parameter));
    let placed = || arguments.get(place(analysis, callee, parameter)?).filter(|argument| argument.name.is_none());
    Some(match named.or_else(placed) {
        Some(argument) => Edit { span: argument.value.span, text: value.to_owned() },
        None => {
            let end = Span { start: brackets.end.saturating_sub(1), end: brackets.end.saturating_sub(1), ..*brackets };
            let comma = if arguments.is_empty() { "" } else { ", " };
            Edit { span: end, text: format!("{comma}{parameter}={value}") }
        }
    })
}

/// Where `parameter` stands among those of an optimizer or a model.
fn place(analysis: &Analysis, callee: &str, parameter: &str) -> Option<usize> {
    if let Some(def) = OPTIMIZERS.find(callee) {
        return def.signature.parameters.iter().position(|known| known.name == parameter);
    }
    let declared = analysis.declaration(callee)?;
    match &declared.kind {
        DeclarationKind::Model(ast::Model { parameters, .. }) => {
            parameters.iter().position(|known| known.name.text == parameter)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Texts;
    use crate::{Source, analyze, analyze_sources};

    const PROGRAM: &str = r#"dataset Data = csv("data.csv", columns=[a, b], target=y)
model Net(width: int = 4) {
    input x: f32[2]
    Dense(width)
    Dense(1) as out
}
train t {
    model: Net(8)
    dataset: Data
    loss: mse(out, y)
    epochs: 3
}
"#;

    fn with(key: &str, value: &str) -> String {
        let analysis = analyze(&Source::new("test.ndsl", PROGRAM));
        assert!(!analysis.has_errors());
        let source = set(&analysis, "t", key, value).unwrap();
        let checked = analyze_sources(&source);
        assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
        source.main().text.to_string()
    }

    #[test]
    fn a_setting_is_replaced_where_it_stands() {
        assert!(with("epochs", "7").contains("epochs: 7\n"));
    }

    #[test]
    fn a_setting_that_is_not_there_is_added() {
        assert!(with("seed", "7").contains("seed: 7\n"));
        assert!(with("optimizer.learning_rate", "0.5").contains("optimizer: Adam(learning_rate=0.5)"));
    }

    #[test]
    fn arguments_are_replaced_by_place_or_name() {
        assert!(with("model.width", "16").contains("Net(16)"));
    }

    #[test]
    fn parts_of_other_settings_are_refused() {
        let analysis = analyze(&Source::new("test.ndsl", PROGRAM));
        assert!(set(&analysis, "t", "epochs.x", "1").is_err());
        assert!(set(&analysis, "t", "epoch", "1").is_err_and(|message| message.contains("did you mean `epochs`?")));
        assert!(set(&analysis, "t", "a.b.c", "1").is_err());
    }

    #[test]
    fn settings_between_braces_are_reached_by_a_dot() {
        assert!(with("early_stopping.patience", "3").contains("early_stopping: { patience: 3 }"));
        let analysis = analyze(&Source::new("test.ndsl", with("early_stopping.patience", "3")));
        let source = set(&analysis, "t", "early_stopping.patience", "4").unwrap();
        assert!(source.main().text.contains("{ patience: 4 }"));
        let source = set(&analysis, "t", "early_stopping.min_delta", "0.1").unwrap();
        assert!(source.main().text.contains("{ min_delta: 0.1, patience: 3 }"));
        assert!(set(&analysis, "t", "early_stopping.patients", "1").is_err_and(|error| error.contains("`patience`")));
    }

    #[test]
    fn a_trial_is_a_program_in_which_everything_is_chosen() {
        let text = PROGRAM
            .replace("Net(8)", "Net(tune(8, 16))")
            .replace("epochs: 3", "optimizer: tune(Adam(tune(0.1, 0.2)), SGD(tune(0.3, 0.4)))");
        let analysis = analyze(&Source::new("test.ndsl", text));
        assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics);
        let space = analysis.trains()[0].space.as_ref().unwrap();
        let names: Vec<&str> = space.variables.iter().map(|variable| variable.name.as_str()).collect();
        assert_eq!(names, ["width", "optimizer", "Adam.learning_rate", "SGD.learning_rate"]);
        let choices = |all: &[(&str, u64)]| {
            all.iter().map(|(name, index)| ((*name).to_owned(), Choice::Nth(*index))).collect::<BTreeMap<_, _>>()
        };
        let trial =
            tuned(&analysis, "t", &choices(&[("width", 1), ("optimizer", 1), ("SGD.learning_rate", 1)])).unwrap();
        let text = &trial.main().text;
        assert!(text.contains("Net(16)") && text.contains("optimizer: SGD(0.4)\n"), "{text}");
        let checked = analyze_sources(&trial);
        assert!(checked.diagnostics.is_empty() && checked.trains()[0].space.is_none());
        let some = chosen_by(&analysis, "t", &choices(&[("width", 1), ("SGD.learning_rate", 1)])).unwrap();
        assert!(some.main().text.contains("Net(16)"));
        assert!(some.main().text.contains("optimizer: tune(Adam(tune(0.1, 0.2)), SGD(0.4))"));
        let first = tuned(&analysis, "t", &BTreeMap::new()).unwrap();
        assert!(first.main().text.contains("Net(8)") && first.main().text.contains("Adam(0.1)"));
        assert!(tuned(&analysis, "t", &choices(&[("widht", 0)])).is_err_and(|error| error.contains("`width`")));
    }

    #[test]
    fn what_is_settled_has_no_search() {
        let entry = "    search: { trials: 3, where: epochs > 3 or act == tanh }\n    epochs: tune(3, 4)";
        let text = PROGRAM.replace("    epochs: 3", entry).replace("Net(8)", "Net(8, act=tune(relu, tanh))");
        let text = text.replace("width: int = 4)", "width: int = 4, act: activation = relu)");
        let analysis = analyze(&Source::new("test.ndsl", text));
        assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics);
        let trial = tuned(&analysis, "t", &BTreeMap::from([("epochs".to_owned(), Choice::Nth(1))])).unwrap();
        let expected = PROGRAM.replace("epochs: 3", "epochs: 4").replace("Net(8)", "Net(8, act=relu)");
        let expected = expected.replace("width: int = 4)", "width: int = 4, act: activation = relu)");
        assert_eq!(&*trial.main().text, expected);
        let part = chosen_by(&analysis, "t", &BTreeMap::from([("epochs".to_owned(), Choice::Nth(1))])).unwrap();
        assert!(
            part.main().text.contains("search: { trials: 3, where: 4 > 3 or act == tanh }")
                && part.main().text.contains("tune(relu, tanh)")
        );
    }

    #[test]
    fn what_is_searched_for_in_another_file_is_chosen_there() {
        let main = "use Net from \"net.ndsl\"\n".to_owned()
            + &PROGRAM.replace(
                "model Net(width: int = 4) {\n    input x: f32[2]\n    Dense(width)\n    Dense(1) as out\n}\n",
                "",
            );
        let net = "model Net(width: int) {\n    input x: f32[2]\n    Dense(width, activation=tune(relu, tanh))\n    \
                   Dropout(tune(0.1, 1.5))\n    Dense(1) as out\n}\n";
        let sources = Sources::new(Source::new("main.ndsl", main), [Source::new("net.ndsl", net)]);
        let analysis = analyze_sources(&sources);
        let space = analysis.trains()[0].space.as_ref().unwrap();
        let names: Vec<&str> = space.variables.iter().map(|variable| variable.name.as_str()).collect();
        assert_eq!(names, ["activation", "rate"]);
        let [impossible] = analysis.diagnostics.as_slice() else { panic!("{:?}", analysis.diagnostics) };
        assert!(impossible.message.starts_with("with `rate = 1.5`"), "{}", impossible.message);
        assert_eq!(sources.text(impossible.label.span), "1.5");
        let trial = tuned(&analysis, "t", &BTreeMap::from([("activation".to_owned(), Choice::Nth(1))])).unwrap();
        assert!(trial.others()[0].text.contains("activation=tanh)") && trial.others()[0].text.contains("Dropout(0.1)"));
    }

    #[test]
    fn the_flatten_of_a_bound_model_is_a_change_of_its_text() {
        let text = include_str!("../tests/check/my_model_bound.ndsl");
        let analysis = analyze(&Source::new("test.ndsl", text));
        let (source, sentences) = flattened(&analysis, None).unwrap();
        assert_eq!(sentences.len(), 1);
        assert!(source.main().text.contains("Flatten()\nDense(units=10"));
        let checked = analyze_sources(&source);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        assert!(flattened(&checked, None).is_none());
        assert_eq!(
            checked.models()[0].graph.value(checked.models()[0].graph.outputs[0].value).shape.row().to_string(),
            "[10]"
        );
    }
}
