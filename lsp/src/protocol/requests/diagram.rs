//! `ndsl/diagram`: a picture of a model or schema of a document, for an editor to show beside it.

use ndsl_compiler::diagram::{Block, Options, Picture, Subject, Theme, draw, subjects};
use serde::{Deserialize, Serialize};
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types::TextDocumentIdentifier;

use crate::protocol::check::Snapshot;
use crate::protocol::convert::refused;

/// The request.
pub const METHOD: &str = "ndsl/diagram";

/// The most names that are followed: an editor sends those the user has clicked on.
const MAX_NAMES: usize = 10_000;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Params {
    /// The document.
    pub text_document: TextDocumentIdentifier,
    /// The model or schema; without one the first model, or else the first schema.
    pub name: Option<String>,
    /// Blocks that are drawn closed.
    #[serde(default)]
    pub collapse: Vec<String>,
    /// Blocks that are drawn open.
    #[serde(default)]
    pub expand: Vec<String>,
    /// How deep blocks are open.
    pub depth: Option<usize>,
    /// The colours.
    #[serde(default)]
    pub theme: Colours,
}

/// The colours of a picture.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colours {
    /// As the viewer has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A picture, and what else could be drawn.
#[derive(Debug, Serialize)]
pub struct Answer {
    svg: String,
    title: String,
    name: String,
    kind: &'static str,
    names: Vec<Name>,
    blocks: Vec<Drawn>,
}

/// Something that can be drawn.
#[derive(Debug, Serialize)]
struct Name {
    name: String,
    kind: &'static str,
    line: usize,
}

/// A block of the picture.
#[derive(Debug, Serialize)]
struct Drawn {
    id: String,
    kind: String,
    open: bool,
    line: usize,
}

/// The picture that is asked for.
pub fn answer(snapshot: &Snapshot, params: Params) -> Result<Answer> {
    let Params { name, mut collapse, mut expand, depth, theme, .. } = params;
    collapse.truncate(MAX_NAMES);
    expand.truncate(MAX_NAMES);
    let theme = match theme {
        Colours::Auto => Theme::Auto,
        Colours::Light => Theme::Light,
        Colours::Dark => Theme::Dark,
    };
    // The editor asks again for what is opened or closed.
    let options = Options { name, collapse, expand, depth, theme, script: false };
    let drawn = draw(&snapshot.analysis, &options);
    let Picture { svg, title, subject, blocks, .. } = drawn.map_err(|refusal| refused(refusal.to_string()))?;
    let names = subjects(&snapshot.analysis).into_iter().map(|Subject { name, kind, line }| Name {
        name,
        kind: kind.noun(),
        line,
    });
    let blocks = blocks.into_iter().map(|Block { id, of, open, line }| Drawn { id, kind: of, open, line });
    let (names, blocks) = (names.collect(), blocks.collect());
    Ok(Answer { svg, title, name: subject.name, kind: subject.kind.noun(), names, blocks })
}

/// There is no such document.
pub fn not_open() -> Error {
    refused("the document is not open".to_owned())
}
