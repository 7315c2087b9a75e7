//! The languages that names, places and sentences come in.

use std::fmt;
use std::str::FromStr;

/// Whose names, places and language a column's texts have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Locale {
    /// English: people and places of the United States, the United Kingdom, Canada, Australia, Ireland and New Zealand.
    #[default]
    En,
    /// German: of Germany, Austria and Switzerland.
    De,
    /// French: of France, Belgium, Switzerland, Quebec and Luxembourg.
    Fr,
    /// Japanese: of Japan.
    Ja,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Ja];

    /// What it is called: `en`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Ja => "ja",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no locale's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no locale `{0}`: it is one of en, de, fr and ja")]
pub struct UnknownLocale(pub String);

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(name: &str) -> Result<Self, UnknownLocale> {
        let found = Self::ALL.into_iter().find(|locale| locale.name() == name);
        found.ok_or_else(|| UnknownLocale(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_read_as_they_are_written() {
        for locale in Locale::ALL {
            assert_eq!(locale.to_string().parse(), Ok(locale));
        }
        let unknown = "xx".parse::<Locale>().unwrap_err();
        assert_eq!(unknown.to_string(), "there is no locale `xx`: it is one of en, de, fr and ja");
    }
}
