//! What holds for every text: it is checked without a panic, every place named lies in it, and everything found can be shown.

#[path = "sound/checking.rs"]
mod checking;

use checking::{check, check_with};
use ndsl_compiler::diagnostics::Code;
use ndsl_compiler::files::Memory;
use ndsl_compiler::{Source, analyze};
use proptest::prelude::*;

/// The fixtures and the examples, by which broken programs are made.
const PROGRAMS: &[&str] = &[
    include_str!("../../examples/digits/digits.ndsl"),
    include_str!("../../examples/my_model/my_model.ndsl"),
    include_str!("check/arguments.ndsl"),
    include_str!("check/asserts.ndsl"),
    include_str!("check/blocks.ndsl"),
    include_str!("check/byte_order_mark.ndsl"),
    include_str!("check/characters.ndsl"),
    include_str!("check/feeding.ndsl"),
    include_str!("check/five_faults.ndsl"),
    include_str!("check/follow_on.ndsl"),
    include_str!("check/habits.ndsl"),
    include_str!("check/keras.ndsl"),
    include_str!("check/my_model_bound.ndsl"),
    include_str!("../../examples/shop/shop.ndsl"),
    include_str!("../../examples/columns/columns.ndsl"),
    include_str!("check/schema_draws.ndsl"),
    include_str!("check/schema_expressions.ndsl"),
    include_str!("check/schema_limits.ndsl"),
    include_str!("check/schema_nulls.ndsl"),
    include_str!("check/schema_proofs.ndsl"),
    include_str!("check/schema_references.ndsl"),
    include_str!("check/schema_types.ndsl"),
    include_str!("check/schema_uses.ndsl"),
    include_str!("check/statements.ndsl"),
    include_str!("check/symbols.ndsl"),
    include_str!("check/trains.ndsl"),
    include_str!("check/values.ndsl"),
    include_str!("flow/blocks.ndsl"),
    include_str!("flow/branches.ndsl"),
    include_str!("flow/gpt.ndsl"),
    include_str!("flow/shares.ndsl"),
    include_str!("flow/tensors.ndsl"),
    include_str!("flow/towers.ndsl"),
    include_str!("flow/unet.ndsl"),
    include_str!("flow/vae.ndsl"),
];

const PIECES: &[&str] = &[
    "model M {\n",
    "model M(width: int = 3) {\n",
    "const c = ",
    "dataset D = ",
    "train t {\n",
    "}\n",
    "input x: f32[4, 4, 1]\n",
    "Input(28, 28, 1)\n",
    "Input(shape=(2, 3))\n",
    "Dense(",
    "Conv2D(8, 3",
    "MaxPooling2D(",
    "Flatten()\n",
    "Dropout(0.5)\n",
    "BatchNormalization()\n",
    "Activation(relu)\n",
    "GlobalAveragePooling2D()\n",
    "reshape(it, ",
    "cast(x, f32)",
    "relu(",
    "it",
    "x",
    "width",
    "c",
    "_a = ",
    "as out\n",
    "model: M(",
    "dataset: D\n",
    "inputs: { x: ",
    "loss: mse(",
    "metrics: [mae]\n",
    "optimizer: Adam()\n",
    "csv(\"a.csv\", target=y)\n",
    "columns=[a, b]",
    "idx(",
    "1",
    "2.5",
    "0",
    "-3",
    "9223372036854775807",
    "1e308",
    "50%",
    "true",
    "\"s\"",
    "\"open",
    "\"é🙂\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    ".",
    "=",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    " // 2",
    "%",
    "@",
    "|>",
    "<",
    "and",
    "not ",
    "🙂",
    "层",
    "\\",
    "\n",
    "\n",
    " ",
    " ",
    "\r\n",
    "\r",
    "\t",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "\u{1b}[31m",
    "\0",
    "padding=same",
    "units=",
    "strides=2",
    "activation=",
    "shape=",
    "block B(n: int = 2) {\n",
    "input y: f32[T, 2 * S]\n",
    "output out = ",
    "share s = ",
    "s()\n",
    "B()",
    "repeat 2 {",
    "repeat [[1, 2], x] as (a, b) {",
    "residual {",
    "branch { a: {",
    "if T > 2 {",
    "} else {",
    "check T % 2 == 0\n",
    "assert M.parameters < ",
    "x[0, 1..]",
    ".shape[-1]",
    ".kernel",
    "T",
    "schema S {",
    "table T {\n",
    "a: int",
    "b: float? ",
    "r: ref T",
    "e: enum { x: 50%, y }",
    " key",
    " unique",
    " in 3..=1",
    " in [x, 2]",
    " length 2..",
    " matches \"[A-Z]{2}\"",
    " null 30%",
    " default ",
    " ~ normal(a, 2)",
    " ~ if e == x { uniform(0, a) } else { constant(3) }",
    " ~ per_parent(poisson(r.a))",
    " ~ categorical([1, 2], weights=[50%, 60%])",
    " ~ llm(\"{a} {\")",
    " = ",
    "sum(T.a)",
    "r.a",
    "days(2024-01-01 - 7d)",
    "\ncheck a < b",
    "\ncorrelate (a, b) = 0.4\n",
    "\nunique (a, b)\n",
    "null",
    "2024-02-29",
    "1.5h",
];

