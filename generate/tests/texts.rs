//! What texts look like, how long they are, and which of them agree or differ.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ndsl_compiler::schema::types::{self, Base, TYPES};
use ndsl_compiler::schema::{Length, pattern};
use ndsl_generate::rows::Rows;
use ndsl_generate::text::{Impossible, Locale, Texts, Wanted, coordinate, maker};
use proptest::prelude::*;

fn wanted<'a>(kind: &str, column: &'a str) -> Wanted<'a> {
    Wanted {
        kind: types::find(kind).unwrap(),
        column,
        table: "Shop.Customer",
        seed: 42,
        locale: Locale::En,
        length: None,
        pattern: None,
        unique: None,
    }
}

fn make(wanted: &Wanted, rows: u64) -> Vec<String> {
    let mut texts = Texts::default();
    maker(wanted).unwrap().make(&Rows::Range(0..rows), &mut texts);
    texts.iter().map(str::to_owned).collect()
}

fn text_types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().filter(|kind| kind.base == Base::Text).map(|kind| kind.signature.name)
}

fn column(kind: &str) -> &str {
    kind.rsplit('.').next().unwrap_or(kind)
}

#[test]
fn texts_look_real() {
    for locale in Locale::ALL {
        let mut page = String::new();
        for kind in text_types() {
            writeln!(page, "{kind}").unwrap();
            for text in make(&Wanted { locale, ..wanted(kind, column(kind)) }, 10) {
                writeln!(page, "    {}", text.replace('\n', "\n    | ")).unwrap();
            }
        }
        insta::assert_snapshot!(format!("texts-{locale}"), page);
    }
}

#[test]
fn unique_texts_look_real() {
    for locale in Locale::ALL {
        let mut page = String::new();
        for kind in text_types() {
            writeln!(page, "{kind}").unwrap();
            let rows = [1_000_000, 1000, 10]
                .into_iter()
                .find(|rows| maker(&Wanted { locale, unique: Some(*rows), ..wanted(kind, column(kind)) }).is_ok());
            for text in make(&Wanted { locale, unique: rows, ..wanted(kind, column(kind)) }, 5) {
                writeln!(page, "    {}", text.replace('\n', "\n    | ")).unwrap();
            }
        }
        insta::assert_snapshot!(format!("unique-texts-{locale}"), page);
    }
}

#[test]
fn a_row_has_its_text_whatever_it_is_made_with() {
    let chosen: Vec<u64> = vec![999_999_999_999, 3, 500, 3, 0];
    for locale in Locale::ALL {
        for kind in text_types() {
            for unique in [None, Some(10)] {
                let Ok(maker) = maker(&Wanted { locale, unique, ..wanted(kind, column(kind)) }) else { continue };
                let mut listed = Texts::default();
                maker.make(&Rows::Listed(chosen.clone().into()), &mut listed);
                for (place, row) in chosen.iter().enumerate() {
                    let mut one = Texts::default();
                    maker.make(&Rows::Range(*row..row + 1), &mut one);
                    assert_eq!(one.get(0), listed.get(place), "{locale} {kind}, row {row}");
                }
            }
        }
    }
}

#[test]
fn texts_that_must_differ_do() {
    for locale in Locale::ALL {
        let rows = if locale == Locale::En { 1_000_000 } else { 200_000 };
        for kind in text_types() {
            let count = match maker(&Wanted { locale, unique: Some(rows), ..wanted(kind, column(kind)) }) {
                Ok(_) => rows,
                // Of those of few, every one there is.
                Err(Impossible::Few { count, .. }) => count as u64,
                Err(why) => panic!("{locale} {kind}: {why}"),
            };
            let mut texts = make(&Wanted { locale, unique: Some(count), ..wanted(kind, column(kind)) }, count);
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len() as u64, count, "{locale} {kind}");
        }
    }
}

#[test]
fn short_addresses_differ_too() {
    let length = Some(Length { min: 0, max: Some(24) });
    let mut texts = make(&Wanted { length, unique: Some(300_000), ..wanted("email", "email") }, 300_000);
    assert!(texts.iter().all(|text| text.len() <= 24));
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 300_000);
}

