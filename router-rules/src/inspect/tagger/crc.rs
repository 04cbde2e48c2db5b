//! CRC-32 as in zlib (ISO 3309): tells a file of weights that was cut or altered.

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "computed when compiling")]
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};

/// The checksum of these bytes.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let step = |state: u32, byte: &u8| {
        let place = usize::from(state.to_le_bytes()[0] ^ byte);
        TABLE.get(place).copied().unwrap_or_default() ^ (state >> 8)
    };
    !bytes.iter().fold(!0, step)
}
