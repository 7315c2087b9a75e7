//! The settings of a `deploy` declaration: a model that answers.

use super::provider::RATE;
use super::units::Measure;
use super::{absent, float, int, required, signature, word};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// `deploy digits_api { model: Digits, from: digits.best, backend: onnx, replicas: 2 }`
pub const DEPLOY: Signature = signature(
    "deploy",
    "Serves a trained model under the declaration's name.",
    "What goes in and what comes out follow from the model and from what its training fed into it.",
    &[
        required("model", Kind::Special("a model, or a part of one: `Vae.decoder`"), "What answers."),
        required(
            "from",
            Kind::Special("`run.best` or `run.last` of a training, or the path of a model folder"),
            "Whose weights it has.",
        )
        .also(&["weights", "checkpoint"]),
        word("backend", &["burn", "onnx", "libtorch", "tensorflow"], "burn", "What computes the answers.")
            .also(&["runtime", "engine"]),
        int("replicas", 0, 1, "How many of it run side by side; 0 keeps it declared and stopped.").also(&["instances"]),
        absent(
            "autoscale",
            Kind::Record(&AUTOSCALE),
            "`replicas`, always",
            "How the number of replicas follows the load.",
        ),
        absent(
            "batching",
            Kind::Record(&BATCHING),
            "each request alone",
            "How requests that come together are answered together.",
        ),
        absent("resources", Kind::Record(&RESOURCES), "no limit", "What one replica may take."),
        word(
            "precision",
            &["f32", "f16", "bf16", "int8"],
            "f32",
            "What is computed with; `int8` quantizes the weights.",
        )
        .also(&["quantize", "dtype"]),
        Parameter::new("device", Kind::Device, Default::Word("auto"), "What computes."),
        absent("version", Kind::Text, "the next number", "What this state of it is called."),
        Parameter::new(
            "traffic",
            Kind::Float(Bounds::UNIT),
            Default::Float(1.0),
            "The share of requests that this version answers; the one before it has the others.",
        ),
        absent("rate", Kind::Record(&RATE), "no limit", "How often one key may ask.").also(&["rate_limit"]),
        Parameter::new(
            "timeout",
            Kind::Quantity(Measure::Duration),
            Default::Word("10s"),
            "How long one answer may take.",
        ),
        absent("max_body", Kind::Quantity(Measure::Size), "8MB", "The largest request."),
        absent("port", Kind::Int { min: 1 }, "the server's own", "Where it listens when it runs by itself."),
        Parameter::new("health", Kind::Text, Default::Word("/health"), "The path that says whether it is well.")
            .also(&["health_check", "health_check_path"]),
        absent(
            "environment",
            Kind::Special("settings between braces: a text or `env(\"NAME\")` for each variable"),
            "the server's own",
            "Variables of its environment.",
        )
        .also(&["env"]),
    ],
    "deploy digits_api {\n    model: Digits\n    from: digits.best\n    backend: onnx\n    replicas: 2\n    batching: { max: 32, wait: 2ms }\n}",
);

/// `batching: { max: 32, wait: 2ms }`
pub const BATCHING: Signature = signature(
    "batching",
    "How requests that come together are answered together.",
    "",
    &[
        int("max", 1, 32, "The most rows that are answered together.").also(&["max_batch_size", "size"]),
        Parameter::new(
            "wait",
            Kind::Quantity(Measure::Duration),
            Default::Word("2ms"),
            "How long the first waits for others.",
        )
        .also(&["timeout", "delay", "max_delay"]),
    ],
    "batching: { max: 32, wait: 2ms }",
);

/// `autoscale: { min: 1, max: 8, target: 70% }`
pub const AUTOSCALE: Signature = signature(
    "autoscale",
    "How the number of replicas follows the load.",
    "",
    &[
        int("min", 0, 1, "The fewest."),
        required("max", Kind::Int { min: 1 }, "The most."),
        float("target", Bounds::FRACTION, 0.7, "How busy they are meant to be."),
        Parameter::new(
            "cooldown",
            Kind::Quantity(Measure::Duration),
            Default::Word("1m"),
            "The least time between two changes.",
        ),
    ],
    "autoscale: { min: 1, max: 8, target: 70% }",
);

/// `resources: { memory: 512MB, cpu: 2 }`
pub const RESOURCES: Signature = signature(
    "resources",
    "What one replica may take.",
    "",
    &[
        absent("memory", Kind::Quantity(Measure::Size), "no limit", "Its memory.").also(&["memory_limit", "ram"]),
        absent("cpu", Kind::Float(Bounds::POSITIVE), "no limit", "Its share of processors: 0.5 is half of one.")
            .also(&["cpu_limit", "cpus"]),
        int("gpu", 0, 0, "Its graphics cards.").also(&["gpus"]),
    ],
    "resources: { memory: 512MB, cpu: 2 }",
);
