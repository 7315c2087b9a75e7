//! Every feature on texts that are cut off anywhere, as a text that is being written is: none may panic, and every place it
//! answers lies in the text.

#[path = "../../grammar/tests/sound/files.rs"]
mod files;
mod fixture;

use std::path::PathBuf;

use ndsl_compiler::files::NoFiles;
use ndsl_compiler::{Analysis, Source, analyze_with};
use ndsl_grammar::{FileId, Span};
use ndsl_lsp::ide::signature_help::signature_help;
use ndsl_lsp::ide::{
    actions, calls, completion, definition, diagnostics, fixes, folding, format, hints, hover, lens, links, references,
    rename, selection, symbols, tokens,
};

/// Every so many bytes a text is cut off; `PREFIX_STRIDE=1` cuts it at each.
const STRIDE: usize = 97;

struct NoFolders;

impl completion::Folders for NoFolders {
    fn list(&self, _: &str) -> Vec<(String, bool)> {
        Vec::new()
    }

    fn first_line(&self, _: &str) -> Option<String> {
        None
    }
}

fn programs() -> Vec<PathBuf> {
    files::below(&["examples", "compiler/src/std"], "ndsl")
}

fn ask_everything(analysis: &Analysis, offset: usize) {
    let text = &*analysis.source.text;
    let whole = 0..text.len();
    let fits = |range: &std::ops::Range<usize>| {
        assert!(range.start <= range.end && text.get(range.clone()).is_some(), "{range:?} in {text:?}");
    };
    diagnostics(analysis).iter().for_each(|it| fits(&it.range));
    fixes(analysis, &(offset..offset)).iter().flat_map(|fix| &fix.edits).for_each(|it| fits(&it.span.range()));
    hover(analysis, offset, 32).iter().for_each(|it| fits(&it.range));
    definition::definition(analysis, offset).iter().for_each(|it| fits(&it.origin));
    definition::type_definition(analysis, offset).iter().for_each(|it| fits(&it.origin));
    references::highlight(analysis, offset).iter().for_each(|it| fits(&it.range));
    if let Ok(renaming) = rename::prepare(analysis, offset) {
        let changes = rename::changes(analysis, &renaming, "renamed");
        changes.iter().for_each(|change| fits(&change.range));
        rename::applied(text, &changes);
    }
    symbols::symbols(analysis).iter().for_each(|it| {
        fits(&it.range);
        fits(&it.selection);
    });
    tokens::tokens(analysis, &whole).iter().for_each(|it| fits(&it.range));
    hints::hints(analysis, &whole, hints::Wanted::default()).iter().for_each(|it| fits(&(it.at..it.at)));
    folding::folds(analysis).iter().for_each(|it| fits(&(it.start..it.end)));
    selection::selection(analysis, offset).iter().for_each(&fits);
    links::links(analysis).iter().for_each(|it| fits(&it.range));
    if let Some(item) = calls::prepare(analysis, offset).filter(|item| item.selection.file == FileId::default()) {
        calls::outgoing(analysis, item.selection).iter().flat_map(|call| &call.places).for_each(&fits);
        let wanted = calls::wanted(analysis, &item.selection.range());
        let users = wanted.map(|wanted| calls::incoming(analysis, &wanted)).unwrap_or_default();
        users.iter().flat_map(|call| &call.places).for_each(&fits);
    }
    if let Ok(changes) = format::format(text) {
        changes.iter().for_each(|it| fits(&it.range));
    }
    ['}', '\n', 'x'].iter().for_each(|typed| {
        format::format_typed(text, offset, *typed).iter().for_each(|it| fits(&it.range));
    });
    let check = |text: String| analyze_with(&analysis.source.with_text(text), &NoFiles);
    for selection in [offset..offset, offset / 2..offset] {
        for action in actions::actions(analysis, &selection, &check) {
            action.changes.iter().for_each(|change| fits(&change.range));
            rename::applied(text, &action.changes);
        }
    }
    lens::lenses(analysis).iter().for_each(|it| fits(&it.range));
    signature_help(analysis, offset);
    fits(&completion::completion(analysis, offset, &NoFolders).replaces);
}

#[test]
fn every_feature_answers_on_every_prefix() {
    let stride = std::env::var("PREFIX_STRIDE").ok().and_then(|it| it.parse().ok()).unwrap_or(STRIDE);
    for path in programs() {
        let text = std::fs::read_to_string(&path).unwrap();
        for end in (0..=text.len()).step_by(stride).chain([text.len()]) {
            let prefix = &text[..text.floor_char_boundary(end)];
            let analysis = analyze_with(&Source::new("test.ndsl", prefix), &NoFiles);
            ask_everything(&analysis, prefix.len());
        }
    }
}

#[test]
fn every_feature_answers_at_every_place_of_a_whole_text() {
    for path in programs() {
        let text = std::fs::read_to_string(&path).unwrap();
        let analysis = analyze_with(&Source::new("test.ndsl", text.as_str()), &NoFiles);
        for offset in (0..text.len()).step_by(STRIDE * 2) {
            ask_everything(&analysis, text.floor_char_boundary(offset));
        }
    }
}

#[test]
fn a_place_beyond_the_text_or_inside_a_character_is_no_fault() {
    let text = "// 😀語\nmodel Net {\n    input x: f32[8]\n    Dense(4) as 名前\n    it + 名前\n}\n";
    let analysis = analyze_with(&Source::new("test.ndsl", text), &NoFiles);
    for offset in 0..text.len() + 3 {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        ask_everything(&analysis, offset);
    }
    let name = text.rfind("名前").unwrap();
    assert_eq!(references::highlight(&analysis, name).len(), 2);
    let span = Span::new(FileId::default(), name..name + 6);
    assert_eq!(definition::definition(&analysis, name + 3).unwrap().origin, span.range());
}
