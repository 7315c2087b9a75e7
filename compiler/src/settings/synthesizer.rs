//! The settings of a `synthesizer` declaration: rows like those of a dataset, that are nobody's.

use super::{absent, float, int, required, signature, truth, word};
use crate::signature::{Bounds, Default, Kind, Method, Methods, Parameter, Signature};

/// `synthesizer CustomerTwin { dataset: People, method: ctgan(epochs=300) }`
pub const SYNTHESIZER: Signature = signature(
    "synthesizer",
    "Learns what the rows of a dataset are like, and draws new ones.",
    "",
    &[
        required("dataset", Kind::Special("the name of a dataset"), "Whose rows are learnt.").also(&["data"]),
        Parameter::new("method", Kind::Method(&METHODS), Default::Word("auto"), "How.").also(&["model", "algorithm"]),
        absent("columns", Kind::Columns, "all", "The columns that are learnt."),
        absent("discrete", Kind::Columns, "by their types and values", "Columns whose numbers are names, not amounts.")
            .also(&["discrete_columns", "categorical"]),
        absent("privacy", Kind::Record(&PRIVACY), "none is promised", "How little one row may change what is drawn."),
        absent(
            "require",
            Kind::Special("a list of conditions on measures, such as `[tstr(target=churned) > 0.8, dcr_share < 0.55]`"),
            "nothing",
            "What the drawn rows must be, measured on rows that were held out: otherwise fitting fails.",
        )
        .also(&["requires", "constraints"]),
        absent(
            "conditions",
            Kind::Special("settings between braces: a value or a range for each column"),
            "none",
            "What every drawn row has: `{ plan: free, age: 18..=30 }`.",
        )
        .also(&["where", "given"]),
        float(
            "holdout",
            Bounds::SHARE,
            0.2,
            "The share of rows that is not learnt from, and that `require` is measured on.",
        )
        .also(&["test_split", "validation_split"]),
        absent("rows", Kind::Int { min: 1 }, "as many as the dataset has", "How many are drawn.")
            .also(&["n_samples", "samples"]),
        int("seed", 0, 0, "What every draw comes from.").also(&["random_state"]),
    ],
    "synthesizer CustomerTwin {\n    dataset: People\n    method: ctgan(epochs=300)\n    privacy: { epsilon: 3.0 }\n    require: [tstr(target=churned) > 0.8, dcr_share < 0.55]\n}",
);

/// `privacy: { epsilon: 3.0 }`
pub const PRIVACY: Signature = signature(
    "privacy",
    "Differential privacy: how little one row may change what is drawn.",
    "The methods that count use MST or AIM, those that learn by gradients use DP-SGD. Bins and categories then come from the schema, \
     never from the data.",
    &[
        required(
            "epsilon",
            Kind::Float(Bounds::POSITIVE),
            "How much may be learnt of one row: 1 is strict, 10 is lax.",
        ),
        float("delta", Bounds { max: 0.1, ..Bounds::BETWEEN }, 1e-6, "How probable it is that the promise fails."),
        word("mechanism", &["auto", "mst", "aim", "dp_sgd"], "auto", "How it is done."),
        float("clip_norm", Bounds::POSITIVE, 1.0, "For `dp_sgd`: what a row's gradient is shortened to."),
    ],
    "privacy: { epsilon: 3.0, delta: 1e-6 }",
);

const EPOCHS: Parameter = int("epochs", 1, 300, "How often every row is seen.");
const BATCH: Parameter = int("batch_size", 1, 500, "Rows a step.");
const RATE: Parameter =
    float("learning_rate", Bounds::POSITIVE, 2e-4, "The size of a step.").also(&["lr", "generator_lr"]);
const EMBEDDING: Parameter = int("embedding_dim", 1, 128, "Numbers that a row is drawn from.").also(&["latent_dim"]);

