//! The settings of a `train` declaration.

use super::augmentations::AUGMENTATIONS;
use super::optimizers::OPTIMIZERS;
use super::schedules::SCHEDULES;
use super::units::Measure;
use super::{absent, float, int, metrics, required, signature, truth, word};
use crate::signature::{Bounds, Default, Kind, Methods, Parameter, Signature};

/// `train name { model: …, dataset: …, loss: … }`
pub const TRAIN: Signature = signature(
    "train",
    "Fits a model to a dataset.",
    "",
    &[
        Parameter::new("model", MODEL, Default::RequiredWithout("models"), "What is trained."),
        absent(
            "models",
            Kind::Special("settings between braces: a model for each name"),
            "one, the `model`",
            "Several models that are trained together, each by a part of `steps`: `{ g: Generator(), d: Critic() }`.",
        )
        .later(),
        required("dataset", Kind::Special("the name of a dataset"), "What it is trained on.").also(&["data"]),
        absent(
            "inputs",
            Kind::Special("settings between braces: the model's inputs and what is fed into them"),
            "the field of the input's name, or the only one",
            "What is fed into the model: `{ image: image / 255 }`.",
        ),
        absent(
            "where",
            Kind::Special("a condition on columns, such as `rating >= 4`"),
            "every row",
            "The rows that are trained and validated on.",
        )
        .also(&["filter"])
        .later(),
        absent(
            "loss",
            LOSS,
            "what the column asks for that the model's output predicts; otherwise it must be given, or `steps`",
            "What is minimised.",
        )
        .also(&["criterion"]),
        absent("metrics", metrics::LIST, "none", "What is measured beside the loss."),
        Parameter::new(
            "optimizer",
            Kind::Method(&OPTIMIZERS),
            Default::Word("Adam()"),
            "How the weights are moved.",
        ),
        Parameter::new(
            "schedule",
            Kind::Method(&SCHEDULES),
            Default::Word("constant"),
            "How the learning rate goes on from step to step.",
        )
        .also(&["lr_schedule", "scheduler", "lr_scheduler", "learning_rate_schedule"]),
        int("epochs", 1, 10, "How often every training row is seen."),
        absent(
            "max_steps",
            Kind::Int { min: 1 },
            "as many as the epochs have",
            "Steps after which training ends, if the epochs are not done before.",
        ),
        int("batch_size", 1, 32, "Rows a batch."),
        int(
            "gradient_accumulation",
            1,
            1,
            "Batches whose gradients are averaged for one step, each row counting the same: the step of a batch so many times as large.",
        )
        .also(&["accumulate", "gradient_accumulation_steps", "accumulate_grad_batches"]),
        float(
            "validation_split",
            Bounds::SHARE,
            0.0,
            "The share of rows, drawn by the seed, that is held out and measured after every epoch.",
        )
        .also(&["val_split"]),
        absent(
            "validation",
            Kind::Method(&VALIDATIONS),
            "`random(validation_split)`",
            "How the rows that are held out are chosen.",
        )
        .also(&["validation_data", "val"]),
        truth("shuffle", true, "Whether the training rows come in a new order every epoch."),
        absent(
            "augment",
            Kind::Several(&AUGMENTATIONS),
            "none",
            "What is done to the images of a training batch, in this order: to each that is a `u8[height, width, channels]`. Drawn for \
             every row of every epoch from the seed; what is measured or predicted is never changed.",
        )
        .also(&["augmentation", "transforms"]),
        absent(
            "class_weights",
            Kind::Special("`balanced`, or settings between braces: a weight for each class"),
            "every class the same",
            "How much the rows of a class count in the loss of the training rows; `balanced` is rows / (classes * rows of the class).",
        )
        .also(&["class_weight"]),
        absent(
            "sample_weight",
            Kind::Column,
            "every row the same",
            "The column that says how much a row counts in the loss, also of the rows held out.",
        )
        .also(&["sample_weights"]),
        absent(
            "clip_norm",
            Kind::Float(Bounds::POSITIVE),
            "no limit",
            "Gradients longer than this, all weights together, are shortened to it.",
        )
        .also(&["clipnorm", "max_grad_norm", "global_clipnorm", "gradient_clip_val"]),
        absent(
            "clip_value",
            Kind::Float(Bounds::POSITIVE),
            "no limit",
            "Each number of a gradient is kept between minus this and this.",
        )
        .also(&["clipvalue"]),
        word(
            "precision",
            &["auto", "f32", "bf16", "f16"],
            "auto",
            "What is computed with: `auto` is `f32`. This version checks `bf16` and `f16`, and cannot run them.",
        )
        .also(&["mixed_precision", "dtype"]),
        Parameter::new(
            "device",
            Kind::Device,
            Default::Word("auto"),
            "What computes: `auto` is a GPU where this build reaches one and the processor elsewhere. `--device` says otherwise, and so does whoever uses the model afterwards.",
        )
        .also(&["accelerator"]),
        absent(
            "ema",
            Kind::Record(&EMA),
            "none",
            "A running mean of the weights, which is measured and kept in place of the weights themselves.",
        ),
        absent("early_stopping", Kind::Record(&EARLY_STOPPING), "never", "When to stop before the last epoch."),
        absent(
            "checkpoints",
            Kind::Record(&CHECKPOINTS),
            "one, for as long as the run goes on",
            "What is kept of a run, to go on with it.",
        ),
        absent(
            "freeze",
            Kind::Special("a list of layers, such as `[encoder]` or `[\"block_*\"]`"),
            "nothing",
            "Layers whose weights are not moved, as with `trainable=false`.",
        ),
        absent(
            "from",
            Kind::Special("`run.best` or `run.last` of another training, or the path of weights"),
            "fresh weights",
            "Where the first weights come from: those of the same name and shape are taken, the others are fresh, and a report says which. \
             `run` is looked for in `runs/run` beside the program; a path may be a model folder or a safetensors file.",
        )
        .also(&["weights", "pretrained", "init_from"]),
        absent("search", Kind::Record(&SEARCH), "none", "How the values of `tune(…)` are looked for."),
        absent(
            "steps",
            Kind::Special("settings between braces: what a step does, for each of `models`"),
            "one, by `loss` and `optimizer`",
            "Adversarial training: each part moves its own model, in this order, every step.",
        )
        .later(),
        int(
            "seed",
            0,
            0,
            "What every draw comes from: the first weights, the split, the order, dropout.",
        )
        .also(&["random_state", "random_seed"]),
    ],
    "train digits {\n    model: Digits()\n    dataset: Mnist\n    loss: cross_entropy(logits, label)\n    epochs: 5\n}",
);

