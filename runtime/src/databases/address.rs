//! Where a database is, as people write it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A database of PostgreSQL, by its URL.
    Postgres(String),
}

impl Address {
    /// What a text leads to, where it is a database: `sqlite:shop.db`, `postgres://user@host/db`, or a file that is called as those of
    /// SQLite are.
    pub fn by_name(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Some(Self::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path))));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Some(Self::Postgres(text.to_owned()));
        }
        let extension = Path::new(text).extension()?.to_str()?.to_ascii_lowercase();
        matches!(extension.as_str(), "db" | "sqlite" | "sqlite3").then(|| Self::Sqlite(PathBuf::from(text)))
    }
}

impl Address {
    /// What the database is called: its file without an ending, or its name on the server.
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            Self::Postgres(url) => {
                let place = url.split_once("://").map_or(url.as_str(), |(_, place)| place);
                let place = place.split('?').next().unwrap_or_default();
                place.split_once('/').map_or("", |(_, name)| name).to_owned()
            }
        }
    }
}

/// As it was written, but without a password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let (place, asked) = rest.split_once('?').map_or((rest, ""), |(place, asked)| (place, asked));
                let (before, path) = place.split_once('/').map_or((place, ""), |(before, path)| (before, path));
                let host = match before.rsplit_once('@') {
                    Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
                    None => before.to_owned(),
                };
                write!(f, "{scheme}://{host}")?;
                if place.contains('/') {
                    write!(f, "/{path}")?;
                }
                let asked: Vec<&str> = asked.split('&').filter(|one| !one.starts_with("password")).collect();
                if asked.iter().any(|one| !one.is_empty()) {
                    write!(f, "?{}", asked.join("&"))?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_told_by_how_they_are_written() {
        let sqlite = |path: &str| Some(Address::Sqlite(PathBuf::from(path)));
        assert_eq!(Address::by_name("sqlite:shop.db"), sqlite("shop.db"));
        assert_eq!(Address::by_name("sqlite://data/shop"), sqlite("data/shop"));
        assert_eq!(Address::by_name("sqlite:///tmp/shop.db"), sqlite("/tmp/shop.db"));
        assert_eq!(Address::by_name("data/shop.SQLite3"), sqlite("data/shop.SQLite3"));
        assert!(matches!(Address::by_name("postgresql://host/db"), Some(Address::Postgres(_))));
        for file in ["shop.csv", "shop/", "-", "mysql://host/db", "postgres"] {
            assert_eq!(Address::by_name(file), None, "{file}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let cases = [
            ("postgres://ada:se:cr@t@host:5432/shop", "postgres://ada@host:5432/shop"),
            ("postgres://ada@host", "postgres://ada@host"),
            ("postgresql:///shop?password=secret&host=/tmp", "postgresql:///shop?host=/tmp"),
            ("postgres://host/shop?sslmode=disable", "postgres://host/shop?sslmode=disable"),
            ("postgres://:secret@host/shop", "postgres://@host/shop"),
        ];
        for (url, shown) in cases {
            assert_eq!(Address::Postgres(url.to_owned()).to_string(), shown);
        }
    }
}
