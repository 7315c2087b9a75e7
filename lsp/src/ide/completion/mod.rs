//! What could stand at a place, while it is written.
//!
//! [`super::context`] says what surrounds the place and [`super::expected`] what the language wants there; `statements` are
//! what begins a line of a body, `values` what can be a value, `settings` what settings and parameters are called,
//! `schemas` what stands in tables, `rows` what a model takes of one, `files` what has a path. `catalogue` lists what the language has.

mod catalogue;
mod declarations;
mod files;
mod names;
mod rows;
mod schemas;
mod settings;
mod statements;
mod values;

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_grammar::TokenKind;

pub use catalogue::docs;
pub use files::Folders;

use super::callee::Callee;
use super::context::{Bracket, Context};
use super::expected::{self, Wanted};

/// What kind of thing is offered: those that editors have icons for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of the language.
    Keyword,
    /// A layer, block or model.
    Class,
    /// A function, loss, metric, method, source or distribution.
    Function,
    /// A value that something names.
    Variable,
    /// A constant.
    Constant,
    /// A parameter or setting.
    Property,
    /// A column or field.
    Field,
    /// One of a few words, a label.
    EnumMember,
    /// A type.
    Type,
    /// A declaration of another kind.
    Reference,
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// Something that could stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is shown.
    pub label: String,
    /// What is shown beside it.
    pub detail: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What is written; in a snippet `$1` and `${1:name}` are places to go to.
    pub insert: String,
    /// Whether that is a snippet.
    pub is_snippet: bool,
    /// Where its documentation is found, or else the documentation itself.
    pub docs: Docs,
    /// The smaller, the further up.
    pub rank: u8,
}

/// The documentation of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Docs {
    /// There is none.
    None,
    /// This.
    Text(String),
    /// What [`docs`] says of this.
    Of(String),
}

/// What could stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What is replaced.
    pub replaces: Range<usize>,
    /// What could stand there.
    pub items: Vec<Item>,
}

impl Item {
    fn new(label: impl Into<String>, kind: Kind) -> Self {
        let label = label.into();
        let insert = label.clone();
        Self { label, detail: None, kind, insert, is_snippet: false, docs: Docs::None, rank: 5 }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn snippet(mut self, insert: impl Into<String>) -> Self {
        self.insert = insert.into();
        self.is_snippet = self.insert.contains('$');
        self
    }

    fn docs(mut self, docs: Docs) -> Self {
        self.docs = docs;
        self
    }

    fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }
}

/// A place and what is known of it.
pub(super) struct Place<'a> {
    analysis: &'a Analysis,
    text: &'a str,
    offset: usize,
    context: Context,
    /// Whether an opening bracket follows already.
    has_bracket: bool,
    /// The files beside the text.
    folders: &'a dyn Folders,
}

impl<'a> Place<'a> {
    fn word(&self, range: &Range<usize>) -> &'a str {
        &self.text[range.clone()]
    }
}

/// What could stand at `offset`; the files and folders beside the text come from `folders`.
pub fn completion(analysis: &Analysis, offset: usize, folders: &dyn Folders) -> Completion {
    let offset = analysis.source.text.floor_char_boundary(offset);
    let analysis = &analysis.near(&(offset..offset));
    let text = &*analysis.source.text;
    let context = Context::at(text, offset);
    if context.in_comment {
        return Completion::default();
    }
    let has_bracket = text[offset..].trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').starts_with('(');
    let place = Place { analysis, text, offset, context, has_bracket, folders };
    if let Some(quotes) = place.context.in_text.clone() {
        return files::between_quotes(&place, &quotes);
    }
    let mut items = offered(&place);
    items.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    items.dedup_by(|a, b| a.label == b.label && a.kind == b.kind);
    Completion { replaces: place.context.prefix.clone(), items }
}

fn offered(place: &Place<'_>) -> Vec<Item> {
    let context = &place.context;
    // A number or a name that is being given has nothing to be completed.
    if matches!(context.before, Some((TokenKind::Int | TokenKind::Float, _))) && !context.begins_line {
        return Vec::new();
    }
    if context.is_behind(TokenKind::Dot) {
        return names::parts(place);
    }
    let Some(keyword) = context.keyword(place.text) else { return declarations::keywords() };
    if context.frames.is_empty() {
        return declarations::outside(place, keyword);
    }
    if matches!(keyword, "schema") {
        return schemas::offered(place);
    }
    if let Some(wanted) = expected::wanted(context, place.text) {
        return of_wanted(place, wanted);
    }
    if keyword == "dataset" {
        return Vec::new();
    }
    if is_parameter_list(place, keyword) {
        return declarations::parameters(place);
    }
    if let Some(items) = of_declared_call(place) {
        return items;
    }
    statements::offered(place)
}

/// What may stand where the language wants something of its own.
fn of_wanted(place: &Place<'_>, wanted: Wanted) -> Vec<Item> {
    let Some(frame) = place.context.frame() else { return Vec::new() };
    match (frame.bracket, &frame.name) {
        (Bracket::Curly, None) => settings::keys(place, wanted.signature),
        (Bracket::Curly, Some(_)) => values::of_parameter(place, wanted),
        (Bracket::Round, None) if frame.head.is_some() => {
            let mut items = match starts_value(place) {
                true => settings::arguments(place, &Callee::BuiltIn(wanted.signature)),
                false => Vec::new(),
            };
            items.extend(values::of_parameter(place, wanted));
            items
        }
        _ => values::of_parameter(place, wanted),
    }
}

/// What may stand between the brackets of a block or model.
fn of_declared_call(place: &Place<'_>) -> Option<Vec<Item>> {
    let frame = place.context.frame().filter(|frame| frame.bracket == Bracket::Round)?;
    let callee = Callee::named(place.analysis, place.word(frame.head.as_ref()?))?;
    let mut items = Vec::new();
    if frame.name.is_none() && starts_value(place) {
        items.extend(settings::arguments(place, &callee));
    }
    items.extend(values::expression(place));
    Some(items)
}

/// Whether nothing of the value has been written before the word.
fn starts_value(place: &Place<'_>) -> bool {
    let context = &place.context;
    context.is_behind(TokenKind::LeftParen) || context.is_behind(TokenKind::Comma)
}

/// Whether the place is between the brackets behind the name of a model or block.
fn is_parameter_list(place: &Place<'_>, keyword: &str) -> bool {
    matches!(keyword, "model" | "Model" | "block")
        && matches!(&place.context.frames[..], [frame, ..] if frame.bracket == Bracket::Round)
}
