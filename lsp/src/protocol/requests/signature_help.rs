//! `textDocument/signatureHelp`.

use tower_lsp_server::ls_types::{
    Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, SignatureHelp, SignatureInformation,
};

use crate::ide::signature_help::signature_help;
use crate::protocol::check::Snapshot;

/// What the call around a place takes.
pub fn answer(snapshot: &Snapshot, offset: usize) -> Option<SignatureHelp> {
    let help = signature_help(&snapshot.analysis, offset)?;
    let markdown = |value: String| {
        (!value.is_empty()).then_some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }))
    };
    // Labels are told apart by their UTF-16 units, whatever positions count.
    let units = |at: usize| help.label[..at].encode_utf16().count() as u32;
    let parameters = help.parameters.iter().map(|(place, docs)| ParameterInformation {
        label: ParameterLabel::LabelOffsets([units(place.start), units(place.end)]),
        documentation: markdown(docs.clone()),
    });
    // One beyond the last is none: the protocol has no other word for it.
    let active = help.active.unwrap_or(help.parameters.len()) as u32;
    let signature = SignatureInformation {
        parameters: Some(parameters.collect()),
        documentation: markdown(help.docs),
        active_parameter: Some(active),
        label: help.label.clone(),
    };
    Some(SignatureHelp { signatures: vec![signature], active_signature: Some(0), active_parameter: Some(active) })
}
