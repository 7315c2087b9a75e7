//! Which columns can go into a model, and how their values are numbers there.

use super::expression::Type;
use super::form::Column;
use crate::ir::Encoding;

/// Why a column cannot go into a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It tells rows apart, so nothing that is learnt of it holds for another row.
    Key,
    /// It is the key of another row.
    Reference,
    /// It is a text that may be anything.
    Text,
    /// It is a JSON value.
    Json,
    /// It is a list.
    List,
    /// Its type is not known, because a fault was reported.
    Unknown,
}

impl Unfit {
    /// What such a column is, for messages.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Key => "a key",
            Self::Reference => "a reference",
            Self::Text => "a text",
            Self::Json => "a JSON value",
            Self::List => "a list",
            Self::Unknown => "not known",
        }
    }
}

impl Column {
    /// How its values are numbers.
    ///
    /// # Errors
    /// Why they are none.
    pub fn encoding(&self) -> Result<Encoding, Unfit> {
        if self.reference().is_some() {
            return Err(Unfit::Reference);
        }
        Ok(match self.kind.value() {
            Type::Int => Encoding::Whole,
            Type::Float | Type::Decimal(_) => Encoding::Number,
            Type::Bool => Encoding::Truth,
            Type::Enum(labels) => Encoding::Label(labels.labels.iter().map(|label| label.name.clone()).collect()),
            Type::Date => Encoding::Day,
            Type::DateTime => Encoding::Moment,
            Type::Time => Encoding::Clock,
            Type::Text => return Err(Unfit::Text),
            Type::Json => return Err(Unfit::Json),
            Type::List(_) => return Err(Unfit::List),
            _ => return Err(Unfit::Unknown),
        })
    }

    /// How its values go into a model.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn feature(&self) -> Result<Encoding, Unfit> {
        if self.key.is_some() { Err(Unfit::Key) } else { self.encoding() }
    }
}
