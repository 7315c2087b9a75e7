//! What an editor shows above a declaration: how large a model is, and what can be done with it, a training or a schema.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_compiler::check::{ModelInstance, declared_name};
use ndsl_compiler::ir::cost;
use ndsl_grammar::Span;
use ndsl_grammar::ast::DeclarationKind;

/// What a lens does when it is clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing: it says something.
    None,
    /// Trains the training of that name.
    Train(String),
    /// Searches for what the training of that name leaves open.
    Tune(String),
    /// Compiles the model of that name.
    Compile(String),
    /// Shows some rows of the schema of that name.
    Preview(String),
    /// Makes rows of the schema of that name.
    Generate(String),
}

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name of what is declared.
    pub range: Range<usize>,
    /// What it says.
    pub title: String,
    /// What it does.
    pub action: Action,
}

/// The lenses of the given text, in their order.
pub fn lenses(analysis: &Analysis) -> Vec<Lens> {
    let mut lenses = Vec::new();
    let sound = !analysis.has_errors();
    for declaration in &analysis.file.declarations {
        let Some(name) = declared_name(declaration) else { continue };
        let mut add = |title: String, action| lenses.push(Lens { range: name.span.range(), title, action });
        match &declaration.kind {
            DeclarationKind::Model(_) => {
                let instance = analysis.models().iter().find(|model| model.span == name.span);
                let Some(instance) = instance.filter(|model| model.complete) else { continue };
                add(size(instance), Action::None);
                if sound {
                    add("Compile".to_owned(), Action::Compile(name.text.clone()));
                }
            }
            DeclarationKind::Train { .. } => {
                let train = analysis.trains().iter().find(|train| train.span == name.span);
                // What this version checks and cannot carry out would only be refused.
                let Some(train) = train.filter(|train| train.refusals.is_empty() && sound) else { continue };
                match train.space {
                    None => add("Train".to_owned(), Action::Train(name.text.clone())),
                    Some(_) => add("Tune".to_owned(), Action::Tune(name.text.clone())),
                }
            }
            DeclarationKind::Schema(_) if sound && has_tables(analysis, name.span) => {
                add("Preview".to_owned(), Action::Preview(name.text.clone()));
                add("Generate".to_owned(), Action::Generate(name.text.clone()));
            }
            _ => {}
        }
    }
    lenses
}

/// Whether the schema whose name stands there has tables, of which rows can be made.
fn has_tables(analysis: &Analysis, name: Span) -> bool {
    analysis.schemas().schemas.iter().any(|schema| schema.span == name && !schema.tables.is_empty())
}

/// `25.6 M parameters · 7.7 GFLOPs a row`
fn size(model: &ModelInstance) -> String {
    let graph = &model.graph;
    let (parameters, _) = graph.parameter_counts();
    let noun = if parameters == 1 { "parameter" } else { "parameters" };
    let parameters = format!("{} {noun}", short(parameters as u64).trim_end());
    match cost::sum(graph.nodes.iter().map(|node| cost::flops(graph, node))) {
        Some(flops) => format!("{parameters} · {}FLOPs a row", short(flops)),
        None => parameters,
    }
}

/// `25.6 M`, `7.7 G`, `570 `
fn short(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["", "k", "M", "G", "T"] {
        if size < 1000.0 {
            return if unit.is_empty() { format!("{count} ") } else { format!("{size:.1} {unit}") };
        }
        size /= 1000.0;
    }
    format!("{size:.1} P")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn counts_are_short() {
        assert_eq!(short(0), "0 ");
        assert_eq!(short(999), "999 ");
        assert_eq!(short(25_557_032), "25.6 M");
        assert_eq!(short(7_700_000_000), "7.7 G");
        assert_eq!(short(u64::MAX), "18446.7 P");
    }
}
