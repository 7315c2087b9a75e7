//! JSON Schema to an outline.

use std::collections::HashSet;
use std::ops::Range;

use super::super::json::{Node, Value};
use super::super::outline::{ColumnOutline, Rule, TableOutline};
use super::super::words::{self, Names};
use super::super::{Fault, MAX_COLUMNS, Read, anchors, expression, remark};
use super::bounds::bounds;
use super::members::{Document, Members};
use super::{FORMATS, HEAD, REMARK};
use crate::schema::form::Length;
use crate::schema::{pattern, types};

/// The most labels that an enum may have.
const MAX_LABELS: usize = 4096;
/// The most digits after a decimal's point.
const MAX_PLACES: i32 = 12;
/// The levels of lists in lists that are followed.
const MAX_LISTS: usize = 16;

/// What is said of values and has no counterpart.
const NOT_SAID: &[&str] = &[
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "patternProperties",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "additionalItems",
    "uniqueItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
    "contentEncoding",
    "contentMediaType",
    "$dynamicRef",
];

/// Reads a document.
///
/// # Errors
/// Where it is no JSON.
pub(in super::super) fn read(text: &str, name: &str) -> Result<Read, Vec<Fault>> {
    let root = Node::read(text)?;
    let mut reader = Reader { document: Document { root: &root }, read: Read::default() };
    reader.document(name);
    Ok(reader.read)
}

struct Reader<'n> {
    document: Document<'n>,
    read: Read,
}

/// What the values of a column are.
#[derive(Default)]
struct Values {
    kind: String,
    optional: bool,
    allowed: Option<String>,
    length: Option<Length>,
    pattern: Option<String>,
    /// Conditions, each before the column's name or behind it: `{} > 0`.
    checks: Vec<String>,
    notes: Vec<String>,
}

impl<'n> Reader<'n> {
    fn fault(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.read.faults.push(Fault::new(at.clone(), message));
    }

    /// What is not in the schema, with the comment that says so.
    fn left_out(&mut self, at: &Range<usize>, message: String) -> String {
        self.read.left_out.push(Fault::new(at.clone(), message.clone()));
        message
    }

