//! What the names of tables and columns say of them.

use ndsl_compiler::schema::types::{self, Base};

use super::texts::Texts;

/// The words of a name in small letters: `customer`, `id` of `customerId`, `Customer-ID` and `customer_id`.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in name.chars() {
        let begins = letter.is_uppercase() && !before.is_uppercase() || !before.is_alphanumeric();
        if letter.is_alphanumeric() {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(letter.to_lowercase());
            }
        }
        before = letter;
    }
    words
}

/// `customer` of `customers`, `category` of `categories`, `box` of `boxes`.
pub fn singular(word: &str) -> String {
    let ends = [("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")];
    let ended = ends.iter().find_map(|(end, one)| Some(format!("{}{one}", word.strip_suffix(end)?)));
    let plain = || word.strip_suffix('s').filter(|rest| rest.len() > 1 && !rest.ends_with(['s', 'u', 'i']));
    ended.or_else(|| plain().map(str::to_owned)).unwrap_or_else(|| word.to_owned())
}

/// Words that say of a column that its values tell rows apart.
const IDENTIFYING: [&str; 14] =
    ["id", "ids", "key", "pk", "code", "uuid", "guid", "sku", "isbn", "no", "number", "nr", "ref", "token"];

/// Whether a column's name says that its values tell rows apart.
pub fn is_identifying(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    // `userid` is one word to those who write it.
    IDENTIFYING.contains(&last) || (last.len() > 4 && last.ends_with("id")) || last == "rowid"
}

/// The words of a table's name, the last as one of many.
fn table_words(table: &str) -> String {
    let mut words = words(table);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.concat()
}

/// Whether a column is called after its table: `id`, `customer_id` or `customer` in `customers`.
pub fn is_of(column: &str, table: &str) -> bool {
    let (column, table) = (words(column).concat(), table_words(table));
    column == "id"
        || column == "key"
        || column == table
        || column.strip_prefix(&table).is_some_and(|rest| IDENTIFYING.contains(&rest))
}

/// Whether a column's name says that it refers to another table's column: `customer`, `customer_id`, `buyer_customer_id`.
pub fn refers(column: &str, table: &str, key: &str) -> bool {
    let (column, key) = (words(column).concat(), words(key).concat());
    let table = table_words(table);
    let after = |tail: &str| column.ends_with(&format!("{table}{tail}"));
    let is_general = IDENTIFYING.contains(&key.as_str()) || matches!(key.as_str(), "name" | "title" | "index");
    (column == key && !is_general)
        || after("")
        || after(&key)
        || (is_general && IDENTIFYING.iter().any(|tail| after(tail)))
        || (key.starts_with(&table) && column.ends_with(&key))
}

/// Whether a column's name says that it refers to another row of its own table.
pub fn refers_within(column: &str) -> bool {
    const OTHERS: [&str; 10] =
        ["parent", "manager", "supervisor", "boss", "mother", "father", "root", "previous", "next", "reports"];
    words(column).iter().any(|word| OTHERS.contains(&word.as_str()))
}

/// Names of which one is at the beginning, and the other at the end.
const PAIRS: [(&str, &str); 7] = [
    ("min", "max"),
    ("start", "end"),
    ("low", "high"),
    ("lower", "upper"),
    ("from", "to"),
    ("begin", "end"),
    ("first", "last"),
];

/// Whether two columns' names are those of two ends: `min_price` and `max_price`.
pub fn are_ends(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let differ: Vec<(&String, &String)> = one.iter().zip(&other).filter(|(a, b)| a != b).collect();
    one.len() == other.len() && matches!(&differ[..], [(a, b)] if PAIRS.contains(&(a.as_str(), b.as_str())))
}

/// Whether a column's name says that its whole numbers are moments.
pub fn is_moment(name: &str) -> bool {
    words(name).iter().any(|word| ["time", "timestamp", "ts", "epoch", "date", "at"].contains(&word.as_str()))
}

/// The kind of text that a column's name says it has, where its values look so.
pub fn kind_of(column: &str, table: &str, texts: &Texts, pattern: Option<&str>) -> Option<&'static str> {
    let words = words(column);
    let names = (0..words.len()).map(|from| words[from..].join("_"));
    let mut found =
        names.filter_map(|name| types::find_alias(&name)).find(|def| def.base == Base::Text)?.signature.name;
    if found == "person.name" && words.len() == 1 {
        // The name of a product is no person's.
        found = match table_words(table).as_str() {
            word if [
                "customer", "user", "person", "people", "employee", "patient", "student", "member", "author", "contact",
            ]
            .iter()
            .any(|known| word.ends_with(known)) =>
            {
                found
            }
            word if word.ends_with("product") => "product.name",
            word if ["company", "supplier", "vendor", "organization"].iter().any(|known| word.ends_with(known)) => {
                "company.name"
            }
            _ => return None,
        };
    }
    let share = |is: &dyn Fn(&str) -> bool| {
        let count = texts.first.iter().filter(|text| is(text)).count();
        count as f64 >= 0.8 * texts.first.len() as f64 && count > 0
    };
    let capital = |text: &str| {
        text.chars().next().is_some_and(|first| !first.is_lowercase() && first.is_alphabetic())
            && !text.contains(|letter: char| letter.is_ascii_digit())
    };
    let looks = match found {
        "person.name" => share(&|text| capital(text) && text.contains(' ')),
        "person.first_name" | "person.last_name" | "address.city" | "address.country" => share(&capital),
        "person.username" => share(&|text| !text.contains(' ')),
        "address.street" | "address.full" => share(&|text| text.contains(' ')),
        "company.name" | "product.name" | "person.job" | "company.industry" | "address.state" => {
            share(&|text| text.chars().any(char::is_alphabetic))
        }
        "country" => pattern == Some("[A-Z]{2}"),
        "currency_code" => pattern == Some("[A-Z]{3}"),
        _ => false,
    };
    match (found, looks) {
        (_, true) => Some(found),
        ("country", false) if share(&capital) => Some("address.country"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        assert_eq!(words("customerID"), ["customer", "id"]);
        assert_eq!(words("hours-per-week"), ["hours", "per", "week"]);
        let many = ["customers", "categories", "boxes", "classes", "status", "data", "people"];
        assert_eq!(many.map(singular), ["customer", "category", "box", "class", "status", "data", "people"]);
    }

    #[test]
    fn a_column_refers_to_the_table_that_it_is_called_after() {
        for (column, table, key) in [
            ("customer_id", "customers", "id"),
            ("customer", "customers", "id"),
            ("buyerCustomerId", "Customer", "id"),
            ("user", "users", "user"),
            ("isbn13", "books", "isbn13"),
            ("customer_no", "customers", "customer_no"),
        ] {
            assert!(refers(column, table, key), "{column} {table} {key}");
        }
        for (column, table, key) in [("id", "customers", "id"), ("age", "customers", "id"), ("name", "users", "name")] {
            assert!(!refers(column, table, key), "{column} {table} {key}");
        }
        assert!(refers_within("manager_id") && !refers_within("id"));
    }

    #[test]
    fn two_ends_are_told_by_a_word() {
        assert!(are_ends("min_price", "max_price") && are_ends("start", "end"));
        assert!(!are_ends("max_price", "min_price") && !are_ends("min_price", "max_weight"));
    }
}
