//! Pictures of what a program declares: a model as its layers in the order of the flow, a schema as its tables and references.
//!
//! `outline` says what a model consists of, `view` which blocks of it are open, `model` and `entities` what is said of
//! each part; that is a `scene`, which `layout` puts in its places and `svg` draws. Nothing here reads files.

mod entities;
mod layout;
mod model;
mod operations;
mod outline;
mod scene;
mod svg;
mod text;
mod view;

use ndsl_grammar::{FileId, Span};

use crate::Analysis;
use crate::check::ModelInstance;
use crate::ir::cost;
use crate::suggest::either;
use model::Drawn;
use scene::Scene;
use text::counted;
pub use text::grouped;

/// The most boxes of one picture.
pub const MAX_BOXES: usize = 2_000;

/// The most tables of one picture.
pub const MAX_TABLES: usize = 300;

/// Light on dark, dark on light, or as the viewer has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the viewer has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What is to be drawn, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The model or schema; without one the first model, or else the first schema.
    pub name: Option<String>,
    /// Blocks that are drawn closed: ids, or names of blocks.
    pub collapse: Vec<String>,
    /// Blocks that are drawn open, likewise; they go before.
    pub expand: Vec<String>,
    /// How deep blocks are open; without it, as deep as can be read.
    pub depth: Option<usize>,
    /// Its colours.
    pub theme: Theme,
    /// Whether it closes and opens its blocks itself, in a viewer that runs scripts.
    pub script: bool,
}

/// What a picture is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A model.
    Model,
    /// A schema.
    Schema,
}

impl SubjectKind {
    /// The word for it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Schema => "schema",
        }
    }
}

/// Something that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SubjectKind,
    /// Where it is declared: a line of the given text, from 1.
    pub line: usize,
}

/// A block that is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name in this model.
    pub id: String,
    /// What it is a use of, or `repeat`, or `round`.
    pub of: String,
    /// Whether what is in it is drawn.
    pub open: bool,
    /// Where it is used: a line of the given text, from 1.
    pub line: usize,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// One `svg` element.
    pub svg: String,
    /// What it shows, in one line.
    pub title: String,
    /// What it is of.
    pub subject: Subject,
    /// The blocks that are drawn.
    pub blocks: Vec<Block>,
    /// Names of blocks that were asked for and are not there.
    pub unknown: Vec<String>,
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing to draw.
    #[error("there is neither a model nor a schema to draw")]
    Nothing,
    /// It is not there.
    #[error("there is no model or schema `{0}`; {1}")]
    Unknown(String, String),
    /// Nothing of it is known.
    #[error("nothing of `{0}` can be drawn as long as its faults keep it from being checked")]
    Empty(String),
    /// It is too large.
    #[error("a picture of `{name}` would have {count} {noun}, and {most} can be drawn; {help}")]
    TooLarge {
        /// What was asked for.
        name: String,
        /// What it would have.
        count: usize,
        /// Boxes or tables.
        noun: &'static str,
        /// How many there may be.
        most: usize,
        /// What to do.
        help: &'static str,
    },
    /// Its lines are too many.
    #[error("the lines of `{0}` pass by too many others to be drawn; close some of its blocks")]
    Tangled(String),
}

/// What stands above a picture, and what it says of itself.
#[derive(Debug)]
struct Heading {
    kind: &'static str,
    name: String,
    title: String,
    complete: bool,
    lines: Vec<String>,
}

/// What can be drawn of a program, in the order it is declared.
pub fn subjects(analysis: &Analysis) -> Vec<Subject> {
    let line = |span: Span| analysis.source.line_of(span.start as usize) + 1;
    let models = analysis.models().iter().map(|model| (&model.name, SubjectKind::Model, model.span));
    let own = analysis.schemas().schemas.iter().filter(|schema| schema.span.file == FileId::default());
    let schemas = own.map(|schema| (&schema.name, SubjectKind::Schema, schema.span));
    let mut all: Vec<_> = models.chain(schemas).collect();
    all.sort_by_key(|(.., span)| span.start);
    all.into_iter().map(|(name, kind, span)| Subject { name: name.clone(), kind, line: line(span) }).collect()
}

