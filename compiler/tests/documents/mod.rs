//! The programs that stand in the documents.

use std::path::{Path, PathBuf};

/// Where the documents are.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// A program of a page: a fenced text, and those before it that are files it uses.
pub struct Program {
    /// What stands after the opening fence: `ndsl`.
    pub fence: String,
    /// The line of the opening fence, from 1.
    pub line: usize,
    pub text: String,
    /// The fenced texts before it whose fences are `ndsl` and a name: `ndsl blocks.ndsl`.
    pub files: Vec<(String, String)>,
}

/// The fenced texts of a page.
pub fn snippets(markdown: &str) -> Vec<Program> {
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
pub fn whole(page: &str, fragment: &str) -> String {
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
            if named(&["mae", "mse", "mape", "msle", "r2", "cosine_similarity"]) {
                training(1, "price", "paid", &format!("loss: mse(price, paid)\n {fragment}"))
            } else if named(&["iou"]) {
                training(1, "mark", "right", &format!("loss: binary_cross_entropy(mark, right)\n {fragment}"))
            } else {
                training(10, "logits", "label", &format!("loss: cross_entropy(logits, label)\n {fragment}"))
            }
        }
        "optimizers" => training(1, "price", "paid", &format!("loss: mse(price, paid)\n optimizer: {fragment}")),
        "schedules" => training(1, "price", "paid", &format!("loss: mse(price, paid)\n {fragment}")),
        "augmentations" => format!(
            "dataset Pets = images(\"pets\", size=[32, 32])\n\
             model Net {{\n input image: f32[32, 32, 3]\n Flatten()\n Dense(2) as logits\n}}\n\
             train net {{\n model: Net(), dataset: Pets, loss: cross_entropy(logits, label)\n augment: [{fragment}]\n}}\n"
        ),
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
