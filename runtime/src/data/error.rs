//! What can be wrong with a file of data.

use std::fmt;
use std::path::{Component, PathBuf};

use ndsl_compiler::diagnostics::{Applicability, Code, Diagnostic};
use ndsl_grammar::Span;

use crate::fetch::FetchError;

/// How many bad cells are collected before reading stops.
pub(crate) const MAX_BAD_CELLS: usize = 20;

/// A fault in a file of data, and the piece of program that asked for the file.
#[derive(Debug)]
pub struct DataError {
    /// The file.
    pub path: PathBuf,
    /// Where the program names what is at fault.
    pub span: Span,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a file of data.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file is not there.
    #[error("there is no such file")]
    Missing,
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(std::io::Error),
    /// A file without a single byte.
    #[error("the file is empty")]
    Empty,
    /// A header, or nothing, and no rows.
    #[error("it has no rows")]
    NoRows,
    /// A pattern that no file matches.
    #[error("no file matches it")]
    NoFiles,
    /// A path that is no pattern of files.
    #[error("it is no pattern of files: {0}")]
    Pattern(String),
    /// A file that was written to while it was read.
    #[error("it changed while it was read")]
    Changed,
    /// A file of another hash than the program says.
    #[error("its SHA-256 is {found}, and the program says {expected}")]
    Hash {
        /// What the program says.
        expected: String,
        /// What it is.
        found: String,
    },
    /// More rows than memory can hold.
    #[error("its rows do not fit into memory: after {rows} of them, more than the {} MB that are free would be needed", room >> 20)]
    TooLarge {
        /// How many were read.
        rows: usize,
        /// The bytes that were free.
        room: u64,
    },
    /// A file of another machine that nothing is known of.
    #[error("nothing says which file it must be")]
    NoHash {
        /// What its hash is.
        found: String,
    },
    /// A file that was not fetched.
    #[error("{0}")]
    Fetch(FetchError),
    /// The file that holds what memory cannot hold is not written or read.
    #[error(
        "its rows do not fit into memory, and the file in `{}` that they are put in cannot be used{}: {error}; `TMPDIR` names another \
         folder",
        folder.display(),
        after(*bytes)
    )]
    Aside {
        /// Its folder.
        folder: PathBuf,
        /// How many bytes it has, where it is being written.
        bytes: u64,
        /// What the system says.
        error: std::io::Error,
    },
    /// Bytes that are not UTF-8.
    #[error("line {line} is not UTF-8 text")]
    NotText {
        /// The line.
        line: u64,
    },
    /// A file that is not of its format, or is cut or damaged.
    #[error("it cannot be read as a {noun}: {reason}")]
    Form {
        /// What it should be.
        noun: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Two columns of one name.
    #[error("the header names the column `{name}` twice: it is column {first} and column {second}")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// The first place, counted from 1.
        first: usize,
        /// The second place.
        second: usize,
    },
    /// A column that the header does not have.
    #[error("it has no column `{name}`{}", hint(.suggestion, .available))]
    UnknownColumn {
        /// What was asked for.
        name: String,
        /// The likeliest one meant.
        suggestion: Option<String>,
        /// What there is.
        available: Vec<String>,
    },
    /// Several columns that the header does not have.
    #[error("it has no columns {}{}", listed(.names), hint(&None, .available))]
    UnknownColumns {
        /// What was asked for.
        names: Vec<String>,
        /// What there is.
        available: Vec<String>,
    },
    /// A pattern that no column matches.
    #[error("no column matches `{pattern}`{}", hint(.suggestion, .available))]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// The likeliest column meant.
        suggestion: Option<String>,
        /// What there is.
        available: Vec<String>,
    },
    /// The target among the inputs.
    #[error("the target `{name}` cannot be one of the inputs too")]
    TargetAsInput {
        /// The column.
        name: String,
    },
    /// A table with a target and nothing else, or with nothing at all.
    #[error("it has no columns{}", target.as_ref().map(|target| format!(" besides the target `{target}`")).unwrap_or_default())]
    NoColumns {
        /// The target, where there is one.
        target: Option<String>,
    },
    /// Cells, or whole lines, that cannot be used.
    #[error("{}", list(.cells, *.more))]
    Cells {
        /// The first of them.
        cells: Vec<BadCell>,
        /// Whether reading stopped there.
        more: bool,
    },
    /// A file of an array that is not of its format, or of a kind that is not read.
    #[error("{0}")]
    Array(String),
    /// A tokenizer that cannot be used.
    #[error("{0}")]
    Tokenizer(String),
    /// A folder that is not laid out as a dataset of pictures.
    #[error("{0}")]
    Folder(String),
    /// Pictures that cannot be read.
    #[error("{}", pictures_of(.pictures, *.more))]
    Pictures {
        /// The first of them, each with why.
        pictures: Vec<(String, String)>,
        /// Whether there may be others.
        more: bool,
    },
    /// A text that is too short for one row.
    #[error("it has {tokens} tokens, and a row and what follows it are {wanted}")]
    Short {
        /// What it has.
        tokens: usize,
        /// What one row needs.
        wanted: usize,
    },
    /// Characters that the model has no number for.
    #[error("it has characters that did not occur in training: {named}")]
    UnknownTokens {
        /// The first of them.
        named: String,
    },
    /// Rows that are not like those of another dataset.
    #[error("its `{name}` is not like that of the rows to train on")]
    OtherFields {
        /// The field.
        name: String,
    },
    /// Arrays that do not pair.
    #[error("it has {found} rows, and `{other}` has {expected}")]
    Rows {
        /// How many it has.
        found: usize,
        /// How many the other has.
        expected: usize,
        /// The other file.
        other: String,
    },
    /// Images and labels that do not pair.
    #[error("it has {labels} labels for the {images} images of `{file}`")]
    Unequal {
        /// How many images.
        images: usize,
        /// How many labels.
        labels: usize,
        /// The file of images.
        file: String,
    },
}

