//! `CREATE TABLE`: its columns, and what is said behind each.

use std::ops::Range;

use sqlparser::ast::{ColumnDef, ColumnOption, Expr, Value};
use sqlparser::tokenizer::Token;

use super::super::outline::{ColumnOutline, Rule, TableOutline};
use super::super::words::{self, Names};
use super::super::{Fault, MAX_COLUMNS, remark};
use super::elements::{self, Element, Part, docs};
use super::read::{Reader, above, last_name, remark_text};
use super::script::Placed;
use super::types::Kind;
use super::{condition, types};

impl Reader {
    /// `CREATE TABLE name (…) options`
    pub(super) fn create_table(&mut self, statement: &[Placed], at: &Range<usize>) {
        let open = statement.iter().position(|placed| placed.token.token == Token::LParen);
        let skipped = [
            "CREATE",
            "GLOBAL",
            "LOCAL",
            "TEMP",
            "TEMPORARY",
            "UNLOGGED",
            "TABLE",
            "IF",
            "NOT",
            "EXISTS",
            "OR",
            "REPLACE",
        ];
        let head = &statement[..open.unwrap_or(statement.len())];
        let name: Vec<Placed> = head
            .iter()
            .filter(|placed| !placed.is_space())
            .skip_while(|placed| placed.word().is_some_and(|word| skipped.contains(&word.as_str())))
            .cloned()
            .collect();
        let parsed = self.parse(&name, at, |parser| parser.parse_object_name(false));
        let place = name.first().map_or(at.clone(), |placed| placed.at.clone());
        let (Some(open), Ok(called)) = (open, parsed) else {
            let fault = Fault::new(place, "only a `CREATE TABLE` with its columns in brackets can be read");
            return self
                .read
                .faults
                .push(fault.help("a table that is made of a query, or is a part of another, is none of its own"));
        };
        let Some(own) = last_name(&called) else { return };
        let key = own.value.to_lowercase();
        if self.tables.contains_key(&key) {
            return self.fault(&place, format!("the table `{}` stands twice", own.value));
        }
        let word = self.names.word(&own.value, "Rows");
        let mut table = TableOutline { name: word.clone(), at: place.clone(), ..TableOutline::default() };
        if word != own.value {
            table.notes.push(format!("called {} outside", words::quoted(&own.value)));
        }
        table.docs = docs(&above(statement));
        let (parts, behind) = elements::parts(&statement[open + 1..]);
        let options: Vec<&Placed> = behind.iter().filter(|placed| !placed.is_space()).collect();
        for pair in options.windows(3) {
            if pair[0].word().as_deref() == Some("COMMENT")
                && let Token::SingleQuotedString(comment) = &pair[2].token.token
            {
                table.docs = table.docs.or(Some(comment.clone()));
            }
        }
        self.tables.insert(key, self.read.outline.tables.len());
        let place = self.read.outline.tables.len();
        self.read.outline.tables.push(table);
        if parts.len() > MAX_COLUMNS {
            return self.read.faults.push(Fault::too_many(at.clone()));
        }
        let mut names = Names::default();
        let mut above: Vec<String> = Vec::new();
        for part in parts {
            match part {
                Part::Remark(comment) => {
                    above.push(remark_text(&comment).to_owned());
                    if above.last().is_some_and(|line| !line.trim_start().starts_with("///")) {
                        let text = std::mem::take(&mut above).join("\n");
                        self.rules(place, &text, None, &comment.at);
                    }
                }
                Part::Element(element) => self.element(place, &element, &mut names),
            }
        }
    }

    pub(super) fn table(&mut self, place: usize) -> &mut TableOutline {
        &mut self.read.outline.tables[place]
    }

    pub(super) fn rules(&mut self, table: usize, text: &str, docs: Option<String>, at: &Range<usize>) {
        match remark::rules(text) {
            Ok(rules) => {
                let rules =
                    rules.into_iter().map(|rule| Rule { docs: rule.docs.or(docs.clone()), at: at.clone(), ..rule });
                self.table(table).rules.extend(rules);
            }
            Err(why) => self.fault(at, format!("this remark cannot be read: {why}")),
        }
    }

    pub(super) fn element(&mut self, table: usize, element: &Element, names: &mut Names) {
        let at = element.tokens.first().map_or(0..0, |first| first.at.clone());
        let whole = at.start..element.tokens.last().map_or(at.end, |last| last.at.end);
        let begins = element.tokens.first().and_then(Placed::word);
        let is_constraint = matches!(
            begins.as_deref(),
            Some("CONSTRAINT" | "PRIMARY" | "UNIQUE" | "FOREIGN" | "CHECK" | "EXCLUDE" | "FULLTEXT" | "SPATIAL")
        ) || matches!(begins.as_deref(), Some("KEY" | "INDEX"))
            && element.tokens.iter().skip(1).take(2).any(|placed| placed.token.token == Token::LParen);
        if is_constraint {
            match self.parse(&element.tokens, &whole, |parser| parser.parse_optional_table_constraint()) {
                Ok(Some(constraint)) => self.constraint(table, &constraint, element, &whole),
                Ok(None) => self.fault(&at, "this constraint is not understood"),
                Err(fault) => self.read.faults.push(fault),
            }
            return;
        }
        match self.parse(&element.tokens, &whole, |parser| parser.parse_column_def()) {
            Ok(column) => self.column(table, &column, element, &whole, names),
            Err(fault) => self.read.faults.push(fault),
        }
    }

