//! The network: rows summed per token, four convolutions, a head per token and heads per window.
//!
//! Sums are of integers or of 32-bit floats in a fixed order, without fused operations, so that the same text
//! reads the same on every machine. It is compiled to vector instructions by itself: rows are arrays.

use super::feature::{self, Sink};
use super::math::{sigmoid, softmax};
use super::token::Token;
use super::weights::{Layer, Weights};
use super::{Language, TOPICS};

/// Numbers per row of the table.
pub(super) const WIDTH: usize = 32;
/// Numbers per token between the layers.
pub(super) const HIDDEN: usize = 64;
/// Numbers per token that are pooled over a window.
pub(super) const POOL: usize = 96;
/// Numbers per window.
pub(super) const MIXED: usize = 64;
/// Nothing, and the first and a further token of each kind of entity.
pub(super) const TAGS: usize = 7;
/// Private or not, and the topics.
pub(super) const OUTPUTS: usize = 1 + TOPICS.len();

/// Tokens per window, and from one window to the next.
pub(super) const WINDOW: usize = 64;
const STRIDE: usize = 32;

/// Tokens that are worked on at once, a multiple of the stride; and how far a token sees to either side.
const BLOCK: usize = 1024;
const SIGHT: usize = 15;

type Row<const N: usize> = [f32; N];

/// What the network says of a window of tokens.
pub(super) struct WindowReading {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) private: f32,
    pub(super) topics: [f32; TOPICS.len()],
    pub(super) languages: [f32; Language::COUNT],
}

/// What the network says of a text.
#[derive(Default)]
pub(super) struct Output {
    /// Per token: the likeliest tag and how likely its kind is, where it has one.
    pub(super) tags: Vec<(usize, f32)>,
    pub(super) windows: Vec<WindowReading>,
}

/// Runs the network over the tokens of a text.
pub(super) fn run(weights: &Weights, text: &str, tokens: &[Token]) -> Output {
    let mut output = Output { tags: Vec::with_capacity(tokens.len()), windows: Vec::new() };
    // The last window ends where the text ends.
    let last_window = tokens.len().saturating_sub(WINDOW);
    for begin in (0..tokens.len()).step_by(BLOCK) {
        let end = (begin + BLOCK).min(tokens.len());
        // The windows that begin in this block reach into the next.
        let block = Block::new(weights, text, tokens, begin, (end + WINDOW).min(tokens.len()));
        block.tag(weights, end - begin, &mut output.tags);
        let regular = (begin..end.min(last_window)).step_by(STRIDE);
        let last = Some(last_window).filter(|last| (begin..end).contains(last));
        for first in regular.chain(last) {
            let window = block.window(weights, begin, first, (first + WINDOW).min(tokens.len()));
            output.windows.push(window);
        }
    }
    output
}

/// Some tokens, seen through the layers.
struct Block {
    near: Vec<Row<HIDDEN>>,
    deep: Vec<Row<HIDDEN>>,
    pooled: Vec<Row<POOL>>,
}

impl Block {
    /// Of the tokens from `begin` to `end`; those around them are looked at too, as far as they matter.
    fn new(weights: &Weights, text: &str, tokens: &[Token], begin: usize, end: usize) -> Self {
        let low = begin.saturating_sub(SIGHT);
        let high = (end + SIGHT).min(tokens.len());
        let mut rows = vec![[0.0; WIDTH]; high - low + 2];
        for (place, row) in (low..high).zip(rows.iter_mut().skip(1)) {
            let Some(token) = tokens.get(place) else { continue };
            let before = place.checked_sub(1).and_then(|place| tokens.get(place));
            let mut sums = Sums { weights, whole: [0; WIDTH], pieces: [0; WIDTH], count: 0 };
            feature::features(text, before, token, tokens.get(place + 1), &mut sums);
            sums.finish(row);
        }
        let near = convolve(&rows, 1, &weights.first, 2);
        let mut middle = convolve(&near, 2, &weights.second, 4);
        add(&mut middle, 4, &near, 2);
        let mut far = convolve(&middle, 4, &weights.third, 8);
        add(&mut far, 8, &middle, 4);
        let mut deep = convolve(&far, 8, &weights.fourth, 0);
        add(&mut deep, 0, &far, 8);
        let own = begin - low..end - low;
        let near = near.get(own.start + 2..own.end + 2).map(<[_]>::to_vec).unwrap_or_default();
        let deep = deep.get(own).map(<[_]>::to_vec).unwrap_or_default();
        let pooled = deep.iter().map(|row| positive(linear(row, &weights.pool))).collect();
        Self { near, deep, pooled }
    }

    fn tag(&self, weights: &Weights, count: usize, tags: &mut Vec<(usize, f32)>) {
        for row in self.deep.iter().take(count) {
            let votes = linear(row, &weights.tag);
            let mut best = (0, f32::MIN);
            for (tag, vote) in votes.into_iter().enumerate() {
                if vote > best.1 {
                    best = (tag, vote);
                }
            }
            if best.0 == 0 {
                tags.push((0, 1.0));
                continue;
            }
            let shares = softmax(votes);
            // The first and a further token of a kind speak for it together.
            let twin = if best.0 % 2 == 1 { best.0 + 1 } else { best.0 - 1 };
            let share = |tag: usize| shares.get(tag).copied().unwrap_or_default();
            tags.push((best.0, share(best.0) + share(twin)));
        }
    }

