//! Pictures of models and schemas: what they show, and that they are well-formed whatever a program says.

mod picture;

use std::fmt::Write;

use ndsl_compiler::diagram::{MAX_BOXES, Options, Picture, Refusal, SubjectKind, draw, subjects};
use ndsl_compiler::{Analysis, Source, analyze};
use picture::Svg;
use proptest::prelude::*;

fn read(text: &str) -> Analysis {
    analyze(&Source::new("model.ndsl", text))
}

fn drawn(text: &str, options: &Options) -> Picture {
    draw(&read(text), options).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn example(name: &str) -> String {
    let path = format!("{}/../examples/{name}.ndsl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What is drawn, without where: boxes inside one another with their texts, and lines.
fn structure(text: &str, options: &Options) -> String {
    let picture = drawn(text, options);
    let svg = Svg::read(&picture.svg);
    svg.assert_is_sound();
    let mut out = format!("{}\n", picture.title);
    for item in &svg.boxes {
        let Some(line) = &item.line else { continue };
        let _ = writeln!(
            out,
            "{}{} [{}] line {line}: {}",
            "  ".repeat(item.depth),
            item.class,
            item.id,
            item.texts.join(" | ")
        );
    }
    for edge in &svg.edges {
        let _ = writeln!(out, "{} {} -> {} {}", edge.class, edge.from, edge.to, edge.label);
    }
    out
}

#[test]
fn layers_stand_in_the_order_of_the_flow() {
    let text = "\
model Cnn(width: int = 8) {
    input image: f32[28, 28, 1]
    Conv2D(2 * width, 3, activation=relu)
    MaxPooling2D(2)
    Flatten()
    image_mean = mean(image)
    Dense(10) as logits
}
";
    insta::assert_snapshot!(structure(text, &Options::default()));
}

#[test]
fn a_residual_is_a_line_that_passes_by() {
    let text = "\
model Mixer {
    input x: f32[T, 16]
    residual {
        LayerNormalization()
        Dense(16, activation=gelu)
    }
    branch {
        near: { Conv1D(16, 3, padding=same) }
        far: { Conv1D(16, 5, padding=same) }
    } |> concat(axis=-1)
    it / 2 + mean(it)
}
";
    insta::assert_snapshot!(structure(text, &Options::default()));
}

#[test]
fn rounds_that_are_alike_are_drawn_once_and_others_one_by_one() {
    let text = "\
block Half(filters: int) {
    Conv2D(filters, 3, strides=2, padding=same)
    BatchNormalization()
}

model Stages {
    input image: f32[64, 64, 3]
    repeat [(8, 1), (16, 2)] as (filters, depth) {
        Half(filters)
        repeat depth { Conv2D(filters, 3, padding=same) }
    }
    repeat 3 { residual { LayerNormalization(); Dense(16) } }
    GlobalAveragePooling2D()
    Dense(10) as logits
}
";
    insta::assert_snapshot!("rounds", structure(text, &Options::default()));
    let closed = Options { collapse: names(&["round", "repeat_1"]), ..Options::default() };
    insta::assert_snapshot!("rounds_closed", structure(text, &closed));
    let every = Options { expand: names(&["repeat_1"]), depth: Some(0), ..Options::default() };
    insta::assert_snapshot!("rounds_unrolled", structure(text, &every));
}

#[test]
fn shared_weights_are_a_line_of_their_own() {
    let text = "\
model Tied(vocab: int = 100) {
    input tokens: i64[T]
    share table = Embedding(vocab, 8)
    tokens |> table()
    Dense(8)
    it @ transpose(table.embeddings) as logits
}
";
    insta::assert_snapshot!(structure(text, &Options::default()));
}

#[test]
fn a_model_of_a_table_begins_with_its_row() {
    insta::assert_snapshot!(structure(&example("churn/churn"), &Options::default()));
}

#[test]
fn a_schema_is_its_tables_and_how_they_refer() {
    let text = "\
schema Company {
    table Person { id: uuid key; boss: ref Person?; desk: ref Desk? unique; name: person.name }
    table Desk { number: int key; owner: ref Team; room: int; place: int; unique (room, place) }
    table Team { name: string key unique; size: int?; kind: enum { a, b }; tags: list(string) }
}
";
    let options = Options::default();
    insta::assert_snapshot!("company", structure(text, &options));
    insta::assert_snapshot!("shop", structure(&example("shop/shop"), &options));
}

