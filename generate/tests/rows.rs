//! Rows are what their schema says, whatever it says, and the same however they are made.

mod oracle;

use ndsl_compiler::schema::datum::Datum;
use oracle::{all, generator, generator_with, hold, points, values};
use proptest::prelude::*;

const SHOP: &str = r#"
schema Shop {
    table Customer {
        id:      uuid key
        email:   email unique
        age:     int in 18..=95     ~ normal(41, 14)
        plan:    enum { free: 70%, pro: 25%, team: 5% }
        income:  decimal(2) in 0..  ~ lognormal(10.4, 0.5)
        phone:   phone? null 30%
        signup:  date in 2019-01-01..=2026-01-01
        code:    string unique
        churned: bool               ~ bernoulli(if plan == free { 0.3 } else { 0.05 })
    }

    table Order {
        id:       int key
        customer: ref Customer   ~ per_parent(poisson(3))
        placed:   datetime in 2019-01-01..2026-07-01
        shipped:  datetime?
        quantity: int in 1..=20  ~ geometric(0.4)
        price:    decimal(2) in 0..
        total:    decimal(2)     = quantity * price

        check shipped == null or shipped >= placed
        check placed >= customer.signup
    }

    correlate Customer(age, income) = 0.4
}
"#;

#[test]
fn a_shop_is_as_its_schema_says() {
    let generator = generator(SHOP, 3000);
    let made = all(&generator, 700);
    hold(&made);
    assert_eq!(generator.accepted(), 1.0);
    let orders = points(&made, "Order", "id").len() as f64;
    assert!((orders - 9000.0).abs() < 4.0 * 9000f64.sqrt(), "{orders}");
    let churned = |free: bool| {
        let plans = values(&made, "Customer", "plan");
        let churned = values(&made, "Customer", "churned");
        let of: Vec<bool> = (0..plans.len())
            .filter(|row| (plans[*row] == Datum::Label(0)) == free)
            .map(|row| churned[row] == Datum::Bool(true))
            .collect();
        of.iter().filter(|churned| **churned).count() as f64 / of.len() as f64
    };
    assert!((churned(true) - 0.3).abs() < 0.04 && (churned(false) - 0.05).abs() < 0.03);
    // Ranks correlate as they should: Spearman's coefficient.
    let rank = |values: Vec<f64>| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let mut ranks = vec![0.0; values.len()];
        order.into_iter().enumerate().for_each(|(rank, row)| ranks[row] = rank as f64);
        ranks
    };
    let (age, income) = (rank(points(&made, "Customer", "age")), rank(points(&made, "Customer", "income")));
    let middle = (age.len() - 1) as f64 / 2.0;
    let both: f64 = age.iter().zip(&income).map(|(a, b)| (a - middle) * (b - middle)).sum();
    let own: f64 = age.iter().map(|a| (a - middle).powi(2)).sum();
    assert!((both / own - 0.4).abs() < 0.05, "{}", both / own);
}

#[test]
fn rows_do_not_depend_on_how_they_are_made() {
    let generator = generator(SHOP, 500);
    let (one, other) = (all(&generator, 1), all(&generator, 10_000));
    assert_eq!(one.tables, other.tables);
    let again = generator_with(SHOP, 500, &[], 7).unwrap();
    assert_eq!(all(&again, 77).tables, one.tables);
    let seeded = generator_with(SHOP, 500, &[], 8).unwrap();
    assert_ne!(all(&seeded, 77).tables, one.tables);
}

#[test]
fn changing_a_column_leaves_the_others_alone() {
    let before = all(&generator(SHOP, 300), 300);
    let changed = SHOP.replace("normal(41, 14)", "normal(30, 5)").replace("phone:   phone? null 30%", "");
    let after = all(&generator(&changed, 300), 300);
    for (table, columns) in [
        ("Customer", ["id", "email", "plan", "signup", "code", "churned"].as_slice()),
        ("Order", &["customer", "placed", "quantity", "total"]),
    ] {
        for column in columns {
            assert_eq!(values(&before, table, column), values(&after, table, column), "{table}.{column}");
        }
    }
    assert_ne!(values(&before, "Customer", "age"), values(&after, "Customer", "age"));
}