    fn members(&mut self, node: &'n Node) -> Members<'n> {
        self.document.members(node, &mut self.read.faults)
    }

    fn document(&mut self, name: &str) {
        let root = self.document.root;
        if !matches!(root.value, Value::Object(_)) {
            return self.fault(&root.at, "a JSON Schema is an object");
        }
        let members = self.members(root);
        let title = members.get("title").and_then(Node::text).map(|title| words::word_of(title, name));
        let docs = members.get("description").and_then(Node::text).map(str::to_owned);
        self.read.outline.name = title.unwrap_or_else(|| name.to_owned());
        let tables = self.tables(root, &members);
        if tables.is_empty() {
            let rows = if is_array(&members) { members.get("items").unwrap_or(root) } else { root };
            let own = self.members(rows);
            if own.get("properties").is_some() {
                let name = self.read.outline.name.clone();
                let table = self.table(name, rows, &own);
                self.read.outline.is_table = true;
                self.read.outline.docs = docs.or_else(|| table.docs.clone());
                self.read.outline.tables.push(TableOutline { docs: None, ..table });
            }
        } else {
            self.read.outline.docs = docs;
            self.read.outline.notes = self.not_said(&members);
            let mut names = Names::default();
            for (called, rows) in tables {
                let own = self.members(rows);
                let word = names.word(called, "Rows");
                let mut table = self.table(word.clone(), rows, &own);
                if word != called {
                    table.notes.insert(0, format!("called {} outside", words::quoted(called)));
                }
                self.read.outline.tables.push(table);
            }
        }
        if let Some(head) = root.get(HEAD) {
            let taken = head.text().ok_or_else(|| "it is a text".to_owned());
            let taken = taken.and_then(|text| remark::head(text, &mut self.read.outline));
            if let Err(why) = taken {
                self.fault(&head.at, format!("`{HEAD}` cannot be read: {why}"));
            }
        }
    }

    /// The tables of a document: lists of objects by their names, or else the definitions, where the root has no columns itself.
    fn tables(&mut self, root: &'n Node, members: &Members<'n>) -> Vec<(&'n str, &'n Node)> {
        let mut tables = Vec::new();
        let properties = members.get("properties").map(Node::members).unwrap_or_default();
        for (name, node) in properties {
            let own = self.members(node);
            let items = own.get("items").filter(|_| is_array(&own));
            match items.map(|items| (items, self.members(items))) {
                Some((items, inner)) if inner.get("properties").is_some() => tables.push((name.as_str(), items)),
                _ => return Vec::new(),
            }
        }
        if tables.is_empty() && properties.is_empty() && !is_array(members) {
            let definitions = ["$defs", "definitions"].iter().filter_map(|name| root.get(name)).flat_map(Node::members);
            for (name, node) in definitions {
                if self.members(node).get("properties").is_some() {
                    tables.push((name, node));
                }
            }
        }
        tables
    }

    fn table(&mut self, name: String, node: &'n Node, members: &Members<'n>) -> TableOutline {
        let docs = members.get("description").and_then(Node::text).map(str::to_owned);
        let mut table = TableOutline { name, docs, at: start(&node.at), ..TableOutline::default() };
        table.notes = self.not_said(members);
        let required: HashSet<&str> =
            members.get("required").and_then(Node::items).into_iter().flatten().filter_map(Node::text).collect();
        let mut names = Names::default();
        let mut words = HashSet::new();
        let properties = members.get("properties").map(Node::members).unwrap_or_default();
        if properties.len() > MAX_COLUMNS {
            self.read.faults.push(Fault::too_many(start(&node.at)));
            return table;
        }
        for (name, node) in properties {
            let word = names.word(name, "column");
            words.insert(name.as_str());
            let (column, checks) = self.column(name, word, node, required.contains(name.as_str()));
            table.columns.push(column);
            table.rules.extend(checks);
        }
        for node in members.get("required").and_then(Node::items).into_iter().flatten() {
            if let Some(name) = node.text().filter(|name| !words.contains(name)) {
                let message = format!("`{name}` is required, and has no schema under `properties`");
                table.notes.push(self.left_out(&node.at, message));
            }
        }
        match node.get(REMARK).or_else(|| members.get(REMARK)) {
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

    fn column(&mut self, name: &str, word: String, node: &'n Node, required: bool) -> (ColumnOutline, Vec<Rule>) {
        let members = self.members(node);
        let at = start(&node.at);
        // The description of the objects in a column is none of the column, unless it is its own.
        let described = |name: &str| if is_object(&members) { node.get(name) } else { members.get(name) };
        let docs = described("description").or_else(|| described("title")).and_then(Node::text);
        let mut column =
            ColumnOutline { name: word, docs: docs.map(str::to_owned), at: at.clone(), ..ColumnOutline::default() };
        column.outside = (column.name != name).then(|| name.to_owned());
        let values = self.values(node, &members, 0);
        column.kind = values.kind;
        column.optional = values.optional || !required;
        column.allowed = values.allowed;
        column.length = values.length.map(super::super::describe::length);
        column.pattern = values.pattern;
        column.notes = values.notes;
        if let Some(default) = members.get("default").filter(|node| node.value != Value::Null) {
            match literal(default, &column.kind) {
                Some(text) => column.default = Some(text),
                None => {
                    let shown = short(default);
                    let note =
                        self.left_out(&default.at, format!("its default {shown} is no value of `{}`", column.kind));
                    column.notes.push(note);
                }
            }
        }
        if let Some(said) = members.get(REMARK) {
            let taken = said.text().ok_or_else(|| "it is a text".to_owned());
            if let Err(why) = taken.and_then(|text| remark::on(text, &mut column)) {
                self.fault(&said.at, format!("`{REMARK}` cannot be read: {why}"));
            }
        }
        let name = &column.name;
        let rules = values.checks.iter().map(|check| Rule {
            text: format!("check {}", check.replace("{}", name)),
            at: at.clone(),
            ..Rule::default()
        });
        let rules = rules.collect();
        (column, rules)
    }

    /// What is said and has no counterpart, a comment each.
    fn not_said(&mut self, members: &Members<'n>) -> Vec<String> {
        let lacking = members.iter().filter(|(name, _)| NOT_SAID.contains(name));
        // `uniqueItems: false` limits nothing.
        let lacking = lacking.filter(|(_, node)| node.value != Value::Bool(false));
        let found: Vec<_> = lacking.map(|(name, node)| (name, node, "")).collect();
        let repeated: Vec<_> = members.repeated.iter().map(|(name, node)| (*name, *node, " a second time")).collect();
        let mut notes = Vec::new();
        for (name, node, again) in found.into_iter().chain(repeated) {
            notes.push(self.left_out(&node.at, format!("JSON Schema says{again}: {name} {}", short(node))));
        }
        notes
    }

    fn values(&mut self, node: &'n Node, members: &Members<'n>, depth: usize) -> Values {
        let mut values = Values { kind: "json".into(), ..Values::default() };
        if matches!(node.value, Value::Bool(_)) {
            return values;
        }
        if is_object(members) {
            // What is said of the objects in a column is said of no row.
            self.object(node, members, &mut values);
            values.optional = allows_null(members);
            return values;
        }
        values.notes = self.not_said(members);
        for choice in ["anyOf", "oneOf"] {
            let Some(options) = members.get(choice).and_then(Node::items) else { continue };
            let others: Vec<&'n Node> = options.iter().filter(|option| !is_null(option)).collect();
            if let [only] = others[..]
                && members.get("type").is_none()
                && depth < MAX_LISTS
            {
                let inner = self.members(only);
                let mut inner = self.values(only, &inner, depth + 1);
                inner.optional |= others.len() < options.len();
                inner.notes.splice(0..0, values.notes);
                return inner;
            }
            let at = members.get(choice).map_or(node.at.clone(), |node| node.at.clone());
            let alternatives = format!("any of {} kinds of values", others.len());
            values.notes.push(self.left_out(&at, alternatives));
            values.optional |= others.len() < options.len();
            return values;
        }
        let mut kinds: Vec<&str> = match members.get("type") {
            Some(Node { value: Value::Text(kind), .. }) => vec![kind],
            Some(Node { value: Value::List(kinds), .. }) => kinds.iter().filter_map(Node::text).collect(),
            _ => Vec::new(),
        };
        values.optional = kinds.contains(&"null");
        kinds.retain(|kind| *kind != "null");
        if members.get("enum").is_some() || members.get("const").is_some() {
            self.listed(members, &kinds, &mut values);
            return values;
        }
        match kinds[..] {
            ["integer"] => self.numbers(members, true, &mut values),
            ["number"] => self.numbers(members, false, &mut values),
            ["integer", "number"] | ["number", "integer"] => self.numbers(members, false, &mut values),
            ["boolean"] => values.kind = "bool".into(),
            ["string"] => self.text(members, &mut values),
            ["array"] => self.list(members, depth, &mut values),
            [] if members.get("pattern").is_some() || members.get("format").is_some() => {
                self.text(members, &mut values);
            }
            [] => {}
            [kind] => self.fault(
                &members.get("type").map_or(node.at.clone(), |node| node.at.clone()),
                format!("there is no type `{kind}`: JSON has string, number, integer, boolean, array, object and null"),
            ),
            _ => {
                let at = members.get("type").map_or(node.at.clone(), |node| node.at.clone());
                values.notes.push(self.left_out(&at, format!("a value is one of {}", kinds.join(", "))));
            }
        }
        values
    }

    fn numbers(&mut self, members: &Members<'n>, mut is_int: bool, values: &mut Values) {
        if let Some(step) = members.get("multipleOf") {
            match step.number().filter(|number| *number > 0.0) {
                Some(step) if !is_int && (-step.log10()).round() == -step.log10() && step <= 1.0 => {
                    let places = (-step.log10()).round() as i32;
                    is_int = places == 0;
                    if (1..=MAX_PLACES).contains(&places) {
                        values.kind = format!("decimal({places})");
                    }
                }
                Some(1.0) => {}
                Some(number) if number.fract() == 0.0 && number < 9e15 => {
                    values.checks.push(format!("{{}} % {} == 0", number as i64));
                }
                _ => {
                    let note = format!("JSON Schema says: multipleOf {}", short(step));
                    values.notes.push(self.left_out(&step.at, note));
                }
            }
        }
        if values.kind == "json" {
            values.kind = if is_int { "int" } else { "float" }.into();
        }
        let found = bounds(members, is_int, &mut self.read.faults);
        values.allowed = found.allowed;
        values.checks.extend(found.above.map(|number| format!("{{}} > {number}")));
    }

    fn text(&mut self, members: &Members<'n>, values: &mut Values) {
        values.kind = "string".into();
        if let Some(format) = members.get("format") {
            match format.text().and_then(|format| FORMATS.iter().find(|(known, _)| *known == format)) {
                Some((_, kind)) => values.kind = (*kind).into(),
                None => {
                    let note = format!("JSON Schema says: format {}", short(format));
                    values.notes.push(self.left_out(&format.at, note));
                }
            }
        }
        let def = types::find(&values.kind);
        let takes = |clause: types::ClauseName| def.is_some_and(|def| def.clauses.contains(&clause));
        let length = self.length(members, "minLength", "maxLength");
        if let Some(length) = length.filter(|_| takes(types::ClauseName::Length)) {
            let whole = (0, def.and_then(types::TypeDef::length).map(|(_, max)| max));
            if (length.min, length.max) != whole {
                values.length = Some(length);
            }
            if values.kind == "string" && length.max.is_none_or(|max| max > 255) && length.min > 255 {
                values.kind = "text".into();
            }
        }
        if let Some(node) = members.get("pattern") {
            let taken = node.text().map(anchors::whole).filter(|_| takes(types::ClauseName::Matches));
            match taken.filter(|pattern| pattern::read(pattern).is_ok()) {
                Some(pattern) => values.pattern = Some(words::pattern(&pattern)),
                None => {
                    let note = format!("JSON Schema says: pattern {}", short(node));
                    values.notes.push(self.left_out(&node.at, note));
                }
            }
        }
    }

    /// How long a text or a list may be.
    fn length(&mut self, members: &Members<'n>, least: &str, most: &str) -> Option<Length> {
        let mut whole = |name: &str| {
            let node = members.get(name)?;
            let number = node.whole().and_then(|number| u64::try_from(number).ok());
            if number.is_none() {
                self.fault(&node.at, format!("`{name}` is a whole number from 0"));
            }
            number
        };
        let (min, max) = (whole(least), whole(most));
        (min.is_some() || max.is_some()).then(|| Length { min: min.unwrap_or(0), max })
    }

    fn list(&mut self, members: &Members<'n>, depth: usize, values: &mut Values) {
        let item = match members.get("items").filter(|node| matches!(node.value, Value::Object(_))) {
            Some(node) if depth < MAX_LISTS => {
                let inner = self.members(node);
                self.values(node, &inner, depth + 1)
            }
            _ => Values { kind: "json".into(), ..Values::default() },
        };
        values.kind = format!("list({}{})", item.kind, if item.optional { "?" } else { "" });
        values.length = self.length(members, "minItems", "maxItems");
        values.notes.extend(item.notes);
        let limits = [
            item.allowed.map(|allowed| format!("in {allowed}")),
            item.length.map(|length| format!("length {}", super::super::describe::length(length))),
            item.pattern.map(|pattern| format!("matches \"{pattern}\"")),
        ];
        let limits: Vec<String> = limits.into_iter().flatten().collect();
        if !limits.is_empty() {
            let at = members.get("items").map_or(0..0, |node| node.at.clone());
            values.notes.push(self.left_out(&at, format!("each item: {}", limits.join(" "))));
        }
    }

    fn object(&mut self, node: &'n Node, members: &Members<'n>, values: &mut Values) {
        let names: Vec<&str> = members
            .get("properties")
            .map(Node::members)
            .unwrap_or_default()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let what = match (members.names.first(), &names[..]) {
            (Some(name), _) => format!("an object: {name}"),
            (None, []) => return,
            (None, names) => format!("an object of {}", names.join(", ")),
        };
        values.notes.push(self.left_out(&node.at, what));
    }

    /// `enum` and `const`.
    fn listed(&mut self, members: &Members<'n>, kinds: &[&str], values: &mut Values) {
        let single;
        let (at, items): (_, &[Node]) = match (members.get("enum"), members.get("const")) {
            (_, Some(only)) => {
                single = [only.clone()];
                (only.at.clone(), &single)
            }
            (Some(list), None) => match list.items() {
                Some(items) => (list.at.clone(), items),
                None => return self.fault(&list.at, "`enum` is a list of values"),
            },
            (None, None) => return,
        };
        values.optional |= items.iter().any(|item| item.value == Value::Null);
        let items: Vec<&Node> = items.iter().filter(|item| item.value != Value::Null).collect();
        if items.is_empty() {
            return self.fault(&at, "nothing is in this list, so no value is allowed");
        }
        if items.len() > MAX_LABELS {
            let fault =
                Fault::new(at, format!("a list of {} values: at most {MAX_LABELS} are told apart", items.len()));
            self.read
                .faults
                .push(fault.help("a table with a key holds any number, and a reference to it stands for one"));
            return;
        }
        for (place, item) in items.iter().enumerate() {
            if items[..place].iter().any(|other| other.value == item.value) {
                self.fault(&item.at, "this value stands twice in the list");
            }
        }
        let texts: Vec<&str> = items.iter().filter_map(|item| item.text()).collect();
        let numbers: Vec<f64> = items.iter().filter_map(|item| item.number()).collect();
        let truths = items.iter().filter(|item| matches!(item.value, Value::Bool(_))).count();
        let list = |written: Vec<String>| Some(format!("[{}]", written.join(", ")));
        if texts.len() == items.len() {
            let labels: Vec<String> = texts.iter().map(|text| expression::label(text)).collect();
            values.kind = format!("enum {{ {} }}", labels.join(", "));
        } else if numbers.len() == items.len() {
            let whole: Vec<String> =
                items.iter().filter_map(|item| item.whole()).map(|whole| whole.to_string()).collect();
            let is_int = whole.len() == items.len() && kinds != ["number"];
            values.kind = if is_int { "int" } else { "float" }.into();
            values.allowed = if is_int { list(whole) } else { list(numbers.into_iter().map(words::number).collect()) };
        } else if truths == items.len() {
            values.kind = "bool".into();
            if let [only] = items[..] {
                values.allowed = list(vec![format!("{}", only.value == Value::Bool(true))]);
            }
        } else {
            let shown = items.iter().take(8).map(|item| short(item)).collect::<Vec<_>>().join(", ");
            values.notes.push(self.left_out(&at, format!("a value is one of {shown}")));
        }
    }
}

/// The first line of a value, so that a whole object is not a place.
fn start(at: &Range<usize>) -> Range<usize> {
    at.start..at.start + 1
}

/// Whether a schema is of objects alone, or of nothing.
fn is_object(members: &Members<'_>) -> bool {
    match members.get("type") {
        Some(kind) if kind.text() == Some("object") => true,
        Some(Node { value: Value::List(kinds), .. }) => {
            kinds.iter().all(|kind| matches!(kind.text(), Some("object" | "null"))) && !kinds.is_empty()
        }
        Some(_) => false,
        None => members.get("properties").is_some(),
    }
}

fn allows_null(members: &Members<'_>) -> bool {
    let kinds = members.get("type").and_then(Node::items).unwrap_or_default();
    kinds.iter().any(|kind| kind.text() == Some("null"))
}

fn is_array(members: &Members<'_>) -> bool {
    members.get("type").and_then(Node::text) == Some("array")
}

/// `{"type": "null"}`
fn is_null(node: &Node) -> bool {
    node.get("type").and_then(Node::text) == Some("null")
        || node.get("const").is_some_and(|node| node.value == Value::Null)
}

/// A value on one line, cut where it is long.
pub(in super::super) fn short(node: &Node) -> String {
    let text = node.to_json().short();
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A value as a program writes one of that type; nothing where it is none.
pub(in super::super) fn literal(node: &Node, kind: &str) -> Option<String> {
    use ndsl_grammar::TokenKind;
    let alone = |text: &str, wanted: TokenKind| {
        let tokens = ndsl_grammar::lex(text);
        matches!(&tokens[..], [only] if only.kind == wanted).then(|| text.to_owned())
    };
    let name = kind.split(['(', ' ']).next().unwrap_or(kind);
    match (&node.value, name) {
        (Value::Bool(truth), "bool") => Some(truth.to_string()),
        (Value::Number(_), "int") => node.whole().map(|number| number.to_string()),
        (Value::Number(_), "float" | "decimal" | "address.latitude" | "address.longitude") => {
            node.number().map(words::number)
        }
        (Value::Text(text), "date") => alone(text, TokenKind::Date),
        (Value::Text(text), "datetime") => words::moment(text),
        (Value::Text(text), "time") => alone(text, TokenKind::Time),
        (Value::Text(text), "enum") => Some(expression::label(text)),
        (Value::Text(_), "json" | "list" | "int" | "float" | "decimal" | "bool" | "uuid") => None,
        (Value::Text(text), _) => Some(words::quoted(text)),
        _ => None,
    }
}