/// One cell that cannot be used, or a row of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// The file, where the dataset has several.
    pub file: Option<String>,
    /// Where the row stands in it.
    pub place: Place,
    /// The column's name; nothing where it is the row that is at fault.
    pub column: Option<String>,
    /// Why it cannot be used; of a row, what it has.
    pub reason: String,
}

/// Where a row stands in its file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The line of a text file.
    Line(u64),
    /// The row of another.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

impl DataError {
    /// The fault on the piece of program that asked for the file.
    pub fn diagnostic(&self) -> Diagnostic {
        let text = self.to_string();
        let mut lines = text.lines();
        let message = lines.next().unwrap_or_default();
        let label = match self.fault {
            Fault::Missing => "names a file that is not there",
            Fault::NoFiles => "matches no file",
            Fault::Hash { .. } => "is the hash of another file",
            Fault::UnknownColumn { .. } | Fault::NoMatch { .. } => "names a column that is not there",
            Fault::UnknownColumns { .. } => "one of the columns that are not there",
            Fault::TargetAsInput { .. } => "is the target",
            Fault::Folder(_) | Fault::Pictures { .. } => "names this folder",
            Fault::NoHash { .. } => "may be another file tomorrow",
            _ => "names this file",
        };
        let diagnostic = Diagnostic::new(Code::DataMismatch, self.span, message).label(label);
        let diagnostic = match &self.fault {
            Fault::NoHash { found } => {
                let behind = Span { start: self.span.end, ..self.span };
                let title = "say that it must be the file that it is now";
                let hash = format!(", sha256=\"{found}\"");
                diagnostic.help("it was fetched, and is read where the program has its hash").fix(
                    title,
                    behind,
                    hash,
                    Applicability::Safe,
                )
            }
            Fault::UnknownColumn { name, available, .. } => {
                called_otherwise(std::slice::from_ref(name), available).into_iter().fold(diagnostic, Diagnostic::help)
            }
            Fault::UnknownColumns { names, available } => {
                called_otherwise(names, available).into_iter().fold(diagnostic, Diagnostic::help)
            }
            _ => diagnostic,
        };
        lines.fold(diagnostic, |diagnostic, line| diagnostic.help(line.trim()))
    }
}