    pub(super) fn kind(&self, written: &str) -> Kind {
        let found = types::kind(written);
        if !found.unknown {
            return found;
        }
        let name = written.trim_end_matches("[]").rsplit('.').next().unwrap_or(written).trim_matches(['"', '`']);
        match self.types.get(&name.to_lowercase()) {
            Some(kind) if written.ends_with("[]") => Kind { kind: format!("list({})", kind.kind), ..Kind::default() },
            Some(kind) => kind.clone(),
            None => found,
        }
    }

    pub(super) fn column(
        &mut self,
        table: usize,
        def: &ColumnDef,
        element: &Element,
        whole: &Range<usize>,
        names: &mut Names,
    ) {
        let outside = &def.name.value;
        let at = element.tokens.first().map_or(whole.clone(), |first| first.at.clone());
        if self.table(table).columns.len() >= MAX_COLUMNS {
            return self.read.faults.push(Fault::too_many(at));
        }
        let known = self.table(table).columns.iter().any(|column| column.outside_name().eq_ignore_ascii_case(outside));
        if known {
            return self.fault(&at, format!("the column `{outside}` stands twice"));
        }
        let written = def.data_type.to_string();
        let kind = self.kind(&written);
        let mut column = ColumnOutline {
            name: names.word(outside, "column"),
            kind: kind.kind,
            length: kind.length,
            allowed: kind.allowed,
            optional: true,
            docs: docs(&element.docs),
            at: at.clone(),
            ..ColumnOutline::default()
        };
        column.outside = (column.name != *outside).then(|| outside.clone());
        if kind.unknown && !written.is_empty() && element.remark.is_none() {
            column.notes.push(self.left_out(&at, format!("its type in SQL is {written}")));
        }
        let name = column.name.clone();
        self.table(table).columns.push(column);
        for option in &def.options {
            self.option(table, &name, &option.option, whole);
        }
        if let Some(remark) = &element.remark {
            let Some(mut column) = self.table(table).columns.pop() else { return };
            if let Err(why) = remark::on(remark_text(remark), &mut column) {
                self.fault(&remark.at, format!("this remark cannot be read: {why}"));
            }
            self.table(table).columns.push(column);
        }
    }

    pub(super) fn option(&mut self, table: usize, name: &str, option: &ColumnOption, at: &Range<usize>) {
        let with = |reader: &mut Self, change: &dyn Fn(&mut ColumnOutline)| {
            if let Some(column) = reader.table(table).columns.iter_mut().find(|column| column.name == name) {
                change(column);
            }
        };
        match option {
            ColumnOption::Null => with(self, &|column| column.optional = true),
            ColumnOption::NotNull => with(self, &|column| column.optional = false),
            ColumnOption::PrimaryKey(_) => with(self, &|column| (column.key, column.optional) = (true, false)),
            ColumnOption::Unique(_) => with(self, &|column| column.unique = true),
            ColumnOption::Default(value) => self.default(table, name, value, at),
            ColumnOption::Check(check) => self.check(table, &check.expr, None, None, at),
            ColumnOption::ForeignKey(key) => self.reference(table, vec![name.to_owned()], key, at),
            ColumnOption::Comment(comment) => with(self, &|column| {
                column.docs.get_or_insert(comment.clone());
            }),
            ColumnOption::Generated { generation_expr: Some(value), .. } => {
                match condition::text(value, &self.read.outline.tables[table]) {
                    Some(text) => with(self, &|column| column.derived = Some(text.clone())),
                    None => {
                        let note = self.left_out(at, format!("in SQL it is generated as {value}"));
                        with(self, &|column| column.notes.push(note.clone()));
                    }
                }
            }
            // How a database counts up is no part of what the values are like.
            ColumnOption::Generated { .. } | ColumnOption::Identity(_) | ColumnOption::Collation(_) => {}
            ColumnOption::CharacterSet(_) | ColumnOption::OnConflict(_) | ColumnOption::OnUpdate(_) => {}
            ColumnOption::DialectSpecific(tokens)
                if tokens.iter().all(|token| token.to_string().to_uppercase().starts_with("AUTO")) => {}
            other => {
                let note = self.left_out(at, format!("in SQL it has {other}"));
                with(self, &|column| column.notes.push(note.clone()));
            }
        }
    }

    pub(super) fn default(&mut self, table: usize, name: &str, value: &Expr, at: &Range<usize>) {
        let Some(column) = self.table(table).columns.iter_mut().find(|column| column.name == name) else { return };
        if matches!(condition::bare(value), Expr::Value(value) if value.value == Value::Null) {
            return;
        }
        let counts = value.to_string().to_lowercase().starts_with("nextval(");
        match condition::constant(value, column) {
            Some(text) => column.default = Some(text),
            None if counts => {}
            None => {
                let note = self.left_out(at, format!("in SQL its default is {value}"));
                if let Some(column) = self.table(table).columns.iter_mut().find(|column| column.name == name) {
                    column.notes.push(note);
                }
            }
        }
    }
}