#[test]
fn a_person_has_one_name() {
    for locale in Locale::ALL {
        let of = |kind, column| make(&Wanted { locale, ..wanted(kind, column) }, 300);
        let (name, first, last) =
            (of("person.name", "name"), of("person.first_name", "first_name"), of("person.last_name", "last_name"));
        for row in 0..300 {
            let whole = match locale {
                Locale::Ja => format!("{} {}", last[row], first[row]),
                _ => format!("{} {}", first[row], last[row]),
            };
            assert_eq!(name[row], whole);
        }
    }
    let of = |wanted: Wanted| make(&wanted, 300);
    let first = of(wanted("person.first_name", "first_name"));
    let last = of(wanted("person.last_name", "last_name"));
    for unique in [None, Some(300), Some(1_000_000)] {
        let email = of(Wanted { unique, ..wanted("email", "email") });
        let username = of(Wanted { unique, ..wanted("person.username", "login") });
        for row in 0..300 {
            for text in [&email[row], &username[row]] {
                let name = text.split('@').next().unwrap().trim_end_matches(|c: char| c.is_ascii_digit());
                let initial = first[row].to_lowercase().chars().next().unwrap();
                let end = last[row].to_lowercase().chars().next().unwrap();
                assert!(name.starts_with(initial) && name.contains(end), "{text} of {} {}", first[row], last[row]);
            }
        }
    }
    // Another person's is another.
    assert_ne!(first, of(wanted("person.first_name", "manager_first_name")));
}

#[test]
fn a_place_is_one_place() {
    for locale in Locale::ALL {
        let of = |kind, column| make(&Wanted { locale, ..wanted(kind, column) }, 2000);
        let (city, state) = (of("address.city", "city"), of("address.state", "state"));
        let (code, phone) = (of("address.postal_code", "zip"), of("phone", "phone"));
        let (full, street, country) =
            (of("address.full", "address"), of("address.street", "street"), of("country", "country"));
        let mut states: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for row in 0..2000 {
            assert!(full[row].contains(&code[row]) && full[row].contains(&city[row]), "{} {}", full[row], code[row]);
            assert!(full[row].contains(&street[row]), "{} {}", full[row], street[row]);
            states.entry((&city[row], &country[row])).or_default().insert(&state[row]);
            match (&*city[row], &*country[row]) {
                ("Denver", _) => assert!(code[row].starts_with("802") && phone[row].starts_with("+1 ")),
                ("Wien", _) => assert!(code[row].starts_with('1') && phone[row].starts_with("+43 1 ")),
                ("Marseille", _) => assert!(code[row].starts_with("130") && phone[row].starts_with("+33 4 65 71 ")),
                ("札幌市", _) => assert!(code[row].starts_with('0') && phone[row].starts_with("+81 11-")),
                _ => {}
            }
        }
        // A few cities of the same name lie in two states.
        assert!(states.values().filter(|states| states.len() > 1).count() < 8);
        let degrees = |kind, column| {
            let mut out = Vec::new();
            coordinate(&Wanted { locale, ..wanted(kind, column) }).unwrap().make(&Rows::Range(0..2000), &mut out);
            out
        };
        let (north, east) = (degrees("address.latitude", "lat"), degrees("address.longitude", "lng"));
        for (name, at) in [
            ("Denver", (39.74, -104.98)),
            ("Wien", (48.21, 16.37)),
            ("Lyon", (45.75, 4.85)),
            ("札幌市", (43.07, 141.35)),
        ] {
            for row in (0..2000).filter(|row| city[*row] == name) {
                assert!((north[row] - at.0).abs() < 0.1 && (east[row] - at.1).abs() < 0.1, "{name}");
            }
        }
    }
}

#[test]
fn common_names_are_common() {
    let names = make(&wanted("person.last_name", "last_name"), 100_000);
    let count = |name: &str| names.iter().filter(|other| *other == name).count();
    assert!(count("Smith") > 1500 && count("Smith") < 3500, "{}", count("Smith"));
    assert!(names.iter().collect::<BTreeSet<_>>().len() > 800);
}

#[test]
fn what_cannot_be_is_said() {
    let few = Wanted { unique: Some(1000), ..wanted("currency_code", "currency") };
    assert_eq!(maker(&few).err().unwrap().to_string(), "1000 rows must all differ, and there are only 178 such texts");
    let long = Wanted { length: Some(Length { min: 60, max: None }), ..wanted("address.city", "city") };
    assert_eq!(maker(&long).err().unwrap().to_string(), "no such text has 60 characters or more");
    for (text, length, unique, why) in [
        ("[ab]{3}", None, Some(9), "9 rows must all differ, and there are only 8 such texts"),
        ("(a|ab)(c|bc)", None, Some(4), "4 rows must all differ, and there are only 3 such texts"),
        ("[ab]{3}", Some(Length { min: 4, max: Some(9) }), None, "no such text has from 4 to 9 characters"),
        ("a$b", None, None, "no text matches the pattern"),
        (
            "(a{1000}){1000}",
            None,
            None,
            "each text that matches the pattern has 1000000 characters or more, and at most 65536 are made",
        ),
        (
            "((a?){900}b){900}",
            None,
            Some(9),
            "the pattern is too large to count its texts: written out, it may have 20000 places",
        ),
    ] {
        let pattern = pattern::read(text).unwrap();
        let wanted = Wanted { pattern: Some(&pattern), length, unique, ..wanted("string", "code") };
        assert_eq!(maker(&wanted).err().unwrap().to_string(), why, "{text}");
    }
}

