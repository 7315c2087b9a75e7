//! The columns of a table.

use super::advice::{self, Advice};
use super::expression::required;
use super::fault::Problem;
use super::reader::{Reader, ends_entry, opens};
use super::schema::begins_item;
use crate::Span;
use crate::ast::{Clause, ClauseKind, Column, ColumnType, ColumnTypeKind, Expr, Ident, Label, SchemaItemKind};
use crate::keyword::{self, Place};
use crate::lexeme::{Lexeme, LexemeKind};
use crate::literal;
use crate::token::TokenKind;

/// `name: type clauses`, where a word comes next.
pub(crate) fn column(reader: &mut Reader<'_, '_, '_>) -> SchemaItemKind {
    let before = reader.faults();
    let Some(word) = reader.next() else { return SchemaItemKind::Error };
    let name = reader.ident(word);
    match reader.peek() {
        Some(next) if next.is(TokenKind::Colon) => reader.skip(),
        Some(next) if next.is(TokenKind::Assign) => {
            reader.fault(Problem::Instead(":", "a column"));
            reader.skip();
        }
        Some(next) if next.is_word() => reader.expected("`:`", Some(":")),
        _ => {
            reader.expected("`:` and a type", None);
            reader.pass_over(ends_entry);
            return SchemaItemKind::Error;
        }
    }
    let kind = column_type(reader);
    let mut clauses = Vec::new();
    while !reader.at_end() && !reader.begins_entry() && !reader.peek().is_some_and(ends_entry) && !begins_item(reader) {
        let at = reader.at();
        match clause(reader) {
            Some(kind) => clauses.push(Clause { span: reader.since(at), kind }),
            // One fault is enough for a column; the next may well follow from it.
            None if reader.faults() > before => reader.pass_over(ends_entry),
            None => {
                let kind = unknown(reader);
                clauses.extend(kind.map(|kind| Clause { span: reader.since(at), kind }));
            }
        }
    }
    SchemaItemKind::Column(Column { name, kind, clauses })
}

/// `int`, `decimal(2)`, `list(text)?`
fn column_type(reader: &mut Reader<'_, '_, '_>) -> ColumnType {
    let at = reader.at();
    let kind = type_kind(reader);
    let optional = reader.take(TokenKind::Question).is_some();
    ColumnType { span: reader.since(at), kind, optional }
}

fn type_kind(reader: &mut Reader<'_, '_, '_>) -> ColumnTypeKind {
    const WANTED: &str = "a type such as `int`, `string?` or `enum { a, b }`";
    let Some(word) = reader.peek().filter(|word| word.is(TokenKind::Word) && !reader.begins_entry()) else {
        // Where a clause follows only the type is missing.
        if reader.peek().is_some_and(|next| next.kind == LexemeKind::Bad) {
            reader.skip();
        } else {
            reader.expected(WANTED, None);
        }
        return ColumnTypeKind::Error;
    };
    let second = reader.peek_at(1);
    match word.text {
        "enum" if second.is_some_and(Lexeme::is_opener) => {
            reader.skip();
            ColumnTypeKind::Enum { labels: labels(reader) }
        }
        "list" if second.is_some_and(|next| opens(next, TokenKind::LeftParen)) => {
            reader.skip();
            reader.skip();
            let item = Box::new(column_type(reader));
            close(reader);
            ColumnTypeKind::List { item }
        }
        "ref" if second.is_some_and(|next| next.is(TokenKind::Word)) => {
            reader.skip();
            reader.expect_path("a table").map_or(ColumnTypeKind::Error, |target| ColumnTypeKind::Reference { target })
        }
        "enum" | "ref" if second.is_none_or(|next| next.is_closer() || ends_entry(next)) => {
            reader.skip();
            reader.expected(if word.text == "ref" { "a table" } else { "`{` and labels" }, None);
            ColumnTypeKind::Error
        }
        _ => {
            if second.is_some_and(|next| opens(next, TokenKind::LeftBracket)) {
                return generic(reader, word.text);
            }
            let Some(name) = reader.expect_path(WANTED) else { return ColumnTypeKind::Error };
            let mut arguments = Vec::new();
            if reader.take_if(|next| next.kind == LexemeKind::Call).is_some() {
                arguments = reader.items("`,` or `)`", Lexeme::begins_anew, required);
                reader.expect(TokenKind::RightParen, "`)`");
            }
            ColumnTypeKind::Named { name, arguments }
        }
    }
}

