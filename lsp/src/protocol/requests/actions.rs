//! `textDocument/codeAction`: what mends a fault, and what says the same otherwise.

use std::collections::HashMap;
use std::ops::Range;

use tower_lsp_server::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand};

use crate::ide;
use crate::ide::actions::{Kind, actions};
use crate::protocol::check::Snapshot;
use crate::protocol::convert;
use crate::protocol::workspace::Overlay;

/// The kinds that are offered.
pub const KINDS: [CodeActionKind; 4] = [
    CodeActionKind::QUICKFIX,
    CodeActionKind::REFACTOR_EXTRACT,
    CodeActionKind::REFACTOR_INLINE,
    CodeActionKind::REFACTOR_REWRITE,
];

/// What is offered for a range, of the kinds in `only` where there are some.
pub fn answer(snapshot: &Snapshot, range: &Range<usize>, only: Option<&[CodeActionKind]>) -> Vec<CodeActionOrCommand> {
    let wants = |kind: &CodeActionKind| {
        only.is_none_or(|only| only.iter().any(|wanted| is_within(kind.as_str(), wanted.as_str())))
    };
    let mut offered: Vec<CodeAction> = Vec::new();
    if wants(&CodeActionKind::QUICKFIX) {
        let fixes = ide::fixes(&snapshot.analysis, range);
        offered.extend(fixes.iter().map(|fix| convert::quick_fix(fix, snapshot)));
    }
    if KINDS[1..].iter().any(&wants) {
        let source = &snapshot.analysis.source;
        let check = |text: String| {
            let texts = HashMap::from([(source.path.to_string(), text.into())]);
            Overlay { project: &snapshot.project, texts }.analyze(source)
        };
        let found = actions(&snapshot.analysis, range, &check).into_iter();
        offered.extend(found.map(|action| shown(&action, snapshot)).filter(|it| it.kind.as_ref().is_some_and(&wants)));
    }
    offered.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

fn shown(action: &ide::actions::Action, snapshot: &Snapshot) -> CodeAction {
    CodeAction {
        title: action.title.clone(),
        kind: Some(match action.kind {
            Kind::Extract => CodeActionKind::REFACTOR_EXTRACT,
            Kind::Inline => CodeActionKind::REFACTOR_INLINE,
            Kind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
        }),
        edit: Some(convert::workspace_edit([(snapshot, action.changes.as_slice())])),
        ..CodeAction::default()
    }
}

/// Whether a kind is another or one of its parts: `refactor` has `refactor.extract` in it, and the empty one has all.
fn is_within(kind: &str, wanted: &str) -> bool {
    wanted.is_empty() || kind == wanted || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn a_kind_holds_its_parts() {
        assert!(is_within("refactor.extract", "refactor") && is_within("quickfix", "quickfix"));
        assert!(is_within("quickfix", "") && !is_within("refactor.extract", "refactor.ex"));
        assert!(!is_within("refactor", "refactor.extract") && !is_within("quickfix", "source"));
    }
}