/// What a file's columns are called that differ from those wanted by capitals and signs alone.
fn called_otherwise(names: &[String], available: &[String]) -> Option<String> {
    let letters =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let pair = |name: &String| Some((name.clone(), available.iter().find(|column| letters(column) == letters(name))?));
    let pairs: Vec<_> = names.iter().filter_map(pair).collect();
    let (name, column) = pairs.first()?;
    let others = match pairs.len() {
        1 => "",
        _ => ", and so for the others",
    };
    Some(format!(
        "the file has `{column}`: in a schema `{name}: … from \"{column}\"` says what a file calls it{others}"
    ))
}

impl std::error::Error for DataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Io(error) | Fault::Aside { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address is told as it is.
        if let Some(address) = self.path.to_str().filter(|path| path.contains("://")) {
            return write!(f, "`{address}`: {}", self.fault);
        }
        // `./data.csv` of a program in the same folder is `data.csv`.
        let named: PathBuf = self.path.components().filter(|part| !matches!(part, Component::CurDir)).collect();
        write!(f, "`{}`: {}", named.display(), self.fault)
    }
}

impl fmt::Display for BadCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "`{file}`, ")?;
        }
        match &self.column {
            Some(column) => write!(f, "{}, column `{column}`: {}", self.place, self.reason),
            None => write!(f, "{} {}", self.place, self.reason),
        }
    }
}

/// How far a file was written.
fn after(bytes: u64) -> String {
    if bytes == 0 { String::new() } else { format!(" after {} MB", bytes >> 20) }
}

/// How many characters of a cell a message shows.
const SHOWN_CHARACTERS: usize = 40;

/// The cell in quotes, cut where it is long.
pub(crate) fn shown(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", &cell[..end]),
        None => format!("{cell:?}"),
    }
}

impl Fault {
    /// The fault behind an error of the file system.
    pub(crate) fn io(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// Names as a sentence lists them: `a`, `b` and `c`.
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// How a suggestion, or failing one what there is, follows a message.
fn hint(suggestion: &Option<String>, available: &[String]) -> String {
    const SHOWN: usize = 8;
    match suggestion {
        Some(name) => format!("; did you mean `{name}`?"),
        None => {
            let shown = available.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let rest = if available.len() > SHOWN { ", …" } else { "" };
            format!("; it has {shown}{rest}")
        }
    }
}

fn pictures_of(pictures: &[(String, String)], more: bool) -> String {
    if let ([(name, reason)], false) = (pictures, more) {
        return format!("`{name}`: {reason}");
    }
    let mut text = format!("{} pictures cannot be used", pictures.len());
    pictures.iter().for_each(|(name, reason)| text.push_str(&format!("\n  `{name}`: {reason}")));
    if more {
        text.push_str("\n  and perhaps more");
    }
    text
}

fn list(cells: &[BadCell], more: bool) -> String {
    match cells {
        [only] if !more => only.to_string(),
        _ => {
            let at_least = if more { "at least " } else { "" };
            let rows = cells.iter().filter(|cell| cell.column.is_none()).count();
            let noun = if matches!(cells.first(), Some(BadCell { place: Place::Row(_), .. })) { "row" } else { "line" };
            let plural = |count: usize, noun: &str| match count {
                0 => None,
                1 => Some(format!("1 {noun}")),
                count => Some(format!("{count} {noun}s")),
            };
            let what = [plural(rows, noun), plural(cells.len() - rows, "cell")];
            let what = what.into_iter().flatten().collect::<Vec<_>>().join(" and ");
            let mut text = format!("{at_least}{what} cannot be used");
            for cell in cells {
                text.push_str("\n  ");
                text.push_str(&cell.to_string());
            }
            text
        }
    }
}
