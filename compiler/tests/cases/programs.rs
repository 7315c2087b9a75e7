//! Models as people write them, from their text.

use ndsl_compiler::ir::{Dim, ElementType, Graph, Shape};
use ndsl_compiler::plan::{DataField, DataSignature, Wanted};
use ndsl_compiler::{Analysis, Source, analyze};

use super::Case;

/// The program that must always compile.
pub(crate) const REFERENCE: &str = "\
Model MyModel {
  Input(shape=[28, 28, 1])
  Conv2D(filters=32, kernel_size=3, activation=relu)
  Dense(units=10, activation=softmax)
}
";

/// Every layer, and values that are named, added and piped.
const EVERY_LAYER: &str = "\
model EveryLayer(width: int = 6) {
    input image: f32[12, 10, 3]

    Conv2D(width, 3, padding=same, use_bias=false)
    BatchNormalization()
    Activation(relu) as first
    Conv2D(width, 3, padding=same, activation=gelu)
    it + first
    MaxPooling2D(2)
    AveragePooling2D(2, strides=1, padding=same)
    Dropout(0.25)
    Conv2D(2 * width, 3, strides=2, activation=silu)
    BatchNormalization()
    GlobalAveragePooling2D()
    Dense(width, activation=tanh) as joined
    scaled = exp(joined) / 2
    scaled - joined |> Dense(4, activation=softmax) as probabilities
}
";

/// Every type of column, each with and without nulls, and every way an enum goes in.
pub(crate) const EVERY_COLUMN: &str = "\
schema Everything {
    whole: int
    maybe_whole: int?
    number: float
    maybe_number: float?
    price: decimal(2)
    truth: bool
    maybe_truth: bool?
    few: enum { red, green, blue }
    maybe_few: enum { red, green, blue }?
    many: enum { a, b, c, d, e, f }
    maybe_many: enum { a, b, c, d, e, f }?
    day: date
    maybe_day: date?
    moment: datetime
    maybe_moment: datetime?
    clock: time
    maybe_clock: time?
    kind: enum { good, bad, ugly }
}

model EveryColumn {
    input row: Everything except (kind)

    Features(embedding=4) as features
    Dense(8, activation=relu)
    Dense(3) as kind: Everything.kind
}

model EveryFeature {
    input row: Everything except (kind)

    Features(embedding=4)
}
";

/// A case for each.
pub(crate) fn all() -> Vec<Case> {
    let digits = include_str!("../../../examples/digits/digits.ndsl");
    let digits = checked(digits);
    let pixels = DataField {
        name: "columns".to_owned(),
        element: ElementType::F32,
        shape: Shape(vec![Dim::Known(64)]),
        classes: None,
    };
    let classes = Some((0..10).map(|label: i32| label.to_string()).collect());
    let label = DataField { name: "label".to_owned(), element: ElementType::I64, shape: Shape(vec![]), classes };
    let data = DataSignature { fields: vec![pixels, label] };
    let plan = digits.plan_predict("cnn", &data, Wanted::Prediction).expect("fits the data");
    let model = |analysis: &Analysis, name| analysis.model(Some(name)).expect("a model").graph.clone();
    let case = |name: &str, graph: Graph| Case { name: name.to_owned(), graph, range: [-2.0, 2.0], below: None };
    vec![
        case("program_reference", model(&checked(REFERENCE), "MyModel")),
        case("program_every_layer", model(&checked(EVERY_LAYER), "EveryLayer")),
        case("program_every_column", model(&checked(EVERY_COLUMN), "EveryColumn")),
        case("program_every_feature", model(&checked(EVERY_COLUMN), "EveryFeature")),
        case("program_digits_cnn", model(&digits, "Cnn")),
        case("program_digits_mlp", model(&digits, "Mlp")),
        case("program_digits_predict", plan.graph),
    ]
}

/// A program without faults.
pub(crate) fn checked(text: &str) -> Analysis {
    let analysis = analyze(&Source::new("program.ndsl", text));
    assert!(!analysis.has_errors(), "{:#?}", analysis.diagnostics);
    analysis
}
