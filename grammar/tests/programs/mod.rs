//! Programs of every part of the language, spaced at will.

use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    let names: &'static [&'static str] =
        &["a", "width", "it", "x_1", "模型", "input", "model", "check", "T", "a_name_that_is_rather_long_as_names_go"];
    prop::sample::select(names).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let literals: &'static [&'static str] = &[
        "1",
        "1_000",
        "0.5",
        "1e-4",
        "30%",
        "2.5%",
        "30s",
        "2.00usd",
        "2019-01-01",
        "2019-01-01T08:30:00",
        "08:30",
        "true",
        "null",
        "\"text\"",
        "\"a // b \\\" {c}\"",
        "\"数🙂\"",
    ];
    prop_oneof![2 => prop::sample::select(literals).prop_map(str::to_owned), 3 => plain()]
}

/// A name that no statement's keyword is.
fn plain() -> impl Strategy<Value = String> {
    let names: &'static [&'static str] =
        &["a", "width", "it", "x_1", "模型", "T", "a_name_that_is_rather_long_as_names_go"];
    prop::sample::select(names).prop_map(str::to_owned)
}

fn list(item: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    (prop::collection::vec(item, 0..most), any::<bool>()).prop_map(|(items, comma)| {
        let comma = if comma && !items.is_empty() { "," } else { "" };
        items.join(", ") + comma
    })
}

pub(crate) fn expression() -> impl Strategy<Value = String> {
    value().prop_recursive(4, 40, 5, |inner| {
        let operators: &'static [&'static str] =
            &["+", "-", "*", "/", "%", "@", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in"];
        let operand = prop_oneof![3 => plain(), 1 => inner.clone().prop_map(|inner| format!("({inner})"))];
        let argument = (prop::option::of(name()), inner.clone())
            .prop_map(|(name, value)| name.map_or(value.clone(), |name| format!("{name}={value}")));
        let call = (plain(), list(argument, 5)).prop_map(|(name, arguments)| format!("{name}({arguments})")).boxed();
        let bound = prop_oneof![Just("1"), Just("1e-4"), Just("2019-01-01"), Just("T"), Just("-1"), Just("5%")];
        prop_oneof![
            4 => (inner.clone(), prop::sample::select(operators), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            1 => (operand.clone(), operand.clone()).prop_map(|(left, right)| format!("{left}//{right}")),
            1 => operand.clone().prop_map(|operand| format!("(-{operand})")),
            1 => inner.clone().prop_map(|operand| format!("(not {operand})")),
            4 => call.clone(),
            2 => (inner.clone(), call).prop_map(|(value, call)| format!("({value} |> {call})")),
            2 => list(inner.clone(), 12).prop_map(|items| format!("[{items}]")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => (plain(), list(inner.clone(), 3)).prop_map(|(base, indices)| format!("{base}[0, {indices}]")),
            1 => (operand, name()).prop_map(|(base, field)| format!("{base}.{field}")),
            1 => (prop::sample::select(&["", "0", "T", "1e-4"][..]), prop::sample::select(&["..", "..="][..]), bound)
                .prop_map(|(start, dots, end)| format!("[{start}{dots}{end}]")),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(condition, then, otherwise)| {
                format!("f(if {condition} {{ {then} }} else {{ {otherwise} }})")
            }),
        ]
    })
}

fn joined(items: Vec<String>, separators: &'static [&'static str]) -> impl Strategy<Value = String> {
    let between = prop::collection::vec(prop::sample::select(separators), items.len());
    between
        .prop_map(move |between| items.iter().zip(between).map(|(item, between)| format!("{item}{between}")).collect())
}

const STATEMENT_ENDS: &[&str] = &["\n", "\n\n", "; ", ";\n", " // a note\n", "\n  // a note\n", "; // 2\n"];
const ENTRY_ENDS: &[&str] = &["\n", "\n\n", ", ", ",\n", " // a note\n", "\n  /// a note\n", ", // 2\n"];

