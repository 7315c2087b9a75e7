//! Where the rows of a dataset come from: its files, their format, and which of their columns are read.

use ndsl_grammar::Span;

use crate::ir::Encoding;

/// Where a dataset's rows come from, as its declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetPlan {
    /// The name it was declared under.
    pub name: String,
    /// The declaration.
    pub span: Span,
    /// The way from the program's folder to that of the file that declares it; empty where they are one.
    pub folder: String,
    /// Its files.
    pub source: DataSource,
}

/// A text of the program and where it stands, so that a fault found in the data can point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The text, e.g. a path.
    pub text: String,
    /// Where the program says it.
    pub span: Span,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// A file here.
    Here(&'a str),
    /// A file of this machine by its address: what stands behind `file://`.
    File(&'a str),
    /// A file of another machine, by an address that is read: `https://…` or `http://…`.
    Web(&'a str),
    /// An address of a kind that is not.
    Other(&'a str),
}

impl Located {
    /// What it leads to, where it is a path.
    pub fn place(&self) -> Place<'_> {
        let address = self.text.split_once("://");
        let scheme = |scheme: &str| !scheme.is_empty() && scheme.chars().all(|letter| letter.is_ascii_alphanumeric());
        match address.filter(|(name, _)| scheme(name)) {
            None => Place::Here(&self.text),
            Some(("file", path)) => Place::File(path),
            Some(("https" | "http", _)) => Place::Web(&self.text),
            Some(_) => Place::Other(&self.text),
        }
    }

    /// Whether it names a column, where it is a pattern of columns: `*` stands for any characters.
    pub fn names_column(&self, column: &str) -> bool {
        let mut parts = self.text.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = column.strip_prefix(first) else { return false };
        let mut last = None;
        for part in parts {
            if let Some(middle) = last.replace(part) {
                // Every part but the last takes the first place it fits; nothing is lost by that.
                match rest.find(middle) {
                    Some(at) => rest = &rest[at + middle.len()..],
                    None => return false,
                }
            }
        }
        match last {
            Some(last) => rest.ends_with(last),
            None => rest.is_empty(),
        }
    }
}

/// What a dataset reads. Paths are relative to the folder of the file that declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// `csv("file.csv", columns=["pixel_*"], target=label)`, and its like in other formats.
    ///
    /// Offers `columns`, the chosen columns as one `f32[k]` in the file's order of each pattern, and the target, where there is one,
    /// under its own name.
    Columns {
        /// The files.
        files: Files,
        /// Names of columns, in which `*` stands for any characters; none means all but the target.
        columns: Option<Vec<Located>>,
        /// The column to learn; nothing where what is learnt is made of the columns themselves.
        target: Option<Located>,
    },
    /// `csv("file.csv")` of a table of a schema, and its like in other formats.
    ///
    /// Offers each of the columns as a field of its own name, one number a row.
    Table {
        /// The files.
        files: Files,
        /// The columns that are read; others of the file are passed over.
        columns: Vec<TableColumn>,
        /// The column to learn; nothing before it is known.
        target: Option<Located>,
    },
    /// `idx(images="…", labels="…")`: MNIST's format, gzip or not.
    ///
    /// Offers `image`, a `u8[height, width, 1]` (the channel axis is added to files of three dimensions; other ranks stay as they
    /// are), and `label`, an `i64[]`.
    Idx {
        /// The file of images.
        images: Located,
        /// The file of labels.
        labels: Located,
    },
    /// `images("pets", size=[224, 224])`: a folder of pictures.
    ///
    /// Offers `image`, a `u8[height, width, channels]`, and `label`, whose classes are the folders inside it, where these are labels.
    Images {
        /// The folder; where rows are predicted, folders and pictures.
        paths: Vec<Located>,
        /// What every picture is brought to.
        shape: ImageShape,
        /// Whether the folders inside it are the classes; where not, they are only folders.
        labelled: bool,
    },
    /// `images("train.csv", size=[224, 224], column=file, target=price)`: a table of pictures.
    ///
    /// Offers `image`, as a folder does, and the target under its own name.
    Pictures {
        /// The tables.
        files: Files,
        /// The column of the pictures' paths, from the folder of the first table.
        column: Located,
        /// The column to learn; nothing where that are the pictures themselves.
        target: Option<Located>,
        /// What every picture is brought to.
        shape: ImageShape,
    },
    /// `npy("x.npy", y="y.npy")`: arrays of NumPy.
    ///
    /// Offers `x` and, where it is given, `y`, a row for each of the arrays' first axis.
    Npy {
        /// The array that goes into the model.
        x: Located,
        /// The array to learn; nothing where that is the other.
        y: Option<Located>,
    },
    /// `npz("arrays.npz", target=y)`: an archive of NumPy's arrays.
    ///
    /// Offers each array under its own name, a row for each of their first axis.
    Npz {
        /// The file.
        path: Located,
        /// The array to learn; nothing where what is learnt is made of those that go in.
        target: Option<Located>,
    },
    /// `text("plays.txt", context=128)`: plain text in rows of so many tokens.
    ///
    /// Offers `tokens`, an `i64[context]`, and `next`, the token after each, whose classes are the vocabulary.
    Text {
        /// The files; what their format is, is not asked.
        files: Files,
        /// How it is cut.
        shape: TextShape,
    },
}

/// What a picture is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageShape {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels a row.
    pub width: usize,
    /// Numbers a pixel: 1 is grey, 3 are colours, 4 have transparency.
    pub channels: usize,
    /// How a picture of other proportions is brought to the size.
    pub fit: Fit,
    /// How its pixels are made of those it has.
    pub interpolation: Interpolation,
}

