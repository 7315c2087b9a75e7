//! What has a path: the files that a `use` or a dataset may name.

use std::ops::Range;

use ndsl_compiler::plan::DeviceChoice;
use ndsl_compiler::signature::Kind as Takes;
use serde_json::{Map, Value};

use super::{Completion, Item, Kind, Place, values};
use crate::ide::expected;
use crate::ide::links::is_file;

/// The files beside a text.
pub trait Folders {
    /// What a folder holds, by its path from that of the text: each name, and whether it is a folder.
    fn list(&self, folder: &str) -> Vec<(String, bool)>;

    /// The first line of a file, by its path from the folder of the text; nothing where there is none, or too long a one.
    fn first_line(&self, path: &str) -> Option<String>;
}

/// The names of the columns of a file of values between commas, or of another character.
pub(super) fn columns(folders: &dyn Folders, path: &str, delimiter: char) -> Vec<String> {
    let Some(line) = folders.first_line(path) else { return Vec::new() };
    let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let mut columns = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = columns.len() - 1;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => columns[last].extend(letters.next()),
            '"' => quoted = !quoted,
            letter if letter == delimiter && !quoted => columns.push(String::new()),
            letter => columns[last].push(letter),
        }
    }
    columns.retain(|column| !column.trim().is_empty());
    columns.truncate(MAX_COLUMNS);
    columns
}

/// The keys of the first object of a file of JSON lines; what an object holds in another is named with a dot.
pub(super) fn keys(folders: &dyn Folders, path: &str) -> Vec<String> {
    fn collect(object: &Map<String, Value>, before: &str, columns: &mut Vec<String>) {
        for (key, value) in object {
            let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
            match value {
                Value::Object(inner) if !inner.is_empty() => collect(inner, &name, columns),
                _ => columns.push(name),
            }
        }
    }
    let mut columns = Vec::new();
    let line = folders.first_line(path).unwrap_or_default();
    if let Ok(Value::Object(object)) = serde_json::from_str(line.trim_start_matches('\u{feff}')) {
        collect(&object, "", &mut columns);
    }
    columns.truncate(MAX_COLUMNS);
    columns
}

/// The most columns of a file that are offered.
const MAX_COLUMNS: usize = 2000;

/// What a text between quotes could be: a path, or one of a few words.
pub(super) fn between_quotes(place: &Place<'_>, quotes: &Range<usize>) -> Completion {
    let start = quotes.start + 1;
    let Some(written) = place.text.get(start..place.offset.max(start)) else { return Completion::default() };
    let context = &place.context;
    let keyword = context.keyword(place.text).unwrap_or_default();
    let is_program = keyword == "use" && context.outer.from;
    let parameter = expected::wanted(context, place.text).and_then(|wanted| wanted.parameter);
    let is_data = keyword == "dataset" && parameter.is_some_and(|parameter| is_file(parameter.name))
        || keyword == "dataset" && parameter.is_none() && !context.frames.is_empty()
        || keyword == "schema" && context.outer.from && context.frames.is_empty();
    if is_program || is_data {
        let (folder, _) = written.rsplit_once('/').unwrap_or_default();
        let name_start = start + written.rfind('/').map_or(0, |at| at + 1);
        let all = place.folders.list(folder).into_iter();
        let fit = all.filter(|(name, is_folder)| {
            !name.starts_with('.') && (*is_folder || (name.ends_with(".ndsl") == is_program))
        });
        let items = fit.map(|(name, is_folder)| match is_folder {
            true => Item::new(format!("{name}/"), Kind::Folder).rank(2),
            false => Item::new(name, Kind::File).rank(1),
        });
        let mut items: Vec<Item> = items.collect();
        items.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
        return Completion { replaces: name_start..place.offset, items };
    }
    let choices = |words: &[&str]| Completion {
        replaces: start..place.offset,
        items: words.iter().map(|word| Item::new(*word, Kind::EnumMember)).collect(),
    };
    match parameter.map(|parameter| parameter.kind) {
        Some(Takes::Choice(words)) => choices(words),
        Some(Takes::Device) => choices(DeviceChoice::WORDS),
        Some(Takes::Column | Takes::Columns) => Completion {
            replaces: start..place.offset,
            // Between quotes a name stands as it is.
            items: values::columns(place).into_iter().map(|item| Item { insert: item.label.clone(), ..item }).collect(),
        },
        _ => Completion::default(),
    }
}