fn body() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => (plain(), expression()).prop_map(|(name, value)| format!("{name} = {value}")),
        3 => (plain(), list(expression(), 3)).prop_map(|(name, arguments)| format!("{name}({arguments})")),
        2 => (plain(), expression(), name()).prop_map(|(call, value, name)| format!("{call}({value}) as {name}")),
        1 => expression().prop_map(|value| format!("check {value}")),
        1 => (name(), list(expression(), 4)).prop_map(|(name, dims)| format!("input {name}: f32[{dims}]")),
        1 => name().prop_map(|name| format!("input {name}: Shop.Customer except (id, churned)")),
        1 => (plain(), expression()).prop_map(|(name, value)| format!("output {name} = {value}")),
        1 => (plain(), expression()).prop_map(|(name, value)| format!("share {name} = Dense({value})")),
        1 => Just("Dense(1) as churned: Shop.Customer.churned".to_owned()),
    ];
    let statements = prop::collection::vec(leaf, 1..4).prop_flat_map(|items| joined(items, STATEMENT_ENDS));
    statements.prop_recursive(3, 12, 3, |inner| {
        let nested = prop_oneof![
            inner.clone().prop_map(|body| format!("residual {{ {body} }}\n")),
            (expression(), inner.clone()).prop_map(|(count, body)| format!("repeat f({count}) as i {{ {body} }}\n")),
            inner.clone().prop_map(|body| format!("repeat [(64, 3), (128, 4)] as (f, depth) {{\n{body} }}\n")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("branch {{ a: {{ {a} }}\n b: {{ {b} }} }} |> concat(axis=-1)\n")),
            (expression(), inner.clone(), inner.clone())
                .prop_map(|(condition, a, b)| format!("if {condition} {{ {a} }} else if b {{ {b} }} else {{ x }}\n")),
        ];
        prop::collection::vec(prop_oneof![nested, inner], 1..3).prop_map(|parts| parts.concat())
    })
}

fn settings() -> impl Strategy<Value = String> {
    let entry = (name(), expression()).prop_map(|(key, value)| format!("{key}: {value}"));
    let entries = prop::collection::vec(entry, 0..5).prop_flat_map(|items| joined(items, ENTRY_ENDS));
    entries.prop_recursive(3, 8, 3, |inner| {
        let nested = (name(), inner.clone()).prop_map(|(key, inner)| format!("{key}: {{ {inner} }}\n"));
        (inner, nested).prop_map(|(first, nested)| first + "\n" + &nested)
    })
}

fn column() -> impl Strategy<Value = String> {
    let kinds: &'static [&'static str] = &[
        "int",
        "decimal(2)",
        "person.name",
        "list(text)",
        "list(list(int)?)",
        "ref Customer",
        "ref Shop.email",
        "enum { free: 70%, pro: 25%, \"<=50K\" }",
        "enum { a, b, c, d, }",
        "phone?",
        "uuid",
    ];
    let clauses: &'static [&'static str] = &[
        "key",
        "unique",
        "in 18..=95",
        "in 0..",
        "length 2..=5",
        "matches \"[A-Z]{3}\"",
        "null 30%",
        "default 0",
        "from \"hours-per-week\"",
        "in [1, 2, 4]",
    ];
    let ends = prop_oneof![
        2 => Just(String::new()),
        1 => expression().prop_map(|value| format!("~ normal({value})")),
        1 => expression().prop_map(|value| format!("\n = {value}")),
    ];
    let clauses = prop::collection::vec(prop::sample::select(clauses), 0..3);
    (name(), prop::sample::select(kinds), clauses, ends)
        .prop_map(|(name, kind, clauses, end)| format!("{name}: {kind} {} {end}", clauses.join("  ")))
}

fn columns() -> impl Strategy<Value = String> {
    let item = prop_oneof![
        6 => column(),
        1 => expression().prop_map(|condition| format!("check {condition}")),
        1 => Just("unique (first, last)".to_owned()),
        1 => Just("correlate (age, income) = 0.4".to_owned()),
    ];
    prop::collection::vec(item, 0..6)
        .prop_flat_map(|items| joined(items, &["\n", "\n\n", " // a note\n", "\n /// a note\n", ",\n"]))
}

pub(crate) fn declaration() -> impl Strategy<Value = String> {
    prop_oneof![
        (name(), expression()).prop_map(|(name, value)| format!("const {name} = {value}")),
        Just("use Encoder, Norm as LayerNorm from \"blocks.ndsl\"".to_owned()),
        (plain(), expression(), body())
            .prop_map(|(name, value, body)| format!("block {name}(a: int, b: float = {value}) {{ {body} }}")),
        (plain(), body()).prop_map(|(name, body)| format!("model {name} {{\n{body}\n}}")),
        (plain(), settings()).prop_map(|(name, settings)| format!("train {name} {{ {settings} }}")),
        (plain(), settings()).prop_map(|(name, settings)| format!("deploy {name} {{\n{settings} }}")),
        (plain(), expression()).prop_map(|(name, value)| format!("dataset {name}: Shop.Customer = csv({value})")),
        expression().prop_map(|value| format!("assert {value}")),
        (columns(), columns()).prop_map(|(first, second)| {
            format!("schema Shop {{ table A {{ {first} }}\n table B {{\n{second} }}\ncorrelate A(age, income) = 0.4 }}")
        }),
        columns().prop_map(|columns| format!("schema Persona from \"a.csv\" using writer {{ {columns} }}")),
    ]
}
