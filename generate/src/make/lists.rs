//! Lists and JSON.

use std::cell::OnceCell;

use ndsl_compiler::schema::ColumnId;

use super::Batch;
use crate::column::{Column, Values};
use crate::fault::Result;
use crate::plan::{ColumnPlan, How, MAX_ITEMS, Nulls};
use crate::random::{Stream, below};
use crate::rows::Rows;
use crate::text::Texts;

impl Batch<'_> {
    /// Lists of from `min` to `max` items.
    pub(super) fn lists(&self, id: ColumnId, stream: Stream, item: &ColumnPlan, min: u64, max: u64) -> Result<Column> {
        let keys = self.keys(id)?;
        let mut ends = Vec::with_capacity(keys.len());
        let mut items = Vec::new();
        keys.each(|key| {
            let count = min + below(stream.word(key), max - min + 1);
            // Each item is made as a row would be that has this number.
            items.extend((0..count).map(|place| key.wrapping_mul(MAX_ITEMS).wrapping_add(place)));
            ends.push(items.len() as i32);
        });
        let keys: Rows = Rows::Listed(items.into());
        let missing = match &item.nulls {
            Nulls::Share(share) => {
                let stream = item.stream.lane(crate::plan::NULLS);
                Some(keys.map(|key| stream.unit(key) < *share))
            }
            _ => None,
        };
        let made = self.items(id, item, keys)?;
        let items = Column { missing: super::joined(missing, made.missing), values: made.values };
        Ok(Column::whole(Values::List(ends, Box::new(items))))
    }

    /// The items of all rows, made as rows of a column of their type would be.
    fn items(&self, id: ColumnId, item: &ColumnPlan, keys: Rows) -> Result<Column> {
        match &item.how {
            How::List { item: inner, min, max } => {
                let batch = self.beside(keys);
                batch.lists(id, item.stream, inner, *min, *max)
            }
            How::Choice { choices, .. } => {
                let ty = item_type(self, id);
                let data = keys.map(|key| choices.values[choices.guide.place(item.stream.unit(key))].clone());
                Ok(Column::of(&ty, data.into_iter()))
            }
            How::Reference(reference) => self.beside(keys).referring_by(id, item.stream, reference),
            how => self.beside(keys).values(id, item, how),
        }
    }

    /// A batch of the same table whose rows, and random numbers, go by other numbers.
    fn beside(&self, keys: Rows) -> Self {
        let count = self.columns.len();
        let cells = || (0..count).map(|_| OnceCell::new());
        let batch = Self {
            making: self.making,
            table: self.table,
            rows: keys.clone(),
            keys: OnceCell::new(),
            columns: cells().collect(),
            parents: (0..count).map(|_| OnceCell::new()).collect(),
            normals: (0..count).map(|_| OnceCell::new()).collect(),
        };
        batch.with_keys(keys)
    }
}

fn item_type(batch: &Batch<'_>, id: ColumnId) -> ndsl_compiler::schema::Type {
    let mut ty = batch.making.schemas.at(batch.table).at(id).kind.value();
    while let ndsl_compiler::schema::Type::List(item) = ty {
        ty = *item;
    }
    ty
}

/// Names of what settings and attributes are mostly about.
const NAMES: [&str; 8] = ["theme", "source", "version", "enabled", "score", "tags", "notes", "limit"];

const WORDS: [&str; 8] = ["light", "dark", "web", "mobile", "import", "basic", "beta", "new"];

/// Small JSON objects: from one to four names with a text, a number, a truth value or a list each.
pub fn json(stream: Stream, keys: &Rows) -> Texts {
    let mut out = Texts::with_capacity(keys.len(), 48);
    keys.each(|key| {
        let mut draws = stream.draws(key);
        let count = 1 + draws.below(4);
        let first = draws.below(NAMES.len() as u64);
        out.open().push('{');
        for place in 0..count {
            let name = NAMES[((first + place * 3) % NAMES.len() as u64) as usize];
            let text = out.open();
            if place > 0 {
                text.push(',');
            }
            text.push('"');
            text.push_str(name);
            text.push_str("\":");
            match name {
                "enabled" => text.push_str(if draws.below(2) == 0 { "false" } else { "true" }),
                "version" | "limit" => text.push_str(&draws.below(100).to_string()),
                "score" => text.push_str(&format!("0.{:02}", draws.below(99) + 1)),
                "tags" => {
                    let word = |draw: u64| WORDS[draw as usize];
                    text.push_str(&format!("[\"{}\",\"{}\"]", word(draws.below(4)), word(4 + draws.below(4))));
                }
                _ => {
                    text.push('"');
                    text.push_str(WORDS[draws.below(WORDS.len() as u64) as usize]);
                    text.push('"');
                }
            }
        }
        out.open().push('}');
        out.end();
    });
    out
}
