//! Every loss against its formula, written out on plain numbers: of each row, by the reference evaluator.

use std::collections::BTreeMap;

use ndsl_compiler::ir::{ElementType, Shape};
use ndsl_compiler::plan::{
    ALIKE_OUTPUT, DataField, DataSignature, LOSS_OUTPUT, NEIGHBOURS_OUTPUT, PAIRS_OUTPUT, PARTNER_TARGET_INPUT,
    PARTNER_WEIGHT_INPUT, PREDICTION_OUTPUT, ROW_WEIGHT_INPUT, TARGET_OUTPUT, TrainPlan,
};
use ndsl_compiler::reference::{Mode, Seeded, Tensor, evaluate};
use ndsl_compiler::{Source, Weights, analyze};

const ROWS: usize = 5;
const X: [f64; ROWS * 3] = [0.3, -1.2, 0.8, 2.0, 0.1, -0.4, -0.7, 0.9, 1.5, 0.0, 0.25, -2.0, 1.1, 1.3, -0.6];

/// The predictions and the loss of every row, of a model with `units` outputs called `out`.
fn run(loss: &str, units: usize, element: ElementType, target: [f64; ROWS]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let outputs = outputs(loss, units, element, target);
    let prediction = &outputs[PREDICTION_OUTPUT].data;
    let losses = outputs[LOSS_OUTPUT].data.clone();
    assert_eq!(losses.len(), ROWS, "{loss}: a number for every row");
    (prediction.chunks(prediction.len() / ROWS).map(<[f64]>::to_vec).collect(), losses)
}

/// Everything that the training's graph hands back; what stands behind the loss are settings.
fn outputs(loss: &str, units: usize, element: ElementType, target: [f64; ROWS]) -> BTreeMap<String, Tensor> {
    let program = format!(
        "dataset Rows = csv(\"rows.csv\", columns=[a, b, c], target=y)\n\
         model Net {{\n input x: f32[3]\n Dense({units}) as out\n}}\n\
         train net {{\n model: Net()\n dataset: Rows\n inputs: {{ x: columns }}\n loss: {loss}\n}}\n"
    );
    let analysis = analyze(&Source::new("losses.ndsl", program));
    assert!(!analysis.has_errors(), "{loss}: {:?}", analysis.diagnostics);
    let field = |name: &str, element, dims: Vec<usize>| DataField {
        name: name.into(),
        element,
        shape: Shape::known(dims),
        classes: None,
    };
    let data =
        DataSignature { fields: vec![field("columns", ElementType::F32, vec![3]), field("y", element, Vec::new())] };
    let plan = analysis.plan_train("net", &data).unwrap();
    let inputs = BTreeMap::from([
        ("columns".to_owned(), Tensor::new(ElementType::F32, [ROWS, 3], X.to_vec()).unwrap()),
        ("y".to_owned(), Tensor::new(element, [ROWS], target.to_vec()).unwrap()),
    ]);
    let weights = Weights::initial(&plan.graph, 3);
    evaluate(&plan.graph, &inputs, &weights, Mode::Inference, &mut Seeded::new(1)).unwrap().outputs
}

/// Compares the loss of every row with `formula` of its prediction and its target.
fn holds(loss: &str, units: usize, element: ElementType, target: [f64; ROWS], formula: impl Fn(&[f64], f64) -> f64) {
    let (predictions, losses) = run(loss, units, element, target);
    for (row, (prediction, found)) in predictions.iter().zip(&losses).enumerate() {
        let wanted = formula(prediction, target[row]);
        assert!((found - wanted).abs() < 1e-5 * wanted.abs().max(1.0), "{loss}, row {row}: {found}, not {wanted}");
    }
}

const NUMBERS: [f64; ROWS] = [0.5, -1.0, 2.5, 3.0, -0.2];
const COUNTS: [f64; ROWS] = [1.0, 4.0, 2.0, 7.0, 3.0];
const CLASSES: [f64; ROWS] = [0.0, 2.0, 1.0, 3.0, 1.0];
const ANSWERS: [f64; ROWS] = [0.0, 1.0, 1.0, 0.0, 1.0];

