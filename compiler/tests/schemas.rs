//! What is proved of schemas is so: held against every row there is, where there are few enough to go through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ndsl_compiler::diagnostics::Code;
use ndsl_compiler::schema::datum::Datum;
use ndsl_compiler::schema::domain::{Domain, Values};
use ndsl_compiler::schema::evaluate::{Row, evaluate};
use ndsl_compiler::schema::{
    Cardinality, ColumnId, ColumnPath, Demand, Expression, ExpressionKind, Known, Prover, Schemas, TableId,
};
use ndsl_compiler::{Analysis, Source, analyze};
use proptest::prelude::*;

fn check(text: &str) -> Analysis {
    analyze(&Source::new("schemas.ndsl", text))
}

fn sound(text: &str) -> Schemas {
    let analysis = check(text);
    assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics);
    analysis.schemas().clone()
}

fn codes(analysis: &Analysis) -> Vec<&'static str> {
    analysis.diagnostics.iter().map(|found| found.code.as_str()).collect()
}

/// The columns of the tables that random checks are about, each with every value it can have.
fn columns() -> Vec<(&'static str, &'static str, Vec<Datum>)> {
    let ints = |from: i64, to: i64| (from..=to).map(Datum::Int).collect::<Vec<_>>();
    let with_null = |mut values: Vec<Datum>| {
        values.push(Datum::Null);
        values
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| Datum::Text(Arc::from(*text))).collect::<Vec<_>>();
    vec![
        ("a", "int in -2..=2", ints(-2, 2)),
        ("b", "int in 0..=3", ints(0, 3)),
        ("c", "int? in [1, 2, 5]", with_null(vec![Datum::Int(1), Datum::Int(2), Datum::Int(5)])),
        ("f", "float in [-1.5, 0.0, 0.5, 2.0]", [-1.5, 0.0, 0.5, 2.0].map(Datum::Float).to_vec()),
        ("p", "bool", vec![Datum::Bool(false), Datum::Bool(true)]),
        ("q", "enum { x, y, z }", (0..3).map(Datum::Label).collect()),
        ("s", "date in 2024-01-01..=2024-01-03", (19_723..=19_725).map(Datum::Date).collect()),
        ("u", "date? in 2024-01-02..2024-01-04", with_null((19_724..=19_725).map(Datum::Date).collect())),
        ("t", "string in [\"a\", \"bb\", \"ccc\"]", texts(&["a", "bb", "ccc"])),
    ]
}

fn schema(checks: &[String]) -> String {
    let mut text = String::from("schema Rows {\n");
    for (name, kind, _) in columns() {
        text += &format!("    {name}: {kind}\n");
    }
    for check in checks {
        text += &format!("    check {check}\n");
    }
    text + "}\n"
}

struct Values_<'v>(BTreeMap<ColumnId, &'v Datum>);

impl Row for Values_<'_> {
    fn column(&self, path: &ColumnPath) -> Datum {
        (*self.0.get(&path.column).expect("every column that is read has a value")).clone()
    }
}

fn reads(expression: &Expression, into: &mut BTreeSet<ColumnId>) {
    expression.each(&mut |part| {
        if let ExpressionKind::Column(path) = &part.kind {
            into.insert(path.column);
        }
    });
}

/// More rows than this are not gone through, only as many of them, evenly.
const MAX_ROWS: usize = 3000;

/// Hands on every row that differs in the columns the expressions read, until one is enough.
fn each_row(expressions: &[&Expression], enough: &mut dyn FnMut(&dyn Row) -> bool) {
    let mut read = BTreeSet::new();
    expressions.iter().for_each(|expression| reads(expression, &mut read));
    let all = columns();
    let read: Vec<ColumnId> = read.into_iter().collect();
    let rows: usize = read.iter().map(|id| all[id.0 as usize].2.len()).product();
    for row in (0..rows).step_by(rows.div_ceil(MAX_ROWS)) {
        let mut rest = row;
        let values = read.iter().map(|id| {
            let values = &all[id.0 as usize].2;
            let value = &values[rest % values.len()];
            rest /= values.len();
            (*id, value)
        });
        if enough(&Values_(values.collect())) {
            return;
        }
    }
}

