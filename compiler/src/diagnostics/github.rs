//! Diagnostics as GitHub's workflow commands: a line each, which GitHub shows beside the line of the program.

use std::fmt::Write;

use super::{Diagnostic, Severity};
use crate::sources::Texts;

/// The diagnostic as a workflow command, without a line's end. Columns count characters, as those of the other forms for
/// people; a place of several lines has none, since GitHub takes none there.
pub fn github(diagnostic: &Diagnostic, texts: &dyn Texts) -> String {
    let span = diagnostic.label.span;
    let source = texts.source(span.file);
    let (start, end) = (source.position(span.start as usize), source.position(span.end as usize));
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut out = format!("::{command} file={},line={},endLine={}", property(&source.name), start.line, end.line);
    if start.line == end.line {
        let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
    }
    let title = format!("{} {}", diagnostic.code.as_str(), diagnostic.code.title());
    let _ = write!(out, ",title={}::{}", property(&title), data(&said(diagnostic, texts)));
    out
}

/// Everything there is to say, a line each: an annotation shows no other places and offers no fixes.
fn said(diagnostic: &Diagnostic, texts: &dyn Texts) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(Some(&diagnostic.label.text).filter(|text| !text.is_empty()).cloned());
    for label in &diagnostic.related {
        let source = texts.source(label.span.file);
        let at = source.position(label.span.start as usize);
        lines.push(format!("{}:{}:{}: {}", source.name, at.line, at.column, label.text));
    }
    lines.extend(diagnostic.help.iter().map(|help| format!("note: {help}")));
    lines.extend(diagnostic.fixes.iter().map(|fix| format!("help: {}", fix.title)));
    lines.join("\n")
}

/// A message, with what would end it written as GitHub reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before the message, which a `:` or a `,` would end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Code;
    use crate::source::Source;

    #[test]
    fn what_would_end_a_command_or_a_value_is_escaped() {
        let source = Source::new("a:b,c%\n.ndsl", "x");
        let span = ndsl_grammar::Span::new(source.file, 0..1);
        let mut fault = Diagnostic::new(Code::UnknownName, span, "").label("here, there");
        fault.message = "100% :: a,b\r\nc".to_owned();
        let line = github(&fault, &source);
        assert!(line.starts_with("::error file=a%3Ab%2Cc%25%0A.ndsl,line=1,endLine=1,col=1,endColumn=2,title=E0201 "));
        assert!(line.ends_with("::100%25 :: a,b%0D%0Ac%0Ahere, there"), "{line}");
        assert!(!line.contains('\n'));
    }
}
