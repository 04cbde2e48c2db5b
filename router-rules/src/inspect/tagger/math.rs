//! The few functions that the platform's library may compute differently from machine to machine.

/// e^x to seven digits, by multiplications and additions alone.
fn exp(x: f32) -> f32 {
    let scaled = x.clamp(-80.0, 80.0) * std::f32::consts::LOG2_E;
    let whole = scaled.floor();
    let rest = (scaled - whole) * std::f32::consts::LN_2;
    // Taylor's series; `rest` is below 0.7.
    let mut sum = 1.0;
    for divisor in [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sum = 1.0 + sum * rest / divisor;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 7 and 243")]
    let exponent = (whole + 127.0) as u32;
    sum * f32::from_bits(exponent << 23)
}

/// 1 / (1 + e^-x); what is no number counts as 1, the careful side.
pub(super) fn sigmoid(x: f32) -> f32 {
    if x.is_nan() { 1.0 } else { 1.0 / (1.0 + exp(-x)) }
}

/// Shares that sum to 1.
pub(super) fn softmax<const N: usize>(values: [f32; N]) -> [f32; N] {
    let greatest = values.iter().copied().fold(f32::MIN, f32::max);
    let shares = values.map(|value| exp(value - greatest));
    let sum: f32 = shares.iter().sum();
    shares.map(|share| share / sum)
}

#[cfg(test)]
mod tests {
    use super::{exp, sigmoid, softmax};

    #[test]
    fn exp_agrees_with_the_library() {
        for step in -600..600_i16 {
            let x = f32::from(step) / 10.0;
            let expected = x.exp();
            assert!((exp(x) - expected).abs() <= expected * 1e-5, "{x}");
        }
    }

    #[test]
    fn what_is_no_number_counts_as_certain() {
        assert!(sigmoid(f32::NAN) >= 1.0);
        assert!(sigmoid(f32::NEG_INFINITY) < 1e-6);
    }

    #[test]
    fn shares_sum_to_one() {
        let shares = softmax([1.0, 2.0, 3.0]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(shares[2] > shares[1] && shares[1] > shares[0]);
    }
}
