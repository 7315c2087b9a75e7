//! Cross-entropy of labels: the softmax and its logarithm in one pass, of which the gradient needs the softmax alone.

use super::math::exp;
use super::{each_rows, each_rows_of_two, largest, sum, vectored};

/// For rows of `classes` logits: the loss of each row, and the probability of each class.
pub fn forward(logits: &[f32], classes: usize, labels: &[i64]) -> (Vec<f32>, Vec<f32>) {
    let mut losses = vec![0.0; labels.len()];
    let mut probabilities = vec![0.0; logits.len()];
    each_rows_of_two([&mut losses, &mut probabilities], [1, classes], classes, |from, losses, probabilities| {
        forward_rows(&logits[from * classes..], &labels[from..], classes, losses, probabilities);
    });
    (losses, probabilities)
}

/// The gradient of the logits from that of each row's loss; the probabilities become it.
pub fn backward(probabilities: &mut [f32], classes: usize, labels: &[i64], gradient: &[f32]) {
    each_rows(probabilities, classes, classes, |from, rows| {
        backward_rows(rows, &labels[from..], classes, &gradient[from..]);
    });
}

vectored! {
    fn forward_rows(logits: &[f32], labels: &[i64], classes: usize, losses: &mut [f32], probabilities: &mut [f32]) {
        let rows = logits.chunks_exact(classes).zip(probabilities.chunks_exact_mut(classes));
        for ((loss, label), (row, shares)) in losses.iter_mut().zip(labels).zip(rows) {
            let most = largest(row);
            for (share, logit) in shares.iter_mut().zip(row) {
                *share = exp(*logit - most);
            }
            let whole = sum(shares);
            let factor = 1.0 / whole;
            for share in shares.iter_mut() {
                *share *= factor;
            }
            // Labels were checked before they came here.
            let own = row.get(*label as usize).copied().unwrap_or(f32::NAN);
            *loss = whole.ln() - (own - most);
        }
    }

    fn backward_rows(probabilities: &mut [f32], labels: &[i64], classes: usize, gradient: &[f32]) {
        for ((row, label), gradient) in probabilities.chunks_exact_mut(classes).zip(labels).zip(gradient) {
            if let Some(own) = row.get_mut(*label as usize) {
                *own -= 1.0;
            }
            for share in row {
                *share *= gradient;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_what_differences_say() {
        let logits = [0.5, -1.0, 2.0, 0.0, 30.0, -30.0];
        let labels = [2, 1];
        let (losses, mut gradient) = forward(&logits, 3, &labels);
        let whole = [0.5f64, -1.0, 2.0].iter().map(|x| x.exp()).sum::<f64>();
        assert!((f64::from(losses[0]) - (whole.ln() - 2.0)).abs() < 1e-6);
        assert!(losses[1].abs() < 1e-6);
        backward(&mut gradient, 3, &labels, &[1.0, 2.0]);
        for place in 0..6 {
            let at = |by: f32| {
                let mut moved = logits;
                moved[place] += by;
                let losses = forward(&moved, 3, &labels).0;
                losses[0] + 2.0 * losses[1]
            };
            let difference = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((gradient[place] - difference).abs() < 1e-3, "{place}: {} and {difference}", gradient[place]);
        }
    }
}
