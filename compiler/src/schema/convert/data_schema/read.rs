//! A DataSchema to an outline.

use std::ops::Range;

use super::super::json::{Json, Node, Value};
use super::super::json_schema::literal;
use super::super::outline::{ColumnOutline, Outline, Rule, TableOutline};
use super::super::words::{self, Names};
use super::super::{Fault, MAX_COLUMNS, Read, describe, expression, remark};
use super::tags::{self, Tagged};
use super::{FORMATS, HEAD, REMARK, TYPES};
use crate::schema::form::Length;
use crate::schema::{pattern, types};

/// The members of the whole and of a table that are kept in tags.
const WHOLE: &[&str] =
    &["relationships", "metadata", "sample_values", "generation_hint", "depends_on", "format", tags::CONSTRAINTS];
/// Those of a field.
const FIELD: &[&str] = &["relationships", "metadata", "sample_values", "generation_hint"];

/// Reads a document; one under `schema` too, as requests have it.
///
/// # Errors
/// Where it is no JSON.
pub(in super::super) fn read(text: &str, name: &str) -> Result<Read, Vec<Fault>> {
    let root = Node::read(text)?;
    let root = root.get("schema").filter(|_| root.get("fields").is_none()).unwrap_or(&root);
    let mut reader = Reader::default();
    reader.document(root, name);
    Ok(reader.read)
}

#[derive(Default)]
struct Reader {
    read: Read,
}

impl Reader {
    fn fault(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.read.faults.push(Fault::new(at.clone(), message));
    }

