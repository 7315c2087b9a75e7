//! The settings of a `train` declaration.

use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// `train name { model: …, dataset: …, loss: … }`
pub const TRAIN: Signature = Signature {
    name: "train",
    summary: "Fits a model to a dataset.",
    details: "",
    parameters: &[
        Parameter::new(
            "model",
            Kind::Special("a model, such as `Digits(width=32)`"),
            Default::Required,
            "What is trained.",
        ),
        Parameter::new("dataset", Kind::Special("the name of a dataset"), Default::Required, "What it is trained on.")
            .also(&["data"]),
        Parameter::new(
            "inputs",
            Kind::Special("settings between braces: the model's input and what is fed into it"),
            Default::Absent("the field of the input's name, or the only one"),
            "What is fed into the model: `{ image: image / 255 }`.",
        ),
        Parameter::new(
            "loss",
            Kind::Special("a loss, such as `cross_entropy(logits, label)`"),
            Default::Required,
            "What is minimised.",
        ),
        Parameter::new(
            "metrics",
            Kind::Special("a list of metrics, such as `[accuracy]`"),
            Default::Absent("none"),
            "What is measured beside the loss.",
        ),
        Parameter::new(
            "optimizer",
            Kind::Special("an optimizer, such as `Adam(learning_rate=1e-3)`"),
            Default::Absent("Adam()"),
            "How the weights are moved.",
        ),
        Parameter::new("epochs", Kind::Int { min: 1 }, Default::Int(10), "How often every training row is seen."),
        Parameter::new("batch_size", Kind::Int { min: 1 }, Default::Int(32), "Rows a step."),
        Parameter::new(
            "validation_split",
            Kind::Float(Bounds::SHARE),
            Default::Float(0.0),
            "The share of rows, drawn by the seed, that is held out and measured after every epoch.",
        ),
        Parameter::new(
            "shuffle",
            Kind::Bool,
            Default::Bool(true),
            "Whether the training rows come in a new order every epoch.",
        ),
        Parameter::new(
            "seed",
            Kind::Int { min: 0 },
            Default::Int(0),
            "What every draw comes from: the first weights, the split, the order, dropout.",
        ),
    ],
    example: "train digits {\n    model: Digits()\n    dataset: Mnist\n    loss: cross_entropy(logits, label)\n    epochs: 5\n}",
};

/// Settings that a later version will have: naming one is not a spelling mistake.
pub const LATER: &[&str] = &[
    "schedule",
    "clip_norm",
    "precision",
    "early_stopping",
    "search",
    "freeze",
    "from",
    "where",
    "class_weights",
    "sample_weights",
    "accumulate",
    "ema",
    "models",
    "step",
    "checkpoints",
];
