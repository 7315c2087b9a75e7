//! What the values of a training are called, and the parts of its graph between some of them.

use ndsl_compiler::ir::{Dim, ElementType, Graph, Shape, ValueId};
use std::collections::BTreeMap;

use ndsl_compiler::passes::at_the_end;
use ndsl_compiler::plan::{DataField, DataSignature, MODEL_OUTPUT, PREDICTION_OUTPUT};
use ndsl_compiler::reference::{Mode, Seeded, Tensor, evaluate};
use ndsl_compiler::{Source, Weights, analyze};

const VAE: &str = r#"dataset Rows = csv("rows.csv", columns=["x_*"], target=label)

model Encoder {
    input x: f32[6]
    Dense(4, activation=relu) as features
    output mean = features |> Dense(2)
    output log_variance = features |> Dense(2)
}

block Stage(units: int) {
    Dense(units) as inner
    relu(it)
}

model Vae {
    input x: f32[6]
    Encoder() as encoded
    code = encoded.mean + exp(encoded.log_variance / 2) * random_normal(encoded.mean)
    share decoder = Dense(6)
    output pixels = code |> decoder()
    output again = encoded.mean |> decoder()
    code
    repeat 2 { Stage(3) as stage }
    output mean = encoded.mean
}

train vae {
    model: Vae()
    dataset: Rows
    inputs: { x: columns / 16 }
    loss: { apart = kl_normal(mean, mean); mse(pixels, columns / 16) + apart }
}
"#;

/// The whole of `vae`.
fn whole() -> Graph {
    let analysis = analyze(&Source::new("vae.ndsl", VAE));
    assert!(!analysis.has_errors(), "{:#?}", analysis.diagnostics);
    let field = |name: &str, dims: Vec<Dim>| DataField {
        name: name.to_owned(),
        element: ElementType::F32,
        shape: Shape(dims),
        classes: None,
    };
    let fields = vec![field("columns", vec![Dim::Known(6)]), field("label", vec![])];
    analysis.plan_parts("vae", &DataSignature { fields }).expect("fits the data").graph
}

fn named(graph: &Graph, name: &str) -> ValueId {
    let all = graph.named_values();
    let found = all.iter().find(|named| named.name == name);
    found.unwrap_or_else(|| panic!("{name} in {:?}", all.iter().map(|named| &named.name).collect::<Vec<_>>())).value
}

#[test]
fn values_are_called_as_the_program_calls_them() {
    let graph = whole();
    let row = |name: &str| graph.type_of(named(&graph, name));
    for (name, kind) in [
        ("x", "f32[6]"),
        ("encoded.features", "f32[4]"),
        ("encoded.mean", "f32[2]"),
        ("code", "f32[2]"),
        ("pixels", "f32[6]"),
        // A layer that is applied twice.
        ("decoder", "f32[6]"),
        ("decoder:2", "f32[6]"),
        // Blocks in rounds, and what is in them.
        ("stage.0", "f32[3]"),
        ("stage.1.inner", "f32[3]"),
        // What only the loss computes.
        ("apart", "f32"),
    ] {
        assert_eq!(row(name), kind, "{name}");
    }
    assert_eq!(named(&graph, "decoder:2"), named(&graph, "again"));
    let outputs: Vec<String> =
        graph.named_values().into_iter().filter(|named| named.is_output).map(|named| named.name).collect();
    for output in ["pixels", "again", "mean"] {
        assert!(outputs.iter().any(|name| name == output), "{output} in {outputs:?}");
    }
    assert!(!outputs.iter().any(|name| name == "code"), "{outputs:?}");
}

