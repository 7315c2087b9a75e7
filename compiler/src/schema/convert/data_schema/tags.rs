//! What stands in doc comments for a DataSchema alone: `@sample_values ["Ada"]`.

use ndsl_grammar::{TokenKind, lex};

use super::super::json::{Json, Node};
use super::super::outline::{ColumnOutline, TableOutline};

/// The tags that are members of a field or a table.
pub(super) const MEMBERS: [&str; 6] =
    ["sample_values", "depends_on", "generation_hint", "relationships", "metadata", "format"];
/// The tag of the constraints that say nothing of such values.
pub(super) const CONSTRAINTS: &str = "constraints";
/// The tag of members that nobody knows.
pub(super) const OTHERS: &str = "also";

/// A doc comment, and what its tags say.
#[derive(Default)]
pub(super) struct Tagged {
    /// The comment without them.
    pub docs: Option<String>,
    /// The tags.
    pub tags: Vec<(String, Json)>,
}

impl Tagged {
    /// Reads a doc comment.
    pub fn read(docs: Option<&str>) -> Self {
        let mut lines: Vec<&str> = docs.map(|docs| docs.split('\n').collect()).unwrap_or_default();
        let mut tags = Vec::new();
        while let Some(tag) = lines.last().and_then(|line| tag(line)) {
            tags.insert(0, tag);
            lines.pop();
        }
        Self { docs: (!lines.is_empty()).then(|| lines.join("\n")), tags }
    }

    /// What a tag says.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.tags.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The doc comment that says all of it.
    pub fn written(&self) -> Option<String> {
        let tags = self.tags.iter().map(|(name, value)| format!("@{name} {}", value.short()));
        let lines: Vec<String> = self.docs.iter().cloned().chain(tags).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Whether a member of that name has a place of its own.
fn is_known(name: &str) -> bool {
    const OWN: [&str; 8] = ["name", "type", "description", "constraints", "fields", "tables", "schema", "format"];
    OWN.contains(&name) || MEMBERS.contains(&name) || name.starts_with(super::REMARK)
}

fn tag(line: &str) -> Option<(String, Json)> {
    let (name, value) = line.strip_prefix('@')?.split_once(' ')?;
    let known = MEMBERS.contains(&name) || name == CONSTRAINTS || name == OTHERS;
    let value = Node::read(value).ok().filter(|_| known)?.to_json();
    let fits = match (&value, name) {
        (Json::Object(members), OTHERS) => members.iter().all(|(name, _)| !is_known(name)),
        (_, OTHERS) => false,
        (Json::Object(members), _) => !members.is_empty(),
        (Json::List(items), _) => name != CONSTRAINTS && !items.is_empty(),
        (value, _) => name != CONSTRAINTS && *value != Json::Null,
    };
    fits.then(|| (name.to_owned(), value))
}

/// The other columns that a column is drawn or derived from.
pub(super) fn depends_on(column: &ColumnOutline, table: &TableOutline) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for text in [&column.draw, &column.derived].into_iter().flatten() {
        let mut after_dot = false;
        for token in lex(text) {
            let word = &text[token.range()];
            let read = token.kind == TokenKind::Word && !after_dot && word != column.name;
            if let Some(other) = table.column(word).filter(|other| read && !names.contains(&other.name)) {
                names.push(other.name.clone());
            }
            after_dot = token.kind == TokenKind::Dot;
        }
    }
    names
}

/// What the columns of a table refer to: `{"customer": ["Customer"]}`.
pub(super) fn relationships(table: &TableOutline) -> Option<Json> {
    let references = table.columns.iter().filter_map(|column| Some((column, column.kind.strip_prefix("ref ")?)));
    let members: Vec<(String, Json)> = references
        .map(|(column, target)| (column.outside_name().to_owned(), Json::List(vec![Json::text(target)])))
        .collect();
    (!members.is_empty()).then_some(Json::Object(members))
}