/// Checks that are met without a row being drawn twice.
#[test]
fn checks_are_met_by_how_rows_are_made() {
    let checks = [
        ("a: int in 0..=10  b: int in 5..=8", "a <= b"),
        ("a: int in 0..=10  b: int in 0..=10  c: int in 0..=10", "a < b and b < c"),
        ("a: int in 0..=100  b: int in 0..=100  c: int in 0..=100", "a + b + c == 100"),
        ("a: int in 0..=100  b: int in 0..=100  c: int in 0..=100", "a + b + c <= 100 and a - b >= 3"),
        ("a: float in 0.0..=1.0  b: float in 0.0..=1.0", "a + b <= 0.5"),
        ("a: decimal(2) in 0..=10  b: decimal(2) in 0..=10", "a * 2 < b"),
        ("a: int in 1..=20  b: float in 0.0..=1000.0", "a * b <= 100"),
        ("a: int in 0..=9  b: int in 0..=9  c: int in 0..=9", "b >= a and c >= b and c <= a + 2"),
        ("a: date in 2020-01-01..=2024-12-31  b: date in 2020-01-01..=2024-12-31", "b - a >= 30d and b - a <= 40d"),
        ("a: datetime in 2020-01-01..2021-01-01  b: datetime?", "b == null or b > a + 2h"),
        ("a: time in 06:00..=22:00  b: time in 06:00..=22:00", "a < b"),
        ("p: enum { free, pro, team }  a: int in 0..=50", "p != free or a == 0"),
        ("p: enum { free, pro, team }  a: int in 0..=50", "if p == free { a < 5 } else { a > 40 }"),
        ("s: enum { open, shipped }  d: date? null 50%", "(s == shipped) == (d != null)"),
        ("p: bool  q: bool", "p == q"),
        ("p: bool  q: bool  r: bool", "p or q or r"),
        ("m: email? null 50%  t: phone? null 50%", "m != null or t != null"),
        ("a: int in 0..=9  b: int in 0..=9  c: int in 0..=9", "max(a, b) <= c"),
        ("a: int in 0..=100  b: int in 0..=100", "abs(a - b) <= 3"),
        ("p: enum { x, y, z }  q: enum { x, y, z }", "p in [x, y] or q == z"),
        ("a: int in 1..=9  b: int in 1..=9  t: int in 50..=60 = a * b + 20", "a != null"),
        ("a: int in -5..=5  b: int in 0..=3", "-a > b"),
        ("a: float in 0.0..=1.0 ~ beta(2, 5)  b: float ~ normal(0, 1)", "b > a * 3 and b < 10"),
    ];
    for (columns, check) in checks {
        let text = format!("schema Rows {{\n    {}\n    check {check}\n}}", columns.replace("  ", "\n    "));
        let generator = generator(&text, 4000);
        hold(&all(&generator, 1024));
        assert_eq!(generator.accepted(), 1.0, "{check} is met by drawing again");
    }
}

/// Checks that cannot be solved for a column.
#[test]
fn what_cannot_be_solved_is_drawn_again() {
    for (columns, check, least) in [
        ("a: int in 0..=9\n b: int in 0..=9", "a != b", 0.85),
        ("a: int in 0..=99\n b: int in 0..=99", "(a + b) % 3 == 0", 0.3),
        ("a: float in 0.0..=1.0\n b: float in 0.0..=1.0", "a ** 2 + b ** 2 <= 1", 0.75),
    ] {
        let generator = generator(&format!("schema Rows {{\n {columns}\n check {check}\n}}"), 4000);
        let made = all(&generator, 512);
        hold(&made);
        assert!(generator.accepted() > least && generator.accepted() < 1.0, "{check}: {}", generator.accepted());
        assert_eq!(made.tables, all(&generator, 33).tables);
    }
}

#[test]
fn what_is_unique_never_repeats() {
    let text = "schema Rows {
        a: int unique
        b: int in 1..=5000 unique
        c: int unique ~ normal(0, 400)
        d: int unique ~ zipf(1.5)
        e: decimal(2) in 0..=100 unique
        f: float unique ~ normal(0, 1)
        g: date in 2000-01-01..=2020-12-31 unique
        h: datetime unique
        i: int? in 1..=3000 unique null 50%
        j: uuid unique
        k: string unique
        l: int key
        m: float unique
    }";
    let generator = generator(text, 5000);
    let made = all(&generator, 999);
    hold(&made);
    assert_eq!(points(&made, "Rows", "i").len(), 2500);
    assert_eq!(points(&made, "Rows", "l"), (1..=5000).map(f64::from).collect::<Vec<_>>());
    let near = points(&made, "Rows", "c").into_iter().filter(|c| c.abs() < 3000.0).count();
    assert!(near > 4500, "{near}");
}

