//! Exact bounds for a share: Clopper and Pearson, «The use of confidence or fiducial limits», 1934.
//!
//! They hold for however few prompts, where drawing anew would say that nothing can ever go wrong because it has not yet.
//! A mean of numbers in 0..1 gets those of a share with the same mean, which spreads at least as far (Bhatia and Davis 2000).

use super::Interval;

/// Which part of the draws lies beyond each end of an interval of 95 %.
const TAIL: f64 = 0.025;

/// What counts as nothing: sums of fractions are not exact.
const NEAR: f64 = 1e-9;

/// The 95 % bounds of `sum / of`, a sum over so many numbers in 0..1.
#[must_use]
pub fn bounds(sum: f64, of: f64) -> Interval {
    let rest = of - sum;
    let low = if sum < NEAR { 0.0 } else { beta_quantile(TAIL, sum, rest.max(0.0) + 1.0) };
    let high = if rest < NEAR { 1.0 } else { beta_quantile(1.0 - TAIL, sum.max(0.0) + 1.0, rest) };
    (low, high)
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

/// Steps of the fraction: it takes about the root of the larger shape, and a file has a million lines at most.
const STEPS_MAX: u32 = 5000;

/// The regularised incomplete beta function: its continued fraction (DLMF 8.17.22), by Lentz's method.
fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return f64::from(u8::from(x >= 1.0));
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_cdf(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..STEPS_MAX {
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

    fn near((low, high): Interval, expected: Interval) -> bool {
        (low - expected.0).abs() < 1e-6 && (high - expected.1).abs() < 1e-6
    }

    #[test]
    fn bounds_are_the_published_ones() {
        // Closed forms at the ends, 0.025^(1/n); those between from tables of the method.
        for (sum, of, expected) in [
            (0.0, 1.0, (0.0, 0.975)),
            (1.0, 1.0, (0.025, 1.0)),
            (0.0, 6.0, (0.0, 0.459_258_1)),
            (1.0, 10.0, (0.002_528_6, 0.445_016_1)),
            (10.0, 10.0, (0.691_502_9, 1.0)),
            (0.0, 100.0, (0.0, 0.036_216_7)),
            (50.0, 100.0, (0.398_321_1, 0.601_678_9)),
        ] {
            assert!(near(bounds(sum, of), expected), "{sum} of {of}: {:?}", bounds(sum, of));
        }
    }

    #[test]
    fn bounds_hold_the_tails_of_the_binomial() {
        // What defines them: at the lower bound as many hits or more come up in 2.5 % of all draws.
        let (low, high) = bounds(37.0, 1200.0);
        assert!((1.0 - below(37, 1200, low) - TAIL).abs() < 1e-9);
        assert!((below(38, 1200, high) - TAIL).abs() < 1e-9);
    }

    /// The chance of fewer than `hits`.
    fn below(hits: u32, total: u32, p: f64) -> f64 {
        let term = |k: u32| {
            let choose: f64 = (0..k).map(|i| (f64::from(total - i) / f64::from(i + 1)).ln()).sum();
            (choose + f64::from(k) * p.ln() + f64::from(total - k) * (-p).ln_1p()).exp()
        };
        (0..hits).map(term).sum()
    }

    #[test]
    fn a_sum_of_fractions_lies_between_its_neighbours_and_on_both_sides_alike() {
        let (under, half, over) = (bounds(2.0, 10.0), bounds(2.5, 10.0), bounds(3.0, 10.0));
        assert!(under.0 < half.0 && half.0 < over.0 && under.1 < half.1 && half.1 < over.1);
        let (low, high) = bounds(7.5, 10.0);
        assert!(near((1.0 - high, 1.0 - low), half));
        // Sums of fractions stray: they are nothing and everything all the same.
        assert!(
            near(bounds(1e-12, 4.0), bounds(0.0, 4.0)) && near(bounds(4.0 + 1e-12, 4.0), bounds(4.0, 4.0))
        );
    }

    #[test]
    fn a_million_is_as_good_as_the_normal_approximation() {
        let (low, high) = bounds(300_000.0, 1e6);
        let half = 1.959_964 * (0.3_f64 * 0.7 / 1e6).sqrt();
        assert!((low - (0.3 - half)).abs() < 2e-6 && (high - (0.3 + half)).abs() < 2e-6, "{low} {high}");
    }
}