/// `Optional[string]`, `list[text]`: a type between square brackets, which is reported.
fn generic(reader: &mut Reader<'_, '_, '_>, outer: &str) -> ColumnTypeKind {
    let word = reader.at();
    reader.skip();
    let bracket = reader.at();
    let Some(open) = reader.next() else { return ColumnTypeKind::Error };
    let item = Box::new(column_type(reader));
    if !reader.at_end() {
        reader.pass_over(|_| false);
    }
    let Some(close) = reader.take(TokenKind::RightBracket) else { return ColumnTypeKind::Error };
    match outer.to_lowercase().as_str() {
        "optional" => reader.fault_at(word, Problem::Optional(open.span, close.span)),
        "list" => {
            reader.fault_at(bracket, Problem::ItemBrackets(close.span));
            return ColumnTypeKind::List { item };
        }
        _ => reader.fault_at(bracket, Problem::Advice(&advice::NO_CLAUSE, 1)),
    }
    ColumnTypeKind::Error
}

/// The bracket that closes a type's; what else stands before it is passed over.
fn close(reader: &mut Reader<'_, '_, '_>) {
    if !reader.at_end() {
        reader.expected("`)`", None);
        reader.pass_over(|_| false);
    }
    reader.take(TokenKind::RightParen);
}

/// `{ free: 70%, pro, "<=50K" }`, from its bracket on; others than braces are reported.
fn labels(reader: &mut Reader<'_, '_, '_>) -> Vec<Label> {
    let open = reader.at();
    let closer = match reader.peek() {
        Some(open) if opens(open, TokenKind::LeftParen) => TokenKind::RightParen,
        Some(open) if opens(open, TokenKind::LeftBracket) => TokenKind::RightBracket,
        _ => TokenKind::RightBrace,
    };
    let mut labels = Vec::new();
    reader.skip();
    loop {
        while reader.take_if(ends_entry).is_some() {}
        if reader.at_end() {
            break;
        }
        labels.extend(label(reader));
        let next = reader.peek();
        if reader.at_end() || reader.begins_entry() || next.is_some_and(ends_entry) {
            continue;
        }
        if next.is_some_and(begins_label) {
            reader.expected("`,` or `}`", Some(","));
        } else {
            reader.expected("`,` or `}`", None);
            reader.pass_over(ends_entry);
        }
    }
    let close = reader.take(closer);
    match close {
        Some(close) if closer != TokenKind::RightBrace => reader.fault_at(open, Problem::Labels(close.span)),
        Some(_) => {}
        None => reader.expected("`}`", None),
    }
    labels
}

fn begins_label(lexeme: &Lexeme<'_>) -> bool {
    lexeme.is_word() || lexeme.is(TokenKind::Text)
}

/// `free: 70%`, `"<=50K"`
fn label(reader: &mut Reader<'_, '_, '_>) -> Option<Label> {
    let at = reader.at();
    let name = match reader.peek() {
        Some(next) if next.is_word() => reader.ident(next),
        Some(next) if next.is(TokenKind::Text) => Ident { text: literal::string(next.text), span: reader.span(next) },
        Some(next) if next.kind == LexemeKind::Bad => {
            reader.pass_over(ends_entry);
            return None;
        }
        _ => {
            reader.pass_over(ends_entry);
            reader.advise(at, &advice::LABEL_AS_WORD);
            return None;
        }
    };
    reader.skip();
    let weight = match reader.peek() {
        Some(next) if next.is(TokenKind::Colon) => {
            reader.skip();
            Some(required(reader))
        }
        Some(next) if next.is(TokenKind::Assign) => {
            reader.fault(Problem::Instead(":", "a label"));
            reader.skip();
            Some(required(reader))
        }
        Some(next) if next.begins_expression() && !begins_label(next) && !next.is(TokenKind::Minus) => {
            reader.expected("`:`", Some(":"));
            Some(required(reader))
        }
        // `hours-per-week` and `a/b` are no words.
        Some(next) if matches!(next.kind, LexemeKind::Plain(kind) if kind.is_infix() || kind == TokenKind::Dot) => {
            reader.pass_over(|next| ends_entry(next) || next.is(TokenKind::Colon));
            reader.advise(at, &advice::LABEL_AS_WORD);
            reader.pass_over(ends_entry);
            return None;
        }
        _ => None,
    };
    Some(Label { span: reader.since(at), name, weight })
}