/// What a setting that names a model takes.
pub const MODEL: Kind = Kind::Special("a model, such as `Digits(width=32)`");

/// What a setting that says a loss takes.
pub const LOSS: Kind = Kind::Special("a loss, such as `cross_entropy(logits, label)`, or an expression of one");

/// What is watched: a measure of the history.
pub const MONITOR: Parameter = absent(
    "monitor",
    Kind::Special("`loss`, `val_loss`, or a metric of this training, with or without `val_`"),
    "`val_loss` where rows are held out, else `loss`",
    "What is watched.",
);

/// Which way is better.
pub const MODE: Parameter =
    word("mode", &["auto", "min", "max"], "auto", "Whether less is better or more; `auto` knows it of every measure.");

/// `early_stopping: { … }`
pub const EARLY_STOPPING: Signature = signature(
    "early_stopping",
    "Stops when what is watched has not become better for a while.",
    "As Keras's `EarlyStopping`; the model is that of the best epoch (`checkpoints: { best: false }`: of the last). Unless `checkpoints` says \
     another, its `monitor` also judges which epoch is the best.",
    &[
        MONITOR,
        MODE,
        int("patience", 0, 5, "It stops after so many epochs in a row without a better value; 0 is as 1."),
        float("min_delta", Bounds::NON_NEGATIVE, 0.0, "How much better counts as better."),
        absent(
            "baseline",
            Kind::Float(ANY),
            "none",
            "A value that must be reached: until then an epoch counts as one without a better value.",
        ),
        int("start", 0, 0, "Epochs at the beginning that do not count.").also(&["start_from_epoch"]),
    ],
    "early_stopping: { monitor: val_loss, patience: 3 }",
);

const ANY: Bounds = Bounds { min: f64::NEG_INFINITY, min_included: false, max: f64::INFINITY, max_included: false };

/// `checkpoints: { … }`
pub const CHECKPOINTS: Signature = signature(
    "checkpoints",
    "What is kept of a run, so that it can go on.",
    "Each is the whole state of the run, the best epoch in it: `ndsl train --resume` goes on from the newest, to the weights of a run that \
     never stopped, and also for more epochs than there were. Without this setting one is written every 30 seconds, and when a run is \
     stopped, and none is left when it has ended.",
    &[
        int("every", 1, 1, "Epochs from one to the next.").also(&["save_freq"]),
        absent("every_steps", Kind::Int { min: 1 }, "by epochs alone", "Steps from one to the next at most.")
            .also(&["save_steps"]),
        absent(
            "every_time",
            Kind::Quantity(Measure::Duration),
            "by epochs alone",
            "The longest time from one to the next.",
        ),
        int("keep", 1, 3, "How many of the newest are kept.").also(&["save_total_limit", "max_to_keep"]),
        truth("best", true, "Whether the model is that of the best epoch; that of the last otherwise.").also(&[
            "save_best_only",
            "save_best",
            "restore_best_weights",
        ]),
        MONITOR,
        MODE,
    ],
    "checkpoints: { every: 5, keep: 2 }",
);

