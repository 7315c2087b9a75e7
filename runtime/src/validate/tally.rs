//! What was found, rule by rule: counts of everything, and the first of each.

use serde::Serialize;

use crate::data::Place;

/// What a rule says something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A column of the table that the file does not have.
    MissingColumn,
    /// A column of the file that the table does not have.
    UnknownColumn,
    /// A row that is none: it has too many cells, or is no JSON.
    Row,
    /// A cell that is no value of its column's type.
    Type,
    /// No value where there must be one.
    Null,
    /// `in 18..=95`
    Range,
    /// `length 2..=5`
    Length,
    /// `matches "[A-Z]{3}"`
    Pattern,
    /// `key`, `unique`, of one column or several.
    Unique,
    /// `ref Customer`
    Reference,
    /// `check shipped >= placed`
    Check,
    /// `= quantity * price`
    Derived,
}

/// A rule of a table, with how often it is broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// The table's name from outside.
    pub table: String,
    /// The columns it is about, by their names in files; none for a whole row.
    pub columns: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// It as the schema writes it, or in few words.
    pub rule: String,
    /// How often it is broken.
    pub count: u64,
    /// The first that break it.
    pub first: Vec<Found>,
}

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// The file.
    pub file: String,
    /// The line of a text file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The row of another file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The value, shortened; nothing where there is none.
    pub value: Option<String>,
    /// Why it breaks the rule.
    pub reason: String,
}

/// Takes each place where a rule is broken, as it is found.
pub type Each<'e> = dyn FnMut(&Rule, &Found) + 'e;

/// A rule, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RuleId(usize);

/// Counts of all rules.
pub(super) struct Tally<'e> {
    rules: Vec<Rule>,
    /// How many places of each rule are kept.
    most: usize,
    each: Option<&'e mut Each<'e>>,
}

/// Why a place breaks a rule: its value and the reason.
pub(super) type Why = (Option<String>, String);

impl<'e> Tally<'e> {
    pub(super) fn new(most: usize, each: Option<&'e mut Each<'e>>) -> Self {
        Self { rules: Vec::new(), most, each }
    }

    /// A rule that rows are held to.
    pub(super) fn rule(&mut self, table: &str, columns: Vec<String>, kind: Kind, rule: String) -> RuleId {
        self.rules.push(Rule { table: table.to_owned(), columns, kind, rule, count: 0, first: Vec::new() });
        RuleId(self.rules.len() - 1)
    }

    /// A rule as it stands.
    pub(super) fn at(&self, id: RuleId) -> &Rule {
        &self.rules[id.0]
    }

    /// Counts a place that breaks a rule; what it is like is only asked where somebody wants to know.
    #[cold]
    pub(super) fn broken(&mut self, id: RuleId, file: &str, place: Option<Place>, why: impl FnOnce() -> Why) {
        let rule = &mut self.rules[id.0];
        rule.count += 1;
        let kept = rule.first.len() < self.most;
        if !kept && self.each.is_none() {
            return;
        }
        let (value, reason) = why();
        let (line, row) = match place {
            Some(Place::Line(line)) => (Some(line), None),
            Some(Place::Row(row)) => (None, Some(row)),
            None => (None, None),
        };
        let found = Found { file: file.to_owned(), line, row, value, reason };
        if let Some(each) = &mut self.each {
            each(rule, &found);
        }
        if kept {
            rule.first.push(found);
        }
    }

    /// Every rule, those of a table together in the order they were made.
    pub(super) fn finish(self) -> Vec<Rule> {
        self.rules
    }
}
