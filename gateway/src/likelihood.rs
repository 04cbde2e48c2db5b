//! How likely a model held the tokens of its own answer to be: the one measure of how sure it is, for what is asked of it
//! before a request is routed and for what is verified after it has answered.

use hearthgate_engines::TokenLogprob;

/// Over the tokens of an answer. What is no number makes all of it none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// The geometric mean of all.
    pub mean: f32,
    /// That of the least likely.
    pub least: f32,
}

impl Likelihood {
    /// Of these tokens; none where there are none.
    #[must_use]
    pub fn of(tokens: &[TokenLogprob]) -> Option<Self> {
        let least = tokens.iter().map(|token| token.logprob).reduce(lesser)?;
        #[expect(clippy::cast_precision_loss, reason = "an answer has far fewer tokens than 2^24")]
        let mean = tokens.iter().map(|token| token.logprob).sum::<f32>() / tokens.len() as f32;
        Some(Self { mean: mean.exp(), least: least.exp() })
    }

    /// The lesser of two answers' likelihoods.
    #[must_use]
    pub fn lesser(self, other: Self) -> Self {
        Self { mean: lesser(self.mean, other.mean), least: lesser(self.least, other.least) }
    }
}

/// What is no number is less than any.
fn lesser(one: f32, other: f32) -> f32 {
    if one.is_nan() || one < other { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(likelihoods: &[f32]) -> Vec<TokenLogprob> {
        let token = |likelihood: &f32| TokenLogprob {
            bytes: Vec::new(),
            offset: 0,
            logprob: likelihood.ln(),
            top: Vec::new(),
        };
        likelihoods.iter().map(token).collect()
    }

    #[test]
    fn both_measures_are_likelihoods() {
        assert_eq!(Likelihood::of(&[]), None);
        let Likelihood { mean, least } = Likelihood::of(&tokens(&[0.9, 0.1, 0.9])).unwrap();
        assert!((least - 0.1).abs() < 1e-6, "{least}");
        assert!((mean - 0.081_f32.cbrt()).abs() < 1e-6, "{mean}");
    }

    #[test]
    fn what_is_no_number_makes_all_of_it_none() {
        for place in 0..3 {
            let mut some = [0.5; 3];
            some[place] = f32::NAN;
            let Likelihood { mean, least } = Likelihood::of(&tokens(&some)).unwrap();
            assert!(mean.is_nan() && least.is_nan(), "{place}");
            let sound = Likelihood { mean: 0.5, least: 0.5 };
            assert!(sound.lesser(Likelihood { mean, least }).mean.is_nan());
            assert!(Likelihood { mean, least }.lesser(sound).least.is_nan());
        }
    }
}
