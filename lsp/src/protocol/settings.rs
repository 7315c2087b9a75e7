//! What the user has set: read from what the editor sends, by the schema that is published in `docs/editor-settings.json`.

use serde_json::Value;

use crate::ide::hints::Wanted;

/// What the editor calls our part of its settings.
pub const SECTION: &str = "ndsl";

/// What the user has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which inlay hints are shown.
    pub hints: Wanted,
    /// How many rows a batch has where nothing says it.
    pub batch_size: usize,
    /// Whether lines are shown above declarations.
    pub lenses: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hints: Wanted::default(), batch_size: 32, lenses: true }
    }
}

impl Settings {
    /// What was sent, alone or under our name; what is missing or of another type stands as by default.
    pub fn read(sent: &Value) -> Self {
        let sent = sent.get(SECTION).unwrap_or(sent);
        let default = Self::default();
        let at = |path: &str| sent.pointer(path);
        let truth = |path: &str, default: bool| at(path).and_then(Value::as_bool).unwrap_or(default);
        let count = |path: &str, default: usize| {
            let number = at(path).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
            number.filter(|number| (1..=MAX_BATCH).contains(number)).unwrap_or(default)
        };
        Self {
            hints: Wanted {
                shapes: truth("/inlayHints/shapes", default.hints.shapes),
                parameters: truth("/inlayHints/parameterNames", default.hints.parameters),
                dimensions: truth("/inlayHints/dimensions", default.hints.dimensions),
            },
            batch_size: count("/hover/batchSize", default.batch_size),
            lenses: truth("/codeLens/enable", default.lenses),
        }
    }
}

/// The largest batch that can be set.
const MAX_BATCH: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PUBLISHED: &str = include_str!("../../../docs/editor-settings.json");

    #[test]
    fn what_is_set_is_read_and_the_rest_stands() {
        let read =
            Settings::read(&json!({ "ndsl": { "inlayHints": { "shapes": false }, "hover": { "batchSize": 8 } } }));
        assert_eq!((read.hints.shapes, read.hints.parameters, read.batch_size), (false, true, 8));
        let odd = json!({ "inlayHints": 3, "hover": { "batchSize": -1 }, "codeLens": { "enable": "yes" }, "more": [] });
        assert_eq!(Settings::read(&odd), Settings::default());
        assert_eq!(Settings::read(&Value::Null), Settings::default());
    }

    #[test]
    fn the_published_schema_has_every_setting_with_its_default() {
        let schema: Value = serde_json::from_str(PUBLISHED).unwrap();
        let mut other = serde_json::Map::new();
        for (key, setting) in schema["properties"].as_object().unwrap() {
            let path: Vec<&str> = key.split('.').collect();
            let [section, group, name] = path[..] else { panic!("{key}") };
            assert_eq!(section, SECTION);
            assert!(setting["description"].is_string(), "{key}");
            let value = match &setting["default"] {
                Value::Bool(truth) => json!(!truth),
                number => json!(number.as_u64().unwrap() + 1),
            };
            let group = other.entry(group).or_insert_with(|| json!({}));
            group[name] = value;
        }
        let (default, other) = (Settings::default(), Settings::read(&Value::Object(other)));
        assert_ne!(default.hints.shapes, other.hints.shapes);
        assert_ne!(default.hints.parameters, other.hints.parameters);
        assert_ne!(default.hints.dimensions, other.hints.dimensions);
        assert_ne!(default.lenses, other.lenses);
        assert_eq!(default.batch_size + 1, other.batch_size);
    }
}
