//! Losses of order and likeness: what goes before what, and what is near to what.

use ndsl_grammar::Span;

use super::{Compared, LossDef, Losses, Maths, Teaches, loss, same, tensor};
use crate::check::Context;
use crate::diagnostics::{Code, Diagnostic};
use crate::ir::{Dim, Op, Reduction, Shape, Unary, ValueId};
use crate::settings::{float, signature};
use crate::signature::{Bounds, Parameter};

/// Added to squared lengths, so that nothing is divided by zero.
const SMALL: f64 = 1e-12;

/// What a loss puts in order, for metrics of order.
#[derive(Clone, Copy, Debug)]
pub enum Ranked {
    /// Scores: the right one's is to be higher.
    Scores {
        /// Of what goes first.
        right: ValueId,
        /// Of what does not.
        wrong: ValueId,
    },
    /// Vectors: the nearer goes first.
    Near {
        /// What they are near to.
        from: ValueId,
        /// What belongs to it.
        right: ValueId,
        /// What does not, where a row has it.
        wrong: Option<ValueId>,
        /// Of each row whether it belongs to it, where not in all.
        alike: Option<ValueId>,
    },
    /// Vectors: what has the smaller angle goes first.
    Along {
        /// What the angle is to.
        from: ValueId,
        /// What belongs to it.
        right: ValueId,
    },
}

/// Scores that are put in order, the highest first.
#[derive(Clone, Copy, Debug)]
pub enum Lists {
    /// Two for every place, of which the last is right: `[N, …, 2]`.
    Pairs(ValueId),
    /// Of each row one for every row of the batch, of which its own is right, and perhaps one more: `[N, N]` or `[N, N + 1]`.
    Neighbours {
        /// The scores.
        scores: ValueId,
        /// Of each row whether its own is right, where not in all: `[N]`.
        alike: Option<ValueId>,
    },
}

impl Ranked {
    /// The scores that are put in order; nothing where vectors are several a row.
    pub fn lists(self, cx: &mut Context<'_>, span: Span) -> Option<Lists> {
        let rank = |cx: &Context<'_>, id| cx.builder.shape(id).row().rank();
        let (from, right) = match self {
            Self::Scores { right, wrong } => {
                let mut column = |id: ValueId| {
                    let mut shape = cx.builder.shape(id).clone();
                    shape.0.push(Dim::Known(1));
                    cx.builder.node(Op::Reshape(shape), vec![id], span)
                };
                let both = vec![column(wrong), column(right)];
                let axis = cx.builder.shape(both[0]).rank() - 1;
                return Some(Lists::Pairs(cx.builder.node(Op::Concat { axis }, both, span)));
            }
            Self::Near { from, right, .. } | Self::Along { from, right } => (from, right),
        };
        if rank(cx, from) != 1 {
            return None;
        }
        let every = |cx: &mut Context<'_>, of: ValueId| {
            let across = cx.builder.node(Op::Transpose { permutation: vec![1, 0] }, vec![of], span);
            cx.builder.node(Op::MatMul, vec![from, across], span)
        };
        let products = every(cx, right);
        let mut maths = Maths { cx, span };
        let length = maths.square(right);
        let length = maths.last(Reduction::Sum, length);
        let (mut scores, mut among) = match self {
            Self::Along { .. } => {
                let length = maths.plus(length, SMALL);
                let length = maths.unary(Unary::Sqrt, length);
                (maths.divide(products, length), None)
            }
            // What is subtracted from all scores of a row alike, the length of what they are near to, changes no order.
            _ => {
                let twice = maths.times(products, 2.0);
                (maths.subtract(twice, length), None)
            }
        };
        if let Self::Near { wrong, alike, .. } = self {
            among = alike;
            if let Some(wrong) = wrong {
                let product = maths.multiply(from, wrong);
                let product = maths.last(Reduction::Sum, product);
                let twice = maths.times(product, 2.0);
                let length = maths.square(wrong);
                let length = maths.last(Reduction::Sum, length);
                let own = maths.subtract(twice, length);
                let column = cx.builder.node(Op::Reshape(Shape::batched([Dim::Known(1)])), vec![own], span);
                scores = cx.builder.node(Op::Concat { axis: 1 }, vec![scores, column], span);
            }
        }
        Some(Lists::Neighbours { scores, alike: among })
    }
}

const POSITIVE: Parameter = tensor("positive", "What goes first, or belongs to it.");
const NEGATIVE: Parameter = tensor("negative", "What does not.");

