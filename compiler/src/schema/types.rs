//! The types of columns: each is one entry here, read by the checker, hover, completion and the docs.

use crate::signature::{Default, Kind, Parameter, Signature};

/// What the values of a type are, once written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Whole numbers of 64 bits.
    Int,
    /// Numbers of 64 bits.
    Float,
    /// Numbers with a fixed count of digits after the point.
    Decimal,
    /// `true` and `false`.
    Bool,
    /// Texts.
    Text,
    /// Days.
    Date,
    /// Moments without a time zone.
    DateTime,
    /// Times of day.
    Time,
    /// Any JSON value.
    Json,
    /// One of a few labels.
    Enum,
    /// Several values of another type.
    List,
    /// The key of a row of another table.
    Reference,
}

/// A clause that only some types take; `null`, `default`, `from`, `~` and `=` go with every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseName {
    /// `key`
    Key,
    /// `unique`
    Unique,
    /// `in`
    In,
    /// `length`
    Length,
    /// `matches`
    Matches,
}

impl ClauseName {
    /// The word it begins with.
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Unique => "unique",
            Self::In => "in",
            Self::Length => "length",
            Self::Matches => "matches",
        }
    }
}

/// One column type.
#[derive(Debug)]
pub struct TypeDef {
    /// Its name, what stands in its brackets, and docs; its example is a column.
    pub signature: Signature,
    /// What its values are.
    pub base: Base,
    /// What SQL, pandas, Faker and others call it.
    pub aliases: &'static [&'static str],
    /// The clauses it takes, of those that not every type does.
    pub clauses: &'static [ClauseName],
    /// The literals a value of it is written with.
    pub literals: &'static str,
}

impl PartialEq for TypeDef {
    fn eq(&self, other: &Self) -> bool {
        self.signature.name == other.signature.name
    }
}

use ClauseName::{In, Key, Length, Matches, Unique};

const ORDERED: &[ClauseName] = &[Key, Unique, In];
const TEXTUAL: &[ClauseName] = &[Key, Unique, In, Length, Matches];
const OPAQUE: &[ClauseName] = &[Key, Unique];
const TEXT_LITERALS: &str = "`\"Ada\"`";

macro_rules! def {
    ($name:literal, $base:ident, $clauses:expr, $literals:expr, $summary:literal, $details:literal, $example:literal,
     [$($alias:literal),*]) => {
        TypeDef {
            signature: Signature { name: $name, summary: $summary, details: $details, parameters: &[], example: $example },
            base: Base::$base,
            aliases: &[$($alias),*],
            clauses: $clauses,
            literals: $literals,
        }
    };
}

macro_rules! text {
    ($name:literal, $summary:literal, $example:literal, [$($alias:literal),*]) => {
        def!($name, Text, TEXTUAL, TEXT_LITERALS, $summary, "", $example, [$($alias),*])
    };
}

/// The type with a name that must always be there.
pub const UNKNOWN: &TypeDef = &TYPES[0];

