//! Attention.

use super::tensor::Tensor;

/// What decides which keys a query sees.
pub(super) struct Sight<'a> {
    pub(super) causal: bool,
    pub(super) mask: Option<&'a Tensor>,
}

/// `factors` are what each weight `[N, h, T, S]` is multiplied by, in training with dropout.
pub(super) fn attend(
    [q, k, v]: [&Tensor; 3],
    sight: &Sight<'_>,
    scale: f64,
    factors: Option<&Tensor>,
) -> Result<Tensor, String> {
    let [([n, heads, queries, depth], [_, groups, keys, key_depth]), (_, [_, value_groups, values, width])] =
        [(four(q)?, four(k)?), (four(k)?, four(v)?)];
    let agree = depth == key_depth && keys == values && groups == value_groups && groups > 0 && heads % groups == 0;
    if !agree || [k.shape[0], v.shape[0]] != [n; 2] {
        return Err(format!("queries {:?}, keys {:?}, values {:?}", q.shape, k.shape, v.shape));
    }
    let whole = [n, heads, queries, keys];
    if let Some(mask) = sight.mask {
        super::arrange::expand(mask, &whole)?;
    }
    let each = heads / groups;
    let mut weights = Vec::with_capacity(n * heads * queries);
    for row in 0..n {
        for head in 0..heads {
            for query in 0..queries {
                let score = |key: usize| {
                    let seen = sight.mask.is_none_or(|mask| mask.broadcast_at(&[row, head, query, key]) != 0.0);
                    if !seen || (sight.causal && key > query) {
                        return f64::NEG_INFINITY;
                    }
                    let at = |i: usize| q.at(&[row, head, query, i]) * k.at(&[row, head / each, key, i]);
                    scale * (0..depth).map(at).sum::<f64>()
                };
                weights.push(shares(&(0..keys).map(score).collect::<Vec<f64>>()));
            }
        }
    }
    Ok(Tensor::build(q.element, vec![n, heads, queries, width], |index| {
        let [row, head, query, column] = *index else { return f64::NAN };
        let weights = &weights[(row * heads + head) * queries + query];
        let kept = |key: usize| factors.map_or(1.0, |factors| factors.at(&[row, head, query, key]));
        (0..keys).map(|key| weights[key] * kept(key) * v.at(&[row, head / each, key, column])).sum()
    }))
}

/// The softmax of the scores; all 0 where all are minus infinity.
fn shares(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return vec![0.0; scores.len()];
    }
    let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn four(x: &Tensor) -> Result<[usize; 4], String> {
    x.shape[..].try_into().map_err(|_| format!("{:?} is not [N, heads, T, d]", x.shape))
}