pub(super) const LOSSES: &[LossDef] = &[
    loss(
        signature(
            "bpr",
            "For order: minus the logarithm of the probability that the right one scores higher (Rendle and others, 2009).",
            "",
            &[POSITIVE, NEGATIVE],
            "bpr(output, output)",
        ),
        &["BPRLoss", "bpr_loss"],
        Teaches::Ranking,
        |cx, compared| {
            let [positive, negative] = same(cx, compared, ["positive", "negative"])?;
            let mut maths = Maths { cx, span: compared.span };
            let behind = maths.subtract(negative, positive);
            let loss = maths.unary(Unary::Softplus, behind);
            maths.among(loss, positive, Ranked::Scores { right: positive, wrong: negative })
        },
    ),
    loss(
        signature(
            "margin_ranking",
            "For order: how much the right one's score lacks to be higher by `margin`.",
            "",
            &[POSITIVE, NEGATIVE, float("margin", Bounds::NON_NEGATIVE, 1.0, "By how much it is to be higher.")],
            "margin_ranking(output, output, margin=0.5)",
        ),
        &["MarginRankingLoss", "pairwise_hinge"],
        Teaches::Ranking,
        |cx, compared| {
            let [positive, negative] = same(cx, compared, ["positive", "negative"])?;
            let margin = compared.arguments.float("margin");
            let mut maths = Maths { cx, span: compared.span };
            let behind = maths.subtract(negative, positive);
            let lacking = maths.plus(behind, margin);
            let loss = maths.unary(Unary::Relu, lacking);
            maths.among(loss, positive, Ranked::Scores { right: positive, wrong: negative })
        },
    ),
    loss(
        signature(
            "triplet",
            "For likeness: how much farther, by squares over the last axis, the wrong one should be than the right one.",
            "",
            &[
                tensor("anchor", "What both are compared with."),
                POSITIVE,
                NEGATIVE,
                float("margin", Bounds::NON_NEGATIVE, 1.0, "By how much it should be farther."),
            ],
            "triplet(output, output, output)",
        ),
        &["TripletMarginLoss", "triplet_loss"],
        Teaches::Ranking,
        |cx, compared| {
            let [anchor, positive, negative] = same(cx, compared, ["anchor", "positive", "negative"])?;
            let margin = compared.arguments.float("margin");
            let mut maths = Maths { cx, span: compared.span };
            let mut far = |other| {
                let difference = maths.subtract(anchor, other);
                let square = maths.square(difference);
                maths.last(Reduction::Sum, square)
            };
            let (near, far) = (far(positive), far(negative));
            let behind = maths.subtract(near, far);
            let lacking = maths.plus(behind, margin);
            let loss = maths.unary(Unary::Relu, lacking);
            maths.among(
                loss,
                anchor,
                Ranked::Near { from: anchor, right: positive, wrong: Some(negative), alike: None },
            )
        },
    ),
    loss(
        signature(
            "cosine",
            "For likeness: one minus the cosine of the angle between two vectors, over the last axis.",
            "",
            &[tensor("a", "The one.").also(&["output"]), tensor("b", "The other.").also(&["target"])],
            "cosine(output, output)",
        ),
        &["cosine_similarity", "CosineSimilarity", "CosineEmbeddingLoss"],
        Teaches::Ranking,
        |cx, compared| {
            let [a, b] = same(cx, compared, ["a", "b"])?;
            let product = dot(cx, compared, a, b);
            let (own, other) = (dot(cx, compared, a, a), dot(cx, compared, b, b));
            let mut maths = Maths { cx, span: compared.span };
            let lengths = maths.multiply(own, other);
            let lengths = maths.plus(lengths, SMALL);
            let length = maths.unary(Unary::Sqrt, lengths);
            let cosine = maths.divide(product, length);
            let loss = maths.from(1.0, cosine);
            maths.among(loss, a, Ranked::Along { from: a, right: b })
        },
    ),
    loss(
        signature(
            "contrastive",
            "For likeness: of what is alike the square of the distance over the last axis, of what is not the square of what that lacks to \
             `margin` (Hadsell, Chopra and LeCun, 2006).",
            "",
            &[
                tensor("a", "The one."),
                tensor("b", "The other."),
                tensor("alike", "1 where they belong together, 0 where they do not."),
                float("margin", Bounds::POSITIVE, 1.0, "How far apart is far enough."),
            ],
            "contrastive(output, output, churned)",
        ),
        &["contrastive_loss", "ContrastiveLoss"],
        Teaches::Ranking,
        contrastive,
    ),
];

fn contrastive(cx: &mut Context<'_>, compared: &Compared<'_>) -> Option<Losses> {
    let alike = compared.arguments.tensor("alike");
    let [a, b] = same(cx, compared, ["a", "b"])?;
    let alike = cx.to_float(alike?, compared.at("alike"));
    let margin = compared.arguments.float("margin");
    let mut maths = Maths { cx, span: compared.span };
    let difference = maths.subtract(a, b);
    let square = maths.square(difference);
    let square = maths.last(Reduction::Sum, square);
    let (found, wanted) = (maths.cx.builder.shape(alike).row(), maths.cx.builder.shape(square).row());
    if !found.agrees(&wanted) {
        let kind = |row: &Shape| if row.rank() == 0 { "one number a row".to_owned() } else { row.to_string() };
        let message =
            format!("`contrastive` compares {} of distances with `alike`, which is {}", kind(&wanted), kind(&found));
        let fault = Diagnostic::new(Code::LossMismatch, compared.at("alike"), message).label(kind(&found));
        cx.report_with_origin(fault.help("it says of each distance whether it is to be short"), alike);
        return None;
    }
    // The root has no slope at 0.
    let kept = maths.plus(square, SMALL);
    let distance = maths.unary(Unary::Sqrt, kept);
    let lacking = maths.from(margin, distance);
    let lacking = maths.unary(Unary::Relu, lacking);
    let apart = maths.square(lacking);
    let unlike = maths.from(1.0, alike);
    let (near, far) = (maths.multiply(alike, square), maths.multiply(unlike, apart));
    let loss = maths.add(near, far);
    maths.among(loss, a, Ranked::Near { from: a, right: b, wrong: None, alike: Some(alike) })
}

/// The products along the last axis, added.
fn dot(cx: &mut Context<'_>, compared: &Compared<'_>, a: ValueId, b: ValueId) -> ValueId {
    let mut maths = Maths { cx, span: compared.span };
    let product = maths.multiply(a, b);
    maths.last(Reduction::Sum, product)
}
