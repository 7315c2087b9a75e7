//! Texts with holes: `"Goals of a {age}-year-old"`.

use ndsl_grammar::Span;
use ndsl_grammar::ast::Ident;

use super::Checker;
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::schema::expression::{ExpressionKind, Piece, Type};
use crate::schema::form::TableId;

impl<'a> Checker<'a> {
    /// The parts of a text; nothing where a hole is at fault. `span` is that of the string, quotes included.
    pub(super) fn template(&mut self, text: &str, span: Span, table: TableId) -> Option<Vec<Piece>> {
        // Where the string has escapes, places in it are not places in the source.
        let plain = self.text(span).strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(text);
        let place = |from: usize, to: usize| match plain {
            true => Span { start: span.start + 1 + from as u32, end: span.start + 1 + to as u32, ..span },
            false => span,
        };
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut whole = true;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                literal.push(c);
                at += 2;
                continue;
            }
            if c == '}' {
                let fault = Diagnostic::new(Code::Template, place(at, at + 1), "this brace closes nothing")
                    .label("no `{` before it");
                self.report(
                    fault.fix("double it", place(at, at + 1), "}}", Applicability::Guess).help("`}}` is a brace"),
                );
                return None;
            }
            if c != '{' {
                literal.push(c);
                at += c.len_utf8();
                continue;
            }
            let Some(length) = rest.find('}') else {
                let fault = Diagnostic::new(Code::Template, place(at, at + 1), "this brace is never closed")
                    .label("no `}` after it");
                self.report(fault.help("`{{` is a brace"));
                return None;
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            whole &=
                self.hole(&text[at + 1..at + length], |from, to| place(at + 1 + from, at + 1 + to), table, &mut pieces);
            at += length + 1;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        whole.then_some(pieces)
    }

    fn hole(
        &mut self,
        inside: &str,
        place: impl Fn(usize, usize) -> Span,
        table: TableId,
        pieces: &mut Vec<Piece>,
    ) -> bool {
        let is_name = |part: &str| {
            part.starts_with(|first: char| first.is_alphabetic() || first == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        let mut names = Vec::new();
        let mut from = 0;
        for part in inside.split('.') {
            let begin = from + (part.len() - part.trim_start().len());
            let name = part.trim();
            names.push(Ident { text: name.to_owned(), span: place(begin, begin + name.len()) });
            from += part.len() + 1;
        }
        if !names.iter().all(|name| is_name(&name.text)) {
            let message = match inside.trim() {
                "" => "nothing stands between these braces",
                _ => "between the braces stands the name of a column",
            };
            let fault = Diagnostic::new(Code::Template, place(0, inside.len()), message).label("not a column");
            self.report(fault.help("`{{` and `}}` are braces; what must be computed is a column of its own, with `=`"));
            return false;
        }
        let value = self.path(table, &names, place(0, inside.len()));
        if let (Type::List(_) | Type::Json, false) = (&value.ty, value.kind == ExpressionKind::Unknown) {
            let message = format!("{} cannot be written into a text", value.ty);
            self.report(Diagnostic::new(Code::Template, value.span, message).label("not a single value"));
            return false;
        }
        let known = value.kind != ExpressionKind::Unknown;
        pieces.push(Piece::Hole(value));
        known
    }
}
