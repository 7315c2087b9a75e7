//! `textDocument/diagnostic` and `workspace/diagnostic`: what is wrong, for editors that ask for it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tower_lsp_server::ls_types::{
    Diagnostic, DocumentDiagnosticReport, DocumentDiagnosticReportResult, FullDocumentDiagnosticReport,
    PreviousResultId, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, WorkspaceDiagnosticReport, WorkspaceDiagnosticReportResult,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use crate::ide;
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::workspace::Survey;

/// What is wrong with a document, unless that is what `previous` said.
pub fn of_document(snapshot: &Snapshot, previous: Option<&str>) -> DocumentDiagnosticReportResult {
    let (result_id, items) = found(snapshot);
    let report = match previous == Some(result_id.as_str()) {
        true => DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        }),
        false => DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id), items },
        }),
    };
    DocumentDiagnosticReportResult::Report(report)
}

/// What is wrong with every program of the project, but for what was said before.
pub fn of_project(survey: &Survey, previous: Vec<PreviousResultId>) -> WorkspaceDiagnosticReportResult {
    let mut known: HashMap<_, _> = previous.into_iter().map(|known| (known.uri, known.value)).collect();
    let mut items = Vec::new();
    for program in survey.programs(None, |_| true) {
        let (uri, version) = (program.moment.uri.clone(), program.moment.version.map(i64::from));
        let (result_id, found) = found(&program);
        let before = known.remove(&uri);
        items.push(match before.as_ref() == Some(&result_id) {
            true => WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
            }),
            false => WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(result_id),
                    items: found,
                },
            }),
        });
    }
    // A file that is gone has nothing wrong any more.
    items.extend(known.into_keys().map(|uri| {
        WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
            uri,
            version: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: None, items: Vec::new() },
        })
    }));
    WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items })
}

/// Whether a report says anything that whoever asked did not know.
pub fn has_news(report: &WorkspaceDiagnosticReportResult) -> bool {
    let WorkspaceDiagnosticReportResult::Report(report) = report else { return true };
    report.items.iter().any(|item| matches!(item, WorkspaceDocumentDiagnosticReport::Full(_)))
}

/// What is wrong with a text, and a name for just that.
fn found(snapshot: &Snapshot) -> (String, Vec<Diagnostic>) {
    let shown = ide::diagnostics(&snapshot.analysis);
    let items: Vec<Diagnostic> = shown.iter().map(|shown| convert::diagnostic(shown, snapshot)).collect();
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(&items).unwrap_or_default().hash(&mut hasher);
    (format!("{:016x}", hasher.finish()), items)
}
