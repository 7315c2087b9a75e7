//! A script of SQL to an outline.

use std::collections::BTreeMap;
use std::ops::Range;

use sqlparser::ast::{
    AlterColumnOperation, AlterTableOperation, ColumnOption, CommentObject, Ident, ObjectName, Statement,
    UserDefinedTypeRepresentation,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::super::words::Names;
use super::super::{Fault, Read, expression, remark};
use super::elements::{Element, docs, is_remark};
use super::script::{Comment, Placed, place_in, said, statements};
use super::types::Kind;
use super::{Dialect, REMARK};

/// Operators an element may have: what is longer is no condition that anybody wrote.
const MAX_OPERATORS: usize = 1000;

/// Statements that say nothing of what tables are like.
const SILENT: &[&str] = &[
    "SET",
    "SELECT",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "PRAGMA",
    "DROP",
    "USE",
    "LOCK",
    "UNLOCK",
    "GRANT",
    "REVOKE",
    "ANALYZE",
    "VACUUM",
    "RESET",
    "DELIMITER",
];

/// Reads a script, in the dialect in which most of it can be read where none is said.
pub(in super::super) fn read(text: &str, name: &str, dialect: Option<Dialect>) -> Read {
    let mut best: Option<Read> = None;
    for dialect in dialect.map_or(Dialect::ALL.to_vec(), |dialect| vec![dialect]) {
        let found = Reader::new(dialect).script(text, name);
        if found.faults.is_empty() {
            return found;
        }
        if best.as_ref().is_none_or(|best| found.faults.len() < best.faults.len()) {
            best = Some(found);
        }
    }
    best.unwrap_or_default()
}

/// What has been read of a script so far.
pub(super) struct Reader {
    pub dialect: Dialect,
    pub read: Read,
    pub names: Names,
    /// What other statements call each table, in small letters, with its place.
    pub tables: BTreeMap<String, usize>,
    /// The types that are declared, by their names in small letters.
    pub types: BTreeMap<String, Kind>,
    /// What refers to other tables, which may be declared further down.
    pub references: Vec<Reference>,
    /// How many statements of a kind were passed over, and the place of the first.
    passed: BTreeMap<String, (usize, Range<usize>)>,
}

/// `FOREIGN KEY (columns) REFERENCES table (columns)`
pub(super) struct Reference {
    pub table: usize,
    /// Their places: a remark may still give them other names.
    pub columns: Vec<usize>,
    pub target: String,
    pub referred: Vec<Ident>,
    pub at: Range<usize>,
    /// What it is made in words where it cannot be a reference.
    pub written: String,
}

impl Reader {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            read: Read::default(),
            names: Names::default(),
            tables: BTreeMap::new(),
            types: BTreeMap::new(),
            references: Vec::new(),
            passed: BTreeMap::new(),
        }
    }

    pub(super) fn fault(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.read.faults.push(Fault::new(at.clone(), message));
    }

    /// What is not in the schema, as the comment that says so.
    pub(super) fn left_out(&mut self, at: &Range<usize>, message: impl Into<String>) -> String {
        let message = message.into();
        self.read.left_out.push(Fault::new(at.clone(), message.clone()));
        message
    }

    fn script(mut self, text: &str, name: &str) -> Read {
        let statements = match statements(text, self.dialect) {
            Ok(statements) => statements,
            Err(fault) => {
                self.read.faults.push(fault);
                return self.read;
            }
        };
        let mut head: Option<(Vec<String>, Range<usize>)> = None;
        for statement in &statements {
            if head.is_none() {
                head = self.head(statement);
            }
            self.statement(statement, text);
        }
        self.refer();
        let outline = &mut self.read.outline;
        outline.name = name.to_owned();
        if let [only] = &mut outline.tables[..] {
            outline.is_table = true;
            outline.name.clone_from(&only.name);
            let docs = only.docs.take();
            outline.docs = docs.or(outline.docs.take());
        }
        if let Some((lines, at)) = head {
            let documented = outline.is_table.then(|| outline.docs.take()).flatten();
            if let Err(why) = remark::head(&lines.join("\n"), outline) {
                self.fault(&at, format!("this remark cannot be read: {why}"));
            } else if outline.is_table {
                outline.docs = documented;
            } else if let [only] = &mut outline.tables[..] {
                // Above the whole and above its one table stand two doc comments.
                only.docs = documented;
            }
            self.head_docs(&statements);
        }
        for (what, (count, at)) in std::mem::take(&mut self.passed) {
            let message = match count {
                1 => format!("{what} is passed over: it is no part of a schema"),
                count => format!("{what} is passed over {count} times: it is no part of a schema"),
            };
            self.left_out(&at, message);
        }
        self.read
    }

    /// The remark at the top of a script: providers, and the first line of the schema.
    fn head(&mut self, statement: &[Placed]) -> Option<(Vec<String>, Range<usize>)> {
        let above = statement.iter().take_while(|placed| placed.is_space());
        let comments: Vec<Comment> = above.filter_map(Placed::comment).filter(is_remark).collect();
        let at = comments.first()?.at.start..comments.last()?.at.end;
        let lines = comments.iter().map(|comment| remark_text(comment).to_owned());
        Some((lines.collect(), at))
    }

    /// The doc comment of the whole, which stands with the remark at the top.
    fn head_docs(&mut self, statements: &[Vec<Placed>]) {
        let Some(first) = statements.first() else { return };
        let comments: Vec<Comment> =
            first.iter().take_while(|placed| placed.is_space()).filter_map(Placed::comment).collect();
        let Some(last) = comments.iter().rfind(|comment| is_remark(comment)).map(|comment| comment.line) else {
            return;
        };
        let mut line = last;
        let mut own = Vec::new();
        for comment in comments.into_iter().filter(|comment| comment.line > last) {
            if comment.line != line + 1 {
                break;
            }
            line = comment.line;
            own.push(comment);
        }
        if !self.read.outline.is_table {
            self.read.outline.docs = docs(&own);
        }
    }

    fn statement(&mut self, statement: &[Placed], text: &str) {
        let tokens: Vec<&Placed> = statement.iter().filter(|placed| !placed.is_space()).collect();
        let words: Vec<String> = tokens.iter().map_while(|placed| placed.word()).take(8).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(first) = tokens.first() else { return };
        let at = first.at.clone();
        let skipped = ["GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "OR", "REPLACE"];
        let rest: Vec<&str> = words.iter().skip(1).copied().filter(|word| !skipped.contains(word)).collect();
        match (words.first().copied(), &rest[..]) {
            (Some("CREATE"), ["TABLE", ..]) => self.create_table(statement, &at),
            (Some("CREATE"), ["TYPE" | "DOMAIN", ..]) => self.parsed(statement, &at),
            (Some("CREATE"), ["UNIQUE", "INDEX", ..]) => self.parsed(statement, &at),
            (Some("CREATE"), ["INDEX", ..]) => {}
            (Some("CREATE"), ["SEQUENCE" | "EXTENSION" | "SCHEMA" | "DATABASE" | "ROLE" | "USER", ..]) => {}
            (Some("COMMENT"), ["ON", "TABLE" | "COLUMN", ..]) => self.parsed(statement, &at),
            (Some("COMMENT"), ["ON", ..]) => {}
            (Some("ALTER"), ["TABLE", ..]) => {
                let says = |word: &str| tokens.iter().any(|placed| placed.word().as_deref() == Some(word));
                if says("ADD") || says("ALTER") && (says("DEFAULT") || says("NULL")) {
                    self.parsed(statement, &at);
                }
            }
            (Some("ALTER"), ["SEQUENCE" | "SCHEMA" | "DEFAULT" | "FUNCTION" | "TYPE" | "DATABASE" | "INDEX", ..]) => {}
            (Some(word), _) if SILENT.contains(&word) => {}
            (Some(word), _) if word == "CREATE" || word == "ALTER" => {
                let what = rest.first().copied().unwrap_or_default();
                self.pass_over(&format!("{word} {what}"), at);
            }
            (Some(word @ ("INSERT" | "COPY" | "UPDATE" | "DELETE" | "REPLACE" | "MERGE")), _) => {
                self.pass_over(word, at);
            }
            _ => {
                let shown: String = text[at.clone()].chars().take(24).collect();
                self.fault(&at, format!("no statement of SQL begins with `{shown}`"));
            }
        }
    }

    fn pass_over(&mut self, what: &str, at: Range<usize>) {
        self.passed.entry(what.trim().to_owned()).or_insert((0, at)).0 += 1;
    }

    /// Reads tokens with a rule of the parser, to their end.
    pub(super) fn parse<T>(
        &self,
        tokens: &[Placed],
        whole: &Range<usize>,
        rule: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
    ) -> Result<T, Fault> {
        let operators = tokens.iter().filter(|placed| match &placed.token.token {
            Token::Word(word) => matches!(word.value.to_uppercase().as_str(), "AND" | "OR" | "NOT"),
            Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::StringConcat
            | Token::DoubleColon => true,
            _ => false,
        });
        if operators.count() > MAX_OPERATORS {
            return Err(Fault::new(
                whole.clone(),
                format!("more than {MAX_OPERATORS} operators stand in one expression"),
            ));
        }
        let mut all: Vec<TokenWithSpan> = tokens.iter().map(|placed| placed.token.clone()).collect();
        let end = tokens.last().map_or(whole.end, |placed| placed.at.end);
        all.push(TokenWithSpan { token: Token::EOF, span: Span::empty() });
        let mut parser = Parser::new(self.dialect.syntax()).with_tokens_with_locations(all);
        let place = |error: &ParserError| {
            let location = match error {
                ParserError::ParserError(message) | ParserError::TokenizerError(message) => place_in(message),
                ParserError::RecursionLimitExceeded => None,
            };
            let found = location.and_then(|location| tokens.iter().find(|placed| placed.token.span.start == location));
            found.map_or(end..end, |placed| placed.at.clone())
        };
        let read = rule(&mut parser).map_err(|error| match &error {
            ParserError::RecursionLimitExceeded => Fault::new(whole.clone(), "this nests too deep to be read"),
            _ => Fault::new(place(&error), said(&error.to_string())),
        })?;
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let found = tokens.iter().find(|placed| placed.token.span.start == next.span.start);
            let at = found.map_or(end..end, |placed| placed.at.clone());
            return Err(Fault::new(at, format!("`{}` is not understood here", next.token)));
        }
        Ok(read)
    }

    /// A statement that the parser reads as a whole.
    fn parsed(&mut self, statement: &[Placed], at: &Range<usize>) {
        let tokens: Vec<Placed> = statement.iter().filter(|placed| !placed.is_space()).cloned().collect();
        let whole = at.start..tokens.last().map_or(at.end, |last| last.at.end);
        match self.parse(&tokens, &whole, |parser| parser.parse_statement()) {
            Ok(parsed) => self.apply(parsed, &tokens, &whole),
            Err(fault) => self.read.faults.push(fault),
        }
    }

    /// The table another statement speaks of; a fault where there is none.
    fn known_table(&mut self, name: &ObjectName, at: &Range<usize>) -> Option<usize> {
        let own = last_name(name)?;
        let found = self.tables.get(&own.value.to_lowercase()).copied();
        if found.is_none() {
            self.fault(at, format!("there is no table `{}`", own.value));
        }
        found
    }

    fn apply(&mut self, statement: Statement, tokens: &[Placed], at: &Range<usize>) {
        match statement {
            Statement::CreateType { name, representation } => {
                let Some(own) = last_name(&name) else { return };
                match representation {
                    Some(UserDefinedTypeRepresentation::Enum { labels }) => {
                        let labels: Vec<String> = labels.iter().map(|label| expression::label(&label.value)).collect();
                        let kind = Kind { kind: format!("enum {{ {} }}", labels.join(", ")), ..Kind::default() };
                        self.types.insert(own.value.to_lowercase(), kind);
                    }
                    _ => self.pass_over("CREATE TYPE", at.clone()),
                }
            }
            Statement::CreateDomain(domain) => {
                let Some(own) = last_name(&domain.name) else { return };
                let kind = self.kind(&domain.data_type.to_string());
                self.types.insert(own.value.to_lowercase(), kind);
                if !domain.constraints.is_empty() {
                    let name = &own.value;
                    self.left_out(at, format!("what the domain {name} is limited to in SQL"));
                }
            }
            Statement::CreateIndex(index) => {
                let Some(table) = self.known_table(&index.table_name, at) else { return };
                match index.predicate {
                    None => self.together(table, "unique", &index.columns, at),
                    Some(predicate) => {
                        let note = self.left_out(at, format!("unique in SQL where {predicate}"));
                        self.table(table).notes.push(note);
                    }
                }
            }
            Statement::Comment { object_type, object_name, comment: Some(comment), .. } => {
                self.comment(object_type, &object_name, comment, at);
            }
            Statement::AlterTable(alter) => {
                let Some(table) = self.known_table(&alter.name, at) else { return };
                for operation in alter.operations {
                    self.alter(table, operation, tokens, at);
                }
            }
            _ => {}
        }
    }

    fn comment(&mut self, kind: CommentObject, name: &ObjectName, comment: String, at: &Range<usize>) {
        let names: Vec<&Ident> = name.0.iter().filter_map(|part| part.as_ident()).collect();
        match (kind, &names[..]) {
            (CommentObject::Table, [.., table]) => {
                let Some(place) = self.tables.get(&table.value.to_lowercase()).copied() else {
                    return self.fault(at, format!("there is no table `{}`", table.value));
                };
                self.table(place).docs = Some(comment);
            }
            (CommentObject::Column, [.., table, column]) => {
                let Some(place) = self.tables.get(&table.value.to_lowercase()).copied() else {
                    return self.fault(at, format!("there is no table `{}`", table.value));
                };
                let Some(found) = self.columns(place, &[(*column).clone()], at) else { return };
                if let Some(column) = self.table(place).columns.iter_mut().find(|known| found.contains(&known.name)) {
                    column.docs = Some(comment);
                }
            }
            _ => {}
        }
    }

    fn alter(&mut self, table: usize, operation: AlterTableOperation, tokens: &[Placed], at: &Range<usize>) {
        match operation {
            AlterTableOperation::AddConstraint { constraint, .. } => {
                self.constraint(table, &constraint, &Element::default(), at);
            }
            AlterTableOperation::AddColumn { column_def, .. } => {
                let mut names = Names::default();
                for column in &self.table(table).columns {
                    names.word(&column.name.clone(), "column");
                }
                let element = Element { tokens: tokens.to_vec(), ..Element::default() };
                self.column(table, &column_def, &element, at, &mut names);
            }
            AlterTableOperation::AlterColumn { column_name, op } => {
                let Some(names) = self.columns(table, &[column_name], at) else { return };
                let Some(name) = names.first() else { return };
                match op {
                    AlterColumnOperation::SetDefault { value } => self.default(table, name, &value, at),
                    AlterColumnOperation::SetNotNull => self.option(table, name, &ColumnOption::NotNull, at),
                    AlterColumnOperation::DropNotNull => self.option(table, name, &ColumnOption::Null, at),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// What stands behind the marks of a remark.
pub(super) fn remark_text(comment: &Comment) -> &str {
    comment.text.strip_prefix(REMARK).unwrap_or(&comment.text).trim()
}

/// The last part of `public.users`.
pub(super) fn last_name(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}

/// The comments right above a statement, without an empty line between.
pub(super) fn above(statement: &[Placed]) -> Vec<Comment> {
    let line = statement.iter().find(|placed| !placed.is_space()).map_or(0, |placed| placed.token.span.start.line);
    let comments: Vec<Comment> =
        statement.iter().take_while(|placed| placed.is_space()).filter_map(Placed::comment).collect();
    let mut line = line;
    let mut own: Vec<Comment> = Vec::new();
    for comment in comments.into_iter().rev() {
        if comment.line + 1 != line || is_remark(&comment) {
            break;
        }
        line = comment.line;
        own.insert(0, comment);
    }
    own
}
