//! From a token's bytes to text that may be shown: whole UTF-8, and no part of a stop string.

/// Joins bytes that arrive token by token into whole characters.
#[derive(Default)]
pub(super) struct Utf8 {
    rest: Vec<u8>,
}

impl Utf8 {
    /// The characters that are whole now. Bytes that are no UTF-8 become U+FFFD; a character that is only
    /// begun waits for its end, and is dropped where none comes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.rest.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.rest) {
                Ok(whole) => {
                    text.push_str(whole);
                    self.rest.clear();
                    return text;
                }
                Err(error) => {
                    let (whole, tail) = self.rest.split_at_checked(error.valid_up_to()).unwrap_or_default();
                    text.push_str(std::str::from_utf8(whole).unwrap_or_default());
                    let Some(bad) = error.error_len() else {
                        self.rest = tail.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.rest = tail.get(bad..).unwrap_or_default().to_vec();
                }
            }
        }
    }
}

/// Finds stop strings in text that arrives in pieces, and holds back what may be the start of one.
pub(super) struct Stops {
    stops: Vec<String>,
    held: String,
    stopped: bool,
}

impl Stops {
    pub(super) fn new(stops: Vec<String>) -> Self {
        Self { stops, held: String::new(), stopped: false }
    }

    /// Text that is free to be shown. After a stop string has matched, nothing is.
    pub(super) fn push(&mut self, text: &str) -> String {
        if self.stopped {
            return String::new();
        }
        self.held.push_str(text);
        let found = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min();
        let keep = match found {
            Some(start) => {
                self.stopped = true;
                start
            }
            None => self.held.len() - self.stops.iter().map(|stop| self.begun(stop)).max().unwrap_or(0),
        };
        let tail = self.held.split_off(keep);
        std::mem::replace(&mut self.held, tail)
    }

    /// Whether a stop string has matched.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// What was held back, once no more text comes and no stop string has matched.
    pub(super) fn finish(&mut self) -> String {
        if self.stopped { String::new() } else { std::mem::take(&mut self.held) }
    }

    /// Bytes at the end of what is held that begin this stop string.
    fn begun(&self, stop: &str) -> usize {
        let ends = |n: &usize| stop.get(..*n).is_some_and(|head| self.held.ends_with(head));
        (1..stop.len()).rev().find(ends).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_comes_out_whole_wherever_it_is_split() {
        let text = "aé€🦀z\u{10FFFF}";
        for cut in 1..5 {
            let mut utf8 = Utf8::default();
            let joined: String = text.as_bytes().chunks(cut).map(|part| utf8.push(part)).collect();
            assert_eq!(joined, text);
        }
        let mut utf8 = Utf8::default();
        assert_eq!(utf8.push(&[0xF0, 0x9F]), "");
        assert_eq!(utf8.push(&[0x41, 0xFF, 0x42]), "\u{FFFD}A\u{FFFD}B");
        assert_eq!(utf8.push(&[0xE2, 0x82]), "");
    }

    #[test]
    fn a_stop_string_is_found_across_pieces_and_never_shown() {
        for cut in 1..6 {
            let mut stops = Stops::new(vec!["END".into(), "éé".into()]);
            let text: Vec<char> = "one E two EN three END four".chars().collect();
            let shown: String =
                text.chunks(cut).map(|part| stops.push(&part.iter().collect::<String>())).collect();
            assert_eq!(shown, "one E two EN three ", "cut at {cut}");
            assert!(stops.stopped());
            assert_eq!(stops.finish(), "");
        }
    }

    #[test]
    fn what_only_began_a_stop_string_is_shown_at_the_end() {
        let mut stops = Stops::new(vec!["é€x".into()]);
        assert_eq!(stops.push("aé"), "a");
        assert_eq!(stops.push("é€"), "é");
        assert_eq!(stops.finish(), "é€");
        assert!(!stops.stopped());
    }

    #[test]
    fn the_earliest_of_several_stops_wins() {
        let mut stops = Stops::new(vec!["bc".into(), "abcd".into()]);
        assert_eq!(stops.push("xabc"), "xa");
        assert!(stops.stopped());
    }
}