/// Whether a row makes none of the expressions false; one whose value cannot be held makes nothing true.
fn some_row_meets(expressions: &[&Expression]) -> bool {
    let mut found = false;
    each_row(expressions, &mut |row| {
        found |= expressions.iter().all(|one| evaluate(one, row).is_some_and(|value| value != Datum::Bool(false)));
        found
    });
    found
}

fn holds(domain: &Domain, value: &Datum) -> bool {
    match (value, &domain.values) {
        (Datum::Null, _) => domain.null.is_some(),
        (Datum::Bool(truth), Values::Labels(labels)) => labels.contains(&u32::from(*truth)),
        (Datum::Label(label), Values::Labels(labels)) => labels.contains(label),
        (Datum::Text(text), Values::Texts { known, length }) => {
            let count = text.chars().count() as f64;
            known.as_ref().is_none_or(|known| known.contains(text)) && length.low <= count && count <= length.high
        }
        (value, Values::Points(range)) => {
            let at = value.point().expect("on a line");
            let above = if range.low_open { at > range.low } else { at >= range.low };
            let below = if range.high_open { at < range.high } else { at <= range.high };
            above && below && range.step.is_none_or(|step| at % step == 0.0)
        }
        (_, Values::Anything) => true,
        _ => false,
    }
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b", "c", "a", "b", "f"]).prop_map(str::to_owned),
        (-3i64..6).prop_map(|number| if number < 0 { format!("({number})") } else { number.to_string() }),
        prop::sample::select(vec!["0.5", "1.5", "len(t)", "day(s)", "month(u)"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%"]), inner.clone())
                .prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("if p {{ {a} }} else {{ {b} }}")),
            inner.clone().prop_map(|a| format!("abs({a})")),
            inner.clone().prop_map(|a| format!("floor({a})")),
            inner.prop_map(|a| format!("(-{a})")),
        ]
    })
}

fn moment() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["s", "u", "2024-01-02", "2024-01-04", "2024-01-02T12:00:00"]);
    (leaf, prop::option::of(-2i64..3)).prop_map(|(moment, days)| match days {
        Some(days) if days < 0 => format!("({moment} - {}d)", -days),
        Some(days) => format!("({moment} + {days}d)"),
        None => moment.to_owned(),
    })
}

fn condition() -> impl Strategy<Value = String> {
    let comparison = || prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        (number(), comparison(), number()).prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
        (moment(), comparison(), moment()).prop_map(|(a, operator, b)| format!("{a} {operator} {b}")),
        (number(), number(), number()).prop_map(|(a, b, c)| format!("({a}) in ({b})..=({c})")),
        (number(), number(), number()).prop_map(|(a, b, c)| format!("({a}) in [{b}, {c}]")),
        prop::sample::select(vec![
            "p",
            "not p",
            "q == x",
            "q != y",
            "q in [x, y]",
            "not (q in [y, z])",
            "c == null",
            "u != null",
            "t == \"bb\"",
            "t in [\"a\", \"ccc\"]",
            "t != \"a\"",
            "len(t) > 2",
            "p == false",
            "c in [1, 7]",
            "s in 2024-01-02..2024-01-03",
            "a in 1..",
            "days(u - s) > 1",
            "t < \"b\"",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 10, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(if {a} {{ {b} }} else {{ {c} }})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_called_impossible_is(checks in prop::collection::vec(condition(), 1..4)) {
        let text = schema(&checks);
        let analysis = check(&text);
        let table = &analysis.schemas().tables[0];
        let all: Vec<&Expression> = table.checks.iter().map(|check| &check.condition).collect();
        for found in &analysis.diagnostics {
            let here: Vec<&Expression> = table
                .checks
                .iter()
                .filter(|check| check.span.start <= found.label.span.start && found.label.span.end <= check.span.end)
                .map(|check| &check.condition)
                .collect();
            match found.code {
                Code::ImpossibleCheck => prop_assert!(!some_row_meets(&all), "{text}{found:?}"),
                Code::AlwaysHolds => each_row(&here, &mut |row| {
                    assert!(here.iter().all(|one| evaluate(one, row) != Some(Datum::Bool(false))), "{text}{found:?}");
                    false
                }),
                _ => {}
            }
        }
    }

    #[test]
    fn what_an_expression_may_be_holds_what_it_is(number in number(), condition in condition()) {
        let text = schema(&[format!("({number}) == 1"), condition]);
        let analysis = check(&text);
        let table = &analysis.schemas().tables[0];
        let prover = Prover::new(analysis.schemas());
        for check in &table.checks {
            check.condition.each(&mut |part| {
                let domain = prover.evaluate(part, &Known::default());
                each_row(&[part], &mut |row| {
                    if let Some(value) = evaluate(part, row) {
                        assert!(holds(&domain, &value), "{text}{:?} is {value:?}, not in {domain:?}", part.span);
                    }
                    false
                });
            });
        }
    }
}

#[test]
fn enough_random_checks_are_understood_to_say_something() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut read, mut impossible, mut always, mut missed) = (0, 0, 0, 0);
    for _ in 0..400 {
        let text = schema(&[condition().new_tree(&mut runner).unwrap().current()]);
        let analysis = check(&text);
        let Some(checked) = analysis.schemas().tables[0].checks.first() else { continue };
        read += 1;
        let found = codes(&analysis);
        impossible += usize::from(found.contains(&"E0710"));
        always += usize::from(found.contains(&"W0731"));
        missed += usize::from(!some_row_meets(&[&checked.condition]) && !found.contains(&"E0710"));
    }
    assert!(read > 350 && impossible > 10 && always > 20, "{read} {impossible} {always}");
    assert!(missed * 2 < impossible, "{missed} of {impossible} are missed");
}

