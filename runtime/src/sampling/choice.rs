//! The next token out of a model's logits.

/// How the next token is chosen.
///
/// The logits are divided by the temperature; then all but the `top_k` likeliest tokens are left out; then all that are not needed for a
/// probability of `top_p`; what is left is drawn from by its probabilities. The order, and what becomes of equals, is that of Hugging Face's
/// `transformers`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Below 1, likely tokens become likelier; above it, all become more alike. At 0 the likeliest is taken, the first of equals.
    pub temperature: f64,
    /// How many of the likeliest tokens are chosen from (Fan and others, 2018); as many as the last of them are equally likely.
    pub top_k: Option<usize>,
    /// The likeliest tokens that together have this probability are chosen from (Holtzman and others, 2020), at least one.
    pub top_p: Option<f64>,
}

impl Default for Choice {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: None, top_p: None }
    }
}

/// What is wrong with a [`Choice`], or with the logits it is asked to choose by.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ChoiceError {
    /// A temperature that is none.
    #[error("the temperature is {0}, and is a number from 0 on: 0 takes the likeliest, 1 draws as the model says")]
    Temperature(f64),
    /// Nothing to choose from.
    #[error("`top_k` is 0, and so many of the likeliest tokens are chosen from: at least 1")]
    TopK,
    /// A probability that is none.
    #[error("`top_p` is {0}, and is a probability above 0 and at most 1")]
    TopP(f64),
    /// Logits of which nothing can be chosen.
    #[error("the model's answer is no number for any token: its weights are not usable")]
    NoNumber,
}

impl Choice {
    /// Whether the settings mean something.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), ChoiceError> {
        match self {
            Self { temperature, .. } if !(temperature.is_finite() && *temperature >= 0.0) => {
                Err(ChoiceError::Temperature(*temperature))
            }
            Self { top_k: Some(0), .. } => Err(ChoiceError::TopK),
            Self { top_p: Some(share), .. } if !(*share > 0.0 && *share <= 1.0) => Err(ChoiceError::TopP(*share)),
            _ => Ok(()),
        }
    }

    /// The tokens that may be chosen, each with its probability. Where something was left out, the likeliest stands first, of equals the one of the
    /// smaller number; otherwise they are in the order of their numbers. A logit that is no number is never chosen.
    ///
    /// # Errors
    /// Where no logit is a number.
    pub fn distribution(&self, logits: &[f32]) -> Result<Vec<(usize, f64)>, ChoiceError> {
        let usable = logits.iter().enumerate().filter(|(_, logit)| !logit.is_nan() && **logit > f32::NEG_INFINITY);
        let mut tokens: Vec<(usize, f64)> = usable.map(|(token, logit)| (token, f64::from(*logit))).collect();
        let likelier = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let Some(best) = tokens.iter().copied().min_by(likelier) else { return Err(ChoiceError::NoNumber) };
        if self.temperature == 0.0 || best.1 == f64::INFINITY {
            return Ok(vec![(best.0, 1.0)]);
        }
        if let Some(count) = self.top_k.filter(|count| *count < tokens.len()) {
            let (_, least, _) = tokens.select_nth_unstable_by(count - 1, likelier);
            let least = least.1;
            tokens.retain(|(_, logit)| *logit >= least);
        }
        if self.top_k.is_some() || self.top_p.is_some() {
            tokens.sort_unstable_by(likelier);
        }
        // Relative to the largest, so that nothing overflows however small the temperature is.
        tokens.iter_mut().for_each(|(_, logit)| *logit = ((*logit - best.1) / self.temperature).exp());
        normalize(&mut tokens);
        if let Some(share) = self.top_p.filter(|share| *share < 1.0) {
            let mut before = 0.0;
            let within = |(_, probability): &&(usize, f64)| {
                let kept = before < share;
                before += probability;
                kept
            };
            let kept = tokens.iter().take_while(within).count().max(1);
            tokens.truncate(kept);
            normalize(&mut tokens);
        }
        Ok(tokens)
    }

    /// The token at `draw`, a number from 0 up to 1 that was drawn evenly.
    ///
    /// # Errors
    /// Where no logit is a number.
    pub fn pick(&self, logits: &[f32], draw: f64) -> Result<usize, ChoiceError> {
        let tokens = self.distribution(logits)?;
        let mut sum = 0.0;
        let at = tokens.iter().find(|(_, probability)| {
            sum += probability;
            draw < sum
        });
        // A sum that was rounded down may end before the draw: then it is the last that has a probability at all.
        let chosen = at.or_else(|| tokens.iter().rfind(|(_, probability)| *probability > 0.0));
        chosen.map(|(token, _)| *token).ok_or(ChoiceError::NoNumber)
    }
}

