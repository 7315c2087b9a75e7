//! Changes that lay a text out in the one way there is.

use std::ops::Range;

use similar::{ChangeTag, TextDiff};

/// A change of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is replaced.
    pub range: Range<usize>,
    /// What takes its place.
    pub text: String,
}

/// Why a text is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// How wide one level of a body stands in.
const LEVEL: &str = "    ";

/// The changes that lay out the whole of a text, line by line; none where it is laid out already.
///
/// # Errors
/// When the form of the text is broken: what it means is not known, so it is left alone.
pub fn format(text: &str) -> Result<Vec<Change>, Refusal> {
    let formatted = ndsl_grammar::format(text).map_err(|faults| {
        let first = faults.first().map_or("", |fault| &*fault.message);
        match faults.len() {
            1 => Refusal(format!("the file is not formatted while it has an error: {first}")),
            count => Refusal(format!("the file is not formatted while it has {count} errors; the first: {first}")),
        }
    })?;
    Ok(changes(text, &formatted))
}

/// The same for what lies within `range`, whole lines of it.
///
/// # Errors
/// When the form of the text is broken.
pub fn format_range(text: &str, range: &Range<usize>) -> Result<Vec<Change>, Refusal> {
    let mut all = format(text)?;
    all.retain(|change| change.range.start <= range.end && range.start <= change.range.end);
    Ok(all)
}

/// What typing a character changes: behind `}` the lines of what it closes, behind a line's end how far the next line
/// stands in. A broken text keeps its lines; the new one still stands where it belongs.
pub fn format_typed(text: &str, offset: usize, typed: char) -> Vec<Change> {
    let offset = text.floor_char_boundary(offset);
    match typed {
        '}' => {
            let Some(start) = opened_at(text, offset) else { return Vec::new() };
            let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
            let mut changes = format_range(text, &(line..offset)).unwrap_or_default();
            // Lines before what is closed are not touched while somebody types.
            changes.retain(|change| line <= change.range.start && change.range.end <= line_end(text, offset));
            changes
        }
        '\n' => indent(text, offset).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// How far the line at `offset` should stand in, if it does not.
fn indent(text: &str, offset: usize) -> Option<Change> {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..line_end(text, offset)];
    let spaces = line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut depth = 0usize;
    for token in ndsl_grammar::lex(&text[..start]) {
        if token.kind.closer().is_some() {
            depth += 1;
        } else if matches!(&text[token.range()], ")" | "]" | "}") {
            depth = depth.saturating_sub(1);
        }
    }
    let closes = line.trim_start().starts_with([')', ']', '}']);
    let wanted = LEVEL.repeat(depth.saturating_sub(usize::from(closes)).min(64));
    (line[..spaces] != wanted).then_some(Change { range: start..start + spaces, text: wanted })
}

/// Where the brace that the one before `offset` closes stands.
fn opened_at(text: &str, offset: usize) -> Option<usize> {
    let tokens = ndsl_grammar::lex(text);
    let place = tokens.iter().position(|token| token.range().end == offset && &text[token.range()] == "}")?;
    let mut depth = 0usize;
    for token in tokens[..=place].iter().rev() {
        match &text[token.range()] {
            "}" => depth += 1,
            "{" => {
                depth -= 1;
                if depth == 0 {
                    return Some(token.range().start);
                }
            }
            _ => {}
        }
    }
    None
}

fn line_end(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |at| offset + at + 1)
}

/// The lines that differ, as few as can be.
fn changes(before: &str, after: &str) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(before, after);
    let mut changes: Vec<Change> = Vec::new();
    let mut at = 0;
    let mut open: Option<Change> = None;
    for change in diff.iter_all_changes() {
        let line = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                changes.extend(open.take());
                at += line.len();
            }
            ChangeTag::Delete => {
                let open = open.get_or_insert_with(|| Change { range: at..at, text: String::new() });
                at += line.len();
                open.range.end = at;
            }
            ChangeTag::Insert => {
                open.get_or_insert_with(|| Change { range: at..at, text: String::new() }).text += line;
            }
        }
    }
    changes.extend(open);
    changes
}
