//! Schemas go out of the language and come back as they were.

#[path = "sound/converting.rs"]
mod converting;
#[path = "convert/drawn.rs"]
mod drawn;
#[path = "convert/fields.rs"]
mod fields;

use converting::survives;
use ndsl_compiler::schema::convert::{self, Dialect, Format, describe};
use ndsl_compiler::{Source, analyze};
use proptest::prelude::*;

/// A format, and the dialect where it has several.
const WAYS: &[(&str, Format, Dialect)] = &[
    ("JSON Schema", Format::JsonSchema, Dialect::Postgres),
    ("SQL of Postgres", Format::Sql, Dialect::Postgres),
    ("SQL of SQLite", Format::Sql, Dialect::Sqlite),
    ("SQL of the standard", Format::Sql, Dialect::Standard),
    ("DataSchema", Format::DataSchema, Dialect::Postgres),
];

/// The first schema of a program, as it is written and as it is converted.
fn converted(text: &str, to: Format, dialect: Dialect) -> Result<(String, String), String> {
    let analysis = analyze(&Source::new("test.ndsl", text));
    if analysis.has_errors() {
        return Err(format!("{:?}", analysis.diagnostics.iter().map(|found| &found.message).collect::<Vec<_>>()));
    }
    let schema = &analysis.schemas().schemas[0];
    let own = describe(analysis.schemas(), schema, convert::providers(&analysis, schema));
    let own = own.map_err(|refusal| refusal.message)?.text().map_err(|text| format!("cannot be laid out:\n{text}"))?;
    let out = convert::write(&analysis, schema, to, dialect).map_err(|refusal| refusal.message)?;
    Ok((own, out))
}

/// Converts there and back.
fn there_and_back(text: &str) {
    for (name, format, dialect) in WAYS {
        let (own, out) = converted(text, *format, *dialect).unwrap_or_else(|why| panic!("{why}\n{text}"));
        let back = convert::read(*format, &out, "other", Some(*dialect));
        let back = back.unwrap_or_else(|faults| panic!("{name}: {faults:#?}\n{out}\n{own}"));
        assert_eq!(own, back.text, "{name}:\n{out}");
        assert!(!out.contains(": only "), "{name}: nothing can be read without its remarks:\n{out}");
        assert!(back.left_out.is_empty(), "{name}: {:#?}\n{out}", back.left_out);
    }
}

#[test]
fn the_schemas_of_the_documents_come_back() {
    let page = include_str!("../../docs/schemas.md");
    let examples: Vec<&str> = page.split("```ndsl\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 3);
    for example in examples {
        there_and_back(example);
    }
}

/// What is made of a text: the program, and below it what was left out; or the faults.
fn read(format: Format, name: &str, text: &str) -> String {
    let source = Source::new(name, text);
    let line = |severity: &str, fault: &convert::Fault| {
        let place = source.position(fault.at.start);
        let help = fault.help.as_ref().map(|help| format!("\n    help: {help}")).unwrap_or_default();
        format!("{name}:{}:{}: {severity}: {}{help}\n", place.line, place.column, fault.message)
    };
    match convert::read(format, text, name.split('.').next().unwrap(), None) {
        Ok(converted) => {
            assert_eq!(
                ndsl_grammar::format(&converted.text).as_ref(),
                Ok(&converted.text),
                "laid out as `ndsl fmt` does"
            );
            let left_out: String = converted.left_out.iter().map(|fault| line("note", fault)).collect();
            format!("{}\n{left_out}", converted.text)
        }
        Err(faults) => faults.iter().map(|fault| line("error", fault)).collect(),
    }
}

fn read_all(folder: &str, format: Format) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::glob!(&format!("convert/{folder}/*.*"), |path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(folder, read(format, &name, &std::fs::read_to_string(path).unwrap()));
        });
    });
}

#[test]
fn sql_becomes_programs() {
    read_all("sql", Format::Sql);
}

#[test]
fn json_schemas_become_programs() {
    read_all("json_schema", Format::JsonSchema);
}

#[test]
fn data_schemas_become_programs() {
    read_all("data_schema", Format::DataSchema);
}

