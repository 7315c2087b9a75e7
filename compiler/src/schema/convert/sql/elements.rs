//! What stands between the brackets of a `CREATE TABLE`, with the comments that belong to each part.

use sqlparser::tokenizer::Token;

use super::script::{Comment, Placed};

/// A part of a table.
#[derive(Debug)]
pub(super) enum Part {
    /// A column or a constraint.
    Element(Element),
    /// What SQL cannot say, on lines of its own.
    Remark(Comment),
}

/// A column or a constraint.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub tokens: Vec<Placed>,
    /// The comments above it and behind it.
    pub docs: Vec<Comment>,
    /// What SQL cannot say of it.
    pub remark: Option<Comment>,
}

/// Takes the parts of a table apart, from behind its bracket to the one that closes it; answers the tokens behind that.
pub(super) fn parts(tokens: &[Placed]) -> (Vec<Part>, &[Placed]) {
    let mut parts: Vec<Part> = Vec::new();
    let mut current = Element::default();
    let mut above: Vec<Comment> = Vec::new();
    let mut after: Vec<Part> = Vec::new();
    let mut depth = 0usize;
    // The line on which the last token stands that is no space.
    let mut line = 0;
    for (place, placed) in tokens.iter().enumerate() {
        if let Some(comment) = placed.comment() {
            let remark = is_remark(&comment);
            let behind = comment.line == line;
            let empty = current.tokens.is_empty();
            if !empty && !behind && remark {
                // It stands behind the last part, which no comma ends.
                after.push(Part::Remark(comment));
                continue;
            }
            let last = match (empty, parts.last_mut()) {
                (false, _) => Some(&mut current),
                (true, Some(Part::Element(last))) if behind => Some(last),
                _ => None,
            };
            match (last, remark) {
                (Some(element), true) if element.remark.is_none() => element.remark = Some(comment),
                (Some(element), _) => element.docs.push(comment),
                (None, true) => parts.push(Part::Remark(comment)),
                (None, false) => above.push(comment),
            }
            continue;
        }
        if placed.is_space() {
            continue;
        }
        line = placed.token.span.end.line;
        match placed.token.token {
            Token::RParen if depth == 0 => {
                finish(&mut current, &mut parts);
                parts.append(&mut after);
                comments_behind(&tokens[place + 1..], &mut parts, line);
                return (parts, &tokens[place + 1..]);
            }
            Token::Comma if depth == 0 => {
                finish(&mut current, &mut parts);
                parts.append(&mut after);
                continue;
            }
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if current.tokens.is_empty() {
            current.docs = std::mem::take(&mut above);
        }
        current.tokens.push(placed.clone());
    }
    finish(&mut current, &mut parts);
    (parts, &[])
}

fn finish(current: &mut Element, parts: &mut Vec<Part>) {
    if !current.tokens.is_empty() {
        parts.push(Part::Element(std::mem::take(current)));
    }
}

/// A remark behind the bracket that closes a table on one line belongs to its last part.
fn comments_behind(tokens: &[Placed], parts: &mut [Part], line: u64) {
    let comment = tokens.iter().filter_map(Placed::comment).find(|comment| comment.line == line);
    if let (Some(comment), Some(Part::Element(last))) = (comment, parts.last_mut())
        && is_remark(&comment)
    {
        last.remark.get_or_insert(comment);
    }
}

/// Whether a comment holds what SQL cannot say.
pub(super) fn is_remark(comment: &Comment) -> bool {
    comment.text.starts_with(super::REMARK)
}

/// What a comment says as a line of a doc comment.
pub(super) fn doc_line(comment: &Comment) -> &str {
    let line = comment.text.strip_prefix(' ').unwrap_or(&comment.text);
    line.strip_prefix('\\').unwrap_or(line)
}

/// Comments as one doc comment.
pub(super) fn docs(comments: &[Comment]) -> Option<String> {
    (!comments.is_empty()).then(|| comments.iter().map(doc_line).collect::<Vec<_>>().join("\n"))
}
