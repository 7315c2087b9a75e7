//! Another name for what a name stands for, wherever it is named; refused where that would change what anything means.

use std::ops::Range;

use ndsl_compiler::check::{Meaning, Occurrence, SymbolKind};
use ndsl_compiler::{Analysis, Texts};
use ndsl_grammar::{FileId, TokenKind, lex};

use super::format::Change;
use super::target::{Symbol, Target, inside_quotes, is_apart, occurrence_at, occurrences, own, target, written};

/// What is renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The name under the caret, without quotes.
    pub range: Range<usize>,
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub target: Target,
    /// Whether it is the name that this file alone gives to something of another: `Net as Small`.
    pub is_alias: bool,
}

/// What would be renamed at `offset`.
///
/// # Errors
/// Why nothing there can be, as a sentence.
pub fn prepare(analysis: &Analysis, offset: usize) -> Result<Renaming, String> {
    let Some(occurrence) = occurrence_at(analysis, offset) else { return Err(no_name(analysis, offset)) };
    let name = written(analysis, occurrence.span).to_owned();
    let wanted = target(analysis, occurrence);
    let symbol = match &wanted {
        Target::Symbol(symbol) => symbol,
        Target::BuiltIn(_) => return Err(format!("`{name}` is a name of the language itself")),
        Target::ColumnType(_) => return Err(format!("`{name}` is a type of the language itself")),
        Target::Parameter(owner, _) => return Err(format!("`{name}` is what `{owner}` of the language calls it")),
        Target::Choice(..) => return Err(format!("`{name}` is a word of the language itself")),
    };
    let is_alias = name != symbol.name;
    if symbol.standard && !is_alias {
        return Err(format!("`{name}` is a name of the standard library"));
    }
    if let Some(reason) = without_name(symbol, &name) {
        return Err(reason);
    }
    // A name that stands nowhere where it is declared is no name that could be changed there.
    if is_alias && !is_taken_under(analysis, occurrence, &name) {
        return Err(format!("`{name}` has no name where it is declared that could be changed"));
    }
    Ok(Renaming { range: inside_quotes(analysis, occurrence.span).range(), name, target: wanted, is_alias })
}

fn without_name(symbol: &Symbol, name: &str) -> Option<String> {
    match symbol.kind {
        SymbolKind::Field => Some(format!("`{name}` is called so by the files of the dataset")),
        kind if is_apart(kind) => Some(format!("`{name}` is a part of a value, and is called so by what made it")),
        _ => None,
    }
}

/// Whether a `use` of the given text takes what a name stands for under that name.
fn is_taken_under(analysis: &Analysis, occurrence: &Occurrence, name: &str) -> bool {
    analysis.file.declarations.iter().any(|declaration| match &declaration.kind {
        ndsl_grammar::ast::DeclarationKind::Use(import) => import.imports.iter().any(|one| {
            let same = |alias: &ndsl_grammar::ast::Ident| {
                let there = analysis.index().at(FileId::default(), alias.span.start as usize);
                alias.text == name && there.is_some_and(|it| it.meaning == occurrence.meaning)
            };
            one.alias.as_ref().is_some_and(same)
        }),
        _ => false,
    })
}

fn no_name(analysis: &Analysis, offset: usize) -> String {
    let text = &*analysis.source.text;
    let word = lex(text).into_iter().find(|token| token.range().start <= offset && offset <= token.range().end);
    match word.map(|token| &text[token.range()]) {
        Some(word) if word.starts_with(|first: char| first.is_alphabetic()) => {
            format!("`{word}` is a word of the language, or a name that nothing declares")
        }
        _ => "no name stands here".to_owned(),
    }
}

