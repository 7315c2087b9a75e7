//! Schemas drawn at random: most of what the language has, in every combination that is sound.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// One of some texts.
fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(texts).prop_map(str::to_owned)
}

/// Names that are words of SQL, of the language, of another alphabet.
const NAMES: &[&str] = &[
    "id",
    "order",
    "group",
    "value",
    "größe",
    "Name2",
    "x1",
    "select",
    "key",
    "from",
    "default",
    "table",
    "check",
    "enum",
    "date",
    "unique",
    "length",
    "_hidden",
    "camelCase",
    "other",
];

const DOCS: &[&str] = &[
    "Plain.",
    "ndsl: ~ normal(1, 2)",
    "\\ begins with a backslash",
    "it's \"quoted\" {braces}",
    "-- dashes; and more */ /*",
    "  indented",
    "größer ≤ 層",
    "two\nlines",
    "a line\n\nand another",
    "Said.\n@sample_values [1,\"a\"]\n@generation_hint \"some words\"",
];

const OUTSIDE: &[&str] = &["hours-per-week", "is on", "a\"b", "it's", "1st", "größe!", "ORDER BY", "x`y", "a/b~c"];

fn docs() -> impl Strategy<Value = Option<String>> {
    option::weighted(0.3, one_of(DOCS))
}

fn range(low: &'static [&'static str], high: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    let ends = (option::of(one_of(low)), option::of(one_of(high)), any::<bool>());
    option::weighted(
        0.6,
        ends.prop_map(|(low, high, inclusive)| match (low, high) {
            (None, None) => "0..".to_owned(),
            (low, None) => format!("{}..", low.unwrap_or_default()),
            (low, Some(high)) => format!("{}{}{high}", low.unwrap_or_default(), if inclusive { "..=" } else { ".." }),
        }),
    )
    .prop_map(|range| range.map(|range| format!("in {range}")))
}

fn list(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    let some = subsequence(values, 1..=values.len());
    option::weighted(0.3, some.prop_map(|values| format!("in [{}]", values.join(", "))))
}

fn clause(weight: f64, texts: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    option::weighted(weight, one_of(texts))
}