/// A place in the text where a character begins, from a fraction of its length.
fn boundary(text: &str, fraction: f64) -> usize {
    let mut at = (text.len() as f64 * fraction) as usize;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_checked(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_pieces_are_checked(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..50)) {
        let text = pieces.concat();
        check(&text);
        check(&format!("model M {{\n input x: f32[4, 4, 1]\n {text}\n}}\n"));
        check(&format!("schema S {{\n table T {{\n  a: int key\n  b: float?\n  e: enum {{ x, y }}\n  r: ref T?\n  c: {text}\n }}\n}}\n"));
        check(&format!("dataset D = csv(\"a.csv\", columns=[a], target=y)\nmodel M {{ input columns: f32[1]; Dense(1) }}\n\
                        train t {{ model: M, dataset: D, {text} }}\n"));
    }

    #[test]
    fn a_program_cut_off_or_changed_is_checked(
        program in prop::sample::select(PROGRAMS), at in 0.0..1.0, to in 0.0..1.0, piece in prop::sample::select(PIECES),
    ) {
        let (at, to) = (boundary(program, at), boundary(program, to));
        let (first, last) = (at.min(to), at.max(to));
        check(&program[..at]);
        check(&format!("{}{piece}{}", &program[..at], &program[at..]));
        check(&format!("{}{piece}{}", &program[..first], &program[last..]));
    }
}

/// A project: the main file, then the others by their paths.
const PROJECT: &[(&str, &str)] = &[
    ("main.ndsl", include_str!("projects/sound/main.ndsl")),
    ("parts/net.ndsl", include_str!("projects/sound/parts/net.ndsl")),
    ("sizes.ndsl", include_str!("projects/sound/sizes.ndsl")),
    ("data/iris.ndsl", include_str!("projects/sound/data/iris.ndsl")),
    ("net.ndsl", include_str!("projects/faults_elsewhere/net.ndsl")),
];

/// What stands in programs of several files.
const USES: &[&str] = &[
    "use Net from \"net.ndsl\"\n",
    "use width as w, a, b from \"../parts/net.ndsl\"\n",
    "use Iris from \"main.ndsl\"\n",
    "use ",
    "from ",
    " as ",
    "\"../sizes.ndsl\"",
    "classes",
    "use x from \"../../x.ndsl\"\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_project_with_a_file_changed_is_checked(
        changed in 0..PROJECT.len(), at in 0.0..1.0, to in 0.0..1.0,
        piece in prop::sample::select([PIECES, USES].concat()), cut in any::<bool>(),
    ) {
        let mut files: Vec<(&str, String)> = PROJECT.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        let text = files[changed].1.clone();
        let (at, to) = (boundary(&text, at), boundary(&text, to));
        let (first, last) = (at.min(to), if cut { at.max(to) } else { at.min(to) });
        files[changed].1 = format!("{}{piece}{}", &text[..first], &text[last..]);
        let main = files[0].1.clone();
        check_with(&main, &Memory::new(files));
    }
}

#[test]
fn constants_may_lead_to_one_another_as_deep_as_they_may_be_nested() {
    let deep = |name: &str| format!("{}{name}{}", "-(1 + ".repeat(80), ")".repeat(80));
    let mut text = String::from("const c0 = 1\n");
    for number in 1..200 {
        text += &format!("const c{number} = {}\n", deep(&format!("c{}", number - 1)));
    }
    check(&text);
    let reversed: String = text.lines().rev().map(|line| format!("{line}\n")).collect();
    let analysis = analyze(&Source::new("deep", reversed));
    assert!(analysis.diagnostics.iter().any(|found| found.code == Code::TooDeep));
}

#[test]
fn a_name_is_shown_whatever_is_in_it() {
    check("model M { input x: f32[2]; Dense(2, activation=\"\u{1b}[31m\r\u{202e}\u{2028}x\0\") }");
    check(&format!("model M {{ input {}: f32[2]; Dense({}) }}", "x".repeat(5000), "y".repeat(5000)));
    check(&format!("const {} = 1{}\r\n", "é".repeat(3000), " + z".repeat(200)));
}