/// Every column type, in the order the docs list them.
pub const TYPES: &[TypeDef] = &[
    def!(
        "int",
        Int,
        ORDERED,
        "`18`, `-3`, `1_000`",
        "A whole number of 64 bits.",
        "",
        "age: int in 18..=95",
        [
            "integer",
            "bigint",
            "smallint",
            "tinyint",
            "mediumint",
            "int2",
            "int4",
            "int8",
            "int16",
            "int32",
            "int64",
            "i32",
            "i64",
            "u8",
            "u16",
            "u32",
            "u64",
            "long",
            "short",
            "serial",
            "bigserial",
            "random_int",
            "pyint"
        ]
    ),
    def!(
        "float",
        Float,
        ORDERED,
        "`0.5`, `18`",
        "A number of 64 bits, never infinite.",
        "",
        "score: float in 0.0..=1.0",
        ["double", "real", "number", "float4", "float8", "float32", "float64", "f32", "f64", "pyfloat"]
    ),
    TypeDef {
        signature: Signature {
            name: "decimal",
            summary: "An exact number with a fixed count of digits after its point, such as an amount of money.",
            details: "A value with more digits is rounded, half to even. At most 18 digits in all are kept exactly.",
            parameters: &[Parameter::new(
                "places",
                Kind::Int { min: 0 },
                Default::Required,
                "The digits after the point, at most 12.",
            )],
            example: "price: decimal(2) in 0..",
        },
        base: Base::Decimal,
        aliases: &["numeric", "money", "currency", "pydecimal", "pricetag"],
        clauses: ORDERED,
        literals: "`9.99`, `10`",
    },
    def!(
        "bool",
        Bool,
        &[Key, Unique, In],
        "`true`, `false`",
        "A truth value.",
        "",
        "active: bool default true",
        ["boolean", "bit", "pybool", "logical"]
    ),
    def!(
        "string",
        Text,
        TEXTUAL,
        TEXT_LITERALS,
        "A short text, on one line.",
        "Of at most 255 characters, unless `length` allows more.",
        "sku: string length 3..=12 unique",
        ["str", "varchar", "nvarchar", "char", "character", "varchar2", "utf8", "object", "pystr", "word"]
    ),
    def!(
        "text",
        Text,
        TEXTUAL,
        TEXT_LITERALS,
        "A text of any length, with line breaks where it likes.",
        "",
        "review: text length 20..=400",
        ["clob", "longtext", "mediumtext", "tinytext", "paragraph", "sentence"]
    ),
    def!(
        "date",
        Date,
        ORDERED,
        "`2019-01-01`",
        "A day of the Gregorian calendar, from 0001-01-01 to 9999-12-31.",
        "",
        "signup: date in 2019-01-01..=2026-01-01",
        ["date_object", "day", "date_of_birth", "date32"]
    ),
    def!(
        "datetime",
        DateTime,
        ORDERED,
        "`2019-01-01T08:30:00`, `2019-01-01`",
        "A moment to the second, without a time zone.",
        "A date stands for its first moment: `in 2025-01-01..2026-01-01` holds the whole of 2025.",
        "placed: datetime in 2025-01-01..2026-01-01",
        ["timestamp", "timestamptz", "datetime2", "datetime64", "date_time", "instant"]
    ),
    def!(
        "time",
        Time,
        ORDERED,
        "`08:30:00`, `08:30`",
        "A time of day, to the second.",
        "",
        "opens: time in 06:00..=10:00",
        ["timetz", "time_of_day", "time_object"]
    ),
    def!(
        "uuid",
        Text,
        OPAQUE,
        "`\"7f3d…\"`",
        "A random identifier (UUID, version 4), in lower case.",
        "",
        "id: uuid key",
        ["guid", "uniqueidentifier", "uuid4"]
    ),
    text!(
        "email",
        "An e-mail address, at a domain that belongs to nobody.",
        "email: email unique",
        ["mail", "email_address", "e_mail", "safe_email", "ascii_email"]
    ),
    text!(
        "phone",
        "A telephone number, in the international form.",
        "phone: phone? null 30%",
        ["telephone", "phone_number", "tel", "mobile"]
    ),
    text!("url", "An address on the web.", "site: url?", ["uri", "link", "website", "href"]),
    text!(
        "ip",
        "An address of the internet protocol, version 4.",
        "seen_from: ip",
        ["inet", "ipv4", "ip_address", "cidr"]
    ),
    text!(
        "country",
        "A country, by its two letters of ISO 3166-1.",
        "country: country",
        ["country_code", "iso_country"]
    ),
    text!("currency_code", "A currency, by its three letters of ISO 4217.", "paid_in: currency_code", ["iso_currency"]),
    text!(
        "person.name",
        "A person's name: the first name and the last.",
        "name: person.name",
        ["name", "full_name", "fullname", "person"]
    ),
    text!("person.first_name", "A first name.", "first: person.first_name", ["first_name", "firstname", "given_name"]),
    text!(
        "person.last_name",
        "A family name.",
        "last: person.last_name",
        ["last_name", "lastname", "surname", "family_name"]
    ),
    text!("person.title", "A title before a name, such as `Dr.`.", "title: person.title?", ["prefix", "honorific"]),
    text!("person.job", "An occupation.", "job: person.job", ["job", "job_title", "occupation", "profession"]),
    text!(
        "person.username",
        "A name to sign in with.",
        "login: person.username unique",
        ["username", "user_name", "login_name"]
    ),
    text!("address.full", "A whole postal address, on one line.", "ship_to: address.full", ["address", "full_address"]),
    text!(
        "address.street",
        "A street with its number.",
        "street: address.street",
        ["street", "street_address", "street_name", "address_line"]
    ),
    text!("address.city", "A city.", "city: address.city", ["city", "town"]),
    text!("address.state", "A state or region.", "state: address.state", ["state", "province", "region"]),
    text!(
        "address.postal_code",
        "A postal code.",
        "zip: address.postal_code",
        ["postal_code", "postcode", "zip", "zipcode", "zip_code"]
    ),
    text!("address.country", "A country, by its name.", "country: address.country", ["country_name"]),
    def!(
        "address.latitude",
        Float,
        ORDERED,
        "`48.137`",
        "Degrees north of the equator, from -90 to 90.",
        "",
        "lat: address.latitude",
        ["latitude", "lat"]
    ),
    def!(
        "address.longitude",
        Float,
        ORDERED,
        "`11.575`",
        "Degrees east of Greenwich, from -180 to 180.",
        "",
        "lon: address.longitude",
        ["longitude", "lon", "lng"]
    ),
    text!("company.name", "A company's name.", "employer: company.name?", ["company", "company_name", "organization"]),
    text!("company.industry", "The branch a company works in.", "industry: company.industry", ["industry", "sector"]),
    text!("product.name", "A product's name.", "product: product.name", ["product", "product_name", "item_name"]),
    def!(
        "json",
        Json,
        &[],
        "none",
        "Any JSON value; an expression can only ask whether it is null.",
        "",
        "settings: json?",
        ["jsonb", "dict", "map", "struct"]
    ),
    def!(
        "enum",
        Enum,
        &[Key, Unique, In],
        "its labels, bare or quoted: `free`, `\"<=50K\"`",
        "One of a few labels, each with its share of the rows.",
        "Labels without a share divide what the others leave; without any, all are as likely.",
        "plan: enum { free: 70%, pro: 25%, team: 5% }",
        ["category", "categorical", "choice", "options", "factor", "set"]
    ),
    def!(
        "list",
        List,
        &[Length],
        "none",
        "Several values of one type: `list(text)`.",
        "`length` bounds how many; without it, from 0 to 5.",
        "goals: list(text) length 2..=5",
        ["array", "vector", "sequence", "tuple"]
    ),
    def!(
        "ref",
        Reference,
        &[Key, Unique],
        "none",
        "A row of another table, by its key: `ref Customer`, or by a unique column: `ref Customer.email`.",
        "Many rows may refer to one; with `unique` at most one does. `?` lets a row refer to none.",
        "customer: ref Customer",
        ["foreign_key", "fk", "references", "relation", "belongs_to", "reference"]
    ),
];