#[test]
fn programs_become_other_formats() {
    let shop = include_str!("convert/everything.ndsl");
    for (name, format, dialect) in WAYS {
        let (_, out) = converted(shop, *format, *dialect).unwrap();
        insta::assert_snapshot!(name.replace(' ', "_"), out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_drawn_at_random_comes_back(text in drawn::program()) {
        let analysis = analyze(&Source::new("test.ndsl", text.as_str()));
        prop_assume!(!analysis.has_errors());
        there_and_back(&text);
    }
}

proptest! {
    #[test]
    fn data_schemas_go_in_and_come_out(schema in fields::data_schema()) {
        let text = serde_json::to_string_pretty(&schema).unwrap();
        let program = convert::read(Format::DataSchema, &text, "other", None);
        let program = program.unwrap_or_else(|faults| panic!("{faults:#?}\n{text}")).text;
        let (_, out) = converted(&program, Format::DataSchema, Dialect::Postgres).unwrap();
        let back: serde_json::Value = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(fields::said(&schema), fields::said(&back), "{}", program);
    }
}

/// The first fault of a text that has one.
fn fault(format: Format, text: &str) -> String {
    let faults = convert::read(format, text, "name", None).unwrap_err();
    format!("{}: {}", faults[0].at.start, faults[0].message)
}

#[test]
fn hostile_texts_are_refused_within_bounds() {
    let nested =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(50_000), close.repeat(50_000));
    let object = |inner: &str| format!("{{\"properties\": {{\"a\": {inner}}}}}");
    let deep = object(&nested("{\"items\": ", "{}", "}"));
    assert!(fault(Format::JsonSchema, &deep).ends_with("this nests deeper than 64 levels"));
    let lists = object(&nested("[", "", "]"));
    assert!(fault(Format::DataSchema, &lists).ends_with("this nests deeper than 64 levels"));
    let labels: Vec<String> = (0..200_000).map(|label| format!("\"{label}\"")).collect();
    let wide = object(&format!("{{\"enum\": [{}]}}", labels.join(",")));
    assert!(fault(Format::JsonSchema, &wide).contains("a list of 200000 values"));
    let circle = r##"{"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"allOf": [{"$ref": "#/$defs/b"}, {"$ref": "#/$defs/b"}]}}}"##;
    assert!(fault(Format::JsonSchema, circle).ends_with("this reference leads back to itself"));
    let doubled: Vec<String> = (0..60)
        .map(|level| {
            format!(
                r##""d{level}": {{"allOf": [{{"$ref": "#/$defs/d{}"}}, {{"$ref": "#/$defs/d{}"}}]}}"##,
                level + 1,
                level + 1
            )
        })
        .collect();
    let doubled =
        format!(r##"{{"properties": {{"a": {{"$ref": "#/$defs/d0"}}}}, "$defs": {{{}}}}}"##, doubled.join(","));
    survives(Format::JsonSchema, &doubled);

    let table = |element: &str| format!("CREATE TABLE t (\n    a int,\n    {element}\n);");
    let deep = table(&format!("CHECK {}", nested("(", "a > 1", ")")));
    assert!(fault(Format::Sql, &deep).contains("nests too deep"));
    let long = table(&format!("CHECK (a > 1{})", " OR a > 1".repeat(50_000)));
    assert!(fault(Format::Sql, &long).contains("more than 1000 operators"));
    let nots = table(&format!("CHECK ({}TRUE)", "NOT ".repeat(900)));
    survives(Format::Sql, &nots);
    let labels: Vec<String> = (0..50_000).map(|label| format!("'{label}'")).collect();
    survives(Format::Sql, &table(&format!("b text CHECK (b IN ({}))", labels.join(","))));
    survives(Format::Sql, &table(&format!("b ENUM({})", labels.join(","))));
    let many: String = (0..3000).map(|column| format!("c{column} int, ")).collect();
    survives(Format::Sql, &table(&format!("{many} z int")));
    survives(Format::Sql, &"CREATE TABLE t (a int);\n".repeat(5000));
    survives(Format::Sql, &"(".repeat(200_000));
    survives(Format::Sql, "COPY t FROM stdin;\n'");
    survives(Format::Sql, "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn slips_of_the_hand_bring_nothing_down(
        which in 0..9usize,
        at in 0.0..1.0f64,
        length in 0..40usize,
        put in proptest::sample::select(vec!["", "(", ")", "{", "}", "\"", "'", ",", "é", "-- ndsl: ", "CHECK", "null", "[", "\\", "1e999"]),
    ) {
        const TEXTS: [(Format, &str); 9] = [
            (Format::Sql, include_str!("convert/sql/pg_dump.sql")),
            (Format::Sql, include_str!("convert/sql/mysql.sql")),
            (Format::Sql, include_str!("convert/sql/sqlite.sql")),
            (Format::Sql, include_str!("convert/sql/checks.sql")),
            (Format::JsonSchema, include_str!("convert/json_schema/person.json")),
            (Format::JsonSchema, include_str!("convert/json_schema/draft7.json")),
            (Format::JsonSchema, include_str!("convert/json_schema/tables.json")),
            (Format::DataSchema, include_str!("convert/data_schema/customers.json")),
            (Format::DataSchema, include_str!("convert/json_schema/person.json")),
        ];
        let (format, text) = TEXTS[which];
        let from = text.floor_char_boundary((text.len() as f64 * at) as usize);
        let to = text.floor_char_boundary((from + length).min(text.len())).max(from);
        survives(format, &format!("{}{put}{}", &text[..from], &text[to..]));
    }
}
