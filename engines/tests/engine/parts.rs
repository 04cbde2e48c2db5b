//! Cuts a model's file up. The end-to-end tests of `hearthgate models` use it, too.

const ALIGNMENT: usize = 32;

/// Reads a header as far as it takes to cut the file up.
struct Cut<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cut<'_> {
    fn number(&mut self, width: usize) -> usize {
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(&self.bytes[self.at..self.at + width]);
        self.at += width;
        usize::try_from(u64::from_le_bytes(bytes)).unwrap()
    }

    fn text(&mut self) {
        let len = self.number(8);
        self.at += len;
    }

    fn value(&mut self, kind: usize) {
        match kind {
            0 | 1 | 7 => self.at += 1,
            2 | 3 => self.at += 2,
            4..=6 => self.at += 4,
            8 => self.text(),
            9 => {
                let kind = self.number(4);
                for _ in 0..self.number(8) {
                    self.value(kind);
                }
            }
            _ => self.at += 8,
        }
    }
}

/// The bytes of a model in three files, the first without tensors, as `llama-gguf-split` would write them.
pub fn parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut cut = Cut { bytes, at: 8 };
    let (tensors, values) = (cut.number(8), cut.number(8));
    let from = cut.at;
    for _ in 0..values {
        cut.text();
        let kind = cut.number(4);
        cut.value(kind);
    }
    let metadata = &bytes[from..cut.at];
    let infos: Vec<_> = (0..tensors)
        .map(|_| {
            let from = cut.at;
            cut.text();
            let dims = cut.number(4);
            cut.at += 8 * dims + 4;
            let shape = &bytes[from..cut.at];
            (shape, cut.number(8))
        })
        .collect();
    let data = &bytes[cut.at.next_multiple_of(ALIGNMENT)..];
    let middle = tensors / 2;
    [(0, 0), (0, middle), (middle, tensors)]
        .into_iter()
        .enumerate()
        .map(|(number, (first, last))| {
            let keys = if number == 0 { values } else { 0 } + 3;
            let mut part = b"GGUF\x03\0\0\0".to_vec();
            part.extend((last as u64 - first as u64).to_le_bytes());
            part.extend((keys as u64).to_le_bytes());
            if number == 0 {
                part.extend(metadata);
            }
            let mut key = |name: &str, kind: u32, value: &[u8]| {
                part.extend((name.len() as u64).to_le_bytes());
                part.extend(name.as_bytes());
                part.extend(kind.to_le_bytes());
                part.extend(value);
            };
            key("split.no", 2, &u16::try_from(number).unwrap().to_le_bytes());
            key("split.count", 2, &3_u16.to_le_bytes());
            key("split.tensors.count", 5, &u32::try_from(tensors).unwrap().to_le_bytes());
            let begin = infos.get(first).map_or(0, |(_, offset)| *offset);
            let end = infos.get(last).map_or(data.len(), |(_, offset)| *offset);
            for (shape, offset) in &infos[first..last] {
                part.extend(*shape);
                part.extend((*offset as u64 - begin as u64).to_le_bytes());
            }
            part.resize(part.len().next_multiple_of(ALIGNMENT), 0);
            if first < last {
                part.extend(&data[begin..end]);
            }
            part
        })
        .collect()
}