#[test]
fn combinations_never_repeat() {
    let text = "schema School {
        table Student { id: int key }
        table Course { id: int key  level: enum { easy: 80%, hard: 20% } }
        table Enrolment {
            student: ref Student
            course: ref Course
            key (student, course)
        }
        table Grade {
            student: ref Student ~ per_parent(poisson(2))
            course: ref Course
            unique (student, course)
        }
        table Slot {
            day: date in 2024-01-01..=2024-01-10
            room: enum { a: 60%, b: 30%, c: 10% }
            unique (day, room)
        }
        table Pair {
            x: int in 1..=30
            y: int in 1..=40
            z: bool
            unique (x, y, z)
        }
    }"
    .replace("id: int key  level", "id: int key\n level");
    let generator =
        generator_with(&text, 100, &[("Enrolment", 5000), ("Course", 60), ("Slot", 28), ("Pair", 2400)], 3).unwrap();
    let made = all(&generator, 64);
    hold(&made);
    // All of what there is, where as many rows are wanted.
    assert_eq!(points(&made, "Pair", "x").len(), 2400);
    let rooms = values(&made, "Slot", "room");
    assert_eq!(rooms.iter().filter(|room| **room == Datum::Label(0)).count(), 10);
}

#[test]
fn references_find_their_rows() {
    let text = "schema Firm {
        table Person {
            id: int key
            boss: ref Person?
            home: ref House? unique null 20%
            born: date in 1950-01-01..=2000-12-31
        }
        table House { id: uuid key  owner: ref Person? null 50%  built: date in 1900-01-01..=2020-01-01 }
        table Badge { id: int key  of: ref Person unique  code: string matches \"[A-Z]{2}[0-9]{4}\" }
        table Visit {
            by: ref Person ~ per_parent(if by.born < 1970-01-01 { poisson(4) } else { geometric(0.5) })
            to: ref House
            at: datetime in 2021-01-01..2024-01-01
            check at > by.born + 18d
        }
        table Stay { visit: ref Visit  nights: int in 1..=9 }
    }"
    .replace("  owner", "\n owner")
    .replace("  built", "\n built")
    .replace("  of:", "\n of:")
    .replace("  code:", "\n code:")
    .replace("  nights", "\n nights");
    let text = text.replace("table Visit {\n", "table Visit {\n id: int key\n");
    let generator = generator_with(&text, 400, &[("House", 500), ("Badge", 399)], 11).unwrap();
    let made = all(&generator, 128);
    hold(&made);
    assert_eq!(values(&made, "Person", "boss")[0], Datum::Null);
    let old = points(&made, "Visit", "id").len();
    assert!(old > 400 && old < 2000, "{old}");
    let (order, late) = generator.in_order();
    assert_eq!((order.len(), late.len()), (5, 1));
}

#[test]
fn what_is_computed_from_other_rows_is_right() {
    let text = "schema Shop {
        table Carrier {
            id: int key
            parcels: int = count(Parcel)
            late: int = sum(Parcel.days)
            worst: int? = max(Parcel.days)
            mean: float? = mean(Parcel.days)
            first: date? = min(Parcel.due)
            tours: int = count(Tour)
            far: float = sum(Tour.km)
            licence: int = count(Licence)
        }
        table Parcel {
            carrier: ref Carrier ~ per_parent(poisson(5))
            days: int in 0..=9
            due: date in 2024-01-01..=2024-12-31
        }
        table Tour { carrier: ref Carrier? null 10%
            km: float in 0.0..=100.0 }
        table Licence { carrier: ref Carrier unique }
    }";
    let generator = generator_with(text, 300, &[("Tour", 900), ("Licence", 200)], 5).unwrap();
    let made = all(&generator, 100);
    hold(&made);
    assert_eq!(points(&made, "Carrier", "licence").iter().sum::<f64>(), 200.0);
    assert_eq!(made.tables, all(&generator, 7).tables);
}