/// A type with clauses that go with it.
fn kind() -> impl Strategy<Value = (String, Vec<String>)> {
    let with = |kind: &'static str, clauses: BoxedStrategy<Vec<Option<String>>>| {
        clauses.prop_map(move |all| (kind.to_owned(), all.into_iter().flatten().collect::<Vec<_>>())).boxed()
    };
    let ints = (
        prop_oneof![range(&["-5", "0", "18"], &["95", "1_000_000", "9223372036854775807"]), list(&["1", "-2", "40"])],
        clause(
            0.3,
            &["~ normal(41, 14)", "~ zipf(1.1)", "~ categorical([1, 40], weights=[25%, 75%])", "~ llm(\"Say {{1}}.\")"],
        ),
    );
    let floats = (
        prop_oneof![range(&["-0.5", "0.0", "1.25e-7"], &["1.5", "3.0", "1e300"]), list(&["0.5", "1.0", "-2.5"])],
        clause(
            0.3,
            &["~ uniform(0, 1)", "~ truncated(lognormal(0, 1), 0.25..=1.5)", "~ mixture([normal(0, 1), constant(1)])"],
        ),
        clause(0.2, &["default 1.0"]),
    );
    let decimals = (range(&["-0.5", "0"], &["9.99", "100"]), clause(0.3, &["default 1.5", "default 2"]));
    let texts = (
        clause(0.3, &["length 3..=12", "length ..=40", "length 1..", "length 5", "length ..=1000"]),
        clause(
            0.3,
            &[
                "matches \"[A-Z]{3}[0-9]*\"",
                "matches \"a\\\"b|it's.*\"",
                "matches \"\\pL+\"",
                "matches \"(?i)x{1,9}\\\\\\\\\"",
            ],
        ),
    );
    let strings = (list(&["\"a\"", "\"it's\"", "\"two words\"", "\"\\\\ \\\" \\n\""]), clause(0.2, &["default \"a\""]));
    let dates = (
        prop_oneof![range(&["2019-01-01"], &["2026-01-01"]), list(&["2020-02-29", "2024-12-24"])],
        clause(0.3, &["~ normal(2020-01-01, 30d)", "~ seasonal(2019-12-15, strength=0.8)"]),
    );
    let moments = (
        range(&["2019-01-01", "2019-01-01T08:30:00"], &["2026-01-01", "2026-01-01T23:59:59"]),
        clause(
            0.3,
            &[
                "~ business_hours(open=08:00, close=18:00)",
                "~ trend(20%)",
                "default 2020-01-01",
                "default 2020-01-01T12:00:00",
            ],
        ),
    );
    let enums: &'static [&'static str] = &[
        "enum { free, pro }",
        "enum { free: 70%, pro: 25%, team: 5% }",
        "enum { free: 12.5%, \"it's\", \"<=50K\" }",
        "enum { \"true\", \"ndsl: x\", größer }",
        "enum { \"tab\\t\", \"\\\\\", \"\\\"\" }",
    ];
    let lists: &'static [&'static str] = &[
        "list(text)",
        "list(int?)",
        "list(list(string))",
        "list(enum { a, b })",
        "list(uuid)",
        "list(json)",
        "list(decimal(2))",
    ];
    let plain: &'static [&'static str] = &[
        "uuid",
        "email",
        "phone",
        "url",
        "ip",
        "country",
        "currency_code",
        "person.name",
        "address.latitude",
        "json",
        "time",
        "text",
        "decimal(0)",
        "company.industry",
    ];
    macro_rules! clauses {
        ($tuple:expr, $($name:ident),+) => { $tuple.prop_map(|($($name),+)| vec![$($name),+]).boxed() };
    }
    prop_oneof![
        3 => with("int", clauses!(ints, a, b)),
        2 => with("float", clauses!(floats, a, b, c)),
        2 => with("decimal(2)", clauses!(decimals, a, b)),
        1 => with("bool", clauses!((list(&["true", "false"]), clause(0.3, &["~ bernoulli(0.3)", "default true"])), a, b)),
        2 => with("string", clauses!(texts, a, b)),
        1 => with("string", clauses!(strings, a, b)),
        1 => with("text", clauses!((clause(0.5, &["length 20..=400"]), clause(0.2, &["~ llm(\"Write.\")"])), a, b)),
        2 => with("date", clauses!(dates, a, b)),
        2 => with("datetime", clauses!(moments, a, b)),
        2 => one_of(enums).prop_map(|kind| (kind, Vec::new())),
        1 => (one_of(lists), clause(0.4, &["length 2..=5", "length ..=3"])).prop_map(|(kind, length)| (kind, length.into_iter().collect())),
        2 => one_of(plain).prop_map(|kind| (kind, Vec::new())),
    ]
}

/// `type clauses` of a column.
fn column() -> impl Strategy<Value = (Option<String>, String)> {
    let more = (
        any::<bool>(),
        any::<bool>(),
        clause(0.3, &["null 30%", "null 0.5%", "null 0%"]),
        option::weighted(0.2, one_of(OUTSIDE)),
    );
    (docs(), kind(), more).prop_map(|(docs, (kind, clauses), (optional, unique, null, outside))| {
        let mut text = kind.clone();
        text += if optional { "?" } else { "" };
        let (last, clauses): (Vec<&String>, Vec<&String>) = clauses.iter().partition(|clause| clause.starts_with('~'));
        for clause in clauses {
            text += &format!(" {clause}");
        }
        let takes = !kind.starts_with("list") && kind != "json" && !kind.starts_with("enum") && kind != "bool";
        text += if unique && takes { " unique" } else { "" };
        text += &null.filter(|_| optional).map(|null| format!(" {null}")).unwrap_or_default();
        text += &outside.map(|outside| format!(" from {outside:?}")).unwrap_or_default();
        for clause in last {
            text += &format!(" {clause}");
        }
        (docs, text)
    })
}

