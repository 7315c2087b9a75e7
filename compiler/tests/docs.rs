//! What the documents say is so: their programs check as they claim, and the reference is what the definitions say.

use std::path::{Path, PathBuf};

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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// A program of a page: a fenced text, and those before it that are files it uses.
struct Program {
    /// What stands after the opening fence: `ndsl`.
    fence: String,
    /// The line of the opening fence, from 1.
    line: usize,
    text: String,
    /// The fenced texts before it whose fences are `ndsl` and a name: `ndsl blocks.ndsl`.
    files: Vec<(String, String)>,
}

fn snippets(markdown: &str) -> Vec<Program> {
    let mut snippets = Vec::new();
    let mut files = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let text = text.join("\n") + "\n";
        match fence.strip_prefix("ndsl ").filter(|name| name.ends_with(".ndsl")) {
            Some(name) => files.push((name.to_owned(), text)),
            None => snippets.push(Program {
                fence: fence.to_owned(),
                line: at + 1,
                text,
                files: std::mem::take(&mut files),
            }),
        }
    }
    assert!(files.is_empty(), "a file that no program follows");
    snippets
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
        if !analysis.diagnostics.iter().any(|found| found.code == *code) {
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

/// Whether a fragment names a value.
fn names(fragment: &str, word: &str) -> bool {
    let mut words = fragment.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|other| other == word)
}

/// What the layer of an example works on.
fn applied_to(fragment: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| fragment.contains(word));
    match () {
        () if has(&["Embedding"]) => "i64[32]",
        () if has(&["1D", "RNN", "LSTM", "GRU", "Attention", "TimeDistributed"]) => "f32[32, 16]",
        () if has(&["3D"]) => "f32[8, 8, 8, 4]",
        () => "f32[28, 28, 1]",
    }
}
/// What the examples of columns refer to.
const RELATIVES: &str = "schema Customer {\n id: int key\n email: email unique\n}\nprovider writer { kind: openai }\n";

/// The part of a program that stands in the reference as an example, as a whole program.
fn whole(page: &str, fragment: &str) -> String {
    let fragment = fragment.trim_end();
    let inside = |text: &str| {
        let arguments = text.split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
        arguments.split(", ").map(str::to_owned).collect::<Vec<_>>()
    };
    let training = |units: usize, output: &str, target: &str, settings: &str| {
        format!(
            "dataset Rows = csv(\"rows.csv\", columns=[a, b, c, d], target={target})\n\
             model Net {{\n input columns: f32[4]\n Dense({units}) as {output}\n}}\n\
             train net {{\n model: Net()\n dataset: Rows\n {settings}\n}}\n"
        )
    };
    match page {
        "layers" if fragment.starts_with("Features") => {
            format!("schema Customer {{\n age: int\n}}\nmodel Net {{\n input row: Customer\n {fragment}\n}}\n")
        }
        "layers" | "activations" | "initializers" | "regularizers" => {
            format!("model Net {{\n input x: {}\n {fragment}\n}}\n", applied_to(fragment))
        }
        "functions" => {
            let input = match fragment.split_once("label").or(fragment.split_once("tokens")) {
                Some(_) if !fragment.contains("cast") => "i64[10]",
                _ => "f32[8, 64, 4]",
            };
            let word =
                ["columns", "label", "matrix", "tokens", "image", "one"].into_iter().find(|word| names(fragment, word));
            let input = if word == Some("columns") { "f32[64]" } else { input };
            let input = if word == Some("one") { "f32[8, 1]" } else { input };
            let name = word.unwrap_or("x");
            format!("model Net {{\n input {name}: {input}\n {fragment}\n}}\n")
        }
        "losses" => {
            let arguments = inside(fragment);
            let places: Vec<&String> = arguments.iter().filter(|argument| !argument.contains('=')).collect();
            let target = places.last().filter(|last| **last != places[0]).map_or("y", |last| last.as_str());
            let units = if fragment.starts_with("cross_entropy") { 10 } else { 1 };
            training(units, places[0], target, &format!("loss: {fragment}"))
        }
        "metrics" => {
            let named = |names: &[&str]| names.iter().any(|name| fragment.contains(name));
            if named(&["mae", "mse", "mape", "r2"]) {
                training(1, "price", "paid", &format!("loss: mse(price, paid)\n {fragment}"))
            } else if named(&["iou"]) {
                training(1, "mark", "right", &format!("loss: binary_cross_entropy(mark, right)\n {fragment}"))
            } else {
                training(10, "logits", "label", &format!("loss: cross_entropy(logits, label)\n {fragment}"))
            }
        }
        "optimizers" => training(1, "price", "paid", &format!("loss: mse(price, paid)\n optimizer: {fragment}")),
        "schedules" => training(1, "price", "paid", &format!("loss: mse(price, paid)\n {fragment}")),
        "augmentations" => training(1, "price", "paid", &format!("loss: mse(price, paid)\n augment: [{fragment}]")),
        "train" if fragment.starts_with("model:") => format!(
            "dataset Mnist = idx(images=\"images.gz\", labels=\"labels.gz\")\n\
             model Digits(width: int) {{\n input image: f32[28, 28, 1]\n Flatten()\n Dense(width)\n Dense(10) as logits\n}}\n\
             train digits {{\n {fragment}\n dataset: Mnist\n loss: cross_entropy(logits, label)\n}}\n"
        ),
        "train" | "deploy" => format!(
            "dataset Mnist = idx(images=\"images.gz\", labels=\"labels.gz\")\n\
             model Digits {{\n input image: f32[28, 28, 1]\n Flatten()\n Dense(10) as logits\n}}\n{}\n{fragment}\n",
            match page {
                "deploy" => "train digits { model: Digits(), dataset: Mnist, loss: cross_entropy(logits, label) }",
                _ => "",
            }
        ),
        "synthesizer" => format!("dataset People = csv(\"people.csv\", target=churned)\n{fragment}\n"),
        "provider" => format!("{fragment}\n"),
        "columns" | "distributions" => format!("{RELATIVES}schema Row {{\n plan: enum {{ free, pro }}\n{}}}\n", {
            // A column that the example itself is about stands once.
            let own = fragment.split(':').next().unwrap_or("");
            let age = if own == "age" { "" } else { " age: int\n" };
            format!("{age} {}\n", fragment.replace("plan: enum", "plan_2: enum"))
        }),
        "column-functions" => format!(
            "schema Shop {{\n table Customer {{\n  id: int key\n  name: string\n  price: decimal(2) in 1..\n  score: float\n  \
             quantity: int\n  placed: datetime\n  shipped: datetime\n  check {fragment} != null\n }}\n table Order {{\n  \
             customer: ref Customer\n  total: decimal(2)\n  placed: datetime\n }}\n}}\n"
        ),
        other => panic!("there is no way to make a program of a fragment of `{other}`"),
    }
}

fn markdown_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
}

#[test]
fn every_program_in_the_documents_checks() {
    let mut files = Vec::new();
    markdown_files(&root(), &mut files);
    let mut faults = Vec::new();
    let mut programs = 0;
    for path in files.iter().filter(|path| !path.starts_with(root().join("errors"))) {
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
    let mut files = Vec::new();
    markdown_files(&root(), &mut files);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let file = link.split('#').next().unwrap_or(link);
            let target = path.parent().unwrap().join(file);
            assert!(file.is_empty() || target.is_file(), "{}: {link}", path.display());
        }
    }
}