#[test]
fn what_can_be_drawn_is_listed_and_anything_else_refused() {
    let analysis = read("schema S { id: int key }\nmodel M { input x: f32[4]; Dense(2) }\ntrain t {}\n");
    let all = subjects(&analysis);
    let all: Vec<_> = all.iter().map(|it| (it.name.as_str(), it.kind, it.line)).collect();
    assert_eq!(all, [("S", SubjectKind::Schema, 1), ("M", SubjectKind::Model, 2)]);
    assert_eq!(draw(&analysis, &Options::default()).unwrap().subject.name, "M");
    let said = |analysis: &Analysis, name: Option<&str>| {
        let options = Options { name: name.map(str::to_owned), ..Options::default() };
        draw(analysis, &options).unwrap_err().to_string()
    };
    assert_eq!(said(&analysis, Some("Q")), "there is no model or schema `Q`; there is `S` and `M`");
    assert_eq!(said(&read("const a = 1"), None), "there is neither a model nor a schema to draw");
    assert_eq!(
        said(&read("const a = 1"), Some("Q")),
        "there is no model or schema `Q`; nothing is declared that could be drawn"
    );
}

#[test]
fn a_model_with_faults_is_drawn_as_far_as_it_is_known() {
    let text = "model M { input x: f32[4]; Dense(8); Conv2D(3, 3); Dense(2) as y }";
    let picture = drawn(text, &Options::default());
    let svg = Svg::read(&picture.svg);
    svg.assert_is_sound();
    assert!(picture.svg.contains("data-complete=\"false\""));
    assert!(svg.boxes.iter().any(|item| item.id == "dense"));
}

#[test]
fn a_picture_that_stands_alone_brings_what_closes_its_blocks() {
    let alone = Options { script: true, ..Options::default() };
    let text = "model M { input x: f32[4]; repeat 2 { Dense(4); Dense(4) } }";
    let picture = drawn(text, &alone).svg;
    Svg::read(&picture).assert_is_sound();
    let shown = drawn(text, &Options::default()).svg;
    assert!(!shown.contains("<script"));
    assert_eq!(picture.split("<script>").next().unwrap(), shown.strip_suffix("</svg>\n").unwrap());
    let nothing_to_close = drawn("model M { input x: f32[4]; Dense(4) }", &alone);
    assert!(!nothing_to_close.svg.contains("<script"));
}

#[test]
fn names_that_are_no_blocks_are_told() {
    let options = Options { collapse: names(&["Nope"]), expand: names(&["repeat"]), ..Options::default() };
    let text = "model M { input x: f32[4]; repeat 2 { Dense(4) } }";
    assert_eq!(drawn(text, &options).unknown, ["Nope"]);
}