/// How a picture of other proportions is brought to a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// What stands over is cut off, as much on either side.
    Crop,
    /// What is missing is black, as much on either side.
    Pad,
    /// Its proportions become those of the size.
    Stretch,
}

/// How the pixels of another size are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// Each is the nearest one.
    Nearest,
    /// Linear between neighbours; a pixel of a smaller picture is a mean of all that it covers.
    Bilinear,
    /// By cubic curves.
    Bicubic,
    /// By Lanczos's window of three.
    Lanczos,
}

/// How a text is cut into rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextShape {
    /// Tokens a row.
    pub context: usize,
    /// Tokens from the start of one row to that of the next.
    pub stride: usize,
    /// What a token is.
    pub tokens: Tokens,
}

/// What a text is cut into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Its characters, numbered in the order of Unicode.
    Characters,
    /// Its bytes.
    Bytes,
    /// Its words and signs, numbered from the commonest; 0 is every other.
    Words {
        /// The most words that are known, the unknown one counted.
        vocabulary: usize,
        /// Whether capitals are read as small letters.
        lower: bool,
    },
    /// Pairs of bytes that were joined, learnt from the text.
    Pairs {
        /// The most tokens there are, the 256 bytes counted.
        vocabulary: usize,
    },
    /// The same, as a `tokenizer.json` has them.
    Tokenizer {
        /// The file.
        path: Located,
    },
}

/// The files of a dataset of rows and columns, read one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Each a path, or a pattern in which `*` stands for any characters.
    pub paths: Vec<Located>,
    /// What they are.
    pub format: Format,
    /// The most rows that are read, of all files together.
    pub limit: Option<usize>,
    /// A column whose values are kept beside the fields, by which rows are held out.
    pub key: Option<Located>,
    /// The SHA-256 that all their bytes must have, one file after another, in hexadecimal.
    pub sha256: Option<Located>,
}

/// The format of a file of rows and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text, one row a line.
    Csv(Dialect),
    /// Apache Parquet.
    Parquet,
    /// One JSON object a line.
    JsonLines,
    /// Arrow's format for files and streams, which Feather is too.
    Arrow,
    /// Plain text, which has no columns.
    Text,
}

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two cells: one byte of ASCII.
    pub delimiter: u8,
    /// Whether the first line holds the columns' names; otherwise they are `column_1`, `column_2` and so on.
    pub header: bool,
    /// The texts that mean that there is no value, beside an empty cell; nothing for the usual ones.
    pub nulls: Option<Vec<String>>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', header: true, nulls: None }
    }
}

impl Files {
    /// All rows of one file.
    pub fn of(path: Located, format: Format) -> Self {
        Self { paths: vec![path], format, limit: None, key: None, sha256: None }
    }
}

impl Format {
    /// What a file of that name is by its ending, `data.csv.gz` like `data.csv`; nothing where that says nothing.
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (_, ending) = name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.')?;
        Some(match ending {
            "csv" => Self::Csv(Dialect::default()),
            "tsv" => Self::Csv(Dialect { delimiter: b'\t', ..Dialect::default() }),
            "parquet" => Self::Parquet,
            "jsonl" | "ndjson" => Self::JsonLines,
            "arrow" | "feather" => Self::Arrow,
            _ => return None,
        })
    }

    /// What a file of it is called: `CSV file`.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Csv(_) => "CSV file",
            Self::Parquet => "Parquet file",
            Self::JsonLines => "file of JSON lines",
            Self::Arrow => "Arrow file",
            Self::Text => "text file",
        }
    }
}

impl DataSource {
    /// Its files, in the order a command takes them.
    pub fn files(&self) -> Vec<&Located> {
        match self {
            Self::Columns { files, .. }
            | Self::Table { files, .. }
            | Self::Text { files, .. }
            | Self::Pictures { files, .. } => files.paths.iter().collect(),
            Self::Idx { images, labels } => vec![images, labels],
            Self::Images { paths, .. } => paths.iter().collect(),
            Self::Npy { x, y } => std::iter::once(x).chain(y).collect(),
            Self::Npz { path, .. } => vec![path],
        }
    }

    /// The name of the field to learn, where there is one; of a table it may not be known.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Columns { target, .. }
            | Self::Table { target, .. }
            | Self::Pictures { target, .. }
            | Self::Npz { target, .. } => target.as_ref().map(|target| target.text.as_str()),
            Self::Idx { .. } => Some("label"),
            Self::Images { labelled, .. } => labelled.then_some("label"),
            Self::Text { .. } => Some("next"),
            Self::Npy { y, .. } => y.is_some().then_some("y"),
        }
    }
}

/// A column of a table, as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name in the program.
    pub name: String,
    /// Its name in the file.
    pub outside: String,
    /// How its values are numbers.
    pub encoding: Encoding,
    /// Whether a cell may be empty.
    pub optional: bool,
    /// Where it is declared.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let matches =
            |pattern: &str, name| Located { text: pattern.to_owned(), span: Span::default() }.names_column(name);
        assert!(matches("pixel_*", "pixel_12"));
        assert!(matches("*", ""));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(matches("*_y", "x_y"));
        assert!(matches("exact", "exact"));
        assert!(!matches("exact", "exactly"));
        assert!(!matches("a*bc", "abcd"));
        // The prefix and the suffix may not share characters.
        assert!(!matches("ab*ba", "aba"));
    }
}
