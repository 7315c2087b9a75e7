//! The page itself.

use std::fmt::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ndsl_compiler::diagram::grouped;
use ndsl_compiler::ir::Graph;
use ndsl_compiler::plan::Task;

use super::confusion::confusion;
use super::curves::curves;
use super::examples::examples;
use super::judged::{Judged, number};
use super::scatter::scatter;
use crate::data::Dataset;
use crate::model::Metadata;
use crate::train::{History, Warning};

/// What a page shows.
pub struct Report<'a> {
    /// What is known about the model.
    pub metadata: &'a Metadata,
    /// Every epoch.
    pub history: &'a History,
    /// What it makes of rows, and which these are: `held-out rows`.
    pub judged: Option<(&'a Judged, &'a str)>,
    /// The graph and the rows that was judged by.
    pub rows: Option<(&'a Graph, &'a Dataset)>,
    /// The picture of the model, an `svg` element.
    pub diagram: Option<&'a str>,
    /// The program.
    pub program: &'a str,
}

impl Report<'_> {
    /// The page: HTML that loads nothing.
    pub fn html(&self) -> String {
        let Self { metadata, history, judged, rows, diagram, program } = *self;
        let title = format!("{} – {}", metadata.train, metadata.model);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) }
                    style { (PreEscaped(include_str!("page.css"))) }
                }
                body {
                    header {
                        h1 { (metadata.train) }
                        p.note { "A training of " code { (metadata.model) } " on " code { (metadata.dataset.name) } ", by ndsl " (metadata.ndsl) }
                    }
                    main {
                        (self.figures())
                        section {
                            h2 { "How it went" }
                            (curves(history))
                        }
                        @if !history.warnings.is_empty() {
                            section {
                                h2 { "What was noticed on the way" }
                                (warnings(&history.warnings))
                            }
                        }
                        @if let Some((judged, which)) = judged {
                            @if let Some(found) = &judged.confusion {
                                section {
                                    h2 { "What it takes for what" }
                                    p.note { (counted(judged.rows)) " " (which) ", with the weights that were kept." }
                                    (confusion(&found.names(metadata.classes.as_deref()), found))
                                }
                            }
                            @if metadata.task == Task::Regression && !judged.points.is_empty() {
                                section {
                                    h2 { "Answers beside the right numbers" }
                                    p.note { (counted(judged.points.len())) " points of " (counted(judged.rows)) " " (which) ", with the weights that were kept." }
                                    (scatter(&judged.points))
                                }
                            }
                            @if let Some((graph, data)) = rows.filter(|_| !judged.worst.is_empty()) {
                                section {
                                    h2 { "Where it is most wrong" }
                                    p.note { "Of these rows, those with the largest loss. A wrong label shows here first." }
                                    (examples(judged, metadata, graph, data))
                                }
                            }
                        }
                        @if let Some(diagram) = diagram {
                            section {
                                h2 { "The model" }
                                details open[diagram.len() < 60_000] {
                                    summary { (counted(metadata.parameters)) " parameters, drawn" }
                                    div.diagram { (PreEscaped(diagram)) }
                                }
                            }
                        }
                        section {
                            h2 { "What ran" }
                            (self.settings())
                            details { summary { "The program" } pre { code { (program) } } }
                        }
                    }
                }
            }
        };
        page.into_string()
    }

    /// The numbers one looks for first.
    fn figures(&self) -> Markup {
        let Self { metadata, history, .. } = self;
        let best = history.epochs.iter().find(|epoch| epoch.epoch == metadata.best_epoch);
        let measured = best.map(|epoch| match &epoch.validation {
            Some(measures) => (measures, "held-out rows"),
            None => (&epoch.training, "training rows"),
        });
        let seconds: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
        html! {
            div.figures {
                @if let Some((measures, which)) = measured {
                    @for (name, value) in &measures.metrics { (figure(&number(*value), &format!("{name}, {which}"))) }
                    (figure(&number(measures.loss), &format!("loss, {which}")))
                }
                (figure(&format!("{} of {}", metadata.best_epoch, history.epochs.len()), "epoch that was kept"))
                (figure(&duration(seconds), "of training"))
                (figure(&counted(metadata.parameters), "parameters"))
                (figure(&counted(metadata.dataset.rows), "rows"))
            }
        }
    }

    fn settings(&self) -> Markup {
        let settings = &self.metadata.settings;
        let mut rows = vec![
            ("loss", settings.loss.clone()),
            ("optimizer", settings.optimizer.to_string()),
            ("schedule", settings.schedule.to_string()),
            ("epochs", settings.epochs.to_string()),
            ("batch size", settings.batch_size.to_string()),
            ("seed", settings.seed.to_string()),
            ("monitor", self.history.monitor.clone()),
        ];
        let held_out = self.metadata.validation();
        rows.insert(5, ("held out", held_out.to_string()));
        let environment = self.metadata.environment.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let hashes = [("data", &self.metadata.dataset.sha256), ("weights", &self.metadata.weights_sha256)];
        let hashes = hashes.into_iter().filter(|(_, hash)| !hash.is_empty()).map(|(name, hash)| (name, hash.clone()));
        html! {
            table.plain.settings {
                @for (name, value) in rows.into_iter().chain(environment).filter(|(_, value)| !value.is_empty()) {
                    tr { th scope="row" { (name) } td { (value) } }
                }
                @for (name, hash) in hashes { tr { th scope="row" { "SHA-256 of the " (name) } td { code { (hash) } } } }
            }
        }
    }
}

/// What training warned of.
fn warnings(warnings: &[Warning]) -> Markup {
    html! {
        @for warning in warnings {
            p {
                strong { (warning.message) } " – "
                span.note { "epoch " (warning.epoch) ", step " (warning.step) ": " (warning.measured) " (" (warning.code) ")" }
            }
            @for help in &warning.help { p.note { (help) } }
        }
    }
}

/// A number with what it is.
pub(super) fn figure(value: &str, label: &str) -> Markup {
    html! { div.figure { div.value { (value) } div.note { (label) } } }
}

/// A count with its thousands apart.
fn counted(count: usize) -> String {
    grouped(count as u64)
}

fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    let mut text = String::new();
    let written = match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, _) => write!(text, "{seconds:.1} s"),
        (0, minutes, seconds) => write!(text, "{minutes} min {seconds:02} s"),
        (hours, minutes, _) => write!(text, "{hours} h {minutes:02} min"),
    };
    // Writing to a text does not fail.
    let _ = written;
    text
}