#[test]
fn lists_and_mixtures_and_moments_are_made() {
    let text = "schema Rows {
        tags: list(enum { a, b, c }) length 1..=3
        notes: list(string?)
        sizes: list(int) length 4
        settings: json?
        height: float ~ mixture([normal(165, 7), normal(178, 8)], weights=[50%, 50%])
        size: int ~ categorical([1, 2, 5], weights=[50%, 30%, 20%])
        either: int in 0..=100 ~ if size == 1 { normal(20, 3) } else { uniform(60, 80) }
        wait: float in 1.0..=4.0 ~ exponential(size / 2)
        latency: float ~ truncated(lognormal(3, 1), 0.0..=500.0)
        opened: datetime in 2025-01-01..2026-01-01 ~ business_hours(open=08:00, close=18:00, outside=10%)
        placed: datetime in 2024-01-01..2026-01-01 ~ seasonal(2024-12-15, strength=0.8)
        grown: datetime in 2024-01-01..2026-01-01 ~ trend(20%)
        born: date ~ normal(1980-01-01, 3650d)
        picked: string in [\"x\", \"y\"]
        version: int ~ constant(3)
        counter: int ~ sequence(start=1000, step=-2)
        lat: address.latitude
    }";
    let generator = generator(text, 4000);
    let made = all(&generator, 1000);
    hold(&made);
    assert_eq!(points(&made, "Rows", "counter")[3], 994.0);
    assert!(points(&made, "Rows", "version").iter().all(|version| *version == 3.0));
    let mean = |column: &str| {
        let points = points(&made, "Rows", column);
        points.iter().sum::<f64>() / points.len() as f64
    };
    assert!((mean("height") - 171.5).abs() < 0.7);
    assert!((mean("size") - 2.1).abs() < 0.1);
    let sizes = values(&made, "Rows", "sizes");
    assert!(matches!(&sizes[0], Datum::Text(text) if text.matches("Int").count() == 4), "{:?}", sizes[0]);
    let open = points(&made, "Rows", "opened");
    let weekday = |second: f64| ((second / 86_400.0).floor() as i64 + 3).rem_euclid(7);
    let working = open
        .iter()
        .filter(|second| weekday(**second) < 5 && (8.0..18.0).contains(&(*second % 86_400.0 / 3600.0)))
        .count();
    assert!((working as f64 / open.len() as f64 - 0.9).abs() < 0.02, "{working}");
}

#[test]
fn what_cannot_be_made_is_said_before_a_row_is() {
    let said = |text: &str, rows: u64| match generator_with(text, rows, &[], 1) {
        Ok(_) => panic!("{text} was taken"),
        Err(messages) => messages.join("; "),
    };
    assert_eq!(said("schema Rows { a: int in 1..=9 unique }", 10), "`a` has at most 9 values, and 10 rows are wanted");
    assert!(
        said("schema Rows { a: int in 1..=9\n b: string unique = format(\"x{a}\") }", 10).contains("does not follow")
    );
    assert!(
        said(
            "schema S { table A { id: int key\n n: int = count(B)\n check count(B) > 2 }\n table B { a: ref A } }",
            10
        )
        .contains("over the rows of another table")
    );
    assert!(said("schema Rows { a: text ~ llm(\"x\", using=w) }\nprovider w { kind: openai, url: env(\"U\"), key: env(\"K\") }", 10).contains("language model"));
    assert!(said("schema Rows { a: float ~ empirical(\"x.csv\", y) }", 10).contains("was not handed in"));
    // A check that hardly any row meets is found at a row, and names it.
    let generator = generator("schema Rows { a: int in 0..=1000000\n check a % 1000000 == 7 }", 10);
    let fault = generator.make(ndsl_compiler::schema::TableId(0), 0..10).unwrap_err();
    assert!(fault.message.starts_with("row 1 of `Rows` cannot be made"), "{}", fault.message);
}

