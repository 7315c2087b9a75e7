//! Which columns of a table tell of the same person, place or company.
//!
//! A column's name alone decides: what is left of it without the words that say what of the person or place it holds. `first_name`,
//! `login` and `email` leave nothing and are of one person; `billing_city` and `billing_zip` leave `billing` and are of one place.

use super::Wanted;
use crate::random::Stream;

/// What several columns may tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Person,
    Place,
    Company,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Place => "place",
            Self::Company => "company",
        }
    }
}

/// The words that say which part of a person, a place or a company a column holds.
const PARTS: &[&str] = &[
    "account",
    "addr",
    "address",
    "area",
    "branch",
    "business",
    "cell",
    "city",
    "code",
    "company",
    "country",
    "display",
    "e",
    "email",
    "employer",
    "family",
    "fax",
    "first",
    "firstname",
    "forename",
    "full",
    "fullname",
    "given",
    "handle",
    "honorific",
    "industry",
    "iso",
    "job",
    "last",
    "lastname",
    "lat",
    "latitude",
    "line",
    "lng",
    "login",
    "lon",
    "long",
    "longitude",
    "mail",
    "mobile",
    "name",
    "nick",
    "nickname",
    "number",
    "occupation",
    "organisation",
    "organization",
    "phone",
    "place",
    "position",
    "post",
    "postal",
    "postcode",
    "prefix",
    "profession",
    "province",
    "region",
    "role",
    "sector",
    "state",
    "street",
    "surname",
    "tel",
    "telephone",
    "title",
    "town",
    "user",
    "username",
    "zip",
    "zipcode",
];

/// Words that tell the addresses of one person apart, and no persons.
const SIDES: &[&str] =
    &["alternate", "backup", "home", "main", "personal", "primary", "private", "recovery", "secondary", "work"];

/// What a column's name leaves: the words that say whose part it is.
fn group(subject: Subject, column: &str) -> String {
    let words = words(column);
    let tells = |word: &&str| {
        let part = PARTS.binary_search(word).is_ok();
        let side = subject == Subject::Person && SIDES.binary_search(word).is_ok();
        !part && !side && !word.is_empty()
    };
    let words = words.iter().map(|word| word.trim_end_matches(|char: char| char.is_ascii_digit()));
    words.filter(tells).collect::<Vec<_>>().join("_")
}

/// The words of a name, in small letters: `billingCity` and `billing_city` have the same.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for char in name.chars() {
        if !char.is_alphanumeric() || (char.is_uppercase() && small) {
            words.push(String::new());
        }
        small = char.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The numbers that all columns of a table read which tell of the same.
pub(super) fn stream(subject: Subject, wanted: &Wanted) -> Stream {
    Stream::new(wanted.seed, &[wanted.table, &group(subject, wanted.column), subject.name(), "texts"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_can_be_searched() {
        assert!(PARTS.is_sorted() && SIDES.is_sorted());
    }

    #[test]
    fn columns_of_one_person_are_one_group() {
        for column in
            ["name", "first_name", "lastName", "login", "email", "work_email", "email2", "user_name", "jobTitle"]
        {
            assert_eq!(group(Subject::Person, column), "", "{column}");
        }
        assert_eq!(group(Subject::Person, "manager_first_name"), "manager");
        assert_eq!(group(Subject::Person, "managerEmail"), "manager");
    }

    #[test]
    fn places_are_told_apart() {
        for (column, expected) in [
            ("city", ""),
            ("zip_code", ""),
            ("billing_city", "billing"),
            ("billingZip", "billing"),
            ("shipping_country_code", "shipping"),
            ("home_city", "home"),
            ("address_line_1", ""),
            ("ship_to", "ship_to"),
        ] {
            assert_eq!(group(Subject::Place, column), expected, "{column}");
        }
    }
}
