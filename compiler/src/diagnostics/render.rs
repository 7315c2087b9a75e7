//! Diagnostics for people: the source with the places underlined.

use std::collections::BTreeMap;
use std::ops::Range;

use ariadne::{CharSet, Color, Config, IndexType, Label as Underline, LabelAttach, Report, ReportKind};
use ndsl_grammar::FileId;

use super::excerpt::{Excerpt, printable};
use super::{Diagnostic, Fix, Label, Severity};
use crate::source::Source;
use crate::sources::Texts;

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

/// The diagnostic with its sources, ending in a newline.
pub fn render(diagnostic: &Diagnostic, texts: &dyn Texts, style: Style) -> String {
    let (kind, colour) = match diagnostic.severity {
        Severity::Error => ("error", Color::Red),
        Severity::Warning => ("warning", Color::Yellow),
        Severity::Note => ("note", Color::Cyan),
    };
    let source = |label: &Label| texts.source(label.span.file);
    let line = |label: &Label| source(label).line_of(label.span.start as usize);
    // One excerpt is shown of each file: around the fault, or around the first place in another.
    let mut middles = BTreeMap::from([(diagnostic.label.span.file, line(&diagnostic.label))]);
    let mut labels = vec![(&diagnostic.label, colour)];
    let mut far = Vec::new();
    for label in &diagnostic.related {
        let middle = *middles.entry(label.span.file).or_insert_with(|| line(label));
        match line(label).abs_diff(middle) <= MAX_APART {
            true => labels.push((label, Color::Blue)),
            false => far.push(label),
        }
    }
    // The fault's own file first, each in the order of its text: the renderer starts a new excerpt at each label that
    // stands before the last.
    let own = diagnostic.label.span.file;
    labels.sort_by_key(|(label, _)| (label.span.file != own, label.span.file, label.span.start));
    let places: Vec<Range<usize>> = labels.iter().map(|(label, _)| visible(source(label), label.span)).collect();
    let mut pictures = Pictures { texts, excerpts: BTreeMap::new(), drawn: BTreeMap::new() };
    for file in middles.into_keys() {
        let own =
            |(label, place): (&(&Label, Color), &Range<usize>)| (label.0.span.file == file).then(|| place.clone());
        let own: Vec<Range<usize>> = labels.iter().zip(&places).filter_map(own).collect();
        let source = texts.source(file);
        let excerpt = Excerpt::new(source, &own);
        if excerpt.lines.clone().any(|line| source.line_range(line).len() > MAX_LINE) {
            return plain(diagnostic, texts);
        }
        pictures.drawn.insert(file, ariadne::Source::from(excerpt.text.clone()));
        pictures.excerpts.insert(file, excerpt);
    }

    let range = |file: FileId, place: &Range<usize>| (file, pictures.excerpts[&file].shift(place));
    let config = Config::default()
        .with_color(style.colour)
        .with_char_set(CharSet::Unicode)
        .with_index_type(IndexType::Byte)
        .with_label_attach(LabelAttach::Start)
        .with_compact(false);
    let fault = diagnostic.label.span;
    let at = range(fault.file, &visible(texts.source(fault.file), fault));
    let mut report = Report::build(ReportKind::Custom(kind, colour), at)
        .with_config(config)
        .with_code(diagnostic.code.as_str())
        .with_message(printable(&diagnostic.message));
    for ((label, colour), place) in labels.into_iter().zip(&places) {
        let underline = Underline::new(range(label.span.file, place)).with_color(colour);
        report = report.with_label(match label.text.is_empty() {
            true => underline,
            false => underline.with_message(printable(&label.text)),
        });
    }
    for label in far {
        report = report.with_note(printable(&named(label, texts)));
    }
    for help in &diagnostic.help {
        report = report.with_note(printable(help));
    }
    for fix in &diagnostic.fixes {
        report = report.with_help(printable(&suggestion(fix, &diagnostic.help)));
    }
    let mut out = Vec::new();
    match report.finish().write(pictures, &mut out) {
        Ok(()) if style.colour => String::from_utf8_lossy(&out).into_owned(),
        Ok(()) => without_escapes(&String::from_utf8_lossy(&out)),
        // Writing to memory does not fail.
        Err(_) => plain(diagnostic, texts),
    }
}

/// What is drawn of each file.
struct Pictures<'t> {
    texts: &'t dyn Texts,
    excerpts: BTreeMap<FileId, Excerpt>,
    drawn: BTreeMap<FileId, ariadne::Source<String>>,
}

impl ariadne::Cache<FileId> for Pictures<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&ariadne::Source<String>, impl std::fmt::Debug> {
        self.drawn.get(id).ok_or("a file without an excerpt")
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl std::fmt::Display + 'a> {
        Some(printable(&self.texts.source(*id).name).into_owned())
    }
}

/// The diagnostic without a picture, which loses nothing else.
fn plain(diagnostic: &Diagnostic, texts: &dyn Texts) -> String {
    let mut out = concise(diagnostic, texts);
    let mut line = |text: &str| {
        out += "\n    ";
        out += &printable(text);
    };
    if !diagnostic.label.text.is_empty() {
        line(&diagnostic.label.text);
    }
    diagnostic.related.iter().for_each(|label| line(&named(label, texts)));
    diagnostic.help.iter().for_each(|help| line(&format!("note: {help}")));
    diagnostic.fixes.iter().for_each(|fix| line(&format!("help: {}", suggestion(fix, &diagnostic.help))));
    out + "\n"
}

/// A place without a picture: its phrase and where it is.
fn named(label: &Label, texts: &dyn Texts) -> String {
    let source = texts.source(label.span.file);
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
pub fn concise(diagnostic: &Diagnostic, texts: &dyn Texts) -> String {
    let source = texts.source(diagnostic.label.span.file);
    let at = source.position(diagnostic.label.span.start as usize);
    format!(
        "{}:{}:{}: {}[{}]: {}",
        printable(&source.name),
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
