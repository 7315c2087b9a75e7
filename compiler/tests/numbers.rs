//! What bodies compute: programs of a few lines, held against numbers worked out by hand, in the plain evaluator.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndsl_compiler::diagnostics::render::concise;
use ndsl_compiler::ir::{ElementType, Sizes};
use ndsl_compiler::reference::{Mode, Seeded, Tensor, evaluate};
use ndsl_compiler::{Source, Weight, Weights, analyze};

/// Numbers of that type for every element of a shape: small whole ones for indices.
fn any(element: ElementType, shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let number = |at: usize| match element {
        ElementType::F32 => ((at * 37 % 101) as f64 - 50.0) / 50.0,
        ElementType::Bool => (at % 2) as f64,
        _ => (at * 7 % 5) as f64,
    };
    Tensor::new(element, shape, (0..count).map(number).collect()).expect("as many numbers as the shape says")
}

fn floats(shape: &[usize], data: &[f64]) -> Tensor {
    Tensor::new(ElementType::F32, shape, data.to_vec()).expect("as many numbers as the shape says")
}

/// The first output of the last model of `program`; weights that are not given are those they start from.
fn run(program: &str, inputs: &[(&str, Tensor)], weights: &[(&str, &[usize], &[f32])]) -> Result<Tensor, String> {
    let source = Source::new("numbers.ndsl", program);
    let analysis = analyze(&source);
    let found: Vec<String> =
        analysis.diagnostics.iter().filter(|found| found.is_error()).map(|found| concise(found, &source)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let graph = &analysis.models().last().expect("a model").graph;
    let mut all = Weights::initial(graph, 1);
    for (name, shape, data) in weights {
        assert!(all.get(name).is_some(), "there is no `{name}`: {:?}", all.0.keys());
        all.0.insert((*name).to_owned(), Weight { shape: shape.to_vec(), data: data.to_vec() });
    }
    let inputs: BTreeMap<String, Tensor> =
        inputs.iter().map(|(name, tensor)| ((*name).to_owned(), tensor.clone())).collect();
    let outcome = evaluate(graph, &inputs, &all, Mode::Inference, &mut Seeded::new(1)).map_err(|e| e.to_string())?;
    Ok(outcome.outputs[&graph.outputs[0].name].clone())
}

/// That a body on `x: f32[3]` with `scale: f32` makes these numbers of two rows.
fn body(statements: &str, expected: &[f64]) {
    let program = format!("model M {{\n input x: f32[3]\n input scale: f32\n x\n {statements}\n}}\n");
    let x = floats(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let out = run(&program, &[("x", x), ("scale", floats(&[2], &[2.0, 10.0]))], &[]).expect("can be run");
    assert_eq!(out.data, expected, "{statements}");
}

#[test]
fn a_residual_adds_its_body_to_what_went_in() {
    body("residual { it * 2 }", &[3.0, 6.0, 9.0, 12.0, 15.0, 18.0]);
    body("residual { it * 2; residual { it - 1 } }", &[4.0, 9.0, 14.0, 19.0, 24.0, 29.0]);
}

#[test]
fn arms_run_on_the_same_value() {
    body("branch { { it + 1 } { it * 2 } } as arms\n arms[1] - arms[0]", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    body("branch { a: { it + 1 } b: { it * it } } as arms\n arms.b - arms.a", &[-1.0, 1.0, 5.0, 11.0, 19.0, 29.0]);
}

#[test]
fn rounds_follow_one_another() {
    body("repeat 3 as i { it + i }", &[4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    body("repeat 2..=3 as i { it * i as made }\n made[0] + made[-1]", &[8.0, 16.0, 24.0, 32.0, 40.0, 48.0]);
    body("repeat [[1, 2], [3, 4]] as (a, b) { it * a + b }", &[13.0, 16.0, 19.0, 22.0, 25.0, 28.0]);
    body("repeat 0 { it * 7 }", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    body(
        "repeat 2 as i { repeat 2 as j { it + i * 10 + j as inner } }\n inner[1][0]",
        &[12.0, 13.0, 14.0, 15.0, 16.0, 17.0],
    );
}

#[test]
fn functions_of_numbers_are_computed() {
    body("it * sqrt(4) + maximum(1, 2, 3) - round(2.6)", &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
    body("it * clip(7, 0, 2) + average(1, 2) * subtract(4, 2) - pow(2, 2)", &[1.0, 3.0, 5.0, 7.0, 9.0, 11.0]);
}

#[test]
fn a_range_is_the_same_for_every_row() {
    body("it + cast(range(3), f32)", &[1.0, 3.0, 5.0, 4.0, 6.0, 8.0]);
    body("it * cast(range(it.shape[-1]), f32)", &[0.0, 2.0, 6.0, 0.0, 5.0, 12.0]);
}

#[test]
fn a_field_of_a_list_is_that_of_each() {
    body(
        "repeat 2 as i { branch { up: { it + 1 } down: { it - i } } as arms; arms.up }\n add(arms.down)",
        &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0],
    );
}

#[test]
fn rows_of_fewer_axes_go_beside_those_of_more() {
    body("reshape(it, [3, 1]) as tall\n sum(where(x > 2, tall, 0), axis=-2)", &[0.0, 0.0, 6.0, 15.0, 15.0, 15.0]);
    body("reshape(it, [3, 1]) as tall\n sum(maximum(tall, x), axis=-2)", &[6.0, 7.0, 9.0, 15.0, 16.0, 18.0]);
}

#[test]
fn a_condition_chooses_a_body() {
    body("if 1 > 2 { it * 7 } else if true { it + 1 } else { it * 9 }", &[2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    body("if false { it * 7 }", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    body("n = if it.shape[-1] == 3 { 10 } else { 20 }\n it + n", &[11.0, 12.0, 13.0, 14.0, 15.0, 16.0]);
}

#[test]
fn rows_broadcast_and_the_batch_does_not() {
    body("it * scale", &[2.0, 4.0, 6.0, 40.0, 50.0, 60.0]);
    body("it - it[-1]", &[-2.0, -1.0, 0.0, -2.0, -1.0, 0.0]);
    body("scale ** 2 - 1", &[3.0, 99.0]);
    body("it % 2 == 1 and it > 2", &[0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    body("(-it)//2", &[-1.0, -1.0, -2.0, -2.0, -3.0, -3.0]);
    body("it @ it", &[14.0, 77.0]);
}

#[test]
fn indices_count_from_both_ends() {
    body("it[0]", &[1.0, 4.0]);
    body("it[-1]", &[3.0, 6.0]);
    body("it[1..]", &[2.0, 3.0, 5.0, 6.0]);
    body("it[..-1]", &[1.0, 2.0, 4.0, 5.0]);
    body("it[0..=1]", &[1.0, 2.0, 4.0, 5.0]);
    body("it[1..-1]", &[2.0, 5.0]);
}

#[test]
fn indices_of_several_axes_leave_the_others() {
    let program = "model M { input x: f32[T, 2]; it[1.., -1] }";
    let x = floats(&[1, 3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let out = run(program, &[("x", x)], &[]).expect("can be run");
    assert_eq!((out.shape, out.data), (vec![1, 2], vec![4.0, 6.0]));
}

#[test]
fn shared_weights_are_one() {
    let program = "model M { input x: f32[2]; share a = Dense(2, use_bias=false); x |> a(); a(); it @ a.kernel }";
    let weights: &[(&str, &[usize], &[f32])] = &[("a.weight", &[2, 2], &[1.0, 1.0, 0.0, 2.0])];
    // Stored as [out, in]: each pass makes (x + y, 2 * y), and so does the kernel in Keras's layout.
    let out = run(program, &[("x", floats(&[1, 2], &[3.0, 5.0]))], weights).expect("can be run");
    assert_eq!(out.data, [8.0 + 10.0 + 20.0, 40.0]);
}

#[test]
fn a_shared_block_has_its_weights_once() {
    let program = "block Tower { Dense(1, use_bias=false); repeat 1 { Dense(2, use_bias=false) } }\n\
                   model M { input x: f32[2]; share t = Tower(); t(); t() }";
    let source = Source::new("shared.ndsl", program);
    let analysis = analyze(&source);
    let names: Vec<&str> = analysis.models()[0].graph.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["t.dense.weight", "t.dense_1.0.weight"]);
    let weights: &[(&str, &[usize], &[f32])] =
        &[("t.dense.weight", &[1, 2], &[1.0, 2.0]), ("t.dense_1.0.weight", &[2, 1], &[3.0, 1.0])];
    let out = run(program, &[("x", floats(&[1, 2], &[1.0, 1.0]))], weights).expect("can be run");
    assert_eq!(out.data, [45.0, 15.0]);
}

#[test]
fn blocks_see_what_they_are_given() {
    let program = "block Weighted(by: float = 2.0, act: activation = linear) {\n input x: f32[T]\n input y: f32[T]\n \
                   Activation(act)\n it * by + y * T\n}\n\
                   model M { input a: f32[2]; input b: f32[2]; a |> Weighted(3, act=relu, y=b) }";
    let inputs = [("a", floats(&[1, 2], &[-1.0, 2.0])), ("b", floats(&[1, 2], &[10.0, 20.0]))];
    assert_eq!(run(program, &inputs, &[]).expect("can be run").data, [20.0, 46.0]);
}

#[test]
fn a_run_must_meet_the_conditions() {
    let program = "model M { input x: f32[T]; check T <= 3; check T % 2 == 0; x * 2 }";
    let of = |size: usize| run(program, &[("x", floats(&[1, size], &vec![1.0; size]))], &[]);
    assert_eq!(of(2).expect("2 is allowed").data, [2.0, 2.0]);
    assert_eq!(of(4).expect_err("4 is more than 3"), "`T <= 3` does not hold: 4 and 3");
    assert!(of(3).expect_err("3 is odd").contains("multiple of 2"));
}

/// Every program of `tests/flow` is run, and what comes out has the shapes that were inferred.
#[test]
fn programs_make_the_shapes_they_are_said_to_make() {
    insta::glob!("flow/*.ndsl", |path| {
        let source = Source::new("flow.ndsl", std::fs::read_to_string(path).unwrap());
        for model in analyze(&source).models() {
            let graph = &model.graph;
            let size = |name: &str, size: usize| (Arc::from(name), size);
            let sizes = Sizes::from([size("N", 2), size("T", 6), size("H", 16), size("W", 8)]);
            let inputs = graph.inputs.iter().map(|id| {
                let value = graph.value(*id);
                (value.name.to_string(), any(value.element, &value.shape.at(&sizes).expect("every symbol has a size")))
            });
            let weights = Weights::initial(graph, 3);
            let outcome = evaluate(graph, &inputs.collect(), &weights, Mode::Training, &mut Seeded::new(1));
            let outcome = outcome.unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
            for output in &graph.outputs {
                let (value, made) = (graph.value(output.value), &outcome.outputs[&output.name]);
                assert_eq!((made.element, Some(&made.shape)), (value.element, value.shape.at(&sizes).as_ref()));
                assert!(made.data.iter().all(|number| number.is_finite()), "{} of {}", output.name, path.display());
            }
        }
    });
}
