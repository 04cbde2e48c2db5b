//! Every view of a text in which something that is known already may stand again.
//!
//! Contrast [`How::read`](super::How::read), which finds what is not known: there a scan says which views are worth
//! their cost. Here are those that are told from the text alone: folded, look-alikes, escapes, digits told in other
//! scripts, and what is decoded in it.

use super::decode::{self, Decoded};
use super::mapped::Mapped;
use super::{escapes, fold, lookalike, mirror, spelled, tags};

/// How deep views of views go.
const DEPTH_MAX: usize = 2;

/// From a stretch of a view to that of the text itself.
pub(crate) type Back<'a> = dyn Fn(usize, usize) -> (usize, usize) + 'a;

/// Shows a text in its views, folded, each with the way back, until `show` says that it is enough.
pub(crate) fn each_view(text: &str, show: &mut dyn FnMut(&str, &Back<'_>) -> bool) {
    below(text, 0, &|start, end| (start, end), show);
}

fn below(text: &str, depth: usize, back: &Back<'_>, show: &mut dyn FnMut(&str, &Back<'_>) -> bool) -> bool {
    let goes_on = match fold(text) {
        None => show(text, back),
        Some(folded) => show(&folded.view.text, &|start, end| through(&folded.view, back, start, end)),
    };
    if !goes_on || depth == DEPTH_MAX {
        return goes_on;
    }
    let mut view =
        |view: &Mapped| below(&view.text, depth + 1, &|start, end| through(view, back, start, end), show);
    if !text.is_ascii() {
        let disguises = [tags::resolve, mirror::overridden, lookalike::resolve, lookalike::cyrillic];
        if !disguises.into_iter().filter_map(|resolve| resolve(text)).all(|shown| view(&shown)) {
            return false;
        }
        if spelled::is_likely(text) && spelled::resolve(text).is_some_and(|told| !view(&told.view)) {
            return false;
        }
    }
    if escapes::resolve(text).is_some_and(|shown| !view(&shown)) {
        return false;
    }
    let mut goes_on = true;
    decode::each(text, |decoded| {
        if let Decoded::Text { view: shown, .. } = decoded {
            goes_on = view(&shown);
        }
        goes_on
    });
    goes_on
}

fn through(view: &Mapped, back: &Back<'_>, start: usize, end: usize) -> (usize, usize) {
    let (start, end) = view.original(start, end);
    back(start, end)
}
