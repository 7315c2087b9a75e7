//! One model of a diagnostic, whatever finds the fault and whatever shows it.
//!
//! A diagnostic says what is wrong ([`Diagnostic::message`]) on the exact token ([`Diagnostic::label`]), where the
//! conflicting fact came from ([`Diagnostic::related`]), why or what to do ([`Diagnostic::help`]) and, where the text
//! itself can be mended, how ([`Diagnostic::fixes`]). [`render`] shows it to people, as a picture or on one line; [`json`] and
//! [`sarif`] to programs, [`github`] on the lines of a pull request. `docs/diagnostics.md` says what each of them counts.
//! [`Code`] lists every kind there is, each with a page that `ndsl explain` prints.

pub mod code;
mod excerpt;
pub mod github;
pub mod json;
pub mod render;
pub mod sarif;
mod syntax;

pub use code::Code;
use ndsl_grammar::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program cannot be used as it is.
    Error,
    /// The program can be used, but probably does not do what was meant.
    Warning,
    /// Something the reader will want to know, such as a rewrite the compiler made.
    Note,
}

impl Severity {
    /// The word it is shown as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place in a source and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A phrase, lower case, no full stop.
    pub text: String,
}

/// How safe a fix is to apply without looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// It is what was meant, or changes nothing in the meaning.
    Safe,
    /// It is a guess: a person should look.
    Guess,
}

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace; empty to insert.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// A change of the text that mends the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative: "replace `Linear` with `Dense`".
    pub title: String,
    /// Its edits, not overlapping.
    pub edits: Vec<Edit>,
    /// How safe it is.
    pub applicability: Applicability,
}

/// One fault, one warning or one note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind it is; stable across versions.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// The exact place, with a short phrase.
    pub label: Label,
    /// Where the conflicting facts came from.
    pub related: Vec<Label>,
    /// Why it is so, or what to do about it: whole sentences' worth, one each.
    pub help: Vec<String>,
    /// Changes that mend it, the likeliest first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A diagnostic of `code`'s own severity at `span`, its label still empty.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: one_line(message.into()),
            label: Label { span, text: String::new() },
            related: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The phrase under the exact place.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label.text = one_line(text.into());
        self
    }

    /// Another place that explains the fault.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: one_line(text.into()) });
        self
    }

    /// Why, or what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(one_line(text.into()));
        self
    }

    /// A change of one place that mends the fault.
    pub fn fix(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        let title = one_line(title.into());
        self.fixes.push(Fix { title, edits: vec![Edit { span, text: text.into() }], applicability });
        self
    }

    /// Whether it keeps the program from being used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// What is said of a text may hold a part of it, which may go over several lines; a sentence is one.
fn one_line(text: String) -> String {
    match text.contains(['\n', '\r']) {
        true => text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "),
        false => text,
    }
}