    fn window(&self, weights: &Weights, begin: usize, first: usize, last: usize) -> WindowReading {
        let own = first - begin..last - begin;
        let (mut greatest, mut sum) = ([0.0_f32; POOL], [0.0_f32; POOL]);
        for row in self.pooled.get(own.clone()).unwrap_or_default() {
            for ((greatest, sum), value) in greatest.iter_mut().zip(&mut sum).zip(row) {
                *greatest = if *value > *greatest { *value } else { *greatest };
                *sum += value;
            }
        }
        let mut near = [0.0_f32; HIDDEN];
        for row in self.near.get(own).unwrap_or_default() {
            for (sum, value) in near.iter_mut().zip(row) {
                *sum += value;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a window's tokens are few")]
        let count = (last - first).max(1) as f32;
        let mut features = [0.0; 2 * POOL];
        let sums = sum.iter().map(|sum| sum / count);
        for (feature, value) in features.iter_mut().zip(greatest.iter().copied().chain(sums)) {
            *feature = value;
        }
        let mixed = positive(linear(&features, &weights.mix));
        let outputs = linear(&mixed, &weights.out).map(sigmoid);
        let (private, topics) =
            outputs.split_first_chunk::<1>().map_or((1.0, [1.0; TOPICS.len()]), |(one, rest)| {
                (one[0], rest.first_chunk().copied().unwrap_or([1.0; TOPICS.len()]))
            });
        let languages = softmax(linear(&near.map(|sum| sum / count), &weights.language));
        WindowReading { first, last, private, topics, languages }
    }
}

/// The sums of a token's rows, in integers.
struct Sums<'w> {
    weights: &'w Weights,
    whole: [i16; WIDTH],
    pieces: [i16; WIDTH],
    count: u16,
}

impl Sink for Sums<'_> {
    fn whole(&mut self, hash: u32) {
        accumulate(&mut self.whole, self.weights.row(hash));
    }

    fn piece(&mut self, hash: u32) {
        accumulate(&mut self.pieces, self.weights.row(hash));
        self.count += 1;
    }
}

impl Sums<'_> {
    fn finish(&self, row: &mut Row<WIDTH>) {
        let share = 1.0 / f32::from(self.count.max(1)).sqrt();
        for ((value, whole), pieces) in row.iter_mut().zip(self.whole).zip(self.pieces) {
            *value = self.weights.scale * (f32::from(whole) + share * f32::from(pieces));
        }
    }
}

/// INVARIANT: a token has fewer than 200 features, so that the sums stay below 2^15.
fn accumulate(sums: &mut [i16; WIDTH], row: &[u8; WIDTH]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum = sum.wrapping_add(i16::from(value.cast_signed()));
    }
}

/// A convolution of three taps, `dilation` apart, and what is below zero cut off.
///
/// `input` has `dilation` rows of zeros at both ends; the result has `margin` of them.
fn convolve<const IN: usize>(
    input: &[Row<IN>],
    dilation: usize,
    layer: &Layer<HIDDEN>,
    margin: usize,
) -> Vec<Row<HIDDEN>> {
    let count = input.len() - 2 * dilation;
    let mut out = vec![[0.0; HIDDEN]; count + 2 * margin];
    let mut taps = layer.rows.chunks_exact(IN);
    let (Some(left), Some(middle), Some(right)) = (taps.next(), taps.next(), taps.next()) else { return out };
    let inputs = input.iter().zip(input.iter().skip(dilation)).zip(input.iter().skip(2 * dilation));
    for (((before, own), after), out) in inputs.zip(out.iter_mut().skip(margin)) {
        let mut sum = layer.bias;
        for (row, weights) in [(before, left), (own, middle), (after, right)] {
            weigh(&mut sum, row, weights);
        }
        *out = positive(sum);
    }
    out
}

/// sum += row × weights
fn weigh<const OUT: usize>(sum: &mut Row<OUT>, row: &[f32], weights: &[Row<OUT>]) {
    for (value, weights) in row.iter().zip(weights) {
        for (sum, weight) in sum.iter_mut().zip(weights) {
            *sum += value * weight;
        }
    }
}

fn linear<const OUT: usize>(row: &[f32], layer: &Layer<OUT>) -> Row<OUT> {
    let mut sum = layer.bias;
    weigh(&mut sum, row, &layer.rows);
    sum
}

fn positive<const N: usize>(row: Row<N>) -> Row<N> {
    row.map(|value| if value > 0.0 { value } else { 0.0 })
}

/// Adds what a layer was given to what it gave; both have their margins.
fn add(rows: &mut [Row<HIDDEN>], margin: usize, given: &[Row<HIDDEN>], given_margin: usize) {
    for (row, given) in rows.iter_mut().skip(margin).zip(given.iter().skip(given_margin)) {
        for (value, given) in row.iter_mut().zip(given) {
            *value += given;
        }
    }
}
