//! Exact bounds for a share: Clopper and Pearson, «The use of confidence or fiducial limits», 1934.

/// How many of how many.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// How many are counted.
    pub hits: u32,
    /// Of how many.
    pub total: u32,
}

impl Share {
    /// Counts one more.
    pub fn add(&mut self, hit: bool) {
        self.total += 1;
        self.hits += u32::from(hit);
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, total: self.total + other.total }
    }

    /// The share in 0..1; zero of none is zero.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.total == 0 { 0.0 } else { f64::from(self.hits) / f64::from(self.total) }
    }

    /// The 95% bounds of the share.
    #[must_use]
    pub fn bounds(self) -> (f64, f64) {
        let (hits, misses) = (f64::from(self.hits), f64::from(self.total.saturating_sub(self.hits)));
        let low = if self.hits == 0 { 0.0 } else { beta_quantile(0.025, hits, misses + 1.0) };
        let high = if self.hits >= self.total { 1.0 } else { beta_quantile(0.975, hits + 1.0, misses) };
        (low, high)
    }
}

/// The point below which a beta distribution has the share `p`, by halving.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta_cdf(middle, a, b) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function. DLMF 8.17.22, the continued fraction, by Lentz's method.
fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return f64::from(u8::from(x >= 1.0));
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_cdf(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp() / a;
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() < 1e-14 * fraction.abs() {
            break;
        }
    }
    front * fraction
}

/// The logarithm of the gamma function for `x` > 0: Stirling's series (DLMF 5.11.1) after lifting `x`.
fn ln_gamma(x: f64) -> f64 {
    let (mut lifted, mut shift) = (x, 0.0);
    while lifted < 12.0 {
        shift += lifted.ln();
        lifted += 1.0;
    }
    let inverse = 1.0 / lifted;
    let square = inverse * inverse;
    let series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    (lifted - 0.5) * lifted.ln() - lifted + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_published_ones() {
        // Closed forms at the ends; the middle ones from standard tables of the method.
        let table = [
            (0, 100, 0.0, 0.036_216_7),
            (0, 1, 0.0, 0.975),
            (1, 1, 0.025, 1.0),
            (1, 10, 0.002_528_6, 0.445_016_1),
            (50, 100, 0.398_321_1, 0.601_678_9),
            (10, 10, 0.691_502_9, 1.0),
        ];
        for (hits, total, low, high) in table {
            let (got_low, got_high) = Share { hits, total }.bounds();
            assert!((got_low - low).abs() < 1e-6, "{hits}/{total}: {got_low}");
            assert!((got_high - high).abs() < 1e-6, "{hits}/{total}: {got_high}");
        }
    }

    #[test]
    fn bounds_hold_the_tails_of_the_binomial() {
        // What defines them: at the lower bound, as many hits or more come up in 2.5% of all draws.
        let (hits, total) = (37_u32, 1200_u32);
        let (low, high) = Share { hits, total }.bounds();
        assert!((1.0 - below(hits, total, low) - 0.025).abs() < 1e-9);
        assert!((below(hits + 1, total, high) - 0.025).abs() < 1e-9);
    }

    /// The chance of fewer than `hits`.
    fn below(hits: u32, total: u32, p: f64) -> f64 {
        let term = |k: u32| {
            let choose: f64 = (0..k).map(|i| (f64::from(total - i) / f64::from(i + 1)).ln()).sum();
            (choose + f64::from(k) * p.ln() + f64::from(total - k) * (1.0 - p).ln()).exp()
        };
        (0..hits).map(term).sum()
    }

    #[test]
    fn nothing_of_nothing_is_unknown() {
        assert_eq!(Share::default().bounds(), (0.0, 1.0));
    }
}
