//! Diagnostics for people: the source with the places underlined.

use std::ops::Range;

use ariadne::{CharSet, Color, Config, IndexType, Label as Underline, LabelAttach, Report, ReportKind};

use super::excerpt::{Excerpt, printable};
use super::{Diagnostic, Fix, Label, Severity};
use crate::source::Source;

/// How diagnostics are shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether colours are used: on a terminal, unless `NO_COLOR` is set.
    pub colour: bool,
}

/// A text of at most so many lines is underlined; a longer place is shown by its first line.
const MAX_LABEL_LINES: usize = 6;

/// A place so many lines away from the fault is named, not shown: an excerpt that spans them would take too long to make.
const MAX_APART: usize = 1000;

/// Lines of more bytes are not shown: no screen holds them.
const MAX_LINE: usize = 1000;

/// The diagnostic with its source, ending in a newline.
pub fn render(diagnostic: &Diagnostic, source: &Source, style: Style) -> String {
    let (kind, colour) = match diagnostic.severity {
        Severity::Error => ("error", Color::Red),
        Severity::Warning => ("warning", Color::Yellow),
        Severity::Note => ("note", Color::Cyan),
    };
    let line = |label: &Label| source.line_of(label.span.start as usize);
    let (near, far): (Vec<&Label>, Vec<&Label>) =
        diagnostic.related.iter().partition(|label| line(label).abs_diff(line(&diagnostic.label)) <= MAX_APART);
    // In the order of the text: the renderer starts a new excerpt at each label that stands before the last.
    let mut labels: Vec<_> = near.into_iter().map(|label| (label, Color::Blue)).collect();
    labels.push((&diagnostic.label, colour));
    labels.sort_by_key(|(label, _)| label.span.start);
    let places: Vec<Range<usize>> = labels.iter().map(|(label, _)| visible(source, label.span)).collect();
    let excerpt = Excerpt::new(source, &places);
    if excerpt.lines.clone().any(|line| source.line_range(line).len() > MAX_LINE) {
        return plain(diagnostic, source);
    }

    let name = source.name.as_str();
    let range = |place: &Range<usize>| (name, excerpt.shift(place));
    let config = Config::default()
        .with_color(style.colour)
        .with_char_set(CharSet::Unicode)
        .with_index_type(IndexType::Byte)
        .with_label_attach(LabelAttach::Start)
        .with_compact(false);
    let mut report = Report::build(ReportKind::Custom(kind, colour), range(&visible(source, diagnostic.label.span)))
        .with_config(config)
        .with_code(diagnostic.code.as_str())
        .with_message(printable(&diagnostic.message));
    for ((label, colour), place) in labels.into_iter().zip(&places) {
        let underline = Underline::new(range(place)).with_color(colour);
        report = report.with_label(match label.text.is_empty() {
            true => underline,
            false => underline.with_message(printable(&label.text)),
        });
    }
    for label in far {
        report = report.with_note(printable(&named(label, source)));
    }
    for help in &diagnostic.help {
        report = report.with_note(printable(help));
    }
    for fix in &diagnostic.fixes {
        report = report.with_help(printable(&suggestion(fix, &diagnostic.help)));
    }
    let mut out = Vec::new();
    let cache = (name, ariadne::Source::from(excerpt.text));
    match report.finish().write(cache, &mut out) {
        Ok(()) if style.colour => String::from_utf8_lossy(&out).into_owned(),
        Ok(()) => without_escapes(&String::from_utf8_lossy(&out)),
        // Writing to memory does not fail.
        Err(_) => plain(diagnostic, source),
    }
}

/// The diagnostic without a picture, which loses nothing else.
fn plain(diagnostic: &Diagnostic, source: &Source) -> String {
    let mut out = concise(diagnostic, source);
    let mut line = |text: &str| {
        out += "\n    ";
        out += &printable(text);
    };
    if !diagnostic.label.text.is_empty() {
        line(&diagnostic.label.text);
    }
    diagnostic.related.iter().for_each(|label| line(&named(label, source)));
    diagnostic.help.iter().for_each(|help| line(&format!("note: {help}")));
    diagnostic.fixes.iter().for_each(|fix| line(&format!("help: {}", suggestion(fix, &diagnostic.help))));
    out + "\n"
}

/// A place without a picture: its phrase and where it is.
fn named(label: &Label, source: &Source) -> String {
    let at = source.position(label.span.start as usize);
    format!("{} ({}:{}:{})", label.text, source.name, at.line, at.column)
}

/// What a fix does, with the text it writes unless that has been said.
fn suggestion(fix: &Fix, help: &[String]) -> String {
    let [edit] = fix.edits.as_slice() else { return fix.title.clone() };
    let text = edit.text.trim();
    let bare = text.trim_start_matches([',', ';', ' ']);
    let said = fix.title.contains(bare) || help.iter().any(|help| help.contains(bare));
    match said || text.contains('\n') {
        true => fix.title.clone(),
        false => format!("{}: `{text}`", fix.title),
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
        printable(&diagnostic.message)
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
fn visible(source: &Source, span: ndsl_grammar::Span) -> Range<usize> {
    let range = span.start as usize..(span.end as usize).min(source.text.len());
    let (first, last) = (source.line_of(range.start), source.line_of(range.end));
    if last - first >= MAX_LABEL_LINES {
        return range.start..source.line_range(first).end.max(range.start);
    }
    range
}
