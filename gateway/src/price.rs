//! What a target's tokens cost. What is not known is no number: nobody may take it for nothing.

use crate::exchange::Tokens;

/// What a target's tokens cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Of any request, or of one whose prompt is not long.
    pub usual: Prices,
    /// Where a long prompt makes all of the request dearer: prompts of more tokens than this, and what they cost.
    pub long: Option<(u64, Prices)>,
}

/// USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prices {
    /// Of the prompt.
    pub input: f64,
    /// Of the answer.
    pub output: f64,
    /// Of the prompt, where the provider read it from its cache; none: as the rest of it.
    pub cached: Option<f64>,
    /// Of the prompt, where the provider put it into its cache; none: as the rest of it.
    pub written: Option<f64>,
}

impl Rate {
    /// What these tokens cost.
    #[must_use]
    pub fn cost_usd(self, tokens: Tokens) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
        let millions = |count: u64| count as f64 / 1e6;
        let Prices { input, output, cached, written } = match self.long {
            Some((above, long)) if tokens.input > above => long,
            _ => self.usual,
        };
        // They are of the prompt, whatever a provider says.
        let from_cache = tokens.cached.min(tokens.input);
        let to_cache = tokens.written.min(tokens.input - from_cache);
        millions(tokens.input - from_cache - to_cache) * input
            + millions(from_cache) * cached.unwrap_or(input)
            + millions(to_cache) * written.unwrap_or(input)
            + millions(tokens.output) * output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Prices = Prices { input: 2.0, output: 10.0, cached: None, written: None };

    fn cost(rate: Rate, tokens: Tokens) -> f64 {
        (rate.cost_usd(tokens) * 1e6).round()
    }

    #[test]
    fn a_long_prompt_makes_all_of_it_dearer() {
        let rate = Rate { usual: USUAL, long: Some((1000, Prices { input: 4.0, output: 20.0, ..USUAL })) };
        let tokens = |input| Tokens { input, output: 100, ..Tokens::default() };
        assert_eq!(cost(rate, tokens(1000)), 3000.0);
        assert_eq!(cost(rate, tokens(1001)), 6004.0);
        assert_eq!(cost(rate, Tokens::default()), 0.0);
    }

    #[test]
    fn what_came_from_a_cache_has_its_own_price_or_the_prompts() {
        let tokens = Tokens { input: 1000, cached: 600, written: 300, ..Tokens::default() };
        let rate = |cached, written| Rate { usual: Prices { cached, written, ..USUAL }, long: None };
        assert_eq!(cost(rate(None, None), tokens), 2000.0);
        assert_eq!(cost(rate(Some(0.2), Some(2.5)), tokens), 200.0 + 120.0 + 750.0);
        // What a provider says beyond its prompt does not count.
        assert_eq!(cost(rate(None, None), Tokens { input: 1, ..tokens }), 2.0);
        let hostile = Tokens { input: 10, cached: u64::MAX, written: u64::MAX, ..Tokens::default() };
        assert_eq!(cost(rate(Some(0.2), Some(2.5)), hostile), 2.0);
    }
}