fn normalize(tokens: &mut [(usize, f64)]) {
    let sum: f64 = tokens.iter().map(|(_, weight)| weight).sum();
    tokens.iter_mut().for_each(|(_, weight)| *weight /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits whose softmax is 0.5, 0.25, 0.125, 0.125, in another order.
    fn logits() -> Vec<f32> {
        [0.125f32, 0.5, 0.125, 0.25].iter().map(|p| p.ln() + 3.0).collect()
    }

    fn shown(choice: Choice) -> Vec<(usize, f64)> {
        let rounded = |(token, probability): (usize, f64)| (token, (probability * 1e6).round() / 1e6);
        choice.distribution(&logits()).unwrap().into_iter().map(rounded).collect()
    }

    #[test]
    fn the_temperature_comes_first() {
        let at = |temperature| Choice { temperature, ..Choice::default() };
        assert_eq!(shown(at(1.0)), [(0, 0.125), (1, 0.5), (2, 0.125), (3, 0.25)]);
        // p^(1/T): at T = 1/2 the squares, 1 : 16 : 1 : 4 of 22.
        assert_eq!(shown(at(0.5)), [(0, 0.045455), (1, 0.727273), (2, 0.045455), (3, 0.181818)]);
        assert_eq!(shown(at(0.0)), [(1, 1.0)]);
        // However small, nothing overflows.
        assert_eq!(shown(at(1e-300)).into_iter().find(|(_, p)| *p > 0.0), Some((1, 1.0)));
    }

    #[test]
    fn the_likeliest_are_kept_and_equals_with_them() {
        let top = |k| Choice { top_k: Some(k), ..Choice::default() };
        assert_eq!(shown(top(1)), [(1, 1.0)]);
        assert_eq!(shown(top(2)), [(1, 0.666667), (3, 0.333333)]);
        // The third and the fourth are equally likely: neither is left out for the other.
        assert_eq!(shown(top(3)), [(1, 0.5), (3, 0.25), (0, 0.125), (2, 0.125)]);
        assert_eq!(shown(top(99)).len(), 4);
    }

    #[test]
    fn a_share_is_reached_by_the_fewest_that_reach_it() {
        let top = |p| Choice { top_p: Some(p), ..Choice::default() };
        assert_eq!(shown(top(0.01)), [(1, 1.0)]);
        assert_eq!(shown(top(0.5)), [(1, 1.0)]);
        assert_eq!(shown(top(0.6)), [(1, 0.666667), (3, 0.333333)]);
        assert_eq!(shown(top(0.8)), [(1, 0.571429), (3, 0.285714), (0, 0.142857)]);
        assert_eq!(shown(top(1.0)).len(), 4);
    }

    #[test]
    fn a_share_is_of_what_temperature_and_number_left() {
        // Squares: 16 : 4 : 1 : 1. The two likeliest of them: 0.8 and 0.2, of which the first alone reaches 0.75; without the temperature it
        // would have 2/3.
        let choice = Choice { temperature: 0.5, top_k: Some(2), top_p: Some(0.75) };
        assert_eq!(shown(choice), [(1, 1.0)]);
        assert_eq!(shown(Choice { temperature: 1.0, ..choice }), [(1, 0.666667), (3, 0.333333)]);
    }

    #[test]
    fn as_often_as_it_is_likely() {
        let choice = Choice { top_k: Some(2), ..Choice::default() };
        let draws = 3000;
        // In the middles of equal parts, so that no rounding decides.
        let draw = |part: i32| (f64::from(part) + 0.5) / f64::from(draws);
        let count = (0..draws).filter(|part| choice.pick(&logits(), draw(*part)).unwrap() == 1).count();
        assert_eq!(count, 2000);
        assert_eq!(choice.pick(&logits(), 1.0 - f64::EPSILON), Ok(3));
        assert_eq!(Choice::default().pick(&[f32::NAN, f32::NEG_INFINITY, 1.0], 0.3), Ok(2));
        assert_eq!(Choice::default().pick(&[f32::NAN], 0.3), Err(ChoiceError::NoNumber));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        let wrong = |choice: Choice| choice.check().unwrap_err().to_string();
        assert!(wrong(Choice { temperature: -1.0, ..Choice::default() }).starts_with("the temperature is -1"));
        assert!(wrong(Choice { temperature: f64::NAN, ..Choice::default() }).starts_with("the temperature is NaN"));
        assert!(wrong(Choice { top_k: Some(0), ..Choice::default() }).starts_with("`top_k` is 0"));
        assert!(wrong(Choice { top_p: Some(1.5), ..Choice::default() }).starts_with("`top_p` is 1.5"));
        assert!(Choice { temperature: 0.0, top_k: Some(1), top_p: Some(1.0) }.check().is_ok());
    }
}
