//! What the documents say is so: their programs check as they claim, and the reference is what the definitions say.

mod documents;
#[path = "../../grammar/tests/sound/files.rs"]
mod files;

use documents::{Program, root, snippets, whole};
use ndsl_compiler::diagnostics::Code;
use ndsl_compiler::diagnostics::render::concise;
use ndsl_compiler::files::{MAX_FILES, Memory};
use ndsl_compiler::{Analysis, Source, analyze_with, docs};

/// The program that has a code whose failing example is too large to stand on a page.
fn too_large_to_print(code: Code) -> Option<Program> {
    let (text, files) = match code {
        // More than 8 MiB.
        Code::BadSource => ("\n".repeat(ndsl_grammar::MAX_SOURCE_BYTES + 1), Vec::new()),
        Code::NotProved => (too_large_to_prove(), Vec::new()),
        Code::TooManyFiles => {
            let names = 1..=MAX_FILES + 1;
            let uses: String = names.clone().map(|n| format!("use a as a{n} from \"{n}.ndsl\"\n")).collect();
            let sum: Vec<String> = names.clone().map(|n| format!("a{n}")).collect();
            let text = format!("{uses}const every = [{}]\n", sum.join(", "));
            (text, names.map(|n| (format!("{n}.ndsl"), "const a = 1\n".to_owned())).collect())
        }
        _ => return None,
    };
    Some(Program { fence: "text".into(), line: 0, text, files })
}

/// A table with more checks than are followed to the end.
fn too_large_to_prove() -> String {
    let columns: String = (0..100).map(|index| format!("    a{index}: int\n")).collect();
    let order: Vec<String> = (1..100).map(|index| format!("(a{index} < a{} or a0 > 5)", index - 1)).collect();
    let checks = format!("    check {}\n", order.join(" and ")).repeat(60);
    format!("schema Large {{\n{columns}{checks}}}\n")
}

fn check(name: &str, program: &Program) -> Analysis {
    let files = program.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    analyze_with(&Source::new(name, program.text.as_str()), &Memory::new(files))
}

/// The diagnostics that are errors, or of `code`, one a line.
fn findings(analysis: &Analysis, code: Option<Code>) -> Vec<String> {
    let wanted = analysis.diagnostics.iter().filter(|found| found.is_error() || Some(found.code) == code);
    wanted.map(|found| concise(found, &analysis.sources)).collect()
}

#[test]
fn every_code_has_a_page_whose_examples_fail_and_are_fixed() {
    let mut faults = Vec::new();
    for code in Code::ALL {
        let name = code.as_str();
        let page = code.page();
        let mut fault = |what: String| faults.push(format!("{name}: {what}"));
        if !page.starts_with("# ") || code.title().len() < 10 || code.title().ends_with('.') {
            fault("the page begins with `# ` and a short title".into());
        }
        let snippets = snippets(page);
        let [failing, fixed] = snippets.as_slice() else {
            fault(format!("a page has two examples, not {}", snippets.len()));
            continue;
        };
        let large = too_large_to_print(*code);
        let fence = if large.is_some() { "text" } else { "ndsl" };
        if failing.fence != fence || fixed.fence != "ndsl" {
            fault(format!("the fences are `{}` and `{}`", failing.fence, fixed.fence));
        }
        let analysis = check(name, large.as_ref().unwrap_or(failing));
        // What only a run shows is tested where there are runs.
        if !code.is_of_a_run() && !analysis.diagnostics.iter().any(|found| found.code == *code) {
            fault("the failing example does not have the fault".into());
        }
        for found in analysis.diagnostics.iter().filter(|found| found.is_error() && found.code != *code) {
            fault(format!("the failing example has another: {}", concise(found, &analysis.sources)));
        }
        for found in findings(&check(name, fixed), Some(*code)) {
            fault(format!("the fixed example is not: {found}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_page_explains_a_code_that_does_not_exist() {
    for entry in std::fs::read_dir(root().join("errors")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(Code::parse(&name).is_some(), "{}", path.display());
    }
}

#[test]
fn every_program_in_the_documents_checks() {
    let pages = files::below(&["docs"], "md");
    let mut faults = Vec::new();
    let mut programs = 0;
    for path in pages.iter().filter(|path| !path.starts_with(root().join("errors"))) {
        let page = path.file_stem().unwrap().to_string_lossy();
        for snippet in snippets(&std::fs::read_to_string(path).unwrap()) {
            let program = match snippet.fence.as_str() {
                "ndsl" => snippet,
                "ndsl fragment" => Program { text: whole(&page, &snippet.text), ..snippet },
                fence if fence.starts_with("ndsl") => {
                    faults.push(format!("{page}.md:{}: unknown fence `{fence}`", snippet.line));
                    continue;
                }
                _ => continue,
            };
            programs += 1;
            let at = format!("{page}.md:{}", program.line);
            let found = findings(&check(&at, &program), None);
            faults.extend(found);
        }
    }
    assert!(programs > 0, "the documents hold programs");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `UPDATE_REFERENCE=1 cargo test -p ndsl-compiler --test docs` writes the pages instead.
#[test]
fn the_reference_is_what_the_definitions_say() {
    let folder = root().join("reference");
    let update = std::env::var_os("UPDATE_REFERENCE").is_some();
    for page in docs::pages() {
        let path = folder.join(page.name).with_extension("md");
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &page.markdown).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == page.markdown,
            "{} is not what the definitions say: run this test with UPDATE_REFERENCE=1",
            path.display()
        );
    }
}

#[test]
fn the_language_names_every_layer_that_is_reserved() {
    let text = std::fs::read_to_string(root().join("language.md")).unwrap();
    let section = text.split("## Reserved for later versions").nth(1).expect("the section is there");
    for word in ndsl_compiler::layers::LATER {
        assert!(section.contains(&format!("`{word}`")), "`{word}` is reserved");
    }
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    for path in files::below(&["docs"], "md") {
        let text = std::fs::read_to_string(&path).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let file = link.split('#').next().unwrap_or(link);
            let target = path.parent().unwrap().join(file);
            assert!(file.is_empty() || target.is_file(), "{}: {link}", path.display());
        }
    }
}