/// Every method, in the order the docs list them.
pub const METHODS: Methods = Methods {
    noun: "method",
    all: &[
        Method::later(signature(
            "auto",
            "The method that suits the data: `cart_chain` for one table.",
            "",
            &[],
            "method: auto",
        )),
        super::later(
            "gaussian_copula",
            "Every column's own distribution, joined by the correlations of a normal distribution.",
            &[
                float("ridge", Bounds::NON_NEGATIVE, 1e-3, "What is added to the diagonal of the correlations."),
                word(
                    "marginals",
                    &["empirical", "parametric"],
                    "empirical",
                    "Whether a column is as counted, or as the nearest known distribution.",
                ),
            ],
            "method: gaussian_copula",
        )
        .also(&["GaussianCopula", "copula", "gaussiancopula"]),
        super::later(
            "mixture",
            "Kinds of rows, within each of which the columns are independent.",
            &[
                int("components", 1, 300, "How many kinds.").also(&["k", "n_components"]),
                int("bins", 2, 64, "Parts that a column of numbers is cut into."),
                int("iterations", 1, 50, "Rounds of expectation and maximisation at most."),
            ],
            "method: mixture(components=300)",
        )
        .also(&["gmm", "em"]),
        super::later(
            "cart_chain",
            "One column after another, each by decision trees on those before it.",
            &[
                int("min_leaf", 1, 100, "Rows of a leaf at least: small leaves learn rows by heart.")
                    .also(&["min_samples_leaf"]),
                int("trees", 1, 10, "Trees for each column."),
                truth("honest", true, "Whether a tree is filled with other rows than it was split by."),
            ],
            "method: cart_chain(min_leaf=100)",
        )
        .also(&["cart", "synthpop"]),
        super::later(
            "tvae",
            "A variational autoencoder for tables (Xu and others, 2019).",
            &[
                EPOCHS,
                BATCH,
                Parameter { default: Default::Float(1e-3), ..RATE },
                EMBEDDING,
                int("width", 1, 128, "Units of each hidden layer."),
                int("depth", 1, 2, "Hidden layers."),
                float("loss_factor", Bounds::POSITIVE, 2.0, "How much the reconstruction counts."),
                float("l2", Bounds::NON_NEGATIVE, 1e-5, "How much large weights cost.")
                    .also(&["l2scale", "weight_decay"]),
            ],
            "method: tvae(epochs=300)",
        )
        .also(&["TVAE", "vae"]),
        super::later(
            "ctgan",
            "Two networks against each other, conditioned on one column at a time (Xu and others, 2019).",
            &[
                EPOCHS,
                BATCH,
                RATE,
                EMBEDDING,
                int("width", 1, 256, "Units of each hidden layer."),
                int("depth", 1, 2, "Hidden layers."),
                int("pac", 1, 10, "Rows that are judged together; the batch must be a multiple of it."),
                int("critic_steps", 1, 1, "Steps of the critic for one of the generator.")
                    .also(&["discriminator_steps"]),
                float("penalty", Bounds::NON_NEGATIVE, 10.0, "How much the gradient's length costs."),
            ],
            "method: ctgan(epochs=300)",
        )
        .also(&["CTGAN", "gan"]),
        super::later(
            "autoregressive",
            "One network that fills in any column from any others.",
            &[
                Parameter { default: Default::Int(100), ..EPOCHS },
                BATCH,
                Parameter { default: Default::Float(1e-3), ..RATE },
                int("bins", 2, 64, "Parts that a column of numbers is cut into."),
                int("width", 1, 256, "Units of each hidden layer."),
                int("depth", 1, 3, "Hidden layers."),
            ],
            "method: autoregressive(width=512)",
        )
        .also(&["ar", "masked"]),
        super::later(
            "diffusion",
            "Noise that is taken away step by step, in the space of an autoencoder.",
            &[
                Parameter { default: Default::Int(1000), ..EPOCHS },
                BATCH,
                Parameter { default: Default::Float(1e-3), ..RATE },
                int("steps", 1, 50, "Steps from noise to a row.").also(&["timesteps"]),
                int("width", 1, 512, "Units of each hidden layer."),
                int("depth", 1, 4, "Hidden layers."),
            ],
            "method: diffusion(steps=50)",
        )
        .also(&["tabddpm", "TabSyn", "tabsyn", "ddpm"]),
        super::later(
            "independent",
            "Every column by itself: what the others are measured against.",
            &[],
            "method: independent",
        )
        .also(&["marginals"]),
    ],
};

/// The methods that learn by gradients, to which `dp_sgd` applies.
pub const BY_GRADIENTS: &[&str] = &["tvae", "ctgan", "autoregressive", "diffusion"];

const TARGET: Parameter = required("target", Kind::Column, "The column that is predicted.");

/// What `require` can measure; all are shares from 0 to 1.
pub const MEASURES: Methods = Methods {
    noun: "measure",
    all: &[
        super::later("shapes", "How like each column's distribution is, on average.", &[], "require: [shapes > 0.95]").also(&["column_shapes"]),
        super::later("pairs", "How like each two columns' relation is, on average.", &[], "require: [pairs > 0.95]").also(&["pair_trends", "column_pair_trends"]),
        super::later("validity", "The share of rows that the schema allows.", &[], "require: [validity >= 1.0]"),
        super::later(
            "detection",
            "How well gradient boosting tells drawn rows from real ones: the area under its curve, 0.5 being not at all.",
            &[],
            "require: [detection < 0.7]",
        )
        .also(&["c2st", "c2st_auc", "discriminator"]),
        super::later("tstr", "How well a model learnt on drawn rows predicts real ones: the area under its curve, or R².", &[TARGET], "require: [tstr(target=churned) > 0.8]")
            .also(&["utility", "ml_efficacy"]),
        super::later("trtr", "The same of a model learnt on real rows.", &[TARGET], "require: [trtr(target=churned) > 0.8]"),
        super::later(
            "dcr_share",
            "The share of drawn rows that are nearer to a learnt row than to one held out: 0.5 betrays nothing.",
            &[],
            "require: [dcr_share < 0.55]",
        )
        .also(&["dcr", "distance_to_closest_record"]),
        super::later("copies", "The share of drawn rows that are rows of the data.", &[], "require: [copies < 0.01]").also(&["exact_copies", "duplicates"]),
    ],
};
