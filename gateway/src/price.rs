//! What a target's tokens cost. What is not known is no number: nobody may take it for nothing.

use crate::exchange::Tokens;

/// What a target's tokens cost, in USD per million.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Of the prompt.
    pub input_usd_per_million: f64,
    /// Of the answer.
    pub output_usd_per_million: f64,
    /// Where a long prompt makes all of the request dearer: from where on, and what it costs then.
    pub long: Option<LongRate>,
}

/// What all tokens of a request with a long prompt cost, in USD per million.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LongRate {
    /// Prompts of more tokens are long.
    pub above_tokens: u64,
    /// Of the prompt.
    pub input_usd_per_million: f64,
    /// Of the answer.
    pub output_usd_per_million: f64,
}

impl Rate {
    /// What these tokens cost.
    #[must_use]
    pub fn cost_usd(self, tokens: Tokens) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
        let millions = |count: u64| count as f64 / 1e6;
        let (input, output) = match self.long.filter(|long| tokens.input > long.above_tokens) {
            Some(long) => (long.input_usd_per_million, long.output_usd_per_million),
            None => (self.input_usd_per_million, self.output_usd_per_million),
        };
        millions(tokens.input) * input + millions(tokens.output) * output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_prompt_makes_all_of_it_dearer() {
        let long = LongRate { above_tokens: 1000, input_usd_per_million: 4.0, output_usd_per_million: 20.0 };
        let rate = Rate { input_usd_per_million: 2.0, output_usd_per_million: 10.0, long: Some(long) };
        let cost = |input, output| (rate.cost_usd(Tokens { input, output }) * 1e6).round();
        assert_eq!(cost(1000, 100), 3000.0);
        assert_eq!(cost(1001, 100), 6004.0);
        assert_eq!(Rate { long: None, ..rate }.cost_usd(Tokens::default()), 0.0);
    }
}