#[test]
fn every_example_is_drawn_open_and_closed() {
    let folder = format!("{}/../examples", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for folder in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "ndsl") {
                continue;
            }
            let analysis = read(&std::fs::read_to_string(&path).unwrap());
            for subject in subjects(&analysis) {
                for depth in [None, Some(0), Some(1), Some(9)] {
                    let options = Options { name: Some(subject.name.clone()), depth, ..Options::default() };
                    let picture = draw(&analysis, &options).unwrap();
                    Svg::read(&picture.svg).assert_is_sound();
                    count += 1;
                }
            }
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn what_is_large_is_closed_or_refused_in_no_time() {
    let begun = std::time::Instant::now();
    let mut flat = "model Deep {\n    input x: f32[8]\n".to_owned();
    (0..10_000).for_each(|_| flat.push_str("    Dense(8)\n"));
    flat.push_str("}\n");
    let refusal = draw(&read(&flat), &Options::default()).unwrap_err();
    let Refusal::TooLarge { count, most: MAX_BOXES, .. } = refusal else { panic!("{refusal}") };
    assert_eq!(count, 10_002);

    let many = "block B { Dense(8); Dense(8) }\nmodel Wide { input x: f32[8]; repeat 1500 as i { B(); it + i } }";
    let picture = drawn(many, &Options::default());
    assert!(Svg::read(&picture.svg).boxes.len() < 100);

    // Every layer reads all before it.
    let mut dense = "model Dense2 {\n    input x0: f32[4]\n".to_owned();
    for at in 1..400 {
        let all: Vec<String> = (0..at).map(|from| format!("x{from}")).collect();
        let _ = writeln!(dense, "    x{at} = concat({}, axis=-1) |> Dense(4)", all.join(", "));
    }
    dense.push_str("    output y = x399\n}\n");
    match draw(&read(&dense), &Options::default()) {
        Ok(picture) => Svg::read(&picture.svg).assert_is_sound(),
        Err(refusal) => assert!(matches!(refusal, Refusal::Tangled(_)), "{refusal}"),
    }
    assert!(begun.elapsed().as_secs() < 180, "{:?}", begun.elapsed());
}

#[test]
fn the_pictures_in_the_docs_are_what_is_drawn() {
    for (program, picture) in [("models/char_gpt", "char_gpt"), ("shop/shop", "shop")] {
        let path = format!("{}/../docs/pictures/{picture}.svg", env!("CARGO_MANIFEST_DIR"));
        let shown = std::fs::read_to_string(&path).unwrap_or_default();
        let drawn = drawn(&example(program), &Options { script: true, ..Options::default() }).svg;
        assert!(shown == drawn, "`ndsl viz examples/{program}.ndsl -o docs/pictures/{picture}.svg` draws it anew");
    }
}

/// A body of layers, blocks, rounds and branches.
fn body(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (1..40usize).prop_map(|units| format!("Dense({units}); Dense(8)")),
        Just("Dropout(0.1)".to_owned()),
        Just("Dropout(0.0)".to_owned()),
        Just("it * 2 + 1".to_owned()),
        Just("Dense(8) as kept".to_owned()),
        Just("B(\"<&>'\\\"\")".to_owned()),
        Just("exp(it) / (1 + exp(it)) * it - mean(it) + random_normal(it)".to_owned()),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        let several = prop::collection::vec(inner, 1..4).prop_map(|bodies| bodies.join("\n"));
        prop_oneof![
            several.clone().prop_map(|body| format!("residual {{\n{body}\n}}")),
            (several.clone(), 1..4usize).prop_map(|(body, times)| format!("repeat {times} as i {{\n{body}\n}}")),
            (several.clone(), several.clone())
                .prop_map(|(a, b)| format!("branch {{ {{\n{a}\n}} {{\n{b}\n}} }} |> add()")),
            (several.clone(), any::<bool>()).prop_map(|(body, so)| format!("if {so} {{\n{body}\n}}")),
            several,
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_picture_is_well_formed_and_nothing_overlaps(
        body in body(4),
        depth in prop::option::of(0..5usize),
        closed in prop::collection::vec(prop_oneof![Just("B"), Just("repeat"), Just("round"), Just("repeat.0"), Just("<&\"")], 0..3),
    ) {
        let text = format!("block B(tag: string) {{\nDense(8)\nDense(8, activation=relu)\n}}\nmodel M {{\ninput x: f32[8]\n{body}\nDense(2) as y\n}}\n");
        let options = Options { depth, collapse: names(&closed), ..Options::default() };
        let picture = draw(&read(&text), &options);
        let picture = match picture {
            Ok(picture) => picture,
            Err(refusal) => return Err(TestCaseError::fail(format!("{refusal} in {text}"))),
        };
        Svg::read(&picture.svg).assert_is_sound();
    }

    #[test]
    fn any_schema_is_drawn_whatever_refers_to_what(
        references in prop::collection::vec((0..6usize, 0..6usize, any::<bool>(), any::<bool>()), 0..14),
    ) {
        let mut tables = vec![String::new(); 6];
        for (at, (from, to, optional, unique)) in references.iter().enumerate() {
            let (mark, unique) = (if *optional { "?" } else { "" }, if *unique { " unique" } else { "" });
            let _ = writeln!(tables[*from], "r{at}: ref T{to}{mark}{unique}");
        }
        let tables = tables.iter().enumerate().map(|(at, columns)| format!("table T{at} {{\nid: int key\n{columns}}}\n"));
        let text = format!("schema S {{\n{}}}\n", tables.collect::<String>());
        let picture = drawn(&text, &Options::default());
        Svg::read(&picture.svg).assert_is_sound();
    }
}
