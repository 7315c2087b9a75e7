//! What the features answer: each folder of `fixtures` is one, and each file in it a program with marked places.

mod fixture;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use fixture::Fixture;
use ndsl_compiler::files::{FileError, Files, Memory};
use ndsl_compiler::{Texts, analyze_with, docs};
use ndsl_grammar::{FileId, Span};
use ndsl_lsp::ide::format::Change;
use ndsl_lsp::ide::{
    calls, completion, definition, folding, format, hints, links, moved, references, rename, selection, symbols,
    target, tokens,
};

/// Compares what `answer` says of every fixture in a folder with the snapshot beside it.
fn compare(feature: &str, answer: impl Fn(&Fixture) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(feature);
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ndsl"));
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let answer = answer(&Fixture::read(&path));
        insta::with_settings!({ snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, answer);
        });
    }
}

macro_rules! feature {
    ($name:ident, $answer:expr) => {
        #[test]
        fn $name() {
            compare(stringify!($name), $answer);
        }
    };
}

fn linked(fixture: &Fixture, link: Option<definition::Link>) -> String {
    let Some(link) = link else { return "nothing".to_owned() };
    let lines = fixture.analysis.sources.text(link.whole).lines().count();
    format!("{} -> {}, of {lines} lines", fixture.place(link.origin), fixture.span(link.name))
}

feature!(definition, |it: &Fixture| {
    let built_in = || {
        let (origin, signature) = definition::built_in(&it.analysis, it.caret())?;
        let pages = docs::pages();
        let (page, line) = docs::place(&pages, signature).unwrap();
        let heading = page.markdown.lines().nth(line).unwrap();
        Some(format!("{} -> reference/{}.md, `{heading}`", it.place(origin), page.name))
    };
    match definition::definition(&it.analysis, it.caret()) {
        Some(link) => linked(it, Some(link)),
        None => built_in().unwrap_or_else(|| "nothing".to_owned()),
    }
});
feature!(type_definition, |it: &Fixture| linked(it, definition::type_definition(&it.analysis, it.caret())));

feature!(references, |it: &Fixture| {
    let mut out = String::new();
    for reference in references::highlight(&it.analysis, it.caret()) {
        let role = if reference.is_definition { "declared" } else { "named" };
        let _ = writeln!(out, "{role} {}", it.place(reference.range));
    }
    out
});

/// Files some of which were changed.
struct Changed<'f>(&'f Memory, HashMap<String, Arc<str>>);

impl Files for Changed<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        self.1.get(path).map_or_else(|| self.0.read(path), |text| Ok(text.clone()))
    }
}

/// A renaming carried out in every file of a fixture.
fn renamed(it: &Fixture) -> String {
    let renaming = match rename::prepare(&it.analysis, it.caret()) {
        Ok(renaming) => renaming,
        Err(reason) => return format!("refused: {reason}"),
    };
    let new = it.arguments.first().map_or("fresh", String::as_str);
    if let Some(reason) = rename::refuse_name(&renaming, new) {
        return format!("refused: {reason}");
    }
    let mut out = format!("{}\n", it.place(renaming.range.clone()));
    let mut changed: HashMap<String, (Vec<Change>, Arc<str>)> = HashMap::new();
    for source in it.analysis.sources.iter().filter(|source| !source.standard) {
        let program = analyze_with(&source.clone().at(&*source.path), &it.files);
        if renaming.is_alias && source.file != FileId::default() {
            continue;
        }
        let changes = rename::changes(&program, &renaming, new);
        if !changes.is_empty() {
            let text = rename::applied(&source.text, &changes).into();
            changed.insert(source.path.to_string(), (changes, text));
        }
    }
    let texts = changed.iter().map(|(path, (_, text))| (path.clone(), text.clone())).collect();
    let main = &it.analysis.source;
    let text = changed.get(&*main.path).map_or(main.text.clone(), |(_, text)| text.clone());
    let after = analyze_with(&main.with_text(text), &Changed(&it.files, texts));
    let of_path = |path: &str| changed.get(path).map(|(changes, _)| changes.clone()).unwrap_or_default();
    if let Some(reason) = rename::clash(&it.analysis, &after, &of_path) {
        return format!("{out}refused: {reason}");
    }
    let mut paths: Vec<_> = changed.iter().collect();
    paths.sort_by_key(|(path, _)| path.as_str());
    for (path, (_, text)) in paths {
        let _ = write!(out, "//- {path}\n{text}");
    }
    out
}

feature!(rename, renamed);

