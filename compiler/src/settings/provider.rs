//! The settings of a `provider` declaration: a service with a language model.

use super::units::Measure;
use super::{absent, int, required, signature, truth};
use crate::signature::{Bounds, Default, Kind, Parameter, Signature};

/// `provider writer { kind: openai, key: env("LLM_KEY") }`
pub const PROVIDER: Signature = signature(
    "provider",
    "A service that writes text: what `llm(…)` and `schema … using` ask.",
    "Nothing is asked while checking. What is answered is kept, so that the same question costs once.",
    &[
        required(
            "kind",
            Kind::Choice(&["openai", "anthropic", "gemini", "mistral", "ollama", "custom"]),
            "Whose protocol it speaks; most services speak `openai`.",
        )
        .also(&["type", "api"]),
        Parameter::new("url", Kind::Place, Default::Absent("the kind's own address"), "Where it is.")
            .also(&["base_url", "endpoint"]),
        absent("key", Kind::Secret, "none is sent", "What it is paid with.").also(&["api_key", "token"]),
        absent("model", Kind::Place, "the kind's usual one", "Which of its models writes."),
        absent(
            "budget",
            Kind::Quantity(Measure::Money),
            "none may be spent by a kind that costs",
            "What a run may cost: it is estimated before, and the run stops at it.",
        )
        .also(&["max_cost", "limit"]),
        Parameter::new(
            "timeout",
            Kind::Quantity(Measure::Duration),
            Default::Word("30s"),
            "How long one answer may take.",
        ),
        int("retries", 0, 3, "How often a question that failed is asked again, each time after a longer wait.")
            .also(&["max_retries"]),
        int("concurrency", 1, 4, "Questions that are asked at the same time.").also(&["parallel", "max_concurrency"]),
        absent("rate", Kind::Record(&RATE), "no limit", "How often it may be asked.").also(&["rate_limit"]),
        Parameter::new(
            "temperature",
            Kind::Float(Bounds { max: 2.0, max_included: true, ..Bounds::NON_NEGATIVE }),
            Default::Float(1.0),
            "How freely it writes.",
        ),
        int("max_tokens", 1, 1024, "The longest answer."),
        truth("cache", true, "Whether answers are kept and used again."),
        int("seed", 0, 0, "What its draws come from, where it lets that be said."),
    ],
    "provider writer {\n    kind: openai\n    url: env(\"LLM_URL\")\n    key: env(\"LLM_KEY\")\n    budget: 2.00usd\n    timeout: 30s\n}",
);

/// `rate: { requests: 60, per: 1m }`
pub const RATE: Signature = signature(
    "rate",
    "How often something may be asked.",
    "",
    &[
        absent("requests", Kind::Int { min: 1 }, "no limit", "Questions in that time."),
        absent(
            "tokens",
            Kind::Int { min: 1 },
            "no limit",
            "Tokens in that time, those of questions and answers together.",
        ),
        Parameter::new("per", Kind::Quantity(Measure::Duration), Default::Word("1m"), "The time."),
    ],
    "rate: { requests: 60, per: 1m }",
);