#[test]
fn a_part_begins_at_a_value_that_is_fed() {
    let graph = whole();
    let (code, pixels) = (named(&graph, "code"), named(&graph, "pixels"));
    let decoder = graph.between(Some((code, "code")), [("pixels".to_owned(), pixels)]);
    let name = |id: &ValueId| decoder.value(*id).name.to_string();
    assert_eq!(decoder.inputs.iter().map(name).collect::<Vec<_>>(), ["code"]);
    assert_eq!(
        decoder.parameters.iter().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>(),
        ["decoder.weight", "decoder.bias"]
    );
    assert!(decoder.is_complete() && decoder.nodes.iter().all(|node| !node.op.is_random()));
    // What does not need the value is not fed it.
    let encoder = graph.between(Some((code, "code")), [("mean".to_owned(), named(&graph, "encoded.mean"))]);
    assert_eq!(encoder.inputs.iter().map(|id| encoder.value(*id).name.to_string()).collect::<Vec<_>>(), ["columns"]);
    // An input may be fed in its own place.
    let (columns, features) = (graph.inputs[0], named(&graph, "encoded.features"));
    let same = graph.between(Some((columns, "rows")), [("features".to_owned(), features)]);
    assert_eq!((same.inputs.len(), same.value(same.inputs[0]).name.as_ref()), (1, "rows"));
    let depends = graph.depending_on([code]);
    assert!(depends[pixels.index()] && depends[code.index()] && !depends[named(&graph, "encoded.mean").index()]);
}

#[test]
fn the_whole_and_a_part_of_it_have_the_same_names_for_what_they_answer() {
    let graph = whole();
    assert_eq!(graph.output(MODEL_OUTPUT).map(|output| output.value), Some(named(&graph, "pixels")));
    // What is predicted follows from the first loss that has a name: how far the mean is from the normal distribution's.
    assert_eq!(graph.output(PREDICTION_OUTPUT).map(|output| output.value), Some(named(&graph, "mean")));
    assert!(graph.pruned(&[PREDICTION_OUTPUT]).names.is_empty());
}

const NEXT: &str = r#"dataset Plays = text("plays.txt", context=6)

model Next {
    input tokens: i64[T]
    share table = Embedding(5, 8)
    tokens |> table()
    TransformerEncoder(2, 16, causal=true)
    LayerNormalization()
    RMSNormalization()
    Dropout(0.1)
    Dense(8, activation=gelu)
    it @ transpose(table.embeddings) as logits
}

train next {
    model: Next()
    dataset: Plays
    loss: cross_entropy(logits, next)
}
"#;

#[test]
fn the_end_of_a_sequence_is_answered_alone() {
    let analysis = analyze(&Source::new("next.ndsl", NEXT));
    assert!(!analysis.has_errors(), "{:#?}", analysis.diagnostics);
    let tokens = |count: usize| {
        let data = (0..2 * count).map(|at| (at * at % 5) as f64).collect();
        BTreeMap::from([("tokens".to_owned(), Tensor::new(ElementType::I64, [2, count], data).unwrap())])
    };
    for (length, counts) in [(Dim::symbol("T"), &[1, 4, 6][..]), (Dim::Known(6), &[6])] {
        let field = |name: &str| DataField {
            name: name.to_owned(),
            element: ElementType::I64,
            shape: Shape(vec![length.clone()]),
            classes: None,
        };
        let data = DataSignature { fields: vec![field("tokens"), field("next")] };
        let whole = analysis.plan_parts("next", &data).expect("fits the data").graph;
        let everywhere = whole.pruned(&[PREDICTION_OUTPUT]);
        let end = at_the_end(&everywhere).expect("a sequence");
        let weights = Weights::initial(&everywhere, 3);
        for count in counts {
            let answer = |graph: &Graph| {
                let answers = evaluate(graph, &tokens(*count), &weights, Mode::Inference, &mut Seeded::new(0)).unwrap();
                answers.outputs[PREDICTION_OUTPUT].clone()
            };
            let (all, last) = (answer(&everywhere), answer(&end));
            assert_eq!((&all.shape[..], &last.shape[..]), (&[2, *count, 5][..], &[2, 1, 5][..]));
            for row in 0..2 {
                let start = (row * count + count - 1) * 5;
                assert_eq!(last.data[row * 5..row * 5 + 5], all.data[start..start + 5], "{count} tokens, row {row}");
            }
        }
        // What stands above the last attention is of one place: its answer is sliced right behind it.
        let places = |id: ValueId| end.value(id).shape.dims().get(1).cloned();
        let wide = end
            .nodes
            .iter()
            .filter(|node| node.op.name() == "gelu" || node.op.name() == "layer_norm")
            .map(|node| node.output);
        assert!(
            wide.clone().any(|id| places(id) == Some(Dim::Known(1))) && end.nodes.len() > 20,
            "{}",
            end.nodes.len()
        );
    }
    // What is no sequence has no end.
    let vae = whole();
    assert!(at_the_end(&vae.pruned(&[PREDICTION_OUTPUT])).is_none());
}