/// One thing said of a column, or nothing where none begins.
fn clause(reader: &mut Reader<'_, '_, '_>) -> Option<ClauseKind> {
    let next = reader.peek()?;
    let parser: fn(Expr) -> ClauseKind = match next.kind {
        LexemeKind::Plain(TokenKind::In) => ClauseKind::In,
        LexemeKind::Plain(TokenKind::Null) => ClauseKind::Null,
        LexemeKind::Plain(TokenKind::Tilde) => ClauseKind::Drawn,
        LexemeKind::Plain(TokenKind::Assign) => ClauseKind::Derived,
        LexemeKind::Plain(TokenKind::Word) => match next.text {
            "key" => {
                reader.skip();
                flag(reader);
                return Some(ClauseKind::Key);
            }
            "unique" => {
                reader.skip();
                flag(reader);
                return Some(ClauseKind::Unique);
            }
            "matches" => {
                reader.skip();
                return Some(
                    text(reader, "a regular expression between quotes", |text| literal::raw(text).to_owned())
                        .map_or_else(nothing, |(pattern, span)| ClauseKind::Matches { pattern, span }),
                );
            }
            "from" => {
                reader.skip();
                return Some(
                    text(reader, "the column's other name between quotes", literal::string)
                        .map_or_else(nothing, |(name, span)| ClauseKind::From { name, span }),
                );
            }
            "length" => ClauseKind::Length,
            "default" => ClauseKind::Default,
            _ => return None,
        },
        _ => return None,
    };
    reader.skip();
    // `default = 0`
    let at = reader.at();
    if next.is(TokenKind::Word) && reader.take(TokenKind::Assign).is_some() {
        reader.advise(at, &advice::CLAUSE_MARK);
    }
    let open_ends = std::mem::replace(&mut reader.open_ends, true);
    let value = required(reader);
    reader.open_ends = open_ends;
    Some(parser(value))
}

/// `=true` after `key` or `unique`, which is reported; `= true and …` derives the column.
fn flag(reader: &mut Reader<'_, '_, '_>) {
    let at = reader.at();
    let said =
        reader.peek_at(1).is_some_and(|value| value.is(TokenKind::True) || value.is_word() && value.text == "True");
    let alone = reader.peek_at(2).is_none_or(|next| {
        next.is_separator()
            || next.is_closer()
            || next.is_word()
            || next.is(TokenKind::Comma)
            || next.is(TokenKind::Tilde)
    });
    if reader.is(TokenKind::Assign) && said && alone {
        reader.skip();
        reader.skip();
        reader.advise(at, &advice::FLAG);
    }
}

/// A clause whose text is missing, which has been reported.
fn nothing() -> ClauseKind {
    ClauseKind::Default(Expr { span: Span::default(), kind: crate::ast::ExprKind::Error })
}

/// A string, or a fault.
fn text(reader: &mut Reader<'_, '_, '_>, wanted: &'static str, read: fn(&str) -> String) -> Option<(String, Span)> {
    let found = reader.take_if(|next| next.is(TokenKind::Text) || next.kind == LexemeKind::Bad);
    if found.is_none() {
        reader.expected(wanted, None);
    }
    found.map(|text| (read(text.text), reader.span(text)))
}

/// Reports what stands where a clause was expected, and passes over it; the clause that was meant, where that is told.
fn unknown(reader: &mut Reader<'_, '_, '_>) -> Option<ClauseKind> {
    let at = reader.at();
    let next = reader.peek()?;
    let second = reader.peek_at(1).filter(|second| second.is_word()).map(|second| second.text.to_lowercase());
    let words = (next.text.to_lowercase(), second.unwrap_or_default());
    let found: Option<(&'static Advice, usize)> = match (words.0.as_str(), words.1.as_str()) {
        ("between", _) => Some((&advice::BETWEEN, 0)),
        (">" | ">=" | "<" | "<=" | "==", _) => Some((&advice::COMPARED, 0)),
        ("not", "null") => Some((&advice::NOT_NULL, 2)),
        ("required" | "notnull", _) => Some((&advice::NOT_NULL, 1)),
        ("nullable" | "optional", _) => Some((&advice::NULLABLE, 1)),
        ("primary", "key") => Some((&advice::PRIMARY_KEY, 2)),
        ("primary_key" | "id" | "pk", _) => Some((&advice::PRIMARY_KEY, 1)),
        ("auto_increment" | "autoincrement" | "serial" | "identity", _) => Some((&advice::GENERATED, 1)),
        ("foreign" | "references" | "belongs_to", _) => Some((&advice::REFERENCES, 0)),
        ("check" | "constraint", _) => Some((&advice::SQL_CHECK, 0)),
        _ => None,
    };
    if let Some((advice, count)) = found {
        if count == 0 {
            reader.fault_at(at, Problem::Advice(advice, 1));
            reader.pass_over(ends_entry);
        } else {
            (0..count).for_each(|_| reader.skip());
            reader.advise(at, advice);
        }
        return matches!(words.0.as_str(), "primary" | "primary_key" | "id" | "pk").then_some(ClauseKind::Key);
    }
    const CLAUSES: &[&str] = &["key", "unique", "length", "matches", "default", "from"];
    let meant =
        keyword::nearest(next.text, |keyword| keyword.place == Place::Schema && CLAUSES.contains(&keyword.word));
    match meant.filter(|_| next.is(TokenKind::Word)) {
        Some(meant) => reader.fault_at(at, Problem::Misspelt(meant.word)),
        None => reader.fault_at(at, Problem::Advice(&advice::NO_CLAUSE, 1)),
    }
    reader.pass_over(ends_entry);
    None
}
