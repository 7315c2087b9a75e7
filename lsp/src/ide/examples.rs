//! Values that a column may have, beside what is said of it.

use std::fmt::{Debug, Write};

use ndsl_compiler::Analysis;
use ndsl_compiler::schema::{ColumnId, Schemas, TableId};

use super::hover::{Hover, column_named};

/// More letters of a value are not shown.
const MAX_LETTERS: usize = 60;

/// Makes values of columns. The language server has nothing that makes rows, so whoever starts it hands this in.
pub trait Examples: Debug + Send + Sync {
    /// Some values of a column, as a text file has them; none where no row can be made. Nothing was found wrong with the schemas.
    fn values(&self, schemas: &Schemas, table: TableId, column: ColumnId) -> Vec<String>;
}

/// What is said of the name at `offset`, with values that it may have where it is a column of sound schemas.
pub fn with_examples(hover: Hover, analysis: &Analysis, offset: usize, examples: &dyn Examples) -> Hover {
    let near = analysis.near(&(offset..offset));
    let values = match column_named(&near, offset) {
        Some((_, table, column)) if !analysis.has_errors() => examples.values(near.schemas(), table, column),
        _ => return hover,
    };
    let Hover { range, mut markdown } = hover;
    let shown: Vec<String> =
        values.iter().filter(|value| !value.trim().is_empty()).map(|value| quoted(value)).collect();
    if !shown.is_empty() {
        let _ = write!(markdown, "\n- For example: {}", shown.join(", "));
    }
    Hover { range, markdown }
}

/// A text as code of Markdown, on one line.
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let cut = line.char_indices().nth(MAX_LETTERS).map_or(line.clone(), |(end, _)| format!("{}…", &line[..end]));
    match cut.contains('`') {
        true => format!("`` {cut} ``"),
        false => format!("`{cut}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_value_of_any_content_is_one_line_of_code() {
        assert_eq!(quoted("a\nb"), "`a b`");
        assert_eq!(quoted("a`b"), "`` a`b ``");
        assert_eq!(quoted(&"ü".repeat(100)), format!("`{}…`", "ü".repeat(60)));
    }
}
