//! What a selection grows to, from the word under the caret to the whole file.

use std::ops::Range;

use ndsl_compiler::Analysis;
use ndsl_grammar::lex;

use super::nodes;

/// The ranges around `offset`, each holding the one before, the smallest first.
pub fn selection(analysis: &Analysis, offset: usize) -> Vec<Range<usize>> {
    let text = &*analysis.source.text;
    let offset = text.floor_char_boundary(offset);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    if text.len() <= ndsl_grammar::MAX_SOURCE_BYTES {
        let tokens = lex(text);
        // A caret between two tokens is on the one behind it.
        let next = tokens.partition_point(|token| token.range().end < offset);
        let token = tokens[next..].iter().take_while(|token| token.range().start <= offset).last();
        ranges.extend(token.map(|token| token.range()));
    }
    for node in nodes::around(&analysis.file, offset) {
        let range = node.span().range();
        if matches!(node, nodes::Node::Body(_) | nodes::Node::Record(_) | nodes::Node::Brackets(_)) {
            ranges.extend(inside(text, &range, offset));
        }
        if let nodes::Node::Declaration(declaration) = node {
            ranges.extend(with_docs(text, &range, declaration.docs.is_some()));
        }
        ranges.push(range);
    }
    ranges.push(line(text, offset));
    ranges.push(0..text.len());
    ranges.retain(|range| range.start <= offset && offset <= range.end && range.end <= text.len());
    ranges.sort_by_key(|range| range.len());
    ranges.dedup();
    // What crosses another is left out, so that each holds the one before.
    let mut grown: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        if grown.last().is_none_or(|last| range.start <= last.start && last.end <= range.end) {
            grown.push(range);
        }
    }
    grown
}

/// What stands between two brackets, the spaces at its ends left out.
fn inside(text: &str, brackets: &Range<usize>, offset: usize) -> Option<Range<usize>> {
    let content = text.get(brackets.start + 1..brackets.end.checked_sub(1)?)?;
    let start = brackets.start + 1 + (content.len() - content.trim_start().len());
    let range = start..start + content.trim().len();
    (range.start <= offset && offset <= range.end && !range.is_empty()).then_some(range)
}

/// A declaration with the doc comment above it.
fn with_docs(text: &str, declaration: &Range<usize>, has_docs: bool) -> Option<Range<usize>> {
    if !has_docs {
        return None;
    }
    let mut start = declaration.start;
    loop {
        let above = text[..start].trim_end();
        let begin = above.rfind('\n').map_or(0, |at| at + 1);
        match above[begin..].trim_start().starts_with("///") {
            true => start = begin + (above[begin..].len() - above[begin..].trim_start().len()),
            false => return (start < declaration.start).then_some(start..declaration.end),
        }
    }
}

/// The line without the spaces around it.
fn line(text: &str, offset: usize) -> Range<usize> {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let line = &text[start..end];
    let indent = line.len() - line.trim_start().len();
    start + indent..start + indent + line.trim().len()
}
