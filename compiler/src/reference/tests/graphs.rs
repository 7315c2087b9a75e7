use std::collections::BTreeMap;

use ndsl_grammar::Span;

use super::*;
use crate::ir::{Binary, Builder, Dim, Initializer, Role, Shape};
use crate::reference::{EvaluateError, Outcome, evaluate};
use crate::weights::{Weight, Weights};

fn at() -> Span {
    Span::default()
}

fn evaluated(
    builder: Builder,
    inputs: &[(&str, Tensor)],
    weights: Weights,
    mode: Mode,
) -> Result<Outcome, EvaluateError> {
    let inputs = inputs.iter().map(|(name, tensor)| ((*name).to_owned(), tensor.clone())).collect();
    evaluate(&builder.finish(), &inputs, &weights, mode, &mut Seeded::new(1))
}

#[test]
fn symbols_are_bound_by_the_inputs() {
    let build = || {
        let mut b = Builder::new("Positions");
        let x = b.input("x", ElementType::F32, Shape::batched([Dim::symbol("T")]), at());
        let places = b.node(Op::Range(Dim::symbol("T")), vec![], at());
        let places = b.node(Op::Cast(ElementType::F32), vec![places], at());
        let sum = b.binary(Binary::Add, x, places, at());
        b.output("sum", sum);
        b.facts_mut().multiple("T", 2);
        b
    };
    let given = |tensor| evaluated(build(), &[("x", tensor)], Weights::default(), Mode::Inference);
    let outcome = given(floats(&[1, 4], &[10.0, 20.0, 30.0, 40.0])).expect("fits");
    close(&outcome.outputs["sum"], &[1, 4], &[10.0, 21.0, 32.0, 43.0]);
    let fault = |tensor| given(tensor).expect_err("does not fit").to_string();
    assert_eq!(fault(floats(&[1, 3], &[0.0; 3])), "`T` is 3, and must be a multiple of 2");
    assert_eq!(fault(whole(&[1, 2], &[0.0; 2])), "input `x` is of i64, the graph's is of f32");
    assert_eq!(fault(floats(&[2], &[0.0; 2])), "`x` is [2], and is declared as [N, T]");
    let missing = evaluated(build(), &[], Weights::default(), Mode::Inference).expect_err("nothing is given");
    assert_eq!(missing.to_string(), "there is no input `x`");
}

#[test]
fn statistics_are_those_after_the_step() {
    let build = || {
        let mut b = Builder::new("Norm");
        let x = b.input("x", ElementType::F32, Shape::batched([Dim::Known(1)]), at());
        b.begin_layer("norm".into(), "BatchNormalization", x, at());
        let mut read = vec![x];
        for name in ["weight", "bias", "running_mean", "running_var"] {
            read.push(b.parameter(format!("norm.{name}"), vec![1], Initializer::Ones, Role::Statistic, at()));
        }
        let y = b.node(Op::BatchNorm { epsilon: 0.0, momentum: 0.75 }, read, at());
        b.end_layer(y);
        b.output("y", y);
        b
    };
    let weight = |number: f32| Weight { shape: vec![1], data: vec![number] };
    let names = ["weight", "bias", "running_mean", "running_var"].map(|name| format!("norm.{name}"));
    let weights = Weights(names.into_iter().zip([2.0, 0.0, 3.0, 4.0].map(weight)).collect());
    let run = |mode| evaluated(build(), &[("x", floats(&[2, 1], &[5.0, 7.0]))], weights.clone(), mode).expect("fits");
    let inference = run(Mode::Inference);
    close(&inference.outputs["y"], &[2, 1], &[2.0, 4.0]);
    assert_eq!(inference.statistics, BTreeMap::new());
    let training = run(Mode::Training);
    close(&training.outputs["y"], &[2, 1], &[-2.0, 2.0]);
    close(&training.statistics["norm.running_mean"], &[1], &[0.75 * 3.0 + 0.25 * 6.0]);
    close(&training.statistics["norm.running_var"], &[1], &[0.75 * 4.0 + 0.25 * 1.0]);
}

#[test]
fn a_fault_names_the_layer() {
    let mut b = Builder::new("Lookup");
    let x = b.input("tokens", ElementType::I64, Shape::batched([]), at());
    b.begin_layer("table".into(), "Embedding", x, at());
    let table = b.parameter("table.weight", vec![2, 1], Initializer::Zeros, Role::Trainable, at());
    let y = b.node(Op::Gather { axis: 0 }, vec![table, x], at());
    b.end_layer(y);
    b.output("y", y);
    let weights = Weights(BTreeMap::from([("table.weight".into(), Weight { shape: vec![2, 1], data: vec![0.0; 2] })]));
    let fault = evaluated(b, &[("tokens", whole(&[1], &[2.0]))], weights, Mode::Inference).expect_err("2 is no row");
    assert_eq!(fault.to_string(), "`gather` in `table` failed: 2 is not one of 0 to 1");
}