fn listed(symbols: &[symbols::Symbol], it: &Fixture, depth: usize, out: &mut String) {
    for symbol in symbols {
        let detail = symbol.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        let lines = it.text()[symbol.range.clone()].lines().count();
        let indent = "  ".repeat(depth);
        let _ = writeln!(out, "{indent}{} {}{detail} ({lines} lines)", symbol.kind.noun(), symbol.name);
        assert_eq!(it.text()[symbol.selection.clone()].trim_matches('"'), symbol.name);
        assert!(symbol.range.start <= symbol.selection.start && symbol.selection.end <= symbol.range.end);
        listed(&symbol.children, it, depth + 1, out);
    }
}

feature!(symbols, |it: &Fixture| {
    let mut out = String::new();
    listed(&symbols::symbols(&it.analysis), it, 0, &mut out);
    out
});

feature!(tokens, |it: &Fixture| {
    let mut out = String::new();
    let mut last = 0;
    let all = tokens::tokens(&it.analysis, &(0..it.text().len()));
    for token in &all {
        assert!(token.range.start >= last, "in order, and none over another");
        last = token.range.end;
        let (_, kind) = tokens::Kind::ALL.iter().find(|(kind, _)| *kind == token.kind).unwrap();
        let bits = token.modifiers.bits();
        let modifiers = tokens::Modifiers::ALL.iter().enumerate().filter(|(bit, _)| bits & 1 << bit != 0);
        let modifiers: String = modifiers.map(|(_, name)| format!(" {name}")).collect();
        let _ = writeln!(out, "{} {kind}{modifiers}", it.place(token.range.clone()));
    }
    let half = it.text().len() / 2;
    let (first, second) = (0..half, half..it.text().len());
    let parts: Vec<_> = [first, second].iter().flat_map(|range| tokens::tokens(&it.analysis, range)).collect();
    assert!(all.iter().all(|token| parts.contains(token)), "what overlaps a range is in it");
    out
});

feature!(hints, |it: &Fixture| {
    let all = hints::hints(&it.analysis, &(0..it.text().len()), hints::Wanted::default());
    let notes = all.iter().map(|hint| {
        let tooltip = hint.tooltip.as_ref().map(|tooltip| format!(" ({tooltip})")).unwrap_or_default();
        (hint.at, format!("⟦{}{tooltip}⟧", hint.label))
    });
    it.with(notes.collect())
});

feature!(folding, |it: &Fixture| {
    let mut out = String::new();
    for fold in folding::folds(&it.analysis) {
        let source = &it.analysis.source;
        let [start, end] = [fold.start, fold.end].map(|at| source.position(at));
        let _ = writeln!(out, "{:?} {}:{} to {}:{}", fold.kind, start.line, start.column, end.line, end.column);
    }
    out
});

feature!(selection, |it: &Fixture| {
    let mut out = String::new();
    for range in selection::selection(&it.analysis, it.caret()) {
        let _ = writeln!(out, "{}", it.text()[range].replace('\n', "⏎"));
    }
    out
});

feature!(links, |it: &Fixture| {
    let mut out = String::new();
    for link in links::links(&it.analysis) {
        let _ = writeln!(out, "{} -> {}", it.place(link.range), link.path);
    }
    out
});

feature!(calls, |it: &Fixture| {
    let item = calls::prepare(&it.analysis, it.caret()).unwrap();
    let mut out = format!("{} {}\n", item.kind.noun(), item.name);
    for call in calls::outgoing(&it.analysis, item.selection) {
        let _ =
            writeln!(out, "uses {} {} at {}", call.item.kind.noun(), it.span(call.item.selection), call.places.len());
    }
    let wanted = calls::wanted(&it.analysis, &item.selection.range()).unwrap();
    for call in calls::incoming(&it.analysis, &wanted) {
        let places: Vec<String> = call.places.into_iter().map(|place| it.place(place)).collect();
        let _ = writeln!(out, "used by {} {}: {}", call.item.kind.noun(), call.item.name, places.join(", "));
    }
    out
});

fn changed(it: &Fixture, changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        let _ = writeln!(out, "// {}", it.place(change.range.clone()));
    }
    out + &rename::applied(it.text(), changes)
}

feature!(format, |it: &Fixture| {
    let changes = match it.carets.len() {
        0 => format::format(it.text()),
        _ => format::format_range(it.text(), &it.range()),
    };
    match changes {
        Ok(changes) => changed(it, &changes),
        Err(format::Refusal(reason)) => format!("refused: {reason}"),
    }
});

feature!(format_typed, |it: &Fixture| {
    let before = it.text()[..it.caret()].chars().next_back().unwrap();
    // Whoever types a bracket that closes has not typed the line's end.
    changed(it, &format::format_typed(it.text(), it.caret(), if before == '}' { '}' } else { '\n' }))
});

