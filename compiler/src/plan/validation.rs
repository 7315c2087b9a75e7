//! Which rows a training holds out and measures after every epoch.

/// How the rows that are held out are chosen.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Validation {
    /// None are held out.
    #[default]
    None,
    /// A share, drawn by the seed.
    Random {
        /// The share of rows, above 0 and below 1.
        share: f64,
    },
    /// A share of the rows of each value of a column, drawn by the seed.
    Stratified {
        /// The share of rows, above 0 and below 1.
        share: f64,
        /// The column; nothing for the target.
        by: Option<String>,
    },
    /// All rows of some of the values of a column, drawn by the seed.
    Group {
        /// The share of rows, above 0 and below 1.
        share: f64,
        /// The column.
        by: String,
    },
    /// The last rows by a column.
    Time {
        /// The share of rows, above 0 and below 1.
        share: f64,
        /// The column.
        by: String,
    },
    /// The rows of another dataset.
    Rows {
        /// Its name.
        dataset: String,
    },
}

impl Validation {
    /// The share of the dataset's own rows that is held out.
    pub fn share(&self) -> f64 {
        match self {
            Self::None | Self::Rows { .. } => 0.0,
            Self::Random { share }
            | Self::Stratified { share, .. }
            | Self::Group { share, .. }
            | Self::Time { share, .. } => *share,
        }
    }

    /// The column by which rows are held out.
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Stratified { by, .. } => by.as_deref(),
            Self::Group { by, .. } | Self::Time { by, .. } => Some(by),
            Self::None | Self::Random { .. } | Self::Rows { .. } => None,
        }
    }
}

/// As a program says it.
impl std::fmt::Display for Validation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Random { share } => write!(f, "random({share})"),
            Self::Stratified { share, by: None } => write!(f, "stratified({share})"),
            Self::Stratified { share, by: Some(by) } => write!(f, "stratified({share}, by={by})"),
            Self::Group { share, by } => write!(f, "group({share}, by={by})"),
            Self::Time { share, by } => write!(f, "time({share}, by={by})"),
            Self::Rows { dataset } => write!(f, "rows({dataset})"),
        }
    }
}
