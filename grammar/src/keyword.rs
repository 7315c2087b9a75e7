//! The words that begin declarations and statements.

/// A word with a meaning of its own at the start of a declaration or of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The word.
    pub word: &'static str,
    /// Where it may stand.
    pub place: Place,
    /// Whether it is kept for a part of the language that this version does not have.
    pub reserved: bool,
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
    /// Inside an expression or after one.
    Expression,
}

const fn keyword(word: &'static str, place: Place, reserved: bool, docs: &'static str) -> Keyword {
    Keyword { word, place, reserved, docs }
}

/// Every keyword.
pub const KEYWORDS: &[Keyword] = &[
    keyword("model", Place::Declaration, false, "A network: a typed function on tensors."),
    keyword("Model", Place::Declaration, false, "Another spelling of `model`; its inputs may be `Input(shape=[…])`."),
    keyword("const", Place::Declaration, false, "A named compile-time value."),
    keyword("dataset", Place::Declaration, false, "Rows to train on or to predict from, read from a file."),
    keyword("train", Place::Declaration, false, "How a model is trained: on what, with which loss and optimizer."),
    keyword("use", Place::Declaration, false, "Brings declarations of another file into this one."),
    keyword("block", Place::Declaration, true, "A parameterised body to be used in models."),
    keyword("schema", Place::Declaration, true, "Tables and their typed columns."),
    keyword("synthesizer", Place::Declaration, true, "Learns a table and draws new rows like it."),
    keyword("deploy", Place::Declaration, true, "Serves a trained model."),
    keyword("provider", Place::Declaration, true, "An outside service that generation may call."),
    keyword("assert", Place::Declaration, true, "A fact about the file that must hold."),
    keyword("input", Place::Statement, false, "A tensor that the model takes, the batch left out of its shape."),
    keyword("output", Place::Statement, true, "A value that the model answers."),
    keyword("share", Place::Statement, true, "A layer whose weights several uses have in common."),
    keyword("repeat", Place::Statement, true, "Unrolls its body a number of times."),
    keyword("residual", Place::Statement, true, "Adds what its body makes of the flow to the flow."),
    keyword("branch", Place::Statement, true, "Runs bodies side by side on the flow."),
    keyword("if", Place::Statement, true, "Chooses a body by a compile-time condition."),
    keyword("check", Place::Statement, true, "A condition on the dimensions that must hold."),
    keyword("assert", Place::Statement, true, "A fact about the model that must hold."),
    keyword("as", Place::Expression, false, "Names the value of a statement."),
    keyword("and", Place::Expression, false, "True when both sides are."),
    keyword("or", Place::Expression, false, "True when one of its sides is."),
    keyword("not", Place::Expression, false, "True when what follows is false."),
    keyword("true", Place::Expression, false, "The truth value."),
    keyword("false", Place::Expression, false, "The other truth value."),
];

/// The keyword that begins a declaration with `word`.
pub(crate) fn declaration(word: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.place == Place::Declaration && keyword.word == word)
}

/// Whether `word` begins a statement that this version does not have.
pub(crate) fn is_reserved_statement(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.place == Place::Statement && keyword.reserved && keyword.word == word)
}

/// The declaration keyword that `word` was probably meant to be: within a third of its length.
pub(crate) fn nearest_declaration(word: &str) -> Option<&'static Keyword> {
    KEYWORDS
        .iter()
        .filter(|keyword| keyword.place == Place::Declaration && keyword.word != "Model")
        .map(|keyword| (strsim::osa_distance(&word.to_lowercase(), keyword.word), keyword))
        .filter(|(distance, keyword)| *distance <= keyword.word.len().div_ceil(3).min(2) && word.len() <= 24)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, keyword)| keyword)
}