#[test]
fn losses_of_numbers() {
    let f32 = ElementType::F32;
    holds("mse(out, y)", 1, f32, NUMBERS, |out, y| (out[0] - y).powi(2));
    holds("mae(out, y)", 1, f32, NUMBERS, |out, y| (out[0] - y).abs());
    holds("huber(out, y, delta=0.75)", 1, f32, NUMBERS, |out, y| {
        let size = (out[0] - y).abs();
        if size <= 0.75 { size * size / 2.0 } else { 0.75 * (size - 0.75 / 2.0) }
    });
    // Of whole numbers a function whose results are none makes floats.
    holds("mse(out, log(y))", 1, ElementType::I64, COUNTS, |out, y| (out[0] - y.ln()).powi(2));
    holds("log_cosh(out, y)", 1, f32, NUMBERS, |out, y| (out[0] - y).cosh().ln());
    holds("quantile(out, y, q=0.9)", 1, f32, NUMBERS, |out, y| {
        let lacking = y - out[0];
        if lacking > 0.0 { 0.9 * lacking } else { -0.1 * lacking }
    });
    holds("mape(out, y)", 1, f32, COUNTS, |out, y| ((out[0] - y) / y).abs());
    holds("msle(out, y)", 1, f32, COUNTS, |out, y| ((out[0].max(0.0) + 1.0).ln() - (y + 1.0).ln()).powi(2));
    holds("poisson(exp(out), y)", 1, f32, COUNTS, |mean, y| mean[0] - y * (mean[0] + 1e-7).ln());
    holds("gaussian_nll(out, 0.5 * out, y)", 1, f32, NUMBERS, |out, y| {
        let log_variance = 0.5 * out[0];
        0.5 * ((y - out[0]).powi(2) / log_variance.exp() + log_variance)
    });
    holds("kl_normal(out, 0.5 * out)", 4, f32, NUMBERS, |mean, _| {
        let each = mean.iter().map(|mean| 0.5 * (mean * mean + (0.5 * mean).exp() - 0.5 * mean - 1.0));
        each.sum()
    });
}

#[test]
fn losses_of_classes() {
    let i64 = ElementType::I64;
    holds("cross_entropy(out, y)", 4, i64, CLASSES, |p, y| -p[y as usize].ln());
    holds("cross_entropy(softmax(out), y)", 4, i64, CLASSES, |p, y| -p[y as usize].ln());
    holds("cross_entropy(out, y, label_smoothing=0.2)", 4, i64, CLASSES, |p, y| {
        let logs = p.iter().map(|p| p.ln()).sum::<f64>() / 4.0;
        -0.8 * p[y as usize].ln() - 0.2 * logs
    });
    let entropy = |p: f64, y: f64| -(y * p.ln() + (1.0 - y) * (1.0 - p).ln());
    holds("binary_cross_entropy(out, y)", 1, i64, ANSWERS, |p, y| entropy(p[0], y));
    holds("binary_cross_entropy(sigmoid(out), y)", 1, i64, ANSWERS, |p, y| entropy(p[0], y));
    holds("binary_cross_entropy(out, y, label_smoothing=0.2)", 1, i64, ANSWERS, |p, y| entropy(p[0], 0.8 * y + 0.1));
    holds("binary_cross_entropy(out, y, positive_weight=3)", 1, i64, ANSWERS, |p, y| {
        entropy(p[0], y) * if y == 1.0 { 3.0 } else { 1.0 }
    });
    holds("focal(out, y, gamma=2, alpha=0.3)", 1, i64, ANSWERS, |p, y| {
        let (right, weight) = if y == 1.0 { (p[0], 0.3) } else { (1.0 - p[0], 0.7) };
        -weight * (1.0 - right).powi(2) * right.ln()
    });
    holds("hinge(out, y)", 1, i64, ANSWERS, |p, y| {
        let out = (p[0] / (1.0 - p[0])).ln();
        (1.0 - (2.0 * y - 1.0) * out).max(0.0)
    });
    // What was predicted are the shares of a softmax: the numbers behind them are known but for one added to all, so what is compared is a
    // model whose numbers are logarithms of shares.
    holds("categorical_hinge(log(softmax(out)), y)", 4, i64, CLASSES, |p, y| {
        let score = |class: usize| p[class].ln();
        let others = (0..4).map(|class| if class == y as usize { 0.0 } else { score(class) });
        (others.fold(f64::NEG_INFINITY, f64::max) - score(y as usize) + 1.0).max(0.0)
    });
    holds("dice(out, y, smooth=0.5)", 1, i64, ANSWERS, |p, y| 1.0 - (2.0 * p[0] * y + 0.5) / (p[0] + y + 0.5));
}