#[test]
fn every_text_of_a_pattern_comes_once() {
    for (text, count) in
        [("(a|ab)(c|bc)", 3), ("[A-Z][0-9]{2}", 2600), ("(x|y){1,5}|xy*", 62), ("(a?){4}b?", 10), ("a*b|a{2}c", 400)]
    {
        let pattern = pattern::read(text).unwrap();
        let texts = make(&Wanted { pattern: Some(&pattern), unique: Some(count), ..wanted("string", "code") }, count);
        assert!(texts.iter().all(|one| pattern::matches(&pattern, one)), "{text}");
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len() as u64, count, "{text}");
    }
}

#[test]
fn patterns_that_explode_are_drawn_within_bounds() {
    for text in [
        "((((a{0,99}){0,99}){0,99}){0,99}){0,99}",
        "(((a*)*)*)*",
        "(a?){1000}{1000}",
        ".{0,100000}",
        "(a|b{60000}){900}",
    ] {
        let pattern = pattern::read(text).unwrap();
        for one in make(&Wanted { pattern: Some(&pattern), ..wanted("string", "code") }, 20) {
            assert!(one.len() < 200_000, "{text}: {}", one.len());
        }
    }
}

/// Patterns of every form that a checker lets through.
fn patterns() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("bc".to_owned()),
        Just("[a-c]".to_owned()),
        Just("\\d".to_owned()),
        Just("[^x]".to_owned()),
        Just("é".to_owned()),
        Just("^".to_owned()),
        Just("$".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join("|"))),
            (inner, prop_oneof![Just("*"), Just("+"), Just("?"), Just("{2}"), Just("{1,3}"), Just("{2,}")])
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_drawn_of_a_pattern_matches_it(text in patterns(), min in 0u64..6, more in prop::option::of(0u64..8), unique: bool) {
        let pattern = pattern::read(&text).unwrap();
        let free = Wanted { pattern: Some(&pattern), ..wanted("string", "code") };
        let length = Some(Length { min, max: more.map(|more| min + more) });
        let wanted = [free, Wanted { length, ..free }, Wanted { length, unique: Some(if unique { 50 } else { 1 }), ..free }];
        for wanted in wanted {
            let Ok(maker) = maker(&wanted) else { continue };
            let mut texts = Texts::default();
            maker.make(&Rows::Range(0..50), &mut texts);
            for one in texts.iter() {
                prop_assert!(pattern::matches(&pattern, one), "{one:?} is not of {text}");
                let count = one.chars().count() as u64;
                let fits = wanted.length.is_none_or(|length| length.min <= count && length.max.is_none_or(|max| count <= max));
                prop_assert!(fits, "{one:?} has {count} characters");
            }
            if wanted.unique == Some(50) {
                prop_assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 50);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn lengths_are_kept(kind in 0usize..64, locale in 0usize..4, min in 0u64..70, more in prop::option::of(0u64..40), rows in 1u64..400) {
        let kinds: Vec<_> = text_types().collect();
        let kind = kinds[kind % kinds.len()];
        let length = Some(Length { min, max: more.map(|more| min + more) });
        for unique in [None, Some(rows)] {
            let wanted = Wanted { length, locale: Locale::ALL[locale], unique, ..wanted(kind, column(kind)) };
            let Ok(maker) = maker(&wanted) else { continue };
            let mut texts = Texts::default();
            maker.make(&Rows::Range(0..rows), &mut texts);
            for one in texts.iter() {
                let count = one.chars().count() as u64;
                prop_assert!(min <= count && more.is_none_or(|more| count <= min + more), "{kind}: {one:?} has {count} characters");
            }
            if unique.is_some() {
                prop_assert_eq!(texts.iter().collect::<BTreeSet<_>>().len() as u64, rows, "{}", kind);
            }
        }
    }
}

#[test]
fn free_texts_have_any_length() {
    for locale in Locale::ALL {
        for (kind, column) in [("text", "review"), ("string", "title"), ("string", "sku")] {
            for length in (0..200).chain([1000, 5000]) {
                let bounds = Some(Length { min: length, max: Some(length) });
                for text in make(&Wanted { locale, length: bounds, ..wanted(kind, column) }, 3) {
                    assert_eq!(text.chars().count() as u64, length, "{locale} {kind}: {text:?}");
                }
            }
        }
    }
}