#[test]
fn a_checked_schema_needs_no_tree() {
    let schemas = sound(include_str!("../../examples/shop/shop.ndsl"));
    let table = |name: &str| {
        let path = ndsl_grammar::ast::Path {
            span: ndsl_grammar::Span::default(),
            segments: name
                .split('.')
                .map(|text| ndsl_grammar::ast::Ident { text: text.to_owned(), span: ndsl_grammar::Span::default() })
                .collect(),
        };
        schemas.table(&path).unwrap()
    };
    let order = table("Shop.Order");
    let names: Vec<&str> = schemas.at(order).columns().map(|(_, column)| column.name.as_str()).collect();
    assert_eq!(names[..3], ["id", "customer", "product"]);
    let (_, customer) = schemas.at(order).column("customer").unwrap();
    assert_eq!(customer.cardinality(), Some(Cardinality::ManyToOne));
    assert_eq!(customer.reference().unwrap().table, table("Shop.Customer"));
    let (_, review) = schemas.at(table("Shop.Review")).column("order").unwrap();
    assert_eq!(review.cardinality(), Some(Cardinality::OneToOne));
    let (_, plan) = schemas.at(table("Shop.Customer")).column("plan").unwrap();
    let weights: Vec<f64> = plan.labels().unwrap().labels.iter().map(|label| label.weight).collect();
    assert_eq!(weights, [0.7, 0.25, 0.05]);
    // Every column has its place, after what it is made from.
    let place = |table: TableId, name: &str| {
        let (id, _) = schemas.at(table).column(name).unwrap();
        schemas.order.iter().position(|node| *node == (table, id)).unwrap()
    };
    assert_eq!(schemas.order.len(), schemas.tables.iter().map(|table| table.columns.len()).sum::<usize>());
    assert!(place(order, "total") > place(order, "price"));
    assert!(place(order, "price") > place(table("Shop.Product"), "price"));
    assert!(place(table("Shop.Customer"), "spent") > place(order, "total"));
}

