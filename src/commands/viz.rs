//! `ndsl viz`: a picture of a model or a schema.

use std::io::Write;
use std::path::{Path, PathBuf};

use ndsl::compiler::analyze_with;
use ndsl::compiler::diagram::{Options, Picture, Subject, Theme, draw, subjects};
use ndsl::runtime::files::write_whole;

use super::{Failure, Format, report};

/// Draw a model or a schema as SVG
///
/// A model is drawn as its layers in the order of the flow, with the shapes between them; a schema as its tables and
/// references. How to read a picture: docs/diagrams.md.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  ndsl viz model.ndsl\n  ndsl viz model.ndsl --name Digits -o digits.svg\n  ndsl viz shop.ndsl -o pictures/\n  ndsl viz model.ndsl --depth 1 --expand Encoder\n  ndsl viz model.ndsl --collapse ResidualBlock --theme dark -o - > model.svg"
)]
pub struct Arguments {
    /// The program; `-` reads it from stdin
    file: PathBuf,
    /// The model or schema that is drawn, where there are several
    #[arg(long)]
    name: Option<String>,
    /// Where the picture goes: a file, `-` for stdout, or a folder for a picture of each model and schema [default: NAME.svg]
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Blocks that are drawn closed: by name, such as `ResidualBlock`, or one use of them, such as `residual_block_1`
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    collapse: Vec<String>,
    /// Blocks that are drawn open, likewise; of a `repeat` every round
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    expand: Vec<String>,
    /// How deep blocks are open; 0 for none [default: as deep as can be read]
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// The colours; `auto` follows the viewer
    #[arg(long, value_enum, default_value_t)]
    theme: Colours,
    /// The format of the picture
    #[arg(long, value_enum, default_value_t)]
    format: PictureFormat,
    /// How faults are written
    #[arg(long, value_enum, default_value_t)]
    message_format: Format,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Colours {
    /// As the viewer has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum PictureFormat {
    /// Scalable Vector Graphics.
    #[default]
    Svg,
}

impl Arguments {
    pub fn run(self) -> Result<(), Failure> {
        let PictureFormat::Svg = self.format;
        let (source, files) = report::read_program(&self.file)?;
        let analysis = analyze_with(&source, &files);
        if analysis.has_errors() {
            return Err(Failure::program(&analysis.diagnostics, &analysis.sources, self.message_format));
        }
        let all = subjects(&analysis);
        let wanted: Vec<&Subject> = match (&self.name, all.as_slice()) {
            (Some(name), all) => {
                let found: Vec<&Subject> = all.iter().filter(|subject| subject.name == *name).collect();
                if found.is_empty() {
                    return Err(Failure::Command(format!(
                        "{} has no model or schema `{name}`; {}",
                        source.name,
                        there_is(all)
                    )));
                }
                found
            }
            (None, []) => {
                return Err(Failure::Command(format!("{} declares neither a model nor a schema to draw", source.name)));
            }
            (None, [only]) => vec![only],
            (None, several) if self.is_folder() => several.iter().collect(),
            (None, several) => {
                return Err(Failure::Command(format!(
                    "{} declares several things to draw; {}: choose one with `--name`, or give a folder with `-o` for a picture of each",
                    source.name,
                    there_is(several)
                )));
            }
        };
        let mut pictures = Vec::new();
        for subject in wanted {
            let options = Options {
                name: Some(subject.name.clone()),
                collapse: self.collapse.clone(),
                expand: self.expand.clone(),
                depth: self.depth,
                script: true,
                theme: match self.theme {
                    Colours::Auto => Theme::Auto,
                    Colours::Light => Theme::Light,
                    Colours::Dark => Theme::Dark,
                },
            };
            pictures.push(draw(&analysis, &options).map_err(|refusal| Failure::Command(refusal.to_string()))?);
        }
        // A block that is in one of several pictures is known.
        let unknown = |name: &&String| pictures.iter().all(|picture| picture.unknown.contains(name));
        if let Some(name) = self.collapse.iter().chain(&self.expand).find(unknown) {
            return Err(Failure::Command(format!("there is no block `{name}`; {}", blocks(&pictures))));
        }
        for picture in &pictures {
            self.write(picture)?;
        }
        Ok(())
    }

    /// Whether a folder is meant to hold the pictures.
    fn is_folder(&self) -> bool {
        self.out.as_deref().is_some_and(|out| out.is_dir() || out.to_string_lossy().ends_with(['/', '\\']))
    }

    fn write(&self, picture: &Picture) -> Result<(), Failure> {
        let named = format!("{}.svg", picture.subject.name);
        let path = match &self.out {
            None => PathBuf::from(named),
            Some(out) if out == Path::new("-") => {
                let written = std::io::stdout().lock().write_all(picture.svg.as_bytes());
                return written.map_err(|error| Failure::io("write", Path::new("stdout"), &error));
            }
            Some(out) if self.is_folder() => {
                std::fs::create_dir_all(out).map_err(|error| Failure::io("make", out, &error))?;
                out.join(named)
            }
            Some(out) => out.clone(),
        };
        write_whole(&path, picture.svg.as_bytes()).map_err(|error| Failure::io("write", &path, &error))?;
        eprintln!("{}: {}", path.display(), picture.title);
        Ok(())
    }
}

/// What is there instead.
fn there_is(all: &[Subject]) -> String {
    let names: Vec<String> = all.iter().map(|subject| format!("`{}`", subject.name)).collect();
    match names.split_last() {
        None => "nothing is declared that could be drawn".to_owned(),
        Some((last, [])) => format!("there is {last}"),
        Some((last, others)) => format!("there are {} and {last}", others.join(", ")),
    }
}

/// The blocks that could have been meant.
fn blocks(pictures: &[Picture]) -> String {
    let mut names: Vec<String> =
        pictures.iter().flat_map(|picture| &picture.blocks).map(|block| format!("`{}`", block.of)).collect();
    names.sort();
    names.dedup();
    match names.as_slice() {
        [] => "this picture has none".to_owned(),
        names => format!("there are {}", names.join(", ")),
    }
}