impl TypeDef {
    /// The least and the largest value, where the type has closer ends than its base.
    pub fn limits(&self) -> Option<(f64, f64)> {
        match self.signature.name {
            "address.latitude" => Some((-90.0, 90.0)),
            "address.longitude" => Some((-180.0, 180.0)),
            _ => None,
        }
    }

    /// The least and the most characters, where the type says so itself.
    pub fn length(&self) -> Option<(u64, u64)> {
        match self.signature.name {
            "string" => Some((0, 255)),
            "uuid" => Some((36, 36)),
            "country" => Some((2, 2)),
            "currency_code" => Some((3, 3)),
            "ip" => Some((7, 15)),
            _ => None,
        }
    }

    /// How many values there are at most, where they are few enough to run out.
    pub fn count(&self) -> Option<u128> {
        match self.signature.name {
            "country" | "address.country" => Some(249),
            "currency_code" => Some(178),
            _ => None,
        }
    }
}

/// The type called `name`.
pub fn find(name: &str) -> Option<&'static TypeDef> {
    TYPES.iter().find(|def| def.signature.name == name)
}

/// The type that others call `name`.
pub fn find_alias(name: &str) -> Option<&'static TypeDef> {
    let plain = name.to_lowercase();
    TYPES.iter().find(|def| def.aliases.contains(&plain.as_str()) || def.signature.name == plain)
}

/// The group of types a name such as `person` begins.
pub fn group(prefix: &str) -> impl Iterator<Item = &'static str> {
    let names = TYPES.iter().map(|def| def.signature.name);
    names.filter(move |name| name.split_once('.').is_some_and(|(first, _)| first == prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_and_alias_means_one_type() {
        let mut seen = HashSet::new();
        for def in TYPES {
            for name in std::iter::once(&def.signature.name).chain(def.aliases) {
                assert!(seen.insert(*name), "`{name}` means two types");
            }
            assert!(!def.signature.example.is_empty() && def.signature.summary.ends_with('.'));
        }
    }
}