#[test]
fn losses_of_order_and_likeness() {
    let f32 = ElementType::F32;
    let softplus = |x: f64| (1.0 + x.exp()).ln();
    holds("bpr(out, 2 * out)", 1, f32, NUMBERS, |out, _| softplus(out[0]));
    holds("margin_ranking(out, 2 * out, margin=0.5)", 1, f32, NUMBERS, |out, _| (out[0] + 0.5).max(0.0));
    holds("triplet(out, 2 * out, 3 * out, margin=0.25)", 4, f32, NUMBERS, |out, _| {
        let square: f64 = out.iter().map(|out| out * out).sum();
        (square - 4.0 * square + 0.25).max(0.0)
    });
    holds("contrastive(out, 2 * out, y, margin=3)", 4, ElementType::I64, ANSWERS, |out, alike| {
        let distance = out.iter().map(|out| out * out).sum::<f64>().sqrt();
        if alike == 1.0 { distance * distance } else { (3.0 - distance).max(0.0).powi(2) }
    });
    holds("cosine(out, out - 1)", 4, f32, NUMBERS, |out, _| {
        let dot = |a: &dyn Fn(f64) -> f64, b: &dyn Fn(f64) -> f64| out.iter().map(|x| a(*x) * b(*x)).sum::<f64>();
        let (own, other) = (|x: f64| x, |x: f64| x - 1.0);
        1.0 - dot(&own, &other) / (dot(&own, &own) * dot(&other, &other)).sqrt()
    });
}

#[test]
fn losses_are_weighted_added_and_written_out() {
    let f32 = ElementType::F32;
    holds("0.25 * mse(out, y) + 2 * mae(out, y)", 1, f32, NUMBERS, |out, y| {
        0.25 * (out[0] - y).powi(2) + 2.0 * (out[0] - y).abs()
    });
    // Of several numbers a row the mean is taken.
    holds("(out - 1) ** 2", 4, f32, NUMBERS, |out, _| out.iter().map(|out| (out - 1.0).powi(2)).sum::<f64>() / 4.0);
    holds("{ d = out - 1.0; abs(d) * 2 }", 4, f32, NUMBERS, |out, _| {
        out.iter().map(|out| (out - 1.0).abs() * 2.0).sum::<f64>() / 4.0
    });
}

#[test]
fn the_rows_of_a_batch_are_compared_with_each_other() {
    let loss = "cross_entropy(batch(out) @ transpose(batch(out - 1)) / 0.5, range(N))";
    let (_, losses) = run(loss, 4, ElementType::F32, NUMBERS);
    let (outputs, _) = run("abs(out)", 4, ElementType::F32, NUMBERS);
    for (row, found) in losses.iter().enumerate() {
        let score = |other: &Vec<f64>| outputs[row].iter().zip(other).map(|(a, b)| a * (b - 1.0)).sum::<f64>() / 0.5;
        let all: f64 = outputs.iter().map(|other| score(other).exp()).sum();
        let wanted = all.ln() - score(&outputs[row]);
        assert!((found - wanted).abs() < 1e-6, "row {row}: {found}, not {wanted}");
    }
}

