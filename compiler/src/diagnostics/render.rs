//! Diagnostics for people: the source with the places underlined.

use ariadne::{CharSet, Color, Config, IndexType, Label as Underline, LabelAttach, Report, ReportKind};

use super::{Diagnostic, Severity};
use crate::source::Source;

/// How diagnostics are shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether colours are used: on a terminal, unless `NO_COLOR` is set.
    pub colour: bool,
}

/// A text of at most so many lines is underlined; a longer place is shown by its first line.
const MAX_LABEL_LINES: usize = 6;

/// The diagnostic with its source, ending in a newline.
pub fn render(diagnostic: &Diagnostic, source: &Source, style: Style) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => ReportKind::Custom("error", Color::Red),
        Severity::Warning => ReportKind::Custom("warning", Color::Yellow),
        Severity::Note => ReportKind::Custom("note", Color::Cyan),
    };
    let colour = match diagnostic.severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Cyan,
    };
    let name = source.name.as_str();
    let range = |span| (name, visible(source, span));
    let config = Config::default()
        .with_color(style.colour)
        .with_char_set(CharSet::Unicode)
        .with_index_type(IndexType::Byte)
        .with_label_attach(LabelAttach::Start)
        .with_compact(false);
    let mut report = Report::build(kind, range(diagnostic.label.span))
        .with_config(config)
        .with_code(diagnostic.code.as_str())
        .with_message(&diagnostic.message);
    // In the order of the text: the renderer starts a new excerpt at each label that stands before the last.
    let mut labels: Vec<_> = diagnostic.related.iter().map(|label| (label, Color::Blue)).collect();
    labels.push((&diagnostic.label, colour));
    labels.sort_by_key(|(label, _)| label.span.start);
    for (label, colour) in labels {
        let underline = Underline::new(range(label.span)).with_color(colour);
        report = report.with_label(match label.text.is_empty() {
            true => underline,
            false => underline.with_message(&label.text),
        });
    }
    for help in &diagnostic.help {
        report = report.with_note(help);
    }
    for fix in &diagnostic.fixes {
        let edits: Vec<String> = fix.edits.iter().map(|edit| edit.text.trim().to_owned()).collect();
        let shown = match edits.as_slice() {
            [text] if !text.is_empty() && !fix.title.contains(text.as_str()) && !text.contains('\n') => {
                format!("{}: `{text}`", fix.title)
            }
            _ => fix.title.clone(),
        };
        report = report.with_help(shown);
    }
    let mut out = Vec::new();
    let cache = (name, ariadne::Source::from(source.text.as_ref()));
    match report.finish().write(cache, &mut out) {
        Ok(()) if style.colour => String::from_utf8_lossy(&out).into_owned(),
        Ok(()) => without_escapes(&String::from_utf8_lossy(&out)),
        // Writing to memory does not fail; the plain form loses nothing but the picture.
        Err(_) => concise(diagnostic, source) + "\n",
    }
}

/// `file:line:column: severity[code]: message` on one line.
pub fn concise(diagnostic: &Diagnostic, source: &Source) -> String {
    let at = source.position(diagnostic.label.span.start as usize);
    format!(
        "{}:{}:{}: {}[{}]: {}",
        source.name,
        at.line,
        at.column,
        diagnostic.severity.word(),
        diagnostic.code.as_str(),
        diagnostic.message
    )
}

/// The text without the escapes that colour it: the renderer colours the word `error` whatever it is told.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at..];
        rest = sequence.find('m').map_or("", |end| &sequence[end + 1..]);
    }
    plain + rest
}

/// The bytes to underline: an empty place is shown by the character after it, a long one by its first line.
fn visible(source: &Source, span: ndsl_grammar::Span) -> std::ops::Range<usize> {
    let range = span.start as usize..(span.end as usize).min(source.text.len());
    let (first, last) = (source.line_of(range.start), source.line_of(range.end));
    if last - first >= MAX_LABEL_LINES {
        return range.start..source.line_range(first).end.max(range.start);
    }
    range
}