#[test]
fn an_editor_knows_what_each_column_is() {
    use ndsl_compiler::check::FactKind;
    let text = "schema Shop {\n    table Customer {\n        id: int key\n        /// In years.\n        age: int in 18..=95   \
                ~ normal(41, 14) // adults\n    }\n    table Order {\n        customer: ref Customer\n        check customer.age > 20\n    }\n}\n";
    let analysis = check(text);
    let shown = |at: usize| {
        analysis.facts().iter().rev().find(|fact| fact.span.touches(at)).map(|fact| match &fact.kind {
            FactKind::Value { name, kind, docs, .. } => format!("{name}: {kind} / {}", docs.as_deref().unwrap_or("")),
            FactKind::Signature(signature) => signature.synopsis(),
            other => format!("{other:?}"),
        })
    };
    let at = |part: &str| text.find(part).unwrap();
    let age = "age: int in 18..=95 ~ normal(41, 14) / In years.";
    assert_eq!(shown(at("age: int")).as_deref(), Some(age));
    assert_eq!(shown(at("age > 20")).as_deref(), Some(age));
    assert_eq!(shown(at("normal(")).as_deref(), Some("normal(mean, deviation)"));
    assert_eq!(shown(at("Customer\n        check")).as_deref(), Some("Shop.Customer: int key / "));
    assert_eq!(shown(at("customer.age")).as_deref(), Some("customer: ref Customer / "));
}

#[test]
fn shares_that_are_not_given_are_what_is_left() {
    let schemas = sound("schema S { plan: enum { free: 60%, pro, team } kind: enum { a, b } }");
    let weights = |name: &str| {
        let (_, column) = schemas.tables[0].column(name).unwrap();
        column.labels().unwrap().labels.iter().map(|label| (label.weight * 100.0).round()).collect::<Vec<_>>()
    };
    assert_eq!(weights("plan"), [60.0, 20.0, 20.0]);
    assert_eq!(weights("kind"), [50.0, 50.0]);
}

#[test]
fn a_demand_for_more_rows_than_there_are_values_is_refused() {
    let schemas = sound(
        "schema S {\n table A { id: int key, level: enum { low, high } unique }\n table B { a: ref A unique }\n \
         table C { day: int in 1..=31, month: int in 1..=12, unique (day, month) }\n \
         table D { code: string? unique matches \"[A-Z]{2}\" null 50% }\n}",
    );
    let short = |rows: &[(u32, u64)]| {
        let demand: Demand = rows.iter().map(|(table, rows)| (TableId(*table), *rows)).collect();
        schemas.short_of(&demand).into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    assert!(short(&[(0, 2), (1, 2), (2, 372), (3, 1352)]).is_empty());
    assert_eq!(short(&[(0, 3)]), ["`level` has at most 2 values, and 3 rows are wanted"]);
    assert_eq!(short(&[(0, 2), (1, 3)]), ["`a` has at most 2 values, and 3 rows are wanted"]);
    assert_eq!(short(&[(2, 373)]), ["`day` and `month` together have at most 372 values, and 373 rows are wanted"]);
    assert_eq!(short(&[(3, 1354)]), ["`code` has at most 676 values, and 1354 rows are wanted"]);
}

#[test]
fn large_schemas_are_checked_at_once() {
    let mut text = String::from("schema Large {\n");
    for table in 0..400 {
        text += &format!("    table T{table} {{\n        id: int key\n");
        for column in 0..20 {
            text += &format!("        c{column}: int in 0..={} ~ normal({column}, 2)\n", column + 10);
        }
        if table > 0 {
            text += &format!("        parent: ref T{}\n        check c1 <= parent.c2 + 40\n", table - 1);
        }
        text += "        sum: int = c1 + c2 * c3\n        check c1 + c2 < 60 or c3 == 4\n    }\n";
    }
    let start = std::time::Instant::now();
    let analysis = check(&(text + "}\n"));
    assert_eq!(analysis.counts().0, 0);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn circles_and_chains_of_any_length_end() {
    let ring = |count: usize, closed: bool| {
        let mut text = String::from("schema Ring {\n");
        for table in 0..count {
            let next = if closed || table + 1 < count {
                format!(", next: ref T{}", (table + 1) % count)
            } else {
                String::new()
            };
            text += &format!(
                "    table T{table} {{ id: int key{next}, v: int = {} }}\n",
                match next.is_empty() {
                    true => "1".to_owned(),
                    false => "next.v + 1".to_owned(),
                }
            );
        }
        text + "}\n"
    };
    assert!(!check(&ring(300, false)).has_errors());
    let found = check(&ring(300, true));
    assert_eq!(codes(&found), ["E0707", "E0711"]);
    let mut derived = String::from("schema Chain {\n    c0: int\n");
    for index in 1..2000 {
        derived += &format!("    c{index}: int = c{} + 1\n", index - 1);
    }
    check(&(derived + "}\n"));
}
