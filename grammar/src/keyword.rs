//! The words that begin declarations and statements.

/// A word with a meaning of its own at the start of a declaration or of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The word.
    pub word: &'static str,
    /// Where it may stand.
    pub place: Place,
    /// What it does, in one line.
    pub docs: &'static str,
}

/// Where a keyword may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the start of a declaration.
    Declaration,
    /// At the start of a statement in a model's body.
    Statement,
    /// In a schema.
    Schema,
    /// Inside an expression or after one.
    Expression,
}

const fn keyword(word: &'static str, place: Place, docs: &'static str) -> Keyword {
    Keyword { word, place, docs }
}

/// Every keyword.
pub const KEYWORDS: &[Keyword] = &[
    keyword("model", Place::Declaration, "A network: a typed function on tensors."),
    keyword("Model", Place::Declaration, "Another spelling of `model`; its inputs may be `Input(shape=[…])`."),
    keyword("const", Place::Declaration, "A named compile-time value."),
    keyword("dataset", Place::Declaration, "Rows to train on or to predict from, read from a file."),
    keyword("train", Place::Declaration, "How a model is trained: on what, with which loss and optimizer."),
    keyword("use", Place::Declaration, "Brings declarations of another file into this one."),
    keyword("block", Place::Declaration, "A parameterised body to be used in models."),
    keyword("schema", Place::Declaration, "Tables and their typed columns."),
    keyword("synthesizer", Place::Declaration, "Learns a table and draws new rows like it."),
    keyword("deploy", Place::Declaration, "Serves a trained model."),
    keyword("provider", Place::Declaration, "An outside service that generation may call."),
    keyword("assert", Place::Declaration, "A fact about the file that must hold."),
    keyword("input", Place::Statement, "A tensor that the model takes, the batch left out of its shape."),
    keyword("output", Place::Statement, "A value that the model answers."),
    keyword("share", Place::Statement, "A layer whose weights several uses have in common."),
    keyword("repeat", Place::Statement, "Unrolls its body a number of times."),
    keyword("residual", Place::Statement, "Adds what its body makes of the flow to the flow."),
    keyword("branch", Place::Statement, "Runs bodies side by side on the flow."),
    keyword("if", Place::Statement, "Chooses a body by a compile-time condition."),
    keyword("check", Place::Statement, "A condition on the dimensions that must hold."),
    keyword("table", Place::Schema, "A kind of rows and their columns."),
    keyword("check", Place::Schema, "A condition that must hold of every row."),
    keyword("correlate", Place::Schema, "How strongly two columns go together, from -1 to 1."),
    keyword("enum", Place::Schema, "A column of one of these labels, each with its share of the rows."),
    keyword("list", Place::Schema, "A column of several values of one type."),
    keyword("ref", Place::Schema, "A column that names a row of another table."),
    keyword("key", Place::Schema, "The column, or columns, that a row is known by."),
    keyword("unique", Place::Schema, "No two rows have the same value."),
    keyword("length", Place::Schema, "How long a text or a list may be."),
    keyword("matches", Place::Schema, "The regular expression that a text follows."),
    keyword("default", Place::Schema, "The value where none is given."),
    keyword("from", Place::Schema, "What a column is called outside, or the file a schema is read from."),
    keyword("using", Place::Schema, "The provider that reads the file of a schema."),
    keyword("else", Place::Expression, "What holds when no condition of an `if` does."),
    keyword("in", Place::Expression, "Whether a value lies in a range or a list."),
    keyword("null", Place::Expression, "No value."),
    keyword("as", Place::Expression, "Names the value of a statement."),
    keyword("and", Place::Expression, "True when both sides are."),
    keyword("or", Place::Expression, "True when one of its sides is."),
    keyword("not", Place::Expression, "True when what follows is false."),
    keyword("true", Place::Expression, "The truth value."),
    keyword("false", Place::Expression, "The other truth value."),
];

/// The keyword that begins a declaration with `word`.
pub(crate) fn declaration(word: &str) -> Option<&'static Keyword> {
    // Nearly every word is none, and this is asked of all of them.
    if !matches!(
        word,
        "model"
            | "Model"
            | "const"
            | "dataset"
            | "train"
            | "use"
            | "block"
            | "schema"
            | "synthesizer"
            | "deploy"
            | "provider"
            | "assert"
    ) {
        return None;
    }
    KEYWORDS.iter().find(|keyword| keyword.place == Place::Declaration && keyword.word == word)
}

/// The declaration keyword that `word` was probably meant to be: within a third of its length.
pub(crate) fn nearest_declaration(word: &str) -> Option<&'static Keyword> {
    nearest(word, |keyword| keyword.place == Place::Declaration && keyword.word != "Model")
}

/// The nearest of the keywords that `wanted` takes: within a third of its length.
pub(crate) fn nearest(word: &str, wanted: impl Fn(&Keyword) -> bool) -> Option<&'static Keyword> {
    // Longer words are no keyword, and are not compared: that takes time with their length.
    const LONGEST: usize = 24;
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    KEYWORDS
        .iter()
        .filter(|keyword| wanted(keyword))
        .map(|keyword| (strsim::osa_distance(&lower, keyword.word), keyword))
        .filter(|(distance, keyword)| *distance <= keyword.word.len().div_ceil(3).min(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, keyword)| keyword)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_of_a_declaration_is_found() {
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.place == Place::Declaration) {
            assert_eq!(declaration(keyword.word), Some(keyword));
        }
    }
}