/// Why `name` cannot be the new name of anything.
pub fn refuse_name(renaming: &Renaming, name: &str) -> Option<String> {
    let tokens = lex(name);
    let is_word = matches!(&tokens[..], [token] if token.kind == TokenKind::Word && token.range() == (0..name.len()));
    let Target::Symbol(symbol) = &renaming.target else { return Some("this cannot be renamed".to_owned()) };
    let is_text = symbol.kind == SymbolKind::Label && !name.is_empty() && !name.contains(['"', '\\', '\n', '\r']);
    if !is_word && !is_text {
        return Some(format!(
            "`{name}` is not a name: it begins with a letter or `_` and goes on with letters, digits and `_`"
        ));
    }
    if symbol.kind == SymbolKind::Dimension && !name.starts_with(char::is_uppercase) {
        return Some(format!("a dimension has a capital letter: `{name}` would be the name of a constant"));
    }
    None
}

/// The changes of the given text that give `renaming` the name `new`.
pub fn changes(analysis: &Analysis, renaming: &Renaming, new: &str) -> Vec<Change> {
    let named = occurrences(analysis, &renaming.target).filter(|it| written(analysis, it.span) == renaming.name);
    let mut changes: Vec<Change> = Vec::new();
    for it in named {
        let quoted = inside_quotes(analysis, it.span) != it.span;
        let whole = lex(new).len() == 1 || quoted;
        let text = if whole { new.to_owned() } else { format!("\"{new}\"") };
        changes.push(Change { range: inside_quotes(analysis, it.span).range(), text });
    }
    changes
}

/// What is wrong after a renaming that was not before: a new fault, or a name that means something else. `changed` has the
/// changes of a file by its path.
pub fn clash(before: &Analysis, after: &Analysis, changed: &dyn Fn(&str) -> Vec<Change>) -> Option<String> {
    let errors = |analysis: &Analysis| analysis.diagnostics.iter().filter(|found| found.is_error()).count();
    if errors(after) > errors(before) {
        let known: Vec<_> = before.diagnostics.iter().map(|found| (found.code, found.message.as_str())).collect();
        let new = after.diagnostics.iter().filter(|found| found.is_error());
        let first = new
            .clone()
            .find(|found| !known.contains(&(found.code, found.message.as_str())))
            .or(new.clone().next_back());
        return first.map(|found| found.message.clone());
    }
    let here = changed(&before.source.path);
    let (old, new) = (own(before), own(after));
    let different = |(old, new): &(&Occurrence, &Occurrence)| {
        moved(&here, old.span.start as usize) != new.span.start as usize
            || meaning(before, old, changed) != meaning(after, new, &|_| Vec::new())
    };
    match old.iter().zip(new).find(different) {
        Some((old, _)) => {
            let line = before.source.position(old.span.start as usize).line;
            Some(format!("`{}` on line {line} would mean something else", before.sources.text(old.span)))
        }
        None if old.len() != new.len() => Some("another name would mean something else".to_owned()),
        None => None,
    }
}

/// What a name means, by places after the changes.
fn meaning(analysis: &Analysis, it: &Occurrence, changed: &dyn Fn(&str) -> Vec<Change>) -> (String, usize) {
    match it.meaning {
        Meaning::Symbol { kind, definition } => {
            let path = &analysis.sources.source(definition.file).path;
            (format!("{} {path}", kind.noun()), moved(&changed(path), definition.start as usize))
        }
        Meaning::BuiltIn(signature) | Meaning::ColumnType(signature) => (signature.name.to_owned(), 0),
        Meaning::Parameter(signature, parameter) => (format!("{}.{}", signature.name, parameter.name), 0),
        Meaning::Choice(parameter) => (parameter.name.to_owned(), 0),
    }
}

/// Where the byte at `offset` is after changes that do not overlap.
fn moved(changes: &[Change], offset: usize) -> usize {
    let before = changes.iter().filter(|change| change.range.end <= offset);
    before.fold(offset, |at, change| at + change.text.len() - change.range.len())
}

/// A text with changes that do not overlap.
pub fn applied(text: &str, changes: &[Change]) -> String {
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by_key(|change| change.range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for change in ordered {
        out += &text[at..change.range.start.max(at)];
        out += &change.text;
        at = change.range.end.max(at);
    }
    out + &text[at..]
}
