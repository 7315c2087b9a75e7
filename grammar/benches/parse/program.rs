//! The programs that are measured.

use ndsl_grammar::{Parse, TokenKind, lex};
use std::collections::HashSet;
use std::fmt::Write;

/// One of everything, as people write it; `#` stands for a number.
const WHOLE: &str = r#"/// A block with a number.
block Encoder#(heads: int, rate: float = 0.25, act: activation = gelu) {
    residual { LayerNormalization(); MultiHeadAttention(heads, use_causal_mask=true); Dropout(rate) }
    residual {
        LayerNormalization()
        Dense(4 * it.shape[-1], activation=act)    // wide
        Dense(it.shape[-1])
    }
}

model Gpt#(vocab: int, d: int = 128, depth: int = 4, heads: int = 4) {
    input tokens: i64[T]
    check T <= 1024
    share tok = Embedding(vocab, d)
    tokens |> tok() as e
    e + (positions(tokens) |> Embedding(1024, d))
    repeat depth as i {
        Encoder#(heads, rate=0.1) as hidden
        if i % 2 == 0 { Dropout(0.1) } else { GaussianNoise(0.2) }
    }
    repeat [(64, 3, 1), (128, 4, 2)] as (f, n, stride) { Conv1D(f, n, strides=stride, padding=same) }
    branch { a: { Dense(10) } b: { Dense(d//2, activation="relu") } } |> concat(axis=-1)
    LayerNormalization()
    output first = hidden[-1][0, 1..d - 1]
    output logits = it @ transpose(tok.embeddings)
}

schema Shop# {
    table Customer {
        id:      uuid key
        email:   email unique
        age:     int in 18..=95              ~ normal(41, 14)
        plan:    enum { free: 70%, pro: 25%, team: 5% }
        phone:   phone? null 30%
        signup:  date in 2019-01-01..=2026-01-01
        code:    string matches "[A-Z]{3}-[0-9]{4}" unique
        churned: bool                        ~ bernoulli(if plan == free { 0.3 } else { 0.05 })
    }
    table Order {
        id:       int key
        customer: ref Customer               ~ per_parent(poisson(3))
        total:    decimal(2)                 = quantity * price
        check shipped == null or shipped >= placed
    }
    correlate Customer(age, income) = 0.4
}

const width# = # ** 2 + 1
dataset People#: Shop#.Customer = csv("customers.csv", columns=[age, plan], target=churned)

train t# {
    model: Gpt#(vocab=1000), dataset: People#
    inputs: { image: image / 255 }
    loss: cross_entropy(logits, label)
    optimizer: AdamW(learning_rate=tune(1e-4..1e-2, scale=log), weight_decay=0.01)
    early_stopping: { monitor: val_loss, patience: 3 }
    epochs: 10, batch_size: 64, seed: 42
}

deploy api# { model: Gpt#, from: t#.best, replicas: 2, batching: { max: 32, wait: 2ms } }
assert Gpt#.parameters < 1_000_000

"#;

/// Layers, settings and constants, which are most of what most files hold.
const FLAT: &str = r#"/// Model #.
model M#(width: int = 32, rate: float = 0.25) {
    input image: f32[28, 28, 1]            // the batch is implicit
    Conv2D(filters=width * 2, kernel_size=3, activation=relu) as first
    MaxPooling2D(2)
    hidden = (first + it * 0.5) |> Dense(width//2 + 1, activation="relu")
    Flatten()
    Dropout(rate)
    Dense(10) as logits
}

const c# = # ** 2 + 1

train t# {
    model: M#(width=16), dataset: Mnist
    inputs: { image: image / 255 }
    loss: cross_entropy(logits, label)
    optimizer: AdamW(learning_rate=1e-3)
    epochs: 10, seed: 42
}

"#;

/// The whole language, over and over, up to so many bytes.
pub(crate) fn whole(bytes: usize) -> String {
    repeated(WHOLE, bytes)
}

/// What most files hold, over and over, up to so many bytes.
pub(crate) fn flat(bytes: usize) -> String {
    repeated(FLAT, bytes)
}

fn repeated(part: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + part.len());
    let mut number = 0;
    while text.len() < bytes {
        let mut pieces = part.split('#');
        text.push_str(pieces.next().unwrap_or(""));
        for piece in pieces {
            write!(text, "{number}{piece}").expect("a string takes all");
        }
        number += 1;
    }
    text
}

/// A program with tokens missing.
pub(crate) struct Broken {
    pub(crate) text: String,
    /// How many declarations it had.
    pub(crate) declarations: usize,
    /// The names of those that lost nothing.
    intact: HashSet<String>,
}

impl Broken {
    /// How many of the declarations that lost nothing are not in the tree, or have no name there.
    pub(crate) fn lost(&self, parse: &Parse) -> usize {
        let found: HashSet<&str> = parse.file.declarations.iter().filter_map(name).collect();
        self.intact.iter().filter(|name| !found.contains(name.as_str())).count()
    }
}

/// `text` without every token that `one_in` falls on, drawn evenly but always the same.
pub(crate) fn with_tokens_deleted(text: &str, one_in: u32) -> Broken {
    let tokens = lex(text);
    let parse = ndsl_grammar::parse(text, ndsl_grammar::FileId(0));
    let mut deleted = Vec::new();
    let mut random = 1_u32;
    for token in tokens.iter().filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::DocComment)) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        if random.is_multiple_of(one_in) {
            deleted.push(token.range());
        }
    }
    let whole = |span: std::ops::Range<usize>| !deleted.iter().any(|gone| span.contains(&gone.start));
    let declarations = &parse.file.declarations;
    let intact =
        declarations.iter().filter(|own| whole(own.span.range())).filter_map(name).map(str::to_owned).collect();
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for range in &deleted {
        left.push_str(&text[at..range.start]);
        at = range.end;
    }
    left.push_str(&text[at..]);
    Broken { text: left, declarations: declarations.len(), intact }
}

/// The name of a declaration that was read.
fn name(declaration: &ndsl_grammar::ast::Declaration) -> Option<&str> {
    use ndsl_grammar::ast::DeclarationKind as D;
    let name = match &declaration.kind {
        D::Block(model) | D::Model(model) => &model.name,
        D::Schema(schema) => &schema.name,
        D::Const { name, .. }
        | D::Dataset { name, .. }
        | D::Train { name, .. }
        | D::Synthesizer { name, .. }
        | D::Deploy { name, .. }
        | D::Provider { name, .. } => name,
        D::Use(_) | D::Assert { .. } | D::Error { .. } => return None,
    };
    Some(&name.text)
}
