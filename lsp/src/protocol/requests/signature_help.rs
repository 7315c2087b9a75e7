//! `textDocument/signatureHelp`.

use tower_lsp_server::ls_types::{ParameterInformation, ParameterLabel, SignatureHelp, SignatureInformation};

use crate::ide::signature_help::signature_help;
use crate::protocol::check::Snapshot;
use crate::protocol::convert;

/// What the call around a place takes.
pub fn answer(snapshot: &Snapshot, offset: usize) -> Option<SignatureHelp> {
    let help = signature_help(&snapshot.analysis, offset)?;
    let markdown = snapshot.moment.client.markdown_signatures;
    let said = |docs: String| (!docs.is_empty()).then(|| convert::documentation(docs, markdown));
    // Labels are told apart by their UTF-16 units, whatever positions count.
    let units = |at: usize| help.label[..at].encode_utf16().count() as u32;
    let places = snapshot.moment.client.places_parameters;
    let parameters = help.parameters.iter().map(|(place, docs)| ParameterInformation {
        label: match places {
            true => ParameterLabel::LabelOffsets([units(place.start), units(place.end)]),
            false => ParameterLabel::Simple(help.label[place.clone()].to_owned()),
        },
        documentation: said(docs.clone()),
    });
    // One beyond the last is none: the protocol has no other word for it.
    let active = help.active.unwrap_or(help.parameters.len()) as u32;
    let signature = SignatureInformation {
        parameters: Some(parameters.collect()),
        documentation: said(help.docs),
        active_parameter: Some(active),
        label: help.label.clone(),
    };
    Some(SignatureHelp { signatures: vec![signature], active_signature: Some(0), active_parameter: Some(active) })
}