/// Rules over the columns that every table has.
const RULES: &[&str] = &[
    "unique (n, d)",
    "unique (d)",
    "check n < m",
    "check m > 3",
    "check n == null or m >= n",
    "check not (n > 10 and m < 100) or p",
    "check if p { n > 0 } else { m > 0 }",
    "check n + m * 2 - (n - 3) > -2",
    "check n in 1..=50 or m in [1, 2]",
    "check t != \"it's\" and len(t) > 0",
    "check s == free or s != \"it's\"",
    "check d >= 2020-01-01 and h > 2020-01-01",
    "check days(h - d) < 10000",
    "check n / 2 < m // 3 % 7",
    "check d <= h",
    "check coalesce(n, 0) >= 0",
    "check (n == null) == (d == null)",
    "check year(h) > 2000 or lower(t) == t",
    "check -n < m ** 2",
    "check r * 1.5 < 1e6 and r >= 0",
    "correlate (n, m) = 0.4",
    "correlate (m, r) = -0.25",
    "key (m, t)",
];

const ALWAYS: &str =
    "n: int?\nm: int\np: bool\nt: string\ns: enum { free, pro, \"it's\" }\nd: date?\nh: datetime\nr: decimal(2)\n";

fn commented(docs: &Option<String>) -> String {
    docs.iter().flat_map(|docs| docs.split('\n')).map(|line| format!("/// {line}\n")).collect()
}

fn rows() -> impl Strategy<Value = String> {
    let rules = subsequence(RULES, 0..=4).prop_flat_map(|rules| {
        let count = rules.len();
        (Just(rules), vec(docs(), count))
    });
    let columns = subsequence(NAMES, 0..=6).prop_shuffle().prop_flat_map(|names| {
        let count = names.len();
        (Just(names), vec(column(), count))
    });
    (columns, rules).prop_map(|((names, columns), (rules, docs))| {
        let mut text = String::new();
        for (name, (docs, column)) in names.iter().zip(columns) {
            text += &format!("{}{name}: {column}\n", commented(&docs));
        }
        text += ALWAYS;
        for (rule, docs) in rules.iter().zip(docs) {
            text +=
                &if rule.starts_with("check") { format!("{}{rule}\n", commented(&docs)) } else { format!("{rule}\n") };
        }
        text
    })
}

/// Columns that refer to other tables.
const REFERENCES: &[&str] = &[
    "to_a: ref A",
    "to_b: ref B? null 20%",
    "to_mail: ref A.mail?",
    "to_self: ref C?",
    "only: ref B unique from \"only one\"",
    "most: ref A ~ per_parent(poisson(n + 1))",
    "read: string = format(\"{n}-{t} {{x}}\")",
    "sum: int = count(D)",
];

/// A program with one schema, and sometimes a provider.
pub fn program() -> impl Strategy<Value = String> {
    let single = (docs(), rows()).prop_map(|(docs, rows)| format!("{}schema Single {{\n{rows}}}\n", commented(&docs)));
    let several = (docs(), docs(), [rows(), rows(), rows()], subsequence(REFERENCES, 0..=4)).prop_map(
        |(whole, docs, [a, b, c], references)| {
            format!(
                "{}schema Several {{\n{}table C {{\nc_id: int key\n{}\n{}}}\ntable A {{\na_id: uuid key\nmail: email unique\n{a}}}\ntable B {{\nb_id: string length ..=13 key\nback: ref C?\n{b}}}\ntable D {{\nof: ref C\n}}\n}}\n",
                commented(&whole),
                commented(&docs),
                references.join("\n"),
                c.replace("key (m, t)\n", ""),
                a = a.replace("key (m, t)\n", ""),
                b = b.replace("key (m, t)\n", ""),
            )
        },
    );
    let named = rows().prop_map(|rows| format!("schema Rows {{\ntable Rows {{\n{rows}}}\n}}\n"));
    let provided = rows().prop_map(|rows| {
        format!(
            "provider writer {{ kind: openai, url: env(\"LLM_URL\"), key: env(\"LLM_KEY\") }}\nschema Made from \"it's.csv\" using writer {{\nquoted: text ~ llm(\"Of {{source.quote}} and {{n}}.\")\n{rows}}}\n"
        )
    });
    prop_oneof![2 => single, 2 => several, 1 => named, 1 => provided]
}