/// Conditions over a few columns of few values, as text.
fn condition() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        (0..3usize).prop_map(|column| ["a", "b", "c"][column].to_owned()),
        (-3..9i64).prop_map(|number| number.to_string()),
        ((0..3usize), (-3..4i64)).prop_map(|(column, by)| format!("({} + {by})", ["a", "b", "c"][column])),
        ((0..3usize), (0..3usize)).prop_map(|(a, b)| format!("({} - {})", ["a", "b", "c"][a], ["a", "b", "c"][b])),
        (0..3usize).prop_map(|column| format!("({} * 2)", ["a", "b", "c"][column])),
    ];
    let operator = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let leaf = prop_oneof![
        4 => (term.clone(), operator, term).prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        1 => Just("p".to_owned()),
        1 => Just("q == x".to_owned()),
        1 => Just("q in [y, z]".to_owned()),
        1 => Just("c == null".to_owned()),
        1 => Just("c in 1..4".to_owned()),
    ];
    leaf.prop_recursive(3, 10, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) == ({b})")),
            inner.clone().prop_map(|a| format!("not ({a})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("if {a} {{ {b} }} else {{ {c} }}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked for: rows that meet it, or an error where next to no row does.
    #[test]
    fn rows_meet_any_check(checks in prop::collection::vec(condition(), 1..4)) {
        let mut text = "schema Rows {\n a: int in 0..=6\n b: int in -2..=4\n c: int? in [0, 1, 2, 5] null 30%\n p: bool\n q: enum { x, y, z }\n".to_owned();
        for check in &checks {
            text += &format!(" check {check}\n");
        }
        text += "}\n";
        let analysis = ndsl_compiler::analyze(&ndsl_compiler::Source::new("rows.ndsl", text.as_str()));
        prop_assume!(!analysis.has_errors());
        let generator = generator(&text, 200);
        match generator.make(ndsl_compiler::schema::TableId(0), 0..200) {
            Ok(_) => hold(&all(&generator, 64)),
            Err(fault) => {
                let (good, every) = oracle::share(generator.schemas(), &[
                    (0..=6).map(Datum::Int).collect(),
                    (-2..=4).map(Datum::Int).collect(),
                    [0, 1, 2, 5].map(Datum::Int).into_iter().chain([Datum::Null]).collect(),
                    vec![Datum::Bool(false), Datum::Bool(true)],
                    (0..3).map(Datum::Label).collect(),
                ]);
                prop_assert!(good * 100 <= every, "{good} of {every} rows would do: {}\n{text}", fault.message);
            }
        }
    }
}

/// What is computed a column at a time is what the compiler says it is, row by row.
#[test]
fn derived_columns_are_what_they_are_derived_from() {
    let expressions = [
        ("int?", "a + b * 2 - 7"),
        ("int?", "if a > 3 { b } else { a - b }"),
        ("int?", "coalesce(b, a)"),
        ("int?", "a // (b - 2)"),
        ("int?", "a % 4 + abs(b)"),
        ("float?", "f * a / (b - 1)"),
        ("float?", "f ** 2 + sqrt(f) - log(f)"),
        ("float?", "max(f, a, 0.3)"),
        ("bool?", "a < b or not (f > 0.5)"),
        ("bool?", "p and b == null"),
        ("bool?", "p or b > 2"),
        ("bool?", "a in 2..5 or q in [x, z]"),
        ("bool?", "q != y"),
        ("bool?", "t == \"x\" or len(t) > 1"),
        ("date?", "d + 30d"),
        ("datetime?", "m + 90min"),
        ("datetime?", "m - 2w"),
        ("float?", "days(m - d)"),
        ("int?", "year(d) * 12 + month(m) + weekday(d)"),
        ("string?", "upper(t)"),
        ("string", "format(\"{a}-{b}:{t}/{q}@{d} {p} {f} {g}\")"),
        ("string?", "concat(t, text(a))"),
        ("enum { small, large }", "if a > 3 { large } else { small }"),
        ("decimal(2)?", "g * b"),
        ("int?", "if p { if a > 2 { 1 } else { b } } else { 3 }"),
    ];
    let mut text = "schema Rows {\n a: int in 0..=6\n b: int? in 0..=4 null 30%\n f: float in 0.1..=1.0\n g: decimal(2) in 0..=9\n p: bool\n q: enum { x, y, z }\n d: date in 2020-01-01..=2024-12-31\n m: datetime in 2020-01-01..2025-01-01\n t: string? in [\"x\", \"yy\"] null 20%\n".to_owned();
    for (place, (ty, expression)) in expressions.iter().enumerate() {
        text += &format!(" e{place}: {ty} = {expression}\n");
    }
    hold(&all(&generator(&(text + "}\n"), 1000), 300));
}