/// A picture of what is asked for.
///
/// # Errors
/// When there is no such thing, or too much of it.
pub fn draw(analysis: &Analysis, options: &Options) -> Result<Picture, Refusal> {
    let all = subjects(analysis);
    let subject = match &options.name {
        Some(name) => all.iter().find(|subject| subject.name == *name).ok_or_else(|| {
            let known = match all.is_empty() {
                true => "nothing is declared that could be drawn".to_owned(),
                false => format!("there is {}", either(all.iter().map(|it| it.name.as_str())).replace(" or ", " and ")),
            };
            Refusal::Unknown(name.clone(), known)
        })?,
        None => {
            let model = all.iter().find(|subject| subject.kind == SubjectKind::Model);
            model.or(all.first()).ok_or(Refusal::Nothing)?
        }
    };
    match subject.kind {
        SubjectKind::Model => {
            let model = analysis.models().iter().find(|model| model.name == subject.name);
            draw_model(analysis, model.ok_or(Refusal::Nothing)?, subject, options)
        }
        SubjectKind::Schema => draw_schema(analysis, subject, options),
    }
}

fn draw_model(
    analysis: &Analysis,
    model: &ModelInstance,
    subject: &Subject,
    options: &Options,
) -> Result<Picture, Refusal> {
    let Drawn { scene, blocks, unknown } = model::scene(model, &analysis.sources, options);
    if scene.shapes.is_empty() {
        return Err(Refusal::Empty(model.name.clone()));
    }
    if scene.shapes.len() > MAX_BOXES {
        return Err(Refusal::TooLarge {
            name: model.name.clone(),
            count: scene.shapes.len(),
            noun: "boxes",
            most: MAX_BOXES,
            help: "close some of its blocks, or put its layers into blocks or a `repeat`",
        });
    }
    let (parameters, trainable) = model.graph.parameter_counts();
    let mut said = vec![model::signature(&model.graph), counted(parameters as u64, "parameter")];
    if trainable != parameters {
        said.push(format!("{} trainable", text::grouped(trainable as u64)));
    }
    let title = format!("{}: {}, {}", model.name, said[0], said[1]);
    said.extend(cost::total_flops(&model.graph).map(|flops| format!("{}FLOPs a row", model::unit(flops))));
    let mut lines = vec![said.join(" · ")];
    if !model.parameters.is_empty() {
        lines.push(text::cut(&model.parameters.join(", "), 120));
    }
    let heading =
        Heading { kind: subject.kind.noun(), name: model.name.clone(), title, complete: model.complete, lines };
    let picture = picture(&scene, heading, subject, options)?;
    Ok(Picture { blocks, unknown, ..picture })
}

fn draw_schema(analysis: &Analysis, subject: &Subject, options: &Options) -> Result<Picture, Refusal> {
    let schemas = analysis.schemas();
    let own = |schema: &crate::schema::Schema| schema.span.file == FileId::default() && schema.name == subject.name;
    let at = schemas.schemas.iter().position(own).ok_or(Refusal::Nothing)?;
    let schema = &schemas.schemas[at];
    if schema.tables.is_empty() {
        return Err(Refusal::Empty(schema.name.clone()));
    }
    if schema.tables.len() > MAX_TABLES {
        return Err(Refusal::TooLarge {
            name: schema.name.clone(),
            count: schema.tables.len(),
            noun: "tables",
            most: MAX_TABLES,
            help: "put some of its tables into a schema of their own",
        });
    }
    let scene = entities::scene(schemas, at, &analysis.source);
    let tables = schema.tables.iter().map(|table| schemas.at(*table));
    let columns: usize = tables.clone().map(|table| table.columns.len()).sum();
    let counts = [(schema.tables.len(), "table"), (columns, "column"), (scene.lines.len(), "reference")]
        .map(|(count, noun)| counted(count as u64, noun));
    let title = format!("{}: {}", schema.name, counts.join(", "));
    let heading = Heading {
        kind: subject.kind.noun(),
        name: schema.name.clone(),
        title,
        complete: !tables.clone().any(|table| table.faulty),
        lines: vec![counts.join(" · ")],
    };
    let picture = picture(&scene, heading, subject, options)?;
    let unknown = options.collapse.iter().chain(&options.expand).cloned().collect();
    Ok(Picture { unknown, ..picture })
}

fn picture(scene: &Scene, heading: Heading, subject: &Subject, options: &Options) -> Result<Picture, Refusal> {
    let layout = scene.laid_out().map_err(|_| Refusal::Tangled(heading.name.clone()))?;
    let svg = svg::svg(scene, &layout, &heading, options);
    let Heading { title, .. } = heading;
    Ok(Picture { svg, title, subject: subject.clone(), blocks: Vec::new(), unknown: Vec::new() })
}
