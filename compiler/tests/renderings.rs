//! Where a place is, in every form a diagnostic has: whatever stands before it on its line.

use ndsl_compiler::diagnostics::github::github;
use ndsl_compiler::diagnostics::json::json;
use ndsl_compiler::diagnostics::render::{Style, concise, render};
use ndsl_compiler::diagnostics::sarif::Log;
use ndsl_compiler::files::Memory;
use ndsl_compiler::{Source, analyze, analyze_with};

/// A line with an unknown name, what stands before the name, and its columns in characters and in UTF-16 code units.
const LINES: &[(&str, &str, usize, usize)] = &[
    ("plain", "const a = [1, unknown]", 15, 15),
    ("a tab counts as one", "\tconst a = [\t1, unknown]", 17, 17),
    ("wide characters count as one", "const a = [\"层层\", unknown]", 18, 18),
    ("an emoji is two units", "const a = [\"🙂🙂\", unknown]", 18, 20),
    ("a letter and its accent are two", "const a = [\"e\u{301}\", unknown]", 18, 18),
    ("a family of emoji is many", "const a = [\"👩‍👧\", unknown]", 19, 21),
];

#[test]
fn columns_are_right_in_every_form() {
    for (what, line, characters, units) in LINES {
        // Before the line: nothing, a mark, lines with each kind of end.
        for (before, row) in [("", 1), ("\u{feff}", 1), ("// 🙂\r\n", 2), ("\u{feff}// 层\r\n\r\n", 3), ("\n\t\n", 3)]
        {
            let text = format!("{before}{line}\r\nconst b = 1\r\n");
            let source = Source::new("any.ndsl", text.as_str());
            let analysis = analyze(&source);
            let [found] = analysis.diagnostics.as_slice() else { panic!("{what}: {:?}", analysis.diagnostics) };
            assert_eq!(&text[found.label.span.range()], "unknown");

            let place = format!("any.ndsl:{row}:{characters}: error[E0201]: ");
            assert!(concise(found, &source).starts_with(&place), "{what}: {}", concise(found, &source));
            let picture = render(found, &source, Style::default());
            assert!(picture.contains(&format!("[ any.ndsl:{row}:{characters} ]")), "{what}: {picture}");

            let json = json(found, &source);
            assert_eq!((json.span.start.line, json.span.start.column), (row, *characters), "{what}");
            assert_eq!((json.span.end.line, json.span.end.column), (row, characters + 7), "{what}");
            assert_eq!(&text[json.span.bytes[0] as usize..json.span.bytes[1] as usize], "unknown");

            let place = format!("line={row},endLine={row},col={characters},endColumn={},", characters + 7);
            assert!(github(found, &source).contains(&place), "{what}: {}", github(found, &source));

            let mut log = Log::default();
            log.add(found, &source);
            let log = log.finish();
            let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
            assert_eq!((&region["startLine"], &region["startColumn"]), (&row.into(), &(*units).into()), "{what}");
            assert_eq!((&region["endLine"], &region["endColumn"]), (&row.into(), &(units + 7).into()), "{what}");
            assert_eq!(region["byteOffset"], json.span.bytes[0]);
            assert_eq!(region["byteLength"], 7);
        }
    }
}

/// The underline stands under the word on a terminal: tabs are drawn as spaces, wide characters take two cells.
#[test]
fn pictures_underline_what_they_mean() {
    let mut out = String::new();
    for (what, line, ..) in LINES {
        let source = Source::new("any.ndsl", format!("\u{feff}{line}\r\n"));
        out += &format!("{what}\n{}\n", render(&analyze(&source).diagnostics[0], &source, Style::default()));
    }
    insta::assert_snapshot!(out);
}

const MAIN: &str = "use Net from \"parts/net.ndsl\"\n\
    dataset Rows = csv(\"rows.csv\", columns=[a, b], target=kind)\n\
    train t { model: Net(depth=1), dataset: Rows, loss: cros_entropy(logits, kind) }\n";
const NET: &str = "model Net(width: int = 2) {\n    input columns: f32[2]\n    Desne(width) as logits\n}\n";

#[test]
fn every_form_names_the_file_of_each_place() {
    let analysis = analyze_with(&Source::new("main.ndsl", MAIN), &Memory::new([("parts/net.ndsl", NET)]));
    let mut out = String::new();
    let mut log = Log::default();
    for found in &analysis.diagnostics {
        out += &render(found, &analysis.sources, Style::default());
        out += &format!("{}\n{}\n", concise(found, &analysis.sources), github(found, &analysis.sources));
        out += &format!("{}\n", serde_json::to_string(&json(found, &analysis.sources)).unwrap());
        log.add(found, &analysis.sources);
    }
    let mut log = log.finish();
    for version in ["version", "semanticVersion"] {
        log["runs"][0]["tool"]["driver"][version] = env!("CARGO_PKG_VERSION").replace(char::is_numeric, "0").into();
    }
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
        let page = rule["help"]["markdown"].as_str().unwrap();
        assert!(page.starts_with("# ") && page == rule["help"]["text"].as_str().unwrap());
        rule["help"] = serde_json::Value::Null;
    }
    out += &serde_json::to_string_pretty(&log).unwrap();
    insta::assert_snapshot!(out);
}