#[test]
fn a_training_is_planned_with_choices_in_place_of_a_search() {
    let program = "dataset Rows = csv(\"rows.csv\", columns=[a, b, c], target=y)\n\
        model Net(width: int) {\n input x: f32[3]\n Dense(width, activation=tune(relu, tanh))\n Dense(1) as out\n}\n\
        train net {\n model: Net(width=tune(4..=16, step=4))\n dataset: Rows\n inputs: { x: columns }\n \
        loss: mse(out, y)\n batch_size: tune(8, 16)\n}\n";
    let analysis = analyze(&Source::new("net.ndsl", program));
    assert!(analysis.diagnostics.is_empty(), "{:?}", analysis.diagnostics);
    let space = analysis.train(None).unwrap().space.as_ref().unwrap();
    assert_eq!((space.combinations, space.checked, space.whole), (Some(16), 16, true));
    let field = |name: &str, dims: Vec<usize>| DataField {
        name: name.into(),
        element: ElementType::F32,
        shape: Shape::known(dims),
        classes: None,
    };
    let data = DataSignature { fields: vec![field("columns", vec![3]), field("y", Vec::new())] };
    // Without choices it is the first of each: what a search is checked by, and `ndsl train` refuses to run.
    let first = analysis.plan_train("net", &data).unwrap();
    assert_eq!((first.graph.parameters[0].shape.as_slice(), first.batch_size), (&[4, 3][..], 8));
    let choices: BTreeMap<_, _> = [("width", "12"), ("batch_size", "16")]
        .map(|(name, text)| {
            let variable = space.variables.iter().find(|variable| variable.name == name).unwrap();
            (name.to_owned(), variable.choices.find(text).unwrap())
        })
        .into();
    let plan = analysis.plan_train_at("net", &data, &choices).unwrap();
    assert_eq!((plan.graph.parameters[0].shape.as_slice(), plan.batch_size), (&[12, 3][..], 16));
}

#[test]
fn what_belongs_to_a_row_is_put_in_order_among_what_belongs_to_others() {
    let f32 = ElementType::F32;
    let other = |x: &[f64]| -> Vec<f64> { x.iter().map(|x| 1.5 - x * x).collect() };
    let distance = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum() };
    let angle = |a: &[f64], b: &[f64]| -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        -dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    for (loss, is_angle, more) in [
        ("triplet(out, 1.5 - out ** 2, 3 * out)", false, 1),
        ("contrastive(out, 1.5 - out ** 2, y)", false, 0),
        ("cosine(out, 1.5 - out ** 2)", true, 0),
    ] {
        let element = if loss.contains('y') { ElementType::I64 } else { f32 };
        let outputs = outputs(&format!("{loss}\n metrics: [mrr, hit_rate(k=1)]"), 4, element, ANSWERS);
        let rows: Vec<&[f64]> = outputs[PREDICTION_OUTPUT].data.chunks(4).collect();
        let scores = &outputs[NEIGHBOURS_OUTPUT];
        assert_eq!(scores.shape, [ROWS, ROWS + more], "{loss}");
        for (row, scores) in rows.iter().zip(scores.data.chunks(ROWS + more)) {
            let far = |other: &[f64]| if is_angle { angle(row, other) } else { distance(row, other) };
            let mut wanted: Vec<f64> = rows.iter().map(|row| far(&other(row))).collect();
            wanted.extend((0..more).map(|_| far(&row.iter().map(|x| 3.0 * x).collect::<Vec<f64>>())));
            for (a, b) in (0..wanted.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
                assert_eq!(scores[a] > scores[b], wanted[a] < wanted[b], "{loss}: {scores:?} for {wanted:?}");
            }
        }
        assert_eq!(
            outputs.get(ALIKE_OUTPUT).map(|alike| alike.data.clone()),
            loss.contains('y').then(|| ANSWERS.to_vec())
        );
    }
    let outputs = outputs("bpr(out, 2 * out)\n metrics: ndcg", 3, f32, NUMBERS);
    let pairs: Vec<f64> = outputs[PREDICTION_OUTPUT].data.iter().flat_map(|out| [2.0 * out, *out]).collect();
    assert_eq!((&outputs[PAIRS_OUTPUT].shape[..], &outputs[PAIRS_OUTPUT].data), (&[ROWS, 3, 2][..], &pairs));
}

/// A training of pictures that are mixed, with these rows, whose names and shapes are given.
fn mixed(
    loss: &str,
    units: usize,
    change: &str,
    others: &[(&str, ElementType, Vec<usize>)],
) -> Result<TrainPlan, String> {
    let program = format!(
        "dataset Pictures = npz(\"pictures.npz\", target=y)\n\
         model Net {{\n input x: f32[2, 2, 1]\n Flatten()\n Dense({units}) as out\n}}\n\
         train net {{\n model: Net()\n dataset: Pictures\n inputs: {{ x: image / 255 }}\n loss: {loss}\n augment: {change}\n}}\n"
    );
    let analysis = analyze(&Source::new("mixed.ndsl", program));
    assert!(!analysis.has_errors(), "{loss}: {:?}", analysis.diagnostics);
    let field = |(name, element, dims): (&str, ElementType, Vec<usize>)| DataField {
        name: name.into(),
        element,
        shape: Shape::known(dims),
        classes: None,
    };
    let image = ("image", ElementType::U8, vec![2, 2, 1]);
    let fields = std::iter::once(image).chain(others.iter().cloned()).map(field).collect();
    let plan = analysis.plan_train("net", &DataSignature { fields });
    plan.map_err(|faults| faults.iter().map(|fault| fault.message.clone()).collect::<Vec<_>>().join("; "))
}