    /// The text a member is; anything else is a fault.
    fn text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        let found = node.get(name).filter(|node| node.value != Value::Null)?;
        if found.text().is_none() {
            self.fault(&found.at, format!("`{name}` is a text"));
        }
        found.text()
    }

    fn document(&mut self, root: &Node, name: &str) {
        if !matches!(root.value, Value::Object(_)) {
            return self.fault(&root.at, "a DataSchema is an object");
        }
        let called = self.text(root, "name").map_or_else(|| name.to_owned(), |called| words::word_of(called, name));
        let mut outline = Outline { name: called.clone(), ..Outline::default() };
        match root.get("tables") {
            Some(Node { value: Value::List(tables), .. }) if root.get("fields").is_none() => {
                outline.docs = self.docs(root, WHOLE, &["name", "description", "tables", HEAD]).written();
                let mut names = Names::default();
                for table in tables {
                    let name = self.text(table, "name").unwrap_or("Rows").to_owned();
                    let name = names.word(&name, "Rows");
                    let table = self.table(table, name);
                    outline.tables.push(table);
                }
            }
            Some(other) if root.get("fields").is_none() => self.fault(&other.at, "`tables` is a list"),
            _ => {
                let table = self.table(root, called);
                outline.is_table = true;
                outline.docs.clone_from(&table.docs);
                outline.tables.push(TableOutline { docs: None, ..table });
            }
        }
        if let Some(head) = root.get(HEAD) {
            let taken = head.text().ok_or_else(|| "it is a text".to_owned());
            if let Err(why) = taken.and_then(|text| remark::head(text, &mut outline)) {
                self.fault(&head.at, format!("`{HEAD}` cannot be read: {why}"));
            }
        }
        self.read.outline = outline;
    }

    /// The description of something, with what is kept in tags: the members in `tagged`, and those nobody knows.
    fn docs(&mut self, node: &Node, tagged: &[&str], known: &[&str]) -> Tagged {
        let docs = self.text(node, "description").filter(|docs| !docs.is_empty()).map(str::to_owned);
        let mut tags = Vec::new();
        let mut others = Vec::new();
        for (name, member) in node.members() {
            match name.as_str() {
                _ if is_empty(member) => {}
                name if tagged.contains(&name) => tags.push((name.to_owned(), member.to_json())),
                name if known.contains(&name) => {}
                name => others.push((name.to_owned(), member.to_json())),
            }
        }
        if !others.is_empty() {
            tags.push((tags::OTHERS.to_owned(), Json::Object(others)));
        }
        Tagged { docs, tags }
    }

    fn table(&mut self, node: &Node, name: String) -> TableOutline {
        let mut table = TableOutline { name, at: node.at.start..node.at.start + 1, ..TableOutline::default() };
        let Some(fields) = node.get("fields").and_then(Node::items) else {
            let at = node.get("fields").map_or(table.at.clone(), |fields| fields.at.clone());
            self.fault(&at, "`fields` is missing: a list of objects with `name` and `type`");
            return table;
        };
        if fields.len() > MAX_COLUMNS {
            self.read.faults.push(Fault::too_many(table.at.clone()));
            return table;
        }
        let mut names = Names::default();
        for field in fields {
            table.columns.extend(self.field(field, &mut names));
        }
        for (field, place) in fields.iter().zip(0..) {
            self.depends_on(field, place, &mut table);
        }
        let known = ["name", "description", "fields", "schema", REMARK, HEAD];
        let mut tagged = self.docs(node, WHOLE, &known);
        let computed = tags::relationships(&table);
        tagged.tags.retain(|(name, value)| name != "relationships" || Some(value) != computed.as_ref());
        table.docs = tagged.written();
        match node.get(REMARK) {
            None => {}
            Some(Node { value: Value::List(items), .. }) => {
                for item in items {
                    match item.text().ok_or_else(|| "it is a text".to_owned()).and_then(remark::rules) {
                        Ok(rules) => {
                            table.rules.extend(rules.into_iter().map(|rule| Rule { at: item.at.clone(), ..rule }));
                        }
                        Err(why) => self.fault(&item.at, format!("this rule cannot be read: {why}")),
                    }
                }
            }
            Some(other) => self.fault(&other.at, format!("`{REMARK}` of a table is a list of rules")),
        }
        table
    }

    /// Keeps what a field depends on, where what it is computed from does not say so.
    fn depends_on(&mut self, field: &Node, place: usize, table: &mut TableOutline) {
        let Some(given) = field.get("depends_on").filter(|given| !is_empty(given)) else { return };
        let Some(column) = table.columns.get(place) else { return };
        let computed = tags::depends_on(column, table).into_iter().map(Json::Text).collect();
        let given = match given.to_json() {
            Json::Text(only) => Json::List(vec![Json::Text(only)]),
            other => other,
        };
        if given != Json::List(computed) {
            let mut tagged = Tagged::read(column.docs.as_deref());
            tagged.tags.push(("depends_on".to_owned(), given));
            table.columns[place].docs = tagged.written();
        }
    }

    fn field(&mut self, node: &Node, names: &mut Names) -> Option<ColumnOutline> {
        let at = node.at.start..node.at.start + 1;
        let Some(name) = self.text(node, "name") else {
            if node.get("name").is_none() {
                self.fault(&at, "a field has a `name`");
            }
            return None;
        };
        let mut column = ColumnOutline { name: names.word(name, "field"), at: at.clone(), ..ColumnOutline::default() };
        column.outside = (column.name != name).then(|| name.to_owned());
        let given = self.text(node, "type")?.to_lowercase();
        let Some((_, kind)) = TYPES.iter().find(|(known, _)| *known == given) else {
            let at = node.get("type").map_or(at, |kind| kind.at.clone());
            let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
            let fault = Fault::new(at, format!("there is no type `{given}`"));
            self.read.faults.push(fault.help(format!("the types are {}", known.join(", "))));
            return Some(column);
        };
        column.kind = (*kind).to_owned();
        let known = ["name", "type", "description", "constraints", "depends_on", REMARK];
        let mut tagged = self.docs(node, FIELD, &known);
        let none = Node { at: at.clone(), value: Value::Object(Vec::new()) };
        let constraints = node.get("constraints").filter(|node| node.value != Value::Null).unwrap_or(&none);
        if !matches!(constraints.value, Value::Object(_)) {
            self.fault(&constraints.at, "`constraints` is an object");
        }
        self.constraints(constraints, &at, &mut column, &mut tagged);
        column.docs = tagged.written();
        if let Some(said) = node.get(REMARK) {
            let taken = said.text().ok_or_else(|| "it is a text".to_owned());
            if let Err(why) = taken.and_then(|text| remark::on(text, &mut column)) {
                self.fault(&said.at, format!("`{REMARK}` cannot be read: {why}"));
            }
        }
        Some(column)
    }

    fn constraints(&mut self, node: &Node, field: &Range<usize>, column: &mut ColumnOutline, tagged: &mut Tagged) {
        column.unique = node.get("unique").is_some_and(|node| node.value == Value::Bool(true));
        // A field may be null unless it says otherwise.
        column.optional = node.get("nullable").is_none_or(|node| node.value != Value::Bool(false));
        let mut kept = Vec::new();
        if let Some(format) = node.get("format").filter(|node| !is_empty(node)) {
            let known = FORMATS.iter().find(|(known, _)| format.text() == Some(known));
            match known.filter(|_| column.kind == "string") {
                Some((_, kind)) => column.kind = (*kind).to_owned(),
                None => tagged.tags.push(("format".to_owned(), format.to_json())),
            }
        }
        self.listed(node, field, column, &mut kept);
        self.range(node, column, &mut kept);
        self.length(node, column, &mut kept);
        if let Some(given) = node.get("pattern").filter(|node| !is_empty(node)) {
            let text = given.text().filter(|text| {
                takes(column, types::ClauseName::Matches) && pattern::read(&words::pattern(text)).is_ok()
            });
            match text {
                Some(text) => column.pattern = Some(words::pattern(text)),
                None => kept.push(("pattern".to_owned(), given.to_json())),
            }
        }
        if let Some(default) = node.get("default").filter(|node| node.value != Value::Null) {
            match literal(default, &column.kind) {
                Some(text) => column.default = Some(text),
                None => kept.push(("default".to_owned(), default.to_json())),
            }
        }
        const KNOWN: [&str; 10] = [
            "unique",
            "nullable",
            "format",
            "enum_values",
            "min_value",
            "max_value",
            "min_length",
            "max_length",
            "pattern",
            "default",
        ];
        for (name, member) in node.members().iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())) {
            kept.push((name.clone(), member.to_json()));
        }
        for (name, member) in &kept {
            let at = node.get(name).map_or(field.clone(), |node| node.at.clone());
            let message =
                format!("`{name}` {} limits no value of `{}`: it is kept in a comment", member.short(), column.kind);
            self.read.left_out.push(Fault::new(at, message));
        }
        if !kept.is_empty() {
            tagged.tags.push((tags::CONSTRAINTS.to_owned(), Json::Object(kept)));
        }
    }

    fn listed(
        &mut self,
        node: &Node,
        field: &Range<usize>,
        column: &mut ColumnOutline,
        kept: &mut Vec<(String, Json)>,
    ) {
        let given = node.get("enum_values").filter(|node| !is_empty(node));
        let items = given.and_then(Node::items);
        if column.kind == "enum" {
            let labels: Option<Vec<&str>> = items.and_then(|items| items.iter().map(Node::text).collect());
            let Some(labels) = labels.filter(|labels| !labels.is_empty()) else {
                let at = given.map_or(field.clone(), |node| node.at.clone());
                let fault = Fault::new(at, "an `enum` needs its `enum_values`: a list of texts");
                return self.read.faults.push(fault);
            };
            let labels: Vec<String> = labels.into_iter().map(expression::label).collect();
            column.kind = format!("enum {{ {} }}", labels.join(", "));
            return;
        }
        let Some(given) = given else { return };
        let values: Option<Vec<String>> =
            items.and_then(|items| items.iter().map(|item| literal(item, &column.kind)).collect());
        match values.filter(|values| !values.is_empty() && takes(column, types::ClauseName::In)) {
            Some(values) => column.allowed = Some(format!("[{}]", values.join(", "))),
            None => kept.push(("enum_values".to_owned(), given.to_json())),
        }
    }

    fn range(&mut self, node: &Node, column: &mut ColumnOutline, kept: &mut Vec<(String, Json)>) {
        let measured = matches!(column.kind.as_str(), "int" | "float" | "date" | "datetime" | "time");
        let mut ends = [String::new(), String::new()];
        for (place, name) in ["min_value", "max_value"].into_iter().enumerate() {
            let Some(given) = node.get(name).filter(|node| node.value != Value::Null) else { continue };
            match literal(given, &column.kind).filter(|_| measured && column.allowed.is_none()) {
                Some(text) => ends[place] = text,
                None => kept.push((name.to_owned(), given.to_json())),
            }
        }
        let [low, high] = ends;
        if !low.is_empty() || !high.is_empty() {
            column.allowed = Some(expression::range(&low, &high, true));
        }
    }

    fn length(&mut self, node: &Node, column: &mut ColumnOutline, kept: &mut Vec<(String, Json)>) {
        let mut ends = [None, None];
        for (place, name) in ["min_length", "max_length"].into_iter().enumerate() {
            let Some(given) = node.get(name).filter(|node| node.value != Value::Null) else { continue };
            match given
                .whole()
                .and_then(|number| u64::try_from(number).ok())
                .filter(|_| takes(column, types::ClauseName::Length))
            {
                Some(number) => ends[place] = Some(number),
                None => kept.push((name.to_owned(), given.to_json())),
            }
        }
        let [min, max] = ends;
        if min.is_some_and(|min| min > 0) || max.is_some() {
            column.length = Some(describe::length(Length { min: min.unwrap_or(0), max }));
        }
    }
}

/// Whether a column's type takes a clause.
fn takes(column: &ColumnOutline, clause: types::ClauseName) -> bool {
    let name = column.kind.split(['(', ' ']).next().unwrap_or_default();
    types::find(name).is_some_and(|def| def.clauses.contains(&clause))
}

/// Whether a member says nothing: null, or an empty list or object.
fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
