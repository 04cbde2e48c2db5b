//! Words of ASCII letters by their beginnings: from where a word begins, letter by letter, for as long as some word of
//! the lexicon goes on so. Most words of a text are none of the lexicon's, and that shows within two or three letters.

use super::fold::Folded;

/// Letters, digits and the space; 0 is everything else.
const CLASSES: usize = 38;

fn class_of(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a' + 1,
        b'0'..=b'9' => byte - b'0' + 27,
        b' ' => 37,
        _ => 0,
    }
}

/// No word goes on so.
const NONE: u16 = 0;
const EMPTY: (u16, [u16; CLASSES]) = (0, [NONE; CLASSES]);

/// The words, as a table of what follows what.
pub(super) struct Trie {
    /// The class of each byte.
    classes: [u8; 256],
    /// For each node which of the lists below ends there, and the next node by class.
    nodes: Vec<(u16, [u16; CLASSES])>,
    /// The first is empty: most nodes end no word.
    lists: Vec<Vec<u16>>,
}

/// Words that end somewhere, and the stretch that they are.
pub(super) struct Met<'a> {
    pub(super) words: &'a [u16],
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Trie {
    /// Of these words, each with its number. Those that are not written in folded ASCII letters are left out; none where
    /// there are too many.
    pub(super) fn new<'a>(words: impl Iterator<Item = (u16, &'a str)>) -> Option<Self> {
        let classes = std::array::from_fn(|byte| u8::try_from(byte).map_or(0, class_of));
        let mut trie = Self { classes, nodes: vec![EMPTY; 2], lists: vec![Vec::new()] };
        for (number, word) in words.filter(|(_, word)| word.bytes().all(|byte| class_of(byte) != 0)) {
            let mut node = 1;
            for byte in word.bytes().skip_while(|byte| *byte == b' ') {
                node = trie.step(node, byte)?;
            }
            let (list, _) = trie.nodes.get_mut(usize::from(node))?;
            if *list == 0 {
                *list = u16::try_from(trie.lists.len()).ok()?;
                trie.lists.push(Vec::new());
            }
            trie.lists.get_mut(usize::from(*list))?.push(number);
        }
        Some(trie)
    }

    /// The node after this one, made if there is none.
    fn step(&mut self, node: u16, byte: u8) -> Option<u16> {
        let fresh = u16::try_from(self.nodes.len()).ok()?;
        let class = self.class(byte);
        let next = self.nodes.get_mut(usize::from(node))?.1.get_mut(class)?;
        if *next != NONE {
            return Some(*next);
        }
        *next = fresh;
        self.nodes.push(EMPTY);
        Some(fresh)
    }

    /// The words of a folded sentence, by where they begin.
    pub(super) fn each<'a>(&'a self, folded: &Folded, mut met: impl FnMut(Met<'a>)) {
        let Some(root) = self.nodes.get(1) else { return };
        let bytes = folded.as_str().as_bytes();
        for start in folded.spaces() {
            let mut node = root;
            for (at, byte) in bytes.get(start + 1..).unwrap_or_default().iter().enumerate() {
                let next = node.1.get(self.class(*byte)).copied().unwrap_or(NONE);
                let Some(reached) = self.nodes.get(usize::from(next)).filter(|_| next != NONE) else { break };
                node = reached;
                if node.0 != 0 {
                    let words = self.lists.get(usize::from(node.0)).map_or(&[][..], Vec::as_slice);
                    met(Met { words, start: *start, end: start + at + 2 });
                }
            }
        }
    }

    fn class(&self, byte: u8) -> usize {
        self.classes.get(usize::from(byte)).copied().map_or(0, usize::from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    #[test]
    fn words_are_met_where_words_begin() {
        let words = [" go", " go on ", " on ", " gone", "sql"];
        let trie = Trie::new((0..).zip(words)).unwrap();
        let mut met = Vec::new();
        trie.each(&fold("Go on going upon mysql, SQL"), |at| met.push((at.words.to_vec(), at.start, at.end)));
        assert_eq!(
            met,
            [(vec![0], 0, 3), (vec![1], 0, 7), (vec![2], 3, 7), (vec![0], 6, 9), (vec![4], 23, 27),]
        );
    }
}