/// `ema: { … }`
pub const EMA: Signature = signature(
    "ema",
    "A running mean of the weights.",
    "The first update makes the mean what the weights are; from then on it is `decay * mean + (1 - decay) * weights`, as in Keras and \
     PyTorch. Only what training moves is averaged: running statistics are as they are.",
    &[
        float("decay", Bounds::BETWEEN, 0.999, "How much of the mean stays after an update.").also(&["momentum"]),
        int("every", 1, 1, "Steps from one update to the next."),
        int("start", 0, 0, "Steps before those of which the first is an update."),
    ],
    "ema: { decay: 0.9999 }",
);

/// `search: { … }`
pub const SEARCH: Signature = signature(
    "search",
    "How the values of `tune(…)` are looked for.",
    "Tree-structured Parzen estimators are those of Bergstra and others (2011): what was tried is parted into a good share, 15%, and the rest, and \
     of 24 values drawn like the good ones that is taken which is likeliest among the good ones against the rest. `median` ends a trial after an \
     epoch where its best value so far is worse than the median of what the others had by then; `halving` lets a trial go on after 1, 3, 9, … \
     epochs only if it is in the best third of those that came as far (Li and others, 2020). A trial is judged by its best epoch; what a pruned \
     one had comes behind all that were finished.",
    &[
        word(
            "method",
            &["bayesian", "random", "grid"],
            "bayesian",
            "By what was good so far (tree-structured Parzen estimators), by chance, or all combinations in order.",
        ),
        int("trials", 1, 20, "Combinations that are tried at most.").also(&["n_trials", "max_trials"]),
        word(
            "prune",
            &["none", "median", "halving"],
            "none",
            "Whether a trial ends early: when it is worse than the median of the others, or by successive halving.",
        )
        .also(&["pruner"]),
        int("warmup", 0, 5, "Trials that are drawn by chance, and finished, before any is judged by the others.")
            .also(&["n_startup_trials"]),
        MONITOR,
        MODE,
        absent("timeout", Kind::Quantity(Measure::Duration), "none", "After so long no further trial begins."),
        int("parallel", 1, 1, "Trials that run at the same time.").also(&["n_jobs"]).later(),
        absent(
            "where",
            Kind::Special("a condition on the names of variables, such as `d % heads == 0`"),
            "every combination",
            "The combinations that are tried.",
        ),
    ],
    "search: { method: bayesian, trials: 20, prune: median }",
);

const SHARE_HELD_OUT: Parameter =
    required("share", Kind::Float(Bounds::BETWEEN), "The share of rows that is held out.").also(&["split", "size"]);

/// How the rows that are held out are chosen.
pub const VALIDATIONS: Methods = Methods {
    noun: "kind of validation",
    all: &[
        super::method("random", "Rows drawn by the seed.", &[SHARE_HELD_OUT], "validation: random(0.1)"),
        super::method(
            "stratified",
            "Rows drawn by the seed, the same share of each value of a column.",
            &[
                SHARE_HELD_OUT,
                absent("by", Kind::Column, "the target", "The column whose values are kept in proportion."),
            ],
            "validation: stratified(0.1)",
        )
        .also(&["stratify"]),
        super::method(
            "group",
            "Whole groups drawn by the seed: all rows with the same value of a column go to the same side.",
            &[SHARE_HELD_OUT, required("by", Kind::Column, "The column whose values are groups.").also(&["groups"])],
            "validation: group(0.2, by=user)",
        )
        .also(&["grouped", "GroupKFold"]),
        super::method(
            "time",
            "The last rows by a column.",
            &[SHARE_HELD_OUT, required("by", Kind::Column, "The column that says when: numbers, days or moments.")],
            "validation: time(0.1, by=placed)",
        )
        .also(&["TimeSeriesSplit", "temporal"]),
        super::method(
            "rows",
            "The rows of another dataset with the same fields.",
            &[required("dataset", Kind::Special("the name of a dataset"), "The other dataset.")],
            "validation: rows(Heldout)",
        ),
    ],
};

/// What one part of `steps: { d: { … } }` takes.
pub const STEP: Signature = signature(
    "steps",
    "What one step does to one of `models`.",
    "",
    &[
        int("times", 1, 1, "How often in a row, each time on a new batch.").also(&["n_critic"]),
        Parameter::new(
            "optimizer",
            Kind::Method(&OPTIMIZERS),
            Default::Word("Adam()"),
            "How this model's weights are moved.",
        ),
        required("loss", LOSS, "What this model's weights minimise."),
        absent(
            "clip_norm",
            Kind::Float(Bounds::POSITIVE),
            "no limit",
            "Gradients longer than this are shortened to it.",
        ),
    ],
    "steps: { d: { times: 5, loss: mean(fake) - mean(real) }, g: { loss: -mean(fake) } }",
);