#[test]
fn the_loss_of_two_rows_that_are_mixed_is_that_of_both_by_their_shares() {
    let target = ("y", ElementType::I64, Vec::new());
    for loss in
        ["cross_entropy(out, y, label_smoothing=0.1)", "0.5 * cross_entropy(out, y) + categorical_hinge(out, y)"]
    {
        let plan = mixed(loss, 3, "mixup", std::slice::from_ref(&target)).unwrap();
        let weights = Weights::initial(&plan.graph, 3);
        let image =
            Tensor::new(ElementType::U8, [2, 2, 2, 1], vec![9.0, 120.0, 3.0, 255.0, 30.0, 8.0, 77.0, 61.0]).unwrap();
        let run = |own: [f64; 2], other: [f64; 2], shares: [[f64; 2]; 2]| {
            let labels = |labels: [f64; 2]| Tensor::new(ElementType::I64, [2], labels.to_vec()).unwrap();
            let counts = |counts: [f64; 2]| Tensor::new(ElementType::F32, [2], counts.to_vec()).unwrap();
            let inputs = BTreeMap::from([
                ("image".to_owned(), image.clone()),
                ("y".to_owned(), labels(own)),
                (PARTNER_TARGET_INPUT.to_owned(), labels(other)),
                (ROW_WEIGHT_INPUT.to_owned(), counts(shares[0])),
                (PARTNER_WEIGHT_INPUT.to_owned(), counts(shares[1])),
            ]);
            let outcome = evaluate(&plan.graph, &inputs, &weights, Mode::Inference, &mut Seeded::new(1)).unwrap();
            (outcome.outputs[LOSS_OUTPUT].data.clone(), outcome.outputs[TARGET_OUTPUT].data.clone())
        };
        let (alone, both) = ([[1.0, 1.0], [0.0, 0.0]], [[0.75, 0.6], [0.25, 0.4]]);
        let (own, other) = (run([0.0, 2.0], [0.0, 2.0], alone).0, run([1.0, 0.0], [1.0, 0.0], alone).0);
        let (found, compared) = run([0.0, 2.0], [1.0, 0.0], both);
        assert_eq!(compared, [0.0, 2.0], "what is measured is compared with the row's own");
        for row in 0..2 {
            let wanted = both[0][row] * own[row] + both[1][row] * other[row];
            assert!((found[row] - wanted).abs() < 1e-6, "{loss}: {} for {wanted}", found[row]);
        }
    }
}

#[test]
fn what_cannot_be_mixed_is_refused() {
    let (target, age) = (("y", ElementType::I64, Vec::new()), ("age", ElementType::F32, Vec::new()));
    let fault = mixed("cross_entropy(out, y) + 0 * age", 3, "mixup", &[target, age]).unwrap_err();
    assert_eq!(fault, "`mixup` mixes pictures and what is learnt of them, and `age` is read too");
    let mask = ("y", ElementType::I64, vec![2, 2]);
    let masks = "cross_entropy(reshape(out, [2, 2, 3]), y)";
    let fault = mixed(masks, 12, "cutmix", std::slice::from_ref(&mask)).unwrap_err();
    assert_eq!(fault, "`cutmix` mixes one label a picture, and here each place of it has one");
    assert!(mixed(masks, 12, "mixup", &[mask]).is_ok());
    // Where the picture itself is what is learnt, it is mixed with it.
    let own =
        mixed("mse(out, reshape(cast(image, f32), [4]))", 4, "[mixup, cutmix]", &[("y", ElementType::I64, Vec::new())]);
    assert_eq!(own.unwrap().graph.inputs.len(), 1);
}