feature!(moved, |it: &Fixture| {
    let moves = it.arguments.iter().map(|argument| {
        let (from, to) = argument.split_once(" -> ").unwrap();
        moved::Move { from: from.to_owned(), to: to.to_owned() }
    });
    changed(it, &moved::moved_paths(&it.analysis, &moves.collect::<Vec<_>>()))
});

feature!(signature_help, |it: &Fixture| {
    let Some(help) = ndsl_lsp::ide::signature_help::signature_help(&it.analysis, it.caret()) else {
        return "nothing".to_owned();
    };
    let active = help.active.map(|active| help.label[help.parameters[active].0.clone()].to_owned());
    format!("{}\n{}\nactive: {}", help.label, help.docs, active.unwrap_or("none".to_owned()))
});

/// Folders as the fixtures have them.
struct Folders;

impl completion::Folders for Folders {
    fn list(&self, folder: &str) -> Vec<(String, bool)> {
        let names: &[(&str, bool)] = match folder {
            "" => &[("rows.csv", false), ("net.ndsl", false), ("parts", true), (".git", true)],
            "parts" => &[("block.ndsl", false), ("more.csv", false)],
            _ => &[],
        };
        names.iter().map(|(name, is_folder)| ((*name).to_owned(), *is_folder)).collect()
    }

    fn first_line(&self, path: &str) -> Option<String> {
        (path == "rows.csv").then(|| "\u{feff}age,\"hours, a week\",label\r\n".to_owned())
    }
}

feature!(completion, |it: &Fixture| {
    /// What the language has of one kind is shown by its first: a list of all says no more.
    const SHOWN: usize = 2;
    let found = completion::completion(&it.analysis, it.caret(), &Folders);
    let mut parts: HashMap<String, usize> = HashMap::new();
    let mut out = format!("replaces {}\n", it.place(found.replaces));
    for item in &found.items {
        if let completion::Docs::Of(what) = &item.docs {
            assert!(completion::docs(what).is_some(), "{what} is documented");
            let (part, _) = what.split_once('/').unwrap();
            let shown = parts.entry(part.to_owned()).or_default();
            *shown += 1;
            if *shown > SHOWN && !matches!(part, "keyword" | "setting") {
                continue;
            }
        }
        let detail = item.detail.as_ref().map(|detail| format!("  {detail}")).unwrap_or_default();
        let insert = if item.insert == item.label { String::new() } else { format!("  writes {:?}", item.insert) };
        let _ = writeln!(out, "{:?} {}{detail}{insert}", item.kind, item.label);
    }
    out
});

feature!(hover, |it: &Fixture| match ndsl_lsp::ide::hover(&it.analysis, it.caret(), 32) {
    Some(hover) => format!("{}\n\n{}", it.place(hover.range), hover.markdown),
    None => "nothing".to_owned(),
});

feature!(lens, |it: &Fixture| {
    let mut out = String::new();
    for lens in ndsl_lsp::ide::lens::lenses(&it.analysis) {
        let _ = writeln!(out, "{}: {} {:?}", it.place(lens.range), lens.title, lens.action);
    }
    out
});

feature!(actions, |it: &Fixture| {
    let selection = match it.carets.len() {
        1 => it.caret()..it.caret(),
        _ => it.range(),
    };
    let check = |text: String| analyze_with(&it.analysis.source.with_text(text), &it.files);
    let mut out = String::new();
    for action in ndsl_lsp::ide::actions::actions(&it.analysis, &selection, &check) {
        let _ = writeln!(out, "{:?}: {}\n{}", action.kind, action.title, rename::applied(it.text(), &action.changes));
    }
    out
});

#[test]
fn a_name_is_found_from_either_of_its_ends() {
    let it = Fixture::new("const width = 4\nconst double = width * 2\n");
    let at = it.text().rfind("width").unwrap();
    for offset in [at, at + 2, at + 5] {
        let found = target::occurrence_at(&it.analysis, offset).unwrap();
        assert_eq!(found.span, Span::new(FileId::default(), at..at + 5));
    }
    assert!(target::occurrence_at(&it.analysis, at + 6).is_none());
}

#[test]
fn symbols_are_found_by_some_of_their_letters() {
    let it = Fixture::new(
        "const width = 4\nmodel WideNet { input x: f32[2] Dense(width) }\nschema Shop { table Order { id: int key } }\n",
    );
    let all = symbols::symbols(&it.analysis);
    let names = |query: &str| symbols::matching(&all, query).iter().map(|(it, _)| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(names("wd"), ["width", "WideNet"]);
    assert_eq!(names("WN"), ["WideNet"]);
    assert_eq!(names("order"), ["Order"]);
    assert_eq!(names(""), ["width", "WideNet", "Shop", "Order"]);
    assert!(names("x").is_empty(), "what is inside a body is not for others");
}
